//! `rebook init`: looks at the files and drafts a commented rebook.toml.

use super::Global;
use super::failure::{Done, Failure};
use super::screen::{self, Screen};
use super::stages;
use crate::config::Config;
use crate::init::{self, Given, Input, SourceAt};
use crate::model::{Business, Currency, Document, SourceKind};
use crate::pull::{Content, Place};
use crate::wire;
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

const FILE: &str = "rebook.toml";

/// Draft a rebook.toml out of the files.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A folder with all files; each is told by its content.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The last good backup: a plain SQL dump, perhaps packed with gzip, or a SQLite file.
    #[arg(long, value_name = "FILE")]
    backup: Option<PathBuf>,
    /// What was exported from Stripe.
    #[arg(long, value_name = "DIR")]
    stripe: Option<PathBuf>,
    /// What was exported from the calendars.
    #[arg(long, value_name = "DIR")]
    calendar: Option<PathBuf>,
    /// The mails: mbox, Maildir, .eml, or an archive of them.
    #[arg(long, value_name = "DIR")]
    mail: Option<PathBuf>,
    /// Where rebook.toml is written. Default: FOLDER, or here.
    #[arg(long, value_name = "OUT")]
    dir: Option<PathBuf>,
    /// What the business is called.
    #[arg(long)]
    name: Option<String>,
    /// Its time zone, as Europe/Paris.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Its country, in two letters.
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Its currency, in three letters.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// When to begin learning, as 2026-01-24T20:03:00Z. Default: where the sources begin.
    #[arg(long, value_name = "TIME")]
    learn_from: Option<String>,
    /// When the backup was made. Default: the last change in it.
    #[arg(long, value_name = "TIME")]
    backup_time: Option<String>,
    /// When the data was lost. Default: where the sources end.
    #[arg(long, value_name = "TIME")]
    loss: Option<String>,
    /// An address that speaks for the business; may be given again.
    #[arg(long = "sender", value_name = "ADDRESS")]
    senders: Vec<String>,
    /// Ask nothing; what cannot be told is marked TODO.
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Done, Failure> {
    let here = PathBuf::from(".");
    let out = arguments
        .dir
        .as_ref()
        .or(arguments.folder.as_ref())
        .unwrap_or(&here);
    let file = out.join(FILE);
    if file.exists() {
        return Err(Failure::usage(
            format!("{} exists, and is not overwritten", file.display()),
            "name another folder with --dir, or move the file away",
        ));
    }
    let places = places(arguments)?;
    let backup_at = backup_of(&places)?;
    let sources: Vec<(SourceKind, &Place)> = places
        .iter()
        .filter_map(|place| match place.content {
            Content::Records(kind) => Some((kind, place)),
            Content::Backup | Content::Unknown => None,
        })
        .collect();
    if sources.is_empty() {
        return Err(Failure::usage(
            "no charge, no calendar and no mail was found",
            "name a folder with the exports, or --stripe, --calendar and --mail",
        ));
    }
    let mut zones: BTreeMap<String, usize> = BTreeMap::new();
    for (zone, pages) in sources.iter().flat_map(|(_, place)| &place.zones) {
        *zones.entry(zone.clone()).or_default() += pages;
    }
    let spinner = screen.spinner("reading");
    let whole = backup_at.as_deref().map(stages::read_whole).transpose()?;
    let mut documents = Vec::new();
    for (kind, place) in &sources {
        documents.extend(read(*kind, place, zones.keys().next(), screen)?);
    }
    spinner.finish_and_clear();
    let named: Vec<SourceAt> = sources
        .iter()
        .map(|(kind, place)| SourceAt {
            kind: *kind,
            path: from(out, &place.path),
            is_mixed: place.is_mixed,
        })
        .collect();
    let backup_path = backup_at
        .as_deref()
        .map(|path| from(out, path))
        .unwrap_or_default();
    let mut given = given(arguments);
    let draw = |given: &Given| {
        init::draft(&Input {
            given,
            backup: whole.as_ref(),
            backup_path: &backup_path,
            sources: &named,
            documents: &documents,
            zones: &zones,
        })
    };
    let mut draft = draw(&given);
    if !arguments.yes && !global.quiet && !global.json && ask(&draft.open, &mut given, screen)? {
        draft = draw(&given);
    }
    write(&file, &draft.toml)?;
    report(&file, &draft, global.json, screen)
}

fn given(arguments: &Arguments) -> Given {
    Given {
        name: arguments.name.clone(),
        timezone: arguments.timezone.clone(),
        country: arguments.country.clone(),
        currency: arguments.currency.clone(),
        learn_from: arguments.learn_from.clone(),
        backup: arguments.backup_time.clone(),
        loss: arguments.loss.clone(),
        senders: arguments.senders.clone(),
    }
}

