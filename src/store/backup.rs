//! The backup's rows, as far as answers are checked against them: read one by one, so that a review need not read the
//! whole backup before it shows a case.

use super::bookings::word;
use super::{Staging, StoreError};
use crate::model::{Baseline, BaselineBooking, BaselineCustomer, BaselineResource, Status, When};
use crate::wire;
use rusqlite::{Row, Transaction, params};

impl Staging {
    /// Every resource of the backup, in its order.
    pub fn backup_resources(&self) -> Result<Vec<BaselineResource>, StoreError> {
        let sql = "SELECT key, name, code, class, tenant FROM backup_resource ORDER BY position";
        self.all(sql, &[], |row| {
            Ok(BaselineResource {
                key: row.get(0)?,
                name: row.get(1)?,
                code: row.get(2)?,
                class: row.get(3)?,
                tenant: row.get(4)?,
                ..BaselineResource::default()
            })
        })
    }

    pub fn backup_customer(&self, key: &str) -> Result<Option<BaselineCustomer>, StoreError> {
        let sql = "SELECT key, name, first_name, last_name, email, phone FROM backup_customer WHERE key = ?1";
        Ok(self.all(sql, &[&key], customer)?.pop())
    }

    /// The customers of an address, which is in lower case.
    pub fn backup_customers_at(&self, address: &str) -> Result<Vec<BaselineCustomer>, StoreError> {
        let sql =
            "SELECT key, name, first_name, last_name, email, phone FROM backup_customer WHERE address = ?1";
        self.all(sql, &[&address], customer)
    }

    pub fn has_backup_booking(&self, key: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM backup_booking WHERE key = ?1";
        Ok(!self.all(sql, &[&key], |_| Ok(()))?.is_empty())
    }

    /// The backup's bookings of a resource, with their times and status alone.
    pub fn backup_bookings_of(&self, resource: &str) -> Result<Vec<BaselineBooking>, StoreError> {
        let sql =
            "SELECT key, starts_at, ends_at, status FROM backup_booking WHERE resource = ?1 ORDER BY key";
        self.all(sql, &[&resource], |row| {
            let when = |column| -> Result<Option<When>, StoreError> {
                let text: Option<String> = row.get(column)?;
                text.map(|_| word(row, column, When::parse)).transpose()
            };
            let status: Option<String> = row.get(3)?;
            Ok(BaselineBooking {
                key: row.get(0)?,
                resource: Some(resource.to_owned()),
                starts_at: when(1)?,
                ends_at: when(2)?,
                status: status.as_deref().and_then(Status::parse),
                ..BaselineBooking::default()
            })
        })
    }
}

fn customer(row: &Row<'_>) -> Result<BaselineCustomer, StoreError> {
    Ok(BaselineCustomer {
        key: row.get(0)?,
        name: row.get(1)?,
        first_name: row.get(2)?,
        last_name: row.get(3)?,
        email: row.get(4)?,
        phone: row.get(5)?,
        ..BaselineCustomer::default()
    })
}

/// Keeps the rows; of two with one key the last is meant, as everywhere.
pub(super) fn write(transaction: &Transaction<'_>, baseline: &Baseline) -> Result<(), StoreError> {
    let mut resource = transaction.prepare("INSERT INTO backup_resource VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (position, row) in baseline.resources.iter().enumerate() {
        resource.execute(params![
            position, row.key, row.name, row.code, row.class, row.tenant
        ])?;
    }
    let mut customer =
        transaction.prepare("INSERT OR REPLACE INTO backup_customer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for row in &baseline.customers {
        let address = row.email.as_ref().map(|email| email.to_lowercase());
        customer.execute(params![
            row.key,
            row.name,
            row.first_name,
            row.last_name,
            row.email,
            row.phone,
            address
        ])?;
    }
    let mut booking =
        transaction.prepare("INSERT OR REPLACE INTO backup_booking VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for row in &baseline.bookings {
        booking.execute(params![
            row.key,
            row.resource,
            row.starts_at.as_ref().map(wire::encode_when),
            row.ends_at.as_ref().map(wire::encode_when),
            row.status.map(Status::as_str)
        ])?;
    }
    Ok(())
}
