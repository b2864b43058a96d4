//! Entries that call a booking by another name. Where a calendar's titles hold the customers' names as a rule, one that
//! sets another given name, or another initial, beside the surname is of somebody else of the family: who is written to is
//! not always who comes, and no backup knows the family.

use super::{Fused, Input};
use crate::mapping::{ideograph, squash};
use crate::model::{Booking, Candidate, Conflict, ConflictKind, FieldName, RecordId, SourceKind, Value};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};

/// A calendar names its customers where so many titles do at least, and so many in a hundred.
const NAMED: (usize, usize) = (10, 60);
/// A word in the titles of so many people, and of so many in a hundred, is of none of them.
const COMMON: (usize, usize) = (5, 3);
/// Titles have the parts of names in one order where so many in a hundred do.
const ORDERED: usize = 80;
/// Names that begin alike are one, shortened or misspelt.
const ALIKE: usize = 3;

/// What a title says of the customer's name.
#[derive(Debug, PartialEq, Eq)]
enum Says {
    /// All of it, or a part beside another that is shortened.
    Same,
    /// A part, beside a word that is written like a name and is none of it.
    Other(String),
    Nothing,
}

/// Asks about bookings whose entry names somebody else of the customer's surname.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let titles: BTreeMap<&RecordId, &str> = input
        .told
        .iter()
        .filter(|told| told.speaks() && told.document.object == "event")
        .filter_map(|told| Some((&told.document.record, told.document.text("/summary")?)))
        .collect();
    let common = common(fused, &titles);
    let entries: Vec<Vec<(&RecordId, &str)>> = fused
        .iter()
        .map(|fused| {
            let records = fused.booking.records.iter();
            let titled =
                records.filter_map(|record| Some((*titles.get_key_value(record)?.0, *titles.get(record)?)));
            titled.collect()
        })
        .collect();
    let name = |fused: &Fused| fused.booking.customer.name.clone();
    let orders: Vec<bool> = fused
        .iter()
        .zip(&entries)
        .filter_map(|(fused, of)| Some((name(fused)?, of)))
        .flat_map(|(name, of)| {
            let common = &common;
            of.iter()
                .filter_map(move |(_, title)| says(&name, title, common, None).1)
        })
        .collect();
    let ordered = orders.iter().filter(|ordered| **ordered).count();
    let order = [true, false].into_iter().find(|order| {
        let so = if *order { ordered } else { orders.len() - ordered };
        so * 100 >= orders.len() * ORDERED
    });
    let said: Vec<Option<(RecordId, Says)>> = fused
        .iter()
        .zip(&entries)
        .map(|(fused, of)| {
            let name = name(fused)?;
            let mut of = of
                .iter()
                .map(|(record, title)| ((*record).clone(), says(&name, title, &common, order).0));
            let first = of.next()?;
            // Any entry that holds the name settles it.
            match (&first.1, of.find(|(_, says)| *says == Says::Same)) {
                (Says::Same, _) | (_, None) => Some(first),
                (_, Some(same)) => Some(same),
            }
        })
        .collect();
    let named = named(input);
    for fused in fused.iter_mut() {
        let booking = &mut fused.booking;
        let Some(name) = booking.customer.name.clone() else {
            continue;
        };
        let others = booking
            .records
            .iter()
            .filter_map(|record| Some((record, named.get(record)?)));
        let mut others = others.flat_map(|(record, names)| names.iter().map(move |name| (record, *name)));
        let none = BTreeSet::new();
        let other = others.find(|(_, other)| matches!(says(&name, other, &none, None).0, Says::Other(_)));
        if let Some((record, other)) = other {
            let (record, other) = (record.clone(), other.to_owned());
            ask(booking, record, &other);
        }
    }
    let count = |holds: &dyn Fn(&Says) -> bool| said.iter().flatten().filter(|(_, says)| holds(says)).count();
    let same = count(&|says| *says == Says::Same);
    let all = same + count(&|says| matches!(says, Says::Other(_)));
    if same < NAMED.0 || same * 100 < all * NAMED.1 {
        return;
    }
    for (fused, said) in fused.iter_mut().zip(said) {
        let Some((record, Says::Other(word))) = said else {
            continue;
        };
        ask(&mut fused.booking, record, &word);
    }
}

/// The customers' names that rules read in messages and entries. Who pays may be anybody.
fn named<'a>(input: &Input<'a>) -> BTreeMap<&'a RecordId, BTreeSet<&'a str>> {
    let mut named: BTreeMap<&RecordId, BTreeSet<&str>> = BTreeMap::new();
    let told = input
        .told
        .iter()
        .filter(|told| told.speaks() && told.document.kind != SourceKind::Stripe);
    for claim in told.flat_map(|told| &told.claims.claims) {
        if let (FieldName::CustomerName, Value::Text(name)) = (claim.field, &claim.value) {
            named.entry(&claim.record).or_default().insert(name);
        }
    }
    named
}

/// Asks for whom a booking is in which somebody else's name stands beside a part of the customer's.
pub(super) fn ask(booking: &mut Booking, record: RecordId, word: &str) {
    let name = booking.customer.name.as_deref().unwrap_or_default();
    let reason = format!("{record} says \"{word}\" beside a part of \"{name}\": for whom is it?");
    let there = Candidate {
        value: None,
        records: vec![record],
        millibits: 0,
    };
    let (kind, field) = (ConflictKind::FieldContradicts, Some(FieldName::CustomerName));
    let asked = Conflict::new(&booking.id, kind, field, reason, vec![there], None);
    if !booking.conflicts.iter().any(|other| other.id == asked.id) {
        booking.conflicts.push(asked);
    }
}

