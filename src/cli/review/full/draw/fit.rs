//! Text that fits into so many columns, however wide its characters are.

use super::super::look::{Colors, Look};
use ratatui::text::Span;

pub(super) fn styled(text: &str, look: Look, colors: Colors) -> Span<'static> {
    Span::styled(text.to_owned(), look.style(colors))
}

/// Parts in as many lines as they need.
pub(super) fn joined(parts: &[String], width: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if Span::raw(format!("{line} · {part}")).width() <= width as usize => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.push(cut(part, width)),
        }
    }
    lines
}

/// At most so many columns; what is left out is marked.
pub(super) fn cut(text: &str, width: u16) -> String {
    if Span::raw(text).width() <= width as usize {
        return text.to_owned();
    }
    let mut short = String::new();
    for char in text.chars() {
        short.push(char);
        if Span::raw(short.as_str()).width() >= width as usize {
            short.pop();
            short.push('…');
            break;
        }
    }
    if width == 0 { String::new() } else { short }
}

/// The last so many columns.
pub(super) fn tail(text: &str, width: usize) -> String {
    let mut from = 0;
    let is_long = Span::raw(text).width() > width;
    let room = if is_long { width.saturating_sub(1) } else { width };
    for (at, _) in text.char_indices() {
        from = at;
        if Span::raw(&text[at..]).width() <= room {
            break;
        }
    }
    match (is_long, width) {
        (_, 0) => String::new(),
        (true, _) => format!("…{}", &text[from..]),
        (false, _) => text.to_owned(),
    }
}

pub(super) fn padded(text: &str, width: u16) -> String {
    let text = cut(text, width.saturating_sub(1));
    let blank = (width as usize).saturating_sub(Span::raw(text.as_str()).width());
    format!("{text}{}", " ".repeat(blank))
}
