//! Probabilistic linkage of tables: what rows tell of the same thing, in bits.
//!
//! Input: one table in which rows may repeat, or two; for each column what it holds; keys to block by. Output: pairs with their
//! posterior odds in bits, and what was too common to be compared. Nothing is told which pairs belong together: u is counted on
//! random pairs, m is found by expectation maximisation, and a shared value weighs by how rare it is. The same input gives the
//! same output, whatever the number of cores.
//!
//! ```text
//! rows ─► normal forms ─► blocks ─► sampled pairs ─► m, u ─► scored pairs ─► assignment
//! ```

pub mod assign;
pub mod block;
pub mod table;
pub mod text;
pub mod weights;

use assign::Link;
use block::{Blocking, Key, Skipped};
use rayon::prelude::*;
use std::collections::BTreeMap;
use table::{Column, MISSING, mix};
use text::{LEVELS, Level, compare};
use weights::{Chances, Found, Proposed, with, without};

/// What is asked of a linkage.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Keys to block by, each the columns that must agree; the sharpest first.
    pub keys: Vec<Key>,
    /// Columns that may hold each other's values: given name and surname.
    pub swaps: Vec<(usize, usize)>,
    /// Columns that are one observation, as street, postcode and town are: each such group is one comparison. What tells most
    /// comes first.
    pub once: Vec<Vec<usize>>,
    /// Rows from this one on are of a second table; None where there is one table, whose rows may repeat.
    pub second: Option<usize>,
    /// Pairs with less are left out.
    pub bits_min: f32,
    /// Pairs of a key from which m is learned, at most.
    pub sample_max: usize,
}

/// What was found.
#[derive(Debug)]
pub struct Linkage {
    /// Rising by rows.
    pub links: Vec<Link>,
    pub of: Vec<OfKey>,
    pub pairs: usize,
    pub skipped: Vec<Skipped>,
}

/// The weights for the pairs of one key.
#[derive(Debug)]
pub struct OfKey {
    pub key: Key,
    /// Log2 of the odds that a pair that shares the key belongs together.
    pub prior: f32,
    /// log2 of m/u by column and level; what is the same weighs this on average, more where it is rare.
    pub bits: Vec<[f32; LEVELS]>,
}

/// Links the rows of a table, or of two.
pub fn link(columns: &[Column], plan: &Plan) -> Linkage {
    let rows = columns[0].values.len();
    let second = plan.second.unwrap_or(rows);
    let blocking = Blocking::new(columns, &plan.keys, second);
    let learned = learn(columns, plan, &blocking);
    let scales: Vec<Scale<'_>> = blocking
        .passes
        .iter()
        .enumerate()
        .map(|(at, pass)| Scale::new(columns, plan, &learned, at, &pass.key))
        .collect();
    let stretches: Vec<(usize, std::ops::Range<usize>)> = stretches(&blocking);
    let scored: Vec<(usize, Vec<Link>)> = stretches
        .par_iter()
        .map(|(pass, blocks)| {
            let (mut pairs, mut links) = (0, Vec::new());
            blocking.pairs(columns, *pass, blocks.clone(), &mut |a, b| {
                pairs += 1;
                if let Some(bits) = scales[*pass].weigh(a, b) {
                    links.push(Link { a, b, bits });
                }
            });
            (pairs, links)
        })
        .collect();
    let pairs = scored.iter().map(|(pairs, _)| pairs).sum();
    let mut links: Vec<Link> = scored.into_iter().flat_map(|(_, links)| links).collect();
    links.sort_unstable_by_key(|link| (link.a, link.b));
    Linkage {
        links,
        of: blocking
            .passes
            .iter()
            .zip(&scales)
            .map(|(pass, scale)| OfKey {
                key: pass.key.clone(),
                prior: scale.prior,
                bits: scale.bits.clone(),
            })
            .collect(),
        pairs,
        skipped: blocking.skipped,
    }
}

