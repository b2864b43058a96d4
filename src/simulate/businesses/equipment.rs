//! Equipment hire in French Canada: two events for each booking, one when it goes out and one when it comes back; times as
//! seconds in the database.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Location Boréale", "locationboreale"),
        ("Plein Air Laurentides", "pleinairlaurentides"),
        ("Outillage Saint-Roch", "outillagesaintroch"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "le {W} {th} {M} {y} à {H} h {mi}",
        "{y}-{nn}-{dd} à {HH}:{mi}",
        "{d} {m} {y}, {H}\u{a0}h\u{a0}{mi}",
    ]);
    let dates = dates(&moment, "{th} {M} {y}", "{H} h {mi}");
    let reference = match words.below(3) {
        0 => ReferenceShape::Sequential {
            prefix: "CT-".to_owned(),
            first: 88_210,
        },
        1 => ReferenceShape::Monthly { separator: "-" },
        _ => ReferenceShape::Code {
            prefix: "L".to_owned(),
            length: 6,
            alphabet: "0123456789ABCDEF",
        },
    };
    Business {
        zone: chrono_tz::America::Toronto,
        country: "CA",
        language: Language::French,
        currency: Currency {
            code: "cad",
            decimals: 2,
        },
        address: "1840, rue Principale, Sainte-Adèle".to_owned(),
        phone: "450 555-0136".to_owned(),
        people: people(),
        trade: trade(),
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
            "Jean Marie Luc Chantal Marc-André Sylvie Étienne Geneviève Mathieu Josée Félix Ariane Olivier Mélanie Benoît Julie \
             Guillaume Stéphanie Yves Nathalie Hélène François Zoé Rosalie",
        ),
        family: names(
            "Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier Bélanger Lévesque Bergeron \
             Leblanc Paquette Girard Simard Boucher Caron Beaulieu Cloutier Dubé St-Pierre Lessard-Roy L'Écuyer",
        ),
        family_parts: (
            names("Beau Bel Bois Char Cour Des Du Gran La Lal Le Mar Mon Pel Ro Saint- Va Ville"),
            names(
                "bert champs chemin court dier fleur font gny jardins londe main mont neuve pré rivière selle teau vigne",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["514 555-0###", "(450) 555-0###", "+1 418 555 0###"]),
        mail_hosts: texts(&[
            "videotron.example",
            "gmail.example",
            "sympatico.example",
            "hotmail.example",
        ]),
        companies: texts(&["Construction Hamel inc.", "Camp du Lac Vert"]),
    }
}

