//! Whether another full name, or another telephone number, at an address that the backup knows is another customer's.
//!
//! Where people share addresses in the backup, and records of their bookings always named just whoever the backup has, a
//! name that is none of the address's people is a new one's, whichever rule read it rightly so far. So is a number that none
//! of them has, where each row has its own and records never stated another.

use super::Input;
use super::family::{one_person, with_customers};
use crate::mapping::{Told, squash};
use crate::model::{
    About, BaselineCustomer, Booking, Claim, Cluster, Document, FieldName, Scalar, SourceKind, Value,
};
use crate::reading::phone_tail;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer bookings than this prove nothing; so seldom may they be wrong; and a rule needs so many by itself.
const PROVEN: u32 = 20;
const ONE_IN: u32 = 100;
const RULE: u32 = 5;
/// A rule that was right in so many records shows by itself that names are never mistyped.
const STRONG: u32 = 50;

/// What tells the backup's customers apart.
#[derive(Debug, Default)]
pub struct ToldApart {
    /// Names do, at shared addresses.
    names: bool,
    /// Telephone numbers do.
    phones: bool,
    /// Whoever pays from the customer's own address bears the customer's name, where a title has a word of it.
    payers: bool,
    /// So do those to whom a message of the business is addressed by the same name.
    readers: bool,
    /// The rules for names that never were wrong.
    rules: BTreeSet<String>,
    strong: BTreeSet<String>,
}

impl ToldApart {
    pub fn learn(input: &Input<'_>) -> Self {
        let (mut rules, mut strong) = (BTreeSet::new(), BTreeSet::new());
        for mapping in input.mappings {
            for (number, rule) in mapping.rules.iter().enumerate() {
                let is_told = matches!(rule.object.as_str(), "message" | "event");
                let is_right = is_told && rule.support >= RULE && rule.wrong() == 0 && !rule.behind;
                if rule.field == FieldName::CustomerName && is_right {
                    let name = format!("{}#{}", mapping.source, number + 1);
                    if rule.support >= STRONG {
                        strong.insert(name.clone());
                    }
                    rules.insert(name);
                }
            }
        }
        Self {
            names: names_tell(input),
            phones: phones_tell(input),
            payers: payers_tell(input, is_said),
            readers: payers_tell(input, is_addressed),
            rules,
            strong,
        }
    }

    /// Whether a name is known by a rule that never was wrong, where that or others show that names tell people of one address apart.
    pub fn proves(&self, claims: &[Claim]) -> bool {
        let mut rules = claims.iter().map(|claim| &claim.rule);
        rules.any(|rule| self.strong.contains(rule) || self.names && self.rules.contains(rule))
    }

    /// Whether a booking states a name and a telephone number of which this customer has neither.
    pub fn by_phone(&self, booking: &Booking, row: &BaselineCustomer) -> bool {
        let customer = &booking.customer;
        let phones = customer.phone.as_deref().zip(row.phone.as_deref());
        let names = customer.name.as_deref().zip(row.name.as_deref());
        self.phones
            && phones.is_some_and(|(one, other)| phone_tail(one) != phone_tail(other))
            && names.is_some_and(|(one, other)| squash(one) != squash(other))
    }

    /// Whether another telephone number is another customer's.
    pub fn phones_tell(&self) -> bool {
        self.phones
    }

    /// Whether a payer's name is the customer's: it was paid from the customer's address, and each word of the name stands in what
    /// the business wrote, the given name in a greeting and the family's in a title; or a message was addressed to that name.
    pub fn pays_alone(&self, input: &Input<'_>, cluster: &Cluster, name: &str, email: Option<&str>) -> bool {
        let told = || cluster.members.iter().map(|at| &input.told[*at]);
        let is_own =
            |payer: (&str, String)| squash(payer.0) == squash(name) && Some(payer.1) == email.map(folded);
        let mut payers = told().filter_map(|told| payer(told.document));
        payers.any(is_own)
            && (self.payers && is_said(input, cluster, name)
                || self.readers && is_addressed(input, cluster, name))
    }
}

/// Whether each word of a whole name stands in what the business wrote, and one of them in the title of an entry.
fn is_said(input: &Input<'_>, cluster: &Cluster, name: &str) -> bool {
    let told = cluster.members.iter().map(|at| &input.told[*at]);
    let written = told.filter(|told| told.document.kind != SourceKind::Stripe);
    let (mut said, mut titled) = (BTreeSet::new(), BTreeSet::new());
    for item in written.flat_map(|told| &told.document.items) {
        if let Scalar::Text(text) = &item.value {
            let words = text.split_whitespace().filter(|word| !word.contains('@'));
            let words = words.map(squash);
            if item.place == Document::TITLE {
                titled.extend(words);
            } else {
                said.extend(words);
            }
        }
    }
    let own: Vec<String> = name.split_whitespace().map(squash).collect();
    own.len() > 1
        && own.iter().any(|word| titled.contains(word))
        && own
            .iter()
            .all(|word| titled.contains(word) || said.contains(word))
}

