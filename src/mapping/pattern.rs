//! Masked sequences of tokens: the words around a slot, a whole line, a record's template.
//!
//! Written as words separated by spaces: `*` stands for one word or more, `<moment>` for a typed
//! span, `<initial>` for a letter that stands for a name, `^` for the start of the line, `$` for its end, `¶` for the line before.

use super::{Line, SlotType, Token};
use std::ops::Range;

/// One place in a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    Is(Token),
    /// One or more words.
    Any,
    /// A letter for a name, with its full stop, where it has one.
    Initial,
    Start,
    End,
    /// What stands left of it is the line before.
    Above,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pattern(pub Vec<Piece>);

/// The words around a slot. `left` ends right before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Anchor {
    pub left: Vec<Piece>,
    pub right: Option<Piece>,
}

const INITIAL: &str = "<initial>";

/// How many tokens an anchor looks to the left.
pub const REACH: usize = 3;

impl Piece {
    fn render(&self) -> String {
        match self {
            Self::Is(Token::Mark('\t')) => "\\t".to_owned(),
            Self::Is(Token::Mark(mark @ ('*' | '^' | '$' | '¶' | '\\' | '<'))) => format!("\\{mark}"),
            Self::Is(token) => token.render(),
            Self::Any => "*".to_owned(),
            Self::Initial => INITIAL.to_owned(),
            Self::Start => "^".to_owned(),
            Self::End => "$".to_owned(),
            Self::Above => "¶".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "*" => Self::Any,
            INITIAL => Self::Initial,
            "^" => Self::Start,
            "$" => Self::End,
            "¶" => Self::Above,
            "\\t" => Self::Is(Token::Mark('\t')),
            _ => {
                if let Some(mark) = text.strip_prefix('\\') {
                    return mark.chars().next().map(|mark| Self::Is(Token::Mark(mark)));
                }
                if let Some(slot) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
                    return SlotType::parse(slot).map(|slot| Self::Is(Token::Span(slot)));
                }
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(mark), None) if !mark.is_alphanumeric() => Self::Is(Token::Mark(mark)),
                    (Some(_), _) => Self::Is(Token::Word(text.into())),
                    (None, _) => return None,
                }
            }
        })
    }
}

/// Pieces as text, for mapping files.
pub fn render(pieces: &[Piece]) -> String {
    pieces.iter().map(Piece::render).collect::<Vec<_>>().join(" ")
}

/// Reads what `render` wrote.
pub fn parse(text: &str) -> Option<Vec<Piece>> {
    text.split_whitespace().map(Piece::parse).collect()
}

impl Pattern {
    /// Masks a line: words that `known` does not vouch for become `*`, runs of them one.
    pub fn mask(line: &Line, known: &dyn Fn(&str) -> bool) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut at = 0;
        while at < line.tokens.len() {
            let end = at + compound(line, at);
            let is_strange = |(token, _): &(Token, _)| matches!(token, Token::Word(word) if !known(word));
            if line.tokens[at..end].iter().any(is_strange) {
                if pieces.last() != Some(&Piece::Any) {
                    pieces.push(Piece::Any);
                }
            } else {
                let tokens = line.tokens[at..end].iter();
                pieces.extend(tokens.map(|(token, _)| Piece::Is(token.clone())));
            }
            at = end;
        }
        Self(pieces)
    }

    /// Whether the whole line is of this pattern; of one that begins with `^` or ends with `$` alone, whether the line
    /// begins or ends so.
    pub fn matches(&self, line: &Line) -> bool {
        let is_here = |pieces: &[Piece], tokens: &[(Token, Range<usize>)]| {
            let mut both = pieces.iter().zip(tokens);
            both.all(|(want, (have, _))| is_of(want, have))
        };
        let tokens = line.tokens.as_slice();
        match self.0.as_slice() {
            [Piece::Start, .., Piece::End] => whole(&self.0, line, 0, &mut None),
            [Piece::Start, begin @ ..] => tokens.len() >= begin.len() && is_here(begin, tokens),
            [end @ .., Piece::End] => {
                tokens.len() >= end.len() && is_here(end, &tokens[tokens.len() - end.len()..])
            }
            pieces => whole(pieces, line, 0, &mut None),
        }
    }

    /// The tokens for which each `*` stands, where the whole line is of this pattern.
    pub fn fills(&self, line: &Line) -> Option<Vec<Range<usize>>> {
        let mut fills = Some(Vec::new());
        let is_of_it = whole(&self.0, line, 0, &mut fills);
        fills.filter(|_| is_of_it)
    }

    /// Whether these words stand somewhere in the line, side by side.
    pub fn stands_in(&self, line: &Line) -> bool {
        let is_here = |window: &[(Token, _)]| {
            let mut both = self.0.iter().zip(window);
            both.all(|(want, (have, _))| matches!(want, Piece::Is(want) if want == have))
        };
        !self.0.is_empty() && line.tokens.windows(self.0.len()).any(is_here)
    }

    /// How many pieces are not wild: the more, the more it says.
    pub fn weight(&self) -> usize {
        self.0
            .iter()
            .filter(|piece| matches!(piece, Piece::Is(_)))
            .count()
    }

    pub fn render(&self) -> String {
        render(&self.0)
    }

    /// As it stands in a text: words with a space between them, signs without.
    pub fn plain(&self) -> String {
        let ideographs = |piece: &Piece| piece.render().chars().all(super::ideograph);
        let space = if self.0.iter().all(ideographs) { "" } else { " " };
        self.0.iter().map(Piece::render).collect::<Vec<_>>().join(space)
    }

    pub fn parse(text: &str) -> Option<Self> {
        parse(text).map(Self)
    }
}

