//! What is known of a value: its type, its shape, and its elements where they are few and do not
//! depend on the network's input.

use super::wire;

/// Elements are kept up to this many.
pub(super) const MOST_ELEMENTS: u64 = 4096;
/// No axis is longer.
pub(super) const LARGEST_AXIS: u64 = 1 << 40;
/// No tensor has more elements.
pub(super) const MOST_TENSOR_ELEMENTS: u128 = 1 << 56;
/// No tensor has more axes.
pub(super) const MOST_AXES: usize = 16;

/// A number: of an integer or boolean type, or of a floating-point type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// The number as a floating-point one.
    #[expect(clippy::cast_precision_loss, reason = "as the operators of ONNX cast")]
    pub(super) fn float(self) -> f64 {
        match self {
            Number::Int(n) => n as f64,
            Number::Float(x) => x,
        }
    }

    /// The number, rounded towards zero.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "as the operators of ONNX cast; out of range saturates"
    )]
    pub(super) fn int(self) -> i64 {
        match self {
            Number::Int(n) => n,
            Number::Float(x) => x as i64,
        }
    }

    /// Whether it is not zero.
    pub(super) fn is_true(self) -> bool {
        self.float() != 0.0
    }
}

/// An element type, by its number in `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type(pub(super) i32);

impl Type {
    pub(super) const FLOAT: Type = Type(1);
    pub(super) const UINT8: Type = Type(2);
    pub(super) const INT32: Type = Type(6);
    pub(super) const INT64: Type = Type(7);
    pub(super) const BOOL: Type = Type(9);

    /// Whether it is a type of numbers that is known.
    pub(super) fn is_numeric(self) -> bool {
        matches!(self.0, 1..=7 | 9..=13 | 16..=24)
    }

    /// Whether its numbers are floating-point ones.
    pub(super) fn is_float(self) -> bool {
        matches!(self.0, 1 | 10 | 11 | 16..=20 | 23 | 24)
    }

    /// Whether its numbers stand for others that a scale gives.
    pub(super) fn is_quantized(self) -> bool {
        self.bits() <= 8 && self != Type::BOOL && self.is_numeric()
    }

    /// Bits of an element.
    pub(super) fn bits(self) -> u32 {
        match self.0 {
            2 | 3 | 9 | 17..=20 | 24 => 8,
            4 | 5 | 10 | 16 => 16,
            7 | 11 | 13 => 64,
            21..=23 => 4,
            _ => 32,
        }
    }

    /// A number as this type holds it.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "32-bit floating-point numbers are rounded to their precision"
    )]
    pub(super) fn hold(self, number: Number) -> Number {
        match self {
            Type::BOOL => Number::Int(i64::from(number.is_true())),
            Type::FLOAT => Number::Float(f64::from(number.float() as f32)),
            _ if self.is_float() => Number::Float(number.float()),
            _ => Number::Int(number.int()),
        }
    }
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    /// Element type.
    pub(super) kind: Type,
    /// Sizes of its axes; an axis may be empty.
    pub(super) shape: Vec<u64>,
    /// Its elements, the last axis fastest.
    pub(super) elements: Option<Vec<Number>>,
}

impl Known {
    /// A value of which the elements are not known.
    pub(super) fn of(kind: Type, shape: Vec<u64>) -> Self {
        Self {
            kind,
            shape,
            elements: None,
        }
    }

    /// A list of integers.
    pub(super) fn ints(list: impl IntoIterator<Item = i64>) -> Self {
        let elements: Vec<Number> = list.into_iter().map(Number::Int).collect();
        Self {
            kind: Type::INT64,
            shape: vec![elements.len() as u64],
            elements: Some(elements),
        }
    }

    /// The same with these elements, unless they are too many or not as many as the shape says.
    pub(super) fn with(mut self, elements: Option<Vec<Number>>) -> Self {
        let count = count(&self.shape);
        let fits =
            |list: &Vec<Number>| count <= u128::from(MOST_ELEMENTS) && list.len() as u128 == count;
        let kind = self.kind;
        self.elements =
            (elements.filter(fits)).map(|list| list.into_iter().map(|n| kind.hold(n)).collect());
        self
    }

    /// The number of elements; never overflows.
    pub(super) fn count(&self) -> u128 {
        count(&self.shape)
    }

    /// Its axes.
    pub(super) fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Its one element, if it has just one and it is known.
    pub(super) fn scalar(&self) -> Option<Number> {
        match self.elements.as_deref() {
            Some([number]) => Some(*number),
            _ => None,
        }
    }

    /// Its elements as integers, where they are known.
    pub(super) fn as_ints(&self) -> Option<Vec<i64>> {
        let elements = self.elements.as_ref()?;
        Some(elements.iter().map(|n| n.int()).collect())
    }
}

/// The number of elements of a shape; never overflows.
pub(super) fn count(shape: &[u64]) -> u128 {
    shape
        .iter()
        .fold(1_u128, |n, &e| n.saturating_mul(u128::from(e)))
}

