//! What words and signs mean in any language: months, weekdays, parts of the day, markers, currencies.
//!
//! The names come from the Unicode CLDR, see `data/generate.py`. All languages are known at once; a name that
//! means different things in two of them has both meanings, and the grammar around it decides.

use super::fold::{is_unspaced, plain_arabic_word, without_accents};
use chrono::Weekday;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// In order: a language that CLDR knows well goes before one that it knows in outline.
const NAMES: [&str; 4] = [
    include_str!("data/names.txt"),
    include_str!("data/clock.txt"),
    include_str!("data/extra.txt"),
    include_str!("data/sketched.txt"),
];
const SIGNS: [&str; 2] = [include_str!("data/signs.txt"), include_str!("data/extra.txt")];
const POWERS: [&str; 2] = [include_str!("data/powers.txt"), include_str!("data/extra.txt")];
const DIGITS: &str = include_str!("data/digits.txt");

/// What a word can stand for beside the numbers of a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// 2026年, 2026 г.
    Year,
    /// tháng 3
    MonthBefore,
    /// 3月
    MonthAfter,
    /// 5日
    Day,
    /// 10 h, 14 Uhr, 14時
    Hour,
    /// 30分
    Minute,
    /// 14g00, where 14g is a weight as well
    ShyHour,
    /// kl. 14
    BeforeHour,
    /// 2時半
    HalfHour,
    /// 2時間: a length of time, no time of day.
    Duration,
    /// 3 de mayo
    Inner,
    /// 9:00 bis 10:00
    Range,
    /// UTC
    Zone,
    /// *between* 10 and noon, *de* 9 à 11
    Between,
    /// tomorrow
    NamedDay,
    /// 8-10 *with* Anna
    With,
}

/// What a word means that is this weekday's name.
pub(super) fn weekday(day: Weekday) -> &'static Meaning {
    static DAYS: LazyLock<[Meaning; 7]> = LazyLock::new(|| {
        std::array::from_fn(|day| Meaning {
            weekdays: 1 << day,
            ..Meaning::default()
        })
    });
    &DAYS[day.num_days_from_monday() as usize]
}

/// Everything that a word can mean.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// A bit for each month, January lowest.
    pub months: u16,
    /// The months whose name may stand before the day in its language.
    pub month_first: u16,
    /// A bit for each weekday, Monday lowest.
    pub weekdays: u8,
    /// Parts of the day: first hour, and the hour at which it is over.
    pub periods: Vec<(u8, u8)>,
    /// Noon or midnight.
    pub at: Option<u8>,
    /// What is added to a year of this era.
    pub era: Option<i32>,
    roles: u16,
    /// An everyday word, whatever else it means in a smaller language.
    plain_word: bool,
    /// Longer names begin with this word.
    pub continues: bool,
}

impl Meaning {
    pub fn is(&self, role: Role) -> bool {
        self.roles & (1 << role as u16) != 0
    }

    /// Means something by itself, not only as the beginning of a longer name.
    pub fn is_known(&self) -> bool {
        self.opens_moment() || self.roles != 0
    }

    /// A moment can begin with this word.
    pub fn opens_moment(&self) -> bool {
        self.months != 0
            || self.weekdays != 0
            || !self.periods.is_empty()
            || self.at.is_some()
            || self.era.is_some()
    }

    fn learn(&mut self, kind: &str, numbers: &[i32]) {
        let bit = |number: i32| 1u16 << (number - 1).clamp(0, 15);
        match (kind, numbers) {
            ("month", &[month]) => self.months |= bit(month),
            ("month-day", &[month]) => {
                self.months |= bit(month);
                self.month_first |= bit(month);
            }
            ("weekday", &[day]) => self.weekdays |= bit(day) as u8,
            ("period", &[from, before]) => {
                let period = (from as u8, before as u8);
                if !self.periods.contains(&period) {
                    self.periods.push(period);
                }
            }
            ("at", &[hour]) => self.at = Some(hour as u8),
            ("era", &[years]) => self.era = Some(years),
            _ => {
                if let Some(role) = role(kind) {
                    self.roles |= 1 << role as u16;
                }
                self.plain_word |= kind == "word";
            }
        }
    }

    fn absorb(&mut self, other: &Self) {
        if other.plain_word {
            *self = Self {
                roles: self.roles,
                ..Self::default()
            };
        }
        self.months |= other.months;
        self.month_first |= other.month_first;
        self.weekdays |= other.weekdays;
        self.roles |= other.roles;
        self.at = self.at.or(other.at);
        self.era = self.era.or(other.era);
        for period in &other.periods {
            if !self.periods.contains(period) {
                self.periods.push(*period);
            }
        }
    }
}