/// What lies where: as named, and as found in the folder.
fn places(arguments: &Arguments) -> Result<Vec<Place>, Failure> {
    let mut places = match &arguments.folder {
        Some(folder) => stages::sniff(folder)?,
        None => Vec::new(),
    };
    let named = [
        (&arguments.backup, Content::Backup),
        (&arguments.stripe, Content::Records(SourceKind::Stripe)),
        (&arguments.calendar, Content::Records(SourceKind::GoogleCalendar)),
        (&arguments.mail, Content::Records(SourceKind::Mail)),
    ];
    for (path, content) in named {
        let Some(path) = path else { continue };
        let zones = stages::sniff(path)?
            .into_iter()
            .find(|place| place.content == content);
        places.retain(|place| place.content != content);
        places.push(Place {
            content,
            path: path.clone(),
            is_mixed: false,
            zones: zones.map(|place| place.zones).unwrap_or_default(),
        });
    }
    places.sort_by_key(|place| place.content);
    Ok(places)
}

fn backup_of(places: &[Place]) -> Result<Option<PathBuf>, Failure> {
    let backups: Vec<&Place> = places
        .iter()
        .filter(|place| place.content == Content::Backup)
        .collect();
    match backups.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.path.clone())),
        [first, second, ..] => Err(Failure::usage(
            format!(
                "{} and {} may both be the backup",
                first.path.display(),
                second.path.display()
            ),
            "name the right one with --backup",
        )),
    }
}

fn read(
    kind: SourceKind,
    place: &Place,
    zone: Option<&String>,
    screen: &Screen,
) -> Result<Vec<Document>, Failure> {
    /// The code of ISO 4217 for no currency.
    const NONE: &str = "xxx";
    // Only times without an offset need a zone here: the calendar's own.
    let business = Business {
        name: String::new(),
        zone: zone
            .and_then(|zone| zone.parse().ok())
            .unwrap_or(chrono_tz::Tz::UTC),
        country: String::new(),
        currency: Currency::parse(NONE)
            .ok_or_else(|| Failure::new(format!("no currency is called {NONE}"), ""))?,
    };
    let (documents, problems) = stages::read_documents(kind, &place.path, business)?;
    if problems > 0 {
        screen.warn(&format!(
            "{}: {problems} places could not be read; `rebook pull` tells them",
            place.path.display()
        ));
    }
    Ok(documents)
}

/// The path as it is written in the file: relative to it where it lies below.
fn from(out: &Path, path: &Path) -> String {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (base, path) = (whole(out), whole(path));
    let relative = path.strip_prefix(&base).unwrap_or(&path);
    if relative.as_os_str().is_empty() {
        return ".".to_owned();
    }
    relative.to_string_lossy().into_owned()
}

/// Asks for what the file must have and nothing tells; true where something was answered.
fn ask(open: &[String], given: &mut Given, screen: &Screen) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut is_told = false;
    for (place, question, slot) in [
        (
            "[business] timezone",
            "What is the business's time zone, as Europe/Paris",
            &mut given.timezone,
        ),
        (
            "[business] country",
            "Which is its country, in two letters",
            &mut given.country,
        ),
        (
            "[business] currency",
            "Which is its currency, in three letters",
            &mut given.currency,
        ),
        (
            "[window] backup",
            "When was the backup made, as 2026-01-24T20:03:00Z or 2026-01-24 20:03",
            &mut given.backup,
        ),
        (
            "[window] loss",
            "When was the data lost, as 2026-01-24T20:03:00Z or 2026-01-24 20:03",
            &mut given.loss,
        ),
    ] {
        let Some(why) = open.iter().find(|line| line.starts_with(place)) else {
            continue;
        };
        if slot.is_some() {
            continue;
        }
        screen.say(&screen::one_line(why));
        screen.say(&format!("{question}? (empty: leave it as it is)"));
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        if !line.trim().is_empty() {
            *slot = Some(line.trim().to_owned());
            is_told = true;
        }
    }
    Ok(is_told)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::file(file, "write", error);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    // A file that came into being meanwhile is not overwritten either.
    let mut out = std::fs::File::create_new(file).map_err(|error| failed(&error))?;
    out.write_all(text.as_bytes()).map_err(|error| failed(&error))
}

fn report(file: &Path, draft: &init::Draft, as_json: bool, screen: &Screen) -> Result<Done, Failure> {
    let mut answer = screen::answer();
    if as_json {
        let unusable = Config::load(file).err().map(|error| error.to_string());
        let line = wire::init_line(&file.display().to_string(), &draft.open, unusable.as_deref());
        writeln!(answer, "{line}")?;
        answer.flush()?;
        return Ok(Done::All);
    }
    writeln!(
        answer,
        "Drafted {}: read it, every line says why.",
        file.display()
    )?;
    if !draft.open.is_empty() {
        writeln!(answer, "Left for you to fill in (marked TODO) or to confirm:")?;
        for open in &draft.open {
            writeln!(answer, "  {}", screen::one_line(open))?;
        }
    }
    match Config::load(file) {
        Ok(_) => writeln!(answer, "Next: rebook rebuild --config {}", file.display())?,
        Err(error) => {
            screen.warn(&format!(
                "the draft cannot be used before it is completed: {error}"
            ));
            writeln!(
                answer,
                "Next: fill in what is missing, then rebook rebuild --config {}",
                file.display()
            )?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}
