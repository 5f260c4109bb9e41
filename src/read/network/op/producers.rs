//! How many producers operators take.

/// How many producers an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read::network) enum Producers {
    /// None: it has its elements from elsewhere.
    None,
    /// One.
    One,
    /// One or more.
    OneOrMore,
    /// One or two.
    OneOrTwo,
    /// Two.
    Two,
    /// The left and the right operand of a product.
    LeftAndRight,
    /// Two or three.
    TwoOrThree,
    /// Three.
    Three,
    /// Two or more.
    Several,
}

impl Producers {
    /// Whether so many are right, what is wanted, and an example of it.
    pub(in crate::read::network) fn take(self, count: usize) -> (bool, &'static str, &'static str) {
        let (one, two, three) = ("from: a", "from: [a, b]", "from: [a, b, c]");
        match self {
            Self::None => (count == 0, "no producer", one),
            Self::One => (count == 1, "one producer", one),
            Self::OneOrMore => (count >= 1, "one producer or more", one),
            Self::OneOrTwo => (matches!(count, 1 | 2), "one or two producers", two),
            Self::Two | Self::LeftAndRight => (count == 2, "two producers", two),
            Self::TwoOrThree => (matches!(count, 2 | 3), "two or three producers", three),
            Self::Three => (count == 3, "three producers", three),
            Self::Several => (count >= 2, "two or more producers", two),
        }
    }
}
