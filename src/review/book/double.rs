//! What is booked twice at one time, once answers have moved bookings.

use super::super::settle::{follows, span_of};
use super::{Book, Member, Place, Thing};
use crate::model::{Booking, Candidate, Conflict, ConflictKind, FieldName, RecordId, Status, When};
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl Book<'_> {
    /// A thing as it was when the bookings were fused.
    pub(super) fn thing(&self, key: &str) -> Rc<Thing> {
        if let Some(known) = self.things.borrow().get(key) {
            return known.clone();
        }
        let mut rows = Vec::new();
        for row in self.terms.bookings_of(key) {
            if let (true, Some(from), Some(to)) =
                (row.status != Some(Status::Cancelled), row.starts_at, row.ends_at)
                && !self.shelf.is_told(&row.key)
            {
                rows.push((from, to));
            }
        }
        let thing = Rc::new(Thing {
            members: self.shelf.of_thing(key),
            rows,
        });
        self.things.borrow_mut().insert(key.to_owned(), thing.clone());
        thing
    }

    /// All that occupy one of these things, as fused or by now.
    pub(super) fn members(&self, things: &BTreeSet<String>) -> BTreeMap<usize, Member> {
        let mut members = BTreeMap::new();
        for key in things {
            for (at, span) in &self.thing(key).members {
                let was = span.map(|(from, to)| (key.clone(), from, to));
                let is = match self.settled.get(at) {
                    Some(settled) => span_of(&settled.booking),
                    None => was.clone(),
                };
                members.insert(*at, Member { was, is });
            }
        }
        for (at, settled) in &self.settled {
            let key = settled.booking.resource.key.as_ref();
            if key.is_some_and(|key| things.contains(key)) {
                members.entry(*at).or_insert_with(|| Member {
                    was: span_of(self.fused(*at)),
                    is: span_of(&settled.booking),
                });
            }
        }
        members
    }

    pub(super) fn clash(&self, one: Option<&Place>, two: Option<&Place>) -> bool {
        match (one, two) {
            (Some(one), Some(two)) => {
                one.0 == two.0
                    && self.moment(one.1) < self.moment(two.2)
                    && self.moment(two.1) < self.moment(one.2)
            }
            _ => false,
        }
    }

    /// What a booking is double booked with: as fused, where nobody moved since.
    pub(super) fn double(&self, at: usize, now: &Booking) -> Option<Conflict> {
        let fused = self.fused(at);
        let (here, was) = (span_of(now), span_of(fused));
        let things: BTreeSet<String> = [&here, &was]
            .into_iter()
            .flatten()
            .map(|(thing, _, _)| thing.clone())
            .collect();
        let mut partners = Vec::new();
        let mut is_as_fused = here == was;
        for (other, member) in self.members(&things) {
            if other == at {
                continue;
            }
            let is_partner = self.clash(here.as_ref(), member.is.as_ref());
            if is_partner {
                partners.push(other);
            }
            let was_partner = self.clash(was.as_ref(), member.was.as_ref());
            is_as_fused &= !(is_partner || was_partner) || member.was == member.is;
        }
        if is_as_fused {
            let asked = |conflict: &&Conflict| conflict.kind == ConflictKind::DoubleBooked;
            return fused.conflicts.iter().find(asked).cloned();
        }
        let (thing, from, to) = here?;
        let of_backup = self.thing(&thing);
        let row = of_backup.rows.iter().copied().find(|row| {
            self.clash(
                Some(&(thing.clone(), from, to)),
                Some(&(thing.clone(), row.0, row.1)),
            )
        });
        let (name, span, records) = match (partners.first(), row) {
            (Some(other), _) => {
                let other = self.get(*other);
                let name = other.reference.clone().unwrap_or_else(|| other.id.to_string());
                (name, (other.starts_at?, other.ends_at?), other.records.clone())
            }
            (None, Some(span)) => ("a booking of the backup".to_owned(), span, Vec::new()),
            (None, None) => return None,
        };
        let zone = self.terms.business.zone;
        let shown = |when: When| match when {
            When::Instant(at) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
            When::Date(date) => date.to_string(),
        };
        Some(overlap(
            now,
            &name,
            &format!("{} to {}", shown(span.0), shown(span.1)),
            records,
        ))
    }

    /// Days begin at noon, so that one guest may leave on the day on which the next arrives.
    fn moment(&self, when: When) -> DateTime<Utc> {
        match when {
            When::Instant(at) => at,
            When::Date(date) => {
                let noon = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
                let local = self.terms.business.zone.from_local_datetime(&noon);
                local
                    .earliest()
                    .map_or_else(|| noon.and_utc(), |at| at.with_timezone(&Utc))
            }
        }
    }
}

/// That one thing is taken by another booking too.
fn overlap(booking: &Booking, name: &str, span: &str, records: Vec<RecordId>) -> Conflict {
    debug_assert!(follows(ConflictKind::DoubleBooked));
    let with = Candidate {
        value: None,
        records,
        millibits: 0,
    };
    Conflict::new(
        &booking.id,
        ConflictKind::DoubleBooked,
        Some(FieldName::ResourceKey),
        format!("With what was decided, the same thing is booked by {name} at the same time, {span}."),
        vec![with],
        None,
    )
}
