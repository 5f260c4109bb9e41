//! The first classes, from which all others are split.

use crate::problem::{Dataflow, Hardware, LoopNest};

use super::class::{Class, Slide};
use super::flow;
use super::keeps::{keep_sets, with_kept};
use super::orders::insertions;
use super::slides::{initial_slide, unmirrored};
use super::switches::Switches;

/// The first classes: one for everything that the first inner memory may keep, in every order,
/// and where mappings are restricted to some dataflows, for each of these.
#[must_use]
pub fn roots(operation: &LoopNest, hardware: &Hardware) -> Vec<Class> {
    roots_where(operation, hardware, true, Switches::ALL)
}

/// The same by some rules only; `mirrored` where exchanging windows may change nothing.
#[must_use]
pub fn roots_where(
    operation: &LoopNest,
    hardware: &Hardware,
    mirrored: bool,
    switches: Switches,
) -> Vec<Class> {
    let mut flows: Vec<Option<Dataflow>> = hardware.dataflow.iter().copied().map(Some).collect();
    if flows.is_empty() {
        flows.push(None);
    }
    let all = flows
        .into_iter()
        .flat_map(|flow| roots_of(operation, hardware, (mirrored, switches), flow));
    all.filter(|class| flow::is_possible(hardware, class))
        .collect()
}

fn roots_of(
    operation: &LoopNest,
    hardware: &Hardware,
    (mirrored, switches): (bool, Switches),
    dataflow: Option<Dataflow>,
) -> Vec<Class> {
    let slides: Vec<(usize, Slide)> = hardware
        .memories()
        .skip(1)
        .map(|(level, memory)| (level, initial_slide(operation, (level, memory))))
        .collect();
    let slides = if mirrored && switches.equal_windows {
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
    keep_sets(operation, (level, memory))
        .into_iter()
        .flat_map(|kept| {
            let class = with_kept(&empty, level, kept);
            insertions(operation, &class, (level, memory), kept, switches)
        })
        .collect()
}
