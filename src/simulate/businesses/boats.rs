//! Boat tours in Portugal: seats on departures that several parties share, so that boat and time are no key; plain letters with
//! a calendar part.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Maré Alta Passeios", "marealta"),
        ("Ria Viva", "riaviva"),
        ("Golfinho Azul", "golfinhoazul"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W}, {d} de {M} de {y}, às {H}h{mi}",
        "{dd}/{nn}/{y} às {HH}:{mi}",
        "{w} {d} {m} {y} {HH}h{mi}",
    ]);
    let dates = dates(&moment, "{d} de {M} de {y}", "{HH}:{mi}");
    let reference = match words.below(3) {
        0 => ReferenceShape::Sequential {
            prefix: String::new(),
            first: 730_118,
        },
        1 => ReferenceShape::Monthly { separator: "." },
        _ => ReferenceShape::Code {
            prefix: "MA".to_owned(),
            length: 6,
            alphabet: "0123456789",
        },
    };
    Business {
        zone: chrono_tz::Europe::Lisbon,
        country: "PT",
        language: Language::Portuguese,
        currency: Currency {
            code: "eur",
            decimals: 2,
        },
        address: "Cais da Doca 7, 8700 Olhão".to_owned(),
        phone: "289 014 207".to_owned(),
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
            "João Maria Pedro Ana Tiago Inês Rui Catarina Nuno Sofia Gonçalo Beatriz André Mariana Luís Joana Miguel Leonor Hugo \
             Rita Duarte Mafalda Vítor Conceição",
        ),
        family: names(
            "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Gomes Lopes Marques Alves \
             Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Simões Brandão dos_Reis da_Conceição",
        ),
        family_parts: (
            names("Alme Bar Bra Cal Car Fal Figue Gui Ma Mou Nor Pache Que Re Sara Tava Val Vila"),
            names(
                "bosa cão cedo das deira gal iredo lhães lho nha res rinho rós tins valho veira verde zende",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["91# ### ###", "96#######", "+351 93# ### ###"]),
        mail_hosts: texts(&["sapo.example", "gmail.example", "hotmail.example", "iol.example"]),
        companies: texts(&["Agência Brisa Lda", "Escola do Cerro"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let tours = match words.below(2) {
        0 => ["Grutas e Praias", "Pôr do Sol", "Golfinhos"],
        _ => ["Ilha da Culatra", "Ria ao Entardecer", "Observação de Aves"],
    };
    Trade {
        classes: vec![
            class("Catamarã", &tours[..1], 3500, "PT-###-@"),
            class("Semirrígido", &tours[1..2], 4200, "PT-###-@"),
            class("Traineira", &tours[2..], 2800, "PT-###-@"),
        ],
        naming: String::new(),
        fleet_min: 3,
        stay: Stay::Departures {
            times: vec![(10, 0), (14, 30), (17, 0)],
            minutes: 120,
        },
        rate_minutes: 120,
        seats: Some((1, 6)),
        plans: vec![(8, Plan::Full), (1, Plan::Deposit(50)), (1, Plan::OnSite)],
        lead_days_max: 25,
        returning: 0.08,
        changed: 0.1,
        cancelled: 0.08,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let mut lines = vec![
        line(
            words,
            &["Reserva n.º", "Código da reserva", "Reserva"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["Nome", "Em nome de"], "{name}", Shown::Always),
        line(words, &["Passeio", "Tour"], "{resource}", Shown::Always),
        line(words, &["Partida", "Embarque"], "{start}", Shown::Always),
        line(
            words,
            &["Regresso", "Chegada prevista"],
            "{end_time}",
            Shown::WhileBooked,
        ),
        line(
            words,
            &["Lugares", "Pessoas", "N.º de passageiros"],
            "{seats}",
            Shown::WhileBooked,
        ),
        line(words, &["Total", "Valor"], "{total}", Shown::WhileBooked),
    ];
    words.shuffle(&mut lines[1..3]);
    MailWords {
        sender: format!("{}@{domain}", words.word(&["reservas", "ola", "passeios"])),
        sender_name: name.to_owned(),
        subjects: four([
            "Reserva confirmada – {resource}",
            "Reserva alterada – {resource}",
            "Reserva cancelada",
            "O seu passeio é amanhã",
        ]),
        headlines: four([
            "A sua reserva está confirmada.",
            "A sua reserva foi alterada.",
            "A sua reserva foi cancelada.",
            "Até amanhã!",
        ]),
        greeting: words.word(&["Olá {given},", "Caro(a) {name},", "Bom dia, {given}!"]),
        lines,
        prose: Default::default(),
        closing: vec![
            "Chegue 15 minutos antes da partida.".to_owned(),
            "{business}, {address}, {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["{} €", "{}€", "EUR {}"]), ",", "."),
        text: words
            .pick(&[
                TextStyle::Pairs(": "),
                TextStyle::Aligned,
                TextStyle::Pairs(" .... "),
            ])
            .clone(),
        html: HtmlStyle::Absent,
        structured: Structured::Calendar,
        strikes_out: false,
        reminds: true,
        replies: texts(&["Obrigado! As crianças pagam bilhete?", "Obrigada, lá estaremos."]),
        quotes: "Em {sent}, {business} <{sender}> escreveu:".to_owned(),
        forwards: "---------- Mensagem reencaminhada ----------".to_owned(),
        unrelated: pairs(&[
            ("Fatura FT 2026/88", "Segue a fatura no valor de {amount}."),
            ("Aviso de mau tempo", "Previsão de vento forte para amanhã."),
            ("Promoção", "Passeios desde {amount}."),
        ]),
        encodings: vec![
            (4, Encoding::QuotedPrintable),
            (3, Encoding::Base64),
            (2, Encoding::EightBit),
            (2, Encoding::Latin),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::One,
        id: words.word(&["partidas", "agenda"]),
        summary: "Partidas".to_owned(),
        shape: EventShape::Timed,
        title: words.word(&[
            "{resource} – {name} x{seats}",
            "{name} ({seats}) {resource}",
            "{seats} pax {family} – {resource} – {reference}",
        ]),
        return_title: String::new(),
        informal: texts(&["{given} {seats} pax", "{family} {resource}", "grupo {family}"]),
        description: words.word(&[
            "Reserva {reference}\n{phone}",
            "{phone}\n{email}\n{total}",
            "{reference}",
        ]),
        informal_description: "ligar {phone}".to_owned(),
        location: words.word(&["", "{address}"]),
        properties: Vec::new(),
        invites: false,
        dates,
        cancelled_prefix: words.chance(0.5).then(|| "CANCELADO ".to_owned()),
        unrelated: texts(&["Manutenção {resource}", "Vistoria", "Formação da tripulação"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => pairs(&[("reserva", "{reference}"), ("lugares", "{seats}")]),
            1 => pairs(&[("order", "{reference}|{iso_start}|{seats}")]),
            _ => pairs(&[("slot", "{key}/{iso_start}"), ("pax", "{seats}")]),
        },
        purposes: four(["bilhetes", "sinal", "resto", "acerto"]),
        description: words.word(&[
            "{seats} x {resource}",
            "Passeio {resource} {date}",
            "Reserva {reference}",
        ]),
        informal: texts(&["passeio {family}", "bilhetes", ""]),
        terminal: "Terminal do cais".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Fotografias a bordo", 1000, 2500)]),
        unrelated: sales(&[("Vale-oferta", 3500, 14_000), ("T-shirt", 1500, 1900)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Intent]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let utc = TimeColumn::Utc;
    let cents = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    Schema {
        dialect: Dialect::Mysql,
        resource: table(
            words,
            "passeios|barcos|tours",
            "id",
            vec![
                ("nome|titulo", Holds::Name),
                ("matricula", Holds::Code),
                ("tipo", Holds::Class),
                ("preco", Holds::Rate(cents)),
            ],
        ),
        customer: table(
            words,
            "clientes|passageiros",
            "id",
            vec![
                ("nome", Holds::Name),
                ("email|correio", Holds::Email),
                ("telefone|telemovel", Holds::Phone),
                ("criado_em", Holds::CreatedAt(utc)),
            ],
        ),
        booking: table(
            words,
            "reservas|bilhetes",
            "id",
            vec![
                ("codigo|numero", Holds::Reference),
                ("cliente_id", Holds::Customer),
                ("passeio_id|barco_id", Holds::Resource),
                ("partida|inicio", Holds::StartsAt(utc)),
                ("chegada|fim", Holds::EndsAt(utc)),
                ("estado", Holds::Status),
                ("total|valor", Holds::Total(cents)),
                ("origem", constant("site", "reconstruida")),
                ("criada_em", Holds::CreatedAt(utc)),
            ],
        ),
        payment: table(
            words,
            "pagamentos",
            "id",
            vec![
                ("reserva_id", Holds::Booking),
                ("stripe_id|cobranca", Holds::ProviderId),
                ("valor", Holds::Amount(cents)),
                ("devolvido", Holds::Refunded(cents)),
                ("pago_em", Holds::PaidAt(utc)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["confirmada", "cancelada", "realizada"]),
            _ => three(["C", "X", "R"]),
        },
        uuids: false,
    }
}
