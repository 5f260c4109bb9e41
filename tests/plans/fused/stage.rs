//! A stage: the roles of its tensors, and the axes that its operations can share.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::case::{Access, Case, Index, Operation, Unit};
use super::set::{Elements, Interval, indices, signed};

/// An axis that all operations of a stage share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dimension of each operation of the stage.
    pub dims: Vec<usize>,
    /// The extent that all sinks have.
    pub extent: usize,
}

type Touches = RefCell<HashMap<(usize, usize, Vec<Interval>), Rc<Elements>>>;

/// Consecutive operations that run together. Operations of a stage are numbered
/// from its first one, tensors as in the case.
pub struct Stage<'a> {
    pub case: &'a Case,
    pub first: usize,
    pub operations: &'a [Operation],
    /// Tensors written and read inside.
    pub internal: Vec<usize>,
    /// Tensors read inside and written elsewhere.
    pub external: Vec<usize>,
    /// Operations whose result nothing inside reads.
    pub sinks: Vec<usize>,
    pub axes: Vec<Axis>,
    /// Why other joined dimensions cannot be shared.
    pub refusals: Vec<String>,
    touches: Touches,
}

impl<'a> Stage<'a> {
    /// The stage of the operations `first..=last`.
    #[must_use]
    pub fn new(case: &'a Case, first: usize, last: usize) -> Self {
        let operations = &case.operations[first..=last];
        let written: Vec<usize> = operations.iter().map(|o| o.write.tensor).collect();
        let is_read = |x: usize| operations.iter().any(|o| o.reads(x));
        let all = 0..case.tensors.len();
        let of_sink = |t: &usize| !is_read(written[*t]);
        let mut stage = Self {
            case,
            first,
            operations,
            internal: written.iter().copied().filter(|&x| is_read(x)).collect(),
            external: all
                .filter(|x| is_read(*x) && !written.contains(x))
                .collect(),
            sinks: (0..operations.len()).filter(of_sink).collect(),
            axes: Vec::new(),
            refusals: Vec::new(),
            touches: RefCell::default(),
        };
        for members in stage.joined() {
            match stage.axis(&members) {
                Ok(axis) => stage.axes.push(axis),
                Err(reason) => stage.refusals.push(reason),
            }
        }
        stage
    }

    /// Number of operations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// The operation of the stage that writes `tensor`.
    #[must_use]
    pub fn producer(&self, tensor: usize) -> Option<usize> {
        self.operations
            .iter()
            .position(|o| o.write.tensor == tensor)
    }

    /// The last operation of the stage that reads `tensor`.
    #[must_use]
    pub fn last_reader(&self, tensor: usize) -> Option<usize> {
        self.operations.iter().rposition(|o| o.reads(tensor))
    }

    /// Whether something after the stage needs what the stage wrote there.
    #[must_use]
    pub fn needed_later(&self, tensor: usize) -> bool {
        let end = self.first + self.len();
        self.case.tensors[tensor].ends_outside || self.case.readers(tensor).any(|t| t >= end)
    }

    /// Whether a step along `axis` changes what any reader touches of `tensor`.
    #[must_use]
    pub fn relevant(&self, axis: &Axis, tensor: usize) -> bool {
        let pairs = self.operations.iter().zip(&axis.dims);
        let mut reads = pairs.flat_map(|(o, &dim)| o.reads.iter().map(move |r| (r, dim)));
        reads.any(|(read, dim)| read.tensor == tensor && read.uses(dim))
    }

