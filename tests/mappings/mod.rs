//! All mappings of the library's type for a problem.

use deepmatrix::problem::{
    Array, ArrayMapping, Dim, Hardware, LoopNest, Mapping, Memory, Node, PerDim, Role, Tiles,
};

use crate::exhaustive::{Case, TileChoice};

/// One dimension: the axis and the elements it is spread over, and its extent at each node.
pub type Cut = ((usize, u64), Vec<u64>);

/// All mappings of a problem.
pub struct Mappings<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
    active: Vec<Dim>,
    choice: TileChoice,
}

impl<'a> Mappings<'a> {
    pub fn new(case: &'a Case, choice: TileChoice) -> Self {
        let nest = &case.nest;
        Self {
            nest,
            hardware: &case.hardware,
            active: Dim::ALL
                .into_iter()
                .filter(|&d| nest.extents[d] > 1)
                .collect(),
            choice,
        }
    }

    fn array(&self) -> Option<(usize, &Array)> {
        self.hardware.arrays().next()
    }

    /// All orders of the nodes in which each operand's own stand from the outside in.
    fn orders(&self) -> Vec<Vec<Node>> {
        let levels: Vec<usize> = self.hardware.memories().skip(1).map(|m| m.0).collect();
        let mut orders = vec![Vec::<Node>::new()];
        for _ in 0..3 * levels.len() {
            let longer = |order: &Vec<Node>| -> Vec<Vec<Node>> {
                let next = |role: Role| {
                    let placed = order.iter().filter(|n| n.role == role).count();
                    let node = levels.get(placed).map(|&level| Node { level, role });
                    node.map(|n| [order.as_slice(), &[n]].concat())
                };
                Role::ALL.into_iter().filter_map(next).collect()
            };
            orders = orders.iter().flat_map(longer).collect();
        }
        orders
    }

    /// All cuts of a dimension, with extents 1 where it is irrelevant.
    fn cuts(&self, order: &[Node], d: Dim) -> Vec<Cut> {
        let mut spreads = vec![(0, 1)];
        if let Some((_, array)) = self.array() {
            for (i, axis) in array.axes.iter().enumerate() {
                if axis.dims.contains(d) {
                    spreads.extend((2..=axis.size.min(self.nest.extents[d])).map(|u| (i, u)));
                }
            }
        }
        let extend = |spread: (usize, u64)| {
            let mut found = Vec::new();
            self.extents(order, d, spread.1, &mut Vec::new(), &mut found);
            found.into_iter().map(move |e| (spread, e))
        };
        spreads.into_iter().flat_map(extend).collect()
    }

    /// Extents of the nodes from `chosen.len()` on.
    fn extents(
        &self,
        order: &[Node],
        d: Dim,
        elements: u64,
        chosen: &mut Vec<u64>,
        found: &mut Vec<Vec<u64>>,
    ) {
        let i = chosen.len();
        if i == order.len() {
            if self.is_nested(order, d, elements, chosen) {
                found.push(chosen.clone());
            }
            return;
        }
        let node = order[i];
        let earlier = |j: &usize| order[*j].level == node.level && self.has(order[*j], d);
        let outer = (0..i).filter(earlier).map(|j| chosen[j]).min();
        let spread = if self.is_inner(node) { elements } else { 1 };
        let room = outer.unwrap_or_else(|| self.nest.extents[d].div_ceil(spread));
        let shared = self
            .hardware
            .memory(node.level)
            .is_some_and(|m| m.tiles == Tiles::Shared);
        let extents = match (self.has(node, d), shared, outer) {
            (false, _, _) => 1..=1,
            (true, true, Some(same)) => same..=same,
            _ => 1..=room,
        };
        for extent in extents {
            chosen.push(extent);
            self.extents(order, d, elements, chosen, found);
            chosen.pop();
        }
    }

    fn has(&self, node: Node, d: Dim) -> bool {
        self.nest.is_relevant(node.role, d)
    }

    /// Whether a node's memory lies below the array.
    fn is_inner(&self, node: Node) -> bool {
        self.array().is_some_and(|(level, _)| node.level > level)
    }

