//! Blocking: which rows are worth comparing, so that the number of pairs grows with the rows, not with their square.
//!
//! Rows that share the values of a key's columns are a block. A block that is too common is split by a further column; what is
//! too common even then is skipped, and said so. A pair that an earlier key proposes is not proposed again.

use super::table::{Column, MISSING, mix};
use std::collections::BTreeSet;
use std::ops::Range;

/// A block of more rows than this is split. Pairs per row and key stay below half of it.
pub const ROWS_MAX: usize = 200;

/// Which columns' values rows must share.
pub type Key = Vec<usize>;

/// A key, and the blocks it makes.
#[derive(Debug)]
pub struct Pass {
    pub key: Key,
    /// Rows by block, rising in each.
    rows: Vec<u32>,
    /// Where each block ends in them.
    ends: Vec<u32>,
    /// Hashes of blocks that were too common.
    common: BTreeSet<u32>,
    /// It splits blocks of an earlier pass; the rest of its own are no news.
    pub is_split: bool,
}

/// What blocking left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub key: Key,
    pub blocks: usize,
    pub rows: usize,
    /// Columns by which the blocks were split, and compared within the parts.
    pub split_by: Vec<usize>,
}

/// All passes, and what was too common in them.
#[derive(Debug)]
pub struct Blocking {
    pub passes: Vec<Pass>,
    pub skipped: Vec<Skipped>,
    /// Rows from this one on are of the second table; as many as there are rows where there is one table alone.
    second: u32,
}

/// Columns by which a block that is too common is split, at most.
const SPLITS: usize = 3;

impl Blocking {
    pub fn new(columns: &[Column], keys: &[Key], second: usize) -> Self {
        let mut passes: Vec<Pass> = Vec::new();
        let mut skipped = Vec::new();
        let mut finest: Vec<usize> = (0..columns.len()).collect();
        finest.sort_by_key(|at| (std::cmp::Reverse(columns[*at].len()), *at));
        for key in keys {
            let (pass, left) = Pass::new(columns, key.clone(), None, second);
            passes.push(pass);
            if left.is_empty() {
                continue;
            }
            let blocks = passes.last().map_or(0, |pass| pass.common.len());
            let split_by: Vec<usize> = finest
                .iter()
                .copied()
                .filter(|at| !key.contains(at))
                .take(SPLITS)
                .collect();
            for by in &split_by {
                let finer = key.iter().copied().chain([*by]).collect();
                let (mut pass, _) = Pass::new(columns, finer, Some(&left), second);
                pass.is_split = true;
                passes.push(pass);
            }
            skipped.push(Skipped {
                key: key.clone(),
                blocks,
                rows: left.len(),
                split_by,
            });
        }
        Self {
            passes,
            skipped,
            second: second as u32,
        }
    }

    /// Every pair of a stretch of blocks of a pass that no earlier pass proposed, the lower row first.
    pub fn pairs(
        &self,
        columns: &[Column],
        pass: usize,
        blocks: Range<usize>,
        take: &mut impl FnMut(u32, u32),
    ) {
        let before = &self.passes[..pass];
        self.all_pairs(columns, pass, blocks, &mut |a, b| {
            if !before.iter().any(|pass| pass.has(columns, a, b)) {
                take(a, b);
            }
        });
    }

    /// Every pair of a stretch of blocks, whatever proposed it before.
    pub fn all_pairs(
        &self,
        columns: &[Column],
        pass: usize,
        blocks: Range<usize>,
        take: &mut impl FnMut(u32, u32),
    ) {
        let of = &self.passes[pass];
        for block in blocks {
            let rows = of.block(block);
            let over = rows.partition_point(|row| *row < self.second);
            let is_two = (self.second as usize) < columns[0].values.len();
            for (at, a) in rows.iter().enumerate() {
                let others = if is_two {
                    if at >= over {
                        break;
                    }
                    &rows[over..]
                } else {
                    &rows[at + 1..]
                };
                for b in others {
                    if of.agree(columns, *a, *b) {
                        take(*a, *b);
                    }
                }
            }
        }
    }
}

impl Pass {
    /// The blocks of some rows, or of all; and the rows of blocks that are too common.
    fn new(columns: &[Column], key: Key, only: Option<&[u32]>, second: usize) -> (Self, Vec<u32>) {
        let rows = columns[0].values.len();
        let mut hashed: Vec<u64> = Vec::new();
        let mut add = |row: u32| {
            let mut hash = 0u64;
            for column in &key {
                let value = columns[*column].values[row as usize];
                // Nobody shares a value that stands in one row.
                if value == MISSING || columns[*column].counts[value as usize] < 2 {
                    return;
                }
                hash = mix(hash ^ u64::from(value) ^ 0x517c_c1b7_2722_0a95);
            }
            hashed.push((hash & 0xffff_ffff_0000_0000) | u64::from(row));
        };
        match only {
            Some(rows) => rows.iter().for_each(|row| add(*row)),
            None => (0..rows as u32).for_each(&mut add),
        }
        hashed.sort_unstable();
        let mut pass = Self {
            key,
            rows: Vec::new(),
            ends: Vec::new(),
            common: BTreeSet::new(),
            is_split: false,
        };
        let mut left = Vec::new();
        for block in hashed.chunk_by(|a, b| a >> 32 == b >> 32) {
            let rows = block.iter().map(|entry| *entry as u32);
            if block.len() < 2 || !Self::is_crossing(block, second, columns[0].values.len()) {
                continue;
            }
            if block.len() > ROWS_MAX {
                pass.common.insert((block[0] >> 32) as u32);
                left.extend(rows);
                continue;
            }
            pass.rows.extend(rows);
            pass.ends.push(pass.rows.len() as u32);
        }
        left.sort_unstable();
        pass.rows.shrink_to_fit();
        (pass, left)
    }

    /// Whether a block has rows of both tables, where there are two.
    fn is_crossing(block: &[u64], second: usize, rows: usize) -> bool {
        let of_first = |entry: &u64| ((*entry as u32) as usize) < second;
        second >= rows || (of_first(&block[0]) && !of_first(&block[block.len() - 1]))
    }

    pub fn blocks(&self) -> usize {
        self.ends.len()
    }

    pub fn block(&self, at: usize) -> &[u32] {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.rows[begin..self.ends[at] as usize]
    }

    fn agree(&self, columns: &[Column], a: u32, b: u32) -> bool {
        self.key.iter().all(|column| {
            let values = &columns[*column].values;
            let value = values[a as usize];
            value != MISSING && value == values[b as usize]
        })
    }

    /// Whether this pass proposed a pair.
    fn has(&self, columns: &[Column], a: u32, b: u32) -> bool {
        if !self.agree(columns, a, b) {
            return false;
        }
        if self.common.is_empty() {
            return true;
        }
        let hash = self.key.iter().fold(0u64, |hash, column| {
            mix(hash ^ u64::from(columns[*column].values[a as usize]) ^ 0x517c_c1b7_2722_0a95)
        });
        !self.common.contains(&((hash >> 32) as u32))
    }
}
