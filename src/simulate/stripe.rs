//! What the payment provider holds: charges, intents, sessions, invoices, refunds and customers, in its published shape.

use super::business::{Business, Carrier};
use super::damage::{Damage, Harm};
use super::facts::Facts;
use super::life::{Customer, Life};
use super::payments::{Charge, Manner, Outcome, Payer, Purpose, Refund};
use super::random::{LETTERS_AND_DIGITS, Random};
use super::truth::Ledger;
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Charges that are written together.
const BATCH: usize = 256;

/// The objects of each list as they stand in its page, in the order of the page.
type Lists = BTreeMap<&'static str, Vec<String>>;

/// The files under `stripe/`, by path, and who each record belongs to.
pub fn write(
    business: &Business,
    life: &Life,
    damage: &Damage,
    seed: &Random,
) -> (BTreeMap<String, String>, Ledger) {
    let window = life.window;
    let till = Till {
        business,
        life,
        kept_until: damage
            .last_share(Harm::StripeStops, window.backup, window.loss)
            .unwrap_or(window.loss),
    };
    let accounts: Vec<Option<usize>> = if business.tenants.is_empty() {
        vec![None]
    } else {
        (0..business.tenants.len()).map(Some).collect()
    };
    let mut files = BTreeMap::new();
    let mut ledger = Ledger::default();
    for account in accounts {
        let folder = account.map_or_else(
            || "stripe".to_owned(),
            |tenant| format!("stripe/{}", business.tenants[tenant].account),
        );
        for (list, objects) in till.lists(account, seed, &mut ledger) {
            let url = list.replace("checkout_", "checkout/");
            // Written by hand, so that the objects need not be held twice; members in alphabetical order, as elsewhere.
            let page = format!(
                "{{\"data\":[{}],\"has_more\":false,\"object\":\"list\",\"url\":\"/v1/{url}\"}}\n",
                objects.join(",")
            );
            files.insert(format!("{folder}/{list}.json"), page);
        }
    }
    (files, ledger)
}

/// What the provider holds, as far as it was read.
struct Till<'a> {
    business: &'a Business,
    life: &'a Life,
    /// What happened later is not in the export.
    kept_until: DateTime<Utc>,
}

