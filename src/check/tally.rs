//! What the ports of every memory move for every operand, and its comparison with a stated cost.

use crate::problem::result::Cost;
use crate::problem::{Precision, Role};

use super::error::{CheckError, same_operand};
use super::nest::Plan;

/// Bits through the ports of a memory for one operand.
#[derive(Clone, Copy, Default)]
struct Tally {
    read: u128,
    write: u128,
}

/// Visits of elements: the first one of each, and all further ones.
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
    crossings: Vec<[Crossing; 3]>,
}

/// Bits inwards and outwards across the outer boundary of a memory, as both ports see them.
#[derive(Clone, Copy, Default)]
pub(super) struct Crossing {
    /// At the port of the memory that fills it.
    pub parent: (u128, u128),
    /// At its own port.
    pub own: (u128, u128),
}

impl Tallies {
    /// Nothing moved yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            precision: plan.nest.precision,
            memories: vec![[Tally::default(); 3]; plan.memories.len()],
            crossings: vec![[Crossing::default(); 3]; plan.memories.len()],
        }
    }

    /// Elements that a memory exchanges with what it fills further in: the memory at `child`, or
    /// the elements of the arrays. The first visit of an output element ends in a finished write;
    /// each further one turns the write before it into a partial one, read back.
    pub fn inside(&mut self, memory: usize, child: Option<usize>, role: Role, visits: Visits) {
        let (inward, outward) = self.bits(role, visits);
        let tally = &mut self.memories[memory][role as usize];
        tally.read += inward;
        tally.write += outward;
        if let Some(child) = child {
            let crossing = &mut self.crossings[child][role as usize];
            crossing.parent.0 += inward;
            crossing.parent.1 += outward;
        }
    }

    /// Elements that a memory exchanges with the one that fills it.
    pub fn outside(&mut self, memory: usize, role: Role, visits: Visits) {
        let (inward, outward) = self.bits(role, visits);
        let tally = &mut self.memories[memory][role as usize];
        tally.read += outward;
        tally.write += inward;
        let crossing = &mut self.crossings[memory][role as usize];
        crossing.own.0 += inward;
        crossing.own.1 += outward;
    }

    /// Bits inwards and outwards.
    fn bits(&self, role: Role, visits: Visits) -> (u128, u128) {
        let working = u128::from(self.precision.working(role));
        if role != Role::Output {
            return (working * (visits.first + visits.further), 0);
        }
        let partial = visits.further * working;
        let finished = visits.first * u128::from(self.precision.output);
        (partial, partial + finished)
    }

    /// Steps inside the innermost memory that read this operand there; the output is also written.
    pub fn steps(&mut self, memory: usize, role: Role, steps: u128) {
        let bits = steps * u128::from(self.precision.working(role));
        let tally = &mut self.memories[memory][role as usize];
        tally.read += bits;
        if role == Role::Output {
            tally.write += bits;
        }
    }

    /// Bits across the outer boundary of a memory for an operand.
    pub fn crossing(&self, memory: usize, role: Role) -> Crossing {
        self.crossings[memory][role as usize]
    }

    /// Bits read and written at a memory for all operands.
    pub fn of(&self, memory: usize) -> (u128, u128) {
        let all = self.memories[memory].iter();
        all.fold((0, 0), |sum, t| (sum.0 + t.read, sum.1 + t.write))
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
