//! What the calendars hold: events in the shape of Google Calendar's `events.list`.

use super::business::{Business, CalendarSplit, EventShape};
use super::damage::Damage;
use super::facts::Facts;
use super::life::{Booking, Life, Revision, local};
use super::random::{LOWER_BASE32, Random};
use super::truth::Ledger;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The files under `calendar/`, by path, and who each event belongs to.
pub fn write(
    business: &Business,
    life: &Life,
    damage: &Damage,
    seed: &Random,
    ledger: &mut Ledger,
) -> BTreeMap<String, String> {
    let mut calendars: BTreeMap<String, Vec<(DateTime<Utc>, Value)>> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for place in 0..life.resources.len() {
        let (id, name) = calendar_of(business, life, place);
        calendars.entry(id.clone()).or_default();
        names.insert(id, name);
    }
    for place in 0..life.bookings.len() {
        let mut random = seed.fork_nth("calendar", place);
        for (calendar, at, event) in events_of(business, life, place, damage, &mut random, ledger) {
            calendars.entry(calendar).or_default().push((at, event));
        }
    }
    let mut random = seed.fork("workshop");
    let span = (life.window.loss - life.window.learn_from).num_seconds();
    for _ in 0..(life.bookings.len() as f64 * damage.unrelated * 0.6) as usize {
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
        ledger.enter(format!("calendar:{id}"), None, "unrelated");
        let event = event_object(business, &id, (&calendar, &name), &sketch);
        calendars.entry(calendar).or_default().push((at, event));
    }
    calendars
        .into_iter()
        .map(|(id, mut events)| {
            events.sort_by(|a, b| (a.0, a.1["id"].as_str()).cmp(&(b.0, b.1["id"].as_str())));
            let items: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
            let page = json!({
                "kind": "calendar#events", "etag": "\"p33\"", "summary": names.get(&id), "description": "",
                "updated": stamp(life.window.loss), "timeZone": business.zone.name(), "accessRole": "reader",
                "defaultReminders": [], "items": items,
            });
            (format!("calendar/{id}.json"), page.to_string() + "\n")
        })
        .collect()
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

fn events_of(
    business: &Business,
    life: &Life,
    place: usize,
    damage: &Damage,
    random: &mut Random,
    ledger: &mut Ledger,
) -> Vec<(String, DateTime<Utc>, Value)> {
    let words = &business.calendar;
    let booking = &life.bookings[place];
    if random.chance(damage.event_missing) {
        return Vec::new();
    }
    let mut shown = booking.revisions.iter().filter(|revision| revision.on_calendar);
    let Some(revision) = shown.next_back() else {
        return Vec::new();
    };
    let delay = if random.chance(damage.event_late) {
        random.between(86_400, 900_000)
    } else {
        random.between(60, 400)
    };
    let created = booking.created_at + Duration::seconds(delay);
    let updated =
        (revision.at + Duration::seconds(random.between(30, 600))).max(created + Duration::seconds(1));
    if updated > life.window.loss || updated.max(revision.starts_at) < life.window.learn_from {
        return Vec::new();
    }
    let informal = random.chance(damage.event_informal);
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
        let mut sketch = sketch_event(&facts, &title, is_return, informal, random);
        sketch.created = created;
        sketch.updated = updated;
        sketch.sequence = booking
            .revisions
            .iter()
            .filter(|revision| revision.on_calendar)
            .count()
            - 1;
        if sketch.all_day.is_some() {
            ledger.tell(Some(place), "allday");
        }
        let copies = if random.chance(damage.event_doubled) { 2 } else { 1 };
        for copy in 0..copies {
            let id = random.token(26, LOWER_BASE32);
            let role = if copy == 0 { "event" } else { "event, twice" };
            ledger.enter(format!("calendar:{id}"), Some(place), role);
            if copy > 0 && random.chance(0.5) {
                sketch.cancelled = true;
            }
            events.push((
                calendar.clone(),
                created,
                event_object(business, &id, (&calendar, &name), &sketch),
            ));
        }
    }
    ledger.tell(
        Some(place),
        if names_booking { "calendar+ref" } else { "calendar" },
    );
    events
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
