//! The prices of a column as the layer program maps the boxes of its operations: operands in the
//! stage's blocks lie in the shared memory, the others have their own tiles in what is left of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::exact::{self, SolveOptions};
use crate::memory::known::gap;
use crate::memory::modes::{RoleMode, free_of, of_cycles};
use crate::problem::access::{AccessPlace, AccessWork, Accesses};
use crate::problem::plan::Modes;
use crate::problem::port::{Direction, Moved};
use crate::problem::result::Cost;
use crate::problem::schedule::Schedule;
use crate::problem::stage::StageBox;
use crate::problem::{Bytes, Hardware, Level, LoopNest, Mapping, Role, RoleSet};

use super::list::{Column, StageBlock, at, internal, lies, stored, walks_of};
use super::nest::{Blocks, Loop, Nest, OperationBox};
use super::price::{InMemory, Iteration, Prices};
use super::stage::Stage;

/// A column whose numbers are those of mappings.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    /// The column, with exact facts.
    pub(super) column: Column,
    /// The blocks of its internal tensors.
    pub(super) blocks: Vec<StageBlock>,
    /// For every operation the bytes of its own tiles.
    pub(super) tiles: Vec<u64>,
    /// For every operation the units of all its iterations.
    pub(super) units: Vec<u128>,
    /// The mappings of the boxes of the array.
    pub(super) boxes: Vec<StageBox>,
    /// Bits that pass by in all iterations, of external tensors by their places in the stage.
    pub(super) passing: BTreeMap<usize, u64>,
    /// What the array and the vector unit exchange with the shared memory, and partial sums that go
    /// out and come back, in bits times slices.
    pub(super) exchanged: Moved,
}

/// The mapping of a box, with the room that it had.
struct Mapped {
    room: u64,
    /// `None` where none was found.
    found: Option<Found>,
}

/// A mapping, its cost, and the mode that it is.
#[derive(Clone)]
struct Found {
    mode: RoleMode,
    mapping: Arc<(Mapping, Cost)>,
}

/// Maps boxes.
pub(super) struct Mapper<'a> {
    schedule: &'a Schedule,
    hardware: &'a Hardware,
    solve: SolveOptions,
    known: FxHashMap<LoopNest, Vec<Mapped>>,
    /// What was proved of the mappings.
    pub(super) counts: Modes,
}

impl<'a> Mapper<'a> {
    pub(super) fn new(
        schedule: &'a Schedule,
        hardware: &'a Hardware,
        solve: &SolveOptions,
    ) -> Self {
        Self {
            schedule,
            hardware,
            solve: of_cycles(solve),
            known: FxHashMap::default(),
            counts: Modes::default(),
        }
    }

