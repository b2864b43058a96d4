//! Records and their revisions, sources and their cursors, problems.

use super::{Staging, StoreError};
use crate::model::{Later, Problem, Record, RecordId, SourceKind};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::{OptionalExtension, Statement, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// Says which revision is the later one: the current one, or what came.
pub type Judge<'a> = dyn Fn(&Record, &Record) -> Later + 'a;

/// What a batch of records was to staging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PutCount {
    /// Records that were not known.
    pub new: u64,
    /// Known records with bytes that were not known.
    pub changed: u64,
    /// Nothing new.
    pub known: u64,
}

impl PutCount {
    pub fn total(&self) -> u64 {
        self.new + self.changed + self.known
    }
}

impl std::ops::AddAssign for PutCount {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.known += other.known;
    }
}

/// A record whose bytes are still compressed, to be unpacked on whichever core has time.
pub struct Packed {
    record: Record,
    size: usize,
    zlib: Vec<u8>,
}

impl Packed {
    pub fn unpack(self) -> Result<Record, StoreError> {
        let mut record = self.record;
        record.bytes.reserve_exact(self.size);
        ZlibDecoder::new(self.zlib.as_slice())
            .read_to_end(&mut record.bytes)
            .map_err(|error| StoreError::unreadable(format!("the bytes of {}: {error}", record.id)))?;
        Ok(record)
    }
}

