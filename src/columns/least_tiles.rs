//! The least tiles that chains of a box have.

use smallvec::SmallVec;

/// The least tiles at every slot, outermost first, of all chains whose extents over all elements
/// lie between `low` and `high`. With `cut_again`, chains may have one cut more between slots.
///
/// Every full tile of a slot holds as many tiles of the next one in as its extent needs, and as
/// many full ones as fit into it; any other piece holds one tile at least.
#[must_use]
pub fn least_tiles(extent: u64, low: &[u64], high: &[u64], cut_again: bool) -> SmallVec<[u64; 4]> {
    let (mut tiles, mut full, mut above) = (1, u64::from(!cut_again), extent);
    let own = low.iter().zip(high).map(|(&low, &high)| {
        let nested = full * above.div_ceil(high) + (tiles - full);
        tiles = nested.max(extent.div_ceil(high));
        full *= above / high;
        above = low;
        tiles
    });
    own.collect()
}
