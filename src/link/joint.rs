//! Which places the records of one block hold together.
//!
//! What one record may take another may need: of two entries of a customer each has a booking, of two payments one is the
//! deposit and one the rest. So records that are in each other's way at a booking are solved as a whole. The odds of a
//! place are what the best solution with it is better than the best in which the record belongs nowhere: a
//! place that only one of several near-equal solutions has is close to another's, and a person must say.
//! Exact by branch and bound; a block of too many records loses the places that are far from a record's best, and is said
//! to have been cut where that does not make it fall apart.

use std::collections::BTreeMap;

/// A record, by number, with the bookings that it may belong to and their odds in bits, alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub unit: usize,
    pub places: Vec<(usize, f64)>,
}

/// What solving came to.
#[derive(Debug, Default, PartialEq)]
pub struct Solved {
    /// Each record's places by odds in context, best first; of equals in no order that tells anything.
    pub places: BTreeMap<usize, Vec<(usize, f64)>>,
    /// Records whose block was too large: for them some others were left out of account.
    pub cut: Vec<usize>,
}

/// A block of more records than this loses places.
const WHOLE: usize = 12;
/// What lies so far behind the best place of a record is left out first, in bits.
const FAR: [f64; 3] = [16.0, 8.0, 4.0];
/// A search gives up after this many steps, and its records stand alone.
const STEPS: usize = 50_000;

/// Solves all blocks. `clash` tells by how many bits two records are worth more, or less, at one booking than each
/// alone; it is symmetric.
pub fn solve(choices: Vec<Choice>, clash: &dyn Fn(usize, usize, usize) -> f64) -> Solved {
    let mut solved = Solved::default();
    let mut open = vec![(choices, 0)];
    while let Some((choices, cuts)) = open.pop() {
        for block in blocks(choices, clash) {
            if block.len() == 1 {
                solved.places.extend(alone(&block));
            } else if block.len() <= WHOLE
                && let Some(places) = together(&block, clash)
            {
                solved.places.extend(places);
            } else if let Some(far) = FAR.get(cuts) {
                solved.cut.extend(block.iter().map(|choice| choice.unit));
                let near = block.into_iter().map(|choice| nearest(choice, *far)).collect();
                open.push((near, cuts + 1));
            } else {
                solved.places.extend(alone(&block));
            }
        }
    }
    solved.cut.sort_unstable();
    solved.cut.dedup();
    for places in solved.places.values_mut() {
        places.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }
    solved
}

fn alone(block: &[Choice]) -> BTreeMap<usize, Vec<(usize, f64)>> {
    let places = block.iter().map(|choice| (choice.unit, choice.places.clone()));
    places.collect()
}

fn nearest(mut choice: Choice, far: f64) -> Choice {
    let odds = choice.places.iter().map(|(_, odds)| *odds);
    let best = odds.fold(f64::NEG_INFINITY, f64::max);
    choice.places.retain(|(_, odds)| best - odds < far);
    choice
}

/// Records that are in each other's way at some booking, directly or by way of others.
fn blocks(choices: Vec<Choice>, clash: &dyn Fn(usize, usize, usize) -> f64) -> Vec<Vec<Choice>> {
    let mut at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, choice) in choices.iter().enumerate() {
        for (place, _) in &choice.places {
            at.entry(*place).or_default().push(number);
        }
    }
    let mut parent: Vec<usize> = (0..choices.len()).collect();
    for (place, there) in &at {
        for (later, a) in there.iter().enumerate() {
            for b in &there[..later] {
                if clash(choices[*a].unit, choices[*b].unit, *place) != 0.0 {
                    let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
                    parent[a.max(b)] = a.min(b);
                }
            }
        }
    }
    let mut blocks: BTreeMap<usize, Vec<Choice>> = BTreeMap::new();
    for (number, choice) in choices.into_iter().enumerate() {
        blocks.entry(root(&mut parent, number)).or_default().push(choice);
    }
    blocks.into_values().collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// The odds of each place in context; None where the search takes too long.
