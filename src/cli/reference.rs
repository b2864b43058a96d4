//! A JSON Schema as a page for people: a section for each table, a row for each key.
//!
//! In: a schema as schemars makes it. Out: Markdown. Nothing is said here that the types do not say.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const PREFIX: &str = "#/$defs/";

/// The whole page.
pub(super) fn page(schema: &Value, title: &str) -> String {
    let mut book = Book {
        definitions: &schema["$defs"],
        places: Vec::new(),
    };
    book.walk(schema, "");
    let mut out = format!("# {title}\n\n<!-- Written by `rebook schema --markdown`; not by hand. -->\n");
    let about = described(schema);
    if !about.is_empty() {
        let _ = writeln!(out, "\n{about}");
    }
    book.table(schema, &mut out);
    let mut written = BTreeMap::new();
    for (place, name) in &book.places {
        written.entry(name).or_insert_with(Vec::new).push(place.clone());
    }
    let mut done = Vec::new();
    for (_, name) in &book.places {
        if done.contains(name) {
            continue;
        }
        done.push(name.clone());
        let definition = &book.definitions[name];
        let headings: Vec<String> = written[name].iter().map(|place| format!("`{place}`")).collect();
        let _ = writeln!(out, "\n## {}\n\n{}", headings.join(", "), described(definition));
        book.table(definition, &mut out);
    }
    out
}

/// How a table stands in a file.
enum Form {
    Table,
    /// One of any number.
    List,
    /// Under a name of the writer's choice.
    Each,
}

struct Book<'a> {
    definitions: &'a Value,
    /// Where in a file, and the definition that tells what stands there, in the order of the keys.
    places: Vec<(String, String)>,
}

impl Book<'_> {
    /// Finds the tables below a table, each with its heading in a file.
    fn walk(&mut self, table: &Value, above: &str) {
        for (key, value) in properties(table) {
            let (name, form) = match (reference(&value), reference(&value["items"])) {
                (Some(name), _) => (name, Form::Table),
                (None, Some(name)) => (name, Form::List),
                (None, None) => match self.table_of_each(&value) {
                    Some(name) => (name, Form::Each),
                    None => continue,
                },
            };
            let path = format!("{above}{key}");
            let place = match form {
                Form::Table => format!("[{path}]"),
                Form::List => format!("[[{path}]]"),
                Form::Each => format!("[{path}.…]"),
            };
            let definition = &self.definitions[&name];
            if definition["properties"].is_object() && !self.places.contains(&(place.clone(), name.clone())) {
                self.places.push((place, name.clone()));
                let definition = definition.clone();
                self.walk(&definition, &format!("{path}."));
            }
        }
    }

    /// Of a table whose keys are free, what each value may be where it is a table itself.
    fn table_of_each(&self, value: &Value) -> Option<String> {
        let name = reference(&value["additionalProperties"])?;
        let mut forms = self.definitions[&name]["anyOf"].as_array().into_iter().flatten();
        forms
            .find_map(reference)
            .filter(|name| self.definitions[name]["properties"].is_object())
    }

    fn table(&self, table: &Value, out: &mut String) {
        let keys = properties(table);
        if keys.is_empty() {
            return;
        }
        let required: Vec<&str> = table["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        out.push_str("\n| key | is | meaning |\n| --- | --- | --- |\n");
        for (key, value) in keys {
            let mut meaning = described(&value);
            if meaning.is_empty() {
                let name = reference(&value).or_else(|| reference(&value["items"]));
                meaning = name.map_or_else(String::new, |name| described(&self.definitions[name]));
            }
            if required.contains(&key.as_str()) {
                meaning.insert_str(0, "**Required.** ");
            }
            let _ = writeln!(
                out,
                "| `{key}` | {} | {} |",
                self.kind(&value).replace('|', "\\|"),
                meaning.trim().replace('|', "\\|")
            );
        }
    }

    /// What a value is, in words.
    fn kind(&self, value: &Value) -> String {
        if let Some(words) = value["enum"].as_array() {
            let words: Vec<String> = words
                .iter()
                .filter(|word| !word.is_null())
                .map(|word| format!("`{word}`"))
                .collect();
            return words.join(", ");
        }
        if let Some(word) = value.get("const") {
            return format!("`{word}`");
        }
        if let Some(name) = value["$ref"].as_str().and_then(|name| name.strip_prefix(PREFIX)) {
            let definition = &self.definitions[name];
            return if definition["properties"].is_object() {
                let keys: Vec<String> = properties(definition)
                    .keys()
                    .map(|key| format!("`{key}`"))
                    .collect();
                format!("a table: {}", keys.join(", "))
            } else {
                self.kind(definition)
            };
        }
        let any = value["anyOf"].as_array().or_else(|| value["oneOf"].as_array());
        if let Some(any) = any {
            let mut kinds: Vec<String> = Vec::new();
            for kind in any
                .iter()
                .filter(|kind| kind["type"] != "null")
                .map(|kind| self.kind(kind))
            {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            return kinds.join(", or ");
        }
        let kind = match &value["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("string") => "a text".to_owned(),
            Some("integer" | "number") => "a number".to_owned(),
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("array") => format!("a list of: {}", self.kind(&value["items"])),
            Some("object") if value["additionalProperties"].is_object() => {
                format!(
                    "a table; each value {}",
                    self.kind(&value["additionalProperties"])
                )
            }
            Some("object") => "a table".to_owned(),
            _ => "any value".to_owned(),
        }
    }
}

fn properties(table: &Value) -> Map<String, Value> {
    table["properties"].as_object().cloned().unwrap_or_default()
}

/// The definition that a value is of, whether it may be left out or not.
fn reference(value: &Value) -> Option<String> {
    let own = value["$ref"].as_str();
    let mut any = value["anyOf"].as_array().into_iter().flatten();
    own.or_else(|| any.find_map(|kind| kind["$ref"].as_str()))
        .and_then(|name| name.strip_prefix(PREFIX))
        .map(str::to_owned)
}

/// A doc comment in one line.
fn described(value: &Value) -> String {
    let text = value["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
