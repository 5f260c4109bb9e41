//! `precision_bits` of the network and of single layers.

use crate::problem::{Precision, TrainingPrecision};
use crate::read::field::Field;
use crate::read::table::Table;

const FORWARD: [&str; 4] = ["input", "weight", "output", "accumulator"];
const TRAINING: [&str; 4] = [
    "gradient",
    "weight_gradient",
    "master_weight",
    "optimizer_state",
];
const BITS: &str = "its width in bits, from 1 to 64";
const HELP: &str = "a table such as `{input: 8, weight: 8, output: 8, accumulator: 32}`";

/// The width of an optimizer's copy of narrower parameters (Micikevicius et al., arXiv 1710.03740,
/// section 3.1).
const MASTER_WEIGHT: u32 = 32;

/// The precisions that a network or a layer states.
#[derive(Clone, Copy)]
pub(super) struct Widths {
    /// Precisions of the forward pass.
    pub(super) forward: Precision,
    /// Gradient, weight gradient, master weight and optimizer state, where stated.
    training: [Option<u32>; 4],
}

/// What layers are read with where the network's own precisions have errors.
pub(super) const STAND_IN: Widths = Widths {
    forward: Precision {
        input: 1,
        weight: 1,
        output: 1,
        accumulator: 64,
    },
    training: [None; 4],
};

impl Widths {
    /// The precisions of training; those that are not stated follow from the others.
    pub(super) fn training(self) -> TrainingPrecision {
        let [gradient, weight_gradient, master_weight, optimizer_state] = self.training;
        let gradient = gradient.unwrap_or(self.forward.output);
        let master_weight = master_weight.unwrap_or(self.forward.weight.max(MASTER_WEIGHT));
        TrainingPrecision {
            gradient,
            weight_gradient: weight_gradient.unwrap_or(gradient),
            master_weight,
            optimizer_state: optimizer_state.unwrap_or(master_weight),
        }
    }
}

/// The network's precisions: all four of the forward pass, and those of training that it states.
pub(super) fn of_network(table: &Table<'_>) -> Option<Widths> {
    let field = table.required("precision_bits", HELP)?;
    let table = open(&field)?;
    let forward = FORWARD.map(|key| table.required(key, BITS).and_then(|f| bits(&f)));
    widths(&field, &table, forward, [None; 4])
}

/// The network's precisions with those that a layer states in their place.
pub(super) fn of_layer(table: &Table<'_>, network: Widths) -> Option<Widths> {
    let Some(field) = table.optional("precision_bits", HELP) else {
        return Some(network);
    };
    let table = open(&field)?;
    let Precision {
        input,
        weight,
        output,
        accumulator,
    } = network.forward;
    let inherited = [input, weight, output, accumulator];
    let forward: [usize; 4] = std::array::from_fn(|index| index);
    let forward = forward.map(|i| table.or_default(FORWARD[i], BITS, inherited[i], bits));
    widths(&field, &table, forward, network.training)
}

fn open<'a>(field: &Field<'a>) -> Option<Table<'a>> {
    let keys: Vec<&str> = FORWARD.into_iter().chain(TRAINING).collect();
    field.table(&keys)
}

/// The widths of the forward pass with those of training, of which some may be inherited.
fn widths(
    field: &Field<'_>,
    table: &Table<'_>,
    [input, weight, output, accumulator]: [Option<u32>; 4],
    mut training: [Option<u32>; 4],
) -> Option<Widths> {
    let mut right = true;
    for (key, own) in TRAINING.into_iter().zip(&mut training) {
        if let Some(stated) = table.optional(key, BITS) {
            *own = bits(&stated);
            right &= own.is_some();
        }
    }
    let forward = Precision {
        input: input?,
        weight: weight?,
        output: output?,
        accumulator: accumulator?,
    };
    right.then_some(())?;
    check(field, Widths { forward, training })
}

fn bits(field: &Field<'_>) -> Option<u32> {
    u32::try_from(field.integer(1, 64)?).ok()
}

fn check(field: &Field<'_>, widths: Widths) -> Option<Widths> {
    let Precision {
        weight,
        output,
        accumulator,
        ..
    } = widths.forward;
    if accumulator < output {
        field.reject(format!(
            "the accumulator has {accumulator} bits, fewer than the output's {output}; give the accumulator at least {output}"
        ));
        return None;
    }
    let master = widths.training().master_weight;
    if master < weight {
        field.reject(format!(
            "master_weight has {master} bits, fewer than the weight's {weight}; give master_weight at least {weight}"
        ));
        return None;
    }
    Some(widths)
}
