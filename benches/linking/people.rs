//! Makes tables of people, the same from the same seed: households, moves, typing slips, missing values, names the wrong way
//! round. Nobody in them exists; addresses are under `.example`.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// A stream of chance. Source: splitmix64 (Steele et al., 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    fn is(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64 <= share
    }

    /// A place in a list in which the first are the commonest: twice as far in, half as common.
    fn common(&mut self, bound: usize) -> usize {
        let even = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((bound as f64 + 1.0).powf(even) - 1.0) as usize
    }
}

#[derive(Clone)]
struct Person {
    given: String,
    family: String,
    born: (u32, u32, u32),
    street: String,
    city: usize,
    email: String,
    phone: String,
}

struct Words {
    given: Vec<String>,
    family: Vec<String>,
    streets: Vec<String>,
    cities: Vec<(String, u32)>,
}

const GIVEN: usize = 2_000;
const FAMILY: usize = 30_000;

impl Words {
    fn new(chance: &mut Chance, people: usize) -> Self {
        let name = |chance: &mut Chance, least: usize| {
            let mut word = String::new();
            for _ in 0..least + chance.below(3) {
                const BEGIN: [&str; 24] = [
                    "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "r",
                    "s", "sch", "st", "t", "tr", "v", "w",
                ];
                const MIDDLE: [&str; 12] = ["a", "e", "i", "o", "u", "ä", "é", "ie", "ö", "ou", "a", "e"];
                const END: [&str; 10] = ["", "", "", "n", "r", "l", "s", "nd", "ck", "m"];
                word.push_str(BEGIN[chance.below(BEGIN.len())]);
                word.push_str(MIDDLE[chance.below(MIDDLE.len())]);
                word.push_str(END[chance.below(END.len())]);
            }
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| {
                first.to_uppercase().chain(letters).collect()
            })
        };
        let family = (FAMILY as f64 * (people as f64 / 1e6).sqrt()).max(3_000.0) as usize;
        Self {
            given: (0..GIVEN).map(|_| name(chance, 1)).collect(),
            family: (0..family).map(|_| name(chance, 2)).collect(),
            streets: (0..people / 200 + 500)
                .map(|_| {
                    format!(
                        "{} {}",
                        name(chance, 2),
                        ["Street", "Road", "Lane", "Way"][chance.below(4)]
                    )
                })
                .collect(),
            cities: (0..people / 1_000 + 50)
                .map(|at| (name(chance, 2), 10_000 + at as u32 * 7))
                .collect(),
        }
    }

    fn address(&self, chance: &mut Chance) -> (String, usize) {
        let street = &self.streets[chance.below(self.streets.len())];
        (
            format!("{} {street}", 1 + chance.common(180)),
            chance.common(self.cities.len()),
        )
    }

    fn phone(chance: &mut Chance) -> String {
        format!("+1 555 {:03} {:04}", chance.below(1_000), chance.below(10_000))
    }

    fn email(person: &Person, chance: &mut Chance) -> String {
        let plain = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_lowercase()
        };
        let (given, family) = (plain(&person.given), plain(&person.family));
        let local = match chance.below(4) {
            0 => format!("{given}.{family}"),
            1 => format!("{given}{}", chance.below(10_000)),
            2 => format!("{}{family}{}", given.get(..1).unwrap_or("x"), person.born.0 % 100),
            _ => format!("{family}{}", chance.below(1_000)),
        };
        format!(
            "{local}@{}.example",
            ["mail", "post", "web", "home", "inbox"][chance.common(5)]
        )
    }

    fn person(&self, chance: &mut Chance) -> Person {
        let (street, city) = self.address(chance);
        let mut person = Person {
            given: self.given[chance.common(GIVEN)].clone(),
            family: self.family[chance.common(self.family.len())].clone(),
            born: (
                1940 + chance.below(66) as u32,
                1 + chance.below(12) as u32,
                1 + chance.below(28) as u32,
            ),
            street,
            city,
            email: String::new(),
            phone: Self::phone(chance),
        };
        person.email = Self::email(&person, chance);
        person
    }

    /// Somebody of the same household: the family's name and address, at times its telephone.
    fn relative(&self, of: &Person, chance: &mut Chance) -> Person {
        let mut person = self.person(chance);
        person.family.clone_from(&of.family);
        person.street.clone_from(&of.street);
        person.city = of.city;
        if chance.is(0.3) {
            person.phone.clone_from(&of.phone);
        }
        // Like father, like son.
        if chance.is(0.03) {
            person.given.clone_from(&of.given);
        }
        person.email = Self::email(&person, chance);
        person
    }

    /// The same person later: some have moved, some have another address or number.
    fn later(&self, of: &Person, chance: &mut Chance) -> Person {
        let mut person = of.clone();
        if chance.is(0.15) {
            (person.street, person.city) = self.address(chance);
        }
        if chance.is(0.2) {
            person.email = Self::email(&person, chance);
        }
        if chance.is(0.2) {
            person.phone = Self::phone(chance);
        }
        if chance.is(0.03) {
            person
                .family
                .clone_from(&self.family[chance.common(self.family.len())]);
        }
        person
    }
}

