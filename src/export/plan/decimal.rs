//! Exact sums of money as texts state it.

use std::fmt;

/// A sum of decimal texts, exact.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Decimal {
    /// In millionths.
    micros: i128,
}

impl Decimal {
    pub(super) fn plus(self, text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('-').unwrap_or(text.trim());
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 18 || part.len() > 6 || !plain(whole) || !plain(part) {
            return None;
        }
        let micros: i128 = format!("{whole}{part:0<6}").parse().ok()?;
        let sign = if text.trim().starts_with('-') { -1 } else { 1 };
        Some(Self {
            micros: self.micros + sign * micros,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        write!(f, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_and_refuse_what_is_no_number() {
        let sum = |texts: &[&str]| {
            texts
                .iter()
                .try_fold(Decimal::default(), |sum, text| sum.plus(text))
                .map(|sum| sum.to_string())
        };
        assert_eq!(sum(&["239.80", "-0.1", "12"]).as_deref(), Some("251.700000"));
        assert_eq!(sum(&["-3"]).as_deref(), Some("-3.000000"));
        assert_eq!(sum(&["$1,200.00"]), None);
        assert_eq!(sum(&[]).as_deref(), Some("0.000000"));
    }
}
