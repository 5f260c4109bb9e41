//! A mapping as heuristics change it: a box of extents for each operand in each memory, the
//! order of the operands, and the spatial factors. It always becomes a well-formed mapping;
//! whether that fits is for the evaluator to say.

use crate::problem::{
    ArrayMapping, Dim, Hardware, LoopNest, Mapping, Node, Overlap, PerDim, Role, Tiles,
};

/// What one memory does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Index of the memory in [`Hardware::levels`].
    pub level: usize,
    /// The operands that it keeps; the first changes its tile least often.
    pub order: Vec<Role>,
    /// Extents of each operand's tile in one element.
    pub tiles: [PerDim<u64>; 3],
    /// The dimension along which it slides, if it may.
    pub slide: Option<Dim>,
    /// Where that is chosen: whether its transfers are overlapped at twice the space.
    pub doubled: bool,
}

/// A candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The spatial loops of each array, outermost array first.
    pub spatial: Vec<ArrayMapping>,
    /// All memories below the outermost, from the outside in.
    pub stores: Vec<Store>,
}

impl Candidate {
    /// Tiles of one element on one element of every array, in every memory that may keep them.
    #[must_use]
    pub fn smallest(hardware: &Hardware) -> Self {
        let store = |level: usize, keeps: &dyn Fn(Role) -> bool| Store {
            level,
            order: [Role::Weight, Role::Input, Role::Output]
                .into_iter()
                .filter(|&role| keeps(role))
                .collect(),
            tiles: [PerDim::all(1); 3],
            slide: None,
            doubled: true,
        };
        Self {
            spatial: (hardware.arrays())
                .map(|(level, array)| ArrayMapping {
                    level,
                    axes: vec![PerDim::all(1); array.axes.len()],
                })
                .collect(),
            stores: (hardware.memories().skip(1))
                .map(|(level, memory)| store(level, &|role| memory.may_keep(role)))
                .collect(),
        }
    }

    /// Elements over which `d` is spread by the arrays above a level.
    #[must_use]
    pub fn spread_above(&self, level: usize, d: Dim) -> u64 {
        let above = self.spatial.iter().filter(|array| array.level < level);
        above.flat_map(|a| &a.axes).map(|axis| axis[d]).product()
    }

    /// Elements over which `d` is spread by the arrays below a level.
    #[must_use]
    pub fn spread_below(&self, level: usize, d: Dim) -> u64 {
        let below = self.spatial.iter().filter(|array| array.level > level);
        below.flat_map(|a| &a.axes).map(|axis| axis[d]).product()
    }

    /// The mapping: extents are cut to the tiles around them, and slides that may not be are
    /// left out.
    #[must_use]
    pub fn mapping(&self, operation: &LoopNest, hardware: &Hardware) -> Mapping {
        let mut mapping = Mapping {
            order: Vec::new(),
            extents: Vec::new(),
            spatial: self.spatial.clone(),
            slides: Vec::new(),
            double_buffered: Vec::new(),
        };
        let mut room = operation.extents;
        for store in &self.stores {
            let memory = hardware.memory(store.level);
            let shared = memory.is_some_and(|m| m.tiles == Tiles::Shared);
            for &role in &store.order {
                let mut own = PerDim::all(1);
                for d in operation.relevant[role as usize].iter() {
                    let spread = self.spread_above(store.level, d);
                    let of = if shared {
                        first_with(operation, &store.order, d)
                    } else {
                        role
                    };
                    own[d] = store.tiles[of as usize][d].clamp(1, room[d].div_ceil(spread));
                    room[d] = room[d].min(own[d].saturating_mul(spread));
                }
                let node = Node {
                    level: store.level,
                    role,
                };
                mapping.order.push(node);
                mapping.extents.push(own);
                let loaded = !operation.is_resident(node);
                if loaded && store.doubled && memory.is_some_and(|m| m.overlap == Overlap::Choose) {
                    mapping.double_buffered.push(node);
                }
            }
        }
        mapping.double_buffered.sort_unstable();
        for store in &self.stores {
            let slide = store.slide;
            let may = |d: &Dim| may_slide(operation, hardware, &mapping, store.level, *d);
            if let Some(d) = slide.filter(may) {
                mapping.slides.push((store.level, d));
            }
        }
        mapping
    }

    /// Enlarges tiles so that every memory holds what the elements below it take at once: without
    /// that they would idle, whatever is spread over them.
    pub fn feed(&mut self) {
        for index in 0..self.stores.len() {
            let level = self.stores[index].level;
            let spread = PerDim(Dim::ALL.map(|d| self.spread_below(level, d)));
            for tile in &mut self.stores[index].tiles {
                *tile = PerDim(Dim::ALL.map(|d| tile[d].max(spread[d])));
            }
        }
    }

    /// The memories that make up one buffer with this one, itself included: no array stands
    /// between them, and they keep different operands. Only together do their tiles save anything.
    #[must_use]
    pub fn buffer(&self, index: usize) -> Vec<usize> {
        let own = &self.stores[index];
        let apart = |other: &Store| {
            let between = own.level.min(other.level)..own.level.max(other.level);
            let array = self.spatial.iter().any(|a| between.contains(&a.level));
            array || other.order.iter().any(|role| own.order.contains(role))
        };
        (0..self.stores.len())
            .filter(|&i| i == index || !apart(&self.stores[i]))
            .collect()
    }

    /// Sets one extent of all operands in the memory with this index.
    pub fn set(&mut self, store: usize, d: Dim, extent: u64) {
        for tile in &mut self.stores[store].tiles {
            tile[d] = extent;
        }
    }
}

/// The first operand of an order that has the dimension: in a shared memory all follow it.
fn first_with(operation: &LoopNest, order: &[Role], d: Dim) -> Role {
    let mut with = order.iter().filter(|&&role| operation.is_relevant(role, d));
    with.next().copied().unwrap_or(Role::Input)
}

/// Whether a memory may slide along a dimension.
fn may_slide(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    level: usize,
    d: Dim,
) -> bool {
    let node = Node {
        level,
        role: Role::Input,
    };
    hardware.memory(level).is_some_and(|m| m.sliding_reuse)
        && d.is_window_output()
        && operation.is_relevant(Role::Input, d)
        && !operation.is_resident(node)
        && mapping.keeps(node)
        && mapping.may_slide_inside(level, d)
}

/// Which operand is stationary below loops in this order (outermost first, loops of one trip
/// left out), which of the others comes next, and along what the input slides: the first is the
/// operand to which the innermost loop is irrelevant, and reuse along a window is that of the
/// innermost loop that moves the input.
#[must_use]
pub fn from_loops(operation: &LoopNest, loops: &[Dim], kept: &[Role]) -> (Vec<Role>, Option<Dim>) {
    let mut order: Vec<Role> = Vec::new();
    for &d in loops.iter().rev() {
        let still = kept.iter().find(|&&role| !operation.is_relevant(role, d));
        if let Some(&role) = still.filter(|role| !order.contains(role)) {
            order.push(role);
        }
    }
    order.extend(
        kept.iter()
            .filter(|role| !order.contains(role))
            .copied()
            .collect::<Vec<_>>(),
    );
    let mut inner = loops.iter().rev();
    let moving = inner.find(|&&d| operation.is_relevant(Role::Input, d));
    let slide = moving.copied().filter(|d| d.is_window_output());
    (order, slide)
}

/// All orders of some operands, or of other things.
#[must_use]
pub fn orders<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (i, &first) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(i);
        for tail in orders(&rest) {
            let mut order = vec![first];
            order.extend(tail);
            all.push(order);
        }
    }
    all
}
