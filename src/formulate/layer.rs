//! The layer program of a class: rows over the logarithms of what columns determine.
//!
//! `formulations/layer.md` states the program; each function here cites its rows.

use crate::milp::{ArgumentKey, Concave, Group, Limit, Program, Row, Term, Values};
use crate::problem::goal::{Goal, Measure};
use crate::problem::{Bandwidth, Dim, Hardware, LoopNest, Memory, Node, Ports, Role, Window};

use super::added::{Side, combinations};
use super::class::{Buffering, Class, Slide};
use super::columns::{Attribute, ColumnGroup, RowSum};
use super::parts::Part;
use super::slots::SlotMap;
use super::windows::is_irregular;

/// Everything that a program is built from.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// The columns.
    pub columns: &'a [ColumnGroup],
    /// A bound in cycles that holds for every mapping.
    pub lower_bound: u128,
    /// What is minimised under which limits.
    pub goal: &'a Goal,
    /// The energy in pJ that no mapping is below, more than 0: energies count in it.
    pub energy_unit: f64,
}

/// A term before its values are looked up.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) bits: f64,
    pub(super) attributes: Vec<Attribute>,
    pub(super) concave: Option<(usize, f64, f64)>,
}

/// Builds the program of a class.
#[must_use]
pub fn program(layer: &Layer<'_>, class: &Class) -> Program {
    rows(layer, class).finish()
}

/// What the terms and arguments of a class's program are made of, in the program's order.
#[derive(Debug)]
pub struct Outline {
    /// For every term the attributes whose product it is.
    pub terms: Vec<Vec<Attribute>>,
    /// The same for every argument.
    pub arguments: Vec<Vec<Attribute>>,
}

/// The outline of a class's program.
#[must_use]
pub fn outline(layer: &Layer<'_>, class: &Class) -> Outline {
    let builder = rows(layer, class);
    let terms = builder.recipes.into_iter().map(|own| own.attributes);
    Outline {
        terms: terms.collect(),
        arguments: builder.arguments,
    }
}

/// All rows of a class, without the values of columns.
fn rows<'a>(layer: &'a Layer<'a>, class: &'a Class) -> Builder<'a> {
    let mut builder = Builder {
        layer,
        slots: SlotMap::new(layer.operation, layer.hardware, class),
        class,
        recipes: Vec::new(),
        arguments: Vec::new(),
        argument_of: Vec::new(),
        fractional: Vec::new(),
        cycle_rows: Vec::new(),
        rows: Vec::new(),
        added: Vec::new(),
    };
    builder.added();
    builder.compute();
    builder.ports();
    builder.goal();
    builder.capacities();
    builder.axes();
    builder.couplings();
    builder.kept_tiles();
    builder
}

/// Limits are looser than the numbers they stand for by more than sums are rounded; the exact
/// evaluation has the last word.
const SLACK: f64 = 1e-9;

/// The objective itself.
const CYCLES: Limit = Limit::Objective {
    part: 0,
    constant: 0.0,
};

pub(super) struct Builder<'a> {
    pub(super) layer: &'a Layer<'a>,
    pub(super) slots: SlotMap<'a>,
    pub(super) class: &'a Class,
    pub(super) recipes: Vec<Recipe>,
    pub(super) arguments: Vec<Vec<Attribute>>,
    /// Arguments that are logarithms of fractions.
    pub(super) fractional: Vec<usize>,
    /// Name, terms and constant of every row that bounds the cycles.
    cycle_rows: Vec<(String, Vec<usize>, f64)>,
    argument_of: Vec<(Node, usize)>,
    rows: Vec<Row>,
    /// Combinations of the sides on which transfers that are not overlapped may take their time,
    /// each with its terms in cycles.
    added: Vec<Vec<Recipe>>,
}

/// Which way bits cross a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Towards the array.
    Inward,
    /// Away from it.
    Outward,
    /// In either direction.
    Both,
}

