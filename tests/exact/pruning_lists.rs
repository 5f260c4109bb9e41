//! Laws of the rules that leave chains out of lists (`formulations/pruning.md`): with one rule alone
//! every chain of the full list has one in the shorter list that is nowhere larger, and the list
//! is shorter indeed.

use std::sync::Arc;

use crate::machine;
use deepmatrix::columns::boxes::BoxSpace;
use deepmatrix::columns::expand::expand;
use deepmatrix::columns::outer_box::{OuterBox, Split};
use deepmatrix::cost::window::{Block, distinct_rows};
use deepmatrix::engine::Watch;
use deepmatrix::problem::{
    Dim, Hardware, Level, LoopNest, Memory, PerDim, Precision, Tiles, Window,
};
use deepmatrix::tiling::Switches;
use deepmatrix::tiling::bypass::Optional;
use deepmatrix::tiling::chain::{Chain, Spread};
use deepmatrix::tiling::chains::chains_within;
use deepmatrix::tiling::limits::{ColumnLimits, WholeChains};
use deepmatrix::tiling::site::Site;
use deepmatrix::tiling::tile_space::TileSpace;
use deepmatrix::tiling::wanted::Wanted;
use smallvec::{SmallVec, smallvec};

/// A buffer above an axis of some elements, with registers below them where they are asked for.
fn hardware(elements: u64, registers: bool) -> Hardware {
    let mut levels = vec![
        Level::Memory(machine::memory("dram")),
        Level::Memory(machine::memory("sram")),
        machine::array(vec![machine::axis("row", elements, &Dim::ALL)]),
    ];
    levels.extend(registers.then(|| {
        Level::Memory(Memory {
            tiles: Tiles::Shared,
            ..machine::memory("registers")
        })
    }));
    machine::hardware("lists", levels)
}

const PRECISION: Precision = Precision {
    input: 8,
    weight: 8,
    output: 8,
    accumulator: 8,
};

/// A layer of so many outputs.
fn linear(extent: u64) -> LoopNest {
    let mut extents = PerDim::all(1);
    extents[Dim::K] = extent;
    LoopNest::forward(extents, [Window::NONE; Window::COUNT], PRECISION)
}

fn limits() -> ColumnLimits {
    ColumnLimits {
        whole: WholeChains::ALL,
        most: usize::MAX,
        watch: Watch::default(),
        fixed: Arc::default(),
        free_steps: false,
    }
}

fn chains(nest: &LoopNest, hardware: &Hardware, d: Dim, switches: Switches) -> Vec<Chain> {
    let site = Site::new(nest, hardware).with(switches);
    chains_within(&site, d, TileSpace::All, None, &limits()).expect("chains")
}

fn no_more(a: &[u64], b: &[u64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x <= y)
}

/// Whether a chain is nowhere larger than another one over the same axes.
fn is_no_larger(a: &Chain, b: &Chain) -> bool {
    let axes =
        |c: &Chain| -> Vec<(usize, usize)> { c.spread.iter().map(|s| (s.array, s.axis)).collect() };
    let factors = |c: &Chain| -> Vec<u64> { c.spread.iter().map(|s| s.factor).collect() };
    axes(a) == axes(b)
        && no_more(&factors(a), &factors(b))
        && no_more(&a.extents, &b.extents)
        && no_more(&a.counts, &b.counts)
        && a.steps <= b.steps
}

/// Every chain of `all` has one in `kept` that stands for it, and there are fewer of these.
fn stand_for(kept: &[Chain], all: &[Chain], no_larger: &dyn Fn(&Chain, &Chain) -> bool) {
    for one in all {
        let found = kept.iter().any(|own| no_larger(own, one));
        assert!(found, "nothing stands for {one:?}");
    }
    assert!(kept.len() < all.len(), "nothing was left out");
}

/// The law of a rule that leaves chains of a dimension of a linear layer out.
fn law(rule: fn(&mut Switches) -> &mut bool) {
    for (extent, elements, registers) in [(7, 1, false), (10, 4, false), (11, 3, true)] {
        let (nest, hardware) = (linear(extent), hardware(elements, registers));
        let mut own = Switches::NONE;
        *rule(&mut own) = true;
        let of = |switches| chains(&nest, &hardware, Dim::K, switches);
        stand_for(&of(own), &of(Switches::NONE), &is_no_larger);
    }
}

#[test]
fn outermost_multiples_stand_for_larger_extents() {
    law(|own| &mut own.outermost_multiples);
}

#[test]
fn same_tiles_stand_for_each_other_where_nothing_is_larger() {
    law(|own| &mut own.same_tiles);
}

#[test]
fn dominance_leaves_a_chain_that_is_nowhere_larger() {
    law(|own| &mut own.dominance);
}

