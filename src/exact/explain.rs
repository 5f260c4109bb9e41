//! Why a layer's best mapping is the best: the bound of every order of tiles, and what more
//! elements, memory or bandwidth would buy.

use crate::cost::bound::lower_bounds;
use crate::engine::settle::relax;
use crate::engine::{Space, search};
use crate::layer::names;
use crate::problem::explanation::{Change, Explanation, OrderBound};
use crate::problem::result::Solution;
use crate::problem::{Bandwidth, Bytes, Hardware, Level, LoopNest, Ports};

use super::part::Part;
use super::setup::space_of;
use super::space::LayerSpace;
use super::tuning::EXPLAIN_NODES as NODES;
use super::{SolveOptions, solve};

/// Solves a layer and explains the outcome.
#[must_use]
pub fn explain(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
    progress: &dyn Fn(&str),
) -> Explanation {
    progress("solving");
    let solution = solve(operation, hardware, options);
    let orders = order_bounds(operation, hardware, options, &solution, progress);
    let mut changes = Vec::new();
    if solution.best.is_some() {
        for (name, from, to, changed) in doubled(hardware) {
            progress(&name);
            changes.push(Change {
                solution: solve(operation, &changed, options),
                name,
                from,
                to,
            });
        }
    }
    Explanation {
        solution,
        orders,
        changes,
    }
}

/// The bound of every first class: an order of the outermost nodes and what they keep.
fn order_bounds(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
    solution: &Solution,
    progress: &dyn Fn(&str),
) -> Vec<OrderBound> {
    let any_mapping = lower_bounds(operation, hardware).best();
    let mut space = space_of(operation, hardware, options, any_mapping);
    if let Some((mapping, _)) = &solution.best {
        space.offer(mapping.clone());
    }
    let Some(columns) = space.columns(options.tile_space()) else {
        return Vec::new();
    };
    let mut bounds = Vec::new();
    for part in space.root_parts(&columns) {
        if space.watch.stopped() {
            break;
        }
        let name = names::class(hardware, &part.class);
        progress(&name);
        bounds.extend(order_bound(&mut space, name, part));
    }
    bounds
}

/// The bound of one order: its relaxation's, and what branching proves; `None` where it was time to
/// stop before the relaxation was bounded, of which then nothing is known.
fn order_bound(space: &mut LayerSpace<'_>, name: String, part: Part) -> Option<OrderBound> {
    let node = space.node(part);
    let scale = if space.goal.has_energy() {
        space.energy_unit
    } else {
        1.0
    };
    let empty = node.active.iter().any(|own| own.is_empty());
    let relaxed = if empty {
        f64::INFINITY
    } else {
        relax(&node.program, &node.active, &node.imposed, &space.watch).bound
    };
    if space.watch.stopped() {
        return None;
    }
    let mut bound = OrderBound {
        name,
        relaxation: relaxed.exp() * scale,
        nodes: 0,
        closed: relaxed > space.target(),
        open: relaxed.exp() * scale,
    };
    if !bound.closed {
        let (open, work) = search(space, vec![node], &space.options().with_nodes(NODES));
        bound.nodes = work.nodes;
        bound.closed = open > space.target();
        bound.open = bound.open.max(open.exp() * scale);
    }
    Some(bound)
}

/// The hardware with twice as much of one thing: its name, how much there was and is, and the hardware.
fn doubled(hardware: &Hardware) -> Vec<(String, String, String, Hardware)> {
    let mut all = Vec::new();
    for (index, level) in hardware.levels.iter().enumerate() {
        let with = |level: Level| {
            let mut changed = hardware.clone();
            changed.levels[index] = level;
            changed
        };
        match level {
            Level::Array(array) => {
                for (i, axis) in array.axes.iter().enumerate() {
                    let mut more = array.clone();
                    more.axes[i].size = axis.size.saturating_mul(2);
                    let (from, to) = (axis.size.to_string(), more.axes[i].size.to_string());
                    let name = format!("{}.{} elements", array.name, axis.name);
                    all.push((name, from, to, with(Level::Array(more))));
                }
            }
            Level::Memory(memory) => {
                if let Some(capacity) = memory.capacity {
                    let mut more = memory.clone();
                    let twice = Bytes(capacity.0.saturating_mul(2));
                    more.capacity = Some(twice);
                    let (from, to) = (capacity.0.to_string(), twice.0.to_string());
                    let name = format!("{} bytes", memory.name);
                    all.push((name, from, to, with(Level::Memory(more))));
                }
                for (port, bandwidth, ports) in faster(memory.ports) {
                    let mut more = memory.clone();
                    more.ports = ports;
                    let name = format!("{} {port}bytes per cycle", memory.name);
                    let twice = bandwidth.twice();
                    let (from, to) = (text(bandwidth), twice.map_or(String::new(), text));
                    all.push((name, from, to, with(Level::Memory(more))));
                }
            }
        }
    }
    all
}

/// The ports with one of them twice as fast, which one, and how fast it was.
fn faster(ports: Ports) -> Vec<(&'static str, Bandwidth, Ports)> {
    let mut all = Vec::new();
    match ports {
        Ports::Shared(Some(own)) => {
            all.extend(own.twice().map(|fast| ("", own, Ports::Shared(Some(fast)))));
        }
        Ports::Shared(None) => {}
        Ports::Separate { read, write } => {
            if let Some(own) = read
                && let Some(fast) = own.twice()
            {
                let read = Some(fast);
                all.push(("read ", own, Ports::Separate { read, write }));
            }
            if let Some(own) = write
                && let Some(fast) = own.twice()
            {
                let write = Some(fast);
                all.push(("write ", own, Ports::Separate { read, write }));
            }
        }
    }
    all
}

/// A bandwidth in bytes per cycle.
#[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
fn text(bandwidth: Bandwidth) -> String {
    let (numerator, denominator) = bandwidth.ratio();
    format!("{}", numerator as f64 / denominator as f64)
}
