//! Equal loop nests of a network, each of which is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use rayon::ThreadPool;

use super::inference::Progress;
use crate::mapper::exact::{self, SolveOptions};
use crate::problem::phases::label;
use crate::problem::result::Solution;
use crate::problem::{Hardware, LayerKind, LoopNest, Network};

/// Layers and phases of layers with the same loop nest.
pub(super) struct Group<'a> {
    nest: &'a LoopNest,
    /// The first of them: the layer's name, of a phase with its index.
    pub(super) first: String,
    /// Empty where an interrupt left it out.
    pub(super) solution: OnceLock<Solution>,
}

/// All groups in order of first appearance.
#[derive(Default)]
pub(super) struct Groups<'a> {
    list: Vec<Group<'a>>,
    known: BTreeMap<&'a LoopNest, usize>,
}

impl<'a> Groups<'a> {
    /// The groups of the selected layers.
    pub(super) fn distinct(network: &'a Network, selected: &[usize]) -> Self {
        let mut groups = Self::default();
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
    pub(super) fn of(&self, nest: &LoopNest) -> Option<&Group<'a>> {
        self.known.get(nest).map(|&index| &self.list[index])
    }

    /// Solves every group, the one of most multiply-accumulates first.
    pub(super) fn solve(
        &self,
        pool: &ThreadPool,
        hardware: &Hardware,
        options: &SolveOptions,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) {
        let mut order: Vec<&Group<'_>> = self.list.iter().collect();
        order.sort_by_key(|group| Reverse(group.nest.box_macs()));
        pool.scope_fifo(|scope| {
            for group in order {
                scope.spawn_fifo(move |_| {
                    if options.interrupt.load(Ordering::Relaxed) {
                        return;
                    }
                    progress(Progress::Started(&group.first));
                    let solution = exact::solve(group.nest, hardware, options);
                    progress(Progress::Finished(&group.first, solution.status));
                    // Each group is solved by one task only, so the cell is empty.
                    let _ = group.solution.set(solution);
                });
            }
        });
    }
}
