//! How often records are lost, spoilt or misleading: one named rate for each kind of damage.

use chrono::{DateTime, Duration, Utc};

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    MailLost,
    MailDoubled,
    MailResent,
    MailCut,
    MailGarbled,
    MailReplied,
    MailForwarded,
    MailForged,
    EventMissing,
    EventLate,
    EventDoubled,
    EventInformal,
    MovedSilently,
    EventStale,
    OtherPayer,
    FailedAttempt,
    DoubleCharge,
    Hold,
    Incidental,
    LooseCharge,
    Unrelated,
    AddressChanged,
    Namesake,
    EventMistyped,
    Refund,
    Redesign,
    ReferenceReused,
    MailStops,
    CalendarStops,
    StripeStops,
}

/// A kind of damage as people read it, with its rates at two levels; without damage all are 0.
struct Entry {
    harm: Harm,
    name: &'static str,
    about: &'static str,
    light: f64,
    heavy: f64,
}

const fn entry(harm: Harm, name: &'static str, light: f64, heavy: f64, about: &'static str) -> Entry {
    Entry {
        harm,
        name,
        about,
        light,
        heavy,
    }
}

/// In the order of the variants, each once. Those that are off at every level came later: a level keeps its bytes.
#[rustfmt::skip]
const ENTRIES: [Entry; 30] = [
    entry(Harm::MailLost, "mail-lost", 0.04, 0.15, "mails that were never sent, or were deleted"),
    entry(Harm::MailDoubled, "mail-doubled", 0.01, 0.04, "mails that stand in the mailbox twice"),
    entry(Harm::MailResent, "mail-resent", 0.01, 0.05, "mails sent again as a new message"),
    entry(Harm::MailCut, "mail-cut", 0.0, 0.02, "mails cut off in the middle"),
    entry(Harm::MailGarbled, "mail-garbled", 0.0, 0.03, "mails in another charset than they declare"),
    entry(Harm::MailReplied, "mail-replied", 0.06, 0.15, "mails that are answered, with a quotation that goes stale"),
    entry(Harm::MailForwarded, "mail-forwarded", 0.01, 0.04, "mails that the office forwards to itself"),
    entry(Harm::MailForged, "mail-forged", 0.004, 0.015, "bookings that a forged mail pretends to be about"),
    entry(Harm::EventMissing, "event-missing", 0.03, 0.12, "bookings that nobody wrote into the calendar"),
    entry(Harm::EventLate, "event-late", 0.03, 0.1, "entries written into the calendar days later"),
    entry(Harm::EventDoubled, "event-doubled", 0.005, 0.02, "entries that stand in the calendar twice"),
    entry(Harm::EventInformal, "event-informal", 0.06, 0.2, "entries typed by hand: no reference, no pattern"),
    entry(Harm::MovedSilently, "moved-silently", 0.1, 0.3, "changes that the calendar shows and no mail tells"),
    entry(Harm::EventStale, "event-stale", 0.03, 0.1, "changes that a mail tells and the calendar does not show"),
    entry(Harm::OtherPayer, "other-payer", 0.04, 0.12, "bookings that somebody else pays"),
    entry(Harm::FailedAttempt, "failed-attempt", 0.06, 0.12, "charges after a declined attempt"),
    entry(Harm::DoubleCharge, "double-charge", 0.008, 0.025, "charges made twice, the second refunded whole"),
    entry(Harm::Hold, "hold", 0.08, 0.15, "bookings with a hold on the card that is no payment"),
    entry(Harm::Incidental, "incidental", 0.03, 0.08, "bookings with a charge for something used beside"),
    entry(Harm::LooseCharge, "loose-charge", 0.08, 0.2, "bookings charged by hand, without metadata"),
    entry(Harm::Unrelated, "unrelated", 0.08, 0.2, "for each booking, sales, mails and entries about none"),
    entry(Harm::AddressChanged, "address-changed", 0.03, 0.08, "customers who change their mail address"),
    entry(Harm::Namesake, "namesake", 0.015, 0.04, "new customers who bear the name of an old one"),
    entry(Harm::EventMistyped, "event-mistyped", 0.0, 0.0, "entries with a wrong time, day, digit or letter"),
    entry(Harm::Refund, "refund", 0.0, 0.0, "bookings with some money given back afterwards"),
    entry(Harm::Redesign, "redesign", 0.0, 0.0, "the last share of the gap, in which mails are in a new design"),
    entry(Harm::ReferenceReused, "reference-reused", 0.0, 0.0, "bookings under the reference of one that is over"),
    entry(Harm::MailStops, "mail-stops", 0.0, 0.0, "the last share of the gap, which the mailbox lacks"),
    entry(Harm::CalendarStops, "calendar-stops", 0.0, 0.0, "the last share of the gap, which the calendar lacks"),
    entry(Harm::StripeStops, "stripe-stops", 0.0, 0.0, "the last share of the gap, which Stripe's export lacks"),
];

