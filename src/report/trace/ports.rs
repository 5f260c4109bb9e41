//! When within an operation its transfers pass through the outer port: one after the other, what it stores
//! itself at its end.

use super::transfers::{Track, Transfer};
use crate::problem::plan::MemoryPlan;
use crate::problem::port::Direction;

/// The outer ports of a plan: where one carries both directions, transfers of both take turns.
pub(super) struct OuterPorts {
    /// Units of a bit of a slice, inward and outward.
    units: [u128; 2],
    shared: bool,
}

/// A transfer with the units from which to which it lasts.
pub(super) struct Placed<'a> {
    pub(super) transfer: &'a Transfer,
    pub(super) units: [u128; 2],
}

impl OuterPorts {
    pub(super) fn of(plan: &MemoryPlan) -> Self {
        let schedule = &plan.schedule;
        let own: Vec<_> = (schedule.ports.iter().zip(schedule.units_per_bit()))
            .filter(|(port, _)| port.outer)
            .collect();
        let ways = [Direction::Inward, Direction::Outward];
        let units = ways.map(|way| {
            let carrying = own.iter().filter(|(port, _)| port.carries.contains(way));
            carrying.map(|(_, units)| *units).max().unwrap_or(0)
        });
        let both = |(port, _): &(_, _)| {
            let port: &&crate::problem::port::Port = port;
            ways.into_iter().all(|way| port.carries.contains(way))
        };
        Self {
            units,
            shared: own.iter().any(both),
        }
    }

    /// The transfers of an operation that runs from one unit to another.
    pub(super) fn place<'a>(
        &self,
        transfers: &'a [Transfer],
        [start, end]: [u128; 2],
    ) -> Vec<Placed<'a>> {
        let length = |own: &Transfer| own.bits * self.units[way(own.track)];
        let stored = transfers.iter().filter(|own| own.track == Track::Store);
        let stored: u128 = stored.map(length).sum();
        let mut free = [start; 2];
        let placed = transfers.iter().map(|transfer| {
            let port = if self.shared { 0 } else { way(transfer.track) };
            if transfer.track == Track::Store {
                // All that is stored, to the end; the first of it moves what is free there once.
                free[port] = free[port].max(end.saturating_sub(stored));
            }
            let from = free[port];
            free[port] += length(transfer);
            Placed {
                transfer,
                units: [from, free[port]],
            }
        });
        placed.collect()
    }
}

/// The place of a track's direction among the units.
fn way(track: Track) -> usize {
    usize::from(track.direction() == Direction::Outward)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From when to when 3, 4, 5 and 6 bits of the four tracks pass between 100 and 200 units.
    fn placed(ports: &OuterPorts) -> Vec<[u128; 2]> {
        let transfers: Vec<Transfer> = (3..)
            .zip(Track::ALL)
            .map(|(bits, track)| Transfer {
                track,
                tensor: None,
                how: "kept",
                bits,
            })
            .collect();
        let all = ports.place(&transfers, [100, 200]);
        all.iter().map(|own| own.units).collect()
    }

    #[test]
    fn transfers_of_a_shared_port_take_turns_and_stores_come_last() {
        let shared = OuterPorts {
            units: [2, 2],
            shared: true,
        };
        let expected = [[100, 106], [106, 114], [114, 124], [188, 200]];
        assert_eq!(placed(&shared), expected);
    }

    #[test]
    fn separate_ports_work_at_the_same_time() {
        let separate = OuterPorts {
            units: [2, 10],
            shared: false,
        };
        let expected = [[100, 130], [100, 108], [108, 118], [140, 200]];
        assert_eq!(placed(&separate), expected);
    }
}
