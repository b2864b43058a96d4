//! Which entries of a calendar list who comes.
//!
//! The backup tells: many entries there have lines that state the phones or addresses of different people, or name
//! different ones whose bookings start just then. Where hardly any entry is about one alone, all list who comes; else
//! those do whose titles have words that stand with such entries, and none of those that stand with the others.

use super::rosters::{Row, contacts, letters, name_words};
use crate::model::{Baseline, Document, When};
use crate::reading::phone_tail;
use std::collections::{BTreeMap, BTreeSet};

/// As many entries list different people where a calendar is kept so.
const ENTRIES: usize = 8;
/// At most one entry in so many of a kind is about one alone.
const ONES_IN: usize = 10;
/// A title's word tells what an entry is where so many have it.
const WORDS: usize = 3;

/// A calendar entry, and what it says row by row.
pub(super) struct Entry<'d> {
    pub(super) title: &'d str,
    pub(super) starts: Option<When>,
    pub(super) rows: Vec<Row<'d>>,
}

/// Who is known by name, and by phone or address, and who comes when.
pub(super) struct Guests {
    /// The keys of the backup's customers.
    by_contact: BTreeMap<String, BTreeSet<String>>,
    /// The words of their names, by key.
    by_key: BTreeMap<String, BTreeSet<String>>,
    /// The words of their names, and of those of whoever was written to.
    words: BTreeSet<String>,
    /// Whose bookings start when.
    coming: BTreeMap<When, BTreeSet<String>>,
}

impl Guests {
    pub(super) fn new(documents: &[Document], baseline: &Baseline) -> Self {
        let mut guests = Self {
            by_contact: BTreeMap::new(),
            by_key: BTreeMap::new(),
            words: BTreeSet::new(),
            coming: BTreeMap::new(),
        };
        for row in &baseline.customers {
            let email = row.email.as_deref().map(|email| email.trim().to_lowercase());
            let phone = row.phone.as_deref().map(phone_tail);
            for contact in email.into_iter().chain(phone).filter(|text| text.len() > 5) {
                let keys = guests.by_contact.entry(contact).or_default();
                keys.insert(row.key.clone());
            }
            let words: BTreeSet<String> = row.name.as_deref().into_iter().flat_map(name_words).collect();
            guests.words.extend(words.iter().cloned());
            guests.by_key.insert(row.key.clone(), words);
        }
        for row in &baseline.bookings {
            if let (Some(starts), Some(customer)) = (row.starts_at, &row.customer) {
                guests.coming.entry(starts).or_default().insert(customer.clone());
            }
        }
        let addressed = documents
            .iter()
            .filter_map(|document| document.text(Document::ADDRESSEE));
        guests.words.extend(addressed.flat_map(name_words));
        guests
    }

    /// Whether a word is of somebody's name.
    pub(super) fn are_named(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether the backup has bookings that start then.
    pub(super) fn knows(&self, starts: Option<When>) -> bool {
        starts.is_some_and(|starts| self.coming.contains_key(&starts))
    }

    /// The backup's customers whose phone or address stands in a text.
    fn reached(&self, text: &str) -> BTreeSet<&str> {
        let found = contacts(text).filter_map(|contact| self.by_contact.get(&contact));
        found.flatten().map(String::as_str).collect()
    }

    /// Those who come then whom a text names best.
    fn named(&self, text: &str, starts: Option<When>) -> BTreeSet<&str> {
        let words: BTreeSet<String> = name_words(text).collect();
        let coming = starts.and_then(|starts| self.coming.get(&starts));
        let named = coming.into_iter().flatten().filter_map(|key| {
            let own = self.by_key.get(key)?.intersection(&words).count();
            (own > 0).then_some((own, key.as_str()))
        });
        let named: Vec<(usize, &str)> = named.collect();
        let best = named.iter().map(|(own, _)| *own).max();
        let best = named.into_iter().filter(|(own, _)| Some(*own) == best);
        best.map(|(_, key)| key).collect()
    }

    /// Whom a row is about.
    pub(super) fn of(&self, text: &str, starts: Option<When>) -> BTreeSet<&str> {
        let reached = self.reached(text);
        if reached.is_empty() {
            self.named(text, starts)
        } else {
            reached
        }
    }

    fn tell(&self, entry: &Entry<'_>) -> Told {
        if !self.named(entry.title, entry.starts).is_empty() {
            return Told::One;
        }
        let of = entry.rows.iter().map(|row| self.of(row.text, entry.starts));
        let of: Vec<BTreeSet<&str>> = of.filter(|of| !of.is_empty()).collect();
        match of.split_first() {
            Some((first, rest)) if rest.iter().any(|other| other.is_disjoint(first)) => Told::Several,
            Some(_) if entry.rows.len() == 1 => Told::Alone,
            Some((first, _)) if !self.may_be_of_others(entry, first) => Told::One,
            None | Some(_) => Told::Nothing,
        }
    }

    /// Whether rows that state nothing of these customers hold another phone or address, or somebody's name.
    fn may_be_of_others(&self, entry: &Entry<'_>, customers: &BTreeSet<&str>) -> bool {
        let rows = entry.rows.iter();
        let mut others = rows.filter(|row| self.of(row.text, entry.starts).is_disjoint(customers));
        others.any(|row| {
            contacts(row.text).next().is_some() || name_words(row.text).any(|word| self.words.contains(&word))
        })
    }
}

/// What the backup tells of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Several,
    /// Its one row is about somebody whom the title does not name: they may have been the only one who came.
    Alone,
    One,
}

