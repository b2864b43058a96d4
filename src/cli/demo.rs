//! `rebook demo`: the whole way on a small made-up business, in a folder of its own.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, Screen};
use super::{Global, export, rebuild, review_desk};
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

/// What the demo answers to the first cases: yes to two suggestions, then leave.
const ANSWERS: &str = "y\ny\nq\n";

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Done, Failure> {
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("rebook-demo-{}", std::process::id())),
    };
    unpack(&folder)?;
    say(&format!(
        "1. A business has lost its bookings. What is left is in {}",
        folder.display()
    ))?;
    let config = folder.join("rebook.toml");
    let global = Global {
        config: config.clone(),
        staging: None,
        now: global.now.clone(),
        ..*global
    };
    let mut desk = Desk::open(&global)?;
    say(&format!("\n2. rebook rebuild --config {}", config.display()))?;
    rebuild::run(&mut desk, screen)?;
    say("3. rebook review, with two answers given for you\n")?;
    review_desk::hold(&mut desk, &mut Typed(ANSWERS.as_bytes()))?;
    let out = folder.join("reload.sql");
    say(&format!(
        "\n4. rebook export --skip-flagged --out {}\n",
        out.display()
    ))?;
    export::run(&export::Arguments::of_clean(out), &mut desk, screen)?;
    say("\nNothing was written outside that folder. To go on in it:")?;
    say(&format!("  cd {} && rebook review", folder.display()))?;
    Ok(Done::All)
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
struct Typed(&'static [u8]);

impl Read for Typed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Typed {
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
