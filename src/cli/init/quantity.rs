//! Quantities with units, read strictly: a decimal number and one of the units that are named.

/// A size, a rate or a frequency, as it was written and exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Quantity {
    /// As it was written.
    pub(in crate::cli) text: String,
    /// What it counts.
    pub(in crate::cli) unit: Unit,
    /// The number in base units (bytes, bytes per second or per cycle, hertz) times 10⁹.
    billionths: u128,
}

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Unit {
    Bytes,
    BytesPerSecond,
    BytesPerCycle,
    Hertz,
}

/// Decimals of a number, at most; the scale of `billionths`.
const DECIMALS: usize = 9;
const BILLION: u128 = 1_000_000_000;

const BYTES: &[(&str, Unit, u128)] = &[
    ("B", Unit::Bytes, 1),
    ("kB", Unit::Bytes, 1_000),
    ("MB", Unit::Bytes, 1_000_000),
    ("GB", Unit::Bytes, 1_000_000_000),
    ("KiB", Unit::Bytes, 1 << 10),
    ("MiB", Unit::Bytes, 1 << 20),
    ("GiB", Unit::Bytes, 1 << 30),
];

const BANDWIDTHS: &[(&str, Unit, u128)] = &[
    ("kB/s", Unit::BytesPerSecond, 1_000),
    ("MB/s", Unit::BytesPerSecond, 1_000_000),
    ("GB/s", Unit::BytesPerSecond, 1_000_000_000),
    ("TB/s", Unit::BytesPerSecond, 1_000_000_000_000),
    ("B/cycle", Unit::BytesPerCycle, 1),
];

const CLOCKS: &[(&str, Unit, u128)] = &[
    ("kHz", Unit::Hertz, 1_000),
    ("MHz", Unit::Hertz, 1_000_000),
    ("GHz", Unit::Hertz, 1_000_000_000),
];

impl Quantity {
    /// A size in bytes.
    pub(in crate::cli) fn bytes(text: &str) -> Result<Self, String> {
        let own = Self::parse(text, BYTES, "1MiB")?;
        match own.whole() {
            Some(_) => Ok(own),
            None => Err("it must be a whole number of bytes".to_owned()),
        }
    }

    /// A bandwidth.
    pub(in crate::cli) fn bandwidth(text: &str) -> Result<Self, String> {
        Self::parse(text, BANDWIDTHS, "25.6GB/s")
    }

    /// A clock.
    pub(in crate::cli) fn clock(text: &str) -> Result<Self, String> {
        Self::parse(text, CLOCKS, "1GHz")
    }

    fn parse(text: &str, units: &[(&str, Unit, u128)], example: &str) -> Result<Self, String> {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
        let (number, word) = text.split_at(end);
        let names: Vec<&str> = units.iter().map(|unit| unit.0).collect();
        let Some((_, unit, factor)) = units.iter().find(|unit| unit.0 == word) else {
            return Err(format!(
                "it must be a number and one of {}, as {example}",
                names.join(", ")
            ));
        };
        let billionths = billionths(number)
            .and_then(|number| number.checked_mul(*factor))
            .filter(|&number| number > 0)
            .ok_or_else(|| {
                format!("`{number}` is no number above 0 of at most 18 digits, as {example}")
            })?;
        Ok(Self {
            text: text.to_owned(),
            unit: *unit,
            billionths,
        })
    }

    /// The number in base units, if it is whole.
    pub(in crate::cli) fn whole(&self) -> Option<u128> {
        (self.billionths.is_multiple_of(BILLION)).then_some(self.billionths / BILLION)
    }

    /// The number in base units, in decimals.
    pub(in crate::cli) fn decimal(&self, factor: u128) -> String {
        decimal(self.billionths / factor, self.billionths % factor, factor).0
    }

    /// This many of one per one of the other, to six decimals, and whether that is exact.
    pub(in crate::cli) fn per(&self, other: &Self) -> (String, bool) {
        let (whole, rest) = (
            self.billionths / other.billionths,
            self.billionths % other.billionths,
        );
        decimal(whole, rest, other.billionths)
    }
}

