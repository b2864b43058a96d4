//! What every command starts from: the configuration, the open staging, the time.

use super::Global;
use super::failure::Failure;
use super::screen::Screen;
use super::stages;
use crate::config::{Config, SourceConfig, nearest};
use crate::model::{Baseline, Booking, Decision, Stage, Tenant, Timing, TotalRatio};
use crate::report::Pulled;
use crate::review::Log;
use crate::store::Staging;
use crate::wire;
use chrono::{DateTime, SecondsFormat, Utc};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) struct Desk {
    pub config: Config,
    pub staging: Staging,
    /// Answers are wanted in JSON.
    pub json: bool,
    pub clock: Clock,
    /// What must stand behind a command to mean this configuration and staging again; begins with a space.
    pub flags: String,
}

/// The clock, read here and nowhere else; stopped where `--now` says so.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    stopped_at: Option<DateTime<Utc>>,
}

impl Clock {
    pub fn now(self) -> DateTime<Utc> {
        self.stopped_at.unwrap_or_else(Utc::now)
    }

    /// Stops the clock, where nothing has stopped it before.
    pub fn stop_at(&mut self, moment: DateTime<Utc>) {
        self.stopped_at.get_or_insert(moment);
    }
}

impl Desk {
    pub fn open(global: &Global) -> Result<Self, Failure> {
        let stopped_at = global.now.as_deref().map(moment).transpose()?;
        let config = Config::load(&global.config)?;
        let path = global.staging.as_ref().unwrap_or(&config.staging);
        Ok(Self {
            staging: Staging::open(path)?,
            config,
            json: global.json,
            clock: Clock { stopped_at },
            flags: flags(global),
        })
    }

    pub fn timestamp(&self) -> String {
        self.clock.now().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The folder of learned mappings: beside staging and named after it, so that two stagings share none.
    pub fn mappings(&self) -> PathBuf {
        self.staging.path().with_extension("mappings")
    }

    /// The target stores whole days.
    pub fn date_only(&self) -> bool {
        self.config
            .target
            .as_ref()
            .is_some_and(crate::model::Target::date_only)
    }

    pub fn clockface(&self) -> wire::Clockface<'_> {
        wire::Clockface {
            business: &self.config.business,
            date_only: self.date_only(),
        }
    }

    /// The bookings of the last build with all decisions applied.
    pub fn decided_bookings(&self) -> Result<Vec<Booking>, Failure> {
        self.require_build()?;
        self.decide(self.staging.bookings()?)
    }

    /// The same, where nobody asks what explains them: claims and links may be left out.
    pub fn decided_values(&self) -> Result<Vec<Booking>, Failure> {
        self.require_build()?;
        // An answer is held against the claims of its booking.
        if self.staging.decisions()?.is_empty() {
            return Ok(self.staging.booking_values()?);
        }
        self.decided_bookings()
    }

    /// Applies the decisions that stand.
    pub fn decide(&self, bookings: Vec<Booking>) -> Result<Vec<Booking>, Failure> {
        let decisions = self.staging.decisions()?;
        if decisions.is_empty() {
            return Ok(bookings);
        }
        if !self.is_tied(&decisions)? {
            return Err(Failure::new(
                "somebody said which records belong together, and the bookings were not fused again since",
                format!("run `rebook build{}`", self.flags),
            ));
        }
        let baseline = self.baseline()?;
        Ok(stages::apply(bookings, &decisions, baseline.as_ref(), self))
    }

    /// The backup, read anew, its totals as records state them; of its rows, staging keeps no more than answers are
    /// checked against.
    pub fn baseline(&self) -> Result<Option<Baseline>, Failure> {
        let mut baseline = self.backup()?;
        if let (Some(baseline), Some(ratio)) = (&mut baseline, self.total_ratio()?) {
            baseline.state_totals(ratio);
        }
        Ok(baseline)
    }

    /// How records state the totals that the backup keeps, where the last build saw that they do not as it keeps them.
    fn total_ratio(&self) -> Result<Option<TotalRatio>, Failure> {
        let kept = self.staging.fact(TOTAL_RATIO)?;
        Ok(kept.and_then(|text| TotalRatio::of_parts(text.parse().ok()?)))
    }

    /// Bookings with their totals as the database keeps them.
    pub fn kept(&self, mut bookings: Vec<Booking>) -> Result<Vec<Booking>, Failure> {
        if let Some(ratio) = self.total_ratio()? {
            for booking in &mut bookings {
                booking.total = booking.total.map(|total| ratio.kept(total));
            }
        }
        Ok(bookings)
    }

    /// The backup as it is.
    pub fn backup(&self) -> Result<Option<Baseline>, Failure> {
        let Some(target) = &self.config.target else {
            return Ok(None);
        };
        let Some(path) = self.config.require_baseline()? else {
            return Ok(None);
        };
        let mut baseline = stages::read_baseline(path, &self.config, target)?;
        if self.staging.fact(FAMILY_FIRST)?.as_deref() == Some("true") {
            baseline.write_names(true);
        }
        Ok(Some(baseline))
    }

    /// Whether the bookings were fused with all that people said of which records belong together.
    pub fn is_tied(&self, decisions: &[Decision]) -> Result<bool, Failure> {
        let log = Log::new(decisions.to_vec());
        let ties: Vec<_> = log.ties().into_iter().cloned().collect();
        let tied_with = self.staging.fact(TIED_WITH)?.unwrap_or_default();
        Ok(tied_with == wire::encode_ties(&ties))
    }

    pub fn is_built(&self) -> Result<bool, Failure> {
        Ok(self.staging.fact(BUILT_WITH)?.is_some())
    }

