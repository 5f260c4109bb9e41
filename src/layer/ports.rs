//! Every port is busy no longer than the cycles.

use crate::columns::attribute::Attribute;
use crate::problem::{Bandwidth, Memory, Node, Ports, Role};

use super::added::Way;
use super::builder::Builder;

impl Builder<'_> {
    /// [LAY7] z ≥ log Σ traffic − log bandwidth, for every port.
    pub(super) fn ports(&mut self) {
        let memories: Vec<(usize, &Memory)> = self.layer.site.hardware.memories().collect();
        for &(level, memory) in &memories {
            match memory.ports {
                Ports::Shared(limit) => self.port(level, &memory.name, Way::Both, limit),
                Ports::Separate { read, write } => {
                    // Inward transfers of inner nodes and outward ones of its own are reads.
                    self.port(level, &format!("{}_read", memory.name), Way::Inward, read);
                    self.port(
                        level,
                        &format!("{}_write", memory.name),
                        Way::Outward,
                        write,
                    );
                }
            }
        }
    }

    /// One port: `way` is the direction in which inner nodes use it; its own nodes use it the other way.
    fn port(&mut self, level: usize, name: &str, way: Way, limit: Option<Bandwidth>) {
        let Some(limit) = limit else { return };
        let opposite = match way {
            Way::Inward => Way::Outward,
            Way::Outward => Way::Inward,
            Way::Both => Way::Both,
        };
        let mut terms = Vec::new();
        for role in Role::ALL {
            let node = Node { level, role };
            if self.class.keeps(&self.layer.site.hardware, node) != Some(true) {
                continue;
            }
            if let Some(child) = self.slots.child(level, role) {
                terms.extend(self.exchange(child.node, level, way));
            }
            if level > 0 {
                terms.extend(self.exchange(node, level, opposite));
            }
        }
        terms.extend(self.compute_accesses(level, way));
        if !terms.is_empty() {
            let bytes = 8.0 * limit.bytes_per_cycle();
            self.cycles(&format!("LAY7_{name}"), &terms, bytes);
        }
    }

    /// The innermost memory below an array: each step reads an input, a weight and a partial sum and writes one.
    fn compute_accesses(&mut self, level: usize, way: Way) -> Option<usize> {
        let hardware = &self.layer.site.hardware;
        if !hardware.has_memory_below_arrays() || level + 1 != hardware.levels.len() {
            return None;
        }
        let p = self.layer.site.operation.precision;
        let kept = |role| self.class.keeps(hardware, Node { level, role }) == Some(true);
        let bits = |role| if kept(role) { p.working(role) } else { 0 };
        let (read, write) = (Role::ALL.map(bits).iter().sum::<u32>(), bits(Role::Output));
        let bits = match way {
            Way::Inward => read,
            Way::Outward => write,
            Way::Both => read + write,
        };
        if bits == 0 {
            return None;
        }
        let steps = self.dims().map(Attribute::Steps).collect();
        Some(self.term(f64::from(bits), steps))
    }
}
