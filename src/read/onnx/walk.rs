//! What is known while a graph is walked: names, where a node stands, what is wrong.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;

use super::model::Model;
use super::node::ValueId;
use super::symbols::Symbols;
use super::wire;
use crate::read::error::Problem;

/// Nodes that a message names.
pub(super) const MOST_NAMES: usize = 3;

pub(super) type Names = HashMap<String, ValueId, FxBuildHasher>;

/// Names that can be seen from a graph: its own, then those around it.
pub(super) struct Scope<'a> {
    pub(super) own: Names,
    pub(super) around: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(around: Option<&'a Scope<'a>>) -> Self {
        let own = Names::default();
        Self { own, around }
    }

    pub(super) fn find(&self, name: &str) -> Option<ValueId> {
        let own = self.own.get(name).copied();
        own.or_else(|| self.around?.find(name))
    }
}

/// Where a node of a function or branch stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file's node that it belongs to, if it is not one itself.
    pub(super) index: Option<usize>,
    /// What stands before its name.
    pub(super) prefix: &'a str,
    pub(super) depth: usize,
}

/// What is found while the graph is walked.
pub(super) struct Walk<'a> {
    pub(super) file: &'a wire::Model,
    pub(super) model: Model,
    pub(super) symbols: Symbols,
    /// Shapes that the file states.
    pub(super) stated: HashMap<&'a str, &'a wire::Shape, FxBuildHasher>,
    pub(super) problems: Vec<Problem>,
    /// Operators that are not known, with the nodes that use them.
    pub(super) unknown: BTreeMap<String, Vec<String>>,
}

/// An error of a node, or of the whole file where `field` is empty.
pub(super) fn problem(field: &str, message: String) -> Problem {
    Problem {
        line: None,
        field: field.to_owned(),
        message,
    }
}
