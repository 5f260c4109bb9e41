//! The loop nest of a mapping as text: temporal loops, storage nodes and spatial loops.
//!
//! The extents of loops are the whole array's, those of nodes one element's. It is the nest that is
//! costed (`cost::loops`): nodes stand where they are reused. The loops over an array's elements stand
//! before the first node of a memory below it.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::cost::loops::{self, Line};
use crate::problem::result::{Cost, MemoryCost};
use crate::problem::{ArrayMapping, Bits, Dim, Hardware, Level, LoopNest, Mapping, Node, PerDim};

use super::numbers::{grouped, integer};

/// Spaces by which a loop's body is indented.
const INDENT: usize = 2;

/// The lines of the nest, without line ends.
#[must_use]
pub fn lines(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping, cost: &Cost) -> Vec<String> {
    printed(nest, hardware, mapping, cost, false).lines
}

/// The same with the number of trips of every loop over time, and as one JSON object for each line.
#[must_use]
pub(super) fn explained(
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    cost: &Cost,
) -> (Vec<String>, Vec<Value>) {
    let printer = printed(nest, hardware, mapping, cost, true);
    (printer.lines, printer.entries)
}

fn printed<'a>(
    nest: &'a LoopNest,
    hardware: &'a Hardware,
    mapping: &'a Mapping,
    cost: &Cost,
    trips: bool,
) -> Printer<'a> {
    let mut printer = Printer {
        nest,
        hardware,
        arrays: mapping.spatial.iter().collect(),
        depth: 0,
        trips,
        lines: Vec::new(),
        entries: Vec::new(),
    };
    for line in loops::lines(nest, mapping) {
        match line {
            Line::Loop { dim, extent, step } => printer.temporal(dim, extent, step),
            Line::Keep { node, tile, slide } => {
                printer.arrays_above(node.level);
                printer.node(node, &tile, slide, cost);
            }
        }
    }
    printer.innermost();
    printer
}

/// The nest as far as it is printed.
struct Printer<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
    /// Arrays still to come, outermost first.
    arrays: Vec<&'a ArrayMapping>,
    depth: usize,
    /// Whether trips are shown.
    trips: bool,
    lines: Vec<String>,
    /// The same line by line.
    entries: Vec<Value>,
}

impl Printer<'_> {
    fn push(&mut self, text: &str) {
        let indent = INDENT * self.depth;
        self.lines.push(format!("{:indent$}{text}", ""));
    }

    /// A loop that cuts `d` down to `step`.
    fn temporal(&mut self, d: Dim, extent: u64, step: u64) {
        let name = d.name().to_lowercase();
        let trips = extent.div_ceil(step);
        let last = extent - (trips - 1) * step;
        let mut text = format!("for {name} in 0..{extent}");
        if step > 1 {
            let _ = write!(text, " step {step}");
        }
        if self.trips {
            let _ = write!(text, "  # {trips} trips");
            if last < step {
                let _ = write!(text, ", the last one of {last}");
            }
        }
        self.push(&text);
        self.entries.push(json!({
            "loop": d.name(), "extent": extent, "step": step, "trips": trips, "last": last,
        }));
        self.depth += 1;
    }

    /// The loops over the elements of every array above `level` that was not printed yet.
    fn arrays_above(&mut self, level: usize) {
        let (above, below) = self.arrays.iter().partition(|array| array.level < level);
        self.arrays = below;
        let above: Vec<&ArrayMapping> = above;
        for array in above {
            self.array(array);
        }
    }

    fn array(&mut self, spread: &ArrayMapping) {
        let Some(Level::Array(array)) = self.hardware.levels.get(spread.level) else {
            return;
        };
        for (axis, factors) in array.axes.iter().zip(&spread.axes) {
            let above_one = || Dim::ALL.into_iter().filter(|&d| factors[d] > 1);
            let shown = object(above_one(), factors);
            let factors = list(above_one(), factors);
            if !factors.is_empty() {
                self.push(&format!("parallel over {}: {factors}", axis.name));
                self.entries
                    .push(json!({"parallel": axis.name, "factors": shown}));
                self.depth += 1;
            }
        }
    }

    fn node(&mut self, node: Node, extents: &PerDim<u64>, slide: Option<Dim>, cost: &Cost) {
        let Some(memory) = self.hardware.memory(node.level) else {
            return;
        };
        let dims = Dim::ALL
            .into_iter()
            .filter(|&d| self.nest.is_relevant(node.role, d) && self.nest.extents[d] > 1);
        let tile = list(dims, extents);
        let space = cost.memories.iter().find(|m| m.level == node.level);
        let space = if self.nest.is_resident(node) {
            " resident".to_owned()
        } else {
            space.map_or(String::new(), |space| space_text(space, node))
        };
        let along = slide.map_or(String::new(), |d| format!(", sliding along {d}"));
        let text = format!("{} keeps {} [{tile}]{space}{along}", memory.name, node.role);
        self.push(&text);
        self.keep_entry(node, extents, slide, cost);
    }

    /// A node as JSON: its tile, its buffers and the bytes of each.
    fn keep_entry(&mut self, node: Node, extents: &PerDim<u64>, slide: Option<Dim>, cost: &Cost) {
        let dims = Dim::ALL
            .into_iter()
            .filter(|&d| self.nest.is_relevant(node.role, d) && self.nest.extents[d] > 1);
        let name = self.hardware.memory(node.level).map(|m| m.name.as_str());
        let space = cost.memories.iter().find(|m| m.level == node.level);
        let role = node.role as usize;
        let doubled = space.is_some_and(|s| s.doubled[role]);
        let buffers: u32 = if doubled { 2 } else { 1 };
        let bits = space.map_or(Bits(0), |s| Bits(s.occupied[role].0 / u128::from(buffers)));
        let slide = slide.map(Dim::name);
        let mut entry = json!({
            "memory": name, "keeps": node.role.name(), "tile": object(dims, extents),
            "buffers": buffers, "bytes": integer(bits.bytes_ceil()), "slides": slide,
        });
        if self.nest.is_resident(node) {
            entry["resident"] = true.into();
        }
        self.entries.push(entry);
    }

    /// What stands below the last loop over time: the elements of the arrays that are left, and one
    /// step of each.
    fn innermost(&mut self) {
        self.arrays_above(usize::MAX);
        self.push("multiply-accumulate");
        self.entries.push(json!({"compute": "multiply-accumulate"}));
    }
}

