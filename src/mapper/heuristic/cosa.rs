//! The weighted-log program of `CoSA`.
//!
//! `CoSA` (Huang et al. 2021, ISCA, section III): prime factors are assigned to levels, each in time
//! or in space. Logarithms make sizes, steps and traffic linear in the assignment; the objective
//! is a weighted sum of compute steps, buffer utilisation and traffic of the outer level (eq. 12),
//! with the weights 10, −0.1 and 0.1 of the authors' code. It is a stand-in for the cycles: what
//! the program finds best is scored exactly afterwards. The order of the outermost loops, for
//! which the paper has rank variables, only matters by the operand that stays, so there is one
//! program for each. Memories that share a capacity give every operand an equal part; where the
//! windows' overlap, which the program leaves out, makes a tile too large, the parts are halved.

use std::collections::BTreeMap;

use crate::engine::hand_over::{Settings, solve_with};
use crate::engine::named::{Named, Relation};
use crate::problem::{Dim, Hardware, LoopNest, Node, Overlap, Role};

use super::super::Mapper;
use super::super::trial::Trial;
use super::candidate::Candidate;
use super::climb;
use super::numbers::{log, prime_factors};

/// The mapper.
#[derive(Debug)]
pub struct Cosa;

/// Weights of compute steps, utilisation and traffic.
const COMPUTE: f64 = 10.0;
const UTILISATION: f64 = -0.1;
const TRAFFIC: f64 = 0.1;
/// How often the parts of capacities are halved at most.
const HALVINGS: u32 = 5;
/// The relative gap at which `HiGHS` stops: Gurobi's default.
const RELATIVE_GAP: f64 = 1e-4;
/// The most nodes of its tree, which keep a program short and the same on every machine.
const NODES: u32 = 2_000;

impl Mapper for Cosa {
    fn name(&self) -> &'static str {
        "cosa"
    }

    fn description(&self) -> &'static str {
        "weighted-log integer program, solved by HiGHS (CoSA, Huang et al. 2021, III)"
    }

    fn space(&self) -> &'static str {
        "prime factors, one box per memory"
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("weight_compute", COMPUTE.to_string()),
            ("weight_utilisation", UTILISATION.to_string()),
            ("weight_traffic", TRAFFIC.to_string()),
            ("relative_gap", RELATIVE_GAP.to_string()),
            ("nodes", NODES.to_string()),
        ]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        for halvings in 0..HALVINGS {
            let mut solved: Vec<(f64, Candidate)> = Vec::new();
            for stationary in Role::ALL {
                if trial.is_over() {
                    return;
                }
                let program = Assignment::build(trial, stationary, halvings);
                let settings = Settings {
                    limit: trial.time_left(),
                    relative_gap: RELATIVE_GAP,
                    nodes: Some(NODES),
                    presolve: false,
                    ..Settings::default()
                };
                let outcome = solve_with(&program.model, &settings);
                trial.spend(1);
                if let Some(values) = &outcome.values {
                    solved.push((
                        outcome.objective,
                        program.candidate(trial, stationary, values),
                    ));
                }
            }
            solved.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut found = false;
            for (_, mut candidate) in solved {
                // The program settles the outermost order; those further in it leaves open.
                found |= climb::settle(trial, &mut candidate).is_some();
                if found {
                    return;
                }
            }
        }
    }
}

/// Where a prime factor can go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Loops directly above the tile of the memory with this index; of the last, those inside it.
    Temporal(usize),
    /// An axis of the array with this index among arrays, which stands at this level.
    Spatial(usize, usize, usize),
}

/// The program.
struct Assignment {
    model: Named,
    slots: Vec<Slot>,
    /// For each dimension and prime, how many go to each slot: binary digits.
    counts: Vec<(Dim, u64, Vec<Vec<usize>>)>,
}

type Terms = Vec<(usize, f64)>;

