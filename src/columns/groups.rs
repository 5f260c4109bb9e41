//! The column groups of an operation: which dimensions, whole or in parts.

use std::sync::Arc;

use crate::engine::Watch;
use crate::problem::{Dim, LoopNest};
use crate::tiling::chain::{Chain, Spread};
use crate::tiling::chains::chains_within;
use crate::tiling::limits::{ColumnLimits, WholeChains};
use crate::tiling::site::Site;
use crate::tiling::symmetry;
use crate::tiling::tile_space::TileSpace;
use crate::tiling::wanted::Wanted;

use super::boxes::{BoxSpace, ChainBox};
use super::group::ColumnGroup;
use super::inner_parts::inner_parts;
use super::kinds::{INNER, OUTER, Refinement};
use super::outer_parts::outer_boxes;
use super::tuning::{MOST_INNER, MOST_WHOLE};

/// The dimension groups of an operation: windows first where they have anything to tile.
#[must_use]
pub fn dimension_groups(operation: &LoopNest) -> Vec<Vec<Dim>> {
    let mut groups: Vec<Vec<Dim>> = Vec::new();
    for d in Dim::ALL {
        match LoopNest::window_of(d) {
            None if operation.extents[d] > 1 => groups.push(vec![d]),
            Some(axis) if d == LoopNest::WINDOW_DIMS[axis].0 => {
                let (p, r) = LoopNest::WINDOW_DIMS[axis];
                if operation.extents[p] > 1 || operation.extents[r] > 1 {
                    groups.push(vec![p, r]);
                }
            }
            _ => {}
        }
    }
    groups
}

/// Whether a dimension is written out in whole chains.
fn is_whole(whole: WholeChains, site: &Site<'_>, d: Dim) -> bool {
    let extent = site.extent(d);
    extent <= whole.longest || (whole.most > 0 && about(site, d) <= whole.most)
}

/// Whether two choices of whole chains give different columns.
#[must_use]
pub fn differ(site: &Site<'_>, choices: [WholeChains; 2]) -> bool {
    let [a, b] = choices;
    Dim::ALL
        .into_iter()
        .any(|d| is_whole(a, site, d) != is_whole(b, site, d))
}

/// About how many chains a dimension has: those of its inner parts, times the extents above.
fn about(site: &Site<'_>, d: Dim) -> u64 {
    let extent = site.extent(d);
    let outer = u32::try_from(site.outer_slots(d)).unwrap_or(u32::MAX);
    // The outermost extents that are worth it number about 2·sqrt(extent); the others are all.
    let outermost = 2 * (extent.isqrt() + 1);
    let others = (extent / 2).saturating_pow(outer.saturating_sub(1));
    let above = outermost.saturating_mul(others);
    if above > 1_000_000 {
        return u64::MAX;
    }
    let limits = ColumnLimits {
        whole: WholeChains::ALL,
        most: MOST_INNER,
        watch: Watch::default(),
        fixed: Arc::default(),
        free_steps: false,
    };
    let inner = inner_parts(site, d, &limits);
    inner.map_or(u64::MAX, |parts| above.saturating_mul(parts.len() as u64))
}

/// All columns of an operation: every chain of every dimension, every pair of chains of a
/// window; long dimensions in two parts.
#[must_use]
pub fn all_columns(site: &Site<'_>, space: TileSpace, whole: WholeChains) -> Vec<ColumnGroup> {
    let limits = ColumnLimits {
        whole,
        most: usize::MAX,
        watch: Watch::default(),
        fixed: Arc::default(),
        free_steps: false,
    };
    columns_within(site, space, &limits).unwrap_or_default()
}

/// All columns of an operation; `None` if a group has more than it may have, or if it is time
/// to stop.
#[must_use]
pub fn columns_within(
    site: &Site<'_>,
    space: TileSpace,
    limits: &ColumnLimits,
) -> Option<Vec<ColumnGroup>> {
    let mut groups = Vec::new();
    for dims in dimension_groups(site.operation) {
        let long = dims
            .iter()
            .any(|&d| d != Dim::G && !is_whole(limits.whole, site, d));
        let parts = site.hardware.arrays().next().is_some() && symmetry::shares_all(&site.hardware);
        let boxes = || boxed_group(site, &dims, limits);
        if long
            && space == TileSpace::All
            && parts
            && limits.whole.boxes
            && !site.hardware.has_energy()
            && let Some(own) = boxes()
        {
            groups.push(own);
        } else if long && space == TileSpace::All && parts {
            groups.extend(split_group(site, &dims, limits)?);
        } else if space == TileSpace::All
            && parts
            && site.hardware.has_energy()
            && dims[0] != Dim::G
        {
            // Energy tells so many chains apart that even a short dimension may have too many.
            let short = ColumnLimits {
                most: limits.most.min(MOST_WHOLE),
                ..limits.clone()
            };
            match whole_group(site, dims.clone(), space, &short) {
                Some(own) => groups.push(own),
                None => groups.extend(split_group(site, &dims, limits)?),
            }
        } else {
            groups.push(whole_group(site, dims, space, limits)?);
        }
    }
    (!limits.watch.stopped()).then_some(groups)
}

fn whole_group(
    site: &Site<'_>,
    dims: Vec<Dim>,
    space: TileSpace,
    limits: &ColumnLimits,
) -> Option<ColumnGroup> {
    let own: Option<Vec<Arc<Vec<Chain>>>> = dims
        .iter()
        .map(|&d| chains_within(site, d, space, None, limits).map(Arc::new))
        .collect();
    let own = own?;
    let columns = pairs(site, &own, limits)?;
    let group = ColumnGroup::new(site, dims, own, columns);
    Some(group.watched(&limits.watch))
}

