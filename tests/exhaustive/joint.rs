//! All ways to cut one dimension, or two that a window joins, with every number that costs need.

use deepmatrix::problem::{Dim, LoopNest, Role, Window};

use super::cuts::{Chain, SEGMENTS, chains};
use super::machine::Machine;
use super::rows::{Piece, cut, rows, shares, walked};
use super::{Rules, TileChoice};

/// One way to cut the dimensions of a joint axis. Index `s` of an array over positions means
/// below segment `s`; counts have the whole dimension at index 0 and are one ahead.
#[derive(Clone, Debug)]
pub struct Part {
    /// Elements used along each axis of the array.
    pub elements: [u64; 2],
    /// Steps of element 0.
    pub steps: u64,
    /// The dimensions, as a mask, that have a loop of more than one trip in each segment.
    pub loops: [u16; SEGMENTS],
    /// Each dimension with its numbers of pieces.
    pub counts: Vec<(usize, [u64; SEGMENTS + 1])>,
    /// Sums over the pieces, for each operand.
    pub volume: [[u64; SEGMENTS]; 3],
    /// The largest tile of each operand; at the last position that of one element.
    pub tile: [[u64; SEGMENTS]; 3],
    /// Sums over the last pieces of the share of element 0.
    pub share: [u64; 3],
    /// The walk along the output dimension of a window, if the axis is one.
    pub walk: Option<Walk>,
}

/// What a walk along the output dimension of a window fetches.
#[derive(Clone, Debug)]
pub struct Walk {
    /// The output dimension's mask.
    pub dim: u16,
    /// Rows of all walks of a loop in each segment, in tiles of the extent below it.
    pub rows: [u64; SEGMENTS],
    /// Whether the kernel dimension is whole at each position.
    pub kernel_whole: [bool; SEGMENTS],
    /// Whether the array spreads the output dimension or the taps.
    pub is_spread: bool,
}

/// The parts of all joint axes of a nest.
pub fn parts(
    nest: &LoopNest,
    machine: &Machine<'_>,
    choice: TileChoice,
    rules: Rules,
) -> Vec<Vec<Part>> {
    let chains = |d: Dim| chains(d, nest.extents[d], machine, choice, rules);
    let mut all: Vec<Vec<Part>> = [Dim::G, Dim::N, Dim::K, Dim::C]
        .into_iter()
        .map(|d| chains(d).iter().map(|c| single(nest, d, c)).collect())
        .collect();
    for (axis, (p, r)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
        let window = &nest.windows[axis];
        let (outputs, kernels) = (chains(p), chains(r));
        let pairs = outputs
            .iter()
            .flat_map(|a| kernels.iter().map(move |b| (a, b)));
        all.push(
            pairs
                .map(|(a, b)| pair(nest, window, (p, a), (r, b)))
                .collect(),
        );
    }
    all
}

/// A dimension that no window joins to another.
fn single(nest: &LoopNest, d: Dim, chain: &Chain) -> Part {
    let own = Alone::new(chain);
    let mut part = Part {
        elements: [1; 2],
        steps: own.share,
        loops: loops(d, chain),
        counts: vec![(d as usize, own.counts)],
        volume: [[1; SEGMENTS]; 3],
        tile: [[1; SEGMENTS]; 3],
        share: [1; 3],
        walk: None,
    };
    part.elements[chain.spread.0] *= chain.spread.1;
    for role in Role::ALL {
        if nest.is_relevant(role, d) {
            part.volume[role as usize] = [chain.whole; SEGMENTS];
            part.tile[role as usize] = own.tile;
            part.share[role as usize] = own.share;
        }
    }
    part
}

