//! What the operations of a step touch of their tensors: which axes of a tensor, as an operation sees it,
//! are which of its dimensions.
//!
//! An operation of which this is not known has none, and is a stage by itself.

use crate::memory::grouping::{Grouped, Touch};
use crate::problem::access::{AccessPlace, AccessWork, AxisIndex};
use crate::problem::convolution::Axes;
use crate::problem::graph::{Graph, Operation, Pass, Use};
use crate::problem::operator::LayerSpec;
use crate::problem::{Dim, LayerKind, LoopNest, Network, Operator, Role, StreamOperation, Window};

use super::atoms::Views;
use super::seen::{Group, Seen, SeenAccess, SeenDim};

/// The accesses of a group of operations; `None` where they are not known.
pub(super) fn of_group(
    network: &Network,
    graph: &Graph,
    views: &Views<'_>,
    group: &Grouped,
) -> Option<Seen> {
    let leader = &graph.operations[group.leader];
    let fused = graph
        .operations
        .iter()
        .filter(|o| o.fused_into == Some(group.leader));
    let uses: Vec<Use> = std::iter::once(leader)
        .chain(fused)
        .flat_map(|o| o.reads.iter().chain(&o.writes).copied())
        .collect();
    if group.optional || !uses.iter().all(|used| views.is_known(used.tensor)) {
        return None;
    }
    let layer = network.layers.get(leader.layer?)?;
    let own = Own { graph, group, uses };
    match &leader.kind {
        LayerKind::MultiplyAccumulate(nest) => own.array(nest, &layer.spec.operator),
        LayerKind::Stream(stream) => own.vector(leader, stream, &layer.spec),
        LayerKind::Phases(_) | LayerKind::View => None,
    }
}

struct Own<'a> {
    graph: &'a Graph,
    group: &'a Grouped,
    uses: Vec<Use>,
}

/// An axis as it should be: its extent and how it is indexed.
type Axis = (u64, AxisIndex);

impl Own<'_> {
    fn shape(&self, tensor: usize) -> &[u64] {
        &self.graph.tensors[tensor].shape
    }

    /// The view in which a tensor is touched: itself, if it is no view; `None` if there are several.
    fn view(&self, tensor: usize) -> Option<usize> {
        let all = self.uses.iter().map(|used| used.tensor);
        let mut own = all.filter(|&view| self.graph.storage(view).contains(&tensor));
        let view = own.next()?;
        own.all(|other| other == view).then_some(view)
    }

    fn access(&self, tensor: usize, groups: Vec<Group>, place: AccessPlace) -> Option<SeenAccess> {
        Some(SeenAccess {
            tensor,
            view: self.view(tensor)?,
            groups,
            bits: u64::from(self.graph.tensors[tensor].bits_per_element),
            place,
        })
    }

    /// What passes beside the work.
    fn beside(&self, tensor: usize) -> Option<SeenAccess> {
        let axes = (0..self.shape(self.view(tensor)?).len()).collect();
        self.access(tensor, vec![Group::Whole { axes }], AccessPlace::Beside)
    }

    // ---- Loop nests ----

    fn array(&self, nest: &LoopNest, operator: &Operator) -> Option<Seen> {
        let taps: Vec<Dim> = LoopNest::WINDOW_DIMS.iter().map(|pair| pair.1).collect();
        let counted = Dim::ALL.into_iter().filter(|d| !taps.contains(d));
        let mut dims: Vec<SeenDim> = counted
            .map(|d| SeenDim::new(nest.extents[d], Some(d)))
            .collect();
        let layout = Layout::of(operator)?;
        let mut place = |touch: &Touch| {
            let Some(role) = touch.role else {
                return self.beside(touch.tensor);
            };
            let expected = layout.axes(nest, role, &dims);
            let (groups, lost) = matched(self.shape(self.view(touch.tensor)?), &expected);
            for dim in lost {
                dims[dim].whole = true;
            }
            self.access(touch.tensor, groups, AccessPlace::Operand(role))
        };
        let reads: Option<Vec<SeenAccess>> = self.group.reads.iter().map(&mut place).collect();
        let writes: Option<Vec<SeenAccess>> = self.group.writes.iter().map(&mut place).collect();
        let (reads, mut writes) = (reads?, writes?);
        writes.sort_by_key(|write| write.place == AccessPlace::Beside);
        one_of_each(&reads, &writes).then_some(Seen {
            dims,
            reads,
            writes,
            accumulator_bits: u64::from(nest.precision.accumulator),
            work: AccessWork::Array(Box::new(nest.clone())),
            online: None,
        })
    }

    // ---- Vector operations ----

    fn vector(
        &self,
        leader: &Operation,
        stream: &StreamOperation,
        spec: &LayerSpec,
    ) -> Option<Seen> {
        let first = self.group.writes.first()?;
        let result = self.shape(self.view(first.tensor)?).to_vec();
        let mut dims: Vec<SeenDim> = (result.iter())
            .map(|&extent| SeenDim::new(extent, None))
            .collect();
        let windows = windows(&spec.operator, leader.pass == Pass::Forward, &mut dims)?;
        let online = matches!(spec.operator, Operator::Softmax { online: true });
        let from = dims.len() - windows.len();
        let operand = |touch: &Touch| -> Option<SeenAccess> {
            let shape = self.shape(self.view(touch.tensor)?);
            if touch.role == Some(Role::Weight) && windows.is_empty() && shape != result {
                return self.beside(touch.tensor);
            }
            if shape.len() != result.len() {
                return None;
            }
            let long = shape.iter().enumerate().filter(|(_, extent)| **extent > 1);
            let groups = long.map(|(axis, &extent)| {
                let index = match windows.get(axis.wrapping_sub(from)) {
                    Some(&(taps, window)) => AxisIndex::Window {
                        outer: axis,
                        taps,
                        window,
                    },
                    None if extent == result[axis] => AxisIndex::Dim(axis),
                    None => return None,
                };
                Some(one(axis, index))
            });
            let groups: Option<Vec<Group>> = groups.collect();
            let role = touch.role.unwrap_or(Role::Input);
            self.access(touch.tensor, groups?, AccessPlace::Operand(role))
        };
        let reads: Option<Vec<SeenAccess>> = self.group.reads.iter().map(operand).collect();
        let writes = self.group.writes.iter().enumerate().map(|(number, touch)| {
            if self.shape(self.view(touch.tensor)?) != result {
                return None;
            }
            let long = (0..result.len()).filter(|&axis| result[axis] > 1);
            let groups = long.map(|axis| one(axis, AxisIndex::Dim(axis)));
            let place = match number {
                0 => AccessPlace::Operand(Role::Output),
                _ => AccessPlace::Beside,
            };
            self.access(touch.tensor, groups.collect(), place)
        });
        let writes: Option<Vec<SeenAccess>> = writes.collect();
        Some(Seen {
            dims,
            reads: reads?,
            writes: writes?,
            accumulator_bits: u64::from(self.graph.tensors[first.tensor].bits_per_element),
            work: AccessWork::Vector {
                operations: stream.vector_operations,
            },
            online: online.then_some(u64::from(spec.precision.accumulator)),
        })
    }
}

