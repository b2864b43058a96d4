//! A guest house in Korea: nights, won without decimals, letters of a page builder without a plain part, with a calendar part.

use super::super::prelude::*;
use crate::simulate::speech::Words;

static KOREAN: Words = Words {
    weekdays: [
        "월요일",
        "화요일",
        "수요일",
        "목요일",
        "금요일",
        "토요일",
        "일요일",
    ],
    short_weekdays: ["월", "화", "수", "목", "금", "토", "일"],
    months: [
        "1월", "2월", "3월", "4월", "5월", "6월", "7월", "8월", "9월", "10월", "11월", "12월",
    ],
    short_months: [
        "1월", "2월", "3월", "4월", "5월", "6월", "7월", "8월", "9월", "10월", "11월", "12월",
    ],
    halves: ["오전", "오후"],
};

pub fn draw(words: &mut Random) -> Business {
    let (name, host) = *words.pick(&[
        ("달빛한옥", "dalbit-hanok"),
        ("솔향 게스트하우스", "solhyang"),
        ("바람언덕 펜션", "baramhill"),
    ]);
    let domain = format!("{host}.example");
    let date = words.word(&[
        "{y}년 {n}월 {d}일 ({w})",
        "{y}.{nn}.{dd}({w})",
        "{y}-{nn}-{dd}",
        "{y}년 {n}월 {d}일 {W}",
    ]);
    let reference = match words.below(3) {
        0 => ReferenceShape::Code {
            prefix: String::new(),
            length: 10,
            alphabet: "0123456789",
        },
        1 => ReferenceShape::Monthly { separator: "-" },
        _ => ReferenceShape::Code {
            prefix: "KR".to_owned(),
            length: 6,
            alphabet: PLAIN,
        },
    };
    Business {
        zone: chrono_tz::Asia::Seoul,
        country: "KR",
        language: Language::Of(&KOREAN),
        currency: Currency {
            code: "krw",
            decimals: 0,
        },
        address: words.word(&["전북 전주시 완산구 은행로 31", "강원 강릉시 창해로 14번길 20"]),
        phone: "063-555-0142".to_owned(),
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
            "민준/Minjun 서연/Seoyeon 지훈/Jihoon 수빈/Subin 예준/Yejun 지우/Jiwoo 현우/Hyunwoo 하은/Haeun 도윤/Doyun 유진/Yujin \
             준호/Junho 민서/Minseo 성민/Seongmin 은지/Eunji 동현/Donghyun 혜진/Hyejin 재원/Jaewon 소영/Soyoung 태양/Taeyang \
             미경/Mikyung 상철/Sangcheol 영희/Younghee 정훈/Jeonghun 나래/Narae 건우/Geonwoo 다은/Daeun",
        ),
        family: names(
            "김/Kim 이/Lee 박/Park 최/Choi 정/Jung 강/Kang 조/Cho 윤/Yoon 장/Jang 임/Lim 한/Han 오/Oh 서/Seo 신/Shin 권/Kwon \
             황/Hwang 안/Ahn 송/Song 류/Ryu 홍/Hong 남궁/Namgung",
        ),
        family_parts: (Vec::new(), Vec::new()),
        family_first: true,
        separator: "",
        phones: texts(&["010-####-####", "010########", "+82 10-####-####"]),
        mail_hosts: texts(&[
            "naver.example",
            "hanmail.example",
            "gmail.example",
            "kakao.example",
        ]),
        companies: texts(&["(주)한빛여행사 Hanbit", "미래물산 Mirae"]),
    }
}

fn trade(words: &mut Random) -> Trade {
    let rooms = match words.below(2) {
        0 => ["매화실", "난초실", "국화실", "대나무실", "사랑채", "별채"],
        _ => ["101호", "102호", "201호", "202호", "옥탑방", "단체동"],
    };
    Trade {
        classes: vec![
            class("온돌", &rooms[..2], 88_000, ""),
            class("침대방", &rooms[2..4], 115_000, ""),
            class("가족실", &rooms[4..], 180_000, ""),
        ],
        naming: String::new(),
        fleet_min: 6,
        stay: Stay::Nights { min: 1, max: 4 },
        rate_minutes: 1440,
        seats: None,
        plans: vec![(7, Plan::Full), (3, Plan::Deposit(30))],
        lead_days_max: 45,
        returning: 0.1,
        changed: 0.12,
        cancelled: 0.1,
    }
}

