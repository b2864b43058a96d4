//! The parts of a case as lines: the question, the answers, the evidence, the sources side by side.

use super::super::look::{Colors, Look};
use super::Text;
use super::fit::{cut, joined, padded, styled, tail};
use crate::cli::review::facts::{Facts, GridRow, Offer, Quote, bare};
use crate::cli::words::wrapped;
use crate::review::Strength;
use ratatui::text::{Line, Span};

/// Who and what it is about, and the question.
pub(super) fn head(facts: &Facts, width: u16, colors: Colors) -> Text {
    let mut text = Text::new();
    let bold = |line: String| Line::from(styled(&line, Look::Bold, colors));
    text.extend(joined(&facts.person, width).into_iter().map(bold));
    text.extend(joined(&facts.booking, width).into_iter().map(Line::from));
    text.push(Line::default());
    text.extend(
        wrapped(&facts.reason, width as usize)
            .into_iter()
            .map(|line| Line::from(cut(&line, width))),
    );
    for note in &facts.notes {
        let lines = wrapped(note, width as usize).into_iter();
        text.extend(lines.map(|line| Line::from(styled(&cut(&line, width), Look::Weak, colors))));
    }
    text.push(Line::default());
    text
}

/// The answers, each with what it leads to.
pub(super) fn offers(offers: &[Offer], width: u16, colors: Colors) -> Text {
    let mut text = Text::new();
    let is_narrow = offers.len() > 4;
    for offer in offers {
        let mark = if offer.is_suggested { "*" } else { " " };
        let strength = match offer.strength {
            Some(Strength::Strong) => (" · suggested, strong", Look::Strong),
            Some(Strength::Medium) => (" · suggested, medium", Look::Medium),
            Some(Strength::Weak) => (" · suggested, weak", Look::Weak),
            None => ("", Look::Plain),
        };
        let first = format!("{mark}[{}] ", offer.key);
        let used = Span::raw(first.as_str()).width() + Span::raw(strength.0).width();
        let shown = cut(
            &offer.text,
            (width as usize).saturating_sub(used).min(u16::MAX as usize) as u16,
        );
        let mut spans = vec![
            styled(&first, Look::Bold, colors),
            Span::raw(shown),
            styled(strength.0, strength.1, colors),
        ];
        let used: usize = spans.iter().map(Span::width).sum();
        let effect = format!("  → {}", offer.effect);
        let is_fitting = used + Span::raw(effect.as_str()).width() <= width as usize;
        if offer.effect.is_empty() {
            text.push(Line::from(spans));
        } else if is_fitting || is_narrow {
            spans.push(styled(
                &cut(&effect, width.saturating_sub(used as u16)),
                Look::Dim,
                colors,
            ));
            text.push(Line::from(spans));
        } else {
            text.push(Line::from(spans));
            let effect = cut(&format!("      → {}", offer.effect), width);
            text.push(Line::from(styled(&effect, Look::Dim, colors)));
        }
    }
    text.push(Line::default());
    text
}

/// The records themselves, with the value marked where it stands.
pub(super) fn evidence(facts: &Facts, width: u16, colors: Colors) -> Text {
    let mut text = Text::new();
    for snippet in &facts.evidence {
        text.push(Line::from(styled(
            &cut(&snippet.title, width),
            Look::Title,
            colors,
        )));
        for quote in &snippet.lines {
            text.push(quoted(quote, width, colors));
        }
    }
    if !text.is_empty() {
        text.push(Line::default());
    }
    text
}

/// A line of a record; what is too long is cut before the value rather than behind it.
pub(super) fn quoted(quote: &Quote, width: u16, colors: Colors) -> Line<'static> {
    let bar = styled("│ ", Look::Dim, colors);
    let room = width.saturating_sub(2);
    if quote.hit.is_empty() {
        return Line::from(vec![bar, Span::raw(cut(&quote.before, room))]);
    }
    let hit = format!("▐{}▌", cut(&quote.hit, room.saturating_sub(2)));
    let left = (room as usize).saturating_sub(Span::raw(hit.as_str()).width());
    let before = tail(&quote.before, left.max(left / 2).min(left));
    let rest = left.saturating_sub(Span::raw(before.as_str()).width());
    Line::from(vec![
        bar,
        Span::raw(before),
        styled(&hit, Look::Hit, colors),
        Span::raw(cut(&quote.after, rest as u16)),
    ])
}

/// The sources side by side. What differs is marked by a sign too, for eyes and terminals without colour.
pub(super) fn grid(columns: &[String], rows: &[GridRow], width: u16, colors: Colors) -> Text {
    const LABEL: u16 = 10;
    let mut text = Text::new();
    if columns.is_empty() || rows.is_empty() {
        return text;
    }
    let has_now = width >= 100 || columns.len() <= 2;
    let count = columns.len() as u16 + u16::from(has_now);
    let each = width.saturating_sub(LABEL + 2) / count;
    if each < 8 {
        return text;
    }
    let mut line = format!("{:1$}", "", LABEL as usize + 2);
    for column in columns {
        line.push_str(&padded(column, each));
    }
    if has_now {
        line.push_str("as it stands");
    }
    text.push(Line::from(styled(&cut(&line, width), Look::Title, colors)));
    for row in rows {
        let look = if row.differs { Look::Differs } else { Look::Plain };
        let mark = if row.differs { "≠ " } else { "  " };
        let name = if row.is_asked { Look::Bold } else { Look::Plain };
        let mut spans = vec![
            styled(mark, look, colors),
            styled(&padded(row.field, LABEL), name, colors),
        ];
        for cell in &row.cells {
            let shown = match cell.as_str() {
                "" => "–",
                // Rather the whole value than its number: the answers above have that.
                cell if Span::raw(cell).width() >= each as usize => bare(cell),
                cell => cell,
            };
            spans.push(styled(&padded(shown, each), look, colors));
        }
        if has_now {
            let now = if row.now.is_empty() { "–" } else { &row.now };
            spans.push(Span::raw(cut(now, each)));
        }
        text.push(Line::from(spans));
    }
    text.push(Line::default());
    text
}

pub(super) fn section(title: &str, lines: &[String], width: u16, colors: Colors) -> Text {
    let mut text = Text::new();
    if lines.is_empty() {
        return text;
    }
    text.push(Line::from(styled(title, Look::Title, colors)));
    for line in lines {
        // What is laid out in columns stays so.
        if line.starts_with("  ") || line.starts_with('█') {
            text.push(Line::from(cut(&format!("  {line}"), width)));
            continue;
        }
        for (at, part) in wrapped(line, (width as usize).saturating_sub(4))
            .iter()
            .enumerate()
        {
            let indent = if at == 0 { "  " } else { "    " };
            text.push(Line::from(cut(&format!("{indent}{part}"), width)));
        }
    }
    text.push(Line::default());
    text
}
