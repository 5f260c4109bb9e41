//! The layer program as a file: the classes as variables, the columns that the bound leaves, and
//! the tangents that its optimum needs.

mod cuts;
mod header;
mod pieces;
mod standing;

use std::sync::Arc;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::cost::bound::lower_bounds;
use crate::cost::evaluate;
use crate::engine::assembly::assemble_switched;
use crate::engine::lp_file::{comment_lines, lp_text};
use crate::engine::mps_file::mps_text;
use crate::engine::named::Named;
use crate::engine::piece::Piece;
use crate::engine::settle::{Settled, add_relaxation, settle};
use crate::layer::{decode, names, spelling};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Status};
use crate::problem::{Certificate, Dim, Hardware, LoopNest};
use crate::tiling::chain::Chain;

use super::exact::{self, SolveOptions};
use super::space::LayerSpace;
use super::survey::{ClassColumns, LeftOut};
use pieces::Chosen;

pub use crate::engine::lp_file::with_rows;
pub use cuts::{Decoded, Standing, decoded};

/// Which columns are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnChoice {
    /// Those that the proved bound cannot exclude from a better mapping, and those of the best one.
    #[default]
    Survivors,
    /// All of them.
    All,
}

/// What is exported.
#[derive(Clone, Debug, Default)]
pub struct ProgramOptions {
    /// Tiles, objective, limits of time.
    pub solve: SolveOptions,
    /// The columns.
    pub columns: ColumnChoice,
    /// The name of a class, or what the names of several begin with: the others are left out.
    pub branch: Option<String>,
}

/// Binaries beyond which a program is not written.
const MOST_BINARIES: usize = 300_000;
/// Binaries beyond which HiGHS does not look for the file's optimum: that is left to the reader.
const SETTLED_BINARIES: usize = 3_000;
/// The file's optimum is no larger than the best mapping's but for this.
const NEAR: f64 = 1e-7;
/// Rounds of HiGHS.
const ROUNDS: u64 = 60;

/// A layer's program.
#[derive(Debug)]
pub struct LayerProgram {
    /// The model.
    pub(super) model: Named,
    /// What is said of it.
    pub facts: Facts,
}

/// What is said of a program.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What is minimised.
    pub objective: Measure,
    /// The best mapping's cost.
    pub best: Cost,
    /// What is proved of it.
    pub certificate: Certificate,
    /// The names of the classes that are written.
    pub classes: Vec<String>,
    /// The number of all classes, as far as they were counted.
    pub all_classes: Counted,
    /// Binaries, classes and columns.
    pub binaries: usize,
    /// Rows.
    pub rows: usize,
    /// What was left out.
    pub left_out: Without,
    /// The columns that come nearest, written beside those that cannot be excluded.
    pub nearest: usize,
    /// The file's optimum, and the programs that HiGHS solved until it was exact.
    pub settled: Option<(f64, u64)>,
    /// The energy in pJ in which energies count.
    pub energy_unit: Option<f64>,
}

/// What a file is without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Nothing: all columns of all classes are written.
    Nothing,
    /// What the classes' bounds exclude; `parts` where only those chains of long dimensions were
    /// counted that a bound over parts leaves.
    Excluded {
        /// What was left out of the classes that are written.
        columns: LeftOut,
        /// Whether long dimensions were bounded in two parts.
        parts: bool,
    },
    /// Everything that is not near the best mapping: branch and price proved that nothing is
    /// better, but what the classes' bounds alone leave is too much to be listed.
    Proved,
}

/// A number that may be more than was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// So many.
    Exactly(usize),
    /// More than these.
    MoreThan(usize),
}

impl LayerProgram {
    /// The program.
    #[must_use]
    pub fn model(&self) -> &Named {
        &self.model
    }

    /// The program as an LP file, `title` first in its comments.
    #[must_use]
    pub fn lp(&self, title: &[String]) -> String {
        lp_text(&self.model, &header::comments(&self.facts, title))
    }

    /// The program as an MPS file.
    #[must_use]
    pub fn mps(&self, title: &[String]) -> String {
        mps_text(&self.model, &header::comments(&self.facts, title))
    }
}

/// Solves the layer and puts its program together.
///
/// # Errors
/// One line: no mapping exists, no class has that name, or the program is too large.
pub fn build(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &ProgramOptions,
) -> Result<LayerProgram, String> {
    let mut solve = options.solve.clone();
    if let Some(name) = &options.branch {
        solve.branch = Arc::new(branch(operation, hardware, name)?);
    }
    let solution = exact::solve(operation, hardware, &solve);
    let certificate = solution.certificate;
    let Some((mapping, cost)) = solution.best else {
        return Err(match solution.reason {
            Some(reason) => format!("no mapping to begin with: {reason}"),
            None => "no mapping to begin with".to_owned(),
        });
    };
    let any_mapping = lower_bounds(operation, hardware).best();
    let fresh = || {
        let mut space = exact::space_of(operation, hardware, &solve, any_mapping);
        space.offer(mapping.clone());
        space
    };
    let proved = certificate.status() == Status::Optimal;
    let left = pieces::left(fresh(), options, proved)?;
    // A space that has stopped stays stopped.
    let space = fresh();
    let chosen = pieces::chosen(&space, options, &mapping, left)?;
    let mut file = File::new(&space, &chosen);
    let settled = file.add_tangents(&space, &chosen);
    let unit = if space.goal.minimise.has_energy() {
        space.energy_unit.ln()
    } else {
        0.0
    };
    let least = space.goal.minimise.of(&cost).ln() - unit;
    // An optimum above a mapping that is in the file is HiGHS's error: the file then makes no claim.
    let settled = settled.filter(|s| s.objective <= least + NEAR);
    let known = Known {
        cost,
        certificate,
        settled,
    };
    Ok(finish(&space, &chosen, &file, known))
}

