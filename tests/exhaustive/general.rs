//! Exhaustive search over all nests of a tiny problem on any small hierarchy of memories and arrays.
//!
//! Every choice of kept operands, every order of each memory's nodes, every spread, every nested
//! extent of every dimension at every node, every order of the loops above each node. Slower than
//! `search`, which knows one SRAM and registers only, and independent of it but for the scans.
//!
//! An operand that lies in the memory at level 1 is never fetched into it and takes no room there;
//! what is further in is filled from there, and walks along all of it. Where its node would be
//! there is a place for loops, as anywhere.

use deepmatrix::problem::{
    Array, Bandwidth, Dim, Hardware, LoopNest, Memory, Overlap, Ports, Role, Tiles,
};

use super::reuse::{Order, Orders, mask};
use super::rows::{Piece, cut, shares, walked};
use super::{Case, TileChoice};

/// What is minimised; ties go to the next figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// Cycles, then bits through the outermost memory's ports, then energy.
    Cycles,
    /// Energy, then cycles.
    Energy,
    /// Energy times cycles, then cycles.
    EnergyDelay,
}

/// The figures of the best nest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// Cycles.
    pub cycles: u128,
    /// Bits through the outermost memory's ports.
    pub outer_bits: u128,
    /// Energy in pJ, 0 where the hardware gives none.
    pub energy_pj: f64,
}

impl Best {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the figures of tiny problems are exact in a double"
    )]
    fn key(&self, objective: Objective) -> [f64; 3] {
        let (cycles, bits) = (self.cycles as f64, self.outer_bits as f64);
        match objective {
            Objective::Cycles => [cycles, bits, self.energy_pj],
            Objective::Energy => [self.energy_pj, cycles, 0.0],
            Objective::EnergyDelay => [self.energy_pj * cycles, cycles, 0.0],
        }
    }
}

/// The best nest for an objective, `None` if none fits.
pub fn optimum_of(case: &Case, choice: TileChoice, objective: Objective) -> Option<Best> {
    let mut search = Search {
        nest: &case.nest,
        hardware: &case.hardware,
        choice,
        objective,
        orders: Orders::new(&case.nest),
        relevant: case.nest.relevant.map(mask),
        best: None,
    };
    for stations in layouts(&case.nest, &case.hardware) {
        search.layout(&stations);
    }
    search.best
}

/// How many cuts of all layouts the search tries at most.
pub fn size(case: &Case) -> u128 {
    let search = Search {
        nest: &case.nest,
        hardware: &case.hardware,
        choice: TileChoice::All,
        objective: Objective::Cycles,
        orders: Orders::new(&case.nest),
        relevant: case.nest.relevant.map(mask),
        best: None,
    };
    let cuts = |stations: Vec<Station>| -> u128 {
        Dim::ALL
            .into_iter()
            .map(|d| search.chains(d, &stations).len() as u128)
            .product()
    };
    layouts(&case.nest, &case.hardware)
        .into_iter()
        .map(cuts)
        .sum()
}

/// A node: its memory's level, the level of the memory that fills it, and the segment above it.
#[derive(Clone, Copy, Debug)]
struct Station {
    role: Role,
    level: usize,
    parent: usize,
    segment: usize,
    /// Whether all of the operand lies there: the station is no node, but a place between loops.
    resident: bool,
}

/// All choices of kept operands with all orders of each memory's nodes; shared ones have one.
fn layouts(nest: &LoopNest, hardware: &Hardware) -> Vec<Vec<Station>> {
    let mut all: Vec<Vec<Station>> = vec![Vec::new()];
    for (level, memory) in hardware.memories().skip(1) {
        let mut longer = Vec::new();
        for before in &all {
            let resident = |role: Role| level == 1 && nest.resident.contains(role);
            for order in kept_orders(memory, &resident) {
                let mut stations = before.clone();
                let first = before.last().map_or(0, |s| s.segment + 1);
                for (i, &role) in order.iter().enumerate() {
                    let own = before.iter().filter(|s| s.role == role);
                    let shared = memory.tiles == Tiles::Shared;
                    stations.push(Station {
                        role,
                        level,
                        parent: own.map(|s| s.level).max().unwrap_or(0),
                        segment: first + if shared { 0 } else { i },
                        resident: resident(role),
                    });
                }
                longer.push(stations);
            }
        }
        all = longer;
    }
    all
}

