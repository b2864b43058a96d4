//! `rebook explain` for a record that is on no booking: where it is, what was read in it, and why it stands alone.

use super::desk::Desk;
use super::failure::Failure;
use super::passage::Passage;
use super::screen::one_line;
use super::{pipeline, stages, words};
use crate::mapping::{ChargeRole, Claims, Gazetteer, Monies, PhoneForms, Reader, Told};
use crate::model::{
    Baseline, Booking, Bucket, Claim, Document, FieldName, Record, RecordId, Standing, Value, When,
};
use crate::wire::{LooseAnswer, LooseClaim, VERSION};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Bookings of the same customer that are named.
const NEAR_MAX: usize = 5;

/// A record that is on no booking.
pub(super) struct Loose {
    answer: LooseAnswer,
    /// Its line of the timeline.
    gist: String,
}

impl Loose {
    pub fn of(
        id: &RecordId,
        staged: &Record,
        desk: &Desk,
        backup: Option<&Baseline>,
    ) -> Result<Self, Failure> {
        let document = stages::document(&desk.staging, &desk.config, id);
        let empty = Baseline::default();
        let backup = backup.unwrap_or(&empty);
        let told = document
            .as_ref()
            .map(|document| Ok::<_, Failure>((document, claims(document, id, desk, backup)?)))
            .transpose()?;
        let (bucket, mut reasons) = charge(id, desk)?;
        let mut read = Vec::new();
        let mut near = BTreeSet::new();
        if let Some((document, claims)) = &told {
            reasons.extend(why(document, claims, id));
            for claim in &claims.claims {
                read.push(as_read(claim, document, desk));
            }
            reasons.extend(elsewhere(claims, backup, desk, &mut near)?);
        } else {
            reasons
                .push("it could not be taken apart: rebook status -v says what is wrong with it".to_owned());
        }
        let (asked_on, questions) = asked(id, desk)?;
        reasons.extend(questions);
        if reasons.is_empty() {
            reasons.push("nothing that it says fits one booking better than chance would".to_owned());
        }
        let said_at = document.as_ref().and_then(|document| document.said_at);
        let zone = desk.config.business.zone;
        Ok(Self {
            gist: document
                .as_ref()
                .map_or_else(|| one_line(&staged.object), words::gist),
            answer: LooseAnswer {
                version: VERSION,
                record: id.to_string(),
                object: staged.object.clone(),
                said_at: said_at.map(|at| When::Instant(at).render(zone)),
                origin: staged.origin.clone(),
                bucket: bucket.map(Bucket::as_str),
                reasons,
                claims: read,
                asked_on,
                near: near.into_iter().take(NEAR_MAX).collect(),
            },
        })
    }

    pub fn line(&self) -> String {
        self.answer.text()
    }

    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let found = &self.answer;
        writeln!(out, "{} is on no booking", one_line(&found.record))?;
        let at = found
            .said_at
            .as_ref()
            .map_or_else(String::new, |at| format!("{at}  "));
        writeln!(out, "\n  {at}{}", self.gist)?;
        writeln!(out, "  staged from {}", one_line(&found.origin))?;
        writeln!(out, "\n  why")?;
        for reason in &found.reasons {
            for (index, line) in words::wrapped(&one_line(reason), 72).iter().enumerate() {
                writeln!(out, "    {}{line}", if index == 0 { "- " } else { "  " })?;
            }
        }
        if !found.claims.is_empty() {
            writeln!(out, "\n  what was read in it")?;
        }
        for claim in &found.claims {
            writeln!(out, "      {:<22} {}", claim.label, one_line(&claim.value))?;
            let passage = claim.passage.as_deref().unwrap_or_default();
            writeln!(
                out,
                "        {} {}  {}",
                one_line(&claim.place),
                claim.rule,
                one_line(passage)
            )?;
        }
        if !found.near.is_empty() {
            writeln!(out, "\n  bookings of the same customer or reference")?;
        }
        for booking in &found.near {
            writeln!(out, "      {}", one_line(booking))?;
        }
        Ok(())
    }
}

/// What the mapping of its source reads in it.
fn claims(document: &Document, id: &RecordId, desk: &Desk, backup: &Baseline) -> Result<Claims, Failure> {
    let mappings = pipeline::all_mappings(&desk.mappings())?;
    let Some((mapping, _)) = mappings.iter().find(|(mapping, _)| mapping.source == id.source()) else {
        return Ok(Claims::default());
    };
    let gazetteer = Gazetteer::new(&backup.resources)
        .calling([mapping])
        .telephoned(PhoneForms::learn(backup.phones()))
        .paid_in(Monies::new(desk.config.business.currency, backup.currencies()));
    Ok(Reader::new(mapping, &gazetteer, &desk.config.business).read(document))
}

