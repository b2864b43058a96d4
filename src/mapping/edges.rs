//! What stands at the edge of a title: a mark beside a name, or a letter that never stood there.

use super::lex::{Line, Token};
use super::pattern::Piece;
use super::{EventKind, Mapping, Mark, Pattern, ideograph};
use crate::model::{Document, Item, Listing};
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

    /// A name without the marks and odd letters at the edges of its line; where it is no more than a mark, what `again`
    /// finds beside it.
    pub(super) fn unmarked(
        &self,
        document: &Document,
        item: &Item,
        line: &Line,
        template: Option<&Pattern>,
        mut range: Range<usize>,
        again: impl Fn(&Line) -> Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        let marks = self.marks_of(document, &item.place, line);
        let marks = marks.filter(|mark| !mark.of_name).map(|mark| &mark.line);
        let off = self.edges_of(document, &item.place, line);
        let mut edges: BTreeSet<(bool, usize)> = marks
            .chain(off)
            .map(|edge| (edge.0.first() == Some(&Piece::Start), edge.weight()))
            .collect();
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
        // The last token is the sign for whether it has times.
        let (_, tokens) = defining.tokens.split_last()?;
        let is_said = |token: &Token| {
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
            .filter(|kind| kind.template.is_edge() && is_known(kind));
        let line = Line {
            tokens: tokens.to_vec(),
            ..Line::default()
        };
        let is_meant = || self.edges_of(document, &item.place, &line).next().is_some();
        let last = tokens
            .iter()
            .rposition(|(token, _)| !matches!(token, Token::Mark(_)))?;
        if is_said(&tokens[last].0) || is_meant() || edges.any(|kind| kind.template.matches(defining)) {
            return None;
        }
        let usual = tokens[..last].iter().rposition(|(token, _)| is_said(token));
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
        // An initial ends with a full stop.
        let is_initial = matches!(second.0, Token::Mark('.')) && first.1.end == second.1.start;
        let kind = self.events.iter().find(|kind| Some(&kind.template) == template);
        let worded = kind
            .filter(|kind| kind.support >= EventKind::USUAL)
            .map(|kind| &kind.template.0);
        let edges = [
            (&first.0, is_initial, worded.and_then(|pieces| pieces.first())),
            // The last piece is the sign for whether it has times.
            (
                &last.0,
                false,
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
        edges
            .into_iter()
            .enumerate()
            .find_map(|(at, (token, is_initial, worded))| {
                let Token::Word(word) = token else { return None };
                let is_letter = word.chars().count() == 1 && !word.chars().any(ideograph);
                let is_worded = matches!(worded, Some(Piece::Is(want)) if want == token);
                (is_letter && !is_initial && !is_worded && !is_known(at == 0))
                    .then(|| (at == 0, word.to_string()))
            })
    }
}
