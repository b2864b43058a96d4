//! The tables of the report: numbers beneath the charts, and lists to work through.

use super::account::{self, Sums};
use super::chart;
use super::coverage::Coverage;
use super::html::Html;
use super::report_page::{Report, major, row, table};
use super::sheet_page::brief;
use crate::model::{Booking, Comparison, Currency, FieldName, RecordId, Step, When};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Fields without which people cannot work.
const NEEDED: [FieldName; 8] = [
    FieldName::Reference,
    FieldName::CustomerName,
    FieldName::CustomerEmail,
    FieldName::CustomerPhone,
    FieldName::ResourceName,
    FieldName::StartsAt,
    FieldName::EndsAt,
    FieldName::Total,
];

/// A table that is opened by a click, and stands open in print.
fn folded(title: &str, html: &mut Html, inside: impl FnOnce(&mut Html)) {
    html.tag("details", &[], |html| {
        html.line("summary", &[], title);
        inside(html);
    });
}

pub(super) fn coverage_table(report: &Report<'_>, covered: &Coverage, html: &mut Html) {
    folded("The numbers, day by day", html, |html| {
        let sources: Vec<&str> = report
            .pulled
            .iter()
            .map(|pulled| pulled.source.as_str())
            .collect();
        let heads = ["Day", "Recovered", "Held", "Expected"];
        let records: Vec<String> = sources
            .iter()
            .map(|source| format!("Records of {source}"))
            .collect();
        let heads: Vec<(&str, bool)> = heads
            .into_iter()
            .chain(records.iter().map(String::as_str))
            .enumerate()
            .map(|(at, head)| (head, at > 0))
            .collect();
        table(&heads, html, |html| {
            for day in &covered.days {
                let expected = day
                    .expected
                    .map_or("?".to_owned(), |expected| format!("{expected:.1}"));
                let mut cells = vec![
                    day.date.format("%Y-%m-%d %a").to_string(),
                    day.recovered.to_string(),
                    day.held.to_string(),
                    expected,
                ];
                for source in &sources {
                    let of_day = report.activity.get(*source).and_then(|days| days.get(&day.date));
                    cells.push(of_day.copied().unwrap_or(0).to_string());
                }
                let cells: Vec<(&str, bool)> = cells
                    .iter()
                    .enumerate()
                    .map(|(at, cell)| (cell.as_str(), at > 0))
                    .collect();
                row(&cells, html);
            }
        });
    });
}

pub(super) fn money_table(
    currency: Currency,
    days: &BTreeMap<NaiveDate, Sums>,
    total: Sums,
    html: &mut Html,
) {
    let cells = |sums: &Sums| {
        [sums.on_bookings, sums.in_conflict, sums.none, sums.total()].map(|minor| major(minor, currency))
    };
    let heads = [
        "On bookings",
        "Waiting for your decision",
        "On no booking",
        "Received",
    ];
    let all = cells(&total);
    let numbers: Vec<(&str, bool)> = all.iter().map(|cell| (cell.as_str(), true)).collect();
    table(&heads.map(|head| (head, true)), html, |html| row(&numbers, html));
    folded("The numbers, day by day", html, |html| {
        html.tag("table", &[], |html| {
            html.tag("thead", &[], |html| {
                html.tag("tr", &[], |html| {
                    html.line("th", &[("scope", "col")], "Day");
                    for head in heads {
                        html.line("th", &[("scope", "col"), ("class", "n")], head);
                    }
                });
            });
            html.tag("tbody", &[], |html| {
                for (day, sums) in days {
                    let day = day.format("%Y-%m-%d %a").to_string();
                    let cells = cells(sums);
                    let cells: Vec<(&str, bool)> = std::iter::once((day.as_str(), false))
                        .chain(cells.iter().map(|cell| (cell.as_str(), true)))
                        .collect();
                    row(&cells, html);
                }
            });
            html.tag("tfoot", &[], |html| {
                let cells: Vec<(&str, bool)> = std::iter::once(("In all", false))
                    .chain(numbers.iter().copied())
                    .collect();
                row(&cells, html);
            });
        });
    });
}

