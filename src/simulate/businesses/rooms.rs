//! Rooms by the hour in the United States: letters in prose, and at the provider an internal id that no letter names.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Brick & Beam Studios", "brickandbeam"),
        ("Lakeview Rehearsal", "lakeviewrehearsal"),
        ("The Study Hall", "studyhall"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W}, {M} {th} at {h}:{mi} {AP}",
        "{w} {n}/{d}/{yy} {h}:{mi}{ap}",
        "{M} {d}, {y} at {h}:{mi} {AP}",
    ]);
    // A moment without a year is as people write it; its year then stands nowhere in the letter.
    let dates = dates(&moment, "{M} {d}, {y}", "{h}:{mi} {AP}");
    let reference = match words.below(2) {
        0 => ReferenceShape::None,
        _ => ReferenceShape::Code {
            prefix: String::new(),
            length: 8,
            alphabet: "0123456789",
        },
    };
    let named = !matches!(reference, ReferenceShape::None);
    Business {
        zone: chrono_tz::America::Chicago,
        country: "US",
        language: Language::English,
        currency: Currency {
            code: "usd",
            decimals: 2,
        },
        address: "412 W Randolph St, Chicago".to_owned(),
        phone: "(312) 555-0188".to_owned(),
        people: people(),
        trade: trade(words),
        reference,
        tenants: Vec::new(),
        mail: mail(words, named, name, &domain, &dates),
        calendar: calendar(words, dates),
        stripe: stripe(words),
        schema: schema(words, named),
        name: name.to_owned(),
        domain,
    }
}

