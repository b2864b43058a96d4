//! What is listed of a Stripe account: the kinds of object, and the requests that page through them.
//!
//! A list's cursor is the last id of the page before, so that one list is read one page after the other. What makes a
//! pull fast is that `created` can be bounded: the window is cut into slices that are read side by side.

use super::super::LiveError;
use chrono::{DateTime, SecondsFormat, Utc};
use stripe_billing::invoice::ListInvoice;
use stripe_checkout::checkout_session::{ListCheckoutSession, ListLineItemsCheckoutSession};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_connect::account::ListAccount;
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_core::charge::ListCharge;
use stripe_core::customer::ListCustomer;
use stripe_core::dispute::ListDispute;
use stripe_core::payment_intent::ListPaymentIntent;
use stripe_core::refund::ListRefund;
use stripe_types::{RangeBoundsTs, RangeQueryTs};

/// The most that Stripe gives at once.
pub const PAGE_OBJECTS: i64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    Customers,
    Charges,
    PaymentIntents,
    Refunds,
    CheckoutSessions,
    Invoices,
    Disputes,
    BalanceTransactions,
}

impl List {
    pub const ALL: [Self; 8] = [
        Self::Charges,
        Self::PaymentIntents,
        Self::Customers,
        Self::CheckoutSessions,
        Self::Refunds,
        Self::Invoices,
        Self::BalanceTransactions,
        Self::Disputes,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Charges => "charges",
            Self::PaymentIntents => "payment intents",
            Self::Refunds => "refunds",
            Self::CheckoutSessions => "checkout sessions",
            Self::Invoices => "invoices",
            Self::Disputes => "disputes",
            Self::BalanceTransactions => "balance transactions",
        }
    }

    /// What the Dashboard calls the permission to read it, as on the page where a restricted key is made.
    pub fn permission(self) -> &'static str {
        match self {
            Self::Customers => "Customers",
            Self::Charges | Self::Refunds => "Charges and Refunds",
            Self::PaymentIntents => "PaymentIntents",
            Self::CheckoutSessions => "Checkout Sessions",
            Self::Invoices => "Invoices",
            Self::Disputes => "Disputes",
            Self::BalanceTransactions => "Balance and Balance transaction sources",
        }
    }

    /// One page of the list. Newest first, as Stripe gives them.
    pub fn page(self, slice: Slice, after: Option<&str>, limit: i64) -> RequestBuilder {
        macro_rules! page {
            ($list:expr) => {{
                let list = $list.created(slice.bounds()).limit(limit);
                match after {
                    Some(id) => list.starting_after(id).build(),
                    None => list.build(),
                }
            }};
        }
        let expand = |what: &str| vec![what.to_owned()];
        match self {
            Self::Customers => page!(ListCustomer::new()),
            Self::Charges => page!(ListCharge::new()),
            Self::PaymentIntents => page!(ListPaymentIntent::new()),
            Self::Refunds => page!(ListRefund::new()),
            // What was bought is told only on request.
            Self::CheckoutSessions => page!(ListCheckoutSession::new().expand(expand("data.line_items"))),
            // What paid an invoice, likewise.
            Self::Invoices => page!(ListInvoice::new().expand(expand("data.payments"))),
            Self::Disputes => page!(ListDispute::new()),
            Self::BalanceTransactions => page!(ListBalanceTransaction::new()),
        }
    }
}

/// What a checkout session sold, behind the items that came with it.
pub fn line_items(session: &str, after: &str) -> RequestBuilder {
    ListLineItemsCheckoutSession::new(session)
        .limit(PAGE_OBJECTS)
        .starting_after(after)
        .build()
}

/// The accounts that are connected to a platform.
pub fn accounts(after: Option<&str>) -> RequestBuilder {
    let list = ListAccount::new().limit(PAGE_OBJECTS);
    match after {
        Some(id) => list.starting_after(id).build(),
        None => list.build(),
    }
}

/// A stretch of time by `created`, in epoch seconds: from the first to before the second; without it, to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    pub from: i64,
    pub before: Option<i64>,
}

impl Slice {
    fn bounds(self) -> RangeQueryTs {
        RangeQueryTs::Bounds(RangeBoundsTs {
            gte: Some(self.from),
            lt: self.before,
            ..RangeBoundsTs::default()
        })
    }

    /// In words, which name the slice too.
    pub fn words(self) -> String {
        match self.before {
            Some(before) => format!("created from {} to before {}", moment(self.from), moment(before)),
            None => format!("created from {} on", moment(self.from)),
        }
    }
}

/// RFC 3339; "" where the seconds are no moment.
pub fn moment(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(String::new, |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Cuts the window into slices of one length, and all that came after the loss: what was paid, refunded or disputed
/// then may belong to a lost booking. The same window gives the same slices, so that a pull can be gone on with.
pub fn slices(learn_from: DateTime<Utc>, loss: DateTime<Utc>, count: u32) -> Result<Vec<Slice>, LiveError> {
    let (from, end) = (learn_from.timestamp(), loss.timestamp());
    if end <= from {
        return Err(LiveError::bug("the window ends before it begins"));
    }
    let count = i64::from(count.max(1)).min(end - from);
    let edge = |index: i64| from + (end - from) * index / count;
    let mut slices: Vec<Slice> = (0..count)
        .map(|index| Slice {
            from: edge(index),
            before: Some(edge(index + 1)),
        })
        .collect();
    slices.push(Slice {
        from: end,
        before: None,
    });
    Ok(slices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_the_window_without_gap_or_overlap() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("a moment");
        for (from, end, count) in [(0, 1_000, 8), (5, 8, 8), (0, 1, 1), (100, 1_000_003, 7)] {
            let slices = slices(at(from), at(end), count).expect("slices");
            assert_eq!(slices[0].from, from);
            for pair in slices.windows(2) {
                assert_eq!(pair[0].before, Some(pair[1].from));
                assert!(pair[0].from < pair[1].from);
            }
            assert_eq!(
                slices.last(),
                Some(&Slice {
                    from: end,
                    before: None
                })
            );
        }
        assert!(slices(at(5), at(5), 8).is_err());
    }

    #[test]
    fn a_request_bounds_what_it_asks_for() {
        let slice = Slice {
            from: 10,
            before: Some(20),
        };
        let request = List::CheckoutSessions.page(slice, Some("cs_1"), PAGE_OBJECTS);
        assert_eq!(request.path, "/checkout/sessions");
        assert!(request.body.is_none());
        let query = request.query.expect("a query");
        for part in [
            "created[gte]=10",
            "created[lt]=20",
            "limit=100",
            "starting_after=cs_1",
            "data.line_items",
        ] {
            assert!(query.contains(part), "{query}");
        }
    }
}
