//! A fixed order of operations with the tensors that they touch and the ways to run them: what a
//! memory plan chooses among.

use super::graph::TensorKind;
use super::port::{self, Direction, Port};
use super::stage::Fused;
use super::units::Bytes;

/// A tensor that can stay in the shared memory, whole or in slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name, unique in the schedule.
    pub name: String,
    /// What it is.
    pub kind: TensorKind,
    /// Its size in bits, at least 1.
    pub bits: u64,
    /// Whether it lies outside when the step begins.
    pub begins_outside: bool,
    /// Whether it must lie outside when the step ends.
    pub ends_outside: bool,
}

impl Tensor {
    /// Its size in bytes, rounded up.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bits.div_ceil(8)
    }
}

/// One way to run an operation: a point of the layer program's Pareto frontier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Bytes of the shared memory for tiles and partial sums, beside resident tensors.
    pub buffer_bytes: u64,
    /// Cycles of everything but the ports of the shared memory and of the memory outside.
    pub cycles: u128,
    /// Cycles that transfers further in add to whatever takes longest.
    pub added_cycles: u128,
    /// Bits that the array or the vector unit reads from the shared memory, whatever is resident:
    /// tiles of operands, and partial sums.
    pub read_bits: u64,
    /// Bits that it writes there, whatever is resident: partial sums, and the result.
    pub written_bits: u64,
    /// For every operand (reads, then writes) the bits that cross the outer boundary while all
    /// of it lies outside; with k of K slices resident, the part 1 - k/K of them.
    pub outer_bits: Vec<u64>,
    /// Bits of partial sums that go out and come back, whatever is resident.
    pub partial: Partial,
    /// For every operand whether the mode needs all of it resident.
    pub resident: Vec<bool>,
    /// For every operand whether the time of what it streams is added to whatever takes longest.
    pub waits: Vec<bool>,
    /// The parts that run one after the other, each at the speed of what is slowest in it; none
    /// where there is one.
    pub parts: Vec<Part>,
}

/// A part of a mode; its numbers are in the mode's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Cycles of everything but the ports of the shared memory and of the memory outside.
    pub cycles: u128,
    /// Bits that the array reads from the shared memory.
    pub read_bits: u64,
    /// Bits that it writes there.
    pub written_bits: u64,
    /// For every operand the bits that cross the outer boundary while all of it lies outside.
    pub outer_bits: Vec<u64>,
    /// Bits of partial sums that go out and come back.
    pub partial: Partial,
}

/// Bits of partial sums that cross the outer boundary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Partial {
    /// Bits that go out.
    pub outward: u64,
    /// Bits that come back.
    pub inward: u64,
    /// Whether their time is added to whatever takes longest.
    pub waits: bool,
}

/// An operation of the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Tensors that it reads, by index.
    pub reads: Vec<usize>,
    /// Tensors that it writes, all of each, by index.
    pub writes: Vec<usize>,
    /// The ways to run it, at least one.
    pub modes: Vec<Mode>,
    /// Whether it may be left out: it computes tensors again that it or another operation has
    /// computed before.
    pub optional: bool,
}

impl Operation {
    /// The direction in which an operand crosses the outer boundary.
    #[must_use]
    pub fn direction(&self, operand: usize) -> Direction {
        if operand < self.reads.len() {
            Direction::Inward
        } else {
            Direction::Outward
        }
    }

    /// Its operands: reads, then writes.
    pub fn operands(&self) -> impl Iterator<Item = usize> + '_ {
        self.reads.iter().chain(&self.writes).copied()
    }
}

/// Operations in order, their tensors, and the memory between them and the outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Capacity of the shared memory.
    pub capacity: Bytes,
    /// The ports of the memory outside and of the shared memory, as far as they are limited.
    pub ports: Vec<Port>,
    /// Whether the time of slices that are fetched and stored is added to whatever takes longest.
    pub waits: bool,
    /// Slices begin at multiples of this many bytes.
    pub alignment: u64,
    /// Number of slices K into which a tensor can be cut.
    pub slices: u32,
    /// How many operations ahead of its use a slice may be fetched, and after its production be
    /// stored.
    pub ahead: usize,
    /// The tensors.
    pub tensors: Vec<Tensor>,
    /// The operations in order.
    pub operations: Vec<Operation>,
    /// Those that are several operations of the step, run together.
    pub stages: Vec<Fused>,
}

