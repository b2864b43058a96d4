//! `rebook simulate`: a business with known truth, for tests and fire drills.

use super::Global;
use super::failure::{Done, Failure};
use super::screen::{self, Screen};
use crate::simulate::{Damage, DamageKind, Kind, Options, simulate};
use crate::wire::{SimulateAnswer, VERSION};
use clap::value_parser;
use std::io::Write;
use std::path::{Path, PathBuf};

const LEVELS: &str = "none, light, heavy";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// What to simulate; `--list` names them all.
    #[arg(long, value_name = "KIND", required_unless_present_any = ["list", "list_damage"])]
    business: Option<String>,
    /// The folder to write; it must not exist or be empty.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["list", "list_damage"])]
    out: Option<PathBuf>,
    /// How many bookings, about half of them made before the backup.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = value_parser!(u64).range(1..=2_000_000))]
    bookings: u64,
    /// Chooses people and events: the same seed, the same life.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Chooses words: labels, layouts, metadata, references, names of tables and columns.
    #[arg(long, value_name = "W", default_value_t = 1)]
    wording: u64,
    /// How much is lost, spoilt or misleading: none, light, heavy, or single kinds with their rates, such as
    /// redesign=0.5,refund=0.1 or heavy,mail-lost=0; `--list-damage` names the kinds.
    #[arg(long, value_name = "LEVEL or KIND=RATE,…", default_value = "light")]
    damage: String,
    /// Sets the rate of one kind of damage, from 0 to 1, over what --damage says; may be given again.
    #[arg(long = "rate", value_name = "KIND=RATE")]
    rates: Vec<String>,
    /// How long before the backup sources are read.
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = value_parser!(i64).range(0..=3650))]
    overlap_days: i64,
    /// How long after the backup the data was lost.
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = value_parser!(i64).range(1..=3650))]
    gap_days: i64,
    /// Only list the businesses, one a line.
    #[arg(long)]
    list: bool,
    /// Only list the kinds of damage, one a line, with their rates where damage is light and heavy.
    #[arg(long)]
    list_damage: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Done, Failure> {
    if arguments.list {
        return list(global.json);
    }
    if arguments.list_damage {
        return list_damage(global.json);
    }
    let (Some(business), Some(out)) = (&arguments.business, &arguments.out) else {
        unreachable!("both are required where nothing is to be listed");
    };
    let options = Options {
        bookings: arguments.bookings as usize,
        seed: arguments.seed,
        wording: arguments.wording,
        damage: damage(&arguments.damage, &arguments.rates)?,
        overlap_days: arguments.overlap_days,
        gap_days: arguments.gap_days,
        ..Options::new(kind(business)?)
    };
    if std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::usage(
            format!("{} is not empty", out.display()),
            "name a folder that does not exist yet",
        ));
    }
    simulate(&options)
        .write(out)
        .map_err(|error| Failure::file(out, "write", &error))?;
    if global.json {
        let (folder, config) = (out.display().to_string(), out.join("rebook.toml"));
        let line = SimulateAnswer::Written {
            version: VERSION,
            folder: &folder,
            config: &config.display().to_string(),
        };
        let mut answer = screen::answer();
        writeln!(answer, "{}", line.text())?;
        answer.flush()?;
    }
    screen.say(&next_steps(out));
    Ok(Done::All)
}

