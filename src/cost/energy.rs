//! Energy of a mapping over all instances (problem definition, section 4).
//!
//! A transfer costs its bits once at the parent's side (multicast) and its bits times the
//! elements that receive them at the child's side, exact at edges. In the innermost memory
//! every multiply-accumulate reads input and weight, and reads and writes a partial sum.

use crate::problem::result::MemoryCost;
use crate::problem::{Dim, Hardware, LoopNest, Mapping, Role};

use super::chain::{Pieces, shares};
use super::nest::{Nest, PlacedNode};
use super::window::{Block, distinct_rows, is_unclipped};

/// The energy in pJ, or `None` where the hardware gives no energy at all.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "energies are physical estimates, reported as decimals"
)]
pub fn energy_pj(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    memories: &[MemoryCost],
) -> Option<f64> {
    if !hardware.has_energy() {
        return None;
    }
    let macs = nest.operation.box_macs();
    let mut total = macs as f64 * hardware.energy_pj_per_mac.unwrap_or(0.0);
    for cost in memories {
        let memory = hardware.memory(cost.level)?;
        let bits = accessed_bits(nest, hardware, mapping, cost.level, macs);
        total += bits as f64 / 8.0 * memory.energy.read_pj_per_byte.unwrap_or(0.0);
    }
    Some(total)
}

/// Bits read from and written to all instances of one memory.
fn accessed_bits(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    level: usize,
    macs: u128,
) -> u128 {
    let transfers: u128 = nest
        .nodes
        .iter()
        .filter(|n| {
            n.node.level == level || super::parent_level(hardware, n.node.level) == Some(level)
        })
        .map(|n| transferred_bits(nest, hardware, mapping, n, level))
        .sum();
    let innermost = hardware.has_memory_below_arrays() && level + 1 == hardware.levels.len();
    let p = nest.operation.precision;
    let per_mac = u128::from(p.input) + u128::from(p.weight) + 2 * u128::from(p.accumulator);
    transfers + if innermost { macs * per_mac } else { 0 }
}

/// Bits of one node's transfers, summed over the instances at `side`.
fn transferred_bits(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: usize,
) -> u128 {
    let role = placed.node.role;
    let receivers: u128 = Dim::ALL
        .into_iter()
        .filter(|&d| !nest.operation.is_relevant(role, d))
        .map(|d| visits_and_receivers(nest, hardware, mapping, placed, side, d))
        .product();
    let copies: u128 = Dim::ALL
        .into_iter()
        .filter(|&d| !nest.operation.is_relevant(role, d))
        .map(|d| active_elements(nest, hardware, mapping, placed, side, d))
        .product();
    let elements = total_volume(nest, hardware, mapping, placed, side);
    let p = nest.operation.precision;
    if role != Role::Output {
        return elements * receivers * u128::from(p.working(role));
    }
    // Each instance's first visit reads nothing back and its last writes the finished value.
    let partial = receivers.saturating_sub(copies);
    elements * (2 * partial * u128::from(p.accumulator) + copies * u128::from(p.output))
}

/// Σ over the visits along an irrelevant dimension of the elements that take part in each.
fn visits_and_receivers(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: usize,
    d: Dim,
) -> u128 {
    let factors = spread_factors(hardware, mapping, side, d);
    let innermost = nest.innermost(d).extent();
    nest.above(placed, d)
        .lengths()
        .map(|(length, count)| {
            let spread = super::window::Block {
                start: 0,
                length: length.min(innermost),
            };
            shares(spread, &factors).len() as u128 * u128::from(count)
        })
        .sum()
}

/// The elements that take part in the largest visit along an irrelevant dimension.
fn active_elements(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: usize,
    d: Dim,
) -> u128 {
    let factors = spread_factors(hardware, mapping, side, d);
    let length = nest
        .above(placed, d)
        .extent()
        .min(nest.innermost(d).extent());
    shares(super::window::Block { start: 0, length }, &factors).len() as u128
}

/// Elements of the operand summed over tiles and instances; only windows overlap between instances.
fn total_volume(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: usize,
) -> u128 {
    let role = placed.node.role;
    let operation = nest.operation;
    let plain: u128 = operation.relevant[role as usize]
        .iter()
        .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
        .map(|d| u128::from(operation.extents[d]))
        .product();
    if role != Role::Input {
        return plain;
    }
    let rows = |axis: usize| -> u128 {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let (fp, fr) = (
            spread_factors(hardware, mapping, side, p),
            spread_factors(hardware, mapping, side, r),
        );
        let window = &operation.windows[axis];
        if is_unclipped(window, operation.extents[p], operation.extents[r]) {
            // Rows depend on lengths alone.
            let of = |pieces: &Pieces, factors: &[u64]| -> Vec<(Block, u64)> {
                let lengths = pieces.lengths();
                lengths
                    .flat_map(|(length, times)| {
                        let own = shares(Block { start: 0, length }, factors);
                        own.into_iter().map(move |b| (b, times))
                    })
                    .collect()
            };
            let kernels = of(nest.at(placed, r), &fr);
            return of(super::traffic::walk(nest, mapping, placed, p, r), &fp)
                .iter()
                .flat_map(|&b| kernels.iter().map(move |&k| (b, k)))
                .map(|((b, times), (k, taps))| {
                    u128::from(distinct_rows(window, b, k)) * u128::from(times) * u128::from(taps)
                })
                .sum();
        }
        let kernels = nest.at(placed, r).blocks();
        super::traffic::walk(nest, mapping, placed, p, r)
            .blocks()
            .iter()
            .flat_map(|&b| shares(b, &fp))
            .flat_map(|b| {
                kernels
                    .iter()
                    .flat_map(|&k| shares(k, &fr))
                    .map(move |k| (b, k))
            })
            .map(|(b, k)| u128::from(distinct_rows(&operation.windows[axis], b, k)))
            .sum()
    };
    plain * rows(0) * rows(1)
}

/// The spreading factors of `d` over the arrays above `level`, outermost first.
fn spread_factors(hardware: &Hardware, mapping: &Mapping, level: usize, d: Dim) -> Vec<u64> {
    hardware
        .arrays()
        .filter(|&(l, _)| l < level)
        .filter_map(|(l, _)| mapping.spatial.iter().find(|a| a.level == l))
        .map(|a| a.axes.iter().map(|axis| axis[d]).product())
        .collect()
}
