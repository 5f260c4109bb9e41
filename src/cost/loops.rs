//! The loop nest that is costed, loop by loop.
//!
//! Nodes stand where reuse puts them (`reuse`), and what a memory slides along is the loop directly
//! above its node: a scan outwards from any node finds the visits and walks that its cost counts.

use crate::problem::{Dim, LoopNest, Mapping, Node, PerDim, Role};

use super::reuse::{Listed, normalised};

/// One line of a nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A loop over time.
    Loop {
        /// Dimension.
        dim: Dim,
        /// Extent of the tile that it cuts, over all elements.
        extent: u64,
        /// Extent of its pieces, over all elements; the last one may be smaller.
        step: u64,
    },
    /// A storage node.
    Keep {
        /// The node.
        node: Node,
        /// Extents of one element's tile.
        tile: PerDim<u64>,
        /// The dimension of the loop directly above along which consecutive tiles overlap, where
        /// the memory slides along it.
        slide: Option<Dim>,
    },
}

/// The lines of a valid mapping's nest from the outside in, down to one step of the arrays. The
/// loops over the elements of an array are left out.
#[must_use]
pub fn lines(operation: &LoopNest, mapping: &Mapping) -> Vec<Line> {
    let mut nest = Lines {
        extents: operation.extents,
        lines: Vec::new(),
    };
    for listed in normalised(operation, mapping) {
        let slide = slide(operation, mapping, &listed, &nest.extents);
        let own = operation.relevant[listed.node.role as usize].iter();
        for d in own.filter(|&d| Some(d) != slide).chain(slide) {
            nest.cut(d, listed.wide[d]);
        }
        nest.lines.push(Line::Keep {
            node: listed.node,
            tile: listed.extents,
            slide: slide.filter(|&d| overlaps(operation, d)),
        });
        for (d, wide) in listed.below {
            nest.cut(d, wide);
        }
    }
    for d in Dim::ALL {
        nest.cut(d, mapping.spread_above(usize::MAX, d));
    }
    nest.lines
}

/// A nest as far as it is written.
struct Lines {
    /// The tile within the loops so far, over all elements.
    extents: PerDim<u64>,
    lines: Vec<Line>,
}

impl Lines {
    /// A loop that cuts `d` down to `step`, unless that is what it is.
    fn cut(&mut self, dim: Dim, step: u64) {
        let extent = self.extents[dim];
        if step < extent {
            self.lines.push(Line::Loop { dim, extent, step });
            self.extents[dim] = step;
        }
    }
}

/// The dimension along which a node slides, if the loop directly above it is one along it.
fn slide(
    operation: &LoopNest,
    mapping: &Mapping,
    listed: &Listed,
    extents: &PerDim<u64>,
) -> Option<Dim> {
    let d = mapping.slide(listed.node.level)?;
    let (_, taps) = LoopNest::WINDOW_DIMS[LoopNest::window_of(d)?];
    let walks = listed.node.role == Role::Input
        && listed.wide[d] < extents[d]
        && listed.wide[taps] >= operation.extents[taps];
    walks.then_some(d)
}

/// Whether neighbouring windows along a dimension share rows.
fn overlaps(operation: &LoopNest, d: Dim) -> bool {
    LoopNest::window_of(d).is_some_and(|axis| {
        let (_, taps) = LoopNest::WINDOW_DIMS[axis];
        let window = &operation.windows[axis];
        (operation.extents[taps] - 1).saturating_mul(window.dilation) >= window.stride
    })
}
