//! Classes of mappings: which memory keeps which operand, the order of the nodes, what each
//! memory slides along, and how each kept operand is buffered.
//!
//! A class may leave decisions open; its program then takes the best of each. Splitting a class
//! decides one thing more, until a single class is left.

use crate::problem::{
    Dataflow, Dim, Hardware, LoopNest, Memory, Node, Overlap, Role, RoleSet, Tiles,
};

use super::flow;
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

/// How a memory that may double its buffers holds an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Buffering {
    /// Loaded whole, once: it takes its space once, and its transfer is overlapped.
    Whole,
    /// In tiles, at twice the space.
    Double,
    /// In tiles, at once the space; the transfers take time of their own.
    Single,
}

/// A class of mappings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    /// The nodes of the memories decided so far, the one whose tile changes least often first.
    /// What a decided memory has no node for goes around it.
    pub order: Vec<Node>,
    /// Levels of the inner memories whose nodes are in `order`.
    pub decided: Vec<usize>,
    /// Memories of which it is known what they keep, but not yet in which order.
    pub keeps: Vec<(usize, RoleSet)>,
    /// For each inner memory what it slides along.
    pub slides: Vec<(usize, Slide)>,
    /// How operands are buffered, where the memory leaves a choice and it is decided.
    pub buffering: Vec<(Node, Buffering)>,
    /// The dataflow that its mappings have.
    pub dataflow: Option<Dataflow>,
}

impl Class {
    /// Whether the memory of a node keeps its operand; `None` if that is not decided.
    #[must_use]
    pub fn keeps(&self, hardware: &Hardware, node: Node) -> Option<bool> {
        if node.level == 0 {
            return Some(true);
        }
        if self.decided.contains(&node.level) {
            return Some(self.order.contains(&node));
        }
        if let Some(known) = self.keeps.iter().find(|k| k.0 == node.level) {
            return Some(known.1.contains(node.role));
        }
        let memory = hardware.memory(node.level)?;
        match (memory.may_keep(node.role), memory.may_bypass(node.role)) {
            (false, _) => Some(false),
            (true, false) => Some(true),
            (true, true) => None,
        }
    }

    /// How an operand is buffered, if that is decided.
    #[must_use]
    pub fn buffering_of(&self, node: Node) -> Option<Buffering> {
        self.buffering.iter().find(|b| b.0 == node).map(|b| b.1)
    }

    /// Whether its nodes stand as its dataflow asks, whatever the tiles are.
    #[must_use]
    pub fn leads(&self, hardware: &Hardware) -> bool {
        flow::leads(hardware, self)
    }

    /// Whether the order of all nodes is decided.
    #[must_use]
    pub fn is_ordered(&self, hardware: &Hardware) -> bool {
        hardware
            .memories()
            .skip(1)
            .all(|(level, _)| self.decided.contains(&level))
    }
}

/// The first classes: one for everything that the first inner memory may keep, in every order,
/// and where mappings are restricted to some dataflows, for each of these.
#[must_use]
pub fn roots(operation: &LoopNest, hardware: &Hardware) -> Vec<Class> {
    roots_where(operation, hardware, true)
}

/// The first classes; `mirrored` where exchanging windows may change nothing.
#[must_use]
pub fn roots_where(operation: &LoopNest, hardware: &Hardware, mirrored: bool) -> Vec<Class> {
    let mut flows: Vec<Option<Dataflow>> = hardware.dataflow.iter().copied().map(Some).collect();
    if flows.is_empty() {
        flows.push(None);
    }
    let all = flows
        .into_iter()
        .flat_map(|flow| roots_of(operation, hardware, mirrored, flow));
    all.filter(|class| flow::is_possible(hardware, class))
        .collect()
}

