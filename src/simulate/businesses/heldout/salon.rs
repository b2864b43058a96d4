//! Salons in Jordan: Arabic letters, dinars of three decimals, two branches on accounts of their own, days in another order,
//! and whole letters in one paragraph.

use super::super::prelude::*;
use crate::simulate::speech::Words;

static ARABIC: Words = Words {
    weekdays: [
        "الاثنين",
        "الثلاثاء",
        "الأربعاء",
        "الخميس",
        "الجمعة",
        "السبت",
        "الأحد",
    ],
    short_weekdays: ["إثن", "ثلا", "أرب", "خمي", "جمع", "سبت", "أحد"],
    months: [
        "كانون الثاني",
        "شباط",
        "آذار",
        "نيسان",
        "أيار",
        "حزيران",
        "تموز",
        "آب",
        "أيلول",
        "تشرين الأول",
        "تشرين الثاني",
        "كانون الأول",
    ],
    short_months: [
        "ك2", "شبا", "آذا", "نيس", "أيا", "حزي", "تمو", "آب", "أيل", "ت1", "ت2", "ك1",
    ],
    halves: ["ص", "م"],
};

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("صالون الياسمين", "yasmin-salon"),
        ("مركز لمسة", "lamsa-center"),
        ("بيت الأناقة", "bayt-anaqa"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{W} {d} {M} {y} الساعة {h}:{mi} {AP}",
        "{y}/{nn}/{dd} - {HH}:{mi}",
        "{dd}/{nn}/{y} الساعة {h}:{mi} {AP}",
        "يوم {W} الموافق {d}-{n}-{y} عند {h}:{mi} {AP}",
    ]);
    let dates = dates(&moment, "{d} {M} {y}", "{h}:{mi} {AP}");
    let tenants = ["فرع عبدون|abdoun", "فرع إربد|irbid"]
        .iter()
        .filter_map(|tenant| tenant.split_once('|'))
        .map(|(branch, short)| Tenant {
            name: format!("{name} - {branch}"),
            sender: format!("{short}@{domain}"),
            account: format!("acct_1{}", words.token(15, PLAIN)),
            calendar: format!("{short}.calendar@{domain}"),
        })
        .collect();
    let reference = match words.below(3) {
        0 => ReferenceShape::None,
        1 => ReferenceShape::Sequential {
            prefix: "م".to_owned(),
            first: 5_204,
        },
        _ => ReferenceShape::Monthly { separator: "/" },
    };
    let named = !matches!(reference, ReferenceShape::None);
    Business {
        zone: chrono_tz::Asia::Amman,
        country: "JO",
        language: Language::Of(&ARABIC),
        currency: Currency {
            code: "jod",
            decimals: 3,
        },
        address: words.word(&["شارع الأميرة بسمة 14، عمّان", "شارع الجامعة 3، عمّان"]),
        phone: "06 555 0123".to_owned(),
        people: people(),
        trade: trade(words),
        reference,
        tenants,
        mail: mail(words, named, name, &domain, &dates),
        calendar: calendar(words, named, dates),
        stripe: stripe(words, named),
        schema: schema(words, named),
        name: name.to_owned(),
        domain,
    }
}

