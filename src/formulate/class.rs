//! Classes of mappings: the order of the nodes, what each memory slides along, what is loaded whole.
//!
//! A class may leave decisions open; its program then takes the best of each. Splitting a class
//! decides one thing more, until a single class is left.

use crate::problem::{Dim, Hardware, LoopNest, Memory, Node, Overlap, Role, Tiles};

use super::symmetry::windows_are_equal;

/// What a memory slides along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slide {
    /// Not decided: the best of both everywhere.
    Open,
    /// Along this dimension.
    Along(Dim),
    /// It does not slide.
    Nothing,
}

/// A class of mappings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    /// The nodes of the memories decided so far, the one whose tile changes least often first.
    pub order: Vec<Node>,
    /// Levels of the inner memories whose nodes are in `order`.
    pub decided: Vec<usize>,
    /// For each inner memory what it slides along.
    pub slides: Vec<(usize, Slide)>,
    /// Operands that a double-buffered memory loads whole, once (true), or in tiles (false).
    pub whole: Vec<(Node, bool)>,
}

/// The first classes: one for every order of the first inner memory's nodes.
#[must_use]
pub fn roots(operation: &LoopNest, hardware: &Hardware) -> Vec<Class> {
    let slides: Vec<(usize, Slide)> = hardware
        .memories()
        .skip(1)
        .map(|(level, memory)| (level, initial_slide(operation, memory)))
        .collect();
    let slides = unmirrored(operation, hardware, slides);
    let empty = Class {
        order: Vec::new(),
        decided: Vec::new(),
        slides,
        whole: Vec::new(),
    };
    let Some((level, memory)) = hardware.memories().nth(1) else {
        return vec![empty];
    };
    insertions(&empty, level, memory)
}

/// The classes that decide one thing more; `None` if everything is decided.
#[must_use]
pub fn split(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Option<Vec<Class>> {
    let next = hardware
        .memories()
        .skip(1)
        .find(|(level, _)| !class.decided.contains(level));
    if let Some((level, memory)) = next {
        return Some(insertions(class, level, memory));
    }
    if let Some(index) = class.slides.iter().position(|s| s.1 == Slide::Open) {
        return Some(
            slide_choices(operation)
                .map(|d| with_slide(class, index, Slide::Along(d)))
                .collect(),
        );
    }
    let open = open_whole(operation, hardware, class)?;
    Some(
        [true, false]
            .map(|whole| with_whole(class, open, whole))
            .to_vec(),
    )
}

/// All classes with the same open `whole` choices in which order and slides are decided; the
/// first `most` of them where there are more, and whether those are all.
#[must_use]
pub fn completions(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    most: usize,
) -> (Vec<Class>, bool) {
    let is_complete = |c: &Class| {
        let mut memories = hardware.memories().skip(1);
        memories.all(|(level, _)| c.decided.contains(&level))
            && c.slides.iter().all(|s| s.1 != Slide::Open)
    };
    let mut complete = Vec::new();
    let mut open = vec![class.clone()];
    while let Some(next) = open.pop() {
        if complete.len() == most {
            return (complete, false);
        }
        if is_complete(&next) {
            complete.push(next);
        } else {
            let parts = split(operation, hardware, &next).unwrap_or_default();
            open.extend(parts.into_iter().rev());
        }
    }
    (complete, true)
}

/// The dimensions along which sliding can save rows.
pub fn slide_choices(operation: &LoopNest) -> impl Iterator<Item = Dim> + '_ {
    LoopNest::WINDOW_DIMS
        .into_iter()
        .filter(|&(p, r)| operation.extents[p] > 1 && operation.extents[r] > 1)
        .map(|(p, _)| p)
}

/// Where P and Q mirror each other, the first memory that can slide along either slides along P.
fn unmirrored(
    operation: &LoopNest,
    hardware: &Hardware,
    mut slides: Vec<(usize, Slide)>,
) -> Vec<(usize, Slide)> {
    let first = slides.iter_mut().find(|s| s.1 == Slide::Open);
    if let (Some(slide), Some(dim), true) = (
        first,
        slide_choices(operation).next(),
        windows_are_equal(operation, hardware),
    ) {
        slide.1 = Slide::Along(dim);
    }
    slides
}

fn initial_slide(operation: &LoopNest, memory: &Memory) -> Slide {
    let mut choices = slide_choices(operation);
    match (memory.sliding_reuse, choices.next(), choices.next()) {
        (true, Some(_), Some(_)) => Slide::Open,
        (true, Some(only), None) => Slide::Along(only),
        _ => Slide::Nothing,
    }
}

fn with_slide(class: &Class, index: usize, slide: Slide) -> Class {
    let mut next = class.clone();
    next.slides[index].1 = slide;
    next
}

fn with_whole(class: &Class, node: Node, whole: bool) -> Class {
    let mut next = class.clone();
    next.whole.push((node, whole));
    next
}

/// The first operand of a double-buffered, bounded memory for which `whole` is open.
fn open_whole(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Option<Node> {
    let _ = operation;
    hardware
        .memories()
        .skip(1)
        .filter(|(_, m)| m.overlap == Overlap::DoubleBuffer && m.capacity.is_some())
        .flat_map(|(level, _)| Role::ALL.map(|role| Node { level, role }))
        .find(|node| class.whole.iter().all(|w| w.0 != *node))
}

/// All ways of putting the nodes of the next memory into the order.
fn insertions(class: &Class, level: usize, memory: &Memory) -> Vec<Class> {
    let sequences: Vec<Vec<Role>> = match memory.tiles {
        Tiles::PerOperand => permutations(),
        // One operand is stationary; the input comes before the output so that it can slide.
        Tiles::Shared => Role::ALL.map(stationary_first).to_vec(),
    };
    let mut all = Vec::new();
    for sequence in sequences {
        let movable = if memory.tiles == Tiles::Shared {
            1
        } else {
            sequence.len()
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

fn permutations() -> Vec<Vec<Role>> {
    let [a, b, c] = Role::ALL;
    vec![
        vec![a, b, c],
        vec![a, c, b],
        vec![b, a, c],
        vec![b, c, a],
        vec![c, a, b],
        vec![c, b, a],
    ]
}

/// The nodes of a shared memory with one operand stationary.
#[must_use]
pub fn stationary_first(role: Role) -> Vec<Role> {
    std::iter::once(role)
        .chain(Role::ALL.into_iter().filter(|&r| r != role))
        .collect()
}
