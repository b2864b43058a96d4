//! Without a backup, a payment that comes to an amount of a message proves the price only if no other amount of the
//! booking's messages could be it: deposits, tips and subsidies agree with payments as prices do.

use super::{Fused, Input};
use crate::mapping::squash;
use crate::model::{
    Booking, Candidate, Conflict, ConflictKind, Document, FieldName, Money, RecordId, Scalar, SourceKind,
    Value, When,
};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Payments came to what stands behind these words in so many bookings at least, and in so many of a hundred.
const PAID: (usize, usize) = (8, 60);
/// So many different amounts; fewer may agree by chance.
const DIFFERENT: usize = 3;
/// Several payments came to it together so often: no part of it is the price.
const SUMMED: usize = 5;
/// What states a price is doubted where so many bookings, and so many in a hundred, have another one beside it.
const DOUBTED: (usize, usize) = (5, 50);
/// A line that so many people were sent, whatever they paid, is wording.
const WORDING: usize = 5;
/// Where prices are few, many people pay the same: then so many different prices beside a line show that it goes with none.
const WHATEVER: usize = 8;

/// An amount of a message.
struct Amount<'a> {
    record: &'a RecordId,
    line: &'a str,
    /// The words since the amount before it, folded and without digits.
    label: String,
    /// All ways to read it, in minor units.
    ways: BTreeSet<i64>,
}

/// Asks about prices beside which a message states another amount that may be the price as well.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let documents: BTreeMap<&RecordId, &Document> = input
        .told
        .iter()
        .filter(|told| told.document.kind == SourceKind::Mail && told.speaks())
        .map(|told| (&told.document.record, told.document))
        .collect();
    let decimals = |booking: &Booking| booking.total.map(|total| total.currency.decimals());
    let said: Vec<Vec<Amount<'_>>> = fused
        .iter()
        .map(|fused| {
            let booking = &fused.booking;
            let Some(decimals) = decimals(booking) else {
                return Vec::new();
            };
            let of = booking.records.iter().filter_map(|record| documents.get(record));
            of.flat_map(|document| amounts(document, decimals)).collect()
        })
        .collect();
    let (proven, summed) = proven(fused, &said);
    let wording = wording(fused, &said);
    let prices = prices(input);
    let mut doubts: Vec<Option<&Amount<'_>>> = Vec::new();
    let mut stated: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (fused, said) in fused.iter().zip(&said) {
        let booking = &fused.booking;
        let (Some(total), None) = (booking.total, &booking.baseline_key) else {
            doubts.push(None);
            continue;
        };
        let payments: BTreeSet<i64> = booking.payments.iter().map(|paid| paid.amount.minor).collect();
        // What an earlier message stated as the price was put right since, in the same words, and so was all that it
        // reckons from it. A receipt puts nothing right.
        let labels: BTreeSet<&str> = labels(said, total).collect();
        let superseded = |record: &RecordId| {
            let was = prices.get(record).filter(|was| !was.contains(&total.minor));
            was.is_some_and(|was| {
                let mut there = said.iter().filter(|amount| amount.record == record);
                there.any(|amount| !amount.ways.is_disjoint(was) && labels.contains(amount.label.as_str()))
            })
        };
        let mut others = said
            .iter()
            .filter(|_| !is_settled(booking, total, input.business.zone));
        let larger = others.find(|amount| {
            amount.ways.last().is_some_and(|most| *most > total.minor)
                && !amount.ways.contains(&total.minor)
                && amount.ways.is_disjoint(&payments)
                && !wording.contains(amount.line)
                && !superseded(amount.record)
        });
        let stating: BTreeSet<&RecordId> = said
            .iter()
            .filter(|amount| amount.ways.contains(&total.minor))
            .map(|amount| amount.record)
            .collect();
        let known = |amount: &Amount<'_>| {
            amount.ways.contains(&total.minor) && summed.contains(amount.label.as_str())
        };
        let rival = said.iter().filter(|_| !said.iter().any(known)).find(|amount| {
            proven.contains(amount.label.as_str())
                && !amount.ways.contains(&total.minor)
                && (stating.is_empty() || stating.contains(amount.record))
        });
        for label in labels {
            let (doubted, all) = stated.entry(label).or_default();
            *doubted += usize::from(larger.or(rival).is_some());
            *all += 1;
        }
        doubts.push(larger.or(rival));
    }
    // What is mostly no price proves none where the message that names the price is lost.
    let known = |label: &str| stated.get(label).copied().filter(|(_, all)| *all >= DOUBTED.0);
    let is_doubted = |label: &str| {
        known(label).is_some_and(|(doubted, all)| doubted >= DOUBTED.0 && doubted * 100 >= all * DOUBTED.1)
    };
    for ((fused, said), doubt) in fused.iter_mut().zip(&said).zip(doubts) {
        let booking = &mut fused.booking;
        let (Some(total), None) = (booking.total, &booking.baseline_key) else {
            continue;
        };
        let labels = || labels(said, total);
        if let Some(amount) = doubt {
            ask(booking, total, Some(amount));
        } else if labels().any(is_doubted)
            && !labels().any(|label| known(label).is_some() && !is_doubted(label))
            && !is_settled(booking, total, input.business.zone)
        {
            ask(booking, total, None);
        }
    }
}