/// The kept operands of a memory in every order that counts.
fn kept_orders(memory: &Memory, resident: &dyn Fn(Role) -> bool) -> Vec<Vec<Role>> {
    let mut found = Vec::new();
    for set in 0..8_usize {
        let kept: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|&r| set & 1 << r as usize != 0)
            .collect();
        let allowed = |r: Role| {
            if kept.contains(&r) {
                memory.may_keep(r)
            } else {
                memory.may_bypass(r) && !resident(r)
            }
        };
        if !Role::ALL.into_iter().all(allowed) {
            continue;
        }
        if memory.tiles == Tiles::Shared {
            found.push(kept);
        } else {
            permutations(&kept, &mut Vec::new(), &mut found);
        }
    }
    found
}

fn permutations(left: &[Role], chosen: &mut Vec<Role>, found: &mut Vec<Vec<Role>>) {
    if left.is_empty() {
        found.push(chosen.clone());
    }
    for &role in left {
        let rest: Vec<Role> = left.iter().copied().filter(|&r| r != role).collect();
        chosen.push(role);
        permutations(&rest, chosen, found);
        chosen.pop();
    }
}

/// One dimension: its factor on every axis of every array, and its array-wide extent below each
/// segment, last that of the steps where some operand is read anew in each.
#[derive(Clone, Debug)]
struct Chain {
    factors: Vec<Vec<u64>>,
    wide: Vec<u64>,
    pieces: Vec<Vec<Piece>>,
}

struct Search<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
    choice: TileChoice,
    objective: Objective,
    orders: Orders,
    relevant: [u16; 3],
    best: Option<Best>,
}

/// Bits inwards and outwards.
type Flow = (u128, u128);

