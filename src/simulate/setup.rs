//! `rebook.toml`: what the people of the business know on the day of the loss.

use super::business::{Business, Holds, MoneyColumn, Table, TimeColumn};
use super::life::Life;
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::Write;

pub fn write(business: &Business, life: &Life) -> String {
    let mut config = String::new();
    describe_business(&mut config, business, life).expect("a String takes all that is written");
    describe_target(&mut config, business).expect("a String takes all that is written");
    config
}

fn describe_business(config: &mut String, business: &Business, life: &Life) -> std::fmt::Result {
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let window = life.window;
    writeln!(
        config,
        "# What the people of {} know on the day of the loss.\n",
        business.name
    )?;
    writeln!(
        config,
        "[business]\nname = {}\ntimezone = \"{}\"",
        quote(&business.name),
        business.zone.name()
    )?;
    writeln!(
        config,
        "country = \"{}\"\ncurrency = \"{}\"\n",
        business.country, business.currency.code
    )?;
    writeln!(config, "[window]\nlearn_from = \"{}\"", stamp(window.learn_from))?;
    writeln!(
        config,
        "backup = \"{}\"\nloss = \"{}\"\n",
        stamp(window.backup),
        stamp(window.loss)
    )?;
    writeln!(
        config,
        "[[source]]\nname = \"stripe\"\nkind = \"stripe\"\npath = \"stripe\"\n"
    )?;
    writeln!(
        config,
        "[[source]]\nname = \"calendar\"\nkind = \"google-calendar\"\npath = \"calendar\"\n"
    )?;
    let senders: Vec<String> = if business.tenants.is_empty() {
        vec![quote(&business.mail.sender)]
    } else {
        business
            .tenants
            .iter()
            .map(|tenant| quote(&tenant.sender))
            .collect()
    };
    writeln!(
        config,
        "[[source]]\nname = \"mail\"\nkind = \"mail\"\npath = \"mail\"\nsenders = [{}]\n",
        senders.join(", ")
    )?;
    writeln!(config, "[baseline]\npath = \"backup.sql\"\n")?;
    for (place, tenant) in business.tenants.iter().enumerate() {
        writeln!(
            config,
            "[[tenant]]\nid = \"{}\"\nname = {}",
            place + 1,
            quote(&tenant.name)
        )?;
        writeln!(
            config,
            "stripe_account = \"{}\"\ncalendars = [\"{}\"]",
            tenant.account, tenant.calendar
        )?;
        writeln!(config, "senders = [\"{}\"]\n", tenant.sender)?;
    }
    Ok(())
}

fn describe_target(config: &mut String, business: &Business) -> std::fmt::Result {
    let schema = &business.schema;
    writeln!(config, "[target]\ndialect = \"{}\"", schema.dialect.as_str())?;
    for (entity, table, generated) in [
        ("resource", &schema.resource, false),
        ("customer", &schema.customer, schema.uuids),
        ("booking", &schema.booking, schema.uuids),
        ("payment", &schema.payment, schema.uuids),
    ] {
        writeln!(
            config,
            "\n[target.{entity}]\ntable = {}\nkey = {}",
            quote(&table.name),
            match table.key_columns()[..] {
                [key] => quote(key),
                ref keys => format!(
                    "[{}]",
                    keys.iter().map(|key| quote(key)).collect::<Vec<_>>().join(", ")
                ),
            }
        )?;
        if generated && table.own_key().is_some() {
            writeln!(config, "generate_key = \"uuid\"")?;
        }
        writeln!(config, "[target.{entity}.columns]")?;
        for (field, value) in columns(table) {
            writeln!(config, "{field} = {value}")?;
        }
        if entity == "booking" {
            writeln!(config, "[target.booking.values.status]")?;
            for (canonical, word) in ["confirmed", "cancelled", "completed"]
                .iter()
                .zip(&schema.statuses)
            {
                writeln!(config, "{canonical} = {}", quote(word))?;
            }
        }
        let constants: Vec<_> = table
            .columns
            .iter()
            .filter_map(|column| match &column.holds {
                Holds::Constant(_, rebuilt) => Some((&column.name, rebuilt)),
                _ => None,
            })
            .collect();
        if !constants.is_empty() {
            writeln!(config, "[target.{entity}.constants]")?;
            for (name, value) in constants {
                writeln!(config, "{} = {}", bare_or_quoted(name), quote(value))?;
            }
        }
    }
    Ok(())
}

/// The canonical fields of a table, with the column of each.
fn columns(table: &Table) -> Vec<(&'static str, String)> {
    let timed = |name: &str, time: TimeColumn| {
        let how = match time {
            TimeColumn::Zoned => return quote(name),
            TimeColumn::Local => "local",
            TimeColumn::Utc => "utc",
            TimeColumn::Date => "date",
            TimeColumn::Epoch => "epoch",
        };
        format!("{{ column = {}, time = \"{how}\" }}", quote(name))
    };
    let priced = |name: &str, money: MoneyColumn| match money {
        MoneyColumn::Minor => quote(name),
        MoneyColumn::Major => format!("{{ column = {}, money = \"major\" }}", quote(name)),
    };
    table
        .columns
        .iter()
        .filter_map(|column| {
            let name = column.name.as_str();
            Some(match column.holds {
                Holds::Reference => ("reference", quote(name)),
                Holds::Customer => ("customer", quote(name)),
                Holds::Resource => ("resource", quote(name)),
                Holds::Booking => ("booking", quote(name)),
                Holds::Tenant => ("tenant", quote(name)),
                Holds::StartsAt(time) => ("starts_at", timed(name, time)),
                Holds::EndsAt(time) => ("ends_at", timed(name, time)),
                Holds::CreatedAt(time) => ("created_at", timed(name, time)),
                Holds::PaidAt(time) => ("paid_at", timed(name, time)),
                Holds::Status => ("status", quote(name)),
                Holds::Total(money) => ("total", priced(name, money)),
                Holds::Amount(money) => ("amount", priced(name, money)),
                Holds::Refunded(money) => ("refunded", priced(name, money)),
                Holds::Currency => ("currency", quote(name)),
                Holds::Name => ("name", quote(name)),
                Holds::FirstName => ("first_name", quote(name)),
                Holds::LastName => ("last_name", quote(name)),
                Holds::Email => ("email", quote(name)),
                Holds::Phone => ("phone", quote(name)),
                Holds::Code => ("code", quote(name)),
                Holds::Class => ("class", quote(name)),
                Holds::ProviderId => ("provider_id", quote(name)),
                Holds::Rate(_) | Holds::Constant(..) => return None,
            })
        })
        .collect()
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn bare_or_quoted(key: &str) -> String {
    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        key.to_owned()
    } else {
        quote(key)
    }
}
