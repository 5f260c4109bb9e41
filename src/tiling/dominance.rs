//! Removes chains that another chain of the same dimension makes useless in every mapping.
//!
//! Chain `b` makes `a` useless if both use the same axes and have the same numbers of tiles
//! (but at the last slot), and `b` has no larger extent, factor, count or number of steps, and no
//! cut of its own at a slot that operands may leave unused where `a` has none.
//! For a window whose rows depend on where the pieces lie, the rows of every possible
//! partner tile are compared too.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::cost::chain::{Pieces, shares};
use crate::cost::window::Block;
use crate::engine::Watch;
use crate::problem::LoopNest;

use super::chain::Chain;
use super::dimension::Dimension;
use super::elements::taking_part_in;
use super::facts::Facts;
use super::receivers::{self, Dealt};
use super::rows::walks;
use super::slot::Slot;
use super::tuning::MOST_PARTNERS;
use super::windows::{RowTable, each_once, shares_depend_on_places, spread_kinds};

/// Axes used, and the number of tiles at every slot but the last.
type Key = (Vec<(usize, usize)>, Vec<u64>);

/// \[PRU7\] The chains that no other one dominates; all of them from where it is time to stop.
#[must_use]
pub fn undominated(dimension: &Dimension<'_>, chains: Vec<Chain>, watch: &Watch) -> Vec<Chain> {
    let mut rows = RowComparison::new(dimension);
    let mut groups: BTreeMap<Key, Vec<Chain>> = BTreeMap::new();
    for chain in chains {
        let axes = chain.spread.iter().map(|s| (s.array, s.axis)).collect();
        let tiles = chain.counts[..chain.counts.len().saturating_sub(1)].to_vec();
        groups.entry((axes, tiles)).or_default().push(chain);
    }
    groups
        .into_values()
        .flat_map(|group| front(group, dimension, &mut rows, watch))
        .collect()
}

/// \[PRU8\] The chains, and of the longer ones with a third cut those that none of them can stand for:
/// with no more tiles anywhere, and as many at two slots where the longer one has.
#[must_use]
pub fn and_useful(
    dimension: &Dimension<'_>,
    chains: Vec<Chain>,
    mut longer: Vec<Chain>,
    watch: &Watch,
) -> Vec<Chain> {
    let mut rows = RowComparison::new(dimension);
    rows.irregular = true;
    let slots = dimension.site.slots(dimension.d);
    let extent = dimension.site.extent(dimension.d);
    let uncut = |c: &Chain| dimension.optional.uncut(slots, extent, c);
    longer.sort_by_key(|c| (c.extents.iter().sum::<u64>(), c.steps));
    let mut kept = chains;
    let ticker = watch.ticker();
    for chain in longer {
        let (facts, shares) = (uncut(&chain), chain.array_shares(slots, extent));
        let stands_for = |k: &Chain, rows: &mut RowComparison<'_>| {
            no_worse(k, &chain, dimension.wanted.has_free_steps())
                && k.spread.len() == chain.spread.len()
                && k.spread
                    .iter()
                    .zip(&chain.spread)
                    .all(|(x, y)| (x.array, x.axis) == (y.array, y.axis))
                && k.third
                    .is_none_or(|own| chain.third.is_some_and(|other| own.gap == other.gap))
                && no_more_tiles(k, &chain)
                && uncut(k).has_all_of(&facts)
                && no_more(&k.array_shares(slots, extent), &shares)
                && rows.no_worse(k, &chain)
        };
        if ticker.stopped() || !kept.iter().any(|k| stands_for(k, &mut rows)) {
            kept.push(chain);
        }
    }
    kept
}

/// Whether `a` has no more tiles than `b` at any slot, and no loop between two where `b` has none.
fn no_more_tiles(a: &Chain, b: &Chain) -> bool {
    let loops = |c: &Chain| -> SmallVec<[bool; 4]> {
        c.counts.windows(2).map(|pair| pair[0] < pair[1]).collect()
    };
    no_more(&a.counts, &b.counts) && loops(a).iter().zip(loops(b)).all(|(&x, y)| x <= y)
}

/// The Pareto front of one group.
fn front(
    mut group: Vec<Chain>,
    dimension: &Dimension<'_>,
    rows: &mut RowComparison<'_>,
    watch: &Watch,
) -> Vec<Chain> {
    let slots = dimension.site.slots(dimension.d);
    let (extent, optional) = (dimension.site.extent(dimension.d), dimension.optional);
    let free_steps = dimension.wanted.has_free_steps();
    // Small extents first: a chain is mostly dominated by one that stands before it.
    group.sort_by_key(|c| (c.extents.iter().sum::<u64>(), c.steps));
    let mut kept: Vec<(Chain, Compared)> = Vec::new();
    let ticker = watch.ticker();
    for chain in group {
        let facts = Compared {
            uncut: optional.uncut(slots, extent, &chain),
            shares: chain.array_shares(slots, extent),
            receivers: rows.receivers(&chain),
        };
        let stands_for = |(k, known): &(Chain, Compared), rows: &mut RowComparison<'_>| {
            no_worse(k, &chain, free_steps) && known.no_worse(&facts) && rows.no_worse(k, &chain)
        };
        if ticker.stopped() || !kept.iter().any(|k| stands_for(k, rows)) {
            kept.push((chain, facts));
        }
    }
    kept.into_iter().map(|k| k.0).collect()
}

