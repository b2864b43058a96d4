//! Payments of a booking, its price, and whether the two fit.

mod in_words;

use super::Context;
use super::beside;
use super::demands;
use super::goodwill;
use super::instalments;
use super::prices;
use super::question::{Questions, candidate};
use super::rates;
use super::timeline::{Resolved, Timeline};
use super::unsaid;
use super::whole;
use crate::mapping::Told;
use crate::model::{
    BaselineBooking, Booking, Claim, Cluster, Comparison, ConflictKind, FieldName, Money, Payment,
    SourceKind, Standing, Step, Value, Weighing, money_doubt,
};
use chrono::{DateTime, Utc};

/// The charges that pay.
pub struct Payments<'a> {
    /// Those that are new, for a booking of the backup.
    pub payments: Vec<Payment>,
    pub paid: Paid<'a>,
}

/// All charges that pay for a booking, those that the backup knows too.
#[derive(Default)]
pub struct Paid<'a> {
    pub kinds: Vec<(&'a Told<'a>, Claim)>,
    kept: Vec<Money>,
    /// When some of it was first given back.
    given_back: Option<DateTime<Utc>>,
    /// One of them is here by its time and amount alone: nothing in it says whose it is.
    is_nameless: bool,
    /// One of them pays for other bookings too, of which not all may be known.
    is_shared: bool,
    /// The price where messages state what such a charge took for this booking, and what it took for all.
    own_share: Option<(Money, Vec<Claim>)>,
}

impl Paid<'_> {
    /// What was paid and not given back, where all of it is of one currency.
    pub fn kept(&self) -> Option<Money> {
        let currency = self.kept.first()?.currency;
        let of_one = self.kept.iter().all(|money| money.currency == currency);
        let sum = self.kept.iter().map(|money| money.minor).sum();
        of_one.then(|| Money::new(sum, currency))
    }

    /// What each of them took.
    pub fn took(&self) -> impl Iterator<Item = Money> {
        self.kinds.iter().filter_map(|(_, claim)| match claim.value {
            Value::Money(money) => Some(money),
            _ => None,
        })
    }

    /// When some of it was first given back.
    pub fn given_back(&self) -> Option<DateTime<Utc>> {
        self.given_back
    }

    /// Whether one of them is here by its time and amount alone.
    pub fn is_nameless(&self) -> bool {
        self.is_nameless
    }

    /// Whether charges of just these kinds came to the whole price before.
    pub fn is_whole(&self, context: &Context<'_>) -> bool {
        whole::settlement(context, &self.kinds).is_some_and(whole::Known::is_whole)
    }
}

/// A charge, what it pays, and when some of it was last given back.
pub(super) type Charge<'a> = (&'a Told<'a>, Payment, Option<DateTime<Utc>>);

