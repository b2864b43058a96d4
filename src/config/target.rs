//! `[target]`: which column of the target holds which canonical field, and in which form.

use super::codes::nearest;
use super::error::Fault;
use super::file::{self, Column, Fields, Several, Text};
use crate::model::{
    ColumnMap, Companion, Dialect, Entity, EntityKind, KeyRule, LengthUnit, Status, TakenReference, Target,
    TimeAs,
};
use std::collections::BTreeMap;
use toml::Spanned;

/// The canonical fields of an entity; docs/configuration.md lists them.
pub(super) fn fields_of(kind: EntityKind) -> &'static [&'static str] {
    match kind {
        EntityKind::Booking => &[
            "reference",
            "customer",
            "resource",
            "starts_at",
            "ends_at",
            "status",
            "total",
            "currency",
            "created_at",
            "tenant",
        ],
        EntityKind::Customer => &[
            "name",
            "first_name",
            "last_name",
            "email",
            "phone",
            "created_at",
            "tenant",
        ],
        EntityKind::Resource => &["name", "code", "class", "tenant"],
        EntityKind::Payment => &[
            "booking",
            "provider_id",
            "amount",
            "refunded",
            "currency",
            "paid_at",
            "tenant",
        ],
    }
}

const TIMES: [&str; 4] = ["starts_at", "ends_at", "created_at", "paid_at"];
const AMOUNTS: [&str; 3] = ["total", "amount", "refunded"];

pub(super) fn check(target: Spanned<file::Target>) -> Result<Target, Fault> {
    let span = target.span();
    let target = target.into_inner();
    let Some(booking) = target.booking else {
        return Err(Fault::new(
            span,
            "the target has no table for bookings",
            "add [target.booking] with table, key and [target.booking.columns]",
        ));
    };
    let optional =
        |kind, found: Option<Spanned<file::Entity>>| found.map(|found| entity(kind, found)).transpose();
    Ok(Target {
        dialect: dialect(&target.dialect)?,
        booking: entity(EntityKind::Booking, booking)?,
        customer: optional(EntityKind::Customer, target.customer)?,
        resource: optional(EntityKind::Resource, target.resource)?,
        payment: optional(EntityKind::Payment, target.payment)?,
    })
}

fn dialect(text: &Text) -> Result<Dialect, Fault> {
    match text.get_ref().as_str() {
        "postgres" => Ok(Dialect::Postgres),
        "mysql" => Ok(Dialect::Mysql),
        "sqlite" => Ok(Dialect::Sqlite),
        other => Err(Fault::new(
            text.span(),
            format!("\"{other}\" is no dialect"),
            match other.to_lowercase().as_str() {
                "mariadb" => "MariaDB speaks \"mysql\"",
                "postgresql" | "pg" => "write \"postgres\"",
                "sqlite3" => "write \"sqlite\"",
                _ => "write \"postgres\", \"mysql\" or \"sqlite\"",
            },
        )),
    }
}

