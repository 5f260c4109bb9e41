//! The marks of the axis of addresses.

/// The most steps between marks.
const MOST_STEPS: u64 = 8;

/// The units of addresses, largest first.
const UNITS: [(&str, u64); 3] = [("MiB", 1 << 20), ("KiB", 1 << 10), ("bytes", 1)];

/// The marks of the axis of addresses, a power of two apart.
pub(super) struct Marks {
    pub(super) addresses: Vec<u64>,
    /// Name and bytes of the largest unit in which all are whole numbers.
    pub(super) unit: (&'static str, u64),
}

impl Marks {
    /// Those of a memory of this capacity.
    pub(super) fn up_to(capacity: u64) -> Self {
        let step = capacity.div_ceil(MOST_STEPS).next_power_of_two();
        let whole = UNITS.into_iter().find(|unit| step >= unit.1);
        Self {
            addresses: (0..=capacity / step).map(|i| i * step).collect(),
            unit: whole.unwrap_or(UNITS[UNITS.len() - 1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_a_power_of_two_apart() {
        for (capacity, unit, last, number) in [
            (512 << 10, "KiB", 512 << 10, 9),
            (2 << 20, "KiB", 2 << 20, 9),
            (8 << 20, "MiB", 8 << 20, 9),
            (100 << 10, "KiB", 96 << 10, 7),
            (128, "bytes", 128, 9),
            (5, "bytes", 5, 6),
        ] {
            let marks = Marks::up_to(capacity);
            assert_eq!(marks.unit.0, unit, "{capacity}");
            assert_eq!(marks.addresses.last(), Some(&last), "{capacity}");
            assert_eq!(marks.addresses.len(), number, "{capacity}");
        }
    }
}
