//! Holds what would be loaded against what is live now: backup, rebuilt, live.
//!
//! In: the staged rows, and a fresh dump of production read as the backup is. Out: for every row exactly one
//! outcome, with its reason. What needs nothing more is taken out of the file; what is left is sorted once more
//! by the SQL when it runs, for live rows may move between the dump and the load. The rules are those of
//! `plan`, in the same order; values are compared by what they mean, since two dumps may spell a moment
//! or a sum in two ways.

use super::customers::CustomerRow;
use super::live::{Live, View, base_is_live, differences};
use super::payments::PaymentRow;
use super::relation::{Relation, Relations};
use super::staged::{BookingRow, RowAction, Staged};
use super::{Fate, Held, Options, Outcome};
use crate::model::{Baseline, BaselineBooking, Business, EntityKind, Status, TakenReference};
use std::collections::{BTreeMap, BTreeSet};

/// What was found out about one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub outcome: Outcome,
    pub reason: String,
    /// The live row, where there is one.
    pub key: Option<String>,
}

impl Verdict {
    fn new(outcome: Outcome, reason: impl Into<String>, key: Option<&str>) -> Self {
        Self {
            outcome,
            reason: reason.into(),
            key: key.map(str::to_owned),
        }
    }

    pub(super) fn held(reason: impl Into<String>) -> Self {
        Self::new(Outcome::Held, reason, None)
    }
}

/// Sorts the staged rows by what is live, and takes out of them what needs no writing. Gives the fates of all.
pub(super) fn merge(
    staged: &mut Staged<'_>,
    relations: &Relations<'_>,
    business: &Business,
    backup: Option<&Baseline>,
    live: &Baseline,
    options: &Options,
) -> Vec<Fate> {
    let merge = Merge {
        live: Live::new(relations, live, business.zone),
        backup: backup
            .into_iter()
            .flat_map(|backup| &backup.bookings)
            .map(|row| (row.key.as_str(), row))
            .collect(),
        relations,
        options,
    };
    let customers: BTreeMap<usize, Verdict> = staged
        .customers
        .iter()
        .map(|row| (row.no, merge.customer(row)))
        .collect();
    let bookings = merge.bookings(&staged.bookings, &customers, &staged.payments);
    let payments: Vec<Verdict> = staged
        .payments
        .iter()
        .map(|row| merge.payment(row, &bookings, backup))
        .collect();
    let mut fates = fates(staged, relations, &customers, &bookings, &payments);
    prune(staged, &customers, &bookings, &payments);
    let needed: BTreeSet<usize> = staged.customers.iter().map(|row| row.no).collect();
    for fate in fates.iter_mut().filter(|fate| fate.outcome == Outcome::Insert) {
        if let Some((EntityKind::Customer, no)) = fate.place
            && !needed.contains(&no)
        {
            fate.outcome = Outcome::Held;
            "no booking of it goes in".clone_into(&mut fate.reason);
        }
    }
    fates
}

struct Merge<'a> {
    live: Live<'a>,
    backup: BTreeMap<&'a str, &'a BaselineBooking>,
    relations: &'a Relations<'a>,
    options: &'a Options,
}

/// What a booking without a row to write is, while its payments are sorted.
type Verdicts = BTreeMap<usize, (RowAction, Verdict)>;