fn mail(words: &mut Random, name: &str, domain: &str, date: &str) -> MailWords {
    let mut lines = vec![
        line(
            words,
            &["예약번호", "예약 번호", "주문번호"],
            "{reference}",
            Shown::Always,
        ),
        line(words, &["예약자", "예약자명", "성함"], "{name} 님", Shown::Always),
        line(words, &["객실", "객실명", "숙소"], "{resource}", Shown::Always),
    ];
    if words.chance(0.5) {
        lines.push(line(words, &["체크인", "입실일"], "{date}", Shown::Always));
        lines.push(line(words, &["체크아웃", "퇴실일"], "{end_date}", Shown::Always));
    } else {
        lines.push(line(
            words,
            &["이용기간", "숙박 일정"],
            "{date} ~ {end_date} ({length}박)",
            Shown::Always,
        ));
    }
    lines.push(line(
        words,
        &["결제금액", "총 금액", "객실요금"],
        "{total}",
        Shown::WhileBooked,
    ));
    lines.push(line(words, &["현장결제", "잔금"], "{due}", Shown::WithBalance));
    MailWords {
        sender: format!("{}@{domain}", words.word(&["booking", "stay", "noreply"])),
        sender_name: name.to_owned(),
        subjects: match words.below(2) {
            0 => four([
                "[{business}] 예약이 확정되었습니다",
                "[{business}] 예약이 변경되었습니다",
                "[{business}] 예약이 취소되었습니다",
                "[{business}] 내일 뵙겠습니다",
            ]),
            _ => four([
                "예약확정 안내 ({reference})",
                "예약변경 안내 ({reference})",
                "예약취소 안내 ({reference})",
                "체크인 안내",
            ]),
        },
        headlines: four([
            "예약이 확정되었습니다.",
            "예약 내용이 변경되었습니다.",
            "예약이 취소되었습니다.",
            "체크인 하루 전 안내드립니다.",
        ]),
        greeting: words.word(&[
            "{name}님, 안녕하세요.",
            "{name} 고객님",
            "안녕하세요, {business}입니다.",
        ]),
        lines,
        prose: Default::default(),
        closing: vec![
            "입실은 오후 3시, 퇴실은 오전 11시입니다.".to_owned(),
            "{business} | {address} | {house_phone}".to_owned(),
        ],
        dates: dates(date, date, ""),
        money: MoneyStyle::new(&words.word(&["{}원", "₩{}", "{} 원", "KRW {}"]), ".", ","),
        text: TextStyle::Absent,
        html: HtmlStyle::Builder,
        structured: Structured::Calendar,
        strikes_out: words.chance(0.5),
        reminds: true,
        replies: texts(&[
            "감사합니다. 주차 가능한가요?",
            "네 확인했습니다. 조금 늦게 도착할 것 같아요.",
        ]),
        quotes: "{sent}, {business} <{sender}> 님이 작성:".to_owned(),
        forwards: "---------- 전달된 메일 ----------".to_owned(),
        unrelated: pairs(&[
            (
                "세금계산서 발행 안내",
                "공급가액 {amount}의 세금계산서가 발행되었습니다.",
            ),
            ("주말 특가 안내", "평일 1박 {amount}부터."),
            (
                "보일러 점검",
                "3월 2일 오전에 방문하겠습니다. 비용은 {amount}입니다.",
            ),
        ]),
        encodings: vec![
            (6, Encoding::Base64),
            (3, Encoding::QuotedPrintable),
            (1, Encoding::EightBit),
        ],
    }
}

