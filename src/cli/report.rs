//! `rebook report`: a page to look at, and one for each tenant.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::screen::{self, Screen};
use super::{export, money, pipeline, private, summary, words};
use crate::mapping::Mapping;
use crate::model::{Baseline, Booking, Charge, ConflictKind, Document, Tenant};
use crate::report::{self, Learned, Plan, Report, Words};
use crate::wire::ReportAnswer;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to write to; made where it is not there. Pages of an earlier report in it are replaced.
    #[arg(long, value_name = "DIR", default_value = "report")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    pipeline::catch_up(desk, screen)?;
    desk.warn_of_stale(screen)?;
    let folder = &arguments.out;
    refuse_foreign(folder)?;
    let material = Material::gather(desk, screen)?;
    private::make_folder(folder)?;
    let tenants = &desk.config.tenants;
    let files: Vec<(String, String)> = tenants
        .iter()
        .enumerate()
        .map(|(at, tenant)| (format!("tenant-{}.html", at + 1), tenant.name.clone()))
        .collect();
    let mut written = vec![folder.join(INDEX)];
    private::write_whole(&written[0], &material.page(None, &files, desk))?;
    let back = [(INDEX.to_owned(), format!("All of {}", desk.config.business.name))];
    for (tenant, (file, _)) in tenants.iter().zip(&files) {
        let path = folder.join(file);
        private::write_whole(&path, &material.page(Some(tenant), &back, desk))?;
        written.push(path);
    }
    remember(PAGES, &written, desk)?;
    let mut answer = screen::answer();
    if desk.json {
        let pages = written.iter().map(|path| path.display().to_string()).collect();
        writeln!(answer, "{}", ReportAnswer::new(pages).text())?;
    } else {
        for path in &written {
            writeln!(answer, "{}", path.display())?;
        }
    }
    answer.flush()?;
    screen.say("Open it in a browser. It holds people's data: rebook forget removes it when this is over.");
    Ok(Done::All)
}

const INDEX: &str = "index.html";
/// The fact that lists the pages that were written, for `forget`.
pub(super) const PAGES: &str = "pages";
/// The fact that lists the SQL files that were written.
pub(super) const EXPORTS: &str = "exports";

/// A folder with a page that is none of ours stays as it is.
fn refuse_foreign(folder: &Path) -> Result<(), Failure> {
    let Ok(text) = std::fs::read_to_string(folder.join(INDEX)) else {
        return Ok(());
    };
    if report::is_report(&text) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{} holds a page that is no report of rebook", folder.display()),
        "name another folder with --out",
    ))
}

/// Notes where files with people's data lie, under one of the facts for them.
pub(super) fn remember(fact: &str, pages: &[PathBuf], desk: &mut Desk) -> Result<(), Failure> {
    let mut known: BTreeSet<String> = remembered(fact, desk)?.into_iter().collect();
    for page in pages {
        let whole = std::fs::canonicalize(page).unwrap_or_else(|_| page.clone());
        known.insert(whole.to_string_lossy().into_owned());
    }
    let lines: Vec<String> = known.into_iter().collect();
    desk.staging.set_fact(fact, &lines.join("\n"))?;
    Ok(())
}

