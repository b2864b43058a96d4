//! The business, and the stretch of time that was lost.

use super::Currency;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    pub name: String,
    pub zone: Tz,
    /// ISO 3166 code, upper case: default region for phones and ambiguous dates.
    pub country: String,
    pub currency: Currency,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Sources are read from here; up to `backup` the truth is known.
    pub learn_from: DateTime<Utc>,
    pub backup: DateTime<Utc>,
    pub loss: DateTime<Utc>,
}

/// One business of several that share a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant's key in the target.
    pub id: String,
    pub name: String,
    pub stripe_account: Option<String>,
    pub calendars: Vec<String>,
    pub senders: Vec<String>,
}
