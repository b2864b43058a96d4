//! What else resources are called, wherever it stands: an alias (Team B for the backup's Timu B), a short form, and the
//! backup's own names where they are too short to be known everywhere (a room of one sign, a code of two letters), or stand in
//! columns that nothing is mapped to.
//!
//! A phrase is tried where it stands as a value does, between marks or at an end of a title, and the record has none of
//! the backup's names. It is a name of a resource where it stands in enough records of enough people's bookings of that
//! resource, hardly ever in those of another, and far beyond what chance would give it. What is proven is found in any
//! line of that source, so that prose is read as well as the label at which the name was met. A common word, a surname
//! or a word of the wording stands in records of other resources too; where that is not plain, no nickname is learned.

mod beside;
mod columns;
mod ends;
mod values;

use super::{Lexed, Overlap, PerLine, Truth, mailings, seeds, truths};
use crate::mapping::{Found, Line, Mapping, Nickname, Phrases, ideograph, is_telling, squash, words_of};
use crate::model::{Baseline, Business, Standing};
use crate::reading::is_word_char;
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A phrase that the backup does not have must stand in so many records that name the resource in no other way, and
/// with so many people.
const RECORDS: usize = 6;
const PEOPLE: usize = 3;
/// Bits against chance that they need together: thousands of phrases are tried.
const BITS: f64 = 20.0;
/// The same of the backup's own short names, of which there are few. They are looked for in any record.
const OWN_RECORDS: usize = 8;
const OWN_PEOPLE: usize = 4;
const OWN_BITS: f64 = 12.0;
/// How many in a hundred of the records must be of a booking of the resource, once those are left out that a later one
/// put right; and of all.
const PERCENT: usize = 95;
const PERCENT_OF_ALL: usize = 80;
/// What one person's booking of another resource counts against a phrase, in bits.
const AGAINST: f64 = 6.0;
/// Names of one resource that are kept.
const KEPT: usize = 3;

/// What a phrase must stand with: records that it alone names a resource in, people, and bits against chance.
#[derive(Clone, Copy)]
struct Least {
    records: usize,
    people: usize,
    bits: f64,
}

impl Least {
    fn of(tried: &Tried) -> Self {
        let own = Self {
            records: OWN_RECORDS,
            people: OWN_PEOPLE,
            bits: OWN_BITS,
        };
        let other = Self {
            records: RECORDS,
            people: PEOPLE,
            bits: BITS,
        };
        if tried.own.is_some() { own } else { other }
    }

    /// Of two that prove each other: half of it.
    const SIBLING: Self = Self {
        records: RECORDS / 2,
        people: PEOPLE,
        bits: BITS / 2.0,
    };
}

/// The nicknames of each source that has any, as mappings that know no more.
pub(super) fn learn(overlap: &Overlap<'_>, baseline: &Baseline, business: &Business) -> Vec<Mapping> {
    let rows: BTreeSet<&str> = baseline
        .bookings
        .iter()
        .filter_map(|row| row.resource.as_deref())
        .collect();
    if rows.len() < 2 {
        return Vec::new();
    }
    let lexed: Vec<&Lexed<'_>> = overlap.lexed.iter().collect();
    let truths = truths(baseline, business.zone);
    let mut seeds = seeds::link_lexed(&lexed, &truths, baseline);
    mailings::untie(&lexed, &mut seeds);
    let (own, columns) = (own(baseline), columns::of(baseline));
    let people = names_of_people(&truths);
    let sources: Vec<&&str> = overlap.sources.iter().collect();
    let learned = sources.par_iter().map(|source| {
        let of = lexed.iter().zip(&seeds);
        let records = of
            .filter(|(lexed, _)| lexed.document.record.source() == **source)
            .filter_map(|(lexed, seed)| Record::new(lexed, &truths[(*seed)?.booking]))
            .collect::<Vec<_>>();
        Mapping {
            source: (**source).to_owned(),
            nicknames: of_source(records, &own, &columns, &people),
            ..Mapping::default()
        }
    });
    let learned: Vec<Mapping> = learned.collect();
    learned
        .into_iter()
        .filter(|mapping| !mapping.nicknames.is_empty())
        .collect()
}

