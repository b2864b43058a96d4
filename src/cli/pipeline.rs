//! The stages one after the other: sources → staging → bookings → staging.

use super::desk::{BUILT_FROM, BUILT_WITH, Desk, FAMILY_FIRST, Stopwatch, TIED_WITH, TOTAL_RATIO};
use super::failure::Failure;
use super::pulling::{self, Outcome};
use super::recall::{self, Inputs};
use super::screen::{Screen, Unit};
use super::stages::{self, Context};
use super::{money, private, summary, words};
use crate::config::{Access, Config, SourceConfig};
use crate::extract;
use crate::fuse;
use crate::learn;
use crate::mapping::{self, Mapping};
use crate::model::{
    Baseline, Document, Problem, SourceKind, Stage, State, Summary, Tie, Timing, TotalRatio, stable_hash,
};
use crate::rebuild::{self, Bench, Evidence, Rebuilt, Recall};
use crate::report;
use crate::review::{self, Log};
use crate::store::Packed;
use crate::wire::{self, ChangesAnswer};
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
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
        let others = stages::passed_over(source);
        if !others.is_empty() {
            screen.say(&format!(
                "{}: passed over, since they hold something else: {}",
                source.name,
                words::some_of(&others)
            ));
        }
    }
    stopwatch.time(Stage::Pull, || {
        let outcomes = pulling::pull(desk, &sources, screen)?;
        let total = outcomes.iter().map(|outcome| outcome.count.total()).sum();
        Ok((outcomes, total))
    })
}

/// Makes bookings of what is in staging, keeps them, and says what came out. Where nothing has changed since the last
/// build, its bookings stand.
pub(super) fn build(desk: &mut Desk, screen: &Screen, stopwatch: &mut Stopwatch) -> Result<Summary, Failure> {
    let built_from = desk.staging.last_revision()?;
    let mut inputs = Inputs::of(desk)?;
    let ties = standing_ties(desk)?;
    let is_first = !desk.is_built()?;
    let reused = if desk.staging.fact(recall::MADE_OF)? == Some(inputs.print(&ties)) {
        stand(desk, built_from)?;
        vec![
            Stage::Extract,
            Stage::Learn,
            Stage::Link,
            Stage::Backtest,
            Stage::Fuse,
        ]
    } else {
        build_anew(desk, screen, stopwatch, &mut inputs, &ties, built_from)?
    };
    let new = self::changes(desk)?.map(|changes| changes.records);
    Ok(Summary {
        new_records: new.filter(|_| !is_first),
        reused,
        ..last_summary(desk)?
    })
}

/// Notes that the last build is that of all that is there now.
fn stand(desk: &mut Desk, built_from: i64) -> Result<(), Failure> {
    head(desk)?;
    let changes = ChangesAnswer {
        since: self::changes(desk)?.map(|changes| changes.at),
        at: desk.timestamp(),
        ..ChangesAnswer::default()
    };
    desk.staging.set_fact(BUILT_FROM, &built_from.to_string())?;
    desk.staging.set_fact(CHANGES, &changes.encode())?;
    Ok(())
}

/// Builds, and says which stages' results are those of the last build.
fn build_anew(
    desk: &mut Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
    inputs: &mut Inputs,
    ties: &[Tie],
    built_from: i64,
) -> Result<Vec<Stage>, Failure> {
    let mut baseline = read_baseline(desk, screen, stopwatch)?;
    let (mut documents, earlier) = extract(desk, screen, stopwatch)?;
    match &mut baseline {
        Some(baseline) => prepare(&mut documents, baseline, desk)?,
        None => rebuild::take_apart(
            &mut documents,
            &Baseline::default(),
            &desk.config.window,
            &desk.config.business,
        ),
    }
    let given = given_mappings(&desk.mappings())?;
    let (config, empty) = (desk.config.clone(), Baseline::default());
    let baseline_or_none = baseline.as_ref().unwrap_or(&empty);
    let recall = recall::read(desk)?;
    let evidence = evidence_of((&documents, &earlier), baseline_or_none, &config, &given, &recall);
    let mut steps = Steps::new(screen);
    let bench = Bench::new(evidence, &mut |stage| steps.begin(stage));
    steps.begin(Stage::Fuse);
    let rebuilt = bench.fuse(ties);
    for timing in steps.finish(documents.len() as u64) {
        stopwatch.add(timing);
    }
    for (path, text) in write_mappings(&desk.mappings(), &rebuilt.mappings, &given)? {
        inputs.wrote(path, text);
    }
    let (recall, reused) = bench.recall();
    let made_of = MadeOf {
        inputs,
        recall,
        ties,
        built_from,
    };
    keep_built(desk, rebuilt, &documents, baseline.as_ref(), &made_of)?;
    let stages = [(Stage::Learn, reused.learned), (Stage::Backtest, reused.trial)];
    let reused = stages.into_iter().filter(|(_, reused)| *reused);
    Ok(reused.map(|(stage, _)| stage).collect())
}

