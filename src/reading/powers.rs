//! Numbers with a word that multiplies them: `15만 2천`, `1.5万`, `150 rb`, `2,5 тыс`, `$1.2k`. Where the word stands in the
//! place of the decimal mark, as IEC 60062 writes resistances, what follows are decimals: `3tr6`, `2k5`.

use super::fold::{is_unspaced, is_word_char};
use super::lexicon::lexicon;
use super::money::{Literal, literal};
use super::token::{Gap, Tokens};
use super::{AmountReading, DecimalMark};

/// The longest such word in characters: tūkstančių.
const WORD_CHARS: usize = 12;

/// A number that words multiply.
pub(super) struct Multiplied {
    /// In whole units.
    pub reading: AmountReading,
    pub end: Place,
    /// Written as nothing but an amount is: `450k`, `3tr6`.
    pub is_short: bool,
}

/// Where something ends: a byte, which can lie within a token (15만|원), and the token that it lies in or before.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub token: usize,
    pub byte: usize,
}

impl Place {
    pub fn is_within(self, tokens: &Tokens) -> bool {
        tokens
            .get(self.token)
            .is_some_and(|token| token.start < self.byte)
    }
}

/// Reads numbers and the words behind them, each of a lower power than the one before; the last may stand alone:
/// `15만 2,000`. None where no word multiplies, or the number can be read in several ways.
pub(super) fn multiplied(tokens: &Tokens, at: usize) -> Option<Multiplied> {
    let mut total: u64 = 0;
    let mut last: Option<u32> = None;
    let mut end = Place { token: at, byte: 0 };
    let mut is_short = false;
    loop {
        let begins = last.is_none() || !end.is_within(tokens) && is_near(tokens, end.token);
        let Some(found) = begins.then(|| literal(tokens, end.token)).flatten() else {
            break;
        };
        let word = power(tokens, found.end).filter(|(power, _)| last.is_none_or(|last| *power < last));
        let Some((power, behind)) = word else {
            // What is left of it: less than the word before it stands for.
            let rest = whole(&found, 0).filter(|rest| last.is_some_and(|last| *rest < 10_u64.pow(last)));
            if let (Some(rest), Some(token)) = (rest, tokens.get(found.end - 1)) {
                total += rest;
                let byte = token.end;
                end = Place {
                    token: found.end,
                    byte,
                };
            }
            break;
        };
        total = total.checked_add(whole(&found, power)?)?;
        is_short = last.is_none() && is_short_for_money(tokens, found.end, behind);
        last = Some(power);
        end = behind;
        if let Some(decimals) = decimals(tokens, &found, behind, power) {
            total = total.checked_add(decimals)?;
            let (token, byte) = (behind.token + 1, tokens.get(behind.token)?.end);
            end = Place { token, byte };
            break;
        }
        let is_spaced = tokens.is_spaced_word(found.end) && !behind.is_within(tokens);
        if is_spaced && tokens.glued_digits(behind.token).is_some() {
            return None;
        }
    }
    last?;
    let reading = AmountReading {
        decimal: DecimalMark::None,
        negative: false,
        whole: total.to_string(),
        fraction: String::new(),
    };
    Some(Multiplied {
        reading,
        end,
        is_short,
    })
}

/// Whether a word is written on to its number as in daily notes of money, in small letters: `450k`. Codes are in capitals, and a
/// word that measures as well (`5mi`) may be meant so.
fn is_short_for_money(tokens: &Tokens, word: usize, behind: Place) -> bool {
    let text = tokens.text(word);
    tokens.is_glued(word)
        && tokens.is_spaced_word(word)
        && !behind.is_within(tokens)
        && text.chars().all(char::is_lowercase)
        && !lexicon().is_measure(text)
}

/// What digits right behind the word add to a whole number before it: 3tr*6*, 1tr*350*.
fn decimals(tokens: &Tokens, number: &Literal, behind: Place, power: u32) -> Option<u64> {
    let [reading] = number.readings.as_slice() else {
        return None;
    };
    let (value, length) = tokens.digits(behind.token)?;
    let rest = (power as usize).checked_sub(length)?;
    let joins = is_short_for_money(tokens, number.end, behind) && tokens.is_glued(behind.token);
    (joins && reading.fraction.is_empty() && length <= 3).then(|| value * 10_u64.pow(rest as u32))
}

/// A number times a power of ten, where that is whole and the number can be read in one way.
fn whole(number: &Literal, power: u32) -> Option<u64> {
    let [reading] = number.readings.as_slice() else {
        // In thousands 2,000 is two thousand; before a word for thousands it may be either.
        let grouped = number.readings.iter().find(|reading| reading.fraction.is_empty());
        return grouped.filter(|_| power == 0)?.whole.parse().ok();
    };
    let zeros = (power as usize).checked_sub(reading.fraction.len())?;
    format!("{}{}{}", reading.whole, reading.fraction, "0".repeat(zeros))
        .parse()
        .ok()
}

/// The word that multiplies what stands before this token, and where it ends.
fn power(tokens: &Tokens, at: usize) -> Option<(u32, Place)> {
    let token = tokens.get(at)?;
    if !is_near(tokens, at) || !tokens.is_word(at) {
        return None;
    }
    let text = &tokens.line[token.start..];
    let mut found = None;
    for (offset, char) in text.char_indices().take(WORD_CHARS) {
        if !is_word_char(char) || lexicon().digit(char).is_some() {
            break;
        }
        let after = offset + char.len_utf8();
        // Decimals stand behind a word in small letters that is written on to its number.
        let is_short = || tokens.is_glued(at) && text[..after].chars().all(char::is_lowercase);
        let is_decimal = |next: char| lexicon().digit(next).is_some() && is_short();
        let joins = |next: char| is_word_char(next) && !is_unspaced(next) && !is_decimal(next);
        let is_whole = is_unspaced(char) || !text[after..].chars().next().is_some_and(joins);
        // A letter is a word only where it is written on to its number.
        let is_letter = after == 1 && !tokens.is_glued(at);
        if let Some(power) = (is_whole && !is_letter)
            .then(|| lexicon().power(&text[..after].to_lowercase()))
            .flatten()
        {
            found = Some((power, token.start + after));
        }
    }
    let (power, byte) = found?;
    let mut next = at;
    while tokens.get(next).is_some_and(|token| token.end <= byte) {
        next += 1;
    }
    // тыс. руб.
    let is_short = tokens.mark(next) == Some('.') && tokens.is_glued(next) && tokens.is_spaced_word(at);
    if let Some(dot) = tokens
        .get(next)
        .filter(|_| is_short && tokens.is_word(next + 1) && !tokens.is_glued(next + 1))
    {
        return Some((
            power,
            Place {
                token: next + 1,
                byte: dot.end,
            },
        ));
    }
    Some((power, Place { token: next, byte }))
}

fn is_near(tokens: &Tokens, at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.gap != Gap::Wide)
}
