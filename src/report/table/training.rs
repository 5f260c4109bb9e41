//! What a table says of a training step beside its rows: what each pass takes, and how it compares with
//! inference.

use crate::problem::{PassTotal, RunResult};
use crate::report::numbers::{grouped, percent};

/// The lines of a table: what the operations of each pass take, each alone, and how that compares
/// with inference.
pub(super) fn lines(result: &RunResult) -> Vec<String> {
    let Some(step) = &result.training else {
        return Vec::new();
    };
    let passes: Vec<String> = result
        .passes()
        .iter()
        .map(|own| pass_text(own, result.total_layers().cycles))
        .collect();
    let alone = match result.memory_plan {
        Some(_) => ", operations alone",
        None => "",
    };
    let mut lines = vec![format!("cycles by pass{alone}: {}", passes.join(", "))];
    let ratio = result.ratio_to_inference().zip(step.inference_cycles);
    lines.extend(ratio.map(|(ratio, inference)| {
        let inference = grouped(inference);
        let optimizer = step.optimizer;
        format!(
            "a step with {optimizer}{alone}: {ratio:.2} times the {inference} cycles of inference"
        )
    }));
    lines
}

fn pass_text(own: &PassTotal, step: Option<u128>) -> String {
    let name = own.pass.name().replace('_', "-");
    let Some(cycles) = own.cycles else {
        return format!("{name} -");
    };
    match step.filter(|&step| step > 0) {
        Some(step) => format!(
            "{name} {} ({})",
            grouped(cycles),
            percent(part(cycles, step))
        ),
        None => format!("{name} {}", grouped(cycles)),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one decimal; no decision rests on it"
)]
fn part(cycles: u128, step: u128) -> f64 {
    cycles as f64 / step as f64
}
