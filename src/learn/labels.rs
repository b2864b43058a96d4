//! What else resources are called: a calendar's id, a translated name, a nickname, a colour.
//!
//! The backup knows one name of a resource; records may have another, and the calendar in which an entry stands may
//! be all that tells. What stands at a place, or between two anchors, is taken for a resource's label where each
//! value goes with one key in nearly all bookings of the overlap, and different values with different keys. What is
//! learned is a table: a value that is not in it says nothing.

use super::quick::Map;
use super::slots::{Study, masked};
use super::{Lexed, number};
use crate::mapping::{Anchor, Line, Piece, Reading, Rule, SlotType, Token, around, squash};
use crate::model::{FieldName, Listing, Standing};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// A value must have been seen with so many people to be known, and all of them together in so many records.
const ONE: usize = 3;
const ALL: u32 = 12;
/// How many in a hundred must go with the key of their value: bookings change their resource now and then.
const PERCENT: u32 = 95;
const PERCENT_OF_ONE: u32 = 85;
/// Labels are few words.
const LENGTH: usize = 8;
/// Wordier lines are prose of which no part is worth the search.
const LINE: usize = 40;
/// Records of a source that are enough to learn from.
const RECORDS: usize = 3000;

/// Where the calendar stands that an entry is in.
const CONTAINER: &str = "/container";

const NUMBER: Token = Token::Span(SlotType::Code);

/// Where a label may stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Spot<'a> {
    object: &'a str,
    place: &'a str,
    left: Vec<Piece>,
    /// None: a number by itself, whatever stands behind it.
    right: Option<Piece>,
}

/// Value to key to how often, and in whose bookings: a regular's name goes with what they always book.
type Table<'v, 'a> = BTreeMap<&'v str, &'v BTreeMap<&'a str, Count<'a>>>;

/// A line: its number, that of the line above, the kind of record, the place, and whether it is a party's of a list.
type At<'a> = (usize, Option<usize>, &'a str, &'a str, bool);

/// What stood where, by numbers: records have most lines in common, and each is searched once.
#[derive(Default)]
struct Seen<'a> {
    spots: Map<Spot<'a>, usize>,
    values: Map<String, usize>,
    lines: Map<At<'a>, Rc<[(usize, usize)]>>,
    /// What stood at each spot.
    tables: Vec<Map<usize, BTreeMap<&'a str, Count<'a>>>>,
}

impl<'a> Seen<'a> {
    /// Everything in a line that may be a label, with where it stands.
    fn values(
        &mut self,
        study: &Study<'_>,
        known: &BTreeSet<String>,
        lexed: &'a Lexed<'_>,
        index: usize,
    ) -> Rc<[(usize, usize)]> {
        let (object, place) = (lexed.document.object.as_str(), lexed.place(index));
        let (_, line) = &lexed.lines[index];
        let above = lexed.above(index);
        let is_party = matches!(lexed.document.listing, Listing::Party(_));
        let key = (number(line), above.map(number), object, place, is_party);
        if let Some(found) = self.lines.get(&key) {
            return Rc::clone(found);
        }
        let mut found = Vec::new();
        if line.tokens.len() <= LINE {
            for (left, right, value) in
                values(study, known, object, (line, above), lexed.text(index), is_party)
            {
                let spot = Spot {
                    object,
                    place,
                    left,
                    right,
                };
                let next = self.tables.len();
                let spot = *self.spots.entry(spot).or_insert(next);
                if spot == next {
                    self.tables.push(Map::default());
                }
                let next = self.values.len();
                found.push((spot, *self.values.entry(value).or_insert(next)));
            }
        }
        let found: Rc<[(usize, usize)]> = found.into();
        self.lines.insert(key, Rc::clone(&found));
        found
    }

    /// What stands first at each spot of a record.
    fn here(
        &mut self,
        study: &Study<'_>,
        known: &BTreeSet<String>,
        lexed: &'a Lexed<'_>,
    ) -> Map<usize, usize> {
        let mut here: Map<usize, usize> = Map::default();
        for index in 0..lexed.lines.len() {
            for (spot, value) in self.values(study, known, lexed, index).iter() {
                here.entry(*spot).or_insert(*value);
            }
        }
        here
    }

