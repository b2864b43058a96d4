//! Draws a case, a list or a prompt. Everything must fit 80 columns and 24 rows; a wide terminal shows the evidence
//! beside the question.

mod fit;
mod keys;
mod parts;

use super::look::Look;
use super::{Desktop, Mode};
use crate::cli::review::Setting;
use crate::cli::review::screen;
use crate::cli::words::{label, question, wrapped};
use crate::model::ConflictKind;
use crate::review::{Queue, Strength, View};
use fit::{cut, styled, tail};
use keys::{key_lines, keys, list_keys};
use parts::{evidence, grid, head, offers, section};
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
        // What is shown of it comes first: it must be seen on a narrow screen too.
        let mut parts = if queue.filtered().is_empty() {
            vec![format!("{} open", counts.open)]
        } else {
            let filter = crate::cli::terminal::safe(queue.filtered().as_str(), 24);
            vec![format!("{} of {} open, by {filter}", counts.shown, counts.open)]
        };
        if counts.waiting > 0 {
            parts.push(format!("{} put off", counts.waiting));
        }
        parts.push(format!("{} start within 24 h", counts.urgent));
        let money = self.unaccounted(queue, setting);
        if !money.is_empty() {
            parts.push(format!("{money} unaccounted"));
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
            "Others with this number",
            &facts.namesakes,
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
