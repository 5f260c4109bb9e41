//! A memory plan: which slices of which tensors are in the shared memory when, how they come
//! there and leave it, and how every operation runs.

use super::packing::Packing;
use super::schedule::Schedule;

/// Slices that are moved while an operation runs that does not touch their tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Index of the operation.
    pub operation: usize,
    /// Number of slices.
    pub slices: u32,
}

/// A tensor while an operation that touches it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Slices in the shared memory meanwhile; the others pass by. Those that are read and were
    /// not there before are fetched.
    pub slices: u32,
    /// Slices of these that the operation also stores outside.
    pub stored: u32,
}

/// A tensor between two operations that touch it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    /// Slices that stay in the shared memory throughout.
    pub kept: u32,
    /// Slices that stay until they are stored outside, by operations some steps after.
    pub late: Vec<Transfer>,
    /// Slices that are fetched some steps before the next operation that touches the tensor.
    pub early: Vec<Transfer>,
}

impl Gap {
    /// Slices in the shared memory while an operation in between runs.
    #[must_use]
    pub fn slices_at(&self, operation: usize) -> u32 {
        let late = self.late.iter().filter(|t| t.operation >= operation);
        let early = self.early.iter().filter(|t| t.operation <= operation);
        self.kept + late.chain(early).map(|t| t.slices).sum::<u32>()
    }

    /// All slices that are fetched early.
    #[must_use]
    pub fn early_slices(&self) -> u32 {
        self.early.iter().map(|t| t.slices).sum()
    }

    /// All slices that are stored late.
    #[must_use]
    pub fn late_slices(&self) -> u32 {
        self.late.iter().map(|t| t.slices).sum()
    }
}

/// The plan of one tensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorPlan {
    /// One for every event.
    pub events: Vec<Held>,
    /// One before the first event, one after each.
    pub gaps: Vec<Gap>,
}

/// A memory plan of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// For every operation its mode; `None` where it is left out.
    pub modes: Vec<Option<usize>>,
    /// One for every tensor.
    pub tensors: Vec<TensorPlan>,
}

/// What a plan costs, in the units of its schedule's time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanCost {
    /// For every operation the units in which it runs: the larger of its own time and that of
    /// the outer port.
    pub units: Vec<u128>,
    /// For every operation the bytes through the outer port, times the number of slices K.
    pub byte_slices: Vec<u128>,
}

impl PlanCost {
    /// The units of the whole step.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.units.iter().sum()
    }
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Slices of a tensor.
    Slices {
        /// Index of the tensor.
        tensor: usize,
        /// How many.
        slices: u32,
    },
    /// The tiles and partial sums of an operation.
    Buffers {
        /// Index of the operation.
        operation: usize,
    },
}

/// The blocks of a plan with what each holds; times are operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanBlocks {
    /// The blocks, whose offsets are still to be found.
    pub packing: Packing,
    /// What each holds.
    pub contents: Vec<Content>,
}

/// A memory plan with its schedule, addresses and proof.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryPlan {
    /// What is planned.
    pub schedule: Schedule,
    /// The plan.
    pub plan: Plan,
    /// Its cost.
    pub cost: PlanCost,
    /// Its blocks.
    pub blocks: PlanBlocks,
    /// An offset in bytes for each block.
    pub offsets: Vec<u64>,
    /// No plan takes less time, in units: a bound over plans with or without addresses.
    pub bound_units: u128,
    /// The time of each rule's plan, in units; `None` where it has none that fits.
    pub baselines: Vec<(&'static str, Option<u128>)>,
    /// The best plan by a rule, from which the program started.
    pub start_units: u128,
    /// Sets of blocks that had no arrangement and were excluded.
    pub cuts: usize,
    /// Bytes that were given up because a plan had no addresses in the whole capacity.
    pub given_up_bytes: u64,
    /// Seconds that the program and the addresses took.
    pub seconds: f64,
}

impl MemoryPlan {
    /// Cycles of so many units, rounded up.
    #[must_use]
    pub fn cycles(&self, units: u128) -> u128 {
        units.div_ceil(self.schedule.units_per_cycle())
    }

    /// The relative gap between plan and bound.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio for reports")]
    pub fn gap(&self) -> f64 {
        let total = self.cost.total();
        if total == 0 {
            return 0.0;
        }
        (total - self.bound_units.min(total)) as f64 / total as f64
    }
}
