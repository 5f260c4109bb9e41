//! Which operations run together: the fastest division of a step into stages, each by itself.

use crate::cost;
use crate::problem::schedule::Schedule;

use super::list::Column;
use super::stage::Stage;

/// A stage with its columns.
pub(super) struct Candidate {
    /// The stage.
    pub(super) stage: Stage,
    /// Its columns.
    pub(super) columns: Vec<Column>,
}

/// A part of a division: the first operation, and which candidate with which column it begins; an
/// operation by itself has none.
pub(super) type Part = (usize, Option<(usize, usize)>);

/// Units of a column by itself: the longest of its iterations and of the time of every port.
pub(super) fn units(schedule: &Schedule, column: &Column) -> u128 {
    let ports = column.facts.ports.iter().zip(schedule.units_per_bit());
    let busy = ports.map(|(bits, units)| bits * units).max();
    busy.unwrap_or(0).max(column.facts.units)
}

/// Units of an operation in its fastest mode while nothing is resident.
fn alone(schedule: &Schedule, operation: usize) -> u128 {
    let own = &schedule.operations[operation];
    if own.optional {
        return 0;
    }
    let passing = vec![schedule.slices; own.operands().count()];
    let modes = own
        .modes
        .iter()
        .filter(|mode| !mode.resident.contains(&true));
    let times = modes.map(|mode| {
        let (mut moved, waiting) = cost::plan::of_mode(schedule, mode);
        for (operand, &bits) in mode.outer_bits.iter().enumerate() {
            let bits = u128::from(bits) * u128::from(schedule.slices);
            moved.add(own.direction(operand), bits);
        }
        cost::plan::time(schedule, own, mode, &passing, (&moved, waiting))
    });
    times.min().unwrap_or(0)
}

/// The division of least time while nothing stays between its parts: a dynamic program over the places
/// between operations. Columns with residents are not for it.
pub(super) fn division(schedule: &Schedule, candidates: &[Candidate]) -> Vec<Part> {
    let count = schedule.operations.len();
    // The least units of the operations before each place, and the part that ends there.
    let mut best: Vec<(u128, Part)> = vec![(0, (0, None))];
    let mut ending: Vec<Vec<usize>> = vec![Vec::new(); count + 1];
    for (number, candidate) in candidates.iter().enumerate() {
        let end = candidate.stage.first + candidate.stage.operations.len();
        ending[end].push(number);
    }
    for place in 1..=count {
        let mut least = (
            best[place - 1].0 + alone(schedule, place - 1),
            (place - 1, None),
        );
        for &number in &ending[place] {
            let candidate = &candidates[number];
            let first = candidate.stage.first;
            for (column, own) in candidate.columns.iter().enumerate() {
                if own.has_residents() {
                    continue;
                }
                let units = best[first].0 + units(schedule, own);
                if units < least.0 {
                    least = (units, (first, Some((number, column))));
                }
            }
        }
        best.push(least);
    }
    let mut parts = Vec::new();
    let mut place = count;
    while place > 0 {
        let part = best[place].1;
        parts.push(part);
        place = part.0;
    }
    parts.reverse();
    parts
}
