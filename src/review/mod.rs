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

mod alike;
mod apply;
mod book;
mod field;
mod filter;
mod log;
mod order;
mod pace;
mod queue;
mod sheet;
mod strength;
mod terms;
mod together;
mod typed;

pub use alike::Alike;
pub use apply::{MAY_MAKE_STALE, apply};
pub use field::current;
pub use filter::{Filter, FilterError};
pub use log::{Ends, Log};
pub use pace::{Pace, Tally, pace};
pub use queue::{Act, Counts, Input, Queue, Same, Step, View};
pub use sheet::{Filled, Row, read_row, rows};
pub use strength::{Strength, strength};
pub use terms::Terms;
pub use typed::half_width;
