//! `precision_bits` of the network and of single layers.

use crate::problem::{LayerKind, Operator, Precision, TrainingPrecision};
use crate::read::field::{Field, quote};
use crate::read::locate::{key_path, line_of};
use crate::read::table::Table;

use super::site::{Outcome, Source, Width};

const KEY: &str = "precision_bits";
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
    let field = table.required(KEY, HELP)?;
    let table = open(&field)?;
    let forward = FORWARD.map(|key| table.required(key, BITS).and_then(|f| bits(&f)));
    widths(&field, &table, forward, [None; 4])
}

/// The network's precisions with those that a layer states in their place.
pub(super) fn of_layer(table: &Table<'_>, network: Widths) -> Option<Widths> {
    let Some(field) = table.optional(KEY, HELP) else {
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

/// The width of the network's input.
pub(super) fn of_input(network: Widths) -> Width {
    Width {
        bits: network.forward.input,
        field: key_path(KEY, "input"),
    }
}

/// What a layer writes that is no view.
fn written(table: &Table<'_>, own: Widths) -> Width {
    let stated = stated(table, "output").map(|field| field.path().to_owned());
    Width {
        bits: own.forward.output,
        field: stated.unwrap_or_else(|| key_path(KEY, "output")),
    }
}

/// The width of what a part of a layer gives: what it writes, what it views, or that of a tensor
/// which is there before the run and as wide as its readers expect of it.
pub(super) fn of_outcome(
    table: &Table<'_>,
    outcome: &Outcome,
    sources: &[Source],
    own: Widths,
) -> Option<Width> {
    let given = |bits: u32, key: &str| Width {
        bits,
        field: stated(table, key).map_or_else(|| key_path(KEY, key), |f| f.path().to_owned()),
    };
    match (&outcome.operator, &outcome.kind) {
        (Operator::Parameter, _) => Some(given(own.forward.weight, "weight")),
        (Operator::Constant, _) => Some(given(own.forward.input, "input")),
        (_, LayerKind::View) => of_view(table, sources, own),
        _ => Some(written(table, own)),
    }
}

/// A layer's precisions with inputs as wide as their producers wrote them: the first one's width,
/// and that of the second one for the weight where it is the `right` operand of a product. Reports
/// where the layer itself says otherwise.
pub(super) fn of_operands(
    table: &Table<'_>,
    sources: &[Source],
    right: bool,
    own: Widths,
) -> Option<Widths> {
    let mut widths = own;
    let (inputs, weights) = sources.split_at(if right {
        1.min(sources.len())
    } else {
        sources.len()
    });
    let agree = [("input", inputs), ("weight", weights)].map(|(key, sources)| {
        let own = stated(table, key);
        own.is_none_or(|own| sources.iter().all(|source| agrees(&own, source)))
    });
    if let Some(first) = inputs.first() {
        widths.forward.input = first.width.bits;
    }
    if let Some(first) = weights.first() {
        widths.forward.weight = first.width.bits;
    }
    agree.iter().all(|&own| own).then_some(widths)
}

/// The width of another view of what producers wrote; of a tensor that no layer produces, its own.
/// Reports where they differ in width, or where the layer itself says otherwise.
fn of_view(table: &Table<'_>, sources: &[Source], own: Widths) -> Option<Width> {
    let Some(first) = sources.first() else {
        return Some(written(table, own));
    };
    let differs = |other: &&Source| other.width.bits != first.width.bits;
    if let Some(other) = sources.iter().find(differs) {
        table.field().reject(format!(
            "joins elements of {} and {} bits: {} and {}; give both the same width",
            first.width.bits,
            other.width.bits,
            writes(first),
            writes(other)
        ));
        return None;
    }
    let agree = stated(table, "output").is_none_or(|own| agrees(&own, first));
    agree.then(|| first.width.clone())
}

/// A width that the layer states itself.
fn stated<'a>(table: &Table<'a>, key: &str) -> Option<Field<'a>> {
    let own = table.optional(KEY, HELP)?;
    if own.has_key(key) {
        own.open_table()?.optional(key, BITS)
    } else {
        None
    }
}

/// Whether a stated width is that of a producer; reports where it is not.
fn agrees(own: &Field<'_>, source: &Source) -> bool {
    // A number that is no width was reported where it was read.
    let Some(bits) = bits(own) else { return true };
    let agrees = bits == source.width.bits;
    if !agrees {
        own.reject(format!(
            "is {bits}, but {}; leave it out, or make both the same",
            writes(source)
        ));
    }
    agrees
}

/// `conv1` writes 16 bits (line 7, `layers[0].precision_bits.output`).
fn writes(source: &Source) -> String {
    let Width { bits, field } = &source.width;
    format!(
        "{} has {bits} bits ({}, `{field}`)",
        quote(&source.name),
        line_of(field)
    )
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