fn role(kind: &str) -> Option<Role> {
    Some(match kind {
        "year" => Role::Year,
        "month-before" => Role::MonthBefore,
        "month-after" => Role::MonthAfter,
        "day" => Role::Day,
        "hour" => Role::Hour,
        "minute" => Role::Minute,
        "shy-hour" => Role::ShyHour,
        "before-hour" => Role::BeforeHour,
        "half-hour" => Role::HalfHour,
        "duration" => Role::Duration,
        "inner" => Role::Inner,
        "range" => Role::Range,
        "zone" => Role::Zone,
        "between" => Role::Between,
        "named-day" => Role::NamedDay,
        "with" => Role::With,
        _ => return None,
    })
}

/// A currency sign or code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sign {
    /// ISO code in lower case; None where several currencies share the sign.
    pub currency: Option<&'static str>,
    /// An ordinary word as well: it marks money only beside decimals.
    pub shy: bool,
    /// An ISO code, which says more than a sign beside it.
    pub code: bool,
}

/// FNV-1a: short keys that nobody outside chooses the table of.
#[derive(Clone)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Table<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

pub(super) struct Lexicon {
    words: Table<String, Meaning>,
    signs: Table<String, Sign>,
    sign_starts: HashSet<char, BuildHasherDefault<Fnv>>,
    /// What people call money: behind a number it is an amount, of a currency that is not named.
    nouns: HashSet<&'static str, BuildHasherDefault<Fnv>>,
    /// Words that multiply the number before them, to their power of ten.
    powers: Table<String, u32>,
    /// Those among them that measure as well: miles, minutes.
    measures: HashSet<&'static str, BuildHasherDefault<Fnv>>,
    /// Short names of weekdays that mean something else too, without the weekday.
    undayed: Table<String, Meaning>,
    /// The longest name in scripts without spaces, in characters, by its first character.
    unspaced: Table<char, usize>,
    /// Weekdays by what stays of their name in other cases, and how long the endings are that it takes.
    stems: Table<String, (Meaning, BTreeSet<usize>)>,
    /// The same of names of four letters, which may begin any word: `kedd`.
    short_stems: Table<String, Meaning>,
    longest: usize,
    zeros: Vec<u32>,
}

/// The one lexicon.
pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);
    &LEXICON
}

/// A name without the vowel that Slavic languages leave out before the last letter where an ending follows: pátek, pátku.
fn fleeting(name: &str) -> Option<String> {
    let (at, last) = name
        .char_indices()
        .next_back()
        .filter(|(_, last)| "kк".contains(*last))?;
    let stem = name[..at].strip_suffix(['a', 'e', 'o', 'а', 'е', 'о'])?;
    Some(format!("{stem}{last}"))
}

/// Euro as well as euro.
fn capitalize(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Kind, its further words, and names.
fn entries(
    text: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, std::str::Split<'static, char>)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (meaning, names) = line.split_once('\t')?;
            let (kind, rest) = meaning.split_once(' ').unwrap_or((meaning, ""));
            Some((kind, rest, names.split('|')))
        })
}

impl Lexicon {
    fn load() -> Self {
        let mut words: Table<String, Meaning> = Table::default();
        for source in NAMES {
            let mut fresh: HashMap<String, Meaning> = HashMap::new();
            for (kind, rest, names) in entries(source) {
                let numbers: Vec<i32> = rest.split(' ').filter_map(|number| number.parse().ok()).collect();
                for name in names {
                    fresh
                        .entry(name.replace('ς', "σ"))
                        .or_default()
                        .learn(kind, &numbers);
                }
            }
            let sketched = source == NAMES[3];
            for (name, meaning) in fresh {
                if (meaning.is_known() || meaning.plain_word) && !(sketched && words.contains_key(&name)) {
                    words.entry(name).or_default().absorb(&meaning);
                }
            }
        }
        let mut lexicon = Self {
            longest: words.keys().map(String::len).max().unwrap_or(0),
            words,
            signs: Table::default(),
            sign_starts: HashSet::default(),
            nouns: HashSet::default(),
            undayed: Table::default(),
            unspaced: Table::default(),
            powers: Table::default(),
            measures: HashSet::default(),
            stems: Table::default(),
            short_stems: Table::default(),
            zeros: Vec::new(),
        };
        lexicon.add_plain_spellings();
        lexicon.add_initials();
        lexicon.add_beginnings();
        lexicon.add_undayed();
        lexicon.add_unspaced();
        lexicon.add_stems();
        lexicon.add_signs();
        lexicon.add_powers();
        lexicon.zeros = entries(DIGITS)
            .flat_map(|(_, _, zeros)| zeros.filter_map(|zero| u32::from_str_radix(zero, 16).ok()))
            .collect();
        lexicon.zeros.sort_unstable();
        lexicon
    }

