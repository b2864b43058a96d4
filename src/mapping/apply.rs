//! Reads a record's claims by the rules of a mapping.

use super::length::{self, Told};
use super::lex::Found;
use super::pattern::{Piece, around};
use super::value::{
    Day, Hour, PartOf, Way, amount_value, each_day, instant, names_day, on_clock, person, read_moment,
    resolve,
};
use super::words::words;
use super::{
    ChargeRole, Claims, EventKind, Gazetteer, Lexer, Line, Lines, Mapping, Part, Pattern, Rule, SlotType,
    Strange, Token, Twice, blocks, entry_length, next, requests, spare, squash,
};
use crate::model::{
    Business, Claim, Document, FieldName, Item, Listing, Scalar, SourceKind, Status, Value, When,
};
use crate::reading::{SpanValue, with_plain_digits};
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// A mapping made ready to read many records.
pub struct Reader<'a> {
    pub lexer: Lexer<'a>,
    business: &'a Business,
    mapping: &'a Mapping,
    /// Which of several values of one slot is taken, where that is tried.
    forced: Option<Twice>,
    /// The words by which rules are silent.
    cues: BTreeSet<&'a Pattern>,
    /// Rules by object and place, the most specific anchors first.
    rules: BTreeMap<(&'a str, &'a str), Vec<(usize, &'a Rule)>>,
}

impl<'a> Reader<'a> {
    pub fn new(mapping: &'a Mapping, gazetteer: &'a Gazetteer, business: &'a Business) -> Self {
        let mut rules: BTreeMap<_, Vec<(usize, &Rule)>> = BTreeMap::new();
        for (number, rule) in mapping.rules.iter().enumerate() {
            rules
                .entry((rule.object.as_str(), rule.place.as_str()))
                .or_default()
                .push((number, rule));
        }
        for list in rules.values_mut() {
            list.sort_by_key(|(number, rule)| {
                let template = rule.template.as_ref().map_or(0, |pattern| 1 + pattern.weight());
                (std::cmp::Reverse((template, rule.anchor.weight())), *number)
            });
        }
        Self {
            lexer: Lexer { gazetteer },
            business,
            mapping,
            forced: None,
            cues: mapping.rules.iter().flat_map(|rule| &rule.unless).collect(),
            rules,
        }
    }

    /// The same, but of several values of one slot this one is taken, whatever was learned.
    #[must_use]
    pub fn taking(self, twice: Twice) -> Self {
        Self {
            forced: Some(twice),
            ..self
        }
    }

    /// All claims of a record, in the order of its items.
    pub fn read(&self, document: &Document) -> Claims {
        let Lines { texts, defining } = self.lexer.lines(document);
        self.read_lines(document, &texts, defining.as_ref())
    }