    /// The column as it is mapped; `None` where an operation has no mapping in what is left of the
    /// memory.
    pub(super) fn price(
        &mut self,
        stage: &Stage,
        column: &Column,
        (blocks, prices): (Blocks, &mut Prices<'_>),
    ) -> Option<Priced> {
        let walks = walks_of(stage, column);
        let loops = column.loops.iter().zip(&walks);
        let loops = loops.map(|(&(axis, extent), walk)| Loop { axis, extent, walk });
        let nest = Nest {
            stage,
            loops: loops.collect(),
        };
        let external: Vec<usize> = stage.external().collect();
        let own_blocks = internal(&nest, blocks)?;
        let held: u64 = column.choices.iter().map(|choice| choice.bytes).sum();
        let mut priced = Priced {
            column: column.clone(),
            blocks: own_blocks.to_vec(),
            tiles: Vec::new(),
            units: Vec::new(),
            boxes: Vec::new(),
            passing: external.iter().map(|&number| (number, 0)).collect(),
            exchanged: Moved::default(),
        };
        let slices = u128::from(self.schedule.slices);
        let mut moved = Moved::default();
        let [read, written] = nest.beside();
        moved.add(Direction::Read, u128::from(read) * slices);
        moved.add(Direction::Written, u128::from(written) * slices);
        priced.exchanged = moved;
        let mut most = 0;
        for place in 0..stage.operations.len() {
            let there = held + at(&own_blocks, place);
            let room = self.schedule.capacity.0.checked_sub(there)?;
            let inside = lies(stage, &external, &column.choices, place);
            let (mut tiles, mut units) = (0, 0);
            for one in nest.boxes(place) {
                let (own, passing) = match self.mapped(stage, place, (&one, &inside), room)? {
                    Some((mapped, mode)) => {
                        if !priced.boxes.contains(&mapped) {
                            priced.boxes.push(mapped);
                        }
                        self.one(&stage.operations[place], &one, (&mode, &*prices))?
                    }
                    None => prices.vector(&stage.operations[place], &one, &inside),
                };
                tiles = tiles.max(own.tiles);
                units += own.units * u128::from(one.count);
                for direction in Direction::ALL {
                    let all = own.moved.get(direction) * u128::from(one.count);
                    moved.add(direction, all);
                    priced.exchanged.add(direction, all);
                }
                for (tensor, bits) in passing {
                    let number = external
                        .iter()
                        .find(|&&n| stage.tensors[n].tensor == tensor)?;
                    let all = bits * one.count;
                    *priced.passing.entry(*number).or_default() += all;
                    let direction = match stage.tensors[*number].writer {
                        Some(_) => Direction::Outward,
                        None => Direction::Inward,
                    };
                    moved.add(direction, u128::from(all) * slices);
                }
            }
            priced.tiles.push(tiles);
            priced.units.push(units);
            most = most.max(there + tiles);
        }
        for choice in &column.choices {
            moved.add(Direction::Inward, u128::from(choice.inward) * slices);
            moved.add(Direction::Outward, u128::from(choice.outward) * slices);
        }
        moved.add(Direction::Outward, u128::from(stored(&nest)) * slices);
        let facts = &mut priced.column.facts;
        facts.bytes = most;
        facts.units = priced.units.iter().sum();
        let ports = self.schedule.ports.iter();
        facts.ports = ports.map(|port| moved.through(port)).collect();
        facts.outer = moved.outer();
        priced.column.exact = true;
        Some(priced)
    }

    /// How the array runs an iteration of an operation, with the mode of its mapping: `Some(None)` of what
    /// the vector unit computes, `None` where it has no mapping in so many bytes.
    #[expect(clippy::option_option, reason = "no work for the array is no failure")]
    fn mapped(
        &mut self,
        stage: &Stage,
        member: usize,
        (one, inside): (&OperationBox, &InMemory),
        room: u64,
    ) -> Option<Option<(StageBox, RoleMode)>> {
        let operation = &stage.operations[member];
        let AccessWork::Array(nest) = &operation.work else {
            return Some(None);
        };
        let mut nest = Prices::nest(nest, operation, one);
        let all = operation.reads.iter().chain(operation.result());
        let roles = all
            .zip(inside)
            .filter_map(|(access, &inside)| match access.place {
                AccessPlace::Operand(role) if inside => Some(role),
                _ => None,
            });
        nest.resident = RoleSet::of(&roles.collect::<Vec<Role>>());
        let Found { mode, mapping } = self.map(&nest, room)?;
        let own = StageBox {
            member,
            nest,
            mapping,
        };
        Some(Some((own, mode)))
    }

    /// An iteration of an operation of the array, and the bits of each tensor that pass by in it.
    fn one(
        &self,
        operation: &Accesses,
        one: &OperationBox,
        (mode, prices): (&RoleMode, &Prices<'_>),
    ) -> Option<(Iteration, Vec<(usize, u64)>)> {
        let slices = u128::from(self.schedule.slices);
        let mut moved = Moved::default();
        let wide = u128::from(one.computed) * u128::from(operation.accumulator_bits);
        let narrow =
            u128::from(one.computed) * u128::from(operation.result().map_or(0, |r| r.bits));
        let [back, more] = one.partial;
        let read = mode.read.0 + if back { wide } else { 0 };
        let written = mode.written.0 + if more { wide.saturating_sub(narrow) } else { 0 };
        moved.add(Direction::Read, read * slices);
        moved.add(Direction::Written, written * slices);
        moved.add(
            Direction::Outward,
            u128::from(mode.partial.outward) * slices,
        );
        moved.add(Direction::Inward, u128::from(mode.partial.inward) * slices);
        let mut total = moved;
        let mut passing = Vec::new();
        for access in operation.reads.iter().chain(operation.result()) {
            let AccessPlace::Operand(role) = access.place else {
                continue;
            };
            let bits = mode.outer[role as usize].0;
            let direction = if role == Role::Output {
                Direction::Outward
            } else {
                Direction::Inward
            };
            total.add(direction, bits * slices);
            if bits > 0 {
                passing.push((access.tensor, u64::try_from(bits).ok()?));
            }
        }
        let units = prices.units(mode.cycles, &total);
        let iteration = Iteration {
            tiles: u64::try_from(mode.buffers.bytes_ceil()).ok()?,
            units: units + mode.added * self.schedule.units_per_cycle(),
            moved,
        };
        Some((iteration, passing))
    }

    /// The mapping of a box in so many bytes of the shared memory: what was found in more of it stands
    /// where it fits.
    fn map(&mut self, nest: &LoopNest, room: u64) -> Option<Found> {
        let known = self.known.entry(nest.clone()).or_default();
        let fits = |own: &&Mapped| match &own.found {
            Some(found) => own.room >= room && found.mode.buffers.bytes_ceil() <= u128::from(room),
            None => own.room >= room,
        };
        if let Some(own) = known.iter().find(fits) {
            return own.found.clone();
        }
        let mut hardware = self.hardware.clone();
        if let Some(Level::Memory(memory)) = hardware.levels.get_mut(LoopNest::SHARED_LEVEL) {
            memory.capacity = Some(Bytes(room));
            memory.bypass = RoleSet::NONE;
        }
        let solution = exact::solve(nest, &hardware, &self.solve);
        let (status, bound) = (solution.status(), solution.bound_cycles);
        let found = solution.best.and_then(|(mapping, cost)| {
            self.counts.count(gap(status, bound, cost.cycles));
            Some(Found {
                mode: free_of(nest, &hardware, LoopNest::SHARED_LEVEL, &cost)?,
                mapping: Arc::new((mapping, cost)),
            })
        });
        known.push(Mapped {
            room,
            found: found.clone(),
        });
        found
    }
}
