//! The largest extents of a dimension for which there is room in the memories.

use crate::cost::bound::touched;
use crate::problem::{Dim, LoopNest, Node, Role, Tiles};

use super::site::Site;
use super::slot::Slot;
use super::windows::RowBounds;

/// \[PRU3\] The largest extent at every slot. A slot that no operand uses is as large as the next one in,
/// whatever the capacity of its own memory.
pub(super) fn limits(site: &Site<'_>, d: Dim, slots: &[Slot]) -> Vec<u64> {
    let mut limits = vec![0; slots.len()];
    let mut inner = 1_u64;
    let mut below = site.hardware.levels.len();
    for (limit, &slot) in limits.iter_mut().zip(slots).rev() {
        let elements: u64 = site
            .hardware
            .arrays()
            .filter(|&(level, _)| (slot.level..below).contains(&level))
            .flat_map(|(_, array)| array.axes.iter().map(|axis| axis.size))
            .product();
        inner = inner.saturating_mul(elements);
        *limit = capacity_limit(site, d, slot);
        if site.may_be_unused(d, slot) {
            *limit = inner.max(*limit);
        }
        inner = inner.max(*limit);
        below = slot.level;
    }
    limits
}

/// The largest extent at a slot for which the smallest tiles that have the dimension still fit:
/// those of the operands that the memory must keep, or of the smallest one that it may keep.
fn capacity_limit(site: &Site<'_>, d: Dim, slot: Slot) -> u64 {
    let Some(memory) = site
        .hardware
        .memory(slot.level)
        .filter(|_| site.switches.capacity)
    else {
        return u64::MAX;
    };
    let Some(capacity) = memory.capacity else {
        return u64::MAX;
    };
    // An input that lies in the padding altogether takes no space, nor does what lies here anyway.
    let no_input = touched(site.operation, Role::Input).0 == 0;
    let level = slot.level;
    let bits = |role| {
        let resident = site.operation.is_resident(Node { level, role });
        if resident || (no_input && role == Role::Input) {
            return 0;
        }
        u128::from(site.operation.precision.working(role))
    };
    let (mut kept, mut without, mut may) = (0, 0, Vec::new());
    for role in Role::ALL {
        let may_keep = memory.may_keep(role);
        let must_keep = !site.operation.may_bypass(memory, Node { level, role });
        match (site.operation.is_relevant(role, d), must_keep) {
            (false, true) => without += bits(role),
            // Rows of a clipped window can be fewer than its outputs.
            (true, true) if !is_window(role, d) => kept += bits(role),
            _ => {}
        }
        if site.operation.is_relevant(role, d) && may_keep {
            may.push(role);
        }
    }
    if may.is_empty() {
        return 0;
    }
    let room = capacity.bits().0.saturating_sub(without);
    let least = |extent: u64| {
        let needs = may
            .iter()
            .map(|&r| bits(r) * u128::from(elements(site.operation, d, r, extent)));
        needs.min().unwrap_or(0)
    };
    let shared = memory.tiles == Tiles::Shared;
    let largest = largest_within(site.extent(d), |e| least(e) <= room);
    if shared && kept > 0 {
        largest.min(u64::try_from(room / kept).unwrap_or(u64::MAX))
    } else {
        largest
    }
}

/// The largest extent that fits, 0 if none does, where smaller ones fit if a larger one does; the
/// whole dimension may fit though it is larger than one that does not, as its tile sees all padding.
fn largest_within(whole: u64, fits: impl Fn(u64) -> bool) -> u64 {
    if fits(whole) {
        return whole;
    }
    let (mut fitting, mut beyond) = (0, whole);
    while fitting + 1 < beyond {
        let middle = fitting + (beyond - fitting) / 2;
        if fits(middle) {
            fitting = middle;
        } else {
            beyond = middle;
        }
    }
    fitting
}

fn is_window(role: Role, d: Dim) -> bool {
    role == Role::Input && LoopNest::window_of(d).is_some()
}

/// The fewest elements along a dimension of an operand's largest tile of an extent.
fn elements(operation: &LoopNest, d: Dim, role: Role, extent: u64) -> u64 {
    match LoopNest::window_of(d).filter(|_| is_window(role, d)) {
        None => extent,
        Some(axis) => {
            let bounds = RowBounds::new(operation, axis);
            let is_output = d == LoopNest::WINDOW_DIMS[axis].0;
            let (output, kernel) = if is_output { (extent, 1) } else { (1, extent) };
            bounds.largest(output, kernel, false)
        }
    }
}
