//! The structure of a mapping: its nodes, arrays, extents and sliding memories.

use crate::problem::{
    Array, ArrayMapping, Axis, Dim, Hardware, LoopNest, Mapping, Memory, Node, Overlap, PerDim,
    ProblemError, Role, Tiles,
};

use super::error::CheckError;
use super::spread::Spread;

/// Checks everything that makes a mapping one of this operation on this hardware.
pub(super) fn check(
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), CheckError> {
    if hardware.memory(0).is_none() {
        let hardware = hardware.name.clone();
        return Err(CheckError::Outermost { hardware });
    }
    nest.check_residence(hardware)?;
    nodes(nest, hardware, mapping)?;
    arrays(hardware, mapping)?;
    extents(nest, hardware, mapping)?;
    shared(nest, hardware, mapping)?;
    deep(nest, hardware, mapping)?;
    slides(nest, hardware, mapping)?;
    Ok(())
}

/// Every operand has a node, once, in each memory below the outermost that it may not go around,
/// and none where it may not be kept; each operand's own stand from the outside in.
fn nodes(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    let right = Role::ALL.into_iter().all(|role| {
        let own = || mapping.order.iter().filter(|n| n.role == role);
        let levels: Vec<usize> = own().map(|n| n.level).collect();
        let memories: Vec<(usize, &Memory)> = hardware.memories().skip(1).collect();
        let nested = levels.windows(2).all(|pair| pair[0] < pair[1]);
        let known = levels.iter().all(|l| memories.iter().any(|m| m.0 == *l));
        let allowed = memories.iter().all(|(level, memory)| {
            if levels.contains(level) {
                memory.may_keep(role)
            } else {
                memory.may_bypass(role) && !lies_in(nest, *level, role)
            }
        });
        nested && known && allowed
    });
    let complete = mapping.extents.len() == mapping.order.len();
    let chosen = |n: &Node| {
        let memory = hardware.memory(n.level);
        let loaded = !lies_in(nest, n.level, n.role);
        mapping.order.contains(n) && loaded && memory.is_some_and(|m| m.overlap == Overlap::Choose)
    };
    (right && complete && mapping.double_buffered.iter().all(chosen))
        .then_some(())
        .ok_or(ProblemError::Nodes)
}

/// Whether an operand lies in the memory at a level, the one right inside the outermost memory.
pub(super) fn lies_in(nest: &LoopNest, level: usize, role: Role) -> bool {
    level == 1 && nest.resident.contains(role)
}

/// The mapping has the hardware's arrays and axes, and every axis has room for its factors.
fn arrays(hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    let levels = hardware.arrays().map(|(level, _)| level);
    if !levels.eq(mapping.spatial.iter().map(|a| a.level)) {
        let array = hardware.name.clone();
        let what = "its arrays must be mapped once each, outermost first".to_owned();
        return Err(ProblemError::Spatial { array, what });
    }
    for ((_, array), mapped) in hardware.arrays().zip(&mapping.spatial) {
        if let Some(what) = wrong_array(array, mapped) {
            let array = array.name.clone();
            return Err(ProblemError::Spatial { array, what });
        }
    }
    Ok(())
}

/// What is wrong with the spatial loops of one array.
fn wrong_array(array: &Array, mapped: &ArrayMapping) -> Option<String> {
    if array.axes.len() != mapped.axes.len() {
        return Some(format!("it has {} axes", array.axes.len()));
    }
    let twice = |d: &Dim| mapped.axes.iter().filter(|axis| axis[*d] > 1).count() > 1;
    let split = Dim::ALL.into_iter().find(twice);
    if let Some(d) = split.filter(|_| !array.split_dims) {
        return Some(format!("{d} is spread over more than one axis"));
    }
    let mut axes = array.axes.iter().zip(&mapped.axes);
    axes.find_map(|(axis, factors)| wrong_axis(axis, factors))
}

/// What is wrong with the factors of one axis.
fn wrong_axis(axis: &Axis, factors: &PerDim<u64>) -> Option<String> {
    let name = &axis.name;
    for d in Dim::ALL {
        if factors[d] == 0 {
            return Some(format!("axis {name}: the factor of {d} is zero"));
        }
        if factors[d] > 1 && !axis.dims.contains(d) {
            return Some(format!("axis {name}: {d} may not be spread over it"));
        }
    }
    let used = factors
        .0
        .iter()
        .fold(1_u128, |product, &f| product.saturating_mul(f.into()));
    (used > axis.size.into()).then(|| {
        let size = axis.size;
        format!("axis {name}: {used} elements are used, it has {size}")
    })
}

/// The name of the memory of a node; the levels have been checked.
fn name(hardware: &Hardware, level: usize) -> String {
    hardware
        .memory(level)
        .map_or_else(|| format!("level {level}"), |m| m.name.clone())
}

