//! The marks of the memory map: the parts of the step, its operations, and the blocks, with what each
//! says.

use std::collections::BTreeMap;

use super::bands::{self, Band};
use super::kinds::Kind;
use super::planned::Planned;
use crate::escape::visible_line;
use crate::problem::LayerRow;
use crate::problem::plan::{Content, MemoryPlan};
use crate::problem::planned::AGAIN;
use crate::report::numbers::{grouped, percent};
use crate::report::pictures::sheet::Colour;
use crate::report::pictures::step;
use crate::report::pictures::text::{bytes, operation};

/// Where a mark stands.
pub(super) enum Place {
    /// Among the parts of the step.
    Part,
    /// Among the operations.
    Operation,
    /// In the memory, from one address to another.
    Block { from: u64, to: u64 },
}

/// A mark.
pub(super) struct Mark {
    pub(super) place: Place,
    /// From which cycle to which it reaches.
    pub(super) cycles: [f64; 2],
    /// The layer that it stands for, if any.
    pub(super) name: String,
    /// What is written on it.
    pub(super) label: String,
    /// What it says.
    pub(super) tip: String,
    pub(super) colour: Colour,
    pub(super) letters: Colour,
}

/// Units of a schedule in cycles.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
pub(super) fn cycles(plan: &MemoryPlan, units: u128) -> f64 {
    units as f64 / plan.schedule.units_per_cycle() as f64
}

/// All marks of a plan.
pub(super) fn all(own: Planned<'_>) -> Vec<Mark> {
    let starts = own.plan.starts();
    let starts: Vec<f64> = starts.iter().map(|&at| cycles(own.plan, at)).collect();
    let bands = bands::of(own.plan, own.rows);
    let bands = bands.iter().filter(|_| bands.len() > 1);
    let parts = bands.map(|band| part(band, &starts));
    let operations = operations(own, &starts);
    let blocks = blocks(own.plan, &starts);
    parts.chain(operations).chain(blocks).collect()
}

fn part(band: &Band, starts: &[f64]) -> Mark {
    let cycles = band.operations.map(|operation| starts[operation]);
    let share = (cycles[1] - cycles[0]) / starts.last().map_or(1.0, |end| end.max(1.0));
    let count = band.operations[1] - band.operations[0];
    Mark {
        place: Place::Part,
        cycles,
        name: String::new(),
        label: band.name.to_owned(),
        tip: format!(
            "{}\n{} of the step, {count} operations",
            band.name,
            percent(share)
        ),
        colour: band.colour(),
        letters: band.colour().letters(),
    }
}

fn operations(own: Planned<'_>, starts: &[f64]) -> Vec<Mark> {
    let rows: BTreeMap<&str, &LayerRow> = (own.rows.iter())
        .map(|row| (row.name.as_str(), row))
        .collect();
    let indices = 0..own.plan.schedule.operations.len();
    let some = indices.filter(|&index| own.plan.cost.units[index] > 0);
    let marks = some.map(|index| {
        let name = own.plan.schedule.operations[index].name.as_str();
        let layer = name.strip_suffix(AGAIN).unwrap_or(name);
        let colour = step::colour(own.plan.bottleneck(index, own.hardware), own.hardware);
        let mut lines = told(own, index);
        if let Some(row) = rows.get(layer) {
            lines.push(step::proved(row));
            lines.extend(step::mapping(row, own.hardware));
        }
        Mark {
            place: Place::Operation,
            cycles: [starts[index], starts[index + 1]],
            name: layer.to_owned(),
            label: operation(name),
            tip: lines.join("\n"),
            colour,
            letters: colour.letters(),
        }
    });
    marks.collect()
}

/// What an operation takes and moves in the plan.
fn told(own: Planned<'_>, index: usize) -> Vec<String> {
    let plan = own.plan;
    let units = plan.cost.units[index];
    let cycles = grouped(plan.cycles(units));
    let share = percent(part_of(units, plan.cost.total()));
    let outer = plan.bytes(plan.cost.moved[index].outer());
    let name = visible_line(&plan.schedule.operations[index].name);
    let memory = own.hardware.memories().next();
    let memory = memory.map_or("outside", |(_, memory)| memory.name.as_str());
    let bound = plan.bottleneck(index, own.hardware);
    let mode = plan.plan.modes[index];
    let buffers = mode.map_or(0, |mode| {
        plan.schedule.operations[index].modes[mode].buffer_bytes
    });
    vec![
        name.into_owned(),
        format!("{cycles} cycles, {share} of the step; bound by {bound}"),
        format!(
            "{} bytes through {memory}, {} bytes of buffers",
            grouped(outer),
            grouped(buffers.into())
        ),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn part_of(part: u128, whole: u128) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn blocks(plan: &MemoryPlan, starts: &[f64]) -> Vec<Mark> {
    let place = |time: u64| {
        usize::try_from(time)
            .unwrap_or(usize::MAX)
            .min(starts.len() - 1)
    };
    let all = plan.blocks.contents.iter().zip(&plan.blocks.packing.blocks);
    let marks = all.zip(&plan.offsets).map(|((content, block), &offset)| {
        let operations = [block.lower, block.upper].map(place);
        let cycles = operations.map(|operation| starts[operation]);
        let kind = Kind::of(content, plan);
        let (name, label, what) = named(plan, content);
        let last = &plan.schedule.operations[operations[1].saturating_sub(1)].name;
        let first = &plan.schedule.operations[operations[0].min(starts.len() - 2)].name;
        let tip = [
            what,
            format!(
                "{} at {} to {}",
                bytes_of(block.size),
                grouped(offset.into()),
                grouped((offset + block.size).into())
            ),
            format!("from {} to {}", visible_line(first), visible_line(last)),
            format!("cycles {} to {}", whole(cycles[0]), whole(cycles[1])),
        ];
        Mark {
            place: Place::Block {
                from: offset,
                to: offset + block.size,
            },
            cycles,
            name,
            label,
            tip: tip.join("\n"),
            colour: kind.colour,
            letters: kind.letters(),
        }
    });
    marks.collect()
}

/// The layer of a block if it is one's, what is written on it, and what it says first.
fn named(plan: &MemoryPlan, content: &Content) -> (String, String, String) {
    match content {
        Content::Slices { tensor, slices } => {
            let own = &plan.schedule.tensors[*tensor];
            let name = visible_line(&own.name).into_owned();
            let all = plan.schedule.slices;
            let part = match *slices {
                slices if slices == all => "all of it".to_owned(),
                slices => format!("{slices} of {all} slices"),
            };
            let kind = own.kind.name().replace('_', " ");
            let size = bytes_of(own.bytes());
            let what = format!("{name}\n{kind} of {size}, {part}");
            (String::new(), name, what)
        }
        Content::Buffers { operation } => {
            let name = &plan.schedule.operations[*operation].name;
            let layer = name.strip_suffix(AGAIN).unwrap_or(name).to_owned();
            let shown = visible_line(name);
            let what = format!("{shown}\nbuffers of its tiles and partial sums");
            (layer, super::super::pictures::text::operation(&shown), what)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn bytes_of(size: u64) -> String {
    bytes(size as f64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of cycles, shown without a fraction"
)]
fn whole(cycles: f64) -> String {
    grouped(cycles.round() as u128)
}
