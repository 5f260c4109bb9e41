//! Quantities with their units in the type: sizes in bits, capacities in bytes, rational bandwidths.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};

use super::ratio::Ratio;

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

/// A rational bandwidth in bytes per cycle, `numerator / denominator` in lowest terms, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bandwidth {
    numerator: u64,
    denominator: u64,
}

/// Numerators and denominators of bandwidths are at most this, so that sums of two fractions of a
/// cycle fit in 128 bits; decimals of nine digits before and after the point are below 2^60.
const LARGEST_PART: u64 = 1 << 62;

impl Bandwidth {
    /// A bandwidth of `numerator / denominator` bytes per cycle; `None` unless both are positive
    /// and, in lowest terms, at most 2^62.
    #[must_use]
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        Self::of(Ratio::new(numerator.into(), denominator.into())?)
    }

    /// A bandwidth in bytes per cycle; `None` where it is 0 or its parts exceed 2^62.
    #[must_use]
    pub fn of(ratio: Ratio) -> Option<Self> {
        let (numerator, denominator) = ratio.parts();
        let part = |n: u128| u64::try_from(n).ok().filter(|&n| n <= LARGEST_PART);
        let numerator = part(numerator).filter(|&n| n > 0)?;
        Some(Self {
            numerator,
            denominator: part(denominator)?,
        })
    }

    /// Twice as fast; `None` where its parts would exceed 2^62.
    #[must_use]
    pub fn twice(self) -> Option<Self> {
        Self::new(self.numerator.checked_mul(2)?, self.denominator)
    }

    /// Half as fast; `None` where its parts would exceed 2^62.
    #[must_use]
    pub fn half(self) -> Option<Self> {
        Self::new(self.numerator, self.denominator.checked_mul(2)?)
    }

    /// The bandwidth in bytes per cycle, exactly.
    #[must_use]
    pub fn exact(self) -> Ratio {
        // In lowest terms, with a denominator.
        Ratio::new(self.numerator.into(), self.denominator.into()).unwrap_or(Ratio::ONE)
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

    /// Whole cycles of `bits` and what is left, as a fraction over `8 · numerator`.
    fn whole_and_rest(self, bits: Bits) -> (u128, u128) {
        let one = 8 * u128::from(self.numerator);
        let denominator = u128::from(self.denominator);
        let rest = (bits.0 % one) * denominator;
        // Saturated only beyond 2^128 cycles, which no input comes near.
        let whole = (bits.0 / one).saturating_mul(denominator);
        (whole.saturating_add(rest / one), rest % one)
    }

    /// The busy cycles of a port that moves `bits`: ceil(bits / (8 · bandwidth)), rounded once.
    #[must_use]
    pub fn cycles(self, bits: Bits) -> u128 {
        let (whole, rest) = self.whole_and_rest(bits);
        whole.saturating_add(u128::from(rest > 0))
    }

    /// The bandwidth as numerator and denominator, in bytes per cycle.
    #[must_use]
    pub fn ratio(self) -> (u64, u64) {
        (self.numerator, self.denominator)
    }

    /// The cycles of `bits` at this bandwidth and then `others` at another one, rounded up once.
    #[must_use]
    pub fn cycles_with(self, bits: Bits, other: Self, others: Bits) -> u128 {
        let (whole, rest) = self.whole_and_rest(bits);
        let (more, others_rest) = other.whole_and_rest(others);
        // Fractions over 8 · a · b, each less than one: below 2^128 together.
        let (a, b) = (u128::from(self.numerator), u128::from(other.numerator));
        let last = (rest * b + others_rest * a).div_ceil(8 * a * b);
        whole.saturating_add(more).saturating_add(last)
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

    /// The sum of two bandwidths, for ports that work side by side; `None` where it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::of(self.exact().plus(other.exact())?)
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
        let sum = half.plus(odd).expect("it fits");
        assert_eq!(sum.cycles(Bits(232)), 10);
        // 5/3 and 2/3 of a cycle are not rounded one by one.
        let three = Bandwidth::parse("0.375").expect("a decimal");
        assert_eq!(three.cycles_with(Bits(5), three, Bits(1)), 2);
        assert_eq!(three.cycles_with(Bits(5), half, Bits(2)), 3);
        assert_eq!(Bandwidth::parse("0"), None);
        assert_eq!(Bandwidth::parse("-1"), None);
        assert_eq!(Bandwidth::parse("1e3"), None);
    }

    #[test]
    fn cycles_are_those_of_big_integers_whatever_the_bandwidths() {
        use num_bigint::BigUint;
        use rand::{Rng, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
        let mut part = || {
            let bits = rng.random_range(1..=62_u32);
            rng.random_range(1..=1_u64 << bits)
        };
        let all: Vec<(Bandwidth, u128)> = (0..5_000)
            .map(|_| {
                let port = Bandwidth::new(part(), part()).expect("small parts");
                (port, u128::from(part()))
            })
            .collect();
        let ceil = |n: BigUint, d: BigUint| (n + &d - 1_u8) / d;
        for pair in all.windows(2) {
            let [(a, bits), (b, others)] = pair else {
                continue;
            };
            let part = |port: &Bandwidth, bits: u128| {
                let (n, d) = port.ratio();
                (BigUint::from(bits) * d, BigUint::from(n) * 8_u8)
            };
            let ((n, d), (m, e)) = (part(a, *bits), part(b, *others));
            assert_eq!(
                BigUint::from(a.cycles(Bits(*bits))),
                ceil(n.clone(), d.clone())
            );
            let both = a.cycles_with(Bits(*bits), *b, Bits(*others));
            assert_eq!(BigUint::from(both), ceil(&n * &e + m * &d, d * e));
        }
        assert_eq!(Bandwidth::new(2, 4), Bandwidth::new(1, 2));
        assert_eq!(Bandwidth::new(u64::MAX, 1), None);
    }
}
