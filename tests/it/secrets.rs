//! No secret of any kind reaches what is said or written: not where all goes well, and not where a server repeats, in its
//! refusal, all that it was sent.

use crate::fakes::google::{Google, READ, events_in};
use crate::fakes::imap::{Server, Store};
use crate::fakes::stripe::{Stripe, objects_in};
use crate::fakes::{Fake, Reply, Request, never};
use crate::live::google_source;
use crate::live_google_login::{browser, kept_tokens, private_key};
use crate::live_rebuild::{CALENDAR, demo, words};
use rebook::model::{Memory, SourceKind};
use rebook::pull::live::LiveSource as _;
use rebook::pull::live::google::{Calendars, Credential};
use rebook::pull::{FileSource, Pulled, read};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// As long as real ones are.
const KEY: &str = "rk_live_51HushStripeKeyOfNobodyAtAll0000";
const TOKEN: &str = "ya29.a0HushAccessTokenOfNobodyAtAll000000";
const CLIENT: &str = "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";
const PASSWORD: &str = "hush \"word\" of\\nobody";
const MAIL_TOKEN: &str = "EwBHushMailTokenOfNobodyAtAll00000000000";

/// Files that hold a secret because somebody put it there.
const OWN: [&str; 4] = ["password", "key.json", "client.json", "client.tokens.json"];

/// What must not be found anywhere.
struct Hush(Vec<(&'static str, String)>);

impl Hush {
    fn new(private_key: &str) -> Self {
        let line = |number| private_key.lines().nth(number).unwrap_or(private_key).to_owned();
        Self(vec![
            ("the Stripe key", KEY.to_owned()),
            ("the access token", TOKEN.to_owned()),
            ("the client's secret", CLIENT.to_owned()),
            ("the refresh token", "1//hush-refresh".to_owned()),
            ("the private key", line(2)),
            ("the private key, in JSON", line(3)),
            // How the head of one begins: `{"alg":"RS256"`, `{"typ":"JWT"`.
            ("the signed assertion", "eyJhbGciOiJSUzI1NiI".to_owned()),
            ("the signed assertion", "eyJ0eXAiOiJKV1Qi".to_owned()),
            ("the password", PASSWORD.to_owned()),
            ("a part of the password", "of\\\\nobody".to_owned()),
            ("the password's login", "AGFubgBodXNo".to_owned()),
            ("the mail token", MAIL_TOKEN.to_owned()),
            // Of `user=ann^Aauth=Bearer `.
            (
                "the mail token's login",
                "dXNlcj1hbm4BYXV0aD1CZWFyZXIg".to_owned(),
            ),
        ])
    }

    fn assert_untold(&self, folder: &Path, said: &str) {
        let look = |place: &str, bytes: &[u8]| {
            for (what, secret) in &self.0 {
                let found = memchr::memmem::find(bytes, secret.as_bytes());
                assert!(
                    found.is_none(),
                    "{place} holds {what}: {}",
                    String::from_utf8_lossy(&bytes[..bytes.len().min(3_000)])
                );
            }
        };
        look("what was said", said.as_bytes());
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !OWN.iter().any(|own| path.ends_with(own)) {
                    look(&path.display().to_string(), &fs::read(&path).expect("a file"));
                }
            }
        }
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("RUST_BACKTRACE", "full")
        .env("STRIPE_API_KEY", KEY)
        .env("CALENDAR_TOKEN", TOKEN)
        .env("MAIL_TOKEN", MAIL_TOKEN)
        .output()
        .expect("the program can be started")
}

/// The demo with each source on a server, by these lines of its configuration.
fn world(stripe: &str, calendar: &str, mail: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(demo().join("backup.sql"), folder.path().join("backup.sql")).expect("the demo");
    fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).expect("a new file");
    let config = fs::read_to_string(demo().join("rebook.toml")).expect("the demo");
    let config = config
        .replace("path = \"stripe\"", stripe)
        .replace("path = \"calendar\"", calendar)
        .replace("path = \"mail\"", mail);
    fs::write(folder.path().join("rebook.toml"), config).expect("a new file");
    folder
}

