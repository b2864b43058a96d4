//! The facts that a text can name, each said in the business's own way.

use super::business::{Business, DateWords, Stay};
use super::life::{Booking, Life, Revision, local};
use super::speech::{MoneyStyle, fill, say_moment};
use chrono::{DateTime, Duration, Utc};

/// What is known when a text about one booking is written.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub business: &'a Business,
    pub life: &'a Life,
    pub booking: &'a Booking,
    pub revision: &'a Revision,
    /// The revision before, where the text is about a change.
    pub before: Option<&'a Revision>,
    pub at: DateTime<Utc>,
    pub dates: &'a DateWords,
    pub money: &'a MoneyStyle,
    pub paid: i64,
}

impl Facts<'_> {
    pub fn write(&self, pattern: &str) -> String {
        fill(pattern, |part| self.say(part))
    }

    fn say(&self, part: &str) -> String {
        let customer = &self.life.customers[self.booking.customer];
        let resource = &self.life.resources[self.revision.resource];
        let business = self.business;
        match part {
            "reference" => self.booking.reference.clone().unwrap_or_default(),
            "id" => self.booking.key.clone(),
            "number" => self.booking.number.to_string(),
            "name" => customer.name.written.clone(),
            "given" => customer.name.given.written.clone(),
            "family" => customer.name.family.written.clone(),
            "FAMILY" => customer.name.family.written.to_uppercase(),
            "latin" => format!("{} {}", customer.name.given.latin, customer.name.family.latin),
            "initial" => customer.name.given.written.chars().take(1).collect(),
            "email" => customer.email_at(self.at).to_owned(),
            "phone" => customer.phone.clone(),
            "resource" => resource.name.clone(),
            "class" => resource.class.clone(),
            "code" => resource.code.clone(),
            "seats" => self.booking.seats.to_string(),
            "start" | "date" | "start_time" => self.say_time(self.revision.starts_at, part),
            "end" | "end_date" | "end_time" => self.say_time(self.revision.ends_at, part),
            "last_night" => self.say_time(self.revision.ends_at - Duration::days(1), "date"),
            "old_start" => self
                .before
                .map_or(String::new(), |old| self.say_time(old.starts_at, "start")),
            "old_end" => self
                .before
                .map_or(String::new(), |old| self.say_time(old.ends_at, "end")),
            "length" => self.length().to_string(),
            "total" => self.money.say(self.revision.total, business.currency),
            "paid" => self.money.say(self.paid, business.currency),
            "due" => self
                .money
                .say((self.revision.total - self.paid).max(0), business.currency),
            "business" => business.trading_name(self.booking.tenant).to_owned(),
            "sender" => business.sender(self.booking.tenant).to_owned(),
            "address" => business.address.clone(),
            "house_phone" => business.phone.clone(),
            "iso_date" => local(business.zone, self.revision.starts_at)
                .format("%Y-%m-%d")
                .to_string(),
            "iso_start" => local(business.zone, self.revision.starts_at)
                .format("%Y-%m-%dT%H:%M")
                .to_string(),
            "iso_end" => local(business.zone, self.revision.ends_at)
                .format("%Y-%m-%dT%H:%M")
                .to_string(),
            "key" => resource.key.clone(),
            _ => String::new(),
        }
    }

    fn say_time(&self, at: DateTime<Utc>, part: &str) -> String {
        let pattern = match part {
            "date" | "end_date" => &self.dates.date,
            "start_time" | "end_time" => &self.dates.time,
            _ if self.business.knows_only_dates() => &self.dates.date,
            _ => &self.dates.moment,
        };
        say_moment(pattern, local(self.business.zone, at), self.business.language)
    }

    /// In the unit that the price is for: nights, hours, minutes of an appointment.
    fn length(&self) -> i64 {
        let zone = self.business.zone;
        let minutes =
            (local(zone, self.revision.ends_at) - local(zone, self.revision.starts_at)).num_minutes();
        match self.business.trade.stay {
            Stay::Nights { .. } => minutes / 1440,
            _ if self.business.trade.rate_minutes < 60 => minutes,
            _ => minutes / self.business.trade.rate_minutes.max(1),
        }
    }
}
