//! Kinds of charge and of event, by the wording that they share.
//!
//! The backup's payments tell which kinds of charge pay for bookings and which are sales, tolls or
//! fees; its bookings tell which kinds of event stand for one and which are workshop or staff entries.

use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{ChargeKind, EventKind, Line, Mapping, Pattern, Piece, Token};
use crate::model::{Baseline, Document, FieldName, Listing, Scalar, Status};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// The template of each record of the overlap.
pub struct Templates {
    of: Vec<Option<Pattern>>,
    /// Whether a record's amounts count: attempts that failed and holds state no price.
    counts: Vec<bool>,
}

impl Templates {
    pub fn of(&self, at: usize) -> Option<&Pattern> {
        self.of[at].as_ref()
    }

    pub fn counts(&self, at: usize) -> bool {
        self.counts[at]
    }
}

/// Tells the template of each record, by the kinds that were learned.
pub fn templates(documents: &[&Lexed<'_>], mapping: &Mapping) -> Templates {
    let of = documents
        .iter()
        .map(|lexed| {
            let line = lexed.defining.as_ref()?;
            let patterns: Vec<&Pattern> = if lexed.document.object == "charge" {
                mapping.charges.iter().map(|kind| &kind.template).collect()
            } else {
                mapping.events.iter().map(|kind| &kind.template).collect()
            };
            patterns
                .into_iter()
                .filter(|pattern| !pattern.is_edge() && pattern.matches(line))
                .max_by_key(|pattern| (pattern.weight(), *pattern))
                .cloned()
        })
        .collect();
    let counts = documents
        .iter()
        .map(|lexed| lexed.document.object != "charge" || is_payment(lexed))
        .collect();
    Templates { of, counts }
}

/// A charge that took money, as Stripe's published format says.
fn is_payment(lexed: &Lexed<'_>) -> bool {
    let document = lexed.document;
    document.text("/status") == Some("succeeded")
        && document.flag("/captured") != Some(false)
        && document.flag("/refunded") != Some(true)
}

/// A booking with its payments, each with its template.
type Paid<'a> = (&'a Truth<'a>, Vec<(&'a Lexed<'a>, Pattern)>);

/// Counts the kinds of charge of the overlap against the backup's payments.
pub fn charges(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    baseline: &Baseline,
    vocabulary: &Vocabulary,
) -> Vec<ChargeKind> {
    let paid: BTreeSet<&str> = baseline
        .payments
        .iter()
        .filter_map(|payment| payment.provider_id.as_deref())
        .collect();
    let mut kinds: BTreeMap<Pattern, ChargeKind> = BTreeMap::new();
    let mut wider: Wider = BTreeMap::new();
    let mut bookings: BTreeMap<&str, Paid<'_>> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        if lexed.document.object != "charge" || !is_payment(lexed) {
            continue;
        }
        let Some(line) = &lexed.defining else {
            continue;
        };
        let template = Pattern::mask(line, &|word| vocabulary.knows("charge", word));
        wider
            .entry(template.clone())
            .or_insert_with(|| wider_patterns(line, "charge", vocabulary));
        let kind = kinds.entry(template.clone()).or_insert_with(|| ChargeKind {
            template: template.clone(),
            ..ChargeKind::default()
        });
        kind.support += 1;
        // Without payments in the backup, what could be tied to a booking pays for it.
        let pays = if paid.is_empty() {
            truth.is_some()
        } else {
            paid.contains(lexed.document.record.native())
        };
        if pays {
            kind.pays += 1;
        }
        if let Some(truth) = truth.filter(|_| pays) {
            let paid = bookings.entry(&truth.booking.key).or_insert((truth, Vec::new()));
            paid.1.push((lexed, template));
        }
    }
    for (truth, mut paid) in bookings.into_values() {
        // What was paid back on a cancellation says nothing about the price.
        if truth.booking.status == Some(Status::Cancelled) {
            continue;
        }
        paid.sort_by_key(|(lexed, _)| (lexed.document.said_at, &lexed.document.record));
        let sum: i64 = paid.iter().filter_map(|(lexed, _)| kept(lexed)).sum();
        let Some((_, last)) = paid.last() else { continue };
        if let Some(kind) = kinds.get_mut(last) {
            kind.last += 1;
            kind.whole += u32::from(truth.total().is_some_and(|total| total.minor == sum));
        }
    }
    widen(kinds, &wider)
}

