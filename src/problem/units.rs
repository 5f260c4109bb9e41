//! Quantities with their units in the type: sizes in bits, capacities in bytes, rational bandwidths.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};

/// A size or an amount of traffic in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits(pub u128);

impl Bits {
    /// The same size in bytes, rounded up.
    #[must_use]
    pub fn bytes_ceil(self) -> u128 {
        self.0.div_ceil(8)
    }

    /// The size in bytes as a decimal number, for reports.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "reports show it; no decision rests on it"
    )]
    pub fn bytes(self) -> f64 {
        self.0 as f64 / 8.0
    }
}

impl Add for Bits {
    type Output = Bits;
    fn add(self, other: Bits) -> Bits {
        Bits(self.0 + other.0)
    }
}

impl AddAssign for Bits {
    fn add_assign(&mut self, other: Bits) {
        self.0 += other.0;
    }
}

impl Mul<u128> for Bits {
    type Output = Bits;
    fn mul(self, factor: u128) -> Bits {
        Bits(self.0 * factor)
    }
}

impl Sum for Bits {
    fn sum<I: Iterator<Item = Bits>>(items: I) -> Bits {
        items.fold(Bits(0), Add::add)
    }
}

/// A memory capacity in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// The capacity in bits; capacities are compared in bits (problem definition, section 1).
    #[must_use]
    pub fn bits(self) -> Bits {
        Bits(u128::from(self.0) * 8)
    }
}

/// A rational bandwidth in bytes per cycle, `numerator / denominator`, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bandwidth {
    numerator: u64,
    denominator: u64,
}

impl Bandwidth {
    /// A bandwidth of `numerator / denominator` bytes per cycle; `None` unless both are positive.
    #[must_use]
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        (numerator > 0 && denominator > 0).then_some(Self {
            numerator,
            denominator,
        })
    }

    /// Reads a decimal such as `2`, `0.5` or `12.75` exactly, with at most nine decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.len() > 9 || whole.len() > 9 || whole.is_empty() {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
        Self::new(digits.parse().ok()?, scale)
    }

    /// The busy cycles of a port that moves `bits`: ceil(bits / (8 · bandwidth)), rounded once.
    #[must_use]
    pub fn cycles(self, bits: Bits) -> u128 {
        (bits.0 * u128::from(self.denominator)).div_ceil(8 * u128::from(self.numerator))
    }

    /// The bandwidth as numerator and denominator, in bytes per cycle.
    #[must_use]
    pub fn ratio(self) -> (u64, u64) {
        (self.numerator, self.denominator)
    }

    /// The cycles of `bits` at this bandwidth and then `others` at another one, rounded up once.
    #[must_use]
    pub fn cycles_with(self, bits: Bits, other: Self, others: Bits) -> u128 {
        let parts = |limit: Self, bits: Bits| {
            let (all, one) = (
                bits.0 * u128::from(limit.denominator),
                8 * u128::from(limit.numerator),
            );
            (all / one, all % one)
        };
        let ((whole, rest), (more, others_rest)) = (parts(self, bits), parts(other, others));
        // Fractions over 8 · a · b, each less than one: nothing overflows.
        let (a, b) = (u128::from(self.numerator), u128::from(other.numerator));
        whole + more + (rest * b + others_rest * a).div_ceil(8 * a * b)
    }

    /// The bandwidth as a floating-point number of bytes per cycle, for bounds and reports.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "below 2^53 by construction of inputs"
    )]
    pub fn bytes_per_cycle(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The sum of two bandwidths, for ports that work side by side.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (small, large) = if self.denominator <= other.denominator {
            (self, other)
        } else {
            (other, self)
        };
        // Denominators of decimals divide each other; the product of any two others could overflow sooner.
        let common = if large.denominator.is_multiple_of(small.denominator) {
            1
        } else {
            small.denominator
        };
        let denominator = large.denominator * common;
        Self {
            numerator: small.numerator * (denominator / small.denominator)
                + large.numerator * common,
            denominator,
        }
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bytes_per_cycle())
    }
}

/// ceil(a / b) on extents.
#[must_use]
pub fn ceil_div(a: u64, b: u64) -> u64 {
    a.div_ceil(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bandwidth_is_read_exactly_and_rounds_once() {
        let half = Bandwidth::parse("0.5").expect("a decimal");
        assert_eq!(half.cycles(Bits(8)), 2);
        assert_eq!(half.cycles(Bits(9)), 3);
        let odd = Bandwidth::parse("2.4").expect("a decimal");
        assert_eq!(odd.cycles(Bits(96)), 5);
        let wide = Bandwidth::parse("999999999.999999999").expect("a decimal");
        assert_eq!(wide.plus(half), half.plus(wide));
        assert_eq!(half.plus(odd).cycles(Bits(232)), 10);
        // 5/3 and 2/3 of a cycle are not rounded one by one.
        let three = Bandwidth::parse("0.375").expect("a decimal");
        assert_eq!(three.cycles_with(Bits(5), three, Bits(1)), 2);
        assert_eq!(three.cycles_with(Bits(5), half, Bits(2)), 3);
        assert_eq!(Bandwidth::parse("0"), None);
        assert_eq!(Bandwidth::parse("-1"), None);
        assert_eq!(Bandwidth::parse("1e3"), None);
    }
}
