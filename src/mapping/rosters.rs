//! Takes calendar entries apart that list who comes: one entry for a departure or a class, one line for each party, or one
//! line with a mark between the parties.
//!
//! Which entries are kept so is told by the backup ([`Lists`](super::roster_kinds)). Then each line that names somebody
//! becomes a document of its own, with all that the entry says of everybody, and is to it what a title is to another entry.

use super::roster_kinds::{Entry, Guests, Lists};
use super::{Shape, abbreviated, lists, squash};
use crate::model::{Baseline, Document, FieldName, Listed, Listing, Scalar, When};
use crate::reading::{self, SpanValue, is_word_char, phone_tail};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A line that comes back in so many entries is of nobody.
const AGAIN: usize = 5;
/// A word in so many lines, and in one of so many, is wording, be it somebody's name as well.
const WORDING: usize = 8;
const WORDING_IN: usize = 10;
/// Wording that stands with parties in so many of a hundred lines makes a line one of theirs.
const PARTIES: usize = 95;
/// A form of line that so many parties have, and so many of a hundred of its lines, is theirs whatever name stands there.
const FORM: usize = 4;
const FORMED: usize = 75;

/// Where the lines of an entry stand.
pub(super) const LINES: &str = "/description";

/// What stands between the parties of one line, wherever people write so.
const MARKS: [char; 9] = [',', ';', '/', '|', '+', '、', '，', '；', '・'];

/// Source and container.
type Calendar = (String, String);

/// Replaces entries that list who comes by one document for each line of theirs.
pub fn take_apart(documents: &mut Vec<Document>, baseline: &Baseline, shape: &Shape) {
    let guests = Guests::new(documents, baseline);
    let mut calendars: BTreeMap<Calendar, Vec<usize>> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        if document.object == "event" && rows(document, None).next().is_some() {
            calendars.entry(calendar(document)).or_default().push(at);
        }
    }
    let mut parts: BTreeMap<usize, Vec<Document>> = BTreeMap::new();
    for of in calendars.values() {
        let cut = |mark: Option<char>| -> Vec<Entry<'_>> {
            of.iter().map(|at| entry(&documents[*at], mark)).collect()
        };
        let is_there = |mark: &char| {
            let mut rows = of.iter().flat_map(|at| rows(&documents[*at], None));
            rows.any(|row| row.text.contains(*mark))
        };
        let marks: Vec<char> = MARKS.into_iter().filter(is_there).collect();
        let ways = [None].into_iter().chain(marks.into_iter().map(Some));
        let ways = ways.filter_map(|mark| Lists::find(&cut(mark), &guests).map(|lists| (mark, lists)));
        // The first of several that come to the same: lines, before what stands in them.
        let Some((mark, lists)) = ways.rev().max_by_key(|(_, lists)| lists.support()) else {
            continue;
        };
        let entries = cut(mark);
        let listed: Vec<(usize, &Entry<'_>)> = of
            .iter()
            .copied()
            .zip(&entries)
            .filter(|(_, entry)| lists.holds(entry, &guests))
            .collect();
        let lines = Lines::new(listed.iter().map(|(_, entry)| *entry), &guests, shape);
        for (at, entry) in listed {
            let parties: Vec<&Row<'_>> = entry.rows.iter().filter(|row| lines.is_party(row.text)).collect();
            if !parties.is_empty() {
                let part = |row: &&Row<'_>| {
                    let mut part = part(&documents[at], row, &parties);
                    if let Listing::Party(listed) = &mut part.listing {
                        let from = row.range.start;
                        let name = lines.name(row.text);
                        listed.name = name.map(|range| from + range.start..from + range.end);
                    }
                    part
                };
                parts.insert(at, parties.iter().map(part).collect());
            }
        }
    }
    lists::put_in_place(documents, parts);
}

