//! Phones, codes and plain numbers.

use super::money::plain_digits;
use super::token::{Gap, Tokens};
use super::{Span, SpanValue};

/// Fewest and most digits of a phone number (E.164 allows fifteen).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// More groups than any way of writing a phone number has.
const PHONE_GROUPS: usize = 8;

/// More letters-and-digits parts than a code has; a bound for hostile lines.
const CODE_PARTS: usize = 32;

/// Reads a phone number that begins at a token, and the first token behind it.
pub(super) fn phone(tokens: &Tokens, at: usize) -> Option<(Span, usize)> {
    if at > 0
        && tokens.is_glued(at)
        && !matches!(
            tokens.mark(at - 1),
            Some('(' | ':' | '[' | '"' | '<' | '=' | ',' | ';' | '|' | '\u{FFFC}')
        )
    {
        let glued_word = tokens.is_unspaced_word(at - 1);
        if !glued_word {
            return None;
        }
    }
    // The rest of a longer number: a card's, a bank account's.
    if tokens.get(at).is_some_and(|token| token.gap == Gap::Space)
        && at > 0
        && tokens.digits(at - 1).is_some_and(|(_, len)| len >= 3)
    {
        return None;
    }
    let plus = tokens.mark(at) == Some('+');
    let mut place = at + usize::from(plus);
    let mut groups: Vec<String> = Vec::new();
    let mut marks: Vec<char> = Vec::new();
    let mut brackets = false;
    let mut end = at;
    while groups.len() <= PHONE_GROUPS {
        let open = tokens.mark(place) == Some('(');
        let number = place + usize::from(open);
        if tokens.digits(number).is_none() || (open && tokens.mark(number + 1) != Some(')')) {
            break;
        }
        let digits = plain_digits(tokens.text(number));
        // +49 (0)30: the zero is dialled inside the country only.
        if !(open && plus && digits == "0") {
            groups.push(digits);
        }
        brackets |= open;
        end = number + 1 + usize::from(open);
        let Some((next, mark)) = phone_joint(tokens, end) else {
            break;
        };
        marks.push(mark);
        place = next;
    }
    marks.truncate(groups.len().saturating_sub(1));
    let digits = groups.concat();
    if !PHONE_DIGITS.contains(&digits.len())
        || groups.len() > PHONE_GROUPS
        || !is_phone_shape(&groups, &marks, plus, brackets)
        || is_joined_behind(tokens, end)
    {
        return None;
    }
    let span = Span {
        start: tokens.get(at)?.start,
        end: tokens.get(end - 1)?.end,
        value: SpanValue::Phone(if plus { format!("+{digits}") } else { digits }),
    };
    Some((span, end))
}

/// What can part two groups of a phone number: one space, one mark, or a bracket.
fn phone_joint(tokens: &Tokens, at: usize) -> Option<(usize, char)> {
    let close = |at: usize| tokens.get(at).is_some_and(|token| token.gap != Gap::Wide);
    if !close(at) {
        return None;
    }
    match tokens.mark(at) {
        None => tokens.digits(at).map(|_| (at, ' ')),
        Some('(') => Some((at, '(')),
        Some(mark @ ('-' | '.' | '/' | '–'))
            if tokens.is_glued(at) == tokens.is_glued(at + 1) || mark == '/' =>
        {
            (close(at + 1) && (tokens.digits(at + 1).is_some() || tokens.mark(at + 1) == Some('(')))
                .then_some((at + 1, mark))
        }
        Some(_) => None,
    }
}

fn is_phone_shape(groups: &[String], marks: &[char], plus: bool, brackets: bool) -> bool {
    let Some(first) = groups.first() else {
        return false;
    };
    // 31/04/2026 is a date that does not exist.
    let lengths: Vec<usize> = groups.iter().map(String::len).collect();
    if !plus
        && matches!(lengths[..], [1 | 2, 1 | 2, 4] | [4, 1 | 2, 1 | 2])
        && marks[0] == marks[1]
        && marks[0] != ' '
    {
        return false;
    }
    // Only an area code behind the country's may have one digit: +81 3, +33 2.
    let inner_short = groups
        .iter()
        .skip(if plus { 2 } else { 1 })
        .any(|group| group.len() < 2);
    if inner_short || (first.len() < 2 && !plus && first != "0" && first != "1" && first != "8") {
        return false;
    }
    let total: usize = groups.iter().map(String::len).sum();
    match groups.len() {
        _ if plus => true,
        1 => first.starts_with('0') && (9..=11).contains(&total) && !first.starts_with("000"),
        _ if brackets => true,
        2 => {
            let year = first.len() == 4 && (first.starts_with("19") || first.starts_with("20"));
            let local = first.len() == 3 && groups[1].len() == 4;
            first.starts_with('0')
                || total >= 9 && first.len() <= 5 && groups[1].len() >= 4
                || (local || first.len() == 4 && groups[1].len() == 4) && !year && marks[0] != '/'
        }
        _ => {
            let thousands = marks.iter().all(|&mark| matches!(mark, ' ' | '.'))
                && first.len() <= 3
                && !first.starts_with('0')
                && groups[1..].iter().all(|group| group.len() == 3)
                && total < 9;
            !thousands
        }
    }
}

