//! The walk over a nest: what every operation computes in every iteration.

use std::rc::Rc;

use super::set::{Elements, Interval, indices, signed};
use super::stage::{Stage, reach};

/// One loop of a nest: an axis of the stage, cut into tiles of `extent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    pub axis: usize,
    pub extent: usize,
}

/// One iteration of all loops.
#[derive(Clone, Debug)]
pub struct Iteration {
    /// Trip of every loop.
    pub index: Vec<usize>,
    /// For each operation the interval that it runs of each of its dimensions; if
    /// one is empty, it does nothing.
    pub boxes: Vec<Vec<Interval>>,
    /// For each internal tensor the hull that is needed of each of its axes.
    pub needs: Vec<Vec<Interval>>,
    /// For each operation the elements inside the tensor that each operand touches,
    /// the result last.
    pub touched: Vec<Vec<Rc<Elements>>>,
    /// For each operation the elements that are finished here for the first time.
    pub finished: Vec<Elements>,
    /// For each operation whether its result's box is visited for the first time,
    /// and for the last time.
    pub visits: Vec<(bool, bool)>,
}

impl Iteration {
    /// Whether an operation does anything.
    #[must_use]
    pub fn runs(&self, operation: usize) -> bool {
        self.boxes[operation].iter().all(|b| !b.is_empty())
    }

    /// What an operation computes.
    #[must_use]
    pub fn computed(&self, operation: usize) -> &Elements {
        let operands = &self.touched[operation];
        &operands[operands.len() - 1]
    }
}

/// The space of an internal tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub tensor: usize,
    /// Elements of the largest hull that lies in the shared memory at one time.
    pub elements: u64,
    /// Rows stay from one iteration to the next.
    pub retained: bool,
}

/// A stage under a nest, iteration by iteration.
pub struct Walk<'s, 'a> {
    pub stage: &'s Stage<'a>,
    pub nest: Vec<Loop>,
    pub iterations: Vec<Iteration>,
    /// For each internal tensor of the stage.
    pub blocks: Vec<Block>,
}

impl<'s, 'a> Walk<'s, 'a> {
    /// Walks all iterations of `nest`, its loops from the outermost in.
    ///
    /// # Errors
    /// The reason if the stage is none under this nest.
    pub fn new(stage: &'s Stage<'a>, nest: &[Loop]) -> Result<Self, String> {
        let trips = |l: &Loop| stage.axes[l.axis].extent.div_ceil(l.extent);
        let limits: Vec<usize> = nest.iter().map(trips).collect();
        let mut walk = Self {
            stage,
            nest: nest.to_vec(),
            iterations: Vec::new(),
            blocks: Vec::new(),
        };
        let mut tops = vec![0; stage.len()];
        for index in indices(&limits) {
            if index.last() == Some(&0) {
                tops.fill(0);
            }
            let iteration = walk.iteration(index, &mut tops);
            walk.iterations.push(iteration);
        }
        walk.finish();
        walk.check_reads()?;
        walk.check_cover()?;
        walk.blocks = (0..stage.internal.len()).map(|x| walk.block(x)).collect();
        Ok(walk)
    }

    /// The sizes of the hull that operation `t` runs, from the last one back.
    fn iteration(&self, index: Vec<usize>, tops: &mut [i64]) -> Iteration {
        let stage = self.stage;
        let no_need = |x: &usize| vec![Interval::EMPTY; stage.case.tensors[*x].shape.len()];
        let mut needs: Vec<_> = stage.internal.iter().map(no_need).collect();
        let mut boxes = vec![Vec::new(); stage.len()];
        for t in (0..stage.len()).rev() {
            boxes[t] = if stage.sinks.contains(&t) {
                self.sink_box(t, &index)
            } else {
                self.inner_box(t, &needs, &mut tops[t])
            };
            for (x, need) in stage.internal.iter().zip(&mut needs) {
                let reads = stage.operations[t].reads.iter();
                for read in reads.filter(|r| r.tensor == *x) {
                    let shape = &stage.case.tensors[*x].shape;
                    for ((hull, &axis), &extent) in need.iter_mut().zip(&read.index).zip(shape) {
                        *hull = if self.is_cut(t, axis.joined()) {
                            hull.hull(reach(axis, &boxes[t]).cut(extent))
                        } else {
                            Interval::whole(extent)
                        };
                    }
                }
            }
        }
        let operands = |t: usize| 0..=stage.operations[t].reads.len();
        let of = |t: usize| {
            operands(t)
                .map(|i| stage.touched(t, i, &boxes[t]))
                .collect()
        };
        Iteration {
            index,
            touched: (0..stage.len()).map(of).collect(),
            boxes,
            needs,
            finished: Vec::new(),
            visits: vec![(true, true); stage.len()],
        }
    }

