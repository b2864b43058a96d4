//! The ways to a Google token: a service account's key, and a login in the browser. Only the token endpoint gets a POST.

use crate::fakes::google::Google;
use crate::fakes::{Fake, never, pairs};
use crate::live::{Bench, google_source};
use rebook::pull::live::google::{Browser, Calendars, Credential};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TOKEN: &str = "ya29.hush";

fn server() -> (Google, Fake) {
    let google = Google::with_token(TOKEN);
    google.put(
        "desk@hire.example",
        r#"{"kind":"calendar#event","id":"e1","status":"confirmed"}"#,
    );
    let answering = google.clone();
    let fake = Fake::start(
        Box::new(move |request| answering.answer(request)),
        Box::new(never),
    );
    (google, fake)
}

/// A key made for this one test; None without openssl.
pub fn private_key() -> Option<String> {
    let output = Command::new("openssl")
        .args([
            "genpkey",
            "-quiet",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ])
        .output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "openssl is needed");
            drop(writeln!(std::io::stderr(), "skipped: no openssl"));
            None
        }
    }
}

#[test]
fn a_service_account_signs_for_a_token() {
    let Some(private_key) = private_key() else { return };
    let (_, fake) = server();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("key.json");
    let key = serde_json::json!({"type": "service_account", "private_key": private_key,
        "client_email": "reader@project.iam.example", "token_uri": format!("{}/token", fake.url)});
    fs::write(&path, key.to_string()).expect("a new file");
    let mut source = google_source(&fake.url, TOKEN);
    source.credential = Credential::ServiceAccount {
        key: path.clone(),
        subject: Some("desk@hire.example".to_owned()),
    };
    source.calendars = Calendars::Own;
    let mut bench = Bench::new();
    bench.pull(&source);
    assert_eq!(bench.dump().len(), 1);
    fake.assert_only_get(Some("/token"));
    let posts: Vec<_> = fake
        .log()
        .into_iter()
        .filter(|request| request.method == "POST")
        .collect();
    assert_eq!(posts.len(), 1, "one token does");
    assert!(
        pairs(&String::from_utf8_lossy(&posts[0].body))
            .iter()
            .any(|(key, _)| key == "assertion")
    );
    // Without a subject its own calendar is empty, which is said instead of found.
    source.credential = Credential::ServiceAccount {
        key: path,
        subject: None,
    };
    let words = Bench::new().fails(&source);
    assert!(words.contains("calendars = ["), "{words}");
}

/// The tokens that are kept of a login. The crate writes them a moment after it has given the first.
pub fn kept_tokens(path: &Path) -> String {
    let begun = Instant::now();
    loop {
        let kept = fs::read_to_string(path).unwrap_or_default();
        if serde_json::from_str::<serde_json::Value>(&kept).is_ok()
            || begun.elapsed() > Duration::from_secs(20)
        {
            return kept;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What a person does in a browser: says yes, and is sent back.
pub fn browser() -> Browser {
    Arc::new(|url: &str| {
        // What a browser does once somebody has said yes there.
        let query = url.split_once('?').map_or("", |(_, query)| query).to_owned();
        std::thread::spawn(move || {
            let asked = pairs(&query);
            let find = |key: &str| {
                asked
                    .iter()
                    .find(|(known, _)| known == key)
                    .map(|(_, value)| value.clone())
            };
            assert!(
                find("scope").is_some_and(|scope| scope.split(' ').all(|one| one.ends_with(".readonly")))
            );
            let back = find("redirect_uri").expect("where to go back to");
            let host = back
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .to_owned();
            let mut stream = TcpStream::connect(&host).expect("the program listens");
            write!(stream, "GET /?code=hush-code HTTP/1.0\r\nHost: {host}\r\n\r\n").expect("sent");
            let _ = stream.read_to_end(&mut Vec::new());
        });
    })
}

#[test]
fn a_login_in_the_browser_is_kept_for_the_owner_alone() {
    let (_, fake) = server();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("client.json");
    let client = serde_json::json!({"installed": {"client_id": "me", "client_secret": "hush-client", "redirect_uris": [],
        "auth_uri": format!("{}/auth", fake.url), "token_uri": format!("{}/token", fake.url)}});
    fs::write(&path, client.to_string()).expect("a new file");
    let mut source = google_source(&fake.url, TOKEN);
    source.credential = Credential::Login {
        client: path,
        browser: browser(),
        wait: Duration::from_mins(1),
    };
    let mut bench = Bench::new();
    bench.pull(&source);
    assert_eq!(bench.dump().len(), 1);
    fake.assert_only_get(Some("/token"));
    let tokens = folder.path().join("client.tokens.json");
    assert!(kept_tokens(&tokens).contains("hush-refresh"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&tokens).expect("kept").permissions().mode() & 0o077,
            0
        );
    }
    // The next pull needs no browser.
    source.credential = match source.credential {
        Credential::Login { client, .. } => Credential::Login {
            client,
            browser: Arc::new(|_| panic!("asked again")),
            wait: Duration::ZERO,
        },
        other => other,
    };
    Bench::new().pull(&source);
    // Where a new login is needed and nobody comes, it ends.
    fs::remove_file(&tokens).expect("kept");
    for (wait, words) in [(0, "nobody logged in; run"), (1, "nobody logged in within 1 s")] {
        if let Credential::Login {
            browser, wait: own, ..
        } = &mut source.credential
        {
            *browser = Arc::new(|_| {});
            *own = Duration::from_millis(wait * 1_000);
        }
        let said = Bench::new().fails(&source);
        assert!(said.contains(words), "{said}");
    }
}
