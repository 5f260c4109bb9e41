//! What memories may slide along.

use crate::problem::{Dim, Hardware, LoopNest, Memory};
use crate::tiling::symmetry::windows_are_equal;

use super::class::{Class, Slide};

/// The dimensions along which sliding can save rows.
pub fn slide_choices(operation: &LoopNest) -> impl Iterator<Item = Dim> + '_ {
    LoopNest::WINDOW_DIMS
        .into_iter()
        .filter(|&(p, r)| operation.extents[p] > 1 && operation.extents[r] > 1)
        .map(|(p, _)| p)
}

/// Where P and Q mirror each other, the first memory that can slide along either slides along P.
pub(crate) fn unmirrored(
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

pub(crate) fn initial_slide(operation: &LoopNest, memory: &Memory) -> Slide {
    let mut choices = slide_choices(operation);
    match (memory.sliding_reuse, choices.next(), choices.next()) {
        (true, Some(_), Some(_)) => Slide::Open,
        (true, Some(only), None) => Slide::Along(only),
        _ => Slide::Nothing,
    }
}

pub(crate) fn with_slide(class: &Class, index: usize, slide: Slide) -> Class {
    let mut next = class.clone();
    next.slides[index].1 = slide;
    next
}
