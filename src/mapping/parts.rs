//! Takes records apart that tell of several bookings, by the numbers that stand in them.
//!
//! A confirmation for a couple lists two bookings, an order its lines, the entry of a departure all its parties. Where the
//! same words stand around different numbers, line by line or block by block, each block tells of one booking: it
//! becomes a document of its own, with all that stands outside the blocks. Numbers of others are blanked out at the same
//! length, so that places in the text stay what they are. What stands where the backup's own numbers do is a booking's;
//! a flight or an invoice that looks like one is not. A message whose bookings cannot be told apart says so.

use super::{OtherNumbers, PlainCodes, Shape, lists};
use crate::model::{Document, Listed, Listing, Scalar};
use crate::reading::{self, SpanValue, is_word_char};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// More numbers than this in one record are a list for somebody else: a plan of the day, an account.
const BOOKINGS_MAX: usize = 24;

/// Replaces documents that tell of several bookings by one for each. `known` are the backup's numbers.
pub fn split<'a>(documents: &mut Vec<Document>, shape: &Shape, known: impl Iterator<Item = &'a str> + Clone) {
    if !shape.is_known() {
        return;
    }
    let codes = PlainCodes::learn(documents, known.clone());
    let known: BTreeSet<String> = known.map(super::squash).collect();
    let others = other_numbers(documents, shape, &codes, &known);
    let looks = Looks {
        shape,
        codes: &codes,
        others: &others,
    };
    let (own, everybodys) = rayon::join(
        || surroundings(documents, &looks, &known),
        || everybodys(documents, &looks, &known),
    );
    let apart = |(at, document): (usize, &mut Document)| {
        if !is_free(document) {
            return None;
        }
        if let Some(found) = parts_of(document, &looks, &own) {
            return Some((at, found));
        }
        if document.object == "message" {
            let mut mixed = mixed(document, &looks, &own);
            mixed.retain(|number| !everybodys.contains(&super::squash(number)));
            if mixed.len() > 1 {
                document.listing = Listing::Mixed(mixed);
            }
        }
        None
    };
    let parts = documents.par_iter_mut().enumerate().filter_map(apart).collect();
    lists::put_in_place(documents, parts);
}

/// What numbers look like: like those of the backup, or they are words that are known to be some.
struct Looks<'s> {
    shape: &'s Shape,
    codes: &'s PlainCodes,
    /// What stands under such words looks like one, and is none.
    others: &'s OtherNumbers,
}

/// Under which words the records state numbers that are none, however they look.
fn other_numbers(
    documents: &[Document],
    shape: &Shape,
    codes: &PlainCodes,
    known: &BTreeSet<String>,
) -> OtherNumbers {
    let looks = Looks {
        shape,
        codes,
        others: &OtherNumbers::default(),
    };
    OtherNumbers::learn(
        documents.iter().filter(|document| is_free(document)),
        known,
        |document| {
            let texts = document.items.iter().filter_map(|item| match &item.value {
                Scalar::Text(text) => Some(text.as_str()),
                _ => None,
            });
            texts
                .flat_map(|text| {
                    let found = numbers(text, &looks).into_iter();
                    found.map(|number| (number.folded, &text[..number.range.start]))
                })
                .collect()
        },
    )
}

/// Whether a record's text is written as its writer liked.
fn is_free(document: &Document) -> bool {
    matches!(document.object.as_str(), "message" | "event")
}

/// The words before and the mark behind a number.
type Around = (String, String);

/// A number in a line, and what stands right before and after it.
struct Number {
    folded: String,
    range: Range<usize>,
    around: Around,
}

/// Lines of one place, from the first of a block to the first of the next.
struct Block {
    number: String,
    lines: Range<u32>,
}

/// A line of a place.
struct Row<'d> {
    line: u32,
    text: &'d str,
}

/// Between what numbers of the backup stand, in which kind of record; and whether several do.
type Own = BTreeMap<(String, Around), bool>;

fn surroundings(documents: &[Document], looks: &Looks<'_>, known: &BTreeSet<String>) -> Own {
    let mut own: BTreeMap<(String, Around), BTreeSet<String>> = BTreeMap::new();
    for document in documents.iter().filter(|document| is_free(document)) {
        for item in &document.items {
            let Scalar::Text(text) = &item.value else { continue };
            let numbers = numbers(text, looks).into_iter();
            for number in numbers.filter(|number| known.contains(&number.folded)) {
                let here = own.entry((document.object.clone(), number.around)).or_default();
                if here.len() < 2 {
                    here.insert(number.folded);
                }
            }
        }
    }
    let several = |(around, numbers): (_, BTreeSet<String>)| (around, numbers.len() > 1);
    own.into_iter().map(several).collect()
}

