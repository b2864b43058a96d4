//! Spellings: what two ways of writing one name or one number share, and where words begin and end.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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
    let mut folded = String::with_capacity(text.len());
    for char in text
        .nfkd()
        .filter(|&char| (char.is_alphanumeric() || is_voicing(char)) && !is_arabic_mark(char))
        .flat_map(char::to_lowercase)
        .filter(|&char| char.is_alphanumeric() || is_voicing(char))
        .nfc()
    {
        push_plain(&mut folded, plain_arabic(char));
    }
    folded
}

/// The last eight digits, which two spellings of one phone number share with and without a country code.
pub fn phone_tail(text: &str) -> String {
    let digits: Vec<char> = text.nfkc().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(8)..].iter().collect()
}

/// Where the words of a line are. Scripts that do not part words by spaces give one run each.
pub fn words(line: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut open: Option<(usize, bool)> = None;
    for (at, char) in line.char_indices() {
        if is_word_char(char) {
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

/// Whether a character is part of a word: a letter, a digit, or a mark on one.
pub(super) fn is_word_char(char: char) -> bool {
    char.is_alphanumeric() || (!char.is_ascii() && is_combining_mark(char))
}

/// Whether a script writes words without spaces: Thai, Lao, Burmese, Khmer, kana, Han, and Hangul, whose particles
/// are written onto the word.
pub(super) fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3130}'..='\u{318F}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Letters without the accents and vowel points that writers leave out; ß, æ, ø, ł and their like in plain letters.
pub(super) fn without_accents(text: &str) -> String {
    let optional =
        |char: &char| matches!(char, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{652}');
    let mut plain = String::with_capacity(text.len());
    for char in text.nfd().filter(|char| !optional(char)).nfc() {
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
        assert_eq!(fold("ＡＢ１２"), "ab12");
        assert_eq!(fold("İstanbul"), fold("istanbul"));
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
