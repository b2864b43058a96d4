//! `rebook review`: one case at a time, in lines.
//!
//! In: a queue and a person's lines. Out: the screen as text, and each decision to `commit` before the next
//! case is shown, so that nothing answered is ever lost. A line ends every input: it works through a pipe, a
//! slow connection and a screen reader alike.

mod keys;
mod screen;

use super::words::label;
use crate::model::{Answer, Decision, Document, RecordId};
use crate::review::{Draft, Input, Queue, Step, Strength, Terms};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use keys::Key;
use std::io::{self, BufRead, Write};

/// Answers in a row that led to nothing, after which the sitting ends: a pipe that never fits must not run on.
const MISSES_MAX: usize = 20;
/// Longest line that is read as an answer.
const LINE_BYTES_MAX: u64 = 4096;

/// Keeps one decision for good, and gives it its number. It must not return before the decision is safe.
pub type Commit<'c> = dyn FnMut(Draft) -> Result<Decision, CommitError> + 'c;

/// Whatever the staging database says.
pub type CommitError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("the decision on {booking} was not kept: {source}")]
    Commit { booking: String, source: CommitError },
    #[error("the terminal cannot be read or written: {0}")]
    Terminal(#[from] io::Error),
}

/// How a sitting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Decisions taken in this sitting, those that took others back included.
    pub decisions: usize,
    /// Cases still open; with any, the exit code is 3.
    pub open: usize,
    /// Of these, put off with a note.
    pub waiting: usize,
}

/// What the screen needs beside the cases.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub now: DateTime<Utc>,
    /// Times are shown in it.
    pub zone: Tz,
    /// The backup's rows, to show a key by its name.
    pub terms: &'a Terms<'a>,
    /// Takes a staged record apart.
    pub document: &'a dyn Fn(&RecordId) -> Option<Document>,
}

/// Shows case after case until all were seen, the person quits or the input ends.
pub fn run(
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    commit: &mut Commit<'_>,
) -> Result<Outcome, ReviewError> {
    let mut sitting = Sitting {
        queue,
        setting,
        input,
        output,
        commit,
        decisions: 0,
        misses: 0,
    };
    sitting.hold()?;
    let outcome = Outcome {
        decisions: sitting.decisions,
        open: sitting.queue.open(),
        waiting: sitting.queue.waiting(),
    };
    output.write_all(screen::farewell(outcome).as_bytes())?;
    output.flush()?;
    Ok(outcome)
}

/// What came of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Another case is to be shown.
    Next,
    /// The same case, not shown again.
    Same,
    Quit,
}

struct Sitting<'s, 'a, 'c> {
    queue: &'s mut Queue<'a>,
    setting: Setting<'s>,
    input: &'s mut dyn BufRead,
    output: &'s mut dyn Write,
    commit: &'s mut Commit<'c>,
    decisions: usize,
    misses: usize,
}

