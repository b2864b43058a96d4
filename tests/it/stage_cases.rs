//! Runs `tests/cases/learn`, `tests/cases/link` and `tests/cases/fuse`, on the pure stages.
//!
//! A case adds records to one of the small businesses in `tests/businesses` (`business = "…"` in its `case.toml`), or
//! is a business of its own; `untaught = true` leaves the backup out; `written` says how their files come about. Expected are for learn the mapping of each
//! source, for link which records are about which booking, for fuse the bookings, as `bookings --json` has them.
//! What only the overlap with the backup tells of is left out. `UPDATE=1` writes what came out, for `git diff` to
//! review.

use super::written;
use rayon::prelude::*;
use rebook::config::{Access, Config};
use rebook::extract::{Context, document, forget_own, join_days};
use rebook::learn::{Overlap, family_first};
use rebook::link::{Margins, link, tie};
use rebook::mapping::{Gazetteer, Groups, KeyNumbers, Shape, Told, render};
use rebook::model::{About, Baseline, Bond, Document, Linked, RecordId, Tie};
use rebook::pull::{FileSource, Pulled, read};
use rebook::rebuild::{Evidence, Lens, Recall, rebuild, take_apart, teach};
use rebook::wire::{Clockface, booking_json};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    shows: String,
    business: Option<String>,
    /// There is no backup.
    #[serde(default)]
    untaught: bool,
    /// What people said of which records belong together.
    #[serde(default)]
    tie: Vec<GivenTie>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenTie {
    bond: String,
    records: Vec<String>,
    with: Vec<String>,
    row: Option<String>,
}

/// What the stages are given.
struct Given {
    config: Config,
    baseline: Baseline,
    documents: Vec<Document>,
    /// Calendar entries from before the overlap.
    earlier: Vec<Document>,
    ties: Vec<Tie>,
}

/// File name to text.
type Answer = BTreeMap<String, String>;

#[test]
fn every_case_of_learn_comes_out_as_expected() {
    run_all("tests/cases/learn", mappings);
}

#[test]
fn every_case_of_link_comes_out_as_expected() {
    run_all("tests/cases/link", clusters);
}

#[test]
fn every_case_of_fuse_comes_out_as_expected() {
    run_all("tests/cases/fuse", bookings);
}

fn run_all(stage: &str, answer: fn(&Given) -> Answer) {
    let cases = written::folders(Path::new(stage));
    assert!(!cases.is_empty(), "no case in {stage}");
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|folder| run(folder, answer).err())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

fn run(folder: &Path, answer: fn(&Given) -> Answer) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("case.toml"))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let case: Case = toml::from_str(&text).map_err(|error| format!("{}: {error}", folder.display()))?;
    let found = answer(&given(&case, folder));
    let expected = folder.join("expected");
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(&expected);
        fs::create_dir(&expected).expect("a writable checkout");
        for (name, text) in &found {
            fs::write(expected.join(name), text).expect("a writable checkout");
        }
    }
    let stands: Answer = fs::read_dir(&expected)
        .map_err(|error| format!("{}: {error}", expected.display()))?
        .map(|entry| {
            let entry = entry.expect("a readable folder");
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read_to_string(entry.path()).expect("a text"))
        })
        .collect();
    if found == stands {
        return Ok(());
    }
    let mut message = format!("{}\n{}", folder.display(), case.shows);
    for (title, answer) in [("expected", &stands), ("found", &found)] {
        for (name, text) in answer {
            write!(message, "\n--- {title} {name}\n{text}").expect("a string takes all");
        }
    }
    Err(message)
}

fn given(case: &Case, folder: &Path) -> Given {
    let input = folder.join("in");
    let (business, added) = match &case.business {
        Some(name) => (Path::new("tests/businesses").join(name), Some(input.as_path())),
        None => (input.clone(), None),
    };
    let zone = Config::load(&business.join("rebook.toml"))
        .expect("a configuration")
        .business
        .zone;
    let copy = tempfile::tempdir().expect("a temporary folder");
    written::write(&business, added, zone, copy.path());
    let config = Config::load(&copy.path().join("rebook.toml")).expect("a configuration");
    let target = config.target.as_ref().expect("a target");
    let mut baseline = if case.untaught {
        Baseline::default()
    } else {
        let dump = fs::read(copy.path().join("backup.sql")).expect("a backup");
        rebook::baseline::read(Cursor::new(dump), target, &config.business)
            .expect("a backup that can be read")
    };
    assert!(baseline.problems.is_empty(), "{:?}", baseline.problems);
    let since = config.window.learn_from;
    let is_late = |document: &Document| {
        document.object != "event" || document.last_of_it().is_none_or(|at| at >= since)
    };
    let (mut documents, earlier): (Vec<Document>, Vec<Document>) =
        documents(&config).into_iter().partition(is_late);
    forget_own(&mut documents, &config.senders());
    join_days(&mut documents);
    baseline.write_names(family_first(&documents, &baseline));
    take_apart(&mut documents, &baseline, &config.window, &config.business);
    Given {
        ties: case.tie.iter().map(tie_of).collect(),
        documents,
        earlier,
        baseline,
        config,
    }
}

fn tie_of(given: &GivenTie) -> Tie {
    let records = |names: &[String]| names.iter().cloned().map(RecordId).collect();
    Tie {
        bond: match given.bond.as_str() {
            "together" => Bond::Together,
            "apart" => Bond::Apart,
            other => panic!("a bond is together or apart, not {other}"),
        },
        records: records(&given.records),
        with: records(&given.with),
        row: given.row.clone(),
    }
}