fn together(
    block: &[Choice],
    clash: &dyn Fn(usize, usize, usize) -> f64,
) -> Option<BTreeMap<usize, Vec<(usize, f64)>>> {
    let mut search = Search::new(block, clash);
    let mut out = BTreeMap::new();
    for (number, choice) in block.iter().enumerate() {
        let nowhere = search.best(number, None)?;
        let mut places = Vec::with_capacity(choice.places.len());
        for option in 0..choice.places.len() {
            let with = search.best(number, Some(option))?;
            places.push((choice.places[option].0, with - nowhere));
        }
        out.insert(choice.unit, places);
    }
    Some(out)
}

/// Branch and bound over one block; places are numbered as each record's choice has them.
struct Search<'a> {
    block: &'a [Choice],
    /// For record, place, an earlier record and its place: what they are worth together.
    pairs: Vec<BTreeMap<(usize, usize, usize), f64>>,
    /// What records from here on can add at most.
    rest: Vec<f64>,
    steps: usize,
}

impl<'a> Search<'a> {
    fn new(block: &'a [Choice], clash: &dyn Fn(usize, usize, usize) -> f64) -> Self {
        let mut pairs = vec![BTreeMap::new(); block.len()];
        let mut most = vec![0.0f64; block.len()];
        for (number, choice) in block.iter().enumerate() {
            for (option, (place, odds)) in choice.places.iter().enumerate() {
                let mut gain = *odds;
                for (before, other) in block[..number].iter().enumerate() {
                    let there = other.places.iter().position(|(theirs, _)| theirs == place);
                    let Some(there) = there else { continue };
                    let bits = clash(choice.unit, other.unit, *place);
                    gain += bits.max(0.0);
                    pairs[number].insert((option, before, there), bits);
                }
                most[number] = most[number].max(gain);
            }
        }
        let mut rest = vec![0.0; block.len() + 1];
        for number in (0..block.len()).rev() {
            rest[number] = rest[number + 1] + most[number];
        }
        Self {
            block,
            pairs,
            rest,
            steps: 0,
        }
    }

    /// The best sum of bits in which one record has this place, or none.
    fn best(&mut self, fixed: usize, option: Option<usize>) -> Option<f64> {
        self.steps = 0;
        let mut best = f64::NEG_INFINITY;
        let mut taken = vec![None; self.block.len()];
        self.step(0, 0.0, (fixed, option), &mut taken, &mut best);
        (self.steps < STEPS).then_some(best)
    }

    fn step(
        &mut self,
        number: usize,
        sum: f64,
        fixed: (usize, Option<usize>),
        taken: &mut Vec<Option<usize>>,
        best: &mut f64,
    ) {
        self.steps += 1;
        if self.steps >= STEPS || sum + self.rest[number] <= *best {
            // What is fixed may be worth less than nothing, never more than the bound.
            return;
        }
        if number == self.block.len() {
            *best = sum;
            return;
        }
        let options = self.block[number].places.len();
        for option in (0..options).map(Some).chain([None]) {
            if number == fixed.0 && option != fixed.1 {
                continue;
            }
            taken[number] = option;
            let worth = self.worth(number, option, taken);
            self.step(number + 1, sum + worth, fixed, taken, best);
        }
        taken[number] = None;
    }