    /// A sink's share: its tile of every loop, all of its other dimensions.
    fn sink_box(&self, t: usize, index: &[usize]) -> Vec<Interval> {
        let extents = &self.stage.operations[t].extents;
        let mut bounds: Vec<_> = extents.iter().map(|&e| Interval::whole(e)).collect();
        for (l, &trip) in self.nest.iter().zip(index) {
            let axis = &self.stage.axes[l.axis];
            bounds[axis.dims[t]] = Interval {
                from: signed(trip * l.extent),
                to: signed((trip * l.extent + l.extent).min(axis.extent)),
            };
        }
        bounds
    }

    /// What is needed of an internal result and, along the innermost loop, was not
    /// computed before; reductions are whole.
    fn inner_box(&self, t: usize, needs: &[Vec<Interval>], top: &mut i64) -> Vec<Interval> {
        let operation = &self.stage.operations[t];
        let mut bounds: Vec<_> = operation
            .extents
            .iter()
            .map(|&e| Interval::whole(e))
            .collect();
        let place = self
            .stage
            .internal
            .iter()
            .position(|&x| x == operation.write.tensor);
        let need = place.map_or(&[][..], |x| &needs[x]);
        // What no loop cuts is computed whole.
        for (index, &hull) in operation.write.index.iter().zip(need) {
            if self.is_cut(t, index.joined()) {
                bounds[index.joined()] = hull;
            }
        }
        if let Some(dim) = self.innermost(t) {
            let all = bounds[dim];
            if !all.is_empty() {
                bounds[dim].from = all.from.max(*top);
                *top = all.to.max(*top);
            }
        }
        bounds
    }

    /// Whether a loop cuts a dimension of operation `t`.
    fn is_cut(&self, t: usize, dim: usize) -> bool {
        let mut loops = self.nest.iter();
        loops.any(|l| self.stage.axes[l.axis].dims[t] == dim)
    }

    /// The dimension of operation `t` in the innermost loop.
    fn innermost(&self, t: usize) -> Option<usize> {
        let l = self.nest.last()?;
        Some(self.stage.axes[l.axis].dims[t])
    }

    /// The axis of the `x`-th internal tensor in the innermost loop.
    fn innermost_axis(&self, x: usize) -> Option<usize> {
        let producer = self.stage.producer(self.stage.internal[x])?;
        let dim = self.innermost(producer)?;
        let write = &self.stage.operations[producer].write;
        write.index.iter().position(|i| i.joined() == dim)
    }

    /// Fills in first and last visits and what is finished.
    fn finish(&mut self) {
        for t in 0..self.stage.len() {
            let of_each = self.iterations.iter().map(|i| i.computed(t).clone());
            let sets: Vec<Elements> = of_each.collect();
            let mut before = self.nothing(self.stage.operations[t].write.tensor);
            let sink = self.stage.sinks.contains(&t);
            for (n, set) in sets.iter().enumerate() {
                let first = set.without(&before);
                before.add(set);
                let meets = |other: &Elements| !set.without(other).eq(set);
                let last = !sets[n + 1..].iter().any(meets);
                let unfinished = sink && !last;
                let iteration = &mut self.iterations[n];
                iteration.visits[t] = (!sink || !first.is_empty(), !unfinished);
                let finished = match (sink, last) {
                    (true, true) => set.clone(),
                    (true, false) => set.without(set),
                    (false, _) => first,
                };
                iteration.finished.push(finished);
            }
        }
    }

