//! A stage under given loops: the boxes of its operations, the blocks of its tensors, and what each
//! way to bring in an external tensor moves and takes.

use smallvec::SmallVec;

use crate::problem::access::{Access, AccessPlace, AccessWork, Accesses, AxisIndex};
use crate::problem::stage::StageWay;
use crate::problem::{Role, Window};

use super::stage::{Online, Stage, StageTensor};
use super::walk::{self, Along, Piece, Walk};

/// A loop over a shared axis.
#[derive(Clone, Debug)]
pub(super) struct Loop<'w> {
    /// Which of the stage's axes.
    pub(super) axis: usize,
    /// The tile.
    pub(super) extent: u64,
    /// The axis in tiles.
    pub(super) walk: &'w Walk,
}

/// Iterations of an operation that have the same box.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OperationBox {
    /// Extents of its dimensions.
    pub(super) extents: Vec<u64>,
    /// For every operand that it reads the elements that it touches.
    pub(super) touched: Vec<u64>,
    /// The windows of dimensions that loops cut, with the dimension of their outputs.
    pub(super) windows: SmallVec<[(usize, Window); 2]>,
    /// Elements of the result.
    pub(super) computed: u64,
    /// How many iterations.
    pub(super) count: u64,
    /// Whether the result's tile has partial sums from an iteration before, and for one after; of an
    /// online softmax, accumulators.
    pub(super) partial: [bool; 2],
    /// The online softmax that it is a part of.
    pub(super) online: Option<Online>,
}

impl OperationBox {
    /// Rows of a softmax.
    pub(super) fn rows(&self, operation: &Accesses) -> u64 {
        let own = operation.dims.iter().zip(&self.extents);
        let row = own.filter(|(dim, _)| dim.whole).map(|(_, extent)| extent);
        self.computed / row.product::<u64>().max(1)
    }

    /// Bits of the accumulators of its rows, if it is a part of an online softmax.
    pub(super) fn accumulator_bits(&self, operation: &Accesses) -> Option<u64> {
        let rows = || self.rows(operation) * Online::ACCUMULATORS;
        self.online.map(|online| rows() * online.bits)
    }
}

/// What a way takes and moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Which way.
    pub(super) way: StageWay,
    /// Bytes throughout the stage.
    pub(super) bytes: u64,
    /// Bits that are fetched into the stage's own blocks.
    pub(super) inward: u64,
    /// Bits that are stored from them.
    pub(super) outward: u64,
    /// Bits that pass by in all iterations, inward.
    pub(super) passing_in: u64,
    /// And outward.
    pub(super) passing_out: u64,
}

impl Choice {
    /// Nothing taken, nothing moved.
    const fn free(way: StageWay) -> Self {
        Self {
            way,
            bytes: 0,
            inward: 0,
            outward: 0,
            passing_in: 0,
            passing_out: 0,
        }
    }

    /// All bits that move.
    pub(super) fn moved(&self) -> u64 {
        self.inward + self.outward + self.passing_in + self.passing_out
    }
}

/// A stage under loops, outermost first.
#[derive(Clone, Debug)]
pub(super) struct Nest<'a> {
    /// The stage.
    pub(super) stage: &'a Stage,
    /// Its loops.
    pub(super) loops: Vec<Loop<'a>>,
}

/// How blocks of a stage are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    /// They begin at multiples of so many bytes.
    pub(super) alignment: u64,
    /// Whether what is loaded more than once takes its place twice.
    pub(super) double_buffer: bool,
}

impl Blocks {
    /// Bytes of a block of so many bits, once or twice.
    pub(super) fn bytes(self, bits: u64, loads: u64) -> u64 {
        let one = bits.div_ceil(8).next_multiple_of(self.alignment.max(1));
        if self.double_buffer && loads > 1 {
            2 * one
        } else {
            one
        }
    }
}

impl<'a> Nest<'a> {
    fn along(&self, number: usize, tensor: usize) -> &Along {
        &self.loops[number].walk.tensors[tensor]
    }

