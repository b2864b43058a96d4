//! A calendar entry that was changed after the messages: what it states agrees with them, what it does not state, or
//! states alone, may be what was changed.

use super::question::{Questions, candidate};
use super::spoken::Spoken;
use super::timeline::{AT_ONCE, Timeline};
use super::wording::{names_beside, pieces};
use super::{Context, read, short_names};
use crate::mapping::EventKind;
use crate::model::{
    BaselineBooking, Booking, ConflictKind, Document, FieldName, Money, Payment, Scalar, Status, Value, When,
};
use crate::reading::is_word_char;
use chrono::{DateTime, TimeDelta, Utc};

/// An entry is moved within this of the message that says so.
const FOLLOWS: TimeDelta = TimeDelta::days(1);
/// What was paid is marked in its entry within this.
const MARKED: TimeDelta = TimeDelta::days(2);

/// Asks what a late change of the entry may have been.
pub fn doubt(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &Booking,
    questions: &mut Questions,
) {
    doubt_echo(context, timeline, baseline, booking, questions);
    // A later message that does not say what is booked leaves it as open as before.
    let of_thing = timeline.touched_since(FieldName::ResourceKey);
    if let Some(entry) = of_thing {
        doubt_thing(context, timeline, entry, booking, questions);
    }
    let of_time = timeline.touched_since(FieldName::StartsAt);
    // Of an entry of which no time is read nobody knows where it was moved; reminders say nothing of the end.
    let times = [FieldName::StartsAt, FieldName::EndsAt];
    let is_timed = |entry: &Spoken<'_>| times.into_iter().any(|field| entry.best(field).is_some());
    let of_end = timeline.touched_since(FieldName::EndsAt);
    let of_end = of_end.filter(|entry| context.input.untaught.is_none() && !is_timed(entry));
    let (entry, since) = match of_thing.or(of_time).or(of_end) {
        Some(entry) => (entry, "the last message"),
        // A row's entry is there since the backup only where it was changed.
        None if baseline.is_some() && !timeline.has_messages() => match timeline.changed_entry() {
            Some(entry) => (entry, "the backup"),
            None => return,
        },
        None => return,
    };
    let title = entry.document.title().unwrap_or_default();
    let is_timed = is_timed(entry) || stands_at(entry.document, booking);
    let kind = entry.told.claims.booked;
    if kind.is_none_or(|(_, support)| support < EventKind::USUAL) {
        let name = booking.customer.name.as_deref().unwrap_or_default();
        let is_off = booking.status == Some(Status::Cancelled);
        let is_known = || {
            let wording = &context.wording;
            wording.is_usual(title, name)
                || wording.is_usual(title, &known_of(context, timeline, baseline, entry, booking))
                || is_off && wording.agrees_off(title, name)
                || wording.is_late(entry.document, context.input.business.zone)
        };
        if is_timed && is_known() {
            return;
        }
        let reason = format!(
            "The calendar was changed after {since}, and its title is of no usual kind: \"{title}\"."
        );
        let there = read(entry.document.record.clone());
        questions.ask(ConflictKind::UnexplainedEvidence, None, reason, vec![there], None);
    } else if context.input.untaught.is_none() && !is_timed && !entry.told.claims.aside {
        let reason =
            format!("The calendar was changed after {since}, and no rule reads when \"{title}\" is.");
        let there = read(entry.document.record.clone());
        questions.ask(
            ConflictKind::ChangedWithoutNotice,
            None,
            reason,
            vec![there],
            None,
        );
    } else if booking.status != Some(Status::Cancelled)
        && !questions.asks_about(FieldName::Status)
        && let Some(word) = beside_name(context, timeline, baseline, entry)
    {
        let reason = format!(
            "The calendar was changed after {since}, and its title has \"{word}\" beside the name: \"{title}\"."
        );
        let there = read(entry.document.record.clone());
        questions.ask(ConflictKind::UnexplainedEvidence, None, reason, vec![there], None);
    }
}

/// Whether an entry stands at just the hours of a booking: whatever rule reads them, it was not moved to others.
fn stands_at(entry: &Document, booking: &Booking) -> bool {
    let (Some(When::Instant(start)), Some(When::Instant(end))) = (booking.starts_at, booking.ends_at) else {
        return false;
    };
    entry.item("/start/dateTime") == Some(&Scalar::Instant(start))
        && entry.item("/end/dateTime") == Some(&Scalar::Instant(end))
}