    pub fn require_build(&self) -> Result<(), Failure> {
        if self.is_built()? {
            return Ok(());
        }
        Err(Failure::new(
            "nothing has been built yet",
            format!("run `rebook rebuild{}` first", self.flags),
        ))
    }

    /// Says so where the configuration is not the one that the last build was made with.
    pub fn warn_of_stale(&self, screen: &Screen) -> Result<(), Failure> {
        if self.is_stale()? {
            screen.warn(&format!(
                "the configuration has changed since the last build: run `rebook build{}`",
                self.flags
            ));
        }
        Ok(())
    }

    /// Whether more was received than the last build knew of.
    pub fn is_behind(&self) -> Result<bool, Failure> {
        let built_from = self.staging.fact(BUILT_FROM)?;
        let known = built_from.and_then(|text| text.parse::<i64>().ok());
        Ok(!self.is_built()? || known != Some(self.staging.last_revision()?))
    }

    /// How far each configured source was read.
    pub fn pulled(&self) -> Result<Vec<Pulled>, Failure> {
        let known = self.staging.sources()?;
        let problems = self.staging.problems_by_source()?;
        let manifests = self.staging.manifests()?;
        let pulled = |source: &SourceConfig| {
            let found = known.iter().find(|(name, ..)| *name == source.name);
            // A later pull that was cut short may have missed what changed since the last whole one.
            let is_cut = manifests
                .iter()
                .any(|manifest| manifest.source == source.name && manifest.finished_at.is_none());
            let finished_at = found.and_then(|(_, _, at)| at.as_deref()).filter(|_| !is_cut);
            Pulled {
                source: source.name.clone(),
                kind: source.kind,
                is_begun: is_cut || found.is_some(),
                records: found.map_or(0, |(_, records, _)| *records),
                finished_at: finished_at.and_then(wire::decode_moment),
                problems: problems.get(&source.name).copied().unwrap_or(0),
            }
        };
        Ok(self.config.sources.iter().map(pulled).collect())
    }

    /// The key of a business of several, by its key or name.
    pub fn tenant(&self, named: &str) -> Result<&Tenant, Failure> {
        let tenants = &self.config.tenants;
        let folded = named.to_lowercase();
        let found = tenants
            .iter()
            .find(|tenant| tenant.id == named)
            .or_else(|| tenants.iter().find(|tenant| tenant.name.to_lowercase() == folded));
        found.ok_or_else(|| {
            let known = || {
                tenants
                    .iter()
                    .flat_map(|tenant| [tenant.name.as_str(), tenant.id.as_str()])
            };
            let hint = match nearest(named, known()) {
                _ if tenants.is_empty() => "rebook.toml has no [[tenant]]: leave --tenant out".to_owned(),
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let names: Vec<&str> = tenants.iter().map(|tenant| tenant.name.as_str()).collect();
                    format!("the tenants are {}", names.join(", "))
                }
            };
            Failure::usage(format!("no tenant is called \"{named}\""), hint)
        })
    }

    /// Whether the configuration is still the one that the last build was made with.
    fn is_stale(&self) -> Result<bool, Failure> {
        let built_with = self.staging.fact(BUILT_WITH)?;
        Ok(built_with.is_some_and(|hash| hash != self.config.hash))
    }
}

/// The fact that holds the hash of the configuration that the last build was made with.
pub(super) const BUILT_WITH: &str = "built_with";

/// The fact that holds the last revision of staging that the last build knew.
pub(super) const BUILT_FROM: &str = "built_from";

/// The fact that says whether the business writes the family's name first, where the backup keeps the halves alone.
pub(super) const FAMILY_FIRST: &str = "family_first";

/// The fact that says how records state the totals that the backup keeps, in parts of `TotalRatio::ONE`; 0 where they
/// state them as they are kept.
pub(super) const TOTAL_RATIO: &str = "total_ratio";

/// The fact that holds the ties that the last build was made with.
pub(super) const TIED_WITH: &str = "tied_with";

fn flags(global: &Global) -> String {
    let config = Some(&global.config).filter(|config| config.as_path() != Path::new(super::CONFIG));
    let flag = |name: &str, path: Option<&PathBuf>| {
        path.map_or_else(String::new, |path| format!(" --{name} {}", quoted(path)))
    };
    flag("config", config) + &flag("staging", global.staging.as_ref())
}

/// As a shell reads it back.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |char: char| char.is_alphanumeric() || "/._-+@:,".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn moment(text: &str) -> Result<DateTime<Utc>, Failure> {
    wire::decode_moment(text).ok_or_else(|| {
        Failure::usage(
            format!("--now \"{text}\" is not a moment"),
            "write 2026-01-24T20:03:00Z",
        )
    })
}

/// Takes the time of stages.
#[derive(Default)]
pub(super) struct Stopwatch {
    pub timings: Vec<Timing>,
}

impl Stopwatch {
    /// Runs a stage, and notes how long it took and how many items it says it handled.
    pub fn time<T>(
        &mut self,
        stage: Stage,
        work: impl FnOnce() -> Result<(T, u64), Failure>,
    ) -> Result<T, Failure> {
        let begun = Instant::now();
        let (result, items) = work()?;
        self.add(Timing {
            stage,
            milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            items,
        });
        Ok(result)
    }

    /// Adds a stage; one that was run in several parts is one.
    pub fn add(&mut self, timing: Timing) {
        match self.timings.iter_mut().find(|known| known.stage == timing.stage) {
            Some(known) => {
                known.milliseconds += timing.milliseconds;
                known.items = known.items.max(timing.items);
            }
            None => self.timings.push(timing),
        }
    }
}
