//! The business's own database as dumps: the backup, production as it was restored, and the truth.

use super::business::{Business, Column, Dialect, Holds, MoneyColumn, ReferenceShape, Table, TimeColumn};
use super::life::{Booking, Life, Revision, instant, local};
use super::random::Random;
use super::speech::plain_amount;
use super::truth::status;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use std::fmt::Write;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    /// Written bare where the dialect allows it.
    Number(String),
    Text(String),
}

struct Rows<'a> {
    table: &'a Table,
    serial: bool,
    rows: Vec<Vec<Cell>>,
}

/// The database as it stood at a moment.
pub fn snapshot(business: &Business, life: &Life, moment: DateTime<Utc>) -> String {
    print(business, &tables(business, life, moment, &[]))
}

/// Production after the loss: restored from the backup, and taking bookings at the desk again.
pub fn restored(business: &Business, life: &Life, seed: &Random) -> String {
    let desk = desk_bookings(business, life, &mut seed.fork("desk"));
    print(business, &tables(business, life, life.window.backup, &desk))
}

fn tables<'a>(business: &'a Business, life: &Life, moment: DateTime<Utc>, desk: &[Booking]) -> Vec<Rows<'a>> {
    let schema = &business.schema;
    let write = |table: &'a Table, serial: bool| Rows {
        table,
        serial,
        rows: Vec::new(),
    };
    let mut made = Vec::new();
    if let Some(table) = &schema.tenant {
        let mut tenants = write(table, true);
        for (place, tenant) in business.tenants.iter().enumerate() {
            tenants.rows.push(vec![
                Cell::Number((place + 1).to_string()),
                Cell::Text(tenant.name.clone()),
                Cell::Text(tenant.account.clone()),
            ]);
        }
        made.push(tenants);
    }
    let mut resources = write(&schema.resource, true);
    for place in 0..life.resources.len() {
        let key = Cell::Number(life.resources[place].key.clone());
        resources.rows.push(row(&schema.resource, key, |holds| {
            resource_cell(business, life, place, holds)
        }));
    }
    made.push(resources);
    let key = |key: &str| {
        if schema.uuids {
            Cell::Text(key.to_owned())
        } else {
            Cell::Number(key.to_owned())
        }
    };
    let mut customers = write(&schema.customer, !schema.uuids);
    for customer in life
        .customers
        .iter()
        .filter(|customer| customer.created_at <= moment)
    {
        customers
            .rows
            .push(row(&schema.customer, key(&customer.key), |holds| match holds {
                Holds::Name => Cell::Text(customer.name.written.clone()),
                Holds::FirstName => Cell::Text(customer.name.given.written.clone()),
                Holds::LastName => Cell::Text(customer.name.family.written.clone()),
                Holds::Email => Cell::Text(customer.email_at(moment).to_owned()),
                Holds::Phone => Cell::Text(customer.phone.clone()),
                Holds::CreatedAt(time) => time_cell(business, customer.created_at, *time),
                _ => Cell::Null,
            }));
    }
    made.push(customers);
    let mut bookings = write(&schema.booking, !schema.uuids);
    for booking in life
        .bookings
        .iter()
        .filter(|booking| booking.created_at <= moment)
        .chain(desk)
    {
        let revision = booking.at(moment).unwrap_or(&booking.revisions[0]);
        bookings
            .rows
            .push(row(&schema.booking, key(&booking.key), |holds| {
                booking_cell(business, life, booking, revision, moment, holds)
            }));
    }
    made.push(bookings);
    let mut payments = write(&schema.payment, !schema.uuids);
    let ids = Random::new(business.name.len() as u64);
    let paid = life
        .charges
        .iter()
        .filter(|charge| charge.pays() && charge.created <= moment);
    for (place, charge) in paid.enumerate() {
        let Some(booking) = charge.booking.map(|booking| &life.bookings[booking]) else {
            continue;
        };
        let number = if schema.uuids {
            ids.fork(&charge.id).uuid()
        } else {
            (place + 1).to_string()
        };
        payments
            .rows
            .push(row(&schema.payment, key(&number), |holds| match holds {
                Holds::Booking => key(&booking.key),
                Holds::ProviderId => Cell::Text(charge.id.clone()),
                Holds::Amount(money) => money_cell(business, charge.amount, *money),
                Holds::Refunded(money) => money_cell(business, charge.refunded_by(moment), *money),
                Holds::Currency => Cell::Text(business.currency.code.to_owned()),
                Holds::PaidAt(time) => time_cell(business, charge.created, *time),
                Holds::Tenant => tenant_cell(booking.tenant),
                Holds::Constant(usual, _) => Cell::Text(usual.clone()),
                _ => Cell::Null,
            }));
    }
    made.push(payments);
    made
}

