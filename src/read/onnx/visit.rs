//! The nodes of a graph, one after the other: what their outputs are.

use super::model::{Source, Value};
use super::node::{self, Node, ValueId, quoted};
use super::value::{self, Known, spell};
use super::walk::{MOST_NAMES, Place, Scope, Walk, problem};
use super::{order, shape, wire};
use crate::read::suggest;

/// Nodes, functions in place.
const MOST_NODES: usize = 200_000;

impl Walk<'_> {
    /// Walks nodes, each after those whose outputs it reads.
    pub(super) fn nodes(&mut self, nodes: &[wire::Node], scope: &mut Scope<'_>, place: Place<'_>) {
        let order = match order::sorted(nodes) {
            Ok(order) => order,
            Err(circle) => {
                let labels = circle.iter().take(MOST_NAMES).map(|&i| {
                    node::label(&nodes[i].name, place.index.unwrap_or(i), &nodes[i].op_type)
                });
                let field = labels.collect::<Vec<_>>().join(", ");
                let count = circle.len();
                let message = format!(
                    "reads its own output by way of others, or waits for a node that does ({count} nodes); a graph has no circles"
                );
                self.problems.push(problem(&field, message));
                return;
            }
        };
        for i in order {
            if self.model.nodes.len() >= MOST_NODES {
                let message = format!("has more than {MOST_NODES} nodes, functions written out");
                if self.problems.last().is_none_or(|p| p.message != message) {
                    self.problems.push(problem("", message));
                }
                return;
            }
            self.node(&nodes[i], place.index.unwrap_or(i), scope, place);
        }
    }

    /// Walks one node: a function's call, a branch, or an operator.
    fn node(&mut self, wire: &wire::Node, index: usize, scope: &mut Scope<'_>, place: Place<'_>) {
        let label = node::label(&wire.name, index, &wire.op_type);
        let mut inputs = Vec::with_capacity(wire.input.len());
        for name in &wire.input {
            let found = scope.find(name);
            if found.is_none() && !name.is_empty() {
                let message = format!(
                    "its input `{}` is no output of another node, no initializer and no input of the graph",
                    quoted(name)
                );
                self.problems.push(problem(&label, message));
                return self.poisoned(wire, scope);
            }
            inputs.push(found);
        }
        for output in wire.output.iter().filter(|o| !o.is_empty()) {
            if scope.own.contains_key(output) {
                let message = format!(
                    "its output `{}` exists already; names must be unique",
                    quoted(output)
                );
                self.problems.push(problem(&label, message));
                return;
            }
        }
        let domain = if wire.domain == "ai.onnx" {
            ""
        } else {
            wire.domain.as_str()
        };
        if let Some(function) = self.function(domain, &wire.op_type, &wire.overload) {
            return self.call(wire, index, function, &inputs, scope, place);
        }
        let built = Node {
            index,
            name: format!("{}{}", place.prefix, wire.name),
            op: wire.op_type.clone(),
            domain: domain.to_owned(),
            scopes: scopes(wire),
            attributes: wire.attribute.clone(),
            inputs,
            outputs: Vec::new(),
        };
        if domain.is_empty() && wire.op_type == "If" {
            return self.branch(wire, &built, scope, place);
        }
        self.operator(wire, built, &label, scope);
    }

    /// The outputs of a node with errors: values of which nothing is known.
    pub(super) fn poisoned(&mut self, wire: &wire::Node, scope: &mut Scope<'_>) {
        self.results(wire, Vec::new(), false, scope);
    }

    /// Enters the outputs of a node that will be the next one.
    pub(super) fn results(
        &mut self,
        wire: &wire::Node,
        known: Vec<Option<Known>>,
        constant: bool,
        scope: &mut Scope<'_>,
    ) -> Vec<Option<ValueId>> {
        let mut known = known.into_iter();
        let source = Source::Node(self.model.nodes.len());
        let mut ids = Vec::with_capacity(wire.output.len());
        for name in &wire.output {
            let known = known.next().flatten();
            if name.is_empty() {
                ids.push(None);
                continue;
            }
            let elements = known.as_ref().is_some_and(|k| k.elements.is_some());
            let id = self.add(Value {
                name: name.clone(),
                source,
                constant: constant || elements,
                known,
            });
            scope.own.insert(name.clone(), id);
            ids.push(Some(id));
        }
        ids
    }

    /// An operator: its outputs are evaluated and checked against what the file states.
    fn operator(&mut self, wire: &wire::Node, mut node: Node, label: &str, scope: &mut Scope<'_>) {
        let Some(rule) = shape::rule(&node.domain, &node.op) else {
            let why = unknown(&node.domain, &node.op);
            self.unknown.entry(why).or_default().push(label.to_owned());
            return self.poisoned(wire, scope);
        };
        node.outputs = vec![None; wire.output.len()];
        let ids = || node.inputs.iter().flatten();
        if ids().any(|&id| self.model.known(id).is_none()) {
            return self.poisoned(wire, scope);
        }
        // The sizes are bound, so that what only depends on them is the same for every input.
        let of_sizes = matches!(node.op.as_str(), "Shape" | "Size" | "EyeLike");
        let constant = of_sizes || ids().all(|&id| self.model.values[id].constant);
        let outputs = rule(&self.model.call(&node)).and_then(|outputs| {
            let checks = outputs.iter().map(|known| value::check(&known.shape));
            checks
                .collect::<Result<(), _>>()
                .map_err(|e| format!("its output {e}"))?;
            if outputs.len() < wire.output.iter().filter(|o| !o.is_empty()).count() {
                return Err("it has more outputs than its operator".to_owned());
            }
            Ok(outputs)
        });
        match outputs {
            Err(message) => {
                self.problems.push(problem(label, message));
                self.poisoned(wire, scope);
            }
            Ok(outputs) => {
                for (name, known) in wire.output.iter().zip(&outputs) {
                    self.agrees(name, &known.shape, label);
                }
                let known = outputs.into_iter().map(Some).collect();
                node.outputs = self.results(wire, known, constant, scope);
                self.model.nodes.push(node);
            }
        }
    }

    /// Reports a shape that is not the one that the file states.
    pub(super) fn agrees(&mut self, name: &str, shape: &[u64], label: &str) {
        let Some(stated) = self.stated.get(name) else {
            return;
        };
        let stated = self.symbols.stated(stated);
        let same = stated.len() == shape.len()
            && stated
                .iter()
                .zip(shape)
                .all(|(s, &e)| s.is_none_or(|s| s == e));
        if !same {
            let spelled: Vec<String> = (stated.iter())
                .map(|s| s.map_or("?".to_owned(), |s| s.to_string()))
                .collect();
            let message = format!(
                "its output `{}` is {}, but the file states {}; sizes that the exporter fixed may contradict --dim or --batch",
                quoted(name),
                spell(shape),
                spelled.join("x")
            );
            self.problems.push(problem(label, message));
        }
    }
}

