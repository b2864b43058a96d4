//! Runs `tests/cases/review`: bookings and typed lines in; the screen, the log and the bookings out.
//!
//! `UPDATE=1` writes what is expected, for `git diff` to review.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use rebook::cli::review::{
    Colors, Desktop, Ending, KeepError, Keeper, Kept, Outcome, Setting, Stroke, Turn, farewell, run,
};
use rebook::model::{
    Action, Answer, Baseline, BaselineResource, Basis, Bond, Booking, BookingId, Business, Candidate, Claim,
    Conflict, ConflictId, ConflictKind, Currency, Customer, Decision, Document, Draft, FieldName, Heading,
    Item, Money, Payment, RecordId, Resource, Scalar, SourceKind, Standing, State, Status, Value, When,
    Wording,
};
use rebook::review::{Pile, Queue, Shelf, Span, Terms, apply};
use serde::Deserialize;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The fact, in a sentence.
    shows: String,
    now: String,
    timezone: String,
    currency: String,
    #[serde(default)]
    date_only: bool,
    /// Nothing is booked twice at one time.
    #[serde(default)]
    exclusive: bool,
    /// Columns and rows of a full screen, which in/strokes.txt is typed into; else lines.
    screen: Option<(u16, u16)>,
    #[serde(default)]
    no_color: bool,
    /// After so many acts somebody else decides as `[[meanwhile]]` says.
    meanwhile_after: Option<usize>,
    /// The same line again and again, as `yes` does, in place of in/answers.txt.
    forever: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    resource: Vec<GivenResource>,
    booking: Vec<GivenBooking>,
    #[serde(default)]
    decision: Vec<GivenDecision>,
    /// Decided by somebody else while the sitting goes on.
    #[serde(default)]
    meanwhile: Vec<GivenDecision>,
    #[serde(default)]
    record: Vec<GivenRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRecord {
    id: String,
    kind: String,
    object: String,
    said_at: Option<String>,
    /// Places and texts.
    #[serde(default)]
    items: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPayment {
    id: String,
    amount: i64,
    #[serde(default)]
    refunded: i64,
    paid_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenClaim {
    field: String,
    value: String,
    record: String,
    place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenResource {
    key: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenBooking {
    id: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    conflict: Vec<GivenConflict>,
    #[serde(default)]
    records: Vec<String>,
    #[serde(default)]
    payment: Vec<GivenPayment>,
    #[serde(default)]
    claim: Vec<GivenClaim>,
    #[serde(default)]
    links: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenConflict {
    kind: String,
    field: Option<String>,
    reason: String,
    suggested: Option<usize>,
    #[serde(default)]
    candidate: Vec<GivenCandidate>,
    #[serde(default)]
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenCandidate {
    value: Option<String>,
    #[serde(default)]
    records: Vec<String>,
    millibits: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenDecision {
    conflict: String,
    evidence: String,
    take: Option<String>,
    later: Option<String>,
}

/// The log in memory, shared with somebody else.
struct Shared {
    log: Vec<Decision>,
    now: DateTime<Utc>,
    acts: usize,
    meanwhile: Option<(usize, Vec<Decision>)>,
}

impl Shared {
    fn others_decide(&mut self) {
        if let Some((_, decisions)) = self.meanwhile.take_if(|(after, _)| *after <= self.acts) {
            for mut decision in decisions {
                decision.seq = self.log.len() as u64 + 1;
                decision.act = decision.seq;
                self.log.push(decision);
            }
        }
    }
}

impl Keeper for Shared {
    fn keep(&mut self, drafts: &[Draft], seen: u64) -> Result<Kept, KeepError> {
        self.others_decide();
        let news = self.news(seen)?;
        let is_overtaken = |draft: &Draft| news.iter().any(|other| other.booking == draft.booking);
        if drafts.iter().any(is_overtaken) {
            let decisions = Vec::new();
            return Ok(Kept { news, decisions });
        }
        self.acts += 1;
        let act = self.log.len() as u64 + 1;
        let kept = drafts.iter().zip(act..).map(|(draft, seq)| {
            Decision::of(
                draft.clone(),
                seq,
                act,
                "ann",
                self.now + TimeDelta::seconds(seq as i64),
            )
        });
        let decisions: Vec<Decision> = kept.collect();
        self.log.extend(decisions.clone());
        Ok(Kept { news, decisions })
    }

    fn news(&mut self, seen: u64) -> Result<Vec<Decision>, KeepError> {
        let news = self.log.iter().filter(|decision| decision.seq > seen);
        Ok(news.filter(|decision| decision.who != "ann").cloned().collect())
    }
}

#[test]
fn every_review_case_reads_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/review");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("tests/cases/review")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case below {}", folder.display());
    let wrong: Vec<String> = cases.iter().flat_map(|case| run_case(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs one case; what differs from the expected files, a line each.
fn run_case(folder: &Path) -> Vec<String> {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name))
            .unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
    };
    let case: Case = toml::from_str(&read("case.toml")).expect("case.toml");
    assert!(!case.shows.is_empty(), "{} says nothing", folder.display());
    let given: Given = toml::from_str(&read("in/bookings.toml")).expect("in/bookings.toml");

    let business = Business {
        name: "Example".to_owned(),
        zone: case.timezone.parse().expect("a time zone"),
        country: "US".to_owned(),
        currency: Currency::parse(&case.currency).expect("a currency"),
    };
    let now: DateTime<Utc> = case.now.parse().expect("now");
    let baseline = baseline(&given.resource);
    let bookings: Vec<Booking> = given
        .booking
        .iter()
        .map(|given| booking(given, business.currency))
        .collect();
    let terms = Terms::new(
        &business,
        Some(&baseline).filter(|baseline| !baseline.resources.is_empty()),
        case.date_only,
    )
    .exclusive(case.exclusive);
    let decided = |given: &[GivenDecision]| -> Vec<Decision> {
        let numbered = given.iter().zip(1..);
        numbered
            .map(|(given, seq)| earlier(given, seq, &bookings, now))
            .collect()
    };
    let mut shared = Shared {
        log: decided(&given.decision),
        now,
        acts: 0,
        meanwhile: case
            .meanwhile_after
            .map(|after| (after, decided(&given.meanwhile))),
    };
    let pile = Pile::new(bookings.clone());
    let mut queue = Queue::new(&pile, shared.log.clone(), &terms, now, "ann");
    let document = |id: &RecordId| given.record.iter().find(|given| given.id == id.0).map(document);
    let stakes = stakes(&bookings);
    let setting = Setting {
        now,
        zone: business.zone,
        terms: &terms,
        document: &document,
        details: &|_| None,
        stakes: &stakes,
    };
    let (outcome, mut shown) = match case.screen {
        None => by_lines(&case, || read("in/answers.txt"), &mut queue, setting, &mut shared),
        Some(size) => {
            let colors = if case.no_color {
                Colors::None
            } else {
                Colors::Sixteen
            };
            on_screen(
                &read("in/strokes.txt"),
                size,
                colors,
                &mut queue,
                setting,
                &mut shared,
            )
        }
    };
    let settled = apply(bookings, &shared.log, &terms);
    let open: usize = settled.iter().map(|booking| booking.conflicts.len()).sum();
    assert_eq!(
        outcome.open,
        open,
        "{}: what the sitting calls open is what stays open",
        folder.display()
    );
    let decisions: String = shared.log.iter().map(decision_line).collect();
    let bookings: String = settled
        .iter()
        .map(|booking| booking_lines(booking, &business))
        .collect();
    shown.extend([
        ("decisions.txt".to_owned(), decisions),
        ("bookings.txt".to_owned(), bookings),
    ]);
    shown
        .into_iter()
        .filter_map(|(name, text)| differs(&folder.join("expected").join(name), &text))
        .collect()
}

type Shown = Vec<(String, String)>;

fn by_lines(
    case: &Case,
    answers: impl Fn() -> String,
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    keeper: &mut Shared,
) -> (Outcome, Shown) {
    let answers = match &case.forever {
        Some(line) => format!("{line}\n").repeat(10_000),
        None => answers(),
    };
    let mut input = answers.as_bytes();
    let mut screen = Vec::new();
    let mut decisions = 0;
    let outcome = loop {
        let outcome = run(queue, setting, &mut input, &mut screen, keeper).expect("a sitting in memory");
        decisions += outcome.decisions;
        if outcome.ending == Ending::Over {
            break Outcome { decisions, ..outcome };
        }
    };
    farewell(outcome, &mut screen).expect("memory");
    assert!(
        case.forever.is_none() || !input.is_empty(),
        "the sitting read an endless input to its end"
    );
    let screen = String::from_utf8(screen).expect("text");
    assert_harmless(&screen);
    (outcome, vec![("screen.txt".to_owned(), screen)])
}

/// Types strokes, and takes a picture wherever `<shot>` stands and at the end.
fn on_screen(
    strokes: &str,
    (columns, rows): (u16, u16),
    colors: Colors,
    queue: &mut Queue<'_>,
    setting: Setting<'_>,
    keeper: &mut Shared,
) -> (Outcome, Shown) {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("memory");
    let mut desktop = Desktop::new(colors);
    let (mut screens, mut looks) = (String::new(), String::new());
    let mut rest = strokes;
    let mut is_over = false;
    loop {
        terminal
            .draw(|frame| desktop.draw(frame, queue, setting))
            .expect("memory");
        let Some((word, behind)) = next_word(rest).filter(|_| !is_over) else {
            break;
        };
        rest = behind;
        let stroke = match word {
            "<shot>" => {
                picture(terminal.backend().buffer(), &mut screens, &mut looks);
                continue;
            }
            "<listen>" => {
                desktop.hear(queue, setting, keeper).expect("memory");
                continue;
            }
            "<enter>" => Stroke::Enter,
            "<esc>" => Stroke::Escape,
            "<back>" => Stroke::Backspace,
            "<down>" => Stroke::Down,
            "<pagedown>" => Stroke::PageDown,
            "<end>" => Stroke::End,
            "<redo>" => Stroke::Redo,
            "<paste>" => Stroke::Paste("y\n\u{1b}[2Jy".to_owned()),
            word => Stroke::Char(word.chars().next().expect("a character")),
        };
        let turn = desktop
            .stroke(stroke, queue, setting, keeper)
            .expect("a sitting in memory");
        is_over = turn == Turn::Over(Ending::Over);
    }
    picture(terminal.backend().buffer(), &mut screens, &mut looks);
    assert_harmless(&screens);
    let counts = queue.counts();
    let outcome = Outcome {
        decisions: desktop.decisions(),
        open: counts.open,
        waiting: counts.waiting,
        ending: Ending::Over,
    };
    let shown = vec![
        ("screen.txt".to_owned(), screens),
        ("looks.txt".to_owned(), looks),
    ];
    (outcome, shown)
}

/// A key by its name, or one character; line breaks are for reading alone.
fn next_word(strokes: &str) -> Option<(&str, &str)> {
    let strokes = strokes.trim_start_matches('\n');
    let first = strokes.chars().next()?;
    let end = match strokes.find('>') {
        Some(end) if first == '<' => end + 1,
        _ => first.len_utf8(),
    };
    Some(strokes.split_at(end))
}

/// The text of a screen, and where it does not look plain.
fn picture(buffer: &Buffer, screens: &mut String, looks: &mut String) {
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut runs: Vec<(u16, u16, String)> = Vec::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            line.push_str(cell.symbol());
            let style = cell.style();
            let look = format!("{:?} {:?}", style.fg.unwrap_or_default(), style.add_modifier);
            match runs.last_mut() {
                Some((_, to, known)) if *known == look => *to = x,
                _ => runs.push((x, x, look)),
            }
        }
        screens.push_str(line.trim_end());
        screens.push('\n');
        for (from, to, look) in runs.iter().filter(|(_, _, look)| look != "Reset NONE") {
            let _ = writeln!(looks, "{y}: {from}-{to} {look}");
        }
    }
    screens.push_str("=====\n");
    looks.push_str("=====\n");
}

/// Whatever was shown cannot move a cursor, change a colour or turn the reading order round.
fn assert_harmless(shown: &str) {
    let is_harm = |char: char| {
        char.is_control() && char != '\n'
            || matches!(char, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!shown.contains(is_harm), "{shown:?}");
}

fn document(given: &GivenRecord) -> Document {
    let mut lines: BTreeMap<&str, u32> = BTreeMap::new();
    let items = given.items.iter().map(|(place, text)| {
        let line = lines.entry(place).or_default();
        *line += 1;
        Item {
            place: place.clone(),
            line: *line - 1,
            value: Scalar::Text(text.clone()),
        }
    });
    Document {
        record: RecordId(given.id.clone()),
        kind: SourceKind::parse(&given.kind).expect("a kind of source"),
        object: given.object.clone(),
        container: String::new(),
        tenant: None,
        said_at: given
            .said_at
            .as_deref()
            .map(|text| text.parse().expect("a moment")),
        made_at: None,
        standing: Standing::Business,
        items: items.collect(),
        kin: Vec::new(),
        problems: Vec::new(),
        listing: rebook::model::Listing::One,
    }
}

/// What waits on each booking for an answer.
fn stakes(bookings: &[Booking]) -> HashMap<BookingId, Vec<Money>> {
    let mut stakes: HashMap<BookingId, Vec<Money>> = HashMap::new();
    for booking in bookings.iter().filter(|booking| booking.is_open()) {
        for payment in &booking.payments {
            let left = payment.amount.minor - payment.refunded.minor;
            let money = Money::new(left, payment.amount.currency);
            stakes.entry(booking.id.clone()).or_default().push(money);
        }
    }
    stakes
}

fn differs(path: &Path, text: &str) -> Option<String> {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder that can be made");
        fs::write(path, text).expect("a file that can be written");
        return None;
    }
    match fs::read_to_string(path) {
        Ok(expected) if expected == text => None,
        Ok(expected) => Some(format!("{}: expected\n{expected}\nfound\n{text}", path.display())),
        Err(error) => Some(format!("{}: {error}; UPDATE=1 writes it", path.display())),
    }
}

fn baseline(resources: &[GivenResource]) -> Baseline {
    let resources = resources.iter().map(|given| BaselineResource {
        key: given.key.clone(),
        name: Some(given.name.clone()),
        ..BaselineResource::default()
    });
    Baseline {
        resources: resources.collect(),
        ..Baseline::default()
    }
}

fn booking(given: &GivenBooking, currency: Currency) -> Booking {
    let text = |name: &str| given.fields.get(name).cloned();
    let when = |name: &str| text(name).map(|text| When::parse(&text).expect("a moment"));
    let conflicts: Vec<Conflict> = given
        .conflict
        .iter()
        .zip(1..)
        .map(|(question, number)| conflict(question, &given.id, number, currency))
        .collect();
    Booking {
        id: BookingId(given.id.clone()),
        state: if conflicts.is_empty() {
            State::Clean
        } else {
            State::Flagged
        },
        action: Action::Insert,
        baseline_key: None,
        tenant: text("tenant"),
        reference: text("reference"),
        status: text("status").map(|text| Status::parse(&text).expect("a status")),
        customer: Customer {
            name: text("name"),
            email: text("email"),
            phone: text("phone"),
            ..Customer::default()
        },
        resource: Resource {
            name: text("resource"),
            key: text("resource_key"),
        },
        starts_at: when("starts_at"),
        ends_at: when("ends_at"),
        total: text("total").map(|text| Money::new(text.parse().expect("minor units"), currency)),
        created_at: None,
        payments: given
            .payment
            .iter()
            .map(|given| Payment {
                id: given.id.clone(),
                amount: Money::new(given.amount, currency),
                refunded: Money::new(given.refunded, currency),
                paid_at: given.paid_at.parse().expect("a moment"),
                baseline_refunded: None,
            })
            .collect(),
        records: given.records.iter().cloned().map(RecordId).collect(),
        conflicts,
        claims: claims(&given.claim, currency),
        links: given.links.clone(),
        waterfalls: Vec::new(),
    }
}

fn claims(given: &[GivenClaim], currency: Currency) -> BTreeMap<FieldName, Vec<Claim>> {
    let mut claims: BTreeMap<FieldName, Vec<Claim>> = BTreeMap::new();
    for given in given {
        let field = FieldName::parse(&given.field).expect("a field");
        claims.entry(field).or_default().push(Claim {
            record: RecordId(given.record.clone()),
            field,
            value: value(Some(field), &given.value, currency),
            place: given.place.clone(),
            rule: "mail#1".to_owned(),
            standing: Standing::Business,
            said_at: None,
        });
    }
    claims
}

fn conflict(given: &GivenConflict, booking: &str, number: usize, currency: Currency) -> Conflict {
    let field = given
        .field
        .as_deref()
        .map(|name| FieldName::parse(name).expect("a field"));
    let candidates = given.candidate.iter().map(|candidate| Candidate {
        value: candidate
            .value
            .as_deref()
            .map(|text| value(field, text, currency)),
        records: candidate.records.iter().cloned().map(RecordId).collect(),
        millibits: candidate.millibits,
    });
    Conflict {
        id: ConflictId(format!("{booking}.{number}")),
        kind: ConflictKind::parse(&given.kind).expect("a kind"),
        field,
        reason: given.reason.clone(),
        candidates: candidates.collect(),
        suggested: given.suggested,
        evidence: given.evidence.clone(),
    }
}

fn value(field: Option<FieldName>, text: &str, currency: Currency) -> Value {
    match field {
        Some(FieldName::StartsAt | FieldName::EndsAt) => Value::When(When::parse(text).expect("a moment")),
        Some(FieldName::Total) => Value::Money(Money::new(text.parse().expect("minor units"), currency)),
        Some(FieldName::Status) => Value::Status(Status::parse(text).expect("a status")),
        _ => Value::Text(text.to_owned()),
    }
}

fn earlier(given: &GivenDecision, seq: u64, bookings: &[Booking], now: DateTime<Utc>) -> Decision {
    let id = ConflictId(given.conflict.clone());
    let (booking, question) = bookings
        .iter()
        .flat_map(|booking| booking.conflicts.iter().map(move |conflict| (booking, conflict)))
        .find(|(_, conflict)| conflict.id == id)
        .expect("the conflict that was decided");
    let answer = match (&given.take, &given.later) {
        (Some(text), _) => Answer::Take(Some(value(
            question.field,
            text,
            Currency::parse("eur").expect("a currency"),
        ))),
        (None, Some(note)) => Answer::Later(note.clone()),
        (None, None) => Answer::Accept,
    };
    Decision {
        seq,
        act: seq,
        basis: Basis::default(),
        booking: booking.id.clone(),
        conflict: id,
        evidence: given.evidence.clone(),
        answer,
        who: "bob".to_owned(),
        at: now - TimeDelta::days(7),
    }
}

fn decision_line(decision: &Decision) -> String {
    let answer = match &decision.answer {
        Answer::Take(Some(Value::Text(text))) => format!("take {}", text.escape_debug()),
        Answer::Take(Some(Value::When(when))) => format!("take {}", when.render(chrono_tz::UTC)),
        Answer::Take(Some(Value::Money(money))) => format!("take {money}"),
        Answer::Take(Some(Value::Status(status))) => format!("take {}", status.as_str()),
        Answer::Take(None) => "take nothing".to_owned(),
        Answer::Accept => "accept".to_owned(),
        Answer::Reject => "reject".to_owned(),
        Answer::Later(note) => format!("later {note}"),
        Answer::Tie(tie) => {
            let names = |records: &[RecordId]| {
                let names: Vec<&str> = records.iter().map(RecordId::as_str).collect();
                names.join(" ")
            };
            let word = match tie.bond {
                Bond::Together => "to",
                Bond::Apart => "from",
            };
            format!("tie {} {word} {}", names(&tie.records), names(&tie.with))
        }
        Answer::Undo(seq) => format!("undo {seq}"),
    };
    let act = if decision.act == decision.seq {
        String::new()
    } else {
        format!(" with {}", decision.act)
    };
    let why = if decision.basis.why.is_empty() {
        String::new()
    } else {
        format!(" ({})", decision.basis.why)
    };
    format!(
        "{}{act} {} {} {answer}{why}\n",
        decision.seq, decision.who, decision.conflict
    )
}

fn booking_lines(booking: &Booking, business: &Business) -> String {
    let mut lines = format!(
        "{} {} {}\n",
        booking.id,
        booking.state.as_str(),
        booking.action.as_str()
    );
    let when = |when: Option<When>| when.map(|when| when.render(business.zone));
    for (name, value) in [
        ("reference", booking.reference.clone()),
        ("status", booking.status.map(|status| status.as_str().to_owned())),
        ("name", booking.customer.name.clone()),
        ("email", booking.customer.email.clone()),
        ("resource", booking.resource.name.clone()),
        ("resource_key", booking.resource.key.clone()),
        ("starts_at", when(booking.starts_at)),
        ("ends_at", when(booking.ends_at)),
        ("total", booking.total.map(|total| total.to_string())),
    ] {
        if let Some(value) = value {
            let _ = writeln!(lines, "  {name} {}", value.escape_debug());
        }
    }
    for conflict in &booking.conflicts {
        let _ = writeln!(lines, "  open {}", conflict.id);
    }
    for claim in booking.claims.values().flatten() {
        let _ = writeln!(lines, "  cites {} for {}", claim.record, claim.field);
    }
    lines
}

/// Ten thousand open cases, as a big business on its worst day has them.
pub fn many(count: usize) -> Vec<Booking> {
    let day = |index: usize| format!("2026-{:02}-{:02}T09:00:00Z", 1 + index % 12, 1 + index % 28);
    let given = (0..count).map(|index| {
        let fields = [
            ("reference", format!("RB-{index}")),
            ("name", format!("Guest {index}")),
            ("email", format!("guest{}@guest.example", index % 8_000)),
            ("resource", format!("Van {}", index % 50)),
            ("resource_key", (index % 50).to_string()),
            ("starts_at", day(index)),
            ("ends_at", day(index).replace("T09", "T17")),
            ("status", "confirmed".to_owned()),
            ("total", "10000".to_owned()),
        ];
        let candidate = |hour: &str, source: &str, millibits| GivenCandidate {
            value: Some(day(index).replace("T09", hour)),
            records: vec![format!("{source}:{index}")],
            millibits,
        };
        GivenBooking {
            id: format!("b_{index:05}"),
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
            conflict: vec![GivenConflict {
                kind: "changed_without_notice".to_owned(),
                field: Some("starts_at".to_owned()),
                reason: format!(
                    "The calendar was changed after the last message: it says {}.",
                    day(index)
                ),
                suggested: Some(0),
                candidate: vec![
                    candidate("T09", "calendar", 2_000),
                    candidate("T10", "mail", 1_000),
                ],
                evidence: format!("e{index}"),
            }],
            records: vec![format!("calendar:{index}"), format!("mail:{index}")],
            payment: Vec::new(),
            claim: Vec::new(),
            links: Vec::new(),
        }
    });
    given
        .map(|given| booking(&given, Currency::parse("eur").expect("a currency")))
        .collect()
}

/// A shelf that counts what is taken from it.
struct Counted {
    pile: Pile,
    opened: Cell<usize>,
}

impl Shelf for Counted {
    fn extent(&self) -> usize {
        self.pile.extent()
    }
    fn headings(&self) -> Vec<Heading> {
        self.pile.headings()
    }
    fn wordings(&self) -> Vec<Wording> {
        self.pile.wordings()
    }
    fn bookings(&self, places: &[usize]) -> Vec<Booking> {
        self.opened.set(self.opened.get() + places.len());
        self.pile.bookings(places)
    }
    fn places(&self, ids: &[&BookingId]) -> Vec<usize> {
        self.pile.places(ids)
    }
    fn of_thing(&self, key: &str) -> Vec<(usize, Option<Span>)> {
        self.pile.of_thing(key)
    }
    fn of_customer(&self, customer: &Customer) -> Vec<usize> {
        self.pile.of_customer(customer)
    }
    fn called(&self, name: &str) -> Vec<usize> {
        self.pile.called(name)
    }
    fn holding(&self, record: &RecordId) -> Vec<usize> {
        self.pile.holding(record)
    }
    fn asking(&self, kind: ConflictKind, record: &RecordId) -> Vec<usize> {
        self.pile.asking(kind, record)
    }
    fn is_told(&self, row: &str) -> bool {
        self.pile.is_told(row)
    }
}

/// Bookings that one key may open: the case, what overlaps it, and its customer's others.
const OPENED_MAX: usize = 20;

/// Ten thousand open cases must not be opened to show the first, nor to answer it. How long it takes is printed by
/// `cargo test --release --test it review::ten -- --nocapture`, and bounded where it is optimised.
#[test]
fn ten_thousand_open_cases_answer_at_once() {
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 6_000 } else { 50 });
    let business = Business {
        name: "Example".to_owned(),
        zone: chrono_tz::UTC,
        country: "AT".to_owned(),
        currency: Currency::parse("eur").expect("a currency"),
    };
    let now: DateTime<Utc> = "2026-06-10T10:00:00Z".parse().expect("a moment");
    let terms = Terms::new(&business, None, false).exclusive(true);
    let shelf = Counted {
        pile: Pile::new(many(10_000)),
        opened: Cell::new(0),
    };
    let mut shared = Shared {
        log: Vec::new(),
        now,
        acts: 0,
        meanwhile: None,
    };
    let stakes = HashMap::new();
    let setting = Setting {
        now,
        zone: business.zone,
        terms: &terms,
        document: &|_| None,
        details: &|_| None,
        stakes: &stakes,
    };
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("memory");
    let mut desktop = Desktop::new(Colors::Sixteen);
    let begun = Instant::now();
    let mut queue = Queue::new(&shelf, Vec::new(), &terms, now, "ann");
    assert_eq!(shelf.opened.get(), 0, "the queue is planned from headings alone");
    terminal
        .draw(|frame| desktop.draw(frame, &queue, setting))
        .expect("memory");
    println!("opening: {:?}", begun.elapsed());
    assert_eq!(queue.counts().open, 10_000);
    assert!(shelf.opened.get() <= OPENED_MAX, "{} opened", shelf.opened.get());
    let mut slow = vec![("opening", begun.elapsed())];
    let count = if cfg!(debug_assertions) { 18 } else { 90 };
    for key in "y2kunUb1y"
        .chars()
        .cycle()
        .take(count)
        .chain("?/kind:changed\nh".chars())
    {
        let begun = Instant::now();
        let before = shelf.opened.get();
        let stroke = if key == '\n' {
            Stroke::Enter
        } else {
            Stroke::Char(key)
        };
        desktop
            .stroke(stroke, &mut queue, setting, &mut shared)
            .expect("memory");
        terminal
            .draw(|frame| desktop.draw(frame, &queue, setting))
            .expect("memory");
        slow.push(("a key", begun.elapsed()));
        let opened = shelf.opened.get() - before;
        assert!(opened <= OPENED_MAX, "{key:?} opened {opened} bookings");
    }
    slow.sort_by_key(|(_, took)| *took);
    println!(
        "keys: median {:?}, slowest {:?}",
        slow[slow.len() / 2].1,
        slow[slow.len() - 1]
    );
    // A machine that is busy with other things makes single keys late, but not most of them.
    let (what, took) = slow[slow.len() * 9 / 10];
    assert!(took < limit, "{what} took {took:?}");
}