/// A word that a title has at the place of the name, beside the whole name that other records have, and that neither anybody is
/// called nor titles of bookings have that were held: a kind of title holds whatever stands where the name does, "moved Ann Lake" too.
fn beside_name(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    entry: &Spoken<'_>,
) -> Option<String> {
    let Value::Text(name) = &entry.best(FieldName::CustomerName)?.0.value else {
        return None;
    };
    let known = names_beside(context, timeline, entry, baseline);
    let mut others = pieces(name, &known);
    let is_whole = others.len() < pieces(name, "").len();
    others.retain(|word| word.chars().all(is_word_char) && !context.wording.is_of_names(word));
    let is_usual = |word: &String| context.wording.is_usual(word, "");
    others.into_iter().find(|word| is_whole && !is_usual(word))
}

/// What is known of a booking besides an entry: whose it is, what was booked, and what its messages say of it alone. A word that
/// stood with bookings that were called off is no such word.
fn known_of(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    entry: &Spoken<'_>,
    booking: &Booking,
) -> String {
    let mut known = context.echoes.told(timeline);
    known.retain(|word| !context.wording.may_mean_off(word));
    known.push(names_beside(context, timeline, entry, baseline));
    known.extend(booking.customer.name.clone());
    known.extend(booking.resource.name.clone());
    known.join(" ")
}

/// Asks for the price where the entry was changed since it was stated, and its title says what messages always said of such
/// bookings, and none of this one's does: somebody is to drive after all.
fn doubt_echo(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    let (Some(total), Some(entry)) = (booking.total, timeline.touched_since(field)) else {
        return;
    };
    let is_off = booking.status == Some(Status::Cancelled);
    if is_off || !timeline.told(field) || questions.asks_about(field) {
        return;
    }
    let known = known_of(context, timeline, baseline, entry, booking);
    let said = pieces(entry.document.title().unwrap_or_default(), &known);
    let Some(word) = context.echoes.unsaid(timeline, &said) else {
        return;
    };
    let reason = format!(
        "The calendar was changed after its price was last stated, and its title says \"{word}\", which no message of it does: is \
         {total} still the price?"
    );
    let same = candidate(Value::Money(total), vec![entry.document.record.clone()], 1000);
    let kind = ConflictKind::ChangedWithoutNotice;
    questions.ask(kind, Some(field), reason, vec![same], Some(0));
}

/// Whether it is still the same thing, and its price.
fn doubt_thing(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    entry: &Spoken<'_>,
    booking: &Booking,
    questions: &mut Questions,
) {
    let record = entry.document.record.clone();
    let there = |value| candidate(value, vec![record.clone()], 1000);
    let mentions = &entry.told.claims.mentions;
    let is_short = |key: &String| {
        let title = entry.document.title().unwrap_or_default();
        let name = booking.customer.name.as_deref().unwrap_or_default();
        short_names::says(title, name, key, &context.input.baseline.resources)
    };
    let named =
        entry.best(FieldName::ResourceKey).is_some()
            || booking.resource.key.as_ref().is_some_and(|key| {
                mentions.iter().any(|keys| keys.as_slice() == [key.clone()]) || is_short(key)
            });
    if let (Some(key), true, false) = (&booking.resource.key, context.plans_resources, named) {
        let name = booking.resource.name.as_ref().unwrap_or(key);
        let reason = format!(
            "The calendar was changed after the last message, and does not say if it is still {name}."
        );
        let field = Some(FieldName::ResourceKey);
        let same = there(Value::Text(key.clone()));
        questions.ask(
            ConflictKind::ChangedWithoutNotice,
            field,
            reason,
            vec![same],
            Some(0),
        );
    }
    if let (Some(total), true, false) = (booking.total, named, timeline.told(FieldName::ResourceKey))
        && !timeline.follows(entry)
        && !is_paid_at_last(entry.at, &booking.payments, total)
    {
        let reason = format!("The calendar was changed after the last message: is {total} still the price?");
        let field = Some(FieldName::Total);
        let same = there(Value::Money(total));
        questions.ask(
            ConflictKind::ChangedWithoutNotice,
            field,
            reason,
            vec![same],
            Some(0),
        );
    }
}

/// Whether just the price was paid before an entry was changed, and not long: so somebody marks it as paid, and it was the
/// price then.
fn is_paid_at_last(changed: Option<DateTime<Utc>>, payments: &[Payment], total: Money) -> bool {
    let kept = payments
        .iter()
        .map(|payment| payment.amount.minor - payment.refunded.minor);
    let last = payments.iter().map(|payment| payment.paid_at).max();
    let is_soon = |(paid, changed)| paid <= changed && changed <= paid + MARKED;
    kept.sum::<i64>() == total.minor && last.zip(changed).is_some_and(is_soon)
}

