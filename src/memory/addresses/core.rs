//! A few blocks that already have no arrangement, out of all that have none.

use crate::engine::Watch;
use crate::problem::packing::Packing;

use super::sections::Sections;
use super::{Packed, Rules, canonical};

/// Leaves out blocks one by one, the smallest first, as long as the rest is proved to have no
/// arrangement. Where the watch stops, the blocks that are left have none all the same.
pub(super) fn irreducible(
    packing: &Packing,
    blocks: Vec<usize>,
    rules: Rules,
    watch: &Watch,
) -> Vec<usize> {
    let mut order = blocks.clone();
    order.sort_by_key(|&b| (packing.blocks[b].size, b));
    let mut kept = blocks;
    for left_out in order {
        let fewer: Vec<usize> = kept.iter().copied().filter(|&b| b != left_out).collect();
        let own = Packing {
            blocks: fewer.iter().map(|&b| packing.blocks[b].clone()).collect(),
            ..packing.clone()
        };
        if impossible(&own, rules, watch) {
            kept = fewer;
        }
        if watch.stopped() {
            break;
        }
    }
    kept
}

fn impossible(packing: &Packing, rules: Rules, watch: &Watch) -> bool {
    let sections = Sections::of(packing);
    sections.parts().iter().any(|part| {
        let solved = canonical::solve(packing, &sections, part, rules, watch);
        matches!(solved, Packed::Impossible(_))
    })
}
