//! Groups of columns: the chains of a dimension, or of the two dimensions that a window joins.

use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Values, Watch};
use crate::problem::{Dim, Hardware, LoopNest};

use super::attribute::{Attribute, RowSum};
use super::bank::ChainBank;
use super::boxes::{BoxSpace, ChainBox};
use super::part::Part;
use super::parts::need;
use crate::tiling::chain::Chain;
use crate::tiling::rows::{CutNumbers, Rows};
use crate::tiling::slot::{Slot, outer_slots, slots_of};
use crate::tiling::third;
use crate::tiling::wanted::Wanted;
use crate::tiling::windows::RowBounds;

/// The columns of one group.
#[derive(Debug)]
pub struct ColumnGroup {
    /// Its dimensions: one, or output and kernel dimension of a window.
    pub dims: Vec<Dim>,
    /// The extent of each dimension.
    pub extents: Vec<u64>,
    /// The slots of each dimension.
    pub slots: Vec<Vec<Slot>>,
    /// The chains of each dimension.
    pub chains: Vec<Arc<Vec<Chain>>>,
    /// For each column the index of its chain in each dimension.
    pub columns: Vec<[u32; 2]>,
    /// Which part of the chains the columns describe.
    pub part: Part,
    /// The number of slots above the first array, for each dimension.
    pub outer: Vec<usize>,
    /// For boxes the largest extents, for each dimension and chain.
    pub highest: Arc<Vec<Vec<Vec<u64>>>>,
    /// For boxes the chains written out so far.
    pub(crate) bank: Arc<Mutex<ChainBank>>,
    /// What restrictions ask of the chains of each dimension.
    pub(crate) wanted: Vec<Wanted>,
    /// For boxes of whole chains, how each dimension's are halved.
    pub(crate) boxes: Arc<Vec<BoxSpace>>,
    watch: Watch,
    /// Whether its first dimension may be cut once more between its slots.
    pub(crate) third: bool,
    bounds: Option<RowBounds>,
    rows: Option<Arc<Mutex<Rows>>>,
    numbers: Arc<Mutex<CutNumbers>>,
    known: Arc<Mutex<FxHashMap<Attribute, Arc<Vec<f64>>>>>,
    known_sums: Arc<Mutex<FxHashMap<Vec<Attribute>, Values>>>,
}

impl ColumnGroup {
    /// A group with the given columns.
    #[must_use]
    pub fn new(
        operation: &LoopNest,
        hardware: &Hardware,
        dims: Vec<Dim>,
        chains: Vec<Arc<Vec<Chain>>>,
        columns: Vec<[u32; 2]>,
    ) -> Self {
        let extents = dims.iter().map(|&d| operation.extents[d]).collect();
        let slots: Vec<Vec<Slot>> = dims
            .iter()
            .map(|&d| slots_of(operation, hardware, d))
            .collect();
        let outer = slots.iter().map(|s| outer_slots(hardware, s)).collect();
        let slots_len = slots.len();
        let axis = (dims.len() == 2)
            .then(|| LoopNest::window_of(dims[0]))
            .flatten();
        let third = !third::gaps(operation, hardware, dims[0], &slots[0]).is_empty();
        let rows = axis.map(|a| Arc::new(Mutex::new(Rows::new(operation, a, &slots))));
        Self {
            dims,
            extents,
            slots,
            chains,
            columns,
            part: Part::Whole,
            outer,
            highest: Arc::default(),
            bank: Arc::default(),
            wanted: vec![Wanted::default(); slots_len],
            boxes: Arc::default(),
            watch: Watch::default(),
            third,
            bounds: axis.map(|a| RowBounds::new(operation, a)),
            rows,
            numbers: Arc::default(),
            known: Arc::default(),
            known_sums: Arc::default(),
        }
    }

    /// The same columns as one part of their chains; boxes come with their largest extents.
    #[must_use]
    pub(crate) fn into_part(mut self, part: Part, highest: Vec<Vec<Vec<u64>>>) -> Self {
        self.part = part;
        self.highest = Arc::new(highest);
        self
    }

    /// The same group, its values to be given up when the watch says stop.
    #[must_use]
    pub fn watched(mut self, watch: &Watch) -> Self {
        self.watch = watch.clone();
        self
    }

    /// The same group where restrictions ask something of its dimensions.
    #[must_use]
    pub(crate) fn wanting(self, wanted: Vec<Wanted>) -> Self {
        Self { wanted, ..self }
    }

