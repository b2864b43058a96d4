//! Several things under one number: a row for each.
//!
//! Who books three rooms gets one number, one letter and one bill, and the calendar an entry for each room. Where the backup
//! has a row for each thing, all with the one number, a new number with entries for several things at one time is as many
//! bookings. Each has its own entry, and what is said of all of them; what was paid is shared out.

use super::row_prices;
use crate::mapping::{SlotType, Told, squash};
use crate::model::{
    About, Baseline, BaselineBooking, BaselineResource, Claim, Cluster, FieldName, Linked, Money, Row, Share,
    SourceKind, Status, Value, When,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of the backup under one number, and the tenant whose they are.
type Shared<'a> = (Option<&'a str>, &'a Vec<usize>);

/// Fewer such numbers of the backup show no habit.
const ENOUGH: usize = 3;

/// Makes bookings of the things that were booked under one number, where the backup has rows like that.
pub fn part(linked: &mut Linked, told: &[Told<'_>], baseline: &Baseline) {
    let shared = shared(baseline);
    if shared.is_empty() {
        return;
    }
    spread(linked, told, baseline, &shared);
    let mut homes: BTreeMap<usize, usize> = BTreeMap::new();
    for cluster in &linked.clusters {
        let all = cluster.possible.iter().map(|(at, _)| at).chain(&cluster.members);
        for at in all {
            *homes.entry(*at).or_default() += 1;
        }
    }
    let mut more: Vec<Cluster> = Vec::new();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for cluster in &mut linked.clusters {
        let entries = entries(cluster, told, &homes);
        if entries.len() < 2 {
            continue;
        }
        taken.extend(entries.iter().map(|entry| entry.at));
        let whole = Whole {
            prices: prices(cluster, &entries, told, &baseline.resources),
            cluster: cluster.clone(),
            entries,
        };
        let rows = (0..whole.entries.len()).map(|nth| whole.row(nth, told));
        let mut rows = rows.collect::<Vec<Cluster>>().into_iter();
        if let Some(first) = rows.next() {
            *cluster = first;
        }
        more.extend(rows);
    }
    linked.clusters.extend(more);
    linked.loose.retain(|at| !taken.contains(at));
}

/// The rows of the backup that share a number, by it, where they are for several things at one time, as a rule; none where the
/// business does not number so.
fn shared(baseline: &Baseline) -> BTreeMap<(Option<&str>, String), Vec<usize>> {
    let mut of: BTreeMap<(Option<&str>, String), Vec<usize>> = BTreeMap::new();
    for (at, row) in baseline.bookings.iter().enumerate() {
        if let Some(number) = row
            .reference
            .as_deref()
            .map(squash)
            .filter(|number| !number.is_empty())
        {
            of.entry((row.tenant.as_deref(), number)).or_default().push(at);
        }
    }
    of.retain(|_, rows| rows.len() > 1);
    let several = of.len();
    of.retain(|_, rows| {
        let rows: Vec<&BaselineBooking> = rows.iter().map(|at| &baseline.bookings[*at]).collect();
        let things: BTreeSet<&str> = rows.iter().filter_map(|row| row.resource.as_deref()).collect();
        let same =
            |row: &&BaselineBooking| (row.starts_at, &row.customer) == (rows[0].starts_at, &rows[0].customer);
        things.len() == rows.len() && rows.iter().all(same)
    });
    let is_usual = of.len() >= ENOUGH && of.len() * 10 >= several * 8;
    if is_usual { of } else { BTreeMap::new() }
}

/// Puts messages that state the number of several rows of the backup, no other time and no amount, on each of them. Which of the
/// things one means that calls something off, or names money, stays a question.
fn spread(
    linked: &mut Linked,
    told: &[Told<'_>],
    baseline: &Baseline,
    shared: &BTreeMap<(Option<&str>, String), Vec<usize>>,
) {
    let placed: BTreeSet<usize> = linked
        .clusters
        .iter()
        .flat_map(|cluster| cluster.members.clone())
        .collect();
    let mut by_number: BTreeMap<&str, Vec<Shared<'_>>> = BTreeMap::new();
    for ((tenant, number), rows) in shared {
        by_number.entry(number).or_default().push((*tenant, rows));
    }
    let mut concern: BTreeMap<usize, &Vec<usize>> = BTreeMap::new();
    for (at, told) in told.iter().enumerate() {
        let claims = &told.claims;
        let is_off = claims.meaning == Some(Status::Cancelled) || claims.perhaps_off || claims.worded_off;
        let unread = claims
            .unexplained
            .iter()
            .any(|(slot, _)| *slot == SlotType::Amount);
        let names_money = unread || claims.of(FieldName::Total).next().is_some();
        let speaks = told.document.kind == SourceKind::Mail && told.speaks();
        if !speaks || is_off || names_money || placed.contains(&at) {
            continue;
        }
        let tenant = told.document.tenant.as_deref();
        let numbers: BTreeSet<String> = texts(told, FieldName::Reference).map(squash).collect();
        let found = numbers.iter().filter_map(|number| by_number.get(number.as_str()));
        let mut found = found
            .flatten()
            .filter(|(of, _)| tenant.is_none() || *of == tenant);
        let (Some((_, rows)), None) = (found.next(), found.next()) else {
            continue;
        };
        let stands = |when: &When| Some(*when) == baseline.bookings[rows[0]].starts_at;
        if numbers.len() == 1 && whens(told, FieldName::StartsAt).iter().all(stands) {
            concern.insert(at, rows);
        }
    }
    let mut of_row: BTreeMap<usize, usize> = BTreeMap::new();
    for (nth, cluster) in linked.clusters.iter_mut().enumerate() {
        cluster.possible.retain(|(at, _)| !concern.contains_key(at));
        if let About::Baseline(row) = cluster.about {
            of_row.entry(row).or_insert(nth);
        }
    }
    linked.loose.retain(|at| !concern.contains_key(at));
    for (at, rows) in concern {
        for row in rows {
            let nth = *of_row.entry(*row).or_insert_with(|| {
                linked.clusters.push(Cluster::of(About::Baseline(*row)));
                linked.clusters.len() - 1
            });
            let cluster = &mut linked.clusters[nth];
            cluster.members.push(at);
            cluster.members.sort_unstable();
            cluster.links.push("the number of several things".to_owned());
            cluster.row.get_or_insert_default();
        }
    }
}

/// An entry for one thing.
struct Entry {
    at: usize,
    thing: String,
    begins: When,
    ends: Option<When>,
    /// It was not struck.
    stands: bool,
}

impl Entry {
    /// Whether both are for one time and have come to the same.
    fn is_with(&self, other: &Self) -> bool {
        (self.begins, self.ends, self.stands) == (other.begins, other.ends, other.stands)
    }
}

/// The entries of a new number, one for each thing, all for one time; none where one of them may be what became of another:
/// an entry that was struck beside one that stands is a thing that was changed.
fn entries(cluster: &Cluster, told: &[Told<'_>], homes: &BTreeMap<usize, usize>) -> Vec<Entry> {
    let states_number = |at: &&usize| told[**at].claims.of(FieldName::Reference).next().is_some();
    if cluster.about != About::New
        || cluster.reused.is_some()
        || !cluster.members.iter().any(|at| states_number(&at))
    {
        return Vec::new();
    }
    let own: Option<Vec<Entry>> = (cluster.members.iter())
        .filter(|at| is_entry(&told[**at]))
        .map(|at| entry(*at, told))
        .collect();
    let Some(mut entries) = own else { return Vec::new() };
    let mail = || (cluster.members.iter()).filter(|at| told[**at].document.kind == SourceKind::Mail);
    let said = |field| -> BTreeSet<When> { mail().flat_map(|at| whens(&told[*at], field)).collect() };
    let (starts, ends) = (said(FieldName::StartsAt), said(FieldName::EndsAt));
    // One that may belong here and nowhere else, for just the times that were said, is for another of the things.
    let may_belong = cluster.possible.iter().map(|(at, _)| *at);
    let others = may_belong.filter(|at| is_entry(&told[*at]) && homes.get(at) == Some(&1));
    for other in others.filter_map(|at| entry(at, told)) {
        let is_said = starts.contains(&other.begins)
            && other
                .ends
                .is_none_or(|over| ends.is_empty() || ends.contains(&over));
        let is_another = |entry: &Entry| entry.thing != other.thing && entry.is_with(&other);
        if is_said && entries.iter().all(is_another) {
            entries.push(other);
        }
    }
    let things: BTreeSet<&str> = entries.iter().map(|entry| entry.thing.as_str()).collect();
    if things.len() < entries.len() || !entries.iter().all(|entry| entry.is_with(&entries[0])) {
        return Vec::new();
    }
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn is_entry(told: &Told<'_>) -> bool {
    told.document.kind == SourceKind::GoogleCalendar && !told.claims.aside
}

fn entry(at: usize, told: &[Told<'_>]) -> Option<Entry> {
    let told = &told[at];
    let things = things(told);
    let (begins, ends) = (whens(told, FieldName::StartsAt), whens(told, FieldName::EndsAt));
    if things.len() != 1 || begins.len() != 1 || ends.len() > 1 {
        return None;
    }
    Some(Entry {
        at,
        thing: (*things.first()?).to_owned(),
        begins: *begins.first()?,
        ends: ends.first().copied(),
        stands: !is_struck(told),
    })
}

fn is_struck(told: &Told<'_>) -> bool {
    told.document.text("/status") == Some("cancelled") || told.claims.meaning == Some(Status::Cancelled)
}

fn whens(told: &Told<'_>, field: FieldName) -> BTreeSet<When> {
    let stated = told.claims.of(field).filter_map(|claim| match claim.value {
        Value::When(when) => Some(when),
        _ => None,
    });
    stated.collect()
}

/// What all of them cost, and each, in their order.
fn prices(
    cluster: &Cluster,
    entries: &[Entry],
    told: &[Told<'_>],
    resources: &[BaselineResource],
) -> Option<(Money, Vec<Claim>)> {
    let thing = |entry: &Entry| resources.iter().find(|row| row.key == entry.thing);
    let things: Option<Vec<&BaselineResource>> = entries.iter().map(thing).collect();
    let mail = cluster.members.iter().map(|at| &told[*at]);
    let mail: Vec<&Told<'_>> = mail
        .filter(|told| told.document.kind == SourceKind::Mail)
        .collect();
    row_prices::each(&mail, &things?)
}

/// All that was booked under one number.
struct Whole {
    cluster: Cluster,
    entries: Vec<Entry>,
    prices: Option<(Money, Vec<Claim>)>,
}

impl Whole {
    /// The booking of one of the things: its own entry, what names its thing alone, and what is said of all.
    fn row(&self, nth: usize, told: &[Told<'_>]) -> Cluster {
        let own = &self.entries[nth];
        let is_entry = |at: usize| self.entries.iter().any(|entry| entry.at == at);
        let is_anothers = |at: usize| {
            let named = things(&told[at]);
            let of_one = self
                .entries
                .iter()
                .any(|entry| named.contains(entry.thing.as_str()));
            is_entry(at) && at != own.at
                || told[at].document.kind == SourceKind::Stripe
                    && of_one
                    && !named.contains(own.thing.as_str())
        };
        let all = self.cluster.members.iter().copied().chain([own.at]);
        let members: BTreeSet<usize> = all.filter(|at| !is_anothers(*at)).collect();
        let mut possible = self.cluster.possible.clone();
        possible.retain(|(at, _)| nth == 0 && !is_entry(*at));
        let reason = || vec!["one of the things that were booked under one number".to_owned()];
        Cluster {
            members: members.into_iter().collect(),
            possible,
            row: Some(Row {
                entry: Some(own.at),
                whole: self.prices.as_ref().map(|(all, _)| *all),
                price: self.prices.as_ref().map(|(_, each)| each[nth].clone()),
            }),
            shares: self.shares(nth, told),
            weighings: (self.cluster.weighings.iter())
                .filter(|_| nth == 0)
                .cloned()
                .collect(),
            links: if nth == 0 {
                self.cluster.links.clone()
            } else {
                reason()
            },
            ..self.cluster.clone()
        }
    }

    /// What of each charge is for one of the things: as much of it as of the price, or where that is not known, as for each.
    fn shares(&self, nth: usize, told: &[Told<'_>]) -> BTreeMap<usize, Share> {
        let before = |upto: usize, minor: i64| match &self.prices {
            Some((all, each)) if all.minor > 0 => {
                let sum = each[..upto].iter().map(|claim| match claim.value {
                    Value::Money(money) => money.minor,
                    _ => 0,
                });
                minor.saturating_mul(sum.fold(0, i64::saturating_add)) / all.minor
            }
            _ => minor.saturating_mul(upto as i64) / self.entries.len() as i64,
        };
        let all_struck = self.entries.iter().all(|entry| !entry.stands);
        let mut shares = BTreeMap::new();
        for at in &self.cluster.members {
            let document = told[*at].document;
            if document.kind != SourceKind::Stripe || !things(&told[*at]).is_empty() {
                continue;
            }
            let whole = self.cluster.shares.get(at).map(|share| share.amount);
            let Some(amount) = whole.or_else(|| document.taken()) else {
                continue;
            };
            let part = |minor: i64| before(nth + 1, minor) - before(nth, minor);
            let share = Share {
                amount: Money::new(part(amount.minor), amount.currency),
                before: before(nth, amount.minor),
                // Of which of them something was given back is plain where all were called off.
                given_back: all_struck.then(|| part(document.given_back(0))),
            };
            shares.insert(*at, share);
        }
        shares
    }
}

/// The things that a record names.
fn things<'t>(told: &'t Told<'_>) -> BTreeSet<&'t str> {
    texts(told, FieldName::ResourceKey).collect()
}

fn texts<'t>(told: &'t Told<'_>, field: FieldName) -> impl Iterator<Item = &'t str> {
    told.claims.of(field).filter_map(|claim| match &claim.value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}
