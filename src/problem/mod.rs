//! Pure data and invariants: operations, networks, hardware, mappings, results and their units.

pub mod dataflow;
pub mod error;
pub mod explanation;
pub mod fixed;
pub mod front;
pub mod goal;
pub mod graph;
pub mod hardware;
pub mod mapping;
pub mod network;
pub mod operation;
pub mod phases;
pub mod result;
pub mod run;
pub mod units;

pub use dataflow::Dataflow;
pub use error::ProblemError;
pub use fixed::{Fixed, FixedArray, FixedMemory};
pub use hardware::{AccessEnergy, Array, Axis, Hardware, Level, Memory, Overlap, Ports, Tiles};
pub use mapping::{ArrayMapping, Mapping, Node};
pub use network::{Layer, LayerKind, NestId, Network, StreamOperation};
pub use operation::{Dim, DimSet, LoopNest, PerDim, Precision, Role, RoleSet, Window};
pub use phases::{Phase, PhaseWork};
pub use run::{LayerRow, PhaseRow, RunResult, Space, Total, Work};
pub use units::{Bandwidth, Bits, Bytes, ceil_div};