/// Whether a message of the business is addressed to somebody of this whole name.
fn is_addressed(input: &Input<'_>, cluster: &Cluster, name: &str) -> bool {
    let told = cluster.members.iter().map(|at| &input.told[*at]);
    let mut sent = told.filter(|told| told.document.kind == SourceKind::Mail && told.speaks());
    let is_whole = name.split_whitespace().nth(1).is_some();
    let name = squash(name);
    is_whole
        && sent.any(|told| {
            let reader = told.document.text(Document::ADDRESSEE);
            reader.is_some_and(|reader| squash(reader) == name)
        })
}

fn folded(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Who paid, with the address that was given.
fn payer(document: &Document) -> Option<(&str, String)> {
    let name = document.text("/billing_details/name")?;
    Some((name, folded(document.text("/billing_details/email")?)))
}

/// Counts in how many bookings the backup's value is among those that their records state.
#[derive(Default)]
struct Count {
    right: u32,
    wrong: u32,
}

impl Count {
    fn see(&mut self, said: &BTreeSet<String>, own: &str) {
        let is_theirs = said.contains(own);
        self.right += u32::from(is_theirs);
        self.wrong += u32::from(!is_theirs && !said.is_empty());
    }

    fn proves(&self) -> bool {
        self.right >= PROVEN && self.wrong * ONE_IN <= self.right
    }
}

/// The clusters of the backup's bookings, each with the key of its customer.
fn of_backup<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (&'i Cluster, &'i str)> {
    let clusters = input.linked.clusters.iter();
    clusters.filter_map(|cluster| match cluster.about {
        About::Baseline(at) => Some((cluster, input.baseline.bookings[at].customer.as_deref()?)),
        About::New => None,
    })
}

/// As the backup's bookings show of payers who are named so. Agencies and firms, whose names no title has, pay from their
/// customers' addresses too.
fn payers_tell(input: &Input<'_>, is_named: fn(&Input<'_>, &Cluster, &str) -> bool) -> bool {
    let rows = input.baseline.customers.iter();
    let of: BTreeMap<&str, (&str, &str)> = rows
        .filter_map(|row| Some((row.key.as_str(), (row.name.as_deref()?, row.email.as_deref()?))))
        .collect();
    let mut count = Count::default();
    for (cluster, key) in of_backup(input) {
        let Some((name, email)) = of.get(key) else {
            continue;
        };
        let payers = cluster
            .members
            .iter()
            .filter_map(|at| payer(input.told[*at].document));
        let payers: BTreeSet<String> = payers
            .filter(|(name, address)| *address == folded(email) && is_named(input, cluster, name))
            .map(|(name, _)| squash(name))
            .collect();
        count.see(&payers, &squash(name));
    }
    count.proves()
}

/// What the records of the business state of a field in a cluster.
fn stated<'i>(input: &'i Input<'_>, cluster: &'i Cluster, field: FieldName) -> impl Iterator<Item = &'i str> {
    let told = cluster.members.iter().map(|at| &input.told[*at]);
    let told = told.filter(|told: &&Told<'_>| told.document.kind != SourceKind::Stripe);
    let claims = told.flat_map(|told| &told.claims.claims);
    claims
        .filter(move |claim| claim.field == field)
        .filter_map(|claim| match &claim.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
}

fn names_tell(input: &Input<'_>) -> bool {
    let mut at: BTreeMap<String, Vec<&BaselineCustomer>> = BTreeMap::new();
    for row in &input.baseline.customers {
        if let Some(email) = &row.email {
            at.entry(email.trim().to_lowercase()).or_default().push(row);
        }
    }
    let is_shared = |rows: &&Vec<&BaselineCustomer>| {
        let names: Vec<&str> = rows.iter().filter_map(|row| row.name.as_deref()).collect();
        names.iter().any(|name| !one_person(name, names[0]))
    };
    let shared: BTreeSet<&str> = (at.values().filter(is_shared).flatten())
        .map(|row| row.key.as_str())
        .collect();
    let is_of_shared = |cluster: &Cluster| {
        let About::Baseline(at) = cluster.about else {
            return false;
        };
        let customer = input.baseline.bookings[at].customer.as_deref();
        customer.is_some_and(|key| shared.contains(key))
    };
    let mut count = Count::default();
    for (cluster, name) in with_customers(input) {
        if is_of_shared(cluster) {
            let said: BTreeSet<String> = stated(input, cluster, FieldName::CustomerName)
                .map(squash)
                .collect();
            count.see(&said, &squash(name));
        }
    }
    count.proves()
}

fn phones_tell(input: &Input<'_>) -> bool {
    let phones = || {
        input
            .baseline
            .customers
            .iter()
            .filter_map(|row| row.phone.as_deref())
    };
    let different: BTreeSet<String> = phones().map(phone_tail).collect();
    if (phones().count() - different.len()) * ONE_IN as usize > different.len() {
        return false;
    }
    let rows = input.baseline.customers.iter();
    let of: BTreeMap<&str, &str> = rows
        .filter_map(|row| Some((row.key.as_str(), row.phone.as_deref()?)))
        .collect();
    let mut count = Count::default();
    for (cluster, key) in of_backup(input) {
        if let Some(phone) = of.get(key) {
            let said: BTreeSet<String> = stated(input, cluster, FieldName::CustomerPhone)
                .map(phone_tail)
                .collect();
            count.see(&said, &phone_tail(phone));
        }
    }
    count.proves()
}