pub(super) fn remembered(fact: &str, desk: &Desk) -> Result<Vec<String>, Failure> {
    let known = desk.staging.fact(fact)?.unwrap_or_default();
    Ok(known
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Everything that pages are made of.
struct Material {
    bookings: Vec<Booking>,
    charges: Vec<Charge>,
    pulled: Vec<report::Pulled>,
    baseline: Option<Baseline>,
    summary: crate::model::Summary,
    learned: Vec<Learned>,
    plan: Plan,
    /// Tenant and source to records by day; the tenant is None of records that belong to no one in particular.
    activity: BTreeMap<Option<String>, Activity>,
    /// The charges that each tenant's own account holds.
    own_charges: BTreeMap<Option<String>, BTreeSet<String>>,
    next: String,
}

type Activity = BTreeMap<String, BTreeMap<NaiveDate, u64>>;

impl Material {
    fn gather(desk: &Desk, screen: &Screen) -> Result<Self, Failure> {
        let summary = pipeline::last_summary(desk)?;
        let mut bookings = desk.decided_bookings()?;
        weigh_doubts(&mut bookings, desk)?;
        let charges = money::settle(desk.staging.charges()?, &bookings);
        let baseline = desk.baseline()?;
        let (documents, _) = pipeline::extract(desk, screen, &mut Stopwatch::default())?;
        let mut activity: BTreeMap<Option<String>, Activity> = BTreeMap::new();
        let mut own_charges: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
        for document in &documents {
            count(document, &mut activity, desk);
            if document.object == "charge" {
                let native = document.record.native().to_owned();
                own_charges
                    .entry(document.tenant.clone())
                    .or_default()
                    .insert(native);
            }
        }
        Ok(Self {
            plan: plan(
                &desk.kept(bookings.clone())?,
                desk.backup()?.as_ref(),
                &summary,
                desk,
            ),
            learned: learned(&pipeline::all_mappings(&desk.mappings())?),
            pulled: desk.pulled()?,
            next: summary::next(&summary, &desk.flags)
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("Next: ")
                .to_owned(),
            bookings,
            charges,
            baseline,
            summary,
            activity,
            own_charges,
        })
    }

    fn page(&self, tenant: Option<&Tenant>, pages: &[(String, String)], desk: &Desk) -> String {
        let is_wanted = |of: &Option<String>| tenant.is_none_or(|tenant| of.as_ref() == Some(&tenant.id));
        let bookings: Vec<&Booking> = self
            .bookings
            .iter()
            .filter(|booking| is_wanted(&booking.tenant))
            .collect();
        let none = BTreeSet::new();
        let charges = match tenant {
            None => self.charges.iter().collect(),
            Some(tenant) => {
                let own = self.own_charges.get(&Some(tenant.id.clone())).unwrap_or(&none);
                report::of_tenant(&self.charges, &bookings, own)
            }
        };
        let mut activity: Activity = BTreeMap::new();
        for (_, sources) in self.activity.iter().filter(|(of, _)| is_wanted(of)) {
            for (source, days) in sources {
                for (day, count) in days {
                    *activity
                        .entry(source.clone())
                        .or_default()
                        .entry(*day)
                        .or_default() += count;
                }
            }
        }
        let made_before: Vec<DateTime<Utc>> = self
            .baseline
            .iter()
            .flat_map(|baseline| &baseline.bookings)
            .filter(|row| is_wanted(&row.tenant))
            .filter_map(|row| row.created_at)
            .collect();
        let backtest = self.summary.backtest.as_ref();
        Report {
            business: &desk.config.business.name,
            tenant: tenant.map(|tenant| tenant.name.as_str()),
            pages,
            zone: desk.config.business.zone,
            window: &desk.config.window,
            made_at: desk.clock.now(),
            tool: &format!("rebook {}", super::VERSION),
            bookings,
            charges,
            pulled: &self.pulled,
            activity: &activity,
            made_before: &made_before,
            backtest,
            trust: &summary::trust(backtest),
            interval: backtest
                .filter(|test| test.clean > 0)
                .map(|test| summary::wilson(test.right, test.clean)),
            warnings: &self.summary.warnings,
            learned: &self.learned,
            plan: &self.plan,
            words: Words {
                label: words::label,
                question: words::question,
                comparison: words::comparison,
            },
            next: &self.next,
        }
        .page()
    }
}

/// Open questions about what belongs together that are drawn; the review shows all.
const DRAWN_MAX: usize = 24;

/// Reads what speaks for and against records that may belong to bookings, of those that start first.
fn weigh_doubts(bookings: &mut [Booking], desk: &Desk) -> Result<(), Failure> {
    let is_asked = |booking: &&mut Booking| {
        let kinds = [ConflictKind::UnlinkedRecord, ConflictKind::AmbiguousLink];
        let mut conflicts = booking.conflicts.iter();
        conflicts.any(|conflict| kinds.contains(&conflict.kind))
    };
    let mut asked: Vec<&mut Booking> = bookings.iter_mut().filter(is_asked).collect();
    asked.sort_by_key(|booking| (booking.starts_at, booking.id.clone()));
    for booking in asked.into_iter().take(DRAWN_MAX) {
        let known = desk.staging.booking(&booking.id)?;
        booking.waterfalls = known.map_or_else(Vec::new, |known| known.waterfalls);
    }
    Ok(())
}

fn count(document: &Document, activity: &mut BTreeMap<Option<String>, Activity>, desk: &Desk) {
    let Some(at) = document.said_at else { return };
    let day = at.with_timezone(&desk.config.business.zone).date_naive();
    let sources = activity.entry(document.tenant.clone()).or_default();
    let days = sources.entry(document.record.source().to_owned()).or_default();
    *days.entry(day).or_default() += 1;
}

fn learned(mappings: &[(Mapping, bool)]) -> Vec<Learned> {
    let of = |(mapping, by_hand): &(Mapping, bool)| {
        let mut fields: Vec<_> = mapping
            .rules
            .iter()
            .map(|rule| {
                (
                    rule.field,
                    format!("{} {}", rule.object, rule.place),
                    rule.support,
                    rule.agree,
                )
            })
            .collect();
        // The same field at the same place under several wordings is one line.
        fields.sort();
        fields.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0 && next.1 == kept.1;
            if is_same {
                kept.2 += next.2;
                kept.3 += next.3;
            }
            is_same
        });
        Learned {
            source: mapping.source.clone(),
            by_hand: *by_hand,
            fields,
            meanings: mapping.meanings.len(),
        }
    };
    mappings.iter().map(of).collect()
}

fn plan(
    bookings: &[Booking],
    baseline: Option<&Baseline>,
    summary: &crate::model::Summary,
    desk: &Desk,
) -> Plan {
    let Some(target) = &desk.config.target else {
        return Plan::None(
            "There is none: rebook.toml has no [target] that says which table and column holds what."
                .to_owned(),
        );
    };
    let reload = export::plan(bookings, target, baseline, summary, desk);
    match reload {
        Err(why) => Plan::None(format!("It cannot be written as things are: {why}.")),
        Ok(reload) => Plan::Of {
            counts: vec![
                (reload.counts.inserts, "new bookings"),
                (
                    reload.counts.updates,
                    "changes of bookings that stand in the backup",
                ),
                (reload.counts.customers, "new customers"),
                (reload.counts.payments, "new payments"),
                (
                    reload.counts.refunds,
                    "refunds of payments that stand in the backup",
                ),
                (reload.left_out.len(), "bookings left out until they are decided"),
            ],
            held: reload
                .held
                .iter()
                .map(|held| {
                    let what = held.payment.as_deref().or(held.reference.as_deref());
                    (
                        what.unwrap_or(held.booking.as_str()).to_owned(),
                        held.reason.clone(),
                    )
                })
                .collect(),
            notes: reload.notes,
        },
    }
}