/// So many people whose messages state one number have no booking in common.
const PEOPLE: usize = 5;

/// What is written as the backup's numbers are, is none of them, and stands in many people's messages: a voucher's code.
fn everybodys(documents: &[Document], looks: &Looks<'_>, known: &BTreeSet<String>) -> BTreeSet<String> {
    let mut people: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for document in documents.iter().filter(|document| document.object == "message") {
        let Some(to) = document.recipient() else {
            continue;
        };
        for item in &document.items {
            let Scalar::Text(text) = &item.value else { continue };
            for number in numbers(text, looks) {
                let of = people.entry(number.folded).or_default();
                if of.len() < PEOPLE {
                    of.insert(to);
                }
            }
        }
    }
    people.retain(|number, of| of.len() >= PEOPLE && !known.contains(number));
    people.into_keys().collect()
}

/// The lines of each place, in reading order.
fn rows(document: &Document) -> BTreeMap<&str, Vec<Row<'_>>> {
    let mut rows: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for item in &document.items {
        if let Scalar::Text(text) = &item.value {
            let line = item.line;
            rows.entry(&item.place).or_default().push(Row { line, text });
        }
    }
    rows
}

/// The numbers of each row. Where some stand as the backup's own do, the others are none.
fn numbered(rows: &[Row<'_>], object: &str, looks: &Looks<'_>, own: &Own) -> Vec<Vec<Number>> {
    let mut all: Vec<Vec<Number>> = rows.iter().map(|row| numbers(row.text, looks)).collect();
    let is_own = |number: &Number| own.contains_key(&(object.to_owned(), number.around.clone()));
    if all.iter().flatten().any(is_own) {
        for numbers in &mut all {
            numbers.retain(is_own);
        }
    }
    all
}

fn parts_of(document: &Document, looks: &Looks<'_>, own: &Own) -> Option<Vec<Document>> {
    let mut blocks: BTreeMap<&str, Vec<Block>> = BTreeMap::new();
    for (place, rows) in rows(document) {
        let numbers = numbered(&rows, &document.object, looks, own)
            .into_iter()
            .enumerate();
        // A line with several numbers opens no block.
        let opening = numbers.filter_map(|(at, mut numbers)| match numbers.len() {
            1 => Some((at, numbers.remove(0))),
            _ => None,
        });
        let opening: Vec<(usize, Number)> = opening.collect();
        // Kinds of booking have numbers under words of their own: a room's, and that of the motorbike with it. Where only
        // ever one number stands, it may be a postal code that one of the backup's happens to be.
        let is_own = |(_, number): &(usize, Number)| {
            let around = (document.object.clone(), number.around.clone());
            own.get(&around).is_some_and(|several| *several)
        };
        let are_own = opening.iter().all(is_own);
        let opening: Vec<&(usize, Number)> = opening.iter().collect();
        let found = blocks_of(&rows, &opening, are_own).or_else(|| blocks_and_mentions(&rows, &opening));
        blocks.extend(found.map(|blocks| (place, blocks)));
    }
    let all: BTreeSet<&str> = blocks
        .values()
        .flatten()
        .map(|block| block.number.as_str())
        .collect();
    if all.len() < 2 || all.len() > BOOKINGS_MAX {
        return None;
    }
    let unparted = unparted(document, looks, &all, &blocks);
    Some(
        all.iter()
            .map(|number| part(document, looks, number, &all, &blocks, &unparted))
            .collect(),
    )
}

/// Places that tell of several of these bookings, line by line, and were not taken apart: nothing there is of one alone.
fn unparted<'d>(
    document: &'d Document,
    looks: &Looks<'_>,
    all: &BTreeSet<&str>,
    blocks: &BTreeMap<&str, Vec<Block>>,
) -> BTreeSet<&'d str> {
    let rows = rows(document).into_iter();
    let others = rows.filter(|(place, _)| !blocks.contains_key(place));
    let several = others.filter(|(_, rows)| {
        let numbers = rows.iter().flat_map(|row| numbers(row.text, looks));
        let here: BTreeSet<String> = numbers
            .map(|number| number.folded)
            .filter(|number| all.contains(number.as_str()))
            .collect();
        here.len() > 1 && rows.len() > 1
    });
    several.map(|(place, _)| place).collect()
}

