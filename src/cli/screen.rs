//! The terminal: answers on stdout, talk and progress on stderr.

use super::Color;
use super::failure::Failure;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::time::Duration;

pub(super) struct Screen {
    quiet: bool,
    pub verbose: bool,
    color: bool,
    progress: bool,
}

impl Screen {
    pub fn new(quiet: bool, verbose: bool, color: Color) -> Self {
        let terminal = io::stderr().is_terminal();
        let asked_not_to = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            quiet,
            verbose,
            color: match color {
                Color::Auto => terminal && !asked_not_to,
                Color::Always => true,
                Color::Never => false,
            },
            progress: terminal && !quiet,
        }
    }

    /// Says something that is no answer.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Says something when more was asked for.
    pub fn say_more(&self, text: &str) {
        if self.verbose {
            self.say(text);
        }
    }

    pub fn warn(&self, text: &str) {
        if !self.quiet {
            talk(&format!("{} {}", self.paint("warning:", YELLOW), printable(text)));
        }
    }

    pub fn fail(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        talk(&format!(
            "{} {}",
            self.paint("error:", RED),
            printable(&failure.message)
        ));
        if !failure.hint.is_empty() {
            talk(&format!(
                "  {} {}",
                self.paint("hint:", CYAN),
                printable(&failure.hint)
            ));
        }
    }

    /// A bar over `total` items, or bytes; hidden where nobody watches.
    pub fn bar(&self, what: &'static str, total: u64, unit: Unit) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let count = match unit {
            Unit::Bytes => "{bytes}/{total_bytes} {bytes_per_sec}",
            Unit::Items => "{human_pos}/{human_len} {per_sec}",
        };
        let template = format!("{{prefix:>12}} [{{bar:30}}] {count} {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is well-formed");
        let bar = ProgressBar::new(total)
            .with_style(style.progress_chars("=> "))
            .with_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Shows that something of unknown length goes on.
    pub fn spinner(&self, what: &'static str) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{prefix:>12} {spinner} {elapsed}");
        let bar = ProgressBar::new_spinner()
            .with_style(style.expect("the template is well-formed"))
            .with_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Several bars at once, one for each source.
pub(super) struct Bars {
    /// None where nobody watches.
    shown: Option<MultiProgress>,
}

impl Bars {
    pub fn new(screen: &Screen) -> Self {
        Self {
            shown: screen.progress.then(MultiProgress::new),
        }
    }

    /// A bar with rate and time left; its length is told later.
    pub fn add(&self, name: &str, unit: Unit) -> ProgressBar {
        let Some(bars) = &self.shown else {
            return ProgressBar::hidden();
        };
        let count = match unit {
            Unit::Bytes => "{bytes}/{total_bytes} {bytes_per_sec}",
            Unit::Items => "{human_pos}/{human_len} {per_sec}",
        };
        let template = format!("{{prefix:>12}} [{{bar:30}}] {count} {{eta}} {{msg}}");
        let style = ProgressStyle::with_template(&template).expect("the template is well-formed");
        let bar = bars
            .add(ProgressBar::new(0))
            .with_style(style.progress_chars("=> "))
            .with_prefix(printable(name));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

/// A stderr that nobody reads any more must not end the work.
pub(super) fn talk(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Where answers go. Writing to a closed pipe is an error that ends the command without a word.
pub(super) fn answer() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

const RED: &str = "1;31";
const YELLOW: &str = "1;33";
const CYAN: &str = "1;36";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Items,
}

/// Foreign text without what could steer a terminal: escape sequences, other controls, and marks that turn
/// the direction of reading. Line breaks stay.
pub(super) fn printable(text: &str) -> String {
    let steers = |char: char| {
        (char.is_control() && char != '\n')
            || matches!(char, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    text.chars().filter(|char| !steers(*char)).collect()
}

/// As `printable`, on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(&text.replace(['\n', '\r', '\t'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\u{7}\nd"), "a[2Jbc\nd");
        assert_eq!(one_line("a\r\nb"), "a  b");
        assert_eq!(printable("Zoë 山田"), "Zoë 山田");
    }
}
