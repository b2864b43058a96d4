//! Another person of the same family in a booking's records: a parent books for a child.

use super::bookers::{is_bookers, is_of_booker};
use super::question::{Questions, candidate};
use super::{Context, Input};
use crate::mapping::{Told, ideograph, squash};
use crate::model::{
    About, Baseline, BaselineCustomer, Booking, Cluster, ConflictKind, FieldName, Scalar, SourceKind, Value,
};
use crate::reading::{is_word_char, phone_tail};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The backup's people by address, and what names are given there.
pub struct Family<'a> {
    at: HashMap<String, Vec<&'a BaselineCustomer>>,
    /// Given names, folded.
    given: HashSet<String>,
    /// Those that are no wording: they stand in few messages.
    rare: HashSet<String>,
    /// Addresses, each with the given name of whoever reads there what is for others: a desk that books for its guests.
    readers: HashSet<(String, String)>,
    /// People of different names share an address in the backup, as families do.
    pub shared: bool,
    /// The family's name stands first.
    first: bool,
    /// Kinds of record in which other names mean nothing.
    noisy: BTreeSet<String>,
}

/// So many addresses that people share make it a habit.
const SHARED: usize = 3;
/// A given name that stands in more than one message in so many is wording, or somebody of the house.
const ONE_IN: usize = 33;

/// A given name in messages to one address that are for so many other customers is its reader's.
const GUESTS: usize = 3;

/// As many records with a name that means nothing make the next one mean nothing.
const NOISE: usize = 5;

/// Whether names count that stand where a rule reads whoever booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bookers {
    Count,
    PassOver,
}

/// What a record says in text.
fn texts<'t>(told: &'t Told<'_>, bookers: Bookers) -> impl Iterator<Item = Cow<'t, str>> {
    let items = told.document.items.iter();
    let items = items.filter(move |item| bookers == Bookers::Count || !is_of_booker(told, item));
    items.filter_map(|item| match &item.value {
        Scalar::Text(text) => Some(without_addresses(text)),
        _ => None,
    })
}

/// Whom a message was sent to.
fn address(told: &Told<'_>) -> Option<String> {
    told.document
        .recipient()
        .map(|address| address.trim().to_lowercase())
}

/// A text without the e-mail addresses in it: `marie.dupont@` says whose the address is, not for whom the booking is.
fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let words = text.split_whitespace().filter(|word| !word.contains('@'));
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

impl<'a> Family<'a> {
    pub fn learn(input: &Input<'a>) -> Self {
        let mut family = Self::new(input.baseline, input.told);
        family.hear_noise(input);
        family
    }

