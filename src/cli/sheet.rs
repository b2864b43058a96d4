//! `rebook sheet`: who comes and who leaves on a day, made of whatever was read so far.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::words::{count_of, wrapped};
use super::{pipeline, private};
use crate::model::{Booking, Money, SourceKind, When};
use crate::report::{self, Day, Evidence, Heading, Line, Pulled, Slot};
use crate::wire::{self, CancelledAnswer, DoubleAnswer, MoneyAnswer, PulledAnswer, SheetAnswer, SheetLine};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The day: today, tomorrow or a date as in 2026-11-21.
    #[arg(long, value_name = "DAY", default_value = "today")]
    day: String,
    /// One business alone, by its key or name, where one system serves several.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Write a page to print, for A4 and Letter, in black and white.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Answer as CSV: a line for each start and end, amounts in major units.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Take the last build as it is, even where more was read since.
    #[arg(long)]
    no_build: bool,
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    let (date, nearness) = chosen_day(&arguments.day, desk)?;
    let tenant = arguments
        .tenant
        .as_deref()
        .map(|named| desk.tenant(named).cloned())
        .transpose()?;
    if arguments.no_build {
        desk.require_build()?;
    } else {
        pipeline::catch_up(desk, screen)?;
    }
    let sheet = Sheet::of(date, tenant.as_ref().map(|tenant| tenant.id.as_str()), desk)?;
    let heading = Heading {
        business: &desk.config.business.name,
        tenant: tenant.as_ref().map(|tenant| tenant.name.as_str()),
        day: date,
        nearness,
        made_at: desk.clock.now(),
        zone: desk.config.business.zone,
        pulled: &sheet.pulled,
        cautions: &sheet.cautions,
    };
    if let Some(path) = &arguments.html {
        let page = report::sheet_page(&sheet.day, &heading);
        return write_page(path, &page, desk, screen);
    }
    let mut answer = screen::answer();
    if arguments.csv {
        answer.write_all(report::sheet_csv(&sheet.day, &heading).as_bytes())?;
    } else if desk.json {
        writeln!(
            answer,
            "{}",
            sheet
                .answer(&heading, tenant.as_ref().map(|tenant| tenant.id.clone()))
                .text()
        )?;
    } else {
        Printed { heading: &heading }.write(&sheet.day, &mut answer)?;
    }
    answer.flush()?;
    if sheet.day.to_confirm() > 0 {
        screen.say(&format!(
            "To settle what is in question: rebook review{}",
            desk.flags
        ));
    }
    Ok(Done::All)
}

fn write_page(path: &Path, page: &str, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    if path.as_os_str() == "-" {
        let mut answer = screen::answer();
        answer.write_all(page.as_bytes())?;
        answer.flush()?;
        return Ok(Done::All);
    }
    private::write_whole(path, page)?;
    super::report::remember(super::report::PAGES, &[path.to_path_buf()], desk)?;
    screen.say(&format!(
        "Written: {}. Open it in a browser and print it.",
        path.display()
    ));
    Ok(Done::All)
}

/// The day on the business's clock, and what people call it.
fn chosen_day(text: &str, desk: &Desk) -> Result<(NaiveDate, &'static str), Failure> {
    let today = desk
        .clock
        .now()
        .with_timezone(&desk.config.business.zone)
        .date_naive();
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let date = match text.to_lowercase().as_str() {
        "today" => today,
        "tomorrow" => tomorrow,
        _ => text.parse().map_err(|_| {
            Failure::usage(
                format!("--day \"{}\" is not a day", one_line(text)),
                "write today, tomorrow, or the year first, as in 2026-11-21",
            )
        })?,
    };
    let nearness = match date {
        _ if date == today => "today",
        _ if date == tomorrow => "tomorrow",
        _ => "",
    };
    Ok((date, nearness))
}

/// A day with what a reader must know of how it came about.
pub(super) struct Sheet {
    pub day: Day,
    pub pulled: Vec<Pulled>,
    pub cautions: Vec<String>,
}

