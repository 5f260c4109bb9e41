//! Divisors, halvings and spatial factors of an extent.

use super::tile_space::TileSpace;

/// Spatial factors of a dimension of `extent` over an axis of `size` elements, each at least 2.
#[must_use]
pub fn factors(extent: u64, size: u64, space: TileSpace) -> Vec<u64> {
    let largest = extent.min(size);
    let all = 2..=largest;
    match space {
        TileSpace::All => all.collect(),
        TileSpace::Coarsest => all.filter(|&f| f == largest).collect(),
        TileSpace::Divisors => all.filter(|f| extent.is_multiple_of(*f)).collect(),
        TileSpace::Coarse if extent >= 8 * size => {
            all.filter(|&f| f == largest || f * 2 == largest).collect()
        }
        TileSpace::Coarse if size > 8 => {
            let balanced = extent.div_ceil(extent.div_ceil(size));
            all.filter(|&f| f == largest || f == balanced).collect()
        }
        TileSpace::Balanced | TileSpace::Coarse => all
            .filter(|&f| f == extent.div_ceil(extent.div_ceil(f)))
            .collect(),
        TileSpace::Seed => {
            let balanced = extent.div_ceil(extent.div_ceil(size));
            let divisor = all.clone().rfind(|f| extent.is_multiple_of(*f));
            all.filter(|&f| {
                f == largest
                    || f == balanced
                    || Some(f) == divisor
                    || divisor.is_some_and(|d| f * 2 == d)
            })
            .collect()
        }
        TileSpace::Starter => {
            let balanced = extent.div_ceil(extent.div_ceil(size));
            all.filter(|&f| {
                f == largest
                    || f == balanced
                    || (extent.is_multiple_of(f) && (f.is_power_of_two() || f * 2 > largest))
            })
            .collect()
        }
    }
}

/// All divisors of an extent, in increasing order.
pub(crate) fn divisors(extent: u64) -> Vec<u64> {
    let small = (1..)
        .take_while(|d| d * d <= extent)
        .filter(|d| extent.is_multiple_of(*d));
    let mut all: Vec<u64> = small.flat_map(|d| [d, extent / d]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The extent divided by powers of two, rounded up.
pub(crate) fn halvings(extent: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(1_u64), move |n| (*n < extent).then_some(n * 2))
        .map(move |n| extent.div_ceil(n))
}
