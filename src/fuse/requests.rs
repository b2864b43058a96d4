//! Requests that came to nothing: messages of kinds of which the backup shows that whoever got nothing else had no booking.

use super::happened_since;
use crate::mapping::Told;
use crate::model::{About, Cluster, Linked, SourceKind, Window};

/// As many entries of a kind, none of which was a booking's, are none now.
const NEVER: u32 = 8;

/// Whether an entry only keeps a thing free for whoever asked: it was struck again, or none of its kind was ever a booking's.
fn is_held(told: &Told<'_>) -> bool {
    let struck = told.document.text("/status") == Some("cancelled");
    struck
        || told
            .claims
            .booked
            .is_some_and(|(booked, of)| booked == 0 && of >= NEVER)
}

/// Whether requests are all that tells of a new booking: no entry but such as keep it free, no payment, no message of another
/// kind, nor one of these that may belong to it.
pub(super) fn are_all(cluster: &Cluster, told: &[Told<'_>]) -> bool {
    let is_request = |told: &Told<'_>| match told.document.kind {
        SourceKind::Mail => told.claims.request || !told.speaks(),
        SourceKind::GoogleCalendar => is_held(told),
        // What took no money pays for nothing.
        SourceKind::Stripe => told.document.object != "charge" || !told.may_pay(),
    };
    let possible = cluster.possible.iter().map(|(at, _)| *at);
    let mut all = cluster
        .members
        .iter()
        .copied()
        .chain(possible)
        .map(|at| &told[at]);
    let asks = |at: &usize| told[*at].claims.request;
    cluster.about == About::New
        && cluster.set_apart.is_none()
        && cluster.members.iter().any(asks)
        && all.all(is_request)
}

/// How many requests since the backup came to nothing.
pub fn unanswered(linked: &Linked, told: &[Told<'_>], window: &Window) -> usize {
    let is_fresh = |cluster: &&Cluster| {
        let mut members = cluster.members.iter();
        members.any(|at| happened_since(&told[*at], window.backup))
    };
    let fresh = linked.clusters.iter().filter(is_fresh);
    fresh.filter(|cluster| are_all(cluster, told)).count()
}
