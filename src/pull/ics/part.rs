//! One event of a file, line by line.

use super::cut::Block;
use crate::model::stable_hash;
use crate::reading::content_line::{ContentLine, LineMoment, unfold};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// One `VEVENT`.
pub(super) struct Part {
    pub(super) uid: String,
    pub(super) offset: u64,
    /// Unfolded; what stands in alarms and the like is left out.
    pub(super) lines: Vec<String>,
}

impl Part {
    pub(super) fn read(block: &Block) -> Self {
        let mut depth = 0_usize;
        let mut lines = Vec::new();
        for line in unfold(&block.text) {
            let start = line.get(..6).unwrap_or_default().to_ascii_uppercase();
            if start == "BEGIN:" {
                depth += 1;
            } else if start.starts_with("END:") {
                depth = depth.saturating_sub(1);
            } else if depth <= 1 {
                lines.push(line);
            }
        }
        let mut part = Self {
            uid: String::new(),
            offset: block.offset,
            lines,
        };
        let uid = part.line("uid").map(|line| line.value.to_owned());
        part.uid = uid
            .filter(|uid| !uid.is_empty())
            .unwrap_or_else(|| format!("sha-{}", stable_hash(&["event", &block.text])));
        part
    }

    pub(super) fn lines<'s>(&'s self, name: &'s str) -> impl Iterator<Item = ContentLine<'s>> {
        self.lines
            .iter()
            .filter_map(|line| ContentLine::read(line))
            .filter(move |line| line.name == name)
    }

    pub(super) fn line(&self, name: &str) -> Option<ContentLine<'_>> {
        self.lines
            .iter()
            .filter_map(|line| ContentLine::read(line))
            .find(|line| line.name == name)
    }

    pub(super) fn is_series(&self) -> bool {
        self.line("rrule").is_some() || self.line("rdate").is_some()
    }

    pub(super) fn updated(&self) -> Option<DateTime<Utc>> {
        match self.line("last-modified")?.moment()? {
            LineMoment::Utc(at) => Some(at),
            _ => None,
        }
    }

    /// The later state of an event has the greater one.
    pub(super) fn state(&self) -> (i64, Option<DateTime<Utc>>) {
        let sequence = self.line("sequence").and_then(|line| line.value.parse().ok());
        (sequence.unwrap_or(0), self.updated())
    }
}

pub(super) fn person(line: &ContentLine<'_>) -> Value {
    let address = line
        .value
        .split_once(':')
        .map_or(line.value, |(_, address)| address);
    let mut person = Map::new();
    person.insert("email".to_owned(), json!(address));
    if let Some(name) = line.parameter("cn").filter(|name| *name != address) {
        person.insert("displayName".to_owned(), json!(name));
    }
    let answer = line
        .parameter("partstat")
        .map(|answer| match answer.to_ascii_uppercase().as_str() {
            "ACCEPTED" => "accepted",
            "DECLINED" => "declined",
            "TENTATIVE" => "tentative",
            _ => "needsAction",
        });
    person.extend(answer.map(|answer| ("responseStatus".to_owned(), json!(answer))));
    Value::Object(person)
}