/// What a build was made of, and what it leaves to the next.
struct MadeOf<'a> {
    inputs: &'a Inputs,
    recall: &'a Recall,
    ties: &'a [Tie],
    built_from: i64,
}

fn evidence_of<'a>(
    (documents, earlier): (&'a [Document], &'a [Document]),
    baseline: &'a Baseline,
    config: &'a Config,
    given: &'a [Mapping],
    recall: &'a Recall,
) -> Evidence<'a> {
    Evidence {
        documents,
        earlier,
        baseline,
        window: &config.window,
        business: &config.business,
        target: config.target.as_ref(),
        given,
        recall,
    }
}

/// Keeps what a build made, with what only it knows.
fn keep_built(
    desk: &mut Desk,
    rebuilt: Rebuilt,
    documents: &[Document],
    baseline: Option<&Baseline>,
    made_of: &MadeOf<'_>,
) -> Result<(), Failure> {
    let built_from = made_of.built_from;
    // What is wrong with the backup is wrong with everything that was learned from it: said first.
    let of_backup = baseline.iter().flat_map(|baseline| &baseline.problems);
    let mut warnings: Vec<String> = of_backup
        .map(|problem| format!("the backup: {problem}"))
        .collect();
    warnings.extend(baseline.and_then(|baseline| baseline.total_ratio).map(|ratio| {
        format!(
            "records state prices {} what the backup keeps as totals: shown as they are stated, exported as they are kept",
            ratio.words()
        )
    }));
    warnings.extend(rebuilt.warnings);
    let backtest = rebuilt.trial.backtest;
    let kept = Summary {
        records: documents.len() as u64,
        backtest: (backtest.clean > 0).then_some(backtest),
        warnings,
        ..Summary::default()
    };
    let exclusive = baseline.is_some_and(fuse::exclusive);
    let facts = [
        (BUILT_WITH, desk.config.hash.clone()),
        (BUILT_FROM, built_from.to_string()),
        (EXCLUSIVE, exclusive.to_string()),
        (TIED_WITH, wire::encode_ties(made_of.ties)),
        (recall::MADE_OF, made_of.inputs.print(made_of.ties)),
        (recall::RECALL, recall::encode(made_of.recall)),
        (SUMMARY, wire::encode_summary(&kept)),
    ];
    let (backup, zone) = (desk.config.window.backup, desk.config.business.zone);
    let standing = baseline.map_or_else(Vec::new, |baseline| {
        report::standing(baseline, &rebuilt.bookings, backup, zone)
    });
    let before = desk.staging.outline()?;
    let known = desk
        .staging
        .fact(BUILT_FROM)?
        .and_then(|text| text.parse::<i64>().ok());
    let last = self::changes(desk)?.map(|changes| changes.at);
    desk.staging.put_build(
        &rebuilt.bookings,
        &standing,
        &rebuilt.charges,
        &problems_of(documents),
        &facts,
    )?;
    let generation = desk.staging.generation()?;
    desk.staging
        .put_headings(&review::headings(&rebuilt.bookings), baseline, generation)?;
    let after = desk.staging.outline()?;
    let changes = ChangesAnswer {
        since: last,
        at: desk.timestamp(),
        records: u64::try_from(built_from - known.unwrap_or(0)).unwrap_or(0),
        ..compared(&before, &after)
    };
    desk.staging.set_fact(CHANGES, &changes.encode())?;
    Ok(())
}

