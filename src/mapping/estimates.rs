//! Estimates: prices that hold until the booking is over. What it came to is the price, where a record states both.

use super::{Claims, Rule};
use crate::model::{Claim, FieldName};

/// Notes whether the price of a record is an estimate, and takes estimates away beside another price.
pub(super) fn give_way(rules: &[Rule], out: &mut Claims) {
    let is_price = |claim: &Claim| claim.field == FieldName::Total;
    let is_estimate = |claim: &Claim| {
        let rule = claim.rule_index().and_then(|at| rules.get(at));
        is_price(claim) && rule.is_some_and(|rule| rule.until_over)
    };
    let has_estimate = out.claims.iter().any(is_estimate);
    if has_estimate
        && out
            .claims
            .iter()
            .any(|claim| is_price(claim) && !is_estimate(claim))
    {
        out.claims.retain(|claim| !is_estimate(claim));
    } else {
        out.estimate = has_estimate;
    }
}
