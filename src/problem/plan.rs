//! A memory plan: which slices of which tensors are in the shared memory when, how they come
//! there and leave it, and how every operation runs.

use super::certificate::{Amount, Certificate, Closing};
use super::packing::Packing;
use super::port::Moved;
use super::result::Status;
use super::schedule::{Mode, Schedule};

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

impl Plan {
    /// For every operation the bytes of slices in the shared memory while it runs.
    #[must_use]
    pub fn resident_bytes(&self, schedule: &Schedule) -> Vec<u128> {
        let mut bytes = vec![0; schedule.operations.len()];
        let all = self.tensors.iter().zip(schedule.events());
        for (tensor, (own, events)) in all.enumerate() {
            let size = u128::from(schedule.slice_bytes(tensor));
            for (event, held) in events.iter().zip(&own.events) {
                bytes[event.operation] += size * u128::from(held.slices);
            }
            let mut begin = 0;
            for (number, gap) in own.gaps.iter().enumerate() {
                let end = events.get(number).map_or(bytes.len(), |e| e.operation);
                let between = if *gap == Gap::default() { end } else { begin };
                let here = bytes.iter_mut().enumerate().take(end).skip(between);
                for (operation, sum) in here {
                    *sum += size * u128::from(gap.slices_at(operation));
                }
                begin = end + 1;
            }
        }
        bytes
    }
}

/// What a plan costs, in the units of its schedule's time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanCost {
    /// For every operation the units in which it runs: the largest of its own time and that of
    /// every port, and what is added to it.
    pub units: Vec<u128>,
    /// For every operation the units of transfers that overlap with nothing, part of its time.
    pub waiting: Vec<u128>,
    /// For every operation what moves meanwhile.
    pub moved: Vec<Moved>,
}

impl PlanCost {
    /// The units of the whole step.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.units.iter().sum()
    }

    /// The bits, times slices, across the outer boundary in the whole step.
    #[must_use]
    pub fn outer(&self) -> u128 {
        self.moved.iter().map(Moved::outer).sum()
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

/// What no mapping of an operation is below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Least {
    /// A mode that is in nothing worse than that of any mapping.
    pub mode: Mode,
    /// Cycles that the operation takes at least while nothing is resident.
    pub alone_cycles: u128,
}

/// The mappings among whose modes a plan chooses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Modes {
    /// Mappings that are proved to be the best in their capacity.
    pub proved: usize,
    /// All mappings that were asked for.
    pub of: usize,
    /// The largest relative gap of a mapping, 1 where one is missing.
    pub largest_gap: f64,
    /// For every operation what no mapping is below, whether it was looked for or not; `None` where the
    /// modes are all there are.
    pub least: Option<Vec<Least>>,
    /// Where some operations run together: units that no division of the step into such stages takes
    /// less of, whatever the mappings, and what says so.
    pub divided: Option<(u128, Closing)>,
    /// The same of divisions whose stages run in ways that were listed, and what other ways there are.
    pub listed: Option<(u128, String)>,
}

impl Modes {
    /// Counts a mapping with its relative gap.
    pub fn count(&mut self, gap: f64) {
        self.proved += usize::from(gap == 0.0);
        self.of += 1;
        self.largest_gap = self.largest_gap.max(gap);
    }

    /// Counts a mapping that was asked for and not looked for.
    pub fn missing(&mut self) {
        self.count(1.0);
    }

    /// What is not proved of the mappings, in words; `None` where all are.
    #[must_use]
    pub fn unproved(&self) -> Option<String> {
        let (open, of) = (self.of - self.proved, self.of);
        (open > 0).then(|| format!("{open} of {of} mappings, which are not proved"))
    }

    /// Counts those of others as well.
    pub fn add(&mut self, others: &Self) {
        self.proved += others.proved;
        self.of += others.of;
        self.largest_gap = self.largest_gap.max(others.largest_gap);
    }
}

/// What it took to find a plan with addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressSearch {
    /// Sets of blocks that had no arrangement and were excluded.
    pub cuts: usize,
    /// Bytes that were given up because a plan had no addresses in the whole capacity.
    pub given_up_bytes: u64,
    /// Whether a limit or an interrupt ended a search: a faster plan that was found may have addresses.
    pub cut_short: bool,
    /// Rules whose plans are faster and are proved to have no addresses.
    pub rules_without: Vec<&'static str>,
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
    /// What was proved of its time, in units, among plans of these modes, with or without addresses.
    pub among_modes: Certificate,
    /// The same among plans of any mappings of the operations.
    pub whole: Certificate,
    /// What was proved of plans of the same time.
    pub ties: PlanTies,
    /// The mappings among whose modes it chose.
    pub modes: Modes,
    /// The time of each rule's plan, in units; `None` where it has none that fits.
    pub baselines: Vec<(&'static str, Option<u128>)>,
    /// The best plan by a rule, from which the program started.
    pub start_units: u128,
    /// What it took to find addresses.
    pub addresses: AddressSearch,
    /// Seconds that the program and the addresses took.
    pub seconds: f64,
}

impl MemoryPlan {
    /// Cycles of so many units, rounded up.
    #[must_use]
    pub fn cycles(&self, units: u128) -> u128 {
        units.div_ceil(self.schedule.units_per_cycle())
    }
}

/// What was proved of the plan among those of the same time in a second and a third respect; `None`
/// where that was not looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanTies {
    /// The bits through the outer ports.
    pub outer_bits: Option<Certificate>,
    /// And of those plans the bytes of slices in the memory, summed over operations.
    pub resident_bytes: Option<Certificate>,
}

impl PlanTies {
    /// Whether it moves the fewest bits through the outer ports.
    #[must_use]
    pub fn has_fewest_bits(&self) -> bool {
        proves(self.outer_bits.as_ref())
    }

    /// Whether it does, and of those plans has the fewest bytes in the memory.
    #[must_use]
    pub fn are_proved(&self) -> bool {
        self.has_fewest_bits() && proves(self.resident_bytes.as_ref())
    }
}

fn proves(certificate: Option<&Certificate>) -> bool {
    certificate.is_some_and(|own| own.status() == Status::Optimal)
}

/// The bound of a certificate of units.
fn units(certificate: &Certificate) -> u128 {
    match certificate.bound() {
        Some(Amount::Whole(units)) => units,
        Some(Amount::Real(_)) | None => 0,
    }
}

impl MemoryPlan {
    /// `optimal` where no plan of any mappings takes less; else `feasible`. What is proved among the
    /// plans of these modes alone is not it.
    #[must_use]
    pub fn status(&self) -> Status {
        self.whole.status()
    }

    /// The units that every plan of any mappings takes.
    #[must_use]
    pub fn bound_units(&self) -> u128 {
        units(&self.whole)
    }

    /// The relative gap of the whole: what the modes leave out is in it.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.whole.gap().unwrap_or(1.0)
    }

    /// The units that every plan of these modes takes.
    #[must_use]
    pub fn bound_units_among_modes(&self) -> u128 {
        units(&self.among_modes)
    }

    /// The relative gap among plans of these modes.
    #[must_use]
    pub fn gap_among_modes(&self) -> f64 {
        self.among_modes.gap().unwrap_or(1.0)
    }
}
