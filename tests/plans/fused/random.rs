//! Random tiny cases of two to four operations.

mod layers;
mod products;

use super::case::{Case, Machine, Ports, Tensor};
use layers::Net;

/// Throws reproducible dice (the generator is splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    ///
    /// # Panics
    /// If the range does not fit the machine's word.
    pub fn from(&mut self, low: usize, high: usize) -> usize {
        let span = (high - low + 1) as u64;
        low + usize::try_from(self.next() % span).expect("a small number")
    }

    /// True in `percent` of 100 throws.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of some things.
    pub fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.from(0, things.len() - 1)]
    }
}

/// A kind of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Convolutions, depthwise ones, pools, additions with skips; several sinks.
    Image,
    /// An expanding, a depthwise and a projecting convolution.
    Bottleneck,
    /// Two matrix products, something element-wise between them.
    Perceptron,
    /// Scores, softmax over a whole axis, and their product with the values.
    Attention,
    /// The same with an online softmax, whose axis may be cut.
    OnlineAttention,
    /// Gradients of a convolution's input and weights from one operand.
    Backward,
}

/// All kinds but that of online softmax, which a test of its own takes.
pub const KINDS: [Kind; 5] = [
    Kind::Image,
    Kind::Bottleneck,
    Kind::Perceptron,
    Kind::Attention,
    Kind::Backward,
];

/// A random case of a kind.
#[must_use]
pub fn case(kind: Kind, seed: u64) -> Case {
    let mut dice = Dice::new(seed);
    let mut net = Net::new(&mut dice);
    match kind {
        Kind::Image => net.image(),
        Kind::Bottleneck => net.bottleneck(),
        Kind::Perceptron => net.perceptron(),
        Kind::Attention => net.attention(),
        Kind::OnlineAttention => net.online_attention(),
        Kind::Backward => net.backward(),
    }
    let (mut tensors, operations) = net.done();
    let read = |x: usize| operations.iter().any(|o| o.reads(x));
    let dead: Vec<usize> = (0..tensors.len()).filter(|&x| !read(x)).collect();
    for x in dead {
        tensors[x].ends_outside = true;
    }
    let mut machine = machine(&mut dice, &tensors);
    if kind == Kind::OnlineAttention && dice.chance(70) {
        tighten(&mut machine, &mut dice, &tensors);
    }
    Case {
        tensors,
        operations,
        machine,
    }
}

fn bandwidth(dice: &mut Dice) -> (u64, u64) {
    (dice.pick(&[1, 2, 3, 4, 8]), dice.pick(&[1, 1, 2, 3]))
}

fn ports(dice: &mut Dice) -> Ports {
    if dice.chance(60) {
        return Ports::One(bandwidth(dice));
    }
    Ports::Separate {
        read: bandwidth(dice),
        write: bandwidth(dice),
    }
}

/// A machine that holds something between very little and everything.
fn machine(dice: &mut Dice, tensors: &[Tensor]) -> Machine {
    let bits: u64 = tensors.iter().map(|t| t.size() as u64 * t.bits).sum();
    let share = dice.pick(&[15, 25, 35, 50, 70, 100, 200]);
    let overlap = dice.from(0, 3);
    Machine {
        capacity: (bits * share).div_ceil(800) + 16,
        outer: if dice.chance(95) {
            Some(ports(dice))
        } else {
            None
        },
        shared: if dice.chance(70) {
            Some(ports(dice))
        } else {
            None
        },
        alignment: dice.pick(&[1, 1, 2, 4]),
        double_buffer: overlap == 1 || overlap == 2,
        waits: overlap == 3,
    }
}

/// Takes room and bandwidth away, so that it helps to cut the axis of a softmax: its vector
/// operations, more with every cut, then cost no time.
fn tighten(machine: &mut Machine, dice: &mut Dice, tensors: &[Tensor]) {
    let bits: u64 = tensors.iter().map(|t| t.size() as u64 * t.bits).sum();
    let share = dice.from(5, 50) as u64;
    machine.capacity = (bits * share).div_ceil(800) + 3;
    if dice.chance(60) {
        machine.outer = Some(Ports::One((1, dice.from(2, 8) as u64)));
    }
    if dice.chance(50) {
        machine.shared = None;
    }
}
