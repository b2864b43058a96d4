//! The mapping files of the project are of the format that the program reads and writes.

use rebook::mapping::{Gazetteer, Length, Lexer, lengths, parse, render};
use rebook::model::{LengthUnit, When};
use std::fs;
use std::path::Path;

#[test]
fn every_example_is_read_and_written_without_loss() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let mut examples = 0;
    for entry in fs::read_dir(&folder).expect("mappings") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        examples += 1;
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).expect("a readable file");
        let mapping = parse(&name, &text).unwrap_or_else(|error| panic!("{error}"));
        assert!(!mapping.rules.is_empty(), "{name} holds no rule");
        let again = parse(&name, &render(&mapping)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again, mapping, "{name} is not what it becomes when it is written");
    }
    assert!(examples >= 2, "no example found in {}", folder.display());
}

#[test]
fn the_format_described_is_the_format_read() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/README.md");
    let text = fs::read_to_string(readme).expect("mappings/README.md");
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("the example's end");
    let mapping = parse("mappings/README.md", example).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (
            mapping.rules.len(),
            mapping.meanings.len(),
            mapping.charges.len(),
            mapping.events.len(),
            mapping.nicknames.len()
        ),
        (1, 1, 1, 2, 1)
    );
}

#[test]
fn a_nickname_has_a_letter_and_is_known_in_its_own_source() {
    let text =
        |name: &str| format!("source = \"mail\"\n\n[[nickname]]\ntext = \"{name}\"\nresource = \"2\"\n");
    let mapping = parse("mail.toml", &text("Team B")).unwrap_or_else(|error| panic!("{error}"));
    let again = parse("mail.toml", &render(&mapping)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, mapping);
    let gazetteer = Gazetteer::new(&[]).calling([&mapping]);
    let found = |source: &str| gazetteer.find(source, "then team B, please").len();
    assert_eq!((found("mail"), found("calendar")), (1, 0));
    let error = parse("mail.toml", &text("7")).expect_err("a number").to_string();
    assert!(error.contains("at least one letter"), "{error}");
    assert!(parse("mail.toml", &text("537.79")).is_ok(), "the end of a plate");
}

#[test]
fn a_name_that_gives_way_is_written_again_and_is_the_customers() {
    let text = |field: &str| {
        format!(
            "source = \"mail\"\n\n[[rule]]\nobject = \"message\"\nplace = \"header:to.name\"\nslot = \"words\"\n\
             field = \"{field}\"\nbehind = true\n"
        )
    };
    let mapping = parse("mail.toml", &text("customer.name")).unwrap_or_else(|error| panic!("{error}"));
    assert!(mapping.rules[0].behind);
    let again = parse("mail.toml", &render(&mapping)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, mapping);
    let error = parse("mail.toml", &text("customer.called"))
        .expect_err("no name")
        .to_string();
    assert!(error.contains("customer.name"), "{error}");
}

/// A rule as a person writes it, for a number with a unit behind it.
fn length(changed: &str, by: &str) -> String {
    let text = "source = \"mail\"\n\n[[rule]]\nobject = \"message\"\nplace = \"text\"\nslot = \"code\"\nleft = \"for\"\n\
                right = \"days\"\nfield = \"ends_at\"\nunit = \"days\"\ndays = -1\n";
    text.replace(changed, by)
}

#[test]
fn a_length_has_a_unit_that_is_written_again() {
    let mapping = parse("mail.toml", &length("", "")).unwrap_or_else(|error| panic!("{error}"));
    let reading = mapping.rules[0].reading;
    assert_eq!((reading.unit, reading.days), (Some(LengthUnit::Days), -1));
    let again = parse("mail.toml", &render(&mapping)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, mapping);
}

#[test]
fn a_length_ends_a_booking_and_counts_what_is_known() {
    for (changed, by, said) in [
        (
            "unit = \"days\"",
            "unit = \"weeks\"",
            "minutes, hours, days, nights",
        ),
        ("ends_at", "starts_at", "not of starts_at"),
        ("\"code\"", "\"amount\"", "not amount"),
    ] {
        let error = parse("mail.toml", &length(changed, by))
            .expect_err(said)
            .to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// The lengths of a line in hundredths, or as hours and minutes in minutes.
fn lengths_of(text: &str) -> Vec<Length> {
    let gazetteer = Gazetteer::new(&[]);
    let lexer = Lexer {
        gazetteer: &gazetteer,
    };
    let line = lexer.line("mail", text);
    lengths(&line).into_iter().map(|stated| stated.length).collect()
}

#[test]
fn numbers_and_hours_with_minutes_are_lengths_and_parts_of_others_are_none() {
    let whole = |number: i64| vec![Length::Number(number * 100)];
    for (text, expected) in [
        ("Full valet (3 hours)", whole(3)),
        ("itachukua saa 3.", whole(3)),
        ("Dauer: 90 Minuten", whole(90)),
        ("所要時間は30分ほどです", whole(30)),
        ("Durata: 60'", whole(60)),
        ("Dauer: 1,5 Stunden", vec![Length::Number(150)]),
        ("Durée : 1 h 30", vec![Length::Clock(90)]),
        ("takes 1 hour 30 minutes", whole(30)),
        ("takes 2-3 hours", Vec::new()),
        ("1/2 hour", Vec::new()),
    ] {
        assert_eq!(lengths_of(text), expected, "{text}");
    }
}

#[test]
fn days_keep_the_time_of_day_and_nights_tell_the_day_alone() {
    let zone = chrono_tz::Europe::Berlin;
    let at = |text: &str| When::Instant(text.parse().expect("a moment"));
    let day = |text: &str| When::Date(text.parse().expect("a day"));
    // Over the night in which the clocks are set forward.
    let start = at("2026-03-28T09:00:00Z");
    let two = Length::Number(200);
    assert_eq!(
        two.end(LengthUnit::Days, start, 0, zone),
        Some(at("2026-03-30T08:00:00Z"))
    );
    assert_eq!(
        two.end(LengthUnit::Nights, start, 0, zone),
        Some(day("2026-03-30"))
    );
    assert_eq!(
        two.end(LengthUnit::Hours, start, 0, zone),
        Some(at("2026-03-28T11:00:00Z"))
    );
    assert_eq!(
        two.end(LengthUnit::Days, day("2026-05-01"), -1, zone),
        Some(day("2026-05-02"))
    );
    assert_eq!(two.end(LengthUnit::Minutes, day("2026-05-01"), 0, zone), None);
    assert_eq!(Length::Number(150).end(LengthUnit::Nights, start, 0, zone), None);
}
