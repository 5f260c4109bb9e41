//! Solves a layer and puts its program together.

use std::sync::Arc;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::cost::bound::lower_bounds;
use crate::cost::evaluate;
use crate::engine::assembly::assemble_switched;
use crate::engine::piece::Piece;
use crate::engine::settle::{Settled, add_relaxation, settle};
use crate::exact::setup::space_of;
use crate::exact::solve::solve as solve_layer;
use crate::exact::space::LayerSpace;
use crate::exact::survey::ClassColumns;
use crate::layer::{decode, names, spelling};
use crate::problem::result::{Cost, Status};
use crate::problem::{Certificate, Dim, Hardware, LoopNest};
use crate::tiling::chain::Chain;

use super::facts::Facts;
use super::listing;
use super::options::ProgramOptions;
use super::pieces::{self, Chosen};
use super::text::LayerProgram;
use crate::exact::tuning::{SETTLED_BINARIES, SETTLING_ROUNDS};

/// The file's optimum is no larger than the best mapping's but for this.
const NEAR: f64 = 1e-7;

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
    let solution = solve_layer(operation, hardware, &solve);
    let certificate = solution.certificate;
    let Some((mapping, cost)) = solution.best else {
        return Err(match solution.reason {
            Some(reason) => format!("no mapping to begin with: {reason}"),
            None => "no mapping to begin with".to_owned(),
        });
    };
    let any_mapping = lower_bounds(operation, hardware).best();
    let fresh = || {
        let mut space = space_of(operation, hardware, &solve, any_mapping);
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
    let all = listing::all_classes(operation, hardware);
    let named: Vec<Class> = (all.iter().filter(|_| !name.is_empty()))
        .filter(|c| names::class(hardware, c).starts_with(name))
        .cloned()
        .collect();
    if named.is_empty() {
        let some: Vec<String> = all
            .iter()
            .take(3)
            .map(|c| names::class(hardware, c))
            .collect();
        let more = if all.len() > 3 { ", …" } else { "" };
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
            classes().map(|own| listing::groups(space, own)).collect();
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
        let settled = settle(
            &mut self.pieces,
            SETTLING_ROUNDS,
            &space.watch,
            &mut accepts,
        )?;
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
