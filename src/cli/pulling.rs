//! Reads several sources at once into staging.
//!
//! Each source runs on a thread of its own and sends what it reads; this thread alone writes to staging. What
//! waits to be written is bounded, so a source that is faster than the disk waits. A source that fails does not
//! stop the others.

use super::desk::{Clock, Desk};
use super::failure::Failure;
use super::screen::{Bars, Screen, Unit};
use super::stages::{self, Reader};
use super::words::count_of;
use crate::config::SourceConfig;
use crate::model::{Memory, Page, Problem, Record, RecordId};
use crate::pull::live::{LiveError, LiveSource, Permit, Post};
use crate::pull::{FileSource, Pulled};
use crate::store::{PullId, PutCount, Staging};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use indicatif::ProgressBar;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Records of one transaction. Large enough that commits cost little, small enough that a kill loses little.
const BATCH_RECORDS: usize = 2_000;
const BATCH_BYTES: usize = 16 << 20;
/// Letters that may wait to be written.
const LETTERS_WAITING: usize = 4;
/// A pull that was cut short longer ago is begun anew: what it read may have changed since.
const RESUMED_HOURS: i64 = 24;

/// How the pull of one source ended.
pub(super) struct Outcome {
    pub source: String,
    pub count: PutCount,
    /// Why it was not read to its end.
    pub failure: Option<Failure>,
}

/// Says of each source that was not read to its end why, and what that means for the whole.
pub(super) fn failure(outcomes: Vec<Outcome>, screen: &Screen) -> Option<Failure> {
    let total = outcomes.len();
    let failed: Vec<(String, Failure)> = outcomes
        .into_iter()
        .filter_map(|outcome| Some((outcome.source, outcome.failure?)))
        .collect();
    let names: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(", ");
    if total == 1 {
        return failed.into_iter().next().map(|(_, failure)| failure);
    }
    for (_, failure) in &failed {
        screen.fail(failure);
    }
    (!failed.is_empty()).then(|| {
        Failure::new(
            format!(
                "{} of {total} sources were not read to their end: {names}",
                failed.len()
            ),
            "what they would tell is missing; run the command again, it goes on where it stopped",
        )
    })
}

/// What a source's thread sends: the index of the source, and what.
struct Letter {
    source: usize,
    what: What,
}

enum What {
    Records(Vec<Record>),
    Page(Page),
    Progress {
        done: u64,
        total: u64,
    },
    Expect(u64),
    Estimate(u64),
    /// The last letter: what could not be read in passing, or why it ended early.
    Done(Result<Vec<Problem>, Failure>),
}

/// Reads all of `sources`; an error means that nothing can be kept, not that a source failed.
pub(super) fn pull(
    desk: &mut Desk,
    sources: &[SourceConfig],
    screen: &Screen,
) -> Result<Vec<Outcome>, Failure> {
    let readers = sources
        .iter()
        .map(|source| stages::reader(source, &desk.config))
        .collect::<Result<Vec<_>, Failure>>()?;
    let mut intakes = begin(desk, sources, &readers, screen)?;
    let cancelled = AtomicBool::new(false);
    let clock = desk.clock;
    let kept = thread::scope(|scope| {
        let (sender, letters) = sync_channel(LETTERS_WAITING);
        for (index, (reader, intake)) in readers.iter().zip(&mut intakes).enumerate() {
            let outbox = Outbox {
                source: index,
                sender: sender.clone(),
                cancelled: &cancelled,
                clock,
                seed: AtomicU64::new(RandomState::new().hash_one(index)),
            };
            let memory = std::mem::take(&mut intake.memory);
            scope.spawn(move || {
                let done = outbox.read(reader, &memory);
                let _ = outbox.send(What::Done(done));
            });
        }
        drop(sender);
        let kept = receive(desk, sources, &letters, &mut intakes);
        // On an error nobody listens any more: the threads find out when they send, or ask.
        cancelled.store(true, Ordering::Relaxed);
        drop(letters);
        kept
    });
    kept?;
    intakes
        .into_iter()
        .zip(sources)
        .map(|(intake, source)| intake.finish(desk, source))
        .collect()
}

