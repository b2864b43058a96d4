//! What stands at the edge of a title: a mark beside a name, or a letter that never stood there.

use super::lex::{Line, Token};
use super::pattern::Piece;
use super::{EventKind, Mapping, Mark, Pattern, SlotType, ideograph, squash};
use crate::model::{Document, Item, Listing, Scalar};
use std::collections::BTreeSet;
use std::ops::Range;

/// As many of its bookings stood, and a letter is no word against them.
const STOOD: u32 = 2;

impl Pattern {
    /// Whether it is of what a line begins or ends with, alone.
    pub fn is_edge(&self) -> bool {
        (self.0.first() == Some(&Piece::Start)) != (self.0.last() == Some(&Piece::End))
    }
}

impl Mapping {
    fn marks_of<'a>(
        &'a self,
        document: &'a Document,
        place: &'a str,
        line: &'a Line,
    ) -> impl Iterator<Item = &'a Mark> {
        let marks = self.marks.iter();
        marks.filter(move |mark| {
            mark.object == document.object && mark.place == place && mark.line.matches(line)
        })
    }

    /// A name without the marks and odd letters at the edges of its line; where it is no more than a mark, or nothing was found
    /// with what strikes the title out, what `again` finds beside that.
    pub(super) fn unmarked(
        &self,
        document: &Document,
        item: &Item,
        line: &Line,
        template: Option<&Pattern>,
        found: Option<Range<usize>>,
        again: impl Fn(&Line) -> Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        let Some(mut range) = found else {
            let mut rests = self.unstruck(document, &item.place, line, 0);
            return rests.find_map(|rest| again(&rest));
        };
        let marks = self.marks_of(document, &item.place, line);
        let marks = marks.filter(|mark| !mark.of_name).map(|mark| &mark.line);
        let off = self.edges_of(document, &item.place, line);
        let mut edges: BTreeSet<(bool, usize)> = marks.chain(off).map(|edge| reach(edge, line)).collect();
        edges.extend(
            self.odd_letter(document, item, line, template)
                .map(|(leads, _)| (leads, 1)),
        );
        for (leads, count) in edges {
            if line.tokens.len() <= count {
                continue;
            }
            let rest = if leads {
                &line.tokens[count..]
            } else {
                &line.tokens[..line.tokens.len() - count]
            };
            let (from, to) = (rest[0].1.start, rest[rest.len() - 1].1.end);
            if range.end <= from || range.start >= to {
                let rest = Line {
                    tokens: rest.to_vec(),
                    ..Line::default()
                };
                return again(&rest);
            }
            range = range.start.max(from)..range.end.min(to);
        }
        Some(range)
    }

    /// What a title begins or ends with that means something whatever else it says.
    fn edges_of<'a>(
        &'a self,
        document: &'a Document,
        place: &'a str,
        line: &'a Line,
    ) -> impl Iterator<Item = &'a Pattern> {
        let meanings = self.meanings.iter();
        let here =
            meanings.filter(move |meaning| meaning.object == document.object && meaning.place == place);
        here.map(|meaning| &meaning.line)
            .filter(move |edge| document.object == "event" && edge.is_edge() && edge.matches(line))
    }

    /// A title without what it begins or ends with that means something, for each such edge. So many tokens at its end are no part
    /// of what it says.
    pub(super) fn unstruck<'a>(
        &'a self,
        document: &'a Document,
        place: &'a str,
        line: &'a Line,
        signs: usize,
    ) -> impl Iterator<Item = Line> + 'a {
        let is_said = !self.meanings.is_empty() && document.object == "event";
        let length = line.tokens.len() - signs;
        let said = Line {
            tokens: line.tokens[..if is_said { length } else { 0 }].to_vec(),
            ..Line::default()
        };
        let edges = is_said.then(|| {
            self.edges_of(document, place, &said)
                .map(|edge| reach(edge, &said))
        });
        let edges: BTreeSet<(bool, usize)> = edges.into_iter().flatten().collect();
        edges.into_iter().filter_map(move |(leads, count)| {
            let end = length;
            let rest = if leads {
                line.tokens.get(count..end)?
            } else {
                &line.tokens[..end.checked_sub(count)?]
            };
            let signs = &line.tokens[end..];
            (!rest.is_empty()).then(|| Line {
                tokens: rest.iter().chain(signs).cloned().collect(),
                ..Line::default()
            })
        })
    }

    /// The kind of a title without what was written to it before or behind, where that called no booking off.
    pub(super) fn plain_kind(&self, line: &Line) -> Option<&EventKind> {
        let kinds = || self.events.iter();
        let plain = kinds().filter(|kind| kind.template.is_edge() && kind.template.matches(line));
        let rests = plain.map(|edge| {
            let count = edge.template.weight();
            let tokens = line.tokens.as_slice();
            let (title, sign) = match edge.template.0.first() {
                Some(Piece::Start) => (&tokens[count..], None),
                // The last piece is the sign for whether it has times.
                _ => (&tokens[..tokens.len() - count], tokens.last()),
            };
            Line {
                tokens: title.iter().chain(sign).cloned().collect(),
                ..Line::default()
            }
        });
        rests
            .filter_map(|rest| {
                let whole = kinds().filter(|kind| !kind.template.is_edge() && kind.template.matches(&rest));
                whole.max_by_key(|kind| (kind.template.weight(), &kind.template))
            })
            .max_by_key(|kind| (kind.support, &kind.template))
    }

    /// What the line of a party ends with that hardly any line of those held who came then: somebody wrote it there since, as
    /// where they went instead.
    pub(super) fn odd_end(&self, document: &Document, defining: &Line) -> Option<String> {
        let (Listing::Party(_), Some(text)) = (&document.listing, document.title()) else {
            return None;
        };
        let item = document.title_item()?;
        // The last token is the sign for whether it has times. How to reach somebody says nothing of a change.
        let (_, tokens) = defining.tokens.split_last()?;
        let reaches = |token: &Token| {
            matches!(
                token,
                Token::Span(SlotType::Phone | SlotType::Email) | Token::Mark(_)
            )
        };
        let tokens = match tokens.last() {
            Some((Token::Span(SlotType::Phone | SlotType::Email), _)) => {
                let said = tokens.iter().rposition(|(token, _)| !reaches(token))?;
                &tokens[..=said]
            }
            _ => tokens,
        };
        let is_said = |(token, range): &(Token, Range<usize>)| {
            // A word in capitals that is seldom looks like a code.
            let is_word = *token == Token::Span(SlotType::Code)
                && !text
                    .get(range.clone())
                    .is_some_and(|said| said.chars().any(char::is_numeric));
            if is_word {
                return false;
            }
            let with = self.events.iter().filter(|kind| {
                !kind.template.is_edge()
                    && kind
                        .template
                        .0
                        .iter()
                        .any(|piece| matches!(piece, Piece::Is(have) if have == token))
            });
            let (timed, booked) = with.fold((0, 0), |(timed, booked), kind| {
                (timed + kind.timed, booked + kind.booked)
            });
            timed >= EventKind::USUAL && timed * 4 >= booked * 3
        };
        let is_known = |edge: &EventKind| edge.timed * 10 >= edge.booked * 9;
        let mut edges = self
            .events
            .iter()
            .filter(|kind| kind.template.0.last() == Some(&Piece::End) && is_known(kind));
        let line = Line {
            tokens: tokens.to_vec(),
            ..Line::default()
        };
        let is_meant = || self.edges_of(document, &item.place, &line).next().is_some();
        let last = tokens
            .iter()
            .rposition(|(token, _)| !matches!(token, Token::Mark(_)))?;
        if is_said(&tokens[last]) || is_meant() || edges.any(|kind| kind.template.matches(defining)) {
            return None;
        }
        let usual = tokens[..last].iter().rposition(&is_said);
        let from = tokens[usual.map_or(0, |at| at + 1)].1.start;
        text.get(from..tokens[last].1.end).map(str::to_owned)
    }

    /// A letter at the edge of an entry's title that hardly any booking that stood had there, and whose meaning is not
    /// known, and whether it leads: somebody may have crossed it out.
    pub(super) fn odd_letter(
        &self,
        document: &Document,
        item: &Item,
        line: &Line,
        template: Option<&Pattern>,
    ) -> Option<(bool, String)> {
        if document.object != "event" || !document.is_title(item) {
            return None;
        }
        let tokens = &line.tokens;
        let ([first, second, ..], Some(last)) = (tokens.as_slice(), tokens.last()) else {
            return None;
        };
        // An initial ends with a full stop, and an apostrophe joins what was left of a word to the next: d'Arcy, Jo's.
        let touches = |one: &(Token, Range<usize>), next: &(Token, Range<usize>)| one.1.end == next.1.start;
        let joins = |(token, _): &(Token, Range<usize>)| matches!(token, Token::Mark('\'' | '’'));
        let is_initial = touches(first, second) && (joins(second) || matches!(second.0, Token::Mark('.')));
        let is_ending = matches!(tokens.as_slice(), [.., mark, end] if joins(mark) && touches(mark, end));
        let kind = self.events.iter().find(|kind| Some(&kind.template) == template);
        let worded = kind
            .filter(|kind| kind.support >= EventKind::USUAL)
            .map(|kind| &kind.template.0);
        let edges = [
            (&first.0, is_initial, worded.and_then(|pieces| pieces.first())),
            // The last piece is the sign for whether it has times.
            (
                &last.0,
                is_ending,
                worded.and_then(|pieces| pieces.iter().rev().nth(1)),
            ),
        ];
        if self.edges_of(document, &item.place, line).next().is_some() {
            return None;
        }
        let is_known = |leads: bool| {
            let mut marks = self.marks_of(document, &item.place, line);
            marks.any(|mark| (mark.line.0.first() == Some(&Piece::Start)) == leads && mark.stood >= STOOD)
        };
        let text = match &item.value {
            Scalar::Text(text) => text.as_str(),
            _ => return None,
        };
        let title = spelled(line, text);
        let is_expected = |leads: bool| {
            let of_place = |mark: &&Mark| mark.object == document.object && mark.place == item.place;
            let mut marks = self.marks.iter().filter(of_place);
            marks.any(|mark| expects_letter(&mark.line, leads, &title))
        };
        edges
            .into_iter()
            .enumerate()
            .find_map(|(at, (token, is_part, worded))| {
                let Token::Word(word) = token else { return None };
                let is_letter = word.chars().count() == 1 && !word.chars().any(ideograph);
                let is_worded = matches!(worded, Some(Piece::Is(want)) if want == token);
                (is_letter && !is_part && !is_worded && !is_known(at == 0) && !is_expected(at == 0))
                    .then(|| (at == 0, word.to_string()))
            })
    }
}

