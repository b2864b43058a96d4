//! Camper vans in Spain or Italy: letters with structured data and few words, checkout sessions that alone carry the reference,
//! names in two columns.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let italian = words.chance(0.5);
    let (name, host) = match (italian, words.chance(0.5)) {
        (true, true) => ("Camper Libero", "camperlibero"),
        (true, false) => ("Strada Bianca Van", "stradabianca"),
        (false, true) => ("Rumbo Sur Campers", "rumbosur"),
        (false, false) => ("Furgo Nómada", "furgonomada"),
    };
    let domain = format!("{host}.example");
    let moment = match (italian, words.below(3)) {
        (_, 0) => "{dd}/{nn}/{y} {HH}:{mi}",
        (true, 1) => "{W} {d} {M} {y}, ore {H}:{mi}",
        (true, _) => "{d} {M} {y} alle {H}.{mi}",
        (false, 1) => "{W}, {d} de {M} de {y}, {HH}:{mi} h",
        (false, _) => "{d} de {M} de {y} a las {H}:{mi}",
    };
    let dates = dates(
        moment,
        if italian {
            "{d} {M} {y}"
        } else {
            "{d} de {M} de {y}"
        },
        "{HH}:{mi}",
    );
    let reference = match words.below(3) {
        0 => ReferenceShape::Code {
            prefix: String::new(),
            length: 6,
            alphabet: CAPITALS,
        },
        1 => ReferenceShape::Code {
            prefix: "CV-".to_owned(),
            length: 5,
            alphabet: PLAIN,
        },
        _ => ReferenceShape::Sequential {
            prefix: "26/".to_owned(),
            first: 20_417,
        },
    };
    Business {
        zone: if italian {
            chrono_tz::Europe::Rome
        } else {
            chrono_tz::Europe::Madrid
        },
        country: if italian { "IT" } else { "ES" },
        language: if italian {
            Language::Italian
        } else {
            Language::Spanish
        },
        currency: Currency {
            code: "eur",
            decimals: 2,
        },
        address: if italian {
            "Via dei Tigli 22, 50136 Firenze"
        } else {
            "Avenida del Puerto 41, 29016 Málaga"
        }
        .to_owned(),
        phone: if italian { "055 098 7714" } else { "952 014 422" }.to_owned(),
        people: if italian { italians() } else { spaniards() },
        trade: trade(words, italian),
        reference,
        tenants: Vec::new(),
        mail: mail(words, italian, name, &domain, &dates),
        calendar: calendar(words, italian, dates),
        stripe: stripe(words, italian),
        schema: schema(words, italian),
        name: name.to_owned(),
        domain,
    }
}

