//! Cells of comma-separated values that neither break the table nor run in a spreadsheet.

/// Quoted where CSV needs it. A spreadsheet runs what begins with `=`, `+`, `-` or `@`: text that does is
/// put behind an apostrophe. Source: RFC 4180.
pub fn cell(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok() && !text.starts_with('+');
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Cells as one line, without its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_neither_breaks_the_table_nor_runs() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-12.50"), "-12.50");
        assert_eq!(cell("+441632960000"), "'+441632960000", "a phone keeps its plus");
    }
}
