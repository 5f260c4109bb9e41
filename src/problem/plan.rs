//! A memory plan: which slices of which tensors are in the shared memory when, how they come
//! there and leave it, and how every operation runs.

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
