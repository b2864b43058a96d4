//! A teacher where there is none: bookings on which the sources agree with each other.
//!
//! Without a backup, or without records that reach back before it, nothing says which place carries
//! which field. But the sources were written about the same bookings. A code that messages, calendar
//! and payments share is the booking's number; a moment in a message that is the edge of the calendar's
//! entry is when it begins or ends; an amount that the payments come to, and never exceed, is the price;
//! what schema.org data and calendar parts state has a published meaning. Bookings for which that
//! agrees stand in for the backup's, and every learner learns from them as it would from the backup.
//! What no second source confirms is not labelled. Nothing here knows a language or a business.

mod facts;
pub(super) use facts::is_end;
mod groups;
mod mailings;
mod manners;
mod money;
mod parties;
mod reference;
mod rows;
mod times;

use super::vocabulary::Vocabulary;
use super::{Learned, Lexed, learn, lex, lex_all};
use crate::mapping::{Gazetteer, Lexer, Line, Meaning, Monies, PlainCodes, SlotType};
use crate::model::{
    Baseline, BaselineCustomer, Business, Document, FieldName, SourceKind, Standing, Status, Window,
};
use manners::Manners;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Fewer bookings than this teach nothing.
const ENOUGH: usize = 8;

/// What was learned without a teacher.
#[derive(Debug, Clone, Default)]
pub struct Agreed {
    pub learned: Learned,
    /// The bookings that stood in for the backup's.
    pub stand_in: Baseline,
    /// Fields that rules were found for.
    pub fields: BTreeSet<FieldName>,
}

/// Whether the records can be taught by the backup: it has bookings, and records from before it.
pub fn has_teacher(documents: &[Document], baseline: &Baseline, window: &Window) -> bool {
    !baseline.bookings.is_empty()
        && window.learn_from < window.backup
        && documents
            .iter()
            .any(|document| document.said_at.is_some_and(|at| at <= window.backup))
}

/// Learns from the agreement of the sources, over the whole window.
pub fn agree(documents: &[Document], known: &Baseline, window: &Window, business: &Business) -> Agreed {
    let Taken {
        stand_in,
        statuses,
        strange,
    } = take(documents, known, business);
    let whole = Window {
        backup: window.loss.max(window.backup),
        ..*window
    };
    let mut agreed = Agreed::default();
    if stand_in.bookings.len() < ENOUGH {
        agreed.learned.warnings.push(format!(
            "the sources agree on {} bookings: too few to learn from",
            stand_in.bookings.len()
        ));
        return agreed;
    }
    // What tells the number of a booking of which too little is known would be tied to another one of that day.
    let telling: Vec<Document> = documents
        .iter()
        .enumerate()
        .filter(|(at, _)| !strange.contains(at))
        .map(|(_, document)| document.clone())
        .collect();
    agreed.learned = learn(&telling, &stand_in, &whole, business);
    doubt_meanings(&mut agreed.learned, &statuses, documents, &stand_in, business);
    // What the sources do not agree on may be a booking all the same.
    for mapping in &mut agreed.learned.mappings {
        // Whoever has no row here may have booked all the same.
        mapping.messages.retain(|kind| !kind.request);
        mapping.messages.retain(|kind| kind.numbered);
        // A price that was changed is paid by none of the payments on which the sources agree.
        mapping.idle.retain(|idle| idle.slot != SlotType::Amount);
    }
    agreed.fields = agreed
        .learned
        .mappings
        .iter()
        .flat_map(|mapping| mapping.rules.iter().map(|rule| rule.field))
        .collect();
    agreed
        .learned
        .warnings
        .insert(0, first_words(stand_in.bookings.len()));
    for (field, what) in WANTED {
        if !agreed.fields.contains(&field) {
            let warning = format!("the sources do not agree on {what}: it is left out, or asked");
            agreed.learned.warnings.push(warning);
        }
    }
    agreed.stand_in = stand_in;
    agreed
}

