//! In which order the nodes of a memory may stand among those of the others.

use crate::problem::{LoopNest, Memory, Node, Role, RoleSet, Tiles};

use super::class::{Class, Slide};
use super::slides::slide_choices;
use super::switches::Switches;

/// All ways of putting the kept nodes of the next memory into the order.
///
/// \[PRU22\] In a memory of shared tiles all nodes have one extent, so that of two of its nodes that
/// stand together either may come first, but for the stationary one.
pub(crate) fn insertions(
    operation: &LoopNest,
    class: &Class,
    (level, memory): (usize, &Memory),
    kept: RoleSet,
    switches: Switches,
) -> Vec<Class> {
    let roles: Vec<Role> = kept.iter().collect();
    let alike = memory.tiles == Tiles::Shared && switches.shared_orders;
    let sequences: Vec<Vec<Role>> = match alike {
        false => permutations(&roles),
        // One operand is stationary; the input comes before the output so that it can slide.
        true if roles.is_empty() => vec![Vec::new()],
        true => roles.iter().map(|&r| stationary_first(&roles, r)).collect(),
    };
    let own = class.slides.iter().find(|s| s.0 == level);
    let slides = own.is_some_and(|s| s.1 != Slide::Nothing);
    let mut all = Vec::new();
    for sequence in sequences {
        let movable = match alike {
            false => sequence.len(),
            // What has neither P nor Q may stay while the input slides along a loop above outer nodes.
            true if slides && input_follows(operation, &sequence) => 2,
            true => 1,
        };
        place(&class.order, level, &sequence, movable, &mut |order| {
            let mut decided = class.decided.clone();
            decided.push(level);
            all.push(Class {
                order,
                decided,
                ..class.clone()
            });
        });
    }
    all
}

/// Whether the input comes second, after an operand without the dimensions along which it slides:
/// the weight, in backward-weight the output.
fn input_follows(operation: &LoopNest, sequence: &[Role]) -> bool {
    let without =
        |&first: &Role| slide_choices(operation).all(|d| !operation.is_relevant(first, d));
    sequence.get(1) == Some(&Role::Input) && sequence.first().is_some_and(without)
}

/// Puts the first `movable` roles anywhere below their own outer node, in this order, and the
/// others at the end.
fn place(
    order: &[Node],
    level: usize,
    sequence: &[Role],
    movable: usize,
    emit: &mut dyn FnMut(Vec<Node>),
) {
    let Some((&role, rest)) = sequence.split_first() else {
        emit(order.to_vec());
        return;
    };
    let node = Node { level, role };
    let after_own = order
        .iter()
        .rposition(|n| n.role == role)
        .map_or(0, |i| i + 1);
    let after_same = order
        .iter()
        .rposition(|n| n.level == level)
        .map_or(0, |i| i + 1);
    let earliest = if movable == 0 {
        order.len()
    } else {
        after_own.max(after_same)
    };
    for position in earliest..=order.len() {
        let mut next = order.to_vec();
        next.insert(position, node);
        place(&next, level, rest, movable.saturating_sub(1), emit);
    }
}

/// All orders of the operands, the first ones by what stands first.
fn permutations(roles: &[Role]) -> Vec<Vec<Role>> {
    if roles.is_empty() {
        return vec![Vec::new()];
    }
    roles
        .iter()
        .flat_map(|&first| {
            let rest: Vec<Role> = roles.iter().copied().filter(|&r| r != first).collect();
            permutations(&rest)
                .into_iter()
                .map(move |others| [&[first], others.as_slice()].concat())
        })
        .collect()
}

/// The nodes of a shared memory with one operand stationary.
fn stationary_first(roles: &[Role], role: Role) -> Vec<Role> {
    std::iter::once(role)
        .chain(roles.iter().copied().filter(|&r| r != role))
        .collect()
}
