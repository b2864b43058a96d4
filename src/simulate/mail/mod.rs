//! What the mailbox holds: the letters the business sent, what came back, and what has nothing to do with it.
//!
//! `layout` writes the words, `compose` the message around them.

mod compose;
mod layout;
mod structured;

use super::business::{Business, Message};
use super::damage::{Damage, Harm};
use super::facts::Facts;
use super::life::{Booking, Life, Revision, instant, local};
use super::random::{LOWER_HEX, Random};
use super::speech::{fill, say_moment};
use super::truth::Ledger;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use compose::{Letter, Spoilt};
use rayon::prelude::*;

/// Bookings whose letters are written together.
const BATCH: usize = 256;

/// The mailbox as one mbox file, and who each message belongs to. `redesigned` is the business as it writes from a moment
/// on.
pub fn write(
    business: &Business,
    redesigned: Option<&(DateTime<Utc>, Business)>,
    life: &Life,
    damage: &Damage,
    seed: &Random,
) -> (Vec<u8>, Ledger) {
    let window = life.window;
    let office = Office {
        business,
        redesigned,
        life,
        damage,
        kept_until: damage
            .last_share(Harm::MailStops, window.backup, window.loss)
            .unwrap_or(window.loss),
    };
    // Each booking has a stream of chance of its own, so they can be written side by side and put together in order.
    let places: Vec<usize> = (0..life.bookings.len()).collect();
    let mut mailboxes: Vec<Mailbox> = places
        .par_chunks(BATCH)
        .map(|places| {
            let mut mailbox = Mailbox::of(&office);
            for &place in places {
                mailbox.write_about(place, &mut seed.fork_nth("mail", place));
            }
            mailbox
        })
        .collect();
    let mut rest = Mailbox::of(&office);
    rest.add_unrelated(&mut seed.fork("newsletters"));
    mailboxes.push(rest);
    let mut ledger = Ledger::default();
    let mut letters = Vec::new();
    for mailbox in mailboxes {
        ledger.absorb(mailbox.ledger);
        letters.extend(mailbox.letters);
    }
    letters.sort_by_key(|letter| letter.0);
    let mut mbox = Vec::with_capacity(letters.iter().map(|(_, bytes)| bytes.len()).sum());
    for (_, bytes) in letters {
        mbox.extend_from_slice(&bytes);
    }
    (mbox, ledger)
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

/// Who writes, of what, and what may happen to it.
struct Office<'a> {
    business: &'a Business,
    redesigned: Option<&'a (DateTime<Utc>, Business)>,
    life: &'a Life,
    damage: &'a Damage,
    /// What was sent later is not in the mailbox.
    kept_until: DateTime<Utc>,
}

impl Office<'_> {
    fn is_redesigned(&self, at: DateTime<Utc>) -> bool {
        self.redesigned.is_some_and(|(from, _)| *from <= at)
    }

    /// The business in the words that it uses at a moment.
    fn business_at(&self, at: DateTime<Utc>) -> &Business {
        match self.redesigned {
            Some((from, business)) if *from <= at => business,
            _ => self.business,
        }
    }
}

struct Mailbox<'a> {
    office: &'a Office<'a>,
    letters: Vec<(DateTime<Utc>, Vec<u8>)>,
    ledger: Ledger,
}

impl<'a> Mailbox<'a> {
    fn of(office: &'a Office<'a>) -> Self {
        Self {
            office,
            letters: Vec::new(),
            ledger: Ledger::default(),
        }
    }

    /// All letters about one booking.
    fn write_about(&mut self, place: usize, random: &mut Random) {
        let Office {
            business,
            life,
            damage,
            ..
        } = *self.office;
        for (message, at, revision) in occasions(business, life, &life.bookings[place], random) {
            if random.chance(damage.rate(Harm::MailLost)) {
                self.ledger.hurt(place, Harm::MailLost);
                continue;
            }
            let business = self.office.business_at(at);
            let letter = write_letter(business, life, place, message, at, revision, random);
            self.send(letter, place, message, random);
        }
        if random.chance(damage.rate(Harm::MailForged)) {
            self.forge(place, random);
        }
    }

