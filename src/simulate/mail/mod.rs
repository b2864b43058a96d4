//! What the mailbox holds: the letters the business sent, what came back, and what has nothing to do with it.
//!
//! `layout` writes the words, `compose` the message around them.

mod compose;
mod layout;
mod structured;

use super::business::{Business, Message};
use super::damage::Damage;
use super::facts::Facts;
use super::life::{Booking, Life, Revision, instant, local};
use super::random::{LOWER_HEX, Random};
use super::speech::{fill, say_moment};
use super::truth::Ledger;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use compose::{Letter, Spoilt};

/// The mailbox as one mbox file, and who each message belongs to.
pub fn write(
    business: &Business,
    life: &Life,
    damage: &Damage,
    seed: &Random,
    ledger: &mut Ledger,
) -> Vec<u8> {
    let mut mailbox = Mailbox {
        business,
        letters: Vec::new(),
    };
    for place in 0..life.bookings.len() {
        let mut random = seed.fork_nth("mail", place);
        for (message, at, revision) in occasions(business, life, &life.bookings[place], &mut random) {
            if random.chance(damage.mail_lost) {
                continue;
            }
            let letter = write_letter(business, life, place, message, at, revision, &mut random);
            mailbox.send(letter, place, message, life, damage, &mut random, ledger);
        }
        if random.chance(damage.mail_forged) {
            mailbox.forge(life, place, &mut random, ledger);
        }
    }
    mailbox.add_unrelated(life, damage, &mut seed.fork("newsletters"), ledger);
    mailbox.letters.sort_by_key(|letter| letter.0);
    mailbox.letters.into_iter().flat_map(|(_, bytes)| bytes).collect()
}

/// When the business writes to a customer about a booking, and what it then knows.
fn occasions<'a>(
    business: &Business,
    life: &Life,
    booking: &'a Booking,
    random: &mut Random,
) -> Vec<(Message, DateTime<Utc>, &'a Revision)> {
    let mut occasions = Vec::new();
    for (n, revision) in booking
        .revisions
        .iter()
        .enumerate()
        .filter(|(_, revision)| revision.notified)
    {
        let message = match n {
            0 => Message::Confirmation,
            _ if revision.cancelled => Message::Cancellation,
            _ => Message::Modification,
        };
        occasions.push((
            message,
            revision.at + Duration::seconds(random.between(20, 150)),
            revision,
        ));
    }
    if business.mail.reminds && random.chance(0.3) {
        let starts = local(business.zone, booking.last().starts_at);
        let eve = (starts.date() - Duration::days(1)).and_time(NaiveTime::MIN) + Duration::hours(9);
        let at = instant(business.zone, eve);
        if let Some(revision) = booking
            .at(at)
            .filter(|r| !r.cancelled && r.starts_at == booking.last().starts_at)
        {
            occasions.push((Message::Reminder, at, revision));
        }
    }
    occasions.retain(|(_, at, _)| (life.window.learn_from..=life.window.loss).contains(at));
    occasions
}

fn facts_of<'a>(
    business: &'a Business,
    life: &'a Life,
    booking: &'a Booking,
    revision: &'a Revision,
    at: DateTime<Utc>,
    paid: i64,
) -> Facts<'a> {
    let before = booking.revisions.iter().rev().find(|old| old.at < revision.at);
    let words = &business.mail;
    Facts {
        business,
        life,
        booking,
        revision,
        before,
        at,
        dates: &words.dates,
        money: &words.money,
        paid,
    }
}

fn write_letter(
    business: &Business,
    life: &Life,
    place: usize,
    message: Message,
    at: DateTime<Utc>,
    revision: &Revision,
    random: &mut Random,
) -> Letter {
    let booking = &life.bookings[place];
    let paid = life.paid_by(place, at);
    let facts = facts_of(business, life, booking, revision, at, paid);
    let customer = &life.customers[booking.customer];
    let words = &business.mail;
    let (text, html) = layout::write(&facts, message, random);
    let sender_name = if business.tenants.is_empty() {
        &words.sender_name
    } else {
        business.trading_name(booking.tenant)
    };
    Letter {
        id: format!(
            "{}.{}@{}",
            random.token(24, LOWER_HEX),
            at.timestamp(),
            business.domain
        ),
        at,
        from: (sender_name.to_owned(), business.sender(booking.tenant).to_owned()),
        to: (customer.name.written.clone(), customer.email_at(at).to_owned()),
        subject: facts.write(&words.subjects[message as usize]),
        answers: None,
        authentic: true,
        text,
        html,
        calendar: structured::calendar_part(&facts, message),
        encoding: *random.weighted(&words.encodings),
        spoilt: Spoilt::No,
    }
}