fn entity(kind: EntityKind, entity: Spanned<file::Entity>) -> Result<Entity, Fault> {
    let span = entity.span();
    let entity = entity.into_inner();
    let key_rule = key_rule(entity.generate_key.as_ref())?;
    let key = match entity.key.map(Spanned::into_inner) {
        Some(Several(columns)) if !columns.is_empty() => columns,
        None if key_rule == KeyRule::Uuid => vec!["id".to_owned()],
        _ => {
            return Err(Fault::new(
                entity.table.span(),
                format!("`key` is missing for table \"{}\"", entity.table.get_ref()),
                "add key = \"id\": the column of its primary key; [\"a\", \"b\"] for a composite one",
            ));
        }
    };
    let columns: BTreeMap<String, ColumnMap> = entity
        .columns
        .into_iter()
        .map(|(field, column)| {
            known_field(kind, &field)?;
            let map = column_map(field.get_ref(), column)?;
            Ok((field.into_inner(), map))
        })
        .collect::<Result<_, Fault>>()?;
    if columns.is_empty() {
        return Err(Fault::new(
            span,
            format!("no column of \"{}\" is named", entity.table.get_ref()),
            format!(
                "add [target.{0}.columns] with {1} = \"…\"",
                kind.as_str(),
                fields_of(kind)[0]
            ),
        ));
    }
    let kept = |field: &str| columns.get(field).map(|map| map.time);
    if let (Some(Some(TimeAs::Since(unit))), starts) = (kept("ends_at"), kept("starts_at"))
        && (starts.is_none() || starts == Some(Some(TimeAs::Date)) && !unit.is_of_days())
    {
        let (start, column) = if unit.is_of_days() {
            ("a start", "its column")
        } else {
            ("a start that has a time of day", "a column of times")
        };
        let unit = unit.as_str();
        return Err(Fault::new(
            span,
            format!("an end in {unit} is counted from {start}"),
            format!("map starts_at to {column}, or take time = \"{unit}\" out"),
        ));
    }
    let fields: Vec<String> = columns.keys().cloned().chain(["key".to_owned()]).collect();
    let entity_constants = texts(entity.constants)?;
    Ok(Entity {
        table: entity.table.into_inner(),
        key_rule,
        values: values(kind, entity.values)?,
        expressions: entity
            .expressions
            .into_iter()
            .map(|(column, sql)| {
                let fixed = entity_constants.contains_key(column.get_ref());
                if fixed || columns.values().any(|map| map.column == *column.get_ref()) {
                    return Err(Fault::new(
                        column.span(),
                        format!("column `{}` is filled twice", column.get_ref()),
                        "take it out of .columns, .constants or .expressions",
                    ));
                }
                Ok((column.into_inner(), expression(&sql, &fields)?))
            })
            .collect::<Result<_, Fault>>()?,
        companions: entity
            .companions
            .into_iter()
            .map(|companion| self::companion(companion, &fields))
            .collect::<Result<_, Fault>>()?,
        triggers_allowed: entity.allow_triggers,
        taken_reference: taken_reference(kind, entity.taken_reference)?,
        keep_ids: keep_ids(kind, key_rule, &key, entity.keep_ids)?,
        constants: entity_constants,
        key,
        columns,
    })
}

/// SQL in which `{field}` stands for what the row has there.
fn expression(sql: &Text, fields: &[String]) -> Result<String, Fault> {
    let text = sql.get_ref();
    let fault = |message: String| {
        Err(Fault::new(
            sql.span(),
            message,
            format!("between braces stands a mapped field: {}", fields.join(", ")),
        ))
    };
    // What a client program could take for a command of its own never comes into the file.
    if text.contains([';', '\\', '\n', '\r']) || text.contains("--") || text.contains("/*") {
        return fault("an expression is one line of SQL without `;`, `\\`, `--` and `/*`".to_owned());
    }
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((field, after)) = after.split_once('}') else {
            return fault("a brace is not closed".to_owned());
        };
        if !fields.iter().any(|known| known == field) {
            return fault(format!("no column is mapped to `{field}`"));
        }
        rest = after;
    }
    Ok(text.clone())
}

fn companion(companion: file::Companion, fields: &[String]) -> Result<Companion, Fault> {
    let columns: BTreeMap<String, String> = companion
        .columns
        .into_iter()
        .map(|(column, value)| {
            let sql = match value.get_ref() {
                toml::Value::String(text) => expression(&Spanned::new(value.span(), text.clone()), fields)?,
                _ => scalar_text(&value)?,
            };
            Ok((column.into_inner(), sql))
        })
        .collect::<Result<_, Fault>>()?;
    if !columns.values().any(|sql| sql.contains("{key}")) {
        return Err(Fault::new(
            companion.table.span(),
            format!("rows of \"{}\" would belong to nobody", companion.table.get_ref()),
            "let one column be \"{key}\": the key of the row that they stand beside",
        ));
    }
    Ok(Companion {
        table: companion.table.into_inner(),
        columns,
    })
}

fn taken_reference(kind: EntityKind, value: Option<Spanned<toml::Value>>) -> Result<TakenReference, Fault> {
    let Some(value) = value else {
        return Ok(TakenReference::Held);
    };
    let suffix = value.get_ref().get("suffix").and_then(toml::Value::as_str);
    match (kind, value.get_ref().as_str(), suffix) {
        (EntityKind::Booking, Some("hold"), _) => Ok(TakenReference::Held),
        (EntityKind::Booking, _, Some(suffix)) if !suffix.is_empty() => {
            Ok(TakenReference::Suffixed(suffix.to_owned()))
        }
        (EntityKind::Booking, ..) => Err(Fault::new(
            value.span(),
            "this is not what can become of a reference that was given out anew",
            "write \"hold\", or { suffix = \"-R\" }",
        )),
        _ => Err(Fault::new(
            value.span(),
            format!("a {} has no reference", kind.as_str()),
            "`taken_reference` belongs to [target.booking]",
        )),
    }
}

