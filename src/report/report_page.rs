//! The report: what was rebuilt and how far to trust it, on one page that needs nothing but itself.

use super::account;
use super::chart::{self, DayChart, Series, Strip};
use super::coverage::{Coverage, coverage};
use super::html::{Html, page};
use super::lists;
use super::{Pulled, style};
use crate::model::{
    Action, Backtest, Booking, Charge, Comparison, ConflictKind, Currency, FieldName, Money, State, Window,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// More days than this are drawn as weeks.
const DAYS_DRAWN_MAX: usize = 130;

/// What a page is made of: a whole business, or one tenant's part of it.
pub struct Report<'a> {
    pub business: &'a str,
    pub tenant: Option<&'a str>,
    /// The pages of the tenants, or from a tenant's page the way back: file and name.
    pub pages: &'a [(String, String)],
    pub zone: Tz,
    pub window: &'a Window,
    pub made_at: DateTime<Utc>,
    pub tool: &'a str,
    pub bookings: Vec<&'a Booking>,
    pub charges: Vec<&'a Charge>,
    pub pulled: &'a [Pulled],
    /// Records of each source by the day on which they were made.
    pub activity: &'a BTreeMap<String, BTreeMap<NaiveDate, u64>>,
    /// When the bookings of the backup were made.
    pub made_before: &'a [DateTime<Utc>],
    pub backtest: Option<&'a Backtest>,
    /// How far to trust it, in words.
    pub trust: &'a str,
    pub interval: Option<(f64, f64)>,
    pub warnings: &'a [String],
    pub learned: &'a [Learned],
    pub plan: &'a Plan,
    pub words: Words,
    pub next: &'a str,
}

/// How things are called before people.
#[derive(Clone, Copy)]
pub struct Words {
    pub label: fn(FieldName) -> &'static str,
    pub question: fn(ConflictKind) -> &'static str,
    pub comparison: fn(Comparison) -> &'static str,
}

/// What was learned of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learned {
    pub source: String,
    /// A person wrote or edited it.
    pub by_hand: bool,
    /// Field, where it stands, in how many records it was seen, and in how many it agreed with the backup.
    pub fields: Vec<(FieldName, String, u32, u32)>,
    /// Kinds of message whose meaning is known.
    pub meanings: usize,
}

/// What the reload would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Why there is none, in a sentence.
    None(String),
    /// Counts with what they count; and what is held back, with its reason.
    Of {
        counts: Vec<(usize, &'static str)>,
        held: Vec<(String, String)>,
        notes: Vec<String>,
    },
}