impl Till<'_> {
    /// The lists of one account.
    fn lists(&self, account: Option<usize>, seed: &Random, ledger: &mut Ledger) -> Lists {
        let life = self.life;
        // Lists come newest first.
        let places: Vec<usize> = (0..life.charges.len())
            .rev()
            .filter(|&place| {
                let charge = &life.charges[place];
                charge.tenant == account && charge.created >= life.window.learn_from
            })
            .collect();
        // Each charge has a stream of chance of its own, so they can be written side by side and put together in order.
        let batches: Vec<(Lists, Ledger)> = places
            .par_chunks(BATCH)
            .map(|places| {
                let (mut lists, mut ledger) = (Lists::new(), Ledger::default());
                for &place in places {
                    self.write_charge(place, seed, &mut lists, &mut ledger);
                }
                (lists, ledger)
            })
            .collect();
        let mut lists = Lists::new();
        for (written, noted) in batches {
            ledger.absorb(noted);
            for (list, objects) in written {
                lists.entry(list).or_default().extend(objects);
            }
        }
        self.write_refunds(account, seed, &mut lists, ledger);
        lists
            .entry("customers")
            .or_default()
            .extend(self.customers(account));
        lists
    }

    fn write_charge(&self, place: usize, seed: &Random, lists: &mut Lists, ledger: &mut Ledger) {
        let (business, life) = (self.business, self.life);
        let charge = &life.charges[place];
        if charge.created > self.kept_until {
            if let Some(booking) = charge.booking {
                ledger.hurt(booking, Harm::StripeStops);
            }
            return;
        }
        let mut random = seed.fork_nth("stripe", place);
        let words = words_of(business, life, charge);
        let carrier = business.stripe.carrier;
        let tells = charge.booking.is_some() && charge.manner == Manner::Online && words.names_booking;
        let kin = [Some(&charge.id), Some(&charge.intent), charge.session.as_ref()];
        let with_session = carrier == Carrier::Session && charge.purpose.place().is_some();
        for id in kin.into_iter().take(if with_session { 3 } else { 2 }).flatten() {
            ledger.enter(format!("stripe:{id}"), charge.booking, charge.role());
        }
        let invoice = invoice_of(business, charge);
        if let Some(id) = &invoice {
            ledger.enter(format!("stripe:{id}"), charge.booking, charge.role());
            let object = invoice_object(business, charge, id, place, &words);
            lists.entry("invoices").or_default().push(object.to_string());
        }
        if charge.booking.is_some() && charge.pays() {
            ledger.tell(charge.booking, if tells { "stripe+ref" } else { "stripe" });
        }
        let nothing = Map::new();
        let carried = |by| {
            if carrier == by || carrier == Carrier::Charge {
                &words.metadata
            } else {
                &nothing
            }
        };
        let refunded = charge.refunded_by(self.kept_until);
        let mut object = charge_object(
            business,
            charge,
            refunded,
            &words,
            carried(Carrier::Charge),
            &mut random,
        );
        let mut intent = intent_object(business, charge, &words, carried(Carrier::Intent));
        if let Some(id) = invoice {
            for object in [&mut object, &mut intent] {
                object["description"] = "Payment for Invoice".into();
                object["invoice"] = id.clone().into();
            }
        }
        lists.entry("charges").or_default().push(object.to_string());
        lists
            .entry("payment_intents")
            .or_default()
            .push(intent.to_string());
        if let (true, Some(session)) = (with_session, &charge.session) {
            lists
                .entry("checkout_sessions")
                .or_default()
                .push(session_object(business, charge, session, &words).to_string());
        }
    }

    /// A refund may be younger than what is read of its charge.
    fn write_refunds(&self, account: Option<usize>, seed: &Random, lists: &mut Lists, ledger: &mut Ledger) {
        let life = self.life;
        let mut refunds: Vec<(&Refund, &Charge)> = life
            .charges
            .iter()
            .filter(|charge| charge.tenant == account)
            .flat_map(|charge| charge.refunds.iter().map(move |refund| (refund, charge)))
            .filter(|(refund, _)| refund.at >= life.window.learn_from)
            .collect();
        refunds.sort_by(|a, b| (b.0.at, &b.0.id).cmp(&(a.0.at, &a.0.id)));
        for (refund, charge) in refunds {
            if refund.at > self.kept_until {
                if let Some(booking) = charge.booking {
                    ledger.hurt(booking, Harm::StripeStops);
                }
                continue;
            }
            ledger.enter(format!("stripe:{}", refund.id), charge.booking, charge.role());
            let mut random = seed.fork(&refund.id);
            lists
                .entry("refunds")
                .or_default()
                .push(refund_object(self.business, charge, refund, &mut random).to_string());
        }
    }

    /// The provider's customers, newest first; each on every account that charged it.
    fn customers(&self, account: Option<usize>) -> Vec<String> {
        let life = self.life;
        let used: BTreeSet<&str> = life
            .charges
            .iter()
            .filter(|charge| {
                charge.tenant == account
                    && (life.window.learn_from..=self.kept_until).contains(&charge.created)
            })
            .filter_map(|charge| charge.payer.as_ref()?.customer.as_deref())
            .collect();
        life.customers
            .iter()
            .rev()
            .filter_map(|customer| {
                let id = customer.provider_id.as_deref().filter(|id| used.contains(id))?;
                Some(customer_object(self.business, customer, id).to_string())
            })
            .collect()
    }
}

struct ChargeWords {
    description: Value,
    metadata: Map<String, Value>,
    names_booking: bool,
}

/// What the charge says of its booking.
fn words_of(business: &Business, life: &Life, charge: &Charge) -> ChargeWords {
    let words = &business.stripe;
    let silent = |text: &str| ChargeWords {
        description: if text.is_empty() { Value::Null } else { text.into() },
        metadata: Map::new(),
        names_booking: false,
    };
    let Some(place) = charge.booking else {
        return silent(&charge.wares);
    };
    let booking = &life.bookings[place];
    let revision = booking.at(charge.created).unwrap_or(&booking.revisions[0]);
    let facts = Facts {
        business,
        life,
        booking,
        revision,
        before: None,
        at: charge.created,
        dates: &business.calendar.dates,
        money: &business.mail.money,
        paid: charge.amount,
    };
    match (charge.manner, charge.purpose.place()) {
        (_, None) => silent(&facts.write(&charge.wares)),
        (Manner::Terminal, _) => silent(&words.terminal),
        (Manner::ByHand, _) => {
            let mut random = Random::new(0).fork(&charge.id);
            silent(&facts.write(random.pick::<String>(&words.informal)))
        }
        (Manner::Online, Some(purpose)) => {
            let purpose = &words.purposes[purpose];
            let write = |pattern: &str| facts.write(&pattern.replace("{purpose}", purpose));
            let metadata = words
                .metadata
                .iter()
                .map(|(key, value)| (key.clone(), write(value).into()))
                .collect();
            let named = words
                .metadata
                .iter()
                .any(|(_, value)| value.contains("{reference}"))
                || words.description.contains("{reference}");
            ChargeWords {
                description: match write(&words.description) {
                    text if text.is_empty() => Value::Null,
                    text => text.trim().into(),
                },
                metadata,
                names_booking: named && business.has_reference(),
            }
        }
    }
}

