//! The columns of the Dashboard's exports, and where in the API's objects their values stand. Source: the exports themselves.

use super::cells::Shape;
use chrono_tz::Tz;

/// Kinds of objects by the prefix of their ids.
pub(super) const KINDS: [(&str, &str); 16] = [
    ("ch", "charge"),
    ("py", "charge"),
    ("pi", "payment_intent"),
    ("cus", "customer"),
    ("gcus", "customer"),
    ("re", "refund"),
    ("pyr", "refund"),
    ("in", "invoice"),
    ("du", "dispute"),
    ("dp", "dispute"),
    ("txn", "balance_transaction"),
    ("cs", "checkout.session"),
    ("po", "payout"),
    ("sub", "subscription"),
    ("prod", "product"),
    ("price", "price"),
];

/// Columns of every export, in lower case and without a zone: the field, as a pointer, and its shape.
const COLUMNS: &[(&str, &str, Shape)] = &[
    ("amount", "amount", Shape::Money),
    ("amount refunded", "amount_refunded", Shape::Money),
    ("amount due", "amount_due", Shape::Money),
    ("amount paid", "amount_paid", Shape::Money),
    ("amount remaining", "amount_remaining", Shape::Money),
    ("subtotal", "subtotal", Shape::Money),
    ("tax", "tax", Shape::Money),
    ("total", "total", Shape::Money),
    ("fee", "fee", Shape::Money),
    ("net", "net", Shape::Money),
    ("captured", "captured", Shape::Flag),
    ("delinquent", "delinquent", Shape::Flag),
    ("created date", "created", Shape::Time),
    ("created", "created", Shape::Time),
    ("date", "created", Shape::Time),
    ("available on", "available_on", Shape::Time),
    ("arrival date", "arrival_date", Shape::Time),
    ("due date", "due_date", Shape::Time),
    ("period start", "period_start", Shape::Time),
    ("period end", "period_end", Shape::Time),
    ("description", "description", Shape::Text),
    ("name", "name", Shape::Text),
    ("email", "email", Shape::Text),
    ("phone", "phone", Shape::Text),
    ("number", "number", Shape::Text),
    ("reason", "reason", Shape::Word),
    ("type", "type", Shape::Word),
    ("source", "source", Shape::Text),
    ("customer", "customer", Shape::Text),
    ("customer id", "customer", Shape::Text),
    ("subscription", "subscription", Shape::Text),
    ("charge", "charge", Shape::Text),
    ("charge id", "charge", Shape::Text),
    ("invoice", "invoice", Shape::Text),
    ("invoice id", "invoice", Shape::Text),
    ("payment intent", "payment_intent", Shape::Text),
    ("paymentintent id", "payment_intent", Shape::Text),
    ("payment intent id", "payment_intent", Shape::Text),
    ("statement descriptor", "statement_descriptor", Shape::Text),
    ("seller message", "outcome/seller_message", Shape::Text),
    ("payment source type", "payment_method_details/type", Shape::Word),
    ("card id", "payment_method", Shape::Text),
    ("card name", "billing_details/name", Shape::Text),
    ("card address line1", "billing_details/address/line1", Shape::Text),
    ("card address line2", "billing_details/address/line2", Shape::Text),
    ("card address city", "billing_details/address/city", Shape::Text),
    ("card address state", "billing_details/address/state", Shape::Text),
    (
        "card address country",
        "billing_details/address/country",
        Shape::Text,
    ),
    (
        "card address zip",
        "billing_details/address/postal_code",
        Shape::Text,
    ),
    ("card last4", "payment_method_details/card/last4", Shape::Text),
    ("card brand", "payment_method_details/card/brand", Shape::Word),
    ("card funding", "payment_method_details/card/funding", Shape::Word),
    ("shipping name", "shipping/name", Shape::Text),
    ("shipping address line1", "shipping/address/line1", Shape::Text),
    ("shipping address line2", "shipping/address/line2", Shape::Text),
    ("shipping address city", "shipping/address/city", Shape::Text),
    ("shipping address state", "shipping/address/state", Shape::Text),
    (
        "shipping address country",
        "shipping/address/country",
        Shape::Text,
    ),
    (
        "shipping address postal code",
        "shipping/address/postal_code",
        Shape::Text,
    ),
];
/// Where the address of who pays stands, by kind.
const CUSTOMER_EMAIL: [(&str, &str); 3] = [
    ("charge", "billing_details/email"),
    ("payment_intent", "receipt_email"),
    ("checkout.session", "customer_details/email"),
];
/// Columns about the checkout session that a payment was made in.
pub(super) const SESSION: &str = "checkout session id";
pub(super) const CLIENT_REFERENCE: &str = "client reference id";
pub(super) const CUSTOM_FIELD: &str = "checkout custom field ";
pub(super) const METADATA: &str = "metadata";

/// A column of an export.
pub(super) struct Column {
    /// As the export spells it.
    pub(super) title: String,
    /// In lower case, without what stands in brackets.
    pub(super) name: String,
    /// `X (metadata)`: X.
    pub(super) metadata: Option<String>,
    /// `X (UTC)`.
    pub(super) zone: Option<Tz>,
}

impl Column {
    pub(super) fn of(title: &str) -> Self {
        let title = title.trim_start_matches('\u{feff}').trim();
        let (plain, inside) = match title.strip_suffix(')').and_then(|title| title.rsplit_once(" (")) {
            Some((plain, inside)) => (plain, inside),
            None => (title, ""),
        };
        let zone = inside.parse().ok();
        let metadata = inside.eq_ignore_ascii_case(METADATA).then(|| plain.to_owned());
        let is_known = zone.is_some() || metadata.is_some();
        Self {
            title: title.to_owned(),
            name: if is_known { plain } else { title }.to_ascii_lowercase(),
            metadata,
            zone,
        }
    }
}

/// Where a column's value stands in the API, and how it is read.
pub(super) fn field_of(column: &Column, object: &str) -> Option<(&'static str, Shape)> {
    if column.name == "customer email" {
        let own = CUSTOMER_EMAIL.iter().find(|(kind, _)| *kind == object);
        return Some((own.map_or("customer_email", |(_, field)| field), Shape::Text));
    }
    COLUMNS
        .iter()
        .find(|(name, _, shape)| {
            // A time whose zone is not told is no time.
            *name == column.name && (*shape != Shape::Time || column.zone.is_some())
        })
        .map(|(_, field, shape)| (*field, *shape))
}
