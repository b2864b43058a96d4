//! The sources on servers that somebody else wrote: `emulate`, of npm, which `tests/run` starts and fills.
//!
//! A relay stands in between. It keeps the log, and answers for what `emulate` does not have: four of Stripe's lists.

use crate::fakes::{Fake, Reply, Request, never};
use crate::live::{Bench, google_source, stripe_source};
use rebook::pull::live::stripe::Accounts;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The addresses of its Stripe and its Google; None where they were not started.
pub fn addresses() -> Option<(String, String)> {
    let Ok(told) = std::env::var("REBOOK_TEST_EMULATE") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "tests/run starts emulate"
        );
        // Not through the macro, whose words the test harness keeps to itself.
        drop(writeln!(
            std::io::stderr(),
            "skipped: REBOOK_TEST_EMULATE is not set (run tests/run)"
        ));
        return None;
    };
    let (stripe, google) = told.split_once(' ')?;
    Some((stripe.to_owned(), google.to_owned()))
}

/// Passes requests on, in the older form of HTTP, whose answers end with the connection.
pub fn relay(url: &str) -> Fake {
    let address = url.trim_start_matches("http://").to_owned();
    let pass_on = move |request: &Request| -> std::io::Result<Reply> {
        let mut stream = TcpStream::connect(&address)?;
        let credential = request.header("authorization").unwrap_or_default();
        write!(
            stream,
            "GET {} HTTP/1.0\r\nHost: {address}\r\nAuthorization: {credential}\r\n\r\n",
            request.target
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or(bytes.len() - 4);
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Ok(Reply::json(status.unwrap_or(502), &bytes[end + 4..]))
    };
    let answer = move |request: &Request| {
        const NOT_THERE: [&str; 4] = [
            "/v1/refunds",
            "/v1/invoices",
            "/v1/disputes",
            "/v1/balance_transactions",
        ];
        if NOT_THERE.contains(&request.path.as_str()) {
            return Reply::json(200, br#"{"object":"list","data":[],"has_more":false}"#.to_vec());
        }
        pass_on(request).unwrap_or_else(|error| Reply::json(502, error.to_string()))
    };
    Fake::start(Box::new(answer), Box::new(never))
}

#[test]
fn all_that_its_stripe_has_is_read() {
    let Some((stripe, _)) = addresses() else { return };
    let relay = relay(&stripe);
    let mut bench = Bench::new();
    let source = stripe_source(&relay.url, "rk_live_hush", Accounts::Own);
    bench.pull(&source);
    let dump = bench.dump();
    let count = |object: &str| {
        dump.iter()
            .filter_map(|line| line.split_once(") "))
            .filter(|(head, _)| head.contains(&format!("\"{object}\"")))
            .count()
    };
    assert_eq!(
        (count("customer"), count("payment_intent"), count("charge")),
        (231, 110, 110)
    );
    relay.assert_only_get(None);
    bench.pull(&source);
    assert_eq!(bench.dump(), dump);
}

#[test]
fn all_that_its_calendar_has_is_read() {
    let Some((_, google)) = addresses() else { return };
    let relay = relay(&google);
    let mut bench = Bench::new();
    let source = google_source(&relay.url, "ya29.hush");
    bench.pull(&source);
    assert_eq!(bench.dump().len(), 620);
    relay.assert_only_get(None);
    bench.pull(&source);
    assert_eq!(bench.dump().len(), 620);
}
