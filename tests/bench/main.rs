//! Benchmarks, each a command of its own: `./x bench help` lists them.

#[path = "../comparison/mod.rs"]
mod comparison;

mod compare;
mod energy;
mod layers;
mod local;
mod networks;
mod residency;
mod training;
mod vgg;
