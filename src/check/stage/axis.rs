//! One loop of a stage, tile by tile.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::problem::Window;
use crate::problem::access::{Access, AxisIndex};

use super::error::StageError;
use super::form::Stage;

/// Rows of a tensor.
pub(super) type Rows = BTreeSet<u64>;

/// A loop: what every operation computes of the axis in each tile.
pub(super) struct Cut {
    /// Which of the loops, the outermost first.
    pub(super) number: usize,
    /// Whether what is needed later stays from one tile to the next.
    innermost: bool,
    /// For every tile and operation the positions that are computed.
    pub(super) computed: Vec<Vec<Range<u64>>>,
}

/// A tensor along a loop that indexes it.
#[derive(Default)]
pub(super) struct Along {
    /// Rows from the first to the last one of a tile, in the largest one.
    pub(super) most: u64,
    /// Rows from the first to the last one of any tile.
    pub(super) reach: u64,
    /// Distinct rows of all tiles, each by itself.
    pub(super) anew: u128,
    /// Distinct rows of all tiles that the tile before does not have.
    pub(super) sliding: u128,
    /// Distinct rows.
    pub(super) distinct: u128,
    /// Whether a tile needs rows that an earlier one computed.
    pub(super) stays: bool,
}

/// The distinct rows that outputs touch.
pub(super) fn touched(index: AxisIndex, outputs: &Range<u64>) -> Rows {
    match index {
        AxisIndex::Dim(_) | AxisIndex::Whole => outputs.clone().collect(),
        AxisIndex::Window { taps, window, .. } => (outputs.clone())
            .flat_map(|p| (0..taps).map(move |r| p * window.stride + r * window.dilation))
            .filter_map(|row| row.checked_sub(window.padding))
            .filter(|row| *row < window.rows)
            .collect(),
    }
}

/// The rows that outputs need: from the first to the last one under the window, cut to the tensor.
pub(super) fn needed(index: AxisIndex, outputs: &Range<u64>) -> Range<u64> {
    if outputs.is_empty() {
        return 0..0;
    }
    let AxisIndex::Window { taps, window, .. } = index else {
        return outputs.clone();
    };
    let first = (outputs.start * window.stride).saturating_sub(window.padding);
    let last = (outputs.end - 1) * window.stride + (taps - 1) * window.dilation;
    match (last + 1).saturating_sub(window.padding).min(window.rows) {
        end if first < end => first..end,
        _ => 0..0,
    }
}

/// The window by which outputs see the rows that they need, both counted from the first one.
pub(super) fn window(index: AxisIndex, outputs: &Range<u64>) -> Option<Window> {
    let AxisIndex::Window { taps, window, .. } = index else {
        return None;
    };
    let rows = needed(index, outputs);
    let count = outputs.end.checked_sub(outputs.start + 1)?;
    Some(if rows.is_empty() {
        // One row, which no tap reaches.
        let beyond = count * window.stride + (taps - 1) * window.dilation + 1;
        Window {
            padding: beyond,
            rows: 1,
            ..window
        }
    } else {
        Window {
            padding: (window.padding + rows.start) - outputs.start * window.stride,
            rows: rows.end - rows.start,
            ..window
        }
    })
}

/// The smallest range around both.
fn around(a: &Range<u64>, b: &Range<u64>) -> Range<u64> {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.clone(),
        (_, true) => a.clone(),
        _ => a.start.min(b.start)..a.end.max(b.end),
    }
}

/// Walks a loop: the sinks compute their tile, and what is before them what they need for it.
pub(super) fn walk(stage: &Stage<'_>, number: usize) -> Cut {
    let own = &stage.mode.loops[number];
    let members = stage.fused.accesses.len();
    let mut cut = Cut {
        number,
        innermost: number + 1 == stage.mode.loops.len(),
        computed: Vec::new(),
    };
    let mut done = vec![0; members];
    for tile in 0..own.tiles() {
        let sinks = tile * own.tile..((tile + 1) * own.tile).min(own.extent);
        let mut computed = vec![0..0; members];
        for member in (0..members).rev() {
            let wanted = if stage.is_sink(member) {
                sinks.clone()
            } else {
                let results = stage.tensors.iter().enumerate();
                let own = results.filter(|(_, own)| own.writer == Some((member, 0)));
                let needs = own.map(|(tensor, _)| cut.need(stage, tensor, &computed));
                needs.fold(0..0, |all, one| around(&all, &one))
            };
            let start = if cut.innermost {
                wanted.start.max(done[member])
            } else {
                wanted.start
            };
            if start < wanted.end {
                computed[member] = start..wanted.end;
                done[member] = done[member].max(wanted.end);
            }
        }
        cut.computed.push(computed);
    }
    cut
}