/// What a charge took and did not give back.
pub(super) fn kept(lexed: &Lexed<'_>) -> Option<i64> {
    Some(lexed.document.taken()?.minor - lexed.document.given_back(0))
}

/// Whether an entry stands on a day on which its booking begins or ends: one that was moved since is on another.
fn begins_with(lexed: &Lexed<'_>, truth: &Truth<'_>) -> bool {
    let starts = ["/start/dateTime", "/start/date"];
    let days = starts
        .iter()
        .filter_map(|place| match lexed.document.item(place)? {
            Scalar::Instant(at) => Some(at.with_timezone(&truth.zone()).date_naive()),
            Scalar::Date(date) => Some(*date),
            _ => None,
        });
    let edges = [FieldName::StartsAt, FieldName::EndsAt].map(|field| truth.date(field));
    days.into_iter().any(|day| edges.contains(&Some(day)))
}

/// Counts the kinds of event of the overlap against the backup's bookings.
pub fn events(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    backup: DateTime<Utc>,
) -> Vec<EventKind> {
    let mut kinds: BTreeMap<Pattern, EventKind> = BTreeMap::new();
    let mut wider: Wider = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        if lexed.document.object != "event" {
            continue;
        }
        let Some(line) = &lexed.defining else {
            continue;
        };
        if truth.is_none() && comes_again(lexed.document, backup) {
            continue;
        }
        let template = Pattern::mask(line, &|word| vocabulary.knows("event", word));
        wider
            .entry(template.clone())
            .or_insert_with(|| wider_patterns(line, "event", vocabulary));
        let kind = kinds
            .entry(template)
            .or_insert_with_key(|template| EventKind::new(template.clone()));
        kind.support += 1;
        kind.booked += u32::from(truth.is_some());
        kind.timed += u32::from(truth.is_some_and(|truth| begins_with(lexed, truth)));
    }
    let mut kinds = widen(kinds, &wider);
    let edges = edges(documents, links, vocabulary, &kinds);
    kinds.extend(edges);
    let ends = ends(documents, links, vocabulary, &kinds);
    kinds.extend(ends);
    kinds
}

/// What somebody wrote to titles has at most so many words and signs.
const EDGE: usize = 3;
/// Titles of as many bookings and people begin or end so.
const EDGE_BOOKINGS: usize = 5;
const EDGE_PEOPLE: usize = 3;

/// The line of a party ends so where as many of other people did, and hardly any was called off or held at another time.
const ENDS: usize = 3;
const ENDS_OFF: u32 = 5;

/// What the lines of parties end with, who paid or how, with whichever kind of line: `edges` knows no kinds so rare.
fn ends(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    known: &[EventKind],
) -> Vec<EventKind> {
    let mut ends: BTreeMap<Pattern, (EventKind, u32, BTreeSet<&str>)> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let (Some(truth), Some(line), Listing::Party(_)) = (truth, &lexed.defining, &lexed.document.listing)
        else {
            continue;
        };
        for (edge, _) in edged(line) {
            let is_end = edge.0.last() == Some(&Piece::End);
            if !is_end || !is_written(&edge, vocabulary) || !says_something(&edge) {
                continue;
            }
            let (kind, off, people) = ends
                .entry(edge)
                .or_insert_with_key(|edge| (EventKind::new(edge.clone()), 0, BTreeSet::new()));
            kind.support += 1;
            kind.booked += 1;
            kind.timed += u32::from(begins_with(lexed, truth));
            *off += u32::from(truth.booking.status == Some(Status::Cancelled));
            people.insert(truth.booking.customer.as_deref().unwrap_or(&truth.booking.key));
        }
    }
    let is_known = |kind: &EventKind| known.iter().any(|other| other.template == kind.template);
    ends.into_values()
        .filter(|(kind, off, people)| people.len() >= ENDS && off * ENDS_OFF <= kind.booked)
        .map(|(kind, ..)| kind)
        .filter(|kind| !is_known(kind))
        .collect()
}

/// Whether an edge is words that are nobody's name, and signs.
fn is_written(edge: &Pattern, vocabulary: &Vocabulary) -> bool {
    edge.0.iter().all(|piece| match piece {
        Piece::Is(Token::Word(word)) => !vocabulary.is_of_people(word),
        Piece::Is(Token::Span(_)) | Piece::Any => false,
        _ => true,
    })
}

