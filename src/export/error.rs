//! Why nothing was written, and where in the configuration that is to be mended.

use thiserror::Error;

/// Why nothing was written.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ExportError {
    #[error(
        "{open} bookings wait for a decision: answer them with `rebook review`, or leave them out with --skip-flagged"
    )]
    Open { open: usize },
    #[error("the backup has no table `{table}`: check `table` under [target.{entity}] in rebook.toml")]
    UnknownTable { entity: &'static str, table: String },
    #[error(
        "table `{table}` has no column `{column}`: check [target.{entity}.columns] and .constants in rebook.toml"
    )]
    UnknownColumn {
        entity: &'static str,
        table: String,
        column: String,
    },
    #[error(
        "column `{column}` of `{table}` is computed by the database and cannot be written: take it out of [target.{entity}] in rebook.toml"
    )]
    ComputedColumn {
        entity: &'static str,
        table: String,
        column: String,
    },
    #[error(
        "column `{column}` of `{table}` must be filled and nothing fills it: write `{column} = \"…\"` under [target.{entity}.constants] in rebook.toml, or map a field to it under [target.{entity}.columns]"
    )]
    UnfilledColumn {
        entity: &'static str,
        table: String,
        column: String,
    },
    #[error(
        "trigger {} would fire for every row that goes into `{table}`, {rows} in all: read what it does, and name it in `allow_triggers` under [target.{entity}] in rebook.toml if it does no harm", .triggers.join(", ")
    )]
    Trigger {
        entity: &'static str,
        table: String,
        triggers: Vec<String>,
        rows: usize,
    },
    #[error("column `{column}` takes one of {labels}, not `{value}`: write {place} in rebook.toml")]
    UnknownLabel {
        entity: &'static str,
        /// With its table.
        column: String,
        value: String,
        labels: String,
        /// What to write, and where.
        place: String,
    },
    #[error(
        "`{table}` of [target.{entity}] is the table of another part of [target] too, and each would write rows of its own: give them tables of their own, or take [target.{entity}] out and write those columns by hand"
    )]
    SharedTable { entity: &'static str, table: String },
    #[error("column `{column}` of `{table}` is of type {sql_type} and holds no {what}: {hint}")]
    UnfitColumn {
        entity: &'static str,
        table: String,
        column: String,
        sql_type: String,
        what: &'static str,
        hint: &'static str,
    },
    #[error("column `{column}` takes no `{value}`, for {reason}: write {place} in rebook.toml")]
    UnfitValue {
        entity: &'static str,
        /// With its table.
        column: String,
        value: String,
        reason: String,
        /// What to write, and where.
        place: String,
    },
    #[error(
        "[target.{entity}.columns] in rebook.toml has no `{field}`, and without it a row cannot be found again"
    )]
    UnmappedField {
        entity: &'static str,
        field: &'static str,
    },
    #[error(
        "[target.booking.columns] in rebook.toml maps `{field}`, but there is no [target.{field}] that says where it stands"
    )]
    NoEntity { field: &'static str },
}

impl ExportError {
    /// The part of `[target]` that it is about: the entity, and the table, column or value that stands there.
    pub fn place(&self) -> Option<(&str, &str)> {
        match self {
            Self::Open { .. } => None,
            Self::UnknownTable { entity, table }
            | Self::UnfilledColumn { entity, table, .. }
            | Self::SharedTable { entity, table }
            | Self::Trigger { entity, table, .. } => {
                Some((entity, table.rsplit('.').next().unwrap_or(table)))
            }
            Self::UnknownColumn { entity, column, .. }
            | Self::ComputedColumn { entity, column, .. }
            | Self::UnfitColumn { entity, column, .. } => Some((entity, column)),
            Self::UnknownLabel { entity, value, .. } | Self::UnfitValue { entity, value, .. } => {
                Some((entity, value))
            }
            Self::UnmappedField { entity, .. } => Some((entity, "columns")),
            Self::NoEntity { field } => Some(("booking", field)),
        }
    }
}
