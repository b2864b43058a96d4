//! The words of a letter: labelled lines or prose, as plain text and as HTML of several makes.

use super::structured;
use crate::simulate::business::{HtmlStyle, Message, Shown, TextStyle};
use crate::simulate::facts::Facts;
use crate::simulate::random::Random;

/// A labelled line as it is shown; the value before, where a change strikes it out.
struct Shows {
    label: String,
    value: String,
    old: Option<String>,
}

/// The plain and the HTML body.
pub fn write(facts: &Facts, message: Message, random: &mut Random) -> (Option<String>, Option<String>) {
    let words = &facts.business.mail;
    let phrasings = &words.prose[message as usize];
    let prose = (!phrasings.is_empty()).then(|| facts.write(random.pick::<String>(phrasings)));
    let lines = if prose.is_some() {
        Vec::new()
    } else {
        lines(facts, message)
    };
    let body = Body {
        greeting: facts.write(&words.greeting),
        headline: facts.write(&words.headlines[message as usize]),
        prose,
        lines,
        closing: words.closing.iter().map(|line| facts.write(line)).collect(),
    };
    let text = (words.text != TextStyle::Absent).then(|| body.as_text(&words.text));
    let html = (words.html != HtmlStyle::Absent).then(|| body.as_html(facts, message, words.html));
    (text, html)
}

fn lines(facts: &Facts, message: Message) -> Vec<Shows> {
    let words = &facts.business.mail;
    let balance = facts.paid > 0 && facts.paid < facts.revision.total;
    let cancelled = message == Message::Cancellation;
    words
        .lines
        .iter()
        .filter(|line| match line.shown {
            Shown::Always => true,
            Shown::WhileBooked => !cancelled,
            Shown::WhenCancelled => cancelled,
            Shown::WithBalance => balance && !cancelled,
        })
        .map(|line| {
            let value = facts.write(&line.value);
            let old = facts
                .before
                .filter(|_| words.strikes_out && message == Message::Modification)
                .map(|before| {
                    Facts {
                        revision: before,
                        ..*facts
                    }
                    .write(&line.value)
                })
                .filter(|old| *old != value);
            Shows {
                label: line.label.clone(),
                value,
                old,
            }
        })
        .collect()
}

struct Body {
    greeting: String,
    headline: String,
    prose: Option<String>,
    lines: Vec<Shows>,
    closing: Vec<String>,
}

impl Body {
    fn as_text(&self, style: &TextStyle) -> String {
        let mut text = String::new();
        for paragraph in [&self.greeting, &self.headline] {
            if !paragraph.is_empty() {
                text.push_str(paragraph);
                text.push_str("\n\n");
            }
        }
        if let Some(prose) = &self.prose {
            text.push_str(prose);
            text.push('\n');
        }
        let width = self
            .lines
            .iter()
            .map(|line| line.label.chars().count())
            .max()
            .unwrap_or(0)
            + 3;
        for Shows { label, value, .. } in &self.lines {
            let gap = match style {
                TextStyle::Pairs(separator) => (*separator).to_owned(),
                TextStyle::Below => "\n".to_owned(),
                TextStyle::Aligned | TextStyle::Absent => {
                    " ".repeat(width.saturating_sub(label.chars().count()))
                }
            };
            let end = if *style == TextStyle::Below { "\n\n" } else { "\n" };
            text.extend([label, gap.as_str(), value, end]);
        }
        text.push('\n');
        for line in &self.closing {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    fn as_html(&self, facts: &Facts, message: Message, style: HtmlStyle) -> String {
        let (head, tail) = structured::html_parts(facts, message);
        let headline = escape(&self.headline);
        let greeting = escape(&self.greeting);
        let closing = self
            .closing
            .iter()
            .map(|line| escape(line))
            .collect::<Vec<_>>()
            .join("<br>");
        let mut prose = String::new();
        for paragraph in self.prose.iter().flat_map(|prose| prose.split("\n\n")) {
            prose.extend(["<p>", &escape(paragraph.trim()).replace('\n', "<br>\n"), "</p>\n"]);
        }
        let rows = |open: &str, between: &str, close: &str| -> String {
            let mut rows = String::new();
            for line in &self.lines {
                rows.extend([open, &escape(&line.label), between, &line.html(), close, "\n"]);
            }
            rows
        };
        match style {
            HtmlStyle::Table | HtmlStyle::Absent => format!(
                "<html><head>{head}<style>td{{padding:4px}}</style></head><body><h2>{headline}</h2><p>{greeting}</p>\n{prose}\
                 <table>\n{}</table>\n<p>{closing}</p>{tail}</body></html>\n",
                rows("<tr><td><b>", "</b></td><td>", "</td></tr>")
            ),
            HtmlStyle::Definitions => format!(
                "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">{head}</head><body><h1>{headline}</h1>\n<p>{greeting}</p>\n{prose}\
                 <dl>\n{}</dl>\n<footer>{closing}</footer>{tail}</body></html>\n",
                rows("<dt>", "</dt><dd>", "</dd>")
            ),
            HtmlStyle::Paragraphs => format!(
                "<html><head>{head}</head><body><p>{greeting}</p>\n<p>{headline}</p>\n{prose}<p>\n{}</p>\n<p>{closing}</p>{tail}</body></html>\n",
                rows("<strong>", "</strong> ", "<br>")
            ),
            HtmlStyle::Builder => format!(
                "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
                 <html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>{headline}</title>{head}</head>\n\
                 <body style=\"margin:0\"><div style=\"display:none;max-height:0;overflow:hidden\">{headline}</div>\n\
                 <table width=\"100%\" cellpadding=\"0\"><tr><td align=\"center\"><!--[if mso]><table width=\"600\"><tr><td><![endif]-->\n\
                 <table width=\"600\"><tr><td style=\"padding:24px\"><h1>{headline}</h1><p>{greeting}</p>{prose}</td></tr>\n\
                 <tr><td><table width=\"100%\">\n{}</table></td></tr>\n<tr><td style=\"font-size:12px\">{closing}</td></tr></table>\n\
                 <!--[if mso]></td></tr></table><![endif]--></td></tr></table>{tail}</body></html>\n",
                rows(
                    "<tr><td width=\"38%\" style=\"padding:6px 0;color:#8a8a8a\">",
                    "</td><td style=\"padding:6px 0;font-weight:bold\">",
                    "</td></tr>"
                )
            ),
        }
    }
}

impl Shows {
    fn html(&self) -> String {
        let value = escape(&self.value);
        self.old
            .as_ref()
            .map_or_else(|| value.clone(), |old| format!("<s>{}</s> {value}", escape(old)))
    }
}

/// Text as it stands in HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\u{a0}', "&nbsp;")
}
