//! The money: what was charged for each booking, given back, attempted, held, and sold beside.

use super::business::{Business, Plan};
use super::damage::{Damage, Harm, Harms};
use super::life::{Booking, Life};
use super::random::{LETTERS_AND_DIGITS, Random};
use chrono::{DateTime, Duration, Utc};

/// One charge at the provider, as it stood when the data was lost.
#[derive(Debug, Clone)]
pub struct Charge {
    pub id: String,
    pub intent: String,
    pub session: Option<String>,
    pub created: DateTime<Utc>,
    pub amount: i64,
    pub refunds: Vec<Refund>,
    pub purpose: Purpose,
    pub outcome: Outcome,
    pub manner: Manner,
    pub booking: Option<usize>,
    pub tenant: Option<usize>,
    /// Nobody at a terminal.
    pub payer: Option<Payer>,
    /// What was sold, where it is no booking.
    pub wares: String,
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub id: String,
    pub at: DateTime<Utc>,
    pub amount: i64,
}

#[derive(Debug, Clone)]
pub struct Payer {
    pub name: String,
    pub email: String,
    /// The provider's customer.
    pub customer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Full,
    Deposit,
    Balance,
    Difference,
    Duplicate,
    Hold,
    Incidental,
    Unrelated,
}

impl Purpose {
    /// The word for it in a world's truth.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Deposit => "deposit",
            Self::Balance => "balance",
            Self::Difference => "difference",
            Self::Duplicate => "duplicate",
            Self::Hold => "hold",
            Self::Incidental => "incidental",
            Self::Unrelated => "unrelated",
        }
    }

    /// Its place in the business's list of words, where it pays for a booking.
    pub fn place(self) -> Option<usize> {
        match self {
            Self::Full | Self::Duplicate => Some(0),
            Self::Deposit => Some(1),
            Self::Balance => Some(2),
            Self::Difference => Some(3),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Declined,
    Held,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// By the booking system, with its metadata.
    Online,
    /// Typed in by hand: a loose description at most.
    ByHand,
    /// The card terminal: no name, no address.
    Terminal,
}

impl Charge {
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    pub fn refunded_by(&self, moment: DateTime<Utc>) -> i64 {
        self.refunds
            .iter()
            .filter(|refund| refund.at <= moment)
            .map(|refund| refund.amount)
            .sum()
    }

    /// Whether it pays for its booking.
    pub fn pays(&self) -> bool {
        self.outcome == Outcome::Succeeded
            && matches!(
                self.purpose,
                Purpose::Full | Purpose::Deposit | Purpose::Balance | Purpose::Difference
            )
    }

    pub fn role(&self) -> &'static str {
        match (self.outcome, self.purpose) {
            (Outcome::Declined, _) => "failed attempt",
            (_, Purpose::Duplicate) => "duplicate charge, refunded",
            (_, Purpose::Hold) => "security hold",
            (_, Purpose::Incidental) => "incidental",
            (_, Purpose::Unrelated) => "unrelated",
            _ => "payment",
        }
    }
}

/// What befell a booking's payments, as far as the provider was read.
pub fn harms(life: &Life, booking: usize) -> Harms {
    let mut harms = Harms::default();
    for charge in life
        .charges_of(booking)
        .filter(|charge| charge.created >= life.window.learn_from)
    {
        match (charge.outcome, charge.purpose) {
            (Outcome::Declined, _) => harms.insert(Harm::FailedAttempt),
            (_, Purpose::Duplicate) => harms.insert(Harm::DoubleCharge),
            (_, Purpose::Hold) => harms.insert(Harm::Hold),
            (_, Purpose::Incidental) => harms.insert(Harm::Incidental),
            _ if charge.manner == Manner::ByHand => harms.insert(Harm::LooseCharge),
            _ => {}
        }
    }
    harms
}

