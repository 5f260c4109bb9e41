//! What is minimised, and what is limited: cycles, the outermost traffic and energy.

use crate::engine::Limit;
use crate::problem::Role;
use crate::problem::goal::Measure;

use super::added::Way;
use super::builder::{Builder, CYCLES};
use super::tuning::SLACK;

impl Builder<'_> {
    /// What is minimised, and what is limited: the rows of cycles, of the outermost traffic
    /// LAY13 and of energy LAY12.
    pub(super) fn goal(&mut self) {
        let goal = self.layer.goal;
        let rows = self.cycle_rows.clone();
        let minimised = matches!(goal.minimise, Measure::Cycles | Measure::EnergyDelay);
        for (name, terms, constant) in &rows {
            let limit = match goal.limit(Measure::Cycles) {
                Some(most) => Some(Limit::Constant(most.ln() + constant + SLACK)),
                None => minimised.then_some(Limit::Objective {
                    part: 0,
                    constant: *constant,
                }),
            };
            if let Some(limit) = limit {
                self.row(name.clone(), terms.clone(), limit);
            }
            if minimised && goal.limit(Measure::Cycles).is_some() {
                let limit = Limit::Objective {
                    part: 0,
                    constant: *constant,
                };
                self.row(name.clone(), terms.clone(), limit);
            }
        }
        self.traffic();
        if goal.has_energy() {
            self.energy(&rows);
        }
    }

    /// [LAY13] `z ≥ log Σ exp(a_t)`: the bits through the outermost memory's ports, minimised or limited.
    fn traffic(&mut self) {
        let goal = self.layer.goal;
        let limit = match (goal.minimise, goal.limit(Measure::Traffic)) {
            (Measure::Traffic, _) => CYCLES,
            (_, Some(most)) => Limit::Constant(most.ln() + SLACK),
            _ => return,
        };
        let children = Role::ALL.map(|role| self.slots.child(0, role));
        let terms: Vec<usize> = children
            .into_iter()
            .flatten()
            .filter_map(|child| self.exchange(child.node, 0, Way::Both))
            .collect();
        // Nothing crosses where all operands are resident.
        if !terms.is_empty() {
            self.row("LAY13_traffic".into(), terms, limit);
        }
    }

    /// [LAY12] `z ≥ log Σ exp(a_t) - log U`, and [LAY6] of energy: the energy, minimised or limited: all transfers and multiply-accumulates, and
    /// with idle power one row for each that bounds the cycles.
    fn energy(&mut self, cycle_rows: &[(String, Vec<usize>, f64)]) {
        let goal = self.layer.goal;
        let unit = self.layer.energy_unit.ln();
        let mut limits = Vec::new();
        if goal.minimise.has_energy() {
            let part = usize::from(goal.minimise == Measure::EnergyDelay);
            limits.push(Limit::Objective {
                part,
                constant: unit,
            });
            let least = self.term(self.layer.energy_unit, Vec::new());
            let limit = limits[0];
            self.row("LAY6_any_energy".into(), vec![least], limit);
        }
        if let Some(most) = goal.limit(Measure::Energy) {
            limits.push(Limit::Constant(most.ln() + SLACK));
        }
        let dynamic = self.dynamic_energy();
        let idle = self.layer.site.hardware.static_pj_per_cycle.unwrap_or(0.0);
        let mut rows = vec![("LAY12_energy".to_owned(), dynamic.clone())];
        if idle > 0.0 {
            rows.clear();
            for (name, terms, constant) in cycle_rows {
                let mut own = dynamic.clone();
                for &term in terms {
                    let mut copy = self.recipes[term].clone();
                    copy.bits *= idle / constant.exp();
                    self.recipes.push(copy);
                    own.push(self.recipes.len() - 1);
                }
                rows.push((name.replacen("LAY", "LAY12_energy_", 1), own));
            }
        }
        for (name, terms) in rows.into_iter().filter(|r| !r.1.is_empty()) {
            for &limit in &limits {
                self.row(name.clone(), terms.clone(), limit);
            }
        }
    }
}
