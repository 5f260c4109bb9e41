//! The whole-network pass: fused epilogues, streamed operations, and the driver that maps every
//! operation of a step.

mod budget;
pub mod compare;
mod distinct;
pub mod driver;
pub mod forward;
pub mod fronts;
pub mod fuse;
pub mod inference;
pub mod phases;
pub mod training;
mod work;
