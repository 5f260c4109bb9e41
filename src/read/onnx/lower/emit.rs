//! The layers made so far, and under which name each value can be read.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::super::model::{Model, Source};
use super::super::names::{self, Names};
use super::super::node::{Node, ValueId, quoted};
use super::super::value::count;
pub(super) use super::held::Held;
use super::keys::{Frame, Keys};
use super::{Lowered, Result, list};

/// A layer of the network file.
#[derive(Clone, Debug)]
pub(in super::super) struct Layer {
    pub(in super::super) table: Mapping,
    /// The place of its node among the model's nodes.
    pub(in super::super) node: usize,
    /// What is taken for granted of it, as the file does not say it.
    pub(in super::super) assumed: Option<String>,
}

/// What is lowered so far.
pub(in super::super) struct Lower<'a> {
    pub(super) model: &'a Model,
    pub(super) batch: u64,
    names: Names,
    layers: Vec<Layer>,
    /// Where each value can be read.
    held: Vec<Option<Held>>,
    /// Constants as layers, by value and shape.
    constants: BTreeMap<(ValueId, Vec<u64>), String>,
    /// Layers with weights, by their weight.
    weights: BTreeMap<ValueId, String>,
    input: Option<ValueId>,
    inputs: Mapping,
    /// Nodes whose outputs something needs.
    needed: Vec<bool>,
    /// Nodes that read each value.
    pub(super) users: Vec<Vec<usize>>,
    /// Factors that were taken from the operands of a product, by the value without them.
    pub(super) factors: BTreeMap<ValueId, f64>,
    current: usize,
}

impl<'a> Lower<'a> {
    /// Nothing lowered yet.
    pub(super) fn new(model: &'a Model) -> Self {
        let first = model.inputs.first().map_or(&[][..], |&id| model.shape(id));
        Self {
            model,
            batch: first.first().copied().unwrap_or(1),
            names: Names::new(),
            layers: Vec::new(),
            held: vec![None; model.values.len()],
            constants: BTreeMap::new(),
            weights: BTreeMap::new(),
            input: None,
            inputs: Mapping::new(),
            needed: needed(model),
            users: model.users(),
            factors: BTreeMap::new(),
            current: 0,
        }
    }

    /// Whether a node's outputs depend on the input and something needs them.
    pub(super) fn is_needed(&self, node: usize) -> bool {
        self.needed[node]
    }

    /// Begins a node.
    pub(super) fn at(&mut self, node: usize) {
        self.current = node;
    }

    /// Whether a node that is lowered gave all outputs that something reads.
    pub(super) fn gave(&self, node: &Node) -> Result {
        let lost = node.outputs.iter().enumerate().find(|(_, id)| {
            id.is_some_and(|id| {
                let read = !self.users[id].is_empty() || self.model.outputs.contains(&id);
                read && self.held[id].is_none() && !self.is_constant(id)
            })
        });
        match lost {
            None => Ok(()),
            Some((i, _)) => Err(format!("its output {i} is read, which is not supported")),
        }
    }

    /// Gives a node's outputs any layer, so that the nodes after it can be looked at.
    pub(super) fn give_up(&mut self, node: &Node) {
        for id in node.outputs.iter().flatten() {
            self.held[*id] = Some(Held::of("input".to_owned(), self.model.shape(*id)));
        }
    }

    /// All layers.
    pub(super) fn finish(self) -> Lowered {
        let input = self.input.map(|id| of_input(self.model, id, true));
        Lowered {
            batch: self.batch,
            input,
            inputs: self.inputs,
            layers: self.layers,
            needed: self.needed,
        }
    }