    /// Accents are optional where the plain spelling is no other name.
    fn add_plain_spellings(&mut self) {
        let mut plain: HashMap<String, Meaning> = HashMap::new();
        for (name, meaning) in &self.words {
            let spelling = without_accents(name);
            let spelling = plain_arabic_word(&spelling).unwrap_or(spelling);
            if !self.words.contains_key(&spelling) {
                plain.entry(spelling).or_default().absorb(meaning);
            }
        }
        self.words.extend(plain);
    }

    /// Initials of a part of the day or an era are written without dots as well: μ.μ. and μμ.
    fn add_initials(&mut self) {
        let joined = |name: &str| {
            let single = name.contains(' ') && name.split(' ').all(|word| word.chars().count() == 1);
            single.then(|| name.replace(' ', ""))
        };
        let initials: Vec<(String, Meaning)> = self
            .words
            .iter()
            .filter(|(_, meaning)| !meaning.periods.is_empty() || meaning.era.is_some())
            .filter_map(|(name, meaning)| Some((joined(name)?, meaning.clone())))
            .collect();
        for (name, meaning) in initials {
            self.words.entry(name).or_insert(meaning);
        }
    }

    fn add_beginnings(&mut self) {
        let beginnings: Vec<String> = self
            .words
            .keys()
            .flat_map(|name| name.match_indices(' ').map(|(at, _)| name[..at].to_owned()))
            .collect();
        for beginning in beginnings {
            self.words.entry(beginning).or_default().continues = true;
        }
    }

    fn add_undayed(&mut self) {
        for (name, meaning) in self.words.iter().filter(|(_, meaning)| meaning.weekdays != 0) {
            let rest = Meaning {
                weekdays: 0,
                ..meaning.clone()
            };
            if rest.is_known() {
                self.undayed.insert(name.clone(), rest);
            }
        }
    }

    fn add_unspaced(&mut self) {
        for name in self.words.keys() {
            if let Some(first) = name.chars().next().filter(|&char| is_unspaced(char)) {
                let length = self.unspaced.entry(first).or_default();
                *length = name.chars().count().max(*length);
            }
        }
    }

    fn add_stems(&mut self) {
        const LONG: usize = 8;
        let months = self.words.iter().filter(|(_, meaning)| meaning.months != 0);
        let begins_month: HashSet<&str> = months
            .flat_map(|(name, _)| {
                name.char_indices()
                    .map(|(at, char)| &name[..at + char.len_utf8()])
            })
            .collect();
        for (name, meaning) in &self.words {
            let letters = name.chars().count();
            if meaning.weekdays == 0 || meaning.months != 0 || letters < 4 || name.contains(' ') {
                continue;
            }
            if letters == 4 {
                if !begins_month.contains(name.as_str()) {
                    self.short_stems.insert(name.clone(), meaning.clone());
                }
                continue;
            }
            let long = letters >= LONG;
            let kept = [
                (letters, 1..4),
                (letters - 1, if long { 0..4 } else { 1..3 }),
                (letters - 2, if long { 0..4 } else { 0..0 }),
            ];
            let stems = kept
                .into_iter()
                .map(|(kept, endings)| (name.chars().take(kept).collect(), endings));
            let stems: Vec<(String, _)> = stems.chain(fleeting(name).map(|stem| (stem, 1..4))).collect();
            for (stem, endings) in stems {
                // Latvian martā is no Tuesday.
                if !begins_month.contains(stem.as_str()) {
                    let (known, lengths) = self.stems.entry(stem).or_default();
                    known.weekdays |= meaning.weekdays;
                    lengths.extend(endings);
                }
            }
        }
    }

    fn add_signs(&mut self) {
        for (kind, currency, names) in SIGNS.into_iter().flat_map(entries) {
            for name in names {
                if kind == "noun" {
                    // What tells of a day tells of no money.
                    if self.word(name).is_none() {
                        self.nouns.insert(name);
                    }
                    continue;
                }
                let (spelling, currency) = match kind {
                    "code" | "shy-code" => (name.to_ascii_uppercase(), Some(name)),
                    "sign" | "shy" | "name" => {
                        (name.to_owned(), Some(currency).filter(|&known| known != "?"))
                    }
                    _ => continue,
                };
                let sign = Sign {
                    currency,
                    shy: kind.starts_with("shy"),
                    code: kind.ends_with("code"),
                };
                if kind == "name" {
                    self.add_sign(capitalize(name), sign.clone());
                }
                self.add_sign(spelling, sign);
            }
        }
    }

