//! The search itself: a cut of every joint axis, a node order, an order of every segment's loops.

use deepmatrix::problem::{Dim, Hardware, LoopNest, Memory, Overlap, Role};

use super::cuts::SEGMENTS;
use super::joint::{Part, parts};
use super::machine::{Machine, busy};
use super::reuse::{Order, Orders, mask};
use super::{Rules, TileChoice};

/// The position of the registers' nodes, and the last segment.
const INNER: usize = SEGMENTS - 1;

/// The positions of input, weight and output among the SRAM's nodes.
const NODE_ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

/// Products over the joint axes that have been cut.
#[derive(Clone, Copy)]
struct Products {
    steps: u64,
    elements: [u64; 2],
    loops: [u16; SEGMENTS],
    tile: [[u64; SEGMENTS]; 3],
    volume: [[u64; SEGMENTS]; 3],
    share: [u64; 3],
}

/// Bits that move inward and outward through a node, and the share of the array's element 0.
#[derive(Clone, Copy, Default)]
struct Flow {
    inward: u64,
    outward: u64,
    share_inward: u64,
    share_outward: u64,
}

/// Where a scan ended.
struct Reach {
    /// Counts of irrelevant dimensions are taken at this index, one further out where free.
    index: usize,
    free: u16,
    /// The relevant loop that was met, as a mask, and its segment.
    stop: Option<(u16, usize)>,
}

/// The state of the search.
struct Search<'a> {
    machine: Machine<'a>,
    rules: Rules,
    relevant: [u16; 3],
    /// Working bits of each operand, and the bits of a finished output.
    bits: [u64; 3],
    finished: u64,
    axes: Vec<Vec<Part>>,
    /// For each joint axis the smallest tile of it and all later axes.
    least_tile: Vec<[[u64; SEGMENTS]; 3]>,
    /// For each joint axis the smallest product of steps of it and all later axes.
    least_steps: Vec<u64>,
    orders: Orders,
    positions: [usize; 3],
    chosen: Vec<usize>,
    counts: [[u64; SEGMENTS + 1]; Dim::COUNT],
    best: Option<u128>,
}

/// The least cycles of any nest.
pub fn search(
    nest: &LoopNest,
    hardware: &Hardware,
    choice: TileChoice,
    rules: Rules,
) -> Option<u128> {
    let machine = Machine::new(hardware, rules);
    let mut axes = parts(nest, &machine, choice, rules);
    axes.sort_by_key(Vec::len);
    for parts in &mut axes {
        for part in parts.iter_mut().filter(|_| rules.free_steps) {
            part.steps = 1;
        }
        parts.sort_by_key(|p| (p.steps, p.loops.iter().map(|l| l.count_ones()).sum::<u32>()));
    }
    let (least_tile, least_steps) = least(&axes);
    let precision = nest.precision;
    let mut search = Search {
        rules,
        relevant: nest.relevant.map(mask),
        bits: Role::ALL.map(|r| u64::from(precision.working(r))),
        finished: u64::from(precision.output),
        chosen: vec![0; axes.len()],
        axes,
        least_tile,
        least_steps,
        orders: Orders::new(nest),
        positions: [0; 3],
        counts: [[1; SEGMENTS + 1]; Dim::COUNT],
        best: None,
        machine,
    };
    let node_orders = if search.machine.shared { 1 } else { 6 };
    for positions in &NODE_ORDERS[..node_orders] {
        search.positions = *positions;
        search.cut(0, Products::one());
    }
    search.best
}

/// Combinations of parts and node orders.
pub fn estimate(nest: &LoopNest, hardware: &Hardware, choice: TileChoice, rules: Rules) -> u128 {
    let machine = Machine::new(hardware, rules);
    let combinations: u128 = parts(nest, &machine, choice, rules)
        .iter()
        .map(|p| p.len() as u128)
        .product();
    combinations * if machine.shared { 1 } else { 6 }
}

/// Products over the later axes of the smallest tiles and steps.
fn least(axes: &[Vec<Part>]) -> (Vec<[[u64; SEGMENTS]; 3]>, Vec<u64>) {
    let mut tiles = vec![[[1; SEGMENTS]; 3]; axes.len() + 1];
    let mut steps = vec![1; axes.len() + 1];
    for i in (0..axes.len()).rev() {
        let smallest = |of: &dyn Fn(&Part) -> u64| axes[i].iter().map(of).min().unwrap_or(1);
        steps[i] = steps[i + 1] * smallest(&|p| p.steps);
        tiles[i] = std::array::from_fn(|role| {
            std::array::from_fn(|s| tiles[i + 1][role][s] * smallest(&|p| p.tile[role][s]))
        });
    }
    (tiles, steps)
}

impl Products {
    fn one() -> Self {
        Self {
            steps: 1,
            elements: [1; 2],
            loops: [0; SEGMENTS],
            tile: [[1; SEGMENTS]; 3],
            volume: [[1; SEGMENTS]; 3],
            share: [1; 3],
        }
    }

