//! One layer: its name, operator, producers and precisions; the operator reads the rest.

use crate::problem::{Layer, LayerKind, LayerSpec};
use crate::read::field::Field;
use crate::read::suggest;
use crate::read::table::Table;

use super::from::{self, INPUT, Names};
use super::input::NetworkInput;
use super::op::{OPERATORS, Operator, Producers};
use super::precision::{self, Widths};
use super::site::{Site, Source};

const COMMON_KEYS: [&str; 4] = ["name", "op", "from", "precision_bits"];

/// Reads layers one after the other and keeps their shapes.
pub(super) struct Reader {
    precision: Widths,
    batch: u64,
    input: NetworkInput,
    names: Names,
    /// Name and output of each layer read so far; `None` where it had errors.
    outputs: Vec<Option<Source>>,
}

impl Reader {
    /// A reader of a network with these precisions, this batch size and this input.
    pub(super) fn new(precision: Widths, batch: u64, input: NetworkInput) -> Self {
        Self {
            precision,
            batch,
            input,
            names: Names::new(),
            outputs: Vec::new(),
        }
    }

    /// Takes note of every layer's name and reports names that occur twice.
    pub(super) fn enter_names(&mut self, items: &[Field<'_>]) {
        for (index, item) in items.iter().enumerate() {
            let Some(name) = item.key_text("name") else {
                continue;
            };
            if name == INPUT {
                item.reject(
                    "a layer may not be called `input`, which is the network's input; rename it",
                );
            } else if let Some(first) = self.names.get(name) {
                item.reject(format!(
                    "the name `{}` is taken by layers[{first}]; give each layer a name of its own",
                    name.escape_debug()
                ));
            } else {
                self.names.insert(name.to_owned(), index);
            }
        }
    }

    /// The layers' names.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// Reads layer `index`.
    pub(super) fn layer(&mut self, index: usize, item: &Field<'_>) -> Option<Layer> {
        let read = item.open_table().and_then(|table| self.read(index, &table));
        let (layer, output) = read.unzip();
        self.outputs.push(output);
        layer
    }

    fn read(&self, index: usize, table: &Table<'_>) -> Option<(Layer, Source)> {
        let name = table
            .required("name", "the layer's name")
            .and_then(|f| f.text());
        let operator = operator(table);
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
            precision::of_operands(table, sources, operator.producers == Producers::Two, own)
        });
        let site = Site {
            table,
            precision: widths.or(precision).unwrap_or(self.precision).forward,
            batch: self.batch,
            sources,
        };
        let outcome = (operator.read)(&site);
        let sources = site.sources?;
        let mut precision = widths?;
        let outcome = outcome?;
        let written = match outcome.kind {
            LayerKind::View => precision::of_view(table, &sources, precision)?,
            _ => precision::written(table, precision),
        };
        precision.forward.output = written.bits;
        let output = Source {
            name: name?.to_owned(),
            tensor: outcome.output.clone(),
            width: written,
        };
        let layer = Layer {
            name: name?.to_owned(),
            op: operator.name.to_owned(),
            from: from?,
            kind: outcome.kind,
            shape: outcome.output.shape(),
            spec: LayerSpec {
                operator: outcome.operator,
                precision: precision.forward,
                input_bits: sources.iter().map(|source| source.width.bits).collect(),
                training: precision.training(),
                image: outcome.output.image,
            },
        };
        Some((layer, output))
    }

    /// The indices of the producers, as many as the operator takes.
    fn producers(
        &self,
        index: usize,
        table: &Table<'_>,
        operator: &Operator,
    ) -> Option<Vec<Option<usize>>> {
        let from = from::decode(table, index, &self.names)?;
        let (fits, wants) = match operator.producers {
            Producers::None => (from.is_empty(), "no producer"),
            Producers::One => (from.len() == 1, "one producer"),
            Producers::Two => (from.len() == 2, "two producers"),
            Producers::Several => (from.len() >= 2, "two or more producers"),
        };
        if fits {
            return Some(from);
        }
        let example = match operator.producers {
            Producers::None | Producers::One => "from: a",
            Producers::Two | Producers::Several => "from: [a, b]",
        };
        let (op, count) = (operator.name, from.len());
        let why = format!("`{op}` takes {wants}, but has {count}; give names as in `{example}`");
        table.reject_key("from", why);
        None
    }

    /// The producers' outputs; `None` where one of them had errors, which were reported there.
    fn sources(&self, table: &Table<'_>, from: &[Option<usize>]) -> Option<Vec<Source>> {
        let sources: Vec<Option<Source>> = from
            .iter()
            .map(|producer| match producer {
                Some(index) => self.outputs.get(*index)?.clone(),
                None => self.network_input(table),
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

/// The operator that the layer names.
fn operator(table: &Table<'_>) -> Option<&'static Operator> {
    let field = table.required("op", "an operator such as `conv2d`")?;
    let name = field.text()?;
    let found = OPERATORS.iter().find(|o| o.name == name);
    if found.is_none() {
        let names: Vec<&str> = OPERATORS.iter().map(|o| o.name).collect();
        let (name, hint) = (name.escape_debug(), suggest::hint(name, &names));
        field.reject(format!("unknown operator `{name}`; {hint}"));
    }
    found
}