/// Dimensions with their values by name.
fn object(dims: impl Iterator<Item = Dim>, values: &PerDim<u64>) -> Map<String, Value> {
    dims.map(|d| (d.name().to_owned(), Value::from(values[d])))
        .collect()
}

/// The space that a node takes, in bytes.
fn space_text(space: &MemoryCost, node: Node) -> String {
    let occupied = space.occupied[node.role as usize];
    let (times, bits) = if space.doubled[node.role as usize] {
        ("2 x ", Bits(occupied.0 / 2))
    } else {
        ("", occupied)
    };
    let bytes = bits.bytes_ceil();
    let unit = if bytes == 1 { "byte" } else { "bytes" };
    format!(" {times}{} {unit}", grouped(bytes))
}

/// Dimensions with their values, such as `K 64, C 128`.
fn list(dims: impl Iterator<Item = Dim>, values: &PerDim<u64>) -> String {
    let items: Vec<String> = dims.map(|d| format!("{d} {}", values[d])).collect();
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use crate::problem::{Dim, Node, Role, Work};
    use crate::report::testing::run;

    #[test]
    fn loops_stand_above_the_node_that_they_refill() {
        let result = run();
        let row = &result.layers[0];
        let (Work::Mapped(nest), Some(mapping), Some(cost)) = (&row.work, &row.mapping, &row.cost)
        else {
            panic!("the first row is mapped");
        };
        let lines = super::lines(nest, &result.hardware, mapping, cost);
        assert_eq!(
            lines,
            [
                "for k in 0..512 step 64",
                "  sram keeps weight [K 64, C 128, R 3, S 3] 73,728 bytes",
                "  for p in 0..28",
                "    sram keeps input [C 128, P 1, Q 28, R 3, S 3] 2 x 11,520 bytes, sliding along P",
                "    for k in 0..64 step 32",
                "      sram keeps output [K 32, P 1, Q 28] 3,584 bytes",
                "      for c in 0..128 step 16",
                "        for r in 0..3",
                "          for s in 0..3",
                "            parallel over rows: K 32",
                "              parallel over cols: C 16",
                "                registers keeps weight [K 1, C 1, R 1, S 1] 1 byte",
                "                for q in 0..28",
                "                  registers keeps input [C 1, P 1, Q 1, R 1, S 1] 1 byte",
                "                  registers keeps output [K 1, P 1, Q 1] 4 bytes",
                "                  multiply-accumulate",
            ]
        );
    }

    #[test]
    fn a_cut_of_a_node_s_own_stands_below_it() {
        let mut result = run();
        let row = &mut result.layers[0];
        let (Work::Mapped(nest), Some(mapping), Some(cost)) =
            (&row.work, &mut row.mapping, &row.cost)
        else {
            panic!("the first row is mapped");
        };
        mapping.extents[0][Dim::P] = 14;
        let lines = super::lines(nest, &result.hardware, mapping, cost);
        let expected = [
            "for k in 0..512 step 64",
            "  sram keeps weight [K 64, C 128, R 3, S 3] 73,728 bytes",
            "  for p in 0..28 step 14",
            "    for p in 0..14",
        ];
        assert_eq!(lines[..4], expected);
        let document = crate::report::mapping::document("a", nest, &result.hardware, mapping);
        let text = serde_json::to_string(&document).expect("JSON");
        assert!(
            text.contains(r#""weight":{"K":64,"C":128,"P":14,"R":3,"S":3}"#),
            "{text}"
        );
    }

    #[test]
    fn loops_within_the_innermost_tile_end_the_nest() {
        let mut result = run();
        let row = &mut result.layers[0];
        let (Work::Mapped(nest), Some(mapping), Some(cost)) =
            (&row.work, &mut row.mapping, &row.cost)
        else {
            panic!("the first row is mapped");
        };
        mapping.order.truncate(1);
        mapping.extents.truncate(1);
        assert_eq!(
            mapping.order,
            [Node {
                level: 1,
                role: Role::Weight
            }]
        );
        let lines = super::lines(nest, &result.hardware, mapping, cost);
        let tail: Vec<&str> = lines.iter().map(|line| line.trim_start()).skip(2).collect();
        assert_eq!(
            tail,
            [
                "for k in 0..64 step 32",
                "for c in 0..128 step 16",
                "for p in 0..28",
                "for q in 0..28",
                "for r in 0..3",
                "for s in 0..3",
                "parallel over rows: K 32",
                "parallel over cols: C 16",
                "multiply-accumulate",
            ]
        );
    }
}
