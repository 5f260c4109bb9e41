//! The comments at the beginning of an exported program.

use crate::engine::lp_file::comment_lines;
use crate::problem::goal::Measure;
use crate::problem::result::Status;

use super::facts::{Counted, Facts, Without};

/// What was asked (`title`), what the file is, and how to read its objective.
pub(super) fn comments(facts: &Facts, title: &[String]) -> Vec<String> {
    let mut lines = title.to_vec();
    lines.extend(objective(facts));
    lines.push(
        "Rows and variables: formulations/layer.md. Logarithms are natural; of bits, cycles, elements."
            .to_owned(),
    );
    lines.push(format!(
        "x_<dimension>_<tiles from the outside in>_<axis><factor>_<class> is 1 where that column is \
         chosen, y_<class> where that class is. {} binaries, {} rows.",
        facts.binaries, facts.rows
    ));
    lines.push(classes(facts));
    lines.extend(columns(facts));
    lines.extend(tangents(facts));
    lines.iter().flat_map(|line| comment_lines(line)).collect()
}

/// What is minimised, and what it means.
fn objective(facts: &Facts) -> Vec<String> {
    let value = facts.objective.of(&facts.best);
    let known = match facts.certificate.status() {
        Status::Optimal => "proved optimal",
        _ => "the best known, not proved optimal",
    };
    let (unit, turn) = match facts.objective {
        Measure::Cycles => ("cycles", "cycles = exp(objective), rounded up"),
        Measure::Energy => ("pJ", "pJ = exp(objective)"),
        Measure::EnergyDelay => ("pJ x cycles", "pJ x cycles = exp(objective)"),
        Measure::Traffic => ("bits", "bits = exp(objective)"),
    };
    let mut lines = vec![format!(
        "Objective: the natural logarithm of the {unit}; {turn}. The best mapping has {value} {unit}, \
         {known}: ln = {:.9}.",
        value.ln()
    )];
    if let Some(unit) = facts.energy_unit {
        let parts = match facts.objective {
            Measure::EnergyDelay => {
                "z_<class> is the logarithm of the cycles, z1_<class> that of the energy"
            }
            _ => "z_<class> is the logarithm of the energy",
        };
        lines.push(format!(
            "{parts} in units of {unit} pJ, which no mapping is below; the objective adds \
             log_energy_unit, the logarithm of that unit."
        ));
    }
    lines
}

fn classes(facts: &Facts) -> String {
    let all = match facts.all_classes {
        Counted::Exactly(n) => n.to_string(),
        Counted::MoreThan(n) => format!("more than {n}"),
    };
    let why = match facts.left_out {
        Without::Nothing => "",
        _ => {
            ": the proved bound of every other one excludes a better mapping, as do those of some of \
              these, which stand for their order"
        }
    };
    format!(
        "Classes: {} of {all}{why}. Written: {}.",
        facts.classes.len(),
        shortened(&facts.classes)
    )
}

/// The first names of a list.
fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    shown.join(", ") + more
}

/// Which columns were left out, and by what.
fn columns(facts: &Facts) -> Vec<String> {
    let beside = format!(
        "{} columns are written beside those that are left: the best mapping's, and those whose tiles \
         are divisors and whose reduced cost is least.",
        facts.nearest
    );
    match facts.left_out {
        Without::Nothing => vec!["Columns: all of them; none were left out.".to_owned()],
        Without::Proved => vec![format!(
            "Columns: branch and price proved that no mapping is better; what bounds alone leave is too \
             much to be listed. {beside}"
        )],
        Without::Excluded { columns, parts } => {
            let mut lines = vec![format!(
                "Columns left out of these classes: {} by the proved bound (reduced cost: no better \
                 mapping has one of them), {} by dominance (another column of the group is nowhere \
                 larger). {beside}",
                columns.bound, columns.dominance
            )];
            if parts {
                let what = "Long dimensions were bounded in two parts first: chains that this excluded \
                            are not in the count.";
                lines.push(what.to_owned());
            }
            lines
        }
    }
}

fn tangents(facts: &Facts) -> Vec<String> {
    let text = match facts.settled {
        Some((objective, rounds)) => format!(
            "Tangents: those of every class's last relaxation, those around the best mapping, and \
             those of {rounds} rounds of HiGHS, after which this file's optimum is {objective:.9}, exactly."
        ),
        None => "Tangents: those of every class's last relaxation, and those around the best mapping. \
                 A solution may cost more than its objective says: `deepmatrix decode --cuts` adds what \
                 is missing."
            .to_owned(),
    };
    vec![text]
}
