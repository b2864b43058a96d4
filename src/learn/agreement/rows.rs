//! Makes rows, as a backup would have them, of the bookings on which the sources agree.

use super::facts::{Stated, Unit};
use super::groups::Group;
use super::money::Prices;
use super::reference::References;
use super::times::Edges;
use crate::mapping::squash;
use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, Business, FieldName, RawRow, Status, When,
};
use crate::reading::phone_tail;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// The rows, and what is known of each group.
pub(super) struct Rows {
    pub baseline: Baseline,
    pub statuses: Vec<Option<Status>>,
    /// Whether each group made a row.
    pub kept: Vec<bool>,
}

pub(super) fn rows(
    groups: &[Group],
    units: &[Unit],
    references: &References,
    edges: &Edges,
    prices: &Prices,
    business: &Business,
) -> Rows {
    let mut made = Baseline::default();
    let (mut statuses, mut all_kept) = (Vec::new(), Vec::new());
    let states = tells_states(groups, units);
    let phones = Phones::of(groups, units);
    for (at, group) in groups.iter().enumerate() {
        // No text holds such a key by chance.
        let key = format!("standin{at}row");
        let span = edges.span(group, units, business);
        let status = span.and_then(|(from, _)| status(group, units, from, states, business));
        statuses.push(status);
        let total = prices.of(group, units);
        let priced = total.is_some() || !prices.known() || prices.silent(group, units);
        let kept = span.is_some() && priced;
        all_kept.push(kept);
        for (id, amount, back) in group.payments.iter().flat_map(|at| &units[*at].charges) {
            made.payments.push(BaselinePayment {
                key: id.clone(),
                booking: kept.then(|| key.clone()),
                provider_id: Some(id.clone()),
                amount: *amount,
                refunded: crate::model::Money::new(*back, amount.currency),
                paid_at: None,
                raw: RawRow::default(),
            });
        }
        let (Some((from, to)), true) = (span, kept) else {
            continue;
        };
        let customer = customer(group, units, &phones, format!("{key}person"));
        made.bookings.push(BaselineBooking {
            key,
            tenant: group.tenant.clone(),
            reference: group
                .reference
                .as_ref()
                .and_then(|folded| references.written(group.tenant.as_deref(), folded)),
            customer: Some(customer.key.clone()),
            resource: None,
            starts_at: Some(from),
            ends_at: to,
            status,
            total,
            created_at: group
                .messages
                .iter()
                .chain(&group.events)
                .filter_map(|at| units[*at].made_at)
                .min(),
            raw: RawRow::default(),
        });
        made.customers.push(customer);
    }
    Rows {
        baseline: made,
        statuses,
        kept: all_kept,
    }
}

/// Whom the messages go to; whoever published data names goes first.
fn customer(group: &Group, units: &[Unit], phones: &Phones, key: String) -> BaselineCustomer {
    let messages = || group.messages.iter().rev().map(|at| &units[*at]);
    let stated = |field| {
        messages().find_map(|unit| match unit.stated.get(&field) {
            Some(Stated::Text(text)) => Some(text.clone()),
            _ => None,
        })
    };
    let addressed = messages().find_map(|unit| unit.names.values().next().cloned());
    let email = messages().find_map(|unit| unit.emails.first().cloned());
    BaselineCustomer {
        key,
        name: stated(FieldName::CustomerName).or(addressed),
        email: stated(FieldName::CustomerEmail).or(email),
        phone: phones.of_group(group, units),
        ..BaselineCustomer::default()
    }
}

/// A number that stands with so many people is nobody's; a family may share one.
const PEOPLE: usize = 3;
/// Where one in so many numbers is nobody's, they are no telephones: plates, rooms.
const NOBODYS_IN: usize = 5;

/// Whose telephone numbers may be.
struct Phones {
    nobodys: BTreeSet<String>,
    /// Whether what looks like telephone numbers is as a rule.
    told: bool,
}

impl Phones {
    fn of(groups: &[Group], units: &[Unit]) -> Self {
        let mut people: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for group in groups {
            let mut emails = group.messages.iter().flat_map(|at| &units[*at].emails);
            let Some(who) = emails.next() else { continue };
            for phone in shared_phones(group, units) {
                people.entry(phone).or_default().insert(who);
            }
        }
        let all = people.len();
        let many = people.into_iter().filter(|(_, people)| people.len() >= PEOPLE);
        let nobodys: BTreeSet<String> = many.map(|(phone, _)| phone).collect();
        // One or two are the business's own.
        let told = nobodys.len() < PEOPLE || nobodys.len() * NOBODYS_IN < all;
        Self { nobodys, told }
    }

    /// A phone number of the calendar's entry that hardly any other entry has, or that a payment knows too.
    fn of_group(&self, group: &Group, units: &[Unit]) -> Option<String> {
        let mut shared = shared_phones(group, units).into_iter();
        let phone = shared.find(|phone| !self.nobodys.contains(phone))?;
        (self.told && squash(&phone).len() >= 7).then_some(phone)
    }
}

