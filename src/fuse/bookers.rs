//! Whoever booked is not always whom the booking is for: names by rules that give way to others.

use super::family::{one_person, with_customers};
use super::household::Households;
use super::question::{Questions, candidate};
use super::spoken::{Spoken, TRUSTED};
use super::timeline::Timeline;
use super::{Context, Input};
use crate::mapping::{Part, Told, ideograph, part_of_name, squash};
use crate::model::{Booking, Claim, Cluster, ConflictKind, Document, FieldName, Item, SourceKind, Value};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};

/// A name of whoever booked was somebody else's once in so many records, or seldomer: then it is taken.
const ONE_IN: u32 = 100;
/// A rule of fewer records is not proven.
const PROVEN: u32 = 20;

/// What rules of the customer's name are worth beside each other.
#[derive(Debug, Default)]
pub struct Bookers {
    /// Those that give way.
    behind: BTreeSet<String>,
    /// Those of them that are nobody else's name often enough to be asked about.
    doubtful: BTreeSet<String>,
    /// Those that name whom a message is sent to, and were right but where words or names excuse them: somebody new at a
    /// desk has no such name. And those that were right wherever no other named the customer.
    excused: BTreeSet<String>,
    /// Others that were right in nearly all of many records.
    proven: BTreeSet<String>,
    /// The payment provider's: whoever pays is not yet whoever comes.
    payments: BTreeSet<String>,
    /// Whoever is named as the reader of many people's messages, by address: an agency's desk.
    desks: BTreeMap<String, BTreeSet<String>>,
    /// Where an entry's title had a word of the booker's name beside the first letter of another, the booking was theirs.
    by_initial: bool,
    /// Where it had any word of the booker's name, the booking was theirs: no parents book for children here.
    by_word: bool,
    /// Titles have a word of the customer's name, as a rule.
    titled: bool,
}

impl Bookers {
    pub fn new(input: &Input<'_>) -> Self {
        let documents = input.told.iter().map(|told| told.document);
        let of_payments = documents.filter(|document| document.kind == SourceKind::Stripe);
        let mut made = Self {
            payments: of_payments
                .map(|document| document.record.source().to_owned())
                .collect(),
            ..Self::default()
        };
        for mapping in input.mappings {
            for (number, rule) in mapping.rules.iter().enumerate() {
                if rule.field != FieldName::CustomerName {
                    continue;
                }
                let name = || format!("{}#{}", mapping.source, number + 1);
                if !rule.behind {
                    if rule.support >= PROVEN && rule.is_sure() {
                        made.proven.insert(name());
                    }
                    continue;
                }
                let has_excuse = !rule.except.is_empty() || !rule.unless.is_empty();
                let is_readers = rule.place == Document::ADDRESSEE && has_excuse && rule.support > 0;
                let never_wrong = rule.object == "message" && rule.support > 0 && rule.wrong() == 0;
                if is_readers && rule.is_sure() || never_wrong {
                    made.excused.insert(name());
                } else if rule.support == 0 || rule.wrong() * ONE_IN > rule.support {
                    made.doubtful.insert(name());
                }
                made.behind.insert(name());
            }
        }
        made.desks = desks(input);
        made.by_initial = !made.doubtful.is_empty() && made.are_told_by(input, is_initialled);
        made.by_word = !made.doubtful.is_empty() && made.are_told_by(input, has_word_of);
        made.titled = !made.excused.is_empty() && are_titled(input);
        made
    }

    /// Whether in nearly all of many bookings of the backup whose titles tell as much of the booker's name, whoever booked came.
    fn are_told_by(&self, input: &Input<'_>, tells: fn(&str, &str) -> bool) -> bool {
        let (mut right, mut wrong) = (0_u32, 0_u32);
        for (cluster, truth) in with_customers(input) {
            let members = || cluster.members.iter().map(|at| &input.told[*at]);
            let booker = members()
                .flat_map(|told| told.claims.claims.iter().chain(&told.claims.bookers))
                .find_map(|claim| match &claim.value {
                    Value::Text(name) if self.behind.contains(&claim.rule) => Some(name),
                    _ => None,
                });
            let Some(booker) = booker else { continue };
            let mut titles = members().filter_map(|told| told.document.title());
            if titles.any(|title| tells(booker, title)) {
                let is_theirs = squash(booker) == squash(truth);
                right += u32::from(is_theirs);
                wrong += u32::from(!is_theirs);
            }
        }
        right >= PROVEN && wrong * ONE_IN <= right
    }

