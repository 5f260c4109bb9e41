//! Whether a mapping is one of this operation on this hardware.

use super::reuse::listed;
use crate::problem::{
    Array, Dim, Hardware, LoopNest, Mapping, Memory, Node, Overlap, PerDim, ProblemError, Role,
    Tiles,
};

/// Checks the structure of a mapping: nodes, extents, spatial factors, slides.
///
/// # Errors
/// The first thing that is wrong.
pub fn validate(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), ProblemError> {
    operation.check_residence(hardware)?;
    nodes(operation, hardware, mapping)?;
    double_buffered(operation, hardware, mapping)?;
    spatial(operation, hardware, mapping)?;
    extents(operation, hardware, mapping)?;
    shared(operation, hardware, mapping)?;
    slides(operation, hardware, mapping)
}

/// Checks that every memory that slides may.
///
/// # Errors
/// The first one that may not.
pub fn slides(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), ProblemError> {
    mapping
        .slides
        .iter()
        .try_for_each(|&(level, dim)| slide(operation, hardware, mapping, level, dim))
}

fn name(hardware: &Hardware, level: usize) -> String {
    hardware
        .memory(level)
        .map_or_else(String::new, |m| m.name.clone())
}

/// Each operand's nodes stand from the outside in, in memories that may keep it and in all that
/// it may not go around.
fn nodes(operation: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Result<(), ProblemError> {
    let in_order = Role::ALL.into_iter().all(|role| {
        let own = mapping.order.iter().filter(|n| n.role == role);
        own.is_sorted_by(|a, b| a.level < b.level)
    });
    let inner = |node: &Node| node.level > 0 && hardware.memory(node.level).is_some();
    let complete = mapping.order.len() == mapping.extents.len();
    if !(in_order && complete && mapping.order.iter().all(inner)) {
        return Err(ProblemError::Nodes);
    }
    for (level, memory) in hardware.memories().skip(1) {
        for role in Role::ALL {
            let node = Node { level, role };
            let kept = mapping.keeps(node);
            let memory_name = || memory.name.clone();
            if kept && !memory.may_keep(role) {
                return Err(ProblemError::NotHeld {
                    memory: memory_name(),
                    role,
                });
            }
            if !kept && !operation.may_bypass(memory, node) {
                return Err(ProblemError::NotKept {
                    memory: memory_name(),
                    role,
                });
            }
        }
    }
    Ok(())
}

/// Only nodes of memories whose overlap is chosen are double-buffered by choice, and none whose
/// operand lies there.
fn double_buffered(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), ProblemError> {
    for (i, &node) in mapping.double_buffered.iter().enumerate() {
        let chosen = hardware
            .memory(node.level)
            .is_some_and(|m| m.overlap == Overlap::Choose)
            && !operation.is_resident(node);
        if !chosen || !mapping.keeps(node) || mapping.double_buffered[..i].contains(&node) {
            return Err(ProblemError::DoubleBuffered {
                memory: name(hardware, node.level),
                role: node.role,
            });
        }
    }
    Ok(())
}

fn spatial(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), ProblemError> {
    let listed = mapping.spatial.iter().map(|a| a.level);
    if !listed.eq(hardware.arrays().map(|(level, _)| level)) {
        let array = hardware
            .arrays()
            .next()
            .map_or_else(String::new, |(_, a)| a.name.clone());
        return Err(ProblemError::Spatial {
            array,
            what: "each array needs its spatial loops".into(),
        });
    }
    hardware
        .arrays()
        .zip(&mapping.spatial)
        .try_for_each(|((_, array), loops)| one_array(operation, array, &loops.axes))
}

fn one_array(
    operation: &LoopNest,
    array: &Array,
    axes: &[PerDim<u64>],
) -> Result<(), ProblemError> {
    let fail = |what: String| {
        Err(ProblemError::Spatial {
            array: array.name.clone(),
            what,
        })
    };
    if axes.len() != array.axes.len() {
        return fail(format!(
            "it has {} axes, the mapping {}",
            array.axes.len(),
            axes.len()
        ));
    }
    for (axis, factors) in array.axes.iter().zip(axes) {
        let used: u64 = factors.0.iter().fold(1, |a, &b| a.saturating_mul(b));
        if used == 0 || used > axis.size {
            return fail(format!(
                "axis {} has {} elements, the mapping uses {used}",
                axis.name, axis.size
            ));
        }
        for d in Dim::ALL.into_iter().filter(|&d| factors[d] > 1) {
            if !axis.dims.contains(d) {
                return fail(format!("{d} may not be spread over axis {}", axis.name));
            }
            if factors[d] > operation.extents[d] {
                return fail(format!(
                    "{d} has extent {}, it cannot be spread over {} elements",
                    operation.extents[d], factors[d]
                ));
            }
        }
    }
    for d in Dim::ALL {
        if !array.split_dims && axes.iter().filter(|f| f[d] > 1).count() > 1 {
            return fail(format!("{d} is spread over two axes"));
        }
    }
    Ok(())
}

/// Extents lie within the tiles around them: those of outer memories, and of earlier nodes of
/// the same memory. A node that stands above one of an outer memory has its array-wide extents.
/// Only nodes above all arrays with tiles of their own have cuts in dimensions irrelevant to them.
fn extents(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), ProblemError> {
    let nodes = listed(operation, mapping);
    for (i, own) in nodes.iter().enumerate() {
        let (role, level) = (own.node.role, own.node.level);
        let apart = (hardware.memory(level)).is_some_and(|m| m.tiles == Tiles::PerOperand)
            && hardware.arrays().all(|(array, _)| level < array);
        for d in Dim::ALL {
            let cuts = mapping.cuts(operation, i, d);
            let outside = |j: usize| {
                let other = nodes[j].node.level;
                other < level || (other == level && j < i)
            };
            let room = (0..nodes.len())
                .filter(|&j| outside(j) && mapping.cuts(operation, j, d))
                .map(|j| nodes[j].wide[d])
                .fold(operation.extents[d], u64::min);
            let largest = if apart || operation.is_relevant(role, d) {
                room.div_ceil(mapping.spread_above(level, d))
            } else {
                1
            };
            let memory = || name(hardware, level);
            if own.extents[d] == 0 || own.extents[d] > largest {
                return Err(ProblemError::Extent {
                    memory: memory(),
                    role,
                    dim: d,
                    extent: own.extents[d],
                    largest,
                });
            }
            let tiled = |j: usize| {
                nodes[j].node.level < level
                    && operation.is_relevant(nodes[j].node.role, d)
                    && nodes[j].wide[d] != own.wide[d]
            };
            if cuts && (i + 1..nodes.len()).any(tiled) {
                return Err(ProblemError::Deep {
                    memory: memory(),
                    role,
                    dim: d,
                });
            }
        }
    }
    Ok(())
}

/// The operands of a shared memory have equal extents in every dimension.
fn shared(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<(), ProblemError> {
    for (level, memory) in hardware
        .memories()
        .skip(1)
        .filter(|(_, m)| m.tiles == Tiles::Shared)
    {
        for d in Dim::ALL {
            let mut box_extent = None;
            for role in Role::ALL
                .into_iter()
                .filter(|&r| operation.is_relevant(r, d))
            {
                let Some(own) = mapping.extents_of(Node { level, role }) else {
                    continue;
                };
                if *box_extent.get_or_insert(own[d]) != own[d] {
                    return Err(ProblemError::NotShared {
                        memory: memory.name.clone(),
                        role,
                        dim: d,
                    });
                }
            }
        }
    }
    Ok(())
}

fn slide(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    level: usize,
    dim: Dim,
) -> Result<(), ProblemError> {
    let fail = |why| {
        Err(ProblemError::Slide {
            memory: name(hardware, level),
            dim,
            why,
        })
    };
    if !dim.is_window_output() || !operation.is_relevant(Role::Input, dim) {
        return fail("only P, Q and Z have overlapping windows");
    }
    if !hardware
        .memory(level)
        .is_some_and(|m: &Memory| m.sliding_reuse)
    {
        return fail("its sliding_reuse is off");
    }
    if mapping.slides.iter().filter(|s| s.0 == level).count() > 1 {
        return fail("it slides along one dimension at a time");
    }
    let node = Node {
        level,
        role: Role::Input,
    };
    if !mapping.keeps(node) {
        return fail("it does not keep the input");
    }
    if operation.is_resident(node) {
        return fail("the input lies there, so that nothing of it is fetched");
    }
    if !mapping.may_slide_inside(level, dim) {
        return fail(
            "an array between it and the memory that fills it spreads this dimension or its taps",
        );
    }
    Ok(())
}
