//! The page of one run: its answer, where the time goes, and its pictures.

use std::io::{self, Write};

use super::layers::Layers;
use super::strip::{self, Part};
use super::{Section, whole};
use crate::problem::RunResult;
use crate::problem::sweep::PointResult;
use crate::report::answer;
use crate::report::markup::escape;
use crate::report::memory_map::bands::{self, PARTS};
use crate::report::pictures::Picture;
use crate::report::pictures::step;
use crate::report::pictures::tip::Notes;
use crate::report::table::below::below;

/// Writes the page; `point` is the run as a point, and `notes` what is known of its layers beside.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(
    result: &RunResult,
    (point, notes): (&PointResult, &Notes),
    pictures: &[Picture],
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = format!("{} on {}", result.network, result.hardware.name);
    let layers = Layers {
        result,
        point,
        notes,
    };
    let sections = std::iter::once(layers.section()).chain(pictures.iter().map(Section::of));
    let sections: Vec<Section> = sections.collect();
    whole(&title, &head(result)?, &sections, out)
}

/// What stands at the head: the answer as the terminal says it, what takes the time, and what is proved.
fn head(result: &RunResult) -> io::Result<String> {
    let optimizer = result.training.as_ref().map(|own| own.optimizer);
    let mode = match optimizer {
        Some(name) => format!("{} with {name}", result.mode),
        None => result.mode.to_owned(),
    };
    let planned = if result.memory_plan.is_some() {
        ", planned step"
    } else {
        ", layers alone"
    };
    let about = escape(&format!("{mode}, batch {}{planned}", result.batch));
    let lines = answer::lines(result, usize::MAX);
    let answer: String = lines.iter().map(|line| answer_html(line)).collect();
    let below = below(result)?;
    let below = escape(&String::from_utf8_lossy(&below));
    Ok(format!(
        "<p class=\"about\">{about}</p><div class=\"answer\">{answer}</div>{}\
         <details><summary>What is proved</summary><pre>{below}</pre></details>",
        strips(result)
    ))
}

/// A line of the answer, each of its statements a line where there is little room.
fn answer_html(line: &str) -> String {
    let parts = line.split("; ").map(|part| {
        let part = escape(part.trim_end_matches(';'));
        format!("<span>{part}</span>")
    });
    format!("<p>{}</p>", parts.collect::<String>())
}

/// Which parts of the time are bound by what, and belong to which part of the step.
fn strips(result: &RunResult) -> String {
    let limits = result.bottlenecks();
    let limits = limits.iter().map(|&(name, share)| Part {
        name: name.to_owned(),
        share,
        colour: step::colour(name, &result.hardware),
    });
    let limits: Vec<Part> = limits.collect();
    let passes = passes(result);
    let mut html = String::new();
    if !limits.is_empty() {
        html += &strip::html("bound by", &limits);
    }
    if passes.len() > 1 {
        html += &strip::html("spent on", &passes);
    }
    html
}

/// The parts of the step with their shares of the time.
#[expect(clippy::cast_precision_loss, reason = "a page is coarser")]
fn passes(result: &RunResult) -> Vec<Part> {
    let total = result.total().cycles.unwrap_or(0).max(1) as f64;
    let parts = PARTS.map(|part| {
        let own = (result.layers.iter()).filter(|row| bands::part(row.pass) == part);
        let cycles: u128 = own.filter_map(|row| result.cycles_of(row)).sum();
        Part {
            name: part.to_owned(),
            share: cycles as f64 / total,
            colour: bands::colour(part),
        }
    });
    parts.into_iter().filter(|part| part.share > 0.0).collect()
}
