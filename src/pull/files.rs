//! A source that lies in files: finds them, opens them (packed or not), and hands each to the reader of its kind.

use super::archive::Archive;
use super::input::{Input, Intake, Place};
use super::sniff::{self, Content};
use super::{PullError, Pulled, Sink, Source, google_calendar, mail, stripe};
use crate::model::{Problem, SourceKind};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders nested deeper than this are taken for a loop of links.
const DEPTH_MAX: usize = 32;
/// What this program writes, and SQLite beside its files: no export ends so.
const OWN_ENDINGS: [&str; 8] = [
    ".toml",
    ".html",
    ".held.csv",
    ".plan.txt",
    ".db-wal",
    ".db-shm",
    ".db-journal",
    ".unfinished",
];

/// A folder (or one file) that holds the records of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSource {
    pub name: String,
    pub kind: SourceKind,
    pub path: PathBuf,
}

impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn stream(&self, sink: &mut Sink<'_>) -> Result<(), PullError> {
        let Inputs {
            files: inputs,
            problems,
            ..
        } = self.inputs()?;
        let bytes_total = inputs.iter().map(|input| input.bytes).sum();
        for problem in problems {
            sink(Pulled::Problem(problem))?;
        }
        let mut intake = Intake::new(self, sink, bytes_total);
        match self.kind {
            SourceKind::Stripe => stripe::read(&inputs, &mut intake),
            SourceKind::GoogleCalendar => google_calendar::read(&inputs, &mut intake),
            SourceKind::Mail => mail::read(&inputs, &mut intake),
        }
    }
}

impl FileSource {
    /// The files that may hold records of this kind, sorted by path; what an archive holds stands in its place, in the
    /// archive's order. A file that was named is read, whatever it is. Of a folder, files that plainly hold something
    /// else are passed over: people put all their exports into one.
    pub(super) fn inputs(&self) -> Result<Inputs, PullError> {
        let mut all = self.gather(false)?;
        let is_named = !self.path.is_dir() && !all.files.iter().any(Input::is_member);
        if is_named {
            return Ok(all);
        }
        let (own, others): (Vec<Input>, Vec<Input>) =
            all.files.into_iter().partition(|input| self.may_read(input));
        all.files = own;
        all.passed_over
            .extend(others.into_iter().map(|input| input.shown));
        all.passed_over.sort();
        if all.files.is_empty() && all.problems.is_empty() && !all.passed_over.is_empty() {
            all.problems.push(Problem {
                source: self.name.clone(),
                place: self.path.display().to_string(),
                message: format!("it holds nothing for a source of kind \"{}\"", self.kind.as_str()),
                hint: "correct `path`, or put the exports there".to_owned(),
            });
        }
        Ok(all)
    }

    /// The files of the folder that a pull does not read, since they plainly hold something else.
    pub fn passed_over(&self) -> Result<Vec<String>, PullError> {
        Ok(self.inputs()?.passed_over)
    }

    fn may_read(&self, input: &Input) -> bool {
        // A Maildir holds nothing but mails, perhaps very many.
        if matches!(
            input.folders.last().map(String::as_str),
            Some("cur" | "new" | "tmp")
        ) {
            return true;
        }
        if OWN_ENDINGS.iter().any(|ending| input.shown.ends_with(ending)) {
            return false;
        }
        match sniff::content(input) {
            Content::Records(kind) => kind == self.kind,
            Content::Backup => false,
            Content::Unknown => true,
        }
    }

    /// All files below the path, and all that archives hold, of whatever kind.
    pub(super) fn everything(&self) -> Result<Inputs, PullError> {
        self.gather(true)
    }

    fn gather(&self, of_any_kind: bool) -> Result<Inputs, PullError> {
        if !self.path.exists() {
            return Err(PullError::Missing {
                source_name: self.name.clone(),
                path: self.path.clone(),
            });
        }
        let mut inputs = Inputs {
            of_any_kind,
            ..Inputs::default()
        };
        if self.path.is_dir() {
            self.collect(&self.path, 0, &mut inputs)?;
        } else {
            self.add(self.path.clone(), &mut inputs)?;
        }
        Ok(inputs)
    }

