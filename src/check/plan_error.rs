//! What can be wrong with a memory plan.

use thiserror::Error;

/// What is wrong with a plan or its stated cost.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PlanError {
    /// The plan has not one entry for each operation, tensor, event and gap.
    #[error("the plan does not have the form of its schedule: {what}")]
    Form {
        /// Which entries.
        what: String,
    },
    /// Bytes are needed that are neither in the shared memory nor outside.
    #[error("{operation}: {what} {slices} slices of {tensor} that are nowhere")]
    Nowhere {
        /// Operation, or the end of the step.
        operation: String,
        /// What it does with them.
        what: &'static str,
        /// Tensor.
        tensor: String,
        /// How many.
        slices: usize,
    },
    /// A number of slices is not possible.
    #[error("{operation}: {tensor}: {what}")]
    Slices {
        /// Operation.
        operation: String,
        /// Tensor.
        tensor: String,
        /// What is wrong.
        what: String,
    },
    /// The shared memory is too small.
    #[error("{operation}: {need} bytes in a shared memory of {capacity}")]
    Capacity {
        /// Operation.
        operation: String,
        /// Bytes at that moment.
        need: u128,
        /// Capacity.
        capacity: u64,
    },
    /// The cost is another one.
    #[error("{operation}: {quantity}: the plan says {stated}, the check finds {found}")]
    Cost {
        /// Operation.
        operation: String,
        /// What the number is.
        quantity: &'static str,
        /// Number stated.
        stated: u128,
        /// Number found here.
        found: u128,
    },
}
