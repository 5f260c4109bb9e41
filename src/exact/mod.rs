//! The exact mapper: lower bound and a first mapping, then branch and price on the layer program.

mod branching;
mod conflict;
mod descent;
mod existence;
pub mod explain;
mod footprints;
pub mod history;
mod improve;
mod incumbent;
pub mod infeasible;
pub mod local;
mod options;
mod outcome;
pub mod pareto;
mod part;
pub mod program;
mod progress;
mod refinement;
mod roots;
mod setup;
mod smallest;
mod solve;
mod space;
mod strategy;
mod survey;
mod switches;
mod ties;
mod tolerance;
mod tree;
pub mod tuning;

pub use options::{MOST_PIECES, Memo, Method, SolveOptions, TieBreak};
pub use solve::{search_anew, solve, solve_traced};
pub use switches::{MapperSwitches, MethodSwitches};
pub use ties::tie_breakers;
