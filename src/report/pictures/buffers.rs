//! What a layer's mapping keeps in each bounded memory.

use super::Picture;
use super::nest::mapped;
use super::sheet::{Anchor, GREY, INK, PALE, SERIES, SMALL, Sheet, pixel, shortened, svg, width};
use super::text::bytes;
use crate::problem::result::MemoryCost;
use crate::problem::{Bytes, Hardware, LayerRow, Memory, Role};

/// Width in pixels and where bars begin, and those for narrow screens.
const SIZES: [(i32, i32); 2] = [(900, 120), (358, 84)];
/// Pixels of what is kept at least: a byte of a large memory can be pointed at, too.
const LEAST: i32 = 3;
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
    let [svg, narrow] = SIZES.map(|(width, left)| {
        svg(width, TOP + ROW * rows, |sheet| {
            legend(sheet, left);
            for (index, (memory, capacity, own)) in (0..).zip(&bounded) {
                let bar = Bar {
                    left,
                    length: width - left - 12,
                    top: TOP + ROW * index,
                };
                bar.head(sheet, memory, *capacity);
                bar.draw(sheet, memory, *capacity, own);
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

fn legend(sheet: &Sheet, left: i32) {
    let mut x = left;
    let names = Role::ALL.map(Role::name);
    for (name, colour) in names.into_iter().zip(SERIES).chain([("free", PALE)]) {
        sheet.area((x, 8), (x + 14, 22), colour);
        sheet.text(name, (x + 19, 15), SMALL + 1, INK, Anchor::Left);
        x += 19 + width(name, SMALL + 1) + 14;
    }
}

/// Where the bar of a memory stands.
struct Bar {
    left: i32,
    length: i32,
    top: i32,
}

impl Bar {
    /// The memory's name and capacity before the bar.
    fn head(&self, sheet: &Sheet, memory: &Memory, capacity: Bytes) {
        let at = |down: i32| (self.left - 10, self.top + down);
        let name = shortened(&memory.name, SMALL + 2, self.left - 14).unwrap_or_default();
        sheet.text(&name, at(16), SMALL + 2, INK, Anchor::Right);
        let size = bytes(capacity.bits().bytes());
        sheet.text(&size, at(33), SMALL, GREY, Anchor::Right);
    }

    /// The bar with what each operand takes, and the same in words.
    fn draw(&self, sheet: &Sheet, memory: &Memory, capacity: Bytes, own: &MemoryCost) {
        let (left, y) = (self.left, self.top);
        let right = left + self.length;
        let size = capacity.bits().bytes();
        sheet.area((left, y), (right, y + 38), PALE);
        let (mut from, mut used) = (left, 0.0);
        let mut texts = Vec::new();
        for role in Role::ALL {
            let occupied = own.occupied[role as usize].bytes();
            if occupied <= 0.0 {
                continue;
            }
            used += occupied;
            let doubled = own.doubled[role as usize];
            let text = format!("{} {}", role.name(), times(occupied, doubled));
            let tip = format!("{text} of {} in {}", bytes(size), memory.name);
            let to = left + pixel(used / size * f64::from(self.length));
            let to = to.max(from + LEAST).min(right);
            sheet.mark("", &tip, || {
                sheet.area((from, y), (to, y + 38), SERIES[role as usize]);
                if doubled {
                    sheet.hatch((from, y), (to, y + 38));
                }
            });
            texts.push(text);
            from = to;
        }
        sheet.frame((left, y), (right, y + 38), INK);
        texts.push(format!("free {}", bytes((size - used).max(0.0))));
        self.words(sheet, &texts);
    }

    /// What is kept in words, in two lines where there is little room.
    fn words(&self, sheet: &Sheet, texts: &[String]) {
        let half = if width(&texts.join(",  "), SMALL + 1) > self.length {
            texts.len().div_ceil(2)
        } else {
            texts.len()
        };
        for (line, texts) in (0..).zip(texts.chunks(half)) {
            let at = (self.left, self.top + 50 + 14 * line);
            sheet.text(&texts.join(",  "), at, SMALL + 1, INK, Anchor::Left);
        }
    }
}

/// Bytes in one buffer or in two.
fn times(occupied: f64, doubled: bool) -> String {
    if doubled {
        format!("2 x {}", bytes(occupied / 2.0))
    } else {
        bytes(occupied)
    }
}