/// Charges every booking, and everything else that is sold.
pub fn settle(business: &Business, life: &mut Life, damage: &Damage, seed: &Random) {
    let mut charges = Vec::new();
    for place in 0..life.bookings.len() {
        let mut random = seed.fork_nth("payments", place);
        let plan = *random.weighted(&business.trade.plans);
        let (payer, is_other) = choose_payer(business, life, place, damage, &mut random);
        let mut account = Account {
            business,
            life,
            place,
            payer,
            damage,
            random: &mut random,
            charges: &mut charges,
        };
        let first = account.charges.len();
        let cash = account.settle(plan);
        let given_back = account.give_some_back(first, &mut seed.fork_nth("goodwill", place));
        let booking = &mut life.bookings[place];
        booking.cash = cash;
        for (harm, befell) in [(Harm::OtherPayer, is_other), (Harm::Refund, given_back)] {
            if befell {
                booking.harms.insert(harm);
            }
        }
    }
    let mut random = seed.fork("sales");
    let span = (life.window.loss - life.window.learn_from).num_seconds();
    for _ in 0..(life.bookings.len() as f64 * damage.rate(Harm::Unrelated) * 0.6) as usize {
        let (wares, low, high) = random.pick(&business.stripe.unrelated).clone();
        let name = business.people.name(&mut random, false);
        let email = business
            .people
            .address(&mut random, &name, &mut std::collections::BTreeSet::new());
        let payer = Payer {
            name: name.on_card(),
            email,
            customer: None,
        };
        let tenant = (!business.tenants.is_empty()).then(|| random.below(business.tenants.len()));
        let created = life.window.learn_from + Duration::seconds(random.between(60, span - 60));
        let amount = business.currency.chargeable(random.between(low, high));
        charges.push(Charge {
            purpose: Purpose::Unrelated,
            outcome: Outcome::Succeeded,
            manner: Manner::ByHand,
            booking: None,
            tenant,
            payer: random.chance(0.7).then_some(payer),
            wares,
            ..blank(&mut random, created, amount)
        });
    }
    charges.retain(|charge| charge.created <= life.window.loss);
    for charge in &mut charges {
        charge.refunds.retain(|refund| refund.at <= life.window.loss);
    }
    charges.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    life.accounts = vec![Vec::new(); life.bookings.len()];
    for (place, charge) in charges.iter().enumerate() {
        if let Some(booking) = charge.booking {
            life.accounts[booking].push(place);
        }
    }
    life.charges = charges;
}

fn blank(random: &mut Random, created: DateTime<Utc>, amount: i64) -> Charge {
    Charge {
        id: format!("ch_3{}", random.token(23, LETTERS_AND_DIGITS)),
        intent: format!("pi_3{}", random.token(23, LETTERS_AND_DIGITS)),
        session: None,
        created,
        amount,
        refunds: Vec::new(),
        purpose: Purpose::Full,
        outcome: Outcome::Succeeded,
        manner: Manner::Online,
        booking: None,
        tenant: None,
        payer: None,
        wares: String::new(),
    }
}

/// Who pays, and whether that is somebody else.
fn choose_payer(
    business: &Business,
    life: &Life,
    place: usize,
    damage: &Damage,
    random: &mut Random,
) -> (Payer, bool) {
    let customer = &life.customers[life.bookings[place].customer];
    if !random.chance(damage.rate(Harm::OtherPayer)) {
        let payer = Payer {
            name: customer.name.on_card(),
            email: customer.email_at(life.bookings[place].created_at).to_owned(),
            customer: customer.provider_id.clone(),
        };
        return (payer, false);
    }
    let people = &business.people;
    if !people.companies.is_empty() && random.chance(0.35) {
        let company = random.pick(&people.companies).clone();
        let host: String = company.chars().filter(char::is_ascii_alphabetic).collect();
        let payer = Payer {
            name: company,
            email: format!("accounts@{}.example", host.to_ascii_lowercase()),
            customer: None,
        };
        return (payer, true);
    }
    // A partner or parent, mostly of the same family name.
    let mut name = people.name(random, false);
    if random.chance(0.6) {
        name.written = name
            .written
            .replace(&name.family.written, &customer.name.family.written);
        name.family = customer.name.family.clone();
    }
    let email = people.address(random, &name, &mut std::collections::BTreeSet::new());
    let payer = Payer {
        name: name.on_card(),
        email,
        customer: None,
    };
    (payer, true)
}

