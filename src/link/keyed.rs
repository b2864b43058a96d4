//! Charges that carry the system's own key of their booking, and fit none: a booking stood there, though nothing else tells
//! of it.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::units::Unit;
use crate::model::{About, SourceKind};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Puts charges with the same key together, and those whose key nothing else tells of on bookings of their own. `asked` are
/// those that a question is open about. Out: what was placed.
pub fn found(
    (units, facts): (&[Unit], &[Facts]),
    loose: &[usize],
    asked: &BTreeSet<usize>,
    hypotheses: &mut Hypotheses,
    home: &mut [Option<usize>],
) -> BTreeSet<usize> {
    let mut of_key: BTreeMap<(Option<&str>, &str), usize> = BTreeMap::new();
    for (at, facts) in facts.iter().enumerate() {
        if let (Some(to), Some(key)) = (home[at], only_key(facts)) {
            of_key.insert(key, to);
        }
    }
    let is_open = |at: &&usize| {
        let facts = &facts[**at];
        let pays = !facts.amounts.is_empty() && !facts.never_paid && !facts.nobodys;
        units[**at].kind == SourceKind::Stripe && pays && !asked.contains(at)
    };
    let mut placed = BTreeSet::new();
    for at in loose.iter().filter(is_open) {
        let Some(key) = only_key(&facts[*at]) else {
            continue;
        };
        let to = if let Some(to) = of_key.get(&key) {
            hypotheses.all[*to].join(*at, "a charge with the same key".to_owned());
            *to
        } else if !hypotheses.by_key.contains_key(key.1) && !may_be_of_another(&facts[*at], hypotheses) {
            let made = hypotheses.add(Hypothesis::new(*at, format!("key {}", key.1)));
            of_key.insert(key, made);
            made
        } else {
            continue;
        };
        hypotheses.all[to].learn(&facts[*at]);
        home[*at] = Some(to);
        placed.insert(*at);
    }
    placed
}

fn only_key(facts: &Facts) -> Option<(Option<&str>, &str)> {
    let mut keys = facts.keys.iter();
    match (keys.next(), keys.next()) {
        (Some(key), None) if facts.references.is_empty() || facts.keyed => {
            Some((facts.tenant.as_deref(), key))
        }
        _ => None,
    }
}

/// A booking of which no first message tells is heard of within so long after it was paid.
const HEARD: TimeDelta = TimeDelta::days(14);

/// Whether there is a booking that the backup does not know and nobody paid for, of the payer, or of anybody where its first
/// message is missing and it was heard of soon after: it may be that one.
fn may_be_of_another(facts: &Facts, hypotheses: &Hypotheses) -> bool {
    let is_unpaid = |booking: &Hypothesis| booking.about == About::New && booking.charges.is_empty();
    let texts = facts.emails.iter().chain(&facts.phones).chain(&facts.names);
    let mut of = texts.filter_map(|text| hypotheses.texts.get(text)).flatten();
    let heard_of = |booking: &Hypothesis| {
        let both = booking.made_at.zip(facts.made_at);
        !booking.opened && both.is_some_and(|(made, paid)| (paid..=paid + HEARD).contains(&made))
    };
    let mut all = hypotheses.all.iter();
    of.any(|to| is_unpaid(&hypotheses.all[*to])) || all.any(|booking| is_unpaid(booking) && heard_of(booking))
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::money;
    use super::*;

    fn unit(at: usize) -> Unit {
        Unit {
            members: vec![at],
            kind: SourceKind::Stripe,
        }
    }

    fn charge(key: &str, email: &str) -> Facts {
        Facts {
            keys: [key.to_owned()].into(),
            emails: [email.to_owned()].into(),
            amounts: vec![(format!("ch_{key}"), money(9250))],
            ..Facts::default()
        }
    }

    /// Where each charge is put, of which none was placed.
    fn placed(facts: &[Facts], hypotheses: &mut Hypotheses) -> Vec<Option<usize>> {
        let units: Vec<Unit> = (0..facts.len()).map(unit).collect();
        let loose: Vec<usize> = (0..facts.len()).collect();
        let mut home = vec![None; facts.len()];
        found((&units, facts), &loose, &BTreeSet::new(), hypotheses, &mut home);
        home
    }

    #[test]
    fn a_key_that_nothing_else_tells_of_is_a_booking_and_the_next_charge_with_it_is_for_the_same() {
        let facts = [
            charge("6369", "a@mail.example"),
            charge("6369", "b@mail.example"),
            charge("6370", "a@mail.example"),
        ];
        assert_eq!(
            placed(&facts, &mut Hypotheses::default()),
            [Some(0), Some(0), Some(1)]
        );
    }

    #[test]
    fn a_number_that_is_made_of_the_key_is_no_other_booking() {
        let made = Facts {
            references: vec![("6369".to_owned(), "6369".to_owned())],
            keyed: true,
            ..charge("6369-aa", "a@mail.example")
        };
        let stated = Facts {
            keyed: false,
            ..made.clone()
        };
        assert_eq!(placed(&[made], &mut Hypotheses::default()), [Some(0)]);
        assert_eq!(placed(&[stated], &mut Hypotheses::default()), [None]);
    }

    #[test]
    fn who_has_a_booking_that_nobody_paid_for_may_have_paid_for_that() {
        let mut hypotheses = Hypotheses::default();
        hypotheses.add(Hypothesis::about_new());
        hypotheses.texts.insert("a@mail.example".to_owned(), [0].into());
        assert_eq!(
            placed(&[charge("6369", "a@mail.example")], &mut hypotheses),
            [None]
        );
    }

    #[test]
    fn what_was_heard_of_soon_after_without_a_first_message_may_be_what_was_paid() {
        let paid = chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let mut booking = Hypothesis::about_new();
        booking.opened = false;
        let charge = Facts {
            made_at: Some(paid),
            ..charge("6369", "a@mail.example")
        };
        let mut placed_after = |days| {
            let mut hypotheses = Hypotheses::default();
            booking.made_at = Some(paid + TimeDelta::days(days));
            hypotheses.add(booking.clone());
            placed(std::slice::from_ref(&charge), &mut hypotheses)
        };
        assert_eq!(placed_after(1), [None]);
        assert_eq!(placed_after(20), [Some(1)]);
        assert_eq!(placed_after(-1), [Some(1)], "heard of before");
    }

    #[test]
    fn a_kind_that_never_paid_makes_no_booking() {
        let never = Facts {
            never_paid: true,
            ..charge("6369", "a@mail.example")
        };
        assert_eq!(placed(&[never], &mut Hypotheses::default()), [None]);
    }
}
