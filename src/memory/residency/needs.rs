//! Whether the value of a tensor is needed after an event.

use crate::problem::schedule::Event;

/// A need of a tensor's value after an event: it is read, or must lie outside at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Operations any of which, if it runs, writes the tensor anew before.
    pub(super) writers: Vec<usize>,
    /// The operation without which there is no need, where the one that reads may be left out.
    pub(super) reader: Option<usize>,
}

/// The needs after an event: those of readers that may be left out, up to the first one that may
/// not, or until the tensor is written anew for certain.
pub(super) fn after(events: &[Event], event: usize, ends_outside: bool) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut writers: Vec<usize> = Vec::new();
    for next in &events[event + 1..] {
        if next.reads {
            needs.push(Need {
                writers: writers.clone(),
                reader: next.optional.then_some(next.operation),
            });
            if !next.optional {
                return needs;
            }
        }
        match (next.writes, next.optional) {
            (true, false) => return needs,
            (true, true) => writers.push(next.operation),
            (false, _) => {}
        }
    }
    if ends_outside {
        needs.push(Need {
            writers,
            reader: None,
        });
    }
    needs
}