/// All chains to which the boxes of a dimension are halved.
fn of_boxes(nest: &LoopNest, hardware: &Hardware, switches: Switches) -> Vec<Chain> {
    let site = Site::new(nest, hardware).with(switches);
    let space = BoxSpace::new(&site, Dim::K);
    let mut open = space.roots(&site, Dim::K, &limits()).expect("boxes");
    let mut found = Vec::new();
    while let Some(own) = open.pop() {
        let slot = space.open(&own).map(|open| open.0).next();
        match slot {
            None => found.push(own.chain),
            Some(slot) => open.extend(space.halves(&own, slot)),
        }
    }
    found
}

#[test]
fn box_multiples_stand_for_larger_extents() {
    for (extent, elements, registers) in [(13, 1, false), (14, 4, false), (15, 3, true)] {
        let (nest, hardware) = (linear(extent), hardware(elements, registers));
        let own = Switches {
            box_multiples: true,
            ..Switches::NONE
        };
        let of = |switches| of_boxes(&nest, &hardware, switches);
        stand_for(&of(own), &of(Switches::NONE), &is_no_larger);
    }
}

/// The rows of all tiles at every slot with any tile of the partner dimension: their sum, and the
/// most of one.
fn rows(nest: &LoopNest, hardware: &Hardware, d: Dim, chain: &Chain) -> Vec<u64> {
    let axis = LoopNest::window_of(d).expect("a window");
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let partner = nest.extents[if d == p { r } else { p }];
    let site = Site::new(nest, hardware);
    let mut all = Vec::new();
    for cut in chain.pieces(site.slots(d), nest.extents[d]) {
        for start in 0..partner {
            for length in 1..=partner - start {
                let other = Block { start, length };
                let of = |own: Block| {
                    let (output, kernel) = if d == p { (own, other) } else { (other, own) };
                    distinct_rows(&nest.windows[axis], output, kernel)
                };
                let each: Vec<u64> = cut.blocks().into_iter().map(of).collect();
                all.push(each.iter().sum());
                all.push(each.iter().copied().max().unwrap_or(0));
            }
        }
    }
    all
}

/// With padding, a third cut may move full tiles to where rows are missing.
#[test]
fn third_cuts_are_left_out_only_for_chains_with_as_few_rows() {
    let mut extents = PerDim::all(1);
    (extents[Dim::P], extents[Dim::R]) = (7, 3);
    let mut windows = [Window::NONE; Window::COUNT];
    windows[0] = Window {
        padding: 1,
        rows: 7,
        ..Window::NONE
    };
    let nest = LoopNest::forward(extents, windows, PRECISION);
    let hardware = hardware(1, false);
    let own = Switches {
        third_cuts: true,
        ..Switches::NONE
    };
    for d in [Dim::P, Dim::R] {
        let of = |switches| chains(&nest, &hardware, d, switches);
        let (kept, all) = (of(own), of(Switches::NONE));
        let no_larger = |a: &Chain, b: &Chain| {
            is_no_larger(a, b)
                && no_more(&rows(&nest, &hardware, d, a), &rows(&nest, &hardware, d, b))
        };
        stand_for(&kept, &all, &no_larger);
    }
}

/// The chains of one box and one inner part.
fn of_parts(extent: u64, factor: u64, inner: u64, switches: Switches) -> Vec<Chain> {
    let nest = linear(extent);
    let site = Site::new(&nest, &hardware(factor, true)).with(switches);
    let (d, slots) = (Dim::K, site.slots(Dim::K));
    let chain = |extents: [u64; 3]| Chain {
        spread: smallvec![Spread {
            array: 2,
            axis: 0,
            factor
        }],
        extents: SmallVec::from_slice(&extents),
        third: None,
        counts: smallvec![1; 3],
        steps: 1,
    };
    let boxed = OuterBox {
        chain: chain([1, 1, 1]),
        highest: vec![extent, extent],
    };
    let split = Split {
        extent,
        slots,
        outer: 2,
        irregular: false,
        dealt: &[],
        optional: &Optional::new(&site, d),
        wanted: &Wanted::new(&site, d, &[]),
        gaps: &[],
        unused: 2,
    };
    let mut found = Vec::new();
    let (inner, watch) = (chain([1, 1, inner]), Watch::default());
    expand(&split, &boxed, &inner, &watch, &mut |own| found.push(own));
    found
}

fn law_of_parts(rule: fn(&mut Switches) -> &mut bool) {
    for extent in [13, 23] {
        for (factor, inner) in [(2, 1), (3, 2), (4, 1)] {
            let mut own = Switches::NONE;
            *rule(&mut own) = true;
            let of = |switches| of_parts(extent, factor, inner, switches);
            stand_for(&of(own), &of(Switches::NONE), &is_no_larger);
        }
    }
}

#[test]
fn part_multiples_stand_for_larger_extents() {
    law_of_parts(|own| &mut own.part_multiples);
}

#[test]
fn part_same_tiles_stand_for_each_other_where_nothing_is_larger() {
    law_of_parts(|own| &mut own.part_same_tiles);
}
