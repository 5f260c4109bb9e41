//! Every mapping of the library's type of a tiny problem, and random problems for it.
//!
//! The mappings are told apart by nothing but the type itself: every set of nodes, every order,
//! every extent, every spread, slide and doubled buffer; the evaluation says which of them are valid.

pub mod generate;
pub mod random;

use deepmatrix::cost::evaluate;
use deepmatrix::problem::result::Cost;
use deepmatrix::problem::{
    ArrayMapping, Dim, Hardware, LoopNest, Mapping, Node, Overlap, PerDim, Role, Tiles,
};

/// One dimension: its factor on every axis of every array, and its extent at each node.
type Cut = (Vec<Vec<u64>>, Vec<u64>);

/// All mappings of a problem.
pub struct Mappings<'a> {
    pub nest: &'a LoopNest,
    pub hardware: &'a Hardware,
}

impl Mappings<'_> {
    fn dims(&self) -> Vec<Dim> {
        let all = Dim::ALL.into_iter();
        all.filter(|&d| self.nest.extents[d] > 1).collect()
    }

    /// All ways of keeping one operand: the levels of its nodes.
    fn kept(&self, role: Role) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for (level, memory) in self.hardware.memories().skip(1) {
            let with = |k: &Vec<usize>| [k.as_slice(), &[level]].concat();
            let kept: Vec<Vec<usize>> = all.iter().map(with).collect();
            all = match (memory.may_keep(role), memory.may_bypass(role)) {
                (false, _) => all,
                (true, false) => kept,
                (true, true) => [all, kept].concat(),
            };
        }
        all
    }

    /// All orders of nodes in which each operand's own stand from the outside in.
    pub fn orders(&self) -> Vec<Vec<Node>> {
        let mut all = Vec::new();
        for i in self.kept(Role::Input) {
            for w in self.kept(Role::Weight) {
                for o in self.kept(Role::Output) {
                    interleave([&i, &w, &o], &mut Vec::new(), &mut all);
                }
            }
        }
        all
    }

    /// All factors of a dimension on the axes.
    fn spreads(&self, d: Dim) -> Vec<Vec<Vec<u64>>> {
        let mut all = vec![Vec::new()];
        for (_, array) in self.hardware.arrays() {
            let mut own: Vec<Vec<u64>> = vec![Vec::new()];
            for axis in &array.axes {
                let most = if axis.dims.contains(d) {
                    axis.size.min(self.nest.extents[d])
                } else {
                    1
                };
                own = own
                    .iter()
                    .flat_map(|f| (1..=most).map(move |u| [f.as_slice(), &[u]].concat()))
                    .collect();
            }
            own.retain(|f| array.split_dims || f.iter().filter(|&&u| u > 1).count() <= 1);
            all = all
                .iter()
                .flat_map(|prefix| {
                    own.iter()
                        .map(move |f| [prefix.as_slice(), std::slice::from_ref(f)].concat())
                })
                .collect();
        }
        all
    }

    /// All cuts of a dimension for an order of nodes.
    fn cuts(&self, order: &[Node], d: Dim) -> Vec<Cut> {
        let mut found = Vec::new();
        for spread in self.spreads(d) {
            let above = |level: usize| -> u64 {
                let arrays = self.hardware.arrays().zip(&spread);
                let above = arrays.filter(|((l, _), _)| *l < level);
                above.flat_map(|(_, f)| f).product()
            };
            let mut extents = Vec::new();
            self.extents(order, d, &above, &mut Vec::new(), &mut extents);
            found.extend(extents.into_iter().map(|e| (spread.clone(), e)));
        }
        found
    }

    fn extents(
        &self,
        order: &[Node],
        d: Dim,
        above: &dyn Fn(usize) -> u64,
        chosen: &mut Vec<u64>,
        found: &mut Vec<Vec<u64>>,
    ) {
        let i = chosen.len();
        if i == order.len() {
            found.push(chosen.clone());
            return;
        }
        let node = order[i];
        let has = |n: &Node| self.nest.is_relevant(n.role, d);
        if !has(&node) {
            chosen.push(1);
            self.extents(order, d, above, chosen, found);
            chosen.pop();
            return;
        }
        let memory = self.hardware.memory(node.level).expect("a memory");
        let earlier = || (0..i).filter(|&j| has(&order[j]));
        let same = earlier()
            .filter(|&j| order[j].level == node.level)
            .map(|j| chosen[j])
            .min();
        // Array-wide tiles of outer memories that stand above, and of inner ones that stand above.
        let outer = earlier()
            .filter(|&j| order[j].level < node.level)
            .map(|j| chosen[j] * above(order[j].level))
            .fold(self.nest.extents[d], u64::min);
        let room = outer
            .div_ceil(above(node.level))
            .min(same.unwrap_or(u64::MAX));
        let extents = match (memory.tiles, same) {
            (Tiles::Shared, Some(same)) => same..=same,
            _ => 1..=room,
        };
        for extent in extents {
            chosen.push(extent);
            self.extents(order, d, above, chosen, found);
            chosen.pop();
        }
    }

    fn slides(&self) -> Vec<Vec<(usize, Dim)>> {
        let mut all = vec![Vec::new()];
        for (level, memory) in self.hardware.memories().skip(1) {
            if !memory.sliding_reuse {
                continue;
            }
            for (d, kernel) in LoopNest::WINDOW_DIMS {
                if self.nest.extents[d] > 1 && self.nest.extents[kernel] > 1 {
                    let other = |s: &&Vec<(usize, Dim)>| s.iter().all(|x| x.0 != level);
                    let with = |s: &Vec<_>| [s.as_slice(), &[(level, d)]].concat();
                    let more: Vec<_> = all.iter().filter(other).map(with).collect();
                    all.extend(more);
                }
            }
        }
        all
    }

    fn doubled(&self, order: &[Node]) -> Vec<Vec<Node>> {
        let chosen = |n: &&Node| {
            let memory = self.hardware.memory(n.level);
            memory.is_some_and(|m| m.overlap == Overlap::Choose)
        };
        let mut nodes: Vec<Node> = order.iter().filter(chosen).copied().collect();
        nodes.sort_unstable();
        nodes.into_iter().fold(vec![Vec::new()], |sets, node| {
            let with = |s: &Vec<Node>| [s.as_slice(), &[node]].concat();
            let more: Vec<Vec<Node>> = sets.iter().map(with).collect();
            [sets, more].concat()
        })
    }

    /// How many there are, invalid ones included, counted up to a limit.
    pub fn count(&self, limit: u128) -> u128 {
        let mut all = 0;
        for order in self.orders() {
            let cuts = self
                .dims()
                .into_iter()
                .map(|d| self.cuts(&order, d).len() as u128);
            let more = (self.slides().len() * self.doubled(&order).len()) as u128;
            all += cuts.product::<u128>() * more;
            if all > limit {
                break;
            }
        }
        all
    }

    /// The fewest cycles of any mapping.
    pub fn best(&self) -> Option<(u128, Mapping)> {
        let mut best: Option<(u128, Mapping)> = None;
        self.for_each(&mut |mapping, cost| {
            if best.as_ref().is_none_or(|k| cost.cycles < k.0) {
                best = Some((cost.cycles, mapping.clone()));
            }
        });
        best
    }

    /// All valid mappings with their costs.
    pub fn for_each(&self, with: &mut dyn FnMut(&Mapping, &Cost)) {
        let dims = self.dims();
        let slides = self.slides();
        for order in self.orders() {
            let cuts: Vec<Vec<Cut>> = dims.iter().map(|&d| self.cuts(&order, d)).collect();
            let doubled = self.doubled(&order);
            let mut mapping = Mapping {
                extents: vec![PerDim::all(1); order.len()],
                spatial: self
                    .hardware
                    .arrays()
                    .map(|(level, a)| ArrayMapping {
                        level,
                        axes: vec![PerDim::all(1); a.axes.len()],
                    })
                    .collect(),
                order,
                slides: Vec::new(),
                double_buffered: Vec::new(),
            };
            choose(&dims, &cuts, &mut mapping, &mut |m| {
                for s in &slides {
                    for b in &doubled {
                        m.slides.clone_from(s);
                        m.double_buffered.clone_from(b);
                        if let Ok(cost) = evaluate(self.nest, self.hardware, m) {
                            with(m, &cost);
                        }
                    }
                }
            });
        }
    }
}

/// Chooses a cut of every dimension.
fn choose(
    dims: &[Dim],
    cuts: &[Vec<Cut>],
    mapping: &mut Mapping,
    with: &mut dyn FnMut(&mut Mapping),
) {
    let Some((&d, rest)) = dims.split_first() else {
        with(mapping);
        return;
    };
    for (spread, extents) in &cuts[0] {
        for (node, &extent) in mapping.extents.iter_mut().zip(extents) {
            node[d] = extent;
        }
        for (array, factors) in mapping.spatial.iter_mut().zip(spread) {
            for (axis, &factor) in array.axes.iter_mut().zip(factors) {
                axis[d] = factor;
            }
        }
        choose(rest, &cuts[1..], mapping, with);
    }
}

/// All interleavings of three lists of levels.
fn interleave(left: [&[usize]; 3], prefix: &mut Vec<Node>, all: &mut Vec<Vec<Node>>) {
    if left.iter().all(|l| l.is_empty()) {
        all.push(prefix.clone());
    }
    for role in Role::ALL {
        if let Some((&level, rest)) = left[role as usize].split_first() {
            let mut next = left;
            next[role as usize] = rest;
            prefix.push(Node { level, role });
            interleave(next, prefix, all);
            prefix.pop();
        }
    }
}