/// Records that may belong to a booking: what speaks for it, and for the next best.
pub(super) fn doubts(report: &Report<'_>, html: &mut Html) {
    let doubted: Vec<&Booking> = report
        .bookings
        .iter()
        .copied()
        .filter(|booking| booking.waterfalls.iter().any(|waterfall| !waterfall.is_linked))
        .collect();
    if doubted.is_empty() {
        return;
    }
    html.line("h3", &[], "Records that may belong to a booking");
    html.line(
        "p",
        &[("class", "small")],
        "Each bit doubles the odds; the paler bars are those of the booking that fits next best.",
    );
    for booking in sorted(doubted) {
        let open = booking.waterfalls.iter().filter(|waterfall| !waterfall.is_linked);
        for waterfall in open {
            let records: Vec<&str> = waterfall.records.iter().map(RecordId::as_str).collect();
            let title = format!("{}: {}", name_of(booking), records.join(", "));
            let next = waterfall.next.as_ref();
            let rows: Vec<(&str, i64, Option<i64>)> = Comparison::ALL
                .into_iter()
                .filter_map(|comparison| {
                    let of = |steps: &[Step]| {
                        let step = steps.iter().find(|step| step.comparison == comparison);
                        step.map(|step| step.millibits)
                    };
                    let (here, there) = (of(&waterfall.steps), next.and_then(|next| of(&next.steps)));
                    let name = (report.words.comparison)(comparison);
                    (here.is_some() || there.is_some()).then_some((name, here.unwrap_or(0), there))
                })
                .collect();
            folded(&title, html, |html| chart::waterfall(&title, &rows, html));
        }
    }
}

/// Bookings without payment, and payments without booking.
pub(super) fn open_ends(report: &Report<'_>, html: &mut Html) {
    html.line("h2", &[], "Bookings without payment, payments without booking");
    let unpaid = account::unpaid(&report.bookings);
    html.line(
        "h3",
        &[],
        &format!("Bookings for which no payment was found: {}", unpaid.len()),
    );
    html.line(
        "p",
        &[("class", "small")],
        "They may be paid at the counter, or in a way that no source tells of. Payments that the backup has already do not count here.",
    );
    if !unpaid.is_empty() {
        table(
            &[
                ("Starts", false),
                ("Reference", false),
                ("Customer", false),
                ("What", false),
                ("Total", true),
            ],
            html,
            |html| {
                for booking in sorted(unpaid) {
                    let total = booking.total.map_or("?".to_owned(), |total| total.to_string());
                    row(
                        &[
                            (&when(booking.starts_at, report), false),
                            (name_of(booking), false),
                            (word(booking.customer.name.as_ref()), false),
                            (word(booking.resource.name.as_ref()), false),
                            (&total, true),
                        ],
                        html,
                    );
                }
            },
        );
    }
    let unbooked = account::unbooked(&report.charges);
    html.line(
        "h3",
        &[],
        &format!("Payments that fit no booking: {}", unbooked.len()),
    );
    if unbooked.is_empty() {
        return;
    }
    html.line(
        "p",
        &[("class", "small")],
        "Sales of something else, or payments for a booking that left no other record. Somebody who knows the business should read them through.",
    );
    table(
        &[
            ("Paid", false),
            ("Payment", false),
            ("Amount", true),
            ("Why it is here", false),
        ],
        html,
        |html| {
            for charge in unbooked {
                row(
                    &[
                        (&when(Some(When::Instant(charge.paid_at)), report), false),
                        (&charge.id, false),
                        (&charge.amount.to_string(), true),
                        (&charge.reason, false),
                    ],
                    html,
                );
            }
        },
    );
}