/// Every extent is at least 1 and no larger than the share of what stands around it: the tiles
/// of all outer memories, and those of earlier nodes of its own memory. A node has a cut in a
/// dimension irrelevant to it only in a memory with tiles per operand above all arrays.
fn extents(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    let spread = Spread::new(hardware, mapping);
    let wide = array_wide(nest, mapping, &spread);
    for (i, (node, tile)) in mapping.order.iter().zip(&mapping.extents).enumerate() {
        for dim in Dim::ALL {
            let memory = hardware.memory(node.level);
            let own_box = memory.is_some_and(|m| m.tiles == Tiles::PerOperand);
            let above = hardware.arrays().all(|(array, _)| node.level < array);
            let may_cut = nest.is_relevant(node.role, dim) || (own_box && above);
            let elements = spread.product(node.level, dim);
            let around = (0..wide.len()).filter(|&j| {
                let other = mapping.order[j];
                let outside = other.level < node.level || (other.level == node.level && j < i);
                outside && mapping.cuts(nest, j, dim)
            });
            let room = around
                .map(|j| wide[j][dim])
                .fold(nest.extents[dim], u64::min);
            let largest = if may_cut { room.div_ceil(elements) } else { 1 };
            if !(1..=largest).contains(&tile[dim]) {
                return Err(ProblemError::Extent {
                    memory: name(hardware, node.level),
                    role: node.role,
                    dim,
                    extent: tile[dim],
                    largest,
                });
            }
        }
    }
    Ok(())
}

/// A shared memory has the same extent for all operands to which a dimension is relevant.
fn shared(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    let memories = hardware.memories().skip(1);
    for (level, memory) in memories.filter(|m| m.1.tiles == Tiles::Shared) {
        let mut known: PerDim<Option<u64>> = PerDim::all(None);
        for role in Role::ALL {
            let Some(tile) = mapping.extents_of(Node { level, role }) else {
                continue;
            };
            for dim in nest.relevant[role as usize].iter() {
                if *known[dim].get_or_insert(tile[dim]) != tile[dim] {
                    let memory = memory.name.clone();
                    return Err(ProblemError::NotShared { memory, role, dim });
                }
            }
        }
    }
    Ok(())
}

/// Between a node of an inner memory and a later one of an outer memory no dimension relevant to
/// both is tiled.
fn deep(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    let wide = array_wide(nest, mapping, &Spread::new(hardware, mapping));
    for (i, node) in mapping.order.iter().enumerate() {
        for (j, later) in mapping.order.iter().enumerate().skip(i + 1) {
            let tiled = |d: &Dim| nest.is_relevant(later.role, *d) && wide[j][*d] != wide[i][*d];
            let mut dims = Dim::ALL.into_iter().filter(|&d| mapping.cuts(nest, i, d));
            let found = dims.find(tiled);
            if let (true, Some(dim)) = (later.level < node.level, found) {
                return Err(ProblemError::Deep {
                    memory: name(hardware, node.level),
                    role: node.role,
                    dim,
                });
            }
        }
    }
    Ok(())
}

/// The array-wide extents of each node, cut to the tiles of the outer memories.
pub(super) fn array_wide(nest: &LoopNest, mapping: &Mapping, spread: &Spread) -> Vec<PerDim<u64>> {
    let own = |i: usize, d: Dim| {
        let elements = spread.product(mapping.order[i].level, d);
        mapping.extents[i][d].saturating_mul(elements)
    };
    let cut = |i: usize, d: Dim| {
        let level = mapping.order[i].level;
        (0..mapping.order.len())
            .filter(|&j| mapping.order[j].level < level)
            .filter(|&j| mapping.cuts(nest, j, d))
            .map(|j| own(j, d))
            .fold(own(i, d).min(nest.extents[d]), u64::min)
    };
    (0..mapping.order.len())
        .map(|i| PerDim(Dim::ALL.map(|d| cut(i, d))))
        .collect()
}

/// Every memory slides at most once, along P, Q or Z, and only where it may.
fn slides(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    for (i, &(level, dim)) in mapping.slides.iter().enumerate() {
        let again = mapping.slides[..i].iter().any(|s| s.0 == level);
        let why = match hardware.memory(level) {
            _ if again => Some("it slides along one dimension only"),
            _ if lies_in(nest, level, Role::Input) => Some("the input lies there"),
            Some(memory) if level > 0 => why_not(hardware, mapping, (level, memory), dim),
            _ => Some("only memories below the outermost one slide"),
        };
        if let Some(why) = why {
            let memory = name(hardware, level);
            return Err(ProblemError::Slide { memory, dim, why });
        }
    }
    Ok(())
}

/// Why a memory may not slide along `dim`.
fn why_not(
    hardware: &Hardware,
    mapping: &Mapping,
    (level, memory): (usize, &Memory),
    dim: Dim,
) -> Option<&'static str> {
    let taps = match dim {
        Dim::P => Dim::R,
        Dim::Q => Dim::S,
        Dim::Z => Dim::T,
        _ => return Some("only P, Q and Z slide"),
    };
    if !memory.sliding_reuse {
        return Some("it has no sliding reuse");
    }
    let inputs = || mapping.order.iter().filter(|n| n.role == Role::Input);
    if !inputs().any(|n| n.level == level) {
        return Some("it does not keep the input");
    }
    let outer = inputs().map(|n| n.level).filter(|&l| l < level);
    let parent = outer.max().unwrap_or(0);
    let spread = Spread::new(hardware, mapping);
    let is_spread = |d| spread.product(level, d) != spread.product(parent, d);
    (is_spread(dim) || is_spread(taps))
        .then_some("an array above it spreads that dimension or its taps")
}
