//! Marks at the edge of titles: `X Baker Tom`, where somebody crossed it out by hand.
//!
//! A mark stands beside the names of several people, and is in nobody's name. An initial stands there too, but with
//! people whose name begins so. Letters of which some bookings stood are known, whatever they are: any other is asked about.

use super::slots::Study;
use super::stars::is_of_name;
use crate::mapping::{Mark, Pattern, Piece, Token, ideograph};
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
    marks.sort();
    marks
}
