//! What is asked where no backup showed how this business changes its bookings, and none could test it.

use super::question::Questions;
use super::spoken::Spoken;
use super::timeline::Timeline;
use super::{
    Context, Fused, Input, addressee, labelled, last_day, longer_names, misnumbered, titled, unproven,
};
use crate::mapping::{SlotType, ideograph, squash};
use crate::model::{
    Booking, Business, Candidate, Cluster, Conflict, ConflictKind, Document, FieldName, Money, Payment,
    RecordId, Scalar, SourceKind, Standing, Status, Value, When,
};
use crate::reading;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked about a booking by itself.
pub fn doubt(
    context: &Context<'_>,
    cluster: &Cluster,
    timeline: &Timeline<'_>,
    booking: &Booking,
    questions: &mut Questions,
) {
    let members = cluster.members.iter();
    let documents: Vec<&Document> = members.map(|at| context.input.told[*at].document).collect();
    untested(timeline, booking, questions);
    doubt_number(&documents, booking, questions);
    last_day::doubt(context, booking, questions);
    last_day::doubt_read(context, booking, &documents, questions);
}

/// What is asked once all bookings are known.
pub fn doubt_all(fused: &mut [Fused], input: &Input<'_>) {
    doubt_moves(fused, input.business);
    doubt_family(fused, input);
    doubt_alone(fused, input);
    addressee::doubt(fused, input);
    labelled::doubt(fused, input);
    longer_names::doubt(fused, input);
    addressee::doubt_address(fused, input);
    titled::doubt(fused, input);
    misnumbered::doubt(fused, input);
    unproven::doubt(fused, input);
    leave_out_ends(fused, input);
}

/// A business whose table has no end books none: what its entries end at is how long somebody drew them.
fn leave_out_ends(fused: &mut [Fused], input: &Input<'_>) {
    if input.target.is_none_or(|target| target.booking.has("ends_at")) {
        return;
    }
    for fused in fused {
        let booking = &mut fused.booking;
        booking.ends_at = None;
        booking.claims.remove(&FieldName::EndsAt);
        booking
            .conflicts
            .retain(|conflict| conflict.field != Some(FieldName::EndsAt));
    }
}

/// Where no backup showed what changes look like: what may be one keeps a booking from being certain.
fn untested(timeline: &Timeline<'_>, booking: &Booking, questions: &mut Questions) {
    let at = |record| Candidate {
        value: None,
        records: vec![record],
        millibits: 0,
    };
    if let Some(entry) = timeline.touched() {
        let record = entry.document.record.clone();
        let reason = format!(
            "{record} was changed after the last message, and nothing tells what was changed: look at it."
        );
        questions.ask(
            ConflictKind::ChangedWithoutNotice,
            None,
            reason,
            vec![at(record)],
            None,
        );
    }
    if let Some((entry, message)) = timeline.changed_with() {
        let reason = format!(
            "{entry} was changed when {message} was sent, and nothing tells what was changed: look at both."
        );
        let kind = ConflictKind::ChangedWithoutNotice;
        questions.ask(kind, None, reason, vec![at(entry), at(message)], None);
    }
    if booking.reference.is_none()
        && let Some((first, second)) = timeline.standing_apart()
    {
        let reason = format!("{first} and {second} stand at different times: are they two bookings?");
        let kind = ConflictKind::AmbiguousLink;
        questions.ask(kind, None, reason, vec![at(first), at(second)], None);
    }
    // Whoever moves a booking in a message and leaves the entry as it was leaves its end behind too.
    let apart = !timeline.told(FieldName::EndsAt)
        && timeline
            .planned_start()
            .is_some_and(|start| Some(start) != booking.starts_at);
    if apart && booking.ends_at.is_some() {
        let reason = "Only the calendar tells when it ends, and there it starts at another time.".to_owned();
        let field = Some(FieldName::EndsAt);
        questions.ask(ConflictKind::UnexplainedEvidence, field, reason, Vec::new(), None);
    }
    // What a message means was never tested: a standing entry and money that was kept speak against it.
    let kept = |payment: &Payment| payment.refunded.minor == 0;
    if booking.status == Some(Status::Cancelled)
        && let Some(entry) = timeline.standing_entry()
        && booking.payments.iter().all(kept)
    {
        let reason =
            format!("A message seems to cancel it, but {entry} stands and nothing was paid back: is it off?");
        let off = Candidate {
            value: Some(Value::Status(Status::Cancelled)),
            records: Vec::new(),
            millibits: 1000,
        };
        let field = Some(FieldName::Status);
        questions.ask(
            ConflictKind::FieldContradicts,
            field,
            reason,
            vec![off, at(entry)],
            None,
        );
    }
    short_of_the_price(booking, questions);
    read_in_part(timeline, booking, questions);
    if booking.reference.is_none() && !timeline.is_planned() {
        let reason =
            "It has no number, and no calendar entry stands for it: it may have been moved since.".to_owned();
        questions.ask(ConflictKind::WeakEvidence, None, reason, Vec::new(), None);
    }
    if let Some((record, text)) = booking
        .total
        .and_then(|total| timeline.other_amount(total, &booking.payments, None))
    {
        let reason = format!("A later message, {record}, speaks of {text}: is that the price now?");
        let field = Some(FieldName::Total);
        questions.ask(
            ConflictKind::UnexplainedEvidence,
            field,
            reason,
            vec![at(record)],
            None,
        );
    }
}

