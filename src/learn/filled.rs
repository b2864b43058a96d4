//! Lines of a form: a label, and what was filled in behind it.
//!
//! What stands behind a label with ever new values is somebody's name or another thing of the booking, and no word about what
//! became of it, though the few bookings of one of them that have such lines were all called off: of a regular, the business
//! may write nothing else in that form.

use super::Lexed;
use super::variables::is_free;
use crate::mapping::{self, Meaning, Pattern, Piece, Token};
use crate::model::{Standing, Status};
use std::collections::{BTreeMap, BTreeSet};

/// A longer one is no value, but a sentence.
const WORDS: usize = 3;

/// To whom each value of each label went.
type Values<'l> = BTreeMap<Vec<Piece>, BTreeMap<Vec<Piece>, BTreeSet<&'l str>>>;

/// Leaves out the lines that call a booking off by a value that is one of many.
pub(super) fn leave_out(documents: &[&Lexed<'_>], meanings: &mut Vec<Meaning>) {
    let labels: BTreeSet<Vec<Piece>> = meanings
        .iter()
        .filter_map(|meaning| Some(by_value(meaning)?.0.to_vec()))
        .collect();
    if labels.is_empty() {
        return;
    }
    let values = values(documents, &labels);
    meanings.retain(|meaning| by_value(meaning).is_none_or(|(label, _)| !is_open(&values[label])));
}

/// The label and the value by which a message is called off.
fn by_value(meaning: &Meaning) -> Option<(&[Piece], &[Piece])> {
    let is_message = meaning.object == "message" && meaning.status == Status::Cancelled;
    cut(&meaning.line.0).filter(|_| is_message)
}

/// What stands behind these labels in messages of the business.
fn values<'l>(documents: &[&'l Lexed<'_>], labels: &BTreeSet<Vec<Piece>>) -> Values<'l> {
    let mut values: Values<'l> = labels
        .iter()
        .map(|label| (label.clone(), BTreeMap::new()))
        .collect();
    for lexed in documents {
        let Some(to) = lexed.document.recipient() else {
            continue;
        };
        if lexed.document.standing != Standing::Business {
            continue;
        }
        for (_, line) in &lexed.lines {
            let line = pieces(line);
            if let Some((label, value)) = cut(&line)
                && let Some(of) = values.get_mut(label)
            {
                of.entry(value.to_vec()).or_default().insert(to);
            }
        }
    }
    values
}

/// Whether so many different values stand there, none of them with many people, that the next one may be any.
fn is_open(values: &BTreeMap<Vec<Piece>, BTreeSet<&str>>) -> bool {
    let people = || values.values().map(BTreeSet::len);
    is_free(values.len(), people().max().unwrap_or(0), people().sum())
}

/// A label with the mark behind it, and a value of a few words; None where a line is no such one.
fn cut(line: &[Piece]) -> Option<(&[Piece], &[Piece])> {
    let is_mark = |piece: &Piece| matches!(piece, Piece::Is(Token::Mark('\t' | ':' | '：')));
    let is_word = |piece: &Piece| matches!(piece, Piece::Is(Token::Word(_)));
    let at = line.iter().position(is_mark)?;
    let (label, value) = line.split_at(at + 1);
    let words = value.iter().filter(|piece| is_word(piece)).count();
    (label.iter().any(is_word) && (1..=WORDS).contains(&words)).then_some((label, value))
}

fn pieces(line: &mapping::Line) -> Vec<Piece> {
    Pattern::mask(line, &|_| true).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Gazetteer, Lexer};
    use crate::model::{Document, Scalar};

    fn off(line: &str) -> Meaning {
        Meaning {
            object: "message".to_owned(),
            place: "html".to_owned(),
            line: Pattern::parse(line).expect("a pattern"),
            status: Status::Cancelled,
            follows: Some(true),
            support: 4,
            agree: 4,
        }
    }

    #[test]
    fn a_value_that_is_one_of_many_calls_nothing_off() {
        let pupils = ["Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gus", "Hugo", "Ida"];
        let letter = |(at, pupil): (usize, &&str)| {
            let state = if at % 2 == 0 { "cancelled" } else { "confirmed" };
            let mut document = Document::message(&format!("m{at}"));
            document.standing = Standing::Business;
            document
                .with("header:to.email", Scalar::Text(format!("p{at}@mail.example")))
                .with_lines("html", &[&format!("Pupil\t{pupil}"), &format!("Status: {state}")])
        };
        let documents: Vec<Document> = pupils.iter().enumerate().map(letter).collect();
        let gazetteer = Gazetteer::new(&[]);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        let lexed: Vec<Lexed<'_>> = documents
            .iter()
            .map(|document| super::super::lex(document, &lexer))
            .collect();
        let mut meanings = vec![
            off("pupil \\t ada"),
            off("status : cancelled"),
            off("booking cancelled"),
        ];
        leave_out(&lexed.iter().collect::<Vec<_>>(), &mut meanings);
        let left: Vec<String> = meanings.iter().map(|meaning| meaning.line.render()).collect();
        assert_eq!(left, ["status : cancelled", "booking cancelled"]);
    }
}
