//! Solutions of loop nests, kept on disk under the content that decides them.
//!
//! One file for each, `solutions/<two digits>/<the other digits>.json`, named by a BLAKE3 hash of
//! the loop nest, of what matters of the hardware, of the options and of the solver's sources. A
//! file is written under another name and then renamed, so that several processes may read and
//! write at the same time. The exact cost is computed anew when a file is read.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use crate::cost::{bound, dataflow, evaluate};
use crate::exact::{SolveOptions, TieBreak, tie_breakers};
use crate::files;
use crate::problem::certificate::{Amount, Certificate, Evidence};
use crate::problem::format::{FORMAT, Formatted, first, refusal};
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::{Cost, Solution, SolverStatistics, Status, Tie};
use crate::problem::{Hardware, LoopNest, Mapping};

/// A larger file is no entry: one has some thousand bytes.
const LARGEST_BYTES: u64 = 16 << 20;

/// A BLAKE3 hash of all that decides a solution.
pub type Key = [u8; 32];

/// Where solutions are kept; nothing is where there is no folder for it.
#[derive(Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
    /// Why a solution could not be written, the first time that happened.
    failure: OnceLock<String>,
}

/// A solution that was kept.
#[derive(Clone, Debug)]
pub enum Remembered {
    /// Nothing more would be found under the same options.
    Whole(Solution),
    /// It ended without a proof sooner than the options let it search: something to start from.
    Part(Solution),
}

impl Remembered {
    /// The solution.
    #[must_use]
    pub fn solution(self) -> Solution {
        match self {
            Remembered::Whole(solution) | Remembered::Part(solution) => solution,
        }
    }
}

/// What is kept of a solution.
#[derive(Deserialize, Serialize)]
struct Entry {
    /// The format of the entry.
    #[serde(default = "first")]
    format: u64,
    status: Status,
    evidence: Evidence,
    mapping: Option<Mapping>,
    bound_cycles: u64,
    /// What no mapping has less of, where something else than cycles is minimised.
    objective_bound: Option<f64>,
    /// What was proved of how equally good mappings were told apart.
    tie: Option<TieEntry>,
    reason: Option<String>,
    /// The limit under which the search ended without a proof.
    time_limit_seconds: Option<f64>,
    statistics: SolverStatistics,
}

/// What is kept of how equally good mappings were told apart.
#[derive(Deserialize, Serialize)]
struct TieEntry {
    /// Which of the measures was minimised last.
    last: usize,
    /// What no mapping that is as good in those before has less of.
    bound: f64,
    evidence: Evidence,
}

impl TieEntry {
    fn of(tie: &Tie) -> Option<Self> {
        let certificate = &tie.certificate;
        let last = certificate.measure();
        Some(Self {
            last: tie.broken_by.iter().position(|&own| own == last)?,
            bound: certificate.bound()?.real(),
            evidence: certificate.evidence().clone(),
        })
    }

    /// The claim made anew for what the mapping has; `None` where it is none.
    fn tie(self, broken_by: &'static [Measure], cost: &Cost) -> Option<Tie> {
        let measure = *broken_by.get(self.last)?;
        let (value, bound) = (measure.amount(cost), Amount::Real(self.bound));
        let certificate = Certificate::found(measure, value, bound, self.evidence).ok()?;
        Some(Tie {
            broken_by,
            certificate,
        })
    }
}

/// The key of a solution: the content of all that decides it, as the types print it, so that
/// nothing that a type holds can be left out.
#[must_use]
pub fn key(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Key {
    let mut own = hardware.clone();
    own.name.clear();
    own.source = None;
    own.clock_mhz = None;
    own.vector_lanes = None;
    own.remove_alignments();
    let energy = options.objective.has_energy()
        || options.tie_break == TieBreak::All
        || options.limits.iter().any(|limit| limit.0.has_energy());
    if !energy {
        own.remove_energy();
    }
    let SolveOptions {
        divisors_only,
        method,
        whole,
        switches,
        objective,
        tie_break,
        limits,
        fixed,
        most_pieces,
        ..
    } = options;
    let solver = env!("DEEPMATRIX_SOLVER");
    let text = format!(
        "{solver}\n{operation:?}\n{own:?}\n{divisors_only} {method:?} {whole:?} {switches:?} {objective:?} {tie_break:?} {limits:?} {fixed:?} {most_pieces}"
    );
    blake3::hash(text.as_bytes()).into()
}

impl Cache {
    /// The cache below `XDG_CACHE_HOME`, or below `.cache` in the home folder; none without either.
    #[must_use]
    pub fn of_user() -> Self {
        let absolute = |name: &str| {
            let path = PathBuf::from(env::var_os(name)?);
            path.is_absolute().then_some(path)
        };
        let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        Self {
            folder: base.map(|base| base.join("deepmatrix")),
            ..Self::default()
        }
    }

    /// Why solutions could not be kept, if so.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    fn path(&self, key: &Key) -> Option<PathBuf> {
        let hex = blake3::Hash::from(*key).to_hex();
        let (first, rest) = hex.split_at(2);
        let folder = self.folder.as_ref()?.join("solutions").join(first);
        Some(folder.join(format!("{rest}.json")))
    }

    /// The solution that is kept, with its cost computed anew; `None` where there is none.
    #[must_use]
    pub fn load(
        &self,
        key: &Key,
        operation: &LoopNest,
        hardware: &Hardware,
        options: &SolveOptions,
    ) -> Option<Remembered> {
        let path = self.path(key)?;
        let entry = self.entry(&path)?;
        let proved = matches!(entry.status, Status::Optimal | Status::Infeasible);
        if !proved && (options.cpu_limit.is_some() || options.node_limit.is_some()) {
            // What such a limit leaves must not depend on what was searched before.
            return None;
        }
        let limit = options.time_limit.map(|limit| limit.as_secs_f64());
        let as_long = match (entry.time_limit_seconds, limit) {
            (Some(searched), Some(limit)) => searched >= limit,
            _ => false,
        };
        let solution = entry.solution(operation, hardware, options)?;
        Some(if proved || as_long {
            Remembered::Whole(solution)
        } else {
            Remembered::Part(solution)
        })
    }

    /// The entry of a file; `None` where there is none, or none that this version can read. What is
    /// too large or of a newer format is left as it is, and the first time said.
    fn entry(&self, path: &Path) -> Option<Entry> {
        let text = match files::read(path, LARGEST_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return self.refuse(path, &error.to_string());
            }
            Err(_) => return None,
        };
        let Formatted { format } = serde_json::from_slice(&text).ok()?;
        match refusal(format) {
            None => serde_json::from_slice(&text).ok(),
            Some(what) => self.refuse(path, &format!("it {what}")),
        }
    }

    fn refuse(&self, path: &Path, what: &str) -> Option<Entry> {
        // Only the first failure is told.
        let _ = (self.failure).set(format!("cannot use {}: {what}", path.display()));
        None
    }

    /// Keeps a solution; an interrupted search is nothing to keep.
    pub fn store(&self, key: &Key, solution: &Solution, options: &SolveOptions) {
        if options.interrupt.load(Ordering::SeqCst) || self.failure.get().is_some() {
            return;
        }
        let (Some(path), Some(entry)) = (self.path(key), Entry::of(solution, options)) else {
            return;
        };
        if let Err(error) = write(&path, &entry) {
            let folder = path.parent().unwrap_or(&path);
            let text = format!("cannot write into {}: {error}", folder.display());
            // Only the first failure is told.
            let _ = self.failure.set(text);
        }
    }
}