    /// The boxes of an operation, those alike together; empty ones are left out.
    pub(super) fn boxes(&self, place: usize) -> Vec<OperationBox> {
        let operation = &self.stage.operations[place];
        let whole = OperationBox {
            extents: operation.dims.iter().map(|d| d.extent).collect(),
            touched: operation
                .reads
                .iter()
                .map(|read| self.outside(place, read))
                .collect(),
            windows: SmallVec::new(),
            computed: operation
                .result()
                .map_or(1, |result| self.outside(place, result)),
            count: 1,
            partial: [false; 2],
            online: None,
        };
        let mut boxes = vec![whole];
        for own in &self.loops {
            let dim = self.stage.axes[own.axis].dims[place];
            let reduced = self.stage.axes[own.axis].reduces[place];
            let online = self.stage.axes[own.axis].online[place];
            let cut = |one: &OperationBox| -> Vec<OperationBox> {
                pieces(own.walk, place, reduced || online.is_some())
                    .iter()
                    .map(|(piece, partial)| {
                        let mut next = one.clone();
                        next.partial[0] |= partial[0];
                        next.partial[1] |= partial[1];
                        next.online = next.online.or(online);
                        next.extents[dim] = piece.computed;
                        next.windows.extend(piece.window.map(|own| (dim, own)));
                        next.count *= piece.count;
                        if !reduced {
                            next.computed *= piece.computed;
                        }
                        for ((touched, read), rows) in
                            (next.touched.iter_mut().zip(&operation.reads)).zip(&piece.touched)
                        {
                            if read.is_indexed_by(dim) {
                                *touched *= rows;
                            }
                        }
                        next
                    })
                    .collect()
            };
            boxes = boxes.iter().flat_map(cut).collect();
        }
        boxes
    }

