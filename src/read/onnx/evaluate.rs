//! Walks a graph once: functions and decided branches are put in place, every value is evaluated.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;

use super::model::{Model, Source, Value};
use super::node::{self, Node, ValueId, quoted};
use super::symbols::Symbols;
use super::value::{self, Known, Type, spell};
use super::{order, shape, wire};
use crate::read::NetworkOptions;
use crate::read::error::Problem;
use crate::read::suggest;

/// Functions and branches inside each other.
const DEEPEST_CALLS: usize = 24;
/// Nodes, functions in place.
const MOST_NODES: usize = 200_000;
/// Errors that are told in full.
const MOST_PROBLEMS: usize = 50;
/// Nodes that a message names.
const MOST_NAMES: usize = 3;

type Names = HashMap<String, ValueId, FxBuildHasher>;

/// Names that can be seen from a graph: its own, then those around it.
struct Scope<'a> {
    own: Names,
    around: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    fn new(around: Option<&'a Scope<'a>>) -> Self {
        let own = Names::default();
        Self { own, around }
    }

    fn find(&self, name: &str) -> Option<ValueId> {
        let own = self.own.get(name).copied();
        own.or_else(|| self.around?.find(name))
    }
}

/// Where a node of a function or branch stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The file's node that it belongs to, if it is not one itself.
    index: Option<usize>,
    /// What stands before its name.
    prefix: &'a str,
    depth: usize,
}

/// What is found while the graph is walked.
struct Walk<'a> {
    file: &'a wire::Model,
    model: Model,
    symbols: Symbols,
    /// Shapes that the file states.
    stated: HashMap<&'a str, &'a wire::Shape, FxBuildHasher>,
    problems: Vec<Problem>,
    /// Operators that are not known, with the nodes that use them.
    unknown: BTreeMap<String, Vec<String>>,
}

/// The model with all its values evaluated.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn evaluate(
    file: &wire::Model,
    options: &NetworkOptions,
) -> Result<Model, Vec<Problem>> {
    let Some(graph) = &file.graph else {
        let message = "is no ONNX model: it has no graph; export it again".to_owned();
        return Err(vec![problem("", message)]);
    };
    let mut walk = Walk {
        file,
        model: Model::default(),
        symbols: Symbols::new(&options.dims),
        stated: stated(graph),
        problems: Vec::new(),
        unknown: BTreeMap::new(),
    };
    let mut scope = Scope::new(None);
    walk.initializers(graph, &mut scope);
    walk.inputs(graph, options.batch, &mut scope);
    let of_names = walk.symbols.problems();
    if !of_names.is_empty() {
        // Nothing can be evaluated without sizes.
        walk.problems
            .extend(of_names.into_iter().map(|message| problem("", message)));
        return Err(walk.finished());
    }
    let place = Place {
        index: None,
        prefix: "",
        depth: 0,
    };
    walk.nodes(&graph.node, &mut scope, place);
    walk.outputs(graph, &scope);
    if walk.problems.is_empty() && walk.unknown.is_empty() {
        Ok(walk.model)
    } else {
        Err(walk.finished())
    }
}

fn problem(field: &str, message: String) -> Problem {
    Problem {
        line: None,
        field: field.to_owned(),
        message,
    }
}

fn stated(graph: &wire::Graph) -> HashMap<&str, &wire::Shape, FxBuildHasher> {
    let all = graph.value_info.iter().chain(&graph.output);
    all.filter_map(|info| Some((info.name.as_str(), tensor_type(info)?.shape.as_ref()?)))
        .collect()
}

fn tensor_type(info: &wire::ValueInfo) -> Option<&wire::TensorType> {
    info.r#type.as_ref()?.tensor_type.as_ref()
}

impl<'a> Walk<'a> {
    /// All problems, with one line for each operator that is not known; no more than a page.
    fn finished(mut self) -> Vec<Problem> {
        for (op, nodes) in &self.unknown {
            let named: Vec<&str> = nodes.iter().take(MOST_NAMES).map(String::as_str).collect();
            let more = nodes.len() - named.len();
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let message = format!("{}{more}", op);
            self.problems.push(problem(&named.join(", "), message));
        }
        let count = self.problems.len();
        if count > MOST_PROBLEMS {
            self.problems.truncate(MOST_PROBLEMS);
            let more = format!("and {} more errors", count - MOST_PROBLEMS);
            self.problems.push(problem("", more));
        }
        self.problems
    }

    fn add(&mut self, value: Value) -> ValueId {
        self.model.values.push(value);
        self.model.values.len() - 1
    }

    fn initializers(&mut self, graph: &wire::Graph, scope: &mut Scope<'_>) {
        for tensor in &graph.initializer {
            let known = value::of_tensor(tensor);
            self.initializer(&tensor.name, known, scope);
        }
        for sparse in &graph.sparse_initializer {
            let Some(values) = &sparse.values else {
                continue;
            };
            let shape = value::shape_of(&sparse.dims);
            let known = shape.map(|shape| Known::of(Type(values.data_type), shape));
            self.initializer(&values.name, known, scope);
        }
    }