/// Stretches of blocks, each some work.
fn stretches(blocking: &Blocking) -> Vec<(usize, std::ops::Range<usize>)> {
    const BLOCKS: usize = 8_192;
    let passes = blocking.passes.iter().enumerate();
    passes
        .flat_map(|(at, pass)| {
            let blocks = pass.blocks();
            (0..blocks.div_ceil(BLOCKS))
                .map(move |part| (at, part * BLOCKS..((part + 1) * BLOCKS).min(blocks)))
        })
        .collect()
}

/// The levels of all comparisons for two rows; each stands at its column, a group's at its first.
fn pattern(columns: &[Column], plan: &Plan, a: u32, b: u32) -> u64 {
    let mut pattern = 0;
    for at in 0..columns.len() {
        pattern = with(pattern, at, level_of(columns, at, a, b));
    }
    for (one, other) in &plan.swaps {
        if is_swapped(columns, *one, *other, a, b) {
            // One observation: the second of the two says nothing beside the first.
            pattern = with(without(without(pattern, *one), *other), *one, Level::Swapped);
        }
    }
    for group in &plan.once {
        let joint = together(columns, group, a, b);
        for at in group {
            pattern = without(pattern, *at);
        }
        pattern = with(pattern, group[0], joint);
    }
    pattern
}

fn level_of(columns: &[Column], at: usize, a: u32, b: u32) -> Level {
    let column = &columns[at];
    let (mine, theirs) = (column.values[a as usize], column.values[b as usize]);
    if mine == MISSING || theirs == MISSING {
        Level::Missing
    } else if mine == theirs {
        Level::Same
    } else {
        compare(column.kind, column.text(mine), column.text(theirs))
    }
}

/// How far columns agree that are one observation: as the first does, and where it does not, whether others do.
fn together(columns: &[Column], group: &[usize], a: u32, b: u32) -> Level {
    let first = level_of(columns, group[0], a, b);
    let (mut agrees, mut differs) = (false, false);
    for at in &group[1..] {
        match level_of(columns, *at, a, b) {
            Level::Missing => {}
            Level::Same | Level::Near => agrees = true,
            _ => differs = true,
        }
    }
    match first {
        // The same street name in another town.
        Level::Same | Level::Near if differs && !agrees => Level::Related,
        Level::Same | Level::Near => first,
        _ if agrees => Level::Related,
        Level::Missing if !differs => Level::Missing,
        _ => Level::Differs,
    }
}

fn is_swapped(columns: &[Column], one: usize, other: usize, a: u32, b: u32) -> bool {
    let text = |column: usize, row: u32| {
        let value = columns[column].values[row as usize];
        (value != MISSING).then(|| columns[column].text(value))
    };
    let crosses = |x: Option<&str>, y: Option<&str>| x.is_some() && x == y;
    columns[one].values[a as usize] != columns[one].values[b as usize]
        && crosses(text(one, a), text(other, b))
        && crosses(text(other, a), text(one, b))
}

/// m and u by expectation maximisation over the candidates, of each key so many.
fn learn(columns: &[Column], plan: &Plan, blocking: &Blocking) -> Found {
    let proposed: Vec<Proposed> = (0..blocking.passes.len())
        .into_par_iter()
        .map(|pass| {
            let of = &blocking.passes[pass];
            let blocks = of.blocks();
            let pairs: usize = (0..blocks)
                .map(|at| of.block(at).len() * (of.block(at).len() - 1) / 2)
                .sum();
            let every = pairs.div_ceil(plan.sample_max).max(1) as u64;
            let mut patterns: BTreeMap<u64, f64> = BTreeMap::new();
            for block in (0..blocks).filter(|block| mix(*block as u64).is_multiple_of(every)) {
                blocking.all_pairs(columns, pass, block..block + 1, &mut |a, b| {
                    *patterns.entry(pattern(columns, plan, a, b)).or_default() += 1.0;
                });
            }
            Proposed {
                patterns: patterns.into_iter().collect(),
                held: of.key.clone(),
            }
        })
        .collect();
    weights::maximise(&proposed, &unlinked(columns, plan))
}

