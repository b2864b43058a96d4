//! Whole worlds: the same bytes again, what wording and damage change, and what they leave alone.

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

fn only(kind: &str, rate: f64) -> Options {
    let mut damage = Damage::none();
    assert!(damage.set(kind, rate), "{kind}");
    Options {
        bookings: 160,
        damage,
        ..Options::new(Kind::Hire)
    }
}

#[test]
fn each_kind_of_damage_does_its_own_and_no_other() {
    let whole = simulate(&only("hold", 0.0));
    assert!(whole.files["truth/damage.jsonl"].is_empty());
    for kind in Damage::kinds() {
        let world = simulate(&only(kind.name, 0.4));
        assert!(world.files != whole.files, "{} does nothing", kind.name);
        let noted = String::from_utf8(world.files["truth/damage.jsonl"].clone()).unwrap();
        let befell: std::collections::BTreeSet<String> = noted
            .lines()
            .flat_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                line["damage"].as_array().unwrap().clone()
            })
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        // What is about no booking befalls none.
        let expected = (kind.name != "unrelated").then(|| kind.name.to_owned());
        assert_eq!(befell, expected.into_iter().collect(), "{}", kind.name);
    }
}

#[test]
fn a_source_that_stops_early_leaves_the_others_as_they_were() {
    let whole = simulate(&only("hold", 0.0));
    for (kind, source) in [
        ("mail-stops", "mail/"),
        ("calendar-stops", "calendar/"),
        ("stripe-stops", "stripe/"),
        ("redesign", "mail/"),
    ] {
        let world = simulate(&only(kind, 0.4));
        for (path, bytes) in &whole.files {
            let is_its_own = path.starts_with(source)
                || [
                    "truth/damage.jsonl",
                    "truth/records.jsonl",
                    "truth/bookings.jsonl",
                ]
                .contains(&path.as_str());
            assert!(is_its_own || world.files[path] == *bytes, "{kind} changes {path}");
        }
        let size = |world: &World| -> usize {
            let own = world.files.iter().filter(|(path, _)| path.starts_with(source));
            own.map(|(_, bytes)| bytes.len()).sum()
        };
        assert!(
            kind == "redesign" || size(&world) < size(&whole) * 9 / 10,
            "{kind}"
        );
    }
}

#[test]
fn letters_before_a_redesign_are_as_they_were_and_those_after_it_are_not() {
    let letters = |options: &Options| -> Vec<String> {
        let mbox = simulate(options).files["mail/confirmations.mbox"].clone();
        let mbox = String::from_utf8_lossy(&mbox).into_owned();
        mbox.split("\nFrom ").map(str::to_owned).collect()
    };
    let (old, new) = (letters(&only("hold", 0.0)), letters(&only("redesign", 0.5)));
    assert_eq!(old.len(), new.len());
    let same: Vec<bool> = old.iter().zip(&new).map(|(old, new)| old == new).collect();
    let first = same
        .iter()
        .position(|same| !same)
        .expect("some letter is in the new design");
    assert!(first > same.len() / 2, "redesigned in the gap, not before");
    assert!(same[first..].iter().all(|same| !same));
    assert!(same.len() - first > 10);
}

#[test]
fn a_reference_that_is_given_out_again_stands_twice_in_a_database_that_allows_it() {
    let world = simulate(&only("reference-reused", 0.4));
    let truth = String::from_utf8(world.files["truth/bookings.jsonl"].clone()).unwrap();
    let references: Vec<String> = truth
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["reference"].to_string())
        .collect();
    let distinct: std::collections::BTreeSet<&String> = references.iter().collect();
    assert!(distinct.len() < references.len() - 10);
    let unique = |world: &World| {
        String::from_utf8_lossy(&world.files["backup.sql"])
            .matches(" UNIQUE ")
            .count()
    };
    assert_eq!(unique(&world) + 1, unique(&simulate(&only("hold", 0.0))));
}
