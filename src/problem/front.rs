//! The Pareto front of a layer: the mappings of which no other one has both fewer cycles and less energy.

use super::graph::Pass;
use super::hardware::Hardware;
use super::mapping::Mapping;
use super::result::{Cost, SolverStatistics, Status};
use super::run::{Space, Work};

/// Energies that differ by less than this part are one.
pub const RELATIVE_GAP: f64 = 1e-6;

/// A mapping of one loop nest on a front, or the only way to do other work.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontPart {
    /// The phase of the layer, where it is computed phase by phase.
    pub phase: Option<[u64; 2]>,
    /// What it does.
    pub work: Work,
    /// The mapping; `None` for work without one.
    pub mapping: Option<Mapping>,
    /// Its exact cost.
    pub cost: Cost,
}

/// A point of a front.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontPoint {
    /// Cycles.
    pub cycles: u128,
    /// Energy in pJ.
    pub energy_pj: f64,
    /// Whether it is proved that no mapping has fewer cycles at no more energy, or less energy
    /// at no more cycles, energies to within a relative 1e-6.
    pub proved: bool,
    /// No mapping of at most this point's energy has fewer cycles.
    pub bound_cycles: u128,
    /// No mapping of at most this point's cycles has less energy.
    pub bound_energy_pj: f64,
    /// The mappings: one, or that of each phase.
    pub parts: Vec<FrontPart>,
}

/// What is known of the points that were not looked for any more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrontRest {
    /// They have at least so many cycles.
    pub bound_cycles: u128,
    /// They have at least so much energy.
    pub bound_energy_pj: f64,
}

/// The front of cycles and energy, from the fewest cycles to the least energy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    /// The points; of two neighbours the second has more cycles and less energy.
    pub points: Vec<FrontPoint>,
    /// What is known of further points of less energy than the last; `None` where it is proved
    /// that there are none.
    pub rest: Option<FrontRest>,
    /// Why there is no mapping, or why the search stopped.
    pub reason: Option<String>,
    /// Work of the solver.
    pub statistics: SolverStatistics,
}

/// The front of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontRow {
    /// Name of the layer.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// The part of the step to which it belongs.
    pub pass: Pass,
    /// Names of the layers that are applied to its output as it leaves the array.
    pub fused: Vec<String>,
    /// The earlier layer with the same work, whose front this is.
    pub same_as: Option<String>,
    /// The front.
    pub front: Front,
}

/// The fronts of a network's layers; each report format is written from it.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontResult {
    /// Name of the network.
    pub network: String,
    /// The hardware.
    pub hardware: Hardware,
    /// What was run: `inference`.
    pub mode: &'static str,
    /// Batch size.
    pub batch: u64,
    /// The mapping space over which the points are proved.
    pub space: Space,
    /// One row for each layer that is not fused into another, in execution order.
    pub layers: Vec<FrontRow>,
    /// Seconds of wall time.
    pub seconds: f64,
    /// What a reader must know of the numbers.
    pub notes: Vec<String>,
}