    /// The least extent above the array that a dimension's inner part needs.
    pub(crate) fn need_of(&self, position: usize, inner: &Chain) -> u64 {
        let wanted = &self.wanted[position];
        need(&self.slots[position], self.outer[position], inner, wanted)
    }

    /// When its values are to be given up.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The same group with some of its columns only; where no boxes are among them it has none.
    #[must_use]
    pub fn with_columns(
        &self,
        operation: &LoopNest,
        hardware: &Hardware,
        columns: Vec<[u32; 2]>,
    ) -> Self {
        let mut own = Self {
            rows: self.rows.clone(),
            numbers: Arc::clone(&self.numbers),
            part: self.part,
            highest: Arc::clone(&self.highest),
            bank: Arc::clone(&self.bank),
            wanted: self.wanted.clone(),
            boxes: Arc::clone(&self.boxes),
            watch: self.watch.clone(),
            ..Self::new(
                operation,
                hardware,
                self.dims.clone(),
                self.chains.clone(),
                columns,
            )
        };
        if own.part == Part::Boxed && (0..own.columns.len()).all(|j| own.is_exact(j)) {
            own.part = Part::Whole;
        }
        own
    }

    /// The same group with these boxes and chains of its dimensions in place of its own, of which
    /// `columns` are made: boxes, unless all of them are chains.
    #[must_use]
    pub(crate) fn with_boxes(
        &self,
        operation: &LoopNest,
        hardware: &Hardware,
        boxes: Vec<Vec<ChainBox>>,
        columns: Vec<[u32; 2]>,
    ) -> Self {
        let part = if boxes.iter().flatten().all(ChainBox::is_chain) {
            Part::Whole
        } else {
            Part::Boxed
        };
        let parted = boxes.into_iter().map(|own| {
            let pairs = own.into_iter().map(|b| (b.chain, b.highest));
            let (chains, highest): (Vec<Chain>, Vec<Vec<u64>>) = pairs.unzip();
            (Arc::new(chains), highest)
        });
        let (chains, highest): (Vec<_>, Vec<_>) = parted.unzip();
        Self {
            rows: self.rows.clone(),
            part,
            highest: Arc::new(highest),
            wanted: self.wanted.clone(),
            boxes: Arc::clone(&self.boxes),
            watch: self.watch.clone(),
            ..Self::new(operation, hardware, self.dims.clone(), chains, columns)
        }
    }

    /// A group with a single column: a column of this one, each box in it replaced by the corner
    /// with the largest extents in memories down to `level`, and the smallest ones below.
    #[must_use]
    pub fn corner(
        &self,
        operation: &LoopNest,
        hardware: &Hardware,
        column: u32,
        level: usize,
    ) -> Self {
        let corner = |position: usize| {
            let chain = self.chain(column as usize, position);
            let highest = self.highest.get(position);
            let highest = highest
                .and_then(|own| own.get(self.columns[column as usize][position] as usize))
                .filter(|_| self.part == Part::Boxed);
            let mut own = chain.clone();
            for (slot, &high) in highest.into_iter().flatten().enumerate() {
                if self.slots[position][slot].level <= level {
                    own.extents[slot] = high;
                }
            }
            Arc::new(vec![own])
        };
        let chains = (0..self.dims.len()).map(corner).collect();
        Self::new(operation, hardware, self.dims.clone(), chains, vec![[0, 0]])
    }