    /// Takes back what speaks against a value where another entry of the same booking agrees: who is looked after by two
    /// stands in both calendars, and the row names one of them; an entry that was moved was deleted elsewhere.
    fn forgive_companions(&mut self, study: &Study<'_>, known: &BTreeSet<String>, told: &[Told<'a>]) {
        let mut entries: BTreeMap<&str, Vec<&Told<'a>>> = BTreeMap::new();
        for told in told.iter().filter(|told| told.lexed.document.object == "event") {
            entries.entry(told.booking).or_default().push(told);
        }
        let mut forgiven: Vec<(usize, usize, &'a str)> = Vec::new();
        for entries in entries.values().filter(|entries| entries.len() > 1) {
            let key = entries[0].key;
            let here: Vec<Map<usize, usize>> = entries
                .iter()
                .map(|told| self.here(study, known, told.lexed))
                .collect();
            let agrees = |(spot, value): (&usize, &usize)| self.goes_with(*spot, *value) == Some(key);
            for (at, own) in here.iter().enumerate() {
                let others = || here.iter().enumerate().filter(move |(other, _)| *other != at);
                let odd = own.iter().filter(|(spot, value)| !agrees((*spot, *value)));
                let odd = odd.filter(|(spot, _)| {
                    others().any(|(_, here)| here.get(*spot).is_some_and(|value| agrees((*spot, value))))
                });
                forgiven.extend(odd.map(|(spot, value)| (*spot, *value, key)));
            }
        }
        for (spot, value, key) in forgiven {
            let keys = self.tables[spot].entry(value).or_default();
            if let Some(count) = keys.get_mut(key) {
                count.records -= 1;
            }
            keys.retain(|_, count| count.records > 0);
        }
        for table in &mut self.tables {
            table.retain(|_, keys| !keys.is_empty());
        }
    }

    /// The key that a value mostly goes with.
    fn goes_with(&self, spot: usize, value: usize) -> Option<&'a str> {
        let keys = self.tables[spot].get(&value)?;
        let most = keys.iter().max_by_key(|(_, count)| count.records)?;
        Some(most.0)
    }

    /// The spots at which so much stood that it may be a table of labels.
    fn spots(&self) -> Vec<(&Spot<'a>, Table<'_, 'a>)> {
        let mut written = vec![""; self.values.len()];
        for (value, number) in &self.values {
            written[*number] = value;
        }
        let mut spots = Vec::new();
        for (spot, number) in &self.spots {
            let table = &self.tables[*number];
            let counts = table.values().flat_map(BTreeMap::values);
            if table.len() > 1 && counts.map(|count| count.records).sum::<u32>() >= ALL {
                let table = table.iter().map(|(value, keys)| (written[*value], keys));
                spots.push((spot, table.collect()));
            }
        }
        spots
    }
}

/// A record of a booking, what was booked, and by whom.
struct Told<'a> {
    lexed: &'a Lexed<'a>,
    key: &'a str,
    who: &'a str,
    booking: &'a str,
}

#[derive(Debug, Default)]
struct Count<'a> {
    records: u32,
    people: BTreeSet<&'a str>,
}