    fn new(baseline: &'a Baseline, told: &[Told<'_>]) -> Self {
        let mut family = Self {
            at: HashMap::new(),
            given: HashSet::new(),
            rare: HashSet::new(),
            readers: HashSet::new(),
            shared: false,
            first: baseline.family_first,
            noisy: BTreeSet::new(),
        };
        for row in &baseline.customers {
            let email = row.email.as_deref().map(|email| email.trim().to_lowercase());
            for address in email.into_iter().chain(row.phone.as_deref().map(phone_tail)) {
                family.at.entry(address).or_default().push(row);
            }
            let given = match (&row.first_name, &row.name) {
                (Some(first), _) => first.split_whitespace().map(squash).collect(),
                (None, Some(name)) => family.halves(name).map(|(_, given)| given).unwrap_or_default(),
                _ => Vec::new(),
            };
            family.given.extend(given);
        }
        // A van that is called Marcel stands before its hirer's name.
        let things = baseline.resources.iter().filter_map(|row| row.name.as_deref());
        for word in things.flat_map(str::split_whitespace) {
            family.given.remove(&squash(word));
        }
        let of_several = |rows: &&Vec<&BaselineCustomer>| {
            let names = || rows.iter().filter_map(|row| row.name.as_deref());
            let first = names().next().unwrap_or_default();
            names().any(|name| !one_person(first, name))
        };
        family.shared = family.at.values().filter(of_several).count() >= SHARED;
        if family.shared {
            family.rare = family.rare_in(told);
            family.readers = family.readers_in(told);
        }
        family
    }

    fn rare_in(&self, told: &[Told<'_>]) -> HashSet<String> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let messages = told
            .iter()
            .filter(|told| told.document.object == "message" && told.speaks());
        let mut all = 0;
        for told in messages {
            all += 1;
            let names: BTreeSet<String> = texts(told, Bookers::Count)
                .flat_map(|text| self.given_in(&text))
                .collect();
            for name in names {
                *counts.entry(name).or_default() += 1;
            }
        }
        counts.retain(|_, count| *count * ONE_IN <= all);
        counts.into_keys().collect()
    }

    fn readers_in(&self, told: &[Told<'_>]) -> HashSet<(String, String)> {
        let mut guests: HashMap<(String, String), BTreeSet<String>> = HashMap::new();
        let messages = told
            .iter()
            .filter(|told| told.document.object == "message" && told.speaks());
        for told in messages {
            let Some(address) = address(told) else { continue };
            let names = told
                .claims
                .of(FieldName::CustomerName)
                .filter_map(|claim| match &claim.value {
                    Value::Text(name) => Some(squash(name)),
                    _ => None,
                });
            let names: BTreeSet<String> = names.collect();
            let given: BTreeSet<String> = texts(told, Bookers::Count)
                .flat_map(|text| self.given_in(&text))
                .collect();
            for given in given {
                let others: Vec<String> = names
                    .iter()
                    .filter(|name| !name.contains(&given))
                    .cloned()
                    .collect();
                guests.entry((address.clone(), given)).or_default().extend(others);
            }
        }
        guests.retain(|_, names| names.len() >= GUESTS);
        guests.into_keys().collect()
    }

    /// The given names of known people that stand in a text, folded.
    fn given_in(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for word in text
            .split(|char: char| !is_word_char(char))
            .filter(|word| !word.is_empty())
        {
            let word = squash(word);
            if word.chars().any(ideograph) {
                // One sign alone is a part of any word.
                let signs: Vec<char> = word.chars().collect();
                for length in 2..=4 {
                    let names = signs
                        .windows(length)
                        .map(|signs| signs.iter().collect::<String>());
                    found.extend(names.filter(|name| self.given.contains(name)));
                }
            } else if word.chars().count() > 2 && self.given.contains(&word) {
                found.push(word);
            }
        }
        found
    }

    /// The family's name and the given ones, folded.
    fn halves(&self, name: &str) -> Option<(String, Vec<String>)> {
        let words: Vec<String> = name.split_whitespace().map(squash).collect();
        let first = self.first || name.chars().any(ideograph);
        let (family, given) = if first {
            words.split_first()?
        } else {
            words.split_last()?
        };
        (!given.is_empty()).then(|| (family.clone(), given.to_vec()))
    }

    /// Asks where a record names another known person of the same address, or somebody of the same family's name.
    pub fn doubt(
        &self,
        context: &Context<'_>,
        cluster: &Cluster,
        booking: &Booking,
        questions: &mut Questions,
    ) {
        let Some(name) = booking.customer.name.as_deref() else {
            return;
        };
        let email = booking.customer.email.as_deref();
        let email = email.map(|email| email.trim().to_lowercase());
        let phone = booking.customer.phone.as_deref().map(phone_tail);
        let known: BTreeMap<String, &str> = email
            .iter()
            .chain(&phone)
            .filter_map(|address| self.at.get(address))
            .flatten()
            .filter_map(|row| row.name.as_deref())
            .filter(|other| !one_person(name, other))
            .map(|other| (squash(other), other))
            .collect();
        let halves = self.halves(name);
        let claims = booking.claims.get(&FieldName::CustomerName);
        let is_guest = claims.is_some_and(|claims| context.bookers.names_guest(claims));
        // Where the customer is named, whoever booked from the same address is somebody else as a rule.
        let bookers = |told: &Told<'_>| {
            let mut addresses = told.claims.of(FieldName::CustomerEmail).peekable();
            let is_there = |value: &Value| match value {
                Value::Text(text) => email.as_ref() == Some(&text.trim().to_lowercase()),
                _ => false,
            };
            let is_same = addresses.peek().is_none() || addresses.any(|claim| is_there(&claim.value));
            if is_guest && is_same {
                Bookers::PassOver
            } else {
                Bookers::Count
            }
        };
        for at in &cluster.members {
            let told = &context.input.told[*at];
            let document = told.document;
            if document.kind == SourceKind::Stripe {
                continue;
            }
            if self.noisy.contains(document.object.as_str()) {
                continue;
            }
            let named = self.other(told, name, &known, halves.as_ref(), bookers(told));
            let Some(other) = named else { continue };
            let reason = format!("One record names {name}, another {other}.");
            let records = vec![document.record.clone()];
            let here = candidate(Value::Text(name.to_owned()), Vec::new(), 500);
            let there = candidate(Value::Text(other), records, 1000);
            let field = Some(FieldName::CustomerName);
            let kind = ConflictKind::FieldContradicts;
            return questions.ask(kind, field, reason, vec![there, here], None);
        }
    }

    /// Another person than this one in what a record says.
    fn other(
        &self,
        told: &Told<'_>,
        name: &str,
        known: &BTreeMap<String, &str>,
        halves: Option<&(String, Vec<String>)>,
        bookers: Bookers,
    ) -> Option<String> {
        let own = squash(name);
        let is_message = told.document.object == "message";
        let alone = |text: &str| {
            let mut given = self.given_in(text).into_iter();
            let reads = |given: &str| {
                address(told).is_some_and(|address| self.readers.contains(&(address, given.to_owned())))
            };
            let greets =
                |given: &str| bookers == Bookers::PassOver && is_bookers(told, given) || reads(given);
            let is_other = |given: &str| self.rare.contains(given) && !own.contains(given) && !greets(given);
            given.find(|given| is_message && is_other(given))
        };
        texts(told, bookers).find_map(|text| {
            let squashed = squash(&text);
            let of_address = known.iter().find(|(other, _)| squashed.contains(*other));
            of_address
                .map(|(_, other)| (*other).to_owned())
                .or_else(|| self.relative(&text, halves?))
                .or_else(|| alone(&text))
        })
    }

    /// Learns from the bookings of the backup in which kind of record another name stands beside the right one, and
    /// means nothing: `Abu Omar`, the father of whom a title calls him.
    fn hear_noise(&mut self, input: &Input<'_>) {
        let names: HashMap<&str, &str> = input
            .baseline
            .customers
            .iter()
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        let mut heard: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        // In whose records each name stood beside theirs, and in how many it was the right one.
        let mut beside: BTreeMap<String, (BTreeSet<&str>, usize)> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let customer = input.baseline.bookings[at].customer.as_deref();
            let Some((key, truth)) = customer.and_then(|key| Some((key, *names.get(key)?))) else {
                continue;
            };
            let told = || cluster.members.iter().map(|at| &input.told[*at]);
            let claims = told().flat_map(|told| &told.claims.claims);
            let claimed: BTreeSet<&str> = claims
                .filter(|claim| claim.field == FieldName::CustomerName)
                .filter_map(|claim| match &claim.value {
                    Value::Text(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            for told in told().filter(|told| told.document.kind != SourceKind::Stripe) {
                let halves = |name: &str| self.halves(name);
                let bookers = Bookers::PassOver;
                let other =
                    |name: &str| self.other(told, name, &BTreeMap::new(), halves(name).as_ref(), bookers);
                let is_truth = |name: &str| squash(name) == squash(truth);
                let (noise, word) = heard.entry(&told.document.object).or_default();
                let tells = |name: &&str| {
                    let given = other(name).map(|other| squash(&other));
                    given.filter(|given| !is_truth(name) && squash(truth).contains(given))
                };
                if let Some(given) = claimed.iter().find_map(tells) {
                    *word += 1;
                    beside.entry(given).or_default().1 += 1;
                } else if claimed.iter().any(|name| is_truth(name))
                    && let Some(other) = other(truth)
                {
                    *noise += 1;
                    beside.entry(squash(&other)).or_default().0.insert(key);
                }
            }
        }
        let noisy = |(noise, word): &(usize, usize)| *noise >= NOISE && *noise > *word * 4;
        // Somebody of the house, who guides this one and that one.
        for (given, (people, word)) in beside {
            if noisy(&(people.len(), word)) {
                self.rare.remove(&given);
            }
        }
        self.noisy = heard
            .into_iter()
            .filter(|(_, counts)| noisy(counts))
            .map(|(object, _)| object.to_owned())
            .collect();
    }

    /// Somebody of the same family's name and another given one, in a text: next to each other, as names stand.
    fn relative(&self, text: &str, (family, given): &(String, Vec<String>)) -> Option<String> {
        if family.chars().any(ideograph) {
            // Names of these scripts may stand without a space between them, and with a word right behind.
            let squashed = squash(text);
            if !squashed.contains(family.as_str()) || given.iter().any(|own| squashed.contains(own)) {
                return None;
            }
            let others = self.given.iter().filter(|other| other.chars().any(ideograph));
            let found: BTreeSet<&String> = others
                .filter(|other| squashed.contains(&format!("{family}{other}")))
                .collect();
            // The longest: of two names one may begin the other.
            let longest = found.into_iter().max_by_key(|other| other.chars().count())?;
            return Some(format!("{family} {longest}"));
        }
        let words: Vec<&str> = text
            .split(|char: char| !(is_word_char(char) || matches!(char, '-' | '\'' | '’')))
            .filter(|word| !word.is_empty())
            .collect();
        let folded: Vec<String> = words.iter().map(|word| squash(word)).collect();
        let is_other = |word: &String| self.given.contains(word) && !given.contains(word) && word != family;
        for (at, _) in folded.iter().enumerate().filter(|(_, word)| *word == family) {
            // Two given names before it are one person: "Anna Maria Kis".
            let mine = |at: usize| folded.get(at).is_some_and(|word| given.contains(word));
            if mine(at + 1) || at > 0 && mine(at - 1) {
                continue;
            }
            let behind = folded.get(at + 1).filter(|_| self.first);
            if behind.is_some_and(is_other) {
                return Some(format!("{} {}", words[at], words[at + 1]));
            }
            if !self.first && at > 0 && is_other(&folded[at - 1]) {
                return Some(format!("{} {}", words[at - 1], words[at]));
            }
        }
        None
    }
}

/// The records of each booking of the backup whose customer has a name there, and that name.
pub fn with_customers<'i>(input: &'i Input<'_>) -> Vec<(&'i Cluster, &'i str)> {
    let names: BTreeMap<&str, &str> = (input.baseline.customers.iter())
        .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
        .collect();
    let clusters = input.linked.clusters.iter();
    let named = clusters.filter_map(|cluster| {
        let About::Baseline(at) = cluster.about else {
            return None;
        };
        let customer = input.baseline.bookings[at].customer.as_deref()?;
        Some((cluster, *names.get(customer)?))
    });
    named.collect()
}

/// Whether two names may be one person's: every word of the shorter one stands in the other, is its beginning, or
/// begins as it does.
pub fn one_person(a: &str, b: &str) -> bool {
    let words = |name: &str| -> Vec<String> { name.split_whitespace().map(squash).collect() };
    let (mut short, mut long) = (words(a), words(b));
    if short.len() > long.len() {
        std::mem::swap(&mut short, &mut long);
    }
    let alike = |a: &str, b: &str| {
        let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        let least = a.chars().count().min(b.chars().count());
        same == least || same >= 3
    };
    let whole = a.chars().chain(b.chars()).any(ideograph);
    squash(a) == squash(b)
        || !whole
            && short
                .iter()
                .all(|word| long.iter().any(|other| alike(word, other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Claims;
    use crate::model::{Claim, Document};

    fn family(names: &[&str]) -> Baseline {
        let row = |name: &&str| BaselineCustomer {
            name: Some((*name).to_owned()),
            ..BaselineCustomer::default()
        };
        Baseline {
            customers: names.iter().map(row).collect(),
            ..Baseline::default()
        }
    }

    fn relative(text: &str, name: &str, known: &[&str]) -> Option<String> {
        let baseline = family(known);
        let family = Family::new(&baseline, &[]);
        family.relative(text, &family.halves(name)?)
    }

    #[test]
    fn a_child_of_the_same_name_is_found() {
        let known = ["Emma Blanc", "Marie Dupont", "佐藤 湊"];
        assert_eq!(
            relative("Patient: Emma Dupont", "Marie Dupont", &known).as_deref(),
            Some("Emma Dupont")
        );
        assert_eq!(
            relative("■患者様：吉田 湊 様", "吉田 翔太", &known).as_deref(),
            Some("吉田 湊")
        );
        assert_eq!(
            relative("吉田湊様 フッ素", "吉田 翔太", &known).as_deref(),
            Some("吉田 湊")
        );
    }

    #[test]
    fn the_person_and_strangers_are_not() {
        let known = ["Emma Blanc", "Marie Dupont", "Anna Kis"];
        for text in [
            "Dear Marie Dupont,",
            "Dear Mrs Dupont,",
            "Emma Blanc",
            "Anna Marie Dupont",
        ] {
            assert_eq!(relative(text, "Marie Dupont", &known), None, "{text}");
        }
    }

    #[test]
    fn whoever_reads_what_is_for_several_others_is_no_guest() {
        let guests = ["Carl Voss", "Mona Reed", "Igor Lund"];
        let letter = |(at, guest): (usize, &&str)| {
            Document::message(&format!("m{at}"))
                .saying(Document::RECIPIENT, "desk@hotel.example")
                .saying("text", &format!("Hello Edith, a canoe for your guest {guest}"))
        };
        let letters: Vec<Document> = guests.iter().enumerate().map(letter).collect();
        let told = |(document, guest): (&'_ Document, &&str)| {
            let name = Claim {
                record: document.record.clone(),
                field: FieldName::CustomerName,
                value: Value::Text((*guest).to_owned()),
                place: "text".to_owned(),
                rule: "mail#1".to_owned(),
                standing: document.standing,
                said_at: document.said_at,
            };
            let mut claims = Claims::default();
            claims.claims.push(name);
            (document.clone(), claims)
        };
        let told: Vec<(Document, Claims)> = letters.iter().zip(&guests).map(told).collect();
        let baseline = family(&["Edith Marsh", "Carl Voss"]);
        let family = Family::new(&baseline, &[]);
        let readers = |told: &[(Document, Claims)]| {
            let told: Vec<Told<'_>> = told
                .iter()
                .map(|(document, claims)| Told {
                    document,
                    claims: claims.clone(),
                })
                .collect();
            family.readers_in(&told)
        };
        let edith = ("desk@hotel.example".to_owned(), "edith".to_owned());
        assert_eq!(readers(&told), HashSet::from([edith]));
        assert!(readers(&told[..2]).is_empty(), "they may be her family");
    }

    #[test]
    fn an_address_names_nobody() {
        assert_eq!(
            without_addresses("Léa Blanc <marie.blanc@mail.example>"),
            "Léa Blanc"
        );
        assert_eq!(without_addresses("marie.blanc@mail.example"), "");
        assert_eq!(without_addresses("Léa  Blanc"), "Léa  Blanc");
    }

    #[test]
    fn nicknames_and_initials_are_one_person() {
        assert!(one_person("Alexander Wood", "Alex Wood"));
        assert!(one_person("M. Dupont", "Marie Dupont"));
        assert!(!one_person("Emma Dupont", "Marie Dupont"));
        assert!(!one_person("吉田 翔太", "吉田 湊"));
    }
}
