//! What an operator sees of its layer, and the checks that all operators share.

use crate::problem::backward::{Axes, Convolution};
use crate::problem::phases::{self, TransposedAxis};
use crate::problem::{
    Bits, LayerKind, LoopNest, Operator, PerDim, Precision, StreamOperation, Weighted, Window,
};
use crate::read::field::{Field, LARGEST_EXTENT, quote};
use crate::read::table::Table;

use super::tensor::{MOST_TENSOR_BITS, Tensor, product};

/// No layer has more multiply-accumulates.
const MOST_MACS: u128 = 1 << 62;

/// No layer has more phases, each of which is mapped for itself.
const MOST_PHASES: u64 = 1 << 12;

/// A producer's name and output.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) tensor: Tensor,
    pub(super) width: Width,
}

/// Bits of an element of a tensor, and the field that says so.
#[derive(Clone)]
pub(super) struct Width {
    pub(super) bits: u32,
    pub(super) field: String,
}

/// A layer as its operator reads it.
pub(super) struct Site<'a> {
    /// The layer's table.
    pub(super) table: &'a Table<'a>,
    /// Its operator's name.
    pub(super) op: &'static str,
    /// Its precisions: inputs as wide as their producers wrote them.
    pub(super) precision: Precision,
    /// The network's batch size.
    pub(super) batch: u64,
    /// Its producers; `None` where one had errors.
    pub(super) sources: Option<Vec<Source>>,
}

/// What an operator makes of a layer.
pub(super) struct Outcome {
    pub(super) kind: LayerKind,
    pub(super) operator: Operator,
    pub(super) output: Tensor,
}

impl Outcome {
    /// The same work of another operator.
    pub(super) fn with(self, operator: Operator) -> Self {
        Self { operator, ..self }
    }

    /// Work that can be applied while a producer's output leaves the array.
    pub(super) fn fusable(mut self) -> Self {
        if let LayerKind::Stream(operation) = &mut self.kind {
            operation.fusable = true;
        }
        self
    }
}

/// What one entry of the file becomes: its own work and that of further outputs or steps.
pub(super) struct Parts {
    /// Its layers in execution order.
    pub(super) list: Vec<Part>,
}

/// One layer of an entry of the file.
pub(super) struct Part {
    /// What stands behind the entry's name, such as `0` of `split.0`; nothing for the entry itself.
    pub(super) suffix: String,
    /// Its operator, as results show it.
    pub(super) op: &'static str,
    /// Where its inputs come from.
    pub(super) from: Vec<Link>,
    /// What it computes.
    pub(super) outcome: Outcome,
    /// Whether it is left out where no layer names it.
    pub(super) optional: bool,
}

/// An input of a part.
#[derive(Clone, Copy)]
pub(super) enum Link {
    /// Producer of the entry.
    Source(usize),
    /// An earlier part of the entry.
    Part(usize),
}

impl Parts {
    /// An entry that is one layer of all its producers.
    pub(super) fn one(site: &Site<'_>, outcome: Outcome) -> Self {
        let sources = site.sources.as_ref().map_or(0, Vec::len);
        let list = vec![Part {
            suffix: String::new(),
            op: site.op,
            from: (0..sources).map(Link::Source).collect(),
            outcome,
            optional: false,
        }];
        Self { list }
    }
}

