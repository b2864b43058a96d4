//! Fuses each cluster into a booking and its conflicts.
//!
//! Input: clusters of records with their claims, and the backup's rows. Output: bookings with every
//! field's claims, and the questions that are open. Records form a timeline: a later word of the same
//! standing supersedes an earlier one. What contradicts without such an explanation, what is required
//! and missing, what only weak evidence tells, becomes a conflict with a suggestion; nothing is guessed.

mod addressee;
mod agencies;
mod agreed_off;
mod alternatives;
mod anothers_phone;
mod as_written;
mod beside;
mod beside_names;
mod blank;
mod bookers;
mod borne_out;
mod by_hand;
mod customers;
mod demands;
mod echoes;
mod estimates;
mod eve;
mod family;
mod fees;
mod firms;
mod founding;
mod free;
mod given;
mod goodwill;
mod gratis;
mod habits;
mod half_names;
mod halves;
mod headings;
mod hours;
mod household;
mod identity;
mod inflected;
mod instalments;
mod labelled;
mod last_day;
mod likely;
mod listed;
mod lone_lines;
mod longer_names;
mod mentioned;
mod misnumbered;
mod missing;
mod money;
mod moved;
mod nothing_new;
mod numbered;
mod other_script;
mod over;
mod overlaps;
mod paid_apart;
mod paid_at_once;
mod partial;
mod pleasantries;
mod prices;
mod question;
mod rare_subjects;
mod rates;
mod receipts;
mod remade;
mod replies;
mod repriced;
mod requests;
mod restated;
mod rows;
mod same_list;
mod short_names;
mod spelling;
mod spoken;
mod stale;
mod stated_ends;
mod status;
mod strange;
mod struck;
mod tenancy;
mod timeline;
mod titled;
mod titled_alone;
mod told_apart;
mod touched;
mod trial;
mod twins;
mod unassigned;
mod undone;
mod unlinked;
mod unnumbered;
mod unproven;
mod unsaid;
mod unseen;
mod untaught;
mod usual;
mod waterfalls;
mod whole;
mod whose;
mod wording;

pub use overlaps::exclusive;
pub use requests::unanswered;
pub use trial::{Change, Pattern, Stale, Trial};

use crate::mapping::{Mapping, Part, Told};
use crate::model::{
    About, Action, Baseline, BaselineBooking, BaselinePayment, Booking, Business, Cluster, ConflictKind,
    FieldName, Linked, Listing, Money, Resource, State, Status, Target, Value, When, Window,
};
use blank::blank;
use bookers::Bookers;
use chrono::{DateTime, TimeDelta, Utc};
use customers::Customers;
use firms::Firms;
use prices::Prices;
use question::{Questions, candidate};
use rare_subjects::Unknown;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use timeline::{Resolved, Timeline};
use unnumbered::Unnumbered;
use unseen::Unseen;
use usual::Usual;

/// What the stage works with.
pub struct Input<'a> {
    pub told: &'a [Told<'a>],
    pub linked: &'a Linked,
    pub baseline: &'a Baseline,
    pub mappings: &'a [Mapping],
    pub window: &'a Window,
    pub business: &'a Business,
    pub target: Option<&'a Target>,
    /// How far the evidence can be trusted; empty while that is being tested.
    pub trial: &'a Trial,
    /// Fields that could be learned without a backup, where there is no backup to learn from.
    pub untaught: Option<&'a BTreeSet<FieldName>>,
}

/// A booking with the pattern of its evidence.
#[derive(Debug, Clone)]
pub struct Fused {
    pub booking: Booking,
    pub pattern: Pattern,
    /// A message told shortly before when it begins.
    pub on_the_eve: bool,
    /// Fields that were last stated before something else was changed.
    pub stale: Vec<Stale>,
    /// The price as records last stated it, or as payments prove it.
    pub stated_total: Option<Money>,
}

