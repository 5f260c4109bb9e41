//! One shared axis of a stage cut into tiles: what every operation computes of it in each iteration
//! and what it needs of its operands, from back to front (`formulations/fusion.md`, "Nest").

use crate::problem::Window;
use crate::problem::access::{Access, Accesses, AxisIndex};

use super::stage::{Stage, StageAxis, StageTensor};

/// Positions from the first to before the second; empty where they meet.
type Interval = (u64, u64);

/// Tiles of an operation that are alike: how much of the axis is computed, and how much of it each
/// operand has for that.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    /// Positions that are computed.
    pub(super) computed: u64,
    /// For every operand that is read the distinct rows that are touched.
    pub(super) touched: Vec<u64>,
    /// The window over the rows that are needed, if the axis is that of one.
    pub(super) window: Option<Window>,
    /// How many such tiles there are.
    pub(super) count: u64,
}

impl Piece {
    /// Whether another tile is the same but for their number.
    pub(super) fn is_like(&self, other: &Piece) -> bool {
        let own = (self.computed, &self.touched, self.window);
        own == (other.computed, &other.touched, other.window)
    }
}

/// A tensor along the axis.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that do not depend on each other"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Along {
    /// Whether the axis indexes the tensor.
    pub(super) indexed: bool,
    /// Rows from the first to the last one that an iteration needs, in the largest one.
    pub(super) hull: u64,
    /// Rows from the first to the last one that any iteration needs.
    pub(super) whole_hull: u64,
    /// Distinct rows that iterations need, summed over iterations.
    pub(super) fetched_anew: u64,
    /// Distinct rows that an iteration needs and the one before does not hold, summed.
    pub(super) fetched_sliding: u64,
    /// Distinct rows that any iteration needs.
    pub(super) all: u64,
    /// Whether an iteration needs rows that an earlier one computed.
    pub(super) retained: bool,
    /// Whether an iteration needs rows that were passed over: between what two iterations computed.
    pub(super) passed_over: bool,
    /// Whether all that the tensor has is computed.
    pub(super) covered: bool,
}

/// An axis in tiles.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Number of tiles.
    pub(super) tiles: u64,
    /// For every operation its kinds of tiles.
    pub(super) pieces: Vec<Vec<Piece>>,
    /// For every operation its first and its last tile.
    pub(super) ends: Vec<[Piece; 2]>,
    /// For every tensor of the stage.
    pub(super) tensors: Vec<Along>,
}

/// Rows of a tensor.
#[derive(Clone, Debug)]
enum Rows {
    /// All from the first to before the second.
    Dense(Interval),
    /// These, in order.
    Some(Vec<u64>),
}

impl Rows {
    fn len(&self) -> u64 {
        match self {
            Rows::Dense((l, h)) => h.saturating_sub(*l),
            Rows::Some(rows) => rows.len() as u64,
        }
    }

    fn list(&self) -> Vec<u64> {
        match self {
            Rows::Dense((l, h)) => (*l..*h).collect(),
            Rows::Some(rows) => rows.clone(),
        }
    }

    fn and(&self, other: &Rows) -> Rows {
        match (self, other) {
            (Rows::Dense(a), Rows::Dense(b)) if touching(*a, *b) => Rows::Dense(hull(*a, *b)),
            _ => {
                let mut all = [self.list(), other.list()].concat();
                all.sort_unstable();
                all.dedup();
                Rows::Some(all)
            }
        }
    }

    /// How many rows are not in `before`.
    fn beyond(&self, before: &Rows) -> u64 {
        if let (Rows::Dense(a), Rows::Dense(b)) = (self, before) {
            let common = a.1.min(b.1).saturating_sub(a.0.max(b.0));
            return self.len() - common;
        }
        let before = before.list();
        let own = self.list();
        own.iter()
            .filter(|row| before.binary_search(row).is_err())
            .count() as u64
    }
}

fn touching(a: Interval, b: Interval) -> bool {
    a.0 >= a.1 || b.0 >= b.1 || (a.0 <= b.1 && b.0 <= a.1)
}

