//! Which tile extents are considered.

/// The tile extents that are considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileSpace {
    /// Every integer extent.
    All,
    /// Extents of which each divides the next one out.
    Divisors,
    /// A few extents, to find a first mapping.
    Starter,
    /// Very few extents: divisors and halvings, kernels whole above the array.
    Seed,
    /// As `Seed`, with every spatial factor that is the smallest for its number of steps.
    Balanced,
    /// Quarterings only, for hierarchies of many levels.
    Coarse,
    /// Sixteenths only, and the largest spatial factor, for a mapping at once.
    Coarsest,
}
