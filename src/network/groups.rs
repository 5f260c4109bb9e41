//! Equal loop nests of a network, each of which is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::ThreadPool;

use super::inference::Progress;
use crate::problem::phases::label;
use crate::problem::result::Status;
use crate::problem::{LayerKind, LoopNest, Network};

/// Layers and phases of layers with the same loop nest.
pub(super) struct Group<'a, T> {
    nest: &'a LoopNest,
    /// The first of them: the layer's name, of a phase with its index.
    pub(super) first: String,
    /// Empty where an interrupt left it out.
    pub(super) solution: OnceLock<T>,
}

/// All groups in order of first appearance.
pub(super) struct Groups<'a, T> {
    list: Vec<Group<'a, T>>,
    known: BTreeMap<&'a LoopNest, usize>,
}

impl<'a, T: Send + Sync> Groups<'a, T> {
    /// The groups of the selected layers.
    pub(super) fn distinct(network: &'a Network, selected: &[usize]) -> Self {
        let mut groups = Self {
            list: Vec::new(),
            known: BTreeMap::new(),
        };
        for layer in selected.iter().map(|&index| &network.layers[index]) {
            match &layer.kind {
                LayerKind::MultiplyAccumulate(nest) => groups.enter(nest, || layer.name.clone()),
                LayerKind::Phases(phases) => {
                    for phase in phases {
                        if let Some(nest) = phase.nest() {
                            groups.enter(nest, || label(&layer.name, phase.index));
                        }
                    }
                }
                LayerKind::Stream(_) | LayerKind::View => {}
            }
        }
        groups
    }

    fn enter(&mut self, nest: &'a LoopNest, first: impl Fn() -> String) {
        if self.known.contains_key(nest) {
            return;
        }
        self.known.insert(nest, self.list.len());
        self.list.push(Group {
            nest,
            first: first(),
            solution: OnceLock::new(),
        });
    }

    /// The number of groups.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The group of a loop nest.
    pub(super) fn of(&self, nest: &LoopNest) -> Option<&Group<'a, T>> {
        self.known.get(nest).map(|&index| &self.list[index])
    }

    /// Solves every group, the one of most multiply-accumulates first, unless interrupted;
    /// `solve` gives the result and what it proves.
    pub(super) fn solve(
        &self,
        pool: &ThreadPool,
        interrupt: &AtomicBool,
        solve: &(dyn Fn(&LoopNest) -> (T, Status) + Sync),
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
                    let (solution, status) = solve(group.nest);
                    progress(Progress::Finished(&group.first, status));
                    // Each group is solved by one task only, so the cell is empty.
                    let _ = group.solution.set(solution);
                });
            }
        });
    }
}
