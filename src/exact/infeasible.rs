//! Why an operation cannot be mapped at all: which memory is too small, and by how much.

use crate::problem::{Bits, Hardware, LoopNest, Role};

use super::footprints::{self, TooSmall};

/// One sentence on why there is no mapping.
#[must_use]
pub fn reason(operation: &LoopNest, hardware: &Hardware) -> String {
    too_small(operation, hardware)
        .unwrap_or_else(|| "no mapping of the space fits all memories".to_owned())
}

/// One sentence that names the memory in which not even the smallest tiles fit, if there is one:
/// then there is no mapping.
#[must_use]
pub fn too_small(operation: &LoopNest, hardware: &Hardware) -> Option<String> {
    let TooSmall { least, jointly } = footprints::too_small(operation, hardware)?;
    let memory = hardware.memory(least.level)?;
    let capacity = memory.capacity?;
    let all = least.total();
    let missing = Bits(all.0.saturating_sub(capacity.bits().0));
    Some(format!(
        "{}: the smallest tiles ({}){} need {} bytes, but its capacity is {} bytes; \
         make it larger by {} bytes, or lower the precision",
        memory.name,
        operands(least.tiles),
        if jointly {
            " that fit the other memories"
        } else {
            ""
        },
        all.bytes_ceil(),
        capacity.0,
        missing.bytes_ceil(),
    ))
}

/// `input 1 B twice, output 4 B`, without what need not be kept.
fn operands(tiles: [(Bits, u128); 3]) -> String {
    let own = Role::ALL
        .into_iter()
        .zip(tiles)
        .filter(|(_, (_, count))| *count > 0);
    let named = own.map(|(role, (bits, count))| {
        let twice = if count == 2 { " twice" } else { "" };
        format!("{} {} B{twice}", role.name(), bits.bytes())
    });
    named.collect::<Vec<_>>().join(", ")
}