fn payer_parts(payer: Option<&Payer>) -> (Value, Value, Value) {
    payer.map_or((Value::Null, Value::Null, Value::Null), |payer| {
        (
            payer.name.clone().into(),
            payer.email.clone().into(),
            payer.customer.clone().into(),
        )
    })
}

fn charge_object(
    business: &Business,
    charge: &Charge,
    refunded: i64,
    words: &ChargeWords,
    metadata: &Map<String, Value>,
    random: &mut Random,
) -> Value {
    let (name, email, customer) = payer_parts(charge.payer.as_ref());
    let captured = charge.outcome == Outcome::Succeeded;
    let declined = charge.outcome == Outcome::Declined;
    let terminal = charge.manner == Manner::Terminal;
    let card = json!({
        "brand": random.pick(&["visa", "mastercard", "amex"]), "country": business.country,
        "exp_month": random.between(1, 12), "exp_year": random.between(2027, 2031),
        "fingerprint": random.token(16, LETTERS_AND_DIGITS), "funding": random.pick(&["credit", "debit"]),
        "last4": random.pattern("####"), "network": "visa",
    });
    let method = if terminal { "card_present" } else { "card" };
    json!({
        "id": charge.id, "object": "charge", "amount": charge.amount,
        "amount_captured": if captured { charge.amount } else { 0 }, "amount_refunded": refunded,
        "application": null, "application_fee": null, "application_fee_amount": null,
        "balance_transaction": if captured { format!("txn_3{}", random.token(23, LETTERS_AND_DIGITS)).into() } else { Value::Null },
        "billing_details": {
            "address": {"city": null, "country": if terminal { Value::Null } else { business.country.into() },
                "line1": null, "line2": null, "postal_code": null, "state": null},
            "email": email, "name": name, "phone": null, "tax_id": null,
        },
        "calculated_statement_descriptor": statement(business, charge.tenant),
        "captured": captured, "created": charge.created.timestamp(), "currency": business.currency.code,
        "customer": customer, "description": words.description, "disputed": false,
        "failure_code": if declined { "card_declined".into() } else { Value::Null },
        "failure_message": if declined { "Your card was declined.".into() } else { Value::Null },
        "fraud_details": {}, "invoice": null, "livemode": true, "metadata": metadata, "on_behalf_of": null,
        "outcome": {
            "network_status": if declined { "declined_by_network" } else { "approved_by_network" },
            "reason": if declined { "generic_decline".into() } else { Value::Null },
            "risk_level": "normal", "risk_score": random.between(0, 64),
            "seller_message": if declined { "The bank did not return any further details with this decline." } else { "Payment complete." },
            "type": if declined { "issuer_declined" } else { "authorized" },
        },
        "paid": !declined, "payment_intent": charge.intent,
        "payment_method": format!("pm_1{}", random.token(23, LETTERS_AND_DIGITS)),
        "payment_method_details": {"type": method, method: card},
        "receipt_email": email, "receipt_number": null,
        "refunded": captured && refunded == charge.amount,
        "shipping": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
        "status": if declined { "failed" } else { "succeeded" }, "transfer_data": null, "transfer_group": null,
    })
}

fn statement(business: &Business, tenant: Option<usize>) -> String {
    let name: String = business
        .trading_name(tenant)
        .chars()
        .filter(char::is_ascii)
        .collect();
    name.to_uppercase().trim().chars().take(22).collect()
}

fn intent_object(
    business: &Business,
    charge: &Charge,
    words: &ChargeWords,
    metadata: &Map<String, Value>,
) -> Value {
    let (_, email, customer) = payer_parts(charge.payer.as_ref());
    let held = charge.outcome == Outcome::Held;
    json!({
        "id": charge.intent, "object": "payment_intent", "amount": charge.amount,
        "amount_capturable": if held { charge.amount } else { 0 }, "amount_details": {"tip": {}},
        "amount_received": if charge.outcome == Outcome::Succeeded { charge.amount } else { 0 },
        "application": null, "application_fee_amount": null,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": true},
        "canceled_at": null, "cancellation_reason": null,
        "capture_method": if held { "manual" } else { "automatic" }, "client_secret": null,
        "confirmation_method": "automatic", "created": charge.created.timestamp() - 9,
        "currency": business.currency.code, "customer": customer, "description": words.description,
        "last_payment_error": null, "latest_charge": charge.id, "livemode": true, "metadata": metadata,
        "next_action": null, "on_behalf_of": null,
        "payment_method_types": [if charge.manner == Manner::Terminal { "card_present" } else { "card" }],
        "receipt_email": email, "setup_future_usage": null, "shipping": null,
        "status": match charge.outcome {
            Outcome::Succeeded => "succeeded",
            Outcome::Held => "requires_capture",
            Outcome::Declined => "requires_payment_method",
        },
        "transfer_data": null, "transfer_group": null,
    })
}

