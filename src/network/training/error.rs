//! Why a network has no training step.

use thiserror::Error;

/// What is wrong with a network that is to be trained, or with the sizes of its step.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GraphError {
    /// An operator has no gradient.
    #[error(
        "layer `{layer}`: the operator `{op}` has no backward pass, {why}; use --mode inference, or take the layer out"
    )]
    NoBackward {
        /// Layer.
        layer: String,
        /// Operator.
        op: String,
        /// The reason.
        why: &'static str,
    },
    /// There is nothing to compute a loss from.
    #[error("the network has no output to compute a loss from; add a layer")]
    NoOutput,
    /// The file does not say from which output the loss is computed.
    #[error(
        "the network has {} outputs ({}); name the one that the loss is computed from, as in `loss: {{from: {}}}`", .outputs.len(), listed(.outputs), .outputs.last().map_or("", String::as_str)
    )]
    SeveralOutputs {
        /// The layers whose output no layer reads.
        outputs: Vec<String>,
    },
    /// No parameter changes the loss.
    #[error(
        "no layer with parameters leads to `{layer}`, from whose output the loss is computed; name another layer in `loss: {{from: …}}`, or use --mode inference"
    )]
    NothingToTrain {
        /// The layer.
        layer: String,
    },
    /// A tensor is too large.
    #[error(
        "the tensor `{tensor}` would take 2^60 bits or more, which no tensor may; make the batch smaller"
    )]
    TensorTooLarge {
        /// Tensor.
        tensor: String,
    },
    /// An operation is too large.
    #[error(
        "the operation `{operation}` would take 2^62 multiply-accumulates or more, which none may; make the batch or the kernel smaller"
    )]
    OperationTooLarge {
        /// Operation.
        operation: String,
    },
    /// All tensors together are too large.
    #[error(
        "at `{operation}` 2^60 bits or more would live at once, more than an address space of 57 bits holds; make the batch smaller"
    )]
    StepTooLarge {
        /// The operation at which most lives.
        operation: String,
    },
    /// A layer is called as a tensor or an operation of another layer.
    #[error(
        "`{name}` would be the name of two tensors or operations: a layer's and that of what belongs to another layer; rename the layer"
    )]
    NameTaken {
        /// The name.
        name: String,
    },
}

/// The first names of a list.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> = (names.iter().take(SHOWN))
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > SHOWN {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}