    fn with(mut self, part: &Part) -> Self {
        self.steps *= part.steps;
        for i in 0..2 {
            self.elements[i] *= part.elements[i];
        }
        for s in 0..SEGMENTS {
            self.loops[s] |= part.loops[s];
        }
        for role in 0..3 {
            self.share[role] *= part.share[role];
            for s in 0..SEGMENTS {
                self.tile[role][s] *= part.tile[role][s];
                self.volume[role][s] *= part.volume[role][s];
            }
        }
        self
    }
}

impl Search<'_> {
    /// Cuts joint axis `i` and all later ones in every way that may fit and be faster.
    fn cut(&mut self, i: usize, products: Products) {
        if i == self.axes.len() {
            self.order_loops(&products);
            return;
        }
        for choice in 0..self.axes[i].len() {
            let part = &self.axes[i][choice];
            let next = products.with(part);
            if !self.may_fit(i + 1, &next)
                || !self.may_be_faster(next.steps * self.least_steps[i + 1])
            {
                continue;
            }
            for &(d, counts) in &part.counts {
                self.counts[d] = counts;
            }
            self.chosen[i] = choice;
            self.cut(i + 1, next);
        }
    }

    fn may_be_faster(&self, cycles: u64) -> bool {
        self.best.is_none_or(|best| u128::from(cycles) < best)
    }

    /// Whether the tiles fit if all later axes take their smallest tiles.
    fn may_fit(&self, later: usize, products: &Products) -> bool {
        let least = &self.least_tile[later];
        let bits =
            |role: usize, s: usize| self.bits[role] * products.tile[role][s] * least[role][s];
        let sram: u64 = (0..3).map(|t| bits(t, self.positions[t])).sum();
        let inner: u64 = (0..3).map(|t| bits(t, INNER)).sum();
        let axes = self.machine.axes.iter().zip(products.elements);
        axes.into_iter().all(|(axis, used)| used <= axis.size)
            && holds(self.machine.sram, sram)
            && self.machine.registers.is_none_or(|r| holds(r, inner))
    }

    /// Tries all orders of the loops of each segment.
    fn order_loops(&mut self, products: &Products) {
        let orders = std::mem::replace(&mut self.orders, Orders::none());
        let of = |s: usize| orders.of(products.loops[s]);
        for &first in of(0) {
            for &second in of(1) {
                for &third in of(2) {
                    let outer = [first, second, third];
                    if let Some((flows, cycles)) = self.fill_sram(products, outer) {
                        for &last in self.last_orders(of(INNER)) {
                            let orders = [first, second, third, last];
                            self.feed_array(products, orders, &flows, cycles);
                        }
                    }
                }
            }
        }
        self.orders = orders;
    }

    /// Without registers no scan looks at the last segment.
    fn last_orders<'o>(&self, orders: &'o [Order]) -> &'o [Order] {
        if self.machine.registers.is_some() {
            orders
        } else {
            &orders[..1]
        }
    }

    /// The traffic of the SRAM's nodes and the busy cycles of the outermost memory, unless the
    /// tiles do not fit or it takes too long.
    fn fill_sram(&self, products: &Products, orders: [Order; 3]) -> Option<([Flow; 3], u128)> {
        let mut flows = [Flow::default(); 3];
        let mut occupied = 0;
        for role in Role::ALL {
            let (flow, bits) = self.node(products, &orders, role, self.positions[role as usize]);
            flows[role as usize] = flow;
            occupied += bits;
        }
        let read = flows.iter().map(|f| f.inward).sum();
        let write = flows.iter().map(|f| f.outward).sum();
        let cycles = busy(self.machine.dram.ports, read, write).max(u128::from(products.steps));
        let faster = self.best.is_none_or(|best| cycles < best);
        (holds(self.machine.sram, occupied) && faster).then_some((flows, cycles))
    }

    /// The traffic below the SRAM, and the cycles of the whole nest.
    fn feed_array(
        &mut self,
        products: &Products,
        orders: [Order; 4],
        outside: &[Flow; 3],
        cycles: u128,
    ) {
        let mut read: u64 = outside.iter().map(|f| f.outward).sum();
        let mut write: u64 = outside.iter().map(|f| f.inward).sum();
        let mut cycles = cycles;
        let mut inside = [Flow::default(); 3];
        let mut occupied = 0;
        for role in Role::ALL {
            let (flow, bits) = if self.machine.registers.is_some() {
                self.node(products, &orders, role, INNER)
            } else {
                (self.every_step(products, role), 0)
            };
            inside[role as usize] = flow;
            occupied += bits;
            read += flow.inward;
            write += flow.outward;
        }
        cycles = cycles.max(busy(self.machine.sram.ports, read, write));
        if let Some(registers) = self.machine.registers {
            if !holds(registers, occupied) {
                return;
            }
            let steps = products.steps;
            let used: u64 = self.bits.iter().sum();
            let read = inside.iter().map(|f| f.share_outward).sum::<u64>() + steps * used;
            let write = inside.iter().map(|f| f.share_inward).sum::<u64>() + steps * self.bits[2];
            cycles = cycles.max(busy(registers.ports, read, write));
        }
        if self.best.is_none_or(|best| cycles < best) {
            self.best = Some(cycles);
        }
    }

    /// The traffic of one node, and the bits that its tile takes.
    fn node(
        &self,
        products: &Products,
        orders: &[Order],
        role: Role,
        position: usize,
    ) -> (Flow, u64) {
        let t = role as usize;
        let memory = match self.machine.registers {
            Some(registers) if position == INNER => registers,
            _ => self.machine.sram,
        };
        // The nodes of a shared memory stand below its first segment; the others are empty then.
        let reach = self.scan(orders, t, position);
        let visits = self.visits(t, &reach);
        let tiles: u64 = (0..Dim::COUNT)
            .filter(|d| self.relevant[t] & 1 << d != 0)
            .map(|d| self.counts[d][position + 1])
            .product();
        let doubled = memory.overlap == Overlap::DoubleBuffer && tiles * visits > 1;
        let occupied = products.tile[t][position] * self.bits[t] * if doubled { 2 } else { 1 };
        let walked = if role == Role::Input && self.rules.sliding && memory.sliding_reuse {
            self.walked(&reach, position)
        } else {
            None
        };
        let (volume, share) = walked.unwrap_or((products.volume[t][position], products.share[t]));
        (self.flow(role, visits, volume, share), occupied)
    }

    /// Goes outward from a node until the first relevant loop.
    fn scan(&self, orders: &[Order], role: usize, position: usize) -> Reach {
        for s in (0..=position).rev() {
            if orders[s].stop[role] != 0 {
                return Reach {
                    index: s + 1,
                    free: orders[s].free[role],
                    stop: Some((orders[s].stop[role], s)),
                };
            }
            if s == INNER && !self.rules.deep {
                return Reach {
                    index: INNER,
                    free: 0,
                    stop: None,
                };
            }
        }
        Reach {
            index: 0,
            free: 0,
            stop: None,
        }
    }

    /// The visits along the irrelevant dimensions that find another tile.
    fn visits(&self, role: usize, reach: &Reach) -> u64 {
        (0..Dim::COUNT)
            .filter(|d| self.relevant[role] & 1 << d == 0)
            .map(|d| self.counts[d][reach.index - usize::from(reach.free >> d & 1)])
            .product()
    }

    /// The input's elements, and those of element 0's share, if the loop that the scan met is a
    /// walk along which rows are kept: one inside the tile of the memory above.
    fn walked(&self, reach: &Reach, position: usize) -> Option<(u64, u64)> {
        let (stop, segment) = reach.stop?;
        let outer_tile_moves = position == INNER && segment <= self.positions[0];
        if outer_tile_moves && !self.rules.slide_through {
            return None;
        }
        let parts = || self.axes.iter().zip(&self.chosen).map(|(a, &c)| &a[c]);
        let walks = |part: &Part| {
            part.walk.as_ref().is_some_and(|w| {
                w.dim == stop && w.kernel_whole[position] && !(position == INNER && w.is_spread)
            })
        };
        if !parts().any(walks) {
            return None;
        }
        let mut product = (1, 1);
        for part in parts() {
            let own = match &part.walk {
                // Registers slide along nothing that the array spreads: all is element 0's.
                Some(walk) if walks(part) => (walk.rows[segment], walk.rows[segment]),
                _ => (part.volume[0][position], part.share[0]),
            };
            product = (product.0 * own.0, product.1 * own.1);
        }
        Some(product)
    }

    /// The bits of elements that are visited so often.
    fn flow(&self, role: Role, visits: u64, volume: u64, share: u64) -> Flow {
        let bits = self.bits[role as usize];
        if role != Role::Output {
            return Flow {
                inward: visits * volume * bits,
                share_inward: visits * share * bits,
                ..Flow::default()
            };
        }
        let partial = (visits - 1) * bits;
        let read_back = if self.rules.psum_readback { partial } else { 0 };
        Flow {
            inward: volume * read_back,
            outward: volume * (partial + self.finished),
            share_inward: share * read_back,
            share_outward: share * (partial + self.finished),
        }
    }

    /// What the array reads and writes where nothing is kept below it.
    fn every_step(&self, products: &Products, role: Role) -> Flow {
        let t = role as usize;
        let everywhere = Reach {
            index: SEGMENTS,
            free: 0,
            stop: None,
        };
        let visits = self.visits(t, &everywhere);
        self.flow(role, visits, products.volume[t][INNER], 0)
    }
}

/// Whether a memory holds these bits.
fn holds(memory: &Memory, bits: u64) -> bool {
    memory
        .capacity
        .is_none_or(|c| u128::from(bits) <= c.bits().0)
}