    /// Puts a letter into the mailbox, and notes whose it is; false where the mailbox does not reach so far.
    fn put(
        &mut self,
        letter: &Letter,
        about: Option<usize>,
        role: &'static str,
        random: &mut Random,
    ) -> bool {
        if letter.at > self.office.life.window.loss {
            return false;
        }
        if letter.at > self.office.kept_until {
            if let Some(place) = about {
                self.ledger.hurt(place, Harm::MailStops);
            }
            return false;
        }
        let bytes = compose::mbox_entry(letter, self.office.business, random);
        self.letters.push((letter.at, bytes));
        self.ledger.enter(format!("mail:{}", letter.id), about, role);
        true
    }

    /// Sends a letter, with all that may happen to it.
    fn send(&mut self, mut letter: Letter, place: usize, message: Message, random: &mut Random) {
        let Office { business, damage, .. } = *self.office;
        let role = message.role();
        if random.chance(damage.rate(Harm::MailCut)) {
            letter.spoilt = Spoilt::Cut;
            self.ledger.hurt(place, Harm::MailCut);
        } else if random.chance(damage.rate(Harm::MailGarbled)) {
            letter.spoilt = Spoilt::Garbled;
            self.ledger.hurt(place, Harm::MailGarbled);
        }
        let stands = self.put(&letter, Some(place), role, random);
        if stands {
            self.ledger.tell(Some(place), "mail");
            if self.office.is_redesigned(letter.at) {
                self.ledger.hurt(place, Harm::Redesign);
            }
        }
        if random.chance(damage.rate(Harm::MailDoubled)) && stands {
            let copy = self.letters[self.letters.len() - 1].clone();
            self.letters.push(copy);
            self.ledger.hurt(place, Harm::MailDoubled);
        }
        letter.spoilt = Spoilt::No;
        if random.chance(damage.rate(Harm::MailResent)) {
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
            if self.put(&again, Some(place), role, random) {
                self.ledger.hurt(place, Harm::MailResent);
            }
        }
        if random.chance(damage.rate(Harm::MailReplied)) {
            let at = letter.at + Duration::seconds(random.between(600, 500_000));
            let remark = random.pick(&business.mail.replies).clone();
            let reply = self.answer(&letter, at, &remark, random);
            if self.put(&reply, Some(place), "customer reply", random) {
                self.ledger.hurt(place, Harm::MailReplied);
            }
        }
        if random.chance(damage.rate(Harm::MailForwarded)) {
            let at = letter.at + Duration::seconds(random.between(600, 200_000));
            let forward = self.forward(&letter, at, random);
            if self.put(&forward, Some(place), "forward", random) {
                self.ledger.hurt(place, Harm::MailForwarded);
            }
        }
    }

    fn answer(&self, letter: &Letter, at: DateTime<Utc>, remark: &str, random: &mut Random) -> Letter {
        let mut quoted = String::new();
        for line in letter.readable().lines() {
            quoted.extend(["> ", line, "\n"]);
        }
        let Office { business, .. } = *self.office;
        let words = &business.mail;
        let sent = say_moment(
            &words.dates.date,
            local(business.zone, letter.at),
            business.language,
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
        let Office { business, .. } = *self.office;
        let office = (business.name.clone(), format!("office@{}", business.domain));
        let text = format!(
            "{}\nFrom: {} <{}>\nTo: {}\nSubject: {}\n\n{}",
            business.mail.forwards,
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
                business.domain
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
    fn forge(&mut self, place: usize, random: &mut Random) {
        let Office { business, life, .. } = *self.office;
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
        if self.put(&letter, None, "forged", random) {
            self.ledger.hurt(place, Harm::MailForged);
        }
    }

    fn add_unrelated(&mut self, random: &mut Random) {
        let Office {
            business,
            life,
            damage,
            ..
        } = *self.office;
        let span = (life.window.loss - life.window.learn_from).num_seconds();
        for _ in 0..(life.bookings.len() as f64 * damage.rate(Harm::Unrelated)) as usize {
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
            self.put(&letter, None, "unrelated", random);
        }
    }
}
