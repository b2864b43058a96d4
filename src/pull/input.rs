//! One file of a source, wherever it lies and however it is packed, and how what is found in it is passed on.

use super::archive::Member;
use super::files::FileSource;
use super::{PullError, Pulled, Sink};
use crate::model::{Problem, Record, RecordId};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 1 << 16;
/// What an archive says of a file's length is not believed beyond this before the bytes are there.
const CAPACITY_MAX: u64 = 64 << 20;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// One file of a source.
pub(super) struct Input {
    /// Relative to the source, with `/`: what messages show.
    pub shown: String,
    /// The folders between the source and the file.
    pub folders: Vec<String>,
    pub bytes: u64,
    pub(super) place: Place,
}

pub(super) enum Place {
    File(PathBuf),
    Member(Member),
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

    /// Where it lies on the disk: itself, or the archive that it stands in.
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::File(path) => path,
            Place::Member(member) => member.archive(),
        }
    }

    /// It stands in an archive, perhaps beside files of other kinds.
    pub fn is_member(&self) -> bool {
        matches!(self.place, Place::Member(_))
    }

    /// Opens the file, unpacking it.
    pub fn open(&self) -> io::Result<Box<dyn BufRead>> {
        unpacked(match &self.place {
            Place::File(path) => Box::new(File::open(path)?),
            Place::Member(member) => member.open()?,
        })
    }

    /// Reads the file whole: for formats whose records cannot be told apart line by line.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.bytes.min(CAPACITY_MAX) as usize);
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The bytes of a file, unpacked where it is packed with gzip.
pub fn unpacked(file: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    if file.fill_buf()?.starts_with(&GZIP_MAGIC) {
        let unpacked = MultiGzDecoder::new(file);
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)));
    }
    Ok(Box::new(file))
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

impl<'a, 'sink> Intake<'a, 'sink> {
    pub fn new(source: &'a FileSource, sink: &'a mut Sink<'sink>, bytes_total: u64) -> Self {
        Self {
            source,
            sink,
            bytes_done: 0,
            bytes_total,
        }
    }

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
