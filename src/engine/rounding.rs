//! Choices near a relaxation's fractional point.

use super::node::Node;
use super::space::Space;
use super::tuning::{ROUNDED_CHOICES, ROUNDED_COLUMNS, ROUNDED_TRIES};

/// Tries the best combinations of the columns that are largest in the node's fractional point; the
/// best of them with its objective, if the rows allow any.
pub(super) fn round<S: Space>(space: &mut S, node: &Node<S::Part>) -> Option<(f64, Vec<u32>)> {
    let mut best: Vec<(f64, Vec<u32>)> = combinations(node)
        .into_iter()
        .filter_map(|choice| node.program.objective_at(&choice).map(|o| (o, choice)))
        .collect();
    best.sort_by(|a, b| a.0.total_cmp(&b.0));
    let target = space.target();
    for (_, choice) in best.iter().filter(|c| c.0 <= target).take(ROUNDED_TRIES) {
        space.try_choice(&node.part, choice);
    }
    best.into_iter().next()
}

/// The combinations of the few largest columns of each group.
fn combinations<P>(node: &Node<P>) -> Vec<Vec<u32>> {
    let mut choices: Vec<Vec<u32>> = vec![Vec::new()];
    for group in 0..node.active.len() {
        let own = largest(node, group);
        choices = choices
            .into_iter()
            .flat_map(|prefix| own.iter().map(move |&j| [prefix.as_slice(), &[j]].concat()))
            .take(ROUNDED_CHOICES)
            .collect();
    }
    choices
}

/// The columns of a group that are largest in the point; its first one where none is left.
fn largest<P>(node: &Node<P>, group: usize) -> Vec<u32> {
    let point = node.point().iter().filter(|p| p.0 == group);
    let mut own: Vec<(u32, f64)> = point
        .map(|p| (p.1, p.2))
        .filter(|c| node.active[group].binary_search(&c.0).is_ok())
        .collect();
    own.sort_by(|a, b| b.1.total_cmp(&a.1));
    own.truncate(ROUNDED_COLUMNS);
    if own.is_empty() {
        own.push((node.active[group][0], 1.0));
    }
    own.into_iter().map(|c| c.0).collect()
}
