//! What a proof on one piece of hardware says of another one.
//!
//! A mapping stays one, with no more cycles, where memories grow, ports get wider, arrays get
//! longer or dataflows are freed (problem definition, sections 2 to 5): tiles still fit, nothing
//! more is moved, every port is busy for no longer. So the fewest cycles never rise with more of
//! anything, and a bound on hardware with more of everything is a bound here.

use crate::problem::{
    Array, Axis, Bandwidth, Dataflow, Dim, Hardware, Level, LoopNest, Memory, Overlap, Ports, Ratio,
};

/// Whether every mapping of `operation` on `less` is one on `more`, with no more cycles there.
///
/// Energies, the clock and the vector unit do not matter to cycles of multiply-accumulates.
#[must_use]
pub fn covers(operation: &LoopNest, more: &Hardware, less: &Hardware) -> bool {
    holds_mappings(operation, more, less)
        && ports(more, less).is_some_and(|mut pairs| pairs.all(|(more, less)| is_wider(more, less)))
}

/// A bound on the cycles on `fast`, given one on `slow`: hardware on which every mapping of
/// `fast` is one too, at narrower ports.
///
/// With ports f times as wide at most, a mapping takes at least a part 1/f of the cycles:
/// compute steps are the same, and a port is busy for at least that part. Cycles on `slow` are
/// reals rounded up, one for the largest part and one for each transfer that is added, so that
/// `bound` on them leaves those on `fast` above (bound − roundings) / f. `None` where `fast` has
/// mappings that `slow` has not, or a port without limit that is limited there, and where a
/// fraction does not fit: then nothing is claimed.
#[must_use]
pub fn scaled_bound(
    operation: &LoopNest,
    fast: &Hardware,
    slow: &Hardware,
    bound: u128,
) -> Option<u128> {
    if !holds_mappings(operation, slow, fast) {
        return None;
    }
    let mut factor = Ratio::ONE;
    for (fast, slow) in ports(fast, slow)? {
        let Some(slow) = slow else { continue };
        factor = factor.max(fast?.exact().over(slow.exact())?);
    }
    let added = |memory: &Memory| matches!(memory.overlap, Overlap::None | Overlap::Choose);
    let adding = slow.memories().filter(|(_, m)| added(m)).count() as u128;
    let above = bound.checked_sub(1 + 3 * adding)?;
    Some(Ratio::whole(above).over(factor)?.floor() + 1)
}

/// Whether every mapping on `less` is one on `more`, whatever the ports.
fn holds_mappings(operation: &LoopNest, more: &Hardware, less: &Hardware) -> bool {
    more.levels.len() == less.levels.len()
        && (more.levels.iter().zip(&less.levels)).all(|pair| match pair {
            (Level::Memory(more), Level::Memory(less)) => holds_tiles(more, less),
            (Level::Array(more), Level::Array(less)) => holds_spreads(more, less),
            _ => false,
        })
        && allows_dataflows(operation, more, less)
}

/// Whether all tiles that one memory keeps fit into the other one.
fn holds_tiles(more: &Memory, less: &Memory) -> bool {
    let fits = match (more.capacity, less.capacity) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(more), Some(less)) => more >= less,
    };
    fits && more.holds == less.holds
        && more.bypass == less.bypass
        && more.overlap == less.overlap
        && more.tiles == less.tiles
        && more.sliding_reuse == less.sliding_reuse
}

/// Whether all factors on the axes of one array are factors on those of the other.
fn holds_spreads(more: &Array, less: &Array) -> bool {
    let alike = |more: &Axis, less: &Axis| {
        more.size >= less.size
            && more.dims == less.dims
            && more.multicast == less.multicast
            && more.reduce == less.reduce
    };
    more.split_dims == less.split_dims
        && more.axes.len() == less.axes.len()
        && more.axes.iter().zip(&less.axes).all(|(m, l)| alike(m, l))
}

/// Whether mappings that `less` restricts to dataflows have those of `more`.
///
/// Row-stationary asks for as many rows of the kernel as an axis takes, so that longer axes may
/// forbid what shorter ones ask for, unless both take them all.
fn allows_dataflows(operation: &LoopNest, more: &Hardware, less: &Hardware) -> bool {
    let (all, own) = (&more.dataflow, &less.dataflow);
    let superset = !own.is_empty() && own.iter().all(|flow| all.contains(flow));
    let by_rows = own.contains(&Dataflow::RowStationary);
    all.is_empty() || (superset && (!by_rows || takes_rows_alike(operation, more, less)))
}

/// Whether each axis takes all rows of the kernel on both, or is as long on both.
fn takes_rows_alike(operation: &LoopNest, more: &Hardware, less: &Hardware) -> bool {
    let sizes = |hardware: &Hardware| -> Vec<u64> {
        let axes = hardware.arrays().flat_map(|(_, array)| &array.axes);
        axes.map(|axis| axis.size).collect()
    };
    let rows = operation.extents[Dim::R].max(2);
    let pairs = sizes(more).into_iter().zip(sizes(less));
    pairs
        .into_iter()
        .all(|(more, less)| more == less || more.min(less) >= rows)
}

/// The ports of both, memory by memory; `None` where they are not of one kind.
type PortPair = (Option<Bandwidth>, Option<Bandwidth>);

fn ports(one: &Hardware, other: &Hardware) -> Option<impl Iterator<Item = PortPair>> {
    let mut pairs = Vec::new();
    for ((_, one), (_, other)) in one.memories().zip(other.memories()) {
        match (one.ports, other.ports) {
            (Ports::Shared(a), Ports::Shared(b)) => pairs.push((a, b)),
            (Ports::Separate { read, write }, Ports::Separate { read: r, write: w }) => {
                pairs.extend([(read, r), (write, w)]);
            }
            _ => return None,
        }
    }
    Some(pairs.into_iter())
}

/// Whether a port moves at least as much in every cycle.
fn is_wider(more: Option<Bandwidth>, less: Option<Bandwidth>) -> bool {
    match (more, less) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(more), Some(less)) => more.exact() >= less.exact(),
    }
}
