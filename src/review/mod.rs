//! Puts open conflicts before a person, and applies what the person decided.
//!
//! In: bookings as fused, before any decision, and the log of decisions. Out: the next case to show, drafts of
//! decisions to commit, and bookings with the standing decisions applied. Nothing here reads a clock, a key or a
//! database: a front turns keys into [`Input`], commits each [`Draft`], and hands the [`Decision`] back.
//!
//! ```text
//!  front ── Input ──► Queue::step ── Draft ──► staging ── Decision ──► Queue::record
//! ```
//!
//! A decision is bound to the evidence that it was about. While that is the same it holds through every
//! rebuild; once it has changed the case is open again and the old answer is shown beside it.
//!
//! [`Decision`]: crate::model::Decision

mod apply;
mod field;
mod log;
mod order;
mod queue;
mod strength;
mod terms;
mod typed;

pub use apply::apply;
pub use field::current;
pub use log::Log;
pub use queue::{Draft, Input, Queue, Step, View};
pub use strength::{Strength, strength};
pub use terms::Terms;
pub use typed::half_width;