impl Front {
    /// Whether every point of the front is there and proved.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rest.is_none() && self.points.iter().all(|point| point.proved)
    }

    /// What was proved of the whole front.
    #[must_use]
    pub fn status(&self) -> Status {
        match (self.points.is_empty(), self.is_complete()) {
            (false, true) => Status::Optimal,
            (false, false) => Status::Feasible,
            (true, true) => Status::Infeasible,
            (true, false) => Status::Unknown,
        }
    }

    /// Adds a point of less energy; those that it dominates go.
    pub fn push(&mut self, point: FrontPoint) {
        self.points.retain(|known| known.cycles < point.cycles);
        self.points.push(point);
    }

    /// The front of doing one thing after the other: of all sums of two points those that no
    /// other sum dominates. It is complete where both are.
    #[must_use]
    pub fn plus(&self, other: &Front) -> Front {
        let pairs = self
            .points
            .iter()
            .flat_map(|a| other.points.iter().map(move |b| (a, b)));
        let mut sums: Vec<FrontPoint> = pairs.map(|(a, b)| a.plus(b)).collect();
        sums.sort_by(|a, b| (a.cycles.cmp(&b.cycles)).then(a.energy_pj.total_cmp(&b.energy_pj)));
        let rest = self.rest_of_sum(other);
        let proved = self.is_complete() && other.is_complete();
        let mut front = Front {
            rest,
            reason: self.reason.clone().or_else(|| other.reason.clone()),
            statistics: self.statistics.plus(&other.statistics),
            ..Front::default()
        };
        for mut sum in sums {
            let last = front.points.last();
            if last.is_none_or(|last| sum.energy_pj < last.energy_pj * (1.0 - RELATIVE_GAP)) {
                sum.proved = proved;
                front.points.push(sum);
            }
        }
        front
    }

    /// What is known of the sums that were not looked at, if any.
    fn rest_of_sum(&self, other: &Front) -> Option<FrontRest> {
        if self.rest.is_none() && other.rest.is_none() {
            return None;
        }
        let least = |front: &Front| {
            let rest = front
                .rest
                .iter()
                .map(|r| (r.bound_cycles, r.bound_energy_pj));
            let points = front
                .points
                .iter()
                .map(|p| (p.bound_cycles, p.bound_energy_pj));
            rest.chain(points)
                .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)))
                .unwrap_or((0, 0.0))
        };
        let (a, b) = (least(self), least(other));
        Some(FrontRest {
            bound_cycles: a.0 + b.0,
            bound_energy_pj: a.1 + b.1,
        })
    }
}

impl FrontPoint {
    /// One after the other.
    fn plus(&self, other: &FrontPoint) -> FrontPoint {
        FrontPoint {
            cycles: self.cycles + other.cycles,
            energy_pj: self.energy_pj + other.energy_pj,
            proved: self.proved && other.proved,
            bound_cycles: self.bound_cycles + other.bound_cycles,
            bound_energy_pj: self.bound_energy_pj + other.bound_energy_pj,
            parts: [self.parts.as_slice(), &other.parts].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(points: &[(u128, f64)]) -> Front {
        let point = |&(cycles, energy_pj): &(u128, f64)| FrontPoint {
            cycles,
            energy_pj,
            proved: true,
            bound_cycles: cycles,
            bound_energy_pj: energy_pj,
            parts: Vec::new(),
        };
        Front {
            points: points.iter().map(point).collect(),
            ..Front::default()
        }
    }

    fn pairs(front: &Front) -> Vec<(u128, f64)> {
        front
            .points
            .iter()
            .map(|p| (p.cycles, p.energy_pj))
            .collect()
    }

    #[test]
    fn of_all_sums_those_remain_that_none_dominates() {
        let (a, b) = (
            front(&[(1, 9.0), (4, 5.0), (9, 4.0)]),
            front(&[(2, 7.0), (3, 1.0)]),
        );
        // 3: 16; 4: 10; 6: 12; 7: 6; 11: 11; 12: 5.
        let sum = a.plus(&b);
        assert_eq!(pairs(&sum), [(3, 16.0), (4, 10.0), (7, 6.0), (12, 5.0)]);
        assert!(sum.is_complete());
        assert_eq!(sum.status(), Status::Optimal);
    }

    #[test]
    fn a_sum_is_complete_only_where_both_are() {
        let a = front(&[(1, 9.0)]);
        let mut b = front(&[(2, 7.0)]);
        b.rest = Some(FrontRest {
            bound_cycles: 3,
            bound_energy_pj: 2.0,
        });
        let sum = a.plus(&b);
        assert_eq!(sum.status(), Status::Feasible);
        assert!(!sum.points[0].proved);
        let rest = sum.rest.expect("a rest");
        assert_eq!(rest.bound_cycles, 3, "the least of either, added up");
        assert!((rest.bound_energy_pj - 11.0).abs() < 1e-12);
        let none = a.plus(&Front::default());
        assert_eq!(none.status(), Status::Infeasible);
    }

    #[test]
    fn a_point_removes_those_that_it_dominates() {
        let mut known = front(&[(5, 9.0), (7, 8.0)]);
        let more = front(&[(6, 7.0)]);
        known.push(more.points[0].clone());
        assert_eq!(pairs(&known), [(5, 9.0), (6, 7.0)]);
    }
}
