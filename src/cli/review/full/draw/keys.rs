//! The footer: the keys that do something here.

use super::super::look::{Colors, Look};
use super::Text;
use super::fit::styled;
use crate::model::ConflictKind;
use crate::review::View;
use ratatui::text::{Line, Span};

/// The keys that do something here: `(key, what it does)`.
pub(super) fn keys(view: Option<&View<'_>>) -> Vec<(String, &'static str)> {
    let key = |key: &str, does| (key.to_owned(), does);
    let Some(view) = view else {
        return vec![
            key("u", "undo"),
            key("U", "redo"),
            key("h", "history"),
            key("/", "filter"),
            key("b", "back"),
            key("?", "help"),
            key("q", "quit"),
        ];
    };
    let conflict = view.conflict;
    let mut keys = Vec::new();
    match conflict.offers().count() {
        0 => {}
        1 => keys.push(key("1", "take")),
        many => keys.push(key(&format!("1-{}", many.min(9)), "take")),
    }
    if conflict.suggested.is_some() {
        keys.push(key("y", "accept"));
    }
    keys.push(key("k", "keep"));
    if conflict.field.is_some() {
        keys.push(key("e", "edit"));
    }
    if conflict.kind == ConflictKind::UnlinkedRecord {
        keys.push(key("t", "this belongs"));
    }
    keys.extend([
        key("r", "reject"),
        key("l", "later"),
        key("n", "next"),
        key("b", "back"),
        key("m", "merge"),
        key("p", "part"),
        key("A", "all alike"),
        key("u", "undo"),
        key("U", "redo"),
        key("h", "history"),
        key("/", "filter"),
        key("v", "records"),
        key("?", "help"),
        key("q", "quit"),
    ]);
    keys
}

pub(super) fn list_keys(bulk: Option<usize>, title: &str) -> Vec<(String, &'static str)> {
    let key = |key: &str, does| (key.to_owned(), does);
    match bulk {
        Some(_) => vec![
            key("Y", "do so"),
            key("a", "accept instead"),
            key("k", "keep instead"),
            key("l", "put off instead"),
            key("↑ ↓", "scroll"),
            key("Esc", "go back"),
        ],
        None if title.starts_with("Decisions") => vec![
            key("u", "take one back by its number"),
            key("↑ ↓", "scroll"),
            key("Esc", "go back"),
        ],
        None => vec![key("↑ ↓", "scroll"), key("any other key", "goes back")],
    }
}

pub(super) fn key_lines(keys: &[(String, &'static str)], width: u16, colors: Colors) -> Text {
    let mut lines: Vec<Vec<Span<'static>>> = vec![vec![Span::raw(" ")]];
    let mut used = 1;
    for (key, does) in keys {
        let size = Span::raw(key.as_str()).width() + 1 + does.len() + 2;
        if used + size > width as usize {
            lines.push(vec![Span::raw(" ")]);
            used = 1;
        }
        used += size;
        if let Some(line) = lines.last_mut() {
            line.push(styled(key, Look::Bold, colors));
            line.push(styled(&format!(" {does}  "), Look::Dim, colors));
        }
    }
    lines.into_iter().map(Line::from).collect()
}
