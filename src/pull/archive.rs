//! Opens archives as they are downloaded (`.zip`, `.tgz`, `.tar`) without unpacking them to disk.
//!
//! Files of a zip are read where they stand. A tar has no index and, packed, no places: it is read through
//! once to list it, and a reader goes on from file to file, so that reading all in order costs one pass.

use flate2::Crc;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use zip::{CompressionMethod, ZipArchive};

const BUFFER_BYTES: usize = 1 << 16;
const ENDINGS: [&str; 4] = [".zip", ".tgz", ".tar.gz", ".tar"];

/// An archive's list of files.
pub(super) struct Archive {
    members: Vec<Member>,
}

/// One file in an archive.
#[derive(Clone)]
pub(super) struct Member {
    /// With its folders, as the archive has it.
    pub name: String,
    /// Unpacked, as the archive claims.
    pub bytes: u64,
    /// Why it cannot be read.
    pub unreadable: Option<&'static str>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Zip {
        path: Rc<PathBuf>,
        start: u64,
        packed_bytes: u64,
        is_packed: bool,
        crc: u32,
    },
    Tar {
        tar: Rc<Tar>,
        start: u64,
    },
}

impl Archive {
    pub fn is_named_like_one(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
    }

    /// Lists an archive; None where the file is none, whatever its name says.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut start = [0; 4];
        let read = File::open(path)?.read(&mut start)?;
        let path = Rc::new(path.to_path_buf());
        let members = match &start[..read] {
            [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => zip_members(&path)?,
            _ => tar_members(&path)?,
        };
        Ok(members.map(|members| Self { members }))
    }

    pub fn members(&self) -> impl Iterator<Item = Member> {
        self.members.iter().cloned()
    }
}

fn zip_members(path: &Rc<PathBuf>) -> io::Result<Option<Vec<Member>>> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(path.as_path())?))?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index)?;
        if !file.is_file() {
            continue;
        }
        let method = file.compression();
        let unreadable = if file.encrypted() {
            Some("it is locked with a password")
        } else if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
            Some("it is packed in a way that is not known here")
        } else {
            None
        };
        let start = file
            .data_start()
            .ok_or_else(|| io::Error::other("a file of the archive has no place"))?;
        members.push(Member {
            name: file.name()?.into_owned(),
            bytes: file.size(),
            unreadable,
            place: Place::Zip {
                path: Rc::clone(path),
                start,
                packed_bytes: file.compressed_size(),
                is_packed: method == CompressionMethod::Deflated,
                crc: file.crc32(),
            },
        });
    }
    Ok(Some(members))
}

fn tar_members(path: &Rc<PathBuf>) -> io::Result<Option<Vec<Member>>> {
    let tar = Rc::new(Tar {
        path: Rc::clone(path),
        idle: RefCell::new(None),
    });
    let mut members = Vec::new();
    let mut archive = tar::Archive::new(tar.unpacked()?);
    for entry in archive.entries()? {
        let entry = match entry {
            Ok(entry) => entry,
            // The very first block is no header: not a tar.
            Err(_) if members.is_empty() => return Ok(None),
            Err(error) => return Err(error),
        };
        if entry.header().entry_type().is_file() {
            members.push(Member {
                name: entry.path()?.to_string_lossy().into_owned(),
                bytes: entry.size(),
                unreadable: None,
                place: Place::Tar {
                    tar: Rc::clone(&tar),
                    start: entry.raw_file_position(),
                },
            });
        }
    }
    Ok((!members.is_empty()).then_some(members))
}

impl Member {
    /// The archive that it stands in.
    pub fn archive(&self) -> &Path {
        match &self.place {
            Place::Zip { path, .. } => path,
            Place::Tar { tar, .. } => &tar.path,
        }
    }

    /// Opens the file. A zip's file that does not come out as it went in ends in an error.
    pub fn open(&self) -> io::Result<Box<dyn Read>> {
        match &self.place {
            Place::Zip {
                path,
                start,
                packed_bytes,
                is_packed,
                crc,
            } => {
                let mut file = File::open(path.as_path())?;
                file.seek(SeekFrom::Start(*start))?;
                let packed = BufReader::with_capacity(BUFFER_BYTES, file.take(*packed_bytes));
                let plain: Box<dyn Read> = if *is_packed {
                    Box::new(DeflateDecoder::new(packed))
                } else {
                    Box::new(packed)
                };
                Ok(Box::new(Checked {
                    plain,
                    found: Crc::new(),
                    expected: *crc,
                }))
            }
            Place::Tar { tar, start } => Ok(Box::new(tar.at(*start, self.bytes)?)),
        }
    }
}

/// Compares the checksum at the end.
struct Checked {
    plain: Box<dyn Read>,
    found: Crc,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.plain.read(buffer)?;
        self.found.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.found.sum() != self.expected {
            return Err(io::Error::other("its checksum is wrong"));
        }
        Ok(read)
    }
}

/// A tar, with a reader that waits where the last file ended.
struct Tar {
    path: Rc<PathBuf>,
    idle: RefCell<Option<(Box<dyn BufRead>, u64)>>,
}

impl Tar {
    fn unpacked(&self) -> io::Result<Box<dyn BufRead>> {
        let mut file = BufReader::with_capacity(BUFFER_BYTES, File::open(self.path.as_path())?);
        Ok(if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        })
    }

    fn at(self: &Rc<Self>, start: u64, bytes: u64) -> io::Result<InTar> {
        let idle = self.idle.borrow_mut().take();
        let (mut reader, at) = match idle {
            Some((reader, at)) if at <= start => (reader, at),
            _ => (self.unpacked()?, 0),
        };
        let skipped = io::copy(&mut (&mut reader).take(start - at), &mut io::sink())?;
        if skipped < start - at {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(InTar {
            tar: Rc::clone(self),
            reader: Some(reader),
            at: start,
            end: start + bytes,
        })
    }
}

/// One file of a tar; gives the reader back when it is dropped.
struct InTar {
    tar: Rc<Tar>,
    reader: Option<Box<dyn BufRead>>,
    at: u64,
    end: u64,
}

impl Read for InTar {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let take = left.min(buffer.len());
        let Some(reader) = &mut self.reader else {
            return Ok(0);
        };
        let read = reader.read(&mut buffer[..take])?;
        if read == 0 && take > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += read as u64;
        Ok(read)
    }
}

impl Drop for InTar {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            *self.tar.idle.borrow_mut() = Some((reader, self.at));
        }
    }
}
