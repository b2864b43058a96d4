//! Bicycles and kayaks by the hour or the day, in an English harbour town: the demo's business.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let name = words.word(&[
        "Harbour Bikes",
        "Quayside Hire",
        "Saltmarsh Cycles",
        "Pier Paddle & Pedal",
    ]);
    let host: String = name
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_lowercase();
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{w} {d} {m} {y}, {HH}:{mi}",
        "{W} {th} {M} {y} at {h}:{mi}{ap}",
        "{dd}/{nn}/{y} {HH}:{mi}",
        "{d} {M} {y}, {h}.{mi} {ap}",
    ]);
    let dates = DateWords {
        moment,
        date: "{d} {M} {y}".to_owned(),
        time: "{HH}:{mi}".to_owned(),
    };
    let reference = match words.below(3) {
        0 => ReferenceShape::Sequential {
            prefix: "HB-".to_owned(),
            first: 4107,
        },
        1 => ReferenceShape::Code {
            prefix: "Q".to_owned(),
            length: 5,
            alphabet: "23456789ABCDEFGHJKMNPQRSTVWXYZ",
        },
        _ => ReferenceShape::Monthly { separator: "/" },
    };
    Business {
        zone: chrono_tz::Europe::London,
        country: "GB",
        language: Language::English,
        currency: Currency {
            code: "gbp",
            decimals: 2,
        },
        address: words.word(&["The Old Boathouse, Quay Street, Wells", "3 Harbour Walk, Whitby"]),
        phone: "01632 960 417".to_owned(),
        people: britons(),
        trade: trade(),
        reference,
        tenants: Vec::new(),
        mail: mail(words, &name, &domain, &dates),
        calendar: calendar(words, dates),
        stripe: stripe(words),
        schema: schema(words),
        name,
        domain,
    }
}

