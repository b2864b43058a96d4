//! A record with what it states: what linking and fusing work on.

use super::{ChargeRole, Claims};
use crate::model::{Document, Standing};

#[derive(Debug, Clone)]
pub struct Told<'a> {
    pub document: &'a Document,
    pub claims: Claims,
}

impl Told<'_> {
    /// Whether a record takes part in linking at all: strangers and replies do not.
    pub fn speaks(&self) -> bool {
        self.document.standing == Standing::Business
    }

    /// Whether it is a charge that took money: no attempt that failed, no hold.
    pub fn took_money(&self) -> bool {
        self.document.object == "charge"
            && self.document.text("/status") == Some("succeeded")
            && self.document.flag("/captured") != Some(false)
            && self
                .document
                .money("/amount")
                .is_some_and(|money| money.minor > 0)
    }

    /// Whether it is a charge that may pay for a booking, by its kind.
    pub fn may_pay(&self) -> bool {
        self.took_money() && !matches!(self.claims.charge, ChargeRole::Other | ChargeRole::Unsaid)
    }
}