/// Whether an edge leads, and how many tokens it takes of a line: a word of kana, of which its first or last sign is known, as a whole.
fn reach(edge: &Pattern, line: &Line) -> (bool, usize) {
    let leads = edge.0.first() == Some(&Piece::Start);
    let mut tokens: Vec<&(Token, Range<usize>)> = line.tokens.iter().collect();
    if !leads {
        tokens.reverse();
    }
    let is_kana = |(token, _): &(Token, Range<usize>)| matches!(token, Token::Word(word) if word.chars().all(|char| matches!(char, '\u{30a1}'..='\u{30fa}' | 'ー')));
    let touch = |one: &Range<usize>, other: &Range<usize>| one.end == other.start || other.end == one.start;
    let mut count = edge.weight();
    while let Some([last, next]) = tokens.get(count.max(1) - 1..=count.max(1))
        && is_kana(last)
        && is_kana(next)
        && touch(&last.1, &next.1)
    {
        count += 1;
    }
    (leads, count)
}

/// The pattern of titles that say this and have some letter at an edge.
pub fn of_letter(leads: bool, said: &Pattern) -> Pattern {
    let said = said.0.iter().cloned();
    Pattern(if leads {
        [Piece::Start, Piece::Initial].into_iter().chain(said).collect()
    } else {
        said.chain([Piece::Initial, Piece::End]).collect()
    })
}

