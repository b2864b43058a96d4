//! Which words belong to the wording of a source, and which to one record alone.

use super::quick::{Map, Set};
use super::{Lexed, Truth, variables};
use crate::mapping::{Line, Token, ideograph, squash};
use crate::reading::{is_unspaced, is_word_char};
use std::collections::{BTreeMap, BTreeSet};

/// Words by how many people's records of a kind hold them: what is told of one regular alone is no wording, however often
/// they come.
pub struct Vocabulary {
    /// By object kind.
    counts: Map<String, Kind>,
    /// Words of customers' names, and of what else stands for another thing in each record: they vary even where they are
    /// frequent.
    people: Set<String>,
    /// The latter alone.
    variables: BTreeSet<String>,
}

/// The words of one kind of record. A record that is nobody's counts as somebody's.
#[derive(Default)]
struct Kind {
    people: Count,
    words: Map<String, Count>,
}

/// How many people there were, and who was the last of them: each one's records come together.
#[derive(Default)]
struct Count {
    people: usize,
    last: Option<usize>,
}

impl Count {
    fn meet(&mut self, who: usize) {
        if self.last != Some(who) {
            self.people += 1;
            self.last = Some(who);
        }
    }
}

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who<'a> {
    Customer(&'a str),
    Address(&'a str),
    Record(usize),
}

impl Vocabulary {
    pub fn new<'a>(
        documents: &[&'a Lexed<'a>],
        links: &[Option<&'a Truth<'a>>],
        truths: &[Truth<'_>],
    ) -> Self {
        let names = truths
            .iter()
            .filter_map(|truth| truth.customer.and_then(|row| row.name.as_deref()));
        Self::of_people(documents, links.iter().copied(), names)
    }

    /// With the people that are known by name.
    pub fn of_names<'n>(documents: &[&Lexed<'_>], names: impl Iterator<Item = &'n str>) -> Self {
        Self::of_people(documents, std::iter::repeat(None), names)
    }

    fn of_people<'n, 'a>(
        documents: &[&'a Lexed<'_>],
        linked: impl Iterator<Item = Option<&'a Truth<'a>>>,
        names: impl Iterator<Item = &'n str>,
    ) -> Self {
        let mut counts: Map<String, Kind> = Map::default();
        let mut people = Set::default();
        for name in names {
            // Scripts without spaces are cut into signs: those of names vary like names.
            people.extend(name.chars().filter(|char| ideograph(*char)).map(String::from));
            // O'Brien is one word, or two.
            let parts = name.split(|char: char| !is_word_char(char));
            people.extend(parts.chain(name.split_whitespace()).map(squash));
        }
        let mut numbers: Map<Who<'_>, usize> = Map::default();
        let mut told: Vec<(usize, &Lexed<'_>, Option<&Truth<'_>>)> = Vec::with_capacity(documents.len());
        for ((at, lexed), linked) in documents.iter().enumerate().zip(linked) {
            let to = || lexed.document.recipient().map(Who::Address);
            let customer = linked.and_then(|truth| truth.booking.customer.as_deref());
            let who = customer.map(Who::Customer).or_else(to).unwrap_or(Who::Record(at));
            let next = numbers.len();
            told.push((*numbers.entry(who).or_insert(next), lexed, linked));
        }
        told.sort_by_key(|(who, ..)| *who);
        people.extend(written_on(&told));
        let variables = variables::words(&told, &|word| people.contains(word));
        people.extend(variables.iter().cloned());
        for (who, lexed, linked) in told {
            let kind = counts.entry(lexed.document.object.clone()).or_default();
            kind.people.meet(who);
            let keys = lexed
                .document
                .items
                .iter()
                .filter_map(|item| item.place.strip_prefix("/metadata/"));
            for word in keys.flat_map(|key| key.split(|char: char| !is_word_char(char))) {
                let word = squash(word);
                kind.words.entry(word).or_default().meet(who);
            }
            for (_, line) in &lexed.lines {
                for (token, _) in &line.tokens {
                    if let Token::Word(word) = token {
                        if may_be_initial(word, lexed, linked) {
                            continue;
                        }
                        match kind.words.get_mut(word.as_str()) {
                            Some(count) => count.meet(who),
                            None => kind.words.entry(word.to_string()).or_default().meet(who),
                        }
                    }
                }
            }
        }
        people.remove("");
        Self {
            counts,
            people,
            variables,
        }
    }

    /// How many people there are of a kind of record, and with how many of them a word stands.
    fn seen(&self, object: &str, word: &str) -> Option<(usize, usize)> {
        let kind = self.counts.get(object)?;
        let count = kind.words.get(word).map_or(0, |count| count.people);
        Some((kind.people.people, count))
    }

    /// Whether a word stands in one record in so many of a kind: a pet's name that comes back each month does not.
    pub fn is_frequent(&self, object: &str, word: &str, one_in: usize) -> bool {
        let Some((all, count)) = self.seen(object, word) else {
            return false;
        };
        self.is_wording(word, all, count) && count * one_in >= all
    }

    /// Whether a word stands in so many records of a kind, be it somebody's name as well.
    pub fn recurs(&self, object: &str, word: &str, least: usize) -> bool {
        self.seen(object, word).is_some_and(|(_, count)| count >= least)
    }

    /// Whether a line holds a word of a customer's name.
    pub fn names_somebody(&self, line: &Line) -> bool {
        line.tokens.iter().any(|(token, _)| match token {
            Token::Word(word) => self.people.contains(word.as_str()),
            _ => false,
        })
    }

    /// Whether it is a word of a customer's name.
    pub fn is_of_people(&self, word: &str) -> bool {
        self.people.contains(word)
    }

    /// Whether it stands for another thing in each record, and is no word of a customer's name.
    pub fn varies(&self, word: &str) -> bool {
        self.variables.contains(word)
    }

    /// Whether a word is part of the wording of this kind of record.
    pub fn knows(&self, object: &str, word: &str) -> bool {
        let seen = self.seen(object, word);
        seen.is_some_and(|(all, count)| self.is_wording(word, all, count))
    }

    fn is_wording(&self, word: &str, all: usize, count: usize) -> bool {
        let one_in = if self.people.contains(word) { 5 } else { 250 };
        count >= (all / one_in).max(3)
    }
}

