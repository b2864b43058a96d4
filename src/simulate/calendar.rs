//! What the calendars hold: events in the shape of Google Calendar's `events.list`.

use super::business::{Business, CalendarSplit, EventShape};
use super::damage::{Damage, Harm};
use super::facts::Facts;
use super::life::{Booking, Life, Revision, local};
use super::random::{LOWER_BASE32, Random};
use super::truth::Ledger;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Bookings whose entries are written together.
const BATCH: usize = 256;

/// An entry as it stands in a page: its calendar, when it was made, its id, and what it says.
struct Written {
    calendar: String,
    made: DateTime<Utc>,
    id: String,
    json: String,
}

/// The files under `calendar/`, by path, and who each event belongs to.
pub fn write(
    business: &Business,
    life: &Life,
    damage: &Damage,
    seed: &Random,
) -> (BTreeMap<String, String>, Ledger) {
    let window = life.window;
    let desk = Desk {
        business,
        life,
        damage,
        kept_until: damage
            .last_share(Harm::CalendarStops, window.backup, window.loss)
            .unwrap_or(window.loss),
    };
    let mut calendars: BTreeMap<String, Vec<Written>> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for place in 0..life.resources.len() {
        let (id, name) = calendar_of(business, life, place);
        calendars.entry(id.clone()).or_default();
        names.insert(id, name);
    }
    // Each booking has a stream of chance of its own, so they can be written side by side and put together in order.
    let places: Vec<usize> = (0..life.bookings.len()).collect();
    let batches: Vec<(Vec<Written>, Ledger)> = places
        .par_chunks(BATCH)
        .map(|places| {
            let (mut events, mut ledger) = (Vec::new(), Ledger::default());
            for &place in places {
                events.extend(desk.events_of(place, seed, &mut ledger));
            }
            (events, ledger)
        })
        .collect();
    let mut ledger = Ledger::default();
    for (events, noted) in batches {
        ledger.absorb(noted);
        for event in events {
            calendars.entry(event.calendar.clone()).or_default().push(event);
        }
    }
    let mut random = seed.fork("workshop");
    let span = (life.window.loss - life.window.learn_from).num_seconds();
    for _ in 0..(life.bookings.len() as f64 * damage.rate(Harm::Unrelated) * 0.6) as usize {
        let resource = random.below(life.resources.len());
        let pattern = random.pick(&business.calendar.unrelated).clone();
        let title = pattern
            .replace("{code}", &life.resources[resource].code)
            .replace("{resource}", &life.resources[resource].name);
        let at = life.window.learn_from + Duration::seconds(random.between(60, span - 60));
        let day = local(business.zone, at).date() + Duration::days(random.between(1, 5));
        let starts_at = super::life::instant(
            business.zone,
            day.and_time(chrono::NaiveTime::MIN) + Duration::minutes(30 * random.between(16, 34)),
        );
        let (calendar, name) = calendar_of(business, life, resource);
        let sketch = Sketch {
            title,
            description: String::new(),
            location: String::new(),
            properties: Vec::new(),
            guest: None,
            starts_at,
            ends_at: starts_at + Duration::minutes(60 * random.between(1, 3)),
            all_day: None,
            created: at,
            updated: at,
            sequence: 0,
            cancelled: false,
        };
        let id = random.token(26, LOWER_BASE32);
        if at > desk.kept_until {
            continue;
        }
        ledger.enter(format!("calendar:{id}"), None, "unrelated");
        let event = event_object(business, &id, (&calendar, &name), &sketch);
        calendars.entry(calendar.clone()).or_default().push(Written {
            calendar,
            made: at,
            id,
            json: event.to_string(),
        });
    }
    let files = calendars
        .into_iter()
        .map(|(id, mut events)| {
            events.sort_by(|a, b| (a.made, &a.id).cmp(&(b.made, &b.id)));
            let items: Vec<&str> = events.iter().map(|event| event.json.as_str()).collect();
            // Written by hand, so that the entries need not be held twice; members in alphabetical order, as elsewhere.
            let page = format!(
                "{{\"accessRole\":\"reader\",\"defaultReminders\":[],\"description\":\"\",\"etag\":\"\\\"p33\\\"\",\"items\":[{}],\
                 \"kind\":\"calendar#events\",\"summary\":{},\"timeZone\":{},\"updated\":{}}}\n",
                items.join(","),
                json!(names.get(&id)),
                json!(business.zone.name()),
                json!(stamp(desk.kept_until)),
            );
            (format!("calendar/{id}.json"), page)
        })
        .collect();
    (files, ledger)
}

/// The id and name of the calendar that a resource's events stand in.
pub fn calendar_of(business: &Business, life: &Life, resource: usize) -> (String, String) {
    let words = &business.calendar;
    let resource = &life.resources[resource];
    let fill = |pattern: &str| {
        pattern
            .replace("{key}", &resource.key)
            .replace("{resource}", &resource.name)
    };
    match (words.split, resource.tenant) {
        (CalendarSplit::PerTenant, Some(tenant)) => {
            let tenant = &business.tenants[tenant];
            (tenant.calendar.clone(), tenant.name.clone())
        }
        _ => (
            format!("{}@{}", fill(&words.id), business.domain),
            fill(&words.summary),
        ),
    }
}