fn documents(config: &Config) -> Vec<Document> {
    let mut documents = Vec::new();
    for source in &config.sources {
        let Access::Files(path) = &source.access else {
            panic!("a case reads files");
        };
        let context = Context {
            business: config.business.clone(),
            tenants: config.tenants.clone(),
            senders: source.senders.clone(),
            authserv: source.authserv.clone(),
        };
        let files = FileSource {
            name: source.name.clone(),
            kind: source.kind,
            path: path.clone(),
        };
        read(&files, &mut |pulled| {
            match pulled {
                Pulled::Record(record) => documents.push(document(&record, &context)),
                Pulled::Problem(problem) => panic!("{}: {}", problem.place, problem.message),
                Pulled::Progress { .. } => {}
            }
            Ok(())
        })
        .expect("files can be read");
    }
    documents.sort_by(|a, b| a.record.cmp(&b.record));
    documents
}

/// `learn`: what each source's mapping says.
fn mappings(given: &Given) -> Answer {
    let learned = teach(
        &given.documents,
        &given.earlier,
        &given.baseline,
        &given.config.window,
        &given.config.business,
    );
    learned
        .mappings
        .iter()
        .map(|mapping| (format!("{}.toml", mapping.source), render(mapping)))
        .collect()
}

/// `link`: the records of each booking that something new is told of, and those of none.
fn clusters(given: &Given) -> Answer {
    let (window, business) = (&given.config.window, &given.config.business);
    let learned = Overlap::new(&given.documents, &given.baseline, window, business)
        .calling(&given.baseline, business)
        .with_earlier(&given.earlier)
        .teach(&given.baseline, window, business, &|_| true);
    let gazetteer = Gazetteer::new(&given.baseline.resources)
        .knowing(&given.documents)
        .trading_as(business, &given.documents)
        .numbered(&given.documents, given.baseline.references())
        .calling(&learned.mappings);
    let references = given.baseline.bookings.iter();
    let references = references.filter_map(|row| row.reference.as_deref());
    let shape = Shape::new(references.clone());
    let groups = Groups::new(references);
    let rows = given.baseline.bookings.iter();
    let keyed = rows.filter_map(|row| Some((row.key.as_str(), row.reference.as_deref()?)));
    let key_numbers = KeyNumbers::learn(&keyed.collect::<Vec<_>>());
    let lens = Lens {
        gazetteer: &gazetteer,
        shape: &shape,
        groups: &groups,
        key_numbers: key_numbers.as_ref(),
        business,
        overlap: None,
    };
    let told = lens.tell(given.documents.par_iter().enumerate(), &learned.mappings);
    let linked = link(&told, &given.baseline, business.zone, Margins::default(), None);
    let linked = tie(linked, &told, &given.baseline, &given.ties);
    BTreeMap::from([("clusters.txt".to_owned(), show(given, &told, &linked))])
}

fn show(given: &Given, told: &[Told<'_>], linked: &Linked) -> String {
    let is_new = |at: &usize| {
        told[*at]
            .document
            .said_at
            .is_some_and(|at| at > given.config.window.backup)
    };
    let mut shown: Vec<String> = Vec::new();
    for cluster in &linked.clusters {
        let possible = cluster.possible.iter().map(|(at, _)| at);
        if !cluster.members.iter().chain(possible).any(is_new) {
            continue;
        }
        let mut text = match cluster.about {
            About::Baseline(at) => format!("row {} of the backup\n", given.baseline.bookings[at].key),
            About::New => "a new booking\n".to_owned(),
        };
        if let Some(reference) = &cluster.reused {
            writeln!(text, "  whose reference {reference} was another's").expect("a string takes all");
        }
        for at in &cluster.members {
            writeln!(text, "  {}", told[*at].document.record).expect("a string takes all");
        }
        for (at, _) in &cluster.possible {
            writeln!(text, "  perhaps {}", told[*at].document.record).expect("a string takes all");
        }
        shown.push(text);
    }
    shown.sort();
    let nobody = (0..told.len()).filter(|at| !told[*at].speaks());
    let mut loose: Vec<usize> = linked
        .loose
        .iter()
        .copied()
        .chain(nobody)
        .filter(is_new)
        .collect();
    loose.sort_unstable();
    if !loose.is_empty() {
        let records: Vec<String> = loose
            .iter()
            .map(|at| format!("  {}\n", told[*at].document.record))
            .collect();
        shown.push(format!("of no booking\n{}", records.concat()));
    }
    shown.join("")
}

/// `fuse`: the bookings.
fn bookings(given: &Given) -> Answer {
    let config = &given.config;
    let evidence = Evidence {
        documents: &given.documents,
        earlier: &given.earlier,
        baseline: &given.baseline,
        window: &config.window,
        business: &config.business,
        target: config.target.as_ref(),
        given: &[],
        recall: &Recall::default(),
    };
    let rebuilt = rebuild(evidence, &given.ties, &mut |_| {});
    let clockface = Clockface {
        business: &config.business,
        date_only: config
            .target
            .as_ref()
            .is_some_and(rebook::model::Target::date_only),
    };
    let bookings: Vec<_> = rebuilt
        .bookings
        .iter()
        .map(|booking| booking_json(booking, clockface))
        .collect();
    let text = serde_json::to_string_pretty(&bookings).expect("plain data has a JSON form");
    BTreeMap::from([("bookings.json".to_owned(), text + "\n")])
}
