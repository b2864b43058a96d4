//! `rebook explain`: where every value of a booking comes from, and what speaks against it.
//!
//! Records are numbered, so that a value names the records that state it in a word; what each number is stands below.

use super::desk::Desk;
use super::explain_record::Loose;
use super::failure::{Done, Failure};
use super::passage::Passage;
use super::screen::{self, one_line};
use super::{stages, waterfall, words};
use crate::model::{
    Action, Answer, Bond, Booking, Claim, Conflict, Decision, Document, FieldName, RecordId, Standing, State,
    Status, Value, When,
};
use crate::review::Terms;
use crate::wire;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A booking's id or reference, or the id of a charge, an event, a mail or any other record.
    id: String,
}

pub(super) fn run(arguments: &Arguments, desk: &Desk) -> Result<Done, Failure> {
    desk.require_build()?;
    let id = arguments.id.trim().trim_start_matches('<').trim_end_matches('>');
    let mut found = desk.staging.find_bookings(id)?;
    let mut record = None;
    // A provider's own id, without the source's name before it.
    for source in &desk.config.sources {
        let named = RecordId::new(&source.name, id);
        if record.is_none() && desk.staging.record(&named)?.is_some() {
            if found.is_empty() {
                found = desk.staging.find_bookings(named.as_str())?;
            }
            record = Some(named);
        }
    }
    // What follows from an answer may hang on another booking, so all of them are decided.
    let ids: Vec<_> = found.iter().map(|booking| booking.id.clone()).collect();
    let bookings: Vec<_> = if ids.is_empty() || desk.staging.decisions()?.is_empty() {
        found
    } else {
        let decided = desk.decide(desk.staging.bookings()?)?;
        let mut decided: Vec<_> = decided
            .into_iter()
            .filter(|booking| ids.contains(&booking.id))
            .collect();
        // Read with the booking alone; a decision changes none.
        for booking in &mut decided {
            let known = found.iter_mut().find(|known| known.id == booking.id);
            booking.waterfalls = known.map_or_else(Vec::new, |known| std::mem::take(&mut known.waterfalls));
        }
        decided
    };
    if bookings.is_empty() {
        let record = record.unwrap_or_else(|| RecordId(id.to_owned()));
        return loose(&record, id, desk);
    }
    let baseline = desk.baseline()?;
    let terms = stages::terms(desk, baseline.as_ref());
    let mut answer = screen::answer();
    for booking in &bookings {
        let explanation = Explanation::of(booking, desk, &terms)?;
        if desk.json {
            writeln!(answer, "{}", explanation.line())?;
        } else {
            explanation.write(&mut answer)?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

/// A record that is staged and on no booking is explained by itself.
fn loose(record: &RecordId, id: &str, desk: &Desk) -> Result<Done, Failure> {
    let flags = &desk.flags;
    let Some(staged) = desk.staging.record(record)? else {
        return Err(Failure::new(
            format!("nothing is known as \"{}\"", one_line(id)),
            format!(
                "name a booking by its id or reference, or a record by its id, as in ch_…; \
                 rebook bookings{flags} lists the bookings"
            ),
        ));
    };
    let found = Loose::of(record, &staged, desk, desk.baseline()?.as_ref())?;
    let mut answer = screen::answer();
    if desk.json {
        writeln!(answer, "{}", found.line())?;
    } else {
        found.write(&mut answer)?;
    }
    answer.flush()?;
    Ok(Done::All)
}

/// Rows of the backup are told by their names.
fn is_told(field: FieldName) -> bool {
    !matches!(
        field,
        FieldName::BookingKey | FieldName::CustomerKey | FieldName::Currency
    )
}

/// A weight by which a record was placed, which its waterfall tells in full.
fn is_weight(reason: &str) -> bool {
    let number = reason.strip_suffix(" bits");
    number.is_some_and(|number| number.parse::<f64>().is_ok())
}

struct Explanation<'a> {
    booking: &'a Booking,
    desk: &'a Desk,
    terms: &'a Terms<'a>,
    /// Every record and decision that is cited, with its number.
    numbers: BTreeMap<&'a RecordId, usize>,
    /// The same in the order of the numbers.
    cited: Vec<&'a RecordId>,
    /// Those of them that are staged, taken apart.
    documents: BTreeMap<&'a RecordId, Document>,
    /// What was ever decided about it, undone or not.
    decisions: Vec<Decision>,
}

impl<'a> Explanation<'a> {
    fn of(booking: &'a Booking, desk: &'a Desk, terms: &'a Terms<'a>) -> Result<Self, Failure> {
        let claims = booking.claims.values().flatten();
        let said: BTreeMap<&RecordId, _> = claims.map(|claim| (&claim.record, claim.said_at)).collect();
        let candidates = booking.conflicts.iter().flat_map(|conflict| &conflict.candidates);
        let mut cited: Vec<&RecordId> = booking
            .records
            .iter()
            .chain(said.keys().copied())
            .chain(candidates.flat_map(|candidate| &candidate.records))
            .collect();
        // In the order in which they were said; those that say nothing come last.
        cited.sort_by_key(|record| {
            let at = said.get(record).copied().flatten();
            (at.is_none(), at, *record)
        });
        cited.dedup();
        let numbers = cited.iter().copied().zip(1..).collect();
        let documents = cited
            .iter()
            .filter_map(|record| Some((*record, stages::document(&desk.staging, &desk.config, record)?)))
            .collect();
        let all = desk.staging.decisions()?;
        Ok(Self {
            booking,
            desk,
            terms,
            numbers,
            cited,
            documents,
            decisions: all
                .into_iter()
                .filter(|decision| decision.booking == booking.id)
                .collect(),
        })
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.write_head(out)?;
        for (field, value) in self.booking.fields() {
            self.write_field(field, &value, out)?;
        }
        self.write_payments(out)?;
        self.write_timeline(out)?;
        self.write_links(out)?;
        self.write_decisions(out)?;
        for conflict in &self.booking.conflicts {
            self.write_conflict(conflict, out)?;
        }
        if self.booking.state == State::Flagged {
            writeln!(
                out,
                "\n  Its values are suggestions until this is answered: rebook review{}",
                self.desk.flags
            )?;
        }
        writeln!(out)
    }

    fn write_head(&self, out: &mut impl Write) -> io::Result<()> {
        let booking = self.booking;
        let name = booking.reference.as_deref().unwrap_or("no reference");
        let key = booking.baseline_key.as_deref().map(one_line);
        let row = key.map_or_else(String::new, |key| format!(", row {key} of the backup"));
        let action = match booking.action {
            Action::Insert => "new booking",
            Action::Update => "changed since the backup",
            Action::Unchanged => "unchanged since the backup",
        };
        let state = match booking.state {
            State::Clean => "certain",
            State::Flagged => "waits for your decision",
            State::Rejected => "no booking, as you said",
        };
        writeln!(
            out,
            "{} · {action}{row} · {state} · {}",
            one_line(name),
            booking.id
        )
    }

    fn write_field(&self, field: FieldName, value: &Value, out: &mut impl Write) -> io::Result<()> {
        // The head names the row, and a resource's key stands behind its name.
        let is_told = match field {
            FieldName::BookingKey => true,
            FieldName::ResourceKey => self.booking.resource.name.is_some(),
            _ => false,
        };
        if is_told {
            return Ok(());
        }
        let row = self.booking.resource.key.as_ref();
        let row = row.filter(|_| field == FieldName::ResourceName);
        let row = row.map_or_else(String::new, |key| {
            format!("  (row {} of the backup)", one_line(key))
        });
        writeln!(
            out,
            "\n  {:<22} {}{row}",
            words::label(field),
            self.text(field, value)
        )?;
        let mut claims = self.claims(field);
        claims.sort_by_key(|claim| self.numbers.get(&claim.record));
        let (agreeing, others): (Vec<&Claim>, Vec<&Claim>) = claims
            .iter()
            .partition(|claim| claim.value == *value || self.is_same_row(claim, value));
        for claim in agreeing.iter().chain(&others) {
            self.write_claim(claim, !agreeing.contains(claim), out)?;
        }
        if agreeing.is_empty() {
            writeln!(out, "      {}", self.why(field, value))?;
        }
        Ok(())
    }

    /// The claims for a field; those for a resource's row are for its name too.
    fn claims(&self, field: FieldName) -> Vec<&'a Claim> {
        let rows: &[FieldName] = match field {
            FieldName::ResourceName => &[FieldName::ResourceName, FieldName::ResourceKey],
            _ => &[field],
        };
        rows.iter()
            .filter_map(|field| self.booking.claims.get(field))
            .flatten()
            .collect()
    }

    fn is_same_row(&self, claim: &Claim, value: &Value) -> bool {
        match (&claim.value, value) {
            (Value::Text(key), Value::Text(name)) => {
                words::row(Some(claim.field), key, self.terms).is_some_and(|row| row == *name)
            }
            _ => false,
        }
    }

    /// Why a value stands that no record states as it is.
    fn why(&self, field: FieldName, value: &Value) -> String {
        let is_row = match field {
            FieldName::CustomerKey | FieldName::ResourceKey => true,
            FieldName::ResourceName => self.booking.resource.key.is_some(),
            FieldName::CustomerName | FieldName::CustomerFirstName | FieldName::CustomerLastName => {
                self.booking.customer.baseline_key.is_some()
            }
            _ => self.booking.baseline_key.is_some(),
        };
        let said = |claim: &&Claim| match value {
            Value::When(When::Instant(at)) => claim.said_at == Some(*at),
            _ => false,
        };
        let told_at = self.booking.claims.values().flatten().find(said);
        match (field, value) {
            (FieldName::Status, Value::Status(Status::Completed)) => "its end is past".to_owned(),
            (FieldName::Status, Value::Status(Status::Confirmed)) => "no record cancels it".to_owned(),
            (FieldName::CreatedAt, _) if told_at.is_some() => told_at.map_or_else(String::new, |claim| {
                format!("when {} was made", self.number(&claim.record))
            }),
            (FieldName::CreatedAt, _) if !is_row => {
                "as long before its records as the backup's rows were made before theirs".to_owned()
            }
            _ if self
                .booking
                .conflicts
                .iter()
                .any(|conflict| conflict.field == Some(field)) =>
            {
                "in question: see below".to_owned()
            }
            _ if is_row => "as the backup has it".to_owned(),
            _ => "from the records together; none states it alone".to_owned(),
        }
    }

    fn write_claim(&self, claim: &Claim, differs: bool, out: &mut impl Write) -> io::Result<()> {
        let number = self.number(&claim.record);
        let stated = if differs {
            format!(" says {}:", self.text(claim.field, &claim.value))
        } else {
            String::new()
        };
        let standing = match claim.standing {
            Standing::Business => "",
            Standing::Customer => ", a customer's word",
            Standing::Nobody => ", nobody's word",
        };
        writeln!(
            out,
            "      {number}{stated} {}{standing}  (rule {})",
            one_line(&claim.place),
            one_line(&claim.rule),
        )?;
        match self.passage(claim) {
            Some(passage) => writeln!(out, "          {}", passage.marked()),
            None => Ok(()),
        }
    }

    fn passage(&self, claim: &Claim) -> Option<Passage> {
        Passage::of(claim, self.documents.get(&claim.record)?)
    }

    /// The answer in JSON.
    fn line(&self) -> String {
        let passage = |claim: &Claim| {
            let Passage { before, value, after } = self.passage(claim)?;
            Some([before, value, after])
        };
        let timeline: Vec<(String, String)> = self
            .cited
            .iter()
            .filter_map(|record| Some((record.to_string(), words::gist(self.documents.get(record)?))))
            .collect();
        wire::explanation_line(
            self.booking,
            &passage,
            &timeline,
            &self.decisions,
            self.desk.clockface(),
        )
    }

    fn write_payments(&self, out: &mut impl Write) -> io::Result<()> {
        if self.booking.payments.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n  payments")?;
        for payment in &self.booking.payments {
            let refunded = if payment.refunded.minor == 0 {
                String::new()
            } else {
                format!(", {} refunded", payment.refunded)
            };
            writeln!(
                out,
                "      {}  {}{refunded}  {}",
                self.moment(When::Instant(payment.paid_at)),
                payment.amount,
                one_line(&payment.id)
            )?;
        }
        Ok(())
    }

    /// Every record with its number, in the order in which they were said, and what each of them said anew.
    fn write_timeline(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n  timeline")?;
        let mut known: BTreeMap<FieldName, &Value> = BTreeMap::new();
        for record in &self.cited {
            let number = self.number(record);
            let Some(document) = self.documents.get(record) else {
                writeln!(out, "    {number:>4} {}", self.decision(record))?;
                continue;
            };
            let at = document.said_at.map(|at| self.moment(When::Instant(at)));
            let at = at.map_or_else(String::new, |at| format!("{at}  "));
            writeln!(out, "    {number:>4} {at}{}", words::gist(document))?;
            writeln!(out, "         {}", one_line(record.as_str()))?;
            let claims = self.booking.claims.values().flatten();
            for claim in claims.filter(|claim| claim.record == **record && is_told(claim.field)) {
                let said = self.text(claim.field, &claim.value);
                match known.insert(claim.field, &claim.value) {
                    None => writeln!(out, "           {} {said}", words::label(claim.field))?,
                    Some(before) if *before != claim.value => writeln!(
                        out,
                        "           {} {said}, before it was {}",
                        words::label(claim.field),
                        self.text(claim.field, before)
                    )?,
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Why the records are one booking: what they share, then what each comparison told.
    fn write_links(&self, out: &mut impl Write) -> io::Result<()> {
        if self.booking.links.is_empty() && self.booking.waterfalls.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n  why they are one booking")?;
        let (plain, weighed): (Vec<&String>, Vec<&String>) =
            self.booking.links.iter().partition(|link| !is_weight(link));
        for reason in plain {
            writeln!(out, "      {}", one_line(reason))?;
        }
        if self.booking.waterfalls.is_empty() {
            for reason in weighed {
                writeln!(out, "      {}", one_line(reason))?;
            }
        }
        for waterfall in &self.booking.waterfalls {
            let known: Vec<&RecordId> = waterfall
                .records
                .iter()
                .filter(|record| self.numbers.contains_key(record))
                .collect();
            // Of records that share an id, those that say nothing have no number.
            let records = if known.is_empty() {
                waterfall.records.iter().collect()
            } else {
                known
            };
            let records: Vec<String> = records.into_iter().map(|record| self.number(record)).collect();
            for line in waterfall::lines(waterfall, &records.join(" ")) {
                writeln!(out, "      {line}")?;
            }
        }
        Ok(())
    }

    /// Everything that was ever decided about it.
    fn write_decisions(&self, out: &mut impl Write) -> io::Result<()> {
        if self.decisions.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n  decisions")?;
        let undone: Vec<u64> = self
            .decisions
            .iter()
            .filter_map(|decision| match decision.answer {
                Answer::Undo(seq) => Some(seq),
                _ => None,
            })
            .collect();
        for decision in &self.decisions {
            let answer = match &decision.answer {
                Answer::Take(Some(Value::When(when))) => format!("taken, {}", self.moment(*when)),
                Answer::Take(Some(value)) => format!("taken, {}", self.desk.clockface().text(value)),
                Answer::Take(None) => "left empty".to_owned(),
                Answer::Accept => "kept as it stands".to_owned(),
                Answer::Reject => "no booking".to_owned(),
                Answer::Later(note) if note.is_empty() => "put off".to_owned(),
                Answer::Later(note) => format!("put off: {note}"),
                Answer::Tie(tie) => {
                    let records = words::count_of(tie.records.len() as u64, "record", "records");
                    match tie.bond {
                        Bond::Together => format!("{records} put to it"),
                        Bond::Apart => format!("{records} set apart from it"),
                    }
                }
                Answer::Undo(seq) => format!("decision {seq} taken back"),
            };
            let taken_back = if undone.contains(&decision.seq) {
                ", taken back since"
            } else {
                ""
            };
            writeln!(
                out,
                "    {:>4} {}  {}, by {}{taken_back}",
                decision.seq,
                self.moment(When::Instant(decision.at)),
                one_line(&answer),
                one_line(&decision.who)
            )?;
        }
        Ok(())
    }

    /// A decision in words; else the record's id.
    fn decision(&self, record: &RecordId) -> String {
        let claims = self.booking.claims.values().flatten();
        let claim = claims.into_iter().find(|claim| claim.record == *record);
        match (record.source(), claim) {
            ("decision", Some(claim)) => {
                let at = claim.said_at.map(|at| self.moment(When::Instant(at)));
                format!(
                    "{}  decision {} in rebook review, {}",
                    at.unwrap_or_default(),
                    one_line(record.native()),
                    one_line(&claim.place)
                )
            }
            _ => one_line(record.as_str()),
        }
    }

    fn write_conflict(&self, conflict: &Conflict, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n  to decide: {}", words::question(conflict.kind))?;
        for line in words::wrapped(&one_line(&conflict.reason), 72) {
            writeln!(out, "      {line}")?;
        }
        for (index, candidate) in conflict.candidates.iter().enumerate() {
            let records: Vec<String> = candidate
                .records
                .iter()
                .map(|record| self.number(record))
                .collect();
            let records = records.join(" ");
            let Some(field) = conflict.field else {
                writeln!(out, "      {records}")?;
                continue;
            };
            let value = candidate
                .value
                .as_ref()
                .map_or_else(|| "leave it empty".to_owned(), |value| self.text(field, value));
            let mark = if conflict.suggested == Some(index) {
                ", suggested"
            } else {
                ""
            };
            let bits = candidate.millibits as f64 / 1000.0;
            writeln!(
                out,
                "      {}  {value}  {records} ({bits:.1} bits{mark})",
                index + 1
            )?;
            writeln!(out, "         {}", waterfall::bar(candidate.millibits))?;
        }
        Ok(())
    }

    fn number(&self, record: &RecordId) -> String {
        self.numbers
            .get(record)
            .map_or_else(|| one_line(record.as_str()), |number| format!("[{number}]"))
    }

    fn moment(&self, when: When) -> String {
        self.desk.clockface().brief(when)
    }

    fn text(&self, field: FieldName, value: &Value) -> String {
        match value {
            Value::Text(text) => match words::row(Some(field), text, self.terms) {
                Some(row) => format!("{}  (row {} of the backup)", one_line(&row), one_line(text)),
                None => one_line(text),
            },
            Value::When(when) => self.moment(*when),
            value => one_line(&self.desk.clockface().text(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_weight;

    #[test]
    fn a_weight_alone_is_no_reason_in_words() {
        assert!(is_weight("6.8 bits") && is_weight("-0.5 bits"));
        assert!(!is_weight("the same reference") && !is_weight("two bits"));
    }
}
