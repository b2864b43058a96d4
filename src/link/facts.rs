//! What a unit of records tells, in the terms in which bookings are compared.

use super::asks;
use super::day_month;
use super::hypothesis::Hypotheses;
use super::key_lists;
use super::units::Unit;
use crate::mapping::{ChargeRole, Pattern, SlotType, Told, ideograph, squash};
use crate::model::{
    Claim, Class, Document, FieldName, Listing, Money, Scalar, SourceKind, Status, Value, When,
};
use crate::reading::{Amount, is_word_char, phone_tail};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub tenant: Option<String>,
    /// (folded, as written).
    pub references: Vec<(String, String)>,
    pub keys: BTreeSet<String>,
    /// What may be lists of keys, by place, and whether its keys are out of one.
    pub lists: BTreeMap<String, BTreeSet<String>>,
    pub keys_listed: bool,
    /// All numbers that it states are made of its keys.
    pub keyed: bool,
    /// Numbers that several bookings share, folded.
    pub groups: BTreeSet<String>,
    /// Codes that no rule explains, folded: one may be another record's reference.
    pub codes: BTreeSet<String>,
    pub charges: BTreeSet<String>,
    pub emails: BTreeSet<String>,
    pub phones: BTreeSet<String>,
    pub names: BTreeSet<String>,
    /// Single words that may be part of a name.
    pub words: BTreeSet<String>,
    /// Words of the name of whom the business wrote to: whoever books for a firm is in no row of it.
    pub readers: BTreeSet<String>,
    /// Numbers by which the business calls its customers, marked as such.
    pub customers: BTreeSet<String>,
    pub starts: BTreeSet<When>,
    /// Moments ahead that no rule reads.
    pub hints: BTreeSet<When>,
    /// Moments that a message names and no rule takes for the booking's: one may be when it was to begin before.
    pub named: BTreeSet<When>,
    pub ends: BTreeSet<When>,
    /// Sets of keys that mentions may mean.
    pub resources: Vec<Vec<String>>,
    /// Pairs of numbers on a charge that may be a day and a month.
    pub day_months: BTreeSet<(u32, u32)>,
    /// The kind of charge that it is.
    pub kind: Option<Pattern>,
    /// What each charge took.
    pub amounts: Vec<(String, Money)>,
    pub totals: Vec<Money>,
    /// Amounts that a message of the business names beside the price: a deposit that it asks for.
    pub asks: Vec<Amount>,
    pub made_at: Option<DateTime<Utc>>,
    /// It is a calendar entry that stands.
    pub planned: bool,
    /// It is the line of a party in an entry that lists who comes.
    pub party: bool,
    /// It is what a record that lists several bookings by their days says of one of them.
    pub listed: bool,
    /// When a calendar entry stands of which no rule reads whether that is a start or an end.
    pub stands: Option<When>,
    /// It is a calendar entry that was changed after it was made: it may have been moved.
    pub touched: bool,
    /// It is a message that may be the first about its booking.
    pub opens: bool,
    /// Its kind of message comes after another about the same booking.
    /// None: not known.
    pub follows: Option<bool>,
    /// It is a calendar entry of a kind of which none ever was of a booking: an enquiry, a task.
    pub never_booked: bool,
    /// It is a calendar entry of a kind that stands beside bookings, not for them.
    pub aside: bool,
    /// It is a charge of a kind that pays for bookings, and of one that pays a part of the price, as a rule.
    pub pays: bool,
    pub pays_part: bool,
    /// What tells for a charge of a kind that often pays, and often does not, in bits; 0 for others.
    pub mostly_pays: f64,
    /// It is a charge of a kind of which there were few, none of which paid for a booking.
    pub never_paid: bool,
    /// It is a charge that was paid back whole.
    pub repaid: bool,
    /// It states a number that is known to be no booking's, or it is an offer.
    pub nobodys: bool,
    /// It is of a kind of message that offers days, none of which ever came true.
    pub offers: bool,
    /// It is a message that says, or may say, that something is off.
    pub off: bool,
    /// It is a message that says that its booking is off.
    pub calls_off: bool,
    /// It is a mailing: one text to many.
    pub mailing: bool,
    /// It is a message of a known kind that comes after others and has no news: whichever booking it is about, that stays.
    pub has_no_news: bool,
}

