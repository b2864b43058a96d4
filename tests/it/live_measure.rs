//! Many objects: all of them are read, and memory does not grow with their number.
//!
//! `benches/pull` runs the same with more of them and the program as it is released, and measures how fast they come.

use crate::fakes::google::{Google, events_in};
use crate::fakes::stripe::{Stripe, objects_in};
use crate::fakes::{Fake, never};
use crate::live_rebuild::{CALENDAR, KEY, Servers, TOKEN, command, demo, words, world};
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a pull of one source took.
struct Taken {
    records: u64,
    seconds: f64,
    /// Of one core, which others at work on the machine do not change.
    core_seconds: f64,
    peak_kib: u64,
}

#[test]
fn memory_does_not_grow_with_the_number_of_objects() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let objects: u64 = number("REBOOK_MEASURE_OBJECTS").unwrap_or(12_000);
    let is_measure = std::env::var_os("REBOOK_MEASURE_BINARY").is_some();
    // A list of Stripe gives 25 pages of 100 a second; Google takes 10 requests a second, for 2,500 events each.
    for (source, records, limit) in [("stripe", objects, 2_500), ("calendar", objects / 2, 25_000)] {
        let [few, many] = [records / 10, records].map(|records| pull(source, records));
        for taken in [&few, &many] {
            // Not through the macro, whose words the test harness keeps to itself.
            let line = format!(
                "{source:>8} {:>7} records {:7.2} s ({:.2} s of a core) {:8.0} a second  peak {:4} MiB\n",
                taken.records,
                taken.seconds,
                taken.core_seconds,
                taken.records as f64 / taken.seconds,
                taken.peak_kib >> 10
            );
            if is_measure {
                drop(std::io::stderr().write_all(line.as_bytes()));
            }
        }
        let of_a_core = many.records as f64 / many.core_seconds.max(0.01);
        assert!(
            !is_measure || of_a_core > f64::from(limit),
            "{source}: {of_a_core:.0} a second of a core, the provider gives {limit}"
        );
        // What is under way at once is bounded: pages in line, and those of every slice. Few objects do not fill it.
        assert!(
            many.peak_kib < few.peak_kib + (48 << 10),
            "{source}: {} KiB, {} KiB",
            few.peak_kib,
            many.peak_kib
        );
    }
}

fn pull(source: &str, records: u64) -> Taken {
    let servers = servers(records);
    let folder = world(&servers);
    let mut pulling = command(folder.path(), &["pull", source]);
    if let Some(binary) = std::env::var_os("REBOOK_MEASURE_BINARY") {
        let mut other = Command::new(binary);
        other.args(pulling.get_args()).current_dir(folder.path());
        other.env("CALENDAR_TOKEN", TOKEN);
        pulling = other;
    }
    let begun = Instant::now();
    let mut child = pulling
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let (mut peak_kib, mut ticks) = (0, 0);
    while child.try_wait().expect("a child").is_none() {
        let read = |what| fs::read_to_string(format!("/proc/{}/{what}", child.id())).unwrap_or_default();
        let status = read("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").trim().parse().ok());
        peak_kib = peak_kib.max(kib.unwrap_or(0));
        // Behind the name, which ends with the last bracket: utime and stime are fields 12 and 13, in hundredths.
        let stat = read("stat");
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let used: u64 = fields
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum();
        ticks = ticks.max(used);
        std::thread::sleep(Duration::from_millis(10));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let said = words(&child.wait_with_output().expect("a child"));
    assert!(said.contains(&format!("{source}: {records} new")), "{said}");
    Taken {
        records,
        seconds,
        core_seconds: ticks as f64 / 100.0,
        peak_kib,
    }
}

/// Servers that never tire, with so many charges and events: the demo's first ones, again and again.
fn servers(records: u64) -> Servers {
    let (stripe, google) = (Stripe::with_key(KEY), Google::with_token(TOKEN));
    let text = fs::read_to_string(demo().join("stripe/charges.json")).expect("the demo");
    let charge = objects_in(&text).remove(0);
    let text = fs::read_to_string(demo().join(format!("calendar/{CALENDAR}.json"))).expect("the demo");
    let event = events_in(&text).remove(0);
    // From before the backup to the loss.
    let step = 15_500_000 / records as i64;
    for number in 0..records as i64 {
        let (id, created) = (format!("ch_{number:06}"), 1_760_920_020 + number * step);
        let json = charge
            .replacen("\"id\":", &format!("\"id\":\"{id}\",\"was\":"), 1)
            .replacen(
                "\"created\":",
                &format!("\"created\":{created},\"was_created\":"),
                1,
            );
        stripe.add_quickly("", "charge", &id, created, json);
        let id = format!("e{number:06}");
        let json = event.replacen("\"id\":", &format!("\"id\":\"{id}\",\"was\":"), 1);
        google.put_quickly(CALENDAR, &id, json);
    }
    Servers {
        stripe: Fake::start(Box::new(move |request| stripe.answer(request)), Box::new(never)),
        google: Fake::start(Box::new(move |request| google.answer(request)), Box::new(never)),
    }
}
