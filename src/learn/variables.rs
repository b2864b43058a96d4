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

/// Words that are found let others be found that stand beside them: both names of *Rex and Bella*.
const PASSES: usize = 2;
/// A place with as many different words is a variable, where none of them is of more than one person in `SHARE`.
pub(super) const DIFFERENT: usize = 8;
const SHARE: usize = 4;
/// A word that stands in a variable so many times in ten is one of its words.
const MOSTLY: usize = 7;
/// What stands right before a word and behind it tells the place: so many pieces.
const BEFORE: usize = 2;
const BEHIND: usize = 1;
/// What is joined to a word by an apostrophe is of what stands behind it: *Rex's* report, and *Bella's*.
const JOINED: usize = 2;
/// A word with so many people's bookings called off, and four in five of all it stands with, may be what says so.
const OFF: usize = 2;

/// Whether so many different words, of which the most frequent stands with so many people, may be any.
pub(super) fn is_free(different: usize, most: usize, people: usize) -> bool {
    different >= DIFFERENT && most * SHARE <= people
}

/// That one of the words goes with them by chance is likelier than this, as a rule: it says nothing then.
const CHANCE: f64 = 0.05;

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
    let mut found = BTreeSet::new();
    for _ in 0..PASSES {
        found.extend(find(&said, &found));
    }
    found
}

/// The words of variables, where those that are known stand for any.
fn find(said: &Map<(&str, Pattern), Said>, known: &BTreeSet<String>) -> BTreeSet<String> {
    let mut places: Map<u64, Place<'_>> = Map::default();
    for ((object, line), said) in said {
        for (key, word) in places_of(object, line, known) {
            let (people, off) = places.entry(key).or_default().words.entry(word).or_default();
            *people += said.people.len();
            *off += said.off;
        }
    }
    places.retain(|_, place| place.is_variable());
    // With how many each word stands in a kind of record, and with how many of them in a variable.
    let mut stands: Map<(&str, &str), (usize, usize)> = Map::default();
    for ((object, line), said) in said {
        for (key, word) in places_of(object, line, known) {
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
        let all_off: usize = self.words.values().map(|(_, off)| *off).sum();
        let share = all_off as f64 / people().sum::<usize>().max(1) as f64;
        let by_chance = |off: usize| share.powf(off as f64) * self.words.len() as f64 > CHANCE;
        let may_call_off =
            |(people, off): &(usize, usize)| *off >= OFF && off * 5 >= *people * 4 && !by_chance(*off);
        is_free(self.words.len(), people().max().unwrap_or(0), people().sum())
            && !self.words.values().any(may_call_off)
    }
}

/// Each word of a line with the place where it stands, where a word beside it tells that. `known`: words that stand for any.
fn places_of<'p>(
    object: &str,
    line: &'p Pattern,
    known: &BTreeSet<String>,
) -> impl Iterator<Item = (u64, &'p str)> {
    let pieces = line.0.as_slice();
    let any = |piece: &Piece| match piece {
        Piece::Is(Token::Word(word)) if known.contains(word.as_str()) => Piece::Any,
        piece => piece.clone(),
    };
    let masked: Vec<Piece> = pieces.iter().map(any).collect();
    let object = hash(object);
    pieces.iter().enumerate().filter_map(move |(at, piece)| {
        let Piece::Is(Token::Word(word)) = piece else {
            return None;
        };
        let before = &masked[at.saturating_sub(BEFORE)..at];
        let is_joined = matches!(masked.get(at + 1), Some(Piece::Is(Token::Mark('\'' | '’'))));
        let reach = if is_joined { JOINED } else { BEHIND };
        let behind = &masked[at + 1..masked.len().min(at + 1 + reach)];
        let mut beside = before.iter().chain(behind);
        let told = beside.any(|piece| matches!(piece, Piece::Is(Token::Word(_))));
        told.then(|| (hash(&(object, before, behind)), &**word))
    })
}

fn hash(of: &(impl std::hash::Hash + ?Sized)) -> u64 {
    BuildHasherDefault::<super::quick::Quick>::default().hash_one(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Gazetteer, Lexer};
    use crate::model::{Baseline, BaselineBooking, Document, Scalar};

    /// The words of variables in letters of the business with these subjects, each to somebody else. `off`: whose bookings were
    /// called off.
    fn found(subjects: &[String], off: &[usize]) -> BTreeSet<String> {
        let documents: Vec<Document> = subjects
            .iter()
            .enumerate()
            .map(|(at, subject)| {
                let mut document = Document::message(&format!("m{at}"));
                document.standing = Standing::Business;
                document.with("header:subject", Scalar::Text(subject.clone()))
            })
            .collect();
        let gazetteer = Gazetteer::new(&[]);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        let lexed: Vec<Lexed<'_>> = documents
            .iter()
            .map(|document| super::super::lex(document, &lexer))
            .collect();
        let row = BaselineBooking {
            status: Some(Status::Cancelled),
            ..BaselineBooking::default()
        };
        let baseline = Baseline {
            bookings: vec![row],
            ..Baseline::default()
        };
        let rows = super::super::truths(&baseline, chrono_tz::Tz::UTC);
        let told: Vec<(usize, &Lexed<'_>, Option<&Truth<'_>>)> = lexed
            .iter()
            .enumerate()
            .map(|(at, lexed)| (at, lexed, off.contains(&at).then_some(&rows[0])))
            .collect();
        words(&told, &|_| false)
    }

    const DOGS: [&str; 10] = [
        "Biscuit", "Clover", "Juno", "Maple", "Otis", "Pepper", "Scout", "Willow", "Ziggy", "Bear",
    ];

    #[test]
    fn a_name_with_an_apostrophe_behind_it_varies() {
        let twice = DOGS.iter().chain(&DOGS);
        let subjects: Vec<String> = twice.map(|dog| format!("{dog}'s photos")).collect();
        let words = found(&subjects, &[]);
        assert!(words.contains("biscuit") && words.contains("bear"), "{words:?}");
        assert!(!words.contains("photos"), "{words:?}");
    }

    #[test]
    fn a_name_beside_one_that_varies_does_too() {
        let mut subjects: Vec<String> = DOGS.iter().map(|dog| format!("{dog}'s photos")).collect();
        let others = [
            "Ada", "Bo", "Cleo", "Dot", "Emil", "Finn", "Gus", "Hank", "Ike", "Jet",
        ];
        let both = DOGS.iter().zip(others);
        subjects.extend(both.map(|(dog, other)| format!("{dog} & {other}'s photos")));
        let words = found(&subjects, &[]);
        assert!(words.contains("hank"), "{words:?}");
    }

    #[test]
    fn one_name_of_many_goes_with_two_bookings_called_off_by_chance() {
        let thrice = DOGS.iter().chain(&DOGS).chain(&DOGS[1..]);
        let subjects: Vec<String> = thrice.map(|dog| format!("{dog}'s photos")).collect();
        // Both of Biscuit's, and some others.
        assert!(found(&subjects, &[0, 10, 3, 4, 15, 27]).contains("clover"));
        let verbs = DOGS[1..].iter().chain(&DOGS[1..]).chain(&DOGS[1..]);
        let mut subjects: Vec<String> = verbs.map(|dog| format!("Visit {dog} today")).collect();
        subjects.extend((0..6).map(|_| "Visit cancelled today".to_owned()));
        let last: Vec<usize> = (27..33).collect();
        assert!(
            found(&subjects, &last).is_empty(),
            "there a word says what happened"
        );
    }
}
