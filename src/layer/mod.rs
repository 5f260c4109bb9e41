//! The layer program (`formulations/layer.md`): one file for each group of equations, and the way
//! from mappings to columns and back.

mod added;
mod axes;
mod builder;
mod capacities;
mod compute;
mod couplings;
pub mod decode;
pub mod encode;
mod energy;
pub mod expansion;
mod goal;
mod input;
pub mod monolith;
pub mod names;
mod ports;
mod pricer;
mod program;
pub mod refine;
mod row_names;
pub mod spelling;
mod switches;
mod transfers;
pub mod tuning;

pub use couplings::{kept_dims, split_pins};
pub use input::Layer;
pub use program::{Outline, outline, program};
pub use switches::Switches;
