//! The plan in SQLite's words, for the sqlite3 program.

use super::Options;
use super::cell::Cell;
use super::quote;
use super::relation::Relations;
use super::script::{Change, Guard, LOCK_SECONDS, Own, Temporary, Writer};
use crate::model::{Dialect, LengthUnit};
use std::fmt::Write as _;

pub(super) struct Sqlite;

impl Writer for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

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

    fn span(&self, start: &str, length: &str, unit: LengthUnit) -> (String, String) {
        // Both in the one form that its function gives.
        (
            format!("datetime({start})"),
            match unit {
                LengthUnit::Minutes => format!("datetime({start}, {length} || ' minutes')"),
                LengthUnit::Hours => format!("datetime({start}, {length} || ' hours')"),
                LengthUnit::Days | LengthUnit::Nights => format!("datetime({start}, {length} || ' days')"),
            },
        )
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

    // There is no hash function here: lengths, and a few characters.
    fn signed(&self, from: &str, columns: &[String]) -> String {
        let texts: Vec<String> = columns.iter().map(|column| self.text(column)).collect();
        format!(
            "(SELECT ifnull(sum(7 * length(CAST(x AS BLOB)) + 31 * ifnull(unicode(x), 0) + 37 * ifnull(unicode(substr(x, -1)), 0) + 41 * ifnull(unicode(substr(x, length(x) / 2 + 1, 1)), 0)), 0) FROM (SELECT {} AS x FROM {from} AS s))",
            texts.join(" || '|' || ")
        )
    }

    fn sign(&self, text: &str) -> u64 {
        let chars: Vec<char> = text.chars().collect();
        let code = |char: Option<&char>| char.map_or(0, |char| u64::from(u32::from(*char)));
        7 * text.len() as u64
            + 31 * code(chars.first())
            + 37 * code(chars.last())
            + 41 * code(chars.get(chars.len() / 2))
    }

    fn require(&self, assertion: &str, condition: &str, out: &mut String) {
        let _ = writeln!(
            out,
            "INSERT INTO rebook_assert ({assertion}) SELECT CASE WHEN {condition} THEN 1 END;"
        );
    }

    fn unchanged(&self, guard: &Guard<'_>) -> String {
        let columns: Vec<String> = guard
            .columns
            .iter()
            .map(|column| {
                let kind = if column.computed {
                    String::new()
                } else {
                    format!(
                        " AND lower(replace(c.type, ' ', '')) = {}",
                        literal(&column.kind.replace(' ', ""))
                    )
                };
                format!("(c.name = {}{kind})", literal(column.name))
            })
            .collect();
        let from = format!("FROM pragma_table_xinfo({}) AS c", literal(guard.table));
        format!(
            "(SELECT count(*) {from}) = {0} AND (SELECT count(*) {from} WHERE {1}) = {0}",
            guard.columns.len(),
            columns.join(" OR ")
        )
    }

    fn quiet(&self, guard: &Guard<'_>) -> String {
        let allowed: Vec<String> = guard.allowed.iter().map(|name| literal(name)).collect();
        let known = if allowed.is_empty() {
            String::new()
        } else {
            format!(" AND g.name NOT IN ({})", allowed.join(", "))
        };
        format!(
            "NOT EXISTS (SELECT 1 FROM sqlite_master AS g WHERE g.type = 'trigger' AND g.tbl_name = {} COLLATE NOCASE AND upper(g.sql) NOT LIKE '%BEFORE DELETE ON%' AND upper(g.sql) NOT LIKE '%AFTER DELETE ON%'{known})",
            literal(guard.table)
        )
    }

    fn create_journal(&self, place: &str, _options: &Options, out: &mut String) {
        let _ = writeln!(
            out,
            "CREATE TABLE IF NOT EXISTS {place} (batch TEXT NOT NULL, what TEXT NOT NULL, id TEXT NOT NULL, action TEXT NOT NULL, row_key TEXT NOT NULL, checksum TEXT NOT NULL, loaded_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);"
        );
    }

    fn checksum(&self, alias: &str, columns: &[String]) -> String {
        // There is no hash function here: the content itself.
        let parts: Vec<String> = columns
            .iter()
            .map(|column| format!("quote({alias}.{})", self.name(column)))
            .collect();
        parts.join(" || ',' || ")
    }

    fn key_text(&self, alias: &str, keys: &[String]) -> String {
        let parts: Vec<String> = keys
            .iter()
            .map(|key| format!("CAST({alias}.{} AS TEXT)", self.name(key)))
            .collect();
        parts.join(" || '|' || ")
    }

    fn delete(
        &self,
        (target, alias): (&str, &str),
        (from, other): (&str, &str),
        condition: &str,
        out: &mut String,
    ) {
        let _ = writeln!(
            out,
            "DELETE FROM {target} AS {alias} WHERE EXISTS (SELECT 1 FROM {from} AS {other} WHERE {condition});"
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

fn literal(text: &str) -> String {
    let mut out = String::new();
    quote::sqlite(text, &mut out);
    out
}
