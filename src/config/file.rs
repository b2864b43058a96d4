//! The shape of rebook.toml as it is written; `super` checks it and turns it into the model's nouns.

use super::codes::nearest;
use super::error::Fault;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

pub(super) type Text = Spanned<String>;
pub(super) type Fields<T> = BTreeMap<Text, T>;

/// Who the business is, when the data was lost, where the records are, and what the tables look like.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub business: Business,
    pub window: Window,
    pub staging: Option<Staging>,
    /// Where records are read from: any number, in any mix.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
    pub baseline: Option<Baseline>,
    /// Only where one system serves several businesses: a booking never spans two.
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    #[schemars(with = "Option<Target>")]
    pub target: Option<Spanned<Target>>,
}

/// The business that lost its bookings.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Business {
    /// Shown in answers and in the head of the SQL.
    pub name: String,
    /// An IANA name, as `"Europe/Vienna"`; a time that states no zone is read in it.
    #[schemars(with = "String")]
    pub timezone: Text,
    /// Two letters, ISO 3166, as `"AT"`; the default for phone numbers and for dates like 03/04.
    #[schemars(with = "String")]
    pub country: Text,
    /// Three letters, ISO 4217, as `"eur"`; what an amount is in where nothing says otherwise.
    #[schemars(with = "String")]
    pub currency: Text,
}

/// When what happened: `"2026-04-01T02:00:00Z"`, or without an offset on the business's clock. In this order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    /// Sources are read from here on; some months before `backup`, to learn where the truth is known.
    #[schemars(with = "String")]
    pub learn_from: Spanned<toml::Value>,
    /// When the last good backup was taken; up to here the truth is known.
    #[schemars(with = "String")]
    pub backup: Spanned<toml::Value>,
    /// When the data was lost.
    #[schemars(with = "String")]
    pub loss: Spanned<toml::Value>,
}

/// The SQLite file that holds everything read and decided.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Staging {
    /// Default: `staging.db` beside the configuration. `--staging FILE` overrides it.
    pub path: Option<String>,
}

/// The last good backup.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    /// A plain `pg_dump`, a `mysqldump`, a `.dump` of sqlite3, each perhaps packed with gzip, or a SQLite file.
    #[schemars(with = "String")]
    pub path: Text,
}

/// Where records are read from. Every key that any kind of source knows; `super::source` says which kind takes which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    /// Letters, digits, `-` and `_`; the first half of every record's id, so no two are alike.
    #[schemars(with = "String")]
    pub name: Text,
    /// What it is.
    #[schemars(with = "String", extend("enum" = ["stripe", "google-calendar", "mail"]))]
    pub kind: Text,
    /// The folder or file with the exports; else the source is read over the network.
    #[schemars(with = "Option<String>")]
    pub path: Option<Text>,
    /// stripe, google-calendar: another server, for tests: with TLS, or on this machine.
    #[schemars(with = "Option<String>")]
    pub base_url: Option<Text>,
    /// stripe: where the key is found; a restricted one, `rk_…`.
    #[schemars(with = "Option<SecretForm>")]
    pub api_key: Option<Spanned<SecretTable>>,
    /// stripe: these connected accounts, or `"all"`: the key's own and all connected ones. Default: the key's own.
    #[schemars(with = "Option<SeveralForm>")]
    pub accounts: Option<Spanned<Several>>,
    /// stripe: `true` lets a key that can write (`sk_…`) be used.
    #[schemars(with = "Option<bool>")]
    pub allow_full_key: Option<Spanned<bool>>,
    /// google-calendar: these, or `"all"` that the account may read. Default: the account's own.
    #[schemars(with = "Option<SeveralForm>")]
    pub calendars: Option<Spanned<Several>>,
    /// google-calendar: a key file. One of `login`, `service_account` and `token`.
    #[schemars(with = "Option<String>")]
    pub service_account: Option<Text>,
    /// google-calendar: with `service_account`, whom it acts for.
    #[schemars(with = "Option<String>")]
    pub subject: Option<Text>,
    /// google-calendar: an OAuth client file to log in with.
    #[schemars(with = "Option<String>")]
    pub login: Option<Text>,
    /// google-calendar: where a token is found.
    #[schemars(with = "Option<SecretForm>")]
    pub token: Option<Spanned<SecretTable>>,
    /// mail: `"imaps://user@host:993"` with TLS, or `"imap://…"` with STARTTLS.
    #[schemars(with = "Option<String>")]
    pub imap: Option<Text>,
    /// mail: the folders to read. Default: all but drafts, junk and trash; on Gmail *All Mail*.
    #[schemars(with = "Option<SeveralForm>")]
    pub folders: Option<Spanned<Several>>,
    /// mail: where the password is found. One of `password` and `oauth_token`.
    #[schemars(with = "Option<SecretForm>")]
    pub password: Option<Spanned<SecretTable>>,
    /// mail: where a token is found.
    #[schemars(with = "Option<SecretForm>")]
    pub oauth_token: Option<Spanned<SecretTable>>,
    /// mail: the only addresses that speak for the business.
    #[schemars(with = "Option<Vec<String>>")]
    pub senders: Option<Spanned<Vec<Text>>>,
    /// mail: whose `Authentication-Results` count. Default: the id on most mails that match the backup.
    #[schemars(with = "Option<String>")]
    pub authserv: Option<Text>,
}

