//! scratch
use deepmatrix::formulate::{TileSpace, chains::*};
use deepmatrix::problem::*;
fn main() {
    let hw = deepmatrix::read::hardware(std::path::Path::new(&std::env::args().nth(1).unwrap()))
        .unwrap();
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
                accumulator: 8,
            },
        );
        for d in [Dim::K, Dim::P, Dim::R] {
            for sp in [TileSpace::All] {
                let t = std::time::Instant::now();
                let c = chains(&op, &hw, d, sp);
                println!("{d} {} {sp:?} {} {:?}", op.extents[d], c.len(), t.elapsed());
            }
        }
    }
}
