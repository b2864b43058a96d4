//! Whose a record is where neither its account, its calendar nor its sender tells: one Stripe account takes the money of
//! several shops, and each payment says in a place of its own which of them it is for.
//!
//! Such a place has few values, each in many records, and each is one tenant's alone. Its records are known by the
//! backup's payments, by the address and the number of one of its bookings, or by an address that customers of one tenant
//! alone have. Who had booked with one shop alone may go to another next time, so that some addresses are of a tenant
//! that the record is not of: those to which another tenant writes tell nothing, and the sure records go before the rest.

use crate::mapping::squash;
use crate::model::{Baseline, Document, Scalar, Standing};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A value in fewer known records than this proves nothing.
const RECORDS: u32 = 8;
/// So many in a hundred of a value's records are of its tenant, and of a place's records have such a value.
const PERCENT: u32 = 98;
/// So many of a value's records are of its tenant by their addresses, where so many that are sure are all of it; where many
/// are, most are enough.
const PERCENT_BY_ADDRESS: u32 = 90;
const SURE: u32 = 4;
const PERCENT_BESIDE_MANY: u32 = 60;
const MANY: u32 = 20;
/// Shorter numbers stand anywhere.
const NUMBER: usize = 3;
/// What one place tells may show that an address is of two tenants, and so what another place tells.
const ROUNDS: usize = 3;
/// A place that tells tenants has at most so many values for each.
const VALUES: usize = 4;
/// Longer texts are prose.
const CHARS: usize = 64;

/// A value of a place in a source.
type At<'a> = (&'a str, &'a str, &'a str);

/// Gives records whose tenant nothing published tells the tenant that one of their places tells.
pub fn assign(documents: &mut [Document], baseline: &Baseline) {
    let tenants: BTreeSet<&str> = baseline
        .bookings
        .iter()
        .filter_map(|row| row.tenant.as_deref())
        .collect();
    if tenants.len() < 2 {
        return;
    }
    for _ in 0..ROUNDS {
        if !documents.iter().any(is_nobodys) {
            return;
        }
        let telling = telling(documents, baseline, tenants.len());
        let mut told_any = false;
        for document in documents.iter_mut().filter(|document| is_nobodys(document)) {
            let told: BTreeSet<&String> = values(document)
                .filter_map(|(source, place, value)| {
                    telling.get(&(source.to_owned(), place.to_owned()))?.get(value)
                })
                .collect();
            if let (1, Some(tenant)) = (told.len(), told.first()) {
                document.tenant = Some((*tenant).clone());
                told_any = true;
            }
        }
        if !told_any {
            return;
        }
    }
}

/// Whether a record is some tenant's own word, and nothing tells whose.
fn is_nobodys(document: &Document) -> bool {
    document.tenant.is_none() && document.standing == Standing::Business
}

/// The tenants of the values of places that tell them.
type Telling = BTreeMap<(String, String), BTreeMap<String, String>>;

fn telling(documents: &[Document], baseline: &Baseline, tenants: usize) -> Telling {
    let known = Known::of(baseline, documents);
    let mut counts: HashMap<At<'_>, BTreeMap<&str, Count>> = HashMap::new();
    for document in documents.iter().filter(|document| is_nobodys(document)) {
        let Some((tenant, is_sure)) = known.tenant(document) else {
            continue;
        };
        let values: BTreeSet<At<'_>> = values(document).collect();
        for value in values {
            let count = counts.entry(value).or_default().entry(tenant).or_default();
            count.all += 1;
            count.sure += u32::from(is_sure);
        }
    }
    // Of each place how many records have a value that tells, and how many have any.
    let mut places: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    let mut telling = Telling::new();
    for ((source, place, value), of) in counts {
        let all: u32 = of.values().map(|count| count.all).sum();
        let sure: u32 = of.values().map(|count| count.sure).sum();
        let place_counts = places.entry((source, place)).or_default();
        place_counts.1 += all;
        let most = of.into_iter().max_by_key(|(_, count)| count.all);
        if let Some((tenant, count)) = most
            && count.all >= RECORDS
            && count.tells(all, sure)
        {
            place_counts.0 += all;
            let values = telling.entry((source.to_owned(), place.to_owned())).or_default();
            values.insert(value.to_owned(), tenant.to_owned());
        }
    }
    telling.retain(|(source, place), values| {
        let (telling, all) = places[&(source.as_str(), place.as_str())];
        let of: BTreeSet<&String> = values.values().collect();
        telling * 100 >= all * PERCENT && of.len() > 1 && values.len() <= tenants * VALUES
    });
    telling
}

