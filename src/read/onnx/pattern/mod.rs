//! Groups of nodes that are one operation: written out they would stream the same tensor many times.

mod activation;
mod norm;
mod rotation;
mod tree;

use super::model::Model;
use super::node::ValueId;
use tree::Tree;

/// What a group of nodes computes of one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    /// `silu`, `gelu` or `hardswish` of a value.
    Activation { op: &'static str, input: ValueId },
    /// A normalisation over some axes, perhaps with a scale and a shift.
    Norm {
        op: &'static str,
        input: ValueId,
        axes: Vec<usize>,
        scale: bool,
        shift: bool,
    },
    /// A normalisation over groups of channels.
    GroupNorm {
        input: ValueId,
        groups: u64,
        scale: bool,
        shift: bool,
    },
    /// A product with a weight, whose node this is, and a vector that is added to it.
    Biased { product: usize },
    /// A rotation of pairs of features by an angle for each position.
    Rotation { input: ValueId },
}

/// What becomes of a node.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Role {
    /// It is lowered by itself.
    Plain,
    /// It is part of a pattern that a later node ends.
    Swallowed,
    /// It ends a pattern.
    Pattern(Pattern),
}

/// A pattern that ends with a node, and the other nodes in it.
type Found = Option<(Pattern, Vec<usize>)>;

/// The role of every node.
pub(super) fn roles(model: &Model) -> Vec<Role> {
    let tree = Tree::new(model);
    let mut roles = vec![Role::Plain; model.nodes.len()];
    let matchers: [fn(&Tree<'_>, usize) -> Found; 7] = [
        activation::gelu,
        activation::gated,
        norm::root_mean_square,
        norm::layer,
        norm::group,
        rotation::rotation,
        biased,
    ];
    // The last node of a pattern decides, so that a whole is found before its parts.
    for index in (0..model.nodes.len()).rev() {
        if roles[index] != Role::Plain {
            continue;
        }
        let found = matchers.iter().find_map(|matcher| {
            let (pattern, inside) = matcher(&tree, index)?;
            let free = inside.iter().all(|&n| roles[n] == Role::Plain);
            (free && tree.closed(index, &inside)).then_some((pattern, inside))
        });
        if let Some((pattern, inside)) = found {
            for node in inside {
                roles[node] = Role::Swallowed;
            }
            roles[index] = Role::Pattern(pattern);
        }
    }
    roles
}

/// A matrix product with a weight, and a vector of one value for each column.
fn biased(tree: &Tree<'_>, index: usize) -> Found {
    let (product, vector) = tree.either(index, "Add", |tree, id| {
        let node = tree.maker(id, "MatMul")?;
        let weight = tree.model.nodes[node].input(1)?;
        tree.model.values[weight].constant.then_some(node)
    })?;
    let columns = *tree
        .model
        .shape(tree.model.nodes[product].output()?)
        .last()?;
    let shape = tree.model.shape(vector);
    let is_vector = shape.last() == Some(&columns) && shape.iter().rev().skip(1).all(|&e| e == 1);
    let constant = tree.model.values[vector].constant;
    (is_vector && constant).then(|| (Pattern::Biased { product }, vec![product]))
}
