//! How prices as records state them stand to the totals that a database keeps: with a tax that it keeps apart, or in
//! full where it counts thousands.

use super::Money;

/// Stated is kept times this, in hundred-thousandths: a tax of 8.875 % is 108 875.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalRatio(u32);

impl TotalRatio {
    /// As many parts as there are in one.
    pub const ONE: u32 = 100_000;

    /// None for no ratio at all, or the same.
    pub fn of_parts(parts: u32) -> Option<Self> {
        (parts != 0 && parts != Self::ONE).then_some(Self(parts))
    }

    pub fn parts(self) -> u32 {
        self.0
    }

    /// A total of the database as records state it: the roundest of the prices that are kept so, as several are where a
    /// tax was taken off and the rest rounded.
    pub fn stated(self, kept: Money) -> Money {
        let nearest = scale(kept.minor, self.0, Self::ONE);
        let around = i64::from(self.0 / Self::ONE);
        let roundness = |minor: i64| ROUND.into_iter().find(|round| minor % round == 0);
        let stated = (nearest - around..=nearest + around)
            .filter(|minor| self.kept_minor(*minor) == kept.minor)
            .max_by_key(|minor| (roundness(*minor), -(minor - nearest).abs()));
        Money::new(stated.unwrap_or(nearest), kept.currency)
    }

    /// A stated price as the database keeps it.
    pub fn kept(self, stated: Money) -> Money {
        Money::new(self.kept_minor(stated.minor), stated.currency)
    }

    /// The same of minor units.
    pub fn kept_minor(self, stated: i64) -> i64 {
        scale(stated, Self::ONE, self.0)
    }

    /// What is the same in words: `24 % above`, or `1000 times`.
    pub fn words(self) -> String {
        if self.0.is_multiple_of(Self::ONE) {
            return format!("{} times", self.0 / Self::ONE);
        }
        let percent = f64::from(self.0) / f64::from(Self::ONE / 100) - 100.0;
        let percent = format!("{percent:.3}");
        format!("{} % above", percent.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Prices end so rather than otherwise, in minor units.
const ROUND: [i64; 5] = [1_000, 100, 50, 10, 5];

/// Rounded half away from zero, as databases and tills do.
fn scale(minor: i64, times: u32, by: u32) -> i64 {
    let (scaled, by) = (i128::from(minor) * i128::from(times), i128::from(by));
    let half = if scaled < 0 { -by } else { by };
    i64::try_from((2 * scaled + half) / (2 * by)).unwrap_or(minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    #[test]
    fn net_totals_come_back_to_the_cent() {
        let ratio = TotalRatio::of_parts(124_000).unwrap();
        let eur = Currency::parse("eur").unwrap();
        assert_eq!(ratio.kept(Money::new(5600, eur)).minor, 4516);
        assert_eq!(ratio.stated(Money::new(5323, eur)).minor, 6600);
        assert!((0..20_000).all(|minor| ratio.kept(ratio.stated(Money::new(minor, eur))).minor == minor));
        assert_eq!(ratio.words(), "24 % above");
        assert_eq!(TotalRatio::of_parts(108_875).unwrap().words(), "8.875 % above");
    }
}
