//! Letters: kinds of message that say the same to everybody, and state nothing of a booking: thanks for a visit, a request
//! for a review, a word that it is time to come again.
//!
//! Which booking such a message belongs to need not be known: whichever it is, nothing of it changes. A kind is one where
//! nearly every line came back with other people, but for their names and numbers, where no booking's number, time or price was read, and whose
//! readers did not call off more bookings than others did.

use super::subjects::Kind;
use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{Found, MessageKind, Pattern, Piece, Reader, Shape, SlotType, Token, ideograph, squash};
use crate::model::{FieldName, Standing, Status, Value};
use crate::reading::{SpanValue, is_word_char};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// A line that came back with as many people is of the letter.
const PEOPLE: usize = 4;
/// So many words of a line are left at least when one is taken out.
const LEFT: usize = 2;
/// One letter in so many may say more than the others: somebody wrote a line of their own.
const RARE: usize = 20;
/// One in so many may be in words that few others had.
const UNUSUAL: usize = 10;
/// Readers of a letter call off so many times as many bookings as others do, at most.
const MORE: usize = 2;

/// The kinds of message that are letters.
pub(super) fn learn(
    documents: &[&Lexed<'_>],
    kinds: &[Kind<'_, '_>],
    truths: &[Truth<'_>],
    reader: &Reader<'_>,
    vocabulary: &Vocabulary,
) -> Vec<MessageKind> {
    let off = Off::new(truths);
    let elsewhere = Elsewhere::new(documents, vocabulary);
    let shape = Shape::new(truths.iter().map(|truth| truth.reference.as_str()));
    kinds
        .iter()
        .filter(|Kind { of, .. }| {
            readers(of) >= MessageKind::LETTERS as usize
                && !off.is_usual_for(of)
                && !of.iter().any(|lexed| states(lexed, reader, &shape))
                && is_letter(of, vocabulary, &elsewhere)
        })
        .map(|kind| MessageKind {
            template: kind.template.clone(),
            dated: false,
            numbered: false,
            request: false,
            support: kind.of.len() as u32,
            booked: 0,
        })
        .collect()
}

fn readers(of: &[&Lexed<'_>]) -> usize {
    let people: BTreeSet<&str> = of.iter().filter_map(|lexed| lexed.document.recipient()).collect();
    people.len()
}

/// A line of a message, and the times and prices that it names.
type Said<'l> = (Pattern, Vec<&'l str>);

/// Whether nearly all of them consist of lines that came back, and of the same times and prices.
fn is_letter(of: &[&Lexed<'_>], vocabulary: &Vocabulary, elsewhere: &Elsewhere<'_>) -> bool {
    let mut known: BTreeMap<Said<'_>, BTreeSet<&str>> = BTreeMap::new();
    let lines: Vec<Vec<[Said<'_>; 2]>> = of.iter().map(|lexed| said(lexed, vocabulary)).collect();
    for (lexed, lines) in of.iter().zip(&lines) {
        for line in lines.iter().flatten() {
            known
                .entry(line.clone())
                .or_default()
                .extend(lexed.document.recipient());
        }
    }
    let comes_back = |ways: &[Said<'_>; 2]| ways.iter().any(|line| known[line].len() >= PEOPLE);
    // What names a time or a price of its own says more than what its reader is called.
    let has_own_fact = |lines: &&Vec<[Said<'_>; 2]>| {
        let mut own = lines.iter().filter(|ways| !comes_back(ways));
        own.any(|[(_, facts), _]| !facts.is_empty())
    };
    if lines.iter().filter(has_own_fact).count() * RARE > of.len() {
        return false;
    }
    let others = of.iter().zip(&lines).flat_map(|(lexed, lines)| {
        let lines = lines.iter().filter(|ways| !comes_back(ways));
        lines.map(|[_, (named, _)]| (named, lexed.document.recipient()))
    });
    let calls = Calls::of(others);
    let is_known = |ways: &[Said<'_>; 2]| {
        comes_back(ways) || ways[1].1.is_empty() && (calls.know(&ways[1].0) || elsewhere.come_back(ways))
    };
    // A line that somebody else had too is a wording that is not met often, and nothing that was written for one.
    let is_met = |ways: &[Said<'_>; 2]| is_known(ways) || ways.iter().any(|line| known[line].len() > 1);
    let are =
        |test: &dyn Fn(&[Said<'_>; 2]) -> bool| lines.iter().filter(|lines| !lines.iter().all(test)).count();
    are(&is_met) * RARE <= of.len() && are(&is_known) * UNUSUAL <= of.len()
}

/// The lines of all messages of a source: how one begins and who signs is alike in all kinds, and says the less of a rare one.
struct Elsewhere<'l> {
    documents: &'l [&'l Lexed<'l>],
    vocabulary: &'l Vocabulary,
    /// Worked out where a kind is no letter by itself.
    readers: OnceCell<BTreeMap<Pattern, BTreeSet<&'l str>>>,
}

impl<'l> Elsewhere<'l> {
    fn new(documents: &'l [&'l Lexed<'l>], vocabulary: &'l Vocabulary) -> Self {
        Self {
            documents,
            vocabulary,
            readers: OnceCell::new(),
        }
    }

    /// Whether enough people read a line, whatever else was said to them.
    fn come_back(&self, ways: &[Said<'_>; 2]) -> bool {
        let readers = self.readers.get_or_init(|| self.read());
        let came = |line: &Pattern| readers.get(line).is_some_and(|people| people.len() >= PEOPLE);
        ways.iter().any(|(line, _)| came(line))
    }

    fn read(&self) -> BTreeMap<Pattern, BTreeSet<&'l str>> {
        let mut readers: BTreeMap<Pattern, BTreeSet<&str>> = BTreeMap::new();
        let messages = self.documents.iter().filter(|lexed| {
            lexed.document.object == "message" && lexed.document.standing == Standing::Business
        });
        for lexed in messages {
            for (line, _) in said(lexed, self.vocabulary).into_iter().flatten() {
                readers
                    .entry(line)
                    .or_default()
                    .extend(lexed.document.recipient());
            }
        }
        readers
    }
}

/// Lines that came back but for one word: how people are called, where a language bends names or knows short ones.
#[derive(Default)]
struct Calls<'l>(BTreeMap<Pattern, Call<'l>>);

#[derive(Default)]
struct Call<'l> {
    people: BTreeSet<&'l str>,
    words: BTreeSet<Piece>,
}

impl<'l> Calls<'l> {
    fn of<'s>(lines: impl Iterator<Item = (&'s Pattern, Option<&'l str>)>) -> Self {
        let mut calls = Self::default();
        for (line, reader) in lines {
            for (with, word) in without_one(line) {
                let call = calls.0.entry(with).or_default();
                call.people.extend(reader);
                call.words.insert(word);
            }
        }
        calls
    }

    /// Whether as many people read the line, and half as many words stood there: few words are a choice, not names.
    fn know(&self, line: &Pattern) -> bool {
        let mut ways = without_one(line);
        ways.any(|(with, _)| {
            let call = self.0.get(&with);
            call.is_some_and(|call| call.people.len() >= PEOPLE && call.words.len() * 2 >= call.people.len())
        })
    }
}

/// The line without each of its words in turn, and that word, where enough is left to know it by. A line from which a
/// word was taken is one of them itself.
fn without_one(line: &Pattern) -> impl Iterator<Item = (Pattern, Piece)> {
    let taken = line.0.contains(&Piece::Any).then(|| (line.clone(), Piece::Any));
    let is_word = |piece: &Piece| matches!(piece, Piece::Is(Token::Word(_)));
    let words = line.0.iter().filter(|piece| is_word(piece)).count();
    let at = (0..line.0.len()).filter(move |at| words > LEFT && is_word(&line.0[*at]));
    let without = at.map(move |at| {
        let mut with = line.clone();
        let word = std::mem::replace(&mut with.0[at], Piece::Any);
        (with, word)
    });
    without.chain(taken)
}

/// The lines of a message's text, each in two ways: as it is, and with the words of its reader's name taken out, which may
/// be words of the line by chance.
fn said<'l>(lexed: &'l Lexed<'_>, vocabulary: &Vocabulary) -> Vec<[Said<'l>; 2]> {
    let mut said = Vec::new();
    let who = lexed.document.text("header:to.name").unwrap_or_default();
    // O'Brien is one word, or two.
    let parts = who.split(|char: char| !is_word_char(char));
    let own: BTreeSet<String> = parts.chain(who.split_whitespace()).map(squash).collect();
    // Of names in scripts without spaces every sign is a word.
    let is_own = |word: &str| own.contains(word) || word.chars().all(ideograph) && who.contains(word);
    for (index, (_, line)) in lexed.lines.iter().enumerate() {
        if !matches!(lexed.place(index), "text" | "html") {
            continue;
        }
        let is_fact =
            |found: &Found| matches!(found, Found::Read(SpanValue::Moment(_) | SpanValue::Amount(_)));
        let facts = line.spans.iter().filter(|(_, found)| is_fact(found));
        let facts = facts.map(|(at, _)| &lexed.text(index)[line.tokens[*at].1.clone()]);
        let facts: Vec<&str> = facts.collect();
        let knows = |word: &str| vocabulary.knows("message", word);
        let plain = Pattern::mask(line, &knows);
        let named = Pattern::mask(line, &|word| knows(word) && !is_own(word));
        said.push([(whole(plain), facts.clone()), (whole(named), facts)]);
    }
    said
}

/// The pattern with what stands right beside a `*` in a script without spaces put into it: it may be of the same name. The
/// end of a link, which looks like a code in one letter and not in the next, is of the link.
fn whole(pattern: Pattern) -> Pattern {
    let is_sign =
        |piece: &Piece| matches!(piece, Piece::Is(Token::Word(word)) if word.chars().all(ideograph));
    let is = |piece: Option<&Piece>, slot| piece == Some(&Piece::Is(Token::Span(slot)));
    let mut pieces: Vec<Piece> = Vec::new();
    for piece in pattern.0 {
        if is(Some(&piece), SlotType::Code) && is(pieces.last(), SlotType::Url) {
            continue;
        }
        // Anne-Marie: one name; Rex & Bella, and Rex, Bella & Gus: as good as one.
        let joins = |piece: &Piece| {
            matches!(
                piece,
                Piece::Is(Token::Mark('\'' | '’' | '-' | '.' | ',' | '&' | '+' | '/'))
            )
        };
        if let (Piece::Any, [.., Piece::Any, mark]) = (&piece, pieces.as_slice())
            && joins(mark)
        {
            pieces.pop();
            continue;
        }
        if piece == Piece::Any {
            while pieces
                .last()
                .is_some_and(|last| is_sign(last) || *last == Piece::Any)
            {
                pieces.pop();
            }
        } else if pieces.last() == Some(&Piece::Any) && is_sign(&piece) {
            continue;
        }
        pieces.push(piece);
    }
    Pattern(pieces)
}

/// Whether a message states anything of a booking but whose it is and what is booked. What does not look like the
/// backup's numbers, as a customer's, is no booking's.
fn states(lexed: &Lexed<'_>, reader: &Reader<'_>, shape: &Shape) -> bool {
    let claims = reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref());
    claims.meaning == Some(Status::Cancelled)
        || claims.perhaps_off
        || claims
            .claims
            .iter()
            .any(|claim| match (claim.field, &claim.value) {
                (FieldName::Reference, Value::Text(text)) => shape.fits(text),
                (field, _) => matches!(
                    field,
                    FieldName::BookingKey | FieldName::StartsAt | FieldName::EndsAt | FieldName::Total
                ),
            })
}

/// Who called off a booking, of whom the backup knows the address.
struct Off<'a> {
    known: BTreeSet<&'a str>,
    off: BTreeSet<&'a str>,
}

impl<'a> Off<'a> {
    fn new(truths: &'a [Truth<'_>]) -> Self {
        let with_address = || truths.iter().filter(|truth| !truth.email.is_empty());
        let is_off = |truth: &&Truth<'_>| truth.booking.status == Some(Status::Cancelled);
        Self {
            known: with_address().map(|truth| truth.email.as_str()).collect(),
            off: with_address()
                .filter(is_off)
                .map(|truth| truth.email.as_str())
                .collect(),
        }
    }

    /// Whether those to whom messages went called off more than others did.
    fn is_usual_for(&self, of: &[&Lexed<'_>]) -> bool {
        let to: BTreeSet<String> = of
            .iter()
            .filter_map(|lexed| lexed.document.recipient())
            .map(str::to_lowercase)
            .collect();
        let known = to.iter().filter(|who| self.known.contains(who.as_str())).count();
        let off = to.iter().filter(|who| self.off.contains(who.as_str())).count();
        // One more than chance has it is no sign yet.
        off.saturating_sub(1) * self.known.len() > MORE * known * self.off.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Pattern {
        Pattern::parse(text).expect("a pattern")
    }

    #[test]
    fn names_in_a_row_are_as_good_as_one() {
        assert_eq!(
            whole(line("* , * & * had a great day !")),
            line("* had a great day !")
        );
        assert_eq!(whole(line("* and you , dear * !")), line("* and you , dear * !"));
    }
}
