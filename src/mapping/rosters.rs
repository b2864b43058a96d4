//! Takes calendar entries apart that list who comes: one entry for a departure or a class, one line for each party.
//!
//! Which calendars are kept so is told by the backup's customers: many entries there have lines that state the phones or
//! addresses of different people, and hardly any has lines about one alone. Then each line that names somebody becomes a
//! document of its own, with all that the entry says of everybody, and is to it what a title is to another entry.

use super::{Shape, lists, squash};
use crate::model::{Baseline, Document, Item, Listed, Listing, Scalar};
use crate::reading::{self, SpanValue, is_word_char, phone_tail};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// As many entries list different people where a calendar is kept so.
const ENTRIES: usize = 8;
/// At most one entry in so many has several lines about one alone.
const ONES_IN: usize = 10;
/// A line that comes back in so many entries is of nobody.
const AGAIN: usize = 5;
/// A word in so many lines, and in one of so many, is wording, be it somebody's name as well.
const WORDING: usize = 8;
const WORDING_IN: usize = 10;
/// Wording that stands with parties in so many of a hundred lines makes a line one of theirs.
const PARTIES: usize = 95;

/// Where the lines of an entry stand.
const LINES: &str = "/description";

/// Source and container.
type Calendar = (String, String);

/// Replaces entries that list who comes by one document for each line of theirs.
pub fn take_apart(documents: &mut Vec<Document>, baseline: &Baseline, shape: &Shape) {
    let people = People::new(documents, baseline);
    let mut calendars: BTreeMap<Calendar, Vec<usize>> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        if document.object == "event" && rows(document).next().is_some() {
            calendars.entry(calendar(document)).or_default().push(at);
        }
    }
    let mut parts: BTreeMap<usize, Vec<Document>> = BTreeMap::new();
    for of in calendars.values() {
        let entries: Vec<&Document> = of.iter().map(|at| &documents[*at]).collect();
        if !people.are_listed(&entries) {
            continue;
        }
        let lines = Lines::new(&entries, &people, shape);
        for at in of {
            let parties: Vec<u32> = rows(&documents[*at])
                .filter(|(_, text)| lines.is_party(text))
                .map(|(line, _)| line)
                .collect();
            if !parties.is_empty() {
                let part = |line: &u32| part(&documents[*at], *line, &parties);
                parts.insert(*at, parties.iter().map(part).collect());
            }
        }
    }
    lists::put_in_place(documents, parts);
}

/// The number in the line of a party that is written as the backup's are, and where: whatever stands around it, in its line it
/// can be of nobody else.
pub fn number<'d>(document: &'d Document, shape: &Shape) -> Option<(String, &'d str)> {
    let Listing::Party(_) = document.listing else {
        return None;
    };
    let (item, text) = (document.title_item()?, document.title()?);
    let mut found = numbers(text, shape);
    let (range, None) = (found.next()?, found.next()) else {
        return None;
    };
    let place = format!("{}[{}..{}]", item.named(), range.start, range.end);
    Some((place, &text[range]))
}

fn calendar(document: &Document) -> Calendar {
    (document.record.source().to_owned(), document.container.clone())
}

/// The lines of an entry that say something.
fn rows(document: &Document) -> impl Iterator<Item = (u32, &str)> {
    let lines = document.items.iter().filter(|item| item.place == LINES);
    lines.filter_map(|item| match &item.value {
        Scalar::Text(text) if !text.trim().is_empty() => Some((item.line, text.as_str())),
        _ => None,
    })
}

/// What in a line is written as the backup's numbers are.
fn numbers<'t>(text: &'t str, shape: &'t Shape) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let spans = if shape.is_known() {
        reading::spans(text)
    } else {
        Vec::new()
    };
    spans
        .into_iter()
        .filter(|span| matches!(span.value, SpanValue::Code(_) | SpanValue::Number(_)))
        .map(|span| span.start..span.end)
        .filter(|range| shape.is_number(&text[range.clone()]))
}

/// The phones and addresses in a line, folded.
fn contacts(text: &str) -> impl Iterator<Item = String> {
    let spans = reading::spans(text).into_iter();
    spans.filter_map(|span| match span.value {
        SpanValue::Email(email) => Some(email.to_lowercase()),
        SpanValue::Phone(phone) => Some(phone_tail(&phone)),
        _ => None,
    })
}

/// The words of a text that may be of a name, folded.
fn name_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|char| !is_word_char(char))
        .filter(|word| !word.chars().any(char::is_numeric))
        .map(squash)
        .filter(|word| word.chars().count() > 1)
}

/// Who is known by name, and by phone or address.
struct People {
    /// The keys of the backup's customers.
    by_contact: BTreeMap<String, BTreeSet<String>>,
    /// The words of their names, and of those of whoever was written to.
    words: BTreeSet<String>,
}

