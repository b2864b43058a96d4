//! Numbers that are made of keys: `0F734D3A` is the first eight signs of `0f734d3a-4b19-…`.
//!
//! Where all of the backup's numbers are the same part of their rows' keys, whoever states a key states the number: a payment
//! with the key in its metadata tells of the booking that a message calls by its number.

use super::{Claims, SlotType};
use crate::model::{Claim, Document, FieldName, Standing, Value};
use std::collections::BTreeSet;

/// So many rows show it.
const ROWS: usize = 20;
/// A shorter number is the same as some other key's part by chance; a key has so much more than is said of it.
const LENGTH: usize = 5;
const REST: usize = 4;

/// Which part of a key a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Same,
    Upper,
    Lower,
}

/// How numbers come of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNumbers {
    /// How many letters and digits keys have, and numbers.
    key: usize,
    number: usize,
    side: Side,
    case: Case,
}

impl KeyNumbers {
    /// Out of the backup's keys, each with its number. None where the numbers are something of their own.
    pub fn learn(rows: &[(&str, &str)]) -> Option<Self> {
        let (first, number) = rows.first()?;
        let length = |text: &str| text.chars().filter(|char| char.is_alphanumeric()).count();
        let (key, number) = (length(first), length(number));
        if number < LENGTH || key < number + REST || rows.len() < ROWS {
            return None;
        }
        let ways = [Side::Start, Side::End].into_iter().flat_map(|side| {
            let cases = [Case::Same, Case::Upper, Case::Lower];
            cases.map(|case| Self {
                key,
                number,
                side,
                case,
            })
        });
        let mut ways = ways.filter(|way| {
            let mut rows = rows.iter();
            rows.all(|(key, number)| way.of(key).as_deref() == Some(*number))
        });
        ways.next()
    }

    /// The number of the booking with this key; None where it is no key.
    pub fn of(&self, key: &str) -> Option<String> {
        let is_one = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
        let signs: Vec<char> = key.trim().chars().filter(|char| char.is_alphanumeric()).collect();
        if signs.len() != self.key
            || !key.trim().chars().all(is_one)
            || !key.chars().any(|char| char.is_ascii_digit())
        {
            return None;
        }
        let part = match self.side {
            Side::Start => &signs[..self.number],
            Side::End => &signs[self.key - self.number..],
        };
        let part: String = part.iter().collect();
        Some(match self.case {
            Case::Same => part,
            Case::Upper => part.to_uppercase(),
            Case::Lower => part.to_lowercase(),
        })
    }

    /// Adds the numbers of the keys that a record states. Of a list of keys a rule reads the first one alone; the others' numbers
    /// are codes that stand in it.
    pub fn state(&self, document: &Document, claims: &mut Claims) {
        if document.standing != Standing::Business {
            return;
        }
        let number = |claim: &Claim| match (claim.field, &claim.value) {
            (FieldName::BookingKey, Value::Text(key)) => Some(Claim {
                field: FieldName::Reference,
                value: Value::Text(self.of(key)?),
                ..claim.clone()
            }),
            _ => None,
        };
        let stated: Vec<Claim> = claims.claims.iter().filter_map(number).collect();
        if stated.is_empty() {
            return;
        }
        let known: BTreeSet<&Value> = claims
            .of(FieldName::Reference)
            .map(|claim| &claim.value)
            .collect();
        let new: Vec<Claim> = stated
            .into_iter()
            .filter(|claim| !known.contains(&claim.value))
            .collect();
        let codes = claims
            .unexplained
            .iter()
            .filter(|(slot, _)| *slot == SlotType::Code);
        let others: Vec<(SlotType, String)> = codes
            .filter_map(|(slot, text)| Some((*slot, self.of(text)?)))
            .collect();
        claims.claims.extend(new);
        claims.unexplained.extend(others);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(number: impl Fn(usize, &str) -> String) -> Option<KeyNumbers> {
        let rows: Vec<(String, String)> = (0..30)
            .map(|at| {
                let key = format!("{:08x}-41c7-{:04x}", at * 104_729 + 7, at * 31 + 5);
                let number = number(at, &key);
                (key, number)
            })
            .collect();
        let rows = rows.iter().map(|(key, number)| (key.as_str(), number.as_str()));
        KeyNumbers::learn(&rows.collect::<Vec<_>>())
    }

    #[test]
    fn a_number_is_the_same_part_of_every_key() {
        let start = learned(|_, key| key[..8].to_uppercase()).expect("a part");
        assert_eq!(start.of("9f3c01ab-1111-2222").as_deref(), Some("9F3C01AB"));
        assert_eq!(start.of("9f3c01ab-1111"), None, "no key");
        assert_eq!(start.of("9f3c01ab 1111 2222"), None, "three words");
        let end =
            learned(|_, key| key[key.len() - 6..].replace('-', "")).map(|way| way.of("9f3c01ab-1111-2222"));
        assert_eq!(end.flatten().as_deref(), Some("12222"));
    }

    #[test]
    fn numbers_of_their_own_are_no_part_of_keys() {
        assert_eq!(learned(|at, _| format!("AB{:06}", at + 1)), None);
        let one_is_not = |at: usize, key: &str| match at {
            9 => "AB000001".to_owned(),
            _ => key[..8].to_uppercase(),
        };
        assert_eq!(learned(one_is_not), None);
        assert_eq!(learned(|_, key| key[..3].to_owned()), None, "too short");
    }

    #[test]
    fn a_record_that_states_a_key_states_the_number() {
        let numbers = learned(|_, key| key[..8].to_uppercase()).expect("a part");
        let charge = Document::charge("ch_1");
        let mut claims = Claims::default();
        claims.claims.push(Claim {
            record: charge.record.clone(),
            field: FieldName::BookingKey,
            value: Value::Text("9f3c01ab-1111-2222".to_owned()),
            place: "/metadata/visit".to_owned(),
            rule: "stripe#1".to_owned(),
            standing: Standing::Business,
            said_at: None,
        });
        let other = "0b70aa31-1111-2222".to_owned();
        claims.unexplained.push((SlotType::Code, other));
        numbers.state(&charge, &mut claims);
        let stated: Vec<&Value> = claims
            .of(FieldName::Reference)
            .map(|claim| &claim.value)
            .collect();
        assert_eq!(stated, [&Value::Text("9F3C01AB".to_owned())]);
        let code = (SlotType::Code, "0B70AA31".to_owned());
        assert!(claims.unexplained.contains(&code));
    }
}