/// What befell one booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Harms(u32);

impl Harms {
    pub fn insert(&mut self, harm: Harm) {
        self.0 |= 1 << harm as u32;
    }

    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn contains(self, harm: Harm) -> bool {
        self.0 & 1 << harm as u32 != 0
    }

    /// In the order of the kinds.
    pub fn names(self) -> Vec<&'static str> {
        ENTRIES
            .iter()
            .filter(|entry| self.contains(entry.harm))
            .map(|entry| entry.name)
            .collect()
    }
}

/// A kind of damage, for people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DamageKind {
    pub name: &'static str,
    pub about: &'static str,
    /// Its rate in a tidy business, and in one that nobody looked after.
    pub light: f64,
    pub heavy: f64,
}

/// Rates from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    rates: [f64; ENTRIES.len()],
}

impl Damage {
    pub fn none() -> Self {
        Self::of(|_| 0.0)
    }

    /// A tidy business in an ordinary year.
    pub fn light() -> Self {
        Self::of(|entry| entry.light)
    }

    /// A business that nobody looked after.
    pub fn heavy() -> Self {
        Self::of(|entry| entry.heavy)
    }

    fn of(rate: impl Fn(&Entry) -> f64) -> Self {
        Self {
            rates: ENTRIES.each_ref().map(rate),
        }
    }

    /// A level by its name.
    pub fn level(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::none()),
            "light" => Some(Self::light()),
            "heavy" => Some(Self::heavy()),
            _ => None,
        }
    }

    /// Sets one kind of damage by its name; false where there is no such kind.
    pub fn set(&mut self, kind: &str, rate: f64) -> bool {
        match ENTRIES.iter().position(|entry| entry.name == kind) {
            Some(place) => {
                self.rates[place] = rate.clamp(0.0, 1.0);
                true
            }
            None => false,
        }
    }

    /// All kinds.
    pub fn kinds() -> impl Iterator<Item = DamageKind> {
        ENTRIES.iter().map(|entry| DamageKind {
            name: entry.name,
            about: entry.about,
            light: entry.light,
            heavy: entry.heavy,
        })
    }

    pub(super) fn rate(&self, harm: Harm) -> f64 {
        self.rates[harm as usize]
    }

    /// Where the last share of a stretch of time begins, whose length is a kind's rate; None where the kind is off.
    pub(super) fn last_share(
        &self,
        harm: Harm,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let rate = self.rate(harm);
        let seconds = ((to - from).num_seconds() as f64 * rate) as i64;
        (rate > 0.0).then(|| to - Duration::seconds(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_set_by_its_name_and_no_other() {
        let mut damage = Damage::none();
        assert!(damage.set("mail-lost", 0.5));
        assert!(!damage.set("mail-eaten", 0.5));
        assert!((damage.rate(Harm::MailLost) - 0.5).abs() < f64::EPSILON);
        assert!(damage.set("mail-lost", 0.0));
        assert_eq!(damage, Damage::none());
    }

    #[test]
    fn every_kind_stands_at_its_own_place_under_its_own_name() {
        let mut names = std::collections::BTreeSet::new();
        for (place, entry) in ENTRIES.iter().enumerate() {
            assert_eq!(entry.harm as usize, place, "{}", entry.name);
            assert!(names.insert(entry.name), "{} stands twice", entry.name);
            let mut harms = Harms::default();
            harms.insert(entry.harm);
            assert_eq!(harms.names(), [entry.name]);
        }
    }

    #[test]
    fn the_last_share_of_a_time_ends_with_it() {
        let from: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let to = from + Duration::days(100);
        let mut damage = Damage::none();
        assert_eq!(damage.last_share(Harm::Redesign, from, to), None);
        damage.set("redesign", 0.25);
        let begins = damage.last_share(Harm::Redesign, from, to);
        assert_eq!(begins, Some(from + Duration::days(75)));
    }
}
