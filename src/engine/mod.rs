//! Convex programs over groups of columns, solved with HiGHS: it knows nothing of layers.

pub mod allowance;
pub mod assembly;
pub mod bound;
mod branch;
mod enumerate;
mod finish;
pub mod hand_over;
pub mod highs_file;
mod interrupt;
pub mod linear;
pub mod lp_file;
pub mod master;
pub mod mps_file;
pub mod named;
pub mod opinion;
pub mod pareto;
pub mod piece;
pub mod program;
pub mod relaxation;
pub mod settle;
pub mod tree;
pub mod watch;
pub mod whole;

pub use allowance::Allowance;
pub use program::{ArgumentKey, Concave, Group, Limit, Program, Row, Term, Values};
pub use tree::{Node, Space, Switches, TreeStatistics, search};
pub use watch::{Cause, Watch, deadline, thread_time};