/// The windows of a vector operation over the last axes of its result, none where each element comes from
/// those at its place; axes of which all is computed at once are marked. `None` where it is not known.
fn windows<'o>(
    operator: &'o Operator,
    forward: bool,
    dims: &mut [SeenDim],
) -> Option<&'o [(u64, Window)]> {
    Some(match operator {
        Operator::Softmax { .. } | Operator::LayerNorm { .. } if forward => {
            dims.last_mut()?.whole = true;
            &[]
        }
        Operator::MaxPool { windows, .. } | Operator::AvgPool { windows, .. } if forward => {
            if windows.is_empty() || windows.len() >= dims.len() {
                return None;
            }
            windows
        }
        Operator::Relu
        | Operator::Gelu
        | Operator::Add
        | Operator::Mul
        | Operator::Elementwise(_)
        | Operator::With(..)
        | Operator::Pairwise(_) => &[],
        _ => return None,
    })
}

/// Whether every operand is one tensor, and the result among them.
fn one_of_each(reads: &[SeenAccess], writes: &[SeenAccess]) -> bool {
    let count = |list: &[SeenAccess], role: Role| {
        let own = list.iter().map(|access| access.place);
        own.filter(|&place| place == AccessPlace::Operand(role))
            .count()
    };
    count(reads, Role::Input) == 1
        && count(reads, Role::Weight) == 1
        && count(writes, Role::Output) == 1
}

/// The order of the axes of the operands of a loop nest.
#[derive(Clone, Copy)]
enum Layout {
    /// Batch, channels, depth, rows, columns; kernels out x in x taps.
    Image,
    /// Rows and features; kernels out x in.
    Rows,
    /// Products of matrices: G N C, G C K, G N K.
    Product,
}

