//! Chains of pairs of parts, numbered.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::tiling::chain::Chain;

/// Chains of pairs of parts, written out once for all nodes of a tree.
#[derive(Debug, Default)]
pub struct ChainBank {
    pairs: FxHashMap<(usize, u32, u32), Arc<[u32]>>,
    numbers: [FxHashMap<Chain, u32>; 2],
    chains: [Vec<Chain>; 2],
}

impl ChainBank {
    /// The numbers of the chains of a box and an inner part of one dimension of a group, which
    /// `list` writes out where they are not known yet.
    pub(crate) fn pair(
        &mut self,
        (position, boxed, part): (usize, u32, u32),
        list: impl FnOnce() -> Vec<Chain>,
    ) -> Arc<[u32]> {
        if let Some(known) = self.pairs.get(&(position, boxed, part)) {
            return Arc::clone(known);
        }
        let (numbers, chains) = (&mut self.numbers[position], &mut self.chains[position]);
        let number = |chain: Chain| {
            *numbers.entry(chain).or_insert_with_key(|chain| {
                chains.push(chain.clone());
                u32::try_from(chains.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let own: Arc<[u32]> = list().into_iter().map(number).collect();
        self.pairs.insert((position, boxed, part), Arc::clone(&own));
        own
    }

    /// The chain of a number.
    pub(crate) fn chain(&self, position: usize, number: u32) -> &Chain {
        &self.chains[position][number as usize]
    }
}