fn italians() -> People {
    People {
        given: names(
            "Marco Giulia Luca Chiara Matteo Francesca Andrea Sara Davide Elena Niccolò Martina Paolo Alessia Giovanni Irene \
             Stefano Beatrice Lorenzo Noemi Gian_Luca Maria_Teresa Ettore Ilaria",
        ),
        family: names(
            "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Mancini Costa \
             Giordano Rizzo Lombardi Moretti D'Angelo Nicolò Dell'Orto Fabbri Pellegrini",
        ),
        family_parts: (
            names(
                "Bel Bona Cal Capo Casa Cava Fior Lan Mala Monte Pala Passa Piro Ros Salva Tor Val Ver Vila",
            ),
            names(
                "ballo bello campi cino doni etti fiore luga mini nelli nova ozzi rini sacchi santi tese valli verde",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["3## #######", "+39 34# ### ####", "055 ######"]),
        mail_hosts: texts(&[
            "libero.example",
            "gmail.example",
            "alice.example",
            "tiscali.example",
        ]),
        companies: texts(&["Studio Marchetti", "Edilnova Srl"]),
    }
}

fn spaniards() -> People {
    People {
        given: names(
            "Antonio María José Carmen Javier Ana Daniel Laura Pablo Lucía Álvaro Marta Sergio Paula Íñigo Nuria Rubén Begoña \
             Jesús Inés Óscar Ángela Juan_Carlos María_José",
        ),
        family: names(
            "García_López Fernández_Ruiz González_Díaz Rodríguez_Gil López_Mora Martínez_Cano Sánchez_Vega Pérez_Soto Gómez Martín \
             Jiménez_Peña Hernández Díaz Moreno_Ortiz Muñoz Álvarez Romero_Núñez Alonso Gutiérrez_Ibáñez Navarro Torres Ramos",
        ),
        family_parts: (
            names("Ara Bar Cam Car Cas Es Fuen Gar Her Larra Men Mon Ola Que Sala Val Vil Zara"),
            names(
                "beitia bosa cedo chea dona gado gosta jas lera mendi ñaga pardo quera rales sola tegui vides zábal",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["6## ## ## ##", "+34 6########", "952 ## ## ##"]),
        mail_hosts: texts(&[
            "gmail.example",
            "hotmail.example",
            "telefonica.example",
            "yahoo-es.example",
        ]),
        companies: texts(&["Gestoría Ayala", "Viajes Alborán SL"]),
    }
}

fn trade(words: &mut Random, italian: bool) -> Trade {
    let plate = if italian { "@@###@@" } else { "####@@@" };
    let named = words.chance(0.5);
    let list = |names: &'static [&'static str]| if named { names } else { &[] };
    Trade {
        classes: vec![
            class(
                "VW California",
                list(&["Aurora", "Brezza", "Luna"]),
                12_900,
                plate,
            ),
            class("Fiat Ducato", list(&["Ciao", "Orso", "Vento"]), 10_950, plate),
            class("Ford Nugget", list(&["Nomada", "Sale", "Terra"]), 11_800, plate),
        ],
        naming: words.word(&["{class} {n}", "{class} nº {n}", "Van {n} {class}"]),
        fleet_min: 9,
        stay: Stay::Timed {
            minutes: vec![(2, 2880), (3, 4320), (2, 7200), (2, 10_080), (1, 14_400)],
            opens: 540,
            closes: 1140,
            step: 30,
        },
        rate_minutes: 1440,
        seats: None,
        plans: vec![(5, Plan::Full), (4, Plan::Deposit(30)), (1, Plan::OnSite)],
        lead_days_max: 75,
        returning: 0.1,
        changed: 0.12,
        cancelled: 0.07,
    }
}

fn mail(words: &mut Random, italian: bool, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let kind = "RentalCarReservation";
    let say = |it: &str, es: &str| if italian { it.to_owned() } else { es.to_owned() };
    let lines = vec![
        Line {
            label: say("Codice", "Localizador"),
            value: "{reference}".to_owned(),
            shown: Shown::Always,
        },
        Line {
            label: say("Mezzo", "Vehículo"),
            value: "{resource} ({class})".to_owned(),
            shown: Shown::Always,
        },
        Line {
            label: say("Ritiro", "Recogida"),
            value: "{start}".to_owned(),
            shown: Shown::Always,
        },
        Line {
            label: say("Riconsegna", "Devolución"),
            value: "{end}".to_owned(),
            shown: Shown::WhileBooked,
        },
        Line {
            label: say("Totale", "Importe total"),
            value: "{total}".to_owned(),
            shown: Shown::WhileBooked,
        },
        Line {
            label: say("Da saldare", "Pendiente"),
            value: "{due}".to_owned(),
            shown: Shown::WithBalance,
        },
    ];
    let few = words.chance(0.4);
    MailWords {
        sender: format!("{}@{domain}", if italian { "prenotazioni" } else { "reservas" }),
        sender_name: name.to_owned(),
        subjects: if italian {
            four([
                "Prenotazione {reference} confermata",
                "Prenotazione {reference} modificata",
                "Prenotazione {reference} annullata",
                "Si parte domani!",
            ])
        } else {
            four([
                "Reserva {reference} confirmada",
                "Cambio en tu reserva {reference}",
                "Reserva {reference} anulada",
                "¡Mañana empieza el viaje!",
            ])
        },
        headlines: if italian {
            four([
                "La tua prenotazione è confermata.",
                "Abbiamo aggiornato la prenotazione.",
                "La prenotazione è stata annullata.",
                "Ci vediamo domani.",
            ])
        } else {
            four([
                "Tu reserva está confirmada.",
                "Hemos modificado tu reserva.",
                "Tu reserva ha sido anulada.",
                "Nos vemos mañana.",
            ])
        },
        greeting: say("Ciao {given},", "Hola, {given}:"),
        lines: if few {
            lines
                .into_iter()
                .filter(|line| line.value != "{total}" && line.value != "{due}")
                .collect()
        } else {
            lines
        },
        prose: Default::default(),
        closing: vec![
            say("A presto!", "¡Buen viaje!"),
            "{business} · {address} · {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["{} €", "€ {}", "{}€"]), ",", "."),
        text: words
            .pick(&[TextStyle::Pairs(": "), TextStyle::Below, TextStyle::Absent])
            .clone(),
        html: *words.pick(&[HtmlStyle::Builder, HtmlStyle::Table, HtmlStyle::Paragraphs]),
        structured: if words.chance(0.5) {
            Structured::JsonLd(kind)
        } else {
            Structured::Microdata(kind)
        },
        strikes_out: words.chance(0.5),
        reminds: true,
        replies: if italian {
            texts(&["Grazie mille! Possiamo portare il cane?", "Perfetto, a presto."])
        } else {
            texts(&[
                "¡Gracias! ¿Se puede llevar al perro?",
                "Perfecto, allí estaremos.",
            ])
        },
        quotes: say(
            "Il {sent}, {business} <{sender}> ha scritto:",
            "El {sent}, {business} <{sender}> escribió:",
        ),
        forwards: say(
            "---------- Messaggio inoltrato ----------",
            "---------- Mensaje reenviado ----------",
        ),
        unrelated: if italian {
            pairs(&[
                ("Fattura 118/26", "In allegato la fattura di {amount}."),
                ("Offerta di primavera", "Tre giorni a partire da {amount}."),
            ])
        } else {
            pairs(&[
                ("Factura 118/26", "Adjuntamos la factura de {amount}."),
                ("Oferta de primavera", "Tres días desde {amount}."),
            ])
        },
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (3, Encoding::Base64),
            (2, Encoding::EightBit),
            (1, Encoding::Latin),
        ],
    }
}

fn calendar(words: &mut Random, italian: bool, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::One,
        id: if italian { "mezzi" } else { "flota" }.to_owned(),
        summary: if italian { "Mezzi" } else { "Flota" }.to_owned(),
        shape: EventShape::Timed,
        title: words.word(&[
            "{FAMILY} {given} – {resource}",
            "{resource} | {name}",
            "{reference} {resource} {family}",
        ]),
        return_title: String::new(),
        informal: texts(&["{family} {code}", "{given} {resource}", "{FAMILY}"]),
        description: words.word(&[
            "{reference}\n{phone}",
            "{code}\n{email}\n{phone}",
            "{class} {code}\n{end}",
        ]),
        informal_description: "tel {phone}".to_owned(),
        location: words.word(&["", "{address}"]),
        properties: Vec::new(),
        invites: words.chance(0.3),
        dates,
        cancelled_prefix: None,
        unrelated: if italian {
            texts(&["Tagliando {code}", "Revisione {code}", "Riunione"])
        } else {
            texts(&["Revisión {code}", "ITV {code}", "Reunión"])
        },
    }
}

