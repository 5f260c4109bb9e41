//! A fixed order of operations with the tensors that they touch and the ways to run them: what a
//! memory plan chooses among.

use super::graph::TensorKind;
use super::units::{Bandwidth, Bytes};

/// A tensor that can stay in the shared memory, whole or in slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name, unique in the schedule.
    pub name: String,
    /// What it is.
    pub kind: TensorKind,
    /// Its size in bytes, at least 1.
    pub bytes: u64,
    /// Whether it lies outside when the step begins.
    pub begins_outside: bool,
    /// Whether it must lie outside when the step ends.
    pub ends_outside: bool,
}

/// One way to run an operation: a point of the layer program's Pareto frontier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Bytes of the shared memory for tiles and partial sums, beside resident tensors.
    pub buffer_bytes: u64,
    /// Cycles of everything but the outer port.
    pub cycles: u128,
    /// For every operand (reads, then writes) the bytes through the outer port while all of it
    /// lies outside; with k of K slices resident, the part 1 - k/K of them.
    pub outer_bytes: Vec<u64>,
    /// Bytes through the outer port whatever is resident: partial sums that go out and come back.
    pub other_bytes: u64,
    /// For every operand whether the mode needs all of it resident.
    pub resident: Vec<bool>,
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
    /// Its operands: reads, then writes.
    pub fn operands(&self) -> impl Iterator<Item = usize> + '_ {
        self.reads.iter().chain(&self.writes).copied()
    }
}

/// Operations in order, their tensors, and the memory between them and the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Capacity of the shared memory.
    pub capacity: Bytes,
    /// Bandwidth of the port to the outside.
    pub bandwidth: Bandwidth,
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
        let bytes = self.tensors[tensor].bytes.div_ceil(u64::from(self.slices));
        bytes.next_multiple_of(self.alignment)
    }

    /// The events of a tensor, in order.
    #[must_use]
    pub fn events(&self, tensor: usize) -> Vec<Event> {
        let own = self.operations.iter().enumerate();
        own.filter_map(|(operation, o)| {
            let (reads, writes) = (o.reads.contains(&tensor), o.writes.contains(&tensor));
            (reads || writes).then_some(Event {
                operation,
                reads,
                writes,
                optional: o.optional,
            })
        })
        .collect()
    }

    /// Time is counted in this part of a cycle, so that the transfer of any slice is a whole
    /// number: K times the numerator of the bandwidth.
    #[must_use]
    pub fn units_per_cycle(&self) -> u128 {
        u128::from(self.slices) * u128::from(self.bandwidth.ratio().0)
    }

    /// The time, in units, in which `byte_slices` pass the outer port: bytes times slices of K.
    #[must_use]
    pub fn transfer_units(&self, byte_slices: u128) -> u128 {
        byte_slices * u128::from(self.bandwidth.ratio().1)
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
        let mut written: Vec<bool> = self.tensors.iter().map(|t| t.begins_outside).collect();
        for (index, operation) in self.operations.iter().enumerate() {
            let name = || operation.name.clone();
            let tensor = |t: usize| self.tensors[t].name.clone();
            let operands = operation.reads.len() + operation.writes.len();
            let wrong = (operation.modes.iter())
                .position(|m| m.outer_bytes.len() != operands || m.resident.len() != operands);
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
}