impl<'a> Timeline<'a> {
    /// The standing calendar entry that was changed after the last message, when it was not made then.
    pub fn touched(&self) -> Option<&Spoken<'a>> {
        let last = self.messages.last()?.at?;
        self.changed_entry()
            .filter(|entry| entry.at.is_some_and(|at| at > last + AT_ONCE))
    }

    /// The same after the last message that states a field; where none does, after the last of all.
    pub fn touched_since(&self, field: FieldName) -> Option<&Spoken<'a>> {
        let mut stating = self.messages.iter().rev();
        let Some(last) = stating.find(|spoken| spoken.best(field).is_some()) else {
            return self.touched();
        };
        let last = last.at?;
        self.changed_entry()
            .filter(|entry| entry.at.is_some_and(|at| at > last + AT_ONCE))
    }

    /// Whether the entry does what the last message says: that moved the booking, or its end alone, and the entry was moved
    /// there after it.
    fn follows(&self, entry: &Spoken<'a>) -> bool {
        let Some((said, at)) = self.messages.last().and_then(|last| Some((last, last.at?))) else {
            return false;
        };
        let stated = |spoken: &Spoken<'_>, field: FieldName| {
            let claim = spoken.best(field)?;
            Some(claim.0.value.clone())
        };
        let is_moved = |field: FieldName| {
            let (new, there) = (stated(said, field), stated(entry, field));
            self.before(field).is_some() && new.is_some() && new == there
        };
        let is_ended = || is_moved(FieldName::EndsAt) && stated(said, FieldName::StartsAt).is_none();
        entry.at.is_some_and(|moved| moved > at && moved - at <= FOLLOWS)
            && (is_moved(FieldName::StartsAt) || is_ended())
    }

    /// The standing calendar entry, where it was changed since it was made.
    pub fn changed_entry(&self) -> Option<&Spoken<'a>> {
        let entry = self.events.iter().rev().find(|entry| !entry.cancelled())?;
        (!entry.untouched()).then_some(entry)
    }

    /// Whether an entry stands for it.
    pub fn has_entry(&self) -> bool {
        self.events.iter().any(|entry| !entry.cancelled())
    }

    pub fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{is_paid_at_last, stands_at};
    use crate::model::{Action, Booking, BookingId, Currency, Document, Money, Payment, Scalar, State, When};
    use chrono::{DateTime, TimeDelta, Utc};

    #[test]
    fn what_was_paid_just_before_an_entry_was_changed_was_the_price_then() {
        let pounds = |minor| Money::new(minor, Currency::parse("gbp").expect("a code"));
        let paid = DateTime::<Utc>::from_timestamp(1_780_000_000, 0).expect("a moment");
        let payment = |amount, refunded| Payment {
            id: "ch_1".to_owned(),
            amount: pounds(amount),
            refunded: pounds(refunded),
            paid_at: paid,
            baseline_refunded: None,
        };
        let is = |payments: &[Payment], hours| {
            let changed = Some(paid + TimeDelta::hours(hours));
            is_paid_at_last(changed, payments, pounds(8000))
        };
        assert!(is(&[payment(8000, 0)], 20));
        assert!(is(&[payment(5000, 0), payment(3000, 0)], 20));
        assert!(!is(&[payment(8000, 0)], -1), "paid since");
        assert!(!is(&[payment(8000, 0)], 72), "changed much later");
        assert!(!is(&[payment(8000, 2000)], 20), "some of it was given back");
        assert!(!is(&[], 20));
    }

    #[test]
    fn an_entry_stands_where_both_its_hours_are_the_bookings() {
        let start = DateTime::UNIX_EPOCH + TimeDelta::hours(9);
        let end = start + TimeDelta::hours(2);
        let mut booking = Booking::bare(BookingId("b_1".to_owned()), State::Clean, Action::Insert);
        booking.starts_at = Some(When::Instant(start));
        booking.ends_at = Some(When::Instant(end));
        let entry = |from, to| {
            Document::event("e")
                .with("/start/dateTime", Scalar::Instant(from))
                .with("/end/dateTime", Scalar::Instant(to))
        };
        assert!(stands_at(&entry(start, end), &booking));
        assert!(!stands_at(&entry(start, end + TimeDelta::hours(1)), &booking));
        assert!(
            !stands_at(&entry(end, end), &booking),
            "an entry for the end alone"
        );
        booking.ends_at = None;
        assert!(!stands_at(&entry(start, end), &booking));
    }
}