/// Learns which words, at which places, name which resource.
pub fn learn(study: &Study<'_>) -> Vec<Rule> {
    let told: Vec<_> = study
        .documents
        .iter()
        .zip(study.links)
        .filter(|(lexed, _)| lexed.document.standing == Standing::Business)
        .filter_map(|(lexed, truth)| {
            let row = truth.as_ref()?.booking;
            let who = row.customer.as_deref().unwrap_or(&row.key);
            let is = Told {
                lexed,
                key: row.resource.as_deref()?,
                who,
                booking: &row.key,
            };
            Some(is)
        })
        .collect();
    let keys: BTreeSet<&str> = told.iter().map(|told| told.key).collect();
    if keys.len() < 2 {
        return Vec::new();
    }
    let (known, all) = (nicknames(study), told.len());
    let mut seen = Seen::default();
    let told: Vec<Told<'_>> = told.into_iter().step_by(1.max(all.div_ceil(RECORDS))).collect();
    for told in &told {
        for (spot, value) in seen.here(study, &known, told.lexed) {
            let table = &mut seen.tables[spot];
            let count = table.entry(value).or_default().entry(told.key).or_default();
            count.records += 1;
            count.people.insert(told.who);
        }
    }
    seen.forgive_companions(study, &known, &told);
    let mut rules: Vec<Rule> = seen
        .spots()
        .into_par_iter()
        .filter_map(|(spot, table)| rule(spot, &table, keys.len()))
        // Where all values are nicknames, the slot is one of resources.
        .filter(|rule| !rule.values.keys().all(|value| known.contains(value)))
        .collect();
    rules.sort_by(|a, b| (&a.object, &a.place, &a.anchor).cmp(&(&b.object, &b.place, &b.anchor)));
    // The spot that holds most, and of those that hold the same the one with the fewest words around it.
    rules.sort_by_key(|rule| (std::cmp::Reverse(rule.support), rule.anchor.left.len()));
    let mut kept: Vec<Rule> = Vec::new();
    for rule in rules {
        let covers = |other: &Rule| {
            (&other.object, &other.place) == (&rule.object, &rule.place)
                && rule
                    .values
                    .iter()
                    .all(|(value, key)| other.values.get(value) == Some(key))
        };
        if !kept.iter().any(covers) {
            kept.push(rule);
        }
    }
    kept.sort();
    kept
}

/// What resources are called in the records of the source, folded.
fn nicknames(study: &Study<'_>) -> BTreeSet<String> {
    let source = study
        .documents
        .first()
        .map(|lexed| lexed.document.record.source());
    let list = source.map_or(&[][..], |source| study.gazetteer.nicknames(source));
    list.iter().map(|nickname| squash(&nickname.text)).collect()
}

/// Everything in a line that may be a label, with what stands around it.
fn values(
    study: &Study<'_>,
    known: &BTreeSet<String>,
    object: &str,
    (line, above): (&Line, Option<&Line>),
    text: &str,
    is_party: bool,
) -> Vec<(Vec<Piece>, Option<Piece>, String)> {
    let mut out = Vec::new();
    for start in 0..line.tokens.len() {
        if matches!(line.tokens[start].0, Token::Mark(_)) {
            continue;
        }
        let (left, _) = around(line, start, above);
        let left: Vec<Piece> = left
            .iter()
            .map(|piece| masked(piece, object, study.vocabulary))
            .collect();
        if matches!(left.last(), None | Some(Piece::Any)) {
            continue;
        }
        let left = left[left.len().saturating_sub(2)..].to_vec();
        let rest = &line.tokens[start..];
        let stop = rest
            .iter()
            .position(|(token, _)| matches!(token, Token::Mark(mark) if !matches!(mark, '-' | '.' | '\'' | '&' | '#' | '@')));
        let mut put = |length: usize, right: Option<Piece>| {
            let tokens = &rest[..length];
            if length == 0 || length > LENGTH || !may_name(tokens, text, object, known) {
                return;
            }
            let value = squash(&text[tokens[0].1.start..tokens[length - 1].1.end]);
            if !value.is_empty() {
                out.push((left.clone(), right, value));
            }
        };
        put(rest.len(), Some(Piece::End));
        if let Some(stop) = stop {
            put(stop, Some(Piece::Is(rest[stop].0.clone())));
        }
        // `half day 4p Kerr` and `7 Kerr`: a number ends a label in a title, and may be one. What a list's title begins with tells
        // nothing by which its parties are told apart.
        let is_number = |(token, _): &(Token, Range<usize>)| *token == NUMBER;
        let before = rest
            .iter()
            .position(is_number)
            .filter(|_| object != "message" && !is_party);
        match before {
            Some(0) => put(1, None),
            Some(count) if stop.is_none_or(|stop| count < stop) => put(count, Some(Piece::Is(NUMBER))),
            _ => {}
        }
    }
    out
}

/// Names in the backup are found as they are; times and prices name nothing, and in a text no bare number does. A nickname
/// is known wherever it stands too, but others of its table may be too rare for that.
fn may_name(tokens: &[(Token, Range<usize>)], text: &str, object: &str, known: &BTreeSet<String>) -> bool {
    let mut words = object != "message";
    for (token, range) in tokens {
        match token {
            Token::Word(_) => words = true,
            Token::Span(SlotType::Resource) if known.contains(&squash(&text[range.clone()])) => words = true,
            Token::Span(SlotType::Resource | SlotType::Moment | SlotType::Amount | SlotType::Phone) => {
                return false;
            }
            _ => {}
        }
    }
    words
}

