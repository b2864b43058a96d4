//! What stands in the titles of entries whose bookings were held: a title made of nothing else is worded as usual, be its
//! kind as rare as it may.

use super::spoken::Spoken;
use super::timeline::{Off, Timeline};
use super::{Context, Input};
use crate::mapping::{Told, ideograph, squash, words_of};
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
/// So many with a word were called off by messages since the backup, and to one in so many of them none did: that was lost.
const SINCE: u32 = 3;
const UNSAID_IN: u32 = 3;

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
    /// Words behind which names stand.
    frames: Frames,
    /// The words of the names of the backup's customers.
    names: BTreeSet<String>,
}

/// Words behind which different ones stand, of bookings that were held as often as others: `driver` before Otieno, Hassan and
/// Mwangi. What else stands there is a name as well.
#[derive(Debug, Default)]
struct Frames(BTreeSet<String>);

/// So many different words stand behind one, as a rule a few times each; and hardly any of them only where it was called off.
const NAMES: usize = 4;
const NAMES_OFF_IN: usize = 4;

impl Frames {
    /// `behind`: what stood behind each word, with how often bookings with it were held and called off.
    fn of(behind: &BTreeMap<String, BTreeMap<String, Seen>>) -> Self {
        let is_frame = |of: &BTreeMap<String, Seen>| {
            let held = of.values().filter(|seen| seen.stood > 0).count();
            let again = of.values().filter(|seen| seen.stood >= 2).count();
            held >= NAMES && again * 2 >= held && (of.len() - held) * NAMES_OFF_IN <= held
        };
        let frames = behind.iter().filter(|(_, of)| is_frame(of));
        Self(frames.map(|(word, _)| word.clone()).collect())
    }

    /// The names that stand in a title.
    fn names(&self, title: &str) -> Vec<String> {
        pairs(title)
            .filter_map(|(before, word)| self.0.contains(&before).then_some(word))
            .collect()
    }
}

/// Each word of a title with the one before it, if no more than a blank or a point stands between them.
fn pairs(title: &str) -> impl Iterator<Item = (String, String)> {
    let words = words_of(title);
    let next = words.clone().into_iter().skip(1);
    let both = words.into_iter().zip(next);
    let near = both.filter(|((_, before), (_, range))| {
        let between = &title[before.end..range.start];
        between.chars().all(|char| char.is_whitespace() || char == '.')
    });
    let is_word = |word: &str| !word.chars().any(|char| char.is_numeric() || ideograph(char));
    near.filter(move |((before, _), (word, _))| is_word(before) && is_word(word))
        .map(|((before, _), (word, _))| (before, word))
        .collect::<Vec<_>>()
        .into_iter()
}

