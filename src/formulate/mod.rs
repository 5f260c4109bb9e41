//! Builds and decodes the integer programs, and nothing else.

mod added;
pub mod allowed;
pub mod boxes;
pub mod bypass;
pub mod candidates;
pub mod chains;
pub mod class;
pub mod columns;
pub mod constraints;
pub mod decode;
mod dominance;
mod elements;
pub mod encode;
mod energy;
pub mod expansion;
pub mod facts;
mod flow;
pub mod groups;
pub mod layer;
pub mod monolith;
pub mod names;
pub mod parts;
pub mod receivers;
pub mod refine;
pub mod residency;
pub mod row_names;
mod rows;
pub mod slots;
pub mod spelling;
pub mod spreads;
pub mod symmetry;
pub mod third;
pub mod wanted;
pub mod windows;

pub use candidates::TileSpace;
