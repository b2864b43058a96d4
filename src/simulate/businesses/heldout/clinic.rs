//! A physiotherapy clinic in Brazil: letters of a line or two that leave out price and end, a calendar for each therapist that
//! tells nearly all, no references.

use super::super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("Clínica Movimento", "clinicamovimento"),
        ("FisioVida", "fisiovida"),
        ("Espaço Postura", "espacopostura"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{dd}/{nn} às {HH}h{mi}",
        "{w} {dd}/{nn}/{y} {HH}:{mi}",
        "{W}, {d} de {M}, às {HH}:{mi}",
        "{dd}/{nn}/{yy} {H}h{mi}",
    ]);
    let dates = dates(&moment, "{dd}/{nn}/{y}", "{HH}:{mi}");
    Business {
        zone: chrono_tz::America::Sao_Paulo,
        country: "BR",
        language: Language::Portuguese,
        currency: Currency {
            code: "brl",
            decimals: 2,
        },
        address: words.word(&[
            "Rua das Acácias, 210, Curitiba - PR",
            "Av. Sete de Setembro, 88, Recife - PE",
        ]),
        phone: "(41) 3555-0142".to_owned(),
        people: people(),
        trade: trade(words),
        reference: ReferenceShape::None,
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
            "Lucas Gabriela Matheus Larissa Rafael Camila Thiago Juliana Felipe Fernanda Bruno Letícia Gustavo Amanda Rodrigo Bruna \
             Vinícius Patrícia Caio Débora José Antônia Raimundo Luíza Everton Jéssica Wesley Priscila Sebastião Cauã",
        ),
        family: names(
            "Silva Souza Santos Oliveira Lima Pereira Ferreira Costa Alves Rodrigues Barbosa Ribeiro Araújo Carvalho Gomes Rocha Dias \
             Nascimento Moura Cavalcanti Teixeira Freitas Bezerra Nakamura Schmitz de_Souza dos_Santos da_Silva",
        ),
        family_parts: (
            names("Alben Bar Bite Cal Cam Fon Gui Lis Mace Mel Mon Nova Pei Pi Que Sam Tava Var Ven Zan"),
            names(
                "boa bosa cas court do gas go lo marães nheiro pos quim res ros seca teiro tes to xoto zes",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["(41) 9####-####", "41 9########", "+55 41 9####-####"]),
        mail_hosts: texts(&["uol.example", "bol.example", "gmail.example", "hotmail.example"]),
        companies: texts(&["Transportes Vale Ltda", "Colégio Aurora"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let therapists = match words.below(2) {
        0 => [
            "Dra. Helena Prado",
            "Dr. Otávio Reis",
            "Dra. Simone Kato",
            "Dr. Davi Lobo",
        ],
        _ => ["Marta Queiroz", "Ivan Peixoto", "Rosana Dutra", "Célio Ramos"],
    };
    Trade {
        classes: vec![
            class("Ortopedia", &therapists[..1], 14_000, ""),
            class("Pilates", &therapists[1..2], 9500, ""),
            class("RPG", &therapists[2..3], 17_500, ""),
            class("Pediatria", &therapists[3..], 12_000, ""),
        ],
        naming: String::new(),
        fleet_min: 4,
        stay: Stay::Timed {
            minutes: vec![(7, 50), (2, 30), (1, 80)],
            opens: 420,
            closes: 1200,
            step: 10,
        },
        rate_minutes: 80,
        seats: None,
        plans: vec![(7, Plan::Full), (3, Plan::OnSite)],
        lead_days_max: 21,
        returning: 0.45,
        changed: 0.12,
        cancelled: 0.06,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let with_resource = words.chance(0.5);
    let mut confirmations = if with_resource {
        vec![
            "sua sessão com {resource} está marcada: {start}.",
            "confirmado! {start}, com {resource}.",
            "agendamos {resource} para você em {start}. Até lá.",
        ]
    } else {
        vec![
            "sua sessão está marcada: {start}.",
            "confirmado! Esperamos você em {start}.",
            "seu horário: {start}. Traga roupa confortável.",
        ]
    };
    words.shuffle(&mut confirmations);
    confirmations.truncate(2);
    MailWords {
        sender: format!("{}@{domain}", words.word(&["agenda", "recepcao", "contato"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "Sua sessão",
                "Mudança de horário",
                "Sessão desmarcada",
                "Lembrete",
            ]),
            _ => four([
                "Agendamento confirmado",
                "Agendamento remarcado",
                "Agendamento cancelado",
                "Amanhã tem sessão",
            ]),
        },
        headlines: four(["", "", "", ""]),
        greeting: words.word(&["Oi {given},", "Olá {name},", "{given},"]),
        lines: Vec::new(),
        prose: [
            texts(&confirmations),
            texts(&[
                "seu horário mudou. Agora é {start}.",
                "remarcamos sua sessão para {start} com {resource}.",
            ]),
            texts(&[
                "desmarcamos sua sessão de {start}.",
                "a sessão de {start} foi cancelada.",
            ]),
            texts(&["amanhã tem sessão: {start}."]),
        ],
        closing: vec!["{business}".to_owned(), "{house_phone}".to_owned()],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["R$ {}", "R${}", "R$\u{a0}{}"]), ",", "."),
        text: TextStyle::Pairs(": "),
        html: *words.pick(&[HtmlStyle::Absent, HtmlStyle::Absent, HtmlStyle::Paragraphs]),
        structured: Structured::None,
        strikes_out: false,
        reminds: true,
        replies: texts(&["ok, obrigada!", "Posso levar o exame?", "Chego 10 min atrasado"]),
        quotes: "Em {sent}, {business} <{sender}> escreveu:".to_owned(),
        forwards: "---------- Mensagem encaminhada ---------".to_owned(),
        unrelated: pairs(&[
            ("Boleto vencendo", "Seu boleto de {amount} vence amanhã."),
            ("Nota fiscal eletrônica", "Emitimos a NF-e no valor de {amount}."),
            ("Pacote de verão", "Dez sessões por {amount}."),
        ]),
        encodings: vec![
            (4, Encoding::EightBit),
            (4, Encoding::QuotedPrintable),
            (2, Encoding::Latin),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: if words.chance(0.7) {
            CalendarSplit::PerResource
        } else {
            CalendarSplit::One
        },
        id: "agenda{key}".to_owned(),
        summary: words.word(&["Agenda {resource}", "{resource}"]),
        shape: EventShape::Timed,
        title: words.word(&[
            "{name} ({resource})",
            "{resource}: {name}",
            "{name} - {class} - {resource}",
        ]),
        return_title: String::new(),
        informal: texts(&["{given} retorno", "{family}", "encaixe {name}"]),
        description: words.word(&[
            "Paciente: {name}\nFone: {phone}\nE-mail: {email}\nValor: {total}",
            "{name}\n{email}\n{phone}\n{class}, {total}",
            "Tel {phone}\nProf. {resource}\nTotal {total}\nAtend. {id}",
        ]),
        informal_description: "ligar {phone}".to_owned(),
        location: words.word(&["", "Sala {key}"]),
        properties: if words.chance(0.4) {
            pairs(&[("atendimento", "{id}")])
        } else {
            Vec::new()
        },
        invites: words.chance(0.3),
        dates,
        cancelled_prefix: words.chance(0.5).then(|| "DESMARCOU ".to_owned()),
        unrelated: texts(&["Almoço", "Reunião de equipe", "Curso", "Limpeza sala"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => pairs(&[("atendimento", "{id}")]),
            1 => pairs(&[("paciente", "{email}"), ("horario", "{iso_start}")]),
            _ => Vec::new(),
        },
        purposes: four(["integral", "sinal", "saldo", "diferença"]),
        description: words.word(&["Sessão {date}", "Fisioterapia", "{class} {start}"]),
        informal: texts(&["sessão {family}", "avulso", ""]),
        terminal: "Maquininha recepção".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("Faixa elástica", 3500, 6000)]),
        unrelated: sales(&[
            ("Pacote 10 sessões", 70_000, 140_000),
            ("Bola suíça", 8900, 12_900),
        ]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Intent]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let local = TimeColumn::Local;
    let major = MoneyColumn::Major;
    Schema {
        dialect: Dialect::Mysql,
        resource: table(
            words,
            "profissionais|terapeutas",
            "id|cod",
            vec![
                ("nome", Holds::Name),
                ("especialidade|area", Holds::Class),
                ("valor_sessao", Holds::Rate(major)),
            ],
        ),
        customer: table(
            words,
            "pacientes|clientes",
            "id|cod",
            vec![
                ("prenome|nome", Holds::FirstName),
                ("sobrenome", Holds::LastName),
                ("email", Holds::Email),
                ("celular|fone", Holds::Phone),
                ("cadastro|criado", Holds::CreatedAt(local)),
            ],
        ),
        booking: table(
            words,
            "sessoes|atendimentos|agenda",
            "id|cod",
            vec![
                ("paciente|paciente_id", Holds::Customer),
                ("profissional|profissional_id", Holds::Resource),
                ("inicio|hora_inicio", Holds::StartsAt(local)),
                ("termino|hora_fim", Holds::EndsAt(local)),
                ("situacao", Holds::Status),
                ("preco|valor", Holds::Total(major)),
                ("origem", constant("site", "reconstruido")),
                ("cadastro|criado", Holds::CreatedAt(local)),
            ],
        ),
        payment: table(
            words,
            "recebimentos|pagtos",
            "id|cod",
            vec![
                ("sessao|sessao_id", Holds::Booking),
                ("transacao", Holds::ProviderId),
                ("valor", Holds::Amount(major)),
                ("estorno", Holds::Refunded(major)),
                ("data|recebido_em", Holds::PaidAt(local)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["marcada", "desmarcada", "feita"]),
            _ => three(["A", "C", "F"]),
        },
        uuids: false,
    }
}