/// What an operation does with a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Index of the operation.
    pub operation: usize,
    /// Whether it reads the tensor.
    pub reads: bool,
    /// Whether it writes it.
    pub writes: bool,
    /// Whether the operation may be left out.
    pub optional: bool,
}

/// Why a schedule makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// An operation reads what nothing has written.
    #[error("{operation} reads {tensor}, which is not there yet")]
    ReadBeforeWritten {
        /// Operation.
        operation: String,
        /// Tensor.
        tensor: String,
    },
    /// An operation has no mode, or one with numbers for other operands.
    #[error("{operation}: mode {mode} does not fit its operands")]
    Mode {
        /// Operation.
        operation: String,
        /// Index of the mode, or the number of modes where there are none.
        mode: usize,
    },
    /// An operation that may be left out writes what nothing has written before it.
    #[error("{operation} may be left out, but is the first to write {tensor}")]
    OnlyWriter {
        /// Operation.
        operation: String,
        /// Tensor.
        tensor: String,
    },
    /// Times would not be exact.
    #[error(
        "times in parts that suit all bandwidths are too large to be exact; give bandwidths with fewer decimals"
    )]
    Units,
    /// A bound is above a plan: one of them is wrong.
    #[error(
        "internal error: {bound} units, the bound of the memory plan by {by}, are above its {value}"
    )]
    Bound {
        /// Units of the plan.
        value: u128,
        /// Units that no plan should take less of.
        bound: u128,
        /// What said so.
        by: &'static str,
    },
    /// No mode of an operation fits in the memory.
    #[error(
        "{operation} needs at least {need} bytes of the shared memory, whose capacity is {capacity}"
    )]
    TooLarge {
        /// Operation.
        operation: String,
        /// Bytes of its smallest mode.
        need: u128,
        /// Capacity.
        capacity: u64,
    },
}

impl Schedule {
    /// The bytes of memory that one slice of a tensor takes.
    #[must_use]
    pub fn slice_bytes(&self, tensor: usize) -> u64 {
        let bytes = self.tensors[tensor]
            .bytes()
            .div_ceil(u64::from(self.slices));
        bytes.next_multiple_of(self.alignment)
    }

    /// Whether an operation is several operations of the step, run together. Such a one has each of its operands
    /// in the memory as a whole, where its mode says so, or not at all.
    #[must_use]
    pub fn is_stage(&self, operation: usize) -> bool {
        self.stages.iter().any(|own| own.operation == operation)
    }

