//! A platform in Ireland that serves three businesses from one system: connected accounts, a calendar and a sender for each,
//! a tenant column in the database. A customer of one may be a customer of another.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[("Slotline", "slotline"), ("Bookwell", "bookwell")]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W} {d} {M} {y}, {HH}:{mi}",
        "{dd}/{nn}/{y} at {h}:{mi} {ap}",
        "{w} {th} {m} {y} {h}.{mi}{ap}",
    ]);
    let dates = dates(&moment, "{d} {M} {y}", "{HH}:{mi}");
    let tenants = [
        "Clare Surf School|claresurf",
        "Burren Bike Tours|burrenbikes",
        "Lough Derg Canoes|derg-canoes",
    ]
    .iter()
    .filter_map(|tenant| tenant.split_once('|'))
    .map(|(name, short)| Tenant {
        name: name.to_owned(),
        sender: format!("{short}@mail.{domain}"),
        account: format!("acct_1{}", words.token(15, PLAIN)),
        calendar: format!("{short}@calendar.{domain}"),
    })
    .collect();
    Business {
        zone: chrono_tz::Europe::Dublin,
        country: "IE",
        language: Language::English,
        currency: Currency {
            code: "eur",
            decimals: 2,
        },
        address: "2 Shannon Row, Limerick".to_owned(),
        phone: "061 555 014".to_owned(),
        people: people(),
        trade: trade(),
        reference: match words.below(2) {
            0 => ReferenceShape::Code {
                prefix: String::new(),
                length: 6,
                alphabet: PLAIN,
            },
            _ => ReferenceShape::Sequential {
                prefix: "B".to_owned(),
                first: 51_306,
            },
        },
        tenants,
        mail: mail(words, name, &domain, &dates),
        calendar: calendar(words, dates),
        stripe: stripe(words),
        schema: schema(words),
        name: name.to_owned(),
        domain,
    }
}

