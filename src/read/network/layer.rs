//! One layer: its name, operator, producers and precisions; the operator reads the rest.

use crate::problem::{Layer, LayerSpec, OnnxNode};
use crate::read::field::Field;
use crate::read::table::Table;

use super::axes;
use super::further;
use super::input::{FurtherInput, NetworkInput};
use super::op::{self, Operator, Producers};
use super::origin;
use super::precision::{self, Widths};
use super::scope::{self, INPUT, Producer, Scopes};
use super::sharing;
use super::site::{Link, Part, Parts, Site, Source, Width};
use super::tensor::Tensor;

const COMMON_KEYS: [&str; 6] = ["name", "op", "from", "precision_bits", "shares", "onnx"];
/// No network has more layers.
const MOST_LAYERS: usize = 1 << 17;

/// Reads layers one after the other and keeps their shapes.
pub(super) struct Reader {
    precision: Widths,
    batch: u64,
    input: NetworkInput,
    names: Scopes,
    layers: Vec<Layer>,
    /// Name and output of each layer.
    outputs: Vec<Source>,
    /// Entries of the file that were read, those of a block once for each of its repetitions.
    entries: usize,
    /// Whether any layer had errors.
    wrong: bool,
}

/// A layer of the file before it gets its place in the network.
struct Read {
    name: String,
    from: Vec<Producer>,
    /// What the producers give.
    sources: Vec<Source>,
    /// Its precisions, inputs as wide as their producers wrote them.
    precision: Widths,
    shares: Option<usize>,
    parts: Parts,
    /// The node that it stems from.
    onnx: Option<OnnxNode>,
}

