//! Tiling one dimension: chains (pure data), the extents and spatial factors that are worth one,
//! third cuts, and what makes a chain useless.

pub mod bypass;
pub mod candidates;
pub mod chain;
pub mod chains;
pub mod dimension;
pub mod dominance;
pub mod elements;
pub mod factors;
pub mod facts;
pub mod limits;
pub mod receivers;
mod room;
pub mod rows;
pub mod site;
pub mod slot;
pub mod spreads;
pub mod switches;
pub mod symmetry;
pub mod third;
pub mod tile_space;
pub mod tuning;
pub mod wanted;
pub mod windows;

pub use switches::Switches;
