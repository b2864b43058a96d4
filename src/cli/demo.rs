//! `rebook demo`: the whole way on a small made-up business, in a folder of its own.

use super::desk::{Desk, quoted};
use super::failure::{Done, Failure};
use super::review_desk::Asked;
use super::screen::{self, Screen, one_line};
use super::{Global, export, rebuild, review_desk};
use chrono::{DateTime, Utc};
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to work in; it must not exist or be empty. Default: a new one among the temporary files.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

macro_rules! sample {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../fixtures/demo/", $name)).as_slice(),
        )
    };
}

/// The sample's files below the folder, as `fixtures/demo` holds them.
const SAMPLE: [(&str, &[u8]); 8] = [
    sample!("rebook.toml"),
    sample!("backup.sql"),
    sample!("stripe/charges.json"),
    sample!("stripe/customers.json"),
    sample!("stripe/payment_intents.json"),
    sample!("stripe/refunds.json"),
    sample!("calendar/bookings@harbourbikes.example.json"),
    sample!("mail/confirmations.mbox"),
];

/// Cases that the demo answers.
const CASES: usize = 3;

/// What a person might type to these cases: yes to a suggestion; a look at the records where something is to be
/// read, and on; a note for later where a value is missing. Then leave.
fn answers(cases: &[Asked]) -> String {
    let mut lines = String::new();
    let mut has_looked = false;
    for case in cases {
        match case {
            Asked::WithSuggestion => lines.push_str("y\n"),
            Asked::OfTheWhole if has_looked => lines.push_str("k\n"),
            Asked::OfTheWhole => {
                has_looked = true;
                lines.push_str("v\nk\n");
            }
            Asked::OfAField => lines.push_str("l ring them on Monday\n"),
        }
    }
    lines + "q\n"
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Done, Failure> {
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => new_folder()?,
    };
    unpack(&folder)?;
    let folder = std::env::set_current_dir(&folder)
        .and_then(|()| std::env::current_dir())
        .map_err(|error| Failure::file(&folder, "go into", &error))?;
    let mut desk = Desk::open(&Global {
        config: PathBuf::from(super::CONFIG),
        staging: None,
        now: global.now.clone(),
        ..*global
    })?;
    // The sample was lost on one day; on any other, nothing in it would be near.
    let loss = desk.config.window.loss;
    desk.clock.stop_at(loss);
    let day = |at: DateTime<Utc>| at.with_timezone(&desk.config.business.zone).format("%-d %B %Y");
    say(&format!(
        "1. What is left\n\n\
         {} hires out bikes and boats, and is made up.\n\
         On {} its database was lost. What is left is now in a folder:\n\n\
         \x20 backup.sql    the last backup, of {}\n\
         \x20 stripe/       what Stripe still has of payments and refunds\n\
         \x20 calendar/     the calendar\n\
         \x20 mail/         the mails that were sent to customers and came from them\n\
         \x20 rebook.toml   where all this lies, and what the tables look like\n\n\
         $ cd {}",
        one_line(&desk.config.business.name),
        day(loss),
        day(desk.config.window.backup),
        quoted(&folder)
    ))?;
    say("\n\n2. Rebuild\n\n$ rebook rebuild")?;
    rebuild::run(&mut desk, screen)?;
    say("\n\n3. Decide: the first questions, answered for you\n\n$ rebook review")?;
    let answers = answers(&review_desk::first_cases(&mut desk, screen, CASES)?);
    review_desk::hold(&mut desk, screen, &mut Typed(answers.as_bytes()))?;
    say(&format!(
        "\n\n4. Write the SQL, without what is not decided yet\n\n$ rebook export --skip-flagged --out {RELOAD}\n"
    ))?;
    export::run(&export::Arguments::of_clean(RELOAD.into()), &mut desk, screen)?;
    let program = program();
    say(&format!(
        "\n\nThat was the whole way. The SQL is in {}\n\
         Nothing was written outside that folder. To go on in it:\n\n\
         \x20 cd {}\n\
         \x20 {program} review              answer the rest\n\
         \x20 {program} bookings            see every booking\n\
         \x20 {program} report              a page to look at: report/index.html\n\
         \x20 {program} explain REFERENCE   see where each value comes from",
        folder.join(RELOAD).display(),
        quoted(&folder)
    ))?;
    Ok(Done::All)
}

const RELOAD: &str = "reload.sql";

/// The program as it can be typed; under `cargo run` it is not on the path.
fn program() -> String {
    std::env::var_os("CARGO")
        .and_then(|_| std::env::current_exe().ok())
        .map_or_else(|| "rebook".to_owned(), |path| quoted(&path))
}

/// A folder among the temporary files that nobody has used before.
fn new_folder() -> Result<PathBuf, Failure> {
    let parent = std::env::temp_dir();
    let mut number = 1;
    loop {
        let folder = match number {
            1 => parent.join("rebook-demo"),
            number => parent.join(format!("rebook-demo-{number}")),
        };
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => {
                return Err(Failure::new(
                    format!("cannot make {}: {error}", folder.display()),
                    "name a folder of your own: rebook demo FOLDER",
                ));
            }
        }
    }
}

/// Writes the sample; a folder that holds anything is left alone.
fn unpack(folder: &Path) -> Result<(), Failure> {
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::usage(
            format!("{} is not empty", folder.display()),
            "name a folder that does not exist yet",
        ));
    }
    for (name, bytes) in SAMPLE {
        let path = folder.join(name);
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, bytes))
            .map_err(|error| Failure::file(&path, "write", &error))?;
    }
    Ok(())
}

fn say(text: &str) -> Result<(), Failure> {
    let mut answer = screen::answer();
    writeln!(answer, "{text}")?;
    Ok(answer.flush()?)
}

/// Lines that show on the screen as if somebody typed them.
struct Typed<'a>(&'a [u8]);

impl Read for Typed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Typed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.0)
    }

    fn consume(&mut self, count: usize) {
        let (typed, rest) = self.0.split_at(count);
        self.0 = rest;
        // A closed pipe is met by the answer itself.
        let _ = io::stdout().write_all(typed);
    }
}
