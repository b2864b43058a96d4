//! Finds a part of `[target]` in the text again, so that what the schema contradicts can be shown where it is written.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where the text of `[target.<entity>]` names something, as a value or else as a key; else where the table itself is
/// named. Empty where the text has no such table.
pub(super) fn of(text: &str, entity: &str, name: &str) -> Range<usize> {
    let Ok(file) = DeTable::parse(text) else {
        return 0..0;
    };
    let found = entry(file.get_ref(), "target").and_then(|(_, target)| match target.get_ref() {
        DeValue::Table(target) => entry(target, entity),
        _ => None,
    });
    let Some((key, found)) = found else { return 0..0 };
    let within = value(found, name).or_else(|| self::key(found, name));
    within
        .or_else(|| match found.get_ref() {
            DeValue::Table(table) => entry(table, "table").map(|(_, table)| table.span()),
            _ => None,
        })
        .unwrap_or(key)
}

fn entry<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<(Range<usize>, &'t Spanned<DeValue<'i>>)> {
    table
        .iter()
        .find(|(key, _)| key.get_ref() == name)
        .map(|(key, value)| (key.span(), value))
}

fn value(node: &Spanned<DeValue<'_>>, name: &str) -> Option<Range<usize>> {
    match node.get_ref() {
        DeValue::String(text) => (text == name).then(|| node.span()),
        DeValue::Integer(number) => (number.as_str() == name).then(|| node.span()),
        DeValue::Boolean(flag) => (flag.to_string() == name).then(|| node.span()),
        DeValue::Array(items) => items.iter().find_map(|item| value(item, name)),
        DeValue::Table(table) => table.iter().find_map(|(_, inner)| value(inner, name)),
        _ => None,
    }
}

fn key(node: &Spanned<DeValue<'_>>, name: &str) -> Option<Range<usize>> {
    match node.get_ref() {
        DeValue::Array(items) => items.iter().find_map(|item| key(item, name)),
        DeValue::Table(table) => table.iter().find_map(|(found, inner)| {
            (found.get_ref() == name)
                .then(|| found.span())
                .or_else(|| key(inner, name))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[target]\ndialect = \"sqlite\"\n[target.booking]\ntable = \"trips\"\nkey = [\"a\", \"no\"]\n[target.booking.columns]\nstarts_at = { column = \"from\", time = \"utc\" }\n[target.booking.constants]\nvia = \"web\"\ndesk = 70000\nnew = true\n[[target.booking.with]]\ntable = \"items\"\ncolumns = { trip = \"{key}\" }\n";

    #[test]
    fn a_name_is_found_where_it_is_written() {
        let at = |entity: &str, name: &str| &TEXT[of(TEXT, entity, name)];
        assert_eq!(at("booking", "from"), "\"from\"");
        assert_eq!(at("booking", "no"), "\"no\"");
        assert_eq!(at("booking", "via"), "via");
        assert_eq!(at("booking", "70000"), "70000");
        assert_eq!(at("booking", "true"), "true");
        assert_eq!(at("booking", "items"), "\"items\"");
        assert_eq!(at("booking", "trip"), "trip");
        assert_eq!(at("booking", "nothing of the kind"), "\"trips\"");
        assert_eq!(at("payment", "x"), "");
    }
}