    /// The same of a record that was cut up already, by a lexer that knows the same resources.
    pub fn read_lines(
        &self,
        document: &Document,
        texts: &[(usize, Arc<Line>)],
        defining: Option<&Line>,
    ) -> Claims {
        let mut out = Claims::default();
        let template = self.template(document, defining);
        let mut parts: Vec<(FieldName, PartOf, Part, String, usize)> = Vec::new();
        let mut lengths: Vec<Told> = Vec::new();
        let mut above: BTreeMap<&str, (u32, &Line)> = BTreeMap::new();
        let mut texts = texts.iter();
        let mut cues: BTreeSet<&Pattern> = BTreeSet::new();
        let mut doubtful: Vec<(&Rule, Claim)> = Vec::new();
        let mut struck = false;
        let mut worded_off = false;
        for item in &document.items {
            let rules = self
                .rules
                .get(&(document.object.as_str(), item.place.as_str()))
                .map_or(&[][..], Vec::as_slice);
            let (Scalar::Text(text) | Scalar::Number(text)) = &item.value else {
                self.read_item(document, item, rules, template.as_ref(), &mut parts, &mut out);
                continue;
            };
            let Some((_, line)) = texts.next() else { break };
            // What strikes a title out does not say whom it is for.
            let rests: Vec<Line> = self.mapping.unstruck(document, &item.place, line, 0).collect();
            let stands = |cue: &Pattern| cue.stands_in(line) && rests.iter().all(|rest| cue.stands_in(rest));
            cues.extend(self.cues.iter().filter(|cue| stands(cue)));
            worded_off = worded_off || self.is_worded_off(document, item, line);
            let before = above
                .get(item.place.as_str())
                .filter(|(number, _)| *number + 1 == item.line);
            let before = before.map(|(_, line)| *line);
            self.read_spans(
                document,
                item,
                text,
                line,
                before,
                rules,
                template.as_ref(),
                &mut parts,
                &mut lengths,
                &mut out,
            );
            for (number, rule) in rules.iter().filter(|(_, rule)| rule.slot == SlotType::Words) {
                if rule.template.is_some() && rule.template != template {
                    continue;
                }
                let is_name = matches!(rule.field, FieldName::CustomerName | FieldName::CustomerCalled);
                let found = words(line, before, rule, text);
                let found = if is_name {
                    self.mapping
                        .unmarked(document, item, line, template.as_ref(), found, |rest| {
                            words(rest, before, rule, text)
                        })
                } else {
                    found
                };
                if let Some(range) = found {
                    let range = match (rule.field, &rule.anchor.right) {
                        (FieldName::CustomerCalled, None) => self.lexer.gazetteer.whole_name(text, range),
                        _ => range,
                    };
                    let said = &text[range.clone()];
                    let is_half =
                        || rule.except.contains(super::ABBREVIATED) && super::abbreviated(said).is_some();
                    let is_numbered =
                        || rule.except.contains(super::NUMBERED) && said.chars().any(char::is_numeric);
                    if rule.except.contains(&squash(said)) || is_half() || is_numbered() {
                        let desk = || person(said, rule.reading.reversed, self.mapping.family_first);
                        out.bookers.extend(rule.behind.then(|| {
                            let place = place_of(item, Some(range.clone()));
                            self.claim(document, rule.field, Value::Text(desk()), place, *number)
                        }));
                        continue;
                    }
                    let value = if rule.field == FieldName::CustomerCalled {
                        said.to_owned()
                    } else if rule.values.is_empty() {
                        person(said, rule.reading.reversed, self.mapping.family_first)
                    } else if let Some(key) = rule.values.get(&squash(said)) {
                        key.clone()
                    } else {
                        continue;
                    };
                    let place = place_of(item, Some(range));
                    let claim = self.claim(document, rule.field, Value::Text(value), place, *number);
                    if rule.unless.is_empty() {
                        out.claims.push(claim);
                    } else {
                        doubtful.push((rule, claim));
                    }
                }
            }
            struck |= self.read_meaning(document, item, line, &mut out);
            let odd = self.mapping.odd_letter(document, item, line, template.as_ref());
            out.odd_letter = out.odd_letter.take().or(odd.map(|(_, letter)| letter));
            above.insert(item.place.as_str(), (item.line, line));
        }
        if !cues.is_empty() {
            let silent = |rule: &Rule| rule.unless.iter().any(|cue| cues.contains(cue));
            out.claims.retain(|claim| {
                let rule = claim.rule_index().map(|at| &self.mapping.rules[at]);
                rule.is_none_or(|rule| rule.slot == SlotType::Words || !silent(rule))
            });
        }
        for (rule, claim) in doubtful {
            match (
                rule.unless.iter().find(|cue| cues.contains(cue)),
                claim.value.clone(),
            ) {
                (Some(cue), Value::Text(text)) => {
                    out.silenced.push((rule.field, text, cue.plain()));
                    out.bookers.extend(rule.behind.then_some(claim));
                }
                _ => out.claims.push(claim),
            }
        }
        // What a sure line says is not doubted for a vaguer one. What was put before a title is beside what it says.
        out.perhaps_off &= struck || !out.known;
        if document.object == "message" {
            blocks::settle(
                &self.mapping.rules,
                self.forced,
                &mut parts,
                &mut lengths,
                &mut out,
            );
        }
        self.compose(document, parts, &lengths, &mut out);
        super::behind::give_way(&self.mapping.rules, &mut out);
        super::estimates::give_way(&self.mapping.rules, &mut out);
        // Of a choice that is tried each rule says its own, HTML beside text.
        if self.forced.is_none() {
            spare::dedup(&self.mapping.rules, &mut out.claims);
        }
        spare::drop_parts(&mut out.claims);
        spare::drop_told(&mut out, self.business.zone);
        super::lists::drop_shared(document, &mut out);
        self.read_kind(document, template.as_ref(), defining, &mut out);
        let is_of_none = out.nobodys || out.offers || out.letter;
        // Whether a day that no rule reads is the new one is asked already.
        out.worded_off = worded_off && !is_of_none && out.meaning != Some(Status::Cancelled);
        out.perhaps_off |= out.worded_off && out.strange.is_empty();
        out
    }

