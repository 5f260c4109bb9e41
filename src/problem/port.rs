//! The ports on the way between the memory outside, the shared memory and the array, and what
//! passes through each.

use super::units::Bandwidth;

/// A direction in which bits move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From outside into the shared memory.
    Inward,
    /// From the shared memory to the outside.
    Outward,
    /// From the shared memory to the array or the vector unit.
    Read,
    /// From the array or the vector unit to the shared memory.
    Written,
}

impl Direction {
    /// All directions.
    pub const ALL: [Direction; 4] = [
        Direction::Inward,
        Direction::Outward,
        Direction::Read,
        Direction::Written,
    ];
}

/// A set of directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directions(u8);

impl Directions {
    /// The set of these directions.
    #[must_use]
    pub fn of(all: &[Direction]) -> Self {
        Self(all.iter().fold(0, |set, &one| set | 1 << one as u8))
    }

    /// Whether a direction is in the set.
    #[must_use]
    pub fn contains(self, one: Direction) -> bool {
        self.0 >> one as u8 & 1 == 1
    }
}

/// A port with a limited bandwidth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Whether it is one of the memory outside; else it is one of the shared memory.
    pub outer: bool,
    /// Its bandwidth.
    pub bandwidth: Bandwidth,
    /// What passes through it.
    pub carries: Directions,
}

impl Port {
    /// The bandwidth in bytes per cycle as a reduced fraction.
    #[must_use]
    pub fn ratio(&self) -> (u128, u128) {
        let (numerator, denominator) = self.bandwidth.ratio();
        let (numerator, denominator) = (u128::from(numerator), u128::from(denominator));
        let common = gcd(numerator, denominator);
        (numerator / common, denominator / common)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The least common multiple of the numerators of all bandwidths; `None` if it is too large.
#[must_use]
pub fn common_numerator(ports: &[Port]) -> Option<u128> {
    ports.iter().try_fold(1_u128, |common, port| {
        let numerator = port.ratio().0;
        (common / gcd(common, numerator)).checked_mul(numerator)
    })
}

/// Bits, times the number of slices K, that move while an operation runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// By direction.
    bits: [u128; 4],
}

impl Moved {
    /// Adds bits, times slices, in a direction.
    pub fn add(&mut self, direction: Direction, bits: u128) {
        self.bits[direction as usize] += bits;
    }

    /// Adds what something else moves.
    pub fn add_all(&mut self, other: &Moved) {
        for direction in Direction::ALL {
            self.add(direction, other.get(direction));
        }
    }

    /// The bits, times slices, in a direction.
    #[must_use]
    pub fn get(&self, direction: Direction) -> u128 {
        self.bits[direction as usize]
    }

    /// The bits, times slices, across the outer boundary.
    #[must_use]
    pub fn outer(&self) -> u128 {
        self.get(Direction::Inward) + self.get(Direction::Outward)
    }

    /// The bits, times slices, that pass through a port.
    #[must_use]
    pub fn through(&self, port: &Port) -> u128 {
        let carried = Direction::ALL.into_iter();
        let carried = carried.filter(|&direction| port.carries.contains(direction));
        carried.map(|direction| self.get(direction)).sum()
    }
}