fn row(table: &Table, key: Cell, cell: impl Fn(&Holds) -> Cell) -> Vec<Cell> {
    std::iter::once(key)
        .chain(table.columns.iter().map(|column| cell(&column.holds)))
        .collect()
}

fn resource_cell(business: &Business, life: &Life, place: usize, holds: &Holds) -> Cell {
    let resource = &life.resources[place];
    match holds {
        Holds::Name => Cell::Text(resource.name.clone()),
        Holds::Code => Cell::Text(resource.code.clone()),
        Holds::Class => Cell::Text(resource.class.clone()),
        Holds::Rate(money) => money_cell(business, resource.rate, *money),
        Holds::Tenant => tenant_cell(resource.tenant),
        Holds::Constant(usual, _) => Cell::Text(usual.clone()),
        _ => Cell::Null,
    }
}

fn booking_cell(
    business: &Business,
    life: &Life,
    booking: &Booking,
    revision: &Revision,
    moment: DateTime<Utc>,
    holds: &Holds,
) -> Cell {
    let schema = &business.schema;
    match holds {
        Holds::Reference => booking.reference.clone().map_or(Cell::Null, Cell::Text),
        Holds::Customer if schema.uuids => Cell::Text(life.customers[booking.customer].key.clone()),
        Holds::Customer => Cell::Number(life.customers[booking.customer].key.clone()),
        Holds::Resource => Cell::Number(life.resources[revision.resource].key.clone()),
        Holds::Tenant => tenant_cell(booking.tenant),
        Holds::StartsAt(time) => time_cell(business, revision.starts_at, *time),
        Holds::EndsAt(time) => time_cell(business, revision.ends_at, *time),
        Holds::CreatedAt(time) => time_cell(business, booking.created_at, *time),
        Holds::Status => {
            let place = match status(revision, moment) {
                "confirmed" => 0,
                "cancelled" => 1,
                _ => 2,
            };
            Cell::Text(schema.statuses[place].clone())
        }
        Holds::Total(money) => money_cell(business, revision.total, *money),
        Holds::Currency => Cell::Text(business.currency.code.to_owned()),
        Holds::Constant(usual, _) => Cell::Text(usual.clone()),
        _ => Cell::Null,
    }
}

fn tenant_cell(tenant: Option<usize>) -> Cell {
    tenant.map_or(Cell::Null, |tenant| Cell::Number((tenant + 1).to_string()))
}

fn money_cell(business: &Business, amount: i64, money: MoneyColumn) -> Cell {
    Cell::Number(match money {
        MoneyColumn::Minor => amount.to_string(),
        MoneyColumn::Major => plain_amount(amount, business.currency.decimals),
    })
}

fn time_cell(business: &Business, at: DateTime<Utc>, time: TimeColumn) -> Cell {
    match time {
        TimeColumn::Zoned => Cell::Text(at.format("%Y-%m-%d %H:%M:%S+00").to_string()),
        TimeColumn::Local => Cell::Text(local(business.zone, at).format("%Y-%m-%d %H:%M:%S").to_string()),
        TimeColumn::Utc => Cell::Text(at.format("%Y-%m-%d %H:%M:%S").to_string()),
        TimeColumn::Date => Cell::Text(local(business.zone, at).date().to_string()),
        TimeColumn::Epoch => Cell::Number(at.timestamp().to_string()),
    }
}

