//! The Pareto front of a layer: the mappings of which no other one has both fewer cycles and less energy.

use super::certificate::{Amount, Certificate, Evidence, FalseBound, Skipped};
use super::goal::Measure;
use super::graph::Pass;
use super::hardware::Hardware;
use super::mapping::Mapping;
use super::phases::PhaseIndex;
use super::result::{Cost, SolverStatistics, Status};
use super::row::Work;
use super::space::Space;

/// Energies that differ by less than this part are one.
pub const RELATIVE_GAP: f64 = 1e-6;

/// A mapping of one loop nest on a front, or the only way to do other work.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontPart {
    /// The phase of the layer, where it is computed phase by phase.
    pub phase: Option<PhaseIndex>,
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
    /// What proves that no mapping has fewer cycles at no more energy, or less energy at no more
    /// cycles.
    pub certificate: Certificate,
    /// No mapping of at most this point's energy has fewer cycles.
    pub bound_cycles: u128,
    /// No mapping of at most this point's cycles has less energy.
    pub bound_energy_pj: f64,
    /// The mappings: one, or that of each phase.
    pub parts: Vec<FrontPart>,
}

/// What is known of the points that were not looked for any more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrontRest {
    /// They have at least so many cycles.
    pub bound_cycles: u128,
    /// They have at least so much energy.
    pub bound_energy_pj: f64,
}

/// What is known of points of less energy than the last one.
#[derive(Clone, Debug, PartialEq)]
pub enum FrontEnd {
    /// That there are none, as far as the certificate proves it.
    Closed(Certificate),
    /// Where they would lie.
    Open(FrontRest),
}

impl Default for FrontEnd {
    /// Nothing is known.
    fn default() -> Self {
        FrontEnd::Open(FrontRest::default())
    }
}