fn stripe(words: &mut Random, italian: bool) -> StripeWords {
    let key = if italian {
        words.word(&["prenotazione", "codice"])
    } else {
        words.word(&["reserva", "localizador"])
    };
    StripeWords {
        metadata: vec![(key, "{reference}".to_owned())],
        purposes: if italian {
            four(["totale", "acconto", "saldo", "differenza"])
        } else {
            four(["total", "señal", "resto", "diferencia"])
        },
        description: if italian {
            words.word(&["Noleggio {class}", "{purpose}"])
        } else {
            words.word(&["Alquiler {class}", "{purpose}"])
        },
        informal: if italian {
            texts(&["Noleggio {family}", "camper", ""])
        } else {
            texts(&["Alquiler {family}", "furgoneta", ""])
        },
        terminal: if italian { "Pagamento POS" } else { "Cobro TPV" }.to_owned(),
        hold: if italian { "Cauzione" } else { "Fianza" }.to_owned(),
        incidentals: if italian {
            sales(&[("Pulizia extra", 3000, 6000), ("Gasolio", 2000, 9000)])
        } else {
            sales(&[("Limpieza", 3000, 6000), ("Gasóleo", 2000, 9000)])
        },
        unrelated: if italian {
            sales(&[("Buono regalo", 5000, 20_000), ("Tenda", 9900, 24_900)])
        } else {
            sales(&[("Tarjeta regalo", 5000, 20_000), ("Toldo", 9900, 24_900)])
        },
        carrier: Carrier::Session,
    }
}

