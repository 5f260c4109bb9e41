//! What stands above a point of a nest, as the events that cut each dimension.
//!
//! A loop's extents are the whole array's, and every piece is dealt out by itself: at a node of an
//! operand the arrays between it and the operand's node further out give each element a contiguous
//! block of the tile. What an element holds already is not dealt again: its own blocks stay what
//! loops further in cut.

use deepmatrix::problem::{Dim, LoopNest, Role};

use super::parse::{Item, Nest};
use super::tensor::Range;

/// An event on the way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A loop with more than one trip in the largest tile.
    Cut {
        /// The dimension.
        dim: Dim,
        /// The extent of a full piece, of one element.
        step: u64,
    },
    /// The first piece of such a loop alone.
    First {
        /// The dimension.
        dim: Dim,
        /// The extent of a full piece, of one element.
        step: u64,
    },
    /// A dimension is dealt out to elements: contiguous blocks, each the ceiling share.
    Deal {
        /// The dimension.
        dim: Dim,
        /// The elements.
        factor: u64,
    },
}

/// A dimension spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spread {
    /// Level of the array.
    pub level: usize,
    /// The axis within the array.
    pub axis: usize,
    /// The dimension.
    pub dim: Dim,
    /// The number of elements.
    pub factor: u64,
}

/// The spreads of a nest, outermost array first, in the order of axes and dimensions.
pub fn spreads(nest: &Nest) -> Vec<Spread> {
    let mut all = Vec::new();
    for item in &nest.items {
        if let Item::Parallel {
            level,
            axis,
            factors,
        } = item
        {
            let many = Dim::ALL.into_iter().filter(|&d| factors[d] > 1);
            all.extend(many.map(|dim| Spread {
                level: *level,
                axis: *axis,
                dim,
                factor: factors[dim],
            }));
        }
    }
    all.sort_by_key(|s| (s.level, s.axis, s.dim));
    all
}

/// The loops of a nest from the outside in.
pub struct Loops {
    /// Dimension and extent of a full piece, over all elements.
    pub all: Vec<(Dim, u64)>,
    /// For each item of the nest the number of loops before it.
    pub before: Vec<usize>,
    /// Level and operand of each node, with the number of loops before it.
    nodes: Vec<(usize, Role, usize)>,
}

/// The loops of a nest.
pub fn loops(nest: &Nest) -> Loops {
    let mut loops = Loops {
        all: Vec::new(),
        before: Vec::new(),
        nodes: Vec::new(),
    };
    for item in &nest.items {
        match item {
            Item::Loop { dim, step, .. } => loops.all.push((*dim, *step)),
            Item::Keep { level, role, .. } => {
                loops.nodes.push((*level, *role, loops.all.len()));
            }
            Item::Parallel { .. } => {}
        }
        loops.before.push(loops.all.len());
    }
    loops
}

/// The events above a node of an operand, or above the multiply-accumulate.
///
/// `stops` are the operand's nodes down to this one: how many loops stand above each, and its level.
///
/// # Errors
/// A loop that does not cut the tile of every element alike.
pub fn above(
    operation: &LoopNest,
    spreads: &[Spread],
    loops: &Loops,
    role: Role,
    stops: &[(usize, usize)],
) -> Result<Vec<Event>, String> {
    let mut events = Vec::new();
    let mut elements = [1; Dim::COUNT];
    let (mut seen, mut parent) = (0, 0);
    for &(until, level) in stops {
        for &(dim, step) in &loops.all[seen..until] {
            let share = elements[dim as usize];
            if step % share != 0 {
                return Err(format!("a step {step} of {dim} on {share} elements"));
            }
            let step = step / share;
            events.push(Event::Cut { dim, step });
        }
        let between = |s: &&Spread| (parent..level).contains(&s.level);
        let own = |s: &&Spread| operation.is_relevant(role, s.dim);
        for spread in spreads.iter().filter(between).filter(own) {
            elements[spread.dim as usize] *= spread.factor;
            let (dim, factor) = (spread.dim, spread.factor);
            events.push(Event::Deal { dim, factor });
        }
        (seen, parent) = (until, level);
    }
    Ok(events)
}

/// What decides which elements above `level` take part along the dimensions that an operand does
/// not have: the first pieces of the loops further in than the first `from`, dealt out at
/// the innermost node of an operand that has the dimension, or at the multiply-accumulate where such
/// an operand has no memory below the arrays.
pub fn first_pieces(
    operation: &LoopNest,
    spreads: &[Spread],
    loops: &Loops,
    role: Role,
    (from, level): (usize, usize),
) -> Vec<Event> {
    let mut pieces = Vec::new();
    for dim in Dim::ALL {
        let above = || spreads.iter().filter(|s| s.dim == dim && s.level < level);
        let Some(outermost) = above().map(|s| s.level).min() else {
            continue;
        };
        if operation.is_relevant(role, dim) {
            continue;
        }
        let has = |r: &Role| operation.is_relevant(*r, dim);
        let innermost = |role: Role| {
            let below = loops
                .nodes
                .iter()
                .filter(|n| n.1 == role && n.0 > outermost);
            below.map(|n| n.2).max().unwrap_or(loops.all.len())
        };
        let until = Role::ALL.into_iter().filter(has).map(innermost).max();
        let until = until.unwrap_or(loops.all.len());
        let cuts = loops.all[..until].iter().skip(from).filter(|l| l.0 == dim);
        pieces.extend(cuts.map(|&(dim, step)| Event::First { dim, step }));
        let deals = above().map(|s| s.factor);
        pieces.extend(deals.map(|factor| Event::Deal { dim, factor }));
    }
    pieces
}

/// For each dimension the ranges of its blocks: one for each element along it, as far as dealt.
pub type Blocks = [Vec<Range>; Dim::COUNT];

/// Walks the events and calls `visit` with the blocks and the loops' counters at their end.
pub fn walk(
    events: &[Event],
    blocks: &mut Blocks,
    counters: &mut Vec<u64>,
    visit: &mut dyn FnMut(&Blocks, &[u64]),
) {
    let Some((event, rest)) = events.split_first() else {
        return visit(blocks, counters);
    };
    let (Event::Cut { dim, .. } | Event::First { dim, .. } | Event::Deal { dim, .. }) = *event;
    let around = blocks[dim as usize].clone();
    match *event {
        Event::Cut { step, .. } => {
            let longest = around.iter().map(|(a, b)| b - a).max().unwrap_or(0);
            for trip in 0..longest.div_ceil(step) {
                blocks[dim as usize] = around.iter().map(|&r| piece(r, trip, step)).collect();
                counters.push(trip);
                walk(rest, blocks, counters, visit);
                counters.pop();
            }
        }
        Event::First { step, .. } => {
            blocks[dim as usize] = around.iter().map(|&r| piece(r, 0, step)).collect();
            walk(rest, blocks, counters, visit);
        }
        Event::Deal { factor, .. } => {
            blocks[dim as usize] = around.iter().flat_map(|&r| dealt(r, factor)).collect();
            walk(rest, blocks, counters, visit);
        }
    }
    blocks[dim as usize] = around;
}

/// Piece number `trip` of a range that is cut in steps.
fn piece((from, to): Range, trip: u64, step: u64) -> Range {
    let start = (from + trip * step).min(to);
    (start, (start + step).min(to))
}

/// A range dealt out: contiguous blocks, each the ceiling share as long as there is any left.
fn dealt((from, to): Range, factor: u64) -> impl Iterator<Item = Range> {
    let share = (to - from).div_ceil(factor);
    (0..factor).map(move |i| piece((from, to), i, share.max(1)))
}
