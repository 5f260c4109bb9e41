//! A mapping as a document, the form that `evaluate --mapping` reads.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::cost::slides;
use crate::problem::{
    Array, Dim, Hardware, Level, LoopNest, Mapping, Memory, Node, PerDim, PhaseIndex, Role,
    RoleSet, Tiles,
};

/// Values by name, in the order in which they are printed.
type Named = Map<String, Value>;

/// A mapping of one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MappingDocument {
    /// The layer.
    pub layer: String,
    /// The phase of the layer, where it is computed phase by phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PhaseIndex>,
    /// Memories below the outermost and arrays, outermost first.
    pub levels: Vec<LevelDocument>,
    /// All storage nodes as `memory.role`, where they are not one memory's after the other's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nest: Option<Vec<String>>,
}

/// One level of a mapping.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LevelDocument {
    /// A memory whose operands have extents of their own.
    PerOperand {
        /// Name of the memory.
        memory: String,
        /// Its storage nodes, outermost first.
        order: Vec<&'static str>,
        /// The dimension along which it slides.
        #[serde(skip_serializing_if = "Option::is_none")]
        slide: Option<&'static str>,
        /// The operands that it keeps, where these are not all that it holds.
        #[serde(skip_serializing_if = "Option::is_none")]
        keeps: Option<Vec<&'static str>>,
        /// Those with two buffers, where that was chosen.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        double_buffered: Vec<&'static str>,
        /// Tile extents of each operand.
        tiles: Named,
    },
    /// A memory with one box for all operands.
    Shared {
        /// Name of the memory.
        memory: String,
        /// Tile extents.
        tile: Named,
        /// The operand whose tile changes least often.
        #[serde(skip_serializing_if = "Option::is_none")]
        stationary: Option<&'static str>,
        /// The operands that it keeps, where these are not all that it holds.
        #[serde(skip_serializing_if = "Option::is_none")]
        keeps: Option<Vec<&'static str>>,
        /// Those with two buffers, where that was chosen.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        double_buffered: Vec<&'static str>,
        /// The dimension along which it slides.
        #[serde(skip_serializing_if = "Option::is_none")]
        slide: Option<&'static str>,
    },
    /// An array.
    Array {
        /// Name of the array.
        array: String,
        /// For each axis the factors of the dimensions that are spread over it.
        spatial: Named,
    },
}