/// The numbers of a booking's entries that messages or payments know too, then those that both of these know.
fn shared_phones(group: &Group, units: &[Unit]) -> Vec<String> {
    let of = |list: &[usize]| -> BTreeSet<String> {
        let phones = list.iter().flat_map(|at| units[*at].phones.iter());
        // A booking's number may look like a telephone's.
        let number = group.reference.as_deref().map(phone_tail);
        phones
            .filter(|phone| Some(*phone) != number.as_ref())
            .cloned()
            .collect()
    };
    let (planned, told, paid) = (of(&group.events), of(&group.messages), of(&group.payments));
    let known = planned
        .iter()
        .filter(|phone| told.contains(*phone) || paid.contains(*phone));
    let both = told
        .iter()
        .filter(|phone| paid.contains(*phone) && !planned.contains(*phone));
    known.chain(both).cloned().collect()
}

/// An entry is made within this, give or take.
const MAKING: TimeDelta = TimeDelta::minutes(5);

/// Who never calls a booking off in published data may call all of them on, whatever became of them.
const STATES: usize = 3;

/// Whether published data calls some bookings on and others off.
fn tells_states(groups: &[Group], units: &[Unit]) -> bool {
    let said = groups.iter().filter_map(|group| published(group, units));
    let (off, all) = said.fold((0, 0), |(off, all), said| (off + usize::from(said), all + 1));
    off >= STATES && all - off >= STATES
}

/// Whether the last message of a booking calls it off in published data, or on.
fn published(group: &Group, units: &[Unit]) -> Option<bool> {
    group.messages.last().and_then(|at| units[*at].off)
}

/// What the calendar and the payments show of it; None where they do not show the same, or where the entry was
/// changed and nothing tells how. Of what no entry stands for, what published data says and no refund contradicts.
fn status(group: &Group, units: &[Unit], from: When, states: bool, business: &Business) -> Option<Status> {
    let entries: Vec<&Unit> = group.events.iter().map(|at| &units[*at]).collect();
    let charges = || group.payments.iter().flat_map(|at| &units[*at].charges);
    let paid_back = charges().next().is_some() && charges().all(|(_, amount, back)| amount.minor == *back);
    let struck = entries.iter().filter(|entry| entry.struck).count();
    if entries.is_empty() && states {
        let off = published(group, units)?;
        return match (off, paid_back) {
            (true, _) => Some(Status::Cancelled),
            (false, false) => Some(Status::Confirmed),
            (false, true) => None,
        };
    }
    if entries.is_empty() || struck > 0 && struck < entries.len() {
        return None;
    }
    if struck > 0 {
        return Some(Status::Cancelled);
    }
    let touched = entries.iter().any(|entry| {
        entry
            .made_at
            .zip(entry.said_at)
            .is_some_and(|(made, said)| said - made > MAKING)
    });
    let followed = group.messages.len() > 1;
    // Another message told of another start: that is what was changed.
    let moved = group
        .messages
        .iter()
        .any(|at| !units[*at].dates.is_empty() && !units[*at].tells(from, business));
    match (paid_back, touched && followed && !moved) {
        (true, true) => Some(Status::Cancelled),
        (false, false) => Some(Status::Confirmed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::Unit;
    use super::super::groups::Group;
    use super::Phones;

    /// A booking of somebody whose entry and message share a number.
    fn booked(units: &mut Vec<Unit>, who: &str, number: &str) -> Group {
        let unit = |email: Option<&str>| Unit {
            emails: email.map(str::to_owned).into_iter().collect(),
            phones: [number.to_owned()].into(),
            ..Unit::default()
        };
        units.extend([unit(Some(who)), unit(None)]);
        Group {
            messages: vec![units.len() - 2],
            events: vec![units.len() - 1],
            ..Group::default()
        }
    }

    #[test]
    fn a_number_of_many_people_is_nobodys() {
        let mut units = Vec::new();
        let mut groups: Vec<Group> = (0..20)
            .map(|at| {
                booked(
                    &mut units,
                    &format!("a{at}@mail.example"),
                    &format!("30048{at:02}00"),
                )
            })
            .collect();
        groups.extend((0..4).map(|at| booked(&mut units, &format!("b{at}@mail.example"), "2521112233")));
        let phones = Phones::of(&groups, &units);
        assert_eq!(phones.of_group(&groups[0], &units).as_deref(), Some("300480000"));
        assert_eq!(phones.of_group(&groups[21], &units), None);
    }

    #[test]
    fn numbers_that_come_back_with_other_people_are_no_telephones() {
        let mut units = Vec::new();
        let plate = |at: usize| format!("51160{:02}48", at % 6);
        let mut groups: Vec<Group> = (0..30)
            .map(|at| booked(&mut units, &format!("a{at}@mail.example"), &plate(at)))
            .collect();
        groups.push(booked(&mut units, "last@mail.example", "511609948"));
        let phones = Phones::of(&groups, &units);
        assert_eq!(phones.of_group(&groups[30], &units), None);
    }
}
