//! Energy of a mapping over all instances (problem definition, section 4).
//!
//! A transfer costs its bits once at the parent's side, or once for each element along an axis
//! that does not multicast or reduce, and its bits times the elements that receive them at the
//! child's side, exact at edges. In an innermost memory of the elements every multiply-accumulate
//! reads input and weight, and reads and writes a partial sum.

use crate::problem::{AccessEnergy, Dim, Hardware, LoopNest, Mapping, Role, Window};

use super::block::Block;
use super::fan::{self, Fan, is_single};
use super::nest::{Nest, PlacedNode, is_read_every_step};

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
    cycles: u128,
) -> Option<f64> {
    if !hardware.has_energy() {
        return None;
    }
    let macs = nest.operation.box_macs();
    let mut total = macs as f64 * hardware.energy_pj_per_mac.unwrap_or(0.0)
        + cycles as f64 * hardware.static_pj_per_cycle.unwrap_or(0.0);
    for (level, memory) in hardware.memories() {
        let AccessEnergy {
            read_pj_per_byte,
            write_pj_per_byte,
        } = memory.energy;
        let bits = accessed_bits(nest, hardware, mapping, level);
        total += bits.read as f64 / 8.0 * read_pj_per_byte.unwrap_or(0.0);
        total += bits.written as f64 / 8.0 * write_pj_per_byte.unwrap_or(0.0);
    }
    Some(total)
}

/// Bits read from and written to all instances of a memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Accesses {
    read: u128,
    written: u128,
}

/// The accesses of one memory.
fn accessed_bits(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    level: usize,
) -> Accesses {
    let mut all = Accesses::default();
    for placed in &nest.nodes {
        let transfers = |side| transferred_bits(nest, hardware, mapping, placed, side);
        if placed.node.level == level {
            let own = transfers(Side::Own);
            all.written += own.inward;
            all.read += own.outward;
        } else if placed.node.level > level && mapping.parent(placed.node) == level {
            let parent = transfers(Side::Parent(level));
            all.read += parent.inward;
            all.written += parent.outward;
        }
    }
    if level + 1 == hardware.levels.len() {
        let macs = nest.operation.box_macs();
        for role in Role::ALL {
            if is_read_every_step(hardware, mapping, role) {
                continue;
            }
            let bits = macs * u128::from(nest.operation.precision.working(role));
            all.read += bits;
            all.written += if role == Role::Output { bits } else { 0 };
        }
    }
    all
}

/// The side of a transfer at which its bits are counted.
#[derive(Clone, Copy)]
enum Side {
    /// The memory of the node.
    Own,
    /// The memory at this level, which fills it.
    Parent(usize),
}

/// Bits that move towards the elements, and away from them.
#[derive(Default)]
struct Transfers {
    inward: u128,
    outward: u128,
}

/// Bits of one node's transfers, summed over the instances at `side`; none where the operand lies
/// in the node's memory.
fn transferred_bits(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: Side,
) -> Transfers {
    let role = placed.node.role;
    if nest.operation.is_resident(placed.node) {
        return Transfers::default();
    }
    let all = |d| fans(hardware, mapping, placed, side, d);
    let instances = |d| above(hardware, mapping, placed, side, d);
    let irrelevant = || (Dim::ALL.into_iter()).filter(|&d| !nest.operation.is_relevant(role, d));
    let receivers: u128 = irrelevant()
        .map(|d| visits_and_receivers(nest, placed, d, &all(d)))
        .product();
    let elements = total_volume(nest, mapping, placed, &all);
    let p = nest.operation.precision;
    if role != Role::Output {
        return Transfers {
            inward: elements * receivers * u128::from(p.working(role)),
            outward: 0,
        };
    }
    let copies: u128 = irrelevant()
        .map(|d| active_elements(nest, placed, d, &instances(d)))
        .product();
    // Each instance's first visit reads nothing back and its last writes the finished value.
    let partial = elements * receivers.saturating_sub(copies) * u128::from(p.accumulator);
    Transfers {
        inward: partial,
        outward: partial + elements * copies * u128::from(p.output),
    }
}

/// Σ over the visits along an irrelevant dimension of the elements that take part in each.
fn visits_and_receivers(nest: &Nest<'_>, placed: &PlacedNode, d: Dim, fans: &[Fan]) -> u128 {
    let dealt = nest.innermost(d).extent();
    nest.above(placed, d)
        .lengths()
        .map(|(length, count)| fan::active_groups(length.min(dealt), fans) * u128::from(count))
        .sum()
}

/// The most elements that take part in a visit along an irrelevant dimension: 9 on 4 elements are
/// shares of 3 for 3 of them, 8 are shares of 2 for all.
fn active_elements(nest: &Nest<'_>, placed: &PlacedNode, d: Dim, fans: &[Fan]) -> u128 {
    let dealt = nest.innermost(d).extent();
    nest.above(placed, d)
        .lengths()
        .map(|(length, _)| fan::active_groups(length.min(dealt), fans))
        .max()
        .unwrap_or(1)
}

/// Elements of the operand summed over tiles and instances; only windows overlap between instances.
fn total_volume(
    nest: &Nest<'_>,
    mapping: &Mapping,
    placed: &PlacedNode,
    fans: &impl Fn(Dim) -> Vec<Fan>,
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
    let rows = |axis: usize| {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let (outputs, kernels) = (fans(p), fans(r));
        let deal =
            |d: Dim, block: Block| fan::groups(block, if d == p { &outputs } else { &kernels });
        super::traffic::window_rows(nest, mapping, placed, axis, &deal)
    };
    plain * (0..Window::COUNT).map(rows).product::<u128>()
}

/// The spread of `d` over the instances at a side: every one of them has accesses of its own.
fn above(
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: Side,
    d: Dim,
) -> Vec<Fan> {
    let level = match side {
        Side::Own => placed.node.level,
        Side::Parent(level) => level,
    };
    fan::fans(hardware, mapping, d, (0, level), |_| true)
}

/// The same and, at the parent's side, that over the elements below it, which are served one by
/// one along some axes.
fn fans(
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    side: Side,
    d: Dim,
) -> Vec<Fan> {
    let mut all = above(hardware, mapping, placed, side, d);
    if let Side::Parent(level) = side {
        let single = |axis: &_| is_single(axis, placed.node.role);
        let levels = (level, placed.node.level);
        all.extend(fan::fans(hardware, mapping, d, levels, single));
    }
    all
}
