//! Holds the configured target against the backup's schema, before any row is looked at.

use super::ExportError;
use super::cell::Holds;
use super::relation::{Relation, Relations, Slot, Source};
use super::shape::Suffix;
use crate::model::{Companion, Dialect, EntityKind, TimeAs};
use std::collections::BTreeSet;

/// Finds what the database would refuse for every row.
pub(super) fn relations(relations: &Relations<'_>) -> Result<(), ExportError> {
    let mut tables = BTreeSet::from([&relations.booking.name]);
    for relation in relations.customer.iter().chain(&relations.payment) {
        if !tables.insert(&relation.name) {
            return Err(ExportError::SharedTable {
                entity: relation.kind.as_str(),
                table: relation.name.clone(),
            });
        }
    }
    for relation in relations.written() {
        columns(relation)?;
        filled(relation)?;
        types(relation)?;
        labels(relation)?;
        words(relation)?;
        for companion in &relation.entity.companions {
            beside(relations, relation, companion)?;
        }
    }
    for (field, entity) in [
        ("customer", &relations.customer),
        ("resource", &relations.resource),
    ] {
        if relations.booking.field(field).is_some() && entity.is_none() {
            return Err(ExportError::NoEntity { field });
        }
    }
    counted(relations)?;
    findable(relations)
}

/// A length is counted from a column that the database can add it to: bookings are held against each other by their ends.
fn counted(relations: &Relations<'_>) -> Result<(), ExportError> {
    let booking = &relations.booking;
    let (Some(slot), Some(unit)) = (booking.field("starts_at"), booking.entity.length_unit()) else {
        return Ok(());
    };
    let is_epoch = matches!(slot.source, Source::Field(_, map) if map.time == Some(TimeAs::Epoch));
    let adds = match slot.dialect {
        // It knows no offset that is written shorter.
        Dialect::Sqlite => !matches!(slot.time.suffix, Suffix::Plain | Suffix::Hours),
        _ => match slot.kind.holds() {
            Holds::Moment | Holds::Other => true,
            Holds::Day => unit.is_of_days(),
            _ => false,
        },
    };
    if adds || is_epoch && !slot.kind.is_text() {
        return Ok(());
    }
    Err(ExportError::UnfitColumn {
        entity: booking.kind.as_str(),
        table: booking.name.clone(),
        column: slot.column.clone(),
        sql_type: slot.kind.to_string(),
        what: "time to which the database can add a length",
        hint: "an end in minutes or hours needs a start in a column of times, one in days or nights also one of dates",
    })
}

fn columns(relation: &Relation<'_>) -> Result<(), ExportError> {
    let Some(table) = relation.table else {
        return Ok(());
    };
    for name in relation.columns.iter().chain(relation.entity.expressions.keys()) {
        let Some(column) = table.column(name) else {
            return Err(ExportError::UnknownColumn {
                entity: relation.kind.as_str(),
                table: relation.name.clone(),
                column: name.clone(),
            });
        };
        if column.computed && (relation.inserts(name) || relation.entity.expressions.contains_key(name)) {
            return Err(ExportError::ComputedColumn {
                entity: relation.kind.as_str(),
                table: relation.name.clone(),
                column: name.clone(),
            });
        }
    }
    Ok(())
}

fn filled(relation: &Relation<'_>) -> Result<(), ExportError> {
    let Some(table) = relation.table else {
        return Ok(());
    };
    let unfilled = table.columns.iter().find(|column| {
        column.not_null
            && column.default.is_none()
            && !column.generated_key
            && !column.computed
            && !relation.inserts(&column.name)
            && !relation.entity.expressions.contains_key(&column.name)
    });
    match unfilled {
        None => Ok(()),
        Some(column) => Err(ExportError::UnfilledColumn {
            entity: relation.kind.as_str(),
            table: relation.name.clone(),
            column: column.name.clone(),
        }),
    }
}

