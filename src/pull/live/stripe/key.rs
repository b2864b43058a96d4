//! What a Stripe key is, told by how it begins. Source: Stripe's documentation of API keys.

use super::super::{LiveError, Secret};

/// A key that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub power: Power,
    pub mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// `rk_`: may do what was ticked when it was made, which Stripe does not tell.
    Restricted,
    /// `sk_`: may do everything.
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Live,
    /// Reads test data, which is nobody's booking.
    Test,
}

/// What to do instead, wherever a key is refused.
const MAKE_ONE: &str = "make a restricted key with Read alone, at Developers > API keys in the Stripe Dashboard; docs/sources.md lists what to tick";

/// Judges a key before it is sent anywhere.
pub fn judge(key: &Secret, allow_full_key: bool) -> Result<Key, LiveError> {
    let text = key.expose();
    let mode = |rest: &str| {
        if rest.starts_with("test_") {
            Mode::Test
        } else {
            Mode::Live
        }
    };
    if let Some(rest) = text.strip_prefix("rk_") {
        return Ok(Key {
            power: Power::Restricted,
            mode: mode(rest),
        });
    }
    if let Some(rest) = text.strip_prefix("sk_") {
        if allow_full_key {
            return Ok(Key {
                power: Power::Full,
                mode: mode(rest),
            });
        }
        return Err(LiveError::setup(
            "the Stripe key is a full secret key (sk_…): it could move money",
            format!("{MAKE_ONE}; or, if there is no time, write allow_full_key = true"),
        ));
    }
    if text.starts_with("pk_") {
        return Err(LiveError::setup(
            "the Stripe key is a publishable key (pk_…): it can read nothing",
            MAKE_ONE,
        ));
    }
    Err(LiveError::setup(
        "this is no Stripe API key: one begins with rk_live_",
        MAKE_ONE,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_by_how_they_begin() {
        let of = |key: &str, allow| judge(&Secret::new(key), allow).map_err(|error| error.to_string());
        assert_eq!(
            of("rk_live_1", false),
            Ok(Key {
                power: Power::Restricted,
                mode: Mode::Live
            })
        );
        assert_eq!(of("rk_test_1", false).map(|key| key.mode), Ok(Mode::Test));
        assert!(
            of("sk_live_1", false)
                .expect_err("refused")
                .contains("could move money")
        );
        assert_eq!(of("sk_live_1", true).map(|key| key.power), Ok(Power::Full));
        assert!(
            of("pk_live_1", true)
                .expect_err("refused")
                .contains("publishable")
        );
        for other in ["whsec_1", "acct_1", "hush"] {
            let refused = of(other, true).expect_err("refused");
            assert!(!refused.contains(other), "{refused}");
        }
    }
}
