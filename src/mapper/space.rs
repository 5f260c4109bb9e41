//! The layer program's space as the branch and bound sees it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::cost::evaluate;
use crate::formulate::class::{self, Class};
use crate::formulate::columns::ColumnGroup;
use crate::formulate::expansion::{Left, whole_columns};
use crate::formulate::groups::{WholeChains, with_kept};
use crate::formulate::slots::SlotMap;
use crate::formulate::{self, allowed, decode, layer};
use crate::milp::bound::lagrangian;
use crate::milp::linear::{Linearised, ranges};
use crate::milp::{Node, Program, Space, Switches};
use crate::problem::result::Cost;
use crate::problem::{Dim, Hardware, LoopNest, Mapping};

/// A class with the columns from which its program chooses.
#[derive(Clone)]
pub struct Part {
    /// The class.
    pub class: Class,
    /// The columns.
    pub columns: Arc<Vec<ColumnGroup>>,
    /// Whether the columns were made for this part alone.
    pub own: bool,
}

/// The best mapping so far, and what to stop at.
pub struct LayerSpace<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// A bound for every mapping.
    pub lower_bound: u128,
    /// The best mapping found.
    pub best: Option<(Mapping, Cost)>,
    /// When to stop.
    pub deadline: Option<Instant>,
    /// Set to stop at once.
    pub interrupt: &'a AtomicBool,
    /// Parts of the method.
    pub switches: Switches,
    /// Which dimensions are written out in whole chains.
    pub whole: WholeChains,
    /// Columns with whole chains for the dimensions that have no loop just above the array.
    pub kept: BTreeMap<Vec<Dim>, Arc<Vec<ColumnGroup>>>,
}

/// Pairs of parts beyond which a class is split before its chains are written out.
const PAIRS: usize = 1_000;
/// Columns of a part from which on those it no longer allows are left out.
const WORTH_COMPACTING: usize = 500;
/// Improvements below this relative size are not looked for.
const RELATIVE_GAP: f64 = 9e-7;

impl LayerSpace<'_> {
    /// The columns of a class: where it has no loop just above the array, whole chains in place of parts.
    fn columns_of(
        &mut self,
        class: &Class,
        columns: &Arc<Vec<ColumnGroup>>,
    ) -> Arc<Vec<ColumnGroup>> {
        let slots = SlotMap::new(self.operation, self.hardware, class);
        let kept = layer::kept_dims(self.operation, &slots, columns);
        if kept.is_empty() {
            return Arc::clone(columns);
        }
        let (operation, hardware, whole) = (self.operation, self.hardware, self.whole);
        let all = self
            .kept
            .entry(kept)
            .or_insert_with_key(|kept| Arc::new(with_kept(operation, hardware, whole, kept)));
        Arc::clone(all)
    }

    /// The largest number of cycles that still is an improvement, at least one less than the best.
    #[must_use]
    pub fn target_cycles(&self) -> Option<u128> {
        let best = self.best.as_ref()?.1.cycles;
        Some(largest_improvement(best))
    }

    /// Keeps a mapping if it is valid and better than the best so far; its cycles if it is valid.
    pub fn offer(&mut self, mapping: Mapping) -> Option<u128> {
        let cost = evaluate(self.operation, self.hardware, &mapping).ok()?;
        let cycles = cost.cycles;
        if self
            .best
            .as_ref()
            .is_none_or(|(_, best)| cycles < best.cycles)
        {
            self.best = Some((mapping, cost));
        }
        Some(cycles)
    }

    /// The layer program's input with the given columns.
    #[must_use]
    pub fn layer<'b>(&'b self, columns: &'b [ColumnGroup]) -> layer::Layer<'b> {
        layer::Layer {
            operation: self.operation,
            hardware: self.hardware,
            columns,
            lower_bound: self.lower_bound,
        }
    }

    /// The node of a class: its program, with the columns that the class allows.
    #[must_use]
    pub fn node(&self, part: Part, parent: Option<&Node<Part>>) -> Node<Part> {
        let program = layer::program(&self.layer(&part.columns), &part.class);
        let columns = Arc::clone(&part.columns);
        let mut node = Node::new(part, program, f64::NEG_INFINITY);
        if let Some(parent) = parent {
            node.bound = parent.bound;
            node.active.clone_from(&parent.active);
            node.start.clone_from(&parent.start);
            if parent.imposed.len() == node.imposed.len() {
                node.imposed.clone_from(&parent.imposed);
            }
        }
        self.restrict(&mut node, &columns);
        node
    }

    /// The node with whole chains in place of parts, unless there are more than `limit` pairs.
    fn expanded(&self, node: &Node<Part>, limit: usize) -> Option<Node<Part>> {
        let all_ranges = ranges(&node.program, &node.active, &node.imposed);
        let linear = Linearised::new(&node.program, &all_ranges);
        let bound = lagrangian(&linear, &node.active, &node.prices);
        let excess: Vec<Vec<f64>> = bound
            .priced
            .iter()
            .zip(&bound.smallest)
            .map(|(priced, least)| priced.iter().map(|p| p - least).collect())
            .collect();
        let left = Left {
            active: &node.active,
            excess: &excess,
            weights: &node.prices.term_weights(&linear),
            smallest: &bound.smallest,
            room: self.target() - bound.value,
        };
        let layer = self.layer(&node.class.columns);
        let columns = whole_columns(&layer, &node.class.class, &left, limit)?;
        let part = Part {
            class: node.class.class.clone(),
            columns: Arc::new(columns),
            own: true,
        };
        let mut next = self.node(part, None);
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        Some(next)
    }

    /// Drops the columns that the class rules out: loops where a tile is kept, tiles where an
    /// operand is loaded whole.
    fn restrict(&self, node: &mut Node<Part>, columns: &[ColumnGroup]) {
        let Node { class, active, .. } = node;
        allowed::restrict(self.operation, self.hardware, &class.class, columns, active);
    }
}

