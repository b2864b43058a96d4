//! Finds the backup's resources in text, by name and by code, the longest mention first.

use super::day_letters::DayLetters;
use super::no_days::NoDays;
use super::particles::Particles;
use super::phrases::{self, Hit, Phrases, is_telling};
use super::short_days::ShortDays;
use super::sure_days::SureDays;
use super::trade_name::TradeName;
use super::{Mapping, Monies, Nickname, PhoneForms, PlainCodes, ideograph, squash};
use crate::model::{BaselineResource, Business, Document, Scalar};
use crate::reading::{Moment, is_word_char};
use chrono::{NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// Names and codes of all resources, and what else records call them.
#[derive(Debug, Default, Clone)]
pub struct Gazetteer {
    /// The backup's names and codes, each with the keys that have it.
    names: Phrases<String>,
    /// What resources are called besides in one source.
    nicknames: BTreeMap<String, Called>,
    /// Words in capitals that come back in many records: wording, though they look like codes.
    constants: BTreeSet<String>,
    /// Words of people's names, folded: in capitals they look like codes too.
    people: BTreeSet<String>,
    /// Texts with a resource's name that stand in nearly all records that have their place: a footer, a card reader's label.
    everywhere: BTreeSet<(String, String, String)>,
    /// Whose a resource is, by its key, where the backup says so.
    tenants: BTreeMap<String, String>,
    letters: DayLetters,
    days: ShortDays,
    sure_days: SureDays,
    no_days: NoDays,
    particles: Particles,
    /// Words that are bookings' numbers.
    codes: PlainCodes,
    phones: PhoneForms,
    monies: Monies,
    trade_name: TradeName,
}

/// The nicknames of one source.
#[derive(Debug, Default, Clone)]
struct Called {
    list: Vec<Nickname>,
    phrases: Phrases<String>,
}

/// A word in capitals is wording where it stands in this many records of a kind, and in this share of them.
const RECORDS: usize = 20;
const ONE_IN: usize = 50;
/// A text stands everywhere where so many in a hundred records have it.
const EVERYWHERE: usize = 90;

/// So many titles of entries, people who were written to, or subjects alike but for their numbers, and days: no booking's
/// number stands in as many.
const MATTERS: usize = 5;

/// Where a word in capitals was seen.
#[derive(Default)]
struct Seen<'a> {
    records: usize,
    /// Titles of entries, or whom messages were sent to.
    about: BTreeSet<&'a str>,
    /// Subjects with the word, by what they say without their numbers: an agency writes of all its bookings to one address.
    subjects: BTreeMap<String, BTreeSet<&'a str>>,
    days: BTreeSet<NaiveDate>,
}

impl Seen<'_> {
    fn is_of_many(&self) -> bool {
        let subjects = self.subjects.values().any(|alike| alike.len() >= MATTERS);
        (self.about.len() >= MATTERS || subjects) && self.days.len() >= MATTERS
    }
}

/// What a subject says without what may be a number in it.
fn without_numbers(subject: &str) -> String {
    let is_plain = |word: &&str| {
        let is_code = word.chars().any(char::is_uppercase) && in_capitals(word).next().is_some();
        !is_code && !word.chars().any(|char| char.is_ascii_digit())
    };
    subject
        .split_whitespace()
        .filter(is_plain)
        .collect::<Vec<_>>()
        .join(" ")
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub range: Range<usize>,
    /// Several where two resources share the name.
    pub keys: Vec<String>,
    /// It is no name of the backup that is long enough to be known wherever it stands.
    pub is_nickname: bool,
}

/// How many letters and digits a code has at least that is known in one word too.
const IN_ONE: usize = 5;

/// A code of several parts in one word, as it is typed in haste: `NZP 56J`. Digits alone may be anything.
fn in_one(code: &str) -> Option<String> {
    let joined: String = code.chars().filter(|char| is_word_char(*char)).collect();
    (joined != code && is_mixed(&joined) && joined.chars().count() >= IN_ONE).then_some(joined)
}

/// A code in one word as it is typed with care, apart where letters and digits meet: `NZP 56J`.
fn in_parts(code: &str) -> Option<String> {
    let is_plain = code.chars().all(|char| is_word_char(char) && !ideograph(char));
    if !is_plain || !is_mixed(code) || code.chars().count() < IN_ONE {
        return None;
    }
    let meet = code.char_indices().zip(code.chars().skip(1));
    let mut meet = meet.filter(|((_, char), next)| char.is_numeric() != next.is_numeric());
    let ((at, char), _) = meet.next()?;
    let (left, right) = code.split_at(at + char.len_utf8());
    Some(format!("{left} {right}"))
}

