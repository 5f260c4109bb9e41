//! What a layer's mapping keeps in each bounded memory.

use std::io;

use super::Picture;
use super::nest::mapped;
use super::sheet::{Anchor, GREY, INK, PALE, SERIES, SMALL, Sheet, pixel, svg, width};
use super::text::bytes;
use crate::problem::result::MemoryCost;
use crate::problem::{Bytes, Hardware, LayerRow, Memory, Role};

const WIDTH: i32 = 900;
const LEFT: i32 = 110;
const BAR: i32 = 770;
const TOP: i32 = 40;
const ROW: i32 = 84;

/// Draws the memories of a row's mapping; `what` says of which point. `None` where none is bounded.
///
/// # Errors
/// What the backend could not draw.
pub fn draw(row: &LayerRow, hardware: &Hardware, what: &str) -> io::Result<Option<Picture>> {
    let Some(cost) = &mapped(row).cost else {
        return Ok(None);
    };
    let bounded: Vec<(&Memory, Bytes, &MemoryCost)> = (cost.memories.iter())
        .filter_map(|own| {
            let memory = hardware.memory(own.level)?;
            Some((memory, memory.capacity?, own))
        })
        .collect();
    if bounded.is_empty() {
        return Ok(None);
    }
    let rows = i32::try_from(bounded.len()).unwrap_or(1);
    let svg = svg(WIDTH, TOP + ROW * rows, |sheet| {
        legend(sheet);
        for (index, (memory, capacity, own)) in (0..).zip(&bounded) {
            memory_row(sheet, memory, *capacity, own, TOP + ROW * index);
        }
    })?;
    Ok(Some(Picture {
        name: "buffers".to_owned(),
        title: format!("Buffers of {}", row.name),
        caption: format!(
            "What each bounded memory (below an array: of one element) keeps of {} at {what}. Hatched tiles have two buffers, one that is filled while the other one is used.",
            row.name
        ),
        svg,
    }))
}

fn legend(sheet: &Sheet<'_>) {
    let mut x = LEFT;
    let names = Role::ALL.map(Role::name);
    for (name, colour) in names.into_iter().zip(SERIES).chain([("free", PALE)]) {
        sheet.area((x, 8), (x + 14, 22), colour);
        sheet.text(name, (x + 19, 15), SMALL + 1, INK, Anchor::Left);
        x += 19 + width(name, SMALL + 1) + 22;
    }
}

fn memory_row(sheet: &Sheet<'_>, memory: &Memory, capacity: Bytes, own: &MemoryCost, y: i32) {
    sheet.text(
        &memory.name,
        (LEFT - 10, y + 16),
        SMALL + 2,
        INK,
        Anchor::Right,
    );
    let size = capacity.bits().bytes();
    sheet.text(
        &bytes(size),
        (LEFT - 10, y + 33),
        SMALL,
        GREY,
        Anchor::Right,
    );
    sheet.area((LEFT, y), (LEFT + BAR, y + 38), PALE);
    let mut from = LEFT;
    let mut texts = Vec::new();
    let mut used = 0.0;
    for role in Role::ALL {
        let occupied = own.occupied[role as usize].bytes();
        used += occupied;
        let to = LEFT + pixel(used / size * f64::from(BAR));
        sheet.area((from, y), (to, y + 38), SERIES[role as usize]);
        if own.doubled[role as usize] {
            sheet.hatch((from, y), (to, y + 38));
        }
        if occupied > 0.0 {
            let times = if own.doubled[role as usize] {
                format!("2 x {}", bytes(occupied / 2.0))
            } else {
                bytes(occupied)
            };
            texts.push(format!("{} {times}", role.name()));
        }
        from = to;
    }
    sheet.frame((LEFT, y), (LEFT + BAR, y + 38), INK);
    texts.push(format!("free {}", bytes((size - used).max(0.0))));
    sheet.text(
        &texts.join(",  "),
        (LEFT, y + 52),
        SMALL + 1,
        INK,
        Anchor::Left,
    );
}
