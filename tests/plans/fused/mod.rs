//! A literal oracle for fused stages.
//!
//! Tiles are walked as sets of elements: what an operation computes, what it
//! reads, what is fetched and what is stored in every iteration is found by
//! enumeration, never by a formula. So it is slow, and fit for tensors of about
//! a hundred elements only.
//!
//! * [`case`]: tensors, operations and the machine.
//! * [`stage`]: the roles of tensors in a stage and the axes that can be shared.
//! * [`geometry`]: the walk over a nest; [`tiles`]: tiles of held operands.
//! * [`online`]: the accumulators of an online softmax.
//! * [`price`]: what one operation costs on a box, given from outside.
//! * [`cost`]: the time and the space of a stage under given choices; [`tally`]:
//!   the sums that they make.
//! * [`search`]: the best choices, by trying everything.
//! * [`random`]: tiny random cases.

pub mod case;
pub mod cost;
pub mod geometry;
pub mod online;
pub mod price;
pub mod random;
pub mod rational;
pub mod search;
pub mod set;
pub mod stage;
pub mod tally;
pub mod tiles;