/// What the line of a party states, and where, whatever stands around it: in its line it can be of nobody else. A number that
/// is written as the backup's are, how they are called, and a phone and an address, each where there is one alone.
pub fn stated<'d>(document: &'d Document, shape: &Shape) -> Vec<(FieldName, String, &'d str)> {
    let (Listing::Party(listed), Some(item), Some(text)) =
        (&document.listing, document.title_item(), document.title())
    else {
        return Vec::new();
    };
    let only = |mut found: Vec<Range<usize>>| (found.len() == 1).then(|| found.remove(0));
    let spans = reading::spans(text);
    let typed = |is: fn(&SpanValue) -> bool| {
        let found = spans.iter().filter(|span| is(&span.value));
        only(found.map(|span| span.start..span.end).collect())
    };
    let name = listed.name.clone().filter(|range| range.end <= text.len());
    let called = |range: &Range<usize>| {
        let said = &text[range.clone()];
        if said.contains(char::is_whitespace) && abbreviated(said).is_none() {
            FieldName::CustomerName
        } else {
            FieldName::CustomerCalled
        }
    };
    let found = [
        only(numbers(text, shape).collect()).map(|range| (FieldName::Reference, range)),
        name.map(|range| (called(&range), range)),
        typed(|value| matches!(value, SpanValue::Phone(_))).map(|range| (FieldName::CustomerPhone, range)),
        typed(|value| matches!(value, SpanValue::Email(_))).map(|range| (FieldName::CustomerEmail, range)),
    ];
    let placed = found.into_iter().flatten().map(|(field, range)| {
        let place = format!("{}[{}..{}]", item.named(), range.start, range.end);
        (field, place, &text[range])
    });
    placed.collect()
}

fn calendar(document: &Document) -> Calendar {
    (document.record.source().to_owned(), document.container.clone())
}

/// What an entry says line by line, or between marks.
pub(super) struct Row<'d> {
    line: u32,
    range: Range<usize>,
    pub(super) text: &'d str,
}

fn entry(document: &Document, mark: Option<char>) -> Entry<'_> {
    Entry {
        title: document.text(Document::TITLE).unwrap_or_default(),
        starts: document.begins(),
        rows: rows(document, mark).collect(),
    }
}

/// The lines of an entry that say something, each cut at these marks.
fn rows(document: &Document, mark: Option<char>) -> impl Iterator<Item = Row<'_>> {
    let lines = document.items.iter().filter(|item| item.place == LINES);
    let lines = lines.filter_map(|item| match &item.value {
        Scalar::Text(text) => Some((item.line, text.as_str())),
        _ => None,
    });
    lines.flat_map(move |(line, whole)| {
        let mut from = 0;
        let cut = whole.split(move |char| Some(char) == mark).map(move |text| {
            let range = from..from + text.len();
            from = range.end + mark.map_or(0, char::len_utf8);
            Row { line, range, text }
        });
        cut.filter(|row| !row.text.trim().is_empty())
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
pub(super) fn contacts(text: &str) -> impl Iterator<Item = String> {
    let spans = reading::spans(text).into_iter();
    spans.filter_map(|span| match span.value {
        SpanValue::Email(email) => Some(email.to_lowercase()),
        SpanValue::Phone(phone) => Some(phone_tail(&phone)),
        _ => None,
    })
}

/// The words of a text that may be of a name, folded.
pub(super) fn name_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|char| !is_word_char(char))
        .filter(|word| !word.chars().any(char::is_numeric))
        .map(squash)
        .filter(|word| word.chars().count() > 1)
}

/// How often a line comes, and how often the backup has somebody of that name who comes then.
#[derive(Default)]
struct Again {
    count: usize,
    known: usize,
    told: usize,
}

impl Again {
    fn add(&mut self, text: &str, starts: Option<When>, guests: &Guests) {
        self.count += 1;
        self.known += usize::from(guests.knows(starts));
        self.told += usize::from(!guests.of(text, starts).is_empty());
    }

    /// Whether it is a note of no party, though words in it may be of names: the guide's.
    fn is_nobodys(&self) -> bool {
        self.count >= AGAIN && (self.known == 0 || self.told * 2 < self.known)
    }
}

