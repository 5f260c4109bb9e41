//! The modes of the operations of a step: every distinct loop nest is mapped once for each capacity.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::problem::graph::{self, Graph};
use crate::problem::plan::Modes;
use crate::problem::{Fixed, Hardware, LayerKind, LoopNest, PhaseIndex, PhaseWork};

use super::modes::{self, Asked, Ladder, Mappings, ModeOptions, NestModes, RoleMode};

/// A loop nest, and what is fixed of its mappings.
type Key<'a> = (&'a LoopNest, Arc<Vec<Fixed>>);

/// The modes of every distinct loop nest of which the same is fixed.
pub(super) struct Nests<'a> {
    options: &'a ModeOptions,
    pool: ThreadPool,
    /// That of most multiply-accumulates first.
    ladders: Vec<Ladder<'a>>,
    found: BTreeMap<Key<'a>, NestModes>,
}

impl<'a> Nests<'a> {
    /// Begins with what is known of the loop nests of a step, on several threads.
    pub(super) fn begin(
        graph: &'a Graph,
        hardware: (&Hardware, usize),
        options: &'a ModeOptions,
    ) -> Result<Self, ThreadPoolBuildError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(options.jobs.max(1))
            .stack_size(8 << 20)
            .build()?;
        let order = asked(graph, options);
        let mut begun: Vec<Option<Ladder<'a>>> = vec![None; order.len()];
        pool.scope_fifo(|scope| {
            for (place, own) in begun.iter_mut().zip(order) {
                scope.spawn_fifo(move |_| *place = Some(Ladder::begin(own, hardware, options)));
            }
        });
        Ok(Self {
            options,
            pool,
            ladders: begun.into_iter().flatten().collect(),
            found: BTreeMap::new(),
        })
    }

    /// Goes on until so many mappings of every loop nest were looked for, on several threads.
    pub(super) fn extend(&mut self, most: usize) {
        self.each(&|ladder, options| ladder.extend(most, options));
    }

    /// Adds those that are faster where no outer port has a limit, on several threads.
    pub(super) fn add_fastest_inside(&mut self) {
        self.each(&|ladder, options| ladder.add_fastest_inside(options));
    }

    /// Goes on with every loop nest, on several threads, and takes what was found.
    fn each(&mut self, go_on: &(dyn Fn(&mut Ladder<'a>, &ModeOptions) + Sync)) {
        let (options, ladders) = (self.options, &mut self.ladders);
        self.pool.scope_fifo(|scope| {
            for ladder in ladders {
                scope.spawn_fifo(move |_| go_on(ladder, options));
            }
        });
        let all = self.ladders.iter();
        self.found = all
            .map(|ladder| (ladder.key(), ladder.modes(options)))
            .collect();
    }

    /// Whether no loop nest has mappings that were not looked for yet.
    pub(super) fn is_complete(&self) -> bool {
        self.ladders.iter().all(Ladder::is_complete)
    }

    /// What was found of all loop nests.
    pub(super) fn counts(&self) -> Modes {
        let mut modes = Modes::default();
        (self.found.values()).for_each(|nest| modes.add(&nest.counts));
        modes
    }

    fn fixed(options: &ModeOptions, operation: &str) -> Arc<Vec<Fixed>> {
        options.fixed.get(operation).cloned().unwrap_or_default()
    }

    /// The mappings of every loop nest.
    pub(super) fn mappings(&self) -> Mappings {
        let all = self.found.iter();
        all.map(|((nest, fixed), own)| {
            let key = ((*nest).clone(), Arc::clone(fixed));
            (key, own.mappings.clone())
        })
        .collect()
    }

    fn of(&self, operation: &str, nest: &'a LoopNest) -> Option<&NestModes> {
        let key = (nest, Self::fixed(self.options, operation));
        self.found.get(&key)
    }
}

/// The distinct loop nests of a step, that of most multiply-accumulates first.
fn asked<'a>(graph: &'a Graph, options: &'a ModeOptions) -> Vec<Asked<'a>> {
    let mut all = BTreeMap::new();
    for operation in graph.operations.iter().filter(|o| o.fused_into.is_none()) {
        let name = operation.name.as_str();
        let mut enter = |nest: &'a LoopNest, phase: Option<PhaseIndex>| {
            let fixed = Nests::fixed(options, name);
            let known = options.known.get(name, phase);
            let own = all.entry((nest, fixed)).or_insert(known);
            *own = own.or(known);
        };
        match &operation.kind {
            LayerKind::MultiplyAccumulate(nest) => enter(nest, None),
            LayerKind::Phases(phases) => {
                let with_nests = phases.iter().filter_map(|p| Some((p.nest()?, p.index)));
                with_nests.for_each(|(nest, index)| enter(nest, Some(index)));
            }
            LayerKind::Stream(_) | LayerKind::View => {}
        }
    }
    let asked = all
        .into_iter()
        .map(|((nest, fixed), known)| Asked { nest, fixed, known });
    let mut order: Vec<Asked<'a>> = asked.collect();
    order.sort_by_key(|own| std::cmp::Reverse(own.nest.box_macs()));
    order
}

