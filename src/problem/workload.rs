//! What mappings and constraints refer to by name: the layers of a network, or the operations of
//! a step over it.

use super::graph::{Graph, Operation, Pass};
use super::network::{Layer, LayerKind, NestId, Network};
use super::operation::LoopNest;
use super::phases::label;

/// One named piece of work.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Its name, unique in the workload.
    pub name: &'a str,
    /// Its operator.
    pub op: &'a str,
    /// The part of the step to which it belongs.
    pub pass: Pass,
    /// What it computes.
    pub kind: &'a LayerKind,
}

/// Work by name and by index.
pub trait Workload {
    /// Name of the network.
    fn network(&self) -> &str;

    /// All pieces of work in execution order.
    fn jobs(&self) -> Vec<Job<'_>>;

    /// One of them.
    fn job(&self, index: usize) -> Option<Job<'_>>;

    /// The loop nest; `None` where there is none: streamed work, or a phase without taps.
    fn nest(&self, id: NestId) -> Option<&LoopNest> {
        match (self.job(id.layer)?.kind, id.phase) {
            (LayerKind::MultiplyAccumulate(nest), None) => Some(nest),
            (LayerKind::Phases(phases), Some(index)) => {
                phases.iter().find(|phase| phase.index == index)?.nest()
            }
            _ => None,
        }
    }

    /// What the loop nest is called: the name of the work, of a phase with its index.
    fn nest_name(&self, id: NestId) -> String {
        let name = self.job(id.layer).map_or("", |job| job.name);
        id.phase
            .map_or_else(|| name.to_owned(), |index| label(name, index))
    }
}

impl Workload for Network {
    fn network(&self) -> &str {
        &self.name
    }

    fn jobs(&self) -> Vec<Job<'_>> {
        self.layers.iter().map(Job::of_layer).collect()
    }

    fn job(&self, index: usize) -> Option<Job<'_>> {
        self.layers.get(index).map(Job::of_layer)
    }
}

impl Workload for Graph {
    fn network(&self) -> &str {
        &self.network
    }

    fn jobs(&self) -> Vec<Job<'_>> {
        self.operations.iter().map(Job::of_operation).collect()
    }

    fn job(&self, index: usize) -> Option<Job<'_>> {
        self.operations.get(index).map(Job::of_operation)
    }
}

impl<'a> Job<'a> {
    fn of_layer(layer: &'a Layer) -> Self {
        Self {
            name: &layer.name,
            op: &layer.op,
            pass: Pass::Forward,
            kind: &layer.kind,
        }
    }

    fn of_operation(operation: &'a Operation) -> Self {
        Self {
            name: &operation.name,
            op: &operation.op,
            pass: operation.pass,
            kind: &operation.kind,
        }
    }
}