/// What is known of one source while it is read.
struct Intake {
    /// None: files, which have no cursor.
    pull: Option<PullId>,
    memory: Memory,
    /// Files, of a source whose server was asked before.
    was_live: bool,
    /// Of which nobody can tell whether the files or the server told them last.
    untold: Vec<RecordId>,
    bar: ProgressBar,
    count: PutCount,
    /// None until its thread has ended.
    done: Option<Result<Vec<Problem>, Failure>>,
}

fn begin(
    desk: &mut Desk,
    sources: &[SourceConfig],
    readers: &[Reader],
    screen: &Screen,
) -> Result<Vec<Intake>, Failure> {
    let now = desk.clock.now();
    let oldest = timestamp(now - TimeDelta::hours(RESUMED_HOURS));
    let bars = Bars::new(screen);
    let mut intakes = Vec::new();
    for (source, reader) in sources.iter().zip(readers) {
        let (pull, memory, unit) = match reader {
            Reader::Files(_) => (None, Memory::default(), Unit::Bytes),
            Reader::Live(live) => {
                let (pull, memory) = desk.staging.begin_pull(
                    &source.name,
                    source.kind,
                    &live.asked(),
                    &timestamp(now),
                    &oldest,
                )?;
                (Some(pull), memory, Unit::Items)
            }
        };
        let bar = bars.add(&source.name, unit);
        bar.inc(memory.parts.iter().map(|part| part.objects).sum());
        intakes.push(Intake {
            was_live: pull.is_none() && desk.staging.was_read_live(&source.name)?,
            untold: Vec::new(),
            pull,
            memory,
            bar,
            count: PutCount::default(),
            done: None,
        });
    }
    Ok(intakes)
}

fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Keeps what is sent until every thread has ended. Pages of one source that wait already are kept in one
/// transaction: still each with its cursor, at fewer commits.
fn receive(
    desk: &mut Desk,
    sources: &[SourceConfig],
    letters: &Receiver<Letter>,
    intakes: &mut [Intake],
) -> Result<(), Failure> {
    let mut pending = None;
    while let Some(letter) = pending.take().or_else(|| letters.recv().ok()) {
        let source = letter.source;
        let What::Page(page) = letter.what else {
            take(
                &mut desk.staging,
                &sources[source],
                &mut intakes[source],
                letter.what,
            )?;
            continue;
        };
        let mut pages = vec![page];
        while !is_full(&pages) {
            match letters.try_recv() {
                Ok(Letter {
                    source: same,
                    what: What::Page(page),
                }) if same == source => pages.push(page),
                Ok(other) => {
                    pending = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        keep_pages(&mut desk.staging, &sources[source], &mut intakes[source], &pages)?;
    }
    Ok(())
}

fn is_full(pages: &[Page]) -> bool {
    let records = || pages.iter().flat_map(|page| &page.records);
    records().count() >= BATCH_RECORDS
        || records().map(|record| record.bytes.len()).sum::<usize>() >= BATCH_BYTES
}

fn keep_pages(
    staging: &mut Staging,
    source: &SourceConfig,
    intake: &mut Intake,
    pages: &[Page],
) -> Result<(), Failure> {
    let Some(pull) = intake.pull else {
        return Ok(());
    };
    intake.count += staging.put_pages(&source.name, pull, pages)?;
    let records: usize = pages.iter().map(|page| page.records.len()).sum();
    intake.bar.inc(records as u64);
    Ok(())
}

fn take(
    staging: &mut Staging,
    source: &SourceConfig,
    intake: &mut Intake,
    what: What,
) -> Result<(), Failure> {
    match what {
        What::Records(records) if intake.was_live => {
            let (count, untold) =
                staging.put_exported(&source.name, source.kind, &records, &stages::later)?;
            intake.count += count;
            intake.untold.extend(untold);
        }
        What::Records(records) => {
            intake.count += staging.put_records(&source.name, source.kind, &records, None)?;
        }
        What::Page(page) => keep_pages(staging, source, intake, &[page])?,
        What::Progress { done, total } => {
            intake.bar.set_length(total);
            intake.bar.set_position(done);
        }
        What::Expect(records) => intake.bar.inc_length(records),
        What::Estimate(records) => intake.bar.set_length(records),
        What::Done(done) => {
            intake.bar.finish_and_clear();
            intake.done = Some(done);
        }
    }
    Ok(())
}

impl Intake {
    /// Notes how the pull of a source ended.
    fn finish(self, desk: &mut Desk, source: &SourceConfig) -> Result<Outcome, Failure> {
        let at = desk.timestamp();
        let done = self.done.unwrap_or_else(|| {
            Err(Failure::new(
                format!("reading {} broke off", source.name),
                "this is a fault of rebook; what was read before is kept, run the command again",
            ))
        });
        match (self.pull, &done) {
            (Some(pull), done) => {
                let failure = done.as_ref().err().map(|failure| failure.message.as_str());
                desk.staging.end_pull(pull, &at, failure)?;
            }
            (None, Ok(problems)) => {
                let mut problems = problems.clone();
                problems.extend(untold(&source.name, &self.untold));
                desk.staging
                    .finish_files(&source.name, source.kind, &problems, &at)?;
            }
            (None, Err(_)) => {}
        }
        Ok(Outcome {
            source: source.name.clone(),
            count: self.count,
            failure: done.err(),
        })
    }
}

/// Says that files and the server contradict each other.
fn untold(source: &str, ids: &[RecordId]) -> Option<Problem> {
    let first = ids.first()?;
    Some(Problem {
        source: source.to_owned(),
        place: first.to_string(),
        message: format!(
            "{} than the server told them, and nothing says which is later; the first is {first}",
            count_of(
                ids.len() as u64,
                "record stands otherwise in the files",
                "records stand otherwise in the files"
            )
        ),
        hint: "the files' word is taken, as it came last; pull from the server once more to have its word"
            .to_owned(),
    })
}

/// The sending side of one source's thread.
struct Outbox<'a> {
    source: usize,
    sender: SyncSender<Letter>,
    cancelled: &'a AtomicBool,
    clock: Clock,
    seed: AtomicU64,
}

/// Asks a source what its credential may do.
pub(super) fn check(live: &dyn LiveSource, clock: Clock) -> Result<Permit, LiveError> {
    // Nothing is sent: a check reads no record.
    let (sender, _letters) = sync_channel(1);
    live.check(&Outbox {
        source: 0,
        sender,
        cancelled: &AtomicBool::new(false),
        clock,
        seed: AtomicU64::new(clock.now().timestamp_micros() as u64),
    })
}

/// Nobody takes letters any more.
struct Unheard;

impl From<Unheard> for Failure {
    fn from(_: Unheard) -> Self {
        Self::new("given up", "what was read before is kept; run the command again")
    }
}

impl Outbox<'_> {
    fn send(&self, what: What) -> Result<(), Unheard> {
        let letter = Letter {
            source: self.source,
            what,
        };
        self.sender.send(letter).map_err(|_| Unheard)
    }

    fn read(&self, reader: &Reader, memory: &Memory) -> Result<Vec<Problem>, Failure> {
        match reader {
            Reader::Files(files) => self.read_files(files),
            Reader::Live(live) => live
                .pull(memory, self)
                .map(|()| Vec::new())
                .map_err(|error| Failure::new(error.to_string(), error.hint())),
        }
    }

    fn read_files(&self, files: &FileSource) -> Result<Vec<Problem>, Failure> {
        let mut problems = Vec::new();
        let mut batch = Vec::new();
        let mut bytes = 0;
        stages::pull(files, &mut |pulled| {
            match pulled {
                Pulled::Record(record) => {
                    bytes += record.bytes.len();
                    batch.push(record);
                    if batch.len() >= BATCH_RECORDS || bytes >= BATCH_BYTES {
                        bytes = 0;
                        self.send(What::Records(std::mem::take(&mut batch)))?;
                    }
                }
                Pulled::Problem(problem) => problems.push(problem),
                Pulled::Progress {
                    bytes_done,
                    bytes_total,
                } => self.send(What::Progress {
                    done: bytes_done,
                    total: bytes_total,
                })?,
            }
            Ok(())
        })?;
        self.send(What::Records(batch))?;
        Ok(problems)
    }
}

impl Post for Outbox<'_> {
    fn keep(&self, page: Page) -> Result<(), LiveError> {
        self.send(What::Page(page))
            .map_err(|Unheard| LiveError::Cancelled)
    }

    fn expect(&self, records: u64) {
        // Unheard is found out by the next page.
        let _ = self.send(What::Expect(records));
    }

    fn estimate(&self, records: u64) {
        let _ = self.send(What::Estimate(records));
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Source: the SplitMix64 generator (Steele, Lea and Flood, 2014).
    fn chance(&self) -> f64 {
        let step = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.seed.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}