/// The front of cycles and energy, from the fewest cycles to the least energy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    /// The points; of two neighbours the second has more cycles and less energy.
    pub points: Vec<FrontPoint>,
    /// What is known of further points.
    pub end: FrontEnd,
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
        self.rest().is_none() && self.points.iter().all(FrontPoint::is_proved)
    }

    /// What is known of further points of less energy than the last; `None` where it is proved
    /// that there are none.
    #[must_use]
    pub fn rest(&self) -> Option<FrontRest> {
        match &self.end {
            FrontEnd::Closed(end) if end.status() == Status::Infeasible => None,
            FrontEnd::Closed(_) => Some(FrontRest::default()),
            FrontEnd::Open(rest) => Some(*rest),
        }
    }

    /// What was proved of the whole front.
    #[must_use]
    pub fn status(&self) -> Status {
        match (self.points.first(), &self.end, self.is_complete()) {
            (Some(first), _, true) => first.certificate.status(),
            (None, FrontEnd::Closed(end), true) => end.status(),
            (Some(_), _, _) => Status::Feasible,
            (None, ..) => Status::Unknown,
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
        let proved = self.is_complete() && other.is_complete();
        let mut sums: Vec<FrontPoint> = pairs.map(|(a, b)| a.plus(b, proved)).collect();
        sums.sort_by(|a, b| (a.cycles.cmp(&b.cycles)).then(a.energy_pj.total_cmp(&b.energy_pj)));
        let mut front = Front {
            end: self.end_of_sum(other),
            reason: self.reason.clone().or_else(|| other.reason.clone()),
            statistics: self.statistics.plus(&other.statistics),
            ..Front::default()
        };
        for sum in sums {
            let last = front.points.last();
            if last.is_none_or(|last| sum.energy_pj < last.energy_pj * (1.0 - RELATIVE_GAP)) {
                front.points.push(sum);
            }
        }
        front
    }

    /// What is known of the sums that were not looked at.
    fn end_of_sum(&self, other: &Front) -> FrontEnd {
        if let (FrontEnd::Closed(own), FrontEnd::Closed(others)) = (&self.end, &other.end)
            && self.rest().is_none()
            && other.rest().is_none()
        {
            let evidence = own.evidence().and(others.evidence());
            return FrontEnd::Closed(Certificate::nothing(Measure::Energy, evidence));
        }
        let least = |front: &Front| {
            let rest = front
                .rest()
                .into_iter()
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
        FrontEnd::Open(FrontRest {
            bound_cycles: a.0 + b.0,
            bound_energy_pj: a.1 + b.1,
        })
    }
}

impl FrontPoint {
    /// Whether it is proved that it is one of the front, energies to within a relative 1e-6.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.certificate.status() == Status::Optimal
    }

    /// The certificate of a point: no mapping of at most its energy has fewer cycles, and none of
    /// at most its cycles has less energy.
    ///
    /// # Errors
    /// The bound is above the cycles.
    pub fn certified(
        cycles: u128,
        bound_cycles: u128,
        fewest: &Certificate,
        cheapest: Option<&Certificate>,
    ) -> Result<Certificate, FalseBound> {
        let (value, bound) = (Amount::Whole(cycles), Amount::Whole(bound_cycles));
        let open = |of: Option<&Certificate>, what: &str| {
            let proved = of.is_some_and(|own| own.status() == Status::Optimal);
            (!proved).then(|| Skipped::Part(what.to_owned()))
        };
        let more = cheapest.map_or(Evidence::default(), |own| own.evidence().clone());
        let evidence = (fewest.evidence().and(&more))
            .without(open(Some(fewest), "fewer cycles at this energy"))
            .without(open(cheapest, "less energy at these cycles"));
        Certificate::found(Measure::Cycles, value, bound, evidence)
    }

    /// One after the other; nothing is proved of it unless both fronts are complete.
    fn plus(&self, other: &FrontPoint, complete: bool) -> FrontPoint {
        let cycles = self.cycles + other.cycles;
        let bound_cycles = self.bound_cycles + other.bound_cycles;
        let parts = [&self.certificate, &other.certificate];
        let total = Some((Amount::Whole(cycles), Amount::Whole(bound_cycles)));
        let mut certificate = Certificate::of_parts(Measure::Cycles, &parts, total)
            .unwrap_or_else(|error| Certificate::contradicted(Measure::Cycles, &error));
        if !(complete && self.is_proved() && other.is_proved()) {
            let others = "sums with points that were not found or proved".to_owned();
            certificate = certificate.without(Skipped::Part(others));
        }
        FrontPoint {
            cycles,
            energy_pj: self.energy_pj + other.energy_pj,
            certificate,
            bound_cycles,
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
            certificate: Certificate::only_way(Measure::Cycles, Amount::Whole(cycles)),
            bound_cycles: cycles,
            bound_energy_pj: energy_pj,
            parts: Vec::new(),
        };
        Front {
            points: points.iter().map(point).collect(),
            end: closed(),
            ..Front::default()
        }
    }

    /// The proof that there are no more points.
    fn closed() -> FrontEnd {
        let evidence = Evidence::closed([crate::problem::certificate::Closing::Lagrangian]);
        FrontEnd::Closed(Certificate::nothing(Measure::Energy, evidence))
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
        b.end = FrontEnd::Open(FrontRest {
            bound_cycles: 3,
            bound_energy_pj: 2.0,
        });
        let sum = a.plus(&b);
        assert_eq!(sum.status(), Status::Feasible);
        assert!(!sum.points[0].is_proved());
        let rest = sum.rest().expect("a rest");
        assert_eq!(rest.bound_cycles, 3, "the least of either, added up");
        assert!((rest.bound_energy_pj - 11.0).abs() < 1e-12);
        let none = a.plus(&front(&[]));
        assert_eq!(none.status(), Status::Infeasible);
        let unknown = a.plus(&Front::default());
        assert_eq!(unknown.status(), Status::Unknown, "nothing is known of it");
    }

    #[test]
    fn a_point_removes_those_that_it_dominates() {
        let mut known = front(&[(5, 9.0), (7, 8.0)]);
        let more = front(&[(6, 7.0)]);
        known.push(more.points[0].clone());
        assert_eq!(pairs(&known), [(5, 9.0), (6, 7.0)]);
    }
}
