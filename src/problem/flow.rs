//! The dataflows by name.

use std::fmt;

use super::role::Role;

/// A dataflow that mappings may be restricted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dataflow {
    /// Weights stay in the innermost storage: they alone are kept there, or none of them is loaded
    /// again while the tile that it is a part of stays outside.
    WeightStationary,
    /// Partial sums stay likewise.
    OutputStationary,
    /// Inputs stay likewise.
    InputStationary,
    /// Weight stationary by whole rows of the kernel, one row in each element.
    RowStationary,
}

impl Dataflow {
    /// All dataflows, in the order in which they are listed.
    pub const ALL: [Dataflow; 4] = [
        Dataflow::WeightStationary,
        Dataflow::OutputStationary,
        Dataflow::InputStationary,
        Dataflow::RowStationary,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dataflow::WeightStationary => "weight_stationary",
            Dataflow::OutputStationary => "output_stationary",
            Dataflow::InputStationary => "input_stationary",
            Dataflow::RowStationary => "row_stationary",
        }
    }

    /// The dataflow of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Dataflow> {
        Dataflow::ALL.into_iter().find(|flow| flow.name() == text)
    }

    /// The operand that stays in the innermost storage.
    #[must_use]
    pub fn stationary(self) -> Role {
        match self {
            Dataflow::WeightStationary | Dataflow::RowStationary => Role::Weight,
            Dataflow::OutputStationary => Role::Output,
            Dataflow::InputStationary => Role::Input,
        }
    }
}

impl fmt::Display for Dataflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The names of dataflows as one text: `any` for none.
#[must_use]
pub fn names(dataflows: &[Dataflow]) -> String {
    let names: Vec<&str> = dataflows.iter().map(|flow| flow.name()).collect();
    if names.is_empty() {
        "any".to_owned()
    } else {
        names.join(",")
    }
}
