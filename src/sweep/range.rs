//! What `--vary` says: a field and its values, `FIELD=a..b:x2`, `FIELD=a..b:+step` or a list.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value as Json;

/// Parts of one that decimals are counted in: nine decimals, as bandwidths have them.
const SCALE: i128 = 1_000_000_000;
/// The most values of one field.
const MOST_VALUES: usize = 10_000;
/// The largest number that is read.
const LARGEST: i128 = 1_000_000_000_000_000_000;

/// A value of a varied field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A decimal number, exact.
    Number(Decimal),
    /// A word, such as the name of a dataflow.
    Word(String),
}

/// A decimal number of at most nine decimals, at least 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

/// A varied field with its values in the order in which they are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vary {
    /// The field, such as `sram.capacity_bytes`.
    pub field: String,
    /// Its values, at least one, each once.
    pub values: Vec<Value>,
}

impl Vary {
    /// Reads `FIELD=VALUES`.
    ///
    /// # Errors
    /// What is wrong, and how it should look.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((field, values)) = text.split_once('=') else {
            return Err("it must be FIELD=VALUES, such as sram.capacity_bytes=65536..1048576:x2 or batch=1,4,16".to_owned());
        };
        let mut all: Vec<Value> = Vec::new();
        for part in values.split(',') {
            for value in part_values(part.trim())? {
                if all.contains(&value) {
                    return Err(format!("the value {value} is there twice; give it once"));
                }
                all.push(value);
            }
            if all.len() > MOST_VALUES {
                return Err(format!("more than {MOST_VALUES} values; take larger steps"));
            }
        }
        let field = field.trim().to_owned();
        Ok(Self { field, values: all })
    }
}

/// The values of a range, or the one value.
fn part_values(part: &str) -> Result<Vec<Value>, String> {
    if part.is_empty() {
        return Err("a value is missing; give numbers, words or ranges with commas between".into());
    }
    let Some((from, rest)) = part.split_once("..") else {
        return Ok(vec![single(part)?]);
    };
    let Some((to, step)) = rest.split_once(':') else {
        return Err(format!(
            "the range {part} has no step; write {part}:x2 to double or {part}:+N to add N"
        ));
    };
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        return Err(format!("the range {part} ends before it begins"));
    }
    let next = step_of(step, part)?;
    let mut values = vec![Value::Number(from)];
    let mut last = from;
    while let Some(value) = next(last)?.filter(|&value| value <= to) {
        if values.len() > MOST_VALUES {
            return Err(format!(
                "the range {part} has more than {MOST_VALUES} values; take larger steps"
            ));
        }
        values.push(Value::Number(value));
        last = value;
    }
    Ok(values)
}

/// From one value of a range to the next one; `None` where it is no larger.
type Next = Box<dyn Fn(Decimal) -> Result<Option<Decimal>, String>>;

/// `x2` or `+64`.
fn step_of(step: &str, part: &str) -> Result<Next, String> {
    if let Some(factor) = step.strip_prefix('x') {
        let factor = number(factor)?;
        if factor.0 <= SCALE {
            return Err(format!(
                "the range {part} must be multiplied by more than 1"
            ));
        }
        return Ok(Box::new(move |last| last.times(factor)));
    }
    if let Some(added) = step.strip_prefix('+') {
        let added = number(added)?;
        if added.0 == 0 {
            return Err(format!("the range {part} must have a step of more than 0"));
        }
        return Ok(Box::new(move |last| Ok(Some(Decimal(last.0 + added.0)))));
    }
    Err(format!(
        "the step `{step}` of the range {part} is neither xN, to multiply, nor +N, to add"
    ))
}

fn single(text: &str) -> Result<Value, String> {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_word {
        return Ok(Value::Word(text.to_owned()));
    }
    number(text).map(Value::Number)
}

fn number(text: &str) -> Result<Decimal, String> {
    Decimal::parse(text)
        .ok_or_else(|| format!("`{text}` is no number from 0 to 10^18 with at most nine decimals"))
}

impl Decimal {
    /// Reads a number such as `64` or `0.5`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 9 || whole.len() > 19 {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
        (whole <= LARGEST).then_some(Self(whole * SCALE + fraction))
    }

    /// The product; `None` where it is no larger, as of 0.
    fn times(self, factor: Decimal) -> Result<Option<Decimal>, String> {
        let product = self.0 * factor.0;
        if product % SCALE != 0 {
            return Err(format!("{self} times {factor} has more than nine decimals"));
        }
        Ok(Some(Decimal(product / SCALE)).filter(|&next| next > self))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / SCALE, self.0 % SCALE);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{fraction:09}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Word(word) => f.write_str(word),
        }
    }
}

impl Value {
    /// The value as JSON: a number or a text.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Value::Number(number) => {
                let text = number.to_string();
                serde_json::from_str(&text).unwrap_or(Json::String(text))
            }
            Value::Word(word) => Json::String(word.clone()),
        }
    }
}

/// The order of values as JSON has them: numbers by size, before words in alphabetical order.
#[must_use]
pub fn compare(a: &Json, b: &Json) -> Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.as_str().cmp(&b.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let vary = Vary::parse(text).expect("values");
        vary.values.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ranges_and_lists_are_read_exactly() {
        assert_eq!(texts("a.b=64..1024:x4"), ["64", "256", "1024"]);
        assert_eq!(texts("a=64..1000:x4"), ["64", "256"]);
        assert_eq!(texts("a=0.1..0.5:+0.2"), ["0.1", "0.3", "0.5"]);
        assert_eq!(texts("a=1..4:x1.5"), ["1", "1.5", "2.25", "3.375"]);
        assert_eq!(texts("a=1,8..16:+8,0.25"), ["1", "8", "16", "0.25"]);
        assert_eq!(texts("a=0..8:x2"), ["0"]);
        assert_eq!(
            texts("dataflow=any, row_stationary"),
            ["any", "row_stationary"]
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, what) in [
            ("sram", "FIELD=VALUES"),
            ("a=", "a value is missing"),
            ("a=1,,2", "a value is missing"),
            ("a=4..1:x2", "ends before it begins"),
            ("a=1..4", "has no step"),
            ("a=1..4:2", "neither xN"),
            ("a=1..4:x1", "by more than 1"),
            ("a=1..4:+0", "more than 0"),
            ("a=-4", "is no number"),
            ("a=1e9", "is no number"),
            ("a=1..9000000:+1", "more than 10000 values"),
            ("a=0.000000001..1:x1.5", "more than nine decimals"),
            ("a=2,1..4:x2", "twice"),
        ] {
            let error = Vary::parse(text).expect_err(text);
            assert!(error.contains(what), "{text}: {error}");
        }
    }

    #[test]
    fn values_are_json_numbers() {
        let value = |text: &str| Value::Number(Decimal::parse(text).expect("a number"));
        assert_eq!(value("65536").json().to_string(), "65536");
        assert_eq!(value("0.50").json().to_string(), "0.5");
    }
}
