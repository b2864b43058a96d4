//! Staged rows that would collide with each other in columns that no two rows may share.

use super::cell::Cell;
use std::collections::BTreeMap;

/// Groups of rows, by their places, that have the same values in the given columns; rows with a NULL
/// there collide with none. Case is nothing: some databases' collations hold it for nothing too.
pub(super) fn find<'r>(
    rows: impl Iterator<Item = (usize, &'r [Cell])>,
    columns: &[usize],
    stand_in: impl Fn(usize, usize) -> Option<String>,
) -> Vec<Vec<usize>> {
    let mut seen: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (place, cells) in rows {
        let sign: Option<Vec<String>> = columns
            .iter()
            .map(|&column| stand_in(place, column).or_else(|| cells[column].folded()))
            .collect();
        if let Some(sign) = sign {
            seen.entry(sign).or_default().push(place);
        }
    }
    seen.into_values().filter(|group| group.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_collide_and_nulls_do_not() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let rows = [
            vec![text("A"), text("x")],
            vec![text("a"), text("x")],
            vec![text("b"), Cell::Null],
            vec![text("b"), Cell::Null],
        ];
        let cells = || rows.iter().map(Vec::as_slice).enumerate();
        assert_eq!(find(cells(), &[0], |_, _| None), [vec![0, 1], vec![2, 3]]);
        assert_eq!(find(cells(), &[0, 1], |_, _| None), [vec![0, 1]]);
        let told_apart = |place: usize, column: usize| (column == 1).then(|| place.to_string());
        assert!(find(cells(), &[0, 1], told_apart).is_empty());
    }
}
