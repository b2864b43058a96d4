//! Any text in any field goes through each real server and comes back the same, or was held before the file was written.

use crate::reload::{DIALECTS, started};
use crate::reload_business::{baseline, booking, business, options, target};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rebook::export::export;
use rebook::model::{Booking, Dialect};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Files per server, and bookings per file: each file is one run of a client program.
const FILES: usize = 6;
const BOOKINGS: usize = 60;

/// What text in these columns may be: anything, what clients and servers give a meaning to, and mixtures.
fn texts() -> impl Strategy<Value = String> {
    const MEANING: [&str; 22] = [
        "'", "\"", "\\", "`", "\n", "\r", "\t", "\0", "$$", "--", ";", "%", "{", "}", ":x", "\\.", "\\!",
        ".quit", "/*", "🚲", "é", "\u{1a}",
    ];
    let piece = (0..MEANING.len() + 8, any::<char>()).prop_map(|(which, char)| match MEANING.get(which) {
        Some(text) => (*text).to_owned(),
        None => char.to_string(),
    });
    vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn strange_bookings(runner: &mut TestRunner) -> Vec<Booking> {
    let strategy = vec((texts(), texts(), texts()), BOOKINGS);
    let drawn = strategy.new_tree(runner).expect("texts").current();
    drawn
        .into_iter()
        .enumerate()
        .map(|(at, (name, phone, reference))| {
            let mut booking = booking(&format!("b_{at}"), &format!("{at}{reference}"), 1);
            // A boat for each: no two are in each other's way.
            booking.resource.key = None;
            booking.customer.name = Some(name);
            booking.customer.phone = Some(phone);
            booking
        })
        .collect()
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[test]
fn any_text_comes_back_as_it_went_in() {
    for dialect in DIALECTS {
        let config = Config::default();
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        for file in 0..FILES {
            let Some(database) = started(dialect, &format!("texts{file}")) else {
                break;
            };
            let bookings = strange_bookings(&mut runner);
            let baseline = baseline(dialect);
            let reload = export(
                &bookings,
                &target(dialect),
                &business(),
                Some(&baseline),
                &options(),
            )
            .expect("a reload");
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            let held: BTreeMap<&str, &str> = reload
                .held
                .iter()
                .map(|held| (held.booking.as_str(), held.reason.as_str()))
                .collect();
            let encoded = |column: &str| match dialect {
                Dialect::Postgres => format!("encode(convert_to({column}, 'UTF8'), 'hex')"),
                _ => format!("lower(hex({column}))"),
            };
            let quoted = match dialect {
                Dialect::Mysql => "full",
                _ => "\"full\"",
            };
            let found = database.query(&format!(
                "SELECT g.mail, {}, CASE WHEN g.tel IS NULL THEN '-' ELSE {} END, {} FROM guests AS g JOIN trips AS t ON t.guest = g.id WHERE g.mail LIKE 'b%';",
                encoded(quoted),
                encoded("g.tel"),
                encoded("t.code")
            ));
            let found: BTreeMap<&str, &str> = found.lines().filter_map(|line| line.split_once('|')).collect();
            let mut came_back = 0;
            for booking in &bookings {
                let mail = booking.customer.email.as_deref().unwrap_or_default();
                let (name, phone, code) = (
                    booking.customer.name.as_deref().unwrap_or_default(),
                    booking.customer.phone.as_deref().unwrap_or_default(),
                    booking.reference.as_deref().unwrap_or_default(),
                );
                if let Some(reason) = held.get(booking.id.as_str()) {
                    let nul = [name, phone, code].iter().any(|text| text.contains('\0'));
                    let long =
                        dialect == Dialect::Mysql && (code.chars().count() > 9 || phone.chars().count() > 40);
                    let nameless = name.trim().is_empty();
                    assert!(
                        nul || long || nameless,
                        "{dialect:?}: needlessly held: {name:?} {phone:?} {code:?}: {reason}"
                    );
                    assert!(!found.contains_key(mail), "{dialect:?}: held and loaded");
                    continue;
                }
                came_back += 1;
                // White space around a name or number is no part of it; MySQL's CHAR has none behind it.
                let phone = match phone.trim() {
                    "" => "-".to_owned(),
                    phone => hex(phone),
                };
                let code = if dialect == Dialect::Mysql {
                    code.trim_end_matches(' ')
                } else {
                    code
                };
                let want = format!("{}|{phone}|{}", hex(name.trim()), hex(code));
                assert_eq!(
                    found.get(mail),
                    Some(&want.as_str()),
                    "{dialect:?}: {name:?} {phone:?} {code:?}"
                );
            }
            assert!(
                came_back > BOOKINGS / 6,
                "{dialect:?}: only {came_back} were tried"
            );
        }
    }
}
