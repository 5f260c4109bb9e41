//! A bound on the time of every plan, however its operations are divided into stages, where bytes may cross the outer boundary before they are
//! needed and after they are made: what is ahead or behind lies in the memory meanwhile, and no more of it
//! than the memory holds.
//!
//! At each place between operations let $D$ be the bits that have come in ahead of their first use, less
//! those that are finished and have yet to go out: $-C \le D \le C$, and $D = 0$ at both ends. Nothing is
//! ahead of what the next operations of the schedule need first, or behind what the last ones finished, as many as
//! transfers may be away from their use. A stage whose
//! operations need $o$ bits for the first time, or finish them for good, moves at least $o + D' - D$. So it
//! takes at least $\max(c, (o + D' - D) / B)$ with $c$ the arithmetic of its operations, and a shortest path
//! over places and $D$ in steps bounds every plan.

use std::ops::Range;

use crate::problem::port::Direction;
use crate::problem::schedule::Schedule;

/// What an operation takes and moves at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    /// Units by itself.
    pub(super) alone: u128,
    /// Units as a part of a stage.
    pub(super) together: u128,
    /// Bits times slices of tensors from outside that it is the first to need.
    pub(super) inward: u128,
    /// Bits times slices of results that it finishes, that nothing touches later and that must go there.
    pub(super) outward: u128,
}

/// Steps of the memory's capacity in which $D$ is counted. A stage's bound is less by the time of one.
const LEVELS: u128 = 8_192;

/// Nothing leads there.
pub(super) const NOWHERE: u128 = u128::MAX;

/// A port that carries what operations need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Crossing {
    /// Bits times slices that the memory holds.
    capacity: u128,
    /// Whether bits come in through the port, and whether they go out.
    carries: [bool; 2],
    /// Units in which one passes.
    per_bit: u128,
    /// Stages or operations by themselves that a transfer may be away from its use.
    distance: usize,
}

impl Crossing {
    /// The bits of an operation that pass.
    fn of(self, need: &Need) -> u128 {
        let [inward, outward] = self.carries;
        let part = |passes: bool, bits: u128| if passes { bits } else { 0 };
        part(inward, need.inward) + part(outward, need.outward)
    }
}

/// Units that no plan takes fewer of, by the port of which that says most. `joins` are the first operations
/// and numbers of operations of all stages that may be; every operation may run by itself.
pub(super) fn of_ports(schedule: &Schedule, needs: &[Need], joins: &[(usize, usize)]) -> u128 {
    let ports = schedule.ports.iter().zip(schedule.units_per_bit());
    let crossings = ports.map(|(port, per_bit)| Crossing {
        capacity: u128::from(schedule.capacity.0) * 8 * u128::from(schedule.slices),
        carries: [Direction::Inward, Direction::Outward].map(|way| port.carries.contains(way)),
        per_bit,
        distance: schedule.ahead,
    });
    let bounds = crossings.map(|crossing| least(needs, joins, crossing));
    bounds.max().unwrap_or(0)
}

/// The same by one port.
fn least(needs: &[Need], joins: &[(usize, usize)], port: Crossing) -> u128 {
    let step = port.capacity.div_ceil(LEVELS).max(1);
    let [ahead, behind] = port
        .carries
        .map(|carries| if carries { port.capacity } else { 0 });
    let level = |bits: u128| usize::try_from(bits).unwrap_or(0);
    // Level `start + k` stands for all D from k to k + 1 steps, without the latter.
    let start = level(behind.div_ceil(step));
    let nowhere = vec![NOWHERE; start + level(ahead / step) + 1];
    let reach = Reach::of(needs.len(), joins, port.distance);
    // The levels that there are at a place.
    let there = |place: usize| {
        let inward = needs[place..reach.next[place]]
            .iter()
            .map(|need| need.inward);
        let outward = needs[reach.last[place]..place]
            .iter()
            .map(|need| need.outward);
        let most = (
            inward.sum::<u128>().min(ahead),
            outward.sum::<u128>().min(behind),
        );
        start - level(most.1.div_ceil(step))..start + level(most.0 / step) + 1
    };
    // Filled when a stage leads there: few are at a time.
    let mut best: Vec<Vec<u128>> = vec![Vec::new(); needs.len() + 1];
    best[0].clone_from(&nowhere);
    best[0][start] = 0;
    for place in 0..needs.len() {
        let mut from = std::mem::take(&mut best[place]);
        // Who is further ahead can be less far ahead in the same time.
        for level in there(place).skip(1).rev() {
            from[level - 1] = from[level - 1].min(from[level]);
        }
        let alone = std::iter::once((place, 1));
        let stages = joins.iter().copied().filter(|own| own.0 == place);
        for (_, number) in alone.chain(stages) {
            let Some(own) = needs.get(place..place + number) else {
                continue;
            };
            let units = match own {
                [one] => one.alone,
                all => all.iter().map(|need| need.together).sum(),
            };
            let moved = own.iter().map(|need| port.of(need)).sum();
            let to = &mut best[place + number];
            if to.is_empty() {
                to.clone_from(&nowhere);
            }
            let (to, end) = (&mut to[..], there(place + number));
            let own = (&from[..], there(place));
            extend(own, (units, moved), (step, port.per_bit), (to, end));
        }
    }
    let last = best.pop().unwrap_or_default();
    // Nothing is ahead or behind at the end; less ahead is what the steps make of that.
    last.iter().skip(start).copied().min().unwrap_or(0)
}

