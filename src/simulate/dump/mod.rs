//! The business's own database as dumps: the backup, production as it was restored, and the truth.
//!
//! Here the rows; how a dialect writes them, in a file for each.

mod mysql;
mod postgres;
mod sqlite;

use super::business::{Business, Column, Dialect, Holds, MoneyColumn, ReferenceShape, Table, TimeColumn};
use super::damage::{Harm, Harms};
use super::life::{Booking, Life, Revision, instant, local};
use super::random::Random;
use super::speech::plain_amount;
use super::truth::status;
use chrono::{DateTime, Duration, NaiveTime, Utc};

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
    /// Some references were given out again, so the database cannot forbid it.
    references_return: bool,
    cells: Vec<Vec<Cell>>,
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
    let references_return = life
        .bookings
        .iter()
        .any(|booking| booking.harms.contains(Harm::ReferenceReused));
    let write = |table: &'a Table, serial: bool| Rows {
        table,
        serial,
        references_return,
        cells: Vec::new(),
    };
    let mut made = Vec::new();
    if let Some(table) = &schema.tenant {
        let mut tenants = write(table, true);
        for (place, tenant) in business.tenants.iter().enumerate() {
            tenants.cells.push(vec![
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
        resources.cells.push(row(&schema.resource, key, |holds| {
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
            .cells
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
    if let Some(table) = &schema.customer.beside {
        let mut contacts = write(table, true);
        for customer in life
            .customers
            .iter()
            .filter(|customer| customer.created_at <= moment)
        {
            let number = Cell::Number((contacts.cells.len() + 1).to_string());
            contacts.cells.push(row(table, number, |holds| match holds {
                Holds::Customer => key(&customer.key),
                Holds::Email => Cell::Text(customer.email_at(moment).to_owned()),
                Holds::Phone => Cell::Text(customer.phone.clone()),
                Holds::CreatedAt(time) => time_cell(business, customer.created_at, *time),
                Holds::Constant(usual, _) => Cell::Text(usual.clone()),
                _ => Cell::Null,
            }));
        }
        made.push(contacts);
    }
    let mut bookings = write(&schema.booking, !schema.uuids);
    let standing = || {
        life.bookings
            .iter()
            .filter(|booking| booking.created_at <= moment)
            .chain(desk)
    };
    for booking in standing() {
        let revision = booking.at(moment).unwrap_or(&booking.revisions[0]);
        bookings
            .cells
            .push(row(&schema.booking, key(&booking.key), |holds| {
                booking_cell(business, life, booking, revision, moment, holds)
            }));
    }
    made.push(bookings);
    if let Some(table) = &schema.booking.beside {
        let mut changes = write(table, true);
        for booking in standing() {
            for revision in booking.revisions.iter().filter(|revision| revision.at <= moment) {
                let number = Cell::Number((changes.cells.len() + 1).to_string());
                changes.cells.push(row(table, number, |holds| match holds {
                    Holds::Booking => key(&booking.key),
                    Holds::CreatedAt(time) => time_cell(business, revision.at, *time),
                    holds => booking_cell(business, life, booking, revision, moment, holds),
                }));
            }
        }
        made.push(changes);
    }
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
            .cells
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
    let own = table.own_key().is_some().then_some(key);
    own.into_iter()
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
                ReferenceShape::Sequential { .. } => life
                    .bookings
                    .get(known + n)
                    .and_then(|lost| lost.reference.clone()),
                ReferenceShape::Monthly { separator } => Some(format!(
                    "{}{separator}{:04}",
                    local(business.zone, created_at).format("%y%m"),
                    n + 1
                )),
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
                harms: Harms::default(),
            }
        })
        .collect()
}

fn print(business: &Business, tables: &[Rows]) -> String {
    let mut dump = String::new();
    match business.schema.dialect {
        Dialect::Postgres => postgres::print(&mut dump, business, tables),
        Dialect::Mysql => mysql::print(&mut dump, business, tables),
        Dialect::Sqlite => sqlite::print(&mut dump, business, tables),
    }
    .expect("a String takes all that is written");
    dump
}

/// The table that a column points to, and the column there.
fn points_to<'a>(business: &'a Business, column: &Column) -> Option<(&'a Table, &'a str)> {
    let table = match column.holds {
        Holds::Customer => Some(&business.schema.customer),
        Holds::Resource => Some(&business.schema.resource),
        Holds::Booking => Some(&business.schema.booking),
        Holds::Tenant => business.schema.tenant.as_ref(),
        _ => None,
    }?;
    Some((table, table.own_key()?))
}

impl Rows<'_> {
    /// Whether no two rows may hold the same in a column.
    fn is_unique(&self, holds: &Holds) -> bool {
        match holds {
            Holds::Reference => !self.references_return,
            Holds::ProviderId => true,
            _ => false,
        }
    }
}

fn may_be_null(holds: &Holds) -> bool {
    matches!(holds, Holds::Email | Holds::Phone)
}

fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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
