//! Decisions: append-only, undone by another decision.

use super::{Staging, StoreError};
use crate::model::{Answer, BookingId, ConflictId, Decision};
use crate::wire;
use chrono::{DateTime, Utc};
use rusqlite::{Row, TransactionBehavior, params};

impl Staging {
    /// Commits an answer and gives it its number.
    pub fn add_decision(
        &mut self,
        booking: &BookingId,
        conflict: &ConflictId,
        evidence: &str,
        answer: Answer,
        who: &str,
        at: DateTime<Utc>,
    ) -> Result<Decision, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO decision (booking, conflict, evidence, answer, who, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                booking.as_str(),
                conflict.as_str(),
                evidence,
                wire::encode_answer(&answer),
                who,
                wire::encode_moment(at)
            ],
        )?;
        let seq = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Decision {
            seq: u64::try_from(seq).expect("SQLite counts from 1"),
            booking: booking.clone(),
            conflict: conflict.clone(),
            evidence: evidence.to_owned(),
            answer,
            who: who.to_owned(),
            at,
        })
    }

    /// Takes an earlier decision back; what was decided stays on record.
    pub fn undo_decision(&mut self, seq: u64, who: &str, at: DateTime<Utc>) -> Result<Decision, StoreError> {
        let earlier = self.decisions()?.into_iter().find(|decision| decision.seq == seq);
        let earlier = earlier.ok_or_else(|| StoreError::Refused {
            message: format!("there is no decision {seq} to take back"),
        })?;
        self.add_decision(
            &earlier.booking,
            &earlier.conflict,
            &earlier.evidence,
            Answer::Undo(seq),
            who,
            at,
        )
    }

    /// Every decision, first to last.
    pub fn decisions(&self) -> Result<Vec<Decision>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT seq, booking, conflict, evidence, answer, who, at FROM decision ORDER BY seq")?;
        let mut rows = statement.query([])?;
        let mut decisions = Vec::new();
        while let Some(row) = rows.next()? {
            decisions.push(decision(row)?);
        }
        Ok(decisions)
    }
}

fn decision(row: &Row<'_>) -> Result<Decision, StoreError> {
    let seq: u64 = row.get(0)?;
    let (answer, at): (String, String) = (row.get(4)?, row.get(6)?);
    let damaged = || StoreError::unreadable(format!("decision {seq}"));
    Ok(Decision {
        seq,
        booking: BookingId(row.get(1)?),
        conflict: ConflictId(row.get(2)?),
        evidence: row.get(3)?,
        answer: wire::decode_answer(&answer).ok_or_else(damaged)?,
        who: row.get(5)?,
        at: wire::decode_moment(&at).ok_or_else(damaged)?,
    })
}
