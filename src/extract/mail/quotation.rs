//! Leaves out what a mail quotes: it was said earlier, perhaps by somebody else, perhaps no longer true.
//!
//! Without a word of any language: lines marked `>`, the line that introduces them (it ends in a colon, or
//! names an address and a date), a line torn off a quoted one, and everything behind the header block that mail
//! programs set above what they answer or forward.

use super::super::text;

/// A header block has at least a sender, a date and a subject.
const HEADER_LINES_MIN: usize = 3;
/// In a header block, the address stands this high.
const ADDRESS_LINES: usize = 2;
const SUBJECT_CHARS_MIN: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Own(String),
    Quoted,
    Blank,
}

/// The lines of a plain text.
pub(super) fn plain_lines(text: &str) -> Vec<Line> {
    text.lines()
        .map(|line| {
            if line.trim_start().starts_with('>') {
                Line::Quoted
            } else {
                text::visible(line).map_or(Line::Blank, Line::Own)
            }
        })
        .collect()
}

/// Takes away the last line that is not blank: a mail that was cut was cut in it.
pub(super) fn drop_last(lines: &mut Vec<Line>) {
    while lines.pop() == Some(Line::Blank) {}
}

/// The lines that are the sender's own, now.
pub(super) fn own_words(mut lines: Vec<Line>, subject: &str) -> Vec<String> {
    lines.truncate(quoted_from(&lines, subject));
    drop_introductions(&mut lines);
    drop_torn_lines(&mut lines);
    lines
        .into_iter()
        .filter_map(|line| match line {
            Line::Own(text) => Some(text),
            Line::Quoted | Line::Blank => None,
        })
        .collect()
}

/// Takes away the line above each quotation that says whose words follow, and the line it was wrapped from.
fn drop_introductions(lines: &mut [Line]) {
    for at in 0..lines.len() {
        let begins = lines[at] == Line::Quoted && (at == 0 || lines[at - 1] != Line::Quoted);
        if !begins {
            continue;
        }
        let Some(above) = lines[..at].iter().rposition(|line| *line != Line::Blank) else {
            continue;
        };
        let Line::Own(introduction) = &lines[above] else {
            continue;
        };
        let has_address = introduction.contains('@');
        let has_date = introduction.contains(char::is_numeric);
        if !(introduction.ends_with([':', '：']) || has_address && has_date) {
            continue;
        }
        lines[above] = Line::Quoted;
        if !has_address
            && above > 0
            && let Line::Own(first_half) = &lines[above - 1]
            && first_half.contains('@')
        {
            lines[above - 1] = Line::Quoted;
        }
    }
}

/// Takes away lines with no space between them and quoted lines on both sides: the ends of quoted lines
/// that some server wrapped.
fn drop_torn_lines(lines: &mut [Line]) {
    let mut at = 0;
    while at < lines.len() {
        let length = lines[at..]
            .iter()
            .take_while(|line| matches!(line, Line::Own(_)))
            .count();
        let end = at + length;
        let is_between = at > 0 && lines[at - 1] == Line::Quoted && lines.get(end) == Some(&Line::Quoted);
        if length > 0 && is_between {
            lines[at..end].fill(Line::Quoted);
        }
        at = end.max(at + 1);
    }
}

/// Where the header block of an answered or forwarded mail begins; the number of lines where none does.
fn quoted_from(lines: &[Line], subject: &str) -> usize {
    let mut at = 0;
    while at < lines.len() {
        let block: Vec<&str> = lines[at..].iter().map_while(header_value).collect();
        if is_header_block(
            &block,
            lines[..at].iter().rev().find(|line| **line != Line::Blank),
            subject,
        ) {
            let has_rule = at > 0 && is_rule(&lines[at - 1]);
            return if has_rule { at - 1 } else { at };
        }
        at += block.len().max(1);
    }
    lines.len()
}