/// How many records of a value are of one tenant, and of how many of them that is sure.
#[derive(Default)]
struct Count {
    all: u32,
    sure: u32,
}

impl Count {
    /// True where the value is this tenant's alone, of `all` of its records and `sure` of those that are.
    fn tells(&self, all: u32, sure: u32) -> bool {
        let percent = match sure {
            _ if self.sure != sure => PERCENT,
            ..SURE => PERCENT,
            SURE..MANY => PERCENT_BY_ADDRESS,
            MANY.. => PERCENT_BESIDE_MANY,
        };
        self.all * 100 >= all * percent
    }
}

/// The short texts of a record, each with its place.
fn values(document: &Document) -> impl Iterator<Item = At<'_>> {
    let source = document.record.source();
    document.items.iter().filter_map(move |item| match &item.value {
        Scalar::Text(text) if item.line == 0 && text.chars().count() <= CHARS => {
            Some((source, item.place.as_str(), text.as_str()))
        }
        _ => None,
    })
}

/// What the backup tells of whose a record is.
struct Known<'a> {
    by_charge: HashMap<&'a str, &'a str>,
    /// None where customers of several tenants have the address, or another one writes to it.
    by_address: HashMap<String, Option<&'a str>>,
    /// The numbers of the bookings of whoever has the address, folded.
    numbers: HashMap<String, BTreeMap<String, BTreeSet<&'a str>>>,
}

impl<'a> Known<'a> {
    fn of(baseline: &'a Baseline, documents: &[Document]) -> Self {
        let mut by_booking: HashMap<&str, &str> = HashMap::new();
        let mut by_customer: HashMap<&str, Vec<(&str, Option<&str>)>> = HashMap::new();
        for row in &baseline.bookings {
            let Some(tenant) = row.tenant.as_deref() else {
                continue;
            };
            by_booking.insert(&row.key, tenant);
            if let Some(customer) = &row.customer {
                let booked = by_customer.entry(customer).or_default();
                booked.push((tenant, row.reference.as_deref()));
            }
        }
        let charges = baseline.payments.iter().filter_map(|payment| {
            let tenant = by_booking.get(payment.booking.as_deref()?)?;
            Some((payment.provider_id.as_deref()?, *tenant))
        });
        let mut known = Self {
            by_charge: charges.collect(),
            by_address: HashMap::new(),
            numbers: HashMap::new(),
        };
        for customer in &baseline.customers {
            let booked = by_customer.get(customer.key.as_str());
            let (Some(email), Some(booked)) = (&customer.email, booked) else {
                continue;
            };
            let email = email.to_lowercase();
            for (tenant, reference) in booked {
                let whose = known.by_address.entry(email.clone()).or_insert(Some(tenant));
                *whose = whose.filter(|whose| whose == tenant);
                if let Some(reference) = reference.filter(|reference| reference.len() >= NUMBER) {
                    let numbers = known.numbers.entry(email.clone()).or_default();
                    numbers.entry(squash(reference)).or_default().insert(tenant);
                }
            }
        }
        known.leave_shared(documents);
        known
    }

    /// Leaves out the addresses to which a tenant writes that the backup does not know them of.
    fn leave_shared(&mut self, documents: &[Document]) {
        let theirs = documents
            .iter()
            .filter(|document| document.standing == Standing::Business)
            .filter_map(|document| Some((document, document.tenant.as_deref()?)));
        for (document, tenant) in theirs {
            for address in addresses(document) {
                if let Some(whose) = self.by_address.get_mut(&address) {
                    *whose = whose.filter(|whose| *whose == tenant);
                }
            }
        }
    }

