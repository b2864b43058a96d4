//! Learns how a business writes its records, from the overlap with the backup.
//!
//! Input: documents and the backup's rows. Output: a mapping per source, and what could not be
//! learned. Records of the overlap are tied to bookings of the backup by rare exact atoms, with no
//! wording known (`seeds`); then every place is asked which field of the booking stands in it
//! (`slots`, `lengths`, `names`, `called`, `labels`), which lines mean that a booking is off (`meanings`), which kinds of charge
//! pay for bookings and which kinds of event stand for one (`kinds`), and which of them come to the whole price
//! together (`settlements`). A slot is labelled only with
//! enough support, lift over chance and a margin over the next label; wrong labels are worse than none.

pub mod agreement;
mod blocks;
mod bookers;
mod called;
mod codes;
mod containers;
mod corrections;
mod cues;
mod estimates;
mod filled;
mod joined;
mod kinds;
mod labels;
mod lengths;
mod letters;
mod lists;
mod mailings;
mod marks;
mod meanings;
mod name_order;
mod names;
mod nicknames;
mod nights;
mod nobodys;
mod occurrences;
mod off_words;
mod offers;
mod quick;
mod requests;
mod seeds;
mod settlements;
mod slots;
mod stars;
mod subjects;
mod tenants;
mod total_ratio;
mod truth;
mod unnamed;
mod unset;
mod variables;
mod vocabulary;
mod wide_names;

pub use name_order::family_first;
pub use seeds::{Seed, link as seed};
pub use tenants::assign;
pub use total_ratio::total_ratio;
pub use truth::{Truth, truths};

use crate::mapping::{Gazetteer, Lexer, Line, Lines, Mapping, Monies, PhoneForms, Reader, Rule};
use crate::model::{Baseline, Business, Document, Item, Scalar, Window};
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vocabulary::Vocabulary;

/// What was learned.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// One per source, by name.
    pub mappings: Vec<Mapping>,
    /// Records of the overlap that were tied to a booking, of all that there are.
    pub linked: usize,
    pub overlap: usize,
    /// What could not be learned, a sentence each.
    pub warnings: Vec<String>,
}

/// A document whose text has been cut up once, for all learners.
struct Lexed<'a> {
    document: &'a Document,
    lines: Vec<(usize, Arc<Line>)>,
    defining: Option<Line>,
}

/// Learns from the records of the overlap.
pub fn learn(documents: &[Document], baseline: &Baseline, window: &Window, business: &Business) -> Learned {
    Overlap::new(documents, baseline, window, business).teach(baseline, window, business, &|_| true)
}

/// A document's lines, each with its item, and the one that tells its kind.
pub type Cut<'a> = (&'a [(usize, Arc<Line>)], Option<&'a Line>);

/// The records of the overlap, cut up once for as many lessons as are needed.
pub struct Overlap<'a> {
    lexed: Vec<Lexed<'a>>,
    /// Where each of all documents is among these.
    at: Vec<Option<usize>>,
    sources: BTreeSet<&'a str>,
    gazetteer: Gazetteer,
    /// Entries from before the overlap: they tell which titles come back for nobody.
    earlier: Vec<Lexed<'a>>,
}

/// Whether a record is from before the backup. An entry that was changed since says what the backup cannot know.
pub fn is_of_overlap(document: &Document, window: &Window) -> bool {
    let said_at = document.said_at.or(document.made_at);
    said_at.is_some_and(|at| at <= window.backup)
}

impl<'a> Overlap<'a> {
    pub fn new(documents: &'a [Document], baseline: &Baseline, window: &Window, business: &Business) -> Self {
        let gazetteer = Gazetteer::new(&baseline.resources)
            .knowing(documents)
            .trading_as(business, documents)
            .numbered(documents, baseline.references())
            .telephoned(PhoneForms::learn(baseline.phones()))
            .paid_in(Monies::new(business.currency, baseline.currencies()));
        Self::cut(documents, gazetteer, window)
    }

