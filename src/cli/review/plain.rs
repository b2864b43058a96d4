//! One case at a time, in lines: a line ends every input, so that it works through a pipe, a slow connection and a
//! screen reader alike.

use super::facts::facts;
use super::keys::{self, Key};
use super::{Ending, Keeper, Outcome, ReviewError, Setting, Spoken, alike, history, keep, screen};
use crate::cli::words::{label, wrapped};
use crate::review::{Filter, Input, Queue, Same, Step, Strength};
use std::io::{self, BufRead, Write};

/// Answers in a row that led to nothing, after which the sitting ends: a pipe that never fits must not run on.
const MISSES_MAX: usize = 20;
/// Longest line that is read as an answer.
const LINE_BYTES_MAX: u64 = 4096;
/// Columns of the screen.
const COLUMNS: usize = 80;
/// Cases that are listed before one answer is given to all.
const LISTED_MAX: usize = 30;

/// Shows case after case until all were seen, the person quits or the input ends.
pub fn run(
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    keeper: &mut dyn Keeper,
) -> Result<Outcome, ReviewError> {
    let mut sitting = Sitting {
        queue,
        setting,
        input,
        output,
        keeper,
        decisions: 0,
        misses: 0,
    };
    let ending = sitting.hold()?;
    let (decisions, counts) = (sitting.decisions, sitting.queue.counts());
    Ok(Outcome {
        decisions,
        open: counts.open,
        waiting: counts.waiting,
        ending,
    })
}

/// The last words, once the person leaves.
pub fn farewell(outcome: Outcome, output: &mut dyn Write) -> io::Result<()> {
    output.write_all(screen::farewell(outcome).as_bytes())?;
    output.flush()
}

/// What came of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Another case is to be shown.
    Next,
    /// The same case, not shown again.
    Same,
    Quit,
    /// The bookings are to be fused again.
    Refit,
}

struct Sitting<'s, 'a> {
    queue: &'s mut Queue<'a>,
    setting: Setting<'s>,
    input: &'s mut dyn BufRead,
    output: &'s mut dyn Write,
    keeper: &'s mut dyn Keeper,
    decisions: usize,
    misses: usize,
}

impl Sitting<'_, '_> {
    fn hold(&mut self) -> Result<Ending, ReviewError> {
        loop {
            if self.hear_news()? == Turn::Refit {
                return Ok(Ending::Refit);
            }
            let shown = match self.queue.current() {
                Some(view) => screen::case(&view, self.setting),
                None if self.decisions == 0 && self.queue.filtered().is_empty() => return Ok(Ending::Over),
                None if !self.queue.filtered().is_empty() => screen::LAST_FILTERED.to_owned(),
                None => screen::LAST.to_owned(),
            };
            self.output.write_all(shown.as_bytes())?;
            loop {
                match self.turn()? {
                    Turn::Quit => return Ok(Ending::Over),
                    Turn::Refit => return Ok(Ending::Refit),
                    Turn::Next => break,
                    Turn::Same if self.misses == MISSES_MAX => {
                        self.say(&format!(
                            "{MISSES_MAX} answers in a row did not fit, so this ends here."
                        ))?;
                        return Ok(Ending::Over);
                    }
                    Turn::Same => {}
                }
            }
            self.misses = 0;
        }
    }

    /// What others decided in the meantime.
    fn hear_news(&mut self) -> Result<Turn, ReviewError> {
        match super::hear(self.queue, self.keeper, self.setting)? {
            None => Ok(Turn::Same),
            Some(spoken) => {
                self.say(&spoken.words)?;
                Ok(if spoken.refit { Turn::Refit } else { Turn::Same })
            }
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
                Key::Do(input @ (Input::Undo | Input::Redo | Input::Revoke(_) | Input::Back)) => {
                    self.step(input)
                }
                Key::History => self.say(&history(self.queue, self.setting).join("\n")),
                Key::Filter(text) => self.filter(text),
                _ => Ok(Turn::Quit),
            };
        };
        let is_strong = view.strength == Some(Strength::Strong);
        let field = view.conflict.field;
        let has_suggestion = view.conflict.suggested.is_some();
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
            Key::Merge => match self.ask("One booking with (reference or id, Enter goes back): ")? {
                Some(other) if !other.trim().is_empty() => self.step(Input::Merge(other)),
                _ => Ok(Turn::Same),
            },
            Key::Part => {
                let facts = facts(self.queue, &view, self.setting);
                let records = facts.records.iter().zip(1..);
                let listed: Vec<String> = records
                    .map(|(record, number)| format!("  {number}  {record}"))
                    .collect();
                self.say(&listed.join("\n"))?;
                let question = "Which are of another booking (as 2 or 1,3; Enter goes back): ";
                match self.ask(question)?.as_deref().map(str::trim) {
                    None | Some("") => Ok(Turn::Same),
                    Some(text) => match keys::places(text) {
                        Some(places) => self.step(Input::Part(places)),
                        None => self.say("Not done: write the records' numbers, as 2 or 1,3."),
                    },
                }
            }
            Key::All(same) => {
                let usual = if has_suggestion { Same::Accept } else { Same::Keep };
                self.all(same.unwrap_or(usual))
            }
            Key::Filter(text) => self.filter(text),
            Key::History => self.say(&history(self.queue, self.setting).join("\n")),
            Key::View => {
                let opened = screen::opened(&view, self.setting);
                self.say(&opened)
            }
            Key::Why => {
                let why = screen::why(&facts(self.queue, &view, self.setting));
                self.say(&why)
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

    /// One answer to all that are alike: shown first, and confirmed by typing their number.
    fn all(&mut self, same: Same) -> Result<Turn, ReviewError> {
        let (count, mut shown) = match alike(self.queue, &same, self.setting) {
            Ok(found) => found,
            Err(why) => return self.say(&format!("Not done: {why}.")),
        };
        let more = shown.len().saturating_sub(LISTED_MAX);
        shown.truncate(LISTED_MAX);
        if more > 0 {
            shown.push(format!("  and {more} more"));
        }
        self.say(&shown.join("\n"))?;
        match self.ask(&format!("Type {count} to do so, anything else goes back: "))? {
            Some(typed) if typed.trim() == count.to_string() => self.step(Input::All(same, count)),
            _ => self.say("Not done."),
        }
    }

    fn filter(&mut self, text: Option<String>) -> Result<Turn, ReviewError> {
        let text = match text {
            Some(text) => Some(text),
            None => self.ask("Show only (kind:, customer:, resource:, tenant: or words; Enter for all): ")?,
        };
        match Filter::parse(text.as_deref().unwrap_or("")) {
            Ok(filter) => {
                self.queue.filter(filter);
                Ok(Turn::Next)
            }
            Err(error) => self.say(&format!("Not done: {error}.")),
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
            Step::Commit(act) => {
                let Spoken {
                    words, kept, refit, ..
                } = keep(self.queue, &act, self.keeper, self.setting)?;
                self.decisions += kept;
                for line in wrapped(&words, COLUMNS) {
                    self.say(&line)?;
                }
                Ok(if refit { Turn::Refit } else { Turn::Next })
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
