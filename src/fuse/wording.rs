//! What stands in the titles of entries whose bookings were held: a title made of nothing else is worded as usual, be its
//! kind as rare as it may.

use super::spoken::Spoken;
use super::timeline::{Off, Timeline};
use super::{Context, Input};
use crate::mapping::{ideograph, squash, words_of};
use crate::model::{About, BaselineBooking, Document, FieldName, Status, Value, When};
use crate::reading::{is_unspaced, is_word_char};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// A word stood with so many bookings at least, and at most one in so many of those that had it was called off, or at most
/// so many times the share of all that was.
const STOOD: u32 = 3;
const OFF_IN: u32 = 20;
const TIMES_OFF: u32 = 2;
/// So many of which an entry was changed once it had begun were all held.
const LATE: u32 = 10;
/// So many that had a word were all called off.
const OFF: u32 = 5;
/// With so many it is the word that says so, and nothing beside it.
const STRIKES: u32 = 3;

/// Of how many bookings what was said stood, and was called off.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    stood: u32,
    off: u32,
}

impl Seen {
    fn add(&mut self, is_off: bool) {
        self.stood += u32::from(!is_off);
        self.off += u32::from(is_off);
    }

    /// Whether bookings with it were not called off much oftener than all were.
    fn is_usual(self, all: Self) -> bool {
        let is_rare = self.off * OFF_IN <= self.stood;
        self.stood >= STOOD && (is_rare || self.off * all.stood <= TIMES_OFF * self.stood * all.off)
    }
}

#[derive(Debug, Default)]
pub struct Wording {
    usual: BTreeSet<String>,
    /// What stood with bookings that were called off alone.
    off: BTreeSet<String>,
    /// What stood with bookings that were called off alone, be it seldom: of how many.
    seldom_off: BTreeMap<String, u32>,
    /// Bookings of which an entry was changed once it had begun.
    late: Seen,
}

impl Wording {
    pub fn learn(input: &Input<'_>) -> Self {
        let names: BTreeMap<&str, &str> = (input.baseline.customers.iter())
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        let mut titles: Vec<(BTreeSet<String>, bool)> = Vec::new();
        let mut late = Seen::default();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            let name = row.customer.as_deref().and_then(|key| names.get(key));
            let entries = cluster.members.iter().map(|at| input.told[*at].document);
            let entries = entries.filter(|document| {
                document.object == "event"
                    && document.text("/status") != Some("cancelled")
                    && document.said_at.is_some_and(|said| said <= input.window.backup)
            });
            let entries: Vec<&Document> = entries.collect();
            let said = entries
                .iter()
                .flat_map(|document| document.title().into_iter().chain(document.heading()));
            let words: BTreeSet<String> = said
                .flat_map(|title| pieces(title, name.copied().unwrap_or_default()))
                .collect();
            if words.is_empty() {
                continue;
            }
            let is_off = row.status == Some(Status::Cancelled);
            if entries
                .iter()
                .any(|entry| was_changed_late(entry, input.business.zone))
            {
                late.add(is_off);
            }
            titles.push((words, is_off));
        }
        let mut wording = Self {
            late,
            ..Self::default()
        };
        let (all, seen) = count(&titles);
        for (word, seen) in seen {
            if seen.is_usual(all) {
                wording.usual.insert(word);
            } else if seen.stood == 0 {
                if seen.off >= OFF {
                    wording.off.insert(word.clone());
                }
                wording.seldom_off.insert(word, seen.off);
            }
        }
        wording
    }

    /// Whether a title says what stood with bookings that were called off alone, and besides it nothing unusual.
    pub fn is_off(&self, title: &str, name: &str) -> bool {
        let pieces = pieces(title, name);
        pieces.iter().any(|piece| self.off.contains(piece))
            && (pieces.iter()).all(|piece| self.off.contains(piece) || self.usual.contains(piece))
    }

    /// Whether a title has what stood with bookings that were called off alone: twice, or once where the entry was changed
    /// since it was made.
    fn may_be_off(&self, title: &str, names: &str, is_changed: bool) -> bool {
        let least = if is_changed { 1 } else { 2 };
        let mut pieces = pieces(title, names).into_iter();
        pieces.any(|piece| self.seldom_off.get(&piece).is_some_and(|off| *off >= least))
    }

    /// Whether the title of a booking that is called off says that it is: no more is asked of it.
    pub fn agrees_off(&self, title: &str, name: &str) -> bool {
        self.is_off(title, name) || self.may_be_off(title, name, false)
    }

    /// Whether an entry was changed once it had begun, and no such change called a booking off.
    pub fn is_late(&self, entry: &Document, zone: Tz) -> bool {
        self.late.stood >= LATE && self.late.off == 0 && was_changed_late(entry, zone)
    }

    /// Whether all that a title says besides a name stood with bookings that were held.
    pub fn is_usual(&self, title: &str, name: &str) -> bool {
        pieces(title, name).iter().all(|piece| self.usual.contains(piece))
    }
}

