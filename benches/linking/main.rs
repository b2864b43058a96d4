//! The linking core on tables of people: made, and linked.
//!
//! ```text
//! cargo bench --bench linking -- make dedupe|link ROWS SEED FOLDER
//! cargo bench --bench linking -- run PLAN.csv OUT.csv TABLE.csv [SECOND.csv]
//! ```
//!
//! `make` writes `a.csv`, for `link` also `b.csv`, each row with the number of the person it tells of in its last column, which
//! nothing but the score reads. `run` writes every pair with its bits. A plan says what the columns hold and what to block by;
//! `run.py` gives the same keys to Splink.

mod people;

use rebook::link::core::{self, Plan, assign, table::Reading, text::Kind};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", shape, rows, seed, folder] => {
            people::make(*shape == "link", rows.parse()?, seed.parse()?, folder.as_ref())
        }
        ["run", plan, out, table] => run(plan, out, table, None),
        ["run", plan, out, table, second] => run(plan, out, table, Some(second)),
        // `cargo bench` alone: nothing to measure without tables.
        _ => {
            println!("see benches/linking/run.py");
            Ok(())
        }
    }
}

/// Lines of a plan: `column,name,kind`, `block,name,name…`, `swap,name,name`, `once,name,name…`.
fn run(plan: &str, out: &str, table: &str, second: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut columns: Vec<(String, Kind)> = Vec::new();
    let (mut keys, mut swaps, mut once) = (Vec::new(), Vec::new(), Vec::new());
    for line in std::fs::read_to_string(plan)?.lines() {
        let words: Vec<&str> = line.split(',').collect();
        let place = |name: &&str| {
            let found = columns.iter().position(|(known, _)| known == name);
            found.ok_or_else(|| format!("no column {name}"))
        };
        match words.as_slice() {
            ["column", name, kind] => columns.push(((*name).to_owned(), kind_of(kind)?)),
            ["block", names @ ..] => keys.push(names.iter().map(place).collect::<Result<Vec<_>, _>>()?),
            ["swap", one, other] => swaps.push((place(one)?, place(other)?)),
            ["once", names @ ..] => once.push(names.iter().map(place).collect::<Result<Vec<_>, _>>()?),
            _ => return Err(format!("unknown line in the plan: {line}").into()),
        }
    }
    let mut reading = Reading::new(&columns);
    let mut rows = read(table, &columns, &mut reading)?;
    let is_two = second.is_some();
    let first = rows;
    if let Some(second) = second {
        rows += read(second, &columns, &mut reading)?;
    }
    let columns = reading.done();
    let plan = Plan {
        keys,
        swaps,
        once,
        second: is_two.then_some(first),
        bits_min: -10.0,
        sample_max: 30_000,
    };
    let found = core::link(&columns, &plan);
    let mut out = BufWriter::new(File::create(out)?);
    writeln!(out, "a,b,bits,margin")?;
    if is_two {
        for assigned in assign::assign(&found.links, plan.bits_min) {
            let link = assigned.link;
            writeln!(
                out,
                "{},{},{:.3},{:.3}",
                link.a,
                link.b as usize - first,
                link.bits,
                assigned.margin
            )?;
        }
    } else {
        for link in &found.links {
            writeln!(out, "{},{},{:.3},", link.a, link.b, link.bits)?;
        }
    }
    out.flush()?;
    eprintln!(
        "{rows} rows, {} pairs compared, {} kept",
        found.pairs,
        found.links.len()
    );
    let names = |of: &[usize]| {
        of.iter()
            .map(|at| columns[*at].name.as_str())
            .collect::<Vec<_>>()
            .join(" + ")
    };
    for of in &found.of {
        eprintln!("{}: {:+.1} bits", names(&of.key), of.prior);
        for (at, bits) in of.bits.iter().enumerate().filter(|(at, _)| !of.key.contains(at)) {
            let [_, differs, related, near, swapped, same] = bits;
            let name = &columns[at].name;
            eprintln!(
                "  {name:16} {differs:+6.1} differs {related:+6.1} related {near:+6.1} near {swapped:+6.1} swapped {same:+6.1} same"
            );
        }
    }
    for skipped in &found.skipped {
        eprintln!(
            "{} blocks of {} were too common, with {} rows: split by {}",
            skipped.blocks,
            names(&skipped.key),
            skipped.rows,
            names(&skipped.split_by)
        );
    }
    Ok(())
}

fn kind_of(word: &str) -> Result<Kind, String> {
    Ok(match word {
        "name" => Kind::Name,
        "date" => Kind::Date,
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "code" => Kind::Code,
        _ => return Err(format!("no kind {word}")),
    })
}

/// Reads the plan's columns of a table, wherever they stand in it.
fn read(path: &str, columns: &[(String, Kind)], reading: &mut Reading) -> Result<usize, Box<dyn Error>> {
    let mut table = csv::Reader::from_path(path)?;
    let heads = table.headers()?.clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|(name, _)| {
            heads
                .iter()
                .position(|head| head == name)
                .ok_or(format!("{path} has no {name}"))
        })
        .collect::<Result<_, _>>()?;
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while table.read_record(&mut record)? {
        reading.push(places.iter().map(|at| &record[*at]));
        rows += 1;
    }
    Ok(rows)
}
