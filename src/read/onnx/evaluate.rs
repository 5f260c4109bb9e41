//! Walks a graph once: functions and decided branches are put in place, every value is evaluated.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use rustc_hash::FxBuildHasher;

use super::model::{Model, Source, Value};
use super::node::{ValueId, quoted};
use super::symbols::Symbols;
use super::value::{self, Known, Type};
use super::walk::{MOST_NAMES, Place, Scope, Walk, problem};
use super::wire;
use crate::read::error::Problem;
use crate::read::options::NetworkOptions;

/// Errors that are told in full.
const MOST_PROBLEMS: usize = 50;

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
    let mut of_names = options.contradictions();
    of_names.extend(walk.symbols.problems());
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

fn stated(graph: &wire::Graph) -> HashMap<&str, &wire::Shape, FxBuildHasher> {
    let all = graph.value_info.iter().chain(&graph.output);
    all.filter_map(|info| Some((info.name.as_str(), tensor_type(info)?.shape.as_ref()?)))
        .collect()
}

fn tensor_type(info: &wire::ValueInfo) -> Option<&wire::TensorType> {
    info.r#type.as_ref()?.tensor_type.as_ref()
}

impl Walk<'_> {
    /// All problems, with one line for each operator that is not known; no more than a page.
    fn finished(mut self) -> Vec<Problem> {
        for (op, nodes) in &self.unknown {
            let named: Vec<&str> = nodes.iter().take(MOST_NAMES).map(String::as_str).collect();
            let mut field = named.join(", ");
            if nodes.len() > named.len() {
                let _ = write!(field, " and {} more", nodes.len() - named.len());
            }
            self.problems.push(problem(&field, op.clone()));
        }
        let count = self.problems.len();
        if count > MOST_PROBLEMS {
            self.problems.truncate(MOST_PROBLEMS);
            let more = format!("and {} more errors", count - MOST_PROBLEMS);
            self.problems.push(problem("", more));
        }
        self.problems
    }

    pub(super) fn add(&mut self, value: Value) -> ValueId {
        self.model.values.push(value);
        self.model.values.len() - 1
    }

    pub(super) fn initializers(&mut self, graph: &wire::Graph, scope: &mut Scope<'_>) {
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