/// Charges of a cluster that pay for its booking: no attempts, no holds, no double clicks paid back.
pub fn payments<'a>(
    context: &Context<'a>,
    cluster: &Cluster,
    baseline: Option<&BaselineBooking>,
) -> Payments<'a> {
    let input = context.input;
    let mut charges: Vec<Charge<'a>> = Vec::new();
    for at in &cluster.members {
        let told = &input.told[*at];
        if !told.may_pay() && !unsaid::pays(context, cluster, told) {
            continue;
        }
        let document = told.document;
        let (Some(amount), Some(paid_at)) = (document.taken(), document.said_at) else {
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
        let listed: i64 = refunds
            .iter()
            .filter_map(|told| told.document.money("/amount"))
            .map(|money| money.minor)
            .sum();
        let share = cluster.shares.get(at).copied();
        let refunded = Money::new(document.given_back(listed), amount.currency);
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
    beside::leave_out(context, cluster, baseline, &mut charges);
    let doubled: Vec<bool> = charges.iter().map(|charge| doubled(charge, &charges)).collect();
    let mut out = Payments {
        payments: Vec::new(),
        paid: Paid {
            is_nameless: cluster
                .weighings
                .iter()
                .any(|weighing| is_nameless(context, weighing)),
            is_shared: !cluster.shares.is_empty(),
            own_share: own_share(context, cluster, baseline),
            ..Paid::default()
        },
    };
    for ((told, payment, refunded_at), doubled) in charges.into_iter().zip(doubled) {
        if doubled {
            continue;
        }
        out.paid.given_back = out.paid.given_back.into_iter().chain(refunded_at).min();
        let claim = Claim {
            record: told.document.record.clone(),
            field: FieldName::Total,
            value: Value::Money(payment.amount),
            place: "/amount".to_owned(),
            rule: "payment".to_owned(),
            standing: Standing::Business,
            said_at: told.document.said_at,
        };
        out.paid.kinds.push((told, claim));
        let kept = payment.amount.minor - payment.refunded.minor;
        out.paid.kept.push(Money::new(kept, payment.amount.currency));
        // For a booking of the backup only what is new since then is told: a charge or a refund.
        let old = payment.baseline_refunded == Some(payment.refunded.minor);
        if !(old && payment.paid_at <= input.window.backup && baseline.is_some()) {
            out.payments.push(payment);
        }
    }
    out
}

/// Whether these are records of a charge that were placed without a word of whom or what they are for.
fn is_nameless(context: &Context<'_>, weighing: &Weighing) -> bool {
    let pays = |at: &usize| context.input.told[*at].may_pay();
    let says = [
        Comparison::Reference,
        Comparison::Customer,
        Comparison::Email,
        Comparison::Phone,
        Comparison::Name,
        Comparison::Resource,
    ];
    let told = |step: &Step| says.contains(&step.comparison) && step.millibits > 0;
    weighing.is_linked && weighing.members.iter().any(pays) && !weighing.steps.iter().any(told)
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
            || share.given_back.is_some()
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
fn doubled(charge: &Charge<'_>, all: &[Charge<'_>]) -> bool {
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
    paid: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    if let Some((money, claims)) = paid.own_share.clone() {
        booking.total = Some(money);
        booking.claims.insert(FieldName::Total, claims);
        return;
    }
    match timeline.resolve_stated_total() {
        Resolved::Agreed(Value::Money(money), claims) => {
            booking.total = Some(money);
            booking.claims.insert(FieldName::Total, claims);
            if context.input.untaught.is_none() {
                demands::doubt(context, timeline, baseline, paid, booking, money, questions);
            }
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
        _ if baseline.is_none() && context.wants_total => {
            match context.gratis.price(timeline).filter(|_| paid.kinds.is_empty()) {
                Some((nothing, claims)) => {
                    booking.total = Some(nothing);
                    booking.claims.insert(FieldName::Total, claims);
                }
                None => derive(context, timeline, paid, booking, questions),
            }
        }
        _ => {}
    }
}

/// The price, where messages state nothing but what one charge took for this booking and what it took for all that it pays
/// for: the latter is a receipt.
fn own_share(
    context: &Context<'_>,
    cluster: &Cluster,
    baseline: Option<&BaselineBooking>,
) -> Option<(Money, Vec<Claim>)> {
    let input = context.input;
    let is_new = |claim: &&Claim| baseline.is_none() || claim.said_at > Some(input.window.backup);
    let members = cluster.members.iter().map(|at| &input.told[*at]);
    let stating = members.filter(|told| told.document.kind != SourceKind::Stripe);
    let claims: Vec<&Claim> = stating
        .flat_map(|told| told.claims.of(FieldName::Total))
        .filter(is_new)
        .collect();
    let states = |money: Money| claims.iter().any(|claim| claim.value == Value::Money(money));
    let mut shares = cluster.shares.iter();
    let own = shares.find_map(|(at, share)| {
        let (whole, own) = (input.told[*at].document.taken()?, share.amount);
        let is_either = |claim: &&Claim| [whole, own].map(Value::Money).contains(&claim.value);
        (whole != own && states(whole) && states(own) && claims.iter().all(is_either)).then_some(own)
    })?;
    let of_own = claims.iter().filter(|claim| claim.value == Value::Money(own));
    Some((own, of_own.map(|claim| (*claim).clone()).collect()))
}

/// A price that only the payments tell: charges of their kinds were the whole price before, or a part of it.
fn derive(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    all: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let kinds = &all.kinds;
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
    let settlement = whole::settlement(context, kinds);
    let value = Money::new(paid, currency);
    let listed = prices::of(context, booking);
    let records: Vec<_> = claims.iter().map(|claim| claim.record.clone()).collect();
    // What is here because of its amount proves no amount, nor does a part that was reckoned.
    let comes_whole = settlement.is_some_and(whole::Known::is_whole) && !all.is_nameless;
    let is_whole = comes_whole && !all.is_shared;
    if is_whole && (sum == gross || sum == 0) {
        booking.total = Some(value);
        booking.claims.insert(FieldName::Total, claims);
        if let Some(other) = listed.filter(|listed| listed.is_sure() && listed.money != value) {
            let other = other.money;
            let reason = format!("Its payments come to {value}, but by the backup's prices it is {other}.");
            let candidates = vec![
                candidate(Value::Money(value), records, 1000),
                candidate(Value::Money(other), Vec::new(), 500),
            ];
            let kind = ConflictKind::WeakEvidence;
            questions.ask(kind, Some(FieldName::Total), reason, candidates, Some(0));
        }
        return;
    }
    let is_plain = !all.is_nameless && !all.is_shared;
    if is_plain && context.paid_at_once.is_price(booking, all, value) {
        booking.total = Some(value);
        booking.claims.insert(FieldName::Total, claims);
        return;
    }
    if let Some(price) = instalments::price(context, all, booking) {
        booking.total = Some(price);
        booking.claims.insert(FieldName::Total, claims);
        return;
    }
    let priced = settlement
        .and_then(|settlement| settlement.price(gross))
        .map(|price| Money::new(price, currency))
        .filter(|price| *price != value);
    // A part of the price was paid, and messages name both.
    if let Some(price) = priced.filter(|price| is_plain && price.minor > gross)
        && let Some(claim) = in_words::price(timeline, booking, price)
    {
        booking.total = Some(price);
        booking.claims.insert(FieldName::Total, vec![claim]);
        return;
    }
    // What was paid is the price, or its usual part, and the price is that of the backup's list: both say the same.
    let told = priced.unwrap_or(value);
    if listed.is_some_and(|listed| listed.is_sure() && listed.money == told) {
        booking.total = Some(told);
        booking.claims.insert(FieldName::Total, claims);
        return;
    }
    let reason = format!("No record states the price; its payments come to {value}.");
    let mut candidates = vec![candidate(Value::Money(value), records, 1000)];
    // Several payments may be all of it; one that is never the whole price is a deposit.
    let mut likely = (kinds.len() > 1 || comes_whole && all.is_shared).then_some(value);
    let listed = listed.filter(|listed| listed.money.minor >= paid);
    let by_list = listed.filter(|listed| listed.is_right_in_one_of(2) || listed.money == value);
    if let Some(price) = priced.or(by_list.map(|listed| listed.money)) {
        if price != value {
            candidates.insert(0, candidate(Value::Money(price), Vec::new(), 2000));
        }
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

/// Whether more was kept than the price because of what is paid beside it: overtime, a minibar.
fn is_beside(context: &Context<'_>, paid: &Paid<'_>, total: Money) -> bool {
    let Some(kept) = paid.kept().filter(|kept| kept.currency == total.currency) else {
        return false;
    };
    let beside = paid.kinds.iter().zip(&paid.kept);
    let beside = beside.filter(|((told, _), _)| whole::is_beside(context, told));
    let beside: i64 = beside.map(|(_, kept)| kept.minor).sum();
    beside > 0 && kept.minor > total.minor && kept.minor - beside <= total.minor
}

/// Whether one charge took more than the price, and the message that was sent with it says by how much.
fn tells_why_more(timeline: &Timeline<'_>, paid: &Paid<'_>, booking: &Booking) -> bool {
    let (Some(total), Some(kept), [(told, _)]) = (booking.total, paid.kept(), paid.kinds.as_slice()) else {
        return false;
    };
    let is_more = kept.currency == total.currency && kept.minor > total.minor;
    let paid_at = told.document.said_at.filter(|_| is_more);
    paid_at.is_some_and(|at| timeline.tells_why_more(total, kept, at))
}

/// More was kept than the price, or less than was paid. Where the calendar tells of a change that no message priced,
/// what was kept is the likelier price; else the stated one stands and the payment is odd.
pub fn adds_up(
    context: &Context<'_>,
    paid: &Paid<'_>,
    timeline: &Timeline<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let changed = timeline.touched().is_some();
    if booking.total.is_some_and(|total| is_beside(context, paid, total)) {
        return;
    }
    if goodwill::is_paid_over(context) && tells_why_more(timeline, paid, booking) {
        return;
    }
    if !changed && goodwill::is_goodwill(context, paid, booking) {
        return;
    }
    if rates::explain(context, paid, booking) {
        return;
    }
    let doubt = money_doubt(booking, changed);
    if let (Some(doubt), Some(total)) = (&doubt, booking.total)
        && goodwill::is_late(context, paid, booking)
        && let Some(at) = doubt
            .candidates
            .iter()
            .position(|one| one.value == Some(Value::Money(total)))
    {
        // What is over is not made cheaper.
        let mut doubt = doubt.clone();
        doubt.candidates[at].millibits += 500;
        doubt.candidates.swap(0, at);
        doubt.suggested = Some(0);
        return questions.put(doubt);
    }
    if let Some(doubt) = doubt {
        if let Some(Value::Money(kept)) = doubt.suggestion().and_then(|likely| likely.value.clone()) {
            booking.total = Some(kept);
        }
        questions.put(doubt);
    }
}
