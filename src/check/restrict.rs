//! Whether a mapping keeps to the restrictions under which it was searched: a dataflow, and what a
//! constraints file fixes (`formulations/dataflows.md`). Told from the loops of the nest and
//! from the fields of the mapping.

use crate::problem::{
    Array, Dataflow, Dim, Fixed, FixedArray, FixedMemory, Hardware, Level, LoopNest, Mapping, Node,
    Role, RoleSet,
};

use super::error::CheckError;
use super::nest::{Plan, Stop};
use super::structure;

/// Checks that a mapping has one of the hardware's dataflows, where these are restricted, and
/// keeps to everything that is fixed.
///
/// # Errors
/// The restriction that the mapping does not keep to, or what keeps it from being a mapping.
pub fn check(
    nest: &LoopNest,
    hardware: &Hardware,
    fixed: &[&Fixed],
    mapping: &Mapping,
) -> Result<(), CheckError> {
    structure::check(nest, hardware, mapping)?;
    let plan = Plan::new(nest, hardware, mapping);
    let flows = &hardware.dataflow;
    if !flows.is_empty() && !flows.iter().any(|&flow| has(&plan, flow)) {
        let names: Vec<&str> = flows.iter().map(|flow| flow.name()).collect();
        return Err(CheckError::Dataflow(names.join(" or ")));
    }
    for own in fixed {
        let memories = own.memories.iter();
        let what = memories
            .filter_map(|memory| broken(nest, mapping, memory).map(|what| (memory.level, what)))
            .chain((own.arrays.iter()).filter_map(|array| factors(mapping, array)))
            .next();
        if let Some((level, what)) = what {
            let level = match &hardware.levels[level] {
                Level::Memory(memory) => memory.name.clone(),
                Level::Array(array) => array.name.clone(),
            };
            let entry = own.name.clone();
            return Err(CheckError::Fixed { entry, level, what });
        }
    }
    Ok(())
}

/// Whether the loop nest has a dataflow.
fn has(plan: &Plan<'_>, flow: Dataflow) -> bool {
    let stops = plan.normalised();
    match flow {
        Dataflow::WeightStationary => stays(plan, &stops, Role::Weight),
        Dataflow::OutputStationary => stays(plan, &stops, Role::Output),
        Dataflow::InputStationary => stays(plan, &stops, Role::Input),
        Dataflow::RowStationary => {
            stays(plan, &stops, Role::Weight) && whole_taps(plan, &stops) && rows(plan)
        }
    }
}

/// The levels of the memories without an array between them and the innermost memory.
fn innermost(hardware: &Hardware) -> Vec<usize> {
    let below = |(level, own): (usize, &Level)| match own {
        Level::Memory(_) => Some(level),
        Level::Array(_) => None,
    };
    let levels = hardware.levels.iter().enumerate().rev();
    let memories = levels.skip_while(|(_, own)| matches!(own, Level::Array(_)));
    let mut found: Vec<usize> = memories.map_while(below).collect();
    found.retain(|&level| level > 0);
    found
}

/// Whether an operand's innermost tile is never loaded again while the tile around it stays, or
/// the operand is alone in the innermost storage.
fn stays(plan: &Plan<'_>, stops: &[Stop], role: Role) -> bool {
    let inside = innermost(plan.hardware);
    let is_inside = |stop: &Stop| inside.contains(&stop.node.level);
    let Some(own) = stops
        .iter()
        .rposition(|s| s.node.role == role && is_inside(s))
    else {
        return false;
    };
    if stops.iter().all(|s| s.node.role == role || !is_inside(s)) {
        return true;
    }
    let outside = |d: Option<Dim>| {
        let counts = |s: &Stop| match d {
            None => s.node.role == role,
            Some(d) => plan.nest.is_relevant(s.node.role, d),
        };
        (stops[..own].iter()).rposition(|s| !is_inside(s) && counts(s))
    };
    let parent = outside(None);
    Dim::ALL.into_iter().all(|d| {
        if plan.nest.is_relevant(role, d) {
            return true;
        }
        // The loops above the first node of all are those above the whole nest's tile.
        let around = parent.or_else(|| outside(Some(d)));
        let first = around.map_or(0, |index| index + 1);
        let above = stops[first..=own].iter().flat_map(|s| &s.loops);
        let below = stops[around.unwrap_or(0)..own]
            .iter()
            .flat_map(|s| &s.below);
        above.chain(below).all(|l| l.dim != d)
    })
}