/// The modules that the exporter says a node belongs to.
fn scopes(node: &wire::Node) -> Vec<String> {
    let found = (node.metadata_props.iter()).find(|e| e.key == "pkg.torch.onnx.name_scopes");
    let list = found.map(|entry| entry.value.trim_matches(['[', ']']));
    let names = list.into_iter().flat_map(|list| list.split(", "));
    names
        .map(|name| name.trim_matches(['\'', '"']).to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Why an operator is not supported, and how to go on.
fn unknown(domain: &str, op: &str) -> String {
    let op = quoted(op);
    if !domain.is_empty() {
        return format!(
            "the operator `{op}` of the domain `{}` is not known, and the file has no function of this name; export the model with ONNX's own operators",
            quoted(domain)
        );
    }
    match op.as_str() {
        "Loop" | "Scan" => {
            format!("`{op}` runs an unknown number of times; export the model without control flow")
        }
        "NonZero" | "NonMaxSuppression" | "Unique" | "Compress" => format!(
            "`{op}` gives as many elements as the input's values say, so that the work after it is not known; export the model up to there"
        ),
        "" => "has no operator".to_owned(),
        _ => {
            let hint = suggest::closest(&op, shape::names());
            let hint = hint.map_or(String::new(), |near| {
                format!("; did the exporter mean `{near}`?")
            });
            format!("the operator `{op}` is not supported{hint}")
        }
    }
}
