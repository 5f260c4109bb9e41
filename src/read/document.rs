//! The one loader: a file's text, its values, and the way from a decoding to a result or all errors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_yaml::Value;

use super::error::{NESTING, Problem, ReadError, whole};
use super::field::{Field, Log};
use super::locate::Lines;
use super::options::NetworkOptions;
use super::shipped::Shipped;
use super::{network, onnx, source, syntax};
use crate::problem::Network;

/// Brackets or dashes open at once; the parser's own limit is 128, but it takes quadratic time to find it.
const DEEPEST_NESTING: usize = 1000;

/// A parsed file.
pub(super) struct Document {
    file: PathBuf,
    text: String,
    value: Value,
    /// Of an imported network, how messages call the node of each layer (its file has no lines),
    /// and what the nodes multiply and accumulate.
    origins: Option<Origins>,
}

/// Where the layers of an imported network come from.
#[derive(Clone)]
struct Origins {
    labels: Vec<String>,
    counts: Rc<BTreeMap<u64, onnx::Expected>>,
}

impl Document {
    /// Opens a network: a network file, or an ONNX file as the network that it stands for.
    pub(super) fn network(path: &Path, options: &NetworkOptions) -> Result<Self, ReadError> {
        if onnx::is_onnx(path) {
            let imported = onnx::import(path, options)?;
            return Ok(Self {
                file: path.to_path_buf(),
                text: imported.text(),
                value: imported.value,
                origins: Some(Origins {
                    labels: imported.nodes,
                    counts: Rc::new(imported.counts),
                }),
            });
        }
        options.require_import(path)?;
        Self::open(path, &[Shipped::Networks])
    }

    /// The network of the file; an imported one must do what its nodes do.
    pub(super) fn network_of(&self, options: &NetworkOptions) -> Result<Network, ReadError> {
        let network = self.decode(|root| network::decode(root, options))?;
        if let Some(origins) = &self.origins {
            onnx::check(&network.layers, &origins.counts).map_err(|errors| ReadError {
                file: self.file.clone(),
                errors,
            })?;
        }
        Ok(network)
    }

    /// Reads and parses a file, or the shipped one of that name in these collections.
    pub(super) fn open(path: &Path, among: &[Shipped]) -> Result<Self, ReadError> {
        Self::of_text(path, source::input(path, among))
    }

    /// Parses the shipped file of this name.
    pub(super) fn shipped(name: &str, among: Shipped) -> Result<Self, ReadError> {
        let path = Path::new(name);
        Self::of_text(path, source::shipped_input(path, among))
    }

    /// Parses a text, or says what is wrong with it.
    pub(super) fn of_text(path: &Path, text: Result<String, String>) -> Result<Self, ReadError> {
        let file = path.to_path_buf();
        let fail = |errors| ReadError {
            file: file.clone(),
            errors,
        };
        if onnx::is_onnx(path) {
            let message = "is an ONNX model, which stands for a network; give a YAML file here";
            return Err(fail(whole(None, message.to_owned())));
        }
        let text = text.map_err(|message| fail(whole(None, message)))?;
        let value = parse(&text).map_err(fail)?;
        Ok(Self {
            file,
            text,
            value,
            origins: None,
        })
    }

    /// The values of the file.
    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    /// The text of the file.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The same file with other values.
    pub(super) fn with_value(&self, value: Value) -> Self {
        Self {
            file: self.file.clone(),
            text: self.text.clone(),
            value,
            origins: self.origins.clone(),
        }
    }

    /// Decodes the file; an error where `read` reported any.
    pub(super) fn decode<T>(
        &self,
        read: impl FnOnce(&Field<'_>) -> Option<T>,
    ) -> Result<T, ReadError> {
        let log = Log::default();
        let result = read(&Field::root(&self.value, &log));
        let mut messages = log.into_messages();
        match result {
            Some(result) if messages.is_empty() => return Ok(result),
            None if messages.is_empty() => messages.push((String::new(), UNEXPLAINED.to_owned())),
            _ => {}
        }
        Err(self.error(messages))
    }

    /// The place of a field, such as `file.yaml:3`.
    pub(super) fn place(&self, field: &str) -> String {
        let file = self.file.display();
        match Lines::of(&self.text).line(field) {
            Some(line) => format!("{file}:{line}"),
            None => file.to_string(),
        }
    }

    fn error(&self, messages: Vec<(String, String)>) -> ReadError {
        if let Some(origins) = &self.origins {
            let file = self.file.clone();
            let errors = messages
                .into_iter()
                .map(|(field, message)| of_origin(&origins.labels, &field, message));
            return ReadError {
                file,
                errors: errors.collect(),
            };
        }
        let lines = Lines::of(&self.text);
        let mut errors: Vec<Problem> = messages
            .into_iter()
            .map(|(field, message)| Problem {
                line: lines.line(&field),
                field,
                message: lines.placed(&message),
            })
            .collect();
        errors.sort_by_key(|e| e.line);
        let file = self.file.clone();
        ReadError { file, errors }
    }
}

/// An error of a layer as one of the node that it stems from.
fn of_origin(origins: &[String], field: &str, message: String) -> Problem {
    let inside = field
        .strip_prefix("layers[")
        .and_then(|rest| rest.split_once(']'));
    let origin =
        inside.and_then(|(index, key)| Some((origins.get(index.parse::<usize>().ok()?)?, key)));
    let field = match origin {
        Some((origin, "")) => origin.clone(),
        Some((origin, key)) => format!("{origin}: {}", key.trim_start_matches('.')),
        None => field.to_owned(),
    };
    Problem {
        line: None,
        field,
        message,
    }
}

fn parse(text: &str) -> Result<Value, Vec<Problem>> {
    if let Some(line) = too_deep(text) {
        return Err(whole(Some(line), NESTING.to_owned()));
    }
    let mut value: Value = serde_yaml::from_str(text).map_err(|e| syntax::explain(&e, text))?;
    if value.is_null() {
        return Err(whole(None, EMPTY.to_owned()));
    }
    value.apply_merge().map_err(|error| {
        let message = format!("a `<<` does not name a table: {error}; write `<<: *name`");
        whole(None, message)
    })?;
    Ok(value)
}

/// Every decoding that fails says why; this stands in should one not.
const UNEXPLAINED: &str = "cannot be read as this kind of file; compare it with those in `inputs/`";
const EMPTY: &str = "is empty; a network, a hardware description or a mapping is expected";

/// The line where more brackets are open, or more dashes stand in a row, than any input file needs.
fn too_deep(text: &str) -> Option<usize> {
    let mut brackets = 0_usize;
    for (i, line) in text.lines().enumerate() {
        let mut dashes = 0;
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => brackets += 1,
                b']' | b'}' => brackets = brackets.saturating_sub(1),
                b'-' | b'?' | b':' => dashes += 1,
                b' ' | b'\t' => {}
                _ => dashes = 0,
            }
            if brackets > DEEPEST_NESTING || dashes > DEEPEST_NESTING {
                return Some(i + 1);
            }
        }
    }
    None
}