/// Whoever is to be rung up: open questions about bookings that are not over, soonest first; then the rest.
pub(super) fn contacts(report: &Report<'_>, html: &mut Html) {
    html.line("h2", &[], "Customers to contact");
    let today = report.made_at.with_timezone(&report.zone).date_naive();
    let open: Vec<&Booking> = report
        .bookings
        .iter()
        .copied()
        .filter(|booking| booking.is_open())
        .collect();
    if open.is_empty() {
        html.line("p", &[], "Nobody: no question is open.");
        return;
    }
    let (coming, over): (Vec<&Booking>, Vec<&Booking>) = open.into_iter().partition(|booking| {
        booking
            .ends_at
            .or(booking.starts_at)
            .is_none_or(|when| when.date(report.zone) >= today)
    });
    for (title, bookings) in [
        ("Still to come: ring them up first", coming),
        ("Already over", over),
    ] {
        if bookings.is_empty() {
            continue;
        }
        html.line("h3", &[], &format!("{title} · {}", bookings.len()));
        table(
            &[
                ("Starts", false),
                ("Customer", false),
                ("Telephone", false),
                ("E-mail", false),
                ("Booking", false),
                ("What to ask about", false),
            ],
            html,
            |html| {
                for booking in sorted(bookings) {
                    let reasons: BTreeSet<&str> = booking
                        .conflicts
                        .iter()
                        .map(|conflict| conflict.reason.as_str())
                        .collect();
                    let reasons: Vec<&str> = reasons.into_iter().collect();
                    row(
                        &[
                            (&when(booking.starts_at, report), false),
                            (word(booking.customer.name.as_ref()), false),
                            (word(booking.customer.phone.as_ref()), false),
                            (word(booking.customer.email.as_ref()), false),
                            (name_of(booking), false),
                            (&reasons.join(" "), false),
                        ],
                        html,
                    );
                }
            },
        );
    }
}

pub(super) fn learned_table(report: &Report<'_>, html: &mut Html) {
    let known: BTreeSet<FieldName> = report
        .learned
        .iter()
        .flat_map(|learned| learned.fields.iter().map(|(field, ..)| *field))
        .collect();
    let is_known = |field: FieldName| match field {
        // Either tells which thing it is.
        FieldName::ResourceName => {
            known.contains(&field)
                || known.contains(&FieldName::ResourceKey)
                || known.contains(&FieldName::ResourceCode)
        }
        FieldName::CustomerName => known.contains(&field) || known.contains(&FieldName::CustomerLastName),
        field => known.contains(&field),
    };
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .filter(|field| !is_known(*field))
        .map(|field| (report.words.label)(field))
        .collect();
    let text = if missing.is_empty() {
        "Everything that a booking needs was learned from at least one source.".to_owned()
    } else {
        format!(
            "Not learned from any source: {}. Where nothing else tells it, you are asked.",
            missing.join(", ")
        )
    };
    html.line("p", &[], &text);
    for learned in report.learned {
        let by_hand = if learned.by_hand {
            " It was written or edited by hand."
        } else {
            ""
        };
        html.line(
            "p",
            &[("class", "small")],
            &format!(
                "{}: {} kinds of message whose meaning is known.{by_hand}",
                learned.source, learned.meanings
            ),
        );
    }
    folded("What stands where, line by line", html, |html| {
        table(
            &[
                ("Source", false),
                ("Field", false),
                ("Where it stands", false),
                ("Seen", true),
                ("Agreed", true),
            ],
            html,
            |html| {
                for learned in report.learned {
                    for (field, place, support, agree) in &learned.fields {
                        row(
                            &[
                                (&learned.source, false),
                                ((report.words.label)(*field), false),
                                (place, false),
                                (&support.to_string(), true),
                                (&agree.to_string(), true),
                            ],
                            html,
                        );
                    }
                }
            },
        );
    });
}

/// By start; what has none may be tomorrow, and comes first.
fn sorted(mut bookings: Vec<&Booking>) -> Vec<&Booking> {
    bookings.sort_by_key(|booking| (booking.starts_at, booking.id.clone()));
    bookings
}

fn when(at: Option<When>, report: &Report<'_>) -> String {
    at.map_or_else(|| "not known".to_owned(), |at| brief(at, report.zone))
}

fn word(text: Option<&String>) -> &str {
    text.map_or("not known", String::as_str)
}

fn name_of(booking: &Booking) -> &str {
    booking.reference.as_deref().unwrap_or(booking.id.as_str())
}