fn people() -> People {
    People {
        given: names(
            "ليلى/Layla رنا/Rana هبة/Hiba سارة/Sara نور/Nour دانا/Dana ريم/Reem لانا/Lana فرح/Farah مها/Maha عبير/Abeer \
             سلمى/Salma هند/Hind ديما/Dima رهف/Rahaf تالا/Tala زينة/Zeina آية/Aya أحمد/Ahmad عمر/Omar خالد/Khaled يزن/Yazan \
             حمزة/Hamza زيد/Zaid",
        ),
        family: names(
            "العبادي/Abbadi المجالي/Majali الخطيب/Khatib حداد/Haddad النابلسي/Nabulsi الزعبي/Zoubi الطراونة/Tarawneh \
             عبيدات/Obeidat الحمود/Hmoud الشوابكة/Shawabkeh قعوار/Kawar المصري/Masri الرفاعي/Rifai بدران/Badran خوري/Khoury \
             السالم/Salem أبو_زيد/Abu_Zaid المومني/Momani العزام/Azzam الكيلاني/Kilani",
        ),
        family_parts: (
            names("ال/Al أبو_/Abu_ بني_/Bani_"),
            names(
                "حسن/Hassan سعد/Saad نمر/Nimer فارس/Fares جابر/Jaber شرف/Sharaf هاني/Hani رمضان/Ramadan قاسم/Qasem ناصر/Naser \
                 طه/Taha غانم/Ghanem صقر/Saqer عودة/Odeh كمال/Kamal منصور/Mansour",
            ),
        ),
        family_first: false,
        separator: " ",
        phones: texts(&["079 555 ####", "+962 7 8555 ####", "0775550###"]),
        mail_hosts: texts(&[
            "orange-jo.example",
            "gmail.example",
            "hotmail.example",
            "zain.example",
        ]),
        companies: texts(&["Petra Events LLC", "Amman Media Group"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let chairs = match words.below(2) {
        0 => ["سمر", "رولا", "غادة", "نسرين", "ميرفت", "لمى"],
        _ => ["كرسي ١", "كرسي ٢", "كرسي ٣", "غرفة أ", "غرفة ب", "غرفة ج"],
    };
    Trade {
        classes: vec![
            class("قص وتصفيف", &chairs[..2], 7_500, ""),
            class("صبغة", &chairs[2..4], 12_250, ""),
            class("عناية", &chairs[4..], 9_750, ""),
        ],
        naming: String::new(),
        fleet_min: 6,
        stay: Stay::Timed {
            minutes: vec![(5, 30), (5, 60), (3, 90), (1, 150)],
            opens: 600,
            closes: 1260,
            step: 15,
        },
        rate_minutes: 30,
        seats: None,
        plans: vec![(4, Plan::Full), (3, Plan::Deposit(50)), (3, Plan::OnSite)],
        lead_days_max: 28,
        returning: 0.5,
        changed: 0.16,
        cancelled: 0.09,
    }
}

fn mail(words: &mut Random, named: bool, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let prose = words.chance(0.5);
    let decimal = *words.pick(&[".", ","]);
    let number = if named {
        " رقم الحجز {reference}."
    } else {
        ""
    };
    let with = |phrases: &[&str]| -> Vec<String> {
        phrases.iter().map(|phrase| format!("{phrase}{number}")).collect()
    };
    let mut lines = Vec::new();
    if named {
        lines.push(line(
            words,
            &["رقم الحجز", "المرجع"],
            "{reference}",
            Shown::Always,
        ));
    }
    lines.extend([
        line(words, &["الاسم", "باسم"], "{name}", Shown::Always),
        line(words, &["الخدمة", "نوع الخدمة"], "{class}", Shown::WhileBooked),
        line(words, &["مع", "المكان", "المختصة"], "{resource}", Shown::Always),
        line(words, &["الموعد", "تبدأ", "الوقت"], "{start}", Shown::Always),
        line(words, &["حتى", "تنتهي"], "{end_time}", Shown::WhileBooked),
        line(
            words,
            &["السعر", "القيمة", "المبلغ"],
            "{total}",
            Shown::WhileBooked,
        ),
        line(words, &["المدفوع", "العربون"], "{paid}", Shown::WithBalance),
        line(words, &["المتبقي"], "{due}", Shown::WithBalance),
    ]);
    MailWords {
        sender: format!("abdoun@{domain}"),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "تأكيد موعدك في {business}",
                "تعديل موعدك في {business}",
                "إلغاء موعدك في {business}",
                "تذكير بموعدك غداً",
            ]),
            _ => four(["تم الحجز", "تم تغيير الحجز", "تم إلغاء الحجز", "نراك غداً"]),
        },
        headlines: if prose {
            four(["", "", "", ""])
        } else {
            four([
                "شكراً لك، تم تأكيد الموعد.",
                "تم تعديل الموعد كما طلبت.",
                "تم إلغاء الموعد التالي.",
                "نذكرك بموعدك غداً.",
            ])
        },
        greeting: words.word(&["مرحباً {given}،", "عزيزتي {name}،", "السلام عليكم {given}"]),
        lines,
        prose: if prose {
            [
                with(&[
                    "حجزنا لك {class} مع {resource} من {start} حتى {end_time}، والسعر {total}.",
                    "موعدك مؤكد: {resource}، {start} إلى {end_time}. المبلغ {total}.",
                ]),
                with(&["أصبح موعدك مع {resource} من {start} حتى {end_time} بسعر {total}."]),
                with(&[
                    "ألغينا موعدك مع {resource} في {start}.",
                    "تم إلغاء الموعد ({resource}، {start}).",
                ]),
                with(&["ننتظرك غداً: {resource}، {start}."]),
            ]
        } else {
            Default::default()
        },
        closing: vec!["{business}".to_owned(), "{address} | {house_phone}".to_owned()],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["{} د.أ", "{} دينار", "JOD {}"]), decimal, ""),
        text: words
            .pick(&[TextStyle::Pairs(": "), TextStyle::Pairs(" : "), TextStyle::Below])
            .clone(),
        html: *words.pick(&[HtmlStyle::Absent, HtmlStyle::Paragraphs, HtmlStyle::Table]),
        structured: words
            .pick(&[Structured::None, Structured::None, Structured::Calendar])
            .clone(),
        strikes_out: words.chance(0.3),
        reminds: true,
        replies: texts(&["شكراً جزيلاً، هل يوجد موقف سيارات؟", "تمام، إلى اللقاء."]),
        quotes: "في {sent} كتب {business} <{sender}>:".to_owned(),
        forwards: "---------- رسالة معاد توجيهها ----------".to_owned(),
        unrelated: pairs(&[
            ("فاتورة مستحضرات", "نرجو تسديد {amount} خلال أسبوعين."),
            ("عرض العيد", "خصم على جميع الخدمات، ابتداءً من {amount}."),
        ]),
        encodings: vec![
            (6, Encoding::Base64),
            (3, Encoding::QuotedPrintable),
            (1, Encoding::EightBit),
        ],
    }
}

