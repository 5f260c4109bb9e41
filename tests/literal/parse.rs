//! The printed form of a loop nest as data.

use deepmatrix::problem::{Dim, Hardware, Level, PerDim, Role};

/// A line of a nest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `for d in 0..extent step step`: extents of the whole array, of the largest tile.
    Loop {
        /// The dimension.
        dim: Dim,
        /// The extent that is cut.
        extent: u64,
        /// The extent of all but perhaps the last piece.
        step: u64,
    },
    /// `memory keeps role [tile]`: extents of one element.
    Keep {
        /// Level of the memory.
        level: usize,
        /// The operand.
        role: Role,
        /// The printed tile; dimensions that are not printed have 1.
        tile: PerDim<u64>,
        /// The dimension along which it is said to slide.
        slide: Option<Dim>,
    },
    /// `parallel over axis: factors`.
    Parallel {
        /// Level of the array.
        level: usize,
        /// The axis within the array.
        axis: usize,
        /// The number of elements over which each dimension is spread.
        factors: PerDim<u64>,
    },
}

/// A nest from the outside in; the multiply-accumulate ends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nest {
    /// Its lines.
    pub items: Vec<Item>,
}

impl Nest {
    /// The nest in its printed form, without bytes.
    pub fn text(&self, hardware: &Hardware) -> String {
        let items = self.items.iter().enumerate();
        let mut lines: Vec<String> = items
            .map(|(depth, item)| format!("{:depth$}{}", "", line(item, hardware)))
            .collect();
        lines.push("multiply-accumulate\n".to_owned());
        lines.join("\n")
    }
}

fn line(item: &Item, hardware: &Hardware) -> String {
    let list = |values: &PerDim<u64>| {
        let many = Dim::ALL.into_iter().filter(|&d| values[d] > 1);
        let items: Vec<String> = many.map(|d| format!("{d} {}", values[d])).collect();
        items.join(", ")
    };
    match item {
        Item::Loop { dim, extent, step } => {
            format!(
                "for {} in 0..{extent} step {step}",
                dim.name().to_lowercase()
            )
        }
        Item::Keep {
            level,
            role,
            tile,
            slide,
        } => {
            let name = hardware.memory(*level).map_or("?", |m| m.name.as_str());
            let slide = slide.map_or(String::new(), |d| format!(", sliding along {d}"));
            format!("{name} keeps {role} [{}]{slide}", list(tile))
        }
        Item::Parallel {
            level,
            axis,
            factors,
        } => match &hardware.levels[*level] {
            Level::Array(array) => {
                format!(
                    "parallel over {}: {}",
                    array.axes[*axis].name,
                    list(factors)
                )
            }
            Level::Memory(memory) => format!("parallel over {}?", memory.name),
        },
    }
}

/// The nest of a printed text: lines before the first loop, node or spread are skipped, and
/// nothing is read after `multiply-accumulate`.
///
/// # Errors
/// The line that is no line of a nest, or that does not follow from those before it.
pub fn parse(extents: &PerDim<u64>, hardware: &Hardware, text: &str) -> Result<Nest, String> {
    let mut nest = Nest::default();
    let mut now = *extents;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if line == "multiply-accumulate" {
            return Ok(nest);
        }
        let item = if let Some(rest) = line.strip_prefix("for ") {
            let (dim, extent, step) = parse_loop(rest).ok_or(format!("no loop: {line}"))?;
            if now[dim] != extent || step == 0 || step >= extent {
                return Err(format!("{line}: the tile around it has {}", now[dim]));
            }
            now[dim] = step;
            Item::Loop { dim, extent, step }
        } else if let Some(rest) = line.strip_prefix("parallel over ") {
            parallel(hardware, &nest, rest).ok_or(format!("no spread: {line}"))?
        } else if line.contains(" keeps ") {
            keep(hardware, line).ok_or(format!("no storage node: {line}"))?
        } else if nest.items.is_empty() {
            continue;
        } else {
            return Err(format!("no line of a nest: {line}"));
        };
        nest.items.push(item);
    }
    Err("no multiply-accumulate".to_owned())
}

fn dim(text: &str) -> Option<Dim> {
    Dim::parse(&text.to_uppercase())
}

/// `p in 0..8 step 2`, perhaps with a comment.
fn parse_loop(text: &str) -> Option<(Dim, u64, u64)> {
    let text = text.split('#').next()?.trim();
    let (name, range) = text.split_once(" in 0..")?;
    let (extent, step) = match range.split_once(" step ") {
        Some((extent, step)) => (extent, step.parse().ok()?),
        None => (range, 1),
    };
    Some((dim(name)?, extent.parse().ok()?, step))
}

/// `K 64, C 128`, or nothing.
fn values(text: &str) -> Option<PerDim<u64>> {
    let mut values = PerDim::all(1);
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (name, value) = part.split_once(' ')?;
        values[dim(name)?] = value.parse().ok()?;
    }
    Some(values)
}

/// `sram keeps input [C 2, P 4] 2 x 72 bytes, sliding along P`.
fn keep(hardware: &Hardware, line: &str) -> Option<Item> {
    let (name, rest) = line.split_once(" keeps ")?;
    let (level, _) = hardware.memories().find(|(_, m)| m.name == name)?;
    let (role, rest) = rest.split_once(" [")?;
    let (tile, rest) = rest.split_once(']')?;
    let slide = match rest.split_once(", sliding along ") {
        Some((_, name)) => Some(dim(name.trim())?),
        None => None,
    };
    Some(Item::Keep {
        level,
        role: Role::parse(role)?,
        tile: values(tile)?,
        slide,
    })
}

/// `rows: K 32`: the outermost array with an axis of this name that is not spread yet.
fn parallel(hardware: &Hardware, nest: &Nest, text: &str) -> Option<Item> {
    let (name, factors) = text.split_once(": ")?;
    let factors = values(factors)?;
    let taken = |at: usize, of: usize| {
        (nest.items.iter()).any(
            |item| matches!(item, Item::Parallel { level, axis, .. } if (*level, *axis) == (at, of)),
        )
    };
    hardware.arrays().find_map(|(level, array)| {
        let mut axes = array.axes.iter().enumerate();
        let (axis, _) = axes.find(|(i, axis)| axis.name == name && !taken(level, *i))?;
        Some(Item::Parallel {
            level,
            axis,
            factors,
        })
    })
}
