//! How dates, times and money are said in a language, by patterns that a business chooses.

use chrono::{Datelike, NaiveDateTime, Timelike};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
    Japanese,
    /// As its words say.
    Of(&'static Words),
}

/// The words of a language that only one business speaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// Monday first.
    pub weekdays: [&'static str; 7],
    pub short_weekdays: [&'static str; 7],
    pub months: [&'static str; 12],
    pub short_months: [&'static str; 12],
    /// Before and after noon.
    pub halves: [&'static str; 2],
}

impl Language {
    /// Monday first.
    fn weekdays(self) -> [&'static str; 7] {
        match self {
            Self::English => [
                "Monday",
                "Tuesday",
                "Wednesday",
                "Thursday",
                "Friday",
                "Saturday",
                "Sunday",
            ],
            Self::German => [
                "Montag",
                "Dienstag",
                "Mittwoch",
                "Donnerstag",
                "Freitag",
                "Samstag",
                "Sonntag",
            ],
            Self::French => [
                "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
            ],
            Self::Spanish => [
                "lunes",
                "martes",
                "miércoles",
                "jueves",
                "viernes",
                "sábado",
                "domingo",
            ],
            Self::Italian => [
                "lunedì",
                "martedì",
                "mercoledì",
                "giovedì",
                "venerdì",
                "sabato",
                "domenica",
            ],
            Self::Portuguese => [
                "segunda-feira",
                "terça-feira",
                "quarta-feira",
                "quinta-feira",
                "sexta-feira",
                "sábado",
                "domingo",
            ],
            Self::Japanese => [
                "月曜日",
                "火曜日",
                "水曜日",
                "木曜日",
                "金曜日",
                "土曜日",
                "日曜日",
            ],
            Self::Of(words) => words.weekdays,
        }
    }

    fn short_weekdays(self) -> [&'static str; 7] {
        match self {
            Self::English => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
            Self::German => ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
            Self::French => ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
            Self::Spanish => ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
            Self::Italian => ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
            Self::Portuguese => ["seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."],
            Self::Japanese => ["月", "火", "水", "木", "金", "土", "日"],
            Self::Of(words) => words.short_weekdays,
        }
    }

    #[rustfmt::skip]
    fn months(self) -> [&'static str; 12] {
        match self {
            Self::English => ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
            Self::German => ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
            Self::French => ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
            Self::Spanish => ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
            Self::Italian => ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
            Self::Portuguese => ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
            Self::Japanese => ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
            Self::Of(words) => words.months,
        }
    }

    #[rustfmt::skip]
    fn short_months(self) -> [&'static str; 12] {
        match self {
            Self::English => ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
            Self::German => ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
            Self::French => ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."],
            Self::Spanish => ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
            Self::Italian => ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
            Self::Portuguese => ["jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."],
            Self::Japanese => self.months(),
            Self::Of(words) => words.short_months,
        }
    }
}

/// Says a moment by a pattern. Letters in braces stand for its parts: `{W}` and `{w}` the weekday, long and short,
/// `{d}` `{dd}` the day, `{th}` the day with its ordinal ending, `{M}` `{m}` the month's name, `{n}` `{nn}` its number,
/// `{y}` `{yy}` the year, `{H}` `{HH}` the hour of 24, `{h}` of 12, `{mi}` the minute, `{ap}` `{AP}` the half of the day, `{half}` the
/// minutes as Japanese says them. A pattern that begins with `{wide}` is said in full-width digits.
pub fn say_moment(pattern: &str, at: NaiveDateTime, language: Language) -> String {
    if let Some(pattern) = pattern.strip_prefix("{wide}") {
        let wide = |c: char| {
            if c.is_ascii_digit() {
                char::from_u32(c as u32 + 0xfee0).unwrap_or(c)
            } else {
                c
            }
        };
        return say_moment(pattern, at, language).chars().map(wide).collect();
    }
    let weekday = at.weekday().num_days_from_monday() as usize;
    let month = at.month0() as usize;
    let (afternoon, twelve) = at.hour12();
    fill(pattern, |part| match part {
        "W" => language.weekdays()[weekday].to_owned(),
        "w" => language.short_weekdays()[weekday].to_owned(),
        "d" => at.day().to_string(),
        "dd" => format!("{:02}", at.day()),
        "th" => ordinal(at.day(), language),
        "M" => language.months()[month].to_owned(),
        "m" => language.short_months()[month].to_owned(),
        "n" => at.month().to_string(),
        "nn" => format!("{:02}", at.month()),
        "y" => at.year().to_string(),
        "yy" => format!("{:02}", at.year() % 100),
        "H" => at.hour().to_string(),
        "HH" => format!("{:02}", at.hour()),
        "h" => match language {
            Language::Japanese => (at.hour() % 12).to_string(),
            _ => twelve.to_string(),
        },
        "mi" => format!("{:02}", at.minute()),
        "ap" => if afternoon { "pm" } else { "am" }.to_owned(),
        "AP" => {
            let halves = match language {
                Language::Japanese => ["午前", "午後"],
                Language::Of(words) => words.halves,
                _ => ["AM", "PM"],
            };
            halves[usize::from(afternoon)].to_owned()
        }
        "half" => match at.minute() {
            0 => String::new(),
            30 => "半".to_owned(),
            minute => format!("{minute}分"),
        },
        _ => String::new(),
    })
}

fn ordinal(day: u32, language: Language) -> String {
    let ending = match (language, day) {
        (Language::English, 1 | 21 | 31) => "st",
        (Language::English, 2 | 22) => "nd",
        (Language::English, 3 | 23) => "rd",
        (Language::English, _) => "th",
        (Language::French, 1) => "er",
        (Language::German, _) => ".",
        _ => "",
    };
    format!("{day}{ending}")
}

/// Fills the `{parts}` of a pattern.
pub fn fill(pattern: &str, value: impl Fn(&str) -> String) -> String {
    let mut said = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else {
            break;
        };
        said.push_str(&rest[..open]);
        said.push_str(&value(&rest[open + 1..open + length]));
        rest = &rest[open + length + 1..];
    }
    said.push_str(rest);
    said
}

#[derive(Debug, Clone, Copy)]
pub struct Currency {
    /// ISO 4217 in lower case, as Stripe writes it.
    pub code: &'static str,
    pub decimals: u32,
}

impl Currency {
    /// The most that can be charged of an amount: of three decimals card networks know two.
    pub fn chargeable(self, amount: i64) -> i64 {
        if self.decimals == 3 {
            amount / 10 * 10
        } else {
            amount
        }
    }
}

/// How an amount is written.
#[derive(Debug, Clone)]
pub struct MoneyStyle {
    /// `{}` stands for the number: `£{}`, `{} €`.
    pub pattern: String,
    pub decimal: &'static str,
    pub group: &'static str,
    /// Leaves `.00` out where the amount is whole.
    pub bare_when_whole: bool,
}

impl MoneyStyle {
    pub fn new(pattern: &str, decimal: &'static str, group: &'static str) -> Self {
        Self {
            pattern: pattern.to_owned(),
            decimal,
            group,
            bare_when_whole: false,
        }
    }

    pub fn say(&self, amount: i64, currency: Currency) -> String {
        let unit = 10_i64.pow(currency.decimals);
        let mut number = group_thousands(&(amount / unit).to_string(), self.group);
        if currency.decimals > 0 && !(self.bare_when_whole && amount % unit == 0) {
            number.push_str(self.decimal);
            let rest = format!("{:0width$}", amount % unit, width = currency.decimals as usize);
            number.push_str(&rest);
        }
        self.pattern.replace("{}", &number)
    }
}

fn group_thousands(digits: &str, separator: &str) -> String {
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push_str(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// An amount as a plain decimal number, as databases and structured data write it.
pub fn plain_amount(amount: i64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    match decimals {
        0 => amount.to_string(),
        _ => format!(
            "{}.{:0width$}",
            amount / unit,
            amount % unit,
            width = decimals as usize
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 3, day)
            .unwrap()
            .and_hms_opt(hour, minute, 0)
            .unwrap()
    }

    #[test]
    fn a_moment_is_said_in_its_language() {
        let cases = [
            (
                Language::English,
                "{w} {th} {M} {y}, {h}:{mi}{ap}",
                "Thu 5th March 2026, 2:30pm",
            ),
            (
                Language::German,
                "{W}, {th} {M} {y} um {H}:{mi} Uhr",
                "Donnerstag, 5. März 2026 um 14:30 Uhr",
            ),
            (
                Language::Japanese,
                "{y}年{n}月{d}日({w}) {AP}{h}時{half}",
                "2026年3月5日(木) 午後2時半",
            ),
            (
                Language::French,
                "{w} {th} {m} {y}, {H} h {mi}",
                "jeu. 5 mars 2026, 14 h 30",
            ),
        ];
        for (language, pattern, said) in cases {
            assert_eq!(say_moment(pattern, at(5, 14, 30), language), said);
        }
    }

    #[test]
    fn money_follows_its_currency_and_style() {
        let yen = Currency {
            code: "jpy",
            decimals: 0,
        };
        let euro = Currency {
            code: "eur",
            decimals: 2,
        };
        assert_eq!(MoneyStyle::new("{}円", ".", ",").say(12_300, yen), "12,300円");
        assert_eq!(MoneyStyle::new("{} €", ",", ".").say(123_405, euro), "1.234,05 €");
        assert_eq!(plain_amount(123_405, 2), "1234.05");
        assert_eq!(plain_amount(1234, 3), "1.234");
        assert_eq!((euro.chargeable(1234), yen.chargeable(1234)), (1234, 1234));
        let dinar = Currency {
            code: "kwd",
            decimals: 3,
        };
        assert_eq!(dinar.chargeable(1234), 1230);
    }
}
