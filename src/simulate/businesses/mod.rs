//! The businesses that can be simulated, each drawn by its own file; those of `heldout` are not read by whoever tunes the
//! pipeline.

mod boats;
mod campers;
mod courts;
mod dentist;
mod equipment;
mod flats;
mod heldout;
mod hire;
mod platform;
mod prelude;
mod rooms;
mod workshop;

use super::business::{Business, MailWords};
use super::random::Random;

/// A kind of business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Hire,
    Dentist,
    Flats,
    Campers,
    Boats,
    Rooms,
    Equipment,
    Platform,
    Workshop,
    Courts,
    GuestHouse,
    Clinic,
    Camp,
    Escape,
    Salon,
}

impl Kind {
    pub const ALL: [Self; 15] = [
        Self::Hire,
        Self::Dentist,
        Self::Flats,
        Self::Campers,
        Self::Boats,
        Self::Rooms,
        Self::Equipment,
        Self::Platform,
        Self::Workshop,
        Self::Courts,
        Self::GuestHouse,
        Self::Clinic,
        Self::Camp,
        Self::Escape,
        Self::Salon,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hire => "hire",
            Self::Dentist => "dentist",
            Self::Flats => "flats",
            Self::Campers => "campers",
            Self::Boats => "boats",
            Self::Rooms => "rooms",
            Self::Equipment => "equipment",
            Self::Platform => "platform",
            Self::Workshop => "workshop",
            Self::Courts => "courts",
            Self::GuestHouse => "guesthouse",
            Self::Clinic => "clinic",
            Self::Camp => "camp",
            Self::Escape => "escape",
            Self::Salon => "salon",
        }
    }

    /// What it is, in a line.
    pub fn about(self) -> &'static str {
        match self {
            Self::Hire => "bicycles and kayaks by the hour or the day, in England",
            Self::Dentist => "a dentist's appointments in Osaka",
            Self::Flats => "holiday flats on a German coast",
            Self::Campers => "camper vans in Spain or Italy",
            Self::Boats => "seats on boat tours in Portugal",
            Self::Rooms => "rooms by the hour in the United States",
            Self::Equipment => "equipment hire in French Canada",
            Self::Platform => "a platform in Ireland with three businesses",
            Self::Workshop => "a garage in Tunis",
            Self::Courts => "courts of four clubs in New Zealand, on one platform",
            Self::GuestHouse => "a guest house",
            Self::Clinic => "a clinic",
            Self::Camp => "a desert camp",
            Self::Escape => "escape rooms",
            Self::Salon => "salons",
        }
    }

    /// Whether it is kept from whoever tunes the pipeline, to measure what tuning cannot have fitted.
    pub fn held_out(self) -> bool {
        matches!(
            self,
            Self::GuestHouse | Self::Clinic | Self::Camp | Self::Escape | Self::Salon
        )
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A business of a kind, in words drawn from its vocabulary.
pub fn draw(kind: Kind, wording: &Random) -> Business {
    let mut words = wording.fork(kind.as_str());
    match kind {
        Kind::Hire => hire::draw(&mut words),
        Kind::Dentist => dentist::draw(&mut words),
        Kind::Flats => flats::draw(&mut words),
        Kind::Campers => campers::draw(&mut words),
        Kind::Boats => boats::draw(&mut words),
        Kind::Rooms => rooms::draw(&mut words),
        Kind::Equipment => equipment::draw(&mut words),
        Kind::Platform => platform::draw(&mut words),
        Kind::Workshop => workshop::draw(&mut words),
        Kind::Courts => courts::draw(&mut words),
        Kind::GuestHouse => heldout::guesthouse::draw(&mut words),
        Kind::Clinic => heldout::clinic::draw(&mut words),
        Kind::Camp => heldout::camp::draw(&mut words),
        Kind::Escape => heldout::escape::draw(&mut words),
        Kind::Salon => heldout::salon::draw(&mut words),
    }
}

/// The business as it writes after a redesign of its letters: the same sender, language and facts, in other words and
/// another layout.
pub fn redesign(kind: Kind, business: &Business, wording: &Random) -> Business {
    let most_unlike = (0..32)
        .map(|n| draw(kind, &wording.fork_nth("redesign", n)))
        .filter(|other| {
            other.language == business.language
                && other.has_reference() == business.has_reference()
                && other.knows_only_dates() == business.knows_only_dates()
        })
        .max_by_key(|other| differences(&other.mail, &business.mail));
    let Some(other) = most_unlike else {
        return business.clone();
    };
    // Some texts name the business that was drawn.
    let own = |text: &String| {
        text.replace(&other.name, &business.name)
            .replace(&other.domain, &business.domain)
    };
    let (old, new) = (&business.mail, &other.mail);
    let mail = MailWords {
        subjects: new.subjects.each_ref().map(own),
        headlines: new.headlines.each_ref().map(own),
        greeting: own(&new.greeting),
        prose: new
            .prose
            .each_ref()
            .map(|phrasings| phrasings.iter().map(own).collect()),
        closing: new.closing.iter().map(own).collect(),
        lines: new.lines.clone(),
        dates: new.dates.clone(),
        money: new.money.clone(),
        text: new.text.clone(),
        html: new.html,
        structured: new.structured.clone(),
        strikes_out: new.strikes_out,
        ..old.clone()
    };
    Business {
        mail,
        ..business.clone()
    }
}

/// How much two designs differ in their layout, their subjects, and how many labels of one the other has not.
fn differences(one: &MailWords, other: &MailWords) -> usize {
    let labels = one
        .lines
        .iter()
        .filter(|line| other.lines.iter().all(|known| known.label != line.label));
    let layout = [
        one.html != other.html,
        one.text != other.text,
        one.prose != other.prose,
        one.subjects != other.subjects,
        one.dates.moment != other.dates.moment,
    ];
    labels.count() + 2 * layout.into_iter().filter(|differs| *differs).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_its_own_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert!(Kind::parse("circus").is_none());
    }

    #[test]
    fn no_fewer_than_three_are_held_out() {
        assert!(Kind::ALL.into_iter().filter(|kind| kind.held_out()).count() >= 3);
    }
}
