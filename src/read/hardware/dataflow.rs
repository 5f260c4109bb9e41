//! The dataflows to which a hardware file restricts mappings.

use crate::problem::Dataflow;
use crate::read::table::Table;

/// `dataflow`: `any`, a name or a list of names; none where it is `any` or absent.
pub(super) fn decode(table: &Table<'_>) -> Option<Vec<Dataflow>> {
    let help = "`any`, the name of a dataflow, or a list of them";
    let Some(field) = table.optional("dataflow", help) else {
        return Some(Vec::new());
    };
    let mut known = vec![("any", None)];
    known.extend(Dataflow::ALL.map(|flow| (flow.name(), Some(flow))));
    let named = field.choices(&known)?;
    let flows: Vec<Dataflow> = named.iter().copied().flatten().collect();
    if !flows.is_empty() && flows.len() < named.len() {
        field.reject(
            "lists `any` beside others, which it allows anyway; leave `any` or the others out",
        );
        return None;
    }
    Some(flows)
}
