//! Operands that lie in the shared memory, the one right inside the outermost memory
//! (`formulations/layer.md`, "Operands that lie in the shared memory").

use super::error::ProblemError;
use super::hardware::{Hardware, Memory, Tiles};
use super::mapping::Node;
use super::operation::LoopNest;
use super::role::RoleSet;

impl LoopNest {
    /// The level of the memory in which resident operands lie.
    pub const SHARED_LEVEL: usize = 1;

    /// The same operation with these operands in the shared memory.
    #[must_use]
    pub fn with_resident(self, resident: RoleSet) -> Self {
        Self { resident, ..self }
    }

    /// Whether a node is that of a resident operand in the memory in which it lies. It has a place
    /// in the nest and nothing else: its tile takes no space, and nothing of it crosses the
    /// outer boundary of its memory.
    #[must_use]
    pub fn is_resident(&self, node: Node) -> bool {
        node.level == Self::SHARED_LEVEL && self.resident.contains(node.role)
    }

    /// Whether the operand of a node may go around that node's memory: not if it lies there.
    #[must_use]
    pub fn may_bypass(&self, memory: &Memory, node: Node) -> bool {
        memory.may_bypass(node.role) && !self.is_resident(node)
    }

    /// Whether the hardware has a memory in which operands can lie, if any do.
    ///
    /// # Errors
    /// Which memory there would have to be.
    pub fn check_residence(&self, hardware: &Hardware) -> Result<(), ProblemError> {
        if self.resident == RoleSet::NONE {
            return Ok(());
        }
        let level = Self::SHARED_LEVEL;
        let below = hardware.arrays().all(|(array, _)| level < array);
        let memory = hardware.memory(level).filter(|_| below);
        let holds = |m: &Memory| m.holds == RoleSet::ALL && m.tiles == Tiles::PerOperand;
        if memory.is_some_and(holds) {
            Ok(())
        } else {
            let hardware = hardware.name.clone();
            Err(ProblemError::Residence { hardware })
        }
    }
}