/// Adds an interval to others that do not touch each other, the lowest first; it begins in the last
/// one or after it.
fn add(all: &mut Vec<Interval>, one: Interval) {
    if one.0 >= one.1 {
        return;
    }
    match all.last_mut() {
        Some(last) if one.0 <= last.1 => last.1 = last.1.max(one.1),
        _ => all.push(one),
    }
}

/// The smallest interval around both.
fn hull(a: Interval, b: Interval) -> Interval {
    if a.0 >= a.1 {
        return b;
    }
    if b.0 >= b.1 {
        return a;
    }
    (a.0.min(b.0), a.1.max(b.1))
}

/// What outputs in an interval need of an operand: the hull, cut to the tensor.
fn needed(index: AxisIndex, outputs: Interval) -> Interval {
    if outputs.0 >= outputs.1 {
        return (0, 0);
    }
    match index {
        AxisIndex::Dim(_) | AxisIndex::Whole => outputs,
        AxisIndex::Window { taps, window, .. } => {
            let Window {
                stride,
                dilation,
                padding,
                rows,
            } = window;
            let from = (outputs.0 * stride).saturating_sub(padding);
            let last = (outputs.1 - 1) * stride + (taps - 1) * dilation + 1;
            let to = last.saturating_sub(padding).min(rows);
            if from < to { (from, to) } else { (0, 0) }
        }
    }
}

/// The distinct rows that outputs in an interval touch.
fn touched(index: AxisIndex, outputs: Interval) -> Rows {
    let AxisIndex::Window { taps, window, .. } = index else {
        return Rows::Dense(outputs);
    };
    let one = outputs.1.saturating_sub(outputs.0) == 1 && window.dilation > 1 && taps > 1;
    let dense = window.dilation == 1 && (window.stride <= taps || outputs.1 <= outputs.0 + 1);
    if dense && !one {
        return Rows::Dense(needed(index, outputs));
    }
    let mut rows: Vec<u64> = (outputs.0..outputs.1)
        .flat_map(|p| (0..taps).map(move |r| p * window.stride + r * window.dilation))
        .filter_map(|row| row.checked_sub(window.padding))
        .filter(|&row| row < window.rows)
        .collect();
    rows.sort_unstable();
    rows.dedup();
    Rows::Some(rows)
}

/// The window by which outputs in an interval read the rows that they need, counted from the first one of
/// both: what stands in the padding before a tile's first output is less than before the whole.
fn seen_by(index: AxisIndex, outputs: Interval) -> Option<Window> {
    let AxisIndex::Window { taps, window, .. } = index else {
        return None;
    };
    if outputs.0 >= outputs.1 {
        return None;
    }
    let needed = needed(index, outputs);
    let (padding, rows) = match needed.1 - needed.0 {
        // Nothing but padding: no tap reaches the row that there must be.
        0 => {
            let last = outputs.1 - 1 - outputs.0;
            (last * window.stride + (taps - 1) * window.dilation + 1, 1)
        }
        rows => (
            window.padding.saturating_sub(outputs.0 * window.stride),
            rows,
        ),
    };
    Some(Window {
        padding,
        rows,
        ..window
    })
}

/// The distinct rows that all outputs of a window touch.
pub(super) fn all_rows(outputs: u64, taps: u64, window: Window) -> u64 {
    let index = AxisIndex::Window {
        outer: 0,
        taps,
        window,
    };
    touched(index, (0, outputs)).len()
}

/// Whether an operation that computes all of its result needs all of a tensor that it reads.
pub(super) fn whole(operation: &Accesses, read: &Access) -> bool {
    read.axes.iter().all(|&(extent, index)| {
        let outputs = match index {
            AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } => (0, operation.dims[d].extent),
            AxisIndex::Whole => (0, extent),
        };
        touched(index, outputs).len() == extent
    })
}

/// Whether what reads an operation's result in the stage needs all of it.
pub(super) fn needs_all(stage: &Stage, place: usize) -> bool {
    let own = (stage.tensors.iter()).filter(|t| t.writer == Some((place, 0)));
    let mut readers = own.flat_map(|t| &t.readers);
    readers.any(|&(reader, number)| {
        let operation = &stage.operations[reader];
        whole(operation, &operation.reads[number])
            && (stage.sinks[reader] || needs_all(stage, reader))
    })
}

