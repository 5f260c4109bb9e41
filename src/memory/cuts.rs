//! Cuts for blocks of a plan that have no arrangement.

use std::collections::BTreeMap;

use super::residency::Exclusion;
use crate::problem::plan::{Content, Plan, PlanBlocks};

/// As many slices of each tensor as the blocks hold at each operation, and the modes of the
/// operations with buffers among them, not all together.
///
/// The cut looks at numbers of slices, not at which of them stay, so that it may exclude a plan
/// with addresses too: it leads the search elsewhere, and takes no part in the bound.
pub(super) fn of(plan: &Plan, blocks: &PlanBlocks, core: &[usize]) -> Exclusion {
    let mut present: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    let mut modes = Vec::new();
    for &index in core {
        match blocks.contents[index] {
            Content::Slices { tensor, slices } => {
                let block = &blocks.packing.blocks[index];
                for operation in block.lower..block.upper {
                    let operation = usize::try_from(operation).unwrap_or(usize::MAX);
                    *present.entry((tensor, operation)).or_default() += slices;
                }
            }
            Content::Buffers { operation } => {
                modes.extend(plan.modes[operation].map(|mode| (operation, mode)));
            }
        }
    }
    let all = present.into_iter();
    Exclusion {
        present: all
            .map(|((tensor, operation), n)| (tensor, operation, n))
            .collect(),
        modes,
    }
}