/// Random pairs on which u is counted.
const RANDOM: usize = 50_000;

/// How often rows agree by chance. That two are the same is counted over all of them.
fn unlinked(columns: &[Column], plan: &Plan) -> Chances {
    let rows = columns[0].values.len();
    let mut seen = vec![[0.0; LEVELS]; columns.len()];
    let mut state = 0u64;
    let mut draw = |from: usize, to: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (from as u64 + ((u128::from(mix(state)) * (to - from) as u128) >> 64) as u64) as u32
    };
    for _ in 0..RANDOM {
        let a = draw(0, plan.second.unwrap_or(rows));
        let b = draw(plan.second.unwrap_or(0), rows);
        if a != b {
            let pattern = pattern(columns, plan, a, b);
            for (column, seen) in seen.iter_mut().enumerate() {
                seen[weights::level(pattern, column)] += 1.0;
            }
        }
    }
    // What no pair shows is not impossible.
    let mut u = weights::chances(
        &seen,
        &vec![[1.0, 0.96, 0.01, 0.01, 0.01, 0.01]; columns.len()],
        1.0,
    );
    for (column, u) in columns.iter().zip(&mut u) {
        let (all, pairs) = stated(column);
        u[Level::Same as usize] = (pairs / (all * all).max(1.0)).max(1e-9);
    }
    u
}

/// How many rows state a value, and how many pairs of them the same.
fn stated(column: &Column) -> (f64, f64) {
    let counts = column.counts[1..].iter().map(|count| f64::from(*count));
    counts.fold((0.0, 0.0), |(all, pairs), count| {
        (all + count, pairs + count * count)
    })
}

/// The weights for the pairs of one key, ready for many.
struct Scale<'a> {
    columns: &'a [Column],
    plan: &'a Plan,
    bits: Vec<[f32; LEVELS]>,
    /// Columns in the order in which they are compared: what can tell most comes first.
    order: Vec<usize>,
    /// By column: m of sharing a value, and of those that share one and do not belong together the part that does so for a
    /// reason; the rest does by chance, the oftener the commoner the value.
    same: Vec<(f64, f64)>,
    /// By column, how many rows state it.
    rows: Vec<f64>,
    /// The most that texts which differ can still tell, by column.
    at_most: Vec<f32>,
    prior: f32,
    /// Columns that are compared alone, a bit each.
    alone: u32,
    /// Groups that are compared.
    groups: Vec<&'a [usize]>,
}

