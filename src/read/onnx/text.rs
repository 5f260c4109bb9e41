//! A network's values as the text of a network file: one line for each layer.

use std::fmt::Write;

use serde_yaml::Value;

/// The text of a network file.
pub(super) fn write(value: &Value) -> String {
    let mut text = String::new();
    for (key, value) in value.as_mapping().into_iter().flatten() {
        let key = flow(key);
        match value {
            Value::Sequence(layers) => {
                let _ = writeln!(text, "{key}:");
                for layer in layers {
                    let _ = writeln!(text, "  - {}", flow(layer));
                }
            }
            other => {
                let _ = writeln!(text, "{key}: {}", flow(other));
            }
        }
    }
    text
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Mapping(table) => {
            let entries: Vec<String> = (table.iter())
                .map(|(key, value)| format!("{}: {}", flow(key), flow(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) if is_plain(text) => text.clone(),
        Value::String(text) => {
            // A JSON text is a YAML text in double quotes.
            serde_json::to_string(text).unwrap_or_default()
        }
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Tagged(_) => "null".to_owned(),
    }
}

/// Whether a text reads back as itself without quotes.
fn is_plain(text: &str) -> bool {
    let word = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let read = serde_yaml::from_str::<Value>(text);
    word && first && read.is_ok_and(|value| value.as_str() == Some(text))
}
