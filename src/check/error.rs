//! What a check finds wrong.

use thiserror::Error;

use crate::problem::{Memory, ProblemError, Role};

/// What is wrong with a mapping or with its stated cost.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CheckError {
    /// The mapping is not one of this operation on this hardware, or does not fit.
    #[error(transparent)]
    Mapping(#[from] ProblemError),
    /// The outermost level is not a memory, so that nothing holds the tensors.
    #[error("the outermost level of {hardware} must be a memory")]
    Outermost {
        /// Name of the hardware.
        hardware: String,
    },
    /// The cost does not list every memory once, outermost first.
    #[error("the cost must list every memory once, outermost first")]
    Memories,
    /// A number of one memory and operand differs.
    #[error("{memory}: {quantity} of {role}: the cost says {stated}, the check finds {found}")]
    Operand {
        /// Memory.
        memory: String,
        /// Operand.
        role: Role,
        /// What the number is, with its unit.
        quantity: &'static str,
        /// Number in the cost.
        stated: u128,
        /// Number found here.
        found: u128,
    },
    /// A number of one memory differs.
    #[error("{memory}: {quantity}: the cost says {stated}, the check finds {found}")]
    Memory {
        /// Memory.
        memory: String,
        /// What the number is, with its unit.
        quantity: &'static str,
        /// Number in the cost.
        stated: u128,
        /// Number found here.
        found: u128,
    },
    /// A number of the whole mapping differs.
    #[error("{quantity}: the cost says {stated}, the check finds {found}")]
    Total {
        /// What the number is.
        quantity: &'static str,
        /// Number in the cost.
        stated: u128,
        /// Number found here.
        found: u128,
    },
    /// The mapping has none of the dataflows that are asked for.
    #[error("the mapping is not {0}")]
    Dataflow(String),
    /// The mapping does not keep to an entry of a constraints file.
    #[error("the mapping does not keep to {entry}: {level}: {what} is fixed otherwise")]
    Fixed {
        /// Where the entry is written.
        entry: String,
        /// Name of the memory or array.
        level: String,
        /// What differs.
        what: String,
    },
    /// The energy differs.
    #[error("energy: the cost says {stated}, the check finds {found}")]
    Energy {
        /// Energy in the cost.
        stated: String,
        /// Energy found here.
        found: String,
    },
    /// The elements cannot execute all multiply-accumulates in these steps.
    #[error("{steps} steps of {elements} elements cannot execute {macs} multiply-accumulates")]
    TooFewSteps {
        /// Compute cycles stated.
        steps: u128,
        /// Elements used.
        elements: u128,
        /// Multiply-accumulates of the box.
        macs: u128,
    },
    /// The tiles of a dimension do not cover it exactly once.
    #[error("the tiles of {dim} do not cover it exactly once at {at}")]
    Coverage {
        /// Dimension.
        dim: crate::problem::Dim,
        /// First index that is missing or covered twice.
        at: u64,
    },
    /// A multiply-accumulate is executed twice or never.
    #[error("multiply-accumulate number {index} of the box is executed {times}")]
    Executed {
        /// Its number, the last dimension running fastest.
        index: usize,
        /// How often.
        times: &'static str,
    },
}

/// Compares a number of one memory and operand.
pub(super) fn same_operand(
    memory: &Memory,
    role: Role,
    quantity: &'static str,
    stated: u128,
    found: u128,
) -> Result<(), CheckError> {
    if stated == found {
        return Ok(());
    }
    Err(CheckError::Operand {
        memory: memory.name.clone(),
        role,
        quantity,
        stated,
        found,
    })
}

/// Compares a number of the whole mapping.
pub(super) fn same_total(
    quantity: &'static str,
    stated: u128,
    found: u128,
) -> Result<(), CheckError> {
    if stated == found {
        return Ok(());
    }
    Err(CheckError::Total {
        quantity,
        stated,
        found,
    })
}
