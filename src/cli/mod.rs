//! The command line: one file per command, each load → stage → save → print.
//!
//! The terminal, the environment, the clock and files that users name are met here alone. Answers go to
//! stdout; progress and talk go to stderr. Exit codes: 0 done, 1 failed, 2 usage or configuration,
//! 3 conflicts are open.

mod bookings;
mod build;
mod credentials;
mod demo;
mod desk;
mod doctor;
mod evaluate;
mod examples;
mod explain;
mod explain_record;
mod export;
mod failure;
mod forget;
mod generate;
mod init;
mod interrupt;
mod learn;
mod live;
mod money;
mod passage;
mod pipeline;
mod private;
mod pull;
mod pulling;
mod rebuild;
mod recall;
mod reference;
mod report;
pub mod review;
mod review_desk;
mod review_sheet;
mod review_shelf;
mod review_stats;
mod screen;
mod sheet;
mod simulate;
mod stages;
mod status;
mod summary;
mod terminal;
mod verify;
mod waterfall;
mod words;

use clap::{Args, Parser, Subcommand, ValueEnum};
use desk::Desk;
use failure::{Done, Failure};
use screen::Screen;
use std::path::PathBuf;
use std::process::ExitCode;

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The configuration where none is named.
const CONFIG: &str = "rebook.toml";

const EXAMPLES: &str = "\
Examples:
  rebook demo                                  see the whole way on a small made-up business
  rebook init exports/                         draft rebook.toml out of the files in a folder
  rebook rebuild                               rebuild what was lost, by ./rebook.toml
  rebook sheet --day tomorrow                  who is at the counter tomorrow
  rebook review                                answer what could not be decided
  rebook export --out reload.sql               write the SQL that reloads it
  rebook explain QX-1042                       where every value of a booking comes from
  rebook bookings --json > bookings.jsonl      the rebuilt bookings for other programs

Exit: 0 done; 1 failed; 2 usage or configuration; 3 conflicts are open.";

/// Rebuilds lost bookings from Stripe payments, calendar events and confirmation mails.
///
/// It reads, and never writes to a source or to production.
#[derive(Parser)]
#[command(name = "rebook", version, before_help = EXAMPLES, max_term_width = 100)]
struct CommandLine {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// The configuration.
    #[arg(long, global = true, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
    /// The staging database; learned mappings go beside it. Default: as the configuration says.
    #[arg(long, global = true, value_name = "FILE")]
    staging: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    /// No progress, no talk; answers and errors alone.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more.
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Colours on the terminal; NO_COLOR is heeded too.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// The time that counts as now, for tests.
    #[arg(long, global = true, hide = true, value_name = "TIME")]
    now: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Draft a commented rebook.toml out of the files, for a person to confirm.
    #[command(before_help = examples::INIT)]
    Init(init::Arguments),
    /// Rebuild, review and export on a small made-up business, in a folder of its own.
    #[command(before_help = examples::DEMO)]
    Demo(demo::Arguments),
    /// The main job: pull every source, then build.
    #[command(before_help = examples::REBUILD)]
    Rebuild,
    /// Read sources into staging, byte for byte.
    #[command(before_help = examples::PULL)]
    Pull(pull::Arguments),
    /// Make bookings of what is in staging: offline, repeatable.
    #[command(before_help = examples::BUILD)]
    Build,
    /// Who comes and who leaves on a day, to print: made of whatever was read so far.
    #[command(before_help = examples::SHEET)]
    Sheet(sheet::Arguments),
    /// A page to look at: what came back, the money, how far to trust it, whom to call; and one for each tenant.
    #[command(before_help = examples::REPORT)]
    Report(report::Arguments),
    /// The rebuilt bookings.
    #[command(before_help = examples::BOOKINGS)]
    Bookings,
    /// Every field of one booking: its value, the records it came from, and where in them.
    #[command(before_help = examples::EXPLAIN)]
    Explain(explain::Arguments),
    /// Answer the open questions, one by one.
    #[command(before_help = examples::REVIEW)]
    Review(review_desk::Arguments),
    /// What is learned from the overlap with the backup, alone; written as mapping files.
    #[command(before_help = examples::LEARN)]
    Learn,
    /// Write the SQL that reloads the bookings into the target.
    #[command(before_help = examples::EXPORT)]
    Export(export::Arguments),
    /// What stands of the reload in the target; it only reads.
    #[command(before_help = examples::VERIFY)]
    Verify(verify::Arguments),
    /// Where things stand.
    #[command(before_help = examples::STATUS)]
    Status,
    /// Where each payment ended up; the sums add up.
    #[command(before_help = examples::MONEY)]
    Money(money::Arguments),
    /// How much was rebuilt, and how much of it is right: of a world with known truth, or by the lost database where it
    /// came back after all.
    #[command(before_help = examples::EVALUATE)]
    Evaluate(evaluate::Arguments),
    /// Write a business with known truth, to test on and to rehearse an outage with.
    #[command(before_help = examples::SIMULATE)]
    Simulate(simulate::Arguments),
    /// What stands in the way of a rebuild: configuration, sources, mapping, disk, staging.
    #[command(before_help = examples::DOCTOR)]
    Doctor,
    /// Shred staging, what was learned and reports, when it is over: they hold people's data.
    #[command(before_help = examples::FORGET)]
    Forget(forget::Arguments),
    /// Write the completions of a shell.
    #[command(before_help = examples::COMPLETIONS)]
    Completions(generate::Completions),
    /// Write the manual's pages.
    #[command(before_help = examples::MAN)]
    Man(generate::Man),
    /// Write the JSON Schema of what commands answer with --json, of rebook.toml, or of mapping files.
    #[command(before_help = examples::SCHEMA)]
    Schema(generate::Schema),
}

