//! Names of whoever booked: they give way to the name of whom the booking is for, where a record states both.

use super::Claims;
use super::Rule;
use crate::model::{Claim, FieldName};

/// Sets apart what rules read that give way, and takes it from the claims where another rule names the customer.
pub(super) fn give_way(rules: &[Rule], out: &mut Claims) {
    if !rules.iter().any(|rule| rule.behind) {
        return;
    }
    let rule = |claim: &Claim| {
        let rule = rules.get(claim.rule_index()?);
        rule.filter(|_| claim.field == FieldName::CustomerName)
    };
    let is_behind = |claim: &Claim| rule(claim).is_some_and(|rule| rule.behind);
    let names_customer = |claim: &Claim| rule(claim).is_some_and(|rule| !rule.behind && rule.is_sure());
    let bookers = out.claims.iter().filter(|claim| is_behind(claim));
    out.bookers.extend(bookers.cloned());
    if out.claims.iter().any(names_customer) {
        out.claims.retain(|claim| !is_behind(claim));
    }
}
