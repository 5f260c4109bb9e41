//! Functions and branches, of which the nodes are put in the place of the call.

use super::model::{Source, Value};
use super::node::{self, Node, ValueId};
use super::walk::{Names, Place, Scope, Walk, problem};
use super::wire;

/// Functions and branches inside each other.
const DEEPEST_CALLS: usize = 24;

impl<'a> Walk<'a> {
    pub(super) fn function(
        &self,
        domain: &str,
        op: &str,
        overload: &str,
    ) -> Option<&'a wire::Function> {
        let plain = |domain: &'a str| if domain == "ai.onnx" { "" } else { domain };
        (self.file.functions.iter())
            .find(|f| plain(&f.domain) == domain && f.name == op && f.overload == overload)
    }

    /// Puts a function's nodes in place of its call.
    pub(super) fn call(
        &mut self,
        wire: &wire::Node,
        index: usize,
        function: &wire::Function,
        inputs: &[Option<ValueId>],
        scope: &mut Scope<'_>,
        place: Place<'_>,
    ) {
        let label = node::label(&wire.name, index, &wire.op_type);
        if place.depth >= DEEPEST_CALLS {
            let message = "functions call each other too deeply".to_owned();
            self.problems.push(problem(&label, message));
            return self.poisoned(wire, scope);
        }
        let mut inner = Scope::new(None);
        for (name, id) in function.input.iter().zip(inputs) {
            if let Some(id) = id {
                inner.own.insert(name.clone(), *id);
            }
        }
        let body: Vec<wire::Node> = (function.node.iter())
            .map(|node| with_attributes(node, wire, function))
            .collect();
        let prefix = format!("{}{}/", place.prefix, wire.name);
        let inside = Place {
            index: Some(index),
            prefix: &prefix,
            depth: place.depth + 1,
        };
        self.nodes(&body, &mut inner, inside);
        self.hand_out(wire, &function.output, &inner, scope, &label);
    }

    /// Puts the branch that a known condition takes in place of an If.
    pub(super) fn branch(
        &mut self,
        wire: &wire::Node,
        node: &Node,
        scope: &mut Scope<'_>,
        place: Place<'_>,
    ) {
        let label = node.label();
        let condition = node.input(0).and_then(|id| self.model.known(id)?.scalar());
        let name = match condition {
            Some(number) if number.is_true() => "then_branch",
            Some(_) => "else_branch",
            None => {
                let poisoned = node
                    .input(0)
                    .is_some_and(|id| self.model.known(id).is_none());
                if !poisoned {
                    let why = "depends on the network's input, so that the work is not known; export the model without control flow".to_owned();
                    self.problems
                        .push(problem(&label, format!("its condition {why}")));
                }
                return self.poisoned(wire, scope);
            }
        };
        let graph = match node.graph(name) {
            Ok(Some(graph)) if place.depth < DEEPEST_CALLS => graph,
            _ => {
                let message =
                    format!("its attribute `{name}` is no graph, or is nested too deeply");
                self.problems.push(problem(&label, message));
                return self.poisoned(wire, scope);
            }
        };
        let prefix = format!("{}{}/", place.prefix, wire.name);
        let names: Vec<String> = graph.output.iter().map(|o| o.name.clone()).collect();
        let own = {
            let mut inner = Scope::new(Some(scope));
            self.initializers(graph, &mut inner);
            let inside = Place {
                index: Some(node.index),
                prefix: &prefix,
                depth: place.depth + 1,
            };
            self.nodes(&graph.node, &mut inner, inside);
            let found = names.iter().map(|n| Some((n.clone(), inner.find(n)?)));
            found.flatten().collect::<Names>()
        };
        let inner = Scope { own, around: None };
        self.hand_out(wire, &names, &inner, scope, &label);
    }

    /// Gives a call's outputs the values of its body.
    fn hand_out(
        &mut self,
        wire: &wire::Node,
        names: &[String],
        inner: &Scope<'_>,
        scope: &mut Scope<'_>,
        label: &str,
    ) {
        for (i, output) in wire.output.iter().enumerate().filter(|o| !o.1.is_empty()) {
            let found = names.get(i).and_then(|name| inner.find(name));
            let id = found.unwrap_or_else(|| self.missing(output, i, label));
            scope.own.insert(output.clone(), id);
            if let Some(known) = self.model.known(id) {
                let shape = known.shape.clone();
                self.agrees(output, &shape, label);
            }
        }
    }

    /// An output that a body does not make.
    fn missing(&mut self, output: &str, index: usize, label: &str) -> ValueId {
        if self.problems.is_empty() && self.unknown.is_empty() {
            let message = format!("its body has no output {index}");
            self.problems.push(problem(label, message));
        }
        self.add(Value {
            name: output.to_owned(),
            source: Source::Input,
            constant: false,
            known: None,
        })
    }
}

/// A function's node with the attributes of its call where it refers to them.
fn with_attributes(node: &wire::Node, call: &wire::Node, function: &wire::Function) -> wire::Node {
    let mut own = node.clone();
    own.attribute = (node.attribute.iter())
        .filter_map(|attribute| {
            if attribute.ref_attr_name.is_empty() {
                return Some(attribute.clone());
            }
            let called = call.attribute.iter().chain(&function.attribute_proto);
            let mut given = called
                .into_iter()
                .find(|a| a.name == attribute.ref_attr_name)?
                .clone();
            given.name.clone_from(&attribute.name);
            Some(given)
        })
        .collect();
    if own.metadata_props.is_empty() {
        own.metadata_props.clone_from(&call.metadata_props);
    }
    own
}
