//! Whether charges of some kinds are all that was paid for a booking.

use super::Context;
use super::money::Paid;
use super::question::{Questions, candidate};
use super::timeline::{AT_ONCE, Timeline};
use crate::mapping::{Pattern, Settlement, Told};
use crate::model::{Booking, Claim, ConflictKind, FieldName, Money, Status, Value};
use std::collections::BTreeMap;

/// What is known of bookings that charges of just these kinds paid.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    settlement: &'a Settlement,
    /// Bookings that such charges and others paid together.
    with_others: u32,
}

impl Known<'_> {
    /// Whether they come to the whole price. Where they are often a part of what does, the rest may just not be found.
    pub fn is_whole(self) -> bool {
        self.settlement.is_whole() && self.with_others * 10 <= self.settlement.support
    }

    /// The price of which a sum is the usual part, in minor units.
    pub fn price(self, sum: i64) -> Option<i64> {
        self.settlement.price(sum)
    }
}

/// Finds what is known of charges of just these kinds.
pub fn settlement<'a>(context: &Context<'a>, charges: &[(&Told<'_>, Claim)]) -> Option<Known<'a>> {
    let source = charges.first()?.0.document.record.source();
    let mut kinds: Vec<&Pattern> = Vec::new();
    for (told, _) in charges {
        if told.document.record.source() != source {
            return None;
        }
        kinds.push(told.claims.kind.as_ref()?);
    }
    kinds.sort();
    let mut mappings = context.input.mappings.iter();
    let settlements = &mappings.find(|mapping| mapping.source == source)?.settlements;
    let settlement = settlements
        .iter()
        .find(|settlement| settlement.kinds.iter().eq(kinds.iter().copied()))?;
    let others = settlements
        .iter()
        .filter(|other| other.kinds.len() > kinds.len() && holds(&other.kinds, &kinds));
    Some(Known {
        settlement,
        with_others: others.map(|other| other.support).sum(),
    })
}

/// So many bookings paid for with charges of a kind tell whether these were beside the price.
const BESIDE: u32 = 8;

/// Whether charges of this one's kind were paid beside the price: what was paid with them came to more than it.
pub fn is_beside(context: &Context<'_>, told: &Told<'_>) -> bool {
    let Some(kind) = told.claims.kind.as_ref() else {
        return false;
    };
    let source = told.document.record.source();
    let mut mappings = context.input.mappings.iter();
    let mapping = mappings.find(|mapping| mapping.source == source);
    mapping.is_some_and(|mapping| stands_beside(&mapping.settlements, kind))
}

fn stands_beside(settlements: &[Settlement], kind: &Pattern) -> bool {
    let (mut all, mut over) = (0, 0);
    let with_others =
        |settlement: &&Settlement| settlement.kinds.len() > 1 && settlement.kinds.contains(kind);
    for settlement in settlements.iter().filter(with_others) {
        all += settlement.support;
        if settlement.whole == 0 && settlement.part > 10_000 {
            over += settlement.support;
        }
    }
    over >= BESIDE && over * 20 >= all * 19
}

/// Whether a list holds all of another, each as often.
fn holds(all: &[Pattern], some: &[&Pattern]) -> bool {
    let mut left: BTreeMap<&Pattern, usize> = BTreeMap::new();
    for kind in all {
        *left.entry(kind).or_default() += 1;
    }
    some.iter().all(|kind| match left.get_mut(kind) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    })
}

/// Asks for the price where what was paid after it was last stated, of kinds that come to the whole price, comes to less:
/// it may have been made cheaper by a change of which no record is left.
pub fn doubt_short(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    paid: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    let asked = [
        ConflictKind::ChangedWithoutNotice,
        ConflictKind::UnexplainedEvidence,
        ConflictKind::FieldContradicts,
        ConflictKind::MoneyDoesNotAddUp,
    ];
    let (Some(total), Some(kept)) = (booking.total, paid.kept()) else {
        return;
    };
    let is_less = kept.currency == total.currency && (1..total.minor).contains(&kept.minor);
    let last = booking.payments.iter().map(|payment| payment.paid_at).max();
    let stated = timeline.last_told(field);
    let is_later = last
        .zip(stated)
        .is_some_and(|(last, stated)| last > stated + AT_ONCE);
    let given_back = booking.payments.iter().any(|payment| payment.refunded.minor > 0);
    if booking.status == Some(Status::Cancelled)
        || !is_less
        || !is_later
        || given_back
        || !paid.is_whole(context)
        || asked.into_iter().any(|kind| questions.asks(kind, field))
    {
        return;
    }
    let reason = format!(
        "Its payments come to {kept}; payments of these kinds came to the whole price before, and this was stated to be \
         {total}: was it made cheaper?"
    );
    let offer = |money: Money, millibits| {
        let records = booking.claims.get(&field).into_iter().flatten();
        let stated = records.map(|claim| claim.record.clone()).collect();
        candidate(
            Value::Money(money),
            if money == total { stated } else { Vec::new() },
            millibits,
        )
    };
    let candidates = vec![offer(kept, 1000), offer(total, 500)];
    questions.ask(
        ConflictKind::MoneyDoesNotAddUp,
        Some(field),
        reason,
        candidates,
        Some(0),
    );
    booking.total = Some(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Piece, Token};

    #[test]
    fn what_was_always_paid_over_the_price_is_beside_it() {
        let kind = |word: &str| Pattern(vec![Piece::Is(Token::Word(word.into()))]);
        let of = |kinds: &[&str], support, whole, part| Settlement {
            kinds: kinds.iter().map(|word| kind(word)).collect(),
            support,
            whole,
            part,
            agree: support,
        };
        let known = [
            of(&["session"], 60, 60, 10_000),
            of(&["overtime", "session"], 9, 0, 10_848),
            of(&["extras", "session"], 20, 20, 10_000),
        ];
        assert!(stands_beside(&known, &kind("overtime")));
        assert!(
            !stands_beside(&known, &kind("extras")),
            "they are part of the price"
        );
        assert!(!stands_beside(&known, &kind("session")));
        assert!(!stands_beside(&known[1..2], &kind("tip")));
    }

    fn settlement(support: u32, whole: u32) -> Settlement {
        Settlement {
            kinds: Vec::new(),
            support,
            whole,
            part: 10_000,
            agree: whole,
        }
    }

    #[test]
    fn what_is_often_a_part_is_not_the_whole() {
        let settlement = settlement(51, 49);
        let known = |with_others| Known {
            settlement: &settlement,
            with_others,
        };
        assert!(known(5).is_whole());
        assert!(!known(26).is_whole());
    }

    #[test]
    fn a_kind_counts_as_often_as_it_is_there() {
        let [one, two] = [Piece::Start, Piece::End].map(|piece| Pattern(vec![piece]));
        assert!(holds(&[one.clone(), two.clone()], &[&two]));
        assert!(!holds(&[one.clone(), two], &[&one, &one]));
    }
}
