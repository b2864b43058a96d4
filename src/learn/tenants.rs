//! Whose a record is where neither its account, its calendar nor its sender tells: one Stripe account takes the money of
//! several shops, and each payment says in a place of its own which of them it is for.
//!
//! Such a place has few values, each in many records, and each is one tenant's alone. Its records are known by the
//! backup's payments, or by an address that customers of one tenant alone have. The payments are sure; who had booked
//! with one shop alone may go to another next time, so that some addresses are of a tenant that the record is not of.

use crate::model::{Baseline, Document, Scalar};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A value in fewer known records than this proves nothing.
const RECORDS: u32 = 8;
/// So many in a hundred of a value's records are of its tenant, and of a place's records have such a value.
const PERCENT: u32 = 98;
/// So many of a value's records are of its tenant by their addresses, where so many payments are all of it.
const PERCENT_BY_ADDRESS: u32 = 90;
const PAYMENTS: u32 = 4;
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
    if tenants.len() < 2 || documents.iter().all(|document| document.tenant.is_some()) {
        return;
    }
    let telling = telling(documents, baseline, tenants.len());
    if telling.is_empty() {
        return;
    }
    for document in documents.iter_mut().filter(|document| document.tenant.is_none()) {
        let told: BTreeSet<&String> = values(document)
            .filter_map(|(source, place, value)| {
                telling.get(&(source.to_owned(), place.to_owned()))?.get(value)
            })
            .collect();
        if let (1, Some(tenant)) = (told.len(), told.first()) {
            document.tenant = Some((*tenant).clone());
        }
    }
}

/// The tenants of the values of places that tell them.
type Telling = BTreeMap<(String, String), BTreeMap<String, String>>;

fn telling(documents: &[Document], baseline: &Baseline, tenants: usize) -> Telling {
    let known = Known::of(baseline);
    let mut counts: HashMap<At<'_>, BTreeMap<&str, Count>> = HashMap::new();
    for document in documents.iter().filter(|document| document.tenant.is_none()) {
        let Some((tenant, paid)) = known.tenant(document) else {
            continue;
        };
        let values: BTreeSet<At<'_>> = values(document).collect();
        for value in values {
            let count = counts.entry(value).or_default().entry(tenant).or_default();
            count.all += 1;
            count.paid += u32::from(paid);
        }
    }
    // Of each place how many records have a value that tells, and how many have any.
    let mut places: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    let mut telling = Telling::new();
    for ((source, place, value), of) in counts {
        let all: u32 = of.values().map(|count| count.all).sum();
        let paid: u32 = of.values().map(|count| count.paid).sum();
        let place_counts = places.entry((source, place)).or_default();
        place_counts.1 += all;
        let most = of.into_iter().max_by_key(|(_, count)| count.all);
        if let Some((tenant, count)) = most
            && count.all >= RECORDS
            && count.tells(all, paid)
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

/// How many records of a value are of one tenant, and how many of them by the backup's payments.
#[derive(Default)]
struct Count {
    all: u32,
    paid: u32,
}

impl Count {
    /// True where the value is this tenant's alone, of `all` of its records and `paid` of its payments.
    fn tells(&self, all: u32, paid: u32) -> bool {
        let sure = self.paid == paid && paid >= PAYMENTS;
        let percent = if sure { PERCENT_BY_ADDRESS } else { PERCENT };
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
    /// None where customers of several tenants have the address.
    by_address: HashMap<String, Option<&'a str>>,
}

impl<'a> Known<'a> {
    fn of(baseline: &'a Baseline) -> Self {
        let mut by_booking: HashMap<&str, &str> = HashMap::new();
        let mut by_customer: HashMap<&str, Option<&str>> = HashMap::new();
        for row in &baseline.bookings {
            let Some(tenant) = row.tenant.as_deref() else {
                continue;
            };
            by_booking.insert(&row.key, tenant);
            if let Some(customer) = &row.customer {
                let known = by_customer.entry(customer).or_insert(Some(tenant));
                *known = known.filter(|known| *known == tenant);
            }
        }
        let charges = baseline.payments.iter().filter_map(|payment| {
            let tenant = by_booking.get(payment.booking.as_deref()?)?;
            Some((payment.provider_id.as_deref()?, *tenant))
        });
        let mut by_address: HashMap<String, Option<&str>> = HashMap::new();
        for customer in &baseline.customers {
            if let (Some(email), Some(tenant)) = (&customer.email, by_customer.get(customer.key.as_str())) {
                let known = by_address.entry(email.to_lowercase()).or_insert(*tenant);
                *known = known.filter(|known| Some(*known) == *tenant);
            }
        }
        Self {
            by_charge: charges.collect(),
            by_address,
        }
    }

    /// Whose a record is, and whether a payment of the backup tells.
    fn tenant(&self, document: &Document) -> Option<(&'a str, bool)> {
        if let Some(tenant) = self.by_charge.get(document.record.native()) {
            return Some((tenant, true));
        }
        let addresses: BTreeSet<Option<&str>> = document
            .items
            .iter()
            .filter_map(|item| match &item.value {
                Scalar::Text(text) if text.contains('@') => {
                    self.by_address.get(&text.to_lowercase()).copied()
                }
                _ => None,
            })
            .collect();
        match (addresses.len(), addresses.first()) {
            (1, Some(tenant)) => tenant.map(|tenant| (tenant, false)),
            _ => None,
        }
    }
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

    #[test]
    fn a_place_of_which_some_values_are_both_shops_tells_nothing() {
        let mut charges: Vec<Document> = (0..41)
            .map(|at| charge(at, &[("/metadata/who", ["E", "W", "both", "both"][at % 4])]))
            .collect();
        assign(&mut charges, &backup(40));
        assert!(charges.iter().all(|charge| charge.tenant.is_none()));
    }
}