/// Rows from the first to the last one that whole operations need of an axis that no loop cuts.
pub(super) fn whole_hull(stage: &Stage, tensor: &StageTensor, axis: usize) -> u64 {
    let needs = tensor.readers.iter().map(|&(place, number)| {
        let operation = &stage.operations[place];
        let (extent, index) = operation.reads[number].axes[axis];
        let outputs = match index {
            AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } => operation.dims[d].extent,
            AxisIndex::Whole => extent,
        };
        needed(index, (0, outputs))
    });
    let all = needs.fold((0, 0), hull);
    all.1 - all.0
}

/// How the axis indexes a tensor in one access.
fn index_of(access: &Access, dim: usize) -> Option<(u64, AxisIndex)> {
    access.axis_of(dim).map(|axis| access.axes[axis])
}

/// An axis of a stage in tiles of `extent`. Along the innermost axis what is needed later stays; along
/// the others it is computed again.
pub(super) fn walk(stage: &Stage, axis: &StageAxis, extent: u64, innermost: bool) -> Walk {
    let tiles = axis.extent.div_ceil(extent);
    let count = stage.operations.len();
    let mut state = State {
        stage,
        axis,
        innermost,
        computed_to: vec![0; count],
        pieces: vec![Vec::new(); count],
        ends: vec![[Piece::default(), Piece::default()]; count],
        tensors: stage
            .tensors
            .iter()
            .map(|t| Follow::new(stage, axis, t))
            .collect(),
    };
    for tile in 0..tiles {
        let own = (tile * extent, ((tile + 1) * extent).min(axis.extent));
        state.iteration(own);
    }
    Walk {
        tiles,
        pieces: state.pieces,
        ends: state.ends,
        tensors: state.tensors.into_iter().map(Follow::end).collect(),
    }
}

struct State<'a> {
    stage: &'a Stage,
    axis: &'a StageAxis,
    innermost: bool,
    /// For every operation the end of what has been computed.
    computed_to: Vec<u64>,
    pieces: Vec<Vec<Piece>>,
    ends: Vec<[Piece; 2]>,
    tensors: Vec<Follow>,
}

/// A tensor while the axis is walked.
struct Follow {
    along: Along,
    /// Rows that the iteration before held.
    before: Rows,
    /// Rows that any iteration so far needed.
    all: Rows,
    /// From the first to the last of them.
    reach: Interval,
    /// How much of it is computed without gaps from the beginning, and whether there was a gap.
    covered_to: u64,
    gap: bool,
    /// What has been computed in this walk.
    made: Vec<Interval>,
    size: u64,
}

impl Follow {
    fn new(stage: &Stage, axis: &StageAxis, tensor: &StageTensor) -> Self {
        let reads = (tensor.readers.iter())
            .map(|&(place, number)| (place, &stage.operations[place].reads[number]));
        let write =
            (tensor.writer).map(|(place, number)| (place, &stage.operations[place].writes[number]));
        let mut all = write.into_iter().chain(reads);
        let own = all.find_map(|(place, access)| index_of(access, axis.dims[place]));
        Self {
            along: Along {
                indexed: own.is_some(),
                ..Along::default()
            },
            before: Rows::Dense((0, 0)),
            all: Rows::Dense((0, 0)),
            reach: (0, 0),
            covered_to: 0,
            gap: false,
            made: Vec::new(),
            size: own.map_or(0, |(extent, _)| extent),
        }
    }

    fn end(mut self) -> Along {
        self.along.all = self.all.len();
        self.along.whole_hull = self.reach.1 - self.reach.0;
        self.along.covered = !self.gap && self.covered_to >= self.size;
        self.along
    }
}

