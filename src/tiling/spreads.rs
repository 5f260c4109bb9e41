//! All ways of spreading one dimension over the arrays.

use smallvec::SmallVec;

use crate::problem::{Dim, Level};

use super::chain::Spread;
use super::factors::factors;
use super::limits::ColumnLimits;
use super::site::Site;
use super::switches::Switches;
use super::symmetry;
use super::tile_space::TileSpace;
use super::wanted::Wanted;

/// All spatial choices of a dimension: for each array no axis, or one with a factor; several
/// axes where the array splits dimensions; `None` where there are too many.
pub(crate) fn spreads(
    site: &Site<'_>,
    d: Dim,
    space: TileSpace,
    limits: &ColumnLimits,
) -> Option<Vec<SmallVec<[Spread; 1]>>> {
    let extent = site.extent(d);
    let wanted = Wanted::new(site, d, &limits.fixed);
    let fixed_axes = limits.fixed.iter().any(|own| !own.arrays.is_empty());
    let Switches {
        needless_factors,
        equal_axes,
        ..
    } = site.switches;
    // [PRU1] With a smaller factor as few elements would have nothing to do.
    let useful = |used: u64, factor: u64| !needless_factors || used * (factor - 1) < extent;
    let anchored = equal_axes && symmetry::anchor(site.operation) == Some(d) && !fixed_axes;
    let mut all: Vec<SmallVec<[Spread; 1]>> = vec![SmallVec::new()];
    for (level, entry) in site.hardware.levels.iter().enumerate() {
        let Level::Array(array) = entry else { continue };
        let outer = all.clone();
        for (i, axis) in array.axes.iter().enumerate() {
            if !axis.dims.contains(d) {
                continue;
            }
            let prefixes = if array.split_dims { &all } else { &outer };
            let mut longer = Vec::new();
            for prefix in prefixes {
                if all.len() + longer.len() > limits.most {
                    return None;
                }
                let used: u64 = prefix.iter().map(|s| s.factor).product();
                let most = if anchored {
                    symmetry::largest_factor(array, i, level, prefix)
                } else {
                    u64::MAX
                };
                for factor in axis_factors(wanted.factor(level, i), extent, axis.size, space) {
                    let even = space != TileSpace::Divisors || extent.is_multiple_of(used * factor);
                    if factor <= most && even && (useful(used, factor) || wanted.leaves_idle()) {
                        let mut next = prefix.clone();
                        next.push(Spread {
                            array: level,
                            axis: i,
                            factor,
                        });
                        longer.push(next);
                    }
                }
            }
            all.extend(longer);
        }
    }
    all.retain(|spread| wanted.allows(spread));
    Some(all)
}

/// The factors above 1 that a dimension may have on an axis: the one that is fixed, if it is.
fn axis_factors(fixed: Option<u64>, extent: u64, size: u64, space: TileSpace) -> Vec<u64> {
    match fixed {
        Some(factor) => Some(factor).filter(|&f| f > 1).into_iter().collect(),
        None => factors(extent, size, space),
    }
}
