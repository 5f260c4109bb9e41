//! Builds and decodes the integer programs, and nothing else.

pub mod candidates;
pub mod chains;
mod dominance;
pub mod windows;

pub use candidates::TileSpace;