/// An entry that was changed within this of a message was changed for what it says.
const WITH: TimeDelta = TimeDelta::hours(2);

impl Timeline<'_> {
    /// Two entries that stand and begin at different times.
    fn standing_apart(&self) -> Option<(RecordId, RecordId)> {
        let standing = self.events.iter().filter(|entry| !entry.cancelled());
        apart(standing.filter_map(|entry| {
            let (claim, _) = entry.best(FieldName::StartsAt)?;
            Some((&claim.value, &entry.document.record))
        }))
    }

    /// What a letter that tells of the start says of the price, where only messages that tell of none state this one: by a rule, or
    /// as the one amount that no rule reads.
    fn priced_in_letter(&self, total: Money) -> Option<(RecordId, String)> {
        let (letters, others): (Vec<_>, Vec<_>) = self
            .messages
            .iter()
            .partition(|spoken| spoken.best(FieldName::StartsAt).is_some());
        let stated = |spoken: &Spoken<'_>| match spoken.best(FieldName::Total)?.0.value {
            Value::Money(money) => Some(money),
            _ => None,
        };
        let states = |spoken: &&Spoken<'_>| stated(spoken) == Some(total);
        if letters.iter().any(states) || !others.iter().any(states) {
            return None;
        }
        letters.iter().find_map(|letter| {
            let record = letter.document.record.clone();
            if let Some(price) = stated(letter) {
                return Some((record, price.to_string()));
            }
            let unread = letter.told.claims.unexplained.iter();
            let amounts: BTreeSet<&str> = unread
                .filter(|(slot, _)| *slot == SlotType::Amount)
                .map(|(_, text)| text.as_str())
                .collect();
            let only = amounts.first().filter(|_| amounts.len() == 1)?;
            let is_price = reading::spans(only).iter().any(|span| match &span.value {
                reading::SpanValue::Amount(amount) => {
                    let mut readings = amount.readings.iter();
                    readings.any(|reading| reading.minor(total.currency.decimals()) == Some(total.minor))
                }
                _ => true,
            });
            (!is_price).then(|| (record, (*only).to_owned()))
        })
    }

    /// A later message of which rules read the start and not the end, or the end alone, while an earlier one told of both, and in
    /// which they leave a day that nothing else tells of: the edge, the message, the day.
    fn half_restated(&self, booking: &Booking) -> Option<(FieldName, RecordId, String)> {
        const EDGES: [FieldName; 2] = [FieldName::StartsAt, FieldName::EndsAt];
        let whole = |spoken: &Spoken<'_>| EDGES.iter().all(|edge| spoken.best(*edge).is_some());
        let first = self.messages.iter().position(whole)?;
        let mut days: BTreeSet<NaiveDate> = BTreeSet::new();
        for edge in [booking.starts_at, booking.ends_at].into_iter().flatten() {
            days.insert(edge.date(self.zone));
        }
        self.messages[first + 1..].iter().find_map(|spoken| {
            let said = spoken.at?;
            let mut missing = EDGES.into_iter().filter(|edge| spoken.best(*edge).is_none());
            let edge = missing.next().filter(|_| missing.next().is_none())?;
            let today = said.with_timezone(&self.zone).date_naive();
            let mut unread = spoken.told.claims.strange.iter();
            let strange = unread.find(|strange| {
                let dates: Vec<NaiveDate> = strange.whens.iter().map(|when| when.date(self.zone)).collect();
                dates.iter().any(|date| *date >= today) && !dates.iter().any(|date| days.contains(date))
            })?;
            Some((edge, spoken.document.record.clone(), strange.text.clone()))
        })
    }

    /// An entry that was changed about when a message was sent that goes on from another, where the message neither states
    /// another start nor is known to mean anything: the entry, and the message.
    fn changed_with(&self) -> Option<(RecordId, RecordId)> {
        let entry = self.changed_entry()?;
        let at = entry.at?;
        let mut later = self.messages.iter().skip(1);
        let message = later.find(|spoken| {
            spoken.at.is_some_and(|said| (said - at).abs() <= WITH)
                && spoken.told.claims.meaning.is_none()
                && !self.states_new_start(spoken)
        })?;
        Some((entry.document.record.clone(), message.document.record.clone()))
    }
}

