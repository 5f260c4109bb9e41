//! Reading the inputs of a command, with the errors of all of them at once.

use std::path::Path;

use anyhow::{anyhow, bail};

use super::args::Inputs;
use super::warnings::Notice;
use crate::problem::{Fixed, Hardware, LayerRow, Network, Work, Workload};
use crate::read::{self, NetworkOptions, ReadError};

/// The network and the hardware; both are read before either's errors are reported.
pub(super) fn read(inputs: &Inputs) -> anyhow::Result<(Network, Hardware)> {
    one_standard_input(inputs)?;
    let options = inputs.onnx.options(inputs.batch);
    let network = read::network(&inputs.network, &options);
    let hardware = read::hardware(&inputs.hardware);
    match (network, hardware) {
        (Ok(network), Ok(hardware)) => {
            show_assumptions(&network);
            Ok((network, hardware))
        }
        (network, hardware) => {
            let errors = [network.err(), hardware.err()];
            Err(anyhow!(one_error_per_line(errors.iter().flatten())))
        }
    }
}

/// Several networks and the hardware; all are read before the errors of any are reported.
pub(super) fn read_several(
    (networks, hardware): (&[&Path], &Path),
    options: &NetworkOptions,
) -> anyhow::Result<(Vec<Network>, Hardware)> {
    let paths = networks.iter().copied().chain([hardware]);
    if paths.filter(|path| read::is_standard_input(path)).count() > 1 {
        bail!(
            "-: standard input is either a network or the hardware; give the others as files or names"
        );
    }
    let mut read = Vec::new();
    let mut errors = Vec::new();
    for path in networks {
        match read::network(path, options) {
            Ok(network) => read.push(network),
            Err(error) => errors.push(error),
        }
    }
    let hardware = read::hardware(hardware).map_err(|error| errors.push(error));
    match hardware {
        Ok(hardware) if errors.is_empty() => {
            read.iter().for_each(show_assumptions);
            Ok((read, hardware))
        }
        _ => Err(anyhow!(one_error_per_line(errors.iter()))),
    }
}

/// Refuses to read both inputs from standard input.
pub(super) fn one_standard_input(inputs: &Inputs) -> anyhow::Result<()> {
    let both = [&inputs.network, &inputs.hardware];
    if both.iter().all(|path| read::is_standard_input(path)) {
        bail!(
            "-: standard input is either the network or the hardware; give the other one as a file or a name"
        );
    }
    Ok(())
}

/// Says what the reader took for granted of nodes of an imported model.
pub(super) fn show_assumptions(network: &Network) {
    let origins = network.layers.iter().filter_map(|l| l.spec.onnx.as_ref());
    for node in origins {
        if let Some(what) = &node.assumed {
            let (node, what) = (node.to_string(), what.clone());
            Notice::Assumed { node, what }.show();
        }
    }
}

/// What a constraints file fixes, each entry with the indices of its layers or operations.
pub(super) fn constraints(
    file: Option<&Path>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> anyhow::Result<Vec<(Vec<usize>, Fixed)>> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    read::constraints(file, work, hardware)
        .map_err(|error| anyhow!(one_error_per_line([error].iter())))
}

/// The errors as the text of one; the program puts `error: ` before the first of its lines.
pub(super) fn one_error_per_line<'a>(errors: impl Iterator<Item = &'a ReadError>) -> String {
    let texts: Vec<String> = errors.map(ToString::to_string).collect();
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    lines.join("\nerror: ")
}

/// What the hardware file leaves out and the numbers of these rows depend on.
pub(super) fn notes(rows: &[LayerRow], hardware: &Hardware) -> Vec<String> {
    let mut notices = Vec::new();
    if hardware.vector_lanes.is_none() && rows.iter().any(|row| row.work == Work::Streamed) {
        notices.push(Notice::NoVectorUnit {
            hardware: hardware.name.clone(),
        });
    }
    let texts = notices.iter().map(Notice::text);
    texts.chain(energy_notes(hardware)).collect()
}

/// Which energies the hardware file leaves out, if it gives some.
pub(super) fn energy_notes(hardware: &Hardware) -> Vec<String> {
    let missing = missing_energies(hardware);
    if missing.is_empty() || missing.len() > hardware.memories().count() {
        return Vec::new();
    }
    let notice = Notice::PartialEnergy {
        hardware: hardware.name.clone(),
        missing,
    };
    vec![notice.text()]
}

/// Refuses an option that speaks of energy where the hardware gives none.
pub(super) fn require_energy(option: &str, hardware: &Hardware) -> anyhow::Result<()> {
    if !hardware.has_energy() {
        bail!(
            "{option}: {} gives no energies; add energy_pj_per_byte to its memories",
            hardware.name
        );
    }
    Ok(())
}

/// Memories and the compute unit, as far as they have no energy.
fn missing_energies(hardware: &Hardware) -> Vec<String> {
    let compute = hardware.energy_pj_per_mac.is_none().then_some("compute");
    hardware
        .memories()
        .filter(|(_, memory)| memory.energy.is_absent())
        .map(|(_, memory)| memory.name.as_str())
        .chain(compute)
        .map(str::to_owned)
        .collect()
}
