//! What a build leaves to the next: what it worked out, and what all it was made of.
//!
//! Where nothing of that has changed, the bookings that are there are what a build would make. All is kept in the
//! transaction that keeps the bookings, and another build of the program takes nothing over.

use super::desk::Desk;
use super::failure::Failure;
use crate::fuse::{Change, Pattern, Stale, Trial};
use crate::learn::Learned;
use crate::link::Margins;
use crate::mapping;
use crate::model::{FieldName, Tie, hex, stable_hash};
use crate::rebuild::Recall;
use crate::wire;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A hash of what the program was built of.
const BUILT_OF: &str = env!("REBOOK_BUILT_OF");

/// The fact that holds what was worked out.
pub(super) const RECALL: &str = "recall";

/// The fact that holds the fingerprint of everything that the bookings were made of.
pub(super) const MADE_OF: &str = "made_of";

#[derive(Serialize, Deserialize)]
struct Kept {
    built_of: String,
    learned: Option<KeptLearned>,
    trial: Option<KeptTrial>,
}

#[derive(Serialize, Deserialize)]
struct KeptLearned {
    print: String,
    /// As mapping files.
    mappings: Vec<String>,
    linked: usize,
    overlap: usize,
    warnings: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptTrial {
    print: String,
    backtest: String,
    weak: Vec<String>,
    unplanned: Vec<String>,
    errors: Vec<(String, String, Vec<String>)>,
    /// Field, whether something else too changed, how often it stayed, of how many.
    kept: Vec<(String, String, u32, u32)>,
    margins: [u64; 4],
}

/// What the last build worked out; nothing where another program did.
pub(super) fn read(desk: &Desk) -> Result<Recall, Failure> {
    let kept = desk.staging.fact(RECALL)?;
    let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
    Ok(kept
        .filter(|kept| kept.built_of == BUILT_OF)
        .map_or_else(Recall::default, |kept| Recall {
            learned: kept.learned.and_then(learned),
            trial: kept.trial.and_then(trial),
        }))
}

pub(super) fn encode(recall: &Recall) -> String {
    let kept = Kept {
        built_of: BUILT_OF.to_owned(),
        learned: recall.learned.as_ref().and_then(keep_learned),
        trial: recall.trial.as_ref().map(keep_trial),
    };
    serde_json::to_string(&kept).unwrap_or_default()
}

fn keep_learned((print, taught): &(String, Learned)) -> Option<KeptLearned> {
    let kept = KeptLearned {
        print: print.clone(),
        mappings: taught.mappings.iter().map(mapping::render).collect(),
        linked: taught.linked,
        overlap: taught.overlap,
        warnings: taught.warnings.clone(),
    };
    // A file is made for people to read: only one that says all of what was learned stands for it.
    let says_all = kept
        .mappings
        .iter()
        .zip(&taught.mappings)
        .all(|(text, mapping)| mapping::parse(RECALL, text).is_ok_and(|read| read == *mapping));
    says_all.then_some(kept)
}

fn learned(kept: KeptLearned) -> Option<(String, Learned)> {
    let mappings = kept.mappings.iter().map(|text| mapping::parse(RECALL, text).ok());
    let learned = Learned {
        mappings: mappings.collect::<Option<_>>()?,
        linked: kept.linked,
        overlap: kept.overlap,
        warnings: kept.warnings,
    };
    Some((kept.print, learned))
}

fn keep_trial((print, (trial, margins)): &(String, (Trial, Margins))) -> KeptTrial {
    let errors = trial.errors.iter();
    KeptTrial {
        print: print.clone(),
        backtest: wire::encode_backtest(&trial.backtest),
        weak: patterns(&trial.weak),
        unplanned: patterns(&trial.unplanned),
        errors: errors
            .map(|(key, pattern, fields)| (key.clone(), pattern.0.clone(), fields.clone()))
            .collect(),
        kept: trial
            .kept
            .iter()
            .map(|(stale, (kept, all))| {
                (
                    stale.field.as_str().to_owned(),
                    stale.change.as_str().to_owned(),
                    *kept,
                    *all,
                )
            })
            .collect(),
        margins: margins.to_bits(),
    }
}

fn patterns(patterns: &BTreeSet<Pattern>) -> Vec<String> {
    patterns.iter().map(|pattern| pattern.0.clone()).collect()
}

fn trial(kept: KeptTrial) -> Option<(String, (Trial, Margins))> {
    let errors = kept.errors.into_iter();
    let trial = Trial {
        backtest: wire::decode_backtest(&kept.backtest)?,
        weak: kept.weak.into_iter().map(Pattern).collect(),
        unplanned: kept.unplanned.into_iter().map(Pattern).collect(),
        errors: errors
            .map(|(key, pattern, fields)| (key, Pattern(pattern), fields))
            .collect(),
        kept: kept
            .kept
            .into_iter()
            .map(|(field, change, stayed, all)| {
                let field = FieldName::parse(&field)?;
                let change = Change::parse(&change)?;
                Some((Stale { field, change }, (stayed, all)))
            })
            .collect::<Option<_>>()?,
    };
    Some((kept.print, (trial, Margins::from_bits(kept.margins))))
}

/// Everything that a build is made of, as it was before the first of it was read: what comes meanwhile is of the next.
pub(super) struct Inputs {
    parts: [String; 4],
    /// The mapping files by path.
    mappings: BTreeMap<PathBuf, String>,
}

impl Inputs {
    pub fn of(desk: &Desk) -> Result<Self, Failure> {
        let sources: Vec<String> = desk
            .config
            .sources
            .iter()
            .map(|source| source.name.clone())
            .collect();
        // Without a target nothing says what the backup's tables are, and it is not read.
        let backup = match &desk.config.target {
            Some(_) => desk.config.require_baseline()?.map(print_of_backup).transpose()?,
            None => None,
        };
        Ok(Self {
            parts: [
                BUILT_OF.to_owned(),
                desk.config.hash.clone(),
                desk.staging.print_of_records(&sources)?,
                backup.unwrap_or_default(),
            ],
            mappings: mapping_files(&desk.mappings())?,
        })
    }

