//! Equal loop nests of a run, each of which is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::ThreadPool;

use super::driver::{Item, Progress};
use crate::problem::phases::label;
use crate::problem::result::Status;
use crate::problem::{Fixed, LayerKind, LoopNest};

/// Solves a loop nest of which something is fixed; with what is proved of the result.
type Solver<'a, T> = dyn Fn(&LoopNest, &Arc<Vec<Fixed>>) -> (T, Status) + Sync + 'a;

/// Operations and phases of operations with the same loop nest, of which the same is fixed.
struct Group<'a, T> {
    nest: &'a LoopNest,
    fixed: Arc<Vec<Fixed>>,
    /// The first of them: the operation's name, of a phase with its index.
    first: String,
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
        for item in items {
            match &item.operation.kind {
                LayerKind::MultiplyAccumulate(nest) => groups.enter(nest, item, None),
                LayerKind::Phases(phases) => {
                    for phase in phases {
                        if let Some(nest) = phase.nest() {
                            groups.enter(nest, item, Some(phase.index));
                        }
                    }
                }
                LayerKind::Stream(_) | LayerKind::View => {}
            }
        }
        groups
    }

    fn enter(&mut self, nest: &'a LoopNest, item: &Item<'_>, phase: Option<[u64; 2]>) {
        let key = (nest, Arc::clone(&item.fixed));
        if self.known.contains_key(&key) {
            return;
        }
        self.known.insert(key, self.list.len());
        self.list.push(Group {
            nest,
            fixed: Arc::clone(&item.fixed),
            first: name_of(item, phase),
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
        phase: Option<[u64; 2]>,
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

    /// Solves every group, the one of most multiply-accumulates first, unless interrupted;
    /// `solve` gives the result and what it proves.
    pub(super) fn solve(
        &self,
        pool: &ThreadPool,
        interrupt: &AtomicBool,
        solve: &Solver<'_, T>,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) {
        let mut order: Vec<&Group<'_, T>> = self.list.iter().collect();
        order.sort_by_key(|group| Reverse(group.nest.box_macs()));
        pool.scope_fifo(|scope| {
            for group in order {
                scope.spawn_fifo(move |_| {
                    if interrupt.load(Ordering::Relaxed) {
                        return;
                    }
                    progress(Progress::Started(&group.first));
                    let (solution, status) = solve(group.nest, &group.fixed);
                    progress(Progress::Finished(&group.first, status));
                    // Each group is solved by one task only, so the cell is empty.
                    let _ = group.solution.set(solution);
                });
            }
        });
    }
}

fn name_of(item: &Item<'_>, phase: Option<[u64; 2]>) -> String {
    let name = &item.operation.name;
    phase.map_or_else(|| name.clone(), |index| label(name, index))
}