/// A login's client, and the tokens that are kept of it.
fn log_in(folder: &Path, server: &str) {
    let path = folder.join("client.json");
    let client = serde_json::json!({"installed": {"client_id": "me", "client_secret": CLIENT, "redirect_uris": [],
        "auth_uri": format!("{server}/auth"), "token_uri": format!("{server}/token")}});
    fs::write(&path, client.to_string()).expect("a new file");
    let mut source = google_source(server, TOKEN);
    source.credential = Credential::Login {
        client: path,
        browser: browser(),
        wait: Duration::from_mins(1),
    };
    source.calendars = Calendars::Named(vec![CALENDAR.to_owned()]);
    let shelf = crate::live::Shelf::for_pages(usize::MAX);
    source.pull(&Memory::default(), &shelf).expect("a login");
    assert!(kept_tokens(&folder.join("client.tokens.json")).contains("1//hush-refresh"));
}

fn service_account(folder: &Path, server: &str, private_key: &str) {
    let key = serde_json::json!({"type": "service_account", "private_key": private_key,
        "client_email": "reader@project.iam.example", "token_uri": format!("{server}/token")});
    fs::write(folder.join("key.json"), key.to_string()).expect("a new file");
}

const COMMANDS: [&[&str]; 12] = [
    &["doctor", "-v"],
    &["doctor", "--json"],
    &["pull", "-v"],
    &["rebuild", "-v"],
    &["status", "-v"],
    &["status", "--json"],
    &["bookings", "--json"],
    &["money", "--csv"],
    &["report", "-v"],
    &["sheet", "--html", "sheet.html"],
    &["export", "-v", "--skip-flagged", "--out", "reload.sql"],
    &["pull", "--json", "-v"],
];

#[test]
fn where_all_goes_well_no_secret_is_told() {
    let Some(private_key) = private_key() else { return };
    let hush = Hush::new(&private_key);
    let stripe = Stripe::with_key(KEY);
    for name in ["charges", "customers", "payment_intents", "refunds"] {
        let text = fs::read_to_string(demo().join(format!("stripe/{name}.json"))).expect("the demo");
        for object in objects_in(&text) {
            stripe.add("", &object);
        }
    }
    let google = Google::with_token(TOKEN);
    let text = fs::read_to_string(demo().join(format!("calendar/{CALENDAR}.json"))).expect("the demo");
    for event in events_in(&text) {
        google.put(CALENDAR, &event);
    }
    let mut store = Store {
        password: Some(PASSWORD.to_owned()),
        ..Store::with_mails(0)
    };
    let source = FileSource {
        name: "mail".to_owned(),
        kind: SourceKind::Mail,
        path: demo().join("mail"),
    };
    read(&source, &mut |pulled| {
        if let Pulled::Record(record) = pulled {
            let next = store.mails.len() as u32 + 1;
            store
                .mails
                .insert(next, String::from_utf8_lossy(&record.bytes).into_owned());
        }
        Ok(())
    })
    .expect("readable mails");
    let stripe = Fake::start(Box::new(move |request| stripe.answer(request)), Box::new(never));
    let google = Fake::start(Box::new(move |request| google.answer(request)), Box::new(never));
    let mailbox = Server::start(store);
    let calendars = format!("calendars = [\"{CALENDAR}\"]\nbase_url = \"{}\"", google.url);
    for calendar in [
        "login = \"client.json\"",
        "service_account = \"key.json\"",
        "token = { env = \"CALENDAR_TOKEN\" }",
    ] {
        let folder = world(
            &format!(
                "api_key = {{ env = \"STRIPE_API_KEY\" }}\nbase_url = \"{}\"",
                stripe.url
            ),
            &format!("{calendar}\n{calendars}"),
            &format!(
                "imap = \"{}\"\npassword = {{ file = \"password\" }}",
                mailbox.url()
            ),
        );
        let path = folder.path();
        log_in(path, &google.url);
        service_account(path, &google.url, &private_key);
        let mut said = String::new();
        for arguments in COMMANDS {
            let output = run(path, arguments);
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{arguments:?}: {}",
                words(&output)
            );
            said += &words(&output);
        }
        assert!(
            said.contains("stripe: 0 new") || said.contains("\"new\":0"),
            "{said}"
        );
        assert!(path.join("report/index.html").exists() && path.join("reload.sql").exists());
        hush.assert_untold(path, &said);
    }
}

