//! Equal loop nests of a network, each of which is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::ThreadPool;

use super::inference::Progress;
use crate::problem::phases::label;
use crate::problem::result::Status;
use crate::problem::{Fixed, LayerKind, LoopNest, Network};

/// What is fixed of the layers with these indices.
pub(super) type FixedOf = (Vec<usize>, Fixed);

/// Solves a loop nest of which something is fixed; with what is proved of the result.
type Solver<'a, T> = dyn Fn(&LoopNest, &Arc<Vec<Fixed>>) -> (T, Status) + Sync + 'a;

/// What is fixed of a layer.
pub(super) fn fixed_of(fixed: &[FixedOf], index: usize) -> Arc<Vec<Fixed>> {
    let own = fixed.iter().filter(|(layers, _)| layers.contains(&index));
    Arc::new(own.map(|(_, fixed)| fixed.clone()).collect())
}

/// Layers and phases of layers with the same loop nest, of which the same is fixed.
pub(super) struct Group<'a, T> {
    nest: &'a LoopNest,
    fixed: Arc<Vec<Fixed>>,
    /// The first of them: the layer's name, of a phase with its index.
    pub(super) first: String,
    /// Empty where an interrupt left it out.
    pub(super) solution: OnceLock<T>,
}

/// All groups in order of first appearance.
pub(super) struct Groups<'a, T> {
    list: Vec<Group<'a, T>>,
    known: BTreeMap<(&'a LoopNest, Arc<Vec<Fixed>>), usize>,
    /// What is fixed.
    pub(super) fixed: &'a [FixedOf],
}

impl<'a, T: Send + Sync> Groups<'a, T> {
    /// The groups of the selected layers.
    pub(super) fn distinct(network: &'a Network, selected: &[usize], fixed: &'a [FixedOf]) -> Self {
        let mut groups = Self {
            list: Vec::new(),
            known: BTreeMap::new(),
            fixed,
        };
        for &index in selected {
            let layer = &network.layers[index];
            let own = fixed_of(fixed, index);
            match &layer.kind {
                LayerKind::MultiplyAccumulate(nest) => {
                    groups.enter(nest, &own, || layer.name.clone());
                }
                LayerKind::Phases(phases) => {
                    for phase in phases {
                        if let Some(nest) = phase.nest() {
                            groups.enter(nest, &own, || label(&layer.name, phase.index));
                        }
                    }
                }
                LayerKind::Stream(_) | LayerKind::View => {}
            }
        }
        groups
    }

    fn enter(&mut self, nest: &'a LoopNest, fixed: &Arc<Vec<Fixed>>, first: impl Fn() -> String) {
        let key = (nest, Arc::clone(fixed));
        if self.known.contains_key(&key) {
            return;
        }
        self.known.insert(key, self.list.len());
        self.list.push(Group {
            nest,
            fixed: Arc::clone(fixed),
            first: first(),
            solution: OnceLock::new(),
        });
    }

    /// The number of groups.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The group of a loop nest of a layer.
    pub(super) fn of(&self, nest: &LoopNest, layer: usize) -> Option<&Group<'a, T>> {
        let key = (nest, fixed_of(self.fixed, layer));
        self.known.get(&key).map(|&index| &self.list[index])
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
