//! Cuts a line into words, marks and typed spans: what anchors and templates are made of.

use super::apply::defining_text;
use super::{Gazetteer, PlainCodes};
use crate::model::{Document, Scalar};
use crate::reading::{self, Span, SpanValue, is_word_char};
use compact_str::CompactString;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// The type of a slot's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotType {
    Moment,
    Amount,
    Email,
    Phone,
    Url,
    /// Codes and bare numbers: one business's references may be either.
    Code,
    Resource,
    /// Free text between its anchors.
    Words,
    /// A typed item of the record's own format: an instant, a date, an amount.
    Item,
}

impl SlotType {
    pub const ALL: [Self; 9] = [
        Self::Moment,
        Self::Amount,
        Self::Email,
        Self::Phone,
        Self::Url,
        Self::Code,
        Self::Resource,
        Self::Words,
        Self::Item,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moment => "moment",
            Self::Amount => "amount",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Code => "code",
            Self::Resource => "resource",
            Self::Words => "words",
            Self::Item => "item",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// Folded: no case, no accents. Short ones, which nearly all are, are copied without being allocated.
    Word(CompactString),
    Mark(char),
    Span(SlotType),
}

/// A line cut up. `spans[i]` belongs to the i-th `Token::Span`.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub tokens: Vec<(Token, Range<usize>)>,
    /// Index of the token, and what stands there.
    pub spans: Vec<(usize, Found)>,
}

impl Line {
    /// Its sentences, without what stands in them, where it has several.
    pub fn sentences(&self) -> Vec<Self> {
        let ends = |at: &usize| {
            let (token, range) = &self.tokens[*at];
            // A dot within a word or a number ends nothing.
            let apart = match self.tokens.get(at + 1) {
                Some((Token::Word(next), after)) => {
                    after.start > range.end || next.chars().all(|char| !char.is_ascii())
                }
                Some((_, after)) => after.start > range.end,
                None => false,
            };
            apart && matches!(token, Token::Mark('.' | '!' | '?' | '。' | '؟' | '।' | '…'))
        };
        let cuts: Vec<usize> = (0..self.tokens.len()).filter(ends).collect();
        if cuts.is_empty() {
            return Vec::new();
        }
        let starts = std::iter::once(0).chain(cuts.iter().map(|at| at + 1));
        let ends = cuts.iter().map(|at| at + 1);
        let of = starts.zip(ends.chain(std::iter::once(self.tokens.len())));
        of.map(|(start, end)| Self {
            tokens: self.tokens[start..end].to_vec(),
            spans: Vec::new(),
        })
        .collect()
    }
}

/// A document whose text has been cut up once, for all who read it.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// (item, line) for every text item, in order. Documents have many lines in common.
    pub texts: Vec<(usize, Arc<Line>)>,
    /// The line that tells its kind, of a charge or an event.
    pub defining: Option<Line>,
}

/// What a typed span holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    Read(SpanValue),
    /// Keys of the resources that the text may mean.
    Resource(Vec<String>),
}

/// The texts of a document, each with the place of its item.
fn texts(document: &Document) -> impl Iterator<Item = (usize, &str)> {
    let items = document.items.iter().enumerate();
    items.filter_map(|(at, item)| match &item.value {
        Scalar::Text(text) | Scalar::Number(text) => Some((at, text.as_str())),
        _ => None,
    })
}

/// Cuts lines with the resources of one backup at hand.
pub struct Lexer<'a> {
    pub gazetteer: &'a Gazetteer,
}

