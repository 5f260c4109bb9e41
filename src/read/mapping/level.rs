//! The levels of a mapping, matched by name with those of the hardware.

use crate::problem::{Hardware, Level};
use crate::read::field::{Field, quote};
use crate::read::suggest;
use crate::read::table::Table;

/// The entries of a mapping, one place for each level of the hardware.
pub(super) struct Levels<'a> {
    list: Option<Field<'a>>,
    entries: Vec<Option<Table<'a>>>,
    rejected: bool,
}

impl<'a> Levels<'a> {
    /// Matches the entries of the list at `field`.
    pub(super) fn read(field: &Field<'a>, hardware: &Hardware) -> Self {
        let mut levels = Self {
            list: Some(field.clone()),
            entries: hardware.levels.iter().map(|_| None).collect(),
            rejected: false,
        };
        if field.is_empty_list() {
            return levels;
        }
        let Some(items) = field.list_of("a level such as `{memory: sram, tile: {K: 4}}`") else {
            levels.list = None;
            levels.rejected = true;
            return levels;
        };
        for item in &items {
            if levels.enter(item, hardware).is_none() {
                levels.rejected = true;
            }
        }
        levels
    }

    /// Whether an entry could not be matched.
    pub(super) fn rejected(&self) -> bool {
        self.rejected
    }

    /// The entry of a level.
    pub(super) fn entry(&self, level: usize) -> Option<&Table<'a>> {
        self.entries.get(level)?.as_ref()
    }

    /// Reports that a level is missing, unless nothing could be read at all.
    pub(super) fn missing(&self, what: &str) {
        if let Some(list) = &self.list {
            list.reject(format!("{what} is missing; add an entry for it"));
        }
    }

    fn enter(&mut self, item: &Field<'a>, hardware: &Hardware) -> Option<()> {
        let table = item.open_table()?;
        let kind = match (table.has("memory"), table.has("array")) {
            (true, false) => "memory",
            (false, true) => "array",
            _ => {
                item.reject("must have a `memory` or an `array`; begin it with `memory: NAME` or `array: NAME`");
                return None;
            }
        };
        let field = table.required(kind, "the name of a level of the hardware")?;
        let index = find(&field, kind, hardware)?;
        if index == 0 {
            field.reject(
                "the outermost memory holds all tensors whole and has no tiles; leave it out",
            );
            return None;
        }
        if self.entries[index].is_some() {
            field.reject(format!("the {kind} has an entry already; keep one of them"));
            return None;
        }
        self.entries[index] = Some(table);
        Some(())
    }
}

/// The index of the level of this kind and name.
fn find(field: &Field<'_>, kind: &str, hardware: &Hardware) -> Option<usize> {
    let wanted = field.text()?;
    let names: Vec<(usize, &str)> = hardware
        .levels
        .iter()
        .enumerate()
        .filter_map(|(i, level)| match (level, kind) {
            (Level::Memory(m), "memory") => Some((i, m.name.as_str())),
            (Level::Array(a), "array") => Some((i, a.name.as_str())),
            _ => None,
        })
        .collect();
    let found = names.iter().find(|n| n.1 == wanted).map(|n| n.0);
    if found.is_none() {
        let allowed: Vec<&str> = names.iter().map(|n| n.1).collect();
        let hint = if allowed.is_empty() {
            format!("it has no {kind} at all")
        } else {
            suggest::hint(wanted, &allowed)
        };
        let (hardware, wanted) = (quote(&hardware.name), quote(wanted));
        field.reject(format!(
            "the hardware {hardware} has no {kind} {wanted}; {hint}"
        ));
    }
    found
}
