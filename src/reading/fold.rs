//! Spellings: what two ways of writing one name or one number share, and where words begin and end.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Letters and digits alone, without accents, in lower case, full-width forms folded: what two spellings
/// of one name share. Scripts other than Latin keep their letters.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    fold_by_sign(text).unwrap_or_else(|| fold_whole(text))
}

/// Folds sign by sign; None where a sign may be composed with the one before it. Texts are folded again and again, and
/// hardly any of them needs more.
fn fold_by_sign(text: &str) -> Option<String> {
    let mut folded = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            _ if char.is_ascii_alphanumeric() => folded.push(char.to_ascii_lowercase()),
            _ if char.is_ascii() => {}
            // Han, kana and Hangul as they are written as a rule: whole signs, which fold to themselves.
            '\u{4E00}'..='\u{9FEF}'
            | '\u{AC00}'..='\u{D7A3}'
            | '\u{3041}'..='\u{3096}'
            | '\u{30A1}'..='\u{30FA}'
            | '\u{30FC}'..='\u{30FE}' => folded.push(char),
            _ => folded.push_str(FOLDED.of(char)?),
        }
    }
    Some(folded)
}

/// What the letters fold to of which whole texts consist: Latin and Cyrillic ones, whose accents are dropped.
static FOLDED: LazyLock<Folded> = LazyLock::new(|| {
    let fold = |char: char| fold_whole(char.encode_utf8(&mut [0; 4])).into_boxed_str();
    Folded(TABLES.map(|(first, last)| (first..=last).map(fold).collect()))
});

/// From the first letter of each table to its last.
const TABLES: [(char, char); 3] = [
    ('\u{80}', '\u{2FF}'),
    ('\u{400}', '\u{482}'),
    ('\u{1E00}', '\u{1EFF}'),
];

struct Folded([Box<[Box<str>]>; TABLES.len()]);

impl Folded {
    fn of(&self, char: char) -> Option<&str> {
        let mut tables = TABLES.iter().zip(&self.0);
        let ((first, _), table) = tables.find(|((first, last), _)| (first..=last).contains(&&char))?;
        table
            .get((u32::from(char) - u32::from(*first)) as usize)
            .map(|folded| &**folded)
    }
}

fn fold_whole(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for char in text
        .nfkd()
        .filter(|&char| (char.is_alphanumeric() || is_voicing(char)) && !is_arabic_mark(char))
        .flat_map(char::to_lowercase)
        .filter(|&char| char.is_alphanumeric() || is_voicing(char))
        .nfc()
    {
        push_plain(&mut folded, plain_arabic(super::plain_digit(char)));
    }
    folded
}

/// The last eight digits, which two spellings of one phone number share with and without a country code.
pub fn phone_tail(text: &str) -> String {
    const TAIL: usize = 8;
    let mut digits = String::new();
    for char in text.chars() {
        // No digit is composed with anything: each sign tells its own.
        if char.is_ascii_digit() {
            digits.push(char);
        } else if !char.is_ascii() {
            decompose_compatible(char, |part| digits.extend(part.is_ascii_digit().then_some(part)));
        }
    }
    digits.split_off(digits.len().saturating_sub(TAIL))
}

/// Where the words of a line are. Scripts that do not part words by spaces give one run each.
pub fn words(line: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut open: Option<(usize, bool)> = None;
    for (at, char) in line.char_indices() {
        if is_word_char(char) || open.is_some() && is_geresh(&line[..at], &line[at..]) {
            let unspaced = is_unspaced(char);
            match open {
                Some((_, run)) if run == unspaced || is_combining_mark(char) => {}
                _ => {
                    if let Some((start, _)) = open {
                        words.push((start, at));
                    }
                    open = Some((at, unspaced));
                }
            }
        } else if let Some((start, _)) = open.take() {
            words.push((start, at));
        }
    }
    if let Some((start, _)) = open {
        words.push((start, line.len()));
    }
    words
}

/// Whether a character is part of a word: a letter, a digit, or a mark on one. Hebrew's geresh and gershayim are: ג׳ורג׳, סה״כ.
pub fn is_word_char(char: char) -> bool {
    char.is_alphanumeric()
        || (!char.is_ascii() && (is_combining_mark(char) || matches!(char, '\u{5F3}' | '\u{5F4}')))
}

/// Whether the sign that comes next is typed for geresh or gershayim: ג'ורג', סה"כ. Source: UAX #29, WB7a to WB7c.
pub fn is_geresh(before: &str, rest: &str) -> bool {
    let mut rest = rest.chars();
    let sign = rest.next();
    matches!(sign, Some('\'' | '’' | '"' | '”'))
        && before.ends_with(is_hebrew)
        && (matches!(sign, Some('\'' | '’')) || rest.next().is_some_and(is_hebrew))
}

