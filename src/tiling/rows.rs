//! Rows of one window axis for whole chains, each distinct pair of cuts computed once.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::cost::chain::{Pieces, shares};
use crate::cost::window::Block;
use crate::problem::LoopNest;

use super::chain::Chain;
use super::slot::Slot;
use super::windows::{Repeated, RowTable, spread_kinds};

/// For each dimension and chain of a group the numbers of its cuts: the whole dimension, then every
/// slot and the array's tiles, then the blocks of all elements at every slot.
#[derive(Debug, Default)]
pub(crate) struct CutNumbers([Vec<Option<SmallVec<[u32; 12]>>>; 2]);

/// The walks of a chain of outputs along the pieces after its first `cut` slots, for the first
/// element of the arrays with these factors or for all of them: each the tiles at a slot, cut by all
/// extents from there in.
pub(crate) fn walks(
    chain: &Chain,
    slots: &[Slot],
    extent: u64,
    (cut, slot): (usize, usize),
    (factors, elements): (&[u64], bool),
) -> Vec<Vec<Block>> {
    let cuts = chain.cuts_above(slots, cut);
    let pieces = cuts.iter().fold(Pieces::whole(extent), |p, &w| p.cut(w));
    let spread: u64 = factors.iter().product();
    let inner = chain.cuts_until(slots, slot + 1);
    let own = inner[cuts.len()..].iter().map(|w| w.div_ceil(spread));
    let own: SmallVec<[u64; 6]> = own.collect();
    let tiles = |walk: Block| {
        let whole = Pieces::single(walk);
        own.iter().fold(whole, |p, &e| p.cut(e)).blocks()
    };
    let first = |block: Block| Block {
        length: block.length.div_ceil(spread),
        ..block
    };
    let blocks = pieces.blocks().into_iter();
    if elements {
        blocks.flat_map(|b| shares(b, factors)).map(tiles).collect()
    } else {
        blocks.map(|b| tiles(first(b))).collect()
    }
}

/// Row counts of one window axis, each distinct pair of cuts computed once.
#[derive(Debug)]
pub(crate) struct Rows {
    table: RowTable,
    slots: [Vec<Slot>; 2],
    extents: [u64; 2],
    cuts: Vec<Vec<Repeated>>,
    known_cuts: FxHashMap<(usize, SmallVec<[u64; 6]>), u32>,
    known_sums: FxHashMap<(u32, u32, u64, u64), u64>,
    known_largest: FxHashMap<(u32, u32), u64>,
    known_walks: FxHashMap<SmallVec<[u64; 12]>, u64>,
}

impl Rows {
    pub(crate) fn new(operation: &LoopNest, axis: usize, slots: &[Vec<Slot>]) -> Self {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        Self {
            table: RowTable::new(operation, axis),
            slots: [slots[0].clone(), slots[1].clone()],
            extents: [operation.extents[p], operation.extents[r]],
            cuts: Vec::new(),
            known_cuts: FxHashMap::default(),
            known_sums: FxHashMap::default(),
            known_largest: FxHashMap::default(),
            known_walks: FxHashMap::default(),
        }
    }

    /// The number of the cut of a chain after its first `cut` slots.
    pub(crate) fn cut(
        &mut self,
        numbers: &mut CutNumbers,
        (position, index): (usize, u32),
        chain: &Chain,
        cut: usize,
    ) -> u32 {
        self.numbers_of(numbers, (position, index), chain)[cut]
    }

    /// The number of the blocks of all elements of a chain at a slot.
    pub(crate) fn elements(
        &mut self,
        numbers: &mut CutNumbers,
        (position, index): (usize, u32),
        chain: &Chain,
        slot: usize,
    ) -> u32 {
        let offset = self.slots[position].len() + 2;
        self.numbers_of(numbers, (position, index), chain)[offset + slot]
    }

    /// The number of the cut of a chain after its first `cut` slots (after all of them, the array's
    /// tiles), every piece spread over the arrays above a level.
    pub(crate) fn spread_cut(
        &mut self,
        position: usize,
        chain: &Chain,
        cut: usize,
        level: usize,
    ) -> u32 {
        let slots = &self.slots[position];
        let key = if cut > slots.len() {
            let mut tiles = chain.cuts_above(slots, slots.len());
            tiles.push(chain.spread_above(usize::MAX));
            tiles
        } else {
            chain.cuts_until(slots, cut)
        };
        self.numbered(position, key, &chain.array_factors(level))
    }

    /// The number of the pieces along which a tile at slot `slot` of the output dimension is
    /// walked, every piece spread over the arrays above a level.
    pub(crate) fn walk(&mut self, chain: &Chain, slot: usize, level: usize) -> u32 {
        let key = chain.cuts_above(&self.slots[0], slot);
        self.numbered(0, key, &chain.array_factors(level))
    }

