//! Learns how a business writes its records, from the overlap with the backup.
//!
//! Input: documents and the backup's rows. Output: a mapping per source, and what could not be
//! learned. Records of the overlap are tied to bookings of the backup by rare exact atoms, with no
//! wording known (`seeds`); then every place is asked which field of the booking stands in it
//! (`slots`, `names`, `labels`), which lines mean that a booking is off (`meanings`), which kinds of charge
//! pay for bookings and which kinds of event stand for one (`kinds`), and which of them come to the whole price
//! together (`settlements`). A slot is labelled only with
//! enough support, lift over chance and a margin over the next label; wrong labels are worse than none.

pub mod agreement;
mod kinds;
mod labels;
mod mailings;
mod meanings;
mod name_order;
mod names;
mod nobodys;
mod seeds;
mod settlements;
mod slots;
mod truth;
mod vocabulary;

pub use name_order::family_first;
pub use seeds::{Seed, link as seed};
pub use truth::{Truth, truths};

use crate::mapping::{Gazetteer, Lexer, Line, Mapping, Reader};
use crate::model::{Baseline, Business, Document, Scalar, Window};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
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
    /// (item, line) for every text item, in order.
    lines: Vec<(usize, Line)>,
}

/// Learns from the records of the overlap.
pub fn learn(documents: &[Document], baseline: &Baseline, window: &Window, business: &Business) -> Learned {
    Overlap::new(documents, baseline, window).teach(baseline, window, business, &|_| true)
}

/// The records of the overlap, cut up once for as many lessons as are needed.
pub struct Overlap<'a> {
    lexed: Vec<Lexed<'a>>,
    sources: BTreeSet<&'a str>,
    gazetteer: Gazetteer,
    /// Entries from before the overlap: they tell which titles come back for nobody.
    earlier: Vec<Lexed<'a>>,
}

impl<'a> Overlap<'a> {
    pub fn new(documents: &'a [Document], baseline: &Baseline, window: &Window) -> Self {
        let gazetteer = Gazetteer::new(&baseline.resources).knowing(documents);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        // An entry that was changed since the backup says what the backup cannot know.
        let overlap: Vec<&Document> = documents
            .iter()
            .filter(|document| {
                document
                    .said_at
                    .or(document.made_at)
                    .is_some_and(|at| at <= window.backup)
            })
            .collect();
        let lexed = overlap.par_iter().map(|document| lex(document, &lexer)).collect();
        let sources = documents
            .iter()
            .map(|document| document.record.source())
            .collect();
        Self {
            lexed,
            sources,
            gazetteer,
            earlier: Vec::new(),
        }
    }

    /// With calendar entries from before the overlap, whose bookings the backup knows.
    #[must_use]
    pub fn with_earlier(mut self, earlier: &'a [Document]) -> Self {
        let lexer = Lexer {
            gazetteer: &self.gazetteer,
        };
        let title = |document: &'a Document| document.text("/summary").unwrap_or_default();
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
        self.earlier = again.par_iter().map(|document| lex(document, &lexer)).collect();
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
        let lexer = Lexer {
            gazetteer: &self.gazetteer,
        };
        let lexed: Vec<&Lexed<'_>> = self.lexed.iter().filter(|lexed| admits(lexed.document)).collect();
        let truths = truths(baseline, business.zone);
        let mut seeds = seeds::link_lexed(&lexed, &truths, baseline);
        mailings::untie(&lexed, &mut seeds);
        let mut learned = Learned {
            linked: seeds.iter().flatten().count(),
            overlap: lexed.len(),
            ..Learned::default()
        };
        for source in &self.sources {
            let of: Vec<usize> = (0..lexed.len())
                .filter(|at| lexed[*at].document.record.source() == *source)
                .collect();
            let part: Vec<&Lexed<'_>> = of.iter().map(|at| lexed[*at]).collect();
            let links: Vec<Option<&Truth<'_>>> = of
                .iter()
                .map(|at| seeds[*at].map(|seed| &truths[seed.booking]))
                .collect();
            let vocabulary = Vocabulary::new(&part, &links, &truths);
            let mut mapping = Mapping {
                source: (*source).to_owned(),
                family_first: baseline.family_first,
                ..Mapping::default()
            };
            mapping.charges = kinds::charges(&part, &links, baseline, &lexer, &vocabulary);
            mapping.events = kinds::events(&part, &links, &lexer, &vocabulary);
            mapping.meanings = meanings::learn(&part, &links, &vocabulary, window.learn_from);
            let study = slots::Study {
                documents: &part,
                links: &links,
                truths: &truths,
                vocabulary: &vocabulary,
                business,
                gazetteer: &self.gazetteer,
            };
            let templates = kinds::templates(&part, &mapping, &lexer);
            mapping.settlements = settlements::learn(&part, &links, &templates, baseline);
            (mapping.rules, mapping.idle) = slots::learn(&study, &templates);
            mapping.rules.extend(names::learn(&study));
            mapping.rules.extend(labels::learn(&study));
            let reader = Reader::new(&mapping, &self.gazetteer, business);
            let messages = nobodys::messages(&part, &links, &truths, &reader, &vocabulary);
            let own = |lexed: &&Lexed<'_>| lexed.document.record.source() == *source;
            let entries: Vec<&Lexed<'_>> = part
                .iter()
                .copied()
                .chain(self.earlier.iter().filter(own))
                .collect();
            let titles = nobodys::titles(&entries, &truths, &mapping, &vocabulary, &reader);
            mapping.messages = messages;
            for title in titles {
                mapping.events.retain(|kind| kind.template != title.template);
                mapping.events.push(title);
            }
            mapping.events.sort();
            if mapping.rules.is_empty() && !part.is_empty() {
                learned.warnings.push(format!(
                    "nothing could be learned of `{source}`: {} of its {} records before the backup could be tied to bookings",
                    links.iter().flatten().count(),
                    part.len()
                ));
            }
            learned.mappings.push(mapping);
        }
        learned
    }
}

fn lex<'a>(document: &'a Document, lexer: &Lexer<'_>) -> Lexed<'a> {
    let lines = document
        .items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| match &item.value {
            Scalar::Text(text) | Scalar::Number(text) => Some((at, lexer.line(text))),
            _ => None,
        })
        .collect();
    Lexed { document, lines }
}

impl Lexed<'_> {
    /// The line above another of the same place.
    fn above(&self, index: usize) -> Option<&Line> {
        let item = &self.document.items[self.lines[index].0];
        let (at, line) = self.lines.get(index.checked_sub(1)?)?;
        let before = &self.document.items[*at];
        (before.place == item.place && before.line + 1 == item.line).then_some(line)
    }

    fn text(&self, index: usize) -> &str {
        match &self.document.items[self.lines[index].0].value {
            Scalar::Text(text) | Scalar::Number(text) => text,
            _ => "",
        }
    }

    fn place(&self, index: usize) -> &str {
        &self.document.items[self.lines[index].0].place
    }
}
