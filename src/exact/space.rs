//! What a search is over: the best mapping so far, what is minimised, and what to stop at.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::classes::class::Class;
use crate::classes::slots::SlotMap;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::with_kept;
use crate::cost::bound::compulsory_bits;
use crate::cost::{dataflow, evaluate, window_pieces};
use crate::engine::{Node, Options, Watch};
use crate::layer;
use crate::layer::decode;
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::Cost;
use crate::problem::{Dim, Fixed, Hardware, LoopNest, Mapping, fixed};
use crate::tiling::limits::WholeChains;
use crate::tiling::site::Site;

use super::history::History;
use super::part::Part;
use super::progress::Progress;
use super::switches::MethodSwitches;
use super::tolerance::is_within_tolerance;
pub use super::tuning::MOST_COLUMNS;
use super::tuning::MOST_KEPT;

/// The best mapping so far, and what to stop at.
pub struct LayerSpace<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// A bound for every mapping.
    pub lower_bound: u128,
    /// A bound on the cycles of every mapping of the space that was proved elsewhere; 0 where
    /// there is none. It says when to stop, and is no row of the program: a master whose
    /// objective is held up by it has no prices left to branch by.
    pub known_bound: u128,
    /// The best mapping found.
    pub best: Option<(Mapping, Cost)>,
    /// When to stop.
    pub watch: Watch,
    /// Parts of the method.
    pub switches: MethodSwitches,
    /// Which dimensions are written out in whole chains.
    pub whole: WholeChains,
    /// Columns with whole chains for the dimensions that have no loop just above the array.
    pub kept: BTreeMap<Vec<Dim>, Arc<Vec<ColumnGroup>>>,
    /// What is minimised under which limits.
    pub goal: Goal,
    /// The energy in pJ that no mapping is below, more than 0.
    pub energy_unit: f64,
    /// The operation on the hardware as the program sees it: without energies where they do not
    /// matter.
    pub site: Site<'a>,
    /// What is fixed of every mapping.
    pub fixed: Arc<Vec<Fixed>>,
    /// The classes that are searched; none: all of them.
    pub branch: Arc<Vec<Class>>,
    /// What was found and proved when.
    pub history: History,
    /// Whether tiles and spatial factors divide their dimensions.
    pub divides: bool,
    /// When it was searched locally.
    pub progress: Progress,
    /// Pairs of pieces of a window that sees padding beyond which a mapping is not evaluated.
    pub most_pieces: u64,
}

/// What became of a mapping that was offered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Offer {
    /// It is one of the space within the limits; its value of what is minimised.
    Value(f64),
    /// It is not.
    Useless,
    /// It was not evaluated: it may be the best one.
    Unevaluated,
}

impl Offer {
    /// What became of two mappings together: open where either was not evaluated.
    fn better(self, other: Self) -> Self {
        match (self, other) {
            (Offer::Unevaluated, _) | (_, Offer::Unevaluated) => Offer::Unevaluated,
            (Offer::Value(one), Offer::Value(two)) => Offer::Value(one.min(two)),
            (Offer::Useless, other) => other,
            (own, Offer::Useless) => own,
        }
    }

    /// The value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Offer::Value(value) => Some(value),
            Offer::Useless | Offer::Unevaluated => None,
        }
    }
}