/// Whether the weight's innermost tile has whole rows of taps.
fn whole_taps(plan: &Plan<'_>, stops: &[Stop]) -> bool {
    let inside = innermost(plan.hardware);
    let weights = |s: &&Stop| s.node.role == Role::Weight && inside.contains(&s.node.level);
    let last = stops.iter().rfind(weights);
    let has_taps = plan.nest.relevant[Role::Weight as usize].contains(Dim::S);
    last.is_some_and(|s| !has_taps || s.extents[Dim::S] == plan.nest.extents[Dim::S])
}

/// Whether rows are spread over the array just above the innermost storage, the innermost one
/// where none is: those of the kernel over one axis and those of the output over another.
fn rows(plan: &Plan<'_>) -> bool {
    let storage = innermost(plan.hardware).last().copied();
    let arrays: Vec<(usize, &Array)> = plan.hardware.arrays().collect();
    let above = arrays.iter().rfind(|a| storage.is_some_and(|s| a.0 < s));
    let Some(&(level, array)) = above.or(arrays.last()) else {
        return true;
    };
    let factor = |axis: usize, d: Dim| plan.spread_of(level, axis, d);
    let axes = 0..array.axes.len();
    if axes
        .clone()
        .any(|a| factor(a, Dim::Q) > 1 || factor(a, Dim::S) > 1)
    {
        return false;
    }
    let extents = &plan.nest.extents;
    let open = |d: Dim| -> Vec<usize> {
        let may = |&a: &usize| array.axes[a].size > 1 && array.axes[a].dims.contains(d);
        axes.clone().filter(|a| extents[d] > 1 && may(a)).collect()
    };
    let kernel = |a: usize| factor(a, Dim::R) == extents[Dim::R].min(array.axes[a].size);
    let output = |b: usize| factor(b, Dim::P) >= 2;
    let (of_kernel, of_output) = (open(Dim::R), open(Dim::P));
    let pairs: Vec<(usize, usize)> = (of_kernel.iter())
        .flat_map(|&a| of_output.iter().map(move |&b| (a, b)))
        .filter(|(a, b)| a != b)
        .collect();
    if !pairs.is_empty() {
        pairs.into_iter().any(|(a, b)| kernel(a) && output(b))
    } else if !of_kernel.is_empty() {
        of_kernel.into_iter().any(kernel)
    } else {
        of_output.is_empty() || of_output.into_iter().any(output)
    }
}

/// The field of a memory that a mapping has otherwise than it is fixed.
fn broken(nest: &LoopNest, mapping: &Mapping, fixed: &FixedMemory) -> Option<String> {
    let level = fixed.level;
    let nodes: Vec<usize> = (0..mapping.order.len())
        .filter(|&i| mapping.order[i].level == level)
        .collect();
    let roles: Vec<Role> = nodes.iter().map(|&i| mapping.order[i].role).collect();
    let doubled: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|&role| mapping.double_buffered.contains(&Node { level, role }))
        .collect();
    let slides = |d: Dim| mapping.slides.contains(&(level, d));
    if fixed.order.as_ref().is_some_and(|order| *order != roles) {
        return Some("order".to_owned());
    }
    if fixed
        .stationary
        .is_some_and(|role| roles.first() != Some(&role))
    {
        return Some("stationary".to_owned());
    }
    if fixed
        .keeps
        .is_some_and(|keeps| keeps != RoleSet::of(&roles))
    {
        return Some("keeps".to_owned());
    }
    if (fixed.double_buffered).is_some_and(|own| own != RoleSet::of(&doubled)) {
        return Some("double_buffered".to_owned());
    }
    if fixed.slide.is_some_and(|d| !slides(d)) {
        return Some("slide".to_owned());
    }
    fixed.tiles.iter().find_map(|&(of, d, extent)| {
        let meant = |role: Role| of.is_none_or(|own| own == role) && nest.is_relevant(role, d);
        let missing = of.is_some_and(|role| !roles.contains(&role));
        let other = |&&i: &&usize| meant(mapping.order[i].role) && mapping.extents[i][d] != extent;
        let wrong = nodes.iter().find(other);
        match (missing, wrong) {
            (true, _) => Some("tiles".to_owned()),
            (false, Some(&i)) => Some(format!("the tile of {} in {d}", mapping.order[i].role)),
            (false, None) => None,
        }
    })
}

/// The level of an array with a factor that is fixed otherwise, and what differs.
fn factors(mapping: &Mapping, fixed: &FixedArray) -> Option<(usize, String)> {
    let own = mapping.spatial.iter().find(|own| own.level == fixed.level);
    let factor = |axis: usize, d: Dim| own.map_or(1, |own| own.axes[axis][d]);
    let wrong = fixed.factors.iter().find(|f| factor(f.0, f.1) != f.2)?;
    Some((fixed.level, format!("the factor of {}", wrong.1)))
}