/// Fuses all clusters, in the order of the bookings' ids.
pub fn fuse(input: &Input<'_>) -> Vec<Fused> {
    let context = Context::new(input);
    let mut fused: Vec<(&Cluster, Fused)> = input
        .linked
        .clusters
        .par_iter()
        .filter_map(|cluster| Some((cluster, supposed(&context, cluster, Named::ByNumber)?)))
        .collect();
    // Two bookings that state the same numbers, in messages that name both: the first record tells them apart.
    let by_id =
        |(_, fused): &(&Cluster, Fused)| (fused.booking.id.clone(), fused.booking.records.first().cloned());
    fused.sort_by_cached_key(by_id);
    let twice: Vec<usize> = (1..fused.len())
        .filter(|at| fused[*at].1.booking.id == fused[*at - 1].1.booking.id)
        .collect();
    for at in twice {
        if let Some(apart) = supposed(&context, fused[at].0, Named::ByRecord) {
            fused[at].1 = apart;
        }
    }
    let told_of = alternatives::told_of(&fused, input);
    let mut fused: Vec<Fused> = fused.into_iter().map(|(_, fused)| fused).collect();
    fused.sort_by(|a, b| a.booking.id.cmp(&b.booking.id));
    waterfalls::name_next(&mut fused);
    alternatives::forget_over(&mut fused, input);
    alternatives::forget_told(&mut fused, &told_of);
    alternatives::name(&mut fused, input.business.zone);
    customers::share(&mut fused);
    customers::doubt_greetings(&mut fused, input);
    agencies::doubt(&mut fused, input);
    halves::doubt(&mut fused, input);
    if input.untaught.is_some() {
        untaught::doubt_all(&mut fused, input);
    }
    listed::doubt(&mut fused, input);
    same_list::suggest(&context, &mut fused);
    lone_lines::doubt(&mut fused, input);
    if overlaps::exclusive(input.baseline) {
        overlaps::flag(&mut fused, input.baseline, input.business.zone);
        free::suggest(&context, &mut fused);
    }
    for fused in &mut fused {
        let booking = &mut fused.booking;
        booking.conflicts.sort_by(|a, b| a.id.cmp(&b.id));
        let asked = booking.conflicts.first();
        booking.state = asked.map_or(State::Clean, |_| State::Flagged);
    }
    fused
}

/// A rule of fewer records is vague.
const VAGUE: u32 = 8;

/// What holds for all clusters.
pub(crate) struct Context<'a> {
    pub input: &'a Input<'a>,
    /// Rule name to (agree, support).
    reliability: BTreeMap<String, (u32, u32)>,
    customers: Customers<'a>,
    bookers: Bookers,
    firms: Firms,
    things: inflected::Names<'a>,
    /// Members of a household share an e-mail address, and are customers of their own.
    households: bool,
    /// The backup's payments by the provider's charge id.
    pub paid: BTreeMap<&'a str, Vec<&'a BaselinePayment>>,
    /// Fields that nearly every booking of the backup fills.
    required: BTreeSet<FieldName>,
    /// No booking of the backup ends before it begins, and none as it begins.
    ends_after: bool,
    takes_time: bool,
    /// Price in the backup's currency is stated for bookings.
    wants_total: bool,
    /// Most messages are of kinds that the overlap knows, so that one that is not stands out.
    knows_messages: bool,
    /// What stands out where they are not.
    unknown: Unknown,
    usual: Usual,
    unseen: Unseen,
    unassigned: unassigned::Unassigned,
    over: over::Over,
    prices: Prices,
    goodwill: goodwill::Goodwill,
    gratis: gratis::Gratis,
    rates: rates::Rates,
    receipts: receipts::Receipts,
    fees: fees::Fees,
    founding: founding::Founding,
    struck: struck::Struck,
    remade: remade::Remade<'a>,
    wording: wording::Wording,
    echoes: echoes::Echoes,
    paid_apart: paid_apart::PaidApart,
    paid_at_once: paid_at_once::PaidAtOnce,
    pleasantries: pleasantries::Pleasantries,
    headings: headings::Headings,
    undone: undone::Undone,
    /// Records that may belong to several bookings, rising.
    contested: Vec<usize>,
    /// Calendar entries say which resource is booked, as a rule.
    plans_resources: bool,
    /// Messages of the business are vouched for as a rule, so that one that is not stands out.
    vouches: bool,
    /// Messages state when bookings end.
    states_ends: bool,
    /// Many bookings never had a first message: who telephones is entered, and reminded later.
    headless: bool,
    replies: replies::Replies<'a>,
}