impl People {
    fn new(documents: &[Document], baseline: &Baseline) -> Self {
        let mut people = Self {
            by_contact: BTreeMap::new(),
            words: BTreeSet::new(),
        };
        for row in &baseline.customers {
            let email = row.email.as_deref().map(|email| email.trim().to_lowercase());
            let phone = row.phone.as_deref().map(phone_tail);
            for contact in email.into_iter().chain(phone).filter(|text| text.len() > 5) {
                people
                    .by_contact
                    .entry(contact)
                    .or_default()
                    .insert(row.key.clone());
            }
            people
                .words
                .extend(row.name.as_deref().into_iter().flat_map(name_words));
        }
        let addressed = documents
            .iter()
            .filter_map(|document| document.text("header:to.name"));
        people.words.extend(addressed.flat_map(name_words));
        people
    }

    /// The backup's customers whose phone or address stands in a line.
    fn of(&self, text: &str) -> BTreeSet<&str> {
        let found = contacts(text).filter_map(|contact| self.by_contact.get(&contact));
        found.flatten().map(String::as_str).collect()
    }

    /// Whether the entries of a calendar list different people, and not one alone each.
    fn are_listed(&self, entries: &[&Document]) -> bool {
        let (mut several, mut ones) = (0, 0);
        for entry in entries {
            let lines: Vec<&str> = rows(entry).map(|(_, text)| text).collect();
            let told: Vec<BTreeSet<&str>> = lines.iter().map(|text| self.of(text)).collect();
            let told: Vec<&BTreeSet<&str>> = told.iter().filter(|of| !of.is_empty()).collect();
            let Some((first, rest)) = told.split_first() else {
                continue;
            };
            if rest.iter().any(|other| other.is_disjoint(first)) {
                several += 1;
            } else if lines.len() > 1 && !self.may_be_of_others(&lines, first) {
                ones += 1;
            }
        }
        several >= ENTRIES && ones * ONES_IN <= several
    }

    /// Whether lines that state nothing of these customers hold another phone or address, or somebody's name.
    fn may_be_of_others(&self, lines: &[&str], customers: &BTreeSet<&str>) -> bool {
        let mut others = lines.iter().filter(|text| self.of(text).is_disjoint(customers));
        others.any(|text| {
            contacts(text).next().is_some() || name_words(text).any(|word| self.words.contains(&word))
        })
    }
}

/// What tells the lines of parties from notes, in one calendar.
struct Lines<'p> {
    people: &'p People,
    shape: &'p Shape,
    /// Lines that come back, and are nobody's.
    again: BTreeSet<String>,
    wording: BTreeSet<String>,
    /// Wording that stands with parties alone.
    of_parties: BTreeSet<String>,
}

impl<'p> Lines<'p> {
    fn new(entries: &[&Document], people: &'p People, shape: &'p Shape) -> Self {
        let all = || entries.iter().flat_map(|entry| rows(entry)).map(|(_, text)| text);
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        for text in all() {
            *seen.entry(text.trim()).or_default() += 1;
            for word in name_words(text).collect::<BTreeSet<_>>() {
                *words.entry(word).or_default() += 1;
            }
        }
        let again = seen.iter().filter(|(_, count)| **count >= AGAIN);
        let count = all().count();
        let wording = words
            .iter()
            .filter(|(_, seen)| **seen >= WORDING && **seen * WORDING_IN >= count);
        let mut lines = Self {
            people,
            shape,
            again: again.map(|(text, _)| (*text).to_owned()).collect(),
            wording: wording.map(|(word, _)| word.clone()).collect(),
            of_parties: BTreeSet::new(),
        };
        let mut with: BTreeMap<String, usize> = BTreeMap::new();
        for text in all().filter(|text| lines.is_party(text)) {
            for word in name_words(text).collect::<BTreeSet<_>>() {
                *with.entry(word).or_default() += 1;
            }
        }
        let theirs = |word: &&String| {
            let with = with.get(*word).copied().unwrap_or_default();
            with * 100 >= words[*word] * PARTIES
        };
        lines.of_parties = lines.wording.iter().filter(theirs).cloned().collect();
        lines
    }

    /// Whether a line tells of somebody who comes.
    fn is_party(&self, text: &str) -> bool {
        let is_name = |word: &String| self.people.words.contains(word) && !self.wording.contains(word);
        !self.again.contains(text.trim())
            && (contacts(text).next().is_some()
                || numbers(text, self.shape).next().is_some()
                || name_words(text).any(|word| is_name(&word) || self.of_parties.contains(&word)))
    }
}