    fn collect(&self, folder: &Path, depth: usize, inputs: &mut Inputs) -> Result<(), PullError> {
        let mut paths = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(|error| self.unreadable(folder, error))
            .map(|mut paths: Vec<PathBuf>| {
                paths.sort();
                paths
            })?;
        for path in paths.drain(..) {
            if path.is_dir() {
                if depth < DEPTH_MAX {
                    self.collect(&path, depth + 1, inputs)?;
                }
            } else if !is_hidden(&path) {
                self.add(path, inputs)?;
            }
        }
        Ok(())
    }

    fn add(&self, path: PathBuf, inputs: &mut Inputs) -> Result<(), PullError> {
        let bytes = fs::metadata(&path)
            .map_err(|error| self.unreadable(&path, error))?
            .len();
        let inside = path.strip_prefix(&self.path).unwrap_or(&path);
        let inside = if inside.as_os_str().is_empty() {
            Path::new(path.file_name().unwrap_or_default())
        } else {
            inside
        };
        let folders: Vec<String> = inside
            .parent()
            .into_iter()
            .flat_map(Path::iter)
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let shown = inside
            .iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        if Archive::is_named_like_one(&shown) {
            match Archive::open(&path) {
                Ok(Some(archive)) => {
                    self.add_members(&archive, &folders, &shown, inputs);
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) => {
                    inputs
                        .problems
                        .push(self.about(&shown, format!("the archive cannot be read: {error}")));
                    return Ok(());
                }
            }
        }
        inputs.files.push(Input {
            shown,
            folders,
            bytes,
            place: Place::File(path),
        });
        Ok(())
    }

    /// What an archive holds for a source of this kind. Archives of everything that an account has hold other things as well.
    fn add_members(&self, archive: &Archive, folders: &[String], shown: &str, inputs: &mut Inputs) {
        let before = inputs.files.len();
        for member in archive.members() {
            let parts: Vec<String> = member
                .name
                .split('/')
                .filter(|part| !part.is_empty() && *part != ".")
                .map(|part| part.chars().filter(|char| !char.is_control()).collect())
                .collect();
            let Some((name, above)) = parts.split_last() else {
                continue;
            };
            if name.starts_with('.') || !(inputs.of_any_kind || may_hold(self.kind, name)) {
                continue;
            }
            if let Some(reason) = member.unreadable {
                let place = format!("{shown}/{}", parts.join("/"));
                inputs.problems.push(self.about(&place, reason.to_owned()));
                continue;
            }
            inputs.files.push(Input {
                shown: format!("{shown}/{}", parts.join("/")),
                folders: folders.iter().chain(above).cloned().collect(),
                bytes: member.bytes,
                place: Place::Member(member),
            });
        }
        if inputs.files.len() == before && self.path.is_dir() {
            inputs.passed_over.push(shown.to_owned());
        } else if inputs.files.len() == before {
            let message = format!(
                "the archive holds nothing for a source of kind \"{}\"",
                self.kind.as_str()
            );
            inputs.problems.push(self.about(shown, message));
        }
    }

    fn about(&self, shown: &str, message: String) -> Problem {
        Problem {
            source: self.name.clone(),
            place: shown.to_owned(),
            message,
            hint: "fetch the archive again, or unpack it and put the files into the source's folder"
                .to_owned(),
        }
    }

    fn unreadable(&self, path: &Path, error: io::Error) -> PullError {
        PullError::Unreadable {
            source_name: self.name.clone(),
            path: path.to_path_buf(),
            error,
        }
    }
}

/// Hidden files are notes of the system or of a mail program, never exports.
fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Whether a file of an archive may be one of the source's, by its name alone.
fn may_hold(kind: SourceKind, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    match (kind, ending) {
        (SourceKind::GoogleCalendar, ending) => matches!(ending, Some("ics" | "json" | "jsonl")),
        (SourceKind::Stripe, ending) => matches!(ending, Some("csv" | "json" | "jsonl")),
        // A mail's name ends in anything.
        (SourceKind::Mail, ending) => !matches!(
            ending,
            Some(
                "html"
                    | "htm"
                    | "json"
                    | "csv"
                    | "ics"
                    | "vcf"
                    | "pdf"
                    | "jpg"
                    | "jpeg"
                    | "png"
                    | "gif"
                    | "css"
            )
        ),
    }
}

/// What a path holds, and what of it cannot be read.
#[derive(Default)]
pub(super) struct Inputs {
    pub files: Vec<Input>,
    problems: Vec<Problem>,
    /// Files that plainly hold something else.
    passed_over: Vec<String>,
    of_any_kind: bool,
}
