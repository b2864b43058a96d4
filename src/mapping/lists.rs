//! Records that list several bookings: what they say of each in their place, and what a price is that they state of all.

use super::{Claims, OfList, Rule};
use crate::model::{Claim, Document, FieldName, Item, Money, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Puts what documents say of each of their bookings in the place of the whole. `parts`: by index, those that were taken apart.
pub(super) fn put_in_place(documents: &mut Vec<Document>, mut parts: BTreeMap<usize, Vec<Document>>) {
    if parts.is_empty() {
        return;
    }
    *documents = std::mem::take(documents)
        .into_iter()
        .enumerate()
        .flat_map(|(at, document)| parts.remove(&at).unwrap_or_else(|| vec![document]))
        .collect();
}

/// How often a price that a record states of all the bookings that it lists was what each of them cost, and how often
/// what they cost together, each as much as the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Lists {
    pub support: u32,
    pub each: u32,
    pub alike: u32,
}

impl std::ops::AddAssign for Lists {
    fn add_assign(&mut self, more: Self) {
        self.support += more.support;
        self.each += more.each;
        self.alike += more.alike;
    }
}

impl Lists {
    /// Fewer than this prove nothing.
    const KNOWN: u32 = 4;

    /// Whether enough were seen to tell what such a price is.
    pub fn is_known(self) -> bool {
        self.support >= Self::KNOWN
    }

    /// What such prices are of, where nearly all are the same.
    pub fn of(self) -> Option<OfList> {
        let mostly = |agree: u32| agree >= Self::KNOWN && agree * 100 >= self.support * 95;
        if mostly(self.each) {
            Some(OfList::Each)
        } else {
            mostly(self.alike).then_some(OfList::Alike)
        }
    }

    /// What a value says of one of the bookings that a record lists: a price that stands before or behind the list may be
    /// what each of them costs, or what they cost together.
    pub(super) fn of_one(
        self,
        document: &Document,
        item: &Item,
        rule: &Rule,
        claim: Claim,
        out: &mut Claims,
    ) -> Option<Claim> {
        let (Some(listed), Value::Money(stated)) = (document.listed(), &claim.value) else {
            return Some(claim);
        };
        if claim.field != FieldName::Total || !listed.is_of_all(item) {
            return Some(claim);
        }
        let stated = *stated;
        out.of_all.push(claim.clone());
        if rule.reading.list.is_none() && !self.is_known() {
            // Whether it is each one's or that of all is asked.
            return Some(claim);
        }
        let price = match rule.reading.list.or(self.of())? {
            OfList::Each => stated,
            OfList::Alike => {
                let count = i64::from(listed.of.max(1));
                let share = Money::new(stated.minor / count, stated.currency);
                (stated.minor % count == 0).then_some(share)?
            }
        };
        let value = Value::Money(price);
        Some(Claim { value, ..claim })
    }
}

/// Forgets the days that stand before or behind a list and that no rule reads, where the lines of this booking state its own: of a
/// series they say from when to when it runs, and move none of it.
pub(super) fn drop_shared(document: &Document, out: &mut Claims) {
    let Some(listed) = document.listed() else { return };
    let shared = document.items.iter().filter(|item| listed.is_of_all(item));
    let shared: BTreeSet<String> = shared.map(|item| format!("{}[", item.named())).collect();
    let is_shared = |place: &str| place.find('[').is_some_and(|at| shared.contains(&place[..=at]));
    let has_own = out.of(FieldName::StartsAt).any(|claim| !is_shared(&claim.place));
    if has_own {
        out.strange.retain(|strange| !is_shared(&strange.place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Strange;
    use crate::model::{Listed, Listing, Standing, When};
    use chrono::NaiveDate;

    #[test]
    fn a_day_before_a_list_moves_no_line_that_states_its_own() {
        let mut document = Document::message("m1").with_lines("text", &["from 5 March", "K7 12 March"]);
        document.listing = Listing::Part(Listed {
            of: 2,
            by_day: false,
            own: vec![("text".to_owned(), 1..2)],
            name: None,
        });
        let day = When::Date(NaiveDate::from_ymd_opt(2026, 3, 12).expect("a day"));
        let states = |place: &str| Claim {
            record: document.record.clone(),
            field: FieldName::StartsAt,
            value: Value::When(day),
            place: place.to_owned(),
            rule: "mail#1".to_owned(),
            standing: Standing::Business,
            said_at: None,
        };
        let names = |place: &str| Strange {
            place: place.to_owned(),
            text: "5 March".to_owned(),
            whens: vec![day],
            is_end: false,
        };
        let left = |stated: &str, strange: &str| {
            let mut claims = Claims {
                claims: vec![states(stated)],
                strange: vec![names(strange)],
                ..Claims::default()
            };
            drop_shared(&document, &mut claims);
            claims.strange.len()
        };
        let [above, own] = [0, 1].map(|item: usize| format!("{}[3..11]", document.items[item].named()));
        assert_eq!(left(&own, &above), 0);
        assert_eq!(left(&own, &own), 1, "its own line may say that it was moved");
        assert_eq!(left(&above, &above), 1, "nothing else tells its day");
    }

    #[test]
    fn what_a_price_of_a_list_is_of_is_known_where_nearly_all_agree() {
        let lists = |each, alike| Lists {
            support: 20,
            each,
            alike,
        };
        assert_eq!(lists(19, 2).of(), Some(OfList::Each));
        assert_eq!(lists(1, 20).of(), Some(OfList::Alike));
        assert_eq!(lists(7, 13).of(), None);
        let few = Lists {
            support: 3,
            each: 3,
            alike: 0,
        };
        assert_eq!(few.of(), None);
    }
}
