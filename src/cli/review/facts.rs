//! What a person needs to see of one case, in words, the same for every front: the sources side by side, what each
//! answer does to the export, the evidence where it stands, why the records were put together, what is near by, the
//! money.
//!
//! All text that comes out has gone through `safe`: nothing foreign reaches a terminal or a file otherwise.

mod answers;
mod around;
mod evidence;
mod grid;
mod links;

use super::Setting;
use super::screen;
use crate::cli::terminal::safe;
use crate::model::Booking;
use crate::review::{Queue, View};

pub(super) use answers::Offer;
pub(super) use evidence::{Quote, Snippet};
pub(super) use grid::{GridRow, bare};

/// Longest foreign text in one place.
const TEXT_MAX: usize = 160;

/// Everything about one case.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub person: Vec<String>,
    pub booking: Vec<String>,
    pub reason: String,
    pub columns: Vec<String>,
    pub grid: Vec<GridRow>,
    pub offers: Vec<Offer>,
    pub notes: Vec<String>,
    pub evidence: Vec<Snippet>,
    /// Lines; those that go on with the one before begin with blanks.
    pub links: Vec<String>,
    pub nearby: Vec<String>,
    /// Other bookings with its number, where that is asked.
    pub namesakes: Vec<String>,
    pub money: Vec<String>,
    /// The booking's records, numbered from 1, for splitting.
    pub records: Vec<String>,
}

pub(super) fn facts(queue: &Queue<'_>, view: &View<'_>, setting: Setting<'_>) -> Facts {
    let detailed = detailed(view.booking, setting);
    let view = &View {
        booking: &detailed,
        ..*view
    };
    let mut opened = evidence::Opened::new(setting);
    Facts {
        person: screen::who(view.booking),
        booking: screen::what(view.booking, setting),
        reason: safe(&view.conflict.reason, 3 * TEXT_MAX),
        columns: grid::columns(view),
        grid: grid::grid(view, setting),
        offers: answers::offers(queue, view, setting),
        notes: answers::notes(view, setting),
        evidence: opened.evidence(view),
        links: links::links(queue, view),
        nearby: around::nearby(queue, view.booking, setting),
        namesakes: around::namesakes(queue, view, setting),
        money: around::money(view.booking, setting),
        records: view
            .booking
            .records
            .iter()
            .map(|record| opened.title(record, view.booking))
            .collect(),
    }
}

/// The booking with its claims and links, those that decisions gave included.
fn detailed(booking: &Booking, setting: Setting<'_>) -> Booking {
    let mut detailed = booking.clone();
    if let Some(known) = (setting.details)(booking) {
        detailed.links = known.links;
        detailed.waterfalls = known.waterfalls;
        for (field, claims) in known.claims {
            let entry = detailed.claims.entry(field).or_default();
            for claim in claims {
                if !entry.contains(&claim) {
                    entry.push(claim);
                }
            }
        }
    }
    detailed
}