    /// Whether a message calls its reader so who is a desk's, and no customer.
    pub fn is_of_desk(&self, told: &Told<'_>, word: &str) -> bool {
        let address = told.document.recipient().map(str::to_lowercase);
        let names = address.and_then(|address| self.desks.get(&address));
        names.is_some_and(|names| {
            names
                .iter()
                .any(|name| part_of_name(word, name) == Some(Part::FirstWord))
        })
    }

    fn is_payment(&self, claim: &Claim) -> bool {
        self.payments.contains(claim.record.source())
    }

    fn is_front(&self, claim: &Claim) -> bool {
        claim.field == FieldName::CustomerName && !self.behind.contains(&claim.rule)
    }

    /// Takes the names of whoever booked from records of which one names the customer.
    pub(super) fn give_way(&self, context: &Context<'_>, records: [&mut Vec<Spoken<'_>>; 2]) {
        if self.behind.is_empty() {
            return;
        }
        if !context.households {
            self.leave_to_rows(context, records[0]);
        }
        let spoken = || records.iter().flat_map(|list| list.iter());
        let names = |spoken: &Spoken<'_>| {
            let mut claims = spoken.claims.iter();
            claims.any(|(claim, trust)| self.is_front(claim) && *trust >= TRUSTED)
        };
        // A title typed by hand and a card are no better than the name to which nearly all messages of customers go.
        let is_worded = spoken().any(|spoken| spoken.document.kind == SourceKind::Mail && names(spoken));
        let is_named = is_worded || spoken().any(names);
        for spoken in records.into_iter().flatten() {
            spoken.claims.retain(|(claim, _)| {
                let gives_way = if self.excused.contains(&claim.rule) {
                    is_worded
                } else {
                    is_named && self.behind.contains(&claim.rule)
                };
                !gives_way
            });
        }
    }

    /// Whether people order for others from their own addresses.
    pub fn order_for_others(&self) -> bool {
        !self.excused.is_empty()
    }

    /// Whoever orders from the address of one row, and is called otherwise, does so for whom the row names.
    fn leave_to_rows(&self, context: &Context<'_>, messages: &mut Vec<Spoken<'_>>) {
        for spoken in messages {
            let row = |address: &str| context.customers.of_address(address)?.name.as_deref();
            let Some(owner) = spoken.document.recipient().and_then(row) else {
                continue;
            };
            spoken.claims.retain(|(claim, _)| match &claim.value {
                Value::Text(name) => !self.excused.contains(&claim.rule) || one_person(name, owner),
                _ => true,
            });
        }
    }

    /// Whether a record of the business names the customer, and not only whoever booked or paid.
    pub fn names_guest(&self, claims: &[Claim]) -> bool {
        claims
            .iter()
            .any(|claim| self.is_front(claim) && !self.is_payment(claim))
    }

    /// The same by a rule that was right in nearly all of many records.
    pub fn proves_guest(&self, claims: &[Claim]) -> bool {
        claims
            .iter()
            .any(|claim| self.proven.contains(&claim.rule) && !self.is_payment(claim))
    }

    /// Whether the cards of a booking's payments, or its titles where these name the customer, have no word of a name.
    fn speak_of_others(&self, input: &Input<'_>, cluster: &Cluster, name: &str) -> bool {
        let documents = cluster.members.iter().map(|at| input.told[*at].document);
        let of_payers = documents.filter(|document| document.kind == SourceKind::Stripe);
        let payers = of_payers.flat_map(|document| {
            let places = Document::PAYER.into_iter();
            places.filter_map(|place| document.text(place))
        });
        let titles = titles(input, cluster).filter(|_| self.titled);
        let said: Vec<&str> = payers.chain(titles).collect();
        !said.is_empty() && !said.into_iter().any(|text| has_word_of(name, text))
    }

    /// Asks where nothing but whoever booked is named, and that was somebody else too often.
    pub fn doubt(
        &self,
        context: &Context<'_>,
        cluster: &Cluster,
        households: &Households<'_>,
        timeline: &Timeline<'_>,
        booking: &Booking,
        questions: &mut Questions,
    ) {
        if self.doubtful.is_empty() && self.excused.is_empty() {
            return;
        }
        let field = FieldName::CustomerName;
        let (Some(name), Some(claims)) = (&booking.customer.name, booking.claims.get(&field)) else {
            return;
        };
        let told = claims.iter().filter(|claim| !self.is_payment(claim));
        let told: Vec<&Claim> = told.collect();
        let is_of = |rules: &BTreeSet<String>| {
            !told.is_empty() && told.iter().all(|claim| rules.contains(&claim.rule))
        };
        let is_doubtful = is_of(&self.doubtful)
            || is_of(&self.excused) && self.speak_of_others(context.input, cluster, name);
        let in_title = || {
            let mut titles = timeline.entries().filter_map(|entry| entry.title());
            titles.any(|title| {
                stands_in(name, title)
                    || self.by_initial && is_initialled(name, title)
                    || self.by_word && has_word_of(name, title)
            })
        };
        let is_called = || {
            let key = booking.customer.baseline_key.as_deref();
            key.is_some_and(|key| households.one(context.input, cluster, &[key]).is_some())
        };
        if !is_doubtful || in_title() || is_called() {
            return;
        }
        let reason = format!("Only whoever booked is named, {name}: is the booking for them?");
        let given = candidate(Value::Text(name.clone()), timeline.records(field), 1000);
        let kind = ConflictKind::WeakEvidence;
        questions.ask(kind, Some(field), reason, vec![given], Some(0));
    }
}

