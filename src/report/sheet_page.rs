//! The sheet of one day as a page to print and as CSV.

use super::day::{Cancelled, Claimant, Day, Double, Line, Slot, Sureness};
use super::html::{Html, page};
use super::report_page::major;
use super::{Pulled, rows, style};
use crate::model::{Money, SourceKind, When};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Longest reason that is printed.
const REASON_MAX: usize = 220;
/// Open questions that are printed for one booking.
const QUESTIONS_MAX: usize = 3;

/// What stands above the lines.
#[derive(Debug, Clone)]
pub struct Heading<'a> {
    pub business: &'a str,
    /// The one business of several that the sheet is for.
    pub tenant: Option<&'a str>,
    pub day: NaiveDate,
    /// `today`, `tomorrow`, or nothing.
    pub nearness: &'static str,
    pub made_at: DateTime<Utc>,
    pub zone: Tz,
    pub pulled: &'a [Pulled],
    /// What a reader must know before trusting the sheet, a sentence each.
    pub cautions: &'a [String],
}

impl Heading<'_> {
    /// What is not on the sheet because it was not read, a sentence each.
    pub fn gaps(&self) -> Vec<String> {
        let unread = self.pulled.iter().filter(|pulled| !pulled.is_whole());
        unread
            .map(|pulled| {
                let name = &pulled.source;
                match pulled.records {
                    0 => format!("{name} was not read yet: what it alone tells is not on this sheet."),
                    many => format!(
                        "{name} was read in part ({many} records so far): what the rest tells is not on this sheet."
                    ),
                }
            })
            .collect()
    }
}