impl Layout {
    fn of(operator: &Operator) -> Option<Self> {
        match operator {
            Operator::MatMul(_) => Some(Layout::Product),
            Operator::Convolution(weighted) => {
                match (weighted.convolution.axes, &weighted.weight) {
                    (Axes::Transposed(_), _) => None,
                    (_, weight) if weight.len() == 2 => Some(Layout::Rows),
                    // Two axes and more; with one, its place is not known.
                    (_, weight) if weight.len() >= 4 => Some(Layout::Image),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The axes of an operand, extents of 1 included.
    fn axes(self, nest: &LoopNest, role: Role, dims: &[SeenDim]) -> Vec<Axis> {
        let place = |d: Dim| dims.iter().position(|own| own.dim == Some(d));
        let plain = |d: Dim| place(d).map(|place| (nest.extents[d], AxisIndex::Dim(place)));
        let [activation, kernel, _] = nest.tensor_roles();
        let (channels, is_kernel) = if role == activation {
            (Dim::C, false)
        } else {
            (Dim::K, role == kernel)
        };
        let spatial = || {
            [2, 0, 1].map(|window| {
                let (outer, tap) = LoopNest::WINDOW_DIMS[window];
                if role == Role::Input {
                    let own = nest.windows[window];
                    let index = place(outer).map(|outer| AxisIndex::Window {
                        outer,
                        taps: nest.extents[tap],
                        window: own,
                    });
                    index.map(|index| (own.rows, index))
                } else {
                    plain(outer)
                }
            })
        };
        let taps = || [2, 0, 1].map(|w| nest.extents[LoopNest::WINDOW_DIMS[w].1]);
        let all: Vec<Option<Axis>> = match (self, is_kernel) {
            (Layout::Product, true) => [Dim::G, Dim::C, Dim::K].map(plain).to_vec(),
            (Layout::Product, false) => vec![plain(Dim::G), plain(Dim::N), plain(channels)],
            (_, true) => [Dim::G, Dim::K, Dim::C]
                .map(plain)
                .into_iter()
                .chain(taps().map(|taps| Some((taps, AxisIndex::Whole))))
                .collect(),
            (_, false) => [Dim::N, Dim::G, channels]
                .map(plain)
                .into_iter()
                .chain(spatial())
                .collect(),
        };
        all.into_iter().flatten().collect()
    }
}

/// The axes of a tensor of this shape, those of 1 left out, as expected; and the dimensions of which
/// no axis is known.
fn matched(shape: &[u64], expected: &[Axis]) -> (Vec<Group>, Vec<usize>) {
    let own: Vec<(usize, u64)> = (shape.iter().copied().enumerate())
        .filter(|(_, extent)| *extent > 1)
        .collect();
    let expected: Vec<Axis> = expected.iter().copied().filter(|axis| axis.0 > 1).collect();
    let same = (own.iter().map(|axis| axis.1)).eq(expected.iter().map(|axis| axis.0));
    if same {
        let groups = own.iter().zip(&expected);
        let groups = groups.map(|(own, expected)| one(own.0, expected.1));
        return (groups.collect(), Vec::new());
    }
    // A group of axes stands for a group of dimensions of the same size.
    let (mut groups, mut lost) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (own.iter().peekable(), expected.iter().peekable());
    while left.peek().is_some() || right.peek().is_some() {
        let (mut axes, mut group) = (Vec::new(), Vec::new());
        let (mut a, mut b) = (1_u64, 1_u64);
        loop {
            let step = if a <= b { left.next() } else { None };
            match step {
                Some(&(axis, extent)) => {
                    a = a.saturating_mul(extent);
                    axes.push(axis);
                }
                None => match right.next() {
                    Some(axis) => {
                        b = b.saturating_mul(axis.0);
                        group.push(*axis);
                    }
                    None => break,
                },
            }
            if a == b || (left.peek().is_none() && right.peek().is_none()) {
                break;
            }
        }
        if let ([axis], [own], true) = (axes.as_slice(), group.as_slice(), a == b) {
            groups.push(one(*axis, own.1));
            continue;
        }
        let dims: Option<Vec<usize>> = (group.iter())
            .map(|axis| match axis.1 {
                AxisIndex::Dim(dim) => Some(dim),
                AxisIndex::Window { .. } | AxisIndex::Whole => None,
            })
            .collect();
        if let (Some(dims), true) = (dims, a == b) {
            groups.push(Group::Dims { axes, dims });
            continue;
        }
        groups.push(Group::Whole { axes });
        lost.extend(group.iter().filter_map(|axis| match axis.1 {
            AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } => Some(d),
            AxisIndex::Whole => None,
        }));
    }
    (groups, lost)
}

/// One axis that is indexed by one thing.
fn one(axis: usize, index: AxisIndex) -> Group {
    match index {
        AxisIndex::Dim(dim) => Group::Dims {
            axes: vec![axis],
            dims: vec![dim],
        },
        AxisIndex::Window {
            outer,
            taps,
            window,
        } => Group::Window {
            axis,
            outer,
            taps,
            window,
        },
        AxisIndex::Whole => Group::Whole { axes: vec![axis] },
    }
}
