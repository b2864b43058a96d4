//! Who a booking is for, where records tell no more than a part of the name, or somebody else's.

use super::customers::Customers;
use super::question::{Questions, candidate};
use super::timeline::Timeline;
use super::{Context, Input};
use crate::mapping::{abbreviated, part_of_name, squash};
use crate::model::{
    About, BaselineCustomer, Booking, Cluster, ConflictKind, Customer, Document, FieldName, Scalar, Value,
};
use crate::reading::phone_tail;
use std::collections::BTreeMap;

/// How often people of whom records tell a part of the name alone are called no more than that in the backup.
#[derive(Debug, Default, Clone, Copy)]
pub struct Whole {
    all: u32,
    whole: u32,
}

impl Whole {
    /// Fewer bookings than this prove nothing.
    const KNOWN: u32 = 20;
    const LIKELY: u32 = 4;

    /// Counts the bookings of the backup.
    pub fn learn(input: &Input<'_>) -> Self {
        let names: BTreeMap<&str, &str> = input
            .baseline
            .customers
            .iter()
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        let mut counted = Self::default();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let customer = input.baseline.bookings[at].customer.as_deref();
            let Some(name) = customer.and_then(|key| names.get(key)).copied() else {
                continue;
            };
            let claims = || {
                cluster
                    .members
                    .iter()
                    .flat_map(|at| &input.told[*at].claims.claims)
            };
            if claims().any(|claim| claim.field == FieldName::CustomerName) {
                continue;
            }
            let said = claims().find_map(|claim| match (claim.field, &claim.value) {
                (FieldName::CustomerCalled, Value::Text(said)) => Some(said),
                _ => None,
            });
            if let Some(said) = said {
                counted.all += 1;
                counted.whole += u32::from(squash(said) == squash(name));
            }
        }
        counted
    }

    fn is_sure(self) -> bool {
        self.all >= Self::KNOWN && self.whole == self.all
    }

    fn is_likely(self) -> bool {
        self.all >= Self::LIKELY && self.whole * 2 >= self.all
    }
}

/// More people of a surname and an initial are not offered.
const CALLED: usize = 3;

/// A customer of the backup, with the address that records state.
fn as_known(row: &BaselineCustomer, stated: &Customer) -> Customer {
    Customer {
        name: row.name.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        email: stated.email.clone().or_else(|| row.email.clone()),
        phone: stated.phone.clone().or_else(|| row.phone.clone()),
        baseline_key: Some(row.key.clone()),
    }
}

/// Whether a record holds what this customer's name has and another's has not, and calls them so.
fn is_named(row: &BaselineCustomer, document: &Document, other: &str, called: Option<&str>) -> bool {
    let texts: Vec<String> = document
        .items
        .iter()
        .filter_map(|item| match &item.value {
            Scalar::Text(text) => Some(squash(text)),
            _ => None,
        })
        .collect();
    let (name, other) = (row.name.as_deref().unwrap_or_default(), squash(other));
    let words = name.split_whitespace().map(squash);
    let mut own = words.filter(|word| !other.contains(word.as_str())).peekable();
    own.peek().is_some()
        && called.is_none_or(|said| part_of_name(said, name).is_some())
        && own.all(|word| texts.iter().any(|text| text.contains(&word)))
}

