//! Energy from the transfers of all instances.

use crate::problem::Role;
use crate::problem::result::Cost;

use super::error::CheckError;
use super::nest::Plan;
use super::traffic::{Instances, count};

/// Relative difference that the rounding of decimals may make.
const ROUNDING: f64 = 1e-9;

/// Compares the stated energy with that of all bits moved, all steps and all cycles.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<(), CheckError> {
    let found = plan
        .hardware
        .has_energy()
        .then(|| energy_pj(plan, cost.cycles));
    let same = match (cost.energy_pj, found) {
        (Some(stated), Some(found)) => (stated - found).abs() <= ROUNDING * found.abs(),
        (stated, found) => stated.is_none() && found.is_none(),
    };
    let text = |energy: Option<f64>| energy.map_or("none".to_owned(), |e| format!("{e} pJ"));
    if same {
        Ok(())
    } else {
        Err(CheckError::Energy {
            stated: text(cost.energy_pj),
            found: text(found),
        })
    }
}

/// The energy in pJ.
#[expect(clippy::cast_precision_loss, reason = "energies are decimals")]
fn energy_pj(plan: &Plan, cycles: u128) -> f64 {
    let macs = plan.nest.box_macs();
    let mut tallies = count(plan, Instances::All);
    for role in Role::ALL.into_iter().filter(|&r| plan.kept_inside(r)) {
        tallies.steps(plan.memories.len() - 1, role, macs);
    }
    let mut total = macs as f64 * plan.hardware.energy_pj_per_mac.unwrap_or(0.0);
    total += cycles as f64 * plan.hardware.static_pj_per_cycle.unwrap_or(0.0);
    for (i, (_, memory)) in plan.memories.iter().enumerate() {
        let (read, write) = tallies.of(i);
        let energy = memory.energy;
        total += read as f64 / 8.0 * energy.read_pj_per_byte.unwrap_or(0.0);
        total += write as f64 / 8.0 * energy.write_pj_per_byte.unwrap_or(0.0);
    }
    total
}
