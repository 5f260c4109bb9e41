//! The format of what is written for other programs and read again: JSON objects, lines of a
//! sweep's journal, and cache entries (`CONTRIBUTING.md`, "Versions and formats").

use serde::{Deserialize, Deserializer};

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u64 = 1;

/// The format of what says nothing of it: such files were written before there was the field, and
/// are of the first one.
pub const FIRST: u64 = 1;

/// Why something of a format is not read; `None` where it is.
#[must_use]
pub fn refusal(format: u64) -> Option<String> {
    match format {
        0 => Some("there is no format 0; the first is 1".to_owned()),
        FIRST..=FORMAT => None,
        newer => Some(format!(
            "is of format {newer}, and this version reads formats up to {FORMAT}; use the version that wrote it, or a newer one"
        )),
    }
}

/// The format of something, whatever else it holds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Formatted {
    /// Its format.
    #[serde(default = "first")]
    pub format: u64,
}

/// The first format, for what says nothing of it.
#[must_use]
pub fn first() -> u64 {
    FIRST
}

/// A value that may be null but not missing.
///
/// # Errors
/// It is missing, or of another type.
pub fn present<'de, D, T>(source: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_up_to_this_one_are_read() {
        assert_eq!(refusal(FIRST), None);
        assert_eq!(refusal(FORMAT), None);
        assert!(refusal(0).is_some_and(|what| what.contains("no format 0")));
        let newer = refusal(FORMAT + 1);
        assert!(newer.is_some_and(|what| what.contains("is of format 2")));
        let old: Formatted = serde_json::from_str("{\"cycles\": 3}").expect("an object");
        assert_eq!(old.format, FIRST);
    }
}
