//! What the sources over HTTP keep to beyond the contract of all sources (`contract.rs`).
//!
//! The servers are strict fakes of the published APIs. Staging is the real one, so that what is resumed is what was
//! committed, and no more.

use crate::fakes::google::Google;
use crate::fakes::stripe::Stripe;
use crate::fakes::{Fake, Fault, Request, never};
use chrono::{DateTime, Utc};
use rebook::model::{Manifest, Memory, Page, Problem, RecordId};
use rebook::pull::live::google::{Calendars, Credential, GoogleSource};
use rebook::pull::live::retry::Patience;
use rebook::pull::live::stripe::{Accounts, StripeSource};
use rebook::pull::live::{LiveError, LiveSource, Post, Secret};
use rebook::pull::{FileSource, PullError, Pulled};
use rebook::store::Staging;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const KEY: &str = "rk_live_hush";
pub const TOKEN: &str = "ya29.hush";
const CALENDAR: &str = "bikes#1@hire.example";

pub fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

const PATIENCE: Patience = Patience {
    attempts_max: 12,
    first_wait: Duration::from_millis(2),
    wait_max: Duration::from_millis(20),
    answer_wait: Duration::from_secs(90),
};

/// Takes no more pages than so many.
pub struct Shelf {
    pub pages: Mutex<Vec<Page>>,
    left: AtomicUsize,
    now: DateTime<Utc>,
}

impl Shelf {
    pub fn for_pages(pages: usize) -> Self {
        Self {
            pages: Mutex::default(),
            left: AtomicUsize::new(pages),
            now: moment("2026-06-01T00:00:00Z"),
        }
    }
}

impl Post for Shelf {
    fn keep(&self, page: Page) -> Result<(), LiveError> {
        let taken = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if taken.is_err() {
            return Err(LiveError::Cancelled);
        }
        self.pages.lock().expect("pages").push(page);
        Ok(())
    }

    fn expect(&self, _: u64) {}