/// What an entry says of one party: its line, and all that is said of everybody.
fn part(document: &Document, own: u32, parties: &[u32]) -> Document {
    let mut part = document.clone();
    part.listing = Listing::Party(Listed {
        of: u32::try_from(parties.len()).unwrap_or(u32::MAX),
        by_day: false,
        own: vec![(LINES.to_owned(), own..own + 1)],
    });
    // When it was made tells nothing of this one: another party may have been added since.
    part.made_at = part.said_at;
    let is_others = |item: &Item| item.place == LINES && item.line != own && parties.contains(&item.line);
    part.items.retain(|item| !is_others(item));
    part
}

#[cfg(test)]
mod tests {
    use super::{number, take_apart};
    use crate::mapping::Shape;
    use crate::model::{Baseline, BaselineCustomer, Document, Listing, Scalar};

    const NAMES: [&str; 6] = [
        "Ann Abel", "Bob Burr", "Cid Cole", "Dot Dean", "Eve Ekko", "Flo Fenn",
    ];

    fn phone(at: usize) -> String {
        format!("+1 202 555 01{at:02}")
    }

    fn backup() -> Baseline {
        let customer = |(at, name): (usize, &&str)| BaselineCustomer {
            key: at.to_string(),
            name: Some((*name).to_owned()),
            phone: Some(phone(at)),
            ..BaselineCustomer::default()
        };
        Baseline {
            customers: NAMES.iter().enumerate().map(customer).collect(),
            ..Baseline::default()
        }
    }

    fn entry(at: usize, lines: &[String]) -> Document {
        Document::event(&format!("e{at}"))
            .saying(Document::TITLE, "Tour of the bay")
            .with_lines(super::LINES, lines)
    }

    /// Entries that list two customers each, and one more.
    fn taken_apart(more: &[&str]) -> Vec<Document> {
        let two = |at: usize| {
            let line = |at: usize| format!("{} {}", NAMES[at % NAMES.len()], phone(at % NAMES.len()));
            entry(at, &[line(at), line(at + 1)])
        };
        let mut documents: Vec<Document> = (0..8).map(two).collect();
        let more: Vec<String> = more.iter().map(|text| (*text).to_owned()).collect();
        documents.push(entry(8, &more));
        take_apart(&mut documents, &backup(), &shape());
        documents
            .into_iter()
            .filter(|document| document.record.native() == "e8")
            .collect()
    }

    fn shape() -> Shape {
        Shape::new(["T1001", "T1002", "T1003", "T1004", "T1005"].into_iter())
    }

    fn titles(documents: &[Document]) -> Vec<&str> {
        documents.iter().filter_map(Document::title).collect()
    }

    #[test]
    fn each_line_is_the_title_of_a_party() {
        let parties = taken_apart(&["Flo 2 seats", "Gil +1 202 555 0177", "Hal T1077"]);
        assert_eq!(
            titles(&parties),
            ["Flo 2 seats", "Gil +1 202 555 0177", "Hal T1077"]
        );
        let all = |party: &Document| party.text("/summary").map(str::to_owned);
        assert!(
            parties
                .iter()
                .all(|party| all(party).as_deref() == Some("Tour of the bay"))
        );
    }

    #[test]
    fn a_note_is_said_of_every_party() {
        let parties = taken_apart(&["Flo 2 seats", "bring towels", "Ann 1 seat"]);
        assert_eq!(titles(&parties), ["Flo 2 seats", "Ann 1 seat"]);
        let notes = |party: &Document| {
            let mut items = party.items.iter();
            items.any(|item| item.value == Scalar::Text("bring towels".to_owned()))
        };
        assert!(parties.iter().all(notes));
    }

    #[test]
    fn one_party_alone_is_one_as_well() {
        let parties = taken_apart(&["Flo 2 seats"]);
        assert!(matches!(parties[0].listing, Listing::Party(_)));
    }

    #[test]
    fn the_number_of_a_party_is_known_wherever_it_stands() {
        let parties = taken_apart(&["Flo (T1077) 2 seats", "Ann T1078 T1079"]);
        let told = number(&parties[0], &shape());
        assert_eq!(told, Some(("/description[5..10]".to_owned(), "T1077")));
        assert_eq!(number(&parties[1], &shape()), None);
    }

    #[test]
    fn entries_of_one_customer_each_are_left_whole() {
        let one = |at: usize| {
            let who = at % NAMES.len();
            entry(at, &[NAMES[who].to_owned(), phone(who)])
        };
        let mut documents: Vec<Document> = (0..12).map(one).collect();
        take_apart(&mut documents, &backup(), &shape());
        assert_eq!(documents.len(), 12);
    }

    #[test]
    fn a_few_entries_that_name_two_people_show_no_habit() {
        let line = |at: usize| format!("{} {}", NAMES[at], phone(at));
        let mut documents: Vec<Document> = (0..4).map(|at| entry(at, &[line(at), line(at + 1)])).collect();
        take_apart(&mut documents, &backup(), &shape());
        assert!(documents.iter().all(|document| document.listing == Listing::One));
    }
}