/// Six bookings that the restored production has taken since, under keys and references that it gives out anew.
fn desk_bookings(business: &Business, life: &Life, random: &mut Random) -> Vec<Booking> {
    let backup = life.window.backup;
    let known = life
        .bookings
        .iter()
        .filter(|booking| booking.created_at <= backup)
        .count();
    let customers = life
        .customers
        .iter()
        .filter(|customer| customer.created_at <= backup)
        .count();
    if customers == 0 {
        return Vec::new();
    }
    let loss_day = local(business.zone, life.window.loss).date();
    (0..6)
        .map(|n| {
            let number = known + n + 1;
            let day = (loss_day + Duration::days(120 + n as i64)).and_time(NaiveTime::MIN);
            let hours = if business.knows_only_dates() { 0 } else { 10 };
            let starts_at = instant(business.zone, day + Duration::hours(hours));
            let length = if business.knows_only_dates() {
                Duration::days(2)
            } else {
                Duration::hours(1)
            };
            let resource = n % life.resources.len();
            let created_at = life.window.loss + Duration::hours(3 + n as i64);
            let reference = match &business.reference {
                ReferenceShape::None => None,
                // The counters were restored with the backup, so the lost references are given out again.
                ReferenceShape::Sequential { .. } | ReferenceShape::Monthly { .. } => life
                    .bookings
                    .get(known + n)
                    .and_then(|lost| lost.reference.clone()),
                ReferenceShape::Code {
                    prefix,
                    length,
                    alphabet,
                } => Some(format!("{prefix}{}", random.token(*length, alphabet))),
            };
            let total = life.resources[resource].rate;
            Booking {
                key: if business.schema.uuids {
                    random.uuid()
                } else {
                    number.to_string()
                },
                number,
                reference,
                tenant: life.resources[resource].tenant,
                customer: n * customers / 6,
                created_at,
                seats: 1,
                revisions: vec![Revision {
                    at: created_at,
                    starts_at,
                    ends_at: starts_at + length,
                    cancelled: false,
                    resource,
                    total,
                    notified: false,
                    on_calendar: false,
                }],
                cash: true,
            }
        })
        .collect()
}

fn print(business: &Business, tables: &[Rows]) -> String {
    let mut dump = String::new();
    match business.schema.dialect {
        Dialect::Postgres => print_postgres(&mut dump, business, tables),
        Dialect::Mysql => print_mysql(&mut dump, business, tables),
        Dialect::Sqlite => print_sqlite(&mut dump, business, tables),
    }
    .expect("a String takes all that is written");
    dump
}

/// The table that a column points to.
fn points_to<'a>(business: &'a Business, column: &Column) -> Option<&'a Table> {
    match column.holds {
        Holds::Customer => Some(&business.schema.customer),
        Holds::Resource => Some(&business.schema.resource),
        Holds::Booking => Some(&business.schema.booking),
        Holds::Tenant => business.schema.tenant.as_ref(),
        _ => None,
    }
}

fn is_unique(holds: &Holds) -> bool {
    matches!(holds, Holds::Reference | Holds::ProviderId)
}

fn may_be_null(holds: &Holds) -> bool {
    matches!(holds, Holds::Email | Holds::Phone)
}

