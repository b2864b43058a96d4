//! Writes a simulated business: `simulate demo OUT`, or `simulate KIND OUT [--bookings N] [--seed S] [--wording W] [--damage LEVEL] [KIND=RATE]…`

use rebook::simulate::{Damage, Kind, Options, simulate};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Vec<String>) -> Result<(), String> {
    let mut plain = Vec::new();
    let mut flags = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--") {
            Some(flag) => flags.push((flag.to_owned(), arguments.next().unwrap_or_default())),
            None => plain.push(argument),
        }
    }
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    if let [demo, out] = &plain[..]
        && demo == "demo"
    {
        return simulate(&Options::demo())
            .write(&PathBuf::from(out))
            .map_err(|error| format!("cannot write {out}: {error}"));
    }
    let [kind, out, rates @ ..] = &plain[..] else {
        return Err(format!(
            "usage: simulate KIND OUT [--bookings N] …; kinds: {}",
            kinds.join(", ")
        ));
    };
    let kind = Kind::parse(kind).ok_or(format!("no business {kind:?}; one of: {}", kinds.join(", ")))?;
    let mut options = Options::new(kind);
    for (flag, value) in flags {
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("--{flag} wants a number, not {value:?}"))
        };
        match flag.as_str() {
            "bookings" => options.bookings = number()? as usize,
            "seed" => options.seed = number()?,
            "wording" => options.wording = number()?,
            "overlap-days" => options.overlap_days = number()? as i64,
            "gap-days" => options.gap_days = number()? as i64,
            "damage" => {
                options.damage =
                    Damage::level(&value).ok_or(format!("no damage {value:?}: none, light, heavy"))?;
            }
            _ => return Err(format!("no option --{flag}")),
        }
    }
    for rate in rates {
        let (name, value) = rate.split_once('=').ok_or(format!("{rate:?} is no KIND=RATE"))?;
        let value = value.parse().map_err(|_| format!("{value:?} is no rate"))?;
        if !options.damage.set(name, value) {
            return Err(format!(
                "no damage {name:?}; one of: {}",
                Damage::kinds().join(", ")
            ));
        }
    }
    simulate(&options)
        .write(&PathBuf::from(out))
        .map_err(|error| format!("cannot write {out}: {error}"))
}