    /// The same with a gazetteer that knows the documents already.
    pub fn cut(documents: &'a [Document], gazetteer: Gazetteer, window: &Window) -> Self {
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        let overlap: Vec<usize> = (0..documents.len())
            .filter(|at| is_of_overlap(&documents[*at], window))
            .collect();
        let mut at = vec![None; documents.len()];
        for (here, document) in overlap.iter().enumerate() {
            at[*document] = Some(here);
        }
        let of_overlap: Vec<&Document> = overlap.iter().map(|at| &documents[*at]).collect();
        let lexed = lex_all(&of_overlap, &lexer);
        let sources = documents
            .iter()
            .map(|document| document.record.source())
            .collect();
        Self {
            lexed,
            at,
            sources,
            gazetteer,
            earlier: Vec::new(),
        }
    }

    /// How the lines of a document were cut, by its place among all; None where it is not of the overlap.
    pub fn lines(&self, document: usize) -> Option<Cut<'_>> {
        let lexed = &self.lexed[(*self.at.get(document)?)?];
        Some((&lexed.lines, lexed.defining.as_ref()))
    }

    /// With calendar entries from before the overlap, whose bookings the backup knows.
    #[must_use]
    pub fn with_earlier(mut self, earlier: &'a [Document]) -> Self {
        let lexer = Lexer {
            gazetteer: &self.gazetteer,
        };
        let title = |document: &'a Document| document.title().unwrap_or_default();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for document in earlier
            .iter()
            .chain(self.lexed.iter().map(|lexed| lexed.document))
        {
            *seen.entry(title(document)).or_default() += 1;
        }
        let again: Vec<&Document> = earlier
            .iter()
            .filter(|document| seen[title(document)] >= nobodys::AGAIN)
            .collect();
        self.earlier = lex_all(&again, &lexer);
        self
    }

    /// The same knowing what the resources are called besides in each source, as these rows prove.
    #[must_use]
    pub fn calling(self, baseline: &Baseline, business: &Business) -> Self {
        let called = nicknames::learn(&self, baseline, business);
        self.called(&called)
    }

    /// The same with the nicknames of these mappings: the records of a source that had others are cut up again.
    #[must_use]
    pub fn called(mut self, mappings: &[Mapping]) -> Self {
        let others = |mapping: &&Mapping| self.gazetteer.nicknames(&mapping.source) != mapping.nicknames;
        let sources: BTreeSet<&str> = mappings
            .iter()
            .filter(others)
            .map(|mapping| mapping.source.as_str())
            .collect();
        if sources.is_empty() {
            return self;
        }
        self.gazetteer = self.gazetteer.calling(mappings);
        let lexer = Lexer {
            gazetteer: &self.gazetteer,
        };
        let old: Vec<&mut Lexed<'a>> = self
            .lexed
            .iter_mut()
            .chain(&mut self.earlier)
            .filter(|lexed| sources.contains(lexed.document.record.source()))
            .collect();
        let documents: Vec<&'a Document> = old.iter().map(|lexed| lexed.document).collect();
        for (old, new) in old.into_iter().zip(lex_all(&documents, &lexer)) {
            *old = new;
        }
        self
    }

    /// Learns from the records that `admits` lets in, and these rows.
    pub fn teach(
        &self,
        baseline: &Baseline,
        window: &Window,
        business: &Business,
        admits: &(dyn Fn(&Document) -> bool + Sync),
    ) -> Learned {
        let lexed: Vec<&Lexed<'_>> = self.lexed.iter().filter(|lexed| admits(lexed.document)).collect();
        let mut truths = truths(baseline, business.zone);
        let mut seeds = seeds::link_lexed(&lexed, &truths, baseline);
        mailings::untie(&lexed, &mut seeds);
        nobodys::untie(&lexed, &mut seeds, &truths);
        count_payments(&lexed, &seeds, &mut truths);
        let class = Class {
            lexed: &lexed,
            seeds: &seeds,
            truths: &truths,
            baseline,
            since: window.learn_from,
            until: window.backup,
            business,
            gazetteer: &self.gazetteer,
            earlier: &self.earlier,
        };
        let sources: Vec<&str> = self.sources.iter().copied().collect();
        let taught: Vec<(Mapping, Option<String>)> =
            sources.par_iter().map(|source| class.teach(source)).collect();
        let (mut mappings, warnings): (Vec<Mapping>, Vec<Option<String>>) = taught.into_iter().unzip();
        let of: Vec<Option<&Truth<'_>>> = seeds
            .iter()
            .map(|seed| seed.map(|seed| &truths[seed.booking]))
            .collect();
        off_words::lend(&mut mappings, &lexed, &of);
        Learned {
            mappings,
            linked: seeds.iter().flatten().count(),
            overlap: lexed.len(),
            warnings: warnings.into_iter().flatten().collect(),
        }
    }
}

