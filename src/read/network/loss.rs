//! `loss`: what is minimised in training, and from which layer's output.

use crate::problem::{Loss, LossKind};
use crate::read::field::{Field, quote};
use crate::read::suggest;
use crate::read::table::Table;

use super::scope::{Producer, Scopes};

const HELP: &str = "`cross_entropy`, `mse`, or a table such as `{kind: mse, from: fc8}`";
const FROM: &str = "the name of the layer whose output the loss is computed from";

/// Decodes `loss`; the default is the cross-entropy of the network's only output.
pub(super) fn decode(table: &Table<'_>, names: &Scopes) -> Option<Loss> {
    let Some(field) = table.optional("loss", HELP) else {
        return Some(Loss::default());
    };
    if field.is_text() {
        return Some(Loss {
            kind: kind(&field)?,
            from: None,
        });
    }
    let table = field.table(&["kind", "from"])?;
    let kind = table.or_default("kind", HELP, LossKind::default(), kind);
    let from = table.or_default("from", FROM, None, |field| layer(field, names).map(Some));
    Some(Loss {
        kind: kind?,
        from: from?,
    })
}

fn kind(field: &Field<'_>) -> Option<LossKind> {
    let name = field.text()?;
    let found = LossKind::ALL.into_iter().find(|kind| kind.name() == name);
    if found.is_none() {
        let names = LossKind::ALL.map(LossKind::name);
        let hint = suggest::hint(name, &names);
        field.reject(format!("unknown loss {}; {hint}", quote(name)));
    }
    found
}

fn layer(field: &Field<'_>, names: &Scopes) -> Option<usize> {
    let name = field.text()?;
    let found = names.layer(name);
    if found.is_none() {
        let hint = suggest::closest(name, names.names()).map_or_else(
            || format!("give {FROM}"),
            |near| format!("did you mean `{near}`?"),
        );
        field.reject(format!("there is no layer {}; {hint}", quote(name)));
    }
    match found? {
        Producer::Layer(layer) => Some(layer),
        Producer::Input | Producer::Wrong => None,
    }
}