    fn claim(
        &self,
        document: &Document,
        field: FieldName,
        value: Value,
        place: String,
        rule: usize,
    ) -> Claim {
        Claim {
            record: document.record.clone(),
            field,
            value,
            place,
            rule: self.name(rule),
            standing: document.standing,
            said_at: document.said_at,
        }
    }

    fn name(&self, rule: usize) -> String {
        format!("{}#{}", self.mapping.source, rule + 1)
    }

    #[allow(clippy::too_many_arguments)] // one line's surroundings, all of them needed
    fn read_spans(
        &self,
        document: &Document,
        item: &Item,
        text: &str,
        line: &Line,
        above: Option<&Line>,
        rules: &[(usize, &Rule)],
        template: Option<&Pattern>,
        parts: &mut Vec<(FieldName, PartOf, Part, String, usize)>,
        lengths: &mut Vec<Told>,
        out: &mut Claims,
    ) {
        let mut day: Option<Day> = None;
        let told = read_lengths(item, line, above, rules, template, lengths);
        let arrows = blocks::arrows(line, text);
        for (at, found) in &line.spans {
            let (token, range) = &line.tokens[*at];
            let Token::Span(slot) = token else { continue };
            if told.iter().any(|told| told.contains(at)) {
                continue;
            }
            let mut ways = match found {
                Found::Read(SpanValue::Moment(moment)) => resolve(moment, document.said_at),
                _ => Vec::new(),
            };
            // The time behind a range sign is on the day before it.
            let is_end = matches!(found, Found::Read(SpanValue::Moment(moment)) if moment.continues)
                && ways.iter().all(|way| way.date.is_none());
            let before = day.filter(|_| is_end);
            if is_end {
                for way in &mut ways {
                    way.date = before.map(|day| day.date);
                }
            }
            day = Day::of(&ways, day);
            let (left, right) = around(line, *at, above);
            if let Found::Resource(keys) = found {
                let gazetteer = self.lexer.gazetteer;
                let is_constant = gazetteer.is_everywhere(&document.object, &item.place, text);
                if !is_constant && !self.is_idle(document, item, (*slot, &left)) {
                    out.mentions.push(keys.clone());
                    out.mentioned.push(text[range.clone()].to_owned());
                }
            }
            if let Some(new) = arrows.get(at) {
                let place = |range: &Range<usize>| place_of(item, Some(range.clone()));
                out.replaced.insert(place(range), place(&line.tokens[*new].1));
            }
            let mut explained = false;
            let fits = |rule: &Rule, left: &[Piece]| {
                rule.slot == *slot
                    && rule.reading.unit.is_none()
                    && (rule.values.is_empty() || rule.values.contains_key(&squash(&text[range.clone()])))
                    && rule.anchor.fits(left, &right)
                    && (rule.template.is_none() || rule.template.as_ref() == template)
            };
            let fitting = || rules.iter().filter(|(_, rule)| fits(rule, &left));
            let of_old = || {
                let (left, _) = around(line, blocks::led_from(line, *at, &arrows)?, above);
                rules.iter().find(|(_, rule)| fits(rule, &left))
            };
            // In one place hours may mean something else than a day does.
            let of_form = |(_, rule): &&(usize, &Rule)| match found {
                Found::Read(SpanValue::Moment(moment)) => rule.reading.is_hours() != names_day(moment),
                _ => true,
            };
            let rule = fitting()
                .find(of_form)
                .or_else(|| fitting().next())
                .or_else(of_old);
            // What names a day of its own may be more than an hour of the day that stands elsewhere.
            let is_day = matches!(found, Found::Read(SpanValue::Moment(moment)) if names_day(moment));
            let of_hours = rule.is_some_and(|(_, rule)| rule.reading.is_hours());
            if let Some((number, rule)) = rule {
                let place = place_of(item, Some(range.clone()));
                match found {
                    Found::Read(SpanValue::Moment(moment)) => {
                        let zone = self.business.zone;
                        let clock = || each_day(line, *at);
                        let reading = rule.reading;
                        let read = read_moment(moment, reading, document.said_at, zone, before)
                            .or_else(|| on_clock(moment, reading, document.said_at, zone, clock()?));
                        if let Some(part) = read {
                            day = Day::read(&part).or(day);
                            let taken = part.taken(rule.reading.part);
                            parts.push((rule.field, part, taken, place, *number));
                            explained = true;
                        } else if !names_day(moment) {
                            explained = rule.except.contains(&squash(&text[range.clone()]));
                        }
                    }
                    Found::Read(SpanValue::Amount(amount))
                        if rule.reading.part == Part::Time || rule.reading.after.is_some() =>
                    {
                        if let Some(mut part) = PartOf::time_of(amount) {
                            let zone = &self.business.zone;
                            let made = document.said_at.map(|at| at.with_timezone(zone).date_naive());
                            part.date = rule.reading.after.and_then(|after| after.day(made?, None));
                            parts.push((rule.field, part, rule.reading.part, place, *number));
                            explained = true;
                        }
                    }
                    Found::Read(SpanValue::Email(_) | SpanValue::Phone(_))
                        if rule.except.contains(&squash(&text[range.clone()])) =>
                    {
                        explained = true;
                    }
                    found => {
                        if let Some(value) =
                            self.value(found, rule, &text[range.clone()], document.tenant.as_deref())
                        {
                            let claim = self.claim(document, rule.field, value, place, *number);
                            let claim = self.mapping.lists.of_one(document, item, rule, claim, out);
                            out.claims.extend(claim);
                            explained = true;
                        }
                    }
                }
                if !explained {
                    out.unread.push((*slot, text[range.clone()].to_owned()));
                    if ways.iter().all(|way| way.time.is_none()) {
                        let days = out.bare_days.entry(text[range.clone()].to_owned()).or_default();
                        days.extend(ways.iter().filter_map(|way| way.date));
                    }
                }
            }
            let said = &text[range.clone()];
            let said = match slot {
                SlotType::Code => with_plain_digits(said).into_owned(),
                _ => said.to_owned(),
            };
            let whens: Vec<When> = ways.iter().filter_map(|way| self.when(way)).collect();
            let may_be_idle = !explained && (!whens.is_empty() || *slot == SlotType::Amount);
            let is_idle = may_be_idle && self.is_idle(document, item, (*slot, &left));
            if is_idle {
                out.idle.extend(whens.iter().filter(|_| whens.len() == 1));
                out.no_prices
                    .extend((*slot == SlotType::Amount).then(|| said.clone()));
            }
            if (!explained || is_day && of_hours) && !whens.is_empty() && !is_idle {
                out.strange.push(Strange {
                    place: place_of(item, Some(range.clone())),
                    text: said.clone(),
                    whens,
                    is_end,
                });
            }
            // What stands beside the lines of a list tells of no party by itself.
            let is_shared = matches!(document.listing, Listing::Party(_)) && !document.is_title(item);
            let may_number = || !is_shared && may_number(document, &item.place);
            if !explained && (*slot != SlotType::Code || may_number()) {
                out.unexplained.push((*slot, said));
            }
        }
    }

