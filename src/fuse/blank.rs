//! A booking before its records have told anything: what the backup's row says.

use super::{Input, waterfalls};
use crate::model::{Action, BaselineBooking, Booking, BookingId, Cluster, Customer, Resource, State};
use std::collections::BTreeMap;

pub fn blank(
    id: BookingId,
    baseline: Option<&BaselineBooking>,
    cluster: &Cluster,
    input: &Input<'_>,
) -> Booking {
    let mut records: Vec<_> = cluster
        .members
        .iter()
        .map(|at| input.told[*at].document.record.clone())
        .collect();
    records.sort();
    records.dedup();
    let mut links: Vec<String> = cluster.links.clone();
    links.dedup();
    Booking {
        id,
        state: State::Clean,
        action: Action::Insert,
        baseline_key: baseline.map(|row| row.key.clone()),
        tenant: baseline.and_then(|row| row.tenant.clone()),
        reference: baseline.and_then(|row| row.reference.clone()),
        status: baseline.and_then(|row| row.status),
        customer: Customer::default(),
        resource: Resource::default(),
        starts_at: baseline.and_then(|row| row.starts_at),
        ends_at: baseline.and_then(|row| row.ends_at),
        total: baseline.and_then(|row| row.total),
        created_at: baseline.and_then(|row| row.created_at),
        payments: Vec::new(),
        records,
        conflicts: Vec::new(),
        claims: BTreeMap::new(),
        links,
        waterfalls: waterfalls::of(cluster, input),
    }
}
