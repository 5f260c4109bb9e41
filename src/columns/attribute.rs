//! What columns determine: the integers whose logarithms programs add up.

use crate::problem::Dim;
use crate::tiling::receivers::Dealt;

/// An integer that a column determines; programs use its logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Tiles of the dimension at a slot.
    Count(Dim, usize),
    /// Extent of one element's tile at a slot.
    Extent(Dim, usize),
    /// Steps of the busiest element.
    Steps(Dim),
    /// Factor over one axis of an array.
    Spread(Dim, usize, usize),
    /// Σ over the tiles at a slot (or over the array's tiles, after the last slot) of element 0's
    /// share of the arrays above a level.
    Share(Dim, usize, usize),
    /// Rows of the largest tile of window axis, at the slots of its output and kernel dimension.
    Rows(usize, usize, usize),
    /// Σ over the visits of a dimension's tiles at a slot (`None`: the whole of it) of the
    /// elements of the arrays above a level that take part in each.
    Receivers(Dim, Option<usize>, usize, Dealt),
    /// The most elements that take part in a visit.
    Active(Dim, Option<usize>, usize, Dealt),
    /// Receivers over active elements, a fraction.
    Repeats(Dim, Option<usize>, usize, Dealt),
    /// Σ of rows over the tiles of a window axis.
    Sum(RowSum),
    /// The least extent above the array that an inner part needs.
    Need(Dim),
    /// One over the largest extent above the array that an outer part allows.
    Room(Dim),
    /// One over an inner part's extent at a slot, over all elements.
    PerWide(Dim, usize),
}

/// Which rows are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowSum {
    /// Window axis.
    pub axis: usize,
    /// Slot of the output dimension; the number of slots for the array's tiles.
    pub output: usize,
    /// Slot of the kernel dimension.
    pub kernel: usize,
    /// With sliding, the cut whose pieces are walked: 0 for the whole dimension, else a slot plus 1.
    pub walk: Option<usize>,
    /// Level of the memory that slides and of the one that fills it: no array between may spread the
    /// walk or its taps.
    pub between: (usize, usize),
    /// Whether the order of all nodes is decided, so that the tiles are those at the slots.
    pub ordered: bool,
    /// Level of the memory whose port is meant.
    pub port: usize,
    /// Whether the rows of all elements are added up, in place of element 0's.
    pub elements: bool,
}