/// Whether a letter is Hebrew.
pub fn is_hebrew(char: char) -> bool {
    matches!(char, '\u{5D0}'..='\u{5EA}')
}

/// A text of any script in Latin letters, as near as tables have it.
pub fn in_latin(text: &str) -> String {
    if !text.chars().any(|char| georgian(char).is_some()) {
        return deunicode::deunicode(text);
    }
    let letters = text.chars().map(|char| {
        let spelt = georgian(char).or_else(|| deunicode::deunicode_char(char));
        spelt.unwrap_or_default()
    });
    letters.collect()
}

/// The letters of Georgian as its people write them in Latin ones; elsewhere scholars' signs (c, x, z) stand for ts, kh and dz.
/// Source: the national system of 2002, in BGN/PCGN 2009.
const GEORGIAN: [&str; 33] = [
    "a", "b", "g", "d", "e", "v", "z", "t", "i", "k", "l", "m", "n", "o", "p", "zh", "r", "s", "t", "u", "p",
    "k", "gh", "q", "sh", "ch", "ts", "dz", "ts", "ch", "kh", "j", "h",
];

fn georgian(char: char) -> Option<&'static str> {
    let at = u32::from(char).checked_sub(0x10d0)?;
    GEORGIAN.get(usize::try_from(at).ok()?).copied()
}

/// Whether a letter is Latin.
pub fn is_latin(char: char) -> bool {
    char < '\u{250}' || ('\u{1e00}'..'\u{1f00}').contains(&char)
}

/// Which alphabet a letter is of, a number for each of those in which a letter is a sound; one for all other signs.
pub fn alphabet(char: char) -> u8 {
    match char {
        _ if is_latin(char) => 0,
        '\u{370}'..='\u{3ff}' => 1,
        '\u{400}'..='\u{52f}' => 2,
        '\u{530}'..='\u{58f}' => 3,
        '\u{590}'..='\u{5ff}' => 4,
        '\u{600}'..='\u{6ff}' => 5,
        '\u{10a0}'..='\u{10ff}' => 6,
        _ => OTHER_SIGNS,
    }
}

/// The number of all signs that are of no such alphabet.
pub const OTHER_SIGNS: u8 = 7;

