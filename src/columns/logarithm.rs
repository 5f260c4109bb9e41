//! Logarithms of what columns determine.

/// Stands for the logarithm of 0: a tile that sees only padding moves and takes nothing. Its
/// term then is below 1e-30 of any other, far under the slack of every bound.
const LN_ZERO: f64 = -80.0;

#[expect(
    clippy::cast_precision_loss,
    reason = "products of extents; the bound is rounded outwards"
)]
pub(crate) fn ln(value: u64) -> f64 {
    if value == 0 {
        LN_ZERO
    } else {
        (value as f64).ln()
    }
}
