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
pub use damage::{Damage, DamageKind};

use chrono::{DateTime, Duration, TimeZone, Utc};
use damage::Harm;
use life::Window;
use random::Random;
use rayon::prelude::*;
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
    let wording = Random::new(options.wording).fork("wording");
    let business = businesses::draw(options.kind, &wording);
    let seed = Random::new(options.seed).fork("events");
    let window = window(options, &seed);
    let damage = &options.damage;
    let life = life::live(&business, window, options.bookings, damage, &seed);
    let redesigned = damage
        .last_share(Harm::Redesign, window.backup, window.loss)
        .map(|from| (from, businesses::redesign(options.kind, &business, &wording)));
    // What each third party holds is drawn from streams of chance of its own, so all are written side by side.
    let (((mut texts, mut ledger), (calendars, entries)), (mbox, letters)) = rayon::join(
        || {
            rayon::join(
                || stripe::write(&business, &life, damage, &seed),
                || calendar::write(&business, &life, damage, &seed),
            )
        },
        || mail::write(&business, redesigned.as_ref(), &life, damage, &seed),
    );
    texts.extend(calendars);
    ledger.absorb(entries);
    ledger.absorb(letters);
    let write: [(&str, &(dyn Fn() -> String + Sync)); 7] = [
        ("truth/bookings.jsonl", &|| {
            truth::bookings(&business, &life, &ledger)
        }),
        ("truth/records.jsonl", &|| {
            truth::records(&business, &life, &ledger)
        }),
        ("truth/damage.jsonl", &|| truth::damage(&business, &life, &ledger)),
        ("truth/truth.sql", &|| {
            dump::snapshot(&business, &life, window.loss)
        }),
        ("truth/live.sql", &|| dump::restored(&business, &life, &seed)),
        ("backup.sql", &|| dump::snapshot(&business, &life, window.backup)),
        ("rebook.toml", &|| setup::write(&business, &life)),
    ];
    texts.par_extend(
        write
            .into_par_iter()
            .map(|(path, write)| (path.to_owned(), write())),
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
mod tests;
