//! The energy of a class as terms of the layer program.
//!
//! Every transfer is paid at both sides: once for all elements that share it at the parent's,
//! once for each element that receives it at the child's. All factors are integers of one
//! dimension's chain, as in [`crate::cost`].

use crate::columns::attribute::{Attribute, RowSum};
use crate::problem::{AccessEnergy, Dim, LoopNest, Memory, Node, Role, Window};
use crate::tiling::receivers::Dealt;

use super::builder::{Builder, Recipe, to_f64};

/// pJ for each bit that moves inward and outward, as one side pays it.
#[derive(Clone, Copy)]
struct Price {
    inward: f64,
    outward: f64,
}

impl Builder<'_> {
    /// The terms of all energy but that of idle cycles.
    pub(super) fn dynamic_energy(&mut self) -> Vec<usize> {
        let mut terms = Vec::new();
        let constant = self.energy_of_macs();
        if constant > 0.0 {
            terms.push(self.term(constant, Vec::new()));
        }
        let memories: Vec<(usize, &Memory)> = self.layer.site.hardware.memories().collect();
        for (level, memory) in memories {
            let (read, write) = per_bit(memory.energy);
            let own = Price {
                inward: write,
                outward: read,
            };
            let filling = Price {
                inward: read,
                outward: write,
            };
            for node in Role::ALL.map(|role| Node { level, role }) {
                if !self.is_kept(node) {
                    continue;
                }
                if let Some(child) = self.slots.child(level, node.role) {
                    terms.extend(self.transfers(child.node, level, filling));
                }
                if level > 0 {
                    terms.extend(self.transfers(node, level, own));
                }
            }
        }
        terms
    }

    /// Whether a node is kept for sure.
    fn is_kept(&self, node: Node) -> bool {
        self.class.keeps(&self.layer.site.hardware, node) == Some(true)
    }

    /// Multiply-accumulates, and their accesses of an innermost memory below the arrays.
    fn energy_of_macs(&self) -> f64 {
        let (operation, hardware) = (self.layer.site.operation, &self.layer.site.hardware);
        let macs = to_f64(operation.box_macs());
        let mut each = hardware.energy_pj_per_mac.unwrap_or(0.0);
        if hardware.has_memory_below_arrays()
            && let Some((level, memory)) = hardware.memories().last()
        {
            let p = operation.precision;
            let (read, write) = per_bit(memory.energy);
            for role in Role::ALL {
                if self.is_kept(Node { level, role }) {
                    each += read * f64::from(p.working(role));
                }
            }
            if self.is_kept(Node {
                level,
                role: Role::Output,
            }) {
                each += write * f64::from(p.accumulator);
            }
        }
        macs * each
    }

    /// The energy that one side pays for all transfers of a node, of which there are none where its
    /// operand lies in its memory.
    fn transfers(&mut self, node: Node, side: usize, price: Price) -> Vec<usize> {
        if self.layer.site.operation.is_resident(node) {
            return Vec::new();
        }
        let p = self.layer.site.operation.precision;
        let mut recipe = self.all_elements(node, side);
        if node.role != Role::Output {
            recipe.bits *= price.inward * f64::from(p.working(node.role));
            recipe.attributes.extend(self.receivers(node, side));
            return self.priced(recipe);
        }
        // Each copy's first visit reads nothing back, and its last one writes the finished value:
        // copies · (partial · repeats − (partial − finished)).
        let partial = f64::from(p.accumulator) * (price.inward + price.outward);
        let finished = f64::from(p.output) * price.outward;
        let repeats = self.repeats(node, side);
        recipe.attributes.extend(self.copies(node, side));
        if partial <= 0.0 {
            recipe.bits *= finished;
        } else if finished <= partial {
            recipe.concave = Some((repeats, partial, partial - finished));
        } else {
            let mut rest = recipe.clone();
            rest.bits *= finished - partial;
            recipe.concave = Some((repeats, partial, 0.0));
            let mut all = self.priced(rest);
            all.extend(self.priced(recipe));
            return all;
        }
        self.priced(recipe)
    }

    fn priced(&mut self, recipe: Recipe) -> Vec<usize> {
        if recipe.bits <= 0.0 {
            return Vec::new();
        }
        self.recipes.push(recipe);
        vec![self.recipes.len() - 1]
    }

    /// The elements of a node's tiles over all instances at a side.
    fn all_elements(&self, node: Node, side: usize) -> Recipe {
        let operation = self.layer.site.operation;
        let mut recipe = Recipe {
            bits: 1.0,
            attributes: Vec::new(),
            concave: None,
        };
        for d in operation.relevant[node.role as usize].iter() {
            if node.role != Role::Input || LoopNest::window_of(d).is_none() {
                recipe.bits *= to_f64(operation.extents[d].into());
            }
        }
        if node.role == Role::Input {
            // All elements together have no fewer rows than the tile that is spread over them.
            let elements = self.is_spread(side);
            for axis in 0..Window::COUNT {
                let sum = self.row_sum(node, axis, if elements { side } else { 0 });
                recipe.attributes.extend(sum.map(|a| match a {
                    Attribute::Sum(sum) => Attribute::Sum(RowSum { elements, ..sum }),
                    other => other,
                }));
            }
        }
        recipe
    }

    /// Whether the elements at a side are told apart: only once all orders are decided, since
    /// how many take part may fall where a dimension is cut more often.
    fn is_spread(&self, side: usize) -> bool {
        let mut memories = self.layer.site.hardware.memories().skip(1);
        self.layer
            .site
            .hardware
            .arrays()
            .any(|(level, _)| level < side)
            && memories.all(|(level, _)| self.class.decided.contains(&level))
    }

    /// How tiles are dealt out to the elements: by steps where some operand is read anew in each.
    fn dealt(&self) -> Dealt {
        let hardware = &self.layer.site.hardware;
        let innermost = hardware.levels.len() - 1;
        let keeps = |role| {
            let level = innermost;
            self.is_kept(Node { level, role })
        };
        if hardware.has_memory_below_arrays() && Role::ALL.into_iter().all(keeps) {
            Dealt::Tile
        } else {
            Dealt::Step
        }
    }

    /// Visits times the elements that take part in each.
    fn receivers(&self, node: Node, side: usize) -> Vec<Attribute> {
        if self.is_spread(side) {
            self.irrelevant(node)
                .map(|(d, slot)| Attribute::Receivers(d, slot, side, self.dealt()))
                .collect()
        } else {
            self.visits(node)
        }
    }

    /// The most elements that take part in a visit.
    fn copies(&self, node: Node, side: usize) -> Vec<Attribute> {
        if self.is_spread(side) {
            self.irrelevant(node)
                .map(|(d, slot)| Attribute::Active(d, slot, side, self.dealt()))
                .collect()
        } else {
            Vec::new()
        }
    }

    /// The argument log(receivers / copies) of an output node.
    fn repeats(&mut self, node: Node, side: usize) -> usize {
        let arrays = self.layer.site.hardware.arrays();
        if arrays.into_iter().all(|(level, _)| level >= side) {
            return self.argument(node);
        }
        let own: Vec<Attribute> = if self.is_spread(side) {
            self.irrelevant(node)
                .map(|(d, slot)| Attribute::Repeats(d, slot, side, self.dealt()))
                .collect()
        } else {
            Vec::new()
        };
        self.arguments.push(own);
        self.fractional.push(self.arguments.len() - 1);
        self.arguments.len() - 1
    }

    /// The dimensions that a node's operand lacks, with the slot of the nearest node above.
    fn irrelevant(&self, node: Node) -> impl Iterator<Item = (Dim, Option<usize>)> + '_ {
        self.dims()
            .filter(move |&d| !self.layer.site.operation.is_relevant(node.role, d))
            .map(move |d| {
                if node.level == self.layer.site.hardware.levels.len() {
                    (d, self.slots.own(node, d))
                } else {
                    (d, self.slots.above(node, d))
                }
            })
    }
}

/// pJ for each bit read and written.
fn per_bit(energy: AccessEnergy) -> (f64, f64) {
    let bit = |byte: Option<f64>| byte.unwrap_or(0.0) / 8.0;
    (bit(energy.read_pj_per_byte), bit(energy.write_pj_per_byte))
}