fn trade() -> Trade {
    Trade {
        classes: vec![
            class("Canot", &[], 4500, "E-####"),
            class("Remorque", &[], 6000, "E-####"),
            class("Génératrice", &[], 7250, "E-####"),
            class("Tente 6 places", &[], 3800, "E-####"),
        ],
        naming: "{class} {n}".to_owned(),
        fleet_min: 12,
        stay: Stay::Timed {
            minutes: vec![(4, 1440), (3, 2880), (2, 4320), (1, 10_080)],
            opens: 480,
            closes: 1050,
            step: 15,
        },
        rate_minutes: 1440,
        seats: None,
        plans: vec![(6, Plan::Full), (3, Plan::Deposit(25)), (1, Plan::OnSite)],
        lead_days_max: 40,
        returning: 0.2,
        changed: 0.12,
        cancelled: 0.06,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let mut lines = vec![
        line(
            words,
            &["Numéro de contrat", "Réservation", "Dossier"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["Client", "Au nom de"], "{name}", Shown::Always),
        line(words, &["Équipement", "Article"], "{resource}", Shown::Always),
        line(
            words,
            &["Cueillette", "Sortie", "Prise en charge"],
            "{start}",
            Shown::Always,
        ),
        line(words, &["Retour", "À rapporter"], "{end}", Shown::WhileBooked),
        line(
            words,
            &["Total", "Montant", "Total (taxes incluses)"],
            "{total}",
            Shown::WhileBooked,
        ),
        line(words, &["Acompte reçu"], "{paid}", Shown::WithBalance),
        line(words, &["Solde à payer"], "{due}", Shown::WithBalance),
    ];
    lines.push(line(words, &["État", "Statut"], "annulé", Shown::WhenCancelled));
    words.shuffle(&mut lines[..3]);
    MailWords {
        sender: format!("{}@{domain}", words.word(&["reservation", "info", "comptoir"])),
        sender_name: name.to_owned(),
        subjects: four([
            "Confirmation {reference}",
            "Modification {reference}",
            "Annulation {reference}",
            "Rappel : votre location demain",
        ]),
        headlines: match words.below(2) {
            0 => four([
                "Votre réservation est confirmée.",
                "Votre réservation a été modifiée.",
                "Votre réservation est annulée.",
                "On vous attend demain.",
            ]),
            _ => four([
                "C'est réservé!",
                "Voici les nouveaux détails de votre location :",
                "Nous avons annulé la location suivante :",
                "Petit rappel pour demain :",
            ]),
        },
        greeting: words.word(&["Bonjour {given},", "Bonjour {name},"]),
        lines,
        prose: Default::default(),
        closing: vec![
            "Merci et à bientôt!".to_owned(),
            "{business}, {address}, {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new("{}\u{a0}$", ",", "\u{a0}"),
        text: words
            .pick(&[
                TextStyle::Pairs("\u{a0}: "),
                TextStyle::Pairs(" : "),
                TextStyle::Aligned,
                TextStyle::Below,
            ])
            .clone(),
        html: *words.pick(&[
            HtmlStyle::Absent,
            HtmlStyle::Definitions,
            HtmlStyle::Table,
            HtmlStyle::Builder,
        ]),
        structured: Structured::None,
        strikes_out: words.chance(0.4),
        reminds: true,
        replies: texts(&[
            "Merci! Est-ce que les vestes sont incluses?",
            "Parfait, à demain.",
        ]),
        quotes: "Le {sent}, {business} <{sender}> a écrit :".to_owned(),
        forwards: "---------- Message transféré ----------".to_owned(),
        unrelated: pairs(&[
            ("Facture 5521", "Veuillez trouver notre facture de {amount}."),
            ("Solde de fin de saison", "Canots usagés à partir de {amount}."),
            ("Livraison", "Votre colis sera livré jeudi."),
        ]),
        encodings: vec![
            (4, Encoding::QuotedPrintable),
            (2, Encoding::Base64),
            (3, Encoding::EightBit),
            (1, Encoding::Latin),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    let (title, return_title) = match words.below(3) {
        0 => ("Sortie – {resource} – {name}", "Retour – {resource} – {name}"),
        1 => ("OUT {reference} {family}", "IN {reference} {family}"),
        _ => ("{name} part avec {resource}", "{name} rapporte {resource}"),
    };
    CalendarWords {
        split: CalendarSplit::One,
        id: words.word(&["comptoir", "sorties"]),
        summary: "Comptoir".to_owned(),
        shape: EventShape::OutAndReturn,
        title: title.to_owned(),
        return_title: return_title.to_owned(),
        informal: texts(&["{family} {resource}", "{given} {class}"]),
        description: words.word(&[
            "{reference}\n{phone}",
            "{code}\nContrat {reference}\n{phone}",
            "{resource} ({code})\n{email}",
        ]),
        informal_description: "rappeler {phone}".to_owned(),
        location: String::new(),
        properties: if words.chance(0.4) {
            pairs(&[("contrat", "{reference}")])
        } else {
            Vec::new()
        },
        invites: false,
        dates,
        cancelled_prefix: words.chance(0.3).then(|| "ANNULÉ ".to_owned()),
        unrelated: texts(&["Réparation {code}", "Inventaire", "Livraison fournisseur"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: vec![
            (
                words.word(&["contrat", "reservation", "no"]),
                "{reference}".to_owned(),
            ),
            ("nature".to_owned(), "{purpose}".to_owned()),
        ],
        purposes: four(["complet", "acompte", "solde", "écart"]),
        description: words.word(&[
            "Location {reference}",
            "{resource} du {date}",
            "Contrat {reference} – {purpose}",
        ]),
        informal: texts(&["location {family}", "Location {class}", ""]),
        terminal: "Paiement au comptoir".to_owned(),
        hold: "Dépôt de sécurité".to_owned(),
        incidentals: sales(&[("Nettoyage {reference}", 2000, 4000), ("Essence", 1000, 6000)]),
        unrelated: sales(&[("Carte-cadeau", 5000, 15_000), ("Pagaie usagée", 2000, 6000)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Session]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let epoch = TimeColumn::Epoch;
    let cents = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    Schema {
        dialect: Dialect::Sqlite,
        resource: table(
            words,
            "equipements|articles|inventaire",
            "id",
            vec![
                ("nom|libelle", Holds::Name),
                ("numero|etiquette", Holds::Code),
                ("categorie", Holds::Class),
                ("tarif", Holds::Rate(cents)),
            ],
        ),
        customer: table(
            words,
            "clients",
            "id",
            vec![
                ("nom", Holds::Name),
                ("courriel", Holds::Email),
                ("telephone|cellulaire", Holds::Phone),
                ("cree", Holds::CreatedAt(epoch)),
            ],
        ),
        booking: table(
            words,
            "contrats|locations|reservations",
            "id",
            vec![
                ("numero|contrat", Holds::Reference),
                ("client|client_id", Holds::Customer),
                ("equipement|article_id", Holds::Resource),
                ("sortie|debut", Holds::StartsAt(epoch)),
                ("retour|fin", Holds::EndsAt(epoch)),
                ("etat|statut", Holds::Status),
                ("montant|total", Holds::Total(cents)),
                ("provenance", constant("web", "reconstruit")),
                ("cree|cree_le", Holds::CreatedAt(epoch)),
            ],
        ),
        payment: table(
            words,
            "paiements",
            "id",
            vec![
                ("contrat|reservation", Holds::Booking),
                ("charge|stripe", Holds::ProviderId),
                ("montant", Holds::Amount(cents)),
                ("rembourse", Holds::Refunded(cents)),
                ("recu_le", Holds::PaidAt(epoch)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["confirmé", "annulé", "terminé"]),
            _ => three(["ouvert", "annule", "ferme"]),
        },
        uuids: false,
    }
}