impl Builder<'_> {
    pub(super) fn dims(&self) -> impl Iterator<Item = Dim> + use<> {
        let extents = self.layer.operation.extents;
        Dim::ALL.into_iter().filter(move |&d| extents[d] > 1)
    }

    fn row(&mut self, name: String, terms: Vec<usize>, limit: Limit) {
        self.rows.push(Row { name, terms, limit });
    }

    pub(super) fn term(&mut self, bits: f64, attributes: Vec<Attribute>) -> usize {
        self.recipes.push(Recipe {
            bits,
            attributes,
            concave: None,
        });
        self.recipes.len() - 1
    }

    /// A row that bounds the cycles with what is added to them: one for every combination of the
    /// sides that may take longest. `scale` bits or steps take one cycle.
    fn cycles(&mut self, name: &str, terms: &[usize], scale: f64) {
        for (number, added) in self.added.clone().into_iter().enumerate() {
            let suffix = if number > 0 {
                format!("_side{number}")
            } else {
                String::new()
            };
            let mut terms = terms.to_vec();
            for mut recipe in added {
                recipe.bits *= scale;
                self.recipes.push(recipe);
                terms.push(self.recipes.len() - 1);
            }
            self.cycle_rows
                .push((format!("{name}{suffix}"), terms, scale.ln()));
        }
    }

    /// What the operands with a single buffer add to the cycles.
    fn added(&mut self) {
        let mut choices = Vec::new();
        let memories: Vec<(usize, &Memory)> = self.layer.hardware.memories().skip(1).collect();
        for (level, memory) in memories {
            for role in Role::ALL {
                let node = Node { level, role };
                let single = match memory.overlap {
                    crate::problem::Overlap::None => {
                        self.class.keeps(self.layer.hardware, node) == Some(true)
                    }
                    crate::problem::Overlap::Choose => {
                        self.class.buffering_of(node) == Some(Buffering::Single)
                    }
                    _ => false,
                };
                if single {
                    choices.push(self.sides(node));
                }
            }
        }
        self.added = combinations(&choices)
            .into_iter()
            .map(|sides| {
                sides
                    .iter()
                    .flat_map(|side| self.time(side))
                    .collect::<Vec<Recipe>>()
            })
            .collect();
    }

    /// The sides of a transfer that take time: its parent's port and its own.
    fn sides(&self, node: Node) -> Vec<Side> {
        let hardware = self.layer.hardware;
        let parent = self.slots.parent_level(node);
        let ports = |level: usize| hardware.memory(level).map(|m| m.ports);
        let outer = ports(parent).and_then(|p| Side::outer(node, parent, p));
        let own = ports(node.level).and_then(|p| Side::own(node, p));
        let array = hardware
            .arrays()
            .any(|(level, _)| (parent..node.level).contains(&level));
        match (outer, own) {
            // The same bits cross both ports: the slower one counts.
            (Some(outer), Some(own)) if !array => outer.slower(own),
            (outer, own) => outer.into_iter().chain(own).collect(),
        }
    }

    /// The terms of one side, in cycles.
    fn time(&mut self, side: &Side) -> Vec<Recipe> {
        let mut found = Vec::new();
        for &(way, bytes) in &side.ways {
            if let Some(index) = self.exchange(side.node, side.port, way) {
                let mut recipe = self.recipes[index].clone();
                self.recipes.truncate(index);
                recipe.bits /= 8.0 * bytes;
                found.push(recipe);
            }
        }
        found
    }

    /// [LAY5] `z ≥ Σ_d log steps`, and [LAY6] z ≥ log of the bound that holds for every mapping.
    fn compute(&mut self) {
        let steps = self.dims().map(Attribute::Steps).collect();
        let term = self.term(1.0, steps);
        self.cycles("LAY5_compute", &[term], 1.0);
        let bound = self.term(to_f64(self.layer.lower_bound.max(1)), Vec::new());
        self.cycle_rows
            .push(("LAY6_any_mapping".into(), vec![bound], 0.0));
    }

    /// [LAY7] z ≥ log Σ traffic − log bandwidth, for every port.
    fn ports(&mut self) {
        let memories: Vec<(usize, &Memory)> = self.layer.hardware.memories().collect();
        for &(level, memory) in &memories {
            match memory.ports {
                Ports::Shared(limit) => self.port(level, &memory.name, Way::Both, limit),
                Ports::Separate { read, write } => {
                    // Inward transfers of inner nodes and outward ones of its own are reads.
                    self.port(level, &format!("{}_read", memory.name), Way::Inward, read);
                    self.port(
                        level,
                        &format!("{}_write", memory.name),
                        Way::Outward,
                        write,
                    );
                }
            }
        }
    }

    /// What is minimised, and what is limited: the rows of cycles, of the outermost traffic
    /// LAY13 and of energy LAY12.
    fn goal(&mut self) {
        let goal = self.layer.goal;
        let rows = self.cycle_rows.clone();
        let minimised = matches!(goal.minimise, Measure::Cycles | Measure::EnergyDelay);
        for (name, terms, constant) in &rows {
            let limit = match goal.limit(Measure::Cycles) {
                Some(most) => Some(Limit::Constant(most.ln() + constant + SLACK)),
                None => minimised.then_some(Limit::Objective {
                    part: 0,
                    constant: *constant,
                }),
            };
            if let Some(limit) = limit {
                self.row(name.clone(), terms.clone(), limit);
            }
            if minimised && goal.limit(Measure::Cycles).is_some() {
                let limit = Limit::Objective {
                    part: 0,
                    constant: *constant,
                };
                self.row(name.clone(), terms.clone(), limit);
            }
        }
        self.traffic();
        if goal.has_energy() {
            self.energy(&rows);
        }
    }

    /// LAY13 the bits through the outermost memory's ports, minimised or limited.
    fn traffic(&mut self) {
        let goal = self.layer.goal;
        let limit = match (goal.minimise, goal.limit(Measure::Traffic)) {
            (Measure::Traffic, _) => CYCLES,
            (_, Some(most)) => Limit::Constant(most.ln() + SLACK),
            _ => return,
        };
        let children = Role::ALL.map(|role| self.slots.child(0, role));
        let terms: Vec<usize> = children
            .into_iter()
            .flatten()
            .filter_map(|child| self.exchange(child.node, 0, Way::Both))
            .collect();
        self.row("LAY13_traffic".into(), terms, limit);
    }

    /// LAY12 the energy, minimised or limited: all transfers and multiply-accumulates, and
    /// with idle power one row for each that bounds the cycles.
    fn energy(&mut self, cycle_rows: &[(String, Vec<usize>, f64)]) {
        let goal = self.layer.goal;
        let unit = self.layer.energy_unit.ln();
        let mut limits = Vec::new();
        if goal.minimise.has_energy() {
            let part = usize::from(goal.minimise == Measure::EnergyDelay);
            limits.push(Limit::Objective {
                part,
                constant: unit,
            });
            let least = self.term(self.layer.energy_unit, Vec::new());
            let limit = limits[0];
            self.row("LAY6_any_energy".into(), vec![least], limit);
        }
        if let Some(most) = goal.limit(Measure::Energy) {
            limits.push(Limit::Constant(most.ln() + SLACK));
        }
        let dynamic = self.dynamic_energy();
        let idle = self.layer.hardware.static_pj_per_cycle.unwrap_or(0.0);
        let mut rows = vec![("LAY12_energy".to_owned(), dynamic.clone())];
        if idle > 0.0 {
            rows.clear();
            for (name, terms, constant) in cycle_rows {
                let mut own = dynamic.clone();
                for &term in terms {
                    let mut copy = self.recipes[term].clone();
                    copy.bits *= idle / constant.exp();
                    self.recipes.push(copy);
                    own.push(self.recipes.len() - 1);
                }
                rows.push((name.replacen("LAY", "LAY12_energy_", 1), own));
            }
        }
        for (name, terms) in rows.into_iter().filter(|r| !r.1.is_empty()) {
            for &limit in &limits {
                self.row(name.clone(), terms.clone(), limit);
            }
        }
    }

    /// One port: `way` is the direction in which inner nodes use it; its own nodes use it the other way.
    fn port(&mut self, level: usize, name: &str, way: Way, limit: Option<Bandwidth>) {
        let Some(limit) = limit else { return };
        let opposite = match way {
            Way::Inward => Way::Outward,
            Way::Outward => Way::Inward,
            Way::Both => Way::Both,
        };
        let mut terms = Vec::new();
        for role in Role::ALL {
            let node = Node { level, role };
            if self.class.keeps(self.layer.hardware, node) != Some(true) {
                continue;
            }
            if let Some(child) = self.slots.child(level, role) {
                terms.extend(self.exchange(child.node, level, way));
            }
            if level > 0 {
                terms.extend(self.exchange(node, level, opposite));
            }
        }
        terms.extend(self.compute_accesses(level, way));
        if !terms.is_empty() {
            let bytes = 8.0 * limit.bytes_per_cycle();
            self.cycles(&format!("LAY7_{name}"), &terms, bytes);
        }
    }

    /// The innermost memory below an array: each step reads an input, a weight and a partial sum and writes one.
    fn compute_accesses(&mut self, level: usize, way: Way) -> Option<usize> {
        let hardware = self.layer.hardware;
        if !hardware.has_memory_below_arrays() || level + 1 != hardware.levels.len() {
            return None;
        }
        let p = self.layer.operation.precision;
        let kept = |role| self.class.keeps(hardware, Node { level, role }) == Some(true);
        let bits = |role| if kept(role) { p.working(role) } else { 0 };
        let (read, write) = (Role::ALL.map(bits).iter().sum::<u32>(), bits(Role::Output));
        let bits = match way {
            Way::Inward => read,
            Way::Outward => write,
            Way::Both => read + write,
        };
        if bits == 0 {
            return None;
        }
        let steps = self.dims().map(Attribute::Steps).collect();
        Some(self.term(f64::from(bits), steps))
    }

    /// Whether nothing is known of what the port of the memory at `port` sees of a node: rows of
    /// element 0 alone may be fewer in larger tiles, so the tile must be known.
    fn is_hidden(&self, node: Node, port: usize) -> bool {
        let below_array = self.layer.hardware.arrays().any(|(l, _)| l < port);
        let known =
            self.slots.is_placed(node) && self.class.keeps(self.layer.hardware, node).is_some();
        node.role == Role::Input
            && node.level < self.layer.hardware.levels.len()
            && below_array
            && !known
    }

    /// The bits that cross a node in one direction, as the port of the memory at `port` sees them.
    fn exchange(&mut self, node: Node, port: usize, way: Way) -> Option<usize> {
        if self.is_hidden(node, port) {
            return None;
        }
        let p = self.layer.operation.precision;
        let mut volume = self.volume(node, port);
        if node.role != Role::Output {
            if way == Way::Outward {
                return None;
            }
            volume.attributes.extend(self.visits(node));
            let bits = volume.bits * f64::from(p.working(node.role));
            return Some(self.term(bits, volume.attributes));
        }
        // v visits: v − 1 partial reads, v − 1 partial writes and the finished value.
        let (accumulator, output) = (f64::from(p.accumulator), f64::from(p.output));
        let (slope, offset) = match way {
            Way::Inward => (accumulator, accumulator),
            Way::Outward => (accumulator, accumulator - output),
            Way::Both => (2.0 * accumulator, 2.0 * accumulator - output),
        };
        let argument = self.argument(node);
        volume.concave = Some((argument, slope, offset));
        self.recipes.push(volume);
        Some(self.recipes.len() - 1)
    }

    /// The number of the argument `log v` of an output node.
    pub(super) fn argument(&mut self, node: Node) -> usize {
        if let Some(known) = self.argument_of.iter().find(|a| a.0 == node) {
            return known.1;
        }
        self.arguments.push(self.visits(node));
        self.argument_of.push((node, self.arguments.len() - 1));
        self.arguments.len() - 1
    }

    /// Visits along irrelevant dimensions: the tiles of the nearest node above, and all steps at
    /// the compute level.
    pub(super) fn visits(&self, node: Node) -> Vec<Attribute> {
        let compute = node.level == self.layer.hardware.levels.len();
        self.dims()
            .filter(|&d| !self.layer.operation.is_relevant(node.role, d))
            .filter_map(|d| {
                if compute {
                    return Some(Attribute::Steps(d));
                }
                self.slots
                    .above(node, d)
                    .map(|slot| Attribute::Count(d, slot))
            })
            .collect()
    }

    /// The elements of an operand summed over its tiles.
    fn volume(&self, node: Node, port: usize) -> Recipe {
        let operation = self.layer.operation;
        let spread = self.layer.hardware.arrays().any(|(l, _)| l < port);
        let mut recipe = Recipe {
            bits: 1.0,
            attributes: Vec::new(),
            concave: None,
        };
        for d in operation.relevant[node.role as usize].iter() {
            if node.role == Role::Input && LoopNest::window_of(d).is_some() {
                continue;
            }
            match self.slots.own(node, d) {
                Some(slot) if spread && operation.extents[d] > 1 => {
                    recipe.attributes.push(Attribute::Share(d, slot, port));
                }
                _ => recipe.bits *= to_f64(operation.extents[d].into()),
            }
        }
        if node.role == Role::Input {
            for axis in 0..Window::COUNT {
                recipe.attributes.extend(self.row_sum(node, axis, port));
            }
        }
        recipe
    }

    /// The rows of a window axis over all tiles, or over the walks along which the memory slides.
    pub(super) fn row_sum(&self, node: Node, axis: usize, port: usize) -> Option<Attribute> {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let (output, kernel) = (self.slots.own(node, p)?, self.slots.own(node, r)?);
        let walk = self
            .slides(node, p)
            .then(|| self.slots.above(node, p).map_or(0, |slot| slot + 1));
        let parent = self.slots.nearest_parent_level(node);
        Some(Attribute::Sum(RowSum {
            axis,
            output,
            kernel,
            walk,
            between: (node.level, parent),
            ordered: self.class.is_ordered(self.layer.hardware),
            port,
            elements: false,
        }))
    }

    /// Whether a node slides along a dimension, or a node further in that may stand for it does.
    fn slides(&self, node: Node, p: Dim) -> bool {
        let compute = self.layer.hardware.levels.len();
        if node.level == compute {
            return false;
        }
        let open = self.class.keeps(self.layer.hardware, node).is_none();
        self.class
            .slides
            .iter()
            .filter(|s| s.0 == node.level || (open && s.0 > node.level))
            .any(|s| match s.1 {
                Slide::Open => true,
                Slide::Along(d) => d == p || open,
                Slide::Nothing => false,
            })
    }

    /// [LAY8] log Σ footprint ≤ log capacity, for every bounded memory.
    fn capacities(&mut self) {
        let memories: Vec<(usize, &Memory)> = self.layer.hardware.memories().skip(1).collect();
        for &(level, memory) in &memories {
            let Some(capacity) = memory.capacity else {
                continue;
            };
            let kept = |role: &Role| {
                let node = Node { level, role: *role };
                self.class.keeps(self.layer.hardware, node) == Some(true)
            };
            let roles: Vec<Role> = Role::ALL.into_iter().filter(kept).collect();
            let terms: Vec<usize> = roles
                .into_iter()
                .map(|role| self.footprint(Node { level, role }))
                .collect();
            if terms.is_empty() {
                continue;
            }
            let bits = to_f64(capacity.bits().0).ln();
            self.row(
                format!("LAY8_{}", memory.name),
                terms,
                Limit::Constant(bits),
            );
        }
    }

    /// The space of a tile at its node, twice where the class loads more than one.
    fn footprint(&mut self, node: Node) -> usize {
        let operation = self.layer.operation;
        let in_tiles = self.class.buffering_of(node) == Some(Buffering::Double);
        let mut bits = f64::from(operation.precision.working(node.role));
        if in_tiles {
            bits *= 2.0;
        }
        let mut attributes = Vec::new();
        for d in self.dims().filter(|&d| operation.is_relevant(node.role, d)) {
            match LoopNest::window_of(d).filter(|_| node.role == Role::Input) {
                None => attributes.extend(
                    self.slots
                        .smallest(node, d)
                        .map(|slot| Attribute::Extent(d, slot)),
                ),
                Some(axis) => {
                    let (p, r) = LoopNest::WINDOW_DIMS[axis];
                    if let (Some(output), Some(kernel)) =
                        (self.slots.smallest(node, p), self.slots.smallest(node, r))
                    {
                        let rows = Attribute::Rows(axis, output, kernel);
                        if !attributes.contains(&rows) {
                            attributes.push(rows);
                        }
                    }
                }
            }
        }
        self.term(bits, attributes)
    }

    /// [LAY9] `Σ_d log factor ≤ log size`, for every axis.
    fn axes(&mut self) {
        let arrays: Vec<_> = self.layer.hardware.arrays().collect();
        for (level, array) in arrays {
            for (i, axis) in array.axes.iter().enumerate() {
                let factors: Vec<Attribute> = self
                    .dims()
                    .filter(|&d| axis.dims.contains(d))
                    .map(|d| Attribute::Spread(d, level, i))
                    .collect();
                if factors.len() > 1 {
                    let term = self.term(1.0, factors);
                    let size = to_f64(axis.size.into()).ln();
                    // Products of integers: half a unit in the last place of slack.
                    self.row(
                        format!("LAY9_{}_{}", array.name, axis.name),
                        vec![term],
                        Limit::Constant(size + 1e-9),
                    );
                }
            }
        }
    }

    /// [LAY10] log need(inner part) ≤ log room(outer part), for every dimension in two parts.
    fn couplings(&mut self) {
        let split = self.layer.columns.iter().filter(|g| g.part == Part::Outer);
        for d in split
            .flat_map(|g| g.dims.clone())
            .filter(|&d| self.layer.operation.extents[d] > 1)
            .collect::<Vec<_>>()
        {
            let term = self.term(1.0, vec![Attribute::Need(d), Attribute::Room(d)]);
            self.row(format!("LAY10_{d}"), vec![term], Limit::Constant(1e-9));
        }
    }

    /// [LAY10] log extent(outer part) ≤ log extent(inner part) at slots between which the class
    /// has no loop, for every dimension in two parts.
    fn kept_tiles(&mut self) {
        for (d, outer, inner) in split_pins(&self.slots, self.layer.columns) {
            let attributes = vec![Attribute::Extent(d, outer), Attribute::PerWide(d, inner)];
            let term = self.term(1.0, attributes);
            let name = format!("LAY10_{d}_{outer}");
            self.row(name, vec![term], Limit::Constant(1e-9));
        }
    }

    /// Looks up the values of all terms in every group.
    fn finish(self) -> Program {
        let groups = self
            .layer
            .columns
            .iter()
            .map(|group| Group {
                columns: group.columns.len(),
                terms: self
                    .recipes
                    .iter()
                    .map(|r| values(group, &r.attributes))
                    .collect(),
                arguments: self.arguments.iter().map(|a| values(group, a)).collect(),
            })
            .collect();
        let terms = self
            .recipes
            .iter()
            .map(|r| Term {
                constant: r.bits.ln(),
                concave: r.concave.map(|(argument, slope, offset)| Concave {
                    argument,
                    slope,
                    offset,
                }),
            })
            .collect();
        Program {
            groups,
            terms,
            rows: self.rows,
            arguments: self.arguments.len(),
            keys: self.arguments.iter().map(|own| key(own)).collect(),
            fractional: (0..self.arguments.len())
                .map(|a| self.fractional.contains(&a))
                .collect(),
        }
    }
}

