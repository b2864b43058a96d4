//! HTML as its reader sees it, and the data that is hidden in it on purpose.
//!
//! In: the HTML of a mail or of an event's description. Out: its visible lines; its JSON-LD scripts; its
//! microdata. This folder alone names the HTML parser.

mod lines;
mod microdata;
mod visibility;

use super::json::Json;
use scraper::{Html, Node};

/// Longer documents are no mails; what is behind is not read.
const HTML_BYTES_MAX: usize = 8 << 20;
/// Tags that people's editors write; anything else in `<…>` may be an address.
const KNOWN_TAGS: [&str; 20] = [
    "a", "b", "br", "div", "em", "font", "h1", "h2", "h3", "hr", "html", "i", "li", "ol", "p", "span",
    "strong", "table", "u", "ul",
];
const KNOWN_ENTITIES: [&str; 5] = ["&nbsp;", "&amp;", "&lt;", "&gt;", "&quot;"];

/// One line of what is visible, or the mark of a quotation that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Visible(String),
    Quotation,
}

/// What is seen of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub lines: Vec<Line>,
    /// Elements lay so deep in each other that they were not read.
    pub is_too_deep: bool,
}

/// A parsed page.
pub(super) struct Page(Html);

impl Page {
    pub fn parse(html: &str) -> Self {
        let end = html.floor_char_boundary(HTML_BYTES_MAX);
        Self(Html::parse_document(&html[..end]))
    }

    /// The visible lines, quotations left out and marked.
    pub fn seen(&self) -> Seen {
        lines::render(&self.0, lines::Newlines::AreSpaces)
    }

    /// The visible lines of a note that a person typed: its line ends count.
    pub fn note_lines(&self) -> Vec<String> {
        lines::render(&self.0, lines::Newlines::Break)
            .lines
            .into_iter()
            .filter_map(|line| match line {
                Line::Visible(text) => Some(text),
                Line::Quotation => None,
            })
            .collect()
    }

    /// The texts of all JSON-LD scripts.
    pub fn linked_data(&self) -> Vec<String> {
        let is_linked_data = |kind: &str| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/ld+json")
        };
        self.0
            .tree
            .nodes()
            .filter(|node| {
                node.value().as_element().is_some_and(|element| {
                    element.name() == "script" && element.attr("type").is_some_and(is_linked_data)
                })
            })
            .map(|node| {
                node.children()
                    .filter_map(|child| child.value().as_text().map(|text| &*text.text))
                    .collect()
            })
            .collect()
    }

    /// The outermost microdata things, as the JSON-LD that says the same.
    pub fn microdata(&self) -> Vec<Json> {
        microdata::things(&self.0)
    }
}

/// Whether a text was written by an HTML editor.
pub(super) fn looks_like_html(text: &str) -> bool {
    let is_tag = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = rest.split(|char: char| !char.is_ascii_alphanumeric()).next();
        name.is_some_and(|name| {
            KNOWN_TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name))
                && rest[name.len()..].starts_with([' ', '>', '/', '\n'])
        })
    };
    text.split('<').skip(1).any(is_tag) || KNOWN_ENTITIES.iter().any(|entity| text.contains(entity))
}

/// The tag of a node; empty where it is no element.
fn tag(node: &Node) -> &str {
    node.as_element().map_or("", |element| element.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_brackets_is_no_html() {
        assert!(!looks_like_html("Ann <ann@guests.example>\n<b@x.example>"));
        assert!(!looks_like_html("3 < 4 > 2"));
        assert!(looks_like_html("Ann<br>Room 2"));
        assert!(looks_like_html("<A HREF=\"x\">y</A>"));
        assert!(looks_like_html("Tom &amp; Ann"));
    }

    #[test]
    fn scripts_of_json_ld_are_found_whatever_the_case_and_charset() {
        let page = Page::parse(
            "<body><script type='Application/LD+JSON; charset=utf-8'>{\"a\":\"&quot;\"}</script><script>x</script>",
        );
        assert_eq!(page.linked_data(), ["{\"a\":\"&quot;\"}"]);
    }
}
