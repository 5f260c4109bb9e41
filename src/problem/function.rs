//! Functions of single elements and of pairs of elements, by the names that network files use.

/// A function of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// max(x, a·x).
    LeakyRelu,
    /// x, or a·(eˣ − 1) below zero.
    Elu,
    /// x·sigmoid(x).
    Silu,
    /// x·tanh(log(1 + eˣ)).
    Mish,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// clip(a·x + b, 0, 1).
    HardSigmoid,
    /// x·clip(x/6 + ½, 0, 1).
    HardSwish,
    /// The hyperbolic tangent.
    Tanh,
    /// log(1 + eˣ).
    Softplus,
    /// eˣ.
    Exp,
    /// The natural logarithm.
    Log,
    /// The square root.
    Sqrt,
    /// 1/√x.
    Rsqrt,
    /// 1/x.
    Reciprocal,
    /// −x.
    Neg,
    /// The magnitude.
    Abs,
    /// −1, 0 or 1.
    Sign,
    /// The error function.
    Erf,
    /// The sine.
    Sin,
    /// The cosine.
    Cos,
    /// x².
    Square,
    /// The next whole number below.
    Floor,
    /// The next whole number above.
    Ceil,
    /// The nearest whole number.
    Round,
    /// Logical negation.
    Not,
    /// The nearest number of an interval.
    Clip,
    /// The same number in another width.
    Cast,
    /// −∞ where the position says so: no operand is read.
    Mask,
    /// A whole number of few bits for a number, with scale and zero point.
    Quantize,
    /// The number that a whole number of few bits stands for.
    Dequantize,
}

impl Function {
    /// All functions with their names.
    pub const ALL: [(Function, &'static str); 30] = [
        (Function::LeakyRelu, "leaky_relu"),
        (Function::Elu, "elu"),
        (Function::Silu, "silu"),
        (Function::Mish, "mish"),
        (Function::Sigmoid, "sigmoid"),
        (Function::HardSigmoid, "hardsigmoid"),
        (Function::HardSwish, "hardswish"),
        (Function::Tanh, "tanh"),
        (Function::Softplus, "softplus"),
        (Function::Exp, "exp"),
        (Function::Log, "log"),
        (Function::Sqrt, "sqrt"),
        (Function::Rsqrt, "rsqrt"),
        (Function::Reciprocal, "reciprocal"),
        (Function::Neg, "neg"),
        (Function::Abs, "abs"),
        (Function::Sign, "sign"),
        (Function::Erf, "erf"),
        (Function::Sin, "sin"),
        (Function::Cos, "cos"),
        (Function::Square, "square"),
        (Function::Floor, "floor"),
        (Function::Ceil, "ceil"),
        (Function::Round, "round"),
        (Function::Not, "not"),
        (Function::Clip, "clip"),
        (Function::Cast, "cast"),
        (Function::Mask, "mask"),
        (Function::Quantize, "quantize"),
        (Function::Dequantize, "dequantize"),
    ];

    /// The function of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        named(&Self::ALL, name)
    }

    /// Whether its derivative is zero wherever it has one, so that no gradient passes.
    #[must_use]
    pub fn is_step(self) -> bool {
        matches!(
            self,
            Function::Sign | Function::Floor | Function::Ceil | Function::Round | Function::Not
        )
    }
}

/// The function of this name in a table of all.
fn named<T: Copy>(all: &[(T, &str)], name: &str) -> Option<T> {
    let found = all.iter().find(|(_, own)| *own == name);
    found.map(|&(function, _)| function)
}

/// A function of two elements, or of several one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pairwise {
    /// The sum.
    Add,
    /// The difference.
    Sub,
    /// The product.
    Mul,
    /// The quotient.
    Div,
    /// The power.
    Pow,
    /// The larger one.
    Max,
    /// The smaller one.
    Min,
    /// The remainder.
    Mod,
    /// Whether both are equal.
    Equal,
    /// Whether the first is greater.
    Greater,
    /// Whether the first is less.
    Less,
    /// Whether the first is not less.
    GreaterEqual,
    /// Whether the first is not greater.
    LessEqual,
    /// Logical and.
    And,
    /// Logical or.
    Or,
    /// Logical exclusive or.
    Xor,
}

impl Pairwise {
    /// All functions with their names.
    pub const ALL: [(Pairwise, &'static str); 16] = [
        (Pairwise::Add, "add"),
        (Pairwise::Sub, "sub"),
        (Pairwise::Mul, "mul"),
        (Pairwise::Div, "div"),
        (Pairwise::Pow, "pow"),
        (Pairwise::Max, "max"),
        (Pairwise::Min, "min"),
        (Pairwise::Mod, "mod"),
        (Pairwise::Equal, "equal"),
        (Pairwise::Greater, "greater"),
        (Pairwise::Less, "less"),
        (Pairwise::GreaterEqual, "greater_equal"),
        (Pairwise::LessEqual, "less_equal"),
        (Pairwise::And, "and"),
        (Pairwise::Or, "or"),
        (Pairwise::Xor, "xor"),
    ];

    /// The function of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        named(&Self::ALL, name)
    }

    /// Whether it is a comparison or a logical function, through which no gradient passes.
    #[must_use]
    pub fn is_step(self) -> bool {
        self > Pairwise::Mod
    }
}

/// The second operand of a function of two elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// One number.
    Number,
    /// Parameters of this shape, which are trained.
    Parameter(Vec<u64>),
    /// Elements of this shape that stay as they are.
    Constant(Vec<u64>),
}

/// How the elements of an axis, or of several, become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reduction {
    /// The mean.
    Mean,
    /// The sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// The product.
    Prod,
    /// The sum of the magnitudes.
    L1,
    /// The root of the sum of the squares.
    L2,
    /// The sum of the squares.
    SumSquare,
    /// The logarithm of the sum of the exponentials.
    LogSumExp,
    /// The place of the largest.
    ArgMax,
    /// The place of the smallest.
    ArgMin,
}

impl Reduction {
    /// All reductions with their names.
    pub const ALL: [(&'static str, Reduction); 11] = [
        ("mean", Reduction::Mean),
        ("sum", Reduction::Sum),
        ("max", Reduction::Max),
        ("min", Reduction::Min),
        ("prod", Reduction::Prod),
        ("l1", Reduction::L1),
        ("l2", Reduction::L2),
        ("sum_square", Reduction::SumSquare),
        ("log_sum_exp", Reduction::LogSumExp),
        ("argmax", Reduction::ArgMax),
        ("argmin", Reduction::ArgMin),
    ];
}