/// The modes of an operation's work, each the parts that run one after the other.
pub(super) struct Ways {
    pub(super) modes: Vec<Vec<RoleMode>>,
    /// The parts that are in nothing worse than any.
    pub(super) least: Option<Vec<RoleMode>>,
    /// Cycles of all parts that no mappings take fewer of while nothing is resident.
    pub(super) alone_cycles: u128,
}

/// The modes of an operation; `None` where a loop nest of it was not mapped.
pub(super) fn ways<'a>(
    own: &'a graph::Operation,
    nests: &Nests<'a>,
    (hardware, shared): (&Hardware, usize),
) -> Option<Ways> {
    let stream = |stream| {
        let only = modes::of_stream(stream, hardware, shared);
        NestModes {
            modes: vec![only.clone()],
            least: Some(only),
            ..NestModes::default()
        }
    };
    match &own.kind {
        LayerKind::MultiplyAccumulate(nest) => Some(Ways::one(nests.of(&own.name, nest)?)),
        LayerKind::Phases(phases) => {
            let parts = phases.iter().map(|phase| match &phase.work {
                PhaseWork::MultiplyAccumulate(nest) => nests.of(&own.name, nest).cloned(),
                PhaseWork::Zeros(zeros) => Some(stream(zeros)),
            });
            let parts: Option<Vec<NestModes>> = parts.collect();
            Some(Ways::in_turn(&parts?))
        }
        LayerKind::Stream(work) => Some(Ways::one(&stream(work))),
        LayerKind::View => None,
    }
}

impl Ways {
    fn one(found: &NestModes) -> Self {
        Self {
            modes: found.modes.iter().map(|mode| vec![mode.clone()]).collect(),
            least: found.least.clone().map(|least| vec![least]),
            alone_cycles: found.alone_cycles,
        }
    }

    fn in_turn(parts: &[NestModes]) -> Self {
        let modes: Vec<Vec<RoleMode>> = parts.iter().map(|part| part.modes.clone()).collect();
        Self {
            modes: side_by_side(&modes),
            least: parts.iter().map(|part| part.least.clone()).collect(),
            alone_cycles: parts.iter().map(|part| part.alone_cycles).sum(),
        }
    }
}

/// Phases one after the other: the modes without resident operands, the first of each, the second
/// of each and so on.
fn side_by_side(parts: &[Vec<RoleMode>]) -> Vec<Vec<RoleMode>> {
    let free = |part: &Vec<RoleMode>| -> Vec<RoleMode> {
        let all = part.iter().filter(|m| m.resident == [false; 3]);
        all.cloned().collect()
    };
    let parts: Vec<Vec<RoleMode>> = parts.iter().map(free).collect();
    if parts.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let most = parts.iter().map(Vec::len).max().unwrap_or(0);
    let combined = (0..most).map(|rank| {
        let chosen = parts.iter().map(|p| p[rank.min(p.len() - 1)].clone());
        chosen.collect()
    });
    combined.collect()
}
