//! What the command line may change in a network.

/// What the command line may change in a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Batch size in place of the file's. Layers that stand alone with their own `dims`
    /// keep the `N` that they state.
    pub batch: Option<u64>,
    /// Sizes of axes that an ONNX file leaves open, by their names.
    pub dims: Vec<(String, u64)>,
    /// Widths in bits in place of those that an imported network has by default, by role: `input`,
    /// `weight`, `output`, `accumulator`.
    pub precision: Vec<(String, u32)>,
}

impl NetworkOptions {
    /// An option that only an imported network takes, if one is given.
    pub(super) fn only_for_imports(&self) -> Option<String> {
        let dim = self
            .dims
            .first()
            .map(|(name, size)| format!("--dim {name}={size}"));
        dim.or_else(|| {
            let precision = self.precision.first();
            precision.map(|(role, bits)| format!("--precision {role}={bits}"))
        })
    }
}
