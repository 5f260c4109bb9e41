//! Fractions of large whole numbers, for reports.

/// How far a value may be above the best one of which a bound is known, as a part of the value.
pub(super) fn gap(value: u128, bound: u128) -> f64 {
    fraction(value.saturating_sub(bound), value)
}

/// `part / whole` as a floating-point number, 0 for an empty whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "reports show it; no decision rests on it"
)]
pub(super) fn fraction(part: u128, whole: u128) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}