/// Slots of dimensions in two parts between which the class has no loop, one in each part: an
/// extent of the outer part then is no larger than the inner part's tile over all elements.
#[must_use]
pub fn split_pins(slots: &SlotMap<'_>, columns: &[ColumnGroup]) -> Vec<(Dim, usize, usize)> {
    let outer_parts = columns.iter().filter(|g| g.part == Part::Outer);
    outer_parts
        .flat_map(|group| group.dims.iter().zip(&group.outer))
        .flat_map(|(&d, &outer)| {
            let pins = slots.pinned(d).into_iter();
            pins.filter(move |&(a, b)| a < outer && b >= outer)
                .map(move |(a, b)| (d, a, b))
        })
        .collect()
}

/// The dimensions in two parts that have no loop between the last slot above the first array
/// and the next one, and few chains for it: where a window's rows depend on where its tiles lie,
/// there are many.
#[must_use]
pub fn kept_dims(operation: &LoopNest, slots: &SlotMap<'_>, columns: &[ColumnGroup]) -> Vec<Dim> {
    let pins = split_pins(slots, columns);
    let is_kept = |d: Dim, outer: usize| pins.iter().any(|p| p.0 == d && p.1 + 1 == outer);
    columns
        .iter()
        .filter(|group| group.part == Part::Outer && is_kept(group.dims[0], group.outer[0]))
        .filter(|group| {
            !LoopNest::window_of(group.dims[0]).is_some_and(|axis| is_irregular(operation, axis))
        })
        .flat_map(|group| group.dims.iter().zip(&group.outer))
        .filter(|&(&d, &outer)| is_kept(d, outer))
        .map(|(&d, _)| d)
        .collect()
}

/// An argument is the product of its attributes, in whatever order a class names them.
fn key(attributes: &[Attribute]) -> ArgumentKey {
    let mut all: Vec<String> = attributes.iter().map(|own| format!("{own:?}")).collect();
    all.sort_unstable();
    ArgumentKey::new(&all.join(" "))
}

/// The sum of the attributes that belong to a group, one value per column.
fn values(group: &ColumnGroup, attributes: &[Attribute]) -> Values {
    let own: Vec<Attribute> = attributes
        .iter()
        .copied()
        .filter(|a| group.has(*a))
        .collect();
    if own.is_empty() { None } else { group.sum(own) }
}

#[expect(clippy::cast_precision_loss, reason = "the bound is rounded outwards")]
pub(super) fn to_f64(value: u128) -> f64 {
    value as f64
}
