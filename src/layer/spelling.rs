//! Names of exported programs, read back: the class and the chains that `names` wrote down.

use crate::classes::class::Class;
use crate::classes::roots::roots;
use crate::classes::split::split;
use crate::problem::{Dim, Hardware, LoopNest};
use crate::tiling::chain::Chain;
use crate::tiling::chain::Spread;
use crate::tiling::chain::ThirdCut;
use crate::tiling::slot::{Slot, slots_of};

use super::names::{self, AxisName};

/// The class of this name; `None` if the operation has none on this hardware.
#[must_use]
pub fn class(operation: &LoopNest, hardware: &Hardware, name: &str) -> Option<Class> {
    let order = name.split('_').next().unwrap_or_default();
    let mut open = roots(operation, hardware);
    while let Some(next) = open.pop() {
        if !leads_to(hardware, &next, order) {
            continue;
        }
        match split(operation, hardware, &next) {
            Some(parts) => open.extend(parts),
            None if names::class(hardware, &next) == name => return Some(next),
            None => {}
        }
    }
    None
}

/// Whether the nodes of the memories decided so far stand in the order that a name spells.
fn leads_to(hardware: &Hardware, class: &Class, order: &str) -> bool {
    let own: Vec<String> = (class.order.iter())
        .map(|n| names::node(hardware, *n))
        .collect();
    let several = hardware.memories().count() > 2;
    let decided = |node: &str| {
        let level = node[1..].parse().ok();
        !several || level.is_some_and(|l| class.decided.contains(&l))
    };
    let named = nodes(order).into_iter().filter(|n| decided(n));
    named.eq(own.iter().map(String::as_str))
}

/// A name's nodes: `I1W1O3` has three.
fn nodes(order: &str) -> Vec<&str> {
    let starts = order.char_indices().filter(|c| c.1.is_ascii_uppercase());
    let mut starts: Vec<usize> = starts.map(|c| c.0).collect();
    starts.push(order.len());
    starts.windows(2).map(|w| &order[w[0]..w[1]]).collect()
}

/// The chains of a group's dimensions that a column's name spells; `None` if it is no column of
/// these dimensions: a tile that is larger than the one around it, an axis that is too short.
#[must_use]
pub fn chains(
    operation: &LoopNest,
    hardware: &Hardware,
    dims: &[Dim],
    name: &str,
) -> Option<Vec<Chain>> {
    let axes = names::axes(hardware);
    let mut rest = name;
    let mut chains = Vec::with_capacity(dims.len());
    for (i, &d) in dims.iter().enumerate() {
        if i > 0 {
            rest = rest.strip_prefix('_')?;
        }
        rest = rest.strip_prefix(d.name())?;
        let slots = slots_of(operation, hardware, d);
        let mut reader = Reader {
            hardware,
            axes: &axes,
            slots: &slots,
            rest,
        };
        let mut chain = reader.chain()?;
        rest = reader.rest;
        is_plausible(&chain, operation.extents[d]).then_some(())?;
        chain.recount(&slots, operation.extents[d]);
        chains.push(chain);
    }
    rest.is_empty().then_some(chains)
}

/// Reads the part of a column's name that belongs to one dimension.
struct Reader<'h, 'a> {
    hardware: &'h Hardware,
    axes: &'h [AxisName],
    slots: &'h [Slot],
    rest: &'a str,
}

impl<'a> Reader<'_, 'a> {
    fn chain(&mut self) -> Option<Chain> {
        let mut chain = Chain {
            spread: smallvec::SmallVec::new(),
            extents: smallvec::SmallVec::new(),
            third: None,
            counts: self.slots.iter().map(|_| 0).collect(),
            steps: 0,
        };
        for slot in self.slots {
            let extent = if slot.level < self.hardware.levels.len() {
                let (extent, rest) = number(self.rest.strip_prefix('_')?)?;
                self.rest = rest;
                extent
            } else {
                1
            };
            chain.extents.push(extent);
        }
        if let Some((third, rest)) = third(self.rest) {
            (third.gap <= self.slots.len()).then_some(())?;
            chain.third = Some(third);
            self.rest = rest;
        }
        while let Some((spread, rest)) = self.spread() {
            chain.spread.push(spread);
            self.rest = rest;
        }
        Some(chain)
    }

    /// The next factor over an axis, if one comes next.
    fn spread(&self) -> Option<(Spread, &'a str)> {
        let rest: &'a str = self.rest.strip_prefix('_')?;
        self.axes.iter().find_map(|own| {
            let (factor, rest) = number(rest.strip_prefix(own.name.as_str())?)?;
            let ends = rest.is_empty() || rest.starts_with('_');
            let size = self
                .hardware
                .arrays()
                .find(|(level, _)| *level == own.array)
                .map_or(0, |(_, array)| array.axes[own.axis].size);
            let spread = Spread {
                array: own.array,
                axis: own.axis,
                factor,
            };
            (ends && (1..=size).contains(&factor)).then_some((spread, rest))
        })
    }
}

/// `_cut1x4` at the beginning of a text.
fn third(text: &str) -> Option<(ThirdCut, &str)> {
    let (gap, rest) = number(text.strip_prefix("_cut")?)?;
    let (extent, rest) = number(rest.strip_prefix('x')?)?;
    let gap = usize::try_from(gap).ok()?;
    (extent > 0).then_some((ThirdCut { gap, extent }, rest))
}

/// The number at the beginning of a text, and what comes after it.
fn number(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// Whether its tiles are no larger than the dimension; how they nest is for the evaluation to say.
fn is_plausible(chain: &Chain, extent: u64) -> bool {
    let cuts = chain
        .extents
        .iter()
        .chain(chain.third.iter().map(|t| &t.extent));
    let mut own = cuts.copied();
    own.all(|e| (1..=extent).contains(&e))
}
