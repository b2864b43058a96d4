//! A second lesson: mail that the business words anew since the backup, taught by what the other sources say of the same
//! bookings.
//!
//! Input: the records as the overlap taught to read them, and the bookings that they make. Output: rules for the kinds
//! of message that the overlap did not know. A rule must agree with nearly all of many bookings, and must stand in no
//! message from before the backup: there it would have been learned, or it would have been wrong.

use super::{Evidence, Lens, fuse_with};
use crate::fuse::Trial;
use crate::learn::Overlap;
use crate::mapping::{Gazetteer, Lexer, Line, Mapping, Meaning, Rule, Told};
use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, Booking, Document, FieldName, Linked, RecordId, Scalar,
    Status, Window,
};
use chrono::{DateTime, TimeDelta, Utc};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Fewer messages of new kinds than this teach nothing.
const MESSAGES: usize = 20;
/// Bookings that a rule must have been tried on, and the share in a hundred that it must be right for.
const SUPPORT: u32 = 12;
const PERCENT: u32 = 95;
/// A message that founds a booking is sent within this of the booking's other first records.
const PROMPT: TimeDelta = TimeDelta::hours(1);

/// The mappings with what the messages of new kinds taught, and how many there are; None where there are too few.
pub fn learn(
    evidence: &Evidence<'_>,
    lens: &Lens<'_>,
    mappings: &[Mapping],
    told: &[Told<'_>],
    linked: &Linked,
) -> Option<(Vec<Mapping>, usize)> {
    // Where no rule fell silent, these may be kinds that were always too rare to learn: they have to be read whole.
    let reworded = super::alarms::reworded_since(told, evidence.window);
    let since = reworded.map_or(evidence.window.backup, |at| at.max(evidence.window.backup));
    let strangers: BTreeSet<&RecordId> = told
        .iter()
        .filter(|told| is_strange(told, since))
        .map(|told| &told.document.record)
        .collect();
    if strangers.len() < MESSAGES {
        return None;
    }
    let fused = fuse_with(evidence, mappings, told, linked, &Trial::default(), None);
    let mut rows = Baseline {
        resources: evidence.baseline.resources.clone(),
        family_first: evidence.baseline.family_first,
        ..Baseline::default()
    };
    let made: HashMap<&RecordId, DateTime<Utc>> = told
        .iter()
        .filter(|told| !strangers.contains(&told.document.record))
        .filter_map(|told| Some((&told.document.record, told.document.made_at?)))
        .collect();
    let mut founded: HashMap<&RecordId, DateTime<Utc>> = HashMap::new();
    for fused in &fused {
        if fused
            .booking
            .records
            .iter()
            .any(|record| strangers.contains(record))
        {
            let (mut booking, customer) = row(&fused.booking, &strangers);
            // What is taught cannot tell whether it opens the talk about a booking or goes on with it.
            let records = || fused.booking.records.iter();
            booking.created_at = records().filter_map(|record| made.get(record)).min().copied();
            founded.extend(
                records()
                    .zip(std::iter::repeat(booking.created_at))
                    .filter_map(|(record, at)| Some((record, at?))),
            );
            rows.bookings.push(booking);
            rows.customers.push(customer);
        }
    }
    let documents: Vec<Document> = told
        .iter()
        .filter(|told| strangers.contains(&told.document.record))
        .map(|told| told.document.clone())
        .collect();
    let window = Window {
        learn_from: evidence.window.backup,
        backup: evidence.window.loss + TimeDelta::days(1),
        ..*evidence.window
    };
    let gazetteer = Gazetteer::new(&rows.resources)
        .knowing(&documents)
        .trading_as(evidence.business, &documents)
        .with_codes(lens.gazetteer.codes().clone())
        .telephoned(lens.gazetteer.phones().clone())
        .paid_in(lens.gazetteer.monies().clone())
        .calling(mappings);
    let learned =
        Overlap::cut(&documents, gazetteer, &window).teach(&rows, &window, evidence.business, &|_| true);
    let mut revised = mappings.to_vec();
    let mut taught = false;
    for new in learned.mappings {
        let Some(mapping) = revised.iter_mut().find(|mapping| mapping.source == new.source) else {
            continue;
        };
        let old: Vec<(usize, &Document)> = told
            .iter()
            .map(|told| told.document)
            .enumerate()
            .filter(|(_, document)| document.object == "message" && !strangers.contains(&document.record))
            .collect();
        let rules = unheard(lens, &new, &old);
        taught |= !rules.is_empty();
        mapping.rules.extend(rules.iter().cloned());
        // Slots that are idle are not taken over: where a change is told by this mail alone, its new day agrees with
        // nothing, and has to be asked about.
        for mut meaning in unsaid(lens, new.meanings, told) {
            let known = |old: &Meaning| old.place == meaning.place && old.line == meaning.line;
            if !mapping.meanings.iter().any(known)
                && (reworded.is_some()
                    || is_read(lens, (&new.source, &rules), &mut meaning, &documents, &founded))
            {
                mapping.meanings.push(meaning);
            }
        }
    }
    taught.then_some((revised, strangers.len()))
}

/// A message of the business since then, of a kind that the overlap did not know.
fn is_strange(told: &Told<'_>, since: DateTime<Utc>) -> bool {
    told.document.object == "message"
        && told.speaks()
        && !told.claims.known
        && told.document.said_at.is_some_and(|at| at > since)
}

/// The rules that are sure, and that no other message has the slot of.
fn unheard(lens: &Lens<'_>, new: &Mapping, old: &[(usize, &Document)]) -> Vec<Rule> {
    let sure = |rule: &&Rule| rule.support >= SUPPORT && rule.agree * 100 >= rule.support * PERCENT;
    let rules: Vec<Rule> = new
        .rules
        .iter()
        .filter(sure)
        .filter(|rule| rule.object == "message")
        .cloned()
        .collect();
    let tried = Mapping {
        rules: rules.clone(),
        ..Mapping {
            source: new.source.clone(),
            family_first: new.family_first,
            ..Mapping::default()
        }
    };
    let told = lens.tell(old.par_iter().copied(), std::slice::from_ref(&tried));
    let claims = told.iter().flat_map(|told| &told.claims.claims);
    let heard: BTreeSet<usize> = claims
        .filter_map(|claim| claim.rule.rsplit_once('#')?.1.parse::<usize>().ok())
        .collect();
    // Whole headers are in every message: they mean in the new ones what they mean in the old.
    let header = |rule: &Rule| rule.place.starts_with("header:to");
    rules
        .into_iter()
        .enumerate()
        .filter(|(at, rule)| !heard.contains(&(at + 1)) && !header(rule))
        .map(|(_, rule)| rule)
        .collect()
}

/// The meanings that are sure, of lines that no message of a known kind holds: what stands there too, a greeting or the
/// sender's address, does not tell the new kinds from them.
fn unsaid(lens: &Lens<'_>, meanings: Vec<Meaning>, told: &[Told<'_>]) -> Vec<Meaning> {
    let sure = |meaning: &Meaning| meaning.is_sure() && meaning.support >= SUPPORT;
    let mut meanings: Vec<Meaning> = meanings.into_iter().filter(sure).collect();
    let lexer = Lexer {
        gazetteer: lens.gazetteer,
    };
    let of = |document: &Document| -> BTreeSet<usize> {
        let said = document.items.iter().filter_map(|item| match &item.value {
            Scalar::Text(text) => Some((item.place.as_str(), text)),
            _ => None,
        });
        let mut found = BTreeSet::new();
        for (place, text) in said {
            let at = |meaning: &Meaning| meaning.object == document.object && meaning.place == place;
            if meanings.iter().any(at) {
                let line = lexer.line(document.record.source(), text);
                let matching = (0..meanings.len()).filter(|index| {
                    let meaning = &meanings[*index];
                    at(meaning) && stands_in(meaning, &line)
                });
                found.extend(matching);
            }
        }
        found
    };
    let said: BTreeSet<usize> = told
        .par_iter()
        .filter(|told| told.claims.known)
        .map(|told| of(told.document))
        .reduce(BTreeSet::new, |mut all, one| {
            all.extend(one);
            all
        });
    let mut index = 0..;
    meanings.retain(|_| index.next().is_some_and(|index| !said.contains(&index)));
    meanings
}

