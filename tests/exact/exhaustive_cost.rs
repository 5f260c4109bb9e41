//! The exact cost of a mapping agrees with the exhaustive search: the best of all mappings of the
//! library's type takes as many cycles as the best of all nests.

use deepmatrix::check::check;
use deepmatrix::cost::evaluate;
use deepmatrix::problem::result::Cost;
use deepmatrix::problem::{
    AccessEnergy, Array, ArrayMapping, Bandwidth, Dim, Hardware, Level, LoopNest, Mapping, Memory,
    Node, Overlap, PerDim, Ports, Precision, Role, RoleSet, Tiles, Window,
};

use crate::cases::{enough, share};
use crate::exhaustive::{Case, TileChoice, generate, optimum};

/// Mappings of one case beyond this number are too many for a test of seconds, and for one of minutes.
const MOST_MAPPINGS: [u128; 2] = [250_000, 6_000_000];

/// Every how many mappings one is checked.
const CHECKED: u64 = 97;

/// One dimension: the axis and the elements it is spread over, and its extent at each node.
type Cut = ((usize, u64), Vec<u64>);

/// All mappings of a problem.
struct Mappings<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
    active: Vec<Dim>,
    choice: TileChoice,
}

impl<'a> Mappings<'a> {
    fn new(case: &'a Case, choice: TileChoice) -> Self {
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

    /// All cuts of a dimension; where it is irrelevant the extent is 1, or that of a cut of its own.
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
        let cuts = |j: usize| self.has(order[j], d) || chosen[j] > 1;
        let earlier = |j: &usize| order[*j].level == node.level && cuts(*j);
        let outer = (0..i).filter(earlier).map(|j| chosen[j]).min();
        let spread = if self.is_inner(node) { elements } else { 1 };
        let room = outer.unwrap_or_else(|| self.nest.extents[d].div_ceil(spread));
        let shared = self
            .hardware
            .memory(node.level)
            .is_some_and(|m| m.tiles == Tiles::Shared);
        let extents = match (self.has(node, d), shared, outer) {
            (false, _, _) if shared || self.is_inner(node) => 1..=1,
            // One as large as what is above it is none.
            (false, _, _) => 1..=(room - 1).max(1),
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
        let cuts = |n: &(&Node, &u64)| self.has(*n.0, d) || *n.1 > 1;
        let nodes = || order.iter().zip(extents).filter(cuts);
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
    fn count(&self) -> u128 {
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
    fn for_each(&self, with: &mut impl FnMut(&Mapping)) {
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

/// The best mapping of a case, some of the mappings being checked.
fn best_mapping(case: &Case, choice: TileChoice) -> Option<(Mapping, Cost)> {
    let mut best: Option<(Mapping, Cost)> = None;
    let mut seen = 0_u64;
    Mappings::new(case, choice).for_each(&mut |mapping| {
        if !may_fit(case, mapping) {
            return;
        }
        let Ok(cost) = evaluate(&case.nest, &case.hardware, mapping) else {
            return;
        };
        seen += 1;
        if seen.is_multiple_of(CHECKED) {
            verify(case, mapping, &cost);
        }
        if best.as_ref().is_none_or(|b| cost.cycles < b.1.cycles) {
            best = Some((mapping.clone(), cost));
        }
    });
    if let Some((mapping, cost)) = &best {
        verify(case, mapping, cost);
    }
    best
}

/// Whether the memories hold the weights and outputs, to save the evaluation where they do not.
fn may_fit(case: &Case, mapping: &Mapping) -> bool {
    case.hardware.memories().skip(1).all(|(level, memory)| {
        let nodes = mapping.order.iter().zip(&mapping.extents);
        let bits = nodes
            .filter(|(n, _)| n.level == level && n.role != Role::Input)
            .map(|(n, e)| {
                let dims = case.nest.relevant[n.role as usize].iter();
                let elements: u64 = dims.map(|d| e[d]).product();
                elements * u64::from(case.nest.precision.working(n.role))
            })
            .sum::<u64>();
        memory
            .capacity
            .is_none_or(|c| u128::from(bits) <= c.bits().0)
    })
}

/// The checker accepts the cost.
fn verify(case: &Case, mapping: &Mapping, cost: &Cost) {
    if let Err(error) = check(&case.nest, &case.hardware, mapping, cost) {
        panic!("seed {}: {error}\n{mapping:?}\n{cost:?}", case.seed);
    }
}

/// Compares both optima over the cases whose mappings are few enough, and says how many these are.
fn compare(cases: impl Iterator<Item = Case>, most_mappings: u128, choice: TileChoice) -> usize {
    let mut compared = 0;
    let mut different = Vec::new();
    for case in cases {
        if Mappings::new(&case, choice).count() > most_mappings {
            continue;
        }
        compared += 1;
        let nest = optimum(&case, choice);
        let mapping = best_mapping(&case, choice).map(|b| b.1.cycles);
        if mapping != nest {
            different.push((case.seed, nest, mapping));
        }
    }
    assert!(
        different.is_empty(),
        "seed, best nest, best mapping: {different:?}"
    );
    compared
}

/// Cases with tiles per operand above registers, the only ones with deep reuse between nodes.
fn deep_cases(seeds: std::ops::Range<u64>) -> impl Iterator<Item = Case> {
    seeds.map(generate::small_case).filter(|c| {
        let sram = c.hardware.memories().nth(1);
        c.hardware.has_memory_below_arrays() && sram.is_some_and(|m| m.1.tiles == Tiles::PerOperand)
    })
}

#[test]
fn best_mapping_is_best_nest() {
    let cases = share(0..70).map(generate::small_case);
    assert!(enough(
        compare(cases, MOST_MAPPINGS[0], TileChoice::All),
        50
    ));
}

#[test]
fn best_mapping_is_best_nest_of_divisors() {
    let cases = share(100..150).map(generate::small_case);
    let compared = compare(cases, MOST_MAPPINGS[0], TileChoice::Divisors);
    assert!(enough(compared, 40));
}

#[test]
fn best_mapping_is_best_nest_with_deep_reuse() {
    let cases = deep_cases(share(5000..5600));
    assert!(enough(
        compare(cases, MOST_MAPPINGS[0], TileChoice::All),
        10
    ));
}

#[test]
#[ignore = "minutes"]
fn best_mapping_is_best_nest_of_many() {
    let cases = (1000..1600).map(generate::small_case);
    assert!(compare(cases, MOST_MAPPINGS[0], TileChoice::All) > 400);
    let cases = (2000..2400).map(generate::small_case);
    assert!(compare(cases, MOST_MAPPINGS[0], TileChoice::Divisors) > 300);
}

#[test]
#[ignore = "minutes"]
fn best_mapping_is_best_nest_of_many_with_deep_reuse() {
    let cases = deep_cases(6000..8000);
    assert!(compare(cases, MOST_MAPPINGS[1], TileChoice::All) > 50);
}

#[test]
fn without_registers_every_step_reads_its_input() {
    // Two weights times one input, a byte each and 16 bits for a partial sum. The SRAM's port
    // moves 1 + 2 bytes in and 2 results out on the outer side; on the inner side each of the two
    // steps reads 2 bytes and writes 1: 11 bytes. An input kept over both steps would save one.
    let mut extents = PerDim::all(1);
    extents[Dim::K] = 2;
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    let memory = |name: &str, limit| {
        Level::Memory(Memory {
            name: name.to_owned(),
            capacity: None,
            ports: Ports::Shared(limit),
            energy: AccessEnergy::ABSENT,
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::Ideal,
            tiles: Tiles::PerOperand,
            sliding_reuse: true,
            alignment: Memory::DEFAULT_ALIGNMENT,
        })
    };
    let case = Case {
        seed: 0,
        nest: LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision),
        hardware: Hardware {
            name: "no registers".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![memory("dram", None), memory("sram", Bandwidth::new(1, 1))],
            energy_pj_per_mac: None,
            static_pj_per_cycle: None,
            vector_lanes: None,
            dataflow: Vec::new(),
        },
    };
    assert_eq!(optimum(&case, TileChoice::All), Some(11));
    let best = best_mapping(&case, TileChoice::All);
    assert_eq!(best.map(|b| b.1.cycles), Some(11));
}