    /// Whether tiles below the array lie within those above, in the right order, and divide them
    /// if they must.
    fn is_nested(&self, order: &[Node], d: Dim, elements: u64, extents: &[u64]) -> bool {
        let nodes = || order.iter().zip(extents).filter(|n| self.has(*n.0, d));
        let outer = || nodes().filter(|n| !self.is_inner(*n.0)).map(|n| *n.1);
        let current = outer().min().unwrap_or(self.nest.extents[d]);
        let inner = nodes().find(|n| self.is_inner(*n.0)).map(|n| *n.1);
        if inner.is_some_and(|r| r > current.div_ceil(elements)) {
            return false;
        }
        let wide = inner.map_or(current, |r| current.min(r * elements));
        let mut kept = false;
        for (&node, &extent) in nodes() {
            kept |= self.is_inner(node);
            if kept && !self.is_inner(node) && extent != wide {
                return false;
            }
        }
        self.choice == TileChoice::All || {
            let step = inner.unwrap_or(1) * elements;
            let mut chain = vec![self.nest.extents[d]];
            chain.extend(outer());
            chain.push(step);
            chain.windows(2).all(|w| w[0].is_multiple_of(w[1]))
        }
    }

    /// Which dimension each memory slides along.
    fn slides(&self) -> Vec<Vec<(usize, Dim)>> {
        let mut all = vec![Vec::new()];
        for (level, _) in self
            .hardware
            .memories()
            .skip(1)
            .filter(|(_, m): &(_, &Memory)| m.sliding_reuse)
        {
            for d in [Dim::P, Dim::Q] {
                if self.nest.extents[d] > 1 {
                    let other = |s: &&Vec<(usize, Dim)>| s.iter().all(|x| x.0 != level);
                    let with = |s: &Vec<_>| [s.as_slice(), &[(level, d)]].concat();
                    let more: Vec<_> = all.iter().filter(other).map(with).collect();
                    all.extend(more);
                }
            }
        }
        all
    }

    /// How many there are, wrong spreads included.
    pub fn count(&self) -> u128 {
        let of_order = |order: &Vec<Node>| -> u128 {
            let cuts = self
                .active
                .iter()
                .map(|&d| self.cuts(order, d).len() as u128);
            cuts.product()
        };
        let all: u128 = self.orders().iter().map(of_order).sum();
        all * self.slides().len() as u128
    }

    /// Calls `with` for every mapping.
    pub fn for_each(&self, with: &mut impl FnMut(&Mapping)) {
        let slides = self.slides();
        for order in self.orders() {
            let cuts: Vec<Vec<Cut>> = self.active.iter().map(|&d| self.cuts(&order, d)).collect();
            let mut mapping = Mapping {
                extents: vec![PerDim::all(1); order.len()],
                spatial: self
                    .array()
                    .map(|(level, a)| ArrayMapping {
                        level,
                        axes: vec![PerDim::all(1); a.axes.len()],
                    })
                    .into_iter()
                    .collect(),
                order,
                slides: Vec::new(),
                double_buffered: Vec::new(),
            };
            self.choose(&cuts, 0, &mut mapping, &mut |m| {
                for s in &slides {
                    m.slides.clone_from(s);
                    with(m);
                }
            });
        }
    }

    /// Chooses a cut of every dimension from `i` on.
    fn choose(
        &self,
        cuts: &[Vec<Cut>],
        i: usize,
        mapping: &mut Mapping,
        with: &mut impl FnMut(&mut Mapping),
    ) {
        let Some(&d) = self.active.get(i) else {
            with(mapping);
            return;
        };
        for ((axis, elements), extents) in &cuts[i] {
            for (node, &extent) in mapping.extents.iter_mut().zip(extents) {
                node[d] = extent;
            }
            if let Some(array) = mapping.spatial.first_mut() {
                array.axes.iter_mut().for_each(|a| a[d] = 1);
                array.axes[*axis][d] = *elements;
            }
            self.choose(cuts, i + 1, mapping, with);
        }
    }
}

/// Whether the memories hold the weights and outputs, to save the evaluation where they do not.
pub fn may_fit(case: &Case, mapping: &Mapping) -> bool {
    case.hardware.memories().skip(1).all(|(level, memory)| {
        let nodes = mapping.order.iter().zip(&mapping.extents);
        let bits = nodes
            .filter(|(n, _)| n.level == level && n.role != Role::Input)
            .map(|(n, e)| {
                e.0.iter().product::<u64>() * u64::from(case.nest.precision.working(n.role))
            })
            .sum::<u64>();
        memory
            .capacity
            .is_none_or(|c| u128::from(bits) <= c.bits().0)
    })
}