impl Site<'_> {
    /// Reports an error of the whole layer.
    pub(super) fn reject(&self, message: String) {
        let field = self.table.field();
        match field.key_text("name") {
            Some(name) => field.reject(format!("{}: {message}", quote(name))),
            None => field.reject(message),
        }
    }

    /// All producers.
    pub(super) fn sources(&self) -> Option<&[Source]> {
        self.sources.as_deref()
    }

    /// The only (or first) producer.
    pub(super) fn source(&self) -> Option<&Source> {
        self.sources.as_ref()?.first()
    }

    /// A required extent.
    pub(super) fn extent(&self, key: &str, help: &'static str) -> Option<u64> {
        self.table.required(key, help)?.extent()
    }

    /// A pair for height and width; one number stands for both.
    pub(super) fn pair(
        &self,
        key: &str,
        help: &'static str,
        least: u64,
        default: Option<[u64; 2]>,
    ) -> Option<[u64; 2]> {
        self.each_axis(key, help, least, default)
    }

    /// A number for each of some axes; one stands for all.
    pub(super) fn each_axis<const AXES: usize>(
        &self,
        key: &str,
        help: &'static str,
        least: u64,
        default: Option<[u64; AXES]>,
    ) -> Option<[u64; AXES]> {
        let field = match default {
            Some(default) => match self.table.optional(key, help) {
                Some(field) => field,
                None => return Some(default),
            },
            None => self.table.required(key, help)?,
        };
        each_axis(&field, least)
    }

    /// The producer's image; reports where it is none.
    pub(super) fn image(&self) -> Option<(&Source, [u64; 3])> {
        let source = self.source()?;
        let image = source.tensor.as_image();
        if image.is_none() {
            let Source { name, tensor, .. } = source;
            self.reject(format!(
                "takes an image of channels x height x width, but `{name}` gives {tensor}; put a reshape before it"
            ));
        }
        Some((source, image?))
    }

    /// Bits of so many elements of the inputs: of all of them as each is wide, of a part of inputs
    /// of several widths as if all of it were as wide as the widest.
    pub(super) fn input_bits(&self, elements: u128) -> Bits {
        let sources = self.sources.as_deref().unwrap_or_default();
        let all = || sources.iter().map(|s| (s.tensor.elements(), s.width.bits));
        if all().map(|own| own.0).sum::<u128>() == elements {
            return Bits(
                all()
                    .map(|(elements, bits)| elements.saturating_mul(u128::from(bits)))
                    .sum(),
            );
        }
        let widest = all().map(|own| own.1).max().unwrap_or(self.precision.input);
        Bits(elements.saturating_mul(u128::from(widest)))
    }

    /// A streamed operation; its output and parameters are checked against the limits.
    pub(super) fn stream(
        &self,
        output: Tensor,
        input_elements: u128,
        parameters: u128,
        vector_operations: u128,
        operator: Operator,
    ) -> Option<Outcome> {
        let operation = StreamOperation {
            input: self.input_bits(input_elements),
            weight: self.limited("parameters", parameters, self.precision.weight)?,
            output: self.limited("output", output.elements(), self.precision.output)?,
            vector_operations,
            fusable: false,
        };
        let kind = LayerKind::Stream(operation);
        Some(Outcome {
            kind,
            operator,
            output,
        })
    }

    /// A multiply-accumulate layer with a weight of these extents, or of two tensors;
    /// its box and its tensors are checked against the limits.
    pub(super) fn nest(
        &self,
        extents: PerDim<u64>,
        windows: [Window; Window::COUNT],
        output: Tensor,
        weight: Option<Vec<u64>>,
    ) -> Option<Outcome> {
        let nest = LoopNest::forward(extents, windows, self.precision);
        self.operands(&extents, windows.map(|w| w.rows), &output)?;
        let convolution = Convolution::ordinary(&nest);
        let operator = match weight {
            Some(weight) => self.weighted(convolution, weight)?,
            None => Operator::MatMul(convolution),
        };
        Some(Outcome {
            kind: LayerKind::MultiplyAccumulate(Box::new(nest)),
            operator,
            output,
        })
    }

    /// A transposed multiply-accumulate layer, phase by phase, with the same limits.
    pub(super) fn phases(
        &self,
        extents: PerDim<u64>,
        axes: [TransposedAxis; Window::COUNT],
        output: Tensor,
        weight: Vec<u64>,
    ) -> Option<Outcome> {
        self.operands(&extents, axes.map(|a| a.rows), &output)?;
        let count = axes.iter().map(TransposedAxis::count).product::<u64>();
        if count > MOST_PHASES {
            self.table.reject_key(
                "stride",
                format!("leaves {count} phases, of which there may be at most {MOST_PHASES}; make it smaller"),
            );
            return None;
        }
        let phases = phases::phases(extents, axes, self.precision);
        if phases.iter().all(|phase| phase.nest().is_none()) {
            self.reject(
                "its outputs see no element of the input; make the padding or the stride smaller"
                    .to_owned(),
            );
            return None;
        }
        let axes = Axes::Transposed(axes);
        Some(Outcome {
            kind: LayerKind::Phases(phases),
            operator: self.weighted(Convolution { extents, axes }, weight)?,
            output,
        })
    }

    /// The operator of a layer with a weight of these extents, and with the bias that it asks for.
    fn weighted(&self, convolution: Convolution, weight: Vec<u64>) -> Option<Operator> {
        let help = "`true` where a value for each output channel is added";
        let bias = (self.table).or_default("bias", help, false, Field::boolean)?;
        Some(Operator::Convolution(Weighted {
            convolution,
            weight,
            bias,
        }))
    }

    /// The limits of a loop nest's box and of its operands.
    fn operands(
        &self,
        extents: &PerDim<u64>,
        rows: [u64; Window::COUNT],
        output: &Tensor,
    ) -> Option<()> {
        if product(&extents.0) >= MOST_MACS {
            self.reject(
                "would take 2^62 multiply-accumulates or more, which no layer may; check its sizes"
                    .to_owned(),
            );
            return None;
        }
        let [g, n, k, c, _, _, r, s, _, t] = extents.0;
        let [height, width, depth] = rows;
        let input = product(&[g, n, c, height, width, depth]);
        let weight = product(&[g, k, c, r, s, t]);
        self.limited("input", input, self.precision.input)?;
        self.limited("weight", weight, self.precision.weight)?;
        self.limited("output", output.elements(), self.precision.accumulator)?;
        Some(())
    }

    /// Elements that are moved as they are, one vector operation each; the streamed operation
    /// reads as many elements as it writes.
    pub(super) fn moved(&self, output: Tensor, operator: Operator) -> Option<Outcome> {
        let elements = output.elements();
        self.stream(output, elements, 0, elements, operator)
    }

    /// The same elements in another shape: no work.
    pub(super) fn view(&self, output: Tensor) -> Option<Outcome> {
        let width = self
            .source()
            .map_or(self.precision.output, |s| s.width.bits);
        self.limited("output", output.elements(), width)?;
        Some(Outcome {
            kind: LayerKind::View,
            operator: Operator::View,
            output,
        })
    }

    /// The bits of a tensor, if they are below the limit.
    fn limited(&self, what: &str, elements: u128, width: u32) -> Option<Bits> {
        let bits = elements.saturating_mul(u128::from(width));
        if bits < MOST_TENSOR_BITS {
            return Some(Bits(bits));
        }
        self.reject(format!(
            "its {what} would take 2^60 bits or more, which no tensor may; check its sizes"
        ));
        None
    }

    /// A product of sizes as an extent; reports where it is too large.
    pub(super) fn product_extent(&self, what: &str, sizes: &[u64]) -> Option<u64> {
        let extent = u64::try_from(product(sizes)).ok();
        let extent = extent.filter(|&e| e <= LARGEST_EXTENT);
        if extent.is_none() {
            self.reject(format!(
                "its {what} is larger than {LARGEST_EXTENT}; check its sizes"
            ));
        }
        extent
    }
}

/// A list of numbers, or one for all.
fn each_axis<const AXES: usize>(field: &Field<'_>, least: u64) -> Option<[u64; AXES]> {
    if !field.is_list() {
        return field.integer(least, LARGEST_EXTENT).map(|n| [n; AXES]);
    }
    let items = field.list()?;
    if items.len() != AXES {
        let count = items.len();
        let wanted = match AXES {
            2 => "[height, width] or one number for both".to_owned(),
            3 => "[depth, height, width] or one number for all".to_owned(),
            _ => "one number".to_owned(),
        };
        field.reject(format!("must be {wanted}, but has {count} item(s)"));
        return None;
    }
    let numbers: Vec<Option<u64>> = items
        .iter()
        .map(|item| item.integer(least, LARGEST_EXTENT))
        .collect();
    let numbers: Vec<u64> = numbers.into_iter().collect::<Option<_>>()?;
    numbers.try_into().ok()
}