    fn is_idle(&self, document: &Document, item: &Item, (slot, left): (SlotType, &[Piece])) -> bool {
        self.mapping.idle.iter().any(|idle| {
            idle.slot == slot
                && idle.object == document.object
                && idle.place == item.place
                && super::pattern::ends(&idle.left, left)
        })
    }

    /// A day with its time, where it has one.
    fn when(&self, way: &Way) -> Option<When> {
        let date = way.date?;
        let at = way
            .time
            .and_then(|time| instant(date, time, way.offset, self.business.zone));
        Some(at.map_or(When::Date(date), When::Instant))
    }

    fn value(&self, found: &Found, rule: &Rule, text: &str, tenant: Option<&str>) -> Option<Value> {
        match found {
            Found::Resource(keys) => match self.lexer.gazetteer.within(keys, tenant).as_slice() {
                [key] => Some(Value::Text((*key).clone())),
                _ => None,
            },
            Found::Read(SpanValue::Amount(amount)) => {
                amount_value(amount, rule.reading, self.business.currency).map(Value::Money)
            }
            Found::Read(SpanValue::Email(email)) => Some(Value::Text(email.clone())),
            Found::Read(
                SpanValue::Phone(_) | SpanValue::Code(_) | SpanValue::Number(_) | SpanValue::Url(_),
            ) => {
                let named = rule.values.get(&squash(text)).cloned();
                let said = || with_plain_digits(text.trim()).into_owned();
                Some(Value::Text(named.unwrap_or_else(said)))
            }
            Found::Read(SpanValue::Moment(_)) => None,
        }
    }

