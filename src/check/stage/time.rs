//! What the iterations of a stage take and move, each with its mapping.

use crate::check::ports::busiest;
use crate::check::{CheckError, check_within};
use crate::problem::access::{AccessPlace, AccessWork, Accesses};
use crate::problem::port::{Direction, Moved};
use crate::problem::result::Cost;
use crate::problem::schedule::Mode;
use crate::problem::stage::{StageBox, StageLoop, StageWay};
use crate::problem::{Bits, Bytes, Hardware, Level, LoopNest, Role, RoleSet};

use super::axis::Cut;
use super::blocks::Blocks;
use super::error::{StageError, same};
use super::form::{Stage, Tensor};
use super::iterations::{self, Iteration};

/// Work for which the nest of an iteration is walked besides.
const WALK_LIMIT: u128 = 20_000;

/// A stage that has run.
pub(super) struct Running {
    /// Bytes while the fullest operation runs.
    bytes: u64,
    /// For every operation the bytes of its own tiles.
    tiles: Vec<u64>,
    /// For every operation the units of all its iterations.
    units: Vec<u128>,
    /// For every tensor the bits that pass by in all iterations.
    passing: Vec<u128>,
    /// Bits that the array and the vector unit exchange with the shared memory, and partial sums that go out
    /// and come back.
    exchanged: Moved,
}

/// An iteration of an operation.
struct Ran {
    tiles: u64,
    units: u128,
    /// Bits that the array or the vector unit exchanges, and partial sums.
    exchanged: Moved,
    /// Bits of each tensor that pass by.
    passing: Vec<(usize, u128)>,
}

/// Runs all iterations of all operations.
pub(super) fn run(stage: &Stage<'_>, cuts: &[Cut], blocks: &Blocks) -> Result<Running, StageError> {
    let mut all = Running {
        bytes: 0,
        tiles: Vec::new(),
        units: Vec::new(),
        passing: vec![0; stage.tensors.len()],
        exchanged: Moved::default(),
    };
    all.exchanged.add(Direction::Read, blocks.beside[0]);
    all.exchanged.add(Direction::Written, blocks.beside[1]);
    for (member, operation) in stage.fused.accesses.iter().enumerate() {
        let held = blocks.during(member);
        let capacity = stage.schedule.capacity.0;
        let Some(room) = capacity.checked_sub(held) else {
            let name = &stage.fused.members[member];
            return Err(stage.wrong(format!("{name}: {held} bytes of blocks in {capacity}")));
        };
        let (mut tiles, mut units) = (0, 0);
        for (one, count) in iterations::of(stage, cuts, member) {
            let ran = match &operation.work {
                AccessWork::Array(nest) => stage.array(member, nest, (&one, room))?,
                AccessWork::Vector { operations } => stage.vector(member, *operations, &one),
            };
            tiles = tiles.max(ran.tiles);
            units += ran.units * count;
            for direction in Direction::ALL {
                let bits = ran.exchanged.get(direction) * count;
                all.exchanged.add(direction, bits);
            }
            for (tensor, bits) in ran.passing {
                all.passing[tensor] += bits * count;
            }
        }
        all.bytes = all.bytes.max(held + tiles);
        all.tiles.push(tiles);
        all.units.push(units);
    }
    Ok(all)
}