/// Writes what a review begins with, where the last build did not: an older rebook made it, or it was killed.
pub(super) fn head(desk: &mut Desk) -> Result<(), Failure> {
    if desk.staging.is_headed()? {
        return Ok(());
    }
    let generation = desk.staging.generation()?;
    let (bookings, baseline) = (desk.staging.bookings()?, desk.baseline()?);
    desk.staging
        .put_headings(&review::headings(&bookings), baseline.as_ref(), generation)?;
    Ok(())
}

fn standing_ties(desk: &Desk) -> Result<Vec<Tie>, Failure> {
    let log = Log::new(desk.staging.decisions()?);
    Ok(log.ties().into_iter().cloned().collect())
}

/// The records as they were taken apart and weighed, so that bookings can be fused again while somebody decides.
/// It is made when it is first needed: most sittings need none.
#[derive(Default)]
pub(super) struct Workshop {
    tools: OnceCell<Tools>,
}

struct Tools {
    config: Config,
    given: Vec<Mapping>,
    baseline: Option<Baseline>,
    /// Stands in where there is no backup.
    empty: Baseline,
    /// What the documents were made of, and the last revision of staging that they know.
    inputs: Inputs,
    recall: Recall,
    built_from: i64,
    documents: Vec<Document>,
    /// Calendar entries from before the overlap.
    earlier: Vec<Document>,
}

/// The bench of a workshop, made once.
pub(super) type Workbench<'w> = OnceCell<Bench<'w>>;

impl Workshop {
    /// Fuses everything with the ties that stand by now, and keeps it: as a build would.
    pub fn fuse<'w>(
        &'w self,
        bench: &Workbench<'w>,
        desk: &mut Desk,
        screen: &Screen,
    ) -> Result<(), Failure> {
        let tools = if let Some(tools) = self.tools.get() {
            tools
        } else {
            let tools = Tools::lay_out(desk, screen)?;
            self.tools.get_or_init(|| tools)
        };
        let bench = bench.get_or_init(|| {
            let baseline = tools.baseline.as_ref().unwrap_or(&tools.empty);
            let documents = (tools.documents.as_slice(), tools.earlier.as_slice());
            let evidence = evidence_of(documents, baseline, &tools.config, &tools.given, &tools.recall);
            Bench::new(evidence, &mut |_| {})
        });
        let ties = standing_ties(desk)?;
        let rebuilt = bench.fuse(&ties);
        let made_of = MadeOf {
            inputs: &tools.inputs,
            recall: bench.recall().0,
            ties: &ties,
            built_from: tools.built_from,
        };
        keep_built(desk, rebuilt, &tools.documents, tools.baseline.as_ref(), &made_of)
    }
}

impl Tools {
    fn lay_out(desk: &mut Desk, screen: &Screen) -> Result<Self, Failure> {
        let built_from = desk.staging.last_revision()?;
        let inputs = Inputs::of(desk)?;
        let mut baseline = desk.backup()?;
        let (mut documents, earlier) = extract(desk, screen, &mut Stopwatch::default())?;
        match &mut baseline {
            Some(baseline) => prepare(&mut documents, baseline, desk)?,
            None => rebuild::take_apart(
                &mut documents,
                &Baseline::default(),
                &desk.config.window,
                &desk.config.business,
            ),
        }
        Ok(Self {
            config: desk.config.clone(),
            given: given_mappings(&desk.mappings())?,
            baseline,
            empty: Baseline::default(),
            recall: recall::read(desk)?,
            inputs,
            built_from,
            documents,
            earlier,
        })
    }
}

