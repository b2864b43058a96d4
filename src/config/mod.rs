//! rebook.toml: read, checked, and turned into the model's nouns.
//!
//! In: the file's text. Out: a `Config`, or an error with file, line, caret and what to write instead.
//! Paths are relative to the file. Whether the named files exist is asked when they are needed, not
//! here: `build` works from staging after the disk with the exports has been unplugged.

mod codes;
mod error;
mod file;
mod place;
mod source;
mod target;

pub use error::ConfigError;
pub use source::{Access, GoogleCredential, ImapCredential, Secret, Selection, SourceConfig};

pub(crate) use codes::nearest;

use crate::model::{Business, Currency, EntityKind, SourceKind, Target, Tenant, Window, stable_hash};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use error::Fault;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

#[derive(Debug, Clone)]
pub struct Config {
    pub business: Business,
    pub window: Window,
    pub staging: PathBuf,
    pub sources: Vec<SourceConfig>,
    pub baseline: Option<PathBuf>,
    pub tenants: Vec<Tenant>,
    pub target: Option<Target>,
    /// Of the text: staging notices that the configuration has changed.
    pub hash: String,
    /// What is legal and probably not meant; a sentence each.
    pub warnings: Vec<String>,
    path: PathBuf,
    text: String,
    baseline_span: Range<usize>,
}

impl Config {
    /// All addresses that speak for the business or one of its tenants, in lower case.
    pub fn senders(&self) -> BTreeSet<String> {
        let of_sources = self.sources.iter().flat_map(|source| &source.senders);
        let of_tenants = self.tenants.iter().flat_map(|tenant| &tenant.senders);
        of_sources
            .chain(of_tenants)
            .map(|sender| sender.to_lowercase())
            .collect()
    }

    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.to_path_buf(),
            error,
        })?;
        Self::parse(path, text)
    }

    /// Reads the text; `path` is what relative paths start from and what messages name.
    pub fn parse(path: &Path, text: String) -> Result<Self, ConfigError> {
        check(path, &text)
            .map_err(|fault| ConfigError::at(path, &text, fault))
            .map(|mut config| {
                config.text = text;
                config
            })
    }

    /// The sources of these names, in the file's order; all of them where no name is given.
    pub fn sources_named(&self, names: &[String]) -> Result<Vec<&SourceConfig>, ConfigError> {
        for name in names {
            let known = || self.sources.iter().map(|source| source.name.as_str());
            if !known().any(|known| known == name) {
                return Err(ConfigError::UnknownSource {
                    name: name.clone(),
                    hint: nearest(name, known()).map_or_else(
                        || format!("the sources are {}", known().collect::<Vec<_>>().join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    ),
                });
            }
        }
        let wanted = |source: &&SourceConfig| names.is_empty() || names.contains(&source.name);
        Ok(self.sources.iter().filter(wanted).collect())
    }

    /// Fails with the place in the file where a source's files are not where it says.
    pub fn require_files(&self, source: &SourceConfig) -> Result<(), ConfigError> {
        match &source.access {
            Access::Files(path) if !path.exists() => Err(self.missing_file(
                path,
                &source.path_span,
                "put the exported files there, or correct `path`: it is relative to rebook.toml",
            )),
            _ => Ok(()),
        }
    }

    /// The backup's path; fails with the place in the file where nothing is there.
    pub fn require_baseline(&self) -> Result<Option<&Path>, ConfigError> {
        match &self.baseline {
            Some(path) if !path.is_file() => Err(self.missing_file(
                path,
                &self.baseline_span,
                "put the dump there, or take [baseline] out: rebook works without one, and trusts itself less",
            )),
            path => Ok(path.as_deref()),
        }
    }

    /// Something in `[target.<entity>]` that the database's schema contradicts, shown where it is written: `name` is
    /// a table, a column or a value there.
    pub fn contradicted(&self, entity: &str, name: &str, message: &str, hint: &str) -> ConfigError {
        let span = place::of(&self.text, entity, name);
        ConfigError::at(&self.path, &self.text, Fault::new(span, message, hint))
    }

    fn missing_file(&self, path: &Path, span: &Range<usize>, hint: &str) -> ConfigError {
        let message = if path.exists() {
            format!("{} is a folder, not a file", path.display())
        } else {
            format!("nothing is at {}", path.display())
        };
        ConfigError::at(&self.path, &self.text, Fault::new(span.clone(), message, hint))
    }
}

fn check(path: &Path, text: &str) -> Result<Config, Fault> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let file = file::parse(text)?;
    let business = business(file.business)?;
    let window = window(&file.window, business.zone)?;
    let sources = sources(file.sources, folder)?;
    let tenants = tenants(file.tenants)?;
    let target = file.target.map(target::check).transpose()?;
    if let (Some(baseline), None) = (&file.baseline, &target) {
        return Err(Fault::new(
            baseline.path.span(),
            "a backup can only be read with a [target]",
            "add [target] with dialect and [target.booking]: it says which column holds what",
        ));
    }
    Ok(Config {
        warnings: warnings(&sources, &tenants),
        staging: folder.join(
            file.staging
                .and_then(|staging| staging.path)
                .as_deref()
                .unwrap_or("staging.db"),
        ),
        baseline_span: file
            .baseline
            .as_ref()
            .map_or(0..0, |baseline| baseline.path.span()),
        baseline: file
            .baseline
            .map(|baseline| folder.join(baseline.path.into_inner())),
        hash: stable_hash(&[text]),
        path: path.to_path_buf(),
        text: String::new(),
        business,
        window,
        sources,
        tenants,
        target,
    })
}