/// Runs the program and gives its exit code.
pub fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // `--help` and `--version` are answers too; a closed pipe under them is nobody's fault.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    interrupt::say_how_to_go_on();
    let screen = Screen::new(line.global.quiet, line.global.verbose, line.global.color);
    match run(&line, &screen) {
        Ok(done) => done.code(),
        Err(failure) => {
            screen.fail(&failure);
            failure.code()
        }
    }
}

fn run(line: &CommandLine, screen: &Screen) -> Result<Done, Failure> {
    if let Command::Demo(arguments) = &line.command {
        return demo::run(arguments, &line.global, screen);
    }
    if let Command::Evaluate(arguments) = &line.command {
        return evaluate::run(arguments, &line.global);
    }
    if let Command::Init(arguments) = &line.command {
        return init::run(arguments, &line.global, screen);
    }
    if let Command::Simulate(arguments) = &line.command {
        return simulate::run(arguments, &line.global, screen);
    }
    match &line.command {
        Command::Completions(arguments) => return generate::completions(arguments),
        Command::Man(arguments) => return generate::man(arguments),
        Command::Schema(arguments) => return generate::schema(arguments),
        _ => {}
    }
    let mut desk = Desk::open(&line.global)?;
    for warning in &desk.config.warnings {
        screen.warn(warning);
    }
    match &line.command {
        Command::Demo(_)
        | Command::Evaluate(_)
        | Command::Simulate(_)
        | Command::Init(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Schema(_) => {
            unreachable!("was run above, without a configuration")
        }
        Command::Doctor => doctor::run(&desk),
        Command::Forget(arguments) => forget::run(arguments, desk, screen),
        Command::Rebuild => rebuild::run(&mut desk, screen),
        Command::Pull(arguments) => pull::run(arguments, &mut desk, screen),
        Command::Build => build::run(&mut desk, screen),
        Command::Sheet(arguments) => sheet::run(arguments, &mut desk, screen),
        Command::Report(arguments) => report::run(arguments, &mut desk, screen),
        Command::Bookings => bookings::run(&desk),
        Command::Explain(arguments) => explain::run(arguments, &desk),
        Command::Review(arguments) => review_desk::run(arguments, &mut desk, screen),
        Command::Learn => learn::run(&mut desk, screen),
        Command::Export(arguments) => export::run(arguments, &mut desk, screen),
        Command::Verify(arguments) => verify::run(arguments, &desk, screen),
        Command::Status => status::run(&desk, screen),
        Command::Money(arguments) => money::run(arguments, &desk),
    }
}
