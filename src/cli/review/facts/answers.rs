//! The answers that can be given, each with what it does to the export; and what was answered before.

use super::super::Setting;
use super::super::screen::{self, moment, value};
use super::TEXT_MAX;
use crate::cli::terminal::safe;
use crate::cli::words::plural;
use crate::model::{Action, Answer, Booking, ConflictKind, State, When};
use crate::review::{Queue, Strength, View, current};

/// One answer that can be given, and what it leads to.
#[derive(Debug, Clone)]
pub(in crate::cli::review) struct Offer {
    pub key: String,
    pub text: String,
    pub strength: Option<Strength>,
    pub is_suggested: bool,
    pub effect: String,
}

pub(super) fn offers(queue: &Queue<'_>, view: &View<'_>, setting: Setting<'_>) -> Vec<Offer> {
    let conflict = view.conflict;
    let foreseen = |answer: &Answer| {
        let after = queue.foresee(answer);
        after.map_or_else(String::new, |after| effect(view.booking, &after))
    };
    let mut offers: Vec<Offer> = conflict
        .offers()
        .map(|(at, candidate)| {
            let is_suggested = conflict.suggested == Some(at);
            let shown = candidate.value.as_ref().map_or_else(
                || "(leave it empty)".to_owned(),
                |stated| value(conflict.field, stated, setting),
            );
            Offer {
                key: (at + 1).to_string(),
                text: format!("{shown} · {} bits", screen::tenths(candidate.millibits)),
                strength: view.strength.filter(|_| is_suggested),
                is_suggested,
                effect: foreseen(&Answer::Take(candidate.value.clone())),
            }
        })
        .collect();
    let plain = |key: &str, text: &str, effect: String| Offer {
        key: key.to_owned(),
        text: text.to_owned(),
        strength: None,
        is_suggested: false,
        effect,
    };
    if conflict.suggested.is_none() {
        let stands = conflict
            .field
            .map_or(Answer::Accept, |field| Answer::Take(current(view.booking, field)));
        let words = match &stands {
            Answer::Take(None) => "leave it empty",
            _ => "keep it as it stands",
        };
        offers.push(plain("k", words, foreseen(&stands)));
    }
    if conflict.kind == ConflictKind::UnlinkedRecord {
        offers.push(plain(
            "t",
            "the record belongs to this booking",
            "fused again with it".to_owned(),
        ));
    }
    offers.push(plain("r", "not a booking", foreseen(&Answer::Reject)));
    offers
}

/// What the export makes of the booking after an answer.
fn effect(before: &Booking, after: &Booking) -> String {
    let open = after.conflicts.len();
    let raised = after
        .conflicts
        .iter()
        .find(|conflict| !before.conflicts.contains(conflict));
    match (after.state, raised) {
        (State::Rejected, _) => match before.payments.len() {
            0 => "left out of the export".to_owned(),
            paid => format!(
                "left out of the export; {paid} {} on no booking",
                plural(paid as u64, "payment stands", "payments stand")
            ),
        },
        (State::Flagged, Some(raised)) => format!("raises a question: {}", safe(&raised.reason, TEXT_MAX)),
        (State::Flagged, None) => format!(
            "not exported yet: {open} more {} to answer about it",
            plural(open as u64, "question", "questions")
        ),
        (State::Clean, _) => match after.action {
            Action::Insert => "exported as a new booking".to_owned(),
            Action::Update => "exported as a change of its row".to_owned(),
            Action::Unchanged if after.payments.is_empty() => "stands in the backup as it is".to_owned(),
            Action::Unchanged => "its row stays; its payments are exported".to_owned(),
        },
    }
}

/// What was said about the case before.
pub(super) fn notes(view: &View<'_>, setting: Setting<'_>) -> Vec<String> {
    let outdated = view.outdated.map(|old| {
        format!(
            "Answered before, on other evidence: {} (decision {}, {} by {}).",
            screen::answer(&old.answer, view.conflict.field, setting),
            old.seq,
            moment(When::Instant(old.at), setting),
            safe(&old.who, TEXT_MAX)
        )
    });
    let put_off = view.put_off.map(|note| match safe(note, TEXT_MAX) {
        note if note.is_empty() => "Put off before, with no note.".to_owned(),
        note => format!("Put off before: “{note}”"),
    });
    outdated.into_iter().chain(put_off).collect()
}