/// Of how many bookings all titles were, and each piece of them. Where a title has a word that stood with bookings that were called
/// off alone, that word says so: whatever else was written there, that it was paid, says nothing of it.
fn count(titles: &[(BTreeSet<String>, bool)]) -> (Seen, BTreeMap<String, Seen>) {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for (words, is_off) in titles {
        for word in words {
            seen.entry(word).or_default().add(*is_off);
        }
    }
    let strikes = |word: &str| seen[word].stood == 0 && seen[word].off >= STRIKES;
    let (mut all, mut plain) = (Seen::default(), BTreeMap::<String, Seen>::new());
    for (words, is_off) in titles {
        let is_said = *is_off && words.iter().any(|word| strikes(word));
        if !is_said {
            all.add(*is_off);
        }
        for word in words.iter().filter(|word| !is_said || strikes(word)) {
            plain.entry(word.clone()).or_default().add(*is_off);
        }
    }
    (all, plain)
}

/// The verdict on whether a booking is off, where a title has words that stood with such bookings alone.
pub fn doubt(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    row: Option<&BaselineBooking>,
    verdict: Off,
) -> Off {
    if !matches!(verdict, Off::No) || context.input.untaught.is_some() {
        return verdict;
    }
    let odd = timeline.events.iter().rev().find(|entry| {
        let names = names_beside(context, timeline, entry, row);
        let mut said = entry.document.title().into_iter().chain(entry.document.heading());
        let is_changed = !entry.untouched();
        said.any(|title| context.wording.may_be_off(title, &names, is_changed))
    });
    match odd {
        Some(odd) => Off::Perhaps {
            reason: "It is worded like those of bookings that were cancelled.".to_owned(),
            records: vec![odd.document.record.clone()],
            likely: true,
        },
        None => verdict,
    }
}

/// How all records but an entry, and the backup, call whoever booked.
fn names_beside(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    entry: &Spoken<'_>,
    row: Option<&BaselineBooking>,
) -> String {
    let others = timeline
        .all()
        .filter(|spoken| spoken.document.record != entry.document.record);
    let mut names: Vec<&str> = Vec::new();
    for spoken in others {
        names.extend(spoken.document.text(Document::ADDRESSEE));
        names.extend(
            Document::PAYER
                .iter()
                .filter_map(|place| spoken.document.text(place)),
        );
        names.extend(spoken.claims.iter().filter_map(|(claim, _)| match &claim.value {
            Value::Text(name) if claim.field == FieldName::CustomerName => Some(name.as_str()),
            _ => None,
        }));
    }
    let key = row.and_then(|row| row.customer.as_deref());
    let mut rows = context.input.baseline.customers.iter();
    let stood = key.and_then(|key| rows.find(|row| row.key == key));
    names.extend(stood.and_then(|row| row.name.as_deref()));
    names.join(" ")
}

/// Whether an entry that was made before it begins was changed once it had begun: who came, and who did not, is written then.
fn was_changed_late(entry: &Document, zone: Tz) -> bool {
    let (Some(begins), Some(made), Some(changed)) = (entry.begins(), entry.made_at, entry.said_at) else {
        return false;
    };
    let is_over = |at: DateTime<Utc>| match begins {
        When::Instant(start) => at > start,
        When::Date(day) => at.with_timezone(&zone).date_naive() > day,
    };
    is_over(changed) && !is_over(made)
}

/// The words and marks of a title but for numbers and those of a name; of scripts without spaces each two signs that stand
/// side by side.
fn pieces(title: &str, name: &str) -> BTreeSet<String> {
    let own: BTreeSet<String> = words_of(name).into_iter().map(|(word, _)| word).collect();
    let whole = squash(name);
    let mut pieces: BTreeSet<String> = title
        .chars()
        .filter(|char| !is_word_char(*char) && !char.is_whitespace())
        .map(String::from)
        .collect();
    // A sign, and where it ends.
    let mut last: Option<(String, usize)> = None;
    for (word, range) in words_of(title) {
        let is_sign = word.chars().all(ideograph);
        let is_own = own.contains(&word) || is_sign && whole.contains(&word);
        let is_number = word.chars().any(char::is_numeric);
        if is_own || is_number {
            last = None;
            continue;
        }
        if !is_sign {
            pieces.insert(without_name(&word, &own).unwrap_or(word));
            last = None;
            continue;
        }
        let before = last.take().filter(|(_, end)| *end == range.start);
        pieces.insert(before.map_or_else(|| word.clone(), |(before, _)| before + &word));
        last = Some((word, range.end));
    }
    pieces
}

