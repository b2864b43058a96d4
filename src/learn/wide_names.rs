//! What stands behind any word and a mark, where names do, and is nobody's name.
//!
//! Before a name that comes seldom stands a word that is anybody's too: `Dear M. Moreau`, where others are called M. themselves.
//! A rule behind any word and a full stop reads what follows in every other letter as well, also where no booking is known:
//! `Thank you for calling. As discussed, …`. What comes back there with several people, and is no customer, is wording.

use super::slots::Study;
use crate::mapping::{Piece, Rule, squash};
use crate::model::{FieldName, Standing};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// As many different people, none of whom is called so.
const STRANGERS: usize = 3;

/// Takes out of such rules what they read with several people and never was a customer's name.
pub fn except_wording(study: &Study<'_>, rules: &mut [Rule]) {
    let is_wide =
        |rule: &&mut Rule| rule.field == FieldName::CustomerName && rule.anchor.left.contains(&Piece::Any);
    let wide: Vec<&mut Rule> = rules.iter_mut().filter(is_wide).collect();
    if wide.is_empty() {
        return;
    }
    let people: BTreeSet<&str> = (study.truths.iter())
        .flat_map(|truth| [truth.name.as_str(), truth.reversed.as_str()])
        .collect();
    let addresses: BTreeSet<&str> = study.truths.iter().map(|truth| truth.email.as_str()).collect();
    wide.into_par_iter().for_each(|rule| {
        let found = strangers(study, rule, (&people, &addresses));
        rule.except.extend(found);
    });
}

/// Whom a record is for: a customer, or nobody that the backup knows, each time anew: an agency has many letters.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Who<'a> {
    Customer(&'a str),
    Unknown(&'a str),
}

fn strangers(
    study: &Study<'_>,
    rule: &Rule,
    (people, addresses): (&BTreeSet<&str>, &BTreeSet<&str>),
) -> BTreeSet<String> {
    let mut said_of: BTreeMap<String, BTreeSet<Who<'_>>> = BTreeMap::new();
    for (lexed, truth) in study.documents.iter().zip(study.links) {
        if lexed.document.standing != Standing::Business || lexed.document.object != rule.object {
            continue;
        }
        let customer = truth.and_then(|truth| truth.booking.customer.as_deref());
        let known = |to: &&str| addresses.contains(to.to_lowercase().as_str());
        let who = || match (customer, lexed.document.recipient().filter(known)) {
            (Some(who), _) | (None, Some(who)) => Who::Customer(who),
            (None, None) => Who::Unknown(lexed.document.record.as_str()),
        };
        for said in lexed.words(rule) {
            let said = squash(&said);
            if !people.contains(said.as_str()) {
                said_of.entry(said).or_default().insert(who());
            }
        }
    }
    let with_several = said_of.into_iter().filter(|(_, of)| of.len() >= STRANGERS);
    with_several.map(|(said, _)| said).collect()
}
