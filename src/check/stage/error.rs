//! What can be wrong with a fused stage.

use thiserror::Error;

use crate::check::CheckError;

/// What is wrong with a way to run operations together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StageError {
    /// Its numbers do not fit its operations.
    #[error("{stage}: {what}")]
    Form {
        /// The stage.
        stage: String,
        /// What does not fit.
        what: String,
    },
    /// An operation needs rows that are not in the shared memory.
    #[error("{operation}: tile {tile} of {axis} needs row {row} of {tensor}, which is not there")]
    Missing {
        /// The operation that writes the tensor.
        operation: String,
        /// The axis.
        axis: String,
        /// The tile, counted from 0.
        tile: usize,
        /// The first row that is missing.
        row: u64,
        /// The tensor.
        tensor: String,
    },
    /// Rows of a result are never computed.
    #[error("{operation}: row {row} of {tensor} is never computed")]
    NeverComputed {
        /// The operation that writes the tensor.
        operation: String,
        /// The first row that is missing.
        row: u64,
        /// The tensor.
        tensor: String,
    },
    /// An iteration has no mapping.
    #[error("{operation}: an iteration of {macs} multiply-accumulates has no mapping")]
    NoMapping {
        /// The operation.
        operation: String,
        /// Multiply-accumulates of the iteration.
        macs: u128,
    },
    /// The mapping of an iteration is wrong.
    #[error("{operation}: {error}")]
    Mapping {
        /// The operation.
        operation: String,
        /// What is wrong.
        error: CheckError,
    },
    /// A number is another one.
    #[error("{what}: {quantity}: the stage says {stated}, the check finds {found}")]
    Number {
        /// Operation or tensor.
        what: String,
        /// What the number is.
        quantity: &'static str,
        /// Number stated.
        stated: u128,
        /// Number found here.
        found: u128,
    },
}

/// Whether a number is the one that was found.
pub(super) fn same(
    what: &str,
    quantity: &'static str,
    stated: u128,
    found: u128,
) -> Result<(), StageError> {
    if stated == found {
        return Ok(());
    }
    Err(StageError::Number {
        what: what.to_owned(),
        quantity,
        stated,
        found,
    })
}
