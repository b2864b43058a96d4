//! Takes records apart that tell of several bookings, by the numbers that stand in them.
//!
//! A confirmation for a couple lists two bookings, the entry of a departure all its parties. Where the same words
//! stand around different numbers, line by line or block by block, each block tells of one booking: it becomes a
//! document of its own, with all that stands outside the blocks. Numbers of others are blanked out at the same
//! length, so that places in the text stay what they are.

use super::Shape;
use crate::model::{Document, Scalar};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// More numbers than this in one record are a list for somebody else: a plan of the day, an account.
const BOOKINGS_MAX: usize = 24;

/// Replaces documents that tell of several bookings by one for each.
pub fn split(documents: &mut Vec<Document>, shape: &Shape) {
    if !shape.is_known() {
        return;
    }
    let parts: Vec<(usize, Vec<Document>)> = documents
        .iter()
        .enumerate()
        .filter(|(_, document)| matches!(document.object.as_str(), "message" | "event"))
        .filter_map(|(at, document)| Some((at, parts(document, shape)?)))
        .collect();
    if parts.is_empty() {
        return;
    }
    let mut parts: BTreeMap<usize, Vec<Document>> = parts.into_iter().collect();
    *documents = std::mem::take(documents)
        .into_iter()
        .enumerate()
        .flat_map(|(at, document)| parts.remove(&at).unwrap_or_else(|| vec![document]))
        .collect();
}

/// A number in a line, and what stands right before and after it.
struct Number {
    folded: String,
    range: Range<usize>,
    around: (String, String),
}

/// Lines of one place, from the first of a block to the first of the next.
struct Block {
    number: String,
    lines: Range<u32>,
}

fn parts(document: &Document, shape: &Shape) -> Option<Vec<Document>> {
    let mut blocks: BTreeMap<&str, Vec<Block>> = BTreeMap::new();
    let mut opening: BTreeMap<&str, Vec<(u32, Number)>> = BTreeMap::new();
    for item in &document.items {
        if let Scalar::Text(text) = &item.value {
            let mut numbers = numbers(text, shape);
            // A line with several numbers opens no block.
            if numbers.len() == 1 {
                let number = numbers.remove(0);
                opening.entry(&item.place).or_default().push((item.line, number));
            }
        }
    }
    for (place, opening) in &opening {
        blocks.extend(blocks_of(opening).map(|blocks| (*place, blocks)));
    }
    let all: BTreeSet<&str> = blocks
        .values()
        .flatten()
        .map(|block| block.number.as_str())
        .collect();
    if all.len() < 2 || all.len() > BOOKINGS_MAX {
        return None;
    }
    Some(
        all.iter()
            .map(|number| part(document, shape, number, &all, &blocks))
            .collect(),
    )
}

/// The blocks of a place: from each line with a number to the next, where the words around the numbers are the same.
fn blocks_of(opening: &[(u32, Number)]) -> Option<Vec<Block>> {
    let (_, first) = opening.first()?;
    let alike: Vec<&(u32, Number)> = opening
        .iter()
        .filter(|(_, number)| number.around == first.around)
        .collect();
    let distinct: BTreeSet<&str> = alike.iter().map(|(_, number)| number.folded.as_str()).collect();
    // A number that is said again belongs to what was said of it before; two formats of one list are no list.
    if distinct.len() < 2 || distinct.len() != alike.len() || alike.len() != opening.len() {
        return None;
    }
    let longest = alike.windows(2).map(|pair| pair[1].0 - pair[0].0).max()?;
    Some(
        alike
            .iter()
            .enumerate()
            .map(|(at, (line, number))| Block {
                number: number.folded.clone(),
                lines: *line..alike.get(at + 1).map_or(line + longest, |(next, _)| *next),
            })
            .collect(),
    )
}

/// What a document says of one of its bookings.
fn part(
    document: &Document,
    shape: &Shape,
    own: &str,
    all: &BTreeSet<&str>,
    blocks: &BTreeMap<&str, Vec<Block>>,
) -> Document {
    let mut part = document.clone();
    // When it was changed tells nothing of this one: another party may have been added.
    part.made_at = part.said_at;
    let published = published(document, all);
    part.items.retain_mut(|item| {
        if let Some((set, rest)) = set_of(&item.place)
            && let Some(number) = published.get(set)
        {
            // The first set is the one that is read.
            let first = set.trim_end_matches(|char: char| char.is_ascii_digit());
            let place = format!("{first}{rest}");
            item.place = place;
            return number == own;
        }
        let of = blocks.get(item.place.as_str()).into_iter().flatten();
        let block = of.into_iter().find(|block| block.lines.contains(&item.line));
        block.is_none_or(|block| block.number == own)
    });
    for item in &mut part.items {
        if let Scalar::Text(text) = &mut item.value {
            for number in numbers(text, shape) {
                if number.folded != own && all.contains(number.folded.as_str()) {
                    let blank = " ".repeat(number.range.len());
                    text.replace_range(number.range, &blank);
                }
            }
        }
    }
    part
}

/// Sets of published data that state one of these numbers, and which.
fn published<'a>(document: &'a Document, all: &BTreeSet<&str>) -> BTreeMap<&'a str, String> {
    let numbers = document.items.iter().filter_map(|item| {
        let (set, rest) = set_of(&item.place)?;
        match &item.value {
            Scalar::Text(text) if rest == "/reservationNumber" => Some((set, super::squash(text))),
            _ => None,
        }
    });
    numbers
        .filter(|(_, number)| all.contains(number.as_str()))
        .collect()
}

