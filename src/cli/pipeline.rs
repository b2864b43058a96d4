//! The stages one after the other: sources → staging → bookings → staging.

use super::desk::{BUILT_WITH, Desk, Stopwatch};
use super::failure::Failure;
use super::pulling::{self, Outcome};
use super::screen::{Screen, Unit};
use super::stages::{self, Context};
use super::{money, private, summary};
use crate::config::{Access, SourceConfig};
use crate::learn;
use crate::mapping::{self, Mapping};
use crate::model::{
    Backtest, Baseline, Booking, Charge, Document, Problem, Stage, Summary, Timing, stable_hash,
};
use crate::rebuild::{self, Evidence};
use crate::store::Packed;
use crate::wire;
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Records that are taken apart at a time, over all cores.
const CHUNK_RECORDS: usize = 4_096;

/// Reads the named sources, or all, into staging, all at once; says of each how it ended.
pub(super) fn pull(
    desk: &mut Desk,
    names: &[String],
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<Outcome>, Failure> {
    let sources: Vec<SourceConfig> = desk.config.sources_named(names)?.into_iter().cloned().collect();
    // All that can be known to fail is asked before the first source is read.
    for source in &sources {
        desk.config.require_files(source)?;
    }
    stopwatch.time(Stage::Pull, || {
        let outcomes = pulling::pull(desk, &sources, screen)?;
        let total = outcomes.iter().map(|outcome| outcome.count.total()).sum();
        Ok((outcomes, total))
    })
}

/// Makes bookings of what is in staging, keeps them, and says what came out.
pub(super) fn build(desk: &mut Desk, screen: &Screen, stopwatch: &mut Stopwatch) -> Result<Summary, Failure> {
    let baseline = read_baseline(desk, screen, stopwatch)?;
    let documents = extract(desk, screen, stopwatch)?;
    let problems = problems_of(&documents);
    let records = documents.len() as u64;
    let built = fuse_everything(&documents, baseline.as_ref(), desk, screen, stopwatch)?;
    // What is wrong with the backup is wrong with everything that was learned from it: said first.
    let of_backup = baseline.iter().flat_map(|baseline| &baseline.problems);
    let mut warnings: Vec<String> = of_backup
        .map(|problem| format!("the backup: {problem}"))
        .collect();
    warnings.extend(built.warnings);
    let kept = Summary {
        records,
        backtest: built.backtest,
        warnings,
        ..Summary::default()
    };
    let facts = [
        (BUILT_WITH, desk.config.hash.clone()),
        (SUMMARY, wire::encode_summary(&kept)),
    ];
    desk.staging
        .put_results(&built.bookings, &built.charges, &problems, &facts)?;
    last_summary(desk)
}

/// What the last build and the decisions since amount to.
pub(super) fn last_summary(desk: &Desk) -> Result<Summary, Failure> {
    let kept = desk
        .staging
        .fact(SUMMARY)?
        .and_then(|text| wire::decode_summary(&text))
        .unwrap_or_default();
    let bookings = desk.decided_bookings()?;
    let charges = money::settle(desk.staging.charges()?, &bookings);
    let problems = desk.staging.problems()?;
    let mut warnings = missing(desk)?;
    warnings.extend(curable(&problems));
    warnings.extend(kept.warnings.iter().cloned());
    let known = Summary {
        problems: problems.len() as u64,
        warnings,
        ..kept
    };
    Ok(summary::summarise(&bookings, &charges, known))
}

/// A sentence for each source that was not read to its end: what it did not tell is not known, which is not the same as
/// nothing being there.
pub(super) fn missing(desk: &Desk) -> Result<Vec<String>, Failure> {
    let manifests = desk.staging.manifests()?;
    let known = desk.staging.sources()?;
    let mut missing = Vec::new();
    for source in &desk.config.sources {
        let name = &source.name;
        let manifest = manifests.iter().find(|manifest| manifest.source == *name);
        let is_live = !matches!(source.access, Access::Files(_));
        let was_read = known
            .iter()
            .any(|(known, _, finished_at)| known == name && finished_at.is_some());
        match manifest.filter(|_| is_live) {
            Some(manifest) if manifest.finished_at.is_some() => {}
            Some(manifest) => {
                let why = manifest.failure.as_deref().unwrap_or("it was interrupted");
                missing.push(format!(
                    "{name} was not read to its end, so what it would tell is missing: {why}; run rebook pull{}",
                    desk.flags
                ));
            }
            None if was_read => {}
            None => missing.push(format!(
                "{name} was never read to its end, so what it would tell is missing; run rebook pull{}",
                desk.flags
            )),
        }
    }
    Ok(missing)
}

/// What somebody can do something about is said at once, and not only counted: a line for each source.
fn curable(problems: &[Problem]) -> Vec<String> {
    let mut by_source: BTreeMap<&str, Vec<&Problem>> = BTreeMap::new();
    for problem in problems.iter().filter(|problem| !problem.hint.is_empty()) {
        by_source.entry(&problem.source).or_default().push(problem);
    }
    by_source
        .values()
        .map(|found| {
            let first = found[0];
            let more = match found.len() {
                1 => String::new(),
                many => format!(" (and {} more of {})", many - 1, first.source),
            };
            format!("{}: {}; {}{more}", first.place, first.message, first.hint)
        })
        .collect()
}

/// The fact that holds what only a build knows.
const SUMMARY: &str = "summary";

/// Learns from the overlap, and writes the mapping files beside staging.
pub(super) fn learn(
    desk: &mut Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<PathBuf>, Failure> {
    let baseline = read_baseline(desk, screen, stopwatch)?.ok_or_else(|| {
        Failure::usage(
            "without a backup there is no overlap to learn from",
            "add [baseline] with the path of a dump, and [target]",
        )
    })?;
    let documents = extract(desk, screen, stopwatch)?;
    learn_everything(&documents, &baseline, desk, stopwatch)
}

fn read_baseline(
    desk: &Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<Option<Baseline>, Failure> {
    let spinner = screen.spinner("baseline");
    let baseline = stopwatch.time(Stage::Baseline, || {
        let baseline = desk.baseline()?;
        let rows = baseline.as_ref().map_or(0, |baseline| baseline.bookings.len());
        Ok((baseline, rows as u64))
    });
    spinner.finish_and_clear();
    baseline
}

/// Takes every record apart, over all cores.
fn extract(desk: &Desk, screen: &Screen, stopwatch: &mut Stopwatch) -> Result<Vec<Document>, Failure> {
    let names: Vec<String> = desk
        .config
        .sources
        .iter()
        .map(|source| source.name.clone())
        .collect();
    let contexts: BTreeMap<&str, Context> = names
        .iter()
        .map(|name| (name.as_str(), Context::new(&desk.config, name)))
        .collect();
    let bar = screen.bar("extract", desk.staging.count_records(&names)?, Unit::Items);
    stopwatch.time(Stage::Extract, || {
        let mut documents = Vec::new();
        desk.staging.read_records(&names, CHUNK_RECORDS, &mut |chunk| {
            documents.extend(extract_chunk(chunk, &contexts, &bar)?);
            Ok::<(), Failure>(())
        })?;
        bar.finish_and_clear();
        let since = desk.config.window.learn_from;
        documents.retain(|document| document.last_of_it().is_none_or(|at| at >= since));
        let count = documents.len() as u64;
        Ok((documents, count))
    })
}

fn extract_chunk(
    chunk: Vec<Packed>,
    contexts: &BTreeMap<&str, Context>,
    bar: &ProgressBar,
) -> Result<Vec<Document>, Failure> {
    chunk
        .into_par_iter()
        .map(|packed| {
            let record = packed.unpack()?;
            let context = contexts.get(record.id.source()).ok_or_else(|| {
                Failure::new(
                    format!("{} is of no configured source", record.id),
                    "run `rebook pull` again",
                )
            })?;
            bar.inc(1);
            Ok(stages::extract(&record, context))
        })
        .collect()
}

fn problems_of(documents: &[Document]) -> Vec<Problem> {
    let problem = |document: &Document, message: &String| Problem {
        source: document.record.source().to_owned(),
        place: document.record.to_string(),
        message: message.clone(),
        hint: String::new(),
    };
    documents
        .iter()
        .flat_map(|document| {
            document
                .problems
                .iter()
                .map(move |message| problem(document, message))
        })
        .collect()
}

/// What a build makes.
#[derive(Default)]
struct Built {
    /// As fused, before any decision.
    bookings: Vec<Booking>,
    /// Every succeeded charge of the window, in exactly one bucket.
    charges: Vec<Charge>,
    backtest: Option<Backtest>,
    /// What was not learned, what stopped matching; a sentence each.
    warnings: Vec<String>,
}

/// Learns, links, fuses and backtests; writes what was learned beside staging.
fn fuse_everything(
    documents: &[Document],
    baseline: Option<&Baseline>,
    desk: &Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<Built, Failure> {
    let empty = Baseline::default();
    let given = given_mappings(&desk.mappings())?;
    let evidence = Evidence {
        documents,
        baseline: baseline.unwrap_or(&empty),
        window: &desk.config.window,
        business: &desk.config.business,
        target: desk.config.target.as_ref(),
        given: &given,
    };
    let mut steps = Steps::new(screen);
    let rebuilt = rebuild::rebuild(&evidence, &mut |stage| steps.begin(stage));
    for timing in steps.finish(documents.len() as u64) {
        stopwatch.add(timing);
    }
    write_mappings(&desk.mappings(), &rebuilt.mappings, &given)?;
    let backtest = rebuilt.trial.backtest;
    Ok(Built {
        bookings: rebuilt.bookings,
        charges: rebuilt.charges,
        backtest: (backtest.clean > 0).then_some(backtest),
        warnings: rebuilt.warnings,
    })
}

/// Learns and writes mapping files into `desk.mappings()`.
fn learn_everything(
    documents: &[Document],
    baseline: &Baseline,
    desk: &Desk,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<PathBuf>, Failure> {
    let config = &desk.config;
    let learned = stopwatch.time(Stage::Learn, || {
        let learned = learn::learn(documents, baseline, &config.window, &config.business);
        let overlap = learned.overlap as u64;
        Ok((learned, overlap))
    })?;
    let given = given_mappings(&desk.mappings())?;
    write_mappings(&desk.mappings(), &learned.mappings, &given)
}

/// The first line of a file that the program wrote and nobody edited ends with the hash of the rest.
const LEARNED: &str = "# learned ";

/// Mapping files that a person wrote or edited: they win over what is learned.
fn given_mappings(folder: &Path) -> Result<Vec<Mapping>, Failure> {
    let mut given = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(given);
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
    {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, "read", &error))?;
        if !is_learned(&text) {
            let mapping = mapping::parse(&path.display().to_string(), &text).map_err(|error| {
                Failure::usage(
                    error.to_string(),
                    "correct the file, or delete it to have it learned",
                )
            })?;
            given.push(mapping);
        }
    }
    Ok(given)
}

fn is_learned(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else {
        return false;
    };
    first
        .strip_prefix(LEARNED)
        .is_some_and(|hash| hash.trim() == stable_hash(&[rest]))
}

/// Writes what was learned; files that a person edited stay as they are.
fn write_mappings(folder: &Path, mappings: &[Mapping], given: &[Mapping]) -> Result<Vec<PathBuf>, Failure> {
    private::make_folder(folder)?;
    let mut written = Vec::new();
    for mapping in mappings {
        if given.iter().any(|other| other.source == mapping.source) {
            continue;
        }
        let name: String = mapping
            .source
            .chars()
            .map(|char| if char.is_alphanumeric() { char } else { '_' })
            .collect();
        let path = folder.join(format!("{name}.toml"));
        let text = mapping::render(mapping);
        let text = format!("{LEARNED}{}\n{text}", stable_hash(&[&text]));
        private::write_whole(&path, &text)?;
        written.push(path);
    }
    Ok(written)
}

/// Shows and times the stages of a rebuild.
struct Steps<'a> {
    screen: &'a Screen,
    running: Option<(Stage, Instant, ProgressBar)>,
    timings: Vec<(Stage, u64)>,
}

impl<'a> Steps<'a> {
    fn new(screen: &'a Screen) -> Self {
        Self {
            screen,
            running: None,
            timings: Vec::new(),
        }
    }

    fn begin(&mut self, stage: Stage) {
        self.end();
        self.running = Some((stage, Instant::now(), self.screen.spinner(stage.as_str())));
    }

    fn end(&mut self) {
        if let Some((stage, begun, spinner)) = self.running.take() {
            spinner.finish_and_clear();
            let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.timings.push((stage, milliseconds));
        }
    }

    fn finish(mut self, items: u64) -> Vec<Timing> {
        self.end();
        self.timings
            .iter()
            .map(|(stage, milliseconds)| Timing {
                stage: *stage,
                milliseconds: *milliseconds,
                items,
            })
            .collect()
    }
}
