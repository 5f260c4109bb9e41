//! Tables of the benchmark of mappers, from its results alone.

use std::fmt::Write as _;

use deepmatrix::problem::comparison::{Comparison, LayerComparison, Outcome, Worst, ratio};

/// The mapper with which the others' publications compare.
const BASE_LINE: &str = "random";

/// One row for each mapper: its geometric mean and worst ratio on each network.
pub fn summary(all: &[Comparison]) -> String {
    let Some(first) = all.first() else {
        return String::new();
    };
    let mut text = format!("\n## {}\n\n| mapper |", first.hardware.name);
    for comparison in all {
        let layers = || comparison.distinct();
        let _ = write!(
            text,
            " {}, {} of {} proved |",
            comparison.network,
            layers().filter(|l| reference(comparison, l).1).count(),
            layers().count()
        );
    }
    text.push_str(" seconds | space |\n|---|");
    text.push_str(&"--:|".repeat(all.len() + 1));
    text.push_str("---|\n");
    for (index, mapper) in first.mappers.iter().enumerate() {
        let _ = write!(text, "| {} |", mapper.name);
        let mut seconds = 0.0;
        for comparison in all {
            let standing = comparison.standing(index);
            seconds += standing.seconds;
            let layers = comparison.distinct().count();
            match (standing.geometric_mean, standing.worst) {
                (Some(mean), Some(Worst { ratio: worst, .. })) => {
                    let _ = write!(text, " {mean:.3} ({worst:.2})");
                }
                _ => text.push_str(" –"),
            }
            if standing.mapped < layers {
                let _ = write!(text, ", {} without", layers - standing.mapped);
            }
            text.push_str(" |");
        }
        let _ = writeln!(text, " {seconds:.1} | {} |", mapper.space);
    }
    text
}

/// The reference of a layer and whether it is proved.
fn reference(result: &Comparison, layer: &LayerComparison) -> (Option<u128>, bool) {
    layer.reference(result.mappers.len())
}

/// A ratio of cycles, marked where the divisor is not proved to be least.
fn cell(cycles: Option<u128>, (reference, proved): (Option<u128>, bool)) -> String {
    let mark = if proved { "" } else { " *" };
    ratio(cycles, reference).map_or("–".to_owned(), |r| format!("{r:.2}{mark}"))
}

/// Every layer and mapper of a small network: cycles over the optimum, and the mean of cycles
/// over those of random sampling.
pub fn layers(result: &Comparison) -> String {
    let mut text = "| mapper |".to_owned();
    for layer in result.distinct() {
        let _ = write!(text, " {} |", layer.name);
    }
    text.push_str(" geometric mean | mean over random's cycles |\n|---|");
    text.push_str(&"--:|".repeat(result.distinct().count() + 2));
    text.push('\n');
    let base = result.mappers.iter().position(|m| m.name == BASE_LINE);
    for (index, mapper) in result.mappers.iter().enumerate() {
        let _ = write!(text, "| {} |", mapper.name);
        for layer in result.distinct() {
            let own = layer.outcome(index).cycles;
            let _ = write!(text, " {} |", cell(own, reference(result, layer)));
        }
        let mean = |index: usize| result.standing(index).geometric_mean;
        let over = base.and_then(|base| Some(mean(index)? / mean(base)?));
        let [own, over] =
            [mean(index), over].map(|m| m.map_or("–".to_owned(), |m| format!("{m:.2}")));
        let _ = writeln!(text, " {own} | {over} |");
    }
    text.push_str(
        "\n`*`: no proof in time, so the ratio is to the fewest cycles that any mapper found.\n",
    );
    text
}

/// What annealing and the exact mapper have after some time, layer by layer: whether one is worth
/// starting the other with.
pub fn incumbents(result: &Comparison) -> String {
    let index = |name: &str| result.mappers.iter().position(|m| m.name == name);
    let (Some(annealing), Some(exact)) = (index("annealing"), index("exact")) else {
        return String::new();
    };
    let mut text = "| layer | annealing, 0.02 s | annealing, end | exact, 0.02 s | exact, 0.1 s | exact, 1 s | exact, end |\n|---|--:|--:|--:|--:|--:|--:|\n".to_owned();
    for layer in result.distinct() {
        let at = |mapper: usize, seconds: f64| {
            let parts = layer.parts.iter();
            let reached = parts.map(|part| {
                let steps = part.attempts[mapper].improvements.iter();
                steps
                    .filter(|s| s.seconds <= seconds)
                    .map(|s| s.cycles)
                    .next_back()
            });
            let cycles: Option<u128> = reached.sum();
            cycles.map_or("–".to_owned(), |c| c.to_string())
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            layer.name,
            at(annealing, 0.02),
            at(annealing, f64::INFINITY),
            at(exact, 0.02),
            at(exact, 0.1),
            at(exact, 1.0),
            ending(&layer.outcome(exact))
        );
    }
    text
}

/// What the exact mapper ends with: the optimum, or cycles and a bound.
fn ending(outcome: &Outcome) -> String {
    let cycles = outcome.cycles.map_or("–".to_owned(), |c| c.to_string());
    match outcome.bound_cycles {
        Some(bound) if outcome.cycles != Some(bound) => format!("{cycles}, bound {bound}"),
        _ => cycles,
    }
}