impl Lexer<'_> {
    /// All lines of a document.
    pub fn lines(&self, document: &Document) -> Lines {
        let source = document.record.source();
        Lines {
            texts: texts(document)
                .map(|(at, text)| (at, Arc::new(self.line(source, text))))
                .collect(),
            defining: self.defining(document),
        }
    }

    /// All lines of many documents, over all cores. What stands in several of a source's records in the same words is cut
    /// once.
    pub fn cut(&self, documents: &[&Document]) -> Vec<Lines> {
        let mut numbers: HashMap<(&str, &str), usize> = HashMap::new();
        let mut numbered: Vec<Vec<(usize, usize)>> = Vec::with_capacity(documents.len());
        for document in documents {
            let source = document.record.source();
            let number = |(at, text)| {
                let next = numbers.len();
                (at, *numbers.entry((source, text)).or_insert(next))
            };
            numbered.push(texts(document).map(number).collect());
        }
        let mut distinct = vec![("", ""); numbers.len()];
        for (line, number) in numbers {
            distinct[number] = line;
        }
        let lines: Vec<Arc<Line>> = distinct
            .par_iter()
            .map(|(source, text)| Arc::new(self.line(source, text)))
            .collect();
        documents
            .par_iter()
            .zip(numbered)
            .map(|(document, numbered)| Lines {
                texts: numbered
                    .into_iter()
                    .map(|(at, number)| (at, Arc::clone(&lines[number])))
                    .collect(),
                defining: self.defining(document),
            })
            .collect()
    }

    fn defining(&self, document: &Document) -> Option<Line> {
        defining_text(document).map(|text| self.line(document.record.source(), &text))
    }

    /// A line of a record of some source.
    pub fn line(&self, source: &str, text: &str) -> Line {
        let codes = self.gazetteer.codes().misread(text);
        let (weekdays, monies) = (self.gazetteer.weekdays(source, text), self.gazetteer.monies());
        let mut spans = reading::spans_knowing(text, &codes, &weekdays, monies.codes());
        spans.retain_mut(|span| match &mut span.value {
            SpanValue::Amount(amount) => monies.settle(&text[span.start..span.end], amount),
            _ => true,
        });
        let mentions = self.gazetteer.find(source, text);
        let mut pieces: Vec<(Range<usize>, SlotType, Found)> = Vec::new();
        for mention in mentions {
            // A plate inside a phone number or a date is no mention, nor is a nickname inside a number.
            let inside = spans.iter().any(|span| {
                span.start <= mention.range.start
                    && mention.range.end <= span.end
                    && (span.start, span.end) != (mention.range.start, mention.range.end)
                    && (mention.is_nickname || !matches!(span.value, SpanValue::Code(_)))
            });
            if !inside {
                pieces.push((mention.range, SlotType::Resource, Found::Resource(mention.keys)));
            }
        }
        for Span { start, end, value } in spans {
            if matches!(value, SpanValue::Code(_)) && self.gazetteer.is_wording(&text[start..end]) {
                continue;
            }
            if pieces
                .iter()
                .any(|(range, ..)| start < range.end && range.start < end)
            {
                continue;
            }
            let slot = match value {
                SpanValue::Moment(_) => SlotType::Moment,
                SpanValue::Amount(_) => SlotType::Amount,
                SpanValue::Email(_) => SlotType::Email,
                SpanValue::Phone(_) => SlotType::Phone,
                SpanValue::Url(_) => SlotType::Url,
                SpanValue::Code(_) | SpanValue::Number(_) => SlotType::Code,
            };
            if let SlotType::Url = slot
                && let Some((at, code)) = tail(&text[start..end], self.gazetteer.codes())
            {
                // A link to a booking ends in what it is called by.
                let link = SpanValue::Url(text[start..start + at].to_owned());
                pieces.push((start..start + at, slot, Found::Read(link)));
                pieces.push((start + at..end, SlotType::Code, Found::Read(code)));
                continue;
            }
            // Minutes and a telephone number.
            if let SlotType::Phone = slot
                && let Some(at) = self.gazetteer.phones().begins(&text[start..end])
            {
                let before = text[start..start + at].trim_end();
                let count = SpanValue::Number(before.to_owned());
                pieces.push((start..start + before.len(), SlotType::Code, Found::Read(count)));
                let digits = text[start + at..end].chars().filter(char::is_ascii_digit);
                let phone = SpanValue::Phone(digits.collect());
                pieces.push((start + at..end, slot, Found::Read(phone)));
                continue;
            }
            pieces.push((start..end, slot, Found::Read(value)));
        }
        for range in self.gazetteer.codes().find(text) {
            let free = |(other, ..): &(Range<usize>, SlotType, Found)| {
                range.end <= other.start || other.end <= range.start
            };
            if pieces.iter().all(free) {
                let code = SpanValue::Code(text[range.clone()].to_owned());
                pieces.push((range, SlotType::Code, Found::Read(code)));
            }
        }
        pieces.sort_by_key(|(range, ..)| range.start);
        let mut line = Line::default();
        let mut at = 0;
        for (range, slot, found) in pieces {
            plain(text, at..range.start, &mut line.tokens);
            line.spans.push((line.tokens.len(), found));
            at = range.end;
            line.tokens.push((Token::Span(slot), range));
        }
        plain(text, at..text.len(), &mut line.tokens);
        name_months(text, &mut line);
        self.join_weekdays(source, text, &mut line);
        line
    }
}

impl Lexer<'_> {
    /// A weekday of one letter is a part of the moment behind it.
    fn join_weekdays(&self, source: &str, text: &str, line: &mut Line) {
        for at in (0..line.spans.len()).rev() {
            let (token, Found::Read(SpanValue::Moment(moment))) = &line.spans[at] else {
                continue;
            };
            let Some(before) = token.checked_sub(1) else {
                continue;
            };
            let (kind, range) = &line.tokens[before];
            let is_day = matches!(kind, Token::Word(_))
                && self.gazetteer.is_weekday(source, &text[range.clone()], moment);
            if is_day {
                let start = range.start;
                line.tokens[before + 1].1.start = start;
                line.tokens.remove(before);
                for (token, _) in &mut line.spans[at..] {
                    *token -= 1;
                }
            }
        }
    }
}

