//! The neighbours of a mapping.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::problem::Mapping;

use super::ground::Ground;
use super::settle::settle;
use super::{extents, spatial, structure};

/// What neighbours have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// Nothing.
    Nothing,
    /// The spatial loops.
    Spatial,
}

/// A neighbour of a mapping. It may be none of the space, or the mapping itself.
pub fn neighbour(
    ground: &Ground<'_>,
    rng: &mut ChaCha8Rng,
    mapping: &Mapping,
    common: Common,
) -> Mapping {
    let mut next = mapping.clone();
    // Two or three changes at once lead out of what no single one improves.
    let changes = match rng.random_range(0..10) {
        0..6 => 1,
        6..9 => 2,
        _ => 3,
    };
    for _ in 0..changes {
        match rng.random_range(0..100) {
            0..45 => extents::change(ground, rng, &mut next),
            45..57 => extents::exchange(ground, rng, &mut next),
            57..65 => extents::align_some(ground, rng, &mut next),
            65..83 if common == Common::Nothing => spatial::change(ground, rng, &mut next),
            _ => structure::change(ground, rng, &mut next),
        }
        settle(ground, &mut next);
    }
    next
}
