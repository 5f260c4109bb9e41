//! What the shared memory holds while each operation of a plan runs.

use serde_json::{Map, Value};

use crate::problem::plan::MemoryPlan;
use crate::report::memory_map::kinds::Kind;

/// Bytes of every kind of blocks, in the order of the legend of memory maps.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(Vec<(&'static str, u64)>);

impl Held {
    /// The bytes of all.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|kind| kind.1).sum()
    }

    /// The bytes of each by its name.
    pub(super) fn by_kind(&self) -> Value {
        let all = self.0.iter();
        let all = all.map(|(name, bytes)| ((*name).to_owned(), Value::from(*bytes)));
        Value::Object(all.collect::<Map<_, _>>())
    }
}

/// That of every operation, and of the time after the step: nothing is counted then.
pub(super) fn of(plan: &MemoryPlan) -> Vec<Held> {
    let none = Kind::all_of(plan).into_iter().map(|kind| (kind.name, 0));
    let none = Held(none.collect());
    let operations = plan.schedule.operations.len();
    let mut held = vec![none; operations + 1];
    for (content, block) in plan.blocks.contents.iter().zip(&plan.blocks.packing.blocks) {
        let name = Kind::of(content, plan).name;
        for (time, held) in (0..).zip(held.iter_mut().take(operations)) {
            if block.is_alive(time) {
                let own = held.0.iter_mut().find(|kind| kind.0 == name);
                if let Some(kind) = own {
                    kind.1 += block.size;
                }
            }
        }
    }
    held
}
