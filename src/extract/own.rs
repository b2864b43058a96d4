//! The business's own addresses, to which a copy of what happens goes: they are nobody's who booked.

use crate::model::{Document, Scalar};
use std::collections::{BTreeMap, BTreeSet};

/// A domain with more addresses than this in the records is a provider's, not the business's alone.
const OWN: usize = 5;

/// Takes the business's own addresses, and the names beside them, out of the recipients of its messages.
///
/// `senders`: the addresses that speak for it, in lower case.
pub fn forget_own(documents: &mut [Document], senders: &BTreeSet<String>) {
    let mut domains: BTreeMap<String, BTreeSet<String>> = senders
        .iter()
        .filter_map(|address| Some((domain(address)?.to_owned(), BTreeSet::new())))
        .collect();
    for document in documents.iter() {
        for address in document.items.iter().filter_map(recipient) {
            if let Some(found) = domain(&address).and_then(|domain| domains.get_mut(domain)) {
                found.insert(address);
            }
        }
    }
    domains.retain(|_, found| found.len() <= OWN);
    let is_own = |address: &String| {
        senders.contains(address) || domain(address).is_some_and(|domain| domains.contains_key(domain))
    };
    for document in documents.iter_mut() {
        let own: Vec<String> = document
            .items
            .iter()
            .filter(|item| recipient(item).is_some_and(|to| is_own(&to)))
            .filter_map(|item| item.place.strip_suffix("email"))
            .map(str::to_owned)
            .collect();
        let is_theirs = |place: &str| {
            let person = place.strip_suffix("email").or_else(|| place.strip_suffix("name"));
            person.is_some_and(|person| own.iter().any(|own| own == person))
        };
        if !own.is_empty() {
            document.items.retain(|item| !is_theirs(&item.place));
        }
    }
}

/// How the places of recipients begin.
const TO: &str = "header:to.";

/// The address of a recipient, in lower case.
fn recipient(item: &crate::model::Item) -> Option<String> {
    match &item.value {
        Scalar::Text(text) if item.place.starts_with(TO) && item.place.strip_suffix("email").is_some() => {
            Some(text.trim().to_lowercase())
        }
        _ => None,
    }
}

fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(to: &[&str]) -> Document {
        let mut message = Document::message("1@shop.example");
        for (at, address) in to.iter().enumerate() {
            let place = match at {
                0 => Document::RECIPIENT.to_owned(),
                _ => format!("header:to.{at}.email"),
            };
            message = message.saying(&place, address);
        }
        message
    }

    fn left(messages: &[&[&str]], sender: &str) -> Vec<Vec<String>> {
        let mut documents: Vec<Document> = messages.iter().map(|to| message(to)).collect();
        forget_own(&mut documents, &BTreeSet::from([sender.to_owned()]));
        let left = documents
            .iter()
            .map(|document| document.items.iter().filter_map(recipient).collect());
        left.collect()
    }

    #[test]
    fn the_business_is_no_customer_of_its_own() {
        let messages: [&[&str]; 2] = [
            &["Office@shop.example"],
            &["ann@mail.example", "owner@shop.example"],
        ];
        assert_eq!(
            left(&messages, "no-reply@shop.example"),
            [vec![], vec!["ann@mail.example".to_owned()]]
        );
    }

    #[test]
    fn a_provider_of_many_addresses_is_nobodys_own() {
        let to: Vec<String> = (0..6).map(|at| format!("guest{at}@mail.example")).collect();
        let messages: Vec<Vec<&str>> = to.iter().map(|to| vec![to.as_str()]).collect();
        let messages: Vec<&[&str]> = messages.iter().map(Vec::as_slice).collect();
        let left = left(&messages, "studio@mail.example");
        assert!(left.iter().all(|to| to.len() == 1));
    }
}
