//! Customers by their numbers: records that call a customer by the number of a row of the backup.

use super::Input;
use crate::mapping::squash;
use crate::model::{About, BaselineCustomer, Claim, Cluster, FieldName, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A rule that reads numbers is believed where so many of the backup's bookings show it, and it was wrong once in so many.
const SHOWN: usize = 20;
const WRONG_IN: usize = 50;

/// The rows by their numbers, and what rules read that are believed.
pub struct Numbered<'a> {
    /// By column, None for the key: a new customer's card may have the number that is another's key. No row where two have
    /// the number.
    rows: HashMap<(Option<&'a str>, String), Option<&'a BaselineCustomer>>,
    columns: BTreeSet<Option<&'a str>>,
    /// Each rule with the column whose numbers it reads.
    believed: BTreeMap<String, Option<&'a str>>,
}

impl<'a> Numbered<'a> {
    pub fn learn(input: &Input<'a>) -> Self {
        let mut made = Self {
            rows: HashMap::new(),
            columns: BTreeSet::new(),
            believed: BTreeMap::new(),
        };
        for row in &input.baseline.customers {
            for (column, number) in row.called() {
                made.columns.insert(column);
                made.rows
                    .entry((column, squash(number)))
                    .and_modify(|row| *row = None)
                    .or_insert(Some(row));
            }
        }
        let mut tried: BTreeMap<(&str, Option<&'a str>), (usize, usize)> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let own = input.baseline.bookings[at].customer.as_deref();
            for (claim, number) in numbers(input, cluster) {
                for column in &made.columns {
                    let Some(Some(row)) = made.rows.get(&(*column, number.clone())) else {
                        continue;
                    };
                    let (right, all) = tried.entry((&claim.rule, *column)).or_default();
                    *right += usize::from(Some(row.key.as_str()) == own);
                    *all += 1;
                }
            }
        }
        tried.retain(|_, (right, all)| *all >= SHOWN && (*all - *right) * WRONG_IN <= *all);
        let believed = tried.into_keys();
        made.believed = believed.map(|(rule, column)| (rule.to_owned(), column)).collect();
        made
    }

    /// The one customer whom the records of a booking call by their number, and who says so.
    pub fn one<'i>(
        &self,
        input: &'i Input<'_>,
        cluster: &Cluster,
    ) -> Option<(&'a BaselineCustomer, &'i Claim)> {
        let mut found = numbers(input, cluster).filter_map(|(claim, number)| {
            let column = *self.believed.get(&claim.rule)?;
            Some((self.rows.get(&(column, number)).copied().flatten()?, claim))
        });
        let first = found.next()?;
        found.all(|(row, _)| row.key == first.0.key).then_some(first)
    }
}

/// What the records of a booking call its customer by, folded.
fn numbers<'i>(input: &'i Input<'_>, cluster: &Cluster) -> impl Iterator<Item = (&'i Claim, String)> {
    let told: Vec<_> = cluster.members.iter().map(|at| &input.told[*at]).collect();
    let claims = told
        .into_iter()
        .flat_map(|told| told.claims.of(FieldName::CustomerKey));
    claims.filter_map(|claim| match &claim.value {
        Value::Text(number) => Some((claim, squash(number))),
        _ => None,
    })
}