impl Report<'_> {
    /// The page as text.
    pub fn page(&self) -> String {
        let name = self.tenant.unwrap_or(self.business);
        page(&format!("{name}: what was rebuilt"), style::REPORT, |html| {
            chart::fills(html);
            self.header(name, html);
            html.tag("main", &[], |html| {
                self.summary(html);
                let covered = coverage(
                    self.bookings.iter().copied(),
                    self.made_before,
                    self.window.backup,
                    self.window.loss,
                    self.zone,
                );
                self.coverage(&covered, html);
                self.money(html);
                self.questions(html);
                self.trust(html);
                self.learned(html);
                lists::open_ends(self, html);
                lists::contacts(self, html);
                self.plan(html);
            });
            self.footer(html);
        })
    }

    fn header(&self, name: &str, html: &mut Html) {
        let day = |at: DateTime<Utc>| at.with_timezone(&self.zone).format("%-d %B %Y").to_string();
        html.tag("header", &[], |html| {
            html.line("h1", &[], &format!("{name}: what was rebuilt"));
            html.line(
                "p",
                &[],
                &format!(
                    "Lost on {}; the last backup is of {}. This page was made on {}.",
                    day(self.window.loss),
                    day(self.window.backup),
                    self.made_at
                        .with_timezone(&self.zone)
                        .format("%-d %B %Y at %H:%M")
                ),
            );
            if !self.pages.is_empty() {
                html.tag("nav", &[("aria-label", "Businesses")], |html| {
                    html.tag("ul", &[], |html| {
                        for (file, name) in self.pages {
                            html.tag("li", &[], |html| html.line("a", &[("href", file)], name));
                        }
                    });
                });
            }
        });
    }

    fn count(&self, state: State, action: Option<Action>) -> u64 {
        let of = |booking: &&&Booking| {
            booking.state == state && action.is_none_or(|action| booking.action == action)
        };
        self.bookings.iter().filter(of).count() as u64
    }

    fn summary(&self, html: &mut Html) {
        let certain_new = self.count(State::Clean, Some(Action::Insert));
        let certain_changed = self.count(State::Clean, Some(Action::Update));
        let unchanged = self.count(State::Clean, Some(Action::Unchanged));
        let held = self.count(State::Flagged, None);
        let rejected = self.count(State::Rejected, None);
        let certain = certain_new + certain_changed;
        let waiting = match held {
            0 => "Nothing waits for your decision.".to_owned(),
            1 => "1 waits for your decision.".to_owned(),
            many => format!("{many} wait for your decision."),
        };
        html.line(
            "p",
            &[("class", "lead")],
            &format!(
                "{} and certain. {waiting}",
                counted(certain, "booking is back", "bookings are back")
            ),
        );
        html.tag("ul", &[("class", "figures")], |html| {
            figure(&certain.to_string(), "bookings back and certain", html);
            let wait = if held == 1 {
                "waits for your decision"
            } else {
                "wait for your decision"
            };
            figure(&held.to_string(), wait, html);
            if let Some((lower, _)) = self.interval {
                let floor = (lower * 1000.0).floor() / 10.0;
                figure(
                    &format!("≥ {floor:.1} %"),
                    "of what is called certain is right, by the test on your own backup",
                    html,
                );
            }
        });
        let parts = [
            ("recovered", "new, certain", certain_new),
            ("same", "of the backup, changed since, certain", certain_changed),
            ("held", "in question", held),
        ];
        chart::shares("Bookings by how certain they are", &parts, html);
        if unchanged + rejected > 0 {
            html.line(
                "p",
                &[("class", "small")],
                &format!("Beside these, {unchanged} of the backup are unchanged, and {rejected} are no bookings, as you said."),
            );
        }
        html.tag("p", &[("class", "next")], |html| {
            html.text("Next: ");
            html.line("code", &[], self.next);
        });
    }

    fn coverage(&self, covered: &Coverage, html: &mut Html) {
        html.line("h2", &[], "How much came back, day by day");
        let (recovered, held, expected) = covered.sums();
        let about = expected.map_or_else(String::new, |expected| {
            let chance = 2.0 * expected.sqrt();
            format!(
                " About {expected:.0} were to be expected; by chance alone it may be {:.0} to {:.0}.",
                (expected - chance).max(0.0),
                expected + chance
            )
        });
        html.line(
            "p",
            &[],
            &format!("New bookings by the day on which they were made: {recovered} recovered, {held} held until you decide.{about}"),
        );
        html.line("p", &[("class", "small")], &covered.basis.text());
        let days: Vec<NaiveDate> = covered.days.iter().map(|day| day.date).collect();
        let buckets = Buckets::of(&days);
        let counted = |value: &dyn Fn(usize) -> f64| buckets.sums(value);
        let series = [
            Series {
                label: "recovered",
                class: "recovered",
                values: counted(&|at| covered.days[at].recovered as f64),
            },
            Series {
                label: "held",
                class: "held",
                values: counted(&|at| covered.days[at].held as f64),
            },
        ];
        let expected: Option<Vec<f64>> =
            expected.map(|_| counted(&|at| covered.days[at].expected.unwrap_or(0.0)));
        let strips: Vec<Strip> = self
            .pulled
            .iter()
            .map(|pulled| self.strip(pulled, &buckets))
            .collect();
        DayChart {
            title: "Bookings by the day on which they were made",
            description: "Recovered, held and expected; beneath, how many records of each source were read. The numbers are in the table below.",
            dates: &buckets.begins,
            by_week: buckets.by_week,
            series: &series,
            expected: expected.as_deref(),
            strips: &strips,
            value: &|value| if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") },
        }
        .draw(html);
        if covered.undated > 0 {
            html.line(
                "p",
                &[("class", "small")],
                &format!(
                    "Of {} more it is not known on which day they were made.",
                    covered.undated
                ),
            );
        }
        self.completeness(html);
        lists::coverage_table(self, covered, html);
    }

    fn strip(&self, pulled: &Pulled, buckets: &Buckets) -> Strip {
        let by_day = self.activity.get(&pulled.source);
        let value = |at: usize| {
            by_day
                .and_then(|days| days.get(&buckets.days[at]))
                .copied()
                .unwrap_or(0) as f64
        };
        Strip {
            label: pulled.source.clone(),
            values: buckets
                .sums(&value)
                .into_iter()
                .map(|value| value as u64)
                .collect(),
        }
    }

    /// How far each source was read: none found must never mean never fetched.
    fn completeness(&self, html: &mut Html) {
        html.line("h3", &[], "How complete each source is");
        table(
            &[
                ("Source", false),
                ("Records", true),
                ("Read", false),
                ("From", false),
                ("To", false),
                ("With problems", true),
            ],
            html,
            |html| {
                for pulled in self.pulled {
                    let days = self.activity.get(&pulled.source);
                    let end = |day: Option<&NaiveDate>| day.map_or("none".to_owned(), NaiveDate::to_string);
                    let read = match pulled.finished_at {
                        Some(at) => format!(
                            "to its end on {}",
                            at.with_timezone(&self.zone).format("%-d %b %Y %H:%M")
                        ),
                        None if pulled.records == 0 => "not yet".to_owned(),
                        None => "in part: what is missing may change what stands here".to_owned(),
                    };
                    row(
                        &[
                            (&pulled.source, false),
                            (&pulled.records.to_string(), true),
                            (&read, false),
                            (&end(days.and_then(|days| days.keys().next())), false),
                            (&end(days.and_then(|days| days.keys().next_back())), false),
                            (&pulled.problems.to_string(), true),
                        ],
                        html,
                    );
                }
            },
        );
    }

    fn money(&self, html: &mut Html) {
        html.line("h2", &[], "Where the money is");
        let by = account::money_by_day(&self.charges, self.zone);
        if by.is_empty() {
            html.line("p", &[], "No payment since the backup was read.");
            return;
        }
        html.line(
            "p",
            &[],
            "Every payment since the backup is in exactly one place: on a booking, waiting for a decision, or on the list of those that fit no booking.",
        );
        for (currency, days) in &by {
            let name = currency.as_str().to_uppercase();
            let total = account::sum(days.values());
            html.line(
                "h3",
                &[],
                &format!("{name} {} received", major(total.total(), *currency)),
            );
            let all: Vec<NaiveDate> = stretch(days.keys());
            let buckets = Buckets::of(&all);
            let scale = 10_f64.powi(i32::try_from(currency.decimals()).unwrap_or(2));
            let values = |pick: &dyn Fn(&account::Sums) -> i64| {
                buckets.sums(&|at| {
                    days.get(&buckets.days[at])
                        .map_or(0.0, |sums| pick(sums) as f64 / scale)
                })
            };
            let series = [
                Series {
                    label: "on bookings",
                    class: "recovered",
                    values: values(&|sums| sums.on_bookings),
                },
                Series {
                    label: "waiting for your decision",
                    class: "held",
                    values: values(&|sums| sums.in_conflict),
                },
                Series {
                    label: "on no booking",
                    class: "none",
                    values: values(&|sums| sums.none),
                },
            ];
            let decimals = currency.decimals() as usize;
            DayChart {
                title: &format!("Payments by day, {name}"),
                description: "On bookings, waiting for a decision, on no booking. The numbers are in the table below.",
                dates: &buckets.begins,
                by_week: buckets.by_week,
                series: &series,
                expected: None,
                strips: &[],
                value: &|value| grouped(&format!("{value:.decimals$}")),
            }
            .draw(html);
            lists::money_table(*currency, days, total, html);
        }
    }

    fn questions(&self, html: &mut Html) {
        html.line("h2", &[], "What you are asked");
        let mut by: BTreeMap<ConflictKind, u64> = BTreeMap::new();
        for conflict in self.bookings.iter().flat_map(|booking| &booking.conflicts) {
            *by.entry(conflict.kind).or_default() += 1;
        }
        if by.is_empty() {
            html.line("p", &[], "Nothing: no question is open.");
            return;
        }
        let mut rows: Vec<(String, u64)> = by
            .into_iter()
            .map(|(kind, count)| ((self.words.question)(kind).to_owned(), count))
            .collect();
        rows.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
        html.tag("p", &[], |html| {
            html.text("A booking with an open question stays out of the reload until you have answered it: ");
            html.line("code", &[], "rebook review");
        });
        chart::kinds("Open questions by kind", &rows, html);
        table(&[("Question", false), ("How often", true)], html, |html| {
            for (name, count) in &rows {
                row(&[(name, false), (&count.to_string(), true)], html);
            }
        });
        lists::doubts(self, html);
    }

    fn trust(&self, html: &mut Html) {
        html.line("h2", &[], "How far to trust it");
        html.line("p", &[], self.trust);
        if self.tenant.is_some() {
            html.line(
                "p",
                &[("class", "small")],
                "The test is of all businesses of this system together.",
            );
        }
        if let (Some(test), Some((lower, upper))) = (self.backtest, self.interval) {
            let share = test.right as f64 / test.clean.max(1) as f64;
            chart::interval(
                "Share of certain bookings that were exactly right, with its 95 % interval",
                lower,
                share,
                upper,
                html,
            );
            table(
                &[
                    ("Came out as certain", true),
                    ("Exactly right", true),
                    ("Would have been asked", true),
                    ("At least right", true),
                    ("At most right", true),
                ],
                html,
                |html| {
                    let percent = |value: f64| format!("{:.1} %", value * 100.0);
                    row(
                        &[
                            (&test.clean.to_string(), true),
                            (&test.right.to_string(), true),
                            (&test.flagged.to_string(), true),
                            (&percent((lower * 1000.0).floor() / 1000.0), true),
                            (&percent(upper), true),
                        ],
                        html,
                    );
                },
            );
            html.line(
                "p",
                &[("class", "small")],
                "The interval holds the true share with 95 % confidence (Wilson's score interval): the fewer bookings were tested, the wider it is.",
            );
            tested(test, html);
        }
        if !self.warnings.is_empty() {
            html.line("h3", &[], "What to know");
            html.tag("ul", &[], |html| {
                for warning in self.warnings {
                    html.tag("li", &[], |html| html.sentence(warning));
                }
            });
        }
    }

    fn learned(&self, html: &mut Html) {
        html.line("h2", &[], "What was learned, and what was not");
        if self.learned.is_empty() {
            html.line(
                "p",
                &[],
                "Nothing was learned: there is no backup with bookings that the records tell of.",
            );
            return;
        }
        html.line(
            "p",
            &[],
            "From the months before the backup, where the truth is known. Seen is how many records had such a value; agreed, in how many of them it was what the backup has.",
        );
        lists::learned_table(self, html);
    }

    fn plan(&self, html: &mut Html) {
        html.line("h2", &[], "What the reload would do");
        if self.tenant.is_some() {
            html.line(
                "p",
                &[],
                "The reload is one for all businesses of this system: its plan stands on the first page.",
            );
            return;
        }
        match self.plan {
            Plan::None(why) => html.line("p", &[], why),
            Plan::Of { counts, held, notes } => {
                html.tag("p", &[], |html| {
                    html.text("It only adds rows, and changes a row only where it still is as the backup had it. It is written by ");
                    html.line("code", &[], "rebook export --skip-flagged --out reload.sql");
                    html.text(" and rolls itself back unless it is told to commit.");
                });
                table(&[("What", false), ("Rows", true)], html, |html| {
                    for (count, what) in counts {
                        row(&[(what, false), (&count.to_string(), true)], html);
                    }
                });
                if !held.is_empty() {
                    html.line("h3", &[], "Held back, because it cannot be written");
                    table(&[("Booking", false), ("Why", false)], html, |html| {
                        for (booking, why) in held {
                            row(&[(booking, false), (why, false)], html);
                        }
                    });
                }
                if !notes.is_empty() {
                    html.tag("ul", &[("class", "small")], |html| {
                        for note in notes {
                            html.line("li", &[], note);
                        }
                    });
                }
            }
        }
    }

    fn footer(&self, html: &mut Html) {
        html.tag("footer", &[], |html| {
            html.line(
                "p",
                &[("class", "small")],
                &format!(
                    "Made by {}. Times are those of {}. This page holds people's names and addresses: keep it safe, and delete it when this is over (rebook forget).",
                    self.tool,
                    self.zone.name()
                ),
            );
        });
    }
}