    fn worth(&self, number: usize, option: Option<usize>, taken: &[Option<usize>]) -> f64 {
        let Some(option) = option else { return 0.0 };
        let pairs = self.pairs[number].range((option, 0, 0)..(option + 1, 0, 0));
        let with = pairs.filter(|((_, before, there), _)| taken[*before] == Some(*there));
        self.block[number].places[option].1 + with.map(|(_, bits)| bits).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(unit: usize, places: &[(usize, f64)]) -> Choice {
        let places = places.to_vec();
        Choice { unit, places }
    }

    /// One record a booking.
    fn one_each(_: usize, _: usize, _: usize) -> f64 {
        -10.0
    }

    #[test]
    fn two_that_could_be_either_ones_are_told_apart_together() {
        let choices = vec![choice(0, &[(7, 8.0), (8, 6.0)]), choice(1, &[(7, 6.0), (8, 8.0)])];
        let solved = solve(choices, &one_each);
        assert_eq!(solved.places[&0], [(7, 8.0), (8, 4.0)]);
        assert_eq!(solved.places[&1], [(8, 8.0), (7, 4.0)]);
    }

    #[test]
    fn what_another_needs_is_not_taken_by_the_first() {
        let choices = vec![choice(0, &[(7, 7.0), (8, 2.0)]), choice(1, &[(7, 12.0)])];
        let solved = solve(choices, &one_each);
        assert_eq!(solved.places[&0], [(8, 2.0), (7, -3.0)]);
        assert_eq!(solved.places[&1], [(7, 7.0)], "the other would have it");
    }

    #[test]
    fn near_equal_solutions_leave_no_margin() {
        let choices = vec![choice(0, &[(7, 8.0), (8, 8.0)]), choice(1, &[(7, 8.0), (8, 8.0)])];
        for places in solve(choices, &one_each).places.values() {
            assert!((places[0].1 - places[1].1).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_worth_more_together_counts_together() {
        let choices = vec![choice(0, &[(7, 1.0)]), choice(1, &[(7, 2.0)])];
        let solved = solve(choices, &|_, _, _| 5.0);
        assert_eq!(solved.places[&0], [(7, 6.0)]);
    }

    #[test]
    fn every_order_solves_alike_and_as_trying_all_does() {
        let mut seed = 7u64;
        let mut draw = |most: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for _ in 0..60 {
            let mut choices = Vec::new();
            for unit in 0..4 {
                let mut places = Vec::new();
                for place in 0..3 {
                    if draw(3) > 0 {
                        places.push((place, draw(24) as f64 - 6.0));
                    }
                }
                choices.push(choice(unit, &places));
            }
            let clash = |a: usize, b: usize, place: usize| ((a * b + a + b + place) % 5) as f64 * -3.0 + 2.0;
            let solved = solve(choices.clone(), &clash);
            choices.reverse();
            assert_eq!(solved, solve(choices.clone(), &clash));
            for (unit, found) in &solved.places {
                for (place, odds) in found {
                    let with = tried(&choices, &clash, *unit, Some(*place));
                    let without = tried(&choices, &clash, *unit, None);
                    assert!((odds - (with - without)).abs() < 1e-9);
                }
            }
        }
    }

    /// The best sum by trying everything.
    fn tried(
        choices: &[Choice],
        clash: &dyn Fn(usize, usize, usize) -> f64,
        unit: usize,
        fixed: Option<usize>,
    ) -> f64 {
        fn go(
            choices: &[Choice],
            clash: &dyn Fn(usize, usize, usize) -> f64,
            fixed: (usize, Option<usize>),
            taken: &mut Vec<(usize, usize)>,
        ) -> f64 {
            let Some((first, rest)) = choices.split_first() else {
                return 0.0;
            };
            let mut best = f64::NEG_INFINITY;
            for option in first.places.iter().map(Some).chain([None]) {
                let place = option.map(|(place, _)| *place);
                if first.unit == fixed.0 && place != fixed.1 {
                    continue;
                }
                let mut worth = option.map_or(0.0, |(_, odds)| *odds);
                if let Some(place) = place {
                    let there = taken.iter().filter(|(_, theirs)| *theirs == place);
                    worth += there
                        .map(|(other, _)| clash(first.unit, *other, place))
                        .sum::<f64>();
                    taken.push((first.unit, place));
                }
                best = best.max(worth + go(rest, clash, fixed, taken));
                if place.is_some() {
                    taken.pop();
                }
            }
            best
        }
        go(choices, clash, (unit, fixed), &mut Vec::new())
    }

    #[test]
    fn a_block_that_is_too_large_is_cut_and_said_to_be() {
        let choices = (0..20)
            .map(|unit| choice(unit, &[(unit, 20.0), (unit + 1, 1.0)]))
            .collect();
        let solved = solve(choices, &one_each);
        assert_eq!(solved.cut, (0..20).collect::<Vec<_>>());
        assert_eq!(solved.places.len(), 20);
    }
}
