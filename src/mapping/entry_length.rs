//! How long a calendar entry takes, as a sign of whether anybody said so.
//!
//! An entry that is given no length has the calendar's own, an hour as a rule: it says when something begins, and
//! nothing of when it ends.

use crate::model::{Document, Scalar};
use std::collections::BTreeSet;

/// Where an entry ends; a series and a whole day are given theirs.
pub const END: &str = "/end/dateTime";
const START: &str = "/start/dateTime";

/// How long an entry takes, in minutes.
pub fn minutes(document: &Document) -> Option<i64> {
    let at = |place: &str| match document.item(place)? {
        Scalar::Instant(at) => Some(*at),
        _ => None,
    };
    let length = at(END)? - at(START)?;
    (document.object == "event").then(|| length.num_minutes())
}

/// Stands among the exceptions of a rule for an entry's own edge, where those of several that were made together are
/// left to what all of them say.
pub const SERIES: &str = "series";

/// Whether an entry's own edge is among the exceptions of the rule that would read it.
pub fn is_excepted(document: &Document, place: &str, except: &BTreeSet<String>) -> bool {
    let of_series = || document.item(&format!("/series{place}")).is_some();
    let of_length = || minutes(document).is_some_and(|minutes| except.contains(&exception(minutes)));
    !except.is_empty() && (except.contains(SERIES) && of_series() || place == END && of_length())
}

/// How a length stands among the exceptions of a rule for ends.
pub fn exception(minutes: i64) -> String {
    format!("{minutes}min")
}