/// The numbers of a message that names several bookings, which nothing takes apart: in one line, or between the same words.
fn mixed(document: &Document, looks: &Looks<'_>, own: &Own) -> Vec<String> {
    // As they are written first, by what they are folded to.
    let mut mixed: BTreeMap<String, String> = BTreeMap::new();
    for (_, rows) in rows(document) {
        let is_own = |number: &Number| own.contains_key(&(document.object.clone(), number.around.clone()));
        let mut alike: BTreeMap<Around, BTreeMap<String, String>> = BTreeMap::new();
        for row in &rows {
            let numbers = numbers(row.text, looks);
            if !numbers.iter().any(is_own) {
                continue;
            }
            let said = |number: &Number| (number.folded.clone(), row.text[number.range.clone()].to_owned());
            let distinct: BTreeMap<String, String> = numbers.iter().map(said).collect();
            if distinct.len() > 1 {
                mixed.extend(distinct);
            }
            for number in numbers.iter().filter(|number| is_own(number)) {
                alike
                    .entry(number.around.clone())
                    .or_default()
                    .extend([said(number)]);
            }
        }
        mixed.extend(alike.into_values().filter(|numbers| numbers.len() > 1).flatten());
    }
    mixed.into_values().collect()
}

/// The blocks of a list some of whose numbers stand outside of it too, in lines of their own: one of the bookings was
/// moved, and these are left.
fn blocks_and_mentions(rows: &[Row<'_>], opening: &[&(usize, Number)]) -> Option<Vec<Block>> {
    let mut alike: BTreeMap<&Around, Vec<&(usize, Number)>> = BTreeMap::new();
    for of in opening {
        alike.entry(&of.1.around).or_default().push(of);
    }
    let mut lists = alike.iter().filter(|(_, of)| of.len() > 1);
    let (Some((around, list)), None) = (lists.next(), lists.next()) else {
        return None;
    };
    let mut blocks = blocks_of(rows, list, false)?;
    let mentions = opening.iter().filter(|(_, number)| number.around != **around);
    let mentions: Vec<Block> = mentions
        .map(|(at, number)| Block {
            number: number.folded.clone(),
            lines: rows[*at].line..rows[*at].line + 1,
        })
        .collect();
    let is_outside = |mention: &Block| {
        let mut listed = blocks.iter();
        let line = mention.lines.start;
        listed.any(|block| block.number == mention.number)
            && blocks.iter().all(|block| !block.lines.contains(&line))
    };
    if mentions.is_empty() || !mentions.iter().all(is_outside) {
        return None;
    }
    blocks.extend(mentions);
    Some(blocks)
}

/// The blocks of a place: as many as there are numbers, where the words around these are the same, or where numbers of the
/// backup's stand so at the end of lines with others between them.
fn blocks_of(rows: &[Row<'_>], opening: &[&(usize, Number)], are_own: bool) -> Option<Vec<Block>> {
    let (first, number) = opening.first()?;
    let distinct: BTreeSet<&str> = opening.iter().map(|(_, number)| number.folded.as_str()).collect();
    let alike = opening.iter().all(|(_, other)| other.around == number.around);
    // A number that is said again belongs to what was said of it before; two formats of one list are no list.
    if distinct.len() < 2 || distinct.len() != opening.len() {
        return None;
    }
    let steps = || opening.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let (shortest, longest) = (steps().min()?, steps().max()?);
    let ends_line = |(at, number): &&(usize, Number)| number.range.end == rows[*at].text.trim_end().len();
    let apart = are_own && shortest > 1 && opening.iter().all(ends_line);
    if !alike && !apart {
        return None;
    }
    let begins: Vec<String> = rows.iter().map(|row| beginning(row.text)).collect();
    // What stands before the number in each block, a room say, opens it.
    let is_repeated = |back: usize| {
        opening[1..]
            .iter()
            .all(|(at, _)| begins[at - back] == begins[first - back])
    };
    let before = (1..shortest.min(first + 1))
        .take_while(|back| is_repeated(*back))
        .count();
    let behind = opening.last()?.0 + 1;
    let heads = &begins[first - before..*first];
    // Where the same stands behind the last number too, nobody knows which block it is of.
    if begins[behind..rows.len().min(behind + longest)]
        .iter()
        .any(|begin| heads.contains(begin))
    {
        return None;
    }
    let starts: Vec<usize> = opening.iter().map(|(at, _)| at - before).collect();
    // The last block goes on as far as its lines begin like those of the others: a sum behind it is everybody's.
    let last = *starts.last()?;
    let within: BTreeSet<&str> = begins[starts[0]..last].iter().map(String::as_str).collect();
    let end = (last..rows.len().min(last + longest))
        .rev()
        .find(|at| within.contains(begins[*at].as_str()))
        .map_or(behind - 1, |at| at.max(behind - 1));
    let end = closing(&begins, &starts).map_or(end, |at| at.max(end));
    let line = |at: usize| rows[at].line;
    let blocks = opening.iter().enumerate().map(|(at, (_, number))| Block {
        number: number.folded.clone(),
        lines: line(starts[at])..starts.get(at + 1).map_or(line(end) + 1, |next| line(*next)),
    });
    Some(blocks.collect())
}

/// Where the last block ends, if all the others end with a line that begins alike: it may have more lines than they.
fn closing(begins: &[String], starts: &[usize]) -> Option<usize> {
    let others: Vec<&[String]> = starts.windows(2).map(|pair| &begins[pair[0]..pair[1]]).collect();
    let last_line = |block: &[String]| block.iter().rposition(|begin| !begin.is_empty());
    let close = |block: &&[String]| last_line(block).map(|at| block[at].clone());
    let closes = close(others.first()?)?;
    let is_once = |block: &&[String]| block.iter().filter(|begin| **begin == closes).count() == 1;
    if !others
        .iter()
        .all(|block| close(block).as_ref() == Some(&closes) && is_once(block))
    {
        return None;
    }
    let longest = others.iter().map(|block| block.len()).max()?;
    let last = *starts.last()?;
    let until = begins.len().min(last + longest * LONGER);
    (last..until).find(|at| begins[*at] == closes)
}

/// A block has so many times the lines of the others at most.
const LONGER: usize = 3;

/// What a line begins with: a word or a mark, folded, or the kind of value that stands there.
fn beginning(text: &str) -> String {
    let text = text.trim_start();
    let Some(first) = text.chars().next() else {
        return String::new();
    };
    if let Some(span) = reading::spans(text).first().filter(|span| span.start == 0) {
        let kind = match span.value {
            SpanValue::Moment(_) => "moment",
            SpanValue::Amount(_) => "amount",
            SpanValue::Email(_) | SpanValue::Url(_) => "address",
            SpanValue::Phone(_) | SpanValue::Code(_) | SpanValue::Number(_) => "number",
        };
        return format!("<{kind}>");
    }
    if !first.is_alphanumeric() {
        return first.to_string();
    }
    let end = text.find(|char: char| !is_word_char(char));
    super::squash(&text[..end.unwrap_or(text.len())])
}

/// What a document says of one of its bookings.
fn part(
    document: &Document,
    looks: &Looks<'_>,
    own: &str,
    all: &BTreeSet<&str>,
    blocks: &BTreeMap<&str, Vec<Block>>,
    unparted: &BTreeSet<&str>,
) -> Document {
    let mut part = document.clone();
    let own_lines = blocks.iter().flat_map(|(place, blocks)| {
        let own = blocks.iter().filter(|block| block.number == own);
        own.map(|block| ((*place).to_owned(), block.lines.clone()))
    });
    part.listing = Listing::Part(Listed {
        of: u32::try_from(all.len()).unwrap_or(u32::MAX),
        by_day: false,
        own: own_lines.collect(),
        name: None,
    });
    // When it was changed tells nothing of this one: another party may have been added.
    part.made_at = part.said_at;
    let published = published(document, looks, all);
    part.items.retain_mut(|item| {
        if let Some((set, rest)) = set_of(&item.place)
            && let Some(number) = published.get(set)
        {
            // The first set is the one that is read.
            let first = set.trim_end_matches(|char: char| char.is_ascii_digit());
            let place = format!("{first}{rest}");
            item.place = place;
            return number.as_deref() == Some(own);
        }
        if unparted.contains(item.place.as_str()) {
            return false;
        }
        let of = blocks.get(item.place.as_str()).into_iter().flatten();
        let block = of.into_iter().find(|block| block.lines.contains(&item.line));
        block.is_none_or(|block| block.number == own)
    });
    for item in &mut part.items {
        if let Scalar::Text(text) = &mut item.value {
            for number in numbers(text, looks) {
                if number.folded != own && all.contains(number.folded.as_str()) {
                    let blank = " ".repeat(number.range.len());
                    text.replace_range(number.range, &blank);
                }
            }
        }
    }
    part
}

/// Sets of published data, and events of calendar parts, that state one of these numbers, and which. Of several events without
/// one nobody knows whose each is.
fn published<'a>(
    document: &'a Document,
    looks: &Looks<'_>,
    all: &BTreeSet<&str>,
) -> BTreeMap<&'a str, Option<String>> {
    let mut stated: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for item in &document.items {
        let Some((set, rest)) = set_of(&item.place) else {
            continue;
        };
        let here = match &item.value {
            Scalar::Text(text) if set.starts_with(EVENT) => numbers(text, looks)
                .into_iter()
                .map(|number| number.folded)
                .collect(),
            Scalar::Text(text) if rest == "/reservationNumber" => vec![super::squash(text)],
            _ => Vec::new(),
        };
        let here = here.into_iter().filter(|number| all.contains(number.as_str()));
        stated.entry(set).or_default().extend(here);
    }
    let events = stated.keys().filter(|set| set.starts_with(EVENT)).count();
    let of_one = |(set, numbers): (&'a str, BTreeSet<String>)| match numbers.len() {
        1 => Some((set, numbers.into_iter().next())),
        _ => (set.starts_with(EVENT) && events > 1).then_some((set, None)),
    };
    stated.into_iter().filter_map(of_one).collect()
}

