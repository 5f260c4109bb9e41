//! The least capacity in which blocks have addresses.

use crate::engine::{Cause, Watch};
use crate::problem::Bytes;
use crate::problem::packing::{Packing, Unpackable};

use super::greedy::{ORDERS, first_fit};
use super::{Packed, Rules, parts, placed};

/// A capacity with addresses in it, and one that no addresses are below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Least {
    /// Bytes from the base to the end of the topmost block.
    pub capacity: u64,
    /// No capacity below has addresses; the same where the search ended.
    pub bound: u64,
    /// The addresses.
    pub offsets: Vec<u64>,
    /// What ended the search before.
    pub stopped: Option<Cause>,
}

/// Finds the least capacity up to that of `packing`: by bisection between the peak load, or where the
/// topmost fixed block ends, and the best of the greedy orders. More capacity never takes addresses
/// away, and every capacity in which a search ends without any is a bound.
///
/// # Errors
/// No such capacity has addresses, and why; or what stopped the search before there were any.
pub fn least_capacity(packing: &Packing, watch: &Watch) -> Result<Least, Packed> {
    let mut best = match first(packing, watch) {
        Packed::Fits(offsets) => offsets,
        other => return Err(other),
    };
    let mut lower = lower_bound(packing);
    let mut upper = needed(packing, &best);
    let mut stopped = None;
    let mut next = lower;
    while lower < upper {
        let own = Packing {
            capacity: Bytes(next),
            ..packing.clone()
        };
        match placed(&own, &|own| parts(own, Rules::ALL, watch)) {
            Packed::Fits(offsets) => {
                upper = needed(packing, &offsets);
                best = offsets;
            }
            Packed::Impossible(_) => lower = next + 1,
            Packed::Stopped(cause) => {
                stopped = Some(cause);
                break;
            }
        }
        next = lower + (upper - lower) / 2;
    }
    Ok(Least {
        capacity: upper,
        bound: lower,
        offsets: best,
        stopped,
    })
}

/// The best of the greedy orders, or what a search finds.
fn first(packing: &Packing, watch: &Watch) -> Packed {
    placed(packing, &|own| {
        let greedy = ORDERS.iter().filter_map(|&order| first_fit(own, order));
        let best = greedy.min_by_key(|offsets| needed(own, offsets));
        best.map_or_else(|| parts(own, Rules::ALL, watch), Packed::Fits)
    })
}

/// Bytes from the base to the end of the topmost block.
fn needed(packing: &Packing, offsets: &[u64]) -> u64 {
    let blocks = packing.blocks.iter().zip(offsets);
    let ends = blocks.map(|(block, offset)| offset + block.size);
    ends.max().map_or(0, |end| end - packing.base)
}

/// What no capacity may be below: the peak load, and the end of every block at its lowest address.
fn lower_bound(packing: &Packing) -> u64 {
    let lowest = packing.blocks.iter().map(|block| packing.lowest(block));
    let ends = needed(packing, &lowest.collect::<Vec<_>>());
    let peak = packing.peak_load().map_or(0, |peak| peak.bytes);
    // Below the capacity, which fits.
    ends.max(u64::try_from(peak).unwrap_or(u64::MAX))
}

impl Packed {
    /// The reason why there are none, if that is proved.
    #[must_use]
    pub fn reason(&self) -> Option<&Unpackable> {
        match self {
            Packed::Impossible(reason) => Some(reason),
            _ => None,
        }
    }
}