fn people() -> People {
    People {
        given: names(
            "Conor Aoife Seán Saoirse Patrick Ciara Cian Niamh Oisín Róisín Michael Emma Darragh Caoimhe Liam Orla Eoin Sinéad \
             Declan Gráinne Fionn Maeve Brendan Deirdre",
        ),
        family: names(
            "Murphy Kelly Walsh Byrne Ryan O'Brien O'Sullivan O'Connor Doyle McCarthy Gallagher Doherty Kennedy Lynch Murray Quinn \
             Moore McLoughlin O'Carroll Connolly Daly Ó_Súilleabháin Ní_Dhomhnaill Fitzgerald Brennan",
        ),
        family_parts: (
            names("Brod Cal Car Cas Con Cun Dar Del Don Fin Gal Hal Ken Mac Mul Rad Rear Shan Tier Tuo"),
            names(
                "agan an ane aney dy erty ey gan han igan igley lin nally naghan nell nigan ogue rick roy well",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["085 ### ####", "087#######", "+353 86 ### ####"]),
        mail_hosts: texts(&[
            "eircom.example",
            "gmail.example",
            "outlook.example",
            "icloud.example",
        ]),
        companies: texts(&["Shannon Outdoor Club", "Mulcahy & Sons"]),
    }
}

fn trade() -> Trade {
    Trade {
        classes: vec![
            class("Board", &[], 1500, "S-###"),
            class("Bike", &[], 1200, "B-###"),
            class("Canoe", &[], 1800, "C-###"),
        ],
        naming: "{class} {n}".to_owned(),
        fleet_min: 18,
        stay: Stay::Timed {
            minutes: vec![(3, 120), (3, 180), (2, 360), (1, 1440)],
            opens: 540,
            closes: 1110,
            step: 30,
        },
        rate_minutes: 60,
        seats: None,
        plans: vec![(8, Plan::Full), (2, Plan::Deposit(30))],
        lead_days_max: 40,
        returning: 0.25,
        changed: 0.12,
        cancelled: 0.07,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let mut lines = vec![
        line(
            words,
            &["Booking", "Booking code", "Your code"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["With", "Provider"], "{business}", Shown::Always),
        line(words, &["Guest", "Name"], "{name}", Shown::Always),
        line(words, &["What", "Booked"], "{resource}", Shown::Always),
        line(words, &["Starts", "When"], "{start}", Shown::Always),
        line(words, &["Ends", "Finishes"], "{end}", Shown::WhileBooked),
        line(words, &["Price", "Total"], "{total}", Shown::WhileBooked),
        line(words, &["Due on the day"], "{due}", Shown::WithBalance),
    ];
    words.shuffle(&mut lines[1..4]);
    MailWords {
        sender: format!("no-reply@mail.{domain}"),
        sender_name: name.to_owned(),
        subjects: four([
            "{business}: booking {reference}",
            "{business}: booking {reference} changed",
            "{business}: booking {reference} cancelled",
            "Tomorrow at {business}",
        ]),
        headlines: four([
            "Your booking is confirmed.",
            "Your booking was changed.",
            "Your booking was cancelled.",
            "See you tomorrow.",
        ]),
        greeting: words.word(&["Hi {given},", "Hello {name},"]),
        lines,
        prose: Default::default(),
        closing: vec![
            "{business}".to_owned(),
            format!("Sent by {name} on behalf of {{business}}"),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["€{}", "EUR {}"]), ".", ","),
        text: words.pick(&[TextStyle::Pairs(": "), TextStyle::Aligned]).clone(),
        html: *words.pick(&[HtmlStyle::Table, HtmlStyle::Builder, HtmlStyle::Definitions]),
        structured: words
            .pick(&[Structured::None, Structured::JsonLd("EventReservation")])
            .clone(),
        strikes_out: false,
        reminds: true,
        replies: texts(&["Thanks a million! Are wetsuits included?", "Grand, see you then."]),
        quotes: "On {sent}, {business} <{sender}> wrote:".to_owned(),
        forwards: "---------- Forwarded message ---------".to_owned(),
        unrelated: pairs(&[
            ("Your monthly statement", "Fees this month: {amount}."),
            ("Invoice 77", "Please pay {amount} within 14 days."),
        ]),
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (3, Encoding::Base64),
            (1, Encoding::EightBit),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::PerTenant,
        id: String::new(),
        summary: String::new(),
        shape: EventShape::Timed,
        title: words.word(&[
            "{reference} {name} – {resource}",
            "{name}, {resource}",
            "{resource} [{reference}]",
        ]),
        return_title: String::new(),
        informal: texts(&["{given} {resource}", "{family} {class}"]),
        description: words.word(&[
            "{name}\n{phone}",
            "{email} {phone}\n{reference}",
            "{total}\n{phone}",
        ]),
        informal_description: "ring {phone}".to_owned(),
        location: String::new(),
        properties: if words.chance(0.5) {
            pairs(&[("booking", "{reference}")])
        } else {
            Vec::new()
        },
        invites: false,
        dates,
        cancelled_prefix: None,
        unrelated: texts(&["Repair {code}", "Instructor course", "Closed for weather"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(2) {
            0 => pairs(&[("booking_code", "{reference}"), ("kind", "{purpose}")]),
            _ => pairs(&[("booking_id", "{id}"), ("code", "{reference}")]),
        },
        purposes: four(["full", "deposit", "balance", "top-up"]),
        description: words.word(&["{business} {reference}", "{resource}", ""]),
        informal: texts(&["{resource} {family}", "walk-in", ""]),
        terminal: "Card reader".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Lost leash", 1500, 2500)]),
        unrelated: sales(&[("Gift voucher", 3000, 9000), ("Hoodie", 3500, 4500)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Session]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let zoned = TimeColumn::Zoned;
    let cents = MoneyColumn::Minor;
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            "assets|inventory",
            "id",
            vec![
                ("tenant_id", Holds::Tenant),
                ("name", Holds::Name),
                ("tag", Holds::Code),
                ("category", Holds::Class),
                ("rate_cents", Holds::Rate(cents)),
            ],
        ),
        customer: table(
            words,
            "people|contacts",
            "id",
            vec![
                ("name|display_name", Holds::Name),
                ("email", Holds::Email),
                ("phone", Holds::Phone),
                ("created_at", Holds::CreatedAt(zoned)),
            ],
        ),
        booking: table(
            words,
            "bookings|orders",
            "id",
            vec![
                ("tenant_id", Holds::Tenant),
                ("code|reference", Holds::Reference),
                ("contact_id|person_id", Holds::Customer),
                ("asset_id", Holds::Resource),
                ("starts_at|from_ts", Holds::StartsAt(zoned)),
                ("ends_at|to_ts", Holds::EndsAt(zoned)),
                ("status", Holds::Status),
                ("total_cents", Holds::Total(cents)),
                ("currency", Holds::Currency),
                ("origin", constant("widget", "reconstructed")),
                ("created_at", Holds::CreatedAt(zoned)),
            ],
        ),
        payment: table(
            words,
            "payments|transactions",
            "id",
            vec![
                ("booking_id|order_id", Holds::Booking),
                ("charge_id|provider_ref", Holds::ProviderId),
                ("amount_cents", Holds::Amount(cents)),
                ("refunded_cents", Holds::Refunded(cents)),
                ("currency", Holds::Currency),
                ("paid_at", Holds::PaidAt(zoned)),
            ],
        ),
        tenant: Some(table(
            words,
            "tenants|shops",
            "id",
            vec![("name", Holds::Name), ("stripe_account", Holds::Code)],
        )),
        statuses: three(["confirmed", "cancelled", "completed"]),
        uuids: false,
    }
}
