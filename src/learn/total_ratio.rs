//! Whether the backup keeps totals as records state them: without a tax that stands in a column of its own, as many
//! businesses keep prices, or counted in thousands.

use crate::mapping::{amounts, squash};
use crate::model::{
    Baseline, BaselineBooking, Business, Document, Scalar, SourceKind, Standing, TotalRatio, Window,
};
use crate::reading::{self, SpanValue};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The habit shows in so many bookings at least, and more than these need not be looked at.
const BOOKINGS: usize = 20;
const ENOUGH: usize = 400;
/// Of a business whose messages name no number of the backup, no more messages are read than these.
const MESSAGES: usize = 2_000;
/// Of a hundred bookings of which messages state amounts so many state the total times the ratio, and so many of those of
/// which only payments are known.
const STATED: usize = 90;
const PAID: usize = 60;
/// A tax is a multiple of so many hundred-thousandths, whole per cents rather than parts of them, and no higher than this.
const STEP: u32 = 25;
const ROUND: [u32; 4] = [1_000, 500, 100, 125];
const HIGHEST: u32 = 135_000;
const THOUSAND: u32 = 1_000 * TotalRatio::ONE;

/// The ratio that explains what records say of far more bookings than the totals themselves do.
pub fn total_ratio(
    documents: &[Document],
    baseline: &Baseline,
    business: &Business,
    window: &Window,
) -> Option<TotalRatio> {
    let stated = stated(documents, baseline, business, window);
    if stated.len() >= BOOKINGS {
        return likeliest(&stated, STATED);
    }
    let paid = paid(baseline);
    if paid.len() < BOOKINGS {
        return None;
    }
    likeliest(&paid, PAID)
}

/// A total of the backup, in minor units, and the amounts that are known of its booking.
type Amounts = (i64, BTreeSet<i64>);

/// Of the bookings whose numbers stand in the business's messages, the amounts beside them.
fn stated(documents: &[Document], baseline: &Baseline, business: &Business, window: &Window) -> Vec<Amounts> {
    let totals: HashMap<String, (usize, i64)> = (baseline.bookings.iter().enumerate())
        .filter_map(|(at, row)| {
            let minor = row
                .total
                .filter(|total| total.currency == business.currency)?
                .minor;
            Some((squash(row.reference.as_deref()?), (at, minor)))
        })
        .filter(|(_, (_, minor))| *minor > 0)
        .collect();
    if totals.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<usize, Amounts> = BTreeMap::new();
    let messages = documents.iter().filter(|document| {
        document.kind == SourceKind::Mail
            && document.object == "message"
            && document.standing == Standing::Business
            && document.said_at.is_some_and(|at| at <= window.backup)
    });
    for document in messages.take(MESSAGES) {
        let (mut of, mut stated) = (BTreeSet::new(), BTreeSet::new());
        for item in &document.items {
            let Scalar::Text(text) = &item.value else { continue };
            for span in reading::spans(text) {
                match &span.value {
                    SpanValue::Amount(amount) => stated.extend(amounts(amount, business.currency)),
                    SpanValue::Code(_) | SpanValue::Number(_) => {
                        of.extend(totals.get(&squash(&text[span.start..span.end])));
                    }
                    _ => {}
                }
            }
        }
        // A message of several bookings states the sum of their prices too.
        if let ([(at, total)], false) = (of.into_iter().collect::<Vec<_>>().as_slice(), stated.is_empty()) {
            let of_it = found.entry(*at).or_insert_with(|| (*total, BTreeSet::new()));
            of_it.1.extend(stated);
        }
        if found.len() >= ENOUGH {
            break;
        }
    }
    found.into_values().collect()
}

/// Of the bookings that were paid for, each payment and all of them together.
fn paid(baseline: &Baseline) -> Vec<Amounts> {
    let mut paid: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for payment in &baseline.payments {
        if let Some(booking) = payment.booking.as_deref() {
            paid.entry(booking).or_default().push(payment.amount.minor);
        }
    }
    let amounts = |row: &BaselineBooking| {
        let total = row.total.filter(|total| total.minor > 0)?;
        let payments = paid.get(row.key.as_str())?;
        let mut all: BTreeSet<i64> = payments.iter().copied().collect();
        all.insert(payments.iter().sum());
        Some((total.minor, all))
    };
    baseline.bookings.iter().filter_map(amounts).collect()
}

fn likeliest(of: &[Amounts], percent: usize) -> Option<TotalRatio> {
    let explained = |ratio: Option<TotalRatio>| {
        let keeps = |amount: i64| ratio.map_or(amount, |ratio| ratio.kept_minor(amount));
        let holds = |(total, amounts): &&Amounts| amounts.iter().any(|amount| keeps(*amount) == *total);
        of.iter().filter(holds).count()
    };
    let roundness = |parts: u32| ROUND.iter().filter(|round| parts.is_multiple_of(**round)).count();
    let taxes = (1..).map(|step| TotalRatio::ONE + step * STEP);
    let ratios = taxes.take_while(|parts| *parts <= HIGHEST).chain([THOUSAND]);
    let (best, count) = ratios
        .map(|parts| (parts, explained(TotalRatio::of_parts(parts))))
        .max_by_key(|(parts, count)| (*count, roundness(*parts)))?;
    let plain = explained(None);
    let enough = count * 100 >= of.len() * percent && count >= plain + of.len() / 10;
    enough.then(|| TotalRatio::of_parts(best)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(amounts: impl Fn(i64) -> Vec<i64>) -> Vec<Amounts> {
        let totals = (1..60).map(|at| at * 1_237);
        totals
            .map(|total| (total, amounts(total).into_iter().collect()))
            .collect()
    }

    #[test]
    fn a_tax_that_all_messages_add_is_found() {
        let with_tax = |total: i64| vec![(total * 124 + 50) / 100, 3_000];
        assert_eq!(likeliest(&of(with_tax), STATED), TotalRatio::of_parts(124_000));
        assert_eq!(
            likeliest(&of(|total| vec![total * 1_000]), STATED),
            TotalRatio::of_parts(THOUSAND)
        );
    }

    #[test]
    fn where_totals_are_stated_as_they_are_kept_there_is_none() {
        let both = |total: i64| vec![total, (total * 119 + 50) / 100];
        assert_eq!(likeliest(&of(both), STATED), None);
        assert_eq!(likeliest(&of(|total| vec![total * 3 / 10]), PAID), None);
    }
}