/// What is known of records only with the backup at hand.
fn prepare(documents: &mut Vec<Document>, baseline: &mut Baseline, desk: &mut Desk) -> Result<(), Failure> {
    trust_servers(documents, baseline, desk);
    let customer = desk
        .config
        .target
        .as_ref()
        .and_then(|target| target.customer.as_ref());
    if customer.is_some_and(|entity| entity.has("first_name") && !entity.has("name")) {
        let family_first = learn::family_first(documents, baseline);
        baseline.write_names(family_first);
        desk.staging.set_fact(FAMILY_FIRST, &family_first.to_string())?;
    }
    let (business, window) = (&desk.config.business, &desk.config.window);
    let ratio = learn::total_ratio(documents, baseline, business, window);
    let parts = ratio.map_or(0, TotalRatio::parts);
    desk.staging.set_fact(TOTAL_RATIO, &parts.to_string())?;
    if let Some(ratio) = ratio {
        baseline.state_totals(ratio);
    }
    rebuild::take_apart(documents, baseline, window, business);
    Ok(())
}

/// Where no mail server is named in the configuration, the one on most mails that match the backup counts.
fn trust_servers(documents: &mut [Document], baseline: &Baseline, desk: &Desk) {
    let addresses = baseline.customers.iter().filter_map(|row| row.email.as_deref());
    let customers: BTreeSet<String> = addresses.map(str::to_lowercase).collect();
    let mail = desk
        .config
        .sources
        .iter()
        .filter(|source| source.kind == SourceKind::Mail);
    for source in mail.filter(|source| source.authserv.is_none()) {
        extract::trust_the_usual(documents, &source.name, &customers, desk.config.window.backup);
    }
}

/// What the last build amounted to.
fn kept_summary(desk: &Desk) -> Result<Summary, Failure> {
    let kept = desk.staging.fact(SUMMARY)?;
    Ok(kept
        .and_then(|text| wire::decode_summary(&text))
        .unwrap_or_default())
}

/// How far the last build is to be trusted, in one sentence.
pub(super) fn last_trust(desk: &Desk) -> Result<String, Failure> {
    Ok(summary::trust(kept_summary(desk)?.backtest.as_ref()))
}

