//! Marks at the edge of titles: `X Baker Tom`, where somebody crossed it out by hand.
//!
//! A mark stands beside the names of several people, and is in nobody's name. An initial stands there too, but with
//! people whose name begins so. Letters of which some bookings stood are known, whatever they are: any other is asked about.

use super::slots::Study;
use super::stars::is_of_name;
use crate::mapping::{Line, Mark, Pattern, Piece, Token, besides_letter, ideograph, of_letter, spelled};
use crate::model::Status;
use std::collections::{BTreeMap, BTreeSet};

/// A letter beside so many people's names is a mark.
const PEOPLE: usize = 3;
/// As many bookings that stood show that a letter is no word against them.
const STOOD: usize = 2;

/// Whose titles have it, and who of them may be meant by it.
#[derive(Default)]
struct Seen<'a> {
    people: BTreeSet<&'a str>,
    initials: BTreeSet<&'a str>,
    /// Bookings that were not called off.
    stood: BTreeSet<&'a str>,
}

impl Seen<'_> {
    fn is_mark(&self) -> bool {
        self.people.len() >= PEOPLE && self.initials.len() * 3 <= self.people.len()
    }
}

/// Learns the letters at the edges of titles that are of no name.
pub(super) fn learn(study: &Study<'_>) -> Vec<Mark> {
    let mut found: BTreeMap<(&str, bool, &Token), Seen<'_>> = BTreeMap::new();
    for (lexed, truth) in super::names::pairs(study) {
        let of_title = |index: &usize| lexed.document.object == "event" && lexed.is_title(*index);
        for index in (0..lexed.lines.len()).filter(of_title) {
            let tokens = &lexed.lines[index].1.tokens;
            let [(first, _), (second, _), ..] = tokens.as_slice() else {
                continue;
            };
            let (last, before) = (&tokens[tokens.len() - 1].0, &tokens[tokens.len() - 2].0);
            let who = truth.booking.customer.as_deref().unwrap_or(&truth.booking.key);
            for (leads, mark, beside) in [(true, first, second), (false, last, before)] {
                let Token::Word(mark_word) = mark else { continue };
                if mark_word.chars().count() != 1 || mark_word.chars().any(ideograph) {
                    continue;
                }
                let seen = found.entry((lexed.place(index), leads, mark)).or_default();
                if truth.booking.status != Some(Status::Cancelled) {
                    seen.stood.insert(&truth.booking.key);
                }
                let Token::Word(beside) = beside else { continue };
                let is_beside_name = beside.chars().count() > 1 && is_of_name(beside, truth);
                if !is_beside_name || study.vocabulary.is_of_people(mark_word) {
                    continue;
                }
                seen.people.insert(who);
                let name = truth
                    .customer
                    .and_then(|row| row.name.as_deref())
                    .unwrap_or_default();
                let begins = |word: &str| crate::mapping::squash(word).starts_with(mark_word.as_str());
                if name.split_whitespace().any(begins) {
                    seen.initials.insert(who);
                }
            }
        }
    }
    let mut marks: Vec<Mark> = found
        .into_iter()
        .filter(|(_, seen)| seen.is_mark() || seen.stood.len() >= STOOD)
        .map(|((place, leads, token), seen)| {
            let word = Piece::Is(token.clone());
            let line = if leads {
                vec![Piece::Start, word]
            } else {
                vec![word, Piece::End]
            };
            Mark {
                object: "event".to_owned(),
                place: place.to_owned(),
                line: Pattern(line),
                support: seen.people.len() as u32,
                stood: seen.stood.len() as u32,
                of_name: !seen.is_mark(),
            }
        })
        .collect();
    marks.extend(places(study));
    marks.sort();
    marks
}

/// So many titles of bookings that stood, in nearly all of which a letter stands at the edge, and not always the same one.
const TITLES: u32 = 6;
const ALWAYS: u32 = 90;
const LETTERS: usize = 2;

/// Learns at which edges of titles letters always stand, a teacher's or a room's: the next one may be any.
fn places(study: &Study<'_>) -> Vec<Mark> {
    type Edge<'a> = (&'a str, bool, Pattern);
    let mut seen: BTreeMap<Edge<'_>, (u32, u32, BTreeSet<&Token>)> = BTreeMap::new();
    for (lexed, truth) in super::names::pairs(study) {
        if lexed.document.object != "event" || truth.booking.status == Some(Status::Cancelled) {
            continue;
        }
        for index in (0..lexed.lines.len()).filter(|index| lexed.is_title(*index)) {
            let line: &Line = &lexed.lines[index].1;
            let [(first, _), .., (last, _)] = line.tokens.as_slice() else {
                continue;
            };
            let title = spelled(line, lexed.text(index));
            let changed = line
                .tokens
                .iter()
                .zip(&title.tokens)
                .filter(|(cut, said)| cut != said);
            let things: BTreeSet<String> = changed.map(|(_, (said, _))| said.render()).collect();
            for (leads, letter) in [(true, first), (false, last)] {
                let rest = besides_letter(&title, leads);
                // Several people may bear a name: it is wording then, but not of this title's kind.
                let knows = |word: &str| {
                    !is_of_name(word, truth)
                        && (study.vocabulary.knows("event", word) || things.contains(word))
                };
                let said = Pattern::mask(rest.as_ref().unwrap_or(&title), &knows);
                let (all, with, letters) = seen.entry((lexed.place(index), leads, said)).or_default();
                *all += 1;
                *with += u32::from(rest.is_some());
                letters.extend(rest.map(|_| letter));
            }
        }
    }
    let always = seen.into_iter().filter(|(_, (all, with, letters))| {
        *with >= TITLES && *with * 100 >= *all * ALWAYS && letters.len() >= LETTERS
    });
    let mark = |((place, leads, said), (_, with, _)): (Edge<'_>, (u32, u32, _))| Mark {
        object: "event".to_owned(),
        place: place.to_owned(),
        line: of_letter(leads, &said),
        support: 0,
        stood: with,
        of_name: true,
    };
    always.map(mark).collect()
}