/// The first record, and the first after it with another value.
fn apart<'r>(mut records: impl Iterator<Item = (&'r Value, &'r RecordId)>) -> Option<(RecordId, RecordId)> {
    let (value, first) = records.next()?;
    let (_, other) = records.find(|(other, _)| *other != value)?;
    Some((first.clone(), other.clone()))
}

/// A number that payments know and other records repeat, where they know nothing of the one that was taken: a call's or
/// a ticket's number goes with one booking too, but nobody pays for it.
fn doubt_number(documents: &[&Document], booking: &Booking, questions: &mut Questions) {
    let Some(reference) = booking.reference.as_deref().map(squash) else {
        return;
    };
    let (payments, others): (Vec<&Document>, Vec<&Document>) = documents
        .iter()
        .partition(|document| document.kind == SourceKind::Stripe);
    let says = |documents: &[&Document], code: &str| {
        let mut texts = documents.iter().flat_map(|document| texts(document));
        texts.any(|(_, text)| squash(text).contains(code))
    };
    if says(&payments, &reference) {
        return;
    }
    let written = payments.iter().flat_map(|document| texts(document));
    let codes = written
        .filter(|(place, _)| place.starts_with("/metadata/") || *place == "/client_reference_id")
        .map(|(_, text)| (squash(text), text))
        .filter(|(code, text)| code.len() >= 5 && is_code(text.trim()));
    let mut repeated = codes
        .filter(|(code, _)| says(&others, code))
        .map(|(_, text)| text);
    if let Some(other) = repeated.next() {
        let reason = format!("Its payment calls it {other}, and so does another record: is that its number?");
        let weigh = |text: &str, millibits| Candidate {
            value: Some(Value::Text(text.trim().to_owned())),
            records: Vec::new(),
            millibits,
        };
        let taken = booking.reference.as_deref().unwrap_or_default();
        let candidates = vec![weigh(other, 1000), weigh(taken, 500)];
        let field = Some(FieldName::Reference);
        questions.ask(ConflictKind::FieldContradicts, field, reason, candidates, Some(0));
    }
}

/// Whether a text is one code and nothing else: no date, amount or phone.
fn is_code(text: &str) -> bool {
    match reading::spans(text).as_slice() {
        [span] => {
            matches!(span.value, reading::SpanValue::Code(_)) && (span.start, span.end) == (0, text.len())
        }
        _ => false,
    }
}

fn texts(document: &Document) -> impl Iterator<Item = (&str, &str)> {
    document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) => Some((item.place.as_str(), text.as_str())),
        _ => None,
    })
}

/// Who paid the rest of it paid what it cost: less than the last price that is known means that a later one was lost.
fn short_of_the_price(booking: &Booking, questions: &mut Questions) {
    let Some(total) = booking
        .total
        .filter(|_| booking.status == Some(Status::Completed))
    else {
        return;
    };
    let kept: Vec<i64> = booking
        .payments
        .iter()
        .map(|payment| payment.amount.minor - payment.refunded.minor)
        .filter(|kept| *kept > 0)
        .collect();
    let paid = Money::new(kept.iter().sum(), total.currency);
    if kept.len() > 1 && paid.minor < total.minor {
        let reason =
            format!("It was paid in several parts, which come to {paid} of {total}: is that the price now?");
        let weigh = |money, millibits| Candidate {
            value: Some(Value::Money(money)),
            records: Vec::new(),
            millibits,
        };
        let candidates = vec![weigh(total, 500), weigh(paid, 500)];
        let field = Some(FieldName::Total);
        questions.ask(ConflictKind::MoneyDoesNotAddUp, field, reason, candidates, None);
    }
}

