//! The chains of pairs of parts, written out once for all nodes of a tree and numbered anew for each.

use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use crate::engine::Cause;
use crate::problem::{Dim, LoopNest};
use crate::tiling::bypass::Optional;
use crate::tiling::chain::Chain;
use crate::tiling::dimension::Dimension;
use crate::tiling::dominance::undominated;
use crate::tiling::receivers::Dealt;
use crate::tiling::site::Site;
use crate::tiling::third;
use crate::tiling::wanted::Wanted;
use crate::tiling::windows::shares_depend_on_places;

use super::expand::expand;
use super::group::ColumnGroup;
use super::outer_box::{OuterBox, Split};

/// Chains of one pair of parts beyond which a layer is given up: some hundred bytes each.
const MOST_CHAINS: usize = 200_000;

/// Chains of one node, numbered anew.
pub(crate) struct Expander<'a> {
    site: &'a Site<'a>,
    /// For each dimension the slots that a class may leave without a node.
    optional: Vec<Optional>,
    /// For each dimension the gaps in which it may be cut a third time.
    gaps: Vec<Vec<usize>>,
    outer: &'a ColumnGroup,
    inner: &'a ColumnGroup,
    local: Vec<FxHashMap<u32, u32>>,
    pub(crate) found: Vec<Vec<Chain>>,
}

impl<'a> Expander<'a> {
    pub(crate) fn new(site: &'a Site<'_>, outer: &'a ColumnGroup, inner: &'a ColumnGroup) -> Self {
        let dims = outer.dims.len();
        let optional =
            |(&d, wanted): (&Dim, &Wanted)| Optional::new(site, d).wanting(wanted.clone());
        let dims_wanted = outer.dims.iter().zip(&outer.wanted);
        let gaps = dims_wanted.map(|(&d, wanted)| third::gaps_within(site, d, wanted));
        Self {
            site,
            optional: outer.dims.iter().zip(&outer.wanted).map(optional).collect(),
            gaps: gaps.collect(),
            outer,
            inner,
            local: vec![FxHashMap::default(); dims],
            found: vec![Vec::new(); dims],
        }
    }

    /// The numbers of the chains of a box and an inner part of one dimension.
    pub(crate) fn chains(&mut self, position: usize, boxed: u32, part: u32) -> Vec<u32> {
        let mut bank = (self.outer.bank.lock()).unwrap_or_else(PoisonError::into_inner);
        let global = bank.pair((position, boxed, part), || self.list(position, boxed, part));
        let (local, found) = (&mut self.local[position], &mut self.found[position]);
        global
            .iter()
            .map(|&number| {
                *local.entry(number).or_insert_with(|| {
                    found.push(bank.chain(position, number).clone());
                    u32::try_from(found.len() - 1).unwrap_or(u32::MAX)
                })
            })
            .collect()
    }

    /// The chains of a box and an inner part of one dimension.
    fn list(&self, position: usize, boxed: u32, part: u32) -> Vec<Chain> {
        let (outer, inner) = (self.outer, self.inner);
        let (optional, gaps) = (&self.optional[position], &self.gaps[position]);
        let watch = outer.watch();
        let site = self.site;
        let d = outer.dims[position];
        let window = LoopNest::window_of(d).is_some();
        let dealt = Dealt::possible(&site.hardware);
        let energy = !dealt.is_empty();
        let wanted = &outer.wanted[position];
        let fixed = wanted.fixes_outer(&outer.slots[position], outer.outer[position]);
        let (slots, above) = (&outer.slots[position], outer.outer[position]);
        let unused = site.first_unused(d);
        let dimension = Split {
            extent: site.extent(d),
            slots,
            outer: above,
            irregular: shares_depend_on_places(site, d) || (energy && window) || fixed,
            dealt: &dealt,
            optional,
            wanted,
            gaps,
            unused,
        };
        let outer_box = OuterBox {
            chain: outer.chains[position][boxed as usize].clone(),
            highest: outer.highest[position][boxed as usize].clone(),
        };
        let mut own = Vec::new();
        expand(
            &dimension,
            &outer_box,
            &inner.chains[position][part as usize],
            watch,
            &mut |chain| {
                if own.len() >= MOST_CHAINS {
                    watch.stop(Cause::Memory);
                    return;
                }
                own.push(chain);
            },
        );
        if energy && !dimension.irregular && gaps.is_empty() {
            let dimension = Dimension {
                site,
                d,
                optional,
                wanted,
            };
            own = undominated(&dimension, own, watch);
        }
        own
    }
}