/// One of several businesses on one system.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tenant {
    /// The tenant's key in the target.
    #[schemars(with = "KeyForm")]
    pub id: Spanned<toml::Value>,
    /// Default: the id.
    pub name: Option<String>,
    /// Whose payments are this tenant's.
    pub stripe_account: Option<String>,
    /// Whose events are this tenant's.
    #[serde(default)]
    pub calendars: Vec<String>,
    /// Who speaks for this tenant.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub senders: Vec<Text>,
}

/// What the tables look like, both in the backup and where the SQL will be loaded.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// Which database it is; MariaDB speaks `"mysql"`.
    #[schemars(with = "String", extend("enum" = ["postgres", "mysql", "sqlite"]))]
    pub dialect: Text,
    /// The table of the bookings; it must be there.
    #[schemars(with = "Option<Entity>")]
    pub booking: Option<Spanned<Entity>>,
    /// The table of the people who book.
    #[schemars(with = "Option<Entity>")]
    pub customer: Option<Spanned<Entity>>,
    /// The table of the things booked: rooms, bikes, chairs.
    #[schemars(with = "Option<Entity>")]
    pub resource: Option<Spanned<Entity>>,
    /// The table of the payments.
    #[schemars(with = "Option<Entity>")]
    pub payment: Option<Spanned<Entity>>,
}

/// One table of the target.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Entity {
    /// As the database spells it.
    #[schemars(with = "String")]
    pub table: Text,
    /// The primary key, given by the database; a list for a composite one.
    #[schemars(with = "Option<SeveralForm>")]
    pub key: Option<Spanned<Several>>,
    /// `"uuid"`, where the key is a UUID that the program makes (version 5).
    #[schemars(with = "Option<String>", extend("enum" = ["uuid"]))]
    pub generate_key: Option<Text>,
    /// Canonical field = column.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, ColumnForm>")]
    pub columns: Fields<Column>,
    /// Of a field, canonical value = the target's: `values.status` holds `confirmed = "open"`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, BTreeMap<String, KeyForm>>")]
    pub values: Fields<Fields<Spanned<toml::Value>>>,
    /// Columns with no evidence that must be filled: `channel = "reconstructed"`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, KeyForm>")]
    pub constants: Fields<Spanned<toml::Value>>,
    /// Columns that SQL fills, over mapped fields: `tax_cents = "{total} / 10"`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub expressions: Fields<Text>,
    /// Rows of other tables that stand beside every new row.
    #[serde(default, rename = "with")]
    pub companions: Vec<Companion>,
    /// Triggers that you have read and that may fire; any other one stops the export and the load.
    #[serde(default)]
    pub allow_triggers: Vec<String>,
    /// Of bookings: what becomes of a reference that was given out anew: `{ suffix = "-R" }`. Default: `"hold"`.
    #[schemars(with = "Option<TakenForm>")]
    pub taken_reference: Option<Spanned<toml::Value>>,
    /// Of bookings: a new row keeps the number that its records tell, where it is free.
    #[schemars(with = "Option<bool>")]
    pub keep_ids: Option<Spanned<bool>>,
}

/// A row of another table that stands beside every new row.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Companion {
    /// As the database spells it.
    #[schemars(with = "String")]
    pub table: Text,
    /// Column = SQL, with `{key}` for the key that the row was given and `{field}` for what a mapped field has.
    #[schemars(with = "BTreeMap<String, KeyForm>")]
    pub columns: Fields<Spanned<toml::Value>>,
}

// How values are written that may take more than one form: read by hand above or below, told here.

/// A text, or a list of texts.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its form is looked at
enum SeveralForm {
    One(String),
    More(Vec<String>),
}

/// A text or a number.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its form is looked at
enum KeyForm {
    Text(String),
    Number(i64),
    Fraction(f64),
    Flag(bool),
}

/// A column's name, or a table where its type alone does not say enough.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its form is looked at
enum ColumnForm {
    Name(String),
    Table(ColumnTable),
}

/// `"hold"`, or a suffix.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its form is looked at
enum TakenForm {
    Hold(String),
    Suffix {
        /// What is put behind the reference.
        suffix: String,
    },
}

/// What the program makes of `rebook.toml`, as JSON Schema.
pub(super) fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<File>()
        .to_value()
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

/// A column of which more is to be said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ColumnTable {
    /// Its name.
    column: String,
    /// Of a time: on the business's clock, in UTC, a whole day, or seconds since 1970; of `ends_at` also how many
    /// minutes, hours (with decimals), days or nights after `starts_at`. Default: the column's type says it.
    #[schemars(with = "Option<String>", extend("enum" = ["local", "utc", "date", "epoch", "minutes", "hours", "days", "nights"]))]
    time: Option<Text>,
    /// Of an amount: in cents, or as `397.00`. Default: `"minor"`.
    #[schemars(with = "Option<String>", extend("enum" = ["minor", "major"]))]
    money: Option<Text>,
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
                let ColumnTable { column, time, money } =
                    ColumnTable::deserialize(MapAccessDeserializer::new(table))?;
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

/// Where a secret is found: exactly one of these. The secret itself is never written here.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecretForm {
    /// A command whose first line of output it is: `["pass", "stripe"]`.
    command: Option<Vec<String>>,
    /// A file that holds it.
    file: Option<String>,
    /// Its name in the system's keyring.
    keyring: Option<String>,
    /// An environment variable.
    env: Option<String>,
}

impl<'de> Deserialize<'de> for SecretTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
                let SecretForm {
                    command,
                    file,
                    keyring,
                    env,
                } = SecretForm::deserialize(MapAccessDeserializer::new(table))?;
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