impl Customers<'_> {
    /// Takes the customer from a part of their name, where no record has all of it: with an address that the backup
    /// knows it is them; else the part may be all that the business writes of such people, and is asked about.
    pub fn place_called(
        &self,
        context: &Context<'_>,
        timeline: &Timeline<'_>,
        booking: &mut Booking,
        questions: &mut Questions,
    ) {
        let field = FieldName::CustomerCalled;
        let Some((Value::Text(said), claims, _)) = timeline.person(field) else {
            return;
        };
        let at_address = self.at_address(booking);
        let is_called = |row: &&BaselineCustomer| {
            let name = row.name.as_deref().unwrap_or_default();
            part_of_name(&said, name).is_some()
        };
        let mut rows: Vec<&BaselineCustomer> = at_address.iter().copied().filter(is_called).collect();
        let is_there = !rows.is_empty();
        // A surname with an initial is of few.
        if at_address.is_empty() && abbreviated(&said).is_some() {
            rows = self.all().filter(is_called).take(CALLED + 1).collect();
            if rows.len() > CALLED {
                rows.clear();
            }
        }
        if let ([row], true) = (rows.as_slice(), is_there) {
            booking.claims.insert(FieldName::CustomerName, claims);
            booking.customer = as_known(row, &booking.customer);
            if at_address.len() > 1 || self.has_families() {
                let name = row.name.as_deref().unwrap_or_default();
                let reason = format!(
                    "Only part of a name is known: {said}; the backup knows the address as that of {name}."
                );
                let given = candidate(Value::Text(name.to_owned()), timeline.records(field), 1000);
                let of = Some(FieldName::CustomerName);
                questions.ask(ConflictKind::WeakEvidence, of, reason, vec![given], Some(0));
            }
            return;
        }
        let by_name = timeline.calls_by_name(context);
        // Who is known by an address needs no name, unless the backup knows it as that of somebody else.
        if booking.customer.email.is_some() && (at_address.is_empty() || !by_name) {
            return;
        }
        booking.claims.insert(FieldName::CustomerName, claims);
        let whole = self.whole;
        if at_address.is_empty() && whole.is_sure() {
            booking.customer.name = Some(said);
            return;
        }
        // Somebody whom the backup calls otherwise may go by a nickname.
        let nicknamed = rows.is_empty() && !by_name;
        let known = if nicknamed { &at_address } else { &rows };
        let payer = timeline.payer_named(&said);
        let reason = format!("Only part of a name is known: {said}.");
        let mut candidates: Vec<_> = known
            .iter()
            .filter_map(|row| row.name.clone())
            .chain(payer.clone())
            .map(|name| candidate(Value::Text(name), timeline.records(field), 1000))
            .collect();
        candidates.push(candidate(Value::Text(said.clone()), timeline.records(field), 500));
        let likely = match known.as_slice() {
            [] => payer.is_some() || whole.is_likely(),
            one => one.len() == 1,
        };
        let of = Some(FieldName::CustomerName);
        questions.ask(
            ConflictKind::WeakEvidence,
            of,
            reason,
            candidates,
            likely.then_some(0),
        );
        match known.as_slice() {
            [row] => booking.customer = as_known(row, &booking.customer),
            _ => booking.customer.name = payer.or(Some(said)),
        }
    }

    /// The backup's customers of the booking's address or phone.
    fn at_address(&self, booking: &Booking) -> Vec<&BaselineCustomer> {
        let email = booking.customer.email.as_deref();
        let email = email.map(|email| email.trim().to_lowercase());
        let phone = booking.customer.phone.as_deref().map(phone_tail);
        let mut rows: Vec<&BaselineCustomer> = email
            .iter()
            .chain(&phone)
            .flat_map(|address| self.addressed(address))
            .collect();
        rows.sort_by_key(|row| &row.key);
        rows.dedup_by_key(|row| &row.key);
        rows
    }

    /// Asks where a record calls somebody what the customer is not called, or holds words with which it was somebody
    /// else before.
    pub fn doubt_called(
        &self,
        context: &Context<'_>,
        cluster: &Cluster,
        timeline: &Timeline<'_>,
        booking: &mut Booking,
        questions: &mut Questions,
    ) {
        let field = Some(FieldName::CustomerName);
        let asked = |kind| questions.asks(kind, FieldName::CustomerName);
        if asked(ConflictKind::FieldContradicts) || asked(ConflictKind::WeakEvidence) {
            return;
        }
        let named = booking.customer.name.clone();
        let told = || cluster.members.iter().map(|at| &context.input.told[*at]);
        let silenced = told().find_map(|told| {
            let mut of = told.claims.silenced.iter();
            let is_theirs = |said: &str| named.as_deref().is_none_or(|name| squash(said) == squash(name));
            let (_, said, words) =
                of.find(|(field, said, _)| *field == FieldName::CustomerName && is_theirs(said))?;
            Some((told.document, said, words))
        });
        let said = silenced.map(|(_, said, _)| said.clone());
        let Some(name) = named.or(said) else { return };
        let name = name.as_str();
        let other = timeline.called_otherwise(context, name);
        let (document, reason) = match (silenced, &other) {
            (_, Some((said, document))) => {
                let reason = format!("One record names {name}, another calls the customer {said}.");
                (*document, reason)
            }
            (Some((document, _, words)), None) => {
                let reason = format!(
                    "{} says \"{words}\", as those do that are for somebody else than {name}: who is it for?",
                    document.record
                );
                (document, reason)
            }
            (None, None) => return,
        };
        let called = other.as_ref().map(|(said, _)| said.as_str());
        let mut named = self.at_address(booking);
        named.retain(|row| is_named(row, document, name, called));
        let records = vec![document.record.clone()];
        let mut candidates: Vec<_> = named
            .iter()
            .filter_map(|row| row.name.clone())
            .map(|name| candidate(Value::Text(name), records.clone(), 1000))
            .collect();
        let suggested = (candidates.len() == 1).then_some(0);
        if let (Some((said, _)), true) = (&other, candidates.is_empty()) {
            candidates.push(candidate(Value::Text(said.clone()), records, 500));
        }
        candidates.push(candidate(Value::Text(name.to_owned()), Vec::new(), 500));
        questions.ask(
            ConflictKind::FieldContradicts,
            field,
            reason,
            candidates,
            suggested,
        );
        if let [row] = named.as_slice() {
            booking.customer = as_known(row, &booking.customer);
        }
    }
}