    /// For every tensor its events, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Vec<Event>> {
        let mut all: Vec<Vec<Event>> = vec![Vec::new(); self.tensors.len()];
        for (operation, own) in self.operations.iter().enumerate() {
            let reads = own.reads.iter().map(|&tensor| (tensor, true));
            let writes = own.writes.iter().map(|&tensor| (tensor, false));
            for (tensor, is_read) in reads.chain(writes) {
                if all[tensor].last().is_none_or(|e| e.operation != operation) {
                    all[tensor].push(Event {
                        operation,
                        reads: false,
                        writes: false,
                        optional: own.optional,
                    });
                }
                if let Some(event) = all[tensor].last_mut() {
                    event.reads |= is_read;
                    event.writes |= !is_read;
                }
            }
        }
        all
    }

    /// Time is counted in this part of a cycle, so that the transfer of any bit of any slice is a
    /// whole number: 8 K times the common multiple of the bandwidths' numerators.
    #[must_use]
    pub fn units_per_cycle(&self) -> u128 {
        8 * u128::from(self.slices) * port::common_numerator(&self.ports).unwrap_or(1)
    }

    /// For every port the units in which a bit of a slice passes it.
    #[must_use]
    pub fn units_per_bit(&self) -> Vec<u128> {
        let common = port::common_numerator(&self.ports).unwrap_or(1);
        let units = |port: &Port| {
            let (numerator, denominator) = port.ratio();
            common / numerator * denominator
        };
        self.ports.iter().map(units).collect()
    }

    /// The units in which a bit of a slice crosses the outer boundary, as slow as its ports make it.
    #[must_use]
    pub fn crossing_units(&self, direction: Direction) -> u128 {
        let ports = self.ports.iter().zip(self.units_per_bit());
        let crossed = ports.filter(|(port, _)| port.carries.contains(direction));
        crossed.map(|(_, units)| units).max().unwrap_or(0)
    }

    /// The bytes that an operation needs at least: those of its smallest mode, with the tensors
    /// that the mode needs resident.
    #[must_use]
    pub fn least_bytes(&self, operation: usize) -> u128 {
        let own = &self.operations[operation];
        let of = |mode: &Mode| -> u128 {
            let mut resident: Vec<usize> = (own.operands().zip(&mode.resident))
                .filter(|(_, needs)| **needs)
                .map(|(tensor, _)| tensor)
                .collect();
            resident.sort_unstable();
            resident.dedup();
            let slices = u128::from(self.slices);
            let tensors = resident
                .iter()
                .map(|&t| u128::from(self.slice_bytes(t)) * slices);
            u128::from(mode.buffer_bytes) + tensors.sum::<u128>()
        };
        own.modes.iter().map(of).min().unwrap_or(0)
    }

    /// Whether the schedule can be carried out at all.
    ///
    /// # Errors
    /// The first operation that cannot.
    pub fn validate(&self) -> Result<(), ScheduleError> {
        self.most_units().ok_or(ScheduleError::Units)?;
        let mut written: Vec<bool> = self.tensors.iter().map(|t| t.begins_outside).collect();
        for (index, operation) in self.operations.iter().enumerate() {
            let name = || operation.name.clone();
            let tensor = |t: usize| self.tensors[t].name.clone();
            let operands = operation.reads.len() + operation.writes.len();
            let wrong = (operation.modes.iter()).position(|m| {
                let parts = m.parts.iter().any(|p| p.outer_bits.len() != operands);
                let lengths = [m.outer_bits.len(), m.resident.len(), m.waits.len()];
                let same = m.parts.len() == operation.modes[0].parts.len();
                parts || !same || lengths != [operands; 3]
            });
            if operation.modes.is_empty() || wrong.is_some() {
                return Err(ScheduleError::Mode {
                    operation: name(),
                    mode: wrong.unwrap_or(0),
                });
            }
            if let Some(&read) = operation.reads.iter().find(|&&t| !written[t]) {
                return Err(ScheduleError::ReadBeforeWritten {
                    operation: name(),
                    tensor: tensor(read),
                });
            }
            let unwritten = operation.writes.iter().find(|&&t| !written[t]);
            if let (true, Some(&write)) = (operation.optional, unwritten) {
                return Err(ScheduleError::OnlyWriter {
                    operation: name(),
                    tensor: tensor(write),
                });
            }
            let need = self.least_bytes(index);
            if !operation.optional && need > u128::from(self.capacity.0) {
                return Err(ScheduleError::TooLarge {
                    operation: name(),
                    need,
                    capacity: self.capacity.0,
                });
            }
            operation.writes.iter().for_each(|&t| written[t] = true);
        }
        Ok(())
    }

    /// More units than any plan takes; `None` where that is too large for exact arithmetic.
    fn most_units(&self) -> Option<u128> {
        let common = port::common_numerator(&self.ports)?;
        let per_cycle = common.checked_mul(8 * u128::from(self.slices))?;
        let tensors: u128 = self.tensors.iter().map(|t| u128::from(t.bits)).sum();
        let mut total: u128 = 0;
        for operation in &self.operations {
            for mode in &operation.modes {
                let own = mode.outer_bits.iter().map(|&bits| u128::from(bits));
                let partial = mode.partial.outward + mode.partial.inward;
                let array = mode.read_bits + mode.written_bits;
                let bits =
                    own.sum::<u128>() + 2 * tensors + u128::from(partial) + u128::from(array);
                let mut units = (mode.cycles + mode.added_cycles).checked_mul(per_cycle)?;
                for port in &self.ports {
                    let (numerator, denominator) = port.ratio();
                    let slowness = (common / numerator).checked_mul(denominator)?;
                    let slices = bits.checked_mul(u128::from(self.slices))?;
                    units = units.checked_add(slowness.checked_mul(slices)?)?;
                }
                total = total.checked_add(units)?;
            }
        }
        Some(total)
    }
}
