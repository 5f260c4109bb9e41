//! Sweeps: a network on many pieces of hardware, nothing computed twice.

pub mod cache;
pub mod inherit;
pub mod journal;
mod known;
pub mod manifest;
pub mod memo;
pub mod merge;
pub mod points;
pub mod range;
pub mod run;