    fn initializer(&mut self, name: &str, known: Result<Known, String>, scope: &mut Scope<'_>) {
        let known = match known {
            Ok(known) => Some(known),
            Err(message) => {
                let field = format!("initializer `{}`", quoted(name));
                self.problems.push(problem(&field, message));
                None
            }
        };
        if scope.own.contains_key(name) {
            let field = format!("initializer `{}`", quoted(name));
            self.problems
                .push(problem(&field, "is there twice".to_owned()));
        }
        let id = self.add(Value {
            name: name.to_owned(),
            source: Source::Initializer,
            constant: true,
            known,
        });
        scope.own.insert(name.to_owned(), id);
    }

    /// The inputs that are no initializers; the first axis of the first one is the batch.
    fn inputs(&mut self, graph: &wire::Graph, batch: Option<u64>, scope: &mut Scope<'_>) {
        for info in graph
            .input
            .iter()
            .filter(|i| !scope.own.contains_key(&i.name))
            .collect::<Vec<_>>()
        {
            let known = self.input(info, batch);
            let known = known.unwrap_or_else(|message| {
                let field = format!("input `{}`", quoted(&info.name));
                self.problems.push(problem(&field, message));
                None
            });
            let id = self.add(Value {
                name: info.name.clone(),
                source: Source::Input,
                constant: false,
                known,
            });
            self.model.inputs.push(id);
            scope.own.insert(info.name.clone(), id);
        }
    }

    fn input(
        &mut self,
        info: &wire::ValueInfo,
        batch: Option<u64>,
    ) -> Result<Option<Known>, String> {
        let tensor = tensor_type(info)
            .ok_or_else(|| "is no tensor; only tensors are supported".to_owned())?;
        let kind = Type(tensor.elem_type);
        if !kind.is_numeric() {
            return Err(format!(
                "has the element type {}, which is not supported",
                kind.0
            ));
        }
        let shape = (tensor.shape.as_ref())
            .ok_or_else(|| "has no shape; export the model with one".to_owned())?;
        if self.model.inputs.is_empty()
            && let Some(first) = shape.dim.first().and_then(|d| d.dim_param.as_deref())
            && let Some(batch) = batch
        {
            self.symbols.bind(first, batch)?;
            self.model.batch_is_bound = true;
        }
        let shape = self.symbols.shape(&info.name, shape)?;
        if let Some(shape) = &shape {
            value::check(shape)?;
        }
        Ok(shape.map(|shape| Known::of(kind, shape)))
    }

    /// Walks nodes, each after those whose outputs it reads.
    fn nodes(&mut self, nodes: &[wire::Node], scope: &mut Scope<'_>, place: Place<'_>) {
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
    fn poisoned(&mut self, wire: &wire::Node, scope: &mut Scope<'_>) {
        self.results(wire, Vec::new(), false, scope);
    }

    /// Enters the outputs of a node that will be the next one.
    fn results(
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
    fn agrees(&mut self, name: &str, shape: &[u64], label: &str) {
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

    fn function(&self, domain: &str, op: &str, overload: &str) -> Option<&'a wire::Function> {
        let plain = |domain: &'a str| if domain == "ai.onnx" { "" } else { domain };
        (self.file.functions.iter())
            .find(|f| plain(&f.domain) == domain && f.name == op && f.overload == overload)
    }

    /// Puts a function's nodes in place of its call.
    fn call(
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
    fn branch(&mut self, wire: &wire::Node, node: &Node, scope: &mut Scope<'_>, place: Place<'_>) {
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
            match names.get(i).and_then(|name| inner.find(name)) {
                Some(id) => {
                    scope.own.insert(output.clone(), id);
                    if let Some(known) = self.model.known(id) {
                        let shape = known.shape.clone();
                        self.agrees(output, &shape, label);
                    }
                }
                None => {
                    if self.problems.is_empty() && self.unknown.is_empty() {
                        let message = format!("its body has no output {i}");
                        self.problems.push(problem(label, message));
                    }
                    let id = self.add(Value {
                        name: output.clone(),
                        source: Source::Input,
                        constant: false,
                        known: None,
                    });
                    scope.own.insert(output.clone(), id);
                }
            }
        }
    }

    fn outputs(&mut self, graph: &wire::Graph, scope: &Scope<'_>) {
        for info in &graph.output {
            match scope.find(&info.name) {
                Some(id) => self.model.outputs.push(id),
                // A node with errors that was not walked made it.
                None if !self.problems.is_empty() => {}
                None => {
                    let field = format!("output `{}`", quoted(&info.name));
                    let message = "is made by no node".to_owned();
                    self.problems.push(problem(&field, message));
                }
            }
        }
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