    fn read_item(
        &self,
        document: &Document,
        item: &Item,
        rules: &[(usize, &Rule)],
        template: Option<&Pattern>,
        parts: &mut Vec<(FieldName, PartOf, Part, String, usize)>,
        out: &mut Claims,
    ) {
        for (number, rule) in rules.iter().filter(|(_, rule)| rule.slot == SlotType::Item) {
            if rule.template.is_some() && rule.template.as_ref() != template {
                continue;
            }
            if entry_length::is_excepted(document, &item.place, &rule.except) {
                return;
            }
            let place = place_of(item, None);
            match &item.value {
                Scalar::Money(money) => {
                    out.claims
                        .push(self.claim(document, rule.field, Value::Money(*money), place, *number));
                }
                Scalar::Instant(at) => {
                    let part = PartOf {
                        date: None,
                        time: None,
                        offset: None,
                        weekday: None,
                        exact: Some(*at),
                        behind: false,
                    };
                    parts.push((rule.field, part, Part::Whole, place, *number));
                }
                Scalar::Date(date) => {
                    let date = *date + TimeDelta::days(i64::from(rule.reading.days));
                    let part = PartOf {
                        date: Some(date),
                        time: None,
                        offset: None,
                        weekday: None,
                        exact: None,
                        behind: false,
                    };
                    parts.push((rule.field, part, Part::Date, place, *number));
                }
                _ => continue,
            }
            return;
        }
    }

    /// Whether words stand in the line that stood where bookings were called off: of an entry, in its title.
    fn is_worded_off(&self, document: &Document, item: &Item, line: &Line) -> bool {
        let may_tell = document.object == "message" || document.is_title(item);
        let mut off = self.mapping.off.iter();
        may_tell && off.any(|off| off.object == document.object && off.words.stands_in(line))
    }

    /// Gives whether the line has an edge that may mean a cancellation.
    fn read_meaning(&self, document: &Document, item: &Item, line: &Line, out: &mut Claims) -> bool {
        let mut struck = false;
        let of_place =
            |meaning: &&super::Meaning| meaning.object == document.object && meaning.place == item.place;
        let mut meanings = self.mapping.meanings.iter().filter(of_place).peekable();
        let sentences = match meanings.peek() {
            Some(_) if document.object == "message" && item.place != Document::SUBJECT => line.sentences(),
            _ => Vec::new(),
        };
        for meaning in meanings {
            let mut lines = std::iter::once(line).chain(&sentences);
            if lines.any(|line| meaning.line.matches(line)) {
                if !meaning.is_sure() {
                    out.perhaps_off = true;
                    struck |= meaning.line.is_edge();
                    continue;
                }
                // Cancelled is the stronger word: a cancellation may quote what was confirmed.
                if out.meaning != Some(Status::Cancelled) {
                    out.meaning = Some(meaning.status);
                }
                out.known = true;
                out.follows = match (out.follows, meaning.follows) {
                    (Some(a), Some(b)) => Some(a || b),
                    (a, b) => a.or(b),
                };
            }
        }
        struck
    }

    /// The template of a record: the most specific pattern that fits its defining line.
    fn template(&self, document: &Document, defining: Option<&Line>) -> Option<Pattern> {
        let line = defining?;
        let patterns: Box<dyn Iterator<Item = &Pattern>> = match document.object.as_str() {
            "charge" => Box::new(self.mapping.charges.iter().map(|kind| &kind.template)),
            "event" => Box::new(self.mapping.events.iter().map(|kind| &kind.template)),
            _ => return None,
        };
        let mut whole: Vec<&Pattern> = patterns.filter(|pattern| !pattern.is_edge()).collect();
        whole.sort_by_key(|pattern| std::cmp::Reverse((pattern.weight(), *pattern)));
        let of = |line: &Line| whole.iter().find(|pattern| pattern.matches(line)).copied();
        // A title that somebody struck out is of the kind that it was before.
        let struck = || {
            let place = &document.title_item()?.place;
            let mut rests = self.mapping.unstruck(document, place, line, 1);
            rests.find_map(|rest| of(&rest))
        };
        of(line).or_else(struck).cloned()
    }

