//! ONNX files: read without their weights, evaluated, and lowered to the values of a network file.

mod counts;
mod einsum;
mod evaluate;
mod import;
mod inline;
mod lower;
mod macs;
mod model;
mod names;
mod node;
mod order;
mod pattern;
mod shape;
mod slim;
mod symbols;
mod text;
mod value;
mod visit;
mod walk;
mod wire;

use std::path::Path;

use prost::Message;

pub(super) use counts::{Expected, check};
pub(super) use import::Imported;

use super::error::{Problem, ReadError, whole};
use super::options::NetworkOptions;

/// What one node multiplies and accumulates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeMacs {
    /// Its place in the file's list of nodes.
    pub node: usize,
    /// Its operator.
    pub op: String,
    /// Its name.
    pub name: String,
    /// Multiply-accumulates, padding included.
    pub macs: u128,
}

/// The multiply-accumulates of every node of an ONNX file that does any.
///
/// # Errors
/// All errors of the file, with their nodes.
pub fn multiply_accumulates(
    path: &Path,
    options: &NetworkOptions,
) -> Result<Vec<NodeMacs>, ReadError> {
    let (_, model) = open(path, options)?;
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for node in &model.nodes {
        match macs::of_node(&model, node) {
            Ok(None) => {}
            Ok(Some(macs)) => found.push(NodeMacs {
                node: node.index,
                op: node.op.clone(),
                name: node.name.clone(),
                macs,
            }),
            Err(message) => errors.push(Problem {
                line: None,
                field: node.label(),
                message,
            }),
        }
    }
    if errors.is_empty() {
        return Ok(found);
    }
    let file = path.to_path_buf();
    Err(ReadError { file, errors })
}

/// The network file that an ONNX file stands for.
///
/// # Errors
/// All errors of the file, with their nodes.
pub(super) fn import(path: &Path, options: &NetworkOptions) -> Result<Imported, ReadError> {
    let (file, model) = open(path, options)?;
    import::import(path, &file, &model, options).map_err(|errors| ReadError {
        file: path.to_path_buf(),
        errors,
    })
}

/// Whether the name of a file is that of an ONNX file.
#[must_use]
pub fn is_onnx(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
}

/// Reads and evaluates a file.
fn open(path: &Path, options: &NetworkOptions) -> Result<(wire::Model, model::Model), ReadError> {
    let fail = |errors| ReadError {
        file: path.to_path_buf(),
        errors,
    };
    let bytes = slim::read(path).map_err(|message| fail(whole(None, message)))?;
    let file = wire::Model::decode(bytes.as_slice()).map_err(|error| {
        let message = format!("is no ONNX model, or a damaged one: {error}; export it again");
        fail(whole(None, message))
    })?;
    drop(bytes);
    let model = evaluate::evaluate(&file, options).map_err(fail)?;
    Ok((file, model))
}
