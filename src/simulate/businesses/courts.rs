//! Courts by the hour in New Zealand, of several clubs on one platform: a connected account, a calendar and a sender for each,
//! rows under the club's number and their own, and clocks that are set back late in the window.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Courtline", "courtline"),
        ("Rally NZ", "rallynz"),
        ("Netpost", "netpost"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{w} {d} {m} {y}, {h}:{mi}{ap}",
        "{W} {d} {M} at {h}.{mi} {ap}, {y}",
        "{y}-{nn}-{dd} {HH}:{mi}",
    ]);
    let dates = dates(&moment, "{d} {M} {y}", "{h}:{mi}{ap}");
    let tenants = [
        "Otago Padel|otago",
        "Bay Squash Club|baysquash",
        "Harbour Tennis|harbourtennis",
        "Kererū Badminton|kereru",
    ]
    .iter()
    .filter_map(|tenant| tenant.split_once('|'))
    .map(|(name, short)| Tenant {
        name: name.to_owned(),
        sender: format!("{short}@clubs.{domain}"),
        account: format!("acct_1{}", words.token(15, PLAIN)),
        calendar: format!("{short}@calendar.{domain}"),
    })
    .collect();
    Business {
        zone: chrono_tz::Pacific::Auckland,
        country: "NZ",
        language: Language::English,
        currency: Currency {
            code: "nzd",
            decimals: 2,
        },
        address: "4 Quay Lane, Dunedin".to_owned(),
        phone: "03 555 0147".to_owned(),
        people: people(),
        trade: trade(words),
        reference: match words.below(3) {
            0 => ReferenceShape::Code {
                prefix: "CT-".to_owned(),
                length: 6,
                alphabet: "0123456789",
            },
            1 => ReferenceShape::Code {
                prefix: String::new(),
                length: 7,
                alphabet: "abcdefghjkmnpqrstuvwxyz23456789",
            },
            _ => ReferenceShape::Sequential {
                prefix: "#".to_owned(),
                first: 7_120,
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
            "Aroha Nikau Tane Mere Hemi Ngaio Wiremu Kiri Jack Charlotte Liam Isla Mason Amelia Cooper Ruby Hunter Sione Ana \
             Manaia Ariana Oliver Sophie Raj Mei Hana Toby Georgia",
        ),
        family: names(
            "Smith Wilson Williams Brown Taylor Jones Singh Wang Anderson Li Thompson Patel Walker Chen Campbell Tūhoe Ngata \
             Parata Tamihana Faleafa Tuilagi Ropata Henare McKenzie O'Brien Fraser Sutherland Te_Rangi",
        ),
        family_parts: (
            names("Ara Awa Hau Kah Kai Kau Mata Moa Nga Oto Pae Pou Rau Roto Tai Tara Wai Whe"),
            names("hanga hei kawa kere koa manu mate moana nui pai pono rangi roa tahi tama tea toa wera"),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["021 555 ###", "+64 27 555 ####", "022 555 ####"]),
        mail_hosts: texts(&[
            "xtra.example",
            "gmail.example",
            "outlook.example",
            "slingshot.example",
        ]),
        companies: texts(&["Southern Orthopaedics", "Te Awa College", "Kiwi Freight Ltd"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let naming = words.word(&["{class} {n}", "{class} court {n}", "Court {n} ({class})"]);
    Trade {
        classes: vec![
            class("Indoor", &[], 3200, "I##"),
            class("Outdoor", &[], 2450, "O##"),
        ],
        naming,
        fleet_min: 16,
        stay: Stay::Timed {
            minutes: vec![(6, 60), (3, 90), (2, 120)],
            opens: 420,
            closes: 1320,
            step: 30,
        },
        rate_minutes: 30,
        seats: None,
        plans: vec![(9, Plan::Full), (1, Plan::OnSite)],
        lead_days_max: 21,
        returning: 0.45,
        changed: 0.15,
        cancelled: 0.1,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let prose = words.chance(0.4);
    let mut lines = vec![
        line(
            words,
            &["Booking", "Ref", "Court pass"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["Club", "Venue"], "{business}", Shown::Always),
        line(words, &["Player", "Booked by"], "{name}", Shown::Always),
        line(words, &["Court", "Your court"], "{resource}", Shown::Always),
        line(words, &["On court", "Play from"], "{start}", Shown::Always),
        line(words, &["Off court", "Finish"], "{end}", Shown::WhileBooked),
        line(
            words,
            &["Fee", "Court fee", "You pay"],
            "{total}",
            Shown::WhileBooked,
        ),
    ];
    words.shuffle(&mut lines[1..4]);
    MailWords {
        sender: format!("no-reply@clubs.{domain}"),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "Game on: {reference}",
                "Court changed: {reference}",
                "Court released: {reference}",
                "You play tomorrow",
            ]),
            _ => four([
                "{business} court booking {reference}",
                "{business} court booking {reference} - update",
                "{business} court booking {reference} - cancelled",
                "{business} tomorrow",
            ]),
        },
        headlines: four([
            "Your court is booked.",
            "Your court booking has been updated.",
            "Your court booking has been cancelled.",
            "See you on court tomorrow.",
        ]),
        greeting: words.word(&["Kia ora {given},", "Hi {name},"]),
        lines,
        prose: if prose {
            [
                texts(&[
                    "{resource} is yours at {business} from {start} until {end}. The fee is {total}, and your booking is {reference}.",
                    "Booking {reference} at {business}: {resource}, {start} to {end}, {total} in all.",
                ]),
                texts(&[
                    "Booking {reference} at {business} is now {resource}, {start} to {end}, for {total}.",
                ]),
                texts(&["Booking {reference} at {business} ({resource}, {start}) is off."]),
                texts(&["Tomorrow you have {resource} at {business} from {start}. Booking {reference}."]),
            ]
        } else {
            Default::default()
        },
        closing: vec!["Ngā mihi, {business}".to_owned(), format!("Powered by {name}")],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["${}", "NZ${}", "{} NZD"]), ".", ","),
        text: words
            .pick(&[
                TextStyle::Pairs(": "),
                TextStyle::Pairs(" > "),
                TextStyle::Aligned,
            ])
            .clone(),
        html: *words.pick(&[HtmlStyle::Absent, HtmlStyle::Builder, HtmlStyle::Paragraphs]),
        structured: words
            .pick(&[
                Structured::None,
                Structured::Microdata("EventReservation"),
                Structured::Calendar,
            ])
            .clone(),
        strikes_out: words.chance(0.4),
        reminds: true,
        replies: texts(&["Cheers! Can we hire rackets?", "Sweet as, see you there."]),
        quotes: "On {sent} {business} wrote:".to_owned(),
        forwards: "Begin forwarded message:".to_owned(),
        unrelated: pairs(&[
            ("Club ladder", "The autumn ladder starts soon, {amount} a player."),
            ("Invoice 9021", "Resurfacing of two courts: {amount}."),
        ]),
        encodings: vec![
            (4, Encoding::QuotedPrintable),
            (3, Encoding::EightBit),
            (3, Encoding::Base64),
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
            "{resource} {name}",
            "{name} · {reference}",
            "[{reference}] {resource} {family}",
        ]),
        return_title: String::new(),
        informal: texts(&["{given} + 3", "{family} {resource}"]),
        description: words.word(&["{reference}\n{phone}", "{email}\n{total}", "{name}\n{reference}"]),
        informal_description: "txt {phone}".to_owned(),
        location: words.word(&["", "{resource}"]),
        properties: if words.chance(0.4) {
            pairs(&[("uid", "{id}")])
        } else {
            Vec::new()
        },
        invites: words.chance(0.4),
        dates,
        cancelled_prefix: None,
        unrelated: texts(&["Coaching squad", "Lights out for repair", "Club committee"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => pairs(&[("pass", "{reference}")]),
            1 => pairs(&[("booking_uuid", "{id}"), ("court", "{resource}")]),
            _ => pairs(&[("court", "{resource}"), ("slot", "{iso_start}")]),
        },
        purposes: four(["court", "deposit", "balance", "difference"]),
        description: words.word(&["Court hire {reference}", "{resource} {start}", "Court hire"]),
        informal: texts(&["court {family}", "casual", ""]),
        terminal: "Clubhouse EFTPOS".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Racket hire", 500, 1500), ("Balls", 1200, 2500)]),
        unrelated: sales(&[("Club shirt", 4500, 7500), ("Junior camp", 12_000, 24_000)]),
        carrier: *words.pick(&[Carrier::Session, Carrier::Charge, Carrier::Intent]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let zoned = TimeColumn::Zoned;
    let cents = MoneyColumn::Minor;
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            "courts",
            "id",
            vec![
                ("club_id", Holds::Tenant),
                ("label|name", Holds::Name),
                ("code", Holds::Code),
                ("surface|kind", Holds::Class),
                ("half_hour_cents", Holds::Rate(cents)),
            ],
        ),
        customer: table(
            words,
            "players|members",
            "id",
            vec![
                ("first_name|given_name", Holds::FirstName),
                ("last_name|surname", Holds::LastName),
                ("email", Holds::Email),
                ("mobile", Holds::Phone),
                ("joined_at|created_at", Holds::CreatedAt(zoned)),
            ],
        ),
        booking: table(
            words,
            "court_bookings|games",
            "id",
            vec![
                ("club_id", Holds::Tenant),
                ("reference|pass", Holds::Reference),
                ("player_id|member_id", Holds::Customer),
                ("court_id", Holds::Resource),
                ("starts_at|play_from", Holds::StartsAt(zoned)),
                ("ends_at|play_to", Holds::EndsAt(zoned)),
                ("status|state", Holds::Status),
                ("fee_cents", Holds::Total(cents)),
                ("source", constant("app", "reconstructed")),
                ("created_at|made_at", Holds::CreatedAt(zoned)),
            ],
        ),
        payment: table(
            words,
            "payments|receipts",
            "booking_id+charge_id",
            vec![
                ("booking_id", Holds::Booking),
                ("charge_id", Holds::ProviderId),
                ("cents", Holds::Amount(cents)),
                ("refunded_cents", Holds::Refunded(cents)),
                ("paid_at", Holds::PaidAt(zoned)),
            ],
        ),
        tenant: Some(table(
            words,
            "clubs",
            "id",
            vec![("name", Holds::Name), ("stripe_account", Holds::Code)],
        )),
        statuses: match words.below(2) {
            0 => three(["booked", "released", "played"]),
            _ => three(["CONFIRMED", "CANCELLED", "DONE"]),
        },
        uuids: true,
    }
}
