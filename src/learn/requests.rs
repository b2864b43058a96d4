//! Requests: kinds of message that go to whoever asks, and of which many come to nothing: a request that was received, a quote.
//!
//! They may stand with bookings as well. What shows them is who got nothing else: people of whom the backup has no booking.
//! Who books gets a message of another kind too, as nearly all of the backup's bookings show. So a request alone, with no
//! entry and no payment, is no booking.

use super::Class;
use super::subjects::Kind;
use crate::mapping::MessageKind;
use crate::model::{SourceKind, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// Of so many people who got such messages, one had no booking, or it is no request that was answered seldom, but a
/// confirmation that could not be tied.
const SOME: usize = 10;
/// As many people who got nothing else, and half of all who got it, show a kind that went beside a known one to whoever got it:
/// the same in a language that few read. So many are enough of each where there are several such kinds.
const BESIDE: usize = 3;
/// Of so many bookings one at most has no message of another kind: its other mail is lost.
const RARE: usize = 20;
/// Nor had one of so many who got requests alone, with no entry and no payment, a booking.
const NEVER: usize = 25;

/// Whoever messages went to: the kinds that they got, and whether one was tied to a booking.
#[derive(Default)]
struct Reader {
    kinds: BTreeSet<Option<usize>>,
    has_booked: bool,
}

/// The kinds of message of one source that are requests. `of`: its records.
pub(super) fn learn(class: &Class<'_>, of: &[usize], kinds: &[Kind<'_, '_>]) -> Vec<MessageKind> {
    let mut kind_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, kind) in kinds.iter().enumerate() {
        kind_of.extend(kind.at.iter().map(|at| (of[*at], number)));
    }
    let booked: BTreeSet<&str> = class.truths.iter().map(|truth| truth.email.as_str()).collect();
    let mut readers: BTreeMap<String, Reader> = BTreeMap::new();
    let mut rows: BTreeMap<usize, BTreeSet<Option<usize>>> = BTreeMap::new();
    for at in of {
        let document = class.lexed[*at].document;
        if document.object != "message" || document.standing != Standing::Business {
            continue;
        }
        let kind = kind_of.get(at).copied();
        let seed = class.seeds[*at];
        if let Some(seed) = seed {
            rows.entry(seed.booking).or_default().insert(kind);
        }
        if let Some(to) = document.recipient().map(str::to_lowercase) {
            let has_booked = seed.is_some() || booked.contains(to.as_str());
            let reader = readers.entry(to).or_default();
            reader.has_booked |= has_booked;
            reader.kinds.insert(kind);
        }
    }
    let strangers: Vec<&Reader> = readers.values().filter(|reader| !reader.has_booked).collect();
    let read = |kind: usize| {
        let of = readers.values();
        of.filter(move |reader| reader.kinds.contains(&Some(kind)))
    };
    let alone = |kind: usize, requests: &BTreeSet<usize>| {
        let got = |reader: &&&Reader| reader.kinds.contains(&Some(kind)) && are(&reader.kinds, requests);
        strangers.iter().filter(got).count()
    };
    // Kinds of which enough people got nothing but such kinds.
    let of_enough = |enough: usize| {
        let mut requests: BTreeSet<usize> = (0..kinds.len()).collect();
        loop {
            let is_one = |kind: &usize| {
                let alone = alone(*kind, &requests);
                alone >= enough && alone * SOME >= read(*kind).count()
            };
            let left: BTreeSet<usize> = requests.iter().copied().filter(is_one).collect();
            if left.len() == requests.len() {
                return requests;
            }
            requests = left;
        }
    };
    let proven: BTreeSet<usize> = proven(class);
    let hold = |requests: &BTreeSet<usize>| {
        let bare = || rows.iter().filter(|(_, kinds)| are(kinds, requests));
        let nothing = strangers.iter().filter(|reader| are(&reader.kinds, requests));
        let unproven = bare().filter(|(row, _)| !proven.contains(row)).count();
        rows.len() >= RARE && bare().count() * RARE <= rows.len() && unproven * NEVER <= nothing.count()
    };
    // The same in several languages, in none of which many were sent: together they are enough.
    let together = of_enough(BESIDE);
    let asked = strangers
        .iter()
        .filter(|reader| are(&reader.kinds, &together))
        .count();
    let mut requests = if asked >= MessageKind::KNOWN as usize && hold(&together) {
        together
    } else {
        of_enough(MessageKind::KNOWN as usize)
    };
    if !hold(&requests) {
        return Vec::new();
    }
    let is_beside = |kind: &usize| {
        let with = requests.iter().copied().chain([*kind]).collect();
        let alone = alone(*kind, &with);
        let mut readers = read(*kind);
        alone >= BESIDE
            && alone * 2 >= read(*kind).count()
            && readers.all(|reader| reader.kinds.iter().flatten().any(|kind| requests.contains(kind)))
            && hold(&with)
    };
    let few: BTreeSet<usize> = (0..kinds.len())
        .filter(|kind| !requests.contains(kind))
        .filter(is_beside)
        .collect();
    requests.extend(few);
    let made = |kind: usize| MessageKind {
        template: kinds[kind].template.clone(),
        dated: false,
        numbered: false,
        request: true,
        support: alone(kind, &requests) as u32,
        booked: 0,
    };
    requests.iter().copied().map(made).collect()
}

/// Whether all that somebody got are requests.
fn are(kinds: &BTreeSet<Option<usize>>, requests: &BTreeSet<usize>) -> bool {
    let mut kinds = kinds.iter();
    kinds.all(|kind| kind.is_some_and(|kind| requests.contains(&kind)))
}

/// The bookings of which an entry or a payment tells.
fn proven(class: &Class<'_>) -> BTreeSet<usize> {
    let seeds = class.lexed.iter().zip(class.seeds);
    let others = seeds.filter(|(lexed, _)| lexed.document.kind != SourceKind::Mail);
    others
        .filter_map(|(_, seed)| seed.map(|seed| seed.booking))
        .collect()
}
