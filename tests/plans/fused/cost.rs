//! The time and the space of a stage under given choices.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::case::Machine;
use super::geometry::Walk;
use super::online::{Online, Part};
use super::price::{Place, Price, Prices};
use super::rational::Rational;
use super::stage::operand_of;
use super::tally::{Tally, combine};
use super::tiles::{Tiles, fetched, stored};

/// Where a tensor of the case lies during a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hold {
    /// An operand streams; a sink's result is stored as finished, or as partial
    /// sums if a loop of the stage reduces it.
    Passing,
    /// A tile under so many outer loops is held.
    Level(usize),
    /// It lies whole in the shared memory from before the stage, or stays there
    /// after it.
    Resident,
}

/// Iterations in which an operation does the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work {
    pub extents: Vec<usize>,
    /// Elements of each operand, the result last.
    pub touched: Vec<u64>,
    /// The result is there for the first time, for the last time.
    pub visits: (bool, bool),
    /// Elements of the result that are finished and were not before.
    pub finished: u64,
    /// Of an online softmax: what is done for rows of which only a part is here.
    pub part: Part,
}

/// What a stage costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    pub time: Rational,
    pub tally: Tally,
    /// For each operation the bytes taken while it runs, its own buffers excluded.
    pub stage_bytes: Vec<u64>,
}

/// An operation, where its operands lie, and whether its result is resident.
type Asked = (usize, Vec<Place>, bool);

/// For each kind of iteration the buffers at each price, and the sum over all
/// iterations of the kind.
type Priced = Vec<Vec<(u64, Tally)>>;

/// Sums of which none is worse than another.
type Sums = Rc<Vec<Tally>>;

/// Tiles of a held operand: elements moved, how often, of the largest hull.
#[derive(Clone, Copy)]
struct Counts {
    moved: u64,
    times: usize,
    largest: u64,
}

/// A walk and what is counted on it.
pub struct Costing<'w, 's, 'a> {
    pub walk: &'w Walk<'s, 'a>,
    pub prices: &'w dyn Prices,
    /// For each operation its kinds of iteration and how many there are of each.
    pub works: Vec<Vec<(Work, u64)>>,
    /// For each operation that is an online softmax whose axis is cut.
    pub online: Vec<Option<Online>>,
    /// By tensor and level.
    known: RefCell<HashMap<(usize, usize), Counts>>,
    priced: RefCell<HashMap<Asked, Priced>>,
    sums: RefCell<HashMap<(Asked, Vec<bool>), Sums>>,
}

impl<'w, 's, 'a> Costing<'w, 's, 'a> {
    #[must_use]
    pub fn new(walk: &'w Walk<'s, 'a>, prices: &'w dyn Prices) -> Self {
        let all = 0..walk.stage.len();
        let online: Vec<_> = all.map(|t| Online::new(walk, t)).collect();
        let each = online.iter().enumerate();
        Self {
            walk,
            prices,
            works: each.map(|(t, own)| works(walk, t, own.as_ref())).collect(),
            online,
            known: RefCell::default(),
            priced: RefCell::default(),
            sums: RefCell::default(),
        }
    }

    /// The least time over all prices, one for each kind of iteration, of which
    /// the buffers fit beside `occupied` bytes; `holds` is by tensor of the case.
    #[must_use]
    pub fn least(&self, holds: &[Hold], occupied: u64) -> Option<Cost> {
        let capacity = self.machine().capacity;
        let (stage_bytes, held) = self.space(holds, occupied);
        if stage_bytes.iter().any(|&b| b > capacity) {
            return None;
        }
        let mut front = vec![held];
        for (t, bytes) in stage_bytes.iter().enumerate() {
            front = combine(&front, &self.operation(t, holds, capacity - bytes));
        }
        let best = front.into_iter().min_by_key(|t| t.time(self.machine()))?;
        Some(Cost {
            time: best.time(self.machine()),
            tally: best,
            stage_bytes,
        })
    }

