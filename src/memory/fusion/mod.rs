//! Fused stages: consecutive operations of a step that run together, tile by tile, so that what one
//! writes and the next reads never leaves the shared memory (`formulations/fusion.md`).
//!
//! `access` says how operations index the tensors that they see, `atoms` how views see others, and `seen`
//! puts both together; `stage` says which axes consecutive ones share, `walk`
//! what each computes of an axis in each tile, `nest` what that takes and moves, `list` which ways there
//! are, `mapped` what the layer program makes of the boxes, `choose` which operations run together,
//! `contract` puts one operation in the place of each stage, and `bound` says what no division is below.

mod access;
mod atoms;
mod bound;
mod choose;
mod contract;

mod list;
mod mapped;
mod nest;
mod price;
mod seen;
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
use atoms::Views;
use choose::{Candidate, division, units};
use contract::{Chosen, contracted};
use list::Column;
use mapped::{Mapper, Priced};
use price::Prices;
use seen::Seen;
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
    let views = Views::new(network, graph);
    let touched = Touched::of(network, graph, &groups, (&views, &places));
    let all = touched.alone();
    let listing = listing(schedule, overlap == Overlap::DoubleBuffer, options);
    let blocks = listing.blocks;
    let together = |interval| touched.together(interval, &|tensor| places.place[tensor]);
    let stages = stages(schedule, &together, options.length);
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
    let found: Vec<Chosen<'_>> = (together.iter())
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

/// What consecutive operations of a step touch where they run together, given by the first one and their
/// number; tensors by their indices in the graph. `None` where it is not known of all.
#[must_use]
pub fn touched(
    network: &Network,
    graph: &Graph,
    cutting: Cutting,
    interval: (usize, usize),
) -> Option<Vec<Accesses>> {
    let groups = grouped(graph, cutting);
    let (views, places) = (Views::new(network, graph), Places::new(graph, &groups));
    let touched = Touched::of(network, graph, &groups, (&views, &places));
    touched.together(interval, &Some)
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
    let together = |(first, count): (usize, usize)| {
        let own = all.get(first..first + count)?.iter();
        own.cloned().collect()
    };
    let stages = stages(schedule, &together, options.length);
    let all = candidates(listing, hardware, stages);
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

/// All stages of so many operations at most that can run in some tiles; `together` says what those
/// of an interval touch.
fn stages(
    schedule: &Schedule,
    together: &(dyn Fn((usize, usize)) -> Option<Vec<Accesses>> + Sync),
    length: usize,
) -> Vec<Stage> {
    let count = schedule.operations.len();
    let intervals = (0..count).flat_map(|first| {
        let longest = length.min(count - first);
        (2..=longest).map(move |count| (first, count))
    });
    intervals
        .filter_map(|interval| stage::of(schedule, together(interval)?, interval.0))
        .collect()
}

/// Stages with their columns, as far as they have some.
fn candidates(
    listing: list::Listing<'_>,
    hardware: &Hardware,
    stages: Vec<Stage>,
) -> Vec<Candidate> {
    let found = stages.into_par_iter().filter_map(|stage| {
        let mut prices = Prices::new(hardware, listing.schedule);
        let columns = list::columns(listing, &stage, &mut prices);
        (!columns.is_empty()).then_some(Candidate { stage, columns })
    });
    found.collect()
}

/// A stage with its ways, mapped.
fn chosen_ways<'c>(
    schedule: &Schedule,
    candidate: &'c Candidate,
    mapper: &mut Mapper<'_>,
    (blocks, prices): (nest::Blocks, &mut Prices<'_>),
) -> Chosen<'c> {
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
fn ways<'c>(schedule: &Schedule, candidate: &'c Candidate) -> Vec<&'c Column> {
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

/// What the operations of a schedule touch.
struct Touched<'g> {
    operations: Vec<Option<Seen>>,
    views: &'g Views<'g>,
    places: &'g Places,
}

impl<'g> Touched<'g> {
    fn of(
        network: &Network,
        graph: &Graph,
        groups: &[Grouped],
        (views, places): (&'g Views<'g>, &'g Places),
    ) -> Self {
        let of = |group: &Grouped| {
            let mut own = access::of_group(network, graph, views, group)?;
            own.retain(&|tensor| places.place[tensor].is_some());
            Some(own)
        };
        Self {
            operations: groups.iter().map(of).collect(),
            views,
            places,
        }
    }

    /// The accesses of each operation by itself.
    fn alone(&self) -> Vec<Option<Accesses>> {
        let all = 0..self.operations.len();
        let place = |tensor: usize| self.places.place[tensor];
        all.map(|own| self.together((own, 1), &place)?.pop())
            .collect()
    }

    /// Those of consecutive operations that run together, whose axes agree; `place` numbers tensors.
    fn together(
        &self,
        (first, count): (usize, usize),
        place: &dyn Fn(usize) -> Option<usize>,
    ) -> Option<Vec<Accesses>> {
        let own = self.operations.get(first..first + count)?.iter();
        let seen: Option<Vec<&Seen>> = own.map(Option::as_ref).collect();
        seen::agreed(&seen?, self.views, place)
    }
}
