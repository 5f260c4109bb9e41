//! Optimal, proved mappings of deep neural network layers onto accelerators.
//!
//! Each layer is an integer program over tile extents, loop order and buffer allocation;
//! its optimum is the mapping of fewest cycles, and the program's bound is the proof.
//! `formulations/` states the programs; this crate builds, solves and checks them.

pub mod check;
pub mod classes;
pub mod cli;
pub mod columns;
pub mod cost;
pub mod engine;
pub mod escape;
pub mod exact;
pub mod files;
pub mod layer;
pub mod mapper;
pub mod memory;
pub mod network;
pub mod problem;
pub mod read;
pub mod report;
pub mod sweep;
pub mod tiling;

/// Counts for each thread what it holds, HiGHS's memory included (`engine::allowance`).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
