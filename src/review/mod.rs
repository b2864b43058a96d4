//! Puts open conflicts before a person, and applies what the person decided.
//!
//! In: bookings as fused, before any decision, and the log of decisions. Out: the next case to show, drafts of
//! decisions to commit, and bookings with the standing decisions applied. Nothing here reads a clock, a key or a
//! database: a front turns keys into [`Input`], commits each [`Act`], and hands the [`Decision`]s back.
//!
//! ```text
//!  front ── Input ──► Queue::step ── Act ──► staging ── Decisions ──► Queue::record
//! ```
//!
//! A decision is bound to the evidence that it was about. While that is the same it holds through every
//! rebuild; once it has changed the case is open again and the old answer is shown beside it. What belongs
//! together is said of records alone ([`Tie`]), and holds in every rebuild.
//!
//! [`Decision`]: crate::model::Decision
//! [`Tie`]: crate::model::Tie

mod act;
mod alike;
mod answer;
mod answering;
mod book;
mod field;
mod filter;
mod heading;
mod log;
mod order;
mod pace;
mod queue;
mod settle;
mod sheet;
mod shelf;
mod stale;
mod strength;
mod terms;
mod together;
mod typed;
mod undo;

pub use act::{Act, Input, Same, Step};
pub use alike::Alike;
pub use book::{Span, span};
pub use field::current;
pub use filter::{Filter, FilterError};
pub use heading::headings;
pub use log::{Ends, Log};
pub use pace::{Pace, Tally, pace};
pub use queue::{Counts, Queue, View, Whereabouts};
pub use settle::apply;
pub use sheet::{Filled, Row, read_row, rows};
pub use shelf::{Pile, Shelf};
pub use stale::MAY_MAKE_STALE;
pub use strength::{Strength, strength};
pub use terms::{Backup, Terms};
pub use typed::half_width;
