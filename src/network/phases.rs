//! The row of a layer that is computed phase by phase: the sums over its phases.

use crate::cost::stream;
use crate::problem::certificate::{Amount, Certificate};
use crate::problem::goal::Measure;
use crate::problem::result::{
    Cost, LowerBounds, MemoryBound, MemoryCost, PortTraffic, SolverStatistics, Status, Tie,
};
use crate::problem::{
    Hardware, Job, LayerKind, LayerRow, NestId, Phase, PhaseRow, PhaseWork, Work, Workload,
};

/// The row of the whole layer: cycles, traffic, multiply-accumulates, energy and bounds are the
/// sums over its phases, the space taken in a memory is the largest of a phase's, and the status
/// is the weakest.
#[must_use]
pub fn row(name: &str, op: &str, phases: Vec<PhaseRow>) -> LayerRow {
    let rows = || phases.iter().map(|phase| &phase.row);
    let cost: Option<Vec<&Cost>> = rows().map(|row| row.cost.as_ref()).collect();
    let cost = cost.map(|costs| sum(&costs));
    let objective_bound = objective_bound(&phases);
    let bound_cycles = rows().map(|row| row.bound_cycles).sum();
    let certificate = certificate(&phases, cost.as_ref(), bound_cycles, objective_bound);
    let proved = rows().all(|row| row.status() == Status::Optimal);
    let reason = if proved && certificate.status() == Status::Feasible {
        Some(
            "each phase has the least product of its own; of the sums over phases only the bound is known"
                .to_owned(),
        )
    } else {
        reason(&phases)
    };
    LayerRow {
        certificate,
        cost,
        bound_cycles,
        lower_bound_cycles: rows().map(|row| row.lower_bound_cycles).sum(),
        lower_bounds: bounds(&phases),
        tie: tie(&phases),
        objective_bound,
        reason,
        statistics: statistics(&phases),
        phases,
        ..LayerRow::without_mapping(name, op, Work::Phases)
    }
}

/// One row for each layer of which all phases have one; of other layers each phase's row under
/// its own name. They come in the order of the layer's first row.
#[must_use]
pub fn joined(
    work: &dyn Workload,
    hardware: &Hardware,
    rows: Vec<(NestId, LayerRow)>,
) -> Vec<LayerRow> {
    let mut left: Vec<Option<(NestId, LayerRow)>> = rows.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for i in 0..left.len() {
        let Some(of) = left[i].as_ref().map(|own| own.0) else {
            continue;
        };
        joined.extend(take_all(work, hardware, of.layer, &mut left));
        joined.extend(left[i].take().map(|(of, row)| LayerRow {
            name: work.nest_name(of),
            ..row
        }));
    }
    joined
}

/// The row of a layer of which every phase with taps is among the rows, which are taken out.
fn take_all(
    work: &dyn Workload,
    hardware: &Hardware,
    layer: usize,
    rows: &mut [Option<(NestId, LayerRow)>],
) -> Option<LayerRow> {
    let Job {
        name,
        op,
        pass,
        kind,
    } = work.job(layer)?;
    let LayerKind::Phases(phases) = kind else {
        return None;
    };
    let place = |phase: &Phase, rows: &[Option<(NestId, LayerRow)>]| {
        let phase = Some(phase.index);
        let is = |of: &NestId| *of == NestId { layer, phase };
        rows.iter()
            .position(|row| row.as_ref().is_some_and(|row| is(&row.0)))
    };
    if !phases
        .iter()
        .all(|phase| phase.nest().is_none() || place(phase, rows).is_some())
    {
        return None;
    }
    let taken = phases.iter().filter_map(|phase| {
        let row = match &phase.work {
            PhaseWork::Zeros(zeros) => stream::row(name, op, zeros, hardware),
            PhaseWork::MultiplyAccumulate(_) => rows[place(phase, rows)?].take()?.1,
        };
        let index = phase.index;
        Some(PhaseRow { index, row })
    });
    let taken = taken.collect();
    Some(LayerRow {
        pass,
        ..row(name, op, taken)
    })
}

