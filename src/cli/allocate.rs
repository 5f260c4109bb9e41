//! `allocate`: addresses for blocks with known lifetimes.

use anyhow::{anyhow, bail};

use super::Outcome;
use super::args::{AllocateArguments, BlockFormat};
use super::input;
use super::interrupt;
use super::output::Output;
use super::warnings::Notice;
use crate::check;
use crate::memory::addresses::{Cause, Packed, Watch, deadline, pack};
use crate::problem::Bytes;
use crate::problem::packing::{Packing, Unpackable};
use crate::problem::result::Status;
use crate::read;
use crate::report;

/// Runs the command.
pub(super) fn run(arguments: &AllocateArguments) -> anyhow::Result<Outcome> {
    let blocks = read::blocks(&arguments.file)
        .map_err(|error| anyhow!(input::one_error_per_line([error].iter())))?;
    let packing = Packing {
        blocks,
        capacity: Bytes(arguments.capacity),
        alignment: arguments.alignment,
    };
    let interrupt = interrupt::flag()?;
    let output = Output::open(arguments.output.as_deref())?;
    let deadline = deadline(arguments.time_limit);
    let watch = Watch::new(deadline, interrupt);
    let file = arguments.file.display().to_string();
    let packed = pack(&packing, &watch);
    let refusal = packed.refusal().map(|certificate| certificate.status());
    match packed {
        Packed::Fits(offsets) => {
            if let Err(error) = check::packing::check(&packing, &offsets) {
                bail!("{file}: internal error, the addresses failed their check: {error}");
            }
            output.write(|out| match arguments.block_format() {
                BlockFormat::Csv => report::packing::csv(&packing, &offsets, out),
                BlockFormat::Json => report::packing::json(&packing, &offsets, out),
            })?;
            Ok(Outcome::Done)
        }
        Packed::Impossible(reason) if refusal == Some(Status::Infeasible) => {
            let reason = reason_text(&packing, &reason);
            Notice::NoAddresses { file, reason }.show();
            Ok(Outcome::Failed)
        }
        Packed::Impossible(_) => bail!("{file}: internal error, a refusal without a proof"),
        Packed::Stopped(cause) => {
            Notice::AddressesUnknown { file }.show();
            Ok(match cause {
                Cause::Interrupt => Outcome::Interrupted,
                Cause::Time | Cause::Cpu | Cause::Nodes => Outcome::Done,
                Cause::Memory => Outcome::Failed,
            })
        }
    }
}

/// Why no addresses exist, with what would help.
fn reason_text(packing: &Packing, reason: &Unpackable) -> String {
    let capacity = packing.capacity.0;
    match reason {
        Unpackable::PeakLoad(peak) => format!(
            "at time {} the {} blocks that are alive need {} bytes, {} more than the capacity of {capacity}",
            peak.time,
            peak.blocks,
            peak.bytes,
            peak.bytes - u128::from(capacity),
        ),
        Unpackable::NoArrangement { blocks } => {
            let names: Vec<&str> = (blocks.iter().take(MOST_NAMES))
                .map(|&b| packing.blocks[b].id.as_str())
                .collect();
            let more = match blocks.len() - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!(
                "the bytes fit in {capacity} at any time, but no arrangement of blocks {}{more} does (all were searched); give a larger capacity",
                names.join(", "),
            )
        }
    }
}

/// Names of blocks that a message lists.
const MOST_NAMES: usize = 12;