impl LayerSpace<'_> {
    /// Writes out other dimensions in whole chains from now on.
    pub fn use_whole(&mut self, whole: WholeChains) {
        self.whole = whole;
        self.kept.clear();
    }

    /// The columns of a class: where it has no loop just above the array, whole chains in place of parts.
    pub(super) fn columns_of(
        &mut self,
        class: &Class,
        columns: &Arc<Vec<ColumnGroup>>,
    ) -> Arc<Vec<ColumnGroup>> {
        let slots = SlotMap::new(self.operation, self.hardware, class);
        let kept = layer::kept_dims(self.operation, &slots, columns);
        if kept.is_empty() {
            return Arc::clone(columns);
        }
        if let Some(known) = self.kept.get(&kept) {
            return Arc::clone(known);
        }
        let limits = self.limits(self.whole, MOST_KEPT);
        // Where there are too many, the parts do.
        let made = with_kept(&self.site, &limits, &kept);
        let made = made.map_or_else(|| Arc::clone(columns), Arc::new);
        self.kept.insert(kept, Arc::clone(&made));
        made
    }

    /// How a search of this space goes about it: by branch and price.
    #[must_use]
    pub fn options(&self) -> Options {
        Options::new(&self.watch, self.switches.tree)
    }

    /// Sets what is minimised from now on. Where energy does not matter the program is built
    /// for hardware without it: fewer chains differ.
    pub fn set_goal(&mut self, goal: Goal) {
        let mut planned = self.hardware.clone();
        if !goal.has_energy() {
            planned.remove_energy();
        }
        self.site = Site::new(self.operation, &planned).with(self.switches.chains);
        self.goal = goal;
        self.kept.clear();
    }

    /// Keeps a mapping if it is valid, within the limits and better than the best so far.
    ///
    /// It is written as what is fixed asks, where that costs nothing; if it does not keep to it,
    /// or has none of the hardware's dataflows, it is left out. One whose exact cost takes too
    /// long to compute is not evaluated, which is no reason to take it for none.
    pub fn offer(&mut self, mut mapping: Mapping) -> Offer {
        let moved = fixed::arrange(&self.fixed, &mut mapping);
        if moved.is_empty() {
            return self.offer_written(mapping);
        }
        let mut still = mapping.clone();
        still.slides.retain(|(level, _)| !moved.contains(level));
        let (own, still) = (self.offer_written(mapping), self.offer_written(still));
        own.better(still)
    }

    /// The same of a mapping that is written as what is fixed asks.
    fn offer_written(&mut self, mapping: Mapping) -> Offer {
        if !dataflow::allows(self.operation, self.hardware, &self.fixed, &mapping) {
            return Offer::Useless;
        }
        if window_pieces(self.operation, &mapping) > self.most_pieces {
            return Offer::Unevaluated;
        }
        let Ok(cost) = evaluate(self.operation, self.hardware, &mapping) else {
            return Offer::Useless;
        };
        if !self.goal.allows(&cost) {
            return Offer::Useless;
        }
        let value = self.goal.minimise.of(&cost);
        let best = self.best.as_ref();
        if best.is_none_or(|(_, best)| self.goal.minimise.is_less(&cost, best)) {
            self.history.found(cost.cycles);
            self.best = Some((mapping, cost));
        }
        Offer::Value(value)
    }

    /// Offers a choice of columns in each of the classes; whether it was evaluated in all of them.
    pub(super) fn offer_in(
        &mut self,
        classes: &[Class],
        columns: &[ColumnGroup],
        choice: &[u32],
    ) -> bool {
        let mut all = true;
        for class in classes {
            if self.watch.stopped() {
                return false;
            }
            let (operation, hardware) = (self.operation, self.hardware);
            let own = decode::mapping(operation, hardware, columns, class, choice);
            all &= self.offer(own) != Offer::Unevaluated;
        }
        all
    }

    /// Whether the best mapping is as good as one can be by the bounds for any mapping, or optimal
    /// by what was proved elsewhere.
    #[must_use]
    pub fn is_met(&self) -> bool {
        let known = |best: &Cost| {
            self.goal.minimise == Measure::Cycles
                && is_within_tolerance(best.cycles, self.known_bound)
        };
        self.best
            .as_ref()
            .is_some_and(|(_, best)| self.goal.minimise.of(best) <= self.least() || known(best))
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
            site: &self.site,
            columns,
            lower_bound: if self.whole.boxes {
                // A master whose objective is held up by it has no prices, and without prices
                // boxes are halved blindly.
                1
            } else {
                self.lower_bound
            },
            goal: &self.goal,
            energy_unit: self.energy_unit,
            switches: self.switches.layer,
        }
    }

    /// The node of a class: its program, with the columns that the class allows.
    #[must_use]
    pub fn node(&self, part: Part) -> Node<Part> {
        let program = layer::program(&self.layer(&part.columns), &part.class);
        let columns = Arc::clone(&part.columns);
        let weight = part.weight();
        let mut node = Node::new(part, program, f64::NEG_INFINITY);
        node.weight = weight;
        self.restrict(&mut node, &columns);
        node
    }
}
