//! Exact fractions: an operation gives the exact result, or none where that does not fit.

use std::cmp::Ordering;

/// A fraction that is not negative, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u128,
    denominator: u128,
}

impl Ratio {
    /// 0.
    pub const ZERO: Self = Self::whole(0);
    /// 1.
    pub const ONE: Self = Self::whole(1);

    /// `numerator / denominator`; `None` where the denominator is 0.
    #[must_use]
    pub fn new(numerator: u128, denominator: u128) -> Option<Self> {
        (denominator > 0).then(|| {
            let common = gcd(numerator, denominator);
            Self {
                numerator: numerator / common,
                denominator: denominator / common,
            }
        })
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(number: u128) -> Self {
        Self {
            numerator: number,
            denominator: 1,
        }
    }

    /// Numerator and denominator, in lowest terms.
    #[must_use]
    pub fn parts(self) -> (u128, u128) {
        (self.numerator, self.denominator)
    }

    /// The sum; `None` where it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let common = gcd(self.denominator, other.denominator);
        let (own, others) = (other.denominator / common, self.denominator / common);
        let numerator =
            (self.numerator.checked_mul(own)?).checked_add(other.numerator.checked_mul(others)?)?;
        Self::new(numerator, self.denominator.checked_mul(own)?)
    }

    /// The product; `None` where it does not fit.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        // In lowest terms already, so that nothing larger than the product is computed.
        let (a, b) = (
            gcd(self.numerator, other.denominator),
            gcd(other.numerator, self.denominator),
        );
        Some(Self {
            numerator: (self.numerator / a).checked_mul(other.numerator / b)?,
            denominator: (self.denominator / b).checked_mul(other.denominator / a)?,
        })
    }

    /// The quotient; `None` where it does not fit, or nothing can be divided by the other one.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        (other.numerator > 0).then_some(())?;
        self.times(Self {
            numerator: other.denominator,
            denominator: other.numerator,
        })
    }

    /// The largest whole number that is no larger.
    #[must_use]
    pub fn floor(self) -> u128 {
        self.numerator / self.denominator
    }

    /// The smallest whole number that is no smaller.
    #[must_use]
    pub fn ceil(self) -> u128 {
        self.numerator.div_ceil(self.denominator)
    }
}

impl Ord for Ratio {
    /// By their continued fractions: whole parts first, then the inverses of what is left. No
    /// product is formed, so that nothing can overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (self.parts(), other.parts());
        let mut inverted = false;
        loop {
            let wholes = (a.0 / a.1).cmp(&(b.0 / b.1));
            let (rest_a, rest_b) = (a.0 % a.1, b.0 % b.1);
            let found = match (wholes, rest_a, rest_b) {
                (Ordering::Equal, 0, _) | (Ordering::Equal, _, 0) => rest_a.cmp(&rest_b),
                (Ordering::Equal, ..) => {
                    (a, b) = ((a.1, rest_a), (b.1, rest_b));
                    inverted = !inverted;
                    continue;
                }
                (different, ..) => different,
            };
            return if inverted { found.reverse() } else { found };
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The greatest common divisor, 1 of two zeros.
fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Numbers of every length up to 128 bits, many of them with common factors.
    fn number(rng: &mut ChaCha8Rng) -> u128 {
        let bits = rng.random_range(0..=128_u32);
        let any: u128 = rng.random();
        let short = any.checked_shr(128 - bits).unwrap_or(0);
        match rng.random_range(0..4) {
            0 => 10_u128.pow(rng.random_range(0..=38)),
            1 => (short >> 64) * 1_000_000_007,
            _ => short,
        }
    }

    fn ratio(rng: &mut ChaCha8Rng) -> Ratio {
        Ratio::new(number(rng), number(rng).max(1)).expect("a denominator")
    }

    fn big(ratio: Ratio) -> (BigUint, BigUint) {
        (ratio.numerator.into(), ratio.denominator.into())
    }

    /// Whether a result is the fraction, or is missing because that does not fit in lowest terms.
    fn is_right(found: Option<Ratio>, (numerator, denominator): (BigUint, BigUint)) -> bool {
        if let Some(found) = found {
            let (n, d) = big(found);
            return n * denominator == numerator * d
                && gcd(found.numerator, found.denominator) == 1;
        }
        true
    }

    #[test]
    fn every_operation_is_that_of_big_integers_or_says_that_it_does_not_fit() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut fitting = 0;
        for _ in 0..200_000 {
            let (a, b) = (ratio(&mut rng), ratio(&mut rng));
            let ((an, ad), (bn, bd)) = (big(a), big(b));
            assert_eq!(
                a.cmp(&b),
                (&an * &bd).cmp(&(&bn * &ad)),
                "{a:?} against {b:?}"
            );
            assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
            assert_eq!(BigUint::from(a.floor()), &an / &ad);
            assert_eq!(BigUint::from(a.ceil()), (&an + &ad - 1_u8) / &ad);
            fitting += u32::from(a.times(b).is_some() && a.plus(b).is_some());
            assert!(is_right(a.plus(b), (&an * &bd + &bn * &ad, &ad * &bd)));
            assert!(is_right(a.times(b), (&an * &bn, &ad * &bd)));
            match a.over(b) {
                found if b.numerator > 0 => assert!(is_right(found, (an * bd, ad * bn))),
                found => assert_eq!(found, None),
            }
        }
        assert!((50_000..150_000).contains(&fitting), "{fitting}");
    }

    #[test]
    fn what_fits_is_not_refused() {
        let third = Ratio::new(u128::MAX / 3, u128::MAX).expect("a denominator");
        assert_eq!(third, Ratio::new(1, 3).expect("a denominator"));
        let huge = Ratio::whole(u128::MAX);
        assert_eq!(huge.times(third).map(Ratio::floor), Some(u128::MAX / 3));
        assert_eq!(huge.over(huge), Some(Ratio::ONE));
        assert_eq!(huge.plus(Ratio::ONE), None);
        assert_eq!(huge.times(huge), None);
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(Ratio::ONE.over(Ratio::ZERO), None);
    }
}
