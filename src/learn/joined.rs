//! Subjects that name several, where others of the kind name one: `See you tomorrow, Milo & Hazel!`
//!
//! Whoever has two pets, or books for two, gets the letter that all others get. Where one kind of subject was seen with one
//! name and with names joined by a sign or a word, the same joins any two names in the other kinds.

use crate::mapping::{Meaning, Pattern, Piece, Token};
use crate::model::Document;
use std::collections::BTreeSet;

/// What stands between two names: signs, with one word at most.
const JOIN: usize = 2;
/// So many names are joined at most.
const NAMES: usize = 4;
/// So many bookings had a subject before its joins tell of others.
const SUPPORT: u32 = 3;

/// The subjects of known kinds with several names in the place of one.
pub(super) fn learn(meanings: &[Meaning]) -> Vec<Meaning> {
    let subjects: Vec<&Meaning> = meanings
        .iter()
        .filter(|meaning| meaning.object == "message" && meaning.place == Document::SUBJECT)
        .filter(|meaning| meaning.is_sure())
        .collect();
    let known: BTreeSet<&Pattern> = subjects.iter().map(|meaning| &meaning.line).collect();
    let joins: BTreeSet<&[Piece]> = subjects
        .iter()
        .filter(|meaning| meaning.support >= SUPPORT)
        .flat_map(|meaning| lists(&meaning.line.0).map(|list| (&meaning.line.0, list)))
        .filter(|(line, (from, to))| known.contains(&put(line, (*from, *to), &[Piece::Any])))
        .map(|(line, (from, to))| &line[from..to])
        .collect();
    let mut made = Vec::new();
    for meaning in &subjects {
        let line = &meaning.line.0;
        for at in (0..line.len()).filter(|at| is_lone(line, *at)) {
            for join in &joins {
                let line = put(line, (at, at + 1), join);
                if !known.contains(&line) {
                    made.push(Meaning {
                        line,
                        ..(*meaning).clone()
                    });
                }
            }
        }
    }
    made
}

/// Where in a line several names stand, joined.
fn lists(line: &[Piece]) -> impl Iterator<Item = (usize, usize)> {
    let names = |(from, to): (usize, usize)| {
        let list = &line[from..to];
        let between: Vec<&[Piece]> = list.split(|piece| *piece == Piece::Any).collect();
        let [first, joins @ .., last] = between.as_slice() else {
            return false;
        };
        first.is_empty()
            && last.is_empty()
            && (1..NAMES).contains(&joins.len())
            && joins.iter().all(|join| is_join(join))
    };
    let starts = (0..line.len()).filter(|at| line[*at] == Piece::Any);
    let all = starts.flat_map(|from| (from + 1..=line.len()).map(move |to| (from, to)));
    all.filter(move |range| names(*range))
}

fn is_join(pieces: &[Piece]) -> bool {
    let is_word = |piece: &&Piece| matches!(piece, Piece::Is(Token::Word(_)));
    let is_plain = |piece: &Piece| {
        matches!(
            piece,
            Piece::Is(Token::Word(_) | Token::Mark('&' | '+' | ',' | '/' | '·' | '、' | '・'))
        )
    };
    (1..=JOIN).contains(&pieces.len())
        && pieces.iter().all(is_plain)
        && pieces.iter().filter(is_word).count() <= 1
}

/// Whether a name stands alone at a place: no other is joined to it.
fn is_lone(line: &[Piece], at: usize) -> bool {
    line[at] == Piece::Any && !lists(line).any(|(from, to)| (from..to).contains(&at))
}

fn put(line: &[Piece], (from, to): (usize, usize), with: &[Piece]) -> Pattern {
    Pattern([&line[..from], with, &line[to..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    fn subject(line: &str, support: u32) -> Meaning {
        Meaning {
            object: "message".to_owned(),
            place: Document::SUBJECT.to_owned(),
            line: Pattern::parse(line).unwrap(),
            status: Status::Confirmed,
            follows: None,
            support,
            agree: support,
        }
    }

    fn made(lines: &[(&str, u32)]) -> Vec<String> {
        let known: Vec<Meaning> = lines
            .iter()
            .map(|(line, support)| subject(line, *support))
            .collect();
        learn(&known)
            .iter()
            .map(|meaning| meaning.line.render())
            .collect()
    }

    #[test]
    fn what_joins_names_in_one_kind_of_subject_joins_them_in_others() {
        let kinds = [
            ("bis morgen , *", 20),
            ("bis morgen , * und *", 5),
            ("termin von * morgen", 20),
        ];
        assert_eq!(made(&kinds), ["termin von * und * morgen"]);
        let three = [
            ("rex booked", 2),
            ("* booked", 20),
            ("* , * & * booked", 3),
            ("hello *", 9),
        ];
        assert_eq!(made(&three), ["hello * , * & *"]);
    }

    #[test]
    fn what_stands_between_names_in_one_kind_alone_joins_nothing() {
        assert!(made(&[("table of * for *", 20), ("bill of *", 20)]).is_empty());
        assert!(
            made(&[("* booked", 20), ("* & * booked", 2), ("hello *", 9)]).is_empty(),
            "too few"
        );
    }
}
