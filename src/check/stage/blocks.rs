//! What the tensors of a stage take in the shared memory, and what moves between their blocks and the
//! memory outside.

use crate::problem::access::Access;
use crate::problem::stage::{StageLoop, StageWay};

use super::axis::{self, Along, Cut, Rows};
use super::error::{StageError, same};
use super::form::{Stage, Tensor};

/// A block: bytes while the first to the last of these operations run, in each iteration.
pub(super) struct Block {
    bytes: u64,
    during: (usize, usize),
}

/// The blocks of a stage.
pub(super) struct Blocks {
    all: Vec<Block>,
    /// For every tensor the bits that move between its block and the outside.
    pub(super) moved: Vec<u128>,
    /// Bits that operations read and write once beside their work.
    pub(super) beside: [u128; 2],
}

impl Blocks {
    /// The blocks of all tensors, as large as the mode says.
    pub(super) fn of(stage: &Stage<'_>, cuts: &[Cut]) -> Result<Self, StageError> {
        let mut found = Self {
            all: Vec::new(),
            moved: vec![0; stage.tensors.len()],
            beside: [0; 2],
        };
        let mut stated = Stated::new(stage);
        for (number, tensor) in stage.tensors.iter().enumerate() {
            let along: Result<Vec<Option<Along>>, StageError> =
                (cuts.iter()).map(|cut| cut.along(stage, number)).collect();
            let one = One {
                stage,
                number,
                tensor,
                along: along?,
            };
            found.add(&one, &mut stated)?;
        }
        stated.end()?;
        Ok(found)
    }

    /// Bytes of the blocks that are there while an operation runs.
    pub(super) fn during(&self, member: usize) -> u64 {
        let there = |own: &&Block| (own.during.0..=own.during.1).contains(&member);
        self.all.iter().filter(there).map(|own| own.bytes).sum()
    }

    fn add(&mut self, one: &One<'_>, stated: &mut Stated<'_>) -> Result<(), StageError> {
        let (stage, tensor) = (one.stage, one.tensor);
        let name = &stage.fused.tensors[one.number];
        let last = stage.fused.accesses.len() - 1;
        let Some(way) = stage.ways[one.number] else {
            // ---- Written and read inside ----
            let writer = tensor.writer.map_or(0, |own| own.0);
            let stays = one.along.iter().flatten().any(|own| own.stays);
            let readers = tensor.readers.iter().map(|own| own.0);
            let during = if stays {
                (0, last)
            } else {
                (writer, readers.max().unwrap_or(writer))
            };
            let bytes = one.bytes(one.elements(one.along.len()) * one.bits(), 1);
            stated.internal(name, false, bytes)?;
            self.all.push(Block { bytes, during });
            if let Some(bytes) = one.accumulators(writer) {
                stated.internal(name, true, bytes)?;
                let during = (0, last);
                self.all.push(Block { bytes, during });
            }
            if tensor.stored {
                self.moved[one.number] = one.size();
            }
            return Ok(());
        };

        // ---- Written or read outside ----
        let (mut bytes, mut moved) = (0, 0);
        match (way, tensor.writer) {
            (StageWay::Resident, _) => {}
            _ if tensor.beside => moved = one.size(),
            (StageWay::Passing, Some((writer, _))) if one.first_sum(writer).is_some() => {
                return Err(stage.wrong(format!("{name} passes by before it is summed")));
            }
            (StageWay::Passing, _) => {}
            (StageWay::Held(level), None) => {
                bytes = one.bytes(one.elements(level) * one.bits(), one.iterations(level));
                moved = one.fetched(level);
            }
            (StageWay::Held(level), Some((writer, _))) => {
                if one.first_sum(writer).is_none_or(|first| level > first) {
                    return Err(stage.wrong(format!("{name} is not summed under loop {level}")));
                }
                let wide = stage.fused.accesses[writer].accumulator_bits;
                bytes = one.bytes(one.elements(level) * wide, one.iterations(level));
                moved = one.size();
            }
        }
        self.moved[one.number] = moved;
        if tensor.beside {
            let at = usize::from(tensor.writer.is_some());
            self.beside[at] += one.size();
        }
        stated.external(name, bytes)?;
        let during = (0, last);
        self.all.push(Block { bytes, during });
        Ok(())
    }
}

/// A tensor along all loops.
struct One<'s> {
    stage: &'s Stage<'s>,
    number: usize,
    tensor: &'s Tensor,
    along: Vec<Option<Along>>,
}

impl<'s> One<'s> {
    /// One access, with its operation: the write, if there is one.
    fn access(&self) -> Option<(usize, &'s Access)> {
        self.stage.touching(self.number).next()
    }

    fn bits(&self) -> u64 {
        self.access().map_or(0, |(_, access)| access.bits)
    }

    /// Bits of all of it.
    fn size(&self) -> u128 {
        let axes = self.access().map(|(_, access)| access.axes.iter());
        let elements = axes.into_iter().flatten().map(|axis| u128::from(axis.0));
        elements.product::<u128>() * u128::from(self.bits())
    }

