//! Numbers as reports show them.

use serde_json::{Number, Value};

/// Above this, not every integer is a floating-point number.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// An integer with its digits in groups of three, such as `73,728`.
pub(super) fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An integer as a JSON number.
#[expect(
    clippy::cast_precision_loss,
    reason = "only numbers beyond 64 bits, which no JSON reader holds exactly"
)]
pub(super) fn integer(value: u128) -> Value {
    u64::try_from(value).map_or_else(|_| Value::from(value as f64), Value::from)
}

/// A whole number, or null.
pub(super) fn or_null(value: Option<u128>) -> Value {
    value.map_or(Value::Null, integer)
}

/// A decimal as a JSON number, without a fraction if it is whole.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and below 2^53"
)]
pub(super) fn decimal(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < LARGEST_EXACT {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Seconds to the microsecond.
pub(super) fn seconds(value: f64) -> Value {
    decimal((value * 1e6).round() / 1e6)
}

/// A duration for people.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 100.0 => format!("{s:.0} s"),
        s if s >= 1.0 => format!("{s:.1} s"),
        s if s >= 0.001 => format!("{:.0} ms", s * 1e3),
        _ => "< 1 ms".to_owned(),
    }
}

/// A fraction in percent.
pub(super) fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// An energy given in pJ, in the unit that suits it.
pub(super) fn joules(picojoules: f64) -> String {
    let units = [(1e12, "J"), (1e9, "mJ"), (1e6, "µJ"), (1e3, "nJ")];
    let unit = units.into_iter().find(|(size, _)| picojoules >= *size);
    let (size, name) = unit.unwrap_or((1.0, "pJ"));
    format!("{:.3} {name}", picojoules / size)
}

/// A gap in percent; one that is not zero never looks like zero.
pub(super) fn gap(fraction: f64) -> String {
    match fraction * 100.0 {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 0.01 => "< 0.01 %".to_owned(),
        p => format!("{p:.2} %"),
    }
}

/// Seconds in the unit that suits them.
pub(super) fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{} s", significant(s)),
        s if s >= 1e-3 => format!("{} ms", significant(s * 1e3)),
        s => format!("{} µs", significant(s * 1e6)),
    }
}

/// A positive number with three significant digits.
pub(super) fn significant(value: f64) -> String {
    match value {
        v if v >= 1e3 => grouped_float(v),
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number below 2^64, shown without a fraction"
)]
fn grouped_float(value: f64) -> String {
    grouped(value.round().min(1.8e19) as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(15_470_264_320), "15,470,264,320");
    }

    #[test]
    fn whole_decimals_are_integers() {
        assert_eq!(decimal(73_728.0).to_string(), "73728");
        assert_eq!(decimal(0.5).to_string(), "0.5");
        assert_eq!(seconds(0.123_456_789).to_string(), "0.123457");
    }

    #[test]
    fn an_energy_has_the_unit_that_suits_it() {
        assert_eq!(joules(12.0), "12.000 pJ");
        assert_eq!(joules(2_970_912_563.2), "2.971 mJ");
    }

    #[test]
    fn an_open_gap_is_never_shown_as_zero() {
        assert_eq!(gap(0.0), "0 %");
        assert_eq!(gap(1e-7), "< 0.01 %");
        assert_eq!(gap(0.127), "12.70 %");
    }

    #[test]
    fn numbers_have_three_digits() {
        let all = [0.5, 3.21987, 99.96, 12_345.6].map(significant);
        assert_eq!(all, ["0.50", "3.22", "100", "12,346"]);
        assert_eq!(time(0.000_37), "370 µs");
    }
}