impl Assignment {
    fn build(trial: &Trial<'_>, stationary: Role, halvings: u32) -> Self {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let mut program = Self {
            model: Named::new("proxy"),
            slots: slots(hardware),
            counts: Vec::new(),
        };
        program.variables(operation, hardware);
        program.axes(hardware);
        program.capacities(operation, hardware, halvings);
        program.objective(operation, hardware, stationary);
        program
    }

    /// One number for each prime and slot, in binary digits; each prime goes somewhere as often
    /// as it divides the extent.
    fn variables(&mut self, operation: &LoopNest, hardware: &Hardware) {
        for d in Dim::ALL {
            let primes = prime_factors(operation.extents[d]);
            let mut distinct = primes.clone();
            distinct.dedup();
            for p in distinct {
                let times = primes.iter().filter(|&&q| q == p).count();
                let digits = usize::BITS - times.leading_zeros();
                let mut all = Vec::new();
                for (number, &slot) in self.slots.clone().iter().enumerate() {
                    let open = may_hold(hardware, slot, d);
                    let digits = if open { digits } else { 0 };
                    let name = |k| format!("n_{d}_{p}_{number}_{k}");
                    all.push((0..digits).map(|k| self.model.binary(&name(k))).collect());
                }
                let row = all
                    .iter()
                    .flat_map(|own: &Vec<usize>| digits_of(own))
                    .collect();
                #[expect(clippy::cast_precision_loss, reason = "a number of prime factors")]
                let right = times as f64;
                self.model
                    .row(&format!("all_{d}_{p}"), row, Relation::Equal, right);
                self.counts.push((d, p, all));
            }
        }
    }

    /// The logarithm of what a slot holds of a dimension.
    fn log_at(&self, slot: usize, d: Dim) -> Terms {
        let own = self.counts.iter().filter(|count| count.0 == d);
        own.flat_map(|(_, p, all)| {
            let scale = log(*p);
            digits_of(&all[slot])
                .into_iter()
                .map(move |(v, f)| (v, f * scale))
        })
        .collect()
    }

    /// An axis has so many elements, and a dimension is on one axis of an array.
    fn axes(&mut self, hardware: &Hardware) {
        for (number, (_, array)) in hardware.arrays().enumerate() {
            for (axis, own) in array.axes.iter().enumerate() {
                let Some(slot) = self.slots.iter().position(
                    |s| matches!(s, Slot::Spatial(_, n, a) if (*n, *a) == (number, axis)),
                ) else {
                    continue;
                };
                let row = Dim::ALL
                    .into_iter()
                    .flat_map(|d| self.log_at(slot, d))
                    .collect();
                let right = log(own.size) + 1e-9;
                self.model.row(
                    &format!("axis_{number}_{axis}"),
                    row,
                    Relation::AtMost,
                    right,
                );
            }
            if !array.split_dims {
                self.one_axis(number);
            }
        }
    }

    fn one_axis(&mut self, number: usize) {
        let own: Vec<usize> = (0..self.slots.len())
            .filter(|&s| matches!(self.slots[s], Slot::Spatial(_, n, _) if n == number))
            .collect();
        for d in Dim::ALL {
            let mut uses = Vec::new();
            for &slot in &own {
                let held = self.log_at(slot, d);
                if held.is_empty() {
                    continue;
                }
                let used = self.model.binary(&format!("use_{d}_{slot}"));
                for (variable, _) in held {
                    let row = vec![(variable, 1.0), (used, -1.0)];
                    self.model
                        .row(&format!("used_{d}_{slot}"), row, Relation::AtMost, 0.0);
                }
                uses.push((used, 1.0));
            }
            if uses.len() > 1 {
                self.model.row(
                    &format!("one_axis_{number}_{d}"),
                    uses,
                    Relation::AtMost,
                    1.0,
                );
            }
        }
    }

    /// The logarithm of an operand's tile in a memory. Kernel dimensions do not count for the
    /// input, whose rows they share (section III.B.2 there).
    fn size(&self, operation: &LoopNest, hardware: &Hardware, store: usize, role: Role) -> Terms {
        let level = hardware
            .memories()
            .nth(store + 1)
            .map_or(0, |(level, _)| level);
        let inside = |slot: &Slot| match *slot {
            Slot::Temporal(memory) => memory > store,
            Slot::Spatial(array, ..) => array > level,
        };
        let dims = operation.relevant[role as usize].iter();
        let dims = dims.filter(|d| role != Role::Input || !matches!(d, Dim::R | Dim::S | Dim::T));
        dims.flat_map(|d| {
            let slots = (0..self.slots.len()).filter(|&s| inside(&self.slots[s]));
            slots.flat_map(move |s| self.log_at(s, d))
        })
        .collect()
    }

    fn capacities(&mut self, operation: &LoopNest, hardware: &Hardware, halvings: u32) {
        for (store, (level, memory)) in hardware.memories().skip(1).enumerate() {
            let Some(capacity) = memory.capacity else {
                continue;
            };
            let takes_room = |role: Role| !operation.is_resident(Node { level, role });
            let kept: Vec<Role> = Role::ALL
                .into_iter()
                .filter(|&r| memory.may_keep(r) && takes_room(r))
                .collect();
            let copies = match memory.overlap {
                Overlap::DoubleBuffer | Overlap::Choose => 2,
                Overlap::Ideal | Overlap::None => 1,
            };
            for &role in &kept {
                let bits = u64::from(operation.precision.working(role));
                let part = capacity.0 * 8 / (kept.len() as u64 * copies * bits);
                let strides = operation.windows.iter().map(|w| log(w.stride)).sum::<f64>();
                let strides = if role == Role::Input { strides } else { 0.0 };
                let halved = f64::from(halvings) * std::f64::consts::LN_2;
                let right = (log(part) - strides - halved).max(0.0) + 1e-9;
                let row = self.size(operation, hardware, store, role);
                let name = format!("fits_{store}_{role}");
                self.model.row(&name, row, Relation::AtMost, right);
            }
        }
    }

    /// Weighted logarithms of steps, tiles, and transfers of the outermost level.
    fn objective(&mut self, operation: &LoopNest, hardware: &Hardware, stationary: Role) {
        let mut costs: Terms = Vec::new();
        let mut add = |terms: Terms, weight: f64| {
            costs.extend(terms.into_iter().map(|(v, f)| (v, f * weight)));
        };
        for d in Dim::ALL {
            for slot in 0..self.slots.len() {
                if matches!(self.slots[slot], Slot::Temporal(_)) {
                    add(self.log_at(slot, d), COMPUTE);
                }
            }
        }
        let memories: Vec<_> = hardware.memories().skip(1).collect();
        for (store, (_, memory)) in memories.iter().enumerate() {
            for role in Role::ALL.into_iter().filter(|&r| memory.may_keep(r)) {
                add(self.size(operation, hardware, store, role), UTILISATION);
            }
        }
        let moved = |role: &Role| !operation.resident.contains(*role);
        for role in Role::ALL.into_iter().filter(moved) {
            add(self.size(operation, hardware, 0, role), TRAFFIC);
            for d in Dim::ALL {
                if role != stationary || operation.is_relevant(role, d) {
                    add(self.log_at(0, d), TRAFFIC);
                }
            }
        }
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let proxy = self.model.continuous("proxy", free, 1.0);
        costs.push((proxy, -1.0));
        self.model.row("proxy", merged(costs), Relation::Equal, 0.0);
    }

    /// The tiles that a solution stands for.
    fn candidate(&self, trial: &Trial<'_>, stationary: Role, values: &[f64]) -> Candidate {
        let mut candidate = Candidate::smallest(trial.hardware);
        let stores = candidate.stores.len();
        let mut inside: Vec<(Slot, Dim, u64)> = Vec::new();
        for (d, p, all) in &self.counts {
            for (slot, digits) in self.slots.iter().zip(all) {
                let times =
                    (digits.iter().rev()).fold(0, |n, &v| 2 * n + u32::from(values[v] > 0.5));
                inside.push((*slot, *d, p.pow(times)));
            }
        }
        for &(slot, d, factor) in &inside {
            if let Slot::Spatial(_, number, axis) = slot {
                candidate.spatial[number].axes[axis][d] *= factor;
            }
        }
        for store in 0..stores {
            let level = candidate.stores[store].level;
            for d in Dim::ALL {
                let within = |s: &Slot| matches!(s, Slot::Temporal(m) if *m > store);
                let own = inside.iter().filter(|(s, e, _)| *e == d && within(s));
                let extent: u64 = own.map(|f| f.2).product();
                candidate.set(store, d, extent * candidate.spread_below(level, d));
            }
            candidate.stores[store].slide = Some(Dim::P);
        }
        if let Some(outer) = candidate.stores.first_mut() {
            outer.order.sort_by_key(|&role| role != stationary);
        }
        candidate
    }
}

