//! Holiday flats on a German coast: nights, not times; events of whole days; letters in prose of several phrasings.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Dünenhof Ferienwohnungen", "duenenhof"),
        ("Haus Seeschwalbe", "haus-seeschwalbe"),
        ("Ferienhof Möller", "ferienhof-moeller"),
    ]);
    let domain = format!("{host}.example");
    let date = words.word(&[
        "{W}, {th} {M} {y}",
        "{dd}.{nn}.{y}",
        "{w}, {dd}.{nn}.{yy}",
        "{th} {M} {y}",
    ]);
    let reference = match words.below(3) {
        0 => ReferenceShape::Sequential {
            prefix: "BU-2".to_owned(),
            first: 1031,
        },
        1 => ReferenceShape::Code {
            prefix: String::new(),
            length: 7,
            alphabet: PLAIN,
        },
        _ => ReferenceShape::Monthly { separator: "-" },
    };
    Business {
        zone: chrono_tz::Europe::Berlin,
        country: "DE",
        language: Language::German,
        currency: Currency {
            code: "eur",
            decimals: 2,
        },
        address: words.word(&[
            "Strandweg 14, 26548 Norderney",
            "Am Deich 3, 25826 St. Peter-Ording",
        ]),
        phone: "04932 990142".to_owned(),
        people: people(),
        trade: trade(words),
        reference,
        tenants: Vec::new(),
        mail: mail(words, name, &domain, &date),
        calendar: calendar(words, &date),
        stripe: stripe(words),
        schema: schema(words),
        name: name.to_owned(),
        domain,
    }
}

