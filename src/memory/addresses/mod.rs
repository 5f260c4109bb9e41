//! Addresses for blocks with known lifetimes: greedy orders first, then a search of canonical
//! arrangements that ends with addresses or with the proof that there are none.
//!
//! Moffitt, "`MiniMalloc`: A Lightweight Memory Allocator for Hardware-Accelerated Machine
//! Learning" (ASPLOS 2023, volume 4), describes the search and its rules.

mod canonical;
mod core;
mod greedy;
mod least;
mod orders;
mod sections;

pub use crate::engine::{Cause, Watch, deadline};
use crate::problem::Certificate;
use crate::problem::certificate::{Closing, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::packing::{Block, Packing, Unpackable};

pub use canonical::Rules;
pub use greedy::{GreedyOrder, ORDERS, first_fit};
pub use least::{Least, least_capacity};
pub use orders::Order;

use sections::Sections;

/// What is known of the addresses of blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packed {
    /// An offset in bytes for every block.
    Fits(Vec<u64>),
    /// There are none, for this reason.
    Impossible(Unpackable),
    /// The search stopped before it knew.
    Stopped(Cause),
}

impl Packed {
    /// What proves that there are none; `None` where there are some.
    #[must_use]
    pub fn refusal(&self) -> Option<Certificate> {
        let evidence = match self {
            Packed::Fits(_) => return None,
            Packed::Impossible(Unpackable::NoArrangement { .. }) => {
                Evidence::closed([Closing::Search])
            }
            // What is said of one time, or of one or two blocks, holds before any search.
            Packed::Impossible(_) => Evidence::closed([Closing::PeakLoad]),
            Packed::Stopped(_) => {
                Evidence::default().without([Skipped::Left("the search".to_owned())])
            }
        };
        Some(Certificate::nothing(Measure::Traffic, evidence))
    }
}

/// Gives every block an address, or proves that none exist.
#[must_use]
pub fn pack(packing: &Packing, watch: &Watch) -> Packed {
    let packed = placed(packing, &|own| {
        let greedy = ORDERS.iter().find_map(|&order| first_fit(own, order));
        greedy.map_or_else(|| parts(own, Rules::ALL, watch), Packed::Fits)
    });
    explained(packing, packed, Rules::ALL, watch)
}

/// The search alone, without greedy orders, by some of its rules: all of them find the same.
#[must_use]
pub fn search(packing: &Packing, rules: Rules, watch: &Watch) -> Packed {
    let packed = placed(packing, &|own| parts(own, rules, watch));
    explained(packing, packed, rules, watch)
}

/// Addresses that `place` finds for the blocks with bytes; those without lie anywhere.
fn placed(packing: &Packing, place: &dyn Fn(&Packing) -> Packed) -> Packed {
    if let Some(refused) = refused(packing) {
        return Packed::Impossible(refused);
    }
    if packing.blocks.iter().all(|block| block.size > 0) {
        return place(packing);
    }
    let sized: Vec<usize> = (0..packing.blocks.len())
        .filter(|&index| packing.blocks[index].size > 0)
        .collect();
    let blocks = sized.iter().map(|&index| packing.blocks[index].clone());
    let own = Packing {
        blocks: blocks.collect(),
        ..packing.clone()
    };
    match place(&own) {
        Packed::Fits(found) => {
            let lowest = packing.blocks.iter().map(|block| packing.lowest(block));
            let mut addresses: Vec<u64> = lowest.collect();
            for (&index, address) in sized.iter().zip(found) {
                addresses[index] = address;
            }
            Packed::Fits(addresses)
        }
        Packed::Impossible(Unpackable::NoArrangement { blocks }) => {
            let blocks = blocks.into_iter().map(|index| sized[index]).collect();
            Packed::Impossible(Unpackable::NoArrangement { blocks })
        }
        other => other,
    }
}

/// What shows before any search that there are no addresses.
fn refused(packing: &Packing) -> Option<Unpackable> {
    outside(packing)
        .or_else(|| together(packing))
        .or_else(|| overloaded(packing))
}

/// A block that lies outside the memory wherever it may be.
fn outside(packing: &Packing) -> Option<Unpackable> {
    let found = packing.blocks.iter().position(|block| {
        let lowest = packing.lowest(block);
        let beyond = lowest.saturating_add(block.size) > packing.end();
        let must = block.fixed.is_some() || block.size == 0;
        lowest < packing.base || (must && beyond)
    });
    found.map(|block| Unpackable::Outside { block })
}

/// Two blocks with fixed addresses that share a byte.
fn together(packing: &Packing) -> Option<Unpackable> {
    let all = packing.blocks.iter().enumerate();
    let fixed: Vec<(usize, &Block, u64)> = all
        .filter_map(|(index, block)| Some((index, block, block.fixed?)))
        .collect();
    let share = |a: &(usize, &Block, u64), b: &(usize, &Block, u64)| {
        let (own, other) = ((a.2, a.2 + a.1.size), (b.2, b.2 + b.1.size));
        own.0.max(other.0) < own.1.min(other.1) && a.1.meets(b.1)
    };
    fixed.iter().enumerate().find_map(|(place, b)| {
        let a = fixed[..place].iter().find(|a| share(a, b))?;
        let blocks = [a.0, b.0];
        Some(Unpackable::FixedTogether { blocks })
    })
}

/// The peak load, if it exceeds the capacity.
fn overloaded(packing: &Packing) -> Option<Unpackable> {
    let peak = packing.peak_load()?;
    (peak.bytes > u128::from(packing.capacity.0)).then_some(Unpackable::PeakLoad(peak))
}

/// Searches parts of the blocks that have no time in common one by one.
fn parts(packing: &Packing, rules: Rules, watch: &Watch) -> Packed {
    let sections = Sections::of(packing);
    let mut offsets = vec![0; packing.blocks.len()];
    for part in sections.parts() {
        match canonical::solve(packing, &sections, &part, rules, watch) {
            Packed::Fits(found) => {
                for &block in &part {
                    offsets[block] = found[block];
                }
            }
            other => return other,
        }
    }
    Packed::Fits(offsets)
}

/// Of blocks without an arrangement a few that already have none.
fn explained(packing: &Packing, packed: Packed, rules: Rules, watch: &Watch) -> Packed {
    match packed {
        Packed::Impossible(Unpackable::NoArrangement { blocks }) => {
            let blocks = core::irreducible(packing, blocks, rules, watch);
            Packed::Impossible(Unpackable::NoArrangement { blocks })
        }
        other => other,
    }
}