impl<'a> Scale<'a> {
    fn new(columns: &'a [Column], plan: &'a Plan, found: &Found, pass: usize, held: &[usize]) -> Self {
        let of = &found.of[pass];
        let bits = weights::bits(&found.m, &of.u);
        let at_most: Vec<f32> = bits
            .iter()
            .map(|bits| {
                bits[1..Level::Same as usize]
                    .iter()
                    .copied()
                    .fold(f32::MIN, f32::max)
            })
            .collect();
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by(|a, b| at_most[*b].total_cmp(&at_most[*a]).then(a.cmp(b)));
        let same_level = Level::Same as usize;
        let mut same = Vec::new();
        let mut rows = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let (all, pairs) = stated(column);
            let chance = pairs / (all * all).max(1.0);
            let reason = ((of.u[at][same_level] - chance) / (1.0 - chance).max(1e-9)).max(0.0);
            same.push((found.m[at][same_level], reason));
            rows.push(all.max(1.0));
        }
        let is_held = |at: &usize| held.contains(at);
        let in_group = |at: &usize| plan.once.iter().flatten().any(|of| of == at);
        Self {
            columns,
            plan,
            bits,
            order,
            same,
            rows,
            at_most,
            prior: (of.share / (1.0 - of.share)).log2() as f32,
            alone: (0..columns.len())
                .filter(|at| !is_held(at) && !in_group(at))
                .fold(0, |bits, at| bits | 1 << at),
            groups: plan
                .once
                .iter()
                .map(Vec::as_slice)
                .filter(|group| !is_held(&group[0]))
                .collect(),
        }
    }

    /// Bits of sharing a value.
    fn sharing(&self, at: usize, value: u32) -> f32 {
        let (m, reason) = self.same[at];
        let common = f64::from(self.columns[at].counts[value as usize]) / self.rows[at];
        (m / (reason + (1.0 - reason) * common)).log2() as f32
    }

    /// The posterior odds of a pair in bits; None where they are below what is asked.
    fn weigh(&self, a: u32, b: u32) -> Option<f32> {
        let mut open = 0u32;
        let mut total = self.prior;
        for (at, column) in self
            .columns
            .iter()
            .enumerate()
            .filter(|(at, _)| self.alone >> at & 1 == 1)
        {
            let (mine, theirs) = (column.values[a as usize], column.values[b as usize]);
            if mine == MISSING || theirs == MISSING {
                continue;
            }
            if mine == theirs {
                total += self.sharing(at, mine);
            } else {
                open |= 1 << at;
                total += self.at_most[at];
            }
        }
        for (one, other) in &self.plan.swaps {
            let both = 1 << one | 1 << other;
            if open & both == both && is_swapped(self.columns, *one, *other, a, b) {
                open &= !both;
                total += self.bits[*one][Level::Swapped as usize] - self.at_most[*one] - self.at_most[*other];
            }
        }
        for group in &self.groups {
            let value = self.columns[group[0]].values[a as usize];
            total += match together(self.columns, group, a, b) {
                Level::Same => self.sharing(group[0], value),
                level => self.bits[group[0]][level as usize],
            };
        }
        for at in self.order.iter().filter(|at| open >> **at & 1 == 1) {
            if total < self.plan.bits_min {
                return None;
            }
            let level = level_of(self.columns, *at, a, b);
            total += self.bits[*at][level as usize] - self.at_most[*at];
        }
        (total >= self.plan.bits_min).then_some(total)
    }
}

#[cfg(test)]
mod tests {
    use super::text::Kind;
    use super::*;
    use table::Reading;

    /// Five hundred people of one town, each twice, the second time with a slip in the name; in the order that is asked for.
    fn found(order: &[usize]) -> (Linkage, Vec<[usize; 2]>) {
        let kinds = [("name", Kind::Name), ("mail", Kind::Email), ("town", Kind::Name)];
        let mut reading = Reading::new(&kinds.map(|(name, kind)| (name.to_owned(), kind)));
        for row in order {
            let (person, again) = (row / 2, row % 2);
            let name = format!("{}{person}", if again == 0 { "Person" } else { "Preson" });
            reading.push([name.as_str(), &format!("p{person}@x.example"), "Springs"].into_iter());
        }
        let plan = Plan {
            keys: vec![vec![2], vec![1]],
            swaps: Vec::new(),
            once: Vec::new(),
            second: None,
            bits_min: 0.0,
            sample_max: 10_000,
        };
        let found = link(&reading.done(), &plan);
        let mut people: Vec<[usize; 2]> = found
            .links
            .iter()
            .map(|link| [order[link.a as usize], order[link.b as usize]])
            .map(|[a, b]| [a.min(b), a.max(b)])
            .collect();
        people.sort_unstable();
        (found, people)
    }

    #[test]
    fn what_is_too_common_is_split_and_said() {
        let (found, people) = found(&(0..1_000).collect::<Vec<_>>());
        let wanted: Vec<[usize; 2]> = (0..500).map(|person| [2 * person, 2 * person + 1]).collect();
        assert_eq!(people, wanted);
        let [skipped] = found.skipped.as_slice() else {
            panic!("{:?}", found.skipped)
        };
        assert_eq!((skipped.blocks, skipped.rows), (1, 1_000));
        // Not half a million.
        assert!(found.pairs < 1_000, "{}", found.pairs);
    }

    #[test]
    fn the_order_of_rows_tells_nothing() {
        let order: Vec<usize> = (0..1_000).map(|at| at * 387 % 1_000).collect();
        assert_eq!(found(&order).1, found(&(0..1_000).collect::<Vec<_>>()).1);
    }
}
