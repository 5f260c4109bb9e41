//! The whole-network pass: fused epilogues, streamed operations and the inference driver.

pub mod addresses;
pub mod fronts;
pub mod fuse;
mod groups;
pub mod inference;
pub mod phases;
pub mod residency;
pub mod stream;
