//! How long the tensors of a step hold bytes of their own.

use super::graph::{Graph, Operation};
use super::units::Bits;

/// The operations between which a tensor holds its bytes, by their indices, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The operation that writes it; the first one for what is there before.
    pub first: usize,
    /// The last operation that reads or writes it or a view of it; the last one of the step for
    /// what persists and for results that no operation reads.
    pub last: usize,
}

/// Who writes and who reads each tensor.
#[derive(Clone, Debug)]
pub struct Uses {
    /// The first operation that writes it.
    pub produced_by: Option<usize>,
    /// The last operation that reads or writes it itself; not its views.
    pub last_used_by: Option<usize>,
    /// The operation that leads the only group of fused operations that writes and reads it.
    inside: Option<usize>,
    /// Whether any operation reads it or a view of it.
    read: bool,
}

impl Graph {
    /// Writers and readers of every tensor.
    #[must_use]
    pub fn uses(&self) -> Vec<Uses> {
        let none = Uses {
            produced_by: None,
            last_used_by: None,
            inside: None,
            read: false,
        };
        let mut all = vec![none; self.tensors.len()];
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); self.tensors.len()];
        for (index, operation) in self.operations.iter().enumerate() {
            for written in &operation.writes {
                let uses = &mut all[written.tensor];
                uses.produced_by.get_or_insert(index);
                uses.last_used_by = Some(index);
                groups[written.tensor].push(leader(operation, index));
            }
            for read in &operation.reads {
                all[read.tensor].last_used_by = Some(index);
                for storage in self.storage(read.tensor) {
                    all[storage].read = true;
                }
                all[read.tensor].read = true;
                groups[read.tensor].push(leader(operation, index));
            }
        }
        for ((uses, groups), tensor) in all.iter_mut().zip(&groups).zip(&self.tensors) {
            let passes = uses.produced_by.is_some() && uses.read && !tensor.kind.is_given();
            let alone = |first: &usize| passes && groups.iter().all(|g| g == first);
            uses.inside = groups.first().copied().filter(alone);
        }
        all
    }

    /// The tensors whose bytes a tensor lies in: itself, or what it is a view of.
    #[must_use]
    pub fn storage(&self, tensor: usize) -> Vec<usize> {
        let views = &self.tensors[tensor].views;
        if views.is_empty() {
            return vec![tensor];
        }
        let mut all: Vec<usize> = views.iter().flat_map(|&base| self.storage(base)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The lifetime of every tensor; `None` where it has no bytes of its own: a view, and what
    /// passes from an operation to one that is fused into it and to no other.
    #[must_use]
    pub fn lifetimes(&self) -> Vec<Option<Lifetime>> {
        let end = self.operations.len().saturating_sub(1);
        let uses = self.uses();
        let mut last: Vec<usize> = uses.iter().map(|u| u.last_used_by.unwrap_or(0)).collect();
        for (tensor, own) in uses.iter().enumerate() {
            for storage in self.storage(tensor) {
                last[storage] = last[storage].max(own.last_used_by.unwrap_or(0));
            }
        }
        let tensors = self.tensors.iter().zip(&uses).enumerate();
        let lifetimes = tensors.map(|(index, (tensor, uses))| {
            if !tensor.views.is_empty() || uses.inside.is_some() {
                return None;
            }
            let stays = tensor.kind.is_persistent() || !uses.read;
            let first = match uses.produced_by {
                Some(writer) if !tensor.kind.is_given() => leader(&self.operations[writer], writer),
                _ => 0,
            };
            Some(Lifetime {
                first,
                last: if stays { end } else { last[index] },
            })
        });
        lifetimes.collect()
    }

    /// The bits that live at each operation.
    #[must_use]
    pub fn live_bits(&self) -> Vec<Bits> {
        // Differences at the borders of the lifetimes, summed up from the first operation on.
        let mut begins = vec![0_u128; self.operations.len() + 1];
        let mut ends = begins.clone();
        for (tensor, lifetime) in self.tensors.iter().zip(self.lifetimes()) {
            if let Some(Lifetime { first, last }) = lifetime {
                begins[first] += tensor.bits().0;
                ends[last + 1] += tensor.bits().0;
            }
        }
        let mut live = 0;
        let borders = begins.iter().zip(&ends).take(self.operations.len());
        borders
            .map(|(begins, ends)| {
                live = live + begins - ends;
                Bits(live)
            })
            .collect()
    }

    /// The most bits that live at one operation, and the first operation at which they do.
    #[must_use]
    pub fn peak(&self) -> Option<(usize, Bits)> {
        let live = self.live_bits();
        let most = live.iter().max()?;
        let first = live.iter().position(|bits| bits == most)?;
        Some((first, *most))
    }
}

/// The operation whose run does the work of this one.
fn leader(operation: &Operation, index: usize) -> usize {
    operation.fused_into.unwrap_or(index)
}
