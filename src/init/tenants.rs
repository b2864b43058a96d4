//! Several businesses in one system: the column whose values go with the Stripe accounts.

use super::Ground;
use super::links::{Doc, Links};
use super::party;
use super::rows::{Book, Entity, Guess, View, share};
use std::collections::{BTreeMap, BTreeSet};

/// How bookings fall apart by tenant.
#[derive(Default)]
pub(super) struct Partition<'a> {
    column: Option<String>,
    /// Tenant to its account, calendars, and who writes to its customers.
    parts: BTreeMap<String, Part<'a>>,
}

#[derive(Default)]
struct Part<'a> {
    accounts: BTreeMap<&'a str, usize>,
    calendars: BTreeMap<&'a str, usize>,
    senders: BTreeMap<&'a str, usize>,
}

pub(super) struct TenantGuess {
    pub id: String,
    pub account: String,
    pub calendars: Vec<String>,
    pub senders: Vec<String>,
    pub why: String,
}

/// Finds the tenant's column, where charges are of several accounts.
pub(super) fn partition<'a>(view: View<'_>, links: &Links<'a>, entity: &mut Entity) -> Partition<'a> {
    let accounts: BTreeSet<&str> = links
        .docs
        .iter()
        .filter_map(|(doc, _)| match doc {
            Doc::Charge(charge) if !charge.account.is_empty() => Some(charge.account),
            _ => None,
        })
        .collect();
    if accounts.len() < 2 {
        return Partition::default();
    }
    let free: Vec<&str> = view.columns().filter(|column| !entity.holds(column)).collect();
    for column in free {
        let values = view.values(column);
        let distinct: BTreeSet<&str> = values.iter().flatten().copied().collect();
        if distinct.len() != accounts.len() {
            continue;
        }
        let mut parts: BTreeMap<String, Part<'a>> = BTreeMap::new();
        for row in links.rows() {
            let Some(value) = values[row] else { continue };
            let part = parts.entry(value.to_owned()).or_default();
            for (doc, _) in links.of(row) {
                match doc {
                    Doc::Charge(charge) => *part.accounts.entry(charge.account).or_default() += 1,
                    Doc::Event(event) => *part.calendars.entry(event.calendar).or_default() += 1,
                    Doc::Mail(_) => {}
                }
            }
            for sender in party::mails(links, row).filter_map(|mail| mail.from) {
                *part.senders.entry(sender).or_default() += 1;
            }
        }
        let main: BTreeSet<&str> = parts
            .values()
            .filter_map(|part| main_of(&part.accounts))
            .collect();
        if main.len() != accounts.len() {
            continue;
        }
        let why = "its values go with the Stripe accounts, one with one".to_owned();
        entity.columns.insert(
            "tenant",
            Guess {
                column: column.to_owned(),
                time: None,
                major: false,
                why,
            },
        );
        return Partition {
            column: Some(column.to_owned()),
            parts,
        };
    }
    entity.open.push((
        "tenant",
        "charges are of several accounts, and no column goes with them".to_owned(),
    ));
    Partition::default()
}

/// The one that nearly all are of.
fn main_of<'a>(counts: &BTreeMap<&'a str, usize>) -> Option<&'a str> {
    let all: usize = counts.values().sum();
    counts
        .iter()
        .find(|(_, count)| **count * 10 >= all * 9)
        .map(|(name, _)| *name)
}

/// The tenants, each with what is its alone.
pub(super) fn find(partition: &Partition<'_>, _ground: &Ground<'_>) -> Vec<TenantGuess> {
    let owner = |pick: &dyn Fn(&Part<'_>) -> usize| {
        let all: usize = partition.parts.values().map(pick).sum();
        partition
            .parts
            .iter()
            .find(|(_, part)| all > 0 && pick(part) * 10 >= all * 9)
            .map(|(id, _)| id.clone())
    };
    partition
        .parts
        .iter()
        .filter_map(|(id, part)| {
            let account = main_of(&part.accounts)?;
            let is_own = |pick: &dyn Fn(&Part<'_>) -> usize| owner(pick).as_ref() == Some(id);
            let calendars = part.calendars.iter().filter(|(name, count)| {
                **count >= 3 && is_own(&|part| part.calendars.get(*name).copied().unwrap_or(0))
            });
            let most = part.senders.values().copied().max().unwrap_or(0);
            let senders = part.senders.iter().filter(|(name, count)| {
                **count >= 3
                    && **count * 2 > most
                    && is_own(&|part| part.senders.get(*name).copied().unwrap_or(0))
            });
            let charges: usize = part.accounts.values().sum();
            Some(TenantGuess {
                id: id.clone(),
                account: account.to_owned(),
                calendars: calendars.map(|(name, _)| (*name).to_owned()).collect(),
                senders: senders.map(|(name, _)| (*name).to_owned()).collect(),
                why: format!(
                    "{} of its charges are of this account",
                    share(part.accounts[account], charges)
                ),
            })
        })
        .collect()
}

/// The resources' own column of the tenant: it says of every booking's resource what the booking says.
pub(super) fn of_resource(book: &Book<'_>, view: View<'_>, partition: &Partition<'_>, resource: &mut Entity) {
    let (Some(tenant), Some(other)) = (&partition.column, book.view(&resource.table)) else {
        return;
    };
    let references = book.references(view);
    let Some((reference, _)) = references.iter().find(|(_, found)| found.name == other.name) else {
        return;
    };
    let by_key = other.by_key();
    let tenants = view.values(tenant);
    let keys = view.values(reference);
    for column in other.columns().filter(|column| !resource.holds(column)) {
        let values = other.values(column);
        let mut of = 0;
        let agree = (0..view.len())
            .filter(|row| {
                let value = keys[*row]
                    .and_then(|key| by_key.get(key))
                    .and_then(|at| values[*at]);
                of += usize::from(value.is_some());
                value.is_some() && value == tenants[*row]
            })
            .count();
        if agree >= 10 && agree == of {
            let why = format!("{} bookings name the same", share(agree, of));
            resource.columns.insert(
                "tenant",
                Guess {
                    column: column.to_owned(),
                    time: None,
                    major: false,
                    why,
                },
            );
            return;
        }
    }
}
