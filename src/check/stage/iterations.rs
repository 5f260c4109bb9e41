//! The distinct iterations of an operation of a stage.

use std::collections::BTreeMap;

use crate::problem::access::{Access, Accesses, AxisIndex};
use crate::problem::{Dim, LoopNest, RoleSet, Window};

use super::axis::{self, Cut};
use super::form::Stage;

/// What an operation computes in an iteration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Iteration {
    /// Extents of its dimensions.
    pub(super) extents: Vec<u64>,
    /// For every operand that it reads the distinct elements that it touches.
    pub(super) touched: Vec<u64>,
    /// Elements of the result.
    pub(super) computed: u64,
    /// By the place of its outputs' dimension, the window over the rows that are needed.
    windows: Vec<(usize, Window)>,
    /// Whether its result has been begun by an iteration before, and is finished by one after.
    pub(super) partial: [bool; 2],
}

/// What an operation computes of one loop's axis in a tile.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Tile {
    /// Positions.
    count: u64,
    /// For every operand that it reads the distinct rows that it touches, 1 where the axis does not index it.
    touched: Vec<u64>,
    window: Option<Window>,
    /// Whether sums along the axis have been begun before, and are finished after.
    partial: [bool; 2],
}

/// The iterations of an operation in which it computes something, with how often there are such.
pub(super) fn of(stage: &Stage<'_>, cuts: &[Cut], member: usize) -> BTreeMap<Iteration, u128> {
    let operation = &stage.fused.accesses[member];
    let reads = operation.reads.iter();
    let whole = Iteration {
        extents: operation.dims.iter().map(|dim| dim.extent).collect(),
        touched: reads.map(|read| uncut(stage, member, read)).collect(),
        computed: operation
            .result()
            .map_or(1, |own| uncut(stage, member, own)),
        windows: Vec::new(),
        partial: [false; 2],
    };
    let mut all = BTreeMap::from([(whole, 1)]);
    for cut in cuts {
        let dim = stage.mode.loops[cut.number].places[member];
        let sums = operation.is_reduction(dim) || operation.dims[dim].whole;
        let indexes = (operation.result()).is_some_and(|own| own.axis_of(dim).is_some());
        let mut longer = BTreeMap::new();
        let tiles = tiles(stage, cut, member, sums);
        for (outer, times) in &all {
            for (tile, count) in &tiles {
                let mut one = outer.clone();
                one.extents[dim] = tile.count;
                for (touched, rows) in one.touched.iter_mut().zip(&tile.touched) {
                    *touched *= rows;
                }
                one.computed *= if indexes { tile.count } else { 1 };
                one.windows.extend(tile.window.map(|own| (dim, own)));
                for (own, along) in one.partial.iter_mut().zip(tile.partial) {
                    *own |= along;
                }
                *longer.entry(one).or_default() += times * count;
            }
        }
        all = longer;
    }
    all
}

/// The tiles of a loop in which an operation computes something, with how often there are such.
fn tiles(stage: &Stage<'_>, cut: &Cut, member: usize, sums: bool) -> BTreeMap<Tile, u128> {
    let reads = &stage.fused.accesses[member].reads;
    let index = |access: &Access| cut.index(stage, member, access).map(|own| own.1);
    let last = cut.computed.len() - 1;
    let mut all = BTreeMap::new();
    for (number, computed) in cut.computed.iter().enumerate() {
        let outputs = &computed[member];
        if outputs.is_empty() {
            continue;
        }
        let rows = |access: &Access| {
            index(access).map_or(1, |own| axis::touched(own, outputs).len() as u64)
        };
        let indices = reads.iter().filter_map(index);
        let mut windows = indices.filter_map(|own| axis::window(own, outputs));
        let tile = Tile {
            count: outputs.end - outputs.start,
            touched: reads.iter().map(rows).collect(),
            window: windows.next(),
            partial: [sums && number > 0, sums && number < last],
        };
        *all.entry(tile).or_default() += 1;
    }
    all
}

/// Distinct elements of a tensor in all axes that no loop cuts.
fn uncut(stage: &Stage<'_>, member: usize, access: &Access) -> u64 {
    let axes = access.axes.iter().map(|&(extent, index)| {
        if stage.loop_of(member, index).is_some() {
            return 1;
        }
        match index {
            AxisIndex::Window { .. } => {
                let outputs = 0..stage.outputs(member, index, extent);
                axis::touched(index, &outputs).len() as u64
            }
            AxisIndex::Dim(_) | AxisIndex::Whole => extent,
        }
    });
    axes.product()
}

/// The loop nest of an iteration, with the operands that lie in blocks; a dimension in parts has as many
/// elements as they have together.
pub(super) fn nest(
    operation: &Accesses,
    whole: &LoopNest,
    one: &Iteration,
    resident: RoleSet,
) -> LoopNest {
    let mut own = LoopNest {
        resident,
        ..whole.clone()
    };
    let dims = || operation.dims.iter().zip(&one.extents);
    for d in Dim::ALL {
        let mut parts = dims().filter(|(dim, _)| dim.dim == Some(d)).peekable();
        if parts.peek().is_some() {
            own.extents[d] = parts.map(|(_, extent)| extent).product();
        }
    }
    for &(dim, window) in &one.windows {
        let outputs = |pair: &(Dim, Dim)| Some(pair.0) == operation.dims[dim].dim;
        if let Some(at) = LoopNest::WINDOW_DIMS.iter().position(outputs) {
            own.windows[at] = window;
        }
    }
    own
}
