//! From the units of a schedule to the time of a trace.

use crate::problem::Hardware;
use crate::problem::plan::MemoryPlan;

/// How time is told.
pub(super) struct Clock {
    /// Nanoseconds of a unit.
    per_unit: f64,
    mhz: Option<f64>,
}

impl Clock {
    /// That of the hardware; without one a cycle is shown as a microsecond.
    #[expect(clippy::cast_precision_loss, reason = "units of a cycle are few")]
    pub(super) fn of(plan: &MemoryPlan, hardware: &Hardware) -> Self {
        let per_cycle = 1e3 / hardware.clock_mhz.unwrap_or(1.0);
        Self {
            per_unit: per_cycle / plan.schedule.units_per_cycle() as f64,
            mhz: hardware.clock_mhz,
        }
    }

    /// Whole nanoseconds after so many units: what begins where another ends does so in them, too.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and rounded to nanoseconds"
    )]
    pub(super) fn nanoseconds(&self, units: u128) -> u64 {
        (units as f64 * self.per_unit).round() as u64
    }

    /// What a microsecond of the trace is.
    pub(super) fn unit(&self) -> String {
        match self.mhz {
            Some(mhz) => format!("microseconds at {mhz} MHz"),
            None => {
                "cycles, each shown as a microsecond: the hardware gives no clock_mhz".to_owned()
            }
        }
    }
}

/// Nanoseconds in microseconds, which events are in.
#[expect(clippy::cast_precision_loss, reason = "exact up to 104 days")]
pub(super) fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e3
}
