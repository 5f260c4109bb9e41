//! Which classes and columns a file has, and the piece of every class.

use std::sync::Arc;

use crate::formulate::class::{self, Class};
use crate::formulate::columns::ColumnGroup;
use crate::formulate::groups::{ColumnLimits, WholeChains, columns_within};
use crate::formulate::{TileSpace, encode, layer, names};
use crate::milp::linear::Active;
use crate::milp::piece::Piece;
use crate::milp::settle::{by_price, relax};
use crate::milp::{Node, Program, pareto};
use crate::problem::{Hardware, LoopNest, Mapping};

use super::super::space::{LayerSpace, MOST_COLUMNS};
use super::super::survey::{ClassColumns, LeftOut, survey};
use super::{ColumnChoice, Counted, MOST_BINARIES, ProgramOptions};

/// Columns of each group that are written in the best mapping's class whatever the bound says.
const NEAREST: usize = 24;
/// Classes beyond which they are not counted.
const MOST_CLASSES: usize = 5_000;
/// A choice counts as the best mapping's if its objective is no larger than this above it.
const SAME: f64 = 1e-9;

/// The classes of a file with their columns.
pub(super) struct Chosen {
    pub(super) classes: Vec<ClassColumns>,
    pub(super) all_classes: Counted,
    pub(super) left_out: Option<LeftOut>,
    pub(super) parts: bool,
    pub(super) nearest: usize,
}

/// All single classes, as far as they are counted.
pub(super) fn all_classes(operation: &LoopNest, hardware: &Hardware) -> Vec<Class> {
    let mut found = Vec::new();
    let mut open = class::roots(operation, hardware);
    open.reverse();
    while let Some(next) = open.pop() {
        if found.len() > MOST_CLASSES {
            break;
        }
        match class::split(operation, hardware, &next) {
            Some(parts) => open.extend(parts.into_iter().rev()),
            None => found.push(next),
        }
    }
    found
}

/// The classes and columns that the options ask for.
pub(super) fn chosen(
    space: &mut LayerSpace<'_>,
    options: &ProgramOptions,
    best: &Mapping,
) -> Result<Chosen, String> {
    let count = all_classes(space.operation, space.hardware).len();
    let all_classes = if count > MOST_CLASSES {
        Counted::MoreThan(MOST_CLASSES)
    } else {
        Counted::Exactly(count)
    };
    match options.columns {
        ColumnChoice::All => Ok(Chosen {
            classes: everything(space, tiles(options))?,
            all_classes,
            left_out: None,
            parts: false,
            nearest: 0,
        }),
        ColumnChoice::Survivors => {
            let found = survey(space, tiles(options)).ok_or_else(|| stopped(space))?;
            let mut classes = found.classes;
            let nearest = add(&mut classes, own_class(space, best)?);
            Ok(Chosen {
                classes,
                all_classes,
                left_out: Some(found.left_out),
                parts: found.parts,
                nearest,
            })
        }
    }
}

fn tiles(options: &ProgramOptions) -> TileSpace {
    if options.solve.divisors_only {
        TileSpace::Divisors
    } else {
        TileSpace::All
    }
}

fn stopped(space: &LayerSpace<'_>) -> String {
    match space.watch.cause() {
        Some(crate::milp::Cause::Time) => "the time limit ended before the classes were bounded",
        Some(crate::milp::Cause::Interrupt) => "interrupted before the classes were bounded",
        _ => "too many tilings are left to be held in memory; --tiles divisors has fewer",
    }
    .to_owned()
}

/// Adds columns of a class to those that are there; the number added.
fn add(classes: &mut Vec<ClassColumns>, own: ClassColumns) -> usize {
    let known = classes.iter_mut().find(|known| known.class == own.class);
    if let Some(known) = known {
        let before = known.len();
        known.add(own);
        return known.len() - before;
    }
    let added = own.len();
    classes.push(own);
    added
}

/// Every column of every class.
fn everything(space: &LayerSpace<'_>, tiles: TileSpace) -> Result<Vec<ClassColumns>, String> {
    let limits = limits(space, MOST_BINARIES);
    let columns = columns_within(space.operation, &space.planned, tiles, &limits);
    let columns = columns.ok_or_else(|| too_large(None))?;
    let mut found = Vec::new();
    let mut binaries = 0;
    let mut open = space.roots();
    open.reverse();
    while let Some(next) = open.pop() {
        if let Some(parts) = space.split_class(&next) {
            open.extend(parts.into_iter().rev());
            continue;
        }
        let mut active = all_of(&columns);
        space.keep_allowed(&next, &columns, &mut active);
        if active.iter().any(|own| own.is_empty()) {
            continue;
        }
        binaries += active.iter().map(|own| own.len()).sum::<usize>();
        if binaries > MOST_BINARIES {
            return Err(too_large(Some(found.len())));
        }
        found.push(ClassColumns::of(&next, &columns, &active));
    }
    Ok(found)
}

fn too_large(classes: Option<usize>) -> String {
    let already = classes.map_or(String::new(), |n| format!(" after {n} classes"));
    format!(
        "the program has more than {MOST_BINARIES} columns{already}; --columns survivors leaves out \
         what cannot be optimal, --fix-order CLASS writes one class, --tiles divisors has fewer tiles"
    )
}

fn limits(space: &LayerSpace<'_>, most: usize) -> ColumnLimits {
    ColumnLimits {
        whole: WholeChains::ALL,
        most,
        watch: space.watch.clone(),
        fixed: Arc::clone(&space.fixed),
    }
}

