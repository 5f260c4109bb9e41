//! The layer program's space as the branch and bound sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::cost::bound::compulsory_bits;
use crate::cost::evaluate;
use crate::formulate::class::{self, Class};
use crate::formulate::columns::ColumnGroup;
use crate::formulate::expansion::{Left, whole_columns};
use crate::formulate::{self, allowed, decode, layer};
use crate::milp::bound::lagrangian;
use crate::milp::linear::{Linearised, ranges};
use crate::milp::{Node, Program, Space, Switches};
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::Cost;
use crate::problem::{Hardware, LoopNest, Mapping};

/// A class with the columns from which its program chooses.
#[derive(Clone)]
pub struct Part {
    /// The class.
    pub class: Class,
    /// The columns.
    pub columns: Arc<Vec<ColumnGroup>>,
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
    /// What is minimised under which limits.
    pub goal: Goal,
    /// The energy in pJ that no mapping is below, more than 0.
    pub energy_unit: f64,
    /// The hardware as the program sees it: without energies where they do not matter.
    pub planned: Hardware,
}

/// Pairs of parts beyond which a class is split before its chains are written out.
const PAIRS: usize = 3_000;
/// Improvements below this relative size are not looked for.
const RELATIVE_GAP: f64 = 9e-7;

impl LayerSpace<'_> {
    /// Sets what is minimised from now on. Where energy does not matter the program is built
    /// for hardware without it: fewer chains differ.
    pub fn set_goal(&mut self, goal: Goal) {
        self.planned = self.hardware.clone();
        if !goal.has_energy() {
            self.planned.remove_energy();
        }
        self.goal = goal;
    }

    /// Keeps a mapping if it is valid, within the limits and better than the best so far; the
    /// value of what is minimised if it is valid and within the limits.
    pub fn offer(&mut self, mapping: Mapping) -> Option<f64> {
        let cost = evaluate(self.operation, self.hardware, &mapping).ok()?;
        if !self.goal.allows(&cost) {
            return None;
        }
        let value = self.goal.minimise.of(&cost);
        let best = self.best.as_ref();
        if best.is_none_or(|(_, best)| self.goal.minimise.is_less(&cost, best)) {
            self.best = Some((mapping, cost));
        }
        Some(value)
    }

    /// Whether the best mapping is as good as one can be by the bounds for any mapping.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.best
            .as_ref()
            .is_some_and(|(_, best)| self.goal.minimise.of(best) <= self.least())
    }

    /// What no mapping is below in what is minimised.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "compared with what is rounded alike"
    )]
    pub fn least(&self) -> f64 {
        let cycles = self.lower_bound as f64;
        match self.goal.minimise {
            Measure::Cycles => cycles,
            Measure::Traffic => compulsory_bits(self.operation).0 as f64,
            Measure::Energy => self.energy_unit,
            Measure::EnergyDelay => self.energy_unit * cycles,
        }
    }

    /// The layer program's input with the given columns.
    #[must_use]
    pub fn layer<'b>(&'b self, columns: &'b [ColumnGroup]) -> layer::Layer<'b> {
        layer::Layer {
            operation: self.operation,
            hardware: &self.planned,
            columns,
            lower_bound: self.lower_bound,
            goal: &self.goal,
            energy_unit: self.energy_unit,
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
        let Some((_, best)) = &self.best else {
            // No incumbent: any mapping is an improvement.
            return 200.0;
        };
        let integer = |value: u128| match largest_improvement(value) {
            0 => f64::NEG_INFINITY,
            target => (target as f64).ln() + 1e-12,
        };
        match self.goal.minimise {
            Measure::Cycles => integer(best.cycles),
            Measure::Traffic => integer(best.outermost_bits()),
            measure => (measure.of(best) * (1.0 - RELATIVE_GAP) / self.energy_unit).ln(),
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
        self.is_exact(part) && class::split(self.operation, self.hardware, &part.class).is_none()
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Node<Part>> {
        if self.is_exact(&node.class) {
            None
        } else {
            self.expanded(node, usize::MAX)
        }
    }

    fn stop(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    fn switches(&self) -> Switches {
        self.switches
    }
}