impl Merge<'_> {
    fn customer(&self, row: &CustomerRow) -> Verdict {
        let Some(relation) = &self.relations.customer else {
            return Verdict::new(Outcome::Insert, "", None);
        };
        let cells = match &row.cells {
            Ok(cells) => cells,
            Err(reason) => return Verdict::held(reason.clone()),
        };
        if row.known {
            return match self.live.known_customer(relation, cells) {
                Some(key) => Verdict::new(Outcome::Live, "", Some(key)),
                None => Verdict::held("its customer is gone, or is somebody else now"),
            };
        }
        match self.live.customers_like(relation, cells).as_slice() {
            [] => {}
            [only] => return Verdict::new(Outcome::Live, "", Some(only)),
            _ => return Verdict::held("several live customers could be its customer"),
        }
        match self.live.taken(relation, cells) {
            Some(columns) => Verdict::held(format!("its customer: {columns} is taken by another live row")),
            None => Verdict::new(Outcome::Insert, "", None),
        }
    }

    fn bookings(
        &self,
        rows: &[BookingRow<'_>],
        customers: &BTreeMap<usize, Verdict>,
        payments: &[PaymentRow<'_>],
    ) -> Verdicts {
        let mut verdicts = Verdicts::new();
        for row in rows.iter().filter(|row| row.action != RowAction::Insert) {
            verdicts.insert(row.no, (row.action, self.changed(row)));
        }
        let moved = self.settle(rows, &mut verdicts);
        let mut charges: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for payment in payments {
            if let Some(no) = payment.booking {
                charges.entry(no).or_default().push(&payment.payment.id);
            }
        }
        for row in rows.iter().filter(|row| row.action == RowAction::Insert) {
            let paid = charges.get(&row.no).map_or(&[][..], Vec::as_slice);
            verdicts.insert(row.no, (row.action, self.of_new(row, customers, paid, &moved)));
        }
        verdicts
    }

    /// Holds changes that live rows are in the way of, and gives the rows that do move. What the file itself moves is out
    /// of the way, for the rebuilt bookings agree with each other; what is held stays where it is, and may hold others.
    fn settle(&self, rows: &[BookingRow<'_>], verdicts: &mut Verdicts) -> BTreeSet<String> {
        loop {
            let moved = moved_away(rows, verdicts);
            let mut settled = true;
            for row in rows.iter().filter(|row| row.action == RowAction::Update) {
                if let Some((_, verdict)) = verdicts.get_mut(&row.no)
                    && verdict.outcome == Outcome::Update
                    && let Some(reason) = self.refused(row, &moved)
                {
                    *verdict = Verdict::held(reason);
                    settled = false;
                }
            }
            if settled {
                return moved;
            }
        }
    }

    /// A booking of the backup: changed only where the row still is as the backup had it.
    fn changed(&self, row: &BookingRow<'_>) -> Verdict {
        let relation = &self.relations.booking;
        let key = row.booking.baseline_key.as_deref().unwrap_or_default();
        let (Some(live), Some(base)) = (self.live.booking(key), self.backup.get(key)) else {
            return Verdict::held("deleted since the backup");
        };
        if row.action == RowAction::Keep {
            let same = |field| relation.field(field).is_none() || base_is_live(relation, base, live, field);
            return if same("reference") && same("customer") {
                Verdict::new(Outcome::Live, "", Some(key))
            } else {
                Verdict::held("its row in the backup belongs to another booking now")
            };
        }
        let ours = View::of_row(row);
        let touched = |field: &str| row.changes(relation, field);
        let fields = || relation.mapped();
        let stands = fields().all(|field| {
            if touched(field) {
                self.live.same(relation, &ours, live, field)
            } else {
                base_is_live(relation, base, live, field)
            }
        });
        if stands {
            return Verdict::new(Outcome::Loaded, "", Some(key));
        }
        let moved: Vec<&str> = fields()
            .filter(|field| !base_is_live(relation, base, live, field))
            .collect();
        if moved.is_empty() {
            return Verdict::new(Outcome::Update, "", Some(key));
        }
        Verdict::new(
            Outcome::Held,
            format!(
                "changed since the backup, by somebody else too: {}",
                moved.join(", ")
            ),
            Some(key),
        )
    }

    fn of_new(
        &self,
        row: &BookingRow<'_>,
        customers: &BTreeMap<usize, Verdict>,
        charges: &[&str],
        moved: &BTreeSet<String>,
    ) -> Verdict {
        let relation = &self.relations.booking;
        let mut ours = View::of_row(row);
        if let Some(customer) = row.customer.and_then(|no| customers.get(&no)) {
            match customer.outcome {
                Outcome::Held => return Verdict::held(customer.reason.clone()),
                Outcome::Live => ours.customer.clone_from(&customer.key),
                // Its row is not there yet, so nothing live is its booking.
                _ => ours.customer = None,
            }
        }
        let mut note = String::new();
        if let Some(reference) = ours.reference.clone().filter(|text| !text.is_empty()) {
            let (found, taken) = self.live.by_reference(relation, &ours);
            if let Some(live) = found {
                return self.standing(relation, row, &ours, live);
            }
            if taken {
                let TakenReference::Suffixed(suffix) = &relation.entity.taken_reference else {
                    return Verdict::held("its reference has been given to another booking");
                };
                let suffixed = format!("{reference}{suffix}");
                if let Some(Err(reason)) = relation.field("reference").map(|slot| slot.text(&suffixed)) {
                    return Verdict::held(reason);
                }
                ours.reference = Some(suffixed.clone());
                match self.live.by_reference(relation, &ours) {
                    (Some(live), _) => return self.standing(relation, row, &ours, live),
                    (None, true) => {
                        return Verdict::held(format!(
                            "its reference has been given to another booking, and {suffixed} too"
                        ));
                    }
                    (None, false) => {
                        note =
                            format!("its reference has been given to another booking: it becomes {suffixed}");
                    }
                }
            }
        }
        let natural = self.live.by_nature(relation, &ours);
        if ours.reference.as_deref().is_none_or(str::is_empty) {
            match natural.as_slice() {
                [] => {}
                [only] => return self.standing(relation, row, &ours, only),
                _ => return Verdict::held("several live bookings have its customer, start and resource"),
            }
        } else if !row.twin && relation.field("customer").is_some() && !natural.is_empty() {
            return Verdict::held(
                "its customer has a live booking of that resource at that time, under another reference",
            );
        }
        if charges.iter().any(|charge| self.live.has_charge(charge)) {
            return Verdict::held("its payment stands on another live booking");
        }
        // A suffixed reference is new; the others must be free.
        if note.is_empty()
            && let Some(columns) = self.live.taken(relation, &row.cells)
        {
            return Verdict::held(format!("{columns} is taken by another live row"));
        }
        match self.refused(row, moved) {
            Some(reason) => Verdict::held(reason),
            None => Verdict::new(Outcome::Insert, note, None),
        }
    }

    fn standing(
        &self,
        relation: &Relation<'_>,
        row: &BookingRow<'_>,
        ours: &View,
        live: &BaselineBooking,
    ) -> Verdict {
        let different = differences(&self.live, relation, row, ours, live);
        if different.is_empty() {
            return Verdict::new(Outcome::Loaded, "", Some(&live.key));
        }
        Verdict::new(
            Outcome::Live,
            format!(
                "live already, and different now: left as it is ({})",
                different.join(", ")
            ),
            Some(&live.key),
        )
    }

    /// What the live rows refuse: a resource that is gone or taken.
    fn refused(&self, row: &BookingRow<'_>, moved: &BTreeSet<String>) -> Option<String> {
        let relation = &self.relations.booking;
        let ours = View::of_row(row);
        if let (Some(slot), Some(resource)) = (relation.field("resource"), &ours.resource)
            && self.relations.resource.is_some()
            && !self.live.has_resource(resource)
        {
            return Some(format!("what {} points at is not there any more", slot.column));
        }
        let rules = self.relations.exclusive(self.options)?;
        let stands = rules.cancelled || ours.status != Some(Status::Cancelled);
        let own = row.booking.baseline_key.as_deref();
        (stands && self.live.overlaps(&ours, own, moved, rules))
            .then(|| "double booking: a live booking has its resource at that time".to_owned())
    }

    fn payment(&self, row: &PaymentRow<'_>, bookings: &Verdicts, backup: Option<&Baseline>) -> Verdict {
        let Some(no) = row.booking else {
            return self.live.refund(row, backup);
        };
        let booking = match bookings.get(&no) {
            None => return Verdict::held("its booking is held"),
            Some((_, verdict)) if verdict.outcome == Outcome::Held => {
                return Verdict::held(format!("its booking is held: {}", verdict.reason));
            }
            Some((_, verdict)) => verdict,
        };
        match self.live.charge(row, booking.key.as_deref()) {
            None => Verdict::new(Outcome::Insert, "", None),
            Some((key, true)) => Verdict::new(Outcome::Loaded, "", Some(key)),
            Some((key, false)) => Verdict::new(
                Outcome::Held,
                "live already, on another booking or with another amount",
                Some(key),
            ),
        }
    }
}

/// The live rows that the file changes, by their keys.
fn moved_away(rows: &[BookingRow<'_>], verdicts: &Verdicts) -> BTreeSet<String> {
    rows.iter()
        .filter(|row| {
            verdicts
                .get(&row.no)
                .is_some_and(|(_, verdict)| verdict.outcome == Outcome::Update)
        })
        .filter_map(|row| row.booking.baseline_key.clone())
        .collect()
}

/// What becomes of every row.
fn fates(
    staged: &Staged<'_>,
    relations: &Relations<'_>,
    customers: &BTreeMap<usize, Verdict>,
    bookings: &Verdicts,
    payments: &[Verdict],
) -> Vec<Fate> {
    let mut fates = super::fates::before(staged, relations);
    for fate in &mut fates {
        let found = match fate.place {
            Some((EntityKind::Customer, no)) => customers.get(&no),
            Some((EntityKind::Booking, no)) => bookings.get(&no).map(|(_, verdict)| verdict),
            Some((EntityKind::Payment, no)) => payments.get(no),
            _ => None,
        };
        if let Some(verdict) = found {
            fate.outcome = verdict.outcome;
            // What an update changes is said already.
            if verdict.outcome != Outcome::Update {
                fate.reason.clone_from(&verdict.reason);
            }
            fate.key.clone_from(&verdict.key);
        }
    }
    fates
}

/// Leaves in the file what is still to be written, and what that points at.
fn prune(
    staged: &mut Staged<'_>,
    customers: &BTreeMap<usize, Verdict>,
    bookings: &Verdicts,
    payments: &[Verdict],
) {
    let writes = |outcome: Outcome| matches!(outcome, Outcome::Insert | Outcome::Update);
    for (row, verdict) in staged.payments.iter().zip(payments) {
        if verdict.outcome == Outcome::Held {
            staged.held.push(Held {
                payment: Some(row.payment.id.clone()),
                ..super::staged::hold(row.owner, verdict.reason.clone())
            });
        }
    }
    let mut verdicts = payments.iter();
    staged
        .payments
        .retain(|_| verdicts.next().is_some_and(|verdict| writes(verdict.outcome)));
    let parents: BTreeSet<usize> = staged.payments.iter().filter_map(|row| row.booking).collect();
    for row in &staged.bookings {
        // A row that only stands for the parent of payments is no loss; its payments are listed.
        if let Some((action, verdict)) = bookings.get(&row.no)
            && verdict.outcome == Outcome::Held
            && *action != RowAction::Keep
        {
            staged
                .held
                .push(super::staged::hold(row.booking, verdict.reason.clone()));
        }
    }
    staged.bookings.retain(|row| {
        parents.contains(&row.no)
            || bookings
                .get(&row.no)
                .is_some_and(|(_, verdict)| writes(verdict.outcome))
    });
    let is_live = |verdict: &Verdict| matches!(verdict.outcome, Outcome::Loaded | Outcome::Live);
    for row in &mut staged.bookings {
        row.stands = bookings.get(&row.no).is_some_and(|(_, verdict)| is_live(verdict));
    }
    let needed: BTreeSet<usize> = staged.bookings.iter().filter_map(|row| row.customer).collect();
    staged.customers.retain(|row| needed.contains(&row.no));
    for row in &mut staged.customers {
        row.stands = customers.get(&row.no).is_some_and(is_live);
    }
}
