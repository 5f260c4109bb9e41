//! Exact times.

use std::cmp::Ordering;
use std::ops::{Add, Mul};

/// A rational number that is not negative, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: u128,
    denominator: u128,
}

fn divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { divisor(b, a % b) }
}

impl Rational {
    pub const ZERO: Rational = Rational {
        numerator: 0,
        denominator: 1,
    };

    /// `numerator / denominator` in lowest terms.
    ///
    /// # Panics
    /// If the denominator is zero.
    #[must_use]
    pub fn new(numerator: u128, denominator: u128) -> Self {
        assert!(denominator > 0, "a denominator of zero");
        let d = divisor(numerator, denominator);
        Self {
            numerator: numerator / d,
            denominator: denominator / d,
        }
    }

    /// The time that `bits` take at `bandwidth` bytes per cycle.
    #[must_use]
    pub fn transfer(bits: u64, bandwidth: (u64, u64)) -> Self {
        let (num, den) = bandwidth;
        Self::new(u128::from(bits) * u128::from(den), 8 * u128::from(num))
    }

    #[must_use]
    pub fn numerator(self) -> u128 {
        self.numerator
    }

    #[must_use]
    pub fn denominator(self) -> u128 {
        self.denominator
    }
}

impl From<u64> for Rational {
    fn from(value: u64) -> Self {
        Self::new(u128::from(value), 1)
    }
}

impl Add for Rational {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )
    }
}

impl Mul<u64> for Rational {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self::new(self.numerator * u128::from(times), self.denominator)
    }
}

impl std::iter::Sum for Rational {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Rational {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}
