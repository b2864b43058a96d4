//! The plan in PostgreSQL's words, for psql.

use super::Options;
use super::cell::Cell;
use super::quote;
use super::relation::Relations;
use super::script::{Change, Guard, LOCK_SECONDS, Own, STATEMENT_MINUTES, Temporary, Writer};
use crate::model::{Dialect, LengthUnit};
use std::fmt::Write as _;

pub(super) struct Postgres;

impl Writer for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn name(&self, name: &str) -> String {
        quote::name(name, '"')
    }

    fn table(&self, name: &str) -> String {
        name.split('.')
            .map(|part| quote::name(part, '"'))
            .collect::<Vec<_>>()
            .join(".")
    }

    fn temporary(&self, name: &str) -> String {
        format!("pg_temp.{name}")
    }

    fn literal(&self, cell: &Cell, out: &mut String) {
        match cell {
            Cell::Null => out.push_str("NULL"),
            Cell::Text(text) => quote::postgres(text, out),
            Cell::Number(number) => out.push_str(number),
            Cell::Bytes(bytes) => {
                out.push_str("decode('");
                for byte in bytes {
                    let _ = write!(out, "{byte:02x}");
                }
                out.push_str("', 'hex')");
            }
        }
    }

    fn same(&self, left: &str, right: &str) -> String {
        format!("{left} IS NOT DISTINCT FROM {right}")
    }

    fn matching(&self, texts: &[String], folded: bool) -> String {
        let joined = texts.join(" || E'\\n' || ");
        if folded {
            format!("lower({joined})")
        } else {
            joined
        }
    }

    fn span(&self, start: &str, length: &str, unit: LengthUnit) -> (String, String) {
        (
            start.to_owned(),
            match unit {
                LengthUnit::Minutes => format!("({start} + {length} * interval '1 minute')"),
                LengthUnit::Hours => format!("({start} + {length} * interval '1 hour')"),
                LengthUnit::Days | LengthUnit::Nights => format!("({start} + {length} * interval '1 day')"),
            },
        )
    }

    fn spelled(&self, expression: &str) -> String {
        format!("({expression})::text")
    }

    fn text(&self, column: &str) -> String {
        format!("coalesce({column}::text, '')")
    }

    fn create(&self, table: &Temporary<'_>, out: &mut String) {
        let mut columns: Vec<String> = table
            .own
            .iter()
            .map(|(name, own)| {
                let kind = match own {
                    Own::Number => "bigint",
                    Own::Sum => "numeric",
                    Own::Text | Own::Match => "text",
                };
                format!("NULL::{kind} AS {name}")
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
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}{from} WITH NO DATA;",
            table.name,
            columns.join(", ")
        );
        for index in &table.indexes {
            // A hash index takes text of any length; it has one column.
            let hashed =
                matches!(index.as_slice(), [only] if table.own.contains(&(only.as_str(), Own::Match)));
            let columns: Vec<String> = index.iter().map(|column| self.name(column)).collect();
            let _ = writeln!(
                out,
                "CREATE INDEX ON pg_temp.{}{} ({});",
                table.name,
                if hashed { " USING hash" } else { "" },
                columns.join(", ")
            );
        }
    }

    fn open(&self, relations: &Relations<'_>, out: &mut String) {
        let path = self.search_path(relations);
        let _ = writeln!(
            out,
            "\\set ON_ERROR_STOP on\n\
             \\set QUIET on\n\
             \\pset pager off\n\
             -- What others commit before the tables are locked must be seen after.\n\
             BEGIN ISOLATION LEVEL READ COMMITTED;\n\
             SET LOCAL client_encoding = 'UTF8';\n\
             SET LOCAL standard_conforming_strings = on;\n\
             SET LOCAL TimeZone = 'UTC';\n\
             SET LOCAL DateStyle = 'ISO, YMD';\n\
             {path}\
             SET LOCAL client_min_messages = warning;\n\
             SET LOCAL lock_timeout = '{LOCK_SECONDS}s';\n\
             SET LOCAL statement_timeout = '{STATEMENT_MINUTES}min';\n\
             SET LOCAL idle_in_transaction_session_timeout = '1min';\n\
             -- A row that a policy hides from this user would be loaded twice: better an error.\n\
             SET LOCAL row_security = off;\n\
             -- One reload at a time.\n\
             DO $rebook$ BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('rebook reload')::bigint); END $rebook$;"
        );
    }

    fn begin(&self, _relations: &Relations<'_>, _assertions: &[String], _out: &mut String) {}

    fn lock(&self, relations: &Relations<'_>, out: &mut String) {
        let tables: Vec<String> = relations
            .all_written()
            .iter()
            .map(|name| self.table(name))
            .collect();
        let _ = writeln!(
            out,
            "\n-- From here to the end others may read these tables, and wait to write them: the plan stays true.\n\
             LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE;",
            tables.join(", ")
        );
    }

    fn analyze(&self, temporary: &str, out: &mut String) {
        let _ = writeln!(out, "ANALYZE pg_temp.{temporary};");
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

    fn signed(&self, from: &str, columns: &[String]) -> String {
        let texts: Vec<String> = columns.iter().map(|column| self.text(column)).collect();
        format!(
            "(SELECT coalesce(sum(('x' || left(encode(sha256(convert_to(concat_ws('|', {}), 'UTF8')), 'hex'), 12))::bit(48)::bigint), 0) FROM {from} AS s)",
            texts.join(", ")
        )
    }

    fn require(&self, assertion: &str, condition: &str, out: &mut String) {
        let _ = writeln!(
            out,
            "DO $rebook$ BEGIN IF ({condition}) IS NOT TRUE THEN RAISE EXCEPTION 'rebook: nothing was changed, for this does not hold: {}'; END IF; END $rebook$;",
            assertion.replace('_', " ")
        );
    }

    fn unchanged(&self, guard: &Guard<'_>) -> String {
        let rows: Vec<String> = guard
            .columns
            .iter()
            .map(|column| {
                let kind = postgres_type(column.kind).map_or("NULL".to_owned(), |kind| literal(&kind));
                format!("({}, {kind}, {})", literal(column.name), column.not_null)
            })
            .collect();
        let table = literal(&self.table(guard.table));
        format!(
            "SELECT count(*) = {} AND count(e.name) = count(*) AND bool_and(a.attnotnull = e.must AND (e.kind IS NULL OR format_type(a.atttypid, a.atttypmod) = e.kind)) FROM pg_catalog.pg_attribute AS a LEFT JOIN (VALUES {}) AS e(name, kind, must) ON e.name = a.attname::text WHERE a.attrelid = {table}::regclass AND a.attnum > 0 AND NOT a.attisdropped",
            guard.columns.len(),
            rows.join(", ")
        )
    }

    fn quiet(&self, guard: &Guard<'_>) -> String {
        let table = literal(&self.table(guard.table));
        let allowed: Vec<String> = guard.allowed.iter().map(|name| literal(name)).collect();
        let known = if allowed.is_empty() {
            String::new()
        } else {
            format!(" AND t.tgname::text NOT IN ({})", allowed.join(", "))
        };
        format!(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = {table}::regclass AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype::int & 20 <> 0{known}) AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = {table}::regclass AND r.ev_type IN ('2', '3'))"
        )
    }

    fn overriding(&self) -> &'static str {
        " OVERRIDING SYSTEM VALUE"
    }

    fn advance(&self, table: &str, key: &str, out: &mut String) {
        // A sequence knows no rollback: a rehearsal moves it too, and skips numbers, which does no harm.
        let (name, column) = (self.table(table), self.name(key));
        let _ = writeln!(
            out,
            "SELECT setval(q.number, q.most) FROM (SELECT pg_get_serial_sequence({}, {})::regclass AS number, (SELECT max({column}) FROM {name}) AS most) AS q WHERE q.number IS NOT NULL AND q.most > coalesce(pg_sequence_last_value(q.number), 0);",
            literal(&name),
            literal(key)
        );
    }

    fn create_journal(&self, place: &str, _options: &Options, out: &mut String) {
        let _ = writeln!(
            out,
            "CREATE TABLE IF NOT EXISTS {place} (batch text NOT NULL, what text NOT NULL, id text NOT NULL, action text NOT NULL, row_key text NOT NULL, checksum text NOT NULL, loaded_at timestamptz NOT NULL DEFAULT now());"
        );
    }

    fn checksum(&self, alias: &str, _columns: &[String]) -> String {
        // Of the whole row: what nobody mapped may have been edited too.
        format!("md5(ROW({alias}.*)::text)")
    }

    fn key_text(&self, alias: &str, keys: &[String]) -> String {
        let parts: Vec<String> = keys
            .iter()
            .map(|key| format!("{alias}.{}::text", self.name(key)))
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
            "DELETE FROM {target} AS {alias} USING {from} AS {other} WHERE {condition};"
        );
    }

    fn settle(&self, out: &mut String) {
        out.push_str("SET CONSTRAINTS ALL IMMEDIATE;\n");
    }

    fn close(&self, _options: &Options, _assertions: usize, out: &mut String) {
        out.push_str(
            "\\if :{?commit}\n\
             \\if :commit\n\
             COMMIT;\n\
             \\echo 'rebook: committed.'\n\
             \\else\n\
             ROLLBACK;\n\
             \\echo 'rebook: rehearsed and rolled back; run with -v commit=1 to load.'\n\
             \\endif\n\
             \\else\n\
             ROLLBACK;\n\
             \\echo 'rebook: rehearsed and rolled back; run with -v commit=1 to load.'\n\
             \\endif\n",
        );
    }
}

