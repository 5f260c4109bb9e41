//! Equal loop nests of a run, each of which is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use rayon::ThreadPool;

use super::budget::{self, Budget};
use super::driver::{Item, Options, Progress};
use crate::mapper::exact::SolveOptions;
use crate::problem::phases::label;
use crate::problem::result::Status;
use crate::problem::{Fixed, LayerKind, LoopNest, PhaseIndex};

/// What comes of a loop nest, what is proved of it, and the tree nodes that it took.
pub(super) type Done<T> = (T, Status, u64);

/// Solves a loop nest with these options.
pub(super) type Solver<'a, T> = dyn Fn(&LoopNest, &SolveOptions) -> Done<T> + Sync + 'a;

/// Operations and phases of operations with the same loop nest, of which the same is fixed.
struct Group<'a, T> {
    nest: &'a LoopNest,
    fixed: Arc<Vec<Fixed>>,
    /// The first of them: the operation's name, of a phase with its index.
    first: String,
    /// The item of the first of them, whose limits it has.
    row: usize,
    /// Empty where an interrupt left it out.
    solution: OnceLock<T>,
}

/// All groups in order of first appearance.
pub(super) struct Groups<'a, T> {
    list: Vec<Group<'a, T>>,
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

impl<'a, T: Send + Sync> Groups<'a, T> {
    /// The groups of these items.
    pub(super) fn distinct(items: &'a [Item<'a>]) -> Self {
        let mut groups = Self {
            list: Vec::new(),
            known: BTreeMap::new(),
        };
        for (row, item) in items.iter().enumerate() {
            match &item.operation.kind {
                LayerKind::MultiplyAccumulate(nest) => groups.enter(nest, (row, item), None),
                LayerKind::Phases(phases) => {
                    for phase in phases {
                        if let Some(nest) = phase.nest() {
                            groups.enter(nest, (row, item), Some(phase.index));
                        }
                    }
                }
                LayerKind::Stream(_) | LayerKind::View => {}
            }
        }
        groups
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
        self.list.push(Group {
            nest,
            fixed: Arc::clone(&item.fixed),
            first: name_of(item, phase),
            row,
            solution: OnceLock::new(),
        });
    }

    /// The number of groups.
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
        let group = self.known.get(&key).map(|&index| &self.list[index]);
        let own = name_of(item, phase);
        Solved {
            nest,
            solution: group.and_then(|group| group.solution.get()),
            same_as: group
                .map(|group| group.first.as_str())
                .filter(|&first| first != own),
        }
    }

    /// Solves every group, those of the row with the most multiply-accumulates in one of them first,
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
        let task = |group: &Group<'_, T>, budget: &Budget| {
            if options.solve.interrupt.load(Ordering::Relaxed) {
                return;
            }
            progress(Progress::Started(&group.first));
            let share = budget.share();
            let own = SolveOptions {
                fixed: Arc::clone(&group.fixed),
                ..share.options(&options.solve)
            };
            let (solution, status, nodes) = solve(group.nest, &own);
            budget.used(&share, nodes);
            progress(Progress::Finished(&group.first, status));
            // Each group is solved by one task only, so the cell is empty.
            let _ = group.solution.set(solution);
        };
        let task = &task;
        pool.scope_fifo(|scope| {
            for (own, budget) in rows.into_iter().zip(&budgets) {
                if budget::is_reproducible(&options.solve) {
                    scope
                        .spawn_fifo(move |_| own.into_iter().for_each(|group| task(group, budget)));
                } else {
                    for group in own {
                        scope.spawn_fifo(move |_| task(group, budget));
                    }
                }
            }
        });
    }

    /// The groups of each row, those of most multiply-accumulates first, and so the rows.
    fn rows(&self) -> Vec<Vec<&Group<'a, T>>> {
        let mut rows: BTreeMap<usize, Vec<&Group<'a, T>>> = BTreeMap::new();
        for group in &self.list {
            rows.entry(group.row).or_default().push(group);
        }
        let size = |group: &Group<'a, T>| Reverse(group.nest.box_macs());
        let mut rows: Vec<Vec<&Group<'a, T>>> = rows.into_values().collect();
        for own in &mut rows {
            own.sort_by_key(|group| size(group));
        }
        rows.sort_by_key(|own| own.first().map(|group| size(group)));
        rows
    }
}

fn name_of(item: &Item<'_>, phase: Option<PhaseIndex>) -> String {
    let name = &item.operation.name;
    phase.map_or_else(|| name.clone(), |index| label(name, index))
}
