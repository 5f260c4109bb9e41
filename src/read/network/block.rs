//! `repeat`: a list of layers that runs several times, each time on what the time before gave.

use crate::read::field::Field;
use crate::read::table::Table;

use super::layer::Reader;
use super::scope::{HELP, Producer};

const KEYS: &[&str] = &["name", "repeat", "from", "layers"];
const REPEAT: &str = "how often the layers run";
/// No block runs more often.
const MOST_REPETITIONS: u64 = 1 << 12;

impl Reader {
    /// Reads the block that is entry `index` of its list.
    ///
    /// Inside, `input` is what the block gets; outside, the block's name is what its last repetition
    /// gives, and `encoder.0.conv1` is a layer of its first one.
    pub(super) fn block(&mut self, index: usize, item: &Field<'_>) {
        let given = block(self, index, item);
        if given.is_none() {
            self.fail(item);
        }
    }
}

fn block(reader: &mut Reader, index: usize, item: &Field<'_>) -> Option<()> {
    let table = item.table(KEYS)?;
    let name = table.required("name", "the block's name")?.text()?;
    let repeat = table.or_default("repeat", REPEAT, 1, |field| {
        field.integer(1, MOST_REPETITIONS)
    });
    let items = (table.required("layers", "the block's list of layers"))?
        .list_of("a layer such as `{name: relu1, op: relu}`")?;
    let mut input = input(reader, index, &table)?;
    let name = reader.full_name(name);
    for repetition in 0..repeat? {
        reader.enter(&items, format!("{name}.{repetition}."), input);
        reader.items(&items);
        input = reader.leave();
        // What is wrong with one repetition is wrong with all of them.
        if reader.is_wrong() || input == Producer::Wrong {
            return None;
        }
    }
    reader.make(item, &name, input)
}

/// What the block gets: what `from` names, else what the entry before gives.
fn input(reader: &Reader, index: usize, table: &Table<'_>) -> Option<Producer> {
    match table.optional("from", HELP) {
        Some(field) => reader.names().find(&field, index),
        None => reader.before(table),
    }
}