/// What tells the lines of parties from notes, in the entries of one calendar that list who comes.
struct Lines<'p> {
    guests: &'p Guests,
    shape: &'p Shape,
    /// Lines that come back, and are nobody's.
    again: BTreeSet<String>,
    wording: BTreeSet<String>,
    /// Wording that stands with parties alone.
    of_parties: BTreeSet<String>,
    /// Forms of line that parties have.
    forms: BTreeSet<String>,
}

impl<'p> Lines<'p> {
    fn new<'e, 'd: 'e>(
        entries: impl Iterator<Item = &'e Entry<'d>>,
        guests: &'p Guests,
        shape: &'p Shape,
    ) -> Self {
        let all: Vec<(&str, Option<When>)> = entries
            .flat_map(|entry| entry.rows.iter().map(|row| (row.text, entry.starts)))
            .collect();
        let mut seen: BTreeMap<&str, Again> = BTreeMap::new();
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        for (text, starts) in &all {
            seen.entry(text.trim()).or_default().add(text, *starts, guests);
            for word in letters(text).chain(name_words(text)).collect::<BTreeSet<_>>() {
                *words.entry(word).or_default() += 1;
            }
        }
        let again = seen.iter().filter(|(_, again)| again.is_nobodys());
        let wording = words
            .iter()
            .filter(|(_, seen)| **seen >= WORDING && **seen * WORDING_IN >= all.len());
        let mut lines = Self {
            guests,
            shape,
            again: again.map(|(text, _)| (*text).to_owned()).collect(),
            wording: wording.map(|(word, _)| word.clone()).collect(),
            of_parties: BTreeSet::new(),
            forms: BTreeSet::new(),
        };
        let mut with: BTreeMap<String, usize> = BTreeMap::new();
        let mut formed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (text, _) in &all {
            let is_party = lines.is_party(text);
            if let Some(form) = lines.form(text) {
                let (of_parties, of_all) = formed.entry(form).or_default();
                *of_parties += usize::from(is_party);
                *of_all += 1;
            }
            for word in name_words(text).filter(|_| is_party).collect::<BTreeSet<_>>() {
                *with.entry(word).or_default() += 1;
            }
        }
        let theirs = |word: &&String| {
            let with = with.get(*word).copied().unwrap_or_default();
            with > 0 && with * 100 >= words[*word] * PARTIES
        };
        lines.of_parties = lines.wording.iter().filter(theirs).cloned().collect();
        let theirs = |(_, (of_parties, of_all)): &(_, (usize, usize))| {
            *of_parties >= FORM && of_parties * 100 >= of_all * FORMED
        };
        lines.forms = formed.into_iter().filter(theirs).map(|(form, _)| form).collect();
        lines
    }

    /// Whether a line tells of somebody who comes.
    fn is_party(&self, text: &str) -> bool {
        let is_name = |word: &String| self.guests.are_named(word) && !self.wording.contains(word);
        !self.again.contains(text.trim())
            && (contacts(text).next().is_some()
                || numbers(text, self.shape).next().is_some()
                || name_words(text).any(|word| is_name(&word) || self.of_parties.contains(&word))
                || self.form(text).is_some_and(|form| self.forms.contains(&form)))
    }

    /// Where words of people's names stand in a line; None where there are none, or others between them.
    fn name(&self, text: &str) -> Option<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        for word in text.split_inclusive(char::is_whitespace) {
            let range = from..from + word.len();
            from = range.end;
            let bare = word.trim_end();
            let bare = bare.trim_end_matches(|char| !is_word_char(char) && char != '.');
            let is_name = {
                let mut words = name_words(bare).peekable();
                words.peek().is_some()
                    && !bare.chars().any(char::is_numeric)
                    && words.all(|word| self.guests.are_named(&word) && !self.wording.contains(&word))
            };
            let is_next = runs
                .last()
                .is_some_and(|run| run.end + 1 == range.start && text[run.end..].starts_with(' '));
            let is_initial = bare.strip_suffix('.').unwrap_or(bare).chars().count() == 1
                && bare.chars().all(|char| char.is_alphabetic() || char == '.');
            match runs.last_mut() {
                Some(run) if is_next && (is_name || is_initial) => run.end = range.start + bare.len(),
                _ if is_name => runs.push(range.start..range.start + bare.len()),
                _ => {}
            }
        }
        (runs.len() == 1).then(|| runs.remove(0))
    }

    /// How a line is written, whoever and however many it is about; None where it is nothing but words that may be names.
    fn form(&self, text: &str) -> Option<String> {
        let mut form = String::new();
        let mut rest = text.trim();
        let mut says_more = false;
        while let Some(first) = rest.chars().next() {
            let is_alike = |char: char| {
                if first.is_numeric() {
                    char.is_numeric()
                } else {
                    first.is_alphabetic() && is_word_char(char) && !char.is_numeric()
                }
            };
            let end = rest.find(|char| !is_alike(char)).unwrap_or(rest.len());
            let end = end.max(first.len_utf8());
            let word = squash(&rest[..end]);
            let is_name = first.is_alphabetic() && !self.wording.contains(&word);
            let piece = match first {
                _ if is_name => "<name>",
                _ if first.is_numeric() => "<number>",
                _ if first.is_whitespace() => "",
                _ => word.as_str(),
            };
            says_more |= !is_name && !piece.is_empty();
            if !(is_name && form.ends_with(piece)) {
                form.push_str(piece);
            }
            rest = &rest[end..];
        }
        says_more.then_some(form)
    }
}