/// How many tokens make one word with the one at a place: an apostrophe joins, as in a surname, one that ends it and is
/// followed by another word is of it (`Gus' stay`), and so is a full stop that ends an initial.
fn compound(line: &Line, at: usize) -> usize {
    if initial(line, at) == Some(2) {
        return 2;
    }
    let word = |at: usize| matches!(line.tokens.get(at), Some((Token::Word(_), _)));
    let mark = |at: usize| matches!(line.tokens.get(at), Some((Token::Mark('\'' | '’'), _)));
    let touch = |at: usize| line.tokens[at].1.end == line.tokens[at + 1].1.start;
    let mut end = at + 1;
    while word(end - 1) && mark(end) && word(end + 1) && touch(end - 1) && touch(end) {
        end += 2;
    }
    if word(end - 1) && mark(end) && word(end + 1) && touch(end - 1) {
        end += 1;
    }
    end - at
}

/// How many tokens an initial at a place has: a letter, and the full stop that touches it.
pub fn initial(line: &Line, at: usize) -> Option<usize> {
    let (Token::Word(word), range) = line.tokens.get(at)? else {
        return None;
    };
    let is_letter = word.chars().count() == 1
        && word
            .chars()
            .all(|char| char.is_alphabetic() && !super::ideograph(char));
    let is_dotted =
        matches!(line.tokens.get(at + 1), Some((Token::Mark('.'), dot)) if dot.start == range.end);
    is_letter.then_some(if is_dotted { 2 } else { 1 })
}

/// Matches from a token on with `*` as one word or more; linear in practice, since `*` never holds spans, nor marks but
/// those within a word. Notes what each stands for, where that is wanted.
fn whole(pieces: &[Piece], line: &Line, at: usize, fills: &mut Option<Vec<Range<usize>>>) -> bool {
    match pieces.split_first() {
        None => at == line.tokens.len(),
        Some((Piece::Any, rest)) => {
            let mut end = at;
            while matches!(line.tokens.get(end), Some((Token::Word(_), _))) {
                // After each of its words it may end.
                let behind = end + compound(line, end);
                let is_stop =
                    |stop: &usize| *stop == behind || matches!(line.tokens[stop - 1].0, Token::Word(_));
                for stop in (end + 1..=behind).filter(is_stop) {
                    if let Some(fills) = fills {
                        fills.push(at..stop);
                    }
                    if whole(rest, line, stop, fills) {
                        return true;
                    }
                    if let Some(fills) = fills {
                        fills.pop();
                    }
                }
                end = behind;
            }
            false
        }
        Some((Piece::Is(want), rest)) => {
            line.tokens.get(at).is_some_and(|(have, _)| have == want) && whole(rest, line, at + 1, fills)
        }
        Some((_, rest)) => whole(rest, line, at, fills),
    }
}

