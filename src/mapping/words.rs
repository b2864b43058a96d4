//! Words between words: what stands in a slot of free text.

use super::lex::{Line, Token};
use super::pattern::{Piece, initial, stands_behind};
use super::{Rule, SlotType};

/// What stands before an initial is a name of so many words.
const NAME_MAX: usize = 2;
/// Free text of more words than this is no name. Stops and hyphens are no words: `Modna Szafa sp. z o.o.` has six.
const WORDS_MAX: usize = 8;

/// The free text between a rule's anchors; one word where nothing is asked of what stands behind it.
pub fn words(line: &Line, above: Option<&Line>, rule: &Rule, text: &str) -> Option<std::ops::Range<usize>> {
    for at in 0..line.tokens.len() {
        if matches!(line.tokens[at].0, Token::Mark(_)) {
            continue;
        }
        if !stands_behind(&rule.anchor.left, line, at, above) {
            continue;
        }
        let Some(right) = &rule.anchor.right else {
            let (token, range) = &line.tokens[at];
            if matches!(token, Token::Word(_)) && !text[range.clone()].contains(char::is_numeric) {
                return Some(range.start..word_end(line, at));
            }
            continue;
        };
        let mut end = at;
        let longest = if *right == Piece::Initial {
            NAME_MAX
        } else {
            WORDS_MAX
        };
        let mut count = 0;
        while end < line.tokens.len() && count < longest {
            count += usize::from(!matches!(line.tokens[end].0, Token::Mark(_)));
            end += 1;
            let initial = initial(line, end).filter(|_| *right == Piece::Initial);
            let ends_here = match line.tokens.get(end) {
                Some((token, _)) => initial.is_some() || matches!(right, Piece::Is(right) if right == token),
                None => *right == Piece::End,
            };
            if ends_here {
                let range = line.tokens[at].1.start..line.tokens[end - 1].1.end;
                // A label is looked up, whatever it is made of.
                if !rule.values.is_empty() {
                    return Some(range);
                }
                let range = range.start..name_end(line, at, end + initial.unwrap_or(0));
                let letters = text[range.clone()].chars().any(char::is_alphabetic);
                let plain = line.tokens[at..end]
                    .iter()
                    .all(|(token, _)| may_stand_in_a_name(token));
                return (letters && plain).then_some(range);
            }
        }
    }
    None
}

/// Where a name ends, whose words end before a token: `Anna Leroux - ` is called Anna Leroux.
fn name_end(line: &Line, at: usize, end: usize) -> usize {
    let parts = line.tokens[at..end].iter().rev();
    let mut names = parts.filter(|(token, _)| !matches!(token, Token::Mark(mark) if *mark != '.'));
    names.next().map_or(line.tokens[at].1.end, |(_, range)| range.end)
}

/// Brackets, colons, dates and numbers end a name; hyphens, dots and what looks like a code (a surname in
/// capitals) or a resource (a nickname) do not.
fn may_stand_in_a_name(token: &Token) -> bool {
    match token {
        Token::Word(_) | Token::Span(SlotType::Code | SlotType::Resource) => true,
        Token::Mark(mark) => matches!(mark, '-' | '\'' | '’' | '.' | '·' | '・' | '&' | '‐'),
        Token::Span(_) => false,
    }
}

/// Where a word ends that a hyphen or an apostrophe joins to others: O'Neill, St-Pierre.
fn word_end(line: &Line, at: usize) -> usize {
    let mut end = at;
    while let [
        (_, word),
        (Token::Mark('-' | '‐' | '\'' | '’'), mark),
        (Token::Word(_), next),
        ..,
    ] = &line.tokens[end..]
        && word.end == mark.start
        && mark.end == next.start
    {
        end += 2;
    }
    line.tokens[end].1.end
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::mapping::{Anchor, Line, Piece, Rule, SlotType, Token};
    use crate::model::FieldName;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_firm_with_its_stops_is_one_name() {
        let rule = Rule {
            object: "message".to_owned(),
            place: "text".to_owned(),
            template: None,
            slot: SlotType::Words,
            anchor: Anchor {
                left: vec![Piece::Is(Token::Mark(':'))],
                right: Some(Piece::End),
            },
            field: FieldName::CustomerName,
            reading: crate::mapping::Reading::default(),
            support: 0,
            agree: 0,
            samples: Vec::new(),
            values: BTreeMap::new(),
            except: BTreeSet::new(),
            unless: BTreeSet::new(),
            behind: false,
            until_over: false,
        };
        let read =
            |text: &str| words(&Line::cut(text), None, &rule, text).map(|range| text[range].to_owned());
        assert_eq!(
            read("For: Nowa Skrzynia sp. z o.o."),
            Some("Nowa Skrzynia sp. z o.o.".to_owned()),
        );
        assert_eq!(
            read("For: you and all of those who came with you here"),
            None,
            "a sentence"
        );
    }
}
