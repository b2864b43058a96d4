//! Who a booking is for, and whether the backup knows them.

use super::anothers_phone::is_anothers;
use super::as_written::AsWritten;
use super::beside_names::BesideNames;
use super::family::{Family, one_person};
use super::household::Households;
use super::numbered::Numbered;
use super::partial::Whole;
use super::question::{Questions, candidate};
use super::spelling::{self, Spelling};
use super::told_apart::ToldApart;
use super::whose::{
    another_address, another_number, ask, calls_from_elsewhere, is_agency, is_another, is_somebody_else,
    whose_address,
};
use super::{Context, Fused, Input, titled_alone};
use crate::mapping::{ideograph, squash};
use crate::model::{
    About, Action, BaselineBooking, BaselineCustomer, Booking, Claim, Cluster, Conflict, ConflictKind,
    Customer, FieldName, Item, SourceKind, Value,
};
use crate::reading::{is_word_char, phone_tail};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The backup's customers by what names them.
pub struct Customers<'a> {
    rows: BTreeMap<&'a str, &'a BaselineCustomer>,
    by_email: HashMap<String, Vec<&'a BaselineCustomer>>,
    by_phone: HashMap<String, Vec<&'a BaselineCustomer>>,
    by_name: HashMap<String, Vec<&'a BaselineCustomer>>,
    /// The provider's customer ids, by the bookings of the backup that they paid for.
    by_payer: HashMap<String, BTreeSet<&'a str>>,
    /// Words of names, by how many customers have them.
    words: HashMap<String, usize>,
    /// Share of records of the overlap that name another address than the backup does for its customer.
    changed: f64,
    /// Whoever bears a known name and has another address was nearly always somebody else.
    strangers: bool,
    /// Share of the backup's bookings by customers who had booked before.
    returning: f64,
    /// Nearly all of the backup's customers have more than one word to their name.
    full_names: bool,
    /// Nearly all names in signs of a script without spaces have one between family and given name.
    spaced_signs: bool,
    /// Whoever books without an address is a customer of their own each time, as where an agency passes guests on.
    always_new: bool,
    as_written: AsWritten<'a>,
    family: Family<'a>,
    households: Households<'a>,
    numbered: Numbered<'a>,
    /// The guest stands in the booking's own row: there is no row of a customer to find.
    in_bookings: bool,
    /// Whose each row is, where each tenant has customers of its own.
    tenants: BTreeMap<&'a str, &'a str>,
    pub(super) whole: Whole,
    spelling: Spelling,
    pub(super) told_apart: ToldApart,
    beside: BesideNames,
}

/// So many bookings whose customer is their own row are no chance of numbering.
const OWN_ROWS: usize = 10;

/// So many who all have a name show that nobody is kept without one.
const NAMED: usize = 20;

/// The share that is assumed where the overlap tells nothing: on the high side, so that rather a question
/// is asked than a namesake assumed.
const CHANGED_ADDRESS: f64 = 0.05;
/// So many customers without an address, and so many of them with the name of another, show that none is found again.
const STRANGERS: u32 = 30;
const NAMESAKES: u32 = 5;
/// So many with an address of their own and the name of another show that who has another address is another person.
const WITH_ADDRESS: usize = 20;
/// How much likelier a namesake must be than an old customer with a new address.
const LIKELIER: f64 = 10.0;

fn is_one_word(name: &str) -> bool {
    !name.trim().contains(char::is_whitespace) && !name.chars().any(ideograph)
}

/// Of a name in signs, what may be a family's name alone.
fn is_short(name: &str) -> bool {
    let name = name.trim();
    name.chars().count() <= 2 && name.chars().all(ideograph)
}