    /// The shape of a value.
    pub(super) fn shape(&self, id: ValueId) -> &'a [u64] {
        self.model.shape(id)
    }

    /// Whether a value is the same for every input.
    pub(super) fn is_constant(&self, id: ValueId) -> bool {
        self.model.values[id].constant
    }

    /// Whether only one node reads a value and the graph does not give it out.
    pub(super) fn is_read_once(&self, id: ValueId) -> bool {
        self.users[id].len() == 1 && !self.model.outputs.contains(&id)
    }

    /// Counts axes without the batch where it is the first axis on both sides.
    pub(super) fn frame(&self, before: &[u64], after: &[u64], axes: &[usize]) -> Frame {
        let leads = |shape: &[u64]| shape.len() > 1 && shape[0] == self.batch;
        if leads(before) && leads(after) && !axes.contains(&0) {
            Frame::Item
        } else {
            Frame::Whole
        }
    }

    /// Where a value can be read, a constant as a layer of its own; repeated axes may stand once.
    pub(super) fn held(&mut self, id: ValueId) -> Result<Held> {
        if let Some(held) = &self.held[id] {
            return Ok(held.clone());
        }
        if self.is_constant(id) {
            let shape = self.shape(id).to_vec();
            return Ok(self.constant(id, &shape));
        }
        if self.model.values[id].source == Source::Input {
            let held = self.take_input(id);
            self.held[id] = Some(held.clone());
            return Ok(held);
        }
        Err("internal error: it is lowered before one of its inputs".to_owned())
    }

    /// Where a value can be read with all its elements.
    pub(super) fn whole(&mut self, id: ValueId) -> Result<Held> {
        let held = self.held(id)?;
        if held.repeat.is_none() {
            return Ok(held);
        }
        let held = self.repeated(&held, self.shape(id))?;
        self.held[id] = Some(held.clone());
        Ok(held)
    }

    /// A constant as a layer of this shape, which may be another view of it.
    pub(super) fn constant(&mut self, id: ValueId, shape: &[u64]) -> Held {
        let mut shape = shape.to_vec();
        if shape.is_empty() {
            shape.push(1);
        }
        let key = (id, shape.clone());
        if let Some(name) = self.constants.get(&key) {
            return Held::of(name.clone(), &shape);
        }
        let op = if self.model.is_trained(id) {
            "parameter"
        } else {
            "constant"
        };
        let node = &self.model.nodes[self.current];
        let weight = Some(id).filter(|_| op == "parameter");
        let wanted: Vec<String> = names::candidates(self.model, node, op, weight)
            .into_iter()
            .map(|name| {
                if name.ends_with(op) {
                    name
                } else {
                    format!("{name}.{op}")
                }
            })
            .collect();
        let name = self.names.take(&wanted, &[]);
        self.push(&name, op, &[], Keys::new().list("shape", &shape));
        self.constants.insert(key, name.clone());
        Held::of(name, &shape)
    }

    /// The first input of the graph that is read is the network's; the others have names.
    fn take_input(&mut self, id: ValueId) -> Held {
        let shape = self.shape(id);
        let first = self.model.inputs.first() == Some(&id);
        let name = if first {
            self.input = Some(id);
            "input".to_owned()
        } else {
            let wanted = names::plain(&self.model.values[id].name);
            let name = self.names.take(&[wanted], &[]);
            let table = of_input(self.model, id, shape.first() == Some(&self.batch));
            self.inputs
                .insert(Value::from(name.clone()), Value::Mapping(table));
            name
        };
        let shape = if shape.is_empty() { &[1][..] } else { shape };
        Held::of(name, shape)
    }

    /// Adds a layer of the current node; its name.
    pub(super) fn emit(&mut self, op: &str, from: &[&Held], keys: Keys) -> String {
        self.emit_named(op, from, keys, None, &[])
    }

    /// Adds a layer with a weight, of which it has the name.
    pub(super) fn emit_weighted(
        &mut self,
        op: &str,
        from: &[&Held],
        keys: Keys,
        weight: ValueId,
    ) -> String {
        let shared = self.weights.get(&weight).cloned();
        let keys = match &shared {
            Some(other) => keys.with("shares", other.as_str()),
            None => keys,
        };
        let name = self.emit_named(op, from, keys, Some(weight), &[]);
        self.weights.entry(weight).or_insert_with(|| name.clone());
        name
    }

    /// Adds a layer with a name by its weight, if it has one, and with several outputs, if it has.
    pub(super) fn emit_named(
        &mut self,
        op: &str,
        from: &[&Held],
        keys: Keys,
        weight: Option<ValueId>,
        outputs: &[String],
    ) -> String {
        let node = &self.model.nodes[self.current];
        let wanted = names::candidates(self.model, node, op, weight);
        let name = self.names.take(&wanted, outputs);
        self.push(&name, op, from, keys);
        name
    }

    fn push(&mut self, name: &str, op: &str, from: &[&Held], keys: Keys) {
        let mut table = Mapping::new();
        table.insert(Value::from("name"), Value::from(name));
        table.insert(Value::from("op"), Value::from(op));
        match from {
            [] => {}
            [one] => {
                table.insert(Value::from("from"), Value::from(one.from.as_str()));
            }
            several => {
                let names = several
                    .iter()
                    .map(|h| Value::from(h.from.as_str()))
                    .collect();
                table.insert(Value::from("from"), Value::Sequence(names));
            }
        }
        keys.add_to(&mut table);
        let node = self.current;
        self.layers.push(Layer {
            table,
            node,
            assumed: None,
        });
    }

    /// Says of the last layer what is taken for granted of it.
    pub(super) fn assume(&mut self, what: String) {
        if let Some(layer) = self.layers.last_mut() {
            layer.assumed = Some(what);
        }
    }

    /// Gives a value to a layer.
    pub(super) fn hold(&mut self, id: Option<ValueId>, from: String) {
        if let Some(id) = id {
            let shape = self.shape(id);
            let shape = if shape.is_empty() { &[1][..] } else { shape };
            self.held[id] = Some(Held::of(from, shape));
        }
    }

    /// Gives a value to a layer that has repeated axes once.
    pub(super) fn hold_as(&mut self, id: Option<ValueId>, held: Held) {
        if let Some(id) = id {
            self.held[id] = Some(held);
        }
    }

    /// A layer that only gives a tensor another shape; none where it has that shape.
    pub(super) fn reshaped(&mut self, held: &Held, shape: &[u64]) -> Result<Held> {
        if held.shape == shape {
            return Ok(held.clone());
        }
        self.viewed(held, shape)
    }

    /// A layer that gives a tensor this shape, also where it has it.
    pub(super) fn viewed(&mut self, held: &Held, shape: &[u64]) -> Result<Held> {
        if count(&held.shape) != count(shape) {
            return Err("internal error: a view changes the number of elements".to_owned());
        }
        let frame = self.frame(&held.shape, shape, &[]);
        let keys = Keys::new().list("shape", frame.shape(shape)).framed(frame);
        let name = self.emit("reshape", &[held], keys);
        Ok(Held::of(name, shape))
    }

    /// A layer that gives a tensor's axes another order; a view where the order only moves axes of
    /// size 1, or where `view` says that a neighbour reads in this order.
    pub(super) fn transposed(&mut self, held: &Held, order: &[usize], view: bool) -> Result<Held> {
        let shape: Vec<u64> = order.iter().map(|&i| held.shape[i]).collect();
        let long = order.iter().copied().filter(|&i| held.shape[i] > 1);
        if long.is_sorted() {
            return self.reshaped(held, &shape);
        }
        let leads = order.first() == Some(&0);
        let frame = if leads {
            self.frame(&held.shape, &shape, &[])
        } else {
            Frame::Whole
        };
        let axes = if frame == Frame::Item {
            &order[1..]
        } else {
            order
        };
        let keys = Keys::new()
            .with("axes", list(&frame.axes(axes)))
            .framed(frame)
            .with_if(view, "view", true);
        let name = self.emit("transpose", &[held], keys);
        Ok(Held::of(name, &shape))
    }

    /// Refuses a value that must be a constant.
    pub(super) fn require_constant(&self, id: ValueId, what: &str) -> Result {
        if self.is_constant(id) {
            return Ok(());
        }
        let name = quoted(&self.model.values[id].name);
        Err(format!(
            "its {what} `{name}` is computed from the network's input, which is not supported"
        ))
    }
}