fn roots_of(
    operation: &LoopNest,
    hardware: &Hardware,
    mirrored: bool,
    dataflow: Option<Dataflow>,
) -> Vec<Class> {
    let slides: Vec<(usize, Slide)> = hardware
        .memories()
        .skip(1)
        .map(|(level, memory)| (level, initial_slide(operation, memory)))
        .collect();
    let slides = if mirrored {
        unmirrored(operation, hardware, slides)
    } else {
        slides
    };
    let empty = Class {
        order: Vec::new(),
        decided: Vec::new(),
        keeps: Vec::new(),
        slides,
        buffering: Vec::new(),
        dataflow,
    };
    let Some((level, memory)) = hardware.memories().nth(1) else {
        return vec![empty];
    };
    keep_sets(memory)
        .into_iter()
        .flat_map(|kept| {
            let class = with_kept(&empty, level, kept);
            insertions(operation, &class, level, memory, kept)
        })
        .collect()
}

/// The classes that decide one thing more; `None` if everything is decided.
#[must_use]
pub fn split(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Option<Vec<Class>> {
    let next = hardware
        .memories()
        .skip(1)
        .find(|(level, _)| !class.decided.contains(level));
    if let Some((level, memory)) = next {
        let mut parts = decided(operation, class, level, memory);
        parts.retain(|part| flow::is_possible(hardware, part));
        return Some(parts);
    }
    if let Some(index) = class.slides.iter().position(|s| s.1 == Slide::Open) {
        return Some(
            slide_choices(operation)
                .map(|d| with_slide(class, index, Slide::Along(d)))
                .collect(),
        );
    }
    let (open, choices) = open_buffering(hardware, class)?;
    Some(
        choices
            .iter()
            .map(|&buffering| with_buffering(class, open, buffering))
            .collect(),
    )
}

/// What the next memory keeps, or, where that is decided, the order of its nodes.
fn decided(operation: &LoopNest, class: &Class, level: usize, memory: &Memory) -> Vec<Class> {
    if let Some(&(_, kept)) = class.keeps.iter().find(|k| k.0 == level) {
        return insertions(operation, class, level, memory, kept);
    }
    match keep_sets(memory).as_slice() {
        [only] => {
            let class = with_kept(class, level, *only);
            insertions(operation, &class, level, memory, *only)
        }
        sets => sets.iter().map(|&k| with_kept(class, level, k)).collect(),
    }
}

/// All classes in which order and slides are decided, and which operands are doubled where the
/// memory leaves that to the mapping; whether they are loaded whole stays as it is. The first
/// `most` of them where there are more, and whether those are all.
#[must_use]
pub fn completions(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    most: usize,
) -> (Vec<Class>, bool) {
    let is_complete =
        |c: &Class| c.is_ordered(hardware) && c.slides.iter().all(|s| s.1 != Slide::Open);
    let mut complete = Vec::new();
    let mut open = vec![class.clone()];
    while let Some(next) = open.pop() {
        if complete.len() >= most {
            return (complete, false);
        }
        if is_complete(&next) {
            complete.extend(doublings(hardware, &next));
        } else {
            let parts = split(operation, hardware, &next).unwrap_or_default();
            open.extend(parts.into_iter().rev());
        }
    }
    (complete, true)
}

/// All ways of doubling what the mapping may double; an operand that is loaded whole takes its
/// space once whatever the mapping says.
fn doublings(hardware: &Hardware, class: &Class) -> Vec<Class> {
    let open = class.order.iter().filter(|n| {
        class.buffering_of(**n).is_none()
            && hardware.memory(n.level).is_some_and(leaves_single_open)
    });
    open.fold(vec![class.clone()], |classes, &node| {
        let both = [Buffering::Double, Buffering::Single];
        classes
            .iter()
            .flat_map(|c| both.map(|b| with_buffering(c, node, b)))
            .collect()
    })
}

/// Whether single buffers in this memory may be worth their time: doubling takes room.
fn leaves_single_open(memory: &Memory) -> bool {
    memory.overlap == Overlap::Choose && memory.capacity.is_some()
}

/// The classes of decided order in which one operand more goes around one memory.
#[must_use]
pub fn without_one(hardware: &Hardware, class: &Class) -> Vec<Class> {
    let may_go = |node: &Node| {
        let memory = hardware.memory(node.level);
        memory.is_some_and(|m| m.may_bypass(node.role))
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

/// All sets of operands that a memory may keep, the largest first.
#[must_use]
pub fn keep_sets(memory: &Memory) -> Vec<RoleSet> {
    let mut sets: Vec<Vec<Role>> = vec![Vec::new()];
    for role in Role::ALL {
        let kept: Vec<Vec<Role>> = sets
            .iter()
            .map(|s| [s.as_slice(), &[role]].concat())
            .collect();
        sets = match (memory.may_keep(role), memory.may_bypass(role)) {
            (false, _) => sets,
            (true, false) => kept,
            (true, true) => [kept, sets].concat(),
        };
    }
    sets.sort_by_key(|s| std::cmp::Reverse(s.len()));
    sets.iter().map(|s| RoleSet::of(s)).collect()
}

/// The class in which a memory keeps these operands. Without the input it has nothing to slide.
fn with_kept(class: &Class, level: usize, kept: RoleSet) -> Class {
    let mut next = class.clone();
    next.keeps.push((level, kept));
    if !kept.contains(Role::Input) {
        for slide in next.slides.iter_mut().filter(|s| s.0 == level) {
            slide.1 = Slide::Nothing;
        }
    }
    next
}

/// The dimensions along which sliding can save rows.
pub fn slide_choices(operation: &LoopNest) -> impl Iterator<Item = Dim> + '_ {
    LoopNest::WINDOW_DIMS
        .into_iter()
        .filter(|&(p, r)| operation.extents[p] > 1 && operation.extents[r] > 1)
        .map(|(p, _)| p)
}

/// Where all windows along which memories slide mirror each other, the first memory that can slide
/// along any of them slides along the first.
fn unmirrored(
    operation: &LoopNest,
    hardware: &Hardware,
    mut slides: Vec<(usize, Slide)>,
) -> Vec<(usize, Slide)> {
    let Some(dim) = slide_choices(operation).next() else {
        return slides;
    };
    let axes = || slide_choices(operation).filter_map(LoopNest::window_of);
    let pairs = axes().zip(axes().skip(1));
    let mut equal = pairs.map(|(one, other)| windows_are_equal(operation, hardware, [one, other]));
    let first = slides.iter_mut().find(|s| s.1 == Slide::Open);
    if let Some(slide) = first.filter(|_| equal.all(|same| same)) {
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

fn with_buffering(class: &Class, node: Node, buffering: Buffering) -> Class {
    let mut next = class.clone();
    next.buffering.push((node, buffering));
    next
}

/// The first kept operand of a bounded memory whose buffering is open, with the choices.
fn open_buffering(hardware: &Hardware, class: &Class) -> Option<(Node, &'static [Buffering])> {
    let choices = |memory: &Memory| -> &'static [Buffering] {
        match (memory.overlap, memory.capacity) {
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
            !choices.is_empty() && class.order.contains(node) && class.buffering_of(*node).is_none()
        })
}

/// All ways of putting the kept nodes of the next memory into the order.
fn insertions(
    operation: &LoopNest,
    class: &Class,
    level: usize,
    memory: &Memory,
    kept: RoleSet,
) -> Vec<Class> {
    let roles: Vec<Role> = kept.iter().collect();
    let sequences: Vec<Vec<Role>> = match memory.tiles {
        Tiles::PerOperand => permutations(&roles),
        // One operand is stationary; the input comes before the output so that it can slide.
        Tiles::Shared if roles.is_empty() => vec![Vec::new()],
        Tiles::Shared => roles.iter().map(|&r| stationary_first(&roles, r)).collect(),
    };
    let own = class.slides.iter().find(|s| s.0 == level);
    let slides = own.is_some_and(|s| s.1 != Slide::Nothing);
    let mut all = Vec::new();
    for sequence in sequences {
        let movable = match memory.tiles {
            Tiles::PerOperand => sequence.len(),
            // What has neither P nor Q may stay while the input slides along a loop above outer nodes.
            Tiles::Shared if slides && input_follows(operation, &sequence) => 2,
            Tiles::Shared => 1,
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
