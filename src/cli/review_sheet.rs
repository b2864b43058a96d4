//! `rebook review --export` and `--import`: the cases as CSV, for people without a terminal. The home of csv.
//!
//! What goes out is made safe twice over: like all foreign text, and so that no spreadsheet takes a cell for a
//! formula. What comes in goes through the same machine as every other answer; a row that does not fit is refused
//! alone, with its reason.

use super::failure::Failure;
use super::private;
use super::review::{Ending, Keeper, Outcome, ReviewError, Setting};
use super::screen::{self, Screen};
use super::terminal::safe;
use super::words::{self, count_of, label};
use crate::model::RecordId;
use crate::review::{Filled, Queue, Row, Step, read_row, rows};
use std::io::Write;
use std::path::Path;

/// The columns that are always there; those of candidates stand before those to fill.
const ABOUT: [&str; 12] = [
    "case",
    "evidence",
    "reference",
    "customer",
    "contact",
    "resource",
    "start",
    "end",
    "total",
    "question",
    "field",
    "now",
];
/// Columns to fill.
const FILL: [&str; 3] = ["answer", "value", "note"];
/// Longest text in a cell.
const CELL_MAX: usize = 1_000;
/// Spreadsheets take a bare hash of digits for a number, and change it.
const HASH_MARK: &str = "e_";

pub(super) fn export(
    path: &Path,
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    screen: &Screen,
) -> Result<super::failure::Done, Failure> {
    let rows = rows(queue);
    let text = written(&rows, setting).map_err(|error| Failure::new(error.to_string(), ""))?;
    if path == Path::new("-") {
        let mut answer = screen::answer();
        answer.write_all(text.as_bytes())?;
        answer.flush()?;
    } else {
        private::write_whole(path, &text)?;
        screen.say(&format!(
            "{} in {}. Fill in answer (a candidate's number, accept, keep, reject, later, attach or merge), or value,\n\
             and note; then: rebook review --import {1}",
            count_of(rows.len() as u64, "case", "cases"),
            path.display()
        ));
    }
    Ok(super::failure::Done::by(queue.counts().open as u64))
}

fn written(rows: &[Row], setting: Setting<'_>) -> Result<String, csv::Error> {
    let most = rows.iter().map(|row| row.candidates.len()).max().unwrap_or(0);
    let mut header: Vec<String> = ABOUT.map(str::to_owned).to_vec();
    header.extend((1..=most).map(|number| format!("candidate {number}")));
    header.extend(["suggested", "records", "put off"].map(str::to_owned));
    header.extend(FILL.map(str::to_owned));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    for row in rows {
        let records: Vec<String> = row.records.iter().map(|record| named(record, setting)).collect();
        let about = [
            row.case.as_str(),
            &format!("{HASH_MARK}{}", row.evidence),
            &row.reference,
            &row.customer,
            &row.contact,
            &row.resource,
            &row.starts_at,
            &row.ends_at,
            &row.total,
            &row.question,
            row.field.map_or("", label),
            &row.stands,
        ]
        .map(cell);
        let candidates = (0..most).map(|at| row.candidates.get(at).map_or_else(String::new, cell));
        let suggested = row
            .suggested
            .map_or_else(String::new, |number| number.to_string());
        let put_off = row.put_off.as_deref().map_or_else(String::new, cell);
        let rest = [suggested, cell(records.join("; ")), put_off].into_iter();
        let fill = FILL.map(|_| String::new());
        writer.write_record(about.into_iter().chain(candidates).chain(rest).chain(fill))?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    // Spreadsheets read UTF-8 only where this mark says so.
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

fn named(record: &RecordId, setting: Setting<'_>) -> String {
    let gist = (setting.document)(record).map(|document| words::gist(&document));
    let id = safe(record.as_str(), 200);
    gist.map_or_else(|| id.clone(), |gist| format!("{gist} ({id})"))
}

/// Foreign text as a cell: nothing that moves a cursor, nothing that begins a formula.
fn cell(text: impl AsRef<str>) -> String {
    let text = safe(text.as_ref(), CELL_MAX);
    let begins = text.chars().next();
    // A lone mark for "none" is what a person types back.
    let is_formula = begins.is_some_and(|char| "=+-@＝＋－＠".contains(char)) && text != "-";
    if is_formula { format!("'{text}") } else { text }
}

/// A filled cell as it was meant: without the mark that keeps spreadsheets from reading a formula.
fn meant(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// The rows of a filled file, each with its line.
pub(super) fn read(path: &Path) -> Result<Vec<(u64, Filled)>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, "read", &error))?;
    parse(&bytes).map_err(|(what, hint)| Failure::usage(format!("{}: {what}", path.display()), hint))
}

type Unread = (String, &'static str);

fn parse(bytes: &[u8]) -> Result<Vec<(u64, Filled)>, Unread> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ("it is not UTF-8".to_owned(), "save it as CSV UTF-8"))?
        .trim_start_matches('\u{feff}')
        // So that lines are counted as people count them.
        .replace("\r\n", "\n");
    let head = text.lines().next().unwrap_or("");
    let count = |mark: char| head.matches(mark).count();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|mark| (count(char::from(*mark)), *mark == b','))
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let damaged = |error: csv::Error| (error.to_string(), "save it as CSV again");
    let header = reader.headers().map_err(damaged)?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|found| found.trim().eq_ignore_ascii_case(name))
    };
    let place = |name: &str| {
        column(name).ok_or_else(|| {
            let hint = "begin from a file that `rebook review --export FILE` wrote, and leave its columns";
            (format!("it has no column “{name}”"), hint)
        })
    };
    let (case, evidence) = (place("case")?, place("evidence")?);
    let [answer, value, note] = [column("answer"), column("value"), column("note")];
    if answer.is_none() && value.is_none() {
        place("answer")?;
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        let at = |place: Option<usize>| {
            place
                .and_then(|place| record.get(place))
                .map_or_else(String::new, meant)
        };
        let line = record.position().map_or(0, csv::Position::line);
        let evidence = at(Some(evidence));
        rows.push((
            line,
            Filled {
                case: at(Some(case)),
                evidence: evidence.strip_prefix(HASH_MARK).unwrap_or(&evidence).to_owned(),
                answer: at(answer),
                value: at(value),
                note: at(note),
            },
        ));
    }
    Ok(rows)
}

