//! The seam between the command line and the stages: one thin function for each.

use super::credentials;
use super::desk::Desk;
use super::failure::Failure;
use super::review_shelf::Stand;
use crate::baseline::{self, BaselineError, Collector, Whole, WholeCollector};
use crate::config::{Access, Config, GoogleCredential, ImapCredential, Selection, SourceConfig};
use crate::extract;
use crate::fuse;
use crate::mapping::{self, Gazetteer, Mapping, Reader as Rules};
use crate::model::{
    Baseline, Booking, BookingId, Business, Decision, Document, FieldName, Later, Record, RecordId,
    SourceKind, Target, Value,
};
use crate::pull::live::LiveSource;
use crate::pull::live::google::{Calendars, Credential, GoogleSource};
use crate::pull::live::imap::{self, Imap};
use crate::pull::live::proxy;
use crate::pull::live::retry::Patience;
use crate::pull::live::stripe::{Accounts, StripeSource};
use crate::pull::{self, FileSource, Place, PullError, Pulled};
use crate::review::{self, Backup, Terms};
use crate::store::Staging;
use crate::store::sqlite_file::{Event, dump, is_sqlite};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufRead;
use std::path::Path;

/// How a source is read.
pub(super) enum Reader {
    Files(FileSource),
    Live(Box<dyn LiveSource>),
}

/// The reader of a configured source; nothing is asked of anybody yet.
pub(super) fn reader(source: &SourceConfig, config: &Config) -> Result<Reader, Failure> {
    let name = source.name.clone();
    let window = config.window;
    if !matches!(source.access, Access::Files(_)) {
        proxy::choose(|name| std::env::var(name).ok())
            .map_err(|error| Failure::usage(error.to_string(), error.hint()))?;
    }
    let live: Box<dyn LiveSource> = match &source.access {
        Access::Files(path) => {
            return Ok(Reader::Files(FileSource {
                name,
                kind: source.kind,
                path: path.clone(),
            }));
        }
        Access::Stripe {
            api_key,
            accounts,
            allow_full_key,
            base_url,
        } => Box::new(StripeSource {
            name,
            key: credentials::source(api_key),
            accounts: match accounts {
                Selection::Own => Accounts::Own,
                Selection::All => Accounts::All,
                Selection::Named(names) => Accounts::Named(names.clone()),
            },
            allow_full_key: *allow_full_key,
            base_url: base_url.clone(),
            learn_from: window.learn_from,
            loss: window.loss,
            patience: Patience::default(),
        }),
        Access::GoogleCalendar {
            credential,
            calendars,
            base_url,
        } => Box::new(GoogleSource {
            name,
            credential: match credential {
                GoogleCredential::ServiceAccount { key, subject } => Credential::ServiceAccount {
                    key: key.clone(),
                    subject: subject.clone(),
                },
                GoogleCredential::Login(client) => Credential::Login {
                    client: client.clone(),
                    browser: credentials::browser(),
                    wait: credentials::login_wait(),
                },
                GoogleCredential::Token(token) => Credential::Token(credentials::source(token)),
            },
            calendars: match calendars {
                Selection::Own => Calendars::Own,
                Selection::All => Calendars::All,
                Selection::Named(names) => Calendars::Named(names.clone()),
            },
            base_url: base_url.clone(),
            learn_from: window.learn_from,
            loss: window.loss,
            patience: Patience::default(),
        }),
        Access::Imap {
            url,
            folders,
            credential,
        } => Box::new(mailbox(name, (url, folders, credential), config)?),
    };
    Ok(Reader::Live(live))
}

fn mailbox(
    name: String,
    (url, folders, credential): (&str, &[String], &ImapCredential),
    config: &Config,
) -> Result<Imap, Failure> {
    let credential = match credential {
        ImapCredential::Password(secret) => imap::Credential::Password(credentials::source(secret)),
        ImapCredential::OauthToken(secret) => imap::Credential::OauthToken(credentials::source(secret)),
    };
    let window = (config.window.learn_from, config.window.loss);
    Imap::new(name, url, credential, folders, window)
        .map_err(|error| Failure::usage(error.to_string(), error.hint()))
}

/// Files in a source's folder that plainly hold something else, and are not read for it.
pub(super) fn passed_over(source: &SourceConfig) -> Vec<String> {
    let Access::Files(path) = &source.access else {
        return Vec::new();
    };
    let files = FileSource {
        name: source.name.clone(),
        kind: source.kind,
        path: path.clone(),
    };
    // What cannot be looked at is told by the pull itself.
    files.passed_over().unwrap_or_default()
}