fn session_object(business: &Business, charge: &Charge, session: &str, words: &ChargeWords) -> Value {
    let (name, email, customer) = payer_parts(charge.payer.as_ref());
    let paid = charge.outcome == Outcome::Succeeded;
    let client_reference = business
        .stripe
        .metadata
        .first()
        .and_then(|(key, _)| words.metadata.get(key))
        .cloned();
    json!({
        "id": session, "object": "checkout.session", "allow_promotion_codes": null,
        "amount_subtotal": charge.amount, "amount_total": charge.amount,
        "cancel_url": format!("https://www.{}/", business.domain),
        "client_reference_id": client_reference, "created": charge.created.timestamp() - 60,
        "currency": business.currency.code, "customer": customer,
        "customer_details": {"address": {"country": business.country}, "email": email, "name": name, "phone": null},
        "expires_at": charge.created.timestamp() + 86_340, "livemode": true, "metadata": words.metadata,
        "mode": "payment", "payment_intent": charge.intent, "payment_method_types": ["card"],
        "payment_status": if paid { "paid" } else { "unpaid" },
        "status": if paid { "complete" } else { "open" },
        "success_url": format!("https://www.{}/", business.domain), "url": null,
    })
}

/// The invoice that a charge has paid, where the business writes them.
fn invoice_of(business: &Business, charge: &Charge) -> Option<String> {
    let is_invoiced = business.stripe.carrier == Carrier::Invoice
        && charge.manner == Manner::Online
        && charge.booking.is_some()
        && charge.pays();
    is_invoiced.then(|| {
        let mut random = Random::new(0).fork(&charge.id);
        format!("in_1{}", random.token(23, LETTERS_AND_DIGITS))
    })
}

fn invoice_object(
    business: &Business,
    charge: &Charge,
    id: &str,
    place: usize,
    words: &ChargeWords,
) -> Value {
    let (name, email, customer) = payer_parts(charge.payer.as_ref());
    let (amount, currency) = (charge.amount, business.currency.code);
    let created = charge.created.timestamp() - 600;
    let line = json!({
        "id": format!("il_1{}", &id[4..]), "object": "line_item", "amount": amount, "currency": currency,
        "description": words.description, "discountable": true, "invoice": id, "livemode": true, "metadata": {},
        "period": {"start": created, "end": created}, "proration": false, "quantity": 1, "type": "invoiceitem",
    });
    json!({
        "id": id, "object": "invoice", "account_country": business.country, "account_name": business.name,
        "amount_due": amount, "amount_paid": amount, "amount_remaining": 0, "attempt_count": 1, "attempted": true,
        "auto_advance": false, "billing_reason": "manual", "charge": charge.id, "collection_method": "send_invoice",
        "created": created, "currency": currency, "custom_fields": null, "customer": customer,
        "customer_email": email, "customer_name": name, "customer_phone": null, "description": null,
        "due_date": created + 7 * 86_400, "footer": null,
        "lines": {"object": "list", "data": [line], "has_more": false, "url": format!("/v1/invoices/{id}/lines")},
        "livemode": true, "metadata": words.metadata, "number": format!("{}-{:04}", &id[4..12].to_uppercase(), place + 1),
        "paid": true, "payment_intent": charge.intent, "period_start": created, "period_end": created, "status": "paid",
        "status_transitions": {"finalized_at": created, "marked_uncollectible_at": null,
            "paid_at": charge.created.timestamp(), "voided_at": null},
        "subtotal": amount, "total": amount,
    })
}

fn refund_object(business: &Business, charge: &Charge, refund: &Refund, random: &mut Random) -> Value {
    json!({
        "id": refund.id, "object": "refund", "amount": refund.amount,
        "balance_transaction": format!("txn_3{}", random.token(23, LETTERS_AND_DIGITS)),
        "charge": charge.id, "created": refund.at.timestamp(), "currency": business.currency.code,
        "metadata": {}, "payment_intent": charge.intent,
        "reason": if charge.purpose == Purpose::Duplicate { "duplicate" } else { "requested_by_customer" },
        "receipt_number": null, "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null,
    })
}

fn customer_object(business: &Business, customer: &Customer, id: &str) -> Value {
    json!({
        "id": id, "object": "customer", "address": null, "balance": 0, "created": customer.created_at.timestamp() + 30,
        "currency": business.currency.code, "default_source": null, "delinquent": false, "description": null,
        "discount": null, "email": customer.email_at(customer.created_at),
        "invoice_prefix": id[id.len() - 8..].to_uppercase(),
        "livemode": true, "metadata": {}, "name": customer.name.on_card(), "phone": customer.phone,
        "preferred_locales": [], "shipping": null, "tax_exempt": "none",
    })
}