impl Reader {
    /// A reader of a network with these precisions, this batch size, this input and these layers.
    pub(super) fn new(
        precision: Widths,
        batch: u64,
        input: NetworkInput,
        items: &[Field<'_>],
    ) -> Self {
        Self {
            precision,
            batch,
            input,
            names: Scopes::new(items),
            layers: Vec::new(),
            outputs: Vec::new(),
            entries: 0,
            wrong: items.is_empty(),
        }
    }

    /// All names known so far.
    pub(super) fn names(&self) -> &Scopes {
        &self.names
    }

    /// The layers; `None` where one had errors.
    pub(super) fn layers(self) -> Option<Vec<Layer>> {
        (!self.wrong).then_some(self.layers)
    }

    /// Adds an input of the network beside the first.
    pub(super) fn further_input(
        &mut self,
        table: &Table<'_>,
        name: &str,
        input: Option<FurtherInput>,
    ) {
        let Some(input) = input else {
            self.wrong = true;
            self.names.make_wrong(name);
            return;
        };
        let (layer, width) = further::layer(&input, self.precision);
        if input.name == INPUT {
            table.reject_key(
                "inputs",
                "has one called `input`, which is the network's first input; rename it",
            );
            self.wrong = true;
        }
        let before = self.names.before();
        let place = self.push(layer, input.tensor, width);
        let made = self.names.make(table.field(), &input.name, place);
        self.wrong |= made.is_none();
        self.names.set_before(before);
    }

    /// Reads every entry of a list of layers, also after one that has errors.
    pub(super) fn items(&mut self, items: &[Field<'_>]) {
        for (index, item) in items.iter().enumerate() {
            self.entries += 1;
            if self.entries > MOST_LAYERS {
                item.reject(format!(
                    "is one of more than {MOST_LAYERS} layers, which no network may have; repeat blocks less often"
                ));
                self.wrong = true;
                return;
            }
            if item.has_key("layers") {
                self.block(index, item);
            } else {
                self.layer(index, item);
            }
        }
    }

    /// Opens the list of layers of a block.
    pub(super) fn enter(&mut self, items: &[Field<'_>], prefix: String, input: Producer) {
        self.names.enter(items, prefix, input);
    }

    /// Closes the list of layers of a block; what it gives.
    pub(super) fn leave(&mut self) -> Producer {
        self.names.leave()
    }

    /// The name in the network of a layer or block of the innermost list.
    pub(super) fn full_name(&self, name: &str) -> String {
        self.names.full(name)
    }

    /// Takes note of what a block gives.
    pub(super) fn make(&mut self, item: &Field<'_>, name: &str, gives: Producer) -> Option<()> {
        self.names.make(item, name, gives)?;
        self.names.set_before(Some(gives));
        Some(())
    }

    /// Whether any entry so far had errors.
    pub(super) fn is_wrong(&self) -> bool {
        self.wrong
    }

    /// Takes note of an entry that has errors, so that those which read it are not blamed.
    pub(super) fn fail(&mut self, item: &Field<'_>) {
        self.wrong = true;
        if let Some(name) = item.key_text("name") {
            self.names.make_wrong(name);
        }
        self.names.set_before(Some(Producer::Wrong));
    }

    /// What an entry without `from` reads; reports where it must say so.
    pub(super) fn before(&self, table: &Table<'_>) -> Option<Producer> {
        let before = self.names.before();
        if before.is_none() {
            table.reject_key(
                "from",
                "is missing, and the layer before has several outputs; name one of them",
            );
        }
        before
    }

    fn layer(&mut self, index: usize, item: &Field<'_>) {
        let added = item.open_table().and_then(|table| {
            let read = self.read(index, &table)?;
            self.add(item, &table, read)
        });
        if added.is_none() {
            self.fail(item);
        }
    }

    fn read(&self, index: usize, table: &Table<'_>) -> Option<Read> {
        let name = table
            .required("name", "the layer's name")
            .and_then(|f| f.text());
        let operator = op::named(table);
        let precision = precision::of_layer(table, self.precision);
        let operator = operator?;
        let keys: Vec<&str> = COMMON_KEYS.iter().chain(operator.keys).copied().collect();
        table.check_keys(&keys);
        let stand_alone = operator.stands_alone() && table.has("dims");
        let from = if stand_alone || operator.producers == Producers::None {
            let why = if stand_alone {
                "a layer with `dims` stands alone; remove `from` or `dims`"
            } else {
                "this operator has no producer; leave it out"
            };
            table.forbid(&["from"], why).map(|()| Vec::new())
        } else {
            self.producers(index, table, operator)
        };
        let sources = from.as_ref().and_then(|from| self.sources(table, from));
        let widths = sources.as_ref().zip(precision).and_then(|(sources, own)| {
            precision::of_operands(
                table,
                sources,
                operator.producers == Producers::LeftAndRight,
                own,
            )
        });
        let site = Site {
            table,
            op: operator.name,
            precision: widths.or(precision).unwrap_or(self.precision).forward,
            batch: self.batch,
            sources,
        };
        let parts = operator.read(&site);
        let sources = site.sources?;
        let (precision, parts) = (widths?, parts?);
        let shares = sharing::owner(&self.names, &self.layers, table, precision, &parts)?;
        let onnx = origin::decode(table)?;
        Some(Read {
            onnx,
            name: name?.to_owned(),
            from: from?,
            sources,
            precision,
            shares,
            parts,
        })
    }

    /// Gives the parts of an entry their places in the network.
    fn add(&mut self, item: &Field<'_>, table: &Table<'_>, read: Read) -> Option<()> {
        let full = self.names.full(&read.name);
        let mut places: Vec<Option<usize>> = Vec::new();
        let mut own = None;
        for part in read.parts.list {
            let name = match part.suffix.as_str() {
                "" => full.clone(),
                suffix => format!("{full}.{suffix}"),
            };
            if part.optional && !self.names.is_used(&name) {
                places.push(None);
                continue;
            }
            let from = part.from.iter().map(|link| match *link {
                Link::Source(slot) => read.from.get(slot).copied(),
                Link::Part(part) => places.get(part).copied().flatten().map(Producer::Layer),
            });
            let from = from.map(|producer| match producer? {
                Producer::Input => Some(None),
                Producer::Layer(layer) => Some(Some(layer)),
                Producer::Wrong => None,
            });
            let from: Vec<Option<usize>> = from.collect::<Option<_>>()?;
            let sources = part.from.iter().map(|link| match *link {
                Link::Source(slot) => read.sources.get(slot),
                Link::Part(part) => self.outputs.get(places.get(part).copied().flatten()?),
            });
            let sources: Vec<Source> = sources
                .collect::<Option<Vec<_>>>()?
                .into_iter()
                .cloned()
                .collect();
            let width = precision::of_outcome(table, &part.outcome, &sources, read.precision)?;
            let is_own = part.suffix.is_empty();
            let output = part.outcome.output.clone();
            axes::within_limits(item, &name, &output)?;
            let onnx = read.onnx.clone();
            let mut layer = layer(name.clone(), part, from, read.precision, read.shares, onnx);
            layer.spec.precision.output = width.bits;
            layer.spec.precision.accumulator = layer.spec.precision.accumulator.max(width.bits);
            layer.spec.input_bits = sources.iter().map(|source| source.width.bits).collect();
            let place = self.push(layer, output, width);
            self.names.make(item, &name, place)?;
            if is_own {
                own = Some(place);
            }
            places.push(Some(self.layers.len() - 1));
        }
        self.names.set_before(own);
        Some(())
    }

    fn push(&mut self, layer: Layer, tensor: Tensor, width: Width) -> Producer {
        self.outputs.push(Source {
            name: layer.name.clone(),
            tensor,
            width,
        });
        self.layers.push(layer);
        Producer::Layer(self.layers.len() - 1)
    }

    /// The producers, as many as the operator takes: those that `from` names, else the layer before.
    fn producers(
        &self,
        index: usize,
        table: &Table<'_>,
        operator: &Operator,
    ) -> Option<Vec<Producer>> {
        let from = match table.optional("from", scope::HELP) {
            None => vec![self.before(table)?],
            Some(field) if field.is_text() => vec![self.names.find(&field, index)?],
            Some(field) => {
                let items = field.list()?;
                let found = items.iter().map(|item| self.names.find(item, index));
                let found: Vec<Option<Producer>> = found.collect();
                found.into_iter().collect::<Option<_>>()?
            }
        };
        let count = from.len();
        let (fits, wants, example) = operator.producers.take(count);
        if fits {
            return Some(from);
        }
        let op = operator.name;
        let why = format!("`{op}` takes {wants}, but has {count}; give names as in `{example}`");
        table.reject_key("from", why);
        None
    }

    /// The producers' outputs; `None` where one of them had errors, which were reported there.
    fn sources(&self, table: &Table<'_>, from: &[Producer]) -> Option<Vec<Source>> {
        let sources: Vec<Option<Source>> = from
            .iter()
            .map(|producer| match producer {
                Producer::Layer(layer) => self.outputs.get(*layer).cloned(),
                Producer::Input => self.network_input(table),
                Producer::Wrong => None,
            })
            .collect();
        sources.into_iter().collect()
    }

    fn network_input(&self, table: &Table<'_>) -> Option<Source> {
        match &self.input {
            NetworkInput::Known(tensor) => Some(Source {
                name: INPUT.to_owned(),
                tensor: tensor.clone(),
                width: precision::of_input(self.precision),
            }),
            NetworkInput::Wrong => None,
            NetworkInput::Absent => {
                table.field().reject(
                    "takes the network's input, which the file does not give; add `input` to the network, or all sizes as `dims` to the layer",
                );
                None
            }
        }
    }
}

/// A layer of the network.
fn layer(
    name: String,
    part: Part,
    from: Vec<Option<usize>>,
    precision: Widths,
    shares: Option<usize>,
    onnx: Option<OnnxNode>,
) -> Layer {
    let outcome = part.outcome;
    Layer {
        name,
        op: part.op.to_owned(),
        from,
        kind: outcome.kind,
        shape: outcome.output.shape(),
        spec: LayerSpec {
            operator: outcome.operator,
            precision: precision.forward,
            training: precision.training(),
            input_bits: Vec::new(),
            image: outcome.output.image,
            shares,
            onnx,
        },
    }
}