fn is_mixed(word: &str) -> bool {
    word.chars().any(char::is_numeric) && word.chars().any(char::is_alphabetic)
}

/// How the names and codes that look like plates may be typed besides, each with its resource. What may be another's name, or
/// several's, is nobody's.
fn typed_so(resources: &[BaselineResource]) -> Vec<(String, &str)> {
    let said = |row: &BaselineResource| [row.name.clone(), row.code.clone()].into_iter().flatten();
    let spelt = |text: &str| {
        phrases::words(text)
            .into_iter()
            .map(|(word, _)| word)
            .collect::<Vec<_>>()
    };
    let mut typed: BTreeMap<Vec<String>, (String, BTreeSet<&str>)> = BTreeMap::new();
    for row in resources {
        for text in said(row)
            .flat_map(|text| [in_one(&text), in_parts(&text)])
            .flatten()
        {
            let of = typed
                .entry(spelt(&text))
                .or_insert_with(|| (text, BTreeSet::new()));
            of.1.insert(&row.key);
        }
    }
    for row in resources {
        for text in said(row) {
            if let Some((_, keys)) = typed.get_mut(&spelt(&text)) {
                keys.insert(&row.key);
            }
        }
    }
    let own = typed.into_values().filter_map(|(text, keys)| {
        let mut keys = keys.into_iter();
        keys.next()
            .filter(|_| keys.next().is_none())
            .map(|key| (text, key))
    });
    own.collect()
}

impl Gazetteer {
    pub fn new(resources: &[BaselineResource]) -> Self {
        let mut names = Phrases::default();
        for resource in resources {
            for text in [&resource.name, &resource.code].into_iter().flatten() {
                if is_telling(text) {
                    names.add(text, resource.key.clone());
                }
            }
        }
        for (text, key) in typed_so(resources) {
            names.add(&text, key.to_owned());
        }
        Self {
            names,
            nicknames: BTreeMap::new(),
            constants: BTreeSet::new(),
            people: BTreeSet::new(),
            everywhere: BTreeSet::new(),
            letters: DayLetters::default(),
            days: ShortDays::default(),
            sure_days: SureDays::default(),
            no_days: NoDays::default(),
            particles: Particles::default(),
            codes: PlainCodes::default(),
            phones: PhoneForms::default(),
            monies: Monies::default(),
            trade_name: TradeName::default(),
            tenants: resources
                .iter()
                .filter_map(|row| Some((row.key.clone(), row.tenant.clone()?)))
                .collect(),
        }
    }

