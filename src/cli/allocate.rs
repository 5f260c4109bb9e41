//! `allocate`: addresses for blocks with known lifetimes.

use anyhow::{anyhow, bail};

use super::Outcome;
use super::args::{AllocateArguments, CapacityArgument};
use super::fold;
use super::input;
use super::interrupt;
use super::output::Output;
use super::warnings::Notice;
use crate::check;
use crate::memory::addresses::{Cause, Least, Packed, Watch, deadline, least_capacity, pack};
use crate::problem::Bytes;
use crate::problem::packing::{Packing, Unpackable};
use crate::problem::result::Status;
use crate::read;
use crate::report::packing::{LeastCapacity, PackingReport};
use crate::report::{self, Detail};

/// Runs the command.
pub(super) fn run(arguments: &AllocateArguments) -> anyhow::Result<Outcome> {
    let blocks = read::blocks(&arguments.file)
        .map_err(|error| anyhow!(input::one_error_per_line([error].iter())))?;
    let packing = Packing {
        blocks,
        capacity: Bytes(arguments.capacity.most()),
        base: arguments.base,
        alignment: arguments.alignment,
    };
    let interrupt = interrupt::flag()?;
    let output = Output::open(arguments.output.as_deref())?;
    let watch = Watch::new(deadline(arguments.time_limit), interrupt);
    let file = arguments.file.display().to_string();
    let (packed, least) = match arguments.capacity {
        CapacityArgument::Bytes(_) => (pack(&packing, &watch), None),
        CapacityArgument::Least => least(&packing, &watch),
    };
    match &packed {
        Packed::Fits(offsets) => {
            let packing = Packing {
                capacity: least
                    .as_ref()
                    .map_or(packing.capacity, |own| Bytes(own.capacity)),
                ..packing
            };
            if let Err(error) = check::packing::check(&packing, offsets) {
                bail!("{file}: internal error, the addresses failed their check: {error}");
            }
            write(arguments, &packing, offsets, least.as_ref(), output)?;
            Ok(least.map_or(Outcome::Done, |own| told(&file, &own)))
        }
        Packed::Impossible(reason) => match packed.refusal().map(|proof| proof.status()) {
            Some(Status::Infeasible) => {
                let reason = reason_text(&packing, reason);
                Notice::NoAddresses { file, reason }.show();
                Ok(Outcome::Failed)
            }
            _ => bail!("{file}: internal error, a refusal without a proof"),
        },
        Packed::Stopped(cause) => {
            Notice::AddressesUnknown { file }.show();
            Ok(outcome(*cause))
        }
    }
}

/// Addresses in the least capacity.
fn least(packing: &Packing, watch: &Watch) -> (Packed, Option<Least>) {
    match least_capacity(packing, watch) {
        Ok(least) => (Packed::Fits(least.offsets.clone()), Some(least)),
        Err(packed) => (packed, None),
    }
}

fn write(
    arguments: &AllocateArguments,
    packing: &Packing,
    offsets: &[u64],
    least: Option<&Least>,
    output: Output,
) -> anyhow::Result<()> {
    let least = least.map(|own| LeastCapacity {
        capacity: own.capacity,
        bound: own.bound,
    });
    let result = PackingReport {
        packing,
        offsets,
        least,
    };
    output.write(|out| report::write(&result, arguments.format(), Detail::default(), out))
}

/// Says what the least capacity is, and what is proved of it.
fn told(file: &str, least: &Least) -> Outcome {
    Notice::LeastCapacity {
        file: file.to_owned(),
        capacity: least.capacity,
        bound: least.bound,
    }
    .show();
    least.stopped.map_or(Outcome::Done, outcome)
}

fn outcome(cause: Cause) -> Outcome {
    match cause {
        Cause::Interrupt => Outcome::Interrupted,
        Cause::Time | Cause::Cpu | Cause::Nodes => Outcome::Done,
        Cause::Memory => Outcome::Failed,
    }
}

/// Why no addresses exist, with what would help.
fn reason_text(packing: &Packing, reason: &Unpackable) -> String {
    let capacity = packing.capacity.0;
    let name = |index: usize| packing.blocks[index].id.as_str();
    match reason {
        Unpackable::Outside { block } => format!(
            "block {} cannot lie within the {capacity} bytes from {} on; change its offset, the base or the capacity",
            name(*block),
            packing.base,
        ),
        Unpackable::FixedTogether { blocks: [a, b] } => format!(
            "the offsets of blocks {} and {} are fixed, and they share a byte; change one",
            name(*a),
            name(*b),
        ),
        Unpackable::PeakLoad(peak) => format!(
            "at time {} the {} blocks that are alive need {} bytes, {} more than the capacity of {capacity}",
            peak.time,
            peak.blocks,
            peak.bytes,
            peak.bytes - u128::from(capacity),
        ),
        Unpackable::NoArrangement { blocks } => {
            let names: Vec<_> = (blocks.iter().take(MOST_NAMES))
                .map(|&b| fold::name(&packing.blocks[b].id))
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
