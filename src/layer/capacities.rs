//! The tiles fit in every memory.

use crate::classes::class::Buffering;
use crate::columns::attribute::Attribute;
use crate::engine::Limit;
use crate::problem::{LoopNest, Memory, Node, Role};

use super::builder::{Builder, to_f64};

impl Builder<'_> {
    /// [LAY8] log Σ footprint ≤ log capacity, for every bounded memory.
    pub(super) fn capacities(&mut self) {
        let memories: Vec<(usize, &Memory)> = self.layer.site.hardware.memories().skip(1).collect();
        for &(level, memory) in &memories {
            let Some(capacity) = memory.capacity else {
                continue;
            };
            let kept = |role: &Role| {
                let node = Node { level, role: *role };
                let kept = self.class.keeps(&self.layer.site.hardware, node) == Some(true);
                kept && !self.layer.site.operation.is_resident(node)
            };
            let roles: Vec<Role> = Role::ALL.into_iter().filter(kept).collect();
            let terms: Vec<usize> = roles
                .into_iter()
                .map(|role| self.footprint(Node { level, role }))
                .collect();
            if terms.is_empty() {
                continue;
            }
            let bits = to_f64(capacity.bits().0).ln();
            self.row(
                format!("LAY8_{}", memory.name),
                terms,
                Limit::Constant(bits),
            );
        }
    }

    /// The space of a tile at its node, twice where the class loads more than one.
    fn footprint(&mut self, node: Node) -> usize {
        let operation = self.layer.site.operation;
        let in_tiles = self.class.buffering_of(node) == Some(Buffering::Double);
        let mut bits = f64::from(operation.precision.working(node.role));
        if in_tiles {
            bits *= 2.0;
        }
        let mut attributes = Vec::new();
        for d in self.dims().filter(|&d| operation.is_relevant(node.role, d)) {
            match LoopNest::window_of(d).filter(|_| node.role == Role::Input) {
                None => attributes.extend(
                    self.slots
                        .smallest(node, d)
                        .map(|slot| Attribute::Extent(d, slot)),
                ),
                Some(axis) => {
                    let (p, r) = LoopNest::WINDOW_DIMS[axis];
                    if let (Some(output), Some(kernel)) =
                        (self.slots.smallest(node, p), self.slots.smallest(node, r))
                    {
                        let rows = Attribute::Rows(axis, output, kernel);
                        if !attributes.contains(&rows) {
                            attributes.push(rows);
                        }
                    }
                }
            }
        }
        self.term(bits, attributes)
    }
}
