//! The simulator's own generator of chance: SplitMix64, so that a seed means the same world for ever.
//!
//! A generator can be forked by label. A fork depends on the seed and the label alone, never on what was drawn before:
//! a draw more in one place leaves the rest of the world as it was.

/// A seeded stream of chance. Source: Steele, Lea & Flood (2014), SplitMix64.
#[derive(Debug, Clone)]
pub struct Random {
    seed: u64,
    state: u64,
}

pub const LETTERS_AND_DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub const LOWER_BASE32: &str = "0123456789abcdefghijklmnopqrstuv";
pub const LOWER_HEX: &str = "0123456789abcdef";

impl Random {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            state: mix(seed),
        }
    }

    /// A stream of its own for one purpose.
    pub fn fork(&self, label: &str) -> Self {
        let hash = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self::new(mix(self.seed ^ hash))
    }

    /// A stream of its own for the n-th of a kind.
    pub fn fork_nth(&self, label: &str, n: usize) -> Self {
        let base = self.fork(label);
        Self::new(mix(base
            .seed
            .wrapping_add((n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))))
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as usize + 1) as i64
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64 <= probability && probability > 0.0
    }

    /// One of a list that is never empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One wording of several.
    pub fn word(&mut self, list: &[&str]) -> String {
        (*self.pick(list)).to_owned()
    }

    /// One of a list by weight.
    pub fn weighted<'a, T>(&mut self, list: &'a [(u32, T)]) -> &'a T {
        let total: u32 = list.iter().map(|(weight, _)| weight).sum();
        let mut ticket = self.below(total as usize) as u32;
        for (weight, item) in list {
            if ticket < *weight {
                return item;
            }
            ticket -= weight;
        }
        &list[list.len() - 1].1
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }

    /// A random string over an ASCII alphabet.
    pub fn token(&mut self, length: usize, alphabet: &str) -> String {
        let alphabet = alphabet.as_bytes();
        (0..length).map(|_| char::from(*self.pick(alphabet))).collect()
    }

    /// A pattern with every `#` turned into a digit, and every `@` into a capital letter.
    pub fn pattern(&mut self, pattern: &str) -> String {
        pattern
            .chars()
            .map(|c| match c {
                '#' => char::from(b'0' + self.below(10) as u8),
                '@' => char::from(b'A' + self.below(26) as u8),
                other => other,
            })
            .collect()
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let hex = self.token(32, LOWER_HEX);
        let variant = self.pick(&["8", "9", "a", "b"]);
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_does_not_depend_on_what_was_drawn_before() {
        let mut drawn = Random::new(7);
        drawn.next();
        assert_eq!(drawn.fork("mail").next(), Random::new(7).fork("mail").next());
        assert_ne!(
            Random::new(7).fork("mail").next(),
            Random::new(7).fork("calendar").next()
        );
    }

    #[test]
    fn every_ticket_of_a_weighted_draw_wins_in_its_share() {
        let mut random = Random::new(1);
        let rare = (0..10_000)
            .filter(|_| *random.weighted(&[(9, false), (1, true)]))
            .count();
        assert!((800..1200).contains(&rare), "{rare}");
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let uuid = Random::new(3).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
    }
}
