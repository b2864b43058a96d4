//! The JSON Schema of every answer, made from the types that write them.

use super::VERSION;
use super::answer::{BookingLine, ChargeAnswer, PullAnswer, SummaryAnswer};
use super::measure::{EvaluateAnswer, ExplainAnswer, InitAnswer, SimulateAnswer, StatsAnswer, VerifyAnswer};
use super::sheet::{ReportAnswer, SheetAnswer};
use super::standing::{DoctorAnswer, ExportAnswer, FilesAnswer, StatusAnswer};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema: `properties` names each command, and what one line of its answer with `--json` is.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let commands = commands(&mut generator);
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What rebook answers with --json",
        "description": "One object a line. Each property of this schema is a command, and describes one line of its answer. \
                        A key never changes its meaning within a version; new keys may come.",
        "version": VERSION,
        "type": "object",
        "properties": commands,
        "$defs": definitions,
    })
}

fn commands(generator: &mut SchemaGenerator) -> Value {
    let summary = generator.subschema_for::<SummaryAnswer<'_>>();
    let files = generator.subschema_for::<FilesAnswer>();
    json!({
        "rebuild": summary,
        "build": summary,
        "pull": generator.subschema_for::<PullAnswer<'_>>(),
        "sheet": generator.subschema_for::<SheetAnswer>(),
        "report": generator.subschema_for::<ReportAnswer>(),
        "bookings": generator.subschema_for::<BookingLine<'_>>(),
        "explain": generator.subschema_for::<ExplainAnswer<'_>>(),
        "money": generator.subschema_for::<ChargeAnswer<'_>>(),
        "status": generator.subschema_for::<StatusAnswer<'_>>(),
        "doctor": generator.subschema_for::<DoctorAnswer>(),
        "export": generator.subschema_for::<ExportAnswer>(),
        "learn": files,
        "forget": files,
        "review": generator.subschema_for::<StatsAnswer>(),
        "verify": generator.subschema_for::<VerifyAnswer<'_>>(),
        "evaluate": generator.subschema_for::<EvaluateAnswer>(),
        "simulate": generator.subschema_for::<SimulateAnswer<'_>>(),
        "init": generator.subschema_for::<InitAnswer<'_>>(),
    })
}
