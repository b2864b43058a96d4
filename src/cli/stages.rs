//! The seam between the command line and the stages: one thin function for each.

use super::desk::Desk;
use super::failure::Failure;
use crate::baseline::{self, BaselineError, Collector};
use crate::config::{Config, SourceConfig};
use crate::extract;
use crate::mapping::{self, Gazetteer, Mapping, Reader};
use crate::model::{
    Baseline, Booking, BookingId, Decision, Document, FieldName, Record, RecordId, Target, Value,
};
use crate::pull::{self, FileSource, PullError, Pulled};
use crate::review::{self, Terms};
use crate::store::Staging;
use crate::store::sqlite_file::{Event, dump, is_sqlite};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Reads the files of a source into `sink`.
pub(super) fn pull(
    source: &SourceConfig,
    path: &Path,
    sink: &mut dyn FnMut(Pulled) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let files = FileSource {
        name: source.name.clone(),
        kind: source.kind,
        path: path.to_path_buf(),
    };
    let mut failed = None;
    let outcome = pull::read(&files, &mut |pulled| {
        sink(pulled).map_err(|failure| {
            let words = failure.message.clone();
            failed = Some(failure);
            PullError::NotKept(words.into())
        })
    });
    match (outcome, failed) {
        (_, Some(failure)) => Err(failure),
        (Ok(_), None) => Ok(()),
        (Err(error), None) => Err(Failure::new(
            error.to_string(),
            "what was read before is kept; run the command again",
        )),
    }
}

/// Takes a record apart by its published format.
pub(super) fn extract(record: &Record, context: &Context) -> Document {
    extract::document(record, &context.extract)
}

/// A staged record, taken apart; None where it is not staged or cannot be read.
pub(super) fn document(staging: &Staging, config: &Config, id: &RecordId) -> Option<Document> {
    let record = staging.record(id).ok()??;
    Some(extract(&record, &Context::new(config, id.source())))
}

/// The keys that new bookings had before the loss, where all records that tell one tell the same.
pub(super) fn original_ids(
    bookings: &[Booking],
    backup: &Baseline,
    desk: &Desk,
) -> Result<BTreeMap<BookingId, String>, Failure> {
    let mappings = mappings_in(&desk.mappings())?;
    let gazetteer = Gazetteer::new(&backup.resources);
    let readers: BTreeMap<&str, Reader<'_>> = mappings
        .iter()
        .map(|mapping| {
            let reader = Reader::new(mapping, &gazetteer, &desk.config.business);
            (mapping.source.as_str(), reader)
        })
        .collect();
    let mut found = BTreeMap::new();
    for booking in bookings.iter().filter(|booking| booking.baseline_key.is_none()) {
        let mut told = BTreeSet::new();
        for id in &booking.records {
            let Some(reader) = readers.get(id.source()) else {
                continue;
            };
            if let Some(document) = document(&desk.staging, &desk.config, id) {
                let claims = reader.read(&document);
                told.extend(
                    claims
                        .of(FieldName::BookingKey)
                        .filter_map(|claim| match &claim.value {
                            Value::Text(text) => Some(text.trim().to_owned()),
                            _ => None,
                        }),
                );
            }
        }
        if let (Some(only), true) = (told.pop_first(), told.is_empty()) {
            found.insert(booking.id.clone(), only);
        }
    }
    Ok(found)
}

/// Every mapping beside staging, learned or written by hand.
fn mappings_in(folder: &Path) -> Result<Vec<Mapping>, Failure> {
    let mut mappings = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, "read", &error))?;
        let mapping = mapping::parse(&path.display().to_string(), &text).map_err(|error| {
            Failure::usage(
                error.to_string(),
                "correct the file, or delete it to have it learned",
            )
        })?;
        mappings.push(mapping);
    }
    mappings.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(mappings)
}

/// What extraction must know of the business.
pub(super) struct Context {
    extract: extract::Context,
}

impl Context {
    pub fn new(config: &Config, source: &str) -> Self {
        let source = config.sources.iter().find(|found| found.name == source);
        let mut senders = source.map(|source| source.senders.clone()).unwrap_or_default();
        senders.extend(
            config
                .tenants
                .iter()
                .flat_map(|tenant| &tenant.senders)
                .map(|sender| sender.to_lowercase()),
        );
        Self {
            extract: extract::Context {
                business: config.business.clone(),
                tenants: config.tenants.clone(),
                senders,
                authserv: source.and_then(|source| source.authserv.clone()),
            },
        }
    }
}

/// Reads a dump or a SQLite file.
pub(super) fn read_baseline(path: &Path, config: &Config, target: &Target) -> Result<Baseline, Failure> {
    let business = &config.business;
    let file = |error: &std::io::Error| Failure::file(path, "read", error);
    if is_sqlite(path).map_err(|error| file(&error))? {
        let mut collector = Collector::new(target, business, crate::model::Dialect::Sqlite);
        let tables: Vec<String> = crate::model::EntityKind::ALL
            .into_iter()
            .filter_map(|kind| target.entity(kind))
            .map(|entity| entity.table.clone())
            .collect();
        dump::<Failure>(path, &tables, &mut |event| {
            match event {
                Event::Ddl(sql) => collector.ddl(&sql),
                Event::Row {
                    table,
                    columns,
                    values,
                } => collector.row(table, columns, &values),
            }
            Ok(())
        })?;
        return collector
            .finish()
            .map_err(|error| spoiled(&path.display().to_string(), config, &error));
    }
    let input = BufReader::with_capacity(1 << 16, File::open(path).map_err(|error| file(&error))?);
    baseline::read(input, target, business)
        .map_err(|error| spoiled(&path.display().to_string(), config, &error))
}

/// What the dump contradicts is shown in the configuration.
pub(super) fn spoiled(place: &str, config: &Config, error: &BaselineError) -> Failure {
    let (entity, name, hint) = match error {
        BaselineError::NoTable { entity, table, hint } => (*entity, table, hint.as_str()),
        BaselineError::TableAmbiguous { entity, table, .. } => {
            (*entity, table, "write its name with its schema")
        }
        BaselineError::NoColumn {
            entity, column, hint, ..
        } => (*entity, column, hint.as_str()),
        _ => {
            return Failure::usage(
                format!("{place}: {error}"),
                "correct [baseline] or [target] in rebook.toml",
            );
        }
    };
    let message = format!("{place}: {error}");
    let message = message.strip_suffix(&format!("; {hint}")).unwrap_or(&message);
    config.contradicted(entity, name, message, hint).into()
}

/// Applies the decisions that stand.
pub(super) fn apply(
    bookings: Vec<Booking>,
    decisions: &[Decision],
    baseline: Option<&Baseline>,
    desk: &Desk,
) -> Vec<Booking> {
    let terms = Terms::new(&desk.config.business, baseline, desk.date_only());
    review::apply(bookings, decisions, &terms)
}