fn list(as_json: bool) -> Result<Done, Failure> {
    let mut answer = screen::answer();
    for kind in Kind::ALL {
        let (name, about) = (kind.as_str(), kind.about());
        if as_json {
            let line = SimulateAnswer::Business {
                version: VERSION,
                business: name,
                about,
                held_out: kind.held_out(),
            };
            writeln!(answer, "{}", line.text())?;
        } else {
            let mark = if kind.held_out() { " (held out)" } else { "" };
            writeln!(answer, "{name:<12} {about}{mark}")?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

fn list_damage(as_json: bool) -> Result<Done, Failure> {
    let mut answer = screen::answer();
    for DamageKind {
        name,
        about,
        light,
        heavy,
    } in Damage::kinds()
    {
        if as_json {
            let line = SimulateAnswer::Damage {
                version: VERSION,
                damage: name,
                about,
                light,
                heavy,
            };
            writeln!(answer, "{}", line.text())?;
        } else {
            writeln!(answer, "{name:<16} {light:<5} {heavy:<5} {about}")?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

fn kind(name: &str) -> Result<Kind, Failure> {
    Kind::parse(name).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
        Failure::usage(
            format!("there is no business {name:?}"),
            format!("one of: {}", names.join(", ")),
        )
    })
}

/// A level of damage, or none, with single rates set anew.
fn damage(text: &str, rates: &[String]) -> Result<Damage, Failure> {
    let (level, single) = match text.split_once(',') {
        _ if text.split(',').next().is_some_and(|first| first.contains('=')) => ("none", Some(text)),
        Some((level, single)) => (level, Some(single)),
        None => (text, None),
    };
    let mut damage = Damage::level(level).ok_or_else(|| {
        Failure::usage(
            format!("there is no level of damage {level:?}"),
            format!("one of: {LEVELS}; or kinds with their rates, such as mail-lost=0.3,refund=0.1"),
        )
    })?;
    let single = single.into_iter().flat_map(|single| single.split(','));
    for text in single.chain(rates.iter().map(String::as_str)) {
        let (kind, rate) = text
            .split_once('=')
            .and_then(|(kind, rate)| Some((kind, rate.parse::<f64>().ok()?)))
            .filter(|(_, rate)| (0.0..=1.0).contains(rate))
            .ok_or_else(|| {
                Failure::usage(
                    format!("{text:?} is no kind of damage with a rate from 0 to 1"),
                    "write it as mail-lost=0.3",
                )
            })?;
        if !damage.set(kind, rate) {
            let kinds: Vec<&str> = Damage::kinds().map(|kind| kind.name).collect();
            return Err(Failure::usage(
                format!("there is no kind of damage {kind:?}"),
                format!("one of: {}", kinds.join(", ")),
            ));
        }
    }
    Ok(damage)
}

fn next_steps(out: &Path) -> String {
    let config = out.join("rebook.toml");
    let (config, world) = (config.display(), out.display());
    format!(
        "Written to {world}; the truth, which a rebuild does not read, is in {}.\n\
         To rebuild it:  rebook rebuild --config {config}\n\
         To score that:  rebook evaluate --config {config} --world {world}",
        out.join("truth").display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(list: &[&str]) -> Vec<String> {
        list.iter().map(|&rate| rate.to_owned()).collect()
    }

    #[test]
    fn single_rates_are_set_over_a_level() {
        let mut expected = Damage::heavy();
        expected.set("mail-lost", 0.0);
        expected.set("namesake", 1.0);
        for (text, single) in [
            ("heavy", &["mail-lost=0", "namesake=1"][..]),
            ("heavy,namesake=1,mail-lost=0", &[]),
            ("heavy,mail-lost=0.4", &["mail-lost=0", "namesake=1"]),
        ] {
            assert_eq!(damage(text, &rates(single)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn single_kinds_alone_leave_the_others_off() {
        let mut expected = Damage::none();
        expected.set("redesign", 0.5);
        expected.set("refund", 0.1);
        assert_eq!(damage("redesign=0.5,refund=0.1", &[]).unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_simulated_is_refused_with_what_can() {
        assert!(kind("circus").unwrap_err().hint.contains("dentist"));
        assert!(damage("awful", &[]).unwrap_err().hint.contains(LEVELS));
        assert!(
            damage("none", &rates(&["mail-eaten=0.1"]))
                .unwrap_err()
                .hint
                .contains("mail-lost")
        );
        for wrong in ["mail-lost", "mail-lost=", "mail-lost=2", "mail-lost=NaN", "=0.1"] {
            assert!(damage("none", &rates(&[wrong])).is_err(), "{wrong}");
            assert!(damage(&format!("light,{wrong}"), &[]).is_err(), "{wrong}");
        }
        assert!(LEVELS.split(", ").all(|level| Damage::level(level).is_some()));
    }
}
