//! What one build worked out and the next one need not: the lessons and the test on the backup.
//!
//! Each is known by a fingerprint of all that went into it, as it was when it did: the records of the overlap as they
//! were taken apart, not their names; the rows of the backup; what else the learners are handed. So nothing is taken
//! over that a build from scratch would find otherwise. Linking and fusing look at every record, and are done anew.

use super::Evidence;
use crate::backtest;
use crate::fuse::Trial;
use crate::learn::{Learned, is_of_overlap};
use crate::link::Margins;
use crate::mapping::{Gazetteer, Mapping};
use crate::model::Document;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::{self, Debug, Write as _};
use std::hash::{Hash, Hasher};

/// What a build leaves to the next, each with the fingerprint of what it was made of.
#[derive(Debug, Clone, Default)]
pub struct Recall {
    pub learned: Option<(String, Learned)>,
    pub trial: Option<(String, (Trial, Margins))>,
}

impl Recall {
    pub(super) fn learned(&self, of: &str) -> Option<&Learned> {
        self.learned
            .as_ref()
            .filter(|(known, _)| known == of)
            .map(|(_, learned)| learned)
    }

    pub(super) fn trial(&self, of: &str) -> Option<&(Trial, Margins)> {
        self.trial
            .as_ref()
            .filter(|(known, _)| known == of)
            .map(|(_, trial)| trial)
    }
}

/// Takes fingerprints of one build's evidence; each document is hashed once.
pub(super) struct Prints {
    documents: Vec<[u8; 32]>,
    /// Of the entries from before the overlap.
    earlier: Vec<[u8; 32]>,
}

impl Prints {
    pub fn of(documents: &[Document], earlier: &[Document]) -> Self {
        let print = |document: &Document| {
            let mut print = Print::default();
            document.hash(&mut print);
            print.0.finalize().into()
        };
        Self {
            documents: documents.par_iter().map(print).collect(),
            earlier: earlier.par_iter().map(print).collect(),
        }
    }

    /// Of all that `Overlap::teach` looks at.
    pub fn learned(&self, evidence: &Evidence<'_>, gazetteer: &Gazetteer) -> String {
        let mut print = Print::default();
        self.add(&mut print, evidence.documents, |document| {
            is_of_overlap(document, evidence.window)
        });
        for hash in &self.earlier {
            print.0.update(hash);
        }
        let sources: BTreeSet<&str> = evidence
            .documents
            .iter()
            .map(|document| document.record.source())
            .collect();
        let of_overlap = |document: &&Document| {
            is_of_overlap(document, evidence.window) || backtest::takes_part(document, evidence.window)
        };
        let codes = gazetteer.codes().within(
            evidence
                .documents
                .iter()
                .filter(of_overlap)
                .chain(evidence.earlier),
        );
        print.add(&(sources, gazetteer.clone().with_codes(codes)));
        print.add(&(evidence.baseline, evidence.window, evidence.business));
        print.text()
    }

    /// Of all that the backtest looks at; `learned` is the fingerprint of the lessons.
    pub fn trial(
        &self,
        learned: &str,
        evidence: &Evidence<'_>,
        mappings: &[Mapping],
        truth: &backtest::Truth<'_>,
    ) -> String {
        let mut print = Print::default();
        let takes_part = |document: &Document| backtest::takes_part(document, evidence.window);
        self.add(&mut print, evidence.documents, takes_part);
        for document in evidence.documents.iter().filter(|document| takes_part(document)) {
            let record = document.record.as_str();
            (record, truth.of(record)).hash(&mut print);
        }
        print.add(&(learned, mappings, evidence.given, evidence.target));
        print.text()
    }

    /// Adds the documents that are meant, in their order.
    fn add(&self, print: &mut Print, documents: &[Document], is_meant: impl Fn(&Document) -> bool) {
        for (hash, document) in self.documents.iter().zip(documents) {
            if is_meant(document) {
                print.0.update(hash);
            }
        }
    }
}

#[derive(Default)]
struct Print(Sha256);

impl Print {
    /// Adds a value by all that its parts show of themselves.
    fn add(&mut self, value: &impl Debug) {
        // Writing into a hash does not fail.
        let _ = write!(self, "{value:?}");
    }

    fn text(self) -> String {
        let mut text = String::new();
        for byte in self.0.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl Hasher for Print {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // A fingerprint is more than 64 bits: `text` gives it.
        0
    }
}

impl fmt::Write for Print {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