impl State<'_> {
    /// One iteration: what the sinks compute, then what the others compute for them.
    fn iteration(&mut self, tile: Interval) {
        let count = self.stage.operations.len();
        let mut computed: Vec<Interval> = vec![(0, 0); count];
        for place in (0..count).rev() {
            let wanted = if self.stage.sinks[place] {
                tile
            } else {
                self.wanted(place, &computed)
            };
            let from = if self.innermost {
                wanted.0.max(self.computed_to[place])
            } else {
                wanted.0
            };
            computed[place] = if from < wanted.1 {
                (from, wanted.1)
            } else {
                (0, 0)
            };
            if computed[place].1 > 0 {
                self.computed_to[place] = self.computed_to[place].max(computed[place].1);
            }
            self.piece(place, computed[place]);
        }
        for number in 0..self.tensors.len() {
            self.follow(number, &computed);
        }
    }

    /// What the readers of an operation's result need of it.
    fn wanted(&self, place: usize, computed: &[Interval]) -> Interval {
        let own = (self.stage.tensors.iter()).filter(|t| t.writer == Some((place, 0)));
        own.map(|tensor| self.need(tensor, computed))
            .fold((0, 0), hull)
    }

    /// The hull of what the readers of a tensor need of it.
    fn need(&self, tensor: &StageTensor, computed: &[Interval]) -> Interval {
        let needs = tensor.readers.iter().map(|&(place, number)| {
            let access = &self.stage.operations[place].reads[number];
            index_of(access, self.axis.dims[place])
                .map_or((0, 0), |(_, index)| needed(index, computed[place]))
        });
        needs.fold((0, 0), hull)
    }

    fn piece(&mut self, place: usize, computed: Interval) {
        let operation = &self.stage.operations[place];
        let rows = |access: &Access| {
            index_of(access, self.axis.dims[place])
                .map_or(0, |(_, index)| touched(index, computed).len())
        };
        let mut windows = operation.reads.iter().filter_map(|access| {
            let (_, index) = index_of(access, self.axis.dims[place])?;
            seen_by(index, computed)
        });
        let piece = Piece {
            computed: computed.1 - computed.0,
            touched: operation.reads.iter().map(rows).collect(),
            window: windows.next(),
            count: 1,
        };
        let ends = &mut self.ends[place];
        if ends[0].count == 0 {
            ends[0] = piece.clone();
        }
        ends[1] = piece.clone();
        let own = &mut self.pieces[place];
        match own.iter_mut().find(|other| other.is_like(&piece)) {
            Some(same) => same.count += 1,
            None => own.push(piece),
        }
    }

    /// What an iteration needs and fetches of a tensor, and what it computes of it.
    fn follow(&mut self, number: usize, computed: &[Interval]) {
        if !self.tensors[number].along.indexed {
            return;
        }
        let tensor = &self.stage.tensors[number];
        let (need, innermost) = (self.need(tensor, computed), self.innermost);
        let own = &mut self.tensors[number];
        if let Some((place, _)) = tensor.writer {
            let made = computed[place];
            if made.1 > made.0 {
                own.gap |= made.0 > own.covered_to;
                own.covered_to = own.covered_to.max(made.1);
            }
            if innermost {
                add(&mut own.made, made);
            } else {
                own.made = vec![made];
            }
            let inside = |all: &Interval| all.0 <= need.0 && need.1 <= all.1;
            own.along.passed_over |= need.0 < need.1 && !own.made.iter().any(inside);
            own.along.retained |= need.0 < need.1 && (made.0 >= made.1 || need.0 < made.0);
            let block = if tensor.readers.is_empty() {
                made
            } else {
                hull(need, made)
            };
            own.along.hull = own.along.hull.max(block.1 - block.0);
            own.along.fetched_anew += made.1 - made.0;
            return;
        }
        own.along.hull = own.along.hull.max(need.1 - need.0);
        own.reach = hull(own.reach, need);
        let rows = tensor.readers.iter().map(|&(place, number)| {
            let access = &self.stage.operations[place].reads[number];
            index_of(access, self.axis.dims[place]).map_or(Rows::Dense((0, 0)), |(_, index)| {
                touched(index, computed[place])
            })
        });
        let rows = rows.reduce(|a, b| a.and(&b)).unwrap_or(Rows::Dense((0, 0)));
        own.along.fetched_anew += rows.len();
        own.along.fetched_sliding += rows.beyond(&own.before);
        own.all = own.all.and(&rows);
        own.before = rows;
    }
}
