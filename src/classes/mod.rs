//! The discrete choices of a nest: which operands a memory keeps, orders of nodes, slides and
//! buffers; how a class is split, and what it rules out.

pub mod allowed;
pub mod buffers;
pub mod class;
pub mod constraints;
pub mod flow;
pub mod keeps;
pub mod orders;
pub mod roots;
pub mod slides;
pub mod slots;
pub mod split;
mod switches;

pub use switches::Switches;
