//! What crosses the port above an array for the elements below it: once for all elements that
//! need the same, or once for each along an axis that does not multicast or reduce.

use smallvec::{SmallVec, smallvec};

use crate::problem::{Axis, Dim, Hardware, Mapping, Role};

use super::block::Block;

/// Blocks of elements that are served together.
pub type Group = SmallVec<[Block; 1]>;
/// All groups of a block's elements.
pub type Groups = SmallVec<[Group; 1]>;

/// The spread of one dimension over one array: a block for every element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fan {
    /// For each axis that the dimension is spread over the factor, the first axis the outermost,
    /// and whether the elements along it are served one by one.
    axes: Vec<(u64, bool)>,
}

impl Fan {
    /// The number of elements.
    fn elements(&self) -> u64 {
        self.axes.iter().map(|a| a.0).product()
    }

    /// The number of groups of elements that are served together.
    fn groups(&self) -> u64 {
        self.axes.iter().filter(|a| a.1).map(|a| a.0).product()
    }

    /// The group of an element: its position along the axes that serve one by one.
    fn group(&self, mut element: u64) -> u64 {
        let (mut group, mut weight) = (0, 1);
        for &(factor, single) in self.axes.iter().rev() {
            if single {
                group += element % factor * weight;
                weight *= factor;
            }
            element /= factor;
        }
        group
    }
}

/// The fans of a dimension over the arrays from level `from` up to `to`, outermost first;
/// `single` tells the axes along which elements are served one by one.
pub fn fans(
    hardware: &Hardware,
    mapping: &Mapping,
    d: Dim,
    (from, to): (usize, usize),
    single: impl Fn(&Axis) -> bool,
) -> Vec<Fan> {
    hardware
        .arrays()
        .filter(|&(level, _)| (from..to).contains(&level))
        .filter_map(|(level, array)| {
            let spread = mapping.spatial.iter().find(|a| a.level == level)?;
            let axes = array.axes.iter().zip(&spread.axes);
            let axes = axes.filter(|(_, factors)| factors[d] > 1);
            let axes = axes.map(|(axis, factors)| (factors[d], single(axis)));
            Some(Fan {
                axes: axes.collect(),
            })
        })
        .filter(|fan| !fan.axes.is_empty())
        .collect()
}

/// Whether the elements along an axis need or send tiles of the operand one by one.
#[must_use]
pub fn is_single(axis: &Axis, role: Role) -> bool {
    match role {
        Role::Input | Role::Weight => !axis.multicast,
        Role::Output => !axis.reduce,
    }
}

/// The blocks of all elements, in groups of those that are served together; elements without
/// a share are left out, as are groups without elements.
#[must_use]
pub fn groups(block: Block, fans: &[Fan]) -> Groups {
    // Beyond the last fan that tells elements apart, a group's blocks make up the whole.
    let last = fans.iter().rposition(|fan| fan.groups() > 1);
    let fans = &fans[..last.map_or(0, |i| i + 1)];
    let all: Groups = smallvec![smallvec![block]];
    fans.iter().fold(all, |groups, fan| {
        groups
            .iter()
            .flat_map(|blocks| split(blocks, fan))
            .collect()
    })
}

/// One group of blocks, each dealt to the elements of one more array.
fn split(blocks: &[Block], fan: &Fan) -> Vec<Group> {
    let mut found: Vec<(u64, Group)> = Vec::new();
    for &block in blocks {
        let shares = (0..fan.elements())
            .map_while(|i| super::chain::share(block, fan.elements(), i).map(|b| (i, b)));
        for (element, own) in shares {
            let group = fan.group(element);
            match found.iter_mut().find(|g| g.0 == group) {
                Some(known) => known.1.push(own),
                None => found.push((group, smallvec![own])),
            }
        }
    }
    found.into_iter().map(|g| g.1).collect()
}

/// The number of groups that have a share of so many indices.
#[must_use]
pub fn active_groups(length: u64, fans: &[Fan]) -> u128 {
    groups(Block { start: 0, length }, fans).len() as u128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fan(axes: &[(u64, bool)]) -> Fan {
        Fan {
            axes: axes.to_vec(),
        }
    }

    fn lengths(groups: &[Group]) -> Vec<Vec<(u64, u64)>> {
        let of = |g: &Group| g.iter().map(|b| (b.start, b.length)).collect();
        groups.iter().map(of).collect()
    }

    #[test]
    fn elements_with_a_share_are_counted_one_by_one_or_together() {
        // 5 on 4 elements: shares of 2, 2, 1 and none.
        assert_eq!(active_groups(5, &[fan(&[(4, true)])]), 3);
        assert_eq!(active_groups(5, &[fan(&[(4, false)])]), 1);
        // 4 on 4: all of them.
        assert_eq!(active_groups(4, &[fan(&[(4, true)])]), 4);
        // Two arrays: 5 on 2 is 3 and 2, each on 2 is 2 and 1, or 1 and 1.
        assert_eq!(active_groups(5, &[fan(&[(2, true)]), fan(&[(2, true)])]), 4);
        assert_eq!(
            active_groups(5, &[fan(&[(2, false)]), fan(&[(2, true)])]),
            2
        );
    }

    #[test]
    fn a_split_dimension_counts_along_its_single_axis_alone() {
        // Blocks of 2, 2, 1 on elements (0, 0), (0, 1), (1, 0).
        assert_eq!(active_groups(5, &[fan(&[(2, true), (2, false)])]), 2);
        let block = Block {
            start: 10,
            length: 5,
        };
        let along_second = groups(block, &[fan(&[(2, false), (2, true)])]);
        assert_eq!(
            lengths(&along_second),
            [vec![(10, 2), (14, 1)], vec![(12, 2)]]
        );
    }
}
