//! The whole-network pass: fused epilogues, streamed operations and the inference driver.

pub mod compare;
pub mod fronts;
pub mod fuse;
mod groups;
pub mod inference;
pub mod phases;
pub mod stream;
