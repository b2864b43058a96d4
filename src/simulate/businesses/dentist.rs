//! A dentist in Osaka: appointments of half an hour or an hour, no reference anywhere, the doctor told only by the calendar
//! that an appointment stands in, names in kanji in letters and in Latin letters on cards, amounts without decimals.

use super::prelude::*;

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("みどり歯科クリニック", "midori-shika"),
        ("北浜デンタルオフィス", "kitahama-dental"),
        ("さくら通り歯科医院", "sakuradori-dc"),
    ]);
    let domain = format!("{host}.example");
    let moment = words.word(&[
        "{y}年{n}月{d}日({w}) {AP}{h}時{half}",
        "{y}年{n}月{d}日（{w}）{HH}:{mi}",
        "{y}/{nn}/{dd}({w}) {HH}:{mi}",
        "{wide}{y}年{n}月{d}日（{w}）{AP}{h}時{half}",
    ]);
    let time = if moment.contains("AP") {
        "{AP}{h}時{half}"
    } else {
        "{HH}:{mi}"
    };
    let time = if moment.starts_with("{wide}") {
        format!("{{wide}}{time}")
    } else {
        time.to_owned()
    };
    let dates = dates(&moment, "{y}年{n}月{d}日", &time);
    Business {
        zone: chrono_tz::Asia::Tokyo,
        country: "JP",
        language: Language::Japanese,
        currency: Currency {
            code: "jpy",
            decimals: 0,
        },
        address: words.word(&["大阪市中央区北浜2丁目3-9", "大阪市北区天神橋4丁目1-12"]),
        phone: "06-5550-0142".to_owned(),
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
            "健一/Kenichi 美咲/Misaki 大輔/Daisuke 由美/Yumi 翔太/Shota 陽子/Yoko 拓也/Takuya 真由美/Mayumi 直樹/Naoki 愛/Ai \
             誠/Makoto 恵子/Keiko 隆/Takashi 智子/Tomoko 亮/Ryo 彩/Aya 浩二/Koji 久美子/Kumiko 和也/Kazuya 麻衣/Mai 優子/Yuko \
             悠斗/Yuto 結衣/Yui 蓮/Ren 葵/Aoi 正雄/Masao 千尋/Chihiro さくら/Sakura 一郎/Ichiro 裕子/Hiroko",
        ),
        family: names(
            "田中/Tanaka 山本/Yamamoto 中村/Nakamura 吉田/Yoshida 佐藤/Sato 鈴木/Suzuki 高橋/Takahashi 渡辺/Watanabe 伊藤/Ito \
             松本/Matsumoto 井上/Inoue 木村/Kimura 林/Hayashi 清水/Shimizu 山田/Yamada 森/Mori 藤田/Fujita 岡本/Okamoto \
             西村/Nishimura 前田/Maeda 小川/Ogawa 辻/Tsuji 大西/Onishi 南/Minami 福田/Fukuda 上田/Ueda 北野/Kitano 谷口/Taniguchi",
        ),
        family_parts: (
            names(
                "大/O 小/Ko 中/Naka 西/Nishi 北/Kita 東/Higashi 山/Yama 川/Kawa 松/Matsu 竹/Take 石/Ishi 藤/Fuji 森/Mori 青/Ao 黒/Kuro",
            ),
            names(
                "田/da 川/kawa 村/mura 山/yama 野/no 島/shima 崎/zaki 原/hara 井/i 谷/tani 木/ki 橋/hashi 沢/zawa 岡/oka",
            ),
        ),
        family_first: true,
        separator: " ",
        phones: texts(&["090-####-####", "080-####-####", "06-####-####"]),
        mail_hosts: texts(&[
            "docomo.example",
            "yahoo-jp.example",
            "gmail.example",
            "ezweb.example",
        ]),
        companies: texts(&["株式会社ミナト商事", "有限会社アサヒ工業"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let doctors = match words.below(2) {
        0 => ["田中 誠", "森 由美子", "岸本 大介", "ファン 玲奈"],
        _ => ["杉山 健", "長谷川 恵", "小野寺 亮", "平井 千尋"],
    };
    Trade {
        classes: vec![
            class("一般歯科", &doctors[..1], 4400, ""),
            class("矯正歯科", &doctors[1..2], 6600, ""),
            class("小児歯科", &doctors[2..3], 3850, ""),
            class("口腔外科", &doctors[3..], 5500, ""),
        ],
        naming: String::new(),
        fleet_min: 4,
        stay: Stay::Timed {
            minutes: vec![(6, 30), (4, 60)],
            opens: 540,
            closes: 1140,
            step: 30,
        },
        rate_minutes: 30,
        seats: None,
        plans: vec![(6, Plan::Full), (4, Plan::OnSite)],
        lead_days_max: 30,
        returning: 0.4,
        changed: 0.1,
        cancelled: 0.05,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, dates: &DateWords) -> MailWords {
    let range = words.chance(0.5);
    let mut lines = vec![
        line(
            words,
            &["お名前", "患者様", "ご予約者"],
            "{name} 様",
            Shown::Always,
        ),
        if range {
            line(
                words,
                &["ご予約日時", "診療日時"],
                "{start}～{end_time}",
                Shown::Always,
            )
        } else {
            line(
                words,
                &["ご予約日時", "来院日時", "予約日時"],
                "{start}",
                Shown::Always,
            )
        },
    ];
    if !range {
        lines.push(line(
            words,
            &["所要時間", "診療時間"],
            "約{length}分",
            Shown::WhileBooked,
        ));
    }
    lines.push(line(
        words,
        &["診療費", "お支払い金額", "料金（税込）"],
        "{total}",
        Shown::WhileBooked,
    ));
    let bullet = words.word(&["■", "【", "・", ""]);
    for shown in &mut lines {
        shown.label = if bullet == "【" {
            format!("【{}】", shown.label)
        } else {
            format!("{bullet}{}", shown.label)
        };
    }
    let separator = if bullet == "【" {
        " "
    } else {
        *words.pick(&["：", ": ", " ： "])
    };
    MailWords {
        sender: format!("{}@{domain}", words.word(&["yoyaku", "info", "reserve"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "【{business}】ご予約確認",
                "【{business}】ご予約変更のお知らせ",
                "【{business}】ご予約キャンセル",
                "【{business}】明日のご予約",
            ]),
            _ => four([
                "ご予約を承りました（{business}）",
                "ご予約内容を変更しました",
                "ご予約を取り消しました",
                "ご来院前日のお知らせ",
            ]),
        },
        headlines: match words.below(2) {
            0 => four([
                "ご予約ありがとうございます。以下の内容で承りました。",
                "ご予約内容が下記のとおり変更されました。",
                "下記のご予約はキャンセルされました。",
                "明日のご予約のお知らせです。",
            ]),
            _ => four([
                "以下の日時でご予約が確定しました。",
                "ご予約の変更を承りました。新しい内容は次のとおりです。",
                "次のご予約を取り消しました。またのご来院をお待ちしております。",
                "ご来院をお待ちしております。",
            ]),
        },
        greeting: words.word(&[
            "{name} 様",
            "{family}様",
            "{name}様\nいつもお世話になっております。{business}です。",
        ]),
        lines,
        prose: Default::default(),
        closing: vec![
            "――――――――――――".to_owned(),
            "{business}".to_owned(),
            "{address}　TEL {house_phone}".to_owned(),
        ],
        dates: dates.clone(),
        money: MoneyStyle::new(&words.word(&["{}円", "¥{}", "￥{}-"]), ".", ","),
        text: TextStyle::Pairs(separator),
        html: *words.pick(&[
            HtmlStyle::Absent,
            HtmlStyle::Absent,
            HtmlStyle::Table,
            HtmlStyle::Paragraphs,
        ]),
        structured: Structured::None,
        strikes_out: false,
        reminds: true,
        replies: texts(&[
            "承知しました。よろしくお願いいたします。",
            "少し遅れるかもしれません。",
            "ありがとうございます。保険証は必要でしょうか。",
        ]),
        quotes: "{sent} {business} <{sender}>:".to_owned(),
        forwards: "---------- 転送メッセージ ----------".to_owned(),
        unrelated: pairs(&[
            ("年末年始休診のお知らせ", "12月29日から1月4日まで休診いたします。"),
            ("納品書 第1182号", "歯科材料一式 {amount} を納品いたしました。"),
            (
                "ホワイトニングキャンペーン",
                "今月限り、通常価格より{amount}引き。",
            ),
        ]),
        encodings: vec![
            (5, Encoding::Base64),
            (3, Encoding::EightBit),
            (1, Encoding::QuotedPrintable),
        ],
    }
}

fn calendar(words: &mut Random, dates: DateWords) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::PerResource,
        id: words.word(&["dr{key}", "chair-{key}", "yoyaku{key}"]),
        summary: words.word(&["{resource} 先生", "診察室{key}", "ユニット{key}"]),
        shape: EventShape::Timed,
        title: words.word(&["{name} 様", "{name}", "【予約】{name}"]),
        return_title: String::new(),
        informal: texts(&["{family}さん", "{family}様 電話", "急患 {family}"]),
        description: words.word(&["TEL {phone}", "{phone}\n{email}", "{length}分 {phone}"]),
        informal_description: "折り返し {phone}".to_owned(),
        location: String::new(),
        properties: Vec::new(),
        invites: words.chance(0.3),
        dates,
        cancelled_prefix: words.chance(0.5).then(|| "【キャンセル】".to_owned()),
        unrelated: texts(&["昼休み", "往診", "スタッフ会議", "機器点検"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    let metadata = match words.below(3) {
        0 => Vec::new(),
        1 => pairs(&[("appointment_id", "{id}")]),
        _ => pairs(&[("yoyaku_id", "{id}"), ("visit", "{iso_date}")]),
    };
    StripeWords {
        metadata,
        purposes: four(["診療費", "予約金", "残金", "差額"]),
        description: words.word(&["診療費 {iso_date}", "{business} 診療費", "オンライン決済"]),
        informal: texts(&["診療費", "自費診療 {family}様", ""]),
        terminal: "店頭決済".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("歯ブラシセット", 600, 1800)]),
        unrelated: sales(&[("電動歯ブラシ", 6800, 14_800), ("歯磨き粉", 900, 1600)]),
        carrier: *words.pick(&[Carrier::Charge, Carrier::Intent]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let local = TimeColumn::Local;
    let yen = MoneyColumn::Minor;
    Schema {
        dialect: Dialect::Mysql,
        resource: table(
            words,
            "doctors|ishi|staff",
            "id",
            vec![
                ("name|shimei", Holds::Name),
                ("department|senmon", Holds::Class),
                ("fee", Holds::Rate(yen)),
            ],
        ),
        customer: table(
            words,
            "patients|kanja|customers",
            "id|patient_no",
            vec![
                ("name|shimei|full_name", Holds::Name),
                ("email|mail", Holds::Email),
                ("tel|phone|denwa", Holds::Phone),
                ("created_at|toroku_nichiji", Holds::CreatedAt(local)),
            ],
        ),
        booking: table(
            words,
            "appointments|yoyaku|reservations",
            "id|yoyaku_id",
            vec![
                ("patient_id|kanja_id", Holds::Customer),
                ("doctor_id|ishi_id", Holds::Resource),
                ("starts_at|kaishi|start_time", Holds::StartsAt(local)),
                ("ends_at|shuryo|end_time", Holds::EndsAt(local)),
                ("fee|kingaku|total", Holds::Total(yen)),
                ("status|jotai", Holds::Status),
                ("route|keiro", constant("web", "復元")),
                ("created_at|toroku_nichiji", Holds::CreatedAt(local)),
            ],
        ),
        payment: table(
            words,
            "payments|shiharai",
            "id",
            vec![
                ("appointment_id|yoyaku_id", Holds::Booking),
                ("charge_id|stripe_id", Holds::ProviderId),
                ("amount|kingaku", Holds::Amount(yen)),
                ("refunded|henkin", Holds::Refunded(yen)),
                ("paid_at|shiharai_nichiji", Holds::PaidAt(local)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["booked", "cancelled", "done"]),
            _ => three(["予約", "取消", "来院済"]),
        },
        uuids: false,
    }
}
