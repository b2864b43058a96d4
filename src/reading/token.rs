//! Cuts a line into numbers, words and marks, and looks the words up.
//!
//! Full-width punctuation becomes plain, names of several words become one token, and scripts without spaces are
//! cut at the names that are known. Positions stay those of the line as given.

use super::fold::{is_geresh, is_unspaced, is_word_char};
use super::lexicon::{Lexicon, Meaning, Role, lexicon, weekday};
use chrono::Weekday;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Stands for a stretch that is read already: an e-mail address, a URL.
pub(super) const TAKEN: char = '\u{FFFC}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    /// One space.
    Space,
    /// One space at which a line may not break; it parts thousands and units.
    Narrow,
    /// A tab, or several spaces.
    Wide,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Decimal digits of one script.
    Digits {
        value: u64,
        len: usize,
    },
    Word(Option<&'static Meaning>),
    Mark(char),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    /// What parts it from the token before.
    pub gap: Gap,
    pub kind: Kind,
}

/// A line in tokens. All accessors take any index; past the end nothing is found.
pub(super) struct Tokens<'a> {
    pub line: &'a str,
    pub all: Vec<Token>,
    /// What prices are in, where that is known.
    money: Option<&'a BTreeSet<String>>,
    /// Words that are known to be weekdays' names here, or to be none.
    days: &'a [(Range<usize>, Option<Weekday>)],
}

impl<'a> Tokens<'a> {
    /// The same where prices are in these currencies.
    pub fn paid_in(self, money: &'a BTreeSet<String>) -> Self {
        Self {
            money: Some(money),
            ..self
        }
    }

    /// Whether prices are in a currency.
    pub fn are_paid_in(&self, currency: &str) -> bool {
        self.money.is_some_and(|money| money.contains(currency))
    }

    /// `taken`: stretches that are read already, in order.
    /// `days`: words that are weekdays' names, and some that are none, whatever they mean elsewhere.
    pub fn new(line: &'a str, taken: &[(usize, usize)], days: &'a [(Range<usize>, Option<Weekday>)]) -> Self {
        Lexer {
            line,
            days,
            lexicon: lexicon(),
            at: 0,
            gap: Gap::None,
            all: Vec::with_capacity(line.len() / 4 + 4),
        }
        .run(taken)
    }

    /// A word that is known to be a weekday's name in this line, whatever it is elsewhere.
    pub fn is_known_day(&self, at: usize) -> bool {
        let is_it = |token: &Token| {
            let mut days = self.days.iter();
            days.any(|(range, day)| day.is_some() && *range == (token.start..token.end))
        };
        self.get(at).is_some_and(is_it)
    }

    pub fn get(&self, at: usize) -> Option<&Token> {
        self.all.get(at)
    }

    /// Value and count of digits.
    pub fn digits(&self, at: usize) -> Option<(u64, usize)> {
        match self.get(at)?.kind {
            Kind::Digits { value, len } => Some((value, len)),
            _ => None,
        }
    }

    /// A number of one or two digits.
    pub fn small(&self, at: usize) -> Option<u32> {
        self.digits(at)
            .filter(|&(_, len)| len <= 2)
            .map(|(value, _)| value as u32)
    }

    pub fn mark(&self, at: usize) -> Option<char> {
        match self.get(at)?.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    pub fn is_word(&self, at: usize) -> bool {
        matches!(
            self.get(at),
            Some(Token {
                kind: Kind::Word(_),
                ..
            })
        )
    }

    pub fn meaning(&self, at: usize) -> Option<&'static Meaning> {
        match self.get(at)?.kind {
            Kind::Word(meaning) => meaning,
            _ => None,
        }
    }

    pub fn has_role(&self, at: usize, role: Role) -> bool {
        self.meaning(at).is_some_and(|meaning| meaning.is(role))
    }

    /// Written onto the token before, with nothing between.
    pub fn is_glued(&self, at: usize) -> bool {
        at > 0 && self.get(at).is_some_and(|token| token.gap == Gap::None)
    }

    /// A mark written onto the token before.
    pub fn glued_mark(&self, at: usize) -> Option<char> {
        self.mark(at).filter(|_| self.is_glued(at))
    }

    /// Digits written onto the token before.
    pub fn glued_digits(&self, at: usize) -> Option<(u64, usize)> {
        self.digits(at).filter(|_| self.is_glued(at))
    }

    pub fn text(&self, at: usize) -> &'a str {
        self.get(at)
            .map_or("", |token| &self.line[token.start..token.end])
    }

    /// Letters of a script that parts words by spaces.
    pub fn is_spaced_word(&self, at: usize) -> bool {
        self.is_word(at) && !self.text(at).chars().next().is_some_and(is_unspaced)
    }

    /// Letters of a script that writes words without spaces.
    pub fn is_unspaced_word(&self, at: usize) -> bool {
        self.is_word(at) && !self.is_spaced_word(at)
    }

    /// A name of several words, or with dots in it.
    pub fn is_phrase(&self, at: usize) -> bool {
        self.text(at).contains(|char: char| !is_word_char(char))
    }

    /// A dot written onto the token.
    pub fn is_dotted(&self, at: usize) -> bool {
        self.glued_mark(at + 1) == Some('.')
    }
}

