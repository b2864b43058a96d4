//! The program itself over servers: it rebuilds what files would give, survives being killed, tells no secret, and says what it
//! could not fetch.

use crate::fakes::google::{Google, events_in};
use crate::fakes::stripe::{Stripe, objects_in};
use crate::fakes::{Fake, Fault, Request, never};
use crate::live::dump;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const KEY: &str = "rk_live_hushhush51";
const TOKEN: &str = "ya29.hushhush51";
const CALENDAR: &str = "bookings@harbourbikes.example";
/// Part of every secret here: nothing that is written may hold it.
const HUSH: &str = "hushhush51";

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

/// The demo's business on two servers.
struct Servers {
    stripe: Fake,
    google: Fake,
}

type Failing = fn(&Request) -> Option<Fault>;

fn servers(stripe_fails: Failing, google_fails: Failing) -> Servers {
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
fn world(servers: &Servers) -> tempfile::TempDir {
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

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebook"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("CALENDAR_TOKEN", TOKEN);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments)
        .output()
        .expect("the program can be started")
}

fn words(output: &Output) -> String {
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
    let time = begun.elapsed();
    assert!(output.status.success(), "{}", words(&output));
    let expected = dump(&whole.path().join("staging.db"));
    let killed = world(&servers);
    let mut seed = 0x5eed_u64;
    let mut count = 0;
    for _ in 0..20 {
        let mut child = command(killed.path(), &["pull"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program can be started");
        // Moments over the whole of an undisturbed pull, drawn from a seed.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(time.mul_f64((seed >> 33) as f64 / (1_u64 << 31) as f64));
        count += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("a child that is ours");
        child.wait().expect("a child");
    }
    assert!(count > 5, "{count} of 20 were killed at work");
    let output = run(killed.path(), &["pull"]);
    assert!(output.status.success(), "{}", words(&output));
    assert!(
        dump(&killed.path().join("staging.db")) == expected,
        "records differ"
    );
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

/// 100,000 objects of Stripe and 50,000 events from servers that never tire. Run it by name:
/// `cargo test --release --test it live_rebuild::many -- --ignored --nocapture`.
#[test]
#[ignore = "takes a minute: a measure, not a check"]
fn many_objects_are_read_faster_than_the_providers_would_give_them() {
    let (stripe, google) = (Stripe::with_key(KEY), Google::with_token(TOKEN));
    let text = fs::read_to_string(demo().join("stripe/charges.json")).expect("the demo");
    let charge = objects_in(&text).remove(0);
    let (head, tail) = charge.split_at(1);
    for number in 0..100_000_i64 {
        let created = 1_760_920_020 + number * 155;
        let tail = tail.replacen("\"id\":\"ch_", &format!("\"was\":\"{number}"), 1);
        let json = format!(
            "{head}\"id\":\"ch_{number:06}\",\"object\":\"charge\",\"created\":{created},{}",
            tail.replacen("\"object\":\"charge\",", "", 1)
                .replacen("\"created\":", "\"was_created\":", 1)
        );
        stripe.add_quickly("", "charge", &format!("ch_{number:06}"), created, json);
    }
    let text = fs::read_to_string(demo().join(format!("calendar/{CALENDAR}.json"))).expect("the demo");
    let event = events_in(&text).remove(0);
    for number in 0..50_000 {
        google.put_quickly(
            CALENDAR,
            &format!("e{number:06}"),
            event.replacen("\"id\":\"", &format!("\"id\":\"e{number:06}\",\"was\":\""), 1),
        );
    }
    let bytes = (charge.len(), event.len());
    let servers = Servers {
        stripe: Fake::start(Box::new(move |request| stripe.answer(request)), Box::new(never)),
        google: Fake::start(Box::new(move |request| google.answer(request)), Box::new(never)),
    };
    let mut report = String::new();
    for (source, records) in [("stripe", 100_000), ("calendar", 50_000)] {
        let folder = world(&servers);
        let begun = Instant::now();
        let mut child = command(folder.path(), &["pull", source])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let (mut peak_kib, mut ticks) = (0, 0);
        while child.try_wait().expect("a child").is_none() {
            let read = |what| fs::read_to_string(format!("/proc/{}/{what}", child.id())).unwrap_or_default();
            let status = read("status");
            let rss = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = rss.and_then(|rss| rss.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
            peak_kib = peak_kib.max(kib.unwrap_or(0));
            // Behind the name, which ends with the last bracket: utime and stime are fields 12 and 13.
            let stat = read("stat");
            let fields = stat.rsplit(')').next().unwrap_or_default();
            let used: u64 = fields
                .split_whitespace()
                .skip(11)
                .take(2)
                .filter_map(|ticks| ticks.parse::<u64>().ok())
                .sum();
            ticks = ticks.max(used);
            std::thread::sleep(Duration::from_millis(20));
        }
        let seconds = begun.elapsed().as_secs_f64();
        let cpu_seconds = ticks as f64 / 100.0;
        let said = words(&child.wait_with_output().expect("a child"));
        assert!(said.contains(&format!("{source}: {records} new")), "{said}");
        writeln!(
            report,
            "{source}: {records} records in {seconds:.1} s, {cpu_seconds:.1} s of one core, peak {} MiB",
            peak_kib / 1024
        )
        .expect("text");
        // Stripe gives 25 pages of 100 a second of one list, Google 10 pages a second at the very most. By the core's time,
        // which others on the machine do not change.
        assert!(f64::from(records) / cpu_seconds > 2_500.0, "{report}");
        assert!(peak_kib < 300 * 1024, "{report}");
    }
    println!("{report}bytes a record: {bytes:?}");
}
