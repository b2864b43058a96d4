//! Stripe's list endpoints, written to its API reference: bearer keys, permissions, `created`, cursors by id, newest first.

use super::{Reply, Request};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// Endpoint to the `object` that it lists.
const LISTS: [(&str, &str); 8] = [
    ("/v1/customers", "customer"),
    ("/v1/charges", "charge"),
    ("/v1/payment_intents", "payment_intent"),
    ("/v1/refunds", "refund"),
    ("/v1/checkout/sessions", "checkout.session"),
    ("/v1/invoices", "invoice"),
    ("/v1/disputes", "dispute"),
    ("/v1/balance_transactions", "balance_transaction"),
];

/// What each list takes besides these.
const COMMON: [&str; 7] = [
    "limit",
    "starting_after",
    "ending_before",
    "created[gte]",
    "created[gt]",
    "created[lte]",
    "created[lt]",
];

#[derive(Debug, Clone)]
pub struct Object {
    pub id: String,
    pub created: i64,
    pub json: String,
}

#[derive(Default)]
pub struct Books {
    /// The keys that are known, and the objects that each may not read.
    pub keys: BTreeMap<String, Vec<&'static str>>,
    /// Account ("" is the platform's own) and object to what there is.
    objects: BTreeMap<(String, String), Vec<Object>>,
    /// Items of a session that did not come with it.
    pub items: BTreeMap<String, Vec<Object>>,
    pub connected: Vec<String>,
    sorted: bool,
    /// Id to when it was made, so that a cursor is found without a look at each object.
    made: HashMap<String, i64>,
}

/// Shared, so that a test can change what there is while it is read.
#[derive(Clone, Default)]
pub struct Stripe(pub Arc<Mutex<Books>>);

impl Stripe {
    pub fn with_key(key: &str) -> Self {
        let stripe = Self::default();
        stripe.lock().keys.insert(key.to_owned(), Vec::new());
        stripe
    }

    pub fn lock(&self) -> std::sync::MutexGuard<'_, Books> {
        self.0.lock().expect("the books")
    }

    /// Adds an object by what stands in it.
    pub fn add(&self, account: &str, json: &str) {
        #[derive(serde::Deserialize)]
        struct Head {
            id: String,
            object: String,
            created: Option<i64>,
        }
        let head: Head = serde_json::from_str(json).expect("an object of Stripe");
        let mut books = self.lock();
        books.sorted = false;
        let created = head.created.unwrap_or_default();
        books.made.insert(head.id.clone(), created);
        let list = books
            .objects
            .entry((account.to_owned(), head.object))
            .or_default();
        list.retain(|known| known.id != head.id);
        list.push(Object {
            id: head.id,
            created,
            json: json.to_owned(),
        });
    }

    /// Adds an object whose head is known, without a look for another of its id.
    pub fn add_quickly(&self, account: &str, object: &str, id: &str, created: i64, json: String) {
        let mut books = self.lock();
        books.sorted = false;
        books.made.insert(id.to_owned(), created);
        let list = books
            .objects
            .entry((account.to_owned(), object.to_owned()))
            .or_default();
        list.push(Object {
            id: id.to_owned(),
            created,
            json,
        });
    }

    pub fn remove(&self, account: &str, id: &str) {
        for ((of, _), list) in &mut self.lock().objects {
            if of == account {
                list.retain(|known| known.id != id);
            }
        }
    }

    pub fn answer(&self, request: &Request) -> Reply {
        let mut books = self.lock();
        books.sort();
        books.answer(request).unwrap_or_else(|refused| refused)
    }
}

fn refused(status: u16, message: &str, code: &str, param: &str) -> Reply {
    let kind = if status == 401 {
        "authentication_error"
    } else {
        "invalid_request_error"
    };
    let body = serde_json::json!({"error": {"type": kind, "message": message, "code": code, "param": param}});
    Reply::json(status, body.to_string())
}

impl Books {
    /// Newest first; of one second, the one that was added last.
    fn sort(&mut self) {
        if !self.sorted {
            for list in self.objects.values_mut() {
                list.sort_by_key(|object| std::cmp::Reverse(object.created));
            }
            self.sorted = true;
        }
    }

