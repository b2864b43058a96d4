//! Amounts: `$1,397.00`, `1 009,50 €`, `CHF 1'200.–`, `12.000 円`, with every way their separators can be read.

use super::fold::{is_unspaced, is_word_char};
use super::lexicon::{Sign, lexicon};
use super::moment::is_ending;
use super::powers::{Multiplied, multiplied};
use super::token::{Gap, TAKEN, Tokens};
use super::{Amount, AmountReading, DecimalMark, Span, SpanValue};
use chrono::NaiveTime;
use std::borrow::Cow;

/// The longest sign in characters that is looked for.
const SIGN_CHARS: usize = 12;

/// The longest sign or name in plain letters: euros.
const ASCII_SIGN: usize = 8;

/// The longest word for money, of twelve letters.
const NOUN_BYTES: usize = 48;

static NOUN: Sign = Sign {
    currency: None,
    shy: false,
    code: false,
};

/// More groups of digits than an amount has.
const GROUPS: usize = 8;

/// Reads an amount that begins at a token, with its sign, and the first token behind it.
pub(super) fn amount(tokens: &Tokens, at: usize) -> Option<(Span, usize)> {
    if !is_free_before(tokens, at) {
        return None;
    }
    let bracketed = tokens.mark(at) == Some('(');
    let inner = at + usize::from(bracketed);
    let (mut amount, mut end_byte, mut end) = bare_amount(tokens, inner)?;
    let mut start = inner;
    let negative = amount.readings.iter().any(|reading| reading.negative);
    if bracketed && !negative && tokens.mark(end) == Some(')') {
        // Bookkeepers put what is owed in brackets, everybody else an aside.
        let negated = amount.readings.clone().into_iter();
        amount.readings.extend(negated.map(|reading| AmountReading {
            negative: true,
            ..reading
        }));
        start = at;
        end_byte = tokens.get(end)?.end;
        end += 1;
    }
    let span = Span {
        start: tokens.get(start)?.start,
        end: end_byte,
        value: SpanValue::Amount(amount),
    };
    Some((span, end))
}

/// Sign, number, sign: the amount, the byte at which it ends, and the first token behind it.
fn bare_amount(tokens: &Tokens, at: usize) -> Option<(Amount, usize, usize)> {
    let minus = |at: usize| usize::from(tokens.mark(at) == Some('-') && tokens.is_glued(at + 1));
    let sign_at = at + minus(at);
    let before = sign(tokens, sign_at);
    let after_sign = before.map_or(sign_at, |(_, end)| end);
    let number_at = after_sign
        + if before.is_some() && sign_at == at {
            minus(after_sign)
        } else {
            0
        };
    if before.is_some() && is_far(tokens, after_sign) {
        return None;
    }
    let is_negative = number_at > after_sign || sign_at > at;
    if let Some(found) = multiplied(tokens, number_at)
        && let Some(whole) = multiplied_amount(tokens, found, before.map(|(found, _)| found), is_negative)
    {
        return Some(whole);
    }
    let Literal {
        mut readings,
        end,
        loose,
        grouped,
        time,
    } = literal(tokens, number_at)?;
    let round = round_mark(tokens, end);
    let mut end = end + round;
    let decimals = readings.iter().any(|reading| reading.fraction.len() >= 2);
    let large = readings.iter().any(|reading| reading.whole.len() > 3);
    // A letter that stands right at bare digits is a code's (L254950) sooner than a currency's.
    let trusted = |found: &FoundSign, glued: bool| {
        let is_paid_so =
            || found.sign.code && found.sign.currency.is_some_and(|code| tokens.are_paid_in(code));
        !found.sign.shy || decimals || grouped || (!glued && (large || is_paid_so()))
    };
    let before = before.map(|(found, _)| found);
    if before.is_some_and(|found| !trusted(&found, tokens.is_glued(number_at))) {
        return None;
    }
    let behind = sign(tokens, end)
        .or_else(|| noun(tokens, end))
        .filter(|&(found, after)| {
            trusted(&found, tokens.is_glued(end))
                && !is_far(tokens, end)
                && belongs_behind(tokens, end, after)
        });
    let written_so = decimals || round > 0 || grouped;
    let plain = before.is_none() && behind.is_none();
    if plain && (!written_so || loose && round == 0) || behind.is_none() && !is_free_behind(tokens, end) {
        return None;
    }
    let mut end_byte = tokens.get(end - 1)?.end;
    if let Some((found, after)) = behind {
        end_byte = found.end;
        end = after;
    }
    if is_negative {
        for reading in &mut readings {
            reading.negative = true;
        }
    }
    // `Le 14.30`: a word that is hardly a sign does not rule out the time.
    let sure = [before, behind.map(|(found, _)| found)]
        .into_iter()
        .flatten()
        .any(|found| !found.sign.shy);
    Some((
        Amount {
            currency: currency(before, behind.map(|(found, _)| found)),
            marked: !plain,
            time: time.filter(|_| !sure && readings.iter().all(|reading| !reading.negative)),
            readings,
        },
        end_byte,
        end,
    ))
}

