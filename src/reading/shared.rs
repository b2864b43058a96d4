//! Which currencies a sign or a noun may mean that names none alone: `$`, pesos, долларов. Source: the Unicode CLDR.

use std::collections::HashMap;
use std::sync::LazyLock;

static SHARED: &str = include_str!("data/shared.txt");

static MEANINGS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = SHARED
        .lines()
        .filter_map(|line| line.strip_prefix("among ")?.split_once('\t'));
    lines
        .flat_map(|(codes, names)| names.split('|').map(move |name| (name, codes)))
        .collect()
});

/// The ISO codes, in lower case, of what money may be in that stands in a text with this sign or noun; None where nothing
/// is known of it.
pub fn currencies(stated: &str) -> Option<Vec<&'static str>> {
    let is_apart = |char: char| char.is_whitespace() || char.is_numeric() || ".,'-–()".contains(char);
    let units = stated.split(is_apart).filter(|unit| !unit.is_empty());
    let known = units.filter_map(|unit| {
        MEANINGS
            .get(unit)
            .or_else(|| MEANINGS.get(unit.to_lowercase().as_str()))
    });
    let among = known.map(|codes| codes.split('.').collect::<Vec<_>>());
    among.reduce(|mine, theirs| mine.into_iter().filter(|code| theirs.contains(code)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_many_currencies_may_mean_any_of_them_and_no_other() {
        let may_be = |text: &str, code: &str| currencies(text).map(|among| among.contains(&code));
        assert_eq!(may_be("25$", "usd"), Some(true));
        assert_eq!(may_be("$ 1,250.00", "mxn"), Some(true));
        assert_eq!(may_be("25$", "gel"), Some(false));
        assert_eq!(may_be("175 долларов", "cad"), Some(true));
        assert_eq!(may_be("175 Dollars", "chf"), Some(false));
        assert_eq!(may_be("450 kr", "sek"), None, "a word of plain letters");
    }
}