/// A title in which resources are called as they are in it: what is said of one may not be said of another.
pub fn spelled(line: &Line, text: &str) -> Line {
    let spell = |(token, range): &(Token, Range<usize>)| match token {
        Token::Span(SlotType::Resource) => (Token::Word(squash(&text[range.clone()]).into()), range.clone()),
        token => (token.clone(), range.clone()),
    };
    Line {
        tokens: line.tokens.iter().map(spell).collect(),
        ..Line::default()
    }
}

/// What a title says besides the letter at its edge. Where two letters stand there, one of them was put to it.
pub fn besides_letter(line: &Line, leads: bool) -> Option<Line> {
    let (edge, beside, rest) = match (line.tokens.as_slice(), leads) {
        ([edge, rest @ ..], true) => (edge, rest.first()?, rest),
        ([rest @ .., edge], false) => (edge, rest.last()?, rest),
        ([], _) => return None,
    };
    let is_letter = |(token, _): &(Token, Range<usize>)| matches!(token, Token::Word(word) if word.chars().count() == 1 && !word.chars().any(ideograph));
    (is_letter(edge) && !is_letter(beside)).then(|| Line {
        tokens: rest.to_vec(),
        ..Line::default()
    })
}

fn expects_letter(pattern: &Pattern, leads: bool, title: &Line) -> bool {
    let (([Piece::Start, Piece::Initial, said @ ..], true)
    | ([said @ .., Piece::Initial, Piece::End], false)) = (pattern.0.as_slice(), leads)
    else {
        return false;
    };
    let said = Pattern(said.to_vec());
    besides_letter(title, leads).is_some_and(|rest| said.matches(&rest))
}

