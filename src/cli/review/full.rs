//! The whole screen: what a key does, and the loop around a real terminal. Drawing is in `draw`.
//!
//! This is the home of ratatui. [`Desktop`] knows no terminal: a stroke in, the queue moved or an act kept; a frame
//! out. So it is tested without one.

mod draw;
mod look;
mod terminal;

use super::facts::{Facts, facts};
use super::{Ending, Keeper, ReviewError, Setting, alike, hear, history, keep, screen};
use crate::cli::words::{grouped, label};
use crate::model::{Currency, Money};
use crate::review::{Filter, Input, Queue, Same, Step, Strength, half_width};
use std::collections::{BTreeMap, BTreeSet};

pub use look::Colors;
pub use terminal::{FullScreen, run};

/// Longest answer that is typed.
const TYPED_MAX: usize = 400;

/// What a person did, whatever the terminal calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stroke {
    Char(char),
    Enter,
    Escape,
    Backspace,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    /// Ctrl-U: empties what is being typed.
    Clear,
    /// Ctrl-R.
    Redo,
    /// Ctrl-C.
    Leave,
    /// Nothing but that the screen is to be drawn anew.
    Seen,
    /// Text from the clipboard: never taken for keys.
    Paste(String),
}

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mode {
    Case,
    Typing(Purpose, String),
    /// No booking: to be confirmed.
    Rejecting,
    List(List),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Value,
    Note,
    Merge,
    Part,
    Filter,
    Revoke,
}

/// Lines to look through.
#[derive(Debug, Clone, PartialEq, Eq)]
struct List {
    title: String,
    lines: Vec<String>,
    scroll: usize,
    /// One answer for so many cases, to be confirmed.
    bulk: Option<(Same, usize)>,
}

/// What came of a stroke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    On,
    /// Something was decided: what was typed before it was seen is dropped.
    Decided,
    Over(Ending),
}

/// The screen of one sitting.
pub struct Desktop {
    mode: Mode,
    /// What was said last.
    said: String,
    scroll: usize,
    /// Lines of the case, and of the room for them, when it was last drawn.
    room: (usize, usize),
    pub(super) decisions: usize,
    colors: Colors,
    /// The case that these are about, and the last decision known then.
    shown: Option<(String, u64, Facts)>,
    money: Option<(u64, String)>,
}

impl Desktop {
    pub fn new(colors: Colors) -> Self {
        Self {
            mode: Mode::Case,
            said: String::new(),
            scroll: 0,
            room: (0, 0),
            decisions: 0,
            colors,
            shown: None,
            money: None,
        }
    }

    /// Decisions that were kept in this sitting.
    pub fn decisions(&self) -> usize {
        self.decisions
    }

    /// Whether text is being typed, so that every key is one of its characters.
    pub fn is_typing(&self) -> bool {
        matches!(self.mode, Mode::Typing(..))
    }

    /// Says something in the last line.
    pub fn say(&mut self, words: &str) {
        words.clone_into(&mut self.said);
    }

    /// Does what a stroke asks for.
    pub fn stroke(
        &mut self,
        stroke: Stroke,
        queue: &mut Queue<'_>,
        setting: Setting<'_>,
        keeper: &mut dyn Keeper,
    ) -> Result<Turn, ReviewError> {
        match stroke {
            Stroke::Leave => return Ok(Turn::Over(Ending::Over)),
            Stroke::Seen => return Ok(Turn::On),
            _ => {}
        }
        match std::mem::replace(&mut self.mode, Mode::Case) {
            Mode::Case => self.on_case(stroke, queue, setting, keeper),
            Mode::Typing(purpose, text) => self.on_typing(purpose, text, stroke, queue, setting, keeper),
            Mode::Rejecting if stroke == Stroke::Char('R') => {
                self.step(Input::Reject, queue, setting, keeper)
            }
            Mode::Rejecting => {
                self.say("Not rejected.");
                Ok(Turn::On)
            }
            Mode::List(list) => self.on_list(list, &stroke, queue, setting, keeper),
        }
    }

