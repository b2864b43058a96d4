//! Reads mails: who says it and with what standing, what its reader sees, and the data it carries.
//!
//! Source: RFC 5322 and 2045 for the form, 8601 for authentication, 5545 for calendar parts, schema.org
//! for embedded data. Attached and forwarded messages are not read: they are not this sender's word.
//! This folder alone names the mail parser.

mod authentication;
mod body;
mod calendar;
mod headers;
mod linked_data;
mod quotation;

use super::html::{Line, Page};
use super::{Context, item, line_items, text};
use crate::model::{Document, Record, Scalar, Standing};
use authentication::Verdict;
use body::Kind;
use headers::Headers;
use mail_parser::{Message, MessageParser};

/// Messages nested deeper than this are an attack on the stack; only the header of such a mail is read.
const NESTED_MAX: usize = 50;

/// Reads one mail.
pub(super) fn read(record: &Record, context: &Context, document: &mut Document) {
    let parser = MessageParser::default();
    let nests_too_deep = nested_messages(&record.bytes) > NESTED_MAX;
    let parsed = if nests_too_deep {
        document
            .problems
            .push("too many messages inside each other; only the header was read".to_owned());
        parser.parse_headers(&record.bytes)
    } else {
        parser.parse(&record.bytes)
    };
    let Some(message) = parsed.filter(|message| !message.parts.is_empty()) else {
        document.problems.push("not readable as a mail".to_owned());
        return;
    };
    let headers = Headers::of(&message, &record.bytes);
    read_headers(&headers, context, document);
    if !nests_too_deep {
        read_body(&message, &record.bytes, headers.subject(), document);
    }
}

fn read_headers(headers: &Headers<'_>, context: &Context, document: &mut Document) {
    document.said_at = headers.sent_at();
    document.made_at = document.said_at;
    document.kin = headers.kin(document.record.source());
    document.kin.retain(|kin| *kin != document.record);
    document.items = headers.items();

    let senders = headers.senders();
    let verdict = authentication::verdict(
        &headers.authentication_results(),
        context.authserv.as_deref(),
        senders.first().map(String::as_str),
    );
    let word = match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::None => "none",
    };
    document
        .items
        .push(item("header:auth", Scalar::Text(word.to_owned())));
    let server = authentication::server(&headers.authentication_results());
    document
        .items
        .extend(server.map(|id| item("header:authserv", Scalar::Text(id))));
    document.standing = standing(headers, &senders, verdict, context, &mut document.problems);
    let parties: Vec<String> = senders.into_iter().chain(headers.recipients()).collect();
    document.tenant = context.tenant_of(|tenant| {
        tenant
            .senders
            .iter()
            .any(|sender| parties.iter().any(|party| party.eq_ignore_ascii_case(sender)))
    });
}

/// Whose word a mail is.
fn standing(
    headers: &Headers<'_>,
    senders: &[String],
    verdict: Verdict,
    context: &Context,
    problems: &mut Vec<String>,
) -> Standing {
    if verdict == Verdict::Fail {
        problems.push("its sender failed authentication; it is no evidence".to_owned());
        return Standing::Nobody;
    }
    let [sender] = senders else {
        problems.push("it does not name exactly one sender; it is no evidence".to_owned());
        return Standing::Nobody;
    };
    if context.is_sender(sender) {
        return Standing::Business;
    }
    let shows_other = headers.sender_name().is_some_and(|name| {
        context
            .senders
            .iter()
            .any(|address| name.contains(address.as_str()))
    });
    if shows_other {
        problems.push("its sender shows an address that is not its own; it is no evidence".to_owned());
        return Standing::Nobody;
    }
    Standing::Customer
}

fn read_body(message: &Message<'_>, bytes: &[u8], subject: &str, document: &mut Document) {
    let (mut plain, mut page, mut data) = (Vec::new(), Vec::new(), Vec::new());
    for part in body::parts(message, bytes, &mut document.problems) {
        match part.kind {
            Kind::Plain {
                is_flowed,
                deletes_space,
            } => {
                let text = if is_flowed {
                    body::unflowed(&part.text, deletes_space)
                } else {
                    part.text.into_owned()
                };
                note_overrides(&text, &mut document.problems);
                let mut lines = quotation::plain_lines(&text);
                if part.is_cut {
                    quotation::drop_last(&mut lines);
                }
                plain.extend(lines);
            }
            Kind::Html => {
                note_overrides(&part.text, &mut document.problems);
                let parsed = Page::parse(&part.text);
                let seen = parsed.seen();
                if seen.is_too_deep {
                    document
                        .problems
                        .push("the HTML is nested too deep; it was not read whole".to_owned());
                }
                let mut lines = seen.lines;
                if part.is_cut {
                    lines.pop();
                }
                page.extend(lines.into_iter().map(|line| match line {
                    Line::Visible(text) => quotation::Line::Own(text),
                    Line::Quotation => quotation::Line::Quoted,
                }));
                let embedded = linked_data::embedded(&parsed, &part.text, &mut document.problems);
                data.extend(embedded);
            }
            Kind::Calendar => data.extend(calendar::items(&part.text)),
        }
    }
    document
        .items
        .extend(line_items("text", quotation::own_words(plain, subject)));
    document
        .items
        .extend(line_items("html", quotation::own_words(page, subject)));
    document.items.extend(data);
}

fn note_overrides(text: &str, problems: &mut Vec<String>) {
    if text.contains(text::is_override) {
        problems.push("characters that turn the direction of text were left out".to_owned());
    }
}

/// Counts `message/…` types, in any case.
fn nested_messages(bytes: &[u8]) -> usize {
    const TYPE: &[u8] = b"message";
    memchr::memchr_iter(b'/', bytes)
        .filter(|slash| {
            slash
                .checked_sub(TYPE.len())
                .is_some_and(|start| bytes[start..*slash].eq_ignore_ascii_case(TYPE))
        })
        .count()
}
