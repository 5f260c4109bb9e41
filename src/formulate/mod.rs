//! The program of a memory plan.

pub mod residency;
