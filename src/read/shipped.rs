//! The networks and hardware files that the program carries under their bare names, so that they
//! are at hand wherever it is installed. `build.rs` lists them.

use std::path::{Component, Path};

use super::suggest;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// A collection of shipped files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shipped {
    /// `inputs/networks`.
    Networks,
    /// `inputs/hardware`.
    Hardware,
}

impl Shipped {
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Shipped::Networks => NETWORKS,
            Shipped::Hardware => HARDWARE,
        }
    }

    /// The names of its files, without folder and extension, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.files().iter().map(|(name, _)| *name)
    }

    /// What one of its files is.
    fn what(self) -> &'static str {
        match self {
            Shipped::Networks => "network",
            Shipped::Hardware => "hardware",
        }
    }

    /// The word by which `list` shows it.
    fn word(self) -> &'static str {
        match self {
            Shipped::Networks => "networks",
            Shipped::Hardware => "hardware",
        }
    }
}

/// The text of the file of this bare name in one of the collections.
pub(super) fn text(path: &Path, among: &[Shipped]) -> Option<&'static str> {
    let mut files = among.iter().flat_map(|shipped| shipped.files());
    let name = path.to_str()?;
    files.find(|(own, _)| *own == name).map(|(_, text)| *text)
}

/// What to say of a path that does not exist, where it could have been a bare name.
pub(super) fn hint(path: &Path, among: &[Shipped]) -> Option<String> {
    let mut parts = path.components();
    let (Some(Component::Normal(_)), None, [first, ..]) = (parts.next(), parts.next(), among)
    else {
        return None;
    };
    let own = path.to_str()?;
    let names = among.iter().flat_map(|shipped| shipped.names());
    let near = match own.split_once('.') {
        // Who gives a file's name means a file, unless it is nearly that of a shipped one.
        Some((stem, _)) => vec![suggest::closest(stem, names)?],
        None => suggest::near_names(own, names),
    };
    let near = if near.is_empty() {
        String::new()
    } else {
        format!("did you mean {}? ", suggest::list(&near))
    };
    let (what, word) = (first.what(), first.word());
    Some(format!(
        "there is no such file, and no {what} of that name is shipped; {near}`deepmatrix list {word}` shows all"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{NetworkOptions, hardware, network};

    #[test]
    fn every_shipped_file_is_read_by_its_name() {
        for name in Shipped::Networks.names() {
            let read = network(Path::new(name), &NetworkOptions::default());
            assert!(read.is_ok(), "{name}: {read:?}");
        }
        for name in Shipped::Hardware.names() {
            assert!(hardware(Path::new(name)).is_ok(), "{name}");
        }
        assert!(Shipped::Networks.names().count() >= 25);
        assert!(Shipped::Hardware.names().count() >= 10);
    }

    #[test]
    fn a_name_of_the_other_collection_is_none() {
        let vgg16 = Path::new("vgg16");
        assert!(text(vgg16, &[Shipped::Networks]).is_some());
        assert!(text(vgg16, &[Shipped::Hardware]).is_none());
        assert!(text(vgg16, &[]).is_none());
    }

    #[test]
    fn a_misspelt_name_gets_a_hint_and_a_path_none() {
        let hint = |path: &str| hint(Path::new(path), &[Shipped::Networks]);
        for near in ["resnet5", "resnet50.yaml", "resnet_50"] {
            let text = hint(near).unwrap_or_default();
            assert!(text.contains("did you mean `resnet50`"), "{near}: {text}");
        }
        let far = hint("zzzzzz").unwrap_or_default();
        assert!(far.contains("`deepmatrix list networks`"), "{far}");
        assert_eq!(hint("folder/resnet5"), None);
        assert_eq!(hint("my-own-thing.yaml"), None);
    }
}
