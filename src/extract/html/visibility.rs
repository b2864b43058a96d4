//! What of a page can be seen: inline styles, and the page's own style sheet as far as it hides things.
//!
//! Mails hide text on purpose: previews, samples, values that were struck out. A reader does not see
//! them, so they are no evidence. Rules inside `@media` are left aside: they are for other screens.

use scraper::{ElementRef, Html, Selector};

/// Letters smaller than this are not read by anybody.
const FONT_SIZE_MIN: f64 = 2.0;
/// Text moved further than this stands off the page.
const OFF_PAGE: f64 = -900.0;
/// A mail's style sheet has a handful of hiding rules.
const RULES_MAX: usize = 64;

/// How an element stands among its neighbours, whatever its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    /// On lines of its own.
    Block,
    /// In the line.
    Inline,
    /// On a line of its own, what is in it side by side.
    Row,
    /// What is in it one below the other.
    Column,
}

impl Display {
    fn parse(value: &str) -> Option<Self> {
        match value {
            "block" | "list-item" | "flow-root" | "table" | "table-row-group" | "table-caption" => {
                Some(Self::Block)
            }
            "inline" => Some(Self::Inline),
            "flex" | "grid" | "table-row" => Some(Self::Row),
            _ => None,
        }
    }
}

/// What one style says; None: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Style {
    /// Takes the element and all inside it off the page.
    pub is_removed: Option<bool>,
    pub display: Option<Display>,
    /// Strikes it out; an element inside cannot undo it.
    pub is_struck: Option<bool>,
    /// Hides text until an element inside sets its own size.
    pub is_tiny: Option<bool>,
    /// Hides text until an element inside sets its own visibility.
    pub is_unseen: Option<bool>,
    /// Line ends in the source are line ends on the page.
    pub keeps_newlines: Option<bool>,
}

impl Style {
    fn over(self, under: Self) -> Self {
        Self {
            is_removed: self.is_removed.or(under.is_removed),
            display: self.display.or(under.display),
            is_struck: self.is_struck.or(under.is_struck),
            is_tiny: self.is_tiny.or(under.is_tiny),
            is_unseen: self.is_unseen.or(under.is_unseen),
            keeps_newlines: self.keeps_newlines.or(under.keeps_newlines),
        }
    }

    /// Reads `name: value; …`.
    fn parse(declarations: &str) -> Self {
        let lower = declarations.to_ascii_lowercase();
        let mut style = Self::default();
        let (mut color, mut background) = (None, None);
        let (mut has_no_height, mut has_no_width, mut is_clipped, mut is_column) =
            (false, false, false, false);
        for declaration in lower.split(';') {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            let value = value.trim().trim_end_matches("!important").trim();
            match name.trim() {
                "display" => {
                    style.is_removed = Some(value == "none");
                    style.display = Display::parse(value);
                }
                "flex-direction" | "flex-flow" => is_column = value.starts_with("column"),
                "visibility" => style.is_unseen = Some(matches!(value, "hidden" | "collapse")),
                "opacity" | "max-height" if number(value) == Some(0.0) => style.is_removed = Some(true),
                "font-size" => style.is_tiny = number(value).map(|size| is_tiny(size, value)),
                "height" => has_no_height = number(value) == Some(0.0),
                "width" => has_no_width = number(value) == Some(0.0),
                "overflow" | "overflow-y" => is_clipped = value == "hidden",
                "text-indent" | "left" | "top" | "margin-left" | "margin-top"
                    if number(value).is_some_and(|by| by < OFF_PAGE) =>
                {
                    style.is_removed = Some(true);
                }
                "text-decoration" | "text-decoration-line" => {
                    style.is_struck = value.contains("line-through").then_some(true);
                }
                "white-space" => style.keeps_newlines = Some(value.starts_with("pre")),
                "color" => color = Some(value.to_owned()),
                "background" | "background-color" => background = Some(value.to_owned()),
                _ => {}
            }
        }
        if is_column && style.display == Some(Display::Row) {
            style.display = Some(Display::Column);
        }
        if is_clipped && (has_no_height || has_no_width) {
            style.is_removed = Some(true);
        }
        if color.as_deref() == Some("transparent") || color.is_some() && color == background {
            style.is_unseen = Some(true);
        }
        style
    }
}

/// Relative sizes below a tenth are as small as a pixel.
fn is_tiny(size: f64, value: &str) -> bool {
    let is_relative = value.ends_with("em") || value.ends_with('%');
    if is_relative {
        size == 0.0 || size < 0.1
    } else {
        size < FONT_SIZE_MIN
    }
}

/// The number that a value begins with, whatever its unit.
fn number(value: &str) -> Option<f64> {
    let end = value
        .find(|char: char| !matches!(char, '0'..='9' | '.' | '-'))
        .unwrap_or(value.len());
    value[..end].parse().ok()
}

/// The rules of a page's style sheets that have a say in what is seen.
pub(super) struct Sheet(Vec<(Selector, Style)>);

impl Sheet {
    pub fn of(page: &Html) -> Self {
        let mut rules = Vec::new();
        for node in page
            .tree
            .nodes()
            .filter(|node| super::tag(node.value()) == "style")
        {
            for text in node.children().filter_map(|child| child.value().as_text()) {
                read_rules(&without_comments(text), &mut rules);
            }
        }
        Self(rules)
    }

    /// The style of an element: its own, over the sheet's later rules, over its earlier ones.
    pub fn style(&self, element: &ElementRef<'_>) -> Style {
        let from_sheet = self
            .0
            .iter()
            .filter(|(selector, _)| selector.matches(element))
            .fold(Style::default(), |under, (_, style)| style.over(under));
        let own = element.attr("style").map(Style::parse).unwrap_or_default();
        let mut style = own.over(from_sheet);
        if element.attr("hidden").is_some() {
            style.is_removed = Some(true);
        }
        style
    }
}

fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

fn read_rules(css: &str, rules: &mut Vec<(Selector, Style)>) {
    let mut rest = css;
    while let Some((head, body)) = rest.split_once('{') {
        let head = head.rsplit(';').next().unwrap_or_default();
        let head = head.trim().trim_start_matches("<!--").trim();
        if head.starts_with('@') {
            rest = behind_block(body);
            continue;
        }
        let (declarations, after) = body.split_once('}').unwrap_or((body, ""));
        let style = Style::parse(declarations);
        if style != Style::default()
            && rules.len() < RULES_MAX
            && let Ok(selector) = Selector::parse(head)
        {
            rules.push((selector, style));
        }
        rest = after;
    }
}

/// What follows the block whose opening brace has just been passed.
fn behind_block(body: &str) -> &str {
    let mut depth = 1;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &body[at + 1..];
        }
    }
    ""
}
