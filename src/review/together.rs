//! What belongs together by a person's word: records to a booking, two bookings to one, records of one to another.

use super::act::{Act, draft};
use super::queue::{Case, Queue};
use crate::model::{Answer, Bond, Booking, Conflict, RecordId, Tie};

impl Queue<'_> {
    pub(super) fn attach(&self, case: &Case, records: Vec<RecordId>) -> Result<Act, String> {
        let (booking, conflict) = self.asked(case)?;
        let mut records = if records.is_empty() {
            conflict.records().into_iter().cloned().collect()
        } else {
            records
        };
        records.retain(|record| !booking.records.contains(record));
        if records.is_empty() {
            return Err("every record that is named here belongs to the booking already".to_owned());
        }
        if booking.records.is_empty() && booking.baseline_key.is_none() {
            return Err("this booking has no record of its own that others could go to".to_owned());
        }
        let holding = self.book.holding(&records);
        let mut remarks: Vec<String> = holding
            .iter()
            .filter(|other| other.id != booking.id)
            .map(|other| format!("it leaves {} for this", name(other)))
            .collect();
        let tie = tie(Bond::Together, records, booking);
        remarks.extend(self.against(&tie));
        Ok(act(
            booking,
            conflict,
            tie,
            "said to belong to the booking",
            remarks,
        ))
    }

    pub(super) fn merge(&self, case: &Case, other: &str) -> Result<Act, String> {
        let (booking, conflict) = self.asked(case)?;
        let wanted = other.trim();
        let found = self.book.called(wanted);
        let other = match found.as_slice() {
            [] => {
                return Err(format!(
                    "no booking is called “{wanted}”: name its reference or its id"
                ));
            }
            [one] => *one,
            many => {
                let ids: Vec<&str> = many.iter().map(|found| found.id.as_str()).collect();
                return Err(format!("“{wanted}” means several bookings: {}", ids.join(", ")));
            }
        };
        if other.id == booking.id {
            return Err("that is this booking itself".to_owned());
        }
        if other.tenant.is_some() && booking.tenant.is_some() && other.tenant != booking.tenant {
            return Err("they are of two businesses, and a booking never spans two".to_owned());
        }
        // What stands in the backup is what the other goes to.
        let (from, to) = match (&booking.baseline_key, &other.baseline_key) {
            (Some(_), Some(_)) => {
                return Err("both stand in the backup, so they are two bookings".to_owned());
            }
            (Some(_), None) => (other, booking),
            _ => (booking, other),
        };
        if from.records.is_empty() {
            return Err(format!("{} has no record that could go to the other", name(from)));
        }
        let mut remarks = Vec::new();
        if let (Some(one), Some(two)) = (&booking.reference, &other.reference)
            && one != two
        {
            remarks.push(format!(
                "their numbers differ, {one} and {two}: which holds will be asked"
            ));
        }
        let tie = tie(Bond::Together, from.records.clone(), to);
        remarks.extend(self.against(&tie));
        Ok(act(
            booking,
            conflict,
            tie,
            &format!("merged with {}", name(other)),
            remarks,
        ))
    }

    pub(super) fn part(&self, case: &Case, places: &[usize]) -> Result<Act, String> {
        let (booking, conflict) = self.asked(case)?;
        let count = booking.records.len();
        if let Some(place) = places.iter().find(|place| **place >= count) {
            return Err(format!("there is no record {}; there are {count}", place + 1));
        }
        let is_meant = |place: &usize| places.contains(place);
        let (out, rest): (Vec<usize>, Vec<usize>) = (0..count).partition(is_meant);
        if out.is_empty() {
            return Err("no record was named".to_owned());
        }
        if rest.is_empty() && booking.baseline_key.is_none() {
            return Err("that would be all of its records; r says that this is no booking".to_owned());
        }
        let records = |places: Vec<usize>| -> Vec<RecordId> {
            places
                .into_iter()
                .map(|place| booking.records[place].clone())
                .collect()
        };
        let tie = Tie {
            bond: Bond::Apart,
            records: records(out),
            with: records(rest),
            row: booking.baseline_key.clone(),
        };
        let remarks = self.against(&tie);
        Ok(act(
            booking,
            conflict,
            tie,
            "said to be of another booking",
            remarks,
        ))
    }

    fn asked(&self, case: &Case) -> Result<(&Booking, &Conflict), String> {
        self.question(case)
            .ok_or_else(|| "it is not asked any more".to_owned())
    }

    /// Earlier ties that say the opposite.
    fn against(&self, tie: &Tie) -> Vec<String> {
        let decisions = self.log().decisions().iter();
        let standing = decisions.filter(|decision| self.log().stands(decision.seq));
        let opposite = standing.filter(|decision| match &decision.answer {
            Answer::Tie(earlier) => {
                let shares =
                    |one: &[RecordId], two: &[RecordId]| one.iter().any(|record| two.contains(record));
                let is_same = shares(&earlier.records, &tie.records) && shares(&earlier.with, &tie.with)
                    || shares(&earlier.records, &tie.with) && shares(&earlier.with, &tie.records);
                earlier.bond != tie.bond && is_same
            }
            _ => false,
        });
        opposite
            .map(|decision| {
                let said = match tie.bond {
                    Bond::Together => "apart",
                    Bond::Apart => "together",
                };
                format!(
                    "decision {} of {} put them {said}; this one holds now",
                    decision.seq, decision.who
                )
            })
            .collect()
    }
}

/// A booking as people call it.
pub(super) fn name(booking: &Booking) -> String {
    booking
        .reference
        .clone()
        .unwrap_or_else(|| booking.id.to_string())
}

fn tie(bond: Bond, mut records: Vec<RecordId>, to: &Booking) -> Tie {
    records.sort();
    Tie {
        bond,
        records,
        with: to.records.clone(),
        row: to.baseline_key.clone(),
    }
}

fn act(booking: &Booking, conflict: &Conflict, tie: Tie, why: &str, remarks: Vec<String>) -> Act {
    let followed = conflict.suggested.map(|_| false);
    Act {
        drafts: vec![draft(
            booking,
            conflict,
            Answer::Tie(tie),
            followed,
            why.to_owned(),
        )],
        remarks,
    }
}