/// What was written to titles of usual kinds, before or behind them, and called none of their bookings off.
fn edges(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    kinds: &[EventKind],
) -> Vec<EventKind> {
    let usual: Vec<&Pattern> = kinds
        .iter()
        .filter(|kind| kind.support >= EventKind::USUAL)
        .map(|kind| &kind.template)
        .collect();
    let is_usual = |line: &Line| usual.iter().any(|pattern| pattern.matches(line));
    let mut edges: BTreeMap<Pattern, (EventKind, BTreeSet<&str>)> = BTreeMap::new();
    let mut off: BTreeSet<Pattern> = BTreeSet::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let (Some(truth), Some(line)) = (truth, &lexed.defining) else {
            continue;
        };
        if lexed.document.object != "event" || is_usual(line) {
            continue;
        }
        for (edge, rest) in edged(line) {
            if !is_written(&edge, vocabulary) || !is_usual(&rest) {
                continue;
            }
            if truth.booking.status == Some(Status::Cancelled) {
                off.insert(edge.clone());
            }
            let (kind, people) = edges
                .entry(edge.clone())
                .or_insert_with(|| (EventKind::new(edge), BTreeSet::new()));
            kind.support += 1;
            kind.booked += 1;
            kind.timed += u32::from(begins_with(lexed, truth));
            people.insert(truth.booking.customer.as_deref().unwrap_or(&truth.booking.key));
        }
    }
    edges
        .into_values()
        .filter(|(kind, people)| kind.support as usize >= EDGE_BOOKINGS && people.len() >= EDGE_PEOPLE)
        .map(|(kind, _)| kind)
        .filter(|kind| !off.contains(&kind.template))
        .collect()
}

/// What a title may have been given before or behind it, each with what is left. The sign for whether it has times stays last.
fn edged(line: &Line) -> Vec<(Pattern, Line)> {
    let tokens = line.tokens.as_slice();
    let Some((sign, title)) = tokens.split_last() else {
        return Vec::new();
    };
    let pieces = |tokens: &[(Token, _)]| -> Vec<Piece> {
        tokens.iter().map(|(token, _)| Piece::Is(token.clone())).collect()
    };
    let left = |tokens: &[(Token, std::ops::Range<usize>)]| Line {
        tokens: tokens.iter().chain([sign]).cloned().collect(),
        ..Line::default()
    };
    let mut found = Vec::new();
    for count in 1..=EDGE.min(title.len().saturating_sub(1)) {
        let (begin, rest) = title.split_at(count);
        let mut edge = vec![Piece::Start];
        edge.extend(pieces(begin));
        found.push((Pattern(edge), left(rest)));
        let (rest, end) = title.split_at(title.len() - count);
        let mut edge = pieces(end);
        edge.extend([Piece::Is(sign.0.clone()), Piece::End]);
        found.push((Pattern(edge), left(rest)));
    }
    found
}

/// Whether it is one of a series, all of which were entered at once, for a day that the backup need not know yet.
fn comes_again(document: &Document, backup: DateTime<Utc>) -> bool {
    let starts = document.items.iter().any(|item| match &item.value {
        Scalar::Instant(at) => item.place == "/start/dateTime" && *at > backup,
        Scalar::Date(day) => item.place == "/start/date" && *day >= backup.date_naive(),
        _ => false,
    });
    starts && document.text("/recurringEventId").is_some()
}

/// What rare kinds come to together, before they are one kind.
const ENOUGH: u32 = 8;

/// A kind, as far as rare ones are put together.
trait Kind: Clone {
    /// With this many of a kind it is known, and stays its own.
    const KNOWN: u32;
    /// Whether known kinds tell of a rare one that is worded alike.
    const BY_EXAMPLE: bool;

    /// How many there are, and how many belong to a booking.
    fn counts(&self) -> (u32, u32);
    fn absorb(&mut self, other: &Self);
    fn rename(&mut self, template: Pattern);
}

impl Kind for EventKind {
    const KNOWN: u32 = 8;
    const BY_EXAMPLE: bool = false;

    fn counts(&self) -> (u32, u32) {
        (self.support, self.booked)
    }

    fn absorb(&mut self, other: &Self) {
        self.support += other.support;
        self.booked += other.booked;
        self.timed += other.timed;
    }

    fn rename(&mut self, template: Pattern) {
        self.template = template;
    }
}

