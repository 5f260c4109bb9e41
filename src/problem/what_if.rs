//! What a change of the hardware does to a step.

/// The step on changed hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// What is changed.
    pub change: HardwareChange,
    /// Cycles of a step that was found on the changed hardware: it may be faster.
    pub cycles: u128,
}

/// A change of the hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HardwareChange {
    /// Twice the bandwidth of a memory, by its name.
    TwiceBandwidth(String),
    /// Half the bytes of a memory, by its name.
    HalfCapacity(String),
    /// Twice the elements along an axis: of which array, and so many in all.
    TwiceElements(String, u128),
}