impl Search<'_> {
    /// Tries all cuts of one layout.
    fn layout(&mut self, stations: &[Station]) {
        let chains: Vec<Vec<Chain>> = Dim::ALL
            .into_iter()
            .map(|d| self.chains(d, stations))
            .collect();
        self.cut(stations, &chains, &mut Vec::new());
    }

    fn is_inside(&self, stations: &[Station], role: Role) -> bool {
        let last = self.hardware.levels.len() - 1;
        self.hardware.has_memory_below_arrays()
            && stations.iter().any(|s| s.role == role && s.level == last)
    }

    fn steps_cut(&self, stations: &[Station]) -> bool {
        !Role::ALL.into_iter().all(|r| self.is_inside(stations, r))
    }

    /// All chains of a dimension.
    fn chains(&self, d: Dim, stations: &[Station]) -> Vec<Chain> {
        let whole = self.nest.extents[d];
        let segments = stations.last().map_or(0, |s| s.segment + 1);
        let mut found = Vec::new();
        for factors in self.spreads(d) {
            let above = |level: usize| -> u64 {
                let arrays = self.hardware.arrays().zip(&factors);
                let outer = arrays.filter(|((l, _), _)| *l < level);
                outer.flat_map(|(_, f)| f.iter()).product()
            };
            let mut wides = vec![Vec::<u64>::new()];
            for segment in 0..segments {
                let level = stations
                    .iter()
                    .find(|s| s.segment == segment)
                    .map_or(0, |s| s.level);
                let elements = above(level);
                let extend = |wide: &Vec<u64>| -> Vec<Vec<u64>> {
                    let current = wide.last().copied().unwrap_or(whole);
                    (1..=current.div_ceil(elements))
                        .filter(|e| {
                            self.choice == TileChoice::All || current.is_multiple_of(e * elements)
                        })
                        .map(|e| [wide.as_slice(), &[current.min(e * elements)]].concat())
                        .collect()
                };
                wides = wides.iter().flat_map(extend).collect();
            }
            for mut wide in wides {
                if self.steps_cut(stations) {
                    let current = wide.last().copied().unwrap_or(whole);
                    let elements = above(usize::MAX);
                    if self.choice == TileChoice::Divisors && !current.is_multiple_of(elements) {
                        continue;
                    }
                    wide.push(current.min(elements));
                }
                let mut pieces = vec![vec![(0, whole)]];
                for &extent in &wide {
                    pieces.push(cut(&pieces[pieces.len() - 1], extent));
                }
                found.push(Chain {
                    factors: factors.clone(),
                    wide,
                    pieces,
                });
            }
        }
        found
    }

    /// All factors of a dimension on the axes of every array.
    fn spreads(&self, d: Dim) -> Vec<Vec<Vec<u64>>> {
        let most = self.nest.extents[d];
        let mut all = vec![Vec::new()];
        for (_, array) in self.hardware.arrays() {
            let own = spreads_of(array, d, most);
            let longer = |before: &Vec<Vec<u64>>| -> Vec<Vec<Vec<u64>>> {
                own.iter()
                    .map(|f| [before.as_slice(), std::slice::from_ref(f)].concat())
                    .collect()
            };
            all = all.iter().flat_map(longer).collect();
        }
        all
    }

    fn cut<'c>(
        &mut self,
        stations: &[Station],
        chains: &'c [Vec<Chain>],
        chosen: &mut Vec<&'c Chain>,
    ) {
        if chosen.len() == chains.len() {
            self.evaluate(stations, chosen);
            return;
        }
        for chain in &chains[chosen.len()] {
            chosen.push(chain);
            if self.axes_fit(chosen) && self.may_be_better(self.steps(chosen)) {
                self.cut(stations, chains, chosen);
            }
            chosen.pop();
        }
    }

    fn axes_fit(&self, chosen: &[&Chain]) -> bool {
        self.hardware.arrays().enumerate().all(|(a, (_, array))| {
            array.axes.iter().enumerate().all(|(x, axis)| {
                chosen.iter().map(|c| c.factors[a][x]).product::<u64>() <= axis.size
            })
        })
    }

    fn may_be_better(&self, cycles: u128) -> bool {
        self.objective != Objective::Cycles || self.best.is_none_or(|b| cycles <= b.cycles)
    }

    /// The steps of the dimensions chosen so far.
    fn steps(&self, chosen: &[&Chain]) -> u128 {
        let of = |c: &&Chain| -> u128 {
            let last = &c.pieces[c.pieces.len() - 1];
            last.iter()
                .map(|&p| u128::from(self.first(c, usize::MAX, p).1))
                .sum()
        };
        chosen.iter().map(of).product()
    }

    /// Element 0's share of a piece at a level.
    fn first(&self, chain: &Chain, level: usize, piece: Piece) -> Piece {
        let arrays = self.hardware.arrays().zip(&chain.factors);
        let above = arrays.filter(|((l, _), _)| *l < level);
        let len = above.fold(piece.1, |len, (_, f)| len.div_ceil(f.iter().product()));
        (piece.0, len)
    }

    /// The shares of all elements at a level.
    fn all(&self, chain: &Chain, level: usize, piece: Piece) -> Vec<Piece> {
        let arrays = self.hardware.arrays().zip(&chain.factors);
        let above = arrays.filter(|((l, _), _)| *l < level);
        above.fold(vec![piece], |pieces, (_, f)| {
            let split = |p: &Piece| shares(*p, f.iter().product());
            pieces.iter().flat_map(split).collect()
        })
    }
}

