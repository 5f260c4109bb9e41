//! What operations touch through views of other tensors, against element numbers that are carried through
//! every view one by one.

use std::collections::BTreeSet;
use std::fmt::Write;

use deepmatrix::memory::{self, Cutting};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::access::{Access, AccessPlace, Accesses, AxisIndex};
use deepmatrix::problem::graph::{Graph, Mode};
use deepmatrix::problem::{Optimizer, Role};
use deepmatrix::read::{self, NetworkOptions};
use rand::Rng;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

const CASES: u64 = 400;

/// A tensor as it is seen: extents, and for each element which one of the bytes' it is.
#[derive(Clone, Debug)]
struct Seen {
    name: String,
    base: String,
    shape: Vec<usize>,
    element: Vec<usize>,
}

impl Seen {
    fn plain(name: &str, shape: &[usize]) -> Self {
        Self {
            name: name.to_owned(),
            base: name.to_owned(),
            shape: shape.to_vec(),
            element: (0..shape.iter().product()).collect(),
        }
    }

    fn at(&self, index: &[usize]) -> usize {
        let pairs = self.shape.iter().zip(index);
        self.element[pairs.fold(0, |flat, (extent, at)| flat * extent + at)]
    }

    fn reshaped(mut self, name: &str, shape: &[usize]) -> Self {
        shape.clone_into(&mut self.shape);
        name.clone_into(&mut self.name);
        self
    }

    fn transposed(&self, name: &str, order: &[usize]) -> Self {
        let shape: Vec<usize> = order.iter().map(|&axis| self.shape[axis]).collect();
        let element = indices(&shape).map(|index| {
            let mut from = vec![0; order.len()];
            for (&axis, at) in order.iter().zip(index) {
                from[axis] = at;
            }
            self.at(&from)
        });
        Self {
            name: name.to_owned(),
            base: self.base.clone(),
            element: element.collect(),
            shape,
        }
    }
}

fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    let count: usize = shape.iter().product();
    (0..count).map(move |flat| {
        let mut index = vec![0; shape.len()];
        let mut rest = flat;
        for (at, extent) in index.iter_mut().zip(shape).rev() {
            *at = rest % extent;
            rest /= extent;
        }
        index
    })
}

/// Elements that belong together: of the result, and of each operand.
type Together = BTreeSet<Vec<usize>>;

/// An operation by its result, its operands, and its elements one by one.
struct Literal {
    result: String,
    operands: Vec<String>,
    together: Together,
}

/// A network in the making.
struct Drawn {
    text: String,
    rng: ChaCha8Rng,
    operations: Vec<Literal>,
    count: usize,
}

impl Drawn {
    fn name(&mut self) -> String {
        self.count += 1;
        format!("t{}", self.count)
    }

    fn line(&mut self, name: &str, rest: &str) {
        writeln!(self.text, "  - {{name: {name}, {rest}}}").expect("a string grows");
    }

    /// The extents without the batch, as a file has them.
    fn list(shape: &[usize]) -> String {
        let own: Vec<String> = shape[1..].iter().map(ToString::to_string).collect();
        format!("[{}]", own.join(", "))
    }

    fn cache(&mut self, shape: &[usize]) -> Seen {
        let name = self.name();
        self.line(&name, &format!("op: cache, shape: {}", Self::list(shape)));
        Seen::plain(&name, shape)
    }

    /// The same elements in axes that are products or factors of the old ones, in another order.
    fn view(&mut self, from: &Seen, shape: &[usize]) -> Seen {
        let name = self.name();
        let rest = format!(
            "op: reshape, from: {}, shape: {}",
            from.name,
            Self::list(shape)
        );
        self.line(&name, &rest);
        from.clone().reshaped(&name, shape)
    }

    fn transpose(&mut self, from: &Seen, order: &[usize]) -> Seen {
        let name = self.name();
        let axes: Vec<String> = order[1..]
            .iter()
            .map(|axis| (axis - 1).to_string())
            .collect();
        let rest = format!(
            "op: transpose, from: {}, axes: [{}], view: true",
            from.name,
            axes.join(", ")
        );
        self.line(&name, &rest);
        from.transposed(&name, order)
    }

    fn linear(&mut self, from: &Seen, features: usize) -> Seen {
        let name = self.name();
        let rest = format!("op: linear, from: {}, out_features: {features}", from.name);
        self.line(&name, &rest);
        let mut shape = from.shape.clone();
        let channels = std::mem::replace(shape.last_mut().expect("an axis"), features);
        let result = Seen::plain(&name, &shape);
        let mut together = Together::new();
        for index in indices(&shape) {
            for c in 0..channels {
                let mut own = index.clone();
                let k = std::mem::replace(own.last_mut().expect("an axis"), c);
                together.insert(vec![result.at(&index), from.at(&own), k * channels + c]);
            }
        }
        self.operations.push(Literal {
            result: result.base.clone(),
            operands: vec![from.base.clone(), format!("{name}.weight")],
            together,
        });
        result
    }

    fn matmul(&mut self, left: &Seen, right: &Seen) -> Seen {
        let name = self.name();
        self.line(
            &name,
            &format!("op: matmul, from: [{}, {}]", left.name, right.name),
        );
        let rank = left.shape.len();
        let mut shape = left.shape.clone();
        shape[rank - 1] = right.shape[rank - 1];
        let result = Seen::plain(&name, &shape);
        let mut together = Together::new();
        for index in indices(&shape) {
            for c in 0..left.shape[rank - 1] {
                let (mut a, mut b) = (index.clone(), index.clone());
                (a[rank - 1], b[rank - 2]) = (c, c);
                together.insert(vec![result.at(&index), left.at(&a), right.at(&b)]);
            }
        }
        self.operations.push(Literal {
            result: result.base.clone(),
            operands: vec![left.base.clone(), right.base.clone()],
            together,
        });
        result
    }

