//! The lower bounds that hold for any mapping, one by one.

use serde_json::{Map, Value, json};

use crate::problem::Hardware;
use crate::problem::result::{LowerBounds, MemoryBound};
use crate::report::numbers::integer;

/// The bounds in cycles: `compute`, the largest `compulsory` one, and those of each memory by name.
#[must_use]
pub(super) fn document(bounds: &LowerBounds, hardware: &Hardware) -> Value {
    json!({
        "compute": integer(bounds.compute),
        "compulsory": integer(bounds.compulsory()),
        "compulsory_by_memory": by_memory(bounds, hardware, |m| m.compulsory),
        "loomis_whitney": by_memory(bounds, hardware, |m| m.loomis_whitney),
    })
}

fn by_memory(
    bounds: &LowerBounds,
    hardware: &Hardware,
    of: impl Fn(&MemoryBound) -> u128,
) -> Map<String, Value> {
    let memories = bounds.memories.iter();
    memories
        .filter_map(|bound| Some((hardware.memory(bound.level)?, bound)))
        .map(|(memory, bound)| (memory.name.clone(), integer(of(bound))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::run;
    use super::*;

    #[test]
    fn every_memory_has_its_bounds() {
        let result = run();
        let row = &result.layers[0];
        assert_eq!(
            document(&row.lower_bounds, &result.hardware),
            json!({"compute": 903_168, "compulsory": 600,
                   "compulsory_by_memory": {"dram": 600, "sram": 90},
                   "loomis_whitney": {"dram": 500, "sram": 0}})
        );
        assert_eq!(row.ratio(), Some(1.0));
    }
}
