//! Takes records apart into items, each with its place, by their published formats alone.
//!
//! In: one record as received, and who the business is. Out: a `Document`: every value that a reader of
//! the record would see, typed where the format types it, and whose word it is. Which item means what is
//! learned elsewhere; nothing here knows a label, a column or a language. It never fails: damage and
//! repairs are told in the document's problems. It is pure, so that callers may spread it over all cores.

mod called_off;
mod days;
mod event;
mod html;
mod json;
mod mail;
mod over_dates;
mod own;
mod payment;
mod series;
mod servers;
mod text;

pub use called_off::complete_dates;
pub use days::join_days;
pub use over_dates::leave_over_dates;
pub use own::forget_own;
pub use servers::trust_the_usual;

use crate::model::{Business, Document, Item, Record, Scalar, SourceKind, Standing, Tenant};

/// What has to be known to tell the business's own word from others'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub business: Business,
    pub tenants: Vec<Tenant>,
    /// The addresses that speak for the business, in lower case.
    pub senders: Vec<String>,
    /// Whose Authentication-Results count; None: the topmost header's, of whatever server.
    pub authserv: Option<String>,
}

/// Takes one record apart.
pub fn document(record: &Record, context: &Context) -> Document {
    let mut document = Document {
        record: record.id.clone(),
        kind: record.kind,
        object: record.object.clone(),
        container: record.container.clone(),
        tenant: None,
        said_at: None,
        made_at: None,
        standing: Standing::Nobody,
        items: Vec::new(),
        kin: Vec::new(),
        problems: Vec::new(),
        listing: crate::model::Listing::One,
    };
    match record.kind {
        SourceKind::Stripe => payment::read(record, context, &mut document),
        SourceKind::GoogleCalendar => event::read(record, context, &mut document),
        SourceKind::Mail => mail::read(record, context, &mut document),
    }
    document
}

impl Context {
    fn tenant_of(&self, is_owner: impl Fn(&Tenant) -> bool) -> Option<String> {
        self.tenants
            .iter()
            .find(|tenant| is_owner(tenant))
            .map(|tenant| tenant.id.clone())
    }

    /// Whether an address, in lower case, speaks for the business.
    fn is_sender(&self, address: &str) -> bool {
        let is_same = |sender: &String| sender.eq_ignore_ascii_case(address);
        self.senders.iter().any(is_same)
            || self
                .tenants
                .iter()
                .any(|tenant| tenant.senders.iter().any(is_same))
    }
}

/// One value at a place of its own.
fn item(place: impl Into<String>, value: Scalar) -> Item {
    Item {
        place: place.into(),
        line: 0,
        value,
    }
}

/// One item for each line that has something to see.
fn line_items(place: &str, lines: impl IntoIterator<Item = String>) -> impl Iterator<Item = Item> {
    lines.into_iter().zip(0..).map(|(text, line)| Item {
        place: place.to_owned(),
        line,
        value: Scalar::Text(text),
    })
}
