//! How a pull over the network went, part by part: what was asked, what came, and whether it is whole.

use super::{Problem, Record};

/// One stretch of a pull that is read on its own: one kind of object, one calendar, one folder.
///
/// It is committed together with the records it counts, so that it never claims more than is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Unique within its source, and the same in every pull: `charges 2026-01`, `INBOX`.
    pub name: String,
    /// What was asked of the server, for people: `created from … to …`.
    pub asked: String,
    /// Where to go on; what stands in it is the source's own matter.
    pub cursor: Option<String>,
    pub pages: u64,
    /// Records received, those met twice counted twice.
    pub objects: u64,
    /// The earliest and the latest moment told by the records, RFC 3339; "" where nothing was received.
    pub first: String,
    pub last: String,
    /// How many there are by the server's own word, where it gives one.
    pub expected: Option<u64>,
    pub state: PartState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartState {
    /// Not read to its end.
    #[default]
    Open,
    /// Read to its end.
    Whole,
}

impl PartState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Whole => "whole",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Whole]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

impl Part {
    pub fn new(name: impl Into<String>, asked: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            asked: asked.into(),
            ..Self::default()
        }
    }

    pub fn is_whole(&self) -> bool {
        self.state == PartState::Whole
    }

    /// Counts one more page. `moments` are what its records tell of when they were made, RFC 3339 in UTC,
    /// all in one form, so that they compare as text.
    pub fn count<'a>(&mut self, objects: usize, moments: impl IntoIterator<Item = &'a str>) {
        self.pages += 1;
        self.objects += objects as u64;
        for moment in moments.into_iter().filter(|moment| !moment.is_empty()) {
            if self.first.is_empty() || moment < self.first.as_str() {
                moment.clone_into(&mut self.first);
            }
            if moment > self.last.as_str() {
                moment.clone_into(&mut self.last);
            }
        }
    }
}

/// A cursor that outlives the pull: a calendar's sync token, a folder's next UID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// Unique within its source.
    pub scope: String,
    /// None takes it away.
    pub value: Option<String>,
}

/// What is kept together or not at all: records, and how far the source was read with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// As it stands behind these records.
    pub part: Part,
    pub records: Vec<Record>,
    pub problems: Vec<Problem>,
    pub bookmarks: Vec<Bookmark>,
}

/// What staging remembers of a source over the network when a pull of it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// The parts of a pull that was cut short and is gone on with; empty where one begins anew.
    pub parts: Vec<Part>,
    pub bookmarks: Vec<Bookmark>,
    /// Native id and container of what is known already; calendars alone need it, and elsewhere it is empty.
    pub containers: Vec<(String, String)>,
}

impl Memory {
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    pub fn bookmark(&self, scope: &str) -> Option<&str> {
        let found = self.bookmarks.iter().find(|bookmark| bookmark.scope == scope)?;
        found.value.as_deref()
    }
}

/// The manifest of one pull of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    pub source: String,
    /// What the pull was to read: what differs begins a new one.
    pub asked: String,
    pub begun_at: String,
    /// None: killed, or it failed.
    pub finished_at: Option<String>,
    /// Why it ended before its end.
    pub failure: Option<String>,
    pub parts: Vec<Part>,
}

/// Which of two revisions of one thing is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// The one that is known, or both are the same and it tells more.
    Known,
    /// The one that came.
    Came,
    /// Nothing tells, and they contradict each other.
    NotTold,
}
