//! Reads a mail's header: people, subject, dates, threads, and what programs wrote beside them.

use super::super::{item, text};
use crate::model::{Document, Item, RecordId, Scalar};
use chrono::{DateTime, Utc};
use mail_parser::{Address, Header, HeaderName, HeaderValue, Message};

/// Headers with people in them.
const PEOPLE: [(HeaderName<'static>, &str); 5] = [
    (HeaderName::From, "from"),
    (HeaderName::To, "to"),
    (HeaderName::Cc, "cc"),
    (HeaderName::ReplyTo, "reply-to"),
    (HeaderName::Sender, "sender"),
];
/// Headers of a sender's own making (`X-…`) are read; these are the post offices'.
const NOT_SAID: [&str; 12] = [
    "x-spam",
    "x-google",
    "x-gm-",
    "x-ms-",
    "x-microsoft",
    "x-forefront",
    "x-received",
    "x-virus",
    "x-mailer",
    "x-originating",
    "x-proofpoint",
    "x-ses-",
];
/// Longer values are no references.
const OWN_HEADER_BYTES_MAX: usize = 200;

pub(super) struct Headers<'m> {
    message: &'m Message<'m>,
    bytes: &'m [u8],
}

impl<'m> Headers<'m> {
    pub fn of(message: &'m Message<'m>, bytes: &'m [u8]) -> Self {
        Self { message, bytes }
    }

    pub fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for (name, shown) in PEOPLE {
            for (index, (address, display)) in self.people(&name).into_iter().enumerate() {
                let place = if index == 0 {
                    format!("header:{shown}")
                } else {
                    format!("header:{shown}.{index}")
                };
                items.extend(address.map(|email| item(format!("{place}.email"), Scalar::Text(email))));
                items.extend(display.map(|name| item(format!("{place}.name"), Scalar::Text(name))));
            }
        }
        items.extend(
            text::visible(self.subject()).map(|subject| item(Document::SUBJECT, Scalar::Text(subject))),
        );
        if self.is_of_list() {
            items.push(item("header:list", Scalar::Flag(true)));
        }
        for header in self.message.headers() {
            let name = header.name.as_str().to_ascii_lowercase();
            let is_own = name.starts_with("x-") && !NOT_SAID.iter().any(|prefix| name.starts_with(prefix));
            if (is_own || name == "delivered-to")
                && let Some(value) = text::visible(&self.raw(header))
                && value.len() <= OWN_HEADER_BYTES_MAX
            {
                items.push(item(format!("header:{name}"), Scalar::Text(value)));
            }
        }
        items
    }

    /// Whether it went to a list of people. Source: RFC 2369, RFC 2919; Precedence, which no standard has, is as old.
    fn is_of_list(&self) -> bool {
        self.message.headers().iter().any(|header| {
            let bulk = || ["bulk", "list"].contains(&self.raw(header).trim().to_ascii_lowercase().as_str());
            match header.name.as_str().to_ascii_lowercase().as_str() {
                "list-unsubscribe" | "list-id" => true,
                "precedence" => bulk(),
                _ => false,
            }
        })
    }

    pub fn subject(&self) -> &str {
        self.message.subject().unwrap_or_default()
    }

    /// When it was sent; where the sender does not tell, when it was received last.
    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        let date = self
            .message
            .date()
            .copied()
            .filter(mail_parser::DateTime::is_valid);
        let date = date.or_else(|| self.message.received().and_then(mail_parser::Received::date))?;
        DateTime::from_timestamp(date.to_timestamp(), 0)
    }

    /// The mails it answers, nearest first.
    pub fn kin(&self, source: &str) -> Vec<RecordId> {
        let mut kin = Vec::new();
        for name in [HeaderName::InReplyTo, HeaderName::References] {
            for value in self.message.header_values(name) {
                let ids: Vec<&str> = match value {
                    HeaderValue::Text(id) => vec![id],
                    HeaderValue::TextList(ids) => ids.iter().rev().map(AsRef::as_ref).collect(),
                    _ => Vec::new(),
                };
                for id in ids {
                    let id = RecordId::new(source, id.trim_matches(['<', '>', ' ']));
                    if !kin.contains(&id) {
                        kin.push(id);
                    }
                }
            }
        }
        kin
    }

    /// The addresses in all From headers, in lower case. More than one is a way to look like somebody else.
    pub fn senders(&self) -> Vec<String> {
        self.people(&HeaderName::From)
            .into_iter()
            .filter_map(|(address, _)| address)
            .collect()
    }

    pub fn sender_name(&self) -> Option<String> {
        let (_, name) = self.people(&HeaderName::From).into_iter().next()?;
        name.map(|name| name.to_lowercase())
    }

    pub fn recipients(&self) -> Vec<String> {
        [HeaderName::To, HeaderName::Cc]
            .iter()
            .flat_map(|name| self.people(name))
            .filter_map(|(address, _)| address)
            .collect()
    }

    /// All Authentication-Results, topmost first, as they stand.
    pub fn authentication_results(&self) -> Vec<String> {
        self.message
            .headers()
            .iter()
            .filter(|header| header.name == HeaderName::AuthenticationResults)
            .map(|header| self.raw(header))
            .collect()
    }

    /// Addresses in lower case, with their display names.
    fn people(&self, name: &HeaderName<'_>) -> Vec<(Option<String>, Option<String>)> {
        self.message
            .headers()
            .iter()
            .filter(|header| header.name == *name)
            .filter_map(|header| header.value.as_address())
            .flat_map(Address::iter)
            .map(|person| {
                let email = person.address().map(|address| address.trim().to_lowercase());
                (
                    email.filter(|email| !email.is_empty()),
                    person.name().and_then(text::visible),
                )
            })
            .collect()
    }

    fn raw(&self, header: &Header<'_>) -> String {
        let value = self
            .bytes
            .get(header.offset_start as usize..header.offset_end as usize)
            .unwrap_or_default();
        let value = String::from_utf8_lossy(value);
        value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    }
}