fn calendar(words: &mut Random, date: &str) -> CalendarWords {
    CalendarWords {
        split: CalendarSplit::One,
        id: words.word(&["rooms", "yeyak"]),
        summary: "예약 현황".to_owned(),
        shape: EventShape::AllDay {
            covers_last_day: words.chance(0.3),
        },
        title: words.word(&[
            "{resource} {name}",
            "[{resource}] {name} 님 {reference}",
            "{name} / {resource} / {length}박",
        ]),
        return_title: String::new(),
        informal: texts(&["{name} 전화예약", "{resource} {name}", "{name}님"]),
        description: words.word(&[
            "{phone}\n{total}",
            "예약번호 {reference}\n연락처 {phone}",
            "{email}",
        ]),
        informal_description: "연락처 {phone}".to_owned(),
        location: String::new(),
        properties: Vec::new(),
        invites: false,
        dates: dates(date, date, ""),
        cancelled_prefix: words.chance(0.4).then(|| "(취소) ".to_owned()),
        unrelated: texts(&["대청소", "{resource} 도배", "김장", "정화조 점검"]),
    }
}

fn stripe(words: &mut Random) -> StripeWords {
    StripeWords {
        metadata: match words.below(2) {
            0 => pairs(&[("order_no", "{reference}"), ("type", "{purpose}")]),
            _ => pairs(&[("reservation", "{id}"), ("checkin", "{iso_date}")]),
        },
        purposes: four(["전액", "예약금", "잔금", "추가결제"]),
        description: words.word(&["{resource} {length}박", "숙박 {reference}", "{business}"]),
        informal: texts(&["숙박비 {name}", "추가 인원", ""]),
        terminal: "현장 카드결제".to_owned(),
        hold: String::new(),
        incidentals: sales(&[("바비큐 세트", 20_000, 40_000), ("조식", 8000, 32_000)]),
        unrelated: sales(&[("상품권", 50_000, 200_000), ("다도 체험", 15_000, 60_000)]),
        carrier: *words.pick(&[Carrier::Session, Carrier::Intent]),
    }
}

fn schema(words: &mut Random) -> Schema {
    let (date, zoned) = (TimeColumn::Date, TimeColumn::Zoned);
    let won = MoneyColumn::Minor;
    Schema {
        dialect: Dialect::Postgres,
        resource: table(
            words,
            "room|gaeksil|units",
            "id|room_no",
            vec![
                ("name|room_name", Holds::Name),
                ("kind|room_type", Holds::Class),
                ("price", Holds::Rate(won)),
            ],
        ),
        customer: table(
            words,
            "member|guest|yeyakja",
            "id|member_no",
            vec![
                ("name|nm", Holds::Name),
                ("email|email_addr", Holds::Email),
                ("mobile|hp", Holds::Phone),
                ("reg_dt|created", Holds::CreatedAt(zoned)),
            ],
        ),
        booking: table(
            words,
            "reservation|stay|yeyak",
            "id|rsv_no",
            vec![
                ("order_no|code", Holds::Reference),
                ("member|guest_no", Holds::Customer),
                ("room|room_id", Holds::Resource),
                ("check_in|ipsil", Holds::StartsAt(date)),
                ("check_out|toesil", Holds::EndsAt(date)),
                ("stat|state", Holds::Status),
                ("amt|total_price", Holds::Total(won)),
                ("path|channel", constant("homepage", "rebuilt")),
                ("reg_dt|created", Holds::CreatedAt(zoned)),
            ],
        ),
        payment: table(
            words,
            "pay|payment_log",
            "id",
            vec![
                ("rsv_no|reservation_id", Holds::Booking),
                ("pg_tid|charge", Holds::ProviderId),
                ("amt|amount", Holds::Amount(won)),
                ("cancel_amt|refund", Holds::Refunded(won)),
                ("pay_dt|paid", Holds::PaidAt(zoned)),
            ],
        ),
        tenant: None,
        statuses: match words.below(2) {
            0 => three(["확정", "취소", "퇴실"]),
            _ => three(["RSV", "CXL", "OUT"]),
        },
        uuids: false,
    }
}