/// What came of a file.
#[derive(Debug, Default)]
pub(super) struct Report {
    kept: u64,
    empty: u64,
    /// Line and reason.
    refused: Vec<(u64, String)>,
    remarks: Vec<(u64, String)>,
}

pub(super) fn import(
    rows: &[(u64, Filled)],
    queue: &mut Queue<'_>,
    _setting: Setting<'_>,
    keeper: &mut dyn Keeper,
) -> Result<(Outcome, Report), ReviewError> {
    let mut report = Report::default();
    let ties = queue.ties();
    for (line, filled) in rows {
        let step = match read_row(queue, filled) {
            Ok(None) => {
                report.empty += 1;
                continue;
            }
            Ok(Some(input)) => queue.step(input),
            Err(why) => Step::Refused(why),
        };
        let mut act = match step {
            Step::Commit(act) => act,
            Step::Refused(why) => {
                report.refused.push((*line, why));
                continue;
            }
            Step::Moved => continue,
        };
        for draft in &mut act.drafts {
            let note = if filled.note.is_empty() {
                String::new()
            } else {
                format!(": {}", filled.note)
            };
            draft.basis.why = format!("{}, from a file{note}", draft.basis.why);
        }
        let kept = keeper
            .keep(&act.drafts, queue.seen())
            .map_err(|source| ReviewError::Commit {
                booking: act
                    .drafts
                    .first()
                    .map_or_else(String::new, |draft| draft.booking.to_string()),
                source,
            })?;
        queue.absorb(kept.news);
        if kept.decisions.is_empty() {
            report.refused.push((
                *line,
                "somebody else has just decided about this booking".to_owned(),
            ));
            continue;
        }
        report.kept += kept.decisions.len() as u64;
        report
            .remarks
            .extend(act.remarks.into_iter().map(|remark| (*line, remark)));
        queue.record(kept.decisions);
    }
    let ending = if queue.ties() == ties {
        Ending::Over
    } else {
        Ending::Refit
    };
    let mut outcome = outcome(queue, ending);
    outcome.decisions = report.kept as usize;
    Ok((outcome, report))
}

pub(super) fn outcome(queue: &Queue<'_>, ending: Ending) -> Outcome {
    let counts = queue.counts();
    Outcome {
        decisions: 0,
        open: counts.open,
        waiting: counts.waiting,
        ending,
    }
}

/// Says what was taken in, and every row that was not.
pub(super) fn report(report: &Report, outcome: Outcome) -> Result<(), Failure> {
    let mut answer = screen::answer();
    writeln!(
        answer,
        "{} kept, {} refused, {} not filled in.",
        count_of(report.kept, "answer is", "answers are"),
        report.refused.len(),
        report.empty
    )?;
    for (line, why) in &report.refused {
        writeln!(answer, "  line {line}: {}", safe(why, 240))?;
    }
    for (line, remark) in &report.remarks {
        writeln!(answer, "  line {line} was taken; note: {}", safe(remark, 240))?;
    }
    let open = outcome.open as u64;
    writeln!(answer, "{} open.", count_of(open, "case is", "cases are"))?;
    answer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_the_mark_comes_off_again() {
        for text in [
            "=HYPERLINK(\"http://x.example\")",
            "+43 660 1",
            "-1",
            "@sum",
            "＝1",
            "\t=1",
            "\r\n=1",
            "\u{202e}=1",
        ] {
            let cell = cell(text);
            assert!(cell.starts_with('\''), "{text:?} became {cell:?}");
            assert!(!cell.contains(char::is_control));
        }
        assert_eq!(cell("Ann"), "Ann");
        assert_eq!(cell("-"), "-");
        assert_eq!(meant(&cell("+43 660 1")), "+43 660 1");
        assert_eq!(meant("'tis"), "'tis");
    }

    #[test]
    fn a_file_is_read_as_spreadsheets_save_it() {
        for text in [
            "\u{feff}case,evidence,answer,value,note\nc_1,e_12,2,,\n",
            "case;evidence;answer;value;note\r\nc_1;e_12;2;;\r\n",
            "case\tevidence\tANSWER\nc_1\te_12\t2\n",
        ] {
            let rows = parse(text.as_bytes()).expect("readable");
            assert_eq!(rows[0].0, 2);
            assert_eq!(
                (
                    rows[0].1.case.as_str(),
                    rows[0].1.evidence.as_str(),
                    rows[0].1.answer.as_str()
                ),
                ("c_1", "12", "2")
            );
        }
        assert!(parse(b"case,evidence,answer\nc_1,e,\xff\n").is_err());
        assert!(parse(b"case,answer\n").is_err());
        assert!(parse(b"case,evidence\n").is_err());
    }
}
