//! One list of loops for all memories: each operand's tile in a memory is a suffix of the list.
//!
//! The memory allocation of LOMA (Symons, Mei & Verhelst 2021, AICAS, section III.C), which SALSA
//! uses too (Jung et al. 2023, AICAS, section III): memory by memory from the innermost out, each
//! operand takes as many of the innermost loops as fit. Where operands share a memory, of all
//! ways to share it the one with the fewest accesses of the memory above is taken. Operands may
//! have different loops in a memory (uneven mapping).

use crate::problem::{
    ArrayMapping, Dim, Hardware, LoopNest, Memory, Node, Overlap, PerDim, Role, Tiles,
};

use super::candidate::{Candidate, Store};
use super::numbers::{log, prime_factors};
use super::spread::spread;

/// A temporal loop: a dimension and its trips.
pub type Loop = (Dim, u64);

/// The prime factors of what spatial loops leave of every dimension, as loops.
#[must_use]
pub fn prime_loops(operation: &LoopNest, spatial: &[ArrayMapping]) -> Vec<Loop> {
    let spread = spread(spatial);
    let of = |d: Dim| {
        let left = operation.extents[d].div_ceil(spread[d]);
        prime_factors(left).into_iter().map(move |p| (d, p))
    };
    Dim::ALL.into_iter().flat_map(of).collect()
}

/// Splits the loops, outermost first, among the memories; `None` if not even the spatial loops'
/// tile fits. The estimate of footprints errs on the safe side: windows count their padding.
#[must_use]
pub fn allocate(
    operation: &LoopNest,
    hardware: &Hardware,
    spatial: &[ArrayMapping],
    loops: &[Loop],
) -> Option<Candidate> {
    let mut candidate = Candidate::smallest(hardware);
    candidate.spatial = spatial.to_vec();
    let mut cuts = [loops.len(); 3];
    for index in (0..candidate.stores.len()).rev() {
        let store = &candidate.stores[index];
        let memory = hardware.memory(store.level)?;
        let level = Level {
            operation,
            memory,
            candidate: &candidate,
            store,
            loops,
        };
        let chosen = level.best(cuts)?;
        let tiles = Role::ALL.map(|role| level.tile(chosen[role as usize]));
        let slide = sliding(operation, loops, chosen[Role::Input as usize]);
        let store = &mut candidate.stores[index];
        // The operand whose tile changes least often stands first.
        store.order.sort_by_key(|&role| chosen[role as usize]);
        store.tiles = tiles;
        store.slide = slide;
        for &role in &store.order {
            cuts[role as usize] = chosen[role as usize];
        }
    }
    Some(candidate)
}

/// The dimension of the innermost loop around the input's tile that moves it, if it slides.
fn sliding(operation: &LoopNest, loops: &[Loop], cut: usize) -> Option<Dim> {
    let mut around = loops[..cut].iter().rev();
    let moving = around.find(|(d, _)| operation.is_relevant(Role::Input, *d))?;
    Some(moving.0).filter(|d| d.is_window_output())
}

/// A memory that is being filled.
struct Level<'a> {
    operation: &'a LoopNest,
    memory: &'a Memory,
    candidate: &'a Candidate,
    store: &'a Store,
    loops: &'a [Loop],
}

/// What a cut costs an operand.
#[derive(Clone, Copy)]
struct Place {
    cut: usize,
    /// Bits of the tile, doubled where it is double-buffered.
    bits: f64,
    /// Bits that cross the memory's outer boundary.
    traffic: f64,
}

