//! A garage in Tunis: French letters, dinars of three decimals, payments on invoices; in the database a table of payments
//! without a number of its own, and addresses and changes in tables beside.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Garage El Menzah", "garage-elmenzah"),
        ("Carthage Mécanique", "carthage-mecanique"),
        ("Atelier du Lac", "atelierdulac"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W} {d} {M} {y} à {HH}h{mi}",
        "{dd}-{nn}-{y} {HH}:{mi}",
        "{w} {dd}/{nn}/{y} à {H}h{mi}",
    ]);
    let dates = dates(&moment, "{d} {M} {y}", "{HH}h{mi}");
    let reference = match words.below(3) {
        0 => ReferenceShape::Monthly { separator: "-RDV-" },
        1 => ReferenceShape::Sequential {
            prefix: "OR".to_owned(),
            first: 30_417,
        },
        _ => ReferenceShape::Code {
            prefix: "TN-".to_owned(),
            length: 5,
            alphabet: PLAIN,
        },
    };
    Business {
        zone: chrono_tz::Africa::Tunis,
        country: "TN",
        language: Language::French,
        currency: Currency {
            code: "tnd",
            decimals: 3,
        },
        address: words.word(&[
            "18, rue des Jasmins, El Menzah",
            "Zone industrielle, lot 7, La Goulette",
        ]),
        phone: "71 555 018".to_owned(),
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
            "Mohamed Amira Ahmed Salma Ali Ines Youssef Mariem Sami Rim Karim Nour Hatem Olfa Nizar Sonia Walid Asma Fethi Leïla \
             Slim Hédi Emna Tarek Khaoula Bilel Syrine Anis",
        ),
        family: names(
            "Ben_Ali Trabelsi Gharbi Mejri Bouazizi Chaabane Jaziri Hamdi Khelifi Mansouri Ayari Dridi Ben_Salah Zouari Ferchichi \
             Guesmi Haddad Jebali Karoui Masmoudi Nasri Oueslati Rekik Sassi Turki Zaïbi",
        ),
        family_parts: (
            names("Ab Ba Bou Cha Dar Fa Gha Ha Ja Ka La Ma Na Ou Ra Sa Ta Ya Za"),
            names(
                "bidi chiri dhaoui fsi ghrabi houri jri kkari lloumi mmami nnoubi rfaoui ssaadi ttari zzouzi",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["2# 555 ###", "+216 9# 555 ###", "5#555###"]),
        mail_hosts: texts(&[
            "topnet.example",
            "gmail.example",
            "planet-tn.example",
            "yahoo.example",
        ]),
        companies: texts(&[
            "Société Sahel Transport",
            "Carthage Loc SARL",
            "Pharmacie Centrale",
        ]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let bay = words.word(&["Pont", "Poste", "Baie"]);
    Trade {
        classes: vec![
            class("Vidange", &[], 85_500, ""),
            class("Diagnostic", &[], 60_000, ""),
            class("Carrosserie", &[], 142_750, ""),
        ],
        naming: format!("{bay} {{class}} {{n}}"),
        fleet_min: 6,
        stay: Stay::Timed {
            minutes: vec![(5, 60), (4, 120), (2, 240), (1, 2880)],
            opens: 480,
            closes: 1080,
            step: 30,
        },
        rate_minutes: 60,
        seats: None,
        plans: vec![(5, Plan::Full), (3, Plan::Deposit(30)), (2, Plan::OnSite)],
        lead_days_max: 25,
        returning: 0.3,
        changed: 0.15,
        cancelled: 0.07,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let mut lines = vec![
        line(
            words,
            &["N° de rendez-vous", "Ordre de réparation", "Réf. dossier"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["Client", "Propriétaire"], "{name}", Shown::Always),
        line(
            words,
            &["Poste", "Intervention", "Atelier"],
            "{resource}",
            Shown::Always,
        ),
        line(
            words,
            &["Dépôt du véhicule", "Début", "Rendez-vous le"],
            "{start}",
            Shown::Always,
        ),
        line(
            words,
            &["Véhicule prêt", "Fin prévue", "À récupérer"],
            "{end}",
            Shown::WhileBooked,
        ),
        line(
            words,
            &["Devis TTC", "Montant", "Forfait"],
            "{total}",
            Shown::WhileBooked,
        ),
        line(
            words,
            &["Acompte versé", "Déjà réglé"],
            "{paid}",
            Shown::WithBalance,
        ),
        line(words, &["Reste dû", "Solde"], "{due}", Shown::WithBalance),
    ];
    words.shuffle(&mut lines[..3]);
    let decimal = *words.pick(&[",", "."]);
    let group = *words.pick(&["\u{a0}", ""]);
    MailWords {
        sender: format!("{}@{domain}", words.word(&["rdv", "atelier", "accueil"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "Votre rendez-vous {reference}",
                "Rendez-vous {reference} déplacé",
                "Rendez-vous {reference} annulé",
                "Rappel de rendez-vous",
            ]),
            _ => four([
                "{business} : rendez-vous confirmé",
                "{business} : rendez-vous modifié",
                "{business} : rendez-vous annulé",
                "{business} : à demain",
            ]),
        },
        headlines: match words.below(2) {
            0 => four([
                "Nous attendons votre véhicule.",
                "Votre rendez-vous a changé, voici le nouveau.",
                "Votre rendez-vous est annulé.",
                "Nous vous attendons demain.",
            ]),
            _ => four([
                "C'est noté, merci de votre confiance.",
                "Nous avons modifié votre rendez-vous comme convenu.",
                "Comme demandé, nous annulons ce rendez-vous.",
                "Petit rappel pour demain.",
            ]),
        },
        greeting: words.word(&["Bonjour {name},", "Cher client,", "Bonjour M./Mme {family},"]),
        lines,
        prose: Default::default(),
        closing: vec![
            "Merci d'apporter la carte grise.".to_owned(),
            "{business}, {address}, tél. {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new(
            &words.word(&["{} DT", "{} TND", "{}\u{a0}dinars"]),
            decimal,
            group,
        ),
        text: words
            .pick(&[TextStyle::Pairs(" : "), TextStyle::Aligned, TextStyle::Below])
            .clone(),
        html: *words.pick(&[HtmlStyle::Absent, HtmlStyle::Table, HtmlStyle::Definitions]),
        structured: words.pick(&[Structured::None, Structured::Calendar]).clone(),
        strikes_out: words.chance(0.3),
        reminds: true,
        replies: texts(&["Merci, je viendrai avec la remorque.", "Bien reçu, à bientôt."]),
        quotes: "Le {sent}, {business} <{sender}> a écrit :".to_owned(),
        forwards: "-------- Message transféré --------".to_owned(),
        unrelated: pairs(&[
            ("Facture pièces 2217", "Merci de régler {amount} sous 15 jours."),
            ("Promotion pneus", "Quatre pneus posés à partir de {amount}."),
            (
                "Contrôle des extincteurs",
                "Notre technicien passera mardi matin.",
            ),
        ]),
        encodings: vec![
            (5, Encoding::QuotedPrintable),
            (2, Encoding::Base64),
            (1, Encoding::EightBit),
            (1, Encoding::Latin),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::One,
        id: words.word(&["atelier", "planning"]),
        summary: "Atelier".to_owned(),
        shape: EventShape::Timed,
        title: words.word(&[
            "{resource} / {name}",
            "{reference} {family}",
            "{name} ({resource}, {reference})",
        ]),
        return_title: String::new(),
        informal: texts(&["{family} {class}", "voiture de {given}", "{name} tel"]),
        description: words.word(&[
            "{reference}\n{phone}\n{total}",
            "{phone}\n{resource}",
            "Dossier {reference}, {email}",
        ]),
        informal_description: "rappeler {phone}".to_owned(),
        location: String::new(),
        properties: Vec::new(),
        invites: false,
        dates,
        cancelled_prefix: words.chance(0.4).then(|| "(annulé) ".to_owned()),
        unrelated: texts(&["Livraison huile", "Révision compresseur", "Inventaire"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => pairs(&[("dossier", "{reference}")]),
            1 => pairs(&[("rdv", "{reference}"), ("objet", "{purpose}")]),
            _ => pairs(&[("rdv_id", "{id}")]),
        },
        purposes: four(["total", "acompte", "solde", "complément"]),
        description: words.word(&[
            "Rendez-vous {reference}",
            "{resource} le {date}",
            "{class} {reference}",
        ]),
        informal: texts(&["réparation {family}", "atelier", ""]),
        terminal: "TPE accueil".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Filtre à air", 18_000, 45_000), ("Ampoules", 6000, 22_000)]),
        unrelated: sales(&[("Batterie", 180_000, 320_000), ("Essuie-glaces", 24_000, 60_000)]),
        carrier: *words.pick(&[Carrier::Invoice, Carrier::Invoice, Carrier::Intent]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let local = TimeColumn::Local;
    let money = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    Schema {
        dialect: Dialect::Mysql,
        resource: table(
            words,
            "postes|ponts",
            "id|poste_id",
            vec![
                ("libelle|nom", Holds::Name),
                ("metier|type", Holds::Class),
                ("tarif_horaire", Holds::Rate(money)),
            ],
        ),
        customer: table(
            words,
            "clients|proprietaires",
            "id|client_no",
            vec![
                ("nom|nom_complet", Holds::Name),
                ("courriel|mail", Holds::Email),
                ("gsm|telephone", Holds::Phone),
                ("inscrit_le", Holds::CreatedAt(local)),
            ],
        )
        .with(table(
            words,
            "adresses|coordonnees",
            "id",
            vec![
                ("client", Holds::Customer),
                ("usage_de", constant("facturation", "facturation")),
                ("courriel", Holds::Email),
                ("gsm", Holds::Phone),
            ],
        )),
        booking: table(
            words,
            "rendez_vous|ordres",
            "id|numero",
            vec![
                ("reference|dossier", Holds::Reference),
                ("client|client_id", Holds::Customer),
                ("poste|pont", Holds::Resource),
                ("debut|depot", Holds::StartsAt(local)),
                ("fin|restitution", Holds::EndsAt(local)),
                ("etat|statut", Holds::Status),
                ("devis|montant", Holds::Total(money)),
                ("origine", constant("site", "reconstitué")),
                ("saisi_le|cree_le", Holds::CreatedAt(local)),
            ],
        )
        .with(table(
            words,
            "historique|journal_rdv",
            "id",
            vec![
                ("rdv", Holds::Booking),
                ("etat", Holds::Status),
                ("debut", Holds::StartsAt(local)),
                ("montant", Holds::Total(money)),
                ("modifie_le", Holds::CreatedAt(local)),
            ],
        )),
        payment: table(
            words,
            "reglements|encaissements",
            "rdv+charge",
            vec![
                ("rdv", Holds::Booking),
                ("charge", Holds::ProviderId),
                ("montant", Holds::Amount(money)),
                ("rembourse", Holds::Refunded(money)),
                ("recu_le|le", Holds::PaidAt(local)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["prévu", "annulé", "rendu"]),
            _ => three(["O", "A", "T"]),
        },
        uuids: false,
    }
}
