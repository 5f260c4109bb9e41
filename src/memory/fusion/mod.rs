//! Fused stages: consecutive operations of a step that run together, tile by tile, so that what one
//! writes and the next reads never leaves the shared memory (`formulations/fusion.md`).
//!
//! `access` says how operations index their tensors, `stage` which axes consecutive ones share, `walk`
//! what each computes of an axis in each tile, `nest` what that takes and moves, `list` which ways there
//! are, `mapped` what the layer program makes of the boxes, `choose` which operations run together,
//! `contract` puts one operation in the place of each stage, and `bound` says what no division is below.

mod access;
mod bound;
mod choose;
mod contract;
mod list;
mod mapped;
mod nest;
mod price;
mod stage;
mod walk;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::exact::SolveOptions;
use crate::problem::access::Accesses;
use crate::problem::graph::Graph;
use crate::problem::schedule::Schedule;
use crate::problem::{Hardware, Level, Network, Overlap};

use super::grouping::Grouped;
use super::step::{Cutting, Places, Step, grouped};
use choose::{Candidate, division, units};
use contract::{Chosen, contracted};
use list::Column;
use mapped::{Mapper, Priced};
use price::Prices;
use stage::Stage;

/// How stages are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageOptions {
    /// Operations of a stage at most; 1 is none.
    pub length: usize,
    /// Loops of a stage at most.
    pub loops: usize,
    /// Whether tiles of all extents are listed, or for each number of tiles the smallest alone.
    pub all_tiles: bool,
}

/// None: every operation by itself.
impl Default for StageOptions {
    fn default() -> Self {
        Self {
            length: 1,
            loops: 2,
            all_tiles: false,
        }
    }
}

/// Puts stages in the place of operations that run together in the fastest division of a step, as far
/// as nothing stays between its parts. `None` where every operation runs by itself in it; where others
/// can run together at all, what is proved of the step holds for every division of it then.
#[must_use]
pub fn fuse(
    step: &mut Step,
    (network, graph): (&Network, &Graph),
    hardware: &Hardware,
    cutting: Cutting,
    (options, solve): (StageOptions, &SolveOptions),
) -> Option<Step> {
    let schedule = &step.schedule;
    let overlap = match hardware.levels.get(1) {
        Some(Level::Memory(memory)) => memory.overlap,
        _ => return None,
    };
    if !matches!(overlap, Overlap::Ideal | Overlap::DoubleBuffer) || options.length < 2 {
        return None;
    }
    let groups = grouped(graph, cutting);
    let places = Places::new(graph, &groups);
    let all = accesses(network, graph, &groups, &|tensor| places.place[tensor]);
    let listing = listing(schedule, overlap == Overlap::DoubleBuffer, options);
    let blocks = listing.blocks;
    let stages = stages(schedule, &all, options.length);
    let possible: Vec<(usize, usize)> = stages.iter().map(Stage::interval).collect();
    let mut candidates = candidates(listing, hardware, stages);
    if candidates.is_empty() {
        return None;
    }
    let bound = bound::least_units(schedule, &step.modes, &all, hardware, &possible);
    let mut modes = step.modes.clone();
    step.modes.divided = Some(bound);
    let step: &Step = step;
    let schedule = &step.schedule;

    // ---- The fastest division, its columns mapped ----
    let mut mapper = Mapper::new(schedule, hardware, solve);
    let mut prices = Prices::new(hardware, schedule);
    let chosen = loop {
        let parts = division(schedule, &candidates);
        let open = parts.iter().find_map(|part| {
            let (number, column) = part.1?;
            (!candidates[number].columns[column].exact).then_some((number, column))
        });
        let Some((number, column)) = open else {
            break parts;
        };
        if solve.interrupt.load(Ordering::Relaxed) {
            return None;
        }
        let candidate = &mut candidates[number];
        let priced = mapper.price(
            &candidate.stage,
            &candidate.columns[column],
            (blocks, &mut prices),
        );
        match priced {
            Some(priced) => candidate.columns[column] = priced.column,
            None => {
                candidate.columns.swap_remove(column);
            }
        }
    };
    let together: Vec<usize> = chosen.iter().filter_map(|part| Some(part.1?.0)).collect();
    if together.is_empty() {
        return None;
    }

    // ---- Other ways to run them, for when something stays beside them or between them ----
    let found: Vec<Chosen<'_, '_>> = (together.iter())
        .map(|&number| {
            chosen_ways(
                schedule,
                &candidates[number],
                &mut mapper,
                (blocks, &mut prices),
            )
        })
        .collect();
    modes.add(&mapper.counts);
    modes.least = None;
    modes.divided = Some(bound);
    Some(Step {
        schedule: contracted(schedule, &found),
        modes,
        mappings: step.mappings.clone(),
    })
}