/// Billionths of a decimal number.
fn billionths(text: &str) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_short = (1..=9).contains(&whole.len()) && fraction.len() <= DECIMALS;
    let is_number = digits(whole) && digits(fraction) && !text.ends_with('.');
    if !is_short || !is_number {
        return None;
    }
    format!("{whole}{fraction:0<DECIMALS$}").parse().ok()
}

/// A whole number and `rest / of` as decimals, cut to six, and whether nothing is cut.
fn decimal(whole: u128, mut rest: u128, of: u128) -> (String, bool) {
    let mut text = format!("{whole}.");
    for _ in 0..6 {
        rest *= 10;
        text += &(rest / of).to_string();
        rest %= of;
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    (text.to_owned(), rest == 0)
}

/// The axes of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Array {
    pub(in crate::cli) rows: u64,
    /// `None` of an array of one axis.
    pub(in crate::cli) columns: Option<u64>,
}

/// Elements of an axis, at most.
const LONGEST_AXIS: u64 = 1 << 20;

impl Array {
    /// Reads `64x32` or `2048`.
    pub(in crate::cli) fn parse(text: &str) -> Result<Self, String> {
        let size = |text: &str| {
            let size = text.parse::<u64>().ok();
            size.filter(|size| (1..=LONGEST_AXIS).contains(size) && !text.starts_with('+'))
        };
        let own = match text.split_once('x') {
            Some((rows, columns)) => size(rows).zip(size(columns)).map(|(r, c)| (r, Some(c))),
            None => size(text).map(|size| (size, None)),
        };
        let (rows, columns) = own.ok_or_else(|| {
            format!("it must be rows and columns from 1 to {LONGEST_AXIS}, as 64x32")
        })?;
        Ok(Self { rows, columns })
    }
}

/// A positive number of lanes.
pub(in crate::cli) fn lanes(text: &str) -> Result<u64, String> {
    let lanes = text.parse::<u64>().ok();
    lanes
        .filter(|lanes| (1..=LONGEST_AXIS).contains(lanes))
        .ok_or_else(|| format!("it must be a whole number from 1 to {LONGEST_AXIS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_exact() {
        let whole = |text: &str| Quantity::bytes(text).expect("bytes").whole();
        assert_eq!(whole("1MiB"), Some(1 << 20));
        assert_eq!(whole("1MB"), Some(1_000_000));
        assert_eq!(whole("1.5KiB"), Some(1536));
        let dram = Quantity::bandwidth("25.6GB/s").expect("a bandwidth");
        let per = |clock: &str| dram.per(&Quantity::clock(clock).expect("a clock"));
        assert_eq!(per("1GHz"), ("25.6".to_owned(), true));
        assert_eq!(per("900MHz"), ("28.444444".to_owned(), false));
        let clock = Quantity::clock("1.2GHz").expect("a clock");
        assert_eq!(clock.decimal(BILLION * 1_000_000), "1200");
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for wrong in [
            "",
            "1",
            "MiB",
            "1mib",
            "1 MiB",
            "1Mib",
            "-1MiB",
            "1e3kB",
            "0MiB",
            "0.3B",
            "1.MiB",
            ".5MiB",
            "1234567890MiB",
            "nanB",
            "1MiB ",
            "１MiB",
            "1.2.3MB",
        ] {
            assert!(Quantity::bytes(wrong).is_err(), "{wrong}");
        }
        for wrong in ["25.6", "25.6GB", "25.6Gb/s", "8B/Cycle", "1GHz"] {
            assert!(Quantity::bandwidth(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            "0x4",
            "4x",
            "x4",
            "4x4x4",
            "64X32",
            "+4",
            "1.5x2",
            "99999999999",
        ] {
            assert!(Array::parse(wrong).is_err(), "{wrong}");
        }
        let one = Array::parse("64").expect("an axis");
        assert_eq!((one.rows, one.columns), (64, None));
    }
}
