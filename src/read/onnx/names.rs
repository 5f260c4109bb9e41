//! Names of layers: by the weight's initializer, else by the module, else by the operator.

use std::collections::HashSet;

use rustc_hash::FxBuildHasher;

use super::model::{Model, Source};
use super::node::{Node, ValueId};

/// Names that are taken.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String, FxBuildHasher>,
}

impl Names {
    /// No names but those that the network file keeps for itself.
    pub(super) fn new() -> Self {
        let mut names = Self::default();
        names.taken.insert("input".to_owned());
        names
    }

    /// The first of these names that is free, else the last one with a number; so are the names of
    /// its outputs.
    pub(super) fn take(&mut self, wanted: &[String], outputs: &[String]) -> String {
        let last = wanted.last().cloned().unwrap_or_else(|| "layer".to_owned());
        let numbered = (2..).map(|i: u64| format!("{last}_{i}"));
        let all = wanted.iter().cloned().chain(numbered);
        let free = |name: &String| {
            !self.taken.contains(name)
                && outputs
                    .iter()
                    .all(|o| !self.taken.contains(&format!("{name}.{o}")))
        };
        let mut all = all.filter(free);
        let name = all.next().unwrap_or(last.clone());
        for output in outputs {
            self.taken.insert(format!("{name}.{output}"));
        }
        self.taken.insert(name.clone());
        name
    }
}

/// What a layer of this operator may be called, the best name first; `weight` is its kernel.
pub(super) fn candidates(
    model: &Model,
    node: &Node,
    op: &str,
    weight: Option<ValueId>,
) -> Vec<String> {
    let module = module(node);
    let mut found = Vec::new();
    if weight.is_some() {
        found.extend(weight.and_then(|id| of_weight(model, id)));
        found.extend(module.clone());
    }
    if let Some(module) = module {
        let last = module.rsplit('.').next().unwrap_or_default();
        if last == op && weight.is_none() {
            found.push(module.clone());
        }
        found.push(format!("{module}.{op}"));
    }
    if found.is_empty() {
        found.push(op.to_owned());
    }
    found
}

/// The name of a weight without its last part: `layer1.1.conv1` of `layer1.1.conv1.weight`.
fn of_weight(model: &Model, mut id: ValueId) -> Option<String> {
    // A weight may stand behind views, casts and a dequantisation.
    loop {
        let value = model.values.get(id)?;
        match value.source {
            Source::Initializer => {
                let name = clean(&value.name);
                return meaningful(&name).then(|| without_last(&name));
            }
            Source::Node(node) => id = model.nodes.get(node)?.input(0)?,
            Source::Input => return None,
        }
    }
}

/// Whether the exporter did not make the name up.
fn meaningful(name: &str) -> bool {
    let made_up = name.starts_with("onnx::")
        || name.starts_with("val_")
        || name.starts_with('/')
        || name.starts_with("Constant")
        || name.chars().all(|c| c.is_ascii_digit());
    !made_up && !name.is_empty()
}

/// `conv1` of `conv1.weight`; names of one part stay.
fn without_last(name: &str) -> String {
    const LAST: [&str; 5] = [
        "weight",
        "weight_quantized",
        "weight_Transposed_quantized",
        "kernel",
        "W",
    ];
    match name.rsplit_once('.') {
        Some((module, last)) if LAST.contains(&last) && !module.is_empty() => module.to_owned(),
        _ => name.to_owned(),
    }
}

/// The module that a node belongs to, `layer1.1` of `/layer1/layer1.1/relu/Relu`.
fn module(node: &Node) -> Option<String> {
    if let [outer @ .., _own] = node.scopes.as_slice()
        && let Some(module) = outer.last()
    {
        return Some(clean(module));
    }
    let path = node.name.strip_prefix('/')?;
    let parts: Vec<&str> = path.split('/').collect();
    let (_, modules) = parts.split_last()?;
    let mut whole = String::new();
    for part in modules {
        // Containers are written twice: `layer1/layer1.1`.
        let last = whole.rsplit('/').next().unwrap_or_default().to_owned();
        let own = part.strip_prefix(&format!("{last}.")).unwrap_or(part);
        if !whole.is_empty() && !last.is_empty() && own != *part {
            whole = format!("{whole}.{own}");
        } else if whole.is_empty() {
            whole.push_str(part);
        } else {
            whole = format!("{whole}/{part}");
        }
    }
    (!whole.is_empty()).then(|| clean(&whole.replace('/', ".")))
}

/// The name of an input.
pub(super) fn plain(name: &str) -> String {
    clean(name)
}

/// A name without blanks and control characters.
fn clean(name: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    name.chars()
        .map(|c| if fits(c) { c } else { '_' })
        .take(120)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, scopes: &[&str]) -> Node {
        Node {
            index: 0,
            name: name.to_owned(),
            op: "Conv".to_owned(),
            domain: String::new(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            attributes: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    #[test]
    fn modules_are_read_from_both_exporters() {
        let of = |name: &str, scopes: &[&str]| module(&named(name, scopes));
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            of("/layer1/layer1.1/conv1/Conv", &[]),
            some("layer1.1.conv1")
        );
        assert_eq!(
            of("/m/encoder/layer.1/output/Add", &[]),
            some("m.encoder.layer.1.output")
        );
        assert_eq!(of("node_Conv_769", &["m", "m.q", "linear"]), some("m.q"));
        assert_eq!(of("/Relu", &[]), None);
        assert_eq!(of("node_3", &["add_5"]), None);
    }

    #[test]
    fn names_are_unique() {
        let mut names = Names::new();
        let wanted = ["a".to_owned(), "b".to_owned()];
        let outputs = ["0".to_owned()];
        assert_eq!(names.take(&wanted, &outputs), "a");
        assert_eq!(names.take(&wanted, &[]), "b");
        assert_eq!(names.take(&wanted, &[]), "b_2");
        assert_eq!(names.take(&["a.0".to_owned()], &[]), "a.0_2");
        assert_eq!(names.take(&["input".to_owned()], &[]), "input_2");
    }
}