impl Level<'_> {
    /// Extents of the loops from `cut` on, in one element.
    fn tile(&self, cut: usize) -> PerDim<u64> {
        let level = self.store.level;
        PerDim(Dim::ALL.map(|d| {
            let below = self.candidate.spread_below(level, d);
            let inside = self.loops[cut..].iter().filter(|l| l.0 == d);
            let extent: u64 = inside.fold(below, |e, l| e.saturating_mul(l.1));
            let above = self.candidate.spread_above(level, d);
            extent.min(self.operation.extents[d].div_ceil(above))
        }))
    }

    fn place(&self, role: Role, cut: usize) -> Place {
        let operation = self.operation;
        let level = self.store.level;
        if operation.is_resident(Node { level, role }) {
            return Place {
                cut,
                bits: 0.0,
                traffic: 0.0,
            };
        }
        let tile = self.tile(cut);
        let plain = operation.relevant[role as usize].iter();
        let mut elements: f64 = plain
            .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
            .map(|d| log(tile[d]))
            .sum();
        if role == Role::Input {
            let rows = LoopNest::WINDOW_DIMS.iter().zip(&operation.windows);
            elements += rows
                .map(|((p, r), w)| {
                    let reach = (tile[*p] - 1) * w.stride + (tile[*r] - 1) * w.dilation + 1;
                    log(reach.min(w.rows))
                })
                .sum::<f64>();
        }
        let bits = elements.exp() * f64::from(operation.precision.working(role));
        let around = &self.loops[..cut];
        let reused = (around.iter().rev())
            .take_while(|l| !operation.is_relevant(role, l.0))
            .count();
        let visits: f64 = around[..cut - reused].iter().map(|l| log(l.1)).sum();
        let doubled = match self.memory.overlap {
            Overlap::DoubleBuffer => true,
            Overlap::Choose => self.store.doubled,
            Overlap::Ideal | Overlap::None => false,
        };
        let twice = doubled && reused < cut;
        Place {
            cut,
            bits: if twice { 2.0 * bits } else { bits },
            traffic: bits * visits.exp() * if role == Role::Output { 2.0 } else { 1.0 },
        }
    }

    /// The cuts of all operands with the least traffic that fit, none further in than `from`.
    fn best(&self, from: [usize; 3]) -> Option<[usize; 3]> {
        let kept = &self.store.order;
        if self.memory.tiles == Tiles::Shared {
            return self.best_shared(from);
        }
        let places: Vec<Vec<Place>> = (kept.iter())
            .map(|&role| {
                let cuts = (0..=from[role as usize]).rev();
                cuts.map(|cut| self.place(role, cut)).collect()
            })
            .collect();
        let mut found = (f64::INFINITY, None);
        self.choose(&places, &mut Vec::new(), (0.0, 0.0), &mut found);
        let mut cuts = from;
        for (&role, cut) in kept.iter().zip(found.1?) {
            cuts[role as usize] = cut;
        }
        Some(cuts)
    }

    /// Tries all cuts of the operands from the `chosen` ones on.
    fn choose(
        &self,
        places: &[Vec<Place>],
        chosen: &mut Vec<usize>,
        (bits, traffic): (f64, f64),
        found: &mut (f64, Option<Vec<usize>>),
    ) {
        let Some(own) = places.get(chosen.len()) else {
            if traffic < found.0 {
                *found = (traffic, Some(chosen.clone()));
            }
            return;
        };
        for place in own {
            if !self.fits(bits + place.bits) || traffic + place.traffic >= found.0 {
                continue;
            }
            chosen.push(place.cut);
            let next = (bits + place.bits, traffic + place.traffic);
            self.choose(places, chosen, next, found);
            chosen.pop();
        }
    }

    /// One cut for all operands.
    fn best_shared(&self, from: [usize; 3]) -> Option<[usize; 3]> {
        let kept = &self.store.order;
        let most = kept.iter().map(|&role| from[role as usize]).min()?;
        let places = |cut: usize| kept.iter().map(move |&role| self.place(role, cut));
        let fitting = (0..=most).rev().filter(|&cut| {
            let bits: f64 = places(cut).map(|p| p.bits).sum();
            self.fits(bits)
        });
        let traffic = |cut: usize| -> f64 { places(cut).map(|p| p.traffic).sum() };
        let best = fitting.min_by(|&a, &b| traffic(a).total_cmp(&traffic(b)))?;
        let mut cuts = from;
        for &role in kept {
            cuts[role as usize] = best;
        }
        Some(cuts)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "capacities are far below 2^53 bits"
    )]
    fn fits(&self, bits: f64) -> bool {
        let capacity = self.memory.capacity;
        capacity.is_none_or(|c| bits <= c.bits().0 as f64 * (1.0 + 1e-9))
    }
}