fn print_postgres(dump: &mut String, business: &Business, tables: &[Rows]) -> std::fmt::Result {
    let schema = &business.schema;
    dump.push_str(
        "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.9\n-- Dumped by pg_dump version 15.9\n\n\
         SET statement_timeout = 0;\nSET lock_timeout = 0;\nSET client_encoding = 'UTF8';\n\
         SET standard_conforming_strings = on;\nSELECT pg_catalog.set_config('search_path', '', false);\n\
         SET check_function_bodies = false;\nSET client_min_messages = warning;\nSET row_security = off;\n\n",
    );
    let words: Vec<String> = schema
        .statuses
        .iter()
        .map(|word| format!("    {}", sql_text(word)))
        .collect();
    let kind = format!("{}_state", schema.booking.name);
    writeln!(
        dump,
        "CREATE TYPE public.{kind} AS ENUM (\n{}\n);\n",
        words.join(",\n")
    )?;
    for rows in tables {
        let table = rows.table;
        let integer = if rows.serial { "bigint" } else { "uuid" };
        write!(
            dump,
            "CREATE TABLE public.{} (\n    {} {integer} NOT NULL",
            quoted(&table.name),
            quoted(&table.key)
        )?;
        for column in &table.columns {
            let null = if may_be_null(&column.holds) {
                ""
            } else {
                " NOT NULL"
            };
            let kind = match &column.holds {
                Holds::Status => format!(
                    "public.{kind} DEFAULT {}::public.{kind}",
                    sql_text(&schema.statuses[0])
                ),
                Holds::Customer | Holds::Booking if schema.uuids => "uuid".to_owned(),
                Holds::Customer | Holds::Booking | Holds::Resource | Holds::Tenant => "bigint".to_owned(),
                Holds::Currency => "character(3)".to_owned(),
                Holds::Code => "character varying(24)".to_owned(),
                Holds::CreatedAt(time) => format!("{} DEFAULT now()", postgres_time(*time)),
                Holds::StartsAt(time) | Holds::EndsAt(time) | Holds::PaidAt(time) => {
                    postgres_time(*time).to_owned()
                }
                Holds::Refunded(money) => format!("{} DEFAULT 0", postgres_money(*money)),
                Holds::Total(money) | Holds::Amount(money) | Holds::Rate(money) => {
                    postgres_money(*money).to_owned()
                }
                _ => "text".to_owned(),
            };
            write!(dump, ",\n    {} {kind}{null}", quoted(&column.name))?;
        }
        dump.push_str("\n);\n\n");
        if rows.serial {
            writeln!(
                dump,
                "ALTER TABLE public.{name} ALTER COLUMN {key} ADD GENERATED BY DEFAULT AS IDENTITY (\n    \
                 SEQUENCE NAME public.{bare}_{key}_seq\n    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1\n);\n",
                name = quoted(&table.name),
                bare = table.name,
                key = table.key
            )?;
        }
    }
    for rows in tables {
        let names: Vec<String> = std::iter::once(&rows.table.key)
            .chain(rows.table.columns.iter().map(|column| &column.name))
            .map(|name| quoted(name))
            .collect();
        writeln!(
            dump,
            "COPY public.{} ({}) FROM stdin;",
            quoted(&rows.table.name),
            names.join(", ")
        )?;
        for row in &rows.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Cell::Null => "\\N".to_owned(),
                    Cell::Number(number) => number.clone(),
                    Cell::Text(text) => text
                        .replace('\\', "\\\\")
                        .replace('\t', "\\t")
                        .replace('\n', "\\n"),
                })
                .collect();
            writeln!(dump, "{}", cells.join("\t"))?;
        }
        dump.push_str("\\.\n\n");
        if rows.serial {
            let (name, key, last) = (&rows.table.name, &rows.table.key, rows.rows.len().max(1));
            writeln!(
                dump,
                "SELECT pg_catalog.setval('public.{name}_{key}_seq', {last}, true);\n"
            )?;
        }
    }
    for rows in tables {
        let (name, table) = (&rows.table.name, quoted(&rows.table.name));
        writeln!(
            dump,
            "ALTER TABLE ONLY public.{table}\n    ADD CONSTRAINT {name}_pkey PRIMARY KEY ({});\n",
            quoted(&rows.table.key)
        )?;
        for column in rows
            .table
            .columns
            .iter()
            .filter(|column| is_unique(&column.holds))
        {
            let column = &column.name;
            writeln!(
                dump,
                "ALTER TABLE ONLY public.{table}\n    ADD CONSTRAINT {name}_{column}_key UNIQUE ({});\n",
                quoted(column)
            )?;
        }
    }
    for rows in tables {
        for column in &rows.table.columns {
            if let Some(other) = points_to(business, column) {
                writeln!(
                    dump,
                    "ALTER TABLE ONLY public.{}\n    ADD CONSTRAINT {}_{}_fkey FOREIGN KEY ({}) REFERENCES public.{}({});\n",
                    quoted(&rows.table.name),
                    rows.table.name,
                    column.name,
                    quoted(&column.name),
                    quoted(&other.name),
                    quoted(&other.key)
                )?;
            }
        }
    }
    dump.push_str("--\n-- PostgreSQL database dump complete\n--\n");
    Ok(())
}

