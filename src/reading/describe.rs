//! Spans in words, for tests.

use super::{DateOrder, DecimalMark, Span, SpanValue};
use std::fmt::Write as _;

/// `moment 2025-11-09T16:00 Sun`, `amount 1397.00 eur`, …; readings parted by ` or `.
pub fn describe(span: &Span) -> String {
    match &span.value {
        SpanValue::Email(email) => format!("email {email}"),
        SpanValue::Phone(phone) => format!("phone {phone}"),
        SpanValue::Url(url) => format!("url {url}"),
        SpanValue::Code(code) => format!("code {code}"),
        SpanValue::Number(number) => format!("number {number}"),
        SpanValue::Amount(amount) => {
            let readings: Vec<String> = amount
                .readings
                .iter()
                .map(|reading| {
                    let sign = if reading.negative { "-" } else { "" };
                    let point = match reading.decimal {
                        DecimalMark::None => "",
                        DecimalMark::Point => ".",
                        DecimalMark::Comma => ",",
                    };
                    format!("{sign}{}{point}{}", reading.whole, reading.fraction)
                })
                .collect();
            let mark = match (&amount.currency, amount.marked) {
                (Some(currency), _) => format!(" {currency}"),
                (None, true) => " marked".to_owned(),
                (None, false) => String::new(),
            };
            let time = amount.time.map(|time| time.format(" or T%H:%M").to_string());
            format!(
                "amount {}{mark}{}",
                readings.join(" or "),
                time.unwrap_or_default()
            )
        }
        SpanValue::Moment(moment) => {
            let mut text = String::from("moment");
            for (at, reading) in moment.readings.iter().enumerate() {
                text.push_str(if at > 0 { " or " } else { " " });
                if let Some(date) = reading.date {
                    match date.year {
                        Some(year) => write!(text, "{year}").expect("a string takes all"),
                        None => text.push('?'),
                    }
                    write!(text, "-{:02}-{:02}", date.month, date.day).expect("a string takes all");
                }
                if let Some(time) = reading.time {
                    let format = if time.format("%S").to_string() == "00" {
                        "T%H:%M"
                    } else {
                        "T%H:%M:%S"
                    };
                    text.push_str(&time.format(format).to_string());
                }
                if reading.next_day {
                    text.push_str("+1");
                }
                if let Some(offset) = reading.offset {
                    text.push_str(&offset.to_string());
                }
                text.push_str(match reading.order {
                    DateOrder::DayMonth => "/dm",
                    DateOrder::MonthDay => "/md",
                    DateOrder::YearMonthDay => "/ymd",
                    DateOrder::Certain | DateOrder::None => "",
                });
            }
            if let Some(weekday) = moment.weekday {
                write!(text, " {weekday}").expect("a string takes all");
            }
            if moment.continues {
                text.push_str(" continues");
            }
            text
        }
    }
}
