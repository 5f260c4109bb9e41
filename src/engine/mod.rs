//! A solver of convex programs over groups of columns, with HiGHS for the linear ones. It knows
//! programs, and nothing of what they stand for.
//!
//! From the bottom up: `program` states a program, `linear` and `bound` give its Lagrangian bound,
//! `master` and `relaxation` the multipliers; `node`, `space` and `branch` are what `search` works
//! with. `piece`, `assembly`, `named` and `hand_over` write a program out for HiGHS; `opinion`,
//! `whole` and `settle` say what is believed of its answers. `tuning` has all constants.

pub mod allowance;
pub mod assembly;
pub mod bound;
mod branch;
mod enumerate;
mod finish;
pub mod hand_over;
pub mod highs_file;
mod interrupt;
pub mod judge;
pub mod linear;
pub mod lp_file;
pub mod master;
pub mod mps_file;
pub mod named;
pub mod node;
pub mod opinion;
pub mod pareto;
pub mod piece;
pub mod program;
mod queue;
pub mod relaxation;
mod rounding;
pub mod search;
pub mod settle;
pub mod space;
pub mod statistics;
pub mod switches;
#[cfg(test)]
mod tests;
pub mod tuning;
pub mod watch;
pub mod whole;

pub use allowance::Allowance;
pub use node::{Node, State};
pub use program::{
    Argument, ArgumentKey, Concave, Group, Limit, Program, Row, RowNames, Term, Values,
};
pub use search::{Options, search};
pub use space::{Decided, Refinement, Space};
pub use statistics::TreeStatistics;
pub use switches::Switches;
pub use watch::{Cause, Watch, deadline, thread_time};
