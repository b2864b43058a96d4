//! As much of what Stripe sends as must be understood to keep it: that a page is a list, and the head of each object.

use super::super::LiveError;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A page, its objects untouched.
#[derive(Deserialize)]
pub struct ListPage<'a> {
    #[serde(borrow)]
    pub data: Vec<&'a RawValue>,
}

impl<'a> ListPage<'a> {
    pub fn of(bytes: &'a [u8]) -> Result<Self, LiveError> {
        serde_json::from_slice(bytes).map_err(|error| {
            LiveError::service(
                format!("Stripe answered with something that is no list ({error})"),
                "see whether base_url leads to Stripe; run the command again later",
            )
        })
    }
}

/// As much of an object as a record needs.
#[derive(Deserialize, Default)]
pub struct Head<'a> {
    #[serde(borrow)]
    pub id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub object: Option<Cow<'a, str>>,
    pub created: Option<i64>,
    #[serde(borrow)]
    pub line_items: Option<&'a RawValue>,
}

impl<'a> Head<'a> {
    pub fn of(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }
}