/// The charges of one booking, as they come about.
struct Account<'a> {
    business: &'a Business,
    life: &'a Life,
    place: usize,
    payer: Payer,
    damage: &'a Damage,
    random: &'a mut Random,
    charges: &'a mut Vec<Charge>,
}

impl Account<'_> {
    /// Charges by plan; true where it was paid in cash.
    fn settle(&mut self, plan: Plan) -> bool {
        let life = self.life;
        let booking = &life.bookings[self.place];
        let first = self.charges.len();
        let by_hand = self.random.chance(self.damage.rate(Harm::LooseCharge));
        let manner = if by_hand { Manner::ByHand } else { Manner::Online };
        let made = &booking.revisions[0];
        match plan {
            Plan::Full => self.charge(made.at, made.total, Purpose::Full, manner),
            Plan::Deposit(share) => {
                let unit = if self.business.currency.decimals == 0 {
                    100
                } else {
                    1
                };
                let deposit = (made.total * share / 100 / unit * unit).max(unit);
                let deposit = self.business.currency.chargeable(deposit);
                self.charge(made.at, deposit, Purpose::Deposit, manner);
            }
            Plan::OnSite => {}
        }
        let mut agreed = made.total;
        for revision in &booking.revisions[1..] {
            if revision.cancelled {
                self.give_back(first, booking, revision.at);
            } else if plan == Plan::Full && revision.total > agreed {
                self.charge(revision.at, revision.total - agreed, Purpose::Difference, manner);
            } else if plan == Plan::Full && revision.total < agreed {
                self.refund(first, agreed - revision.total, revision.at);
            }
            agreed = revision.total;
        }
        let last = booking.last();
        let mut cash = false;
        if !last.cancelled {
            let paid: i64 = self.charges[first..]
                .iter()
                .filter(|c| c.pays())
                .map(|c| c.amount - c.refunded())
                .sum();
            match plan {
                Plan::Deposit(_) if last.total > paid => {
                    let early = self.random.between(0, 2 * 24 * 60);
                    let at = (last.starts_at - Duration::minutes(early)).max(last.at + Duration::minutes(20));
                    let at_desk = early < 12 * 60 && self.random.chance(0.5);
                    let manner = if at_desk { Manner::Terminal } else { manner };
                    self.charge(at, last.total - paid, Purpose::Balance, manner);
                }
                Plan::OnSite if self.random.chance(0.5) => {
                    self.charge(last.starts_at, last.total, Purpose::Full, Manner::Terminal);
                }
                Plan::OnSite => cash = true,
                _ => {}
            }
            self.charge_beside(last.starts_at, last.ends_at);
        }
        cash
    }

    fn charge(&mut self, at: DateTime<Utc>, amount: i64, purpose: Purpose, manner: Manner) {
        let created = at + Duration::seconds(self.random.between(20, 240));
        let payer = (manner != Manner::Terminal).then(|| self.payer.clone());
        if manner == Manner::Online && self.random.chance(self.damage.rate(Harm::FailedAttempt)) {
            let earlier = created - Duration::seconds(self.random.between(10, 19));
            let mut declined = self.blank(earlier, amount, purpose, manner, payer.clone());
            declined.outcome = Outcome::Declined;
            self.charges.push(declined);
        }
        let charge = self.blank(created, amount, purpose, manner, payer.clone());
        self.charges.push(charge);
        if manner == Manner::Online && self.random.chance(self.damage.rate(Harm::DoubleCharge)) {
            let later = created + Duration::seconds(self.random.between(5, 90));
            let mut twin = self.blank(later, amount, purpose, manner, payer);
            twin.purpose = Purpose::Duplicate;
            let at = later + Duration::minutes(self.random.between(30, 3000));
            // What was not yet given back when the data was lost would still be a payment.
            if at <= self.life.window.loss {
                twin.refunds.push(self.refund_of(amount, at));
                self.charges.push(twin);
            }
        }
    }

    fn blank(
        &mut self,
        created: DateTime<Utc>,
        amount: i64,
        purpose: Purpose,
        manner: Manner,
        payer: Option<Payer>,
    ) -> Charge {
        let session = (manner == Manner::Online)
            .then(|| format!("cs_live_{}", self.random.token(58, LETTERS_AND_DIGITS)));
        Charge {
            session,
            purpose,
            manner,
            payer,
            booking: Some(self.place),
            tenant: self.life.bookings[self.place].tenant,
            ..blank(self.random, created, amount)
        }
    }

    fn refund_of(&mut self, amount: i64, at: DateTime<Utc>) -> Refund {
        Refund {
            id: format!("re_3{}", self.random.token(23, LETTERS_AND_DIGITS)),
            at,
            amount,
        }
    }

    /// Whole where it is early, without the deposit or the half where it is late.
    fn give_back(&mut self, first: usize, booking: &Booking, at: DateTime<Utc>) {
        let early = booking.last().starts_at - at > Duration::days(3);
        let paid: i64 = self.charges[first..]
            .iter()
            .filter(|c| c.pays())
            .map(|c| c.amount - c.refunded())
            .sum();
        let share = if early {
            paid
        } else {
            self.business.currency.chargeable(paid / 2)
        };
        self.refund(first, share, at);
    }

    /// Some of what was paid, when all is over and nothing was changed; true where that was done.
    fn give_some_back(&mut self, first: usize, random: &mut Random) -> bool {
        let last = self.life.bookings[self.place].last();
        let paid = self.charges[first..]
            .iter_mut()
            .find(|charge| charge.pays() && charge.refunded() == 0);
        let Some(charge) = paid else {
            return false;
        };
        let part = charge.amount * random.between(10, 50) / 100;
        let amount = self.business.currency.chargeable(part);
        if last.cancelled || amount == 0 || !random.chance(self.damage.rate(Harm::Refund)) {
            return false;
        }
        let at = last.ends_at.max(charge.created) + Duration::minutes(random.between(60, 4000));
        charge.refunds.push(Refund {
            id: format!("re_3{}", random.token(23, LETTERS_AND_DIGITS)),
            at,
            amount,
        });
        at <= self.life.window.loss
    }

    fn refund(&mut self, first: usize, mut amount: i64, at: DateTime<Utc>) {
        for place in (first..self.charges.len()).rev() {
            let left = self.charges[place].amount - self.charges[place].refunded();
            if self.charges[place].pays() && left > 0 && amount > 0 {
                let part = left.min(amount);
                let at = at + Duration::seconds(self.random.between(300, 4000));
                let refund = self.refund_of(part, at);
                self.charges[place].refunds.push(refund);
                amount -= part;
            }
        }
    }

    /// A hold on the card when it starts, and what was used beside.
    fn charge_beside(&mut self, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) {
        let total = self.life.bookings[self.place].last().total;
        let payer = Some(self.payer.clone());
        if !self.business.stripe.hold.is_empty() && self.random.chance(self.damage.rate(Harm::Hold)) {
            let unit = 10_i64.pow(self.business.currency.decimals);
            let amount = (total / unit / 10 + 1) * unit * 10;
            let mut hold = self.blank(starts_at, amount, Purpose::Hold, Manner::ByHand, payer.clone());
            hold.outcome = Outcome::Held;
            hold.wares.clone_from(&self.business.stripe.hold);
            self.charges.push(hold);
        }
        if !self.business.stripe.incidentals.is_empty()
            && self.random.chance(self.damage.rate(Harm::Incidental))
        {
            let (wares, low, high) = self.random.pick(&self.business.stripe.incidentals).clone();
            let amount = self.business.currency.chargeable(self.random.between(low, high));
            let at = ends_at + Duration::minutes(self.random.between(30, 2000));
            let mut incidental = self.blank(at, amount, Purpose::Incidental, Manner::ByHand, payer);
            incidental.wares = wares;
            self.charges.push(incidental);
        }
    }
}
