//! Halving boxes of chains reaches every chain of a dimension, and no chain has fewer tiles or
//! steps, or smaller extents, than any box that holds it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::exhaustive::Case;
use crate::exhaustive::features::feature_case;
use deepmatrix::columns::boxes::{BoxSpace, ChainBox};
use deepmatrix::engine::Watch;
use deepmatrix::problem::Dim;
use deepmatrix::tiling::chain::Chain;
use deepmatrix::tiling::chains::chains_within;
use deepmatrix::tiling::limits::{ColumnLimits, WholeChains};
use deepmatrix::tiling::site::Site;
use deepmatrix::tiling::symmetry::shares_all;
use deepmatrix::tiling::tile_space::TileSpace;

/// What tells chains apart: factors, extents, and the third cut.
fn key(chain: &Chain) -> String {
    format!("{:?} {:?} {:?}", chain.spread, chain.extents, chain.third)
}

/// Whether a box promises no more than each of its chains has.
fn bounds(boxed: &Chain, chain: &Chain) -> bool {
    let no_more = |a: &[u64], b: &[u64]| a.iter().zip(b).all(|(x, y)| x <= y);
    boxed.steps <= chain.steps
        && no_more(&boxed.counts, &chain.counts)
        && no_more(&boxed.extents, &chain.extents)
}

/// Halves a box down to its chains, each compared with all boxes around it.
fn reach(space: &BoxSpace, own: ChainBox, around: &mut Vec<Chain>, found: &mut BTreeSet<String>) {
    let slot = space.open(&own).map(|o| o.0).next();
    let Some(slot) = slot else {
        for boxed in around.iter() {
            assert!(bounds(boxed, &own.chain), "{boxed:?}\n{:?}", own.chain);
        }
        assert!(own.is_chain());
        found.insert(key(&own.chain));
        return;
    };
    let halves = space.halves(&own, slot);
    around.push(own.chain);
    for half in halves {
        reach(space, half, around, found);
    }
    around.pop();
}

/// Compares the chains of a dimension; how many it has.
fn compare(case: &Case, d: Dim) -> usize {
    let limits = ColumnLimits {
        whole: WholeChains::ALL,
        most: usize::MAX,
        watch: Watch::default(),
        fixed: Arc::default(),
        free_steps: false,
    };
    let site = Site::new(&case.nest, &case.hardware);
    let space = BoxSpace::new(&site, d);
    let roots = space.roots(&site, d, &limits).expect("boxes");
    let mut found = BTreeSet::new();
    for root in roots {
        reach(&space, root, &mut Vec::new(), &mut found);
    }
    let all = chains_within(&site, d, TileSpace::All, None, &limits).expect("chains");
    for chain in &all {
        assert!(found.contains(&key(chain)), "seed {}: {chain:?}", case.seed);
    }
    all.len()
}

#[test]
fn halving_boxes_reaches_every_chain_and_their_bounds_hold() {
    let mut chains = 0;
    for seed in 0..600 {
        let mut case = feature_case(seed);
        if !shares_all(&case.hardware) {
            continue;
        }
        // Longer dimensions than exhaustive search of whole mappings could stand.
        for d in [Dim::N, Dim::K, Dim::C] {
            if case.nest.extents[d] > 1 {
                case.nest.extents[d] = 5 + seed % 9;
                chains += compare(&case, d);
            }
        }
        for d in [Dim::P, Dim::Q, Dim::R] {
            if case.nest.extents[d] > 1 {
                chains += compare(&case, d);
            }
        }
    }
    assert!(chains > 10_000, "{chains}");
}