/// The words behind which messages state a price.
fn labels<'s>(said: &'s [Amount<'_>], total: Money) -> impl Iterator<Item = &'s str> {
    said.iter()
        .filter(move |amount| amount.ways.contains(&total.minor))
        .map(|amount| amount.label.as_str())
}

/// Whether all of a price was paid, and a part of it when the booking had begun: nothing was left to pay.
fn is_settled(booking: &Booking, total: Money, zone: Tz) -> bool {
    let begun = |paid_at: DateTime<Utc>| match booking.starts_at {
        Some(When::Instant(start)) => paid_at >= start,
        Some(When::Date(start)) => paid_at.with_timezone(&zone).date_naive() > start,
        None => false,
    };
    let mut payments = booking.payments.iter();
    paid(booking).is_some_and(|(sum, _)| sum == total.minor) && payments.any(|paid| begun(paid.paid_at))
}

fn ask(booking: &mut Booking, total: Money, amount: Option<&Amount<'_>>) {
    let other = amount.and_then(|amount| {
        let other = Money::new(*amount.ways.last()?, total.currency);
        Some((amount.record.clone(), other))
    });
    let reason = match &other {
        Some((record, other)) => format!(
            "{record} speaks of {other} too, and no backup shows which amount is the price: {other} or {total}?"
        ),
        None => format!("What states {total} mostly stands beside another price: is that what it costs?"),
    };
    let weigh = |money, records| Candidate {
        value: Some(Value::Money(money)),
        records,
        millibits: 500,
    };
    let mut candidates = vec![weigh(total, Vec::new())];
    candidates.extend(other.map(|(record, other)| weigh(other, vec![record])));
    let (kind, field) = (ConflictKind::FieldContradicts, Some(FieldName::Total));
    let asked = Conflict::new(&booking.id, kind, field, reason, candidates, None);
    if !booking.conflicts.iter().any(|other| other.id == asked.id) {
        booking.conflicts.push(asked);
    }
}

/// The amounts of a message's lines.
fn amounts(document: &Document, decimals: u32) -> Vec<Amount<'_>> {
    let mut found = Vec::new();
    for item in &document.items {
        let (true, Scalar::Text(line)) = (matches!(item.place.as_str(), "text" | "html"), &item.value) else {
            continue;
        };
        let mut from = 0;
        for span in reading::spans(line) {
            let SpanValue::Amount(amount) = &span.value else {
                continue;
            };
            let percent = line[span.end..].trim_start().starts_with(['%', '٪', '％']);
            if percent || amount.time.is_some() {
                continue;
            }
            let readings = amount.readings.iter();
            let ways: BTreeSet<i64> = readings
                .filter_map(|reading| reading.minor(decimals))
                .filter(|minor| *minor > 0)
                .collect();
            let words = line[from..span.start].replace(char::is_numeric, "");
            from = span.end;
            if !ways.is_empty() {
                found.push(Amount {
                    record: &document.record,
                    line,
                    label: squash(&words),
                    ways,
                });
            }
        }
    }
    found
}

