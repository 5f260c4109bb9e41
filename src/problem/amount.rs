//! Amounts of what is minimised, which are compared exactly where they can be.

use std::fmt;

/// Relative difference of a value and its bound up to which the bound proves the value optimal.
pub const TOLERANCE: f64 = 1e-6;

/// The same for whole numbers: one part in so many.
const TOLERATED_PART: u128 = 1_000_000;

/// Bounds on energies are sums of thousands of rounded products: up to this relative difference
/// one that is above its value is the value.
const ROUNDING: f64 = 1e-9;

/// A value or a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Cycles or bits.
    Whole(u128),
    /// Energy in pJ, or its product with cycles.
    Real(f64),
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Whole(whole) => write!(f, "{whole}"),
            Amount::Real(real) => write!(f, "{real}"),
        }
    }
}

impl Amount {
    /// As a floating-point number.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole numbers beyond 2^53 are only compared with real ones, to within a part of them"
    )]
    pub fn real(self) -> f64 {
        match self {
            Amount::Whole(whole) => whole as f64,
            Amount::Real(real) => real,
        }
    }

    /// This bound, where it is none above the value; real numbers to within rounding.
    pub(super) fn below(self, value: Amount) -> Option<Amount> {
        if let (Amount::Whole(bound), Amount::Whole(value)) = (self, value) {
            return (bound <= value).then_some(self);
        }
        let (bound, most) = (self.real(), value.real());
        if bound <= most {
            return Some(self);
        }
        (bound <= most * (1.0 + ROUNDING)).then_some(value)
    }

    /// Whether a bound is the value, to within the tolerance.
    pub(super) fn meets(self, value: Amount) -> bool {
        match (self, value) {
            (Amount::Whole(bound), Amount::Whole(value)) => {
                value.saturating_sub(bound) <= value / TOLERATED_PART
            }
            _ => self.real() >= value.real() * (1.0 - TOLERANCE),
        }
    }
}
