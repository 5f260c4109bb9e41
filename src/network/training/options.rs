//! Which step is derived.

use crate::problem::Optimizer;
use crate::problem::graph::Mode;

/// Which step is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepOptions {
    /// What the step does.
    pub mode: Mode,
    /// How parameters are updated.
    pub optimizer: Optimizer,
    /// Whether epilogues are fused into the layers before them.
    pub fuse: bool,
}