/// What any month is called beside a year or another month: `April 2026` and `May 2026` are the same words about another month.
const MONTH: &str = "month";

/// Gives the months of any language one name where a year stands beside them, or a word and another month, and no day.
fn name_months(text: &str, line: &mut Line) {
    let is_year = |at: usize| {
        let said = line
            .tokens
            .get(at)
            .map(|(token, range)| (token, &text[range.clone()]));
        said.is_some_and(|(token, said)| {
            matches!(token, Token::Span(SlotType::Code))
                && said.len() == 4
                && (said.starts_with("19") || said.starts_with("20"))
                && said.chars().all(|char| char.is_ascii_digit())
        })
    };
    let is_name = |at: usize| {
        let said = line.tokens.get(at);
        said.is_some_and(|(token, range)| {
            matches!(token, Token::Word(_)) && reading::is_month(&text[range.clone()])
        })
    };
    // April to July: one word between them.
    let is_range = |at: usize| is_name(at + 2) || at.checked_sub(2).is_some_and(is_name);
    let is_month = |at: &usize| {
        is_name(*at) && (is_year(at + 1) || at.checked_sub(1).is_some_and(is_year) || is_range(*at))
    };
    let months: Vec<usize> = (0..line.tokens.len()).filter(is_month).collect();
    for at in months {
        line.tokens[at].0 = Token::Word(MONTH.into());
    }
}

/// A longer end of a link is a token, not what people would call anything by.
const TAIL: std::ops::RangeInclusive<usize> = 4..=24;

/// The last part of a link's path, or its last value, where it is one code with a digit, or one that is known to have none; and where it
/// begins.
fn tail(url: &str, codes: &PlainCodes) -> Option<(usize, SpanValue)> {
    let host = url.find("://").map_or(0, |at| at + 3);
    let at = url.rfind(['/', '=']).filter(|at| *at > host)? + 1;
    let part = &url[at..];
    if codes.contains(part) {
        return Some((at, SpanValue::Code(part.to_owned())));
    }
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if !(TAIL.contains(&part.len()) || is_uuid(part))
        || !part.chars().all(plain)
        || !part.chars().any(|char| char.is_ascii_digit())
    {
        return None;
    }
    let mut spans = reading::spans(part).into_iter();
    match (spans.next(), spans.next()) {
        (Some(span), None) if (span.start, span.end) == (0, part.len()) => {
            matches!(span.value, SpanValue::Code(_) | SpanValue::Number(_)).then_some((at, span.value))
        }
        _ => None,
    }
}

/// `8-4-4-4-12` hexadecimal digits (RFC 9562).
fn is_uuid(part: &str) -> bool {
    const PARTS: [usize; 5] = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = part.split('-').collect();
    let is_hex = |part: &&str| part.chars().all(|char| char.is_ascii_hexdigit());
    parts.iter().map(|part| part.len()).eq(PARTS) && parts.iter().all(is_hex)
}

/// Words and marks of a stretch without typed spans.
fn plain(text: &str, range: Range<usize>, tokens: &mut Vec<(Token, Range<usize>)>) {
    let mut word: Option<usize> = None;
    let close = |word: &mut Option<usize>, end: usize, tokens: &mut Vec<(Token, Range<usize>)>| {
        if let Some(start) = word.take() {
            let folded = reading::fold(&text[start..end]);
            if !folded.is_empty() {
                tokens.push((Token::Word(folded.into()), start..end));
            }
        }
    };
    for (offset, char) in text[range.clone()].char_indices() {
        let at = range.start + offset;
        if ideograph(char) {
            // A script without spaces: every sign is a word, so that anchors have a fixed length.
            close(&mut word, at, tokens);
            tokens.push((Token::Word(char.nfkc().collect()), at..at + char.len_utf8()));
        } else if is_word_char(char) {
            word.get_or_insert(at);
        } else if word.is_some_and(|start| joins(&text[start..at], &text[at..range.end])) {
        } else {
            close(&mut word, at, tokens);
            if !char.is_whitespace() || char == '\t' {
                let plain = char.nfkc().next().unwrap_or(char);
                let end = at + char.len_utf8();
                if matches!(plain, ':' | '\t' | '|' | '】' | ']') {
                    // Signs between a label and its colon align what stands behind.
                    join_label(text, text[range.start..at].trim_end().len() + range.start, tokens);
                }
                match tokens.last_mut() {
                    // Leaders, rules and rows of tabs are one mark, so that the label before them stays in reach.
                    Some((Token::Mark(last), range))
                        if *last == plain && text[range.end..at].trim().is_empty() =>
                    {
                        range.end = end;
                    }
                    _ => tokens.push((Token::Mark(plain), at..end)),
                }
            }
        }
    }
    close(&mut word, range.end, tokens);
}

