//! What the operations of a stage take and move in all iterations: exactly of the vector unit, at
//! least of the array until the layer program has mapped its boxes.

use rustc_hash::FxHashMap;

use crate::cost::spatial::fewest_steps;
use crate::cost::{self, stream};
use crate::problem::access::{AccessPlace, AccessWork, Accesses};
use crate::problem::port::{Direction, Moved};
use crate::problem::schedule::Schedule;
use crate::problem::{Bits, Dim, Hardware, LoopNest, PerDim, StreamOperation};

use super::nest::OperationBox;
use super::stage::Stage;
use super::walk;

/// What an operation of a stage takes in all its iterations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Price {
    /// Units of time, each iteration as long as what is slowest in it.
    pub(super) units: u128,
    /// Bits times slices that move.
    pub(super) moved: Moved,
}

/// What an iteration takes and moves, what passes by left out.
pub(super) struct Iteration {
    /// Bytes of own tiles.
    pub(super) tiles: u64,
    /// Units of time, with what passes by.
    pub(super) units: u128,
    /// Bits times slices.
    pub(super) moved: Moved,
}

/// Which operands of an operation lie in the shared memory: what it reads, then its result.
pub(super) type InMemory = Vec<bool>;

/// Prices of boxes.
pub(super) struct Prices<'a> {
    hardware: &'a Hardware,
    schedule: &'a Schedule,
    /// Fewest steps of the boxes of loop nests that were asked for: extents decide.
    steps: FxHashMap<PerDim<u64>, u128>,
    /// Multiply-accumulates of a step at most.
    elements: u128,
}

impl<'a> Prices<'a> {
    pub(super) fn new(hardware: &'a Hardware, schedule: &'a Schedule) -> Self {
        Self {
            hardware,
            schedule,
            steps: FxHashMap::default(),
            elements: hardware.processing_elements().max(1),
        }
    }

    /// Units that the stage's operations take at least, however they are cut: with all elements at work,
    /// since boxes may be spread each in its own way, and take fewer steps than the whole in any one.
    pub(super) fn whole(&self, stage: &Stage) -> u128 {
        let mut sum = 0;
        for (place, operation) in stage.operations.iter().enumerate() {
            // What is cut may compute less than all where windows leave rows out.
            if let AccessWork::Array(nest) = &operation.work
                && (stage.sinks[place] || walk::needs_all(stage, place))
            {
                sum += nest.box_macs().div_ceil(self.elements);
            }
        }
        sum * self.schedule.units_per_cycle()
    }

    /// Units of the boxes of an operation while nothing passes by.
    pub(super) fn compute(&mut self, stage: &Stage, place: usize, boxes: &[OperationBox]) -> u128 {
        let per_cycle = self.schedule.units_per_cycle();
        let cycles = boxes
            .iter()
            .map(|one| u128::from(one.count) * self.cycles(&stage.operations[place], one));
        cycles.sum::<u128>() * per_cycle
    }

    /// What no mappings of an operation's boxes are below in anything.
    pub(super) fn least(
        &mut self,
        stage: &Stage,
        place: usize,
        boxes: &[OperationBox],
        lies: &InMemory,
    ) -> Price {
        let operation = &stage.operations[place];
        let mut price = Price::default();
        for one in boxes {
            let cycles = self.cycles(operation, one);
            let moved = self.moved(operation, one, lies);
            let units = self.units(cycles, &moved);
            let count = u128::from(one.count);
            price.units += units * count;
            for direction in Direction::ALL {
                price.moved.add(direction, moved.get(direction) * count);
            }
        }
        price
    }

    /// An iteration of the vector unit, and the bits of each tensor that pass by in it.
    pub(super) fn vector(
        &mut self,
        operation: &Accesses,
        one: &OperationBox,
        lies: &InMemory,
    ) -> (Iteration, Vec<(usize, u64)>) {
        let cycles = self.cycles(operation, one);
        let total = self.moved(operation, one, lies);
        let mut moved = Moved::default();
        for direction in [Direction::Read, Direction::Written] {
            moved.add(direction, total.get(direction));
        }
        let all = operation.reads.iter().zip(&one.touched);
        let all = all.chain(operation.result().map(|result| (result, &one.computed)));
        let passing = all
            .zip(lies)
            .filter(|((access, _), inside)| !**inside && access.place != AccessPlace::Beside);
        let iteration = Iteration {
            tiles: 0,
            units: self.units(cycles, &total),
            moved,
        };
        let bits = passing.map(|((access, &elements), _)| (access.tensor, elements * access.bits));
        (iteration, bits.collect())
    }

    /// The units of an iteration: the longest of its cycles and of the time of every port.
    pub(super) fn units(&self, cycles: u128, moved: &Moved) -> u128 {
        cost::plan::busy(self.schedule, moved).max(cycles * self.schedule.units_per_cycle())
    }

