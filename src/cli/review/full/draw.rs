//! Draws a case, a list or a prompt. Everything must fit 80 columns and 24 rows; a wide terminal shows the evidence
//! beside the question.

use super::look::{Colors, Look};
use super::{Desktop, Mode};
use crate::cli::review::Setting;
use crate::cli::review::facts::{Facts, GridRow, Offer, Quote, bare};
use crate::cli::review::screen;
use crate::cli::words::{label, question, wrapped};
use crate::model::ConflictKind;
use crate::review::{Queue, Strength, View};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

/// From here on the evidence stands beside the question.
const WIDE: u16 = 110;
/// Less than this cannot be worked with.
const COLUMNS_MIN: u16 = 40;
const ROWS_MIN: u16 = 12;

type Text = Vec<Line<'static>>;

impl Desktop {
    /// Draws what is to be seen now.
    pub fn draw(&mut self, frame: &mut Frame<'_>, queue: &Queue<'_>, setting: Setting<'_>) {
        let area = frame.area();
        if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
            let words = "Make the window larger, or run rebook review --plain.";
            frame.render_widget(Paragraph::new(words), area);
            return;
        }
        self.look_at(queue, setting);
        let colors = self.colors;
        let view = queue.current();
        let header = self.header(queue, setting, area.width);
        frame.render_widget(Paragraph::new(header), Rect { height: 1, ..area });
        let keys = match &self.mode {
            Mode::List(list) => list_keys(list.bulk.as_ref().map(|(_, count)| *count), &list.title),
            _ => keys(view.as_ref()),
        };
        let keys = match &self.mode {
            // Why what was typed does not fit; the keys are letters now.
            Mode::Typing(..) if !self.said.is_empty() => wrapped(&self.said, area.width as usize - 2)
                .into_iter()
                .map(|line| {
                    Line::from(styled(
                        &format!(" {}", cut(&line, area.width - 2)),
                        Look::Weak,
                        colors,
                    ))
                })
                .collect(),
            _ => key_lines(&keys, area.width, colors),
        };
        let foot = keys.len() as u16;
        let body = Rect {
            y: area.y + 1,
            height: area.height - 2 - foot,
            ..area
        };
        match &self.mode {
            Mode::List(list) => {
                let block = Block::bordered().title(styled(&list.title, Look::Title, colors));
                let inner = block.inner(body);
                frame.render_widget(Clear, body);
                let lines: Text = list
                    .lines
                    .iter()
                    .skip(list.scroll)
                    .map(|line| Line::from(cut(line, inner.width)))
                    .collect();
                let total = list.lines.len();
                frame.render_widget(Paragraph::new(lines).block(block), body);
                self.room = (total, inner.height as usize);
            }
            _ => {
                if let Some(view) = view {
                    self.draw_case(frame, &view, setting, body);
                } else {
                    let words = if queue.filtered().is_empty() {
                        screen::LAST
                    } else {
                        screen::LAST_FILTERED
                    };
                    let lines: Text = wrapped(words, body.width as usize - 4)
                        .into_iter()
                        .map(|line| Line::from(format!(" {line}")))
                        .collect();
                    frame.render_widget(Paragraph::new(lines).block(Block::bordered()), body);
                }
            }
        }
        let at = Rect {
            y: body.y + body.height,
            height: foot,
            ..area
        };
        frame.render_widget(Paragraph::new(keys), at);
        self.draw_status(
            frame,
            queue,
            Rect {
                y: area.y + area.height - 1,
                height: 1,
                ..area
            },
        );
    }

    fn header(&mut self, queue: &Queue<'_>, setting: Setting<'_>, width: u16) -> Line<'static> {
        let counts = queue.counts();
        let mut parts = vec![format!("{} open", counts.open)];
        if counts.waiting > 0 {
            parts.push(format!("{} put off", counts.waiting));
        }
        parts.push(format!("{} start within 24 h", counts.urgent));
        let money = self.unaccounted(queue, setting);
        if !money.is_empty() {
            parts.push(format!("{money} unaccounted"));
        }
        if !queue.filtered().is_empty() {
            let filter = crate::cli::terminal::safe(queue.filtered().as_str(), 40);
            parts.push(format!("shown: {} by {filter}", counts.shown));
        }
        let text = format!(" rebook review  {}", parts.join(" · "));
        let text = cut(&text, width);
        let blank = width as usize - Span::raw(text.as_str()).width();
        Line::styled(
            format!("{text}{}", " ".repeat(blank)),
            Look::Bar.style(self.colors),
        )
    }

    fn draw_case(&mut self, frame: &mut Frame<'_>, view: &View<'_>, setting: Setting<'_>, body: Rect) {
        let colors = self.colors;
        let Some((_, _, facts)) = &self.shown else { return };
        let (strength, look) = match view.strength {
            Some(Strength::Strong) => (" STRONG ", Look::Strong),
            Some(Strength::Medium) => (" MEDIUM ", Look::Medium),
            Some(Strength::Weak) => (" WEAK ", Look::Weak),
            None => (" NOTHING SUGGESTED ", Look::Dim),
        };
        let starts = view.booking.starts_at.map_or_else(
            || "START UNKNOWN".to_owned(),
            |when| format!("STARTS {}", screen::near(when, setting)),
        );
        let is_near = starts.contains("(today)") || starts.contains("(tomorrow)");
        let about = match view.conflict.field {
            Some(field) if view.conflict.kind != ConflictKind::DoubleBooked => {
                format!("about the {}", label(field))
            }
            _ => question(view.conflict.kind).to_owned(),
        };
        let title = Line::from(vec![
            styled(
                &format!(" {} of {} · ", view.number, view.of),
                Look::Title,
                colors,
            ),
            styled(&starts, if is_near { Look::Urgent } else { Look::Title }, colors),
            styled(&format!(" · {about} "), Look::Title, colors),
        ]);
        let block = Block::bordered()
            .title(title)
            .title_bottom(Line::from(styled(strength, look, colors)).right_aligned());
        let inner = block.inner(body);
        let room = inner.height as usize;
        let is_wide = body.width >= WIDE;
        let (left, right) = if is_wide {
            let left = inner.width * 11 / 20;
            (left, inner.width - left - 3)
        } else {
            (inner.width, 0)
        };
        let mut main = head(facts, left, colors);
        main.extend(offers(&facts.offers, left, colors));
        let mut side = Text::new();
        {
            let side = if is_wide { &mut side } else { &mut main };
            let width = if is_wide { right } else { left };
            side.extend(evidence(facts, width, colors));
        }
        main.extend(grid(&facts.columns, &facts.grid, left, colors));
        main.extend(section("Money", &facts.money, left, colors));
        let side_lines = if is_wide { &mut side } else { &mut main };
        let width = if is_wide { right } else { left };
        side_lines.extend(section(
            "Why its records were put together",
            &facts.links,
            width,
            colors,
        ));
        side_lines.extend(section(
            "The customer's other bookings",
            &facts.nearby,
            width,
            colors,
        ));
        let records: Vec<String> = facts
            .records
            .iter()
            .zip(1..)
            .map(|(record, number)| format!("{number}  {record}"))
            .collect();
        side_lines.extend(section("Its records, for p", &records, width, colors));
        let lines = main.len().max(side.len());
        self.room = (lines, room);
        self.scroll = self.scroll.min(lines.saturating_sub(room));
        let block = if lines > room {
            let below = lines.saturating_sub(self.scroll + room);
            let words = format!(" ↑ ↓ scroll, {below} more below ");
            block.title_bottom(styled(&words, Look::Dim, colors))
        } else {
            block
        };
        frame.render_widget(block, body);
        let scroll = self.scroll.min(u16::MAX as usize) as u16;
        let at = Rect { width: left, ..inner };
        frame.render_widget(Paragraph::new(main).scroll((scroll, 0)), at);
        if is_wide {
            for row in 0..inner.height {
                let at = Position::new(inner.x + left + 1, inner.y + row);
                if let Some(cell) = frame.buffer_mut().cell_mut(at) {
                    cell.set_symbol("│").set_style(Look::Dim.style(colors));
                }
            }
            let at = Rect {
                x: inner.x + left + 3,
                width: right,
                ..inner
            };
            frame.render_widget(Paragraph::new(side).scroll((scroll, 0)), at);
        }
    }

    fn draw_status(&self, frame: &mut Frame<'_>, queue: &Queue<'_>, at: Rect) {
        if let Some((words, typed)) = self.prompt(queue) {
            // What is typed last must be seen, however long it is.
            let room = (at.width as usize).saturating_sub(Span::raw(words.as_str()).width() + 2);
            let shown = tail(&typed, room);
            let line = Line::from(vec![
                styled(&words, Look::Bold, self.colors),
                Span::raw(shown.clone()),
            ]);
            frame.render_widget(Paragraph::new(line), at);
            let column = Span::raw(words).width() + Span::raw(shown).width();
            frame.set_cursor_position(Position::new(at.x + (column as u16).min(at.width - 1), at.y));
            return;
        }
        let words = if self.said.is_empty() {
            match queue.current().map(|view| view.strength) {
                Some(Some(Strength::Strong)) => "Enter: accepts, the suggestion is strong".to_owned(),
                Some(_) => "Enter: off, there is no strong suggestion".to_owned(),
                None => String::new(),
            }
        } else {
            self.said.clone()
        };
        let line = styled(&cut(&words, at.width), Look::Bold, self.colors);
        frame.render_widget(Paragraph::new(Line::from(line)), at);
    }
}

