//! Lines and the spans in them, as tables: `cases.tsv` by kind, `locales.tsv` by language. `UPDATE=1` writes what is
//! found, for `git diff` to review.

use super::describe::describe;
use super::{SpanValue, spans, spans_knowing, words};
use std::collections::BTreeSet;

const CASES: [(&str, &str); 2] = [
    ("cases.tsv", include_str!("cases.tsv")),
    ("locales.tsv", include_str!("locales.tsv")),
];

/// Tabs are written `\t` in the table.
fn cases() -> impl Iterator<Item = (String, &'static str)> {
    let lines = CASES.into_iter().flat_map(|(_, table)| table.lines());
    lines.filter(|line| !line.starts_with('#')).map(|line| {
        let (line, expected) = line.split_once('\t').unwrap_or((line, ""));
        (line.replace("\\t", "\t"), expected)
    })
}

fn found(line: &str) -> String {
    let spans = spans(line);
    let spans = spans
        .iter()
        .map(|span| format!("{} = {}", &line[span.start..span.end], describe(span)));
    spans.collect::<Vec<_>>().join(" ¦ ").replace('\t', "\\t")
}

#[test]
fn every_line_of_the_table_is_read_as_it_says() {
    if std::env::var_os("UPDATE").is_some() {
        return update();
    }
    let wrong: Vec<String> = cases()
        .filter_map(|(line, expected)| {
            let found = found(&line);
            (found != expected).then(|| format!("{line}\n  found    {found}\n  expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases().count() >= 600);
}

fn update() {
    for (name, table) in CASES {
        let lines = table.lines().map(|line| {
            let input = line.split('\t').next().unwrap_or(line);
            if line.starts_with('#') {
                line.to_owned()
            } else {
                format!("{input}\t{}", found(&input.replace("\\t", "\t")))
            }
        });
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/reading/");
        std::fs::write(format!("{folder}{name}"), text).expect("the table can be written");
    }
}

/// A small generator with a fixed seed: the same lines on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

#[test]
fn damaged_lines_give_sound_spans() {
    let lines: Vec<String> = cases().map(|(line, _)| line).collect();
    let mut dice = Dice(7);
    for round in 0..20_000 {
        let mut bytes = lines[round % lines.len()].clone().into_bytes();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(bytes.len() + 1);
            match dice.roll(5) {
                0 => bytes.insert(at, dice.roll(256) as u8),
                1 => bytes.truncate(at),
                2 if at < bytes.len() => bytes[at] = dice.roll(256) as u8,
                3 => bytes
                    .splice(at..at, lines[dice.roll(lines.len())].bytes())
                    .for_each(drop),
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => {}
            }
        }
        assert_sound(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn parts_of_lines_give_sound_spans() {
    for (line, _) in cases() {
        for (at, _) in line.char_indices() {
            assert_sound(&line[at..]);
            assert_sound(&line[..at]);
        }
    }
}

/// In order, apart, on character boundaries, and with something in them.
fn assert_sound(line: &str) {
    let mut free = 0;
    for span in spans(line) {
        assert!(span.start >= free && span.start < span.end, "{line:?}: {span:?}");
        assert!(line.get(span.start..span.end).is_some(), "{line:?}: {span:?}");
        let filled = match &span.value {
            SpanValue::Moment(moment) => !moment.readings.is_empty(),
            SpanValue::Amount(amount) => !amount.readings.is_empty(),
            SpanValue::Email(text)
            | SpanValue::Phone(text)
            | SpanValue::Url(text)
            | SpanValue::Code(text)
            | SpanValue::Number(text) => !text.is_empty(),
        };
        assert!(filled, "{line:?}: {span:?}");
        free = span.end;
    }
    for (start, end) in words(line) {
        assert!(start < end && line.get(start..end).is_some(), "{line:?}");
    }
}

#[test]
fn hostile_lines_take_no_more_than_their_length() {
    // Each of these would take minutes if reading one token looked through the rest of the line.
    for part in [
        "1,",
        "1 ",
        "a-",
        "1-",
        "Mar ",
        "1 mai 26 1h ",
        "://",
        "a@",
        "3月",
        "9 to ",
        "(",
        "$ ",
        "été ",
    ] {
        assert_sound(&part.repeat(100_000 / part.len()));
    }
}

#[test]
fn a_word_that_is_no_weekday_here_is_no_part_of_a_date() {
    let line = "zaliczka do 13.08.2026";
    let texts = |days: &[_]| -> Vec<String> {
        let found = spans_knowing(line, &[], days, &BTreeSet::new()).into_iter();
        found.map(|span| line[span.start..span.end].to_owned()).collect()
    };
    assert_eq!(texts(&[]), ["do 13.08.2026"], "a Thursday in Dutch");
    assert_eq!(texts(&[(9..11, None)]), ["13.08.2026"]);
    let hours = "od 9:00 do 10:00";
    let [_, last] = spans_knowing(hours, &[], &[(8..10, None)], &BTreeSet::new())
        .try_into()
        .expect("two times");
    assert!(
        matches!(last.value, SpanValue::Moment(moment) if moment.continues),
        "it still means until"
    );
}

#[test]
fn a_word_that_is_a_weekday_here_is_part_of_a_date_without_a_year() {
    let line = "vrátit st 15. 7. do 17:00";
    let first = |days: &[_]| {
        let found = spans_knowing(line, &[], days, &BTreeSet::new());
        line[found[0].start..].to_owned()
    };
    assert_eq!(first(&[]), "15. 7. do 17:00", "it may be any word");
    assert_eq!(
        first(&[(8..10, Some(chrono::Weekday::Wed))]),
        "st 15. 7. do 17:00"
    );
}
