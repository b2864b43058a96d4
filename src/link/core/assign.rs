//! One-to-one assignment: which links between two tables hold together, and how sure each of them is.
//!
//! Each row belongs with one row of the other table at most. Every connected group of candidate links is solved as a whole;
//! greedy pairs would let one strong link take what two others need. A link's margin is by how many bits the best solution is
//! better than the best without it: where it is small, a near-equal solution says otherwise, and a person must.
//! Source: Kuhn (1955), by shortest augmenting paths.

/// A candidate link, its posterior odds in bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    pub a: u32,
    pub b: u32,
    pub bits: f32,
}

/// A link of the best solution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assigned {
    pub link: Link,
    /// By how many bits every solution without it is worse.
    pub margin: f32,
}

/// A group of more rows on its smaller side than this loses its weakest links until it falls apart.
const SIDE_MAX: usize = 48;

/// Solves each connected group of links with more bits than `alone`, which is what a row that belongs with none is worth: 0 where
/// even odds decide. Out: rising by row of the first table.
pub fn assign(links: &[Link], alone: f32) -> Vec<Assigned> {
    let worth = |link: &Link| Link {
        bits: link.bits - alone,
        ..*link
    };
    let mut out = Vec::new();
    let mut groups = groups(links.iter().filter(|link| link.bits > alone).map(worth).collect());
    while let Some(group) = groups.pop() {
        let (rows, columns) = sides(&group);
        if rows.len().min(columns.len()) > SIDE_MAX {
            let mut bits: Vec<f32> = group.iter().map(|link| link.bits).collect();
            bits.sort_by(f32::total_cmp);
            let weakest = bits[bits.len() / 4];
            groups.extend(self::groups(
                group.into_iter().filter(|link| link.bits > weakest).collect(),
            ));
            continue;
        }
        let whole = solve(&group, &rows, &columns, None);
        let best: f32 = whole.iter().map(|link| link.bits).sum();
        for link in whole {
            let margin = if group.len() == 1 {
                link.bits
            } else {
                let other = solve(&group, &rows, &columns, Some(link));
                best - other.iter().map(|link| link.bits).sum::<f32>()
            };
            let link = Link {
                bits: link.bits + alone,
                ..link
            };
            out.push(Assigned { link, margin });
        }
    }
    out.sort_by_key(|assigned| (assigned.link.a, assigned.link.b));
    out
}

/// Links by connected group, those of the lowest rows first.
fn groups(mut links: Vec<Link>) -> Vec<Vec<Link>> {
    let first = links.iter().map(|link| link.a + 1).max().unwrap_or(0);
    let second = links.iter().map(|link| link.b + 1).max().unwrap_or(0);
    // Rows of the second table come behind those of the first.
    let mut parent: Vec<u32> = (0..first + second).collect();
    for link in &links {
        let (a, b) = (root(&mut parent, link.a), root(&mut parent, first + link.b));
        parent[a.max(b) as usize] = a.min(b);
    }
    links.sort_by_cached_key(|link| root(&mut parent, link.a));
    links
        .chunk_by(|a, b| root(&mut parent, a.a) == root(&mut parent, b.a))
        .map(<[Link]>::to_vec)
        .collect()
}

/// The row by which a group is known.
fn root(parent: &mut [u32], mut at: u32) -> u32 {
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

fn sides(group: &[Link]) -> (Vec<u32>, Vec<u32>) {
    let side = |of: fn(&Link) -> u32| {
        let mut rows: Vec<u32> = group.iter().map(of).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    (side(|link| link.a), side(|link| link.b))
}

/// The best assignment of a group, without one of its links. A row may stay alone: each has a column of its own that costs
/// nothing.
fn solve(group: &[Link], rows: &[u32], columns: &[u32], without: Option<Link>) -> Vec<Link> {
    let (n, m) = (rows.len(), columns.len() + rows.len());
    let mut cost = vec![0.0f64; n * m];
    for cell in cost
        .iter_mut()
        .enumerate()
        .filter(|(at, _)| at % m < columns.len())
        .map(|(_, cell)| cell)
    {
        *cell = 1e9;
    }
    for link in group {
        let (Ok(row), Ok(column)) = (rows.binary_search(&link.a), columns.binary_search(&link.b)) else {
            continue;
        };
        if Some(*link) != without {
            cost[row * m + column] = -f64::from(link.bits);
        }
    }
    // Rows and columns count from 1; 0 is where each path begins.
    let (mut of_row, mut of_column) = (vec![0.0; n + 1], vec![0.0; m + 1]);
    let mut taken = vec![0usize; m + 1];
    for row in 1..=n {
        taken[0] = row;
        let (mut least, mut from) = (vec![f64::INFINITY; m + 1], vec![0usize; m + 1]);
        let mut done = vec![false; m + 1];
        let mut at = 0;
        while taken[at] != 0 {
            done[at] = true;
            let (of, mut step, mut to) = (taken[at], f64::INFINITY, 0);
            for column in 1..=m {
                if done[column] {
                    continue;
                }
                let reduced = cost[(of - 1) * m + column - 1] - of_row[of] - of_column[column];
                if reduced < least[column] {
                    (least[column], from[column]) = (reduced, at);
                }
                if least[column] < step {
                    (step, to) = (least[column], column);
                }
            }
            for column in 0..=m {
                if done[column] {
                    of_row[taken[column]] += step;
                    of_column[column] -= step;
                } else {
                    least[column] -= step;
                }
            }
            at = to;
        }
        while at != 0 {
            taken[at] = taken[from[at]];
            at = from[at];
        }
    }
    let chosen = (1..=columns.len()).filter(|column| taken[*column] != 0);
    chosen
        .filter_map(|column| {
            let row = taken[column] - 1;
            let bits = -cost[row * m + column - 1];
            (bits > 0.0).then(|| Link {
                a: rows[row],
                b: columns[column - 1],
                bits: bits as f32,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(a: u32, b: u32, bits: f32) -> Link {
        Link { a, b, bits }
    }

    #[test]
    fn the_whole_counts_not_the_strongest_pair() {
        // Greedy takes 10 and loses 9 + 8.
        let found = assign(&[link(0, 0, 10.0), link(0, 1, 9.0), link(1, 0, 8.0)], 0.0);
        let pairs: Vec<(u32, u32)> = found.iter().map(|found| (found.link.a, found.link.b)).collect();
        assert_eq!(pairs, [(0, 1), (1, 0)]);
        assert!((found[0].margin - 7.0).abs() < 1e-4);
    }

    #[test]
    fn twins_have_no_margin() {
        let found = assign(&[link(0, 0, 6.0), link(0, 1, 6.0)], 0.0);
        assert_eq!(found.len(), 1);
        assert!(found[0].margin.abs() < 1e-4);
    }

    #[test]
    fn what_stands_alone_is_as_sure_as_its_odds() {
        let found = assign(&[link(3, 4, 5.5), link(7, 8, -1.0)], 0.0);
        assert_eq!(found.len(), 1);
        assert!((found[0].margin - 5.5).abs() < 1e-6);
    }
}
