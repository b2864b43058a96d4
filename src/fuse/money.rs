//! Payments of a booking, its price, and whether the two fit.

use super::Context;
use super::question::{Questions, candidate};
use super::stale;
use super::timeline::{Resolved, Timeline};
use crate::mapping::{Pattern, Settlement, Told};
use crate::model::{
    BaselineBooking, Booking, Claim, Cluster, ConflictKind, FieldName, Money, Payment, Standing, Value,
    money_doubt,
};
use chrono::{DateTime, Utc};

/// The charges that pay, and what kind each is.
pub struct Payments<'a> {
    pub payments: Vec<Payment>,
    pub kinds: Vec<(&'a Told<'a>, Claim)>,
}

/// Charges of a cluster that pay for its booking: no attempts, no holds, no double clicks paid back.
pub fn payments<'a>(
    context: &Context<'a>,
    cluster: &Cluster,
    baseline: Option<&BaselineBooking>,
) -> Payments<'a> {
    let input = context.input;
    let mut charges: Vec<(&'a Told<'a>, Payment, Option<DateTime<Utc>>)> = Vec::new();
    for at in &cluster.members {
        let told = &input.told[*at];
        if !told.may_pay() {
            continue;
        }
        let document = told.document;
        let (Some(amount), Some(paid_at)) = (
            document
                .money("/amount_captured")
                .filter(|money| money.minor > 0)
                .or_else(|| document.money("/amount")),
            document.said_at,
        ) else {
            continue;
        };
        let native = document.record.native().to_owned();
        let refunds: Vec<&Told<'_>> = cluster
            .members
            .iter()
            .map(|at| &input.told[*at])
            .filter(|told| told.document.object == "refund" && told.document.text("/charge") == Some(&native))
            .filter(|told| told.document.text("/status") != Some("failed"))
            .collect();
        let stated = document.money("/amount_refunded").map_or(0, |money| money.minor);
        let listed: i64 = refunds
            .iter()
            .filter_map(|told| told.document.money("/amount"))
            .map(|money| money.minor)
            .sum();
        let share = cluster.shares.get(at).copied();
        let refunded = Money::new(stated.max(listed), amount.currency);
        let (amount, refunded) = match share {
            Some(share) => (share.amount, share.of_refund(refunded, amount)),
            None => (amount, refunded),
        };
        let refunded_at = refunds.iter().filter_map(|told| told.document.said_at).max();
        let stood = context.paid.get(native.as_str()).into_iter().flatten();
        let baseline_refunded = stood
            .filter(|row| row.booking.as_ref() == baseline.map(|row| &row.key))
            .map(|row| row.refunded.minor)
            .next();
        charges.push((
            told,
            Payment {
                id: native,
                amount,
                refunded,
                paid_at,
                baseline_refunded,
            },
            refunded_at,
        ));
    }
    charges.sort_by(|a, b| (a.1.paid_at, &a.1.id).cmp(&(b.1.paid_at, &b.1.id)));
    let doubled: Vec<bool> = charges.iter().map(|charge| doubled(charge, &charges)).collect();
    let mut out = Payments {
        payments: Vec::new(),
        kinds: Vec::new(),
    };
    for ((told, payment, _), doubled) in charges.into_iter().zip(doubled) {
        // For a booking of the backup only what is new since then is told: a charge or a refund.
        let old = payment.baseline_refunded == Some(payment.refunded.minor);
        if doubled || old && payment.paid_at <= input.window.backup && baseline.is_some() {
            continue;
        }
        let claim = Claim {
            record: told.document.record.clone(),
            field: FieldName::Total,
            value: Value::Money(payment.amount),
            place: "/amount".to_owned(),
            rule: "payment".to_owned(),
            standing: Standing::Business,
            said_at: told.document.said_at,
        };
        out.kinds.push((told, claim));
        out.payments.push(payment);
    }
    out
}

/// Asks about a refund in part of a charge that pays for several bookings: no record says whose it was.
pub fn shared(context: &Context<'_>, cluster: &Cluster, booking: &Booking, questions: &mut Questions) {
    for (at, share) in &cluster.shares {
        let document = context.input.told[*at].document;
        let id = document.record.native();
        let Some(payment) = booking.payments.iter().find(|payment| payment.id == id) else {
            continue;
        };
        if payment.baseline_refunded.is_some()
            || payment.refunded.minor == 0
            || payment.refunded == share.amount
        {
            continue;
        }
        let reason =
            format!("{id} pays for several bookings, and a part of it was given back: for which of them?");
        let there = crate::model::Candidate {
            value: None,
            records: vec![document.record.clone()],
            millibits: 0,
        };
        questions.ask(ConflictKind::MoneyDoesNotAddUp, None, reason, vec![there], None);
    }
}

