//! Sorts new bookings: which are live already, which would collide, which go in.

use super::{BOOKINGS, CUSTOMERS, PAYMENTS, Plan, payments};
use crate::export::script::Writer;
use crate::model::TakenReference;

/// A live booking's columns that new ones are held against, by field.
pub(super) const FIELDS: [&str; 6] = ["tenant", "customer", "resource", "starts_at", "ends_at", "status"];

const UNDECIDED: &str = "s.rebook_action = 'insert' AND s.rebook_state IS NULL";

impl<W: Writer> Plan<'_, W> {
    pub(super) fn sort_inserts(&mut self) {
        let relation = &self.relations.booking;
        self.title("New bookings: found by reference, else by customer, start and resource.");
        self.take_customers();
        self.create_lookup("rebook_live_bookings", relation, &FIELDS);
        self.create_lookup("rebook_new_bookings", relation, &FIELDS);
        let matching = self.booking_match("t");
        self.lookup("rebook_live_bookings", relation, &FIELDS, matching.as_deref(), "");
        self.find_by_reference();
        self.find_by_nature();
        self.hold_paid_elsewhere();
        self.hold_taken(BOOKINGS, relation, UNDECIDED, "");
        self.hold_computed(BOOKINGS, relation, UNDECIDED, "");
        self.hold_orphans(BOOKINGS, relation, UNDECIDED, "");
        self.hold_refused(BOOKINGS, relation, UNDECIDED, "");
        self.hold_overlaps("rebook_live_bookings", UNDECIDED);
        self.set(BOOKINGS, "rebook_state = 'insert'", UNDECIDED);

        let stands = self.stands(relation, "t", "s");
        let keyed = self.keyed(relation, "t", "s");
        let target = self.w.table(&relation.name);
        self.set(
            BOOKINGS,
            "rebook_state = 'loaded'",
            &format!(
                "s.rebook_state = 'live' AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands})"
            ),
        );
        self.set(
            BOOKINGS,
            "rebook_reason = 'live already, and different now: left as it is'",
            "s.rebook_state = 'live'",
        );
    }

    /// The live customer of each new booking, or the reason why there can be none.
    fn take_customers(&mut self) {
        let relation = &self.relations.booking;
        let (Some(customers), Some(slot)) = (&self.relations.customer, relation.field("customer")) else {
            return;
        };
        let parent = self.relations.parent_column(relation, &slot.column, customers);
        self.take(
            BOOKINGS,
            (CUSTOMERS, "c"),
            &[(slot.column.clone(), self.col("c", &parent))],
            "c.rebook_no = s.rebook_customer AND c.rebook_state = 'live'",
        );
        self.take(
            BOOKINGS,
            (CUSTOMERS, "c"),
            &[
                ("rebook_state".to_owned(), "'held'".to_owned()),
                ("rebook_reason".to_owned(), "c.rebook_reason".to_owned()),
            ],
            "c.rebook_no = s.rebook_customer AND c.rebook_state = 'held'",
        );
    }

    fn find_by_reference(&mut self) {
        let relation = &self.relations.booking;
        if relation.field("reference").is_none() {
            return;
        }
        let mut same = vec![UNDECIDED.to_owned(), "l.rebook_match = s.rebook_match".to_owned()];
        for field in ["customer", "starts_at"] {
            if let Some((theirs, ours)) = self.pair(relation, field, "l", "s") {
                same.push(self.w.same(&theirs, &ours));
            }
        }
        self.take_live(&same.join(" AND "));
        if let TakenReference::Suffixed(suffix) = &relation.entity.taken_reference {
            self.suffix_taken(suffix, &same.join(" AND "));
        }
        self.hold(
            BOOKINGS,
            "its reference has been given to another booking",
            &format!(
                "{UNDECIDED} AND EXISTS (SELECT 1 FROM {} AS l WHERE l.rebook_match = s.rebook_match)",
                self.w.temporary("rebook_live_bookings")
            ),
        );
    }

    /// A booking whose reference was given out anew gets one of its own, and is looked for under that.
    fn suffix_taken(&mut self, suffix: &str, same: &str) {
        let relation = &self.relations.booking;
        let Some(slot) = relation.field("reference") else {
            return;
        };
        let mut literal = String::new();
        self.w.literal(&super::text(suffix), &mut literal);
        let column = self.col("s", &slot.column);
        let taken = format!(
            "{UNDECIDED} AND EXISTS (SELECT 1 FROM {} AS l WHERE l.rebook_match = s.rebook_match)",
            self.w.temporary("rebook_live_bookings")
        );
        if let Some(most) = slot.longest() {
            let room = most.saturating_sub(suffix.chars().count());
            self.hold(
                BOOKINGS,
                "its reference has been given to another booking, and there is no room for a suffix",
                &format!("{taken} AND CHAR_LENGTH({column}) > {room}"),
            );
        }
        let mut reason = String::new();
        let words = format!("its reference has been given to another booking: it becomes one with {suffix}");
        self.w.literal(&super::text(&words), &mut reason);
        self.set(
            BOOKINGS,
            &format!(
                "{} = {}, rebook_reason = {reason}",
                self.w.name(&slot.column),
                self.w.joined(&column, &literal)
            ),
            &taken,
        );
        if let Some(matching) = self.booking_match("s") {
            self.set(
                BOOKINGS,
                &format!("rebook_match = {matching}"),
                &format!("{UNDECIDED} AND s.rebook_reason IS NOT NULL"),
            );
        }
        self.take_live(&format!("s.rebook_reason IS NOT NULL AND {same}"));
    }

    /// By customer, start and resource: all that a booking without a reference is known by.
    fn find_by_nature(&mut self) {
        let natural = self.natural("l", "s");
        let live = self.w.temporary("rebook_live_bookings");
        let unnamed = format!("{UNDECIDED} AND s.rebook_match IS NULL");
        self.hold(
            BOOKINGS,
            "several live bookings have its customer, start and resource",
            &format!("{unnamed} AND (SELECT count(*) FROM {live} AS l WHERE {natural}) > 1"),
        );
        self.take_live(&format!("{unnamed} AND {natural}"));
        if self.relations.booking.field("customer").is_some() {
            self.hold(
                BOOKINGS,
                "its customer has a live booking of that resource at that time, under another reference",
                &format!(
                    "{UNDECIDED} AND s.rebook_twin = 0 AND EXISTS (SELECT 1 FROM {live} AS l WHERE {natural})"
                ),
            );
        }
    }

    fn take_live(&mut self, condition: &str) {
        let mut sets = self.taken_keys(&self.relations.booking, "l");
        sets.push(("rebook_state".to_owned(), "'live'".to_owned()));
        self.take(BOOKINGS, ("rebook_live_bookings", "l"), &sets, condition);
    }

    /// A charge that is live already pays for a live booking: somebody has entered this one again by hand.
    fn hold_paid_elsewhere(&mut self) {
        let Some(relation) = &self.relations.payment else {
            return;
        };
        self.create_lookup("rebook_live_payments", relation, &payments::FIELDS);
        self.create_lookup("rebook_new_payments", relation, &payments::FIELDS);
        let matching = self.payment_match("t");
        self.lookup(
            "rebook_live_payments",
            relation,
            &payments::FIELDS,
            matching.as_deref(),
            "",
        );
        let (ours, live) = (
            self.w.temporary(PAYMENTS),
            self.w.temporary("rebook_live_payments"),
        );
        self.hold(
            BOOKINGS,
            "its payment stands on another live booking",
            &format!(
                "{UNDECIDED} AND EXISTS (SELECT 1 FROM {ours} AS p, {live} AS l WHERE p.rebook_booking = s.rebook_no AND l.rebook_match = p.rebook_match)"
            ),
        );
    }
}
