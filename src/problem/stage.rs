//! Fused stages: consecutive operations that run together, tile by tile, and are one operation of a
//! schedule (`formulations/fusion.md`).

use std::sync::Arc;

use super::access::Accesses;
use super::costs::Cost;
use super::mapping::Mapping;
use super::operation::LoopNest;

/// A loop of a stage over an axis that all its operations share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLoop {
    /// For every operation the place of its dimension.
    pub places: Vec<usize>,
    /// For every operation what the axis is called there.
    pub dims: Vec<String>,
    /// The extent of the axis in the operations at the end.
    pub extent: u64,
    /// The tile.
    pub tile: u64,
}

impl StageLoop {
    /// Number of tiles.
    #[must_use]
    pub fn tiles(&self) -> u64 {
        self.extent.div_ceil(self.tile.max(1))
    }
}

/// How a tensor that lies outside comes in, or a result goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageWay {
    /// Its tile under so many outer loops stays for all operations that read it, or while it is
    /// summed.
    Held(usize),
    /// The operations' own nests stream it in each iteration; a result goes out as finished.
    Passing,
    /// All of it is in the shared memory throughout.
    Resident,
}

impl StageWay {
    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            StageWay::Held(_) => "held",
            StageWay::Passing => "passing",
            StageWay::Resident => "resident",
        }
    }
}

/// A tensor of a stage that something outside it writes or reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageTensor {
    /// Its name.
    pub name: String,
    /// How it comes in or goes out.
    pub way: StageWay,
    /// Bytes of its block in the stage.
    pub bytes: u64,
}

/// A block of a tensor that operations of a stage write and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageBlock {
    /// The tensor's name.
    pub tensor: String,
    /// Whether it holds the maximum and the sum of each row of the online softmax that makes the tensor, in
    /// place of the tensor's tile.
    pub accumulators: bool,
    /// Bytes.
    pub bytes: u64,
}

/// How the array runs iterations of an operation that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct StageBox {
    /// The operation, by its place in the stage.
    pub member: usize,
    /// An iteration's loop nest: extents, windows over the rows that it needs, and the operands that lie in
    /// blocks of the stage.
    pub nest: LoopNest,
    /// Its mapping, and what that costs.
    pub mapping: Arc<(Mapping, Cost)>,
}

/// A way to run a stage: loops, and where every tensor is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageMode {
    /// The loops, outermost first.
    pub loops: Vec<StageLoop>,
    /// The tensors that are not written and read inside alone.
    pub external: Vec<StageTensor>,
    /// The blocks of tensors that are written and read inside.
    pub internal: Vec<StageBlock>,
    /// For every operation the bytes of its own tiles.
    pub tiles: Vec<u64>,
    /// For every operation the units of time of all its iterations.
    pub units: Vec<u128>,
    /// The mappings of what the array computes in the iterations.
    pub boxes: Vec<StageBox>,
}

impl StageMode {
    /// Number of iterations.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.loops.iter().map(StageLoop::tiles).product()
    }
}

/// An operation of a schedule that is several operations of the step, run together.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// Index of the operation.
    pub operation: usize,
    /// Names of the operations of the step, in order.
    pub members: Vec<String>,
    /// Names of the tensors that they touch.
    pub tensors: Vec<String>,
    /// What each of them touches; tensors by their places in `tensors`.
    pub accesses: Vec<Accesses>,
    /// For every mode of the operation what it is.
    pub modes: Vec<StageMode>,
}

impl Fused {
    /// The part of a mode's time that a member takes: so many before it, its own, and all.
    #[must_use]
    pub fn part(&self, mode: usize, member: usize) -> Option<(u128, u128, u128)> {
        let units = &self.modes.get(mode)?.units;
        let before = units.get(..member)?.iter().sum();
        Some((before, *units.get(member)?, units.iter().sum()))
    }
}
