//! Whether an entry that was struck, or says that it is off, means that its booking was called off.
//!
//! Somebody may delete an entry by mistake, or to put it elsewhere. Where the backup has every one of many bookings as
//! cancelled whose entries were all struck and of which no message said so, it means just that here.

use super::Input;
use crate::mapping::Told;
use crate::model::{About, Status};

/// Fewer prove nothing.
const KNOWN: u32 = 15;

pub fn means_off(input: &Input<'_>) -> bool {
    let is_told = |told: &Told<'_>| {
        told.document
            .said_at
            .is_some_and(|said| said < input.window.backup)
    };
    let (mut all, mut off) = (0, 0);
    for cluster in &input.linked.clusters {
        let About::Baseline(at) = cluster.about else {
            continue;
        };
        let members = || cluster.members.iter().map(|at| &input.told[*at]);
        let is_entry = |told: &&Told<'_>| told.document.object == "event" && !told.claims.aside;
        let is_off = |told: &Told<'_>| {
            told.document.text("/status") == Some("cancelled")
                || told.claims.meaning == Some(Status::Cancelled)
        };
        let is_notice = |told: &Told<'_>| {
            told.document.object == "message" && told.claims.meaning == Some(Status::Cancelled)
        };
        let mut entries = members().filter(is_entry).peekable();
        if entries.peek().is_some()
            && entries.all(|told| is_off(told) && is_told(told))
            && !members().any(is_notice)
        {
            all += 1;
            off += u32::from(input.baseline.bookings[at].status == Some(Status::Cancelled));
        }
    }
    all >= KNOWN && off == all
}
