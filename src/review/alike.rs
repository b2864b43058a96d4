//! All cases like one: what they have in common, how many they are, and one answer for all.

use super::act::{Act, Same, Step, draft};
use super::queue::{Case, Queue};
use super::strength::{Strength, strength};
use crate::model::{Answer, Booking, Conflict, ConflictKind, FieldName, RecordId, stable_hash};
use std::collections::BTreeSet;

/// The cases that an answer would be given to.
#[derive(Debug)]
pub struct Alike<'q> {
    /// What they have in common.
    pub kind: ConflictKind,
    pub field: Option<FieldName>,
    pub strength: Option<Strength>,
    /// The sources that speak for the suggestion.
    pub sources: Vec<String>,
    /// Their question, with everything that differs left out.
    pub shape: String,
    /// In the order of the queue, this case included.
    pub cases: Vec<(&'q Booking, &'q Conflict, Answer)>,
    /// Like the rest, but the answer does not fit.
    pub unfit: usize,
}

impl Queue<'_> {
    /// Finds the open cases, among those shown, that are like the present one. What was decided or put off is none.
    pub fn alike(&self, same: &Same) -> Result<Alike<'_>, String> {
        let case = self.agenda.get(self.at).ok_or("no case is left to answer")?;
        Ok(self.like(case, same)?.0)
    }

    fn like(&self, case: &Case, same: &Same) -> Result<(Alike<'_>, Vec<Case>), String> {
        let (_, conflict) = self.question(case).ok_or("it is not asked any more")?;
        if *same == Same::Accept && conflict.suggested.is_none() {
            return Err("nothing is suggested here, so there is nothing to accept".to_owned());
        }
        let wanted = likeness(conflict);
        let mut alike = Alike {
            kind: conflict.kind,
            field: conflict.field,
            strength: self.strength(case),
            sources: sources(conflict).into_iter().map(str::to_owned).collect(),
            shape: shape(&conflict.reason),
            cases: Vec::new(),
            unfit: 0,
        };
        let is_like = |other: &&Case| {
            let heading = self.heading(other);
            *other == case
                || heading.is_some_and(|heading| {
                    heading.likeness == wanted && self.note(&heading.conflict, &heading.evidence).is_none()
                })
        };
        let found: Vec<&Case> = self.agenda.iter().filter(is_like).collect();
        self.book.open(found.iter().map(|other| other.booking));
        let mut cases = Vec::new();
        for other in found {
            let Some((booking, question)) = self.question(other) else {
                continue;
            };
            let answer = match same {
                Same::Accept => self.accepted(other),
                Same::Keep => self.kept(other),
                Same::Later(note) => Ok(Answer::Later(note.trim().to_owned())),
            };
            match answer {
                Ok(answer) => {
                    alike.cases.push((booking, question, answer));
                    cases.push(other.clone());
                }
                Err(_) => alike.unfit += 1,
            }
        }
        Ok((alike, cases))
    }

    pub(super) fn decide_alike(&self, case: &Case, same: &Same, shown: usize) -> Step {
        let alike = match self.like(case, same) {
            Ok((alike, _)) => alike,
            Err(why) => return Step::Refused(why),
        };
        let count = alike.cases.len();
        if count != shown {
            return Step::Refused(format!("they are {count} by now, not {shown}: look again"));
        }
        if count == 0 {
            return Step::Refused("the answer fits none of them".to_owned());
        }
        let why = format!("one of {count} alike");
        let drafts = alike
            .cases
            .iter()
            .map(|(booking, conflict, answer)| {
                let followed = conflict.suggested.map(|_| *same == Same::Accept);
                draft(booking, conflict, answer.clone(), followed, why.clone())
            })
            .collect();
        Step::Commit(Act {
            drafts,
            remarks: Vec::new(),
        })
    }
}

/// The same for questions in the same words, whose suggestion is as strong and is told by the same sources.
pub(super) fn likeness(conflict: &Conflict) -> String {
    let strength = strength(conflict).map_or("", Strength::as_str);
    let field = conflict.field.map_or("", FieldName::as_str);
    let sources: Vec<&str> = sources(conflict).into_iter().collect();
    let shape = shape(&conflict.reason);
    stable_hash(&[
        conflict.kind.as_str(),
        field,
        strength,
        &sources.join(" "),
        &shape,
    ])
}

/// The sources that speak for the suggestion.
fn sources(conflict: &Conflict) -> BTreeSet<&str> {
    let records = conflict.suggestion().into_iter();
    let records = records.flat_map(|candidate| &candidate.records);
    records.map(RecordId::source).collect()
}

/// A sentence without what differs from case to case: quotations, numbers, ids.
fn shape(reason: &str) -> String {
    let mut plain = String::new();
    let mut quoted = false;
    for char in reason.chars() {
        match char {
            '"' | '“' | '”' => {
                quoted = !quoted;
                if quoted {
                    plain.push('…');
                }
            }
            _ if quoted => {}
            _ => plain.push(char),
        }
    }
    let words = plain.split_whitespace().map(|word| {
        let is_id = word.contains(|char: char| char.is_ascii_digit())
            || word.trim_end_matches([':', ',']).contains([':', '@']);
        if is_id { "…" } else { word }
    });
    let mut shape: Vec<&str> = words.collect();
    shape.dedup();
    shape.join(" ")
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn what_differs_is_no_part_of_the_shape() {
        assert_eq!(
            shape("mail:x@y.example, \"Booking 7 moved\", is of a kind that was hardly seen."),
            shape("mail:z@y.example, \"Changed: 12 May\", is of a kind that was hardly seen.")
        );
        assert_eq!(
            shape("it says 2026-05-01 10:00, the message said 2026-05-02."),
            "it says … the message said …"
        );
        assert_ne!(
            shape("No record tells its number."),
            shape("No record tells when it ends.")
        );
    }
}
