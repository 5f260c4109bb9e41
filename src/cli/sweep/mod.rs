//! `sweep`: a network on many pieces of hardware.

pub(super) mod args;
pub(super) mod merge;
pub(super) mod pictures;
mod planned;
mod points;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, anyhow, bail};

use self::args::SweepArguments;
use self::points::Point;
use super::args::TilesArgument;
use super::progress::PointBar;
use super::solve::require_match;
use super::verify::Restrictions;
use super::warnings::Notice;
use super::{Outcome, input, interrupt, jobs, verify};
use crate::exact::SolveOptions;
use crate::network::inference::{self, InferenceOptions};
use crate::problem::format::FORMAT;
use crate::problem::goal::Measure;
use crate::problem::sweep::PointResult;
use crate::problem::{RunResult, Space, TrainingStep};
use crate::report::sweep;
use crate::sweep::cache::Cache;
use crate::sweep::inherit::inherit;
use crate::sweep::journal::{Found, Journal, identity};
use crate::sweep::manifest::{Manifest, Source, VaryEntry};
use crate::sweep::memo::{PointMemo, Shared};
use crate::sweep::run::{ranks, run as run_points};

/// What a person can do where a bound of one point is above a plan of another one.
const CONTRADICTION: &str = "the points contradict each other; begin anew in an empty folder, and if it happens again report it";

/// Runs the command.
pub(super) fn run(arguments: &SweepArguments) -> anyhow::Result<Outcome> {
    let templates = points::open(arguments)?;
    let choices = points::all_choices(arguments, &templates)?;
    let own = arguments
        .shard
        .map_or_else(|| choices.clone(), |shard| shard.of(&choices));
    let ranks = ranks(&arguments.vary, &own);
    let points = points::points(arguments, &templates, own)?;
    check(arguments, &points)?;
    let manifest = manifest(arguments, &templates, &points);
    let (journal, found) = open_folder(arguments, &manifest)?;
    let picture = pictures::open(&arguments.pictures)?;

    let interrupt = interrupt::flag()?;
    let sweep = Sweep {
        arguments,
        shared: Arc::new(Shared::new(cache(arguments), !arguments.no_neighbours)),
        journal: Mutex::new(journal),
        interrupt: Arc::clone(&interrupt),
    };
    let ranked: Vec<(usize, Point)> = ranks.into_iter().zip(points).collect();
    let mut all = found.points;
    let result = sweep.run(&ranked, &mut all);
    crate::sweep::merge::sort(&mut all);
    let stopped = interrupt.load(Ordering::SeqCst);
    if let Err(error) = result {
        bail!(
            "{error:#}; {} finished points are kept, and the same command goes on",
            all.len()
        );
    }
    inherit(&mut all).context(CONTRADICTION)?;
    write_files(&arguments.output, &all)?;
    summary::write(&all, &sweep.shared.counts(), arguments)?;
    sweep.shared.cache().failure().into_iter().for_each(|what| {
        Notice::CacheNotWritten {
            what: what.to_owned(),
        }
        .show();
    });
    if stopped {
        let (finished, points) = (all.len(), ranked.len());
        Notice::SweepInterrupted { finished, points }.show();
        return Ok(Outcome::Interrupted);
    }
    if let Some(picture) = picture {
        let solve = |point: &Point, layer: &str| sweep.one_layer(point, layer);
        pictures::write(picture, &arguments.pictures, &all, &ranked, &solve)?;
    }
    let limited = arguments.time_limit.is_some() || arguments.work.is_given();
    Ok(summary::outcome(&all, limited))
}

/// Writes the CSV files of a folder.
fn write_files(folder: &Path, points: &[PointResult]) -> anyhow::Result<()> {
    sweep::write_files(folder, points).map_err(|(file, error)| {
        anyhow!(error).context(format!("cannot write {}", folder.join(file).display()))
    })
}

/// What all points have in common.
struct Sweep<'a> {
    arguments: &'a SweepArguments,
    shared: Arc<Shared>,
    journal: Mutex<Journal>,
    interrupt: Arc<AtomicBool>,
}

