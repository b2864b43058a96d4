//! Tables that are asked millions of times, by numbers of their own or by words of the records: a quick hash is enough where
//! a lesson's time is all that a slow table could cost.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;
pub(super) type Set<K> = HashSet<K, BuildHasherDefault<Quick>>;

/// Multiplies and turns, word by word. Source: the hash of Firefox, as rustc has it.
#[derive(Default, Clone)]
pub(super) struct Quick(u64);

impl Quick {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.add(u64::from_le_bytes(last) ^ bytes.len() as u64);
    }

    fn write_u8(&mut self, number: u8) {
        self.add(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        // The low bits of a product say the least.
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use super::Set;
    use std::hash::BuildHasher;

    #[test]
    fn near_keys_are_told_apart() {
        let hasher = Set::<usize>::default();
        let of = |key: (usize, &str)| hasher.hasher().hash_one(key);
        let texts = ["", "a", "b", "ab", "ba", "abcdefgh", "abcdefghi"];
        let all = texts
            .iter()
            .flat_map(|text| (0..1000).map(move |at| (at * 8, *text)));
        let hashes: Set<u64> = all.map(of).collect();
        assert_eq!(hashes.len(), texts.len() * 1000);
        let low: Set<u64> = (0..1000).map(|at| of((at * 16, "")) % 1024).collect();
        assert!(low.len() > 500, "{}", low.len());
    }
}
