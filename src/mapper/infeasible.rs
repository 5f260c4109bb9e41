//! Why an operation cannot be mapped at all: which memory is too small, and by how much.

use crate::problem::{Hardware, LoopNest, Overlap, Role};

/// One sentence on why there is no mapping.
#[must_use]
pub fn reason(operation: &LoopNest, hardware: &Hardware) -> String {
    too_small(operation, hardware)
        .unwrap_or_else(|| "no mapping of the space fits all memories".to_owned())
}

/// One sentence that names the memory in which not even the smallest tiles fit, if there is one.
#[must_use]
pub fn too_small(operation: &LoopNest, hardware: &Hardware) -> Option<String> {
    let precision = operation.precision;
    for (_, memory) in hardware.memories().skip(1) {
        let Some(capacity) = memory.capacity else {
            continue;
        };
        let smallest: u128 = Role::ALL
            .into_iter()
            .filter(|&role| !memory.may_bypass(role))
            .map(|role| {
                let tiled = operation.relevant[role as usize]
                    .iter()
                    .any(|d| operation.extents[d] > 1);
                let copies = if tiled && memory.overlap == Overlap::DoubleBuffer {
                    2
                } else {
                    1
                };
                copies * u128::from(precision.working(role))
            })
            .sum();
        if smallest > capacity.bits().0 {
            return Some(format!(
                "{}: the smallest tiles (one element of each operand{}{}) need {} bytes, but its capacity is {} bytes; \
                 make it larger by {} bytes, or lower the precision",
                memory.name,
                if Role::ALL.into_iter().any(|r| memory.may_bypass(r)) {
                    " that it must keep"
                } else {
                    ""
                },
                if memory.overlap == Overlap::DoubleBuffer {
                    ", double-buffered"
                } else {
                    ""
                },
                smallest.div_ceil(8),
                capacity.0,
                (smallest - capacity.bits().0).div_ceil(8),
            ));
        }
    }
    None
}
