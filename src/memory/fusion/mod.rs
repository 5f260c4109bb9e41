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
mod path;
mod price;
mod seen;
mod stage;
mod walk;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::exact::SolveOptions;
use crate::problem::access::Accesses;
use crate::problem::graph::Graph;
use crate::problem::plan::Least;
use crate::problem::schedule::Schedule;
use crate::problem::{Hardware, Level, Network, Overlap};

use super::grouping::Grouped;
use super::step::{Cutting, Places, Step, grouped};
use atoms::Views;
use choose::{Candidate, Divider, Part, units};
use contract::{Chosen, contracted};
use list::Column;
use mapped::Mapper;
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

impl StageOptions {
    /// The ways to run stages that are not listed, in words.
    fn others(self) -> String {
        let tiles = if self.all_tiles {
            ""
        } else {
            ", or in tiles other than the smallest for each number of them"
        };
        format!("stages in more than {} loops{tiles}", self.loops)
    }
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

/// Puts stages in the place of operations that run together in the fastest division of a step. `None` where every
/// operation runs by itself in it; where others can run together at all, what is proved of the step holds for every
/// division of it then.
#[must_use]
pub fn fuse(
    step: &mut Step,
    (network, graph): (&Network, &Graph),
    hardware: &Hardware,
    cutting: Cutting,
    (options, solve): (StageOptions, &SolveOptions),
) -> Option<Step> {
    let Possible {
        blocks,
        operations,
        intervals,
        candidates,
    } = Possible::of(step, (network, graph), hardware, cutting, options)?;

    // ---- What is proved of every division ----
    let schedule = &step.schedule;
    let bound = bound::least_units(schedule, &step.modes, &operations, hardware, &intervals);
    let listed = (step.modes.least.as_deref()).map(|least| {
        let units = path::least_units(schedule, least, &candidates);
        (units, options.others())
    });
    step.modes.divided = Some(bound);
    step.modes.listed = listed;

    // ---- The fastest division ----
    let mut fusing = Fusing::new(&step.schedule, hardware, solve, (blocks, candidates));
    let chosen = fusing.fastest(&solve.interrupt)?;
    let together: Vec<(usize, usize)> = chosen.iter().filter_map(|part| part.1).collect();
    if together.is_empty() {
        return None;
    }

    // ---- Other ways to run its stages, for when something stays beside them or between them ----
    let stages = together.iter().map(|&(number, column)| {
        let own = &fusing.candidates[number];
        let ways = ways(fusing.schedule, own, column);
        (number, ways.into_iter().cloned().collect())
    });
    let stages: Vec<(usize, Vec<Column>)> = stages.collect();
    fusing.step(step, &stages)
}

/// The step with the stages of a given division, by first operations and numbers of operations, each in all ways that
/// are listed. `None` where one of them is no stage, or has no mapping.
#[must_use]
pub fn divided(
    step: &Step,
    (network, graph): (&Network, &Graph),
    hardware: &Hardware,
    (cutting, options): (Cutting, StageOptions),
    (division, solve): (&[(usize, usize)], &SolveOptions),
) -> Option<Step> {
    let possible = Possible::of(step, (network, graph), hardware, cutting, options)?;
    let own = (possible.blocks, possible.candidates);
    let fusing = Fusing::new(&step.schedule, hardware, solve, own);
    let stages = division.iter().map(|interval| {
        let mut all = fusing.candidates.iter();
        let number = all.position(|own| own.stage.interval() == *interval)?;
        Some((number, fusing.candidates[number].columns.clone()))
    });
    let stages: Option<Vec<(usize, Vec<Column>)>> = stages.collect();
    fusing.step(step, &stages?)
}

/// Units that no plan takes fewer of in which every operation runs by itself, in modes none of which is in anything
/// better than `least`: the bound over listed ways without stages.
#[must_use]
pub fn least_units_by_itself(schedule: &Schedule, least: &[Least]) -> u128 {
    path::least_units(schedule, least, &[])
}

/// What can run together in a step.
struct Possible {
    blocks: nest::Blocks,
    /// What each operation touches by itself.
    operations: Vec<Option<Accesses>>,
    /// The first operations and numbers of operations of all stages.
    intervals: Vec<(usize, usize)>,
    /// Those that have columns.
    candidates: Vec<Candidate>,
}

impl Possible {
    /// `None` where nothing can.
    fn of(
        step: &Step,
        (network, graph): (&Network, &Graph),
        hardware: &Hardware,
        cutting: Cutting,
        options: StageOptions,
    ) -> Option<Self> {
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
        let listing = listing(schedule, overlap == Overlap::DoubleBuffer, options);
        let together = |interval| touched.together(interval, &|tensor| places.place[tensor]);
        let stages = stages(schedule, &together, options.length);
        let own = Self {
            blocks: listing.blocks,
            operations: touched.alone(),
            intervals: stages.iter().map(Stage::interval).collect(),
            candidates: candidates(listing, hardware, stages),
        };
        (!own.candidates.is_empty()).then_some(own)
    }
}

/// The stages of a step with their columns, and what maps them.
struct Fusing<'a> {
    schedule: &'a Schedule,
    blocks: nest::Blocks,
    mapper: Mapper<'a>,
    prices: Prices<'a>,
    candidates: Vec<Candidate>,
}