/// The names of readers that are nobody's where readers are the customers as a rule, by address.
fn desks(input: &Input<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let rules = input.mappings.iter().flat_map(|mapping| &mapping.rules);
    let readers =
        rules.filter(|rule| rule.field == FieldName::CustomerName && rule.place == Document::ADDRESSEE);
    let nobodys: BTreeSet<&str> = readers
        .flat_map(|rule| &rule.except)
        .map(String::as_str)
        .collect();
    let mut desks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for document in input.told.iter().map(|told| told.document) {
        if let (Some(name), Some(address)) = (document.text(Document::ADDRESSEE), document.recipient())
            && nobodys.contains(squash(name).as_str())
        {
            desks
                .entry(address.to_lowercase())
                .or_default()
                .insert(name.to_owned());
        }
    }
    desks
}

/// The titles of a booking's entries.
fn titles<'t>(input: &Input<'t>, cluster: &Cluster) -> impl Iterator<Item = &'t str> {
    let documents = cluster.members.iter().map(|at| input.told[*at].document);
    documents.filter_map(|document| document.title())
}

/// Whether in most of many bookings of the backup a title has a word of the customer's name.
fn are_titled(input: &Input<'_>) -> bool {
    let (mut all, mut named) = (0_u32, 0_u32);
    for (cluster, truth) in with_customers(input) {
        let mut titles = titles(input, cluster).peekable();
        if titles.peek().is_some() {
            all += 1;
            named += u32::from(titles.any(|title| has_word_of(truth, title)));
        }
    }
    all >= PROVEN && named * 5 >= all * 4
}

/// Whether a word of a name stands in a text. Initials aside, and the small words that begin a family's name: `de` is of many.
fn has_word_of(name: &str, text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|char: char| !is_word_char(char));
        words.map(str::to_owned).collect()
    };
    let is_long = |word: &&String| word.chars().nth(1).is_some() || word.chars().any(ideograph);
    let is_small = |word: &&String| word.chars().next().is_some_and(char::is_lowercase);
    let own = words(name);
    let (small, own): (Vec<&String>, Vec<&String>) = own.iter().filter(is_long).partition(is_small);
    let own = if own.is_empty() { small } else { own };
    let said: BTreeSet<String> = words(text).iter().map(|word| squash(word)).collect();
    let folded = squash(text);
    own.into_iter().any(|word| {
        let is_within = word.chars().any(ideograph) && folded.contains(&squash(word));
        is_within || said.contains(&squash(word))
    })
}