/// What is written on to a name of several signs in a script without spaces: of `김민지님` it is 님.
fn without_name(word: &str, own: &BTreeSet<String>) -> Option<String> {
    own.iter()
        .filter(|part| part.starts_with(is_unspaced) && part.chars().nth(1).is_some())
        .find_map(|part| word.split_once(part.as_str()))
        .map(|(before, behind)| format!("{before}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::{Seen, pieces, was_changed_late};
    use crate::model::{Document, Scalar};
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;

    fn of(title: &str, name: &str) -> Vec<String> {
        pieces(title, name).into_iter().collect()
    }

    #[test]
    fn a_name_and_numbers_say_nothing() {
        assert_eq!(of("S11 Neumann 3d NO SHOW", "Jan Neumann"), ["no", "show"]);
        assert_eq!(of("❌ Neumann", "Jan Neumann"), ["❌"]);
    }

    #[test]
    fn a_word_is_usual_where_its_bookings_were_held_as_often_as_others() {
        let seen = |stood, off| Seen { stood, off };
        let all = seen(300, 24);
        assert!(seen(91, 9).is_usual(all));
        assert!(seen(60, 3).is_usual(all));
        assert!(!seen(25, 7).is_usual(all), "called off oftener");
        assert!(!seen(2, 0).is_usual(all), "too few");
        assert!(!seen(0, 10).is_usual(all));
        assert!(!seen(91, 9).is_usual(seen(3000, 24)), "others hardly ever were");
    }

    #[test]
    fn a_title_agrees_that_a_booking_is_off_by_a_word_of_two_such_bookings() {
        let wording = super::Wording {
            seldom_off: [("gone".to_owned(), 2), ("away".to_owned(), 1)].into(),
            ..super::Wording::default()
        };
        assert!(wording.agrees_off("GONE: half day, Ann Lake", "Ann Lake"));
        assert!(!wording.agrees_off("away: half day, Ann Lake", "Ann Lake"));
        assert!(!wording.agrees_off("Ann Gone", "Ann Gone"), "it is the name");
    }

    #[test]
    fn what_stands_beside_a_word_that_calls_off_says_nothing_of_it() {
        let title = |words: &str, is_off| (words.split(' ').map(str::to_owned).collect(), is_off);
        let mut titles = vec![title("bath paid", false), title("trim paid", false)];
        titles.extend([
            title("off bath paid", true),
            title("off bath", true),
            title("off trim", true),
        ]);
        let (all, seen) = super::count(&titles);
        assert_eq!((all.stood, all.off), (2, 0));
        assert_eq!((seen["paid"].stood, seen["paid"].off), (2, 0));
        assert_eq!((seen["off"].stood, seen["off"].off), (0, 3));
        let (_, seen) = super::count(&[title("bath paid", false), title("gone paid", true)]);
        assert_eq!(
            (seen["paid"].stood, seen["paid"].off),
            (1, 1),
            "one word more is no sign"
        );
    }

    #[test]
    fn an_entry_is_changed_late_once_it_has_begun() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        let is_late = |made: &str, changed: &str| {
            let blank = Document {
                made_at: Some(at(made)),
                said_at: Some(at(changed)),
                ..Document::event("e")
            };
            let entry = blank.with("/start/dateTime", Scalar::Instant(at("2026-05-02T09:00:00Z")));
            was_changed_late(&entry, Tz::UTC)
        };
        assert!(is_late("2026-04-20T08:00:00Z", "2026-05-02T09:35:00Z"));
        assert!(!is_late("2026-04-20T08:00:00Z", "2026-05-02T08:35:00Z"));
        assert!(
            !is_late("2026-05-03T08:00:00Z", "2026-05-03T09:00:00Z"),
            "made afterwards"
        );
    }

    #[test]
    fn what_is_written_on_to_a_name_is_a_word_of_its_own() {
        assert_eq!(of("정보라님 취소", "정보라"), ["님", "취소"]);
        assert_eq!(of("정보라 취소", "정보라"), ["취소"]);
    }

    #[test]
    fn signs_are_read_two_by_two() {
        assert_eq!(
            of("鈴木太一 来院なし", "鈴木 太一"),
            ["来", "来院", "院な", "なし"]
                .map(String::from)
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
}
