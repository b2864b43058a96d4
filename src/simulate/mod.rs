//! A business with known truth, to test on and to rehearse with.
//!
//! In: a kind of business, a number of bookings, two seeds, rates of damage. Out: a [`World`]: what each third party
//! holds, an old backup, the configuration, and under `truth/` what really happened. The same options give the same
//! bytes. `seed` chooses people and events; `wording` chooses the words: labels, phrases, layouts, metadata keys, the shape
//! of references, names of tables and columns. Nothing here imports the pipeline, and the pipeline imports nothing of this.
//!
//! ```text
//!  businesses ─► business ─► life + payments ─► mail, calendar, stripe ─► damage on the way
//!  (by wording)   (data)      (by seed)         dump, truth, setup
//! ```

mod business;
mod businesses;
mod calendar;
mod damage;
mod dump;
mod facts;
mod life;
mod mail;
mod payments;
mod people;
mod random;
mod setup;
mod speech;
mod stays;
mod stripe;
mod truth;

pub use businesses::Kind;
pub use damage::Damage;

use chrono::{DateTime, Duration, TimeZone, Utc};
use life::Window;
use random::Random;
use std::collections::BTreeMap;
use std::path::Path;

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Options {
    pub kind: Kind,
    /// Half of them before the backup, half after.
    pub bookings: usize,
    /// Of people and events.
    pub seed: u64,
    /// Of words.
    pub wording: u64,
    pub damage: Damage,
    /// Before the sources are read at all.
    pub history_days: i64,
    /// Sources are read, and the backup knows the truth.
    pub overlap_days: i64,
    /// From the backup to the loss.
    pub gap_days: i64,
}

impl Options {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            bookings: 300,
            seed: 1,
            wording: 1,
            damage: Damage::light(),
            history_days: 30,
            overlap_days: 90,
            gap_days: 90,
        }
    }

    /// The world in `fixtures/demo`: small, with some of every kind of damage.
    pub fn demo() -> Self {
        let mut damage = Damage::light();
        for (kind, rate) in [
            ("mail-forged", 0.03),
            ("double-charge", 0.05),
            ("event-doubled", 0.03),
            ("moved-silently", 0.25),
            ("address-changed", 0.06),
            ("namesake", 0.05),
        ] {
            damage.set(kind, rate);
        }
        Self {
            bookings: 64,
            seed: 3,
            damage,
            ..Self::new(Kind::Hire)
        }
    }
}

/// The files of a simulated business, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl World {
    /// Writes the files into a folder, which is made where it is missing.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, bytes)?;
        }
        Ok(())
    }
}

/// Simulates a business: its life, and what is left of it.
pub fn simulate(options: &Options) -> World {
    let business = businesses::draw(options.kind, &Random::new(options.wording).fork("wording"));
    let seed = Random::new(options.seed).fork("events");
    let window = window(options, &seed);
    let damage = &options.damage;
    let life = life::live(&business, window, options.bookings, damage, &seed);
    let mut ledger = truth::Ledger::default();
    let mut texts = stripe::write(&business, &life, &seed, &mut ledger);
    texts.extend(calendar::write(&business, &life, damage, &seed, &mut ledger));
    let mbox = mail::write(&business, &life, damage, &seed, &mut ledger);
    texts.insert("rebook.toml".to_owned(), setup::write(&business, &life));
    texts.insert(
        "backup.sql".to_owned(),
        dump::snapshot(&business, &life, window.backup),
    );
    texts.insert(
        "truth/truth.sql".to_owned(),
        dump::snapshot(&business, &life, window.loss),
    );
    texts.insert(
        "truth/live.sql".to_owned(),
        dump::restored(&business, &life, &seed),
    );
    texts.insert(
        "truth/bookings.jsonl".to_owned(),
        truth::bookings(&business, &life, &ledger),
    );
    texts.insert(
        "truth/records.jsonl".to_owned(),
        truth::records(&business, &life, &ledger),
    );
    let mut files: BTreeMap<String, Vec<u8>> = texts
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()))
        .collect();
    files.insert("mail/confirmations.mbox".to_owned(), mbox);
    World { files }
}

/// The backup falls in January or February: most zones change their clocks before the loss.
fn window(options: &Options, seed: &Random) -> Window {
    let mut random = seed.fork("window");
    let new_year: DateTime<Utc> = Utc.timestamp_opt(1_767_225_600, 0).single().unwrap_or_default();
    let backup =
        new_year + Duration::days(random.between(8, 50)) + Duration::minutes(random.between(0, 24 * 60 - 1));
    let learn_from = backup - Duration::days(options.overlap_days);
    Window {
        begins: learn_from - Duration::days(options.history_days),
        learn_from,
        backup,
        loss: backup + Duration::days(options.gap_days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_options_give_the_same_bytes() {
        for kind in Kind::ALL {
            let options = Options {
                bookings: 40,
                ..Options::new(kind)
            };
            assert!(simulate(&options) == simulate(&options), "{}", kind.as_str());
        }
    }

    #[test]
    fn wording_changes_words_and_not_events() {
        for kind in Kind::ALL {
            let one = Options {
                bookings: 30,
                ..Options::new(kind)
            };
            let starts = |options: &Options| -> Vec<String> {
                let world = simulate(options);
                let truth = String::from_utf8(world.files["truth/bookings.jsonl"].clone()).unwrap();
                let start = |line: &str| {
                    serde_json::from_str::<serde_json::Value>(line).unwrap()["created_at"].to_string()
                };
                truth.lines().map(start).collect()
            };
            let worlds: Vec<World> = (1..4)
                .map(|wording| {
                    simulate(&Options {
                        wording,
                        ..one.clone()
                    })
                })
                .collect();
            assert!(
                worlds.windows(2).all(|pair| pair[0].files != pair[1].files),
                "{}",
                kind.as_str()
            );
            assert_eq!(
                starts(&one),
                starts(&Options {
                    wording: 2,
                    ..one.clone()
                }),
                "{}",
                kind.as_str()
            );
        }
    }

    /// `fixtures/regenerate` writes it anew.
    #[test]
    fn the_demo_in_the_fixtures_is_what_the_simulator_writes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        for (path, bytes) in simulate(&Options::demo()).files {
            let stands = std::fs::read(folder.join(&path)).unwrap_or_default();
            assert!(stands == bytes, "{path} differs: run fixtures/regenerate");
        }
    }

    #[test]
    fn every_business_lives_through_every_damage() {
        for kind in Kind::ALL {
            for damage in [Damage::none(), Damage::heavy()] {
                let world = simulate(&Options {
                    bookings: 120,
                    damage: damage.clone(),
                    ..Options::new(kind)
                });
                let records = String::from_utf8(world.files["truth/records.jsonl"].clone()).unwrap();
                let has = |role: &str| records.contains(&format!("\"role\":\"{role}\""));
                for role in ["confirmation", "payment", "event"] {
                    assert!(has(role), "{} has no {role}", kind.as_str());
                }
                assert_eq!(
                    has("customer reply"),
                    damage != Damage::none(),
                    "{}",
                    kind.as_str()
                );
            }
        }
    }
}