    /// Elements of a tensor in all axes that the loops do not cut: distinct rows of windows.
    fn outside(&self, place: usize, access: &Access) -> u64 {
        let operation = &self.stage.operations[place];
        let cut: Vec<usize> = (self.loops.iter())
            .map(|l| self.stage.axes[l.axis].dims[place])
            .collect();
        let axes = access.axes.iter().map(|&(extent, index)| match index {
            AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } if cut.contains(&d) => 1,
            AxisIndex::Window {
                outer,
                taps,
                window,
            } => walk::all_rows(operation.dims[outer].extent, taps, window),
            AxisIndex::Dim(_) | AxisIndex::Whole => extent,
        });
        axes.product()
    }

    /// One access to a tensor, with the operation's place.
    fn access(&self, tensor: &StageTensor) -> (usize, &'a Access) {
        let (place, number) = tensor.writer.unwrap_or_else(|| tensor.readers[0]);
        let operation = &self.stage.operations[place];
        let access = match tensor.writer {
            Some(_) => &operation.writes[number],
            None => &operation.reads[number],
        };
        (place, access)
    }

    /// Elements of a tensor's block that is cut by the first `level` loops.
    fn block_elements(&self, number: usize, level: usize) -> u64 {
        let tensor = &self.stage.tensors[number];
        let (place, access) = self.access(tensor);
        let mut elements = 1;
        for (axis, &(extent, _)) in access.axes.iter().enumerate() {
            let own = (0..self.loops.len()).find(|&l| {
                let dim = self.stage.axes[self.loops[l].axis].dims[place];
                access.axis_of(dim) == Some(axis)
            });
            let external = tensor.writer.is_none();
            elements *= match own {
                Some(l) if l < level => self.along(l, number).hull,
                Some(l) if external => self.along(l, number).whole_hull,
                None if external => walk::whole_hull(self.stage, tensor, axis),
                _ => extent,
            };
        }
        elements
    }

    /// The bytes of an internal tensor's block, and whether it must be there throughout.
    pub(super) fn internal(&self, number: usize, blocks: Blocks) -> (u64, bool) {
        let bits = self.access(&self.stage.tensors[number]).1.bits;
        let bytes = blocks.bytes(self.block_elements(number, self.loops.len()) * bits, 1);
        let retained = (0..self.loops.len()).any(|l| self.along(l, number).retained);
        (bytes, retained)
    }

    /// The bytes of the accumulators of an online softmax that makes a tensor, where its rows are cut: of
    /// the rows under the loops outside the first one that cuts them.
    pub(super) fn accumulators(&self, number: usize, blocks: Blocks) -> Option<u64> {
        let (place, _) = self.stage.tensors[number].writer?;
        let online = |own: &Loop<'_>| self.stage.axes[own.axis].online[place];
        let level = self.loops.iter().position(|own| online(own).is_some())?;
        let bits = online(&self.loops[level])?.bits;
        let dims = self.stage.operations[place].dims.iter();
        let row: u64 = dims.filter(|dim| dim.whole).map(|dim| dim.extent).product();
        let rows = self.block_elements(number, level) / row.max(1);
        Some(blocks.bytes(rows * Online::ACCUMULATORS * bits, 1))
    }

    /// Whether iterations compute all of a tensor that is needed outside as well.
    pub(super) fn covers(&self, number: usize) -> bool {
        (0..self.loops.len())
            .map(|l| self.along(l, number))
            .all(|along| !along.indexed || along.covered)
    }

    /// Bits that the operations read and write once beside their work.
    pub(super) fn beside(&self) -> [u64; 2] {
        let mut bits = [0, 0];
        for (number, tensor) in self.stage.tensors.iter().enumerate() {
            match tensor.writer {
                None if tensor.beside => bits[0] += self.all_bits(number),
                Some((_, write)) if write > 0 => bits[1] += self.all_bits(number),
                _ => {}
            }
        }
        bits
    }

    /// Whether an iteration needs what no one has computed.
    pub(super) fn passes_over(&self, number: usize) -> bool {
        (0..self.loops.len()).any(|l| self.along(l, number).passed_over)
    }

    /// Bits of all that the stage writes of a tensor.
    pub(super) fn all_bits(&self, number: usize) -> u64 {
        let access = self.access(&self.stage.tensors[number]).1;
        access.axes.iter().map(|axis| axis.0).product::<u64>() * access.bits
    }

    /// The ways of an external tensor that is read.
    pub(super) fn reading(&self, number: usize, blocks: Blocks, may_stay: bool) -> Vec<Choice> {
        let tensor = &self.stage.tensors[number];
        let mut ways = Vec::new();
        if tensor.beside {
            ways.push(Choice {
                inward: self.all_bits(number),
                ..Choice::free(StageWay::Passing)
            });
            return ways;
        }
        if may_stay {
            ways.push(Choice::free(StageWay::Resident));
        }
        let passes = |&(place, read): &(usize, usize)| {
            let operation = &self.stage.operations[place];
            let weight = operation.reads[read].place == AccessPlace::Operand(Role::Weight);
            weight || matches!(operation.work, AccessWork::Vector { .. })
        };
        if tensor.readers.iter().all(passes) {
            ways.push(Choice {
                passing_in: self.passing_bits(number),
                ..Choice::free(StageWay::Passing)
            });
        }
        let levels = (0..self.loops.len()).filter(|&l| self.along(l, number).indexed);
        for level in std::iter::once(0).chain(levels.map(|l| l + 1)) {
            let held = self.held(number, level, blocks);
            let worse = |other: &Choice| {
                matches!(other.way, StageWay::Held(_))
                    && other.bytes <= held.bytes
                    && other.inward <= held.inward
            };
            if !ways.iter().any(worse) {
                ways.push(held);
            }
        }
        ways
    }

    /// A tensor whose tile under the first `level` loops is held, the last of which indexes it.
    fn held(&self, number: usize, level: usize, blocks: Blocks) -> Choice {
        let tensor = &self.stage.tensors[number];
        let (_, access) = self.access(tensor);
        let (mut fetched, mut loads) = (1_u64, 1_u64);
        for own in 0..self.loops.len() {
            let along = self.along(own, number);
            let tiles = self.loops[own].walk.tiles;
            fetched *= match (along.indexed, own + 1) {
                (true, at) if at < level => along.fetched_anew,
                (true, at) if at == level => along.fetched_sliding,
                (true, _) => along.all,
                (false, at) if at < level => tiles,
                (false, _) => 1,
            };
            if own < level {
                loads *= tiles;
            }
        }
        let others = self.read_outside(tensor);
        Choice {
            bytes: blocks.bytes(self.block_elements(number, level) * access.bits, loads),
            inward: fetched * others * access.bits,
            ..Choice::free(StageWay::Held(level))
        }
    }

    /// Elements of a tensor that is read in all axes that the loops do not cut, of all its readers.
    fn read_outside(&self, tensor: &StageTensor) -> u64 {
        let readers = tensor.readers.iter();
        let own = readers.map(|&(place, number)| {
            let operation = &self.stage.operations[place];
            self.outside(place, &operation.reads[number])
        });
        own.max().unwrap_or(1)
    }

    /// Bits that pass by in all iterations if a tensor does.
    pub(super) fn passing_bits(&self, number: usize) -> u64 {
        let tensor = &self.stage.tensors[number];
        let read = |&(place, read): &(usize, usize)| -> u64 {
            let operation = &self.stage.operations[place];
            let access = &operation.reads[read];
            let mut bits = self.outside(place, access) * access.bits;
            for own in &self.loops {
                let dim = self.stage.axes[own.axis].dims[place];
                let pieces = own.walk.pieces[place].iter().filter(|p| p.computed > 0);
                bits *= if access.is_indexed_by(dim) {
                    pieces.map(|p| p.touched[read] * p.count).sum::<u64>()
                } else {
                    pieces.map(|p| p.count).sum::<u64>()
                };
            }
            bits
        };
        tensor.readers.iter().map(read).sum()
    }

    /// The ways of a result that nothing in the stage reads.
    pub(super) fn writing(&self, number: usize, blocks: Blocks, may_stay: bool) -> Vec<Choice> {
        let tensor = &self.stage.tensors[number];
        let Some((place, write)) = tensor.writer else {
            return Vec::new();
        };
        let operation = &self.stage.operations[place];
        let all = self.all_bits(number);
        if write > 0 {
            return vec![Choice {
                outward: all,
                ..Choice::free(StageWay::Passing)
            }];
        }
        let mut ways = Vec::new();
        if may_stay {
            ways.push(Choice::free(StageWay::Resident));
        }
        let reduces = |l: &usize| self.stage.axes[self.loops[*l].axis].reduces[place];
        let Some(first) = (0..self.loops.len()).find(reduces) else {
            ways.push(Choice {
                passing_out: all,
                ..Choice::free(StageWay::Passing)
            });
            return ways;
        };
        // A result that stays whole is summed where it stays, if partial sums are no wider.
        ways.retain(|_| operation.accumulator_bits <= tensor_bits(operation));
        for level in 0..=first {
            let indexed = level == 0 || self.along(level - 1, number).indexed;
            if !indexed {
                continue;
            }
            let loads = (0..level).map(|l| self.loops[l].walk.tiles).product();
            let bits = self.block_elements(number, level) * operation.accumulator_bits;
            ways.push(Choice {
                bytes: blocks.bytes(bits, loads),
                outward: all,
                ..Choice::free(StageWay::Held(level))
            });
        }
        ways
    }
}

/// The tiles of an operation along an axis that are not empty; where it reduces the axis, or has
/// accumulators along it, the first and the last one by themselves, each with whether partial sums come from one before and go on to one
/// after.
fn pieces(walk: &Walk, place: usize, reduced: bool) -> Vec<(Piece, [bool; 2])> {
    let mut all = walk.pieces[place].clone();
    let mut found = Vec::new();
    if reduced && walk.tiles > 1 {
        for (end, partial) in walk.ends[place].iter().zip([[false, true], [true, false]]) {
            if let Some(own) = all.iter_mut().find(|own| own.is_like(end)) {
                own.count -= 1;
            }
            found.push((end.clone(), partial));
        }
    }
    let middle = [reduced && walk.tiles > 1; 2];
    found.extend(all.into_iter().map(|own| (own, middle)));
    found.retain(|(own, _)| own.computed > 0 && own.count > 0);
    found
}

fn tensor_bits(operation: &Accesses) -> u64 {
    operation.result().map_or(0, |result| result.bits)
}
