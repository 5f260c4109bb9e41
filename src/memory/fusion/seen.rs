//! Tensors as operations see them: which axes of a view are which dimensions. Where the two are cut
//! otherwise, both are split until all operations that run together agree.

use crate::problem::access::{Access, AccessDim, AccessPlace, AccessWork, Accesses, AxisIndex};
use crate::problem::{Dim, Window};

use super::atoms::{Atom, Atoms, Views};

/// Axes of a tensor as an operation sees it, by their numbers, and what indexes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// These dimensions, outermost first.
    Dims { axes: Vec<usize>, dims: Vec<usize> },
    /// The outputs and taps of a window.
    Window {
        axis: usize,
        outer: usize,
        taps: u64,
        window: Window,
    },
    /// Nothing that can be cut.
    Whole { axes: Vec<usize> },
}

/// A tensor that is read or written.
#[derive(Clone, Debug)]
pub(super) struct SeenAccess {
    /// The tensor that has the bytes, in the graph.
    pub(super) tensor: usize,
    /// The view of it in which axes are numbered.
    pub(super) view: usize,
    /// All its axes of more than 1.
    pub(super) groups: Vec<Group>,
    /// Bits of an element.
    pub(super) bits: u64,
    /// Which operand it is.
    pub(super) place: AccessPlace,
}

/// A dimension, and the parts into which it is split.
#[derive(Clone, Debug)]
pub(super) struct SeenDim {
    pub(super) whole: bool,
    pub(super) dim: Option<Dim>,
    /// Extents, outermost first.
    pub(super) parts: Vec<u64>,
}

impl SeenDim {
    pub(super) fn new(extent: u64, dim: Option<Dim>) -> Self {
        Self {
            whole: false,
            dim,
            parts: vec![extent],
        }
    }

    fn split(&mut self, part: usize, outer: u64) {
        let inner = self.parts[part] / outer;
        self.parts.splice(part..=part, [outer, inner]);
    }
}

/// What an operation touches, before its dimensions and the axes of its tensors agree.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) dims: Vec<SeenDim>,
    pub(super) reads: Vec<SeenAccess>,
    pub(super) writes: Vec<SeenAccess>,
    pub(super) accumulator_bits: u64,
    pub(super) work: AccessWork,
    /// Bits of an accumulator of an online softmax.
    pub(super) online: Option<u64>,
}

/// The accesses of operations that touch some tensors together: dimensions and axes are split until all
/// agree. Tensors come by their places in the schedule; `None` where an axis is not known.
pub(super) fn agreed(
    operations: &[&Seen],
    views: &Views<'_>,
    place: &dyn Fn(usize) -> Option<usize>,
) -> Option<Vec<Accesses>> {
    let mut atoms = Atoms::new(views);
    let mut all: Vec<Seen> = operations.iter().map(|&own| own.clone()).collect();
    // Views split axes as well.
    for own in all
        .iter()
        .flat_map(|own| own.reads.iter().chain(&own.writes))
    {
        atoms.of(own.view)?;
    }
    let mut changed = true;
    while changed {
        changed = false;
        for own in &mut all {
            changed |= own.agree(&mut atoms)?;
        }
    }
    let all = all.iter().map(|own| own.accesses(&mut atoms, place));
    all.collect()
}

/// Two rows of extents side by side.
enum Match {
    /// They are the same.
    Same,
    /// The one at this place on the left is split, its outer part so long.
    Left(usize, u64),
    /// The one at this place on the right is.
    Right(usize, u64),
    /// Neither divides the other.
    None,
}

fn matched(left: &[u64], right: &[u64]) -> Match {
    for place in 0..left.len().max(right.len()) {
        let (Some(&a), Some(&b)) = (left.get(place), right.get(place)) else {
            return Match::None;
        };
        if a == b {
            continue;
        }
        return if a.is_multiple_of(b) {
            Match::Left(place, b)
        } else if b.is_multiple_of(a) {
            Match::Right(place, a)
        } else {
            Match::None
        };
    }
    Match::Same
}

impl Seen {
    /// Keeps the accesses to some tensors.
    pub(super) fn retain(&mut self, keeps: &dyn Fn(usize) -> bool) {
        self.reads.retain(|own| keeps(own.tensor));
        self.writes.retain(|own| keeps(own.tensor));
    }

    /// One round; whether anything was split or given up. `None` where an axis is not known.
    fn agree(&mut self, atoms: &mut Atoms<'_>) -> Option<bool> {
        let mut changed = false;
        let dims = &mut self.dims;
        for access in self.reads.iter_mut().chain(&mut self.writes) {
            let axes = atoms.of(access.view)?;
            for group in &mut access.groups {
                match settle(group, dims, (&axes, &mut *atoms)) {
                    Settled::Already => {}
                    Settled::Split => changed = true,
                    Settled::Lost => {
                        changed = true;
                        self.online = None;
                    }
                }
            }
        }
        Some(changed)
    }

