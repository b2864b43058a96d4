//! The program itself over servers: it rebuilds what files would give, survives being killed, tells no secret, and says what it
//! could not fetch.

use crate::fakes::google::{Google, events_in};
use crate::fakes::stripe::{Stripe, objects_in};
use crate::fakes::{Fake, Fault, Request, never};
use crate::live::dump;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const KEY: &str = "rk_live_hushhush51";
pub const TOKEN: &str = "ya29.hushhush51";
pub const CALENDAR: &str = "bookings@harbourbikes.example";
/// Part of every secret here: nothing that is written may hold it.
const HUSH: &str = "hushhush51";

pub fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

/// The demo's business on two servers.
pub struct Servers {
    pub stripe: Fake,
    pub google: Fake,
}

pub type Failing = fn(&Request) -> Option<Fault>;

pub fn servers(stripe_fails: Failing, google_fails: Failing) -> Servers {
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
    google.lock().page_max = 20;
    Servers {
        stripe: Fake::start(
            Box::new(move |request| stripe.answer(request)),
            Box::new(stripe_fails),
        ),
        google: Fake::start(
            Box::new(move |request| google.answer(request)),
            Box::new(google_fails),
        ),
    }
}

/// The demo's folder with its sources on servers, mail from its file.
pub fn world(servers: &Servers) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::create_dir(path.join("mail")).expect("a new folder");
    for file in ["mail/confirmations.mbox", "backup.sql"] {
        fs::copy(demo().join(file), path.join(file)).expect("the demo");
    }
    fs::write(path.join("key"), format!("{KEY}\n")).expect("a new file");
    let config = fs::read_to_string(demo().join("rebook.toml")).expect("the demo");
    let live = config
        .replace(
            "path = \"stripe\"",
            &format!("api_key = {{ file = \"key\" }}\nbase_url = \"{}\"", servers.stripe.url),
        )
        .replace(
            "path = \"calendar\"",
            &format!(
                "token = {{ command = [\"printenv\", \"CALENDAR_TOKEN\"] }}\ncalendars = [\"{CALENDAR}\"]\nbase_url = \"{}\"",
                servers.google.url
            ),
        );
    assert_ne!(config, live);
    fs::write(path.join("rebook.toml"), live).expect("a new file");
    folder
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebook"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("CALENDAR_TOKEN", TOKEN);
    command
}

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments)
        .output()
        .expect("the program can be started")
}

pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn bookings(folder: &Path) -> String {
    let output = run(folder, &["bookings", "--json"]);
    assert!(output.status.success(), "{}", words(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Nothing that the program wrote holds a part of a secret: no file but the key's own, no word that it said.
fn assert_no_secret(folder: &Path, said: &str) {
    assert!(!said.contains(HUSH), "{said}");
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("key") {
                let bytes = fs::read(&path).expect("a file");
                let found = memchr::memmem::find(&bytes, HUSH.as_bytes());
                assert!(found.is_none(), "{} holds a secret", path.display());
            }
        }
    }
}

#[test]
fn files_and_servers_give_the_same_bookings() {
    let of_files = tempfile::tempdir().expect("a temporary folder");
    for part in ["stripe", "calendar", "mail"] {
        fs::create_dir(of_files.path().join(part)).expect("a new folder");
        for entry in fs::read_dir(demo().join(part)).expect("the demo").flatten() {
            fs::copy(entry.path(), of_files.path().join(part).join(entry.file_name())).expect("the demo");
        }
    }
    for file in ["rebook.toml", "backup.sql"] {
        fs::copy(demo().join(file), of_files.path().join(file)).expect("the demo");
    }
    let servers = servers(
        |request| (request.number % 11 == 3).then_some(Fault::Status(429, None)),
        |request| (request.number % 5 == 4).then_some(Fault::CutInBody),
    );
    let of_servers = world(&servers);
    let mut said = String::new();
    for folder in [of_files.path(), of_servers.path()] {
        let output = run(folder, &["rebuild"]);
        said += &words(&output);
        assert_eq!(output.status.code(), Some(3), "{said}");
    }
    let expected = bookings(of_files.path());
    assert!(expected.lines().count() > 25, "the demo has bookings");
    assert!(bookings(of_servers.path()) == expected, "they differ");
    let money = |folder: &Path| words(&run(folder, &["money", "--json"]));
    assert!(
        money(of_servers.path()) == money(of_files.path()),
        "the money differs"
    );
    servers.stripe.assert_only_get(None);
    servers.google.assert_only_get(None);
    assert_no_secret(of_servers.path(), &said);
    // The manifest tells what was asked, pages, objects, the first and the last.
    let status = words(&run(of_servers.path(), &["status", "-v"]));
    for part in [
        "the key's own account at http://127.0.0.1",
        "charges created from 2025-10-20T00:27:00Z to before",
        " in 1 page, from 20",
        &format!("events of {CALENDAR}: "),
        "; every event, deleted ones too",
    ] {
        assert!(status.contains(part), "{part} is not in {status}");
    }
    // A second pull finds nothing new and changes nothing.
    let output = run(of_servers.path(), &["pull", "--json"]);
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        assert!(
            line.contains(r#""new":0,"changed":0"#) && line.contains(r#""whole":true"#),
            "{line}"
        );
    }
}

#[test]
fn killed_at_twenty_moments_it_ends_like_one_that_was_not() {
    let slow: Failing = |_| Some(Fault::Slow(Duration::from_millis(8)));
    let servers = servers(slow, slow);
    let whole = world(&servers);
    let begun = Instant::now();
    let output = run(whole.path(), &["pull"]);
    let length = begun.elapsed();
    assert!(output.status.success(), "{}", words(&output));
    let killed = world(&servers);
    kill_twenty_times(length.mul_f64(0.8), || command(killed.path(), &["pull"]));
    let output = run(killed.path(), &["pull"]);
    assert!(output.status.success(), "{}", words(&output));
    let dumps = [whole.path(), killed.path()].map(|folder| dump(&folder.join("staging.db")));
    for source in ["stripe:", "calendar:", "mail:"] {
        let of_source = |dump: &Vec<String>| dump.iter().filter(|line| line.contains(source)).count();
        assert!(of_source(&dumps[0]) > 20, "{source} has records");
    }
    assert!(dumps[0] == dumps[1], "records differ");
    for folder in [whole.path(), killed.path()] {
        assert!(
            run(folder, &["build", "--quiet"])
                .status
                .code()
                .is_some_and(|code| code == 3)
        );
    }
    assert!(
        bookings(killed.path()) == bookings(whole.path()),
        "bookings differ"
    );
    servers.stripe.assert_only_get(None);
    servers.google.assert_only_get(None);
}

/// Starts a pull until twenty were killed at work, each at a moment of its own up to `length`. A pull that came to its end before is
/// followed by one that reads anew.
pub fn kill_twenty_times(length: Duration, pull: impl Fn() -> Command) {
    let mut seed = 0x5eed_u64;
    let mut kills = 0;
    for _ in 0..120 {
        let mut child = pull()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program can be started");
        // Moments drawn from a seed.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(length.mul_f64((seed >> 33) as f64 / (1_u64 << 31) as f64));
        kills += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("a child that is ours");
        child.wait().expect("a child");
        if kills == 20 {
            return;
        }
    }
    panic!("{kills} of 120 pulls were killed at work: it is too short to be interrupted");
}

#[test]
fn a_source_that_fails_stops_no_other_and_is_never_taken_for_empty() {
    let servers = servers(never, |request| {
        (request.path != "/tokeninfo").then_some(Fault::Status(404, None))
    });
    let folder = world(&servers);
    let output = run(folder.path(), &["pull"]);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("calendar: 0 new, 0 changed, 0 known, not read to its end"),
        "{said}"
    );
    assert!(said.contains("1 of 3 sources"), "{said}");
    assert!(!said.contains("stripe: 0 new"), "{said}");
    let output = run(folder.path(), &["status"]);
    let status = words(&output);
    let one_line = status.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        one_line.contains("calendar 0 records not read to its end"),
        "{status}"
    );
    let output = run(folder.path(), &["rebuild"]);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("calendar was not read to its end"), "{said}");
    let output = run(folder.path(), &["pull", "--json", "calendar"]);
    let line = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        line.contains(r#""whole":false"#) && line.contains("failure"),
        "{line}"
    );
    assert_no_secret(folder.path(), &(said + &status));
}