    fn machine(&self) -> &'a Machine {
        &self.walk.stage.case.machine
    }

    /// Where the operands of an operation lie.
    fn places(&self, t: usize, holds: &[Hold]) -> Vec<Place> {
        let stage = self.walk.stage;
        let operation = &stage.operations[t];
        let place = |i: usize| {
            let tensor = operand_of(operation, i).tensor;
            if stage.internal.contains(&tensor) {
                return Place::Internal;
            }
            match holds[tensor] {
                Hold::Passing => Place::Passing,
                Hold::Level(_) | Hold::Resident => Place::Held,
            }
        };
        (0..=operation.reads.len()).map(place).collect()
    }

    /// All sums over one operation's iterations whose buffers fit into `room`.
    fn operation(&self, t: usize, holds: &[Hold], room: u64) -> Sums {
        let result = self.walk.stage.operations[t].write.tensor;
        let key = (t, self.places(t, holds), holds[result] == Hold::Resident);
        let mut asked = self.priced.borrow_mut();
        let prices = asked
            .entry(key.clone())
            .or_insert_with(|| self.priced(t, &key.1, holds));
        let each = prices.iter().flatten();
        let fits: Vec<bool> = each.map(|(buffers, _)| *buffers <= room).collect();
        let mut sums = self.sums.borrow_mut();
        let sum = sums.entry((key, fits)).or_insert_with(|| {
            let mut front = vec![Tally::NOTHING];
            for work in prices {
                let fitting = work.iter().filter(|(buffers, _)| *buffers <= room);
                front = combine(
                    &front,
                    &fitting.map(|(_, tally)| *tally).collect::<Vec<_>>(),
                );
            }
            Rc::new(front)
        });
        Rc::clone(sum)
    }

    /// Asks for the prices of an operation.
    fn priced(&self, t: usize, places: &[Place], holds: &[Hold]) -> Priced {
        let each = |(work, times): &(Work, u64)| {
            let (extents, touched) = (&work.extents, &work.touched);
            let prices = self
                .prices
                .of(self.walk.stage.first + t, extents, touched, places);
            let sum = |p: &Price| Tally::NOTHING.plus(&self.one(t, work, p, holds), *times);
            prices.iter().map(|p| (p.buffers, sum(p))).collect()
        };
        self.works[t].iter().map(each).collect()
    }

    /// One iteration of an operation at one price.
    fn one(&self, t: usize, work: &Work, price: &Price, holds: &[Hold]) -> Tally {
        let stage = self.walk.stage;
        let result = stage.operations[t].write.tensor;
        let tensor = &stage.case.tensors[result];
        let elements = work.touched[work.touched.len() - 1];
        let narrow = elements * tensor.bits;
        let wide = elements * tensor.accumulator_bits;
        let (first, last) = work.visits;
        let back = if first { 0 } else { wide };
        // What is written last in the box, finished or not.
        let final_width = |bits: u64| if last { bits } else { bits + wide - narrow };
        let reads: u64 = price.outer_bits[..work.touched.len() - 1].iter().sum();
        let mut tally = Tally {
            inward: reads + price.inward_partial_bits,
            outward: price.outward_partial_bits,
            read: price.read_bits + back + work.part.read * tensor.accumulator_bits,
            written: final_width(price.written_bits) + work.part.written * tensor.accumulator_bits,
            ..Tally::NOTHING
        };
        // What leaves a block of the stage overlaps with all of it, as what is fetched into one.
        let mut leaving = 0;
        let internal = stage.internal.contains(&result);
        let resident = holds[result] == Hold::Resident;
        if internal || resident {
            let leaves = if resident {
                tensor.ends_outside
            } else {
                stage.needed_later(result)
            };
            leaving = if leaves {
                work.finished * tensor.bits
            } else {
                0
            };
        } else if holds[result] == Hold::Passing {
            tally.inward += back;
            tally.outward += final_width(price.outer_bits[work.touched.len() - 1]);
        }
        let cycles = price.cycles + work.part.operations;
        tally.paced = tally.ports(self.machine()).max(cycles.into());
        tally.outward += leaving;
        tally.wait(self.machine());
        tally
    }

    /// Bytes that the stage takes while each operation runs, and what is moved for
    /// held operands.
    fn space(&self, holds: &[Hold], occupied: u64) -> (Vec<u64>, Tally) {
        let stage = self.walk.stage;
        let mut bytes = vec![occupied; stage.len()];
        let mut held = Tally::NOTHING;
        for &x in &stage.external {
            let bits = stage.case.tensors[x].bits;
            match holds[x] {
                Hold::Passing => {}
                Hold::Resident => self.whole(&mut bytes, x, bits),
                Hold::Level(level) => {
                    let tiles = self.tiles(x, level, || fetched(self.walk, x, level));
                    held.inward += tiles.moved * bits;
                    self.buffer(&mut bytes, tiles, bits);
                }
            }
        }
        for &sink in &stage.sinks {
            let x = stage.operations[sink].write.tensor;
            let tensor = &stage.case.tensors[x];
            let cut = self.works[sink]
                .iter()
                .any(|(w, _)| w.visits != (true, true));
            let width = if cut {
                tensor.accumulator_bits
            } else {
                tensor.bits
            };
            match holds[x] {
                Hold::Passing => {}
                Hold::Resident => self.whole(&mut bytes, x, width),
                Hold::Level(level) => {
                    let tiles = self.tiles(x, level, || stored(self.walk, sink, level));
                    held.outward += tiles.moved * tensor.bits;
                    self.buffer(&mut bytes, tiles, tensor.accumulator_bits);
                }
            }
        }
        self.internal(&mut bytes, holds);
        self.accumulators(&mut bytes);
        held.wait(self.machine());
        (bytes, held)
    }

    /// Counts the tiles once.
    fn tiles(&self, x: usize, level: usize, count: impl Fn() -> Tiles) -> Counts {
        let mut known = self.known.borrow_mut();
        *known.entry((x, level)).or_insert_with(|| {
            let tiles = count();
            Counts {
                moved: tiles.moved(),
                times: tiles.times(),
                largest: tiles.largest,
            }
        })
    }

    /// Adds a whole tensor all through the stage.
    fn whole(&self, bytes: &mut [u64], tensor: usize, width: u64) {
        let size = self.walk.stage.case.tensors[tensor].size() as u64;
        let block = self.machine().block(size * width);
        for b in bytes.iter_mut() {
            *b += block;
        }
    }

    /// Adds a buffer for held tiles all through the stage.
    fn buffer(&self, bytes: &mut [u64], tiles: Counts, width: u64) {
        let twice = self.machine().double_buffer && tiles.times > 1;
        let block = self.machine().block(tiles.largest * width) * (1 + u64::from(twice));
        for b in bytes.iter_mut() {
            *b += block;
        }
    }

    /// Adds the accumulators of online softmaxes, all through the stage.
    fn accumulators(&self, bytes: &mut [u64]) {
        let stage = self.walk.stage;
        for (operation, online) in stage.operations.iter().zip(&self.online) {
            let width = stage.case.tensors[operation.write.tensor].accumulator_bits;
            let bits = online.as_ref().map_or(0, |o| o.accumulators * width);
            let block = self.machine().block(bits);
            for b in bytes.iter_mut() {
                *b += block;
            }
        }
    }

    /// Adds the internal tensors.
    fn internal(&self, bytes: &mut [u64], holds: &[Hold]) {
        let stage = self.walk.stage;
        for block in &self.walk.blocks {
            let x = block.tensor;
            let bits = stage.case.tensors[x].bits;
            if holds[x] == Hold::Resident {
                self.whole(bytes, x, bits);
                continue;
            }
            let life = if block.retained {
                0..stage.len()
            } else {
                let ends = stage.producer(x).zip(stage.last_reader(x));
                ends.map_or(0..0, |(from, to)| from..to + 1)
            };
            let space = self.machine().block(block.elements * bits);
            bytes[life].iter_mut().for_each(|b| *b += space);
        }
    }
}

/// Counts the kinds of iteration of an operation.
fn works(walk: &Walk, t: usize, online: Option<&Online>) -> Vec<(Work, u64)> {
    let mut counts: BTreeMap<Work, u64> = BTreeMap::new();
    let numbered = walk.iterations.iter().enumerate();
    for (n, iteration) in numbered.filter(|(_, i)| i.runs(t)) {
        let bounds = &iteration.boxes[t];
        let work = Work {
            extents: bounds.iter().map(|b| b.len()).collect(),
            touched: iteration.touched[t].iter().map(|s| s.count()).collect(),
            visits: iteration.visits[t],
            finished: iteration.finished[t].count(),
            part: online.map_or(Part::default(), |o| o.parts[n]),
        };
        *counts.entry(work).or_default() += 1;
    }
    counts.into_iter().collect()
}
