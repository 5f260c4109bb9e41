//! What the command line may change in a network.

use std::path::Path;

use super::error::{ReadError, whole};

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
    /// Refuses options that only an imported network takes, for a file that is none.
    pub(super) fn require_import(&self, path: &Path) -> Result<(), ReadError> {
        let Some(option) = self.only_for_imports() else {
            return Ok(());
        };
        let message = format!("{option}: only an ONNX file takes it; change the network file");
        Err(ReadError {
            file: path.to_path_buf(),
            errors: whole(None, message),
        })
    }

    /// An option that only an imported network takes, if one is given.
    fn only_for_imports(&self) -> Option<String> {
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