/// What rules read of some letters only, where others that could say the same have something there that no rule reads.
fn read_in_part(timeline: &Timeline<'_>, booking: &Booking, questions: &mut Questions) {
    let at = |record| Candidate {
        value: None,
        records: vec![record],
        millibits: 0,
    };
    let kind = ConflictKind::UnexplainedEvidence;
    if let Some((record, text)) = booking.total.and_then(|total| timeline.priced_in_letter(total)) {
        let reason = format!(
            "{record} tells when it is and speaks of {text}, and the price was read where nothing tells of that: a receipt may \
             be for more than this. What does it cost?"
        );
        let field = Some(FieldName::Total);
        questions.ask(kind, field, reason, vec![at(record)], None);
    }
    if let Some((field, record, text)) = timeline.half_restated(booking) {
        let half = if field == FieldName::StartsAt {
            "start"
        } else {
            "end"
        };
        let reason = format!("{record} restates a part of it and speaks of {text}: is that the {half} now?");
        questions.ask(kind, Some(field), reason, vec![at(record)], None);
    }
}

/// A booking that no entry stands for, and a later one of the same person made before it began: perhaps one that
/// was moved. Numbers would tell them apart; without numbers both are asked about.
fn doubt_moves(fused: &mut [Fused], business: &Business) {
    let unplanned = |fused: &Fused| fused.booking.reference.is_none() && !fused.pattern.0.contains("event");
    let mut left: BTreeMap<String, Vec<(DateTime<Utc>, When, String)>> = BTreeMap::new();
    for fused in fused.iter().filter(|fused| unplanned(fused)) {
        let booking = &fused.booking;
        if let (Some(email), Some(made), Some(start)) =
            (&booking.customer.email, booking.created_at, booking.starts_at)
        {
            let entry = (made, start, booking.id.to_string());
            left.entry(email.to_lowercase()).or_default().push(entry);
        }
    }
    for fused in fused.iter_mut().filter(|fused| fused.booking.reference.is_none()) {
        let booking = &mut fused.booking;
        let (Some(email), Some(made)) = (&booking.customer.email, booking.created_at) else {
            continue;
        };
        let today = made.with_timezone(&business.zone).date_naive();
        let before = left.get(&email.to_lowercase()).into_iter().flatten();
        let mut before = before.filter(|(first, start, id)| {
            *first <= made && start.date(business.zone) >= today && *id != booking.id.as_str()
        });
        if before.next().is_some() {
            let reason = "The same person had a booking ahead that no calendar entry stands for: is it this one, moved?";
            let kind = ConflictKind::AmbiguousLink;
            let asked = Conflict::new(&booking.id, kind, None, reason.to_owned(), Vec::new(), None);
            if !booking.conflicts.iter().any(|other| other.id == asked.id) {
                booking.conflicts.push(asked);
            }
        }
    }
}

/// An entry or a payment is of so many bookings in a hundred before its absence says anything.
const SHOWN: usize = 70;

/// Where no calendar shows what stands, or the calendar and the payments know of nearly every booking, one that messages alone
/// tell of may have been called off in one that is lost, or never have come about.
fn doubt_alone(fused: &mut [Fused], input: &Input<'_>) {
    let mut documents = input.told.iter().map(|told| told.document);
    let planned = documents.any(|document| document.kind == SourceKind::GoogleCalendar);
    let others = input.told.iter().map(|told| told.document);
    let others: BTreeSet<&RecordId> = others
        .filter(|document| document.kind != SourceKind::Mail)
        .map(|document| &document.record)
        .collect();
    let by_mail = |booking: &Booking| {
        booking.payments.is_empty() && !booking.records.iter().any(|record| others.contains(record))
    };
    let shown = fused.iter().filter(|fused| !by_mail(&fused.booking)).count();
    if planned && shown * 100 < fused.len() * SHOWN {
        return;
    }
    for fused in fused.iter_mut() {
        let booking = &mut fused.booking;
        if !by_mail(booking) || booking.status == Some(Status::Cancelled) {
            continue;
        }
        let reason =
            "Only messages tell of it, and no calendar or payment shows that it still stands.".to_owned();
        let asked = Conflict::new(
            &booking.id,
            ConflictKind::WeakEvidence,
            None,
            reason,
            Vec::new(),
            None,
        );
        if !booking.conflicts.iter().any(|other| other.id == asked.id) {
            booking.conflicts.push(asked);
        }
    }
}

/// A word beside the names of so many people in a hundred, and of so many at least, is how people are addressed.
const ADDRESSING: (usize, usize) = (10, 5);

