//! A schedule in which every stage is one operation, whose modes are the stage's columns.

use crate::problem::access::{AccessDim, Accesses};
use crate::problem::port::Direction;
use crate::problem::schedule::{Mode, Operation, Schedule};
use crate::problem::stage::{Fused, StageBlock, StageLoop, StageMode, StageTensor, StageWay};

use super::mapped::Priced;
use super::stage::Stage;

/// A stage with the columns among which a plan chooses.
pub(super) struct Chosen<'c> {
    pub(super) stage: &'c Stage,
    pub(super) columns: Vec<Priced>,
}

/// The schedule with stages in the place of their operations.
pub(super) fn contracted(schedule: &Schedule, chosen: &[Chosen<'_>]) -> Schedule {
    let mut operations = Vec::new();
    let mut stages = Vec::new();
    let mut at = 0;
    while at < schedule.operations.len() {
        let Some(own) = chosen.iter().find(|own| own.stage.first == at) else {
            operations.push(schedule.operations[at].clone());
            at += 1;
            continue;
        };
        let members = &schedule.operations[at..at + own.stage.operations.len()];
        stages.push(Fused {
            operation: operations.len(),
            members: members.iter().map(|member| member.name.clone()).collect(),
            tensors: (own.stage.tensors.iter())
                .map(|tensor| schedule.tensors[tensor.tensor].name.clone())
                .collect(),
            accesses: accesses(own.stage),
            modes: own
                .columns
                .iter()
                .map(|column| mode_of(schedule, own.stage, column))
                .collect(),
        });
        operations.push(operation(schedule, own, members));
        at += members.len();
    }
    let mut contracted = Schedule {
        operations,
        stages,
        ..schedule.clone()
    };
    drop_untouched(&mut contracted);
    contracted
}

/// What the operations of a stage touch, tensors by their places in it.
fn accesses(stage: &Stage) -> Vec<Accesses> {
    let place = |tensor: usize| stage.tensors.iter().position(|own| own.tensor == tensor);
    let mut all = stage.operations.clone();
    for own in &mut all {
        for access in own.reads.iter_mut().chain(&mut own.writes) {
            access.tensor = place(access.tensor).unwrap_or(access.tensor);
        }
    }
    all
}

/// The operation that a stage is to the rest of the step.
fn operation(schedule: &Schedule, own: &Chosen<'_>, members: &[Operation]) -> Operation {
    let stage = own.stage;
    let external: Vec<usize> = stage.external().collect();
    let reads: Vec<usize> = (external.iter().copied())
        .filter(|&number| stage.tensors[number].writer.is_none())
        .collect();
    let written = (0..stage.tensors.len()).filter(|&number| {
        let own = &stage.tensors[number];
        own.writer.is_some() && (!own.is_internal() || own.needed_outside)
    });
    let writes: Vec<usize> = written.collect();
    let modes = own.columns.iter().map(|column| {
        let operands = reads.iter().chain(&writes);
        let choice = |number: usize| {
            let place = external.iter().position(|&own| own == number);
            place.map(|place| column.column.choices[place])
        };
        let bits = operands.clone().map(|&number| match choice(number) {
            Some(choice) => {
                choice.inward + choice.outward + column.passing.get(&number).copied().unwrap_or(0)
            }
            None => schedule.tensors[stage.tensors[number].tensor].bits,
        });
        let resident = operands
            .clone()
            .map(|&number| choice(number).is_some_and(|choice| choice.way == StageWay::Resident));
        let slices = u128::from(schedule.slices);
        let exchanged = |direction| {
            let bits = column.exchanged.get(direction) / slices;
            u64::try_from(bits).unwrap_or(u64::MAX)
        };
        let count = reads.len() + writes.len();
        let partial = crate::problem::schedule::Partial {
            outward: exchanged(Direction::Outward),
            inward: exchanged(Direction::Inward),
            waits: false,
        };
        Mode {
            buffer_bytes: column.column.facts.bytes,
            cycles: column
                .column
                .facts
                .units
                .div_ceil(schedule.units_per_cycle()),
            added_cycles: 0,
            read_bits: exchanged(Direction::Read),
            written_bits: exchanged(Direction::Written),
            outer_bits: bits.collect(),
            partial,
            resident: resident.collect(),
            waits: vec![false; count],
            parts: Vec::new(),
        }
    });
    let name = |place: usize| members.get(place).map_or("", |own| own.name.as_str());
    let tensor = |&number: &usize| stage.tensors[number].tensor;
    Operation {
        name: format!("{}..{}", name(0), name(members.len() - 1)),
        modes: modes.collect(),
        reads: reads.iter().map(tensor).collect(),
        writes: writes.iter().map(tensor).collect(),
        optional: false,
    }
}

/// What a column is, in words.
fn mode_of(schedule: &Schedule, stage: &Stage, own: &Priced) -> StageMode {
    let name = |number: usize| schedule.tensors[stage.tensors[number].tensor].name.clone();
    let loops = own.column.loops.iter().map(|&(axis, tile)| {
        let axis = &stage.axes[axis];
        let dims = axis.dims.iter().enumerate();
        StageLoop {
            places: axis.dims.clone(),
            dims: dims
                .map(|(place, &dim)| dim_name(stage, place, dim))
                .collect(),
            extent: axis.extent,
            tile,
        }
    });
    let choices = stage.external().zip(&own.column.choices);
    StageMode {
        loops: loops.collect(),
        external: choices
            .map(|(number, choice)| StageTensor {
                name: name(number),
                way: choice.way,
                bytes: choice.bytes,
            })
            .collect(),
        internal: (own.blocks.iter())
            .map(|block| StageBlock {
                tensor: name(block.number),
                accumulators: block.accumulators,
                bytes: block.bytes,
            })
            .collect(),
        tiles: own.tiles.clone(),
        units: own.units.clone(),
        boxes: own.boxes.clone(),
    }
}

/// What a dimension is called: that of a loop nest, with the number of its part if it has several, or the
/// axis of a vector operation's result.
fn dim_name(stage: &Stage, place: usize, dim: usize) -> String {
    let dims = &stage.operations[place].dims;
    let Some(own) = dims[dim].dim else {
        return format!("axis {dim}");
    };
    let parts = |dims: &[AccessDim]| dims.iter().filter(|other| other.dim == Some(own)).count();
    match parts(dims) {
        1 => own.name().to_owned(),
        _ => format!("{}.{}", own.name(), parts(&dims[..dim])),
    }
}

/// Leaves out tensors that no operation touches any more.
fn drop_untouched(schedule: &mut Schedule) {
    let mut place = vec![None; schedule.tensors.len()];
    let mut kept = Vec::new();
    for (tensor, own) in schedule.tensors.iter().enumerate() {
        let touched = schedule
            .operations
            .iter()
            .any(|o| o.operands().any(|t| t == tensor));
        if touched {
            place[tensor] = Some(kept.len());
            kept.push(own.clone());
        }
    }
    for operation in &mut schedule.operations {
        for tensor in operation.reads.iter_mut().chain(&mut operation.writes) {
            *tensor = place[*tensor].unwrap_or(0);
        }
    }
    schedule.tensors = kept;
}
