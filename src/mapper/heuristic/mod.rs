//! Published heuristics, one file each, and what they share.
//!
//! A heuristic proves nothing: its mappings are valid, cost what the evaluator says, and may be
//! anything from optimal to poor. Each is written after its publication, in the space of mappings
//! that the publication has; the names that end in `-wide` are extended to the full one.

mod annealing;
pub mod candidate;
mod climb;
mod cosa;
mod fixed;
mod genetic;
mod gradient;
mod greedy;
mod local;
mod loma;
mod nest;
mod numbers;
mod random;
mod relaxed;
mod spread;

pub use annealing::Annealing;
pub use cosa::Cosa;
pub use fixed::Fixed;
pub use genetic::Genetic;
pub use gradient::Gradient;
pub use greedy::Greedy;
pub use local::Local;
pub use loma::Loma;
pub use random::RandomPruned;
