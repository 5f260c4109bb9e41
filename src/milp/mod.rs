//! Convex programs over groups of columns, solved with HiGHS: it knows nothing of layers.

pub mod bound;
mod branch;
mod enumerate;
pub mod linear;
pub mod master;
mod pareto;
pub mod program;
mod relaxation;
pub mod tree;

pub use program::{Concave, Group, Limit, Program, Row, Term, Values};
pub use tree::{Node, Space, Switches, TreeStatistics, search};
