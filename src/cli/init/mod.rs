//! `init`: a first hardware file from a handful of numbers, every one of them derived in a comment.

pub(in crate::cli) mod quantity;
mod template;

use std::path::Path;

use anyhow::{anyhow, bail};

use super::Outcome;
use super::args::{HardwareArguments, InitArguments, InitSubject};
use super::input::one_error_per_line;
use super::output::Output;
use crate::read;

/// Runs the command.
pub(super) fn run(arguments: &InitArguments) -> anyhow::Result<Outcome> {
    match &arguments.subject {
        InitSubject::Hardware(own) => hardware(own),
    }
}

fn hardware(arguments: &HardwareArguments) -> anyhow::Result<Outcome> {
    if let Some(path) = &arguments.output
        && path.symlink_metadata().is_ok()
        && !arguments.force
    {
        bail!(
            "{}: exists already; give another file, or --force to replace it",
            path.display()
        );
    }
    let text = template::text(arguments).map_err(|what| anyhow!(what))?;
    // What is written is read back first: sizes beyond those of hardware files are its errors.
    read::hardware_of_text(Path::new("--macs, --sram, --dram"), &text)
        .map_err(|error| anyhow!(one_error_per_line([error].iter())))?;
    let output = Output::open(arguments.output.as_deref())?;
    output.write(|out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}
