//! Pure data and invariants: operations, networks, hardware, mappings, results and their units.

pub mod access;
pub mod amount;
pub mod backward;
pub mod certificate;
pub mod comparison;
pub mod convolution;
pub mod costs;
pub mod dataflow;
pub mod error;
pub mod evidence;
pub mod explanation;
pub mod fixed;
pub mod flow;
pub mod format;
pub mod front;
pub mod function;
pub mod goal;
pub mod graph;
pub mod hardware;
pub mod lifetime;
pub mod mapping;
pub mod network;
pub mod operation;
pub mod operator;
pub mod packing;
pub mod phases;
pub mod plan;
pub mod planned;
pub mod planned_point;
pub mod port;
pub mod ratio;
mod resident;
pub mod result;
pub mod run;
pub mod schedule;
pub mod stage;
pub mod status;
pub mod step;
pub mod stream;
pub mod sweep;
pub mod training;
pub mod units;
pub mod what_if;
pub mod workload;

pub use backward::{Convolution, PassPrecision};
pub use certificate::Certificate;
pub use dataflow::Dataflow;
pub use error::ProblemError;
pub use fixed::{Fixed, FixedArray, FixedMemory};
pub use function::{Function, Operand, Pairwise, Reduction};
pub use hardware::{AccessEnergy, Array, Axis, Hardware, Level, Memory, Overlap, Ports, Tiles};
pub use mapping::{ArrayMapping, Mapping, Node};
pub use network::{Layer, LayerKind, NestId, Network, StreamOperation};
pub use operation::{Dim, DimSet, LoopNest, PerDim, Precision, Role, RoleSet, Window};
pub use operator::{
    LayerSpec, Loss, LossKind, Normalization, OnnxNode, Operator, Optimizer, TrainingPrecision,
    Weighted,
};
pub use phases::{Phase, PhaseIndex, PhaseWork};
pub use planned_point::PlannedPoint;
pub use ratio::Ratio;
pub use run::{LayerRow, PhaseRow, RunResult, Space, Total, Work};
pub use step::{PassTotal, TrainingStep};
pub use units::{Bandwidth, Bits, Bytes, ceil_div};
pub use what_if::{HardwareChange, Resource, Scale, WhatIf};
pub use workload::{Job, Workload};
