//! Equal loop nests of a run, each of which is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use rayon::ThreadPool;

use super::budget::{self, Budget};
use super::work::{Item, Options, Progress};
use crate::exact::SolveOptions;
use crate::problem::phases::label;
use crate::problem::result::Status;
use crate::problem::{Fixed, LayerKind, LoopNest, PhaseIndex};

/// What comes of a loop nest, what is proved of it, and the tree nodes that it took.
pub(super) type Done<T> = (T, Status, u64);

/// Solves a loop nest with these options.
pub(super) type Solver<'a, T> = dyn Fn(&LoopNest, &SolveOptions) -> Done<T> + Sync + 'a;

/// Operations and phases of operations with the same loop nest, of which the same is fixed.
struct DistinctNest<'a, T> {
    nest: &'a LoopNest,
    fixed: Arc<Vec<Fixed>>,
    /// The first of them: the operation's name, of a phase with its index.
    first: String,
    /// The item of the first of them, whose limits it has.
    row: usize,
    /// Empty where an interrupt left it out.
    solution: OnceLock<T>,
}

/// All distinct loop nests in order of first appearance.
pub(super) struct DistinctNests<'a, T> {
    list: Vec<DistinctNest<'a, T>>,
    known: BTreeMap<(&'a LoopNest, Arc<Vec<Fixed>>), usize>,
}

/// A loop nest with its solution.
pub(super) struct Solved<'a, T> {
    /// The loop nest.
    pub(super) nest: &'a LoopNest,
    /// Its solution; `None` where an interrupt left it out.
    pub(super) solution: Option<&'a T>,
    /// The earlier operation, or phase of one, with the same loop nest, whose solution this is.
    pub(super) same_as: Option<&'a str>,
}

impl<'a, T: Send + Sync> DistinctNests<'a, T> {
    /// Those of these items.
    pub(super) fn new(items: &'a [Item<'a>]) -> Self {
        let mut nests = Self {
            list: Vec::new(),
            known: BTreeMap::new(),
        };
        for (row, item) in items.iter().enumerate() {
            match &item.operation.kind {
                LayerKind::MultiplyAccumulate(nest) => nests.enter(nest, (row, item), None),
                LayerKind::Phases(phases) => {
                    for phase in phases {
                        if let Some(nest) = phase.nest() {
                            nests.enter(nest, (row, item), Some(phase.index));
                        }
                    }
                }
                LayerKind::Stream(_) | LayerKind::View => {}
            }
        }
        nests
    }

    fn enter(
        &mut self,
        nest: &'a LoopNest,
        (row, item): (usize, &Item<'_>),
        phase: Option<PhaseIndex>,
    ) {
        let key = (nest, Arc::clone(&item.fixed));
        if self.known.contains_key(&key) {
            return;
        }
        self.known.insert(key, self.list.len());
        self.list.push(DistinctNest {
            nest,
            fixed: Arc::clone(&item.fixed),
            first: name_of(item, phase),
            row,
            solution: OnceLock::new(),
        });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// What was found of a loop nest of an item, or of one of its phases.
    pub(super) fn of(
        &'a self,
        nest: &'a LoopNest,
        item: &Item<'_>,
        phase: Option<PhaseIndex>,
    ) -> Solved<'a, T> {
        let key = (nest, Arc::clone(&item.fixed));
        let one = self.known.get(&key).map(|&index| &self.list[index]);
        let own = name_of(item, phase);
        Solved {
            nest,
            solution: one.and_then(|one| one.solution.get()),
            same_as: one
                .map(|one| one.first.as_str())
                .filter(|&first| first != own),
        }
    }

    /// Solves every one, those of the row with the most multiply-accumulates in one of them first,
    /// unless interrupted. Those of a row share its limits.
    pub(super) fn solve(
        &self,
        pool: &ThreadPool,
        options: &Options,
        solve: &Solver<'_, T>,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) {
        let rows = self.rows();
        let budgets: Vec<Budget> = (rows.iter())
            .map(|own| Budget::new(&options.solve, options.jobs, own.len()))
            .collect();
        let task = |one: &DistinctNest<'_, T>, budget: &Budget| {
            if options.solve.interrupt.load(Ordering::Relaxed) {
                return;
            }
            progress(Progress::Started(&one.first));
            let share = budget.share();
            let own = SolveOptions {
                fixed: Arc::clone(&one.fixed),
                ..share.options(&options.solve)
            };
            let (solution, status, nodes) = solve(one.nest, &own);
            budget.used(&share, nodes);
            progress(Progress::Finished(&one.first, status));
            // Each nest is solved by one task only, so the cell is empty.
            let _ = one.solution.set(solution);
        };
        let task = &task;
        pool.scope_fifo(|scope| {
            for (own, budget) in rows.into_iter().zip(&budgets) {
                if budget::is_reproducible(&options.solve) {
                    scope.spawn_fifo(move |_| own.into_iter().for_each(|one| task(one, budget)));
                } else {
                    for one in own {
                        scope.spawn_fifo(move |_| task(one, budget));
                    }
                }
            }
        });
    }

    /// The nests of each row, those of most multiply-accumulates first, and so the rows.
    fn rows(&self) -> Vec<Vec<&DistinctNest<'a, T>>> {
        let mut rows: BTreeMap<usize, Vec<&DistinctNest<'a, T>>> = BTreeMap::new();
        for one in &self.list {
            rows.entry(one.row).or_default().push(one);
        }
        let size = |one: &DistinctNest<'a, T>| Reverse(one.nest.box_macs());
        let mut rows: Vec<Vec<&DistinctNest<'a, T>>> = rows.into_values().collect();
        for own in &mut rows {
            own.sort_by_key(|one| size(one));
        }
        rows.sort_by_key(|own| own.first().map(|one| size(one)));
        rows
    }
}

fn name_of(item: &Item<'_>, phase: Option<PhaseIndex>) -> String {
    let name = &item.operation.name;
    phase.map_or_else(|| name.clone(), |index| label(name, index))
}