    fn add_powers(&mut self) {
        for (kind, power, names) in POWERS.into_iter().flat_map(entries) {
            if kind == "measure" {
                self.measures.extend(names);
                continue;
            }
            let Some(power) = power.parse().ok().filter(|_| kind == "power") else {
                continue;
            };
            for name in names {
                // What counts hours or minutes tells of no thousands: min. A short weekday may: tys.
                let counts = |meaning: &Meaning| meaning.is(Role::Hour) || meaning.is(Role::Minute);
                if !self.word(name).is_some_and(counts) {
                    self.powers.insert(name.to_owned(), power);
                }
            }
        }
    }

    fn add_sign(&mut self, spelling: String, sign: Sign) {
        self.sign_starts.extend(spelling.chars().next());
        self.signs.insert(spelling, sign);
    }

    /// A word in lower case, its words one space apart, without dots.
    pub fn word(&self, key: &str) -> Option<&Meaning> {
        if key.len() > self.longest {
            return None;
        }
        self.words
            .get(key)
            .or_else(|| self.words.get(plain_arabic_word(key)?.as_str()))
    }

    /// What a weekday's name means besides, where it names no weekday.
    pub fn undayed(&self, key: &str) -> Option<&Meaning> {
        self.undayed.get(key)
    }

    /// A weekday in another case than the dictionary's: субботу, lauantaina, lördagen.
    pub fn inflected_weekday(&self, key: &str) -> Option<&Meaning> {
        const ENDING: usize = 3;
        let ends = std::iter::once(key.len()).chain(key.char_indices().rev().map(|(at, _)| at));
        ends.take(ENDING + 1).enumerate().find_map(|(ending, at)| {
            let (meaning, endings) = self.stems.get(&key[..at])?;
            endings.contains(&ending).then_some(meaning)
        })
    }

    /// The same of a name of four letters, with two letters behind it at least: kedden, but not annak.
    pub fn inflected_short_weekday(&self, key: &str) -> Option<&Meaning> {
        let (at, _) = key.char_indices().nth(4)?;
        let ending = key[at..].chars().count();
        self.short_stems
            .get(&key[..at])
            .filter(|_| (2..=3).contains(&ending))
    }

    /// The longest name that begins so, in scripts without spaces, in characters.
    pub fn longest_unspaced(&self, first: char) -> usize {
        self.unspaced.get(&first).copied().unwrap_or(0)
    }

    pub fn sign(&self, text: &str) -> Option<&Sign> {
        self.signs.get(text)
    }

    /// Whether a word in lower case is what people call money.
    pub fn is_money(&self, word: &str) -> bool {
        self.nouns.contains(word)
    }

    /// Whether a word that multiplies is the name of a length or a time as well.
    pub fn is_measure(&self, word: &str) -> bool {
        self.measures.contains(word)
    }

    /// By which power of ten a word in lower case multiplies the number before it.
    pub fn power(&self, word: &str) -> Option<u32> {
        self.powers.get(word).copied()
    }

    pub fn begins_sign(&self, char: char) -> bool {
        self.sign_starts.contains(&char)
    }

    /// The value of a decimal digit of any script.
    pub fn digit(&self, char: char) -> Option<u8> {
        if char.is_ascii() {
            return char.to_digit(10).map(|digit| digit as u8);
        }
        let code = u32::from(char);
        let at = self.zeros.partition_point(|&zero| zero <= code);
        let offset = code - *self.zeros.get(at.checked_sub(1)?)?;
        (offset < 10).then_some(offset as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(name: &str) -> u16 {
        lexicon().word(name).map_or(0, |meaning| meaning.months)
    }

    #[test]
    fn accents_are_optional() {
        assert_eq!(months("février"), 1 << 1);
        assert_eq!(months("fevrier"), 1 << 1);
        assert_eq!(months("agustos"), 1 << 7);
        assert_eq!(months("maerz"), 1 << 2);
    }

    #[test]
    fn a_name_of_two_months_means_both() {
        assert_eq!(months("listopad"), 1 << 9 | 1 << 10);
    }

    #[test]
    fn digits_of_every_script_have_a_value() {
        for text in ["7", "７", "٧", "๗", "७"] {
            assert_eq!(
                lexicon().digit(text.chars().next().expect("not empty")),
                Some(7),
                "{text}"
            );
        }
        assert_eq!(lexicon().digit('七'), None);
    }
}