impl Sweep<'_> {
    /// Solves the points that are not finished yet, and appends them to the finished ones.
    fn run(&self, points: &[(usize, Point)], all: &mut Vec<PointResult>) -> anyhow::Result<()> {
        let finished: BTreeSet<String> = all.iter().map(|point| identity(&point.vary)).collect();
        let is_finished = |point: &Point| finished.contains(&identity(&point.choice.json()));
        let (done, open): (Vec<_>, Vec<_>) =
            points.iter().partition(|(_, point)| is_finished(point));
        if !open.is_empty() && !done.is_empty() {
            Notice::Resumed {
                finished: done.len(),
                points: points.len(),
            }
            .show();
            for (rank, point) in &done {
                self.layers(point, self.shared.recall(*rank), 1)?;
            }
        }
        let bar = PointBar::new(open.len());
        let new = Mutex::new(Vec::new());
        let open: Vec<(usize, (usize, &Point))> = (open.iter())
            .map(|(rank, point)| (*rank, (*rank, point)))
            .collect();
        let work = |(rank, point): &(usize, &Point), jobs: usize| -> anyhow::Result<()> {
            let result = self.point(point, *rank, jobs)?;
            if self.interrupt.load(Ordering::SeqCst) {
                return Ok(());
            }
            let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.append(&result)?;
            bar.finished(&point.choice.text(), result.status.name());
            let mut new = new.lock().unwrap_or_else(PoisonError::into_inner);
            new.push(result);
            Ok(())
        };
        let jobs = jobs::of(self.arguments.jobs);
        let result = run_points(&open, jobs, &self.interrupt, &work);
        bar.clear();
        all.append(&mut new.into_inner().unwrap_or_else(PoisonError::into_inner));
        result
    }

    /// Maps the network of a point, and plans its step.
    fn point(&self, point: &Point, rank: usize, jobs: usize) -> anyhow::Result<PointResult> {
        let start = Instant::now();
        let mut result = self.layers(point, self.shared.point(rank), jobs)?;
        let mut left_out = None;
        if let Some(graph) = &point.planned
            && !self.interrupt.load(Ordering::SeqCst)
        {
            let options = options(self.arguments, self.shared.modes(rank), &self.interrupt);
            let how = (&options.solve, jobs);
            left_out = planned::add(&mut result, graph, &self.arguments.plan, how)?;
            result.seconds = start.elapsed().as_secs_f64();
        }
        Ok(PointResult {
            plan_left_out: left_out,
            ..PointResult::of(point.choice.json(), &result)
        })
    }

    /// Maps the operations of a point, each alone.
    fn layers(&self, point: &Point, memo: PointMemo, jobs: usize) -> anyhow::Result<RunResult> {
        let options = InferenceOptions {
            jobs,
            ..options(self.arguments, memo, &self.interrupt)
        };
        let mut result = map(point, self.arguments, &options)?;
        let restrictions = Restrictions {
            work: &*point.graph,
            fixed: &[],
        };
        let failures = verify::rows(&mut result.layers, &point.hardware, Some(restrictions));
        failures.iter().for_each(Notice::show);
        Ok(result)
    }

    /// The result of one layer of a point, from what is known.
    fn one_layer(&self, point: &Point, layer: &str) -> anyhow::Result<RunResult> {
        let pattern = format!("^{}$", regex::escape(layer));
        let options = InferenceOptions {
            layers: Some(regex::Regex::new(&pattern)?),
            ..options(self.arguments, self.shared.point(0), &self.interrupt)
        };
        map(point, self.arguments, &options)
    }
}

fn options(
    arguments: &SweepArguments,
    memo: PointMemo,
    interrupt: &Arc<AtomicBool>,
) -> InferenceOptions {
    InferenceOptions {
        solve: SolveOptions {
            divisors_only: arguments.among.tiles == TilesArgument::Divisors,
            time_limit: arguments.time_limit,
            cpu_limit: arguments.work.cpu_limit,
            node_limit: arguments.work.node_limit,
            interrupt: Arc::clone(interrupt),
            objective: arguments.objective.into(),
            tie_break: arguments.tie_break.into(),
            memo: Some(Arc::new(memo)),
            ..SolveOptions::default()
        },
        fuse: !arguments.no_fuse,
        jobs: 1,
        layers: arguments.layers.clone(),
        fixed: Vec::new(),
    }
}

