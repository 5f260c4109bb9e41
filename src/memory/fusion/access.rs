//! The accesses of the operations of a step: how each indexes the axes of what it reads and writes.
//!
//! An operation of which this is not known has none, and is a stage by itself.

use crate::memory::grouping::{Grouped, Touch};
use crate::problem::access::{Access, AccessDim, AccessPlace, AccessWork, Accesses, AxisIndex};
use crate::problem::convolution::Axes;
use crate::problem::graph::{Graph, Operation, Pass};
use crate::problem::{Dim, LayerKind, LoopNest, Network, Operator, Role, StreamOperation, Window};

/// The accesses of a group of operations; `None` where they are not known.
pub(super) fn of_group(network: &Network, graph: &Graph, group: &Grouped) -> Option<Accesses> {
    let leader = &graph.operations[group.leader];
    let plain = |tensor: usize| graph.tensors[tensor].views.is_empty();
    let fused = graph
        .operations
        .iter()
        .filter(|o| o.fused_into == Some(group.leader));
    let uses = std::iter::once(leader)
        .chain(fused)
        .flat_map(|o| o.reads.iter().chain(&o.writes));
    if group.optional || !uses.map(|used| used.tensor).all(plain) {
        return None;
    }
    let layer = network.layers.get(leader.layer?)?;
    let own = Own { graph, group };
    match &leader.kind {
        LayerKind::MultiplyAccumulate(nest) => own.array(nest, &layer.spec.operator),
        LayerKind::Stream(stream) => own.vector(leader, stream, &layer.spec.operator),
        LayerKind::Phases(_) | LayerKind::View => None,
    }
}

struct Own<'a> {
    graph: &'a Graph,
    group: &'a Grouped,
}

/// An axis as it should be: its extent and how it is indexed.
type Axis = (u64, AxisIndex);

impl Own<'_> {
    fn shape(&self, tensor: usize) -> &[u64] {
        &self.graph.tensors[tensor].shape
    }

    /// An access; axes of 1 are left out, so that those of a tensor are the same in all its accesses.
    fn access(&self, tensor: usize, axes: Vec<Axis>, place: AccessPlace) -> Access {
        Access {
            tensor,
            axes: axes.into_iter().filter(|axis| axis.0 > 1).collect(),
            bits: u64::from(self.graph.tensors[tensor].bits_per_element),
            place,
        }
    }

    /// What passes beside the work.
    fn beside(&self, tensor: usize) -> Access {
        let axes = (self.shape(tensor).iter())
            .map(|&extent| (extent, AxisIndex::Whole))
            .collect();
        self.access(tensor, axes, AccessPlace::Beside)
    }

    // ---- Loop nests ----

    fn array(&self, nest: &LoopNest, operator: &Operator) -> Option<Accesses> {
        let taps: Vec<Dim> = LoopNest::WINDOW_DIMS.iter().map(|pair| pair.1).collect();
        let counted = Dim::ALL.into_iter().filter(|d| !taps.contains(d));
        let mut dims: Vec<AccessDim> = counted
            .map(|d| AccessDim {
                extent: nest.extents[d],
                whole: false,
                dim: Some(d),
            })
            .collect();
        let layout = Layout::of(operator)?;
        let mut place = |touch: &Touch| {
            let Some(role) = touch.role else {
                return self.beside(touch.tensor);
            };
            let expected = layout.axes(nest, role, &dims);
            let (axes, lost) = matched(self.shape(touch.tensor), &expected);
            for dim in lost {
                dims[dim].whole = true;
            }
            self.access(touch.tensor, axes, AccessPlace::Operand(role))
        };
        let reads: Vec<Access> = self.group.reads.iter().map(&mut place).collect();
        let mut writes: Vec<Access> = self.group.writes.iter().map(&mut place).collect();
        writes.sort_by_key(|write| write.place == AccessPlace::Beside);
        one_of_each(&reads, &writes).then_some(Accesses {
            dims,
            reads,
            writes,
            accumulator_bits: u64::from(nest.precision.accumulator),
            work: AccessWork::Array(Box::new(nest.clone())),
        })
    }

    // ---- Vector operations ----

    fn vector(
        &self,
        leader: &Operation,
        stream: &StreamOperation,
        operator: &Operator,
    ) -> Option<Accesses> {
        let shape = |touch: &Touch| self.shape(touch.tensor).to_vec();
        let result = self.group.writes.first().map(shape)?;
        let mut dims: Vec<AccessDim> = (result.iter())
            .map(|&extent| AccessDim {
                extent,
                whole: false,
                dim: None,
            })
            .collect();
        let windows = windows(operator, leader.pass == Pass::Forward, &mut dims)?;
        let from = dims.len() - windows.len();
        let operand = |touch: &Touch| -> Option<Access> {
            let shape = self.shape(touch.tensor);
            if touch.role == Some(Role::Weight) && windows.is_empty() && shape != result {
                return Some(self.beside(touch.tensor));
            }
            if shape.len() != result.len() {
                return None;
            }
            let axes = shape.iter().enumerate().map(|(axis, &extent)| {
                let index = match windows.get(axis.wrapping_sub(from)) {
                    Some(&(taps, window)) => AxisIndex::Window {
                        outer: axis,
                        taps,
                        window,
                    },
                    None if extent == result[axis] => AxisIndex::Dim(axis),
                    None if extent == 1 => AxisIndex::Whole,
                    None => return None,
                };
                Some((extent, index))
            });
            let axes: Option<Vec<Axis>> = axes.collect();
            let role = touch.role.unwrap_or(Role::Input);
            Some(self.access(touch.tensor, axes?, AccessPlace::Operand(role)))
        };
        let reads: Option<Vec<Access>> = self.group.reads.iter().map(operand).collect();
        let writes = self.group.writes.iter().enumerate().map(|(number, touch)| {
            if self.shape(touch.tensor) != result {
                return None;
            }
            let axes = result.iter().enumerate();
            let axes = axes.map(|(axis, &extent)| (extent, AxisIndex::Dim(axis)));
            let place = match number {
                0 => AccessPlace::Operand(Role::Output),
                _ => AccessPlace::Beside,
            };
            Some(self.access(touch.tensor, axes.collect(), place))
        });
        let writes: Option<Vec<Access>> = writes.collect();
        let bits = self.group.writes.first()?;
        Some(Accesses {
            dims,
            reads: reads?,
            writes: writes?,
            accumulator_bits: u64::from(self.graph.tensors[bits.tensor].bits_per_element),
            work: AccessWork::Vector {
                operations: stream.vector_operations,
            },
        })
    }
}

