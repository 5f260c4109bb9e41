//! To within what a mapping is called optimal, and how open bounds are rounded.

pub use super::tuning::RELATIVE_GAP;

/// Whether a bound proves cycles optimal: to within a relative 1e-6 (problem definition, section 6).
pub(super) fn is_within_tolerance(cycles: u128, bound: u128) -> bool {
    cycles.saturating_sub(bound) <= cycles / 1_000_000
}

/// The largest integer below `best` that is an improvement worth looking for.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cycles are far below 2^53 where the relative gap is less than one cycle"
)]
pub fn largest_improvement(best: u128) -> u128 {
    let gap = (best as f64 * RELATIVE_GAP).floor() as u128;
    best - gap.clamp(1, best)
}

/// An open bound in cycles, rounded up: cycles are integers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a finite bound, clamped to be positive"
)]
pub(super) fn open_cycles(open: f64) -> u128 {
    if open.is_finite() {
        (open.exp() * (1.0 - 1e-9)).ceil().max(0.0) as u128
    } else {
        0
    }
}