fn calendar(words: &mut Random, named: bool, dates: DateWords) -> CalendarWords {
    let title = words.word(&[
        "{name} - {class}",
        "{resource}: {name}",
        "{given} {family} ({class})",
    ]);
    CalendarWords {
        split: CalendarSplit::PerTenant,
        id: String::new(),
        summary: String::new(),
        shape: EventShape::Timed,
        title,
        return_title: String::new(),
        informal: texts(&["{given}", "{given} {class}", "{latin}"]),
        description: if named {
            words.word(&["{reference} {phone}", "{resource}\n{phone}\n{reference}"])
        } else {
            words.word(&["{phone}", "{resource}\n{email}"])
        },
        informal_description: "هاتف {phone}".to_owned(),
        location: words.word(&["", "{resource}"]),
        properties: Vec::new(),
        invites: words.chance(0.3),
        dates,
        cancelled_prefix: words.chance(0.5).then(|| "ملغى - ".to_owned()),
        unrelated: texts(&["استراحة", "جرد", "تدريب الموظفات"]),
    }
}

fn stripe(words: &mut Random, named: bool) -> StripeWords {
    StripeWords {
        metadata: match words.below(3) {
            0 => Vec::new(),
            1 => pairs(&[("appointment", "{id}")]),
            _ if named => pairs(&[("hajz", "{reference}"), ("part", "{purpose}")]),
            _ => pairs(&[("when", "{iso_start}"), ("part", "{purpose}")]),
        },
        purposes: four(["full", "arboun", "baqi", "farq"]),
        description: words.word(&["{class} - {latin}", "{resource} {iso_date}", "حجز {name}"]),
        informal: texts(&["صالون", "{latin}", ""]),
        terminal: "POS".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("شامبو", 4_000, 12_000), ("ماسك", 3_500, 9_000)]),
        unrelated: sales(&[("بطاقة هدية", 20_000, 60_000), ("عطر", 15_000, 45_000)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Session, Carrier::Invoice]),
    }
}

fn schema(words: &mut Random, named: bool) -> Schema {
    let utc = TimeColumn::Utc;
    let money = *words.pick(&[MoneyColumn::Minor, MoneyColumn::Major]);
    let mut columns = vec![
        ("branch", Holds::Tenant),
        ("client", Holds::Customer),
        ("seat|specialist", Holds::Resource),
        ("begins|at_utc", Holds::StartsAt(utc)),
        ("finishes|till_utc", Holds::EndsAt(utc)),
        ("hala|state", Holds::Status),
        ("siir|price", Holds::Total(money)),
        ("masdar", constant("online", "rebuilt")),
        ("entered", Holds::CreatedAt(utc)),
    ];
    if named {
        columns.insert(1, ("raqm|number", Holds::Reference));
    }
    Schema {
        dialect: Dialect::Sqlite,
        resource: table(
            words,
            "seats|specialists",
            "id",
            vec![
                ("branch", Holds::Tenant),
                ("name|ism", Holds::Name),
                ("service|khidma", Holds::Class),
                ("rate", Holds::Rate(money)),
            ],
        ),
        customer: table(
            words,
            "clients|zabaen",
            "id|client_key",
            vec![
                ("first|ism_awwal", Holds::FirstName),
                ("last|aila", Holds::LastName),
                ("mail", Holds::Email),
                ("hatif|phone", Holds::Phone),
                ("entered", Holds::CreatedAt(utc)),
            ],
        ),
        booking: table(words, "visits|mawaid", "id|key", columns).with(table(
            words,
            "visit_log|sijill",
            "id",
            vec![
                ("visit", Holds::Booking),
                ("hala", Holds::Status),
                ("begins", Holds::StartsAt(utc)),
                ("noted", Holds::CreatedAt(utc)),
            ],
        )),
        payment: table(
            words,
            "takings|dafaat",
            "id",
            vec![
                ("visit", Holds::Booking),
                ("charge_ref|stripe", Holds::ProviderId),
                ("amount|mablagh", Holds::Amount(money)),
                ("returned|murtajaa", Holds::Refunded(money)),
                ("taken_at|waqt", Holds::PaidAt(utc)),
            ],
        ),
        tenant: Some(table(
            words,
            "branches|furoo",
            "id",
            vec![("name", Holds::Name), ("account", Holds::Code)],
        )),
        statuses: match words.below(2) {
            0 => three(["مؤكد", "ملغى", "منتهي"]),
            _ => three(["ok", "void", "past"]),
        },
        uuids: words.chance(0.5),
    }
}
