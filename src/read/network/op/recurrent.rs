//! `lstm`, `gru` and `rnn`: a product with the input of all steps, then one with the state for each
//! step, in order, and the gates.
//!
//! The product with the inputs, `NAME.input`, does not depend on the state: it is one loop nest over
//! all steps. The product with the state, `NAME.recurrent`, is one loop nest for each step, and its
//! cycles and traffic are as many times those of one step: the weights are read again in each. Both
//! directions of a layer run side by side, as groups. The gates read both products once; the cell
//! state stays in the vector unit.

use crate::problem::backward::{Axes, Convolution};
use crate::problem::{
    Bits, LayerKind, LoopNest, Operator as Kind, PerDim, Phase, PhaseIndex, PhaseWork,
    StreamOperation, Weighted, Window,
};
use crate::read::field::Field;
use crate::read::network::site::{Link, Outcome, Part, Parts, Site, Source};
use crate::read::network::tensor::{Tensor, product};
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// Long short-term memory.
pub(super) const LSTM: Operator = operator("lstm", |site| read(site, 4, vector_cost::LSTM));
/// Gated recurrent unit.
pub(super) const GRU: Operator = operator("gru", |site| read(site, 3, vector_cost::GRU));
/// Elman's recurrent network.
pub(super) const RNN: Operator = operator("rnn", |site| read(site, 1, vector_cost::RNN));

const fn operator(name: &'static str, read: fn(&Site<'_>) -> Option<Parts>) -> Operator {
    Operator {
        name,
        keys: &["hidden", "directions", "layout", "bias"],
        producers: Producers::One,
        read: Read::Parts(read),
    }
}

/// No layer has more steps, each of which is an operation for itself.
const MOST_STEPS: u64 = 1 << 12;
const LAYOUT: &str = "`batch_first` for batch x steps x features, or `sequence_first`";
const NO_GRADIENT: &str = "as the steps of a recurrent layer are not traced back";

/// The sizes of a recurrent layer.
struct Sizes {
    batch: u64,
    steps: u64,
    features: u64,
    hidden: u64,
    directions: u64,
    gates: u64,
    sequence_first: bool,
}

impl Sizes {
    fn read(site: &Site<'_>, gates: u64) -> Option<Self> {
        let hidden = site.extent("hidden", "the size of the state");
        let directions = (site.table).or_default("directions", "1 or 2", 1, |f| f.integer(1, 2));
        let layouts = [("batch_first", false), ("sequence_first", true)];
        let layout = |field: &Field<'_>| field.choice(&layouts);
        let sequence_first = (site.table).or_default("layout", LAYOUT, false, layout)?;
        let Source { name, tensor, .. } = site.source()?;
        let &[first, second, features] = tensor.shape().as_slice() else {
            site.reject(format!(
                "takes sequence x features, but `{name}` gives {tensor}; put a reshape before it"
            ));
            return None;
        };
        let [batch, steps] = if sequence_first {
            [second, first]
        } else {
            [first, second]
        };
        if steps > MOST_STEPS {
            site.reject(format!(
                "has {steps} steps, of which there may be at most {MOST_STEPS}; cut the sequence"
            ));
            return None;
        }
        Some(Self {
            batch,
            steps,
            features,
            hidden: hidden?,
            directions: directions?,
            gates,
            sequence_first,
        })
    }

    /// A tensor with so many values for each step and each entry of the batch.
    fn of_steps(&self, values: u64) -> Tensor {
        let shape = if self.sequence_first {
            [self.steps, self.batch, values]
        } else {
            [self.batch, self.steps, values]
        };
        Tensor::of_shape(&shape)
    }

    /// The state after the last step.
    fn state(&self) -> Tensor {
        Tensor::of_shape(&[self.directions, self.batch, self.hidden])
    }
}

fn read(site: &Site<'_>, gates: u64, cost: u128) -> Option<Parts> {
    let sizes = Sizes::read(site, gates)?;
    let wide = [sizes.directions, gates, sizes.hidden];
    let values = site.product_extent("number of gates", &wide)?;
    let units = site.product_extent("size of the state", &[sizes.directions, sizes.hidden])?;
    let part = |suffix: &str, from, outcome| Part {
        suffix: suffix.to_owned(),
        op: site.op,
        from,
        outcome,
        optional: matches!(suffix, "hidden" | "cell"),
    };
    let mut list = vec![
        part("input", vec![Link::Source(0)], input(site, &sizes, values)?),
        part("recurrent", Vec::new(), recurrent(site, &sizes, values)?),
    ];
    let output = sizes.of_steps(units);
    let operations = output.elements().saturating_mul(cost);
    let read = sizes.of_steps(values).elements().saturating_mul(2);
    let kind = Kind::ForwardOnly { why: NO_GRADIENT };
    let gates = site.stream(output, read, 0, operations, kind)?;
    list.push(part("", vec![Link::Part(0), Link::Part(1)], gates));
    let last = site.moved(sizes.state(), Kind::Slice)?;
    list.push(part("hidden", vec![Link::Part(2)], last));
    list.push(part("cell", vec![Link::Part(2)], cell(site, &sizes)));
    Some(Parts { list })
}

/// The product with the inputs of all steps.
fn input(site: &Site<'_>, sizes: &Sizes, values: u64) -> Option<Outcome> {
    let rows = [sizes.batch, sizes.steps];
    let rows = site.product_extent("number of rows (batch times steps)", &rows)?;
    let extents = PerDim::planar([1, rows, values, sizes.features, 1, 1, 1, 1]);
    let weight = vec![values, sizes.features];
    let output = sizes.of_steps(values);
    site.nest(extents, [Window::NONE; Window::COUNT], output, Some(weight))
}

/// The products with the state, one for each step; the state is an operand of their own.
fn recurrent(site: &Site<'_>, sizes: &Sizes, values: u64) -> Option<Outcome> {
    let Sizes {
        batch,
        hidden,
        directions,
        gates,
        ..
    } = *sizes;
    let k = site.product_extent("number of gates", &[gates, hidden])?;
    let extents = PerDim::planar([directions, batch, k, hidden, 1, 1, 1, 1]);
    let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], site.precision);
    let one = Tensor::of(batch, vec![values]);
    // The limits of a nest hold for each step; those of the whole follow from the output's.
    site.nest(
        extents,
        [Window::NONE; Window::COUNT],
        one,
        Some(vec![values, hidden]),
    )?;
    let phases = (0..sizes.steps).map(|step| Phase {
        index: PhaseIndex::planar([step, 0]),
        work: PhaseWork::MultiplyAccumulate(Box::new(nest.clone())),
    });
    Some(Outcome {
        kind: LayerKind::Phases(phases.collect()),
        operator: Kind::Convolution(Weighted {
            convolution: Convolution {
                extents,
                axes: Axes::Ordinary([Window::NONE; Window::COUNT]),
            },
            weight: vec![values, hidden],
            bias: false,
        }),
        output: sizes.of_steps(values),
    })
}

/// The cell state after the last step; only writing it is more.
fn cell(site: &Site<'_>, sizes: &Sizes) -> Outcome {
    let output = sizes.state();
    let bits = product(&output.shape()).saturating_mul(u128::from(site.precision.output));
    Outcome {
        kind: LayerKind::Stream(StreamOperation {
            input: Bits(0),
            weight: Bits(0),
            output: Bits(bits),
            vector_operations: 0,
            fusable: false,
        }),
        operator: Kind::Places,
        output,
    }
}