impl Postgres {
    /// Whoever runs the file, a bare name means the same; where no dump told the tables' schemas, it means what it means to them.
    fn search_path(&self, relations: &Relations<'_>) -> String {
        let mut schemas: Vec<String> = Vec::new();
        for name in relations.all_written() {
            let Some((schema, _)) = name.rsplit_once('.') else {
                return String::new();
            };
            let schema = self.name(schema);
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        let public = self.name("public");
        if !schemas.contains(&public) {
            schemas.push(public);
        }
        format!("SET LOCAL search_path = {}, pg_temp;\n", schemas.join(", "))
    }
}

fn literal(text: &str) -> String {
    let mut out = String::new();
    quote::postgres(text, &mut out);
    out
}

/// A declared type as `format_type` writes it; None for one that may be written in several ways.
fn postgres_type(declared: &str) -> Option<String> {
    let (name, sizes) = match declared.split_once('(') {
        Some((name, rest)) => {
            let (sizes, tail) = rest.split_once(')')?;
            (
                format!("{} {}", name.trim(), tail.trim()),
                format!("({})", sizes.replace(' ', "")),
            )
        }
        None => (declared.to_owned(), String::new()),
    };
    let plain = match name.trim() {
        "bigint" | "int8" | "bigserial" => "bigint",
        "integer" | "int" | "int4" | "serial" => "integer",
        "smallint" | "int2" | "smallserial" => "smallint",
        "boolean" | "bool" => "boolean",
        "text" => "text",
        "date" => "date",
        "uuid" => "uuid",
        "jsonb" => "jsonb",
        "json" => "json",
        "double precision" | "float8" => "double precision",
        "character varying" | "varchar" => return Some(format!("character varying{sizes}")),
        "numeric" | "decimal" => return Some(format!("numeric{sizes}")),
        "timestamp with time zone" | "timestamptz" if sizes.is_empty() => "timestamp with time zone",
        "timestamp without time zone" | "timestamp" if sizes.is_empty() => "timestamp without time zone",
        _ => return None,
    };
    sizes.is_empty().then(|| plain.to_owned())
}
