//! `rebook forget`: shreds staging, what was learned, and reports, when it is over.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::report;
use super::screen::{self, Screen, one_line};
use super::words::count_of;
use crate::report::is_report;
use crate::wire;
use std::fs::{self, File};
use std::io::{self, BufRead, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The name of the business, instead of typing it when asked.
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
}

/// What shredding can promise, and what it cannot.
const PROMISE: &str = "\
Each file is overwritten and then removed. On a spinning disk that is the end of it. On an SSD, on a file system that
copies on write (btrfs, ZFS, APFS), and in snapshots, backups and sync folders, older copies may live on: remove
those where they are made, or keep such work on an encrypted disk whose key you can throw away.";

pub(super) fn run(arguments: &Arguments, mut desk: Desk, screen: &Screen) -> Result<Done, Failure> {
    let files = doomed(&desk)?;
    let left = left(&desk)?;
    screen.say(&format!(
        "This removes {} for good:",
        count_of(files.len() as u64, "file", "files")
    ));
    for file in &files {
        screen.say(&format!("  {}", one_line(&file.display().to_string())));
    }
    screen.say(
        "Your answers in review are in staging, and go with it. The sources and the backup are not touched.",
    );
    if !left.is_empty() {
        screen.say("These hold people's data too and are left to you:");
        for file in &left {
            screen.say(&format!("  {}", one_line(file)));
        }
    }
    screen.say(PROMISE);
    confirm(arguments, &desk.config.business.name, screen)?;
    // Fails where another rebook is at work in it.
    let at = desk.timestamp();
    desk.staging.set_fact("forgotten", &at)?;
    let (json, mappings) = (desk.json, desk.mappings());
    // SQLite puts its journals away when the last connection closes.
    drop(desk);
    let mut gone = Vec::new();
    for file in &files {
        if file.exists() {
            shred(file).map_err(|error| Failure::file(file, "shred", &error))?;
        }
        gone.push(file.display().to_string());
    }
    // Only where nothing else lies in it.
    let _ = fs::remove_dir(&mappings);
    let mut answer = screen::answer();
    if json {
        writeln!(answer, "{}", wire::files_line(gone, left))?;
    } else {
        writeln!(
            answer,
            "{} shredded.",
            count_of(gone.len() as u64, "file is", "files are")
        )?;
    }
    answer.flush()?;
    Ok(Done::All)
}

/// Staging with its journals, learned mappings, and the pages that were written from here and still are ours.
fn doomed(desk: &Desk) -> Result<Vec<PathBuf>, Failure> {
    let staging = desk.staging.path();
    let mut files = vec![staging.to_path_buf()];
    for end in ["-wal", "-shm", "-journal"] {
        let mut beside = staging.as_os_str().to_owned();
        beside.push(end);
        let beside = PathBuf::from(beside);
        if beside.exists() {
            files.push(beside);
        }
    }
    if let Ok(entries) = fs::read_dir(desk.mappings()) {
        let mut mappings: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| end == "toml" || end == "unfinished")
            })
            .collect();
        mappings.sort();
        files.extend(mappings);
    }
    for page in report::remembered(report::PAGES, desk)? {
        let is_ours = fs::read_to_string(&page).is_ok_and(|text| is_report(&text));
        if is_ours {
            files.push(PathBuf::from(page));
        }
    }
    Ok(files)
}

/// Exported SQL that is still where it was written.
fn left(desk: &Desk) -> Result<Vec<String>, Failure> {
    let mut left = report::remembered(report::EXPORTS, desk)?;
    left.retain(|path| Path::new(path).exists());
    Ok(left)
}

fn confirm(arguments: &Arguments, name: &str, screen: &Screen) -> Result<(), Failure> {
    let typed = if let Some(typed) = &arguments.yes {
        typed.clone()
    } else {
        screen.say(&format!(
            "\nType the name of the business to go on: {}",
            one_line(name)
        ));
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        line
    };
    if typed.trim() == name.trim() {
        return Ok(());
    }
    Err(Failure::usage(
        "nothing was removed: what was typed is not the name of the business",
        format!(
            "type it as rebook.toml has it, or run rebook forget --yes \"{}\"",
            one_line(name)
        ),
    ))
}

/// Writes zeros over a file, to the disk, and removes it.
fn shred(path: &Path) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    let mut length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let zeros = vec![0_u8; 1 << 16];
    while length > 0 {
        let count = length.min(zeros.len() as u64);
        file.write_all(&zeros[..count as usize])?;
        length -= count;
    }
    file.sync_all()?;
    drop(file);
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::shred;

    #[test]
    fn a_file_is_overwritten_before_it_goes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, b"Ann Example").expect("a new file");
        // A second name for the same bytes shows what was done to them.
        let other = folder.path().join("other");
        std::fs::hard_link(&path, &other).expect("a second name");
        shred(&path).expect("shredded");
        assert!(!path.exists());
        assert_eq!(std::fs::read(&other).expect("the other name"), [0; 11]);
    }
}
