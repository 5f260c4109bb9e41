//! The times at which sets of blocks that are alive together are largest.

use crate::problem::packing::{Block, Packing};

/// Sections: spans of time whose blocks are not a part of those of the span before or after.
/// Two blocks meet exactly if they share a section in which both are alive.
#[derive(Debug)]
pub(super) struct Sections {
    /// For every section its blocks.
    pub members: Vec<Vec<usize>>,
    /// For every block its first section and the one after its last.
    pub ranges: Vec<(usize, usize)>,
    /// For every block the ranges of sections in which it is alive: one, unless its life has gaps.
    pub spans: Vec<Vec<(usize, usize)>>,
    /// For every block those that it meets.
    pub neighbours: Vec<Vec<usize>>,
}

impl Sections {
    /// The sections of blocks.
    pub(super) fn of(packing: &Packing) -> Self {
        let blocks = &packing.blocks;
        let starts = section_starts(packing);
        let mut members = vec![Vec::new(); starts.len()];
        let place = |time: u64| starts.partition_point(|&start| start < time);
        let range = |(start, end): (u64, u64)| (place(start), place(end));
        let mut ranges = Vec::with_capacity(blocks.len());
        let mut spans = Vec::with_capacity(blocks.len());
        for (index, block) in blocks.iter().enumerate() {
            let own: Vec<(usize, usize)> = block.spans().map(range).collect();
            for &(first, after) in &own {
                let alive = members[first..after].iter_mut();
                alive.for_each(|members: &mut Vec<usize>| members.push(index));
            }
            let (first, after) = (own.first(), own.last());
            ranges.push((first.map_or(0, |r| r.0), after.map_or(0, |r| r.1)));
            spans.push(own);
        }
        let meets = |a: usize, b: usize| a != b && blocks[a].meets(&blocks[b]);
        let neighbours = (0..blocks.len())
            .map(|a| (0..blocks.len()).filter(|&b| meets(a, b)).collect())
            .collect();
        Self {
            members,
            ranges,
            spans,
            neighbours,
        }
    }

    /// The sections in which a block is alive.
    pub(super) fn alive(&self, block: usize) -> impl Iterator<Item = usize> {
        (self.spans[block].iter()).flat_map(|&(first, after)| first..after)
    }

    /// The first section of blocks, and the one after their last.
    pub(super) fn span(&self, blocks: &[usize]) -> (usize, usize) {
        let ranges = blocks.iter().map(|&b| self.ranges[b]);
        ranges
            .reduce(|(first, after), own| (first.min(own.0), after.max(own.1)))
            .unwrap_or((0, 0))
    }

    /// How many blocks span each border between a section and the next one.
    pub(super) fn crossings(&self) -> Vec<u32> {
        let mut crossings = vec![0; self.members.len()];
        for &(first, after) in &self.ranges {
            crossings[first..after - 1].iter_mut().for_each(|c| *c += 1);
        }
        crossings
    }

    /// The blocks in parts that have no time in common.
    pub(super) fn parts(&self) -> Vec<Vec<usize>> {
        let crossings = self.crossings();
        let mut part_of = Vec::with_capacity(self.members.len());
        let mut part = 0;
        for &crossing in &crossings {
            part_of.push(part);
            part += usize::from(crossing == 0);
        }
        let mut parts = vec![Vec::new(); part];
        for (block, &(first, _)) in self.ranges.iter().enumerate() {
            parts[part_of[first]].push(block);
        }
        parts
    }
}

/// For every section the last time at which one of its blocks starts: sections end where a block
/// ends after one has started.
fn section_starts(packing: &Packing) -> Vec<u64> {
    let mut events: Vec<(u64, bool)> = Vec::new();
    for (start, end) in packing.blocks.iter().flat_map(Block::spans) {
        events.push((start, true));
        events.push((end, false));
    }
    // At one time ends come first.
    events.sort_unstable();
    let mut starts = Vec::new();
    for pair in events.windows(2) {
        if let [(time, true), (_, false)] = *pair {
            starts.push(time);
        }
    }
    starts
}