impl<'a> Customers<'a> {
    pub fn new(input: &'a Input<'a>) -> Self {
        let names = input.baseline.customers.iter().map(|row| row.name.as_deref());
        let mut made = Self {
            rows: BTreeMap::new(),
            by_email: HashMap::new(),
            by_phone: HashMap::new(),
            by_name: HashMap::new(),
            by_payer: HashMap::new(),
            words: HashMap::new(),
            changed: changed(input),
            strangers: false,
            returning: returning(input),
            full_names: false,
            spaced_signs: false,
            always_new: false,
            as_written: AsWritten::default(),
            family: Family::learn(input),
            households: Households::learn(input),
            numbered: Numbered::learn(input),
            in_bookings: input.baseline.bookings.len() >= OWN_ROWS
                && (input.baseline.bookings.iter()).all(|row| row.customer.as_ref() == Some(&row.key)),
            tenants: tenants(input),
            whole: Whole::learn(input),
            spelling: Spelling::learn(names.flatten()).heard(spelling::names_heard(input)),
            told_apart: ToldApart::learn(input),
            beside: BesideNames::learn(input),
        };
        for row in &input.baseline.customers {
            made.rows.insert(&row.key, row);
            if let Some(email) = &row.email {
                made.by_email
                    .entry(email.trim().to_lowercase())
                    .or_default()
                    .push(row);
            }
            if let Some(phone) = &row.phone {
                made.by_phone.entry(phone_tail(phone)).or_default().push(row);
            }
            if let Some(name) = &row.name {
                made.by_name.entry(squash(name)).or_default().push(row);
                for word in name.split_whitespace() {
                    *made.words.entry(squash(word)).or_default() += 1;
                }
            }
        }
        let named = || made.rows.values().filter_map(|row| row.name.as_deref());
        let in_signs = || named().filter(|name| name.chars().any(ideograph));
        let is_unspaced = |name: &&str| !name.trim().contains(char::is_whitespace);
        made.full_names = named().filter(|name| is_one_word(name)).count() * 10 < named().count();
        made.spaced_signs = in_signs().filter(is_unspaced).count() * 10 < in_signs().count();
        made.as_written = AsWritten::learn(input, |name| made.halved(name));
        made.always_new = made.are_always_new(input);
        made.strangers = made.are_strangers(input);
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let Some(key) = input.baseline.bookings[at].customer.as_deref() else {
                continue;
            };
            for member in &cluster.members {
                if let Some(payer) = input.told[*member].document.text("/customer") {
                    made.by_payer.entry(payer.to_owned()).or_default().insert(key);
                }
            }
        }
        made
    }

    /// Fills in the customer, and finds their row in the backup.
    pub fn place(
        &self,
        context: &Context<'_>,
        cluster: &Cluster,
        baseline: Option<&BaselineBooking>,
        booking: &mut Booking,
        questions: &mut Questions,
    ) {
        if let Some(row) = baseline
            .and_then(|row| row.customer.as_deref())
            .and_then(|key| self.rows.get(key))
        {
            booking.customer = Customer {
                name: row.name.clone(),
                first_name: row.first_name.clone(),
                last_name: row.last_name.clone(),
                email: row.email.clone(),
                phone: row.phone.clone(),
                baseline_key: Some(row.key.clone()),
            };
            return;
        }
        let timeline = super::Timeline::new(context, cluster, None);
        let mut text = |field: FieldName| {
            let (value, claims, trust) = timeline.person(field)?;
            let Value::Text(text) = value else { return None };
            booking.claims.insert(field, claims);
            Some((text, trust))
        };
        let name = text(FieldName::CustomerName);
        let name = name.map(|(name, trust)| (self.spelling.of(&name), trust));
        let email = text(FieldName::CustomerEmail);
        let phone = text(FieldName::CustomerPhone);
        let kind = |field: FieldName| timeline.source(field);
        let stated = |field: FieldName| kind(field).is_some_and(|kind| kind != SourceKind::Stripe);
        // An address that only the payment knows is the payer's, even where the name is the same: people
        // have several.
        booking.customer.email = email
            .map(|(text, _)| text)
            .filter(|_| stated(FieldName::CustomerEmail));
        booking.customer.phone = phone
            .map(|(text, _)| text)
            .filter(|_| stated(FieldName::CustomerPhone));
        if let (Some(phone), Some((name, _))) = (&booking.customer.phone, &name)
            && timeline.entries().any(|entry| is_anothers(entry, phone, name))
        {
            booking.customer.phone = None;
            booking.claims.remove(&FieldName::CustomerPhone);
        }
        let said = name.as_ref().map(|(name, _)| name.as_str());
        if self.place_numbered(context, cluster, said, booking, questions) {
            return;
        }
        if let Some((name, _)) = &name {
            booking.customer.name = Some(name.clone());
            if let Some((other, record)) = timeline.other_name(name, &self.beside) {
                let reason = format!("One record names {name}, another {other}.");
                let here = candidate(
                    Value::Text(name.clone()),
                    timeline.records(FieldName::CustomerName),
                    1000,
                );
                let there = candidate(Value::Text(other), vec![record], 500);
                let field = Some(FieldName::CustomerName);
                questions.ask(
                    ConflictKind::FieldContradicts,
                    field,
                    reason,
                    vec![here, there],
                    Some(0),
                );
            }
            if let Some((plain, record)) = timeline.plainer_name(name, |word| self.words.contains_key(word)) {
                let reason = format!("One record names {name}, another {plain}.");
                let here = candidate(Value::Text(plain.clone()), vec![record], 1000);
                let there = candidate(
                    Value::Text(name.clone()),
                    timeline.records(FieldName::CustomerName),
                    500,
                );
                let field = Some(FieldName::CustomerName);
                let both = vec![here, there];
                questions.ask(ConflictKind::FieldContradicts, field, reason, both, Some(0));
                booking.customer.name = Some(plain);
            }
            let claims = booking.claims.get(&FieldName::CustomerName);
            let is_whole = claims.is_some_and(|claims| self.as_written.holds(claims));
            if context.customers.halved(name) && !is_whole {
                let payer = timeline.payer_named(name);
                let reason = format!("Only part of a name is known: {name}.");
                let value = Value::Text(payer.clone().unwrap_or_else(|| name.clone()));
                let given = candidate(value, timeline.records(FieldName::CustomerName), 1000);
                let suggested = payer.is_some().then_some(0);
                let field = Some(FieldName::CustomerName);
                questions.ask(ConflictKind::WeakEvidence, field, reason, vec![given], suggested);
                booking.customer.name = payer.or(booking.customer.name.take());
            }
            titled_alone::doubt(context, cluster, booking, questions);
            // Whoever paid is not yet whoever comes.
            let is_stripes = kind(FieldName::CustomerName) == Some(SourceKind::Stripe);
            let email = booking.customer.email.as_deref();
            let is_theirs = || self.told_apart.pays_alone(context.input, cluster, name, email);
            if is_stripes && !is_theirs() {
                let given = candidate(
                    Value::Text(name.clone()),
                    timeline.records(FieldName::CustomerName),
                    1000,
                );
                let reason = format!("Only the payment names a person, {name}: is the booking for them?");
                questions.ask(
                    ConflictKind::WeakEvidence,
                    Some(FieldName::CustomerName),
                    reason,
                    vec![given],
                    Some(0),
                );
            }
        }
        let payers: BTreeSet<&str> = cluster
            .members
            .iter()
            .filter_map(|at| context.input.told[*at].document.text("/customer"))
            .collect();
        if booking.customer.name.is_none()
            && let Some((row, claim)) = self.in_title(&timeline)
        {
            booking.customer.name.clone_from(&row.name);
            booking.claims.insert(FieldName::CustomerName, vec![claim]);
        }
        if booking.customer.name.is_none() {
            self.place_called(context, &timeline, booking, questions);
        }
        if booking.customer.baseline_key.is_none() {
            self.find(context, cluster, booking, &payers, questions);
        }
        let bookers = &context.bookers;
        bookers.doubt(context, cluster, &self.households, &timeline, booking, questions);
        self.family.doubt(context, cluster, booking, questions);
        self.doubt_called(context, cluster, &timeline, booking, questions);
        if self.in_bookings {
            booking.customer.baseline_key = None;
        }
        self.keep_phone(booking);
    }

    /// Keeps the number of a customer of this name whose row stands: another one is that of whoever called for them, and rows
    /// are never updated.
    fn keep_phone(&self, booking: &mut Booking) {
        let row = booking.customer.baseline_key.as_deref();
        let row = row.and_then(|key| self.rows.get(key)).filter(|row| {
            let names = booking.customer.name.as_deref().zip(row.name.as_deref());
            names.is_none_or(|(one, other)| squash(one) == squash(other))
        });
        let kept = row.and_then(|row| row.phone.as_deref());
        let is_other = |kept: &&str| {
            let said = booking.customer.phone.as_deref().map(phone_tail);
            said.is_some_and(|said| said != phone_tail(kept))
        };
        if let Some(kept) = kept.filter(is_other) {
            // What the records state stays with it: the reload lists it.
            booking.customer.phone = Some(kept.to_owned());
        }
    }

    /// Takes the customer whose number the records state: whoever else is named only booked, from the same address.
    fn place_numbered(
        &self,
        context: &Context<'_>,
        cluster: &Cluster,
        said: Option<&str>,
        booking: &mut Booking,
        questions: &mut Questions,
    ) -> bool {
        let Some((row, claim)) = self.numbered.one(context.input, cluster) else {
            return false;
        };
        let (Some(known), false) = (&row.name, self.in_bookings) else {
            return false;
        };
        let same = |mine: &Option<String>, theirs: &Option<String>, folded: &dyn Fn(&str) -> String| {
            mine.as_deref()
                .map(folded)
                .is_some_and(|mine| theirs.as_deref().map(folded) == Some(mine))
        };
        let at_home = same(&booking.customer.email, &row.email, &|text| {
            text.trim().to_lowercase()
        }) || same(&booking.customer.phone, &row.phone, &phone_tail);
        match said {
            Some(said) if !one_person(said, known) && !at_home => {
                let reason = format!("A record names {said}, and the number of {known}: who is it for?");
                let here = candidate(Value::Text(said.to_owned()), Vec::new(), 500);
                let there = candidate(Value::Text(known.clone()), vec![claim.record.clone()], 500);
                let field = Some(FieldName::CustomerName);
                questions.ask(
                    ConflictKind::FieldContradicts,
                    field,
                    reason,
                    vec![here, there],
                    None,
                );
                return false;
            }
            Some(said) if squash(said) == squash(known) => {}
            _ => {
                let named = Claim {
                    field: FieldName::CustomerName,
                    value: Value::Text(known.clone()),
                    ..claim.clone()
                };
                booking.claims.insert(FieldName::CustomerName, vec![named]);
            }
        }
        booking.claims.insert(FieldName::CustomerKey, vec![claim.clone()]);
        booking.customer.name = Some(known.clone());
        booking.customer.baseline_key = Some(row.key.clone());
        true
    }

    /// The backup's customers of an address or a phone.
    pub(super) fn addressed(&self, address: &str) -> impl Iterator<Item = &'a BaselineCustomer> {
        let of = |of: &HashMap<String, Vec<&'a BaselineCustomer>>| of.get(address).cloned();
        let rows = of(&self.by_email).or_else(|| of(&self.by_phone));
        rows.into_iter().flatten()
    }

    /// The one row of an address.
    pub fn of_address(&self, email: &str) -> Option<&'a BaselineCustomer> {
        match self.by_email.get(&email.trim().to_lowercase())?.as_slice() {
            [row] => Some(row),
            _ => None,
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'a BaselineCustomer> {
        self.rows.values().copied()
    }

    /// The one customer of the backup whose whole name stands in an entry's title, in either order.
    fn in_title(&self, timeline: &super::Timeline<'_>) -> Option<(&'a BaselineCustomer, Claim)> {
        let mut found: BTreeMap<&str, (&'a BaselineCustomer, Claim)> = BTreeMap::new();
        for document in timeline.entries() {
            let title = document.title().unwrap_or_default();
            let place = document.title_item().map(Item::named).unwrap_or_default();
            let words: Vec<String> = title
                .split_whitespace()
                .map(|word| squash(word.trim_matches(|char: char| !is_word_char(char))))
                .collect();
            let is_part = |word: &String| word.chars().count() > 1 && !word.chars().any(char::is_numeric);
            for pair in words.windows(2).filter(|pair| pair.iter().all(is_part)) {
                let ways = [pair.concat(), format!("{}{}", pair[1], pair[0])];
                for row in ways.iter().filter_map(|name| self.by_name.get(name)).flatten() {
                    let name = row.name.clone().unwrap_or_default();
                    let claim = Claim {
                        record: document.record.clone(),
                        field: FieldName::CustomerName,
                        value: Value::Text(name),
                        place: place.clone(),
                        rule: "backup".to_owned(),
                        standing: document.standing,
                        said_at: document.said_at,
                    };
                    found.insert(&row.key, (row, claim));
                }
            }
        }
        let mut found = found.into_values();
        found.next().filter(|_| found.next().is_none())
    }

    /// Whether each of many customers of the backup has a name.
    pub(super) fn are_named(&self) -> bool {
        self.rows.len() >= NAMED && self.rows.values().all(|row| row.name.is_some())
    }

    /// Whether people of different names share addresses in the backup, as families do.
    pub(super) fn has_families(&self) -> bool {
        self.family.shared
    }

    /// Whether a name is one word where the backup's customers have several.
    fn halved(&self, name: &str) -> bool {
        self.full_names && is_one_word(name) || self.spaced_signs && is_short(name)
    }

    /// Whether a name of one word may be a whole one, as many of the backup's customers have.
    pub fn may_be_one_word(&self, name: &str) -> bool {
        !self.full_names && is_one_word(name)
    }

    /// Whether none of many customers of whom no record told an address ever came again, though namesakes did.
    fn are_always_new(&self, input: &Input<'_>) -> bool {
        let mut bookings: BTreeMap<&str, u32> = BTreeMap::new();
        for row in &input.baseline.bookings {
            if let Some(key) = row.customer.as_deref() {
                *bookings.entry(key).or_default() += 1;
            }
        }
        let (mut all, mut again, mut namesakes) = (0, 0, 0);
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let members = || cluster.members.iter().map(|at| &input.told[*at]);
            let is_address =
                |claim: &Claim| matches!(claim.field, FieldName::CustomerEmail | FieldName::CustomerPhone);
            let mut told = members().filter(|told| told.document.kind != SourceKind::Stripe);
            let Some(row) = input.baseline.bookings[at]
                .customer
                .as_deref()
                .and_then(|key| self.rows.get(key))
            else {
                continue;
            };
            if !members().any(|told| told.document.object == "message")
                || told.any(|told| told.claims.claims.iter().any(is_address))
            {
                continue;
            }
            all += 1;
            again += u32::from(bookings.get(row.key.as_str()).is_some_and(|count| *count > 1));
            let name = row.name.as_deref().map(squash).unwrap_or_default();
            namesakes += u32::from(self.by_name.get(&name).is_some_and(|rows| rows.len() > 1));
        }
        all >= STRANGERS && again == 0 && namesakes >= NAMESAKES
    }

    /// Whether namesakes with addresses of their own are many in the backup, and customers whom a message told by
    /// another address than the backup's far fewer.
    fn are_strangers(&self, input: &Input<'_>) -> bool {
        let addresses = |rows: &Vec<&BaselineCustomer>| {
            let found: BTreeSet<String> = (rows.iter())
                .filter_map(|row| row.email.as_ref().map(|email| email.trim().to_lowercase()))
                .collect();
            found.len().saturating_sub(1)
        };
        let namesakes: usize = self.by_name.values().map(addresses).sum();
        let changed = (input.linked.clusters.iter()).filter(|cluster| self.is_readdressed(input, cluster));
        namesakes >= WITH_ADDRESS && namesakes as f64 > LIKELIER * (changed.count() + 1) as f64
    }

    /// Whether a booking of the backup has a message that tells its customer by name and by an address that is not theirs.
    fn is_readdressed(&self, input: &Input<'_>, cluster: &Cluster) -> bool {
        let About::Baseline(at) = cluster.about else {
            return false;
        };
        let row = input.baseline.bookings[at].customer.as_deref();
        let Some((row, known)) = row
            .and_then(|key| self.rows.get(key))
            .and_then(|row| Some((row, row.email.as_ref()?)))
        else {
            return false;
        };
        let named = row.name.as_deref().map(squash);
        let members = cluster.members.iter().map(|at| &input.told[*at]);
        let mut messages = members.filter(|told| told.document.object == "message");
        messages.any(|told| {
            let claims = || told.claims.claims.iter();
            let text = |claim: &Claim| match &claim.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            };
            let is_named = claims()
                .filter(|claim| claim.field == FieldName::CustomerName)
                .filter_map(text)
                .any(|name| Some(squash(&name)) == named);
            let mut emails = claims()
                .filter(|claim| claim.field == FieldName::CustomerEmail)
                .filter_map(text);
            is_named && emails.any(|email| !email.trim().eq_ignore_ascii_case(known.trim()))
        })
    }

    fn find(
        &self,
        context: &Context<'_>,
        cluster: &Cluster,
        booking: &mut Booking,
        payers: &BTreeSet<&str>,
        questions: &mut Questions,
    ) {
        let name = booking.customer.name.as_deref().map(squash).unwrap_or_default();
        let named = |row: &BaselineCustomer| row.name.as_deref().map(squash).unwrap_or_default() == name;
        let email = booking
            .customer
            .email
            .as_deref()
            .map(|email| email.trim().to_lowercase());
        let phone = booking.customer.phone.as_deref().map(phone_tail);
        let tenant = booking.tenant.as_deref();
        let is_theirs = |row: &&BaselineCustomer| {
            let whose = self.tenants.get(row.key.as_str());
            tenant.is_none_or(|tenant| whose.is_none_or(|whose| *whose == tenant))
        };
        let by_email: Vec<&BaselineCustomer> = email
            .as_ref()
            .and_then(|email| self.by_email.get(email))
            .map(|rows| rows.iter().copied().filter(is_theirs).collect())
            .unwrap_or_default();
        let by_phone: Vec<&BaselineCustomer> = phone
            .as_ref()
            .and_then(|phone| self.by_phone.get(phone))
            .map(|rows| {
                rows.iter()
                    .copied()
                    .filter(is_theirs)
                    .filter(|row| named(row))
                    .collect()
            })
            .unwrap_or_default();
        let found: BTreeMap<&str, &BaselineCustomer> = by_email
            .iter()
            .chain(&by_phone)
            .map(|row| (row.key.as_str(), *row))
            .collect();
        let mut rows: Vec<&BaselineCustomer> = found.into_values().collect();
        if rows.len() > 1 {
            let both: Vec<&BaselineCustomer> = rows.iter().copied().filter(|row| named(row)).collect();
            if both.len() == 1 {
                rows = both;
            }
        }
        if self.in_bookings {
            return;
        }
        match rows.as_slice() {
            // A name that comes back at an agency's address.
            [row] if is_agency(&by_email) && calls_from_elsewhere(booking, row) => {
                if !context.customers.told_apart.phones_tell() {
                    ask(another_number(row), &rows, questions);
                }
                return;
            }
            // A family of one address, and another of it is named where the customer always was.
            [row] if self.family.shared && is_another(context, booking, row) => {}
            // This one may be new.
            [row]
                if self.family.shared
                    && booking
                        .customer
                        .name
                        .as_deref()
                        .zip(row.name.as_deref())
                        .is_some_and(|(one, other)| !one_person(one, other)) =>
            {
                let known = row.name.clone().unwrap_or_default();
                let reason =
                    format!("The backup knows the address as that of {known}: is it the same person?");
                return ask(reason, &rows, questions);
            }
            [row] => {
                // Somebody of a firm travels: the booking is the firm's, whoever is named.
                let (said, theirs) = (booking.customer.name.as_deref(), row.name.as_deref());
                let is_others = said
                    .zip(theirs)
                    .is_some_and(|(said, theirs)| !one_person(said, theirs));
                if is_others && !context.households && context.bookers.order_for_others() {
                    booking.customer.name.clone_from(&row.name);
                }
                booking.customer.baseline_key = Some(row.key.clone());
                return;
            }
            [] => {}
            several => {
                let keys: Vec<&str> = several.iter().map(|row| row.key.as_str()).collect();
                let called = self.households.one(context.input, cluster, &keys);
                // A third one is named.
                let agency = is_agency(several);
                let is_third = several.iter().all(|row| {
                    is_another(context, booking, row) || agency && is_somebody_else(context, booking, row)
                });
                if called.is_some() || !is_third {
                    match called {
                        Some(one) => booking.customer.baseline_key = Some(one.to_owned()),
                        None => ask(whose_address(several), several, questions),
                    }
                    return;
                }
            }
        }
        // Where no message is left, an address may have been lost with it.
        let mut members = cluster.members.iter().map(|at| &context.input.told[*at]);
        let is_told = members.any(|told| told.document.object == "message");
        if email.is_none() && phone.is_none() && is_told && self.always_new {
            return;
        }
        // The same name alone: the same person with a new address, or a namesake.
        let mut namesakes = self.by_name.get(&name).cloned().unwrap_or_default();
        namesakes.retain(|row| is_theirs(row));
        if namesakes.is_empty() {
            return;
        }
        let paid_before: Vec<&BaselineCustomer> = namesakes
            .iter()
            .copied()
            .filter(|row| {
                payers.iter().any(|payer| {
                    self.by_payer
                        .get(*payer)
                        .is_some_and(|keys| keys.contains(row.key.as_str()))
                })
            })
            .collect();
        if let [row] = paid_before.as_slice() {
            booking.customer.baseline_key = Some(row.key.clone());
            return;
        }
        // Another address and another phone: somebody else.
        let differs = |row: &BaselineCustomer| {
            let mail = email.is_some() && row.email.is_some();
            let call = phone.is_some() && row.phone.is_some();
            mail && call
        };
        // Whoever telephones leaves a number alone, and is known by it.
        let by_phone = phone.is_some() && namesakes.iter().all(|row| row.phone.is_some());
        if namesakes.iter().all(|row| differs(row)) || self.common(&name, email.is_some() || by_phone) {
            return;
        }
        ask(another_address(booking), &namesakes, questions);
    }

    /// Whether namesakes were common in the backup, or a name is so common that a new customer of this name is far
    /// likelier than an old one with a new address. Compared are r·c/n, a known customer who came again (r) and changed their
    /// address (c), and the product of the frequencies of the name's words.
    fn common(&self, name: &str, has_address: bool) -> bool {
        let Some(words) = self
            .by_name
            .get(name)
            .and_then(|rows| rows.first())
            .and_then(|row| row.name.as_deref())
        else {
            return false;
        };
        let customers = self.rows.len().max(1) as f64;
        let frequency: f64 = words
            .split_whitespace()
            .map(|word| self.words.get(&squash(word)).copied().unwrap_or(1) as f64 / customers)
            .product();
        let same = self.returning * self.changed / customers;
        has_address && (self.strangers || (1.0 - self.returning) * frequency > LIKELIER * same)
    }
}

