//! Loop orders of a segment, as the outward scans see them.

use deepmatrix::problem::{Dim, DimSet, LoopNest, Role};

/// What an order of a segment's loops means to the scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// For each operand the loops, as a mask, that stand inside of the first relevant one.
    pub free: [u16; 3],
    /// For each operand the first relevant loop, as a mask; 0 if there is none.
    pub stop: [u16; 3],
}

/// The orders of every set of loops that differ to some scan.
pub struct Orders(Vec<Vec<Order>>);

impl Orders {
    /// Tries all permutations of every subset of the dimensions with more than one index.
    pub fn new(nest: &LoopNest) -> Self {
        let relevant = nest.relevant.map(mask);
        let active = (0..Dim::COUNT)
            .filter(|&d| nest.extents.0[d] > 1)
            .fold(0, |m, d| m | 1 << d);
        let of = |set: u16| {
            let mut orders = Vec::new();
            if set & !active == 0 {
                permute(set, &mut Vec::new(), &mut |p| {
                    orders.push(scan(p, relevant));
                });
            }
            orders.sort_unstable();
            orders.dedup();
            orders
        };
        Self((0..1 << Dim::COUNT).map(of).collect())
    }

    /// No orders, to stand in for others for a while.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// The orders of a set of loops.
    pub fn of(&self, loops: u16) -> &[Order] {
        &self.0[usize::from(loops)]
    }
}

/// The dimensions of a set, as a mask.
pub fn mask(dims: DimSet) -> u16 {
    dims.iter().fold(0, |m, d| m | 1 << d as usize)
}

/// Calls `with` for all permutations of a set.
fn permute(set: u16, chosen: &mut Vec<u16>, with: &mut impl FnMut(&[u16])) {
    if set == 0 {
        with(chosen);
    }
    for d in (0..Dim::COUNT).map(|i| 1 << i).filter(|d| set & d != 0) {
        chosen.push(d);
        permute(set & !d, chosen, with);
        chosen.pop();
    }
}

/// Scans a segment's loops outwards, the innermost being the first of `loops`.
fn scan(loops: &[u16], relevant: [u16; 3]) -> Order {
    let mut order = Order {
        free: [0; 3],
        stop: [0; 3],
    };
    for role in Role::ALL.map(|r| r as usize) {
        for &d in loops {
            if d & relevant[role] != 0 {
                order.stop[role] = d;
                break;
            }
            order.free[role] |= d;
        }
    }
    order
}