/// For every stage that consecutive operations can be, by its first one and their number, the units of
/// its fastest way by itself, with nothing resident: of what no mappings of its boxes are below.
/// `schedule` comes with whether what is loaded more than once takes its place twice.
#[must_use]
pub fn stage_times(
    (schedule, double_buffer): (&Schedule, bool),
    hardware: &Hardware,
    all: &[Option<Accesses>],
    options: StageOptions,
) -> Vec<((usize, usize), u128)> {
    let listing = listing(schedule, double_buffer, options);
    let all = candidates(listing, hardware, stages(schedule, all, options.length));
    let times = all.iter().filter_map(|own| {
        let columns = own.columns.iter().filter(|column| !column.has_residents());
        let least = columns.map(|column| units(schedule, column)).min()?;
        Some((own.stage.interval(), least))
    });
    times.collect()
}

/// What is listed as the options ask; what is loaded more than once takes its place twice with
/// `double_buffer`.
fn listing(schedule: &Schedule, double_buffer: bool, options: StageOptions) -> list::Listing<'_> {
    list::Listing {
        schedule,
        blocks: nest::Blocks {
            alignment: schedule.alignment,
            double_buffer,
        },
        loops: options.loops,
        all_tiles: options.all_tiles,
    }
}

/// All stages of so many operations at most that can run in some tiles.
fn stages<'a>(schedule: &Schedule, all: &'a [Option<Accesses>], length: usize) -> Vec<Stage<'a>> {
    let intervals = (0..all.len()).flat_map(|first| (2..=length).map(move |count| (first, count)));
    intervals
        .filter_map(|interval| stage::of(schedule, all, interval))
        .collect()
}

/// Stages with their columns, as far as they have some.
fn candidates<'a>(
    listing: list::Listing<'_>,
    hardware: &Hardware,
    stages: Vec<Stage<'a>>,
) -> Vec<Candidate<'a>> {
    let found = stages.into_par_iter().filter_map(|stage| {
        let mut prices = Prices::new(hardware, listing.schedule);
        let columns = list::columns(listing, &stage, &mut prices);
        (!columns.is_empty()).then_some(Candidate { stage, columns })
    });
    found.collect()
}

/// A stage with its ways, mapped.
fn chosen_ways<'c, 'a>(
    schedule: &Schedule,
    candidate: &'c Candidate<'a>,
    mapper: &mut Mapper<'_>,
    (blocks, prices): (nest::Blocks, &mut Prices<'_>),
) -> Chosen<'c, 'a> {
    let columns: Vec<Priced> = ways(schedule, candidate)
        .into_iter()
        .filter_map(|column| mapper.price(&candidate.stage, column, (blocks, &mut *prices)))
        .collect();
    Chosen {
        stage: &candidate.stage,
        columns,
    }
}

/// The columns of a stage among which a plan chooses: for every set of residents the fastest one in
/// all of the memory, and in a half, a quarter and an eighth of it.
fn ways<'c>(schedule: &Schedule, candidate: &'c Candidate<'_>) -> Vec<&'c Column> {
    let sets: BTreeSet<Vec<bool>> = candidate.columns.iter().map(Column::residents).collect();
    let mut ways: Vec<&Column> = Vec::new();
    for set in sets {
        for part in [1, 2, 4, 8] {
            let fits = candidate.columns.iter().filter(|column| {
                column.facts.bytes <= schedule.capacity.0 / part && column.residents() == set
            });
            let best = fits.min_by_key(|column| (units(schedule, column), column.facts.bytes));
            if let Some(best) = best
                && !ways.contains(&best)
            {
                ways.push(best);
            }
        }
    }
    ways
}

/// The accesses of the operations of a schedule.
fn accesses(
    network: &Network,
    graph: &Graph,
    groups: &[Grouped],
    place: &dyn Fn(usize) -> Option<usize>,
) -> Vec<Option<Accesses>> {
    let of = |group: &Grouped| {
        let mut own = access::of_group(network, graph, group)?;
        let empty = |tensor: usize| place(tensor).is_none();
        own.reads.retain(|read| !empty(read.tensor));
        own.writes.retain(|write| !empty(write.tensor));
        for access in own.reads.iter_mut().chain(&mut own.writes) {
            access.tensor = place(access.tensor)?;
        }
        Some(own)
    };
    groups.iter().map(of).collect()
}
