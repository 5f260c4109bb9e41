//! A node with its attributes.

use super::wire;

/// The index of a value of the graph.
pub(super) type ValueId = usize;

/// One use of an operator, outside of all functions.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its place in the file's list of nodes; the caller's for nodes of functions and branches.
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) op: String,
    /// The domain, empty for ONNX's own.
    pub(super) domain: String,
    /// The modules that it belongs to, the outermost first, where the exporter says.
    pub(super) scopes: Vec<String>,
    pub(super) attributes: Vec<wire::Attribute>,
    pub(super) inputs: Vec<Option<ValueId>>,
    pub(super) outputs: Vec<Option<ValueId>>,
}

impl Node {
    /// How messages call it: node `name` (Conv).
    pub(super) fn label(&self) -> String {
        label(&self.name, self.index, &self.op)
    }

    /// The first output.
    pub(super) fn output(&self) -> Option<ValueId> {
        self.outputs.first().copied().flatten()
    }

    /// An input that is there.
    pub(super) fn input(&self, index: usize) -> Option<ValueId> {
        self.inputs.get(index).copied().flatten()
    }

    fn find(&self, name: &str, kind: i32) -> Result<Option<&wire::Attribute>, String> {
        let Some(found) = self.attributes.iter().find(|a| a.name == name) else {
            return Ok(None);
        };
        // Old writers leave the type out.
        if found.r#type != 0 && found.r#type != kind {
            return Err(format!("its attribute `{name}` is of the wrong type"));
        }
        Ok(Some(found))
    }

    /// Whether it has an attribute.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|a| a.name == name)
    }

    /// An integer, or `default` where it is absent.
    pub(super) fn int(&self, name: &str, default: i64) -> Result<i64, String> {
        Ok(self.find(name, 2)?.map_or(default, |a| a.i))
    }

    /// A floating-point number.
    pub(super) fn float(&self, name: &str, default: f32) -> Result<f32, String> {
        Ok(self.find(name, 1)?.map_or(default, |a| a.f))
    }

    /// A list of integers.
    pub(super) fn ints(&self, name: &str) -> Result<Option<&[i64]>, String> {
        Ok(self.find(name, 7)?.map(|a| a.ints.as_slice()))
    }

    /// A list of floating-point numbers.
    pub(super) fn floats(&self, name: &str) -> Result<Option<&[f32]>, String> {
        Ok(self.find(name, 6)?.map(|a| a.floats.as_slice()))
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        let Some(found) = self.find(name, 3)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&found.s);
        (text.map(Some)).map_err(|_| format!("its attribute `{name}` is not UTF-8 text"))
    }

    /// A tensor.
    pub(super) fn tensor(&self, name: &str) -> Result<Option<&wire::Tensor>, String> {
        Ok(self.find(name, 4)?.and_then(|a| a.t.as_deref()))
    }

    /// A graph.
    pub(super) fn graph(&self, name: &str) -> Result<Option<&wire::Graph>, String> {
        Ok(self.find(name, 5)?.and_then(|a| a.g.as_deref()))
    }
}

/// How messages call a node.
pub(super) fn label(name: &str, index: usize, op: &str) -> String {
    let op = quoted(op);
    if name.is_empty() {
        format!("node {index} ({op})")
    } else {
        format!("node `{}` ({op})", quoted(name))
    }
}

/// A text of the file on one line, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.escape_debug().to_string()
}