/// What is written on to so many people's names alike is no part of them.
const WRITTEN_ON: usize = 3;
/// The most signs of it.
const SIGNS: usize = 4;

/// Words of a name with something written on to it, in scripts without spaces: `김민지님` is a word for each customer, and a
/// frequent one where several have that name.
fn written_on(told: &[(usize, &Lexed<'_>, Option<&Truth<'_>>)]) -> Vec<String> {
    let mut found: BTreeMap<(String, String), (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (_, lexed, linked) in told {
        let customer = linked.and_then(|truth| truth.customer?.name.as_deref());
        let Some(name) = customer.or_else(|| lexed.document.text("header:to.name")) else {
            continue;
        };
        let is_joined = |part: &&str| {
            let mut signs = part.chars();
            signs
                .next()
                .is_some_and(|sign| is_unspaced(sign) && !ideograph(sign))
                && signs.next().is_some()
        };
        let parts: Vec<String> = name.split_whitespace().filter(is_joined).map(squash).collect();
        if parts.is_empty() {
            continue;
        }
        for (token, _) in lexed.lines.iter().flat_map(|(_, line)| &line.tokens) {
            let Token::Word(word) = token else { continue };
            let around = parts.iter().find_map(|part| word.split_once(part.as_str()));
            let Some((before, behind)) = around.filter(|(before, behind)| {
                (1..=SIGNS).contains(&(before.chars().count() + behind.chars().count()))
            }) else {
                continue;
            };
            let (words, names) = found.entry((before.to_owned(), behind.to_owned())).or_default();
            words.insert(word.to_string());
            names.insert(squash(name));
        }
    }
    let alike = found.into_values().filter(|(_, names)| names.len() >= WRITTEN_ON);
    alike.flat_map(|(words, _)| words).collect()
}

/// Whether a letter in an entry may be an initial of whom it is for: such letters vary as names do.
fn may_be_initial(word: &str, lexed: &Lexed<'_>, linked: Option<&Truth<'_>>) -> bool {
    let mut chars = word.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return false;
    };
    if lexed.document.object != "event" || !letter.is_alphabetic() || ideograph(letter) {
        return false;
    }
    let name = linked.and_then(|truth| truth.customer?.name.as_deref());
    let mut words = name
        .into_iter()
        .flat_map(|name| name.split(|char: char| !is_word_char(char)));
    // Of an entry that is nobody's a letter tells nothing.
    linked.is_none() || words.any(|part| squash(part).starts_with(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Gazetteer, Lexer};
    use crate::model::{Document, Scalar, SourceKind};

    #[test]
    fn a_name_with_something_written_on_to_it_is_no_wording() {
        let gazetteer = Gazetteer::new(&[]);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        let letter = |(at, name): (usize, &&str)| {
            let mut document = Document::event(&format!("m{at}"));
            document.kind = SourceKind::Mail;
            document.object = "message".to_owned();
            document
                .with("header:to.name", Scalar::Text((*name).to_owned()))
                .with("header:to.email", Scalar::Text(format!("p{at}@mail.example")))
                .with("text", Scalar::Text(format!("{name}님, 사진이 준비되었습니다")))
        };
        let names = ["김민지", "김민지", "김민지", "김민지", "이도윤", "박서준"];
        let documents: Vec<Document> = names.iter().enumerate().map(letter).collect();
        let lexed: Vec<Lexed<'_>> = documents
            .iter()
            .map(|document| super::super::lex(document, &lexer))
            .collect();
        let vocabulary = Vocabulary::of_names(&lexed.iter().collect::<Vec<_>>(), names.into_iter());
        assert!(vocabulary.is_of_people("김민지님"));
        assert!(!vocabulary.is_of_people("사진이"));
    }
}