impl Stage<'_> {
    /// Whether an operand of an operation lies in a block, or all of it in the memory.
    fn lies_inside(&self, tensor: usize) -> bool {
        self.ways[tensor] != Some(StageWay::Passing)
    }

    /// The units in which bits pass all ports, and no less than these cycles.
    fn units(&self, cycles: u128, moved: &Moved) -> u128 {
        let slices = u128::from(self.schedule.slices);
        let ports = self
            .schedule
            .ports
            .iter()
            .zip(self.schedule.units_per_bit());
        let busy = ports.map(|(port, units)| moved.through(port) * slices * units);
        let least = cycles * self.schedule.units_per_cycle();
        busy.max().unwrap_or(0).max(least)
    }

    /// An iteration on the array: the mapping that the mode has for it, in what blocks leave.
    fn array(
        &self,
        member: usize,
        whole: &LoopNest,
        (one, room): (&Iteration, u64),
    ) -> Result<Ran, StageError> {
        let operation = &self.fused.accesses[member];
        let name = || self.fused.members[member].clone();
        let operands = || operation.reads.iter().chain(operation.result());
        let inside: Vec<Role> = operands()
            .filter(|access| self.lies_inside(access.tensor))
            .filter_map(|access| match access.place {
                AccessPlace::Operand(role) => Some(role),
                AccessPlace::Beside => None,
            })
            .collect();
        let nest = iterations::nest(operation, whole, one, RoleSet::of(&inside));
        let found = |own: &&StageBox| own.member == member && own.nest == nest;
        let Some(found) = self.mode.boxes.iter().find(found) else {
            return Err(StageError::NoMapping {
                operation: name(),
                macs: nest.box_macs(),
            });
        };
        let (mapping, cost) = &*found.mapping;
        let hardware = with_room(self.hardware, room);
        check_within(&nest, &hardware, mapping, cost, WALK_LIMIT).map_err(|error| {
            StageError::Mapping {
                operation: name(),
                error,
            }
        })?;
        let wrong = || StageError::Mapping {
            operation: name(),
            error: CheckError::Memories,
        };
        self.mapped(operation, one, cost).ok_or_else(wrong)
    }

    /// What an iteration with a mapping of this cost takes and moves.
    fn mapped(&self, operation: &Accesses, one: &Iteration, cost: &Cost) -> Option<Ran> {
        let [outside, shared, inner @ ..] = cost.memories.as_slice() else {
            return None;
        };
        let result = operation.result()?;
        let narrow = u128::from(one.computed) * u128::from(result.bits);
        let wide = u128::from(one.computed) * u128::from(operation.accumulator_bits);

        // ---- What the array exchanges with the shared memory: not what crosses the outer port ----
        let mut exchanged = Moved::default();
        for (own, outer) in shared.traffic.iter().zip(&outside.traffic) {
            exchanged.add(Direction::Read, own.read.0.checked_sub(outer.write.0)?);
            exchanged.add(Direction::Written, own.write.0.checked_sub(outer.read.0)?);
        }
        let [back, more] = one.partial;
        if back {
            exchanged.add(Direction::Read, wide);
        }
        if more {
            exchanged.add(Direction::Written, wide.saturating_sub(narrow));
        }

        // ---- What crosses it: partial sums, and operands that pass by ----
        let output = outside.traffic[Role::Output as usize];
        let finished = narrow.min(output.write.0);
        exchanged.add(Direction::Outward, output.write.0 - finished);
        exchanged.add(Direction::Inward, output.read.0);
        let (mut all, mut passing) = (exchanged, Vec::new());
        for access in operation.reads.iter().chain(operation.result()) {
            let AccessPlace::Operand(role) = access.place else {
                continue;
            };
            let (direction, bits) = match role {
                Role::Output => (Direction::Outward, finished),
                Role::Input | Role::Weight => {
                    (Direction::Inward, outside.traffic[role as usize].read.0)
                }
            };
            all.add(direction, bits);
            if !self.lies_inside(access.tensor) {
                passing.push((access.tensor, bits));
            } else if bits > 0 {
                // What lies in the memory is not fetched again.
                return None;
            }
        }
        let busy = inner.iter().map(|own| own.busy_cycles).max().unwrap_or(0);
        let added: u128 = inner.iter().flat_map(|own| own.added_cycles).sum();
        let occupied: Bits = shared.occupied.iter().copied().sum();
        Some(Ran {
            tiles: u64::try_from(occupied.bytes_ceil()).ok()?,
            units: self.units(busy.max(cost.compute_cycles), &all)
                + added * self.schedule.units_per_cycle(),
            exchanged,
            passing,
        })
    }

    /// An iteration on the vector unit: every operand once, with the share of its operations.
    fn vector(&self, member: usize, operations: u128, one: &Iteration) -> Ran {
        let operation = &self.fused.accesses[member];
        let elements: u128 = one.extents.iter().map(|&own| u128::from(own)).product();
        let whole = operation.dims.iter().map(|dim| u128::from(dim.extent));
        let mut work = (operations * elements).div_ceil(whole.product::<u128>().max(1));
        let [back, more] = one.partial;
        let (mut read, mut written) = (0, 0);
        let mut passing = Vec::new();
        for (access, &touched) in operation.reads.iter().zip(&one.touched) {
            if access.place == AccessPlace::Beside {
                continue;
            }
            let bits = u128::from(touched) * u128::from(access.bits);
            read += bits;
            if !self.lies_inside(access.tensor) {
                passing.push((access.tensor, bits));
            }
        }
        if let Some(result) = operation.result() {
            let bits = u128::from(one.computed) * u128::from(result.bits);
            written += bits;
            if !self.lies_inside(result.tensor) {
                passing.push((result.tensor, bits));
            }
        }
        let cut = |own: &StageLoop| operation.dims[own.places[member]].whole;
        let online = operation.online.filter(|_| self.mode.loops.iter().any(cut));
        if let (Some(bits), Some(scaled)) = (online, self.scaled(member)) {
            let row = operation.dims.iter().zip(&one.extents);
            let row = row.filter(|(dim, _)| dim.whole).map(|(_, &extent)| extent);
            let rows = u128::from(one.computed / row.product::<u64>().max(1));
            work += rows * u128::from(scaled);
            let accumulators = 2 * rows * u128::from(bits);
            read += if back { accumulators } else { 0 };
            written += if more { accumulators } else { 0 };
        }
        let mut exchanged = Moved::default();
        exchanged.add(Direction::Read, read);
        exchanged.add(Direction::Written, written);
        let mut all = exchanged;
        for &(tensor, bits) in &passing {
            let written = self.tensors[tensor].writer.is_some();
            let direction = if written {
                Direction::Outward
            } else {
                Direction::Inward
            };
            all.add(direction, bits);
        }
        let cycles = vector_cycles(self.hardware, work, read + written);
        Ran {
            tiles: 0,
            units: self.units(cycles, &all),
            exchanged,
            passing,
        }
    }
}