impl Wording {
    pub fn learn(input: &Input<'_>) -> Self {
        let names: BTreeMap<&str, &str> = (input.baseline.customers.iter())
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        let mut titles: Vec<Title> = Vec::new();
        let mut behind: BTreeMap<String, BTreeMap<String, Seen>> = BTreeMap::new();
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
            let said: Vec<&str> = said.collect();
            let words: BTreeSet<String> = said
                .iter()
                .flat_map(|title| pieces(title, name.copied().unwrap_or_default()))
                .collect();
            if words.is_empty() {
                continue;
            }
            let is_off = row.status == Some(Status::Cancelled);
            let framed = said.iter().flat_map(|title| pairs(title));
            let framed: BTreeSet<_> = framed.filter(|(_, word)| words.contains(word)).collect();
            for (before, word) in framed {
                behind
                    .entry(before)
                    .or_default()
                    .entry(word)
                    .or_default()
                    .add(is_off);
            }
            if entries
                .iter()
                .any(|entry| was_changed_late(entry, input.business.zone))
            {
                late.add(is_off);
            }
            let mut members = cluster.members.iter().map(|at| &input.told[*at]);
            titles.push(Title {
                words,
                is_off,
                is_told: is_off && members.any(says_off),
            });
        }
        let mut wording = Self {
            late,
            frames: Frames::of(&behind),
            names: names
                .values()
                .flat_map(|name| words_of(name))
                .map(|(word, _)| word)
                .collect(),
            ..Self::default()
        };
        let (untold, seen) = count(&titles);
        for (word, off) in off_since(input, &names) {
            if seen.get(&word).is_none_or(|said| said.seen.stood == 0) {
                wording.seldom_off.insert(word, off);
            }
        }
        for (word, Said { seen, told }) in seen {
            let alone = Seen {
                off: seen.off - told,
                ..seen
            };
            if alone.is_usual(untold) {
                wording.usual.insert(word);
            } else if seen.stood == 0 {
                if seen.off >= OFF {
                    wording.off.insert(word.clone());
                }
                *wording.seldom_off.entry(word).or_default() += seen.off;
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
        let mut pieces = self.said(title, names).into_iter();
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

    /// Whether a word stood with bookings that were called off alone, be it once.
    pub fn may_mean_off(&self, word: &str) -> bool {
        self.off.contains(word) || self.seldom_off.contains_key(word)
    }

    /// Whether a customer of the backup is called so.
    pub fn is_of_names(&self, word: &str) -> bool {
        self.names.contains(word)
    }

    /// Whether a title holds a word of somebody's name, beside what stands where others have the name, and which nobody of the
    /// backup is called: `Rex Lindqvist (standing)`, among `Rex (Lindqvist)`. It is no name then.
    pub fn is_beside_name(&self, title: &str, name: &str, said: &str) -> bool {
        let said: Vec<String> = words_of(said).into_iter().map(|(word, _)| word).collect();
        let name = words_of(name).into_iter().map(|(word, _)| word);
        let name: Vec<String> = name.filter(|word| word.chars().count() > 1).collect();
        let is_there = |(word, _): (String, _)| name.contains(&word) && !said.contains(&word);
        !said.is_empty()
            && !said.iter().any(|word| self.is_of_names(word))
            && words_of(title).into_iter().any(is_there)
    }

    /// Whether all that a title says besides a name stood with bookings that were held.
    pub fn is_usual(&self, title: &str, name: &str) -> bool {
        self.said(title, name)
            .iter()
            .all(|piece| self.usual.contains(piece))
    }

    /// Whether a title has a name behind a word for one, and says nothing else but what stood with bookings that were held.
    pub fn is_usual_but_for_names(&self, title: &str, name: &str) -> bool {
        !self.frames.names(title).is_empty() && self.is_usual(title, name)
    }

    /// What a title says besides names.
    fn said(&self, title: &str, name: &str) -> BTreeSet<String> {
        let mut said = pieces(title, name);
        for name in self.frames.names(title) {
            said.remove(&name);
        }
        said
    }
}

/// Words that stand in titles written since the backup, of bookings of which nearly all were called off by a message, and of how
/// many: the entries of the overlap show how they are titled now, and hardly any of those that were struck is still there.
fn off_since(input: &Input<'_>, names: &BTreeMap<&str, &str>) -> Vec<(String, u32)> {
    let mut since: BTreeMap<String, Seen> = BTreeMap::new();
    for cluster in &input.linked.clusters {
        let row = match cluster.about {
            About::Baseline(at) => input.baseline.bookings[at].customer.as_deref(),
            About::New => None,
        };
        let members = || cluster.members.iter().map(|at| &input.told[*at]);
        // What a title calls a name may be what is asked about.
        let others = members().filter(|told| told.document.object != "event");
        let stated = others.flat_map(|told| told.claims.of(FieldName::CustomerName));
        let stated = stated.filter_map(|claim| match &claim.value {
            Value::Text(name) => Some(name.as_str()),
            _ => None,
        });
        let own: Vec<&str> = row
            .and_then(|key| names.get(key).copied())
            .into_iter()
            .chain(stated)
            .collect();
        let own = own.join(" ");
        let entries = members().map(|told| told.document).filter(|document| {
            document.object == "event"
                && document.text("/status") != Some("cancelled")
                && document.said_at.is_some_and(|said| said > input.window.backup)
        });
        let words: BTreeSet<String> = entries
            .flat_map(|document| document.title().into_iter().chain(document.heading()))
            .flat_map(|title| pieces(title, &own))
            .collect();
        let is_off = members()
            .any(|told| told.document.object == "message" && told.claims.meaning == Some(Status::Cancelled));
        for word in words {
            since.entry(word).or_default().add(is_off);
        }
    }
    let is_sign = |seen: &Seen| seen.off >= SINCE && seen.stood * UNSAID_IN <= seen.off;
    let signs = since.into_iter().filter(|(_, seen)| is_sign(seen));
    signs.map(|(word, seen)| (word, seen.off)).collect()
}

/// What the titles of a booking's entries say.
struct Title {
    words: BTreeSet<String>,
    is_off: bool,
    /// Whether anything else called it off, so that no title had to.
    is_told: bool,
}

/// Of how many bookings a word is, and how many of those that were off something else called off.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    seen: Seen,
    told: u32,
}

/// Of how many bookings all titles were that alone could say that they are off, and each piece of them. Where a title has a word that
/// stood with bookings that were called off alone, that word says so: whatever else was written there, that it was paid, says
/// nothing of it.
fn count(titles: &[Title]) -> (Seen, BTreeMap<String, Said>) {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for title in titles {
        for word in &title.words {
            seen.entry(word).or_default().add(title.is_off);
        }
    }
    let strikes = |word: &str| seen[word].stood == 0 && seen[word].off >= STRIKES;
    let (mut untold, mut said) = (Seen::default(), BTreeMap::<String, Said>::new());
    for title in titles {
        let is_struck = title.is_off && title.words.iter().any(|word| strikes(word));
        if !is_struck && !title.is_told {
            untold.add(title.is_off);
        }
        for word in title.words.iter().filter(|word| !is_struck || strikes(word)) {
            let said = said.entry(word.clone()).or_default();
            said.seen.add(title.is_off);
            said.told += u32::from(title.is_told);
        }
    }
    (untold, said)
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

/// Whether a record says that a booking is off, or that its money went back, other than by a title.
fn says_off(told: &Told<'_>) -> bool {
    let (document, claims) = (told.document, &told.claims);
    match document.object.as_str() {
        "message" => claims.meaning == Some(Status::Cancelled) || claims.perhaps_off,
        "event" => document.text("/status") == Some("cancelled"),
        object => object == "refund" || document.given_back(0) > 0,
    }
}

/// How all records but an entry, and the backup, call whoever booked.
pub(super) fn names_beside(
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
pub(super) fn pieces(title: &str, name: &str) -> BTreeSet<String> {
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
    use super::{Frames, Seen, pieces, was_changed_late};
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
    fn what_stands_beside_the_customers_name_and_is_nobodys_is_no_name() {
        let wording = super::Wording {
            names: ["moss", "lake"].map(str::to_owned).into(),
            ..super::Wording::default()
        };
        let is_beside = |title: &str, said: &str| wording.is_beside_name(title, "Ann Lake", said);
        assert!(is_beside("Rex Lake (standing)", "standing"));
        assert!(!is_beside("Rex (standing)", "standing"), "her name is not there");
        assert!(!is_beside("Rex Lake (Moss)", "Moss"), "somebody is called so");
        assert!(!is_beside("Rex (Lake)", "Lake"));
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
        let title = |words: &str, is_off| super::Title {
            words: words.split(' ').map(str::to_owned).collect(),
            is_off,
            is_told: false,
        };
        let mut titles = vec![title("bath paid", false), title("trim paid", false)];
        titles.extend([
            title("off bath paid", true),
            title("off bath", true),
            title("off trim", true),
        ]);
        let (all, seen) = super::count(&titles);
        assert_eq!((all.stood, all.off), (2, 0));
        assert_eq!((seen["paid"].seen.stood, seen["paid"].seen.off), (2, 0));
        assert_eq!((seen["off"].seen.stood, seen["off"].seen.off), (0, 3));
        let (_, seen) = super::count(&[title("bath paid", false), title("gone paid", true)]);
        assert_eq!(
            (seen["paid"].seen.stood, seen["paid"].seen.off),
            (1, 1),
            "one word more is no sign"
        );
    }

    #[test]
    fn different_words_behind_one_are_names() {
        let held = |times| Seen { stood: times, off: 0 };
        let off = Seen { stood: 0, off: 1 };
        let frames = |of: &[(&str, Seen)]| {
            let behind = of
                .iter()
                .map(|(word, seen)| ((*word).to_owned(), *seen))
                .collect();
            Frames::of(&[("guide".to_owned(), behind)].into())
        };
        let four = [
            ("ortega", held(9)),
            ("quill", held(4)),
            ("moreau", held(2)),
            ("reed", held(1)),
        ];
        let with = |other| frames(&four.into_iter().chain([other]).collect::<Vec<_>>());
        let title = "Abbott, Heron, guide Lindqvist";
        assert_eq!(with(("lind", off)).names(title), ["lindqvist"]);
        assert!(frames(&four[..3]).names(title).is_empty(), "too few");
        let twice = [("lind", off), ("berg", off)];
        let often_off = frames(&four.into_iter().chain(twice).collect::<Vec<_>>());
        assert!(
            often_off.names(title).is_empty(),
            "some words there mean something"
        );
        assert!(
            with(("lind", off)).names("Abbott, Heron, guide: off").is_empty(),
            "a mark parts them"
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
