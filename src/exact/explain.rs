//! Why a layer's best mapping is the best: the bound of every order of tiles, what more elements, memory
//! or bandwidth would buy, and what less of them would cost.

use std::sync::atomic::Ordering;

use crate::cost;
use crate::cost::bound::lower_bounds;
use crate::cost::monotone::covers;
use crate::engine::settle::relax;
use crate::engine::{Space, search};
use crate::layer::names;
use crate::problem::explanation::{Change, Explanation, OrderBound};
use crate::problem::goal::Measure;
use crate::problem::result::{Solution, Status};
use crate::problem::{Hardware, HardwareChange, LoopNest, Mapping, Resource, Scale};

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
    let changes = match &solution.best {
        Some((mapping, _)) => changes(operation, hardware, (options, &solution), mapping, progress),
        None => Vec::new(),
    };
    Explanation {
        solution,
        orders,
        changes,
    }
}

/// What twice and half as much of each thing does.
fn changes(
    operation: &LoopNest,
    hardware: &Hardware,
    (options, solution): (&SolveOptions, &Solution),
    mapping: &Mapping,
    progress: &dyn Fn(&str),
) -> Vec<Change> {
    let mut all = Vec::new();
    for (scale, of) in [Scale::Twice, Scale::Half].into_iter().flat_map(|scale| {
        Resource::all(hardware)
            .into_iter()
            .map(move |of| (scale, of))
    }) {
        let change = HardwareChange { of, scale };
        let Some(changed) = change.apply(hardware) else {
            continue;
        };
        progress(&change.of.to_string());
        let mut own = options.clone();
        if cost::evaluate(operation, &changed, mapping).is_ok() {
            own.start.push(mapping.clone());
        }
        // With less of something nothing takes fewer cycles.
        if options.objective == Measure::Cycles && covers(operation, hardware, &changed) {
            own.known_bound = own.known_bound.max(solution.bound_cycles);
        }
        all.push(Change {
            solution: unless_stopped(options, || solve(operation, &changed, &own)),
            from: change.of.amount(hardware).unwrap_or_default(),
            to: change.of.amount(&changed).unwrap_or_default(),
            change,
        });
    }
    all
}

/// A solution, unless an interrupt comes before it is proved.
fn unless_stopped(options: &SolveOptions, solve: impl FnOnce() -> Solution) -> Option<Solution> {
    let stopped = || options.interrupt.load(Ordering::SeqCst);
    if stopped() {
        return None;
    }
    let solution = solve();
    Some(solution).filter(|own| own.status() == Status::Optimal || !stopped())
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
        let mut own = OrderBound {
            name: names::class(hardware, &part.class),
            order: part.class.order.clone(),
            searched: false,
            ..OrderBound::default()
        };
        progress(&own.name);
        if !space.watch.stopped() {
            order_bound(&mut space, &mut own, part);
        }
        bounds.push(own);
    }
    bounds
}

/// The bound of one order: its relaxation's, and what branching proves; nothing where it was time to
/// stop before the relaxation was bounded, of which then nothing is known.
fn order_bound(space: &mut LayerSpace<'_>, own: &mut OrderBound, part: Part) {
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
        return;
    }
    own.searched = true;
    own.relaxation = relaxed.exp() * scale;
    own.closed = relaxed > space.target();
    own.open = own.relaxation;
    if !own.closed {
        let (open, work) = search(space, vec![node], &space.options().with_nodes(NODES));
        own.nodes = work.nodes;
        own.closed = open > space.target();
        own.open = own.open.max(open.exp() * scale);
    }
}
