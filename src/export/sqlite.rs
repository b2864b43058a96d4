//! The plan in SQLite's words, for the sqlite3 program.

use super::Options;
use super::cell::Cell;
use super::quote;
use super::relation::Relations;
use super::script::{Change, LOCK_SECONDS, Own, Temporary, Writer};
use std::fmt::Write as _;

pub(super) struct Sqlite;

impl Writer for Sqlite {
    fn name(&self, name: &str) -> String {
        quote::name(name, '"')
    }

    fn table(&self, name: &str) -> String {
        quote::name(name, '"')
    }

    fn literal(&self, cell: &Cell, out: &mut String) {
        match cell {
            Cell::Null => out.push_str("NULL"),
            Cell::Text(text) => quote::sqlite(text, out),
            Cell::Number(number) => out.push_str(number),
            Cell::Bytes(bytes) => quote::bytes(bytes, out),
        }
    }

    fn same(&self, left: &str, right: &str) -> String {
        format!("{left} IS {right}")
    }

    fn matching(&self, texts: &[String], folded: bool) -> String {
        let joined = texts.join(" || char(10) || ");
        if folded {
            format!("lower({joined})")
        } else {
            format!("({joined})")
        }
    }

    fn text(&self, column: &str) -> String {
        format!("ifnull({column}, '')")
    }

    fn create(&self, table: &Temporary<'_>, out: &mut String) {
        let mut columns: Vec<String> = table
            .own
            .iter()
            .map(|(name, own)| {
                let kind = match own {
                    Own::Number => "INTEGER",
                    Own::Sum => "NUMERIC",
                    Own::Text | Own::Match => "TEXT",
                };
                format!("CAST(NULL AS {kind}) AS {name}")
            })
            .collect();
        let mut from = String::new();
        if let Some((target, kept)) = &table.like {
            match kept {
                None => columns.push("t.*".to_owned()),
                Some(kept) => columns.extend(kept.iter().map(|column| format!("t.{}", self.name(column)))),
            }
            from = format!(" FROM {} AS t", self.table(target));
        }
        let _ = writeln!(
            out,
            "CREATE TEMPORARY TABLE {} AS SELECT {}{from} WHERE 0;",
            table.name,
            columns.join(", ")
        );
        for (at, index) in table.indexes.iter().enumerate() {
            let columns: Vec<String> = index.iter().map(|column| self.name(column)).collect();
            let _ = writeln!(
                out,
                "CREATE INDEX temp.{0}_{at} ON {0} ({1});",
                table.name,
                columns.join(", ")
            );
        }
    }

    fn open(&self, _relations: &Relations<'_>, out: &mut String) {
        let _ = writeln!(
            out,
            ".bail on\n.headers on\n.timeout {}\nPRAGMA foreign_keys = ON;",
            LOCK_SECONDS * 1000
        );
    }

    fn begin(&self, _relations: &Relations<'_>, assertions: &[String], out: &mut String) {
        let columns: Vec<String> = assertions
            .iter()
            .map(|name| format!("{name} INTEGER NOT NULL DEFAULT 1"))
            .collect();
        let _ = writeln!(
            out,
            "CREATE TEMPORARY TABLE rebook_assert ({});\nBEGIN IMMEDIATE;",
            columns.join(", ")
        );
    }

    fn update(&self, change: &Change<'_>, out: &mut String) {
        let ((target, alias), (from, other)) = (change.target, change.from);
        let sets: Vec<String> = change
            .sets
            .iter()
            .map(|(column, value)| format!("{} = {value}", self.name(column)))
            .collect();
        let _ = writeln!(
            out,
            "UPDATE {target} AS {alias} SET {} FROM {from} AS {other} WHERE {};",
            sets.join(", "),
            change.condition
        );
    }

    fn require(&self, assertion: &str, condition: &str, out: &mut String) {
        let _ = writeln!(
            out,
            "INSERT INTO rebook_assert ({assertion}) SELECT CASE WHEN {condition} THEN 1 END;"
        );
    }

    fn close(&self, options: &Options, _assertions: usize, out: &mut String) {
        out.push_str(if options.rehearse {
            "ROLLBACK;\nSELECT 'rehearsed and rolled back' AS rebook;\n"
        } else {
            "COMMIT;\nSELECT 'committed' AS rebook;\n"
        });
    }
}