struct Lexer<'a> {
    line: &'a str,
    days: &'a [(Range<usize>, Option<Weekday>)],
    lexicon: &'static Lexicon,
    at: usize,
    gap: Gap,
    all: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn run(mut self, taken: &[(usize, usize)]) -> Tokens<'a> {
        let mut taken = taken.iter().peekable();
        while let Some(char) = self.line[self.at..].chars().next() {
            if let Some(&(_, end)) = taken.next_if(|(start, _)| *start <= self.at) {
                self.push(end, Kind::Mark(TAKEN));
                continue;
            }
            let limit = taken.peek().map_or(self.line.len(), |(start, _)| *start);
            let end = self.at + char.len_utf8();
            if let Some(digit) = self.lexicon.digit(char) {
                self.push_digits(u64::from(digit), end, limit);
            } else if is_unspaced(char) && is_word_char(char) {
                self.push_unspaced(limit);
            } else if is_word_char(char) {
                self.push_word(limit);
            } else if char.is_whitespace() {
                self.gap = match (char, self.gap) {
                    ('\u{A0}' | '\u{202F}' | '\u{2009}' | '\u{2007}', Gap::None) => Gap::Narrow,
                    ('\t', _) => Gap::Wide,
                    (_, Gap::None) => Gap::Space,
                    _ => Gap::Wide,
                };
                self.at = end;
            } else if is_invisible(char) {
                self.at = end;
            } else {
                self.push(end, Kind::Mark(plain_mark(char)));
            }
        }
        Tokens {
            line: self.line,
            all: self.all,
            money: None,
            days: self.days,
        }
    }

    fn push(&mut self, end: usize, kind: Kind) {
        self.all.push(Token {
            start: self.at,
            end,
            gap: std::mem::replace(&mut self.gap, Gap::None),
            kind,
        });
        self.at = end;
    }

    fn push_digits(&mut self, first: u64, mut end: usize, limit: usize) {
        let (mut value, mut len) = (first, 1);
        for char in self.line[end..limit].chars() {
            let Some(digit) = self.lexicon.digit(char) else {
                break;
            };
            value = value.saturating_mul(10).saturating_add(u64::from(digit));
            len += 1;
            end += char.len_utf8();
        }
        self.push(end, Kind::Digits { value, len });
        self.name_weekday_before();
    }

    /// Looks for a weekday in another case among the words right before a number. A name of four letters may begin any
    /// word: it is one behind a mark or a number's ending, with the number right behind it.
    fn name_weekday_before(&mut self) {
        const REACH: usize = 4;
        let last = self.all.len() - 1;
        for at in (last.saturating_sub(REACH)..last).rev() {
            let token = &self.all[at];
            if matches!(token.kind, Kind::Digits { .. }) {
                break;
            }
            let text = &self.line[token.start..token.end];
            let lower = text.chars().next().is_some_and(char::is_lowercase);
            if !(matches!(token.kind, Kind::Word(None)) && lower && text.chars().count() > 4) {
                continue;
            }
            let key = lookup_key(text);
            let opens = at.checked_sub(1).is_none_or(|before| {
                let before = &self.all[before];
                !matches!(before.kind, Kind::Word(_)) || at > 1 && before.gap == Gap::None
            });
            let short = || {
                self.lexicon
                    .inflected_short_weekday(&key)
                    .filter(|_| opens && at + 1 == last)
            };
            let meaning = self.lexicon.inflected_weekday(&key).or_else(short);
            self.all[at].kind = Kind::Word(meaning);
        }
    }

    /// The longest known name, else the letters up to the next one.
    fn push_unspaced(&mut self, limit: usize) {
        if let Some((end, meaning)) = self.unspaced_name(self.at, limit) {
            self.push(end, Kind::Word(Some(meaning)));
            return;
        }
        let mut end = self.at;
        for (offset, char) in self.line[self.at..limit].char_indices() {
            if !is_unspaced(char) || !is_word_char(char) {
                break;
            }
            let here = self.at + offset;
            if offset > 0 && self.unspaced_name(here, limit).is_some() {
                break;
            }
            end = here + char.len_utf8();
        }
        self.push(end, Kind::Word(None));
    }

    fn unspaced_name(&self, at: usize, limit: usize) -> Option<(usize, &'static Meaning)> {
        let text = &self.line[at..limit];
        let longest = self.lexicon.longest_unspaced(text.chars().next()?);
        let mut key = String::new();
        let mut found = None;
        for (offset, char) in text.char_indices().take(longest) {
            let end = at + offset + char.len_utf8();
            if char == '.' {
                // Thai มี.ค. is looked up as two words.
                key = [if key.is_empty() { &text[..offset] } else { &key }, " "].concat();
                continue;
            }
            if !is_word_char(char) {
                break;
            }
            let dotted = !key.is_empty();
            if dotted {
                key.push(char);
            }
            let name = if dotted { &key } else { &self.line[at..end] };
            if let Some(meaning) = self.lexicon.word(name).filter(|meaning| meaning.is_known()) {
                found = Some((
                    end + usize::from(dotted && self.line[end..limit].starts_with('.')),
                    meaning,
                ));
            }
        }
        found
    }

    /// A word, or several that make up one name: `p. m.`, `de la tarde`.
    fn push_word(&mut self, limit: usize) {
        let end = self.word_end(self.at, limit);
        if let Some((_, day)) = self.days.iter().find(|(range, _)| *range == (self.at..end)) {
            let rest = || self.lexicon.undayed(&lookup_key(&self.line[self.at..end]));
            let meaning = day.map(weekday).or_else(rest);
            self.push(end, Kind::Word(meaning));
            return;
        }
        let mut meaning = self.look_up(&self.line[self.at..end]);
        if meaning.is_none() {
            self.push(end, Kind::Word(None));
            return;
        }
        let mut key = lookup_key(&self.line[self.at..end]);
        let mut found = (end, meaning.filter(|meaning| meaning.is_known()));
        let mut next = end;
        while meaning.is_some_and(|meaning| meaning.continues) {
            let Some(start) = self.next_word(next, limit) else {
                break;
            };
            next = self.word_end(start, limit);
            key.push(' ');
            key.push_str(&lookup_key(&self.line[start..next]));
            meaning = self.lexicon.word(&key);
            // Dutch t/m is a range, English p/m no afternoon.
            let slashed = self.line[self.at..next].contains('/');
            if let Some(known) =
                meaning.filter(|meaning| meaning.is_known() && (!slashed || meaning.is(Role::Range)))
            {
                // The last dot of `p.m.` belongs to it.
                let dotted = self.line[end..].starts_with('.') && self.line[next..limit].starts_with('.');
                found = (next + usize::from(dotted), Some(known));
            }
        }
        self.push(found.0, Kind::Word(found.1));
    }

    /// Looks one word up without making a string of it where it is plain and short, as most are.
    fn look_up(&self, word: &str) -> Option<&'static Meaning> {
        let mut buffer = [0; 24];
        match buffer.get_mut(..word.len()) {
            Some(buffer) if word.is_ascii() => {
                buffer.copy_from_slice(word.as_bytes());
                buffer.make_ascii_lowercase();
                self.lexicon.word(std::str::from_utf8(buffer).ok()?)
            }
            _ => self.lexicon.word(&lookup_key(word)),
        }
    }

    fn word_end(&self, at: usize, limit: usize) -> usize {
        let plain = self.line.as_bytes()[at..limit]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let at = at + plain;
        if self.line.as_bytes()[at..limit].first().is_none_or(u8::is_ascii) {
            return at;
        }
        self.line[at..limit]
            .char_indices()
            .find(|&(offset, char)| {
                let (before, rest) = self.line[..limit].split_at(at + offset);
                !(is_word_char(char) || char == '\u{200C}' || is_geresh(before, rest))
                    || is_unspaced(char)
                    || self.lexicon.digit(char).is_some()
            })
            .map_or(limit, |(offset, _)| at + offset)
    }

    /// Where the next word of a name of several words begins.
    fn next_word(&self, at: usize, limit: usize) -> Option<usize> {
        let mut between = 0;
        for (offset, char) in self.line[at..limit].char_indices() {
            match char {
                '.' | '-' | '/' | '\'' | '’' | '\u{2011}' => between += 1,
                _ if char.is_whitespace() && char != '\t' => between += 1,
                _ if is_word_char(char) && self.lexicon.digit(char).is_none() => {
                    return (between > 0).then_some(at + offset);
                }
                _ => return None,
            }
            if between > 2 {
                return None;
            }
        }
        None
    }
}

/// The form in which the lexicon holds names.
pub(super) fn lookup_key(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    // Letters below the combining marks are composed already.
    let composed: Cow<str> = if word.chars().all(|char| char < '\u{300}') {
        word.into()
    } else {
        word.nfc().collect()
    };
    composed
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|&char| {
            !matches!(
                char,
                '\u{307}' | '\u{200C}' | '\u{5F3}' | '\u{5F4}' | '\'' | '’' | '"' | '”'
            )
        })
        .map(|char| if char == 'ς' { 'σ' } else { char })
        .collect()
}

/// Marks of direction and width, which part nothing.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

fn plain_mark(char: char) -> char {
    match char {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(char) - 0xFEE0).unwrap_or(char),
        '、' | '،' => ',',
        '。' | '․' => '.',
        '∶' | '꞉' => ':',
        '‐' | '‑' | '−' | '﹣' => '-',
        '—' | '―' | '‒' => '–',
        '〜' | '∼' => '~',
        '’' | 'ʼ' => '\'',
        '⁄' | '∕' => '/',
        '￥' => '¥',
        _ => char,
    }
}