/// How far from each place what is ahead is needed, and what is behind was finished.
pub(super) struct Reach {
    /// The place up to which what is ahead may be needed.
    pub(super) next: Vec<usize>,
    /// The place from which on what is behind may have been finished.
    pub(super) last: Vec<usize>,
}

impl Reach {
    /// So many stages or operations away at most.
    pub(super) fn of(count: usize, joins: &[(usize, usize)], distance: usize) -> Self {
        // One stage away, and none.
        let mut one = Self {
            next: (0..=count).map(|place| (place + 1).min(count)).collect(),
            last: (0..=count).map(|place| place.saturating_sub(1)).collect(),
        };
        for &(first, number) in joins.iter().filter(|own| own.0 + own.1 <= count) {
            let end = first + number;
            one.next[first] = one.next[first].max(end);
            one.last[end] = one.last[end].min(first);
        }
        let mut reach = Self {
            next: (0..=count).collect(),
            last: (0..=count).collect(),
        };
        for _ in 0..distance.min(count) {
            // A stage may begin at any place up to there.
            let next =
                (0..=count).map(|place| (place..=reach.next[place]).map(|p| one.next[p]).max());
            let last =
                (0..=count).map(|place| (reach.last[place]..=place).map(|p| one.last[p]).min());
            reach = Self {
                next: next.map(|own| own.unwrap_or(count)).collect(),
                last: last.map(|own| own.unwrap_or(0)).collect(),
            };
        }
        reach
    }
}

