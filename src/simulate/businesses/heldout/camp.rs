//! A desert camp in Kuwait: English letters, dinars of three decimals, and invoices that alone carry what a payment is for.

use super::super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Al Sahra Camp", "alsahra-camp"),
        ("Dune House Kuwait", "dunehouse"),
        ("Najma Desert Tents", "najmatents"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W} {d} {M} {y} at {h}:{mi} {AP}",
        "{dd}/{nn}/{y} {HH}:{mi}",
        "{dd}-{m}-{y} {h}.{mi}{ap}",
        "{y}/{nn}/{dd} - {HH}:{mi}",
    ]);
    let dates = dates(&moment, "{d} {M} {y}", "{HH}:{mi}");
    let reference = match words.below(3) {
        0 => ReferenceShape::Sequential {
            prefix: "CAMP/".to_owned(),
            first: 2081,
        },
        1 => ReferenceShape::Code {
            prefix: "Q".to_owned(),
            length: 5,
            alphabet: CAPITALS,
        },
        _ => ReferenceShape::Code {
            prefix: String::new(),
            length: 8,
            alphabet: "0123456789",
        },
    };
    Business {
        zone: chrono_tz::Asia::Kuwait,
        country: "KW",
        language: Language::English,
        currency: Currency {
            code: "kwd",
            decimals: 3,
        },
        address: words.word(&["Subiya Road km 24, Kuwait", "Al Salmi Desert, Plot 9, Kuwait"]),
        phone: "2555 0142".to_owned(),
        people: people(),
        trade: trade(words),
        reference,
        tenants: Vec::new(),
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
            "Ahmad Fatima Mohammed Noura Abdullah Mariam Yousef Dalal Khaled Hessa Omar Aisha Bader Sara Faisal Reem Ali Shaikha \
             Nasser Lulwa Priya Rajesh Maria James Hamad Dana Jassim Zainab",
        ),
        family: names(
            "Al-Sabah Al-Mutairi Al-Ajmi Al-Enezi Al-Rashidi Al-Hajri Al-Otaibi Al-Dosari Al-Kandari Al-Awadhi Behbehani Marafie \
             Al-Shammari Al-Azmi Al-Fadhli Nair Thomas Fernandes Santos Khan Al_Ghanim Bin_Salem Dashti Boodai",
        ),
        family_parts: (
            names("Al-Ba Al-Du Al-Fa Al-Ha Al-Ja Al-Ka Al-Ma Al-Na Al-Qa Al-Ra Al-Sa Al-Wa Al-Za"),
            names("bri daini ddad hmi jri kami lami maari nsour rgawi sheed tairi waisi yyer"),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["9### ####", "+965 6#######", "5#######", "00965 9### ####"]),
        mail_hosts: texts(&[
            "qualitynet.example",
            "gmail.example",
            "outlook.example",
            "icloud.example",
        ]),
        companies: texts(&["Gulf Horizon Trading", "Burgan Logistics"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let naming = words.word(&["{class} {n}", "{class} no. {n}", "{class} T{n}"]);
    Trade {
        classes: vec![
            class("Family Tent", &[], 2500, "F-##"),
            class("Diwaniya", &[], 4250, "D-##"),
            class("Royal Tent", &[], 7125, "R-##"),
        ],
        naming,
        fleet_min: 6,
        stay: Stay::Timed {
            minutes: vec![(3, 360), (4, 1440), (2, 2880), (1, 4320)],
            opens: 840,
            closes: 1320,
            step: 60,
        },
        rate_minutes: 60,
        seats: None,
        plans: vec![(5, Plan::Full), (5, Plan::Deposit(40))],
        lead_days_max: 35,
        returning: 0.2,
        changed: 0.12,
        cancelled: 0.08,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let mut lines = vec![
        line(
            words,
            &["Camp booking", "Our ref", "Booking ID"],
            "{reference}",
            Shown::Always,
        ),
        line(
            words,
            &["Guest", "Host of the party", "Booked for"],
            "{name}",
            Shown::Always,
        ),
        line(words, &["Mobile", "Contact"], "{phone}", Shown::WhileBooked),
        line(words, &["Tent", "Your tent", "Site"], "{resource}", Shown::Always),
        line(
            words,
            &["Camp opens for you", "Arrival", "From"],
            "{start}",
            Shown::Always,
        ),
        line(
            words,
            &["Please leave by", "Departure", "Until"],
            "{end}",
            Shown::WhileBooked,
        ),
        line(
            words,
            &["Amount", "Camp fee", "Price (all in)"],
            "{total}",
            Shown::WhileBooked,
        ),
        line(words, &["Paid so far", "Received"], "{paid}", Shown::WithBalance),
        line(words, &["To settle", "Remaining"], "{due}", Shown::WithBalance),
    ];
    if words.chance(0.3) {
        lines.remove(2);
    }
    MailWords {
        sender: format!("{}@{domain}", words.word(&["camp", "hello", "bookings"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "Your tent is ready to be pitched",
                "New plan for your camp",
                "Your camp is called off",
                "See you in the desert tomorrow",
            ]),
            _ => four([
                "{business}: booking {reference}",
                "{business}: booking {reference} amended",
                "{business}: booking {reference} cancelled",
                "{business}: tomorrow",
            ]),
        },
        headlines: four([
            "We look forward to hosting you.",
            "As agreed, here is your amended booking.",
            "Your booking has been cancelled as requested.",
            "A reminder of tomorrow.",
        ]),
        greeting: words.word(&["Dear {name},", "Salam {given},", "Dear Mr/Ms {family},"]),
        lines,
        prose: Default::default(),
        closing: vec!["{business}".to_owned(), "{address} - {house_phone}".to_owned()],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["KD {}", "{} KWD", "KWD {}", "K.D. {}"]), ".", ","),
        text: words
            .pick(&[TextStyle::Below, TextStyle::Pairs(" - "), TextStyle::Pairs(": ")])
            .clone(),
        html: *words.pick(&[HtmlStyle::Definitions, HtmlStyle::Table, HtmlStyle::Absent]),
        structured: if words.chance(0.3) {
            Structured::Microdata("EventReservation")
        } else {
            Structured::None
        },
        strikes_out: words.chance(0.5),
        reminds: true,
        replies: texts(&[
            "Thank you. Is firewood included?",
            "Shukran, can we bring a generator?",
        ]),
        quotes: "On {sent}, {business} ({sender}) wrote:".to_owned(),
        forwards: "----- Forwarded message -----".to_owned(),
        unrelated: pairs(&[
            ("Statement of account", "Your balance with us is {amount}."),
            (
                "Water tanker",
                "Delivery on 4 March, {amount} payable to the driver.",
            ),
            ("Spring season", "Weeknights from {amount}."),
        ]),
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (3, Encoding::EightBit),
            (2, Encoding::Base64),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    let twice = words.chance(0.3);
    CalendarWords {
        split: CalendarSplit::One,
        id: words.word(&["tents", "camp.bookings"]),
        summary: "Tents".to_owned(),
        shape: if twice {
            EventShape::OutAndReturn
        } else {
            EventShape::Timed
        },
        title: if twice {
            "IN {resource} {name}".to_owned()
        } else {
            words.word(&[
                "{name} | {resource}",
                "{resource} ({family})",
                "{reference} {resource}",
            ])
        },
        return_title: "OUT {resource} {name}".to_owned(),
        informal: texts(&["{family} {resource}", "tent for {given}", "{name} call first"]),
        description: words.word(&[
            "{reference}\n{phone}",
            "{phone}\n{total}",
            "Guest {name}\n{email}\nRef {reference}",
        ]),
        informal_description: "tel {phone}".to_owned(),
        location: String::new(),
        properties: Vec::new(),
        invites: false,
        dates,
        cancelled_prefix: words.chance(0.4).then(|| "X ".to_owned()),
        unrelated: texts(&[
            "Generator service",
            "{resource} new carpets",
            "Municipality visit",
        ]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => pairs(&[("camp_ref", "{reference}")]),
            1 => pairs(&[("bid", "{id}"), ("part", "{purpose}")]),
            _ => Vec::new(),
        },
        purposes: four(["whole", "advance", "remainder", "top-up"]),
        description: words.word(&[
            "{resource}, {date} ({reference})",
            "Camp booking {reference}: {purpose}",
        ]),
        informal: texts(&["tent", "camp {family}", ""]),
        terminal: "K-Net camp gate".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Firewood", 2000, 9000), ("Late departure", 5000, 15_000)]),
        unrelated: sales(&[("Gift voucher", 20_000, 90_000), ("Falcon show", 6000, 24_000)]),
        carrier: Carrier::Invoice,
    }
}

fn schema(words: &mut Random) -> Schema {
    let epoch = TimeColumn::Epoch;
    let fils = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    Schema {
        dialect: Dialect::Sqlite,
        resource: table(
            words,
            "tents|sites",
            "id",
            vec![
                ("label|name", Holds::Name),
                ("plate|tag", Holds::Code),
                ("grade|kind", Holds::Class),
                ("hour_fee", Holds::Rate(fils)),
            ],
        ),
        customer: table(
            words,
            "parties|people|contacts",
            "id",
            vec![
                ("name|full_name", Holds::Name),
                ("email|mail", Holds::Email),
                ("mobile|tel", Holds::Phone),
                ("added|since", Holds::CreatedAt(epoch)),
            ],
        ),
        booking: table(
            words,
            "camps|stays|bookings",
            "id",
            vec![
                ("ref|code", Holds::Reference),
                ("party_id|contact_id", Holds::Customer),
                ("tent_id|site_id", Holds::Resource),
                ("t_from|opens", Holds::StartsAt(epoch)),
                ("t_to|closes", Holds::EndsAt(epoch)),
                ("phase|state", Holds::Status),
                ("fee|price", Holds::Total(fils)),
                ("via", constant("site", "recovered")),
                ("added|made", Holds::CreatedAt(epoch)),
            ],
        ),
        payment: table(
            words,
            "receipts|money_in",
            "id",
            vec![
                ("camp_id|booking_id", Holds::Booking),
                ("charge", Holds::ProviderId),
                ("kd|amount", Holds::Amount(fils)),
                ("back|refund", Holds::Refunded(fils)),
                ("ts|at", Holds::PaidAt(epoch)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["on", "off", "over"]),
            _ => three(["BOOKED", "DROPPED", "HOSTED"]),
        },
        uuids: false,
    }
}
