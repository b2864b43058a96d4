//! The plan in the words that MySQL and MariaDB share.
//!
//! No block can be written outside of a stored routine there, so an assertion is an INSERT of NULL into
//! a column that must be filled; the column's name says what failed. A temporary table may stand only once
//! in a statement, which shapes the plan's conditions.

use super::Options;
use super::cell::Cell;
use super::quote;
use super::relation::Relations;
use super::script::{Change, Guard, LOCK_SECONDS, Own, STATEMENT_MINUTES, Temporary, Writer};
use crate::model::{Dialect, LengthUnit};
use std::fmt::Write as _;

pub(super) struct Mysql;

impl Writer for Mysql {
    fn dialect(&self) -> Dialect {
        Dialect::Mysql
    }

    fn name(&self, name: &str) -> String {
        quote::name(name, '`')
    }

    fn table(&self, name: &str) -> String {
        name.split('.')
            .map(|part| quote::name(part, '`'))
            .collect::<Vec<_>>()
            .join(".")
    }

    fn literal(&self, cell: &Cell, out: &mut String) {
        match cell {
            Cell::Null => out.push_str("NULL"),
            Cell::Text(text) => quote::mysql(text, out),
            Cell::Number(number) => out.push_str(number),
            Cell::Bytes(bytes) => quote::bytes(bytes, out),
        }
    }

    fn same(&self, left: &str, right: &str) -> String {
        format!("{left} <=> {right}")
    }

    fn matching(&self, texts: &[String], folded: bool) -> String {
        // A hash, for an index takes no text of any length, and the column's collation may find alike what differs.
        let joined = if texts.len() == 1 {
            texts[0].clone()
        } else {
            format!("CONCAT({})", texts.join(", CHAR(10), "))
        };
        let converted = format!("CONVERT({joined} USING utf8mb4)");
        let text = if folded {
            format!("LOWER({converted})")
        } else {
            converted
        };
        format!("SHA2({text}, 256)")
    }

    fn span(&self, start: &str, length: &str, unit: LengthUnit) -> (String, String) {
        (
            start.to_owned(),
            match unit {
                LengthUnit::Minutes => format!("DATE_ADD({start}, INTERVAL {length} MINUTE)"),
                // It would round the hours.
                LengthUnit::Hours => format!("DATE_ADD({start}, INTERVAL ROUND({length} * 60) MINUTE)"),
                LengthUnit::Days | LengthUnit::Nights => format!("DATE_ADD({start}, INTERVAL {length} DAY)"),
            },
        )
    }

    fn spelled(&self, expression: &str) -> String {
        format!("CAST(({expression}) AS CHAR)")
    }

    fn text(&self, column: &str) -> String {
        format!("IFNULL({column}, '')")
    }

    fn create(&self, table: &Temporary<'_>, out: &mut String) {
        let mut parts: Vec<String> = table
            .own
            .iter()
            .map(|(name, own)| {
                let kind = match own {
                    Own::Number => "BIGINT",
                    Own::Sum => "DECIMAL(30,4)",
                    Own::Text => "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                    Own::Match => "CHAR(64) CHARACTER SET ascii COLLATE ascii_bin",
                };
                format!("{name} {kind} NULL")
            })
            .collect();
        for index in &table.indexes {
            let columns: Vec<String> = index.iter().map(|column| self.name(column)).collect();
            parts.push(format!("INDEX ({})", columns.join(", ")));
        }
        let select = table.like.as_ref().map_or_else(String::new, |(target, kept)| {
            let columns = kept.as_ref().map_or_else(
                || "t.*".to_owned(),
                |kept| {
                    let columns: Vec<String> = kept
                        .iter()
                        .map(|column| format!("t.{}", self.name(column)))
                        .collect();
                    columns.join(", ")
                },
            );
            // Through an outer join every column may be NULL, and keeps its type and collation.
            format!(
                " AS SELECT {columns} FROM (SELECT 1 AS one) AS o LEFT JOIN {} AS t ON FALSE WHERE FALSE",
                self.table(target)
            )
        });
        let _ = writeln!(
            out,
            "CREATE TEMPORARY TABLE {} ({}) ENGINE=InnoDB{select};",
            table.name,
            parts.join(", ")
        );
    }

    fn open(&self, _relations: &Relations<'_>, out: &mut String) {
        let _ = writeln!(out, "SET NAMES utf8mb4;\nSET SESSION sql_mode = '{STRICT}';");
        let _ = writeln!(
            out,
            "SET SESSION time_zone = '+00:00';\n\
             SET SESSION foreign_key_checks = 1;\n\
             SET SESSION unique_checks = 1;\n\
             SET SESSION autocommit = 1;\n\
             SET SESSION lock_wait_timeout = {LOCK_SECONDS};\n\
             SET SESSION innodb_lock_wait_timeout = {LOCK_SECONDS};\n\
             -- MariaDB alone can limit the time of a statement that writes.\n\
             SET @rebook_limit = IF(VERSION() LIKE '%MariaDB%', 'SET SESSION max_statement_time = {}', 'DO 0');\n\
             PREPARE rebook_limit FROM @rebook_limit;\n\
             EXECUTE rebook_limit;\n\
             -- Every row that the plan reads stays as it is until the load is done.\n\
             SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
            STATEMENT_MINUTES * 60
        );
    }