/// Addresses that so many tenants' rows share show that each has customers of its own.
const SHARED_ADDRESSES: usize = 3;

/// Whose each of the backup's customers is, by their bookings; none where one row books with several tenants.
fn tenants<'a>(input: &Input<'a>) -> BTreeMap<&'a str, &'a str> {
    let mut tenants: BTreeMap<&str, &str> = BTreeMap::new();
    for row in &input.baseline.bookings {
        if let (Some(customer), Some(tenant)) = (&row.customer, &row.tenant)
            && tenants
                .insert(customer, tenant)
                .is_some_and(|other| other != tenant)
        {
            return BTreeMap::new();
        }
    }
    let mut addresses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &input.baseline.customers {
        if let (Some(email), Some(tenant)) = (&row.email, tenants.get(row.key.as_str())) {
            addresses.entry(email).or_default().insert(tenant);
        }
    }
    let shared = addresses.values().filter(|tenants| tenants.len() > 1).count();
    if shared < SHARED_ADDRESSES {
        tenants.clear();
    }
    tenants
}

/// How often the address in a message was not that of the backup, by the rule that was tried most.
fn changed(input: &Input<'_>) -> f64 {
    let rules = input.mappings.iter().flat_map(|mapping| &mapping.rules);
    let tried = rules
        .filter(|rule| rule.field == FieldName::CustomerEmail && rule.object != "charge")
        .max_by_key(|rule| (rule.support, rule.agree));
    tried.map_or(CHANGED_ADDRESS, |rule| {
        (f64::from(rule.support - rule.agree.min(rule.support)) + 1.0) / (f64::from(rule.support) + 2.0)
    })
}

