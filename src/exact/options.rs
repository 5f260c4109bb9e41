//! What the exact mapper is asked for.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::switches::MethodSwitches;
pub use super::tuning::MOST_PIECES;
use crate::classes::class::Class;
use crate::engine::allowance::DEFAULT_BYTES;
use crate::problem::goal::Measure;
use crate::problem::result::Solution;
use crate::problem::{Fixed, Hardware, LoopNest, Mapping};
use crate::tiling::limits::WholeChains;
use crate::tiling::tile_space::TileSpace;

/// How the layer program is solved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Column generation and branching.
    #[default]
    BranchAndPrice,
    /// Each class's integer program as a whole.
    Milp,
}

/// Which measures tell equally good mappings apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TieBreak {
    /// None.
    #[default]
    Off,
    /// Of mappings of least cycles the one of least outermost traffic; of mappings of least
    /// energy or product the one of fewest cycles.
    Traffic,
    /// As `Traffic`, as far as descents find such a mapping: nothing is proved of it.
    Quick,
    /// As `Traffic`, and then of mappings of least cycles the one of least energy.
    All,
}

/// What stands between those who ask for a solution and the search for it: it may know the
/// solution already, or something of it.
pub trait Memo: fmt::Debug + Send + Sync {
    /// The solution of [`solve`](crate::exact::solve()) with the same options; [`search_anew`](crate::exact::search_anew) finds it.
    fn solve(&self, operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution;
}

/// Options of the exact mapper.
#[derive(Clone, Debug)]
pub struct SolveOptions {
    /// Tile extents are divisors only.
    pub divisors_only: bool,
    /// Method.
    pub method: Method,
    /// Time limit of a layer.
    pub time_limit: Option<Duration>,
    /// Limit of the processor time of the thread that searches.
    pub cpu_limit: Option<Duration>,
    /// Limit of the tree nodes of all stages.
    pub node_limit: Option<u64>,
    /// Bytes that the search of a layer may hold; none: as much as there is.
    pub memory_limit: Option<u64>,
    /// Set to stop.
    pub interrupt: Arc<AtomicBool>,
    /// Which dimensions are written out in whole chains from the start, and which where a short
    /// search over parts does not settle it.
    pub whole: [WholeChains; 2],
    /// Parts of the method that can be switched off.
    pub switches: MethodSwitches,
    /// What is minimised.
    pub objective: Measure,
    /// Whether equally good mappings are told apart by a second and third measure.
    pub tie_break: TieBreak,
    /// What mappings must keep to.
    pub limits: Vec<(Measure, f64)>,
    /// What is fixed of every mapping.
    pub fixed: Arc<Vec<Fixed>>,
    /// Mappings from which the search starts, as far as they keep to the limits.
    pub start: Vec<Mapping>,
    /// The classes that are searched; none: all of them.
    pub branch: Arc<Vec<Class>>,
    /// No mapping of the space has fewer cycles, as was proved elsewhere; 0 where nothing was.
    pub known_bound: u128,
    /// What may know the solution already.
    pub memo: Option<Arc<dyn Memo>>,
    /// Pairs of pieces of a window that sees padding beyond which a mapping is not evaluated: it
    /// stays open with the bound of its node.
    pub most_pieces: u64,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self {
            divisors_only: false,
            method: Method::default(),
            time_limit: None,
            cpu_limit: None,
            node_limit: None,
            memory_limit: Some(DEFAULT_BYTES),
            interrupt: Arc::new(AtomicBool::new(false)),
            whole: [WholeChains::FEW, WholeChains::MANY],
            switches: MethodSwitches::default(),
            objective: Measure::Cycles,
            tie_break: TieBreak::Off,
            limits: Vec::new(),
            fixed: Arc::default(),
            start: Vec::new(),
            branch: Arc::default(),
            known_bound: 0,
            memo: None,
            most_pieces: MOST_PIECES,
        }
    }
}

impl SolveOptions {
    /// Whether bounds on cycles are bounds on all mappings of the space.
    pub(super) fn seeks_all(&self) -> bool {
        self.limits.is_empty() && self.branch.is_empty()
    }

    /// The tiles among which is chosen.
    pub(super) fn tile_space(&self) -> TileSpace {
        if self.divisors_only {
            TileSpace::Divisors
        } else {
            TileSpace::All
        }
    }
}