/// The document of a layer's mapping.
#[must_use]
pub fn document(
    layer: &str,
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> MappingDocument {
    let levels = hardware.levels.iter().enumerate().skip(1);
    MappingDocument {
        layer: layer.to_owned(),
        phase: None,
        levels: levels
            .map(|(index, level)| match level {
                Level::Memory(memory) => memory_document(index, memory, nest, hardware, mapping),
                Level::Array(array) => array_document(index, array, mapping),
            })
            .collect(),
        nest: (mapping.order != implied_order(hardware, mapping))
            .then(|| node_names(hardware, &mapping.order)),
    }
}

fn memory_document(
    level: usize,
    memory: &Memory,
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> LevelDocument {
    let order = roles_at(mapping, level);
    let slide = slide_name(level, nest, hardware, mapping);
    let kept = RoleSet::of(&order);
    let keeps = (kept != memory.holds).then(|| kept.iter().map(Role::name).collect());
    let is_doubled = |role: &Role| {
        let node = Node { level, role: *role };
        mapping.double_buffered.contains(&node)
    };
    let double_buffered = (kept.iter().filter(is_doubled)).map(Role::name).collect();
    let below_array = hardware.is_below_array(level);
    match memory.tiles {
        Tiles::PerOperand => LevelDocument::PerOperand {
            memory: memory.name.clone(),
            slide,
            keeps,
            double_buffered,
            tiles: (Role::ALL.into_iter())
                .filter_map(|role| {
                    let extents = mapping.extents_of(Node { level, role })?;
                    let tile = tile(nest, extents, below_array, |d| {
                        nest.is_relevant(role, d) || extents[d] > 1
                    });
                    Some((role.name().to_owned(), Value::Object(tile)))
                })
                .collect(),
            order: order.into_iter().map(Role::name).collect(),
        },
        Tiles::Shared => LevelDocument::Shared {
            memory: memory.name.clone(),
            tile: tile(nest, &shared_extents(mapping, level), below_array, |_| true),
            stationary: order.first().map(|role| role.name()),
            keeps,
            double_buffered,
            slide,
        },
    }
}

/// What a memory slides along; said where it does not, if others would slide were nothing said.
fn slide_name(
    level: usize,
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Option<&'static str> {
    if let Some(d) = mapping.slide(level) {
        return Some(d.name());
    }
    let open = |&l: &usize| mapping.slide(l).is_none();
    let levels = hardware.memories().skip(1).map(|(l, _)| l);
    let open: Vec<usize> = levels.filter(open).collect();
    let completed = slides::completed(nest, hardware, mapping, &open);
    let input = Node {
        level,
        role: Role::Input,
    };
    let may = hardware.memory(level).is_some_and(|m| m.sliding_reuse) && mapping.keeps(input);
    (may && completed.slides.len() > mapping.slides.len()).then_some("none")
}

fn array_document(level: usize, array: &Array, mapping: &Mapping) -> LevelDocument {
    let spread = mapping.spatial.iter().find(|spread| spread.level == level);
    let axes = array.axes.iter().enumerate();
    LevelDocument::Array {
        array: array.name.clone(),
        spatial: axes
            .map(|(index, axis)| {
                let factors = spread.and_then(|spread| spread.axes.get(index));
                let factors: Named = Dim::ALL
                    .into_iter()
                    .filter_map(|d| Some((d, *factors?.0.get(d as usize)?)))
                    .filter(|&(_, factor)| factor > 1)
                    .map(|(d, factor)| (d.name().to_owned(), Value::from(factor)))
                    .collect();
                (axis.name.clone(), Value::Object(factors))
            })
            .collect(),
    }
}

/// The extents to list: below an array those above 1, for there an absent dimension is 1;
/// above it all dimensions that could be cut, for there an absent dimension is whole.
fn tile(
    nest: &LoopNest,
    extents: &PerDim<u64>,
    below_array: bool,
    relevant: impl Fn(Dim) -> bool,
) -> Named {
    Dim::ALL
        .into_iter()
        .filter(|&d| relevant(d))
        .filter(|&d| {
            if below_array {
                extents[d] > 1
            } else {
                nest.extents[d] > 1
            }
        })
        .map(|d| (d.name().to_owned(), Value::from(extents[d])))
        .collect()
}

/// The one box of a shared memory; a node has extent 1 where a dimension is irrelevant to it.
fn shared_extents(mapping: &Mapping, level: usize) -> PerDim<u64> {
    let mut extents = PerDim::all(1);
    for role in Role::ALL {
        if let Some(own) = mapping.extents_of(Node { level, role }) {
            for d in Dim::ALL {
                extents[d] = own[d].max(extents[d]);
            }
        }
    }
    extents
}

/// The operands of a memory's nodes, outermost first.
fn roles_at(mapping: &Mapping, level: usize) -> Vec<Role> {
    (mapping.order.iter())
        .filter(|node| node.level == level)
        .map(|node| node.role)
        .collect()
}

/// The order of all nodes that the levels alone stand for: one memory's after the other's,
/// those of a shared memory with the stationary operand first.
fn implied_order(hardware: &Hardware, mapping: &Mapping) -> Vec<Node> {
    let mut order = Vec::with_capacity(mapping.order.len());
    for (level, memory) in hardware.memories().skip(1) {
        let mut roles = roles_at(mapping, level);
        if let (Tiles::Shared, Some((_, others))) = (memory.tiles, roles.split_first_mut()) {
            others.sort_unstable();
        }
        order.extend(roles.into_iter().map(|role| Node { level, role }));
    }
    order
}

fn node_names(hardware: &Hardware, order: &[Node]) -> Vec<String> {
    let name = |level| hardware.memory(level).map_or("", |memory| &memory.name);
    order
        .iter()
        .map(|node| format!("{}.{}", name(node.level), node.role))
        .collect()
}
