//! Telling equally good mappings apart by further measures.

use crate::engine::TreeStatistics;
use crate::problem::certificate::{Amount, Evidence};
use crate::problem::goal::Measure;
use crate::problem::result::{Status, Tie};
use crate::problem::{Certificate, Hardware};
use crate::tiling::limits::WholeChains;
use crate::tiling::tile_space::TileSpace;

use super::incumbent::{self, Descents};
use super::options::{SolveOptions, TieBreak};
use super::outcome::{best_value, evidence, objective_bound};
use super::space::LayerSpace;
use super::strategy::{search_columns, search_tiles};
use super::tuning::{TIE_NODES, TIE_SCOUT_NODES, TIE_WORK};

/// The measures that tell equally good mappings apart, where that is asked for.
#[must_use]
pub fn tie_breakers(hardware: &Hardware, options: &SolveOptions) -> &'static [Measure] {
    match options.objective {
        Measure::Cycles if options.tie_break == TieBreak::All && hardware.has_energy() => {
            &[Measure::Traffic, Measure::Energy]
        }
        Measure::Cycles => &[Measure::Traffic],
        _ => &[Measure::Cycles],
    }
}

/// Minimises one measure after the other, each under the limits that those before it set.
pub(super) fn break_ties(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    statistics: &mut TreeStatistics,
) -> Tie {
    let breakers = tie_breakers(space.hardware, options);
    let mut certificate: Option<Certificate> = None;
    // Ties are told apart within a number of nodes, of which boxes need many.
    space.use_whole(WholeChains {
        boxes: false,
        ..options.whole[0]
    });
    for &breaker in breakers {
        let mut goal = space.goal.clone();
        goal.limits.push((goal.minimise, best_value(space)));
        goal.minimise = breaker;
        space.set_goal(goal);
        let own = break_tie(space, options, statistics);
        let own = match certificate.take() {
            Some(before) => own.resting_on(&before),
            None => own,
        };
        let proved = own.status() == Status::Optimal;
        certificate = Some(own);
        if !proved {
            break;
        }
    }
    let nothing = || Certificate::nothing(options.objective, Evidence::default());
    Tie {
        broken_by: breakers,
        certificate: certificate.unwrap_or_else(nothing),
    }
}

/// Minimises one measure under limits; what is proved of the best mapping's.
fn break_tie(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    statistics: &mut TreeStatistics,
) -> Certificate {
    let mut tree = (f64::INFINITY, TreeStatistics::default());
    if options.switches.mapper.incumbent && !space.is_met() {
        incumbent::find(space, options.divisors_only, Descents::One);
    }
    let tiles = options.tile_space();
    let quick = options.tie_break == TieBreak::Quick;
    if tiles == TileSpace::All && !quick && !space.is_met() {
        search_tiles(
            space,
            TileSpace::Divisors,
            options,
            TIE_SCOUT_NODES,
            statistics,
        );
    }
    if quick && !space.is_met() {
        tree.0 = f64::NEG_INFINITY;
    } else if !space.is_met() {
        let open = search_columns(space, tiles, options, &tie_nodes, &mut tree.1);
        statistics.add(&tree.1);
        tree.0 = open.unwrap_or(f64::NEG_INFINITY);
    }
    let measure = space.goal.minimise;
    let bound = Amount::Real(objective_bound(space, tree.0));
    let evidence = evidence(space, &tree, 0);
    match &space.best {
        Some((_, cost)) => Certificate::found(measure, measure.amount(cost), bound, evidence)
            .unwrap_or_else(|error| Certificate::contradicted(measure, &error)),
        None => Certificate::open(measure, bound, evidence),
    }
}

/// Nodes of a search for one measure that breaks ties among so many columns.
fn tie_nodes(columns: usize) -> u64 {
    let [least, most] = TIE_NODES;
    let nodes = (TIE_WORK / (columns as u64).max(1)).min(most);
    if nodes < least { 0 } else { nodes }
}