/// Entries of a kind need this many in the overlap before the kind alone tells what they are.
pub const SEEN_OFTEN: u32 = 8;

/// An entry is put right within this of being made.
const AT_ONCE: TimeDelta = TimeDelta::minutes(30);

/// Stripe customer id to what its object says of the person.
pub type People = BTreeMap<String, Vec<(Kind, String)>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Email,
    Phone,
    Name,
}

/// The places of Stripe's published format that name a person.
const PERSON: [(&str, Kind); 7] = [
    ("/email", Kind::Email),
    ("/name", Kind::Name),
    ("/phone", Kind::Phone),
    ("/billing_details/email", Kind::Email),
    ("/billing_details/name", Kind::Name),
    ("/billing_details/phone", Kind::Phone),
    ("/receipt_email", Kind::Email),
];

/// Reads the provider's customer objects.
pub fn people(told: &[Told<'_>]) -> People {
    told.iter()
        .filter(|told| told.document.object == "customer")
        .map(|told| {
            let says = PERSON
                .iter()
                .filter_map(|(place, kind)| told.document.text(place).map(|text| (*kind, text.to_owned())))
                .collect();
            (told.document.record.native().to_owned(), says)
        })
        .collect()
}

/// A code that stands with more people than this is nobody's number: a postal code, a year, a voucher.
const PEOPLE: usize = 5;

/// Takes away the codes that stand in many people's records.
pub fn forget_common_codes(all: &mut [Facts]) {
    let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for facts in all.iter() {
        let Some(who) = facts
            .emails
            .first()
            .or(facts.phones.first())
            .or(facts.names.first())
        else {
            continue;
        };
        for code in &facts.codes {
            let who_has_it = people.entry(code.clone()).or_default();
            if who_has_it.len() <= PEOPLE {
                who_has_it.insert(who.clone());
            }
        }
    }
    people.retain(|_, people| people.len() > PEOPLE);
    for facts in all {
        facts.codes.retain(|code| !people.contains_key(code));
    }
}

/// Whether the numbers that a record states are all made of the keys that it states in the same places; None where it states none.
fn is_keyed(told: &Told<'_>) -> Option<bool> {
    let keys = || told.claims.of(FieldName::BookingKey);
    let is_made = |number: &Claim| keys().any(|key| key.place == number.place);
    let mut numbers = told.claims.of(FieldName::Reference).peekable();
    numbers.peek().is_some().then(|| numbers.all(is_made))
}

impl Facts {
    pub fn of(unit: &Unit, told: &[Told<'_>], people: &People) -> Self {
        let mut facts = Self::default();
        for member in &unit.members {
            facts.add(&told[*member], people);
        }
        facts
    }

    fn add(&mut self, told: &Told<'_>, people: &People) {
        let document = told.document;
        self.tenant = self.tenant.take().or_else(|| document.tenant.clone());
        let made = document.made_at.or(document.said_at);
        self.made_at = match (self.made_at, made) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.groups.extend(told.claims.groups.iter().cloned());
        self.keyed = match (is_keyed(told), self.references.is_empty()) {
            (Some(keyed), is_first) => keyed && (is_first || self.keyed),
            (None, _) => self.keyed,
        };
        for claim in &told.claims.claims {
            match (&claim.field, &claim.value) {
                (FieldName::Reference, Value::Text(text)) => {
                    let entry = (squash(text), text.trim().to_owned());
                    if !self.references.iter().any(|(folded, _)| *folded == entry.0) {
                        self.references.push(entry);
                    }
                }
                (FieldName::BookingKey, Value::Text(text)) => {
                    self.keys.insert(text.trim().to_owned());
                }
                (FieldName::CustomerKey, Value::Text(text)) => {
                    self.customers.insert(customer_number(text));
                }
                (FieldName::CustomerName, Value::Text(text)) => self.person(Kind::Name, text),
                (FieldName::CustomerEmail, Value::Text(text)) => self.person(Kind::Email, text),
                (FieldName::CustomerPhone, Value::Text(text)) => self.person(Kind::Phone, text),
                (FieldName::StartsAt, Value::When(when)) => {
                    self.starts.insert(*when);
                }
                (FieldName::EndsAt, Value::When(when)) => {
                    self.ends.insert(*when);
                }
                (FieldName::ResourceKey, Value::Text(key)) => self.resources.push(vec![key.clone()]),
                // What it came to may be another price, and what is paid for it is that.
                (FieldName::Total, Value::Money(_)) if told.claims.estimate => {}
                (FieldName::Total, Value::Money(money)) => self.totals.push(*money),
                _ => {}
            }
        }
        // Whoever booked pays, and is written to.
        for claim in &told.claims.bookers {
            if let Value::Text(text) = &claim.value {
                self.person(Kind::Name, text);
            }
            if let (true, Some(address)) =
                (claim.place.starts_with(Document::ADDRESSEE), document.recipient())
            {
                self.person(Kind::Email, address);
            }
        }
        // A day that no rule reads may be the one to which it was moved.
        for strange in &told.claims.strange {
            if let [when @ When::Instant(at)] = strange.whens.as_slice()
                && document.said_at.is_some_and(|said| *at > said)
            {
                self.hints.insert(*when);
            }
        }
        for (slot, text) in &told.claims.unexplained {
            if *slot == SlotType::Code && text.chars().count() >= 4 {
                self.codes.insert(squash(text));
            }
        }
        match document.kind {
            SourceKind::Stripe => {
                self.lists.extend(key_lists::of_document(document));
                for (place, kind) in PERSON {
                    if let Some(text) = document.text(place) {
                        self.person(kind, text);
                    }
                }
                if let Some(says) = document.text("/customer").and_then(|id| people.get(id)) {
                    for (kind, text) in says {
                        self.person(*kind, text);
                    }
                }
                if document.object == "charge" {
                    self.charges.insert(document.record.native().to_owned());
                    let role = told.claims.charge;
                    self.pays |= matches!(role, ChargeRole::Pays | ChargeRole::PaysWhole);
                    self.pays_part |= role == ChargeRole::Pays;
                    // What has no words is of no kind.
                    let is_worded = told.claims.kind.as_ref().is_none_or(|kind| !kind.0.is_empty());
                    self.never_paid |= role == ChargeRole::Unknown
                        && is_worded
                        && matches!(told.claims.pays, Some((0, 1..)));
                    if let (ChargeRole::Mixed, Some((pays, of))) = (role, told.claims.pays)
                        && of >= super::habits::KNOWN
                    {
                        self.mostly_pays = (f64::from(pays) / f64::from((of - pays).max(1))).log2().max(0.0);
                    }
                }
                if told.took_money() {
                    self.day_months.extend(day_month::of_document(document));
                    self.kind = self.kind.take().or_else(|| told.claims.kind.clone());
                    self.repaid |= document.flag("/refunded") == Some(true);
                    let id = document.record.native().to_owned();
                    self.amounts.extend(document.taken().map(|money| (id, money)));
                }
                self.resources.extend(told.claims.mentions.iter().cloned());
            }
            SourceKind::GoogleCalendar => {
                self.aside |= told.claims.aside;
                self.never_booked |= matches!(told.claims.booked, Some((0, seen)) if seen >= SEEN_OFTEN);
                self.planned |= document.text("/status") != Some("cancelled") && !told.claims.aside;
                self.touched |= match (document.made_at, document.said_at) {
                    (Some(made), Some(said)) => said - made > AT_ONCE,
                    _ => false,
                };
                self.resources.extend(told.claims.mentions.iter().cloned());
                let times = [FieldName::StartsAt, FieldName::EndsAt];
                if !told.claims.aside
                    && times
                        .into_iter()
                        .all(|field| told.claims.of(field).next().is_none())
                {
                    self.stands = self.stands.or_else(|| document.begins());
                }
                self.party |= matches!(document.listing, Listing::Party(_));
                let called = told.claims.of(FieldName::CustomerCalled);
                let called = called.filter_map(|claim| match &claim.value {
                    Value::Text(text) if self.party => Some(text),
                    _ => None,
                });
                self.words.extend(called.flat_map(|text| name_words(text)));
                // The rest of a party's line is wording, where its name was read.
                let is_named = self.party && !self.words.is_empty();
                for item in &document.items {
                    let Scalar::Text(text) = &item.value else { continue };
                    if matches!(item.place.as_str(), Document::TITLE | "/description") {
                        let title = document.is_title(item) && !is_named;
                        self.loose_words(text, title, &told.claims.mentioned);
                    }
                }
            }
            SourceKind::Mail => {
                let reader = document.text(Document::ADDRESSEE).filter(|_| told.speaks());
                self.readers.extend(reader.into_iter().flat_map(name_words));
                self.listed |= document.listed().is_some_and(|listed| listed.by_day);
                self.nobodys |= told.claims.nobodys;
                self.offers |= told.claims.offers;
                self.calls_off |= told.claims.meaning == Some(Status::Cancelled);
                self.off |= told.claims.meaning == Some(Status::Cancelled) || told.claims.perhaps_off;
                self.follows = told.claims.follows;
                self.has_no_news = has_no_news(told);
                self.opens |= told.claims.follows != Some(true);
                self.asks.extend(asks::amounts(told));
                self.named.extend(&told.claims.idle);
                let strange = told.claims.strange.iter().map(|strange| strange.whens.as_slice());
                self.named
                    .extend(strange.filter(|whens| whens.len() == 1).flatten());
            }
        }
    }

    /// The same of a charge for several bookings, as far as it is about one of them.
    pub fn with_share(&self, share: Money) -> Self {
        let share = |(id, _): &(String, Money)| (id.clone(), share);
        Self {
            starts: BTreeSet::new(),
            ends: BTreeSet::new(),
            resources: Vec::new(),
            totals: Vec::new(),
            amounts: self.amounts.iter().map(share).collect(),
            ..self.clone()
        }
    }

    /// Whether an address, phone or name stands in both.
    pub fn is_by_the_same(&self, other: &Self) -> bool {
        self.emails.intersection(&other.emails).next().is_some()
            || self.phones.intersection(&other.phones).next().is_some()
            || self.names.intersection(&other.names).next().is_some()
    }

    /// The bookings whose common number it states.
    pub fn of_group(&self, hypotheses: &Hypotheses) -> BTreeSet<usize> {
        let groups = self.groups.iter().chain(&self.codes);
        groups
            .flat_map(|group| hypotheses.grouped(group, self.tenant.as_deref()))
            .collect()
    }

    /// Whether a message says when something is, or that it is off.
    pub fn is_word_of_change(&self) -> bool {
        self.off || !self.starts.is_empty() || !self.hints.is_empty()
    }

    /// Whether it is known to be about no booking.
    pub fn is_of_nobody(&self) -> bool {
        self.mailing || self.nobodys
    }

    /// Among which records its place is judged.
    pub fn class(&self, kind: SourceKind) -> Class {
        match kind {
            SourceKind::Mail => Class::Message,
            SourceKind::GoogleCalendar => Class::Entry,
            SourceKind::Stripe if self.is_nameless() => Class::Nameless,
            SourceKind::Stripe => Class::Payment,
        }
    }

    /// Whether nothing in it names a person.
    pub fn is_nameless(&self) -> bool {
        self.emails.is_empty() && self.phones.is_empty() && self.names.is_empty() && self.customers.is_empty()
    }

    fn person(&mut self, kind: Kind, text: &str) {
        match kind {
            Kind::Email => {
                self.emails.insert(text.trim().to_lowercase());
            }
            Kind::Phone => {
                let tail = phone_tail(text);
                if tail.len() >= 7 {
                    self.phones.insert(tail);
                }
            }
            Kind::Name => {
                let name = squash(text);
                if !name.is_empty() {
                    self.names.insert(name);
                    self.words.extend(name_words(text));
                }
            }
        }
    }

    /// Words, phones and addresses of a line that somebody typed as they liked.
    fn loose_words(&mut self, text: &str, title: bool, mentioned: &[String]) {
        use crate::reading::SpanValue;
        let spans = crate::reading::spans(text);
        for span in &spans {
            match &span.value {
                SpanValue::Phone(phone) => self.person(Kind::Phone, phone),
                SpanValue::Email(email) => self.person(Kind::Email, email),
                _ => {}
            }
        }
        if title {
            // What names a resource names nobody.
            let things: BTreeSet<String> = mentioned.iter().flat_map(|text| name_words(text)).collect();
            self.words
                .extend(name_words(text).into_iter().filter(|word| !things.contains(word)));
        }
    }
}

/// Whether a message is of a known kind that comes after others, or says nothing but whose it is, and tells of nothing that
/// is still ahead, of no price and of no cancellation: a request for a review, say, or a receipt.
fn has_no_news(told: &Told<'_>) -> bool {
    let (claims, Some(said)) = (&told.claims, told.document.said_at) else {
        return false;
    };
    let is_over = |when: &When| match when {
        When::Instant(at) => *at <= said,
        When::Date(day) => *day <= said.date_naive(),
    };
    let is_news = |field: FieldName, value: &Value| match (field, value) {
        (FieldName::StartsAt | FieldName::EndsAt, Value::When(when)) => !is_over(when),
        (FieldName::Total | FieldName::Reference | FieldName::BookingKey, _) => true,
        _ => false,
    };
    let is_of_person = |claim: &Claim| {
        use FieldName::{CustomerEmail, CustomerFirstName, CustomerLastName, CustomerName, CustomerPhone};
        let person = [
            CustomerEmail,
            CustomerFirstName,
            CustomerLastName,
            CustomerName,
            CustomerPhone,
        ];
        person.contains(&claim.field)
    };
    // What a letter names, it names to everybody.
    let is_priced = !claims.letter && claims.unread.iter().any(|(slot, _)| *slot == SlotType::Amount);
    // What goes to a list of people is about none of their bookings.
    let is_harmless = told.document.flag("header:list") == Some(true)
        || claims.letter
        || claims.known && (claims.follows == Some(true) || claims.claims.iter().all(is_of_person));
    is_harmless
        && claims.meaning != Some(Status::Cancelled)
        && !claims.perhaps_off
        && !is_priced
        && !claims
            .claims
            .iter()
            .any(|claim| is_news(claim.field, &claim.value))
        && claims
            .strange
            .iter()
            .flat_map(|strange| &strange.whens)
            .all(is_over)
        && claims.unread.iter().all(|(slot, _)| *slot != SlotType::Moment)
}

/// A customer's number, as it is compared and indexed: no name and no phone is written so.
pub fn customer_number(text: &str) -> String {
    format!("#{}", squash(text))
}

/// The words of a name that can tell people apart: two letters or more, no digits. In `ROSSI様` the signs that are no letters
/// are another word.
pub fn name_words(text: &str) -> Vec<String> {
    text.split(|char: char| !is_word_char(char))
        .filter(|word| !word.chars().any(char::is_numeric))
        .flat_map(by_script)
        .map(squash)
        .filter(|word| word.chars().count() >= 2)
        .collect()
}

/// A word where it passes from letters to signs that are words of their own, or back.
fn by_script(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|char| ideograph(char) != ideograph(first));
        let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
        parts.push(part);
        rest = behind;
    }
    parts
}