impl<'a> Context<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        let mut reliability = BTreeMap::new();
        for mapping in input.mappings {
            for (number, rule) in mapping.rules.iter().enumerate() {
                // An end that is stated is taken before one that is reckoned by a rule that is as sure.
                let measured = match rule.reading.unit {
                    Some(_) => (rule.agree.saturating_mul(999), rule.support.saturating_mul(1000)),
                    None => (rule.agree, rule.support),
                };
                reliability.insert(format!("{}#{}", mapping.source, number + 1), measured);
            }
        }
        let bookings = &input.baseline.bookings;
        let mostly = |has: &dyn Fn(&BaselineBooking) -> bool| {
            bookings.iter().filter(|booking| has(booking)).count() * 10 >= bookings.len() * 9
        };
        let has_column = |name: &str| input.target.is_none_or(|target| target.booking.has(name));
        let mut required = BTreeSet::from([FieldName::StartsAt, FieldName::CustomerName]);
        if has_column("ends_at") {
            required.insert(FieldName::EndsAt);
        }
        // A booking without a number that any record tells is asked for it, unless such bookings have none.
        if has_column("reference")
            && mostly(&|booking| booking.reference.is_some())
            && !Unnumbered::learn(input).is_usual()
        {
            required.insert(FieldName::Reference);
        }
        if has_column("resource") && mostly(&|booking| booking.resource.is_some()) {
            required.insert(FieldName::ResourceKey);
        }
        let mut wants_total = has_column("total") && mostly(&|booking| booking.total.is_some());
        if let Some(fields) = input.untaught {
            // Nothing shows what is always filled: what could be learned is expected, and what the target names
            // outright. Resources have no keys without a backup.
            let named = |name: &str| input.target.is_some_and(|target| target.booking.has(name));
            required.remove(&FieldName::ResourceKey);
            if !named("reference") && !fields.contains(&FieldName::Reference) {
                required.remove(&FieldName::Reference);
            }
            wants_total &= fields.contains(&FieldName::Total);
        }
        let customers = Customers::new(input);
        let mut paid: BTreeMap<&str, Vec<&BaselinePayment>> = BTreeMap::new();
        for row in &input.baseline.payments {
            if let Some(id) = row.provider_id.as_deref() {
                paid.entry(id).or_default().push(row);
            }
        }
        let struck = struck::Struck::learn(input);
        let knows_messages = habits::knows_messages(input.told);
        let unknown = if knows_messages || input.untaught.is_some() {
            Unknown::default()
        } else {
            Unknown::learn(input)
        };
        Self {
            input,
            reliability,
            customers,
            bookers: Bookers::new(input),
            firms: Firms::learn(input),
            things: inflected::Names::of(&input.baseline.resources),
            households: input.baseline.has_households(),
            paid,
            required,
            ends_after: !bookings.iter().any(|row| {
                row.starts_at
                    .zip(row.ends_at)
                    .is_some_and(|(starts_at, ends_at)| is_before(ends_at, starts_at))
            }),
            takes_time: !bookings
                .iter()
                .any(|row| row.starts_at.is_some() && row.starts_at == row.ends_at),
            wants_total,
            knows_messages,
            unknown,
            usual: Usual::new(bookings, input.business.zone),
            unseen: Unseen::learn(input),
            unassigned: unassigned::Unassigned::learn(input),
            over: over::Over::learn(bookings, input.window.backup, input.business.zone),
            prices: Prices::learn(bookings, input.business.zone),
            goodwill: goodwill::Goodwill::learn(input),
            gratis: gratis::Gratis::learn(input),
            rates: rates::Rates::learn(input),
            receipts: receipts::Receipts::new(input),
            fees: fees::Fees::learn(input),
            founding: founding::Founding::learn(input),
            struck,
            remade: remade::Remade::learn(input, struck),
            wording: wording::Wording::learn(input),
            echoes: echoes::Echoes::learn(input, wording::pieces),
            pleasantries: pleasantries::Pleasantries::learn(input),
            paid_apart: paid_apart::PaidApart::learn(input),
            paid_at_once: paid_at_once::PaidAtOnce::learn(input),
            headings: headings::Headings::learn(input),
            undone: undone::Undone::learn(input),
            contested: likely::contested(input.linked),
            plans_resources: habits::plans_resources(input),
            vouches: habits::vouches(input.told),
            states_ends: habits::states_ends(input.told),
            headless: by_hand::headless(input),
            replies: replies::Replies::learn(input),
        }
    }

    /// Whether a rule reads a word of the customer's name as it is, not a nickname.
    pub fn is_word_of_name(&self, rule: &str) -> bool {
        let found = rule.rsplit_once('#').and_then(|(source, number)| {
            let mut mappings = self.input.mappings.iter();
            let mapping = mappings.find(|mapping| mapping.source == source)?;
            mapping.rules.get(number.parse::<usize>().ok()?.checked_sub(1)?)
        });
        found.is_some_and(|rule| matches!(rule.reading.part, Part::FirstWord | Part::LastWord))
    }

    /// Whether a rule was learned of so few records that one change may have spoilt what it reads.
    pub fn is_vague(&self, rule: &str) -> bool {
        self.reliability
            .get(rule)
            .is_some_and(|(_, support)| *support < VAGUE)
    }

    /// How often a rule was right in the overlap; a rule that nobody measured is trusted half.
    pub fn reliability(&self, rule: &str) -> f64 {
        match self.reliability.get(rule) {
            Some((agree, support)) if *support > 0 => f64::from(*agree) / f64::from(*support),
            Some(_) => 0.99,
            None => 0.5,
        }
    }
}

