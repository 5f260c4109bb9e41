//! The layer program's space as the branch and bound sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::classes::class::Class;
use crate::classes::roots::roots_where;
use crate::classes::slots::SlotMap;
use crate::classes::split::{completions, split};
use crate::classes::{allowed, constraints, flow};
use crate::columns::group::ColumnGroup;
use crate::columns::groups::with_kept;
use crate::columns::part;
use crate::cost::bound::compulsory_bits;
use crate::cost::{dataflow, evaluate, window_pieces};
use crate::engine::bound::lagrangian;
use crate::engine::linear::{Active, Imposed, Linearised, ranges};
use crate::engine::{Node, Program, Space, Switches, Watch};
use crate::layer;
use crate::layer::decode;
use crate::layer::expansion::{Left, fits, whole_columns};
use crate::layer::refine::{Effort, Visits, has_box, refine};
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::Cost;
use crate::problem::{Dim, Fixed, Hardware, LoopNest, Mapping, fixed};
use crate::tiling::limits::WholeChains;

use super::exact::open_cycles;
use super::history::History;

/// A class with the columns from which its program chooses.
#[derive(Clone)]
pub struct Part {
    /// The class.
    pub class: Class,
    /// The columns.
    pub columns: Arc<Vec<ColumnGroup>>,
    /// Parts are to be written out in whole chains, where there are no more pairs of them than this.
    pub expand: Option<usize>,
    /// Whether the columns were made for this part alone.
    pub own: bool,
    /// Whether halving its boxes raised the bound by little only: first its class is split.
    pub stalled: bool,
}

impl Part {
    /// Whether the columns are whole chains.
    fn is_whole(&self) -> bool {
        (self.columns.iter()).all(|g| g.part == part::Part::Whole)
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
    /// A bound on the cycles of every mapping of the space that was proved elsewhere; 0 where
    /// there is none. It says when to stop, and is no row of the program: a master whose
    /// objective is held up by it has no prices left to branch by.
    pub known_bound: u128,
    /// The best mapping found.
    pub best: Option<(Mapping, Cost)>,
    /// When to stop.
    pub watch: Watch,
    /// Parts of the method.
    pub switches: Switches,
    /// Which dimensions are written out in whole chains.
    pub whole: WholeChains,
    /// Columns with whole chains for the dimensions that have no loop just above the array.
    pub kept: BTreeMap<Vec<Dim>, Arc<Vec<ColumnGroup>>>,
    /// What is minimised under which limits.
    pub goal: Goal,
    /// The energy in pJ that no mapping is below, more than 0.
    pub energy_unit: f64,
    /// The hardware as the program sees it: without energies where they do not matter.
    pub planned: Hardware,
    /// What is fixed of every mapping.
    pub fixed: Arc<Vec<Fixed>>,
    /// The classes that are searched; none: all of them.
    pub branch: Arc<Vec<Class>>,
    /// What was found and proved when.
    pub history: History,
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
    /// The value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Offer::Value(value) => Some(value),
            Offer::Useless | Offer::Unevaluated => None,
        }
    }
}

/// Columns beyond which a node of a single class is branched on before boxes are halved.
const MOST_HALVED: usize = 6_000;
/// Halving boxes that raises the bound by less than this part of what is missing has to wait until
/// the class is split.
const WORTH_HALVING: f64 = 0.05;
/// Pairs of parts beyond which a class is split before its chains are written out.
const PAIRS: usize = 1_000;
/// Chains beyond which a node is split before they are written out, where energy counts: they
/// differ in more than their tiles, so that few of a pair stand for others.
const CHAINS: usize = 8_000;
/// The same for a node that splitting does not bound any better.
const TIED_CHAINS: usize = 160_000;
/// Columns of a part from which on those it no longer allows are left out.
const WORTH_COMPACTING: usize = 500;
/// Orders and slides in which a choice of columns is evaluated at most.
const MOST_COMPLETIONS: usize = 200;
/// Orders and slides in which the other corners of a box are evaluated at most.
const MOST_CORNERED: usize = 4;
/// The most columns of a group: with all that is kept of each, a gigabyte would not do for more.
pub const MOST_COLUMNS: usize = 200_000;
/// The most columns of a group that is written out for classes without a loop just above the array.
const MOST_KEPT: usize = 20_000;
/// Improvements below this relative size are not looked for.
pub const RELATIVE_GAP: f64 = 9e-7;

