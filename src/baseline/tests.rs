//! Runs the cases of `tests/cases/baseline`: every dump in `in/` must give what `expected/` says.
//!
//! `expected/rows.txt` holds what all dumps of a case have in common: canonical rows and problems, or the
//! error. `expected/<dump>.schema.txt` is compared where the case says `schema = true`. `UPDATE=1` writes
//! them anew.

use super::read;
use crate::model::{
    Baseline, Business, ColumnMap, Currency, Dialect, Entity, EntityKind, KeyRule, LengthUnit, Money, RawRow,
    Schema, Target, TimeAs, When,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::BufReader;
use std::path::Path;
use toml::Table;

#[test]
fn every_case_gives_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/baseline");
    let mut failures = Vec::new();
    let cases = entries(&root);
    assert!(!cases.is_empty(), "no case found in {}", root.display());
    for case in &cases {
        failures.extend(run_case(&root.join(case)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_split_does_not_depend_on_the_size_of_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/baseline");
    for case in entries(&root) {
        let folder = root.join(&case);
        let (target, business, _) = read_case(&folder);
        for dump in entries(&folder.join("in")) {
            let bytes = fs::read(folder.join("in").join(&dump)).expect("the dump is there");
            let whole = read(bytes.as_slice(), &target, &business).map_err(|error| error.to_string());
            for size in [1, 2, 7] {
                let bit_by_bit = BufReader::with_capacity(size, Slow(&bytes, size));
                let parts = read(bit_by_bit, &target, &business).map_err(|error| error.to_string());
                assert_eq!(whole, parts, "{case}/{dump} in reads of {size}");
            }
        }
    }
}

#[test]
fn damage_never_stops_the_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/baseline");
    let hostile = b"'\"`$;()*/-#\n\t\\[\xff\0";
    for case in entries(&root) {
        let folder = root.join(&case);
        let (target, business, _) = read_case(&folder);
        for dump in entries(&folder.join("in")) {
            let bytes = fs::read(folder.join("in").join(&dump)).expect("the dump is there");
            let step = bytes.len() / 40 + 1;
            for (turn, at) in (0..bytes.len()).step_by(step).enumerate() {
                let mut damaged = bytes.clone();
                damaged[at] = hostile[turn % hostile.len()];
                // Whatever comes out: an answer or an error, but no panic and no endless loop.
                let _ = read(damaged.as_slice(), &target, &business);
                let _ = read(&bytes[..at], &target, &business);
            }
        }
    }
}

/// Gives few bytes at a time, as a pipe may.
struct Slow<'a>(&'a [u8], usize);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(buffer.len());
        self.0.read(&mut buffer[..length])
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            entry
                .expect("a folder can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn read_case(folder: &Path) -> (Target, Business, Table) {
    let text = fs::read_to_string(folder.join("case.toml")).expect("a case has a case.toml");
    let case: Table = text.parse().expect("case.toml is TOML");
    assert!(
        case["shows"]
            .as_str()
            .is_some_and(|sentence| !sentence.is_empty())
    );
    let business = Business {
        name: "Example".to_owned(),
        zone: case["timezone"]
            .as_str()
            .and_then(|zone| zone.parse().ok())
            .expect("a zone"),
        country: "JP".to_owned(),
        currency: case["currency"]
            .as_str()
            .and_then(Currency::parse)
            .expect("a currency"),
    };
    let entity = |kind: EntityKind| {
        case["target"]
            .get(kind.as_str())
            .and_then(|map| map.as_table())
            .map(read_entity)
    };
    let target = Target {
        dialect: Dialect::Postgres,
        booking: entity(EntityKind::Booking).expect("bookings are mapped"),
        customer: entity(EntityKind::Customer),
        resource: entity(EntityKind::Resource),
        payment: entity(EntityKind::Payment),
    };
    (target, business, case)
}

fn read_entity(map: &Table) -> Entity {
    let text = |value: &toml::Value| value.as_str().expect("a string").to_owned();
    let words = |table: &toml::Value| -> BTreeMap<String, String> {
        table
            .as_table()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    };
    let column = |value: &toml::Value| ColumnMap {
        column: text(value.get("column").unwrap_or(value)),
        time: value.get("time").map(|time| match time.as_str() {
            Some("local") => TimeAs::Local,
            Some("utc") => TimeAs::Utc,
            Some("date") => TimeAs::Date,
            Some("epoch") => TimeAs::Epoch,
            Some(unit) if let Some(unit) = LengthUnit::parse(unit) => TimeAs::Since(unit),
            other => panic!("time = {other:?}"),
        }),
        major: value.get("money").is_some(),
    };
    Entity {
        table: text(&map["table"]),
        key: match &map["key"] {
            toml::Value::Array(columns) => columns.iter().map(text).collect(),
            one => vec![text(one)],
        },
        key_rule: KeyRule::Database,
        columns: map["columns"]
            .as_table()
            .into_iter()
            .flatten()
            .map(|(field, value)| (field.clone(), column(value)))
            .collect(),
        values: map
            .get("values")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten()
            .map(|(field, values)| (field.clone(), words(values)))
            .collect(),
        constants: map.get("constants").map(words).unwrap_or_default(),
        ..Entity::default()
    }
}

fn run_case(folder: &Path) -> Vec<String> {
    let (target, business, case) = read_case(folder);
    let mut failures = Vec::new();
    let wants_schema = case.get("schema").and_then(toml::Value::as_bool) == Some(true);
    let wants_raw = case.get("raw").and_then(toml::Value::as_bool) == Some(true);
    let dumps = entries(&folder.join("in"));
    assert!(!dumps.is_empty(), "{} has no dump", folder.display());
    for dump in dumps {
        let bytes = fs::read(folder.join("in").join(&dump)).expect("the dump is there");
        let mut answers = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite].map(|dialect| {
            let target = Target {
                dialect,
                ..target.clone()
            };
            match read(bytes.as_slice(), &target, &business) {
                Ok(baseline) => (
                    render_rows(&baseline, business.zone, wants_raw),
                    render_schema(&baseline.schema),
                ),
                Err(error) => (format!("error: {error}\n"), String::new()),
            }
        });
        if answers[0] != answers[1] || answers[1] != answers[2] {
            failures.push(format!(
                "{}/in/{dump}: depends on the target's dialect",
                folder.display()
            ));
        }
        let (rows, schema) = std::mem::take(&mut answers[0]);
        failures.extend(compare(folder, &dump, "rows.txt", &rows));
        if wants_schema {
            let stem = dump.trim_end_matches(".sql");
            failures.extend(compare(folder, &dump, &format!("{stem}.schema.txt"), &schema));
        }
    }
    failures
}