    fn accesses(
        &self,
        atoms: &mut Atoms<'_>,
        place: &dyn Fn(usize) -> Option<usize>,
    ) -> Option<Accesses> {
        let starts: Vec<usize> = (self.dims.iter())
            .scan(0, |sum, dim| {
                let start = *sum;
                *sum += dim.parts.len();
                Some(start)
            })
            .collect();
        let mut access = |own: &SeenAccess| own.access(&self.dims, &starts, &mut *atoms, place);
        let reads: Option<Vec<Access>> = self.reads.iter().map(&mut access).collect();
        let writes: Option<Vec<Access>> = self.writes.iter().map(access).collect();
        let parts = self.dims.iter().flat_map(|dim| {
            let own = dim.parts.iter();
            own.map(|&extent| AccessDim {
                extent,
                whole: dim.whole,
                dim: dim.dim,
            })
        });
        Some(Accesses {
            dims: parts.collect(),
            reads: reads?,
            writes: writes?,
            accumulator_bits: self.accumulator_bits,
            work: self.work.clone(),
            online: self.online,
        })
    }
}

/// What a step towards agreement did.
enum Settled {
    /// They agreed.
    Already,
    /// An axis or a dimension was split.
    Split,
    /// The group cannot be cut, nor its dimensions.
    Lost,
}

/// Makes a group's axes and dimensions agree as far as one step does.
fn settle(
    group: &mut Group,
    dims: &mut [SeenDim],
    (axes, atoms): (&[Vec<Atom>], &mut Atoms<'_>),
) -> Settled {
    let lost = match group {
        Group::Whole { .. } => return Settled::Already,
        Group::Window { axis, outer, .. } => {
            // A window passes over all of an axis.
            if axes[*axis].len() == 1 && dims[*outer].parts.len() == 1 {
                return Settled::Already;
            }
            (vec![*axis], vec![*outer])
        }
        Group::Dims {
            axes: own,
            dims: by,
        } => {
            let left: Vec<Atom> = own.iter().flat_map(|&axis| axes[axis].clone()).collect();
            let right: Vec<(usize, usize)> = (by.iter())
                .flat_map(|&dim| (0..dims[dim].parts.len()).map(move |part| (dim, part)))
                .collect();
            let extents: Vec<u64> = left.iter().map(|&atom| atoms.extent(atom)).collect();
            let parts: Vec<u64> = (right.iter())
                .map(|&(dim, part)| dims[dim].parts[part])
                .collect();
            match matched(&extents, &parts) {
                Match::Same => return Settled::Already,
                Match::Left(place, outer) => {
                    atoms.split(left[place], outer);
                    return Settled::Split;
                }
                Match::Right(place, outer) => {
                    let (dim, part) = right[place];
                    dims[dim].split(part, outer);
                    return Settled::Split;
                }
                Match::None => (own.clone(), by.clone()),
            }
        }
    };
    for dim in lost.1 {
        dims[dim].whole = true;
    }
    *group = Group::Whole { axes: lost.0 };
    Settled::Lost
}

impl SeenAccess {
    /// The access, its axes in the order in which the tensor has them.
    fn access(
        &self,
        dims: &[SeenDim],
        starts: &[usize],
        atoms: &mut Atoms<'_>,
        place: &dyn Fn(usize) -> Option<usize>,
    ) -> Option<Access> {
        let axes = atoms.of(self.view)?;
        let mut indexed: Vec<(Atom, AxisIndex)> = Vec::new();
        for group in &self.groups {
            match group {
                Group::Dims {
                    axes: own,
                    dims: by,
                } => {
                    let left = own.iter().flat_map(|&axis| axes[axis].iter().copied());
                    let right = by.iter().flat_map(|&dim| {
                        (0..dims[dim].parts.len()).map(move |part| starts[dim] + part)
                    });
                    indexed.extend(left.zip(right.map(AxisIndex::Dim)));
                }
                Group::Window {
                    axis,
                    outer,
                    taps,
                    window,
                } => {
                    let index = AxisIndex::Window {
                        outer: starts[*outer],
                        taps: *taps,
                        window: *window,
                    };
                    indexed.extend(axes[*axis].iter().map(|&atom| (atom, index)));
                }
                Group::Whole { axes: own } => {
                    let all = own.iter().flat_map(|&axis| axes[axis].iter());
                    indexed.extend(all.map(|&atom| (atom, AxisIndex::Whole)));
                }
            }
        }
        let order: Vec<Atom> = atoms.of(self.tensor)?.into_iter().flatten().collect();
        let own = order.iter().map(|&atom| {
            let found = indexed.iter().find(|(other, _)| *other == atom)?;
            Some((atoms.extent(atom), found.1))
        });
        Some(Access {
            tensor: place(self.tensor)?,
            axes: own.collect::<Option<_>>()?,
            bits: self.bits,
            place: self.place,
        })
    }
}
