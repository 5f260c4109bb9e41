//! Local search on mappings: changes one thing of a mapping after the other, with the exact evaluator
//! as the only judge.
//!
//! Descents over few columns (`exact::incumbent`) see halvings, divisors and balanced parts. What
//! they miss are uneven extents, and tiles that are multiples of the inner tile over all elements, in
//! combinations that no short list holds. Here the state is the mapping itself: extents of every node,
//! spatial factors, the order of the nodes, what goes around, what is doubled, and what slides.
//! The method is simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983, *Science* 220), from many
//! starts whose spatial loops take few steps. It is deterministic for a seed, and proves nothing.

mod draw;
mod extents;
mod ground;
mod neighbour;
mod search;
mod settle;
mod spatial;
mod starts;
mod structure;

pub use ground::Ground;
pub use neighbour::{Common, neighbour};
pub use search::{Effort, Judge, Verdict, search, weighed};
pub use settle::settle;
