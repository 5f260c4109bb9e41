//! Addresses for blocks with known lifetimes: greedy orders first, then a search of canonical
//! arrangements that ends with addresses or with the proof that there are none.
//!
//! Moffitt, "`MiniMalloc`: A Lightweight Memory Allocator for Hardware-Accelerated Machine
//! Learning" (ASPLOS 2023, volume 4), describes the search and its rules.

mod canonical;
mod core;
mod greedy;
mod orders;
mod sections;

pub use crate::engine::{Cause, Watch, deadline};
use crate::problem::Certificate;
use crate::problem::certificate::{Closing, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::packing::{Packing, Unpackable};

pub use canonical::Rules;
pub use greedy::{GreedyOrder, ORDERS, first_fit};
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
            Packed::Impossible(Unpackable::PeakLoad(_)) => Evidence::closed([Closing::PeakLoad]),
            Packed::Impossible(Unpackable::NoArrangement { .. }) => {
                Evidence::closed([Closing::Search])
            }
            Packed::Stopped(_) => {
                Evidence::default().without([Skipped::Left("the search".to_owned())])
            }
        };
        Some(Certificate::nothing(Measure::Traffic, evidence))
    }
}

/// Gives every block an offset, or proves that none exist.
#[must_use]
pub fn pack(packing: &Packing, watch: &Watch) -> Packed {
    if let Some(refused) = overloaded(packing) {
        return Packed::Impossible(refused);
    }
    let greedy = ORDERS.iter().find_map(|&order| first_fit(packing, order));
    greedy.map_or_else(|| search(packing, Rules::ALL, watch), Packed::Fits)
}

/// The peak load, if it exceeds the capacity.
fn overloaded(packing: &Packing) -> Option<Unpackable> {
    let peak = packing.peak_load()?;
    (peak.bytes > u128::from(packing.capacity.0)).then_some(Unpackable::PeakLoad(peak))
}

/// The search alone, without greedy orders, by some of its rules: all of them find the same.
#[must_use]
pub fn search(packing: &Packing, rules: Rules, watch: &Watch) -> Packed {
    if let Some(refused) = overloaded(packing) {
        return Packed::Impossible(refused);
    }
    let sections = Sections::of(packing);
    let mut offsets = vec![0; packing.blocks.len()];
    for part in sections.parts() {
        match canonical::solve(packing, &sections, &part, rules, watch) {
            Packed::Fits(found) => {
                for &block in &part {
                    offsets[block] = found[block];
                }
            }
            Packed::Impossible(_) => {
                let blocks = core::irreducible(packing, part, rules, watch);
                return Packed::Impossible(Unpackable::NoArrangement { blocks });
            }
            stopped @ Packed::Stopped(_) => return stopped,
        }
    }
    Packed::Fits(offsets)
}