/// The hardware whose shared memory has so many bytes, with tiles of all operands that do not lie there.
fn with_room(hardware: &Hardware, room: u64) -> Hardware {
    let mut own = hardware.clone();
    if let Some(Level::Memory(memory)) = own.levels.get_mut(LoopNest::SHARED_LEVEL) {
        memory.capacity = Some(Bytes(room));
        memory.bypass = RoleSet::NONE;
    }
    own
}

/// The cycles of so many vector operations, and of bits through the memories between the shared one and the
/// vector unit, which are written and read once in each.
fn vector_cycles(hardware: &Hardware, work: u128, bits: u128) -> u128 {
    let lanes = hardware.vector_lanes;
    let own = lanes.map_or(0, |lanes| work.div_ceil(u128::from(lanes)));
    let inner = hardware.levels.iter().skip(LoopNest::SHARED_LEVEL + 1);
    let above = inner.map_while(|level| match level {
        Level::Memory(memory) => Some(busiest(memory.ports, Bits(bits), Bits(bits))),
        Level::Array(_) => None,
    });
    above.max().unwrap_or(0).max(own)
}

impl Running {
    /// Compares what was found with the mode, and with the mode of the stage's operation in the schedule.
    pub(super) fn compare(
        &self,
        stage: &Stage<'_>,
        blocks: &Blocks,
        mode: &Mode,
    ) -> Result<(), StageError> {
        let (fused, own) = (stage.fused, stage.mode);
        let members = fused.members.len();
        if own.tiles.len() != members || own.units.len() != members {
            return Err(stage.wrong("has not one number for each operation"));
        }
        for (member, name) in fused.members.iter().enumerate() {
            let (stated, found) = (own.tiles[member], self.tiles[member]);
            same(name, "bytes of its tiles", stated.into(), found.into())?;
            same(name, "time units", own.units[member], self.units[member])?;
        }
        let name = &stage.operation.name;
        let bytes = u128::from(mode.buffer_bytes);
        same(name, "bytes of all blocks", bytes, self.bytes.into())?;
        let cycles = self.units.iter().sum::<u128>();
        let cycles = cycles.div_ceil(stage.schedule.units_per_cycle());
        same(name, "cycles", mode.cycles + mode.added_cycles, cycles)?;
        let exchanged = [
            ("bits that are read", mode.read_bits, Direction::Read),
            (
                "bits that are written",
                mode.written_bits,
                Direction::Written,
            ),
            (
                "bits of partial sums out",
                mode.partial.outward,
                Direction::Outward,
            ),
            (
                "bits of partial sums back",
                mode.partial.inward,
                Direction::Inward,
            ),
        ];
        for (quantity, stated, direction) in exchanged {
            same(name, quantity, stated.into(), self.exchanged.get(direction))?;
        }
        self.operands(stage, blocks, mode)
    }

    /// Compares what each operand of the stage's operation moves.
    fn operands(&self, stage: &Stage<'_>, blocks: &Blocks, mode: &Mode) -> Result<(), StageError> {
        let mut touched = 0;
        for (operand, tensor) in stage.operation.operands().enumerate() {
            let name = &stage.schedule.tensors[tensor].name;
            let own = stage.fused.tensors.iter().position(|own| own == name);
            let own = own.ok_or_else(|| stage.wrong(format!("does not touch {name}")))?;
            let found = blocks.moved[own] + self.passing[own];
            let stated = u128::from(mode.outer_bits[operand]);
            same(name, "bits across the outer boundary", stated, found)?;
            let resident = stage.ways[own] == Some(StageWay::Resident);
            if mode.resident[operand] != resident || mode.waits[operand] {
                return Err(stage.wrong(format!("{name} is resident, or waits")));
            }
            touched += 1;
        }
        let outside = |own: &&Tensor| !own.is_internal() || own.stored;
        if touched != stage.tensors.iter().filter(outside).count() || !mode.parts.is_empty() {
            return Err(stage.wrong("its operation has other operands"));
        }
        Ok(())
    }
}
