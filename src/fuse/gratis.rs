//! Bookings that cost nothing, where their messages say so in words: what a membership, a voucher or a package of ten covers.
//!
//! A price that is none is seldom written as an amount. Where the messages of nearly all bookings of the backup that cost nothing
//! have a word that those of no other booking have, a message with that word, which states no price, says that there is none.
//! So do words that stand just where others have the amount (`in_place`).

mod in_place;

use super::Input;
use super::spoken::Spoken;
use super::timeline::{AT_ONCE, Timeline};
use crate::mapping::{SlotType, Told, ideograph, words_of};
use crate::model::{
    About, Booking, Claim, Currency, Document, FieldName, Item, Money, Scalar, SourceKind, Value,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// So many bookings that cost nothing show it, of so many people.
const BOOKINGS: usize = 8;
const PEOPLE: usize = 4;
/// So many in a hundred of those of which messages tell have the word.
const COVERED: usize = 80;
/// What claims of it are called.
const RULE: &str = "gratis";
/// Where most bookings cost nothing, no word is needed.
const FREE_IN: usize = 2;

#[derive(Debug, Default)]
pub struct Gratis {
    words: BTreeSet<String>,
    in_place: in_place::InPlace,
    currency: Option<Currency>,
}

/// In how many bookings a word stood that cost nothing, and in how many others.
#[derive(Default)]
struct Seen<'a> {
    free: BTreeSet<&'a str>,
    people: BTreeSet<&'a str>,
    others: usize,
}

impl Gratis {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut seen: BTreeMap<String, Seen<'_>> = BTreeMap::new();
        let (mut free, mut all) = (0, 0);
        let mut currency = None;
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            let Some(total) = row.total else { continue };
            let members = cluster.members.iter().map(|at| &input.told[*at]);
            let messages = members.filter(|told| {
                let document = told.document;
                let is_of_overlap = document.said_at.is_some_and(|at| at <= input.window.backup);
                document.kind == SourceKind::Mail && told.speaks() && is_of_overlap && is_of_one(told)
            });
            let said: Vec<&Document> = messages.map(|told| told.document).collect();
            if said.is_empty() {
                continue;
            }
            let is_free = total.minor == 0;
            all += 1;
            free += usize::from(is_free);
            currency = currency.or(Some(total.currency));
            let words: BTreeSet<String> = said
                .iter()
                .flat_map(|document| texts(document))
                .flat_map(|(_, text)| phrases(text))
                .map(|(word, _)| word)
                .collect();
            for word in words {
                let seen = seen.entry(word).or_default();
                if is_free {
                    seen.free.insert(&row.key);
                    seen.people.insert(row.customer.as_deref().unwrap_or(&row.key));
                } else {
                    seen.others += 1;
                }
            }
        }
        if free * FREE_IN > all {
            return Self::default();
        }
        let tells = |seen: &Seen<'_>| {
            let bookings = seen.free.len();
            seen.others == 0
                && bookings >= BOOKINGS
                && seen.people.len() >= PEOPLE
                && bookings * 100 >= free * COVERED
        };
        let words = seen.into_iter().filter(|(_, seen)| tells(seen));
        Self {
            words: words.map(|(word, _)| word).collect(),
            in_place: in_place::InPlace::learn(input),
            currency,
        }
    }

    /// That a booking costs nothing, where its last message that names an amount or has such a word has the word alone.
    pub fn price(&self, timeline: &Timeline<'_>) -> Option<(Money, Vec<Claim>)> {
        let is_known = !self.words.is_empty() || !self.in_place.is_empty();
        let price = Money::new(0, self.currency.filter(|_| is_known)?);
        let names_amount = |spoken: &Spoken<'_>| {
            let mut open = spoken.told.claims.unexplained.iter();
            open.any(|(slot, text)| *slot == SlotType::Amount && is_said_of_one(spoken.document, text))
        };
        let messages = timeline.messages.iter().rev();
        let mut messages = messages.filter(|spoken| is_of_one(spoken.told));
        let (spoken, place) = messages.find_map(|spoken| {
            let place = self.place(spoken.document);
            (place.is_some() || names_amount(spoken)).then_some((spoken, place))
        })?;
        let place = place.filter(|_| !names_amount(spoken))?;
        let claim = Claim {
            record: spoken.document.record.clone(),
            field: FieldName::Total,
            value: Value::Money(price),
            place,
            rule: RULE.to_owned(),
            standing: spoken.document.standing,
            said_at: spoken.at,
        };
        Some((price, vec![claim]))
    }

    /// Where such a word stands in a message.
    fn place(&self, document: &Document) -> Option<String> {
        texts(document).find_map(|(item, text)| {
            let mut phrases = phrases(text).into_iter();
            let said = phrases.find(|(word, _)| self.words.contains(word));
            let said = said.map(|(_, range)| range);
            let range = said.or_else(|| self.in_place.place(document, item, text))?;
            Some(format!("{}[{}..{}]", item.named(), range.start, range.end))
        })
    }
}

/// Whether a price of nothing was said when the booking was changed, or later.
pub fn is_said_since(timeline: &Timeline<'_>, booking: &Booking) -> bool {
    let claims = booking.claims.get(&FieldName::Total).into_iter().flatten();
    let said = claims
        .filter(|claim| claim.rule == RULE)
        .filter_map(|claim| claim.said_at)
        .max();
    let fields = [FieldName::StartsAt, FieldName::EndsAt, FieldName::ResourceKey];
    let changed = fields
        .into_iter()
        .filter_map(|field| timeline.changed_at(field))
        .max();
    said.zip(changed)
        .is_some_and(|(said, changed)| said + AT_ONCE >= changed)
}

/// Whether an amount stands in the booking's own lines, where a message lists several: a deposit below may be another's.
fn is_said_of_one(document: &Document, amount: &str) -> bool {
    let mut own = texts(document)
        .filter(|(item, _)| in_place::is_own_line(document, item))
        .peekable();
    own.peek().is_none() || own.any(|(_, text)| text.contains(amount))
}

/// Whether a message is about a booking: that a pass was sold is said with the word too.
fn is_of_one(told: &Told<'_>) -> bool {
    let claims = &told.claims;
    !claims.offers && !claims.nobodys && !claims.letter
}

/// The lines that a message says to its reader.
fn texts(document: &Document) -> impl Iterator<Item = (&Item, &str)> {
    document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) if ["text", "html"].contains(&item.place.as_str()) => Some((item, text.as_str())),
        _ => None,
    })
}

/// The words of a line; in scripts without spaces two signs that stand side by side.
fn phrases(text: &str) -> Vec<(String, Range<usize>)> {
    let words = words_of(text);
    let is_sign = |word: &str| word.chars().all(ideograph);
    let pairs = words.windows(2).filter_map(|pair| {
        let [(a, before), (b, behind)] = pair else {
            return None;
        };
        let is_pair = before.end == behind.start && is_sign(a) && is_sign(b);
        is_pair.then(|| (format!("{a}{b}"), before.start..behind.end))
    });
    let single = words.iter().filter(|(word, _)| {
        let mut chars = word.chars();
        !is_sign(word) && !chars.any(char::is_numeric)
    });
    pairs.chain(single.cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::phrases;

    #[test]
    fn words_are_told_by_blanks_and_in_scripts_without_by_two_signs() {
        let of = |text| -> Vec<String> { phrases(text).into_iter().map(|(word, _)| word).collect() };
        assert_eq!(
            of("Covered by your 10-ride pass"),
            ["covered", "by", "your", "ride", "pass"]
        );
        assert_eq!(of("回数券 利用"), ["回数", "数券", "利用"]);
    }
}
