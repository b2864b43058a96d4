//! What stands over those who come together: the title of an entry that lists them says of all of them that it is called off.

use super::timeline::{Off, Timeline};
use super::{Context, Input};
use crate::mapping::squash;
use crate::model::{About, Booking, Document, Status};
use crate::reading::is_word_char;
use std::collections::BTreeMap;

/// So many bookings that were held had such a title.
const STOOD: u32 = 3;
/// What somebody wrote before or behind it has at most so many words and signs.
const EDGE: usize = 3;

/// How often bookings of the overlap that were held had a title of each form.
#[derive(Debug, Default)]
pub struct Headings(BTreeMap<Vec<String>, u32>);

impl Headings {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut forms: BTreeMap<Vec<String>, u32> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            if input.baseline.bookings[at].status == Some(Status::Cancelled) {
                continue;
            }
            let entries = cluster.members.iter().map(|at| input.told[*at].document);
            let entries =
                entries.filter(|entry| entry.said_at.is_some_and(|said| said <= input.window.backup));
            for heading in entries.filter_map(Document::heading) {
                *forms.entry(form(heading)).or_default() += 1;
            }
        }
        Self(forms)
    }

    fn is_usual(&self, form: &[String]) -> bool {
        self.0.get(form).is_some_and(|stood| *stood >= STOOD)
    }

    /// What was written before or behind a title as they usually are; None where it is one of these, or of another kind.
    fn written_to<'f>(&self, form: &'f [String]) -> Option<&'f [String]> {
        if self.0.contains_key(form) {
            return None;
        }
        let longest = EDGE.min(form.len().saturating_sub(1));
        let before = (1..=longest).map(|edge| form.split_at(edge));
        let behind = (1..=longest).map(|edge| form.split_at(form.len() - edge));
        let mut cut = before.chain(behind.map(|(rest, edge)| (edge, rest)));
        cut.find(|(edge, rest)| edge.iter().any(|piece| piece != NUMBER) && self.is_usual(rest))
            .map(|(edge, _)| edge)
    }
}

/// The verdict on whether a booking is off, where something was written to the title of the entry that lists it.
pub fn doubt(context: &Context<'_>, timeline: &Timeline<'_>, booking: &Booking, verdict: Off) -> Off {
    if !matches!(verdict, Off::No) {
        return verdict;
    }
    let entries = timeline
        .entries()
        .filter(|entry| entry.begins() == booking.starts_at);
    let mut odd = entries.filter_map(|entry| {
        let form = form(entry.heading()?);
        let edge = context.headings.written_to(&form)?;
        Some((edge.join(" "), entry.record.clone()))
    });
    match odd.next() {
        Some((edge, record)) => Off::Perhaps {
            reason: format!(
                "The title of the entry that lists it has \"{edge}\" besides what such titles say: was it called off?"
            ),
            records: vec![record],
            likely: false,
        },
        None => verdict,
    }
}

/// Stands for any number.
const NUMBER: &str = "#";

/// The words and signs of a title, whatever numbers stand in it.
fn form(title: &str) -> Vec<String> {
    let mut form = Vec::new();
    let mut rest = title.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_alike = |char: char| {
            if first.is_numeric() {
                char.is_numeric()
            } else {
                is_word_char(first) && is_word_char(char) && !char.is_numeric()
            }
        };
        let end = rest.find(|char| !is_alike(char)).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end.max(first.len_utf8()));
        form.push(if first.is_numeric() {
            NUMBER.to_owned()
        } else if is_word_char(first) {
            squash(piece)
        } else {
            piece.to_owned()
        });
        rest = behind.trim_start();
    }
    form
}

#[cfg(test)]
mod tests {
    use super::{Headings, form};

    fn usual() -> Headings {
        Headings(
            [
                (form("Tour 10h (4)"), 5),
                (form("Glaze 3 pl."), 4),
                (form("Yoga 3"), 1),
            ]
            .into(),
        )
    }

    fn written_to(title: &str) -> Option<String> {
        let form = form(title);
        usual().written_to(&form).map(|edge| edge.join(" "))
    }

    #[test]
    fn what_stands_before_or_behind_a_usual_title_is_noticed() {
        assert_eq!(written_to("OFF - Tour 11h (0)").as_deref(), Some("off -"));
        assert_eq!(written_to("✗ Glaze 2 pl.").as_deref(), Some("✗"));
        assert_eq!(written_to("Glaze 2 pl. moved").as_deref(), Some("moved"));
    }

    #[test]
    fn numbers_and_titles_of_another_kind_are_not() {
        assert_eq!(written_to("Tour 9h (12)"), None);
        assert_eq!(written_to("Raku 3 pl."), None);
        assert_eq!(written_to("new Yoga 2"), None, "seen too seldom");
        assert_eq!(written_to("2 Glaze 2 pl."), None);
    }
}
