//! How many of a few cases run that take long.

use crate::cases::all;

/// The suite tries one of so many of a short list of cases that take long.
const FEW: usize = 3;

/// Those of such a list that run: the first ones, at least one.
pub fn few<T>(list: &[T]) -> &[T] {
    let count = if all() {
        list.len()
    } else {
        list.len().div_ceil(FEW)
    };
    &list[..count]
}