impl<'a> Fusing<'a> {
    fn new(
        schedule: &'a Schedule,
        hardware: &'a Hardware,
        solve: &SolveOptions,
        (blocks, candidates): (nest::Blocks, Vec<Candidate>),
    ) -> Self {
        Self {
            schedule,
            blocks,
            mapper: Mapper::new(schedule, hardware, solve),
            prices: Prices::new(hardware, schedule),
            candidates,
        }
    }

    /// The fastest division, all of whose columns are mapped: bounds give way to the numbers of mappings until the
    /// fastest one has none. `None` where it was interrupted.
    fn fastest(&mut self, interrupt: &AtomicBool) -> Option<Vec<Part>> {
        let mut divider = Divider::new(self.schedule, &self.candidates);
        loop {
            let parts = divider.division(&self.candidates);
            let open = parts.iter().find_map(|part| {
                let (number, column) = part.1?;
                let exact = self.candidates[number].columns[column].exact;
                (!exact).then_some((number, column))
            });
            let Some((number, column)) = open else {
                return Some(parts);
            };
            if interrupt.load(Ordering::Relaxed) {
                return None;
            }
            let candidate = &mut self.candidates[number];
            let own = &mut candidate.columns[column];
            let how = (self.blocks, &mut self.prices);
            match self.mapper.price(&candidate.stage, own, how) {
                Some(priced) => *own = priced.column,
                // It fits nowhere.
                None => own.facts.bytes = u64::MAX,
            }
            divider.update(number, candidate);
        }
    }

    /// The step with these candidates as operations, each in these columns. `None` where one has no mapping.
    fn step(mut self, step: &Step, stages: &[(usize, Vec<Column>)]) -> Option<Step> {
        let (mapper, blocks, prices) = (&mut self.mapper, self.blocks, &mut self.prices);
        let chosen = stages.iter().map(|(number, columns)| {
            let stage = &self.candidates[*number].stage;
            let columns = columns.iter();
            let priced = columns.filter_map(|own| mapper.price(stage, own, (blocks, &mut *prices)));
            Chosen {
                stage,
                columns: priced.collect(),
            }
        });
        let chosen: Vec<Chosen<'_>> = chosen.collect();
        if chosen.iter().any(|own| own.columns.is_empty()) {
            return None;
        }
        let mut modes = step.modes.clone();
        modes.add(&self.mapper.counts);
        modes.least = None;
        Some(Step {
            schedule: contracted(self.schedule, &chosen),
            modes,
            mappings: step.mappings.clone(),
        })
    }
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
    // Stages have many boxes in common.
    let prices = || Prices::new(hardware, listing.schedule);
    let found = stages.into_par_iter().map_init(prices, |prices, stage| {
        let columns = list::columns(listing, &stage, prices);
        (!columns.is_empty()).then_some(Candidate { stage, columns })
    });
    found.flatten().collect()
}

/// The columns of a stage among which a plan chooses: that of the division, and for every set of residents the
/// fastest one in all of the memory, and in a half, a quarter and an eighth of it.
fn ways<'c>(schedule: &Schedule, candidate: &'c Candidate, column: usize) -> Vec<&'c Column> {
    let sets: BTreeSet<Vec<bool>> = candidate.columns.iter().map(Column::residents).collect();
    let mut ways: Vec<&Column> = candidate.columns.get(column).into_iter().collect();
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
