//! What the ports of every memory move for every operand, and its comparison with a stated cost.

use crate::problem::result::Cost;
use crate::problem::{Precision, Role};

use super::nest::Plan;
use super::{CheckError, same_operand};

/// Bits through the ports of a memory for one operand.
#[derive(Clone, Copy, Default)]
struct Tally {
    read: u128,
    write: u128,
}

/// Visits of output elements: the first one of each, and all further ones.
#[derive(Clone, Copy)]
pub(super) struct Visits {
    /// Elements, each once.
    pub first: u128,
    /// Elements, once for every visit but the first.
    pub further: u128,
}

/// The tallies of all memories, outermost first.
pub(super) struct Tallies {
    precision: Precision,
    memories: Vec<[Tally; 3]>,
}

impl Tallies {
    /// Nothing moved yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            precision: plan.nest.precision,
            memories: vec![[Tally::default(); 3]; plan.memories.len()],
        }
    }

    /// Elements of an input or weight that the level inside reads from a memory.
    pub fn read(&mut self, memory: usize, role: Role, elements: u128) {
        let bits = u128::from(self.precision.working(role));
        self.memories[memory][role as usize].read += bits * elements;
    }

    /// Elements of an input or weight that fill a memory from outside.
    pub fn fill(&mut self, memory: usize, role: Role, elements: u128) {
        let bits = u128::from(self.precision.working(role));
        self.memories[memory][role as usize].write += bits * elements;
    }

    /// Output elements that a memory exchanges with the level inside it. The first visit ends in
    /// a finished write; each further one turns the write before it into a partial one, read back.
    pub fn output_inside(&mut self, memory: usize, visits: Visits) {
        let (partial, finished) = self.output_bits(visits);
        let tally = &mut self.memories[memory][Role::Output as usize];
        tally.read += partial;
        tally.write += partial + finished;
    }

    /// Output elements that a memory exchanges with the level outside it: what that one writes
    /// is read here, what it reads is written here.
    pub fn output_outside(&mut self, memory: usize, visits: Visits) {
        let (partial, finished) = self.output_bits(visits);
        let tally = &mut self.memories[memory][Role::Output as usize];
        tally.read += partial + finished;
        tally.write += partial;
    }

    /// Bits of partial sums (in each direction) and of finished values.
    fn output_bits(&self, visits: Visits) -> (u128, u128) {
        let partial = visits.further * u128::from(self.precision.accumulator);
        (partial, visits.first * u128::from(self.precision.output))
    }

    /// Element 0's steps inside the innermost memory: each reads an input and a weight, and
    /// reads and writes a partial sum.
    pub fn steps(&mut self, memory: usize, steps: u128) {
        for role in Role::ALL {
            self.read(memory, role, steps);
        }
        self.fill(memory, Role::Output, steps);
    }

    /// Compares everything with the stated cost.
    pub fn compare(&self, plan: &Plan, cost: &Cost) -> Result<(), CheckError> {
        for (i, (_, memory)) in plan.memories.iter().enumerate() {
            for role in Role::ALL {
                let stated = cost.memories[i].traffic[role as usize];
                let found = self.memories[i][role as usize];
                same_operand(memory, role, "bits read", stated.read.0, found.read)?;
                same_operand(memory, role, "bits written", stated.write.0, found.write)?;
            }
        }
        Ok(())
    }
}