/// Whether a line says what a meaning is of, or one of its sentences does: they were learned of both.
fn stands_in(meaning: &Meaning, line: &Line) -> bool {
    meaning.line.matches(line) || line.sentences().iter().any(|part| meaning.line.matches(part))
}

/// Whether the new rules read the start in nearly all messages that found a booking with this line. Where those came long
/// after the entry or the payment of their booking, `founded`, it is not known that they found it: the first message of a
/// booking that was moved looks like another booking's.
fn is_read(
    lens: &Lens<'_>,
    (source, rules): (&str, &[Rule]),
    meaning: &mut Meaning,
    strangers: &[Document],
    founded: &HashMap<&RecordId, DateTime<Utc>>,
) -> bool {
    if meaning.status == Status::Cancelled || meaning.follows == Some(true) {
        return true;
    }
    let tried = Mapping {
        source: source.to_owned(),
        rules: rules.to_vec(),
        meanings: vec![meaning.clone()],
        ..Mapping::default()
    };
    // Copies are not known to the overlap by their place.
    let lens = Lens {
        overlap: None,
        ..*lens
    };
    let told = lens.tell(strangers.par_iter().enumerate(), std::slice::from_ref(&tried));
    let of_kind: Vec<&Told<'_>> = told.iter().filter(|told| told.claims.known).collect();
    let starts = |told: &&&Told<'_>| {
        let mut claims = told.claims.claims.iter();
        claims.any(|claim| claim.field == FieldName::StartsAt)
    };
    let delays = of_kind.iter().filter_map(|told| {
        let at = founded.get(&told.document.record)?;
        Some(told.document.said_at? - *at)
    });
    if comes_late(delays) {
        meaning.follows = None;
    }
    of_kind.iter().filter(starts).count() * 10 >= of_kind.len() * 9
}