fn people() -> People {
    People {
        given: names(
            "Liam Olivia Noah Emma Ethan Sophia Mason Isabella Logan Mia Jayden Harper Caleb Avery Tyler Madison Brandon Destiny \
             DeShawn Guadalupe Wei Aaliyah Tyrone Siobhan Mary-Ann José Thuy Rebecca Zachary Brittany",
        ),
        family: names(
            "Johnson Williams Brown Garcia Miller Davis Martinez Hernandez Lopez Wilson Anderson Thomas Jackson Lee Thompson White \
             Harris Clark Ramirez Nguyen Kowalski O'Connor McDonald Washington Schwartz Park St._John Van_Buren Rivera Patel",
        ),
        family_parts: (
            names(
                "Ander Arm Blake Carl Clay Dawes Ells Fitz Green Harr Jeffer Law Mc Nel Parker Rich Samp Stephen Wat Whit",
            ),
            names(
                "burn field ford gate house kins land ley man mont more ridge side son stead ston strong ton ville worth",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["(###) 555-01##", "###-555-01##", "+1 ### 555 01##"]),
        mail_hosts: texts(&[
            "gmail.example",
            "yahoo.example",
            "icloud.example",
            "proton.example",
            "outlook.example",
        ]),
        companies: texts(&["Prairie Theater Collective", "Halsted Consulting LLC"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let rooms = match words.below(2) {
        0 => ["Studio A", "Studio B", "The Loft", "Green Room", "Blackbox"],
        _ => ["Maple Room", "Oak Room", "Birch Room", "Cedar Room", "Elm Room"],
    };
    Trade {
        classes: vec![
            class("Small", &rooms[..2], 2500, ""),
            class("Medium", &rooms[2..4], 4000, ""),
            class("Large", &rooms[4..], 7500, ""),
        ],
        naming: String::new(),
        fleet_min: 5,
        stay: Stay::Timed {
            minutes: vec![(2, 60), (4, 120), (2, 180), (1, 240)],
            opens: 480,
            closes: 1320,
            step: 30,
        },
        rate_minutes: 60,
        seats: None,
        plans: vec![(9, Plan::Full), (1, Plan::OnSite)],
        lead_days_max: 30,
        returning: 0.35,
        changed: 0.12,
        cancelled: 0.08,
    }
}

fn mail(words: &mut Random, named: bool, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let number = if named {
        words.word(&[
            " Your confirmation number is {reference}.",
            "\n\nConfirmation #{reference}",
        ])
    } else {
        String::new()
    };
    let with = |phrases: &[&str]| {
        phrases
            .iter()
            .map(|phrase| format!("{phrase}{number}"))
            .collect::<Vec<_>>()
    };
    let mut confirmations = with(&[
        "You're all set! {resource} is yours from {start} until {end_time}. We charged {total} to your card.",
        "Thanks for booking with us. We've reserved {resource} for you, {start} to {end_time} ({length} hours, {total}).",
        "Your reservation is confirmed: {resource}, starting {start} and ending at {end_time}. Total: {total}.",
    ]);
    words.shuffle(&mut confirmations);
    confirmations.truncate(2);
    MailWords {
        sender: format!("{}@{domain}", words.word(&["hello", "bookings", "team"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "You're booked at {business}",
                "Your booking at {business} has changed",
                "Your booking at {business} is cancelled",
                "See you tomorrow",
            ]),
            _ => four([
                "Reservation confirmed: {resource}",
                "Reservation updated: {resource}",
                "Reservation cancelled: {resource}",
                "Reminder: {resource} tomorrow",
            ]),
        },
        headlines: four(["", "", "", ""]),
        greeting: words.word(&["Hi {given},", "Hey {given}!", "Dear {name},"]),
        lines: Vec::new(),
        prose: [
            confirmations,
            with(&[
                "We moved your reservation. You now have {resource} from {start} until {end_time}. The new price is {total}.",
                "Just confirming the change: {resource}, {start} to {end_time}, {total}.",
            ]),
            with(&[
                "Your reservation for {resource} on {start} has been cancelled.",
                "We've cancelled {resource} ({start}) as requested.",
            ]),
            with(&["A quick reminder: {resource} is waiting for you, {start} to {end_time}."]),
        ],
        closing: vec![
            "The {business} team".to_owned(),
            "{address} | {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle {
            bare_when_whole: words.chance(0.4),
            ..MoneyStyle::new("${}", ".", ",")
        },
        text: TextStyle::Pairs(": "),
        html: *words.pick(&[HtmlStyle::Absent, HtmlStyle::Paragraphs, HtmlStyle::Builder]),
        structured: Structured::None,
        strikes_out: false,
        reminds: true,
        replies: texts(&[
            "Awesome, thanks! Is there parking nearby?",
            "Great. Can we get in 15 minutes early?",
        ]),
        quotes: "On {sent}, {business} <{sender}> wrote:".to_owned(),
        forwards: "---------- Forwarded message ---------".to_owned(),
        unrelated: pairs(&[
            ("Invoice #3391", "Your invoice of {amount} is due in 30 days."),
            ("Spring specials", "Weekday mornings from {amount}."),
            ("Package delivered", "Two mic stands were left at the front desk."),
        ]),
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (2, Encoding::Base64),
            (2, Encoding::EightBit),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    let each = words.chance(0.5);
    CalendarWords {
        split: if each {
            CalendarSplit::PerResource
        } else {
            CalendarSplit::One
        },
        id: if each { "room{key}" } else { "rooms" }.to_owned(),
        summary: if each { "{resource}" } else { "Rooms" }.to_owned(),
        shape: EventShape::Timed,
        title: if each {
            words.word(&["{name}", "Booked: {name}"])
        } else {
            words.word(&["{resource} - {name}", "{name} @ {resource}"])
        },
        return_title: String::new(),
        informal: if each {
            texts(&["{given}", "{family} band"])
        } else {
            texts(&["{given} {resource}", "{family} - {resource}"])
        },
        description: words.word(&["{email}\n{phone}", "{total}\n{email}", "Booked online by {name}"]),
        informal_description: "cell {phone}".to_owned(),
        location: words.word(&["", "{resource}", "{address}"]),
        properties: Vec::new(),
        invites: words.chance(0.5),
        dates,
        cancelled_prefix: None,
        unrelated: texts(&[
            "Piano tuning",
            "Cleaning crew",
            "Fire inspection",
            "Staff meeting",
        ]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: vec![(
            words.word(&["booking_id", "bookingId", "reservation", "internal_id"]),
            "{id}".to_owned(),
        )],
        purposes: four(["full", "deposit", "balance", "adjustment"]),
        description: words.word(&["{business}", "Room booking", "{resource} {length}h"]),
        informal: texts(&["Room rental", "{resource}", ""]),
        terminal: "Front desk".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Mic rental", 1000, 2500), ("Overtime", 2500, 5000)]),
        unrelated: sales(&[("Gift card", 5000, 15_000), ("Guitar strings", 900, 1800)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Intent]),
    }
}

fn schema(words: &mut Random, named: bool) -> Schema {
    let zoned = TimeColumn::Zoned;
    let cents = MoneyColumn::Minor;
    let mut columns = vec![
        ("user_id|guest_id", Holds::Customer),
        ("room_id|space_id", Holds::Resource),
        ("start_time|begins_at", Holds::StartsAt(zoned)),
        ("end_time|finishes_at", Holds::EndsAt(zoned)),
        ("status|state", Holds::Status),
        ("amount_cents|price_cents", Holds::Total(cents)),
        ("source", constant("web", "reconstructed")),
        ("created_at|inserted_at", Holds::CreatedAt(zoned)),
    ];
    if named {
        columns.insert(0, ("confirmation_number|confirmation", Holds::Reference));
    }
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            "rooms|spaces",
            "id",
            vec![
                ("name|title", Holds::Name),
                ("size", Holds::Class),
                ("hourly_cents", Holds::Rate(cents)),
            ],
        ),
        customer: table(
            words,
            "users|guests|accounts",
            "id",
            vec![
                ("full_name|name", Holds::Name),
                ("email", Holds::Email),
                ("phone|cell", Holds::Phone),
                ("created_at|inserted_at", Holds::CreatedAt(zoned)),
            ],
        ),
        booking: table(words, "reservations|room_bookings|sessions", "id", columns),
        payment: table(
            words,
            "payments|charges",
            "id",
            vec![
                ("reservation_id|booking_id", Holds::Booking),
                ("stripe_charge_id|external_id", Holds::ProviderId),
                ("amount_cents", Holds::Amount(cents)),
                ("refunded_cents", Holds::Refunded(cents)),
                ("created_at|charged_at", Holds::PaidAt(zoned)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["active", "canceled", "finished"]),
            _ => three(["CONFIRMED", "CANCELED", "DONE"]),
        },
        uuids: words.chance(0.5),
    }
}