    /// Whose a record is, and whether a payment or a number of the backup tells.
    fn tenant(&self, document: &Document) -> Option<(&'a str, bool)> {
        if let Some(tenant) = self.by_charge.get(document.record.native()) {
            return Some((tenant, true));
        }
        let addresses: BTreeSet<String> = addresses(document)
            .filter(|address| self.by_address.contains_key(address))
            .collect();
        if addresses.is_empty() {
            return None;
        }
        let numbers: Vec<_> = addresses
            .iter()
            .filter_map(|address| self.numbers.get(address))
            .collect();
        let of_numbers: BTreeSet<&str> = words(document)
            .flat_map(|word| numbers.iter().filter_map(move |numbers| numbers.get(&word)))
            .flatten()
            .copied()
            .collect();
        if let (1, Some(tenant)) = (of_numbers.len(), of_numbers.first()) {
            return Some((tenant, true));
        }
        let tenants: BTreeSet<Option<&str>> =
            addresses.iter().map(|address| self.by_address[address]).collect();
        match (tenants.len(), tenants.first()) {
            (1, Some(tenant)) => tenant.map(|tenant| (tenant, false)),
            _ => None,
        }
    }
}

fn texts(document: &Document) -> impl Iterator<Item = &str> {
    document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The addresses that stand by themselves in a record, folded.
fn addresses(document: &Document) -> impl Iterator<Item = String> {
    texts(document)
        .filter(|text| text.contains('@'))
        .map(str::to_lowercase)
}

/// The words of a record with a digit, folded.
fn words(document: &Document) -> impl Iterator<Item = String> {
    texts(document)
        .flat_map(str::split_whitespace)
        .filter(|word| word.chars().any(char::is_numeric))
        .map(squash)
}

#[cfg(test)]
mod tests {
    use super::assign;
    use crate::model::{
        Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, Currency, Document, Money,
    };
    use std::collections::BTreeMap;

    /// A charge of a booking of one of two shops, `at` being odd or even.
    fn charge(at: usize, items: &[(&str, &str)]) -> Document {
        let blank = Document::charge(&format!("ch_{at}"));
        items
            .iter()
            .fold(blank, |charge, (place, text)| charge.saying(place, text))
    }

    fn backup(rows: usize) -> Baseline {
        let eur = Currency::parse("eur").expect("a currency");
        let bookings = (0..rows).map(|at| BaselineBooking {
            key: at.to_string(),
            tenant: Some(["east", "west"][at % 2].to_owned()),
            ..BaselineBooking::default()
        });
        let payments = (0..rows).map(|at| BaselinePayment {
            key: at.to_string(),
            booking: Some(at.to_string()),
            provider_id: Some(format!("ch_{at}")),
            amount: Money::new(1000, eur),
            refunded: Money::new(0, eur),
            paid_at: None,
            raw: BTreeMap::new(),
        });
        Baseline {
            bookings: bookings.collect(),
            payments: payments.collect(),
            ..Baseline::default()
        }
    }

    #[test]
    fn a_place_with_a_value_for_each_shop_tells_whose_a_payment_is() {
        let shops = ["E", "W"];
        let mut charges: Vec<Document> = (0..41)
            .map(|at| {
                charge(
                    at,
                    &[("/metadata/shop", shops[at % 2]), ("/metadata/kind", "deposit")],
                )
            })
            .collect();
        assign(&mut charges, &backup(40));
        assert_eq!(charges[40].tenant.as_deref(), Some("east"));
        assert_eq!(charges[1].tenant.as_deref(), Some("west"));
    }

    #[test]
    fn some_customers_of_one_shop_go_to_another_next_time() {
        let shops = ["E", "W"];
        let mut charges: Vec<Document> = (0..101)
            .map(|at| {
                charge(
                    at,
                    &[("/metadata/shop", shops[at % 2]), ("/receipt_email", &mail(at))],
                )
            })
            .collect();
        let mut backup = backup(40);
        // The payments of before are ten; the customers of all forty bookings come again, two of them elsewhere.
        backup.payments.truncate(10);
        for (at, row) in backup.bookings.iter_mut().enumerate() {
            row.customer = Some(at.to_string());
        }
        let of = |at: usize| {
            if at == 12 {
                63
            } else if at == 13 {
                62
            } else {
                at + 50
            }
        };
        backup.customers = (0..40)
            .map(|at| BaselineCustomer {
                key: at.to_string(),
                email: Some(mail(of(at))),
                ..BaselineCustomer::default()
            })
            .collect();
        assign(&mut charges, &backup);
        assert_eq!(charges[100].tenant.as_deref(), Some("east"));
        assert_eq!(charges[63].tenant.as_deref(), Some("west"));
    }

    fn mail(at: usize) -> String {
        format!("mail{at}@home.test")
    }

    /// Customers with an address each.
    fn people(numbers: std::ops::Range<usize>) -> Vec<BaselineCustomer> {
        let person = |at: usize| BaselineCustomer {
            key: at.to_string(),
            email: Some(mail(at)),
            ..BaselineCustomer::default()
        };
        numbers.map(person).collect()
    }

    /// Letters of two shops from one address, of which the sender's name alone says whose they are; forty with the number of a
    /// booking of the backup, and eight to people who were customers of the other shop.
    #[test]
    fn a_number_of_the_backup_is_sure_where_many_have_gone_to_the_other_shop() {
        let shops = ["East", "West"];
        let letter = |at: usize, shop: usize, number: &str| {
            Document::message(&format!("m{at}"))
                .saying("header:from.email", "desk@both.test")
                .saying("header:from.name", shops[shop])
                .saying("header:to.email", &mail(at))
                .saying("text", &format!("Your number is {number}."))
        };
        let mut backup = backup(40);
        backup.payments.clear();
        for (at, row) in backup.bookings.iter_mut().enumerate() {
            row.customer = Some(at.to_string());
            row.reference = Some(format!("N-{}", 300 + at));
        }
        backup.customers = people(0..40);
        let mut letters: Vec<Document> = (0..40)
            .map(|at| letter(at, at % 2, &format!("N-{}", 300 + at)))
            .collect();
        letters.extend((0..8).map(|at| letter(at, (at + 1) % 2, &format!("N-{}", 500 + at))));
        assign(&mut letters, &backup);
        let of = |at: usize| letters[at].tenant.as_deref();
        assert_eq!((of(0), of(1)), (Some("east"), Some("west")));
        assert_eq!(
            (of(40), of(41)),
            (Some("west"), Some("east")),
            "by the name alone"
        );
    }

    /// Twelve charges that the backup knows, and thirty of people who have been customers of one shop and come to both.
    #[test]
    fn an_address_to_which_another_shop_writes_is_of_neither() {
        let shops = ["E", "W"];
        let mut records: Vec<Document> = (0..12)
            .map(|at| charge(at, &[("/metadata/shop", shops[at % 2])]))
            .collect();
        let more = |at: usize| (at / 3 + at) % 2;
        records.extend((12..42).map(|at| {
            charge(
                at,
                &[("/metadata/shop", shops[more(at)]), ("/receipt_email", &mail(at))],
            )
        }));
        let mut backup = backup(42);
        backup.payments.truncate(12);
        for (at, row) in backup.bookings.iter_mut().enumerate() {
            row.customer = Some(at.to_string());
        }
        backup.customers = people(12..42);
        let alone = {
            let mut records = records.clone();
            assign(&mut records, &backup);
            records
        };
        assert_eq!(alone[0].tenant, None, "the addresses speak against it");
        records.extend((12..42).map(|at| Document {
            tenant: Some(["east", "west"][more(at)].to_owned()),
            ..Document::message(&format!("m{at}")).saying("header:to.email", &mail(at))
        }));
        assign(&mut records, &backup);
        assert_eq!(records[0].tenant.as_deref(), Some("east"));
        assert_eq!(records[41].tenant.as_deref(), Some(["east", "west"][more(41)]));
    }

    #[test]
    fn a_place_of_which_some_values_are_both_shops_tells_nothing() {
        let mut charges: Vec<Document> = (0..41)
            .map(|at| charge(at, &[("/metadata/who", ["E", "W", "both", "both"][at % 4])]))
            .collect();
        assign(&mut charges, &backup(40));
        assert!(charges.iter().all(|charge| charge.tenant.is_none()));
    }
}
