//! How long a large reload takes to write and to load.
//!
//! A tenth of the size of the measure, in each run; for the whole of it, under `tests/run` for the server:
//! `REBOOK_TEST_BOOKINGS=50000 cargo test --release --test it reload_scale -- --nocapture`.

use crate::reload::{rows, started};
use crate::reload_business::{at, baseline, booking, business, options, payment, target};
use rebook::export::export;
use rebook::model::{Booking, Dialect, When};
use std::time::{Duration, Instant};

const BOOKINGS: u32 = 5_000;
/// What fifty thousand bookings may take; fewer take a share, and a second to begin.
const TO_LOAD: Duration = Duration::from_secs(20);

/// Bookings of half as many customers, each with one payment; one after the other, on a boat that is free.
fn many(count: u32) -> Vec<Booking> {
    (0..count)
        .map(|no| {
            let mut booking = booking(&format!("b_{no}"), &format!("ZZ{no}"), 1);
            let starts = at("2027-01-01T00:00:00Z") + chrono::Duration::minutes(i64::from(no) * 15);
            booking.starts_at = Some(When::Instant(starts));
            booking.ends_at = Some(When::Instant(starts + chrono::Duration::minutes(15)));
            booking.customer.email = Some(format!("guest{}@mail.example", no / 2));
            booking.payments = vec![payment(&format!("ch_m{no}"), 6000)];
            booking
        })
        .collect()
}

#[test]
fn many_bookings_are_written_and_loaded_in_time() {
    let count = std::env::var("REBOOK_TEST_BOOKINGS").ok();
    let count = count.and_then(|count| count.parse().ok()).unwrap_or(BOOKINGS);
    let dialect = Dialect::Postgres;
    let Some(database) = started(dialect, "scale") else {
        return;
    };
    let bookings = many(count);
    let baseline = baseline(dialect);
    let begun = Instant::now();
    let reload = export(
        &bookings,
        &target(dialect),
        &business(),
        Some(&baseline),
        &options(),
    )
    .expect("a reload");
    let took = begun.elapsed();
    let written = reload.counts.inserts + reload.counts.payments + reload.counts.customers;
    println!(
        "written: {written} rows, {} bytes in {took:?}: {:.0} rows/s",
        reload.sql.len(),
        written as f64 / took.as_secs_f64()
    );
    let before = rows(&database, dialect).len();
    let begun = Instant::now();
    let ran = database.load(&reload.sql);
    let took = begun.elapsed();
    assert!(ran.ok, "{}{}", ran.out, ran.err);
    println!("loaded in {took:?}");
    assert_eq!(rows(&database, dialect).len(), before + written);
    assert!(
        took < TO_LOAD * count / 50_000 + Duration::from_secs(1),
        "{took:?}"
    );
}