/// What is compared of a chain beside its extents, factors and steps.
struct Compared {
    /// The slots without a cut of its own.
    uncut: Facts,
    /// The shares of element 0.
    shares: SmallVec<[u64; 2]>,
    /// With energy, for the whole dimension and every slot the receivers and the elements that
    /// take part in a visit at most; `None` where they are not comparable.
    receivers: Option<SmallVec<[(u64, u64); 6]>>,
}

impl Compared {
    /// Whether nothing is larger, and no cut is its own where the other has none.
    fn no_worse(&self, other: &Self) -> bool {
        let no_more_receivers = match (&self.receivers, &other.receivers) {
            (Some(own), Some(others)) => receivers::no_more(own, others),
            _ => false,
        };
        self.uncut.has_all_of(&other.uncut)
            && no_more(&self.shares, &other.shares)
            && no_more_receivers
    }
}

/// Whether no share is larger.
pub(crate) fn no_more(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(x, y)| x <= y)
}

/// Whether `a` is nowhere larger than `b`, but for its steps where these are free.
fn no_worse(a: &Chain, b: &Chain, free_steps: bool) -> bool {
    (free_steps || a.steps <= b.steps)
        && a.extents.iter().zip(&b.extents).all(|(x, y)| x <= y)
        && a.counts.last() <= b.counts.last()
        && a.spread
            .iter()
            .zip(&b.spread)
            .all(|(x, y)| x.factor <= y.factor)
}

/// Compares the rows of irregular windows.
struct RowComparison<'a> {
    slots: &'a [Slot],
    extent: u64,
    irregular: bool,
    /// How tiles are dealt out to elements, where those that take part in every visit are compared
    /// too.
    dealt: SmallVec<[Dealt; 2]>,
    is_output: bool,
    /// Tiles of fewer outputs fetch rows again along a walk; 0 where none do or no memory slides.
    forgetful: u64,
    /// The extent of the window's other dimension.
    partners: u64,
    table: RowTable,
    known: FxHashMap<Vec<u64>, Vec<u64>>,
}

impl<'a> RowComparison<'a> {
    fn new(dimension: &Dimension<'a>) -> Self {
        let &Dimension { site, d, .. } = dimension;
        let dealt = Dealt::possible(&site.hardware);
        let axis = LoopNest::window_of(d);
        let (p, r) = LoopNest::WINDOW_DIMS[axis.unwrap_or(0)];
        let table = RowTable::new(site.operation, axis.unwrap_or(0));
        let slides = axis.is_some()
            && site
                .hardware
                .memories()
                .skip(1)
                .any(|(_, m)| m.sliding_reuse);
        Self {
            slots: site.slots(d),
            extent: site.extent(d),
            irregular: axis.is_some_and(|_| !dealt.is_empty() || shares_depend_on_places(site, d)),
            dealt,
            is_output: d == p,
            forgetful: if slides {
                table.forgetful_below(site.extent(r))
            } else {
                0
            },
            partners: site.extent(if d == p { r } else { p }),
            table,
            known: FxHashMap::default(),
        }
    }

    /// Whether `a` has no more rows than `b` with any tile of the window's other dimension.
    fn no_worse(&mut self, a: &Chain, b: &Chain) -> bool {
        if !self.irregular {
            return true;
        }
        // With many partners there are too many blocks of them to compare.
        if self.partners > MOST_PARTNERS {
            return false;
        }
        let (of_a, of_b) = (self.signature(a), self.signature(b));
        of_a.iter().zip(&of_b).all(|(x, y)| x <= y)
    }

    /// With energy, what tells chains apart by the elements that take part in every visit, and
    /// how many follow the first; empty without.
    fn receivers(&self, chain: &Chain) -> Option<SmallVec<[(u64, u64); 6]>> {
        if self.dealt.is_empty() {
            return Some(SmallVec::new());
        }
        if chain.spread.len() > 1 {
            return None;
        }
        let mut all = SmallVec::new();
        for &way in &self.dealt {
            if let Some(own) = receivers::receivers(chain, self.slots, self.extent, way) {
                all.extend(own);
                continue;
            }
            let last = self.slots.len() + usize::from(way == Dealt::Step);
            let slots = std::iter::once(None).chain((0..last).map(Some));
            let cuts = chain.pieces(self.slots, self.extent);
            all.extend(slots.map(|slot| taking_part_in(&cuts, chain, slot, usize::MAX, way)));
        }
        Some(all)
    }