/// All columns again, with the chains of the dimensions in `kept` written out whole: those that
/// have no loop between the last slot above the first array and the first one below it. They are few.
#[must_use]
pub fn with_kept(site: &Site<'_>, limits: &ColumnLimits, kept: &[Dim]) -> Option<Vec<ColumnGroup>> {
    let all = columns_within(site, TileSpace::All, limits)?;
    let mut groups = Vec::new();
    for group in all {
        let output = group.dims[0];
        if group.is_whole() || !kept.contains(&output) {
            groups.push(group);
        } else if group.refinement() == Refinement::Expand {
            groups.push(kept_group(site, &group, kept, limits)?);
        }
    }
    Some(groups)
}

/// The whole chains of a group's dimensions, without the loop where it is in `kept`.
fn kept_group(
    site: &Site<'_>,
    group: &ColumnGroup,
    kept: &[Dim],
    limits: &ColumnLimits,
) -> Option<ColumnGroup> {
    let own: Option<Vec<Arc<Vec<Chain>>>> = group
        .dims
        .iter()
        .zip(&group.outer)
        .map(|(&d, &outer)| {
            let slot = kept.contains(&d).then(|| outer.saturating_sub(1));
            chains_within(site, d, TileSpace::All, slot, limits).map(Arc::new)
        })
        .collect();
    let own = own?;
    let columns = pairs(site, &own, limits)?;
    let kept = ColumnGroup::new(site, group.dims.clone(), own, columns);
    Some(kept.watched(&limits.watch))
}

/// A group of boxes, one for every way of spreading its dimensions.
fn boxed_group(site: &Site<'_>, dims: &[Dim], limits: &ColumnLimits) -> Option<ColumnGroup> {
    let spaces = dims.iter().map(|&d| BoxSpace::new(site, d));
    let spaces: Vec<BoxSpace> = spaces.collect();
    let roots = dims.iter().zip(&spaces);
    let roots = roots.map(|(&d, space)| space.roots(site, d, limits));
    let roots: Option<Vec<Vec<ChainBox>>> = roots.collect();
    let roots = roots?;
    let chains: Vec<Arc<Vec<Chain>>> = roots
        .iter()
        .map(|own| Arc::new(own.iter().map(|b| b.chain.clone()).collect()))
        .collect();
    let columns = pairs(site, &chains, limits)?;
    let group = ColumnGroup::new(site, dims.to_vec(), chains, Vec::new());
    let group = group.watched(&limits.watch).halved_by(spaces);
    Some(group.with_boxes(site, roots, columns))
}

/// The outer and the inner part of a group.
fn split_group(site: &Site<'_>, dims: &[Dim], limits: &ColumnLimits) -> Option<Vec<ColumnGroup>> {
    let boxes: Option<Vec<_>> = dims.iter().map(|&d| outer_boxes(site, d, limits)).collect();
    let boxes = boxes?;
    let highest = boxes
        .iter()
        .map(|own| own.iter().map(|b| b.highest.clone()).collect())
        .collect();
    let outer: Vec<Arc<Vec<Chain>>> = boxes
        .into_iter()
        .map(|own| Arc::new(own.into_iter().map(|b| b.chain).collect()))
        .collect();
    let inner: Option<Vec<Arc<Vec<Chain>>>> = dims
        .iter()
        .map(|&d| inner_parts(site, d, limits).map(Arc::new))
        .collect();
    let inner = inner?;
    let (outer_pairs, inner_pairs) = (pairs(site, &outer, limits)?, pairs(site, &inner, limits)?);
    let wanted: Vec<Wanted> = dims
        .iter()
        .map(|&d| Wanted::within(site, d, limits))
        .collect();
    let group = |chains, columns| {
        ColumnGroup::new(site, dims.to_vec(), chains, columns)
            .watched(&limits.watch)
            .wanting(wanted.clone())
    };
    Some(vec![
        group(outer, outer_pairs).into_part(OUTER, highest),
        group(inner, inner_pairs).into_part(INNER, Vec::new()),
    ])
}

/// All combinations of chains whose factors fit on the axes together; `None` where there are
/// too many, or if it is time to stop.
fn pairs(
    site: &Site<'_>,
    chains: &[Arc<Vec<Chain>>],
    limits: &ColumnLimits,
) -> Option<Vec<[u32; 2]>> {
    let index = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
    let Some(second) = chains.get(1) else {
        return Some((0..chains[0].len()).map(|i| [index(i), 0]).collect());
    };
    let mut all = Vec::new();
    for (i, a) in chains[0].iter().enumerate() {
        if limits.watch.stopped() {
            return None;
        }
        for (j, b) in second.iter().enumerate() {
            if fit_together(site, a, b) {
                all.push([index(i), index(j)]);
            }
        }
        if all.len() > limits.most {
            return None;
        }
    }
    Some(all)
}

/// \[PRU11\] Whether two chains' factors on a common axis fit on it.
pub(crate) fn fit_together(site: &Site<'_>, a: &Chain, b: &Chain) -> bool {
    let fits = |x: &Spread| {
        b.spread
            .iter()
            .filter(|y| (y.array, y.axis) == (x.array, x.axis))
            .all(|y| {
                let size = site
                    .hardware
                    .arrays()
                    .find(|(l, _)| *l == x.array)
                    .map_or(1, |(_, array)| array.axes[x.axis].size);
                x.factor * y.factor <= size
            })
    };
    !site.switches.axis_pairs || a.spread.iter().all(fits)
}
