//! A table of records to compare: each column's values once, in their normal form, and a number for each row.

use super::text::{Kind, normalise};

/// The number of a value that is not stated.
pub const MISSING: u32 = 0;

/// A column: what it holds, and which value stands in which row.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// One a row: the number of a value.
    pub values: Vec<u32>,
    texts: Texts,
    /// How many rows hold each value, by its number.
    pub counts: Vec<u32>,
}

impl Column {
    /// The normal form of a value.
    pub fn text(&self, value: u32) -> &str {
        self.texts.get(value)
    }

    /// How many values there are, the missing one included.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.len() <= 1
    }

    /// The number of a normal form, where a row holds it.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.texts.find(text)
    }
}

/// Takes a table in row by row.
#[derive(Debug)]
pub struct Reading {
    columns: Vec<Column>,
    /// The normal form at hand.
    normal: String,
}

impl Reading {
    pub fn new(columns: &[(String, Kind)]) -> Self {
        let columns = columns.iter().map(|(name, kind)| Column {
            name: name.clone(),
            kind: *kind,
            values: Vec::new(),
            texts: Texts::new(),
            counts: vec![0],
        });
        Self {
            columns: columns.collect(),
            normal: String::new(),
        }
    }

    /// Adds a row: one text a column, empty where nothing is stated.
    pub fn push<'a>(&mut self, row: impl Iterator<Item = &'a str>) {
        for (column, text) in self.columns.iter_mut().zip(row) {
            self.normal.clear();
            normalise(column.kind, text, &mut self.normal);
            let value = if self.normal.is_empty() {
                MISSING
            } else {
                column.texts.intern(&self.normal)
            };
            if value as usize == column.counts.len() {
                column.counts.push(0);
            }
            column.counts[value as usize] += 1;
            column.values.push(value);
        }
    }

    pub fn done(self) -> Vec<Column> {
        self.columns
    }
}

/// Texts by number, all in one piece of memory.
#[derive(Debug)]
struct Texts {
    bytes: String,
    /// Where each text ends; the first is the empty one.
    ends: Vec<u32>,
    /// Half a hash and a number, open addressing; 0 is free.
    slots: Vec<(u32, u32)>,
}

impl Texts {
    fn new() -> Self {
        Self {
            bytes: String::new(),
            ends: vec![0],
            slots: vec![(0, 0); 1 << 10],
        }
    }

    fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let begin = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.bytes[begin..self.ends[at] as usize]
    }

    /// The slot of a text, or the free one where it would be.
    fn slot(&self, hash: u32, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (of, number) = self.slots[at];
            if number == 0 || (of == hash && self.get(number) == text) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn find(&self, text: &str) -> Option<u32> {
        let (_, found) = self.slots[self.slot(hash(text.as_bytes()) as u32, text)];
        (found != 0).then_some(found)
    }

    fn intern(&mut self, text: &str) -> u32 {
        let hash = hash(text.as_bytes()) as u32;
        let slot = self.slot(hash, text);
        if self.slots[slot].1 != 0 {
            return self.slots[slot].1;
        }
        let number = self.ends.len() as u32;
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u32);
        self.slots[slot] = (hash, number);
        if self.ends.len() * 2 > self.slots.len() {
            let wider = vec![(0, 0); self.slots.len() * 2];
            let mask = wider.len() - 1;
            for (hash, number) in std::mem::replace(&mut self.slots, wider) {
                if number != 0 {
                    let mut at = hash as usize & mask;
                    while self.slots[at].1 != 0 {
                        at = (at + 1) & mask;
                    }
                    self.slots[at] = (hash, number);
                }
            }
        }
        number
    }
}

/// A hash of bytes, the same on every machine. Source: the multiply-and-fold of wyhash.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        state = mix(state ^ word);
    }
    let mut last = [0u8; 8];
    let rest = chunks.remainder();
    last[..rest.len()].copy_from_slice(rest);
    mix(state ^ u64::from_le_bytes(last))
}

/// Spreads a number over all bits.
pub fn mix(number: u64) -> u64 {
    let wide = u128::from(number) * 0xa076_1d64_78bd_642f_u128;
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_number_however_they_are_written() {
        let mut reading = Reading::new(&[("name".to_owned(), Kind::Name), ("mail".to_owned(), Kind::Email)]);
        for row in [
            ["Zoë", "A@x.example"],
            ["ZOE", "a@x.example "],
            ["", "--"],
            ["Otto", ""],
        ] {
            reading.push(row.into_iter());
        }
        let columns = reading.done();
        assert_eq!(columns[0].values, [1, 1, MISSING, 2]);
        assert_eq!(columns[1].values, [1, 1, 2, MISSING]);
        assert_eq!((columns[0].counts[1], columns[0].text(2)), (2, "otto"));
    }

    #[test]
    fn many_values_keep_their_numbers() {
        let mut texts = Texts::new();
        let numbers: Vec<u32> = (0..5_000).map(|at| texts.intern(&format!("v{at}"))).collect();
        assert!((0..5_000).all(|at| texts.find(&format!("v{at}")) == Some(numbers[at])));
    }
}