/// The words of a text by its letters alone, folded: of `x2` the x.
pub(super) fn letters(text: &str) -> impl Iterator<Item = String> {
    text.split(|char: char| !is_word_char(char) || char.is_numeric())
        .filter(|word| word.chars().any(char::is_alphabetic))
        .map(squash)
}

/// What an entry says of one party: its line, and all that is said of everybody.
fn part(document: &Document, own: &Row<'_>, parties: &[&Row<'_>]) -> Document {
    let mut part = document.clone();
    part.listing = Listing::Party(Listed {
        of: u32::try_from(parties.len()).unwrap_or(u32::MAX),
        by_day: false,
        own: vec![(LINES.to_owned(), own.line..own.line + 1)],
        name: None,
    });
    // When it was made tells nothing of this one: another party may have been added since.
    part.made_at = part.said_at;
    part.items.retain_mut(|item| {
        let Scalar::Text(text) = &mut item.value else {
            return true;
        };
        if item.place != LINES {
            return true;
        }
        if item.line == own.line {
            text.truncate(own.range.end);
            text.replace_range(..own.range.start, &" ".repeat(own.range.start));
            return true;
        }
        let of_others = parties.iter().filter(|row| row.line == item.line);
        for row in of_others {
            text.replace_range(row.range.clone(), &" ".repeat(row.range.len()));
        }
        text.is_empty() || text.chars().any(char::is_alphanumeric)
    });
    part
}

#[cfg(test)]
mod tests {
    use super::{stated, take_apart};
    use crate::mapping::Shape;
    use crate::model::{
        Baseline, BaselineBooking, BaselineCustomer, Document, FieldName, Listing, Scalar, When,
    };

    use chrono::{DateTime, TimeDelta, Utc};

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
        let number = |party: &Document| {
            let stated = stated(party, &shape()).into_iter();
            let mut numbers = stated.filter(|(field, ..)| *field == FieldName::Reference);
            numbers.next().map(|(_, place, text)| (place, text.to_owned()))
        };
        let told = number(&parties[0]);
        assert_eq!(told, Some(("/description[5..10]".to_owned(), "T1077".to_owned())));
        assert_eq!(number(&parties[1]), None);
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