fn is_joined_behind(tokens: &Tokens, end: usize) -> bool {
    if !tokens.is_glued(end) {
        return false;
    }
    match tokens.mark(end) {
        None => tokens.digits(end).is_some() || tokens.is_spaced_word(end),
        Some('-' | '/' | '.' | '_' | '#' | '@') => tokens.is_glued(end + 1) && tokens.mark(end + 1).is_none(),
        Some(_) => false,
    }
}

/// Whether a code can begin with a word: it is in capitals, or something is written onto it.
pub(super) fn may_begin(tokens: &Tokens, at: usize) -> bool {
    tokens.is_glued(at + 1) || tokens.text(at).chars().next().is_some_and(char::is_uppercase)
}

/// Reads a code or a number that begins at a token, and the first token behind it.
pub(super) fn code_or_number(tokens: &Tokens, at: usize) -> Option<(Span, usize)> {
    let end = run_end(tokens, at)?;
    if at > 0 && tokens.is_glued(at) && tokens.is_spaced_word(at - 1) {
        return None;
    }
    if let Some(end) = code_end(tokens, at, end) {
        return Some((span(tokens, at, end, SpanValue::Code)?, end));
    }
    tokens.digits(at)?;
    let start = tokens.get(at)?;
    let value = SpanValue::Number(plain_digits(tokens.text(at)));
    // A unit or an ordinal is written onto it: 5kg, 2nd.
    Some((
        Span {
            start: start.start,
            end: start.end,
            value,
        },
        at + 1,
    ))
}

fn span(tokens: &Tokens, at: usize, end: usize, value: impl Fn(String) -> SpanValue) -> Option<Span> {
    use unicode_normalization::UnicodeNormalization;
    let (start, end) = (tokens.get(at)?.start, tokens.get(end - 1)?.end);
    let text = &tokens.line[start..end];
    let text = if text.is_ascii() {
        text.to_owned()
    } else {
        text.nfkc().map(super::plain_digit).collect()
    };
    Some(Span {
        start,
        end,
        value: value(text),
    })
}

/// The end of a run of letters and digits that single joiners hold together.
fn run_end(tokens: &Tokens, at: usize) -> Option<usize> {
    let part = |at: usize| {
        tokens.digits(at).is_some()
            || tokens.is_spaced_word(at) && (tokens.meaning(at).is_none() || !tokens.is_phrase(at))
    };
    if !part(at) {
        return None;
    }
    let mut end = at + 1;
    loop {
        if tokens.is_glued(end) && part(end) {
            end += 1;
        } else if matches!(tokens.mark(end), Some('-' | '_' | '/' | '#'))
            && tokens.is_glued(end)
            && tokens.is_glued(end + 1)
            && part(end + 1)
        {
            end += 2;
        } else {
            return Some(end);
        }
        if end > at + CODE_PARTS {
            return Some(end);
        }
    }
}

/// Where the code ends that begins at `at`, if one does; `end` is the end of the run.
fn code_end(tokens: &Tokens, at: usize, end: usize) -> Option<usize> {
    let digits = (at..end).filter(|&at| tokens.digits(at).is_some()).count();
    let words = (at..end).filter(|&at| tokens.is_word(at)).count();
    if digits > 0 && words > 0 {
        return (!is_measure(tokens, at, end)).then_some(end);
    }
    if words == 0 {
        // 2026-0412, 105/221: as a whole, unless it is a fraction or a span of small numbers.
        let length: usize = (at..end)
            .filter_map(|at| tokens.digits(at))
            .map(|(_, len)| len)
            .sum();
        return (digits > 1 && length >= 5).then_some(end);
    }
    upper_end(tokens, at, end)
}

/// 5kg, 2nd, 10x: a number with a unit or an ordinal.
fn is_measure(tokens: &Tokens, at: usize, end: usize) -> bool {
    let text = tokens.text(at + 1);
    end == at + 2
        && tokens.digits(at).is_some_and(|(_, len)| len <= 4)
        && text.chars().count() <= 2
        && text.chars().all(char::is_lowercase)
}

/// Upper-case words: four letters or more alone, or joined by `-` (with the number behind it: B-AA 1).
fn upper_end(tokens: &Tokens, at: usize, end: usize) -> Option<usize> {
    let upper = |at: usize| tokens.text(at).chars().all(char::is_uppercase) && tokens.is_word(at);
    if !upper(at) {
        return None;
    }
    let mut code = at + 1;
    let mut letters = tokens.text(at).chars().count();
    while code + 1 < end && tokens.mark(code) == Some('-') && upper(code + 1) {
        letters += tokens.text(code + 1).chars().count();
        code += 2;
    }
    if code == at + 1 {
        return (letters >= 4).then_some(code);
    }
    let number = tokens.digits(code).is_some_and(|(_, len)| len <= 4)
        && tokens
            .get(code)
            .is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Narrow))
        && !tokens.is_glued(code + 1)
        && letters <= 6;
    (letters >= 3).then_some(code + usize::from(number))
}
