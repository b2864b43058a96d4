//! The model's nouns as JSON: what commands answer, and what staging keeps of a value.
//!
//! Two voices. Answers are for people's programs: the contract fixes their keys and order, and times carry
//! the business's offset. What staging keeps is lossless: `decode_x(encode_x(x)) == x`.

mod answer;
mod kept;
mod measure;
mod schema;
mod sheet;
mod standing;

pub use answer::{
    Clockface, MoneyAnswer, VERSION, booking_json, booking_line, charge_line, explanation_line, pull_line,
    summary_line,
};
pub use measure::{
    AccuracyAnswer, AloneAnswer, LooseAnswer, LooseClaim, MistakenAnswer, RestoredAnswer, SimulateAnswer,
    StatsAnswer, StepAnswer, TallyAnswer, VerifyAnswer, WorldScoreAnswer, init_line,
};
pub use schema::schema;
pub use sheet::{CancelledAnswer, DoubleAnswer, PulledAnswer, ReportAnswer, SheetAnswer, SheetLine};
pub use standing::{
    ChangesAnswer, CheckAnswer, ExportAnswer, HeldAnswer, StatusAnswer, doctor_line, files_line, status_line,
};

pub use kept::{
    decode_answer, decode_backtest, decode_candidates, decode_moment, decode_standing, decode_summary,
    decode_value, decode_waterfall, encode_answer, encode_backtest, encode_candidates, encode_moment,
    encode_names, encode_standing, encode_summary, encode_ties, encode_value, encode_waterfall, encode_when,
};

fn to_text(data: &impl serde::Serialize) -> String {
    serde_json::to_string(data).expect("plain data has a JSON form")
}

#[cfg(test)]
mod tests;