/// Whether a script writes words without spaces: Thai, Lao, Burmese, Khmer, kana, Han, and Hangul, whose particles
/// are written onto the word.
pub fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3130}'..='\u{318F}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a mark is an accent or vowel point, which writers leave out. The marks of Thai or Hindi they do not.
pub fn is_accent(mark: char) -> bool {
    matches!(mark, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{652}')
}

/// Letters without the accents and vowel points that writers leave out; ß, æ, ø, ł and their like in plain letters.
pub(super) fn without_accents(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.nfd().filter(|char| !is_accent(*char)).nfc() {
        push_plain(&mut plain, char);
    }
    plain
}

fn push_plain(text: &mut String, char: char) {
    let latin = matches!(char, '\u{C0}'..='\u{24F}' | '\u{250}'..='\u{2AF}' | '\u{1E00}'..='\u{1EFF}');
    match deunicode::deunicode_char(char).filter(|_| latin) {
        Some(plain) => text.extend(plain.chars().map(|char| char.to_ascii_lowercase())),
        None => text.push(char),
    }
}

/// Marks above and below Arabic letters, hamza among them, and the stroke that lengthens a word: written or not, the word
/// is the same. Source: the normalisation of Arabic in Lucene, after Larkey, Ballesteros & Connell (2002).
fn is_arabic_mark(char: char) -> bool {
    matches!(char, '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}')
}

/// The letters that are typed one for the other in Arabic and Persian.
fn plain_arabic(char: char) -> char {
    match char {
        '\u{622}' | '\u{623}' | '\u{625}' => '\u{627}',
        '\u{624}' => '\u{648}',
        '\u{626}' | '\u{649}' | '\u{6CC}' => '\u{64A}',
        '\u{629}' => '\u{647}',
        '\u{6A9}' => '\u{643}',
        char => char,
    }
}

/// An Arabic word as it is compared, where it is written in another way.
pub(super) fn plain_arabic_word(word: &str) -> Option<String> {
    let is_arabic = |char: char| ('\u{600}'..='\u{6FF}').contains(&char);
    if !word.chars().any(is_arabic) {
        return None;
    }
    let plain: String = word
        .chars()
        .filter(|&char| !is_arabic_mark(char))
        .map(plain_arabic)
        .collect();
    (plain != word).then_some(plain)
}

/// The marks that turn か into が and は into ぱ: another letter, not an accent.
fn is_voicing(char: char) -> bool {
    matches!(char, '\u{3099}' | '\u{309A}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_name_fold_to_one() {
        assert_eq!(fold("Zoë O'Brien-Łukasz"), "zoeobrienlukasz");
        assert_eq!(fold("Straße Ærø"), "strasseaero");
        assert_eq!(fold("رقم ٢٠٩١٩"), fold("رقم 20919"));
        assert_eq!(fold("ＡＢ１２"), "ab12");
        assert_eq!(fold("İstanbul"), fold("istanbul"));
    }

    #[test]
    fn a_geresh_is_of_its_word_however_it_is_typed() {
        let cut = |line: &'static str| words(line).into_iter().map(|(start, end)| &line[start..end]);
        for line in ["ג׳ורג׳ ח׳ורי", "ג'ורג' ח'ורי", "ד״ר כהן", "ד\"ר כהן"] {
            assert_eq!(cut(line).collect::<Vec<_>>(), line.split(' ').collect::<Vec<_>>());
            assert_eq!(fold(line), fold(&line.replace(['׳', '\'', '״', '"'], "")));
        }
        assert_eq!(cut("O'Neill").count(), 2, "no Hebrew");
    }

    #[test]
    fn tone_marks_may_stand_on_either_vowel() {
        let spellings = ["Hủy", "HUỶ", "huỷ", "Hu\u{309}y", "HUY\u{309}", "huy"];
        assert!(spellings.iter().all(|text| fold(text) == "huy"));
        for (one, other) in [
            ("hòa", "hoà"),
            ("khỏe", "khoẻ"),
            ("THÚY", "thuý"),
            ("đặt", "Đa\u{323}\u{306}t"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }

    #[test]
    fn signs_fold_alone_as_they_do_in_a_text() {
        let simple = |char: &char| fold_by_sign(char.encode_utf8(&mut [0; 4])).is_some();
        let all: Vec<char> = ('\0'..=char::MAX).filter(simple).collect();
        assert!(all.len() > 20_000);
        let check =
            |text: &str| assert_eq!(fold_by_sign(text).as_deref(), Some(&*fold_whole(text)), "{text}");
        // Each between two others, near ones and far ones.
        for (at, char) in all.iter().enumerate() {
            for other in [at + 1, at * 7 + 3, at * 31 + 17].map(|other| all[other % all.len()]) {
                check(&String::from_iter([*char, other, *char]));
            }
        }
        let few: Vec<char> = all.iter().copied().filter(|char| *char < '\u{3100}').collect();
        for pair in few
            .iter()
            .flat_map(|a| few.iter().map(move |b| [*a, *b]))
            .step_by(13)
        {
            check(&String::from_iter(pair));
        }
        for text in [
            "Ångström",
            "Ελένη",
            "Тест й",
            "ガ ｶﾞ",
            "が",
            "か\u{3099}",
            "e\u{301}",
        ] {
            assert_eq!(fold(text), fold_whole(text));
        }
    }

    #[test]
    fn digits_are_counted_in_any_form() {
        let slow = |text: &str| -> String {
            let digits: Vec<char> = text.nfkc().filter(char::is_ascii_digit).collect();
            digits[digits.len().saturating_sub(8)..].iter().collect()
        };
        for text in ["", "１２３ (４５) 67", "x² ½ ⑫ é9\u{301}", "+49 (0)30 901820"] {
            assert_eq!(phone_tail(text), slow(text), "{text}");
        }
        for char in '\0'..=char::MAX {
            let text = String::from_iter(['1', char, '2', '\u{338}']);
            assert_eq!(phone_tail(&text), slow(&text), "{text}");
        }
    }

    #[test]
    fn other_scripts_keep_their_letters() {
        assert_eq!(fold("田中　さくら"), "田中さくら");
        assert_ne!(fold("かき"), fold("がき"));
        assert_eq!(fold("ｶﾞｷ"), fold("ガキ"));
        assert_eq!(fold("김민준"), "김민준");
        assert_eq!(fold("Ёлкин"), "елкин");
    }

    #[test]
    fn a_phone_is_known_by_its_tail() {
        assert_eq!(phone_tail("+49 (0)30 901820"), phone_tail("030 901820"));
        assert_eq!(phone_tail("０９０-1234-5678"), "12345678");
    }

    #[test]
    fn words_are_runs_of_one_kind_of_script() {
        let line = "L'équipe: 予約番号QX-10433です";
        let words: Vec<&str> = words(line)
            .into_iter()
            .map(|(start, end)| &line[start..end])
            .collect();
        assert_eq!(words, ["L", "équipe", "予約番号", "QX", "10433", "です"]);
    }
}
