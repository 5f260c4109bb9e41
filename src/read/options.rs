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

    /// Names that are given two different numbers.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let dims = self.dims.iter().map(|(name, n)| ("dim", name, *n));
        let widths = self.precision.iter();
        let widths = widths.map(|(role, bits)| ("precision", role, u64::from(*bits)));
        let all: Vec<_> = dims.chain(widths).collect();
        let other = |(i, (option, name, n)): (usize, &(&str, &String, u64))| {
            let mut before = all[..i].iter();
            let first = before.find(|b| (b.0, b.1) == (*option, *name))?.2;
            (first != *n).then(|| {
                format!(
                    "--{option} {name}={first} and --{option} {name}={n} contradict each other; give one of them"
                )
            })
        };
        all.iter().enumerate().filter_map(other).collect()
    }
}