/// The tokens left of a token, nearest last, and the one to its right. Where nothing but marks stands
/// to the left, the line above is looked at too: labels often stand over their values.
pub fn around(line: &Line, at: usize, above: Option<&Line>) -> (Vec<Piece>, Piece) {
    let mut left: Vec<Piece> = Vec::new();
    for (token, _) in line.tokens[..at].iter().rev().take(REACH) {
        left.push(Piece::Is(token.clone()));
    }
    if left.len() < REACH {
        let label = line.tokens[..at]
            .iter()
            .any(|(token, _)| !matches!(token, Token::Mark(_)));
        match above {
            Some(above) if !label && !above.tokens.is_empty() => {
                left.push(Piece::Above);
                for (token, _) in above.tokens.iter().rev().take(REACH - 1) {
                    left.push(Piece::Is(token.clone()));
                }
            }
            _ => left.push(Piece::Start),
        }
    }
    left.reverse();
    let right = line
        .tokens
        .get(at + 1)
        .map_or(Piece::End, |(token, _)| Piece::Is(token.clone()));
    (left, right)
}

/// Whether the pieces left of a token end as these do: as `ends` of `around`, which need not be made for that.
pub fn stands_behind(wanted: &[Piece], line: &Line, at: usize, above: Option<&Line>) -> bool {
    let near = line.tokens[..at].iter().rev().take(REACH).map(|(token, _)| token);
    let mut wanted = wanted.iter().rev();
    for token in near {
        match wanted.next() {
            None => return true,
            Some(want) if is_of(want, token) => {}
            Some(_) => return false,
        }
    }
    if at >= REACH {
        return wanted.next().is_none();
    }
    let Some(want) = wanted.next() else { return true };
    let label = || {
        line.tokens[..at]
            .iter()
            .any(|(token, _)| !matches!(token, Token::Mark(_)))
    };
    match above {
        Some(above) if !above.tokens.is_empty() && !label() => {
            let mut far = above.tokens.iter().rev().take(REACH - 1).map(|(token, _)| token);
            *want == Piece::Above && wanted.all(|want| far.next().is_some_and(|token| is_of(want, token)))
        }
        _ => *want == Piece::Start && wanted.next().is_none(),
    }
}

/// Whether a piece stands for this token; `*` stands for one word.
pub fn is_of(want: &Piece, token: &Token) -> bool {
    match want {
        Piece::Is(want) => want == token,
        Piece::Any => matches!(token, Token::Word(_)),
        _ => false,
    }
}

/// Whether the pieces left of a slot end as these do. `*` stands for one word.
pub fn ends(wanted: &[Piece], left: &[Piece]) -> bool {
    left.len() >= wanted.len()
        && wanted
            .iter()
            .zip(&left[left.len() - wanted.len()..])
            .all(|(want, have)| same(want, have))
}

impl Anchor {
    /// Whether the surroundings of a slot are those of this anchor. `*` stands for one word here.
    pub fn fits(&self, left: &[Piece], right: &Piece) -> bool {
        ends(&self.left, left) && self.right.as_ref().is_none_or(|want| same(want, right))
    }

    pub fn weight(&self) -> usize {
        let literal = |piece: &&Piece| !matches!(piece, Piece::Any);
        self.left.iter().filter(literal).count() * 2 + self.right.iter().filter(literal).count()
    }
}

fn same(want: &Piece, have: &Piece) -> bool {
    want == have || (*want == Piece::Any && matches!(have, Piece::Is(Token::Word(_))))
}

#[cfg(test)]
mod tests {
    use super::{Line, Pattern};

    fn masked(text: &str) -> String {
        let line = Line::cut(text);
        Pattern::mask(&line, &|word| matches!(word, "booked" | "for" | "you" | "re")).render()
    }

    fn matches(pattern: &str, text: &str) -> bool {
        let line = Line::cut(text);
        Pattern::parse(pattern).is_some_and(|pattern| pattern.matches(&line))
    }

    #[test]
    fn a_name_with_an_apostrophe_is_one_word() {
        assert_eq!(masked("Booked for Liam O'Connor"), "booked for *");
        assert_eq!(masked("Booked for Liam Murphy"), "booked for *");
        assert_eq!(masked("You're booked"), "you ' re booked");
        assert!(matches("booked for * again", "Booked for Liam O’Connor again"));
    }

    #[test]
    fn a_star_may_end_before_an_apostrophe() {
        assert!(matches("booked for * ' s boat", "Booked for Liam's boat"));
        assert!(!matches("booked for *", "Booked for Liam - again"));
        assert!(matches("booked for * today", "Booked for Gus' boat today"));
        assert!(matches("booked for * ' boat", "Booked for Gus' boat"));
    }
}