impl Sheet {
    pub fn of(date: NaiveDate, tenant: Option<&str>, desk: &Desk) -> Result<Self, Failure> {
        let bookings = decided(desk.staging.bookings_around(date)?, desk)?;
        let standing = desk.staging.standing_around(date)?;
        let kinds = kinds(desk);
        let exclusive = desk.staging.fact(pipeline::EXCLUSIVE)?.as_deref() == Some("true");
        let pulled = desk.pulled()?;
        let day = report::day(
            date,
            &Evidence {
                bookings: &bookings,
                standing: &standing,
                zone: desk.config.business.zone,
                exclusive,
                is_whole: pulled.iter().all(Pulled::is_whole),
                tenant,
                kinds: &kinds,
            },
        );
        let mut cautions = Vec::new();
        if desk.is_behind()? {
            cautions.push("More was read since this was built: rebook build brings it in.".to_owned());
        }
        if desk.config.baseline.is_none() {
            cautions
                .push("There is no backup: what was booked before the records begin is not here.".to_owned());
        }
        Ok(Self {
            day,
            pulled,
            cautions,
        })
    }

    fn answer(&self, heading: &Heading<'_>, tenant: Option<String>) -> SheetAnswer {
        let zone = heading.zone;
        let lines = |lines: &[Line]| lines.iter().map(|line| line_answer(line, heading)).collect();
        let moment = |at| When::Instant(at).render(zone);
        SheetAnswer {
            version: wire::VERSION,
            business: heading.business.to_owned(),
            tenant,
            day: heading.day.to_string(),
            made_at: moment(heading.made_at),
            cautions: heading
                .gaps()
                .into_iter()
                .chain(self.cautions.iter().cloned())
                .collect(),
            sources: pulled_answers(&self.pulled, zone),
            doubles: self
                .day
                .doubles
                .iter()
                .map(|double| DoubleAnswer {
                    resource: double.resource.clone(),
                    bookings: [double.first.id.to_string(), double.second.id.to_string()],
                    references: [double.first.reference.clone(), double.second.reference.clone()],
                })
                .collect(),
            starts: lines(&self.day.starts),
            ends: lines(&self.day.ends),
            undated: lines(&self.day.undated),
            cancelled: self
                .day
                .cancelled
                .iter()
                .map(|cancelled| CancelledAnswer {
                    booking: cancelled.id.to_string(),
                    reference: cancelled.reference.clone(),
                    time: time(cancelled.slot),
                    customer: cancelled.customer.clone(),
                    resource: cancelled.resource.clone(),
                })
                .collect(),
            under_way: self.day.under_way,
        }
    }
}

pub(super) fn pulled_answers(pulled: &[Pulled], zone: Tz) -> Vec<PulledAnswer> {
    pulled
        .iter()
        .map(|pulled| PulledAnswer {
            source: pulled.source.clone(),
            kind: pulled.kind.as_str().to_owned(),
            records: pulled.records,
            finished_at: pulled.finished_at.map(|at| When::Instant(at).render(zone)),
            problems: pulled.problems,
        })
        .collect()
}

/// The kind of each configured source.
pub(super) fn kinds(desk: &Desk) -> BTreeMap<String, SourceKind> {
    let sources = desk.config.sources.iter();
    sources.map(|source| (source.name.clone(), source.kind)).collect()
}

/// Applies the decisions; the backup is read only where one of them is about these bookings.
fn decided(bookings: Vec<Booking>, desk: &Desk) -> Result<Vec<Booking>, Failure> {
    let decisions = desk.staging.decisions()?;
    let about: BTreeSet<&str> = decisions
        .iter()
        .map(|decision| decision.booking.as_str())
        .collect();
    if bookings.iter().any(|booking| about.contains(booking.id.as_str())) {
        desk.decide(bookings)
    } else {
        Ok(bookings)
    }
}

fn time(slot: Slot) -> Option<String> {
    match slot {
        Slot::Unknown => None,
        slot @ Slot::At(_) => Some(slot.text()),
    }
}

fn line_answer(line: &Line, heading: &Heading<'_>) -> SheetLine {
    let money = |money: Option<Money>| money.map(MoneyAnswer::from);
    SheetLine {
        booking: line.id.to_string(),
        reference: line.reference.clone(),
        tenant: line.tenant.clone(),
        time: time(line.slot),
        perhaps: line.is_perhaps,
        other_end: line.other.map(|when| when.render(heading.zone)),
        customer: line.customer.clone(),
        phone: line.phone.clone(),
        email: line.email.clone(),
        resource: line.resource.clone(),
        total: money(line.total),
        paid: money(line.paid),
        due: money(line.due),
        sure: line.sureness.as_str().to_owned(),
        why: report::why(line),
    }
}

