//! The memory over time as a picture: every block by address and cycle, coloured by the kind of its
//! tensor, and above it the operations and the parts of the step (SVG).
//!
//! Marks say in `data-a` and `data-b` from which cycle to which they reach, and in `data-label` what
//! is written on them: the page's script draws them anew for other widths and a part of the time.

mod addresses;
pub(in crate::report) mod bands;
pub(in crate::report) mod kinds;
mod marks;
mod planned;

pub use self::planned::Planned;

use self::addresses::Marks;
use self::kinds::Kind;
use self::marks::Mark;
use crate::problem::plan::MemoryPlan;
use crate::report::pictures::axes::ticks;
use crate::report::pictures::sheet::{
    self, Anchor, GREY, INK, LETTERS, PALE, PAPER, SMALL, Sheet, pixel, shortened, width,
};
use crate::report::pictures::text::short;

/// Width and height in pixels.
const SIZE: (i32, i32) = (1200, 640);
/// Left and right end of the axis of time.
const ACROSS: [i32; 2] = [74, SIZE.0 - 12];
/// Top and bottom of the memory.
const DOWN: [i32; 2] = [94, SIZE.1 - 44];
/// Top and bottom of the parts of the step, and of the operations.
const PARTS: [i32; 2] = [52, 68];
const OPERATIONS: [i32; 2] = [72, 88];

/// Draws the picture as the text of an SVG file.
#[must_use]
pub fn svg(own: Planned<'_>) -> String {
    let end = marks::cycles(own.plan, own.plan.cost.total()).max(1.0);
    sheet::svg(SIZE.0, SIZE.1, |sheet| {
        sheet.group("heading", "", || {
            let at = (ACROSS[0], 14);
            sheet.text(own.title, at, LETTERS + 1, INK, Anchor::Left);
        });
        legend(sheet, own.plan);
        let [left, right] = ACROSS;
        let [top, bottom] = DOWN;
        let attributes = format!(
            " data-left=\"{left}\" data-right=\"{right}\" data-top=\"{top}\" data-bottom=\"{bottom}\" data-end=\"{end:.1}\""
        );
        sheet.group("map", &attributes, || {
            axes(sheet, own.plan, end);
            for mark in marks::all(own) {
                draw(sheet, own.plan, &mark, end);
            }
            sheet.frame((left, top), (right, bottom), GREY);
        });
    })
}

fn legend(sheet: &Sheet, plan: &MemoryPlan) {
    sheet.group("legend", "", || {
        let mut x = ACROSS[0];
        for kind in Kind::all_of(plan) {
            sheet.area((x, 28), (x + 14, 42), kind.colour);
            sheet.text(kind.name, (x + 19, 35), SMALL + 1, INK, Anchor::Left);
            x += 19 + width(kind.name, SMALL + 1) + 22;
        }
    });
}

/// The axes with their ticks; those of time stand in a group that the script draws anew.
fn axes(sheet: &Sheet, plan: &MemoryPlan, end: f64) {
    let marks = Marks::up_to(plan.schedule.capacity.0);
    for &address in &marks.addresses {
        let y = down(plan, address);
        let text = (address / marks.unit.1).to_string();
        sheet.line(&[(ACROSS[0] - 4, y), (ACROSS[0], y)], GREY, 1);
        let at = (ACROSS[0] - 8, y);
        sheet.text(&text, at, SMALL, INK, Anchor::Right);
    }
    let name = format!("address in {}", marks.unit.0);
    let middle = (14, i32::midpoint(DOWN[0], DOWN[1]));
    sheet.text(&name, middle, SMALL + 1, INK, Anchor::UpMiddle);
    sheet.group("ticks", "", || {
        for cycles in ticks(end) {
            let x = across(cycles, end);
            sheet.line(&[(x, DOWN[0]), (x, DOWN[1] + 4)], PALE, 1);
            let at = (x, DOWN[1] + 14);
            sheet.text(&short(cycles), at, SMALL, INK, Anchor::Middle);
        }
    });
    sheet.group("unit", "", || {
        let at = (ACROSS[1], DOWN[1] + 32);
        sheet.text("cycles", at, SMALL + 1, INK, Anchor::Right);
    });
}

/// The pixel of a cycle.
fn across(cycles: f64, end: f64) -> i32 {
    ACROSS[0] + pixel(cycles / end * f64::from(ACROSS[1] - ACROSS[0]))
}

/// The pixel of an address.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn down(plan: &MemoryPlan, address: u64) -> i32 {
    let part = address as f64 / plan.schedule.capacity.0.max(1) as f64;
    DOWN[1] - pixel(part * f64::from(DOWN[1] - DOWN[0]))
}

fn draw(sheet: &Sheet, plan: &MemoryPlan, mark: &Mark, end: f64) {
    let [from, to] = mark.cycles.map(|cycles| across(cycles, end));
    let [top, bottom] = match mark.place {
        marks::Place::Part => PARTS,
        marks::Place::Operation => OPERATIONS,
        marks::Place::Block { from, to } => [down(plan, to), down(plan, from)],
    };
    let attributes = format!(
        " data-a=\"{:.1}\" data-b=\"{:.1}\" data-label=\"{}\" data-ink=\"{}\"",
        mark.cycles[0],
        mark.cycles[1],
        super::markup::escape(&mark.label),
        mark.letters.hex(),
    );
    sheet.mark_with(&mark.name, &mark.tip, &attributes, || {
        let (wide, high) = (to - from, bottom - top);
        // Edges would hide what is a few pixels wide.
        if wide.min(high) < 3 {
            sheet.area((from, top), (to, bottom), mark.colour);
        } else {
            sheet.edged((from, top), (to, bottom), (mark.colour, PAPER));
        }
        let middle = (i32::midpoint(from, to), i32::midpoint(top, bottom));
        let along = shortened(&mark.label, SMALL, wide - 6).filter(|_| high >= SMALL);
        let upward = shortened(&mark.label, SMALL, high - 6).filter(|_| wide > SMALL);
        let along = along.map(|text| (text, Anchor::Middle));
        let upward = upward.map(|text| (text, Anchor::UpMiddle));
        // The one that says more; `max_by_key` takes the last of equals.
        let texts = upward.into_iter().chain(along);
        if let Some((text, anchor)) = texts.max_by_key(|own| own.0.chars().count()) {
            sheet.text(&text, middle, SMALL, mark.letters, anchor);
        }
    });
}