/// The step of a point on its hardware.
fn map(
    point: &Point,
    arguments: &SweepArguments,
    options: &InferenceOptions,
) -> anyhow::Result<RunResult> {
    let start = Instant::now();
    let Point {
        graph,
        optimizer,
        hardware,
        ..
    } = point;
    let layers = inference::map(graph, hardware, options, &|_| ())?;
    Ok(RunResult {
        network: graph.network.clone(),
        hardware: hardware.clone(),
        mode: graph.mode.name(),
        batch: graph.batch,
        objective: Measure::from(arguments.objective),
        space: Space::of(hardware, options.solve.divisors_only),
        notes: input::notes(&layers, hardware),
        training: optimizer.map(|optimizer| TrainingStep {
            optimizer: optimizer.name(),
            inference_cycles: None,
        }),
        partial: options.layers.is_some(),
        memory_plan: None,
        what_if: Vec::new(),
        origins: BTreeMap::new(),
        layers,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// Options that do not fit the inputs.
fn check(arguments: &SweepArguments, points: &[Point]) -> anyhow::Result<()> {
    let objective = Measure::from(arguments.objective);
    for Point {
        graph, hardware, ..
    } in points
    {
        require_match(&**graph, arguments.layers.as_ref())?;
        if objective.has_energy() {
            input::require_energy(&format!("--objective {}", objective.name()), hardware)?;
        }
    }
    Ok(())
}

fn cache(arguments: &SweepArguments) -> Cache {
    if arguments.no_cache {
        Cache::default()
    } else {
        Cache::of_user()
    }
}

fn manifest(arguments: &SweepArguments, templates: &points::Templates, all: &[Point]) -> Manifest {
    let source = |name: Option<&str>, text: &str| Source {
        name: name.unwrap_or_default().to_owned(),
        blake3: blake3::hash(text.as_bytes()).to_hex().to_string(),
    };
    let first = all.first();
    let (network, hardware) = (
        first.map(|point| point.graph.network.as_str()),
        first.map(|point| point.hardware.name.as_str()),
    );
    Manifest {
        format: FORMAT,
        deepmatrix: env!("CARGO_PKG_VERSION").to_owned(),
        network: source(network, templates.network.text()),
        hardware: source(hardware, templates.hardware.text()),
        options: arguments.options(),
        vary: arguments.vary.iter().map(VaryEntry::of).collect(),
        paired: arguments.paired,
        shard: (arguments.shard).map(|shard| format!("{}/{}", shard.number, shard.of)),
    }
}

/// Opens the folder, which holds nothing yet or a part of this sweep.
fn open_folder(
    arguments: &SweepArguments,
    manifest: &Manifest,
) -> anyhow::Result<(Journal, Found)> {
    let folder: &Path = &arguments.output;
    let opened = Journal::open(folder, arguments.no_resume)?;
    let before = Manifest::read(folder).with_context(|| {
        format!(
            "cannot read {}",
            folder.join(crate::sweep::manifest::FILE).display()
        )
    })?;
    let conflict = before.as_ref().and_then(|own| own.conflict(manifest));
    if let Some(what) = conflict.as_ref().filter(|_| !opened.1.points.is_empty()) {
        return Err(anyhow!(
            "{} holds points of another sweep ({what}); give another folder, or --no-resume to delete them",
            folder.display()
        ));
    }
    let before = before.filter(|_| conflict.is_none() && !arguments.no_resume);
    believe(&opened.1, manifest, before.as_ref(), folder)?;
    let whole = match &before {
        Some(before) => manifest.clone().with_values_of(before),
        None => manifest.clone(),
    };
    whole.write(folder).with_context(|| {
        format!(
            "cannot write {}",
            folder.join(crate::sweep::manifest::FILE).display()
        )
    })?;
    if opened.1.torn {
        Notice::TornLine {
            file: folder
                .join(crate::sweep::journal::FILE)
                .display()
                .to_string(),
        }
        .show();
    }
    Ok(opened)
}

/// Refuses points of values for which the sweep was asked neither now nor before.
fn believe(
    found: &Found,
    manifest: &Manifest,
    before: Option<&Manifest>,
    folder: &Path,
) -> anyhow::Result<()> {
    let stranger = found.points.iter().enumerate().find_map(|(index, point)| {
        let known = before.is_some_and(|before| before.stranger(&point.vary).is_none());
        let what = manifest.stranger(&point.vary).filter(|_| !known)?;
        Some((index + 1, what))
    });
    let file = folder.join(crate::sweep::journal::FILE);
    stranger.map_or(Ok(()), |(number, what)| {
        Err(anyhow!(
            "{}: point {number}: {what}; delete its line",
            file.display()
        ))
    })
}