struct Sketch {
    title: String,
    description: String,
    location: String,
    properties: Vec<(String, String)>,
    guest: Option<(String, String)>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Whether the last day is covered.
    all_day: Option<bool>,
    created: DateTime<Utc>,
    updated: DateTime<Utc>,
    sequence: usize,
    cancelled: bool,
}

/// Who writes entries, of what, and what may happen to them.
struct Desk<'a> {
    business: &'a Business,
    life: &'a Life,
    damage: &'a Damage,
    /// What was written later is not in the export.
    kept_until: DateTime<Utc>,
}

impl Desk<'_> {
    fn events_of(&self, place: usize, seed: &Random, ledger: &mut Ledger) -> Vec<Written> {
        let Self {
            business,
            life,
            damage,
            kept_until,
        } = *self;
        let mut random = seed.fork_nth("calendar", place);
        let words = &business.calendar;
        let booking = &life.bookings[place];
        if random.chance(damage.rate(Harm::EventMissing)) {
            ledger.hurt(place, Harm::EventMissing);
            return Vec::new();
        }
        let mut shown = booking.revisions.iter().filter(|revision| revision.on_calendar);
        let latest = shown.next_back();
        let mut revision = latest;
        while revision.is_some_and(|revision| revision.at > kept_until) {
            ledger.hurt(place, Harm::CalendarStops);
            revision = shown.next_back();
        }
        let Some(revision) = revision else {
            return Vec::new();
        };
        let is_late = random.chance(damage.rate(Harm::EventLate));
        let delay = if is_late {
            random.between(86_400, 900_000)
        } else {
            random.between(60, 400)
        };
        let created = booking.created_at + Duration::seconds(delay);
        let updated =
            (revision.at + Duration::seconds(random.between(30, 600))).max(created + Duration::seconds(1));
        if is_late {
            ledger.hurt(place, Harm::EventLate);
        }
        if updated > kept_until || updated.max(revision.starts_at) < life.window.learn_from {
            if updated > kept_until && kept_until < life.window.loss {
                ledger.hurt(place, Harm::CalendarStops);
            }
            return Vec::new();
        }
        let informal = random.chance(damage.rate(Harm::EventInformal));
        if informal {
            ledger.hurt(place, Harm::EventInformal);
        }
        let facts = Facts {
            business,
            life,
            booking,
            revision,
            before: None,
            at: updated,
            dates: &words.dates,
            money: &business.mail.money,
            paid: 0,
        };
        let titles: Vec<(String, bool)> = if informal {
            vec![(random.pick(&words.informal).clone(), false)]
        } else if words.shape == EventShape::OutAndReturn {
            vec![(words.title.clone(), false), (words.return_title.clone(), true)]
        } else {
            vec![(words.title.clone(), false)]
        };
        let names_booking = !informal
            && business.has_reference()
            && (words.title.contains("{reference}")
                || words.description.contains("{reference}")
                || words
                    .properties
                    .iter()
                    .any(|(_, value)| value.contains("{reference}")));
        let (calendar, name) = calendar_of(business, life, revision.resource);
        let mut events = Vec::new();
        for (title, is_return) in titles {
            let mut sketch = sketch_event(&facts, &title, is_return, informal, &mut random);
            sketch.created = created;
            sketch.updated = updated;
            sketch.sequence = booking
                .revisions
                .iter()
                .filter(|revision| revision.on_calendar && revision.at <= kept_until)
                .count()
                - 1;
            let mut slips = seed.fork_nth("slips", place);
            if !is_return && slips.chance(damage.rate(Harm::EventMistyped)) {
                sketch.mistype(&mut slips);
                ledger.hurt(place, Harm::EventMistyped);
            }
            if sketch.all_day.is_some() {
                ledger.tell(Some(place), "allday");
            }
            let copies = if random.chance(damage.rate(Harm::EventDoubled)) {
                2
            } else {
                1
            };
            if copies > 1 {
                ledger.hurt(place, Harm::EventDoubled);
            }
            for copy in 0..copies {
                let id = random.token(26, LOWER_BASE32);
                let role = if copy == 0 { "event" } else { "event, twice" };
                ledger.enter(format!("calendar:{id}"), Some(place), role);
                if copy > 0 && random.chance(0.5) {
                    sketch.cancelled = true;
                }
                let event = event_object(business, &id, (&calendar, &name), &sketch);
                events.push(Written {
                    calendar: calendar.clone(),
                    made: created,
                    id,
                    json: event.to_string(),
                });
            }
        }
        ledger.tell(
            Some(place),
            if names_booking { "calendar+ref" } else { "calendar" },
        );
        events
    }
}