fn schema(words: &mut Random, italian: bool) -> Schema {
    let zoned = TimeColumn::Zoned;
    let money = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    let pick = |it: &'static str, es: &'static str| if italian { it } else { es };
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            pick("mezzi|veicoli", "vehiculos|furgonetas"),
            "id",
            vec![
                (pick("nome", "nombre"), Holds::Name),
                (pick("targa", "matricula"), Holds::Code),
                (pick("modello", "modelo"), Holds::Class),
                (pick("tariffa", "tarifa"), Holds::Rate(money)),
            ],
        ),
        customer: table(
            words,
            pick("clienti|anagrafica", "clientes|personas"),
            "id",
            vec![
                (pick("nome", "nombre"), Holds::FirstName),
                (pick("cognome", "apellidos"), Holds::LastName),
                (pick("email|posta", "email|correo"), Holds::Email),
                (pick("telefono|cellulare", "telefono|movil"), Holds::Phone),
                (pick("creato_il", "creado"), Holds::CreatedAt(zoned)),
            ],
        ),
        booking: table(
            words,
            pick("prenotazioni|noleggi", "reservas|alquileres"),
            "id",
            vec![
                (pick("codice", "localizador"), Holds::Reference),
                (pick("cliente_id|cliente", "cliente_id|cliente"), Holds::Customer),
                (pick("mezzo_id", "vehiculo_id"), Holds::Resource),
                (pick("ritiro|inizio", "recogida|inicio"), Holds::StartsAt(zoned)),
                (pick("riconsegna|fine", "devolucion|fin"), Holds::EndsAt(zoned)),
                (pick("stato", "estado"), Holds::Status),
                (pick("totale", "importe"), Holds::Total(money)),
                (pick("canale", "canal"), constant("web", "reconstructed")),
                (pick("creata_il", "creada"), Holds::CreatedAt(zoned)),
            ],
        ),
        payment: table(
            words,
            pick("pagamenti", "pagos"),
            "id",
            vec![
                (pick("prenotazione_id", "reserva_id"), Holds::Booking),
                ("stripe_id|charge", Holds::ProviderId),
                (pick("importo", "importe"), Holds::Amount(money)),
                (pick("rimborsato", "devuelto"), Holds::Refunded(money)),
                (pick("pagato_il", "pagado"), Holds::PaidAt(zoned)),
            ],
        ),
        tenant: None,
        statuses: if italian {
            three(["confermata", "annullata", "conclusa"])
        } else {
            three(["confirmada", "anulada", "terminada"])
        },
        uuids: false,
    }
}
