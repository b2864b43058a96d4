//! Match weights: for each level of a comparison, log2 of how much likelier it is among pairs that belong together (m) than
//! among others (u).
//!
//! u comes from random pairs, m from known links or from expectation maximisation over the candidates. Both are smoothed, so
//! that what was never seen does not decide alone. Sources: Fellegi & Sunter (1969); Dempster, Laird & Rubin (1977).

use super::text::{LEVELS, Level};

/// A chance for each level of each column.
pub type Chances = Vec<[f64; LEVELS]>;

/// The level of a column in a pattern.
pub fn level(pattern: u64, column: usize) -> usize {
    (pattern >> (3 * column) & 7) as usize
}

/// A pattern with a column at a level.
pub fn with(pattern: u64, column: usize, level: Level) -> u64 {
    pattern | (level as u64) << (3 * column)
}

/// A pattern in which a column tells nothing.
pub fn without(pattern: u64, column: usize) -> u64 {
    pattern & !(7 << (3 * column))
}

/// How often each level was seen in each column, as chances: what is missing takes no part. `prior` is what is believed of each
/// level beforehand, worth `strength` observations.
pub fn chances(seen: &[[f64; LEVELS]], prior: &[[f64; LEVELS]], strength: f64) -> Chances {
    seen.iter()
        .zip(prior)
        .map(|(seen, prior)| {
            let stated: f64 = seen[1..].iter().sum::<f64>() + strength;
            let mut chances = [1.0; LEVELS];
            for at in 1..LEVELS {
                chances[at] = (seen[at] + strength * prior[at]) / stated;
            }
            chances
        })
        .collect()
}

/// What is believed of pairs that belong together before any was seen.
pub const TOGETHER: [f64; LEVELS] = [1.0, 0.07, 0.03, 0.07, 0.01, 0.82];

/// The pairs that one key proposes, by pattern, and the comparisons that say nothing of them: all of them agree there.
#[derive(Debug, Clone, Default)]
pub struct Proposed {
    pub patterns: Vec<(u64, f64)>,
    pub held: Vec<usize>,
}

/// What is learned of the pairs of one key.
#[derive(Debug, Clone)]
pub struct Others {
    /// u: what pairs of this key that do not belong together agree on. They are no random pairs, but namesakes, or people of one
    /// household, as the key has it.
    pub u: Chances,
    /// The share of the key's pairs that belong together.
    pub share: f64,
}

#[derive(Debug, Clone)]
pub struct Found {
    /// The same for all keys: what pairs that belong together agree on.
    pub m: Chances,
    pub of: Vec<Others>,
}

/// Rounds of expectation maximisation, at most.
const ROUNDS: usize = 100;

/// What random pairs are worth beside those of a key, as a share of them: where few of a key's pairs are left over, those are
/// believed to share things by chance, until their number says otherwise.
const RANDOM_WORTH: f64 = 0.2;

/// Finds m, and for each key its u and its share of pairs that belong together, from how often each pattern was seen. `random`
/// is u of random pairs: what is believed of a key's others before any was seen.
pub fn maximise(keys: &[Proposed], random: &Chances) -> Found {
    let columns = random.len();
    let believed = vec![TOGETHER; columns];
    let all: Vec<Counts> = keys.iter().map(|key| Counts::of(key, columns, |_| 1.0)).collect();
    // To begin with, pairs that agree on most of what both state.
    let first: Vec<Counts> = keys
        .iter()
        .map(|key| {
            Counts::of(key, columns, |pattern| {
                anchored(pattern, key, columns).unwrap_or(0.5)
            })
        })
        .collect();
    let mut found = Found {
        m: believed.clone(),
        of: vec![
            Others {
                u: random.clone(),
                share: 0.5,
            };
            keys.len()
        ],
    };
    found.take(keys, &all, &first, random);
    for _ in 0..ROUNDS {
        let together: Vec<Counts> = keys
            .iter()
            .zip(&found.of)
            .map(|(key, of)| {
                let compared: Vec<usize> = (0..columns).filter(|at| !key.held.contains(at)).collect();
                Counts::of(key, columns, |pattern| {
                    if let Some(known) = anchored(pattern, key, columns) {
                        return known;
                    }
                    let (mut yes, mut no) = (of.share, 1.0 - of.share);
                    for at in &compared {
                        let level = level(pattern, *at);
                        yes *= found.m[*at][level];
                        no *= of.u[*at][level];
                    }
                    yes / (yes + no).max(f64::MIN_POSITIVE)
                })
            })
            .collect();
        if found.take(keys, &all, &together, random) < 1e-5 {
            break;
        }
    }
    found
}

/// Whether a pair belongs together, where what both state says so by itself: nearly all of it agrees, or hardly any. Without
/// such anchors the two classes may settle on something else, as on people who moved and people who did not.
fn anchored(pattern: u64, key: &Proposed, columns: usize) -> Option<f64> {
    let held = key.held.len() as u32;
    let compared = (0..columns).filter(|at| !key.held.contains(at));
    let levels = compared.map(|at| level(pattern, at)).filter(|level| *level > 0);
    let (agree, stated) = levels.fold((held, held), |(agree, stated), level| {
        // Two columns that hold each other's values are two that agree.
        let both = u32::from(level == Level::Swapped as usize);
        (
            agree + both + u32::from(level >= Level::Near as usize),
            stated + both + 1,
        )
    });
    if agree >= 3 && agree * 5 >= stated * 4 {
        Some(1.0)
    } else if stated >= 3 && agree * 3 <= stated {
        Some(0.0)
    } else {
        None
    }
}