fn returning(input: &Input<'_>) -> f64 {
    let bookings = &input.baseline.bookings;
    let customers: BTreeSet<&str> = bookings
        .iter()
        .filter_map(|row| row.customer.as_deref())
        .collect();
    if bookings.is_empty() {
        0.5
    } else {
        1.0 - customers.len() as f64 / bookings.len() as f64
    }
}

/// What names several people with addresses of their own, in words that no name in the backup has, is no
/// name: a greeting was read for one.
pub fn doubt_greetings(fused: &mut [Fused], input: &Input<'_>) {
    let baseline = input.baseline;
    let words = |name: &str| -> Vec<String> { name.split_whitespace().map(squash).collect() };
    let names = baseline.customers.iter().filter_map(|row| row.name.as_deref());
    let mut known: BTreeSet<String> = names.flat_map(words).collect();
    if baseline.customers.is_empty() {
        known = published_names(input)
            .iter()
            .flat_map(|name| words(name))
            .collect();
    }
    // Where namesakes are many, as in the backup, a name of several people is still a name.
    let mut namesakes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &baseline.customers {
        if let (Some(name), Some(email)) = (&row.name, &row.email) {
            namesakes
                .entry(squash(name))
                .or_default()
                .insert(email.to_lowercase());
        }
    }
    let usual = namesakes.values().map(BTreeSet::len).max().unwrap_or(0);
    let many = (usual * 2 + 1).max(3);
    let mut addresses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fused in fused.iter() {
        let customer = &fused.booking.customer;
        if let (Some(name), Some(email)) = (&customer.name, &customer.email) {
            addresses
                .entry(squash(name))
                .or_default()
                .insert(email.to_lowercase());
        }
    }
    for fused in fused
        .iter_mut()
        .filter(|fused| fused.booking.action == Action::Insert)
    {
        let booking = &mut fused.booking;
        let Some(name) = booking.customer.name.clone() else {
            continue;
        };
        let squashed = squash(&name);
        let strange = words(&name).iter().all(|word| !known.contains(word));
        if strange && addresses.get(&squashed).is_some_and(|found| found.len() >= many) {
            let reason =
                format!("Several people with different addresses are called \"{name}\": is it a name?");
            let field = Some(FieldName::CustomerName);
            let asked = Conflict::new(
                &booking.id,
                ConflictKind::WeakEvidence,
                field,
                reason,
                Vec::new(),
                None,
            );
            if !booking.conflicts.iter().any(|other| other.id == asked.id) {
                booking.conflicts.push(asked);
            }
        }
    }
}