/// A second charge of the same amount within a day that was paid back whole, while the other stood
/// longer: a double click.
fn doubled(
    charge: &(&Told<'_>, Payment, Option<DateTime<Utc>>),
    all: &[(&Told<'_>, Payment, Option<DateTime<Utc>>)],
) -> bool {
    let (_, payment, refunded_at) = charge;
    if payment.refunded != payment.amount || payment.baseline_refunded.is_some() {
        return false;
    }
    all.iter().any(|(_, other, other_refunded_at)| {
        other.id != payment.id
            && other.amount == payment.amount
            && (other.paid_at - payment.paid_at).num_hours().abs() < 24
            && (other.refunded != other.amount
                || other.baseline_refunded.is_some()
                || (*other_refunded_at, other.paid_at) > (*refunded_at, payment.paid_at)
                    && (*other_refunded_at, &other.id) != (*refunded_at, &payment.id))
    })
}

/// The last agreed price: what the records state, else what payments of the whole price prove.
pub fn total(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    kinds: &[(&Told<'_>, Claim)],
    booking: &mut Booking,
    questions: &mut Questions,
) {
    match timeline.resolve_stated_total() {
        Resolved::Agreed(Value::Money(money), claims) => {
            booking.total = Some(money);
            booking.claims.insert(FieldName::Total, claims);
        }
        Resolved::Contradicted {
            kind,
            reason,
            candidates,
            suggested,
            claims,
        } => {
            if let Some(Value::Money(money)) = suggested.and_then(|at| candidates[at].value.clone()) {
                booking.total = Some(money);
            }
            questions.ask(kind, Some(FieldName::Total), reason, candidates, suggested);
            booking.claims.insert(FieldName::Total, claims);
        }
        _ if baseline.is_none() && context.wants_total => derive(context, kinds, booking, questions),
        _ => {}
    }
    if let Some(total) = booking
        .total
        .filter(|_| stale::is_doubtful(context, timeline, FieldName::Total, booking))
    {
        let reason =
            format!("It was changed after its price, {total}, was last stated: is that still the price?");
        let same = candidate(Value::Money(total), timeline.records(FieldName::Total), 1000);
        questions.ask(
            ConflictKind::UnexplainedEvidence,
            Some(FieldName::Total),
            reason,
            vec![same],
            Some(0),
        );
    }
}

/// A price that only the payments tell: charges of their kinds were the whole price before, or a part of it.
fn derive(
    context: &Context<'_>,
    kinds: &[(&Told<'_>, Claim)],
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let Some(first) = booking.payments.first() else {
        return;
    };
    let currency = first.amount.currency;
    let sum: i64 = booking
        .payments
        .iter()
        .map(|payment| payment.amount.minor - payment.refunded.minor)
        .sum();
    let gross: i64 = booking.payments.iter().map(|payment| payment.amount.minor).sum();
    let claims: Vec<Claim> = kinds.iter().map(|(_, claim)| claim.clone()).collect();
    // What was paid back whole was cancelled, not made cheaper.
    let paid = if sum == 0 { gross } else { sum };
    let settlement = settlement(context, kinds);
    let value = Money::new(paid, currency);
    if settlement.is_some_and(Settlement::is_whole) && (sum == gross || sum == 0) {
        booking.total = Some(value);
        booking.claims.insert(FieldName::Total, claims);
        return;
    }
    let records = claims.iter().map(|claim| claim.record.clone()).collect();
    let reason = format!("No record states the price; its payments come to {value}.");
    let mut candidates = vec![candidate(Value::Money(value), records, 1000)];
    let priced = settlement
        .and_then(|settlement| settlement.price(gross))
        .filter(|price| *price != paid);
    // Several payments may be all of it; one that is never the whole price is a deposit.
    let mut likely = (kinds.len() > 1).then_some(value);
    if let Some(price) = priced {
        let price = Money::new(price, currency);
        candidates.insert(0, candidate(Value::Money(price), Vec::new(), 2000));
        likely = Some(price);
    }
    let kind = ConflictKind::MissingField;
    let suggested = likely.is_some().then_some(0);
    questions.ask(kind, Some(FieldName::Total), reason, candidates, suggested);
    if likely.is_some() {
        booking.total = likely;
        booking.claims.insert(FieldName::Total, claims);
    }
}

/// What is known of bookings that charges of just these kinds paid.
fn settlement<'a>(context: &Context<'a>, kinds: &[(&Told<'_>, Claim)]) -> Option<&'a Settlement> {
    let source = kinds.first()?.0.document.record.source();
    let mut templates: Vec<&Pattern> = Vec::new();
    for (told, _) in kinds {
        if told.document.record.source() != source {
            return None;
        }
        templates.push(told.claims.kind.as_ref()?);
    }
    templates.sort();
    let mapping = context
        .input
        .mappings
        .iter()
        .find(|mapping| mapping.source == source)?;
    mapping
        .settlements
        .iter()
        .find(|settlement| settlement.kinds.iter().eq(templates.iter().copied()))
}

/// More was kept than the price, or less than was paid. Where the calendar tells of a change that no message priced,
/// what was kept is the likelier price; else the stated one stands and the payment is odd.
pub fn adds_up(changed: bool, booking: &mut Booking, questions: &mut Questions) {
    if let Some(doubt) = money_doubt(booking, changed) {
        if let Some(Value::Money(kept)) = doubt.suggestion().and_then(|likely| likely.value.clone()) {
            booking.total = Some(kept);
        }
        questions.put(doubt);
    }
}
