//! Escape rooms in Poland: games of an hour in one of several rooms, letters with microdata or in prose, złoty, and a change of
//! the clock in the window.

use super::super::prelude::*;
use crate::simulate::speech::Words;

static POLISH: Words = Words {
    weekdays: [
        "poniedziałek",
        "wtorek",
        "środa",
        "czwartek",
        "piątek",
        "sobota",
        "niedziela",
    ],
    short_weekdays: ["pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."],
    months: [
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "września",
        "października",
        "listopada",
        "grudnia",
    ],
    short_months: [
        "sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru",
    ],
    halves: ["rano", "po południu"],
};

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Zamknięte Drzwi", "zamkniete-drzwi"),
        ("Klucz i Kłódka", "kluczklodka"),
        ("Godzina Zero", "godzinazero"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W}, {d} {M} {y}, godz. {HH}:{mi}",
        "{dd}.{nn}.{y} {HH}:{mi}",
        "{d} {M} {y} r. o {H}.{mi}",
        "{w} {dd}.{nn}.{y} o godz. {HH}:{mi}",
    ]);
    let dates = dates(&moment, "{d} {M} {y}", "{HH}:{mi}");
    let reference = match words.below(3) {
        0 => ReferenceShape::Code {
            prefix: String::new(),
            length: 5,
            alphabet: PLAIN,
        },
        1 => ReferenceShape::Sequential {
            prefix: "REZ/".to_owned(),
            first: 4410,
        },
        _ => ReferenceShape::Monthly { separator: "/" },
    };
    Business {
        zone: chrono_tz::Europe::Warsaw,
        country: "PL",
        language: Language::Of(&POLISH),
        currency: Currency {
            code: "pln",
            decimals: 2,
        },
        address: words.word(&[
            "ul. Długa 7, 31-147 Kraków",
            "ul. Święty Marcin 40, 61-807 Poznań",
        ]),
        phone: "12 555 01 42".to_owned(),
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
            "Jakub Zofia Kacper Julia Łukasz/Lukasz Agnieszka Paweł/Pawel Małgorzata/Malgorzata Piotr Katarzyna Michał/Michal Ewa \
             Tomasz Barbara Krzysztof Joanna Bartłomiej/Bartlomiej Magdalena Wojciech Natalia Grzegorz Aleksandra Rafał/Rafal Dorota \
             Stanisław/Stanislaw Bożena/Bozena Oksana Mateusz",
        ),
        family: names(
            "Nowak Kowalski Wiśniewski/Wisniewski Wójcik/Wojcik Kowalczyk Kamiński/Kaminski Lewandowski Zieliński/Zielinski \
             Szymański/Szymanski Woźniak/Wozniak Dąbrowska/Dabrowska Kozłowska/Kozlowska Mazur Krawczyk Piotrowska Grabowski \
             Zając/Zajac Pawlak Michalska Król/Krol Wieczorek Jabłońska/Jablonska Wróbel/Wrobel Shevchenko Nowak-Mazur",
        ),
        family_parts: (
            names("Bor Brzez Dąb/Dab Gór/Gor Jaw Kal Lip Mal Ol Ost Pias Sos Star Top Wierz Zab"),
            names("arczyk as czak ek ewicz icki ińska/inska kowiak nik ota owska owski szewski ula ura"),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["5## ### ###", "+48 6## ### ###", "7########"]),
        mail_hosts: texts(&["wp.example", "onet.example", "gmail.example", "o2.example"]),
        companies: texts(&["Biuro Podróży Mazury", "Delta Systemy sp. z o.o."]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let rooms = match words.below(2) {
        0 => ["Laboratorium Tesli", "Strych Babci", "Bunkier 1944", "Skarbiec"],
        _ => ["Kapsuła", "Dom Wariatów", "Piwnica Alchemika", "Ostatni Pociąg"],
    };
    Trade {
        classes: vec![
            class("łatwy", &rooms[..1], 16_000, ""),
            class("średni", &rooms[1..3], 19_000, ""),
            class("trudny", &rooms[3..], 22_900, ""),
        ],
        naming: String::new(),
        fleet_min: 4,
        stay: Stay::Timed {
            minutes: vec![(8, 60), (2, 90)],
            opens: 600,
            closes: 1320,
            step: 30,
        },
        rate_minutes: 90,
        seats: None,
        plans: vec![(5, Plan::Full), (3, Plan::Deposit(25)), (2, Plan::OnSite)],
        lead_days_max: 18,
        returning: 0.07,
        changed: 0.13,
        cancelled: 0.07,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let is_prose = words.chance(0.4);
    let lines = vec![
        line(
            words,
            &["Numer rezerwacji", "Kod", "Nr"],
            "{reference}",
            Shown::Always,
        ),
        line(
            words,
            &["Pokój", "Gra", "Scenariusz"],
            "{resource}",
            Shown::Always,
        ),
        line(words, &["Termin", "Kiedy", "Start gry"], "{start}", Shown::Always),
        line(
            words,
            &["Czas gry", "Do wyjścia macie"],
            "{length} min",
            Shown::WhileBooked,
        ),
        line(words, &["Koniec", "Do godziny"], "{end_time}", Shown::WhileBooked),
        line(
            words,
            &["Na nazwisko", "Kapitan drużyny"],
            "{name}",
            Shown::Always,
        ),
        line(
            words,
            &["Do zapłaty", "Cena", "Kwota"],
            "{total}",
            Shown::WhileBooked,
        ),
    ];
    let mut confirmations = vec![
        "rezerwacja {reference} przyjęta: {resource}, {start} (do {end_time}). Cena gry to {total}.",
        "zapraszamy! {start} czeka na Was {resource}. Gra kończy się o {end_time}, koszt {total}. Numer: {reference}.",
        "potwierdzamy grę w pokoju {resource}. Start: {start}, koniec: {end_time}. Do zapłaty {total}, rezerwacja {reference}.",
    ];
    words.shuffle(&mut confirmations);
    confirmations.truncate(2);
    let prose = if is_prose {
        [
            texts(&confirmations),
            texts(&[
                "rezerwacja {reference} została przeniesiona: {resource}, {start}, do {end_time}. Cena: {total}.",
            ]),
            texts(&["rezerwacja {reference} ({resource}, {start}) została odwołana."]),
            texts(&["jutro gracie! {resource}, {start}, rezerwacja {reference}."]),
        ]
    } else {
        Default::default()
    };
    MailWords {
        sender: format!("{}@{domain}", words.word(&["rezerwacje", "gra", "kontakt"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "Rezerwacja {reference}",
                "Zmiana rezerwacji {reference}",
                "Odwołanie rezerwacji {reference}",
                "Jutro gracie!",
            ]),
            _ => four([
                "Do zobaczenia w pokoju {resource}",
                "Nowy termin gry",
                "Gra odwołana",
                "Przypomnienie o grze",
            ]),
        },
        headlines: if is_prose {
            four(["", "", "", ""])
        } else {
            four([
                "Dziękujemy za rezerwację!",
                "Twoja rezerwacja została zmieniona.",
                "Twoja rezerwacja została odwołana.",
                "Przypominamy o jutrzejszej grze.",
            ])
        },
        greeting: words.word(&["Cześć {given},", "Dzień dobry,", "Witaj, {name}!"]),
        lines: if is_prose { Vec::new() } else { lines },
        prose,
        closing: vec![
            "Ekipa {business}".to_owned(),
            "{address}, tel. {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle {
            bare_when_whole: words.chance(0.4),
            ..MoneyStyle::new(&words.word(&["{} zł", "{}zł", "{} PLN"]), ",", "\u{a0}")
        },
        text: words
            .pick(&[TextStyle::Pairs(": "), TextStyle::Aligned, TextStyle::Below])
            .clone(),
        html: *words.pick(&[HtmlStyle::Builder, HtmlStyle::Table, HtmlStyle::Paragraphs]),
        structured: if words.chance(0.5) {
            Structured::Microdata("EventReservation")
        } else {
            Structured::None
        },
        strikes_out: words.chance(0.3),
        reminds: true,
        replies: texts(&[
            "Super, dzięki! Czy można płacić kartą?",
            "Będzie nas pięcioro, ok?",
        ]),
        quotes: "W dniu {sent} {business} <{sender}> pisze:".to_owned(),
        forwards: "---------- Przekazana wiadomość ----------".to_owned(),
        unrelated: pairs(&[
            ("Faktura VAT 14/2026", "W załączeniu faktura na kwotę {amount}."),
            ("Newsletter", "Vouchery prezentowe już od {amount}."),
            ("Przegląd gaśnic", "Serwis przyjedzie 2 marca, koszt {amount}."),
        ]),
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (3, Encoding::Base64),
            (2, Encoding::EightBit),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    let each = words.chance(0.6);
    CalendarWords {
        split: if each {
            CalendarSplit::PerResource
        } else {
            CalendarSplit::One
        },
        id: if each { "pokoj{key}" } else { "grafik" }.to_owned(),
        summary: if each { "{resource}" } else { "Grafik" }.to_owned(),
        shape: EventShape::Timed,
        title: if each {
            words.word(&["{name}", "{reference} {family}", "gra: {name}"])
        } else {
            words.word(&["{resource} – {name}", "{resource}: {reference}"])
        },
        return_title: String::new(),
        informal: if each {
            texts(&["{family}", "{given} tel."])
        } else {
            texts(&["{family} {resource}", "{resource} {given}"])
        },
        description: words.word(&["{phone}\n{reference}", "{email}, {phone}", "{name}, {total}"]),
        informal_description: "oddzwonić {phone}".to_owned(),
        location: String::new(),
        properties: if words.chance(0.4) {
            pairs(&[("rez", "{id}")])
        } else {
            Vec::new()
        },
        invites: words.chance(0.3),
        dates,
        cancelled_prefix: words.chance(0.5).then(|| "ODWOŁANE ".to_owned()),
        unrelated: texts(&["Sprzątanie", "Naprawa zamka", "Szkolenie mistrzów gry"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => pairs(&[("rezerwacja", "{reference}")]),
            1 => pairs(&[("slot", "{key}_{iso_start}")]),
            _ => pairs(&[("id", "{id}"), ("rodzaj", "{purpose}")]),
        },
        purposes: four(["całość", "zaliczka", "dopłata", "różnica"]),
        description: words.word(&["{resource}", "Gra {date}", "Rezerwacja {reference}"]),
        informal: texts(&["gra {family}", "dopłata", ""]),
        terminal: "Terminal recepcja".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Dodatkowa osoba", 3000, 6000), ("Zdjęcie", 1500, 2500)]),
        unrelated: sales(&[("Voucher", 15_000, 25_000), ("Koszulka", 5900, 7900)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Session]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let utc = TimeColumn::Utc;
    let grosz = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            "pokoje|gry",
            "id",
            vec![
                ("nazwa|tytul", Holds::Name),
                ("poziom", Holds::Class),
                ("cena", Holds::Rate(grosz)),
            ],
        ),
        customer: table(
            words,
            "klienci|gracze",
            "id|klient_id",
            vec![
                ("imie", Holds::FirstName),
                ("nazwisko", Holds::LastName),
                ("email|adres_email", Holds::Email),
                ("telefon|kom", Holds::Phone),
                ("utworzono|dodano", Holds::CreatedAt(utc)),
            ],
        ),
        booking: table(
            words,
            "rezerwacje|terminy",
            "id|rezerwacja_id",
            vec![
                ("numer|kod", Holds::Reference),
                ("klient|gracz_id", Holds::Customer),
                ("pokoj|gra_id", Holds::Resource),
                ("poczatek|od", Holds::StartsAt(utc)),
                ("koniec|do_kiedy", Holds::EndsAt(utc)),
                ("stan|status", Holds::Status),
                ("kwota|cena", Holds::Total(grosz)),
                ("zrodlo", constant("www", "odtworzona")),
                ("utworzono|dodano", Holds::CreatedAt(utc)),
            ],
        ),
        payment: table(
            words,
            "platnosci|wplaty",
            "id",
            vec![
                ("rezerwacja|termin_id", Holds::Booking),
                ("stripe_id|obciazenie", Holds::ProviderId),
                ("kwota", Holds::Amount(grosz)),
                ("zwrot", Holds::Refunded(grosz)),
                ("waluta", Holds::Currency),
                ("zaplacono|dnia", Holds::PaidAt(utc)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["potwierdzona", "odwołana", "rozegrana"]),
            _ => three(["nowa", "anulowana", "po grze"]),
        },
        uuids: true,
    }
}