/// Without a backup, the names that stand where only the payer's name is written, beside hardly more than one address:
/// whoever shares a word with them is called so.
fn published_names(input: &Input<'_>) -> BTreeSet<String> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for document in input.told.iter().map(|told| told.document) {
        let name = document.text("/billing_details/name");
        let email = document.text("/billing_details/email");
        if let (Some(name), Some(email)) = (name, email) {
            let emails = names.entry(name.trim().to_owned()).or_default();
            emails.insert(email.trim().to_lowercase());
        }
    }
    names.retain(|_, emails| emails.len() < 3);
    names.into_keys().collect()
}

/// Bookings of one new customer know them by the same address: what one record states holds for all.
pub fn share(fused: &mut [Fused]) {
    let mut known: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for fused in fused.iter() {
        let customer = &fused.booking.customer;
        if let (Some(name), Some(phone), Some(email)) = (&customer.name, &customer.phone, &customer.email) {
            known
                .entry((squash(name), phone_tail(phone)))
                .or_default()
                .insert(email.to_lowercase());
        }
    }
    for fused in fused.iter_mut() {
        let customer = &mut fused.booking.customer;
        if let (Some(name), Some(phone), None) = (&customer.name, &customer.phone, &customer.email)
            && let Some(emails) = known
                .get(&(squash(name), phone_tail(phone)))
                .filter(|emails| emails.len() == 1)
        {
            customer.email = emails.first().cloned();
        }
    }
}
