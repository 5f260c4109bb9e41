//! The whole-network pass: fused epilogues, streamed operations and the inference driver.

pub mod fuse;
pub mod inference;
pub mod stream;
