//! Which layers produce a layer's inputs.

use std::collections::BTreeMap;

use crate::read::field::{Field, quote};
use crate::read::suggest;
use crate::read::table::Table;

/// The name of the network's input in `from`.
pub(super) const INPUT: &str = "input";
const HELP: &str =
    "the name of a layer before this one, a list of names, or `input` for the network's input";

/// The layers' names, with the index of the first layer of each name.
pub(super) type Names = BTreeMap<String, usize>;

/// The producers of layer `index`: those that `from` names, else the layer before.
/// The network's input is `None`.
pub(super) fn decode(table: &Table<'_>, index: usize, names: &Names) -> Option<Vec<Option<usize>>> {
    let Some(field) = table.optional("from", HELP) else {
        return Some(vec![index.checked_sub(1)]);
    };
    if field.is_text() {
        return Some(vec![producer(&field, index, names)?]);
    }
    let producers: Vec<Option<Option<usize>>> = field
        .list()?
        .iter()
        .map(|item| producer(item, index, names))
        .collect();
    producers.into_iter().collect()
}

fn producer(field: &Field<'_>, index: usize, names: &Names) -> Option<Option<usize>> {
    let name = field.text()?;
    if name == INPUT {
        return Some(None);
    }
    match names.get(name) {
        Some(&found) if found < index => return Some(Some(found)),
        Some(&found) if found == index => {
            field.reject(format!("{} is this layer itself; {}", quote(name), advice()));
        }
        Some(_) => field.reject(format!(
            "{} comes later in the file, and layers run in the order of the file; move it up, or name a layer before this one",
            quote(name)
        )),
        None => {
            let known = names.keys().map(String::as_str).chain([INPUT]);
            let hint = match suggest::closest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => advice(),
            };
            field.reject(format!("there is no layer {}; {hint}", quote(name)));
        }
    }
    None
}

fn advice() -> String {
    format!("give {HELP}")
}