/// A number that words multiply, with a sign at its side; without one it counts anything, unless it is written short.
fn multiplied_amount(
    tokens: &Tokens,
    Multiplied {
        mut reading,
        end,
        is_short,
    }: Multiplied,
    before: Option<FoundSign>,
    is_negative: bool,
) -> Option<(Amount, usize, usize)> {
    let behind = if end.is_within(tokens) {
        sign_from(tokens, end.token, end.byte)
    } else {
        sign(tokens, end.token)
            .or_else(|| noun(tokens, end.token))
            .filter(|&(_, after)| !is_far(tokens, end.token) && belongs_behind(tokens, end.token, after))
    };
    // Letters that are written on to it are of a script without spaces.
    let is_free = || end.is_within(tokens) || is_free_behind(tokens, end.token);
    let is_plain = before.is_none() && behind.is_none();
    let after = end.token;
    // 43k12-7
    let is_code =
        is_plain && tokens.glued_mark(after) == Some('-') && tokens.glued_digits(after + 1).is_some();
    if is_plain && !is_short || is_code || behind.is_none() && !is_free() {
        return None;
    }
    reading.negative = is_negative;
    let amount = Amount {
        currency: currency(before, behind.map(|(found, _)| found)),
        marked: !is_plain,
        time: None,
        readings: vec![reading],
    };
    let (byte, token) = behind.map_or((end.byte, end.token), |(found, after)| (found.end, after));
    Some((amount, byte, token))
}

/// `$45 USD`: the code says more than the sign.
fn currency(before: Option<FoundSign>, behind: Option<FoundSign>) -> Option<String> {
    let signs = [before, behind].into_iter().flatten().map(|found| found.sign);
    signs
        .max_by_key(|sign| (sign.currency.is_some(), sign.code))
        .and_then(|sign| sign.currency)
        .map(str::to_owned)
}

/// Whether a currency sign or code stands at a token, close to what is before it.
pub(super) fn is_sign(tokens: &Tokens, at: usize) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| matches!(token.gap, Gap::None | Gap::Space | Gap::Narrow))
        && (sign(tokens, at).is_some_and(|(found, _)| !found.sign.shy) || noun(tokens, at).is_some())
}

/// A sign and the byte at which it ends, which can lie within a token: 12,000円|也
#[derive(Clone, Copy)]
struct FoundSign {
    sign: &'static Sign,
    end: usize,
}

/// What people call money, as it stands behind a number: 12 000 forint, 240 de lei.
fn noun(tokens: &Tokens, at: usize) -> Option<(FoundSign, usize)> {
    let is_noun = |at: usize| {
        let short = || tokens.text(at).len() <= NOUN_BYTES;
        tokens.is_spaced_word(at) && short() && lexicon().is_money(&tokens.text(at).to_lowercase())
    };
    let joined = tokens.is_spaced_word(at) && tokens.text(at) == "de" && !is_far(tokens, at + 1);
    let at = at + usize::from(joined);
    if joined && let Some(named) = sign(tokens, at).filter(|(found, _)| found.sign.currency.is_some()) {
        return Some(named);
    }
    if !is_noun(at) {
        return None;
    }
    let end = tokens.get(at)?.end;
    Some((FoundSign { sign: &NOUN, end }, at + 1))
}

/// The longest sign that begins at a token, and the first token behind it.
fn sign(tokens: &Tokens, at: usize) -> Option<(FoundSign, usize)> {
    sign_from(tokens, at, tokens.get(at)?.start)
}

