//! Parts of the exact mapper that can be switched off, those of the rooms below among them.

use crate::engine::switches::switches;
use crate::{classes, engine, layer, tiling};

switches! {
    /// The mapper's own; the optimum is the same without them.
    MapperSwitches {
        /// Refuse a layer whose least footprints exceed a memory before any program is solved.
        "PRU30" footprints;
        /// Use the bound that holds for every mapping.
        "PRU31" lower_bound;
        /// Stop at a bound that was proved elsewhere.
        "PRU32" known_bound;
        /// An improvement is one of a whole cycle or bit at least.
        "PRU33" whole_numbers;
        /// Chains are not told apart by steps where these cost nothing.
        "PRU34" free_steps;
        /// Look for a first mapping before the program is solved.
        "-" incumbent;
        /// Improve mappings by local search.
        "-" local_search;
    }
}

/// Parts of the method; without any of them the optimum is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MethodSwitches {
    /// Chains of one dimension.
    pub chains: tiling::Switches,
    /// The layer program.
    pub layer: layer::Switches,
    /// Classes.
    pub classes: classes::Switches,
    /// The tree search.
    pub tree: engine::Switches,
    /// The mapper itself.
    pub mapper: MapperSwitches,
}

impl MethodSwitches {
    /// Everything switched off.
    pub const NONE: Self = Self {
        chains: tiling::Switches::NONE,
        layer: layer::Switches::NONE,
        classes: classes::Switches::NONE,
        tree: engine::Switches::NONE,
        mapper: MapperSwitches::NONE,
    };

    /// Identifier and name of every switch, in the order of `each`; `-` for what leaves nothing out.
    pub fn rules() -> impl Iterator<Item = (&'static str, String)> {
        let rooms = [
            ("tiling", tiling::Switches::RULES),
            ("layer", layer::Switches::RULES),
            ("classes", classes::Switches::RULES),
            ("engine", engine::Switches::RULES),
            ("exact", MapperSwitches::RULES),
        ];
        rooms.into_iter().flat_map(|(room, own)| {
            let own = own.iter();
            own.map(move |&(id, name)| (id, format!("{room}::{name}")))
        })
    }

    /// Every switch.
    pub fn each(&mut self) -> impl Iterator<Item = &mut bool> {
        let chains = self.chains.each().chain(self.layer.each());
        let search = self.tree.each().chain(self.mapper.each());
        chains.chain(self.classes.each()).chain(search)
    }
}