    /// Takes in what others decided.
    pub fn hear(
        &mut self,
        queue: &mut Queue<'_>,
        setting: Setting<'_>,
        keeper: &mut dyn Keeper,
    ) -> Result<Turn, ReviewError> {
        let Some(spoken) = hear(queue, keeper, setting)? else {
            return Ok(Turn::On);
        };
        self.say(&spoken.words);
        Ok(if spoken.refit {
            Turn::Over(Ending::Refit)
        } else {
            Turn::Decided
        })
    }

    fn on_case(
        &mut self,
        stroke: Stroke,
        queue: &mut Queue<'_>,
        setting: Setting<'_>,
        keeper: &mut dyn Keeper,
    ) -> Result<Turn, ReviewError> {
        let view = queue.current();
        let has_case = view.is_some();
        let is_strong = view
            .as_ref()
            .is_some_and(|view| view.strength == Some(Strength::Strong));
        let field = view.as_ref().and_then(|view| view.conflict.field);
        let has_suggestion = view
            .as_ref()
            .is_some_and(|view| view.conflict.suggested.is_some());
        let typing = |purpose| Mode::Typing(purpose, String::new());
        self.said.clear();
        let key = match stroke {
            Stroke::Char(char) => half_width(&char.to_string()).chars().next().unwrap_or(char),
            Stroke::Enter if is_strong => return self.step(Input::Accept, queue, setting, keeper),
            Stroke::Enter => {
                self.say("Enter accepts only a strong suggestion; y accepts any.");
                return Ok(Turn::On);
            }
            Stroke::Redo => return self.step(Input::Redo, queue, setting, keeper),
            Stroke::Paste(_) => {
                self.say("What is pasted here is no answer: press e first to paste a value.");
                return Ok(Turn::On);
            }
            other => {
                self.scroll = scrolled(self.scroll, &other, self.room);
                return Ok(Turn::On);
            }
        };
        let input = match key {
            'q' => return Ok(Turn::Over(Ending::Over)),
            'u' => Input::Undo,
            'U' => Input::Redo,
            'b' => Input::Back,
            '/' => {
                self.mode = Mode::Typing(Purpose::Filter, queue.filtered().as_str().to_owned());
                return Ok(Turn::On);
            }
            '?' => {
                self.open("Keys", screen::HELP.lines().map(str::to_owned).collect());
                return Ok(Turn::On);
            }
            'h' => {
                self.open(
                    "Decisions, the last one first; u takes one back by its number",
                    history(queue, setting),
                );
                return Ok(Turn::On);
            }
            _ if !has_case => {
                self.say("No case is left here. u takes the last decision back, q leaves.");
                return Ok(Turn::On);
            }
            '1'..='9' => Input::Take(key as usize - '1' as usize),
            'y' | 'a' => Input::Accept,
            'k' => Input::Keep,
            't' => Input::Attach(Vec::new()),
            'n' | 's' => Input::Skip,
            'e' if field.is_none() => Input::Type(String::new()),
            'e' => {
                self.mode = typing(Purpose::Value);
                return Ok(Turn::On);
            }
            'l' => {
                self.mode = typing(Purpose::Note);
                return Ok(Turn::On);
            }
            'm' => {
                self.mode = typing(Purpose::Merge);
                return Ok(Turn::On);
            }
            'p' => {
                self.mode = typing(Purpose::Part);
                return Ok(Turn::On);
            }
            'r' => {
                self.mode = Mode::Rejecting;
                return Ok(Turn::On);
            }
            'v' => {
                let opened = queue.current().map(|view| screen::opened(&view, setting));
                let lines = opened.unwrap_or_default().lines().map(str::to_owned).collect();
                self.open("The records", lines);
                return Ok(Turn::On);
            }
            'w' => {
                let facts = queue.current().map(|view| facts(queue, &view, setting));
                let lines = facts.map_or_else(String::new, |facts| screen::why(&facts));
                self.open("Why", lines.lines().map(str::to_owned).collect());
                return Ok(Turn::On);
            }
            'A' => {
                let same = if has_suggestion { Same::Accept } else { Same::Keep };
                self.offer_all(same, queue, setting);
                return Ok(Turn::On);
            }
            _ => {
                self.say("That is no key here. ? shows the keys.");
                return Ok(Turn::On);
            }
        };
        self.step(input, queue, setting, keeper)
    }