/// Who and what it is about, and the question.
fn head(facts: &Facts, width: u16, colors: Colors) -> Text {
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
fn offers(offers: &[Offer], width: u16, colors: Colors) -> Text {
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
fn evidence(facts: &Facts, width: u16, colors: Colors) -> Text {
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
fn quoted(quote: &Quote, width: u16, colors: Colors) -> Line<'static> {
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
fn grid(columns: &[String], rows: &[GridRow], width: u16, colors: Colors) -> Text {
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

fn section(title: &str, lines: &[String], width: u16, colors: Colors) -> Text {
    let mut text = Text::new();
    if lines.is_empty() {
        return text;
    }
    text.push(Line::from(styled(title, Look::Title, colors)));
    for line in lines {
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

/// The keys that do something here: `(key, what it does)`.
fn keys(view: Option<&View<'_>>) -> Vec<(String, &'static str)> {
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

fn list_keys(bulk: Option<usize>, title: &str) -> Vec<(String, &'static str)> {
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

fn key_lines(keys: &[(String, &'static str)], width: u16, colors: Colors) -> Text {
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

fn styled(text: &str, look: Look, colors: Colors) -> Span<'static> {
    Span::styled(text.to_owned(), look.style(colors))
}

/// Parts in as many lines as they need.
fn joined(parts: &[String], width: u16) -> Vec<String> {
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
fn cut(text: &str, width: u16) -> String {
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
fn tail(text: &str, width: usize) -> String {
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

fn padded(text: &str, width: u16) -> String {
    let text = cut(text, width.saturating_sub(1));
    let blank = (width as usize).saturating_sub(Span::raw(text.as_str()).width());
    format!("{text}{}", " ".repeat(blank))
}