/// What the provider says was paid and given back counts where the backup has no payments, or does not say.
fn count_payments(lexed: &[&Lexed<'_>], seeds: &[Option<Seed>], truths: &mut [Truth<'_>]) {
    let mut back: BTreeMap<usize, i64> = BTreeMap::new();
    for (lexed, seed) in lexed.iter().zip(seeds) {
        if let (Some(seed), "charge") = (seed, lexed.document.object.as_str()) {
            *back.entry(seed.booking).or_default() += lexed.document.given_back(0);
            let taken = lexed.document.taken().map(|money| money.minor);
            truths[seed.booking].paid.extend(taken);
        }
    }
    for (booking, back) in back {
        truths[booking].given_back = truths[booking].given_back.max(back);
    }
}

/// One lesson: its records, and what the backup says of them.
struct Class<'a> {
    lexed: &'a [&'a Lexed<'a>],
    seeds: &'a [Option<Seed>],
    truths: &'a [Truth<'a>],
    baseline: &'a Baseline,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    business: &'a Business,
    gazetteer: &'a Gazetteer,
    /// Entries from before the overlap.
    earlier: &'a [Lexed<'a>],
}

impl Class<'_> {
    /// What the records of one source teach, and a sentence where that is nothing.
    fn teach(&self, source: &str) -> (Mapping, Option<String>) {
        let of: Vec<usize> = (0..self.lexed.len())
            .filter(|at| self.lexed[*at].document.record.source() == source)
            .collect();
        let part: Vec<&Lexed<'_>> = of.iter().map(|at| self.lexed[*at]).collect();
        let links: Vec<Option<&Truth<'_>>> = of
            .iter()
            .map(|at| self.seeds[*at].map(|seed| &self.truths[seed.booking]))
            .collect();
        let vocabulary = Vocabulary::new(&part, &links, self.truths);
        let mut mapping = Mapping {
            source: source.to_owned(),
            family_first: self.baseline.family_first,
            nicknames: self.gazetteer.nicknames(source).to_vec(),
            ..Mapping::default()
        };
        mapping.charges = kinds::charges(&part, &links, self.baseline, &vocabulary);
        mapping.events = kinds::events(&part, &links, &vocabulary, self.until);
        let numbers = (self.truths.iter())
            .map(|truth| (truth.reference.as_str(), truth))
            .collect();
        let study = slots::Study {
            documents: &part,
            links: &links,
            truths: self.truths,
            numbers: &numbers,
            vocabulary: &vocabulary,
            business: self.business,
            gazetteer: self.gazetteer,
            until: self.until,
        };
        let templates = kinds::templates(&part, &mapping);
        // None of these asks what another found.
        let ((typed, named), (mut labelled, meanings)) = rayon::join(
            || {
                let typed = || {
                    let (mut rules, idle) = slots::learn(&study, &templates);
                    cues::of_addresses(&study, &mut rules);
                    rules.extend(lengths::learn(&study, &templates));
                    (rules, idle)
                };
                rayon::join(typed, || people(&study, &templates))
            },
            || {
                rayon::join(
                    || labels::learn(&study),
                    || meanings::learn(&part, &links, &vocabulary, self.since),
                )
            },
        );
        mapping.marks = marks::learn(&study);
        mapping.off = off_words::learn(&study);
        (mapping.settlements, mapping.instalments) =
            settlements::learn(&part, &links, &templates, self.baseline);
        mapping.meanings = meanings;
        (mapping.rules, mapping.idle) = typed;
        codes::learn(&mut mapping.rules, &mut labelled, &self.baseline.resources);
        mapping.rules.extend(named);
        mapping.rules.extend(labelled);
        let business = (self.business, self.until);
        blocks::learn(&part, &links, &mut mapping, self.gazetteer, business);
        let reader = Reader::new(&mapping, self.gazetteer, self.business);
        mapping.late_until = nights::learn(&part, (&links, self.truths), &reader, self.business.zone);
        let reader = Reader::new(&mapping, self.gazetteer, self.business);
        let kinds = subjects::kinds(&part, &vocabulary);
        let messages = nobodys::messages(&part, &kinds, &links, self.truths, &reader);
        let series = subjects::series(&part, &vocabulary);
        let offers = offers::learn(&kinds, &series, self.truths, &reader);
        let letters = letters::learn(&part, &kinds, self.truths, &reader, &vocabulary);
        let (lists, listed) = lists::learn(&part, &links, &reader);
        let own = |lexed: &&Lexed<'_>| lexed.document.record.source() == source;
        let entries: Vec<&Lexed<'_>> = part
            .iter()
            .copied()
            .chain(self.earlier.iter().filter(own))
            .collect();
        let titles = nobodys::titles(&entries, self.truths, &mapping, &vocabulary);
        mapping.lists = lists;
        for (rule, lists) in listed {
            mapping.rules[rule].reading.list = lists.of();
        }
        mapping.messages = messages;
        mapping.messages.extend(offers);
        mapping.messages.extend(letters);
        mapping.messages.extend(requests::learn(self, &of, &kinds));
        for title in titles {
            mapping.events.retain(|kind| kind.template != title.template);
            mapping.events.push(title);
        }
        mapping.events.sort();
        let nothing = (mapping.rules.is_empty() && !part.is_empty()).then(|| {
            format!(
                "nothing could be learned of `{source}`: {} of its {} records before the backup could be tied to bookings",
                links.iter().flatten().count(),
                part.len()
            )
        });
        (mapping, nothing)
    }
}