/// A record of the business whose booking is known.
struct Record<'a> {
    lexed: &'a Lexed<'a>,
    said_at: Option<DateTime<Utc>>,
    booking: &'a str,
    resource: &'a str,
    who: &'a str,
    /// It has a name of the resource that the backup has.
    names_it: bool,
}

impl<'a> Record<'a> {
    fn new(lexed: &'a Lexed<'a>, truth: &Truth<'a>) -> Option<Self> {
        if lexed.document.standing != Standing::Business {
            return None;
        }
        let row = truth.booking;
        let resource = row.resource.as_deref()?;
        let mut found = lexed.lines.iter().flat_map(|(_, line)| &line.spans);
        let names_it = found.any(
            |(_, found)| matches!(found, Found::Resource(keys) if keys.iter().any(|key| key == resource)),
        );
        Some(Self {
            lexed,
            said_at: lexed.document.said_at,
            booking: &row.key,
            resource,
            who: row.customer.as_deref().unwrap_or(&row.key),
            names_it,
        })
    }
}

/// The backup's names and codes that are too short to be known everywhere, and ends of its codes, each with whose it is.
fn own(baseline: &Baseline) -> Vec<(String, String)> {
    let mut own: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &baseline.resources {
        for text in [&row.name, &row.code].into_iter().flatten() {
            let text = text.trim();
            if !is_telling(text) && text.chars().any(char::is_alphabetic) {
                own.entry(text).or_default().insert(&row.key);
            }
        }
        for end in row.code.as_deref().into_iter().filter_map(ends::end_of_code) {
            own.entry(end).or_default().insert(&row.key);
        }
    }
    let only = |(text, keys): (&str, BTreeSet<&str>)| match keys.into_iter().collect::<Vec<_>>()[..] {
        [key] => Some((text.to_owned(), key.to_owned())),
        _ => None,
    };
    own.into_iter().filter_map(only).collect()
}