struct Mailbox<'a> {
    business: &'a Business,
    letters: Vec<(DateTime<Utc>, Vec<u8>)>,
}

impl Mailbox<'_> {
    fn put(&mut self, letter: &Letter, random: &mut Random) {
        let bytes = compose::mbox_entry(letter, self.business, random);
        self.letters.push((letter.at, bytes));
    }

    /// Sends a letter, with all that may happen to it.
    #[allow(clippy::too_many_arguments)] // the whole state of the mailbox's world, used only here
    fn send(
        &mut self,
        mut letter: Letter,
        place: usize,
        message: Message,
        life: &Life,
        damage: &Damage,
        random: &mut Random,
        ledger: &mut Ledger,
    ) {
        let business = self.business;
        if random.chance(damage.mail_cut) {
            letter.spoilt = Spoilt::Cut;
        } else if random.chance(damage.mail_garbled) {
            letter.spoilt = Spoilt::Garbled;
        }
        self.put(&letter, random);
        ledger.enter(format!("mail:{}", letter.id), Some(place), message.role());
        ledger.tell(Some(place), "mail");
        if random.chance(damage.mail_doubled) {
            let copy = self.letters[self.letters.len() - 1].clone();
            self.letters.push(copy);
        }
        letter.spoilt = Spoilt::No;
        if random.chance(damage.mail_resent) {
            let at = letter.at + Duration::seconds(random.between(30, 300));
            let again = Letter {
                id: format!(
                    "{}.{}@{}",
                    random.token(24, LOWER_HEX),
                    at.timestamp(),
                    business.domain
                ),
                at,
                ..letter.clone()
            };
            if at <= life.window.loss {
                self.put(&again, random);
                ledger.enter(format!("mail:{}", again.id), Some(place), message.role());
            }
        }
        if random.chance(damage.mail_replied) {
            let at = letter.at + Duration::seconds(random.between(600, 500_000));
            let remark = random.pick(&business.mail.replies).clone();
            let reply = self.answer(&letter, at, &remark, random);
            if at <= life.window.loss {
                self.put(&reply, random);
                ledger.enter(format!("mail:{}", reply.id), Some(place), "customer reply");
            }
        }
        if random.chance(damage.mail_forwarded) {
            let at = letter.at + Duration::seconds(random.between(600, 200_000));
            let forward = self.forward(&letter, at, random);
            if at <= life.window.loss {
                self.put(&forward, random);
                ledger.enter(format!("mail:{}", forward.id), Some(place), "forward");
            }
        }
    }

    fn answer(&self, letter: &Letter, at: DateTime<Utc>, remark: &str, random: &mut Random) -> Letter {
        let mut quoted = String::new();
        for line in letter.readable().lines() {
            quoted.extend(["> ", line, "\n"]);
        }
        let words = &self.business.mail;
        let sent = say_moment(
            &words.dates.date,
            local(self.business.zone, letter.at),
            self.business.language,
        );
        let intro = fill(&words.quotes, |part| match part {
            "sent" => sent.clone(),
            "business" => letter.from.0.clone(),
            "sender" => letter.from.1.clone(),
            _ => String::new(),
        });
        let host = letter.to.1.split('@').next_back().unwrap_or_default();
        Letter {
            id: format!("{}.{}@{host}", random.token(24, LOWER_HEX), at.timestamp()),
            at,
            from: letter.to.clone(),
            to: letter.from.clone(),
            subject: format!("Re: {}", letter.subject),
            answers: Some(letter.id.clone()),
            text: Some(format!("{remark}\n\n{intro}\n{quoted}")),
            html: None,
            calendar: None,
            spoilt: Spoilt::No,
            ..letter.clone()
        }
    }

    /// The office passes a letter on to itself.
    fn forward(&self, letter: &Letter, at: DateTime<Utc>, random: &mut Random) -> Letter {
        let office = (
            self.business.name.clone(),
            format!("office@{}", self.business.domain),
        );
        let text = format!(
            "{}\nFrom: {} <{}>\nTo: {}\nSubject: {}\n\n{}",
            self.business.mail.forwards,
            letter.from.0,
            letter.from.1,
            letter.to.1,
            letter.subject,
            letter.readable()
        );
        Letter {
            id: format!(
                "{}.{}@{}",
                random.token(24, LOWER_HEX),
                at.timestamp(),
                self.business.domain
            ),
            at,
            from: office.clone(),
            to: office,
            subject: format!("Fwd: {}", letter.subject),
            text: Some(text),
            html: None,
            calendar: None,
            ..letter.clone()
        }
    }

    /// A letter that pretends: the same words, other times, failed authentication.
    fn forge(&mut self, life: &Life, place: usize, random: &mut Random, ledger: &mut Ledger) {
        let business = self.business;
        let mut booking = life.bookings[place].clone();
        let span = (life.window.loss - booking.created_at).num_seconds() - 120;
        let at = booking.created_at + Duration::seconds(random.between(60, span.max(61)));
        if at < life.window.learn_from || at > life.window.loss {
            return;
        }
        if random.chance(0.5)
            && let Some(reference) = &mut booking.reference
        {
            *reference = reference
                .chars()
                .map(|c| if c.is_ascii_digit() { '9' } else { c })
                .collect();
        }
        let (starts_at, ends_at) = super::stays::draw_stay(business, at, random);
        let revision = Revision {
            at,
            starts_at,
            ends_at,
            cancelled: false,
            ..booking.last().clone()
        };
        booking.revisions = vec![revision.clone()];
        let facts = facts_of(business, life, &booking, &revision, at, 0);
        let (text, html) = layout::write(&facts, Message::Confirmation, random);
        let customer = &life.customers[booking.customer];
        let letter = Letter {
            id: format!(
                "{}.{}@{}",
                random.token(24, LOWER_HEX),
                at.timestamp(),
                business.domain
            ),
            at,
            from: (
                business.trading_name(booking.tenant).to_owned(),
                business.sender(booking.tenant).to_owned(),
            ),
            to: (customer.name.written.clone(), customer.email_at(at).to_owned()),
            subject: facts.write(&business.mail.subjects[Message::Confirmation as usize]),
            answers: None,
            authentic: false,
            text,
            html,
            calendar: None,
            encoding: *random.weighted(&business.mail.encodings),
            spoilt: Spoilt::No,
        };
        self.put(&letter, random);
        ledger.enter(format!("mail:{}", letter.id), None, "forged");
    }

    fn add_unrelated(&mut self, life: &Life, damage: &Damage, random: &mut Random, ledger: &mut Ledger) {
        let business = self.business;
        let span = (life.window.loss - life.window.learn_from).num_seconds();
        for _ in 0..(life.bookings.len() as f64 * damage.unrelated) as usize {
            let at = life.window.learn_from + Duration::seconds(random.between(60, span - 60));
            let (subject, text) = random.pick(&business.mail.unrelated).clone();
            let own = random.chance(0.4);
            let host = if own {
                business.domain.clone()
            } else {
                format!("supplier{}.example", random.between(1, 9))
            };
            let amount = business
                .mail
                .money
                .say(random.between(1000, 90_000), business.currency);
            let letter = Letter {
                id: format!("{}.{}@{host}", random.token(24, LOWER_HEX), at.timestamp()),
                at,
                from: (
                    if own { business.name.clone() } else { host.clone() },
                    format!("news@{host}"),
                ),
                to: (business.name.clone(), format!("office@{}", business.domain)),
                subject,
                answers: None,
                authentic: true,
                text: Some(text.replace("{amount}", &amount)),
                html: None,
                calendar: None,
                encoding: *random.weighted(&business.mail.encodings),
                spoilt: Spoilt::No,
            };
            self.put(&letter, random);
            ledger.enter(format!("mail:{}", letter.id), None, "unrelated");
        }
    }
}
