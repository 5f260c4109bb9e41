//! How operands may be buffered.

use crate::problem::{Hardware, LoopNest, Memory, Node, Overlap, Role};

use super::class::{Buffering, Class};
use super::switches::Switches;

/// \[PRU23\] Whether single buffers in this memory may be worth their time: doubling takes room.
fn leaves_single_open(memory: &Memory, switches: Switches) -> bool {
    let takes_room = memory.capacity.is_some() || !switches.endless_doubling;
    memory.overlap == Overlap::Choose && takes_room
}

/// The first kept operand of a bounded memory whose buffering is open, with the choices. What
/// lies in the memory has no buffer there.
pub(crate) fn open_buffering(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    switches: Switches,
) -> Option<(Node, &'static [Buffering])> {
    let choices = |memory: &Memory| -> &'static [Buffering] {
        match (memory.overlap, memory.capacity) {
            (Overlap::Choose, None) if leaves_single_open(memory, switches) => {
                &[Buffering::Double, Buffering::Single]
            }
            (_, None) | (Overlap::Ideal | Overlap::None, _) => &[],
            (Overlap::DoubleBuffer, _) => &[Buffering::Whole, Buffering::Double],
            (Overlap::Choose, _) => &[Buffering::Whole, Buffering::Double, Buffering::Single],
        }
    };
    hardware
        .memories()
        .skip(1)
        .flat_map(|(level, memory)| Role::ALL.map(|role| (Node { level, role }, choices(memory))))
        .find(|(node, choices)| {
            let open = class.order.contains(node) && class.buffering_of(*node).is_none();
            open && !choices.is_empty() && !operation.is_resident(*node)
        })
}

pub(crate) fn with_buffering(class: &Class, node: Node, buffering: Buffering) -> Class {
    let mut next = class.clone();
    next.buffering.push((node, buffering));
    next
}

/// All ways of doubling what the mapping may double; an operand that is loaded whole takes its
/// space once whatever the mapping says.
pub(crate) fn doublings(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    switches: Switches,
) -> Vec<Class> {
    let open = class.order.iter().filter(|n| {
        class.buffering_of(**n).is_none()
            && !operation.is_resident(**n)
            && hardware
                .memory(n.level)
                .is_some_and(|memory| leaves_single_open(memory, switches))
    });
    open.fold(vec![class.clone()], |classes, &node| {
        let both = [Buffering::Double, Buffering::Single];
        classes
            .iter()
            .flat_map(|c| both.map(|b| with_buffering(c, node, b)))
            .collect()
    })
}