/// All factors of a dimension on the axes of one array.
fn spreads_of(array: &Array, d: Dim, most: u64) -> Vec<Vec<u64>> {
    let mut all = vec![Vec::new()];
    for axis in &array.axes {
        let largest = if axis.dims.contains(d) {
            axis.size.min(most)
        } else {
            1
        };
        let longer = |before: &Vec<u64>| -> Vec<Vec<u64>> {
            (1..=largest)
                .map(|u| [before.as_slice(), &[u]].concat())
                .collect()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.retain(|f| array.split_dims || f.iter().filter(|&&u| u > 1).count() <= 1);
    all
}

/// Where a scan ended: counts of irrelevant dimensions are taken at `index`, one further out
/// where free; `stop` is the relevant loop that was met, and its segment.
struct Reach {
    index: usize,
    free: u16,
    stop: Option<(u16, usize)>,
}

/// What is summed over the transfers of a nest.
struct Sums {
    /// Bits read and written at each level, by element 0 and by all instances.
    first: Vec<(u128, u128)>,
    all: Vec<(u128, u128)>,
    /// For each station its single tile in bits, whether it is loaded again, and its added cycles.
    nodes: Vec<(u128, bool, u128)>,
}

impl Search<'_> {
    /// Tries all orders of the loops of one cut.
    fn evaluate(&mut self, stations: &[Station], chains: &[&Chain]) {
        let tiles: Vec<u128> = stations.iter().map(|s| self.tile(s, chains)).collect();
        if !self.fits(stations, |i| tiles[i]) {
            return;
        }
        let segments = stations.last().map_or(0, |s| s.segment + 1);
        let mut all: Vec<Vec<Order>> = vec![Vec::new()];
        for s in 0..segments {
            let loops = (0..Dim::COUNT)
                .filter(|&d| chains[d].wide[s] < outer(chains[d], s))
                .fold(0, |m, d| m | 1 << d);
            let orders = self.orders.of(loops);
            let longer = |before: &Vec<Order>| -> Vec<Vec<Order>> {
                orders
                    .iter()
                    .map(|o| [before.as_slice(), &[*o]].concat())
                    .collect()
            };
            all = all.iter().flat_map(longer).collect();
        }
        for orders in &all {
            self.score(stations, chains, &tiles, orders);
        }
    }

    /// The bits of the largest tile of a node in one element.
    fn tile(&self, station: &Station, chains: &[&Chain]) -> u128 {
        if station.resident {
            return 0;
        }
        let index = station.segment + 1;
        let largest = |d: Dim| {
            let c = chains[d as usize];
            self.first(c, station.level, c.pieces[index][0]).1
        };
        let windowed = |d: Dim| station.role == Role::Input && LoopNest::window_of(d).is_some();
        let dims = self.nest.relevant[station.role as usize].iter();
        let mut elements: u64 = dims.filter(|&d| !windowed(d)).map(largest).product();
        if station.role == Role::Input {
            for (axis, (p, r)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
                let shares = |d: Dim| -> Vec<Piece> {
                    let c = chains[d as usize];
                    let tiles = c.pieces[index].iter();
                    tiles.flat_map(|&t| self.all(c, station.level, t)).collect()
                };
                let (ps, rs) = (shares(p), shares(r));
                let window = &self.nest.windows[axis];
                let pairs = ps.iter().flat_map(|&p| rs.iter().map(move |&r| (p, r)));
                elements *= pairs
                    .map(|(p, r)| super::rows::rows(window, p, r))
                    .max()
                    .unwrap_or(0);
            }
        }
        u128::from(elements) * u128::from(self.nest.precision.working(station.role))
    }

    /// Whether every memory holds its nodes' bits.
    fn fits(&self, stations: &[Station], bits: impl Fn(usize) -> u128) -> bool {
        self.hardware.memories().skip(1).all(|(level, memory)| {
            let own = (0..stations.len()).filter(|&i| stations[i].level == level);
            let need: u128 = own.map(&bits).sum();
            memory.capacity.is_none_or(|c| need <= c.bits().0)
        })
    }

    /// Scans outwards from a node.
    fn scan(orders: &[Order], station: &Station) -> Reach {
        let role = station.role as usize;
        for s in (0..=station.segment).rev() {
            if orders[s].stop[role] != 0 {
                return Reach {
                    index: s + 1,
                    free: orders[s].free[role],
                    stop: Some((orders[s].stop[role], s)),
                };
            }
        }
        Reach {
            index: 0,
            free: 0,
            stop: None,
        }
    }

    /// The dimension and segment of the walk along which a node slides.
    fn walk(
        &self,
        stations: &[Station],
        station: &Station,
        reach: &Reach,
        chains: &[&Chain],
    ) -> Option<(Dim, usize)> {
        let (stop, segment) = reach.stop.filter(|_| station.role == Role::Input)?;
        let (p, r) = LoopNest::WINDOW_DIMS
            .into_iter()
            .find(|w| 1 << w.0 as usize == stop)?;
        let memory = self.hardware.memory(station.level)?;
        let parent = stations
            .iter()
            .find(|s| s.role == Role::Input && s.level == station.parent && !s.resident);
        let inside = parent.is_none_or(|s| segment > s.segment);
        let is_spread = |d: Dim| {
            let arrays = self.hardware.arrays().zip(&chains[d as usize].factors);
            let mut between =
                arrays.filter(|((l, _), _)| (station.parent..station.level).contains(l));
            between.any(|(_, f)| f.iter().product::<u64>() > 1)
        };
        let spread = is_spread(p) || is_spread(r);
        let whole = chains[r as usize].wide[station.segment] == self.nest.extents[r];
        (memory.sliding_reuse && inside && !spread && whole).then_some((p, segment))
    }
}

/// The extent above a segment.
fn outer(chain: &Chain, segment: usize) -> u64 {
    if segment == 0 {
        chain.pieces[0][0].1
    } else {
        chain.wide[segment - 1]
    }
}

impl Search<'_> {
    /// The groups of shares of a piece below `outer` that one transfer each serves: where an axis
    /// does not multicast (or reduce), elements along it are apart.
    fn groups(
        &self,
        chain: &Chain,
        ends: (usize, usize),
        role: Role,
        piece: Piece,
    ) -> Vec<Vec<Piece>> {
        let mut found: Vec<(Vec<u64>, Piece)> = vec![(Vec::new(), piece)];
        for ((level, array), factors) in self.hardware.arrays().zip(&chain.factors) {
            if !(ends.0..ends.1).contains(&level) {
                continue;
            }
            let mut next = Vec::new();
            for (key, block) in found {
                for (i, share) in (0..).zip(shares(block, factors.iter().product())) {
                    let mut key = key.clone();
                    let mut inner: u64 = factors.iter().product();
                    for (axis, &factor) in array.axes.iter().zip(factors) {
                        inner /= factor;
                        let joint = if role == Role::Output {
                            axis.reduce
                        } else {
                            axis.multicast
                        };
                        key.push(if joint { 0 } else { i / inner % factor });
                    }
                    next.push((key, share));
                }
            }
            found = next;
        }
        let mut groups: Vec<(Vec<u64>, Vec<Piece>)> = Vec::new();
        for (key, share) in found {
            match groups.iter_mut().find(|g| g.0 == key) {
                Some(group) => group.1.push(share),
                None => groups.push((key, vec![share])),
            }
        }
        groups.into_iter().map(|g| g.1).collect()
    }

    /// Bits inwards and outwards at the level `ends.0` when tiles go in to the level `ends.1`.
    fn flow(
        &self,
        chains: &[&Chain],
        (role, index): (Role, usize),
        reach: &Reach,
        walk: Option<(Dim, usize)>,
        (ends, all): ((usize, usize), bool),
    ) -> Flow {
        let (mut elements, mut times, mut copies) = (1_u128, 1_u128, 1_u128);
        let own = |d: Dim, piece: Piece| -> Vec<Piece> {
            let c = chains[d as usize];
            if all {
                self.all(c, ends.0, piece)
            } else {
                vec![self.first(c, ends.0, piece)]
            }
        };
        let grouped = |d: Dim, at: usize| -> Vec<Vec<Piece>> {
            let c = chains[d as usize];
            let tiles = c.pieces[at].iter().flat_map(|&t| own(d, t));
            tiles.flat_map(|t| self.groups(c, ends, role, t)).collect()
        };
        for d in Dim::ALL {
            let c = chains[d as usize];
            if self.nest.is_relevant(role, d) {
                if role != Role::Input || LoopNest::window_of(d).is_none() {
                    let tiles = c.pieces[index].iter().flat_map(|&t| own(d, t));
                    elements *= tiles.map(|t| u128::from(t.1)).sum::<u128>();
                }
                continue;
            }
            let at = reach.index - usize::from(reach.free >> d as usize & 1);
            // Elements work at most on the innermost extent at the same time.
            let innermost = c.wide.last().copied().unwrap_or(c.pieces[0][0].1);
            let active = |&(start, len): &Piece| (start, len.min(innermost));
            let parts = c.pieces[at].iter().map(active);
            let parts: Vec<Vec<Piece>> = parts.map(|t| own(d, t)).collect();
            copies *= parts.iter().map(|p| p.len() as u128).max().unwrap_or(0);
            let count = |t: &Piece| self.groups(c, ends, role, *t).len() as u128;
            times *= parts.iter().flatten().map(count).sum::<u128>();
        }
        if role == Role::Input {
            for (axis, (p, r)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
                let window = &self.nest.windows[axis];
                let at = walk.filter(|w| w.0 == p).map_or(index, |w| w.1);
                let (ps, rs) = (grouped(p, at), grouped(r, index));
                let pairs = ps.iter().flat_map(|p| rs.iter().map(move |r| (p, r)));
                if at == index {
                    elements *= pairs.map(|(p, r)| joint_rows(window, p, r)).sum::<u128>();
                    continue;
                }
                // An element's own share of the walk, in tiles of its own extent.
                let (c, level) = (chains[p as usize], ends.0);
                let tile = self.first(c, level, c.pieces[index][0]).1;
                elements *= pairs
                    .map(|(p, r)| u128::from(walked(window, &cut(p, tile), r[0])))
                    .sum::<u128>();
            }
        }
        let bits = u128::from(self.nest.precision.working(role));
        if role != Role::Output {
            return (elements * times * bits, 0);
        }
        let partial = elements * (times - copies) * bits;
        let finished = elements * copies * u128::from(self.nest.precision.output);
        (partial, partial + finished)
    }

    /// All transfers of a nest.
    fn sums(
        &self,
        stations: &[Station],
        chains: &[&Chain],
        tiles: &[u128],
        orders: &[Order],
    ) -> Sums {
        let levels = self.hardware.levels.len();
        let mut sums = Sums {
            first: vec![(0, 0); levels],
            all: vec![(0, 0); levels],
            nodes: Vec::new(),
        };
        let give = |to: &mut (u128, u128), flow: Flow| {
            to.0 += flow.0;
            to.1 += flow.1;
        };
        for (i, s) in stations.iter().enumerate() {
            if s.resident {
                sums.nodes.push((0, false, 0));
                continue;
            }
            let reach = Self::scan(orders, s);
            let walk = self.walk(stations, s, &reach, chains);
            let flow =
                |ends, all| self.flow(chains, (s.role, s.segment + 1), &reach, walk, (ends, all));
            let (outside, inside) = ((s.parent, s.level), (s.level, s.level));
            let (far, near) = (flow(outside, false), flow(inside, false));
            give(&mut sums.first[s.parent], far);
            give(&mut sums.first[s.level], (near.1, near.0));
            give(&mut sums.all[s.parent], flow(outside, true));
            let near_all = flow(inside, true);
            give(&mut sums.all[s.level], (near_all.1, near_all.0));
            let time = |level: usize, (read, write): Flow| {
                self.hardware
                    .memory(level)
                    .map_or(0, |m| port_time(m.ports, read, write))
            };
            let added = time(s.parent, far).max(time(s.level, (near.1, near.0)));
            let again = orders[..=s.segment]
                .iter()
                .any(|o| o.stop != [0; 3] || o.free != [0; 3])
                && (reach.stop.is_some() || self.visited_again(s.role, &reach, chains));
            sums.nodes.push((tiles[i], again, added));
        }
        let steps = self.steps(chains);
        for role in Role::ALL {
            if self.is_inside(stations, role) {
                let bits = u128::from(self.nest.precision.working(role));
                let twice = u128::from(role == Role::Output);
                give(
                    &mut sums.first[levels - 1],
                    (bits * steps, twice * bits * steps),
                );
                let macs = self.nest.box_macs();
                give(
                    &mut sums.all[levels - 1],
                    (bits * macs, twice * bits * macs),
                );
                continue;
            }
            let own = stations.iter().filter(|s| s.role == role);
            let parent = own.map(|s| s.level).max().unwrap_or(0);
            let index = chains[0].wide.len();
            let reach = Reach {
                index,
                free: 0,
                stop: None,
            };
            let ends = (parent, usize::MAX);
            give(
                &mut sums.first[parent],
                self.flow(chains, (role, index), &reach, None, (ends, false)),
            );
            give(
                &mut sums.all[parent],
                self.flow(chains, (role, index), &reach, None, (ends, true)),
            );
        }
        sums
    }

    /// Whether irrelevant loops outside of a relevant one bring a tile again.
    fn visited_again(&self, role: Role, reach: &Reach, chains: &[&Chain]) -> bool {
        let irrelevant = (0..Dim::COUNT).filter(|d| self.relevant[role as usize] & 1 << d == 0);
        let at = |d: &usize| reach.index - (reach.free >> d & 1) as usize;
        irrelevant
            .into_iter()
            .any(|d| chains[d].pieces[at(&d)].len() > 1)
    }

    /// Keeps the nest if it is the best, with the best choice of double buffers.
    fn score(&mut self, stations: &[Station], chains: &[&Chain], tiles: &[u128], orders: &[Order]) {
        let sums = self.sums(stations, chains, tiles, orders);
        let ports = self
            .hardware
            .memories()
            .map(|(level, m)| busy(m.ports, sums.first[level]));
        let busiest = ports.fold(self.steps(chains), u128::max);
        if !self.may_be_better(busiest) {
            return;
        }
        for choice in 0..1_usize << stations.len() {
            let overlap = |i: usize| self.hardware.memory(stations[i].level).map(|m| m.overlap);
            let chosen = |i: usize| choice >> i & 1 != 0;
            let free = |i: usize| overlap(i) == Some(Overlap::Choose) && sums.nodes[i].1;
            if (0..stations.len()).any(|i| chosen(i) && !free(i)) {
                continue;
            }
            let doubled = |i: usize| {
                chosen(i) || (overlap(i) == Some(Overlap::DoubleBuffer) && sums.nodes[i].1)
            };
            if !self.fits(stations, |i| {
                sums.nodes[i].0 * if doubled(i) { 2 } else { 1 }
            }) {
                continue;
            }
            // Of what lies there the time is 0.
            let adds = |i: &usize| overlap(*i) == Some(Overlap::None) || (free(*i) && !chosen(*i));
            let added: u128 = (0..stations.len())
                .filter(adds)
                .map(|i| sums.nodes[i].2)
                .sum();
            let cycles = busiest + added;
            let best = Best {
                cycles,
                outer_bits: sums.first[0].0 + sums.first[0].1,
                energy_pj: self.energy(&sums.all, cycles),
            };
            let key = best.key(self.objective);
            if self.best.is_none_or(|b| key < b.key(self.objective)) {
                self.best = Some(best);
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the figures of tiny problems are exact in a double"
    )]
    fn energy(&self, all: &[(u128, u128)], cycles: u128) -> f64 {
        let mut total =
            self.nest.box_macs() as f64 * self.hardware.energy_pj_per_mac.unwrap_or(0.0);
        total += cycles as f64 * self.hardware.static_pj_per_cycle.unwrap_or(0.0);
        for (level, memory) in self.hardware.memories() {
            total += all[level].0 as f64 / 8.0 * memory.energy.read_pj_per_byte.unwrap_or(0.0);
            total += all[level].1 as f64 / 8.0 * memory.energy.write_pj_per_byte.unwrap_or(0.0);
        }
        total
    }
}

/// The rows that some output of one group reads with some tap of another.
fn joint_rows(window: &deepmatrix::problem::Window, ps: &[Piece], rs: &[Piece]) -> u128 {
    let mut touched = std::collections::BTreeSet::new();
    for p in ps.iter().flat_map(|p| p.0..p.0 + p.1) {
        for r in rs.iter().flat_map(|r| r.0..r.0 + r.1) {
            let padded = p * window.stride + r * window.dilation;
            touched.extend(
                padded
                    .checked_sub(window.padding)
                    .filter(|&row| row < window.rows),
            );
        }
    }
    touched.len() as u128
}

/// The busy cycles of the busiest port.
fn busy(ports: Ports, (read, write): Flow) -> u128 {
    match ports {
        Ports::Shared(_) => port_time(ports, read, write),
        Ports::Separate { .. } => port_time(ports, read, 0).max(port_time(ports, 0, write)),
    }
}

/// The time to read and write so many bits one after the other, rounded up once.
fn port_time(ports: Ports, read: u128, write: u128) -> u128 {
    let (r, w) = match ports {
        Ports::Shared(port) => (port, port),
        Ports::Separate { read, write } => (read, write),
    };
    let ratio = |port: Option<Bandwidth>| port.map_or((1, 0), Bandwidth::ratio);
    let ((a, b), (c, d)) = (ratio(r), ratio(w));
    let (a, b, c, d) = (u128::from(a), u128::from(b), u128::from(c), u128::from(d));
    (read * b * c + write * d * a).div_ceil(8 * a * c)
}
