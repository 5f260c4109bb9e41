//! Mappers: from an operation and the hardware to a mapping, with or without proof.

mod conflict;
pub mod exact;
pub mod explain;
mod incumbent;
mod infeasible;
pub mod pareto;
pub mod program;
mod space;
mod survey;
mod whole;