/// The words of customers' names: they go with what these always book.
fn names_of_people(truths: &[Truth<'_>]) -> BTreeSet<String> {
    let names = truths.iter().filter_map(|truth| truth.customer?.name.as_deref());
    let words = names.flat_map(|name| name.split(|char: char| !is_word_char(char)));
    let mut words: BTreeSet<String> = words.map(squash).collect();
    words.remove("");
    words
}

/// A phrase that may be a name, and what it stood with.
struct Tried {
    text: String,
    /// Whose it is, of a name that the backup has.
    own: Option<String>,
    /// The records in which it stands, by their place.
    records: Vec<usize>,
}

fn of_source(
    mut records: Vec<Record<'_>>,
    own: &[(String, String)],
    columns: &[columns::Called],
    people: &BTreeSet<String>,
) -> Vec<Nickname> {
    let chance = Chance::of(&records);
    if chance.0.len() < 2 {
        return Vec::new();
    }
    let own = own.iter().map(|(text, key)| (text.clone(), Some(key.clone())));
    let own = Tried::find(own, people, &records);
    let mut proven: Vec<(Nickname, usize)> = Vec::new();
    let told = Told::new(&own, &records);
    let found: Vec<_> = own
        .iter()
        .map(|tried| told.prove(tried, &records, &chance, Least::of(tried)))
        .collect();
    let together = told.ends(&own, &records, &chance);
    drop(told);
    for ((tried, found), of_all) in own.iter().zip(found).zip(together) {
        let Some(found) = found.or(of_all) else { continue };
        for at in &tried.records {
            records[*at].names_it |= records[*at].resource == found.0.resource;
        }
        proven.push(found);
    }
    let mut in_columns: Vec<Nickname> = Vec::new();
    for called in columns {
        let called = called.iter().map(|(text, key)| (text.clone(), Some(key.clone())));
        let tried = Tried::find(called, people, &records);
        let found = Told::new(&tried, &records).column(&tried, &records, &chance);
        for tried in tried.iter().filter(|_| !found.is_empty()) {
            for at in &tried.records {
                records[*at].names_it |= tried.own.as_deref() == Some(records[*at].resource);
            }
        }
        in_columns.extend(found);
    }
    let others = values::phrases(&records, &chance)
        .into_iter()
        .map(|text| (text, None));
    let others = Tried::find(others, people, &records);
    let told = Told::new(&others, &records);
    let found = others.iter().filter_map(|tried| {
        let found = told.prove(tried, &records, &chance, Least::of(tried))?;
        Some((tried, found))
    });
    let mut found: Vec<_> = found.collect();
    let with_siblings = told.siblings(&others, &records, &chance);
    let is_new = |(tried, _): &(&Tried, _)| found.iter().all(|(other, _)| other.text != tried.text);
    let with_siblings: Vec<_> = with_siblings.into_iter().filter(is_new).collect();
    found.extend(with_siblings);
    proven.extend(beside::never_beside_others(found, &records));
    let kept = fewest(proven);
    let written = kept.iter().flat_map(|nickname| spellings(nickname, &records));
    let written: BTreeSet<Nickname> = written.collect();
    kept.into_iter()
        .chain(written)
        .chain(in_columns)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// A short code in other letters, as at the beginning of a title: it is known as it is written (`e2`, `E2`).
fn spellings(nickname: &Nickname, records: &[Record<'_>]) -> Vec<Nickname> {
    if values::stem(&nickname.text).is_none() {
        return Vec::new();
    }
    let folded = squash(&nickname.text);
    let mut of: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for record in records {
        let lines = (0..record.lexed.lines.len()).filter(|index| record.lexed.is_title(*index));
        let words = lines.flat_map(|index| record.lexed.text(index).split(|char: char| !is_word_char(char)));
        for word in words.filter(|word| **word != nickname.text && squash(word) == folded) {
            let (support, agree) = of.entry(word).or_default();
            *support += 1;
            *agree += u32::from(record.resource == nickname.resource);
        }
    }
    let same = of.into_iter().filter(|(_, (support, agree))| support == agree);
    same.map(|(text, (support, agree))| Nickname {
        text: text.to_owned(),
        resource: nickname.resource.clone(),
        support,
        agree,
    })
    .collect()
}

impl Tried {
    /// Looks all names up in all records, once; those aside that are somebody's.
    fn find(
        names: impl Iterator<Item = (String, Option<String>)>,
        people: &BTreeSet<String>,
        records: &[Record<'_>],
    ) -> Vec<Self> {
        let mut tried: Vec<Self> = names
            .filter(|(text, _)| !is_somebodys(text, people))
            .map(|(text, own)| Self {
                text,
                own,
                records: Vec::new(),
            })
            .collect();
        look_for(&mut tried, records);
        tried
    }
}

/// Whether a phrase is made of words of customers' names, initials and numbers aside.
fn is_somebodys(text: &str, people: &BTreeSet<String>) -> bool {
    let words = text.split(|char: char| !is_word_char(char)).map(squash);
    let (theirs, others): (Vec<String>, Vec<String>) = words.partition(|word| people.contains(word));
    let is_little = |word: &String| word.chars().nth(1).is_none() && !word.chars().any(ideograph);
    !theirs.is_empty() && others.iter().all(is_little)
}

/// How likely a record is to be of a booking of each resource, if nothing is known of it.
struct Chance<'a>(BTreeMap<&'a str, f64>);

impl<'a> Chance<'a> {
    fn of(records: &[Record<'a>]) -> Self {
        let mut bookings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for record in records {
            bookings
                .entry(record.resource)
                .or_default()
                .insert(record.booking);
        }
        let all: usize = bookings.values().map(BTreeSet::len).sum();
        let share = |of: BTreeSet<&str>| of.len() as f64 / all as f64;
        Self(bookings.into_iter().map(|(key, of)| (key, share(of))).collect())
    }

    /// What so many people's bookings of one resource, and so many of others, tell for it, in bits.
    fn bits(&self, resource: &str, agree: usize, against: usize) -> f64 {
        let chance = self.0.get(resource).copied().unwrap_or(1.0);
        agree as f64 * -chance.log2() - against as f64 * AGAINST
    }
}

/// Looks all phrases up in all records, once.
fn look_for(tried: &mut [Tried], records: &[Record<'_>]) {
    let mut phrases: Phrases<usize> = Phrases::default();
    for (at, tried) in tried.iter().enumerate() {
        phrases.add_guarded(&tried.text, at);
    }
    if phrases.is_empty() {
        return;
    }
    let lexed: Vec<&Lexed<'_>> = records.iter().map(|record| record.lexed).collect();
    let in_lines = PerLine::of(&lexed, |text, line| {
        let mut found = BTreeSet::new();
        stand_in(&phrases, text, line, &mut found);
        found
    });
    let found = lexed.iter().map(|lexed| {
        let lines = lexed.lines.iter().filter_map(|(_, line)| in_lines.get(line));
        lines.flatten().copied().collect::<BTreeSet<usize>>()
    });
    for (record, found) in found.enumerate() {
        for at in found {
            tried[at].records.push(record);
        }
    }
}

/// Which phrases stand in a line, those aside that stand in a name of the backup, an address, a number.
fn stand_in(phrases: &Phrases<usize>, text: &str, line: &Line, found: &mut BTreeSet<usize>) {
    let words = words_of(text);
    let spans: Vec<&Range<usize>> = line.spans.iter().map(|(at, _)| &line.tokens[*at].1).collect();
    for at in 0..words.len() {
        for hit in phrases.at(text, &words, at) {
            let range = words[at].1.start..words[at + hit.length - 1].1.end;
            let inside = |span: &&&Range<usize>| {
                span.start <= range.start && range.end <= span.end && **span != &range
            };
            if !spans.iter().any(|span| inside(&span)) {
                found.extend(hit.keys);
            }
        }
    }
}

/// Which resources each record names, by the backup's names or by phrases that mostly go with one.
struct Told<'a> {
    named: Vec<BTreeSet<&'a str>>,
    /// The records of a booking.
    of: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Told<'a> {
    fn new(tried: &'a [Tried], records: &'a [Record<'a>]) -> Self {
        let mut named: Vec<BTreeSet<&str>> = records
            .iter()
            .map(|record| record.names_it.then_some(record.resource).into_iter().collect())
            .collect();
        for tried in tried {
            if let Some(key) = mostly(tried, records) {
                for at in &tried.records {
                    named[*at].insert(key);
                }
            }
        }
        let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, record) in records.iter().enumerate() {
            of.entry(record.booking).or_default().push(at);
        }
        Self { named, of }
    }

    /// Whether a later record of the booking names what it came to be of.
    fn is_put_right(&self, at: usize, records: &[Record<'_>]) -> bool {
        let record = &records[at];
        self.of[record.booking].iter().any(|other| {
            records[*other].said_at > record.said_at && self.named[*other].contains(record.resource)
        })
    }

    /// The records with a phrase that are of a booking of a resource, and those of another one's, unless that was the
    /// old one when it was changed.
    fn sides(&self, tried: &Tried, key: &str, records: &[Record<'_>]) -> (Vec<usize>, Vec<usize>) {
        let (agree, mut against): (Vec<usize>, Vec<usize>) =
            tried.records.iter().partition(|at| records[**at].resource == key);
        against.retain(|at| {
            let is_named = tried.own.is_some() && self.named[*at].contains(records[*at].resource);
            !is_named && !self.is_put_right(*at, records)
        });
        (agree, against)
    }

    /// The nickname that a phrase is, and how many records it alone names the resource in; None where it is not plain
    /// that it is one.
    fn prove(
        &self,
        tried: &Tried,
        records: &[Record<'_>],
        chance: &Chance<'_>,
        least: Least,
    ) -> Option<(Nickname, usize)> {
        let key = mostly(tried, records)?;
        let (agree, against) = self.sides(tried, key, records);
        let alone: Vec<usize> = agree
            .iter()
            .copied()
            .filter(|at| tried.own.is_some() || !records[*at].names_it)
            .collect();
        let people = |of: &[usize]| people(of, records);
        let support = agree.len() + against.len();
        let proven = alone.len() >= least.records
            && people(&alone) >= least.people
            && agree.len() * 100 >= support * PERCENT
            && chance.bits(key, people(&alone), people(&against)) >= least.bits;
        let nickname = Nickname {
            text: tried.text.clone(),
            resource: key.to_owned(),
            support: u32::try_from(support).unwrap_or(u32::MAX),
            agree: u32::try_from(agree.len()).unwrap_or(u32::MAX),
        };
        proven.then_some((nickname, alone.len()))
    }
}

/// A phrase, the nickname that it is, and in how many records it alone names the resource.
type Proven<'t> = (&'t Tried, (Nickname, usize));

impl Told<'_> {
    /// Short codes of the same letters that prove each other: `e1` and `e3` are of two resources, each half as well as one alone
    /// would have to be.
    fn siblings<'t>(
        &self,
        tried: &'t [Tried],
        records: &[Record<'_>],
        chance: &Chance<'_>,
    ) -> Vec<Proven<'t>> {
        let mut of: BTreeMap<String, Vec<Proven<'_>>> = BTreeMap::new();
        for tried in tried {
            let Some(stem) = values::stem(&tried.text) else {
                continue;
            };
            if let Some(found) = self.prove(tried, records, chance, Least::SIBLING) {
                of.entry(stem).or_default().push((tried, found));
            }
        }
        of.into_values().filter(|of| of.len() > 1).flatten().collect()
    }
}

/// How many people's these records are.
fn people(of: &[usize], records: &[Record<'_>]) -> usize {
    let who: BTreeSet<&str> = of.iter().map(|at| records[*at].who).collect();
    who.len()
}

/// The resource that nearly all records with a phrase are of.
fn mostly<'r>(tried: &'r Tried, records: &'r [Record<'_>]) -> Option<&'r str> {
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for at in &tried.records {
        *by.entry(records[*at].resource).or_default() += 1;
    }
    let (key, most) = by
        .into_iter()
        .max_by_key(|(key, count)| (*count, std::cmp::Reverse(*key)))?;
    let is_own = tried.own.as_deref().is_none_or(|own| own == key);
    (is_own && most * 100 >= tried.records.len() * PERCENT_OF_ALL).then_some(key)
}

/// Those that say all that the others say: of two of one resource of which one holds the other, the one that stands in
/// more records, or the longer one; and few of each.
fn fewest(mut proven: Vec<(Nickname, usize)>) -> Vec<Nickname> {
    let words = |text: &str| -> Vec<String> { words_of(text).into_iter().map(|(word, _)| word).collect() };
    proven.sort_by_cached_key(|(nickname, alone)| {
        let length = words(&nickname.text).len();
        (std::cmp::Reverse((*alone, length)), nickname.text.clone())
    });
    let mut kept: Vec<Nickname> = Vec::new();
    for (nickname, _) in proven {
        let holds = |long: &str, short: &str| {
            // A sign is not found within a word of several.
            let is_found = is_telling(short) || !short.chars().any(ideograph);
            let (long, short) = (words(long), words(short));
            is_found && long.windows(short.len()).any(|window| window == short)
        };
        let same = kept.iter().filter(|other| other.resource == nickname.resource);
        let is_said =
            |other: &Nickname| holds(&other.text, &nickname.text) || holds(&nickname.text, &other.text);
        if same.clone().count() < KEPT && !same.clone().any(is_said) {
            kept.push(nickname);
        }
    }
    kept.sort();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nickname(text: &str, resource: &str, alone: usize) -> (Nickname, usize) {
        let nickname = Nickname {
            text: text.to_owned(),
            resource: resource.to_owned(),
            support: 9,
            agree: 9,
        };
        (nickname, alone)
    }

    fn kept(proven: Vec<(Nickname, usize)>) -> Vec<String> {
        fewest(proven).into_iter().map(|nickname| nickname.text).collect()
    }

    #[test]
    fn of_two_that_stand_in_the_same_records_the_longer_is_kept() {
        assert_eq!(
            kept(vec![
                nickname("completo", "1", 9),
                nickname("Torre completo", "1", 9)
            ]),
            ["Torre completo"]
        );
        assert_eq!(
            kept(vec![nickname("Team B", "1", 20), nickname("your Team B", "1", 9)]),
            ["Team B"]
        );
    }

    #[test]
    fn a_short_code_has_letters_and_ends_with_a_number() {
        assert_eq!(values::stem("E2"), Some("e".to_owned()));
        assert_eq!(values::stem("2p"), None, "two of something");
        assert_eq!(values::stem("e"), None);
        assert_eq!(values::stem("Vesper 12"), None);
    }

    #[test]
    fn what_is_made_of_customers_names_is_somebodys() {
        let people: BTreeSet<String> = ["rose", "li", "佐藤"].map(str::to_owned).into();
        assert!(is_somebodys("Rose", &people));
        assert!(is_somebodys("Li B", &people));
        assert!(is_somebodys("佐藤", &people));
        assert!(!is_somebodys("Team Rose", &people));
        assert!(!is_somebodys("藤", &people));
    }
}
