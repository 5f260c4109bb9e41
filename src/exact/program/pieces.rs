//! Which classes and columns a file has, and the piece of every class.

use std::sync::Arc;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::columns_within;
use crate::engine::piece::Piece;
use crate::engine::settle::{by_price, relax};
use crate::engine::{Cause, Node, Program, pareto};
use crate::exact::space::{LayerSpace, MOST_COLUMNS};
use crate::exact::survey::{ClassColumns, Survey, survey};
use crate::layer;
use crate::layer::names;
use crate::problem::Mapping;
use crate::tiling::limits::WholeChains;
use crate::tiling::tile_space::TileSpace;

use super::facts::{Counted, Without};
use super::listing::{all_classes, all_of};
use super::options::{ColumnChoice, ProgramOptions};
use super::standing;
use crate::exact::tuning::{FEW, MOST_BINARIES, MOST_CLASSES, MOST_ORDERS, NEAREST};

/// The classes of a file with their columns.
pub(super) struct Chosen {
    pub(super) classes: Vec<ClassColumns>,
    pub(super) all_classes: Counted,
    pub(super) left_out: Without,
    pub(super) nearest: usize,
    /// The best mapping's class with its columns alone.
    pub(super) best: Option<ClassColumns>,
}

/// The columns that the options ask for, and what is not among them. `proved`: no mapping is
/// better than the best one.
pub(super) fn left(
    mut space: LayerSpace<'_>,
    options: &ProgramOptions,
    proved: bool,
) -> Result<(Vec<ClassColumns>, Without), String> {
    let tiles = options.solve.tile_space();
    if options.columns == ColumnChoice::All {
        return Ok((everything(&space, tiles)?, Without::Nothing));
    }
    match survey(&mut space, tiles, proved) {
        Some(Survey {
            classes,
            left_out: columns,
            parts,
        }) => Ok((classes, Without::Excluded { columns, parts })),
        None if proved && space.watch.cause() != Some(Cause::Interrupt) => {
            Ok((Vec::new(), Without::Proved))
        }
        None => Err(stopped(&space)),
    }
}

/// The classes of a file: those that are left, the best mapping's and some that come near.
pub(super) fn chosen(
    space: &LayerSpace<'_>,
    options: &ProgramOptions,
    best: &Mapping,
    (mut classes, left_out): (Vec<ClassColumns>, Without),
) -> Result<Chosen, String> {
    let mut nearest = 0;
    let mut standing = None;
    if options.columns == ColumnChoice::Survivors {
        let (own, near) = own_class(space, best)?;
        nearest += add(&mut classes, own.clone());
        if let Some(near) = near {
            nearest += add(&mut classes, near);
        }
        standing = Some(own);
        nearest += add_orders(space, &mut classes);
    }
    let count = all_classes(space.operation, space.hardware).len();
    Ok(Chosen {
        classes,
        all_classes: if count > MOST_CLASSES {
            Counted::MoreThan(MOST_CLASSES)
        } else {
            Counted::Exactly(count)
        },
        left_out,
        nearest,
        best: standing,
    })
}

fn stopped(space: &LayerSpace<'_>) -> String {
    match space.watch.cause() {
        Some(Cause::Time) => "the time limit ended before the classes were bounded",
        Some(Cause::Cpu) => "the limit of CPU time ended before the classes were bounded",
        Some(Cause::Nodes) => "the node limit ended before the classes were bounded",
        Some(Cause::Interrupt) => "interrupted before the classes were bounded",
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

/// Adds a class of each order of the outermost nodes that has none yet, with a few columns, so that
/// the file shows what there is to choose; the number of columns added.
fn add_orders(space: &LayerSpace<'_>, classes: &mut Vec<ClassColumns>) -> usize {
    let mut added = 0;
    for root in space.roots().into_iter().take(MOST_ORDERS) {
        let same = |own: &ClassColumns| {
            let decided = |n: &&crate::problem::Node| root.decided.contains(&n.level);
            own.class.order.iter().filter(decided).eq(root.order.iter())
        };
        if classes.iter().any(same) {
            continue;
        }
        let mut leaf = root;
        while let Some(next) = space.split_class(&leaf).and_then(|mut parts| parts.pop()) {
            leaf = next;
        }
        if let Some(near) = nearest(space, &leaf, FEW) {
            added += add(classes, near);
        }
    }
    added
}

/// Every column of every class.
fn everything(space: &LayerSpace<'_>, tiles: TileSpace) -> Result<Vec<ClassColumns>, String> {
    let limits = space.limits(WholeChains::ALL, MOST_BINARIES);
    let columns = columns_within(&space.site, tiles, &limits);
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

/// The class in which the best mapping stands with its columns alone, and those that come nearest.
fn own_class(
    space: &LayerSpace<'_>,
    best: &Mapping,
) -> Result<(ClassColumns, Option<ClassColumns>), String> {
    let (class, columns) = standing::standing(space, best).ok_or_else(|| {
        "the best mapping was found in no class of its cost before the search for one ended"
            .to_owned()
    })?;
    let own = ClassColumns::of(&class, &columns, &all_of(&columns));
    Ok((own, nearest(space, &class, NEAREST)))
}

/// The columns of a class, of those whose tiles are divisors, that its relaxation prices lowest.
fn nearest(space: &LayerSpace<'_>, class: &Class, most: usize) -> Option<ClassColumns> {
    let limits = space.limits(WholeChains::ALL, MOST_COLUMNS);
    let tiles = TileSpace::Divisors;
    let columns = columns_within(&space.site, tiles, &limits)?;
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
        own.truncate(most);
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
    if space.switches.tree.dominance {
        pareto::prune(&node.program, &mut node.active, &space.watch);
    }
    node
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