/// What stands behind the colon of `Word: value`, the word being short.
fn header_value(line: &Line) -> Option<&str> {
    let Line::Own(text) = line else { return None };
    let (name, value) = text.split_once([':', '：'])?;
    let words = name.split_whitespace().count();
    (words > 0 && words <= 3 && !value.trim().is_empty()).then_some(value.trim())
}

/// A run of header lines that repeats this mail's subject, or stands under a rule and opens with a sender.
fn is_header_block(block: &[&str], above: Option<&Line>, subject: &str) -> bool {
    if block.len() < HEADER_LINES_MIN || !block.iter().any(|value| value.contains('@')) {
        return false;
    }
    let repeats_subject = block.iter().any(|value| is_same_subject(value, subject));
    let opens_with_sender = block.iter().take(ADDRESS_LINES).any(|value| {
        let bracketed = value.split_once(['<', '[']).map(|(_, rest)| rest);
        bracketed.is_some_and(|rest| rest.contains('@'))
    });
    repeats_subject || opens_with_sender && above.is_some_and(is_rule)
}

/// `-----Original Message-----`, `________________`.
fn is_rule(line: &Line) -> bool {
    let Line::Own(text) = line else { return false };
    ["---", "___", "***", "==="]
        .iter()
        .any(|rule| text.starts_with(rule) && text.ends_with(rule))
}

/// The same but for prefixes as `Re:` and `Fwd:`.
fn is_same_subject(one: &str, other: &str) -> bool {
    let (one, other) = (without_prefixes(one), without_prefixes(other));
    one.chars().count() >= SUBJECT_CHARS_MIN && one == other
}

fn without_prefixes(subject: &str) -> &str {
    const PREFIX_CHARS_MAX: usize = 5;
    let mut rest = subject.trim();
    while let Some((prefix, behind)) = rest.split_once([':', '：']) {
        if prefix.chars().count() > PREFIX_CHARS_MAX || behind.trim().is_empty() {
            break;
        }
        rest = behind.trim();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str, subject: &str) -> Vec<String> {
        own_words(plain_lines(text), subject)
    }

    #[test]
    fn the_line_above_a_quotation_goes_with_it_in_any_language() {
        for introduction in [
            "On 3 May, Shop <desk@shop.example> wrote:",
            "Le 3 mai, Shop a écrit\u{a0}:",
            "5月3日 Shop：",
            "Am 3. Mai schrieb Shop <desk@shop.example>\n(Empfang):",
            "El 3 may, <desk@shop.example>",
        ] {
            assert_eq!(
                own(&format!("Thanks!\n\n{introduction}\n\n> Total: 5\n"), ""),
                ["Thanks!"]
            );
        }
    }

    #[test]
    fn words_below_and_between_quotations_are_new_but_torn_lines_are_not() {
        let text = "> Day: 3 May and a very\nlong line\n> Total: 5\n\nMoved to 4 May.\n> Bye\n";
        assert_eq!(own(text, ""), ["Moved to 4 May."]);
    }

    #[test]
    fn a_header_block_that_repeats_the_subject_ends_the_mail() {
        let text = "Ok\n\nVon: Shop <desk@shop.example>\nGesendet: Montag\nAn: Ann\nBetreff: Buchung A-1\n\nTotal: 5\n";
        assert_eq!(own(text, "AW: Re: Buchung A-1"), ["Ok"]);
    }

    #[test]
    fn a_header_block_under_a_rule_ends_the_mail() {
        let text = "Ok\n-----元のメッセージ-----\n差出人: Shop <desk@shop.example>\n日時: 3 May\n宛先: Ann\nTotal: 5\n";
        assert_eq!(own(text, "x"), ["Ok"]);
    }

    #[test]
    fn a_list_of_labels_is_no_header_block() {
        let text = "--- Details ---\nBooking: A-1\nGuest: Ann\nMail: ann@guests.example\nDay: 3 May\n";
        assert_eq!(own(text, "Your booking A-1").len(), 5);
    }
}