#[cfg(test)]
mod tests {
    use crate::mapping::{Gazetteer, Reader, parse};
    use crate::model::{Business, Currency, Document, FieldName, Value};

    const RULES: &str = r#"
source = "calendar"

[[rule]]
field = "customer.name"
object = "event"
place = "/summary"
slot = "words"
left = "^"
right = "-"
support = 40
agree = 40

[[event]]
template = "* - filling #"
support = 20
booked = 20
timed = 20

[[meaning]]
object = "event"
place = "/summary"
line = "^ ×"
status = "cancelled"
support = 8
agree = 8

[[meaning]]
object = "event"
place = "/summary"
line = "^ キ"
status = "cancelled"
support = 8
agree = 8
"#;

    #[test]
    fn a_struck_title_is_read_as_it_was_before() {
        let mapping = parse("calendar.toml", RULES).expect("a mapping");
        let gazetteer = Gazetteer::new(&[]);
        let business = Business {
            name: "Fell Lane Dental".to_owned(),
            zone: chrono_tz::Pacific::Auckland,
            country: "NZ".to_owned(),
            currency: Currency::parse("nzd").expect("a code"),
        };
        let reader = Reader::new(&mapping, &gazetteer, &business);
        for title in [
            "Nora Finch - filling",
            "×Nora Finch - filling",
            "キャンセル Nora Finch - filling",
        ] {
            let entry = Document::event("e1").saying(Document::TITLE, title);
            let claims = reader.read(&entry);
            let names: Vec<&Value> = claims
                .of(FieldName::CustomerName)
                .map(|claim| &claim.value)
                .collect();
            assert_eq!(names, [&Value::Text("Nora Finch".to_owned())], "{title}");
            assert_eq!(claims.booked, Some((20, 20)), "{title}");
        }
    }
}
