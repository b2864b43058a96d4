//! Words that stand in a title and in the booking's own messages: what a message said is no news in a title, and what messages
//! always said of bookings with such a title is news where none of this booking's does.

use super::Input;
use super::timeline::Timeline;
use crate::mapping::{Told, ideograph, words_of};
use crate::model::{About, Cluster, Document, Scalar, Standing};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A word that stands in more than one message in so many is of no booking in particular.
const COMMON_IN: usize = 10;
/// So many bookings with a word in their title had it in their messages, and at most one in so many others had not.
const SAID: u32 = 5;
const UNSAID_IN: u32 = 10;

#[derive(Debug, Default)]
pub struct Echoes {
    /// Words of many messages.
    common: HashSet<String>,
    /// Words of titles that messages of nearly all these bookings had.
    echoed: BTreeSet<String>,
}

impl Echoes {
    /// `pieces`: what a title says besides a name.
    pub fn learn(input: &Input<'_>, pieces: impl Fn(&str, &str) -> BTreeSet<String>) -> Self {
        let own =
            |told: &&Told<'_>| is_message(told.document) && told.document.standing == Standing::Business;
        let messages: Vec<&Told<'_>> = input.told.iter().filter(own).collect();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for told in &messages {
            for word in words(told.document) {
                *seen.entry(word).or_default() += 1;
            }
        }
        let is_common = |count: &usize| *count * COMMON_IN > messages.len();
        let common = seen.into_iter().filter(|(_, count)| is_common(count));
        let mut echoes = Self {
            common: common.map(|(word, _)| word).collect(),
            ..Self::default()
        };
        let mut counts: HashMap<String, (u32, u32)> = HashMap::new();
        let names: HashMap<&str, &str> = (input.baseline.customers.iter())
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        for cluster in &input.linked.clusters {
            let Some((said, titled)) = of(input, cluster, &names, &pieces) else {
                continue;
            };
            for word in titled {
                let (yes, no) = counts.entry(word.clone()).or_default();
                let count = if said.contains(&word) { yes } else { no };
                *count += 1;
            }
        }
        let is_echoed = |(said, unsaid): (u32, u32)| said >= SAID && unsaid * UNSAID_IN <= said;
        let echoed = counts.into_iter().filter(|(_, counts)| is_echoed(*counts));
        echoes.echoed = echoed.map(|(word, _)| word).collect();
        echoes
    }

    /// The words of a message that not every message has.
    fn own(&self, message: &Document) -> Vec<String> {
        let words = words(message).into_iter();
        words.filter(|word| !self.common.contains(word)).collect()
    }

    /// What the messages of a booking say of it alone.
    pub fn told(&self, timeline: &Timeline<'_>) -> Vec<String> {
        let messages = timeline.messages.iter();
        messages.flat_map(|spoken| self.own(spoken.document)).collect()
    }

    /// The first word of a title's pieces that messages always said of such bookings, and none of this one's does.
    pub fn unsaid<'p>(&self, timeline: &Timeline<'_>, pieces: &'p BTreeSet<String>) -> Option<&'p String> {
        let said: HashSet<String> = timeline
            .messages
            .iter()
            .flat_map(|spoken| words(spoken.document))
            .collect();
        let scripts: BTreeSet<u32> = said.iter().filter_map(|word| script(word)).collect();
        let mut echoed = pieces.iter().filter(|piece| self.echoed.contains(*piece));
        // Who is written to in another language is told nothing in the words of the calendar.
        let could_say = |piece: &str| script(piece).is_none_or(|script| scripts.contains(&script));
        echoed.find(|piece| !said.contains(*piece) && could_say(piece))
    }
}

/// What messages of a booking of the backup said, `names` being those of its customers, and what the titles of its entries say.
fn of(
    input: &Input<'_>,
    cluster: &Cluster,
    names: &HashMap<&str, &str>,
    pieces: &impl Fn(&str, &str) -> BTreeSet<String>,
) -> Option<(HashSet<String>, BTreeSet<String>)> {
    let About::Baseline(at) = cluster.about else {
        return None;
    };
    let key = input.baseline.bookings[at].customer.as_deref();
    let name = key.and_then(|key| names.get(key).copied());
    let members = cluster.members.iter().map(|at| input.told[*at].document);
    let known = members.filter(|document| document.said_at.is_some_and(|at| at <= input.window.backup));
    let (messages, others): (Vec<&Document>, Vec<&Document>) =
        known.partition(|document| is_message(document));
    let said: HashSet<String> = messages.iter().flat_map(|message| words(message)).collect();
    let entries = others.into_iter().filter(|document| document.object == "event");
    let titles = entries.filter_map(Document::title);
    let titled = titles
        .flat_map(|title| pieces(title, name.unwrap_or_default()))
        .collect();
    (!said.is_empty()).then_some((said, titled))
}

/// A number for the script in which a word is written: Latin letters are one, and so are signs that stand for words or syllables.
/// None where it has no letter.
fn script(word: &str) -> Option<u32> {
    let letter = word.chars().find(|char| char.is_alphabetic())?;
    Some(match u32::from(letter) {
        _ if ideograph(letter) => 1,
        0..=0x24f | 0x1e00..=0x1eff => 0,
        0xac00..=0xd7af => 0x1100,
        other => other & !0xff,
    })
}

fn is_message(document: &Document) -> bool {
    document.object == "message"
}

/// The words that a message says to its reader, folded.
fn words(message: &Document) -> HashSet<String> {
    let items = message.items.iter().filter(|item| {
        ["text", "html", "header:subject"]
            .iter()
            .any(|place| item.place.starts_with(place))
    });
    let texts = items.filter_map(|item| match &item.value {
        Scalar::Text(text) => Some(text),
        _ => None,
    });
    texts
        .flat_map(|text| words_of(text))
        .map(|(word, _)| word)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::script;

    #[test]
    fn words_of_one_script_are_told_from_those_of_another() {
        assert_eq!(script("fahrer"), script("Ővárosi"));
        assert_eq!(script("分"), script("時間"));
        assert_ne!(script("водитель"), script("driver"));
        assert_ne!(script("기사"), script("driver"));
        assert_eq!(script("90"), None);
    }
}
