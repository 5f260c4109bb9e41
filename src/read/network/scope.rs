//! What names mean: the layers of the file or of a block, those around it, and the inputs.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::field::{Field, quote};
use crate::read::suggest;

/// The name of the network's first input in `from`, and of a block's input inside of it.
pub(super) const INPUT: &str = "input";
/// What to give in `from`.
pub(super) const HELP: &str =
    "the name of a layer before this one, a list of names, or `input` for the network's input";

const LATER: &str = "comes later in the file, and layers run in the order of the file; move it up, or name a layer before this one";

/// Where an input of a layer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Producer {
    /// The network's first input.
    Input,
    /// A layer, by its place in the network.
    Layer(usize),
    /// A layer that had errors, which were reported there.
    Wrong,
}

/// The names of one list of layers.
struct Scope {
    /// What stands in front of the names of its layers in the network.
    prefix: String,
    /// Names with their place in the list.
    declared: BTreeMap<String, usize>,
    /// Names that occur twice, which was reported.
    twice: BTreeSet<String>,
    /// What `input` is.
    input: Producer,
    /// What a layer without `from` reads.
    before: Option<Producer>,
}

/// All names that can be used at one place of the file.
pub(super) struct Scopes {
    open: Vec<Scope>,
    /// Layers of the network and their outputs by name.
    made: BTreeMap<String, Producer>,
    /// Every name that a `from` of the file uses.
    used: BTreeSet<String>,
}

impl Scopes {
    /// The scope of the whole file, whose layers are `items`.
    pub(super) fn new(items: &[Field<'_>]) -> Self {
        let mut used = BTreeSet::new();
        for item in items {
            item.each_text_below("from", &mut |name| {
                used.insert(name.to_owned());
            });
        }
        let mut scopes = Self {
            open: Vec::new(),
            made: BTreeMap::new(),
            used,
        };
        scopes.enter(items, String::new(), Producer::Input);
        scopes
    }

    /// Opens the list of layers of a block, or of the file, and reports names that occur twice.
    pub(super) fn enter(&mut self, items: &[Field<'_>], prefix: String, input: Producer) {
        let (mut declared, mut twice) = (BTreeMap::new(), BTreeSet::new());
        for (index, item) in items.iter().enumerate() {
            let Some(name) = item.key_text("name") else {
                continue;
            };
            let shown = name.escape_debug();
            if name == INPUT {
                item.reject(
                    "a layer may not be called `input`, which is the network's input; rename it",
                );
            } else if let Some(first) = declared.get(name) {
                item.reject(format!(
                    "the name `{shown}` is taken by layers[{first}]; give each layer a name of its own"
                ));
                twice.insert(name.to_owned());
            } else {
                declared.insert(name.to_owned(), index);
            }
        }
        self.open.push(Scope {
            prefix,
            declared,
            twice,
            input,
            before: Some(input),
        });
    }

    /// Closes the innermost list; what its last layer gives.
    pub(super) fn leave(&mut self) -> Producer {
        let scope = self.open.pop();
        scope
            .and_then(|scope| scope.before)
            .unwrap_or(Producer::Wrong)
    }

    /// The name in the network of a layer of the innermost list.
    pub(super) fn full(&self, name: &str) -> String {
        let prefix = self.open.last().map_or("", |scope| scope.prefix.as_str());
        format!("{prefix}{name}")
    }

    /// Takes note of a layer that had errors.
    pub(super) fn make_wrong(&mut self, name: &str) {
        let full = self.full(name);
        self.made.entry(full).or_insert(Producer::Wrong);
    }

    /// Takes note of a layer, or of what a block gives, by its full name; reports a name that is
    /// taken already.
    pub(super) fn make(&mut self, item: &Field<'_>, name: &str, producer: Producer) -> Option<()> {
        if self.made.contains_key(name) {
            let innermost = self.open.last();
            let local = item.key_text("name").unwrap_or_default();
            if innermost.is_some_and(|scope| scope.twice.contains(local)) {
                return None;
            }
            item.reject(format!(
                "the name {} is taken by an output, an input or a layer of a block; rename one of them",
                quote(name)
            ));
            return None;
        }
        self.made.insert(name.to_owned(), producer);
        Some(())
    }

    /// What the next layer without `from` reads; `None` where it must say so.
    pub(super) fn set_before(&mut self, producer: Option<Producer>) {
        if let Some(scope) = self.open.last_mut() {
            scope.before = producer;
        }
    }

    /// What a layer without `from` reads.
    pub(super) fn before(&self) -> Option<Producer> {
        self.open.last()?.before
    }

    /// Whether any `from` of the file uses this name, in full or without a block's prefix.
    pub(super) fn is_used(&self, full: &str) -> bool {
        let local = self.open.last().and_then(|s| full.strip_prefix(&s.prefix));
        self.used.contains(full) || local.is_some_and(|local| self.used.contains(local))
    }

    /// The layer of the network that has this name, for the loss and for shared weights.
    pub(super) fn layer(&self, name: &str) -> Option<Producer> {
        let scopes = self.open.iter().rev();
        scopes
            .map(|scope| format!("{}{name}", scope.prefix))
            .find_map(|full| self.made.get(&full).copied())
    }

    /// All names, for suggestions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let declared = self.open.iter().flat_map(|scope| scope.declared.keys());
        declared.chain(self.made.keys()).map(String::as_str)
    }

    /// The producer that a name in `from` means; the layer that names it is number `index`.
    pub(super) fn find(&self, field: &Field<'_>, index: usize) -> Option<Producer> {
        let name = field.text()?;
        let innermost = self.open.last()?;
        if name == INPUT {
            return Some(innermost.input);
        }
        if let Some(found) = self.layer(name) {
            return Some(found);
        }
        match innermost.declared.get(name) {
            Some(&found) if found < index => {
                field.reject(format!(
                    "{} has several outputs; name one of them, such as {}",
                    quote(name),
                    quote(&format!("{name}.0"))
                ));
            }
            Some(&found) if found == index => {
                field.reject(format!(
                    "{} is this layer itself; {}",
                    quote(name),
                    advice()
                ));
            }
            Some(_) => field.reject(format!("{} {LATER}", quote(name))),
            None if self.comes_from_a_wrong_layer(name) => return Some(Producer::Wrong),
            None if self
                .open
                .iter()
                .any(|scope| scope.declared.contains_key(name)) =>
            {
                field.reject(format!("{} {LATER}", quote(name)));
            }
            None => {
                let known = self.names().chain([INPUT]);
                let hint = match suggest::closest(name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => advice(),
                };
                field.reject(format!("there is no layer {}; {hint}", quote(name)));
            }
        }
        None
    }

    /// Whether the name is that of an output of a layer that had errors.
    fn comes_from_a_wrong_layer(&self, name: &str) -> bool {
        let layer = name
            .rsplit_once('.')
            .and_then(|(layer, _)| self.layer(layer));
        layer == Some(Producer::Wrong)
    }
}

fn advice() -> String {
    format!("give {HELP}")
}
