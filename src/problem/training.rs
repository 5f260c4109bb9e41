//! What is known of a training step.

/// What a run knows of a training step beside its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingStep {
    /// The optimizer whose update ends the step.
    pub optimizer: &'static str,
    /// Cycles of inference of the same network with the same batch; `None` where only some
    /// operations were mapped, or some layer has no mapping.
    pub inference_cycles: Option<u128>,
}
