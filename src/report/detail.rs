//! How much a report says.

/// How much a table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The loop nest of every mapping.
    pub mappings: bool,
    /// A line for every layer, those of blocks that equal an earlier one too, and every column.
    pub all: bool,
    /// The order of the lines.
    pub sort: Sort,
    /// So many columns of text at most, where the table can be made so narrow.
    pub width: usize,
}

/// The order of a table's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the layers run.
    #[default]
    Step,
    /// What takes the most cycles first.
    Cycles,
    /// By name.
    Name,
}

/// The width of a table that is not written to a terminal.
pub const WIDTH: usize = 100;

impl Default for Detail {
    fn default() -> Self {
        Self {
            mappings: false,
            all: false,
            sort: Sort::Step,
            width: WIDTH,
        }
    }
}
