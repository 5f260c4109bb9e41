//! Fused epilogues (problem definition, section 1): operations applied to a weight layer's
//! output while it leaves the array, at no cycles and no traffic of their own.

use crate::problem::{Bits, Layer, LayerKind, Network, PhaseWork};

/// For each layer the multiply-accumulate layer into which it is fused, if any.
///
/// A layer is fused if it may be (ReLU, GELU, batch norm), has one input, and is the only
/// consumer of a multiply-accumulate layer or of a layer that is itself fused into one.
#[must_use]
pub fn producers(network: &Network) -> Vec<Option<usize>> {
    producers_where(network, &|_| true, None)
}

/// The same where only some layers may be fused, and one more consumer reads the output of a layer.
pub(super) fn producers_where(
    network: &Network,
    may_fuse: &dyn Fn(&Layer) -> bool,
    also_read: Option<usize>,
) -> Vec<Option<usize>> {
    let mut consumers = consumer_counts(network);
    if let Some(read) = also_read {
        consumers[read] += 1;
    }
    let mut fused: Vec<Option<usize>> = Vec::with_capacity(network.layers.len());
    // Partial sums are finished in place, and are never narrower than what is written.
    let holds = |root: usize, layer: &Layer| {
        layer.spec.precision.output <= network.layers[root].spec.precision.accumulator
    };
    for layer in &network.layers {
        let root = match (&layer.kind, layer.from.as_slice()) {
            (LayerKind::Stream(operation), &[Some(producer)])
                if operation.fusable && may_fuse(layer) && consumers[producer] == 1 =>
            {
                match network.layers[producer].kind {
                    LayerKind::MultiplyAccumulate(_) | LayerKind::Phases(_) => Some(producer),
                    _ => fused.get(producer).copied().flatten(),
                }
            }
            _ => None,
        };
        fused.push(root.filter(|&root| holds(root, layer)));
    }
    fused
}

/// For each layer the bits of an element of what it writes: where others are fused into it, the
/// last of these says so.
pub(super) fn written_bits(network: &Network, fused: &[Option<usize>]) -> Vec<u32> {
    let own = network.layers.iter().map(|l| l.spec.precision.output);
    let mut bits: Vec<u32> = own.collect();
    for (layer, into) in network.layers.iter().zip(fused) {
        if let Some(root) = *into {
            bits[root] = layer.spec.precision.output;
        }
    }
    bits
}

/// What a layer computes, with results of so many bits.
pub(super) fn writing(layer: &Layer, is: u32) -> LayerKind {
    let mut kind = layer.kind.clone();
    let was = layer.spec.precision.output;
    if is == was {
        return kind;
    }
    match &mut kind {
        LayerKind::MultiplyAccumulate(nest) => nest.precision.output = is,
        LayerKind::Phases(phases) => phases.iter_mut().for_each(|phase| match &mut phase.work {
            PhaseWork::MultiplyAccumulate(nest) => nest.precision.output = is,
            PhaseWork::Zeros(zeros) => {
                zeros.output = Bits(zeros.output.0 / u128::from(was.max(1)) * u128::from(is));
            }
        }),
        LayerKind::Stream(_) | LayerKind::View => {}
    }
    kind
}

/// How many inputs each layer's output feeds.
fn consumer_counts(network: &Network) -> Vec<usize> {
    let mut counts = vec![0; network.layers.len()];
    for &producer in network.layers.iter().flat_map(|layer| &layer.from) {
        if let Some(producer) = producer {
            counts[producer] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{LayerSpec, LoopNest, Loss, PerDim, Precision, StreamOperation, Window};

    fn layer(name: &str, from: &[usize], kind: LayerKind) -> Layer {
        Layer {
            name: name.to_owned(),
            op: name.to_owned(),
            from: if from.is_empty() {
                vec![None]
            } else {
                from.iter().map(|&i| Some(i)).collect()
            },
            shape: Vec::new(),
            spec: LayerSpec::default(),
            kind,
        }
    }

    fn conv() -> LayerKind {
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        };
        LayerKind::MultiplyAccumulate(Box::new(LoopNest::forward(
            PerDim::all(1),
            [Window::NONE; Window::COUNT],
            precision,
        )))
    }

    fn stream(fusable: bool) -> LayerKind {
        LayerKind::Stream(StreamOperation {
            input: Bits(8),
            weight: Bits(0),
            output: Bits(8),
            vector_operations: 1,
            fusable,
        })
    }

    fn network(layers: Vec<Layer>) -> Network {
        Network {
            name: "test".to_owned(),
            source: None,
            batch: 1,
            input: None,
            loss: Loss::default(),
            layers,
        }
    }

    #[test]
    fn a_chain_is_fused_into_its_convolution() {
        let network = network(vec![
            layer("conv", &[], conv()),
            layer("bn", &[0], stream(true)),
            layer("relu", &[1], stream(true)),
            layer("pool", &[2], stream(false)),
            layer("relu2", &[3], stream(true)),
        ]);
        assert_eq!(producers(&network), [None, Some(0), Some(0), None, None]);
    }

    #[test]
    fn layers_of_phases_take_epilogues_too() {
        let phases = LayerKind::Phases(Vec::new());
        let network = network(vec![
            layer("up", &[], phases),
            layer("relu", &[0], stream(true)),
        ]);
        assert_eq!(producers(&network), [None, Some(0)]);
    }

    #[test]
    fn an_output_with_two_consumers_is_not_fused_into() {
        let network = network(vec![
            layer("conv", &[], conv()),
            layer("bn", &[0], stream(true)),
            layer("relu", &[1], stream(true)),
            layer("add", &[2, 1], stream(false)),
        ]);
        assert_eq!(producers(&network), [None, Some(0), None, None]);
    }

    #[test]
    fn a_layer_of_the_input_or_of_two_inputs_is_not_fused() {
        let network = network(vec![
            layer("relu", &[], stream(true)),
            layer("conv", &[0], conv()),
            layer("conv2", &[0], conv()),
            layer("sum", &[1, 2], stream(true)),
        ]);
        assert_eq!(producers(&network), [None; 4]);
    }
}