/// The table of rows that stand beside others: it is there, and all that must be filled is.
fn beside(
    relations: &Relations<'_>,
    relation: &Relation<'_>,
    companion: &Companion,
) -> Result<(), ExportError> {
    let entity = relation.kind.as_str();
    let Some(table) = relations.table(&companion.table) else {
        return if relations.has_schema() {
            Err(ExportError::UnknownTable {
                entity,
                table: companion.table.clone(),
            })
        } else {
            Ok(())
        };
    };
    for name in companion.columns.keys() {
        match table.column(name) {
            None => {
                return Err(ExportError::UnknownColumn {
                    entity,
                    table: companion.table.clone(),
                    column: name.clone(),
                });
            }
            Some(column) if column.computed => {
                return Err(ExportError::ComputedColumn {
                    entity,
                    table: companion.table.clone(),
                    column: name.clone(),
                });
            }
            Some(_) => {}
        }
    }
    let unfilled = table.columns.iter().find(|column| {
        column.not_null
            && column.default.is_none()
            && !column.generated_key
            && !column.computed
            && !companion.columns.contains_key(&column.name)
    });
    match unfilled {
        None => Ok(()),
        Some(column) => Err(ExportError::UnfilledColumn {
            entity,
            table: companion.table.clone(),
            column: column.name.clone(),
        }),
    }
}

/// Nothing of the user's own may run when rows are loaded, unless a person has said that it may.
pub(super) fn triggers(
    relations: &Relations<'_>,
    rows: impl Fn(EntityKind) -> usize,
) -> Result<(), ExportError> {
    for relation in relations.written() {
        let rows = rows(relation.kind);
        let beside = relation
            .entity
            .companions
            .iter()
            .filter_map(|companion| Some((companion.table.as_str(), relations.table(&companion.table)?)));
        let own = relation.table.map(|table| (relation.name.as_str(), table));
        for (name, table) in own.into_iter().chain(beside) {
            let firing: Vec<String> = table
                .triggers
                .iter()
                .filter(|trigger| {
                    let plain = trigger.rsplit('.').next().unwrap_or(trigger);
                    !relation
                        .entity
                        .triggers_allowed
                        .iter()
                        .any(|allowed| allowed == *trigger || allowed == plain)
                })
                .cloned()
                .collect();
            if !firing.is_empty() && rows > 0 {
                return Err(ExportError::Trigger {
                    entity: relation.kind.as_str(),
                    table: name.to_owned(),
                    triggers: firing,
                    rows,
                });
            }
        }
    }
    Ok(())
}

/// A column must be of a type that holds its field in the form that is configured. SQLite's hold anything.
fn types(relation: &Relation<'_>) -> Result<(), ExportError> {
    let slots = relation.slots.iter();
    for slot in slots.filter(|slot| slot.dialect != Dialect::Sqlite) {
        let Source::Field(field, map) = slot.source else {
            continue;
        };
        if let Some((what, hint)) = misfit(field, map.time, slot.kind.holds()) {
            return Err(ExportError::UnfitColumn {
                entity: relation.kind.as_str(),
                table: relation.name.clone(),
                column: slot.column.clone(),
                sql_type: slot.kind.to_string(),
                what,
                hint,
            });
        }
    }
    Ok(())
}

/// What a column of the wrong type does not hold, and what to do about it.
fn misfit(field: &str, time: Option<TimeAs>, holds: Holds) -> Option<(&'static str, &'static str)> {
    const ANOTHER: &str = "name another column";
    match field {
        _ if matches!(holds, Holds::Text | Holds::Other) => None,
        "customer" | "resource" | "booking" | "tenant" => None,
        _ if field.ends_with("_at") => match (time, holds) {
            (Some(TimeAs::Epoch | TimeAs::Since(_)), Holds::Whole | Holds::Number) => None,
            (Some(TimeAs::Since(unit)), _) => Some((unit.as_str(), "take `time` out beside it")),
            (Some(TimeAs::Epoch), _) => Some(("seconds since 1970", "take time = \"epoch\" out")),
            (Some(TimeAs::Date), Holds::Day | Holds::Moment) | (_, Holds::Moment) => None,
            (_, Holds::Day) => Some(("time of day", "write time = \"date\" beside it")),
            (_, Holds::Whole) => Some((
                "time",
                "write time = \"epoch\" beside it if it counts the seconds since 1970, or name another column",
            )),
            _ => Some(("time", ANOTHER)),
        },
        "total" | "amount" | "refunded" => {
            (!matches!(holds, Holds::Whole | Holds::Number)).then_some(("amounts", ANOTHER))
        }
        "status" => matches!(holds, Holds::Moment | Holds::Day | Holds::Clock).then_some(("words", ANOTHER)),
        "reference" | "phone" | "provider_id" => {
            (!matches!(holds, Holds::Whole | Holds::Number)).then_some(("text", ANOTHER))
        }
        _ => Some(("text", ANOTHER)),
    }
}

