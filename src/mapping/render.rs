//! Mapping files as they are written, with comments.

use super::pattern;
use super::{After, Lists, Mapping, OfList, Part, SlotType, Twice};
use crate::reading::{DateOrder, DecimalMark};
use std::fmt::Write as _;

/// Writes a mapping as a person would want to check it.
pub fn render(mapping: &Mapping) -> String {
    let mut out = String::new();
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let _ = writeln!(
        out,
        "# How rebook reads `{}`: learned from the records that tell of bookings in the backup.\n\
         # Edit it if it is wrong; `left` and `right` are the words around a value (`*` any word, `^` line\n\
         # start, `$` line end, `¶` the line above), `support` how many records had the slot, `agree` in how\n\
         # many it was what the backup says.\nsource = {}",
        mapping.source,
        text(&mapping.source)
    );
    if mapping.family_first {
        out.push_str("family_first = true\n");
    }
    if let Some(until) = mapping.late_until {
        let _ = writeln!(out, "late_until = {}", text(&until.format("%H:%M").to_string()));
    }
    for rule in &mapping.rules {
        let _ = writeln!(out, "\n[[rule]]\nfield = {}", text(rule.field.as_str()));
        let _ = writeln!(
            out,
            "object = {}\nplace = {}",
            text(&rule.object),
            text(&rule.place)
        );
        if let Some(template) = &rule.template {
            let _ = writeln!(out, "template = {}", text(&template.render()));
        }
        let _ = writeln!(
            out,
            "slot = {}\nleft = {}",
            text(rule.slot.as_str()),
            text(&pattern::render(&rule.anchor.left))
        );
        if let Some(right) = &rule.anchor.right {
            let _ = writeln!(
                out,
                "right = {}",
                text(&pattern::render(std::slice::from_ref(right)))
            );
        }
        match rule.reading.order {
            Some(DateOrder::DayMonth) => out.push_str("order = \"day-month\"\n"),
            Some(DateOrder::MonthDay) => out.push_str("order = \"month-day\"\n"),
            Some(DateOrder::YearMonthDay) => out.push_str("order = \"year-month-day\"\n"),
            _ => {}
        }
        match rule.reading.decimal {
            Some(DecimalMark::Point) => out.push_str("decimal = \"point\"\n"),
            Some(DecimalMark::Comma) => out.push_str("decimal = \"comma\"\n"),
            Some(DecimalMark::None) => out.push_str("decimal = \"none\"\n"),
            None => {}
        }
        match rule.reading.after {
            None => {}
            Some(After::Days(days)) => {
                let _ = writeln!(out, "after = \"{days}\"");
            }
            Some(After::Weekday) => out.push_str("after = \"weekday\"\n"),
        }
        if let Some(unit) = rule.reading.unit {
            let _ = writeln!(out, "unit = {}", text(unit.as_str()));
        }
        if rule.reading.days != 0 {
            let _ = writeln!(out, "days = {}", rule.reading.days);
        }
        match rule.reading.part {
            Part::Whole => {}
            Part::Date => out.push_str("part = \"date\"\n"),
            Part::Time => out.push_str("part = \"time\"\n"),
            Part::Written => out.push_str("part = \"written\"\n"),
            Part::FirstWord => out.push_str("part = \"first-word\"\n"),
            Part::LastWord => out.push_str("part = \"last-word\"\n"),
            Part::Beginning => out.push_str("part = \"beginning\"\n"),
            Part::Initials => out.push_str("part = \"initials\"\n"),
        }
        if rule.reading.reversed {
            out.push_str("reversed = true\n");
        }
        match rule.reading.twice {
            None => {}
            Some(Twice::First) => out.push_str("twice = \"first\"\n"),
            Some(Twice::Last) => out.push_str("twice = \"last\"\n"),
        }
        match rule.reading.list {
            None => {}
            Some(OfList::Each) => out.push_str("list = \"each\"\n"),
            Some(OfList::Alike) => out.push_str("list = \"alike\"\n"),
        }
        let samples: Vec<String> = rule.samples.iter().map(|sample| text(sample)).collect();
        let _ = writeln!(
            out,
            "support = {}\nagree = {}\nsamples = [{}]",
            rule.support,
            rule.agree,
            samples.join(", ")
        );
        if !rule.except.is_empty() {
            let except: Vec<String> = rule.except.iter().map(|value| text(value)).collect();
            let _ = writeln!(out, "except = [{}]", except.join(", "));
        }
        if !rule.unless.is_empty() {
            let unless: Vec<String> = rule.unless.iter().map(|words| text(&words.render())).collect();
            let _ = writeln!(out, "unless = [{}]", unless.join(", "));
        }
        if rule.behind {
            out.push_str("behind = true\n");
        }
        if rule.until_over {
            out.push_str("until_over = true\n");
        }
        if !rule.values.is_empty() {
            let values: Vec<String> = rule
                .values
                .iter()
                .map(|(value, key)| format!("{} = {}", text(value), text(key)))
                .collect();
            let _ = writeln!(out, "values = {{ {} }}", values.join(", "));
        }
    }
    for idle in &mapping.idle {
        let slot = match idle.slot {
            SlotType::Moment => String::new(),
            slot => format!("slot = {}\n", text(slot.as_str())),
        };
        let _ = writeln!(
            out,
            "\n[[idle]]\nobject = {}\nplace = {}\n{slot}left = {}\nsupport = {}",
            text(&idle.object),
            text(&idle.place),
            text(&pattern::render(&idle.left)),
            idle.support
        );
    }
    for meaning in &mapping.meanings {
        let _ = writeln!(
            out,
            "\n[[meaning]]\nstatus = {}\nobject = {}\nplace = {}\nline = {}\n{}support = {}\nagree = {}",
            text(meaning.status.as_str()),
            text(&meaning.object),
            text(&meaning.place),
            text(&meaning.line.render()),
            meaning
                .follows
                .map(|follows| format!("follows = {follows}\n"))
                .unwrap_or_default(),
            meaning.support,
            meaning.agree
        );
    }
    for charge in &mapping.charges {
        let _ = writeln!(
            out,
            "\n[[charge]]\ntemplate = {}\nsupport = {}\npays = {}\nlast = {}\nwhole = {}",
            text(&charge.template.render()),
            charge.support,
            charge.pays,
            charge.last,
            charge.whole
        );
    }
    for settlement in &mapping.settlements {
        let templates: Vec<String> = settlement.kinds.iter().map(|kind| text(&kind.render())).collect();
        let _ = writeln!(
            out,
            "\n[[settlement]]\ncharges = [{}]\nsupport = {}\nwhole = {}\npart = {}\nagree = {}",
            templates.join(", "),
            settlement.support,
            settlement.whole,
            settlement.part,
            settlement.agree
        );
    }
    for instalment in &mapping.instalments {
        let _ = writeln!(
            out,
            "\n[[instalment]]\npart = {}\nsupport = {}\nof = {}\nfollowed = {}\nwhole = {}",
            instalment.part, instalment.support, instalment.of, instalment.followed, instalment.whole
        );
    }
    for event in &mapping.events {
        let _ = writeln!(
            out,
            "\n[[event]]\ntemplate = {}\nsupport = {}\nbooked = {}\ntimed = {}",
            text(&event.template.render()),
            event.support,
            event.booked,
            event.timed
        );
    }
    for message in &mapping.messages {
        let _ = writeln!(
            out,
            "\n[[message]]\ntemplate = {}\ndated = {}\n{}{}support = {}\nbooked = {}",
            text(&message.template.render()),
            message.dated,
            if message.numbered {
                ""
            } else {
                "numbered = false\n"
            },
            if message.request { "request = true\n" } else { "" },
            message.support,
            message.booked
        );
    }
    for off in &mapping.off {
        let _ = writeln!(
            out,
            "\n[[off]]\nobject = {}\nwords = {}\nsupport = {}",
            text(&off.object),
            text(&off.words.render()),
            off.support
        );
    }
    for mark in &mapping.marks {
        let _ = writeln!(
            out,
            "\n[[mark]]\nobject = {}\nplace = {}\nline = {}\nsupport = {}\nstood = {}{}",
            text(&mark.object),
            text(&mark.place),
            text(&mark.line.render()),
            mark.support,
            mark.stood,
            if mark.of_name { "\nof_name = true" } else { "" }
        );
    }
    if !mapping.nicknames.is_empty() {
        out.push_str(
            "\n# What else a resource is called here, wherever it stands: `resource` is its key in the backup.\n",
        );
    }
    for (index, nickname) in mapping.nicknames.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}[[nickname]]\ntext = {}\nresource = {}\nsupport = {}\nagree = {}",
            if index == 0 { "" } else { "\n" },
            text(&nickname.text),
            text(&nickname.resource),
            nickname.support,
            nickname.agree
        );
    }
    if mapping.lists.support > 0 {
        let Lists { support, each, alike } = mapping.lists;
        let _ = writeln!(
            out,
            "\n# What a price is that a record states of all the bookings that it lists.\n\
             [list]\nsupport = {support}\neach = {each}\nalike = {alike}"
        );
    }
    out
}