fn compare(folder: &Path, dump: &str, name: &str, found: &str) -> Option<String> {
    let path = folder.join("expected").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(folder.join("expected")).expect("the case's folder can be written");
        fs::write(&path, found).expect("the expected file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| format!("{}: {error}", path.display()));
    (expected != found).then(|| {
        format!(
            "{}/in/{dump}: {name}\n--- expected\n{expected}\n--- found\n{found}",
            folder.display()
        )
    })
}

/// One line a row: the fields that have a value.
fn render_rows(baseline: &Baseline, zone: chrono_tz::Tz, with_raw: bool) -> String {
    let at = |at: &Option<DateTime<Utc>>| at.map(|at| When::Instant(at).render(zone));
    let when = |when: &Option<When>| when.map(|when| when.render(zone));
    let money = |money: &Option<Money>| money.map(|money| money.to_string());
    let mut out = String::new();
    let mut line = |kind: &str, key: &str, fields: &[(&str, Option<String>)], raw: &RawRow| {
        let _ = write!(out, "{kind} {key}");
        for (name, value) in fields {
            if let Some(value) = value {
                let _ = write!(out, " {name}={value:?}");
            }
        }
        if with_raw {
            let _ = write!(out, " raw={raw:?}");
        }
        out.push('\n');
    };
    for row in &baseline.resources {
        let fields = [
            ("name", row.name.clone()),
            ("code", row.code.clone()),
            ("class", row.class.clone()),
            ("tenant", row.tenant.clone()),
        ];
        line("resource", &row.key, &fields, &row.raw);
    }
    for row in &baseline.customers {
        let fields = [
            ("name", row.name.clone()),
            ("first_name", row.first_name.clone()),
            ("last_name", row.last_name.clone()),
            ("email", row.email.clone()),
            ("phone", row.phone.clone()),
            ("created_at", at(&row.created_at)),
        ];
        line("customer", &row.key, &fields, &row.raw);
    }
    for row in &baseline.bookings {
        let fields = [
            ("tenant", row.tenant.clone()),
            ("reference", row.reference.clone()),
            ("customer", row.customer.clone()),
            ("resource", row.resource.clone()),
            ("starts_at", when(&row.starts_at)),
            ("ends_at", when(&row.ends_at)),
            ("status", row.status.map(|status| status.as_str().to_owned())),
            ("total", money(&row.total)),
            ("created_at", at(&row.created_at)),
        ];
        line("booking", &row.key, &fields, &row.raw);
    }
    for row in &baseline.payments {
        let fields = [
            ("booking", row.booking.clone()),
            ("provider_id", row.provider_id.clone()),
            ("amount", Some(row.amount.to_string())),
            ("refunded", Some(row.refunded.to_string())),
            ("paid_at", at(&row.paid_at)),
        ];
        line("payment", &row.key, &fields, &row.raw);
    }
    for problem in &baseline.problems {
        let _ = writeln!(out, "problem {problem}");
    }
    out
}

fn render_schema(schema: &Schema) -> String {
    let mut out = String::new();
    for (name, labels) in &schema.enums {
        let _ = writeln!(out, "enum {name} {labels:?}");
    }
    for (name, table) in &schema.tables {
        let _ = writeln!(out, "table {name}");
        for column in &table.columns {
            let _ = write!(out, "  {} {}", column.name, column.sql_type);
            let flags = [
                (column.not_null, "not null"),
                (column.generated_key, "generated key"),
                (column.computed, "computed"),
            ];
            for (_, flag) in flags.into_iter().filter(|(is_set, _)| *is_set) {
                let _ = write!(out, ", {flag}");
            }
            if let Some(default) = &column.default {
                let _ = write!(out, ", default {default}");
            }
            if !column.labels.is_empty() {
                let _ = write!(out, ", labels {:?}", column.labels);
            }
            out.push('\n');
        }
        let _ = writeln!(out, "  primary key {:?}", table.primary_key);
        for unique in &table.uniques {
            let only = unique
                .only
                .as_ref()
                .map_or(String::new(), |only| format!(" only {only}"));
            let over = match unique.expressions.as_slice() {
                [] => String::new(),
                parts => format!(" over {}", parts.join(", ")),
            };
            let _ = writeln!(out, "  unique {:?} {:?}{over}{only}", unique.name, unique.columns);
        }
        for key in &table.foreign_keys {
            let _ = writeln!(
                out,
                "  foreign key {:?} to {} {:?}",
                key.columns, key.table, key.referenced
            );
        }
        for check in &table.checks {
            let _ = writeln!(
                out,
                "  {}",
                check.split_whitespace().collect::<Vec<_>>().join(" ")
            );
        }
        for trigger in &table.triggers {
            let _ = writeln!(out, "  trigger {trigger}");
        }
    }
    out
}
