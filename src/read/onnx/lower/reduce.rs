//! Reductions, `TopK` and running sums.

use super::super::node::Node;
use super::super::shape;
use super::Result;
use super::emit::{Held, Lower};
use super::keys::{Frame, Keys};

/// `ReduceMean` and its like.
pub(super) fn reduce(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let axes = shape::reduced(&lower.model.call(node))?;
    let held = lower.whole(input)?;
    if axes.is_empty() {
        lower.hold_as(Some(output), held);
        return Ok(());
    }
    let function = match node.op.as_str() {
        "ReduceMean" => "mean",
        "ReduceSum" => "sum",
        "ReduceMax" => "max",
        "ReduceMin" => "min",
        "ReduceProd" => "prod",
        "ReduceL1" => "l1",
        "ReduceL2" => "l2",
        "ReduceSumSquare" => "sum_square",
        "ReduceLogSumExp" => "log_sum_exp",
        _ => return Err(format!("no cost is known for the operator `{}`", node.op)),
    };
    let mut kept = held.shape.clone();
    for &axis in &axes {
        kept[axis] = 1;
    }
    let is_image = held.shape.len() == 4 && axes == [2, 3] && function == "mean";
    let name = if is_image {
        lower.emit("global_avg_pool", &[&held], Keys::new())
    } else {
        let frame = lower.frame(&held.shape, &kept, &axes);
        let keys = Keys::new()
            .with("function", function)
            .list("axes", &frame.axes(&axes))
            .with("keep_axes", true)
            .framed(frame);
        lower.emit("reduce", &[&held], keys)
    };
    let shape = lower.shape(output).to_vec();
    let view = lower.reshaped(
        &Held::of(name, &kept),
        if shape.is_empty() { &[1] } else { &shape },
    )?;
    lower.hold_as(Some(output), view);
    Ok(())
}

/// `ArgMax` and `ArgMin`.
pub(super) fn place(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let axis = lower.model.call(node).axis(0, held.shape.len())?;
    let mut kept = held.shape.clone();
    kept[axis] = 1;
    let function = if node.op == "ArgMax" {
        "argmax"
    } else {
        "argmin"
    };
    let keys = Keys::new()
        .with("function", function)
        .list("axes", &[axis as u64])
        .with("keep_axes", true)
        .framed(Frame::Whole);
    let name = lower.emit("reduce", &[&held], keys);
    let shape = lower.shape(output).to_vec();
    let view = lower.reshaped(
        &Held::of(name, &kept),
        if shape.is_empty() { &[1] } else { &shape },
    )?;
    lower.hold_as(Some(output), view);
    Ok(())
}

/// `TopK`: the values and their places.
pub(super) fn top(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let axis = lower.model.call(node).axis(-1, held.shape.len())?;
    let after = lower.shape(output).to_vec();
    let frame = lower.frame(&held.shape, &after, &[axis]);
    let keys = Keys::new()
        .with("k", after[axis])
        .with("axis", frame.axis(axis))
        .framed(frame);
    let name = lower.emit_named("topk", &[&held], keys, None, &["indices".to_owned()]);
    lower.hold(
        node.outputs.get(1).copied().flatten(),
        format!("{name}.indices"),
    );
    lower.hold(Some(output), name);
    Ok(())
}

/// `CumSum`.
pub(super) fn running_sum(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let axis = node.input(1).and_then(|id| lower.known(id)?.scalar());
    let axis = axis.ok_or_else(|| "its axis is not known".to_owned())?;
    let axis = shape::axis(axis.int(), held.shape.len())?;
    let frame = lower.frame(&held.shape, &held.shape, &[axis]);
    let keys = Keys::new().with("axis", frame.axis(axis)).framed(frame);
    let name = lower.emit("cumsum", &[&held], keys);
    lower.hold(node.output(), name);
    Ok(())
}