    fn read_kind(
        &self,
        document: &Document,
        template: Option<&Pattern>,
        defining: Option<&Line>,
        out: &mut Claims,
    ) {
        if document.object == "charge" {
            let kind = self
                .mapping
                .charges
                .iter()
                .find(|kind| Some(&kind.template) == template);
            out.charge = kind.map_or(ChargeRole::Unknown, charge_role);
            out.kind = kind.map(|kind| kind.template.clone());
            let alike = || super::charges::described_alike(&self.mapping.charges, defining?);
            out.pays = kind.map(|kind| (kind.pays, kind.support)).or_else(alike);
        }
        if document.object == "message" {
            let subject = document.subject();
            let subject = subject.map(|text| self.lexer.line(document.record.source(), text));
            out.request = requests::is_one(self.mapping, document, subject.as_ref());
        }
        if document.object == "message" && !self.mapping.messages.is_empty() {
            let dated = out.claims.iter().any(|claim| claim.field == FieldName::StartsAt);
            // A day ahead that no rule reads, or a time that could not be read, may be when it starts.
            let zone = self.business.zone;
            let said = document.said_at.map(|at| at.with_timezone(&zone).date_naive());
            let mut days = out.strange.iter().flat_map(|strange| &strange.whens);
            let perhaps = days.any(|when| Some(when.date(zone)) > said)
                || out.unread.iter().any(|(slot, _)| *slot == SlotType::Moment);
            let mut claims = out.claims.iter();
            let names_day = claims.any(|claim| matches!(claim.value, Value::When(_)))
                || out.strange.iter().any(|strange| !strange.whens.is_empty());
            let subject = document.subject();
            let subject = subject.map(|text| self.lexer.line(document.record.source(), text));
            let off = out.meaning == Some(Status::Cancelled) || out.perhaps_off;
            for kind in self.mapping.messages.iter().filter(|kind| kind.is_nobodys()) {
                let may_be = match (kind.numbered, kind.dated) {
                    (true, is_dated) => !perhaps && is_dated == dated,
                    (false, true) => !off && (perhaps || names_day),
                    (false, false) => !off && !perhaps && !dated,
                };
                if may_be && subject.as_ref().is_some_and(|line| kind.template.matches(line)) {
                    out.nobodys |= kind.numbered;
                    out.offers |= !kind.numbered && kind.dated;
                    out.letter |= kind.is_letter();
                }
            }
        }
        if document.object == "event" {
            let mut kinds = self.mapping.events.iter();
            let kind = kinds.find(|kind| Some(&kind.template) == template);
            let plain = || self.mapping.plain_kind(defining?);
            let usual = kind.filter(|kind| kind.support >= EventKind::USUAL);
            let kind = usual.or_else(plain).or(kind);
            out.booked = kind.map(|kind| (kind.booked, kind.support));
            // The line of a party stands for its booking, and for one that went elsewhere since.
            out.aside =
                kind.is_some_and(EventKind::is_aside) && !matches!(document.listing, Listing::Party(_));
            out.odd_end = defining.and_then(|line| self.mapping.odd_end(document, line));
        }
    }

