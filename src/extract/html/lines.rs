//! Renders a page into visible lines: one line a block, one line a table row.
//!
//! A row whose cells hold one line each is one line, its cells joined by a tab: that is how mails set
//! labels beside values. Rows that lay out a page (a cell with several lines) are read cell by cell.
//! Quotations are left out: what they say was said earlier, elsewhere.

use super::super::text;
use super::visibility::{Display, Sheet};
use super::{Line, Seen};
use scraper::{ElementRef, Html, Node};

/// Layout tables nest some twenty elements deep; a page that nests deeper is an attack on the stack.
pub(super) const DEPTH_MAX: usize = 200;
const CELL_SEPARATOR: &str = "\t";

/// Classes and ids that mail programs give to what they quote.
const QUOTING_CLASSES: [&str; 6] = [
    "gmail_quote",
    "gmail_extra",
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "zmail_extra",
];
/// Everything behind an element with such an id is quoted.
const QUOTING_BEHIND: [&str; 2] = ["divRplyFwdMsg", "appendonsend"];

/// What a line end in the source is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Newlines {
    AreSpaces,
    Break,
}

/// Renders a page.
pub(super) fn render(page: &Html, newlines: Newlines) -> Seen {
    let sheet = Sheet::of(page);
    let mut renderer = Renderer {
        sheet: &sheet,
        lines: Vec::new(),
        line: String::new(),
        state: State::Reading,
    };
    let inherited = Inherited {
        is_tiny: false,
        is_unseen: false,
        newlines,
    };
    renderer.element(page.root_element(), inherited, 0);
    renderer.end_line();
    Seen {
        lines: renderer.lines,
        is_too_deep: renderer.state == State::TooDeep,
    }
}

#[derive(Debug, Clone, Copy)]
struct Inherited {
    is_tiny: bool,
    is_unseen: bool,
    newlines: Newlines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The rest of the page is a quotation.
    Quoted,
    TooDeep,
}

struct Renderer<'s> {
    sheet: &'s Sheet,
    lines: Vec<Line>,
    line: String,
    state: State,
}

