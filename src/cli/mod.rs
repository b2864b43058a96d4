//! (being written)

pub mod review;
mod terminal;