/// What the phases prove together of what was minimised.
fn certificate(
    phases: &[PhaseRow],
    cost: Option<&Cost>,
    bound_cycles: u128,
    objective_bound: Option<(Measure, f64)>,
) -> Certificate {
    let parts: Vec<&Certificate> = phases.iter().map(|p| &p.row.certificate).collect();
    let measure = objective_bound.map_or(Measure::Cycles, |own| own.0);
    let bound = objective_bound.map_or(Amount::Whole(bound_cycles), |own| Amount::Real(own.1));
    let total = cost.map(|cost| (measure.amount(cost), bound));
    Certificate::of_parts(measure, &parts, total)
        .unwrap_or_else(|error| Certificate::contradicted(measure, &error))
}

/// The reason of the first phase of the weakest status.
fn reason(phases: &[PhaseRow]) -> Option<String> {
    let order = [Status::Infeasible, Status::Unknown, Status::Feasible];
    order.into_iter().find_map(|status| {
        let mut rows = phases.iter();
        let phase = rows.find(|phase| phase.row.status() == status)?;
        let reason = phase.row.reason.as_ref();
        Some(reason.map(|why| format!("phase {}: {why}", phase.index_text())))
    })?
}

fn sum(costs: &[&Cost]) -> Cost {
    let levels = costs.first().map_or(0, |cost| cost.memories.len());
    let memory = |i: usize| -> Vec<&MemoryCost> { costs.iter().map(|c| &c.memories[i]).collect() };
    Cost {
        cycles: costs.iter().map(|cost| cost.cycles).sum(),
        compute_cycles: costs.iter().map(|cost| cost.compute_cycles).sum(),
        memories: (0..levels).map(|i| sum_memory(&memory(i))).collect(),
        energy_pj: costs.iter().map(|cost| cost.energy_pj).sum(),
    }
}

/// Traffic and cycles add up; the space is taken by one phase after the other.
fn sum_memory(costs: &[&MemoryCost]) -> MemoryCost {
    let level = costs.first().map_or(0, |cost| cost.level);
    let operands = || std::array::from_fn(|role| role);
    MemoryCost {
        level,
        traffic: operands().map(|role: usize| PortTraffic {
            read: costs.iter().map(|c| c.traffic[role].read).sum(),
            write: costs.iter().map(|c| c.traffic[role].write).sum(),
        }),
        occupied: operands().map(|role: usize| {
            let space = costs.iter().map(|c| c.occupied[role]);
            space.max().unwrap_or_default()
        }),
        doubled: operands().map(|role: usize| costs.iter().any(|c| c.doubled[role])),
        busy_cycles: costs.iter().map(|c| c.busy_cycles).sum(),
        added_cycles: operands()
            .map(|role: usize| costs.iter().map(|c| c.added_cycles[role]).sum()),
    }
}

fn bounds(phases: &[PhaseRow]) -> LowerBounds {
    let mut all = LowerBounds::default();
    for own in phases.iter().map(|phase| &phase.row.lower_bounds) {
        all.compute += own.compute;
        for bound in &own.memories {
            match all.memories.iter_mut().find(|m| m.level == bound.level) {
                Some(known) => {
                    known.compulsory += bound.compulsory;
                    known.loomis_whitney += bound.loomis_whitney;
                }
                None => all.memories.push(MemoryBound { ..*bound }),
            }
        }
    }
    all.memories.sort_by_key(|m| m.level);
    all
}

/// A bound on the sum of energies or on the product of the sums of energies and cycles, for which
/// that of the square roots of the products is one (Cauchy–Schwarz).
fn objective_bound(phases: &[PhaseRow]) -> Option<(Measure, f64)> {
    let measure = phases.iter().find_map(|p| p.row.objective_bound)?.0;
    let of = |row: &LayerRow| match (row.objective_bound, &row.cost) {
        (Some((_, bound)), _) => bound,
        (None, Some(cost)) => measure.of(cost),
        (None, None) => 0.0,
    };
    let bounds = phases.iter().map(|phase| of(&phase.row));
    let all = match measure {
        Measure::EnergyDelay => bounds.map(f64::sqrt).sum::<f64>().powi(2),
        Measure::Cycles | Measure::Traffic | Measure::Energy => bounds.sum(),
    };
    Some((measure, all))
}

