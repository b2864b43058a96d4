//! How two spellings of one value compare, in any script: normal forms, and levels of agreement.

use crate::reading::{fold, phone_tail};

/// How far two stated values agree. The order is that of strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// One of them is not stated: it weighs nothing.
    Missing = 0,
    Differs = 1,
    /// Something in them is the same: a part of a name, the beginning, two slips.
    Related = 2,
    /// One slip, or the same parts in another order.
    Near = 3,
    /// The value stands in the column beside, and the other way round.
    Swapped = 4,
    Same = 5,
}

pub const LEVELS: usize = 6;

/// What a column holds: how its values are read and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Names of people or places: words in any order, initials.
    Name,
    /// A date as year, month, day.
    Date,
    Email,
    Phone,
    /// A code of which a slip is possible, and nothing else.
    Code,
}

/// Writes the normal form of a value: what two ways of writing it share. Nothing where nothing is left.
pub fn normalise(kind: Kind, text: &str, out: &mut String) {
    match kind {
        Kind::Name if text.is_ascii() => {
            for byte in text.bytes() {
                if byte.is_ascii_alphanumeric() {
                    out.push(char::from(byte.to_ascii_lowercase()));
                } else if parts(char::from(byte)) && !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            out.truncate(out.trim_end().len());
        }
        Kind::Name => {
            for word in text.split(parts) {
                let word = fold(word);
                if !word.is_empty() {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(&word);
                }
            }
        }
        Kind::Email => out.extend(text.trim().chars().flat_map(char::to_lowercase)),
        Kind::Phone => out.push_str(&phone_tail(text)),
        Kind::Date | Kind::Code => out.push_str(&fold(text)),
    }
}

/// Whether a character parts the words of a name.
fn parts(char: char) -> bool {
    char.is_whitespace() || matches!(char, ',' | ';' | '/' | '-' | '‐' | '–' | '·' | '.' | '\'' | '’')
}

/// How far two different normal forms agree; both are stated.
pub fn compare(kind: Kind, a: &str, b: &str) -> Level {
    match kind {
        Kind::Name => names(a, b),
        Kind::Date => dates(a, b),
        Kind::Email => emails(a, b),
        Kind::Phone | Kind::Code => match slips(a, b, 1) {
            Some(_) => Level::Near,
            None => Level::Differs,
        },
    }
}

fn names(a: &str, b: &str) -> Level {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    // Two letters are a name in some scripts, an initial in others: there a slip is another name.
    let allowed = if short.len() >= 6 {
        2
    } else {
        usize::from(short.len() >= 3)
    };
    match slips(a, b, allowed) {
        Some(1) => return Level::Near,
        Some(_) => return Level::Related,
        None => {}
    }
    if a.contains(' ') || b.contains(' ') {
        let words = |text: &str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let (mine, theirs) = (words(a), words(b));
        if mine == theirs {
            return Level::Near;
        }
        let shared = mine
            .iter()
            .filter(|word| word.chars().count() > 2 && theirs.contains(word));
        if shared.count() > 0 {
            return Level::Related;
        }
    }
    // An initial, or a short form: Chris for Christine.
    let initial = short.chars().count() == 1 || short.len() >= 3;
    if initial && long.starts_with(short) {
        return Level::Related;
    }
    Level::Differs
}

fn dates(a: &str, b: &str) -> Level {
    if let Some(1) = slips(a, b, 1) {
        return Level::Near;
    }
    // Day and month the other way round.
    let turned = |text: &str| {
        (text.len() == 8 && text.is_ascii()).then(|| [&text[..4], &text[6..], &text[4..6]].concat())
    };
    if turned(a).is_some_and(|turned| turned == b) {
        return Level::Near;
    }
    match slips(a, b, 2) {
        Some(_) => Level::Related,
        None => Level::Differs,
    }
}

fn emails(a: &str, b: &str) -> Level {
    if slips(a, b, 1).is_some() {
        return Level::Near;
    }
    let local = |text: &'_ str| text.split('@').next().map(str::len).unwrap_or_default();
    let (mine, theirs) = (&a[..local(a)], &b[..local(b)]);
    if mine == theirs && mine.len() >= 3 {
        return Level::Related;
    }
    Level::Differs
}

/// The number of slips between two texts where it is not above `max`: letters put in, left out, changed, or
/// two neighbours the wrong way round. Source: optimal string alignment, in a band.
pub fn slips(a: &str, b: &str, max: usize) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    if max == 0 {
        return None;
    }
    if a.is_ascii() && b.is_ascii() {
        return banded(a.as_bytes(), b.as_bytes(), max);
    }
    let letters = |text: &str| text.chars().collect::<Vec<char>>();
    banded(&letters(a), &letters(b), max)
}

fn banded<T: PartialEq>(a: &[T], b: &[T], max: usize) -> Option<usize> {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > max {
        return None;
    }
    match (a.len(), b.len()) {
        (0, many) => return Some(many),
        (1, 1) => return Some(1),
        (2, 2) if a[0] == b[1] && a[1] == b[0] => return Some(1),
        _ => {}
    }
    if max == 1 || b.len() > 63 {
        // What is left begins and ends with a difference: one slip would have been one of the above.
        return None;
    }
    // Two slips at most: three rows of a table are enough, and they are short.
    let width = b.len() + 1;
    let (mut before, mut above, mut row) = ([0usize; 64], [0usize; 64], [0usize; 64]);
    for (at, cell) in above.iter_mut().enumerate().take(width) {
        *cell = at;
    }
    for (i, x) in a.iter().enumerate() {
        row[0] = i + 1;
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
            least = least.min(cost);
        }
        if least > max {
            return None;
        }
        (before, above) = (above, row);
    }
    (above[b.len()] <= max).then_some(above[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted_in_any_script() {
        for (a, b, slips_apart) in [
            ("schmidt", "schmitd", Some(1)),
            ("schmidt", "schmid", Some(1)),
            ("schmidt", "smidt", Some(2)),
            ("schmidt", "meier", None),
            ("山田太郎", "山田次郎", Some(1)),
            ("олена", "олнеа", Some(1)),
            ("abc", "abc", Some(0)),
        ] {
            assert_eq!(slips(a, b, 2), slips_apart, "{a} {b}");
        }
    }

    #[test]
    fn names_agree_across_order_initials_and_accents() {
        let level = |a: &str, b: &str| {
            let normal = |text: &str| {
                let mut out = String::new();
                normalise(Kind::Name, text, &mut out);
                out
            };
            let (a, b) = (normal(a), normal(b));
            if a == b {
                Level::Same
            } else {
                compare(Kind::Name, &a, &b)
            }
        };
        assert_eq!(level("MÜLLER", "Müller"), Level::Same);
        assert_eq!(level("Maria del Carmen", "Carmen, Maria del"), Level::Near);
        assert_eq!(level("García López", "García"), Level::Related);
        assert_eq!(level("J.", "Jonathan"), Level::Related);
        assert_eq!(level("Chris", "Christine"), Level::Related);
        assert_eq!(level("Anna", "Bert"), Level::Differs);
    }

    #[test]
    fn dates_may_be_turned() {
        assert_eq!(compare(Kind::Date, "19840307", "19840703"), Level::Near);
        assert_eq!(compare(Kind::Date, "19840307", "19850612"), Level::Differs);
    }
}