/// Where its money went, of a charge.
fn charge(id: &RecordId, desk: &Desk) -> Result<(Option<Bucket>, Vec<String>), Failure> {
    let charges = desk.staging.charges()?;
    let Some(charge) = charges.iter().find(|charge| charge.id == id.native()) else {
        return Ok((None, Vec::new()));
    };
    let what = match charge.bucket {
        Bucket::BelongsToNone => "its money is counted as belonging to no booking",
        Bucket::InConflict => "a question is open about its money",
        Bucket::OnBooking => "its money is counted on a booking",
    };
    Ok((Some(charge.bucket), vec![format!("{what}: {}", charge.reason)]))
}

/// What the record itself tells.
fn why(document: &Document, claims: &Claims, id: &RecordId) -> Vec<String> {
    let told = Told {
        document,
        claims: claims.clone(),
    };
    let mut reasons = Vec::new();
    match document.standing {
        Standing::Business => {}
        Standing::Customer => reasons.push("it is a customer's word, and makes no booking by itself".to_owned()),
        Standing::Nobody => reasons.push(
            "nobody who speaks for the business says it: its sender is not among `senders`, or failed authentication"
                .to_owned(),
        ),
    }
    match document.object.as_str() {
        "charge" if !told.took_money() => {
            let status = document.text("/status").unwrap_or("unknown");
            reasons.push(format!(
                "it took no money (its status is {status}), so it pays for nothing"
            ));
        }
        "charge" if claims.charge == ChargeRole::Other => {
            reasons.push("charges of its kind pay for no booking in the backup: a sale or a fee".to_owned());
        }
        "event" => match claims.booked {
            Some((booked, support)) => reasons.push(format!(
                "of {support} events of its kind before the backup, {booked} stood for a booking"
            )),
            None => reasons.push("events of its kind were not seen before the backup".to_owned()),
        },
        "message" if claims.request => reasons.push(
            "messages of its kind never were a booking by themselves: a request, which came to nothing where no other \
             message, entry or payment tells of it"
                .to_owned(),
        ),
        "message" if !claims.known => {
            reasons.push("messages of its kind were not seen with bookings of the backup".to_owned());
        }
        _ => {}
    }
    if claims.claims.is_empty() {
        reasons.push(format!(
            "no rule of the mapping for {} reads anything in it",
            id.source()
        ));
    }
    reasons
}

fn as_read(claim: &Claim, document: &Document, desk: &Desk) -> LooseClaim {
    LooseClaim {
        field: claim.field.as_str(),
        label: words::label(claim.field),
        value: match &claim.value {
            Value::When(when) => when.render(desk.config.business.zone),
            value => desk.clockface().text(value),
        },
        place: claim.place.clone(),
        rule: claim.rule.clone(),
        passage: Passage::of(claim, document).map(|passage| passage.marked()),
    }
}

/// Bookings and rows that share what it names; `near` takes them up.
fn elsewhere(
    claims: &Claims,
    backup: &Baseline,
    desk: &Desk,
    near: &mut BTreeSet<String>,
) -> Result<Vec<String>, Failure> {
    let texts = |field| {
        claims.of(field).filter_map(|claim| match &claim.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    let mut reasons = Vec::new();
    for reference in texts(FieldName::Reference).collect::<BTreeSet<_>>() {
        let rebuilt = desk.staging.find_bookings(reference)?;
        near.extend(rebuilt.iter().map(named));
        let row = backup.bookings.iter().find(|row| {
            row.reference
                .as_deref()
                .is_some_and(|other| other.eq_ignore_ascii_case(reference))
        });
        match row {
            Some(row) if rebuilt.is_empty() => reasons.push(format!(
                "it tells of {reference}, which stands in the backup (row {}) and has not changed since",
                row.key
            )),
            None if rebuilt.is_empty() => {
                reasons.push(format!("no booking was made of {reference}, which it names"));
            }
            _ => {}
        }
    }
    let emails: BTreeSet<String> = texts(FieldName::CustomerEmail).map(str::to_lowercase).collect();
    if !emails.is_empty() {
        let bookings = desk.staging.bookings()?;
        let of_them = bookings.iter().filter(|booking| {
            let email = booking.customer.email.as_deref();
            email.is_some_and(|email| emails.contains(&email.to_lowercase()))
        });
        near.extend(of_them.map(named));
    }
    Ok(reasons)
}

fn named(booking: &Booking) -> String {
    let reference = booking.reference.as_deref().unwrap_or("-");
    format!("{reference} ({})", booking.id)
}

/// Open questions that it is a candidate's evidence in.
fn asked(id: &RecordId, desk: &Desk) -> Result<(Vec<String>, Vec<String>), Failure> {
    let mut on = Vec::new();
    let mut questions = Vec::new();
    for booking in desk.decided_bookings()? {
        for conflict in &booking.conflicts {
            let cites = conflict
                .candidates
                .iter()
                .any(|candidate| candidate.records.contains(id))
                || conflict.reason.contains(id.as_str());
            if cites {
                on.push(booking.id.to_string());
                questions.push(format!(
                    "a question is open about it, on {}: {}",
                    named(&booking),
                    conflict.reason
                ));
            }
        }
    }
    on.dedup();
    Ok((on, questions))
}
