//! The shape of rebook.toml as it is written; `super` checks it and turns it into the model's nouns.

use super::codes::nearest;
use super::error::Fault;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

pub(super) type Text = Spanned<String>;
pub(super) type Fields<T> = BTreeMap<Text, T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub business: Business,
    pub window: Window,
    pub staging: Option<Staging>,
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
    pub baseline: Option<Baseline>,
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    pub target: Option<Spanned<Target>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Business {
    pub name: String,
    pub timezone: Text,
    pub country: Text,
    pub currency: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    pub learn_from: Spanned<toml::Value>,
    pub backup: Spanned<toml::Value>,
    pub loss: Spanned<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Staging {
    pub path: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    pub path: Text,
}

/// Every key that any kind of source knows; `super::source` says which kind takes which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub name: Text,
    pub kind: Text,
    pub path: Option<Text>,
    pub base_url: Option<Text>,
    pub api_key: Option<Spanned<SecretTable>>,
    pub accounts: Option<Spanned<Several>>,
    pub allow_full_key: Option<Spanned<bool>>,
    pub calendars: Option<Spanned<Several>>,
    pub service_account: Option<Text>,
    pub subject: Option<Text>,
    pub login: Option<Text>,
    pub token: Option<Spanned<SecretTable>>,
    pub imap: Option<Text>,
    pub folders: Option<Spanned<Several>>,
    pub password: Option<Spanned<SecretTable>>,
    pub oauth_token: Option<Spanned<SecretTable>>,
    pub senders: Option<Spanned<Vec<Text>>>,
    pub authserv: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tenant {
    pub id: Spanned<toml::Value>,
    pub name: Option<String>,
    pub stripe_account: Option<String>,
    #[serde(default)]
    pub calendars: Vec<String>,
    #[serde(default)]
    pub senders: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub dialect: Text,
    pub booking: Option<Spanned<Entity>>,
    pub customer: Option<Spanned<Entity>>,
    pub resource: Option<Spanned<Entity>>,
    pub payment: Option<Spanned<Entity>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entity {
    pub table: Text,
    pub key: Option<Spanned<Several>>,
    pub generate_key: Option<Text>,
    #[serde(default)]
    pub columns: Fields<Column>,
    #[serde(default)]
    pub values: Fields<Fields<Spanned<toml::Value>>>,
    #[serde(default)]
    pub constants: Fields<Spanned<toml::Value>>,
    #[serde(default)]
    pub expressions: Fields<Text>,
    #[serde(default, rename = "with")]
    pub companions: Vec<Companion>,
    #[serde(default)]
    pub allow_triggers: Vec<String>,
    pub taken_reference: Option<Spanned<toml::Value>>,
    pub keep_ids: Option<Spanned<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Companion {
    pub table: Text,
    pub columns: Fields<Spanned<toml::Value>>,
}

/// `"name"`, or `["a", "b"]`.
pub(super) struct Several(pub Vec<String>);

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Several;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Several, E> {
                Ok(Several(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Several, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Several(texts))
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

/// `"column"`, or `{ column = "column", time = "local" }`.
pub(super) struct Column {
    pub name: String,
    pub time: Option<Text>,
    pub money: Option<Text>,
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            column: String,
            time: Option<Text>,
            money: Option<Text>,
        }

        struct NameOrTable;

        impl<'de> Visitor<'de> for NameOrTable {
            type Value = Column;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name or { column = \"…\", time = \"…\" }")
            }

            fn visit_str<E>(self, column: &str) -> Result<Column, E> {
                Ok(Column {
                    name: column.to_owned(),
                    time: None,
                    money: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Column, A::Error> {
                let Table { column, time, money } = Table::deserialize(MapAccessDeserializer::new(table))?;
                Ok(Column {
                    name: column,
                    time,
                    money,
                })
            }
        }

        deserializer.deserialize_any(NameOrTable)
    }
}

/// Where a secret is to be found; exactly one key is set.
pub(super) struct SecretTable {
    pub command: Option<Vec<String>>,
    pub file: Option<String>,
    pub keyring: Option<String>,
    pub env: Option<String>,
}

impl<'de> Deserialize<'de> for SecretTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            command: Option<Vec<String>>,
            file: Option<String>,
            keyring: Option<String>,
            env: Option<String>,
        }

        struct TableOnly;

        impl<'de> Visitor<'de> for TableOnly {
            type Value = SecretTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table that says where the secret is")
            }

            // serde would quote the text in its message, and with it the secret.
            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<SecretTable, E> {
                Err(E::custom(SECRET_IN_FILE))
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<SecretTable, A::Error> {
                let Table {
                    command,
                    file,
                    keyring,
                    env,
                } = Table::deserialize(MapAccessDeserializer::new(table))?;
                Ok(SecretTable {
                    command,
                    file,
                    keyring,
                    env,
                })
            }
        }

        deserializer.deserialize_any(TableOnly)
    }
}

const SECRET_IN_FILE: &str = "a secret is never written in this file";
const SECRET_HINT: &str =
    r#"say where it is: { command = ["pass", "…"] }, { file = "…" }, { keyring = "…" } or { env = "…" }"#;

/// Reads the text; what serde and toml have to say is put into the words of the file.
pub(super) fn parse(text: &str) -> Result<File, Fault> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let message = error.message();
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        if message == SECRET_IN_FILE {
            return Fault {
                secret: true,
                ..Fault::new(span, message, SECRET_HINT)
            };
        }
        match (
            message.split_once(' ').map_or("", |(first, _)| first),
            quoted.as_slice(),
        ) {
            ("unknown", [key, known @ ..]) => {
                let hint = nearest(key, known.iter().copied()).map_or_else(
                    || format!("here stand: {}", known.join(", ")),
                    |known| format!("did you mean `{known}`?"),
                );
                Fault::new(span, format!("unknown key `{key}`"), hint)
            }
            ("missing", [key, ..]) => Fault::new(span, format!("`{key}` is missing"), missing_hint(key)),
            ("invalid", _)
                if ["type", "value", "length"]
                    .iter()
                    .any(|what| message[8..].starts_with(what)) =>
            {
                let message = message
                    .replace("string \"", "text \"")
                    .replace("a string", "a text in quotes");
                Fault::new(
                    span,
                    message,
                    "every key stands with an example in docs/configuration.md",
                )
            }
            _ => Fault::new(
                span,
                message,
                "this is not TOML as rebook reads it; texts stand in quotes: key = \"value\"",
            ),
        }
    })
}

fn missing_hint(key: &str) -> String {
    match key {
        "business" => "add [business] with name, timezone, country and currency".to_owned(),
        "window" => "add [window] with learn_from, backup and loss".to_owned(),
        "timezone" => {
            "add timezone = \"Europe/Paris\": the zone in which the business tells the time".to_owned()
        }
        "country" => "add country = \"FR\": the default for phone numbers and ambiguous dates".to_owned(),
        "currency" => "add currency = \"eur\": the business's own currency".to_owned(),
        "learn_from" => "add learn_from = \"2026-01-01T00:00:00Z\": sources are read from here".to_owned(),
        "backup" => "add backup = \"2026-03-01T02:00:00Z\": when the last good backup was taken".to_owned(),
        "loss" => "add loss = \"2026-05-01T09:30:00Z\": when the data was lost".to_owned(),
        "kind" => "add kind = \"stripe\", \"google-calendar\" or \"mail\"".to_owned(),
        "dialect" => "add dialect = \"postgres\", \"mysql\" or \"sqlite\"".to_owned(),
        "table" => "add table = \"…\": the table's name as the database spells it".to_owned(),
        key => format!("add {key} = \"…\""),
    }
}
