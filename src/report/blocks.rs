//! Equal blocks of a network, such as the encoders of a transformer: what a table says once.

use crate::problem::{LayerRow, RunResult};

/// What a line of a table stands for.
pub(super) enum Line<'a> {
    /// A layer.
    Row(&'a LayerRow),
    /// A block in which everything is as in an earlier one.
    Block {
        /// Its name, which those of its layers begin with.
        name: &'a str,
        /// The name of the earlier block.
        first: &'a str,
        /// Its layers.
        rows: &'a [LayerRow],
    },
}

impl<'a> Line<'a> {
    /// What it is called.
    pub(super) fn name(&self) -> &'a str {
        match self {
            Line::Row(row) => &row.name,
            Line::Block { name, .. } => name,
        }
    }

    /// The cycles of its layers in the step.
    pub(super) fn cycles(&self, result: &RunResult) -> Option<u128> {
        match self {
            Line::Row(row) => result.cycles_of(row),
            Line::Block { rows, .. } => result.cycles_of_all(rows),
        }
    }
}

/// A block of which every layer has a line.
struct Known<'a> {
    name: &'a str,
    rows: &'a [LayerRow],
}

/// The lines of a table: one for each layer, or for each block that equals an earlier one. With
/// `all` every layer has one.
pub(super) fn lines(rows: &[LayerRow], all: bool) -> Vec<Line<'_>> {
    let (mut lines, mut known, mut rest) = (Vec::new(), Vec::new(), rows);
    let mut before = "";
    while let Some(row) = rest.first() {
        let block = if all {
            None
        } else {
            fold(rest, before, &mut known)
        };
        let length = match &block {
            Some(Line::Block { rows, .. }) => rows.len(),
            _ => 1,
        };
        lines.push(block.unwrap_or(Line::Row(row)));
        before = &rest[length - 1].name;
        rest = &rest[length..];
    }
    lines
}

/// The largest block that begins here and equals an earlier one; others are kept for later ones.
fn fold<'a>(rest: &'a [LayerRow], before: &str, known: &mut Vec<Known<'a>>) -> Option<Line<'a>> {
    for name in block_names(&rest[0].name) {
        if is_within(before, name) {
            continue;
        }
        let length = rest.iter().take_while(|r| is_within(&r.name, name)).count();
        let rows = &rest[..length];
        if length < 2 {
            continue;
        }
        if let Some(earlier) = known.iter().find(|k| are_equal(k.rows, rows)) {
            let first = earlier.name;
            return Some(Line::Block { name, first, rows });
        }
        known.push(Known { name, rows });
    }
    None
}

/// The blocks that a layer may be of by its name, the largest first: what ends in a number, before
/// a dot, an underscore, or a single letter as in `conv2_3a_relu`.
fn block_names(layer: &str) -> impl Iterator<Item = &str> {
    let ends = layer.char_indices().skip(1);
    ends.filter(|&(at, _)| is_within(layer, &layer[..at]))
        .map(|(at, _)| &layer[..at])
}

/// Whether a layer is of a block, by their names.
fn is_within(layer: &str, block: &str) -> bool {
    let Some(rest) = layer.strip_prefix(block) else {
        return false;
    };
    let mut next = rest.chars();
    let follows = match next.next() {
        Some('.' | '_') => true,
        Some(letter) => {
            letter.is_ascii_alphabetic() && matches!(next.next(), None | Some('.' | '_'))
        }
        None => false,
    };
    follows && block.ends_with(|c: char| c.is_ascii_digit())
}

/// Whether a table says the same of the layers of two blocks.
fn are_equal(a: &[LayerRow], b: &[LayerRow]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
}

fn is_equal(a: &LayerRow, b: &LayerRow) -> bool {
    let phases = a.phases.iter().zip(&b.phases);
    a.op == b.op
        && a.pass == b.pass
        && a.work == b.work
        && a.fused.len() == b.fused.len()
        && a.status() == b.status()
        && a.cost == b.cost
        && a.mapping == b.mapping
        && a.bound_cycles == b.bound_cycles
        && a.objective_bound == b.objective_bound
        && a.phases.len() == b.phases.len()
        && phases
            .clone()
            .all(|(a, b)| a.index == b.index && is_equal(&a.row, &b.row))
}

#[cfg(test)]
mod tests {
    use super::super::testing::run;
    use super::*;

    /// Rows of layers with these names and cycles.
    fn rows(layers: &[(&str, u128)]) -> Vec<LayerRow> {
        let model = run().layers.remove(0);
        let of = |&(name, cycles): &(&str, u128)| {
            let mut row = model.clone();
            row.name = name.to_owned();
            if let Some(cost) = &mut row.cost {
                cost.cycles = cycles;
            }
            row
        };
        layers.iter().map(of).collect()
    }

    fn said(layers: &[(&str, u128)], all: bool) -> Vec<String> {
        let rows = rows(layers);
        let text = |line: Line<'_>| match line {
            Line::Row(row) => row.name.clone(),
            Line::Block { name, first, rows } => format!("{name} = {first} ({})", rows.len()),
        };
        lines(&rows, all).into_iter().map(text).collect()
    }

    const ENCODERS: [(&str, u128); 9] = [
        ("tokens", 5),
        ("encoder.1.q", 7),
        ("encoder.1.k", 8),
        ("encoder.2.q", 7),
        ("encoder.2.k", 8),
        ("encoder.3.q", 7),
        ("encoder.3.k", 9),
        ("encoder.10.q", 7),
        ("encoder.10.k", 9),
    ];

    #[test]
    fn a_block_that_equals_an_earlier_one_is_one_line() {
        let expected = [
            "tokens",
            "encoder.1.q",
            "encoder.1.k",
            "encoder.2 = encoder.1 (2)",
            "encoder.3.q",
            "encoder.3.k",
            "encoder.10 = encoder.3 (2)",
        ];
        assert_eq!(said(&ENCODERS, false), expected);
        assert_eq!(said(&ENCODERS, true), ENCODERS.map(|l| l.0));
    }

    #[test]
    fn blocks_stand_within_blocks_and_have_names_of_several_forms() {
        let layers = [
            ("stage1.0.a", 1),
            ("stage1.0.b", 2),
            ("stage1.1.a", 1),
            ("stage1.1.b", 2),
            ("stage2.0.a", 1),
            ("stage2.0.b", 2),
            ("stage2.1.a", 1),
            ("stage2.1.b", 2),
            ("conv2_1a", 3),
            ("conv2_1b", 4),
            ("conv2_2a", 3),
            ("conv2_2b", 4),
            ("conv31", 3),
            ("conv32", 4),
        ];
        let expected = [
            "stage1.0.a",
            "stage1.0.b",
            "stage1.1 = stage1.0 (2)",
            "stage2 = stage1 (4)",
            "conv2_1a",
            "conv2_1b",
            "conv2_2 = conv2_1 (2)",
            "conv31",
            "conv32",
        ];
        assert_eq!(said(&layers, false), expected);
    }
}