/// Rooms and cars are numbered one by one: a number that few had is known too, where all of them booked what has none yet.
fn number_of_the_rest(table: &Table<'_, '_>, values: &mut BTreeMap<String, String>) {
    let known: BTreeSet<String> = values.values().cloned().collect();
    let mut few: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (value, keys) in table {
        let mut keys = keys.iter();
        if let (Some((key, count)), None) = (keys.next(), keys.next())
            && count.people.len() + 1 == ONE
            && !known.contains(*key)
        {
            few.entry(key).or_default().push(value);
        }
    }
    for (key, of) in few {
        if let [value] = of.as_slice() {
            values.insert((*value).to_owned(), key.to_owned());
        }
    }
}

/// The calendars that are kept for one thing each, and those of which that is not plain: one for whatever else is booked says
/// nothing of these.
fn kept_for_one<'v, 'a>(table: &Table<'v, 'a>) -> Table<'v, 'a> {
    let is_shared = |keys: &BTreeMap<&str, Count<'_>>| {
        let all: u32 = keys.values().map(|count| count.records).sum();
        let others = keys.values().filter(|count| count.people.len() >= ONE);
        others.count() > 1
            && keys
                .values()
                .all(|count| count.records * 100 < all * PERCENT_OF_ONE)
    };
    let of_one = table.iter().filter(|(_, keys)| !is_shared(keys));
    of_one.map(|(value, keys)| (*value, *keys)).collect()
}

fn rule(spot: &Spot<'_>, table: &Table<'_, '_>, resources: usize) -> Option<Rule> {
    let of_one: Table<'_, '_>;
    let table = if spot.place == CONTAINER && spot.object == "event" {
        of_one = kept_for_one(table);
        &of_one
    } else {
        table
    };
    let counts = table.values().flat_map(|keys| keys.values());
    let total: u32 = counts.map(|count| count.records).sum();
    let (mut seen, mut agree) = (0, 0);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut by_key: BTreeMap<&str, u32> = BTreeMap::new();
    for (value, keys) in table {
        let all: u32 = keys.values().map(|count| count.records).sum();
        let people: BTreeSet<&str> = keys
            .values()
            .flat_map(|count| count.people.iter().copied())
            .collect();
        if people.len() < ONE {
            continue;
        }
        let keys = keys.iter().map(|(key, count)| (*key, count.records));
        let keys: BTreeMap<&str, u32> = keys.collect();
        let (key, most) = keys
            .iter()
            .max_by_key(|(key, count)| (**count, std::cmp::Reverse(**key)))?;
        seen += all;
        agree += most;
        for (key, count) in &keys {
            *by_key.entry(key).or_default() += count;
        }
        if most * 100 >= all * PERCENT_OF_ONE {
            values.insert((*value).to_owned(), (*key).to_owned());
        }
    }
    if spot.right.is_none() {
        number_of_the_rest(table, &mut values);
    }
    let distinct: BTreeSet<&String> = values.values().collect();
    let commonest = by_key.values().max().copied().unwrap_or_default();
    let sure = seen >= ALL
        && agree * 100 >= seen * PERCENT
        // Most of what stands there is known: where every record has another value, a person's name stands there.
        && seen * 10 >= total * 6
        && distinct.len() >= 2
        && values.len() <= resources * 3
        // Whoever always says the commonest is not to be nearly as good.
        && (seen - agree) * 3 <= seen - commonest;
    sure.then(|| Rule {
        except: BTreeSet::new(),
        unless: BTreeSet::new(),
        behind: false,
        until_over: false,
        object: spot.object.to_owned(),
        place: spot.place.to_owned(),
        template: None,
        slot: match spot.right {
            Some(_) => SlotType::Words,
            None => SlotType::Code,
        },
        anchor: Anchor {
            left: spot.left.clone(),
            right: spot.right.clone(),
        },
        field: FieldName::ResourceKey,
        reading: Reading::default(),
        support: seen,
        agree,
        samples: values.keys().take(3).cloned().collect(),
        values,
    })
}