    fn answer(&self, request: &Request) -> Result<Reply, Reply> {
        if request.method != "GET" {
            return Err(refused(405, "this server is only read", "", ""));
        }
        let key = request
            .header("authorization")
            .and_then(|text| text.strip_prefix("Bearer "));
        let Some(barred) = key.and_then(|key| self.keys.get(key)) else {
            return Err(refused(401, "Invalid API Key provided: rk_live_****", "", ""));
        };
        if request.header("stripe-version").is_none() {
            return Err(refused(400, "name a version", "", ""));
        }
        let account = request.header("stripe-account").unwrap_or_default();
        if !account.is_empty() && !self.connected.iter().any(|known| known == account) {
            let words = format!("The provided key does not have access to account '{account}'");
            return Err(refused(403, &words, "account_invalid", ""));
        }
        if request.path == "/v1/accounts" {
            let accounts: Vec<Object> = self.connected.iter().map(|id| connected(id)).collect();
            return self.page(request, &accounts, &COMMON);
        }
        if let Some(session) = request
            .path
            .strip_prefix("/v1/checkout/sessions/")
            .and_then(|rest| rest.strip_suffix("/line_items"))
        {
            let items = self
                .items
                .get(session)
                .ok_or_else(|| refused(404, "No such session", "", ""))?;
            return self.page(request, items, &COMMON[..3]);
        }
        let Some((_, object)) = LISTS.iter().find(|(path, _)| *path == request.path) else {
            return Err(refused(404, "Unrecognized request URL", "", ""));
        };
        if barred.contains(object) {
            let words = format!("The provided key does not have the required permissions to read {object}");
            return Err(refused(403, &words, "", ""));
        }
        let bounds: Vec<(&str, i64)> = request
            .query
            .iter()
            .filter_map(|(key, value)| {
                let bound = key.strip_prefix("created[")?.strip_suffix(']')?;
                Some((bound, value.parse().ok()?))
            })
            .collect();
        // Sorted, so both ends are found without a look at each.
        let list = self.objects.get(&(account.to_owned(), (*object).to_owned()));
        let mut found = list.map(Vec::as_slice).unwrap_or_default();
        for (bound, at) in bounds {
            let first = |keeps: &dyn Fn(i64) -> bool| found.partition_point(|object| keeps(object.created));
            found = match bound {
                "gte" => &found[..first(&|created| created >= at)],
                "gt" => &found[..first(&|created| created > at)],
                "lte" => &found[first(&|created| created > at)..],
                _ => &found[first(&|created| created >= at)..],
            };
        }
        self.page(request, found, &COMMON)
    }

    /// One page of a list, with the envelope of the API.
    fn page(&self, request: &Request, list: &[Object], known: &[&str]) -> Result<Reply, Reply> {
        for (key, _) in &request.query {
            let is_expand = key.starts_with("expand[");
            if !known.contains(&key.as_str()) && !is_expand {
                let words = format!("Received unknown parameter: {key}");
                return Err(refused(400, &words, "parameter_unknown", key));
            }
        }
        let limit = match request.get("limit").map(str::parse::<usize>) {
            None => 10,
            Some(Ok(limit @ 1..=100)) => limit,
            Some(_) => return Err(refused(400, "limit must be between 1 and 100", "", "limit")),
        };
        let start = match request.get("starting_after") {
            None => 0,
            Some(id) => match self.position(id, list) {
                Some(position) => position + 1,
                None => {
                    return Err(refused(
                        400,
                        &format!("No such object: '{id}'"),
                        "resource_missing",
                        "starting_after",
                    ));
                }
            },
        };
        let shown = &list[start..list.len().min(start + limit)];
        let mut body = String::from(r#"{"object":"list","data":["#);
        for (index, object) in shown.iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            body.push_str(&object.json);
        }
        let has_more = start + shown.len() < list.len();
        let end = format!(r#"],"has_more":{has_more},"url":"{}"}}"#, request.path);
        body.push_str(&end);
        Ok(Reply::json(200, body))
    }

    /// Where an object stands in a list, which has the newest first or is of things without a time.
    fn position(&self, id: &str, list: &[Object]) -> Option<usize> {
        let made = self.made.get(id).copied().unwrap_or_default();
        let start = list.partition_point(|object| object.created > made);
        let found = list[start..].iter().position(|object| object.id == id);
        found.map(|position| start + position)
    }
}

fn connected(id: &str) -> Object {
    Object {
        id: id.to_owned(),
        created: 0,
        json: format!(r#"{{"id":"{id}","object":"account"}}"#),
    }
}

/// The objects that stand in files of list pages, each as it stands there.
pub fn objects_in(text: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
    }
    let mut seen = BTreeSet::new();
    let mut objects = Vec::new();
    for list in serde_json::Deserializer::from_str(text).into_iter::<List<'_>>() {
        for raw in list.expect("a list page").data {
            if seen.insert(raw.get().to_owned()) {
                objects.push(raw.get().to_owned());
            }
        }
    }
    objects
}