    /// Puts dates and times together.
    fn compose(
        &self,
        document: &Document,
        parts: Vec<(FieldName, PartOf, Part, String, usize)>,
        lengths: &[Told],
        out: &mut Claims,
    ) {
        let zone = self.business.zone;
        let mut dates: BTreeMap<FieldName, NaiveDate> = BTreeMap::new();
        for (field, part, kind, _, _) in &parts {
            let date = match (part.exact, part.date, kind) {
                (Some(at), ..) => Some(at.with_timezone(&zone).date_naive()),
                (None, date, Part::Whole | Part::Date | Part::Written) => date,
                _ => None,
            };
            if let Some(date) = date {
                dates.entry(*field).or_insert(date);
            }
        }
        // So many nights on: the day of an end of which the hour alone is written.
        if let Some(first) = dates.get(&FieldName::StartsAt).copied() {
            let mut nights = lengths.iter().filter(|told| told.unit.is_of_days());
            let last = nights.find_map(|told| told.end(When::Date(first), zone));
            if let Some(last) = last {
                dates.entry(FieldName::EndsAt).or_insert(last.date(zone));
            }
        }
        let timed: Vec<FieldName> = parts
            .iter()
            .filter(|(_, part, kind, ..)| *kind == Part::Time && part.time.is_some())
            .map(|(field, ..)| *field)
            .collect();
        let on = |field, date, part: &PartOf| {
            let date = self.mapping.day_of(field, date, part.time?);
            instant(date, part.time?, part.offset, zone)
        };
        let starts = parts.iter().filter(|(field, ..)| *field == FieldName::StartsAt);
        let starts = starts.into_iter().find_map(|(field, part, ..)| {
            let date = part.date.or_else(|| dates.get(&FieldName::StartsAt).copied());
            part.exact.or_else(|| on(*field, date?, part))
        });
        for (field, part, kind, place, rule) in parts {
            let value = match kind {
                Part::FirstWord | Part::LastWord | Part::Beginning | Part::Initials => None,
                Part::Whole => part
                    .exact
                    .or_else(|| on(field, part.date?, &part))
                    .map(When::Instant),
                // The date alone is only worth a claim where no time completes it.
                Part::Date | Part::Written if timed.contains(&field) => None,
                Part::Date | Part::Written => part.date.map(When::Date),
                Part::Time => {
                    // Nothing ends before it begins: that is the day of another end, which was before it was moved.
                    let first = dates.get(&FieldName::StartsAt);
                    let is_after = |own: &&NaiveDate| first.is_none_or(|first| first <= *own);
                    let own = dates
                        .get(&field)
                        .filter(|own| field != FieldName::EndsAt || is_after(own));
                    let date = own.or_else(|| dates.get(&FieldName::StartsAt)).copied();
                    let date = date.or(part.date);
                    // Back by Wednesday at five: the one that comes after it began.
                    let date = match (part.weekday, own) {
                        (Some(weekday), None) => date.and_then(|date| next(date, weekday)),
                        _ => date,
                    };
                    let on = |date: NaiveDate| on(field, date, &part);
                    // Nor is the day of an end told by the start's.
                    let is_told = own.is_some() || part.date.is_some() || part.weekday.is_some();
                    let is_bare = date.is_none() || field == FieldName::EndsAt && !is_told;
                    if let (true, Some(time)) = (is_bare, part.time) {
                        out.hours.push(Hour {
                            field,
                            time,
                            place: place.clone(),
                            rule: self.name(rule),
                        });
                    }
                    let at = date.and_then(on);
                    // A party from seven to two ends on the next day: nothing ends before it begins.
                    let same = own.is_none_or(|own| Some(own) == dates.get(&FieldName::StartsAt));
                    let before = same
                        && field == FieldName::EndsAt
                        && at.zip(starts).is_some_and(|(end, start)| end <= start);
                    let at = if before {
                        date.and_then(|date| date.succ_opt()).and_then(on)
                    } else {
                        at
                    };
                    at.map(When::Instant)
                }
            };
            if let Some(value) = value {
                out.claims
                    .push(self.claim(document, field, Value::When(value), place, rule));
            }
        }
        spare::drop_ends_before_start(&mut out.claims, zone);
        self.reckon_ends(document, lengths, out);
    }

    /// Ends that follow from the start and a length, where the record does not say them anyway. One that it contradicts
    /// is a claim too: somebody has to look at both.
    fn reckon_ends(&self, document: &Document, lengths: &[Told], out: &mut Claims) {
        let zone = self.business.zone;
        let Some(start) = length::only_start(&out.claims, zone) else {
            return;
        };
        for told in lengths {
            let Some(end) = told.end(start, zone) else {
                continue;
            };
            let said = out
                .of(FieldName::EndsAt)
                .any(|claim| matches!(claim.value, Value::When(stated) if length::says(stated, end, zone)));
            if !said {
                let field = FieldName::EndsAt;
                out.claims
                    .push(self.claim(document, field, Value::When(end), told.place.clone(), told.rule));
            }
        }
    }
}