    fn gelu(&mut self, from: &Seen) -> Seen {
        let name = self.name();
        self.line(&name, &format!("op: gelu, from: {}", from.name));
        let result = Seen::plain(&name, &from.shape);
        let together = indices(&from.shape).map(|i| vec![result.at(&i), from.at(&i)]);
        self.operations.push(Literal {
            result: result.base.clone(),
            operands: vec![from.base.clone()],
            together: together.collect(),
        });
        result
    }
}

/// Attention in which queries, keys and values are seen as heads, at random extents; with steps between.
fn case(seed: u64) -> Drawn {
    let mut drawn = Drawn {
        text: "name: views\nsource: made\nbatch: 1\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\nlayers:\n".to_owned(),
        rng: ChaCha8Rng::seed_from_u64(seed),
        operations: Vec::new(),
        count: 0,
    };
    let mut draw = |most: usize| drawn.rng.random_range(1..=most);
    let (rows, heads, depth, features) = (draw(4), draw(3), draw(3), draw(4));
    let (splits_rows, steps, merged) = (draw(3) == 1, draw(3) == 1, draw(2) == 1);
    let mut order = [1, 2, 3];
    order.shuffle(&mut drawn.rng);
    let outer = if rows % 2 == 0 && splits_rows { 2 } else { 1 };
    let x = drawn.cache(&[1, rows, features]);
    let mut operands = Vec::new();
    for keys in [false, true] {
        let mut own = drawn.linear(&x, heads * depth);
        if steps {
            own = drawn.gelu(&own);
        }
        let split = drawn.view(&own, &[1, rows, heads, depth]);
        let order = if keys { [0, 2, 3, 1] } else { [0, 2, 1, 3] };
        operands.push(drawn.transpose(&split, &order));
    }
    let scores = drawn.matmul(&operands[0], &operands[1]);
    let values = drawn.cache(&[1, rows, heads, depth]);
    let values = drawn.transpose(&values, &[0, 2, 1, 3]);
    let context = drawn.matmul(&scores, &values);
    let mut seen = drawn.transpose(&context, &[0, 2, 1, 3]);
    if merged {
        seen = drawn.view(&seen, &[1, rows / outer, outer * heads * depth]);
    } else {
        let all = [0, order[0], order[1], order[2]];
        seen = drawn.transpose(&seen, &all);
    }
    drawn.linear(&seen, 3);
    drawn
}

fn graph(text: &str) -> (deepmatrix::problem::Network, Graph) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.yaml");
    std::fs::write(&path, text).expect("a file");
    let network = read::network(&path, &NetworkOptions::default())
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let options = StepOptions {
        mode: Mode::Inference,
        optimizer: Optimizer::default(),
        fuse: false,
    };
    let graph = training::step(&network, options).expect("a step");
    (network, graph)
}

fn size(extent: u64) -> usize {
    usize::try_from(extent).expect("a small extent")
}

/// The elements that an operation touches together, as its accesses say; `None` where an axis is
/// not known.
fn touched(own: &Accesses, operands: &[&Access]) -> Option<Together> {
    let extents: Vec<usize> = own.dims.iter().map(|d| size(d.extent)).collect();
    let mut together = Together::new();
    for index in indices(&extents) {
        let element = |access: &&Access| {
            access
                .axes
                .iter()
                .try_fold(0, |flat, &(extent, by)| match by {
                    AxisIndex::Dim(d) => Some(flat * size(extent) + index[d]),
                    AxisIndex::Window { .. } | AxisIndex::Whole => None,
                })
        };
        together.insert(operands.iter().map(element).collect::<Option<_>>()?);
    }
    Some(together)
}

#[test]
fn views_are_seen_element_by_element() {
    let (mut same, mut unknown) = (0, 0);
    for seed in 0..CASES {
        let drawn = case(seed);
        let (network, graph) = graph(&drawn.text);
        let cutting = Cutting {
            slices: 1,
            ahead: 0,
            recompute: false,
        };
        let count = drawn.operations.len();
        for first in 0..count {
            for length in 1..=count - first {
                let all = memory::touched(&network, &graph, cutting, (first, length))
                    .unwrap_or_else(|| panic!("{seed}: {first} {length}\n{}", drawn.text));
                for (own, literal) in all.iter().zip(&drawn.operations[first..]) {
                    let name = |access: &Access| graph.tensors[access.tensor].name.clone();
                    let result = own.result().expect("a result");
                    assert_eq!(name(result), literal.result, "{seed}");
                    let operand = |wanted: &String| {
                        let mut reads = own.reads.iter();
                        reads
                            .find(|read| name(read) == *wanted)
                            .unwrap_or_else(|| panic!("{seed}: {wanted} among {:?}", own.reads))
                    };
                    let mut operands = vec![result];
                    operands.extend(literal.operands.iter().map(operand));
                    assert_eq!(result.place, AccessPlace::Operand(Role::Output));
                    match touched(own, &operands) {
                        Some(found) => {
                            assert_eq!(
                                found, literal.together,
                                "{seed}: {}\n{}",
                                literal.result, drawn.text
                            );
                            same += 1;
                        }
                        None => unknown += 1,
                    }
                }
            }
        }
    }
    println!("{same} operations with the same elements, {unknown} not known in full");
    assert!(same > 20 * unknown, "{same} {unknown}");
}
