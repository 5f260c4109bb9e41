//! The first lines of a result: how long the step takes, how much of the peak that is, what bounds
//! it, and what a change of the hardware would do.

use std::io::{self, Write};

use super::numbers::{grouped, significant, time};
use crate::problem::{HardwareChange, Resource, RunResult, Scale, WhatIf};

/// Bottlenecks that take a smaller part of the time are not named.
const WORTH_NAMING: f64 = 0.1;

/// Of less than so many times the speed no number is given: it would be 1.00.
const HARDLY: f64 = 1.005;

/// Writes what was mapped onto what, and the answer below it.
///
/// # Errors
/// If `out` cannot be written.
pub(super) fn write(result: &RunResult, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} on {}, {}, batch {}",
        result.network, result.hardware.name, result.mode, result.batch
    )?;
    let lines = lines(result, width);
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// The answer, in lines of so many characters; none where a layer has no mapping.
pub(super) fn lines(result: &RunResult, width: usize) -> Vec<String> {
    let Some(cycles) = result.total().cycles else {
        return Vec::new();
    };
    let mut first: Vec<String> = Vec::new();
    first.extend(result.step_seconds().map(time));
    first.extend(result.samples_per_second().map(|rate| {
        let what = match (&result.training, result.batch) {
            (Some(_), _) => "samples",
            (None, _) => "inferences",
        };
        format!("{} {what}/s", significant(rate))
    }));
    first.push(format!("{} cycles", grouped(cycles)));
    if result.total().utilization.is_some_and(|used| used > 0.0) {
        first.push(peak(result));
    }
    let mut second = vec![bound(result)];
    second.extend(
        result
            .what_if
            .iter()
            .map(|own| what_if(result, cycles, own)),
    );
    second.retain(|text| !text.is_empty());
    let mut lines = vec![first.join(", ")];
    lines.extend(wrapped(&second, width));
    lines
}

/// Texts joined by semicolons, in as many lines as it takes.
fn wrapped(texts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + text.chars().count() + 3 <= width => {
                line.push_str("; ");
                line.push_str(text);
            }
            last => {
                if let Some(line) = last {
                    line.push(';');
                }
                lines.push(text.clone());
            }
        }
    }
    lines
}

/// The part of the peak that the multiply-accumulates reach.
fn peak(result: &RunResult) -> String {
    let used = result.total().utilization.unwrap_or(0.0) * 100.0;
    match result.peak_operations_per_second() {
        Some(peak) => format!("{used:.0} % of the peak of {}", operations(peak)),
        None => format!("{used:.0} % of the peak"),
    }
}

/// What takes the time.
fn bound(result: &RunResult) -> String {
    let parts = result.bottlenecks();
    let named = parts.iter().filter(|part| part.1 >= WORTH_NAMING);
    let texts: Vec<String> = named
        .map(|(name, share)| format!("{name} {:.0} %", share * 100.0))
        .collect();
    match (texts.as_slice(), parts.as_slice()) {
        ([], _) | (_, []) => String::new(),
        (_, [(name, _)]) => format!("bound by {name}"),
        (texts, _) => format!("bound by {} of the time", texts.join(", ")),
    }
}

/// What a change does to the whole step, with what is changed.
fn what_if(result: &RunResult, before: u128, own: &WhatIf) -> String {
    let what = changed(result, &own.change);
    format!("{what}: {}", effect(before, own))
}

/// What is changed, in words.
fn changed(result: &RunResult, change: &HardwareChange) -> String {
    match (change.scale, &change.of) {
        (_, Resource::Elements { array, .. }) => {
            let changed = change.apply(&result.hardware);
            let all = changed.map_or(0, |own| own.processing_elements());
            format!("{} elements in {array}", grouped(all))
        }
        (Scale::Twice, Resource::Capacity(name)) => format!("twice of {name}"),
        (Scale::Half, Resource::Capacity(name)) => format!("half of {name}"),
        (
            scale,
            Resource::Bandwidth(name)
            | Resource::ReadBandwidth(name)
            | Resource::WriteBandwidth(name),
        ) => {
            let how = if scale == Scale::Twice {
                "twice"
            } else {
                "half"
            };
            format!("{how} the bandwidth of {name}")
        }
    }
}

/// What a change does: the step that was found on the changed hardware can be carried out, so that it is
/// at least so much faster, at most so much slower.
pub(super) fn effect(before: u128, own: &WhatIf) -> String {
    let ratio = factor(before, own.cycles);
    match own.change.scale {
        Scale::Twice if own.cycles >= before => "nothing gained by these mappings".to_owned(),
        Scale::Twice if ratio < HARDLY => "hardly faster".to_owned(),
        Scale::Twice => format!("at least {ratio:.2} times faster"),
        Scale::Half if own.cycles == before => "no slower".to_owned(),
        Scale::Half => {
            let slower = (1.0 / ratio - 1.0) * 100.0;
            format!("at most {slower:.1} % slower")
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
fn factor(before: u128, after: u128) -> f64 {
    before.max(1) as f64 / after.max(1) as f64
}

/// Operations per second in the unit that suits them.
fn operations(per_second: f64) -> String {
    match per_second {
        n if n >= 1e12 => format!("{} TOPS", significant(n / 1e12)),
        n => format!("{} GOPS", significant(n / 1e9)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::run;
    use super::*;

    #[test]
    fn the_answer_needs_no_clock_and_says_more_with_one() {
        let mut result = run();
        let without = lines(&result, 100);
        assert_eq!(without[0], "1,807,336 cycles, 100 % of the peak");
        assert_eq!(without[1], "bound by compute 100 % of the time");
        result.hardware.clock_mhz = Some(1000.0);
        result.what_if = vec![
            WhatIf {
                change: HardwareChange {
                    of: Resource::Elements {
                        array: "pe".to_owned(),
                        axis: "cols".to_owned(),
                    },
                    scale: Scale::Twice,
                },
                cycles: 903_668,
            },
            WhatIf {
                change: HardwareChange {
                    of: Resource::Capacity("sram".to_owned()),
                    scale: Scale::Half,
                },
                cycles: 1_807_336,
            },
        ];
        let with = lines(&result, 100);
        assert_eq!(
            with[0],
            "1.81 ms, 553 inferences/s, 1,807,336 cycles, 100 % of the peak of 1.02 TOPS"
        );
        assert_eq!(
            with[1..],
            [
                "bound by compute 100 % of the time; 1,024 elements in pe: at least 2.00 times faster;",
                "half of sram: no slower"
            ]
        );
    }
}
