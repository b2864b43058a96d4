//! The customers that new bookings need: rows of the backup by their key, and new ones, each once.
//!
//! Two bookings have one customer where the backup's key says so, else the e-mail address (with the name where households
//! share one in the backup), else full name and phone number together. The latest booking's word fills a new row. Rows of the backup are staged only
//! to make sure that they still are who they were; they are never updated.

use super::cell::Cell;
use super::doubles;
use super::names::NameBorders;
use super::relation::{Relation, Source};
use super::rules::Rules;
use crate::model::{Baseline, BaselineCustomer, Booking, Customer, When};
use crate::reading::{fold, phone_tail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// One row to stage, in the order of the relation's columns.
pub(super) struct CustomerRow {
    pub no: usize,
    /// Stands in the backup, under the key that the cells hold.
    pub known: bool,
    /// New since the backup, and live already.
    pub stands: bool,
    pub cells: Result<Vec<Cell>, String>,
}

pub(super) struct Customers {
    /// The target keeps the customers of each tenant apart.
    by_tenant: bool,
    /// Members of a household share an e-mail address.
    households: bool,
    parties: Vec<Party>,
    /// Booking, by its place in the export, to party.
    of_booking: BTreeMap<usize, usize>,
    by_key: BTreeMap<String, usize>,
    by_email: BTreeMap<(Option<String>, String, Option<String>), usize>,
    by_person: BTreeMap<(Option<String>, String, String), usize>,
    pub notes: Vec<String>,
}

struct Party {
    customer: Customer,
    tenant: Option<String>,
    created_at: Option<DateTime<Utc>>,
}

impl Customers {
    pub(super) fn new(relation: Option<&Relation<'_>>) -> Self {
        Self {
            by_tenant: relation.is_some_and(|relation| relation.field("tenant").is_some()),
            households: relation.is_some_and(|relation| relation.households),
            parties: Vec::new(),
            of_booking: BTreeMap::new(),
            by_key: BTreeMap::new(),
            by_email: BTreeMap::new(),
            by_person: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// Takes the customer of one booking in; bookings come in the order in which they were made.
    pub(super) fn admit(&mut self, place: usize, booking: &Booking) {
        let customer = &booking.customer;
        if customer.baseline_key.is_none() && customer.name.is_none() && customer.email.is_none() {
            return;
        }
        let tenant = booking.tenant.as_ref().filter(|_| self.by_tenant);
        // A name of signs alone, or a number without digits, is nobody in particular.
        let name = filled(customer.name.as_deref()).map(|name| match fold(name) {
            folded if folded.is_empty() => name.to_owned(),
            folded => folded,
        });
        let member = name.clone().filter(|_| self.households);
        let email =
            filled(customer.email.as_deref()).map(|email| (tenant.cloned(), email.to_lowercase(), member));
        let phone = filled(customer.phone.as_deref())
            .map(phone_tail)
            .filter(|tail| !tail.is_empty());
        let person = match (name, phone) {
            (Some(name), Some(phone)) => Some((tenant.cloned(), name, phone)),
            (Some(name), None) if email.is_none() => Some((tenant.cloned(), name, String::new())),
            _ => None,
        };
        let found = match &customer.baseline_key {
            Some(key) => self.by_key.get(key).copied(),
            None => email
                .as_ref()
                .and_then(|email| self.by_email.get(email))
                .or_else(|| person.as_ref().and_then(|person| self.by_person.get(person)))
                .copied(),
        };
        let at = found.unwrap_or(self.parties.len());
        if found.is_none() {
            self.parties.push(Party {
                customer: customer.clone(),
                tenant: tenant.cloned(),
                created_at: booking.created_at,
            });
        } else {
            self.merge(at, booking);
        }
        if let Some(key) = &customer.baseline_key {
            self.by_key.insert(key.clone(), at);
        } else {
            if let Some(email) = email {
                self.by_email.insert(email, at);
            }
            if let Some(person) = person {
                self.by_person.insert(person, at);
            }
        }
        self.of_booking.insert(place, at);
    }

    /// A later booking's word stands, where it says anything.
    fn merge(&mut self, at: usize, booking: &Booking) {
        let party = &mut self.parties[at];
        let later = &booking.customer;
        let renamed = match (&party.customer.name, &later.name) {
            (Some(old), Some(new)) if fold(old) != fold(new) && later.baseline_key.is_none() => {
                self.notes.push(format!(
                    "booking {} names its customer `{new}`, an earlier one of the same e-mail address `{old}`: one customer row",
                    booking.id
                ));
                true
            }
            (None, Some(_)) => true,
            _ => false,
        };
        // The same name without its halves says less than the one that has them.
        if renamed || later.first_name.is_some() || later.last_name.is_some() {
            party.customer.name.clone_from(&later.name);
            party.customer.first_name.clone_from(&later.first_name);
            party.customer.last_name.clone_from(&later.last_name);
        }
        if later.email.is_some() {
            party.customer.email.clone_from(&later.email);
        }
        if later.phone.is_some() {
            party.customer.phone.clone_from(&later.phone);
        }
    }

    pub(super) fn of(&self, place: usize) -> Option<usize> {
        self.of_booking.get(&place).copied()
    }

    /// All rows, with the reason in place of the cells where one cannot be written.
    pub(super) fn rows(
        &self,
        relation: &Relation<'_>,
        baseline: Option<&Baseline>,
        zone: Tz,
    ) -> Vec<CustomerRow> {
        let known: BTreeMap<&str, &BaselineCustomer> = baseline
            .into_iter()
            .flat_map(|baseline| &baseline.customers)
            .map(|row| (row.key.as_str(), row))
            .collect();
        let borders = NameBorders::learn(baseline.map_or(&[], |baseline| &baseline.customers));
        let rules = Rules::of(relation, zone);
        let new = |party: &Party| {
            let cells = new_cells(relation, party, &borders, zone)?;
            match rules.refusal(&cells, &|_| None) {
                Some(refusal) => Err(format!("its customer: {refusal}")),
                None => Ok(cells),
            }
        };
        let mut rows: Vec<CustomerRow> = self
            .parties
            .iter()
            .enumerate()
            .map(|(no, party)| CustomerRow {
                no,
                known: party.customer.baseline_key.is_some(),
                stands: false,
                cells: match &party.customer.baseline_key {
                    Some(key) => Ok(known_cells(relation, key, known.get(key.as_str()).copied())),
                    None => new(party),
                },
            })
            .collect();
        hold_alike(relation, &mut rows, zone);
        rows
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn known_cells(relation: &Relation<'_>, key: &str, row: Option<&BaselineCustomer>) -> Vec<Cell> {
    let parts: BTreeMap<&str, &str> = relation.key_parts(key).collect();
    relation
        .columns
        .iter()
        .map(|column| match parts.get(column.as_str()) {
            Some(part) => Cell::raw(Some(part)),
            None => Cell::raw(row.and_then(|row| row.raw.get(column)?.as_deref())),
        })
        .collect()
}

fn new_cells(
    relation: &Relation<'_>,
    party: &Party,
    borders: &NameBorders,
    zone: Tz,
) -> Result<Vec<Cell>, String> {
    let customer = &party.customer;
    let joined = match (&customer.first_name, &customer.last_name) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (half, None) | (None, half) => half.clone(),
    };
    let name = filled(customer.name.as_deref()).or(joined.as_deref());
    let halves = match (&customer.first_name, &customer.last_name) {
        (None, None) => name.and_then(|name| borders.split(name)),
        _ => None,
    };
    let first = customer
        .first_name
        .as_deref()
        .or(halves.as_ref().map(|(first, _)| first.as_str()));
    let last = customer
        .last_name
        .as_deref()
        .or(halves.as_ref().map(|(_, last)| last.as_str()));
    if let Some(name) = name
        && first.is_none()
        && last.is_none()
        && relation.field("name").is_none()
        && (relation.field("first_name").is_some() || relation.field("last_name").is_some())
    {
        return Err(format!("nothing tells first and last name apart in `{name}`"));
    }
    let mut cells = vec![Cell::Null; relation.columns.len()];
    for slot in &relation.slots {
        let said = |what: &str, text: Option<&str>| match filled(text) {
            Some(text) => slot.text(text),
            None => slot.missing(what),
        };
        let cell = match slot.source {
            Source::Constant => slot.missing("constant")?,
            Source::Uuid => {
                let stable = [&party.tenant, &customer.email, &customer.name, &customer.phone]
                    .map(|part| part.as_deref().unwrap_or("").to_lowercase());
                slot.uuid(&super::uuid::of("customer", &stable.join("\n")))
            }
            Source::Field(field, _) => match field {
                "name" => said("customer's name", name)?,
                "first_name" => said("customer's first name", first)?,
                "last_name" => said("customer's last name", last)?,
                "email" => said("customer's e-mail address", customer.email.as_deref())?,
                "phone" => said("customer's phone number", customer.phone.as_deref())?,
                "tenant" => said("tenant", party.tenant.as_deref())?,
                "created_at" => match party.created_at {
                    Some(at) => slot.time(When::Instant(at), zone)?,
                    None => slot.missing("customer's first day")?,
                },
                other => slot.missing(other)?,
            },
        };
        if let Some(at) = relation.position(&slot.column) {
            cells[at] = cell;
        }
    }
    Ok(cells)
}

/// New customers who could not be told apart afterwards, or whom a unique column keeps apart, are all held.
fn hold_alike(relation: &Relation<'_>, rows: &mut [CustomerRow], zone: Tz) {
    let mut alike: BTreeMap<Vec<Option<String>>, Vec<usize>> = BTreeMap::new();
    let told = match_columns(relation);
    let email = relation
        .field("email")
        .and_then(|slot| relation.position(&slot.column));
    let new = || {
        rows.iter()
            .enumerate()
            .filter(|(_, row)| !row.known)
            .filter_map(|(at, row)| Some((at, row.cells.as_deref().ok()?)))
    };
    for (at, cells) in new() {
        let sign = match email.and_then(|email| cells[email].folded()) {
            Some(email) => {
                let names = NAMES.iter().filter(|_| relation.households);
                let columns = names.filter_map(|name| relation.position(&relation.field(name)?.column));
                std::iter::once(Some(email))
                    .chain(columns.map(|column| cells[column].folded()))
                    .collect()
            }
            None => told.iter().map(|&column| cells[column].folded()).collect(),
        };
        alike.entry(sign).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = alike.into_values().filter(|group| group.len() > 1).collect();
    let rules = Rules::of(relation, zone);
    for unique in relation.written_uniques() {
        let columns: Vec<usize> = unique
            .columns
            .iter()
            .filter_map(|column| relation.position(column))
            .collect();
        let among = |cells: &[Cell]| {
            unique
                .only
                .is_none_or(|only| !rules.denies(only, cells, &|_| None))
        };
        let rows = new().filter(|(_, cells)| among(cells));
        groups.extend(doubles::find(rows, &columns, |_, _| None));
    }
    for at in groups.into_iter().flatten() {
        rows[at].cells = Err("the target could not tell its customer from another new one".to_owned());
    }
}

/// Fields of which one group must be as it was for a customer of the backup to be the same person still: a first name alone is
/// anybody's.
pub(super) const SAME_PERSON: [&[&str]; 4] =
    [&["email"], &["phone"], &["name"], &["first_name", "last_name"]];

/// Fields that tell whose an e-mail address is where households share one.
pub(super) const NAMES: [&str; 3] = ["first_name", "last_name", "name"];

/// Columns that name a customer who has no e-mail address: tenant, names and phone.
pub(super) fn match_columns(relation: &Relation<'_>) -> Vec<usize> {
    ["tenant", "first_name", "last_name", "name", "phone"]
        .iter()
        .filter_map(|field| relation.position(&relation.field(field)?.column))
        .collect()
}