impl LayerSpace<'_> {
    /// Writes out other dimensions in whole chains from now on.
    pub fn use_whole(&mut self, whole: WholeChains) {
        self.whole = whole;
        self.kept.clear();
    }

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
        if let Some(known) = self.kept.get(&kept) {
            return Arc::clone(known);
        }
        let limits = self.limits(self.whole, MOST_KEPT);
        // Where there are too many, the parts do.
        let made = with_kept(self.operation, &self.planned, &limits, &kept);
        let made = made.map_or_else(|| Arc::clone(columns), Arc::new);
        self.kept.insert(kept, Arc::clone(&made));
        made
    }

    /// Sets what is minimised from now on. Where energy does not matter the program is built
    /// for hardware without it: fewer chains differ.
    pub fn set_goal(&mut self, goal: Goal) {
        self.planned = self.hardware.clone();
        if !goal.has_energy() {
            self.planned.remove_energy();
        }
        self.goal = goal;
        self.kept.clear();
    }

    /// Keeps a mapping if it is valid, within the limits and better than the best so far.
    ///
    /// It is written as what is fixed asks, where that costs nothing; if it does not keep to it,
    /// or has none of the hardware's dataflows, it is left out. One whose exact cost takes too
    /// long to compute is not evaluated, which is no reason to take it for none.
    pub fn offer(&mut self, mut mapping: Mapping) -> Offer {
        fixed::arrange(&self.fixed, &mut mapping);
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
    fn offer_in(&mut self, classes: &[Class], columns: &[ColumnGroup], choice: &[u32]) -> bool {
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
            operation: self.operation,
            hardware: &self.planned,
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
        }
    }

    /// The node of a class: its program, with the columns that the class allows.
    #[must_use]
    pub fn node(&self, part: Part) -> Node<Part> {
        let program = layer::program(&self.layer(&part.columns), &part.class);
        let columns = Arc::clone(&part.columns);
        let mut node = Node::new(part, program, f64::NEG_INFINITY);
        self.restrict(&mut node, &columns);
        node
    }

    /// What the prices of a node leave, handed on.
    fn with_left<T>(&self, node: &Node<Part>, use_it: impl FnOnce(&Left<'_>) -> T) -> T {
        let all_ranges = ranges(&node.program, &node.active, &node.imposed);
        let linear = Linearised::new(&node.program, &all_ranges);
        let bound = lagrangian(&linear, &node.active, &node.prices);
        let excess: Vec<Vec<f64>> = bound
            .priced
            .iter()
            .zip(&bound.smallest)
            .map(|(priced, least)| priced.iter().map(|p| p - least).collect())
            .collect();
        use_it(&Left {
            active: &node.active,
            excess: &excess,
            weights: &node.prices.term_weights(&linear),
            smallest: &bound.smallest,
            room: self.target() - bound.value,
        })
    }

    /// The most pairs of parts, or chains where energy counts, that are written out before a
    /// node is split.
    fn most_expanded(&self) -> usize {
        if self.planned.has_energy() {
            CHAINS
        } else {
            PAIRS
        }
    }

    /// The node to be written out in whole chains when it is its turn, unless there are more
    /// than `limit` pairs, or with energy chains.
    fn to_expand(&self, node: &Node<Part>, limit: usize) -> Option<Node<Part>> {
        let layer = self.layer(&node.class.columns);
        let class = &node.class.class;
        self.with_left(node, |left| fits(&layer, class, left, limit))
            .then(|| Node {
                class: Part {
                    expand: Some(limit),
                    ..node.class.clone()
                },
                put_off: true,
                ..node.clone()
            })
    }

    /// The node with whole chains in place of parts, in groups of at most `limit` pairs.
    fn expanded(&self, node: &Node<Part>, limit: usize) -> Option<Node<Part>> {
        let layer = self.layer(&node.class.columns);
        let class = &node.class.class;
        let columns = self.with_left(node, |left| whole_columns(&layer, class, left, limit))?;
        let mut next = self.node(Part {
            class: class.clone(),
            columns: Arc::new(columns),
            expand: None,
            own: true,
            stalled: false,
        });
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        Some(next)
    }

    /// What partial sums weigh in the prices of a node.
    fn visits(node: &Node<Part>) -> Visits {
        let program = &node.program;
        let all_ranges = ranges(program, &node.active, &node.imposed);
        let linear = Linearised::new(program, &all_ranges);
        let mut weights = vec![0.0; program.arguments];
        let terms = node.prices.term_weights(&linear);
        for (chord, weight) in linear.chords.iter().zip(terms) {
            if let Some((argument, slope)) = *chord {
                weights[argument] += slope * weight;
            }
        }
        let most = |g: usize, a: usize| {
            let values = node.active[g].iter().map(|&j| program.argument(g, a, j));
            values.fold(f64::NEG_INFINITY, f64::max)
        };
        let groups = 0..node.active.len();
        let most = groups.map(|g| (0..program.arguments).map(|a| most(g, a)).collect());
        Visits {
            weights,
            most: most.collect(),
        }
    }

    /// The node with the boxes halved on which its bound rests: none if nothing is left of it,
    /// `None` if it has no boxes, or its class is to be split first.
    fn halved_boxes(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        let groups = node.class.columns.iter().zip(&node.active);
        let boxed = groups.filter(|(group, own)| has_box(group, own)).count();
        let any = node
            .class
            .columns
            .iter()
            .any(|g| g.part == part::Part::Boxed);
        let single = self.split_class(&node.class.class).is_none();
        let columns: usize = node.active.iter().map(|own| own.len()).sum();
        if !any
            || (boxed > 0
                && (if single {
                    columns > MOST_HALVED
                } else {
                    node.class.stalled
                }))
        {
            return None;
        }
        Some(self.refined(node, single))
    }

    /// The node with boxes halved, all that its prices leave or those on which its bound rests;
    /// none if nothing is left of it.
    fn refined(&self, node: &Node<Part>, all: bool) -> Vec<Node<Part>> {
        let layer = self.layer(&node.class.columns);
        let effort = Effort {
            halvings: if all { 2_000 } else { 400 },
            depth: 0.1,
            all,
        };
        let class = &node.class.class;
        let visits = Self::visits(node);
        let (refined, room) = self.with_left(node, |left| {
            (refine(&layer, class, left, &visits, effort), left.room)
        });
        if self.watch.stopped() || refined.gain > room {
            return Vec::new();
        }
        let part = Part {
            columns: Arc::new(refined.columns),
            own: true,
            stalled: refined.gain < WORTH_HALVING * room,
            ..node.class.clone()
        };
        // Its program is built when it is its turn, and the parent's is not kept until then.
        vec![Node {
            bound: node.bound.max(self.target() - room + refined.gain),
            program: Arc::default(),
            imposed: node.imposed.clone(),
            prices: node.prices.clone(),
            start: refined.start,
            ..put_off(part, node)
        }]
    }

    /// The first classes of which some mapping may keep to what is fixed.
    #[must_use]
    pub fn roots(&self) -> Vec<Class> {
        let mirrored = constraints::are_mirrored(&self.fixed);
        let all = || roots_where(self.operation, self.hardware, mirrored);
        let roots = if self.branch.is_empty() {
            all()
        } else {
            self.branch.to_vec()
        };
        roots
            .into_iter()
            .filter(|class| self.may_keep_to(class))
            .collect()
    }

    /// The classes that decide one thing more, of which some mapping may keep to what is fixed;
    /// `None` if everything is decided.
    #[must_use]
    pub fn split_class(&self, class: &Class) -> Option<Vec<Class>> {
        let parts = split(self.operation, self.hardware, class);
        let more = || constraints::split_unbounded(self.hardware, &self.fixed, class);
        let mut parts = parts.or_else(more)?;
        parts.retain(|part| self.may_keep_to(part));
        Some(parts)
    }

    /// Whether nothing is left by the restrictions, as far as that is plain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !constraints::fit(self.operation, self.hardware, &self.fixed) || self.roots().is_empty()
    }

    /// Whether the nodes of a class stand as restrictions ask, whatever the tiles are.
    #[must_use]
    pub fn stands_well(&self, class: &Class) -> bool {
        flow::leads(self.hardware, class) && constraints::stands(&self.fixed, class)
    }

    /// Whether mappings are restricted.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        !self.fixed.is_empty() || !self.hardware.dataflow.is_empty()
    }

    fn may_keep_to(&self, class: &Class) -> bool {
        constraints::is_possible(self.hardware, &self.fixed, class)
    }

    /// The classes in which a choice of a class is evaluated, and whether these are all.
    fn completions(&self, class: &Class) -> (Vec<Class>, bool) {
        let (mut all, complete) =
            completions(self.operation, self.hardware, class, MOST_COMPLETIONS);
        all.retain(|class| self.may_keep_to(class));
        (all, complete)
    }

    /// Drops the columns that a class rules out.
    pub fn keep_allowed(&self, class: &Class, columns: &[ColumnGroup], active: &mut Active) {
        let (operation, hardware) = (self.operation, self.hardware);
        allowed::restrict(operation, hardware, class, columns, active);
        constraints::restrict(operation, hardware, &self.fixed, class, columns, active);
    }

    /// Drops the columns that the class rules out: loops where a tile is kept, tiles where an
    /// operand is loaded whole.
    fn restrict(&self, node: &mut Node<Part>, columns: &[ColumnGroup]) {
        let Node { class, active, .. } = node;
        self.keep_allowed(&class.class, columns, active);
    }
}

