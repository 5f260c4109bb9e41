//! Fixed dataflows with greedy tiles: what an accelerator does that was built for one of them.
//!
//! The taxonomy of Chen, Emer & Sze 2016 (ISCA, section IV) and Sze et al. 2017 (Proc. IEEE,
//! section V.B): weight stationary as in NVDLA or the TPU spreads channels; output stationary as
//! in `ShiDianNao` spreads output pixels; input stationary keeps activations, as in SCNN; row
//! stationary is Eyeriss's. What stays is fixed, tiles are grown greedily as far as they fit.

use crate::cost::dataflow;
use crate::problem::dataflow::row_array;
use crate::problem::{ArrayMapping, Dataflow, Dim, DimSet, Hardware, LoopNest, Mapping, Role};

use super::super::Mapper;
use super::super::trial::Trial;
use super::candidate::Candidate;
use super::{climb, spread};

/// The mapper of one dataflow.
#[derive(Debug)]
pub struct Fixed(pub Dataflow);

/// Spatial loops that are tried.
const SPREADS: usize = 4;

impl Mapper for Fixed {
    fn name(&self) -> &'static str {
        match self.0 {
            Dataflow::WeightStationary => "weight-stationary",
            Dataflow::OutputStationary => "output-stationary",
            Dataflow::InputStationary => "input-stationary",
            Dataflow::RowStationary => "row-stationary",
        }
    }

    fn description(&self) -> &'static str {
        match self.0 {
            Dataflow::WeightStationary => {
                "weights stay in the innermost storage, greedy tiles (Sze et al. 2017, V.B)"
            }
            Dataflow::OutputStationary => {
                "partial sums stay in the innermost storage, greedy tiles (Sze et al. 2017, V.B)"
            }
            Dataflow::InputStationary => {
                "inputs stay in the innermost storage, greedy tiles (Sze et al. 2017, V.B)"
            }
            Dataflow::RowStationary => {
                "rows of the kernel stay, one in each element, greedy tiles (Chen, Emer & Sze 2016, V)"
            }
        }
    }

    fn space(&self) -> &'static str {
        "one dataflow, even extents, per operand"
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("spatial_loops", SPREADS.to_string())]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let flow = self.0;
        let passes = |mapping: &Mapping| dataflow::has(operation, hardware, mapping, flow);
        let mut tried = false;
        for spatial in spreads(operation, hardware, flow) {
            for first in Role::ALL {
                let mut candidate = Candidate::smallest(hardware);
                candidate.spatial.clone_from(&spatial);
                arrange(&mut candidate, first, flow);
                start(&mut candidate, operation, flow);
                for sequence in sequences(candidate.stores.len()) {
                    for fed in [true, false] {
                        let mut own = candidate.clone();
                        if fed {
                            own.feed();
                        }
                        for memories in &sequence {
                            tried |= climb::grow(trial, &mut own, memories, &passes).is_some();
                        }
                    }
                }
            }
        }
        if !tried && !trial.is_over() {
            trial.fail(format!(
                "the arrays and memories of {} allow no {} mapping of it",
                hardware.name,
                self.name()
            ));
        }
    }
}

/// The dimensions that a dataflow spreads first.
fn preferred(flow: Dataflow) -> DimSet {
    match flow {
        Dataflow::WeightStationary => DimSet::of(&[Dim::K, Dim::C, Dim::G]),
        Dataflow::OutputStationary => DimSet::of(&[Dim::P, Dim::Q, Dim::Z, Dim::N, Dim::G]),
        Dataflow::InputStationary => DimSet::of(&[Dim::C, Dim::P, Dim::N, Dim::G]),
        Dataflow::RowStationary => DimSet::of(&[Dim::P, Dim::R, Dim::K, Dim::C, Dim::G, Dim::N]),
    }
}

/// Its spatial loops: first of the dimensions that it spreads by name, then of all.
fn spreads(operation: &LoopNest, hardware: &Hardware, flow: Dataflow) -> Vec<Vec<ArrayMapping>> {
    let allowed = preferred(flow);
    let mut all = if flow == Dataflow::RowStationary {
        rows(operation, hardware)
    } else {
        spread::options(operation, hardware, allowed, false, SPREADS / 2)
    };
    if flow != Dataflow::RowStationary {
        for mut spatial in all.clone() {
            spread::fill(operation, hardware, &mut spatial, DimSet::ALL, false);
            all.push(spatial);
        }
    }
    // The ones that leave few elements idle come first, should the budget end before the others.
    all.sort_by_key(|spatial| spread::steps(operation, spatial));
    all.dedup();
    all
}

/// Kernel rows over one axis and output rows over another, the rest filled; the axes of other
/// arrays as they fill best.
fn rows(operation: &LoopNest, hardware: &Hardware) -> Vec<Vec<ArrayMapping>> {
    let plain = Candidate::smallest(hardware).spatial;
    let Some((level, array)) = row_array(hardware) else {
        return vec![plain];
    };
    let allowed = preferred(Dataflow::RowStationary);
    let size = |axis: usize| array.axes[axis].size;
    let may = |axis: usize, d: Dim| array.axes[axis].dims.contains(d);
    let mut all = Vec::new();
    let axes = || (0..array.axes.len()).map(Some).chain([None]);
    for (kernel, output) in axes().flat_map(|a| axes().map(move |b| (a, b))) {
        if kernel == output && kernel.is_some() {
            continue;
        }
        let mut spatial = plain.clone();
        let Some(own) = spatial.iter_mut().find(|own| own.level == level) else {
            continue;
        };
        for (axis, d) in [(kernel, Dim::R), (output, Dim::P)] {
            let Some(axis) = axis.filter(|&axis| may(axis, d)) else {
                continue;
            };
            own.axes[axis][d] = if d == Dim::R {
                operation.extents[d].min(size(axis))
            } else {
                spread::factor(operation.extents[d], size(axis), false)
            };
        }
        spread::fill(operation, hardware, &mut spatial, allowed, false);
        all.push(spatial);
    }
    all.sort_by_key(|spatial| spread::steps(operation, spatial));
    all.dedup();
    all
}

/// In which sequence memories are filled: from the outside in, from the inside out, all at once.
fn sequences(memories: usize) -> [Vec<Vec<usize>>; 3] {
    let outside_in: Vec<Vec<usize>> = (0..memories).map(|memory| vec![memory]).collect();
    let inside_out = outside_in.iter().rev().cloned().collect();
    [outside_in, inside_out, vec![(0..memories).collect()]]
}

/// Puts the operand that stays first in the innermost memory, and the given one in the others.
fn arrange(candidate: &mut Candidate, first: Role, flow: Dataflow) {
    let last = candidate.stores.len().saturating_sub(1);
    for (index, store) in candidate.stores.iter_mut().enumerate() {
        let stays = if index == last {
            flow.stationary()
        } else {
            first
        };
        store.order.sort_by_key(|&role| role != stays);
        store.slide = Some(Dim::P);
    }
}

/// The tiles to begin with: rows of the kernel are whole where rows stay.
fn start(candidate: &mut Candidate, operation: &LoopNest, flow: Dataflow) {
    if flow == Dataflow::RowStationary {
        for index in 0..candidate.stores.len() {
            candidate.set(index, Dim::S, operation.extents[Dim::S]);
        }
    }
}
