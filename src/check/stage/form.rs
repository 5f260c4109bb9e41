//! A stage as one of its modes runs it: whether its loops cut what may be cut, and who touches what.

use crate::problem::access::{Access, AccessPlace, Accesses, AxisIndex};
use crate::problem::schedule::{Operation, Schedule};
use crate::problem::stage::{Fused, StageMode, StageWay};
use crate::problem::{Hardware, Level, LoopNest, Overlap};

use super::error::StageError;

/// A tensor of a stage.
pub(super) struct Tensor {
    /// The operation that writes it, and which of its writes it is.
    pub(super) writer: Option<(usize, usize)>,
    /// The operations that read it, each with which of its reads it is.
    pub(super) readers: Vec<(usize, usize)>,
    /// Whether something outside the stage needs what it writes.
    pub(super) stored: bool,
    /// Whether it only passes beside the work.
    pub(super) beside: bool,
}

impl Tensor {
    /// Whether it is written and read inside.
    pub(super) fn is_internal(&self) -> bool {
        self.writer.is_some() && !self.readers.is_empty()
    }
}

/// A stage as one of its modes runs it.
pub(super) struct Stage<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) hardware: &'a Hardware,
    pub(super) fused: &'a Fused,
    pub(super) operation: &'a Operation,
    pub(super) mode: &'a StageMode,
    pub(super) tensors: Vec<Tensor>,
    /// For every tensor how it comes in or goes out; `None` where it does neither.
    pub(super) ways: Vec<Option<StageWay>>,
    /// Whether what is loaded more than once takes its place twice.
    pub(super) double_buffer: bool,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        schedule: &'a Schedule,
        hardware: &'a Hardware,
        fused: &'a Fused,
        mode: usize,
    ) -> Result<Self, StageError> {
        let wrong = |what: &str| StageError::Form {
            stage: fused.members.join(", "),
            what: what.to_owned(),
        };
        let operation = schedule.operations.get(fused.operation);
        let operation = operation.ok_or_else(|| wrong("is no operation of the schedule"))?;
        let own = fused
            .modes
            .get(mode)
            .filter(|_| mode < operation.modes.len());
        let own = own.ok_or_else(|| wrong("has no such mode"))?;
        let overlap = match hardware.levels.get(LoopNest::SHARED_LEVEL) {
            Some(Level::Memory(memory)) => memory.overlap,
            _ => return Err(wrong("there is no shared memory")),
        };
        let mut stage = Self {
            schedule,
            hardware,
            fused,
            operation,
            mode: own,
            tensors: Vec::new(),
            ways: vec![None; fused.tensors.len()],
            double_buffer: overlap == Overlap::DoubleBuffer,
        };
        stage.tensors = stage.tensors()?;
        stage.form()?;
        stage.ways = stage.ways()?;
        Ok(stage)
    }

    pub(super) fn wrong(&self, what: impl Into<String>) -> StageError {
        StageError::Form {
            stage: self.fused.members.join(", "),
            what: what.into(),
        }
    }

    /// What writes and reads each tensor: one operation before all others writes what is written.
    fn tensors(&self) -> Result<Vec<Tensor>, StageError> {
        let named = |name: &String| {
            let written = self.operation.writes.iter();
            let mut written = written.map(|&tensor| &self.schedule.tensors[tensor].name);
            written.any(|own| own == name)
        };
        let mut all: Vec<Tensor> = (self.fused.tensors.iter())
            .map(|name| Tensor {
                writer: None,
                readers: Vec::new(),
                stored: named(name),
                beside: true,
            })
            .collect();
        for (member, operation) in self.fused.accesses.iter().enumerate() {
            for (number, read) in operation.reads.iter().enumerate() {
                let own = all.get_mut(read.tensor);
                let own = own.ok_or_else(|| self.wrong("reads a tensor that it does not have"))?;
                own.readers.push((member, number));
                own.beside &= read.place == AccessPlace::Beside;
            }
            for (number, write) in operation.writes.iter().enumerate() {
                let own = all.get_mut(write.tensor);
                let own = own.ok_or_else(|| self.wrong("writes a tensor that it does not have"))?;
                if own.writer.is_some() || !own.readers.is_empty() {
                    return Err(self.wrong(format!(
                        "{} is written after it was touched",
                        self.fused.tensors[write.tensor]
                    )));
                }
                own.writer = Some((member, number));
                own.beside &= write.place == AccessPlace::Beside;
            }
        }
        Ok(all)
    }

    /// Whether loops cut what may be cut, each axis of a tensor by the same loop for all that touch it.
    fn form(&self) -> Result<(), StageError> {
        let members = self.fused.accesses.len();
        if self.fused.members.len() != members || members < 2 {
            return Err(self.wrong("has not one name for each operation"));
        }
        for own in &self.mode.loops {
            let places = own.places.iter().zip(&self.fused.accesses);
            let valid = places.filter(|(place, own)| **place < own.dims.len());
            if own.places.len() != members || valid.count() != members {
                return Err(self.wrong("a loop has not one dimension of each operation"));
            }
            if own.tile == 0 || own.tile >= own.extent {
                return Err(self.wrong(format!("a tile of {} of {}", own.tile, own.extent)));
            }
        }
        for (member, own) in self.fused.accesses.iter().enumerate() {
            for (number, dim) in own.dims.iter().enumerate() {
                let cutting = self
                    .mode
                    .loops
                    .iter()
                    .filter(|l| l.places[member] == number);
                let (sink, cutting) = (self.is_sink(member), cutting.collect::<Vec<_>>());
                let wrong = match cutting.as_slice() {
                    [] => false,
                    [one] => {
                        let online = || self.scaled(member).is_some();
                        dim.whole && !online()
                            || sink && one.extent != dim.extent
                            || !sink && own.is_reduction(number)
                    }
                    _ => true,
                };
                if wrong {
                    return Err(self.wrong(format!("{}: no such cut", self.fused.members[member])));
                }
            }
        }
        (0..self.tensors.len()).try_for_each(|tensor| self.agree(tensor))
    }

    /// Whether all that touch a tensor as an operand have each of its axes cut by the same loop.
    fn agree(&self, tensor: usize) -> Result<(), StageError> {
        if self.tensors[tensor].beside {
            return Ok(());
        }
        let all: Vec<(usize, &Access)> = self.touching(tensor).collect();
        let axes = all.first().map_or(0, |(_, access)| access.axes.len());
        for axis in 0..axes {
            let mut loops = all.iter().map(|(member, access)| {
                let (_, index) = access.axes.get(axis)?;
                self.loop_of(*member, *index)
            });
            let first = loops.next();
            if loops.any(|own| Some(own) != first) {
                return Err(self.wrong(format!(
                    "axis {axis} of {} is cut in several ways",
                    self.fused.tensors[tensor]
                )));
            }
        }
        Ok(())
    }

    /// The loop that cuts an axis that an operation indexes so.
    pub(super) fn loop_of(&self, member: usize, index: AxisIndex) -> Option<usize> {
        match index {
            AxisIndex::Dim(dim) | AxisIndex::Window { outer: dim, .. } => {
                let mut loops = self.mode.loops.iter();
                loops.position(|own| own.places[member] == dim)
            }
            AxisIndex::Whole => None,
        }
    }

    /// The accesses to a tensor, the write first, each with its operation.
    pub(super) fn touching(&self, tensor: usize) -> impl Iterator<Item = (usize, &'a Access)> {
        let own = &self.tensors[tensor];
        let all: &'a [Accesses] = &self.fused.accesses;
        let write = own
            .writer
            .map(|(member, number)| (member, &all[member].writes[number]));
        let reads = own.readers.clone();
        let reads = reads
            .into_iter()
            .map(|(member, number)| (member, &all[member].reads[number]));
        write.into_iter().chain(reads)
    }

    /// Whether nothing in the stage reads the result of an operation.
    pub(super) fn is_sink(&self, member: usize) -> bool {
        let mut all = self.tensors.iter();
        !all.any(|own| own.writer == Some((member, 0)) && own.is_internal())
    }

    /// Of an online softmax whose result one operation alone reads, the elements that are scaled for each row
    /// when its rows are cut: both accumulators, and what that operation's result has for it.
    pub(super) fn scaled(&self, member: usize) -> Option<u64> {
        self.fused.accesses[member].online?;
        let mut all = self.tensors.iter();
        let own = all.find(|own| own.writer == Some((member, 0)))?;
        let &[(reader, number)] = own.readers.as_slice() else {
            return None;
        };
        let operation = &self.fused.accesses[reader];
        let read = &operation.reads[number];
        let beside = operation
            .dims
            .iter()
            .enumerate()
            .filter(|(dim, _)| !operation.is_reduction(*dim) && read.axis_of(*dim).is_none());
        (self.is_sink(reader) && !own.stored)
            .then(|| 2 + beside.map(|(_, dim)| dim.extent).product::<u64>())
    }

    /// For every tensor the way that the mode gives; one for each that is not written and read inside alone.
    fn ways(&self) -> Result<Vec<Option<StageWay>>, StageError> {
        let mut all = vec![None; self.tensors.len()];
        for own in &self.mode.external {
            let place = self.fused.tensors.iter().position(|name| *name == own.name);
            let place = place.ok_or_else(|| self.wrong(format!("{} is unknown", own.name)))?;
            let level = match own.way {
                StageWay::Held(level) => level,
                StageWay::Passing | StageWay::Resident => 0,
            };
            if all[place].replace(own.way).is_some() || level > self.mode.loops.len() {
                return Err(self.wrong(format!("{} has no such way", own.name)));
            }
        }
        for (number, own) in self.tensors.iter().enumerate() {
            if own.is_internal() == all[number].is_some() {
                return Err(self.wrong(format!("the way of {}", self.fused.tensors[number])));
            }
        }
        Ok(all)
    }

    /// The outputs of a whole operation along an axis of a tensor.
    pub(super) fn outputs(&self, member: usize, index: AxisIndex, extent: u64) -> u64 {
        match index {
            AxisIndex::Dim(dim) | AxisIndex::Window { outer: dim, .. } => {
                self.fused.accesses[member].dims[dim].extent
            }
            AxisIndex::Whole => extent,
        }
    }
}
