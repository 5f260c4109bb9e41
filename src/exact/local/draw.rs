//! Random choices.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Any element of a list; `None` of an empty one.
pub(super) fn pick<T: Copy>(rng: &mut ChaCha8Rng, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| all[rng.random_range(0..all.len())])
}