/// The largest integer below `best` that is an improvement worth looking for.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cycles are far below 2^53 where the relative gap is less than one cycle"
)]
pub fn largest_improvement(best: u128) -> u128 {
    let gap = (best as f64 * RELATIVE_GAP).floor() as u128;
    best - gap.clamp(1, best)
}

impl Space for LayerSpace<'_> {
    type Class = Part;

    #[expect(
        clippy::cast_precision_loss,
        reason = "rounded up by less than the bound's own slack"
    )]
    fn target(&self) -> f64 {
        match self.target_cycles() {
            // No incumbent: any mapping is an improvement.
            None => 200.0,
            Some(0) => f64::NEG_INFINITY,
            Some(cycles) => (cycles as f64).ln() + 1e-12,
        }
    }

    fn try_choice(&mut self, part: &Part, _program: &Program, choice: &[u32]) {
        for class in class::completions(self.operation, self.hardware, &part.class) {
            self.offer(decode::mapping(
                self.operation,
                self.hardware,
                &part.columns,
                &class,
                choice,
            ));
        }
    }

    fn is_exact(&self, part: &Part) -> bool {
        part.columns
            .iter()
            .all(|g| g.part == formulate::parts::Part::Whole)
    }

    fn split(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if !self.is_exact(&node.class)
            && let Some(whole) = self.expanded(node, PAIRS)
        {
            return Some(vec![whole]);
        }
        let classes = class::split(self.operation, self.hardware, &node.class.class)?;
        let mut nodes = Vec::with_capacity(classes.len());
        for class in classes {
            let columns = self.columns_of(&class, &node.class.columns);
            let same = Arc::ptr_eq(&columns, &node.class.columns);
            let own = same && node.class.own;
            let part = Part {
                class,
                columns,
                own,
            };
            let mut next = self.node(part, same.then_some(node));
            next.bound = node.bound;
            nodes.push(next);
        }
        Some(nodes)
    }

    fn is_single(&self, part: &Part) -> bool {
        self.is_exact(part) && class::split(self.operation, self.hardware, &part.class).is_none()
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Node<Part>> {
        if self.is_exact(&node.class) {
            None
        } else {
            self.expanded(node, usize::MAX)
        }
    }

    fn compact(&self, node: &Node<Part>) -> Option<Node<Part>> {
        let columns: usize = node.class.columns.iter().map(|g| g.columns.len()).sum();
        let active: usize = node.active.iter().map(Vec::len).sum();
        if !node.class.own || columns < WORTH_COMPACTING || 2 * active > columns {
            return None;
        }
        let groups = node.class.columns.iter().zip(&node.active);
        let kept = groups.map(|(group, active)| {
            let own = active.iter().map(|&j| group.columns[j as usize]);
            group.with_columns(self.operation, self.hardware, own.collect())
        });
        let part = Part {
            class: node.class.class.clone(),
            columns: Arc::new(kept.collect()),
            own: true,
        };
        let mut next = self.node(part, None);
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        next.prices.clone_from(&node.prices);
        let place = |g: usize, j: u32| {
            let found = node.active[g].binary_search(&j).ok()?;
            u32::try_from(found).ok()
        };
        let point = node.point.iter();
        next.point = point
            .filter_map(|&(g, j, x)| Some((g, place(g, j)?, x)))
            .collect();
        next.start = next.point.iter().map(|p| (p.0, p.1)).collect();
        Some(next)
    }

    fn stop(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    fn switches(&self) -> Switches {
        self.switches
    }
}
