//! Splitting a class decides one thing more, until a single class is left.

use crate::problem::{Hardware, LoopNest, Memory};

use super::buffers::{doublings, open_buffering, with_buffering};
use super::class::{Class, Slide};
use super::flow;
use super::keeps::{keep_sets, with_kept};
use super::orders::insertions;
use super::slides::{slide_choices, with_slide};
use super::switches::Switches;

/// The classes that decide one thing more; `None` if everything is decided.
#[must_use]
pub fn split(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Option<Vec<Class>> {
    split_where(operation, hardware, class, Switches::ALL)
}

/// The same by some rules only.
#[must_use]
pub fn split_where(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    switches: Switches,
) -> Option<Vec<Class>> {
    let next = hardware
        .memories()
        .skip(1)
        .find(|(level, _)| !class.decided.contains(level));
    if let Some((level, memory)) = next {
        let mut parts = decided(operation, class, (level, memory), switches);
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
    let (open, choices) = open_buffering(operation, hardware, class, switches)?;
    Some(
        choices
            .iter()
            .map(|&buffering| with_buffering(class, open, buffering))
            .collect(),
    )
}

/// What the next memory keeps, or, where that is decided, the order of its nodes.
fn decided(
    operation: &LoopNest,
    class: &Class,
    (level, memory): (usize, &Memory),
    switches: Switches,
) -> Vec<Class> {
    if let Some(&(_, kept)) = class.keeps.iter().find(|k| k.0 == level) {
        return insertions(operation, class, (level, memory), kept, switches);
    }
    match keep_sets(operation, (level, memory)).as_slice() {
        [only] => {
            let class = with_kept(class, level, *only);
            insertions(operation, &class, (level, memory), *only, switches)
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
    switches: Switches,
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
            complete.extend(doublings(operation, hardware, &next, switches));
        } else {
            let parts = split_where(operation, hardware, &next, switches).unwrap_or_default();
            open.extend(parts.into_iter().rev());
        }
    }
    (complete, true)
}