/// Words that stand in the titles of many people.
fn common(fused: &[Fused], titles: &BTreeMap<&RecordId, &str>) -> BTreeSet<String> {
    let mut of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for fused in fused {
        let customer = &fused.booking.customer;
        let Some(who) = customer.email.as_deref().or(customer.name.as_deref()) else {
            continue;
        };
        all.insert(who);
        let titles = fused
            .booking
            .records
            .iter()
            .filter_map(|record| titles.get(record));
        for title in titles {
            for (start, end) in reading::words(title) {
                of.entry(squash(&title[start..end])).or_default().insert(who);
            }
        }
    }
    let many = COMMON.0.max(all.len() * COMMON.1 / 100);
    of.into_iter()
        .filter(|(_, people)| people.len() >= many)
        .map(|(word, _)| word)
        .collect()
}

/// What a title says of a name, and whether it has the name's parts in their order, where it has two.
fn says(name: &str, title: &str, common: &BTreeSet<String>, order: Option<bool>) -> (Says, Option<bool>) {
    let parts: Vec<String> = name.split_whitespace().map(squash).collect();
    let words = reading::words(title);
    let folded: Vec<String> = words
        .iter()
        .map(|(start, end)| squash(&title[*start..*end]))
        .collect();
    let place = |part: &String| folded.iter().position(|word| word == part);
    let (Some(first), Some(last), true) = (parts.first(), parts.last(), parts.len() > 1) else {
        return (Says::Nothing, None);
    };
    if parts.iter().all(|part| folded.contains(part)) {
        return (Says::Same, Some(place(first) < place(last)));
    }
    let apart = |from: usize, to: usize| title[from..to].trim().trim_matches([',', '،', '、']).is_empty();
    let mut other = None;
    for (at, part) in folded.iter().enumerate() {
        let Some(number) = parts.iter().position(|own| own == part) else {
            continue;
        };
        let behind = (at + 1 < words.len() && apart(words[at].1, words[at + 1].0)).then_some(at + 1);
        let before = at
            .checked_sub(1)
            .filter(|before| apart(words[*before].1, words[at].0));
        for beside in behind.into_iter().chain(before) {
            let (word, (start, end)) = (&folded[beside], words[beside]);
            let first = title[start..].chars().next();
            let like_a_name = first.is_some_and(|first| first.is_uppercase() || ideograph(first))
                && !word.chars().any(char::is_numeric);
            if !like_a_name || parts.contains(word) {
                continue;
            }
            // The rest of the name stands behind its first part, and before its last.
            let ordered = if number == 0 { beside > at } else { beside < at };
            if parts.iter().any(|own| own != part && is_alike(own, word)) {
                return (Says::Same, Some(ordered));
            }
            let initial = word.chars().count() == 1 && title[end..].starts_with('.');
            let whole = word.chars().count() > 1 && !common.contains(word);
            if (initial || whole) && order.is_none_or(|order| order == ordered) {
                other.get_or_insert_with(|| title[start..end].to_owned());
            }
        }
    }
    (other.map_or(Says::Nothing, Says::Other), None)
}

/// Whether one is the other, shortened or misspelt by a letter, or both begin alike.
fn is_alike(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if same >= ALIKE || same == short {
        return true;
    }
    let (a, b) = (&a[same..], &b[same..]);
    let behind = a.iter().rev().zip(b.iter().rev());
    let rest = short - same - behind.take_while(|(a, b)| a == b).count().min(short - same);
    let left_out = long == short + 1 && rest == 0;
    let swapped = long == short && rest == 2 && a[0] == b[1] && a[1] == b[0];
    short > ALIKE && (left_out || swapped)
}

#[cfg(test)]
mod tests {
    use super::{Says, says};
    use std::collections::BTreeSet;

    #[test]
    fn another_given_name_or_initial_beside_the_surname_is_somebody_else() {
        let common = BTreeSet::from(["sedan".to_owned()]);
        let of = |name: &str, title: &str| says(name, title, &common, None).0;
        let other = |word: &str| Says::Other(word.to_owned());
        assert_eq!(of("Lena Brandt", "Lena Brandt 30 min"), Says::Same);
        assert_eq!(of("Lena Brandt", "Brandt, L."), Says::Same);
        assert_eq!(of("Katharina Brandt", "Kathi Brandt"), Says::Same);
        assert_eq!(of("Lena Brandt", "Lnea Brandt"), Says::Same);
        assert_eq!(of("Jason Brandt", "Json Brandt"), Says::Same);
        assert_eq!(of("Lena Brandt", "Nina Brandt"), other("Nina"));
        assert_eq!(of("Lena Brandt", "Brandt, Ida"), other("Ida"));
        assert_eq!(of("Lena Brandt", "Brandt, I."), other("I"));
        assert_eq!(of("Lena Brandt", "Sedan Brandt"), Says::Nothing);
        assert_eq!(of("Lena Brandt", "Ida - Brandt"), Says::Nothing);
        assert_eq!(of("Lena Brandt", "lunch"), Says::Nothing);
    }

    #[test]
    fn what_stands_where_no_given_name_would_is_none() {
        let common = BTreeSet::new();
        let of = |title: &str| says("Lena Brandt", title, &common, Some(true)).0;
        assert_eq!(of("Brandt Limousine"), Says::Nothing);
        assert_eq!(of("Ida Brandt"), Says::Other("Ida".to_owned()));
    }
}