/// Where the events of calendar parts stand.
const EVENT: &str = "ics:";

/// The set of published data of which an item is, `ld:`, `micro:1` or `ics:2`, and its name in it.
fn set_of(place: &str) -> Option<(&str, &str)> {
    let (kind, rest) = place.split_once(':')?;
    let name = rest.find('/')?;
    let numbered = rest[..name].chars().all(|char| char.is_ascii_digit());
    (matches!(kind, "ld" | "micro" | "ics") && numbered).then(|| place.split_at(kind.len() + 1 + name))
}

/// What in a line looks like a booking's number.
fn numbers(text: &str, looks: &Looks<'_>) -> Vec<Number> {
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
        let is_code = || {
            word.chars().any(char::is_numeric) && looks.shape.is_number(word) || looks.codes.contains(word)
        };
        if is_code() && !looks.others.follows(&text[..from]) {
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

/// A list has not so many lines that their count takes more digits.
const COUNTED: usize = 2;

/// The last word or mark of a text, folded; empty at the start of a line.
fn last_word(text: &str) -> String {
    let text = text.trim_end();
    match text.chars().next_back() {
        None => String::new(),
        Some(char) if is_word_char(char) => {
            let start = text
                .rfind(|char| !is_word_char(char))
                .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
            let word = &text[start..];
            // The lines of a list are counted: 1, 2, 3.
            let counts = word.len() <= COUNTED && word.chars().all(|char| char.is_ascii_digit());
            if counts {
                "#".to_owned()
            } else {
                super::squash(word)
            }
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
    use crate::model::{Document, Item, Listing, Scalar};

    fn mail(lines: &[&str]) -> Document {
        Document::message("a@b.example").with_lines("text", lines)
    }

    fn take_apart(documents: &mut Vec<Document>) {
        let known = ["AB-1001", "AB-1002", "AB-1003", "AB-1004", "AB-1005"];
        split(documents, &Shape::new(known.into_iter()), known.into_iter());
    }

    fn parts(lines: &[&str]) -> Vec<Vec<String>> {
        let mut documents = vec![mail(lines)];
        take_apart(&mut documents);
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
    fn events_of_a_calendar_part_are_of_the_bookings_whose_numbers_they_state() {
        let listed = mail(&["AB-2001 at 9:00", "AB-2002 at 10:00"]);
        let events = |second: &str| {
            let said = listed.clone().saying("ics:/description", "AB-2001");
            let said = said
                .saying("ics:/location", "Blue")
                .saying("ics:1/location", "Red");
            vec![said.saying("ics:1/description", second)]
        };
        let locations = |mut documents: Vec<Document>| -> Vec<Option<String>> {
            take_apart(&mut documents);
            let location = |document: &Document| document.text("ics:/location").map(str::to_owned);
            documents.iter().map(location).collect()
        };
        let (blue, red) = (Some("Blue".to_owned()), Some("Red".to_owned()));
        assert_eq!(locations(events("AB-2002")), [blue.clone(), red]);
        // Of an event without a number nobody knows whose it is.
        assert_eq!(locations(events("a room")), [blue, None]);
    }

    #[test]
    fn a_postal_code_that_is_one_of_the_backups_numbers_too_opens_no_block() {
        let known = ["1013", "1014", "1015", "1000"];
        let said = |number| mail(&[number, "Room: Blue", "Solunska 23, Sofia 1000"]);
        let mut documents: Vec<Document> = ["No. 1013", "No. 1014", "No. 1015"].map(said).into();
        split(&mut documents, &Shape::new(known.into_iter()), known.into_iter());
        assert_eq!(documents.len(), 3);
    }

    #[test]
    fn what_stands_behind_the_last_block_or_before_each_number_is_told_by_how_lines_begin() {
        let read = parts(&[
            "Room: Blue",
            "Number: AB-2001",
            "4 May 2026",
            "- -",
            "Room: Red",
            "Number: AB-2002",
            "5 May 2026",
            "Together: 20.00",
        ]);
        assert_eq!(
            read[1],
            ["Room: Red", "Number: AB-2002", "5 May 2026", "Together: 20.00"]
        );
        assert_eq!(read[0].first().map(String::as_str), Some("Room: Blue"));
        assert_eq!(read[0].last().map(String::as_str), Some("Together: 20.00"));
    }

    #[test]
    fn the_last_block_ends_with_the_line_that_closes_the_others_however_long_it_is() {
        let read = parts(&[
            "Number: AB-2001",
            "Room: Blue",
            "Sum: 10.00",
            "Number: AB-2002",
            "Room: Red",
            "Breakfast: 2.00",
            "Parking: 1.00",
            "Sum: 13.00",
            "Together: 23.00",
        ]);
        assert_eq!(
            read[0],
            ["Number: AB-2001", "Room: Blue", "Sum: 10.00", "Together: 23.00"]
        );
        assert_eq!(read[1].len(), 6);
    }

    #[test]
    fn what_is_counted_like_bookings_under_words_of_its_own_is_none() {
        let said = |order: u32, number: u32| {
            mail(&[
                &format!("Order number: AB-{order}"),
                &format!("Booking number: AB-{number}"),
                "Room: Blue",
            ])
        };
        let mut documents: Vec<Document> = (0..5).map(|at| said(9001 + at, 1001 + at)).collect();
        documents.push(said(9006, 2001));
        take_apart(&mut documents);
        assert_eq!(documents.len(), 6);
        assert!(documents.iter().all(|document| document.listing == Listing::One));
    }

    #[test]
    fn what_only_looks_like_a_number_is_none_where_the_backups_own_stand_elsewhere() {
        let mut documents = vec![
            mail(&["Number: AB-1001", "Flight AB-3003"]),
            mail(&[
                "Number: AB-2001",
                "Flight AB-3003",
                "Number: AB-2002",
                "Flight AB-3003",
            ]),
        ];
        take_apart(&mut documents);
        assert_eq!(documents.len(), 3);
        assert_eq!(documents[0].listing, Listing::One);
    }

    #[test]
    fn a_number_of_letters_alone_opens_a_block_too() {
        let number = |at: usize| {
            let letters =
                (0..6).map(|sign| char::from(b'a' + u8::try_from((at * 7 + sign * sign) % 26).unwrap_or(0)));
            let letters: String = letters.collect();
            if at.is_multiple_of(6) {
                format!("{letters}q")
            } else {
                format!("{}{at:02}", &letters[..5])
            }
        };
        let known: Vec<String> = (10..50).map(number).collect();
        let mut documents: Vec<Document> = known
            .iter()
            .map(|number| mail(&[&format!("Number: {number}")]))
            .collect();
        documents.push(mail(&["Number: xkqzwvj", "4 May", "Number: rftqm83", "5 May"]));
        let known = || known.iter().map(String::as_str);
        split(&mut documents, &Shape::new(known()), known());
        let last = &documents[documents.len() - 2..];
        assert!(last.iter().all(|part| matches!(part.listing, Listing::Part(_))));
    }

    #[test]
    fn several_bookings_that_nothing_takes_apart_are_known_to_be_several() {
        let mut documents = vec![
            mail(&["Number: AB-1001"]),
            mail(&["Number: AB-2001 and AB-2002", "4 May 2026"]),
            mail(&["Number: AB-2003", "instead of AB-2004"]),
        ];
        take_apart(&mut documents);
        let both = vec!["AB-2001".to_owned(), "AB-2002".to_owned()];
        assert_eq!(documents[1].listing, Listing::Mixed(both));
        assert_eq!(documents[2].listing, Listing::One);
    }

    #[test]
    fn where_only_one_of_two_texts_is_taken_apart_the_other_says_nothing() {
        let document = mail(&["Number: AB-2001", "4 May", "Number: AB-2002", "5 May"]);
        let mut documents = vec![document.with_lines("html", &["AB-2001", "4 May", "also AB-2002", "5 May"])];
        take_apart(&mut documents);
        assert_eq!(documents.len(), 2);
        let html = |item: &Item| item.place == "html";
        assert!(!documents.iter().any(|part| part.items.iter().any(html)));
    }

    #[test]
    fn a_line_each_is_one_booking_each() {
        let read = parts(&["Ann 2 guests (AB-2001)", "Bob 4 guests (AB-2002)"]);
        assert_eq!(read, [["Ann 2 guests (AB-2001)"], ["Bob 4 guests (AB-2002)"]]);
    }

    #[test]
    fn the_lines_of_a_list_may_be_counted() {
        let read = parts(&["1\tAB-2001\tMonday", "2\tAB-2002\tTuesday"]);
        assert_eq!(read, [["1\tAB-2001\tMonday"], ["2\tAB-2002\tTuesday"]]);
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
                document = document.saying(&format!("{set}{name}"), text);
            }
        }
        let mut documents = vec![document];
        take_apart(&mut documents);
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
    fn numbers_under_words_of_their_own_open_blocks_where_the_backup_has_such_numbers_there() {
        let blocks = [
            "--- Room ---",
            "Room code   AB-2001",
            "Price   90",
            "--- Bike ---",
            "Bike rental   AB-2002",
            "Price   20",
            "TOTAL   110",
        ];
        let mut documents = vec![
            mail(&["Room code   AB-1001", "Price   80"]),
            mail(&["Bike rental   AB-1002", "Price   10"]),
            mail(&["Room code   AB-1003", "Price   80"]),
            mail(&["Bike rental   AB-1004", "Price   10"]),
            mail(&blocks),
        ];
        take_apart(&mut documents);
        assert_eq!(documents.len(), 6);
        let lines = |at: usize| -> Vec<&str> {
            let texts = documents[at].items.iter();
            texts
                .filter_map(|item| match &item.value {
                    Scalar::Text(text) if item.place == "text" => Some(text.as_str()),
                    _ => None,
                })
                .collect()
        };
        assert_eq!(lines(4), [blocks[0], blocks[1], blocks[2], blocks[6]]);
        assert_eq!(lines(5), [blocks[3], blocks[4], blocks[5], blocks[6]]);
    }

    #[test]
    fn a_number_that_replaces_another_is_no_list() {
        let lines = ["Number: AB-2001", "instead of AB-1001"];
        assert_eq!(parts(&lines), [lines]);
    }

    #[test]
    fn what_is_said_of_one_ahead_of_the_list_is_of_that_one() {
        let read = parts(&[
            "We moved lesson AB-2001 to Friday. These are left:",
            "Number: AB-2001",
            "Number: AB-2002",
        ]);
        let moved = "We moved lesson AB-2001 to Friday. These are left:";
        assert_eq!(read[0], [moved, "Number: AB-2001"]);
        assert_eq!(read[1], ["Number: AB-2002"]);
        let lines = ["Instead of AB-1001:", "Number: AB-2001", "Number: AB-2002"];
        assert_eq!(parts(&lines), [lines], "it is none of the list");
    }

    #[test]
    fn a_number_said_twice_is_no_list() {
        let lines = ["Number: AB-2001", "Number: AB-2001"];
        assert_eq!(parts(&lines), [lines]);
    }
}