#[test]
fn no_failure_tells_a_secret() {
    // A server that repeats what it was sent, as some do in their errors.
    let parrot = Fake::start(
        Box::new(|request| {
            let told = request.header("authorization").unwrap_or_default().to_owned()
                + request.get("access_token").unwrap_or_default();
            let status = if request.number % 2 == 0 { 400 } else { 403 };
            let body = format!(r#"{{"error":{{"message":"no such key {told}","code":{status}}}}}"#);
            crate::fakes::Reply::json(status, body)
        }),
        Box::new(never),
    );
    let other = Fake::start(
        Box::new(|request| crate::fakes::Reply::json(401, format!("{:?}", request.headers))),
        Box::new(never),
    );
    for (stripe, google) in [(&parrot.url, &other.url), (&other.url, &parrot.url)] {
        let servers = servers(never, never);
        let folder = world(&servers);
        let path = folder.path().join("rebook.toml");
        let config = fs::read_to_string(&path).expect("the configuration");
        let config = config
            .replace(&servers.stripe.url, stripe)
            .replace(&servers.google.url, google);
        fs::write(&path, config).expect("the configuration");
        let mut said = String::new();
        for arguments in [
            &["pull", "-v"][..],
            &["rebuild", "-v"],
            &["status", "-v"],
            &["pull", "--json"],
        ] {
            said += &words(&run(folder.path(), arguments));
        }
        assert!(said.contains("stripe") && said.contains("calendar"), "{said}");
        assert_no_secret(folder.path(), &said);
    }
}

const SHOP: &str = r#"
[business]
name = "Lake Boats"
timezone = "Europe/Zurich"
country = "CH"
currency = "chf"
[window]
learn_from = "2026-01-01T00:00:00Z"
backup = "2026-03-01T02:00:00Z"
loss = "2026-05-01T09:30:00Z"
[[source]]
name = "stripe"
kind = "stripe"
"#;

#[test]
fn an_export_never_wins_over_a_later_answer_of_the_server() {
    let stripe = Stripe::with_key(KEY);
    let charge = |id: &str, refunded: u32| {
        format!(
            r#"{{"id":"{id}","object":"charge","amount":7000,"amount_refunded":{refunded},"currency":"chf","created":1772400000,"status":"succeeded","paid":true,"captured":true,"livemode":true,"description":"LB-{id}","metadata":{{"trip":"{id}"}}}}"#
        )
    };
    for (id, refunded) in [("ch_older", 2000), ("ch_newer", 0), ("ch_same", 0)] {
        stripe.add("", &charge(id, refunded));
    }
    stripe.add(
        "",
        r#"{"id":"cus_1","object":"customer","created":1772400000,"email":"ann@x.example"}"#,
    );
    let answering = stripe.clone();
    let fake = Fake::start(
        Box::new(move |request| answering.answer(request)),
        Box::new(never),
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::create_dir(path.join("exports")).expect("a new folder");
    fs::write(
        path.join("exports/unified_payments.csv"),
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Description\n\
         ch_older,2026-03-01 21:20,70.00,0.00,chf,Paid,LB-ch_older\n\
         ch_newer,2026-03-01 21:20,70.00,70.00,chf,Refunded,LB-ch_newer\n\
         ch_same,2026-03-01 21:20,70.00,0.00,chf,Paid,LB-ch_same\n",
    )
    .expect("a new file");
    fs::write(
        path.join("exports/customers.csv"),
        "id,Email\ncus_1,moved@x.example\n",
    )
    .expect("a new file");
    fs::write(path.join("key"), KEY).expect("a new file");
    let from = |place: &str| fs::write(path.join("rebook.toml"), format!("{SHOP}{place}\n")).expect("a file");
    let server = format!("api_key = {{ file = \"key\" }}\nbase_url = \"{}\"", fake.url);
    let currents = || -> Vec<(String, bool)> {
        let lines = dump(&path.join("staging.db"));
        let is_current = |line: &&String| line.ends_with(" true");
        let of = |line: &String| {
            let id = line.split('"').nth(1).expect("an id").to_owned();
            (
                id,
                line.contains("\"export\"")
                    || line.contains("moved@")
                    || line.contains("\"amount_refunded\":7000"),
            )
        };
        lines.iter().filter(is_current).map(of).collect()
    };
    let told = |exported: &[&str]| -> Vec<(String, bool)> {
        ["ch_newer", "ch_older", "ch_same", "cus_1"]
            .map(|id| (format!("stripe:{id}"), exported.contains(&id)))
            .into()
    };
    from(&server);
    assert!(run(path, &["pull"]).status.success());
    from("path = \"exports\"");
    let output = run(path, &["pull"]);
    assert!(output.status.success(), "{}", words(&output));
    let status = words(&run(path, &["status", "-v"]));
    assert!(
        status.contains("stripe:cus_1: 1 record stands otherwise in the files"),
        "{status}"
    );
    for _ in 0..2 {
        // What has more refunded is later; what nobody can tell is as it came last.
        assert_eq!(currents(), told(&["ch_newer", "cus_1"]));
        assert_eq!(
            dump(&path.join("staging.db")).len(),
            8,
            "both revisions of each are kept"
        );
        assert!(run(path, &["pull"]).status.success());
    }
    // The server's answer is how things are now.
    from(&server);
    assert!(run(path, &["pull"]).status.success());
    assert_eq!(currents(), told(&[]));
}

#[test]
fn a_key_in_the_keyring_is_asked_of_the_system() {
    let servers = servers(never, never);
    let folder = world(&servers);
    let path = folder.path();
    let config = fs::read_to_string(path.join("rebook.toml")).expect("the configuration");
    let config = config.replace(
        "api_key = { file = \"key\" }",
        "api_key = { keyring = \"stripe\" }",
    );
    fs::write(path.join("rebook.toml"), config).expect("the configuration");
    // The system's own program, as far as it is asked: it gives the secret to whoever asks in these words.
    let programs = path.join("programs");
    fs::create_dir(&programs).expect("a new folder");
    for (program, asked) in [
        ("secret-tool", "lookup service rebook account stripe"),
        ("security", "find-generic-password -s rebook -a stripe -w"),
    ] {
        let script = format!("#!/bin/sh\n[ \"$*\" = \"{asked}\" ] && cat key\n");
        fs::write(programs.join(program), script).expect("a new file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(programs.join(program), fs::Permissions::from_mode(0o755)).expect("ours");
        }
    }
    let old = std::env::var("PATH").unwrap_or_default();
    let with_keyring = format!("{}:{old}", programs.display());
    let output = command(path, &["pull", "stripe"])
        .env("PATH", &with_keyring)
        .output()
        .expect("the program can be started");
    assert!(output.status.success(), "{}", words(&output));
    fs::remove_file(path.join("key")).expect("the key");
    let output = command(path, &["pull", "stripe"])
        .env("PATH", &with_keyring)
        .output()
        .expect("the program can be started");
    let said = words(&output);
    assert!(
        said.contains("the keyring's entry \"stripe\" was not found") && said.contains("put it there with"),
        "{said}"
    );
}

/// The configuration in another zone, and with less to learn from.
fn with_little(config: &str) -> String {
    let value = |key: &str| {
        let line = config.lines().find(|line| line.starts_with(key)).expect("a key");
        line.split('"').nth(1).expect("a value").to_owned()
    };
    let backup: chrono::DateTime<chrono::Utc> = value("backup").parse().expect("a moment");
    let later = backup - chrono::TimeDelta::days(5);
    config
        .replace("Europe/London", "Asia/Tokyo")
        .replace(&value("learn_from"), &later.to_rfc3339())
}

#[test]
fn the_doctor_says_what_each_credential_may_do_and_how_much_there_is() {
    let servers = servers(never, never);
    let folder = world(&servers);
    let output = run(folder.path(), &["doctor"]);
    let said = words(&output);
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "source stripe: reached; the provider does not tell what it may do; about",
        "it may read: charges, payment intents, customers,",
        "some 1 minute at the provider's limit",
        "source calendar: reached as desk@hire.example, read-only as the provider says; about",
        // The fakes' clock stands still.
        "minutes ahead of the server's",
    ] {
        assert!(one_line.contains(part), "{part} is not in {said}");
    }
    let path = folder.path().join("rebook.toml");
    let config = fs::read_to_string(&path).expect("the configuration");
    fs::write(&path, with_little(&config)).expect("the configuration");
    let said = words(&run(folder.path(), &["doctor"]));
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let zones = format!("the calendar {CALENDAR} is in the zone Europe/London, the business in Asia/Tokyo");
    assert!(one_line.contains(&zones), "{said}");
    assert!(
        one_line.contains("only 5 days lie between `learn_from` and `backup`"),
        "{said}"
    );
    servers.stripe.assert_only_get(None);
    servers.google.assert_only_get(None);
    assert_no_secret(folder.path(), &said);
}