fn britons() -> People {
    People {
        given: names(
            "Oliver Amelia George Isla Harry Ava Noah Mia Jack Grace Leo Freya Oscar Lily Archie Emily Henry Ella Theo Ivy \
             Charlie Rosie Jacob Alice Thomas Florence William Evie James Poppy Arthur Charlotte Daniel Sophie Samuel Ruby \
             Joseph Hannah Edward Zoë Callum Niamh Rhys Megan Hamish Eilidh Priya Imran",
        ),
        family: names(
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White \
             Roberts Green Hall Wood Jackson Clarke Khan Lewis Harris Turner Cooper Ward Hughes Moore King Baker Morris \
             Allen Parker Bell Shaw Murphy Singh Bennett Carter Griffiths Kelly Simpson Fox O'Neill MacLeod Lloyd-Price",
        ),
        family_parts: (
            names(
                "Ash Black Brad Cal Dun East Fair Gold Had Hart Kings Lang Mar Nor Pen Red Shel Stan Thorn Whit Win Wood",
            ),
            names(
                "bourne bridge brook by cott croft dale don field ford ham hurst ley low man mere more ton well wick wood worth",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["07700 9#####", "07#### ######", "020 7946 0###"]),
        mail_hosts: texts(&[
            "btmail.example",
            "gmail.example",
            "outlook.example",
            "icloud.example",
            "sky.example",
        ]),
        companies: texts(&["Northgate Events Ltd", "Brightwater School", "Mill Lane Scouts"]),
    }
}

fn trade() -> Trade {
    Trade {
        classes: vec![
            class("Touring bike", &[], 750, "TB##@"),
            class("Electric bike", &[], 1250, "EB##@"),
            class("Single kayak", &[], 950, "SK##@"),
            class("Double kayak", &[], 1400, "DK##@"),
        ],
        naming: "{class} {n}".to_owned(),
        fleet_min: 8,
        stay: Stay::Timed {
            minutes: vec![(3, 120), (4, 180), (3, 240), (2, 480), (2, 2880), (1, 4320)],
            opens: 540,
            closes: 1080,
            step: 30,
        },
        rate_minutes: 60,
        seats: None,
        plans: vec![(7, Plan::Full), (2, Plan::Deposit(25)), (1, Plan::OnSite)],
        lead_days_max: 45,
        returning: 0.18,
        changed: 0.2,
        cancelled: 0.08,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let subject = words.word(&["Booking", "Your booking", "Your hire"]);
    let mut lines = lines(words);
    words.shuffle(&mut lines[1..3]);
    MailWords {
        sender: format!(
            "{}@{domain}",
            words.word(&["bookings", "hello", "hire", "no-reply"])
        ),
        sender_name: name.to_owned(),
        subjects: [
            format!("{subject} {{reference}} confirmed"),
            format!("{subject} {{reference}} has been changed"),
            format!("{subject} {{reference}} cancelled"),
            format!("{subject} tomorrow ({{reference}})"),
        ],
        headlines: [
            words.word(&[
                "Thanks, you're booked in.",
                "Your booking is confirmed.",
                "All set - see you soon!",
            ]),
            words.word(&[
                "We've updated your booking.",
                "Your booking has changed. The new details:",
            ]),
            words.word(&[
                "Your booking has been cancelled.",
                "We have cancelled your hire as you asked.",
            ]),
            words.word(&["See you tomorrow!", "A quick reminder about your hire."]),
        ],
        greeting: words.word(&["Hi {given},", "Dear {name},", "Hello {given}"]),
        lines,
        prose: Default::default(),
        closing: vec![
            words.word(&[
                "Please bring photo ID.",
                "Helmets and buoyancy aids are included.",
            ]),
            "{business}, {address}, {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["£{}", "GBP {}"]), ".", ","),
        text: words
            .pick(&[
                TextStyle::Pairs(": "),
                TextStyle::Aligned,
                TextStyle::Pairs(" - "),
            ])
            .clone(),
        html: *words.pick(&[HtmlStyle::Table, HtmlStyle::Builder, HtmlStyle::Definitions]),
        structured: Structured::None,
        strikes_out: words.chance(0.3),
        reminds: true,
        replies: texts(&[
            "Great, thank you! Is there somewhere to park?",
            "Thanks. Could we have a child seat please?",
            "Lovely. We might be ten minutes late.",
        ]),
        quotes: "On {sent}, {business} <{sender}> wrote:".to_owned(),
        forwards: "---------- Forwarded message ----------".to_owned(),
        unrelated: pairs(&[
            (
                "Half-term offer",
                "Book before the end of the month and save 10%. Bikes from {amount} a day.",
            ),
            (
                "Invoice 20418",
                "Please find our invoice over {amount}, payable within 30 days.",
            ),
            (
                "Your parcel is on its way",
                "Twelve inner tubes and a chain whip, {amount} in all.",
            ),
        ]),
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (2, Encoding::Base64),
            (2, Encoding::EightBit),
            (1, Encoding::Latin),
        ],
    }
}

fn lines(words: &mut Random) -> Vec<Line> {
    let starts = ["Collect", "Hire starts", "From", "Pick up"];
    let ends = ["Bring back", "Hire ends", "Until", "Return by"];
    let pair = words.below(starts.len());
    vec![
        line(
            words,
            &["Booking", "Reference", "Booking no.", "Our ref"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["Name", "Booked for", "Hirer"], "{name}", Shown::Always),
        line(
            words,
            &["You've hired", "Item", "Equipment"],
            "{resource}",
            Shown::Always,
        ),
        line(words, &[starts[pair]], "{start}", Shown::Always),
        line(words, &[ends[pair]], "{end}", Shown::WhileBooked),
        line(
            words,
            &["Total", "Price", "Cost of hire"],
            "{total}",
            Shown::WhileBooked,
        ),
        line(
            words,
            &["Paid so far", "Deposit received"],
            "{paid}",
            Shown::WithBalance,
        ),
        line(
            words,
            &["Still to pay", "Balance due"],
            "{due}",
            Shown::WithBalance,
        ),
    ]
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::One,
        id: words.word(&["hires", "diary", "bookings"]),
        summary: "Hires".to_owned(),
        shape: EventShape::Timed,
        title: words.word(&[
            "{reference} {name} / {resource}",
            "{resource}: {name} ({reference})",
            "{name} - {resource} - {reference}",
        ]),
        return_title: String::new(),
        informal: texts(&["{family} {resource}", "{given} - {class}", "{name} (phoned)"]),
        description: words.word(&[
            "{total}\nTel {phone}",
            "Phone: {phone}\nEmail: {email}\nBack by {end}",
            "Tag {code}\n{phone}",
        ]),
        informal_description: "call {phone}".to_owned(),
        location: words.word(&["", "{address}"]),
        properties: Vec::new(),
        invites: false,
        dates,
        cancelled_prefix: words.chance(0.4).then(|| "CANCELLED ".to_owned()),
        unrelated: texts(&[
            "Service {code}",
            "New tyres {resource}",
            "Staff meeting",
            "Boiler man",
        ]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    let reference = words.word(&["booking", "booking_reference", "ref", "hire_no"]);
    let mut metadata = vec![(reference, "{reference}".to_owned())];
    if words.chance(0.6) {
        metadata.push((
            words.word(&["type", "payment_for", "stage"]),
            "{purpose}".to_owned(),
        ));
    }
    if words.chance(0.4) {
        metadata.push((words.word(&["item", "equipment"]), "{resource}".to_owned()));
    }
    StripeWords {
        metadata,
        purposes: [
            words.word(&["full", "hire"]),
            words.word(&["deposit", "part"]),
            words.word(&["balance", "rest"]),
            words.word(&["change", "extra"]),
        ],
        description: words.word(&[
            "Hire {reference}",
            "{resource} {start}",
            "{business} {reference} ({purpose})",
        ]),
        informal: texts(&["Hire {resource}", "hire {family}", "phone booking", ""]),
        terminal: "Card machine".to_owned(),
        hold: "Damage deposit (hold)".to_owned(),
        incidentals: sales(&[
            ("Lost lock {reference}", 1500, 2500),
            ("Late return {reference}", 500, 2000),
        ]),
        unrelated: sales(&[
            ("Puncture repair kit", 600, 1200),
            ("Gift voucher", 2500, 7500),
            ("Second-hand bike", 9000, 30000),
        ]),
        carrier: Carrier::Charge,
    }
}

fn schema(words: &mut Random) -> Schema {
    let zoned = TimeColumn::Zoned;
    let pence = MoneyColumn::Minor;
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            "equipment|items|stock_items",
            "id",
            vec![
                ("name|label", Holds::Name),
                ("tag|asset_tag", Holds::Code),
                ("category|kind", Holds::Class),
                ("hourly_rate", Holds::Rate(pence)),
            ],
        ),
        customer: table(
            words,
            "customers|hirers|clients",
            "id",
            vec![
                ("name|full_name", Holds::Name),
                ("email|email_address", Holds::Email),
                ("phone|mobile", Holds::Phone),
                ("created_at", Holds::CreatedAt(zoned)),
            ],
        ),
        booking: table(
            words,
            "hires|bookings|reservations",
            "id",
            vec![
                ("reference|ref|booking_no", Holds::Reference),
                ("customer_id|hirer_id", Holds::Customer),
                ("item_id|equipment_id", Holds::Resource),
                ("starts_at|collect_at|out_at", Holds::StartsAt(zoned)),
                ("ends_at|due_back_at|in_at", Holds::EndsAt(zoned)),
                ("status|state", Holds::Status),
                ("total_pence|price_pence", Holds::Total(pence)),
                ("currency", Holds::Currency),
                ("source|channel", constant("web", "reconstructed")),
                ("created_at|booked_at", Holds::CreatedAt(zoned)),
            ],
        ),
        payment: table(
            words,
            "payments|card_payments",
            "id",
            vec![
                ("hire_id|booking_id", Holds::Booking),
                ("stripe_charge|charge_id", Holds::ProviderId),
                ("amount_pence", Holds::Amount(pence)),
                ("refunded_pence", Holds::Refunded(pence)),
                ("currency", Holds::Currency),
                ("paid_at", Holds::PaidAt(zoned)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => ["confirmed", "cancelled", "completed"].map(str::to_owned),
            _ => ["booked", "called_off", "returned"].map(str::to_owned),
        },
        uuids: false,
    }
}