/// The set of published data of which an item is, `ld:` or `micro:1`, and its name in it.
fn set_of(place: &str) -> Option<(&str, &str)> {
    let (kind, rest) = place.split_once(':')?;
    let name = rest.find('/')?;
    let numbered = rest[..name].chars().all(|char| char.is_ascii_digit());
    (matches!(kind, "ld" | "micro") && numbered).then(|| place.split_at(kind.len() + 1 + name))
}

/// What in a line looks like a booking's number.
fn numbers(text: &str, shape: &Shape) -> Vec<Number> {
    let ends = |char: char| char.is_whitespace() || "()[]{}<>,;:|\"'“”„«»=".contains(char);
    let mut numbers = Vec::new();
    let mut start = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        if !ends(char) {
            start.get_or_insert(at);
            continue;
        }
        let Some(from) = start.take() else { continue };
        let word = text[from..at].trim_end_matches(['.', '!', '?']);
        let digits = word.chars().any(char::is_numeric);
        // Dates and phones are digits with marks between them.
        let plain = word.chars().any(char::is_alphabetic)
            || word
                .trim_start_matches(|char: char| !char.is_alphanumeric())
                .chars()
                .all(char::is_numeric);
        if digits && plain && shape.fits(word) {
            let range = from..from + word.len();
            numbers.push(Number {
                folded: super::squash(word),
                around: (last_word(&text[..range.start]), first_mark(&text[range.end..])),
                range,
            });
        }
    }
    numbers
}

/// The last word or mark of a text, folded; empty at the start of a line.
fn last_word(text: &str) -> String {
    let text = text.trim_end();
    let is_word = |char: char| char.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&char);
    match text.chars().next_back() {
        None => String::new(),
        Some(char) if is_word(char) => {
            let start = text
                .rfind(|char| !is_word(char))
                .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
            super::squash(&text[start..])
        }
        Some(mark) => mark.to_string(),
    }
}

/// The mark that follows, if one does.
fn first_mark(text: &str) -> String {
    text.chars()
        .next()
        .filter(|char| !char.is_whitespace())
        .map(String::from)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::mapping::Shape;
    use crate::model::{Document, Item, RecordId, Scalar, SourceKind, Standing};

    fn mail(lines: &[&str]) -> Document {
        let item = |(line, text): (usize, &&str)| Item {
            place: "text".to_owned(),
            line: line as u32,
            value: Scalar::Text((*text).to_owned()),
        };
        Document {
            record: RecordId::new("mail", "a@b.example"),
            kind: SourceKind::Mail,
            object: "message".to_owned(),
            container: String::new(),
            tenant: None,
            said_at: None,
            made_at: None,
            standing: Standing::Business,
            items: lines.iter().enumerate().map(item).collect(),
            kin: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn parts(lines: &[&str]) -> Vec<Vec<String>> {
        let shape = Shape::new(["AB-1001", "AB-1002", "AB-1003", "AB-1004", "AB-1005"].into_iter());
        let mut documents = vec![mail(lines)];
        split(&mut documents, &shape);
        let text = |item: &Item| match &item.value {
            Scalar::Text(text) => text.clone(),
            _ => String::new(),
        };
        documents
            .iter()
            .map(|document| document.items.iter().map(text).collect())
            .collect()
    }

    #[test]
    fn each_block_is_one_booking_and_the_rest_is_everybodys() {
        let read = parts(&[
            "Dear Ann",
            "Number: AB-2001",
            "Room: Blue",
            "Number: AB-2002",
            "Room: Red",
            "Paid: 20.00",
        ]);
        assert_eq!(
            read[0],
            ["Dear Ann", "Number: AB-2001", "Room: Blue", "Paid: 20.00"]
        );
        assert_eq!(
            read[1],
            ["Dear Ann", "Number: AB-2002", "Room: Red", "Paid: 20.00"]
        );
    }

    #[test]
    fn a_line_each_is_one_booking_each() {
        let read = parts(&["Ann 2 guests (AB-2001)", "Bob 4 guests (AB-2002)"]);
        assert_eq!(read, [["Ann 2 guests (AB-2001)"], ["Bob 4 guests (AB-2002)"]]);
    }

    #[test]
    fn other_numbers_are_blanked_out_where_all_stand() {
        let read = parts(&["Yours: AB-2001 AB-2002", "Number: AB-2001", "Number: AB-2002"]);
        assert_eq!(read[1], ["Yours:         AB-2002", "Number: AB-2002"]);
    }

    #[test]
    fn each_set_of_published_data_is_about_its_own_booking() {
        let mut document = mail(&["Number: AB-2001", "Number: AB-2002"]);
        for (set, number, day) in [("micro:", "AB-2001", "4 May"), ("micro:1", "AB-2002", "5 May")] {
            for (name, text) in [("/reservationNumber", number), ("/startTime", day)] {
                document.items.push(Item {
                    place: format!("{set}{name}"),
                    line: 0,
                    value: Scalar::Text(text.to_owned()),
                });
            }
        }
        let shape = Shape::new(["AB-1001", "AB-1002", "AB-1003", "AB-1004", "AB-1005"].into_iter());
        let mut documents = vec![document];
        split(&mut documents, &shape);
        let starts = documents.iter().map(|part| part.text("micro:/startTime"));
        assert_eq!(starts.collect::<Vec<_>>(), [Some("4 May"), Some("5 May")]);
        assert!(
            documents[1]
                .items
                .iter()
                .all(|item| !item.place.starts_with("micro:1"))
        );
    }

    #[test]
    fn a_number_that_replaces_another_is_no_list() {
        let lines = ["Number: AB-2001", "instead of AB-1001"];
        assert_eq!(parts(&lines), [lines]);
    }

    #[test]
    fn a_number_said_twice_is_no_list() {
        let lines = ["Number: AB-2001", "Number: AB-2001"];
        assert_eq!(parts(&lines), [lines]);
    }
}
