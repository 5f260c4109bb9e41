//! Which part of a chain columns describe.

/// Which part of a chain the columns of a group describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// The slots above the first array, as boxes of extents.
    Outer,
    /// The spatial factors and the slots below.
    Inner,
    /// All of it, as boxes of extents and single chains.
    Boxed,
}
