//! Pieces of a dimension, and the rows of a window that they touch, counted one by one.

use deepmatrix::problem::Window;

/// Consecutive indices: first and number.
pub type Piece = (u64, u64);

/// Cuts each piece from its start into pieces of `extent`; the last one may be smaller.
pub fn cut(pieces: &[Piece], extent: u64) -> Vec<Piece> {
    let mut smaller = Vec::new();
    for &(start, length) in pieces {
        let mut done = 0;
        while done < length {
            let next = extent.min(length - done);
            smaller.push((start + done, next));
            done += next;
        }
    }
    smaller
}

/// The contiguous ceiling shares of a piece over `elements`, element 0 first; none is empty.
pub fn shares(piece: Piece, elements: u64) -> Vec<Piece> {
    cut(&[piece], piece.1.div_ceil(elements).max(1))
}

/// The rows inside the tensor that some output of `p` reads with some tap of `r`.
pub fn rows(window: &Window, p: Piece, r: Piece) -> u64 {
    u64::from(touched(window, p, r).count_ones())
}

/// The rows that tiles one after the other fetch: each those that the one before does not hold.
pub fn walked(window: &Window, tiles: &[Piece], r: Piece) -> u64 {
    let (mut held, mut fetched) = (0_u128, 0);
    for &tile in tiles {
        let own = touched(window, tile, r);
        fetched += u64::from((own & !held).count_ones());
        held = own;
    }
    fetched
}

/// The rows of a tile, as a set.
fn touched(window: &Window, p: Piece, r: Piece) -> u128 {
    let mut touched = 0_u128;
    for output in p.0..p.0 + p.1 {
        for tap in r.0..r.0 + r.1 {
            let padded = output * window.stride + tap * window.dilation;
            if let Some(row) = padded.checked_sub(window.padding)
                && row < window.rows
            {
                assert!(row < 128, "the exhaustive search is for tiny tensors");
                touched |= 1 << row;
            }
        }
    }
    touched
}
