//! The nests of an operation, step by step from the outside in.

use deepmatrix::problem::{Dim, Hardware, LoopNest, PerDim, Role, Tiles};

use super::events::Spread;
use super::parse::{Item, Nest};

/// Every way to spread the dimensions, as lines of a nest.
pub fn all_spreads(operation: &LoopNest, hardware: &Hardware) -> Vec<Vec<Item>> {
    let mut all = vec![Vec::new()];
    for (level, array) in hardware.arrays() {
        for (axis, description) in array.axes.iter().enumerate() {
            let mut more = Vec::new();
            for before in &all {
                let free = |d: Dim| {
                    let taken = |item: &Item| {
                        matches!(item, Item::Parallel { level: l, factors, .. }
                            if *l == level && factors[d] > 1)
                    };
                    let reduced = !operation.is_relevant(Role::Output, d);
                    description.dims.contains(d)
                        && (description.reduce || !reduced)
                        && (array.split_dims || !before.iter().any(taken))
                };
                for factors in factors(operation, description.size, &free) {
                    let mut items: Vec<Item> = before.clone();
                    if factors != PerDim::all(1) {
                        items.push(Item::Parallel {
                            level,
                            axis,
                            factors,
                        });
                    }
                    more.push(items);
                }
            }
            all = more;
        }
    }
    all
}

/// The factors of all dimensions whose product is at most `size`.
fn factors(operation: &LoopNest, size: u64, free: &dyn Fn(Dim) -> bool) -> Vec<PerDim<u64>> {
    let mut all = vec![PerDim::all(1)];
    for d in Dim::ALL.into_iter().filter(|&d| free(d)) {
        for index in 0..all.len() {
            let used: u64 = all[index].0.iter().product();
            for factor in 2..=operation.extents[d].min(size / used) {
                let mut more = all[index];
                more[d] = factor;
                all.push(more);
            }
        }
    }
    all
}

/// A nest as far as it is built.
#[derive(Clone)]
pub struct State {
    /// Its lines.
    pub items: Vec<Item>,
    /// The tile of the whole array.
    tile: PerDim<u64>,
    /// Dimensions with a loop since the last node.
    looped: PerDim<bool>,
    /// The nodes still to come of each operand, outermost first.
    nodes: [Vec<usize>; 3],
}

impl State {
    /// Whether all nodes stand.
    pub fn has_all_nodes(&self) -> bool {
        self.nodes.iter().all(Vec::is_empty)
    }

    fn cut(&mut self, d: Dim, step: u64) {
        self.items.push(Item::Loop {
            dim: d,
            extent: self.tile[d],
            step,
        });
        self.tile[d] = step;
        self.looped[d] = true;
    }

    /// Nothing yet.
    pub fn new(operation: &LoopNest, hardware: &Hardware) -> Self {
        let nodes = |role: Role| {
            let held = hardware
                .memories()
                .skip(1)
                .filter(|(_, m)| m.may_keep(role));
            held.map(|(level, _)| level).collect()
        };
        Self {
            items: Vec::new(),
            tile: operation.extents,
            looped: PerDim::all(false),
            nodes: Role::ALL.map(nodes),
        }
    }

    /// Whether a node deeper than one still to come keeps an operand with this dimension.
    fn is_held_fast(&self, operation: &LoopNest, d: Dim) -> bool {
        let outermost = self.nodes.iter().flatten().min();
        self.items.iter().any(|item| match item {
            Item::Keep { level, role, .. } => {
                outermost.is_some_and(|o| o < level) && operation.is_relevant(*role, d)
            }
            _ => false,
        })
    }
}

/// All nests with one spread.
pub struct Space<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The accelerator.
    pub hardware: &'a Hardware,
    /// What is spread, as lines.
    pub parallel: Vec<Item>,
    /// The same dimension by dimension.
    pub spreads: Vec<Spread>,
}

