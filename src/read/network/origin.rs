//! `onnx`: the node of an ONNX file that an imported layer stems from.

use crate::problem::OnnxNode;
use crate::read::table::Table;

const HELP: &str =
    "the node that the layer stems from, as `import` writes it: `{node: 3, op: Conv, name: conv1}`";
/// No file has more nodes.
const MOST_NODES: u64 = 1 << 32;

/// The node, if the layer names one; `None` where it is wrong.
pub(super) fn decode(table: &Table<'_>) -> Option<Option<OnnxNode>> {
    let Some(field) = table.optional("onnx", HELP) else {
        return Some(None);
    };
    let table = field.table(&["node", "op", "name", "assumed"])?;
    let node = table.required("node", "its place in the file's list of nodes")?;
    let node = node.integer(0, MOST_NODES);
    let op = table.required("op", "its operator")?.text();
    let name = table.or_default("name", "its name", None, |f| f.text().map(Some));
    let help = "what was taken for granted of it";
    let assumed = table.or_default("assumed", help, None, |f| f.text().map(Some));
    Some(Some(OnnxNode {
        node: node?,
        op: op?.to_owned(),
        name: name?.map(str::to_owned),
        assumed: assumed?.map(str::to_owned),
    }))
}
