//! The space of an operation as the options ask for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::cost::bound::least_energy;
use crate::cost::spatial::fewest_steps;
use crate::engine::{Allowance, Watch, deadline};
use crate::problem::goal::Goal;
use crate::problem::{Hardware, LoopNest};
use crate::tiling::site::Site;
use crate::tiling::symmetry;

use super::history::History;
use super::options::SolveOptions;
use super::progress::Progress;
use super::space::LayerSpace;

/// The space of an operation with what the options ask for; `any_mapping` is the bound in cycles
/// that holds for every mapping.
pub(super) fn space_of<'a>(
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    options: &SolveOptions,
    any_mapping: u128,
) -> LayerSpace<'a> {
    // [PRU31] The search ends at a mapping that meets it.
    let lower_bound = if options.switches.mapper.lower_bound {
        any_mapping.max(fewest_steps(operation, hardware))
    } else {
        1
    };
    let mut space = empty_space(operation, hardware, options, lower_bound);
    set_goal(&mut space, options);
    space
}

/// What the options ask for, before ties are told apart.
fn set_goal(space: &mut LayerSpace<'_>, options: &SolveOptions) {
    // Energies count in the least that they can be, or where that is nothing in something tiny.
    space.energy_unit =
        least_energy(space.operation, space.hardware, space.lower_bound).max(TINY_PJ);
    space.set_goal(Goal {
        minimise: options.objective,
        limits: options.limits.clone(),
    });
}

/// The space of an operation with nothing found yet.
pub(super) fn empty_space<'a>(
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    options: &SolveOptions,
    lower_bound: u128,
) -> LayerSpace<'a> {
    let mut switches = options.switches;
    switches.tree.dominance &= symmetry::shares_all(hardware);
    LayerSpace {
        operation,
        hardware,
        lower_bound,
        known_bound: 0,
        best: None,
        watch: Watch::with_memory(
            deadline(options.time_limit),
            Arc::clone(&options.interrupt),
            options.memory_limit.map(Allowance::new),
        )
        .with_work(options.cpu_limit, options.node_limit),
        switches,
        whole: options.whole[0],
        kept: BTreeMap::new(),
        goal: Goal::default(),
        energy_unit: 1.0,
        site: Site::new(operation, hardware).with(switches.chains),
        fixed: Arc::clone(&options.fixed),
        branch: Arc::clone(&options.branch),
        history: History::new(Instant::now()),
        divides: options.divisors_only,
        progress: Progress::default(),
        most_pieces: options.most_pieces,
    }
}

/// The unit of energies of which no mapping is known to need any, in pJ.
pub(super) const TINY_PJ: f64 = 1e-12;
