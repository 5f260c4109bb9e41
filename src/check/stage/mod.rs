//! The independent check of fused stages: every loop is walked tile by tile with the rows of every tensor
//! as sets, and blocks, transfers and time are counted from them (`formulations/fusion.md`).
//!
//! Axes do not depend on each other, so that the elements of a tile are a product of rows; `form` says who touches what, `axis` walks
//! one of them, `blocks` multiplies what tensors take and move, `iterations` lists the distinct iterations of an operation, and
//! `time` what each takes with its mapping, which the check of mappings confirms.

mod axis;
mod blocks;
mod error;
mod form;
mod iterations;
mod time;

use crate::problem::Hardware;
use crate::problem::schedule::Schedule;
use crate::problem::stage::Fused;

use axis::Cut;
use blocks::Blocks;
pub use error::StageError;
use form::Stage;

/// Checks a way to run a stage: all that its operations read is in the shared memory or comes in by the way
/// that is said, all results are computed, and bytes, bits and time are those of the mode of its
/// operation in the schedule.
///
/// # Errors
/// The first thing found wrong.
pub fn check(
    schedule: &Schedule,
    hardware: &Hardware,
    fused: &Fused,
    mode: usize,
) -> Result<(), StageError> {
    let stage = Stage::new(schedule, hardware, fused, mode)?;
    let cuts: Vec<Cut> = (0..stage.mode.loops.len())
        .map(|number| axis::walk(&stage, number))
        .collect();
    let blocks = Blocks::of(&stage, &cuts)?;
    let running = time::run(&stage, &cuts, &blocks)?;
    running.compare(&stage, &blocks, &stage.operation.modes[mode])
}
