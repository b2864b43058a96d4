//! What each record tells by its published format alone: who, when, how much, which codes, and where
//! in the record each of these stands. Which of them is what is not known yet.

use super::super::Lexed;
use super::super::slots::masked;
use super::super::subjects::template;
use super::super::vocabulary::Vocabulary;
use super::manners::Manners;
use crate::mapping::{
    Found, Pattern, Piece, amount_value, around, ideograph, instant, may_number, resolve, squash,
};
use crate::model::{Business, Document, FieldName, Money, Scalar, SourceKind, Standing, When};
use crate::reading::{DecimalMark, SpanValue, is_word_char, phone_tail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A place in a kind of record, with the words that stand before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub place: String,
    pub left: Vec<Piece>,
    /// Of a code with letters: behind one label's last word stand telephone numbers, and behind another's that ends alike
    /// the bookings' codes.
    pub lettered: bool,
}

/// A code, a number, or digits in groups that may be a telephone's or a booking's.
#[derive(Debug)]
pub(super) struct Code {
    pub slot: Slot,
    pub folded: String,
    pub written: String,
    pub may_be_phone: bool,
}

/// One message, one calendar entry, or everything of one payment.
#[derive(Debug, Default)]
pub(super) struct Unit {
    pub kind: Option<SourceKind>,
    /// Indices into the records, rising.
    pub members: Vec<usize>,
    /// One of several bookings of one record: what stands outside its lines may be about all of them.
    pub part: bool,
    pub tenant: Option<String>,
    pub made_at: Option<DateTime<Utc>>,
    pub said_at: Option<DateTime<Utc>>,
    pub emails: BTreeSet<String>,
    pub phones: BTreeSet<String>,
    /// Names as written, by their folded form.
    pub names: BTreeMap<String, String>,
    /// Of a message: its subject without what varies.
    pub title: Option<Pattern>,
    /// Single words that may be of a name; of calendar entries all words of the title.
    pub words: BTreeSet<String>,
    pub codes: Vec<Code>,
    pub instants: BTreeSet<DateTime<Utc>>,
    pub dates: BTreeSet<NaiveDate>,
    pub times: BTreeSet<NaiveTime>,
    pub amounts: Vec<(Slot, BTreeSet<Money>)>,
    /// What schema.org data and calendar parts state outright.
    pub stated: BTreeMap<FieldName, Stated>,
    /// Of a message: whether its published data calls the booking off, or on.
    pub off: Option<bool>,
    /// Of a payment: whole values that its business wrote beside it, folded. A booking's number may be all letters.
    pub marks: BTreeSet<String>,
    /// Of a calendar entry: where it begins and ends, and whether it was struck.
    pub edges: Option<(When, When)>,
    pub struck: bool,
    /// Of a payment: what each charge took, and what was given back.
    pub charges: Vec<(String, Money, i64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stated {
    Text(String),
    When(When),
    Money(Money),
}

/// The published names of what a reservation says. Source: schema.org Reservation and its subtypes, RFC 5545.
const PUBLISHED: [(&str, FieldName); 17] = [
    ("/reservationNumber", FieldName::Reference),
    ("/pickupTime", FieldName::StartsAt),
    ("/checkinTime", FieldName::StartsAt),
    ("/startTime", FieldName::StartsAt),
    ("/reservationFor/startDate", FieldName::StartsAt),
    ("/reservationFor/departureTime", FieldName::StartsAt),
    ("/dtstart", FieldName::StartsAt),
    ("/dropoffTime", FieldName::EndsAt),
    ("/checkoutTime", FieldName::EndsAt),
    ("/endTime", FieldName::EndsAt),
    ("/reservationFor/endDate", FieldName::EndsAt),
    ("/reservationFor/arrivalTime", FieldName::EndsAt),
    ("/dtend", FieldName::EndsAt),
    ("/underName/name", FieldName::CustomerName),
    ("/underName/email", FieldName::CustomerEmail),
    ("/totalPrice", FieldName::Total),
    ("/reservationFor/name", FieldName::ResourceName),
];

/// Whether a place of an entry or of what is published is an end by its name.
pub(in crate::learn) fn is_end(place: &str) -> bool {
    let by_name = |(name, field): &(&str, FieldName)| *field == FieldName::EndsAt && place.ends_with(name);
    place.starts_with("/end/") || PUBLISHED.iter().any(by_name)
}

/// What calls a booking off, or on. Source: schema.org ReservationStatusType, RFC 5546 methods, RFC 5545 states.
const STATES: [(&str, &str, bool); 6] = [
    ("/reservationStatus", "ReservationCancelled", true),
    ("/reservationStatus", "ReservationConfirmed", false),
    ("/method", "CANCEL", true),
    ("/method", "REQUEST", false),
    ("/status", "CANCELLED", true),
    ("/status", "CONFIRMED", false),
];
/// The syllables of Korean, which sets no space within a name.
const HANGUL: std::ops::RangeInclusive<char> = '\u{ac00}'..='\u{d7a3}';
/// A name in a script without spaces has so many signs, from and to.
const STRETCH: (usize, usize) = (2, 8);
/// What is longer is no number.
const MARK: usize = 60;

/// The places of Stripe's published format that give a person's address.
const EMAILS: [&str; 4] = [
    "/email",
    "/billing_details/email",
    "/receipt_email",
    "/customer_details/email",
];

/// A time without a zone is the business's: that of the place where it happens.
fn local(text: &str, business: &Business) -> Option<DateTime<Utc>> {
    const FORMATS: [&str; 5] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y%m%dT%H%M%S",
    ];
    let read = |format: &&str| NaiveDateTime::parse_from_str(text.trim(), format).ok();
    let stated = FORMATS.iter().find_map(read)?;
    instant(stated.date(), (stated.time(), false), None, business.zone)
}

/// The units of all records, in the order of their first.
pub(super) fn units(
    lexed: &[Lexed<'_>],
    vocabulary: &BTreeMap<&str, Vocabulary>,
    manners: &Manners,
    business: &Business,
) -> Vec<Unit> {
    let mut of_record: HashMap<&str, usize> = HashMap::new();
    for lexed in lexed {
        *of_record.entry(lexed.document.record.as_str()).or_default() += 1;
    }
    let people: HashMap<&str, usize> = lexed
        .iter()
        .enumerate()
        .filter(|(_, lexed)| lexed.document.object == "customer")
        .map(|(at, lexed)| (lexed.document.record.native(), at))
        .collect();
    members(lexed)
        .into_iter()
        .map(|members| {
            let mut unit = Unit {
                kind: Some(lexed[members[0]].document.kind),
                part: of_record[lexed[members[0]].document.record.as_str()] > 1,
                ..Unit::default()
            };
            for at in &members {
                let vocabulary = &vocabulary[lexed[*at].document.record.source()];
                unit.add(&lexed[*at], vocabulary, manners, business);
                if let Some(customer) = lexed[*at]
                    .document
                    .text("/customer")
                    .and_then(|id| people.get(id))
                {
                    unit.person(&lexed[*customer], manners);
                }
            }
            unit.members = members;
            unit
        })
        .collect()
}

/// Records of the provider that name each other are one; every other record is by itself.
fn members(lexed: &[Lexed<'_>]) -> Vec<Vec<usize>> {
    let at: HashMap<&str, usize> = lexed
        .iter()
        .enumerate()
        .map(|(at, lexed)| (lexed.document.record.as_str(), at))
        .collect();
    let mut parent: Vec<usize> = (0..lexed.len()).collect();
    for (from, record) in lexed.iter().enumerate() {
        if record.document.kind != SourceKind::Stripe {
            continue;
        }
        for to in record.document.kin.iter().filter_map(|kin| at.get(kin.as_str())) {
            let (a, b) = (root(&mut parent, from), root(&mut parent, *to));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, record) in lexed.iter().enumerate() {
        if record.document.standing == Standing::Business && record.document.object != "customer" {
            members.entry(root(&mut parent, index)).or_default().push(index);
        }
    }
    members.into_values().collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// What may be a name in a word of a script that sets no spaces between names, how people are addressed and what is booked.
fn stretches(word: &str) -> BTreeSet<String> {
    let signs: Vec<char> = word.chars().collect();
    let mut stretches = BTreeSet::new();
    if signs.iter().any(|sign| ideograph(*sign) || HANGUL.contains(sign)) {
        for from in 0..signs.len() {
            let until = signs.len().min(from + STRETCH.1);
            stretches.extend((from + STRETCH.0..=until).map(|to| signs[from..to].iter().collect::<String>()));
        }
    }
    stretches
}

impl Unit {
    fn add(&mut self, lexed: &Lexed<'_>, vocabulary: &Vocabulary, manners: &Manners, business: &Business) {
        let document = lexed.document;
        self.tenant = self.tenant.take().or_else(|| document.tenant.clone());
        let made = document.made_at.or(document.said_at);
        self.made_at = [self.made_at, made].into_iter().flatten().min();
        self.said_at = self.said_at.max(document.said_at);
        match document.kind {
            SourceKind::Mail => {
                if let Some(email) = document.recipient() {
                    self.emails.insert(email.trim().to_lowercase());
                }
                if let Some(name) = document.text("header:to.name") {
                    self.name(manners.strip(name));
                }
                self.title = template(lexed, vocabulary);
                self.publish(lexed, business);
            }
            SourceKind::GoogleCalendar => {
                let edge = |timed: &str, day: &str| match (document.item(timed), document.item(day)) {
                    (Some(Scalar::Instant(at)), _) => Some(When::Instant(*at)),
                    (_, Some(Scalar::Date(date))) => Some(When::Date(*date)),
                    _ => None,
                };
                self.edges = edge("/start/dateTime", "/start/date").zip(edge("/end/dateTime", "/end/date"));
                self.struck = document.text("/status") == Some("cancelled");
                let title = document.text("/summary").unwrap_or_default();
                for (start, end) in crate::reading::words(title) {
                    let word = squash(&title[start..end]);
                    self.words.extend(stretches(&word));
                    self.words.insert(word);
                }
            }
            SourceKind::Stripe => {
                self.person(lexed, manners);
                self.mark(document);
                let took = document.object == "charge"
                    && document.text("/status") == Some("succeeded")
                    && document.flag("/captured") != Some(false);
                if let (true, Some(amount)) = (took, document.taken()) {
                    let back = document.given_back(0);
                    self.charges
                        .push((document.record.native().to_owned(), amount, back));
                }
            }
        }
        for index in 0..lexed.lines.len() {
            self.line(lexed, index, vocabulary, business);
        }
        for item in &document.items {
            match &item.value {
                // An entry's own edges say what it is, not what its text tells.
                Scalar::Instant(at) if document.kind == SourceKind::Mail => {
                    self.instants.insert(*at);
                    self.dates.insert(at.with_timezone(&business.zone).date_naive());
                }
                Scalar::Date(date) if document.kind == SourceKind::Mail => {
                    self.dates.insert(*date);
                }
                _ => {}
            }
        }
    }

    fn person(&mut self, lexed: &Lexed<'_>, manners: &Manners) {
        for place in EMAILS {
            self.emails.extend(
                lexed
                    .document
                    .text(place)
                    .map(|email| email.trim().to_lowercase()),
            );
        }
        for place in Document::PAYER {
            if let Some(name) = lexed.document.text(place) {
                self.name(manners.strip(name));
            }
        }
    }

    fn name(&mut self, text: &str) {
        let folded = squash(text);
        if folded.chars().count() < 2 {
            return;
        }
        for word in text.split(|char: char| !is_word_char(char)) {
            let word = squash(word);
            if word.chars().count() >= 2 {
                self.words.insert(word);
            }
        }
        self.names.entry(folded).or_insert_with(|| text.trim().to_owned());
    }

    fn code(&mut self, slot: Slot, text: &str, may_be_phone: bool) {
        let folded = squash(text);
        let lettered = folded.chars().any(char::is_alphabetic);
        self.codes.push(Code {
            slot: Slot { lettered, ..slot },
            folded,
            written: text.trim().to_owned(),
            may_be_phone,
        });
    }

    /// What the business wrote beside a payment, to know it again.
    fn mark(&mut self, document: &Document) {
        let written = document
            .items
            .iter()
            .filter(|item| item.place.starts_with("/metadata/") || item.place == "/client_reference_id");
        for item in written {
            if let Scalar::Text(text) = &item.value
                && text.len() <= MARK
            {
                self.marks.insert(squash(text));
            }
        }
    }

    fn publish(&mut self, lexed: &Lexed<'_>, business: &Business) {
        for item in &lexed.document.items {
            // The first reservation of a message; one with several is left to the text.
            let Some(rest) = ["ld:", "micro:", "ics:"]
                .iter()
                .find_map(|prefix| item.place.strip_prefix(prefix))
            else {
                continue;
            };
            if let Scalar::Text(text) = &item.value {
                let off = STATES
                    .iter()
                    .find(|(place, state, _)| *place == rest && text.eq_ignore_ascii_case(state));
                // A calendar part says so twice, and either is enough to call it off.
                self.off = off.map(|(_, _, off)| *off).max(self.off);
            }
            let Some((_, field)) = PUBLISHED.iter().find(|(name, _)| *name == rest) else {
                continue;
            };
            let timed = matches!(field, FieldName::StartsAt | FieldName::EndsAt);
            let stated = match &item.value {
                Scalar::Text(text) if timed => match local(text, business) {
                    Some(at) => Stated::When(When::Instant(at)),
                    None => continue,
                },
                Scalar::Text(text) | Scalar::Number(text) => Stated::Text(text.trim().to_owned()),
                Scalar::Money(money) => Stated::Money(*money),
                Scalar::Instant(at) => Stated::When(When::Instant(*at)),
                Scalar::Date(date) => Stated::When(When::Date(*date)),
                Scalar::Flag(_) => continue,
            };
            let fits = match field {
                FieldName::StartsAt | FieldName::EndsAt => matches!(stated, Stated::When(_)),
                FieldName::Total => matches!(stated, Stated::Money(_)),
                _ => matches!(stated, Stated::Text(_)),
            };
            if fits {
                self.stated.entry(*field).or_insert(stated);
            }
        }
    }

    /// The typed spans of one line.
    fn line(&mut self, lexed: &Lexed<'_>, index: usize, vocabulary: &Vocabulary, business: &Business) {
        let (_, line) = &lexed.lines[index];
        let (text, place) = (lexed.text(index), lexed.place(index));
        let document = lexed.document;
        let numbered = may_number(document, place);
        if document.kind != SourceKind::Mail
            && numbered
            && text.len() <= 60
            && text.chars().any(char::is_numeric)
        {
            let slot = Slot {
                place: place.to_owned(),
                left: Vec::new(),
                lettered: false,
            };
            self.code(slot, text, false);
        }
        let mut day: Option<NaiveDate> = None;
        for (at, found) in &line.spans {
            let range = line.tokens[*at].1.clone();
            let slot = || {
                let (left, _) = around(line, *at, lexed.above(index));
                let left: Vec<Piece> = left
                    .iter()
                    .map(|piece| masked(piece, &document.object, vocabulary))
                    .collect();
                Slot {
                    place: place.to_owned(),
                    left: left[left.len().saturating_sub(2)..].to_vec(),
                    lettered: false,
                }
            };
            let Found::Read(value) = found else { continue };
            match value {
                SpanValue::Code(_) | SpanValue::Number(_) if numbered => {
                    self.code(slot(), &text[range], false);
                }
                SpanValue::Email(email) if document.kind == SourceKind::GoogleCalendar => {
                    self.emails.insert(email.clone());
                }
                SpanValue::Phone(phone) => {
                    self.phones.insert(phone_tail(phone));
                    if numbered {
                        self.code(slot(), &text[range], true);
                    }
                }
                SpanValue::Moment(moment) => {
                    for way in resolve(moment, document.said_at) {
                        self.dates.extend(way.date);
                        day = way.date.or(day);
                        self.times.extend(way.time.map(|(time, _)| time));
                        if let (Some(date), Some(time)) = (day, way.time) {
                            self.instants
                                .extend(instant(date, time, way.offset, business.zone));
                        }
                    }
                }
                SpanValue::Amount(amount) => {
                    let read = |decimal| {
                        let reading = crate::mapping::Reading {
                            decimal: Some(decimal),
                            ..crate::mapping::Reading::default()
                        };
                        amount_value(amount, reading, business.currency)
                    };
                    let ways = [DecimalMark::None, DecimalMark::Point, DecimalMark::Comma];
                    let values: BTreeSet<Money> = ways.into_iter().filter_map(read).collect();
                    if !values.is_empty() {
                        self.amounts.push((slot(), values));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether it tells of a moment: the instant, or its day and its time apart; a day where only that is known.
    pub fn tells(&self, when: When, business: &Business) -> bool {
        match when {
            When::Date(date) => self.dates.contains(&date),
            When::Instant(at) => {
                let local = at.with_timezone(&business.zone);
                self.instants.contains(&at)
                    || self.dates.contains(&local.date_naive()) && self.times.contains(&local.time())
            }
        }
    }

    pub fn is(&self, kind: SourceKind) -> bool {
        self.kind == Some(kind)
    }

    /// The instant that it gives for a day, where it gives just one.
    pub fn instant_on(&self, date: NaiveDate, business: &Business) -> Option<DateTime<Utc>> {
        let mut on = self
            .instants
            .iter()
            .filter(|at| at.with_timezone(&business.zone).date_naive() == date);
        match (on.next(), on.next()) {
            (Some(at), None) => Some(*at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stretches;

    #[test]
    fn a_word_of_a_script_without_spaces_holds_the_name_among_others() {
        let found = stretches("\u{5c0f}\u{6797}\u{6075}\u{5b50}\u{69d8}");
        assert!(found.contains("\u{5c0f}\u{6797}\u{6075}\u{5b50}"));
        assert!(!found.contains("\u{5c0f}"));
        assert!(stretches("\u{ae40}\u{bbfc}\u{c218}\u{b2d8}").contains("\u{ae40}\u{bbfc}\u{c218}"));
        assert!(stretches("lowell").is_empty());
    }
}
