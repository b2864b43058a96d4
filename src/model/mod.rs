//! The nouns. No IO, no SQL, no wire formats, no clock.

mod baseline;
mod booking;
mod charge;
mod claim;
mod cluster;
mod conflict;
mod decision;
mod document;
mod field;
mod ids;
mod money;
mod record;
mod run;
mod schema;
mod target;
mod when;
mod window;

pub use baseline::{Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, BaselineResource, RawRow};
pub use booking::{Action, Booking, Customer, Payment, Resource, State, Status};
pub use charge::{Bucket, Charge};
pub use claim::{Claim, Standing, Value};
pub use cluster::{About, Cluster, Linked};
pub use conflict::{Candidate, Conflict, ConflictKind};
pub use decision::{Answer, Decision};
pub use document::{Document, Item, Scalar};
pub use field::FieldName;
pub use ids::{BookingId, ConflictId, RecordId, stable_hash};
pub use money::{Currency, Money};
pub use record::{Problem, Record, SourceKind};
pub use run::{Backtest, Stage, Summary, Timing};
pub use schema::{Column, Dialect, ForeignKey, Schema, Table, Unique};
pub use target::{ColumnMap, Companion, Entity, EntityKind, KeyRule, TakenReference, Target, TimeAs};
pub use when::When;
pub use window::{Business, Tenant, Window};
