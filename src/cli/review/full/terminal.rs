//! The real terminal: entered, read, and left as it was found whatever happens.

use super::{Colors, Desktop, Stroke, Turn};
use crate::cli::review::{Ending, Keeper, Outcome, ReviewError, Setting};
use crate::review::Queue;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor::Show, execute};
use std::collections::VecDeque;
use std::io::{self, Stdout};
use std::time::Duration;

/// How often others' decisions are looked for while nobody types.
const LISTEN: Duration = Duration::from_secs(2);

/// Shows case after case until the person leaves. `words` is said first.
pub fn run(
    full: &mut FullScreen,
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    keeper: &mut dyn Keeper,
    colors: Colors,
    words: &str,
) -> Result<(Outcome, String), ReviewError> {
    let mut desktop = Desktop::new(colors);
    desktop.say(words);
    let ending = hold(&mut desktop, &mut full.terminal, queue, setting, keeper)?;
    if ending == Ending::Refit {
        full.terminal.draw(|frame| desktop.draw(frame, queue, setting))?;
    }
    let counts = queue.counts();
    let outcome = Outcome {
        decisions: desktop.decisions,
        open: counts.open,
        waiting: counts.waiting,
        ending,
    };
    Ok((outcome, desktop.said))
}

fn hold(
    desktop: &mut Desktop,
    terminal: &mut Terminal<CrosstermBackend<Stdout>>,
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    keeper: &mut dyn Keeper,
) -> Result<Ending, ReviewError> {
    // Keys that came together with one before them.
    let mut ahead = VecDeque::new();
    loop {
        terminal.draw(|frame| desktop.draw(frame, queue, setting))?;
        let turn = match next_stroke(&mut ahead, desktop.is_typing())? {
            Some(stroke) => desktop.stroke(stroke, queue, setting, keeper)?,
            None => desktop.hear(queue, setting, keeper)?,
        };
        match turn {
            Turn::On => {}
            // Keys that were pressed before the next case was seen, or by a key held down, answer nothing.
            Turn::Decided => {
                ahead.clear();
                while event::poll(Duration::ZERO)? {
                    let _ = event::read()?;
                }
            }
            Turn::Over(ending) => return Ok(ending),
        }
    }
}

/// Characters that come all at once are a paste, from a terminal that does not say so: no hand types so many before
/// the first is read.
const PASTED_MIN: usize = 4;

/// The next stroke; None where nobody typed for a while.
fn next_stroke(ahead: &mut VecDeque<Stroke>, is_typing: bool) -> io::Result<Option<Stroke>> {
    if let Some(stroke) = ahead.pop_front() {
        return Ok(Some(stroke));
    }
    if !event::poll(LISTEN)? {
        return Ok(None);
    }
    let Some(first) = stroke(event::read()?) else {
        // The window's size has changed: it is to be drawn anew.
        return Ok(Some(Stroke::Seen));
    };
    if is_typing || !matches!(first, Stroke::Char(_)) {
        return Ok(Some(first));
    }
    let mut all = vec![first];
    while event::poll(Duration::ZERO)? {
        all.extend(stroke(event::read()?));
    }
    if let Some(text) = pasted(&all) {
        return Ok(Some(Stroke::Paste(text)));
    }
    ahead.extend(all);
    Ok(ahead.pop_front())
}

/// The text of strokes that no hand can have typed at once.
fn pasted(strokes: &[Stroke]) -> Option<String> {
    let text: Option<String> = strokes
        .iter()
        .map(|stroke| match stroke {
            Stroke::Char(char) => Some(*char),
            Stroke::Enter => Some('\n'),
            _ => None,
        })
        .collect();
    text.filter(|text| text.chars().count() >= PASTED_MIN)
}

fn stroke(event: Event) -> Option<Stroke> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key_stroke(key),
        Event::Paste(text) => Some(Stroke::Paste(text)),
        _ => None,
    }
}

fn key_stroke(key: KeyEvent) -> Option<Stroke> {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c' | 'd') if is_control => Stroke::Leave,
        KeyCode::Char('u') if is_control => Stroke::Clear,
        KeyCode::Char('r') if is_control => Stroke::Redo,
        KeyCode::Char(_) if is_control || key.modifiers.contains(KeyModifiers::ALT) => return None,
        KeyCode::Char(char) => Stroke::Char(char),
        KeyCode::Enter => Stroke::Enter,
        KeyCode::Esc => Stroke::Escape,
        KeyCode::Backspace => Stroke::Backspace,
        KeyCode::Up => Stroke::Up,
        KeyCode::Down => Stroke::Down,
        KeyCode::PageUp => Stroke::PageUp,
        KeyCode::PageDown => Stroke::PageDown,
        KeyCode::Home => Stroke::Home,
        KeyCode::End => Stroke::End,
        _ => return None,
    })
}

/// The whole terminal, entered; dropped, it is as it was before, cursor and all.
pub struct FullScreen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl FullScreen {
    pub fn enter() -> io::Result<Self> {
        enable_raw_mode()?;
        let mut out = io::stdout();
        let entered = execute!(out, EnterAlternateScreen, EnableBracketedPaste)
            .and_then(|()| Terminal::new(CrosstermBackend::new(out)));
        match entered {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                leave();
                Err(error)
            }
        }
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        leave();
    }
}

/// Nothing more can be done where this fails.
fn leave() {
    let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