/// What the last build and the decisions since amount to.
pub(super) fn last_summary(desk: &Desk) -> Result<Summary, Failure> {
    let kept = kept_summary(desk)?;
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

/// How the last build differs from the one before.
pub(super) fn changes(desk: &Desk) -> Result<Option<ChangesAnswer>, Failure> {
    let kept = desk.staging.fact(CHANGES)?;
    Ok(kept.and_then(|text| ChangesAnswer::decode(&text)))
}

/// The fact that holds them.
const CHANGES: &str = "changes";

/// Counts what differs between two outlines of bookings: id to state and values.
fn compared(
    before: &BTreeMap<String, (String, String)>,
    after: &BTreeMap<String, (String, String)>,
) -> ChangesAnswer {
    let mut changes = ChangesAnswer {
        gone: before.keys().filter(|id| !after.contains_key(*id)).count() as u64,
        ..ChangesAnswer::default()
    };
    for (id, (state, values)) in after {
        match before.get(id) {
            None => changes.new += 1,
            Some((state_before, values_before)) => {
                changes.changed += u64::from(values != values_before);
                if state != state_before {
                    let is_open = state == State::Flagged.as_str();
                    *if is_open {
                        &mut changes.opened
                    } else {
                        &mut changes.closed
                    } += 1;
                }
            }
        }
    }
    changes
}

/// Builds where more was received than the last build knows of, or nothing was built yet.
pub(super) fn catch_up(desk: &mut Desk, screen: &Screen) -> Result<(), Failure> {
    if !desk.is_behind()? {
        return Ok(());
    }
    if desk.staging.last_revision()? == 0 {
        return Err(Failure::new(
            "nothing was read yet",
            format!("run `rebook pull{}`, of one source at least", desk.flags),
        ));
    }
    screen.say("More was read than was built: building first.");
    let run = desk
        .staging
        .begin_run("build", super::VERSION, &desk.timestamp())?;
    let mut stopwatch = Stopwatch::default();
    build(desk, screen, &mut stopwatch)?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    Ok(())
}

/// The fact that says whether the backup shows that one thing is never booked twice at one time.
pub(super) const EXCLUSIVE: &str = "exclusive";

/// The fact that holds what only a build knows.
const SUMMARY: &str = "summary";

/// Learns from the overlap, or without a backup from the agreement of the sources, and writes the mapping files beside staging.
pub(super) fn learn(
    desk: &mut Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<PathBuf>, Failure> {
    let mut baseline = read_baseline(desk, screen, stopwatch)?.unwrap_or_default();
    let (mut documents, earlier) = extract(desk, screen, stopwatch)?;
    prepare(&mut documents, &mut baseline, desk)?;
    learn_everything((&documents, &earlier), &baseline, desk, stopwatch)
}

fn read_baseline(
    desk: &Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<Option<Baseline>, Failure> {
    let spinner = screen.spinner("baseline");
    let baseline = stopwatch.time(Stage::Baseline, || {
        let baseline = desk.backup()?;
        let rows = baseline.as_ref().map_or(0, |baseline| baseline.bookings.len());
        Ok((baseline, rows as u64))
    });
    spinner.finish_and_clear();
    baseline
}

/// Takes every record apart, over all cores. Calendar entries from before the overlap are given apart.
pub(super) fn extract(
    desk: &Desk,
    screen: &Screen,
    stopwatch: &mut Stopwatch,
) -> Result<(Vec<Document>, Vec<Document>), Failure> {
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
        extract::complete_dates(&mut documents);
        extract::leave_over_dates(&mut documents);
        let since = desk.config.window.learn_from;
        let is_late = |document: &Document| document.last_of_it().is_none_or(|at| at >= since);
        let (mut documents, mut earlier): (Vec<Document>, Vec<Document>) =
            documents.into_iter().partition(is_late);
        earlier.retain(|document| document.object == "event");
        extract::forget_own(&mut documents, &desk.config.senders());
        extract::join_days(&mut documents);
        let count = documents.len() as u64;
        Ok(((documents, earlier), count))
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

/// Learns and writes mapping files into `desk.mappings()`.
fn learn_everything(
    (documents, earlier): (&[Document], &[Document]),
    baseline: &Baseline,
    desk: &Desk,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<PathBuf>, Failure> {
    let config = &desk.config;
    let learned = stopwatch.time(Stage::Learn, || {
        let learned = rebuild::teach(documents, earlier, baseline, &config.window, &config.business);
        let overlap = learned.overlap as u64;
        Ok((learned, overlap))
    })?;
    let given = given_mappings(&desk.mappings())?;
    let written = write_mappings(&desk.mappings(), &learned.mappings, &given)?;
    Ok(written.into_iter().map(|(path, _)| path).collect())
}

/// The first line of a file that the program wrote and nobody edited ends with the hash of the rest.
const LEARNED: &str = "# learned ";

/// Mapping files that a person wrote or edited: they win over what is learned.
fn given_mappings(folder: &Path) -> Result<Vec<Mapping>, Failure> {
    let all = read_mappings(folder, false)?;
    Ok(all.into_iter().map(|(mapping, _)| mapping).collect())
}

/// All mapping files, each with whether a person wrote or edited it.
pub(super) fn all_mappings(folder: &Path) -> Result<Vec<(Mapping, bool)>, Failure> {
    read_mappings(folder, true)
}

fn read_mappings(folder: &Path, with_learned: bool) -> Result<Vec<(Mapping, bool)>, Failure> {
    let mut read = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(read);
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
    {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, "read", &error))?;
        let is_learned = is_learned(&text);
        if with_learned || !is_learned {
            let mapping = mapping::parse(&path.display().to_string(), &text).map_err(|error| {
                Failure::usage(
                    error.to_string(),
                    "correct the file, or delete it to have it learned",
                )
            })?;
            read.push((mapping, !is_learned));
        }
    }
    Ok(read)
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
fn write_mappings(
    folder: &Path,
    mappings: &[Mapping],
    given: &[Mapping],
) -> Result<Vec<(PathBuf, String)>, Failure> {
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
        written.push((path, text));
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
