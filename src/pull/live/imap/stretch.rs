//! What is asked of a folder, and how far it was read.

use super::folders::Folder;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub since: NaiveDate,
    /// None: to today.
    pub before: Option<NaiveDate>,
}

impl Stretch {
    /// What finds its mails from a UID on. Source: RFC 3501, 6.4.4.
    pub fn query(self, next: u32) -> String {
        let day = |date: NaiveDate| date.format("%-d-%b-%Y").to_string();
        let since = day(self.since);
        match self.before {
            // A mail that was moved or imported has a younger day on the server; one that was sent late an older one.
            Some(before) => format!(
                "UID {next}:* BEFORE {} OR SINCE {since} SENTSINCE {since}",
                day(before)
            ),
            None => format!("UID {next}:* SINCE {since}"),
        }
    }

    pub fn words(self) -> String {
        match self.before {
            Some(before) => format!("mails since {}, received before {before}", self.since),
            None => format!("mails received since {}", self.since),
        }
    }

    /// The part of the pull that it is, and its bookmark.
    pub fn name(self, folder: &Folder) -> String {
        match self.before {
            Some(_) => folder.name.clone(),
            None => format!("{} after the loss", folder.name),
        }
    }
}

/// How far a folder was read: kept in its part, and for later pulls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mark {
    pub validity: u32,
    /// The first UID that was not asked for.
    pub next: u32,
    /// UIDs below it that did not come.
    pub missing: Vec<u32>,
    /// Mails below it that another folder gave already.
    pub elsewhere: u64,
    /// From when on mails were asked for.
    pub since: Option<NaiveDate>,
    /// Up to when; None: to today.
    pub before: Option<NaiveDate>,
}

impl Mark {
    pub fn text(&self) -> String {
        let missing: Vec<String> = self.missing.iter().map(u32::to_string).collect();
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        format!(
            "validity={} next={} missing={} elsewhere={} since={} before={}",
            self.validity,
            self.next,
            missing.join(","),
            self.elsewhere,
            day(self.since),
            day(self.before)
        )
    }

    pub fn read(text: &str) -> Option<Self> {
        let fields: BTreeMap<&str, &str> = text
            .split(' ')
            .filter_map(|field| field.split_once('='))
            .collect();
        let missing = fields.get("missing")?.split(',').filter(|uid| !uid.is_empty());
        Some(Self {
            validity: fields.get("validity")?.parse().ok()?,
            next: fields.get("next")?.parse().ok()?,
            missing: missing.map(|uid| uid.parse().ok()).collect::<Option<_>>()?,
            elsewhere: fields
                .get("elsewhere")
                .and_then(|count| count.parse().ok())
                .unwrap_or_default(),
            since: fields.get("since")?.parse().ok(),
            before: fields.get("before").and_then(|day| day.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark {
            validity: 7,
            next: 12,
            missing: vec![3, 9],
            elsewhere: 4,
            since: "2026-01-01".parse().ok(),
            before: "2026-07-03".parse().ok(),
        };
        assert_eq!(Mark::read(&mark.text()), Some(mark));
        assert_eq!(Mark::read("something else"), None);
    }
}
