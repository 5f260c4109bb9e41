//! Looking at a graph from a node backwards.

use super::super::model::Model;
use super::super::node::ValueId;

/// A model with the readers of its values.
pub(super) struct Tree<'a> {
    pub(super) model: &'a Model,
    users: Vec<Vec<usize>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        let users = model.users();
        Self { model, users }
    }

    /// Whether nothing outside reads what the nodes inside make, but for the last one's output.
    pub(super) fn closed(&self, last: usize, inside: &[usize]) -> bool {
        inside.iter().all(|&node| {
            let outputs = self.model.nodes[node].outputs.iter().flatten();
            outputs.into_iter().all(|&id| {
                let known = |user: &usize| *user == last || inside.contains(user);
                !self.model.outputs.contains(&id) && self.users[id].iter().all(known)
            })
        })
    }

    /// The node of this operator that makes a value; none of a constant.
    pub(super) fn maker(&self, id: ValueId, op: &str) -> Option<usize> {
        let node = self.model.producer(id)?;
        (self.model.nodes[node].op == op && !self.model.values[id].constant).then_some(node)
    }

    /// The one element of a constant, where it is known.
    pub(super) fn scalar(&self, id: ValueId) -> Option<f64> {
        let value = &self.model.values[id];
        let known = value.known.as_ref().filter(|_| value.constant)?;
        Some(known.scalar()?.float())
    }

    /// Whether a value is a constant of one element.
    pub(super) fn is_single(&self, id: ValueId) -> bool {
        let value = &self.model.values[id];
        value.constant && value.known.as_ref().is_some_and(|k| k.count() == 1)
    }

    /// The two inputs of a node of this operator.
    pub(super) fn two(&self, index: usize, op: &str) -> Option<[ValueId; 2]> {
        let node = &self.model.nodes[index];
        let two = (node.input(0), node.input(1));
        (node.op == op && node.inputs.len() == 2).then_some(())?;
        Some([two.0?, two.1?])
    }

    /// What is found of one of the two inputs of a node of this operator, and the other input.
    pub(super) fn either<T>(
        &self,
        index: usize,
        op: &str,
        find: impl Fn(&Self, ValueId) -> Option<T>,
    ) -> Option<(T, ValueId)> {
        let [a, b] = self.two(index, op)?;
        find(self, a)
            .map(|found| (found, b))
            .or_else(|| find(self, b).map(|found| (found, a)))
    }

    /// A value before casts and copies, which are added to `inside`.
    pub(super) fn plain(&self, mut id: ValueId, inside: &mut Vec<usize>) -> ValueId {
        while let Some(node) = self
            .maker(id, "Cast")
            .or_else(|| self.maker(id, "Identity"))
        {
            let Some(input) = self.model.nodes[node].input(0) else {
                break;
            };
            inside.push(node);
            id = input;
        }
        id
    }
}