    fn numbers_of<'n>(
        &mut self,
        numbers: &'n mut CutNumbers,
        (position, index): (usize, u32),
        chain: &Chain,
    ) -> &'n [u32] {
        let (own, index) = (&mut numbers.0[position], index as usize);
        if own.len() <= index {
            own.resize(index + 1, None);
        }
        own[index].get_or_insert_with(|| self.number(position, chain))
    }

    /// Numbers all cuts of a chain.
    fn number(&mut self, position: usize, chain: &Chain) -> SmallVec<[u32; 12]> {
        let slots = self.slots[position].clone();
        let mut numbers = SmallVec::new();
        for cut in 0..=slots.len() {
            let key = chain.cuts_until(&slots, cut);
            numbers.push(self.numbered(position, key, &[]));
        }
        let mut tiles = chain.cuts_above(&slots, slots.len());
        tiles.push(chain.spread_above(usize::MAX));
        numbers.push(self.numbered(position, tiles, &[]));
        for slot in 0..slots.len() {
            let factors = chain.array_factors(slots[slot].level);
            let key = chain.cuts_until(&slots, slot + 1);
            numbers.push(self.numbered(position, key, &factors));
        }
        numbers
    }

    /// The number of a cut by these extents, each piece then spread by the factors.
    fn numbered(&mut self, position: usize, wide: SmallVec<[u64; 6]>, factors: &[u64]) -> u32 {
        let mut key = (position, wide);
        if !factors.is_empty() {
            key.1.push(0);
            key.1.extend_from_slice(factors);
        }
        if let Some(&known) = self.known_cuts.get(&key) {
            return known;
        }
        let extents = key.1.iter().take_while(|&&w| w > 0);
        let pieces = extents.fold(Pieces::whole(self.extents[position]), |p, &w| p.cut(w));
        let kinds = pieces.kinds(self.table.clear(position == 0));
        let blocks = spread_kinds(&kinds, factors);
        let number = u32::try_from(self.cuts.len()).unwrap_or(u32::MAX);
        self.cuts.push(if position == 0 {
            self.table.repeated(&blocks)
        } else {
            self.table.repeated_taps(&blocks)
        });
        self.known_cuts.insert(key, number);
        number
    }

    pub(crate) fn largest(&mut self, outputs: u32, kernels: u32) -> u64 {
        if let Some(&known) = self.known_largest.get(&(outputs, kernels)) {
            return known;
        }
        let value = self
            .table
            .largest(&self.cuts[outputs as usize], &self.cuts[kernels as usize]);
        self.known_largest.insert((outputs, kernels), value);
        value
    }

    pub(crate) fn sum(&mut self, outputs: u32, kernels: u32, shares: (u64, u64)) -> u64 {
        let key = (outputs, kernels, shares.0, shares.1);
        if let Some(&known) = self.known_sums.get(&key) {
            return known;
        }
        let value = self.table.sum(
            &self.cuts[outputs as usize],
            &self.cuts[kernels as usize],
            shares,
        );
        self.known_sums.insert(key, value);
        value
    }

    /// The rows that all walks of an output chain fetch, the whole kernel in every tile: along the
    /// pieces after its first `cut` slots, in its tiles at `slot`, for the first element of the arrays
    /// above `port` or for all of them.
    pub(crate) fn walked(
        &mut self,
        (output, kernel): (&Chain, &Chain),
        (cut, slot): (usize, usize),
        (port, elements): (usize, bool),
    ) -> u64 {
        let [factors, taps] = [output, kernel].map(|chain| chain.array_factors(port));
        let mut key: SmallVec<[u64; 12]> = output
            .cuts_until(&self.slots[0], slot + 1)
            .into_iter()
            .collect();
        key.extend([0, cut as u64, u64::from(elements)]);
        key.extend(
            factors
                .iter()
                .copied()
                .chain([0])
                .chain(taps.iter().copied()),
        );
        if let Some(&known) = self.known_walks.get(&key) {
            return known;
        }
        let whole = Block {
            start: 0,
            length: self.extents[1],
        };
        let mut kernels = shares(whole, &taps);
        if !elements {
            kernels.truncate(1);
        }
        let own = (factors.as_slice(), elements);
        let all = walks(output, &self.slots[0], self.extents[0], (cut, slot), own);
        let mut value = 0;
        for tiles in &all {
            for &kernel in &kernels {
                value += self.table.walked(tiles, kernel);
            }
        }
        self.known_walks.insert(key, value);
        value
    }
}