/// Whether the sign that comes next is a part of the word before it.
fn joins(before: &str, rest: &str) -> bool {
    is_in_name(before, rest) || reading::is_geresh(before, rest)
}

/// Whether an apostrophe is of a name: O'Neill, D'Hondt.
fn is_in_name(before: &str, rest: &str) -> bool {
    let capital = |char: Option<char>| char.is_some_and(char::is_uppercase);
    let (mut first, mut next) = (before.chars(), rest.chars());
    matches!(next.next(), Some('\'' | '’'))
        && capital(first.next())
        && first.next().is_none()
        && capital(next.next())
}

/// A label is at most so many signs long.
const LABEL: usize = 12;

/// Makes one word of the signs of a script without spaces that stand between two marks, the second of which is here: they
/// are a label, and 返金 is another than 料金.
fn join_label(text: &str, end: usize, tokens: &mut Vec<(Token, Range<usize>)>) {
    let is_sign = |token: &Token| matches!(token, Token::Word(word) if word.chars().all(ideograph));
    let mut next = end;
    let mut from = tokens.len();
    while let Some((token, range)) = from.checked_sub(1).map(|before| &tokens[before]) {
        if !is_sign(token) || range.end != next {
            break;
        }
        next = range.start;
        from -= 1;
    }
    let is_alone = from == 0 || matches!(tokens[from - 1].0, Token::Mark(_));
    if is_alone && (2..=LABEL).contains(&(tokens.len() - from)) {
        tokens.truncate(from);
        tokens.push((Token::Word(text[next..end].nfkc().collect()), next..end));
    }
}

/// Han, kana and their extensions.
pub fn ideograph(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}')
}

/// Letters and digits alone, folded: what a name is compared by, with or without spaces.
pub fn squash(text: &str) -> String {
    reading::fold(text)
}

impl Token {
    pub fn render(&self) -> String {
        match self {
            Self::Word(word) => word.to_string(),
            Self::Mark(mark) => mark.to_string(),
            Self::Span(slot) => format!("<{}>", slot.as_str()),
        }
    }
}

#[cfg(test)]
impl Line {
    /// A line of a unit test, in which nothing is called by a name.
    pub fn cut(text: &str) -> Self {
        let gazetteer = Gazetteer::new(&[]);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        lexer.line("mail", text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Gazetteer, Lexer, Line};
    use crate::model::{Document, RecordId};
    use std::sync::Arc;

    fn document(source: &str, lines: &[&str]) -> Document {
        let blank = Document {
            record: RecordId::new(source, "1"),
            ..Document::message("1")
        };
        blank.with_lines("text", lines)
    }

    #[test]
    fn the_signs_of_a_label_are_one_word_though_it_is_padded_before_its_colon() {
        let first = |text: &str| Line::cut(text).tokens[0].0.render();
        assert_eq!(first("人数：4"), "人数");
        assert_eq!(first("人数　　：4"), "人数");
        assert_eq!(first("人数  : 4"), "人数");
        assert_eq!(first("人数 合計：4"), "人", "no label: two words");
        assert_eq!(first("人数 4："), "人", "no label: a number stands between");
    }

    #[test]
    fn a_name_with_a_geresh_is_as_many_words_as_it_looks() {
        let words = |text: &str| Line::cut(text).tokens.len();
        assert_eq!(words("שם: ג׳ורג׳ רבינוביץ׳"), 4);
        assert_eq!(words("שם: ג'ורג' רבינוביץ'"), 4);
    }

    #[test]
    fn what_records_of_a_source_have_in_common_is_one_line() {
        let gazetteer = Gazetteer::new(&[]);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        let documents = [
            document("a", &["Hello Ann", "From: 3 May 2026, 10:00"]),
            document("a", &["From: 3 May 2026, 10:00", "Bye", "Bye"]),
            document("b", &["Bye"]),
        ];
        let cut = lexer.cut(&documents.each_ref());
        let line = |document: usize, line: usize| &cut[document].texts[line].1;
        assert!(Arc::ptr_eq(line(0, 1), line(1, 0)));
        assert!(Arc::ptr_eq(line(1, 1), line(1, 2)));
        assert!(!Arc::ptr_eq(line(1, 1), line(2, 0)));
        for (document, cut) in documents.iter().zip(&cut) {
            let alone = lexer.lines(document);
            assert_eq!(format!("{cut:?}"), format!("{alone:?}"));
        }
    }
}
