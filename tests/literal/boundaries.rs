//! The boundaries of a nest: between the nodes of each operand, and above the multiply-accumulates.

use deepmatrix::problem::{Dim, Hardware, Level, LoopNest, PerDim, Role};

use super::events::{Event, Loops, Spread, above, first_pieces};
use super::feed::{Boundary, Element, Keeping};
use super::parse::{Item, Nest};

/// A nest with all that is needed to find its boundaries.
pub struct View<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The accelerator.
    pub hardware: &'a Hardware,
    /// The nest.
    pub nest: &'a Nest,
    /// Its spreads.
    pub spreads: &'a [Spread],
    /// Its loops.
    pub loops: &'a Loops,
}

impl View<'_> {
    /// Position and level of the nodes of an operand, outermost first.
    pub fn nodes(&self, role: Role) -> Vec<(usize, usize)> {
        let items = self.nest.items.iter().enumerate();
        let nodes = items.filter_map(|(i, item)| match item {
            Item::Keep { level, role: r, .. } if *r == role => Some((i, *level)),
            _ => None,
        });
        nodes.collect()
    }

    /// For each node of an operand from the outermost to the one at this position, or to the
    /// multiply-accumulate, the number of loops above and the level.
    fn stops(&self, role: Role, position: Option<usize>) -> Vec<(usize, usize)> {
        let last = position.unwrap_or(usize::MAX);
        let nodes = self.nodes(role).into_iter().filter(|n| n.0 <= last);
        let nodes = nodes.map(|(at, level)| (self.loops.before[at], level));
        let end = (self.loops.all.len(), usize::MAX);
        nodes.chain(position.is_none().then_some(end)).collect()
    }

    /// The boundary above the node at this position.
    ///
    /// # Errors
    /// A loop that does not cut the tile of every element alike.
    pub fn node(
        &self,
        role: Role,
        position: usize,
        parent: usize,
        level: usize,
    ) -> Result<Boundary, String> {
        let until = self.loops.before[position];
        let loops = &self.loops.all[..until];
        // "The first relevant loop with more than one trip ends the reuse": no other loop is printed.
        let relevant = |l: &(Dim, u64)| self.operation.is_relevant(role, l.0);
        let last = loops.iter().rposition(relevant);
        let slides = last.is_some_and(|last| self.slides(position, last, loops[last].0, parent));
        let keeping = Keeping::Tile {
            loops: last.map_or(0, |last| last + 1),
            slides,
        };
        self.feed(role, Some(position), [parent, level], keeping)
    }

    /// The boundary between the innermost memory of an operand and the multiply-accumulates.
    ///
    /// # Errors
    /// A loop that does not cut the tile of every element alike.
    pub fn compute(&self, role: Role, parent: usize) -> Result<Boundary, String> {
        let arrays = self.hardware.arrays().map(|(level, _)| level);
        let keeping = match arrays.max() {
            Some(array) if parent > array => Keeping::Registers,
            _ => Keeping::Steps,
        };
        self.feed(role, None, [parent, usize::MAX], keeping)
    }

    /// Whether the node keeps what its tile shares with the tile before along `d`, the loop
    /// number `last`: "with R whole inside the tile", "only along a loop below its parent's node",
    /// "O's register node above I's ends I's sliding", and below an array "only if no array between it and its parent spreads P or R".
    fn slides(&self, position: usize, last: usize, d: Dim, parent: usize) -> bool {
        let Item::Keep {
            level, role, slide, ..
        } = &self.nest.items[position]
        else {
            return false;
        };
        let Some(axis) = LoopNest::window_of(d).filter(|_| *slide == Some(d)) else {
            return false;
        };
        let (output, tap) = LoopNest::WINDOW_DIMS[axis];
        let window = [output, tap];
        let above = &self.loops.all[..self.loops.before[position]];
        // Whole in the tiles of all elements together: of arrays those between the two memories count.
        let whole = above.iter().all(|l| l.0 != tap);
        let between = |s: &Spread| s.level > parent && s.level < *level;
        let spread = (self.spreads.iter()).any(|s| between(s) && window.contains(&s.dim));
        let nodes = self.nodes(*role);
        let parents = nodes.iter().find(|n| n.1 == parent);
        let above_parent = parents.map_or(0, |n| self.loops.before[n.0]);
        let mut items = self.nest.items[..position].iter();
        let below_output = items.any(|item| {
            matches!(item, Item::Keep { level: l, role: Role::Output, .. }
                if l > level && self.hardware.instances(*l) > 1)
        });
        let memory = self.hardware.memory(*level);
        d == output
            && !below_output
            && window.iter().all(|&d| self.operation.is_relevant(*role, d))
            && memory.is_some_and(|m| m.sliding_reuse)
            && whole
            && !spread
            && last >= above_parent
    }

    fn feed(
        &self,
        role: Role,
        position: Option<usize>,
        [parent, level]: [usize; 2],
        keeping: Keeping,
    ) -> Result<Boundary, String> {
        let stops = self.stops(role, position);
        let until = stops.last().map_or(0, |s| s.0);
        let (operation, spreads, loops) = (self.operation, self.spreads, self.loops);
        Ok(Boundary {
            role,
            parent,
            level,
            events: above(operation, spreads, loops, role, &stops)?,
            first: first_pieces(operation, spreads, loops, role, (until, level)),
            keeping,
        })
    }

    /// The elements between two levels, below element 0 of the outer one.
    pub fn elements(&self, feed: &Boundary) -> Vec<Element> {
        let (parent, level) = (feed.parent, feed.level);
        let mut dealt = PerDim::all(0);
        for event in feed.events.iter().chain(&feed.first) {
            if let Event::Deal { dim, .. } = event {
                dealt[*dim] += 1;
            }
        }
        let start = Element {
            blocks: std::array::from_fn(|_| vec![0]),
            group: 0,
        };
        let mut all = vec![start];
        let mut seen = PerDim::all(0);
        for spread in self.spreads {
            let d = spread.dim as usize;
            seen[spread.dim] += 1;
            if seen[spread.dim] > dealt[spread.dim] {
                continue;
            }
            let factor = usize::try_from(spread.factor).expect("a small array");
            let multicast = match &self.hardware.levels[spread.level] {
                Level::Array(array) => array.axes[spread.axis].multicast,
                Level::Memory(_) => true,
            };
            let digits: Vec<Vec<usize>> = if spread.level < parent {
                vec![vec![0]]
            } else if spread.level > level {
                vec![(0..factor).collect()]
            } else {
                (0..factor).map(|i| vec![i]).collect()
            };
            all = all
                .iter()
                .flat_map(|e| digits.iter().map(move |digit| (e, digit)))
                .map(|(element, digit)| {
                    let mut next = element.clone();
                    let blocks = element.blocks[d].iter();
                    next.blocks[d] = blocks
                        .flat_map(|b| digit.iter().map(move |i| b * factor + i))
                        .collect();
                    next.group = element.group * factor + if multicast { 0 } else { digit[0] };
                    next
                })
                .collect();
        }
        all
    }

    /// A printed tile is what the loops below the node touch: the largest share of an element.
    pub fn check_tiles(&self) -> Result<(), String> {
        for (position, item) in self.nest.items.iter().enumerate() {
            let Item::Keep {
                level, role, tile, ..
            } = item
            else {
                continue;
            };
            let mut share = self.operation.extents;
            let mut spread = PerDim::all(1);
            let stops = self.stops(*role, Some(position));
            let (operation, spreads) = (self.operation, self.spreads);
            for event in above(operation, spreads, self.loops, *role, &stops)? {
                match event {
                    Event::Cut { dim, step } | Event::First { dim, step } => {
                        share[dim] = share[dim].min(step);
                    }
                    Event::Deal { dim, factor } => {
                        share[dim] = share[dim].div_ceil(factor);
                        spread[dim] *= factor;
                    }
                }
            }
            for d in Dim::ALL {
                if self.operation.is_relevant(*role, d) && spread[d] == 1 && share[d] != tile[d] {
                    return Err(format!(
                        "level {level} keeps {role}: {d} {} is touched",
                        share[d]
                    ));
                }
                if self.operation.is_relevant(*role, d) && share[d] > tile[d] {
                    return Err(format!(
                        "level {level} keeps {role}: {d} {} is touched",
                        share[d]
                    ));
                }
            }
        }
        Ok(())
    }
}