/// Whether all words of a name stand side by side in a text, in any order.
fn stands_in(name: &str, text: &str) -> bool {
    if name.chars().any(ideograph) {
        return squash(text).contains(&squash(name));
    }
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|char: char| !is_word_char(char)).map(squash);
        parts.filter(|word| !word.is_empty()).collect()
    };
    let sorted = |words: &[String]| -> Vec<String> {
        let mut words = words.to_vec();
        words.sort();
        words
    };
    let own = words(name);
    !own.is_empty()
        && words(text)
            .windows(own.len())
            .any(|part| sorted(part) == sorted(&own))
}

/// Whether a text has a word of a name, and the first letter of another alone.
fn is_initialled(name: &str, text: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(|char: char| !is_word_char(char)).map(squash);
        parts.filter(|word| !word.is_empty()).collect()
    };
    let (own, said) = (parts(name), parts(text));
    let is_word = |word: &&String| word.chars().nth(1).is_some() && said.contains(word);
    own.iter().filter(is_word).any(|word| {
        let mut others = own.iter().filter(|other| *other != word);
        others.any(|other| {
            let initial: String = other.chars().take(1).collect();
            said.contains(&initial)
        })
    })
}

/// Whether a line of a record is where whoever booked is named.
pub fn is_of_booker(told: &Told<'_>, item: &Item) -> bool {
    let line = format!(":{}[", item.line + 1);
    told.claims.bookers.iter().any(|claim| {
        let rest = claim.place.strip_prefix(item.place.as_str());
        rest.is_some_and(|rest| rest.starts_with(&line) || item.line == 0 && rest.starts_with('['))
    })
}

/// Whether a word is of the name of whoever booked, as a greeting has it.
pub fn is_bookers(told: &Told<'_>, word: &str) -> bool {
    told.claims.bookers.iter().any(|claim| match &claim.value {
        Value::Text(name) => part_of_name(word, name).is_some() || squash(name).contains(&squash(word)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Bookers, has_word_of, is_initialled, stands_in};
    use crate::mapping::{Claims, Told};
    use crate::model::Document;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_desk_is_greeted_by_its_given_name() {
        let names = BTreeSet::from(["Daniel Ouma".to_owned()]);
        let bookers = Bookers {
            desks: BTreeMap::from([("desk@agency.example".to_owned(), names)]),
            ..Bookers::default()
        };
        let calls = |address: &str, word: &str| {
            let document = Document::message("m1").saying(Document::RECIPIENT, address);
            let told = Told {
                document: &document,
                claims: Claims::default(),
            };
            bookers.is_of_desk(&told, word)
        };
        assert!(calls("Desk@agency.example", "Daniel"));
        assert!(!calls("desk@agency.example", "Ida"));
        assert!(!calls("daniel@mail.example", "Daniel"));
    }

    #[test]
    fn a_name_stands_in_a_title_either_way_round_and_whole() {
        assert!(stands_in("Camilla Winther", "Winther, Camilla 60 min."));
        assert!(stands_in("吉田 湊", "吉田湊様"));
        assert!(!stands_in("Anna Ravn", "Hanna Ravn"));
        assert!(!stands_in("Anna Ravn", "Ravn, Ida (Anna)"));
    }

    #[test]
    fn a_small_word_of_a_name_tells_of_nobody() {
        assert!(has_word_of("Berit van Dijk", "DIJK cello 2"));
        assert!(!has_word_of("Berit van Dijk", "VAN DEN BERG cello 2"));
        assert!(!has_word_of("Ute Ravn", "computer"));
        assert!(has_word_of("吉田 湊", "吉田様"));
    }

    #[test]
    fn an_initial_stands_alone_beside_another_word_of_the_name() {
        assert!(is_initialled("Anna Ravn", "Ravn, A. 60 min."));
        assert!(!is_initialled("Anna Ravn", "Ravn, I."));
        assert!(!is_initialled("Anna Ravn", "A. Winther"));
    }
}