impl Space<'_> {
    /// The nests with one more node, then those with one more loop.
    pub fn next(&self, state: &State) -> Vec<State> {
        let nodes = Role::ALL
            .into_iter()
            .filter_map(|role| self.with_node(state, role));
        let mut all: Vec<State> = nodes.collect();
        for d in Dim::ALL {
            if state.looped[d] || state.is_held_fast(self.operation, d) {
                continue;
            }
            let share = self.share(state, d);
            let least = self.least_step(d);
            for step in (least..state.tile[d])
                .rev()
                .filter(|step| step % share == 0)
            {
                let mut next = state.clone();
                next.cut(d, step);
                all.push(next);
            }
        }
        all
    }

    /// With all nodes: one loop for each dimension down to the array's step, then the array.
    pub fn completed(&self, state: &State) -> Nest {
        let mut state = state.clone();
        for d in Dim::ALL {
            let all = self.spreads.iter().filter(|s| s.dim == d).map(|s| s.factor);
            let step = all.product();
            if step < state.tile[d] {
                state.cut(d, step);
            }
        }
        let mut items = state.items;
        for spread in &self.parallel {
            let Item::Parallel { level: array, .. } = spread else {
                continue;
            };
            let below = |item: &Item| matches!(item, Item::Keep { level, .. } if level > array);
            let place = items.iter().position(below).unwrap_or(items.len());
            items.insert(place, spread.clone());
        }
        Nest { items }
    }

    /// The nest with the next node of an operand, if there is one that the memory allows.
    fn with_node(&self, state: &State, role: Role) -> Option<State> {
        let mut next = state.clone();
        let level =
            (!next.nodes[role as usize].is_empty()).then(|| next.nodes[role as usize].remove(0))?;
        let tile = self.element(state, level, role);
        next.looped = PerDim::all(false);
        next.items.push(Item::Keep {
            level,
            role,
            tile,
            slide: self.slide(state, role),
        });
        (!self.disagrees(state, level, role, &tile)).then_some(next)
    }

    /// The smallest tile worth dealing out: a smaller one is that of a smaller spread.
    fn least_step(&self, d: Dim) -> u64 {
        let mut spreads = self.spreads.iter().filter(|s| s.dim == d);
        match (spreads.next(), spreads.next()) {
            (Some(only), None) => only.factor,
            _ => 1,
        }
    }

    /// The elements over which a dimension is dealt out so far.
    fn share(&self, state: &State, d: Dim) -> u64 {
        let dealt = |spread: &&Spread| {
            let below = |item: &Item| {
                matches!(item, Item::Keep { level, role, .. }
                    if *level > spread.level && self.operation.is_relevant(*role, d))
            };
            spread.dim == d && state.items.iter().any(below)
        };
        self.spreads
            .iter()
            .filter(dealt)
            .map(|s| s.factor)
            .product()
    }

    /// The innermost relevant loop above, if windows move along it.
    fn slide(&self, state: &State, role: Role) -> Option<Dim> {
        let loops = state.items.iter().rev().filter_map(|item| match item {
            Item::Loop { dim, .. } => Some(*dim),
            _ => None,
        });
        let mut relevant = loops.filter(|&d| self.operation.is_relevant(role, d));
        let last = relevant.next()?;
        let (output, tap) = LoopNest::WINDOW_DIMS[LoopNest::window_of(last)?];
        (last == output && self.operation.is_relevant(role, tap)).then_some(last)
    }

    /// The tile of an element at the last node, 1 where the operand has no such dimension.
    fn element(&self, state: &State, level: usize, role: Role) -> PerDim<u64> {
        let mut tile = PerDim::all(1);
        for d in Dim::ALL {
            if self.operation.is_relevant(role, d) {
                let above = self
                    .spreads
                    .iter()
                    .filter(|s| s.level < level && s.dim == d);
                tile[d] = state.tile[d].div_ceil(above.map(|s| s.factor).product());
            }
        }
        tile
    }

    /// Whether another node of a memory with one box for all has another extent.
    fn disagrees(&self, state: &State, level: usize, role: Role, tile: &PerDim<u64>) -> bool {
        let memory = self.hardware.memory(level);
        let shared = memory.is_some_and(|m| m.tiles == Tiles::Shared);
        shared
            && state.items.iter().any(|item| match item {
                Item::Keep {
                    level: l,
                    role: r,
                    tile: other,
                    ..
                } if *l == level => {
                    let common = |d: &Dim| {
                        self.operation.is_relevant(role, *d) && self.operation.is_relevant(*r, *d)
                    };
                    Dim::ALL
                        .into_iter()
                        .filter(common)
                        .any(|d| tile[d] != other[d])
                }
                _ => false,
            })
    }
}