fn people() -> People {
    People {
        given: names(
            "Anna Lukas Lena Jonas Marie Finn Sophie Paul Laura Felix Julia Max Katharina Jan Sabine Thomas Claudia Stefan \
             Petra Uwe Jörg Käthe Günter Renate Jürgen Heike Björn Anke Torsten Ulrike Söhnke Maike Mehmet Ayşe Karl-Heinz",
        ),
        family: names(
            "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf \
             Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Krause Lehmann Köhler Jäger von_der_Heide \
             Groß Yılmaz Böhm Weiß Schütte-Lanz Oltmanns Hinrichs",
        ),
        family_parts: (
            names(
                "Alten Berg Bruch Buch Eichen Feld Grün Hagen Heide Holz Kirch Linden Mühl Nieder Ober Rosen Schön Stein Tannen Wald Wester",
            ),
            names(
                "bach baum beck berg brück dorf feld hausen hof kamp mann meier rath reuter stein thal wald wig",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["0151 ########", "0171/#######", "+49 160 #######", "040 #######"]),
        mail_hosts: texts(&[
            "gmx.example",
            "web-de.example",
            "t-online.example",
            "gmail.example",
            "posteo.example",
        ]),
        companies: texts(&["Nordwerk GmbH", "Kanzlei Brandt"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let houses = match words.below(2) {
        0 => [
            "Möwennest",
            "Kapitänskajüte",
            "Leuchtturmblick",
            "Strandkorb",
            "Sanddorn",
            "Kleine Düne",
        ],
        _ => [
            "Wohnung Ahoi",
            "Wohnung Backbord",
            "Wohnung Deichblick",
            "Wohnung Ebbe",
            "Wohnung Flut",
            "Wohnung Gezeiten",
        ],
    };
    Trade {
        classes: vec![
            class("Studio", &houses[..2], 6900, "NR-####"),
            class("2 Zimmer", &houses[2..4], 9450, "NR-####"),
            class("3 Zimmer", &houses[4..], 12_800, "NR-####"),
        ],
        naming: String::new(),
        fleet_min: 6,
        stay: Stay::Nights { min: 2, max: 12 },
        rate_minutes: 1440,
        seats: None,
        plans: vec![(4, Plan::Full), (6, Plan::Deposit(20))],
        lead_days_max: 80,
        returning: 0.12,
        changed: 0.1,
        cancelled: 0.07,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, date: &str) -> MailWords {
    let mut confirmations = vec![
        "vielen Dank für Ihre Buchung! Wir haben {resource} für Sie vom {date} bis zum {end_date} reserviert. \
         Der Gesamtpreis für {length} Nächte beträgt {total}.\n\nIhre Buchungsnummer lautet {reference}.",
        "wir freuen uns auf Sie! Unter der Nummer {reference} ist {resource} fest für Sie gebucht: Anreise am {date}, \
         Abreise am {end_date}.\n\nBitte beachten Sie den Preis von {total} inklusive Endreinigung.",
        "Ihre Buchung {reference} ist bestätigt.\n\nSie reisen am {date} an und am {end_date} wieder ab. \
         Gebucht ist {resource} ({class}) zum Preis von {total}.",
    ];
    words.shuffle(&mut confirmations);
    confirmations.truncate(2);
    let changes = texts(&[
        "wir haben Ihre Buchung {reference} wie gewünscht geändert. Neu gilt: {resource}, Anreise am {date}, Abreise am {end_date}, \
         Gesamtpreis {total}.",
        "Ihre Buchung {reference} wurde angepasst. Statt der bisherigen Daten haben wir {resource} nun vom {date} bis zum {end_date} \
         für Sie vorgemerkt; der Preis beträgt jetzt {total}.",
    ]);
    let cancellations = texts(&[
        "schade, dass es nicht klappt. Ihre Buchung {reference} für {resource} ab {date} haben wir storniert.",
        "hiermit bestätigen wir die Stornierung der Buchung {reference} (Anreise {date}, {resource}).",
    ]);
    let reminders = texts(&[
        "morgen ist es so weit! {resource} ist für Sie bezugsfertig (Buchung {reference}, bis {end_date}).",
    ]);
    MailWords {
        sender: format!("{}@{domain}", words.word(&["buchung", "info", "reservierung"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "Ihre Buchung {reference}",
                "Änderung Ihrer Buchung {reference}",
                "Stornierung {reference}",
                "Morgen geht es los",
            ]),
            _ => four([
                "Buchungsbestätigung",
                "Geänderte Buchungsbestätigung",
                "Stornobestätigung",
                "Ihre Anreise",
            ]),
        },
        headlines: four(["", "", "", ""]),
        greeting: words.word(&[
            "Guten Tag {name},",
            "Liebe Familie {family},",
            "Moin {given} {family},",
        ]),
        lines: Vec::new(),
        prose: [texts(&confirmations), changes, cancellations, reminders],
        closing: vec![
            words.word(&["Herzliche Grüße", "Viele Grüße von der Küste"]),
            "{business}".to_owned(),
            "{address}, Tel. {house_phone}".to_owned(),
        ],
        dates: dates(date, date, ""),
        money: MoneyStyle {
            bare_when_whole: words.chance(0.3),
            ..MoneyStyle::new(&words.word(&["{} €", "{} EUR", "€ {}", "{}\u{a0}€"]), ",", ".")
        },
        text: TextStyle::Pairs(": "),
        html: *words.pick(&[HtmlStyle::Absent, HtmlStyle::Paragraphs, HtmlStyle::Builder]),
        structured: Structured::None,
        strikes_out: false,
        reminds: true,
        replies: texts(&[
            "Vielen Dank! Ist ein Hund erlaubt?",
            "Super, wir freuen uns. Wann können wir den Schlüssel holen?",
        ]),
        quotes: "Am {sent} schrieb {business} <{sender}>:".to_owned(),
        forwards: "-------- Weitergeleitete Nachricht --------".to_owned(),
        unrelated: pairs(&[
            (
                "Rechnung 2026-117",
                "anbei unsere Rechnung über {amount}, zahlbar bis zum Monatsende.",
            ),
            ("Nebensaison-Angebot", "Drei Nächte an der See schon ab {amount}."),
            (
                "Heizungswartung",
                "wir kommen am 3. Februar zur Wartung, Kosten {amount}.",
            ),
        ]),
        encodings: vec![
            (4, Encoding::QuotedPrintable),
            (3, Encoding::EightBit),
            (2, Encoding::Latin),
            (1, Encoding::Base64),
        ],
    }
}

fn calendar(words: &mut Random, date: &str) -> CalendarWords {
    let reference = words.below(3);
    let each = words.chance(0.3);
    CalendarWords {
        split: if each {
            CalendarSplit::PerResource
        } else {
            CalendarSplit::One
        },
        id: if each { "belegung{key}" } else { "belegung" }.to_owned(),
        summary: if each {
            words.word(&["{resource}", "Belegung {resource}"])
        } else {
            "Belegungsplan".to_owned()
        },
        shape: EventShape::AllDay {
            covers_last_day: words.chance(0.4),
        },
        title: match reference {
            0 => words.word(&[
                "{resource}: {name} ({reference})",
                "{reference} {name}, {resource}",
            ]),
            _ => words.word(&["{resource} – Fam. {family}", "{name} / {resource}"]),
        },
        return_title: String::new(),
        informal: texts(&[
            "Fam. {family} {resource}",
            "{resource} belegt {family}",
            "{given} {family}",
        ]),
        description: match reference {
            1 => "Buchung {reference}\nTel. {phone}\n{total}".to_owned(),
            _ => words.word(&[
                "Tel. {phone}\n{email}",
                "Anreise {date}, Abreise {end_date}\n{phone}",
            ]),
        },
        informal_description: "bitte zurückrufen: {phone}".to_owned(),
        location: String::new(),
        properties: if reference == 2 {
            pairs(&[("buchungsnummer", "{reference}")])
        } else {
            Vec::new()
        },
        invites: false,
        dates: dates(date, date, ""),
        cancelled_prefix: words.chance(0.5).then(|| "STORNO ".to_owned()),
        unrelated: texts(&[
            "Schornsteinfeger",
            "Renovierung {resource}",
            "Putzplan",
            "Waschmaschine {resource}",
        ]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: vec![
            (
                words.word(&["buchung", "buchungsnr", "vorgang"]),
                "{reference}".to_owned(),
            ),
            (words.word(&["art", "zahlung"]), "{purpose}".to_owned()),
        ],
        purposes: four(["gesamt", "anzahlung", "restzahlung", "nachzahlung"]),
        description: words.word(&[
            "{resource}, {date} - {end_date}",
            "Aufenthalt {reference}",
            "Ferienwohnung {resource}",
        ]),
        informal: texts(&["Ferienwohnung {family}", "Anzahlung", ""]),
        terminal: "Kartenzahlung vor Ort".to_owned(),
        hold: "Kaution".to_owned(),
        incidentals: sales(&[("Bettwäsche {reference}", 1200, 3600), ("Kurtaxe", 800, 4200)]),
        unrelated: sales(&[("Gutschein", 5000, 20_000), ("Strandkorbmiete", 900, 4500)]),
        carrier: Carrier::Charge,
    }
}

fn schema(words: &mut Random) -> Schema {
    let money = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    let date = TimeColumn::Date;
    Schema {
        dialect: Dialect::Sqlite,
        resource: table(
            words,
            "wohnungen|objekte|einheiten",
            "id",
            vec![
                ("name|bezeichnung", Holds::Name),
                ("registrierung|nummer", Holds::Code),
                ("typ|groesse", Holds::Class),
                ("preis_nacht", Holds::Rate(money)),
            ],
        ),
        customer: table(
            words,
            "gaeste|kunden",
            "id|gast_id",
            vec![
                ("name", Holds::Name),
                ("email|mail", Holds::Email),
                ("telefon|tel", Holds::Phone),
                ("angelegt|erstellt_am", Holds::CreatedAt(TimeColumn::Utc)),
            ],
        ),
        booking: table(
            words,
            "buchungen|belegungen|aufenthalte",
            "id|uuid",
            vec![
                ("nummer|buchungsnummer", Holds::Reference),
                ("gast|kunde_id", Holds::Customer),
                ("wohnung|objekt_id", Holds::Resource),
                ("anreise|von", Holds::StartsAt(date)),
                ("abreise|bis", Holds::EndsAt(date)),
                ("zustand|status", Holds::Status),
                ("preis|gesamtpreis", Holds::Total(money)),
                ("herkunft|quelle", constant("web", "rekonstruiert")),
                ("angelegt|erstellt_am", Holds::CreatedAt(TimeColumn::Utc)),
            ],
        ),
        payment: table(
            words,
            "zahlungen",
            "id",
            vec![
                ("buchung|buchung_id", Holds::Booking),
                ("stripe|zahlungs_id", Holds::ProviderId),
                ("betrag", Holds::Amount(money)),
                ("erstattet", Holds::Refunded(money)),
                ("gezahlt_am|am", Holds::PaidAt(TimeColumn::Utc)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["gebucht", "storniert", "abgereist"]),
            _ => three(["fest", "storno", "beendet"]),
        },
        uuids: true,
    }
}