/// Repeats all that it was sent, in words and in every field of an error.
fn repeated(request: &Request, status: u16) -> Reply {
    let told = format!(
        "{} {} {}",
        request.header("authorization").unwrap_or_default(),
        request.target,
        String::from_utf8_lossy(&request.body)
    );
    let escaped = |form: &str| form.replace('+', " ").replace("%2F", "/").replace("%3A", ":");
    let body = if request.path == "/token" {
        serde_json::json!({"error": "invalid_grant", "error_description": escaped(&told)})
    } else {
        serde_json::json!({"error": {"message": told, "code": status, "status": told,
            "errors": [{"reason": told, "message": told}]}})
    };
    Reply::json(status, body.to_string())
}

#[test]
fn a_server_that_repeats_what_it_was_sent_makes_no_secret_known() {
    let Some(private_key) = private_key() else { return };
    let hush = Hush::new(&private_key);
    // Lets everybody in at first, so that there is a login to be kept.
    let is_kind = Arc::new(AtomicBool::new(true));
    let google = Google::with_token(TOKEN);
    google.put(
        CALENDAR,
        r#"{"kind":"calendar#event","id":"e1","status":"confirmed"}"#,
    );
    for (google_status, stripe_status, has_plain) in [(401, 401, true), (403, 400, false), (400, 403, true)] {
        let (kind, answering) = (is_kind.clone(), google.clone());
        let google = Fake::start(
            Box::new(move |request| match request.path.as_str() {
                _ if kind.load(Ordering::SeqCst) => answering.answer(request),
                "/tokeninfo" if google_status == 401 => {
                    Reply::json(200, serde_json::json!({"scope": READ}).to_string())
                }
                _ => repeated(request, google_status),
            }),
            Box::new(never),
        );
        let stripe = Fake::start(
            Box::new(move |request| repeated(request, stripe_status)),
            Box::new(never),
        );
        let mailbox = Server::start(Store {
            is_parrot: true,
            has_plain,
            ..Store::with_mails(1)
        });
        let calendars = format!("calendars = [\"{CALENDAR}\"]\nbase_url = \"{}\"", google.url);
        for (calendar, mail) in [
            ("login = \"client.json\"", "password = { file = \"password\" }"),
            (
                "service_account = \"key.json\"",
                "oauth_token = { env = \"MAIL_TOKEN\" }",
            ),
            (
                "token = { env = \"CALENDAR_TOKEN\" }",
                "password = { file = \"password\" }",
            ),
        ] {
            let folder = world(
                &format!(
                    "api_key = {{ env = \"STRIPE_API_KEY\" }}\nbase_url = \"{}\"",
                    stripe.url
                ),
                &format!("{calendar}\n{calendars}"),
                &format!("imap = \"{}\"\n{mail}", mailbox.url()),
            );
            let path = folder.path();
            is_kind.store(true, Ordering::SeqCst);
            log_in(path, &google.url);
            service_account(path, &google.url, &private_key);
            is_kind.store(false, Ordering::SeqCst);
            let mut said = String::new();
            for arguments in COMMANDS {
                said += &words(&run(path, arguments));
            }
            for source in ["stripe", "calendar", "mail"] {
                assert!(
                    said.contains(&format!("{source}: 0 new, 0 changed, 0 known, not read")),
                    "{said}"
                );
            }
            assert!(said.contains("does not let ann in"), "{said}");
            hush.assert_untold(path, &said);
        }
        // They had it all.
        let log = stripe.log();
        assert!(log.iter().any(|request| {
            request
                .header("authorization")
                .is_some_and(|key| key.contains(KEY))
        }));
        let bodies: Vec<String> = google
            .log()
            .iter()
            .map(|request| String::from_utf8_lossy(&request.body).into_owned())
            .collect();
        assert!(
            bodies.iter().any(|body| body.contains("assertion=eyJ")),
            "{bodies:?}"
        );
        assert!(
            google_status != 401 || bodies.iter().any(|body| body.contains("hush-refresh")),
            "{bodies:?}"
        );
        let login = if has_plain { "AGFubgBodXNo" } else { "of\\\\nobody" };
        let told = mailbox.log().concat();
        assert!(
            told.contains(login) && told.contains("dXNlcj1hbm4BYXV0aD1CZWFyZXIg"),
            "{told}"
        );
    }
}