/// Reads the files of a source into `sink`.
pub(super) fn pull(
    files: &FileSource,
    sink: &mut dyn FnMut(Pulled) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut failed = None;
    let outcome = pull::read(files, &mut |pulled| {
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

/// Which of two revisions of one record is the later one.
pub(super) fn later(known: &Record, came: &Record) -> Later {
    pull::later(known, came)
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
    let gazetteer = Gazetteer::new(&backup.resources).calling(&mappings);
    let readers: BTreeMap<&str, Rules<'_>> = mappings
        .iter()
        .map(|mapping| {
            let reader = Rules::new(mapping, &gazetteer, &desk.config.business);
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
    let input = open(path).map_err(|error| file(&error))?;
    baseline::read(input, target, business)
        .map_err(|error| spoiled(&path.display().to_string(), config, &error))
}

/// A dump, packed with gzip or not.
fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    pull::unpacked(Box::new(File::open(path)?))
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

/// Reads a dump or a SQLite file with all its tables.
pub(super) fn read_whole(path: &Path) -> Result<Whole, Failure> {
    let file = |error: &std::io::Error| Failure::file(path, "read", error);
    if is_sqlite(path).map_err(|error| file(&error))? {
        let mut collector = WholeCollector::new(crate::model::Dialect::Sqlite);
        dump::<Failure>(path, &[], &mut |event| {
            if let Event::Ddl(sql) = event {
                collector.ddl(&sql);
            }
            Ok(())
        })?;
        dump::<Failure>(path, &collector.tables(), &mut |event| {
            if let Event::Row {
                table,
                columns,
                values,
            } = event
            {
                collector.row(table, columns, &values);
            }
            Ok(())
        })?;
        return Ok(collector.finish());
    }
    let input = open(path).map_err(|error| file(&error))?;
    let whole = baseline::read_whole(input).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", path.display()),
            "name a plain dump with --backup",
        )
    })?;
    whole.ok_or_else(|| {
        Failure::usage(
            format!("nothing in {} tells which database dumped it", path.display()),
            "name a dump of pg_dump, mysqldump or sqlite3, or a SQLite file, with --backup",
        )
    })
}

/// Tells by content which files hold what.
pub(super) fn sniff(path: &Path) -> Result<Vec<Place>, Failure> {
    pull::sniff(path).map_err(|error| match error {
        PullError::Missing { path, .. } => {
            Failure::usage(format!("nothing is at {}", path.display()), "correct the path")
        }
        other => Failure::new(other.to_string(), "check the path and who may use it"),
    })
}

/// Reads the records of some files and takes them apart, without staging them; also how many places were damaged.
pub(super) fn read_documents(
    kind: SourceKind,
    path: &Path,
    business: Business,
) -> Result<(Vec<Document>, usize), Failure> {
    let source = FileSource {
        name: kind.as_str().to_owned(),
        kind,
        path: path.to_path_buf(),
    };
    let context = extract::Context {
        business,
        tenants: Vec::new(),
        senders: Vec::new(),
        authserv: None,
    };
    let mut records = std::collections::BTreeMap::new();
    let mut problems = 0;
    pull::read(&source, &mut |pulled| {
        match pulled {
            // Of an object that was exported twice, the later file's is kept, as in staging.
            Pulled::Record(record) => {
                records.insert(record.id.clone(), record);
            }
            Pulled::Problem(_) => problems += 1,
            Pulled::Progress { .. } => {}
        }
        Ok(())
    })
    .map_err(|error| Failure::new(error.to_string(), "check the path and who may use it"))?;
    let documents = records
        .values()
        .map(|record| extract::document(record, &context))
        .collect();
    Ok((documents, problems))
}

/// Applies the decisions that stand.
pub(super) fn apply(
    bookings: Vec<Booking>,
    decisions: &[Decision],
    baseline: Option<&Baseline>,
    desk: &Desk,
) -> Vec<Booking> {
    review::apply(bookings, decisions, &terms(desk, baseline))
}

/// What answers are read, checked and applied against.
pub(super) fn terms<'a>(desk: &'a Desk, baseline: Option<&'a Baseline>) -> Terms<'a> {
    let is_exclusive = baseline.is_some_and(fuse::exclusive);
    Terms::new(&desk.config.business, baseline, desk.date_only()).exclusive(is_exclusive)
}

/// The same, with the backup's rows as the last build kept them, each read when it is asked for.
pub(super) fn terms_of<'a>(config: &'a Config, stand: &'a Stand<'_, '_>, is_exclusive: bool) -> Terms<'a> {
    let date_only = config.target.as_ref().is_some_and(Target::date_only);
    let has_backup = config.target.is_some() && config.baseline.is_some();
    let backup = has_backup.then(|| Box::new(stand) as Box<dyn Backup + 'a>);
    Terms::over(&config.business, backup, date_only).exclusive(is_exclusive)
}
