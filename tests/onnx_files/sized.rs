//! Sizes that cannot be.

use super::*;

/// Sizes that cannot be.
pub fn cases() -> Vec<Case> {
    let huge = 1_i64 << 50;
    let relu_of = |dims: &[i64]| with_input(value("x", 1, dims));
    vec![
        ("no_shape", with_input(untyped("x")), "is no tensor"),
        ("open_axis", relu_of(&[1, -2]), "neither a size nor a name"),
        (
            "open_names",
            relu_of(&[-1, -3]),
            "leaves sizes open: `batch` of input `x`, `seq` of input `x`; give them with --dim batch=N --dim seq=N",
        ),
        ("zero", relu_of(&[1, 0, 8, 8]), "must be at least 1"),
        ("negative", relu_of(&[1, -7]), "must be at least 1"),
        ("huge_axis", relu_of(&[1, huge]), "must be at least 1"),
        (
            "huge_tensor",
            relu_of(&[1 << 30, 1 << 30, 1 << 30]),
            "larger than any tensor may be",
        ),
        (
            "huge_weight",
            with_weight(
                node("Conv", &["x", "w"], &["y"], &[]),
                weight("w", &[i64::MAX, 3, 3, 3]),
            ),
            "larger than any tensor may be",
        ),
        (
            "negative_weight",
            with_weight(
                node("Conv", &["x", "w"], &["y"], &[]),
                weight("w", &[-8, 3, 3, 3]),
            ),
            "negative size",
        ),
        ("too_many_axes", relu_of(&[1; 40]), "40 axes"),
    ]
}
