//! All ways to cut and spread one dimension.

use deepmatrix::problem::Dim;

use super::machine::Machine;
use super::rows::{Piece, cut};
use super::{Rules, TileChoice};

/// Segments of loops: above each of the three SRAM nodes, and between the last one and the array.
pub const SEGMENTS: usize = 4;

/// One dimension's extents below each segment, and its spread.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Axis over which it is spread, and over how many elements.
    pub spread: (usize, u64),
    /// Extents below each segment; the last one is the array-wide tile of the registers, or of one
    /// step without them.
    pub wide: [u64; SEGMENTS],
    /// The whole dimension.
    pub whole: u64,
}

impl Chain {
    /// The pieces below segment `s - 1`, which is above segment `s`; the whole for 0.
    pub fn pieces(&self, s: usize) -> Vec<Piece> {
        let whole = vec![(0, self.whole)];
        let segments = self.wide[..s].iter();
        segments.fold(whole, |pieces, &extent| cut(&pieces, extent))
    }
}

/// All chains of a dimension.
pub fn chains(
    d: Dim,
    whole: u64,
    machine: &Machine<'_>,
    choice: TileChoice,
    rules: Rules,
) -> Vec<Chain> {
    let mut found = Vec::new();
    for outer in outer_extents(whole, machine.shared, choice, rules) {
        for spread in spreads(d, whole, machine) {
            for last in inner_extents(outer[2], spread.1, machine, choice, rules) {
                let wide = [outer[0], outer[1], outer[2], last];
                found.push(Chain {
                    spread,
                    wide,
                    whole,
                });
            }
        }
    }
    found
}

/// The axis and number of elements of a dimension.
fn spreads(d: Dim, whole: u64, machine: &Machine<'_>) -> Vec<(usize, u64)> {
    let mut all = vec![(0, 1)];
    for (i, axis) in machine.axes.iter().enumerate() {
        if axis.dims.contains(d) {
            all.extend((2..=axis.size.min(whole)).map(|u| (i, u)));
        }
    }
    all
}

/// Whether `inner` may stand directly inside `outer`.
fn allowed(outer: u64, inner: u64, choice: TileChoice, rules: Rules) -> bool {
    let divides = choice == TileChoice::All || outer.is_multiple_of(inner);
    let balanced = !rules.ceil_extents_only || (1..=outer).any(|n| outer.div_ceil(n) == inner);
    divides && balanced
}

/// The extents at the three SRAM nodes.
fn outer_extents(whole: u64, shared: bool, choice: TileChoice, rules: Rules) -> Vec<[u64; 3]> {
    let within = |outer: u64| (1..=outer).filter(move |&e| allowed(outer, e, choice, rules));
    let mut all = Vec::new();
    for first in within(whole) {
        if shared {
            all.push([first; 3]);
            continue;
        }
        for second in within(first) {
            all.extend(within(second).map(|third| [first, second, third]));
        }
    }
    all
}

/// The array-wide tiles below the last SRAM node, one for each tile of an element.
fn inner_extents(
    current: u64,
    elements: u64,
    machine: &Machine<'_>,
    choice: TileChoice,
    rules: Rules,
) -> Vec<u64> {
    let share = current.div_ceil(elements);
    let largest = if machine.registers.is_some() {
        share
    } else {
        1
    };
    (1..=largest)
        .filter(|&r| choice == TileChoice::All || current.is_multiple_of(r * elements))
        .filter(|&r| machine.registers.is_none() || allowed(share, r, TileChoice::All, rules))
        .map(|r| current.min(r * elements))
        .collect()
}
