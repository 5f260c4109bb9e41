//! The check of an imported network: each node's multiply-accumulates, counted twice.

use std::collections::BTreeMap;

use super::macs;
use super::model::Model;
use crate::problem::Layer;
use crate::read::error::Problem;

/// What a node multiplies and accumulates, by its own shapes.
pub(in super::super) struct Expected {
    label: String,
    macs: u128,
    /// A transposed convolution's nests have padding that the node has not.
    transposed: bool,
    /// The batch size in place of the file's, if there is one.
    batch: Option<u64>,
}

/// The counts of the nodes that are lowered, by their place in the file; the batch size is the one
/// that is asked for in place of that of the file.
pub(super) fn expected(
    model: &Model,
    needed: &[bool],
    [batch, of_file]: [u64; 2],
) -> Result<BTreeMap<u64, Expected>, Vec<Problem>> {
    let mut all: BTreeMap<u64, Expected> = BTreeMap::new();
    let mut problems = Vec::new();
    for (node, _) in model.nodes.iter().zip(needed).filter(|n| *n.1) {
        match macs::of_node(model, node) {
            Ok(None) => {}
            Ok(Some(macs)) => {
                let own = all.entry(node.index as u64).or_insert_with(|| Expected {
                    label: node.label(),
                    macs: 0,
                    transposed: node.op == "ConvTranspose",
                    batch: Some(batch).filter(|&b| b != of_file),
                });
                let macs = macs.saturating_mul(batch.into()) / u128::from(of_file);
                own.macs = own.macs.saturating_add(macs);
            }
            Err(message) => problems.push(Problem {
                line: None,
                field: node.label(),
                message,
            }),
        }
    }
    if problems.is_empty() {
        Ok(all)
    } else {
        Err(problems)
    }
}

/// Whether the layers that stem from each node do its multiply-accumulates, no more and no fewer.
///
/// # Errors
/// The nodes of which the two counts differ: an error of this program.
pub(in super::super) fn check(
    layers: &[Layer],
    expected: &BTreeMap<u64, Expected>,
) -> Result<(), Vec<Problem>> {
    let mut found: BTreeMap<u64, [u128; 2]> = BTreeMap::new();
    for layer in layers {
        let Some(onnx) = &layer.spec.onnx else {
            continue;
        };
        let own = found.entry(onnx.node).or_default();
        own[0] = own[0].saturating_add(layer.kind.box_macs());
        own[1] = own[1].saturating_add(layer.kind.macs());
    }
    let wrong = expected.iter().filter(|(node, expected)| {
        let [boxes, real] = found.get(node).copied().unwrap_or_default();
        if expected.transposed {
            // Of its products those that the padding cuts off are not computed.
            real > expected.macs || boxes == 0
        } else {
            boxes != expected.macs
        }
    });
    let problems: Vec<Problem> = wrong
        .map(|(node, expected)| Problem {
            line: None,
            field: expected.label.clone(),
            message: message(expected, found.get(node).map_or(0, |f| f[0])),
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn message(expected: &Expected, found: u128) -> String {
    let macs = expected.macs;
    match expected.batch {
        Some(batch) => format!(
            "its work does not grow with --batch {batch}: it does {found} multiply-accumulates, but should do {macs}; export the model with a batch size that is left open"
        ),
        None => format!(
            "internal error: its layers do {found} multiply-accumulates, the node {macs}; please report it with the model"
        ),
    }
}