    /// The loop nest of a box, whose windows are over the rows that it needs; a dimension in parts has as
    /// many elements as they have together.
    pub(super) fn nest(nest: &LoopNest, operation: &Accesses, one: &OperationBox) -> LoopNest {
        let mut own = nest.clone();
        for d in operation.dims.iter().filter_map(|dim| dim.dim) {
            own.extents[d] = 1;
        }
        for (dim, &extent) in operation.dims.iter().zip(&one.extents) {
            if let Some(d) = dim.dim {
                own.extents[d] *= extent;
            }
        }
        for &(dim, window) in &one.windows {
            let is_of = |pair: &(Dim, Dim)| Some(pair.0) == operation.dims[dim].dim;
            if let Some(at) = LoopNest::WINDOW_DIMS.iter().position(is_of) {
                own.windows[at] = window;
            }
        }
        own
    }

    /// The same without looking at what the array's axes admit.
    pub(super) fn macs(&self, stage: &Stage, place: usize, boxes: &[OperationBox]) -> u128 {
        let operation = &stage.operations[place];
        let AccessWork::Array(nest) = &operation.work else {
            return 0;
        };
        let taps: u128 = LoopNest::WINDOW_DIMS
            .iter()
            .map(|pair| u128::from(nest.extents[pair.1]))
            .product();
        let cycles = boxes.iter().map(|one| {
            let macs: u128 = one.extents.iter().map(|&e| u128::from(e)).product();
            u128::from(one.count) * (macs * taps).div_ceil(self.elements)
        });
        cycles.sum::<u128>() * self.schedule.units_per_cycle()
    }

    fn fewest_steps(&mut self, nest: &LoopNest) -> u128 {
        if let Some(&known) = self.steps.get(&nest.extents) {
            return known;
        }
        let steps = fewest_steps(nest, self.hardware);
        self.steps.insert(nest.extents, steps);
        steps
    }

    fn cycles(&mut self, operation: &Accesses, one: &OperationBox) -> u128 {
        match &operation.work {
            AccessWork::Array(nest) => self.fewest_steps(&Self::nest(nest, operation, one)),
            AccessWork::Vector { operations } => {
                let all: u128 = (operation.dims.iter())
                    .map(|d| u128::from(d.extent))
                    .product();
                let part: u128 = one
                    .extents
                    .iter()
                    .map(|&extent| u128::from(extent))
                    .product();
                let scaled = one
                    .online
                    .map_or(0, |online| one.rows(operation) * online.scaled);
                let own = (operations * part).div_ceil(all.max(1)) + u128::from(scaled);
                self.vector_cycles(operation, one, own)
            }
        }
    }

    /// The cycles of the vector unit and of the memories between it and the shared one.
    fn vector_cycles(&self, operation: &Accesses, one: &OperationBox, own: u128) -> u128 {
        let reads = operation.reads.iter().zip(&one.touched);
        let reads = reads.filter(|(read, _)| read.place != AccessPlace::Beside);
        let input = reads.map(|(read, &touched)| u128::from(touched) * u128::from(read.bits));
        let result = operation.result().map_or(0, |result| result.bits);
        let [back, more] = accumulators(operation, one);
        let stream = StreamOperation {
            input: Bits(input.sum::<u128>() + back),
            weight: Bits(0),
            output: Bits(u128::from(one.computed) * u128::from(result) + more),
            vector_operations: own,
            fusable: false,
        };
        let (cost, _) = stream::cost(&stream, self.hardware);
        let inner = cost
            .memories
            .iter()
            .filter(|m| m.level > LoopNest::SHARED_LEVEL);
        inner
            .map(|m| m.busy_cycles)
            .max()
            .unwrap_or(0)
            .max(cost.compute_cycles)
    }

    /// What an iteration moves at least: every operand once.
    fn moved(&self, operation: &Accesses, one: &OperationBox, lies: &InMemory) -> Moved {
        let slices = u128::from(self.schedule.slices);
        let mut moved = Moved::default();
        for ((read, &touched), &inside) in operation.reads.iter().zip(&one.touched).zip(lies) {
            if read.place == AccessPlace::Beside {
                continue;
            }
            let bits = u128::from(touched) * u128::from(read.bits) * slices;
            moved.add(Direction::Read, bits);
            if !inside {
                moved.add(Direction::Inward, bits);
            }
        }
        let result = operation.result().map_or(0, |result| result.bits);
        let wide = u128::from(one.computed) * u128::from(operation.accumulator_bits) * slices;
        let bits = u128::from(one.computed) * u128::from(result) * slices;
        if one.online.is_some() {
            let [back, more] = accumulators(operation, one);
            moved.add(Direction::Read, back * slices);
            moved.add(Direction::Written, bits + more * slices);
        } else {
            let [back, more] = one.partial;
            moved.add(Direction::Read, if back { wide } else { 0 });
            moved.add(Direction::Written, if more { wide } else { bits });
        }
        if !lies.last().copied().unwrap_or(true) {
            moved.add(Direction::Outward, bits);
        }
        moved
    }
}

/// Bits of the accumulators that a part of an online softmax reads and writes.
fn accumulators(operation: &Accesses, one: &OperationBox) -> [u128; 2] {
    let all = one.accumulator_bits(operation).map_or(0, u128::from);
    one.partial.map(|moves| if moves { all } else { 0 })
}
