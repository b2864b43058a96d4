//! Customers by their numbers: records that call a customer by the number of a row of the backup.

use super::Input;
use crate::mapping::squash;
use crate::model::{About, BaselineCustomer, Claim, Cluster, FieldName, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A rule that reads numbers is believed where so many of the backup's bookings show it, and it was wrong once in so many.
const SHOWN: usize = 20;
const WRONG_IN: usize = 50;

/// The rows by their numbers, and the rules that are believed.
pub struct Numbered<'a> {
    /// None where two rows have the number.
    rows: HashMap<String, Option<&'a BaselineCustomer>>,
    believed: BTreeSet<String>,
}

impl<'a> Numbered<'a> {
    pub fn learn(input: &Input<'a>) -> Self {
        let mut rows: HashMap<String, Option<&BaselineCustomer>> = HashMap::new();
        for row in &input.baseline.customers {
            for number in row.called().map(squash).collect::<BTreeSet<String>>() {
                rows.entry(number)
                    .and_modify(|row| *row = None)
                    .or_insert(Some(row));
            }
        }
        let mut made = Self {
            rows,
            believed: BTreeSet::new(),
        };
        let mut tried: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let own = input.baseline.bookings[at].customer.as_deref();
            for (row, claim) in made.named(input, cluster) {
                let (right, all) = tried.entry(&claim.rule).or_default();
                *right += usize::from(Some(row.key.as_str()) == own);
                *all += 1;
            }
        }
        tried.retain(|_, (right, all)| *all >= SHOWN && (*all - *right) * WRONG_IN <= *all);
        made.believed = tried.into_keys().map(str::to_owned).collect();
        made
    }

    /// The one customer whom the records of a booking call by their number, and who says so.
    pub fn one<'i>(
        &self,
        input: &'i Input<'_>,
        cluster: &Cluster,
    ) -> Option<(&'a BaselineCustomer, &'i Claim)> {
        let believed = |(_, claim): &(&BaselineCustomer, &Claim)| self.believed.contains(&claim.rule);
        let mut found = self.named(input, cluster).into_iter().filter(believed);
        let first = found.next()?;
        found.all(|(row, _)| row.key == first.0.key).then_some(first)
    }

    fn named<'i>(&self, input: &'i Input<'_>, cluster: &Cluster) -> Vec<(&'a BaselineCustomer, &'i Claim)> {
        let told = cluster.members.iter().map(|at| &input.told[*at]);
        let claims = told.flat_map(|told| told.claims.of(FieldName::CustomerKey));
        let named = claims.filter_map(|claim| match &claim.value {
            Value::Text(number) => Some((self.rows.get(&squash(number)).copied().flatten()?, claim)),
            _ => None,
        });
        named.collect()
    }
}
