//! The currencies that a business takes, and what a sign or a word for money means to it.
//!
//! `$` is a dollar of some country or a peso; in a land that has neither it is the one among the backup's other currencies.
//! Three capitals that are a word elsewhere (MAD, GEL, PEN) are money beside any number where the backup's money is that.

use crate::model::Currency;
use crate::reading::{self, Amount};
use std::collections::BTreeSet;

/// The business's own currency, and those that the backup has besides, in lower case.
#[derive(Debug, Clone, Default)]
pub struct Monies {
    own: Option<String>,
    codes: BTreeSet<String>,
}

impl Monies {
    /// `taken`: those in which bookings of the backup are.
    pub fn new(own: Currency, taken: impl IntoIterator<Item = Currency>) -> Self {
        let all = [own].into_iter().chain(taken);
        Self {
            own: Some(own.to_string().to_lowercase()),
            codes: all.map(|code| code.to_string().to_lowercase()).collect(),
        }
    }

    /// All of them, in lower case.
    pub fn codes(&self) -> &BTreeSet<String> {
        &self.codes
    }

    /// Puts down the currency of an amount, as it stands in a text, that its sign leaves open and that cannot be the business's
    /// own. False where it can be none that the business takes: how much of its own money that is, nothing tells.
    pub fn settle(&self, stated: &str, amount: &mut Amount) -> bool {
        let Some(own) = self
            .own
            .as_deref()
            .filter(|_| amount.currency.is_none() && amount.marked)
        else {
            return true;
        };
        let Some(among) = reading::currencies(stated).filter(|among| !among.contains(&own)) else {
            return true;
        };
        let mut taken = self.codes.iter().filter(|code| among.contains(&code.as_str()));
        match (taken.next(), taken.next()) {
            (Some(only), None) => {
                amount.currency = Some(only.clone());
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::SpanValue;

    /// What the amount in a text is in: a code, nothing where its sign tells none, or that nothing is known of it.
    fn settled(monies: &Monies, text: &str) -> String {
        let spans = reading::spans_knowing(text, &[], &[], monies.codes());
        let amount = spans.into_iter().find_map(|span| match span.value {
            SpanValue::Amount(amount) => Some((text[span.start..span.end].to_owned(), amount)),
            _ => None,
        });
        let (stated, mut amount) = amount.expect("an amount");
        if monies.settle(&stated, &mut amount) {
            amount.currency.unwrap_or_default()
        } else {
            "unknown".to_owned()
        }
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).expect("a code")
    }

    #[test]
    fn a_sign_that_is_not_of_the_own_currency_is_that_of_the_only_other_it_can_be() {
        let abroad = Monies::new(currency("mad"), [currency("eur"), currency("usd")]);
        assert_eq!(settled(&abroad, "Price 25$, in cash"), "usd");
        assert_eq!(settled(&abroad, "за 175 долларов"), "usd");
        assert_eq!(settled(&abroad, "450 dirhams"), "", "their own");
        let at_home = Monies::new(currency("cad"), [currency("usd")]);
        assert_eq!(settled(&at_home, "Price 25$, in cash"), "", "their own dollars");
        let unseen = Monies::new(currency("mad"), [currency("eur")]);
        assert_eq!(
            settled(&unseen, "Price 25$, in cash"),
            "unknown",
            "never taken before"
        );
    }

    #[test]
    fn the_own_currencys_code_is_no_word() {
        let own = Monies::new(currency("mad"), []);
        assert_eq!(settled(&own, "Price 340 MAD, paid"), "mad");
        assert!(
            !reading::spans_knowing("two MAD 340 days", &[], &[], Monies::default().codes())
                .iter()
                .any(|span| matches!(span.value, SpanValue::Amount(_))),
            "a word to everybody else"
        );
    }
}
