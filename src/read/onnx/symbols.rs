//! Sizes that the file leaves open, and the command line binds.

use super::node::quoted;
use super::value::LARGEST_AXIS;
use super::wire;

/// Names that a message lists.
const MOST_OPEN: usize = 50;

/// Sizes by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Symbols {
    bound: Vec<(String, u64)>,
    used: Vec<String>,
    /// Names without a size, each with the first input that has it.
    open: Vec<(String, String)>,
}

impl Symbols {
    /// The sizes that the command line gives.
    pub(super) fn new(bound: &[(String, u64)]) -> Self {
        Self {
            bound: bound.to_vec(),
            ..Self::default()
        }
    }

    /// Binds one more name, unless it is bound.
    ///
    /// # Errors
    /// It is bound to another size.
    pub(super) fn bind(&mut self, name: &str, size: u64) -> Result<(), String> {
        match self.size(name) {
            Some(other) if other != size => Err(format!(
                "--batch {size} and --dim {}={other} contradict each other; give one of them",
                quoted(name)
            )),
            Some(_) => Ok(()),
            None => {
                self.bound.push((name.to_owned(), size));
                Ok(())
            }
        }
    }

    /// The size of a name.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        self.bound.iter().find(|b| b.0 == name).map(|b| b.1)
    }

    /// The shape of an input of the graph; `None` where a size is open, which is noted.
    ///
    /// # Errors
    /// An axis has neither a size nor a name, or an impossible size.
    pub(super) fn shape(
        &mut self,
        input: &str,
        shape: &wire::Shape,
    ) -> Result<Option<Vec<u64>>, String> {
        let mut sizes = Vec::with_capacity(shape.dim.len());
        for (i, dimension) in shape.dim.iter().enumerate() {
            match (&dimension.dim_param, dimension.dim_value) {
                (Some(name), _) if !name.is_empty() => {
                    if !self.used.contains(name) {
                        self.used.push(name.clone());
                    }
                    sizes.push(self.size(name));
                    if self.size(name).is_none() && !self.open.iter().any(|o| o.0 == *name) {
                        self.open.push((name.clone(), input.to_owned()));
                    }
                }
                (_, Some(size)) => {
                    let size = u64::try_from(size).ok();
                    let size = size.filter(|s| (1..=LARGEST_AXIS).contains(s));
                    let size = size.ok_or_else(|| {
                        format!(
                            "its axis {i} has the size {}, but must be at least 1",
                            dimension.dim_value.unwrap_or(0)
                        )
                    })?;
                    sizes.push(Some(size));
                }
                _ => {
                    return Err(format!(
                        "its axis {i} has neither a size nor a name; export the model with one"
                    ));
                }
            }
        }
        Ok(sizes.into_iter().collect())
    }

    /// What is wrong with the names as a whole.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.open.is_empty() {
            let each = |(name, input): &(String, String)| {
                format!("`{}` of input `{}`", quoted(name), quoted(input))
            };
            let flag = |(name, _): &(String, String)| format!("--dim {}=N", quoted(name));
            let first = || self.open.iter().take(MOST_OPEN);
            let names: Vec<String> = first().map(each).collect();
            let flags: Vec<String> = first().map(flag).collect();
            let more = match self.open.len() - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            found.push(format!(
                "leaves sizes open: {}{more}; give them with {}",
                names.join(", "),
                flags.join(" ")
            ));
        }
        for (name, _) in &self.bound {
            if !self.used.contains(name) {
                let known = if self.used.is_empty() {
                    "it leaves none open".to_owned()
                } else {
                    let first = self.used.iter().take(MOST_OPEN);
                    let names: Vec<String> = first.map(|n| format!("`{}`", quoted(n))).collect();
                    format!("it has {}", names.join(", "))
                };
                found.push(format!("has no open size `{}`; {known}", quoted(name)));
            }
        }
        found
    }

    /// The shape that the file states for a value, as far as its sizes are known.
    pub(super) fn stated(&self, shape: &wire::Shape) -> Vec<Option<u64>> {
        let size = |dimension: &wire::Dimension| match (&dimension.dim_param, dimension.dim_value) {
            (Some(name), _) if !name.is_empty() => self.size(name),
            (_, Some(size)) => u64::try_from(size).ok(),
            _ => None,
        };
        shape.dim.iter().map(size).collect()
    }
}
