//! What memories may slide along.

use crate::problem::{Dim, Hardware, LoopNest, Memory, Node, Role};
use crate::tiling::symmetry::windows_are_equal;

use super::class::{Class, Slide};

/// The dimensions along which sliding can save rows.
pub fn slide_choices(operation: &LoopNest) -> impl Iterator<Item = Dim> + '_ {
    LoopNest::WINDOW_DIMS
        .into_iter()
        .filter(|&(p, r)| operation.extents[p] > 1 && operation.extents[r] > 1)
        .map(|(p, _)| p)
}

/// \[PRU21\] Where all windows along which memories slide mirror each other, the first memory that can slide
/// along any of them slides along the first.
pub(crate) fn unmirrored(
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

/// What a memory may slide along; nothing where the input lies in it, as nothing of it is fetched.
pub(crate) fn initial_slide(operation: &LoopNest, (level, memory): (usize, &Memory)) -> Slide {
    let role = Role::Input;
    let slides = memory.sliding_reuse && !operation.is_resident(Node { level, role });
    let mut choices = slide_choices(operation);
    match (slides, choices.next(), choices.next()) {
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
