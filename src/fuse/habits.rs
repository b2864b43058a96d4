//! How a business keeps its records as a rule, so that what is otherwise stands out.

use super::Input;
use crate::mapping::Told;
use crate::model::FieldName;

pub fn plans_resources(input: &Input<'_>) -> bool {
    let entries = input.linked.clusters.iter().flat_map(|cluster| &cluster.members);
    let (named, all) = entries
        .map(|at| &input.told[*at])
        .filter(|told| told.document.object == "event")
        .map(|told| {
            told.claims
                .claims
                .iter()
                .any(|claim| claim.field == FieldName::ResourceKey)
        })
        .fold((0, 0), |(named, all), names| {
            (named + usize::from(names), all + 1)
        });
    all > 0 && named * 2 >= all
}

pub fn vouches(told: &[Told<'_>]) -> bool {
    let messages = told
        .iter()
        .filter(|told| told.document.object == "message" && told.speaks());
    let passed = |told: &Told<'_>| told.document.text("header:auth") == Some("pass");
    let (pass, all) = messages.fold((0, 0), |(pass, all), told| {
        (pass + usize::from(passed(told)), all + 1)
    });
    all > 0 && pass * 10 >= all * 8
}

/// Whether any message states when a booking ends.
pub fn states_ends(told: &[Told<'_>]) -> bool {
    let mut messages = told.iter().filter(|told| told.document.object == "message");
    messages.any(|told| told.claims.of(FieldName::EndsAt).next().is_some())
}

pub fn knows_messages(told: &[Told<'_>]) -> bool {
    let messages = told
        .iter()
        .filter(|told| told.document.object == "message" && told.speaks());
    let (known, all) = messages.fold((0, 0), |(known, all), told| {
        (known + usize::from(told.claims.known), all + 1)
    });
    known * 10 >= all * 6
}
