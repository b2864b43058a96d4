//! Places of a payment that list the keys of several bookings in one field: a card of ten lessons, a family's tickets.
//!
//! That a place does is seen in the overlap: what stood in the backup's payments stood on just the bookings whose keys it
//! lists. Such a charge is on each of them, or it is asked about; it is never one's alone.

use super::facts::Facts;
use super::hypothesis::Hypotheses;
use crate::model::{Document, Scalar};
use std::collections::{BTreeMap, BTreeSet};

/// So many charges show that a place lists keys, and one in so many may be otherwise: a booking was taken off the list.
const SHOWN: u32 = 3;
const SELDOM: u32 = 10;

/// The places that list keys.
pub type Places = BTreeSet<String>;

/// What looks like a list of keys in a record of the provider, by its kind and place.
pub fn of_document(document: &Document) -> impl Iterator<Item = (String, BTreeSet<String>)> {
    document.items.iter().filter_map(|item| {
        let Scalar::Text(text) = &item.value else {
            return None;
        };
        let keys = keys(text)?;
        Some((format!("{}{}", document.object, item.place), keys))
    })
}

/// The keys of which a text is a list; None where it is anything else.
fn keys(text: &str) -> Option<BTreeSet<String>> {
    let parts = text.split(|char: char| char.is_whitespace() || ",;|+&".contains(char));
    let bare = parts.map(|part| part.trim_matches(['[', ']', '"', '\'', '#']));
    let keys: BTreeSet<String> = bare.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let is_key = |key: &String| key.chars().any(|char| char.is_ascii_digit());
    (keys.len() > 1 && keys.iter().all(is_key)).then_some(keys)
}

/// The places that list keys, as the backup's payments show.
pub fn learn<'a>(all: impl Iterator<Item = &'a Facts>, hypotheses: &Hypotheses) -> Places {
    let mut seen: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for facts in all {
        let stood = facts
            .charges
            .iter()
            .find_map(|charge| hypotheses.by_charge.get(charge));
        let Some(stood) = stood else { continue };
        let stood: BTreeSet<usize> = stood.iter().copied().collect();
        for (place, keys) in &facts.lists {
            let of = keys.iter().map(|key| hypotheses.by_key.get(key).copied());
            let (right, wrong) = seen.entry(place).or_default();
            if of.collect::<Option<BTreeSet<usize>>>() == Some(stood.clone()) {
                *right += 1;
            } else {
                *wrong += 1;
            }
        }
    }
    let shown = |(right, wrong): &(u32, u32)| *right >= SHOWN && wrong * SELDOM <= *right;
    let places = seen.into_iter().filter(|(_, counts)| shown(counts));
    places.map(|(place, _)| place.to_owned()).collect()
}

/// Takes for keys what stands in such a place.
pub fn read(all: &mut [Facts], places: &Places) {
    for facts in all.iter_mut().filter(|facts| !facts.lists.is_empty()) {
        let listed = facts.lists.iter().filter(|(place, _)| places.contains(*place));
        let listed: BTreeSet<String> = listed.flat_map(|(_, keys)| keys).cloned().collect();
        facts.keys_listed |= !listed.is_empty();
        facts.keys.extend(listed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_all_keys_is_a_list_of_them() {
        let listed = |text: &str| keys(text).map(|keys| keys.into_iter().collect::<Vec<_>>());
        assert_eq!(listed("7a3f,9c01"), Some(vec!["7a3f".into(), "9c01".into()]));
        assert_eq!(
            listed("[\"7a3f\", \"9c01\"]"),
            Some(vec!["7a3f".into(), "9c01".into()])
        );
        assert_eq!(listed("7a3f"), None, "one is no list");
        assert_eq!(listed("7a3f,"), None);
        assert_eq!(listed("boat 9c01"), None, "nor is anything with a word");
    }

    #[test]
    fn a_place_lists_keys_where_the_payments_stood_on_just_these_bookings() {
        let mut hypotheses = Hypotheses::default();
        for at in 0..6 {
            hypotheses.by_key.insert(format!("k{at}"), at);
        }
        let charge = |id: usize, keys: &[&str]| Facts {
            charges: [format!("ch_{id}")].into(),
            lists: [(
                "charge/metadata/x".to_owned(),
                keys.iter().map(|key| (*key).to_owned()).collect(),
            )]
            .into(),
            ..Facts::default()
        };
        let all = [
            charge(1, &["k0", "k1"]),
            charge(2, &["k2", "k3"]),
            charge(3, &["k4", "k5"]),
        ];
        for (id, of) in [(1, vec![0, 1]), (2, vec![3, 2]), (3, vec![4, 5])] {
            hypotheses.by_charge.insert(format!("ch_{id}"), of);
        }
        assert_eq!(learn(all.iter(), &hypotheses).len(), 1);
        assert!(learn(all[..2].iter(), &hypotheses).is_empty(), "too few");
        hypotheses.by_charge.insert("ch_3".to_owned(), vec![4]);
        assert!(
            learn(all.iter(), &hypotheses).is_empty(),
            "one was of another number"
        );
    }
}