fn all_of(columns: &[ColumnGroup]) -> Active {
    let all = |g: &ColumnGroup| {
        let count = u32::try_from(g.columns.len()).unwrap_or(u32::MAX);
        Arc::new((0..count).collect())
    };
    columns.iter().map(all).collect()
}

/// The class in which the best mapping stands, with its columns and those that come nearest.
fn own_class(space: &LayerSpace<'_>, best: &Mapping) -> Result<ClassColumns, String> {
    let (class, columns) = standing(space, best).ok_or_else(|| {
        "internal error: the best mapping stands in no class; please report it".to_owned()
    })?;
    let mut own = ClassColumns::of(&class, &columns, &all_of(&columns));
    if let Some(near) = nearest(space, &class) {
        own.add(near);
    }
    Ok(own)
}

/// The class in which a mapping costs what it costs, with its columns alone.
fn standing(space: &LayerSpace<'_>, best: &Mapping) -> Option<(Class, Vec<ColumnGroup>)> {
    let (operation, hardware) = (space.operation, &space.planned);
    let classes = encode::classes(operation, hardware, &best.order).into_iter();
    let mut least: Option<(f64, Class, Vec<ColumnGroup>)> = None;
    for class in classes {
        let Some(columns) = encode::columns(operation, hardware, &class, best) else {
            continue;
        };
        let mut active = all_of(&columns);
        space.keep_allowed(&class, &columns, &mut active);
        let program = layer::program(&space.layer(&columns), &class);
        let choice = vec![0; columns.len()];
        let objective = program.objective_at(&choice);
        if let Some(objective) = objective.filter(|_| active.iter().all(|own| !own.is_empty()))
            && least.as_ref().is_none_or(|l| objective < l.0 - SAME)
        {
            least = Some((objective, class, columns));
        }
    }
    least.map(|(_, class, columns)| (class, columns))
}

/// The columns of a class, of those whose tiles are divisors, that its relaxation prices lowest.
fn nearest(space: &LayerSpace<'_>, class: &Class) -> Option<ClassColumns> {
    let limits = limits(space, MOST_COLUMNS);
    let tiles = TileSpace::Divisors;
    let columns = columns_within(space.operation, &space.planned, tiles, &limits)?;
    let node = node(space, class, &columns);
    if node.active.iter().any(|own| own.is_empty()) {
        return None;
    }
    let relaxed = relax(&node.program, &node.active, &node.imposed, &space.watch);
    if relaxed.prices.weights.is_empty() {
        return None;
    }
    let ordered = by_price(&node.program, &node.active, &relaxed);
    let few = ordered.into_iter().map(|mut own| {
        own.truncate(NEAREST);
        own.sort_unstable();
        Arc::new(own)
    });
    Some(ClassColumns::of(class, &columns, &few.collect()))
}

/// A class's program with the columns that it allows, dominated ones left out.
fn node(space: &LayerSpace<'_>, class: &Class, columns: &[ColumnGroup]) -> Node<()> {
    let program = layer::program(&space.layer(columns), class);
    let mut node = Node::new((), program, 0.0);
    space.keep_allowed(class, columns, &mut node.active);
    if space.switches.dominance {
        pareto::prune(&node.program, &mut node.active, &space.watch);
    }
    node
}

/// The groups of columns of a class.
pub(super) fn groups(space: &LayerSpace<'_>, own: &ClassColumns) -> Vec<ColumnGroup> {
    let groups = own.groups.iter().map(|(dims, columns)| {
        let mut sorted = columns.clone();
        // Large tiles first, as they are listed elsewhere; what is equal in all of this is equal.
        sorted.sort_by_cached_key(|column| {
            let keys = column.iter().map(|c| {
                let extents: Vec<u64> = c.extents.iter().map(|&e| u64::MAX - e).collect();
                (extents, c.spread.to_vec(), c.third)
            });
            keys.collect::<Vec<_>>()
        });
        let index = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        let chains = (0..dims.len()).map(|p| Arc::new(sorted.iter().map(|c| c[p].clone()).collect()));
        let pairs = (0..sorted.len()).map(|i| [index(i), if dims.len() > 1 { index(i) } else { 0 }]);
        ColumnGroup::new(
            space.operation,
            &space.planned,
            dims.clone(),
            chains.collect(),
            pairs.collect(),
        )
    });
    groups.collect()
}

/// The program of a class, every term of a row bounded by itself; `number` is its origin.
pub(super) fn piece(
    space: &LayerSpace<'_>,
    number: usize,
    class: &Class,
    columns: &[ColumnGroup],
) -> Piece {
    let program: Program = layer::program(&space.layer(columns), class);
    let node = Node::new((), program, 0.0);
    let mut piece = Piece::new(number, node.program, node.active, node.imposed);
    piece.label = names::class(space.hardware, class);
    piece.labels = Some(Arc::new(names::labels(space.hardware, columns)));
    piece
}

/// Binaries of a piece: its switch and its columns.
pub(super) fn binaries(piece: &Piece) -> usize {
    1 + piece.active.iter().map(|own| own.len()).sum::<usize>()
}

/// Adds tangents at a choice of a piece, and at those that differ from it in one group by one
/// column next to it.
pub(super) fn add_around(piece: &mut Piece, choice: &[u32]) {
    piece.add_all(choice);
    for group in 0..choice.len() {
        let own = Arc::clone(&piece.active[group]);
        let at = own.partition_point(|&j| j < choice[group]);
        let around = [at.checked_sub(1), Some(at + 1)];
        for &j in around.iter().flatten().filter_map(|&i| own.get(i)) {
            let mut other = choice.to_vec();
            other[group] = j;
            piece.add_all(&other);
        }
    }
}