/// The output and the kernel dimension of a window.
fn pair(
    nest: &LoopNest,
    window: &Window,
    (p, output): (Dim, &Chain),
    (r, kernel): (Dim, &Chain),
) -> Part {
    let (a, b) = (single(nest, p, output), single(nest, r, kernel));
    let mut part = Part {
        elements: [0, 1].map(|i| a.elements[i] * b.elements[i]),
        steps: a.steps * b.steps,
        loops: std::array::from_fn(|s| a.loops[s] | b.loops[s]),
        counts: [a.counts, b.counts].concat(),
        volume: std::array::from_fn(|t| std::array::from_fn(|s| a.volume[t][s] * b.volume[t][s])),
        tile: std::array::from_fn(|t| std::array::from_fn(|s| a.tile[t][s] * b.tile[t][s])),
        share: std::array::from_fn(|t| a.share[t] * b.share[t]),
        walk: Some(walk(window, (p, output), kernel)),
    };
    for s in 0..SEGMENTS {
        let (ps, rs) = (output.pieces(s + 1), kernel.pieces(s + 1));
        let counted = |p: Piece, r: Piece| rows(window, p, r);
        part.volume[0][s] = sum(&ps, &rs, counted);
        let spread = if s + 1 == SEGMENTS {
            (output.spread.1, kernel.spread.1)
        } else {
            (1, 1)
        };
        part.tile[0][s] = largest(&ps, &rs, |p, r| largest_share(window, p, r, spread));
    }
    let spread = (output.spread.1, kernel.spread.1);
    part.share[0] = sum(
        &output.pieces(SEGMENTS),
        &kernel.pieces(SEGMENTS),
        |p, r| rows(window, shares(p, spread.0)[0], shares(r, spread.1)[0]),
    );
    part
}

/// The walks along the output dimension, the kernel dimension being whole.
fn walk(window: &Window, (p, output): (Dim, &Chain), kernel: &Chain) -> Walk {
    let whole = (0, kernel.whole);
    let fetched = |s: usize| {
        let walks = output.pieces(s).into_iter();
        let tiles = walks.map(|walk| cut(&[walk], output.wide[s]));
        tiles.map(|tiles| walked(window, &tiles, whole)).sum()
    };
    Walk {
        dim: 1 << p as usize,
        rows: std::array::from_fn(fetched),
        kernel_whole: std::array::from_fn(|s| kernel.wide[s] == kernel.whole),
        is_spread: output.spread.1 > 1 || kernel.spread.1 > 1,
    }
}

/// Sum over all pairs of pieces.
fn sum(ps: &[Piece], rs: &[Piece], of: impl Fn(Piece, Piece) -> u64) -> u64 {
    let pairs = ps.iter().flat_map(|&p| rs.iter().map(move |&r| (p, r)));
    pairs.map(|(p, r)| of(p, r)).sum()
}

/// Largest value over all pairs of pieces.
fn largest(ps: &[Piece], rs: &[Piece], of: impl Fn(Piece, Piece) -> u64) -> u64 {
    let pairs = ps.iter().flat_map(|&p| rs.iter().map(move |&r| (p, r)));
    pairs.map(|(p, r)| of(p, r)).max().unwrap_or(0)
}

/// The most rows that one element holds of a tile.
fn largest_share(window: &Window, p: Piece, r: Piece, spread: (u64, u64)) -> u64 {
    let (ps, rs) = (shares(p, spread.0), shares(r, spread.1));
    largest(&ps, &rs, |p, r| rows(window, p, r))
}

/// The segments in which a dimension has a loop of more than one trip.
fn loops(d: Dim, chain: &Chain) -> [u16; SEGMENTS] {
    let mut outer = chain.whole;
    chain.wide.map(|extent| {
        let has_loop = extent < outer;
        outer = extent;
        u16::from(has_loop) << d as usize
    })
}

/// The numbers of one dimension by itself.
struct Alone {
    counts: [u64; SEGMENTS + 1],
    tile: [u64; SEGMENTS],
    share: u64,
}

impl Alone {
    fn new(chain: &Chain) -> Self {
        let elements = chain.spread.1;
        let last = chain.pieces(SEGMENTS);
        let mut tile = chain.wide;
        tile[SEGMENTS - 1] = tile[SEGMENTS - 1].div_ceil(elements);
        Self {
            counts: std::array::from_fn(|s| chain.pieces(s).len() as u64),
            tile,
            share: last.iter().map(|p| p.1.div_ceil(elements)).sum(),
        }
    }
}