/// The node with the larger and with the smaller half of the parts of a dimension, that with the
/// most of them; `None` where every dimension has one box and one inner part left.
fn halved(node: &Node<Part>) -> Option<Vec<Node<Part>>> {
    let groups = node.class.columns.iter().zip(&node.active).enumerate();
    let parts = groups.filter(|(_, (group, own))| group.part != part::Part::Whole && own.len() > 1);
    let (index, (group, own)) = parts.max_by_key(|(_, (_, own))| own.len())?;
    let mut order: Vec<u32> = own.to_vec();
    order.sort_by_key(|&j| {
        let chain = group.chain(j as usize, 0);
        (chain.extents.clone(), chain.spread_above(usize::MAX), j)
    });
    let (small, large) = order.split_at(order.len() / 2);
    let child = |half: &[u32]| {
        let mut half = half.to_vec();
        half.sort_unstable();
        let mut child = node.child(node.class.clone());
        child.active[index] = Arc::new(half);
        child.put_off = false;
        child.start.clear();
        child
    };
    Some(vec![child(small), child(large)])
}

/// A node of a part with other columns than its parent's, to be built when it is its turn.
fn put_off(part: Part, parent: &Node<Part>) -> Node<Part> {
    let all = |group: &ColumnGroup| {
        let columns = u32::try_from(group.columns.len()).unwrap_or(u32::MAX);
        Arc::new((0..columns).collect())
    };
    Node {
        active: part.columns.iter().map(all).collect(),
        imposed: Imposed::default(),
        start: Vec::new(),
        ..parent.child(part)
    }
}

