//! Stand-ins for the modules `mapper`, `cost`, `check` and `read`, with their signatures.

/// Stand-in for `src/mapper`.
pub mod mapper {
    /// Stand-in for `src/mapper/exact.rs`.
    pub mod exact {
        use crate::problem::result::{LowerBounds, Proof, Solution, SolverStatistics, Status};
        use crate::problem::{Hardware, LoopNest};
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;
        use std::time::Duration;

        /// How the layer program is solved.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Method {
            /// Column generation and branching.
            #[default]
            BranchAndPrice,
            /// The whole integer program.
            Milp,
        }

        /// Options of the exact mapper.
        #[derive(Clone, Debug, Default)]
        pub struct SolveOptions {
            /// Tile extents are divisors only.
            pub divisors_only: bool,
            /// Method.
            pub method: Method,
            /// Time limit of a layer.
            pub time_limit: Option<Duration>,
            /// Set to stop.
            pub interrupt: Arc<AtomicBool>,
            /// Further switches of the real module.
            pub more: (),
        }

        /// Finds nothing.
        #[must_use]
        pub fn solve(_: &LoopNest, _: &Hardware, _: &SolveOptions) -> Solution {
            Solution {
                status: Status::Unknown,
                proof: Proof::LowerBound,
                best: None,
                bound_cycles: 0,
                lower_bounds: LowerBounds::default(),
                reason: Some("the mapper is not built in".to_owned()),
                statistics: SolverStatistics::default(),
            }
        }
    }
}

/// Stand-in for `src/cost`.
pub mod cost {
    use crate::problem::result::Cost;
    use crate::problem::{Hardware, LoopNest, Mapping, ProblemError};

    /// Evaluates nothing.
    ///
    /// # Errors
    /// Always.
    pub fn evaluate(_: &LoopNest, _: &Hardware, _: &Mapping) -> Result<Cost, ProblemError> {
        Err(ProblemError::Nodes)
    }

    /// Stand-in for `src/cost/bound.rs`.
    pub mod bound {
        use crate::problem::result::LowerBounds;
        use crate::problem::{Hardware, LoopNest};

        /// Bounds nothing.
        #[must_use]
        pub fn lower_bounds(_: &LoopNest, _: &Hardware) -> LowerBounds {
            LowerBounds::default()
        }
    }
}

/// Stand-in for `src/check.rs`.
pub mod check {
    use crate::problem::result::Cost;
    use crate::problem::{Hardware, LoopNest, Mapping};

    /// Why a result is wrong.
    #[derive(Debug, thiserror::Error)]
    #[error("not checked")]
    pub struct CheckError;

    /// Checks nothing.
    ///
    /// # Errors
    /// Always.
    pub fn check(_: &LoopNest, _: &Hardware, _: &Mapping, _: &Cost) -> Result<(), CheckError> {
        Err(CheckError)
    }
}

/// Stand-in for `src/read`.
pub mod read {
    use crate::problem::{Hardware, Mapping, Network};
    use std::path::Path;

    /// Everything wrong with a file.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}: not read")]
    pub struct ReadError(String);

    /// How a network is read.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct NetworkOptions {
        /// Batch size in place of the file's.
        pub batch: Option<u64>,
    }

    /// What a file holds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum FileKind {
        /// A network.
        Network,
        /// A hardware description.
        Hardware,
        /// A mapping.
        Mapping,
    }

    /// Reads nothing.
    ///
    /// # Errors
    /// Always.
    pub fn network(path: &Path, _: &NetworkOptions) -> Result<Network, ReadError> {
        Err(ReadError(path.display().to_string()))
    }

    /// Reads nothing.
    ///
    /// # Errors
    /// Always.
    pub fn hardware(path: &Path) -> Result<Hardware, ReadError> {
        Err(ReadError(path.display().to_string()))
    }

    /// Reads nothing.
    ///
    /// # Errors
    /// Always.
    pub fn mappings(
        path: &Path,
        _: &Network,
        _: &Hardware,
    ) -> Result<Vec<(usize, Mapping)>, ReadError> {
        Err(ReadError(path.display().to_string()))
    }

    /// Reads nothing.
    ///
    /// # Errors
    /// Always.
    pub fn kind(path: &Path) -> Result<FileKind, ReadError> {
        Err(ReadError(path.display().to_string()))
    }
}