/// Whether most messages came long before or after the other first records of their bookings.
fn comes_late(delays: impl Iterator<Item = TimeDelta>) -> bool {
    let (prompt, late): (Vec<TimeDelta>, Vec<TimeDelta>) = delays.partition(|delay| delay.abs() <= PROMPT);
    late.len() > prompt.len()
}

/// What other records than the new kinds of message tell of a booking, as a row of a backup.
fn row(booking: &Booking, strangers: &BTreeSet<&RecordId>) -> (BaselineBooking, BaselineCustomer) {
    let told = |field: FieldName| {
        let claims = booking.claims.get(&field);
        claims
            .into_iter()
            .flatten()
            .any(|claim| !strangers.contains(&claim.record))
    };
    let asked = |field: FieldName| {
        let mut open = booking.conflicts.iter().filter_map(|conflict| conflict.field);
        open.any(|other| other == field)
    };
    let known = |field: FieldName| told(field) && !asked(field);
    let id = booking.id.0.clone();
    let customer = BaselineCustomer {
        key: id.clone(),
        name: booking
            .customer
            .name
            .clone()
            .filter(|_| known(FieldName::CustomerName)),
        email: booking
            .customer
            .email
            .clone()
            .filter(|_| told(FieldName::CustomerEmail)),
        phone: booking
            .customer
            .phone
            .clone()
            .filter(|_| told(FieldName::CustomerPhone)),
        ..BaselineCustomer::default()
    };
    let row = BaselineBooking {
        customer: Some(id.clone()),
        key: id,
        tenant: booking.tenant.clone(),
        reference: booking.reference.clone().filter(|_| known(FieldName::Reference)),
        resource: booking
            .resource
            .key
            .clone()
            .filter(|_| known(FieldName::ResourceKey)),
        starts_at: booking.starts_at.filter(|_| known(FieldName::StartsAt)),
        ends_at: booking.ends_at.filter(|_| known(FieldName::EndsAt)),
        // What is only supposed of a booking would come back out of its messages as if they had said it.
        status: booking.status.filter(|_| !asked(FieldName::Status)),
        // A price reckoned from a deposit is asked about; where the messages agree with it, it was right.
        total: booking.total.filter(|_| told(FieldName::Total)),
        ..BaselineBooking::default()
    };
    (row, customer)
}

#[cfg(test)]
mod tests {
    use super::{comes_late, row, stands_in};
    use crate::mapping::{Gazetteer, Lexer, Meaning, Pattern, Piece};
    use crate::model::{Action, Booking, BookingId, Conflict, ConflictKind, FieldName, State, Status};
    use chrono::TimeDelta;
    use std::collections::BTreeSet;

    #[test]
    fn a_line_is_said_where_one_of_its_sentences_says_it() {
        let gazetteer = Gazetteer::new(&[]);
        let lexer = Lexer {
            gazetteer: &gazetteer,
        };
        let words = |text| lexer.line("mail", text).tokens;
        let meaning = |text| Meaning {
            object: "message".to_owned(),
            place: "text".to_owned(),
            line: Pattern(
                words(text)
                    .into_iter()
                    .map(|(token, _)| Piece::Is(token))
                    .collect(),
            ),
            status: Status::Cancelled,
            follows: None,
            support: 20,
            agree: 20,
        };
        let line = lexer.line("mail", "plus tax. Thank you for asking");
        assert!(stands_in(&meaning("plus tax."), &line));
        assert!(stands_in(&meaning("plus tax. Thank you for asking"), &line));
        assert!(!stands_in(&meaning("thank you for"), &line));
    }

    #[test]
    fn what_a_person_is_asked_about_teaches_nothing() {
        let id = BookingId("b_1".to_owned());
        let (kind, field) = (ConflictKind::ChangedWithoutNotice, Some(FieldName::Status));
        let asked = Conflict::new(&id, kind, field, "Is it off?".to_owned(), Vec::new(), None);
        let booking = |conflicts| Booking {
            status: Some(Status::Cancelled),
            conflicts,
            ..Booking::bare(id.clone(), State::Clean, Action::Insert)
        };
        let status = |conflicts| row(&booking(conflicts), &BTreeSet::new()).0.status;
        assert_eq!(status(Vec::new()), Some(Status::Cancelled));
        assert_eq!(status(vec![asked]), None);
    }

    #[test]
    fn what_comes_days_after_the_entry_founds_no_booking() {
        let is_late = |minutes: &[i64]| comes_late(minutes.iter().copied().map(TimeDelta::minutes));
        assert!(!is_late(&[0, 2, -1, 5]));
        assert!(is_late(&[380, 2, 9000, 5000]));
        assert!(!is_late(&[]), "nothing else tells of them");
    }
}
