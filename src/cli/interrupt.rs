//! Ctrl-C: stops at once, and says what is kept and how to go on.
//!
//! Staging commits in batches and survives a process that ends at any point, so there is nothing to wait for.

use super::desk::quoted;
use std::io::Write;
use std::path::Path;

/// The exit code of a program that a signal ended. Source: POSIX shells, 128 and the signal's number.
const STOPPED: i32 = 130;

/// From here on Ctrl-C ends the command with a word.
pub(super) fn say_how_to_go_on() {
    // Where a handler cannot be set, the system's own ends the process just as well.
    let _ = ctrlc::set_handler(|| {
        let mut words = std::env::args_os().skip(1).map(|word| quoted(Path::new(&word)));
        let again = words
            .by_ref()
            .fold("rebook".to_owned(), |line, word| format!("{line} {word}"));
        let _ = writeln!(
            std::io::stderr(),
            "\nStopped. What was read, built and decided until now is kept. To go on: {again}"
        );
        std::process::exit(STOPPED);
    });
}
