//! The layer program as a file: the classes as variables, the columns that the bound leaves, and
//! the tangents that its optimum needs.

mod build;
mod cuts;
mod facts;
mod header;
mod listing;
mod options;
mod pieces;
mod standing;
mod text;

pub use crate::engine::lp_file::with_rows;
pub use build::build;
pub use cuts::{Decoded, Standing, decoded};
pub use facts::{Counted, Facts, Without};
pub use options::{ColumnChoice, ProgramOptions};
pub use text::{LayerProgram, first_comment};