/// Why a line is as sure as it is, a sentence each.
pub fn why(line: &Line) -> Vec<String> {
    let told_by = words_of(&line.told_by);
    match line.sureness {
        Sureness::Backup => vec!["As the backup has it; nothing newer tells of it.".to_owned()],
        Sureness::Certain if line.is_decided => vec![format!("Decided by you; told by {told_by}.")],
        Sureness::Certain => vec![format!("Certain: told by {told_by}.")],
        Sureness::SoFar => vec![format!("So far: told by {told_by}; not everything was read yet.")],
        Sureness::Confirm => {
            let mut reasons: Vec<String> = Vec::new();
            for question in &line.questions {
                let reason = shortened(&question.reason);
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
            let more = reasons.len().saturating_sub(QUESTIONS_MAX);
            reasons.truncate(QUESTIONS_MAX);
            if more > 0 {
                reasons.push(format!("And {more} more."));
            }
            reasons
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(REASON_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `mail, calendar and payment`.
fn words_of(kinds: &[SourceKind]) -> String {
    let mut words: Vec<&str> = kinds.iter().rev().map(|kind| kind_word(*kind)).collect();
    match words.pop() {
        None => "the records".to_owned(),
        Some(last) if words.is_empty() => last.to_owned(),
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

pub(super) fn kind_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Stripe => "payment",
        SourceKind::GoogleCalendar => "calendar",
        SourceKind::Mail => "mail",
    }
}

/// To the minute on the business's clock: `Mon 27 Apr 09:00`.
pub(super) fn brief(when: When, zone: Tz) -> String {
    match when {
        When::Instant(at) => at.with_timezone(&zone).format("%a %-d %b %H:%M").to_string(),
        When::Date(date) => date.format("%a %-d %b").to_string(),
    }
}

/// The same, where only the time differs from the day of the sheet.
fn beside(when: When, day: NaiveDate, zone: Tz) -> String {
    match when {
        When::Instant(at) if when.date(zone) == day => at.with_timezone(&zone).format("%H:%M").to_string(),
        when => brief(when, zone),
    }
}

/// `USD 1,946.00`.
pub fn spoken(money: Money) -> String {
    format!(
        "{} {}",
        money.currency.as_str().to_ascii_uppercase(),
        major(money.minor, money.currency)
    )
}

/// The sheet as a page: black and white, for any paper.
pub fn sheet_page(day: &Day, heading: &Heading<'_>) -> String {
    let long = heading.day.format("%A %-d %B %Y").to_string();
    let name = heading.tenant.unwrap_or(heading.business);
    page(&format!("{name}: {long}"), style::SHEET, |html| {
        html.tag("header", &[], |html| {
            html.tag("h1", &[], |html| {
                html.text(&long);
                if !heading.nearness.is_empty() {
                    html.line("span", &[("class", "count")], &format!(" · {}", heading.nearness));
                }
            });
            html.tag("p", &[], |html| {
                html.line("strong", &[], name);
                html.text(&format!(
                    " · made on {} from what was read so far",
                    brief(When::Instant(heading.made_at), heading.zone)
                ));
            });
        });
        html.tag("main", &[], |html| {
            summary(day, heading, html);
            doubles(&day.doubles, heading, html);
            lines(
                "Starting",
                "pick-ups, arrivals, appointments",
                "until",
                &day.starts,
                heading,
                html,
            );
            lines("Ending", "returns, departures", "since", &day.ends, heading, html);
            if !day.undated.is_empty() {
                lines(
                    "Day not known",
                    "may be today: call to find out",
                    "until",
                    &day.undated,
                    heading,
                    html,
                );
            }
            cancelled(&day.cancelled, html);
        });
        html.tag("footer", &[], |html| sources(heading, html));
    })
}

fn summary(day: &Day, heading: &Heading<'_>, html: &mut Html) {
    html.tag("p", &[], |html| {
        html.text(&format!(
            "{} starting, {} ending, {} under way all day. ",
            day.starts.len(),
            day.ends.len(),
            day.under_way
        ));
        match day.to_confirm() {
            0 => {}
            count => html.line("strong", &[], &format!("{count} to confirm by telephone.")),
        }
    });
    let gaps = heading.gaps();
    if !gaps.is_empty() || !heading.cautions.is_empty() {
        html.tag("section", &[("class", "box")], |html| {
            html.line("h2", &[], "Not everything is here yet");
            html.tag("ul", &[], |html| {
                for text in gaps.iter().chain(heading.cautions) {
                    html.line("li", &[], text);
                }
            });
        });
    }
}

fn doubles(doubles: &[Double], heading: &Heading<'_>, html: &mut Html) {
    if doubles.is_empty() {
        return;
    }
    html.tag("section", &[("class", "box")], |html| {
        html.line("h2", &[], "Booked twice");
        html.tag("ul", &[], |html| {
            for double in doubles {
                html.tag("li", &[], |html| {
                    html.line("strong", &[], &double.resource);
                    html.text(&format!(
                        ": {}; and {}",
                        claimant(&double.first, heading),
                        claimant(&double.second, heading)
                    ));
                });
            }
        });
    });
}

/// One of two who were promised the same thing.
pub fn claimant(claimant: &Claimant, heading: &Heading<'_>) -> String {
    let when =
        |when: Option<When>| when.map_or("?".to_owned(), |when| beside(when, heading.day, heading.zone));
    let words = [
        Some(
            claimant
                .customer
                .clone()
                .unwrap_or_else(|| "name not known".to_owned()),
        ),
        claimant.phone.clone(),
        Some(
            claimant
                .reference
                .clone()
                .unwrap_or_else(|| claimant.id.to_string()),
        ),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    format!(
        "{}, {} to {}",
        words.join(" "),
        when(claimant.starts_at),
        when(claimant.ends_at)
    )
}

fn lines(title: &str, meaning: &str, toward: &str, lines: &[Line], heading: &Heading<'_>, html: &mut Html) {
    html.tag("section", &[], |html| {
        html.tag("h2", &[], |html| {
            html.text(&format!("{title} · {} ", lines.len()));
            html.line("span", &[("class", "count small")], &format!("({meaning})"));
        });
        if lines.is_empty() {
            html.line("p", &[], "Nothing that was read so far.");
            return;
        }
        html.tag("table", &[], |html| {
            html.tag("thead", &[], |html| {
                html.tag("tr", &[], |html| {
                    for (class, head) in [
                        ("tick", "Done"),
                        ("time", "Time"),
                        ("who", "Customer"),
                        ("what", "What"),
                        ("money", "Paid / due"),
                        ("", "How sure, and why"),
                    ] {
                        html.line("th", &[("class", class), ("scope", "col")], head);
                    }
                });
            });
            html.tag("tbody", &[], |html| {
                for line in lines {
                    row(line, toward, heading, html);
                }
            });
        });
    });
}

fn row(line: &Line, toward: &str, heading: &Heading<'_>, html: &mut Html) {
    html.tag("tr", &[], |html| {
        html.tag("td", &[("class", "tick")], |html| html.tag("span", &[], |_| {}));
        html.tag("td", &[("class", "time")], |html| {
            html.text(&line.slot.text());
            match (line.is_perhaps, line.slot) {
                (true, _) => html.line("small", &[], "perhaps"),
                (false, Slot::Unknown) => html.line("small", &[], "time not known"),
                _ => {}
            }
        });
        html.tag("td", &[("class", "who")], |html| {
            html.line(
                "strong",
                &[],
                line.customer.as_deref().unwrap_or("name not known"),
            );
            html.void("br", &[]);
            match (&line.phone, &line.email) {
                (Some(phone), _) => html.text(phone),
                (None, Some(email)) => html.line("span", &[("class", "small")], email),
                (None, None) => html.text("no telephone known"),
            }
        });
        html.tag("td", &[("class", "what")], |html| {
            html.line("strong", &[], line.resource.as_deref().unwrap_or("not known"));
            html.void("br", &[]);
            html.line("span", &[("class", "small")], &about(line, toward, heading));
        });
        html.tag("td", &[("class", "money")], |html| {
            html.text(&line.paid.map_or("?".to_owned(), spoken));
            html.void("br", &[]);
            let owes = line.due.is_none_or(|due| due.minor != 0);
            let class = if owes { "due" } else { "" };
            html.line("span", &[("class", class)], &due_words(line));
        });
        html.tag("td", &[("class", "small")], |html| {
            if line.is_to_confirm() {
                html.line("span", &[("class", "call")], "Call to confirm");
                html.void("br", &[]);
            }
            for (index, reason) in why(line).iter().enumerate() {
                if index > 0 {
                    html.void("br", &[]);
                }
                html.text(reason);
            }
        });
    });
}

/// Its reference and its other end.
fn about(line: &Line, toward: &str, heading: &Heading<'_>) -> String {
    let reference = line.reference.clone().unwrap_or_else(|| line.id.to_string());
    match line.other {
        Some(other) => format!(
            "{reference}, {toward} {}",
            beside(other, heading.day, heading.zone)
        ),
        None => reference,
    }
}

/// What is still owed, in words.
pub fn due_words(line: &Line) -> String {
    match line.due {
        Some(due) if due.minor > 0 => format!("due {}", spoken(due)),
        Some(due) if due.minor < 0 => format!("{} too much", spoken(Money::new(-due.minor, due.currency))),
        Some(_) => "nothing due".to_owned(),
        None => "due not known".to_owned(),
    }
}

fn cancelled(cancelled: &[Cancelled], html: &mut Html) {
    if cancelled.is_empty() {
        return;
    }
    html.tag("section", &[("class", "still")], |html| {
        html.line(
            "h2",
            &[],
            &format!("Cancelled, not expected · {}", cancelled.len()),
        );
        html.tag("p", &[("class", "small")], |html| {
            for (index, one) in cancelled.iter().enumerate() {
                if index > 0 {
                    html.text("; ");
                }
                html.text(&cancelled_words(one));
            }
        });
    });
}

pub fn cancelled_words(cancelled: &Cancelled) -> String {
    let reference = cancelled
        .reference
        .clone()
        .unwrap_or_else(|| cancelled.id.to_string());
    let words = [
        Some(cancelled.slot.text()).filter(|_| cancelled.slot != Slot::Unknown),
        cancelled.customer.clone(),
        Some(reference),
        cancelled.resource.clone(),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join(" ")
}

fn sources(heading: &Heading<'_>, html: &mut Html) {
    html.tag("p", &[("class", "small")], |html| {
        html.text("Read: ");
        for (index, pulled) in heading.pulled.iter().enumerate() {
            if index > 0 {
                html.text("; ");
            }
            html.text(&pulled_words(pulled, heading.zone));
        }
        html.text(". Times are those of ");
        html.text(heading.zone.name());
        html.text(".");
    });
}

/// How far a source was read, in a few words.
pub fn pulled_words(pulled: &Pulled, zone: Tz) -> String {
    let count = match pulled.records {
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    };
    let until = match (pulled.finished_at, pulled.records) {
        (Some(at), _) => format!("to its end on {}", brief(When::Instant(at), zone)),
        (None, _) if pulled.is_begun => "not read to its end".to_owned(),
        (None, _) => "not yet read".to_owned(),
    };
    let problems = match pulled.problems {
        0 => String::new(),
        1 => ", 1 with a problem".to_owned(),
        many => format!(", {many} with problems"),
    };
    format!("{} {count} {until}{problems}", pulled.source)
}

/// The sheet as CSV: a line for each start and end, amounts in major units.
pub fn sheet_csv(day: &Day, heading: &Heading<'_>) -> String {
    let mut text = rows::line([
        "day",
        "side",
        "time",
        "perhaps",
        "customer",
        "phone",
        "email",
        "resource",
        "reference",
        "booking",
        "tenant",
        "other_end",
        "total",
        "paid",
        "due",
        "currency",
        "sure",
        "why",
    ]);
    text.push('\n');
    let date = heading.day.to_string();
    let undated = day.undated.iter().map(|line| (line, ""));
    for (line, on) in day.lines().map(|line| (line, date.as_str())).chain(undated) {
        let slot = match line.slot {
            Slot::Unknown => String::new(),
            slot @ Slot::At(_) => slot.text(),
        };
        let major = |money: Option<Money>| money.map_or_else(String::new, |money| money.major());
        let currency = line.total.or(line.paid).map(|money| money.currency);
        let word = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            on.to_owned(),
            line.side.as_str().to_owned(),
            slot,
            if line.is_perhaps { "yes" } else { "" }.to_owned(),
            word(&line.customer),
            word(&line.phone),
            word(&line.email),
            word(&line.resource),
            word(&line.reference),
            line.id.to_string(),
            word(&line.tenant),
            line.other
                .map_or_else(String::new, |when| when.render(heading.zone)),
            major(line.total),
            major(line.paid),
            major(line.due),
            currency.map_or_else(String::new, |currency| currency.as_str().to_owned()),
            line.sureness.as_str().to_owned(),
            why(line).join(" "),
        ];
        text.push_str(&rows::line(cells.iter().map(String::as_str)));
        text.push('\n');
    }
    text
}
