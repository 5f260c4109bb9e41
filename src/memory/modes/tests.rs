use super::*;
use crate::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dim, DimSet, Memory, PerDim, Precision, RoleSet,
    Tiles, Window,
};

fn mode() -> RoleMode {
    RoleMode {
        buffers: Bits(8),
        cycles: 8,
        added: 8,
        read: Bits(8),
        written: Bits(8),
        outer: [Bits(8); 3],
        waits: [false; 3],
        partial: Partial {
            outward: 8,
            inward: 8,
            waits: false,
        },
        resident: [false; 3],
    }
}

/// Ways to make a mode worse in one thing.
const WORSE: [fn(&mut RoleMode); 13] = [
    |m| m.buffers = Bits(9),
    |m| m.cycles = 9,
    |m| m.added = 9,
    |m| m.read = Bits(9),
    |m| m.written = Bits(9),
    |m| m.outer[0] = Bits(9),
    |m| m.outer[1] = Bits(9),
    |m| m.outer[2] = Bits(9),
    |m| m.waits[0] = true,
    |m| m.waits[2] = true,
    |m| m.partial.outward = 9,
    |m| m.partial.inward = 9,
    |m| m.partial.waits = true,
];

fn worse(ways: &[usize]) -> RoleMode {
    let mut own = mode();
    for &way in ways {
        WORSE[way](&mut own);
    }
    own
}

#[test]
fn mode_dominance_compares_everything() {
    for one in 0..WORSE.len() {
        assert_eq!(undominated(vec![worse(&[one]), mode()]), [mode()]);
        for other in (0..WORSE.len()).filter(|&other| other != one) {
            let both = vec![worse(&[one]), worse(&[other])];
            assert_eq!(undominated(both.clone()), both, "{one} {other}");
        }
    }
    let resident = RoleMode {
        resident: [true, false, false],
        ..mode()
    };
    let both = vec![mode(), resident];
    assert_eq!(undominated(both.clone()), both);
}

/// A memory of so many bytes between the outermost one and two elements.
fn hardware(bytes: u64) -> Hardware {
    let memory = |name: &str, capacity: Option<u64>| {
        Level::Memory(Memory {
            name: name.to_owned(),
            capacity: capacity.map(Bytes),
            ports: Ports::Shared(Bandwidth::new(2, 1)),
            energy: AccessEnergy::ABSENT,
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::Ideal,
            tiles: Tiles::PerOperand,
            sliding_reuse: false,
            alignment: Memory::DEFAULT_ALIGNMENT,
        })
    };
    let axis = Axis {
        name: "row".to_owned(),
        size: 2,
        dims: DimSet::of(&[Dim::K, Dim::C]),
        multicast: true,
        reduce: true,
    };
    Hardware {
        name: "modes".to_owned(),
        source: None,
        clock_mhz: None,
        levels: vec![
            memory("dram", None),
            memory("sram", Some(bytes)),
            Level::Array(Array {
                name: "pe".to_owned(),
                axes: vec![axis],
                split_dims: false,
            }),
        ],
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// Mappings are looked for in ever smaller memories until nothing fits, and no further.
#[test]
fn smaller_memories_are_tried_as_long_as_something_fits() {
    let mut extents = PerDim::all(1);
    (extents[Dim::N], extents[Dim::K], extents[Dim::C]) = (4, 4, 4);
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 8,
    };
    let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision);
    let modes = |smaller_memories: bool| {
        let options = ModeOptions {
            given: None,
            together: None,
            solve: SolveOptions::default(),
            per_operation: 9,
            jobs: 1,
            known: Known::default(),
            fixed: BTreeMap::new(),
            switches: Switches {
                smaller_memories,
                ..Switches::ALL
            },
        };
        let asked = Asked {
            nest: &nest,
            fixed: Arc::default(),
            known: None,
        };
        let mut ladder = Ladder::begin(asked, (&hardware(64), 1), &options);
        ladder.extend(options.per_operation, &options);
        assert!(ladder.is_complete());
        ladder.modes(&options).modes
    };
    let (with, without) = (modes(true), modes(false));
    assert_eq!(with, without);
    // The least that fits is an element of each operand.
    let least = with.iter().map(|mode| mode.buffers.bytes_ceil()).min();
    assert!(with.len() > 2 && least < Some(8), "{with:?}");
}
