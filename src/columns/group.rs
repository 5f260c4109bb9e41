//! Groups of columns: the chains of a dimension, or of the two dimensions that a window joins.

use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use crate::engine::{Values, Watch};
use crate::problem::{Dim, LoopNest};
use crate::tiling::chain::Chain;
use crate::tiling::rows::{CutNumbers, Rows};
use crate::tiling::site::Site;
use crate::tiling::slot::Slot;
use crate::tiling::third;
use crate::tiling::wanted::Wanted;
use crate::tiling::windows::RowBounds;

use super::attribute::Attribute;
use super::bank::ChainBank;
use super::boxes::{BoxSpace, ChainBox};
use super::kinds::{BOXES, CHAINS, Cell, Columns, Refinement};

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
    /// What the columns stand for.
    pub kind: &'static dyn Columns,
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
    pub(super) watch: Watch,
    /// Whether its first dimension may be cut once more between its slots.
    pub(crate) third: bool,
    pub(super) bounds: Option<RowBounds>,
    pub(super) rows: Option<Arc<Mutex<Rows>>>,
    pub(super) numbers: Arc<Mutex<CutNumbers>>,
    pub(super) known: Arc<Mutex<FxHashMap<Attribute, Arc<Vec<f64>>>>>,
    pub(super) known_sums: Arc<Mutex<FxHashMap<Vec<Attribute>, Values>>>,
}

impl ColumnGroup {
    /// A group with the given columns.
    #[must_use]
    pub fn new(
        site: &Site<'_>,
        dims: Vec<Dim>,
        chains: Vec<Arc<Vec<Chain>>>,
        columns: Vec<[u32; 2]>,
    ) -> Self {
        let extents = dims.iter().map(|&d| site.operation.extents[d]).collect();
        let slots: Vec<Vec<Slot>> = dims.iter().map(|&d| site.slots(d).to_vec()).collect();
        let outer = dims.iter().map(|&d| site.outer_slots(d)).collect();
        let slots_len = slots.len();
        let axis = (dims.len() == 2)
            .then(|| LoopNest::window_of(dims[0]))
            .flatten();
        let third = !third::gaps(site, dims[0]).is_empty();
        let rows = axis.map(|a| Arc::new(Mutex::new(Rows::new(site.operation, a, &slots))));
        Self {
            dims,
            extents,
            slots,
            chains,
            columns,
            kind: CHAINS,
            outer,
            highest: Arc::default(),
            bank: Arc::default(),
            wanted: vec![Wanted::default(); slots_len],
            boxes: Arc::default(),
            watch: Watch::default(),
            third,
            bounds: axis.map(|a| RowBounds::new(site.operation, a)),
            rows,
            numbers: Arc::default(),
            known: Arc::default(),
            known_sums: Arc::default(),
        }
    }

