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
use super::tuning::MOST_CHAINS;

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
        let apart = dimension.irregular || !gaps.is_empty();
        if site.switches.part_dominance && energy && !apart {
            // [PRU15]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::groups::all_columns;
    use crate::problem::{
        AccessEnergy, Array, Axis, DimSet, Hardware, Level, Memory, Overlap, PerDim, Ports,
        Precision, RoleSet, Tiles, Window,
    };
    use crate::tiling::Switches;
    use crate::tiling::limits::WholeChains;
    use crate::tiling::receivers::{no_more, receivers};
    use crate::tiling::tile_space::TileSpace;

    /// A buffer above an axis of elements with registers, where energy counts.
    fn hardware() -> Hardware {
        let memory = |name: &str, tiles| {
            Level::Memory(Memory {
                name: name.to_owned(),
                capacity: None,
                ports: Ports::Shared(None),
                energy: AccessEnergy {
                    read_pj_per_byte: Some(1.0),
                    write_pj_per_byte: Some(1.0),
                },
                holds: RoleSet::ALL,
                bypass: RoleSet::NONE,
                overlap: Overlap::Ideal,
                tiles,
                sliding_reuse: false,
                alignment: Memory::DEFAULT_ALIGNMENT,
            })
        };
        let axis = Axis {
            name: "row".to_owned(),
            size: 4,
            dims: DimSet::of(&[Dim::K]),
            multicast: true,
            reduce: true,
        };
        Hardware {
            name: "parts".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![
                memory("dram", Tiles::PerOperand),
                memory("sram", Tiles::PerOperand),
                Level::Array(Array {
                    name: "pe".to_owned(),
                    axes: vec![axis],
                    split_dims: false,
                }),
                memory("registers", Tiles::Shared),
            ],
            energy_pj_per_mac: Some(0.2),
            static_pj_per_cycle: None,
            vector_lanes: None,
            dataflow: Vec::new(),
        }
    }

    /// The chains of every pair of parts.
    fn lists(nest: &LoopNest, switches: Switches) -> Vec<Vec<Chain>> {
        let site = Site::new(nest, &hardware()).with(switches);
        let whole = WholeChains {
            longest: 2,
            most: 0,
            boxes: false,
        };
        let groups = all_columns(&site, TileSpace::All, whole);
        let [outer, inner] = groups.as_slice() else {
            panic!("two parts, not {}", groups.len());
        };
        let expander = Expander::new(&site, outer, inner);
        let pairs =
            (outer.columns.iter()).flat_map(|o| inner.columns.iter().map(move |i| (o[0], i[0])));
        pairs.map(|(o, i)| expander.list(0, o, i)).collect()
    }

    #[test]
    fn part_dominance_leaves_a_chain_that_is_nowhere_larger() {
        let mut extents = PerDim::all(1);
        // Longer than what is cut a third time.
        extents[Dim::K] = 13;
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 8,
        };
        let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision);
        let hardware = hardware();
        let site = Site::new(&nest, &hardware);
        let slots = site.slots(Dim::K);
        let way = Dealt::possible(&hardware)[0];
        let elements = |c: &Chain| receivers(c, slots, 13, way).expect("one axis");
        let no_larger = |a: &Chain, b: &Chain| {
            let extents = a.extents.iter().zip(&b.extents).all(|(x, y)| x <= y);
            let counts = a.counts.iter().zip(&b.counts).all(|(x, y)| x <= y);
            extents && counts && a.steps <= b.steps && no_more(&elements(a), &elements(b))
        };
        let alone = Switches {
            part_dominance: true,
            ..Switches::NONE
        };
        let (kept, all) = (lists(&nest, alone), lists(&nest, Switches::NONE));
        let mut left_out = 0;
        for (kept, all) in kept.iter().zip(&all) {
            for one in all {
                assert!(kept.iter().any(|own| no_larger(own, one)), "{one:?}");
            }
            left_out += all.len() - kept.len();
        }
        assert!(left_out > 0, "nothing was left out");
    }
}