/// Whether ties are broken in all phases, and proved.
fn tie(phases: &[PhaseRow]) -> Option<Tie> {
    let mapped = phases
        .iter()
        .filter(|phase| phase.row.work != Work::Streamed);
    let ties: Option<Vec<Tie>> = mapped.map(|phase| phase.row.tie.clone()).collect();
    // One that is not proved stands for all.
    let weakest = |all: Tie, own: Tie| if all.is_proved() { own } else { all };
    ties?.into_iter().reduce(weakest)
}

fn statistics(phases: &[PhaseRow]) -> SolverStatistics {
    let all = phases.iter().map(|phase| &phase.row.statistics);
    all.fold(SolverStatistics::default(), |sum, own| sum.plus(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Bits;
    use crate::problem::PhaseIndex;

    /// A phase that takes so many cycles, with so much energy, each the least of its product.
    fn phase(index: u64, cycles: u128, energy: f64) -> PhaseRow {
        let memory = MemoryCost {
            level: 0,
            traffic: [PortTraffic {
                read: Bits(8 * cycles),
                write: Bits(1),
            }; 3],
            occupied: [Bits(cycles); 3],
            doubled: [index == 1; 3],
            busy_cycles: cycles,
            added_cycles: [0; 3],
        };
        let cost = Cost {
            cycles,
            compute_cycles: cycles / 2,
            memories: vec![memory],
            energy_pj: Some(energy),
        };
        let bound = Measure::EnergyDelay.of(&cost);
        let amount = Amount::Real(bound);
        PhaseRow {
            index: PhaseIndex::planar([0, index]),
            row: LayerRow {
                certificate: Certificate::only_way(Measure::EnergyDelay, amount),
                cost: Some(cost),
                bound_cycles: cycles,
                lower_bound_cycles: cycles - 1,
                objective_bound: Some((Measure::EnergyDelay, bound)),
                ..LayerRow::without_mapping("up", "op", Work::Streamed)
            },
        }
    }

    #[test]
    fn what_phases_take_adds_up_but_their_space() {
        let row = row("up", "op", vec![phase(0, 10, 1.0), phase(1, 30, 2.0)]);
        let cost = row.cost.as_ref().expect("a cost");
        assert_eq!((cost.cycles, cost.compute_cycles), (40, 20));
        assert_eq!(cost.energy_pj, Some(3.0));
        let memory = &cost.memories[0];
        assert_eq!(memory.traffic[1].read, Bits(320));
        assert_eq!((memory.occupied[0], memory.doubled[0]), (Bits(30), true));
        assert_eq!((row.bound_cycles, row.lower_bound_cycles), (40, 38));
    }

    #[test]
    fn the_least_products_of_phases_bound_that_of_their_sums() {
        // Equal phases: (2 · 10) · (2 · 3) is four times the product of one.
        let equal = row("up", "op", vec![phase(0, 10, 3.0), phase(1, 10, 3.0)]);
        assert_eq!(equal.status(), Status::Optimal);
        let (_, bound) = equal.objective_bound.expect("a bound");
        assert!((bound - 120.0).abs() < 1e-9);
        // 10 · 9 and 90 · 1 are equal products, but 100 · 10 is not four times as much.
        let unequal = row("up", "op", vec![phase(0, 10, 9.0), phase(1, 90, 1.0)]);
        assert_eq!(unequal.status(), Status::Feasible);
        let (_, bound) = unequal.objective_bound.expect("a bound");
        assert!((bound - 360.0).abs() < 1e-9 && unequal.reason.is_some());
    }

    #[test]
    fn the_weakest_phase_decides() {
        let mut weak = phase(1, 30, 2.0);
        weak.row.certificate = crate::problem::certificate::not_begun(0);
        weak.row.cost = None;
        weak.row.reason = Some("stopped".to_owned());
        let row = row("up", "op", vec![phase(0, 10, 1.0), weak]);
        assert_eq!((row.status(), row.cycles()), (Status::Unknown, None));
        assert_eq!(row.reason.as_deref(), Some("phase [0, 1]: stopped"));
    }
}