    /// Notes a mapping file that was written since.
    pub fn wrote(&mut self, path: PathBuf, text: String) {
        self.mappings.insert(path, text);
    }

    /// The fingerprint, with these ties.
    pub fn print(&self, ties: &[Tie]) -> String {
        let ties = wire::encode_ties(ties);
        let files = self.mappings.iter();
        let named = files.flat_map(|(path, text)| [path.to_string_lossy(), text.as_str().into()]);
        let named: Vec<_> = named.collect();
        let parts = self.parts.iter().map(String::as_str).chain([ties.as_str()]);
        let all: Vec<&str> = parts.chain(named.iter().map(AsRef::as_ref)).collect();
        stable_hash(&all)
    }
}

/// The files of a folder of mappings, with what they say.
fn mapping_files(folder: &Path) -> Result<BTreeMap<PathBuf, String>, Failure> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "toml") {
            let text =
                std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, "read", &error))?;
            files.insert(path, text);
        }
    }
    Ok(files)
}

/// A hash of the backup's bytes, and of what SQLite has not yet put into it.
fn print_of_backup(path: &Path) -> Result<String, Failure> {
    let mut hasher = Sha256::new();
    for end in ["", "-wal", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match File::open(&name) {
            Ok(mut file) => {
                hasher.update(end);
                io::copy(&mut file, &mut Hashed(&mut hasher))
                    .map_err(|error| Failure::file(path, "read", &error))?;
            }
            Err(_) if !end.is_empty() => {}
            Err(error) => return Err(Failure::file(path, "read", &error)),
        }
    }
    Ok(hex(&hasher.finalize()))
}

/// Writes into a hash.
struct Hashed<'a>(&'a mut Sha256);

impl io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