fn keep_ids(
    kind: EntityKind,
    key_rule: KeyRule,
    key: &[String],
    value: Option<Spanned<bool>>,
) -> Result<bool, Fault> {
    let Some(value) = value.filter(|value| *value.get_ref()) else {
        return Ok(false);
    };
    if kind == EntityKind::Booking && key_rule == KeyRule::Database && key.len() == 1 {
        return Ok(true);
    }
    Err(Fault::new(
        value.span(),
        "only the booking's own key can be kept, where it has one column and the database gives it",
        "take keep_ids out",
    ))
}

fn key_rule(rule: Option<&Text>) -> Result<KeyRule, Fault> {
    match rule.map(|rule| (rule.get_ref().as_str(), rule.span())) {
        None => Ok(KeyRule::Database),
        Some(("uuid", _)) => Ok(KeyRule::Uuid),
        Some((other, span)) => Err(Fault::new(
            span,
            format!("keys cannot be generated as \"{other}\""),
            "write generate_key = \"uuid\", or leave it out where the database assigns the key",
        )),
    }
}

fn known_field(kind: EntityKind, field: &Text) -> Result<(), Fault> {
    let known = fields_of(kind);
    if known.contains(&field.get_ref().as_str()) {
        return Ok(());
    }
    let hint = nearest(field.get_ref(), known.iter().copied()).map_or_else(
        || {
            format!(
                "on the left stands one of {}; on the right the column's name",
                known.join(", ")
            )
        },
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("a {} has no field `{}`", kind.as_str(), field.get_ref());
    Err(Fault::new(field.span(), message, hint))
}

fn column_map(field: &str, column: Column) -> Result<ColumnMap, Fault> {
    let time = match &column.time {
        None => None,
        Some(time) if !TIMES.contains(&field) => {
            return Err(Fault::new(
                time.span(),
                format!("`{field}` is not a time"),
                format!("`time` belongs to {}", TIMES.join(", ")),
            ));
        }
        Some(time) => Some(match time.get_ref().as_str() {
            "local" => TimeAs::Local,
            "utc" => TimeAs::Utc,
            "date" => TimeAs::Date,
            "epoch" => TimeAs::Epoch,
            other => match LengthUnit::parse(other).filter(|_| field == "ends_at") {
                Some(unit) => TimeAs::Since(unit),
                None => {
                    return Err(Fault::new(
                        time.span(),
                        format!("times are not stored as \"{other}\""),
                        "write \"local\" (the business's zone), \"utc\", \"date\" or \"epoch\" (seconds); of ends_at also \"minutes\", \"hours\", \"days\" or \"nights\" (since starts_at)",
                    ));
                }
            },
        }),
    };
    let major = match &column.money {
        None => false,
        Some(money) if !AMOUNTS.contains(&field) => {
            return Err(Fault::new(
                money.span(),
                format!("`{field}` is not an amount"),
                format!("`money` belongs to {}", AMOUNTS.join(", ")),
            ));
        }
        Some(money) => match money.get_ref().as_str() {
            "major" => true,
            "minor" => false,
            other => {
                return Err(Fault::new(
                    money.span(),
                    format!("amounts are not stored as \"{other}\""),
                    "write \"major\" (397.00) or \"minor\" (39700)",
                ));
            }
        },
    };
    Ok(ColumnMap {
        column: column.name,
        time,
        major,
    })
}

fn values(
    kind: EntityKind,
    values: Fields<Fields<Spanned<toml::Value>>>,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, Fault> {
    values
        .into_iter()
        .map(|(field, map)| {
            known_field(kind, &field)?;
            if field.get_ref() == "status" {
                map.keys().try_for_each(known_status)?;
            }
            Ok((field.into_inner(), texts(map)?))
        })
        .collect()
}

fn known_status(status: &Text) -> Result<(), Fault> {
    if Status::parse(status.get_ref()).is_some() {
        return Ok(());
    }
    Err(Fault::new(
        status.span(),
        format!("`{}` is no status of rebook's own", status.get_ref()),
        "on the left stands confirmed, cancelled or completed; on the right the word of your database",
    ))
}

fn texts(values: Fields<Spanned<toml::Value>>) -> Result<BTreeMap<String, String>, Fault> {
    values
        .into_iter()
        .map(|(name, value)| Ok((name.into_inner(), scalar_text(&value)?)))
        .collect()
}

/// A text, number or flag as the text that the database would show.
pub(super) fn scalar_text(value: &Spanned<toml::Value>) -> Result<String, Fault> {
    match value.get_ref() {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Datetime(moment) => Ok(moment.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => Err(Fault::new(
            value.span(),
            "a single value stands here",
            "write a text, a number, true or false",
        )),
    }
}