    /// Entries of one calendar: those of a course name who comes then, cut by a mark, those of a court are one's alone.
    fn named(mark: &str, more: &[(&str, &str)]) -> Vec<Document> {
        let mut backup = Baseline::default();
        let mut documents = Vec::new();
        let first: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().expect("a moment");
        let names = |at: usize| {
            let given = ["Ann", "Bob", "Cid", "Dot", "Eve", "Flo", "Gus", "Hal"];
            let family = [
                "Abel", "Burr", "Cole", "Dean", "Ekko", "Fenn", "Gray", "Hart", "Ives", "Joss", "Kent",
                "Lund",
            ];
            (given[at % 8], family[at * 5 % 12])
        };
        for at in 0..24 {
            let starts = first + TimeDelta::days(at as i64 / 3) + TimeDelta::hours(i64::from(at % 3 == 2));
            let (given, family) = names(at);
            backup.customers.push(BaselineCustomer {
                key: at.to_string(),
                name: Some(format!("{given} {family}")),
                ..BaselineCustomer::default()
            });
            backup.bookings.push(BaselineBooking {
                customer: Some(at.to_string()),
                starts_at: Some(When::Instant(starts)),
                ..BaselineBooking::default()
            });
        }
        let mut add = |title: &str, starts: DateTime<Utc>, text: &str| {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let event = Document::event(&format!("e{}", documents.len()));
            let event = event
                .saying(Document::TITLE, title)
                .with_lines(super::LINES, &lines);
            documents.push(event.with("/start/dateTime", Scalar::Instant(starts)));
        };
        for day in 0..8 {
            let starts = first + TimeDelta::days(day as i64);
            let (one, other, alone) = (names(day * 3), names(day * 3 + 1), names(day * 3 + 2));
            let line = format!("{} {}. x2{mark}{} x1", one.0, &one.1[..1], other.1);
            add("Course 3 seats", starts, &line);
            let title = format!("Court {} {}", alone.0, alone.1);
            add(&title, starts + TimeDelta::hours(1), "paid\nballs");
        }
        for (title, text) in more {
            add(title, first + TimeDelta::days(60), text);
        }
        take_apart(&mut documents, &backup, &shape());
        documents
    }

    fn last_titles(documents: &[Document], count: usize) -> Vec<String> {
        let titles = documents.iter().filter_map(Document::title);
        let titles: Vec<String> = titles.map(|title| title.trim().to_owned()).collect();
        titles[titles.len() - count..].to_vec()
    }

    #[test]
    fn who_comes_is_known_by_names_where_their_bookings_start_then() {
        let documents = named(
            "\n",
            &[
                ("Course 2 seats", "Dot B. x1\nZed x1"),
                ("Court Zed", "Ann\nballs"),
            ],
        );
        let parties = |of: &&Document| matches!(of.listing, Listing::Party(_));
        assert_eq!(documents.iter().filter(parties).count(), 18);
        assert_eq!(last_titles(&documents, 3), ["Dot B. x1", "Zed x1", "Court Zed"]);
    }

    #[test]
    fn a_mark_may_stand_between_those_who_come() {
        let documents = named(", ", &[("Course 2 seats", "Dot B. x1, Abel x3")]);
        assert_eq!(last_titles(&documents, 2), ["Dot B. x1", "Abel x3"]);
        let (_, place, said) = stated(&documents[documents.len() - 1], &shape()).remove(0);
        assert_eq!((place.as_str(), said), ("/description[11..15]", "Abel"));
    }

    #[test]
    fn a_line_states_who_it_is_of() {
        let documents = named(
            "\n",
            &[("Course 5 seats", "Dot Burr x1 +1 202 555 0177\nCid C. x2")],
        );
        let said = |back: usize| stated(&documents[documents.len() - back], &shape());
        let fields = |back: usize| -> Vec<(FieldName, String)> {
            let said = said(back).into_iter();
            said.map(|(field, _, text)| (field, text.to_owned())).collect()
        };
        assert_eq!(
            fields(2),
            [
                (FieldName::CustomerName, "Dot Burr".to_owned()),
                (FieldName::CustomerPhone, "+1 202 555 0177".to_owned()),
            ]
        );
        assert_eq!(fields(1), [(FieldName::CustomerCalled, "Cid C.".to_owned())]);
    }
}