fn figure(value: &str, what: &str, html: &mut Html) {
    html.tag("li", &[], |html| {
        html.line("strong", &[], value);
        html.text(what);
    });
}

/// A table with its head; a column is of numbers or of words.
pub(super) fn table(heads: &[(&str, bool)], html: &mut Html, rows: impl FnOnce(&mut Html)) {
    html.tag("table", &[], |html| {
        html.tag("thead", &[], |html| {
            html.tag("tr", &[], |html| {
                for (head, is_number) in heads {
                    let class = if *is_number { "n" } else { "" };
                    html.line("th", &[("scope", "col"), ("class", class)], head);
                }
            });
        });
        html.tag("tbody", &[], rows);
    });
}

pub(super) fn row(cells: &[(&str, bool)], html: &mut Html) {
    html.tag("tr", &[], |html| {
        for (text, is_number) in cells {
            html.line("td", &[("class", if *is_number { "n" } else { "" })], text);
        }
    });
}

pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

pub(super) fn major(minor: i64, currency: Currency) -> String {
    grouped(&Money::new(minor, currency).major())
}

/// Digits in groups of three: `-12,345.60`.
pub fn grouped(number: &str) -> String {
    let (whole, fraction) = number
        .split_once('.')
        .map_or((number, None), |(whole, part)| (whole, Some(part)));
    let digits = whole.trim_start_matches('-');
    let mut text = String::from(if whole.starts_with('-') { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Every day from the first to the last.
fn stretch<'a>(mut days: impl DoubleEndedIterator<Item = &'a NaiveDate>) -> Vec<NaiveDate> {
    let Some(first) = days.next().copied() else {
        return Vec::new();
    };
    let last = days.next_back().copied().unwrap_or(first);
    first.iter_days().take_while(|day| *day <= last).collect()
}

/// Days, or the weeks that they are drawn as.
struct Buckets {
    days: Vec<NaiveDate>,
    begins: Vec<NaiveDate>,
    by_week: bool,
}

impl Buckets {
    fn of(days: &[NaiveDate]) -> Self {
        let by_week = days.len() > DAYS_DRAWN_MAX;
        let mut begins: Vec<NaiveDate> = days.iter().map(|day| Self::begin(*day, by_week)).collect();
        begins.dedup();
        Self {
            days: days.to_vec(),
            begins,
            by_week,
        }
    }

    fn begin(day: NaiveDate, by_week: bool) -> NaiveDate {
        let back = if by_week {
            u64::from(day.weekday().num_days_from_monday())
        } else {
            0
        };
        day.checked_sub_days(Days::new(back)).unwrap_or(day)
    }

    fn sums(&self, value: &dyn Fn(usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.begins.len()];
        let mut bucket = 0;
        for (at, day) in self.days.iter().enumerate() {
            let begin = Self::begin(*day, self.by_week);
            while self.begins[bucket] != begin {
                bucket += 1;
            }
            sums[bucket] += value(at);
        }
        sums
    }
}

/// The backtest by what is known of a booking, and by field.
fn tested(test: &Backtest, html: &mut Html) {
    html.line(
        "p",
        &[],
        &format!(
            "{} bookings of the backup were hidden; {} of them were found again in the records.",
            test.hidden, test.found
        ),
    );
    let heads = [
        ("Known from", false),
        ("Certain", true),
        ("Exactly right", true),
        ("Asked", true),
    ];
    table(&heads, html, |html| {
        for one in &test.evidence {
            let numbers = [one.clean, one.right, one.flagged].map(|number| number.to_string());
            row(
                &[
                    (&one.known_from.replace('+', ", "), false),
                    (&numbers[0], true),
                    (&numbers[1], true),
                    (&numbers[2], true),
                ],
                html,
            );
        }
    });
    if test.fields.is_empty() {
        return;
    }
    let heads = [
        ("Field of certain bookings", false),
        ("Wrong", true),
        ("Left open", true),
    ];
    table(&heads, html, |html| {
        for field in &test.fields {
            row(
                &[
                    (&field.field, false),
                    (&field.wrong.to_string(), true),
                    (&field.missing.to_string(), true),
                ],
                html,
            );
        }
    });
}
