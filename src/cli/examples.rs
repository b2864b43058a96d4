//! What stands first in the help of each command.

pub(super) const INIT: &str = "\
Examples:
  rebook init exports/       everything lies in one folder; what each file is shows in its content
  rebook init --backup backup.sql --stripe stripe --calendar calendar --mail mail --dir recovery";

pub(super) const REBUILD: &str = "\
Examples:
  rebook rebuild                     read every source of ./rebook.toml, then build
  rebook rebuild --json > done.json  the closing summary for another program
  rebook rebuild --config shop/rebook.toml";

pub(super) const PULL: &str = "\
Examples:
  rebook pull            read every source into staging
  rebook pull mail       read the source named mail alone
  rebook pull stripe calendar && rebook sheet";

pub(super) const BUILD: &str = "\
Examples:
  rebook build           make bookings of what is staged, offline
  rebook build -v        with every warning";

pub(super) const SHEET: &str = "\
Examples:
  rebook sheet                                    who comes and leaves today
  rebook sheet --day tomorrow --html sheet.html   a page to print, A4 or Letter
  rebook sheet --day 2026-11-21 --csv > day.csv   for a spreadsheet
  rebook sheet --tenant \"Maple North\"             one business of several";

pub(super) const REPORT: &str = "\
Examples:
  rebook report                    write ./report/index.html
  rebook report --out /tmp/page    write it somewhere else; open index.html";

pub(super) const BOOKINGS: &str = "\
Examples:
  rebook bookings                           every booking, a line each, by day
  rebook bookings --json > bookings.jsonl   for other programs, a JSON object a line";

pub(super) const EXPLAIN: &str = "\
Examples:
  rebook explain QX-1042         a booking by its reference
  rebook explain b_0123456789ab  or by its id
  rebook explain ch_3G0faC       or by a charge, an event or a mail that tells of it
  rebook explain QX-1042 --json";

pub(super) const REVIEW: &str = "\
Examples:
  rebook review                  answer the open questions, what starts soonest first
  rebook review --plain          lines in and lines out, for pipes and screen readers";

pub(super) const LEARN: &str = "\
Examples:
  rebook learn                   write what the overlap with the backup teaches";

pub(super) const EXPORT: &str = "\
Examples:
  rebook export --out reload.sql                  everything; refuses while questions are open
  rebook export --skip-flagged --out reload.sql   what is certain, and a list of the rest
  rebook export --live today.sql --out reload.sql made against what stands in production now
  psql -X -v ON_ERROR_STOP=1 -f reload.sql shop   rehearse it: PostgreSQL files roll back by themselves";

pub(super) const VERIFY: &str = "\
Examples:
  rebook verify --target after.sql                what stands of the reload in a dump made after it
  rebook verify --target postgres://me@db/shop    the same in production itself, in a session that only reads";

pub(super) const STATUS: &str = "\
Examples:
  rebook status          where things stand, and the next command
  rebook status -v       with every warning and every problem";

pub(super) const MONEY: &str = "\
Examples:
  rebook money                    each payment in one place, with sums
  rebook money --csv > money.csv  for a spreadsheet";

pub(super) const DOCTOR: &str = "\
Examples:
  rebook doctor          what stands in the way of a rebuild, before it does
  rebook doctor --json";

pub(super) const FORGET: &str = "\
Examples:
  rebook forget                           asks for the name of the business first
  rebook forget --yes \"Harbour Bikes\"     without asking";

pub(super) const DEMO: &str = "\
Examples:
  rebook demo            the whole way on a small made-up business, in a new folder
  rebook demo ~/try-it   in a folder of your choice";

pub(super) const EVALUATE: &str = "\
Examples:
  rebook evaluate --world fixtures/demo   measure the last build against known truth
  rebook evaluate --truth restored.sql    the same against the lost database, where it came back after all";

pub(super) const SIMULATE: &str = "\
Examples:
  rebook simulate --list                        the businesses that can be made up
  rebook simulate --business hire --out /tmp/drill --bookings 300
  rebook simulate --business hire --out /tmp/bad --damage heavy --seed 7";

pub(super) const COMPLETIONS: &str = "\
Examples:
  rebook completions bash > ~/.local/share/bash-completion/completions/rebook
  rebook completions zsh > ~/.zfunc/_rebook
  rebook completions fish > ~/.config/fish/completions/rebook.fish";

pub(super) const MAN: &str = "\
Examples:
  rebook man --out ~/.local/share/man/man1    then: man rebook, man rebook-sheet";

pub(super) const SCHEMA: &str = "\
Examples:
  rebook schema > answers.schema.json           what each command answers with --json
  rebook schema config > rebook.schema.json     rebook.toml, for an editor that completes and checks it
  rebook schema mapping --markdown              every key of a mapping file, to read";
