//! The nouns. No IO, no SQL, no wire formats, no clock.

mod baseline;
mod booking;
mod charge;
mod claim;
mod cluster;
mod conflict;
mod decision;
mod document;
mod doubt;
mod fate;
mod field;
mod heading;
mod ids;
mod length_unit;
mod money;
mod pulled;
mod record;
mod run;
mod schema;
mod target;
mod total_ratio;
mod waterfall;
mod when;
mod window;

pub use baseline::{Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, BaselineResource, RawRow};
pub use booking::{Action, Booking, Customer, Payment, Resource, State, Status};
pub use charge::{Bucket, Charge};
pub use claim::{Claim, Standing, Value};
pub use cluster::{About, Class, Cluster, Linked, Place, Row, Share, Tried, Weighing};
pub use conflict::{Candidate, Conflict, ConflictKind};
pub use decision::{Answer, Basis, Bond, Decision, Draft, Tie};
pub use document::{Document, Item, Listed, Listing, Scalar};
pub use doubt::money_doubt;
pub use fate::Fate;
pub use field::FieldName;
pub use heading::{Heading, Wording};
pub use ids::{BookingId, ConflictId, RecordId, hex, stable_hash};
pub use length_unit::{Count, LengthUnit};
pub use money::{Currency, Money};
pub use pulled::{Bookmark, Later, Manifest, Memory, Page, Part, PartState};
pub use record::{Problem, Record, SourceKind};
pub use run::{Backtest, EvidenceTest, FieldTest, Stage, Summary, Timing};
pub use schema::{Column, Dialect, ForeignKey, Schema, Table, Unique};
pub use target::{ColumnMap, Companion, Entity, EntityKind, KeyRule, TakenReference, Target, TimeAs};
pub use total_ratio::TotalRatio;
pub use waterfall::{Comparison, NextBest, Step, Waterfall, sum};
pub use when::When;
pub use window::{Business, Tenant, Window};

#[cfg(test)]
mod samples;
