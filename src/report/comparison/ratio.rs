//! Ratios of cycles as texts.

/// A ratio to the best mapping, as reports show it.
pub(in crate::report) fn ratio_text(ratio: f64) -> String {
    // A mapping that is not the best never looks like it.
    if ratio > 1.0 && ratio < 1.0005 {
        return "1.001".to_owned();
    }
    format!("{ratio:.3}")
}