    /// Elements of a block of it under so many loops: of each axis from the first to the last row.
    fn elements(&self, level: usize) -> u64 {
        let Some((member, access)) = self.access() else {
            return 0;
        };
        let outside = self.tensor.writer.is_none();
        let axes = access
            .axes
            .iter()
            .enumerate()
            .map(|(axis, &(extent, index))| {
                let own = self.stage.loop_of(member, index);
                match own.and_then(|own| Some((own, self.along[own].as_ref()?))) {
                    Some((own, along)) if own < level => along.most,
                    Some((_, along)) if outside => along.reach,
                    None if outside => self.reach(axis),
                    _ => extent,
                }
            });
        axes.product()
    }

    /// Rows from the first to the last one that whole operations read of an axis.
    fn reach(&self, axis: usize) -> u64 {
        let ranges = self.stage.touching(self.number).map(|(member, access)| {
            let (extent, index) = access.axes[axis];
            axis::needed(index, &(0..self.stage.outputs(member, index, extent)))
        });
        let ranges: Vec<_> = ranges.filter(|own| !own.is_empty()).collect();
        let first = ranges.iter().map(|own| own.start).min().unwrap_or(0);
        ranges.iter().map(|own| own.end).max().unwrap_or(0) - first
    }

    /// Bits that are fetched into a block that is held under so many loops, the last of which it slides
    /// along: distinct rows, a product over axes.
    fn fetched(&self, level: usize) -> u128 {
        let mut elements = 1;
        for (number, along) in self.along.iter().enumerate() {
            elements *= match along {
                Some(own) if number + 1 < level => own.anew,
                Some(own) if number + 1 == level => own.sliding,
                Some(own) => own.distinct,
                None if number < level => u128::from(self.stage.mode.loops[number].tiles()),
                None => 1,
            };
        }
        let Some((member, access)) = self.access() else {
            return 0;
        };
        for (axis, &(_, index)) in access.axes.iter().enumerate() {
            if self.stage.loop_of(member, index).is_none() {
                let rows = self
                    .stage
                    .touching(self.number)
                    .flat_map(|(member, access)| {
                        let (extent, index) = access.axes[axis];
                        axis::touched(index, &(0..self.stage.outputs(member, index, extent)))
                    });
                elements *= rows.collect::<Rows>().len() as u128;
            }
        }
        elements * u128::from(self.bits())
    }

    /// How often a block under so many loops is another one.
    fn iterations(&self, level: usize) -> u64 {
        let loops = self.stage.mode.loops.iter().take(level);
        loops.map(StageLoop::tiles).product()
    }

    /// The first loop that sums a result over its tiles.
    fn first_sum(&self, writer: usize) -> Option<usize> {
        let operation = &self.stage.fused.accesses[writer];
        let mut loops = self.stage.mode.loops.iter();
        loops.position(|own| operation.is_reduction(own.places[writer]))
    }

    /// The bytes of the accumulators of the online softmax that writes it, if its rows are cut: of the rows
    /// under the loops outside the first one that cuts them.
    fn accumulators(&self, writer: usize) -> Option<u64> {
        let operation = &self.stage.fused.accesses[writer];
        let bits = operation.online?;
        let mut loops = self.stage.mode.loops.iter();
        let level = loops.position(|own| operation.dims[own.places[writer]].whole)?;
        let row = operation.dims.iter().filter(|dim| dim.whole);
        let row: u64 = row.map(|dim| dim.extent).product();
        Some(self.bytes(self.elements(level) / row.max(1) * 2 * bits, 1))
    }

    /// Bytes of a block of so many bits that is loaded so often.
    fn bytes(&self, bits: u64, loads: u64) -> u64 {
        let alignment = self.stage.schedule.alignment.max(1);
        let bytes = bits.div_ceil(8).div_ceil(alignment) * alignment;
        if self.stage.double_buffer && loads > 1 {
            2 * bytes
        } else {
            bytes
        }
    }
}

/// The blocks that the mode states and that have not been found yet.
struct Stated<'s> {
    stage: &'s Stage<'s>,
    left: usize,
}

impl<'s> Stated<'s> {
    fn new(stage: &'s Stage<'s>) -> Self {
        let left = stage.mode.internal.len() + stage.mode.external.len();
        Self { stage, left }
    }

    fn same(&mut self, name: &str, stated: Option<u64>, found: u64) -> Result<(), StageError> {
        let stated = stated.ok_or_else(|| self.stage.wrong(format!("{name} has no block")))?;
        self.left = self.left.saturating_sub(1);
        same(name, "bytes of its block", stated.into(), found.into())
    }

    fn internal(&mut self, name: &str, accumulators: bool, found: u64) -> Result<(), StageError> {
        let mut all = self.stage.mode.internal.iter();
        let own = all.find(|own| own.tensor == name && own.accumulators == accumulators);
        self.same(name, own.map(|own| own.bytes), found)
    }

    fn external(&mut self, name: &str, found: u64) -> Result<(), StageError> {
        let mut all = self.stage.mode.external.iter();
        let own = all.find(|own| own.name == name);
        self.same(name, own.map(|own| own.bytes), found)
    }

    /// Whether all that is stated was found.
    fn end(&self) -> Result<(), StageError> {
        match self.left {
            0 => Ok(()),
            left => Err(self.stage.wrong(format!("{left} blocks hold nothing"))),
        }
    }
}
