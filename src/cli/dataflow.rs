//! `--dataflow`.

use anyhow::bail;

use super::args::DataflowArgument;
use crate::problem::{Dataflow, Hardware};

/// The hardware with these dataflows in place of its own, if there are some.
pub(super) fn restricted(
    mut hardware: Hardware,
    named: &[DataflowArgument],
) -> anyhow::Result<Hardware> {
    let mut flows: Vec<Dataflow> = named.iter().filter_map(|flow| flow.dataflow()).collect();
    if !flows.is_empty() && flows.len() < named.len() {
        bail!("--dataflow: `any` allows all others; leave it or the others out");
    }
    flows.sort_unstable();
    flows.dedup();
    if !named.is_empty() {
        hardware.dataflow = flows;
    }
    Ok(hardware)
}
