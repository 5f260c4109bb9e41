//! What values are in the network: outputs of layers, some of whose axes stand for several.

/// An axis of the held tensor of which each element stands for `times` neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) axis: usize,
    pub(super) times: u64,
    /// Whether the copies are an axis of their own, of size 1, behind `axis`.
    pub(super) apart: bool,
}

/// A value as a layer's output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    /// What `from` says.
    pub(super) from: String,
    /// Its shape as the layer gives it.
    pub(super) shape: Vec<u64>,
    /// An axis that stands for several equal ones.
    pub(super) repeat: Option<Repeat>,
}

impl Held {
    /// A whole value.
    pub(super) fn of(from: String, shape: &[u64]) -> Self {
        Self {
            from,
            shape: shape.to_vec(),
            repeat: None,
        }
    }
}