fn postgres_time(time: TimeColumn) -> &'static str {
    match time {
        TimeColumn::Zoned => "timestamp with time zone",
        TimeColumn::Local | TimeColumn::Utc => "timestamp without time zone",
        TimeColumn::Date => "date",
        TimeColumn::Epoch => "bigint",
    }
}

fn postgres_money(money: MoneyColumn) -> &'static str {
    match money {
        MoneyColumn::Minor => "integer",
        MoneyColumn::Major => "numeric(12,2)",
    }
}

/// A name, in quotes where PostgreSQL needs them.
fn quoted(name: &str) -> String {
    const RESERVED: [&str; 6] = ["user", "order", "end", "start", "from", "to"];
    let plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !RESERVED.contains(&name) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn print_mysql(dump: &mut String, business: &Business, tables: &[Rows]) -> std::fmt::Result {
    dump.push_str(
        "-- MySQL dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: localhost\n\n\
         /*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET NAMES utf8mb4 */;\n\
         /*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n\
         /*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n\
         /*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n\n",
    );
    // mysqldump writes tables by name.
    let mut tables: Vec<&Rows> = tables.iter().collect();
    tables.sort_by_key(|rows| &rows.table.name);
    for rows in tables {
        let table = rows.table;
        writeln!(
            dump,
            "--\n-- Table structure for table `{0}`\n--\n\nDROP TABLE IF EXISTS `{0}`;",
            table.name
        )?;
        writeln!(
            dump,
            "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n/*!40101 SET character_set_client = utf8 */;"
        )?;
        let key = if rows.serial {
            "int(10) unsigned NOT NULL AUTO_INCREMENT"
        } else {
            "char(36) NOT NULL"
        };
        writeln!(dump, "CREATE TABLE `{}` (\n  `{}` {key},", table.name, table.key)?;
        for column in &table.columns {
            let null = if may_be_null(&column.holds) {
                "DEFAULT NULL"
            } else {
                "NOT NULL"
            };
            writeln!(
                dump,
                "  `{}` {} {null},",
                column.name,
                mysql_type(business, &column.holds)
            )?;
        }
        let mut keys = vec![format!("  PRIMARY KEY (`{}`)", table.key)];
        for column in &table.columns {
            let name = &column.name;
            if is_unique(&column.holds) {
                keys.push(format!("  UNIQUE KEY `{}_{name}` (`{name}`)", table.name));
            }
            if let Some(other) = points_to(business, column) {
                keys.push(format!("  KEY `{}_{name}` (`{name}`)", table.name));
                keys.push(format!(
                    "  CONSTRAINT `{}_{name}_fk` FOREIGN KEY (`{name}`) REFERENCES `{}` (`{}`)",
                    table.name, other.name, other.key
                ));
            }
        }
        let next = if rows.serial {
            format!(" AUTO_INCREMENT={}", rows.rows.len() + 1)
        } else {
            String::new()
        };
        writeln!(
            dump,
            "{}\n) ENGINE=InnoDB{next} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;",
            keys.join(",\n")
        )?;
        writeln!(
            dump,
            "/*!40101 SET character_set_client = @saved_cs_client */;\n\n--\n-- Dumping data for table `{0}`\n--\n\nLOCK TABLES `{0}` WRITE;",
            table.name
        )?;
        writeln!(dump, "/*!40000 ALTER TABLE `{}` DISABLE KEYS */;", table.name)?;
        for chunk in rows.rows.chunks(200) {
            let values: Vec<String> = chunk
                .iter()
                .map(|row| format!("({})", row_values(row, mysql_text)))
                .collect();
            writeln!(dump, "INSERT INTO `{}` VALUES {};", table.name, values.join(","))?;
        }
        writeln!(
            dump,
            "/*!40000 ALTER TABLE `{}` ENABLE KEYS */;\nUNLOCK TABLES;\n",
            table.name
        )?;
    }
    dump.push_str(
        "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n\
         /*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n-- Dump completed\n",
    );
    Ok(())
}

fn mysql_type(business: &Business, holds: &Holds) -> String {
    let time = |time: &TimeColumn| match time {
        TimeColumn::Date => "date".to_owned(),
        TimeColumn::Epoch => "bigint(20)".to_owned(),
        _ => "datetime".to_owned(),
    };
    let money = |money: &MoneyColumn| match money {
        MoneyColumn::Minor => "int(11)".to_owned(),
        MoneyColumn::Major => format!("decimal(12,{})", business.currency.decimals),
    };
    match holds {
        Holds::Customer | Holds::Booking if business.schema.uuids => "char(36)".to_owned(),
        Holds::Customer | Holds::Booking | Holds::Resource | Holds::Tenant => "int(10) unsigned".to_owned(),
        Holds::StartsAt(at) | Holds::EndsAt(at) | Holds::CreatedAt(at) | Holds::PaidAt(at) => time(at),
        Holds::Total(kind) | Holds::Amount(kind) | Holds::Refunded(kind) | Holds::Rate(kind) => money(kind),
        Holds::Status => {
            let words: Vec<String> = business
                .schema
                .statuses
                .iter()
                .map(|word| mysql_text(word))
                .collect();
            format!("enum({})", words.join(","))
        }
        Holds::Currency => "char(3)".to_owned(),
        Holds::Phone | Holds::Code | Holds::Reference => "varchar(40)".to_owned(),
        _ => "varchar(190)".to_owned(),
    }
}

fn mysql_text(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\\', "\\\\")
            .replace('\'', "\\'")
            .replace('\n', "\\n")
    )
}

