//! The space that proofs speak of, as JSON.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::problem::{Space, Tiles};

/// The space that proofs speak of.
#[derive(Serialize)]
pub(super) struct SpaceDocument<'a> {
    tiles: &'a str,
    memories: Map<String, Value>,
    extents: &'a str,
    orders: &'a str,
    spatial: &'a str,
    dataflow: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    constraints: &'a [String],
}

/// The space as an object.
pub(super) fn space(space: &Space) -> SpaceDocument<'_> {
    let memories = space.memories.iter();
    SpaceDocument {
        tiles: space.tiles,
        memories: memories
            .map(|(name, tiles)| (name.clone(), Value::from(tiles_name(*tiles))))
            .collect(),
        extents: space.extents,
        orders: space.orders,
        spatial: space.spatial,
        dataflow: &space.dataflow,
        constraints: &space.constraints,
    }
}

fn tiles_name(tiles: Tiles) -> &'static str {
    match tiles {
        Tiles::PerOperand => "per_operand",
        Tiles::Shared => "shared",
    }
}