    fn begin(&self, relations: &Relations<'_>, assertions: &[String], out: &mut String) {
        let columns: Vec<String> = assertions
            .iter()
            .map(|name| format!("{name} INT NOT NULL DEFAULT 1"))
            .collect();
        let _ = writeln!(
            out,
            "CREATE TEMPORARY TABLE rebook_assert ({}) ENGINE=InnoDB;\nSTART TRANSACTION;",
            columns.join(", ")
        );
        let tables: Vec<String> = relations
            .written()
            .map(|relation| {
                let mut name = String::new();
                quote::mysql(relation.name.rsplit('.').next().unwrap_or_default(), &mut name);
                name
            })
            .collect();
        self.require(
            ENGINES,
            &format!(
                "NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ({}) AND engine <> 'InnoDB')",
                tables.join(", ")
            ),
            out,
        );
    }

    fn update(&self, change: &Change<'_>, out: &mut String) {
        let ((target, alias), (from, other)) = (change.target, change.from);
        let sets: Vec<String> = change
            .sets
            .iter()
            .map(|(column, value)| format!("{alias}.{} = {value}", self.name(column)))
            .collect();
        let _ = writeln!(
            out,
            "UPDATE {target} AS {alias} JOIN {from} AS {other} ON {} SET {};",
            change.condition,
            sets.join(", ")
        );
    }

    fn narrows_text(&self) -> bool {
        true
    }

    fn set_texts(&self, temporary: &str, columns: &[&str], out: &mut String) {
        let found = |column: &str| {
            let mut literal = String::new();
            quote::mysql(column, &mut literal);
            format!(
                "x.rebook_table = '{temporary}' AND x.rebook_no = s.rebook_no AND x.rebook_column = {literal}"
            )
        };
        // In a strict mode one name that a column has no letters for would stop the whole load.
        out.push_str(
            "-- Into the temporary table alone: a letter that a column lacks is lost here, and its row is held below.\n\
             SET SESSION sql_mode = '';\n",
        );
        for column in columns {
            // Not through a join: MySQL 9 may keep a join's values in a table of its own, and stops there at such a letter.
            let name = self.name(column);
            let _ = writeln!(
                out,
                "UPDATE {temporary} AS s SET s.{name} = COALESCE((SELECT x.rebook_text FROM rebook_texts AS x WHERE {}), s.{name});",
                found(column)
            );
        }
        let _ = writeln!(out, "SET SESSION sql_mode = '{STRICT}';");
        for column in columns {
            let name = self.name(column);
            let mut reason = String::new();
            quote::mysql(
                &format!("column {column} cannot hold all its characters"),
                &mut reason,
            );
            let _ = writeln!(
                out,
                "UPDATE {temporary} AS s JOIN rebook_texts AS x ON {} AND (s.{name} IS NULL OR CAST(CONVERT(s.{name} USING utf8mb4) AS BINARY) <> CAST(x.rebook_text AS BINARY)) SET s.rebook_state = 'held', s.rebook_reason = {reason};",
                found(column)
            );
        }
    }

    fn signed(&self, from: &str, columns: &[String]) -> String {
        let texts: Vec<String> = columns
            .iter()
            .map(|column| format!("IFNULL(CONVERT({column} USING utf8mb4), '')"))
            .collect();
        format!(
            "(SELECT IFNULL(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS('|', {}), 256), 12), 16, 10) AS UNSIGNED)), 0) FROM {from} AS s)",
            texts.join(", ")
        )
    }

    fn require(&self, assertion: &str, condition: &str, out: &mut String) {
        let _ = writeln!(
            out,
            "INSERT INTO rebook_assert ({assertion}) SELECT IF({condition}, 1, NULL);"
        );
    }

    fn unchanged(&self, guard: &Guard<'_>) -> String {
        let columns: Vec<String> = guard
            .columns
            .iter()
            .map(|column| {
                let kind = mysql_type(column.kind).map_or(String::new(), |kind| {
                    format!(
                        " AND LOWER(IF(c.data_type LIKE '%int', CONCAT(c.data_type, IF(c.column_type LIKE '%unsigned%', ' unsigned', '')), REPLACE(c.column_type, ' ', ''))) = {}",
                        literal(&kind)
                    )
                });
                format!(
                    "(c.column_name = {} AND c.is_nullable = '{}'{kind})",
                    literal(column.name),
                    if column.not_null { "NO" } else { "YES" }
                )
            })
            .collect();
        let from = format!(
            "FROM information_schema.columns AS c WHERE {}",
            Self::own_table("c.table_schema", "c.table_name", guard.table)
        );
        format!(
            "(SELECT COUNT(*) {from}) = {0} AND (SELECT COUNT(*) {from} AND ({1})) = {0}",
            guard.columns.len(),
            columns.join(" OR ")
        )
    }