fn row_values(row: &[Cell], text: impl Fn(&str) -> String) -> String {
    let cells: Vec<String> = row
        .iter()
        .map(|cell| match cell {
            Cell::Null => "NULL".to_owned(),
            Cell::Number(number) => number.clone(),
            Cell::Text(words) => text(words),
        })
        .collect();
    cells.join(",")
}

fn print_sqlite(dump: &mut String, business: &Business, tables: &[Rows]) -> std::fmt::Result {
    dump.push_str("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");
    for rows in tables {
        let table = rows.table;
        let key = if rows.serial {
            "INTEGER PRIMARY KEY"
        } else {
            "TEXT PRIMARY KEY NOT NULL"
        };
        let mut lines = vec![format!("  \"{}\" {key}", table.key)];
        for column in &table.columns {
            let kind = match &column.holds {
                Holds::Customer | Holds::Booking if business.schema.uuids => "TEXT",
                Holds::Customer | Holds::Booking | Holds::Resource | Holds::Tenant => "INTEGER",
                Holds::Total(kind) | Holds::Amount(kind) | Holds::Refunded(kind) | Holds::Rate(kind) => {
                    match kind {
                        MoneyColumn::Minor => "INTEGER",
                        MoneyColumn::Major => "NUMERIC",
                    }
                }
                Holds::StartsAt(TimeColumn::Epoch)
                | Holds::EndsAt(TimeColumn::Epoch)
                | Holds::CreatedAt(TimeColumn::Epoch)
                | Holds::PaidAt(TimeColumn::Epoch) => "INTEGER",
                _ => "TEXT",
            };
            let null = if may_be_null(&column.holds) {
                ""
            } else {
                " NOT NULL"
            };
            let unique = if is_unique(&column.holds) { " UNIQUE" } else { "" };
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
            let reference = points_to(business, column).map_or_else(String::new, |other| {
                format!(" REFERENCES \"{}\"(\"{}\")", other.name, other.key)
            });
            lines.push(format!(
                "  \"{}\" {kind}{null}{unique}{check}{reference}",
                column.name
            ));
        }
        writeln!(
            dump,
            "CREATE TABLE \"{}\" (\n{}\n);",
            table.name,
            lines.join(",\n")
        )?;
        for row in &rows.rows {
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