impl Sketch {
    /// A slip of whoever typed it: another day or hour, a wrong digit, two letters the wrong way round.
    fn mistype(&mut self, random: &mut Random) {
        let slip = random.below(4);
        let by = match slip {
            0 => Duration::days(if random.chance(0.5) { 1 } else { -1 }),
            1 if self.all_day.is_none() => Duration::hours(if random.chance(0.5) { 1 } else { -1 }),
            _ => Duration::zero(),
        };
        self.starts_at += by;
        self.ends_at += by;
        if !by.is_zero() {
            return;
        }
        let mut letters: Vec<char> = self.title.chars().collect();
        let digits: Vec<usize> = (0..letters.len())
            .filter(|&n| letters[n].is_ascii_digit())
            .collect();
        let pairs: Vec<usize> = (1..letters.len())
            .filter(|&n| letters[n - 1] != letters[n] && letters[n - 1..=n].iter().all(|c| c.is_alphabetic()))
            .collect();
        if slip == 2 && !digits.is_empty() {
            let place = *random.pick(&digits);
            let digit = letters[place].to_digit(10).unwrap_or_default();
            let other = (digit + 1 + random.below(9) as u32) % 10;
            letters[place] = char::from_digit(other, 10).unwrap_or_default();
        } else if !pairs.is_empty() {
            let place = *random.pick(&pairs);
            letters.swap(place - 1, place);
        }
        self.title = letters.into_iter().collect();
    }
}

fn sketch_event(facts: &Facts, title: &str, is_return: bool, informal: bool, random: &mut Random) -> Sketch {
    let business = facts.business;
    let words = &business.calendar;
    let revision: &Revision = facts.revision;
    let booking: &Booking = facts.booking;
    let mut title = facts.write(title);
    let mut cancelled = false;
    if revision.cancelled {
        match &words.cancelled_prefix {
            Some(prefix) => title = format!("{prefix}{title}"),
            None => cancelled = true,
        }
    }
    let (starts_at, ends_at) = match (words.shape, is_return) {
        (EventShape::OutAndReturn, _) if informal => (revision.starts_at, revision.ends_at),
        (EventShape::OutAndReturn, false) => (revision.starts_at, revision.starts_at + Duration::minutes(30)),
        (EventShape::OutAndReturn, true) => (revision.ends_at, revision.ends_at + Duration::minutes(30)),
        _ => (revision.starts_at, revision.ends_at),
    };
    let customer = &facts.life.customers[booking.customer];
    Sketch {
        title,
        description: match informal {
            true if random.chance(0.5) => facts.write(&words.informal_description),
            true => String::new(),
            false => facts.write(&words.description),
        },
        location: if informal {
            String::new()
        } else {
            facts.write(&words.location)
        },
        properties: if informal {
            Vec::new()
        } else {
            words
                .properties
                .iter()
                .map(|(key, value)| (key.clone(), facts.write(value)))
                .collect()
        },
        guest: (words.invites && !informal).then(|| {
            (
                customer.email_at(facts.at).to_owned(),
                customer.name.written.clone(),
            )
        }),
        starts_at,
        ends_at,
        all_day: match words.shape {
            EventShape::AllDay { covers_last_day } => Some(covers_last_day),
            _ => None,
        },
        created: facts.at,
        updated: facts.at,
        sequence: 0,
        cancelled,
    }
}

fn event_object(business: &Business, id: &str, (calendar, name): (&str, &str), sketch: &Sketch) -> Value {
    let zone = business.zone;
    let edge = |at: DateTime<Utc>, extra_days: i64| match sketch.all_day {
        Some(_) => {
            json!({"date": (local(zone, at).date() + Duration::days(extra_days)).to_string()})
        }
        None => json!({
            "dateTime": at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false),
            "timeZone": zone.name(),
        }),
    };
    let last = i64::from(sketch.all_day.unwrap_or(false));
    let mut event = json!({
        "kind": "calendar#event", "etag": format!("\"{}\"", sketch.updated.timestamp_millis()), "id": id,
        "status": if sketch.cancelled { "cancelled" } else { "confirmed" },
        "htmlLink": format!("https://www.google.com/calendar/event?eid={id}"),
        "created": stamp(sketch.created), "updated": stamp(sketch.updated), "summary": sketch.title,
        "creator": {"email": format!("office@{}", business.domain)},
        "organizer": {"email": calendar, "displayName": name, "self": true},
        "start": edge(sketch.starts_at, 0), "end": edge(sketch.ends_at, last),
        "iCalUID": format!("{id}@google.com"), "sequence": sketch.sequence,
        "reminders": {"useDefault": true}, "eventType": "default",
    });
    if !sketch.description.is_empty() {
        event["description"] = sketch.description.clone().into();
    }
    if !sketch.location.is_empty() {
        event["location"] = sketch.location.clone().into();
    }
    if let Some((email, name)) = &sketch.guest {
        event["attendees"] = json!([{"email": email, "displayName": name, "responseStatus": "needsAction"}]);
    }
    if !sketch.properties.is_empty() {
        let private: serde_json::Map<String, Value> = sketch
            .properties
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect();
        event["extendedProperties"] = json!({"private": private});
    }
    event
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
