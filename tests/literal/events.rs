//! What stands above a point of a nest, as the events that cut each dimension.
//!
//! A loop's extents are the whole array's. An array deals a dimension out at the first node of a
//! memory below it to which the dimension is relevant, and without one before the
//! multiply-accumulate: a loop further out belongs to the whole array, one further in to each element.

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

/// The nest as events, with those before each of its items.
pub struct Events {
    /// All events, the last deals included.
    pub all: Vec<Event>,
    /// For each item of the nest the number of events before it (for a node: its deals included).
    pub before: Vec<usize>,
}

/// The events of a nest.
///
/// # Errors
/// A loop inside the array that does not cut the tile of every element alike.
pub fn events(operation: &LoopNest, spreads: &[Spread], nest: &Nest) -> Result<Events, String> {
    let mut events = Events {
        all: Vec::new(),
        before: Vec::new(),
    };
    let mut dealt = vec![false; spreads.len()];
    let mut elements = [1; Dim::COUNT];
    let mut deal = |all: &mut Vec<Event>,
                    elements: &mut [u64; Dim::COUNT],
                    level: usize,
                    role: Option<Role>| {
        for (spread, dealt) in spreads.iter().zip(&mut dealt) {
            let relevant = |role: Role| operation.is_relevant(role, spread.dim);
            if spread.level < level && !*dealt && role.is_none_or(relevant) {
                *dealt = true;
                elements[spread.dim as usize] *= spread.factor;
                all.push(Event::Deal {
                    dim: spread.dim,
                    factor: spread.factor,
                });
            }
        }
    };
    for item in &nest.items {
        match item {
            Item::Loop { dim, step, .. } => {
                let share = elements[*dim as usize];
                if step % share != 0 {
                    return Err(format!("a step {step} of {dim} on {share} elements"));
                }
                events.all.push(Event::Cut {
                    dim: *dim,
                    step: step / share,
                });
            }
            Item::Keep { level, role, .. } => {
                deal(&mut events.all, &mut elements, *level, Some(*role));
            }
            Item::Parallel { .. } => {}
        }
        events.before.push(events.all.len());
    }
    deal(&mut events.all, &mut elements, usize::MAX, None);
    Ok(events)
}

/// The events after the first `from` that decide, in the first pieces, which elements below
/// `level` take part along the dimensions that are not dealt yet.
pub fn first_pieces(spreads: &[Spread], all: &[Event], from: usize, level: usize) -> Vec<Event> {
    let above: Vec<&Spread> = spreads.iter().filter(|s| s.level < level).collect();
    let mut pieces = Vec::new();
    for dim in Dim::ALL {
        let is_deal = |e: &&Event| matches!(e, Event::Deal { dim: d, .. } if *d == dim);
        let wanted = above.iter().filter(|s| s.dim == dim).count();
        let mut missing = wanted.saturating_sub(all[..from].iter().filter(is_deal).count());
        for event in &all[from..] {
            if missing == 0 {
                break;
            }
            match *event {
                Event::Cut { dim: d, step } if d == dim => pieces.push(Event::First { dim, step }),
                Event::Deal { dim: d, .. } if d == dim => {
                    pieces.push(*event);
                    missing -= 1;
                }
                _ => {}
            }
        }
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