/// A message or an entry that sets another word beside a part of the customer's name, and nowhere in the line the whole of
/// it, may be about somebody else of the family: who writes is not always who comes. No backup knows the family.
fn doubt_family(fused: &mut [Fused], input: &Input<'_>) {
    let mut lines: BTreeMap<&RecordId, Vec<(&str, bool)>> = BTreeMap::new();
    let documents = input.told.iter().map(|told| told.document);
    for document in documents.filter(|document| document.standing == Standing::Business) {
        for item in &document.items {
            let message = matches!(item.place.as_str(), "text" | "html");
            if let (true, Scalar::Text(text)) = (message || item.place == "/summary", &item.value) {
                lines.entry(&document.record).or_default().push((text, message));
            }
        }
    }
    // A line that stands in many people's records is wording, whatever names stand in it: the business's own.
    let mut readers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for fused in fused.iter() {
        let customer = &fused.booking.customer;
        let Some(who) = customer.email.as_deref().or(customer.name.as_deref()) else {
            continue;
        };
        for (line, _) in fused
            .booking
            .records
            .iter()
            .filter_map(|record| lines.get(record))
            .flatten()
        {
            readers.entry(line).or_default().insert(who);
        }
    }
    let wording: BTreeSet<&str> = readers
        .into_iter()
        .filter(|(_, people)| people.len() >= ADDRESSING.1)
        .map(|(line, _)| line)
        .collect();
    let mut beside: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut people: BTreeSet<String> = BTreeSet::new();
    let mut found: Vec<Vec<(String, RecordId)>> = Vec::new();
    for fused in fused.iter() {
        let mut here = Vec::new();
        let customer = &fused.booking.customer;
        if let Some(name) = &customer.name {
            let who = customer.email.clone().unwrap_or_else(|| name.clone());
            for record in &fused.booking.records {
                let of_record = lines.get(record).into_iter().flatten();
                for (line, message) in of_record.filter(|(line, _)| !wording.contains(line)) {
                    for word in neighbours(name, line, *message) {
                        beside.entry(word.clone()).or_default().insert(who.clone());
                        here.push((word, record.clone()));
                    }
                }
            }
            people.insert(who);
        }
        found.push(here);
    }
    let many = ADDRESSING.1.max(people.len() * ADDRESSING.0 / 100);
    for (fused, found) in fused.iter_mut().zip(found) {
        let Some((word, record)) = found.into_iter().find(|(word, _)| beside[word].len() < many) else {
            continue;
        };
        titled::ask(&mut fused.booking, record, &word);
    }
}

/// The words beside a part of a name in a line that does not hold the whole of it: written like names, or onto the part
/// in a script without spaces. The first are of messages alone, since entries are typed as people are called.
fn neighbours(name: &str, line: &str, message: bool) -> Vec<String> {
    let parts: Vec<String> = name.split_whitespace().map(squash).collect();
    if parts.len() < 2 || squash(line).contains(&squash(name)) {
        return Vec::new();
    }
    let words: Vec<(usize, usize)> = reading::words(line);
    let mut found = Vec::new();
    for (at, (start, end)) in words.iter().enumerate() {
        let word = squash(&line[*start..*end]);
        if parts.contains(&word) {
            let next = words.get(at + 1).filter(|next| is_blank(&line[*end..next.0]));
            let before = at.checked_sub(1).map(|at| &words[at]);
            let before = before.filter(|before| is_blank(&line[before.1..*start]));
            for (start, end) in next.into_iter().chain(before).filter(|_| message) {
                let written = &line[*start..*end];
                let like_a_name = written
                    .chars()
                    .next()
                    .is_some_and(|first| first.is_uppercase() || ideograph(first));
                let other = squash(written);
                if like_a_name && !other.chars().any(char::is_numeric) && !parts.contains(&other) {
                    found.push(other);
                }
            }
        } else if word.chars().next().is_some_and(ideograph) {
            let behind = parts.iter().find_map(|part| word.strip_prefix(part.as_str()));
            found.extend(behind.filter(|rest| !rest.is_empty()).map(str::to_owned));
        }
    }
    found
}

fn is_blank(between: &str) -> bool {
    !between.is_empty() && between.chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_apart_where_they_begin_at_different_times() {
        let day = |day| {
            Value::When(When::Date(
                chrono::NaiveDate::from_ymd_opt(2026, 4, day).expect("a day"),
            ))
        };
        let record = |id: &str| RecordId::new("calendar", id);
        let (ninth, tenth) = (day(9), day(10));
        let (a, b, copy) = (record("a"), record("b"), record("copy"));
        assert_eq!(apart([(&ninth, &a), (&ninth, &copy)].into_iter()), None);
        let found = apart([(&ninth, &a), (&ninth, &copy), (&tenth, &b)].into_iter());
        assert_eq!(found, Some((a, b)));
    }
}