/// The same from a byte within a token.
fn sign_from(tokens: &Tokens, at: usize, base: usize) -> Option<(FoundSign, usize)> {
    let token = tokens.get(at)?;
    let text = &tokens.line[base..];
    let first = text.chars().next()?;
    let long = tokens.is_word(at) && first.is_ascii() && token.end - base > ASCII_SIGN;
    // An address that begins like a currency: usd@shop.example
    let taken = tokens.mark(at) == Some(TAKEN);
    if long || taken || !lexicon().begins_sign(first) {
        return None;
    }
    let mut found = None;
    let mut next_token = at;
    for (offset, char) in text.char_indices().take(SIGN_CHARS) {
        let after = offset + char.len_utf8();
        if char == '\t' || lexicon().digit(char).is_some() {
            break;
        }
        while tokens
            .get(next_token)
            .is_some_and(|token| token.start < base + after)
        {
            next_token += 1;
        }
        let joins = |next: char| is_word_char(next) && !is_unspaced(next) && lexicon().digit(next).is_none();
        let whole =
            !is_word_char(char) || is_unspaced(char) || !text[after..].chars().next().is_some_and(joins);
        if let Some(sign) = whole.then(|| lexicon().sign(&plain(&text[..after]))).flatten() {
            let end = base + after;
            found = Some((FoundSign { sign, end }, next_token));
        }
    }
    // `kr.` and `Rs.`, where the dot is not the end of the sentence.
    let (mut found, end) = found?;
    let dotted = tokens.mark(end) == Some('.')
        && tokens.is_glued(end)
        && (tokens.is_word(end - 1) || tokens.mark(end - 1) == Some('/'))
        && tokens.digits(end + 1).is_some();
    if dotted {
        found.end = tokens.get(end)?.end;
    }
    Some((found, end + usize::from(dotted)))
}

/// A sign with plain spaces and marks of plain width.
fn plain(sign: &str) -> Cow<'_, str> {
    if sign.contains(['\u{A0}', '\u{202F}', '￥', '＄']) {
        sign.replace(['\u{A0}', '\u{202F}'], " ")
            .replace('￥', "¥")
            .replace('＄', "$")
            .into()
    } else {
        sign.into()
    }
}

/// A sign between two numbers belongs to the one that it stands closer to.
fn belongs_behind(tokens: &Tokens, sign: usize, after: usize) -> bool {
    let number_follows = tokens.digits(after).is_some();
    !number_follows || tokens.is_glued(sign) || !tokens.is_glued(after)
}

/// `–` or `-` for no cents: CHF 1'200.–, 45,-, 450:-
fn round_mark(tokens: &Tokens, at: usize) -> usize {
    let dash = |at: usize| matches!(tokens.mark(at), Some('-' | '–')) && tokens.is_glued(at);
    if !matches!(tokens.mark(at), Some('.' | ',' | ':')) || !tokens.is_glued(at) || !dash(at + 1) {
        return 0;
    }
    let length = 2 + usize::from(dash(at + 2));
    let free = !tokens.is_glued(at + length) || tokens.mark(at + length).is_some();
    if free { length } else { 0 }
}

pub(super) struct Literal {
    pub(super) readings: Vec<AmountReading>,
    pub(super) end: usize,
    /// Parted by spaces: an amount only beside a sign or with decimals.
    loose: bool,
    /// Parted into thousands at two places or more: no other number is written so.
    grouped: bool,
    /// 18.30 and 18,30 may be times.
    time: Option<NaiveTime>,
}

/// A number with its separators.
pub(super) fn literal(tokens: &Tokens, at: usize) -> Option<Literal> {
    let mut groups = vec![digits(tokens, at)?];
    let mut marks: Vec<char> = Vec::new();
    let mut end = at + 1;
    while groups.len() < GROUPS {
        let glued = tokens
            .mark(end)
            .filter(|mark| matches!(mark, '.' | ',' | '\'' | '٬' | '٫'));
        if let Some(mark) = glued.filter(|_| tokens.is_glued(end) && tokens.is_glued(end + 1)) {
            let Some(group) = digits(tokens, end + 1) else {
                break;
            };
            marks.push(match mark {
                '٬' => ',',
                '٫' => '.',
                _ => mark,
            });
            groups.push(group);
            end += 2;
            continue;
        }
        let spaced = tokens
            .get(end)
            .is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Narrow));
        let thousands = groups[0].len() <= 3 && marks.iter().all(|&mark| mark == ' ');
        match digits(tokens, end).filter(|group| spaced && thousands && group.len() == 3) {
            Some(group) => {
                marks.push(' ');
                groups.push(group);
                end += 1;
            }
            None => break,
        }
    }
    let loose = marks.contains(&' ');
    let readings = readings(&groups, &marks)?;
    let loose = loose && readings.iter().all(|reading| reading.fraction.is_empty());
    let grouped = marks.len() > 1 && !loose;
    let time = match (groups.as_slice(), marks.as_slice()) {
        ([hour, minute], ['.' | ',']) if hour.len() <= 2 && minute.len() == 2 => {
            NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
        }
        _ => None,
    };
    Some(Literal {
        readings,
        end,
        loose,
        grouped,
        time,
    })
}

