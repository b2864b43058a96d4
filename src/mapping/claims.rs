//! What one record states, and what in it no rule explains.

use super::value::Hour;
use super::{Pattern, SlotType};
use crate::model::{Claim, FieldName, Standing, Status, When};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What one record states.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    pub claims: Vec<Claim>,
    /// The status that the message means, where its wording is known.
    pub meaning: Option<Status>,
    /// Its wording stood mostly with bookings that were cancelled, but too seldom to be sure.
    pub perhaps_off: bool,
    /// It has words that stood with bookings that were called off alone, whatever else it says.
    pub worded_off: bool,
    /// A letter at the edge of its title that never stood there, and that somebody may have put there.
    pub odd_letter: Option<String>,
    /// What the line of a party ends with that lines of those who came then did not.
    pub odd_end: Option<String>,
    /// Whether the message is of a kind that the overlap knows.
    pub known: bool,
    /// Whether messages of its kind come after others about the same booking.
    /// None: its kind is not known, or too rare to know.
    pub follows: Option<bool>,
    pub charge: ChargeRole,
    /// How many charges of its kind paid for a booking, of how many.
    pub pays: Option<(u32, u32)>,
    /// The template of its kind, of a charge.
    pub kind: Option<Pattern>,
    /// Whether messages of its kind state numbers that are no booking's: orders of a shop, say.
    pub nobodys: bool,
    /// Whether it names days of a kind of message of which none ever came true: an offer.
    pub offers: bool,
    /// Whether it is a request, or of a kind that alone never was a booking: somebody asks, and may never book.
    pub request: bool,
    /// Whether the price that it states is an estimate, which holds until the booking is over.
    pub estimate: bool,
    /// Whether it is of a kind of message that says the same to everybody, and nothing of a booking.
    pub letter: bool,
    /// Share of events of this kind that belonged to a booking; None where the kind is new.
    pub booked: Option<(u32, u32)>,
    /// Whether entries of its kind stand beside bookings, and never say when one is.
    pub aside: bool,
    /// Typed spans that no rule explains: (type, text).
    pub unexplained: Vec<(SlotType, String)>,
    /// Hours of a field in a record that names no day; of an end also where it names that of the start alone, beside the claim
    /// that it is the same.
    pub hours: Vec<Hour>,
    /// Days, with their times, that stand where none stood before, or none that a rule reads.
    pub strange: Vec<Strange>,
    /// Typed spans where a field is known to stand that the rule could not read.
    pub unread: Vec<(SlotType, String)>,
    /// Those of them that are days without a time, in all their readings.
    pub(super) bare_days: BTreeMap<String, BTreeSet<NaiveDate>>,
    /// Moments that are no field of a booking, as a rule: when it was to begin before it was moved, say.
    pub idle: Vec<When>,
    /// Amounts that are no price of a booking, as a rule: a deposit, what is left to pay.
    pub no_prices: BTreeSet<String>,
    /// The places of values with an arrow to another behind them, which were, and those of the others, which are.
    pub(super) replaced: BTreeMap<String, String>,
    /// Where a slot that has one value stands with different ones, and nobody knows which holds: its type and first place.
    pub doubled: Vec<(SlotType, String)>,
    /// Some slot stands with different values, whether it is known which holds or not.
    pub twice: bool,
    /// Values of slots that mostly hold the field, in a record whose words say that it is something else here, with
    /// these words.
    pub silenced: Vec<(FieldName, String, String)>,
    /// Prices that a record states of all the bookings that it lists.
    pub of_all: Vec<Claim>,
    /// Numbers that several bookings share, folded, where it names none of these bookings itself.
    pub groups: BTreeSet<String>,
    /// The words by which resources are mentioned.
    pub mentioned: Vec<String>,
    /// Keys of resources that are mentioned anywhere.
    pub mentions: Vec<Vec<String>>,
    /// Names that rules which give way to others read: of whoever booked. They are claims as well where no other rule
    /// names the customer, and the message has no word by which they are silent.
    pub bookers: Vec<Claim>,
}

/// A day that no rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strange {
    pub place: String,
    pub text: String,
    /// In all its readings.
    pub whens: Vec<When>,
    /// Whether it is the time behind a range sign: `28 April, 11:00–13:00`.
    pub is_end: bool,
}

/// Whether a kind of charge pays for bookings, as the backup's payments tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChargeRole {
    /// Too few of its kind in the overlap.
    #[default]
    Unknown,
    Pays,
    /// Pays, and with it the payments come to the whole price.
    PaysWhole,
    /// Some of its kind pay for bookings, some do not.
    Mixed,
    /// Never stands in the payments: incidentals, sales.
    Other,
    /// Nothing is written on it. Others of which that is so never stand in the payments; but they are no kind, and what was
    /// written on a payment may be lost.
    Unsaid,
}

impl Claims {
    /// The values that the record's claims give a field.
    pub fn of(&self, field: FieldName) -> impl Iterator<Item = &Claim> {
        self.claims
            .iter()
            .filter(move |claim| claim.field == field && claim.standing != Standing::Nobody)
    }
}
