//! Requests: messages by which a booking is asked for, or of a kind that alone never was one.

use super::{Line, Mapping};
use crate::model::{Document, Scalar};

/// The state of a reservation that nobody has confirmed. Source: schema.org, ReservationStatusType.
const PENDING: &str = "ReservationPending";
const STATE: &str = "/reservationStatus";

/// Whether a message is of a learned kind of request, or states a reservation that is still to be confirmed, and none that is.
pub(super) fn is_one(mapping: &Mapping, document: &Document, subject: Option<&Line>) -> bool {
    let mut kinds = mapping.messages.iter().filter(|kind| kind.request);
    let states = document.items.iter().filter(|item| item.place.ends_with(STATE));
    let mut states = states
        .map(|item| matches!(&item.value, Scalar::Text(text) if text == PENDING))
        .peekable();
    let is_pending = states.peek().is_some() && states.all(|pending| pending);
    is_pending || subject.is_some_and(|line| kinds.any(|kind| kind.template.matches(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_that_is_pending_is_a_request_until_one_is_confirmed() {
        let mapping = Mapping::default();
        let is = |states: &[&str]| {
            let message = Document::message("m1");
            let stating =
                |document: Document, state: &&str| document.saying("jsonld:/reservationStatus", state);
            is_one(&mapping, &states.iter().fold(message, stating), None)
        };
        assert!(is(&["ReservationPending"]));
        assert!(!is(&["ReservationPending", "ReservationConfirmed"]));
        assert!(!is(&["ReservationConfirmed"]));
        assert!(!is(&[]));
    }
}
