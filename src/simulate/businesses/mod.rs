//! The businesses that can be simulated, each drawn by its own file.

mod dentist;
mod flats;
mod hire;
mod prelude;

use super::business::Business;
use super::random::Random;

/// A kind of business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Bicycles and kayaks by the hour or the day, in England.
    Hire,
    /// A dentist's appointments in Osaka.
    Dentist,
    /// Holiday flats on a German coast.
    Flats,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Hire, Self::Dentist, Self::Flats];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hire => "hire",
            Self::Dentist => "dentist",
            Self::Flats => "flats",
        }
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
    }
}