/// How the entries of a calendar that list who comes are known.
pub(super) struct Lists {
    several: usize,
    /// None: all entries are such.
    words: Option<Words>,
}

/// Words of titles that stand with entries that list who comes, and with those about one alone.
struct Words {
    of_lists: BTreeSet<String>,
    of_ones: BTreeSet<String>,
}

impl Lists {
    /// None where nothing shows that any entries list who comes.
    pub(super) fn find(entries: &[Entry<'_>], guests: &Guests) -> Option<Self> {
        let told: Vec<Told> = entries.iter().map(|entry| guests.tell(entry)).collect();
        let count = |which: Told| told.iter().filter(|told| **told == which).count();
        let (several, ones) = (count(Told::Several), count(Told::One));
        if several < ENTRIES {
            return None;
        }
        let words = (ones * ONES_IN > several).then(|| Words::new(entries, &told));
        Some(Self { several, words })
    }

    /// How many entries show it.
    pub(super) fn support(&self) -> usize {
        self.several
    }

    /// Whether an entry lists who comes.
    pub(super) fn holds(&self, entry: &Entry<'_>, guests: &Guests) -> bool {
        let Some(words) = &self.words else { return true };
        match guests.tell(entry) {
            Told::Several => true,
            Told::One if !guests.named(entry.title, entry.starts).is_empty() => false,
            Told::One | Told::Alone | Told::Nothing => words.tell(entry.title),
        }
    }
}

/// With how many entries of each kind a word stood.
#[derive(Default)]
struct Stood {
    several: usize,
    alone: usize,
    ones: usize,
}

impl Words {
    fn new(entries: &[Entry<'_>], told: &[Told]) -> Self {
        let mut seen: BTreeMap<String, Stood> = BTreeMap::new();
        for (entry, told) in entries.iter().zip(told) {
            for word in letters(entry.title).collect::<BTreeSet<_>>() {
                let stood = seen.entry(word).or_default();
                stood.several += usize::from(*told == Told::Several);
                stood.alone += usize::from(*told == Told::Alone);
                stood.ones += usize::from(*told == Told::One);
            }
        }
        let of = |is: fn(&Stood) -> bool| {
            let words = seen.iter().filter(|(_, stood)| is(stood));
            words.map(|(word, _)| word.clone()).collect()
        };
        Self {
            of_lists: of(|stood| {
                let lists = stood.several + stood.alone;
                stood.several > 0 && lists >= WORDS && stood.ones * ONES_IN <= lists
            }),
            of_ones: of(|stood| stood.several == 0 && stood.ones >= WORDS),
        }
    }

    fn tell(&self, title: &str) -> bool {
        let words: Vec<String> = letters(title).collect();
        words.iter().any(|word| self.of_lists.contains(word))
            && !words.iter().any(|word| self.of_ones.contains(word))
    }
}