/// The classes that a name means: the one of this name, or all whose names begin with it.
fn branch(operation: &LoopNest, hardware: &Hardware, name: &str) -> Result<Vec<Class>, String> {
    if let Some(class) = spelling::class(operation, hardware, name) {
        return Ok(vec![class]);
    }
    let all = pieces::all_classes(operation, hardware);
    let named: Vec<Class> = (all.iter().filter(|_| !name.is_empty()))
        .filter(|c| names::class(hardware, c).starts_with(name))
        .cloned()
        .collect();
    if named.is_empty() {
        let some: Vec<String> = all
            .iter()
            .take(6)
            .map(|c| names::class(hardware, c))
            .collect();
        let more = if all.len() > 6 { ", …" } else { "" };
        return Err(format!(
            "no class is called `{name}` or begins so; there are {}{more}",
            some.join(", ")
        ));
    }
    Ok(named)
}

/// The pieces of a file, and the columns of its classes.
struct File {
    pieces: Vec<Piece>,
    columns: Vec<Vec<ColumnGroup>>,
}

impl File {
    fn new(space: &LayerSpace<'_>, chosen: &Chosen) -> Self {
        let classes = || chosen.classes.iter();
        let columns: Vec<Vec<ColumnGroup>> =
            classes().map(|own| pieces::groups(space, own)).collect();
        let numbered = classes().zip(&columns).enumerate();
        let pieces = numbered
            .map(|(number, (own, columns))| pieces::piece(space, number, &own.class, columns))
            .collect();
        Self { pieces, columns }
    }

    fn binaries(&self) -> usize {
        self.pieces.iter().map(pieces::binaries).sum()
    }

    /// Adds the tangents of every class's relaxation, those around the best mapping, and those
    /// with which HiGHS's optimum is that of the convex program.
    fn add_tangents(&mut self, space: &LayerSpace<'_>, chosen: &Chosen) -> Option<Settled> {
        for piece in &mut self.pieces {
            add_relaxation(piece, &space.watch);
        }
        if let Some((number, choice)) = self.choice_of(chosen) {
            pieces::add_around(&mut self.pieces[number], &choice);
        }
        if self.binaries() > SETTLED_BINARIES {
            return None;
        }
        let columns = &self.columns;
        let mut accepts = |origin: usize, choice: &[u32]| {
            let class = &chosen.classes[origin].class;
            let (operation, hardware) = (space.operation, space.hardware);
            let own = decode::mapping(operation, hardware, &columns[origin], class, choice);
            evaluate(operation, hardware, &own).is_ok()
        };
        let settled = settle(&mut self.pieces, ROUNDS, &space.watch, &mut accepts)?;
        pieces::add_around(&mut self.pieces[settled.choice.0], &settled.choice.1);
        Some(settled)
    }

    /// The piece and the choice of the class and columns that are the best mapping's.
    fn choice_of(&self, chosen: &Chosen) -> Option<(usize, Vec<u32>)> {
        let best = chosen.best.as_ref()?;
        let number = (chosen.classes.iter()).position(|own| own.class == best.class)?;
        let groups = self.columns[number].iter().zip(&best.groups);
        let place = |(group, (_, columns)): (&ColumnGroup, &(Vec<Dim>, Vec<Vec<Chain>>))| {
            let wanted = columns.first()?;
            let chain = |j: usize, p: usize| group.chain(j, p);
            let same = |j: &usize| wanted.iter().enumerate().all(|(p, c)| chain(*j, p) == c);
            let found = (0..group.columns.len()).find(same)?;
            u32::try_from(found).ok()
        };
        let choice: Option<Vec<u32>> = groups.map(place).collect();
        Some((number, choice?))
    }
}

/// What is known of the best mapping and of the file.
struct Known {
    cost: Cost,
    certificate: Certificate,
    settled: Option<Settled>,
}

/// The model with what is said of it.
fn finish(space: &LayerSpace<'_>, chosen: &Chosen, file: &File, known: Known) -> LayerProgram {
    let (mut model, _) = assemble_switched(&file.pieces);
    let energy = space.goal.minimise.has_energy();
    let unit = energy.then_some(space.energy_unit);
    if let Some(unit) = unit {
        model.continuous("log_energy_unit", (unit.ln(), unit.ln()), 1.0);
    }
    let named = |own: &ClassColumns| names::class(space.hardware, &own.class);
    LayerProgram {
        facts: Facts {
            objective: space.goal.minimise,
            best: known.cost,
            certificate: known.certificate,
            classes: chosen.classes.iter().map(named).collect(),
            all_classes: chosen.all_classes,
            binaries: file.binaries(),
            rows: model.rows().len(),
            left_out: chosen.left_out,
            nearest: chosen.nearest,
            settled: (known.settled).map(|s| (s.objective + unit.map_or(0.0, f64::ln), s.rounds)),
            energy_unit: unit,
        },
        model,
    }
}

/// How an LP file with this title begins.
#[must_use]
pub fn first_comment(title: &[String]) -> String {
    let first = title.first().map(String::as_str).unwrap_or_default();
    let mut text = String::new();
    for line in comment_lines(first) {
        text.push_str("\\ ");
        text.push_str(&line);
        text.push('\n');
    }
    text
}
