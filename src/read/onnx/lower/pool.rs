//! Pools.

use super::super::node::Node;
use super::super::shape;
use super::Result;
use super::conv::{numbers, padding};
use super::emit::Lower;
use super::keys::Keys;

/// `MaxPool`, `AveragePool` and the global ones.
pub(super) fn pool(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let spatial = lower.shape(input).len() - 2;
    if node.op.starts_with("Global") {
        return global(lower, node, spatial);
    }
    if node
        .outputs
        .get(1)
        .copied()
        .flatten()
        .is_some_and(|id| !lower.users[id].is_empty())
    {
        return Err("the places of its maxima are read, which is not supported".to_owned());
    }
    let windows = shape::pooling(&lower.model.call(node))?;
    let op = match (node.op.as_str(), spatial) {
        ("MaxPool", 2) => "max_pool",
        ("MaxPool", 1) => "max_pool1d",
        (_, 2) => "avg_pool",
        (_, 1) => "avg_pool1d",
        _ => return Err(format!("pools over {spatial} axes are not supported")),
    };
    let of = |field: fn(&shape::Window) -> u64| windows.iter().map(field).collect::<Vec<u64>>();
    let (dilation, stride) = (of(|w| w.dilation), of(|w| w.stride));
    let mut keys = Keys::new()
        .with("kernel", numbers(&of(|w| w.kernel)))
        .with("stride", numbers(&stride));
    if windows.iter().any(|w| w.padding != [0, 0]) {
        keys = keys.with("padding", padding(&windows));
    }
    if dilation.iter().any(|&d| d > 1) {
        keys = keys.with("dilation", numbers(&dilation));
    }
    let keys = keys
        .with_if(node.int("ceil_mode", 0)? != 0, "ceil_mode", true)
        .with_if(spatial == 1, "layout", "channels_first");
    let held = lower.whole(input)?;
    let name = lower.emit(op, &[&held], keys);
    lower.hold(Some(output), name);
    Ok(())
}

fn global(lower: &mut Lower<'_>, node: &Node, spatial: usize) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let max = node.op == "GlobalMaxPool";
    let name = if spatial == 2 {
        let op = if max {
            "global_max_pool"
        } else {
            "global_avg_pool"
        };
        lower.emit(op, &[&held], Keys::new())
    } else {
        let axes: Vec<u64> = (2..2 + spatial as u64).collect();
        let keys = Keys::new()
            .with("function", if max { "max" } else { "mean" })
            .list("axes", &axes)
            .with("with_batch", true);
        lower.emit("reduce", &[&held], keys)
    };
    lower.hold(node.output(), name);
    Ok(())
}