fn lex<'a>(document: &'a Document, lexer: &Lexer<'_>) -> Lexed<'a> {
    Lexed::new(document, lexer.lines(document))
}

/// Cuts up many documents, over all cores.
fn lex_all<'a>(documents: &[&'a Document], lexer: &Lexer<'_>) -> Vec<Lexed<'a>> {
    let lines = lexer.cut(documents).into_iter();
    let both = documents.iter().zip(lines);
    both.map(|(document, lines)| Lexed::new(document, lines))
        .collect()
}

/// Whose name stands where, whole or in part, where it is somebody else's, and which of two is whoever booked.
fn people(study: &slots::Study<'_>, templates: &kinds::Templates) -> Vec<Rule> {
    let mut rules = names::learn(study, templates);
    wide_names::except_wording(study, &mut rules);
    rules.extend(called::learn(study));
    cues::learn(study, &mut rules);
    bookers::learn(study, &mut rules);
    rules
}

impl<'a> Lexed<'a> {
    fn new(document: &'a Document, lines: Lines) -> Self {
        let Lines { texts, defining } = lines;
        Self {
            document,
            lines: texts,
            defining,
        }
    }
}

/// Which line it is: what records have in common is one line.
fn number(line: &Line) -> usize {
    std::ptr::from_ref(line).addr()
}

/// What was worked out of each line, once for all records that have it.
struct PerLine<T>(quick::Map<usize, T>);

impl<T: Send> PerLine<T> {
    fn of(lexed: &[&Lexed<'_>], work: impl Fn(&str, &Line) -> T + Sync) -> Self {
        let mut lines: quick::Map<usize, (&str, &Line)> = quick::Map::default();
        for lexed in lexed {
            for (index, (_, line)) in lexed.lines.iter().enumerate() {
                lines
                    .entry(number(line))
                    .or_insert_with(|| (lexed.text(index), line));
            }
        }
        let worked_out = lines
            .into_par_iter()
            .map(|(number, (text, line))| (number, work(text, line)));
        Self(worked_out.collect())
    }

    fn get(&self, line: &Line) -> Option<&T> {
        self.0.get(&number(line))
    }
}

impl Lexed<'_> {
    /// The line above another of the same place.
    fn above(&self, index: usize) -> Option<&Line> {
        let item = &self.document.items[self.lines[index].0];
        let (at, line) = self.lines.get(index.checked_sub(1)?)?;
        let before = &self.document.items[*at];
        (before.place == item.place && before.line + 1 == item.line).then_some(line)
    }

    fn item(&self, index: usize) -> &Item {
        &self.document.items[self.lines[index].0]
    }

    fn text(&self, index: usize) -> &str {
        match &self.item(index).value {
            Scalar::Text(text) | Scalar::Number(text) => text,
            _ => "",
        }
    }

    fn place(&self, index: usize) -> &str {
        &self.item(index).place
    }

    fn is_title(&self, index: usize) -> bool {
        self.document.is_title(self.item(index))
    }
}
