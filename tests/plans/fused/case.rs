//! What is to be run, and on which machine.

/// A tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    pub name: String,
    pub shape: Vec<usize>,
    /// Width of a finished element.
    pub bits: u64,
    /// Width of an element that is not finished.
    pub accumulator_bits: u64,
    /// It lies in the outer memory before the first operation.
    pub begins_outside: bool,
    /// It must lie in the outer memory after the last operation.
    pub ends_outside: bool,
}

impl Tensor {
    /// How many elements it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }
}

/// How an operation indexes one axis of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// By one dimension.
    Dim(usize),
    /// By `outer * stride + tap * dilation - pad`; outside the tensor is padding.
    Window {
        outer: usize,
        tap: usize,
        stride: usize,
        dilation: usize,
        pad: usize,
    },
}

impl Index {
    /// The dimension that is joined with other operations' dimensions: never a tap.
    #[must_use]
    pub fn joined(self) -> usize {
        match self {
            Index::Dim(dim) | Index::Window { outer: dim, .. } => dim,
        }
    }

    /// All dimensions in it.
    #[must_use]
    pub fn dims(self) -> Vec<usize> {
        match self {
            Index::Dim(dim) => vec![dim],
            Index::Window { outer, tap, .. } => vec![outer, tap],
        }
    }
}

/// An operand of an operation: a tensor and one index for each of its axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub tensor: usize,
    pub index: Vec<Index>,
}

impl Access {
    /// Whether `dim` is relevant to the operand.
    #[must_use]
    pub fn uses(&self, dim: usize) -> bool {
        self.index.iter().any(|i| i.dims().contains(&dim))
    }
}

/// What runs an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Array,
    Vector,
}

/// A loop nest over dimensions `0..extents.len()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub name: String,
    pub unit: Unit,
    pub extents: Vec<usize>,
    /// Dimensions that are never cut.
    pub whole: Vec<bool>,
    /// It is an online softmax, whose whole dimension may be cut: two accumulators, as wide as its
    /// result's, stand for what was seen of a row.
    pub online: bool,
    pub reads: Vec<Access>,
    /// Indexed by [`Index::Dim`] only; dimensions that are not in it are reductions.
    pub write: Access,
    /// For each read whether the operand may pass by.
    pub passing: Vec<bool>,
}

impl Operation {
    /// Whether `dim` is reduced.
    #[must_use]
    pub fn reduces(&self, dim: usize) -> bool {
        !self.write.uses(dim)
    }

    /// Whether it reads `tensor`.
    #[must_use]
    pub fn reads(&self, tensor: usize) -> bool {
        self.reads.iter().any(|r| r.tensor == tensor)
    }
}

/// The ports of a memory, in bytes per cycle as (numerator, denominator).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    One((u64, u64)),
    Separate { read: (u64, u64), write: (u64, u64) },
}

impl Ports {
    /// The bandwidth of what leaves the memory.
    #[must_use]
    pub fn reading(self) -> (u64, u64) {
        match self {
            Ports::One(b) | Ports::Separate { read: b, .. } => b,
        }
    }

    /// The bandwidth of what enters the memory.
    #[must_use]
    pub fn writing(self) -> (u64, u64) {
        match self {
            Ports::One(b) | Ports::Separate { write: b, .. } => b,
        }
    }
}

/// The machine: an outer memory, and a shared memory right inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Bytes of the shared memory.
    pub capacity: u64,
    /// The outer memory's ports; without them it is never waited for.
    pub outer: Option<Ports>,
    /// The shared memory's ports.
    pub shared: Option<Ports>,
    /// Every block of the shared memory takes a multiple of so many bytes.
    pub alignment: u64,
    /// Tiles that are loaded more than once take twice their space.
    pub double_buffer: bool,
    /// Transfers overlap with nothing.
    pub waits: bool,
}

impl Machine {
    /// Bytes that a block of `bits` takes.
    #[must_use]
    pub fn block(&self, bits: u64) -> u64 {
        bits.div_ceil(8).next_multiple_of(self.alignment.max(1))
    }
}

/// A whole problem; operations run in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub tensors: Vec<Tensor>,
    pub operations: Vec<Operation>,
    pub machine: Machine,
}

impl Case {
    /// The operations that read `tensor`.
    pub fn readers(&self, tensor: usize) -> impl Iterator<Item = usize> + '_ {
        let numbered = self.operations.iter().enumerate();
        numbered
            .filter(move |(_, o)| o.reads(tensor))
            .map(|(t, _)| t)
    }
}