/// What a booking is expected to have, in words.
const WANTED: [(FieldName, &str); 5] = [
    (FieldName::Reference, "a booking's number"),
    (FieldName::StartsAt, "when a booking starts"),
    (FieldName::EndsAt, "when a booking ends"),
    (FieldName::CustomerName, "who a booking is for"),
    (FieldName::Total, "the price"),
];

fn first_words(bookings: usize) -> String {
    format!(
        "no backup shows what was true, so the records were learned from each other: from {bookings} bookings on which \
         mail, calendar and payments agree. Nothing could test how often that is wrong"
    )
}

/// The numbers by which the sources call bookings, as they write them.
pub fn numbers(documents: &[Document], known: &Baseline, business: &Business) -> Vec<String> {
    let lexed = cut_up(documents, known, business, PlainCodes::default());
    reference::find(&survey(&lexed, documents, business)).all_written()
}

fn cut_up<'d>(
    documents: &'d [Document],
    known: &Baseline,
    business: &Business,
    codes: PlainCodes,
) -> Vec<Lexed<'d>> {
    let gazetteer = Gazetteer::new(&known.resources)
        .knowing(documents)
        .trading_as(business, documents)
        .with_codes(codes)
        .paid_in(Monies::new(business.currency, known.currencies()));
    let lexer = Lexer {
        gazetteer: &gazetteer,
    };
    let documents: Vec<&Document> = documents.iter().collect();
    lex_all(&documents, &lexer)
}

/// What each record tells by its published format alone.
fn survey(lexed: &[Lexed<'_>], documents: &[Document], business: &Business) -> Vec<facts::Unit> {
    // People whom messages and payments name: their names are no wording.
    let people: Vec<BaselineCustomer> = documents.iter().flat_map(named).collect();
    let names: Vec<&str> = people.iter().filter_map(|row| row.name.as_deref()).collect();
    let sources: BTreeSet<&str> = documents
        .iter()
        .map(|document| document.record.source())
        .collect();
    let vocabulary: BTreeMap<&str, Vocabulary> = sources
        .into_iter()
        .map(|source| {
            let part: Vec<_> = lexed
                .iter()
                .filter(|lexed| lexed.document.record.source() == source)
                .collect();
            (source, Vocabulary::of_names(&part, names.iter().copied()))
        })
        .collect();
    let written = documents
        .iter()
        .filter(|document| document.kind == SourceKind::Mail);
    let addressed: Vec<BaselineCustomer> = written.flat_map(named).collect();
    let manners = Manners::of(addressed.iter().filter_map(|row| row.name.as_deref()));
    facts::units(lexed, &vocabulary, &manners, business)
}

/// What the sources agree on.
struct Taken<'d> {
    /// The rows.
    stand_in: Baseline,
    /// For every message of a known booking what became of that, as far as is known, by record.
    statuses: BTreeMap<&'d str, Option<Status>>,
    /// Messages that teach nothing, by index: of numbered bookings that are no rows, and mailings.
    strange: BTreeSet<usize>,
}

fn take<'d>(documents: &'d [Document], known: &Baseline, business: &Business) -> Taken<'d> {
    let mut lexed = cut_up(documents, known, business, PlainCodes::default());
    let mut units = survey(&lexed, documents, business);
    let mut references = reference::find(&units);
    let codes = PlainCodes::learn(documents, references.all_written().iter().map(String::as_str));
    if !codes.is_empty() {
        lexed = cut_up(documents, known, business, codes);
        units = survey(&lexed, documents, business);
        references = reference::find(&units);
    }
    let groups = groups::groups(&units, &references, business);
    let edges = times::learn(&groups, &units, business);
    let prices = money::learn(&groups, &units);
    let made = rows::rows(&groups, &units, &references, &edges, &prices, business);
    let mut statuses = BTreeMap::new();
    for (group, status) in groups.iter().zip(&made.statuses) {
        for at in group.messages.iter().flat_map(|at| &units[*at].members) {
            statuses.insert(lexed[*at].document.record.as_str(), *status);
        }
    }
    let rowless = groups.iter().zip(&made.kept);
    let mut strange: BTreeSet<usize> = rowless
        .filter(|(group, kept)| group.reference.is_some() && !**kept)
        .flat_map(|(group, _)| &group.messages)
        .copied()
        .collect();
    strange.extend(mailings::find(&units, &references));
    let strange = strange.iter().flat_map(|at| &units[*at].members).copied();
    Taken {
        strange: strange.collect(),
        stand_in: made.baseline,
        statuses,
    }
}