/// The lengths of a line that rules read; gives the tokens that they take.
fn read_lengths(
    item: &Item,
    line: &Line,
    above: Option<&Line>,
    rules: &[(usize, &Rule)],
    template: Option<&Pattern>,
    out: &mut Vec<Told>,
) -> Vec<std::ops::RangeInclusive<usize>> {
    let mut taken = Vec::new();
    if rules.iter().all(|(_, rule)| rule.reading.unit.is_none()) {
        return taken;
    }
    for stated in length::lengths(line) {
        let (left, right) = length::beside(line, &stated, above);
        let mut fitting = rules.iter().filter(|(_, rule)| {
            rule.slot == stated.kind
                && rule.anchor.fits(&left, &right)
                && (rule.template.is_none() || rule.template.as_ref() == template)
        });
        let Some((number, rule, unit)) =
            fitting.find_map(|(number, rule)| Some((*number, *rule, rule.reading.unit?)))
        else {
            continue;
        };
        let range = line.tokens[stated.first].1.start..line.tokens[stated.last].1.end;
        out.push(Told {
            length: stated.length,
            unit,
            days: rule.reading.days,
            place: place_of(item, Some(range)),
            rule: number,
        });
        taken.push(stated.first..=stated.last);
    }
    taken
}

/// What a kind of charge is, by how many of it stand in the backup's payments.
pub(super) fn charge_role(kind: &super::ChargeKind) -> ChargeRole {
    let (support, pays) = (kind.support, kind.pays);
    if support < 3 {
        ChargeRole::Unknown
    } else if pays * 100 >= support * 90 {
        if kind.whole * 100 >= pays * 85 {
            ChargeRole::PaysWhole
        } else {
            ChargeRole::Pays
        }
    } else if pays * 100 <= support * 5 && kind.template.0.is_empty() {
        ChargeRole::Unsaid
    } else if pays * 100 <= support * 5 {
        ChargeRole::Other
    } else {
        ChargeRole::Mixed
    }
}

/// The line that tells one kind of record from another: a charge's description and metadata, an
/// event's title and whether it has times.
pub(super) fn defining_text(document: &Document) -> Option<String> {
    Some(match document.object.as_str() {
        "charge" => {
            let mut text = document.text("/description").unwrap_or_default().to_owned();
            for item in &document.items {
                if let (Some(key), Scalar::Text(value)) = (item.place.strip_prefix("/metadata/"), &item.value)
                {
                    let _ = write!(text, " | {key} = {value}");
                }
            }
            text
        }
        "event" => {
            let timed = matches!(document.item("/start/dateTime"), Some(Scalar::Instant(_)));
            let title = document.title().unwrap_or_default();
            format!("{title} {}", if timed { "@" } else { "#" })
        }
        _ => return None,
    })
}

/// Whether a business writes numbers of its own at a place. Of a payment's objects these are the texts that Stripe's
/// published format leaves to it; the rest is the provider's: a card's last digits are nobody's booking.
pub fn may_number(document: &Document, place: &str) -> bool {
    const WRITTEN: [&str; 7] = [
        "/description",
        "/metadata/",
        "/statement_descriptor",
        "/client_reference_id",
        "/custom_fields/",
        "/lines/",
        "/transfer_group",
    ];
    document.kind != SourceKind::Stripe || WRITTEN.iter().any(|written| place.starts_with(written))
}

fn place_of(item: &Item, range: Option<std::ops::Range<usize>>) -> String {
    match range {
        Some(range) => format!("{}[{}..{}]", item.named(), range.start, range.end),
        None => item.named(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::parse;
    use crate::model::Currency;

    const RULES: &str = r#"
source = "mail"

[[rule]]
field = "ends_at"
object = "message"
place = "text"
slot = "moment"
left = "<moment> –"
part = "date"
support = 12
agree = 12
except = ["1800"]
"#;

    #[test]
    fn an_hour_that_is_wording_is_no_day_that_could_not_be_read() {
        let mapping = parse("mail.toml", RULES).expect("a mapping");
        let gazetteer = Gazetteer::new(&[]);
        let business = Business {
            name: "Fjordhytter".to_owned(),
            zone: chrono_tz::Europe::Oslo,
            country: "NO".to_owned(),
            currency: Currency::parse("nok").expect("a code"),
        };
        let reader = Reader::new(&mapping, &gazetteer, &business);
        let unread = |line: &str| {
            let letter = Document::message("m1").saying("text", line);
            reader.read(&letter).unread
        };
        assert!(unread("Resepsjonen er åpen 8:30–18:00").is_empty());
        assert_eq!(
            unread("Flyttet til 8:30–19:00"),
            [(SlotType::Moment, "19:00".to_owned())]
        );
    }
}