    /// The elements inside the tensor that an operand touches on a box: its reads
    /// in order, then its result.
    #[must_use]
    pub fn touched(&self, operation: usize, operand: usize, bounds: &[Interval]) -> Rc<Elements> {
        let key = (operation, operand, bounds.to_vec());
        if let Some(known) = self.touches.borrow().get(&key) {
            return Rc::clone(known);
        }
        let access = operand_of(&self.operations[operation], operand);
        let shape = &self.case.tensors[access.tensor].shape;
        let found = Rc::new(walk(access, shape, bounds));
        self.touches.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// Sets of (operation, dimension) that index the same axis of a tensor.
    fn joined(&self) -> Vec<Vec<(usize, usize)>> {
        let mut nodes: Vec<(usize, usize)> = Vec::new();
        for (t, operation) in self.operations.iter().enumerate() {
            nodes.extend((0..operation.extents.len()).map(|d| (t, d)));
        }
        let mut label: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        label.extend(nodes.iter().enumerate().map(|(i, &n)| (n, i)));
        for &tensor in self.internal.iter().chain(&self.external) {
            for group in self.same_axis(tensor) {
                let least = group.iter().map(|n| label[n]).min();
                let old: Vec<usize> = group.iter().map(|n| label[n]).collect();
                for value in label.values_mut().filter(|v| old.contains(v)) {
                    *value = least.unwrap_or(*value);
                }
            }
        }
        let mut sets: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (node, label) in label {
            sets.entry(label).or_default().push(node);
        }
        sets.into_values().collect()
    }

    /// For each axis of `tensor` the dimensions that index it, if they are joined.
    fn same_axis(&self, tensor: usize) -> Vec<Vec<(usize, usize)>> {
        let readers = self.operations.iter().filter(|o| o.reads(tensor)).count();
        if self.external.contains(&tensor) && readers < 2 {
            return Vec::new();
        }
        let mut groups = vec![Vec::new(); self.case.tensors[tensor].shape.len()];
        for (t, operation) in self.operations.iter().enumerate() {
            let accesses = operation.reads.iter().chain([&operation.write]);
            for access in accesses.filter(|a| a.tensor == tensor) {
                for (group, index) in groups.iter_mut().zip(&access.index) {
                    group.push((t, index.joined()));
                }
            }
        }
        groups
    }

    /// The joined set as an axis, or why it cannot be shared.
    fn axis(&self, members: &[(usize, usize)]) -> Result<Axis, String> {
        let mut dims = Vec::new();
        for (t, operation) in self.operations.iter().enumerate() {
            let mine: Vec<usize> = members.iter().filter(|m| m.0 == t).map(|m| m.1).collect();
            let [dim] = mine[..] else {
                return Err(format!(
                    "{} has {} dimensions in it",
                    operation.name,
                    mine.len()
                ));
            };
            if operation.whole[dim] && !self.is_taken_in_parts(t, members) {
                return Err(format!("dimension {dim} of {} is whole", operation.name));
            }
            if operation.reduces(dim) && !self.sinks.contains(&t) {
                return Err(format!("{} reduces it and is no sink", operation.name));
            }
            dims.push(dim);
        }
        let extent_of = |t: usize| self.operations[t].extents[dims[t]];
        let extent = extent_of(self.len() - 1);
        if self.sinks.iter().any(|&t| extent_of(t) != extent) {
            return Err("sinks of other extents".to_owned());
        }
        Ok(Axis { dims, extent })
    }

    /// Whether operation `t` takes the joined set in parts although it is whole: an online softmax
    /// of which one operation alone needs the result, a sink of the array that sums over the set.
    fn is_taken_in_parts(&self, t: usize, members: &[(usize, usize)]) -> bool {
        let result = self.operations[t].write.tensor;
        let readers: Vec<usize> = (0..self.len())
            .filter(|&r| self.operations[r].reads(result))
            .collect();
        let [reader] = readers[..] else {
            return false;
        };
        let own = &self.operations[reader];
        let mut of_reader = members.iter().filter(|m| m.0 == reader);
        self.operations[t].online
            && !self.needed_later(result)
            && own.unit == Unit::Array
            && self.sinks.contains(&reader)
            && of_reader.all(|&(_, dim)| own.reduces(dim))
    }
}

/// An operand by number: the reads in order, then the result.
#[must_use]
pub fn operand_of(operation: &Operation, operand: usize) -> &Access {
    operation.reads.get(operand).unwrap_or(&operation.write)
}

/// Where an index points for the values of the dimensions; may be outside.
fn coordinate(index: Index, value: &dyn Fn(usize) -> i64) -> i64 {
    match index {
        Index::Dim(dim) => value(dim),
        Index::Window {
            outer,
            tap,
            stride,
            dilation,
            pad,
        } => value(outer) * signed(stride) + value(tap) * signed(dilation) - signed(pad),
    }
}

/// Calls `visit` with every combination of values of `dims` in `bounds`.
fn combinations(dims: &[usize], bounds: &[Interval], mut visit: impl FnMut(&dyn Fn(usize) -> i64)) {
    let limits: Vec<usize> = dims.iter().map(|&d| bounds[d].len()).collect();
    for offsets in indices(&limits) {
        visit(&|dim| {
            let place = dims.iter().position(|&d| d == dim);
            place.map_or(0, |i| bounds[dim].from + signed(offsets[i]))
        });
    }
}

/// Enumerates the elements of a tensor that an access touches on a box.
fn walk(access: &Access, shape: &[usize], bounds: &[Interval]) -> Elements {
    let mut found = Elements::none(shape.iter().product());
    if bounds.iter().any(|b| b.is_empty()) {
        return found;
    }
    let mut dims: Vec<usize> = access.index.iter().flat_map(|i| i.dims()).collect();
    dims.sort_unstable();
    dims.dedup();
    combinations(&dims, bounds, |value| {
        let mut element = Some(0);
        for (&index, &extent) in access.index.iter().zip(shape) {
            let place = usize::try_from(coordinate(index, value));
            let place = place.ok().filter(|&p| p < extent);
            element = element.zip(place).map(|(e, p)| e * extent + p);
        }
        if let Some(element) = element {
            found.insert(element);
        }
    });
    found
}

/// The hull of the coordinates of one index on a box, not cut to the tensor.
#[must_use]
pub fn reach(index: Index, bounds: &[Interval]) -> Interval {
    let mut hull = Interval::EMPTY;
    combinations(&index.dims(), bounds, |value| {
        let from = coordinate(index, value);
        hull = hull.hull(Interval { from, to: from + 1 });
    });
    hull
}
