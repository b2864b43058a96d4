//! Decisions: append-only, undone by another decision.

use super::{Staging, StoreError};
use crate::model::{Basis, BookingId, ConflictId, ConflictKind, Decision, Draft};
use crate::wire;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, TransactionBehavior, params};

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What others decided since the number that the act was based on.
    pub news: Vec<Decision>,
    /// The act as it was kept; empty where the news is about one of its bookings, and then nothing was kept.
    pub decisions: Vec<Decision>,
}

impl Staging {
    /// Commits an act as a whole, and numbers its decisions. `seen` is the last number that whoever decided knew of:
    /// where somebody else has decided about one of these bookings since, nothing is kept.
    pub fn keep_act(
        &mut self,
        drafts: &[Draft],
        seen: u64,
        who: &str,
        at: DateTime<Utc>,
    ) -> Result<Kept, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let news = read(&transaction, seen)?;
        let is_overtaken = drafts
            .iter()
            .any(|draft| news.iter().any(|other| other.booking == draft.booking));
        let mut decisions = Vec::new();
        if !is_overtaken {
            let last: u64 =
                transaction.query_row("SELECT coalesce(max(seq), 0) FROM decision", [], |row| row.get(0))?;
            let act = last + 1;
            let mut insert = transaction.prepare(
                "INSERT INTO decision (seq, booking, conflict, evidence, answer, who, at, act, kind, followed, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            for (draft, seq) in drafts.iter().zip(act..) {
                insert.execute(params![
                    seq,
                    draft.booking.as_str(),
                    draft.conflict.as_str(),
                    draft.evidence,
                    wire::encode_answer(&draft.answer),
                    who,
                    wire::encode_moment(at),
                    act,
                    draft.basis.kind.map(ConflictKind::as_str),
                    draft.basis.followed,
                    draft.basis.why,
                ])?;
                decisions.push(Decision::of(draft.clone(), seq, act, who, at));
            }
        }
        transaction.commit()?;
        Ok(Kept { news, decisions })
    }

    /// Every decision, first to last.
    pub fn decisions(&self) -> Result<Vec<Decision>, StoreError> {
        self.decisions_since(0)
    }

    /// The decisions above a number, first to last.
    pub fn decisions_since(&self, seen: u64) -> Result<Vec<Decision>, StoreError> {
        read(&self.connection, seen)
    }
}

fn read(connection: &Connection, seen: u64) -> Result<Vec<Decision>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT seq, booking, conflict, evidence, answer, who, at, act, kind, followed, why
         FROM decision WHERE seq > ?1 ORDER BY seq",
    )?;
    let mut rows = statement.query([seen])?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next()? {
        decisions.push(decision(row)?);
    }
    Ok(decisions)
}

fn decision(row: &Row<'_>) -> Result<Decision, StoreError> {
    let seq: u64 = row.get(0)?;
    let (answer, at): (String, String) = (row.get(4)?, row.get(6)?);
    let kind: Option<String> = row.get(8)?;
    let damaged = || StoreError::unreadable(format!("decision {seq}"));
    Ok(Decision {
        seq,
        act: row.get::<_, Option<u64>>(7)?.unwrap_or(seq),
        booking: BookingId(row.get(1)?),
        conflict: ConflictId(row.get(2)?),
        evidence: row.get(3)?,
        answer: wire::decode_answer(&answer).ok_or_else(damaged)?,
        basis: Basis {
            kind: kind.as_deref().and_then(ConflictKind::parse),
            followed: row.get(9)?,
            why: row.get(10)?,
        },
        who: row.get(5)?,
        at: wire::decode_moment(&at).ok_or_else(damaged)?,
    })
}
