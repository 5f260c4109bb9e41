//! Labels beside points: each where it covers neither another one nor a point.

use super::sheet::{SMALL, width};

/// A box of pixels: left, top, right, bottom.
pub(super) type Space = [i32; 4];

/// What is covered so far, within a frame.
pub(super) struct Labels {
    frame: Space,
    taken: Vec<Space>,
}

/// Places about a point: by how much of its width and height a label is moved from being centred
/// on it, in halves.
const PLACES: [(i32, i32); 8] = [
    (1, 0),
    (-1, 0),
    (0, -1),
    (0, 1),
    (1, -1),
    (1, 1),
    (-1, -1),
    (-1, 1),
];

impl Labels {
    /// No label yet; all are to stand within the frame.
    pub(super) fn new(frame: Space) -> Self {
        Self {
            frame,
            taken: Vec::new(),
        }
    }

    /// Nothing is to cover this.
    pub(super) fn take(&mut self, space: Space) {
        self.taken.push(space);
    }

    /// The middle of a label beside a point of a radius, which is taken; `None` where there is no room.
    pub(super) fn place(
        &mut self,
        text: &str,
        (x, y): (i32, i32),
        radius: i32,
    ) -> Option<(i32, i32)> {
        let (half, high) = (width(text, SMALL) / 2 + 2, SMALL / 2 + 1);
        let space = |(x, y): (i32, i32)| [x - half, y - high, x + half, y + high];
        let places = PLACES.iter().map(|(right, down)| {
            let away = if *right != 0 && *down != 0 { 0 } else { 3 };
            (
                x + right * (half + radius + away),
                y + down * (high + radius + away),
            )
        });
        let at = places.into_iter().find(|&at| self.is_free(space(at)))?;
        self.taken.push(space(at));
        Some(at)
    }

    /// Whether a box is within the frame and covers nothing.
    pub(super) fn is_free(&self, own: Space) -> bool {
        let [left, top, right, bottom] = self.frame;
        let inside = own[0] >= left && own[1] >= top && own[2] <= right && own[3] <= bottom;
        inside && !self.taken.iter().any(|&other| overlap(own, other))
    }
}

/// Whether two boxes share a pixel.
fn overlap(a: Space, b: Space) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cover_neither_each_other_nor_points() {
        let mut labels = Labels::new([0, 0, 200, 100]);
        let points = [(50, 50), (58, 50), (50, 56), (195, 50)];
        for (x, y) in points {
            labels.take([x - 4, y - 4, x + 4, y + 4]);
        }
        let placed: Vec<_> = (points.iter())
            .map(|&at| labels.place("conv1", at, 4))
            .collect();
        assert!(placed.iter().flatten().count() >= 3, "{placed:?}");
        for (index, &a) in labels.taken.iter().enumerate() {
            let labels = &labels.taken[index.max(points.len() - 1) + 1..];
            assert!(!labels.iter().any(|&b| overlap(a, b)), "{a:?}");
        }
        // Where nothing is free there is none.
        labels.take([0, 0, 200, 100]);
        assert_eq!(labels.place("conv1", (50, 50), 4), None);
    }
}