    fn on_typing(
        &mut self,
        purpose: Purpose,
        mut text: String,
        stroke: Stroke,
        queue: &mut Queue<'_>,
        setting: Setting<'_>,
        keeper: &mut dyn Keeper,
    ) -> Result<Turn, ReviewError> {
        match stroke {
            Stroke::Escape => {
                self.say("Nothing was done.");
                return Ok(Turn::On);
            }
            Stroke::Enter => {}
            other => {
                match other {
                    Stroke::Char(char) => text.push(char),
                    // A line break in the clipboard ends nothing.
                    Stroke::Paste(pasted) => text.push_str(&pasted.replace(['\r', '\n', '\t'], " ")),
                    Stroke::Backspace => drop(text.pop()),
                    Stroke::Clear => text.clear(),
                    _ => {}
                }
                text = text
                    .chars()
                    .filter(|char| !char.is_control())
                    .take(TYPED_MAX)
                    .collect();
                self.mode = Mode::Typing(purpose, text);
                return Ok(Turn::On);
            }
        }
        let typed = text.trim().to_owned();
        if typed.is_empty() && !matches!(purpose, Purpose::Note | Purpose::Filter) {
            self.say("Nothing was done.");
            return Ok(Turn::On);
        }
        let input = match purpose {
            Purpose::Value => Input::Type(typed),
            Purpose::Note => Input::Later(typed),
            Purpose::Merge => Input::Merge(typed),
            Purpose::Part => {
                let Some(places) = super::keys::places(&typed) else {
                    self.say("Not done: write the records' numbers, as 2 or 1,3.");
                    self.mode = Mode::Typing(purpose, text);
                    return Ok(Turn::On);
                };
                Input::Part(places)
            }
            Purpose::Revoke => {
                let Ok(act) = typed.parse() else {
                    self.say("Not done: write a decision's number.");
                    return Ok(Turn::On);
                };
                Input::Revoke(act)
            }
            Purpose::Filter => {
                match Filter::parse(&typed) {
                    Ok(filter) => {
                        queue.filter(filter);
                        self.scroll = 0;
                    }
                    Err(error) => {
                        self.say(&format!("Not done: {error}."));
                        self.mode = Mode::Typing(purpose, text);
                    }
                }
                return Ok(Turn::On);
            }
        };
        let before = self.decisions;
        let turn = self.step(input, queue, setting, keeper)?;
        // What was typed and did not fit is still there to be corrected.
        if self.decisions == before && turn == Turn::On && purpose != Purpose::Revoke {
            self.mode = Mode::Typing(purpose, text);
        }
        Ok(turn)
    }

    fn on_list(
        &mut self,
        mut list: List,
        stroke: &Stroke,
        queue: &mut Queue<'_>,
        setting: Setting<'_>,
        keeper: &mut dyn Keeper,
    ) -> Result<Turn, ReviewError> {
        match (stroke, list.bulk.clone()) {
            (Stroke::Char('Y'), Some((same, count))) => {
                return self.step(Input::All(same, count), queue, setting, keeper);
            }
            (Stroke::Char('a'), Some(_)) => self.offer_all(Same::Accept, queue, setting),
            (Stroke::Char('k'), Some(_)) => self.offer_all(Same::Keep, queue, setting),
            (Stroke::Char('l'), Some(_)) => {
                let note = "put off with all that are like it".to_owned();
                self.offer_all(Same::Later(note), queue, setting);
            }
            (Stroke::Char('u'), None) if list.title.starts_with("Decisions") => {
                self.mode = Mode::Typing(Purpose::Revoke, String::new());
            }
            (
                Stroke::Up | Stroke::Down | Stroke::PageUp | Stroke::PageDown | Stroke::Home | Stroke::End,
                _,
            ) => {
                list.scroll = scrolled(list.scroll, stroke, (list.lines.len(), self.room.1));
                self.mode = Mode::List(list);
            }
            (_, Some(_)) => self.say("Nothing was done."),
            _ => {}
        }
        Ok(Turn::On)
    }

    fn offer_all(&mut self, same: Same, queue: &Queue<'_>, setting: Setting<'_>) {
        match alike(queue, &same, setting) {
            Ok((count, lines)) => {
                self.mode = Mode::List(List {
                    title: "All like this".to_owned(),
                    lines,
                    scroll: 0,
                    bulk: Some((same, count)),
                });
            }
            Err(why) => self.say(&format!("Not done: {why}.")),
        }
    }

