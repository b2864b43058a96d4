//! HTML that foreign text cannot break out of.
//!
//! Names of elements and attributes are words of this program (`&'static str`); all else is text and is escaped. There is
//! no way to put in raw markup but the style sheet, which is a constant.

use sha2::{Digest, Sha256};

/// A piece of a page.
#[derive(Debug, Default)]
pub(super) struct Html {
    text: String,
}

pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// An element with what `inside` writes.
    pub fn tag(&mut self, name: &'static str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        self.text.push('>');
        inside(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// An element that holds text alone.
    pub fn line(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.tag(name, attributes, |html| html.text(text));
    }

    /// An element that holds nothing.
    pub fn void(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
        self.text.push_str("/>");
    }

    /// Words that run from right to left keep to themselves, so that what stands beside them stays where it is.
    pub fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(start) = rest.find(runs_leftward) {
            let run = &rest[start..];
            // Up to the last such letter before a letter of another script, a digit or a mark.
            let end = run
                .char_indices()
                .take_while(|(_, char)| runs_leftward(*char) || char.is_whitespace())
                .filter(|(_, char)| runs_leftward(*char))
                .map(|(at, char)| at + char.len_utf8())
                .last()
                .unwrap_or(run.len());
            escape(&rest[..start], &mut self.text);
            self.text.push('\u{2068}');
            escape(&run[..end], &mut self.text);
            self.text.push('\u{2069}');
            rest = &run[end..];
        }
        escape(rest, &mut self.text);
    }

    /// A sentence of the program's own in which commands and names stand between backticks.
    pub fn sentence(&mut self, text: &str) {
        for (index, part) in text.split('`').enumerate() {
            if index % 2 == 0 {
                self.text(part);
            } else {
                self.line("code", &[], part);
            }
        }
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        // A line each, so that a page can be compared and read.
        if matches!(
            name,
            "section" | "h1" | "h2" | "h3" | "tr" | "table" | "svg" | "p" | "footer" | "header" | "main"
        ) {
            self.text.push('\n');
        }
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            self.text.push(' ');
            self.text.push_str(key);
            self.text.push_str("=\"");
            escape(value, &mut self.text);
            self.text.push('"');
        }
    }
}

/// Letters of scripts that are written from right to left. Source: Unicode's blocks of such scripts.
fn runs_leftward(char: char) -> bool {
    matches!(char, '\u{590}'..='\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
        && !char.is_numeric()
}

/// Text as it is shown, without controls and the marks that hide text or turn the direction of reading.
fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' => {}
            char if char.is_control() => {}
            char => out.push(char),
        }
    }
}

/// Who made a page.
const MAKER: &str = "rebook";

/// Whether a page is one of ours.
pub fn is_report(text: &str) -> bool {
    let head = text.get(..600.min(text.len())).unwrap_or_default();
    head.contains(&format!("name=\"generator\" content=\"{MAKER}\""))
}

/// A whole page. Its policy forbids everything but this one style sheet, known by its hash: no script, no image, no font,
/// no connection, no style in a tag. Source: Content Security Policy Level 3.
pub(super) fn page(title: &str, style: &'static str, body: impl FnOnce(&mut Html)) -> String {
    let hash = base64(&Sha256::digest(style.as_bytes()));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let mut html = Html::default();
    html.text.push_str("<!doctype html>\n");
    html.tag("html", &[("lang", "en")], |html| {
        html.tag("head", &[], |html| {
            html.void("meta", &[("charset", "utf-8")]);
            html.void("meta", &[("name", "generator"), ("content", MAKER)]);
            html.void(
                "meta",
                &[("http-equiv", "Content-Security-Policy"), ("content", &policy)],
            );
            html.void(
                "meta",
                &[
                    ("name", "viewport"),
                    ("content", "width=device-width, initial-scale=1"),
                ],
            );
            html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
            html.void("meta", &[("name", "robots"), ("content", "noindex")]);
            html.line("title", &[], title);
            html.tag("style", &[], |html| html.text.push_str(style));
        });
        html.tag("body", &[], body);
    });
    html.text.push('\n');
    html.text
}

/// Source: RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at <= chunk.len() {
                text.push(char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let mut html = Html::default();
        html.line(
            "td",
            &[("title", "\" onmouseover=\"x")],
            "<script>alert('1')</script>\u{202e}\u{7}&",
        );
        assert_eq!(
            html.text,
            "<td title=\"&quot; onmouseover=&quot;x\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</td>"
        );
    }

    #[test]
    fn names_that_run_leftward_stay_in_their_place() {
        let mut html = Html::default();
        html.text("\u{645}\u{62d} \u{627} 09:30, \u{5d0}<");
        let expected = "\u{2068}\u{645}\u{62d} \u{627}\u{2069} 09:30, \u{2068}\u{5d0}\u{2069}&lt;";
        assert_eq!(html.text, expected);
    }

    #[test]
    fn commands_in_a_sentence_are_set_off() {
        let mut html = Html::default();
        html.sentence("run `rebook <b>` now");
        assert_eq!(html.text, "run <code>rebook &lt;b&gt;</code> now");
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_page_allows_its_own_style_alone() {
        let text = page("t", "p{}", |html| html.line("p", &[], "x"));
        assert!(
            text.contains("default-src &#39;none&#39;; style-src &#39;sha256-"),
            "{text}"
        );
        assert!(!text.contains("unsafe"), "{text}");
    }
}