    fn is_cancelled(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

/// A staging of its own for each test.
pub struct Bench {
    _folder: tempfile::TempDir,
    path: PathBuf,
    staging: Staging,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("staging.db");
        let staging = Staging::open(&path).expect("a new staging");
        Self {
            _folder: folder,
            path,
            staging,
        }
    }

    /// Pulls until the end or until so many pages were kept.
    pub fn pull_pages(&mut self, source: &dyn LiveSource, pages: usize) -> Result<(), LiveError> {
        let at = "2026-06-01T00:00:00Z";
        let (pull, memory) = self
            .staging
            .begin_pull(
                source.name(),
                source.kind(),
                &source.asked(),
                at,
                "2026-05-31T00:00:00Z",
            )
            .expect("a pull begins");
        let shelf = Shelf::for_pages(pages);
        let outcome = source.pull(&memory, &shelf);
        // In one transaction, as pages that wait in line are kept by the program too.
        let pages = shelf.pages.into_inner().expect("pages");
        self.staging
            .put_pages(source.name(), pull, &pages)
            .expect("staging keeps pages");
        let words = outcome.as_ref().err().map(LiveError::to_string);
        self.staging
            .end_pull(pull, at, words.as_deref())
            .expect("a pull ends");
        outcome
    }

    pub fn pull(&mut self, source: &dyn LiveSource) {
        if let Err(error) = self.pull_pages(source, usize::MAX) {
            panic!("{error} ({})", error.hint());
        }
    }

    pub fn fails(&mut self, source: &dyn LiveSource) -> String {
        let error = self.pull_pages(source, usize::MAX).expect_err("it must fail");
        format!("{error}; {}", error.hint())
    }

    pub fn dump(&self) -> Vec<String> {
        dump(&self.path)
    }

    /// Pulls files, until the end or until so many records were kept; whether it came to the end.
    pub fn pull_files(&mut self, source: &FileSource, records: usize) -> bool {
        let mut kept = Vec::new();
        let mut problems = Vec::new();
        let outcome = rebook::pull::read(source, &mut |pulled| {
            match pulled {
                Pulled::Record(_) if kept.len() == records => {
                    return Err(PullError::NotKept("cut short".into()));
                }
                Pulled::Record(record) => kept.push(record),
                Pulled::Problem(problem) => problems.push(problem),
                Pulled::Progress { .. } => {}
            }
            Ok(())
        });
        self.staging
            .put_records(&source.name, source.kind, &kept, None)
            .expect("staging keeps records");
        if outcome.is_ok() {
            self.staging
                .finish_files(&source.name, source.kind, &problems, "2026-06-01T00:00:00Z")
                .expect("a pull ends");
        }
        outcome.is_ok()
    }

    /// What a pull that goes on, or begins, would be told.
    pub fn memory(&mut self, source: &dyn LiveSource) -> Memory {
        let (at, oldest) = ("2026-06-01T00:00:00Z", "2026-05-31T00:00:00Z");
        let begun = self
            .staging
            .begin_pull(source.name(), source.kind(), &source.asked(), at, oldest);
        begun.expect("a pull begins").1
    }

    /// The bytes of a record.
    pub fn bytes(&self, id: &str) -> Vec<u8> {
        let record = self.staging.record(&RecordId(id.to_owned())).expect("readable");
        record.unwrap_or_else(|| panic!("{id} is not there")).bytes
    }

    pub fn manifest(&self) -> Manifest {
        let mut manifests = self.staging.manifests().expect("readable");
        assert_eq!(manifests.len(), 1);
        manifests.remove(0)
    }

    pub fn problems(&self) -> Vec<Problem> {
        self.staging.problems().expect("readable")
    }
}

/// Every revision of every record, in order: id, container, kind, hash, bytes, and which is the current one.
pub fn dump(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).expect("staging");
    let mut statement = connection
        .prepare(
            "SELECT id, container, object, hex(hash), zlib, revision.seq = record.current FROM record
             JOIN revision ON revision.record = record.seq ORDER BY id, hash",
        )
        .expect("the layout of staging");
    let rows = statement.query_map([], |row| {
        let texts: (String, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let (zlib, is_current): (Vec<u8>, bool) = (row.get(4)?, row.get(5)?);
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(zlib.as_slice())
            .read_to_end(&mut bytes)
            .expect("bytes as they were packed");
        Ok(format!(
            "{texts:?} {} {is_current}",
            String::from_utf8_lossy(&bytes)
        ))
    });
    rows.expect("records").collect::<Result<_, _>>().expect("rows")
}

/// A source of one kind on a server of its own.
pub struct Subject {
    pub fake: Fake,
    pub source: Box<dyn LiveSource>,
    /// Changes one thing that is there, and adds one.
    pub change: Box<dyn Fn()>,
    /// Makes every cursor that was given useless.
    pub forget_cursors: Box<dyn Fn()>,
    pub records: usize,
}

pub type Failing = Box<dyn Fn(&Request) -> Option<Fault> + Send + Sync>;

pub fn charge(number: usize, created: i64, more: &str) -> String {
    format!(
        r#"{{"id":"ch_{number:04}","object":"charge","amount":{},"created":{created},"source":{{"object":"fax"}},"of_the_future":{{"a":[1,  2]}}{more}}}"#,
        1000 + number
    )
}

/// The window of the tests, in epoch seconds.
pub const FROM: i64 = 1_767_225_600;
pub const LOSS: i64 = 1_777_593_600;

pub fn stripe(fail: Failing) -> (Stripe, Subject) {
    let stripe = Stripe::with_key(KEY);
    for number in 0..950_usize {
        // Several of one second, some after the loss, some before the window.
        let created = FROM - 400_000 + (number as i64 / 3) * 36_000;
        stripe.add("", &charge(number, created, ""));
    }
    for number in 0..7 {
        stripe.add(
            "",
            &format!(
                r#"{{"id":"re_{number}","object":"refund","created":{}}}"#,
                FROM + number
            ),
        );
    }
    let records = {
        let from_window = |number: &usize| (*number as i64 / 3) * 36_000 >= 400_000;
        (0..950_usize).filter(from_window).count() + 7
    };
    let answering = stripe.clone();
    let fake = Fake::start(Box::new(move |request| answering.answer(request)), fail);
    let source = stripe_source(&fake.url, KEY, Accounts::Own);
    let (changing, forgetting) = (stripe.clone(), stripe.clone());
    let subject = Subject {
        fake,
        source: Box::new(source),
        change: Box::new(move || {
            changing.add("", &charge(500, FROM + 1_000_000, r#","refunded":true"#));
            changing.add("", &charge(2_000, FROM + 2_000_000, ""));
        }),
        forget_cursors: Box::new(move || forgetting.remove("", "ch_none")),
        records,
    };
    (stripe, subject)
}

pub fn stripe_source(url: &str, key: &str, accounts: Accounts) -> StripeSource {
    let key = Secret::new(key);
    StripeSource {
        name: "stripe".to_owned(),
        key: Arc::new(move || Ok(key.clone())),
        accounts,
        allow_full_key: false,
        base_url: Some(url.to_owned()),
        learn_from: DateTime::from_timestamp(FROM, 0).expect("a moment"),
        loss: DateTime::from_timestamp(LOSS, 0).expect("a moment"),
        patience: PATIENCE,
    }
}

pub fn event(id: &str, more: &str) -> String {
    format!(
        "{{\"kind\": \"calendar#event\", \"id\": \"{id}\", \"updated\": \"2026-02-01T10:00:00.000Z\", \"status\": \"confirmed\",\
         \"start\": {{\"dateTime\": \"2026-02-03T10:00:00+01:00\"}}, \"of_the_future\":  true{more}}}"
    )
}

pub fn google(fail: Failing) -> (Google, Subject) {
    let google = Google::with_token(TOKEN);
    for number in 0..60 {
        google.put(CALENDAR, &event(&format!("e{number:03}"), ""));
    }
    google.put(
        CALENDAR,
        r#"{"kind": "calendar#event", "id": "gone1", "status": "cancelled"}"#,
    );
    google.put(
        CALENDAR,
        &event("weekly", r#", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]"#),
    );
    let dates = ["20260203", "20260210", "20260217"]
        .map(|day| event(&format!("weekly_{day}"), r#", "recurringEventId": "weekly""#));
    google.dates(CALENDAR, "weekly", &dates.each_ref().map(String::as_str));
    // An invitation stands in both calendars under one id.
    google.put("van@hire.example", &event("e000", ""));
    google.put("van@hire.example", &event("v1", ""));
    google.lock().page_max = 10;
    let answering = google.clone();
    let fake = Fake::start(Box::new(move |request| answering.answer(request)), fail);
    let source = google_source(&fake.url, TOKEN);
    let (changing, forgetting) = (google.clone(), google.clone());
    let subject = Subject {
        fake,
        source: Box::new(source),
        change: Box::new(move || {
            changing.put(CALENDAR, &event("e005", r#", "summary": "moved""#));
            changing.put(CALENDAR, &event("e900", ""));
        }),
        forget_cursors: Box::new(move || forgetting.lock().oldest_sync = usize::MAX),
        records: 60 + 1 + 1 + 3 + 2,
    };
    (google, subject)
}

pub fn google_source(url: &str, token: &str) -> GoogleSource {
    let token = Secret::new(token);
    GoogleSource {
        name: "calendar".to_owned(),
        credential: Credential::Token(Arc::new(move || Ok(token.clone()))),
        calendars: Calendars::All,
        base_url: Some(url.to_owned()),
        learn_from: DateTime::from_timestamp(FROM, 0).expect("a moment"),
        loss: DateTime::from_timestamp(LOSS, 0).expect("a moment"),
        patience: PATIENCE,
    }
}

#[test]
fn a_server_that_does_not_answer_is_asked_again() {
    // One answer in five takes longer than is waited for.
    let slow: fn(&Request) -> Option<Fault> =
        |request| (request.number % 5 == 3).then_some(Fault::Slow(Duration::from_secs(5)));
    let impatient = Patience {
        answer_wait: Duration::from_secs(1),
        ..PATIENCE
    };
    let (_, subject) = stripe(Box::new(slow));
    let mut source = stripe_source(&subject.fake.url, KEY, Accounts::Own);
    source.patience = impatient;
    let mut bench = Bench::new();
    bench.pull(&source);
    assert_eq!(bench.dump().len(), subject.records);
    let (_, subject) = google(Box::new(slow));
    let mut source = google_source(&subject.fake.url, TOKEN);
    source.patience = impatient;
    let mut bench = Bench::new();
    bench.pull(&source);
    assert_eq!(bench.dump().len(), subject.records);
    // None ever does.
    let (_, subject) = stripe(Box::new(|_| Some(Fault::Slow(Duration::from_secs(5)))));
    let mut source = stripe_source(&subject.fake.url, KEY, Accounts::Own);
    source.patience = Patience {
        attempts_max: 2,
        answer_wait: Duration::from_millis(100),
        ..PATIENCE
    };
    let words = Bench::new().fails(&source);
    assert!(
        words.contains("asked 2 times: no whole answer within 0.1 s"),
        "{words}"
    );
}

#[test]
fn a_server_that_gives_the_same_page_for_ever_is_left() {
    let stripe = Fake::start(
        Box::new(|request| {
            let object = charge(1, FROM, "");
            let body = format!(
                r#"{{"object":"list","data":[{object}],"has_more":true,"url":"{}"}}"#,
                request.path
            );
            crate::fakes::Reply::json(200, body)
        }),
        Box::new(never),
    );
    let words = Bench::new().fails(&stripe_source(&stripe.url, KEY, Accounts::Own));
    assert!(words.contains("again and again"), "{words}");
    let google = Fake::start(
        Box::new(|request| {
            let scope = crate::fakes::google::READ;
            crate::fakes::Reply::json(
                200,
                match request.path.as_str() {
                    "/tokeninfo" => format!(r#"{{"scope":"{scope}"}}"#),
                    "/calendar/v3/users/me/calendarList" => r#"{"items":[{"id":"a@b.example"}]}"#.to_owned(),
                    _ => r#"{"items":[],"nextPageToken":"p"}"#.to_owned(),
                },
            )
        }),
        Box::new(never),
    );
    let words = Bench::new().fails(&google_source(&google.url, TOKEN));
    assert!(words.contains("again and again"), "{words}");
}

#[test]
fn new_charges_during_the_pull_shift_no_page() {
    let stripe = Stripe::with_key(KEY);
    for number in 0..500 {
        stripe.add("", &charge(number, LOSS + number as i64, ""));
    }
    let growing = stripe.clone();
    let fake = Fake::start(
        Box::new(move |request| {
            // Somebody pays between any two pages.
            growing.add("", &charge(5_000 + request.number, LOSS + 10_000, ""));
            growing.answer(request)
        }),
        Box::new(never),
    );
    let mut bench = Bench::new();
    bench.pull(&stripe_source(&fake.url, KEY, Accounts::Own));
    let ids: BTreeSet<String> = bench.dump().into_iter().collect();
    for number in 0..500 {
        let id = format!("stripe:ch_{number:04}");
        assert!(ids.iter().any(|line| line.contains(&id)), "{id} is missing");
    }
}

#[test]
fn events_that_change_while_their_calendar_is_read_are_met_as_they_are() {
    let (google, _) = google(Box::new(never));
    let growing = google.clone();
    let fake = Fake::start(
        Box::new(move |request| {
            // Between any two pages one is added, and one that was read and one that was not are moved.
            let number = request.number;
            growing.put(CALENDAR, &event(&format!("new{number}"), ""));
            let moved = format!(r#", "summary": "moved {number}""#);
            growing.put(CALENDAR, &event("e001", &moved));
            growing.put(CALENDAR, &event("e059", &moved));
            growing.lock().page_max = 15;
            growing.answer(request)
        }),
        Box::new(never),
    );
    let mut bench = Bench::new();
    bench.pull(&google_source(&fake.url, TOKEN));
    let asked = fake.log().len();
    let current: Vec<String> = bench
        .dump()
        .into_iter()
        .filter(|line| line.ends_with(" true"))
        .collect();
    for number in 0..60 {
        let id = format!("\"calendar:e{number:03}\"");
        assert!(current.iter().any(|line| line.contains(&id)), "{id} is missing");
    }
    // What came after the last page of its calendar comes with the next pull, and nothing is asked twice for ever.
    assert!(asked < 40, "{asked} requests");
    let still = Fake::start(Box::new(move |request| google.answer(request)), Box::new(never));
    let mut source = google_source(&still.url, TOKEN);
    source.base_url = Some(still.url.clone());
    bench.pull(&source);
    let last = format!("moved {}", asked - 1);
    for id in ["e001", "e059"] {
        let id = format!("\"calendar:{id}\"");
        let line = bench
            .dump()
            .into_iter()
            .find(|line| line.contains(&id) && line.ends_with(" true"));
        assert!(
            line.is_some_and(|line| line.contains(&last)),
            "{id} is not {last}"
        );
    }
}

#[test]
fn a_server_whose_clock_is_ahead_loses_nothing() {
    // This machine's clock stands in the tests at the beginning of June.
    let stripe = Stripe::with_key(KEY);
    let ahead = moment("2026-06-03T00:00:00Z").timestamp();
    for number in 0..250 {
        stripe.add("", &charge(number, ahead - 125 + number as i64, ""));
    }
    let fake = Fake::start(Box::new(move |request| stripe.answer(request)), Box::new(never));
    let source = stripe_source(&fake.url, KEY, Accounts::Own);
    let mut bench = Bench::new();
    bench.pull(&source);
    assert_eq!(bench.dump().len(), 250);
    // Nor is anything read twice, or passed over, where it goes on.
    let mut bench = Bench::new();
    assert!(bench.pull_pages(&source, 2).is_err());
    bench.pull(&source);
    assert_eq!(bench.dump().len(), 250);
}

#[test]
fn a_cursor_whose_object_was_deleted_begins_its_slice_anew() {
    let (stripe, subject) = stripe(Box::new(never));
    let mut bench = Bench::new();
    bench.pull_pages(&*subject.source, 5).expect_err("cut short");
    for part in bench.manifest().parts {
        if let Some(cursor) = part.cursor {
            stripe.remove("", &cursor);
        }
    }
    bench.pull(&*subject.source);
    assert_eq!(
        bench.dump().len(),
        subject.records,
        "deleted ones were read before"
    );
}

#[test]
fn every_account_is_read_with_its_own_header() {
    let (stripe, subject) = stripe(Box::new(never));
    stripe.lock().connected = vec!["acct_1".to_owned(), "acct_2".to_owned()];
    stripe.add("acct_1", &charge(7_001, FROM + 5, ""));
    stripe.add("acct_2", &charge(7_002, FROM + 5, ""));
    let mut bench = Bench::new();
    bench.pull(&stripe_source(&subject.fake.url, KEY, Accounts::All));
    assert_eq!(bench.dump().len(), subject.records + 2);
    let id = RecordId("stripe:ch_7002".to_owned());
    let record = bench.staging.record(&id).expect("readable").expect("is there");
    assert_eq!(record.container, "acct_2");
    let mut bench = Bench::new();
    bench.pull(&stripe_source(
        &subject.fake.url,
        KEY,
        Accounts::Named(vec!["acct_1".to_owned()]),
    ));
    assert_eq!(bench.dump().len(), 1);
    let words = Bench::new().fails(&stripe_source(
        &subject.fake.url,
        KEY,
        Accounts::Named(vec!["acct_9".to_owned()]),
    ));
    assert!(words.contains("acct_9"), "{words}");
}

#[test]
fn all_items_of_a_session_are_read() {
    let stripe = Stripe::with_key(KEY);
    let item =
        |number: usize| format!(r#"{{"id":"li_{number:03}","object":"item","amount_total":{number}}}"#);
    let session = format!(
        r#"{{"id":"cs_1","object":"checkout.session","created":{FROM},"line_items":{{"object":"list","data":[{}],"has_more":true}}}}"#,
        item(0)
    );
    stripe.add("", &session);
    let object = |number| crate::fakes::stripe::Object {
        id: format!("li_{number:03}"),
        created: 0,
        json: item(number),
    };
    stripe
        .lock()
        .items
        .insert("cs_1".to_owned(), (0..130).map(object).collect());
    let answering = stripe.clone();
    let fake = Fake::start(
        Box::new(move |request| answering.answer(request)),
        Box::new(never),
    );
    let mut bench = Bench::new();
    bench.pull(&stripe_source(&fake.url, KEY, Accounts::Own));
    assert_eq!(bench.dump().len(), 1 + 129);
}

#[test]
fn missing_permissions_are_named_and_all_else_is_read() {
    let (stripe, subject) = stripe(Box::new(never));
    stripe
        .lock()
        .keys
        .insert(KEY.to_owned(), vec!["invoice", "dispute"]);
    let mut bench = Bench::new();
    let words = bench.fails(&*subject.source);
    for part in ["invoices", "disputes", "tick Read for Disputes, Invoices"] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(bench.dump().len(), subject.records, "the others were read");
    stripe.lock().keys.insert(KEY.to_owned(), Vec::new());
    bench.pull(&*subject.source);
}

#[test]
fn a_key_that_could_write_is_refused_before_anything_is_sent() {
    let (stripe, subject) = stripe(Box::new(never));
    for key in ["sk_live_hush", "pk_live_hush", "hush"] {
        let words = Bench::new().fails(&stripe_source(&subject.fake.url, key, Accounts::Own));
        assert!(!words.contains("hush"), "{words}");
    }
    assert!(subject.fake.log().is_empty());
    stripe.lock().keys.insert("sk_live_hush".to_owned(), Vec::new());
    let mut source = stripe_source(&subject.fake.url, "sk_live_hush", Accounts::Own);
    source.allow_full_key = true;
    Bench::new().pull(&source);
    subject.fake.assert_only_get(None);
    let words = Bench::new().fails(&stripe_source(
        &subject.fake.url,
        "rk_live_revoked",
        Accounts::Own,
    ));
    assert!(
        words.contains("does not take the key") && !words.contains("rk_live_revoked"),
        "{words}"
    );
    stripe.lock().keys.insert("rk_test_hush".to_owned(), Vec::new());
    let mut bench = Bench::new();
    bench.pull(&stripe_source(&subject.fake.url, "rk_test_hush", Accounts::Own));
    assert!(
        bench
            .problems()
            .iter()
            .any(|problem| problem.message.contains("test-mode"))
    );
}

#[test]
fn a_token_that_can_write_is_refused_before_an_event_is_read() {
    let (google, subject) = google(Box::new(never));
    google.lock().tokens.insert(
        TOKEN.to_owned(),
        "https://www.googleapis.com/auth/calendar".to_owned(),
    );
    let words = Bench::new().fails(&*subject.source);
    assert!(
        words.contains("auth/calendar") && words.contains("calendar.events.readonly"),
        "{words}"
    );
    assert!(
        subject
            .fake
            .log()
            .iter()
            .all(|request| request.path == "/tokeninfo")
    );
    assert!(!words.contains(TOKEN));
}

#[test]
fn a_token_that_runs_out_during_the_pull_is_fetched_again() {
    let (google, subject) = google(Box::new(never));
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, world) = (asked.clone(), google.clone());
    let mut source = google_source(&subject.fake.url, TOKEN);
    source.credential = Credential::Token(Arc::new(move || {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let token = format!("ya29.number{number}");
        let mut world = world.lock();
        world.tokens.clear();
        world
            .tokens
            .insert(token.clone(), crate::fakes::google::READ.to_owned());
        Ok(Secret::new(&token))
    }));
    let revoking = google.clone();
    let fake = Fake::start(
        Box::new(move |request| {
            if request.number == 4 {
                revoking.lock().tokens.clear();
            }
            revoking.answer(request)
        }),
        Box::new(never),
    );
    source.base_url = Some(fake.url.clone());
    let mut bench = Bench::new();
    bench.pull(&source);
    assert_eq!(bench.dump().len(), subject.records);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_calendar_that_is_not_shared_does_not_hide_the_others() {
    let (_, subject) = google(Box::new(never));
    let mut source = google_source(&subject.fake.url, TOKEN);
    source.calendars = Calendars::Named(vec![
        "van@hire.example".to_owned(),
        "lost@hire.example".to_owned(),
    ]);
    let mut bench = Bench::new();
    let words = bench.fails(&source);
    assert!(
        words.contains("lost@hire.example") && words.contains("share the calendar"),
        "{words}"
    );
    assert_eq!(bench.dump().len(), 2);
}

#[test]
fn events_that_a_whole_listing_tells_no_more_of_are_said() {
    let (google, subject) = google(Box::new(never));
    let mut bench = Bench::new();
    bench.pull(&*subject.source);
    google.forget(CALENDAR, "e007");
    (subject.forget_cursors)();
    bench.pull(&*subject.source);
    let problems = bench.problems();
    assert!(
        problems.iter().any(|problem| problem.message.contains("e007")),
        "{problems:?}"
    );
}

#[test]
fn an_event_in_two_calendars_is_two_records() {
    let (_, subject) = google(Box::new(never));
    let mut bench = Bench::new();
    bench.pull(&*subject.source);
    let dump = bench.dump();
    let of = |id: &str| {
        dump.iter()
            .find(|line| line.starts_with(&format!("(\"{id}\"")))
            .cloned()
    };
    assert!(of("calendar:e000").is_some_and(|line| line.contains(CALENDAR)));
    assert!(of("calendar:e000@van@hire.example").is_some());
}

#[test]
fn nothing_goes_without_tls_to_another_machine() {
    let mut bench = Bench::new();
    let words = bench.fails(&stripe_source("http://stripe.example", KEY, Accounts::Own));
    assert!(words.contains("without TLS"), "{words}");
    let words = bench.fails(&google_source("http://192.0.2.7:80", TOKEN));
    assert!(words.contains("without TLS"), "{words}");
}

#[test]
fn a_check_says_what_a_credential_may_do() {
    let (stripe, subject) = stripe(Box::new(never));
    stripe.lock().keys.insert(KEY.to_owned(), vec!["invoice"]);
    let permit = check(&*subject.source);
    assert!(
        permit.notes.contains(&"tick Read for: Invoices".to_owned()),
        "{permit:?}"
    );
    // Of more than a page, how many there are is reckoned: about as many as there are.
    let reckoned = permit.records.expect("a number") as f64 / subject.records as f64;
    assert!((0.5..2.0).contains(&reckoned), "{permit:?}");
    let (_, subject) = google(Box::new(never));
    let permit = check(&*subject.source);
    assert_eq!(permit.access, rebook::pull::live::Access::ReadOnly);
    assert!(permit.notes[0].contains("van@hire.example"), "{permit:?}");
    // Listed one by one, but for the dates of series.
    assert_eq!(permit.records, Some(subject.records as u64 - 3));
}

/// What a credential may do; nothing is kept for it.
fn check(source: &dyn LiveSource) -> rebook::pull::live::Permit {
    let shelf = Shelf::for_pages(1);
    let permit = source.check(&shelf).expect("it may read");
    assert!(shelf.pages.into_inner().expect("pages").is_empty());
    permit
}
