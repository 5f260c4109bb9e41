//! `dims`: all sizes of a layer that stands alone.

use crate::read::field::Field;
use crate::read::network::site::Site;

/// The extents of the named dimensions, in the order of `names`; those in `optional` default to 1.
pub(super) fn read<const COUNT: usize>(
    site: &Site<'_>,
    names: [&str; COUNT],
    optional: &[&str],
) -> Option<[u64; COUNT]> {
    let field = site.table.required(
        "dims",
        "all sizes of the layer, such as `{N: 1, K: 64, C: 3}`",
    )?;
    let table = field.table(&names)?;
    let extents = names.map(|name| {
        let help = "the extent of this dimension";
        if optional.contains(&name) {
            table.or_default(name, help, 1, Field::extent)
        } else {
            table.required(name, help)?.extent()
        }
    });
    let known: Vec<u64> = extents.into_iter().collect::<Option<_>>()?;
    known.try_into().ok()
}

/// Whether `dims` names a dimension.
pub(super) fn names(site: &Site<'_>, name: &str) -> bool {
    let field = site.table.optional("dims", "");
    field.is_some_and(|f| f.has_key(name))
}