impl Cut {
    /// How an access indexes its tensor by the axis, with the tensor's rows.
    pub(super) fn index(
        &self,
        stage: &Stage<'_>,
        member: usize,
        access: &Access,
    ) -> Option<(u64, AxisIndex)> {
        let dim = stage.mode.loops[self.number].places[member];
        access.axis_of(dim).map(|axis| access.axes[axis])
    }

    /// The rows from the first to the last one that the readers of a tensor need in a tile.
    fn need(&self, stage: &Stage<'_>, tensor: usize, computed: &[Range<u64>]) -> Range<u64> {
        let readers = stage.tensors[tensor].readers.iter();
        let needs = readers.filter_map(|&(member, number)| {
            let access = &stage.fused.accesses[member].reads[number];
            let (_, index) = self.index(stage, member, access)?;
            Some(needed(index, &computed[member]))
        });
        needs.fold(0..0, |all, one| around(&all, &one))
    }

    /// The distinct rows that the readers of a tensor touch in a tile.
    fn rows(&self, stage: &Stage<'_>, tensor: usize, computed: &[Range<u64>]) -> Rows {
        let readers = stage.tensors[tensor].readers.iter();
        let rows = readers.filter_map(|&(member, number)| {
            let access = &stage.fused.accesses[member].reads[number];
            let (_, index) = self.index(stage, member, access)?;
            Some(touched(index, &computed[member]))
        });
        rows.flatten().collect()
    }

    /// A tensor along the axis, if the axis indexes it; all that is read of what is written inside is there,
    /// and all of it is computed if something outside needs it.
    pub(super) fn along(
        &self,
        stage: &Stage<'_>,
        tensor: usize,
    ) -> Result<Option<Along>, StageError> {
        let mut all = stage.touching(tensor);
        let size = all.find_map(|(member, access)| self.index(stage, member, access));
        let Some((size, _)) = size else {
            return Ok(None);
        };
        let own = &stage.tensors[tensor];
        let (mut along, mut reach) = (Along::default(), 0..0);
        let (mut before, mut seen, mut made, mut there) =
            (Rows::new(), Rows::new(), Rows::new(), Rows::new());
        for (tile, computed) in self.computed.iter().enumerate() {
            let rows = self.rows(stage, tensor, computed);
            let need = self.need(stage, tensor, computed);
            let mut block = need.clone();
            if let Some((writer, _)) = own.writer {
                let new = &computed[writer];
                block = around(&need, new);
                if !self.innermost {
                    there.clear();
                }
                there.extend(new.clone());
                made.extend(new.clone());
                if let Some(&row) = rows.difference(&there).next() {
                    return Err(StageError::Missing {
                        operation: stage.fused.members[writer].clone(),
                        axis: stage.mode.loops[self.number].dims[writer].clone(),
                        tile,
                        row,
                        tensor: stage.fused.tensors[tensor].clone(),
                    });
                }
                along.stays |= !need.is_empty() && (new.is_empty() || need.start < new.start);
            }
            along.most = along.most.max(block.end - block.start);
            reach = around(&reach, &block);
            along.anew += rows.len() as u128;
            along.sliding += rows.difference(&before).count() as u128;
            seen.extend(&rows);
            before = rows;
        }
        along.reach = reach.end - reach.start;
        along.distinct = seen.len() as u128;
        let complete = own.stored || !own.is_internal();
        if let (Some((writer, _)), true) = (own.writer, complete)
            && let Some(row) = (0..size).find(|row| !made.contains(row))
        {
            return Err(StageError::NeverComputed {
                operation: stage.fused.members[writer].clone(),
                row,
                tensor: stage.fused.tensors[tensor].clone(),
            });
        }
        Ok(Some(along))
    }
}
