//! A dump as `sqlite3 .dump` writes it, a statement for each row.

use super::{Rows, may_be_null, points_to, row_values, sql_text};
use crate::simulate::business::{Business, Holds, MoneyColumn, TimeColumn};
use std::fmt::Write;

pub fn print(dump: &mut String, business: &Business, tables: &[Rows]) -> std::fmt::Result {
    dump.push_str("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");
    for rows in tables {
        let table = rows.table;
        let key = match (rows.serial, table.has_composite_key()) {
            (true, false) => "INTEGER PRIMARY KEY",
            (false, false) => "TEXT PRIMARY KEY NOT NULL",
            (true, true) => "INTEGER NOT NULL UNIQUE",
            (false, true) => "TEXT NOT NULL UNIQUE",
        };
        let own = table.own_key();
        let mut lines: Vec<String> = own.iter().map(|own| format!("  \"{own}\" {key}")).collect();
        for column in &table.columns {
            let kind = match &column.holds {
                Holds::Customer | Holds::Booking if business.schema.uuids => "TEXT",
                Holds::Customer
                | Holds::Booking
                | Holds::Resource
                | Holds::Tenant
                | Holds::StartsAt(TimeColumn::Epoch)
                | Holds::EndsAt(TimeColumn::Epoch)
                | Holds::CreatedAt(TimeColumn::Epoch)
                | Holds::PaidAt(TimeColumn::Epoch) => "INTEGER",
                Holds::Total(kind) | Holds::Amount(kind) | Holds::Refunded(kind) | Holds::Rate(kind) => {
                    match kind {
                        MoneyColumn::Minor => "INTEGER",
                        MoneyColumn::Major => "NUMERIC",
                    }
                }
                _ => "TEXT",
            };
            let null = if may_be_null(&column.holds) {
                ""
            } else {
                " NOT NULL"
            };
            let unique = if rows.is_unique(&column.holds) {
                " UNIQUE"
            } else {
                ""
            };
            let check = match &column.holds {
                Holds::Status => {
                    let words: Vec<String> = business
                        .schema
                        .statuses
                        .iter()
                        .map(|word| sql_text(word))
                        .collect();
                    format!(" CHECK (\"{}\" IN ({}))", column.name, words.join(", "))
                }
                _ => String::new(),
            };
            let reference = points_to(business, column).map_or_else(String::new, |(other, other_key)| {
                format!(" REFERENCES \"{}\"(\"{other_key}\")", other.name)
            });
            lines.push(format!(
                "  \"{}\" {kind}{null}{unique}{check}{reference}",
                column.name
            ));
        }
        if table.has_composite_key() {
            lines.push(format!(
                "  PRIMARY KEY (\"{}\")",
                table.key_columns().join("\", \"")
            ));
        }
        writeln!(
            dump,
            "CREATE TABLE \"{}\" (\n{}\n);",
            table.name,
            lines.join(",\n")
        )?;
        for row in &rows.cells {
            writeln!(
                dump,
                "INSERT INTO \"{}\" VALUES({});",
                table.name,
                row_values(row, sql_text)
            )?;
        }
    }
    dump.push_str("COMMIT;\n");
    Ok(())
}
