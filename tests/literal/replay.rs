//! A printed nest replayed.

use deepmatrix::problem::{Hardware, Level, LoopNest, Overlap, Role};

use super::boundaries::View;
use super::counts::{Counts, Totals};
use super::events::{Spread, loops, spreads};
use super::feed::{Boundary, Flow, count};
use super::parse::{Nest, parse};
use super::tensor::{LIMIT, size};

/// Replays a printed nest.
///
/// # Panics
/// With the reason if the text is no nest of this operation on this hardware, or not covered.
pub fn replay(operation: &LoopNest, hardware: &Hardware, text: &str) -> Counts {
    let nest = parse(&operation.extents, hardware, text);
    let counts = nest.and_then(|nest| replay_nest(operation, hardware, &nest));
    counts.unwrap_or_else(|reason| panic!("{reason}\n{text}"))
}

/// Replays a nest.
///
/// # Errors
/// Why it is no nest of this operation on this hardware, or not covered.
pub fn replay_nest(
    operation: &LoopNest,
    hardware: &Hardware,
    nest: &Nest,
) -> Result<Counts, String> {
    let spreads = spreads(nest);
    check_covered(operation, hardware, &spreads)?;
    let view = View {
        operation,
        hardware,
        nest,
        spreads: &spreads,
        loops: &loops(nest),
    };
    view.check_tiles()?;
    evaluate(&view, None, &mut |feed| {
        count(operation, feed, &view.elements(feed))
    })
}

/// The counts of a nest by a counter of boundaries; of one that is not whole yet those of its nodes,
/// and what is said of the boundaries ahead.
///
/// # Errors
/// Nodes of an operand that do not follow each other from the outside in.
pub fn evaluate(
    view: &View,
    ahead: Option<&[(Boundary, Flow)]>,
    counter: &mut dyn FnMut(&Boundary) -> Flow,
) -> Result<Counts, String> {
    let mut totals = Totals::new(view.hardware);
    for role in Role::ALL {
        let mut parent = 0;
        for (position, level) in view.nodes(role) {
            if level <= parent {
                return Err(format!("{role}: a node of level {level} below {parent}"));
            }
            if lies_in(view.operation, level, role) {
                // Neither fetched nor stored, and there is no tile of it.
                parent = level;
                continue;
            }
            let feed = view.node(role, position, parent, level)?;
            totals.node(view.operation, &feed, &counter(&feed));
            parent = level;
        }
        if ahead.is_none() {
            let feed = view.compute(role, parent)?;
            totals.compute(&feed, &counter(&feed));
        }
    }
    for (feed, flow) in ahead.unwrap_or_default() {
        totals.ahead(feed, flow);
    }
    Ok(totals.finish(view.hardware))
}

/// Whether an operand lies in the memory at a level, the one right inside the outermost memory.
pub fn lies_in(operation: &LoopNest, level: usize, role: Role) -> bool {
    level == 1 && operation.resident.contains(role)
}

/// Refuses what the replay does not cover.
fn check_covered(
    operation: &LoopNest,
    hardware: &Hardware,
    spreads: &[Spread],
) -> Result<(), String> {
    if Role::ALL.iter().any(|&r| size(operation, r) > LIMIT) {
        return Err(format!("a tensor of more than {LIMIT} elements"));
    }
    for (_, memory) in hardware.memories() {
        if !matches!(memory.overlap, Overlap::Ideal | Overlap::DoubleBuffer) {
            return Err(format!("{}: transfers that take time", memory.name));
        }
    }
    for spread in spreads {
        let Some(Level::Array(array)) = hardware.levels.get(spread.level) else {
            return Err("a spread over no array".to_owned());
        };
        let axis = &array.axes[spread.axis];
        let reduced = !operation.is_relevant(Role::Output, spread.dim);
        if reduced && !axis.reduce {
            return Err(format!("{}: partial sums of several elements", axis.name));
        }
        let same = |s: &&Spread| (s.level, s.axis) == (spread.level, spread.axis);
        if spreads
            .iter()
            .filter(same)
            .map(|s| s.factor)
            .product::<u64>()
            > axis.size
        {
            return Err(format!("{}: more than {} elements", axis.name, axis.size));
        }
    }
    Ok(())
}
