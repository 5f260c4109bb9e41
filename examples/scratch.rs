//! scratch
use deepmatrix::formulate::{TileSpace, chains::*};
use deepmatrix::problem::*;
fn main() {
    let axes = vec![
        Axis {
            name: "r".into(),
            size: 32,
            dims: DimSet::of(&[Dim::K, Dim::C, Dim::P, Dim::Q]),
        },
        Axis {
            name: "c".into(),
            size: 32,
            dims: DimSet::of(&[Dim::K, Dim::C, Dim::P, Dim::Q]),
        },
    ];
    let mem = |name: &str, cap: Option<u64>, bw: Option<&str>, tiles, ov, sl| {
        Level::Memory(Memory {
            name: name.into(),
            capacity: cap.map(Bytes),
            ports: Ports::Shared(bw.and_then(Bandwidth::parse)),
            energy_pj_per_byte: None,
            overlap: ov,
            tiles,
            sliding_reuse: sl,
        })
    };
    let hw = Hardware {
        name: "h".into(),
        source: None,
        clock_mhz: None,
        levels: vec![
            mem(
                "dram",
                None,
                Some("16"),
                Tiles::PerOperand,
                Overlap::Ideal,
                false,
            ),
            mem(
                "sram",
                Some(524288),
                Some("128"),
                Tiles::PerOperand,
                Overlap::DoubleBuffer,
                true,
            ),
            Level::Array(Array {
                name: "pe".into(),
                axes,
            }),
            mem("regs", Some(64), None, Tiles::Shared, Overlap::Ideal, false),
        ],
        energy_pj_per_mac: None,
        vector_lanes: None,
    };
    for (k, p) in [(64, 224), (128, 112), (256, 56), (512, 28), (512, 14)] {
        let w = Window {
            stride: 1,
            dilation: 1,
            padding: 1,
            rows: p,
        };
        let op = LoopNest::forward(
            PerDim([1, 1, k, k, p, p, 3, 3]),
            [w, w],
            Precision {
                input: 8,
                weight: 8,
                output: 8,
                accumulator: 32,
            },
        );
        for d in [Dim::K, Dim::C, Dim::P, Dim::R] {
            for sp in [TileSpace::All, TileSpace::Divisors, TileSpace::Starter] {
                let t = std::time::Instant::now();
                let c = chains(&op, &hw, d, sp);
                println!("{d} {} {sp:?} {} {:?}", op.extents[d], c.len(), t.elapsed());
            }
        }
    }
}
