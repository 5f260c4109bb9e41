//! The bits that cross a node: its volume, and how often it is visited.

use crate::classes::class::Slide;
use crate::columns::attribute::{Attribute, RowSum};
use crate::problem::{Dim, LoopNest, Node, Role, Window};

use super::added::Way;
use super::builder::{Builder, Recipe, to_f64};

impl Builder<'_> {
    /// Whether nothing is known of what the port of the memory at `port` sees of a node: rows of
    /// element 0 alone may be fewer in larger tiles, so the tile must be known.
    fn is_hidden(&self, node: Node, port: usize) -> bool {
        let below_array = self.layer.site.hardware.arrays().any(|(l, _)| l < port);
        let known = self.slots.is_placed(node)
            && self.class.keeps(&self.layer.site.hardware, node).is_some();
        node.role == Role::Input
            && node.level < self.layer.site.hardware.levels.len()
            && below_array
            && !known
    }

    /// The bits that cross a node in one direction, as the port of the memory at `port` sees them;
    /// none where its operand lies in its memory.
    pub(super) fn exchange(&mut self, node: Node, port: usize, way: Way) -> Option<usize> {
        if self.is_hidden(node, port) || self.layer.site.operation.is_resident(node) {
            return None;
        }
        let p = self.layer.site.operation.precision;
        let mut volume = self.volume(node, port);
        if node.role != Role::Output {
            if way == Way::Outward {
                return None;
            }
            volume.attributes.extend(self.visits(node));
            let bits = volume.bits * f64::from(p.working(node.role));
            return Some(self.term(bits, volume.attributes));
        }
        // v visits: v − 1 partial reads, v − 1 partial writes and the finished value.
        let (accumulator, output) = (f64::from(p.accumulator), f64::from(p.output));
        let (slope, offset) = match way {
            Way::Inward => (accumulator, accumulator),
            Way::Outward => (accumulator, accumulator - output),
            Way::Both => (2.0 * accumulator, 2.0 * accumulator - output),
        };
        let argument = self.argument(node);
        volume.concave = Some((argument, slope, offset));
        self.recipes.push(volume);
        Some(self.recipes.len() - 1)
    }

    /// The number of the argument `log v` of an output node.
    pub(super) fn argument(&mut self, node: Node) -> usize {
        if let Some(known) = self.argument_of.iter().find(|a| a.0 == node) {
            return known.1;
        }
        self.arguments.push(self.visits(node));
        self.argument_of.push((node, self.arguments.len() - 1));
        self.arguments.len() - 1
    }

    /// Visits along irrelevant dimensions: the tiles of the nearest node above, and all steps at
    /// the compute level.
    pub(super) fn visits(&self, node: Node) -> Vec<Attribute> {
        let compute = node.level == self.layer.site.hardware.levels.len();
        self.dims()
            .filter(|&d| !self.layer.site.operation.is_relevant(node.role, d))
            .filter_map(|d| {
                if compute {
                    return Some(Attribute::Steps(d));
                }
                self.slots
                    .above(node, d)
                    .map(|slot| Attribute::Count(d, slot))
            })
            .collect()
    }

    /// The elements of an operand summed over its tiles.
    fn volume(&self, node: Node, port: usize) -> Recipe {
        let operation = self.layer.site.operation;
        let spread = self.layer.site.hardware.arrays().any(|(l, _)| l < port);
        let mut recipe = Recipe {
            bits: 1.0,
            attributes: Vec::new(),
            concave: None,
        };
        for d in operation.relevant[node.role as usize].iter() {
            if node.role == Role::Input && LoopNest::window_of(d).is_some() {
                continue;
            }
            match self.slots.own(node, d) {
                Some(slot) if spread && operation.extents[d] > 1 => {
                    recipe.attributes.push(Attribute::Share(d, slot, port));
                }
                _ => recipe.bits *= to_f64(operation.extents[d].into()),
            }
        }
        if node.role == Role::Input {
            for axis in 0..Window::COUNT {
                recipe.attributes.extend(self.row_sum(node, axis, port));
            }
        }
        recipe
    }

    /// The rows of a window axis over all tiles, or over the walks along which the memory slides.
    pub(super) fn row_sum(&self, node: Node, axis: usize, port: usize) -> Option<Attribute> {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let (output, kernel) = (self.slots.own(node, p)?, self.slots.own(node, r)?);
        let walk = self
            .slides(node, p)
            .then(|| self.slots.above(node, p).map_or(0, |slot| slot + 1));
        let parent = self.slots.nearest_parent_level(node);
        Some(Attribute::Sum(RowSum {
            axis,
            output,
            kernel,
            walk,
            between: (node.level, parent),
            ordered: self.class.is_ordered(&self.layer.site.hardware),
            port,
            elements: false,
        }))
    }

    /// Whether a node slides along a dimension, or a node further in that may stand for it does.
    fn slides(&self, node: Node, p: Dim) -> bool {
        let compute = self.layer.site.hardware.levels.len();
        if node.level == compute {
            return false;
        }
        let open = self.class.keeps(&self.layer.site.hardware, node).is_none();
        self.class
            .slides
            .iter()
            .filter(|s| s.0 == node.level || (open && s.0 > node.level))
            .any(|s| match s.1 {
                Slide::Open => true,
                Slide::Along(d) => d == p || open,
                Slide::Nothing => false,
            })
    }
}