/// Extends all that leads to a place by a stage of so many units that needs so many bits, to the levels
/// that there are at another one. `from` does not fall with the level.
pub(super) fn extend(
    (from, levels): (&[u128], Range<usize>),
    (units, moved): (u128, u128),
    (step, per_bit): (u128, u128),
    (to, there): (&mut [u128], Range<usize>),
) {
    // Bits that a stage moves from one level to another at least: from the largest D of the one to the least
    // of the other.
    let bits = |before: usize, after: usize| -> u128 {
        let less = (before as u128 + 1) * step - 1;
        (moved + after as u128 * step).saturating_sub(less)
    };
    // Levels before `first` are so low that the port decides; of those the least sum of what leads there and
    // the port's time, both counted from the lowest level.
    let mut first = levels.start;
    let mut lowest: Option<(u128, usize)> = None;
    for after in there {
        let to = &mut to[after];
        while first < levels.end && bits(first, after) * per_bit > units {
            let own = from[first];
            let counted = own.saturating_add((levels.end - first) as u128 * step * per_bit);
            if own != NOWHERE && lowest.is_none_or(|low| counted < low.0) {
                lowest = Some((counted, first));
            }
            first += 1;
        }
        if first < levels.end && from[first] != NOWHERE {
            *to = (*to).min(from[first] + units);
        }
        if let Some((_, before)) = lowest {
            *to = (*to).min(from[before] + (bits(before, after) * per_bit).max(units));
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// The operations in so many stages from a place on, or up to it.
    fn within(
        joins: &[(usize, usize)],
        (place, count): (usize, usize),
        distance: usize,
        forward: bool,
    ) -> Vec<usize> {
        if distance == 0 {
            return Vec::new();
        }
        let alone = (0..count).map(|own| (own, 1));
        let all = alone.chain(joins.iter().copied());
        let all = all.filter(|own| own.0 + own.1 <= count);
        let mut found = Vec::new();
        for (first, number) in all {
            let (begin, end) = (first, first + number);
            let (here, there) = if forward { (begin, end) } else { (end, begin) };
            if here == place {
                found.extend(begin..end);
                found.extend(within(joins, (there, count), distance - 1, forward));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The least time by trying every division and every whole D.
    fn searched(needs: &[Need], joins: &[(usize, usize)], port: Crossing) -> u128 {
        fn rest(
            (needs, joins, port): (&[Need], &[(usize, usize)], Crossing),
            place: usize,
            before: i128,
        ) -> u128 {
            if place == needs.len() {
                return if before == 0 { 0 } else { NOWHERE };
            }
            let own = std::iter::once((place, 1)).chain(joins.iter().copied());
            let own = own.filter(|own| own.0 == place && own.0 + own.1 <= needs.len());
            let capacity = i128::try_from(port.capacity).expect("small");
            let mut best = NOWHERE;
            for (_, number) in own {
                let part = &needs[place..place + number];
                let units: u128 = match part {
                    [one] => one.alone,
                    all => all.iter().map(|need| need.together).sum(),
                };
                let moved: u128 = part.iter().map(|need| port.of(need)).sum();
                let end = place + number;
                let of = |all: Vec<usize>, bits: &dyn Fn(&Need) -> u128| -> i128 {
                    let sum: u128 = all.iter().map(|&own| bits(&needs[own])).sum();
                    i128::try_from(sum).expect("small").min(capacity)
                };
                let next = of(
                    within(joins, (end, needs.len()), port.distance, true),
                    &|n| n.inward,
                );
                let last = of(
                    within(joins, (end, needs.len()), port.distance, false),
                    &|n| n.outward,
                );
                let lowest = if port.carries[1] { -last } else { 0 };
                let highest = if port.carries[0] { next } else { 0 };
                for after in lowest..=highest {
                    let bits = i128::try_from(moved).expect("small") + after - before;
                    let bits = u128::try_from(bits).unwrap_or(0);
                    let left = rest((needs, joins, port), place + number, after);
                    let own = left.saturating_add(units.max(bits * port.per_bit));
                    best = best.min(own);
                }
            }
            best
        }
        rest((needs, joins, port), 0, 0)
    }

    #[test]
    fn the_path_is_the_least_of_all_divisions() {
        let mut rng = ChaCha8Rng::seed_from_u64(29);
        let mut ahead = 0;
        for case in 0..1_500 {
            let count = rng.random_range(1..5);
            let needs: Vec<Need> = (0..count)
                .map(|_| {
                    let together = rng.random_range(0..12);
                    Need {
                        alone: together + rng.random_range(0..3),
                        together,
                        inward: rng.random_range(0..9),
                        outward: rng.random_range(0..4),
                    }
                })
                .collect();
            let joins: Vec<(usize, usize)> = (0..count)
                .flat_map(|first| (2..=3).map(move |number| (first, number)))
                .filter(|_| rng.random_bool(0.4))
                .collect();
            let port = Crossing {
                capacity: rng.random_range(0..6),
                carries: [rng.random_bool(0.8), rng.random_bool(0.5)],
                per_bit: rng.random_range(1..4),
                distance: rng.random_range(0..3),
            };
            let (found, all) = (least(&needs, &joins, port), searched(&needs, &joins, port));
            // Steps are of one bit here, so that nothing is lost.
            assert_eq!(found, all, "{case}: {needs:?} {joins:?} {port:?}");
            let still = Crossing {
                capacity: 0,
                ..port
            };
            ahead += usize::from(all < searched(&needs, &joins, still));
        }
        assert!(ahead > 50, "{ahead}");
    }

    #[test]
    fn coarse_steps_are_below_fine_ones() {
        let mut rng = ChaCha8Rng::seed_from_u64(30);
        for case in 0..50 {
            let needs: Vec<Need> = (0..6)
                .map(|_| {
                    let together = rng.random_range(0..200_000_u128);
                    Need {
                        alone: together,
                        together,
                        inward: rng.random_range(0..200_000),
                        outward: rng.random_range(0..20_000),
                    }
                })
                .collect();
            let port = Crossing {
                capacity: rng.random_range(1..100_000),
                carries: [true, rng.random_bool(0.5)],
                per_bit: 1,
                distance: 6,
            };
            let joins = [(1, 2), (2, 3)];
            let found = least(&needs, &joins, port);
            let units: u128 = needs.iter().map(|need| need.together).sum();
            let moved: u128 = needs.iter().map(|need| port.of(need)).sum();
            // Never below both sums, by more than what the steps lose, nor above one after the other.
            let lost = 6 * port.capacity.div_ceil(LEVELS);
            assert!(found + lost >= units.max(moved), "{case}");
            assert!(found <= units + moved, "{case}");
        }
    }
}