    fn open(&mut self, title: &str, lines: Vec<String>) {
        self.mode = Mode::List(List {
            title: title.to_owned(),
            lines,
            scroll: 0,
            bulk: None,
        });
    }

    fn step(
        &mut self,
        input: Input,
        queue: &mut Queue<'_>,
        setting: Setting<'_>,
        keeper: &mut dyn Keeper,
    ) -> Result<Turn, ReviewError> {
        match queue.step(input) {
            Step::Moved => {
                self.scroll = 0;
                Ok(Turn::On)
            }
            Step::Refused(why) => {
                self.say(&format!("Not done: {why}."));
                Ok(Turn::On)
            }
            Step::Commit(act) => {
                let spoken = keep(queue, &act, keeper, setting)?;
                self.decisions += spoken.kept;
                self.scroll = 0;
                self.say(&spoken.words);
                Ok(if spoken.refit {
                    Turn::Over(Ending::Refit)
                } else {
                    Turn::Decided
                })
            }
        }
    }

    /// What is to be drawn of the case, worked out once for each case and decision.
    fn look_at(&mut self, queue: &Queue<'_>, setting: Setting<'_>) {
        let Some(view) = queue.current() else {
            self.shown = None;
            return;
        };
        let key = format!(
            "{} {} {}",
            view.booking.id, view.conflict.id, view.conflict.evidence
        );
        let is_known = |(known, seen, _): &(String, u64, Facts)| *known == key && *seen == queue.seen();
        if !self.shown.as_ref().is_some_and(is_known) {
            let facts = facts(queue, &view, setting);
            self.shown = Some((key, queue.seen(), facts));
        }
    }

    /// The money of bookings that wait for a decision.
    fn unaccounted(&mut self, queue: &Queue<'_>, setting: Setting<'_>) -> String {
        if let Some((seen, words)) = &self.money
            && *seen == queue.seen()
        {
            return words.clone();
        }
        let open: BTreeSet<_> = queue.open_bookings().collect();
        let stakes = open.into_iter().filter_map(|id| setting.stakes.get(id));
        let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
        for money in stakes.flatten() {
            *sums.entry(money.currency).or_default() += money.minor;
        }
        let sums: Vec<String> = sums
            .into_iter()
            .map(|(currency, minor)| {
                let code = currency.as_str().to_uppercase();
                format!("{code} {}", grouped(&Money::new(minor, currency).major()))
            })
            .collect();
        let words = sums.join(", ");
        self.money = Some((queue.seen(), words.clone()));
        words
    }

    /// What is asked for in the last line, and what was typed so far.
    fn prompt(&self, queue: &Queue<'_>) -> Option<(String, String)> {
        let (purpose, text) = match &self.mode {
            Mode::Typing(purpose, text) => (purpose, text.clone()),
            Mode::Rejecting => {
                let words = "Not a booking, left out of the export? R confirms, any other key goes back";
                return Some((words.to_owned(), String::new()));
            }
            _ => return None,
        };
        let words = match purpose {
            Purpose::Value => {
                let field = queue.current().and_then(|view| view.conflict.field);
                format!("{} (- for none, Esc goes back): ", field.map_or("value", label))
            }
            Purpose::Note => "A note for later (Enter for none, Esc goes back): ".to_owned(),
            Purpose::Merge => "One booking with (reference or id, Esc goes back): ".to_owned(),
            Purpose::Part => "Records of another booking (their numbers, as 1,3): ".to_owned(),
            Purpose::Filter => "Show only (kind: customer: resource: tenant: or words): ".to_owned(),
            Purpose::Revoke => "Take back decision number: ".to_owned(),
        };
        Some((words, text))
    }
}

/// Where a list stands after a stroke; `(lines, room)`.
fn scrolled(at: usize, stroke: &Stroke, (lines, room): (usize, usize)) -> usize {
    let last = lines.saturating_sub(room);
    let page = room.saturating_sub(1).max(1);
    match stroke {
        Stroke::Up => at.saturating_sub(1),
        Stroke::Down => at + 1,
        Stroke::PageUp => at.saturating_sub(page),
        Stroke::PageDown => at + page,
        Stroke::Home => 0,
        Stroke::End => last,
        _ => at,
    }
    .min(last)
}