/// Of this many messages of one kind, so many must be of bookings that are known to stand.
const STANDING: (usize, usize) = (2, 5);
/// Of this many messages that mean a cancellation, so many must be of bookings that other sources show to be off.
const OFF: (usize, usize) = (1, 2);

/// What is known of the bookings whose messages hold a line.
#[derive(Default, Clone, Copy)]
struct Told {
    messages: usize,
    stood: usize,
    off: usize,
}

impl Told {
    /// A kind of message whose bookings mostly cannot be told to stand means nothing: it may be a cancellation
    /// that neither the calendar nor the payments show. And what stands in messages of bookings that stand is no
    /// cancellation, however many of those that were learned from were off: a class that was booked, a weekday.
    fn bears_out(self, meaning: &Meaning) -> bool {
        if meaning.status == Status::Cancelled {
            // Half a sign is none where nobody can say what it was a sign of.
            meaning.agree * 100 >= meaning.support * Meaning::PERCENT
                && self.stood * 20 <= self.messages
                && self.off * OFF.1 >= self.messages * OFF.0
        } else {
            meaning.object != "message" || self.stood * STANDING.1 >= self.messages * STANDING.0
        }
    }
}

fn doubt_meanings(
    learned: &mut Learned,
    statuses: &BTreeMap<&str, Option<Status>>,
    documents: &[Document],
    stand_in: &Baseline,
    business: &Business,
) {
    let gazetteer = Gazetteer::new(&stand_in.resources)
        .knowing(documents)
        .trading_as(business, documents)
        .numbered(documents, stand_in.references())
        .paid_in(Monies::new(business.currency, stand_in.currencies()));
    let lexer = Lexer {
        gazetteer: &gazetteer,
    };
    let known: Vec<(Lexed<'_>, Option<Status>)> = documents
        .par_iter()
        .filter_map(|document| {
            let status = statuses.get(document.record.as_str())?;
            Some((lex(document, &lexer), *status))
        })
        .collect();
    for mapping in &mut learned.mappings {
        let of_source: Vec<_> = known
            .iter()
            .filter(|(lexed, _)| lexed.document.record.source() == mapping.source)
            .collect();
        mapping.meanings.retain(|meaning| {
            let mut told = Told::default();
            for (lexed, status) in &of_source {
                let says_so = |(index, (_, line)): (usize, &(usize, Arc<Line>))| {
                    lexed.place(index) == meaning.place && meaning.line.matches(line)
                };
                if lexed.document.object == meaning.object && lexed.lines.iter().enumerate().any(says_so) {
                    told.messages += 1;
                    told.stood += usize::from(*status == Some(Status::Confirmed));
                    told.off += usize::from(*status == Some(Status::Cancelled));
                }
            }
            told.bears_out(meaning)
        });
    }
}

fn named(document: &Document) -> Vec<BaselineCustomer> {
    let places: &[&str] = match document.kind {
        SourceKind::Mail => &["header:to.name"],
        SourceKind::Stripe => &["/name", "/billing_details/name"],
        SourceKind::GoogleCalendar => &[],
    };
    if document.standing != Standing::Business {
        return Vec::new();
    }
    let names = places.iter().filter_map(|place| document.text(place));
    names
        .map(|name| BaselineCustomer {
            name: Some(name.to_owned()),
            ..BaselineCustomer::default()
        })
        .collect()
}
