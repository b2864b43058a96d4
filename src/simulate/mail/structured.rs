//! The parts of a letter that are meant for machines: schema.org JSON-LD and microdata, and iCalendar parts.

use super::layout::escape;
use crate::simulate::business::{Message, Structured};
use crate::simulate::facts::Facts;
use crate::simulate::life::local;
use crate::simulate::speech::plain_amount;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// What stands in the head, and before the end of the body.
pub fn html_parts(facts: &Facts, message: Message) -> (String, String) {
    match facts.business.mail.structured {
        Structured::JsonLd(kind) => {
            let script = reservation(facts, message, kind)
                .to_string()
                .replace("</", "<\\/");
            (
                format!("<script type=\"application/ld+json\">{script}</script>"),
                String::new(),
            )
        }
        Structured::Microdata(kind) => (String::new(), microdata(&reservation(facts, message, kind))),
        _ => (String::new(), String::new()),
    }
}

fn reservation(facts: &Facts, message: Message, kind: &str) -> Value {
    let business = facts.business;
    let customer = &facts.life.customers[facts.booking.customer];
    let resource = &facts.life.resources[facts.revision.resource];
    let time = |at: DateTime<Utc>| {
        if business.knows_only_dates() {
            local(business.zone, at).date().to_string()
        } else {
            at.with_timezone(&business.zone)
                .to_rfc3339_opts(SecondsFormat::Secs, false)
        }
    };
    let (starts, ends) = (time(facts.revision.starts_at), time(facts.revision.ends_at));
    let status = if message == Message::Cancellation {
        "ReservationCancelled"
    } else {
        "ReservationConfirmed"
    };
    let provider = json!({"@type": "Organization", "name": business.trading_name(facts.booking.tenant)});
    let mut reservation = json!({
        "@context": "http://schema.org", "@type": kind,
        "reservationStatus": format!("http://schema.org/{status}"),
        "underName": {"@type": "Person", "name": customer.name.written, "email": customer.email_at(facts.at)},
        "totalPrice": plain_amount(facts.revision.total, business.currency.decimals),
        "priceCurrency": business.currency.code.to_uppercase(),
    });
    if let Some(reference) = &facts.booking.reference {
        reservation["reservationNumber"] = reference.clone().into();
    }
    match kind {
        "RentalCarReservation" => {
            reservation["reservationFor"] = json!({"@type": "RentalCar", "name": resource.name, "model": resource.class, "rentalCompany": provider});
            reservation["pickupTime"] = starts.into();
            reservation["dropoffTime"] = ends.into();
        }
        "LodgingReservation" => {
            reservation["reservationFor"] = json!({"@type": "LodgingBusiness", "name": resource.name});
            reservation["checkinTime"] = starts.into();
            reservation["checkoutTime"] = ends.into();
        }
        _ => {
            reservation["reservationFor"] =
                json!({"@type": "Event", "name": resource.name, "startDate": starts, "endDate": ends});
        }
    }
    reservation
}

/// The same statements as microdata.
fn microdata(item: &Value) -> String {
    let kind = item["@type"].as_str().unwrap_or("Thing");
    let mut html = format!("<div itemscope itemtype=\"http://schema.org/{kind}\">");
    for (property, value) in item
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !key.starts_with('@'))
    {
        match value {
            Value::Object(_) => {
                let nested = microdata(value);
                html.push_str(&nested.replacen("<div ", &format!("<div itemprop=\"{property}\" "), 1));
            }
            Value::String(text) if text.starts_with("http") => {
                html.extend(["<link itemprop=\"", property, "\" href=\"", text, "\"/>"]);
            }
            Value::String(text) => {
                html.extend([
                    "<meta itemprop=\"",
                    property,
                    "\" content=\"",
                    &escape(text),
                    "\"/>",
                ]);
            }
            _ => {}
        }
    }
    html + "</div>"
}

/// The calendar part of a letter, where the business sends one.
pub fn calendar_part(facts: &Facts, message: Message) -> Option<String> {
    let business = facts.business;
    if business.mail.structured != Structured::Calendar || message == Message::Reminder {
        return None;
    }
    let customer = &facts.life.customers[facts.booking.customer];
    let resource = &facts.life.resources[facts.revision.resource];
    let (method, status) = match message {
        Message::Cancellation => ("CANCEL", "CANCELLED"),
        _ => ("REQUEST", "CONFIRMED"),
    };
    let utc = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let sequence = facts
        .booking
        .revisions
        .iter()
        .position(|r| r == facts.revision)
        .unwrap_or(0);
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//{}//Booking//EN", business.domain),
        format!("METHOD:{method}"),
        "BEGIN:VEVENT".to_owned(),
        format!(
            "UID:{}-{}@{}",
            facts.booking.number,
            facts.booking.created_at.timestamp(),
            business.domain
        ),
        format!("DTSTAMP:{}", utc(facts.at)),
    ];
    if business.knows_only_dates() {
        let date = |at| local(business.zone, at).format("%Y%m%d").to_string();
        lines.push(format!("DTSTART;VALUE=DATE:{}", date(facts.revision.starts_at)));
        lines.push(format!("DTEND;VALUE=DATE:{}", date(facts.revision.ends_at)));
    } else {
        lines.push(format!("DTSTART:{}", utc(facts.revision.starts_at)));
        lines.push(format!("DTEND:{}", utc(facts.revision.ends_at)));
    }
    lines.extend([
        format!(
            "SUMMARY:{}",
            ics_text(&format!(
                "{} – {}",
                business.trading_name(facts.booking.tenant),
                resource.name
            ))
        ),
        format!("LOCATION:{}", ics_text(&business.address)),
        format!("ORGANIZER:mailto:{}", business.sender(facts.booking.tenant)),
        format!(
            "ATTENDEE;CN=\"{}\":mailto:{}",
            customer.name.written,
            customer.email_at(facts.at)
        ),
        format!("STATUS:{status}"),
        format!("SEQUENCE:{sequence}"),
    ]);
    if let Some(reference) = &facts.booking.reference {
        lines.push(format!("DESCRIPTION:{}", ics_text(reference)));
    }
    lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
    Some(lines.iter().map(|line| fold_line(line) + "\r\n").collect())
}

fn ics_text(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// Folds a content line at 75 octets, as RFC 5545 has it.
fn fold_line(line: &str) -> String {
    let mut folded = String::new();
    let mut width = 0;
    for c in line.chars() {
        if width + c.len_utf8() > 75 {
            folded.push_str("\r\n ");
            width = 1;
        }
        folded.push(c);
        width += c.len_utf8();
    }
    folded
}
