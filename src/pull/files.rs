//! A source that lies in files: finds them, opens them (gzip or not), and hands each to the reader of its kind.

use super::{PullError, Pulled, Sink, Source, google_calendar, mail, stripe};
use crate::model::{Problem, Record, RecordId, SourceKind};
use flate2::bufread::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Folders nested deeper than this are taken for a loop of links.
const DEPTH_MAX: usize = 32;
const BUFFER_BYTES: usize = 1 << 16;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

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
        let inputs = self.inputs()?;
        let bytes_total = inputs.iter().map(|input| input.bytes).sum();
        let mut intake = Intake {
            source: self,
            sink,
            bytes_done: 0,
            bytes_total,
        };
        match self.kind {
            SourceKind::Stripe => stripe::read(&inputs, &mut intake),
            SourceKind::GoogleCalendar => google_calendar::read(&inputs, &mut intake),
            SourceKind::Mail => mail::read(&inputs, &mut intake),
        }
    }
}

impl FileSource {
    /// All files, sorted by path.
    pub(super) fn inputs(&self) -> Result<Vec<Input>, PullError> {
        if !self.path.exists() {
            return Err(PullError::Missing {
                source_name: self.name.clone(),
                path: self.path.clone(),
            });
        }
        let mut inputs = Vec::new();
        if self.path.is_dir() {
            self.collect(&self.path, 0, &mut inputs)?;
        } else {
            inputs.push(self.input(self.path.clone())?);
        }
        Ok(inputs)
    }

    fn collect(&self, folder: &Path, depth: usize, inputs: &mut Vec<Input>) -> Result<(), PullError> {
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
                inputs.push(self.input(path)?);
            }
        }
        Ok(())
    }

    fn input(&self, path: PathBuf) -> Result<Input, PullError> {
        let bytes = fs::metadata(&path)
            .map_err(|error| self.unreadable(&path, error))?
            .len();
        let inside = path.strip_prefix(&self.path).unwrap_or(&path);
        let inside = if inside.as_os_str().is_empty() {
            Path::new(path.file_name().unwrap_or_default())
        } else {
            inside
        };
        let folders = inside
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
        Ok(Input {
            path,
            shown,
            folders,
            bytes,
        })
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

/// One file of a source.
pub(super) struct Input {
    pub path: PathBuf,
    /// Relative to the source, with `/`: what messages show.
    pub shown: String,
    /// The folders between the source and the file.
    pub folders: Vec<String>,
    pub bytes: u64,
}

impl Input {
    /// The file's name without its endings `.gz`, then `.json`, `.mbox` and the like.
    pub fn stem(&self) -> String {
        let name = self.shown.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(name);
        Path::new(name)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// Opens the file, unpacking gzip.
    pub fn open(&self) -> io::Result<Box<dyn BufRead>> {
        let mut file = BufReader::with_capacity(BUFFER_BYTES, File::open(&self.path)?);
        if file.fill_buf()?.starts_with(&GZIP_MAGIC) {
            let unpacked = MultiGzDecoder::new(file);
            return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)));
        }
        Ok(Box::new(file))
    }

    /// Reads the file whole: for formats whose records cannot be told apart line by line.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.bytes as usize);
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Passes on what is found in files, with its source and its place.
pub(super) struct Intake<'a, 'sink> {
    pub source: &'a FileSource,
    pub sink: &'a mut Sink<'sink>,
    bytes_done: u64,
    bytes_total: u64,
}

/// A record's own words, before it is known which source it came from.
pub(super) struct Found<'a> {
    pub native: &'a str,
    pub object: &'a str,
    pub container: &'a str,
    pub offset: u64,
    pub bytes: Vec<u8>,
}

impl Intake<'_, '_> {
    pub fn record(&mut self, input: &Input, found: Found<'_>) -> Result<(), PullError> {
        (self.sink)(Pulled::Record(Record {
            id: RecordId::new(&self.source.name, found.native),
            kind: self.source.kind,
            object: found.object.to_owned(),
            container: found.container.to_owned(),
            origin: place(input, found.offset),
            bytes: found.bytes,
        }))
    }

    pub fn problem(
        &mut self,
        input: &Input,
        offset: u64,
        message: impl Into<String>,
        hint: &str,
    ) -> Result<(), PullError> {
        (self.sink)(Pulled::Problem(Problem {
            source: self.source.name.clone(),
            place: place(input, offset),
            message: message.into(),
            hint: hint.to_owned(),
        }))
    }

    pub fn unreadable(&mut self, input: &Input, error: &io::Error) -> Result<(), PullError> {
        self.problem(
            input,
            0,
            format!("the file could not be read to its end: {error}"),
            "fetch the file again, or make it readable, and pull once more",
        )
    }

    /// Tells how far a file has been read.
    pub fn progress(&mut self, bytes_into_file: u64) -> Result<(), PullError> {
        let bytes_done = (self.bytes_done + bytes_into_file).min(self.bytes_total);
        (self.sink)(Pulled::Progress {
            bytes_done,
            bytes_total: self.bytes_total,
        })
    }

    /// Tells that a file is done.
    pub fn finish(&mut self, input: &Input) -> Result<(), PullError> {
        self.bytes_done += input.bytes;
        self.progress(0)
    }
}

fn place(input: &Input, offset: u64) -> String {
    format!("{}, byte {offset}", input.shown)
}
