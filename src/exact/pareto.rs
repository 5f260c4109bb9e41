//! The exact Pareto front of cycles and energy, point by point (the ε-constraint method of
//! Haimes, Lasdon & Wismer 1971).
//!
//! The first point has the fewest cycles of all mappings, and of these the least energy. Each
//! further one has the fewest cycles of the mappings of less energy than the point before, and of
//! these again the least. Each of these searches is a layer program with a limit, with its own proof.

use std::time::Instant;

use crate::cost::bound::{least_energy, lower_bounds};
use crate::engine::deadline;
use crate::problem::certificate::{Certificate, Closing, Evidence};
use crate::problem::front::{Front, FrontEnd, FrontPart, FrontPoint, FrontRest, RELATIVE_GAP};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Solution, Status};
use crate::problem::{Hardware, LoopNest, Mapping, Work};

use super::tuning::{FRONT_SHARE, TOO_SHORT};
use super::{SolveOptions, TieBreak, solve};

/// Finds all points of the front, from the fewest cycles to the least energy, within the time
/// limit. What is minimised and how ties are broken is not taken from the options.
#[must_use]
pub fn front(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Front {
    let mut search = Search {
        operation,
        hardware,
        options,
        deadline: deadline(options.time_limit),
        known: Vec::new(),
        front: Front::default(),
        least: least_energy(
            operation,
            hardware,
            lower_bounds(operation, hardware).best(),
        ),
        least_by: Evidence::closed([Closing::LowerBound]),
    };
    search.run();
    search.front
}

/// The front as far as it is known.
struct Search<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    options: &'a SolveOptions,
    deadline: Option<Instant>,
    /// Mappings found so far, from which later searches start.
    known: Vec<Mapping>,
    front: Front,
    /// No mapping has less energy in pJ.
    least: f64,
    /// What proves that.
    least_by: Evidence,
}

impl Search<'_> {
    fn run(&mut self) {
        let mut limit = None;
        loop {
            let Some(fewest) = self.fewest(limit) else {
                return self.stop(lower_bounds(self.operation, self.hardware).best(), None);
            };
            match (&fewest.best, fewest.status()) {
                (None, Status::Infeasible) => {
                    self.front.end = FrontEnd::Closed(fewest.certificate);
                    let first = self.front.points.is_empty();
                    self.front.reason = fewest.reason.filter(|_| first);
                    return;
                }
                (None, _) => return self.stop(fewest.bound_cycles, fewest.reason),
                (Some(_), _) => {}
            }
            let Some(energy) = self.point(fewest) else {
                return;
            };
            if self.front.points.len() == 1 && limit.is_none() {
                self.least_of_all();
            }
            let next = energy * (1.0 - RELATIVE_GAP);
            if next <= self.least {
                let evidence = self.least_by.clone();
                let none = Certificate::nothing(Measure::Energy, evidence);
                self.front.end = FrontEnd::Closed(none);
                return;
            }
            limit = Some(next);
        }
    }

    /// The fewest cycles at no more than this energy; a search that finds none in its share of
    /// the time takes all that is left.
    fn fewest(&mut self, energy: Option<f64>) -> Option<Solution> {
        let limit = energy.map(|energy| (Measure::Energy, energy));
        let first = self.solve(Measure::Cycles, limit, FRONT_SHARE)?;
        if first.status() != Status::Unknown {
            return Some(first);
        }
        let again = self.solve(Measure::Cycles, limit, 1);
        Some(again.unwrap_or(first))
    }

    /// The least energy of all mappings: where the front ends, and a mapping with which the
    /// searches between can start.
    fn least_of_all(&mut self) {
        if let Some(solution) = self.solve(Measure::Energy, None, FRONT_SHARE)
            && let Some((_, bound)) = solution.objective_bound
        {
            self.raise_least(bound, &solution.certificate);
        }
    }

    /// Takes note of a bound on the energy of all mappings. It holds for all, whatever the search
    /// that proved it left open.
    fn raise_least(&mut self, bound: f64, certificate: &Certificate) {
        let closed_by = certificate.evidence().closed_by();
        if bound > self.least && !closed_by.is_empty() {
            self.least = bound;
            self.least_by = Evidence::closed(closed_by.iter().copied());
        }
    }

    /// Adds the point of a mapping of fewest cycles: the least energy at no more cycles.
    fn point(&mut self, fewest: Solution) -> Option<f64> {
        let (mapping, cost) = fewest.best?;
        let limit = (Measure::Cycles, Measure::Cycles.of(&cost));
        let cheapest = self.solve(Measure::Energy, Some(limit), FRONT_SHARE);
        let mut bound_energy_pj = self.least;
        let mut best = (mapping, cost);
        let cheapest = cheapest.map(|solution| {
            if let Some((_, bound)) = solution.objective_bound {
                bound_energy_pj = bound_energy_pj.max(bound);
            }
            if let Some(found) = solution
                .best
                .filter(|found| energy(&found.1) <= energy(&best.1))
            {
                best = found;
            }
            solution.certificate
        });
        let (mapping, cost) = best;
        let (cycles, energy_pj) = (cost.cycles, energy(&cost));
        let fewest_by = (&fewest.certificate, cheapest.as_ref());
        let bound_cycles = fewest.bound_cycles.min(cycles);
        let certificate =
            FrontPoint::certified(cycles, bound_cycles, fewest_by.0, fewest_by.1).ok()?;
        self.front.push(FrontPoint {
            cycles,
            energy_pj,
            certificate,
            bound_cycles,
            bound_energy_pj: bound_energy_pj.min(energy_pj),
            parts: vec![FrontPart {
                phase: None,
                work: Work::Mapped(Box::new(self.operation.clone())),
                mapping: Some(mapping),
                cost,
            }],
        });
        Some(energy_pj)
    }

    /// Solves with one measure minimised and one limited, in this part of the time that is left;
    /// `None` where there is none.
    fn solve(
        &mut self,
        objective: Measure,
        limit: Option<(Measure, f64)>,
        share: u32,
    ) -> Option<Solution> {
        let left = self
            .deadline
            .map(|end| end.saturating_duration_since(Instant::now()));
        let interrupted = self
            .options
            .interrupt
            .load(std::sync::atomic::Ordering::Relaxed);
        if left.is_some_and(|left| left < TOO_SHORT) || interrupted {
            return None;
        }
        let options = SolveOptions {
            objective,
            tie_break: TieBreak::Off,
            limits: limit.into_iter().collect(),
            time_limit: left.map(|left| left / share),
            start: self.known.clone(),
            ..self.options.clone()
        };
        let solution = solve(self.operation, self.hardware, &options);
        self.front.statistics = self.front.statistics.plus(&solution.statistics);
        self.known
            .extend(solution.best.iter().map(|best| best.0.clone()));
        Some(solution)
    }

    /// Ends the search with what is known of the rest: less energy than that of a proved point
    /// takes more cycles.
    fn stop(&mut self, bound_cycles: u128, reason: Option<String>) {
        let last = self.front.points.last().filter(|point| point.is_proved());
        let bound_cycles = bound_cycles.max(last.map_or(0, |point| point.cycles + 1));
        self.front.end = FrontEnd::Open(FrontRest {
            bound_cycles,
            bound_energy_pj: self.least,
        });
        let (one, all) = (
            "before a mapping was found",
            "before the front was complete",
        );
        let reason = reason.map(|why| why.replace(one, all));
        let limit = format!("the time limit or an interrupt ended the search {all}");
        self.front.reason = Some(reason.unwrap_or(limit));
    }
}

fn energy(cost: &Cost) -> f64 {
    Measure::Energy.of(cost)
}
