//! A JSON tree that keeps the order of its keys and the digits of its numbers, and its walk into items.

use super::{item, line_items, text};
use crate::model::{Item, Scalar};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Flag(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text at a key.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The values of a list or a map.
    pub fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::List(values) => Box::new(values.iter()),
            Self::Map(entries) => Box::new(entries.iter().map(|(_, value)| value)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

/// A scalar on the walk, with what is around it.
pub(super) struct Leaf<'a> {
    /// JSON pointer.
    pub place: &'a str,
    /// The key it stands under; for a list's element, the list's key.
    pub key: &'a str,
    pub value: &'a Json,
    /// The maps it stands in, outermost first.
    pub parents: &'a [&'a Json],
}

impl<'a> Leaf<'a> {
    /// The value of a key in the nearest map that has it.
    pub fn nearest(&self, key: &str) -> Option<&'a Json> {
        self.parents.iter().rev().find_map(|parent| parent.get(key))
    }
}

/// How a scalar is read.
pub(super) enum Reading {
    /// As its JSON type says.
    Plain,
    As(Scalar),
    /// These lines.
    Lines(Vec<String>),
    /// It tells nothing.
    Skip,
}

/// Turns every scalar of a tree into items, in the order in which they stand; null and empty text are none.
pub(super) fn items(json: &Json, prefix: &str, read: &dyn Fn(&Leaf<'_>) -> Reading) -> Vec<Item> {
    let mut walk = Walk {
        place: prefix.to_owned(),
        read,
        items: Vec::new(),
    };
    walk.enter(json, "", &mut Vec::new());
    walk.items
}

struct Walk<'r> {
    place: String,
    read: &'r dyn Fn(&Leaf<'_>) -> Reading,
    items: Vec<Item>,
}

impl Walk<'_> {
    fn enter<'a>(&mut self, json: &'a Json, key: &str, parents: &mut Vec<&'a Json>) {
        let mark = self.place.len();
        match json {
            Json::Map(entries) => {
                parents.push(json);
                for (name, value) in entries {
                    self.place.push('/');
                    self.push_escaped(name);
                    self.enter(value, name, parents);
                    self.place.truncate(mark);
                }
                parents.pop();
            }
            Json::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.place.push('/');
                    self.place.push_str(&index.to_string());
                    self.enter(value, key, parents);
                    self.place.truncate(mark);
                }
            }
            Json::Null => {}
            scalar => self.leaf(scalar, key, parents),
        }
    }

    fn push_escaped(&mut self, name: &str) {
        if name.contains(['~', '/']) {
            self.place.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            self.place.push_str(name);
        }
    }

    fn leaf(&mut self, value: &Json, key: &str, parents: &[&Json]) {
        let place = self.place.as_str();
        match (self.read)(&Leaf {
            place,
            key,
            value,
            parents,
        }) {
            Reading::Skip => {}
            Reading::As(scalar) => self.items.push(item(place, scalar)),
            Reading::Lines(lines) => self.items.extend(line_items(place, lines)),
            Reading::Plain => match value {
                Json::Text(text) => self.items.extend(line_items(place, filled_lines(text))),
                Json::Number(digits) => self.items.push(item(place, Scalar::Number(digits.clone()))),
                Json::Flag(flag) => self.items.push(item(place, Scalar::Flag(*flag))),
                Json::Null | Json::List(_) | Json::Map(_) => {}
            },
        }
    }
}

/// Somebody who types from right to left leaves marks of direction in some titles and not in others.
fn filled_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(text::visible)
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Build)
    }
}

struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Json, S::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Json, M::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Map(entries))
    }
}