/// A slip of the fingers: a letter left out, put in, changed, or two the wrong way round.
fn slip(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return String::new();
    }
    let at = chance.below(letters.len());
    let other = if letters[at].is_ascii_digit() {
        char::from(b'0' + chance.below(10) as u8)
    } else {
        char::from(b'a' + chance.below(26) as u8)
    };
    match chance.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, other),
        2 => letters[at] = other,
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = other,
    }
    letters.into_iter().collect()
}

/// How often each cell of a row is not stated, and how often it holds a slip.
const MISSING: [f64; 8] = [0.01, 0.01, 0.15, 0.1, 0.05, 0.1, 0.25, 0.25];
const SLIPS: [f64; 8] = [0.04, 0.05, 0.03, 0.06, 0.03, 0.02, 0.02, 0.02];

/// A row as somebody typed it.
fn typed(person: &Person, words: &Words, chance: &mut Chance) -> [String; 8] {
    let (year, mut month, mut day) = person.born;
    if chance.is(0.02) && day <= 12 {
        (month, day) = (day, month);
    }
    let (mut given, mut family) = (person.given.clone(), person.family.clone());
    let is_initial = chance.is(0.02);
    let is_double = !is_initial && chance.is(0.02);
    if is_initial {
        given = given.chars().take(1).collect();
    } else if is_double {
        given = format!("{given} {}", words.given[chance.common(GIVEN)]);
    }
    if chance.is(0.03) {
        family = deunicode::deunicode(&family);
    }
    if chance.is(0.03) {
        family = family.to_uppercase();
    }
    if chance.is(0.02) {
        std::mem::swap(&mut given, &mut family);
    }
    let (city, code) = &words.cities[person.city];
    let mut row = [
        given,
        family,
        format!("{year:04}-{month:02}-{day:02}"),
        person.street.clone(),
        city.clone(),
        code.to_string(),
        person.email.clone(),
        person.phone.clone(),
    ];
    for (at, cell) in row.iter_mut().enumerate() {
        if chance.is(MISSING[at]) {
            cell.clear();
        } else if chance.is(SLIPS[at]) {
            *cell = slip(cell, chance);
        }
    }
    row
}

/// Writes `a.csv`, or with two tables `a.csv` and `b.csv`, of so many rows together.
pub fn make(is_two: bool, rows: usize, seed: u64, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut chance = Chance(seed);
    let words = Words::new(&mut chance, rows);
    let mut made: [Vec<(usize, [String; 8])>; 2] = [Vec::new(), Vec::new()];
    let mut before: Option<Person> = None;
    for number in 0.. {
        if made[0].len() + made[1].len() >= rows {
            break;
        }
        let person = match &before {
            Some(before) if chance.is(0.3) => words.relative(before, &mut chance),
            _ => words.person(&mut chance),
        };
        if is_two {
            // Most of the first table are in the second, each once.
            let kind = chance.below(10);
            if kind < 8 {
                made[0].push((number, typed(&person, &words, &mut chance)));
            }
            if kind >= 2 {
                let later = words.later(&person, &mut chance);
                made[1].push((number, typed(&later, &words, &mut chance)));
            }
        } else {
            let mut now = person.clone();
            made[0].push((number, typed(&now, &words, &mut chance)));
            while chance.is(0.3) && made[0].len() < rows {
                now = words.later(&now, &mut chance);
                made[0].push((number, typed(&now, &words, &mut chance)));
            }
        }
        before = Some(person);
    }
    for (rows, name) in made
        .iter_mut()
        .zip(["a.csv", "b.csv"])
        .take(1 + usize::from(is_two))
    {
        // Shuffled: that two stand side by side must tell nothing.
        for at in (1..rows.len()).rev() {
            rows.swap(at, chance.below(at + 1));
        }
        let mut out = BufWriter::new(File::create(folder.join(name))?);
        writeln!(
            out,
            "id,given_name,surname,date_of_birth,street,city,postcode,email,phone,person"
        )?;
        for (id, (person, row)) in rows.iter().enumerate() {
            writeln!(out, "{id},{},{person}", row.join(","))?;
        }
        out.flush()?;
    }
    Ok(())
}
