//! How often records are lost, spoilt or misleading: one named rate for each kind of damage.

/// Rates from 0 to 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Damage {
    /// Never sent, or deleted.
    pub mail_lost: f64,
    /// The same message twice in the mailbox.
    pub mail_doubled: f64,
    /// Sent again as a new message.
    pub mail_resent: f64,
    /// Cut off in the middle.
    pub mail_cut: f64,
    /// Written in another charset than declared.
    pub mail_garbled: f64,
    /// Answered, with a quotation that goes stale.
    pub mail_replied: f64,
    pub mail_forwarded: f64,
    /// For each booking, a letter that only pretends to be the business's.
    pub mail_forged: f64,
    pub event_missing: f64,
    /// Written into the calendar days after.
    pub event_late: f64,
    pub event_doubled: f64,
    /// Typed by hand: no reference, no pattern.
    pub event_informal: f64,
    /// A change that the calendar shows and no letter tells.
    pub moved_silently: f64,
    /// A change that a letter tells and the calendar does not show.
    pub event_stale: f64,
    pub other_payer: f64,
    pub failed_attempt: f64,
    /// Charged twice, the second refunded whole.
    pub double_charge: f64,
    pub hold: f64,
    pub incidental: f64,
    /// A charge typed by hand, without metadata.
    pub loose_charge: f64,
    /// For each booking, a sale, letter or entry about none.
    pub unrelated: f64,
    /// Customers who change their address.
    pub address_changed: f64,
    /// New customers who bear the name of an old one.
    pub namesake: f64,
}

impl Damage {
    pub fn none() -> Self {
        Self::default()
    }

    /// A tidy business in an ordinary year.
    pub fn light() -> Self {
        Self {
            mail_lost: 0.04,
            mail_doubled: 0.01,
            mail_resent: 0.01,
            mail_cut: 0.0,
            mail_garbled: 0.0,
            mail_replied: 0.06,
            mail_forwarded: 0.01,
            mail_forged: 0.004,
            event_missing: 0.03,
            event_late: 0.03,
            event_doubled: 0.005,
            event_informal: 0.06,
            moved_silently: 0.1,
            event_stale: 0.03,
            other_payer: 0.04,
            failed_attempt: 0.06,
            double_charge: 0.008,
            hold: 0.08,
            incidental: 0.03,
            loose_charge: 0.08,
            unrelated: 0.08,
            address_changed: 0.03,
            namesake: 0.015,
        }
    }

    /// A business that nobody looked after.
    pub fn heavy() -> Self {
        Self {
            mail_lost: 0.15,
            mail_doubled: 0.04,
            mail_resent: 0.05,
            mail_cut: 0.02,
            mail_garbled: 0.03,
            mail_replied: 0.15,
            mail_forwarded: 0.04,
            mail_forged: 0.015,
            event_missing: 0.12,
            event_late: 0.1,
            event_doubled: 0.02,
            event_informal: 0.2,
            moved_silently: 0.3,
            event_stale: 0.1,
            other_payer: 0.12,
            failed_attempt: 0.12,
            double_charge: 0.025,
            hold: 0.15,
            incidental: 0.08,
            loose_charge: 0.2,
            unrelated: 0.2,
            address_changed: 0.08,
            namesake: 0.04,
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
        match self.rates().into_iter().find(|(name, _)| *name == kind) {
            Some((_, place)) => {
                *place = rate.clamp(0.0, 1.0);
                true
            }
            None => false,
        }
    }

    /// The names of all kinds.
    pub fn kinds() -> Vec<&'static str> {
        Self::none().rates().into_iter().map(|(name, _)| name).collect()
    }

    fn rates(&mut self) -> [(&'static str, &mut f64); 23] {
        [
            ("mail-lost", &mut self.mail_lost),
            ("mail-doubled", &mut self.mail_doubled),
            ("mail-resent", &mut self.mail_resent),
            ("mail-cut", &mut self.mail_cut),
            ("mail-garbled", &mut self.mail_garbled),
            ("mail-replied", &mut self.mail_replied),
            ("mail-forwarded", &mut self.mail_forwarded),
            ("mail-forged", &mut self.mail_forged),
            ("event-missing", &mut self.event_missing),
            ("event-late", &mut self.event_late),
            ("event-doubled", &mut self.event_doubled),
            ("event-informal", &mut self.event_informal),
            ("moved-silently", &mut self.moved_silently),
            ("event-stale", &mut self.event_stale),
            ("other-payer", &mut self.other_payer),
            ("failed-attempt", &mut self.failed_attempt),
            ("double-charge", &mut self.double_charge),
            ("hold", &mut self.hold),
            ("incidental", &mut self.incidental),
            ("loose-charge", &mut self.loose_charge),
            ("unrelated", &mut self.unrelated),
            ("address-changed", &mut self.address_changed),
            ("namesake", &mut self.namesake),
        ]
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
        assert_eq!(
            damage,
            Damage {
                mail_lost: 0.5,
                ..Damage::none()
            }
        );
        assert_eq!(Damage::kinds().len(), 23);
    }
}
