//! The dataflows that mappings have, by name.

use crate::cost::dataflow;
use crate::problem::{Dataflow, Hardware, LayerRow, Work};

/// The names of the dataflows that a row's mapping has; `None` where it has no mapping.
pub(super) fn dataflows(row: &LayerRow, hardware: &Hardware) -> Option<Vec<&'static str>> {
    let (Work::Mapped(nest), Some(mapping)) = (&row.work, &row.mapping) else {
        return None;
    };
    let all = dataflow::of(nest, hardware, mapping);
    Some(all.into_iter().map(Dataflow::name).collect())
}

/// The dataflows of a row as one text, `other` where it has none of them; of a layer computed phase by phase
/// those of each phase's mapping after its index.
pub(super) fn dataflow_text(row: &LayerRow, hardware: &Hardware) -> Option<String> {
    if !row.phases.is_empty() {
        let own = row.phases.iter().filter_map(|phase| {
            let names = dataflow_text(&phase.row, hardware)?;
            Some(format!("{} {names}", phase.index_text()))
        });
        return Some(own.collect::<Vec<_>>().join("; "));
    }
    dataflows(row, hardware).map(|names| {
        if names.is_empty() {
            "other".to_owned()
        } else {
            names.join(" ")
        }
    })
}