/// What a new booking's id is made of: its number, if it has one, or the first of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    ByNumber,
    ByRecord,
}

fn supposed(context: &Context<'_>, cluster: &Cluster, named: Named) -> Option<Fused> {
    let fused = one(context, cluster, named)?;
    Some(likely::suppose(context, cluster, named, fused))
}

fn one(context: &Context<'_>, cluster: &Cluster, named: Named) -> Option<Fused> {
    let input = context.input;
    let baseline = match cluster.about {
        About::Baseline(at) => Some(&input.baseline.bookings[at]),
        About::New => None,
    };
    let timeline = Timeline::new(context, cluster, baseline);
    let fresh = cluster
        .members
        .iter()
        .any(|member| happened_since(&input.told[*member], input.window.backup))
        || cluster
            .possible
            .iter()
            .any(|(at, _)| happened_since(&input.told[*at], input.window.backup))
        || context.replies.is_answered(input, cluster, baseline);
    let is_nothing = cluster.members.is_empty() && baseline.is_none();
    if !fresh || is_nothing || requests::are_all(cluster, input.told) {
        return None;
    }
    let id = identity::booking_id(context, cluster, baseline, &timeline, named);
    let mut questions = Questions::new(&id);
    let mut booking = blank(id, baseline, cluster, input);
    fill(
        context,
        (cluster, &timeline),
        baseline,
        &mut booking,
        &mut questions,
    );
    let payments = money::payments(context, cluster, baseline);
    booking.payments = payments.payments;
    money::total(
        context,
        &timeline,
        baseline,
        &payments.paid,
        &mut booking,
        &mut questions,
    );
    listed::price(context, &timeline, &mut booking);
    let stated_total = booking.total;
    repriced::noticed(context, &timeline, &payments.paid, &mut booking, &mut questions);
    repriced::alone(context, &timeline, baseline, &booking, &mut questions);
    if input.untaught.is_none() {
        repriced::doubt_amount(context, &timeline, &payments.paid, &mut booking, &mut questions);
    }
    if baseline.is_none() {
        usual::suggest(context, &mut booking, &mut questions);
    }
    repriced::unnoticed(context, &timeline, &payments.paid, &mut booking, &mut questions);
    status::settle(context, &timeline, baseline, &mut booking, &mut questions);
    fees::doubt(context, &timeline, baseline, &mut booking, &mut questions);
    if input.untaught.is_none() {
        strange::doubt(context, &timeline, baseline, &mut booking, &mut questions);
        strange::doubt_thing(context, &timeline, &mut booking, &mut questions);
        if booking.status != Some(Status::Cancelled) {
            booking.status = Some(over::status(context, &booking));
        }
    }
    let is_open = estimates::doubt(
        context,
        (cluster, &timeline),
        baseline,
        &payments.paid,
        &mut booking,
        &mut questions,
    );
    // What it came to is asked once.
    if !is_open {
        money::adds_up(context, &payments.paid, &timeline, &mut booking, &mut questions);
        whole::doubt_short(context, &timeline, &payments.paid, &mut booking, &mut questions);
    }
    money::shared(context, cluster, &booking, &mut questions);
    unsaid::doubt(context, cluster, &mut questions);
    context
        .customers
        .place(context, cluster, baseline, &mut booking, &mut questions);
    replies::doubt(
        context,
        cluster,
        &timeline,
        baseline,
        &mut booking,
        &mut questions,
    );
    doubts(context, cluster, &timeline, baseline, &booking, &mut questions);
    if let (Named::ByRecord, Some(reference)) = (named, &booking.reference) {
        let reason = format!("Another booking has the number {reference} too; was it given out again?");
        let field = Some(FieldName::Reference);
        questions.ask(ConflictKind::ReferenceReused, field, reason, Vec::new(), None);
    }
    booking.action = action(baseline, &booking);
    let pattern = pattern(&timeline, cluster, &booking, baseline.is_some());
    // What was called off is called off, whatever was changed before.
    let stands = booking.status != Some(Status::Cancelled);
    let on_the_eve = eve::is_told(input, &timeline, &booking);
    let unplanned = || {
        let doubt = input.trial.doubt_unplanned(&pattern, on_the_eve);
        doubt
            .or_else(|| unseen::doubt(context, &timeline, &booking))
            .filter(|_| stands)
    };
    if baseline.is_none()
        && let Some(reason) = input.trial.doubt(&pattern).or_else(unplanned)
    {
        questions.ask(ConflictKind::WeakEvidence, None, reason, Vec::new(), None);
    }
    booking.conflicts = questions.done();
    // An old booking that nothing new is told of.
    if baseline.is_some()
        && booking.action == Action::Unchanged
        && booking.conflicts.is_empty()
        && booking.payments.is_empty()
    {
        return None;
    }
    let stale = stale::stale(&timeline, &booking);
    Some(Fused {
        booking,
        pattern,
        on_the_eve,
        stale,
        stated_total,
    })
}

