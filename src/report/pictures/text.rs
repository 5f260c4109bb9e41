//! Numbers and fields as people read them on axes.

use serde_json::{Map, Value};

/// A number with three digits at most and k, M, G, T.
pub(in crate::report) fn short(value: f64) -> String {
    scaled(value, 1000.0, &["", " k", " M", " G", " T", " P"])
}

/// Bytes in KiB and MiB.
pub(in crate::report) fn bytes(value: f64) -> String {
    scaled(value, 1024.0, &[" B", " KiB", " MiB", " GiB", " TiB"])
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut unit = 0;
    while value.abs() >= step * 0.9995 && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    let number = format!("{value:.decimals$}");
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        &number
    };
    format!("{number}{}", units[unit])
}

/// A value of a varied field.
pub(in crate::report) fn value(field: &str, value: &Value) -> String {
    match (value.as_f64(), value.as_str()) {
        (Some(number), _) if field.ends_with("capacity_bytes") => bytes(number),
        (Some(_), _) => value.to_string(),
        (None, Some(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

/// The name of a field with its unit in brackets.
pub(in crate::report) fn field(name: &str) -> String {
    let units = [
        (".capacity_bytes", " capacity"),
        (
            ".read_bandwidth_bytes_per_cycle",
            " read bandwidth (B/cycle)",
        ),
        (
            ".write_bandwidth_bytes_per_cycle",
            " write bandwidth (B/cycle)",
        ),
        (".bandwidth_bytes_per_cycle", " bandwidth (B/cycle)"),
        (".energy_pj_per_byte", " energy (pJ/B)"),
        (".size", " elements along each axis"),
    ];
    let known = units.iter().find_map(|(end, text)| {
        let start = name.strip_suffix(end)?;
        // The size of one axis is that of its own.
        let along = *end == ".size" && start.contains('.');
        Some(if along {
            format!("{start} elements")
        } else {
            format!("{start}{text}")
        })
    });
    known.unwrap_or_else(|| match name {
        "clock_mhz" => "clock (MHz)".to_owned(),
        "batch" => "batch size".to_owned(),
        other => other.replace(['_', '.'], " "),
    })
}

/// The name of an operation, with that of a backward pass shortened.
pub(in crate::report) fn operation(name: &str) -> String {
    name.replace(".backward_data", " bwd data")
        .replace(".backward_weight", " bwd weight")
}

/// What is varied at a point, as one text.
pub(in crate::report) fn point(vary: &Map<String, Value>) -> String {
    let all = vary.iter().map(|(name, own)| {
        let unit = if name.ends_with("bytes_per_cycle") {
            " B/cycle"
        } else {
            ""
        };
        let short = name.trim_end_matches(".capacity_bytes");
        let short = short.trim_end_matches(".bandwidth_bytes_per_cycle");
        format!("{} {}{unit}", short.replace('_', " "), value(name, own))
    });
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_units() {
        assert_eq!(short(999.6), "1 k");
        assert_eq!(short(23_320_616.0), "23.3 M");
        assert_eq!(short(0.5), "0.5");
        assert_eq!(bytes(65536.0), "64 KiB");
        assert_eq!(bytes(1_572_864.0), "1.5 MiB");
        assert_eq!(field("sram.capacity_bytes"), "sram capacity");
        assert_eq!(field("pe.rows.size"), "pe.rows elements");
        assert_eq!(value("sram.capacity_bytes", &Value::from(1024)), "1 KiB");
    }
}