/// One factor for each variable, the sum of all that it has.
fn merged(terms: Terms) -> Terms {
    let mut sums = BTreeMap::new();
    for (variable, factor) in terms {
        *sums.entry(variable).or_insert(0.0) += factor;
    }
    sums.into_iter().collect()
}

fn slots(hardware: &Hardware) -> Vec<Slot> {
    let axes = hardware
        .arrays()
        .enumerate()
        .flat_map(|(number, (level, array))| {
            (0..array.axes.len()).map(move |axis| Slot::Spatial(level, number, axis))
        });
    (0..hardware.memories().count())
        .map(Slot::Temporal)
        .chain(axes)
        .collect()
}

/// Whether factors of a dimension may go to a slot.
fn may_hold(hardware: &Hardware, slot: Slot, d: Dim) -> bool {
    let Slot::Spatial(_, number, axis) = slot else {
        return true;
    };
    let array = hardware.arrays().nth(number);
    array.is_some_and(|(_, array)| array.axes[axis].dims.contains(d))
}

/// A number as its binary digits with their weights.
fn digits_of(digits: &[usize]) -> Terms {
    let mut weight = 1.0;
    let mut terms = Vec::new();
    for &digit in digits {
        terms.push((digit, weight));
        weight *= 2.0;
    }
    terms
}
