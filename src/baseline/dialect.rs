//! Tells from a dump's first bytes who wrote it.

use super::BaselineError;
use crate::model::Dialect;
use memchr::memmem;

/// How much of the beginning is looked at.
pub(super) const HEAD_LENGTH: u64 = 64 * 1024;

/// What only one dialect's tools write. The mark that comes first decides, since data comes late.
const MARKS: [(&str, Dialect); 18] = [
    ("PostgreSQL", Dialect::Postgres),
    ("SET statement_timeout", Dialect::Postgres),
    ("SET client_encoding", Dialect::Postgres),
    ("SET standard_conforming_strings", Dialect::Postgres),
    ("\\restrict ", Dialect::Postgres),
    ("\\connect ", Dialect::Postgres),
    ("pg_catalog.", Dialect::Postgres),
    (" FROM stdin;", Dialect::Postgres),
    ("MySQL", Dialect::Mysql),
    ("MariaDB", Dialect::Mysql),
    ("/*!", Dialect::Mysql),
    ("/*M!", Dialect::Mysql),
    ("SET SQL_MODE", Dialect::Mysql),
    ("ENGINE=", Dialect::Mysql),
    ("`", Dialect::Mysql),
    ("PRAGMA ", Dialect::Sqlite),
    ("BEGIN TRANSACTION;", Dialect::Sqlite),
    ("sqlite_sequence", Dialect::Sqlite),
];

/// The dialect, or None where nothing tells it.
pub(super) fn recognise(head: &[u8]) -> Option<Dialect> {
    MARKS
        .iter()
        .filter_map(|(mark, dialect)| Some((memmem::find(head, mark.as_bytes())?, *dialect)))
        .min_by_key(|(position, _)| *position)
        .map(|(_, dialect)| dialect)
}

/// Refuses what is a backup but no plain SQL text, and says how to make it one.
pub(super) fn refuse_others(head: &[u8]) -> Result<(), BaselineError> {
    let kinds: [(&[u8], &str, &str); 8] = [
        (
            b"PGDMP",
            "an archive of pg_dump",
            "make one of it with `pg_restore --file=backup.sql <archive>`",
        ),
        (
            b"\x1f\x8b",
            "compressed with gzip",
            "unpack it with `gunzip --keep`",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            "compressed with zstd",
            "unpack it with `unzstd`",
        ),
        (b"\xfd7zXZ", "compressed with xz", "unpack it with `unxz --keep`"),
        (b"BZh", "compressed with bzip2", "unpack it with `bunzip2 --keep`"),
        (b"PK\x03\x04", "a zip archive", "unpack it with `unzip`"),
        (
            b"\xff\xfe",
            "encoded in UTF-16",
            "make it UTF-8 with `iconv -f UTF-16 -t UTF-8`",
        ),
        (
            b"\xfe\xff",
            "encoded in UTF-16",
            "make it UTF-8 with `iconv -f UTF-16 -t UTF-8`",
        ),
    ];
    match kinds.into_iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, what, hint)) => Err(BaselineError::NotPlain { what, hint }),
        None if head.starts_with(b"SQLite format 3\0") => Err(BaselineError::NotPlain {
            what: "an SQLite file",
            hint: "open it as one, or make a dump of it with `sqlite3 <file> .dump`",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_decides() {
        let told = |head: &str| recognise(head.as_bytes());
        assert_eq!(
            told("-- PostgreSQL database dump\n-- of the `MySQL` days"),
            Some(Dialect::Postgres)
        );
        assert_eq!(told("CREATE TABLE `a` (b text) -- PRAGMA"), Some(Dialect::Mysql));
        assert_eq!(
            told("PRAGMA foreign_keys=OFF; CREATE TABLE `a` (b);"),
            Some(Dialect::Sqlite)
        );
        assert_eq!(told("CREATE TABLE a (b text);"), None);
    }

    #[test]
    fn archives_are_refused_with_the_way_to_open_them() {
        let error = refuse_others(b"PGDMP\x01\x0e").expect_err("an archive");
        assert!(error.to_string().contains("pg_restore"), "{error}");
        assert!(refuse_others(b"\x1f\x8b\x08").is_err());
        assert!(refuse_others(b"-- plain").is_ok());
    }
}