    /// For every slot, the array's tiles included, and every block of partners: the sum of rows,
    /// that of element 0 below each array, and the most rows.
    fn signature(&mut self, chain: &Chain) -> Vec<u64> {
        let mut key = chain.extents.to_vec();
        key.extend(chain.spread.iter().map(|s| s.factor));
        key.extend(chain.third.iter().flat_map(|t| [t.gap as u64, t.extent]));
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let cuts = chain.pieces(self.slots, self.extent);
        let mut signature: Vec<u64> = (0..=self.slots.len())
            .flat_map(|slot| self.slot_signature(chain, slot, &cuts[slot + 1]))
            .collect();
        if self.forgetful > 0 {
            for slot in 0..self.slots.len() {
                if self.is_output {
                    self.walk_signature(chain, slot, &mut signature);
                } else {
                    self.taps_signature(chain, slot, &mut signature);
                }
            }
        }
        self.known.insert(key, signature.clone());
        signature
    }

    /// For every cut around a slot of outputs and every block of taps: the rows of all walks in its
    /// tiles, of the first element and of all.
    fn walk_signature(&mut self, chain: &Chain, slot: usize, values: &mut Vec<u64>) {
        let factors = chain.array_factors(self.slots[slot].level);
        for cut in 0..=slot {
            for elements in [false, true] {
                let own = (factors.as_slice(), elements);
                let all = walks(chain, self.slots, self.extent, (cut, slot), own);
                for kernel in blocks_within(self.partners) {
                    let rows = all.iter().map(|tiles| self.table.walked(tiles, kernel));
                    values.push(rows.sum());
                }
            }
        }
    }

    /// For every two consecutive short tiles of outputs: the rows that the second one adds with the
    /// taps of the first element, and of all, where a slot has all taps.
    fn taps_signature(&mut self, chain: &Chain, slot: usize, values: &mut Vec<u64>) {
        let whole = Block {
            start: 0,
            length: self.extent,
        };
        let kernels = shares(whole, &chain.array_factors(self.slots[slot].level));
        let is_whole = chain.counts[slot] == 1;
        for both in blocks_within(self.partners) {
            for length in 1..both.length.min(self.forgetful) {
                let before = Block { length, ..both };
                let tile = Block {
                    start: both.start + length,
                    length: both.length - length,
                };
                let new = kernels
                    .iter()
                    .map(|&k| self.table.new_rows(before, tile, k));
                let new: SmallVec<[u64; 4]> = new.collect();
                let of = |value: u64| if is_whole { value } else { u64::MAX };
                values.extend([of(new[0]), of(new.iter().sum())]);
            }
        }
    }

    fn slot_signature(&mut self, chain: &Chain, slot: usize, cut: &Pieces) -> Vec<u64> {
        let level = self.slots.get(slot).map_or(usize::MAX, |s| s.level);
        let factors = chain.array_factors(level);
        let cut = cut.kinds(self.table.clear(self.is_output));
        let elements = spread_kinds(&cut, &factors);
        let spreads: SmallVec<[u64; 2]> = factors
            .iter()
            .scan(1, |product, factor| {
                *product *= factor;
                Some(*product)
            })
            .collect();
        let repeated = |blocks: &[(Block, u64)]| {
            if self.is_output {
                self.table.repeated(blocks)
            } else {
                self.table.repeated_taps(blocks)
            }
        };
        let (cut, elements) = (repeated(&cut), repeated(&elements));
        let is_output = self.is_output;
        let mut values = Vec::new();
        for start in 0..self.partners {
            for length in 1..=self.partners - start {
                let partner = each_once(&[Block { start, length }]);
                let (p, r) = outputs_first(is_output, &cut[..], &partner[..]);
                values.push(self.table.sum(p, r, (1, 1)));
                for &spread in &spreads {
                    values.push(self.table.sum(p, r, outputs_first(is_output, spread, 1)));
                }
                let (p, r) = outputs_first(is_output, &elements[..], &partner[..]);
                values.push(self.table.largest(p, r));
                values.push(self.table.sum(p, r, (1, 1)));
            }
        }
        values
    }
}

/// All blocks within a dimension.
fn blocks_within(extent: u64) -> impl Iterator<Item = Block> {
    (0..extent)
        .flat_map(move |start| (1..=extent - start).map(move |length| Block { start, length }))
}

/// A value of a dimension of a window and one of its partner, that of the outputs first.
fn outputs_first<T>(is_output: bool, own: T, partner: T) -> (T, T) {
    if is_output {
        (own, partner)
    } else {
        (partner, own)
    }
}