impl Sitting<'_, '_, '_> {
    fn hold(&mut self) -> Result<(), ReviewError> {
        loop {
            let shown = match self.queue.current() {
                Some(view) => screen::case(&view, self.setting),
                None if self.decisions == 0 => return Ok(()),
                None => screen::LAST.to_owned(),
            };
            self.output.write_all(shown.as_bytes())?;
            loop {
                match self.turn()? {
                    Turn::Quit => return Ok(()),
                    Turn::Next => break,
                    Turn::Same if self.misses == MISSES_MAX => {
                        self.say(&format!(
                            "{MISSES_MAX} answers in a row did not fit, so this ends here."
                        ))?;
                        return Ok(());
                    }
                    Turn::Same => {}
                }
            }
            self.misses = 0;
        }
    }

    /// Reads one line and does what it says.
    fn turn(&mut self) -> Result<Turn, ReviewError> {
        self.misses += 1;
        let Some(line) = self.ask("> ")? else {
            return Ok(Turn::Quit);
        };
        let key = keys::read(&line);
        let Some(view) = self.queue.current() else {
            return match key {
                Key::Do(Input::Undo) => self.step(Input::Undo),
                _ => Ok(Turn::Quit),
            };
        };
        let is_strong = view.strength == Some(Strength::Strong);
        let field = view.conflict.field;
        match key {
            Key::Do(input) => self.step(input),
            Key::Enter if is_strong => self.step(Input::Accept),
            Key::Enter => {
                self.say("Enter accepts only a strong suggestion; this case has none. ? shows the keys.")
            }
            Key::Yes => self.accept_or_put_off(),
            Key::Edit => {
                let Some(field) = field else {
                    return self.step(Input::Type(String::new()));
                };
                let question = format!("{} (- for none, Enter goes back): ", label(field));
                match self.ask(&question)?.as_deref().map(str::trim) {
                    None | Some("") => Ok(Turn::Same),
                    Some(text) => self.step(Input::Type(text.to_owned())),
                }
            }
            Key::Reject => {
                let question = "Not a booking: it will be left out of the export. r again confirms: ";
                match self.ask(question)?.as_deref().map(keys::read) {
                    Some(Key::Reject) => self.step(Input::Reject),
                    _ => self.say("Not rejected."),
                }
            }
            Key::Later => match self.ask("A note for later (Enter for none): ")? {
                Some(note) => self.step(Input::Later(note)),
                None => Ok(Turn::Quit),
            },
            Key::View => {
                let opened = screen::opened(&view, self.setting);
                self.say(&opened)
            }
            Key::Help => self.say(screen::HELP),
            Key::Quit => Ok(Turn::Quit),
            Key::Unknown => self.say("That is no key here. ? shows the keys."),
        }
    }

    /// `y` says yes to the suggestion. Where there is nothing to say yes to, the case is put off and says why,
    /// so that whoever says nothing but yes comes to an end.
    fn accept_or_put_off(&mut self) -> Result<Turn, ReviewError> {
        match self.queue.step(Input::Accept) {
            Step::Refused(why) => {
                self.say(&format!("y cannot answer this: {why}. It is put off."))?;
                self.step(Input::Later(format!("y could not answer it: {why}")))
            }
            step => self.follow(step),
        }
    }

    fn step(&mut self, input: Input) -> Result<Turn, ReviewError> {
        let step = self.queue.step(input);
        self.follow(step)
    }

    fn follow(&mut self, step: Step) -> Result<Turn, ReviewError> {
        match step {
            Step::Moved => Ok(Turn::Next),
            Step::Refused(why) => self.say(&format!("Not done: {why}.")),
            Step::Commit(draft) => {
                let booking = draft.booking.to_string();
                let field = self.queue.current().and_then(|view| view.conflict.field);
                let words = match (&draft.answer, self.queue.last()) {
                    (Answer::Undo(_), Some(last)) => screen::taken_back(last, self.setting),
                    (answer, _) => screen::answer(answer, field, self.setting),
                };
                let decision =
                    (self.commit)(draft).map_err(|source| ReviewError::Commit { booking, source })?;
                self.decisions += 1;
                self.say(&format!("Decision {}: {words}.", decision.seq))?;
                self.queue.record(decision);
                Ok(Turn::Next)
            }
        }
    }

    fn say(&mut self, text: &str) -> Result<Turn, ReviewError> {
        writeln!(self.output, "{text}")?;
        Ok(Turn::Same)
    }

    fn ask(&mut self, question: &str) -> Result<Option<String>, ReviewError> {
        self.output.write_all(question.as_bytes())?;
        self.output.flush()?;
        let line = read_line(self.input)?;
        if line.is_none() {
            writeln!(self.output)?;
        }
        Ok(line)
    }
}

/// One line; None at the end of the input. What does not fit into a line's length is dropped to its end, for
/// the rest of a line is no answer of its own.
fn read_line(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let read = (&mut *input).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if read as u64 == LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}