    /// The same columns as one part of their chains; boxes come with their largest extents.
    #[must_use]
    pub(crate) fn into_part(
        mut self,
        kind: &'static dyn Columns,
        highest: Vec<Vec<Vec<u64>>>,
    ) -> Self {
        self.kind = kind;
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

    /// When its values are to be given up.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The same group with some of its columns only; where no boxes are among them it has none.
    #[must_use]
    pub fn with_columns(&self, site: &Site<'_>, columns: Vec<[u32; 2]>) -> Self {
        let mut own = Self {
            rows: self.rows.clone(),
            numbers: Arc::clone(&self.numbers),
            kind: self.kind,
            highest: Arc::clone(&self.highest),
            bank: Arc::clone(&self.bank),
            wanted: self.wanted.clone(),
            boxes: Arc::clone(&self.boxes),
            watch: self.watch.clone(),
            ..Self::new(site, self.dims.clone(), self.chains.clone(), columns)
        };
        let boxes = own.refinement() == Refinement::Halve;
        if boxes && (0..own.columns.len()).all(|j| own.is_exact(j)) {
            own.kind = CHAINS;
        }
        own
    }

    /// The same group with these boxes and chains of its dimensions in place of its own, of which
    /// `columns` are made: boxes, unless all of them are chains.
    #[must_use]
    pub(crate) fn with_boxes(
        &self,
        site: &Site<'_>,
        boxes: Vec<Vec<ChainBox>>,
        columns: Vec<[u32; 2]>,
    ) -> Self {
        let kind = if boxes.iter().flatten().all(ChainBox::is_chain) {
            CHAINS
        } else {
            BOXES
        };
        let parted = boxes.into_iter().map(|own| {
            let pairs = own.into_iter().map(|b| (b.chain, b.highest));
            let (chains, highest): (Vec<Chain>, Vec<Vec<u64>>) = pairs.unzip();
            (Arc::new(chains), highest)
        });
        let (chains, highest): (Vec<_>, Vec<_>) = parted.unzip();
        Self {
            rows: self.rows.clone(),
            kind,
            highest: Arc::new(highest),
            wanted: self.wanted.clone(),
            boxes: Arc::clone(&self.boxes),
            watch: self.watch.clone(),
            ..Self::new(site, self.dims.clone(), chains, columns)
        }
    }

    /// A group with a single column: a column of this one, each box in it replaced by the corner
    /// with the largest extents in memories down to `level`, and the smallest ones below.
    #[must_use]
    pub fn corner(&self, site: &Site<'_>, column: u32, level: usize) -> Self {
        let corner = |position: usize| {
            let chain = self.chain(column as usize, position);
            let highest = self.highest.get(position);
            let highest = highest
                .and_then(|own| own.get(self.columns[column as usize][position] as usize))
                .filter(|_| self.refinement() == Refinement::Halve);
            let mut own = chain.clone();
            for (slot, &high) in highest.into_iter().flatten().enumerate() {
                if self.slots[position][slot].level <= level {
                    own.extents[slot] = high;
                }
            }
            Arc::new(vec![own])
        };
        let chains = (0..self.dims.len()).map(corner).collect();
        Self::new(site, self.dims.clone(), chains, vec![[0, 0]])
    }

    /// The same group without any columns, to be given boxes one by one.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            dims: self.dims.clone(),
            extents: self.extents.clone(),
            slots: self.slots.clone(),
            chains: vec![Arc::default(); self.dims.len()],
            columns: Vec::new(),
            kind: BOXES,
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
            kind: self.kind,
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

    /// A dimension of a column, as its kind sees it.
    pub(crate) fn cell(&self, column: usize, position: usize) -> Cell<'_> {
        let number = self.columns[column][position] as usize;
        let highest = self.highest.get(position);
        Cell {
            chain: &self.chains[position][number],
            highest: highest
                .and_then(|own| own.get(number))
                .map_or(&[], Vec::as_slice),
            extent: self.extents[position],
            slots: &self.slots[position],
            outer: self.outer[position],
            cut_again: self.third,
            wanted: &self.wanted[position],
        }
    }

    /// What takes the place of its columns.
    #[must_use]
    pub fn refinement(&self) -> Refinement {
        self.kind.refine()
    }

    /// Whether all columns are single chains.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.refinement() == Refinement::Nothing
    }

    /// Whether the columns are outer or inner parts of chains.
    #[must_use]
    pub fn is_parted(&self) -> bool {
        matches!(self.refinement(), Refinement::Expand | Refinement::Join)
    }

    /// Whether a column is made of single chains: no box, and no part of a chain.
    #[must_use]
    pub fn is_exact(&self, column: usize) -> bool {
        self.is_whole() || (0..self.dims.len()).all(|p| self.kind.exact(&self.cell(column, p)))
    }

    /// Which columns are exact, for the engine; `None` where all are.
    #[must_use]
    pub fn exact_columns(&self) -> Option<Arc<Vec<bool>>> {
        if self.is_whole() {
            return None;
        }
        let all = 0..self.columns.len();
        Some(Arc::new(all.map(|column| self.is_exact(column)).collect()))
    }

    /// The position of a dimension in this group.
    #[must_use]
    pub fn position(&self, d: Dim) -> Option<usize> {
        self.dims.iter().position(|&own| own == d)
    }
}
