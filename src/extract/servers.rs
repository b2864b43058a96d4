//! Whose word on a sender counts, where the configuration does not say: the mail server that judged most of the messages
//! which the backup's customers got.
//!
//! Anybody can write an Authentication-Results header, and a forger's stands on top where the own server writes none.

use crate::model::{Document, Scalar, Standing};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer messages name no usual server.
const ENOUGH: usize = 8;
const PERCENT: usize = 60;

/// Takes away the pass that another server than the usual one gave to messages of a source.
///
/// `customers`: addresses of the backup, in lower case; `until`: when the backup was taken.
pub fn trust_the_usual(
    documents: &mut [Document],
    source: &str,
    customers: &BTreeSet<String>,
    until: DateTime<Utc>,
) {
    let Some(usual) = usual(documents, source, customers, until) else {
        return;
    };
    let strange = |document: &&mut Document| {
        is_message(document, source)
            && document.text("header:auth") == Some("pass")
            && document.text("header:authserv") != Some(&usual)
    };
    for document in documents.iter_mut().filter(strange) {
        let verdict = document.items.iter_mut().find(|item| item.place == "header:auth");
        if let Some(verdict) = verdict {
            verdict.value = Scalar::Text("none".to_owned());
        }
    }
}

fn usual(
    documents: &[Document],
    source: &str,
    customers: &BTreeSet<String>,
    until: DateTime<Utc>,
) -> Option<String> {
    let mut servers: BTreeMap<&str, usize> = BTreeMap::new();
    for document in documents.iter().filter(|document| is_message(document, source)) {
        let old = document.said_at.is_some_and(|at| at <= until);
        let known = document
            .recipient()
            .is_some_and(|to| customers.contains(&to.to_lowercase()));
        if let (true, true, Some(server)) = (old, known, document.text("header:authserv")) {
            *servers.entry(server).or_default() += 1;
        }
    }
    let all: usize = servers.values().sum();
    let (server, count) = servers
        .into_iter()
        .max_by_key(|(server, count)| (*count, *server))?;
    (count >= ENOUGH && count * 100 >= all * PERCENT).then(|| server.to_owned())
}

fn is_message(document: &Document, source: &str) -> bool {
    document.object == "message"
        && document.record.source() == source
        && document.standing == Standing::Business
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: usize, server: &str) -> Document {
        let blank = Document {
            said_at: Some(DateTime::UNIX_EPOCH),
            ..Document::message(&format!("{number}@shop.example"))
        };
        blank
            .saying("header:auth", "pass")
            .saying("header:authserv", server)
            .saying(Document::RECIPIENT, "ann@mail.example")
    }

    fn verdicts(servers: &[&str]) -> Vec<String> {
        let mut documents: Vec<Document> = servers
            .iter()
            .enumerate()
            .map(|(at, server)| message(at, server))
            .collect();
        let customers = BTreeSet::from(["ann@mail.example".to_owned()]);
        trust_the_usual(&mut documents, "mail", &customers, DateTime::UNIX_EPOCH);
        documents
            .iter()
            .filter_map(|document| document.text("header:auth"))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_pass_by_another_server_than_the_usual_one_is_none() {
        let mut servers = vec!["mx.shop.example"; 9];
        servers.push("mx.forger.example");
        assert_eq!(verdicts(&servers)[8..], ["pass", "none"]);
    }

    #[test]
    fn where_no_server_is_usual_every_pass_stands() {
        assert_eq!(verdicts(&["a.example", "b.example"]), ["pass", "pass"]);
    }
}
