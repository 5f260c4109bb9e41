//! The layer program's space as the branch and bound sees it.

use std::sync::Arc;

use crate::cost::evaluate;
use crate::cost::window::is_unclipped;
use crate::formulate::class::{self, Class};
use crate::formulate::columns::ColumnGroup;
use crate::formulate::expansion::{Left, whole_columns};
use crate::formulate::{self, allowed, decode, layer};
use crate::milp::bound::lagrangian;
use crate::milp::linear::{Linearised, ranges};
use crate::milp::{Node, Program, Space, Switches, Watch};
use crate::problem::result::Cost;
use crate::problem::{Dim, Hardware, LoopNest, Mapping, Role};

/// A class with the columns from which its program chooses.
#[derive(Clone)]
pub struct Part {
    /// The class.
    pub class: Class,
    /// The columns.
    pub columns: Arc<Vec<ColumnGroup>>,
}

impl Part {
    /// Whether the columns are whole chains.
    fn is_whole(&self) -> bool {
        (self.columns.iter()).all(|g| g.part == formulate::parts::Part::Whole)
    }
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
    pub watch: Watch,
    /// Parts of the method.
    pub switches: Switches,
}

/// Pairs of parts beyond which a class is split before its chains are written out.
const PAIRS: usize = 3_000;
/// Orders and slides in which a choice of columns is evaluated at most.
const MOST_COMPLETIONS: usize = 200;
/// Pairs of pieces of a window beyond which a mapping is not evaluated: a tenth of a second.
const MOST_PIECES: u64 = 2_000_000;
/// Improvements below this relative size are not looked for.
const RELATIVE_GAP: f64 = 9e-7;

impl LayerSpace<'_> {
    /// The largest number of cycles that still is an improvement, at least one less than the best.
    #[must_use]
    pub fn target_cycles(&self) -> Option<u128> {
        let best = self.best.as_ref()?.1.cycles;
        Some(largest_improvement(best))
    }

    /// Keeps a mapping if it is valid and better than the best so far; its cycles if it is valid.
    ///
    /// A mapping whose exact cost takes too long to compute is left out.
    pub fn offer(&mut self, mapping: Mapping) -> Option<u128> {
        if self.window_pieces(&mapping) > MOST_PIECES {
            return None;
        }
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

    /// The most pairs of pieces of outputs and taps of a window that sees padding: their rows
    /// are counted one by one.
    fn window_pieces(&self, mapping: &Mapping) -> u64 {
        let extents = self.operation.extents;
        let pieces = |d: Dim| {
            let nodes = mapping.order.iter().zip(&mapping.extents);
            let inputs = nodes.filter(|(node, _)| node.role == Role::Input);
            inputs
                .map(|(node, own)| {
                    let wide = own[d].saturating_mul(mapping.spread_above(node.level, d));
                    extents[d].div_ceil(wide.max(1))
                })
                .max()
                .unwrap_or(extents[d])
        };
        (LoopNest::WINDOW_DIMS.iter())
            .zip(&self.operation.windows)
            .filter(|((p, r), window)| !is_unclipped(window, extents[*p], extents[*r]))
            .map(|((p, r), _)| pieces(*p).saturating_mul(pieces(*r)))
            .max()
            .unwrap_or(0)
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
        let columns = whole_columns(&layer, &node.class.class, &node.program, &left, limit)?;
        let part = Part {
            class: node.class.class.clone(),
            columns: Arc::new(columns),
        };
        let mut next = self.node(part, None);
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        Some(next)
    }

    /// The classes in which a choice of a class is evaluated, and whether these are all.
    fn completions(&self, class: &Class) -> (Vec<Class>, bool) {
        class::completions(self.operation, self.hardware, class, MOST_COMPLETIONS)
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
        let (classes, _) = self.completions(&part.class);
        for class in classes {
            if self.watch.stopped() {
                return;
            }
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
        part.is_whole() && self.completions(&part.class).1
    }

    fn split(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if !node.class.is_whole()
            && let Some(whole) = self.expanded(node, PAIRS)
        {
            return Some(vec![whole]);
        }
        if let Some(classes) = class::split(self.operation, self.hardware, &node.class.class) {
            let parts = classes.into_iter().map(|class| {
                let part = Part {
                    class,
                    columns: Arc::clone(&node.class.columns),
                };
                self.node(part, Some(node))
            });
            return Some(parts.collect());
        }
        None
    }

    fn is_single(&self, part: &Part) -> bool {
        part.is_whole() && class::split(self.operation, self.hardware, &part.class).is_none()
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Node<Part>> {
        if node.class.is_whole() {
            None
        } else {
            self.expanded(node, usize::MAX)
        }
    }

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn switches(&self) -> Switches {
        self.switches
    }
}