fn write(path: &Path, entry: &Entry) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let text = serde_json::to_vec(entry)?;
    files::write_quickly(path, |out| out.write_all(&text))
}

impl Entry {
    fn of(solution: &Solution, options: &SolveOptions) -> Option<Self> {
        Some(Self {
            format: FORMAT,
            status: solution.status(),
            evidence: solution.certificate.evidence().clone(),
            mapping: solution.best.as_ref().map(|best| best.0.clone()),
            bound_cycles: u64::try_from(solution.bound_cycles).ok()?,
            objective_bound: solution.objective_bound.map(|bound| bound.1),
            tie: solution.tie.as_ref().and_then(TieEntry::of),
            reason: solution.reason.clone(),
            // What another limit may have ended was not searched for so long.
            time_limit_seconds: (options.time_limit)
                .filter(|_| options.cpu_limit.is_none() && options.node_limit.is_none())
                .map(|limit| limit.as_secs_f64()),
            statistics: solution.statistics,
        })
    }

    /// The solution; `None` where the mapping is none of this hardware and these options, or where
    /// the claim is not what mapping, bounds and evidence prove.
    fn solution(
        self,
        operation: &LoopNest,
        hardware: &Hardware,
        options: &SolveOptions,
    ) -> Option<Solution> {
        let best = match &self.mapping {
            None => None,
            Some(mapping) => Some((
                mapping.clone(),
                cost(mapping, operation, hardware, options)?,
            )),
        };
        let lower_bounds = bound::lower_bounds(operation, hardware);
        let bound_cycles = u128::from(self.bound_cycles);
        let cycles = best.as_ref().map_or(u128::MAX, |best| best.1.cycles);
        let certificate = self.certificate(best.as_ref().map(|best| &best.1), options)?;
        let is_consistent =
            certificate.status() == self.status && bound_cycles.max(lower_bounds.best()) <= cycles;
        let tie = match (self.tie, &best) {
            (Some(tie), Some((_, cost))) => Some(tie.tie(tie_breakers(hardware, options), cost)?),
            _ => None,
        };
        is_consistent.then(|| Solution {
            certificate,
            best,
            bound_cycles,
            tie,
            objective_bound: self.objective_bound.map(|bound| (options.objective, bound)),
            lower_bounds,
            reason: self.reason,
            statistics: self.statistics,
        })
    }

    /// The claim made anew from what was kept; `None` where it is none.
    fn certificate(&self, cost: Option<&Cost>, options: &SolveOptions) -> Option<Certificate> {
        let measure = options.objective;
        let evidence = self.evidence.clone();
        let bound = match (measure, self.objective_bound) {
            (Measure::Cycles, None) => Amount::Whole(self.bound_cycles.into()),
            (_, Some(bound)) if measure != Measure::Cycles => Amount::Real(bound),
            _ => return None,
        };
        match (cost, self.status) {
            (Some(cost), _) => {
                Certificate::found(measure, measure.amount(cost), bound, evidence).ok()
            }
            (None, Status::Infeasible) => Some(Certificate::nothing(measure, evidence)),
            (None, _) => Some(Certificate::open(measure, bound, evidence)),
        }
    }
}

/// The cost of a mapping, computed anew; `None` where it is none that the options allow.
fn cost(
    mapping: &Mapping,
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
) -> Option<Cost> {
    let cost = evaluate(operation, hardware, mapping).ok()?;
    let goal = Goal {
        minimise: options.objective,
        limits: options.limits.clone(),
    };
    let allowed = dataflow::allows(operation, hardware, &options.fixed, mapping);
    (allowed && goal.allows(&cost)).then_some(cost)
}