/// `1x3x224x224`, for messages.
pub(super) fn spell(shape: &[u64]) -> String {
    if shape.is_empty() {
        return "a scalar".to_owned();
    }
    let axes: Vec<String> = shape.iter().map(u64::to_string).collect();
    axes.join("x")
}

/// A tensor of the file.
///
/// # Errors
/// What is wrong with its type, its shape or its data.
pub(super) fn of_tensor(tensor: &wire::Tensor) -> Result<Known, String> {
    let kind = Type(tensor.data_type);
    if tensor.data_type == 8 {
        return Ok(Known::of(kind, shape_of(&tensor.dims)?));
    }
    if !kind.is_numeric() {
        let number = tensor.data_type;
        return Err(format!("has the element type {number}, which is not known"));
    }
    let known = Known::of(kind, shape_of(&tensor.dims)?);
    let elements = elements(tensor, kind, known.count())?;
    Ok(known.with(elements))
}

/// Sizes that may be zero but not negative, and not huge.
pub(super) fn shape_of(dims: &[i64]) -> Result<Vec<u64>, String> {
    let shape: Option<Vec<u64>> = dims.iter().map(|&d| u64::try_from(d).ok()).collect();
    let shape = shape.ok_or_else(|| format!("has a negative size in its shape {dims:?}"))?;
    check(&shape)?;
    Ok(shape)
}

/// Whether a shape is within the limits.
pub(super) fn check(shape: &[u64]) -> Result<(), String> {
    if shape.len() > MOST_AXES {
        let axes = shape.len();
        return Err(format!(
            "has {axes} axes; at most {MOST_AXES} are supported"
        ));
    }
    let filled = shape.iter().map(|&e| e.max(1)).collect::<Vec<_>>();
    if shape.iter().any(|&e| e > LARGEST_AXIS) || count(&filled) > MOST_TENSOR_ELEMENTS {
        return Err(format!(
            "has the shape {}, which is larger than any tensor may be (2^56 elements)",
            spell(shape)
        ));
    }
    Ok(())
}

/// The elements that the file gives, where they are few; large data was left out before.
fn elements(tensor: &wire::Tensor, kind: Type, count: u128) -> Result<Option<Vec<Number>>, String> {
    if count > u128::from(MOST_ELEMENTS) || tensor.data_location == 1 {
        return Ok(None);
    }
    let given = if tensor.raw_data.is_empty() {
        typed(tensor, kind)
    } else {
        raw(&tensor.raw_data, kind)
    };
    let Some(list) = given else { return Ok(None) };
    if list.len() as u128 != count {
        let (shape, have) = (&tensor.dims, list.len());
        return Err(format!(
            "has {have} element(s) of data, but its shape {shape:?} has {count}"
        ));
    }
    Ok(Some(list))
}

/// Elements that are stored by type; `None` where none are stored that are read.
fn typed(tensor: &wire::Tensor, kind: Type) -> Option<Vec<Number>> {
    let ints = |list: &[i32]| list.iter().map(|&n| Number::Int(n.into())).collect();
    match kind.0 {
        1 => Some(
            tensor
                .float_data
                .iter()
                .map(|&x| Number::Float(x.into()))
                .collect(),
        ),
        2..=6 | 9 => Some(ints(&tensor.int32_data)),
        7 => Some(tensor.int64_data.iter().map(|&n| Number::Int(n)).collect()),
        11 => Some(
            tensor
                .double_data
                .iter()
                .map(|&x| Number::Float(x))
                .collect(),
        ),
        12 | 13 => {
            let number = |&n: &u64| i64::try_from(n).map(Number::Int).ok();
            tensor.uint64_data.iter().map(number).collect()
        }
        _ => None,
    }
}

/// Elements that are stored as bytes; `None` where their type is not read.
fn raw(bytes: &[u8], kind: Type) -> Option<Vec<Number>> {
    /// Chunks of so many bytes, each as a number; a part of one at the end makes one too many.
    fn each<const N: usize>(bytes: &[u8], number: fn([u8; N]) -> Number) -> Vec<Number> {
        let chunks = bytes.chunks(N);
        let whole = |chunk: &[u8]| chunk.try_into().map_or(Number::Int(0), number);
        chunks.map(whole).collect()
    }
    Some(match kind.0 {
        1 => each(bytes, |b| Number::Float(f32::from_le_bytes(b).into())),
        2 | 9 => each(bytes, |b: [u8; 1]| Number::Int(b[0].into())),
        3 => each(bytes, |b| Number::Int(i8::from_le_bytes(b).into())),
        4 => each(bytes, |b| Number::Int(u16::from_le_bytes(b).into())),
        5 => each(bytes, |b| Number::Int(i16::from_le_bytes(b).into())),
        6 => each(bytes, |b| Number::Int(i32::from_le_bytes(b).into())),
        7 => each(bytes, |b| Number::Int(i64::from_le_bytes(b))),
        11 => each(bytes, |b| Number::Float(f64::from_le_bytes(b))),
        12 => each(bytes, |b| Number::Int(u32::from_le_bytes(b).into())),
        13 => each(bytes, |b| {
            Number::Int(i64::try_from(u64::from_le_bytes(b)).unwrap_or(i64::MAX))
        }),
        _ => return None,
    })
}
