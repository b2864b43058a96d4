//! What a booking is called from build to build.

use super::timeline::Timeline;
use super::{Context, Named};
use crate::model::{BaselineBooking, BookingId, Cluster, FieldName, stable_hash};

/// The same evidence gives the same id in every run.
pub(super) fn booking_id(
    context: &Context<'_>,
    cluster: &Cluster,
    baseline: Option<&BaselineBooking>,
    timeline: &Timeline<'_>,
    named: Named,
) -> BookingId {
    let hash = if let Some(row) = baseline {
        stable_hash(&["baseline", &row.key])
    } else if let Some(reference) = timeline
        .first(FieldName::Reference)
        .filter(|_| cluster.set_apart.is_none() && named == Named::ByNumber)
    {
        let tenant = timeline.tenant.clone().unwrap_or_default();
        let again = if cluster.reused.is_some() { "again" } else { "" };
        let number = crate::mapping::squash(&reference);
        match cluster.row.as_ref().and_then(|row| row.entry) {
            None => stable_hash(&["reference", &tenant, &number, again]),
            Some(entry) => {
                let entry = context.input.told[entry].document.record.as_str();
                stable_hash(&["reference", &tenant, &number, again, entry])
            }
        }
    } else {
        // The first record in the order of ids: it stays the first whatever comes later in a run.
        let told = &context.input.told;
        let first = cluster
            .members
            .iter()
            .min_by_key(|at| &told[**at].document.record);
        let record = first.map_or("", |at| told[*at].document.record.as_str());
        match first.map_or(0, |at| nth(context, *at)) {
            0 => stable_hash(&["record", record]),
            nth => stable_hash(&["record", record, &nth.to_string()]),
        }
    };
    BookingId(format!("b_{hash}"))
}

/// How many bookings a record lists before this one: a party of which nothing else tells is known by its line alone.
fn nth(context: &Context<'_>, at: usize) -> usize {
    let told = &context.input.told;
    let of_record = told[..at].iter().rev();
    of_record
        .take_while(|before| before.document.record == told[at].document.record)
        .count()
}