    fn nothing(&self, tensor: usize) -> Elements {
        Elements::none(self.stage.case.tensors[tensor].size())
    }

    /// Whatever is read of an internal tensor was computed before, and since a
    /// loop outside the innermost one stepped.
    fn check_reads(&self) -> Result<(), String> {
        for (x, &tensor) in self.stage.internal.iter().enumerate() {
            let mut there = self.nothing(tensor);
            for iteration in &self.iterations {
                if iteration.index.last() == Some(&0) {
                    there = self.nothing(tensor);
                }
                if let Some(t) = self.stage.producer(tensor) {
                    there.add(iteration.computed(t));
                }
                if !self.read_of(iteration, tensor).is_within(&there) {
                    let name = &self.stage.case.tensors[self.stage.internal[x]].name;
                    return Err(format!("{name} needs rows that were passed over"));
                }
            }
        }
        Ok(())
    }

    /// What all operations touch of `tensor` as they read it in an iteration.
    #[must_use]
    pub fn read_of(&self, iteration: &Iteration, tensor: usize) -> Elements {
        let mut all = self.nothing(tensor);
        for (t, operation) in self.stage.operations.iter().enumerate() {
            for (operand, read) in operation.reads.iter().enumerate() {
                if read.tensor == tensor {
                    all.add(&iteration.touched[t][operand]);
                }
            }
        }
        all
    }

    /// What is needed later as well is computed without gaps.
    fn check_cover(&self) -> Result<(), String> {
        for &tensor in &self.stage.internal {
            let mut all = self.nothing(tensor);
            if let Some(t) = self.stage.producer(tensor) {
                let finished = self.iterations.iter().map(|i| &i.finished[t]);
                finished.for_each(|set| all.add(set));
            }
            let of = &self.stage.case.tensors[tensor];
            if self.stage.needed_later(tensor) && all.count() != of.size() as u64 {
                return Err(format!("{} is needed later and has gaps", of.name));
            }
        }
        Ok(())
    }

    /// The space of the `x`-th internal tensor.
    fn block(&self, x: usize) -> Block {
        let axis = self.innermost_axis(x);
        let mut block = Block {
            tensor: self.stage.internal[x],
            elements: 0,
            retained: false,
        };
        for (n, iteration) in self.iterations.iter().enumerate() {
            let mut need = iteration.needs[x].clone();
            if let Some(axis) = axis {
                let top = self.top_before(x, n, axis);
                block.retained |= !need[axis].is_empty() && need[axis].from < top;
                need[axis] = self.live(x, n, axis);
            }
            let elements = need.iter().map(|i| i.len() as u64).product();
            block.elements = block.elements.max(elements);
        }
        block
    }

    /// Where the rows end that were computed before iteration `n` of its pass.
    fn top_before(&self, x: usize, n: usize, axis: usize) -> i64 {
        let trip = self.iterations[n].index.last().copied().unwrap_or(0);
        let pass = &self.iterations[n - trip..n];
        pass.iter().map(|i| i.needs[x][axis].to).max().unwrap_or(0)
    }

    /// What is needed in iteration `n`, and what is there already and needed later
    /// in its pass, along the innermost loop.
    fn live(&self, x: usize, n: usize, axis: usize) -> Interval {
        let now = self.iterations[n].needs[x][axis];
        let top = now.to.max(self.top_before(x, n, axis));
        let later = self.iterations[n + 1..].iter();
        let pass = later.take_while(|i| i.index.last() != Some(&0));
        let needs = pass.map(|i| i.needs[x][axis]).filter(|i| !i.is_empty());
        let kept = needs.map(|i| Interval {
            from: i.from,
            to: i.to.min(top),
        });
        kept.fold(now, Interval::hull)
    }
}