    /// Takes over what resources are called in the sources of these mappings, each in its own records.
    #[must_use]
    pub fn calling<'m>(mut self, mappings: impl IntoIterator<Item = &'m Mapping>) -> Self {
        for mapping in mappings {
            self.nicknames.remove(&mapping.source);
            if !mapping.nicknames.is_empty() {
                let mut called = Called::default();
                for nickname in &mapping.nicknames {
                    called
                        .phrases
                        .add_guarded(&nickname.text, nickname.resource.clone());
                    called.list.push(nickname.clone());
                }
                self.nicknames.insert(mapping.source.clone(), called);
            }
        }
        self
    }

    /// What resources are called in a source, besides their names in the backup.
    pub fn nicknames(&self, source: &str) -> &[Nickname] {
        self.nicknames
            .get(source)
            .map_or(&[][..], |called| called.list.as_slice())
    }

    /// Those of some resources that are this tenant's; all where it is not known whose record it is.
    pub fn within<'k>(&self, keys: &'k [String], tenant: Option<&str>) -> Vec<&'k String> {
        let is_theirs = |key: &&String| {
            tenant.is_none_or(|tenant| self.tenants.get(*key).is_none_or(|owner| owner == tenant))
        };
        keys.iter().filter(is_theirs).collect()
    }

    /// Takes over which words in capitals are the records' wording or names, PICKUP in every second title is no code, nor is
    /// MILLER in one where a Miller pays, and which letters before dates are weekdays.
    #[must_use]
    pub fn knowing(mut self, documents: &[Document]) -> Self {
        let names_one = |(_, _, text): &(String, String, String)| !self.find("", text).is_empty();
        let (constants, (everywhere, letters)) = rayon::join(
            || constants(documents),
            || {
                rayon::join(
                    || everywhere(documents).into_iter().filter(names_one).collect(),
                    || {
                        (
                            DayLetters::learn(documents),
                            ShortDays::learn(documents),
                            SureDays::learn(documents),
                            NoDays::learn(documents),
                        )
                    },
                )
            },
        );
        self.constants = constants;
        self.people = people(documents);
        self.particles = Particles::learn(documents);
        self.everywhere = everywhere;
        (self.letters, self.days, self.sure_days, self.no_days) = letters;
        self
    }

    /// Takes over where the business's own name, which holds a resource's, says nothing of what was booked.
    #[must_use]
    pub fn trading_as(mut self, business: &Business, documents: &[Document]) -> Self {
        self.trade_name = TradeName::learn(&business.name, &self.names, documents);
        self
    }

    /// Takes over which words are bookings' numbers, as these of the backup's show.
    #[must_use]
    pub fn numbered<'r>(
        self,
        documents: &[Document],
        references: impl Iterator<Item = &'r str> + Clone,
    ) -> Self {
        let codes = PlainCodes::learn(documents, references);
        Self { codes, ..self }
    }

    /// Takes over what the backup's telephone numbers look like.
    #[must_use]
    pub fn telephoned(self, phones: PhoneForms) -> Self {
        Self { phones, ..self }
    }

    /// Takes over which currencies the business takes.
    #[must_use]
    pub fn paid_in(self, monies: Monies) -> Self {
        Self { monies, ..self }
    }

    /// The currencies that the business takes.
    pub fn monies(&self) -> &Monies {
        &self.monies
    }

    /// What the backup's telephone numbers look like.
    pub fn phones(&self) -> &PhoneForms {
        &self.phones
    }

    /// The words that are bookings' numbers.
    pub fn codes(&self) -> &PlainCodes {
        &self.codes
    }

    /// The same with these words as numbers alone.
    #[must_use]
    pub fn with_codes(self, codes: PlainCodes) -> Self {
        Self { codes, ..self }
    }

    /// Whether what looks like a code is wording, or a name.
    pub fn is_wording(&self, code: &str) -> bool {
        let is_name = || !self.people.is_empty() && self.people.contains(&squash(code));
        self.constants.contains(code) || code.chars().all(char::is_alphabetic) && is_name()
    }

    /// Whether a text stands in nearly all records of its kind: whatever it mentions says nothing of the one booking.
    pub fn is_everywhere(&self, object: &str, place: &str, text: &str) -> bool {
        let key = (object.to_owned(), place.to_owned(), text.to_owned());
        !self.everywhere.is_empty() && self.everywhere.contains(&key)
    }

    /// Whether a letter is the weekday of the date behind it.
    pub fn is_weekday(&self, source: &str, letter: &str, moment: &Moment) -> bool {
        self.letters.fits(source, letter, moment)
    }

    /// A word of a name in a text, with the words behind it where it is a small word of a family's name.
    pub fn whole_name(&self, text: &str, word: Range<usize>) -> Range<usize> {
        self.particles.whole(text, word)
    }

    /// The words of a text that are short names of weekdays in its source, whatever they are elsewhere, and those that are none there.
    pub fn weekdays(&self, source: &str, text: &str) -> Vec<(Range<usize>, Option<Weekday>)> {
        let sure = self.sure_days.find(source, text).into_iter();
        let named = self.days.find(source, text).into_iter().chain(sure);
        let none = self.no_days.find(source, text).into_iter();
        named
            .map(|(range, day)| (range, Some(day)))
            .chain(none.map(|range| (range, None)))
            .collect()
    }

    /// All mentions in a text of a source, in order, none overlapping.
    pub fn find(&self, source: &str, text: &str) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let called = self.nicknames.get(source);
        if self.names.is_empty() && called.is_none() {
            return mentions;
        }
        let words = phrases::words(text);
        let mut at = 0;
        while at < words.len() {
            let name = self.names.at(text, &words, at).next();
            let nickname = called.and_then(|called| called.phrases.at(text, &words, at).next());
            let length = |hit: Option<Hit<'_, String>>| hit.map_or(0, |hit| hit.length);
            let own = self.trade_name.length_at(text, &words, at);
            if own > length(name).max(length(nickname)) {
                at += own;
                continue;
            }
            let is_nickname = length(nickname) > length(name);
            let Some(hit) = nickname.filter(|_| is_nickname).or(name) else {
                at += 1;
                continue;
            };
            mentions.push(Mention {
                range: words[at].1.start..words[at + hit.length - 1].1.end,
                keys: hit.keys.iter().cloned().collect(),
                is_nickname,
            });
            at += hit.length;
        }
        mentions
    }
}