fn digits(tokens: &Tokens, at: usize) -> Option<String> {
    tokens.digits(at)?;
    Some(plain_digits(tokens.text(at)))
}

/// Digits of any script as ASCII.
pub(super) fn plain_digits(text: &str) -> String {
    text.chars()
        .filter_map(|char| lexicon().digit(char))
        .map(|digit| char::from(b'0' + digit))
        .collect()
}

/// Every way in which groups of digits with such marks between them make one number.
fn readings(groups: &[String], marks: &[char]) -> Option<Vec<AmountReading>> {
    let Some((&last, others)) = marks.split_last() else {
        return Some(vec![reading(groups, None)]);
    };
    let (whole, fraction) = groups.split_at(groups.len() - 1);
    let fraction = &fraction[0];
    let decimal = match last {
        '.' => Some(DecimalMark::Point),
        ',' => Some(DecimalMark::Comma),
        _ => None,
    };
    let mut found = Vec::new();
    if marks.iter().all(|&mark| mark == last) && is_grouped(groups, last) {
        found.push(reading(groups, None));
    }
    let parted = others.iter().all(|&mark| mark != last && mark == others[0])
        && (others.is_empty() || is_grouped(whole, others[0]));
    if let Some(decimal) = decimal.filter(|_| parted && fraction.len() <= 3) {
        found.push(reading(whole, Some((decimal, fraction))));
    }
    (!found.is_empty()).then_some(found)
}

/// Groups of three, the first shorter; or in the Indian way of two, the last of three.
fn is_grouped(groups: &[String], mark: char) -> bool {
    let Some((last, inner)) = groups[1..].split_last() else {
        return false;
    };
    let first = &groups[0];
    let threes = inner.iter().all(|group| group.len() == 3);
    let twos = mark == ',' && !inner.is_empty() && inner.iter().all(|group| group.len() == 2);
    last.len() == 3 && first.len() <= 3 && !first.starts_with('0') && (threes || twos)
}

fn reading(groups: &[String], fraction: Option<(DecimalMark, &String)>) -> AmountReading {
    let whole = groups.concat();
    let trimmed = whole.trim_start_matches('0');
    AmountReading {
        decimal: fraction.map_or(DecimalMark::None, |(mark, _)| mark),
        negative: false,
        whole: if trimmed.is_empty() {
            "0".to_owned()
        } else {
            trimmed.to_owned()
        },
        fraction: fraction.map_or_else(String::new, |(_, digits)| digits.clone()),
    }
}

fn is_far(tokens: &Tokens, at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.gap == Gap::Wide)
}

fn is_free_before(tokens: &Tokens, at: usize) -> bool {
    if at == 0 || !tokens.is_glued(at) {
        return true;
    }
    match tokens.mark(at - 1) {
        None => tokens.is_unspaced_word(at - 1),
        Some('#' | '_' | '@' | '+') => false,
        Some('.' | ':' | '/' | ',' | '\'') => {
            let joined = at > 1 && tokens.is_glued(at - 1);
            let labelled = joined && tokens.mark(at - 1) == Some(':') && tokens.is_word(at - 2);
            !joined || labelled || tokens.mark(at - 2).is_some()
        }
        Some('-') => !(at > 1 && tokens.is_glued(at - 1) && tokens.is_word(at - 2)),
        Some(_) => true,
    }
}

fn is_free_behind(tokens: &Tokens, end: usize) -> bool {
    let percent = |at: usize| matches!(tokens.mark(at), Some('%' | '‰' | '°')) && !is_far(tokens, at);
    if percent(end) {
        return false;
    }
    if !tokens.is_glued(end) {
        return true;
    }
    match tokens.mark(end) {
        None => tokens.is_unspaced_word(end),
        Some('.' | ',' | ':' | '/' | '\'' | '-') => {
            !(tokens.is_glued(end + 1)
                && (tokens.digits(end + 1).is_some() && tokens.mark(end) != Some('-')
                    || tokens.is_spaced_word(end + 1)
                        && tokens.mark(end) == Some('-')
                        && !is_ending(tokens.text(end + 1))))
        }
        Some(_) => true,
    }
}