/// The sheet on a terminal of 80 columns.
struct Printed<'a> {
    heading: &'a Heading<'a>,
}

impl Printed<'_> {
    fn write(&self, day: &Day, out: &mut impl Write) -> io::Result<()> {
        let heading = self.heading;
        let near = if heading.nearness.is_empty() {
            String::new()
        } else {
            format!(" ({})", heading.nearness)
        };
        let name = heading.tenant.unwrap_or(heading.business);
        writeln!(
            out,
            "{} · {}{near}",
            one_line(name),
            heading.day.format("%A %-d %B %Y")
        )?;
        for text in heading.gaps().iter().chain(heading.cautions) {
            marked(out, text)?;
        }
        if !day.doubles.is_empty() {
            writeln!(out, "\nBooked twice")?;
        }
        for double in &day.doubles {
            writeln!(out, "  {}", one_line(&double.resource))?;
            for claimant in [&double.first, &double.second] {
                writeln!(out, "      {}", one_line(&report::claimant(claimant, heading)))?;
            }
        }
        self.section(out, "Starting", "until", &day.starts)?;
        self.section(out, "Ending", "since", &day.ends)?;
        if !day.undated.is_empty() {
            self.section(out, "Day not known, may be today", "until", &day.undated)?;
        }
        if !day.cancelled.is_empty() {
            writeln!(out, "\nCancelled, not expected")?;
        }
        for cancelled in &day.cancelled {
            writeln!(out, "      {}", one_line(&report::cancelled_words(cancelled)))?;
        }
        if day.under_way > 0 {
            writeln!(
                out,
                "\n{} under way all day",
                count_of(day.under_way, "booking is", "bookings are")
            )?;
        }
        let read: Vec<String> = heading
            .pulled
            .iter()
            .map(|pulled| report::pulled_words(pulled, heading.zone))
            .collect();
        writeln!(out)?;
        for line in wrapped(&one_line(&format!("Read: {}.", read.join("; "))), 78) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn section(&self, out: &mut impl Write, title: &str, toward: &str, lines: &[Line]) -> io::Result<()> {
        writeln!(out, "\n{title} · {}", lines.len())?;
        if lines.is_empty() {
            writeln!(out, "      nothing that was read so far")?;
        }
        for line in lines {
            self.line(out, toward, line)?;
        }
        Ok(())
    }

    fn line(&self, out: &mut impl Write, toward: &str, line: &Line) -> io::Result<()> {
        let zone = self.heading.zone;
        let word = |text: &Option<String>, none: &str| one_line(text.as_deref().unwrap_or(none));
        let reach = line
            .phone
            .as_deref()
            .or(line.email.as_deref())
            .unwrap_or("no telephone known");
        let perhaps = if line.is_perhaps { " perhaps" } else { "" };
        writeln!(
            out,
            "[ ] {:>5}{perhaps}  {} · {} · {}",
            line.slot.text(),
            word(&line.customer, "name not known"),
            one_line(reach),
            word(&line.resource, "what is not known"),
        )?;
        let other = line.other.map(|when| match when {
            When::Instant(at) if when.date(zone) == self.heading.day => {
                format!(" {toward} {}", at.with_timezone(&zone).format("%H:%M"))
            }
            When::Instant(at) => format!(" {toward} {}", at.with_timezone(&zone).format("%a %-d %b %H:%M")),
            When::Date(date) => format!(" {toward} {}", date.format("%a %-d %b")),
        });
        let reference = line.reference.clone().unwrap_or_else(|| line.id.to_string());
        let paid = line.paid.map_or_else(
            || "paid ?".to_owned(),
            |paid| format!("paid {}", report::spoken(paid)),
        );
        writeln!(
            out,
            "           {}{} · {paid}, {}",
            one_line(&reference),
            other.unwrap_or_default(),
            report::due_words(line)
        )?;
        if line.is_to_confirm() {
            writeln!(out, "           CALL TO CONFIRM")?;
        }
        for reason in report::why(line) {
            for text in wrapped(&one_line(&reason), 68) {
                writeln!(out, "           {text}")?;
            }
        }
        Ok(())
    }
}

/// A caution, in as many lines as it needs.
fn marked(out: &mut impl Write, text: &str) -> io::Result<()> {
    for (index, line) in wrapped(&one_line(text), 76).iter().enumerate() {
        writeln!(out, "{} {line}", if index == 0 { "!" } else { " " })?;
    }
    Ok(())
}
