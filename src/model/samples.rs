//! Documents of which unit tests are made: nothing in them but what a test adds. The business says them, in sources
//! called after their kind.

use super::{Document, Item, Listing, RecordId, Scalar, SourceKind, Standing};

impl Document {
    pub fn message(native: &str) -> Self {
        Self::blank("mail", native, SourceKind::Mail, "message")
    }

    pub fn event(native: &str) -> Self {
        Self::blank("calendar", native, SourceKind::GoogleCalendar, "event")
    }

    pub fn charge(native: &str) -> Self {
        Self::blank("stripe", native, SourceKind::Stripe, "charge")
    }

    fn blank(source: &str, native: &str, kind: SourceKind, object: &str) -> Self {
        Self {
            record: RecordId::new(source, native),
            kind,
            object: object.to_owned(),
            container: String::new(),
            tenant: None,
            said_at: None,
            made_at: None,
            standing: Standing::Business,
            items: Vec::new(),
            kin: Vec::new(),
            problems: Vec::new(),
            listing: Listing::One,
        }
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, place: &str, value: Scalar) -> Self {
        self.items.push(Item {
            place: place.to_owned(),
            line: 0,
            value,
        });
        self
    }

    /// With a text of one line.
    #[must_use]
    pub fn saying(self, place: &str, text: &str) -> Self {
        self.with(place, Scalar::Text(text.to_owned()))
    }

    /// With the lines of a text.
    #[must_use]
    pub fn with_lines(mut self, place: &str, lines: &[impl AsRef<str>]) -> Self {
        let item = |(line, text): (u32, &str)| Item {
            place: place.to_owned(),
            line,
            value: Scalar::Text(text.to_owned()),
        };
        let lines = lines.iter().map(AsRef::as_ref);
        self.items.extend((0..).zip(lines).map(item));
        self
    }
}
