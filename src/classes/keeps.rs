//! What a memory may keep.

use crate::problem::{Hardware, LoopNest, Memory, Node, Role, RoleSet};

use super::class::{Class, Slide};

/// All sets of operands of an operation that the memory at a level may keep, the largest first.
#[must_use]
pub fn keep_sets(operation: &LoopNest, (level, memory): (usize, &Memory)) -> Vec<RoleSet> {
    let mut sets: Vec<Vec<Role>> = vec![Vec::new()];
    for role in Role::ALL {
        let kept: Vec<Vec<Role>> = sets
            .iter()
            .map(|s| [s.as_slice(), &[role]].concat())
            .collect();
        let may_bypass = operation.may_bypass(memory, Node { level, role });
        sets = match (memory.may_keep(role), may_bypass) {
            (false, _) => sets,
            (true, false) => kept,
            (true, true) => [kept, sets].concat(),
        };
    }
    sets.sort_by_key(|s| std::cmp::Reverse(s.len()));
    sets.iter().map(|s| RoleSet::of(s)).collect()
}

/// The class in which a memory keeps these operands. Without the input it has nothing to slide.
pub(crate) fn with_kept(class: &Class, level: usize, kept: RoleSet) -> Class {
    let mut next = class.clone();
    next.keeps.push((level, kept));
    if !kept.contains(Role::Input) {
        for slide in next.slides.iter_mut().filter(|s| s.0 == level) {
            slide.1 = Slide::Nothing;
        }
    }
    next
}

/// The classes of decided order in which one operand more goes around one memory.
#[must_use]
pub fn without_one(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Vec<Class> {
    let may_go = |node: &Node| {
        let memory = hardware.memory(node.level);
        memory.is_some_and(|m| operation.may_bypass(m, *node))
    };
    let without = |node: Node| {
        let mut next = class.clone();
        next.order.retain(|n| *n != node);
        next.buffering.retain(|b| b.0 != node);
        for kept in next.keeps.iter_mut().filter(|k| k.0 == node.level) {
            let others: Vec<Role> = kept.1.iter().filter(|&r| r != node.role).collect();
            kept.1 = RoleSet::of(&others);
        }
        let slides = next.slides.iter_mut();
        for slide in slides.filter(|s| (s.0, Role::Input) == (node.level, node.role)) {
            slide.1 = Slide::Nothing;
        }
        next
    };
    class
        .order
        .iter()
        .copied()
        .filter(may_go)
        .map(without)
        .collect()
}
