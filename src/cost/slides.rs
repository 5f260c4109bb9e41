//! What the memories of a mapping slide along where nobody says.

use crate::problem::{Dim, Hardware, LoopNest, Mapping};

use super::{evaluate, validate};

/// The mapping in which the memories at the `open` levels slide along what moves the fewest bits
/// through all ports together, of all that its order allows and that fits: nothing before P, and P
/// before Q, where it makes no difference. As it is where nothing else is a mapping.
#[must_use]
pub fn completed(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    open: &[usize],
) -> Mapping {
    let choices = open.iter().fold(vec![mapping.clone()], |all, &level| {
        let with = |own: &Mapping| -> Vec<Mapping> {
            let sliding = overlapping(operation).map(|d| {
                let mut next = own.clone();
                next.slides.push((level, d));
                next
            });
            let allowed = sliding.filter(|m| validate::slides(operation, hardware, m).is_ok());
            std::iter::once(own.clone()).chain(allowed).collect()
        };
        all.iter().flat_map(with).collect()
    });
    if choices.len() == 1 {
        return mapping.clone();
    }
    let bits = |own: &Mapping| {
        let cost = evaluate(operation, hardware, own).ok()?;
        let ports = cost.memories.iter().flat_map(|memory| memory.traffic);
        Some(ports.map(|port| port.read.0 + port.write.0).sum::<u128>())
    };
    let least = choices
        .iter()
        .filter_map(|own| Some((bits(own)?, own)))
        .min_by_key(|(bits, _)| *bits);
    let mut best = least.map_or_else(|| mapping.clone(), |(_, own)| own.clone());
    best.slides.sort_unstable();
    best
}

/// The dimensions along which there is something to slide.
fn overlapping(operation: &LoopNest) -> impl Iterator<Item = Dim> + '_ {
    let longer = |&(outputs, taps): &(Dim, Dim)| {
        operation.extents[outputs] > 1 && operation.extents[taps] > 1
    };
    let dims = LoopNest::WINDOW_DIMS.into_iter();
    dims.filter(longer).map(|(outputs, _)| outputs)
}
