//! Axes of tensors that views leave whole: where 768 features are also seen as 12 heads of 64, the
//! tensor has both axes for everyone who touches it (`formulations/fusion.md`, "Views").

use std::collections::BTreeMap;

use crate::problem::graph::{Graph, Operation, Pass};
use crate::problem::{LayerKind, Network, Operator};

/// What makes a view of the tensor before it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    /// For each axis the one that it was.
    Order(Vec<usize>),
    /// The same elements in axes of these extents.
    Shape(Vec<u64>),
}

/// How tensors of a graph see the bytes of others.
pub(super) struct Views<'g> {
    graph: &'g Graph,
    /// Of every tensor the one that it is a view of, and how; `None` where that is no order of axes.
    of: Vec<Option<(usize, Option<Change>)>>,
}

impl<'g> Views<'g> {
    /// The views of a graph.
    pub(super) fn new(network: &Network, graph: &'g Graph) -> Self {
        let operations = graph.operations.iter();
        let views = operations.filter(|operation| operation.kind == LayerKind::View);
        let writers: BTreeMap<usize, &Operation> = views
            .flat_map(|operation| operation.writes.iter().map(move |w| (w.tensor, operation)))
            .collect();
        let of = |view: usize| {
            let &[base] = graph.tensors[view].views.as_slice() else {
                return None;
            };
            change(network, graph, (view, base), writers.get(&view)?)
        };
        Self {
            graph,
            of: (0..graph.tensors.len()).map(of).collect(),
        }
    }

    /// Whether a tensor has bytes of its own, or shows those of one other tensor in axes that are known.
    pub(super) fn is_known(&self, tensor: usize) -> bool {
        self.graph.tensors[tensor].views.is_empty()
            || self.of[tensor]
                .as_ref()
                .is_some_and(|own| self.is_known(own.0))
    }
}

/// What makes a view of its base.
fn change(
    network: &Network,
    graph: &Graph,
    (view, base): (usize, usize),
    writer: &Operation,
) -> Option<(usize, Option<Change>)> {
    let (own, from) = (&graph.tensors[view], &graph.tensors[base]);
    if own.elements() != from.elements() || own.bits_per_element != from.bits_per_element {
        return None;
    }
    let change = match &network.layers.get(writer.layer?)?.spec.operator {
        Operator::Transpose { axes } => {
            let mut order = axes.clone()?;
            if writer.pass != Pass::Forward {
                // The gradient goes back the way that the elements came.
                let mut back = vec![0; order.len()];
                for (to, &from) in order.iter().enumerate() {
                    *back.get_mut(from)? = to;
                }
                order = back;
            }
            let moved: Option<Vec<u64>> = (order.iter())
                .map(|&axis| from.shape.get(axis).copied())
                .collect();
            if moved? != own.shape {
                return None;
            }
            Some(Change::Order(order))
        }
        _ if own.shape == from.shape => None,
        Operator::View => Some(Change::Shape(own.shape.clone())),
        _ => return None,
    };
    Some((base, change))
}

/// An axis of a tensor's bytes, or a part of one.
pub(super) type Atom = usize;

/// What an atom is made of.
struct Node {
    extent: u64,
    /// The outer and the inner part that it was split into.
    parts: Option<[Atom; 2]>,
}

/// The atoms of each axis of a tensor; an axis of 1 has none.
type Axes = Vec<Vec<Atom>>;

/// The axes of tensors, as far as those who see them split them.
pub(super) struct Atoms<'v> {
    views: &'v Views<'v>,
    nodes: Vec<Node>,
    /// Of every tensor that was asked for.
    axes: BTreeMap<usize, Option<Axes>>,
}

impl<'v> Atoms<'v> {
    /// Nothing is split.
    pub(super) fn new(views: &'v Views<'v>) -> Self {
        Self {
            views,
            nodes: Vec::new(),
            axes: BTreeMap::new(),
        }
    }

    fn add(&mut self, extent: u64) -> Atom {
        self.nodes.push(Node {
            extent,
            parts: None,
        });
        self.nodes.len() - 1
    }

    /// Elements along an atom.
    pub(super) fn extent(&self, atom: Atom) -> u64 {
        self.nodes[atom].extent
    }

    /// Splits an atom; its outer part has so many elements, which divide its own.
    pub(super) fn split(&mut self, atom: Atom, outer: u64) -> [Atom; 2] {
        let inner = self.nodes[atom].extent / outer;
        let parts = [self.add(outer), self.add(inner)];
        self.nodes[atom].parts = Some(parts);
        parts
    }

    /// The atoms of each axis of a tensor, as they are split so far, outermost first; `None` where it
    /// is a view that mixes axes.
    pub(super) fn of(&mut self, tensor: usize) -> Option<Axes> {
        if !self.axes.contains_key(&tensor) {
            let axes = self.seen(tensor);
            self.axes.insert(tensor, axes);
        }
        let axes = self.axes.get(&tensor)?.as_ref()?;
        Some(axes.iter().map(|axis| self.leaves(axis)).collect())
    }

    fn leaves(&self, atoms: &[Atom]) -> Vec<Atom> {
        let own = |&atom: &Atom| match self.nodes[atom].parts {
            Some(parts) => self.leaves(&parts),
            None => vec![atom],
        };
        atoms.iter().flat_map(own).collect()
    }

    /// The axes of a tensor, from those of its base if it is a view.
    fn seen(&mut self, tensor: usize) -> Option<Axes> {
        let views = self.views;
        let own = &views.graph.tensors[tensor];
        if own.views.is_empty() {
            let axis = |&extent: &u64| match extent {
                1 => Vec::new(),
                extent => vec![self.add(extent)],
            };
            return Some(own.shape.iter().map(axis).collect());
        }
        let (base, change) = views.of[tensor].as_ref()?;
        let axes = self.of(*base)?;
        match change {
            None => Some(axes),
            Some(Change::Order(order)) => {
                let moved = order.iter().map(|&axis| axes.get(axis).cloned());
                moved.collect()
            }
            Some(Change::Shape(shape)) => self.reshaped(&axes, shape),
        }
    }

    /// The same atoms in axes of other extents; an atom that reaches over the end of one is split.
    fn reshaped(&mut self, axes: &[Vec<Atom>], shape: &[u64]) -> Option<Axes> {
        let mut left: Vec<Atom> = axes.iter().flatten().copied().rev().collect();
        let mut found = Vec::new();
        for &extent in shape {
            let (mut own, mut rest) = (Vec::new(), extent);
            while rest > 1 {
                let atom = left.pop()?;
                let here = self.extent(atom);
                if rest.is_multiple_of(here) {
                    own.push(atom);
                    rest /= here;
                } else if here.is_multiple_of(rest) {
                    let [outer, inner] = self.split(atom, rest);
                    own.push(outer);
                    left.push(inner);
                    rest = 1;
                } else {
                    return None;
                }
            }
            found.push(own);
        }
        Some(found)
    }
}