/// Nodes from which an output of the graph is reached and that depend on its inputs.
fn needed(model: &Model) -> Vec<bool> {
    let mut needed = vec![false; model.nodes.len()];
    let mut open: Vec<ValueId> = model.outputs.clone();
    while let Some(id) = open.pop() {
        let Some(node) = model.producer(id).filter(|_| !model.values[id].constant) else {
            continue;
        };
        if !needed[node] {
            needed[node] = true;
            open.extend(model.nodes[node].inputs.iter().flatten());
        }
    }
    needed
}

/// An input's table: an image's channels, height and width, or its shape.
fn of_input(model: &Model, id: ValueId, batched: bool) -> Mapping {
    let shape = model.shape(id);
    let keys = match *shape {
        [_, c, h, w] if batched => Keys::new()
            .with("channels", c)
            .with("height", h)
            .with("width", w),
        [_, t, f] if batched => Keys::new().with("sequence", t).with("features", f),
        [_, ref rest @ ..] if batched && !rest.is_empty() => Keys::new().list("shape", rest),
        [] => Keys::new().list("shape", &[1]).with("with_batch", true),
        _ => Keys::new().list("shape", shape).with("with_batch", true),
    };
    let mut table = Mapping::new();
    keys.add_to(&mut table);
    table
}