/// Constants and translated words must be such that their column takes them.
fn words(relation: &Relation<'_>) -> Result<(), ExportError> {
    for slot in relation.slots.iter().filter(|slot| slot.labels.is_empty()) {
        let refused = |section: &str, name: &str, value: &str, written: &str| match slot.refuses(written) {
            None => Ok(()),
            Some(reason) => Err(ExportError::UnfitValue {
                entity: relation.kind.as_str(),
                column: format!("{}.{}", relation.name, slot.column),
                value: value.to_owned(),
                reason,
                place: format!(
                    "another `{name} = \"…\"` under [target.{}.{section}]",
                    relation.kind.as_str()
                ),
            }),
        };
        if let Some(value) = slot.constant {
            refused(
                "constants",
                &slot.column,
                value,
                slot.flag(value).unwrap_or(value),
            )?;
        }
        if let Source::Field(field, _) = slot.source {
            for (canonical, value) in relation.entity.values.get(field).into_iter().flatten() {
                refused(&format!("values.{field}"), canonical, value, value)?;
            }
        }
    }
    Ok(())
}

/// Constants and translated words must be labels where the column is an enum.
fn labels(relation: &Relation<'_>) -> Result<(), ExportError> {
    for slot in relation.slots.iter().filter(|slot| !slot.labels.is_empty()) {
        let unknown = |value: &str| slot.labels.iter().all(|label| label != value);
        match slot.source {
            Source::Constant => {
                if let Some(value) = slot.constant.filter(|value| unknown(value)) {
                    return Err(unknown_label(relation, slot, "constants", &slot.column, value));
                }
            }
            Source::Field(field, _) => {
                let values = relation.entity.values.get(field).into_iter().flatten();
                for (canonical, value) in values {
                    if unknown(value) {
                        return Err(unknown_label(
                            relation,
                            slot,
                            &format!("values.{field}"),
                            canonical,
                            value,
                        ));
                    }
                }
            }
            Source::Uuid => {}
        }
    }
    Ok(())
}

/// A word that is no label of an enum, and where the right one is written.
pub(super) fn unknown_label(
    relation: &Relation<'_>,
    slot: &Slot<'_>,
    section: &str,
    name: &str,
    value: &str,
) -> ExportError {
    ExportError::UnknownLabel {
        entity: relation.kind.as_str(),
        column: format!("{}.{}", relation.name, slot.column),
        value: value.to_owned(),
        labels: slot.labels.join(", "),
        place: format!(
            "`{name} = \"…\"` under [target.{}.{section}]",
            relation.kind.as_str()
        ),
    }
}

/// A row that cannot be found again would be loaded twice.
fn findable(relations: &Relations<'_>) -> Result<(), ExportError> {
    let lacks = |relation: &Relation<'_>, field: &'static str| ExportError::UnmappedField {
        entity: relation.kind.as_str(),
        field,
    };
    let booking = &relations.booking;
    if booking.field("starts_at").is_none() {
        return Err(lacks(booking, "starts_at"));
    }
    if booking.field("reference").is_none()
        && booking.field("customer").is_none()
        && booking.field("resource").is_none()
    {
        return Err(lacks(booking, "reference"));
    }
    if let Some(payment) = &relations.payment {
        for field in ["booking", "amount", "provider_id"] {
            if payment.field(field).is_none() {
                return Err(lacks(payment, field));
            }
        }
    }
    if let Some(customer) = &relations.customer
        && ["name", "first_name", "last_name", "email"]
            .iter()
            .all(|field| customer.field(field).is_none())
    {
        return Err(ExportError::UnmappedField {
            entity: EntityKind::Customer.as_str(),
            field: "name",
        });
    }
    Ok(())
}