impl Kind for ChargeKind {
    // Deposits and balances may differ in one word.
    const KNOWN: u32 = 3;
    const BY_EXAMPLE: bool = true;

    fn counts(&self) -> (u32, u32) {
        (self.support, self.pays)
    }

    fn absorb(&mut self, other: &Self) {
        self.support += other.support;
        self.pays += other.pays;
        self.last += other.last;
        self.whole += other.whole;
    }

    fn rename(&mut self, template: Pattern) {
        self.template = template;
    }
}

/// Patterns with what they are when rarer words are masked, step by step.
type Wider = BTreeMap<Pattern, Vec<Pattern>>;

/// A word that stands in fewer than one record in so many is masked, in steps.
const ONE_IN: [usize; 4] = [20, 10, 5, 3];

fn wider_patterns(line: &Line, object: &str, vocabulary: &Vocabulary) -> Vec<Pattern> {
    ONE_IN
        .iter()
        .map(|one_in| Pattern::mask(line, &|word| vocabulary.is_frequent(object, word, *one_in)))
        .collect()
}

/// Puts rare kinds together that differ in rarer words alone, as titles with a pet's or a couple's names do, where
/// nearly all of them belong to bookings, or most do not.
fn widen<K: Kind>(mut kinds: BTreeMap<Pattern, K>, wider: &Wider) -> Vec<K> {
    for step in 0..ONE_IN.len() {
        let mut groups: BTreeMap<&Pattern, Group> = BTreeMap::new();
        for (template, kind) in &kinds {
            let wide = wider.get(template).map(|wide| &wide[step]);
            let Some(wide) = wide.filter(|wide| says_something(wide)) else {
                continue;
            };
            let group = groups.entry(wide).or_default();
            if wide == template || kind.counts().0 < K::KNOWN {
                group.rare.push(template.clone());
            } else {
                group.known.push(template.clone());
            }
        }
        for (wide, group) in groups {
            let Some(mut together) = sum(&kinds, &group.rare) else {
                continue;
            };
            let (support, hits) = together.counts();
            if group.rare.len() > 1 && support >= ENOUGH && (hits * 3 <= support || hits * 10 >= support * 9)
            {
                for template in &group.rare {
                    kinds.remove(template);
                }
                together.rename(wide.clone());
                kinds.insert(wide.clone(), together);
            } else if K::BY_EXAMPLE && support < K::KNOWN {
                // Kinds that are known, and all alike in this, tell of a rare one that is worded as they are.
                let of: Vec<Pattern> = group.rare.iter().chain(&group.known).cloned().collect();
                let witnesses = sum(&kinds, &of).filter(|all| {
                    let (support, hits) = all.counts();
                    group.known.len() >= 2 && support >= ENOUGH && (hits == 0 || hits == support)
                });
                if let Some(mut all) = witnesses {
                    for template in &group.rare {
                        kinds.remove(template);
                    }
                    all.rename(wide.clone());
                    kinds.insert(wide.clone(), all);
                }
            }
        }
    }
    kinds.into_values().collect()
}

/// Kinds that are one pattern when their rarer words are masked.
#[derive(Default)]
struct Group {
    rare: Vec<Pattern>,
    known: Vec<Pattern>,
}

fn sum<K: Kind>(kinds: &BTreeMap<Pattern, K>, of: &[Pattern]) -> Option<K> {
    let mut found = of.iter().filter_map(|template| kinds.get(template));
    let mut together = found.next()?.clone();
    for kind in found {
        together.absorb(kind);
    }
    Some(together)
}

/// Whether a pattern holds a word or a value, not marks alone.
fn says_something(pattern: &Pattern) -> bool {
    pattern
        .0
        .iter()
        .any(|piece| matches!(piece, Piece::Is(Token::Word(_) | Token::Span(_))))
}

#[cfg(test)]
mod tests {
    use super::edged;
    use crate::mapping::Line;

    #[test]
    fn a_title_is_cut_at_both_ends_and_the_sign_behind_it_stays() {
        let line = Line::cut("Ann Doe court no show @");
        let found: Vec<(String, usize)> = edged(&line)
            .into_iter()
            .map(|(edge, rest)| (edge.render(), rest.tokens.len()))
            .collect();
        assert!(found.contains(&("no show @ $".to_owned(), 4)), "{found:?}");
        assert!(found.contains(&("^ ann".to_owned(), 5)), "{found:?}");
    }
}