    fn quiet(&self, guard: &Guard<'_>) -> String {
        let allowed: Vec<String> = guard.allowed.iter().map(|name| literal(name)).collect();
        let known = if allowed.is_empty() {
            String::new()
        } else {
            format!(" AND g.trigger_name NOT IN ({})", allowed.join(", "))
        };
        format!(
            "NOT EXISTS (SELECT 1 FROM information_schema.triggers AS g WHERE {} AND g.event_manipulation IN ('INSERT', 'UPDATE'){known})",
            Self::own_table("g.event_object_schema", "g.event_object_table", guard.table)
        )
    }

    fn ddl_commits(&self) -> bool {
        true
    }

    fn joined(&self, left: &str, right: &str) -> String {
        format!("CONCAT({left}, {right})")
    }

    fn create_journal(&self, place: &str, options: &Options, out: &mut String) {
        // A rehearsal leaves no table behind.
        let kind = if options.rehearse {
            "TEMPORARY TABLE"
        } else {
            "TABLE"
        };
        let _ = writeln!(
            out,
            "CREATE {kind} IF NOT EXISTS {place} (batch VARCHAR(64) NOT NULL, what VARCHAR(20) NOT NULL, id VARCHAR(255) NOT NULL, action VARCHAR(20) NOT NULL, row_key VARCHAR(255) NOT NULL, checksum CHAR(64) NOT NULL, loaded_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
        );
    }

    fn checksum(&self, alias: &str, columns: &[String]) -> String {
        let parts: Vec<String> = columns
            .iter()
            .map(|column| {
                format!(
                    "IFNULL(CONCAT('x', HEX(CONCAT({alias}.{}, ''))), '-')",
                    self.name(column)
                )
            })
            .collect();
        format!("SHA2(CONCAT_WS(',', {}), 256)", parts.join(", "))
    }

    fn key_text(&self, alias: &str, keys: &[String]) -> String {
        let parts: Vec<String> = keys
            .iter()
            .map(|key| format!("CAST({alias}.{} AS CHAR CHARACTER SET utf8mb4)", self.name(key)))
            .collect();
        format!("CONCAT_WS('|', {})", parts.join(", "))
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
            "DELETE {alias} FROM {target} AS {alias} JOIN {from} AS {other} ON {condition};"
        );
    }

    fn close(&self, options: &Options, assertions: usize, out: &mut String) {
        if !options.rehearse {
            // With `--force` the client goes on after an error; then nothing may be committed.
            let _ = writeln!(
                out,
                "SET @rebook_end = (SELECT IF(count(*) = {}, 'COMMIT', 'DO 0') FROM rebook_assert);\n\
                 PREPARE rebook_end FROM @rebook_end;\n\
                 EXECUTE rebook_end;",
                assertions + 1
            );
        }
        out.push_str("ROLLBACK;\n");
        out.push_str(if options.rehearse {
            "SELECT 'rehearsed and rolled back' AS rebook;\n"
        } else {
            "SELECT IF(@rebook_end = 'COMMIT', 'committed', 'NOTHING WAS CHANGED') AS rebook;\n"
        });
    }
}

/// Nothing is cut, rounded or emptied in silence.
const STRICT: &str = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO";

/// Only InnoDB can take a half-done load back.
pub(super) const ENGINES: &str = "every_table_can_roll_back";

fn literal(text: &str) -> String {
    let mut out = String::new();
    quote::mysql(text, &mut out);
    out
}

impl Mysql {
    /// The condition that a row of the information schema is about this table.
    fn own_table(schema: &str, name: &str, table: &str) -> String {
        match table.rsplit_once('.') {
            Some((database, table)) => {
                format!("{schema} = {} AND {name} = {}", literal(database), literal(table))
            }
            None => format!("{schema} = DATABASE() AND {name} = {}", literal(table)),
        }
    }
}

/// A declared type as the information schema writes it, without blanks and without the width of integers; None for
/// one that may be written in several ways.
fn mysql_type(declared: &str) -> Option<String> {
    let lower = declared.to_lowercase();
    let (name, rest) = lower.split_at(lower.find(['(', ' ']).unwrap_or(lower.len()));
    match name {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => {
            let unsigned = if rest.contains("unsigned") {
                " unsigned"
            } else {
                ""
            };
            Some(format!("{name}{unsigned}"))
        }
        "varchar" | "char" | "datetime" | "date" | "decimal" => Some(lower.replace(' ', "")),
        _ => None,
    }
}
