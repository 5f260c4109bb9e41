//! What a layer's mapping keeps in each bounded memory.

use super::Picture;
use super::nest::mapped;
use super::sheet::{Anchor, GREY, INK, PALE, SERIES, SMALL, Sheet, pixel, svg, width};
use super::text::bytes;
use crate::problem::result::MemoryCost;
use crate::problem::{Bytes, Hardware, LayerRow, Memory, Role};

/// Width in pixels, and that for narrow screens.
const WIDTHS: [i32; 2] = [900, 358];
const LEFT: i32 = 80;
const TOP: i32 = 40;
const ROW: i32 = 84;

/// Draws the memories of a row's mapping; `what` says of which point. `None` where none is bounded.
#[must_use]
pub fn draw(row: &LayerRow, hardware: &Hardware, what: &str) -> Option<Picture> {
    let cost = mapped(row).cost.as_ref()?;
    let bounded: Vec<(&Memory, Bytes, &MemoryCost)> = (cost.memories.iter())
        .filter_map(|own| {
            let memory = hardware.memory(own.level)?;
            Some((memory, memory.capacity?, own))
        })
        .collect();
    if bounded.is_empty() {
        return None;
    }
    let rows = i32::try_from(bounded.len()).unwrap_or(1);
    let [svg, narrow] = WIDTHS.map(|width| {
        svg(width, TOP + ROW * rows, |sheet| {
            legend(sheet);
            for (index, (memory, capacity, own)) in (0..).zip(&bounded) {
                let place = (TOP + ROW * index, width - LEFT - 12);
                memory_row(sheet, memory, *capacity, own, place);
            }
        })
    });
    Some(Picture {
        name: "buffers".to_owned(),
        title: format!("Buffers of {}", row.name),
        caption: format!(
            "What each bounded memory (below an array: of one element) keeps of {} at {what}. Hatched tiles have two buffers, one that is filled while the other one is used.",
            row.name
        ),
        svg,
        narrow: Some(narrow),
    })
}

fn legend(sheet: &Sheet) {
    let mut x = LEFT;
    let names = Role::ALL.map(Role::name);
    for (name, colour) in names.into_iter().zip(SERIES).chain([("free", PALE)]) {
        sheet.area((x, 8), (x + 14, 22), colour);
        sheet.text(name, (x + 19, 15), SMALL + 1, INK, Anchor::Left);
        x += 19 + width(name, SMALL + 1) + 14;
    }
}

/// A memory at a height, with a bar of a length.
fn memory_row(
    sheet: &Sheet,
    memory: &Memory,
    capacity: Bytes,
    own: &MemoryCost,
    (y, bar): (i32, i32),
) {
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
    sheet.area((LEFT, y), (LEFT + bar, y + 38), PALE);
    let mut from = LEFT;
    let mut texts = Vec::new();
    let mut used = 0.0;
    for role in Role::ALL {
        let occupied = own.occupied[role as usize].bytes();
        used += occupied;
        let to = LEFT + pixel(used / size * f64::from(bar));
        let doubled = own.doubled[role as usize];
        let times = if doubled {
            format!("2 x {}", bytes(occupied / 2.0))
        } else {
            bytes(occupied)
        };
        let text = format!("{} {times}", role.name());
        let tip = format!("{text} of {} in {}", bytes(size), memory.name);
        if occupied > 0.0 {
            sheet.mark("", &tip, || {
                sheet.area((from, y), (to, y + 38), SERIES[role as usize]);
                if doubled {
                    sheet.hatch((from, y), (to, y + 38));
                }
            });
            texts.push(text);
        }
        from = to;
    }
    sheet.frame((LEFT, y), (LEFT + bar, y + 38), INK);
    texts.push(format!("free {}", bytes((size - used).max(0.0))));
    // Where there is little room in two lines.
    let half = if width(&texts.join(",  "), SMALL + 1) > bar {
        texts.len().div_ceil(2)
    } else {
        texts.len()
    };
    for (line, texts) in (0..).zip(texts.chunks(half)) {
        let at = (LEFT, y + 50 + 14 * line);
        sheet.text(&texts.join(",  "), at, SMALL + 1, INK, Anchor::Left);
    }
}