    /// The same group without any columns, to be given boxes one by one.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            dims: self.dims.clone(),
            extents: self.extents.clone(),
            slots: self.slots.clone(),
            chains: vec![Arc::default(); self.dims.len()],
            columns: Vec::new(),
            part: Part::Boxed,
            outer: self.outer.clone(),
            highest: Arc::new(vec![Vec::new(); self.dims.len()]),
            bank: Arc::default(),
            wanted: self.wanted.clone(),
            boxes: Arc::clone(&self.boxes),
            watch: self.watch.clone(),
            third: self.third,
            bounds: self.bounds,
            rows: self.rows.clone(),
            numbers: Arc::default(),
            known: Arc::default(),
            known_sums: Arc::default(),
        }
    }

    /// Adds a box to those of a dimension; its number.
    pub(crate) fn push_box(&mut self, position: usize, own: &ChainBox) -> u32 {
        let chains = Arc::make_mut(&mut self.chains[position]);
        chains.push(own.chain.clone());
        let number = u32::try_from(chains.len() - 1).unwrap_or(u32::MAX);
        Arc::make_mut(&mut self.highest)[position].push(own.highest.clone());
        number
    }

    /// The same group, all that is known of its columns shared.
    #[must_use]
    pub(crate) fn shared(&self) -> Self {
        Self {
            chains: self.chains.clone(),
            columns: self.columns.clone(),
            part: self.part,
            highest: Arc::clone(&self.highest),
            bank: Arc::clone(&self.bank),
            numbers: Arc::clone(&self.numbers),
            known: Arc::clone(&self.known),
            known_sums: Arc::clone(&self.known_sums),
            ..self.emptied()
        }
    }

    /// The same group, its boxes to be halved as these say.
    #[must_use]
    pub(crate) fn halved_by(self, boxes: Vec<BoxSpace>) -> Self {
        let boxes = Arc::new(boxes);
        Self { boxes, ..self }
    }

    /// The box or chain of a dimension in a column.
    #[must_use]
    pub(crate) fn box_of(&self, column: usize, position: usize) -> ChainBox {
        let index = self.columns[column][position] as usize;
        ChainBox {
            chain: self.chains[position][index].clone(),
            highest: self.highest[position][index].clone(),
        }
    }

    /// The chain of a dimension in a column.
    #[must_use]
    pub fn chain(&self, column: usize, position: usize) -> &Chain {
        &self.chains[position][self.columns[column][position] as usize]
    }

    /// The smallest and the largest extent over all elements that a column has at a slot.
    pub(crate) fn wide_range(&self, column: usize, position: usize, slot: usize) -> (u64, u64) {
        let chain = self.chain(column, position);
        let low = chain.wide(&self.slots[position], slot);
        let highest = self.highest.get(position);
        let own = highest.and_then(|all| all.get(self.columns[column][position] as usize));
        let high = own.and_then(|all| all.get(slot)).map_or(low, |&high| {
            high.saturating_mul(chain.spread_above(self.slots[position][slot].level))
        });
        (low, high)
    }

    /// The position of a dimension in this group.
    #[must_use]
    pub fn position(&self, d: Dim) -> Option<usize> {
        self.dims.iter().position(|&own| own == d)
    }

    /// Whether the attribute belongs to this group.
    #[must_use]
    pub fn has(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Count(d, slot)
            | Attribute::Extent(d, slot)
            | Attribute::Share(d, slot, _) => self.has_slot(d, slot),
            Attribute::Steps(d) | Attribute::Spread(d, ..) => {
                self.dims.contains(&d) && self.part != Part::Outer
            }
            Attribute::Receivers(d, ..) | Attribute::Active(d, ..) | Attribute::Repeats(d, ..) => {
                self.dims.contains(&d)
            }
            Attribute::Need(d) => self.dims.contains(&d) && self.part == Part::Inner,
            Attribute::Room(d) => self.dims.contains(&d) && self.part == Part::Outer,
            Attribute::PerWide(d, slot) => self.part == Part::Inner && self.has_slot(d, slot),
            Attribute::Rows(axis, output, _) | Attribute::Sum(RowSum { axis, output, .. }) => {
                let (p, _) = LoopNest::WINDOW_DIMS[axis];
                self.dims.len() == 2 && self.has_slot(p, output)
            }
        }
    }

    fn has_slot(&self, d: Dim, slot: usize) -> bool {
        self.position(d).is_some_and(|p| match self.part {
            Part::Whole | Part::Boxed => true,
            Part::Outer => slot < self.outer[p],
            Part::Inner => slot >= self.outer[p],
        })
    }

    /// The logarithms of an attribute, one per column.
    ///
    /// # Panics
    /// Never: the lock is not held across a panic.
    #[must_use]
    pub fn values(&self, attribute: Attribute) -> Arc<Vec<f64>> {
        if let Ok(known) = self.known.lock()
            && let Some(values) = known.get(&attribute)
        {
            return Arc::clone(values);
        }
        let values = Arc::new(self.logarithms(attribute));
        if let Ok(mut known) = self.known.lock() {
            known.insert(attribute, Arc::clone(&values));
        }
        values
    }

    /// The sum of the logarithms of several attributes, one per column; `None` where all are zero.
    #[must_use]
    pub fn sum(&self, attributes: Vec<Attribute>) -> Values {
        if let Ok(known) = self.known_sums.lock()
            && let Some(values) = known.get(&attributes)
        {
            return values.clone();
        }
        if self.watch.cause().is_some() {
            // Nothing is used any more, and there may be no memory for it.
            return None;
        }
        let mut total = vec![0.0; self.columns.len()];
        for &attribute in &attributes {
            total
                .iter_mut()
                .zip(self.values(attribute).iter())
                .for_each(|(t, v)| *t += v);
        }
        let values = total.iter().any(|&v| v != 0.0).then(|| Arc::new(total));
        if let Ok(mut known) = self.known_sums.lock() {
            known.insert(attributes, values.clone());
        }
        values
    }

    fn logarithms(&self, attribute: Attribute) -> Vec<f64> {
        let ticker = self.watch.ticker();
        // Rows of windows that see padding are counted piece by piece.
        let long = matches!(attribute, Attribute::Rows(..) | Attribute::Sum(_))
            && self.extents.iter().product::<u64>() > LONG_WINDOW;
        (0..self.columns.len())
            .map(|column| {
                // Once stopped nothing is used any more, but every column needs a value.
                if ticker.stopped() || (long && self.watch.stopped()) {
                    0.0
                } else {
                    self.logarithm(attribute, column)
                }
            })
            .collect()
    }

    /// The logarithm of an attribute of a column.
    pub(crate) fn logarithm(&self, attribute: Attribute, column: usize) -> f64 {
        match attribute {
            Attribute::Receivers(d, slot, level, way) => {
                self.receivers(column, d, (slot, level, way))
            }
            Attribute::Repeats(d, slot, level, way) => self.repeats(column, d, (slot, level, way)),
            Attribute::Room(_) | Attribute::PerWide(..) => -ln(self.integer(attribute, column)),
            _ => ln(self.integer(attribute, column)),
        }
    }

    /// The integer itself.
    #[must_use]
    pub fn integer(&self, attribute: Attribute, column: usize) -> u64 {
        let of = |d: Dim| self.position(d).map(|p| self.chain(column, p));
        match attribute {
            Attribute::Count(d, slot) => of(d).map_or(1, |c| c.counts[slot]),
            Attribute::Extent(d, slot) => of(d).map_or(1, |c| c.extents[slot]),
            Attribute::Steps(d) => of(d).map_or(1, |c| c.steps),
            Attribute::Spread(d, array, axis) => of(d).map_or(1, |c| {
                c.spread
                    .iter()
                    .filter(|s| (s.array, s.axis) == (array, axis))
                    .map(|s| s.factor)
                    .product()
            }),
            Attribute::Share(d, slot, level) => self
                .position(d)
                .map_or(1, |p| self.share(column, p, slot, level)),
            Attribute::Receivers(d, slot, level, way) | Attribute::Repeats(d, slot, level, way) => {
                self.taking_part(column, d, (slot, level, way)).0
            }
            Attribute::Active(d, slot, level, way) => {
                self.taking_part(column, d, (slot, level, way)).1
            }
            Attribute::Rows(_, output, kernel) => self.largest_rows(column, output, kernel),
            Attribute::Sum(sum) => self.sum_of_rows(column, sum),
            Attribute::Need(d) => self
                .position(d)
                .map_or(1, |p| self.need_of(p, self.chain(column, p))),
            Attribute::PerWide(d, slot) => self
                .position(d)
                .map_or(1, |p| self.chain(column, p).wide(&self.slots[p], slot)),
            Attribute::Room(d) => self.position(d).map_or(1, |p| {
                let chain = self.columns[column][p] as usize;
                self.highest[p][chain].last().copied().unwrap_or(u64::MAX)
            }),
        }
    }

    /// Rows of the largest tile, or the least they can be in a part.
    fn largest_rows(&self, column: usize, output: usize, kernel: usize) -> u64 {
        let (p, r) = (self.chain(column, 0), self.chain(column, 1));
        match &self.bounds {
            Some(bounds) if !self.is_exact(column) => {
                // Three tiles, all but the last of them full, unless a third cut comes first.
                let apart = p.spread_above(self.slots[0][0].level) == 1 && !self.third;
                let full = self.part != Part::Inner && p.counts[0] >= 3 && apart;
                let interior = output == 0 && full;
                bounds.largest(p.extents[output], r.extents[kernel], interior)
            }
            _ => self.with_rows(|rows, numbers| {
                let [i, j] = self.columns[column];
                let outputs = rows.elements(numbers, (0, i), p, output);
                let kernels = rows.elements(numbers, (1, j), r, kernel);
                rows.largest(outputs, kernels)
            }),
        }
    }

    /// Rows over all tiles or walks, or the least they can be in a part.
    fn sum_of_rows(&self, column: usize, sum: RowSum) -> u64 {
        let (p, r) = (self.chain(column, 0), self.chain(column, 1));
        let (inner, outer) = sum.between;
        let alone = |c: &Chain| c.spread_above(inner) == c.spread_above(outer);
        let walk = sum
            .walk
            .filter(|_| r.counts.get(sum.kernel) == Some(&1) && alone(p) && alone(r));
        let is_spread = p.spread_above(sum.port) > 1 || r.spread_above(sum.port) > 1;
        match &self.bounds {
            // In padding the share of a tile may have more rows than those of its parts.
            Some(bounds)
                if !self.is_exact(column) || (!sum.ordered && is_spread && bounds.is_clipped()) =>
            {
                let tiles = |c: &Chain, slot: usize| c.counts.get(slot).copied().unwrap_or(c.steps);
                let own = tiles(p, sum.output);
                let pieces = match walk {
                    None => own,
                    Some(0) => 1,
                    Some(cut) if self.has_slot(self.dims[0], cut - 1) => p.counts[cut - 1],
                    Some(_) => 1,
                };
                let kernels = tiles(r, sum.kernel);
                let spread = (p.spread_above(sum.port), r.spread_above(sum.port));
                if sum.elements || spread == (1, 1) {
                    bounds.sum(pieces, kernels)
                } else {
                    // The port of a memory below arrays sees what element 0 does.
                    bounds.first_element(pieces, kernels, spread)
                }
            }
            Some(bounds)
                if walk.is_some()
                    && p.extents
                        .get(sum.output)
                        .is_some_and(|&tile| bounds.forgets_rows(tile)) =>
            {
                // Below a node that an inner memory keeps across this one's tiles there is no walk.
                let cut = walk.unwrap_or_default().min(sum.output + 1);
                let counted = (sum.port, sum.elements);
                self.with_rows(|rows, _| rows.walked((p, r), (cut, sum.output), counted))
            }
            _ => self.with_rows(|rows, numbers| {
                let [i, j] = self.columns[column];
                if sum.elements {
                    let outputs = match walk {
                        Some(cut) => rows.walk(p, cut, sum.port),
                        None => rows.spread_cut(0, p, sum.output + 1, sum.port),
                    };
                    let kernels = rows.spread_cut(1, r, sum.kernel + 1, sum.port);
                    return rows.sum(outputs, kernels, (1, 1));
                }
                let outputs = match walk.filter(|_| p.third.is_some()) {
                    Some(cut) => rows.walk(p, cut, 0),
                    None => rows.cut(numbers, (0, i), p, walk.unwrap_or(sum.output + 1)),
                };
                let kernels = rows.cut(numbers, (1, j), r, sum.kernel + 1);
                rows.sum(
                    outputs,
                    kernels,
                    (p.spread_above(sum.port), r.spread_above(sum.port)),
                )
            }),
        }
    }

    fn share(&self, column: usize, position: usize, slot: usize, level: usize) -> u64 {
        let chain = self.chain(column, position);
        if !self.is_exact(column) {
            let dealt = self.extents[position].div_ceil(chain.spread_above(level));
            // Element 0 has a share of every tile.
            return match self.part {
                Part::Boxed => dealt.max(chain.counts.get(slot).copied().unwrap_or(chain.steps)),
                _ => dealt,
            };
        }
        let cuts = chain.pieces(&self.slots[position], self.extents[position]);
        u64::try_from(cuts[slot + 1].share_sum(chain.spread_above(level))).unwrap_or(u64::MAX)
    }

    fn with_rows(&self, f: impl FnOnce(&mut Rows, &mut CutNumbers) -> u64) -> u64 {
        let Some(rows) = &self.rows else { return 1 };
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut rows, &mut numbers)
    }

    /// Whether a column is made of single chains, each written out from the whole dimension down
    /// to one element: no box, and no part of a chain.
    #[must_use]
    pub fn is_exact(&self, column: usize) -> bool {
        let single = |p: usize| self.highest[p][self.columns[column][p] as usize].is_empty();
        match self.part {
            Part::Whole => true,
            Part::Boxed => (0..self.dims.len()).all(single),
            Part::Outer | Part::Inner => false,
        }
    }
}

/// Outputs times taps of a window beyond which the rows of a single column may take long.
const LONG_WINDOW: u64 = 5_000;

/// Stands for the logarithm of 0: a tile that sees only padding moves and takes nothing. Its
/// term then is below 1e-30 of any other, far under the slack of every bound.
const LN_ZERO: f64 = -80.0;

#[expect(
    clippy::cast_precision_loss,
    reason = "products of extents; the bound is rounded outwards"
)]
pub(crate) fn ln(value: u64) -> f64 {
    if value == 0 {
        LN_ZERO
    } else {
        (value as f64).ln()
    }
}