impl Found {
    /// Takes over what is expected of the pairs that belong together; says by how much the shares moved.
    fn take(&mut self, keys: &[Proposed], all: &[Counts], together: &[Counts], random: &Chances) -> f64 {
        let columns = random.len();
        let mut sum = vec![[0.0; LEVELS]; columns];
        let mut moved: f64 = 0.0;
        for (((key, all), together), of) in keys.iter().zip(all).zip(together).zip(&mut self.of) {
            let mut others = vec![[0.0; LEVELS]; columns];
            for at in 0..columns {
                for level in 0..LEVELS {
                    others[at][level] = (all.seen[at][level] - together.seen[at][level]).max(0.0);
                    if !key.held.contains(&at) {
                        sum[at][level] += together.seen[at][level];
                    }
                }
            }
            of.u = chances(&others, random, RANDOM_WORTH * (all.total + 50.0));
            let share = ((together.total + 0.5) / (all.total + 1.0)).clamp(1e-9, 1.0 - 1e-9);
            moved = moved.max((share - of.share).abs());
            of.share = share;
        }
        self.m = chances(&sum, &vec![TOGETHER; columns], 2.0);
        moved
    }
}

/// How often each level was seen in each column, and how many pairs there were.
struct Counts {
    seen: Vec<[f64; LEVELS]>,
    total: f64,
}

impl Counts {
    fn of(key: &Proposed, columns: usize, part: impl Fn(u64) -> f64) -> Self {
        let mut counts = Self {
            seen: vec![[0.0; LEVELS]; columns],
            total: 0.0,
        };
        for (pattern, count) in &key.patterns {
            let part = count * part(*pattern);
            counts.total += part;
            for (at, seen) in counts.seen.iter_mut().enumerate() {
                seen[level(*pattern, at)] += part;
            }
        }
        counts
    }
}

/// log2 of m/u for each level of each column; nothing where a value is missing.
pub fn bits(m: &Chances, u: &Chances) -> Vec<[f32; LEVELS]> {
    m.iter()
        .zip(u)
        .map(|(m, u)| {
            let mut bits = [0.0; LEVELS];
            for at in 1..LEVELS {
                bits[at] = (m[at] / u[at]).log2() as f32;
            }
            bits
        })
        .collect()
}

/// Bits of sharing a value: m over how common the value is among all that are stated.
pub fn rarity(m: f64, count: usize, all: usize) -> f64 {
    (m * all as f64 / count.max(1) as f64).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million pairs, of which a share belong together.
    fn mixture(m: &Chances, u: &Chances, share: f64) -> Vec<(u64, f64)> {
        let mut out = vec![(0, share * 1e6, (1.0 - share) * 1e6)];
        for column in 0..m.len() {
            let levels = [Level::Differs, Level::Near, Level::Same];
            let longer = out.iter().flat_map(|(pattern, yes, no)| {
                levels.map(|level| {
                    let (m, u) = (m[column][level as usize], u[column][level as usize]);
                    (with(*pattern, column, level), yes * m, no * u)
                })
            });
            out = longer.collect();
        }
        out.into_iter()
            .map(|(pattern, yes, no)| (pattern, yes + no))
            .collect()
    }

    #[test]
    fn what_made_the_pairs_is_found_again() {
        let row = |differs: f64, near: f64| [1.0, differs, 0.0, near, 0.0, 1.0 - differs - near];
        let m = vec![
            row(0.05, 0.1),
            row(0.2, 0.1),
            row(0.1, 0.02),
            row(0.3, 0.05),
            row(0.1, 0.1),
        ];
        // Half of the others share the second value: they are no random pairs.
        let u = vec![
            row(0.98, 0.015),
            row(0.5, 0.05),
            row(0.995, 0.004),
            row(0.9, 0.05),
            row(0.97, 0.02),
        ];
        let random: Chances = vec![row(0.99, 0.009); 5];
        let proposed = Proposed {
            patterns: mixture(&m, &u, 0.1),
            held: Vec::new(),
        };
        let found = maximise(&[proposed], &random);
        assert!((found.of[0].share - 0.1).abs() < 0.01, "{}", found.of[0].share);
        for (found, made) in found.m.iter().zip(&m) {
            for at in [1, 3, 5] {
                assert!((found[at] - made[at]).abs() < 0.02, "{found:?} {made:?}");
            }
        }
    }

    #[test]
    fn few_known_links_stay_near_what_was_believed() {
        let seen = [[0.0, 0.0, 0.0, 0.0, 0.0, 3.0]];
        let few = chances(&seen, &[TOGETHER], 20.0);
        assert!(few[0][5] < 0.86 && few[0][1] > 0.05);
        let many = chances(&[[0.0, 0.0, 0.0, 0.0, 0.0, 3000.0]], &[TOGETHER], 20.0);
        assert!(many[0][5] > 0.99);
    }
}
