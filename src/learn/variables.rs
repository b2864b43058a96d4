//! Words that stand for something else in every record, though no column of the backup has them: a pet's name, a pupil's,
//! the title of a play.
//!
//! Where lines that are otherwise alike have many different words in one place, and none of them often, the place is a
//! variable. A word that stands in such places nearly always is one of those words wherever it stands, and no wording. A place
//! in which one of the words goes with bookings that were called off is left alone: there the word says what happened.

use super::quick::{Map, Set};
use super::{Lexed, Truth};
use crate::mapping::{Pattern, Piece, Token};
use crate::model::{Standing, Status};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault};

/// A place with as many different words is a variable, where none of them is of more than one person in `SHARE`.
pub(super) const DIFFERENT: usize = 8;
const SHARE: usize = 4;
/// A word that stands in a variable so many times in ten is one of its words.
const MOSTLY: usize = 7;
/// What stands right before a word and behind it tells the place: so many pieces.
const BEFORE: usize = 2;
const BEHIND: usize = 1;
/// A word with so many people's bookings called off, and four in five of all it stands with, may be what says so.
const OFF: usize = 2;

/// Whether so many different words, of which the most frequent stands with so many people, may be any.
pub(super) fn is_free(different: usize, most: usize, people: usize) -> bool {
    different >= DIFFERENT && most * SHARE <= people
}

/// One line of a kind of record: with whom it stands, and how many of their bookings were called off.
#[derive(Default)]
struct Said {
    people: Set<usize>,
    off: usize,
}

/// What stood in one place of lines that are otherwise alike.
#[derive(Default)]
struct Place<'p> {
    words: Map<&'p str, (usize, usize)>,
}

/// The words of variables. `told`: records, by whom they are for; `is_name`: the words of people's names, which vary anyway.
pub(super) fn words(
    told: &[(usize, &Lexed<'_>, Option<&Truth<'_>>)],
    is_name: &dyn Fn(&str) -> bool,
) -> BTreeSet<String> {
    let mut said: Map<(&str, Pattern), Said> = Map::default();
    for (who, lexed, truth) in told {
        if lexed.document.standing != Standing::Business {
            continue;
        }
        let is_off = truth.is_some_and(|truth| truth.booking.status == Some(Status::Cancelled));
        for (_, line) in &lexed.lines {
            let line = Pattern::mask(line, &|word| !is_name(word));
            let said = said.entry((&lexed.document.object, line)).or_default();
            said.off += usize::from(said.people.insert(*who) && is_off);
        }
    }
    let mut places: Map<u64, Place<'_>> = Map::default();
    for ((object, line), said) in &said {
        for (key, word) in places_of(object, line) {
            let (people, off) = places.entry(key).or_default().words.entry(word).or_default();
            *people += said.people.len();
            *off += said.off;
        }
    }
    places.retain(|_, place| place.is_variable());
    // With how many each word stands in a kind of record, and with how many of them in a variable.
    let mut stands: Map<(&str, &str), (usize, usize)> = Map::default();
    for ((object, line), said) in &said {
        for (key, word) in places_of(object, line) {
            let (all, inside) = stands.entry((object, word)).or_default();
            *all += said.people.len();
            *inside += usize::from(places.contains_key(&key)) * said.people.len();
        }
    }
    let varies = |(_, (all, inside)): &(_, (usize, usize))| inside * 10 >= all * MOSTLY && *inside > 0;
    stands
        .into_iter()
        .filter(varies)
        .map(|((_, word), _)| word.to_owned())
        .collect()
}

impl Place<'_> {
    fn is_variable(&self) -> bool {
        let people = || self.words.values().map(|(people, _)| *people);
        let may_call_off = |(people, off): &(usize, usize)| *off >= OFF && off * 5 >= *people * 4;
        is_free(self.words.len(), people().max().unwrap_or(0), people().sum())
            && !self.words.values().any(may_call_off)
    }
}

/// Each word of a line with the place where it stands, where a word beside it tells that.
fn places_of<'p>(object: &str, line: &'p Pattern) -> impl Iterator<Item = (u64, &'p str)> {
    let pieces = line.0.as_slice();
    let object = hash(object);
    pieces.iter().enumerate().filter_map(move |(at, piece)| {
        let Piece::Is(Token::Word(word)) = piece else {
            return None;
        };
        let before = &pieces[at.saturating_sub(BEFORE)..at];
        let behind = &pieces[at + 1..pieces.len().min(at + 1 + BEHIND)];
        let mut beside = before.iter().chain(behind);
        let told = beside.any(|piece| matches!(piece, Piece::Is(Token::Word(_))));
        told.then(|| (hash(&(object, before, behind)), &**word))
    })
}

fn hash(of: &(impl std::hash::Hash + ?Sized)) -> u64 {
    BuildHasherDefault::<super::quick::Quick>::default().hash_one(of)
}
