//! What is to be mapped of a step, and how.

use std::sync::Arc;

use regex::Regex;

use crate::exact::SolveOptions;
use crate::problem::Fixed;
use crate::problem::graph::Operation;
use crate::problem::result::Status;

/// How the operations of a step are mapped.
#[derive(Clone, Debug)]
pub struct Options {
    /// Options of the exact mapper; its interrupt flag stops the whole run.
    pub solve: SolveOptions,
    /// Whether epilogues are fused into the layers before them.
    pub fuse: bool,
    /// Loop nests solved at the same time, at least 1.
    pub jobs: usize,
    /// Only operations whose name matches are mapped.
    pub layers: Option<Regex>,
    /// What is fixed of the mappings of some operations, by their indices.
    pub fixed: Vec<(Vec<usize>, Fixed)>,
}

/// A step of the run, for progress reports.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// So many distinct loop nests will be solved.
    Distinct(usize),
    /// The solver starts on the loop nest of this operation.
    Started(&'a str),
    /// The solver is done with it.
    Finished(&'a str, Status),
}

/// An operation to be mapped.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    /// The operation.
    pub(super) operation: &'a Operation,
    /// What is fixed of its mappings.
    pub(super) fixed: Arc<Vec<Fixed>>,
    /// Names of the operations fused into it.
    pub(super) fused: Vec<String>,
}