/// The windows of a vector operation over the last axes of its result, none where each element comes from
/// those at its place; axes of which all is computed at once are marked. `None` where it is not known.
fn windows<'o>(
    operator: &'o Operator,
    forward: bool,
    dims: &mut [AccessDim],
) -> Option<&'o [(u64, Window)]> {
    Some(match operator {
        Operator::Softmax | Operator::LayerNorm { .. } if forward => {
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
fn one_of_each(reads: &[Access], writes: &[Access]) -> bool {
    let count = |list: &[Access], role: Role| {
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
    fn axes(self, nest: &LoopNest, role: Role, dims: &[AccessDim]) -> Vec<Axis> {
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
/// no axis is known: the tensor has them in one axis with others, or in several.
fn matched(shape: &[u64], expected: &[Axis]) -> (Vec<Axis>, Vec<usize>) {
    let own: Vec<u64> = shape.iter().copied().filter(|&extent| extent > 1).collect();
    let expected: Vec<Axis> = expected.iter().copied().filter(|axis| axis.0 > 1).collect();
    let same = own.iter().eq(expected.iter().map(|axis| &axis.0));
    if same {
        return (expected, Vec::new());
    }
    // A group of axes stands for a group of dimensions of the same size.
    let (mut axes, mut lost) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (own.iter().peekable(), expected.iter().peekable());
    while left.peek().is_some() || right.peek().is_some() {
        let (mut sizes, mut group) = (Vec::new(), Vec::new());
        let (mut a, mut b) = (1_u64, 1_u64);
        loop {
            let step = if a <= b { left.next() } else { None };
            match step {
                Some(&extent) => {
                    a = a.saturating_mul(extent);
                    sizes.push(extent);
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
        if let ([_], [axis], true) = (sizes.as_slice(), group.as_slice(), a == b) {
            axes.push(*axis);
            continue;
        }
        axes.extend(sizes.iter().map(|&extent| (extent, AxisIndex::Whole)));
        lost.extend(group.iter().filter_map(|axis| match axis.1 {
            AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } => Some(d),
            AxisIndex::Whole => None,
        }));
    }
    (axes, lost)
}