impl Staging {
    /// Stores a batch and the cursor behind it in one transaction; what is known already changes nothing.
    ///
    /// The revision seen last is the current one. Not so for mail: a message never changes, and a second
    /// one under the same Message-ID is a copy with other headers or somebody's forgery, so the first stays.
    pub fn put_records(
        &mut self,
        source: &str,
        kind: SourceKind,
        records: &[Record],
        cursor: Option<&str>,
    ) -> Result<PutCount, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        note_source(&transaction, source, kind, cursor)?;
        let mut count = PutCount::default();
        let mut writer = RecordWriter::new(&transaction)?;
        for record in records {
            writer.put(source, record, &mut count)?;
        }
        drop(writer);
        transaction.commit()?;
        Ok(count)
    }

    /// The same for files of a source whose server was asked before: what lies in a file may be older than what the server
    /// said. Also which records nobody can tell that of: as always, what came last is current there.
    pub fn put_exported(
        &mut self,
        source: &str,
        kind: SourceKind,
        records: &[Record],
        judge: &Judge<'_>,
    ) -> Result<(PutCount, Vec<RecordId>), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        note_source(&transaction, source, kind, None)?;
        let (mut count, mut untold) = (PutCount::default(), Vec::new());
        let mut writer = RecordWriter::new(&transaction)?;
        let mut current = transaction.prepare(CURRENT_BY_ID)?;
        for record in records {
            let known = {
                let mut rows = current.query([record.id.as_str()])?;
                rows.next()?.map(|row| packed(row)?.unpack()).transpose()?
            };
            let is_other = |known: &&Record| known.bytes != record.bytes;
            let later = known.as_ref().filter(is_other).map(|known| judge(known, record));
            if later == Some(Later::NotTold) {
                untold.push(record.id.clone());
            }
            if later == Some(Later::Known) {
                writer.put_beside(record, &mut count)?;
            } else {
                writer.put(source, record, &mut count)?;
            }
        }
        drop(writer);
        drop(current);
        transaction.commit()?;
        Ok((count, untold))
    }

    /// Whether a source was ever read over the network.
    pub fn was_read_live(&self, source: &str) -> Result<bool, StoreError> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM part JOIN pull ON pull.seq = part.pull WHERE pull.source = ?1)";
        Ok(self.connection.query_row(sql, [source], |row| row.get(0))?)
    }

    /// Where the last batch of a source ended.
    pub fn cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT cursor FROM source WHERE name = ?1";
        Ok(self
            .connection
            .query_row(sql, [source], |row| row.get(0))
            .optional()?
            .flatten())
    }

    /// Every source of staging: its name, how many records it gave, and when it was last read to its end.
    pub fn sources(&self) -> Result<Vec<(String, u64, Option<String>)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT name, (SELECT count(*) FROM record WHERE source = name), finished_at FROM source ORDER BY name",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many records these sources gave.
    pub fn count_records(&self, sources: &[String]) -> Result<u64, StoreError> {
        let known = self.sources()?;
        Ok(known
            .iter()
            .filter(|(name, ..)| sources.contains(name))
            .map(|(_, count, _)| count)
            .sum())
    }

    /// Hands over the current revision of every record of these sources, in chunks, ordered by source and id.
    pub fn read_records<E: From<StoreError>>(
        &self,
        sources: &[String],
        chunk_size: usize,
        sink: &mut dyn FnMut(Vec<Packed>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut sources = sources.to_vec();
        sources.sort_unstable();
        sources.dedup();
        let mut statement = self
            .connection
            .prepare(CURRENT_OF_SOURCE)
            .map_err(StoreError::from)?;
        let mut chunk = Vec::with_capacity(chunk_size);
        for source in &sources {
            let mut rows = statement.query([source]).map_err(StoreError::from)?;
            while let Some(row) = rows.next().map_err(StoreError::from)? {
                chunk.push(packed(row)?);
                if chunk.len() == chunk_size {
                    sink(std::mem::replace(&mut chunk, Vec::with_capacity(chunk_size)))?;
                }
            }
        }
        if chunk.is_empty() { Ok(()) } else { sink(chunk) }
    }

    /// A hash of which records of these sources there are, and which revision of each is the current one.
    pub fn print_of_records(&self, sources: &[String]) -> Result<String, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, current, kind, object, container, origin FROM record WHERE source = ?1 ORDER BY id",
        )?;
        let mut hasher = Sha256::new();
        for source in sources {
            let mut rows = statement.query([source])?;
            while let Some(row) = rows.next()? {
                hasher.update(row.get::<_, Option<i64>>(1)?.unwrap_or_default().to_le_bytes());
                for column in [0, 2, 3, 4, 5] {
                    let text: String = row.get(column)?;
                    hasher.update((text.len() as u64).to_le_bytes());
                    hasher.update(text.as_bytes());
                }
            }
        }
        Ok(crate::model::hex(&hasher.finalize()))
    }

    /// The current revision of one record.
    pub fn record(&self, id: &RecordId) -> Result<Option<Record>, StoreError> {
        let mut statement = self.connection.prepare(CURRENT_BY_ID)?;
        let mut rows = statement.query([id.as_str()])?;
        rows.next()?.map(|row| packed(row)?.unpack()).transpose()
    }

    /// How many revisions of a record were received.
    pub fn count_revisions(&self, id: &RecordId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM revision WHERE record = (SELECT seq FROM record WHERE id = ?1)";
        Ok(self.connection.query_row(sql, [id.as_str()], |row| row.get(0))?)
    }

    /// Replaces the problems of a scope (a source, a stage) by these.
    pub fn put_problems(&mut self, scope: &str, problems: &[Problem]) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        replace_problems(&transaction, scope, problems)?;
        transaction.commit()?;
        Ok(())
    }

    /// All problems, by scope, in the order in which they were met.
    pub fn problems(&self) -> Result<Vec<Problem>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT source, place, message, hint FROM problem ORDER BY scope, position")?;
        let rows = statement.query_map([], |row| {
            Ok(Problem {
                source: row.get(0)?,
                place: row.get(1)?,
                message: row.get(2)?,
                hint: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Makes sure that a source is known, and moves its cursor where one is given.
pub(super) fn note_source(
    transaction: &Transaction<'_>,
    source: &str,
    kind: SourceKind,
    cursor: Option<&str>,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO source (name, kind, cursor) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET kind = ?2, cursor = coalesce(?3, cursor)",
        params![source, kind.as_str(), cursor],
    )?;
    Ok(())
}

const CURRENT_OF_SOURCE: &str = "SELECT id, kind, object, container, origin, size, zlib
     FROM record JOIN revision ON revision.seq = record.current WHERE record.source = ?1 ORDER BY id";
const CURRENT_BY_ID: &str = "SELECT id, kind, object, container, origin, size, zlib
     FROM record JOIN revision ON revision.seq = record.current WHERE record.id = ?1";

fn packed(row: &rusqlite::Row<'_>) -> Result<Packed, StoreError> {
    let kind: String = row.get(1)?;
    Ok(Packed {
        record: Record {
            id: RecordId(row.get(0)?),
            kind: SourceKind::parse(&kind)
                .ok_or_else(|| StoreError::unreadable(format!("a source of kind \"{kind}\"")))?,
            object: row.get(2)?,
            container: row.get(3)?,
            origin: row.get(4)?,
            bytes: Vec::new(),
        },
        size: row.get(5)?,
        zlib: row.get(6)?,
    })
}

pub(super) fn replace_problems(
    transaction: &Transaction<'_>,
    scope: &str,
    problems: &[Problem],
) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM problem WHERE scope = ?1", [scope])?;
    let mut insert = transaction.prepare("INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (position, problem) in problems.iter().enumerate() {
        insert.execute(params![
            scope,
            position,
            problem.source,
            problem.place,
            problem.message,
            problem.hint
        ])?;
    }
    Ok(())
}

/// The statements of one batch, prepared once.
pub(super) struct RecordWriter<'a> {
    find_record: Statement<'a>,
    add_record: Statement<'a>,
    find_revision: Statement<'a>,
    add_revision: Statement<'a>,
    set_current: Statement<'a>,
}

impl<'a> RecordWriter<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>) -> Result<Self, StoreError> {
        Ok(Self {
            find_record: transaction.prepare("SELECT seq, current, container FROM record WHERE id = ?1")?,
            add_record: transaction.prepare(
                "INSERT INTO record (id, source, kind, object, container, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            find_revision: transaction.prepare("SELECT seq FROM revision WHERE record = ?1 AND hash = ?2")?,
            add_revision: transaction
                .prepare("INSERT INTO revision (record, hash, size, zlib) VALUES (?1, ?2, ?3, ?4)")?,
            set_current: transaction.prepare(
                "UPDATE record SET current = ?2, kind = ?3, object = ?4, container = ?5, origin = ?6 WHERE seq = ?1",
            )?,
        })
    }

    /// Keeps a revision of a known record that is not the current one.
    fn put_beside(&mut self, record: &Record, count: &mut PutCount) -> Result<(), StoreError> {
        let seq: i64 = self
            .find_record
            .query_row([record.id.as_str()], |row| row.get(0))?;
        match self.revision(seq, record)? {
            (_, true) => count.known += 1,
            (_, false) => count.changed += 1,
        }
        Ok(())
    }

    /// The revision with these bytes, and whether it was known.
    fn revision(&mut self, seq: i64, record: &Record) -> Result<(i64, bool), StoreError> {
        let hash = Sha256::digest(&record.bytes);
        let known: Option<i64> = self
            .find_revision
            .query_row(params![seq, hash.as_slice()], |row| row.get(0))
            .optional()?;
        if let Some(revision) = known {
            return Ok((revision, true));
        }
        let zlib = compress(&record.bytes);
        let revision = self
            .add_revision
            .insert(params![seq, hash.as_slice(), record.bytes.len(), zlib])?;
        Ok((revision, false))
    }

    pub(super) fn put(
        &mut self,
        source: &str,
        record: &Record,
        count: &mut PutCount,
    ) -> Result<(), StoreError> {
        let kind = record.kind.as_str();
        let found: Option<(i64, Option<i64>, String)> = self
            .find_record
            .query_row([record.id.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let (seq, current, container) = if let Some(found) = found {
            found
        } else {
            let Record {
                id,
                object,
                container,
                origin,
                ..
            } = record;
            let seq =
                self.add_record
                    .insert(params![id.as_str(), source, kind, object, container, origin])?;
            (seq, None, container.clone())
        };
        let (revision, is_known) = self.revision(seq, record)?;
        match (is_known, current) {
            (true, _) => count.known += 1,
            (false, None) => count.new += 1,
            (false, Some(_)) => count.changed += 1,
        }
        let keeps_first = record.kind == SourceKind::Mail && current.is_some();
        let stands = current == Some(revision) && container == record.container;
        if !stands && !keeps_first {
            let Record {
                object,
                container,
                origin,
                ..
            } = record;
            self.set_current
                .execute(params![seq, revision, kind, object, container, origin])?;
        }
        Ok(())
    }
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::fast());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing to memory does not fail")
}
