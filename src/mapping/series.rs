//! Of what repeats, or goes on for several days, the first event's start and the last one's end hold.

use crate::model::{Claim, FieldName};

/// Where an event states its own edges, as an entry and as a calendar's part in a mail.
const OWN: [(FieldName, [&str; 2]); 2] = [
    (FieldName::StartsAt, ["/start/", "/dtstart"]),
    (FieldName::EndsAt, ["/end/", "/dtend"]),
];

/// Takes away what a single event says of an edge that its series tells.
pub fn keep_edges(claims: &mut Vec<Claim>) {
    for (field, [entry, part]) in OWN {
        let of_series = |claim: &Claim| claim.field == field && claim.place.contains("/series/");
        if claims.iter().any(of_series) {
            let of_one = |place: &str| place.starts_with(entry) || place.contains(part);
            claims.retain(|claim| claim.field != field || of_series(claim) || !of_one(&claim.place));
        }
    }
}
