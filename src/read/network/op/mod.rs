//! The operators: one file for each kind, one line in the registry for each operator.

mod cache;
mod combine;
mod conv1d;
mod conv2d;
mod conv_transpose;
mod dims;
mod elementwise;
mod embedding;
mod linear;
mod matmul;
mod pool;
mod sliding;
mod view;

use super::site::{Outcome, Site};

/// How many producers an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Producers {
    /// None: it has its elements from elsewhere.
    None,
    /// One.
    One,
    /// A left and a right one.
    Two,
    /// Two or more.
    Several,
}

/// An operator of network files.
pub(super) struct Operator {
    /// Its name in files.
    pub(super) name: &'static str,
    /// Its keys beside those of every layer; with `dims` among them it can stand alone.
    pub(super) keys: &'static [&'static str],
    /// Its producers.
    pub(super) producers: Producers,
    /// Reads its keys, checks the shapes and makes the work.
    pub(super) read: fn(&Site<'_>) -> Option<Outcome>,
}

impl Operator {
    /// Whether a layer of this operator may give all its sizes in `dims`.
    pub(super) fn stands_alone(&self) -> bool {
        self.keys.contains(&"dims")
    }
}

/// All operators, in the order in which messages list them.
pub(super) static OPERATORS: &[Operator] = &[
    conv2d::CONV2D,
    conv1d::CONV1D,
    conv_transpose::CONV_TRANSPOSE2D,
    conv_transpose::CONV_TRANSPOSE1D,
    linear::LINEAR,
    matmul::MATMUL,
    pool::MAX_POOL,
    pool::AVG_POOL,
    pool::GLOBAL_AVG_POOL,
    elementwise::RELU,
    elementwise::RELU6,
    elementwise::GELU,
    combine::ADD,
    combine::MUL,
    combine::CONCAT,
    elementwise::BATCH_NORM,
    elementwise::LAYER_NORM,
    elementwise::SOFTMAX,
    embedding::EMBEDDING,
    cache::CACHE,
    view::FLATTEN,
    view::RESHAPE,
    view::TRANSPOSE,
];