impl Renderer<'_> {
    fn element(&mut self, element: ElementRef<'_>, inherited: Inherited, depth: usize) {
        let name = element.value().name();
        if self.state == State::Quoted || is_never_shown(name) {
            return;
        }
        if depth > DEPTH_MAX {
            self.state = State::TooDeep;
            return;
        }
        let style = self.sheet.style(&element);
        if style.is_removed == Some(true) || style.is_struck == Some(true) {
            return;
        }
        if is_quotation(element) {
            self.end_line();
            self.lines.push(Line::Quotation);
            return;
        }
        if element
            .value()
            .id()
            .is_some_and(|id| QUOTING_BEHIND.contains(&id))
        {
            self.end_line();
            self.lines.push(Line::Quotation);
            self.state = State::Quoted;
            return;
        }
        let keeps_newlines = style.keeps_newlines.or((name == "pre").then_some(true));
        let inherited = Inherited {
            is_tiny: style.is_tiny.unwrap_or(inherited.is_tiny),
            is_unseen: style.is_unseen.unwrap_or(inherited.is_unseen),
            newlines: match keeps_newlines {
                Some(true) => Newlines::Break,
                Some(false) | None => inherited.newlines,
            },
        };
        match name {
            "br" => self.end_line(),
            "tr" => self.row(element, inherited, depth, |name| matches!(name, "td" | "th")),
            "dl" => self.definitions(element, inherited, depth),
            _ => match style.display {
                Some(Display::Row) if has_elements_only(element) => {
                    self.row(element, inherited, depth, |_| true);
                }
                Some(Display::Column) if has_elements_only(element) => {
                    self.end_line();
                    for child in element.child_elements() {
                        let lines = self.apart(child, inherited, depth + 1);
                        self.lines.extend(lines);
                    }
                }
                Some(Display::Block | Display::Row | Display::Column) => {
                    self.block(element, inherited, depth);
                }
                None if is_block(name) => self.block(element, inherited, depth),
                Some(Display::Inline) | None => self.children(element, inherited, depth),
            },
        }
    }

    fn block(&mut self, element: ElementRef<'_>, inherited: Inherited, depth: usize) {
        self.end_line();
        self.children(element, inherited, depth);
        self.end_line();
    }

    fn children(&mut self, element: ElementRef<'_>, inherited: Inherited, depth: usize) {
        for child in element.children() {
            match child.value() {
                Node::Text(text) if !inherited.is_tiny && !inherited.is_unseen => {
                    self.text(text, inherited.newlines);
                }
                Node::Element(_) => {
                    if let Some(child) = ElementRef::wrap(child) {
                        self.element(child, inherited, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// A run of spaces and line ends is one space; no-break spaces stay as they are.
    fn text(&mut self, text: &str, newlines: Newlines) {
        for char in text.chars() {
            match char {
                '\n' if newlines == Newlines::Break => self.end_line(),
                ' ' | '\t' | '\n' | '\r' | '\x0c' => {
                    if !self.line.is_empty() && !self.line.ends_with(' ') {
                        self.line.push(' ');
                    }
                }
                char => self.line.push(char),
            }
        }
    }

    fn end_line(&mut self) {
        if let Some(line) = text::visible(&self.line) {
            self.lines.push(Line::Visible(line));
        }
        self.line.clear();
    }

    /// The lines of one element alone.
    fn apart(&mut self, element: ElementRef<'_>, inherited: Inherited, depth: usize) -> Vec<Line> {
        let before = std::mem::take(&mut self.lines);
        self.element(element, inherited, depth);
        self.end_line();
        std::mem::replace(&mut self.lines, before)
    }

    fn row(&mut self, row: ElementRef<'_>, inherited: Inherited, depth: usize, is_cell: fn(&str) -> bool) {
        self.end_line();
        let mut cells = Vec::new();
        for child in row.child_elements() {
            let lines = self.apart(child, inherited, depth + 1);
            if !lines.is_empty() && is_cell(child.value().name()) {
                cells.push(lines);
            }
        }
        self.join(cells);
    }

    /// A term and its definition stand side by side like the cells of a row.
    fn definitions(&mut self, list: ElementRef<'_>, inherited: Inherited, depth: usize) {
        self.end_line();
        let mut cells: Vec<Vec<Line>> = Vec::new();
        for child in list.child_elements() {
            if child.value().name() != "dd" {
                self.join(std::mem::take(&mut cells));
            }
            cells.push(self.apart(child, inherited, depth + 1));
        }
        self.join(cells);
    }

    /// Puts cells beside each other where at most one has several lines; else below each other.
    fn join(&mut self, cells: Vec<Vec<Line>>) {
        let is_plain = |cell: &Vec<Line>| cell.iter().all(|line| matches!(line, Line::Visible(_)));
        let long = cells.iter().filter(|cell| cell.len() > 1).count();
        if cells.len() < 2 || long > 1 || !cells.iter().all(is_plain) {
            self.lines.extend(cells.into_iter().flatten());
            return;
        }
        let mut firsts = Vec::new();
        let mut others = Vec::new();
        for cell in cells {
            let mut lines = cell.into_iter().filter_map(|line| match line {
                Line::Visible(text) => Some(text),
                Line::Quotation => None,
            });
            firsts.extend(lines.next());
            others.extend(lines.map(Line::Visible));
        }
        if !firsts.is_empty() {
            self.lines.push(Line::Visible(firsts.join(CELL_SEPARATOR)));
        }
        self.lines.extend(others);
    }
}

/// Whether no text stands beside the elements in an element.
fn has_elements_only(element: ElementRef<'_>) -> bool {
    let texts = element.children().filter_map(|child| child.value().as_text());
    texts.into_iter().all(|text| text.trim().is_empty()) && element.child_elements().next().is_some()
}

/// What no reader sees, and what is struck out.
fn is_never_shown(name: &str) -> bool {
    matches!(
        name,
        "head"
            | "style"
            | "script"
            | "title"
            | "template"
            | "noscript"
            | "object"
            | "iframe"
            | "svg"
            | "math"
            | "select"
            | "textarea"
            | "s"
            | "del"
            | "strike"
    )
}

/// What begins and ends a line.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "html"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "ul"
    )
}

fn is_quotation(element: ElementRef<'_>) -> bool {
    element.value().name() == "blockquote"
        || element
            .value()
            .classes()
            .any(|class| QUOTING_CLASSES.contains(&class))
}

#[cfg(test)]
mod tests {
    use super::super::Page;
    use super::*;

    fn seen(html: &str) -> Vec<String> {
        Page::parse(html)
            .seen()
            .lines
            .into_iter()
            .map(|line| match line {
                Line::Visible(text) => text,
                Line::Quotation => "<quotation>".to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_style_tells_what_stands_on_a_line_of_its_own() {
        let html = "<style>.cap{display:block}</style><div><span class=cap>Price</span><span>USD 700</span></div>\
            <div style='display:flex'><span>From</span><b>9:00</b></div>\
            <div style='display:flex; flex-direction:column'><span>To</span><b>17:00</b></div>\
            <p style='display:inline'>one </p><p style='display:inline'>line</p>";
        assert_eq!(
            seen(html),
            ["Price", "USD 700", "From\t9:00", "To", "17:00", "one line"]
        );
    }

    #[test]
    fn a_row_is_a_line_and_layout_tables_are_seen_through() {
        let html = "<table><tr><td><h1>Hi\n there</h1><table><tr><td><b>When</b></td><td>9&nbsp;h</td></tr>\
            <tr><td>Where</td><td><table><tr><td>Room 1</td></tr></table></td></tr></table></td></tr></table>";
        assert_eq!(seen(html), ["Hi there", "When\t9\u{a0}h", "Where\tRoom 1"]);
    }

    #[test]
    fn columns_of_several_lines_are_read_one_after_the_other() {
        let html = "<table><tr><td>From<br>9:00</td><td>To<br>10:00</td></tr>\
            <tr><td>At</td><td>Quay 1<br>Nantes</td></tr></table>";
        assert_eq!(
            seen(html),
            ["From", "9:00", "To", "10:00", "At\tQuay 1", "Nantes"]
        );
    }

    #[test]
    fn what_is_hidden_or_struck_out_is_not_read() {
        let html = "<style>.old, p.x {display:none} @media print {.new{display:none}}</style>\
            <div style='display:none'>a</div><div style='max-height:0px;overflow:hidden'>b</div>\
            <div hidden>c</div><p class=old>d</p><p class=new>kept <s>e</s><del>f</del>\
            <span style='text-decoration: line-through'>g</span><span style='FONT-SIZE:1px'>h</span></p>\
            <!--[if mso]><p>i</p><![endif]--><div style='visibility:hidden'>j</div>\
            <span style='color:#fff;background:#fff'>k</span><p style='left:-9999px'>l</p>&#8203;&zwnj;&nbsp;";
        assert_eq!(seen(html), ["kept"]);
    }

    #[test]
    fn a_size_of_nought_on_a_frame_does_not_hide_what_sets_its_own() {
        assert_eq!(
            seen("<div style='font-size:0px'> <p style='font-size:14px'>seen</p>x</div>"),
            ["seen"]
        );
    }

    #[test]
    fn quotations_leave_a_mark() {
        assert_eq!(
            seen("<p>Thanks</p><blockquote>old</blockquote><div class='gmail_quote'>old</div>"),
            ["Thanks", "<quotation>", "<quotation>"]
        );
        assert_eq!(
            seen("New<div id=appendonsend></div><div>old</div>"),
            ["New", "<quotation>"]
        );
    }

    #[test]
    fn terms_stand_beside_their_definitions() {
        assert_eq!(
            seen("<dl><dt>Ref</dt><dd>A-1</dd><dt>Day</dt><dd>Monday</dd></dl>"),
            ["Ref\tA-1", "Day\tMonday"]
        );
    }

    #[test]
    fn bottomless_nesting_is_told_and_survived() {
        let page = Page::parse(&"<div>".repeat(5_000));
        assert!(page.seen().is_too_deep);
        assert!(page.microdata().is_empty());
    }
}