/// What rules read as the price, by the message that states it.
fn prices<'a>(input: &Input<'a>) -> BTreeMap<&'a RecordId, BTreeSet<i64>> {
    let mut stated: BTreeMap<&RecordId, BTreeSet<i64>> = BTreeMap::new();
    for claim in input.told.iter().flat_map(|told| &told.claims.claims) {
        if let (FieldName::Total, Value::Money(money)) = (claim.field, &claim.value) {
            stated.entry(&claim.record).or_default().insert(money.minor);
        }
    }
    stated
}

/// How often payments came to what stands behind some words.
#[derive(Default)]
struct Tally {
    seen: usize,
    whole: usize,
    /// Several payments did together.
    summed: usize,
    different: BTreeSet<i64>,
}

/// The words behind which stands what payments come to, as a rule, and those behind which stands what several payments
/// come to together.
fn proven(fused: &[Fused], said: &[Vec<Amount<'_>>]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (fused, said) in fused.iter().zip(said) {
        let Some((paid, parts)) = paid(&fused.booking) else {
            continue;
        };
        // The last message that says it counts.
        let last: BTreeMap<&str, &Amount<'_>> = said
            .iter()
            .filter(|amount| !amount.label.is_empty())
            .map(|amount| (amount.label.as_str(), amount))
            .collect();
        for (label, amount) in last {
            let tally = tallies.entry(label).or_default();
            tally.seen += 1;
            if amount.ways.contains(&paid) {
                tally.whole += 1;
                tally.summed += usize::from(parts > 1);
                tally.different.insert(paid);
            }
        }
    }
    let of = |holds: &dyn Fn(&Tally) -> bool| {
        let held = tallies.iter().filter(|(_, tally)| holds(tally));
        held.map(|(label, _)| (*label).to_owned()).collect()
    };
    let proven = of(&|tally| {
        tally.whole >= PAID.0
            && tally.whole * 100 >= tally.seen * PAID.1
            && tally.different.len() >= DIFFERENT
    });
    (proven, of(&|tally| tally.summed >= SUMMED))
}

/// What was paid and not given back, in minor units, and in how many payments.
fn paid(booking: &Booking) -> Option<(i64, usize)> {
    let kept = booking
        .payments
        .iter()
        .map(|payment| payment.amount.minor - payment.refunded.minor)
        .filter(|kept| *kept > 0);
    let (sum, parts) = kept.fold((0, 0), |(sum, parts), kept| (sum + kept, parts + 1));
    (parts > 0).then_some((sum, parts))
}

/// Lines that many people were sent whose bookings cost different sums: a limit of the insurance, a fine.
fn wording<'a>(fused: &[Fused], said: &[Vec<Amount<'a>>]) -> BTreeSet<&'a str> {
    let mut readers: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<i64>)> = BTreeMap::new();
    for (fused, said) in fused.iter().zip(said) {
        let customer = &fused.booking.customer;
        let who = customer.email.as_deref().or(customer.name.as_deref());
        let (Some(who), Some(total)) = (who, fused.booking.total) else {
            continue;
        };
        for amount in said {
            let (people, totals) = readers.entry(amount.line).or_default();
            people.insert(who);
            totals.insert(total.minor);
        }
    }
    // What one of them cost is a price.
    let priced: BTreeSet<&str> = fused
        .iter()
        .zip(said)
        .filter_map(|(fused, said)| Some((fused.booking.total?, said)))
        .flat_map(|(total, said)| {
            said.iter()
                .filter(move |amount| amount.ways.contains(&total.minor))
        })
        .map(|amount| amount.line)
        .collect();
    readers
        .into_iter()
        .filter(|(line, (people, totals))| {
            let differ = totals.len() * 2 >= people.len() || totals.len() >= WHATEVER;
            people.len() >= WORDING && differ && !priced.contains(line)
        })
        .map(|(line, _)| line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::amounts;
    use crate::model::Document;

    #[test]
    fn an_amount_is_known_by_the_words_since_the_one_before() {
        let lines = [
            "Price: 1 650,00 EUR (deposit 495,00 EUR)",
            "VAT 9,975 %",
            "at 18:30",
        ];
        let message = Document::message("a@b.example").with_lines("text", &lines);
        let found = amounts(&message, 2);
        let labels: Vec<&str> = found.iter().map(|amount| amount.label.as_str()).collect();
        assert_eq!(labels, ["price", "deposit"]);
        assert!(found[0].ways.contains(&165_000) && found[1].ways.contains(&49_500));
    }
}
