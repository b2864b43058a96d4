//! Ends of codes, by which people call what has a long one: 537.79 of the plate 49C1-537.79.
//!
//! What is hired out once a month stands in too few records to prove its own. But whoever calls one thing by the end of its
//! code calls all of them so: ends of one form prove each other, where those that were met stood with their own thing's bookings.
//! Then an end that was hardly met, or never, is a name as well.

use super::{BITS, Chance, Nickname, PERCENT, PERCENT_OF_ALL, Record, Told, Tried, people};
use std::collections::BTreeMap;

/// Characters that the end of a code has at least if people may call the thing by it.
const CODE_END: usize = 3;

/// In so many records, of so many people and things, ends of one form must stand together.
const RECORDS: usize = 10;
const PEOPLE: usize = 6;
const THINGS: usize = 3;

/// The end of a code, behind its last hyphen, slash or blank: 537.79 of the plate 49C1-537.79.
pub(super) fn end_of_code(code: &str) -> Option<&str> {
    let (_, end) = code
        .trim()
        .rsplit_once(|char: char| char.is_whitespace() || "-–/_".contains(char))?;
    let digits = end.chars().any(char::is_numeric);
    let long = end.chars().filter(|char| char.is_alphanumeric()).count() >= CODE_END;
    (digits && long).then_some(end)
}

/// The form of an end: 000.00 of 537.79. None of what has no digit, as a short name.
fn form(end: &str) -> Option<String> {
    let sign = |char: char| match char {
        _ if char.is_numeric() => '0',
        _ if char.is_alphabetic() => 'a',
        _ => char,
    };
    let long = end.chars().filter(|char| char.is_alphanumeric()).count() >= CODE_END;
    (long && end.starts_with(char::is_numeric)).then(|| end.chars().map(sign).collect())
}

/// One end, and the records in which it stood: with its thing, and with another's booking.
struct Met<'t> {
    at: usize,
    tried: &'t Tried,
    key: &'t str,
    agree: Vec<usize>,
    against: Vec<usize>,
}

impl Met<'_> {
    fn support(&self) -> usize {
        self.agree.len() + self.against.len()
    }

    fn agrees(&self, percent: usize) -> bool {
        self.agree.len() * 100 >= self.support() * percent
    }
}

impl Told<'_> {
    /// For each of the backup's own names the nickname that it is together with others of its form, and in how many
    /// records it stood.
    pub(super) fn ends(
        &self,
        own: &[Tried],
        records: &[Record<'_>],
        chance: &Chance<'_>,
    ) -> Vec<Option<(Nickname, usize)>> {
        let mut of: BTreeMap<String, Vec<Met<'_>>> = BTreeMap::new();
        for (at, tried) in own.iter().enumerate() {
            let (Some(key), Some(form)) = (tried.own.as_deref(), form(&tried.text)) else {
                continue;
            };
            let (agree, against) = self.sides(tried, key, records);
            of.entry(form).or_default().push(Met {
                at,
                tried,
                key,
                agree,
                against,
            });
        }
        let mut nicknames: Vec<Option<(Nickname, usize)>> = own.iter().map(|_| None).collect();
        let alike = of.into_values().filter(|alike| is_proven(alike, records, chance));
        // One record that says otherwise is a booking that was changed; more are another number.
        let holds = |met: &Met<'_>| met.against.len() <= 1 || met.agrees(PERCENT_OF_ALL);
        for met in alike.flatten().filter(holds) {
            let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
            let nickname = Nickname {
                text: met.tried.text.clone(),
                resource: met.key.to_owned(),
                support: count(met.support()),
                agree: count(met.agree.len()),
            };
            nicknames[met.at] = Some((nickname, met.agree.len()));
        }
        nicknames
    }
}

/// Whether ends of one form hardly ever stood with another thing's booking, far beyond chance.
fn is_proven(alike: &[Met<'_>], records: &[Record<'_>], chance: &Chance<'_>) -> bool {
    let agree: Vec<usize> = alike.iter().flat_map(|met| &met.agree).copied().collect();
    let against: Vec<usize> = alike.iter().flat_map(|met| &met.against).copied().collect();
    let things = alike.iter().filter(|met| !met.agree.is_empty()).count();
    let bits = alike.iter().map(|met| {
        chance.bits(
            met.key,
            people(&met.agree, records),
            people(&met.against, records),
        )
    });
    agree.len() >= RECORDS
        && people(&agree, records) >= PEOPLE
        && things >= THINGS
        && agree.len() * 100 >= (agree.len() + against.len()) * PERCENT
        && bits.sum::<f64>() >= BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_may_be_called_by_its_end() {
        assert_eq!(end_of_code("49C1-537.79"), Some("537.79"));
        assert_eq!(end_of_code("B MW 1234"), Some("1234"));
        assert_eq!(end_of_code("AB-123-CD"), None);
        assert_eq!(end_of_code("R-7"), None);
    }

    #[test]
    fn ends_are_of_one_form_by_their_digits_and_marks() {
        assert_eq!(form("537.79"), form("808.14"));
        assert_ne!(form("537.79"), form("53779"));
        assert_eq!(form("R7"), None, "a short name is no end of a code");
    }
}