/// The words in capitals that are the records' wording.
fn constants(documents: &[Document]) -> BTreeSet<String> {
    let mut seen: HashMap<(&str, &str), Seen<'_>> = HashMap::new();
    let mut records: BTreeMap<&str, usize> = BTreeMap::new();
    for document in documents {
        *records.entry(&document.object).or_default() += 1;
        let texts = document.items.iter().filter_map(|item| match &item.value {
            Scalar::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let words: BTreeSet<&str> = texts.flat_map(in_capitals).collect();
        let about = match document.object.as_str() {
            "event" => document.title(),
            "message" => document.recipient(),
            _ => None,
        };
        let day = document.said_at.map(|at| at.date_naive());
        let subject = document.subject().unwrap_or_default();
        let telling: BTreeSet<&str> = in_capitals(subject).collect();
        let alike = (!telling.is_empty()).then(|| without_numbers(subject));
        for word in words {
            let seen = seen.entry((&document.object, word)).or_default();
            seen.records += 1;
            if seen.about.len() < MATTERS {
                seen.about.extend(about);
            }
            if let Some(alike) = alike.as_ref().filter(|_| telling.contains(word)) {
                let alike = seen.subjects.entry(alike.clone()).or_default();
                if alike.len() < MATTERS {
                    alike.insert(subject);
                }
            }
            if seen.days.len() < MATTERS {
                seen.days.extend(day);
            }
        }
    }
    let enough = |object: &str| RECORDS.max(records[object] / ONE_IN);
    seen.into_iter()
        .filter(|((object, _), seen)| seen.records >= enough(object) || seen.is_of_many())
        .map(|((_, word), _)| word.to_owned())
        .collect()
}

/// The words of a text in which no small letter stands.
fn in_capitals(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|char: char| !is_word_char(char) || char.is_numeric());
    words.filter(|word| {
        let small = word.bytes().next().is_none_or(|byte| byte.is_ascii_lowercase());
        !small && word.chars().nth(1).is_some() && !word.chars().any(char::is_lowercase)
    })
}

/// The words of the names of all whom records name outright, as far as they stand in capitals elsewhere.
fn people(documents: &[Document]) -> BTreeSet<String> {
    let places = || Document::PAYER.into_iter().chain([Document::ADDRESSEE]);
    let names = |document| places().filter_map(move |place| Document::text(document, place));
    let words = documents
        .iter()
        .flat_map(names)
        .flat_map(|name| name.split(|char: char| !is_word_char(char) || char.is_numeric()));
    let words = words.filter(|word| word.chars().nth(1).is_some());
    let names: HashSet<String> = words.map(squash).collect();
    let said = documents.iter().flat_map(|document| &document.items);
    let said = said.filter(|item| !places().any(|place| place == item.place));
    let texts = said.filter_map(|item| match &item.value {
        Scalar::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let said = texts.flat_map(in_capitals).map(squash);
    said.filter(|word| names.contains(word)).collect()
}

/// The texts that stand in nearly all records of a kind that have the place.
fn everywhere(documents: &[Document]) -> BTreeSet<(String, String, String)> {
    let mut texts: HashMap<(&str, &str, &str), usize> = HashMap::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for document in documents {
        let of_it: BTreeSet<(&str, &str)> = document
            .items
            .iter()
            .filter_map(|item| match &item.value {
                Scalar::Text(text) => Some((item.place.as_str(), text.as_str())),
                _ => None,
            })
            .collect();
        let has: BTreeSet<&str> = of_it.iter().map(|(place, _)| *place).collect();
        for place in has {
            *places.entry((&document.object, place)).or_default() += 1;
        }
        for (place, text) in of_it {
            *texts.entry((&document.object, place, text)).or_default() += 1;
        }
    }
    texts
        .into_iter()
        .filter(|((object, place, _), count)| {
            *count >= RECORDS && *count * 100 >= places[&(*object, *place)] * EVERYWHERE
        })
        .map(|((object, place, text), _)| (object.to_owned(), place.to_owned(), text.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Vec<String>> {
        let room = |key: &str, name: &str| BaselineResource {
            key: key.to_owned(),
            name: Some(name.to_owned()),
            ..BaselineResource::default()
        };
        let gazetteer = Gazetteer::new(&[
            room("1", "Room Flood"),
            room("2", "Room Flood 3"),
            room("3", "Polo (red)"),
        ]);
        gazetteer
            .find("mail", text)
            .into_iter()
            .map(|mention| mention.keys)
            .collect()
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(found("You have Room Flood 3."), [["2"]]);
    }

    #[test]
    fn a_code_is_known_in_one_word() {
        let van = BaselineResource {
            key: "7".to_owned(),
            code: Some("NZP 56J".to_owned()),
            ..BaselineResource::default()
        };
        let gazetteer = Gazetteer::new(&[van]);
        let keys = |text: &str| gazetteer.find("", text).len();
        assert_eq!(keys("Hire NZP56J"), 1);
        assert_eq!(keys("Hire nzp 56j"), 1);
        assert_eq!(keys("Hire NZP561"), 0);
        assert_eq!(in_one("506-39-956"), None, "a phone number as well");
    }

    #[test]
    fn a_name_that_looks_like_a_plate_is_known_however_it_is_typed() {
        let van = |key: &str, name: &str| BaselineResource {
            key: key.to_owned(),
            name: Some(name.to_owned()),
            ..BaselineResource::default()
        };
        let vans = [
            van("1", "NZP 56J"),
            van("2", "QRT-881"),
            van("3", "NZP 57J"),
            van("4", "WXK442"),
        ];
        let keys = |vans: &[BaselineResource], text: &str| -> Vec<Vec<String>> {
            let mentions = Gazetteer::new(vans).find("", text);
            mentions.into_iter().map(|mention| mention.keys).collect()
        };
        assert_eq!(keys(&vans, "NZP56J Marlow"), [["1"]]);
        assert_eq!(keys(&vans, "nzp-57j, qrt881 and WXK 442"), [["3"], ["2"], ["4"]]);
        let alike = [
            van("1", "NZP 56J"),
            van("2", "NZ-P56J"),
            van("3", "QRT 881"),
            van("4", "QRT881"),
        ];
        assert!(keys(&alike, "NZP56J").is_empty(), "it may be either");
        assert_eq!(keys(&alike, "QRT881"), [["4"]], "it is called just so");
    }

    #[test]
    fn a_bracket_or_a_comma_ends_a_name() {
        assert_eq!(found("Room Flood (3 guests)"), [["1"]]);
        assert_eq!(found("Room Flood, 3 nights"), [["1"]]);
    }

    #[test]
    fn a_bracket_of_the_name_itself_does_not() {
        assert_eq!(found("a Polo (red) for you"), [["3"]]);
    }

    #[test]
    fn what_every_record_has_at_a_place_stands_everywhere() {
        let document = |at: usize| {
            let room = ["Room Flood", "Room Ebb"][at % 2];
            Document::charge(&format!("ch_{at}"))
                .saying("/metadata/reader", "tmr_Flood")
                .saying("/description", room)
        };
        let documents: Vec<Document> = (0..RECORDS).map(document).collect();
        let room = |name: &str| BaselineResource {
            key: name.to_owned(),
            name: Some(name.to_owned()),
            ..BaselineResource::default()
        };
        let gazetteer = Gazetteer::new(&[room("Flood"), room("Ebb")]).knowing(&documents);
        assert!(gazetteer.is_everywhere("charge", "/metadata/reader", "tmr_Flood"));
        assert!(!gazetteer.is_everywhere("charge", "/description", "Room Flood"));
    }

    /// Messages to one address, one a day.
    fn letters(subject: &dyn Fn(usize) -> String) -> Vec<Document> {
        let letter = |at: usize| {
            let blank = Document {
                said_at: chrono::DateTime::from_timestamp(86_400 * i64::try_from(at).unwrap_or(0), 0),
                ..Document::message(&format!("m{at}"))
            };
            blank
                .saying(Document::RECIPIENT, "desk@hostel.example")
                .saying(Document::SUBJECT, &subject(at))
        };
        (0..8).map(letter).collect()
    }

    #[test]
    fn a_word_in_subjects_with_other_numbers_each_is_wording() {
        let documents = letters(&|at| format!("Booking HX-{}QRT AMENDED", ('A'..).nth(at).unwrap_or('Z')));
        let gazetteer = Gazetteer::new(&[]).knowing(&documents);
        assert!(gazetteer.is_wording("AMENDED"));
        assert!(!gazetteer.is_wording("AQRT"));
    }

    #[test]
    fn a_name_in_capitals_is_no_number() {
        let paid = Document::charge("ch_1").saying("/billing_details/name", "Rosa Müller");
        let told = Document::message("m1").saying(Document::SUBJECT, "MÜLLER, QRTXB");
        let gazetteer = Gazetteer::new(&[]).knowing(&[paid, told]);
        assert!(gazetteer.is_wording("MÜLLER"));
        assert!(!gazetteer.is_wording("QRTXB"));
    }

    #[test]
    fn a_number_in_one_subject_that_comes_back_is_none() {
        let documents = letters(&|at| format!("{} QRTXB", ["Re: Booking", "Booking"][at % 2]));
        assert!(!Gazetteer::new(&[]).knowing(&documents).is_wording("QRTXB"));
    }
}