/// Whether a record was made or changed since the backup.
fn happened_since(told: &Told<'_>, backup: DateTime<Utc>) -> bool {
    told.document.said_at.is_some_and(|at| at > backup)
}

/// Whether one moment lies before another of the same kind.
fn is_before(a: When, b: When) -> bool {
    a.until(b).is_some_and(|length| length > TimeDelta::zero())
}

/// Reference, times, resource and person.
fn fill(
    context: &Context<'_>,
    (cluster, timeline): (&Cluster, &Timeline<'_>),
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let input = context.input;
    booking.tenant = booking.tenant.take().or_else(|| timeline.tenant.clone());
    if baseline.is_none() {
        if let Some(Value::Text(text)) = settle(timeline, FieldName::Reference, booking, questions) {
            booking.reference = Some(text);
        }
        let founded = context.founding.made_at(input, cluster);
        booking.created_at = founded.or(timeline.made_at);
    }
    let date_only = input.target.is_some_and(Target::date_only);
    for field in [FieldName::StartsAt, FieldName::EndsAt] {
        if let Some(Value::When(when)) = settle(timeline, field, booking, questions) {
            let when = if date_only {
                When::Date(when.date(input.business.zone))
            } else {
                when
            };
            let when = if let (When::Date(date), false) = (when, date_only)
                && let Some(only) = usual::only_moment(context, timeline, booking, field, date)
            {
                only
            } else if let (When::Date(date), false, Some(claim)) = (
                when,
                date_only,
                timeline.hour_named(field, when.date(input.business.zone), &|rule| {
                    context.is_vague(rule)
                }),
            ) {
                let named = match claim.value {
                    Value::When(named) => named,
                    _ => When::Date(date),
                };
                booking.claims.entry(field).or_default().push(claim);
                named
            } else if let (When::Date(date), false) = (when, date_only) {
                let reason = format!("Only the day is known ({date}), not the time: please find it out.");
                let given = candidate(Value::When(when), timeline.records(field), 0);
                let usual = context.usual.moment(field, date, input.business.zone);
                let likely = usual.map(|when| candidate(Value::When(when), timeline.records(field), 500));
                let (candidates, suggested) = match likely {
                    Some(likely) => (vec![likely, given], Some(0)),
                    None => (vec![given], None),
                };
                questions.ask(
                    ConflictKind::MissingField,
                    Some(field),
                    reason,
                    candidates,
                    suggested,
                );
                usual.unwrap_or(when)
            } else {
                when
            };
            match field {
                FieldName::StartsAt => booking.starts_at = Some(when),
                _ => booking.ends_at = Some(when),
            }
        }
    }
    strange::doubt_end(context, timeline, baseline, booking, questions);
    if let (Some(starts_at), Some(ends_at)) = (booking.starts_at, booking.ends_at)
        && baseline.is_none_or(|row| {
            // Where it is asked when a row begins, the end is seen too.
            (row.starts_at, row.ends_at) != (Some(starts_at), Some(ends_at))
                && !questions.asks_about(FieldName::StartsAt)
        })
        && (context.ends_after && is_before(ends_at, starts_at)
            || context.takes_time && matches!(ends_at, When::Instant(_)) && ends_at == starts_at)
    {
        let when = if ends_at == starts_at { "as" } else { "before" };
        let reason = format!("It would end {when} it begins: please look at both.");
        let kind = ConflictKind::FieldContradicts;
        questions.ask(kind, Some(FieldName::EndsAt), reason, Vec::new(), None);
    }
    let resource = match settle(timeline, FieldName::ResourceKey, booking, questions) {
        Some(Value::Text(key)) => Some(key),
        _ => baseline.and_then(|row| row.resource.clone()),
    };
    if let Some(key) = resource {
        let row = input.baseline.resources.iter().find(|row| row.key == key);
        booking.resource = Resource {
            name: row.and_then(|row| row.name.clone()),
            key: Some(key.clone()),
        };
        if stale::is_doubtful(context, timeline, FieldName::ResourceKey, booking) {
            let name = booking.resource.name.clone().unwrap_or_else(|| key.clone());
            let reason = format!("It was changed after {name} was last named for it: is it still {name}?");
            let same = candidate(Value::Text(key), timeline.records(FieldName::ResourceKey), 1000);
            let field = Some(FieldName::ResourceKey);
            questions.ask(
                ConflictKind::UnexplainedEvidence,
                field,
                reason,
                vec![same],
                Some(0),
            );
        }
    } else if baseline.is_none() {
        mentioned::suggest(context, timeline, booking, questions);
    }
    tenancy::complete(context, booking, questions);
}

/// Settles one field: its value with the claims for it, or a question.
fn settle(
    timeline: &Timeline<'_>,
    field: FieldName,
    booking: &mut Booking,
    questions: &mut Questions,
) -> Option<Value> {
    match timeline.resolve(field) {
        Resolved::Silent => None,
        Resolved::Agreed(value, claims) => {
            booking.claims.insert(field, claims);
            Some(value)
        }
        Resolved::Contradicted {
            kind,
            reason,
            candidates,
            suggested,
            claims,
        } => {
            let value = suggested.and_then(|at| candidates[at].value.clone());
            questions.ask(kind, Some(field), reason, candidates, suggested);
            booking.claims.insert(field, claims);
            value
        }
    }
}

/// The record that a question sends somebody to, where no value is at stake.
fn read(record: crate::model::RecordId) -> crate::model::Candidate {
    crate::model::Candidate {
        value: None,
        records: vec![record],
        millibits: 0,
    }
}

/// Everything else that keeps a booking from being clean.
fn doubts(
    context: &Context<'_>,
    cluster: &Cluster,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &Booking,
    questions: &mut Questions,
) {
    let input = context.input;
    if let Some(reference) = &cluster.reused {
        let reason = format!("Another booking has the number {reference} too; was it given out again?");
        questions.ask(
            ConflictKind::ReferenceReused,
            Some(FieldName::Reference),
            reason,
            Vec::new(),
            None,
        );
    }
    if let (Some(true), Some(reference)) = (cluster.set_apart, &booking.reference) {
        let reason = format!("The number {reference} stays on the booking that it was set apart from.");
        questions.ask(
            ConflictKind::ReferenceReused,
            Some(FieldName::Reference),
            reason,
            Vec::new(),
            None,
        );
    }
    for told in cluster.members.iter().map(|at| &input.told[*at]) {
        if let (Listing::Mixed(numbers), true) =
            (&told.document.listing, happened_since(told, input.window.backup))
        {
            let (record, numbers) = (&told.document.record, numbers.join(", "));
            let reason = format!(
                "{record} names several bookings, {numbers}, and nothing tells which of them each thing that it says is about."
            );
            questions.ask(ConflictKind::UnexplainedEvidence, None, reason, Vec::new(), None);
            break;
        }
    }
    if cluster.late && !(context.headless && timeline.stands_as_told()) {
        let reason = "Its first message is missing; what is left may be about another booking.".to_owned();
        questions.ask(ConflictKind::AmbiguousLink, None, reason, Vec::new(), None);
    }
    if baseline.is_none() {
        missing::ask(context, cluster, booking, questions);
    }
    paid_apart::doubt(context, cluster, booking, questions);
    unlinked::doubt(context, cluster, booking, questions);
    if let Some(record) = timeline
        .unvouched()
        .filter(|_| context.vouches && baseline.is_none())
    {
        let reason = format!("Only {record} tells of it, and no mail server vouched for its sender.");
        let there = read(record);
        questions.ask(ConflictKind::NoStanding, None, reason, vec![there], None);
    }
    touched::doubt(context, timeline, baseline, booking, questions);
    by_hand::doubt_letter(timeline, booking, questions);
    by_hand::doubt_end(timeline, booking, questions);
    if let Some((record, text)) = timeline.unread() {
        let reason = format!("{record} says \"{text}\" where a value is expected, and it cannot be read.");
        let there = read(record);
        questions.ask(ConflictKind::UnexplainedEvidence, None, reason, vec![there], None);
    }
    if let Some(record) = timeline.doubled() {
        let reason = format!("{record} states different values in the same words: which of them hold?");
        let there = read(record);
        questions.ask(ConflictKind::UnexplainedEvidence, None, reason, vec![there], None);
    }
    half_names::doubt(timeline, booking, questions);
    if input.untaught.is_some() && baseline.is_none() {
        untaught::doubt(context, cluster, timeline, booking, questions);
    }
    // What was sent when a booking was struck that is known to be off says that it is.
    let off = booking.status == Some(Status::Cancelled);
    // Where hardly any message is of a known kind, such a one is asked about if nothing else tells of the booking, or few
    // bookings have its subject.
    let alone = baseline.is_none() && booking.payments.is_empty() && !timeline.has_entry();
    let mut unknown = timeline
        .unknown_messages(|told| {
            !nothing_new::is_afterword(input, told, booking) && !context.pleasantries.has(input, told)
        })
        .filter(|(record, _)| {
            (context.knows_messages || context.unknown.stands_out(record, alone))
                && !timeline.explains(record, booking)
                && !(off && (timeline.tells_of_the_striking(record) || timeline.is_worded_off(record)))
        });
    // What a person is asked about for another reason is read already.
    if let Some((record, subject)) = unknown.find(|(record, _)| !questions.cites(FieldName::Status, record)) {
        let reason =
            format!("{record}, \"{subject}\", is of a kind that was hardly seen before the backup: read it.");
        let there = read(record);
        questions.ask(ConflictKind::UnexplainedEvidence, None, reason, vec![there], None);
    }
}

/// What the row needs in the target.
fn action(baseline: Option<&BaselineBooking>, booking: &Booking) -> Action {
    let Some(row) = baseline else {
        return Action::Insert;
    };
    let off = |status: Option<Status>| status == Some(Status::Cancelled);
    // A row that differs only because time made it completed has not changed.
    let same = row.starts_at == booking.starts_at
        && row.ends_at == booking.ends_at
        && row.resource == booking.resource.key
        && row.total == booking.total
        && off(row.status) == off(booking.status);
    if same { Action::Unchanged } else { Action::Update }
}

/// The kinds of record behind a booking, and what became of it: what was changed, or was paid for with others, fails in
/// ways of its own.
fn pattern(timeline: &Timeline<'_>, cluster: &Cluster, booking: &Booking, old: bool) -> Pattern {
    let mut parts: Vec<&str> = Vec::new();
    if old {
        parts.push("backup");
    }
    parts.extend(timeline.kinds());
    if !booking.payments.is_empty() {
        parts.push(if cluster.shares.is_empty() {
            "payment"
        } else {
            "shared payment"
        });
    }
    if timeline.has_changed() {
        parts.push("change");
    }
    if parts.is_empty() {
        parts.push("nothing");
    }
    Pattern(parts.join("+"))
}