/// Whether a bound proves cycles optimal: to within a relative 1e-6 (problem definition, section 6).
fn is_within_tolerance(cycles: u128, bound: u128) -> bool {
    cycles.saturating_sub(bound) <= cycles / 1_000_000
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

    fn bounded(&mut self, bound: f64) {
        let cycles = open_cycles(bound).max(self.lower_bound);
        self.history.bounded(cycles);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "rounded up by less than the bound's own slack"
    )]
    fn target(&self) -> f64 {
        let Some((_, best)) = &self.best else {
            // No incumbent: any mapping is an improvement.
            return 200.0;
        };
        if self.is_met() {
            return f64::NEG_INFINITY;
        }
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

    fn try_choice(&mut self, part: &Part, _program: &Program, choice: &[u32]) -> bool {
        let (classes, _) = self.completions(&part.class);
        let all = self.offer_in(&classes, &part.columns, choice);
        let boxed = (part.columns.iter().zip(choice)).any(|(g, &j)| has_box(g, &[j]));
        if boxed {
            let few = &classes[..classes.len().min(MOST_CORNERED)];
            let memories = self.hardware.memories();
            let levels: Vec<usize> = memories.skip(1).map(|(level, _)| level).collect();
            for level in levels {
                let corner: Vec<ColumnGroup> = (part.columns.iter().zip(choice))
                    .map(|(group, &j)| group.corner(self.operation, &self.planned, j, level))
                    .collect();
                self.offer_in(few, &corner, &vec![0; choice.len()]);
            }
        }
        all
    }

    fn evaluations(&self, part: &Part) -> Option<usize> {
        if !part.is_whole() {
            return None;
        }
        let (classes, all) = self.completions(&part.class);
        all.then_some(classes.len())
    }

    fn split(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if !node.class.is_whole()
            && let Some(whole) = self.to_expand(node, self.most_expanded())
        {
            return Some(vec![whole]);
        }
        if let Some(next) = self.halved_boxes(node) {
            return Some(next);
        }
        let classes = self.split_class(&node.class.class)?;
        let mut nodes = Vec::with_capacity(classes.len());
        for class in classes {
            let columns = self.columns_of(&class, &node.class.columns);
            let same = Arc::ptr_eq(&columns, &node.class.columns);
            let part = Part {
                class,
                columns,
                expand: None,
                own: same && node.class.own,
                stalled: false,
            };
            nodes.push(if same {
                node.child(part)
            } else {
                put_off(part, node)
            });
        }
        Some(nodes)
    }

    fn is_single(&self, part: &Part) -> bool {
        part.is_whole() && self.split_class(&part.class).is_none()
    }

    fn is_settled(&self, part: &Part) -> bool {
        let parted = |g: &ColumnGroup| matches!(g.part, part::Part::Outer | part::Part::Inner);
        !part.columns.iter().any(parted) && self.split_class(&part.class).is_none()
    }

    fn is_exact(&self, part: &Part, group: usize, column: u32) -> bool {
        part.columns[group].is_exact(column as usize)
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if node.class.is_whole() {
            return None;
        }
        let boxed = |(group, own): (&ColumnGroup, &Arc<Vec<u32>>)| has_box(group, own);
        if node.class.columns.iter().zip(&node.active).any(boxed) {
            return Some(self.refined(node, true));
        }
        halved(node).or_else(|| Some(vec![self.to_expand(node, usize::MAX)?]))
    }

    fn exact_at_ties(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        let apart = node.class.is_whole() || !self.planned.has_energy();
        let whole = (!apart).then(|| self.to_expand(node, TIED_CHAINS));
        Some(vec![whole.flatten()?])
    }

    fn weight(&self, part: &Part) -> usize {
        let columns = part.columns.iter().map(|group| group.columns.len());
        if part.own { columns.sum() } else { 0 }
    }

    fn compact(&self, node: &Node<Part>) -> Option<Node<Part>> {
        let columns: usize = node.class.columns.iter().map(|g| g.columns.len()).sum();
        let active: usize = node.active.iter().map(|own| own.len()).sum();
        if !node.class.own || columns < WORTH_COMPACTING || 2 * active > columns {
            return None;
        }
        let groups = node.class.columns.iter().zip(&node.active);
        let kept = groups.map(|(group, active)| {
            let own = active.iter().map(|&j| group.columns[j as usize]);
            group.with_columns(self.operation, self.hardware, own.collect())
        });
        let mut next = self.node(Part {
            columns: Arc::new(kept.collect()),
            ..node.class.clone()
        });
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

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn build(&self, node: &mut Node<Part>) {
        if let Some(limit) = node.class.expand {
            if let Some(whole) = self.expanded(node, limit) {
                *node = whole;
            }
            return;
        }
        let columns = Arc::clone(&node.class.columns);
        let program = layer::program(&self.layer(&columns), &node.class.class);
        node.program = Arc::new(program);
        self.restrict(node, &columns);
        node.put_off = false;
    }

    fn switches(&self) -> Switches {
        self.switches
    }
}
