//! The operations and tensors of one step over a network: inference, or the training step that is
//! derived from it (`formulations/training.md`).
//!
//! A family of operators is one file: what its forward operation keeps, and its backward operations.
//! `forward::layer` and `backward::layer` are the registry, a line for each family.

mod accumulate;
mod backward;
mod build;
mod combine;
mod convolution;
mod embedding;
mod error;
mod forward;
mod function;
mod given;
mod gradient;
mod limits;
mod loss;
mod matmul;
mod moves;
mod norm;
mod operation;
mod options;
mod pool;
mod split;
mod table;
mod update;
mod vector_cost;
mod view;

pub use error::GraphError;
pub use options::StepOptions;

use crate::problem::Network;
use crate::problem::graph::{Graph, Mode};

use build::Step;

/// The step over a network; of a table of layers that stand alone that of each one.
///
/// # Errors
/// If an operator has no backward pass, if there is nothing to compute a loss from or nothing to
/// train, or if tensors are too large.
pub fn step(network: &Network, options: StepOptions) -> Result<Graph, GraphError> {
    let source = match options.mode {
        Mode::Inference => None,
        Mode::Training => {
            backward::refuse_operators(network)?;
            let table = table::is_table(network);
            (!table).then(|| loss::source(network)).transpose()?
        }
    };
    let mut step = Step::new(network, options);
    forward::all(&mut step, source);
    if let Some(source) = source {
        backward::all(&mut step, source)?;
        update::all(&mut step);
    } else if options.mode == Mode::Training {
        table::backward(&mut step);
        update::all(&mut step);
    }
    limits::check(step.graph())
}
