//! The draft as text: every line with its evidence, what was not told commented out.

use super::business::{self, Line};
use super::evidence::Facts;
use super::rows::{Entity, Guess};
use super::{Found, Input};
use crate::model::{Dialect, SourceKind, Status, TimeAs};
use std::fmt::Write;

/// A drafted configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub toml: String,
    /// What a person has to fill in, a line each.
    pub open: Vec<String>,
}

struct Page {
    text: String,
    open: Vec<String>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn told(&mut self, key: &str, value: &str, why: &str) {
        self.line(&format!("{key} = {value}  # {}", comment(why)));
    }

    fn todo(&mut self, place: &str, key: &str, why: &str) {
        self.line(&format!("# TODO {key} = \"…\"  # {}", comment(why)));
        self.open.push(format!("{place} {key}: {}", comment(why)));
    }

    fn value(&mut self, place: &str, key: &str, line: &Line) {
        match &line.value {
            Some(value) => self.told(key, &quote(value), &line.why),
            None => self.todo(place, key, &line.why),
        }
    }
}

/// Foreign text in a comment stays on its line.
fn comment(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

pub(super) fn draft(
    input: &Input<'_>,
    facts: &Facts<'_>,
    zone: &Line,
    currency: &Line,
    found: Option<&Found>,
) -> Draft {
    let mut page = Page {
        text: String::new(),
        open: Vec::new(),
    };
    let (senders, other_senders) = business::senders(input, facts, found);
    page.line("# Drafted by `rebook init` out of the files. Behind every line stands why; read them all, and correct");
    page.line("# what is wrong. What could not be told is marked TODO.\n");
    page.line("[business]");
    page.value("[business]", "name", &business::name(input, facts, &senders));
    page.value("[business]", "timezone", zone);
    page.value("[business]", "country", &business::country(input, zone, facts));
    page.value("[business]", "currency", currency);
    let window = business::window(input, facts, found);
    page.line("\n[window]");
    page.value("[window]", "learn_from", &window.learn_from);
    page.value("[window]", "backup", &window.backup);
    page.value("[window]", "loss", &window.loss);
    // These are bounds: who was there knows better, and a booking that ended in between is completed or not by it.
    for (key, given, line) in [
        ("backup", &input.given.backup, &window.backup),
        ("loss", &input.given.loss, &window.loss),
    ] {
        if let (None, Some(value)) = (given, &line.value) {
            page.open
                .push(format!("[window] {key}: confirm {value}: it is {}", line.why));
        }
    }
    for source in input.sources {
        let name = match source.kind {
            SourceKind::Stripe => "stripe",
            SourceKind::GoogleCalendar => "calendar",
            SourceKind::Mail => "mail",
        };
        page.line(&format!(
            "\n[[source]]\nname = \"{name}\"\nkind = \"{}\"",
            source.kind.as_str()
        ));
        let why = if source.is_mixed {
            "such by content are some files of the folder; the others are passed over"
        } else {
            "its files are such by content"
        };
        page.told("path", &quote(&source.path), why);
        if source.kind == SourceKind::Mail {
            write_senders(&mut page, &senders, &other_senders);
        }
    }
    if let Some(found) = found {
        write_found(&mut page, input, found);
    } else {
        page.line("\n# TODO [baseline] path = \"…\"  # no dump and no SQLite file is among the files");
        page.open.push(
            "[baseline]: no backup is among the files; without one nothing is tested, and no SQL can be written"
                .to_owned(),
        );
    }
    if !page.open.is_empty() {
        page.line("\n# Left for you to fill in or to confirm:");
        for open in page.open.clone() {
            page.line(&format!("#   {open}"));
        }
    }
    Draft {
        toml: page.text,
        open: page.open,
    }
}

fn write_senders(page: &mut Page, senders: &[(String, String)], others: &[String]) {
    if senders.is_empty() {
        let why = [&["no address is clearly the business's own".to_owned()], others]
            .concat()
            .join("; ");
        page.line(&format!("# TODO senders = [\"…\"]  # {}", comment(&why)));
        page.open
            .push(format!("[[source]] mail senders: {}", comment(&why)));
        return;
    }
    page.line("senders = [");
    for (address, why) in senders {
        page.line(&format!("    {},  # {}", quote(address), comment(why)));
    }
    page.line("]");
    for other in others {
        page.line(&format!(
            "# Not taken: {}. Add it if it is the business's own.",
            comment(other)
        ));
    }
}

fn write_found(page: &mut Page, input: &Input<'_>, found: &Found) {
    let Some(booking) = &found.booking else {
        page.line(&format!(
            "\n# TODO [baseline] path = {}",
            quote(input.backup_path)
        ));
        page.line("# TODO [target.booking]  # no table is clearly that of the bookings");
        page.open.push("[target.booking]: no table is clearly that of the bookings; without it the backup cannot be read".to_owned());
        return;
    };
    page.line("\n[baseline]");
    page.line(&format!("path = {}", quote(input.backup_path)));
    for tenant in &found.tenants {
        page.line(&format!("\n[[tenant]]\nid = {}", quote(&tenant.id)));
        page.told("stripe_account", &quote(&tenant.account), &tenant.why);
        page.line(&format!("calendars = {}", list(&tenant.calendars)));
        page.line(&format!("senders = {}", list(&tenant.senders)));
    }
    let dialect = match input.backup.map(|backup| backup.dialect) {
        Some(Dialect::Mysql) => "mysql",
        Some(Dialect::Sqlite) => "sqlite",
        _ => "postgres",
    };
    page.line("\n[target]");
    page.told("dialect", &quote(dialect), "the dump is of it");
    for (name, entity) in [
        ("resource", &found.resource),
        ("customer", &found.customer),
        ("booking", &Some(booking.clone())),
        ("payment", &found.payment),
    ] {
        match entity {
            Some(entity) if !entity.columns.is_empty() && !entity.key.is_empty() => {
                write_entity(page, name, entity, found);
            }
            _ => {
                page.line(&format!("\n# TODO [target.{name}]  # no table is clearly it"));
                page.open.push(format!(
                    "[target.{name}]: no table is clearly it; leave it out where there is none"
                ));
            }
        }
    }
}

fn write_entity(page: &mut Page, name: &str, entity: &Entity, found: &Found) {
    let place = format!("[target.{name}]");
    page.line(&format!("\n{place}"));
    let table = entity.table.strip_prefix("public.").unwrap_or(&entity.table);
    page.told("table", &quote(table), &entity.why);
    match entity.key.as_slice() {
        [key] => page.line(&format!("key = {}", quote(key))),
        keys => page.line(&format!("key = {}", list(keys))),
    }
    if entity.is_uuid {
        page.told(
            "generate_key",
            "\"uuid\"",
            "its keys are UUIDs that the database does not give",
        );
    }
    page.line(&format!("[target.{name}.columns]"));
    for (field, guess) in &entity.columns {
        page.told(field, &column(guess), &guess.why);
    }
    for (field, why) in &entity.open {
        page.todo(&place, field, why);
    }
    if name == "booking" && !found.statuses.is_empty() {
        write_statuses(page, found);
    }
    if !entity.constants.is_empty() || !entity.unfilled.is_empty() {
        page.line(&format!("[target.{name}.constants]"));
    }
    for (column, value, why) in &entity.constants {
        page.told(&key(column), &quote(value), why);
    }
    for (column, why) in &entity.unfilled {
        page.todo(&format!("[target.{name}.constants]"), &key(column), why);
    }
}

fn write_statuses(page: &mut Page, found: &Found) {
    page.line("[target.booking.values.status]");
    for status in [Status::Confirmed, Status::Cancelled, Status::Completed] {
        let told: Vec<_> = found
            .statuses
            .iter()
            .filter(|guess| guess.status == Some(status))
            .collect();
        match told.as_slice() {
            [guess] => page.told(status.as_str(), &quote(&guess.value), &guess.why),
            [] => page.todo(
                "[target.booking.values.status]",
                status.as_str(),
                "no value is clearly it",
            ),
            many => {
                let values: Vec<&str> = many.iter().map(|guess| guess.value.as_str()).collect();
                let why = format!("{} may all mean it", values.join(", "));
                page.todo("[target.booking.values.status]", status.as_str(), &why);
            }
        }
    }
    for guess in found.statuses.iter().filter(|guess| guess.status.is_none()) {
        page.line(&format!(
            "# {}: not clear what it means; {}",
            quote(&guess.value),
            comment(&guess.why)
        ));
    }
}

fn column(guess: &Guess) -> String {
    let name = quote(&guess.column);
    let time = guess.time.map(|time| match time {
        TimeAs::Local => "local",
        TimeAs::Utc => "utc",
        TimeAs::Date => "date",
        TimeAs::Epoch => "epoch",
        TimeAs::Since(unit) => unit.as_str(),
    });
    match (time, guess.major) {
        (Some(time), _) => format!("{{ column = {name}, time = \"{time}\" }}"),
        (None, true) => format!("{{ column = {name}, money = \"major\" }}"),
        (None, false) => name,
    }
}

fn list<S: AsRef<str>>(values: &[S]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| quote(value.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if is_bare { name.to_owned() } else { quote(name) }
}

/// A basic string of TOML.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            char if char.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