fn business(business: file::Business) -> Result<Business, Fault> {
    let zone = business.timezone.get_ref();
    let zone = zone.parse::<Tz>().map_err(|_| {
        let hint = codes::nearest_zone(zone).map_or_else(
            || "write an IANA name, as in \"Europe/Paris\" or \"America/Denver\"".to_owned(),
            |near| format!("did you mean \"{near}\"?"),
        );
        Fault::new(
            business.timezone.span(),
            format!("no time zone is called \"{zone}\""),
            hint,
        )
    })?;
    let country = business.country.get_ref().to_uppercase();
    if !codes::is_country(&country) {
        return Err(Fault::new(
            business.country.span(),
            format!("\"{}\" is no ISO 3166 country code", business.country.get_ref()),
            if country == "UK" {
                "write \"GB\""
            } else {
                "write its two letters, as in \"FR\", \"US\" or \"JP\""
            },
        ));
    }
    let code = business.currency.get_ref();
    let currency = Currency::parse(code).filter(|currency| codes::is_currency(currency.as_str()));
    let currency = currency.ok_or_else(|| {
        Fault::new(
            business.currency.span(),
            format!("\"{code}\" is no ISO 4217 currency code"),
            "write its three letters, as in \"eur\", \"usd\" or \"jpy\"",
        )
    })?;
    Ok(Business {
        name: business.name,
        zone,
        country,
        currency,
    })
}

/// The format of rebook.toml as JSON Schema; each table of the target names the fields that it may map.
pub fn schema() -> serde_json::Value {
    let mut schema = file::schema();
    for kind in EntityKind::ALL {
        let place = format!("/$defs/Target/properties/{}", kind.as_str());
        if let Some(table) = schema.pointer_mut(&place) {
            let told = table["description"].as_str().unwrap_or_default().to_owned();
            let fields: Vec<String> = target::fields_of(kind)
                .iter()
                .map(|field| format!("`{field}`"))
                .collect();
            table["description"] = format!("{told} Its `columns` may map {}.", fields.join(", ")).into();
        }
    }
    schema
}

fn window(window: &file::Window, zone: Tz) -> Result<Window, Fault> {
    let found = Window {
        learn_from: moment(&window.learn_from, zone)?,
        backup: moment(&window.backup, zone)?,
        loss: moment(&window.loss, zone)?,
    };
    if found.learn_from > found.backup {
        return Err(Fault::new(
            window.learn_from.span(),
            "`learn_from` is after `backup`",
            "sources are read from some months before the backup on, to learn where the truth is known; \
             three months are a good start",
        ));
    }
    if found.backup >= found.loss {
        return Err(Fault::new(
            window.loss.span(),
            "`loss` is not after `backup`",
            "`backup` is when the last good backup was taken, `loss` when the data was lost",
        ));
    }
    Ok(found)
}

fn moment(value: &Spanned<toml::Value>, zone: Tz) -> Result<DateTime<Utc>, Fault> {
    let text = match value.get_ref() {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(moment) => moment.to_string(),
        _ => String::new(),
    };
    let hint = "write day, time and zone, as in \"2026-01-24T20:03:00Z\"";
    if let Ok(moment) = DateTime::parse_from_rfc3339(&text) {
        return Ok(moment.with_timezone(&Utc));
    }
    let local = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ]
    .into_iter()
    .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
    .ok_or_else(|| Fault::new(value.span(), "this is not a moment", hint))?;
    zone.from_local_datetime(&local)
        .single()
        .map(|moment| moment.with_timezone(&Utc))
        .ok_or_else(|| {
            let message = format!("{local} stands twice or never on the clocks of {zone}");
            Fault::new(value.span(), message, hint)
        })
}

fn sources(sources: Vec<file::Source>, folder: &Path) -> Result<Vec<SourceConfig>, Fault> {
    let mut seen = BTreeSet::new();
    sources
        .into_iter()
        .map(|source| {
            let span = source.name.span();
            let source = source::check(source, folder)?;
            if !seen.insert(source.name.clone()) {
                return Err(Fault::new(
                    span,
                    format!("two sources are named \"{}\"", source.name),
                    "give each its own name: it is the first half of its records' ids",
                ));
            }
            Ok(source)
        })
        .collect()
}

fn tenants(tenants: Vec<file::Tenant>) -> Result<Vec<Tenant>, Fault> {
    let mut seen = BTreeSet::new();
    tenants
        .into_iter()
        .map(|tenant| {
            let id = target::scalar_text(&tenant.id)?;
            if !seen.insert(id.clone()) {
                return Err(Fault::new(
                    tenant.id.span(),
                    format!("two tenants have the id \"{id}\""),
                    "`id` is the tenant's key in the target: one [[tenant]] for each",
                ));
            }
            Ok(Tenant {
                name: tenant.name.unwrap_or_else(|| id.clone()),
                stripe_account: tenant.stripe_account,
                calendars: tenant.calendars,
                senders: tenant
                    .senders
                    .iter()
                    .map(source::sender)
                    .collect::<Result<_, _>>()?,
                id,
            })
        })
        .collect()
}

fn warnings(sources: &[SourceConfig], tenants: &[Tenant]) -> Vec<String> {
    let mut warnings = Vec::new();
    if sources.is_empty() {
        warnings.push("no [[source]] is configured: there is nothing to rebuild from".to_owned());
    }
    let tenant_sends = tenants.iter().any(|tenant| !tenant.senders.is_empty());
    for source in sources {
        if source.kind == SourceKind::Mail && source.senders.is_empty() && !tenant_sends {
            warnings.push(format!(
                "source \"{}\" has no `senders`: none of its mail speaks for the business",
                source.name
            ));
        }
    }
    warnings
}
