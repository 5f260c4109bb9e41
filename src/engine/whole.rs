//! Integer programs solved as a whole by HiGHS, tangents and ranges refined between solves.
//!
//! HiGHS chooses among all columns at once. Rows that its choice violates get their tangent there;
//! a chord that is not exact at the choice splits the piece; then the choice is evaluated exactly,
//! and if that leaves it below the goal though it was no improvement (it exceeds a limit by
//! less than a solver can see, say) it is forbidden. Each step excludes a choice or makes a chord
//! exact, so that it ends, and nothing that would be an improvement is ever cut off.

use super::judge::Judge;
use super::opinion::{Opinion, ask};
use super::piece::Piece;

/// How a solve ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing better than what the judge has is left.
    Closed,
    /// Stopped: something better may be left.
    Stopped,
    /// HiGHS failed, or contradicts what is known: nothing is proved.
    Failed,
}

/// Work done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WholeStatistics {
    /// Programs solved by HiGHS.
    pub programs: u64,
    /// Tangents added.
    pub tangents: u64,
}

/// Solves the pieces until nothing better than the judge's target is left.
pub fn run(pieces: Vec<Piece>, judge: &mut dyn Judge) -> (End, WholeStatistics) {
    let mut statistics = WholeStatistics::default();
    let mut pieces = pieces;
    loop {
        pieces.retain(Piece::is_possible);
        if pieces.is_empty() {
            return (End::Closed, statistics);
        }
        if judge.stop() {
            return (End::Stopped, statistics);
        }
        let (piece, choice, objective) = match ask(&pieces, judge, &mut statistics.programs) {
            Opinion::Choice(piece, choice, objective) => (piece, choice, objective),
            Opinion::Nothing => return (End::Closed, statistics),
            Opinion::Stopped => return (End::Stopped, statistics),
            Opinion::Failed => return (End::Failed, statistics),
        };
        let added = add_tangents(&mut pieces, piece, &choice, objective);
        statistics.tangents += added;
        if added == 0 {
            judge.offer(pieces[piece].origin, &choice);
            refine(&mut pieces, piece, choice);
        }
    }
}

/// Adds the tangents of the rows that a choice violates, to its own piece and to all others:
/// the weights of a tangent are valid wherever a row has as many terms.
pub(super) fn add_tangents(
    pieces: &mut [Piece],
    piece: usize,
    choice: &[u32],
    objective: f64,
) -> u64 {
    let known = pieces[piece].tangents.len();
    let added = pieces[piece].add_violated(choice, objective);
    let new = pieces[piece].tangents[known..].to_vec();
    for tangent in new {
        for other in pieces.iter_mut() {
            other.add_tangent(tangent.clone());
        }
    }
    added
}

/// Makes a piece exact at a choice, or forbids the choice where it is.
pub(super) fn refine(pieces: &mut Vec<Piece>, piece: usize, choice: Vec<u32>) {
    match pieces[piece].split(&choice) {
        Some([below, above]) => {
            pieces[piece] = below;
            pieces.push(above);
        }
        None => pieces[piece].forbidden.push(choice),
    }
}
