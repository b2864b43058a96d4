//! Rebuilds lost bookings from the records that third parties still hold.
//!
//! ```text
//!  pull       extract      link        fuse          review        export
//!  sources ─► records ─► claims ─► clusters ─► bookings + conflicts ─► decisions ─► reload.sql
//!                 ▲          ▲          ▲
//!                 └── learn ─┴──────────┘   mappings and weights, from the overlap with the backup
//! ```
//!
//! `cli → stages, store → model`. A stage is a pure function over the model; `tests/it/tidy.rs`
//! reads the imports and says so when a layer is broken.

pub mod config;
pub mod mapping;
pub mod model;
pub mod reading;
pub mod wire;

pub mod baseline;
pub mod export;
pub mod extract;
pub mod fuse;
pub mod learn;
pub mod link;
pub mod pull;
pub mod report;
pub mod review;

pub mod store;

pub mod backtest;
pub mod evaluate;
pub mod init;
pub mod rebuild;
pub mod simulate;

pub mod cli;
