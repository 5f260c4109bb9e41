//! Modes by operands: what a role of a loop nest moves is divided among its tensors.

use crate::problem::graph::Graph;
use crate::problem::schedule::{Mode, Part, Partial};
use crate::problem::{Bits, Role};

use super::grouping::Touch;
use super::modes::RoleMode;

/// The operands of an operation: what it reads, then what it writes.
pub(super) struct Operands {
    all: Vec<Operand>,
}

/// An operand with its part of its role's bits: those before it, itself, and all, in the bits of
/// the tensors that share the role.
struct Operand {
    role: Option<Role>,
    written: bool,
    bits: u128,
    before: u128,
    of: u128,
}

impl Operands {
    pub(super) fn new(graph: &Graph, reads: &[(usize, Touch)], writes: &[(usize, Touch)]) -> Self {
        let size = |touch: &Touch| graph.tensors[touch.tensor].bits().0;
        let mut all = Vec::new();
        for (list, written) in [(reads, false), (writes, true)] {
            for (index, (_, touch)) in list.iter().enumerate() {
                let same = |(_, other): &&(usize, Touch)| other.role == touch.role;
                let sum = |list: &[(usize, Touch)]| -> u128 {
                    list.iter().filter(same).map(|(_, t)| size(t)).sum()
                };
                all.push(Operand {
                    role: touch.role,
                    written,
                    bits: size(touch),
                    before: sum(&list[..index]),
                    of: sum(list).max(1),
                });
            }
        }
        Self { all }
    }

    /// The mode of loop nests that run one after the other, one as a rule.
    pub(super) fn mode(&self, parts: &[RoleMode]) -> Mode {
        let sum = |of: &dyn Fn(&RoleMode) -> u64| parts.iter().map(of).sum::<u64>();
        let beside = |written: bool| {
            let own = self
                .all
                .iter()
                .filter(|o| o.role.is_none() && o.written == written);
            bits(Bits(own.map(|o| o.bits).sum()))
        };
        let own = |of: &dyn Fn(&Operand, &RoleMode) -> bool| -> Vec<bool> {
            let any = |operand| parts.iter().any(|part| of(operand, part));
            self.all.iter().map(any).collect()
        };
        let role =
            |operand: &Operand, flags: [bool; 3]| operand.role.is_some_and(|r| flags[r as usize]);
        Mode {
            buffer_bytes: parts.iter().map(|p| bytes(p.buffers)).max().unwrap_or(0),
            cycles: parts.iter().map(|p| p.cycles).sum(),
            added_cycles: parts.iter().map(|p| p.added).sum(),
            read_bits: sum(&|p| bits(p.read)) + beside(false),
            written_bits: sum(&|p| bits(p.written)) + beside(true),
            outer_bits: (self.all.iter())
                .map(|operand| match operand.role {
                    // What passes beside the loop nest moves once.
                    None => bits(Bits(operand.bits)),
                    Some(role) => sum(&|p| operand.share(p.outer[role as usize])),
                })
                .collect(),
            partial: Partial {
                outward: sum(&|p| p.partial.outward),
                inward: sum(&|p| p.partial.inward),
                waits: parts.iter().any(|p| p.partial.waits),
            },
            resident: own(&|operand, part| role(operand, part.resident)),
            waits: own(&|operand, part| role(operand, part.waits)),
            parts: if parts.len() > 1 {
                parts.iter().map(|part| self.part(part)).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The mode that is in nothing worse than that of any mappings of which the parts are in nothing
    /// worse: a role's bits are divided among its tensors by whole bits, each within one.
    pub(super) fn least(&self, parts: &[RoleMode]) -> Mode {
        let mut mode = self.mode(parts);
        let off = |operand: &Operand| u64::from(operand.bits != operand.of);
        for (bits, operand) in mode.outer_bits.iter_mut().zip(&self.all) {
            *bits = bits.saturating_sub(off(operand) * parts.len() as u64);
        }
        for part in &mut mode.parts {
            for (bits, operand) in part.outer_bits.iter_mut().zip(&self.all) {
                *bits = bits.saturating_sub(off(operand));
            }
        }
        mode
    }

    fn part(&self, part: &RoleMode) -> Part {
        Part {
            cycles: part.cycles,
            read_bits: bits(part.read),
            written_bits: bits(part.written),
            outer_bits: (self.all.iter())
                .map(|operand| {
                    let role = operand.role.map(|role| part.outer[role as usize]);
                    role.map_or(0, |all| operand.share(all))
                })
                .collect(),
            partial: part.partial,
        }
    }
}

impl Operand {
    /// Its share of its role's bits: those of all tensors add up to all.
    fn share(&self, all: Bits) -> u64 {
        let up_to = |part: u128| all.0 * part / self.of;
        bits(Bits(up_to(self.before + self.bits) - up_to(self.before)))
    }
}

fn bits(bits: Bits) -> u64 {
    u64::try_from(bits.0).unwrap_or(u64::MAX)
}

fn bytes(bits: Bits) -> u64 {
    u64::try_from(bits.bytes_ceil()).unwrap_or(u64::MAX)
}
