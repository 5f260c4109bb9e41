//! Exhaustive search over all nests of a tiny problem, read loop by loop.
//!
//! It knows the problem's data types and nothing else of the library, and rests on none of the
//! statements about which nests are different (problem definition, section 3). It tries
//!
//! * every spread of the dimensions over the array's axes,
//! * every nested extent of **every** dimension at every node, relevant to its operand or not,
//! * every order of the SRAM's nodes,
//! * every order of the loops in each segment between nodes,
//!
//! and counts traffic by scanning the loops outwards from each node. The loop orders of a segment
//! that no scan can tell apart are tried once.
//!
//! The machine is an unbounded memory, one SRAM, at most one array, and at most one memory of
//! shared tiles below the array.

pub mod backward;
mod cuts;
pub mod features;
pub mod general;
pub mod generate;
mod joint;
mod machine;
pub mod resident;
mod reuse;
mod rows;
mod search;

pub use generate::Case;

/// Which extents are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileChoice {
    /// Every integer extent that is no larger than the next one out.
    All,
    /// Extents that divide the next one out, the array-wide register tile (without registers the
    /// number of elements) included.
    Divisors,
}

/// The rules of the model, each of which can be changed to see that it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each rule is on or off by itself"
)]
pub struct Rules {
    /// A register tile is kept while tiles of other operands change in the SRAM.
    pub deep: bool,
    /// Overlapping rows of consecutive window tiles are fetched once.
    pub sliding: bool,
    /// Registers keep overlapping rows also along a loop that moves the SRAM's tile of the input.
    /// Off: a walk lies inside one tile of the memory above, as its rows are "of the P-extent of
    /// the node above" (problem definition, section 3).
    pub slide_through: bool,
    /// Partial sums that were written are read back before they are added to.
    pub psum_readback: bool,
    /// Only extents `ceil(e / n)` of the next extent `e` out are tried.
    pub ceil_extents_only: bool,
    /// The SRAM holds one box for all operands, whatever the hardware says.
    pub force_shared: bool,
    /// Steps take no time: what is left are ports.
    pub free_steps: bool,
}

impl Default for Rules {
    /// The true rules.
    fn default() -> Self {
        Self {
            deep: true,
            sliding: true,
            slide_through: false,
            psum_readback: true,
            ceil_extents_only: false,
            force_shared: false,
            free_steps: false,
        }
    }
}

/// The least cycles of any nest, `None` if none fits.
pub fn optimum(case: &Case, choice: TileChoice) -> Option<u128> {
    optimum_with(case, choice, Rules::default())
}

/// The least cycles of any nest under changed rules.
pub fn optimum_with(case: &Case, choice: TileChoice, rules: Rules) -> Option<u128> {
    search::search(&case.nest, &case.hardware, choice, rules)
}

/// How many combinations of extents, spreads and node orders the search may have to look at,
/// before it drops those that do not fit.
pub fn estimate(case: &Case, choice: TileChoice) -> u128 {
    search::estimate(&case.nest, &case.hardware, choice, Rules::default())
}
