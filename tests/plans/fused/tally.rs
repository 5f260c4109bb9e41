//! Sums over a stage, and the time that they make.

use super::case::{Machine, Ports};
use super::rational::Rational;

/// Sums over a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Iterations one by one, each at the pace of what is slowest in it.
    pub paced: Rational,
    /// Transfers that overlap with nothing.
    pub waits: Rational,
    /// Bits from the outer memory.
    pub inward: u64,
    /// Bits to the outer memory.
    pub outward: u64,
    /// Bits that the array reads from the shared memory.
    pub read: u64,
    /// Bits that the array writes to the shared memory.
    pub written: u64,
}

impl Tally {
    pub const NOTHING: Tally = Tally {
        paced: Rational::ZERO,
        waits: Rational::ZERO,
        inward: 0,
        outward: 0,
        read: 0,
        written: 0,
    };

    /// The busy time of the busiest port.
    #[must_use]
    pub fn ports(&self, machine: &Machine) -> Rational {
        let outer = busy(machine.outer, self.inward, self.outward);
        let reads = self.read + self.outward;
        outer.max(busy(machine.shared, reads, self.written + self.inward))
    }

    /// Sets the waits for what crosses the outer port, if the machine waits.
    pub(crate) fn wait(&mut self, machine: &Machine) {
        if machine.waits {
            let slower = |a: Option<(u64, u64)>, b: Option<(u64, u64)>, bits| {
                let times = a.into_iter().chain(b).map(|w| Rational::transfer(bits, w));
                times.max().unwrap_or(Rational::ZERO)
            };
            let (outer, shared) = (machine.outer, machine.shared);
            let inward = (outer.map(Ports::reading), shared.map(Ports::writing));
            let outward = (outer.map(Ports::writing), shared.map(Ports::reading));
            self.waits = slower(inward.0, inward.1, self.inward)
                + slower(outward.0, outward.1, self.outward);
        }
    }

    pub(crate) fn plus(&self, other: &Tally, times: u64) -> Tally {
        Tally {
            paced: self.paced + other.paced * times,
            waits: self.waits + other.waits * times,
            inward: self.inward + other.inward * times,
            outward: self.outward + other.outward * times,
            read: self.read + other.read * times,
            written: self.written + other.written * times,
        }
    }

    /// The time of the stage.
    #[must_use]
    pub fn time(&self, machine: &Machine) -> Rational {
        self.paced.max(self.ports(machine)) + self.waits
    }

    fn no_more_than(&self, other: &Tally) -> bool {
        self.paced <= other.paced
            && self.waits <= other.waits
            && self.inward <= other.inward
            && self.outward <= other.outward
            && self.read <= other.read
            && self.written <= other.written
    }
}

fn busy(ports: Option<Ports>, read: u64, written: u64) -> Rational {
    match ports {
        None => Rational::ZERO,
        Some(Ports::One(b)) => Rational::transfer(read + written, b),
        Some(Ports::Separate { read: r, write: w }) => {
            Rational::transfer(read, r).max(Rational::transfer(written, w))
        }
    }
}

/// All sums, without those that another is no worse than.
pub(crate) fn combine(front: &[Tally], each: &[Tally]) -> Vec<Tally> {
    let mut best: Vec<Tally> = Vec::new();
    for sum in front.iter().flat_map(|f| each.iter().map(|e| f.plus(e, 1))) {
        if !best.iter().any(|b| b.no_more_than(&sum)) {
            best.retain(|b| !sum.no_more_than(b));
            best.push(sum);
        }
    }
    best
}
